# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The portal's lists, which are read and written whole, as a store. Private to the collection."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._action_lists import ACTION_LISTS, read_actions
from ansible_collections.m365.defender.plugins.module_utils._errors import AlreadyExists, NotFound, NotReadBack, Refused, TenantError
from ansible_collections.m365.defender.plugins.module_utils._portal import Portal
from ansible_collections.m365.defender.plugins.module_utils._resource import Operation, Query
from ansible_collections.m365.defender.plugins.module_utils._transport import Transport
from ansible_collections.m365.defender.plugins.module_utils._types import folded
from ansible_collections.m365.defender.plugins.module_utils._waiting import pauses

Row = dict[str, Any]
Answers = dict[Query, "list[Row] | TenantError"]


@dataclass(frozen=True)
class WholeList:
    """A list that is read and written whole. blank: what a new member has where nothing else is said. volatile: what the service sets."""

    read_path: str
    write_path: str
    member: str
    key: str
    blank: Mapping[str, Any]
    volatile: frozenset[str]
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
        apart="IsUnassignedMachineGroup",
    )
}
CONTEXT = "tenant_context"
RECORDED = "PendingAction"  # decided by a request that somebody recorded: Operation.parameters has method, path and body


class Whole:
    """The portal's lists: read, change one member, write all, read back. A member that somebody else changed stays as he left it."""

    def __init__(
        self, portal: Portal, transport: Transport, *, wait: Callable[[float], None], limit: float, warn: Callable[[str], None]
    ) -> None:
        """limit: for how many seconds a write may not show yet."""
        self._portal = portal
        self._counts = transport.counts
        self._wait = wait
        self._limit = limit
        self._warn = warn

    def read(self, queries: Sequence[Query]) -> Answers:
        answers: Answers = {}
        for query in queries:
            self._counts["reads"] += 1
            try:
                answers[query] = self._answer(query)
            except TenantError as error:
                if error.status is None:
                    raise
                answers[query] = error
        if any(query.noun in WHOLE_LISTS for query in queries) and not self._sees_all:
            self._warn("The portal session sees only some device groups, so others may be missing here, and none can be changed with it.")
        return answers

    def _answer(self, query: Query) -> list[Row]:
        if query.noun == CONTEXT:
            return [self._portal.context()]
        return read_actions(self._portal, query) if query.noun in ACTION_LISTS else self._rows(query.noun)

    def do(self, operation: Operation) -> str:
        if operation.noun == RECORDED:
            self._counts["writes"] += 1
            given = operation.parameters
            return self._portal.send(given["method"], given["path"], given["body"], f"{operation.verb} {operation.name}")
        kind = WHOLE_LISTS[operation.noun]
        tried = f"{operation.verb}-{operation.noun} {operation.name}".rstrip()
        known: Row = {"tried": tried, "service": "portal"}
        if not self._sees_all:
            # Writing the list would remove those that this user does not see; that it would is a guess, and reason enough.
            raise Refused(
                "the portal session sees only some device groups, and writing the list would lose the others",
                hint="Use the session of a user who is not limited to some device groups.",
                **known,
            )
        rows = self._rows(operation.noun)
        wanted = _changed(kind, rows, operation, known)
        self._counts["writes"] += 1
        request_id = self._portal.put(kind.write_path, wanted, tried)
        self._read_back(kind, operation.noun, wanted, known)
        return request_id

    @property
    def _sees_all(self) -> bool:
        return self._portal.context().get("IsExposedToAllMachineGroups") is True

    def _rows(self, noun: str) -> list[Row]:
        kind = WHOLE_LISTS[noun]
        body = self._portal.get(kind.read_path, f"Reading {noun}")
        rows = body.get(kind.member) if isinstance(body, dict) else None
        if not isinstance(rows, list):
            raise TenantError(f"the portal gave an answer without {kind.member}", tried=f"Reading {noun}", service="portal", status=200)
        return [row for row in rows if isinstance(row, dict)]

    def _read_back(self, kind: WholeList, noun: str, wanted: Sequence[Row], known: Row) -> None:
        """Reads until the list is as it was written. Raises NotReadBack, naming what is missing or different."""
        waits = pauses(self._limit)
        while True:
            differing = _differing(kind, wanted, self._rows(noun))
            if not differing:
                return
            pause = next(waits, None)
            if pause is None:
                raise NotReadBack(
                    f"the portal accepted the list, but after {self._limit:.0f} seconds it does not show it so: {'; '.join(differing)}",
                    hint="Look at the device groups in the portal before the next run: somebody else may have changed them too.",
                    **known,
                )
            self._wait(pause)


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
            raise Refused("the list changed in between", hint="Run the task again: it looks anew.", **known)
        by_name = {folded(row.get("Name")): row for row in ranked}
        return [*({**by_name[name], "Priority": place} for place, name in enumerate(wanted, 1)), *last]
    target = next((row for row in rows if operation.identity in (row.get(kind.key), row.get("Name"))), None)
    if target is None:
        raise NotFound(f'there is no device group "{operation.name}" any more', **known)
    if operation.verb == "Remove":
        return [row for row in (*ranked, *last) if row is not target]
    return [{**row, **operation.parameters} if row is target else row for row in (*ranked, *last)]


def _differing(kind: WholeList, wanted: Sequence[Row], found: Sequence[Row]) -> list[str]:
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
