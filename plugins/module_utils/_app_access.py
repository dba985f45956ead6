# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an application may do in a tenant: its service principal, application permissions and directory roles. Private to the collection.

Assigning an app role is what admin consent does. [doc] serviceprincipal-post-approleassignedto, rbacapplication-post-roleassignments
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ansible_collections.m365.defender.plugins.module_utils._converging import LATER, Aim, hunk, reach
from ansible_collections.m365.defender.plugins.module_utils._description import Operation, Plan, Query, Row, Values
from ansible_collections.m365.defender.plugins.module_utils._principals import (
    API_QUERIES,
    APIS,
    PERMISSIONS_SPEC,
    SERVICE,
    look,
    present_apis,
    principal,
    role_ids,
    role_names,
    wanted_permissions,
)
from ansible_collections.m365.defender.plugins.module_utils._task import Work, ledger_of
from ansible_collections.m365.defender.plugins.module_utils._tenant import Tenant
from ansible_collections.m365.defender.plugins.module_utils.readers._needs import ROLES

KIND = "app_access"
GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
ROLE_IDS = {name: number for number, name in ROLES.items()}  # a role's template id will do as its id. [doc]


@dataclass(frozen=True)
class Access:
    """What the directory says. principal: None when the application is not in the tenant. apis: None for one that the tenant lacks.

    assignments, roles: None where nobody asked.
    """

    principal: Row | None
    apis: Mapping[str, Row | None]
    assignments: Sequence[Row] | None
    roles: Sequence[Row] | None


def read_access(tenant: Tenant, options: Values) -> Access:
    """What an application has, as far as the task is about it. Raises TenantError."""
    own = principal(options["app_id"])
    apis = API_QUERIES if options.get("permissions") is not None else {}
    first = look(tenant, (own, *apis.values()), (own, *apis.values()))
    found = first[own][0] if first[own] else None
    asked: dict[str, Query] = {}
    if found and options.get("permissions") is not None:
        asked["assignments"] = Query(f"servicePrincipals/{found['id']}/appRoleAssignments")
    if found and options.get("directory_roles") is not None:
        asked["roles"] = Query("roleManagement/directory/roleAssignments", (("$filter", f"principalId eq '{found['id']}'"),))
    second = look(tenant, asked.values())
    held = {name: second[query] for name, query in asked.items()}
    if found is None:
        held = {"assignments": [], "roles": []}
    return Access(found, {api: next(iter(first[query]), None) for api, query in apis.items()}, held.get("assignments"), held.get("roles"))


def plan_access(options: Values, state: Access) -> Plan:
    """What has to be done. Raises BadInput or Refused."""
    before = shown(options, state)
    if options["state"] == "absent":
        removal = (Operation("Remove", "servicePrincipal", options["app_id"], state.principal["id"]),) if state.principal else ()
        return Plan((before,), ({"present": False},), removal)
    own = state.principal["id"] if state.principal else LATER
    operations = [] if state.principal else [Operation("New", "servicePrincipal", options["app_id"], None, {"appId": options["app_id"]})]
    after: Values = {"present": True}
    if options.get("permissions") is not None:
        more, after["permissions"] = _permissions(options, state, own)
        operations += more
    if options.get("directory_roles") is not None:
        more, after["directory_roles"] = _roles(options, state, own)
        operations += more
    return Plan((before,), (after,), tuple(operations))


def _permissions(options: Values, state: Access, own: str) -> tuple[list[Operation], dict[str, list[str]]]:
    """The operations, and the permissions as they will be."""
    wanted, dummy = present_apis(wanted_permissions(options) or {}, state.apis, skip=options["skip_missing_apis"])
    held: dict[str, dict[str, Row]] = {}
    for row in state.assignments or ():
        api, name = _told(state, row)
        held.setdefault(api, {})[name] = row
    operations = []
    for api, names in wanted.items():
        resource = state.apis[api] or {}
        ids = role_ids(api, resource, names)
        for name in names:
            if name not in held.get(api, {}):
                body = {"principalId": own, "resourceId": resource["id"], "appRoleId": ids[name]}
                operations.append(Operation("New", "appRoleAssignment", f"{APIS[api][1]} {name}", resource["id"], body))
    after = {api: set(names) for api, names in wanted.items()}
    for api, rows in held.items():
        for name, row in rows.items():
            if name in wanted.get(api, ()):
                continue
            if options["exclusive"]:
                where = (row["resourceId"], row["id"])
                operations.append(Operation("Remove", "appRoleAssignment", f"{row['resourceDisplayName']} {name}", where))
            else:
                after.setdefault(api, set()).add(name)
    return operations, {api: sorted(names) for api, names in sorted(after.items())}


def _roles(options: Values, state: Access, own: str) -> tuple[list[Operation], list[str]]:
    wanted = sorted(set(options["directory_roles"]))
    held = _held_roles(state)
    operations = [
        Operation("New", "roleAssignment", name, None, {"roleDefinitionId": ROLE_IDS[name], "principalId": own, "directoryScopeId": "/"})
        for name in wanted
        if name not in held
    ]
    others = sorted(held.keys() - set(wanted))
    if not options["exclusive"]:
        return operations, sorted({*wanted, *others})
    return [*operations, *(Operation("Remove", "roleAssignment", name, held[name]["id"]) for name in others)], wanted


def _held_roles(state: Access) -> dict[str, Row]:
    """The assignments for the whole tenant, by the role's name; those for a part of it are not ours."""
    rows = [row for row in state.roles or () if row.get("directoryScopeId") in (None, "/")]
    return {ROLES.get(str(row["roleDefinitionId"])) or str(row["roleDefinitionId"]): row for row in rows}


def _told(state: Access, row: Row) -> tuple[str, str]:
    """What an assignment is called: the API and the permission, or their ids where they are none of ours."""
    role = str(row["appRoleId"])
    for api, resource in state.apis.items():
        if resource and resource["id"] == row["resourceId"]:
            return api, role_names(resource).get(role, role)
    return str(row.get("resourceDisplayName") or row["resourceId"]), role


def shown(options: Values, state: Access) -> Values:
    """What an application has, as a playbook would say it, as far as the task is about it."""
    result: Values = {"present": state.principal is not None}
    if options.get("permissions") is not None:
        permissions: dict[str, list[str]] = {}
        for api, name in (_told(state, row) for row in state.assignments or ()):
            permissions[api] = sorted({*permissions.get(api, ()), name})
        result["permissions"] = dict(sorted(permissions.items()))
    if options.get("directory_roles") is not None:
        result["directory_roles"] = sorted(_held_roles(state))
    return result


def _do(tenant: Tenant, params: Values, check: bool, diff: bool) -> Values:
    options = {**params, "app_id": params["app_id"].strip().lower()}
    aim = Aim(KIND, lambda: read_access(tenant, options), lambda state: plan_access(options, state), tenant.store(SERVICE).do)
    reached = reach(tenant, aim, ledger_of(tenant, params), check=check)
    (after,) = reached.plan.after
    changed = bool(reached.plan.operations)
    missing = [APIS[api][1] for api in wanted_permissions(options) or () if reached.state.apis[api] is None]
    for name in missing if options["state"] == "present" else ():
        tenant.warnings.append(f"The tenant has no {name}, so its permissions were left out.")
    result: Values = {
        "changed": changed,
        "operations": [str(one) for one in reached.plan.operations] if check else reached.done,
        "access": {**shown(options, reached.state), **(after if check and changed else {})},
        "service_principal_id": (reached.state.principal or {}).get("id") or "",
        "missing_apis": missing,
    }
    if diff:
        result["diff"] = [hunk(f"{KIND} {options['app_id']}", reached.plan)] if changed else []
    return result


def _wrong(options: Values) -> list[str]:
    found = []
    if not GUID.fullmatch(str(options.get("app_id") or "").strip()):
        found.append("app_id must be the application (client) id, a GUID")
    given = options.get("permissions") is not None or options.get("directory_roles") is not None
    if options.get("state") == "absent" and given:
        found.append("state absent takes the application out of the tenant with all it may do: leave permissions and directory_roles out")
    if options.get("exclusive") and not given:
        found.append("exclusive needs permissions or directory_roles")
    return found


APP_ACCESS = Work(
    KIND,
    {
        "app_id": {"type": "str", "required": True},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "permissions": PERMISSIONS_SPEC,
        "directory_roles": {"type": "list", "elements": "str", "choices": sorted(ROLE_IDS)},
        "exclusive": {"type": "bool", "default": False},
        "skip_missing_apis": {"type": "bool", "default": False},
    },
    _do,
    _wrong,
)
