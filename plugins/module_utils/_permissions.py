# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A kind of value that is a set of permissions: words in a playbook, a number when written, a text when read. Private to the collection."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._types import Kind


@dataclass(frozen=True)
class PermissionBits(Kind):
    """Some of a few permissions, each a bit of a number. The order of the words does not matter; a group's name stands for its members.

    bits: word -> bit. names: the service's name of a permission in its text -> word; names that are missing here have no effect and count
    for nothing. groups: word -> members. apart: pairs that exclude each other.
    """

    bits: Mapping[str, int] = field(hash=False)
    names: Mapping[str, str] = field(hash=False)
    groups: Mapping[str, tuple[str, ...]] = field(hash=False)
    apart: tuple[tuple[str, str], ...] = ()

    def spec(self) -> dict[str, Any]:
        return {"type": "list", "elements": "str", "choices": [*self.bits, *self.groups]}

    def read(self, wire: Any) -> Any:
        """From the text, `[Name: True|False` lines `]` [code] exports of the service, or from the number."""
        if wire is None:
            return None
        if isinstance(wire, int):
            return [word for word, bit in self.bits.items() if wire & bit]
        return [self.names[name] for name, on in re.findall(r"(\w+)\s*:\s*(\w+)", str(wire)) if on == "True" and name in self.names]

    def write(self, value: Any) -> Any:
        return sum(self.bits[word] for word in self._members(value))

    def same(self, one: Any, other: Any) -> bool:
        return self._members(one or ()) == self._members(other or ())

    def show(self, value: Any) -> Any:
        return sorted(self._members(value or ()))

    def wrong(self, value: Any) -> str:
        for group, members in self.groups.items():
            if not members and group in value and len(set(value)) > 1:
                return f"can't have {group} and others too"
        words = self._members(value)
        for one, other in self.apart:
            if one in words and other in words:
                return f"can't have both {one} and {other}"
        return ""

    def _members(self, words: Iterable[str]) -> set[str]:
        return {member for word in words for member in self.groups.get(word, (word,))}
