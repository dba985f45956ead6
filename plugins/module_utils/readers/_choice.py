# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which actions of the Action center a task means, and which of them are decided already. Pure; private to the collection."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from ansible_collections.m365.defender.plugins.module_utils._errors import NotFound, Refused
from ansible_collections.m365.defender.plugins.module_utils._resource import Row, Values
from ansible_collections.m365.defender.plugins.module_utils.readers._actions import ageing, since_of, told
from ansible_collections.m365.defender.plugins.module_utils.readers._answers import folded
from ansible_collections.m365.defender.plugins.module_utils.readers.action_history_info import outcome_of, plain

TRIED = "Choosing actions"
FILTERS = ("action_type", "product", "device", "entity_type", "investigation_id")
# Types of which Microsoft documents that nothing undoes them; the names are [live]. What can be undone is documented, but not its names.
NEVER_UNDONE = frozenset({"collectinvestigationpackageresponse", "antivirusscanresponse", "liveresponsecommand"})
# Outcomes that a decision leads to, and those that rule it out.
SAME = {"approve": {"succeeded", "running", "failed"}, "reject": {"rejected", "lapsed"}, "undo": {"undone"}}
OTHER = {"approve": {"rejected", "lapsed", "undone"}, "reject": {"succeeded", "running", "failed", "undone"}, "undo": set[str]()}


@dataclass
class Choice:
    """rows: what has to be decided. already: what is so already. doubts: what is decided, but nobody can tell how."""

    rows: list[Row] = field(default_factory=list)
    already: list[Row] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)


def label(item: Values) -> str:
    """What people call an action."""
    on = item["acts_on"][0] if item["acts_on"] else item["device"]
    return " ".join(part for part in (item["action_type"], on, f"({item['action_id']})") if part)


def shown(row: Row, state: str, now: datetime) -> Values:
    """An action in a result. state: decided, already or by_hand."""
    item = told(row)
    names = ("action_type", "entity_type", "product", "device", "investigation_id", "status", "decision", "decided_by", "acts_on")
    return {"id": item["action_id"], "state": state, **{name: item[name] for name in names}, **ageing(since_of(item), now)}


def says(decision: str, row: Row) -> str:
    """What an item of the history says of a decision: "same", "other" or "" where its words are not known."""
    item = told(row)
    outcome = outcome_of(item["status"], item["decision"])
    word = plain(item["decision"])
    if decision != "undo" and outcome not in ("lapsed", "undone"):
        for said, words in (("approve", ("approv",)), ("reject", ("declin", "reject", "deni"))):
            if word.startswith(words):
                return "same" if said == decision else "other"
    return "same" if outcome in SAME[decision] else "other" if outcome in OTHER[decision] else ""


def fits(row: Row, options: Values, now: datetime) -> bool:
    """Whether an action fits every filter that was given."""
    item = told(row)
    for name in FILTERS:
        if options.get(name) and folded(item[name]) != folded(options[name]):
            return False
    limit = options.get("older_than_days")
    since = since_of(item)
    return limit is None or (since is not None and (now - since).total_seconds() > limit * 86_400)


def chosen(options: Values, pending: Sequence[Row], history: Sequence[Row], now: datetime) -> Choice:
    """What a task means. Raises NotFound for ids that are nowhere, Refused for what was decided otherwise or can't be decided together."""
    undo = options["decision"] == "undo"
    if not options.get("ids"):
        found = Choice([row for row in (history if undo else pending) if fits(row, options, now)])
        if undo:
            found.rows = [row for row in found.rows if says("undo", row) != "same" and not _never(row)]
    else:
        found = _by_id(options, pending, history)
    types = sorted({told(row)["action_type"] for row in found.rows})
    if len(types) > 1:
        raise Refused(
            f"these are actions of {len(types)} types ({', '.join(types)}); the portal decides actions of one type together",
            tried=TRIED,
            hint="Give action_type, or a task for each type. Nothing was decided.",
        )
    return found


def _never(row: Row) -> bool:
    return plain(told(row)["action_type"]) in NEVER_UNDONE


def _by_id(options: Values, pending: Sequence[Row], history: Sequence[Row]) -> Choice:
    decision = options["decision"]
    waiting = {folded(told(row)["action_id"]): row for row in pending}
    past = {folded(told(row)["action_id"]): row for row in history}
    found, nowhere = Choice(), []
    for number in dict.fromkeys(folded(one) for one in options["ids"]):
        if decision == "undo":
            row = past.get(number)
            if row is None and number in waiting:
                text = f"{label(told(waiting[number]))} was not done yet"
                raise Refused(text, tried=TRIED, hint="Reject it instead. Nothing was decided.")
        else:
            row = waiting.get(number) or past.get(number)
        if row is None:
            nowhere.append(number)
        elif decision != "undo" and number in waiting:
            found.rows.append(row)
        else:
            _past(found, decision, row)
    if nowhere:
        raise NotFound(
            f"no action with the id {', '.join(nowhere)} waits or was decided in the last {options['days']} days",
            tried=TRIED,
            hint="Ids are those of the portal's list, as pending_action_info shows them, not those of alerts. Nothing was decided.",
        )
    return found


def _past(found: Choice, decision: str, row: Row) -> None:
    """An action of the history: it is as wished, or it is to be undone, or it can't become so any more."""
    item, said = told(row), says(decision, row)
    if said == "same":
        found.already.append(row)
    elif decision == "undo":
        if _never(row):
            raise Refused(f"{label(item)} can't be undone", tried=TRIED, hint="Actions of this type are never undone. Nothing was decided.")
        found.rows.append(row)
    elif said == "other":
        words = " ".join(word for word in (item["decision"], item["status"]) if word)
        by = f" by {item['decided_by']}" if item["decided_by"] else ""
        raise Refused(
            f"{label(item)} was decided otherwise{by}: {words}",
            tried=TRIED,
            hint="What was done can be undone, if it is of such a kind; what was rejected or lapsed stays so. Nothing was decided.",
        )
    else:
        found.already.append(row)
        words = f"{item['decision']} {item['status']}".strip() or "nothing"
        found.doubts.append(f"{label(item)} does not wait any more, but how it was decided can't be told: the portal says {words}.")
