# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be done about actions on devices by the supported API: cancel those that go on, and start antivirus scans. Private.

Cancelling a machine action is not rejecting what automated investigation asks for; no public API does that. [doc] the list of APIs
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._antivirus_scan import scan
from ansible_collections.m365.defender.plugins.module_utils._description import Operation, Query, Row, Values
from ansible_collections.m365.defender.plugins.module_utils._errors import OutcomeUnknown, TenantError
from ansible_collections.m365.defender.plugins.module_utils._machine_writes import (
    KIND,
    SEVERAL,
    carry_out,
    look_until,
    rows_of,
    sides_of,
)
from ansible_collections.m365.defender.plugins.module_utils._task import Work, ask
from ansible_collections.m365.defender.plugins.module_utils._tenant import Tenant
from ansible_collections.m365.defender.plugins.module_utils._types import folded
from ansible_collections.m365.defender.plugins.module_utils.readers._machine_actions import (
    ACTIONS,
    GOING_ON,
    action_of,
    going_on,
    on_machine,
    permission_of,
)
from ansible_collections.m365.defender.plugins.module_utils.readers._narrow import filtered, one_of
from ansible_collections.m365.defender.plugins.module_utils.readers.machine_action_info import (
    CHOOSING,
    FILTERS,
    MACHINE_ACTION_INFO,
    asks,
    wrong_filters,
)


def _by_id(tenant: Tenant, ids: Sequence[str]) -> dict[str, Row]:
    """Actions by id, some ids in each request."""
    found: dict[str, Row] = {}
    for start in range(0, len(ids), SEVERAL):
        for row in rows_of(tenant, Query(ACTIONS, filtered(one_of("id", ids[start : start + SEVERAL])))):
            found[str(row.get("id"))] = row
    return found


def _name(row: Row) -> str:
    return f"{row.get('type') or 'action'} on {row.get('computerDnsName') or row.get('machineId') or 'a device'}"


def _chosen(tenant: Tenant, params: Values) -> list[Row]:
    """The actions that are to be cancelled, as they are. An id leads to its action in whatever state, a filter to those that go on."""
    wanted = {**{name: params.get(name) for name in MACHINE_ACTION_INFO.options}, "status": params.get("status") or list(GOING_ON)}
    if wanted["id"]:
        wanted["status"] = None
    rows = next(iter(ask(tenant, asks(wanted)).values()))
    if isinstance(rows, TenantError):
        raise rows
    return [row for row in rows if params.get("id") or (going_on(row) and on_machine(row, params.get("machine")))]


def _cancel(tenant: Tenant, params: Values, check: bool) -> tuple[list[Row], list[Operation], list[str]]:
    """The actions as they are afterwards, what is done about them, and what was done."""
    rows = _chosen(tenant, params)
    comment = {"Comment": params["comment"]}
    operations = {
        str(row["id"]): Operation("Cancel", "MachineAction", _name(row), str(row["id"]), comment) for row in rows if going_on(row)
    }
    if check or not operations:
        expected = {"status": "Cancelled", "cancellationComment": params["comment"]}
        return [{**row, **expected} if str(row["id"]) in operations else row for row in rows], list(operations.values()), []
    kinds = {str(row["id"]): str(row.get("type") or "") for row in rows}

    def settled(operation: Operation, error: TenantError) -> bool | None:
        """Whether a refused or lost cancellation came about all the same: None if the action ended by itself, so that nothing is left."""
        row = _by_id(tenant, [operation.identity]).get(operation.identity)
        if row is None or going_on(row):
            return False
        ours = isinstance(error, OutcomeUnknown) and folded(row.get("status")) == "cancelled"
        return True if ours else None

    done = carry_out(tenant, params, list(operations.values()), settled, lambda operation: permission_of(kinds[operation.identity]))
    now: dict[str, Row] = {}

    def late() -> list[str]:
        now.update(_by_id(tenant, list(operations)))
        return [operation.name for number, operation in operations.items() if number not in now or going_on(now[number])]

    look_until(tenant, late)
    return [now.get(str(row["id"]), row) for row in rows], list(operations.values()), done


def _do(tenant: Tenant, params: Values, check: bool, diff: bool) -> Values:
    rows, planned, done = (_cancel if params["action"] == "cancel" else scan)(tenant, params, check)
    operations = [str(operation) for operation in planned] if check else done
    result: Values = {"changed": bool(operations), "operations": operations, "actions": [action_of(row) for row in rows]}
    if diff:
        before, after = sides_of([operation for operation in planned if check or str(operation) in done])
        result["diff"] = [
            {"before_header": f"{KIND} {old['name']}", "after_header": f"{KIND} {old['name']}", "before": old, "after": new}
            for old, new in zip(before, after, strict=True)
        ]
    return result


NARROW = tuple(name for name in CHOOSING if name not in ("created_after", "created_before"))


def _wrong(options: Values) -> list[str]:
    errors = [] if str(options.get("comment") or "").strip() else ["comment must say why, the service asks for it"]
    filters = [name for name in CHOOSING if options.get(name) not in (None, "", [])]
    if options["action"] == "run_antivirus_scan":
        misplaced = [name for name in ("id", *filters) if options.get(name)]
        if misplaced:
            errors.append(f"{', '.join(misplaced)} can't choose devices to scan: name them in machines")
        if not options.get("machines"):
            errors.append("machines must name the devices to scan")
        return errors
    if options.get("machines"):
        errors.append("machines is for scans: choose actions to cancel by id, or by machine, type, requestor or status")
    if not options.get("id") and not [name for name in filters if name in NARROW]:
        errors.append("id, machine, type, requestor or status must say which actions to cancel")
    return [*errors, *wrong_filters(options)]


_FILTERS: dict[str, dict[str, Any]] = {**FILTERS, "status": {"type": "list", "elements": "str", "choices": list(GOING_ON)}}

MACHINE_ACTION = Work(
    KIND,
    {
        "action": {"type": "str", "required": True, "choices": ["cancel", "run_antivirus_scan"]},
        "comment": {"type": "str", "required": True},
        "id": {"type": "str"},
        **_FILTERS,
        "machines": {"type": "list", "elements": "str"},
        "scan_type": {"type": "str", "choices": ["Full", "Quick"], "default": "Full"},
    },
    _do,
    _wrong,
)
