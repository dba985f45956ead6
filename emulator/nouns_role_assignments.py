# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which role is assigned to whom, and which applications Exchange knows."""

from __future__ import annotations

from typing import Any

from . import directory, people
from .cmdlets import Run, serves
from .errors import already_exists, not_found
from .invented import exchange as invented_exchange
from .invented import roles as invented
from .management_roles import PERSON, REMOVED, Roles, assignment, automatic_name, built_in_assignments, principal
from .nouns_roles import customized, like, named
from .objects import matches, server
from .tenant import Row, Tenant

NOUN, GROUP, MEMBERS = "ManagementRoleAssignment", "RoleGroup", "roleGroupMembers"


# ---------------------------------------------------------------- assignments


@serves("Get-ManagementRoleAssignment")
def get_assignment(run: Run) -> list[Row]:
    """The assignments that every given parameter leaves over. [doc] Those of somebody are those of his role groups too. [doc]"""
    now, given = Roles(run.tenant, reading=True), run.given
    rows = now.assignments
    if given.get("Identity"):
        identity = given["Identity"]
        rows = [row for row in rows if like(row["Name"], identity)] if "*" in identity else [named(run, rows, identity)]
    if given.get("Role"):
        wanted = named(run, list(now.roles.values()), given["Role"])["Name"]
        rows = [row for row in rows if row["Role"].lower() == wanted.lower()]
    if given.get("RoleAssignee"):
        rows = _of(run, now, rows, given["RoleAssignee"])
    if given.get("Delegating") is not None:
        rows = [row for row in rows if (row["RoleAssignmentDelegationType"] != "Regular") == given["Delegating"]]
    for name in ("Enabled", "RoleAssigneeType", "ConfigWriteScope", "RecipientWriteScope"):
        if given.get(name) is not None:
            rows = [row for row in rows if row[name] == given[name]]
    if given.get("AssignmentMethod"):
        rows = [row for row in rows if row["AssignmentMethod"] in given["AssignmentMethod"]]
    return _each_user(run, now, rows) if given.get("GetEffectiveUsers") else rows


def _of(run: Run, now: Roles, rows: list[Row], assignee: str) -> list[Row]:
    group = next((row for row in now.groups.values() if matches(row, assignee)), None)
    if group:
        return [row for row in rows if row["RoleAssigneeName"].lower() == group["Name"].lower()]
    member = found_member(run.tenant, now, assignee)
    groups = {row["group"].lower() for row in now.members if row["memberId"] == member["id"]}
    direct = [row for row in rows if row.get(PERSON) == member["id"]]
    return [*direct, *({**row, "AssignmentMethod": "RoleGroup"} for row in rows if row["RoleAssigneeName"].lower() in groups)]


def _each_user(run: Run, now: Roles, rows: list[Row]) -> list[Row]:
    """One row for each member of the role group. [doc]"""
    made = []
    for row in rows:
        group = row["RoleAssigneeName"].lower()
        names = [_shown_name(run.tenant, now, one) for one in now.members if one["group"].lower() == group]
        made += [{**row, "EffectiveUserName": name} for name in names if name] if row["RoleAssigneeType"] == "RoleGroup" else [row]
    return made


def _shown_name(tenant: Tenant, now: Roles, member: Row) -> str:
    found = directory_object(tenant, now, member["memberId"])
    return found["displayName"] if found else ""


@serves("New-ManagementRoleAssignment")
def new_assignment(run: Run) -> list[Row]:
    """Of a role to a role group or a person. [doc] that App takes application roles, and Policy end-user roles, of which none are here"""
    now, given = customized(run), run.given
    kinds = [name for name in ("SecurityGroup", "User", "App", "Policy") if given.get(name)]
    if len(kinds) != 1:
        raise invented_exchange.choose_one(["SecurityGroup", "User", "App", "Policy"])
    role = named(run, list(now.roles.values()), given["Role"])["Name"]
    for scope in ("CustomRecipientWriteScope", "ExclusiveRecipientWriteScope", "CustomResourceScope", "RecipientAdministrativeUnitScope"):
        if given.get(scope):
            raise not_found(str(given[scope]), server(run.tenant))
    if kinds[0] == "App":
        raise invented.not_for_applications(role)
    if kinds[0] == "Policy":
        raise invented.not_for_policies(role)
    more: Row = {}
    if kinds[0] == "SecurityGroup":
        assignee, kind = named(run, list(now.groups.values()), given["SecurityGroup"])["Name"], "RoleGroup"
    else:
        person = found_member(run.tenant, now, given["User"])
        if not person["@odata.type"].endswith("user"):
            raise not_found(str(given["User"]), server(run.tenant))
        assignee, kind, more = person["displayName"], "User", {PERSON: person["id"]}
    delegating = bool(given.get("Delegating"))
    taken = {row["Name"].lower() for row in now.assignments}
    name = given.get("Name") or automatic_name(role, assignee, taken, delegating)
    if name.lower() in taken:
        raise already_exists(f"CN={name}", server(run.tenant))
    settle(run)
    made = {**assignment(run.tenant, name, role, assignee, kind, delegating), **more}
    run.write([*run.rows(), made])
    return [made]


@serves("Remove-ManagementRoleAssignment")
def remove_assignment(run: Run) -> list[Row]:
    """The role is no longer assigned; of a built-in one, a row says that it is gone."""
    now = customized(run)
    name = named(run, now.assignments, run.given["Identity"])["Name"]
    settle(run)
    run.write(_without(run.rows(), {name.lower()}))
    return []


def _without(stored: list[Row], names: set[str]) -> list[Row]:
    kept = [row for row in stored if row["Name"].lower() not in names]
    return [*kept, *({"Name": name, REMOVED: True} for name in built_in_assignments() if name.lower() in names)]


def drop_assignments(run: Run, now: Roles, group: str) -> None:
    """Take away all assignments of a role group that is being removed. [doc]"""
    settle(run)
    gone = {row["Name"].lower() for row in now.assignments if row["RoleAssigneeName"].lower() == group.lower()}
    if gone:
        run.write(_without(run.rows(NOUN), gone), NOUN)


def settle(run: Run) -> None:
    """A seed may say the roles of a group by the group's Roles; before something changes, they become assignments like all others."""
    groups = run.rows(GROUP)
    if not any("Roles" in row for row in groups):
        return
    stored = run.rows(NOUN)
    names = {row["Name"].lower() for row in stored}
    before = Roles(run.tenant).assignments
    told = {row["Name"].lower() for row in groups if "Roles" in row}
    added = [row for row in before if row["RoleAssigneeName"].lower() in told and row["Name"].lower() not in names]
    run.tenant.put(GROUP, [{key: value for key, value in row.items() if key != "Roles"} for row in groups])
    kept = {row["Name"].lower() for row in before}
    now_built_in = [row["Name"] for row in Roles(run.tenant).assignments if row["Name"].lower() not in names | kept]
    run.tenant.put(NOUN, [*stored, *added, *({"Name": name, REMOVED: True} for name in now_built_in)])


# ---------------------------------------------------------------- who a member may be


def directory_object(tenant: Tenant, now: Roles, number: str) -> Row | None:
    """A person, a group or an application by its object id; an application only when Exchange knows it."""
    found = people.principal(tenant, number)
    if found and found["@odata.type"].endswith("servicePrincipal"):
        known = next((row for row in now.principals if row["ObjectId"] == number), None)
        return {**found, "displayName": known["DisplayName"] or found["displayName"], "name": known["Name"]} if known else None
    return found


def found_member(tenant: Tenant, now: Roles, identity: object) -> Row:
    """The person, group or application that an identity names. [doc] name, address, user principal name, id, AppId"""
    wanted = str(identity).lower()
    numbers = [row["ObjectId"] for row in now.principals if _is(row, wanted)]
    keys = ("id", "displayName", "mail", "userPrincipalName", "mailNickname")
    for noun in ("users", "groups"):
        numbers += [row["id"] for row in tenant.read(noun) if any(str(row.get(key) or "").lower() == wanted for key in keys)]
    if len(set(numbers)) > 1:
        raise invented.ambiguous(str(identity))
    found = directory_object(tenant, now, numbers[0]) if numbers else None
    if found is None:
        raise not_found(str(identity), server(tenant))
    return found


# ---------------------------------------------------------------- applications


def _is(row: Row, wanted: str) -> bool:
    keys = ("Name", "DistinguishedName", "Guid", "AppId", "ObjectId", "ServiceId", "DisplayName")
    return bool(wanted) and any(str(row.get(key) or "").lower() == wanted for key in keys)


def _known(run: Run, now: Roles) -> Row:
    """[doc] name, distinguished name, GUID, AppId, object id; [doc] the article on app-only access uses the display name too"""
    identity = str(run.given["Identity"])
    rows = [row for row in now.principals if _is(row, identity.lower())]
    if len(rows) > 1:
        raise invented.ambiguous(identity)
    if not rows:
        raise not_found(identity, server(run.tenant))
    return rows[0]


@serves("Get-ServicePrincipal")
def get_principal(run: Run) -> list[Row]:
    """The applications that somebody has made known, or the one that Identity names."""
    now = Roles(run.tenant, reading=True)
    return [_known(run, now)] if run.given.get("Identity") else now.principals


@serves("New-ServicePrincipal")
def new_principal(run: Run) -> list[Row]:
    """[doc] Both ids are those of a service principal in Entra ID, and Exchange's is a reference to it."""
    now, given = customized(run), run.given
    app_id, object_id = given["AppId"].lower(), given["ObjectId"].lower()
    there = directory.service_principals(run.tenant)
    found = next((row for row in there if (row["appId"].lower(), row["id"].lower()) == (app_id, object_id)), None)
    if found is None:
        raise invented.no_such_application(given["AppId"], given["ObjectId"])
    old = next((row for row in now.principals if row["ObjectId"].lower() == object_id), None)
    if old:
        raise already_exists(old["DistinguishedName"], server(run.tenant))
    made = principal(run.tenant, found["appId"], found["id"], given.get("DisplayName") or "")
    run.write([*run.rows(), made])
    return [made]


@serves("Set-ServicePrincipal")
def set_principal(run: Run) -> list[Row]:
    """The display name can be changed. [doc]"""
    row = _known(run, customized(run))
    if "DisplayName" in run.given:
        changed: dict[str, Any] = {**row, "DisplayName": run.given["DisplayName"] or ""}
        run.write([changed if one["ObjectId"] == row["ObjectId"] else one for one in run.rows()])
    return []


@serves("Remove-ServicePrincipal")
def remove_principal(run: Run) -> list[Row]:
    """Exchange knows the application no longer; that it leaves its role groups is a guess."""
    number = _known(run, customized(run))["ObjectId"]
    run.write([one for one in run.rows() if one["ObjectId"] != number])
    members = run.rows(MEMBERS)
    kept = [row for row in members if (row["service"], row["memberId"]) != ("exchange", number)]
    if len(kept) < len(members):
        run.write(kept, MEMBERS)
    return []
