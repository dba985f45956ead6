# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The audit log of automated investigation and response: who decided what, when, about what."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._errors import TenantError
from ansible_collections.m365.defender.plugins.module_utils._reader import Answers, Ask, Reader
from ansible_collections.m365.defender.plugins.module_utils._resource import Query, Row, Values
from ansible_collections.m365.defender.plugins.module_utils.readers._answers import Clock, folded, utc_now
from ansible_collections.m365.defender.plugins.module_utils.readers._narrow import (
    counts,
    instant,
    stamp,
    wrong_days,
    wrong_most,
    wrong_times,
)

# Record type, as the audit log names it [doc] metadata -> as the search takes it [doc] Create auditLogQuery; public clients send it so.
RECORD_TYPES = {
    "AirInvestigation": "airInvestigation",
    "AirManualInvestigation": "airManualInvestigation",
    "AirAdminActionInvestigation": "airAdminActionInvestigation",
    "MDATPAudit": "mdatpAudit",
    "MSDEResponseActions": "msdeResponseActions",
    "MSDEGeneralSettings": "msdeGeneralSettings",
    "MSDERolesSettings": "msdeRolesSettings",
    "MSDEIndicatorsSettings": "msdeIndicatorsSettings",
    "MS365DCustomDetection": "ms365DCustomDetection",
    "MS365DIncident": "ms365DIncident",
    "MS365DSuppressionRule": "ms365DSuppressionRule",
    "WDATPAlerts": "wdatpAlerts",
    "Quarantine": "quarantine",
}
# What is decided about threats, by whomever.
DECISIONS = ("AirInvestigation", "AirManualInvestigation", "AirAdminActionInvestigation", "MDATPAudit", "MSDEResponseActions")
KEPT = 365  # days; with the smaller licences 180. [recall]
# Members of auditData, which is open: what the record is about. [recall] the schema of the Office 365 Management Activity API
_TARGETS = ("DeviceName", "InvestigationName", "EntityName", "RemediatedEntity", "FileName", "ObjectName", "InvestigationId")
_COMMENTS = ("ActionComment", "Comment", "Comments")


def _known(word: Any) -> str:
    """A record type as the audit log names it, from any case of its letters; one that is not known as it is."""
    return next((name for name in RECORD_TYPES if folded(name) == folded(word)), str(word or ""))


def asks(options: Values, now: Clock = utc_now) -> tuple[Ask, ...]:
    """One search."""
    until = instant(options["until"]) or stamp(now())
    since = instant(options["since"]) or stamp(now() - timedelta(days=options["days"]))
    parameters: tuple[tuple[str, Any], ...] = (
        ("displayName", "m365.defender audit_info"),
        ("filterStartDateTime", since),
        ("filterEndDateTime", until),
        ("recordTypeFilters", tuple(dict.fromkeys(RECORD_TYPES[_known(one)] for one in options["record_types"]))),
    )
    if options["operations"]:
        parameters += (("operationFilters", tuple(options["operations"])),)
    if options["users"]:
        parameters += (("userPrincipalNameFilters", tuple(options["users"])),)
    return (Ask("graph", Query("audit", (*parameters, ("wait_for_search", options["wait_for_search"])), options["most"] + 1)),)


def _data(row: Row) -> Row:
    """The open part of a record, which may come as a text."""
    data = row.get("auditData")
    if isinstance(data, str):
        try:
            data = json.loads(data)
        except ValueError:
            data = None
    return data if isinstance(data, dict) else {}


def _actions(data: Row) -> list[Values]:
    """The actions of an investigation that a record tells of; each may be a structure or its text."""
    found = []
    told = data.get("Actions")
    for one in told if isinstance(told, list) else [told] if told else []:
        if isinstance(one, str):
            try:
                one = json.loads(one)
            except ValueError:
                continue
        if isinstance(one, dict):
            found.append(
                {
                    "type": str(one.get("ActionType") or ""),
                    "status": str(one.get("ActionStatus") or ""),
                    "approval": str(one.get("ActionApproval") or ""),
                }
            )
    return found


def _first(data: Row, members: tuple[str, ...]) -> str:
    return str(next((data[name] for name in members if data.get(name)), ""))


def _type(row: Row) -> str:
    """A record's type as the audit log names it, whatever the case in which it was told."""
    return _known(row.get("auditLogRecordType"))


def _record(row: Row, details: bool) -> Values:
    data = _data(row)
    who = str(row.get("userPrincipalName") or row.get("userId") or "")
    shown: Values = {
        "id": str(row.get("id") or ""),
        "time": row.get("createdDateTime") or "",
        "who": who,
        "by_person": "@" in who and folded(row.get("userType")) not in ("system", "application", "serviceprincipal"),
        "record_type": _type(row),
        "operation": row.get("operation") or "",
        "service": row.get("service") or "",
        "target": _first(data, _TARGETS) or str(row.get("objectId") or ""),
        "status": str(data.get("Status") or ""),
        "comment": _first(data, _COMMENTS),
        "actions": _actions(data),
        "client_ip": row.get("clientIp") or "",
    }
    if details:
        shown["details"] = data
    return shown


def answer(options: Values, answers: Answers) -> Values:
    """The records, newest first. more: whether there are others besides."""
    rows = next(iter(answers.values()))
    if isinstance(rows, TenantError):
        raise rows
    shown = [_record(row, options["details"]) for row in rows[: options["most"]]]
    shown.sort(key=lambda one: str(one["time"]), reverse=True)
    return {
        "records": shown,
        "count": len(shown),
        "more": len(rows) > len(shown),
        "by_record_type": counts(one["record_type"] for one in shown),
        "by_person": counts(one["who"] for one in shown if one["by_person"]),
    }


def _wrong(options: Values) -> list[str]:
    errors = [*wrong_most(options, 50000), *wrong_days(options, KEPT), *wrong_times(options, "since", "until")]
    if not options["record_types"]:
        errors.append("record_types must name at least one")
    strange = [one for one in options["record_types"] if _known(one) not in RECORD_TYPES]
    if strange:
        errors.append(f"record_types has {', '.join(strange)}, which is none of {', '.join(RECORD_TYPES)}")
    if not 10 <= options["wait_for_search"] <= 3600:
        errors.append(f"wait_for_search must be between 10 and 3600 seconds, not {options['wait_for_search']}")
    return errors


AUDIT_INFO = Reader(
    kind="audit_info",
    asks=asks,
    answer=answer,
    options={
        "record_types": {"type": "list", "elements": "str", "default": list(DECISIONS)},
        "operations": {"type": "list", "elements": "str"},
        "users": {"type": "list", "elements": "str"},
        "days": {"type": "int", "default": 7},
        "since": {"type": "str"},
        "until": {"type": "str"},
        "details": {"type": "bool", "default": False},
        "most": {"type": "int", "default": 500},
        "wait_for_search": {"type": "int", "default": 600},
    },
    wrong=_wrong,
)
