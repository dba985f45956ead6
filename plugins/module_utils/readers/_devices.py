# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a device is ready for automated investigation and response. Pure; private to the collection.

Systems, builds and antivirus modes: [doc] defender-endpoint/automated-investigations, deviceavinfo. Names of builds: [recall].
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._resource import Row, Values
from ansible_collections.m365.defender.plugins.module_utils.readers._answers import folded, moment

OLDEST_BUILD = 16299  # Windows 10 1709
# Two versions need an update besides: the revision that KB4493441 and KB4493464 bring. [doc]
OLDEST_REVISIONS = {16299: 1085, 17134: 704}
MODERN = ("windows11", "windowsserver2019", "windowsserver2022", "windowsserver2025")
UNIFIED_AGENT = ("windowsserver2016", "windowsserver2012r2")
ANTIVIRUS = {"": "other", "0": "active", "1": "passive", "2": "disabled", "3": "other", "4": "edr_blocked", "5": "passive_audit"}
QUALIFIED = ("active", "passive")
# A sensor in one of these states cannot be told to remediate anything; one that is merely off (Inactive) can when it is back.
BROKEN = ("impairedcommunication", "nosensordata", "nosensordataimpairedcommunication")


def device_of(machine: Row, antivirus: Row | None, antivirus_known: bool, now: datetime, days: int) -> Values:
    """One device, judged. antivirus: its row of deviceavinfo. antivirus_known: whether that list could be read at all.

    air: ready, not_ready, unknown, or why the device is not counted: other_system (no Windows), not_seen, not_onboardable.
    """
    system = folded(machine.get("osPlatform"))
    onboarding = folded(machine.get("onboardingStatus"))
    seen = moment(machine.get("lastSeen"))
    mode = ANTIVIRUS.get(str((antivirus or {}).get("avMode") or ""), "other") if antivirus else "unknown"
    device: Values = {
        "name": machine.get("computerDnsName") or machine.get("id") or "",
        "id": machine.get("id") or "",
        "system": machine.get("osPlatform") or "",
        "version": machine.get("version") or "",
        "build": machine.get("osBuild"),
        "onboarding": machine.get("onboardingStatus") or "",
        "health": machine.get("healthStatus") or "",
        "last_seen": machine.get("lastSeen") or "",
        "group": machine.get("rbacGroupName") or "",
        "antivirus": mode,
    }
    if not system.startswith("windows"):
        return {**device, "air": "other_system", "reasons": []}
    if onboarding not in ("onboarded", "canbeonboarded"):
        return {**device, "air": "not_onboardable", "reasons": []}
    if seen is None or now - seen > timedelta(days=days):
        return {**device, "air": "not_seen", "reasons": []}
    faults, doubts = _windows(machine, antivirus)
    if onboarding != "onboarded":
        faults.append("not onboarded")
    elif folded(machine.get("healthStatus")) in BROKEN:
        faults.append(f"its sensor reports {machine['healthStatus']}")
    if mode == "unknown":
        doubts.append("antivirus state not reported" if antivirus_known else "antivirus state could not be read")
    elif mode not in QUALIFIED:
        faults.append(f"Defender Antivirus is {mode.replace('_', ' ')}, neither active nor passive")
    return {**device, "air": "not_ready" if faults else "unknown" if doubts else "ready", "reasons": faults + doubts}


def _windows(machine: Row, antivirus: Row | None) -> tuple[list[str], list[str]]:
    """What is wrong with a device's Windows version, and what is not known of it."""
    system, build = folded(machine.get("osPlatform")), machine.get("osBuild")
    if system in MODERN or system.startswith("windows11"):
        return [], []
    if system in UNIFIED_AGENT:
        return [], ["Windows Server 2016 and 2012 R2 qualify with the unified agent only, which no list shows"]
    if not system.startswith("windows10"):
        return [f"{machine.get('osPlatform')} has no automated investigation"], []
    if not isinstance(build, int):
        return [], ["Windows build not reported"]
    if build < OLDEST_BUILD:
        return [f"Windows 10 {machine.get('version') or build} is older than 1709"], []
    wanted = OLDEST_REVISIONS.get(build)
    if wanted is None:
        return [], []
    revision = _revision(antivirus, build)
    if revision is None:
        return [], [f"Windows 10 {machine.get('version')} qualifies from {build}.{wanted} on, and its revision is not reported"]
    return ([f"Windows 10 {build}.{revision} is older than {build}.{wanted}"] if revision < wanted else []), []


def _revision(antivirus: Row | None, build: int) -> int | None:
    """The revision of Windows, which only the antivirus list has (`10.0.16299.1087`)."""
    found = re.fullmatch(rf"10\.0\.{build}\.(\d+)", str((antivirus or {}).get("osVersion") or ""))
    return int(found[1]) if found else None


def summary_of(devices: list[Values], coverage: int, worst: int) -> Values:
    """Counts over devices that were judged, and whether enough of them are ready.

    coverage: per cent of the counted devices that have to be ready. enough is unknown (null) while the devices of which too little is
    known could turn the answer, and where no device counts at all.
    """
    by_air = _counts(device["air"] for device in devices)
    ready, doubtful = by_air.get("ready", 0), by_air.get("unknown", 0)
    counted = ready + doubtful + by_air.get("not_ready", 0)
    bad = sorted(
        (device for device in devices if device["air"] == "not_ready"), key=lambda device: (-len(device["reasons"]), device["name"])
    )
    windows = [device for device in devices if device["air"] != "other_system"]
    return {
        "total": len(devices),
        "counted": counted,
        "ready": ready,
        "not_ready": by_air.get("not_ready", 0),
        "unknown": doubtful,
        "not_counted": {name: by_air.get(name, 0) for name in ("not_seen", "not_onboardable", "other_system")},
        "percent": _percent(ready, counted),
        "min_device_coverage": coverage,
        "enough": _enough(ready, doubtful, counted, coverage),
        "onboarding": _counts(device["onboarding"] or "Unknown" for device in devices),
        "health": _counts(device["health"] or "Unknown" for device in devices),
        "antivirus": _counts(device["antivirus"] for device in windows),
        "groups": _counts(device["group"] for device in devices if device["group"]),
        "worst": [{"name": device["name"], "reasons": device["reasons"]} for device in bad[:worst]],
    }


def _enough(ready: int, doubtful: int, counted: int, coverage: int) -> bool | None:
    if not counted:
        return None
    if ready * 100 >= coverage * counted:
        return True
    return False if (ready + doubtful) * 100 < coverage * counted else None


def _percent(part: int, whole: int) -> float | None:
    return round(100 * part / whole, 1) if whole else None


def _counts(words: Any) -> dict[str, int]:
    counts: dict[str, int] = {}
    for word in words:
        counts[word] = counts.get(word, 0) + 1
    return dict(sorted(counts.items()))
