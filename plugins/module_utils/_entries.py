# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists of many small entries: how they are read, planned and shown.

Thousands of entries are one object, a few writes, and a difference that shows what changes and nothing else. Pure; private.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._description import Operation, Plan, Query, Row, Values
from ansible_collections.m365.defender.plugins.module_utils._entry_words import (
    ALLOW,
    BLOCK,
    MOMENT,
    NEVER,
    TENANT,
    EntryList,
    EntryLists,
    List,
    label_of_list,
    list_of,
    some_of,
)
from ansible_collections.m365.defender.plugins.module_utils._errors import BadInput, Refused
from ansible_collections.m365.defender.plugins.module_utils._export import export, predicted, read_object
from ansible_collections.m365.defender.plugins.module_utils._plan import further, plan
from ansible_collections.m365.defender.plugins.module_utils._rows import Rows
from ansible_collections.m365.defender.plugins.module_utils._types import folded

__all__ = ["ALLOW", "BLOCK", "EntryList", "EntryLists"]  # the words, for descriptions

Lists = Mapping[List, Mapping[str, tuple[Row, Values]]]  # what stands in each list, see `_sorted_in`


def _entry(kind: EntryLists, one: List, row: Row) -> Values:
    """A row as a playbook would say it. Both times empty means that the entry stays. [code]"""
    chosen = kind.chosen(one)
    result: Values = {"entry": chosen.of.show(row.get("Value")) if chosen else row.get("Value")}
    if row.get("RemoveAfter"):
        result["remove_after"] = int(row["RemoveAfter"])
    else:
        result["expires"] = MOMENT.show(row.get("ExpirationDate")) or NEVER
    if row.get("Notes"):
        result["notes"] = str(row["Notes"])
    return result


def _sorted_in(kind: EntryLists, rows: Rows) -> Lists:
    """Every list that has entries: by the form in which they are compared, each as a row and as a playbook would say it."""
    found: dict[List, dict[str, tuple[Row, Values]]] = {}
    for row in rows[kind.noun]:
        one = (str(row["ListType"]), str(row["ListSubType"]), folded(row.get("Action")))
        entry = _entry(kind, one, row)
        found.setdefault(one, {})[kind.key(one, entry["entry"])] = (row, entry)
    return found


def _object(one: List, entries: Mapping[str, tuple[Row, Values]]) -> Values:
    shown = [entries[key][1] for key in sorted(entries)]
    return {"list_type": one[0], "list_sub_type": one[1], "action": one[2], "entries": shown}


@export.register
def _export_lists(kind: EntryLists, rows: Rows, *, built_in: bool = False) -> list[Values]:
    found = _sorted_in(kind, rows)
    order = [(one.type, one.sub_type, action) for one in kind.lists for action in one.actions]
    return [_object(one, found[one]) for one in order if found.get(one)]


@read_object.register
def _read_list(kind: EntryLists, rows: Rows, label: str = "") -> Values | None:
    return next((_object(one, entries) for one, entries in _sorted_in(kind, rows).items() if label_of_list(one) == label), None)


@predicted.register
def _predicted_list(kind: EntryLists, now: Values | None, before: Values, after: Values) -> Values | None:
    gone = {folded(entry["entry"]) for entry in before["entries"]}
    stay = [entry for entry in (now or {"entries": []})["entries"] if folded(entry["entry"]) not in gone]
    entries: dict[str, tuple[Row, Values]] = {folded(entry["entry"]): ({}, entry) for entry in (*stay, *after["entries"])}
    return _object(list_of(after), entries) if entries else None


# ---------------------------------------------------------------- what has to be done


@dataclass
class _Draft:
    """Entries by what is done with them: parameters that they share -> what the write names them by, and what people call them.

    there: what stands in the lists now. ended: those that are left out, by list.
    """

    there: Lists
    removed: dict[Any, list[tuple[str, str]]] = field(default_factory=dict)
    changed: dict[Any, list[tuple[str, str]]] = field(default_factory=dict)
    added: dict[Any, list[tuple[str, str]]] = field(default_factory=dict)
    ended: dict[List, list[str]] = field(default_factory=dict)


@further.register
def _licences(kind: EntryLists, rows: Rows, wanted: Sequence[Values]) -> tuple[tuple[str, Query], ...]:
    draft, dummy = _drafted(kind, rows, wanted)
    return kind.room.asks(_held(kind, rows, draft))


@plan.register
def _plan_lists(kind: EntryLists, rows: Rows, wanted: Sequence[Values]) -> Plan:
    labels = [kind.label(one) for one in wanted]
    twice = next((label for label in labels if labels.count(label) > 1), "")
    if twice:
        raise BadInput(f"the {kind.blurb} {twice} is wanted twice")
    draft, shown = _drafted(kind, rows, wanted)
    _check_other_action(kind, draft)
    _check_never(kind, draft)
    kind.room.check(_held(kind, rows, draft), rows, kind.service)
    # What goes goes first: it makes room, and the same entry can then come back with the other action.
    operations = (
        *_writes(kind, "Remove", "Ids", draft.removed),
        *_writes(kind, "Set", "Ids", draft.changed),
        *_writes(kind, "New", "Entries", draft.added),
    )
    warnings = tuple(
        f"{label_of_list(one)}: the time of {some_of(ended)} has passed, so nothing is done about it" for one, ended in draft.ended.items()
    )
    return Plan(tuple(before for before, dummy in shown), tuple(after for dummy, after in shown), operations, warnings)


def _drafted(kind: EntryLists, rows: Rows, wanted: Sequence[Values]) -> tuple[_Draft, list[tuple[Values, Values]]]:
    """What has to be done, and of each wish the entries that change, as they are and as they will be."""
    draft = _Draft(_sorted_in(kind, rows))
    return draft, [_plan_list(kind, one, draft.there.get(list_of(one), {}), draft) for one in wanted]


def _check_other_action(kind: EntryLists, draft: _Draft) -> None:
    """Raises Refused for entries that would be allowed and blocked: the service adds no such second one. [code] Microsoft365DSC"""
    gone = {identity for entries in draft.removed.values() for identity, dummy in entries}
    stay = ((one, key) for one, there in draft.there.items() for key, (row, dummy) in there.items() if row["Identity"] not in gone)
    held = {(*one[:2], key): one for one, key in stay}
    for (one, *dummy), entries in draft.added.items():
        held_by = {entry: held.setdefault((*one[:2], kind.key(one, entry)), one) for entry, dummy in entries}
        both = [entry for entry, other in held_by.items() if other != one]
        if both:
            other = label_of_list(held_by[both[0]])
            raise Refused(
                f"{some_of(both)} would stand in the lists {other} and {label_of_list(one)}, and the service takes an entry with one "
                "action only",
                tried="Planning",
                service=kind.service,
                hint=f"Leave it out of one of the two, or remove it from {other} first: in an earlier task, or with both lists in one task "
                "of m365.defender.configuration. Nothing was written.",
            )


def _check_never(kind: EntryLists, draft: _Draft) -> None:
    """Raises Refused for entries that would get no end where there has to be one. Those that have none already are nothing to write."""
    for (one, *shared), entries in (*draft.added.items(), *draft.changed.items()):
        chosen = kind.chosen(one)
        if chosen and one[2] in chosen.lingers and ("NoExpiration", True) in shared:
            raise Refused(
                f"{some_of([entry for dummy, entry in entries])} can't stay for good: expires can't be {NEVER} for entries of the list "
                f"{label_of_list(one)}",
                tried="Planning",
                service=kind.service,
                hint="Give a time or remove_after, or leave both out. Nothing was written.",
            )


def _held(kind: EntryLists, rows: Rows, draft: _Draft) -> dict[tuple[str, str], int]:
    """How many entries the lists that get new ones will hold. Sub types are counted together; no source says whether the service does."""

    def count(groups: Mapping[Any, Sequence[tuple[str, str]]], which: tuple[str, str]) -> int:
        return sum(len(entries) for (one, *dummy), entries in groups.items() if (one[0], one[2]) == which)

    growing = dict.fromkeys((one[0], one[2]) for (one, *dummy) in draft.added)
    there = [(str(row["ListType"]), folded(row.get("Action"))) for row in rows[kind.noun]] if growing else []
    return {which: there.count(which) + count(draft.added, which) - count(draft.removed, which) for which in growing}


def _plan_list(kind: EntryLists, one: Values, there: Mapping[str, tuple[Row, Values]], draft: _Draft) -> tuple[Values, Values]:
    """Notes in the draft what has to be done for one wish; returns those of its entries that change, as they are and as they will be.

    An end that has passed can't be set any more, and the service has removed the entry or will: nothing is done about it.
    """
    chosen = list_of(one)
    wishes = {kind.key(chosen, entry["entry"]): entry for entry in one["entries"]}
    before, after = {}, {}
    if one.get("state") == "absent":
        going: Iterable[str] = (key for key in wishes if key in there)
    else:
        going = (key for key in there if key not in wishes) if one.get("exclusive") else ()
        for key, wish in wishes.items():
            if MOMENT.passed(wish.get("expires")) and (key not in there or _differing(there[key][1], wish)):
                draft.ended.setdefault(chosen, []).append(wish["entry"])
                continue
            if key not in there:
                draft.added.setdefault((chosen, *_frozen(_parameters(wish))), []).append((wish["entry"], wish["entry"]))
                after[key] = _shown(kind, chosen, wish)
                continue
            row, has = there[key]
            differing = _differing(has, wish)
            if differing:
                draft.changed.setdefault((chosen, *_frozen(_parameters(differing))), []).append((row["Identity"], has["entry"]))
                before[key], after[key] = has, _changed(has, differing)
    for key in going:
        row, before[key] = there[key]
        draft.removed.setdefault((chosen,), []).append((row["Identity"], before[key]["entry"]))
    return _object_of(chosen, before), _object_of(chosen, after)


def _object_of(one: List, entries: Mapping[str, Values]) -> Values:
    return {"name": label_of_list(one), **_object(one, {key: ({}, entry) for key, entry in entries.items()})}


def _differing(has: Values, wish: Values) -> Values:
    """What a wish asks for that is not so. Silence about the time of its end, or about notes, asks for nothing."""
    result: Values = {}
    if wish.get("remove_after") is not None and wish["remove_after"] != has.get("remove_after"):
        result["remove_after"] = wish["remove_after"]
    if wish.get("expires") is not None and _end(wish["expires"]) != has.get("expires"):
        result["expires"] = wish["expires"]
    if wish.get("notes") is not None and wish["notes"] != has.get("notes", ""):
        result["notes"] = wish["notes"]
    return result


def _changed(has: Values, differing: Values) -> Values:
    ends = ("expires", "remove_after")
    kept = {name: value for name, value in has.items() if name not in ends or not any(end in differing for end in ends)}
    return _tidy({**kept, **differing})


def _shown(kind: EntryLists, one: List, wish: Values) -> Values:
    chosen = kind.chosen(one)
    return _tidy({**wish, "entry": chosen.of.show(wish["entry"]) if chosen else wish["entry"]})


def _tidy(entry: Values) -> Values:
    """An entry as it will be read: in one order, without what says nothing."""
    tidy = {**entry, "expires": _end(entry.get("expires"))}
    return {name: tidy[name] for name in ("entry", "remove_after", "expires", "notes") if tidy.get(name)}


def _end(expires: Any) -> Any:
    return expires if expires == NEVER else MOMENT.show(expires)


def _parameters(entry: Values) -> Values:
    """What a write says of an entry beside its value. Without a time the service sets one of its own. [doc]"""
    result: Values = {}
    if entry.get("expires") == NEVER:
        result["NoExpiration"] = True
    elif entry.get("expires"):
        result["ExpirationDate"] = MOMENT.show(entry["expires"])
    if entry.get("remove_after") is not None:
        result["RemoveAfter"] = entry["remove_after"]
    if entry.get("notes") is not None:
        result["Notes"] = entry["notes"]
    return result


def _frozen(parameters: Values) -> tuple[tuple[str, Any], ...]:
    return tuple(parameters.items())


def _writes(kind: EntryLists, verb: str, naming: str, groups: Mapping[Any, Sequence[tuple[str, str]]]) -> Iterator[Operation]:
    """As few writes as the service takes: entries that share list and parameters go together."""
    for (one, *shared), entries in groups.items():
        fixed: Values = {"ListType": one[0]}
        if one[1] != TENANT:
            fixed["ListSubType"] = one[1]
        if verb == "New":
            fixed[one[2].capitalize()] = True  # Set takes it too, but only to say what the entry is already. [doc]
        for start in range(0, len(entries), kind.batch):
            part = entries[start : start + kind.batch]
            more = f" and {len(part) - 1} more" if len(part) > 1 else ""
            parameters = {**fixed, naming: [name for name, dummy in part], **dict(shared)}
            yield Operation(verb, kind.noun, f"{label_of_list(one)}: {part[0][1]}{more}", None, parameters)
