# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Devices: which are onboarded, well and recent enough for automated investigation, and whether they are enough."""

from __future__ import annotations

from ansible_collections.m365.defender.plugins.module_utils._errors import NotFound, TenantError
from ansible_collections.m365.defender.plugins.module_utils._reader import Answers, Ask, Reader
from ansible_collections.m365.defender.plugins.module_utils._resource import Query, Values
from ansible_collections.m365.defender.plugins.module_utils.readers._answers import Clock, rows_of, utc_now
from ansible_collections.m365.defender.plugins.module_utils.readers._devices import device_of, summary_of

PAGE = (("$top", 10000),)  # the most that both lists give in one answer. [doc]


def answer(options: Values, answers: Answers, now: Clock = utc_now) -> Values:
    """The devices and their summary. now: what time it is."""
    machines = rows_of(answers, "defender", "machines")
    if isinstance(machines, NotFound):
        machines = []  # what the service says where no device has reported. [doc]
    if isinstance(machines, TenantError):
        raise machines
    antivirus = rows_of(answers, "defender", "deviceavinfo")
    known = not isinstance(antivirus, TenantError)
    modes = {} if isinstance(antivirus, TenantError) else {row.get("machineId") or row.get("id"): row for row in antivirus}
    moment, days = now(), options["not_seen_days"]
    devices = [device_of(machine, modes.get(machine.get("id")), known, moment, days) for machine in machines]
    devices.sort(key=lambda device: device["name"])
    summary = summary_of(devices, options["min_device_coverage"], options["worst"])
    summary["antivirus_unknown_because"] = antivirus.message if isinstance(antivirus, TenantError) else ""
    return {"summary": summary, "devices": devices if options["list_devices"] else []}


def _wrong(options: Values) -> list[str]:
    errors = []
    if not 0 <= options["min_device_coverage"] <= 100:
        errors.append(f"min_device_coverage must be between 0 and 100, not {options['min_device_coverage']}")
    if options["not_seen_days"] < 1:
        errors.append(f"not_seen_days must be at least 1, not {options['not_seen_days']}")
    if options["worst"] < 0:
        errors.append(f"worst must be at least 0, not {options['worst']}")
    return errors


DEVICE_INFO = Reader(
    kind="device_info",
    asks=lambda options: (Ask("defender", Query("machines", PAGE)), Ask("defender", Query("deviceavinfo", PAGE))),
    answer=answer,
    options={
        "list_devices": {"type": "bool", "default": True},
        "min_device_coverage": {"type": "int", "default": 95},
        "not_seen_days": {"type": "int", "default": 30},
        "worst": {"type": "int", "default": 10},
    },
    wrong=_wrong,
)
