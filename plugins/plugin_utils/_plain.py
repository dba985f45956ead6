# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values as templates and surveys hand them over, as plain ones. Private to the collection."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


def plain(value: Any) -> Any:
    """The same as plain dictionaries and lists: what a template gives looks values up as late as it can, and can't be copied."""
    if isinstance(value, Mapping):
        return {str(name): plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    return value


def words(given: str | Iterable[Any]) -> list[str]:
    """A list of words, or a text with commas, without spaces around them. Ansible's own lists take such a text too, and keep the spaces."""
    found = (str(word).strip() for word in (given.split(",") if isinstance(given, str) else given))
    return [word for word in found if word]
