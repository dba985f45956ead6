# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of variables that nobody looks at, for which a default would count without a word. Private to the collection.

Which names there are is read from the roles and playbooks themselves, so that no list has to be kept in step.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

COLLECTION = Path(__file__).resolve().parents[2]
PLAYBOOKS = "m365_"
NOTHING = (None, "")  # counts as not given
NEAR = 0.9  # one slip in a name of ten letters, two in one of twenty


@cache
def _there(folder: str, prefix: str) -> frozenset[str]:
    """The names with a prefix in the files of a folder; names of files that these write are none."""
    name = re.compile(rf"\b{prefix}\w+(?<!_)\b(?![.'])")
    return frozenset(found for path in (COLLECTION / folder).rglob("*.yml") for found in name.findall(path.read_text(encoding="utf-8")))


def of_role(role: str, spec: Mapping[str, Mapping[str, Any]], variables: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """What begins with the name of a role and is nothing to it: the mistyped ones, and what may be the operator's or another role's.

    spec: the options of the role. variables: those of the host, by their names.
    """
    own = {name for folder in ("tasks", "vars") for name in _there(f"roles/{role}/{folder}", f"{role}_")}.union(spec)
    strange = [name for name in map(str, variables) if re.match(f"{role}_(?!_)", name) and name not in own]
    given = {name for name, one in spec.items() if variables.get(name) not in (*NOTHING, one.get("default"))}
    mistyped, others = _sorted(strange, spec, given)
    has = f"which has {', '.join(spec) or 'no variables'}"
    return (
        [f"{name} is no variable of it (did you mean {meant}?)" for name, meant in mistyped.items()],
        [f"{name} means nothing to the role {role}, {f'which has {meant}' if meant else has}" for name, meant in others.items()],
    )


def of_playbooks(variables: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """The same of the playbooks, without what is not near to any of theirs: an inventory has others that begin with m365_."""
    own = _there("playbooks", PLAYBOOKS) | {"m365_run_as"}
    strange = [name for name in map(str, variables) if name.startswith(PLAYBOOKS) and name not in own]
    mistyped, others = _sorted(strange, own, {name for name in own if variables.get(name) not in NOTHING})
    return (
        [f"{name} is no variable of the playbooks (did you mean {meant}?)" for name, meant in mistyped.items()],
        [f"{name} means nothing to the playbooks, which have {meant}" for name, meant in others.items() if meant],
    )


def _sorted(strange: Iterable[str], known: Collection[str], given: Collection[str]) -> tuple[dict[str, str], dict[str, str]]:
    """The mistyped names and the others, each with the known one that is near to it.

    Where that one is given too, the operator may have made it of the other, such as a table of all tenants: no reason to stop.
    """
    near = {name: next(iter(get_close_matches(name, sorted(known), 1, NEAR)), "") for name in sorted(strange)}
    mistyped = {name: meant for name, meant in near.items() if meant and meant not in given}
    return mistyped, {name: meant for name, meant in near.items() if name not in mistyped}
