# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of variables that nobody looks at, for which a default would count without a word. Private to the collection.

Which names there are is read from the roles and playbooks themselves, so that no list has to be kept in step.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from difflib import get_close_matches
from functools import cache
from pathlib import Path

COLLECTION = Path(__file__).resolve().parents[2]
PLAYBOOKS = "m365_"
NEAR = 0.9  # one slip in a name of ten letters, two in one of twenty


@cache
def _there(folder: str, prefix: str) -> frozenset[str]:
    """The names with a prefix in the files of a folder; names of files that these write are none."""
    name = re.compile(rf"\b{prefix}\w+(?<!_)\b(?![.'])")
    return frozenset(found for path in (COLLECTION / folder).rglob("*.yml") for found in name.findall(path.read_text(encoding="utf-8")))


def mistyped(role: str, options: Collection[str], names: Iterable[str]) -> list[str]:
    """What is nearly an option of a role."""
    return [f"{name} is no variable of it (did you mean {meant}?)" for name, meant in _strange(role, options, names) if meant]


def idle(role: str, options: Collection[str], names: Iterable[str]) -> list[str]:
    """What begins with the name of a role and is nothing to it. It may belong to another role of that name."""
    has = f"which has {', '.join(options) or 'no variables'}"
    return [f"{name} means nothing to the role {role}, {has}" for name, meant in _strange(role, options, names) if not meant]


def mistyped_in_playbooks(names: Iterable[str]) -> list[str]:
    """What is nearly a variable of the playbooks. An inventory may have others that begin with m365_."""
    own = _there("playbooks", PLAYBOOKS) | {"m365_run_as"}
    near = {name: _meant(name, own) for name in sorted(map(str, names)) if name.startswith(PLAYBOOKS) and name not in own}
    return [f"{name} is no variable of the playbooks (did you mean {meant}?)" for name, meant in near.items() if meant]


def _strange(role: str, options: Collection[str], names: Iterable[str]) -> list[tuple[str, str]]:
    """What begins with the name of a role and is neither one of its options nor set by it, and the option that may have been meant."""
    own = {name for folder in ("tasks", "vars") for name in _there(f"roles/{role}/{folder}", f"{role}_")}.union(options)
    strange = sorted(name for name in map(str, names) if re.match(f"{role}_(?!_)", name) and name not in own)
    return [(name, _meant(name, options)) for name in strange]


def _meant(name: str, names: Collection[str]) -> str:
    return next(iter(get_close_matches(name, sorted(names), 1, NEAR)), "")
