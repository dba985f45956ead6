# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Narrowing what is asked: $filter where the service documents it, a test of our own where it does not. Pure; private to the collection."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._resource import Row, Values
from ansible_collections.m365.defender.plugins.module_utils._times import Moment
from ansible_collections.m365.defender.plugins.module_utils.readers._answers import folded

Test = Callable[[Row], bool]


def stamp(when: datetime) -> str:
    """A moment as OData writes it."""
    return when.replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def quoted(text: str) -> str:
    """A text as OData writes it."""
    return "'" + text.replace("'", "''") + "'"


def one_of(member: str, words: Sequence[str] | None) -> str:
    """A condition that a member has one of these words; "" where none is asked for."""
    tests = [f"{member} eq {quoted(word)}" for word in words or ()]
    return f"({' or '.join(tests)})" if len(tests) > 1 else "".join(tests)


def within(member: str, after: str | None, before: str | None) -> str:
    """A condition that a time lies between two times that people gave."""
    return both(f"{member} ge {instant(after)}" if after else "", f"{member} le {instant(before)}" if before else "")


def instant(time: str | None) -> str | None:
    """A time that people gave, in the one spelling that every service takes."""
    shown: str | None = Moment().show(time)
    return shown


def changed_within(member: str, days: int, now: datetime) -> str:
    """A condition that a time lies within the last days."""
    return f"{member} ge {stamp(now - timedelta(days=days))}"


def both(*conditions: str) -> str:
    """All of the conditions that say something."""
    return " and ".join(one for one in conditions if one)


def filtered(*conditions: str) -> tuple[tuple[str, Any], ...]:
    """The parameter $filter of these conditions, or none."""
    text = both(*conditions)
    return (("$filter", text),) if text else ()


def among(row: Row, member: str, words: Iterable[str] | None) -> bool:
    """Whether a member has one of these words, in any case; anything goes where none is asked for."""
    wanted = {folded(word) for word in words or ()}
    return not wanted or folded(row.get(member)) in wanted


def counts(words: Iterable[Any]) -> dict[str, int]:
    """How often each word occurs."""
    found: dict[str, int] = {}
    for word in words:
        found[str(word)] = found.get(str(word), 0) + 1
    return dict(sorted(found.items()))


def wrong_most(options: Values, highest: int) -> list[str]:
    """What is wrong with the option `most`."""
    return [] if 1 <= options["most"] <= highest else [f"most must be between 1 and {highest}, not {options['most']}"]


def wrong_days(options: Values, highest: int) -> list[str]:
    """What is wrong with the option `days`."""
    return [] if 1 <= options["days"] <= highest else [f"days must be between 1 and {highest}, not {options['days']}"]


def wrong_times(options: Values, after: str, before: str) -> list[str]:
    """What is wrong with two options that are times, one before the other."""
    errors = [f"{name} {fault}" for name in (after, before) if (fault := Moment().wrong(options.get(name)))]
    if not errors and options.get(after) and options.get(before) and str(instant(options[after])) >= str(instant(options[before])):
        errors.append(f"{after} must lie before {before}")
    return errors


def wrong_together(options: Values, alone: str, others: Sequence[str]) -> list[str]:
    """What is wrong where an option that names one thing stands beside options that choose among many."""
    if not options.get(alone):
        return []
    beside = [name for name in others if options.get(name) not in (None, "", [])]
    return [f"{alone} names one, so that {', '.join(beside)} can't choose among several"] if beside else []
