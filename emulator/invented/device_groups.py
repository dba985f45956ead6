# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Device groups: their numbers, what the portal refuses, and what a save leaves behind."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

LEVELS = (0, 1, 2, 3, 4)
"""`AutoRemediationLevel`. 0 to 3 are [code]; 4 for "core folders" is a guess: the fifth documented level has no published number."""

GROUP_WITHOUT_RULES_TAKES_DEVICES = False
"""A group whose rules are all empty. The portal does not let one be made; guessed that it takes nobody."""


def group_of_an_ungrouped_device(default: dict[str, Any] | None, others_exist: bool) -> tuple[int, str | None]:
    """`rbacGroupId` and `rbacGroupName` of a device in no group.

    0 and null in a tenant without groups is [code] (published answers); UnassignedGroup with the number of the default group is shown by
    Microsoft's samples of other lists [doc], and guessed for machines.
    """
    if not others_exist or default is None:
        return 0, None
    return int(default["MachineGroupId"]), "UnassignedGroup"


_GROUP_MEMBERS = {
    "MachineGroupId": int,
    "Name": str,
    "AutoRemediationLevel": int,
    "Priority": int,
    "IsUnassignedMachineGroup": bool,
}
_GROUP_MEMBERS_TOO = {
    "Description", "LastUpdated", "MachineCount", "GroupRules", "MachineGroupAssignments", "OldMachineGroupId",
}  # fmt: skip
_RULE_MEMBERS = {"Property": int, "OperatorType": int, "PropertyValue": str}


def _is(value: Any, kind: type) -> bool:
    return isinstance(value, kind) and not (kind is int and isinstance(value, bool))


def _group_fault(group: Any, entra_groups: set[str]) -> str:
    """What is wrong with one group of a PUT, or nothing. That the service checks types and members so strictly is a guess."""
    if not isinstance(group, dict):
        return "A machine group must be an object."
    for name, kind in _GROUP_MEMBERS.items():
        if not _is(group.get(name), kind):
            return f"Machine group: '{name}' is missing or is no {kind.__name__}."
    unknown = set(group) - set(_GROUP_MEMBERS) - _GROUP_MEMBERS_TOO
    if unknown:
        return f"Machine group '{group['Name']}': unknown member '{min(unknown)}'."
    if group["AutoRemediationLevel"] not in LEVELS:
        return f"Machine group '{group['Name']}': AutoRemediationLevel {group['AutoRemediationLevel']} is not valid."
    counts: dict[int, int] = {}
    for rule in group.get("GroupRules") or []:
        if not isinstance(rule, dict) or set(rule) != set(_RULE_MEMBERS) or not all(_is(rule[k], v) for k, v in _RULE_MEMBERS.items()):
            return f"Machine group '{group['Name']}': a rule has Property, OperatorType and PropertyValue, no more and no less."
        if rule["Property"] not in range(5) or rule["OperatorType"] not in range(5):
            return f"Machine group '{group['Name']}': a rule has an unknown Property or OperatorType."
        if rule["OperatorType"] == 4 and not _list_in_text(rule["PropertyValue"]):
            return f"Machine group '{group['Name']}': the value of an 'in' rule must be a list of names in JSON."
        counts[rule["Property"]] = counts.get(rule["Property"], 0) + bool(rule["PropertyValue"])
    if max(counts.values(), default=0) > 10:
        return f"Machine group '{group['Name']}': more than 10 values for one property."
    for entry in group.get("MachineGroupAssignments") or []:
        number = entry.get("WcdAadGroup", {}).get("ObjectId") if isinstance(entry, dict) else None
        if not isinstance(number, str) or number.lower() not in entra_groups:
            return f"Machine group '{group['Name']}': only Entra groups that hold a role can be assigned."
    return ""


def _list_in_text(text: str) -> bool:
    if text == "":
        return True
    try:
        value = json.loads(text)
    except ValueError:
        return False
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def device_groups_fault(saved: list[dict[str, Any]], sent: Any, entra_groups: set[str]) -> str:
    """Why a PUT of device groups is refused, or nothing.

    That the default group must be in the list and that only one group can be new is [code]; ten values to a property and groups with
    roles only are [doc]; every text, and every other rule (names, ranks, numbers), is a guess.
    """
    if not isinstance(sent, list):
        return "The body must be a list of all machine groups."
    for group in sent:
        fault = _group_fault(group, entra_groups)
        if fault:
            return fault
    defaults = [group for group in sent if group["IsUnassignedMachineGroup"]]
    own = [group for group in sent if not group["IsUnassignedMachineGroup"]]
    known = {group["MachineGroupId"]: group["IsUnassignedMachineGroup"] for group in saved}
    if len(defaults) != 1 or known.get(defaults[0]["MachineGroupId"]) is not True:
        return "The list must hold the unassigned machine group exactly once."
    if defaults[0]["Name"] or defaults[0]["Priority"] != 2147483647 or defaults[0].get("GroupRules"):
        return "Name, rank and rules of the unassigned machine group cannot be changed."
    if sum(group["MachineGroupId"] == -1 for group in own) > 1:
        return "Only one machine group can be created at a time."
    numbers = [group["MachineGroupId"] for group in own if group["MachineGroupId"] != -1]
    if len(set(numbers)) != len(numbers) or any(known.get(number) is not False for number in numbers):
        return "A MachineGroupId is unknown or is there twice."
    names = [group["Name"].strip().lower() for group in own]
    if "" in names:
        return "A machine group must have a name."
    if len(set(names)) != len(names):
        return "The name of a machine group is already in use."
    ranks = [group["Priority"] for group in own]
    if len(set(ranks)) != len(ranks) or any(not 0 <= rank < 2147483647 for rank in ranks):
        return "Every machine group must have a rank of its own."
    return ""


def device_groups_after(saved: list[dict[str, Any]], sent: list[dict[str, Any]], now: str) -> list[dict[str, Any]]:
    """The groups after a PUT that was taken: it replaces the list, so that a group left out is deleted (a guess: no other way is known).

    Guessed as well: a new group takes the next number, missing rules are filled to one per property, and LastUpdated moves
    only where something changed.
    """
    before = {group["MachineGroupId"]: group for group in saved}
    number = max(before, default=0)
    after = []
    for group in sent:
        row = {name: value for name, value in group.items() if name not in ("OldMachineGroupId", "MachineCount", "LastUpdated")}
        row.setdefault("Description", "")
        if row["MachineGroupId"] == -1:
            number += 1
            row["MachineGroupId"] = number
        if row["IsUnassignedMachineGroup"]:
            row.pop("GroupRules", None)
        else:
            rules = list(row.get("GroupRules") or [])
            missing = set(range(5)) - {rule["Property"] for rule in rules}
            rules += [{"OperatorType": 0, "Property": prop, "PropertyValue": ""} for prop in missing]
            row["GroupRules"] = sorted(rules, key=lambda rule: rule["Property"])
        assignments = [
            {"WcdAadGroup": {"ObjectId": entry["WcdAadGroup"]["ObjectId"]}} for entry in row.pop("MachineGroupAssignments", None) or []
        ]
        if assignments:
            row["MachineGroupAssignments"] = assignments
        former = before.get(row["MachineGroupId"])
        kept = {name: value for name, value in (former or {}).items() if name not in ("MachineCount", "LastUpdated")}
        row["LastUpdated"] = former["LastUpdated"] if former and kept == row else now
        row["MachineCount"] = 0
        after.append(row)
    return after


def groups_of_a_scoped_user(groups: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What a user who is not exposed to all groups reads: guessed to be the first group by rank and the default group.

    The point of it: a PUT of such a list deletes the groups he does not see.
    """
    own = [group for group in groups if not group["IsUnassignedMachineGroup"]]
    return own[:1] + [group for group in groups if group["IsUnassignedMachineGroup"]]


def device_groups_not_offered(plans: Collection[str]) -> str:
    """Defender for Business has no device groups of its own [doc]; how its portal refuses them is a guess."""
    if "MDE_SMB" in plans and not {"WINDEFATP", "MDE_LITE"} & set(plans):
        return "Machine groups are not available in Microsoft Defender for Business."
    return ""


def exposed_group(group: dict[str, Any]) -> dict[str, Any]:
    """An entry of UserExposedRbacGroups: only that the answer is an array is [code]."""
    return {"MachineGroupId": group["MachineGroupId"], "Name": group["Name"]}


def first_device_group(created: str) -> dict[str, Any]:
    """The default group of a tenant in which nobody made groups. Its level full is [doc]; its number is made up."""
    return {
        "MachineGroupId": 1,
        "Name": "",
        "Description": "",
        "AutoRemediationLevel": 3,
        "Priority": 2147483647,
        "LastUpdated": created,
        "IsUnassignedMachineGroup": True,
        "MachineCount": 0,
    }
