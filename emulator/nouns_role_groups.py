# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Role groups: Exchange and Security & Compliance each have their own, and a member may be a person, a group or an application.

A seed says who is in them as `roleGroupMembers`: service (exchange, compliance), group, memberId. Those of Security & Compliance can
only be read here. Which roles a group of Email & collaboration holds: [doc] for Search and Purge, the others [recall]; the properties
of rows: [guess] where no reference shows them.
"""

from __future__ import annotations

from . import people
from .binding import Change
from .cmdlets import Run, serves
from .errors import already_exists, not_found
from .invented import exchange as invented_exchange
from .invented import roles as invented
from .management_roles import Roles, assignment, automatic_name, group
from .nouns_role_assignments import NOUN, directory_object, drop_assignments, found_member, settle
from .nouns_roles import customized, named
from .objects import server, touched
from .tenant import Row

MEMBERS = "roleGroupMembers"
MANAGERS = "Organization Management"
COMPLIANCE = {
    "Organization Management": ["Audit Logs", "Compliance Search", "Manage Alerts", "Organization Configuration", "Search And Purge"],
    "Data Investigator": ["Compliance Search", "Export", "Preview", "Search And Purge"],
    "Compliance Administrator": ["Audit Logs", "Compliance Search", "Manage Alerts"],
    "eDiscovery Manager": ["Case Management", "Compliance Search", "Export", "Hold", "Preview"],
    "Quarantine Administrator": ["Quarantine"],
    "Security Administrator": ["Audit Logs", "Manage Alerts", "Security Administrator"],
    "Security Operator": ["Compliance Search", "Manage Alerts", "Security Reader"],
    "Security Reader": ["Security Reader", "View-Only Manage Alerts"],
}


# ---------------------------------------------------------------- reading


def _members(run: Run, now: Roles, name: str) -> list[Row]:
    """Who is in a role group, as objects of the directory."""
    if run.service == "exchange":
        found = [directory_object(run.tenant, now, row["memberId"]) for row in now.members if row["group"].lower() == name.lower()]
    else:
        rows = [row for row in run.tenant.read(MEMBERS) if (row["service"], row["group"]) == ("compliance", name)]
        found = [people.principal(run.tenant, row["memberId"]) for row in rows]
    return [row for row in found if row]


def _name(member: Row) -> str:
    """What Exchange calls a member: an application by its name there, which is its object id. [guess]"""
    return member.get("name") or member["displayName"]


def _groups(run: Run, now: Roles) -> list[Row]:
    if run.service == "exchange":
        return list(now.groups.values())
    return [group(run.tenant, name, "compliance") for name in COMPLIANCE]


def _shown(run: Run, now: Roles, row: Row) -> Row:
    """A role group with its roles and members."""
    if run.service == "compliance":
        roles, names = COMPLIANCE[row["Name"]], []
    else:
        held = now.held_by_group(row["Name"])
        roles, names = list(dict.fromkeys(one["Role"] for one in held)), [one["Name"] for one in held]
    return {**row, "Roles": list(roles), "RoleAssignments": names, "Members": [_name(one) for one in _members(run, now, row["Name"])]}


@serves("Get-RoleGroup")
def role_groups(run: Run) -> list[Row]:
    """Every role group of the service, or the one that Identity names."""
    now = Roles(run.tenant, reading=True)
    rows = _groups(run, now)
    if run.given.get("Identity"):
        rows = [named(run, rows, run.given["Identity"])]
    return [_shown(run, now, row) for row in rows]


@serves("Get-RoleGroupMember")
def role_group_members(run: Run) -> list[Row]:
    """Who is in a role group."""
    now = Roles(run.tenant, reading=True)
    name = named(run, _groups(run, now), run.given["Identity"])["Name"]
    rows = []
    for row in _members(run, now, name):
        kind = row["@odata.type"].rpartition(".")[2]
        kinds = {"group": "MailUniversalSecurityGroup", "servicePrincipal": invented.PRINCIPAL_TYPE}
        rows.append(
            {
                "Name": _name(row),
                "DisplayName": row["displayName"],
                "Identity": _name(row),
                "RecipientType": kinds.get(kind, "UserMailbox"),
                "RecipientTypeDetails": kinds.get(kind, "UserMailbox"),
                "PrimarySmtpAddress": row.get("mail") or "",
                "ExternalDirectoryObjectId": row["id"],
            }
        )
    return rows


# ---------------------------------------------------------------- groups


@serves("New-RoleGroup")
def new_group(run: Run) -> list[Row]:
    """A role group with its assignments and members. [doc]"""
    now, given = customized(run), run.given
    name = given["Name"]
    if name.lower() in now.groups:
        raise already_exists(f"CN={name}", server(run.tenant))
    if "Description" in given and not given["Description"]:
        raise invented.empty_description()
    if given.get("CustomRecipientWriteScope"):
        raise not_found(str(given["CustomRecipientWriteScope"]), server(run.tenant))
    roles = [named(run, list(now.roles.values()), one)["Name"] for one in given.get("Roles") or ()]
    members = [found_member(run.tenant, now, one)["id"] for one in _plain(given.get("Members"))]
    row = {**group(run.tenant, name), "DisplayName": given.get("DisplayName") or name, "Description": given.get("Description") or ""}
    if given.get("ManagedBy"):
        row["ManagedBy"] = _plain(given["ManagedBy"])
    settle(run)
    run.write([*run.rows(), row])
    taken, made = {one["Name"].lower() for one in now.assignments}, []
    for role in dict.fromkeys(roles):
        made.append(assignment(run.tenant, automatic_name(role, name, taken), role, name))
        taken.add(made[-1]["Name"].lower())
    if made:
        run.write([*run.rows(NOUN), *made], NOUN)
    if members:
        _write_members(run, name, list(dict.fromkeys(members)))
    return [_shown(run, Roles(run.tenant), row)]


def _plain(value: object) -> list[str]:
    """A list that was given as a list, or as something to add to nothing."""
    if isinstance(value, Change):
        return value.get("add", [])
    return list(value) if isinstance(value, list) else []


def _managed(run: Run, now: Roles) -> Row:
    """The role group, which the caller manages or whose managers he passes over. [doc]"""
    row = named(run, list(now.groups.values()), run.given["Identity"])
    managers = row.get("ManagedBy") or []
    if managers and MANAGERS not in managers and not run.given.get("BypassSecurityGroupManagerCheck"):
        raise invented.not_a_manager(row["Name"])
    return row


@serves("Set-RoleGroup")
def set_group(run: Run) -> list[Row]:
    """Name, display name, description and managers. [doc] Roles can't be set. [code]"""
    now, given = customized(run), run.given
    row = _managed(run, now)
    old, new = row["Name"], given.get("Name") or row["Name"]
    changed = dict(row)
    for key in ("Description", "DisplayName"):
        if key in given:
            changed[key] = given[key] or ""
    if "ManagedBy" in given:
        value = given["ManagedBy"]
        gone = {one.lower() for one in value.get("remove", ())} if isinstance(value, Change) else set()
        kept = [one for one in row["ManagedBy"] if one.lower() not in gone] if isinstance(value, Change) and value else []
        changed["ManagedBy"] = list(dict.fromkeys([*kept, *_plain(value)]))
    if new.lower() != old.lower():
        if old in invented_exchange.ROLE_GROUPS:
            raise invented.built_in_group(old)
        if new.lower() in now.groups:
            raise already_exists(f"CN={new}", server(run.tenant))
    settle(run)
    kept_rows = [one for one in run.rows() if one["Name"].lower() != old.lower()]
    run.write([*kept_rows, touched(run.tenant, changed, Name=new, Identity=new)])
    if new != old:
        _rename(run, old, new)
    return []


def _rename(run: Run, old: str, new: str) -> None:
    low = old.lower()
    rows = run.rows(NOUN)
    renamed = {"RoleAssignee": new, "RoleAssigneeName": new}
    run.write([{**one, **renamed} if str(one.get("RoleAssigneeName")).lower() == low else one for one in rows], NOUN)
    members = run.rows(MEMBERS)
    run.write([{**one, "group": new} if _of(one, old) else one for one in members], MEMBERS)


def _of(member: Row, name: str) -> bool:
    return bool(member["service"] == "exchange" and member["group"].lower() == name.lower())


@serves("Remove-RoleGroup")
def remove_group(run: Run) -> list[Row]:
    """Its assignments go with it, its roles stay; a built-in one can't go. [doc]"""
    now = customized(run)
    name = named(run, list(now.groups.values()), run.given["Identity"])["Name"]
    if name in invented_exchange.ROLE_GROUPS:
        raise invented.built_in_group(name)
    _managed(run, now)
    drop_assignments(run, now, name)
    run.write([one for one in run.rows() if one["Name"].lower() != name.lower()])
    if any(_of(one, name) for one in run.rows(MEMBERS)):
        _write_members(run, name, [])
    return []


# ---------------------------------------------------------------- members


def _numbers(now: Roles, name: str) -> list[str]:
    return [row["memberId"] for row in now.members if row["group"].lower() == name.lower()]


def _write_members(run: Run, name: str, numbers: list[str]) -> None:
    kept = [row for row in run.rows(MEMBERS) if not _of(row, name)]
    run.write([*kept, *({"service": "exchange", "group": name, "memberId": number} for number in numbers)], MEMBERS)


@serves("Add-RoleGroupMember")
def add_member(run: Run) -> list[Row]:
    """One member more. [doc] An application that Exchange does not know can't be found."""
    now = customized(run)
    name = _managed(run, now)["Name"]
    member = found_member(run.tenant, now, run.given["Member"])
    numbers = _numbers(now, name)
    if member["id"] in numbers:
        raise invented.member_there(_name(member), name)
    _write_members(run, name, [*numbers, member["id"]])
    return []


@serves("Remove-RoleGroupMember")
def remove_member(run: Run) -> list[Row]:
    """One member less. [doc]"""
    now = customized(run)
    name = _managed(run, now)["Name"]
    member = found_member(run.tenant, now, run.given["Member"])
    numbers = _numbers(now, name)
    if member["id"] not in numbers:
        raise invented.member_not_there(_name(member), name)
    _write_members(run, name, [number for number in numbers if number != member["id"]])
    return []


@serves("Update-RoleGroupMember")
def update_members(run: Run) -> list[Row]:
    """The whole membership, or members to add and to remove. [doc]"""
    now, given = customized(run), run.given
    name = _managed(run, now)["Name"]
    if "Members" not in given:
        return []
    value = given["Members"]
    wanted = [found_member(run.tenant, now, one)["id"] for one in _plain(value)]
    if isinstance(value, Change) and value:
        gone = {found_member(run.tenant, now, one)["id"] for one in value.get("remove", ())}
        wanted = [number for number in [*_numbers(now, name), *wanted] if number not in gone]
    _write_members(run, name, list(dict.fromkeys(wanted)))
    return []
