# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Device groups of Defender for Endpoint: who belongs to one, and how far automated remediation may go there. Portal API only."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._resource import Field, Guard, Part, Rank, Resource
from ansible_collections.m365.defender.plugins.module_utils._types import Code, Kind, Name, SetOf, Text, folded

# Numbers as in the portal's own traffic. [live]/[code]; 4 is a guess: the level is documented, its number is not.
LEVEL = Code(no_automated_response=0, semi_all_folders=1, semi_non_temp_folders=2, full=3, semi_core_folders=4)
# [code]; what operators 0 to 3 mean is a guess from the order of the portal's drop-down list.
# "other" is a fifth property that every published capture leaves empty; it is kept where it is not.
PROPERTIES = Code(device_name=0, domain=1, tag=2, os=3, other=4)
OPERATORS = Code(starts_with=0, ends_with=1, equals=2, contains=3, **{"in": 4})
MOST_VALUES = 10  # per property. [doc] machine-groups

Rule = dict[str, Any]


@dataclass(frozen=True)
class MatchingRules(Kind):
    """Which devices join: properties are ANDed, the values of one ORed. On the wire: an entry a value, and one for each unused property."""

    def spec(self) -> dict[str, Any]:
        return {
            "type": "list",
            "elements": "dict",
            "options": {
                "property": {"required": True, **PROPERTIES.spec()},
                "operator": {"required": True, **OPERATORS.spec()},
                "values": {"type": "list", "elements": "str", "required": True},
            },
        }

    def read(self, wire: Any) -> list[Rule]:
        rules = []
        for entry in wire or ():
            value = entry.get("PropertyValue")
            if value in (None, "", "[]"):
                continue
            # A number that nobody has seen yet is shown as it is; it can't be written, so that such a rule is never taken for another.
            where, how = str(PROPERTIES.read(entry["Property"])), str(OPERATORS.read(entry["OperatorType"]))
            rules.append({"property": where, "operator": how, "values": _listed(value) if how == "in" else [value]})
        return rules

    def write(self, value: list[Rule]) -> list[Rule]:
        entries = []
        shown = self.show(value)
        for number in PROPERTIES.numbers.values():
            rules = [rule for rule in shown if PROPERTIES.numbers[rule["property"]] == number]
            entries += [entry for rule in rules for entry in self._entries(number, rule)] or [self._entry(number, 0, "")]
        return entries

    def same(self, one: Any, other: Any) -> bool:
        return self._facts(one) == self._facts(other)

    def show(self, value: Any) -> list[Rule]:
        together: dict[tuple[str, str], list[str]] = {}
        for rule in value or ():
            together.setdefault((rule["property"], rule["operator"]), []).extend(rule["values"])
        return [
            {"property": key[0], "operator": key[1], "values": sorted(set(values), key=lambda one: (folded(one), one))}
            for key, values in sorted(together.items())
        ]

    def empty(self, value: Any) -> bool:
        return not value

    def wrong(self, value: list[Rule]) -> str:
        count: dict[str, int] = {}
        for rule in value:
            if (rule["property"] == "os") != (rule["operator"] == "in"):
                return f"must have operator=in for property=os and for no other, not {rule['operator']} for {rule['property']}"
            if not rule["values"] or not all(rule["values"]):
                return f"must have values for {rule['property']}, none of them empty"
            count[rule["property"]] = count.get(rule["property"], 0) + len(rule["values"])
        over = [name for name, number in count.items() if number > MOST_VALUES and name != "os"]
        return f"must have at most {MOST_VALUES} values for {over[0]}, not {count[over[0]]}" if over else ""

    def _entries(self, number: int, rule: Rule) -> list[Rule]:
        operator = OPERATORS.numbers[rule["operator"]]
        if rule["operator"] == "in":
            return [self._entry(number, operator, json.dumps(rule["values"], separators=(",", ":")))]
        return [self._entry(number, operator, value) for value in rule["values"]]

    @staticmethod
    def _entry(number: int, operator: int, value: str) -> Rule:
        return {"Property": number, "OperatorType": operator, "PropertyValue": value}

    @staticmethod
    def _facts(rules: Any) -> set[tuple[str, str, str]]:
        return {(rule["property"], rule["operator"], folded(value)) for rule in rules or () for value in rule["values"]}


def _listed(value: str) -> list[str]:
    """The names in a rule for operating systems: a list in JSON [live]; what is none is shown as it is."""
    try:
        names = json.loads(value)
    except ValueError:
        return [value]
    return [str(name) for name in names] if isinstance(names, list) else [value]


@dataclass(frozen=True)
class EntraGroup(Name):
    """An Entra group by its object id, as the portal wraps it."""

    def read(self, wire: Any) -> Any:
        return wire["WcdAadGroup"]["ObjectId"] if isinstance(wire, Mapping) else wire

    def write(self, value: Any) -> Any:
        return {"WcdAadGroup": {"ObjectId": value}}

    def wrong(self, value: Any) -> str:
        return "" if OBJECT_ID.fullmatch(str(value)) else f"takes object ids of Entra groups, which are GUIDs, not {value}"


OBJECT_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


DEFAULT_GROUP = Guard(
    "IsUnassignedMachineGroup",
    (True,),
    "The default group holds the devices that no other group takes: only its automation level and its user groups can be changed.",
    but=("AutoRemediationLevel", "MachineGroupAssignments"),
)

DEVICE_GROUP = Resource(
    kind="device_group",
    service="portal",
    blurb="device group",
    parts=(
        Part(
            "machine_groups",
            (
                Field("AutoRemediationLevel", LEVEL, option="automation_level", needed=True),  # the portal's own word for it
                Field("Description", Text()),
                # "rule" is what policies have. The portal asks for a rule [recall]; without one a group that was removed meanwhile would
                # come back empty.
                Field("GroupRules", MatchingRules(), option="matching_rules", needed=True),
                Field("MachineGroupAssignments", SetOf(EntraGroup()), option="user_groups"),  # the portal's own word for it
            ),
            name=Name(shown="Ungrouped devices (default)"),
            identified_by="MachineGroupId",
            rank=Rank(option="rank", first=1, outside=("IsUnassignedMachineGroup", (True,))),
            guards=(DEFAULT_GROUP,),
            asks=(),
            always=True,
        ),
    ),
)
