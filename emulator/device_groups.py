# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Device groups of Defender for Endpoint: which device belongs to which group, and how a list of groups is shown. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from .invented import device_groups as invented

Row = dict[str, Any]

NAME, DOMAIN, TAG, SYSTEM, OTHER = range(5)
"""`Property` of a rule [code]."""

PROPERTIES = (NAME, DOMAIN, TAG, SYSTEM, OTHER)

_MATCH: dict[int, Callable[[str, str], bool]] = {
    0: lambda found, wanted: found.startswith(wanted),
    1: lambda found, wanted: found.endswith(wanted),
    2: lambda found, wanted: found == wanted,
    3: lambda found, wanted: wanted in found,
}
"""`OperatorType` of a rule: numbers [live], the words behind 0, 1 and 3 from the order of the portal's list [guess]."""

IN_LIST = 4
"""`OperatorType` of an operating system rule: a JSON array written into the string [live]."""


def in_order(groups: Iterable[Row]) -> list[Row]:
    """By rank, the default group last, as the portal lists them [live]."""
    return sorted(groups, key=lambda group: (bool(group["IsUnassignedMachineGroup"]), group["Priority"]))


def edited(groups: Iterable[Row], do: dict[str, Any]) -> list[Row]:
    """The list as somebody would write it who does one thing to the groups of now; what is not there any more is left alone.

    do: {"add": name}, {"remove": name}, {"level": [name, number]}, {"rename": [name, name]} or {"order": [names]}.
    """
    ranked = [dict(group) for group in in_order(groups) if not group["IsUnassignedMachineGroup"]]
    last = [dict(group) for group in groups if group["IsUnassignedMachineGroup"]]
    ((verb, what),) = do.items()
    if verb == "add":
        ranked.append(
            {
                "MachineGroupId": -1,
                "Name": what,
                "Description": "",
                "AutoRemediationLevel": 1,
                "Priority": max((group["Priority"] for group in ranked), default=0) + 1,
                "IsUnassignedMachineGroup": False,
                "GroupRules": [],
            }
        )
    elif verb == "remove":
        ranked = [group for group in ranked if group["Name"] != what]
    elif verb == "level":
        for group in (*ranked, *last):
            group["AutoRemediationLevel"] = what[1] if group["Name"] == what[0] else group["AutoRemediationLevel"]
    elif verb == "rename":
        for group in ranked:
            group["Name"] = what[1] if group["Name"] == what[0] else group["Name"]
    elif verb == "order":
        places = {name: place for place, name in enumerate(what)}
        ranked.sort(key=lambda group: places.get(group["Name"], len(places)))
        ranked = [{**group, "Priority": place} for place, group in enumerate(ranked, 1)]
    else:
        raise ValueError(f"nobody knows how to {verb} device groups")
    return [*ranked, *last]


def default_group(groups: Iterable[Row]) -> Row | None:
    """The group for devices that are in no other."""
    return next((group for group in groups if group["IsUnassignedMachineGroup"]), None)


def _values(machine: Row, prop: int) -> list[str]:
    name, _dot, domain = str(machine.get("computerDnsName") or "").lower().partition(".")
    if prop == NAME:
        return [name, f"{name}.{domain}"] if domain else [name]
    if prop == DOMAIN:
        return [domain] if domain else []
    if prop == TAG:
        return [str(tag).lower() for tag in machine.get("machineTags") or []]
    if prop == SYSTEM:
        return [str(machine.get("osPlatform") or "").lower()]
    return []


def _rule_matches(machine: Row, rule: Row) -> bool:
    found = _values(machine, rule["Property"])
    if rule["OperatorType"] == IN_LIST:
        wanted = {str(value).lower() for value in json.loads(rule["PropertyValue"])}
        return any(value in wanted for value in found)
    test = _MATCH[rule["OperatorType"]]
    return any(test(value, str(rule["PropertyValue"]).lower()) for value in found)


def matches(machine: Row, group: Row) -> bool:
    """Whether the rules of a group take a device: OR inside a property, AND between properties [doc]."""
    rules = [rule for rule in group.get("GroupRules") or [] if rule["PropertyValue"] not in ("", "[]")]
    if not rules:
        return invented.GROUP_WITHOUT_RULES_TAKES_DEVICES
    for prop in PROPERTIES:
        same = [rule for rule in rules if rule["Property"] == prop]
        if same and not any(_rule_matches(machine, rule) for rule in same):
            return False
    return True


def group_of(machine: Row, groups: Iterable[Row]) -> Row | None:
    """The highest ranked group that takes the device; the default group otherwise; None when there are no groups at all [doc]."""
    ranked = in_order(groups)
    for group in ranked:
        if not group["IsUnassignedMachineGroup"] and matches(machine, group):
            return group
    return default_group(ranked)


def with_groups(machines: Iterable[Row], groups: list[Row]) -> list[Row]:
    """The devices with `rbacGroupId` and `rbacGroupName` as the groups of now give them.

    Without any group described, rows keep what they carry: an export of a real tenant has the answer in it.
    """
    if not groups:
        return [dict(machine) for machine in machines]
    own = any(not group["IsUnassignedMachineGroup"] for group in groups)
    placed = []
    for machine in machines:
        group = group_of(machine, groups)
        if group is None or group["IsUnassignedMachineGroup"]:
            number, name = invented.group_of_an_ungrouped_device(group, own)
        else:
            number, name = group["MachineGroupId"], group["Name"]
        placed.append({**machine, "rbacGroupId": number, "rbacGroupName": name})
    return placed


def shown(groups: Iterable[Row], machines: list[Row], names: dict[str, str], *, with_names: bool, with_counts: bool) -> list[Row]:
    """Groups as the portal's list gives them [live].

    Empty assignments and the rules of the default group are left out; names of Entra groups and counts only on request.
    """
    groups = list(groups)
    counts: dict[int, int] = {}
    if with_counts:
        for machine in machines:
            group = group_of(machine, groups)
            if group is not None:
                counts[group["MachineGroupId"]] = counts.get(group["MachineGroupId"], 0) + 1
    rows = []
    for group in in_order(groups):
        row = dict(group)
        row["MachineCount"] = counts.get(row["MachineGroupId"], 0)
        assignments = row.pop("MachineGroupAssignments", None) or []
        if row["IsUnassignedMachineGroup"]:
            row.pop("GroupRules", None)
        row.pop("OldMachineGroupId", None)
        if assignments:
            row["MachineGroupAssignments"] = [_assignment(entry["WcdAadGroup"]["ObjectId"], names, with_names) for entry in assignments]
        rows.append(row)
    return rows


def _assignment(number: str, names: dict[str, str], with_names: bool) -> Row:
    inner = {"ObjectId": number}
    if with_names:
        inner["DisplayName"] = names.get(number.lower(), "")
    return {"WcdAadGroup": inner}
