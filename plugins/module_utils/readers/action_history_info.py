# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was done about threats, automatically or by whom, with which outcome: the Action center's history.

Only the portal has it. [live] Without a portal session there are the machine actions of Defender for Endpoint, [doc] which are those that
people and programs asked for on devices; what automated investigation did, and who approved it, is not among them. The audit log tells some
of it, slowly, if that is asked for.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._errors import TenantError
from ansible_collections.m365.defender.plugins.module_utils._reader import Answers, Ask, Reader
from ansible_collections.m365.defender.plugins.module_utils._resource import Query, Row, Values
from ansible_collections.m365.defender.plugins.module_utils.readers import audit_info
from ansible_collections.m365.defender.plugins.module_utils.readers._actions import LINKS, counts, has_no_session, stamp, told, when
from ansible_collections.m365.defender.plugins.module_utils.readers._answers import Clock, folded, rows_of, utc_now

HISTORY, MACHINE_ACTIONS, CONTEXT = "history_actions", "machineactions", "tenant_context"
MOST_DAYS = 180  # the portal gives six months at a time. [live]
OUTCOMES = ("succeeded", "failed", "rejected", "lapsed", "undone", "cancelled", "running", "unknown")
# Words of the services without case and spaces. [live] completed; [doc] those of machine actions; the others are guesses.
STATUSES = {
    "completed": "succeeded",
    "succeeded": "succeeded",
    "failed": "failed",
    "timeout": "failed",
    "timedout": "lapsed",
    "expired": "lapsed",
    "declined": "rejected",
    "rejected": "rejected",
    "undone": "undone",
    "reverted": "undone",
    "cancelled": "cancelled",
    "canceled": "cancelled",
    "pending": "running",
    "inprogress": "running",
    "running": "running",
    "submitted": "running",
}
SEEN = "What automated investigation did, and who approved it, is told in full by the portal only: hand in portal_session."
MOST_RECORDS = 5_000


def plain(word: Any) -> str:
    """A word for comparison: without case, spaces and lines between."""
    return folded(word).replace(" ", "").replace("_", "").replace("-", "")


def until_of(options: Values, now: Clock) -> datetime:
    """The end of the time that is looked at."""
    return when(options.get("until")) or now()


def asks(options: Values, now: Clock = utc_now) -> tuple[Ask, ...]:
    """The portal's history between two moments, and the machine actions since the first."""
    end = until_of(options, now).astimezone(UTC)
    begin = end - timedelta(days=options["days"])
    texts = [one.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z" for one in (begin, end)]
    since = ("$filter", f"creationDateTimeUtc ge {stamp(begin)}")
    return (
        Ask("portal", Query(CONTEXT)),
        Ask("portal", Query(HISTORY, (("fromDate", texts[0]), ("toDate", texts[1])))),
        Ask("defender", Query(MACHINE_ACTIONS, (since,))),
        *(audit_info.AUDIT_INFO.asks(_search(begin, end)) if options.get("audit") else ()),
    )


def _search(begin: datetime, end: datetime) -> Values:
    """The options of a search for decisions in the audit log."""
    blank = {name: one.get("default") for name, one in audit_info.AUDIT_INFO.options.items()}
    return {**blank, "since": stamp(begin), "until": stamp(end), "record_types": list(audit_info.DECISIONS), "most": MOST_RECORDS}


def outcome_of(status: str, decision: str = "") -> str:
    """How an action ended, as far as the words are known."""
    found = STATUSES.get(plain(status), "unknown")
    said = STATUSES.get(plain(decision), "")
    return said if said == "rejected" and found in ("unknown", "succeeded") else found


def _origin(item: Values) -> str:
    """Who began it. [doc] texts of the source such as "Automated device action", [live] PublicApi; that others begin alike is a guess."""
    source = plain(item["source"])
    if source.startswith("automated") or "automated" in plain(item["automation"]):
        return "automatic"
    if source == "publicapi":
        return "api"
    if source.startswith(("manual", "explorer", "liveresponse", "advancedhunting")):
        return "manual"
    return "automatic" if plain(item["decided_by"]).startswith("microsoftdefender") else "unknown"


def _of_item(row: Row) -> Values:
    item = told(row)
    begun = when(item["started"]) or when(item["updated"])
    return {
        "driver": "portal",
        "id": item["action_id"],
        "investigation_id": item["investigation_id"],
        "action_type": item["action_type"],
        "began": stamp(begun),
        "ended": stamp(when(item["ended"])),
        "origin": _origin(item),
        "source": item["source"],
        "decision": item["decision"],
        "decided_by": item["decided_by"],
        "outcome": outcome_of(item["status"], item["decision"]),
        "status": item["status"],
        "product": item["product"],
        "device": item["device"],
        "machine_id": item["machine_id"],
        "user": item["user"],
        "acts_on": item["acts_on"],
        "comment": item["comment"],
    }


def _of_machine_action(row: Row) -> Values:
    source = str(row.get("requestSource") or "")
    outcome = outcome_of(str(row.get("status") or ""))
    return {
        "driver": "public_api",
        "id": str(row.get("id") or ""),
        "investigation_id": "",
        "action_type": str(row.get("type") or ""),
        "began": stamp(when(row.get("creationDateTimeUtc"))),
        "ended": "" if outcome == "running" else stamp(when(row.get("lastUpdateDateTimeUtc"))),
        "origin": {"publicapi": "api", "portal": "manual"}.get(plain(source), "unknown"),
        "source": source,
        "decision": "",
        "decided_by": str(row.get("requestor") or ""),
        "outcome": outcome,
        "status": str(row.get("status") or ""),
        "product": "Microsoft Defender for Endpoint",
        "device": str(row.get("computerDnsName") or ""),
        "machine_id": str(row.get("machineId") or ""),
        "user": "",
        "acts_on": [],
        "comment": str(row.get("requestorComment") or ""),
    }


def _of_record(record: Values) -> list[Values]:
    """What a record of the audit log tells: its actions, or itself. [recall] what is in its open part"""
    actions = record["actions"] or [{"type": record["operation"], "status": record["status"], "approval": ""}]
    return [
        {
            "driver": "audit_log",
            "id": record["id"],
            "investigation_id": "",
            "action_type": one["type"] or record["operation"],
            "began": stamp(when(record["time"])),
            "ended": "",
            "origin": "manual" if record["by_person"] else "automatic",
            "source": record["record_type"],
            "decision": one["approval"],
            "decided_by": record["who"],
            "outcome": outcome_of(one["status"], one["approval"]),
            "status": one["status"],
            "product": record["service"],
            "device": "",
            "machine_id": "",
            "user": "",
            "acts_on": [record["target"]] if record["target"] else [],
            "comment": record["comment"],
        }
        for one in actions
    ]


def _fits(entry: Values, options: Values) -> bool:
    wanted = (("action_type", "action_type"), ("device", "device"), ("outcome", "outcome"))
    return all(not options.get(name) or folded(entry[word]) in set(map(folded, options[name])) for name, word in wanted)


def _audited(options: Values, answers: Answers, not_read: list[Values]) -> list[Values]:
    """What the audit log tells, if it was asked; adds to `not_read` what it does not."""
    if not options.get("audit"):
        return []
    asked, rows = next((ask, rows) for ask, rows in answers.items() if (ask.service, ask.query.noun) == ("graph", "audit"))
    if isinstance(rows, TenantError):
        not_read.append({"what": "audit_log", "reason": rows.message})
        return []
    found = audit_info.AUDIT_INFO.answer({"most": MOST_RECORDS, "details": False}, {asked: rows})
    if found["more"]:
        not_read.append({"what": "audit_log", "reason": f"The audit log has more than {MOST_RECORDS} records of these days."})
    return [entry for record in found["records"] for entry in _of_record(record)]


def answer(options: Values, answers: Answers, now: Clock = utc_now) -> Values:
    """What was done, newest first. complete: whether it is the whole history, as the portal has it."""
    history, actions = rows_of(answers, "portal", HISTORY), rows_of(answers, "defender", MACHINE_ACTIONS)
    not_read: list[Values] = []
    if isinstance(history, TenantError):
        if isinstance(actions, TenantError):
            raise actions if has_no_session(history) else history
        not_read.append({"what": "history", "reason": SEEN if has_no_session(history) else f"{SEEN} {history.message}"})
        end = stamp(until_of(options, now))
        entries = [entry for entry in map(_of_machine_action, actions) if entry["began"] <= end]
        entries += _audited(options, answers, not_read)
    else:
        # Machine actions and what is audited are among the portal's own list, so they are not told a second time.
        entries = [_of_item(row) for row in history]
        context = rows_of(answers, "portal", CONTEXT)
        if not (isinstance(context, list) and context and context[0].get("IsExposedToAllMachineGroups") is True):
            not_read.append({"what": "history", "reason": "The portal session sees only some device groups."})
    entries = [entry for entry in entries if _fits(entry, options)]
    entries.sort(key=lambda entry: (entry["began"], entry["id"]), reverse=True)
    return {
        "actions": entries,
        "count": len(entries),
        "by_action_type": counts(entry["action_type"] for entry in entries),
        "by_outcome": counts(entry["outcome"] for entry in entries),
        "by_origin": counts(entry["origin"] for entry in entries),
        "by_decider": counts(entry["decided_by"] or "nobody" for entry in entries),
        "by_driver": counts(entry["driver"] for entry in entries),
        "driver": "public_api" if isinstance(history, TenantError) else "portal",
        "complete": not not_read,
        "not_read": not_read,
        "links": dict(LINKS),
    }


def _wrong(options: Values) -> list[str]:
    faults = [] if 1 <= options["days"] <= MOST_DAYS else [f"days must be between 1 and {MOST_DAYS}, not {options['days']}"]
    if options.get("until") and when(options["until"]) is None:
        faults.append(f'until must be a moment such as 2026-09-01T00:00:00Z, not "{options["until"]}"')
    return faults


_WORDS: dict[str, Any] = {"type": "list", "elements": "str"}
ACTION_HISTORY_INFO = Reader(
    kind="action_history_info",
    asks=asks,
    answer=answer,
    options={
        "days": {"type": "int", "default": 30},
        "until": {"type": "str"},
        "audit": {"type": "bool", "default": False},
        "action_type": _WORDS,
        "device": _WORDS,
        "outcome": {**_WORDS, "choices": list(OUTCOMES)},
    },
    wrong=_wrong,
)
