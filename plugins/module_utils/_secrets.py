# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets: where options hold them, and masking them wherever they turn up. Private to the collection."""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote, quote_plus

from ansible_collections.m365.defender.plugins.module_utils._errors import one_line

MASK = "********"
LONG = 12  # letters of a secret that stands in none of our keys by chance


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
    words = forms_of(secrets)
    return _masked(value, words) if words else value


def forms_of(secrets: Iterable[str]) -> list[str]:
    """Every form in which secrets stand in a text, the longest first: as is, in one line, in JSON, as Python shows them, in an address."""
    forms: set[str] = set()
    for secret in secrets:
        forms |= {secret, one_line(secret), _in_json(secret), _in_json(secret, False), repr(secret)[1:-1]}
        forms |= {quote(secret, safe="", errors="replace"), quote_plus(secret, errors="replace")}
    return sorted(forms - {""}, key=len, reverse=True)


def _in_json(text: str, ascii_only: bool = True) -> str:
    return json.dumps(text, ensure_ascii=ascii_only)[1:-1]


def _masked(value: Any, words: list[str]) -> Any:
    if isinstance(value, str):
        for word in words:
            value = value.replace(word, MASK)
        return value
    if isinstance(value, Mapping):
        made = {name if _is_ours(name, words) else _masked(name, words): _masked(one, words) for name, one in value.items()}
        # Not made anew for nothing: a large result would be kept twice.
        alike = len(made) == len(value) and all(name in value and value[name] is one for name, one in made.items())
        return value if alike else made
    if isinstance(value, list | tuple):
        listed = [_masked(one, words) for one in value]
        return value if isinstance(value, list) and all(map(operator.is_, value, listed)) else listed
    return value


def _is_ours(name: Any, words: list[str]) -> bool:
    if not isinstance(name, str) or not re.fullmatch("[a-z_]+[0-9]*", name):
        return False
    return not any(len(word) >= LONG and word in name for word in words)
