# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Alerts, newest first: filtered by the service where it can, and read only as far as they are wanted."""

from __future__ import annotations

from urllib.parse import quote

from ansible_collections.m365.defender.plugins.module_utils._errors import TenantError
from ansible_collections.m365.defender.plugins.module_utils._reader import Answers, Ask, Reader
from ansible_collections.m365.defender.plugins.module_utils._resource import Query, Row, Values
from ansible_collections.m365.defender.plugins.module_utils.readers._answers import Clock, moment, utc_now
from ansible_collections.m365.defender.plugins.module_utils.readers._incidents import (
    ALERT_STATUSES,
    ALERTS,
    INCIDENTS,
    SEVERITIES,
    SOURCES,
    alert_of,
    assigned,
    from_source,
    wrong_choice,
)
from ansible_collections.m365.defender.plugins.module_utils.readers._narrow import (
    among,
    changed_within,
    counts,
    filtered,
    one_of,
    within,
)

# Investigation states. [doc] metadata; the service does not filter by them.
STATES = (
    *("unknown", "terminated", "successfullyRemediated", "benign", "failed", "partiallyRemediated", "running", "pendingApproval"),
    *("pendingResource", "queued", "innerFailure", "preexistingAlert", "unsupportedOs", "unsupportedAlertType", "suppressedAlert"),
    *("partiallyInvestigated", "terminatedByUser", "terminatedBySystem"),
)


def _by_us(options: Values) -> bool:
    """Whether something is asked for that the service does not filter by, so that all the others have to be read."""
    return bool(options["product"] or options["investigation_state"]) or options["assigned"] is not None


def asks(options: Values, now: Clock = utc_now) -> tuple[Ask, ...]:
    """One question. Filters [doc] security-list-alerts_v2; the newest come first [doc]. Alerts of one incident are read with it. [code]"""
    if options["id"]:
        return (Ask("graph", Query(f"{ALERTS}/{quote(options['id'], safe='')}")),)
    if options["incident"]:
        return (Ask("graph", Query(f"{INCIDENTS}/{quote(options['incident'], safe='')}", (("$expand", "alerts"),))),)
    condition = filtered(
        one_of("status", options["status"]),
        one_of("severity", options["severity"]),
        one_of("serviceSource", options["service_source"]),
        one_of("assignedTo", [options["assigned_to"]] if options["assigned_to"] else None),
        within("createdDateTime", options["created_after"], options["created_before"]),
        "" if options["created_after"] or options["created_before"] else changed_within("lastUpdateDateTime", options["days"], now()),
    )
    if _by_us(options):
        return (Ask("graph", Query(ALERTS, condition)),)
    most = options["most"] + 1
    return (Ask("graph", Query(ALERTS, (*condition, ("$top", min(100, most))), most)),)


def _wanted(row: Row, options: Values) -> bool:
    """Whether an alert is one of those asked for. Also tests what the service filters by, because those of one incident come unfiltered."""
    created = moment(row.get("createdDateTime"))
    after, before = moment(options["created_after"]), moment(options["created_before"])
    return (
        among(row, "status", options["status"])
        and among(row, "severity", options["severity"])
        and from_source(row, options["service_source"], options["product"])
        and among(row, "assignedTo", [options["assigned_to"]] if options["assigned_to"] else None)
        and among(row, "investigationState", options["investigation_state"])
        and assigned(row, options["assigned"])
        and (after is None or (created is not None and created >= after))
        and (before is None or (created is not None and created <= before))
    )


def answer(options: Values, answers: Answers) -> Values:
    """The alerts. more: whether there are others besides."""
    rows = next(iter(answers.values()))
    if isinstance(rows, TenantError):
        raise rows
    if options["incident"]:
        rows = [alert for row in rows for alert in row.get("alerts") or ()]
    found = rows if options["id"] else [row for row in rows if _wanted(row, options)]
    found = sorted(found, key=lambda row: str(row.get("createdDateTime") or ""), reverse=True)
    shown = [alert_of(row, options["evidence"]) for row in found[: options["most"]]]
    return {
        "alerts": shown,
        "count": len(shown),
        "more": len(found) > len(shown),
        "by_status": counts(one["status"] for one in shown),
        "by_severity": counts(one["severity"] for one in shown),
        "by_product": counts(one["product"] or one["service_source"] or "not told" for one in shown),
    }


CHOOSING = (
    *("incident", "status", "severity", "service_source", "product", "assigned_to", "assigned", "investigation_state"),
    *("created_after", "created_before"),
)


def _wrong(options: Values) -> list[str]:
    return wrong_choice(options, 10000, CHOOSING)


ALERT_INFO = Reader(
    kind="alert_info",
    asks=asks,
    answer=answer,
    options={
        "id": {"type": "str"},
        "incident": {"type": "str"},
        "status": {"type": "list", "elements": "str", "choices": list(ALERT_STATUSES)},
        "severity": {"type": "list", "elements": "str", "choices": list(SEVERITIES)},
        "service_source": {"type": "list", "elements": "str", "choices": list(SOURCES)},
        "product": {"type": "str"},
        "investigation_state": {"type": "list", "elements": "str", "choices": list(STATES)},
        "assigned_to": {"type": "str"},
        "assigned": {"type": "bool"},
        "days": {"type": "int", "default": 30},
        "created_after": {"type": "str"},
        "created_before": {"type": "str"},
        "evidence": {"type": "bool", "default": False},
        "most": {"type": "int", "default": 100},
    },
    wrong=_wrong,
)
