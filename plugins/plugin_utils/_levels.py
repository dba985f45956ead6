# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role device_groups decides before it writes: which level may be raised. Pure; private to the collection."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._readiness.words import LEVELS
from ansible_collections.m365.defender.plugins.module_utils._types import folded

Values = dict[str, Any]

# WindowsServer2022 and the like, and the older names Windows2016 and Windows8blueserver. [code] names that the portal's rules have
SERVER = re.compile(r"windows(server.*|\d{4}|8(blue)?server)", re.IGNORECASE)


def takes_servers(group: Mapping[str, Any]) -> bool:
    """Whether a rule of the group names a server system. Servers that are taken by name, domain or tag can't be told."""
    rules = group.get("matching_rules") or ()
    return any(rule["property"] == "os" and any(SERVER.fullmatch(str(value)) for value in rule["values"]) for rule in rules)


def raised(
    groups: Sequence[Mapping[str, Any]],
    level: str,
    levels: Mapping[str, str] | None = None,
    lower: bool = False,
    wanted: Sequence[Mapping[str, Any]] | None = None,
) -> Values:
    """What the role writes: the groups that are wanted as a whole, and those whose automation level is to change.

    groups: the tenant's device groups. level: for every group that takes no servers, "" for none; levels: for a group by name. lower:
    whether a level may also be lowered. wanted: objects of kind device_group that are made, changed or removed. Returns `wanted` (objects
    of kind device_group), `levels` (the level asked for of each group, "" for none), `kept` (names that stay above what was asked for),
    `servers` (names of groups that take servers and are below `level`, but not named) and `missing` (names in `levels` of which there is no
    group).
    """
    there = {folded(group["name"]): group for group in groups}
    wishes = {folded(one["name"]): one for one in wanted or ()}
    named = {folded(name): one or "" for name, one in (levels or {}).items()}
    named |= {name: one["automation_level"] for name, one in wishes.items() if one.get("automation_level")}
    for one in (level, *named.values()):
        if one and one not in LEVELS:
            raise ValueError(f"{one} is no automation level; there are {', '.join(LEVELS)}")
    result: Values = {"wanted": [], "levels": {}, "kept": [], "servers": [], "missing": []}
    result["missing"] = [name for name in levels or {} if folded(name) not in there and folded(name) not in wishes]
    for name, group in {**wishes, **there}.items():
        wish = dict(wishes.get(name, {"name": group["name"]}))
        if wish.get("state") == "absent":
            result["wanted"].append(wish)
            continue
        target, has = named.get(name, level), group.get("automation_level") if name in there else None
        if name not in named and takes_servers({**group, **wish}):
            if level and (has not in LEVELS or LEVELS.index(has) < LEVELS.index(level)):
                result["servers"].append(group["name"])
            target = ""
        result["levels"][group["name"]] = target
        if target and has in LEVELS and LEVELS.index(target) < LEVELS.index(has) and not lower:
            result["kept"].append(group["name"])
            target = ""
        wish.pop("automation_level", None)
        if target:
            wish["automation_level"] = target
        if target or name in wishes:
            result["wanted"].append(wish)
    return result
