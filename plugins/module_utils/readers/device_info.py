# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Devices: which are onboarded, well and recent enough for automated investigation, and whether they are enough."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._errors import NotFound, TenantError
from ansible_collections.m365.defender.plugins.module_utils._reader import Answers, Ask, Reader
from ansible_collections.m365.defender.plugins.module_utils._resource import Query, Row, Values
from ansible_collections.m365.defender.plugins.module_utils.readers._answers import Clock, folded, rows_of, utc_now
from ansible_collections.m365.defender.plugins.module_utils.readers._devices import Tally, device_of

PAGE = ("$top", 10000)  # the most that both lists give in one answer. [doc]
# Of tens of members of a device these are kept, so that 50,000 devices do not fill the memory.
MACHINE = (
    *("id", "computerDnsName", "osPlatform", "version", "osBuild"),
    *("onboardingStatus", "healthStatus", "lastSeen", "rbacGroupName"),
)
ANTIVIRUS = ("id", "machineId", "avMode", "osVersion")
ONBOARDING = ("Onboarded", "CanBeOnboarded", "Unsupported", "InsufficientInfo")
HEALTH = ("Active", "Inactive", "ImpairedCommunication", "NoSensorData", "NoSensorDataImpairedCommunication", "Unknown")
# Options whose values the service compares itself, each with the member. [doc] filterable members of machines
COMPARED = {"systems": "osPlatform", "onboarding": "onboardingStatus", "health": "healthStatus", "group_ids": "rbacGroupId"}


def asks(options: Values, now: Clock = utc_now) -> tuple[Ask, ...]:
    """Both lists in the largest pages; of the antivirus list the service filters nothing but the groups' ids. [doc]"""
    parts = [_one_of(member, options[name]) for name, member in COMPARED.items() if options.get(name)]
    if options.get("tag"):
        parts.append(f"machineTags/any(tag: tag eq {_quoted(options['tag'])})")
    if options.get("seen_only"):
        oldest = (now() - timedelta(days=options["not_seen_days"])).replace(microsecond=0, tzinfo=None)
        parts.append(f"lastSeen ge {oldest.isoformat()}Z")
    of_groups = [_one_of("rbacGroupId", options["group_ids"])] if options.get("group_ids") else []
    return (
        Ask("defender", Query("machines", (*_filter(parts), PAGE), kept=MACHINE)),
        Ask("defender", Query("deviceavinfo", (*_filter(of_groups), PAGE), kept=ANTIVIRUS)),
    )


def _filter(parts: list[str]) -> tuple[tuple[str, str], ...]:
    return (("$filter", " and ".join(parts)),) if parts else ()


# Written small in the documentation and large in published answers; which of them a filter finds is not said, so it asks for both.
SPELLINGS = {"Onboarded": ("Onboarded", "onboarded")}


def _one_of(member: str, chosen: list[str | int]) -> str:
    values = [word for value in chosen for word in (SPELLINGS.get(value, (value,)) if isinstance(value, str) else (value,))]
    tests = [f"{member} eq {value if isinstance(value, int) else _quoted(value)}" for value in values]
    return tests[0] if len(tests) == 1 else f"({' or '.join(tests)})"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def answer(options: Values, answers: Answers, now: Clock = utc_now) -> Values:
    """The devices and their summary. now: what time it is."""
    machines = rows_of(answers, "defender", "machines")
    if isinstance(machines, NotFound):
        machines = []  # what the service says where no device has reported. [doc]
    if isinstance(machines, TenantError):
        raise machines
    antivirus = rows_of(answers, "defender", "deviceavinfo")
    tally = Tally(options["worst"])
    devices = []
    for device in _judged(machines, antivirus, options, now):
        tally.add(device)
        if options["list_devices"]:
            devices.append(device)
    devices.sort(key=lambda device: device["name"])
    summary = tally.summary(options["min_device_coverage"])
    summary["antivirus_unknown_because"] = antivirus.message if isinstance(antivirus, TenantError) else ""
    return {"summary": summary, "devices": devices}


def _judged(machines: list[Row], antivirus: list[Row] | TenantError, options: Values, now: Clock) -> Iterator[Values]:
    """One device after the other, of the groups that are asked for."""
    known = not isinstance(antivirus, TenantError)
    modes = {} if isinstance(antivirus, TenantError) else {row.get("machineId") or row.get("id"): row for row in antivirus}
    moment, days, cloud = now(), options["not_seen_days"], str(options.get("cloud") or "")
    groups = {folded(name) for name in options.get("groups") or ()}
    told: set[Any] = set()
    for machine in machines:
        # Pages are counted from the start of the list, so that what is onboarded meanwhile pushes a device onto the next page too.
        if machine.get("id") in told:
            continue
        told.add(machine.get("id"))
        if not groups or folded(machine.get("rbacGroupName")) in groups:
            yield device_of(machine, modes.get(machine.get("id")), known, moment, days, cloud)


def _wrong(options: Values) -> list[str]:
    errors = []
    if not 0 <= options["min_device_coverage"] <= 100:
        errors.append(f"min_device_coverage must be between 0 and 100, not {options['min_device_coverage']}")
    if not 1 <= options["not_seen_days"] <= 3650:
        errors.append(f"not_seen_days must be between 1 and 3650, not {options['not_seen_days']}")
    if options["worst"] < 0:
        errors.append(f"worst must be at least 0, not {options['worst']}")
    for name in ("systems", "groups"):
        if any(not str(value).strip() for value in options.get(name) or ()):
            errors.append(f"{name} must not have an empty member")
    return errors


DEVICE_INFO = Reader(
    kind="device_info",
    asks=asks,
    answer=answer,
    options={
        "list_devices": {"type": "bool", "default": True},
        "min_device_coverage": {"type": "int", "default": 95},
        "not_seen_days": {"type": "int", "default": 30},
        "worst": {"type": "int", "default": 10},
        "systems": {"type": "list", "elements": "str"},
        "onboarding": {"type": "list", "elements": "str", "choices": list(ONBOARDING)},
        "health": {"type": "list", "elements": "str", "choices": list(HEALTH)},
        "tag": {"type": "str"},
        "groups": {"type": "list", "elements": "str"},
        "group_ids": {"type": "list", "elements": "int"},
        "seen_only": {"type": "bool", "default": False},
    },
    wrong=_wrong,
)
