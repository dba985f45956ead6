# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Management roles, role groups and assignments of Exchange as they are at one moment, and what they let somebody run.

What is built in is shared by all tenants and never stored. A tenant stores what was made: `ManagementRole`, `ManagementRoleEntry` (of
these roles), `RoleGroup`, `ManagementRoleAssignment`, `ServicePrincipal` and `roleGroupMembers`. A row of a built-in role group holds what
was changed of it; a row of an assignment that has `_removed` says that a built-in one is gone, `_person` whose it is if it is no group's.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import cache, cached_property

from .binding import cmdlets
from .invented import exchange as invented_exchange
from .invented import roles as invented
from .offering import EXCHANGE_PLANS, MDO_PLANS, offered, unlicensed
from .tenant import Row, Tenant

Entries = dict[str, tuple[str, ...]]
"""What a role holds: the parameters by cmdlet."""
LONGEST = 64
REMOVED, PERSON = "_removed", "_person"
ALWAYS = frozenset({"Identity", "Confirm", "WhatIf"})
_built_in: dict[tuple[bool, bool], dict[str, Entries]] = {}


def built_in(tenant: Tenant) -> dict[str, Entries]:
    """The built-in roles of a tenant; those with the same licences share them."""
    licensed = bool(tenant.plans & EXCHANGE_PLANS), bool(tenant.plans & MDO_PLANS)
    if licensed not in _built_in:
        _built_in[licensed] = {role: _entries(tenant, role) for role in invented.HOLDS}
    return _built_in[licensed]


def _entries(tenant: Tenant, role: str) -> Entries:
    found: Entries = {}
    for cmdlet in cmdlets().values():
        if offered(tenant, cmdlet, "exchange") and _holds(role, cmdlet.verb.lower(), cmdlet.noun.lower()):
            names = {parameter.name for parameter in cmdlet.names.values()} - unlicensed(tenant, cmdlet)
            some = invented.SOME_PARAMETERS.get((role, cmdlet.name))
            found[cmdlet.name] = tuple(sorted(names if some is None else names & (some | ALWAYS)))
    return found


def _holds(role: str, verb: str, noun: str) -> bool:
    return any(
        fnmatchcase(verb, verbs.lower()) and any(fnmatchcase(noun, pattern) for pattern in nouns.lower().split())
        for verbs, nouns in invented.HOLDS[role]
    )


@cache
def built_in_assignments() -> dict[str, tuple[str, str, bool]]:
    """The assignments of the built-in role groups by name: role, group, whether it is for delegating."""
    made = [(role_name, name, False) for name, roles in invented.GROUP_ROLES.items() for role_name in roles]
    made += [(role_name, "Organization Management", True) for role_name in invented.HOLDS]
    return {automatic_name(one[0], one[1], set(), one[2]): one for one in made}


def assignment(tenant: Tenant, name: str, role: str, group: str, kind: str = "RoleGroup", delegating: bool = False) -> Row:
    """An assignment of a role without a scope of its own. [recall] the properties and their values"""
    return {
        "Name": name,
        "Identity": name,
        "Role": role,
        "RoleAssignee": group,
        "RoleAssigneeName": group,
        "RoleAssigneeType": kind,
        "AssignmentMethod": "Direct",
        "RoleAssignmentDelegationType": "DelegatingOrgWide" if delegating else "Regular",
        "CustomRecipientWriteScope": None,
        "CustomResourceScope": None,
        "RecipientAdministrativeUnitScope": None,
        "RecipientOrganizationalUnitScope": None,
        "RecipientWriteScope": "Organization",
        "ConfigWriteScope": "OrganizationConfig",
        "EffectiveUserName": "All Group Members" if kind != "User" else group,
        "Enabled": True,
        "Guid": tenant.guid("role assignment", name),
    }


def role(tenant: Tenant, name: str, parent: str | None, kind: str, description: str = "") -> Row:
    """A role. [code] Name, Parent and Description, [recall] the rest"""
    return {
        "Name": name,
        "Identity": name,
        "Id": name,
        "DistinguishedName": f"CN={name},CN=Roles,CN=RBAC,CN=Configuration,CN={tenant.domain},CN=ConfigurationUnits",
        "Guid": tenant.guid("management role", name),
        "Parent": parent,
        "Description": description,
        "RoleType": kind,
        "IsRootRole": parent is None,
        "IsEndUserRole": False,
        "IsDeprecated": False,
    }


def _type(name: str) -> str:
    """The type of a built-in role, as its name without spaces. [doc] for most"""
    return "".join(word[0].upper() + word[1:] for word in name.replace("-", " ").split())


def group(tenant: Tenant, name: str, service: str = "exchange", description: str = "") -> Row:
    """A role group without what others say of it: its roles, assignments and members."""
    return {
        "Name": name,
        "DisplayName": name,
        "Description": description,
        "ManagedBy": ["Organization Management"],
        "Identity": name,
        "Guid": tenant.guid("role group", service, name),
        "Capabilities": [],
        "IsReadOnly": False,
    }


def automatic_name(role_name: str, assignee: str, taken: set[str], delegating: bool = False) -> str:
    """The name of an assignment that was given none. [doc] "ROLE-GROUP" and 64 characters, [guess] how it is made unique"""
    whole = f"{role_name}-{assignee}" + ("-Delegating" if delegating else "")
    name, number = whole[:LONGEST], 0
    while name.lower() in taken:
        number += 1
        name = f"{whole[: LONGEST - 1 - len(str(number))]}-{number}"
    return name


class Roles:
    """The roles of a tenant at one moment: as they are, or as a reading request sees them. Each noun is read once."""

    def __init__(self, tenant: Tenant, reading: bool = False) -> None:
        self.tenant = tenant
        self._rows = tenant.read if reading else tenant.rows

    @cached_property
    def made(self) -> list[Row]:
        """The roles that somebody made; a seed may hold the built-in ones too, which are left out."""
        return [row for row in self._rows("ManagementRole") if row["Name"] not in invented.HOLDS]

    @cached_property
    def roles(self) -> dict[str, Row]:
        """Every role by its name in lower case."""
        found = {name.lower(): role(self.tenant, name, None, _type(name)) for name in built_in(self.tenant)}
        for row in self.made:
            root = found.get(str(row.get("Parent")).lower(), {})
            found[row["Name"].lower()] = {**role(self.tenant, row["Name"], row.get("Parent"), root.get("RoleType", "Custom")), **row}
        return found

    @cached_property
    def _entries(self) -> dict[str, Entries]:
        found: dict[str, Entries] = {}
        for row in self._rows("ManagementRoleEntry"):
            found.setdefault(str(row.get("Role") or row.get("Identity")).lower(), {})[row["Name"]] = tuple(row.get("Parameters") or ())
        return found

    def entries(self, name: str) -> Entries:
        """What a role holds. What a seed tells of a built-in role, as an export of a tenant does, counts for more than what is made up."""
        return self._entries.get(name.lower()) or built_in(self.tenant).get(name, {})

    @cached_property
    def _stored_groups(self) -> dict[str, Row]:
        return {row["Name"].lower(): row for row in self._rows("RoleGroup")}

    @cached_property
    def groups(self) -> dict[str, Row]:
        """Every role group by its name in lower case, without its roles and members."""
        known = {name.lower(): group(self.tenant, name, description=text) for name, text in invented_exchange.ROLE_GROUPS.items()}
        for low, row in self._stored_groups.items():
            plain = {key: value for key, value in row.items() if key not in {"Roles", "RoleAssignments", "Members"}}
            known[low] = {**known.get(low, group(self.tenant, row["Name"])), **plain}
        return known

    @cached_property
    def assignments(self) -> list[Row]:
        """Every assignment: the built-in ones, those that were made, and those that a seed says by the Roles of a role group."""
        stored = self._rows("ManagementRoleAssignment")
        names = {row["Name"].lower() for row in stored}
        told = {low: row["Roles"] for low, row in self._stored_groups.items() if "Roles" in row}
        found = []
        for name, (role_name, assignee, delegating) in built_in_assignments().items():
            given = told.get(assignee.lower())
            if name.lower() not in names and (given is None or delegating or role_name in given):
                found.append(assignment(self.tenant, name, role_name, assignee, delegating=delegating))
        for row in stored:
            if not row.get(REMOVED):
                assignee = row.get("RoleAssigneeName") or row["RoleAssignee"]
                found.append({**assignment(self.tenant, row["Name"], row["Role"], assignee), **row})
        taken = names | {row["Name"].lower() for row in found}
        for low, role_names in told.items():
            has = {row["Role"] for row in found if row["RoleAssigneeName"].lower() == low}
            for role_name in role_names:
                if role_name not in has:
                    assignee = self._stored_groups[low]["Name"]
                    name = automatic_name(role_name, assignee, taken)
                    taken.add(name.lower())
                    found.append(assignment(self.tenant, name, role_name, assignee))
        return found

    def held_by_group(self, name: str) -> list[Row]:
        """The assignments of a role group that are not for delegating."""
        low = name.lower()
        return [
            row
            for row in self.assignments
            if row["RoleAssigneeName"].lower() == low and row["RoleAssignmentDelegationType"] == "Regular" and row["Enabled"]
        ]

    @cached_property
    def members(self) -> list[Row]:
        """Who is in which role group: group and memberId."""
        return [row for row in self._rows("roleGroupMembers") if row["service"] == "exchange"]

    @cached_property
    def principals(self) -> list[Row]:
        """The applications that Exchange knows."""
        return [{**principal(self.tenant, row["AppId"], row["ObjectId"]), **row} for row in self._rows("ServicePrincipal")]


def principal(tenant: Tenant, app_id: str, object_id: str, display_name: str = "") -> Row:
    """An application that Exchange knows. [code] DisplayName, AppId and that Identity is its object id in Entra ID, [guess] the rest"""
    return {
        "DisplayName": display_name,
        "AppId": app_id,
        "ObjectId": object_id,
        "ServiceId": object_id,
        "Name": object_id,
        "Identity": object_id,
        "Id": object_id,
        "Guid": tenant.guid("service principal in Exchange", object_id),
        "DistinguishedName": f"CN={object_id},OU={tenant.domain},OU=Microsoft Exchange Hosted Organizations",
    }


def held(tenant: Tenant, object_id: str) -> dict[str, frozenset[str]]:
    """The cmdlets that the roles of a person or an application let him run, each with its parameters.

    He has the roles of his role groups, and a person those that are assigned to himself. An application has to be known to Exchange.
    Parameters of several roles add up [recall]; changes take effect at once here.
    """
    own = [row for row in tenant.rows("ManagementRoleAssignment") if row.get(PERSON) == object_id]
    if not own and not any(row["memberId"] == object_id for row in tenant.rows("roleGroupMembers")):
        return {}
    now = Roles(tenant)
    application = any(identity["object_id"] == object_id for identity in tenant.identities.values())
    if application and not any(row["ObjectId"] == object_id for row in now.principals):
        return {}
    found: dict[str, frozenset[str]] = {}
    groups = {row["group"] for row in now.members if row["memberId"] == object_id}
    assigned = [row for row in own if row["RoleAssignmentDelegationType"] == "Regular"]
    for name in {row["Role"] for row in (*assigned, *(row for one in groups for row in now.held_by_group(one)))}:
        for cmdlet, parameters in now.entries(name).items():
            found[cmdlet] = found.get(cmdlet, frozenset()).union(parameters)
    return found
