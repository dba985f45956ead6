# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The words in which lists of many small entries are described: an object is a list with an action, and its entries are the setting.

Pure; private to the collection. Descriptions import them from `_entries`, which knows how such lists are read and planned.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._description import Description, Query, Row, Values
from ansible_collections.m365.defender.plugins.module_utils._room import Room
from ansible_collections.m365.defender.plugins.module_utils._times import Moment
from ansible_collections.m365.defender.plugins.module_utils._types import Name, Text, folded

ALLOW, BLOCK = "allow", "block"
TENANT = "Tenant"  # the sub type that is meant where none is named
NEVER = "never"
MOMENT = Moment()
List = tuple[str, str, str]  # list type, sub type, action
NAMED = 3  # so many entries are named in one sentence


@dataclass(frozen=True)
class EntryList:
    """One list of the service. of: what an entry is; its `show` is the form in which entries are compared.

    actions: those of which there can be entries. lingers: those whose entries may stay until some days after their last use, and never for
    good. [doc]
    """

    type: str
    of: Name
    sub_type: str = TENANT
    actions: tuple[str, ...] = (ALLOW, BLOCK)
    lingers: tuple[str, ...] = (ALLOW,)


@dataclass(frozen=True)
class EntryLists(Description):
    """A kind whose objects are the lists of one noun. batch: how many entries one write carries. room: how many there may be.

    notes: what a remark may be.

    days: how long after its last use an entry may be removed, if not at a fixed time. left_out: live parameters that are no options.
    """

    kind: str
    service: str
    blurb: str
    noun: str
    lists: tuple[EntryList, ...]
    batch: int
    room: Room
    notes: Text = field(default_factory=Text)
    days: tuple[int, ...] = ()
    left_out: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def spec(self) -> dict[str, dict[str, Any]]:
        entry: dict[str, dict[str, Any]] = {
            "entry": {"type": "str", "required": True},
            "expires": {"type": "str"},
            "remove_after": {"type": "int", "choices": list(self.days)},
            "notes": self.notes.spec(),
        }
        return {
            "list_type": {"type": "str", "required": True, "choices": list(dict.fromkeys(one.type for one in self.lists))},
            "list_sub_type": {"type": "str", "choices": list(dict.fromkeys(one.sub_type for one in self.lists)), "default": TENANT},
            "action": {"type": "str", "required": True, "choices": [ALLOW, BLOCK]},
            "entries": {"type": "list", "elements": "dict", "required": True, "options": entry},
            "exclusive": {"type": "bool", "default": False},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        }

    @property
    def single(self) -> bool:
        return False

    @property
    def queries(self) -> tuple[Query, ...]:
        return tuple(_query(self, one) for one in self.lists)

    def gathered(self, answers: Mapping[Query, Sequence[Row]]) -> dict[str, Sequence[Row]]:
        """The service does not say of an entry in which list it is, so what was asked is added. [code] rknightion/graph2otel"""
        told = ((one, row) for one in self.lists for row in answers[_query(self, one)])
        return {self.noun: [{**row, "ListType": one.type, "ListSubType": one.sub_type} for one, row in told]}

    def label(self, wanted: Values) -> str:
        return label_of_list(list_of(wanted))

    def wrong(self, wanted: Values) -> list[str]:
        chosen = self.chosen(list_of(wanted))
        if chosen is None:
            return [f"there is no list {label_of_list(list_of(wanted))}"]
        present = wanted.get("state") != "absent"
        errors = [] if present or not wanted.get("exclusive") else ["state=absent and exclusive exclude each other"]
        return errors + _faults(self, chosen, wanted, present)

    def chosen(self, one: List) -> EntryList | None:
        """The list of these words, None when the service has none such."""
        return next((each for each in self.lists if (each.type, each.sub_type) == one[:2] and one[2] in each.actions), None)

    def key(self, one: List, value: str) -> str:
        """What two spellings of one entry have in common."""
        chosen = self.chosen(one)
        return folded(chosen.of.show(value) if chosen else value)


def _query(kind: EntryLists, one: EntryList) -> Query:
    sub_type = () if one.sub_type == TENANT else (("ListSubType", one.sub_type),)
    return Query(kind.noun, (("ListType", one.type), *sub_type))


def list_of(wanted: Values) -> List:
    """Which list a wish is about."""
    return wanted["list_type"], wanted.get("list_sub_type") or TENANT, wanted["action"]


def label_of_list(one: List) -> str:
    """What people call a list: Url block."""
    return " ".join((one[0], *(word for word in one[1:2] if word != TENANT), one[2]))


def some_of(names: Sequence[str]) -> str:
    """The first of some names, and how many more there are."""
    return f"{', '.join(names[:NAMED])}{f' and {len(names) - NAMED} more' if len(names) > NAMED else ''}"


def _faults(kind: EntryLists, chosen: EntryList, wanted: Values, present: bool) -> list[str]:
    """What is wrong with entries: a sentence for each kind of fault, with the first places where it is."""
    found: dict[str, list[str]] = {}
    first: dict[str, int] = {}
    for index, entry in enumerate(wanted["entries"]):
        place = f"entries[{index}]"
        reason = chosen.of.wrong(entry["entry"])
        if reason:
            found.setdefault(reason, []).append(f'{place} "{entry["entry"]}"')
        earlier = first.setdefault(folded(chosen.of.show(entry["entry"])), index) if not reason else index
        if earlier != index:
            found.setdefault("is there twice", []).append(f'{place} "{entry["entry"]}"')
        if present:
            for option, text in _faults_of_time(kind, chosen, wanted["action"], entry):
                found.setdefault(text, []).append(f"{place}.{option}")
    return [f"{some_of(places)} {reason}" for reason, places in found.items()]


def _faults_of_time(kind: EntryLists, chosen: EntryList, action: str, entry: Values) -> Iterator[tuple[str, str]]:
    expires = entry.get("expires")
    if expires is not None and expires != NEVER and (not expires or MOMENT.wrong(expires)):
        yield "expires", f"must be a UTC time such as 2027-01-31T12:00:00Z, or {NEVER}"
    if entry.get("remove_after") is not None:
        if expires is not None:
            yield "remove_after", "excludes expires"
        if action not in chosen.lingers:
            yield "remove_after", f"is not for entries of the list {label_of_list((chosen.type, chosen.sub_type, action))}"
    reason = kind.notes.wrong(entry["notes"]) if entry.get("notes") is not None else ""
    if reason:
        yield "notes", reason
