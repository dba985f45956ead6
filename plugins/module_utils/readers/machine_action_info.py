# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Machine actions: what was, is or will be done on devices, by whom, and how it ended."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from ansible_collections.m365.defender.plugins.module_utils._errors import TenantError
from ansible_collections.m365.defender.plugins.module_utils._reader import Answers, Ask, Reader
from ansible_collections.m365.defender.plugins.module_utils._resource import Query, Values
from ansible_collections.m365.defender.plugins.module_utils.readers._answers import Clock, utc_now
from ansible_collections.m365.defender.plugins.module_utils.readers._machine_actions import (
    ACTIONS,
    STATUSES,
    TYPES,
    action_of,
    is_machine_id,
    on_machine,
)
from ansible_collections.m365.defender.plugins.module_utils.readers._narrow import (
    changed_within,
    counts,
    filtered,
    one_of,
    within,
    wrong_days,
    wrong_most,
    wrong_times,
    wrong_together,
)

MONTHS = 180  # for how many days the service keeps them. [recall]


def asks(options: Values, now: Clock = utc_now) -> tuple[Ask, ...]:
    """One question. Filters [doc] get-machineactions-collection; a device's name is none of them, so that we look for that."""
    if options["id"]:
        return (Ask("defender", Query(f"{ACTIONS}/{quote(options['id'], safe='')}")),)
    machine = options["machine"]
    condition = filtered(
        one_of("status", options["status"]),
        one_of("type", options["type"]),
        one_of("machineId", [machine.lower()] if machine and is_machine_id(machine) else None),
        one_of("requestor", [options["requestor"]] if options["requestor"] else None),
        within("creationDateTimeUtc", options["created_after"], options["created_before"]),
        "" if options["created_after"] or options["created_before"] else changed_within("creationDateTimeUtc", options["days"], now()),
    )
    return (Ask("defender", Query(ACTIONS, condition)),)


def answer(options: Values, answers: Answers) -> Values:
    """The actions, newest first. more: whether there are others besides."""
    rows = next(iter(answers.values()))
    if isinstance(rows, TenantError):
        raise rows
    found = [row for row in rows if on_machine(row, options["machine"])]
    found.sort(key=lambda row: str(row.get("creationDateTimeUtc") or ""), reverse=True)
    shown = [action_of(row) for row in found[: options["most"]]]
    return {
        "actions": shown,
        "count": len(shown),
        "more": len(found) > len(shown),
        "by_status": counts(one["status"] for one in shown),
        "by_type": counts(one["type"] for one in shown),
    }


CHOOSING = ("status", "type", "machine", "requestor", "created_after", "created_before")
# What chooses among machine actions, for those who read them and those who cancel them.
FILTERS: dict[str, dict[str, Any]] = {
    "status": {"type": "list", "elements": "str", "choices": list(STATUSES)},
    "type": {"type": "list", "elements": "str", "choices": list(TYPES)},
    "machine": {"type": "str"},
    "requestor": {"type": "str"},
    "days": {"type": "int", "default": 30},
    "created_after": {"type": "str"},
    "created_before": {"type": "str"},
}


def wrong_filters(options: Values) -> list[str]:
    """What is wrong with options that choose among machine actions."""
    return [
        *wrong_days(options, MONTHS),
        *wrong_times(options, "created_after", "created_before"),
        *wrong_together(options, "id", CHOOSING),
    ]


MACHINE_ACTION_INFO = Reader(
    kind="machine_action_info",
    asks=asks,
    answer=answer,
    options={"id": {"type": "str"}, **FILTERS, "most": {"type": "int", "default": 100}},
    wrong=lambda options: [*wrong_most(options, 10000), *wrong_filters(options)],
)
