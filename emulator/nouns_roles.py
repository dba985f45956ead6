# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Management roles and their entries: a role is made of another one and holds some of what that one holds. [doc]"""

from __future__ import annotations

from fnmatch import fnmatchcase

from .cmdlets import Run, serves
from .errors import already_exists, dehydrated, not_found
from .invented import exchange as invented_exchange
from .invented import roles as invented
from .management_roles import Roles, role
from .objects import find, server
from .tenant import Row

ENTRY = "ManagementRoleEntry"


def customized(run: Run) -> Roles:
    """The roles, for a cmdlet that changes something: refused before the organization is customized. [doc]"""
    if run.rows("OrganizationConfig")[0].get("IsDehydrated"):
        raise dehydrated()
    return Roles(run.tenant)


def named(run: Run, rows: list[Row], identity: object) -> Row:
    """The row that an identity names. Raises the service's error."""
    row = find(rows, str(identity))
    if row is None:
        raise not_found(str(identity), server(run.tenant))
    return row


def like(text: str, pattern: str) -> bool:
    """Whether a text is what a pattern with * says, in any case."""
    return fnmatchcase(text.lower(), pattern.lower().replace("[", "[[]").replace("?", "[?]"))


# ---------------------------------------------------------------- roles


@serves("Get-ManagementRole")
def get_role(run: Run) -> list[Row]:
    """Every role, those that Identity (with * too) names, its children, or those that hold a cmdlet or parameters. [doc]"""
    now, given = Roles(run.tenant, reading=True), run.given
    rows = list(now.roles.values())
    identity = given.get("Identity")
    if identity:
        rows = [row for row in rows if like(row["Name"], identity)] if "*" in identity else [named(run, rows, identity)]
    if given.get("GetChildren") or given.get("Recurse"):
        if not identity:
            raise invented_exchange.choose_one(["Identity"])
        rows = _below(now, rows, deep=bool(given.get("Recurse")))
    if given.get("RoleType"):
        rows = [row for row in rows if row["RoleType"].lower() == given["RoleType"].lower()]
    if given.get("Script") or given.get("ScriptParameters"):
        return []
    cmdlet, parameters = given.get("Cmdlet") or "*", [name.lower() for name in given.get("CmdletParameters") or ()]
    if cmdlet == "*" and not parameters:
        return rows
    return [
        row
        for row in rows
        if any(
            like(name, cmdlet) and {one.lower() for one in names}.issuperset(parameters) for name, names in now.entries(row["Name"]).items()
        )
    ]


def _below(now: Roles, rows: list[Row], deep: bool) -> list[Row]:
    """The children of roles; deep: these roles, and the children of the children too. [doc]"""
    names = {row["Name"].lower() for row in rows}
    children = [row for row in now.roles.values() if str(row["Parent"]).lower() in names]
    if not deep:
        return children
    return [*rows, *(_below(now, children, deep) if children else [])]


@serves("New-ManagementRole")
def new_role(run: Run) -> list[Row]:
    """A role that holds what its parent holds, or the EnabledCmdlets of it. [doc]"""
    now, given = customized(run), run.given
    if given["Name"].lower() in now.roles:
        raise already_exists(f"CN={given['Name']}", server(run.tenant))
    parent = named(run, list(now.roles.values()), given["Parent"])
    entries = now.entries(parent["Name"])
    if given.get("EnabledCmdlets") is not None:
        names = {name.lower(): name for name in entries}
        for cmdlet in given["EnabledCmdlets"]:
            if cmdlet.lower() not in names:
                raise invented.not_in_parent(cmdlet, parent["Name"])
        wanted = {cmdlet.lower() for cmdlet in given["EnabledCmdlets"]}
        entries = {name: parameters for name, parameters in entries.items() if name.lower() in wanted}
    made = role(run.tenant, given["Name"], parent["Name"], parent["RoleType"], given.get("Description") or "")
    run.write([*run.rows(), made])
    run.write([*run.rows(ENTRY), *(_stored(made["Name"], name, parameters) for name, parameters in entries.items())], ENTRY)
    return [made]


@serves("Remove-ManagementRole")
def remove_role(run: Run) -> list[Row]:
    """Not a built-in one, nor one that is assigned, nor one with children unless Recurse is given. [doc]"""
    now = customized(run)
    row = named(run, list(now.roles.values()), run.given["Identity"])
    if not row["Parent"]:
        raise invented.built_in_role(row["Name"])
    gone = [one["Name"] for one in _below(now, [row], deep=True)]
    if len(gone) > 1 and not run.given.get("Recurse"):
        raise invented.role_in_use(row["Name"], gone[1])
    for name in gone:
        used = next((one for one in now.assignments if one["Role"].lower() == name.lower()), None)
        if used:
            raise invented.role_in_use(name, used["Name"])
    lower = {name.lower() for name in gone}
    run.write([one for one in run.rows() if one["Name"].lower() not in lower])
    run.write([one for one in run.rows(ENTRY) if _role_of(one).lower() not in lower], ENTRY)
    return []


# ---------------------------------------------------------------- entries


def _stored(role_name: str, cmdlet: str, parameters: tuple[str, ...]) -> Row:
    """An entry. [doc] Name, Parameters, Role and Type, [code] that its Identity is its role, [recall] the snap-in"""
    return {
        "Name": cmdlet,
        "Identity": role_name,
        "Id": role_name,
        "Role": role_name,
        "Parameters": list(parameters),
        "Type": "Cmdlet",
        "PSSnapinName": "Microsoft.Exchange.Management.PowerShell.E2010",
    }


def _role_of(entry: Row) -> str:
    return str(entry.get("Role") or entry.get("Identity"))


def _halves(identity: object) -> tuple[str, str]:
    """The role and the cmdlet of ROLE\\CMDLET. [doc]"""
    name, slash, cmdlet = str(identity).rpartition("\\")
    if not (slash and name and cmdlet):
        raise invented.bad_entry_identity(str(identity))
    return name, cmdlet


@serves("Get-ManagementRoleEntry")
def get_entry(run: Run) -> list[Row]:
    """The entries that ROLE\\CMDLET names, * in each half. [doc] That one without * which is not there is an error: [guess]"""
    now, given = Roles(run.tenant, reading=True), run.given
    name, cmdlet = _halves(given["Identity"])
    every = list(now.roles.values())
    roles = [row for row in every if like(row["Name"], name)] if "*" in name else [named(run, every, name)]
    if given.get("Type") and "Cmdlet" not in given["Type"]:
        return []
    rows = [
        _stored(one["Name"], found, parameters)
        for one in roles
        for found, parameters in sorted(now.entries(one["Name"]).items())
        if like(found, cmdlet)
    ]
    if not rows and "*" not in name + cmdlet:
        raise not_found(str(given["Identity"]), server(run.tenant))
    wanted = given.get("Parameters") or []
    return [row for row in rows if all(any(like(one, pattern) for one in row["Parameters"]) for pattern in wanted)]


def _changeable(run: Run, now: Roles, name: str) -> Row:
    row = named(run, list(now.roles.values()), name)
    if not row["Parent"]:
        raise invented.built_in_role(row["Name"])
    return row


@serves("Add-ManagementRoleEntry")
def add_entry(run: Run) -> list[Row]:
    """An entry of the parent role, with all of the parameters that it has there or with those given. [doc]"""
    now, given = customized(run), run.given
    piped = given.get("ParentRoleEntry") is not None
    if piped == (given.get("Identity") is not None) or piped != (given.get("Role") is not None):
        raise invented_exchange.choose_one(["Identity", "ParentRoleEntry with Role"])
    name, cmdlet = (given["Role"], _halves(given["ParentRoleEntry"])[1]) if piped else _halves(given["Identity"])
    row = _changeable(run, now, name)
    parent = str(row["Parent"])
    there = {found.lower(): (found, parameters) for found, parameters in now.entries(parent).items()}
    if cmdlet.lower() not in there:
        raise invented.not_in_parent(cmdlet, parent)
    cmdlet, parameters = there[cmdlet.lower()]
    if given.get("Parameters") is not None:
        known = {one.lower(): one for one in parameters}
        for one in given["Parameters"]:
            if one.lower() not in known:
                raise invented.not_in_parent(f"{cmdlet} -{one}", parent)
        parameters = tuple(sorted({known[one.lower()] for one in given["Parameters"]}))
    if cmdlet in now.entries(row["Name"]) and not given.get("Overwrite"):
        raise invented.entry_taken(f"{row['Name']}\\{cmdlet}")
    kept = [one for one in run.rows() if not _same(one, row["Name"], cmdlet)]
    run.write([*kept, _stored(row["Name"], cmdlet, parameters)])
    return []


def _same(entry: Row, role_name: str, cmdlet: str) -> bool:
    return _role_of(entry).lower() == role_name.lower() and entry["Name"].lower() == cmdlet.lower()


@serves("Remove-ManagementRoleEntry")
def remove_entry(run: Run) -> list[Row]:
    """The entry goes, and with it those of the role's children, because a role holds only what its parent holds. [doc], together [guess]"""
    now = customized(run)
    name, cmdlet = _halves(run.given["Identity"])
    row = _changeable(run, now, name)
    if not any(found.lower() == cmdlet.lower() for found in now.entries(row["Name"])):
        raise not_found(str(run.given["Identity"]), server(run.tenant))
    roles = [one["Name"] for one in _below(now, [row], deep=True)]
    run.write([one for one in run.rows() if not any(_same(one, found, cmdlet) for found in roles)])
    return []
