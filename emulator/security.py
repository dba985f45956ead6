# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Microsoft Graph has below /security: incidents, alerts, hunting, sensors, the audit log, remediation of mail."""

from __future__ import annotations

import json
import math
import re
import uuid
from datetime import timedelta
from typing import Any

from . import hunting
from .devices import hunting_tables, told
from .graph_form import Asked, refusal, route
from .invented import defender as invented
from .odata import Options, moment
from .service import Answer, Refused
from .tenant import Row


def _provisioned(asked: Asked) -> None:
    text = invented.security_without_defender(asked.tenant.plans)
    if text:
        raise asked.refused(403, "Forbidden", text)


_EVIDENCE = {
    "mdeDeviceId": "deviceEvidence",
    "fileDetails": "fileEvidence",
    "networkMessageId": "analyzedMessageEvidence",
    "networkMessageIds": "mailClusterEvidence",
    "primaryAddress": "mailboxEvidence",
    "userAccount": "userEvidence",
    "url": "urlEvidence",
}
"""Kinds of evidence by a member that only they have [doc]; rows are kept without annotations."""


def _with_kinds(rows: list[Row]) -> list[Row]:
    """Alerts with `@odata.type` in front of each piece of evidence."""
    shown = []
    for row in rows:
        evidence = []
        for item in row.get("evidence") or []:
            kind = next((name for member, name in _EVIDENCE.items() if member in item), "alertEvidence")
            evidence.append({"@odata.type": f"#microsoft.graph.security.{kind}", **item})
        shown.append({**row, "evidence": evidence})
    return shown


_LATE = {
    "status": {"awaitingAction"},
    "serviceSource": {
        "microsoftDefenderForCloud",
        "microsoftSentinel",
        "microsoftInsiderRiskManagement",
        "microsoftThreatIntelligence",
        "microsoftSecurityForAI",
    },
    "remediationStatus": {"active", "pendingApproval", "declined", "unremediated", "running", "partiallyRemediated"},
}
"""Members that came to their enumerations later. [doc] the metadata, by the place of unknownFutureValue"""


def _worded(asked: Asked, value: Any) -> Any:
    """Late members as unknownFutureValue, unless the client asks for every member. [doc] evolvable enumerations"""
    if "include-unknown-enum-members" in asked.call.headers.get("prefer", ""):
        return value
    if isinstance(value, list):
        return [_worded(asked, one) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        name: "unknownFutureValue" if isinstance(one, str) and one in _LATE.get(name, ()) else _worded(asked, one)
        for name, one in value.items()
    }


def _incidents(asked: Asked) -> Answer:
    _provisioned(asked)
    alerts = _with_kinds(told(asked.tenant, "alerts_v2"))

    def finish(row: Row, expand: tuple[str, ...]) -> Row:
        shown = {**row, "alerts": [alert for alert in alerts if alert["incidentId"] == row["id"]]} if expand else row
        return _worded(asked, shown)

    return asked.page(told(asked.tenant, "incidents"), INCIDENTS, "security/incidents", finish)


def _alerts(asked: Asked) -> Answer:
    _provisioned(asked)
    rows = _with_kinds(told(asked.tenant, "alerts_v2"))
    return asked.page(rows, ALERTS, "security/alerts_v2", lambda row, _expand: _worded(asked, row))


def _incident(asked: Asked) -> Answer:
    """One incident; its alerts come with $expand. [code] clients; the page of Microsoft shows it for the list"""
    _provisioned(asked)
    row = _the_one(asked, told(asked.tenant, "incidents"))
    if asked.call.query.pop("$expand", None) == "alerts":
        alerts = _with_kinds(told(asked.tenant, "alerts_v2"))
        row = {**row, "alerts": [alert for alert in alerts if alert["incidentId"] == row["id"]]}
    return asked.entity(_worded(asked, row), "security/incidents")


def _alert(asked: Asked) -> Answer:
    _provisioned(asked)
    return asked.entity(_worded(asked, _the_one(asked, _with_kinds(told(asked.tenant, "alerts_v2")))), "security/alerts_v2")


def _the_one(asked: Asked, rows: list[Row]) -> Row:
    for row in rows:
        if row["id"] == asked.parts[0]:
            return row
    raise asked.refused(404, "NotFound", f"Resource '{asked.parts[0]}' was not found.")


_COMMON = ("assignedTo", "classification", "createdDateTime", "determination", "lastUpdateDateTime", "severity", "status")
INCIDENTS = Options("microsoft.graph.security.incident", _COMMON, top=50, page=50, count=True, expand=("alerts",))
"""Filterable members and the limit of 50 [recall]."""
ALERTS = Options("microsoft.graph.security.alert", (*_COMMON, "serviceSource"), top=2000, page=invented.ALERTS_IN_A_PAGE, count=True)
"""Filterable members [recall]: investigationState is not among them."""


def _sensors(asked: Asked) -> Answer:
    return _identity(asked, "sensors", Options("microsoft.graph.security.sensor", ("healthStatus", "sensorType"), page=100, count=True))


def _health_issues(asked: Asked) -> Answer:
    members = ("Status", "status", "severity", "healthIssueType")
    rows = [{**row, "Status": row["status"]} for row in told(asked.tenant, "healthIssues")]
    options = Options("microsoft.graph.security.healthIssue", members, page=100, count=True)
    return _identity(asked, "healthIssues", options, rows)


def _identity(asked: Asked, noun: str, options: Options, rows: list[Row] | None = None) -> Answer:
    text = invented.identity_without_defender(asked.tenant.plans)
    if text:
        raise asked.refused(403, "Forbidden", text)

    def finish(row: Row, _expand: tuple[str, ...]) -> Row:
        return {name: value for name, value in row.items() if name != "Status"}

    return asked.page(told(asked.tenant, noun) if rows is None else rows, options, f"security/identities/{noun}", finish)


# ---------------------------------------------------------------- advanced hunting

ROWS, CALLS, CYCLE = 100_000, 45, timedelta(minutes=15)
"""Rows of an answer, calls in a minute, and the cycle of the CPU quota. [doc] defender-xdr/api-advanced-hunting"""


def _throttled(asked: Asked, quota: str, seconds: float) -> Refused:
    made = refusal(asked.call, 429, "TooManyRequests", invented.HUNTING_QUOTAS[quota])
    made.headers.append(("Retry-After", str(max(1, math.ceil(seconds)))))
    return Refused(made)


def _within_quotas(asked: Asked) -> None:
    """45 calls in a minute, and CPU time until the next cycle. A row of `huntingQuota` (calls, cpu_used_up) sets other limits."""
    now = asked.tenant.clock()
    limits = next(iter(asked.tenant.rows("huntingQuota")), {})
    calls = [then for then in asked.tenant.notes.get("hunting calls", []) if now - then < timedelta(minutes=1)]
    if len(calls) >= int(limits.get("calls", CALLS)):
        raise _throttled(asked, "calls", (calls[0] + timedelta(minutes=1) - now).total_seconds() if calls else 60)
    if limits.get("cpu_used_up"):
        raise _throttled(asked, "cpu", CYCLE.total_seconds() - now.timestamp() % CYCLE.total_seconds())
    asked.tenant.notes["hunting calls"] = [*calls, now]


def _hunt(asked: Asked) -> Answer:
    try:
        body = asked.call.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise asked.refused(400, "BadRequest", "Unable to read JSON request payload.")
    given = {name.lower(): value for name, value in body.items()}
    query = given.pop("query", None)
    timespan = given.pop("timespan", None)
    if given or not isinstance(query, str) or not query.strip() or not isinstance(timespan, (str, type(None))):
        raise asked.refused(400, "BadRequest", "The request takes 'Query' (a text, required) and 'Timespan'.")
    _within_quotas(asked)
    now = asked.tenant.clock()
    try:
        tables = hunting.within(hunting_tables(asked.tenant), timespan or "P30D", now)
        found = hunting.hunt(query, tables, now)
    except (hunting.BadHunt, ValueError) as error:
        raise asked.refused(400, "BadRequest", f"{error}. Fix semantic errors in your query") from error
    return Answer(
        200,
        {
            "@odata.context": f"{asked.call.base}/v1.0/$metadata#microsoft.graph.security.huntingQueryResults",
            "schema": [{"name": name, "type": kind} for name, kind in found.columns.items()],
            "results": [{name: row.get(name) for name in found.columns} for row in found.rows[:ROWS]],
        },
    )


# ---------------------------------------------------------------- the audit log

_AUDIT_MEMBERS = {
    "displayName": str,
    "filterStartDateTime": str,
    "filterEndDateTime": str,
    "recordTypeFilters": list,
    "keywordFilter": str,
    "serviceFilter": str,
    "operationFilters": list,
    "userPrincipalNameFilters": list,
    "ipAddressFilters": list,
    "objectIdFilters": list,
    "administrativeUnitIdFilters": list,
}
"""What can be given for a new auditLogQuery. [doc]"""


def _audit_query(asked: Asked) -> Answer:
    """A search of the audit log is an object that is made, looked at until it has succeeded, and then has records. [doc]"""
    body = asked.call.json_or_none()
    if not isinstance(body, dict):
        raise asked.refused(400, "BadRequest", "Unable to read JSON request payload.")
    body.pop("@odata.type", None)
    for name, value in body.items():
        if name not in _AUDIT_MEMBERS:
            raise asked.refused(
                400, "BadRequest", f"The property '{name}' does not exist on type 'microsoft.graph.security.auditLogQuery'."
            )
        if not isinstance(value, _AUDIT_MEMBERS[name]):
            raise asked.refused(400, "BadRequest", f"The property '{name}' has a value of another type.")
    known = {name.lower() for name in invented.AUDIT_RECORD_TYPES}
    for name in body.get("recordTypeFilters", []):
        if str(name).lower() not in known:
            raise asked.refused(400, "BadRequest", f"Requested value '{name}' was not found.")
    try:
        since, until = (moment(body[name]) if name in body else None for name in ("filterStartDateTime", "filterEndDateTime"))
    except ValueError:
        raise asked.refused(400, "BadRequest", "Cannot convert a value to the expected target type 'Edm.DateTimeOffset'.") from None
    if since and until and since >= until:
        raise asked.refused(400, "BadRequest", invented.AUDIT_TIMES)
    made = {"id": str(uuid.uuid4()), "status": "notStarted", **body}
    asked.tenant.notes.setdefault("audit queries", {})[made["id"]] = {"query": made, "looks": 0}
    return Answer(201, _shown(asked, made))


def _shown(asked: Asked, query: Row) -> Row:
    return {"@odata.context": f"{asked.call.base}/v1.0/$metadata#security/auditLog/queries/$entity", **query}


def _made_query(asked: Asked) -> Row:
    kept: Row | None = asked.tenant.notes.get("audit queries", {}).get(asked.parts[0])
    if kept is None:
        raise asked.refused(404, "NotFound", f"Resource '{asked.parts[0]}' was not found.")
    return kept


def _audit_look(asked: Asked) -> Answer:
    kept = _made_query(asked)
    kept["looks"] += 1
    kept["query"]["status"] = "succeeded" if kept["looks"] >= invented.AUDIT_LOOKS else "running"
    return Answer(200, _shown(asked, kept["query"]))


def _audit_records(asked: Asked) -> Answer:
    query = _made_query(asked)["query"]
    if query["status"] != "succeeded":
        raise asked.refused(400, "BadRequest", "The query is not ready.")  # [code] a public client's recorded answer
    rows = [row for row in told(asked.tenant, "auditRecords") if _matches(row, query)]
    rows.sort(key=lambda row: row["createdDateTime"], reverse=True)
    options = Options("microsoft.graph.security.auditLogRecord", page=invented.AUDIT_PAGE, top=1000, skip=False)
    return asked.page(rows, options, f"security/auditLog/queries('{query['id']}')/records")


def _matches(row: Row, query: Row) -> bool:
    def among(member: str, filters: str) -> bool:
        wanted = query.get(filters)
        return not wanted or str(row.get(member) or "").lower() in {str(one).lower() for one in wanted}

    when = moment(row["createdDateTime"])
    return (
        among("auditLogRecordType", "recordTypeFilters")
        and among("operation", "operationFilters")
        and among("userPrincipalName", "userPrincipalNameFilters")
        and among("clientIp", "ipAddressFilters")
        and among("objectId", "objectIdFilters")
        and ("filterStartDateTime" not in query or moment(query["filterStartDateTime"]) <= when)
        and ("filterEndDateTime" not in query or when <= moment(query["filterEndDateTime"]))
        and ("keywordFilter" not in query or query["keywordFilter"].lower() in json.dumps(row).lower())
    )


# ---------------------------------------------------------------- remediation of mail

_GUID = re.compile(r"^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$")
_ACTIONS = ("moveToJunk", "moveToInbox", "hardDelete", "softDelete", "moveToDeletedItems")


def _remediate(asked: Asked) -> Answer:
    """Mail is acted on by message and recipient; the answer is 202 and a Location in the Action center. [doc] analyzedEmail: remediate"""
    text = invented.remediation_without_plan_two(asked.tenant.plans)
    if text:
        raise asked.refused(403, "Forbidden", text)
    body = asked.call.json_or_none()
    wanted = {"displayName", "description", "severity", "action", "remediateSendersCopy", "analyzedEmails"}
    if not isinstance(body, dict) or set(body) != wanted:
        raise asked.refused(400, "BadRequest", f"The request takes exactly {', '.join(sorted(wanted))}.")
    if body["action"] not in _ACTIONS:  # moveToQuarantine is a member of the enumeration that is not supported yet. [doc]
        raise asked.refused(400, "BadRequest", f"The action '{body['action']}' is not supported.")
    if body["severity"] not in ("low", "medium", "high"):
        raise asked.refused(400, "BadRequest", f"Requested value '{body['severity']}' was not found.")
    if not isinstance(body["remediateSendersCopy"], bool):
        raise asked.refused(400, "BadRequest", "Cannot convert a value to the expected target type 'Edm.Boolean'.")
    mails = body["analyzedEmails"]
    if not isinstance(mails, list) or not mails or not all(_is_mail(one) for one in mails):
        raise asked.refused(400, "BadRequest", "analyzedEmails needs networkMessageId and recipientEmailAddress of each.")
    number = str(uuid.uuid4())
    asked.tenant.write("mailRemediations", [*asked.tenant.rows("mailRemediations"), {"id": number, **body}])
    place = f'https://security.microsoft.com/action-center/history?filters={{"bulkId":["{number}"]}}&tid={asked.tenant.tenant_id}'
    return Answer(202, None, [("Location", place)])


def _is_mail(row: Any) -> bool:
    return (
        isinstance(row, dict)
        and set(row) == {"networkMessageId", "recipientEmailAddress"}
        and bool(_GUID.match(str(row["networkMessageId"])))
        and "@" in str(row["recipientEmailAddress"])
    )


# ---------------------------------------------------------------- routes

_INCIDENTS_READ = "SecurityIncident.Read.All SecurityIncident.ReadWrite.All"
_ALERTS_READ = "SecurityAlert.Read.All SecurityAlert.ReadWrite.All"
_SENSORS_READ = "SecurityIdentitiesSensors.Read.All SecurityIdentitiesSensors.ReadWrite.All"
_HEALTH_READ = "SecurityIdentitiesHealth.Read.All SecurityIdentitiesHealth.ReadWrite.All"
_AUDIT_READ = "AuditLogsQuery.Read.All"

ROUTES = (
    route("GET", "/security/incidents", _INCIDENTS_READ, _incidents),
    route("GET", "/security/incidents/{}", _INCIDENTS_READ, _incident),
    route("GET", "/security/alerts_v2", _ALERTS_READ, _alerts),
    route("GET", "/security/alerts_v2/{}", _ALERTS_READ, _alert),
    route("POST", "/security/runHuntingQuery", "ThreatHunting.Read.All", _hunt),
    route("GET", "/security/identities/sensors", _SENSORS_READ, _sensors),
    route("GET", "/security/identities/healthIssues", _HEALTH_READ, _health_issues),
    route("POST", "/security/auditLog/queries", _AUDIT_READ, _audit_query),
    route("GET", "/security/auditLog/queries/{}", _AUDIT_READ, _audit_look),
    route("GET", "/security/auditLog/queries/{}/records", _AUDIT_READ, _audit_records),
    route("POST", "/security/collaboration/analyzedEmails/remediate", "SecurityAnalyzedMessage.ReadWrite.All", _remediate),
)
