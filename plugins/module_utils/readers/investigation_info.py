# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Separate investigations of devices, which Microsoft ended on 2026-09-01: what is still told of the earlier ones."""

from __future__ import annotations

from urllib.parse import quote

from ansible_collections.m365.defender.plugins.module_utils._errors import TenantError
from ansible_collections.m365.defender.plugins.module_utils._reader import Answers, Ask, Reader
from ansible_collections.m365.defender.plugins.module_utils._resource import Query, Row, Values
from ansible_collections.m365.defender.plugins.module_utils.readers._machine_actions import is_machine_id, on_machine
from ansible_collections.m365.defender.plugins.module_utils.readers._narrow import (
    counts,
    filtered,
    one_of,
    within,
    wrong_most,
    wrong_times,
    wrong_together,
)

INVESTIGATIONS = "investigations"
# [doc] defender-endpoint/api/investigation
STATES = (
    *("Unknown", "Terminated", "SuccessfullyRemediated", "Benign", "Failed", "PartiallyRemediated", "Running", "PendingApproval"),
    *("PendingResource", "PartiallyInvestigated", "TerminatedByUser", "TerminatedBySystem", "Queued", "InnerFailure"),
    *("PreexistingAlert", "UnsupportedOs", "UnsupportedAlertType", "SuppressedAlert"),
)
NOTE = (
    "Microsoft ended separate investigations of devices on 2026-09-01: none has started since, so that an empty list says nothing about "
    "the tenant. Investigations of mail go on; alert_info shows their states, audit_info who decided. A full antivirus scan "
    "(machine_action) takes the place of an investigation on demand."
)


def asks(options: Values) -> tuple[Ask, ...]:
    """One question. Filters [doc] get-investigation-collection."""
    if options["id"]:
        return (Ask("defender", Query(f"{INVESTIGATIONS}/{quote(options['id'], safe='')}")),)
    machine = options["machine"]
    condition = filtered(
        one_of("state", options["state"]),
        one_of("machineId", [machine.lower()] if machine and is_machine_id(machine) else None),
        one_of("triggeringAlertId", [options["alert"]] if options["alert"] else None),
        within("startTime", options["started_after"], options["started_before"]),
    )
    return (Ask("defender", Query(INVESTIGATIONS, condition)),)


def _investigation(row: Row) -> Values:
    return {
        "id": str(row.get("id") or ""),
        "state": row.get("state") or "",
        "details": row.get("statusDetails") or "",
        "started": row.get("startTime") or "",
        "ended": row.get("endTime") or "",
        "machine": row.get("computerDnsName") or "",
        "machine_id": row.get("machineId") or "",
        "alert": row.get("triggeringAlertId") or "",
        "cancelled_by": row.get("cancelledBy") or "",
    }


def answer(options: Values, answers: Answers) -> Values:
    """The investigations, newest first, and what an empty list means."""
    rows = next(iter(answers.values()))
    if isinstance(rows, TenantError):
        raise rows
    found = [row for row in rows if on_machine(row, options["machine"])]
    found.sort(key=lambda row: str(row.get("startTime") or ""), reverse=True)
    shown = [_investigation(row) for row in found[: options["most"]]]
    return {
        "investigations": shown,
        "count": len(shown),
        "more": len(found) > len(shown),
        "by_state": counts(one["state"] for one in shown),
        "note": NOTE,
    }


def _wrong(options: Values) -> list[str]:
    return [
        *wrong_most(options, 10000),
        *wrong_times(options, "started_after", "started_before"),
        *wrong_together(options, "id", ("state", "machine", "alert", "started_after", "started_before")),
    ]


INVESTIGATION_INFO = Reader(
    kind="investigation_info",
    asks=asks,
    answer=answer,
    options={
        "id": {"type": "str"},
        "state": {"type": "list", "elements": "str", "choices": list(STATES)},
        "machine": {"type": "str"},
        "alert": {"type": "str"},
        "started_after": {"type": "str"},
        "started_before": {"type": "str"},
        "most": {"type": "int", "default": 100},
    },
    wrong=_wrong,
)
