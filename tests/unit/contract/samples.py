# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sample objects of any kind, made from its description: for each field two valid values that differ, and one that says "nothing".

What a type does not tell (a quarantine policy must exist) stands in two small tables by the service's own names.
"""

from __future__ import annotations

import json
from functools import singledispatch
from pathlib import Path
from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._permissions import PermissionBits
from ansible_collections.m365.defender.plugins.module_utils._registry import RESOURCES
from ansible_collections.m365.defender.plugins.module_utils._resource import Field, Life, Part, Resource, Values
from ansible_collections.m365.defender.plugins.module_utils._times import Duration, Moment
from ansible_collections.m365.defender.plugins.module_utils._types import (
    Bool,
    Choice,
    Code,
    Int,
    Kind,
    NameAndAddress,
    SequenceOf,
    SetOf,
    Text,
)

NAME = "Contract"
TABLE = json.loads((Path(__file__).parents[3] / "emulator" / "tables" / "portal.json").read_text())
# The kinds that are made of parts with settings; for others there is a file of laws of their own, and one object each below.
KINDS = [one for one in RESOURCES.values() if isinstance(one, Resource)]
OTHERS: dict[str, tuple[Values, Values]] = {  # an object, and the wish that it is not there, or off
    "preset_security_policy": (
        {"name": "standard", "enabled": True, "recipient_domain_is": ["contoso.com"], "outrank": True},
        {"name": "standard", "enabled": False},
    ),
    "tenant_allow_block_list": (
        {"list_type": "Url", "action": "block", "entries": [{"entry": "bad.example/a", "expires": "2031-01-31T12:00:00Z"}]},
        {"list_type": "Url", "action": "block", "entries": [{"entry": "bad.example/a"}], "state": "absent"},
    ),
}

# Kinds that the service lets nobody write before the organization is customized.
CUSTOMIZED = {"admin_audit_log_config"}

# Requests to the portal that read and that write objects of a kind, as faults of the emulated tenant name them.
PORTAL_READS = {
    "device_group": {"method": "GET", "path": "*/machine_groups"},
    "endpoint_features": {"method": "GET", "path": "*/GetAdvancedFeaturesSetting"},
}
PORTAL_WRITES = {
    "device_group": {"method": "PUT"},
    "endpoint_features": {"method": "POST", "path": "*/SaveAdvancedFeaturesSetting"},
}


def portal_rows(tenant: Any, part: Part) -> list[Any]:
    """The rows of a part of the portal as the store gives them, from the state of an emulated tenant."""
    if part.noun != "endpoint_features":
        return list(tenant.state(f"portal.{part.noun}"))
    row = {"IntuneConnection": False, "IsAutomatedIrEnabled": True, "Unread": {}, "AutomationUploads": {}, "FolderExclusions": []}
    for noun in ("advanced_features", "live_response", "air_properties"):
        row |= (tenant.state(f"portal.{noun}") or [TABLE[noun]])[0]
    return [row]


# Fields of types that only their own kind knows, and fields whose service knows more than the type: two values of each.
SPECIAL: dict[str, tuple[Any, Any]] = {
    "EnableThirdPartyAddress": (False, True),  # apart from switches that begin with being on
    "FileTypes": (["exe", "js"], ["vbs"]),
    "Filter": ("Mail.Direction -eq 'Inbound'", "Mail.Direction -eq 'Outbound'"),
    "GroupRules": (
        [{"property": "tag", "operator": "equals", "values": ["pilot", "kiosk"]}],
        [
            {"property": "device_name", "operator": "starts_with", "values": ["srv-"]},
            {"property": "os", "operator": "in", "values": ["WindowsServer2022", "WindowsServer2025"]},
        ],
    ),
    "IPAllowList": (["192.0.2.1"], ["192.0.2.0/24", "198.51.100.1-198.51.100.20"]),
    "IPBlockList": (["203.0.113.0/25"], ["203.0.113.7"]),
    "LanguageBlockList": (["DE", "FR"], ["NL"]),
    "MachineGroupAssignments": (["cccccccc-0000-4000-8000-000000000001"], ["cccccccc-0000-4000-8000-000000000002"]),
    "NotificationCulture": ("en-US", "de-DE"),
    "Operation": (["FileDownloaded"], ["FileDeleted", "FileAccessed"]),
    "RegionBlockList": (["FR"], ["DE", "NL"]),
    "Threshold": (3, 4),  # Microsoft's own alert policies have less than may be set
}
# Words for names and texts, by the end of the field's name; the last entry fits everything else.
WORDS: tuple[tuple[tuple[str, ...], tuple[str, str, str]], ...] = (
    (("QuarantineTag",), ("DefaultFullAccessPolicy", "AdminOnlyAccessPolicy", "DefaultFullAccessWithNotificationPolicy")),
    (("DomainIs", "Domains", "DomainsToProtect"), ("contoso.com", "fabrikam.com", "adatum.com")),
    (("Urls",), ("intranet.contoso.com", "*.fabrikam.com/*", "adatum.com/a?b=c")),
    (("Name", "Text", "Comment", "Comments", "Description"), ("First words", 'Other "words": für alle; 100 %', "Third words")),
    (("",), ("adele@contoso.com", "alex@contoso.com", "megan@contoso.com")),
)


def values(field: Field) -> tuple[Any, Any]:
    """Two valid values of a field that differ."""
    if field.wire in SPECIAL:
        return SPECIAL[field.wire]
    return _of(field.type, next(words for ends, words in WORDS if field.wire.endswith(ends)))


def nothing(field: Field, part: Part) -> Any:
    """The value that empties a field, or None when it can't be empty (or must not)."""
    if field.needed or field.create_only or field.wire in (*part.parallel[:1], *(wire for pair in part.goes_with for wire in pair)):
        return None
    return [] if isinstance(field.type, SetOf | SequenceOf) else "" if field.type.__class__ is Text else None


@singledispatch
def _of(kind: Kind, words: tuple[str, str, str]) -> tuple[Any, Any]:
    raise TypeError(f"there is no sample of the type {type(kind).__name__}: add the field to SPECIAL")


@_of.register
def _of_bool(kind: Bool, words: tuple[str, str, str]) -> tuple[Any, Any]:
    return True, False


@_of.register
def _of_int(kind: Int, words: tuple[str, str, str]) -> tuple[Any, Any]:
    low = kind.low if kind.low is not None else (kind.high or 10) - 5
    return low + 1, low + 2


@_of.register
def _of_text(kind: Text, words: tuple[str, str, str]) -> tuple[Any, Any]:
    return words[0], words[1]


@_of.register
def _of_name_and_address(kind: NameAndAddress, words: tuple[str, str, str]) -> tuple[Any, Any]:
    return f"Somebody;{words[0]}", f"Somebody Else;{words[1]}"


@_of.register
def _of_choice(kind: Choice, words: tuple[str, str, str]) -> tuple[Any, Any]:
    return kind.words[0], next(word for word in kind.words if not kind.same(word, kind.words[0]))


@_of.register
def _of_code(kind: Code, words: tuple[str, str, str]) -> tuple[Any, Any]:
    first, second = list(kind.numbers)[:2]
    return first, second


@_of.register
def _of_permission_bits(kind: PermissionBits, words: tuple[str, str, str]) -> tuple[Any, Any]:
    first, second = [group for group, members in kind.groups.items() if members][:2]
    return [first], [*kind.groups[second][:1], list(kind.bits)[-1]]


@_of.register
def _of_moment(kind: Moment, words: tuple[str, str, str]) -> tuple[Any, Any]:
    return "2031-01-31T12:00:00Z", "2032-02-29T08:30:00Z"


@_of.register
def _of_duration(kind: Duration, words: tuple[str, str, str]) -> tuple[Any, Any]:
    return (kind.of[0], kind.of[1]) if kind.of else ("04:00:00", "1.00:30:00")


@_of.register
def _of_sequence_of(kind: SequenceOf, words: tuple[str, str, str]) -> tuple[Any, Any]:
    both = list(_of(kind.of, words))
    return both, both[::-1]


@_of.register
def _of_set_of(kind: SetOf, words: tuple[str, str, str]) -> tuple[Any, Any]:
    first, second = _of(kind.of, words)
    third = _of(kind.of, (words[2], words[0], words[1]))[0]
    return [first, second], [third, first]


def settings(part: Part, turn: int) -> Values:
    """Every setting of a part; turn 0 and turn 1 differ in each but those that can be said only once."""
    result: Values = {option: values(field)[0 if field.create_only else turn] for option, field in part.by_option.items()}
    if part.switched:
        result["enabled"] = turn == 0
    return result


def bound(part: Part, field: Field) -> list[Field]:
    """A field and those that change together with it, because they must have one value or can't all be on."""
    wires = {field.wire}
    for dummy in part.fields:
        wires.update(wire for bond in (*part.alike, *part.apart) if wires & set(bond) for wire in bond)
    return [one for one in part.fields if one.wire in wires]


def called(resource: Resource, name: str = NAME) -> Values:
    """How a wish for an object begins: with its name, if it needs one."""
    return {} if resource.single else {"name": name}


def gone(resource: Resource, name: str = NAME) -> Values:
    """The wish that an object is not there."""
    return {**called(resource, name), "state": "absent"}


def whole(resource: Resource, turn: int = 0, name: str = NAME, *, ranked: bool = True) -> Values:
    """An object with every setting, first in its ordering."""
    result = called(resource, name)
    for part in resource.parts:
        own = settings(part, turn)
        if part.rank and ranked:
            own[part.rank.option] = part.rank.first
        if part.under:
            result[part.under] = own
        else:
            result.update(own)
    return result


def least(resource: Resource, name: str = NAME) -> Values:
    """An object with no more than the service asks for."""
    result = called(resource, name)
    for part in resource.parts:
        own = {option: values(field)[0] for option, field in part.by_option.items() if field.needed or field.wire in part.one_of[:1]}
        if part.under and own:
            result[part.under] = own
        elif own:
            result.update(own)
    return result


def beginning(resource: Resource, name: str = NAME) -> Values:
    """The least object with what can be said only when it is made, so that every further setting can be given to it later."""
    early = {field.option: values(field)[0] for field in resource.parts[0].by_option.values() if field.create_only}
    return {**least(resource, name), **early}


def wish(resource: Resource, part: Part, option: str, value: Any, name: str = NAME) -> Values:
    """The wish that one option of a part has a value."""
    result = called(resource, name)
    if part.under:
        result[part.under] = {option: value}
    else:
        result[option] = value
    return result


def cases(resource: Resource) -> list[tuple[Part, Field]]:
    """Every field that can be set, with its part."""
    return [(part, field) for part in resource.parts for field in part.by_option.values()]


def made(resource: Resource) -> bool:
    """Whether there can be several objects of the kind, each with a name."""
    return resource.parts[0].life is Life.MADE


def goes(resource: Resource) -> bool:
    """Whether an object of the kind can be removed."""
    return resource.parts[0].removable


def objects(turn: int = 0) -> dict[str, Values]:
    """An object of every kind."""
    return {kind: OTHERS[kind][0] if kind in OTHERS else whole(one, turn) for kind, one in RESOURCES.items()}


def removals() -> dict[str, Values]:
    """The wish that it is not there, for every kind of which there can be none."""
    return {kind: OTHERS[kind][1] if kind in OTHERS else gone(one) for kind, one in RESOURCES.items() if kind in OTHERS or goes(one)}
