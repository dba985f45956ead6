# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role device_groups decides before it writes: which level may be raised. Pure; private to the collection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._readiness.words import LEVELS
from ansible_collections.m365.defender.plugins.module_utils._task import faults_in
from ansible_collections.m365.defender.plugins.module_utils._types import folded
from ansible_collections.m365.defender.plugins.module_utils._validating import Validator
from ansible_collections.m365.defender.plugins.module_utils.readers._devices import CLIENT, SERVER, UNGROUPED
from ansible_collections.m365.defender.plugins.module_utils.resources.device_group import DEVICE_GROUP, MatchingRules
from ansible_collections.m365.defender.plugins.plugin_utils._plain import plain

Values = dict[str, Any]
Group = Mapping[str, Any]

DEFAULT = DEVICE_GROUP.parts[0].name.shown


def raised(
    groups: Sequence[Group],
    level: str,
    levels: Mapping[str, str] | None = None,
    lower: bool = False,
    wanted: Sequence[Group] | None = None,
    servers: Mapping[str, int] | None = None,
) -> Values:
    """What the role writes: the groups that are wanted as a whole, and those whose automation level is to change.

    groups: the tenant's device groups; none at all while they are not known, so that only what is asked for is looked at. level: for every
    group that takes no servers, "" for none; levels: for a group by name. lower: whether a level may also be lowered. wanted: objects of
    kind device_group that are made, changed or removed. servers: how many servers each group holds now, as device_info counts them; None
    where that is not known. Returns `wanted` (objects of kind device_group), `levels` (the level asked for of each group, "" for none),
    `kept` (names that stay above what was asked for), and the names of groups that are below `level` and left alone because nobody named
    them: `servers` (their rules name a server system, or they hold servers) and `unsure` (nobody knows whether they will hold servers).
    Raises ValueError with the place of everything that is wrong.
    """
    groups, levels, wanted = plain(groups), plain(levels or {}), plain(wanted or ())
    faults = _faults(level, levels, wanted)
    if faults:
        raise ValueError("; ".join(faults))
    there = {folded(group["name"]): group for group in groups}
    wishes = {folded(one["name"]): one for one in wanted}
    named = {folded(name): one or "" for name, one in levels.items()}
    missing = [name for name in levels if folded(name) not in there and folded(name) not in wishes]
    if there and missing:
        raise ValueError(
            f"device_groups_levels: there is no group {', '.join(missing)}, or the session does not see it; "
            f"there are {', '.join(group['name'] for group in groups)}"
        )
    named |= {name: one["automation_level"] for name, one in wishes.items() if one.get("automation_level")}
    held = None if servers is None else {folded(DEFAULT if name in ("", UNGROUPED) else name) for name, count in servers.items() if count}
    moving = _moving(there, wishes)
    # Servers of a group that changes go where nobody knows before it has.
    known = held if held is not None and not held & moving else None
    result: Values = {"wanted": [], "levels": {}, "kept": [], "servers": [], "unsure": []}
    for name, group in {**wishes, **there}.items():
        wish = dict(wishes.get(name, {"name": group["name"]}))
        if wish.get("state") == "absent":
            result["wanted"].append(wish)
            continue
        target, has = named.get(name, level), group.get("automation_level") if name in there else None
        why = "" if name in named else _why_not({**group, **wish}, name, held, None if name in moving or name not in there else known)
        if why:
            if level and (has not in LEVELS or LEVELS.index(has) < LEVELS.index(level)):
                result[why].append(group["name"])
            target = ""
        result["levels"][group["name"]] = target
        if there and name not in there and not target:
            because = "its rules may take servers" if why else "device_groups_automation_level gives none"
            raise ValueError(
                f"device_groups_wanted: the group {group['name']} is new and needs its own automation_level, because {because}"
            )
        if target and has in LEVELS and LEVELS.index(target) < LEVELS.index(has) and not lower:
            result["kept"].append(group["name"])
            target = ""
        wish.pop("automation_level", None)
        if target:
            wish["automation_level"] = target
        if target or name in wishes:
            result["wanted"].append(wish)
    return result


def _why_not(group: Group, name: str, held: set[str] | None, known: set[str] | None) -> str:
    """Why nobody raises a group that is not named: "servers", "unsure", or "" where it can't get any.

    held: the groups that hold servers now; known: the same where it tells of the time after the change, too.
    """
    systems = [folded(value) for rule in group.get("matching_rules") or () if rule["property"] == "os" for value in rule["values"]]
    if any(SERVER.fullmatch(one) for one in systems):
        return "servers"
    if systems and all(CLIENT.fullmatch(one) for one in systems):
        return ""
    if held and name in held:
        return "servers"
    return "unsure" if known is None else ""


def _moving(there: Mapping[str, Group], wishes: Mapping[str, Group]) -> set[str]:
    """The groups that are there and will be removed, or take other devices than now."""
    rules = MatchingRules()
    return {
        name
        for name, wish in wishes.items()
        if name in there
        and (
            wish.get("state") == "absent"
            or (wish.get("matching_rules") is not None and not rules.same(wish["matching_rules"], there[name].get("matching_rules")))
            or (wish.get("rank") is not None and str(wish["rank"]) != str(there[name].get("rank")))
        )
    }


def _faults(level: str, levels: Any, wanted: Any) -> list[str]:
    """What is wrong with what is asked for, each with its place, in the words of the role's variables."""
    faults = [] if not level else _no_level("device_groups_automation_level", level)
    if not isinstance(levels, Mapping):
        return [*faults, "device_groups_levels must be a dictionary of levels by the names of groups"]
    if not isinstance(wanted, list | tuple):
        return [*faults, "device_groups_wanted must be a list of dictionaries, one for each group"]
    seen: dict[str, str] = {}
    for name, one in levels.items():
        faults += _no_level(f"device_groups_levels.{name}", one) if one else []
        if seen.setdefault(folded(name), name) != name:
            faults.append(f"device_groups_levels.{name}: the same group as {seen[folded(name)]}")
    places: dict[str, int] = {}
    for index, one in enumerate(wanted):
        place = f"device_groups_wanted[{index}]"
        if not isinstance(one, Mapping):
            faults.append(f"{place} must be a dictionary")
            continue
        validated = Validator(DEVICE_GROUP.spec).validate(one)
        wrong = faults_in(validated) or DEVICE_GROUP.wrong(validated.validated_parameters)
        faults += [f"{place}: {fault}" for fault in wrong]
        if not wrong and places.setdefault(folded(one["name"]), index) != index:
            faults.append(f"{place}: {one['name']} is wanted twice, first in device_groups_wanted[{places[folded(one['name'])]}]")
    return faults


def _no_level(place: str, word: Any) -> list[str]:
    return [] if word in LEVELS else [f"{place}: {word} is no automation level; there are {', '.join(LEVELS)}"]
