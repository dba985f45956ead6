# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tokens: what they can be for, how one is made, and the check of one on every call."""

from __future__ import annotations

import base64
import json
import re
import time
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from .clouds import clouds_of, clouds_of_audience
from .invented import sign_in as invented_sign_in
from .seed import table
from .service import Answer, Call, Refused
from .tenant import ENDPOINT_PLANS, Tenant, World

LIFETIME = 3599
GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


@dataclass(frozen=True)
class Resource:
    """Something a token can be for. `plans` lists service plans of which the tenant needs one, else the principal is not there.

    also: other resources whose permissions its tokens carry.
    """

    key: str
    app_id: str
    plans: frozenset[str] = frozenset()
    also: tuple[str, ...] = ()


_EXCHANGE = Resource("exchange", "00000002-0000-0ff1-ce00-000000000000")
_COMPLIANCE = Resource("compliance", "00000007-0000-0ff1-ce00-000000000000")
_WORLDWIDE_COMPLIANCE = Resource("exchange", "00000002-0000-0ff1-ce00-000000000000", also=invented_sign_in.COMPLIANCE_TOO)
_GRAPH = Resource("graph", "00000003-0000-0000-c000-000000000000")
_DEFENDER = Resource("defender", "fc780465-2017-40d4-a0c5-307022471b92", ENDPOINT_PLANS)
_SHAREPOINT = Resource("sharepoint", "00000003-0000-0ff1-ce00-000000000000")
_ADMIN_SITE = re.compile(r"https://([a-z0-9-]+)-admin\.sharepoint(?:\.com|\.us|-mil\.us|\.cn)")
_XDR = Resource("xdr", "8ee8fdad-f234-4243-8f3b-15c294843740", ENDPOINT_PLANS)
_PARTNER = Resource("partner", "fa3d9a0c-3fb0-42cc-9193-47c7ecd2edbd")
RESOURCES: dict[str, Resource] = {
    "https://api.partnercenter.microsoft.com": _PARTNER,
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
    "https://ps.compliance.protection.outlook.com": _WORLDWIDE_COMPLIANCE,
    "https://ps.compliance.protection.partner.outlook.cn": _WORLDWIDE_COMPLIANCE,
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
            *invented_sign_in.DEFENDER_AUDIENCES,
        ),
        _DEFENDER,
    ),
    **dict.fromkeys(
        (
            "https://api.security.microsoft.com",
            "https://securitycenter.microsoft.com/mtp",
            *invented_sign_in.XDR_AUDIENCES,
        ),
        _XDR,
    ),
}


@dataclass
class Caller:
    """Who calls: the tenant, the identity as the seed describes it, its permissions on this audience, its directory roles' ids.

    `object_id` is that of the service principal, or of the person in whose name it acts.
    """

    tenant: Tenant
    identity: dict[str, Any]
    app_roles: frozenset[str]
    wids: frozenset[str]
    object_id: str

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
            "n": base64url(numbers.n.to_bytes((numbers.n.bit_length() + 7) // 8, "big")),
            "e": base64url(numbers.e.to_bytes(3, "big")),
        }


@lru_cache(maxsize=1)
def signing_key() -> _Key:
    return _Key()


def base64url(raw: bytes) -> str:
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
                token, signing_key().private.public_key(), algorithms=["RS256"], options={"verify_aud": False, "verify_exp": False}
            )
        except jwt.InvalidTokenError as error:
            raise Refused(refuse("invalid", f"The token is not valid: {error}")) from error
        if len(_checked) > 10_000:
            _checked.clear()
        _checked[token] = claims
    if call.expired or call.revoked:
        _spent.add(token)
    if call.revoked:
        refusal = refuse("revoked", "Continuous access evaluation resulted in challenge: the token was revoked.")
        kept = [pair for pair in refusal.headers if pair[0].lower() != "www-authenticate"]
        challenge = ("WWW-Authenticate", invented_sign_in.revoked_challenge(call.host))
        raise Refused(Answer(refusal.status, refusal.body, [*kept, challenge]))
    if claims["exp"] <= time.time() or token in _spent:
        raise Refused(refuse("expired", "Lifetime validation failed, the token is expired."))
    if claims["aud"].rstrip("/") not in {name.rstrip("/") for name in audience}:
        raise Refused(refuse("audience", f"The token is for another audience ({claims['aud']})."))
    tenant = world.tenants.get(claims["tid"])
    identity = identity_of(tenant, claims["appid"]) if tenant else None
    if tenant is None or identity is None:
        raise Refused(refuse("invalid", "The token names a tenant or an application that is no longer there."))
    if tenant.cloud not in clouds_of(call.host):
        raise Refused(refuse("audience", "The token is of another cloud."))
    call.tenant = tenant
    app_roles = frozenset(claims.get("roles", ())) | _delegated(claims)
    return Caller(tenant, identity, app_roles, frozenset(claims.get("wids", ())), claims["oid"])


def _delegated(claims: dict[str, Any]) -> frozenset[str]:
    """What a person allowed an application to do in his name, also by the names that the same permission has for applications.

    Defender for Endpoint leaves out the end of the name: Machine.Read for Machine.Read.All [doc]. Exchange: Exchange.Manage [recall].
    SharePoint: AllSites.FullControl [code].
    """
    scopes = set(claims.get("scp", "").split())
    others = {"Exchange.Manage": "Exchange.ManageAsApp", "AllSites.FullControl": "Sites.FullControl.All"}
    return frozenset(scopes | {others.get(name, f"{name}.All") for name in scopes})


def identity_of(tenant: Tenant, client_id: str) -> dict[str, Any] | None:
    """The application with that client id in the tenant, or None."""
    wanted = client_id.lower()
    return next((identity for identity in tenant.identities.values() if identity["client_id"].lower() == wanted), None)


def resource_of(audience: str, tenant: Tenant) -> Resource | None:
    """What a token for this audience is for, None when the tenant has no such thing, or not in its cloud."""
    if tenant.cloud not in clouds_of_audience(audience):
        return None
    site = _ADMIN_SITE.fullmatch(audience)
    if site:  # a tenant has one admin site, and no token for that of another
        return _SHAREPOINT if site[1] == tenant.name else None
    found = RESOURCES.get(audience) or next((resource for resource in RESOURCES.values() if resource.app_id == audience.lower()), None)
    return found if found and (not found.plans or found.plans & tenant.plans) else None


def issue(
    tenant: Tenant,
    identity: dict[str, Any],
    audience: str,
    resource: Resource,
    proof: str = "1",
    user: dict[str, Any] | None = None,
    lifetime: int = LIFETIME,
) -> str:
    """A signed access token for an application. `proof` is "1" for a secret, "2" for a certificate (claim appidacr).

    `user`: the person in whose name the application acts. That such a token has wids of the person's roles is [doc].
    """
    now = int(time.time())
    roles = table("directory")["roles"]
    claims: dict[str, Any] = {
        "aud": audience,
        "iss": f"https://sts.windows.net/{tenant.tenant_id}/",
        "iat": now,
        "nbf": now,
        "exp": now + lifetime,
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
    held = identity.get("app_permissions", {})
    permissions = list(dict.fromkeys(name for key in (resource.key, *resource.also) for name in held.get(key, ())))
    holder = identity if user is None else user
    if user is not None:
        person = {"idtyp": "user", "oid": user["object_id"], "sub": user["object_id"], "upn": user["name"], "name": user["name"]}
        claims |= {**person, "scp": " ".join(user.get("scopes", {}).get(resource.key, []))}
    elif permissions:
        claims["roles"] = list(permissions)
    if holder.get("directory_roles"):
        claims["wids"] = [roles[role] for role in holder["directory_roles"]]
    key = signing_key()
    return jwt.encode(claims, key.private, algorithm="RS256", headers={"kid": key.id, "x5t": key.id})


def id_token(call: Call, tenant: Tenant, identity: dict[str, Any], user: dict[str, Any]) -> str:
    """Who signed in, for the application. [doc]"""
    now = int(time.time())
    claims = {
        "aud": identity["client_id"],
        "iss": f"https://{call.host}/{tenant.tenant_id}/v2.0",
        "iat": now,
        "nbf": now,
        "exp": now + LIFETIME,
        "oid": user["object_id"],
        "sub": user["object_id"],
        "name": user["name"],
        "preferred_username": user["name"],
        "tid": tenant.tenant_id,
        "ver": "2.0",
    }
    key = signing_key()
    return jwt.encode(claims, key.private, algorithm="RS256", headers={"kid": key.id})
