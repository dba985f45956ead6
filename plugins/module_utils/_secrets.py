# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets: where options hold them, and masking them wherever they turn up. Private to the collection."""

from __future__ import annotations

import operator
import re
from collections.abc import Mapping
from typing import Any

MASK = "********"


def secrets_in(spec: Mapping[str, Any], params: Any) -> tuple[str, ...]:
    """Every value of an option that is marked no_log, however deep it lies."""
    found: list[str] = []

    def all_texts(value: Any) -> None:
        if isinstance(value, Mapping):
            for one in value.values():
                all_texts(one)
        elif isinstance(value, list | tuple):
            for one in value:
                all_texts(one)
        elif value is not None and not isinstance(value, bool):
            found.append(str(value))

    for name, one in spec.items():
        value = params.get(name) if isinstance(params, Mapping) else None
        if one.get("no_log"):
            all_texts(value)
        elif one.get("options") and isinstance(value, Mapping):
            found.extend(secrets_in(one["options"], value))
    return tuple(found)


def scrubbed(value: Any, secrets: tuple[str, ...]) -> Any:
    """`value` with every secret masked, in texts, lists and dictionaries, keys included. What holds none stays the same object.

    Keys in the form of ours stay: a short secret such as "ed" would make of `failed` something that nobody looks for.
    """
    words = sorted({secret for secret in secrets if secret}, key=len, reverse=True)
    return _masked(value, words) if words else value


def _masked(value: Any, words: list[str]) -> Any:
    if isinstance(value, str):
        for word in words:
            value = value.replace(word, MASK)
        return value
    if isinstance(value, Mapping):
        made = {name if _is_ours(name) else _masked(name, words): _masked(one, words) for name, one in value.items()}
        # Not made anew for nothing: a large result would be kept twice.
        alike = len(made) == len(value) and all(name in value and value[name] is one for name, one in made.items())
        return value if alike else made
    if isinstance(value, list | tuple):
        listed = [_masked(one, words) for one in value]
        return value if isinstance(value, list) and all(map(operator.is_, value, listed)) else listed
    return value


def _is_ours(name: Any) -> bool:
    return isinstance(name, str) and re.fullmatch("[a-z_]+[0-9]*", name) is not None
