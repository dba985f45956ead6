# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Incidents, newest first: filtered by the service where it can, and read only as far as they are wanted."""

from __future__ import annotations

from urllib.parse import quote

from ansible_collections.m365.defender.plugins.module_utils._errors import TenantError
from ansible_collections.m365.defender.plugins.module_utils._reader import Answers, Ask, Reader
from ansible_collections.m365.defender.plugins.module_utils._resource import Query, Row, Values
from ansible_collections.m365.defender.plugins.module_utils.readers._answers import Clock, utc_now
from ansible_collections.m365.defender.plugins.module_utils.readers._incidents import (
    INCIDENT_STATUSES,
    INCIDENTS,
    PAGE,
    SEVERITIES,
    SOURCES,
    assigned,
    from_source,
    incident_of,
    wrong_choice,
)
from ansible_collections.m365.defender.plugins.module_utils.readers._narrow import (
    changed_within,
    counts,
    filtered,
    one_of,
    within,
)


def _by_us(options: Values) -> bool:
    """Whether something is asked for that the service does not filter by, so that all the others have to be read."""
    return bool(options["service_source"] or options["product"]) or options["assigned"] is not None


def asks(options: Values, now: Clock = utc_now) -> tuple[Ask, ...]:
    """One question. Filters [doc] security-list-incidents; the newest come first [doc], so that one page more than wanted is never read."""
    alerts = options["alerts"] or bool(options["service_source"] or options["product"])
    expand = (("$expand", "alerts"),) if alerts else ()
    if options["id"]:
        return (Ask("graph", Query(f"{INCIDENTS}/{quote(options['id'], safe='')}", expand)),)
    condition = filtered(
        one_of("status", options["status"]),
        one_of("severity", options["severity"]),
        one_of("assignedTo", [options["assigned_to"]] if options["assigned_to"] else None),
        within("createdDateTime", options["created_after"], options["created_before"]),
        "" if options["created_after"] or options["created_before"] else changed_within("lastUpdateDateTime", options["days"], now()),
    )
    most = None if _by_us(options) else options["most"] + 1
    top = (("$top", min(PAGE, most or PAGE)),)
    return (Ask("graph", Query(INCIDENTS, (*condition, *top, *expand), most)),)


def _wanted(row: Row, options: Values) -> bool:
    if not assigned(row, options["assigned"]):
        return False
    if not (options["service_source"] or options["product"]):
        return True
    return any(from_source(alert, options["service_source"], options["product"]) for alert in row.get("alerts") or ())


def answer(options: Values, answers: Answers) -> Values:
    """The incidents. more: whether there are others besides."""
    rows = next(iter(answers.values()))
    if isinstance(rows, TenantError):
        raise rows
    found = rows if options["id"] else [row for row in rows if _wanted(row, options)]
    found = sorted(found, key=lambda row: str(row.get("createdDateTime") or ""), reverse=True)
    shown = [incident_of(row, options["alerts"]) for row in found[: options["most"]]]
    return {
        "incidents": shown,
        "count": len(shown),
        "more": len(found) > len(shown),
        "by_status": counts(one["status"] for one in shown),
        "by_severity": counts(one["severity"] for one in shown),
    }


CHOOSING = ("status", "severity", "service_source", "product", "assigned_to", "assigned", "created_after", "created_before")


def _wrong(options: Values) -> list[str]:
    return wrong_choice(options, 5000, CHOOSING)


INCIDENT_INFO = Reader(
    kind="incident_info",
    asks=asks,
    answer=answer,
    options={
        "id": {"type": "str"},
        "status": {"type": "list", "elements": "str", "choices": list(INCIDENT_STATUSES)},
        "severity": {"type": "list", "elements": "str", "choices": list(SEVERITIES)},
        "service_source": {"type": "list", "elements": "str", "choices": list(SOURCES)},
        "product": {"type": "str"},
        "assigned_to": {"type": "str"},
        "assigned": {"type": "bool"},
        "days": {"type": "int", "default": 30},
        "created_after": {"type": "str"},
        "created_before": {"type": "str"},
        "alerts": {"type": "bool", "default": False},
        "most": {"type": "int", "default": 50},
    },
    wrong=_wrong,
)
