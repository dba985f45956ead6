# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Exchange says of roles, role groups and their members. Pure; private to the collection.

Cmdlets and their parameters are documented, what they answer over the wire is not. Names of members: [doc] Name, Parameters, Role and Type
of an entry, Role, RoleAssigneeName and RoleAssigneeType of an assignment, ObjectId of a service principal; [code] published clients of the
same cmdlets; the rest [guess]. So each is looked for under every name that is likely, and what is not understood is an error, never absent.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._description import Row
from ansible_collections.m365.defender.plugins.module_utils._errors import TenantError

LONGEST = 64  # characters of the name of a role, of a role group and of an assignment. [doc]
GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
# What may tell one service principal, or one member of a role group, from another. [doc] Get-ServicePrincipal -Identity; the rest [guess]
IDS = (
    "ObjectId",
    "ServiceId",
    "ExternalDirectoryObjectId",
    "Identity",
    "Id",
    "Guid",
    "ExchangeObjectId",
    "AppId",
    "DistinguishedName",
    "Name",
)
OBJECT_IDS = ("ObjectId", "ServiceId", "ExternalDirectoryObjectId", "Identity")  # which of them is its id in the directory
APPLICATION = "serviceprincip"  # "ServicePrinciple" is how the service has been seen to spell it. [code] a published observation
Entries = Mapping[str, tuple[str, frozenset[str]]]  # of one role, by the folded name of the cmdlet: its name, and its folded parameters


@dataclass(frozen=True)
class ManagementRole:
    """parent: the name of the role it was made of, "" for a built-in one. grantable: whether a role group may have it."""

    name: str
    parent: str
    grantable: bool = True


@dataclass(frozen=True)
class Assignment:
    """What ties a role to somebody. regular: it gives the role, not only the right to hand it on. assignee: "" where nothing is said."""

    identity: str
    role: str
    assignee: str = ""
    regular: bool = True
    enabled: bool = True


@dataclass(frozen=True)
class Reference:
    """A service principal as Exchange knows it. object_id: its id in the directory, "" where nothing is said. ids: all that it goes by."""

    app_id: str
    object_id: str
    identity: str
    ids: frozenset[str]


@dataclass(frozen=True)
class Member:
    """Who is in a role group. application: whether it is one; app_id: which one, "" where Exchange has no reference to it."""

    identity: str
    application: bool
    app_id: str = ""


def folded(value: Any) -> str:
    return str(value or "").strip().casefold()


def own_name(group: str, parent: str) -> str:
    """What we call the role that a group has of a built-in one; a name that would be too long ends in a mark of the whole of it."""
    whole = f"{group} - {parent}"
    if len(whole) <= LONGEST:
        return whole
    mark = hashlib.sha256(folded(whole).encode()).hexdigest()[:8]
    return f"{whole[: LONGEST - len(mark) - 1].rstrip()}~{mark}"


def not_understood(cmdlet: str, what: str, row: Row | None = None) -> TenantError:
    """The error for an answer whose form nobody has published, and which is another than was guessed."""
    has = f" What it has: {', '.join(sorted(row)) or 'nothing'}." if row is not None else ""
    return TenantError(
        f"the answer of {cmdlet} can't be understood: {what}.{has}",
        tried=f"Reading by {cmdlet}",
        service="exchange",
        hint="What is not understood counts as a failed reading. No public source shows what this command answers, so please report it.",
    )


def roles_of(rows: Iterable[Row]) -> dict[str, ManagementRole]:
    """All roles of the tenant, by folded name. Raises TenantError."""
    found: dict[str, ManagementRole] = {}
    for row in rows:
        name = str(row.get("Name") or "").strip()
        if not name:
            raise not_understood("Get-ManagementRole", "a role has no name", row)
        if "Parent" not in row and not isinstance(row.get("IsRootRole"), bool):
            raise not_understood("Get-ManagementRole", f"it doesn't say which role {name} was made of", row)
        parent = _tail(row.get("Parent"))
        if row.get("IsRootRole") is False and not parent:
            raise not_understood("Get-ManagementRole", f"{name} is no built-in role, and has no parent", row)
        mine = row.get("IsEndUserRole") is True or bool(re.match(r"My[A-Z]", name))  # [doc] names of roles for people's own mailboxes
        found[folded(name)] = ManagementRole(name, parent, not mine)
    if not any(role.parent == "" for role in found.values()):
        raise not_understood("Get-ManagementRole", "the tenant has no built-in role")
    return found


def _tail(value: Any) -> str:
    """The last part of a name that may come with the path to it."""
    return re.split(r"[\\/]", str(value or "").strip())[-1]


def holders_of(cmdlet: str, rows: Iterable[Row], roles: Mapping[str, ManagementRole]) -> dict[str, frozenset[str]]:
    """Which roles hold a cmdlet, by folded name, each with the parameters it allows. Raises TenantError."""
    found: dict[str, frozenset[str]] = {}
    strangers = []
    for row in rows:
        if folded(row.get("Name")) != folded(cmdlet):
            raise not_understood("Get-ManagementRoleEntry", f"{cmdlet} was asked for, and something else came", row)
        if not _is_cmdlet(row):
            continue
        named = [one for one in (row.get("Role"), row.get("Identity")) if one]
        known = next((key for one in named for key in (folded(one), folded(_tail(one)), folded(_head(one))) if key in roles), "")
        if not named:
            raise not_understood("Get-ManagementRoleEntry", f"it doesn't say which role holds {cmdlet}", row)
        if known:
            found[known] = found.get(known, frozenset()) | _parameters(row)
        else:
            strangers.append(row)
    if strangers and not found:
        raise not_understood("Get-ManagementRoleEntry", f"none of the roles that hold {cmdlet} is among those of the tenant", strangers[0])
    return found


def _head(value: Any) -> str:
    """The role in `role\\cmdlet`."""
    return str(value).rsplit("\\", 1)[0]


def _is_cmdlet(row: Row) -> bool:
    """Whether an entry is no script and no permission of an application."""
    return not row.get("Type") or folded(row["Type"]) == "cmdlet"


def _parameters(row: Row) -> frozenset[str]:
    given = row.get("Parameters")
    if given is not None and not isinstance(given, list):
        raise not_understood("Get-ManagementRoleEntry", "parameters are no list", row)
    return frozenset(folded(one) for one in given or ())


def entries_of(rows: Iterable[Row]) -> Entries:
    """What one role holds. Raises TenantError."""
    found = {}
    for row in rows:
        name = str(row.get("Name") or "").strip()
        if not name:
            raise not_understood("Get-ManagementRoleEntry", "an entry has no name", row)
        found[folded(name)] = (name, _parameters(row))
    return found


def assignments_of(rows: Iterable[Row]) -> tuple[Assignment, ...]:
    """Assignments of roles. Raises TenantError."""
    found = []
    for row in rows:
        identity = str(row.get("Name") or row.get("Identity") or "").strip()
        if not identity or not row.get("Role"):
            raise not_understood("Get-ManagementRoleAssignment", "an assignment has no name or no role", row)
        regular = not folded(row.get("RoleAssignmentDelegationType")).startswith("delegating")
        assignee = str(row.get("RoleAssigneeName") or _tail(row.get("RoleAssignee")))
        found.append(Assignment(identity, _tail(row["Role"]), assignee, regular, row.get("Enabled") is not False))
    return tuple(found)


def references_of(rows: Iterable[Row]) -> tuple[Reference, ...]:
    """The service principals that Exchange knows. Raises TenantError."""
    found = []
    for row in rows:
        ids = _ids(row)
        app_id = folded(row.get("AppId"))
        identity = next((str(row[name]).strip() for name in ("Identity", "ObjectId", "Guid", "Name") if row.get(name)), "")
        if not app_id or not identity:
            raise not_understood("Get-ServicePrincipal", "a service principal has no AppId, or nothing to name it by", row)
        object_id = next((folded(row[name]) for name in OBJECT_IDS if GUID.fullmatch(folded(row.get(name)))), "")
        found.append(Reference(app_id, object_id, identity, ids))
    return tuple(found)


def members_of(rows: Iterable[Row], references: Sequence[Reference]) -> tuple[Member, ...]:
    """Who is in a role group. Raises TenantError.

    An application is known by any id that is a GUID, and by a name only if the row doesn't speak of a person.
    """
    found = []
    for row in rows:
        ids = _ids(row)
        if not ids:
            raise not_understood("Get-RoleGroupMember", "a member has nothing to know it by", row)
        kind = folded(row.get("RecipientTypeDetails")) or folded(row.get("RecipientType"))
        said = APPLICATION in kind
        keys = ids if said or not kind else {one for one in ids if GUID.fullmatch(one)}
        reference = next((one for one in references if keys & one.ids), None)
        own = next(str(row[name]).strip() for name in ("Guid", "ExternalDirectoryObjectId", *IDS) if row.get(name))
        found.append(Member(reference.identity if reference else own, bool(reference) or said, reference.app_id if reference else ""))
    return tuple(found)


def listed_in(row: Row | None) -> frozenset[str]:
    """The folded names of the roles that a role group lists."""
    given = (row or {}).get("Roles") or ()
    return frozenset(folded(_tail(one)) for one in (given if isinstance(given, list) else [given]))


def _ids(row: Row) -> frozenset[str]:
    return frozenset(folded(row[name]) for name in IDS if isinstance(row.get(name), str) and folded(row[name]))
