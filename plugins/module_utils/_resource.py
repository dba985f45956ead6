# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The words in which a kind of object is described, and what follows from a description alone. Pure; private to the collection."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._description import (
    ENGINE_PARAMETERS,
    Description,
    Operation,
    Query,
    Row,
    Values,
)
from ansible_collections.m365.defender.plugins.module_utils._types import Kind, Name

__all__ = ["ENGINE_PARAMETERS", "Operation", "Query", "Row", "Values"]  # what others take from here, beside what is defined here


# The options that stand for verbs, not for fields; a rank is a number.
_OWN: dict[str, dict[str, Any]] = {
    "name": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "enabled": {"type": "bool"},
}


def snake(wire: str) -> str:
    """Microsoft's parameter name in Ansible's spelling: EnableATPForSPOTeamsODB -> enable_atp_for_spo_teams_odb."""
    words = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", wire))
    return words.lower()


@dataclass(frozen=True)
class Field:
    """One setting. wire: the service's name of it; option: ours, `snake(wire)` unless said otherwise.

    create_only: only New takes it. set_only: only Set takes it, so it is sent after New. needed: New is refused without it, and so is
    emptying it.
    filled: a new object has values here by itself, so that having none takes a Set after New.
    read_as: the name under which it is read. read_only: shown, never an option.
    """

    wire: str
    type: Kind
    option: str = ""
    read_as: str = ""
    create_only: bool = False
    set_only: bool = False
    filled: bool = False
    read_only: bool = False
    needed: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "option", self.option or snake(self.wire))
        object.__setattr__(self, "read_as", self.read_as or self.wire)

    def read(self, row: Row) -> Any:
        """The field's value in a row, in the playbook's form; None when the service does not return it."""
        return self.type.read(row[self.read_as]) if self.read_as in row else None


@dataclass(frozen=True)
class Guard:
    """Rows on which something is refused. field, values: which rows. sentence: why, and what to do instead.

    change, remove, join: whether differing settings, removal, or a further part (a rule) are what is refused.
    but: wire fields that may be changed all the same.
    """

    field: str
    values: tuple[Any, ...]
    sentence: str
    but: tuple[str, ...] = ()
    change: bool = True
    remove: bool = True
    join: bool = True

    def holds(self, row: Row) -> bool:
        return row.get(self.field) in self.values


@dataclass(frozen=True)
class Rank:
    """How objects of a noun stand in one ordering. option: ours; first: the number of the first place in our option and in the portal.

    wire: the property that carries the order (ascending). outside: rows that stand outside of the ordering (field, values).
    """

    option: str = "priority"
    first: int = 0
    wire: str = "Priority"
    outside: tuple[str, tuple[Any, ...]] = ("", ())

    def sequence(self, rows: Sequence[Row]) -> list[Row]:
        name, values = self.outside
        return sorted((row for row in rows if not name or row.get(name) not in values), key=lambda row: int(row.get(self.wire) or 0))


class Life(Enum):
    """MADE: New and Remove exist, each has a name. FIXED: always exactly one, Set only. ONE: at most one, made when first wanted."""

    MADE = "made"
    FIXED = "fixed"
    ONE = "one"


@dataclass(frozen=True)
class Part:
    """One object of the service. See design: a kind has one part, or a policy and the rule that points at it."""

    noun: str
    fields: tuple[Field, ...]
    under: str = ""  # the option its fields live in; "" = top level
    points_at: str = ""  # wire field that names the first part; also how it is found
    switched: bool = False  # on and off are verbs: Enable-/Disable-, `Enabled` of New, read back as State
    rank: Rank | None = None
    named_by: str = "Name"
    name: Name = field(default_factory=Name)
    identified_by: str = "Identity"  # "": there is one, and Set takes no identity
    life: Life = Life.MADE
    called: str = ""  # for Life.ONE: the name that it always has
    lasting: bool = False  # there is no Remove
    placeholder: tuple[str, tuple[Any, ...]] = ("", ())  # (field, values): a row that only shows the defaults; what differs is set by New
    asked_with: tuple[tuple[str, Any], ...] = ()  # parameters of Get
    made_with: tuple[tuple[str, Any], ...] = ()  # parameters of New that are always the same
    guards: tuple[Guard, ...] = ()
    one_of: tuple[str, ...] = ()  # a row must have at least one of these wire fields filled
    parallel: tuple[str, ...] = ()  # wire fields that are lists as long as the first of them, or empty
    alike: tuple[tuple[str, ...], ...] = ()  # groups of wire fields that have one value and are sent together
    apart: tuple[tuple[str, str], ...] = ()  # pairs of switches of which one at most is on
    goes_with: tuple[tuple[str, str], ...] = ()  # (switch, field): what is refused to be on while the other is empty
    asks: tuple[str, ...] = ("Remove",)  # verbs that would ask for confirmation
    always: bool = False  # the service always has at least one: an empty list is an error, not absence
    left_out: Mapping[str, str] = field(default_factory=dict, hash=False)  # live parameters that are no fields: reason

    @cached_property
    def by_option(self) -> dict[str, Field]:
        return {one.option: one for one in self.fields if not one.read_only}

    @property
    def query(self) -> Query:
        return Query(self.noun, self.asked_with)

    @property
    def removable(self) -> bool:
        return self.life is not Life.FIXED and not self.lasting

    def stands_in(self, row: Row) -> bool:
        """Whether a row is only a placeholder for an object that nobody has made yet."""
        name, values = self.placeholder
        return bool(name) and row.get(name) in values


@dataclass(frozen=True)
class Resource(Description):
    """A kind of object with settings: everything else follows from it."""

    kind: str
    service: str
    parts: tuple[Part, ...]
    blurb: str

    def __post_init__(self) -> None:
        seen: set[str] = set()
        if not self.parts or self.parts[0].under or self.parts[0].points_at:
            raise ValueError(f"{self.kind}: the first part lives at the top level")
        for part in self.parts:
            described = [one.option for one in part.fields]
            options = [f"{part.under}.{name}" for name in (*described, *self._own_options(part))]
            doubled = sorted({name for name in options if options.count(name) > 1 or name in seen})
            if doubled:
                raise ValueError(f"{self.kind}: option described twice: {', '.join(doubled)}")
            seen.update(options)
            wires = {one.wire for one in part.fields}
            pairs = (name for some in (*part.goes_with, *part.apart, *part.alike) for name in some)
            spoken_of = (*part.one_of, *part.parallel, *pairs, *(name for guard in part.guards for name in guard.but))
            unknown = [name for name in spoken_of if name not in wires]
            if unknown:
                raise ValueError(f"{self.kind}: {part.noun} speaks of fields it does not have: {', '.join(unknown)}")
            for one in part.fields:
                if (one.create_only and one.set_only) or (one.read_only and (one.create_only or one.set_only or one.needed)):
                    raise ValueError(f"{self.kind}: {one.wire} can't be both")
            if part.left_out.keys() & wires:
                raise ValueError(f"{self.kind}: {part.noun} both describes and leaves out {sorted(part.left_out.keys() & wires)}")
            if part is not self.parts[0] and not (part.under and part.points_at):
                raise ValueError(f"{self.kind}: {part.noun} needs the option it lives under and the field that points at the first part")
            if part.life is Life.FIXED and (part.rank or part.points_at):
                raise ValueError(f"{self.kind}: {part.noun} is always there, so it has neither rank nor owner")
            if (part.life is Life.ONE) != bool(part.called):
                raise ValueError(f"{self.kind}: {part.noun} is called something if there is at most one of it, and only then")

    @property
    def single(self) -> bool:
        """Whether a tenant has at most one object of this kind, so that it needs no name."""
        return self.parts[0].life is not Life.MADE

    @property
    def queries(self) -> tuple[Query, ...]:
        return tuple(part.query for part in self.parts)

    @staticmethod
    def _own_options(part: Part) -> list[str]:
        """The options that stand for verbs and places, not for fields."""
        own = ["name"] if part.life is Life.MADE and not part.under else []
        own += ["state"] if part.removable else []
        own += ["enabled"] if part.switched else []
        return own + ([part.rank.option] if part.rank else [])

    @cached_property
    def spec(self) -> dict[str, dict[str, Any]]:
        """The Ansible argument spec of one object of this kind."""
        result: dict[str, dict[str, Any]] = {}
        for part in self.parts:
            own: dict[str, dict[str, Any]] = {}
            for option in self._own_options(part):
                own[option] = dict(_OWN.get(option, {"type": "int"}))
            own.update({option: one.type.spec() for option, one in part.by_option.items()})
            if part.under:
                result[part.under] = {"type": "dict", "options": own}
            else:
                result.update(own)
        return result

    def wrong(self, wanted: Values) -> list[str]:
        """What is wrong with an object that already fits the spec: sentences that begin with the option. Asks nobody."""
        errors = []
        for part in self.parts:
            given = wanted.get(part.under) if part.under else wanted
            if given is None:
                continue
            path = f"{part.under}." if part.under else ""
            if not part.under and not self.single:
                name = str(given.get("name") or "").strip()
                reason = part.name.wrong(name) if name else "must not be empty"
                errors += [f"name {reason}"] if reason else []
            for option, one in part.by_option.items():
                reason = one.type.wrong(given[option]) if given.get(option) is not None else ""
                if reason:
                    errors.append(f"{path}{option} {reason}")
            lengths = {len(given[one.option]) for one in part.fields if one.wire in part.parallel and given.get(one.option)}
            if len(lengths) > 1:
                names = ", ".join(f"{path}{one.option}" for one in part.fields if one.wire in part.parallel)
                errors.append(f"{names} belong together, so that each must have as many members as the others")
            if part.rank and given.get(part.rank.option) is not None and given[part.rank.option] < part.rank.first:
                errors.append(f"{path}{part.rank.option} must be at least {part.rank.first}, not {given[part.rank.option]}")
            if given.get("state") == "absent":
                settings = [name for name in self._settings(part) if given.get(name) is not None]
                if settings:
                    errors.append(f"{path}state=absent and {path}{settings[0]} exclude each other")
        return errors

    def _settings(self, part: Part) -> list[str]:
        """The options that say what an object should look like."""
        own = [name for name in self._own_options(part) if name not in ("name", "state")]
        others = [other.under for other in self.parts if other.under] if not part.under else []
        return [*part.by_option, *own, *others]
