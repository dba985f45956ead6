# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The portal's lists, which are read and written whole: what is in one, one operation done in it, and what others did. Pure; private."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._description import Operation
from ansible_collections.m365.defender.plugins.module_utils._errors import AlreadyExists, ListChanged, NotFound, Refused
from ansible_collections.m365.defender.plugins.module_utils._types import folded

Row = dict[str, Any]


@dataclass(frozen=True)
class WholeList:
    """A list that is read and written whole. blank: what a new member has where nothing else is said. volatile: what the service sets.

    stamp: the one among these that says when a member was changed last.
    """

    read_path: str
    write_path: str
    member: str
    key: str
    blank: Mapping[str, Any]
    volatile: frozenset[str]
    stamp: str
    apart: str  # the flag of the one member that stands behind all others


# [live] paths and members of the list; [code] PUT of the whole list, and the form of a new group.
WHOLE_LISTS = {
    "machine_groups": WholeList(
        read_path="/apiproxy/mtp/rbacManagementApi/rbac/machine_groups?addAadGroupNames=true&addMachineGroupCount=false",
        write_path="/apiproxy/mtp/rbacManagementApi/rbac/machine_groups",
        member="items",
        key="MachineGroupId",
        blank={
            "MachineGroupId": -1,
            "Name": "",
            "Description": "",
            "AutoRemediationLevel": 0,
            "IsUnassignedMachineGroup": False,
            "MachineCount": 0,
            "GroupRules": [{"Property": number, "OperatorType": 0, "PropertyValue": ""} for number in range(5)],
            "MachineGroupAssignments": [],
            "OldMachineGroupId": None,
        },
        volatile=frozenset({"LastUpdated", "MachineCount", "OldMachineGroupId"}),
        # [live] The captured list has groups with different times, so that saving the list does not stamp all of its members; that a
        # member is stamped whenever it is changed follows from the name only. [guess]
        stamp="LastUpdated",
        apart="IsUnassignedMachineGroup",
    )
}


class Draft:
    """One operation on a list: the list as it was read last before writing, and as it is written."""

    def __init__(self, kind: WholeList, operation: Operation, known: Row) -> None:
        self.kind = kind
        self.operation = operation
        self.known = known
        self.before: list[Row] = []
        self.wanted: list[Row] = []

    def of(self, rows: list[Row], seen: Mapping[str, list[Row]]) -> list[Row]:
        """The whole list with the operation done. seen: the lists that the plan was made from.

        Raises ListChanged, NotFound, AlreadyExists, and Refused for a list that can't be whole.
        """
        self._check(rows)
        if self.operation.noun in seen:
            differing = told_apart(self.kind, seen[self.operation.noun], rows)
            if differing:
                raise ListChanged(
                    f"somebody else changed the list in between: {'; '.join(differing)}; nothing was written",
                    hint="Run the task again: it looks anew.",
                    **self.known,
                )
        self.before = rows
        self.wanted = _changed(self.kind, rows, self.operation, self.known)
        return self.wanted

    def _check(self, rows: Sequence[Row]) -> None:
        """A list that can't be whole is not written: what is not in it would be lost."""
        keys = [row.get(self.kind.key) for row in rows]
        if sum(bool(row.get(self.kind.apart)) for row in rows) != 1 or None in keys or len(set(keys)) != len(keys):
            raise Refused(
                "the list that the portal gave can't be the whole list, so it was not written",
                hint="It must have the default group once, and a number for each group. Look at the device groups in the portal.",
                **self.known,
            )

    def shows(self, found: Sequence[Row]) -> bool:
        """Whether what was to be done is done in a list, whatever else is in it."""
        verb = self.operation.verb
        if verb == "Order":
            there = {folded(row.get("Name")) for row in found}
            names = [name for name in map(folded, self.operation.order[1]) if name in there]
            return [name for name in _order(self.kind, found) if name in names] == names
        written = {row[self.kind.key]: row for row in self.wanted}
        if verb == "Remove":
            return all(row[self.kind.key] in written for row in found if row[self.kind.key] in {one[self.kind.key] for one in self.before})
        if verb == "New":
            new = _facts(self.kind, written[self.kind.blank[self.kind.key]])
            return any(_facts(self.kind, row) == new for row in found)
        changed = [row for row in self.wanted if row not in self.before]
        by_key = {row[self.kind.key]: row for row in found}
        members = self.operation.parameters
        return all(
            _facts(self.kind, {name: row[name] for name in members})
            == _facts(self.kind, {name: by_key.get(row[self.kind.key], {}).get(name) for name in members})
            for row in changed
        )

    def set_back(self, found: Sequence[Row]) -> list[str]:
        """Names of members that were written as they had been read, and yet have another time of their last change."""
        kind = self.kind
        written = {row[kind.key]: row for row in self.wanted}
        there = {row[kind.key]: row for row in found}
        return [
            row.get("Name") or "the default group"
            for row in self.before
            if row == written.get(row[kind.key])
            and row[kind.key] in there
            and row.get(kind.stamp) != there[row[kind.key]].get(kind.stamp)
            and _facts(kind, row) == _facts(kind, there[row[kind.key]])
            and row.get("Priority") == there[row[kind.key]].get("Priority")
        ]


def _changed(kind: WholeList, rows: Sequence[Row], operation: Operation, known: Row) -> list[Row]:
    """The whole list with one operation done. Raises NotFound, AlreadyExists or Refused when the list is not what it was."""
    ranked = sorted((row for row in rows if not row.get(kind.apart)), key=lambda row: row.get("Priority", 0))
    last = [row for row in rows if row.get(kind.apart)]
    if operation.verb == "New":
        if any(folded(row.get("Name")) == folded(operation.name) for row in rows):
            raise AlreadyExists(f'there is a device group "{operation.name}" by now', **known)
        behind = max((row.get("Priority", 0) for row in ranked), default=0)
        return [*ranked, {**kind.blank, **operation.parameters, "Priority": behind + 1}, *last]
    if operation.verb == "Order":
        was, wanted = ([folded(name) for name in names] for names in operation.order)
        if [folded(row.get("Name")) for row in ranked] != was:
            raise ListChanged("the groups do not stand in the order that was planned from", hint="Run the task again.", **known)
        by_name = {folded(row.get("Name")): row for row in ranked}
        return [*({**by_name[name], "Priority": place} for place, name in enumerate(wanted, 1)), *last]
    target = next((row for row in rows if operation.identity in (row.get(kind.key), row.get("Name"))), None)
    if target is None:
        raise NotFound(f'there is no device group "{operation.name}" any more', **known)
    if operation.verb == "Remove":
        return [row for row in (*ranked, *last) if row is not target]
    return [{**row, **operation.parameters} if row is target else row for row in (*ranked, *last)]


def told_apart(kind: WholeList, before: Sequence[Row], after: Sequence[Row]) -> list[str]:
    """What somebody did to a list between two readings, as sentences without their end."""
    was, now = ({row.get(kind.key): row for row in rows} for rows in (before, after))
    result = [f"{_name(row)} is gone" for key, row in was.items() if key not in now]
    result += [f"{_name(row)} is new" for key, row in now.items() if key not in was]
    for key, row in now.items():
        if key in was and folded(row.get("Name")) != folded(was[key].get("Name")):
            result.append(f"{_name(was[key])} is now called {_name(row)}")
        elif key in was and _facts(kind, row) != _facts(kind, was[key]):
            result.append(f"{_name(row)} is different")
    order = [[key for key in _order(kind, rows, kind.key) if key in was and key in now] for rows in (before, after)]
    return result + (["the order is different"] if order[0] != order[1] else [])


def _name(row: Row) -> str:
    return str(row.get("Name") or "the default group")


def _order(kind: WholeList, rows: Sequence[Row], member: str = "Name") -> list[Any]:
    """Names, or another member, of the ranked members in their order."""
    ranked = sorted((row for row in rows if not row.get(kind.apart)), key=lambda row: row.get("Priority", 0))
    return [folded(row.get(member)) if member == "Name" else row.get(member) for row in ranked]


def differing_from(kind: WholeList, wanted: Sequence[Row], found: Sequence[Row]) -> list[str]:
    """What of the written list does not show: members missing, different, too many, or in another order."""
    by_key = {row.get(kind.key): row for row in found}
    by_name = {folded(row.get("Name")): row for row in found}
    differing = []
    for row in wanted:
        name = row.get("Name") or "the default group"
        there = by_name.get(folded(row["Name"])) if row[kind.key] == kind.blank[kind.key] else by_key.get(row[kind.key])
        if there is None:
            differing.append(f"{name} is missing")
        elif _facts(kind, row) != _facts(kind, there):
            differing.append(f"{name} is different")
    if len(found) > len(wanted):
        kept = {folded(row.get("Name")) for row in wanted}
        differing += [f"{row.get('Name')} is still there" for row in found if folded(row.get("Name")) not in kept]
    order = [[folded(row.get("Name")) for row in sorted(rows, key=lambda row: row.get("Priority", 0))] for rows in (wanted, found)]
    return differing or ([] if order[0] == order[1] else ["the order is different"])


def _facts(kind: WholeList, row: Row) -> Row:
    """What must be the same of a member: neither what the service sets, nor numbers that it may give anew, nor what says nothing."""
    ignored = {*kind.volatile, kind.key, "Priority"}
    facts = {}
    for name, value in row.items():
        if name not in ignored and (shown := _fact(value)) not in ("", [], None):
            facts[name] = shown
    return facts


def _fact(value: Any) -> Any:
    """A value so that equal ones look equal: lists are sets, names that are only shown do not count, unused rules neither."""
    if isinstance(value, list):
        return sorted(
            repr(_fact(one)) for one in value if not (isinstance(one, dict) and "PropertyValue" in one and not one["PropertyValue"])
        )
    if isinstance(value, dict):
        return sorted((name, repr(_fact(one))) for name, one in value.items() if name != "DisplayName")
    return value
