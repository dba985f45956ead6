# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kinds of value: how a setting is written in a playbook, read and sent on the wire, compared and shown.

A type knows one thing about a value and nothing about the field that holds it. Private to the collection.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

# An empty hashtable empties a multi-valued property of a policy; whether [] does is unknown. [code] as CIPP does for DoNotRewriteUrls
EMPTY_HASHTABLE = {"@odata.type": "#Exchange.GenericHashTable"}
# Names of some built-in objects end in a zero width space, which nobody can type. [code] published tenant exports
ZERO_WIDTH_SPACE = "\u200b"


def folded(text: Any) -> str:
    """The form in which names, addresses and domains are compared: no case, no zero width space, no blanks at the ends."""
    return str(text).replace(ZERO_WIDTH_SPACE, "").strip().casefold()


@dataclass(frozen=True)
class Kind:
    """One kind of value. `read` makes the playbook's form of what the wire carries, `write` the reverse.

    Values given to `same`, `show`, `write` and `wrong` are in the playbook's form; None means "not set".
    """

    def spec(self) -> dict[str, Any]:
        """The Ansible argument spec of an option of this kind."""
        return {"type": "str"}

    def read(self, wire: Any) -> Any:
        return wire

    def write(self, value: Any) -> Any:
        return value

    def change(self, before: Any, after: Any) -> Any:
        """The wire form of a change from one value to another; it says the difference where the whole can't be said."""
        return self.write(after)

    def same(self, one: Any, other: Any) -> bool:
        return bool(one == other)

    def show(self, value: Any) -> Any:
        """The form for diffs and results: the same for values that are the same, as far as that can be."""
        return value

    def empty(self, value: Any) -> bool:
        """Whether the value says "nothing": such a value is left out when an object is made."""
        return value is None

    def wrong(self, value: Any) -> str:
        """Why the value cannot be sent, as the end of a sentence that begins with the option; "" when it can."""
        return ""


@dataclass(frozen=True)
class Bool(Kind):
    def spec(self) -> dict[str, Any]:
        return {"type": "bool"}

    def read(self, wire: Any) -> Any:
        # A few cmdlets answer with the text "False". [code] ScubaGear exports
        return wire.strip().lower() == "true" if isinstance(wire, str) else wire


@dataclass(frozen=True)
class Int(Kind):
    low: int | None = None
    high: int | None = None

    def spec(self) -> dict[str, Any]:
        return {"type": "int"}

    def read(self, wire: Any) -> Any:
        return int(wire) if isinstance(wire, str) and wire.strip() else wire

    def wrong(self, value: Any) -> str:
        if isinstance(value, bool):  # which Ansible takes for a number, and a service for 1 or 0
            return f"must be a number, not {str(value).lower()}"
        if self.low is not None and value < self.low:
            return f"must be at least {self.low}, not {value}"
        too_high = self.high is not None and value > self.high
        return f"must be at most {self.high}, not {value}" if too_high else ""


@dataclass(frozen=True)
class Text(Kind):
    """Free text, compared to the letter; null and "" are one."""

    longest: int | None = None

    def read(self, wire: Any) -> Any:
        return "" if wire is None else str(wire)

    def same(self, one: Any, other: Any) -> bool:
        return (one or "") == (other or "")

    def empty(self, value: Any) -> bool:
        return not value

    def wrong(self, value: Any) -> str:
        too_long = self.longest is not None and len(value) > self.longest
        return f"must have at most {self.longest} characters, not {len(value)}" if too_long else ""


@dataclass(frozen=True)
class Name(Text):
    """A name, address or domain: case does not matter. `shown` is what people call an object that the wire leaves nameless."""

    shown: str = ""

    def read(self, wire: Any) -> Any:
        return str(wire) if wire else self.shown

    def write(self, value: Any) -> Any:
        # Blanks at the ends, such as the line's end of a block of YAML, are nobody's name: what is compared without is sent without.
        return "" if self.shown and self.same(value, self.shown) else str(value or "").strip()

    def same(self, one: Any, other: Any) -> bool:
        return folded(one or "") == folded(other or "")


@dataclass(frozen=True, init=False)
class Choice(Kind):
    """One of a few words in Microsoft's spelling. `same` names words that mean what another one means; None stands for no value at all."""

    words: tuple[str, ...]
    alike: Mapping[str | None, str] = field(hash=False)

    def __init__(self, *words: str, same: Mapping[str | None, str] | None = None) -> None:
        object.__setattr__(self, "words", words)
        object.__setattr__(self, "alike", dict(same or {}))

    def spec(self) -> dict[str, Any]:
        # The service would bind a unique prefix of a word to that word, so the choice is made here. [code] exchange REST
        return {"type": "str", "choices": list(self.words)}

    def read(self, wire: Any) -> Any:
        return next((word for word in self.words if folded(word) == folded(wire)), wire)

    def same(self, one: Any, other: Any) -> bool:
        return self._meaning(one) == self._meaning(other)

    def _meaning(self, word: Any) -> str:
        return folded(self.alike.get(word, word))


@dataclass(frozen=True, init=False)
class Code(Kind):
    """A word of ours that the service keeps as a number."""

    numbers: Mapping[str, int] = field(hash=False)

    def __init__(self, **numbers: int) -> None:
        object.__setattr__(self, "numbers", numbers)

    def spec(self) -> dict[str, Any]:
        return {"type": "str", "choices": list(self.numbers)}

    def read(self, wire: Any) -> Any:
        return next((word for word, number in self.numbers.items() if number == wire), wire)

    def write(self, value: Any) -> Any:
        return self.numbers[value]


@dataclass(frozen=True)
class SetOf(Kind):
    """Several values whose order means nothing; null and [] are one. Not used by itself: the two below differ in how they are emptied."""

    of: Kind = Name()

    def spec(self) -> dict[str, Any]:
        inner = self.of.spec()
        return {"type": "list", "elements": inner.pop("type"), **inner}

    def read(self, wire: Any) -> Any:
        # A bare value where a list of one is meant is accepted and given by the service. [code]
        several = [] if wire is None else wire if isinstance(wire, list) else [wire]
        return [self.of.read(one) for one in several]

    def write(self, value: Any) -> Any:
        # The service refuses a recipient who stands there twice. [code]
        return [self.of.write(one) for one in self._once(value)] if value else self.cleared()

    def cleared(self) -> Any:
        """The wire form of "empty this"."""
        return []

    def same(self, one: Any, other: Any) -> bool:
        return set(map(self._key, one or ())) == set(map(self._key, other or ()))

    def show(self, value: Any) -> Any:
        return sorted((self.of.show(one) for one in self._once(value)), key=lambda one: (folded(one), str(one)))

    def empty(self, value: Any) -> bool:
        return not value

    def wrong(self, value: Any) -> str:
        # What the service makes of an empty member is not known, and a condition that holds nothing else could mean everybody.
        empty = isinstance(self.of, Name) and not all(map(folded, value))
        text = "must have no empty members: leave out what is empty" if empty else ""
        return next((reason for reason in map(self.of.wrong, value) if reason), text)

    def _once(self, values: Iterable[Any] | None) -> list[Any]:
        """The values, of those that mean the same only the first."""
        once: dict[str, Any] = {}
        for one in values or ():
            once.setdefault(self._key(one), one)
        return list(once.values())

    def _key(self, value: Any) -> str:
        return folded(self.of.show(value)) if isinstance(self.of, Name) else str(self.of.show(value))


@dataclass(frozen=True)
class MultiValued(SetOf):
    """A multi-valued property of a policy; emptied by the empty hashtable. [code]"""

    most: int | None = None

    def cleared(self) -> Any:
        return dict(EMPTY_HASHTABLE)

    def wrong(self, value: Any) -> str:
        if self.most is not None and len(value) > self.most:
            return f"must have at most {self.most} members, not {len(value)}"
        return super().wrong(value)


@dataclass(frozen=True)
class ArrayOf(SetOf):
    """A condition or exception of a rule; emptied by null. [code]"""

    def cleared(self) -> Any:
        return None


@dataclass(frozen=True)
class SequenceOf(Kind):
    """Several values whose order counts; null and [] are one."""

    of: Kind = Text()

    def spec(self) -> dict[str, Any]:
        inner = self.of.spec()
        return {"type": "list", "elements": inner.pop("type"), **inner}

    def read(self, wire: Any) -> Any:
        several = [] if wire is None else wire if isinstance(wire, list) else [wire]
        return [self.of.read(one) for one in several]

    def write(self, value: Any) -> Any:
        return [self.of.write(one) for one in value] if value else dict(EMPTY_HASHTABLE)

    def same(self, one: Any, other: Any) -> bool:
        one, other = one or [], other or []
        return len(one) == len(other) and all(map(self.of.same, one, other))

    def show(self, value: Any) -> Any:
        return [self.of.show(one) for one in value or ()]

    def empty(self, value: Any) -> bool:
        return not value

    def wrong(self, value: Any) -> str:
        return next((reason for reason in map(self.of.wrong, value) if reason), "")


@dataclass(frozen=True)
class Address(Name):
    """An address or a domain, which the service may wrap in an object when it is read. [code] AllowedSenders and the like"""

    def read(self, wire: Any) -> Any:
        if not isinstance(wire, Mapping):
            return str(wire)
        inner = wire.get("Sender", wire)
        return str(inner.get("Address") or inner.get("Domain") or "") if isinstance(inner, Mapping) else str(inner)


@dataclass(frozen=True)
class NameAndAddress(Name):
    """`Display Name;address`. The service may put a blank after the semicolon. [code]"""

    def show(self, value: Any) -> Any:
        return re.sub(r"\s*;\s*", ";", str(value)).strip()

    def same(self, one: Any, other: Any) -> bool:
        return folded(self.show(one or "")) == folded(self.show(other or ""))

    def wrong(self, value: Any) -> str:
        return "" if re.fullmatch(r"[^;]+;\s*[^;@\s]+@[^;@\s]+", value) else f'must read "Display Name;address", not "{value}"'
