# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The part of OData that Graph and the Defender for Endpoint API share: $filter, $top, $skip, $select."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

Row = dict[str, Any]
Test = Callable[[Row], bool]

_TOKEN = re.compile(
    r"\s*(?:"
    r"(?P<text>'(?:[^']|'')*')"
    r"|(?P<time>\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2}))?)"
    r"|(?P<guid>[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})"
    r"|(?P<number>-?\d+(?:\.\d+)?)"
    r"|(?P<mark>[(),:])"
    r"|(?P<word>[A-Za-z_][A-Za-z0-9_./]*)"
    r")"
)
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda a, b: a == b,
    "ne": lambda a, b: a != b,
    "gt": lambda a, b: a is not None and b is not None and a > b,
    "ge": lambda a, b: a is not None and b is not None and a >= b,
    "lt": lambda a, b: a is not None and b is not None and a < b,
    "le": lambda a, b: a is not None and b is not None and a <= b,
}
_TEXT_TESTS: dict[str, Callable[[str, str], bool]] = {
    "startswith": lambda a, b: a.startswith(b),
    "endswith": lambda a, b: a.endswith(b),
    "contains": lambda a, b: b in a,
}


class BadQuery(Exception):
    """A query option the service does not take; the text is for the caller."""


def moment(text: str) -> datetime:
    """Read a date or a date with time as a moment with time zone; ValueError when it is none."""
    # fromisoformat takes at most six digits of a second; the services send seven
    read = datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text))
    return read if read.tzinfo else read.replace(tzinfo=UTC)


class _Words:
    """The words of a filter, read from left to right."""

    def __init__(self, text: str) -> None:
        self.words: list[tuple[str, str]] = []
        place = 0
        text = text.strip()
        while place < len(text):
            found = _TOKEN.match(text, place)
            if found is None or found.lastgroup is None:
                raise BadQuery(f"Syntax error at position {place} in '{text}'.")
            self.words.append((found.lastgroup, found.group(found.lastgroup)))
            place = found.end()
        self.text = text
        self.at = 0

    def peek(self) -> tuple[str, str]:
        return self.words[self.at] if self.at < len(self.words) else ("end", "")

    def take(self) -> tuple[str, str]:
        word = self.peek()
        self.at += 1
        return word

    def want(self, value: str) -> None:
        if self.take()[1] != value:
            raise BadQuery(f"Syntax error: '{value}' expected in '{self.text}'.")


def _literal(kind: str, word: str) -> Any:
    if kind == "text":
        return word[1:-1].replace("''", "'")
    if kind == "number":
        return float(word) if "." in word else int(word)
    if kind == "time":
        return moment(word)
    if kind == "guid":
        return word.lower()
    if kind == "word" and word in ("true", "false", "null"):
        return {"true": True, "false": False, "null": None}[word]
    raise BadQuery(f"Syntax error: a value was expected where '{word}' stands.")


def _alike(found: Any, wanted: Any) -> tuple[Any, Any]:
    """Bring a stored value and the value of a filter to one kind, so that they can be compared."""
    if isinstance(wanted, datetime) and isinstance(found, str):
        return moment(found), wanted
    if isinstance(found, bool) or isinstance(wanted, bool) or found is None or wanted is None:
        return found, wanted
    if isinstance(found, (int, float)) and isinstance(wanted, str):
        return str(found), wanted
    if isinstance(found, str) and isinstance(wanted, (int, float)):
        return found, str(wanted)
    return found, wanted


class _Filter:
    def __init__(self, text: str, members: Iterable[str], kind: str) -> None:
        self.words = _Words(text)
        self.members = set(members)
        self.kind = kind

    def read(self) -> Test:
        test = self._any_of()
        if self.words.peek()[0] != "end":
            raise BadQuery(f"Syntax error: '{self.words.peek()[1]}' was not expected in '{self.words.text}'.")
        return test

    def _any_of(self) -> Test:
        tests = [self._all_of()]
        while self.words.peek() == ("word", "or"):
            self.words.take()
            tests.append(self._all_of())
        return tests[0] if len(tests) == 1 else lambda row: any(test(row) for test in tests)

    def _all_of(self) -> Test:
        tests = [self._one()]
        while self.words.peek() == ("word", "and"):
            self.words.take()
            tests.append(self._one())
        return tests[0] if len(tests) == 1 else lambda row: all(test(row) for test in tests)

    def _one(self) -> Test:
        kind, word = self.words.take()
        if word == "not":
            inner = self._one()
            return lambda row: not inner(row)
        if word == "(":
            test = self._any_of()
            self.words.want(")")
            return test
        if kind != "word":
            raise BadQuery(f"Syntax error: a property was expected where '{word}' stands.")
        if word in _TEXT_TESTS:
            return self._text_test(word)
        if word.endswith("/any"):
            return self._any_member(word.removesuffix("/any"))
        member = self._member(word)
        operator = self.words.take()[1]
        if operator == "in":
            values = self._values()
            return lambda row: any(_COMPARE["eq"](*_alike(row.get(member), value)) for value in values)
        if operator not in _COMPARE:
            raise BadQuery(f"Syntax error: unknown operator '{operator}' in '{self.words.text}'.")
        wanted = _literal(*self.words.take())
        return lambda row: _COMPARE[operator](*_alike(row.get(member), wanted))

    def _member(self, word: str) -> str:
        if word not in self.members:
            raise BadQuery(f"The property '{word}' of type '{self.kind}' cannot be used in the $filter query option.")
        return word

    def _text_test(self, name: str) -> Test:
        self.words.want("(")
        member = self._member(self.words.take()[1])
        self.words.want(",")
        wanted = str(_literal(*self.words.take()))
        self.words.want(")")
        return lambda row: _TEXT_TESTS[name](str(row.get(member) or ""), wanted)

    def _any_member(self, member: str) -> Test:
        """machineTags/any(tag: tag eq 'x')."""
        member = self._member(member)
        self.words.want("(")
        name = self.words.take()[1]
        self.words.want(":")
        self.words.want(name)
        self.words.want("eq")
        wanted = _literal(*self.words.take())
        self.words.want(")")
        return lambda row: wanted in (row.get(member) or [])

    def _values(self) -> list[Any]:
        self.words.want("(")
        values = [_literal(*self.words.take())]
        while self.words.peek()[1] == ",":
            self.words.take()
            values.append(_literal(*self.words.take()))
        self.words.want(")")
        return values


def read_filter(text: str, members: Iterable[str], kind: str) -> Test:
    """Turn the text of a $filter into a test of one row; only the members given may be named. BadQuery otherwise."""
    return _Filter(text, members, kind).read()


@dataclass(frozen=True)
class Options:
    """Which query options a list takes. Lists without $skip go on by $skiptoken; a list without `page` is given whole."""

    kind: str
    filter_by: tuple[str, ...] = ()
    top: int | None = None
    page: int | None = None
    skip: bool = True
    count: bool = False
    select: bool = True
    expand: tuple[str, ...] = ()
    other: tuple[str, ...] = ()


@dataclass(frozen=True)
class Page:
    """One page of a list: its rows, how many there are in all, and the query of the next page."""

    rows: list[Row]
    total: int
    following: dict[str, str] | None
    expand: tuple[str, ...]


def _number(query: Mapping[str, str], name: str) -> int | None:
    if name not in query:
        return None
    if not query[name].isdigit():
        raise BadQuery(f"Invalid value '{query[name]}' for {name} query option found. A non-negative integer is required.")
    return int(query[name])


def select(row: Row, members: Iterable[str]) -> Row:
    """The wanted members of a row; its id and annotations stay."""
    wanted = set(members)
    return {name: value for name, value in row.items() if name in wanted or name == "id" or name.startswith("@")}


def page(rows: list[Row], query: Mapping[str, str], options: Options) -> Page:
    """Answer a list query. Raises BadQuery for an option that is unknown, not supported here, or badly written."""
    place = "$skip" if options.skip else "$skiptoken"
    known = {"$top", place, *options.other}
    known |= {"$filter"} if options.filter_by else set()
    known |= {"$count"} if options.count else set()
    known |= {"$select"} if options.select else set()
    known |= {"$expand"} if options.expand else set()
    for name in query:
        if name not in known:
            raise BadQuery(f"The query option '{name}' is not supported for '{options.kind}'.")
    if "$filter" in query:
        test = read_filter(query["$filter"], options.filter_by, options.kind)
        rows = [row for row in rows if test(row)]
    top, skip = _number(query, "$top"), _number(query, place) or 0
    if top is not None and options.top is not None and top > options.top:
        raise BadQuery(f"The limit of '{options.top}' for Top query has been exceeded. The value from the incoming request is '{top}'.")
    expand = tuple(part.strip() for part in query.get("$expand", "").split(",") if part.strip())
    for name in expand:
        if name not in options.expand:
            raise BadQuery(f"Could not find a property named '{name}' on type '{options.kind}' that can be expanded.")
    size = top if top is not None else options.page
    taken = rows[skip:] if size is None else rows[skip : skip + size]
    following = None
    if size and skip + size < len(rows):
        following = {**query, "$top": str(size), place: str(skip + size)}
    if "$select" in query:
        wanted = [part.strip() for part in query["$select"].split(",") if part.strip()]
        taken = [select(row, (*wanted, *expand)) for row in taken]
    return Page(taken, len(rows), following, expand)
