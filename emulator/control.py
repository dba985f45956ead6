# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control interface under /_emulator/: tenants, state, journal, faults, a second administrator. Off unless asked for."""

from __future__ import annotations

from typing import Any

from . import grants, issuers, machine
from .binding import cmdlets
from .errors import CmdletError
from .presets import turn_on
from .second_administrator import put_rows, run_cmdlet
from .seed import KEYS, SeedError, load_seed, parse_seed
from .service import Answer, Call, Refused
from .tenant import Tenant, World

CALLS = {
    "GET /_emulator/": "this list",
    "POST tenants": "make a tenant: {seed: name or file} or a seed's content, with an optional name and certificate (PEM)",
    "GET tenants": "all tenants",
    "GET tenants/{t}": "one tenant, by name, id or domain",
    "DELETE tenants/{t}": "remove it",
    "POST tenants/{t}/reset": "back to its seed; its journal and its faults are cleared",
    "GET tenants/{t}/state": "the nouns that have been used, with their number of rows",
    "GET tenants/{t}/state/{noun}": "rows of a noun as they are now",
    "PUT tenants/{t}/state/{noun}": "replace the rows, as a second administrator would",
    "POST tenants/{t}/cmdlet": "{CmdletName, Parameters}: run a cmdlet with every right",
    "POST tenants/{t}/presets": "{preset: Standard or Strict}: switch a preset on, as the portal does",
    "PUT tenants/{t}/certificate": "{certificate: PEM}: the public certificate of the identity named certificate",
    "PUT machine": "{tenant, header, keys}: clients run on a machine of this tenant, with App Service's header and a folder for Arc's keys",
    "DELETE machine": "they run on none",
    "POST issuers/token": "{issuer, subject, audience, lifetime, forged}: a token of an outside identity provider",
    "POST codes/{user_code}": "{decision: approved, declined or expired}: what a person does with a device code",
    "POST refresh_tokens": "{token, number}: the refresh token has ended, and is refused with this AADSTS number",
    "GET tenants/{t}/journal": "requests and answers, oldest first",
    "DELETE tenants/{t}/journal": "forget them",
    "GET journal": "requests of which no tenant is known",
    "POST faults": "set a fault, gives its id",
    "GET faults": "the faults that are set",
    "DELETE faults": "take all back",
    "DELETE faults/{id}": "take one back",
}


def answer(call: Call, world: World) -> Answer:
    """Answer one control request."""
    parts = [part for part in call.path.removeprefix("/_emulator").split("/") if part]
    try:
        return _answer(call, world, parts)
    except (SeedError, ValueError, TypeError, KeyError) as error:
        return _refused(400, f"{type(error).__name__}: {error}")
    except CmdletError as error:
        return error.answer()


def _refused(status: int, text: str) -> Answer:
    return Answer(status, {"error": {"code": "Control", "message": text}})


def _answer(call: Call, world: World, parts: list[str]) -> Answer:
    match (call.method, parts):
        case ("GET", []):
            return Answer(body={"calls": CALLS})
        case ("GET", ["tenants"]):
            return Answer(body=[tenant.described() for tenant in world.tenants.values()])
        case ("POST", ["tenants"]):
            return Answer(201, _make(call, world).described())
        case ("GET", ["journal"]):
            return Answer(body=world.journal.of(None))
        case ("GET", ["faults"]):
            return Answer(body=[fault.described() for fault in world.faults.all()])
        case ("POST", ["faults"]):
            fault = _object(call)
            name = ((fault.get("do") or {}).get("cmdlet") or {}).get("CmdletName")
            if name is not None and str(name).lower() not in cmdlets():
                raise ValueError(f"there is no cmdlet {name}")
            if fault.get("tenant"):
                fault["tenant"] = _tenant(world, fault["tenant"]).name
            return Answer(201, {"id": world.faults.add(fault).id})
        case ("DELETE", ["faults"]):
            world.faults.clear()
            return Answer(204)
        case ("DELETE", ["faults", number]) if number.isdigit():
            return Answer(204) if world.faults.remove(int(number)) else _refused(404, f"there is no fault {number}")
        case ("PUT", ["machine"]):
            given = _object(call)
            machine.put(world, _tenant(world, given.pop("tenant")), **given)
            return Answer(204)
        case ("DELETE", ["machine"]):
            machine.put(world, None)
            return Answer(204)
        case ("POST", ["issuers", "token"]):
            return Answer(body={"token": issuers.issued(**_object(call))})
        case ("POST", ["codes", user_code]):
            grants.decide(world, user_code, _object(call)["decision"])
            return Answer(204)
        case ("POST", ["refresh_tokens"]):
            given = _object(call)
            world.ended_tokens[given["token"]] = int(given["number"])
            return Answer(204)
        case (_, ["tenants", name, *rest]):
            return _of_tenant(call, world, _tenant(world, name), rest)
    return _refused(404, f"there is no {call.method} {call.path}; see GET /_emulator/")


def _tenant(world: World, name: str) -> Tenant:
    tenant = world.by_name(name)
    if tenant is None:
        raise Refused(_refused(404, f"there is no tenant {name}"))
    return tenant


def _object(call: Call) -> dict[str, Any]:
    body = call.json() if call.body else {}
    if not isinstance(body, dict):
        raise ValueError("an object is wanted")
    return body


def _make(call: Call, world: World) -> Tenant:
    given = _object(call)
    name = str(given.pop("name", ""))
    seed = given.pop("seed", None)
    if not given:
        return world.add(load_seed(seed or "fresh_e5"), name)
    unknown = set(given) - KEYS
    if unknown:
        raise ValueError(f"unknown key {sorted(unknown)[0]!r}; known: name, seed, {', '.join(sorted(KEYS))}")
    return world.add(parse_seed(seed or "given", {"based_on": seed or "fresh_e5", **given}), name)


def _of_tenant(call: Call, world: World, tenant: Tenant, rest: list[str]) -> Answer:
    match (call.method, rest):
        case ("GET", []):
            return Answer(body=tenant.described())
        case ("DELETE", []):
            world.remove(tenant)
            world.faults.clear(tenant.name)
            return Answer(204)
        case ("POST", ["reset"]):
            tenant.reset()
            world.journal.clear(tenant.name)
            world.faults.clear(tenant.name)
            return Answer(body=tenant.described())
        case ("GET", ["state"]):
            return Answer(body={noun: len(rows) for noun, rows in tenant.objects.items()})
        case ("GET", ["state", noun]):
            return Answer(body=tenant.rows(noun))
        case ("PUT", ["state", noun]):
            rows = call.json()
            if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
                raise ValueError("a list of objects is wanted")
            put_rows(tenant, noun, rows)
            return Answer(body=tenant.rows(noun))
        case ("POST", ["cmdlet"]):
            given = _object(call)
            return Answer(body={"value": run_cmdlet(tenant, given["CmdletName"], given.get("Parameters") or {})})
        case ("POST", ["presets"]):
            turn_on(tenant, _object(call)["preset"])
            return Answer(204)
        case ("PUT", ["certificate"]):
            tenant.certificates = [_object(call)["certificate"]]
            return Answer(204)
        case ("GET", ["journal"]):
            return Answer(body=world.journal.of(tenant.name))
        case ("DELETE", ["journal"]):
            world.journal.clear(tenant.name)
            return Answer(204)
    return _refused(404, f"there is no {call.method} {call.path}; see GET /_emulator/")
