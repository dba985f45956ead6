# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From what Exchange has and what is wanted to the writes that make a role group of it. Pure; private to the collection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ansible_collections.m365.defender.plugins.module_utils._converging import LATER
from ansible_collections.m365.defender.plugins.module_utils._description import Operation, Plan, Row, Values
from ansible_collections.m365.defender.plugins.module_utils._errors import Refused
from ansible_collections.m365.defender.plugins.module_utils._exchange_roles import (
    Assignment,
    Entries,
    ManagementRole,
    Member,
    Reference,
    folded,
    own_name,
)
from ansible_collections.m365.defender.plugins.module_utils._role_choice import Catalog, Choice, choose

KIND = "role_group"
TRIED = "Planning the role group"
NO_CONFIRMATION = {"Confirm": False}
# A role group may name its managers, and who makes it becomes one. [doc] This lets everybody manage it who holds Role Management.
AS_ANYBODY = {"BypassSecurityGroupManagerCheck": True}


@dataclass(frozen=True)
class Situation:
    """What there is. group: None when there is no such role group. own: the entries of our roles, by the folded name of the parent of each.

    shared: the organization is not customized. catalog: of every cmdlet that is wanted. lent: those of our roles, by folded name, that
    somebody else holds besides. listed: the roles, by folded name, that the group's own row lists. directory: the service principal of each
    application that was named, None where the tenant has none. references: of Exchange, to all that it knows.
    """

    shared: bool
    group: Row | None
    roles: Mapping[str, ManagementRole]
    catalog: Catalog
    own: Mapping[str, Entries]
    lent: Mapping[str, Sequence[str]]
    assignments: Sequence[Assignment]
    listed: frozenset[str]
    members: Sequence[Member]
    references: Sequence[Reference]
    directory: Mapping[str, Row | None]


def own_roles(group: str, roles: Mapping[str, ManagementRole]) -> dict[str, ManagementRole]:
    """The roles that a group of this name has from us, by the folded name of the parent of each."""
    return {
        folded(role.parent): role for role in roles.values() if role.parent and folded(role.name) == folded(own_name(group, role.parent))
    }


def chosen(state: Situation) -> Choice:
    """From which built-in roles the cmdlets are taken."""
    return choose(tuple(state.catalog), state.catalog, state.roles, {parent: frozenset(entries) for parent, entries in state.own.items()})


def plan_role_group(options: Values, state: Situation, *, foretell: bool) -> Plan:
    """What has to be done. foretell: nothing is written, so that an application may be one that is yet to come. Raises Refused."""
    before = shown(options, state)
    if options["state"] == "absent":
        return Plan((before,), ({"present": False},), tuple(_removal(options, state)))
    choice = chosen(state)
    _refuse(options, state, choice, foretell=foretell)
    wanted = {own_name(options["name"], parent): (parent, names) for parent, names in choice.placed.items()}
    mine = {folded(role.name): role for role in own_roles(options["name"], state.roles).values()}
    more, less = _roles(options, state, wanted)
    entering, leaving, applications = _members(options, state)
    assigned, unassigned, others = _assignments(options, state, wanted, mine)
    ours = [Operation("Remove", "ManagementRole", role.name, role.name, NO_CONFIRMATION) for role in _unused(state, wanted, mine)]
    operations = (*more, *entering.references, *_group(options, state, list(wanted)), *assigned)
    operations += (*entering.members, *leaving, *unassigned, *less, *ours)
    after = {
        "present": True,
        "description": options.get("description") or before.get("description") or "",
        "roles": {role: list(names) for role, (dummy, names) in sorted(wanted.items())},
        "other_roles": others,
        "applications": applications,
        "others": sum(not member.application for member in state.members),
    }
    if operations and state.shared:
        raise Refused(
            "the organization is not customized, and so can't have role groups of its own; nothing was written",
            tried=TRIED,
            service="exchange",
            hint="Run the module m365.defender.organization_customization with enable: true once, which can't be undone, and wait until it "
            "shows.",
        )
    return Plan((before,), (after,), operations)


def _refuse(options: Values, state: Situation, choice: Choice, *, foretell: bool) -> None:
    """Everything that must not be begun. Raises Refused."""
    if choice.missing and not (options["skip_missing_cmdlets"] and choice.placed):
        raise Refused(
            f"no built-in role of this tenant holds {', '.join(choice.missing)}; nothing was written",
            tried=TRIED,
            service="exchange",
            hint="Most likely the tenant lacks the licence that brings them, as a tenant without Defender for Office 365 does. Leave them "
            "out, or set skip_missing_cmdlets to have them left out wherever they are missing. It may also be that the name is wrong, or "
            "that the login sees only some of the roles.",
        )
    for parent in choice.placed:
        name = own_name(options["name"], parent)
        there = state.roles.get(folded(name))
        if there and folded(there.parent) != folded(parent):
            raise Refused(
                f"there is a role {name} already, which was made of {there.parent or 'nothing'} and not of {parent}; nothing was written",
                tried=TRIED,
                service="exchange",
                hint="A role's parent can't be changed. Give the role group another name, or remove that role.",
            )
    absent = [app_id for app_id, row in state.directory.items() if row is None]
    if absent and not foretell:
        raise Refused(
            f"the tenant has no service principal of {', '.join(absent)}; nothing was written",
            tried=TRIED,
            service="graph",
            hint="Let the application into the tenant first, with the module m365.defender.app_access. One that was let in just now may "
            "take some seconds to show.",
        )


def _roles(options: Values, state: Situation, wanted: Mapping[str, tuple[str, Sequence[str]]]) -> tuple[list[Operation], list[Operation]]:
    """What makes roles hold what is wanted, and what makes them hold nothing else."""
    more, less = [], []
    for name, (parent, cmdlets) in sorted(wanted.items()):
        entries = state.own.get(folded(parent))
        if entries is None:
            text = f"For the role group {options['name']}; kept by m365.defender"
            values = {"Name": name, "Parent": parent, "EnabledCmdlets": list(cmdlets), "Description": text}
            more.append(Operation("New", "ManagementRole", name, None, values))
            continue
        role = state.roles[folded(own_name(options["name"], parent))].name
        for cmdlet in cmdlets:
            entry = f"{role}\\{cmdlet}"
            dummy, allowed = entries.get(folded(cmdlet), ("", None))
            if allowed is None:
                more.append(Operation("Add", "ManagementRoleEntry", entry, entry))
            elif not state.catalog[cmdlet][folded(parent)] <= allowed:
                more.append(Operation("Add", "ManagementRoleEntry", entry, entry, {"Overwrite": True}))
        kept = {folded(cmdlet) for cmdlet in cmdlets}
        extra = sorted(cmdlet for key, (cmdlet, dummy) in entries.items() if key not in kept)
        less += [Operation("Remove", "ManagementRoleEntry", f"{role}\\{one}", f"{role}\\{one}", NO_CONFIRMATION) for one in extra]
    return more, less


def _unused(state: Situation, wanted: Mapping[str, object], mine: Mapping[str, ManagementRole]) -> list[ManagementRole]:
    """Roles of ours that nothing is taken from any more, and that nobody else holds."""
    needed = {folded(name) for name in wanted}
    return [role for name, role in sorted(mine.items()) if name not in needed and not state.lent.get(name)]


def _group(options: Values, state: Situation, roles: list[str]) -> list[Operation]:
    name, text = options["name"], options.get("description")
    said = {"Description": text} if text else {}
    if state.group is None:
        return [Operation("New", "RoleGroup", name, None, {"Name": name, "Roles": roles, **said})]
    if text and text != str(state.group.get("Description") or ""):
        return [Operation("Set", "RoleGroup", name, name, {**said, **AS_ANYBODY})]
    return []


def _assignments(
    options: Values, state: Situation, wanted: Mapping[str, object], mine: Mapping[str, ManagementRole]
) -> tuple[list[Operation], list[Operation], list[str]]:
    """What gives the group its roles, what takes others away, and those that stay without being ours."""
    needed = {folded(name) for name in wanted}
    held = _held(state)
    given = [one for name in wanted if state.group is not None and folded(name) not in held for one in _giving(options, state, name)]
    taken, others = [], []
    for one in sorted(state.assignments, key=lambda each: folded(each.identity)):
        if folded(one.role) in needed:
            continue
        if folded(one.role) in mine or options["exclusive"]:
            taken.append(Operation("Remove", "ManagementRoleAssignment", one.identity, one.identity, NO_CONFIRMATION))
        else:
            others.append(one.role)
    return given, taken, sorted(set(others))


def _held(state: Situation) -> set[str]:
    """The roles that the group has, by folded name. A role may be listed before its assignment shows."""
    known = {folded(one.role) for one in state.assignments}
    return {folded(one.role) for one in state.assignments if one.enabled} | {role for role in state.listed if role not in known}


def _giving(options: Values, state: Situation, role: str) -> list[Operation]:
    """An assignment that somebody switched off is made anew."""
    off = [one for one in state.assignments if folded(one.role) == folded(role)]
    values = {"Role": role, "SecurityGroup": options["name"]}
    return [
        *(Operation("Remove", "ManagementRoleAssignment", one.identity, one.identity, NO_CONFIRMATION) for one in off),
        Operation("New", "ManagementRoleAssignment", role, None, values),
    ]


@dataclass(frozen=True)
class _Entering:
    references: list[Operation]
    members: list[Operation]


def _members(options: Values, state: Situation) -> tuple[_Entering, list[Operation], list[str]]:
    """What lets applications in, what takes others out, and the applications that are in it then."""
    entering = _Entering([], [])
    group = options["name"]
    inside = {member.app_id for member in state.members if member.app_id}
    strangers = [member for member in state.members if member.application and member.app_id not in state.directory]
    for app_id, row in sorted(state.directory.items()):
        known = [one for one in state.references if one.app_id == app_id]
        object_id = str((row or {}).get("id") or LATER)
        # An application that left the tenant and came back has another id, to which an old reference does not lead.
        stale = [one for one in known if row and one.object_id and one.object_id != folded(object_id)]
        for one in stale:
            entering.references.append(Operation("Remove", "ServicePrincipal", app_id, one.identity, NO_CONFIRMATION))
        fresh = [one for one in known if one not in stale]
        if not fresh:
            values = {"AppId": app_id, "ObjectId": object_id, "DisplayName": str((row or {}).get("displayName") or app_id)}
            entering.references.append(Operation("New", "ServicePrincipal", app_id, None, values))
        if not fresh or app_id not in inside:
            member = {"Member": fresh[0].identity if fresh else LATER, **AS_ANYBODY}
            entering.members.append(Operation("Add", "RoleGroupMember", f"{group}: {app_id}", group, member))
    exclusive = options["exclusive"] and options.get("app_ids") is not None
    leaving = [
        Operation(
            "Remove",
            "RoleGroupMember",
            f"{group}: {one.app_id or one.identity}",
            group,
            {"Member": one.identity, **AS_ANYBODY, **NO_CONFIRMATION},
        )
        for one in (strangers if exclusive else ())
    ]
    stay = {one.app_id or one.identity for one in strangers} if not exclusive else set()
    return entering, leaving, sorted({*state.directory, *stay})


def _removal(options: Values, state: Situation) -> list[Operation]:
    """The group, and then the roles that are ours. Raises Refused for a group that gives something to people."""
    name = options["name"]
    people = sum(not member.application for member in state.members)
    if people and not options["exclusive"]:
        raise Refused(
            f"{people} in the role group {name} are no applications, and would lose what it gives them; nothing was written",
            tried=TRIED,
            service="exchange",
            hint="Take them out of it first, or set exclusive to remove the role group all the same.",
        )
    group = [Operation("Remove", "RoleGroup", name, name, {**AS_ANYBODY, **NO_CONFIRMATION})] if state.group is not None else []
    mine = {folded(role.name): role for role in own_roles(name, state.roles).values()}
    return group + [Operation("Remove", "ManagementRole", role.name, role.name, NO_CONFIRMATION) for role in _unused(state, {}, mine)]


def shown(options: Values, state: Situation) -> Values:
    """The role group as it is."""
    if state.group is None:
        return {"present": False}
    mine = own_roles(options["name"], state.roles)
    held = _held(state)
    names = {folded(role.name) for role in mine.values()}
    return {
        "present": True,
        "description": str(state.group.get("Description") or ""),
        "roles": {
            role.name: sorted(cmdlet for cmdlet, dummy in state.own[parent].values())
            for parent, role in sorted(mine.items())
            if folded(role.name) in held
        },
        "other_roles": sorted({one.role for one in state.assignments if folded(one.role) not in names}),
        "applications": sorted({one.app_id or one.identity for one in state.members if one.application}),
        "others": sum(not member.application for member in state.members),
    }
