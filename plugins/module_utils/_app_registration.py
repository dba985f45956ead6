# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module for an app registration. No secret is ever made. Private to the collection."""

from __future__ import annotations

import re

from ansible_collections.m365.defender.plugins.module_utils._converging import Aim, Reached, hunk, reach
from ansible_collections.m365.defender.plugins.module_utils._description import Values
from ansible_collections.m365.defender.plugins.module_utils._principals import APIS, PERMISSIONS_SPEC, SERVICE, wanted_permissions
from ansible_collections.m365.defender.plugins.module_utils._public_keys import public_key
from ansible_collections.m365.defender.plugins.module_utils._registrations import (
    AUDIENCES,
    Registered,
    plan_registration,
    read_registration,
    shown,
)
from ansible_collections.m365.defender.plugins.module_utils._task import Work, ledger_of
from ansible_collections.m365.defender.plugins.module_utils._tenant import Tenant

KIND = "app_registration"


def _do(tenant: Tenant, params: Values, check: bool, diff: bool) -> Values:
    keys = None if params.get("certificates") is None else [public_key(one) for one in params["certificates"]]
    aim = Aim(
        KIND,
        lambda: read_registration(tenant, params["display_name"]),
        lambda state: plan_registration(params, keys, state),
        tenant.store(SERVICE).do,
    )
    reached = reach(tenant, aim, ledger_of(tenant, params), check=check)
    return _result(tenant, params, reached, check=check, diff=diff)


def _result(tenant: Tenant, params: Values, reached: Reached[Registered], *, check: bool, diff: bool) -> Values:
    (after,) = reached.plan.after
    changed = bool(reached.plan.operations)
    missing = [APIS[api][1] for api in wanted_permissions(params) or () if reached.state.apis[api] is None]
    for name in missing if params["state"] == "present" else ():
        tenant.warnings.append(f"The tenant has no {name}, so its permissions were left out.")
    application = reached.state.application or {}
    result: Values = {
        "changed": changed,
        "operations": [str(one) for one in reached.plan.operations] if check else reached.done,
        "registration": after if check else shown(reached.state),
        "app_id": application.get("appId") or "",
        "object_id": application.get("id") or "",
        "service_principal_id": (reached.state.principal or {}).get("id") or "",
        "missing_apis": missing,
    }
    if diff:
        result["diff"] = [hunk(f"{KIND} {params['display_name']}", reached.plan)] if changed else []
    return result


def _wrong(options: Values) -> list[str]:
    found = []
    if not str(options.get("display_name") or "").strip():
        found.append("display_name must not be empty")
    federated = options.get("federated_credentials") or ()
    names = [one["name"] for one in federated]
    found += [f"federated_credentials has two called {name}" for name in sorted({one for one in names if names.count(one) > 1})]
    # URL friendly, at most 120 characters. [doc]
    found += [
        f"federated_credentials: {name} is no name of letters, digits, - and _"
        for name in names
        if not re.fullmatch(r"[\w-]{1,120}", name, re.ASCII)
    ]
    found += [f"federated_credentials: {one['name']} has no subject" for one in federated if not one["subject"].strip()]
    found += [
        f"federated_credentials: the issuer of {one['name']} must be an address that begins with https://"
        for one in federated
        if not re.fullmatch(r"https://\S+", one["issuer"])
    ]
    if options.get("state") == "absent":
        settings = ("description", "sign_in_audience", "permissions", "certificates", "federated_credentials")
        found += [f"state absent takes the application away: leave {name} out" for name in settings if options.get(name) is not None]
    return found


FEDERATED = {
    "name": {"type": "str", "required": True},
    "issuer": {"type": "str", "required": True},
    "subject": {"type": "str", "required": True},
    "audience": {"type": "str"},
    "description": {"type": "str"},
}

APP_REGISTRATION = Work(
    KIND,
    {
        "display_name": {"type": "str", "required": True},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "description": {"type": "str"},
        "sign_in_audience": {"type": "str", "choices": list(AUDIENCES)},
        "permissions": PERMISSIONS_SPEC,
        "certificates": {"type": "list", "elements": "str"},
        "federated_credentials": {"type": "list", "elements": "dict", "options": FEDERATED},
        "skip_missing_apis": {"type": "bool", "default": False},
    },
    _do,
    _wrong,
)
