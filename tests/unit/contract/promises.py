# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a description promises, held against the tables of the service: each difference is a sentence that names it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import inf
from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._permissions import PermissionBits
from ansible_collections.m365.defender.plugins.module_utils._resource import ENGINE_PARAMETERS, Field, Life, Part, Resource
from ansible_collections.m365.defender.plugins.module_utils._times import Duration, Moment
from ansible_collections.m365.defender.plugins.module_utils._types import (
    ArrayOf,
    Bool,
    Choice,
    Code,
    Int,
    Kind,
    MultiValued,
    SequenceOf,
    SetOf,
    Text,
)
from ansible_collections.m365.defender.plugins.module_utils.resources._recipients import Mailbox

Row = Mapping[str, Any]
NUMBERS = {"Int16", "Int32", "UInt16", "UInt32", "UInt64", "Unlimited"}
TEXTS = {"String", "CultureInfo", "Guid", "Word"}
SPANS = {"TimeSpan", "EnhancedTimeSpan"}
LISTS = {"MultiValuedProperty", "ProxyAddressCollection"}
# Members of the portal's list that the store fills in itself, and those that only the portal fills in.
STORE_MEMBERS = {"MachineGroupId", "IsUnassignedMachineGroup", "MachineCount", "OldMachineGroupId", "LastUpdated", "Priority", "Name"}


def takes(kind: Kind, fact: Row) -> bool:
    """Whether a parameter of the tables takes what this kind of value writes."""
    name = str(fact["type"])
    if isinstance(kind, Bool):
        return name in {"Boolean", "SwitchParameter"}
    if isinstance(kind, Int):
        return name in NUMBERS
    if isinstance(kind, Choice):
        return bool(fact.get("values")) and name not in NUMBERS | LISTS | {"Boolean"}
    if isinstance(kind, Code):
        return name in NUMBERS or bool(fact.get("values"))
    if isinstance(kind, PermissionBits):
        return name in NUMBERS and fact.get("bits", {}).items() >= {known: kind.bits[word] for known, word in kind.names.items()}.items()
    if isinstance(kind, Moment):
        return name == "DateTime"
    if isinstance(kind, Duration):
        return name in SPANS
    if isinstance(kind, MultiValued | SequenceOf):
        return name in LISTS
    if isinstance(kind, ArrayOf):
        return name.endswith("[]")
    if isinstance(kind, Mailbox) or name == "SmtpAddress":
        return isinstance(kind, Mailbox) and name == "SmtpAddress"
    if isinstance(kind, Text):
        return (name in TEXTS or name.endswith("IdParameter")) and not fact.get("values")
    return False


def differences(field: Field, fact: Row, lowest: float = inf) -> Iterator[str]:
    """How a field differs from a parameter of the tables. lowest: the lowest number that the service itself shows."""
    kind = field.type
    if not takes(kind, fact):
        yield f"is {type(kind).__name__}, but the table says {fact['type']}"
        return
    if isinstance(kind, Choice):
        known = {str(word) for word in fact["values"]} | {str(word) for word in fact.get("observed", ()) if not str(word).isdigit()}
        if set(kind.words) != known:
            yield f"differs in its words: {', '.join(sorted(set(kind.words) ^ known))}"
    if isinstance(kind, Int):
        low, high = fact.get("range") or ((min(fact["values"]), max(fact["values"])) if fact.get("values") else (None, None))
        low = low if low is None else min(low, lowest)
        if (low, high) not in ((None, None), (kind.low, kind.high)):
            yield f"has the limits {kind.low} and {kind.high}, but the tables say {low} and {high}"
    if fact.get("max_length") is not None and getattr(kind, "longest", None) != fact["max_length"]:
        yield f"may have {fact['max_length']} characters"
    if fact.get("max_items") is not None and getattr(kind, "most", None) != fact["max_items"]:
        yield f"may have {fact['max_items']} members"


def reads(kind: Kind, value: Any) -> bool:
    """Whether a kind of value can make sense of what a service returned."""
    if value is None:
        return True
    if isinstance(kind, Bool):
        return isinstance(kind.read(value), bool)
    if isinstance(kind, Int):
        return isinstance(value, int) and not isinstance(value, bool)
    if isinstance(kind, Choice):
        return isinstance(value, str) and any(kind.same(kind.read(value), word) for word in kind.words)
    if isinstance(kind, Code):
        return kind.read(value) in kind.numbers
    if isinstance(kind, SetOf | SequenceOf):
        return isinstance(value, list)
    if isinstance(kind, Duration):
        return not kind.wrong(kind.read(value))
    if isinstance(kind, PermissionBits):
        return all(f"{name}: " in value for name in kind.names)
    if isinstance(kind, Text):
        return isinstance(value, str)
    return True


def verbs(part: Part) -> list[str]:
    """The cmdlets' verbs that the engine may use for a part."""
    found = ["Get"]
    if part.life is not Life.FIXED:
        found.append("New")
    if part.removable:
        found.append("Remove")
    if any(not field.create_only for field in part.by_option.values()):
        found.append("Set")
    if part.switched:
        found += ["Enable", "Disable"]
    return found


def broken_promises(resource: Resource, cmdlets: Mapping[str, Row], nouns: Mapping[str, Row]) -> list[str]:
    """Law 9 for a kind that is reached by cmdlets: what the tables of cmdlets and of objects do not bear out."""
    found = []
    for part in resource.parts:
        found += [f"{part.noun}: {text}" for text in _of_part(resource, part, cmdlets, nouns)]
    return found


def _of_part(resource: Resource, part: Part, cmdlets: Mapping[str, Row], nouns: Mapping[str, Row]) -> Iterator[str]:
    for verb in verbs(part):
        row = cmdlets.get(f"{verb}-{part.noun}")
        if row is None:
            yield f"there is no {verb}-{part.noun}"
            continue
        if resource.service not in {row["service"], *row.get("also_on", ())}:
            yield f"{verb}-{part.noun} is not a cmdlet of {resource.service}"
        if bool(row.get("asks_confirmation")) != (verb in part.asks) and verb in ("New", "Set", "Remove"):
            yield f"whether {verb}-{part.noun} asks for confirmation"
    if not part.switched and f"Enable-{part.noun}" in cmdlets:
        yield f"there is Enable-{part.noun}"
    for verb in ("New", "Set"):
        row = cmdlets.get(f"{verb}-{part.noun}")
        if row is not None and verb in verbs(part):
            yield from _of_cmdlet(part, verb, row, nouns.get(part.noun, {}).get("fresh", ()))
    asked = live(cmdlets.get(f"Get-{part.noun}", {"parameters": {}}))
    yield from (f"Get- has no {name}" for name in dict(part.asked_with) if name not in asked)
    described = nouns.get(part.noun)
    if described is None:
        yield f"no table says what Get-{part.noun} returns"
        return
    returned = set(described["properties"])
    for field in part.fields:
        if field.read_as not in returned:
            yield f"{field.read_as} is not returned"
    own = {part.named_by, part.identified_by, part.points_at, part.rank.wire if part.rank else "", *(guard.field for guard in part.guards)}
    own.add(part.placeholder[0])
    if part.life is Life.FIXED:
        own.discard(part.named_by)
    if part.switched:
        own.add("State")
    yield from (f"{name} is not returned" for name in sorted(own - returned - {""}))
    yield from unreadable(part, [*described["fresh"], described.get("new") or {}, described.get("base") or {}])


def unreadable(part: Part, rows: Sequence[Row]) -> Iterator[str]:
    """Values in rows of the service that a field's type can't read."""
    for field in part.fields:
        for row in rows:
            value = row.get(field.read_as)
            if isinstance(value, str) and value.startswith("{"):
                continue  # a placeholder of the tables
            if not reads(field.type, value):
                yield f"{field.read_as} is {type(field.type).__name__}, but is returned as {value!r}"
                break


def _of_cmdlet(part: Part, verb: str, row: Row, shown: Sequence[Row]) -> Iterator[str]:
    facts = live(row)
    for field in part.by_option.values():
        if field.set_only if verb == "New" else field.create_only:
            if field.wire in facts:
                yield f"{verb}- takes {field.wire}"
            continue
        if field.wire not in facts:
            yield f"{verb}- has no {field.wire}"
            continue
        numbers = [one[field.read_as] for one in shown if isinstance(one.get(field.read_as), int)]
        texts = differences(field, facts[field.wire], min(numbers, default=inf))
        yield from (f"{field.wire} {text} ({verb}-)" for text in texts)
        if verb == "New" and bool(facts[field.wire].get("required")) != field.needed:
            yield f"whether New- needs {field.wire}"
    # Of a rule there is one of, another policy is never told: it can't have lost its own.
    handled = {part.points_at if verb == "New" or part.life is Life.MADE else "", part.rank.wire if part.rank else ""}
    if verb == "New":
        handled |= {part.named_by, *dict(part.made_with)} | ({"Enabled"} if part.switched else set())
    yield from (f"{verb}- has no {name}" for name in sorted(handled - set(facts) - {""}))
    if verb == "New" and tuple(sorted(row.get("at_least_one_of", ()))) not in ((), tuple(sorted(part.one_of))):
        yield f"New- needs one of {', '.join(row['at_least_one_of'])}"


def live(row: Row) -> dict[str, Row]:
    """The parameters of a cmdlet that exist in the cloud."""
    return {name: fact for name, fact in row["parameters"].items() if not fact.get("on_premises")}


def forgotten(resource: Resource, cmdlets: Mapping[str, Row]) -> list[str]:
    """Law 10: parameters that no field stands for and nobody left out with a reason, and reasons for parameters that do not exist."""
    found = []
    for part in resource.parts:
        known = {field.wire for field in part.by_option.values()} | set(part.left_out) | set(ENGINE_PARAMETERS)
        known |= {part.points_at, part.rank.wire if part.rank else ""}
        there: set[str] = set()
        for verb in ("New", "Set"):
            row = cmdlets.get(f"{verb}-{part.noun}")
            if row is None:
                continue
            there |= set(live(row))
            own = known
            if verb == "New":
                own = own | {part.named_by, *dict(part.made_with)} | ({"Enabled"} if part.switched else set())
            found += [f"{verb}-{part.noun} {name}" for name in live(row) if name not in own]
        found += [f"{part.noun} leaves out {name}, which does not exist" for name in part.left_out if name not in there]
    return found


def broken_rows(resource: Resource, rows: Mapping[str, Sequence[Row]]) -> list[str]:
    """Laws 9 and 10 for a kind of whole lists: what the rows that the portal shows (by noun) do not bear out."""
    found = []
    for part in resource.parts:
        members = {name for row in rows[part.noun] for name in row}
        known = {field.read_as for field in part.fields} | STORE_MEMBERS | set(part.left_out)
        own = {part.named_by, part.identified_by, part.rank.wire if part.rank else "", *(guard.field for guard in part.guards)}
        found += [f"{part.noun}: {field.wire} is not a member" for field in part.fields if field.wire not in members]
        found += [f"{part.noun}: {name} is not a member" for name in sorted(own - members - {""})]
        found += [f"{part.noun}: {name} is no field and not left out" for name in sorted(members - known)]
        found += [f"{part.noun}: {text}" for text in unreadable(part, rows[part.noun])]
        found += [f"{part.noun}: {text}" for text in _unfit(part, rows[part.noun])]
    return found


def broken_settings(resource: Resource, rows: Mapping[str, Sequence[Row]]) -> list[str]:
    """Law 9 for a kind whose object is shown together with much that is none of its business."""
    found = []
    for part in resource.parts:
        members = {name for row in rows[part.noun] for name in row}
        found += [f"{part.noun}: {field.wire} is not a member" for field in part.fields if field.wire not in members]
        found += [f"{part.noun}: {text}" for text in (*unreadable(part, rows[part.noun]), *_unfit(part, rows[part.noun]))]
    return found


def _unfit(part: Part, rows: Sequence[Row]) -> Iterator[str]:
    """Fields that do not write what they have read."""
    for field in part.by_option.values():
        for row in rows:
            if row.get(field.read_as) in (None, [], ""):
                continue
            value = field.read(dict(row))
            try:
                written = field.type.write(value)
                same = field.type.same(field.type.read(written), value) and _form(written) == _form(row[field.read_as])
            except (AttributeError, KeyError, TypeError, ValueError):
                same = False
            if not same:
                yield f"{field.wire} writes {value!r} in another form than it was read"
                break


def _form(wire: Any) -> Any:
    """What a value is made of: the members of objects in a list, the type of everything else."""
    if isinstance(wire, list):
        return {tuple(sorted(entry)) if isinstance(entry, Mapping) else type(entry) for entry in wire}
    return type(wire)
