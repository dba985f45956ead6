# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role device_groups decides before it writes: which level may be raised. Pure; private to the collection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._readiness.words import LEVELS
from ansible_collections.m365.defender.plugins.module_utils._types import folded

Values = dict[str, Any]


def raised(
    groups: Sequence[Mapping[str, Any]], level: str, levels: Mapping[str, str] | None = None, lower: bool = False
) -> dict[str, list[Any]]:
    """The device groups whose automation level is to change.

    groups: the tenant's device groups. level: for every group, "" for none; levels: for a group by name. lower: whether a level may also be
    lowered. Returns `wanted` (objects of kind device_group), `kept` (names that stay above what was asked for) and `missing` (names in
    `levels` of which there is no group).
    """
    by_name = {folded(name): one for name, one in (levels or {}).items()}
    for one in (level, *by_name.values()):
        if one and one not in LEVELS:
            raise ValueError(f"{one} is no automation level; there are {', '.join(LEVELS)}")
    wanted, kept = [], []
    for group in groups:
        target = by_name.get(folded(group["name"]), level)
        has = group.get("automation_level")
        if not target:
            continue
        if has in LEVELS and LEVELS.index(target) < LEVELS.index(has) and not lower:
            kept.append(group["name"])
            continue
        wanted.append({"name": group["name"], "automation_level": target})
    there = {folded(group["name"]) for group in groups}
    return {"wanted": wanted, "kept": kept, "missing": [name for name in levels or {} if folded(name) not in there]}
