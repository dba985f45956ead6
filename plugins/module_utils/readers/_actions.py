# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An item of the portal's Action center, told in our words. Pure; private to the collection.

[live] the members, from items of the history. Of pending items nothing was published, and another description spells members in lower
case: so members are looked up whatever their case, and words are shown as they came.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._errors import TenantError
from ansible_collections.m365.defender.plugins.module_utils._resource import Row, Values
from ansible_collections.m365.defender.plugins.module_utils.readers._answers import folded, moment

LINKS = {
    "pending": "https://security.microsoft.com/action-center/pending",
    "history": "https://security.microsoft.com/action-center/history",
    "investigations": "https://security.microsoft.com/airinvestigation",
}
LAPSES = 7  # days after which a pending action counts as rejected. [doc]
# Our word -> the portal's member.
MEMBERS = {
    "action_id": "ActionId",
    "investigation_id": "InvestigationId",
    "bulk_id": "BulkId",
    "action_type": "ActionType",
    "entity_type": "EntityType",
    "status": "ActionStatus",
    "decision": "ActionDecision",
    "decided_by": "DecidedBy",
    "comment": "Comment",
    "source": "ActionSource",
    "automation": "ActionAutomationType",
    "machine_id": "MachineId",
    "device": "ComputerName",
    "user": "UserPrincipalName",
    "started": "StartTime",
    "ended": "EndTime",
    "updated": "EventTime",
}
# [live] MDE; the others are guesses.
PRODUCTS = {
    "mde": "Microsoft Defender for Endpoint",
    "mdatp": "Microsoft Defender for Endpoint",
    "mdo": "Microsoft Defender for Office 365",
    "oatp": "Microsoft Defender for Office 365",
    "mdi": "Microsoft Defender for Identity",
    "mcas": "Microsoft Defender for Cloud Apps",
}
# What tells what an item acts on, in its additional fields and entities: names are guesses.
NAMES = frozenset({"filename", "name", "url", "subject", "mailboxprimaryaddress", "recipient", "servicename", "processname", "raw_command"})


def told(row: Row) -> Values:
    """An item in our words: texts, "" for what it does not say; acts_on: what it acts on, as far as it says so."""
    by_name = {folded(name).replace("_", ""): value for name, value in row.items()}
    found: Values = {}
    for word, member in MEMBERS.items():
        value = by_name.get(folded(member))
        found[word] = "" if value is None else str(value)
    product = str(by_name.get("product") or "")
    found["product"] = PRODUCTS.get(folded(product), product)
    named = [value for name, value in texts(by_name.get("additionalfields")) if folded(name) in NAMES]
    named += [value for name, value in texts(by_name.get("relatedentities")) if folded(name) in NAMES]
    found["acts_on"] = list(dict.fromkeys(named))
    return found


def texts(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Every text and number in a value, however deep, with the name of the member that holds it."""
    if isinstance(value, Mapping):
        for key, one in value.items():
            yield from texts(one, str(key))
    elif isinstance(value, list):
        for one in value:
            yield from texts(one, name)
    elif isinstance(value, str | int) and not isinstance(value, bool) and value != "":
        yield name, str(value)


def when(text: Any) -> datetime | None:
    """A moment, None for none and for what can't be read as one."""
    try:
        return moment(text)
    except ValueError:
        return None


def stamp(moment_: datetime | None) -> str:
    """A moment as it is shown: UTC, whole seconds."""
    return moment_.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z" if moment_ else ""


def since_of(item: Values) -> datetime | None:
    """Since when an item waits: the earlier of its start and its last event. That the start is when it began to wait is a guess."""
    moments = [one for one in (when(item["started"]), when(item["updated"])) if one]
    return min(moments, default=None)


def ageing(since: datetime | None, now: datetime) -> Values:
    """How old something is, and when it lapses, in days from now; below zero when that time is over."""
    if since is None:
        return {"since": "", "age_days": None, "lapses": "", "lapses_in_days": None}
    lapses = since + timedelta(days=LAPSES)
    return {
        "since": stamp(since),
        "age_days": round((now - since).total_seconds() / 86400, 1),
        "lapses": stamp(lapses),
        "lapses_in_days": round((lapses - now).total_seconds() / 86400, 1),
    }


def has_no_session(answer: Any) -> bool:
    """Whether the portal was not asked, because nobody handed in a session (or the cloud has no portal): then nothing is missing."""
    return isinstance(answer, TenantError) and answer.code in ("no_portal_session", "not_in_cloud")


def counts(words: Any) -> dict[str, int]:
    """How often each word comes, by word."""
    result: dict[str, int] = {}
    for word in words:
        result[word] = result.get(word, 0) + 1
    return dict(sorted(result.items()))
