# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Binding: JSON parameters to a cmdlet's parameters, as strict as the service. [code] unless a function says otherwise."""

from __future__ import annotations

import datetime
import re
import uuid
from dataclasses import dataclass
from functools import cache
from typing import Any

from .errors import CmdletError, bad_enum, cannot_convert, invalid, missing_parameters, unknown_parameter
from .invented import exchange as invented
from .seed import table

HASHTABLE = "#Exchange.GenericHashTable"
_SPAN = re.compile(r"(?P<sign>-?)(?:(?P<days>\d+)\.)?(?P<hours>\d{1,2}):(?P<minutes>\d{1,2})(?::(?P<seconds>\d{1,2})(?:\.\d{1,7})?)?")
_NUMBERS = {"Int16": (-(2**15), 2**15 - 1), "Int32": (-(2**31), 2**31 - 1), "UInt16": (0, 2**16 - 1), "UInt32": (0, 2**32 - 1)}
_LISTS = frozenset({"MultiValuedProperty", "ProxyAddressCollection"})
_SPANS = frozenset({"TimeSpan", "EnhancedTimeSpan"})
_TABLES = frozenset({"PswsHashtable", "Hashtable"})


class Change(dict[str, list[str]]):
    """An Add/Remove hashtable for a multi-valued property; without keys it clears the property."""


@dataclass(frozen=True)
class Parameter:
    """A parameter of a cmdlet as the table describes it."""

    name: str
    type: str
    required: bool
    values: tuple[str, ...]
    low: int | None
    high: int | None
    max_length: int | None
    max_items: int | None
    ignored: bool

    @property
    def is_list(self) -> bool:
        """Whether the parameter takes several values."""
        return self.type in _LISTS or self.type.endswith("[]")

    @property
    def is_enumeration(self) -> bool:
        """Whether its words are members of a .NET enumeration (and so bind by prefix and number)."""
        return bool(self.values) and self.type not in {"String", "MultiValuedProperty", "TimeSpan", *_NUMBERS}


@dataclass(frozen=True)
class Cmdlet:
    """A cmdlet: where it runs and what it takes. `names` maps lower-case names and aliases to parameters; `asks`: it confirms."""

    name: str
    verb: str
    noun: str
    services: frozenset[str]
    names: dict[str, Parameter]
    required: tuple[str, ...]
    at_least_one_of: tuple[str, ...]
    asks: bool

    def parameter(self, name: str) -> Parameter | None:
        """The parameter of that name or alias, in any case."""
        return self.names.get(name.lower())


@cache
def cmdlets() -> dict[str, Cmdlet]:
    """Every cmdlet by lower-case name: those of the reference, and those of management roles, which stand in a table of their own."""
    rows = {**table("cmdlets")["cmdlets"], **table("role_cmdlets")["cmdlets"]}
    return {name.lower(): _cmdlet(name, row) for name, row in rows.items()}


def _cmdlet(name: str, row: dict[str, Any]) -> Cmdlet:
    names: dict[str, Parameter] = {}
    for key, fact in row["parameters"].items():
        if fact.get("on_premises"):
            continue
        low, high = fact.get("range", (None, None))
        values = tuple(
            str(value) for value in (*fact.get("values", ()), *(word for word in fact.get("observed", ()) if not word.isdigit()))
        )
        limits = fact.get("max_length"), fact.get("max_items")
        made = Parameter(key, fact["type"], fact.get("required", False), values, low, high, *limits, fact.get("ignored", False))
        for word in (key, *fact.get("aliases", ())):
            names[word.lower()] = made
    verb, _dash, noun = name.partition("-")
    required = tuple(dict.fromkeys(made.name for made in names.values() if made.required))
    services = frozenset({row["service"], *row.get("also_on", ())})
    asks = bool(row.get("asks_confirmation")) and "confirm" in names
    return Cmdlet(name, verb, noun, services, names, required, tuple(row.get("at_least_one_of", ())), asks)


def bind(cmdlet: Cmdlet, parameters: Any, withheld: frozenset[str] = frozenset()) -> dict[str, Any]:
    """The parameters by their own names, converted to what is stored. `withheld` are parameters this caller or tenant has not got.

    Raises CmdletError as the service would.
    """
    if not isinstance(parameters, dict):
        raise invented.not_a_parameter_object()
    bound: dict[str, Any] = {}
    unknown = []
    for key, value in parameters.items():
        if key.endswith("@odata.type"):
            continue
        found = cmdlet.parameter(key)
        if found is None or found.name in withheld:
            unknown.append(key)
        else:
            bound[found.name] = value
    if unknown:
        raise unknown_parameter(", ".join(unknown))
    lower = {key.lower() for key, value in bound.items() if value is not None and value != ""}
    missing = [name for name in cmdlet.required if name.lower() not in lower]
    if missing:
        raise missing_parameters(missing)
    return {name: _value(cmdlet.names[name.lower()], value) for name, value in bound.items()}


def _value(parameter: Parameter, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(value, dict):
        return _hashtable(parameter, value)
    if parameter.type in {"Boolean", "SwitchParameter"}:
        if isinstance(value, int) and value in (0, 1):
            return bool(value)
        raise cannot_convert(parameter.name, value, "System.Boolean")
    if parameter.is_list:
        return _list(parameter, value)
    if isinstance(value, list):
        if len(value) != 1:
            raise cannot_convert(parameter.name, "System.Object[]", f"System.{parameter.type}")
        value = value[0]
    return _scalar(parameter, value)


def _scalar(parameter: Parameter, value: Any) -> Any:
    kind = parameter.type.removesuffix("[]")
    if isinstance(value, bool):
        value = str(value)
    if parameter.is_enumeration:
        return member(parameter.name, str(value), kind, parameter.values)
    if kind in _NUMBERS or kind == "UInt64":
        return _number(parameter, value, kind)
    if kind == "Unlimited":
        return "Unlimited" if str(value).lower() == "unlimited" else _number(parameter, value, "UInt32")
    text = str(value)
    if kind in _SPANS:
        seconds = span(text)
        if seconds is None:
            raise cannot_convert(parameter.name, text, "System.TimeSpan")
        if parameter.values and seconds not in {span(word) for word in parameter.values}:
            raise invented.bad_word(parameter.name, text, parameter.values)
        return datetime.timedelta(seconds=seconds)
    if kind == "DateTime":
        return _time(parameter, text)
    if kind == "Guid":
        try:
            return str(uuid.UUID(text))
        except ValueError as error:
            raise cannot_convert(parameter.name, text, "System.Guid") from error
    if kind == "SmtpAddress" and text and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+|<>", text):
        raise cannot_convert(parameter.name, text, "Microsoft.Exchange.Data.SmtpAddress")
    if parameter.max_length is not None and len(text) > parameter.max_length:
        raise invented.too_long(parameter.name, text, parameter.max_length)
    if parameter.values and text:
        return _word(parameter, text)
    return text


def _word(parameter: Parameter, text: str) -> str:
    for word in parameter.values:
        if word.lower() == text.lower():
            return word
    raise invented.bad_word(parameter.name, text, parameter.values)


def member(parameter: str, text: str, kind: str, members: tuple[str, ...]) -> str:
    """The member of an enumeration that a text names: in full, by a unique prefix, or by number; in any case. [code], case [guess]"""
    wanted = text.strip().lower()
    for word in members:
        if word.lower() == wanted:
            return word
    if wanted.isdigit() and int(wanted) < len(members):
        return members[int(wanted)]
    near = [word for word in members if wanted and word.lower().startswith(wanted)]
    if len(near) == 1:
        return near[0]
    raise bad_enum(parameter, text, f"Microsoft.Exchange.Data.{kind}", members)


def _number(parameter: Parameter, value: Any, kind: str) -> int:
    try:
        if isinstance(value, float) and not value.is_integer():
            raise ValueError
        number = int(value)
    except (TypeError, ValueError) as error:
        raise cannot_convert(parameter.name, value, f"System.{kind}") from error
    low, high = _NUMBERS.get(kind, (0, 2**64 - 1))
    if not low <= number <= high:
        raise cannot_convert(parameter.name, value, f"System.{kind}")
    if (parameter.low is not None and number < parameter.low) or (parameter.high is not None and number > parameter.high):
        raise invented.out_of_range(parameter.name, number, parameter.low, parameter.high)
    if parameter.values and str(number) not in parameter.values:
        raise invented.bad_word(parameter.name, str(number), parameter.values)
    return number


def _list(parameter: Parameter, value: Any) -> Any:
    given = value if isinstance(value, list) else [value]
    if not given:
        raise invented.empty_array(parameter.name)
    made: list[Any] = []
    for part in given:
        if isinstance(part, dict):
            if part.get("@odata.type") != HASHTABLE:
                raise invented.untyped_object(parameter.name)
            made.append({key: inner for key, inner in part.items() if key != "@odata.type"})
        elif part is None or isinstance(part, list):
            raise cannot_convert(parameter.name, part, "System.String")
        elif parameter.is_enumeration or parameter.values:
            made.append(_scalar(parameter, part))
        else:
            made.append(str(part))
    _check_list(parameter, made)
    return made


def _check_list(parameter: Parameter, values: list[Any]) -> None:
    if parameter.max_items is not None and len(values) > parameter.max_items:
        raise invented.too_many(parameter.name, len(values), parameter.max_items)
    if parameter.type == "RecipientIdParameter[]":
        seen: set[str] = set()
        for value in values:
            if str(value).lower() in seen:
                raise invalid(f'The parameter "{parameter.name}" contains the following duplicated recipient identity: "{value}".')
            seen.add(str(value).lower())


def _hashtable(parameter: Parameter, value: dict[str, Any]) -> Any:
    if value.get("@odata.type") != HASHTABLE:
        raise invented.untyped_object(parameter.name)
    inner = {key: part for key, part in value.items() if not key.endswith("@odata.type")}
    if parameter.type in _TABLES:
        return inner
    if not parameter.is_list:
        raise cannot_convert(parameter.name, "System.Collections.Hashtable", f"System.{parameter.type}")
    change = Change()
    for key, part in inner.items():
        if key.lower() not in {"add", "remove"}:
            raise cannot_convert(parameter.name, key, "Microsoft.Exchange.Data.MultiValuedProperty")
        change[key.lower()] = [] if part is None else list(_list(parameter, part))
    return change


def span(text: str) -> int | None:
    """Seconds of `[d.]hh:mm[:ss]`, or None when the text is no time span."""
    found = _SPAN.fullmatch(text.strip())
    if not found:
        return None
    parts = {key: int(value or 0) for key, value in found.groupdict().items() if key != "sign"}
    if parts["hours"] > 23 or parts["minutes"] > 59 or parts["seconds"] > 59:
        return None
    total = ((parts["days"] * 24 + parts["hours"]) * 60 + parts["minutes"]) * 60 + parts["seconds"]
    return -total if found["sign"] else total


def duration(value: datetime.timedelta) -> str:
    """A time span as the wire shows a System.TimeSpan: an ISO 8601 duration such as PT4H, P1D, PT0S."""
    total = int(value.total_seconds())
    days, rest = divmod(total, 86400)
    hours, rest = divmod(rest, 3600)
    minutes, seconds = divmod(rest, 60)
    clock = "".join(f"{number}{letter}" for number, letter in ((hours, "H"), (minutes, "M"), (seconds, "S")) if number)
    return f"P{days}D{'T' + clock if clock else ''}" if days else f"PT{clock or '0S'}"


def plain_span(value: datetime.timedelta) -> str:
    """A time span as the wire shows an EnhancedTimeSpan: [d.]hh:mm:ss."""
    total = int(value.total_seconds())
    days, rest = divmod(total, 86400)
    clock = f"{rest // 3600:02d}:{rest // 60 % 60:02d}:{rest % 60:02d}"
    return f"{days}.{clock}" if days else clock


def _time(parameter: Parameter, text: str) -> str:
    cut = re.sub(r"(\.\d{6})\d+", r"\1", text.strip().replace("Z", "+00:00"))
    try:
        moment = datetime.datetime.fromisoformat(cut)
    except ValueError as error:
        raise cannot_convert(parameter.name, text, "System.DateTime") from error
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=datetime.UTC)
    return wire_time(moment)


def wire_time(moment: datetime.datetime) -> str:
    """A time as the wire shows it, UTC with seven decimals and Z."""
    utc = moment.astimezone(datetime.UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond:06d}0Z"


__all__ = ["Change", "Cmdlet", "CmdletError", "Parameter", "bind", "cmdlets", "duration", "member", "plain_span", "span", "wire_time"]
