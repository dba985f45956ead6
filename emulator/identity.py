# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sign-in: discovery documents, the token endpoint for applications, and the check of a token on every call."""

from __future__ import annotations

import uuid
from urllib.parse import parse_qsl

from . import grants
from .clouds import CHINA, GRAPH, LOGIN
from .invented.sign_in import DISCOVERY_OF_ANOTHER_CLOUD
from .proofs import prove
from .refusals import error_answer, tenant_of
from .service import Answer, Call, Refused
from .tenant import World
from .tokens import LIFETIME, RESOURCES, Caller, bearer, caller, claims_of, identity_of, issue, resource_of, signing_key

__all__ = ["HOSTS", "RESOURCES", "Caller", "answer", "bearer", "caller", "claims_of", "identity_of", "issue"]
HOSTS = ("login.microsoftonline.com", "login.microsoftonline.us", "login.chinacloudapi.cn", "login.partner.microsoftonline.cn")


def answer(call: Call, world: World) -> Answer:
    """Discovery, keys and tokens."""
    parts = call.path.strip("/").split("/")
    rest = "/".join(parts[1:])
    if call.path.rstrip("/") == "/common/discovery/instance" and call.method == "GET":
        return _instance(call)
    if rest in {"v2.0/.well-known/openid-configuration", ".well-known/openid-configuration"}:
        return _discovery(call, world, parts[0], rest.startswith("v2.0"))
    if rest in {"discovery/v2.0/keys", "discovery/keys"}:
        return Answer(body={"keys": [signing_key().jwk]})
    if rest == "oauth2/v2.0/authorize" and call.method == "GET":
        from .portal_sign_in import authorize

        try:
            return authorize(call, tenant_of(call, world, parts[0]))
        except Refused as refused:
            return refused.answer
    if rest in {"oauth2/v2.0/token", "oauth2/v2.0/devicecode"}:
        if call.method != "POST":
            return error_answer(call, 900561, "invalid_request", "The endpoint only accepts POST requests. Received a GET request.")
        form = dict(parse_qsl(call.body.decode("utf-8", "replace"), keep_blank_values=True))
        try:
            return _token(call, world, parts[0], form) if rest.endswith("token") else grants.start(call, world, parts[0], form)
        except Refused as refused:
            return refused.answer
    return Answer(404, {"error": {"code": "NotFound", "message": f"{call.host} has no {call.path}"}})


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
            shown = issuer = tenant_of(call, world, name, any_cloud=DISCOVERY_OF_ANOTHER_CLOUD).tenant_id
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
            "cloud_instance_name": call.host.removeprefix("login."),
            "msgraph_host": next(GRAPH[cloud] for cloud, host in LOGIN.items() if host == call.host or cloud == CHINA),
        }
    )


def _token(call: Call, world: World, name: str, form: dict[str, str]) -> Answer:
    for field in ("grant_type", "client_id"):
        if not form.get(field):
            return error_answer(call, 900144, "invalid_request", f"The request body must contain the following parameter: '{field}'.")
    if name.lower() in {"common", "organizations", "consumers"}:
        text = "No tenant-identifying information found in either the request or implied by any provided credentials."
        return error_answer(call, 50059, "invalid_request", text)
    tenant = tenant_of(call, world, name)
    grant = form["grant_type"]
    if grant not in {"client_credentials", "refresh_token", grants.DEVICE_GRANT}:
        return error_answer(call, 70003, "unsupported_grant_type", f"The app requested an unsupported grant type '{grant}'.")
    identity = grants.app_of(call, tenant, form["client_id"])
    if grant == grants.DEVICE_GRANT:
        return grants.by_device_code(call, world, tenant, identity, form)
    if grant == "refresh_token":
        if not identity.get("public_client") or form.get("client_secret") or form.get("client_assertion"):
            prove(call, tenant, identity, form)
        return grants.by_refresh_token(call, world, tenant, identity, form)
    proof = prove(call, tenant, identity, form)
    scope = form.get("scope", "")
    if not scope:
        return error_answer(call, 900144, "invalid_request", "The request body must contain the following parameter: 'scope'.")
    if not scope.endswith("/.default"):
        text = (
            f"The provided value for scope {scope} is not valid. Client credential flows must have a scope value with /.default "
            "suffixed to the resource identifier (application ID URI)."
        )
        return error_answer(call, 1002012, "invalid_scope", text)
    audience = scope.removesuffix("/.default").rstrip("/")
    resource = resource_of(audience, tenant)
    if resource is None:
        text = (
            f"The resource principal named {audience} was not found in the tenant named {tenant.display_name}. This can happen if the "
            "application has not been installed by the administrator of the tenant or consented to by any user in the tenant. "
            "You might have sent your authentication request to the wrong tenant."
        )
        return error_answer(call, 500011, "invalid_resource", text)
    token = issue(tenant, identity, audience, resource, proof)
    return Answer(
        body={"token_type": "Bearer", "expires_in": LIFETIME, "ext_expires_in": LIFETIME, "access_token": token},
        headers=[("Cache-Control", "no-store, no-cache"), ("Pragma", "no-cache"), ("x-ms-request-id", str(uuid.uuid4()))],
    )
