# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A small honest part of the query language of advanced hunting. What it cannot do it refuses; it never guesses a result.

Understood: `Table`, then any of `| where A == "x" and B != 1`, `| take n`, `| limit n`, `| count`, `| project A, B`, `| distinct A, B`,
`| summarize count() by A`, `| order by A desc`. Comments after `//` and line breaks are allowed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from .odata import moment

Row = dict[str, Any]


class BadHunt(Exception):
    """A query the service (or this emulation of it) does not run; the text is for the caller."""


@dataclass(frozen=True)
class Table:
    """Rows with the types of their columns, in the order they are shown."""

    columns: dict[str, str]
    rows: list[Row]


_OPERATORS = r"==|!=|=~|!~|>=|<=|>|<|contains|!contains|has|startswith|endswith"
_CONDITION = re.compile(rf"^\s*(?P<name>\w+)\s*(?P<operator>{_OPERATORS})\s*(?P<value>.+?)\s*$", re.DOTALL)
_AGO = re.compile(r"^ago\((\d+)([dhm])\)$")
_SPAN = {"d": "days", "h": "hours", "m": "minutes"}
_TEXT: dict[str, Callable[[str, str], bool]] = {
    "=~": lambda a, b: a == b,
    "!~": lambda a, b: a != b,
    "contains": lambda a, b: b in a,
    "!contains": lambda a, b: b not in a,
    "has": lambda a, b: b in re.split(r"\W+", a),
    "startswith": lambda a, b: a.startswith(b),
    "endswith": lambda a, b: a.endswith(b),
}
_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
}


def _split(text: str, at: str) -> list[str]:
    """Split outside of quoted text."""
    parts, held, quote = [], "", ""
    position = 0
    while position < len(text):
        letter = text[position]
        if quote:
            held += letter
            quote = "" if letter == quote else quote
        elif letter in "\"'":
            held += letter
            quote = letter
        elif text.startswith(at, position):
            parts.append(held)
            held = ""
            position += len(at)
            continue
        else:
            held += letter
        position += 1
    if quote:
        raise BadHunt("Syntax error: a string literal is not closed.")
    return [*parts, held]


def _value(text: str, now: datetime) -> Any:
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        return text[1:-1]
    if re.fullmatch(r"-?\d+", text):
        return int(text)
    if text in ("true", "false"):
        return text == "true"
    ago = _AGO.match(text)
    if ago:
        return now - timedelta(**{_SPAN[ago[2]]: int(ago[1])})
    if text.startswith("datetime(") and text.endswith(")"):
        return moment(text[9:-1])
    raise BadHunt(f"Semantic error: this emulation cannot evaluate the expression '{text}'.")


def _known(name: str, table: Table) -> str:
    if name not in table.columns:
        raise BadHunt(f"Semantic error: Failed to resolve scalar expression named '{name}'")
    return name


def _condition(text: str, table: Table, now: datetime) -> Callable[[Row], bool]:
    found = _CONDITION.match(text)
    if found is None:
        raise BadHunt(f"Syntax error: this emulation does not understand the condition '{text.strip()}'.")
    name, operator = _known(found["name"], table), found["operator"]
    wanted = _value(found["value"], now)

    def test(row: Row) -> bool:
        value = row.get(name)
        if operator in ("==", "!="):
            return (value == wanted) is (operator == "==")
        if operator in _TEXT:
            return _TEXT[operator](str(value or "").lower(), str(wanted).lower())
        if value is None:
            return False
        return _ORDER[operator](moment(value) if isinstance(wanted, datetime) else value, wanted)

    return test


def _where(text: str, table: Table, now: datetime) -> Table:
    if len(_split(text, " or ")) > 1 or "(" in re.sub(r"\b(ago|datetime)\(", "", text):
        raise BadHunt("Syntax error: this emulation takes only conditions joined by 'and'.")
    tests = [_condition(part, table, now) for part in _split(text, " and ")]
    return Table(table.columns, [row for row in table.rows if all(test(row) for test in tests)])


def _take(text: str, table: Table, _now: datetime) -> Table:
    if not text.isdigit():
        raise BadHunt(f"Syntax error: a number of rows was expected where '{text}' stands.")
    return Table(table.columns, table.rows[: int(text)])


def _count(text: str, table: Table, _now: datetime) -> Table:
    if text:
        raise BadHunt(f"Syntax error: nothing was expected after 'count', but '{text}'.")
    return Table({"Count": "Int64"}, [{"Count": len(table.rows)}])


def _names(text: str, table: Table) -> list[str]:
    return [_known(part.strip(), table) for part in text.split(",")]


def _project(text: str, table: Table, _now: datetime) -> Table:
    names = _names(text, table)
    return Table({name: table.columns[name] for name in names}, [{name: row.get(name) for name in names} for row in table.rows])


def _distinct(text: str, table: Table, now: datetime) -> Table:
    projected = _project(text, table, now)
    seen: list[Row] = []
    for row in projected.rows:
        if row not in seen:
            seen.append(row)
    return Table(projected.columns, seen)


def _summarize(text: str, table: Table, now: datetime) -> Table:
    found = re.fullmatch(r"(?:(?P<name>\w+)\s*=\s*)?count\(\)(?:\s+by\s+(?P<by>[\w\s,]+))?", text)
    if found is None:
        raise BadHunt("Semantic error: this emulation knows only 'summarize count() by ...'.")
    name = found["name"] or "count_"
    if not found["by"]:
        return Table({name: "Int64"}, [{name: len(table.rows)}])
    groups = _distinct(found["by"], table, now)
    rows = [{**group, name: sum(all(row.get(key) == group[key] for key in group) for row in table.rows)} for group in groups.rows]
    return Table({**groups.columns, name: "Int64"}, rows)


def _order(text: str, table: Table, _now: datetime) -> Table:
    found = re.fullmatch(r"by\s+(?P<name>\w+)(?:\s+(?P<way>asc|desc))?", text)
    if found is None:
        raise BadHunt("Syntax error: this emulation orders by one column only.")
    name = _known(found["name"], table)
    rows = sorted(table.rows, key=lambda row: (row.get(name) is not None, row.get(name) or ""), reverse=found["way"] != "asc")
    return Table(table.columns, rows)


_STEPS: dict[str, Callable[[str, Table, datetime], Table]] = {
    "where": _where,
    "take": _take,
    "limit": _take,
    "count": _count,
    "project": _project,
    "distinct": _distinct,
    "summarize": _summarize,
    "order": _order,
    "sort": _order,
}


_DURATION = re.compile(r"^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$")


def _span(text: str) -> timedelta:
    found = _DURATION.match(text)
    if found is None or not any(found.groups()):
        raise BadHunt(f"The timespan '{text}' is not valid.")
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


def within(tables: Mapping[str, Table], timespan: str, now: datetime) -> dict[str, Table]:
    """The tables with only the rows whose Timestamp lies in a timespan, in one of the five published forms. [doc]

    A duration up to now, a moment up to now, two moments with `/` between, or a duration on either side of it. BadHunt for another form.
    """
    start, slash, end = timespan.partition("/")
    try:
        if not slash:
            first, last = (now - _span(start) if start.startswith("P") else moment(start)), now
        elif start.startswith("P"):
            last = moment(end)
            first = last - _span(start)
        else:
            first = moment(start)
            last = first + _span(end) if end.startswith("P") else moment(end)
    except ValueError:
        raise BadHunt(f"The timespan '{timespan}' is not valid.") from None
    return {
        name: Table(table.columns, [row for row in table.rows if "Timestamp" not in row or first <= moment(row["Timestamp"]) <= last])
        for name, table in tables.items()
    }


def hunt(query: str, tables: Mapping[str, Table], now: datetime) -> Table:
    """Run a query. Raises BadHunt when a table is unknown or the query needs more than is understood here."""
    lines = [_split(line, "//")[0] for line in query.splitlines()]
    first, *steps = [part.strip() for part in _split(" ".join(lines), "|")]
    if not re.fullmatch(r"\w+", first):
        raise BadHunt("Syntax error: this emulation expects the name of one table first.")
    if first not in tables:
        operator = steps[0].split()[0] if steps and steps[0] else "query"
        raise BadHunt(f"Semantic error: '{operator}' operator: Failed to resolve table or column expression named '{first}'")
    table = tables[first]
    for step in steps:
        word, _space, rest = step.partition(" ")
        if word not in _STEPS:
            raise BadHunt(f"Syntax error: this emulation does not know the operator '{word}'.")
        table = _STEPS[word](rest.strip(), table, now)
    return table
