# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tokens for a person: by a refresh token, and by a code that the person enters in a browser."""

from __future__ import annotations

import json
import time
import uuid
from dataclasses import dataclass
from typing import Any

from .refusals import error_answer, tenant_of
from .service import Answer, Call, Refused
from .tenant import Tenant, World
from .tokens import LIFETIME, base64url, id_token, identity_of, issue, resource_of

RESERVED = frozenset({"openid", "profile", "offline_access", "email"})
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
LIVES, INTERVAL = 900, 5  # seconds. [doc]


@dataclass
class Flow:
    """A person who was asked to sign in. decided: "", approved or declined."""

    tenant: Tenant
    client_id: str
    scope: str
    ends: float
    decided: str = ""
    asked: float = 0.0


def app_of(call: Call, tenant: Tenant, client_id: str) -> dict[str, Any]:
    """The application in the tenant. Raises Refused with AADSTS700016."""
    identity = identity_of(tenant, client_id)
    if identity is None:
        text = (
            f"Application with identifier '{client_id}' was not found in the directory '{tenant.display_name}'. This can happen if "
            "the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. "
            "You may have sent your authentication request to the wrong tenant."
        )
        raise Refused(error_answer(call, 700016, "unauthorized_client", text))
    return identity


def by_refresh_token(call: Call, world: World, tenant: Tenant, identity: dict[str, Any], form: dict[str, str]) -> Answer:
    """[doc] Each use brings a new refresh token; the old one goes on being good, unless the application's says that it is good once."""
    token = form.get("refresh_token", "")
    if not token:
        text = "The request body must contain the following parameter: 'refresh_token'."
        return error_answer(call, 900144, "invalid_request", text)
    first = world.refresh_tokens.get(token, token)
    if not identity.get("refresh_token") or first != identity["refresh_token"]:
        others = {one.get("refresh_token") for other in world.tenants.values() for one in other.identities.values()}
        if first in others:
            text = "The provided value for the input parameter 'refresh_token' or 'assertion' is not valid."
            return error_answer(call, 70000, "invalid_grant", text)
        return error_answer(call, 9002313, "invalid_request", "Invalid request. Request is malformed or invalid.")
    ended = world.ended_tokens.get(token)
    if ended:
        text = {
            700082: "The refresh token has expired due to inactivity.",
            50173: "The provided grant has expired due to it being revoked, a fresh auth token is needed.",
        }.get(ended, "The provided value for the input parameter 'refresh_token' or 'assertion' is not valid.")
        return error_answer(call, ended, "invalid_grant", text)
    made = _delegated(call, tenant, identity, form.get("scope", ""))
    if identity.get("refresh_token_once"):
        world.ended_tokens[token] = 70000
    return made_with_refresh(world, made, first)


def made_with_refresh(world: World, made: Answer, first: str) -> Answer:
    """The answer with a new refresh token of the same family."""
    newer = f"{first}.{uuid.uuid4().hex}"
    world.refresh_tokens[newer] = first
    made.body["refresh_token"] = newer
    return made


def _delegated(call: Call, tenant: Tenant, identity: dict[str, Any], scope: str) -> Answer:
    user = identity.get("user") or {}
    names = [name for name in scope.split() if name not in RESERVED]
    if not names:
        raise Refused(error_answer(call, 900144, "invalid_request", "The request body must contain the following parameter: 'scope'."))
    audiences = {name.rpartition("/")[0] for name in names}
    if len(audiences) > 1:
        text = f"Provided value for the input parameter scope is not valid because it contains more than one resource. Scope: {scope}"
        raise Refused(error_answer(call, 28000, "invalid_request", text))
    audience = audiences.pop().rstrip("/")
    resource = resource_of(audience, tenant)
    if resource is None:
        text = f"The resource principal named {audience} was not found in the tenant named {tenant.display_name}."
        raise Refused(error_answer(call, 500011, "invalid_resource", text))
    held = list(user.get("scopes", {}).get(resource.key, []))
    wanted = [name.rpartition("/")[2] for name in names]
    if not held or any(name not in (".default", *held) for name in wanted):
        text = (
            f"The user or administrator has not consented to use the application with ID '{identity['client_id']}' named "
            f"'{identity.get('display_name', '')}'. Send an interactive authorization request for this user and resource."
        )
        raise Refused(error_answer(call, 65001, "invalid_grant", text))
    body: dict[str, Any] = {
        "token_type": "Bearer",
        "scope": " ".join(f"{audience}/{name}" for name in held),
        "expires_in": LIFETIME,
        "ext_expires_in": LIFETIME,
        "access_token": issue(tenant, identity, audience, resource, user=user),
        "id_token": id_token(call, tenant, identity, user),
        "client_info": base64url(json.dumps({"uid": user["object_id"], "utid": tenant.tenant_id}).encode()),
    }
    return Answer(body=body, headers=[("Cache-Control", "no-store, no-cache"), ("Pragma", "no-cache")])


def start(call: Call, world: World, name: str, form: dict[str, str]) -> Answer:
    """[doc] The answer of the devicecode endpoint."""
    tenant = tenant_of(call, world, name)
    for field in ("client_id", "scope"):
        if not form.get(field):
            return error_answer(call, 900144, "invalid_request", f"The request body must contain the following parameter: '{field}'.")
    app_of(call, tenant, form["client_id"])
    code, user_code = uuid.uuid4().hex * 3, uuid.uuid4().hex[:9].upper()
    world.flows[code] = Flow(tenant, form["client_id"].lower(), form["scope"], time.time() + LIVES)
    world.user_codes[user_code] = code
    page = "https://microsoft.com/devicelogin"
    return Answer(
        body={
            "user_code": user_code,
            "device_code": code,
            "verification_uri": page,
            "expires_in": LIVES,
            "interval": INTERVAL,
            "message": f"To sign in, use a web browser to open the page {page} and enter the code {user_code} to authenticate.",
        }
    )


def by_device_code(call: Call, world: World, tenant: Tenant, identity: dict[str, Any], form: dict[str, str]) -> Answer:
    """[doc] authorization_pending until the person has decided. slow_down is not given: RFC 8628 has it, Microsoft's page does not."""
    flow = world.flows.get(form.get("device_code") or form.get("code") or "")
    if flow is None or flow.tenant is not tenant or flow.client_id != identity["client_id"].lower():
        return error_answer(
            call, 70018, "bad_verification_code", "Invalid verification code. User typed in wrong user code for device code flow."
        )
    if flow.ends <= time.time():
        return error_answer(
            call, 70020, "expired_token", "The provided value for the input parameter 'device_code' is not valid. It has expired."
        )
    if not flow.decided:
        text = "OAuth 2.0 device flow error. Authorization is pending. Continue polling."
        return error_answer(call, 70016, "authorization_pending", text)
    if flow.decided == "declined":
        return error_answer(call, 65004, "authorization_declined", "User declined to consent to access the app.")
    if not identity.get("public_client"):
        text = "The request body must contain the following parameter: 'client_assertion' or 'client_secret'."
        return error_answer(call, 7000218, "invalid_client", text, 401)
    made = _delegated(call, tenant, identity, flow.scope)
    del world.flows[form.get("device_code") or form["code"]]
    if "offline_access" in flow.scope.split() and identity.get("refresh_token"):
        return made_with_refresh(world, made, identity["refresh_token"])
    return made


def decide(world: World, user_code: str, decision: str) -> None:
    """What a person does with a code: approved, declined, or nothing until it has expired. Raises ValueError."""
    flow = world.flows.get(world.user_codes.get(user_code, ""))
    if flow is None:
        raise ValueError(f"there is no code {user_code}")
    if decision not in {"approved", "declined", "expired"}:
        raise ValueError("a decision is approved, declined or expired")
    if decision == "expired":
        flow.ends = 0.0
    else:
        flow.decided = decision
