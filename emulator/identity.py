# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sign-in: discovery documents, the token endpoint for applications, and the check of a token on every call."""

from __future__ import annotations

import base64
import datetime
import hashlib
import json
import re
import time
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl

import jwt
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding

from . import applications
from .seed import table
from .service import Answer, Call, Refused
from .tenant import ENDPOINT_PLANS, Tenant, World

HOSTS = ("login.microsoftonline.com", "login.microsoftonline.us", "login.chinacloudapi.cn", "login.partner.microsoftonline.cn")
LIFETIME = 3599
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


@dataclass(frozen=True)
class Resource:
    """Something a token can be for. `plans` lists service plans of which the tenant needs one, else the principal is not there."""

    key: str
    app_id: str
    plans: frozenset[str] = frozenset()


_EXCHANGE = Resource("exchange", "00000002-0000-0ff1-ce00-000000000000")
_COMPLIANCE = Resource("exchange", "00000007-0000-0ff1-ce00-000000000000")
_GRAPH = Resource("graph", "00000003-0000-0000-c000-000000000000")
_DEFENDER = Resource("defender", "fc780465-2017-40d4-a0c5-307022471b92", ENDPOINT_PLANS)
_SHAREPOINT = Resource("sharepoint", "00000003-0000-0ff1-ce00-000000000000")
_ADMIN_SITE = re.compile(r"https://([a-z0-9-]+)-admin\.sharepoint(?:\.com|\.us|-mil\.us|\.cn)")
_XDR = Resource("xdr", "8ee8fdad-f234-4243-8f3b-15c294843740", ENDPOINT_PLANS)
RESOURCES: dict[str, Resource] = {
    **dict.fromkeys(
        (
            "https://outlook.office365.com",
            "https://outlook.office.com",
            "https://outlook.office365.us",
            "https://outlook-dod.office365.us",
            "https://webmail.apps.mil",
            "https://partner.outlook.cn",
        ),
        _EXCHANGE,
    ),
    "https://ps.compliance.protection.outlook.com": _EXCHANGE,
    "https://ps.compliance.protection.partner.outlook.cn": _EXCHANGE,
    "https://ps.compliance.protection.office365.us": _COMPLIANCE,
    "https://l5.ps.compliance.protection.office365.us": _COMPLIANCE,
    **dict.fromkeys(
        (
            "https://graph.microsoft.com",
            "https://graph.microsoft.us",
            "https://dod-graph.microsoft.us",
            "https://microsoftgraph.chinacloudapi.cn",
        ),
        _GRAPH,
    ),
    **dict.fromkeys(
        (
            "https://api.securitycenter.microsoft.com",
            "https://securitycenter.onmicrosoft.com/windowsatpservice",
            "https://api-gcc.securitycenter.microsoft.us",
            "https://api-gov.securitycenter.microsoft.us",
        ),
        _DEFENDER,
    ),
    **dict.fromkeys(
        (
            "https://api.security.microsoft.com",
            "https://securitycenter.microsoft.com/mtp",
            "https://api-gcc.security.microsoft.us",
            "https://api-gov.security.microsoft.us",
        ),
        _XDR,
    ),
}


@dataclass
class Caller:
    """Who calls: the tenant, the identity as the seed describes it, its permissions on this audience, its directory roles' ids."""

    tenant: Tenant
    identity: dict[str, Any]
    app_roles: frozenset[str]
    wids: frozenset[str]

    def has_role(self, *names: str) -> bool:
        """Whether the token carries one of these directory roles (by name)."""
        known = table("directory")["roles"]
        return any(known[name] in self.wids for name in names)


class _Key:
    """The signing key of the process: made once, on first use."""

    def __init__(self) -> None:
        self.private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.id = uuid.uuid4().hex
        numbers = self.private.public_key().public_numbers()
        self.jwk = {
            "kty": "RSA",
            "use": "sig",
            "kid": self.id,
            "x5t": self.id,
            "n": _base64url(numbers.n.to_bytes((numbers.n.bit_length() + 7) // 8, "big")),
            "e": _base64url(numbers.e.to_bytes(3, "big")),
        }


@lru_cache(maxsize=1)
def _key() -> _Key:
    return _Key()


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


# ---------------------------------------------------------------------------------------------------------------- the token check

_checked: dict[str, dict[str, Any]] = {}
_spent: set[str] = set()


def claims_of(token: str) -> dict[str, Any] | None:
    """What a token claims, without any check of its signature; None when it is no JWT. For knowing whose request this is."""
    try:
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (IndexError, ValueError):
        return None
    return claims if isinstance(claims, dict) else None


def bearer(call: Call) -> str:
    """The request's bearer token, or the empty string."""
    scheme, _space, token = call.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def caller(call: Call, world: World, audience: Iterable[str], refuse: Callable[[str, str], Answer]) -> Caller:
    """Who sends this request, after every check of the token.

    `audience` are the audiences that this service takes (with or without a slash at the end). Raises Refused with the answer that
    `refuse(code, message)` gives; code is one of missing, invalid, expired, audience.
    """
    token = bearer(call)
    if not token:
        raise Refused(refuse("missing", "Authorization header is missing or carries no bearer token."))
    claims = _checked.get(token)
    if claims is None:
        try:
            claims = jwt.decode(
                token, _key().private.public_key(), algorithms=["RS256"], options={"verify_aud": False, "verify_exp": False}
            )
        except jwt.InvalidTokenError as error:
            raise Refused(refuse("invalid", f"The token is not valid: {error}")) from error
        if len(_checked) > 10_000:
            _checked.clear()
        _checked[token] = claims
    if call.expired:
        _spent.add(token)
    if claims["exp"] <= time.time() or token in _spent:
        raise Refused(refuse("expired", "Lifetime validation failed, the token is expired."))
    if claims["aud"].rstrip("/") not in {name.rstrip("/") for name in audience}:
        raise Refused(refuse("audience", f"The token is for another audience ({claims['aud']})."))
    tenant = world.tenants.get(claims["tid"])
    identity = identity_of(tenant, claims["appid"]) if tenant else None
    if tenant is None or identity is None:
        raise Refused(refuse("invalid", "The token names a tenant or an application that is no longer there."))
    call.tenant = tenant
    return Caller(tenant, identity, frozenset(claims.get("roles", ())), frozenset(claims.get("wids", ())))


def identity_of(tenant: Tenant, client_id: str) -> dict[str, Any] | None:
    """The application with that client id in the tenant, or None."""
    wanted = client_id.lower()
    return next((identity for identity in tenant.identities.values() if identity["client_id"].lower() == wanted), None)


# ---------------------------------------------------------------------------------------------------------------- the service


def answer(call: Call, world: World) -> Answer:
    """Discovery, keys and tokens."""
    parts = call.path.strip("/").split("/")
    rest = "/".join(parts[1:])
    if call.path.rstrip("/") == "/common/discovery/instance" and call.method == "GET":
        return _instance(call)
    if rest in {"v2.0/.well-known/openid-configuration", ".well-known/openid-configuration"}:
        return _discovery(call, world, parts[0], rest.startswith("v2.0"))
    if rest in {"discovery/v2.0/keys", "discovery/keys"}:
        return Answer(body={"keys": [_key().jwk]})
    if rest == "oauth2/v2.0/token":
        if call.method != "POST":
            return _error(call, 900561, "invalid_request", "The endpoint only accepts POST requests. Received a GET request.")
        try:
            return _token(call, world, parts[0])
        except Refused as refused:
            return refused.answer
    return Answer(404, {"error": {"code": "NotFound", "message": f"{call.host} has no {call.path}"}})


def _error(call: Call, number: int, error: str, text: str, status: int = 400) -> Answer:
    """The full error body of the token endpoint. [doc] the fields; numbers and texts [recall]."""
    now = datetime.datetime.now(datetime.UTC)
    trace, correlation = str(uuid.uuid4()), call.headers.get("client-request-id") or str(uuid.uuid4())
    stamp = now.strftime("%Y-%m-%d %H:%M:%SZ")
    return Answer(
        status,
        {
            "error": error,
            "error_description": f"AADSTS{number}: {text} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {stamp}",
            "error_codes": [number],
            "timestamp": stamp,
            "trace_id": trace,
            "correlation_id": correlation,
            "error_uri": f"{call.base}/error?code={number}",
        },
        [("Cache-Control", "no-store, no-cache"), ("x-ms-request-id", trace)],
    )


def _tenant(call: Call, world: World, name: str) -> Tenant:
    tenant = world.by_id_or_domain(name)
    if tenant is not None:
        call.tenant = tenant
        return tenant
    if not GUID.fullmatch(name) and "." not in name:
        text = f"Specified tenant identifier '{name}' is neither a valid DNS name, nor a valid external domain."
        raise Refused(_error(call, 900023, "invalid_request", text))
    text = (
        f"Tenant '{name}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud. "
        "Check with your subscription administrator, this may happen if there are no active subscriptions for the tenant."
    )
    raise Refused(_error(call, 90002, "invalid_request", text))


def _instance(call: Call) -> Answer:
    aliases = ["login.microsoftonline.com", "login.windows.net", "login.microsoft.com", "sts.windows.net"]
    endpoint = call.query.get("authorization_endpoint", "")
    name = endpoint.rstrip("/").split("/")[-4] if endpoint.count("/") >= 5 else "common"
    clouds = [aliases] if call.host in aliases else [aliases, [call.host]]
    return Answer(
        body={
            "tenant_discovery_endpoint": f"{call.base}/{name}/v2.0/.well-known/openid-configuration",
            "api-version": "1.1",
            "metadata": [{"preferred_network": names[0], "preferred_cache": names[0], "aliases": names} for names in clouds],
        }
    )


def _discovery(call: Call, world: World, name: str, second: bool) -> Answer:
    if name.lower() in {"common", "organizations", "consumers"}:
        shown, issuer = name, "{tenantid}"
    else:
        try:
            shown = issuer = _tenant(call, world, name).tenant_id
        except Refused as refused:
            return refused.answer
    version = "/v2.0" if second else ""
    infix = "oauth2/v2.0" if second else "oauth2"
    return Answer(
        body={
            "token_endpoint": f"{call.base}/{shown}/{infix}/token",
            "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt", "client_secret_basic"],
            "jwks_uri": f"{call.base}/{shown if second else 'common'}/discovery{version}/keys",
            "response_modes_supported": ["query", "fragment", "form_post"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
            "scopes_supported": ["openid", "profile", "email", "offline_access"],
            "issuer": f"{call.base}/{issuer}/v2.0" if second else f"https://sts.windows.net/{issuer}/",
            "request_uri_parameter_supported": False,
            "authorization_endpoint": f"{call.base}/{shown}/{infix}/authorize",
            "device_authorization_endpoint": f"{call.base}/{shown}/{infix}/devicecode",
            "tenant_region_scope": "EU",
            "cloud_instance_name": "microsoftonline.com",
            "msgraph_host": "graph.microsoft.com",
        }
    )


def _token(call: Call, world: World, name: str) -> Answer:
    form = dict(parse_qsl(call.body.decode("utf-8", "replace"), keep_blank_values=True))
    for field in ("grant_type", "client_id"):
        if not form.get(field):
            return _error(call, 900144, "invalid_request", f"The request body must contain the following parameter: '{field}'.")
    if name.lower() in {"common", "organizations", "consumers"}:
        text = "No tenant-identifying information found in either the request or implied by any provided credentials."
        return _error(call, 50059, "invalid_request", text)
    tenant = _tenant(call, world, name)
    if form["grant_type"] != "client_credentials":
        text = f"The app requested an unsupported grant type '{form['grant_type']}'."
        return _error(call, 70003, "unsupported_grant_type", text)
    identity = identity_of(tenant, form["client_id"])
    if identity is None:
        text = (
            f"Application with identifier '{form['client_id']}' was not found in the directory '{tenant.display_name}'. This can happen if "
            "the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. "
            "You may have sent your authentication request to the wrong tenant."
        )
        return _error(call, 700016, "unauthorized_client", text)
    proof = _prove(call, tenant, identity, form)
    scope = form.get("scope", "")
    if not scope:
        return _error(call, 900144, "invalid_request", "The request body must contain the following parameter: 'scope'.")
    if not scope.endswith("/.default"):
        text = (
            f"The provided value for scope {scope} is not valid. Client credential flows must have a scope value with /.default "
            "suffixed to the resource identifier (application ID URI)."
        )
        return _error(call, 1002012, "invalid_scope", text)
    audience = scope.removesuffix("/.default").rstrip("/")
    resource = _resource(audience, tenant)
    if resource is None or (resource.plans and not resource.plans & tenant.plans):
        text = (
            f"The resource principal named {audience} was not found in the tenant named {tenant.display_name}. This can happen if the "
            "application has not been installed by the administrator of the tenant or consented to by any user in the tenant. "
            "You might have sent your authentication request to the wrong tenant."
        )
        return _error(call, 500011, "invalid_resource", text)
    token = issue(tenant, identity, audience, resource, proof)
    return Answer(
        body={"token_type": "Bearer", "expires_in": LIFETIME, "ext_expires_in": LIFETIME, "access_token": token},
        headers=[("Cache-Control", "no-store, no-cache"), ("Pragma", "no-cache"), ("x-ms-request-id", str(uuid.uuid4()))],
    )


def _resource(audience: str, tenant: Tenant) -> Resource | None:
    site = _ADMIN_SITE.fullmatch(audience)
    if site:  # a tenant has one admin site, and no token for that of another
        return _SHAREPOINT if site[1] == tenant.name else None
    found = RESOURCES.get(audience)
    return found or next((resource for resource in RESOURCES.values() if resource.app_id == audience.lower()), None)


def issue(tenant: Tenant, identity: dict[str, Any], audience: str, resource: Resource, proof: str = "1") -> str:
    """A signed access token for an application. `proof` is "1" for a secret, "2" for a certificate (claim appidacr)."""
    now = int(time.time())
    roles = table("directory")["roles"]
    claims: dict[str, Any] = {
        "aud": audience,
        "iss": f"https://sts.windows.net/{tenant.tenant_id}/",
        "iat": now,
        "nbf": now,
        "exp": now + LIFETIME,
        "appid": identity["client_id"],
        "appidacr": proof,
        "app_displayname": identity.get("display_name", ""),
        "idp": f"https://sts.windows.net/{tenant.tenant_id}/",
        "idtyp": "app",
        "oid": identity["object_id"],
        "sub": identity["object_id"],
        "tid": tenant.tenant_id,
        "uti": uuid.uuid4().hex[:22],
        "ver": "1.0",
    }
    permissions = identity.get("app_permissions", {}).get(resource.key, [])
    if permissions:
        claims["roles"] = list(permissions)
    if identity.get("directory_roles"):
        claims["wids"] = [roles[role] for role in identity["directory_roles"]]
    key = _key()
    return jwt.encode(claims, key.private, algorithm="RS256", headers={"kid": key.id, "x5t": key.id})


def _prove(call: Call, tenant: Tenant, identity: dict[str, Any], form: dict[str, str]) -> str:
    """Check the application's proof of identity. Returns the claim appidacr; raises Refused."""
    if form.get("client_assertion"):
        if form.get("client_assertion_type") != ASSERTION:
            text = f"The request body must contain the following parameter: 'client_assertion_type' with the value '{ASSERTION}'."
            raise Refused(_error(call, 900144, "invalid_request", text))
        _check_assertion(call, tenant, identity, form["client_assertion"])
        return "2"
    if not form.get("client_secret"):
        text = "The request body must contain the following parameter: 'client_assertion' or 'client_secret'."
        raise Refused(_error(call, 7000218, "invalid_client", text, 401))
    if not identity.get("client_secret") or form["client_secret"] != identity["client_secret"]:
        text = (
            "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client "
            f"secret ID, for a secret added to app '{identity['client_id']}'."
        )
        raise Refused(_error(call, 7000215, "invalid_client", text, 401))
    if identity.get("secret_expired"):
        text = f"The provided client secret keys for app '{identity['client_id']}' are expired."
        raise Refused(_error(call, 7000222, "invalid_client", text, 401))
    return "1"


@lru_cache(maxsize=256)
def certificate(pem: str) -> tuple[Any, str, str]:
    """Public key, SHA-1 and SHA-256 thumbprints (base64url) of a PEM certificate. Raises ValueError when it is none."""
    start = pem.find("-----BEGIN CERTIFICATE-----")
    parsed = x509.load_pem_x509_certificate(pem[max(start, 0) :].encode())
    der = parsed.public_bytes(Encoding.DER)
    # SHA-1 is what the header x5t means; nothing is trusted because of it.
    return parsed.public_key(), _base64url(hashlib.sha1(der, usedforsecurity=False).digest()), _base64url(hashlib.sha256(der).digest())


def _certificates(tenant: Tenant, identity: dict[str, Any]) -> list[str]:
    own = [identity["certificate"]] if identity.get("certificate") else []
    own += applications.certificates(tenant, identity)
    return own + (tenant.certificates if identity is tenant.identities.get("certificate") else [])


def _check_assertion(call: Call, tenant: Tenant, identity: dict[str, Any], assertion: str) -> None:
    """[code] RS256 with x5t or PS256 with x5t#S256; aud = the token endpoint, iss = sub = client id, exp and nbf hold."""

    def refused(number: int, text: str) -> Refused:
        return Refused(_error(call, number, "invalid_client", text, 401))

    try:
        header = jwt.get_unverified_header(assertion)
    except jwt.InvalidTokenError as error:
        raise refused(50027, "JWT token is invalid or malformed.") from error
    found = None
    for pem in _certificates(tenant, identity):
        key, sha1, sha256 = certificate(pem)
        if header.get("x5t#S256", "").rstrip("=") == sha256 or header.get("x5t", "").rstrip("=") == sha1:
            found = key
    thumbprint = header.get("x5t#S256") or header.get("x5t") or ""
    if found is None:
        text = (
            "The certificate with identifier used to sign the client assertion is not registered on application. "
            f"[Reason - The key was not found., Thumbprint of key used by client: '{thumbprint}']"
        )
        raise refused(700027, text)
    try:
        claims = jwt.decode(
            assertion, found, algorithms=["RS256", "PS256"], options={"verify_aud": False, "verify_exp": False, "verify_nbf": False}
        )
    except jwt.InvalidTokenError as error:
        text = (
            f"Client assertion failed signature validation. [Reason - The key was found, Thumbprint of key used by client: '{thumbprint}']"
        )
        raise refused(700027, text) from error
    now, leeway = time.time(), 300
    if not isinstance(claims.get("exp"), (int, float)) or claims["exp"] < now - leeway or claims.get("nbf", now) > now + leeway:
        raise refused(700024, "Client assertion is not within its valid time range.")
    audiences = claims.get("aud")
    if not any(_same_endpoint(call, tenant, name) for name in (audiences if isinstance(audiences, list) else [audiences])):
        raise refused(700023, "Client assertion audience claim does not match Realm issuer.")
    wanted = identity["client_id"].lower()
    if str(claims.get("iss", "")).lower() != wanted or str(claims.get("sub", "")).lower() != wanted:
        raise refused(700021, "Client assertion application identifier doesn't match 'client_id' parameter.")


def _same_endpoint(call: Call, tenant: Tenant, audience: Any) -> bool:
    """Whether an assertion's audience is this tenant's token endpoint (or issuer), written as the real host or as the client's form."""
    text = str(audience).partition("?")[0]
    for base in (f"https://{call.host}", call.base):
        for name in (tenant.tenant_id, *tenant.aliases()):
            if text.lower() in {
                f"{base}/{name}/oauth2/v2.0/token".lower(),
                f"{base}/{name}/v2.0".lower(),
                f"{base}/{name}/oauth2/token".lower(),
            }:
                return True
    return False
