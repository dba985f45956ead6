# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The machine that a client runs on, if it is one of Azure: its metadata service, App Service, Azure Arc. [recall], [code] msal

Which tenant's machine it is, is set by the control interface; without that nothing answers here.
"""

from __future__ import annotations

import time
import uuid
from pathlib import Path
from typing import Any

from .invented import sign_in as invented_sign_in
from .service import Answer, Call
from .tenant import Tenant, World
from .tokens import issue, resource_of

METADATA = "169.254.169.254"
APP_SERVICE, ARC = invented_sign_in.MACHINE_HOSTS
HOSTS = (METADATA, APP_SERVICE, ARC)
VERSIONS = {METADATA: "2018-02-01", APP_SERVICE: "2019-08-01", ARC: "2020-06-01"}


def put(world: World, tenant: Tenant | None, header: str = "", keys: str = "") -> None:
    """Say whose machine it is. header: App Service's secret. keys: the folder for key files of Azure Arc."""
    world.machine = {"tenant": tenant, "header": header, "keys": keys, "proofs": set()} if tenant else {}


def answer(call: Call, world: World) -> Answer:
    """A token of the machine's identity."""
    machine = world.machine
    path = "/msi/token" if call.host == APP_SERVICE else "/metadata/identity/oauth2/token"
    if not machine or call.path != path or call.method != "GET":
        return Answer(404, {"error": "not_found", "error_description": f"{call.host} has no {call.path}"})
    call.tenant = machine["tenant"]
    if call.host == APP_SERVICE:
        if not machine["header"] or call.headers.get("x-identity-header") != machine["header"]:
            return Answer(
                invented_sign_in.APP_SERVICE_REFUSED, {"statusCode": invented_sign_in.APP_SERVICE_REFUSED, "message": "Unauthorized."}
            )
    elif call.headers.get("metadata", "").lower() != "true":
        return _refused(call, "invalid_request", "Required metadata header not specified")
    if call.query.get("api-version") != VERSIONS[call.host]:
        return _refused(call, "invalid_request", f"The api-version '{call.query.get('api-version', '')}' is not supported.")
    if call.host == ARC:
        scheme, _space, proof = call.headers.get("authorization", "").partition(" ")
        if scheme != "Basic" or proof not in machine["proofs"]:
            return _challenge(machine)
        machine["proofs"].discard(proof)
    return _token(call, machine["tenant"])


def _challenge(machine: dict[str, Any]) -> Answer:
    """[code] A key file whose content is the proof, good once."""
    proof = f"not-a-real-key-of-the-machine-{uuid.uuid4().hex}"
    machine["proofs"].add(proof)
    path = Path(machine["keys"]) / f"{uuid.uuid4()}.key"
    path.touch(mode=0o600)
    path.write_text(proof, encoding="utf-8")
    return Answer(401, {"error": "unauthorized_client"}, [("WWW-Authenticate", f"Basic realm={path}")])


def _refused(call: Call, error: str, text: str) -> Answer:
    if call.host == APP_SERVICE:
        return Answer(400, {"statusCode": 400, "message": text})
    return Answer(400, {"error": error, "error_description": text})


def _token(call: Call, tenant: Tenant) -> Answer:
    resource = call.query.get("resource", "").rstrip("/")
    number = call.query.get("client_id", "").lower()
    wanted = "user" if number else "system"
    found = [
        identity
        for identity in tenant.identities.values()
        if identity.get("managed") == wanted and number in ("", identity["client_id"].lower())
    ]
    if not found:
        return _refused(call, "invalid_request", "Identity not found")
    known = resource_of(resource, tenant)
    if known is None:
        text = f"AADSTS500011: The resource principal named {resource} was not found in the tenant named {tenant.display_name}."
        return _refused(call, "invalid_resource", text)
    now = int(time.time())
    lifetime = invented_sign_in.MACHINE_LIFETIME
    token = issue(tenant, found[0], resource, known, "2", lifetime=lifetime)
    body = {"access_token": token, "expires_on": str(now + lifetime), "resource": resource, "token_type": "Bearer"}
    if call.host == APP_SERVICE:
        return Answer(body={**body, "client_id": found[0]["client_id"]})
    more = {"client_id": found[0]["client_id"], "refresh_token": "", "expires_in": str(lifetime), "not_before": str(now)}
    return Answer(body={**body, **more, "ext_expires_in": str(lifetime)})
