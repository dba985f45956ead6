# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The portal's Action center: what waits, what was done, and an invented way to decide (see invented/action_center.py)."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

from .devices import told
from .invented import action_center as invented
from .invented import portal as invented_portal
from .service import Answer, Call, Refused
from .tenant import Row, Tenant

PENDING, HISTORY = "portal.pending_actions", "portal.history_actions"
LISTS = "actionCenter/actioncenterui/"
SORTED_BY = {
    "investigationId": "InvestigationId",
    "bulkId": "BulkId",
    "actionType": "ActionType",
    "entityType": "EntityType",
    "computerName": "ComputerName",
    "actionDecision": "ActionDecision",
    "decidedBy": "DecidedBy",
    "actionSource": "ActionSource",
    "actionStatus": "ActionStatus",
    "eventTime": "EventTime",
}
"""Fields to sort by [code], with the member that each stands for."""

ITEM: Row = {
    "InvestigationId": None,
    "ActionId": "",
    "StartTime": None,
    "EndTime": None,
    "EventTime": None,
    "ActionType": "",
    "ActionDecision": None,
    "DecidedBy": "",
    "Comment": "",
    "RelatedEntities": [],
    "AdditionalFields": {},
    "EntityType": "Unknown",
    "ActionStatus": "",
    "ActionSource": "",
    "Product": "MDE",
    "MachineId": "",
    "ComputerName": "",
}
"""The members that every captured item has [live]; UserPrincipalName and ActionAutomationType come with some."""

_TIMES = ("StartTime", "EndTime", "EventTime")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
LAPSE = timedelta(days=7)
"""A pending action that nobody decides counts as rejected after seven days [doc]."""
SPAN = timedelta(days=184)
"""The history is asked for six months at most [live]; the longest six months have 184 days."""


def _refused(status: int, text: str) -> Refused:
    return Refused(Answer(status, invented_portal.portal_refusal(status, text)))


def _time(text: Any) -> datetime:
    return datetime.fromisoformat(str(text).removesuffix("Z"))


def _now(tenant: Tenant) -> datetime:
    return tenant.clock().replace(tzinfo=None)


def _items(tenant: Tenant, noun: str) -> list[Row]:
    """The rows of a list in full; times stand without a zone [live]."""
    rows = []
    for row in told(tenant, noun):
        full = {**ITEM, **row}
        rows.append({name: str(value).removesuffix("Z") if value and name in _TIMES else value for name, value in full.items()})
    return rows


def _lapsed(tenant: Tenant, row: Row) -> bool:
    return _now(tenant) - _time(row["StartTime"]) > LAPSE


def waiting(tenant: Tenant) -> list[Row]:
    """What waits: nothing that is older than seven days."""
    return [row for row in _items(tenant, PENDING) if not _lapsed(tenant, row)]


def done(tenant: Tenant) -> list[Row]:
    """What was done, and what lapsed."""
    lapsed = [invented.lapsed_action(row, (_time(row["StartTime"]) + LAPSE).isoformat()) for row in _items(tenant, PENDING)]
    return _items(tenant, HISTORY) + [row for row in lapsed if _lapsed(tenant, row)]


def _number(query: dict[str, str], name: str, most: int) -> int:
    value = query.get(name, "")
    if not value.isdecimal() or not 1 <= int(value) <= most:
        raise _refused(400, f"The value '{value}' of '{name}' is not valid.")
    return int(value)


def _listed(call: Call, rows: list[Row], kind: str, *more: str) -> Answer:
    """A page of a list. Every option of the captured query has to be there, and no other: that the service is so strict is a guess."""
    query = call.query
    wanted = {"type", "useMtpApi", "pageIndex", "pageSize", "sortByField", "sortOrder", *more}
    for name in sorted(wanted ^ set(query)):
        raise _refused(400, f"The query option '{name}' is {'missing' if name in wanted else 'not known'}.")
    if query["type"] != kind or query["useMtpApi"] != "true":
        raise _refused(400, f"This list is asked with type={kind} and useMtpApi=true.")
    if query["sortByField"] not in SORTED_BY or query["sortOrder"] not in ("Ascending", "Descending"):
        raise _refused(400, f"The list cannot be sorted by '{query['sortByField']}' and '{query['sortOrder']}'.")
    page, size = _number(query, "pageIndex", 100_000), _number(query, "pageSize", invented.ACTIONS_IN_A_PAGE)
    by = SORTED_BY[query["sortByField"]]
    rows = sorted(rows, key=lambda row: (str(row.get(by) or ""), str(row["ActionId"])), reverse=query["sortOrder"] == "Descending")
    shown = [{name: value for name, value in row.items() if not name.startswith("_")} for row in rows]
    return Answer(200, {"Count": len(rows), "Results": shown[(page - 1) * size : page * size]})


def pending(tenant: Tenant, call: Call) -> Answer:
    """GET pending-actions/ [live]: the shape of its items is that of the history, as no list with items was ever published."""
    return _listed(call, waiting(tenant), "pending")


def history(tenant: Tenant, call: Call) -> Answer:
    """GET history-actions/ [live]: what was done between two moments that are six months apart at most."""
    span = []
    for name in ("fromDate", "toDate"):
        value = call.query.get(name, "")
        if not _MOMENT.fullmatch(value):
            raise _refused(400, f"The value '{value}' of '{name}' is not valid.")
        span.append(_time(value))
    if not timedelta(0) <= span[1] - span[0] <= SPAN:
        raise _refused(400, "The time between fromDate and toDate must not be longer than six months.")
    rows = [row for row in done(tenant) if span[0] <= _time(row["EventTime"]) <= span[1]]
    return _listed(call, rows, "history", "fromDate", "toDate")


# ---------------------------------------------------------------- deciding: invented


def decide(tenant: Tenant, call: Call, user: str, allowed: bool) -> Answer:
    """The invented request by which the emulated portal's page approves, rejects and undoes."""
    if call.query:
        raise _refused(400, "This request has no query options.")
    undo_of = call.path.rpartition(f"/{invented.UNDO}")[2] if f"/{invented.UNDO}" in call.path else ""
    asked, fault = invented.decision_asked(call.json_or_none(), undo_of)
    if fault:
        raise _refused(400, fault)
    if not allowed:
        raise _refused(403, "The signed-in user may not take remediation actions.")
    now = _now(tenant).isoformat(timespec="microseconds")
    if asked["decision"] == "Undo":
        rows = _items(tenant, HISTORY)
        row = next((one for one in rows if one["ActionId"] == asked["action"]), None)
        if row is None:
            raise _refused(404, f"There is no action {asked['action']}.")
        fault = invented.undo_fault(row)
        if fault:
            raise _refused(409, fault)
        undone = invented.undone_action(row, asked["comment"], user, now)
        tenant.write(HISTORY, [undone if one is row else one for one in rows])
        return Answer(200, {"ActionId": row["ActionId"], "Accepted": True})
    row = next((one for one in waiting(tenant) if one["ActionId"] == asked["action"]), None)
    if row is None:
        known = any(one["ActionId"] == asked["action"] for one in done(tenant))
        raise _refused(*((409, "The action was decided already.") if known else (404, f"There is no action {asked['action']}.")))
    if asked["investigation"] != row["InvestigationId"]:
        raise _refused(400, "The action belongs to another investigation.")
    decided = invented.decided_action(row, asked["decision"], asked["comment"], user, now)
    left = [one for one in _items(tenant, PENDING) if one["ActionId"] != row["ActionId"]]
    tenant.write(HISTORY, [*_items(tenant, HISTORY), decided])
    tenant.write(PENDING, left)
    _tell_alerts(tenant, row, asked["decision"], left)
    return Answer(200, {"ActionId": row["ActionId"], "Accepted": True})


def _tell_alerts(tenant: Tenant, row: Row, decision: str, left: list[Row]) -> None:
    """The alert of a decided action, and its incident, when nothing else of it waits."""
    waiting_alerts = {number for one in left for number in one.get("_alerts") or ()}
    closed = {number for number in row.get("_alerts") or () if number not in waiting_alerts}
    if not closed:
        return
    alerts = [invented.alert_after(one, decision) if one["id"] in closed else one for one in tenant.rows("alerts_v2")]
    tenant.write("alerts_v2", alerts)
    waits = {one["incidentId"] for one in alerts if one["investigationState"] == "pendingApproval"}
    incidents = [
        {**one, "status": "active"} if one["status"] == "awaitingAction" and one["id"] not in waits else one
        for one in tenant.rows("incidents")
    ]
    tenant.write("incidents", incidents)
