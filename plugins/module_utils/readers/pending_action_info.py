# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What waits for somebody's approval, as far as supported APIs show it: alerts and incidents of Microsoft Graph.

No public API lists the Action center. An alert carries the state of its investigation (`pendingApproval`), its evidence the state of the
single action; the state can't be filtered by the service, so that all recent alerts are read. [doc] shapes, [recall] filters.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._errors import TenantError
from ansible_collections.m365.defender.plugins.module_utils._reader import Answers, Ask, Reader
from ansible_collections.m365.defender.plugins.module_utils._resource import Query, Row, Values
from ansible_collections.m365.defender.plugins.module_utils.readers._answers import Clock, folded, moment, rows_of, utc_now

ALERTS = "security/alerts_v2"
INCIDENTS = "security/incidents"
LINKS = {
    "pending": "https://security.microsoft.com/action-center/pending",
    "history": "https://security.microsoft.com/action-center/history",
    "investigations": "https://security.microsoft.com/airinvestigation",
}
PENDING = "pendingapproval"
LAPSES = 7  # days after which a pending action counts as rejected. [doc]
# What evidence is called by, the first member that it has.
EVIDENCE = ("deviceDnsName", "fileDetails", "url", "primaryAddress", "userAccount", "networkMessageId", "networkMessageIds", "processId")


def asks(options: Values, now: Clock = utc_now) -> tuple[Ask, ...]:
    """Alerts and incidents that changed in the last days."""
    since = (now() - timedelta(days=options["days"])).replace(microsecond=0, tzinfo=None).isoformat()
    recent = ("$filter", f"lastUpdateDateTime ge {since}Z")
    return (Ask("graph", Query(ALERTS, (recent,))), Ask("graph", Query(INCIDENTS, (recent, ("$top", 50)))))


def _evidence_name(item: Row) -> str:
    member = next((name for name in EVIDENCE if item.get(name)), "")
    value: Any = item.get(member)
    if isinstance(value, dict):
        value = value.get("fileName") or value.get("userPrincipalName") or value.get("accountName") or ""
    if isinstance(value, list):
        return f"{len(value)} messages"
    return str(value or folded(item.get("@odata.type")).rpartition(".")[2])


def _waits(alert: Row) -> bool:
    return folded(alert.get("investigationState")) == PENDING or any(
        folded(item.get("remediationStatus")) == PENDING for item in alert.get("evidence") or ()
    )


def _entry(what: str, row: Row, now: datetime, **more: Any) -> Values:
    since = moment(row.get("createdDateTime"))
    return {
        "what": what,
        "id": str(row.get("id") or ""),
        "title": row.get("title") or row.get("displayName") or "",
        "severity": row.get("severity") or "unknown",
        "since": row.get("createdDateTime") or "",
        "age_days": round((now - since).total_seconds() / 86400, 1) if since else None,
        "link": row.get("alertWebUrl") or row.get("incidentWebUrl") or LINKS["pending"],
        **more,
    }


def _of_alert(alert: Row, now: datetime) -> Values:
    evidence = alert.get("evidence") or ()
    return _entry(
        "alert",
        alert,
        now,
        product=alert.get("productName") or alert.get("serviceSource") or "",
        incident=str(alert.get("incidentId") or ""),
        acts_on=[_evidence_name(item) for item in evidence if folded(item.get("remediationStatus")) == PENDING],
        devices=sorted({item["deviceDnsName"] for item in evidence if item.get("deviceDnsName")}),
        device_groups=sorted({item["rbacGroupName"] for item in evidence if item.get("rbacGroupName")}),
    )


def answer(options: Values, answers: Answers, now: Clock = utc_now) -> Values:
    """Every approval that waits, oldest first. complete: whether both lists could be read. now: what time it is."""
    alerts, incidents = rows_of(answers, "graph", ALERTS), rows_of(answers, "graph", INCIDENTS)
    if isinstance(alerts, TenantError):
        raise alerts
    time = now()
    pending = [_of_alert(alert, time) for alert in alerts if _waits(alert)]
    told = {entry["incident"] for entry in pending}
    not_read = []
    if isinstance(incidents, TenantError):
        not_read.append({"what": "incidents", "reason": incidents.message})
    else:
        # An incident waits for an action without an alert of its own saying so, as some investigations of mail do.
        pending += [
            _entry("incident", row, time, product="", incident=str(row.get("id")), acts_on=[], devices=[], device_groups=[])
            for row in incidents
            if folded(row.get("status")) == "awaitingaction" and str(row.get("id")) not in told
        ]
    pending.sort(key=lambda entry: (entry["age_days"] is None, -(entry["age_days"] or 0), entry["id"]))
    oldest = pending[0] if pending else None
    return {
        "pending": pending,
        "count": len(pending),
        "oldest": oldest["since"] if oldest else "",
        "oldest_days": oldest["age_days"] if oldest else None,
        "lapses_after_days": LAPSES,
        "by_product": _counts(entry["product"] or "not told" for entry in pending),
        "by_severity": _counts(entry["severity"] for entry in pending),
        "complete": not not_read,
        "not_read": not_read,
        "links": dict(LINKS),
    }


def _counts(words: Any) -> dict[str, int]:
    counts: dict[str, int] = {}
    for word in words:
        counts[word] = counts.get(word, 0) + 1
    return dict(sorted(counts.items()))


PENDING_ACTION_INFO = Reader(
    kind="pending_action_info",
    asks=asks,
    answer=answer,
    options={"days": {"type": "int", "default": 30}},
    wrong=lambda options: [f"days must be between 1 and 180, not {options['days']}"] if not 1 <= options["days"] <= 180 else [],
)
