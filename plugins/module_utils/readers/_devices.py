# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a device is ready for automated investigation and response. Pure; private to the collection.

Systems, builds and antivirus modes: [doc] defender-endpoint/automated-investigations, deviceavinfo. Names of builds: [recall].
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from heapq import nsmallest

from ansible_collections.m365.defender.plugins.module_utils._resource import Row, Values
from ansible_collections.m365.defender.plugins.module_utils.readers._answers import folded, moment

OLDEST_BUILD = 16299  # Windows 10 1709
# Two versions need an update besides: the revision that KB4493441 and KB4493464 bring. [doc]
OLDEST_REVISIONS = {16299: 1085, 17134: 704}
WITHOUT_1709 = ("gcc", "dod")  # clouds in which 1709 has no support. [doc]
AZURE = "azurestackhci"  # qualifies from 23H2 on [doc]; how the service writes it is a guess
AZURE_BUILD = 25398
MODERN = ("windows11", "windowsserver2019", "windowsserver2022", "windowsserver2025")
UNIFIED_AGENT = ("windowsserver2016", "windowsserver2012r2")
ANTIVIRUS = {"": "other", "0": "active", "1": "passive", "2": "disabled", "3": "other", "4": "edr_blocked", "5": "passive_audit"}
QUALIFIED = ("active", "passive")
# Systems as lists of devices and rules of device groups write them. [code] the names; those of the oldest clients are [recall]. On Linux
# Defender for Endpoint is for servers. [doc]
SERVER = re.compile(r"windows(server.*|\d{4}|8(blue)?server)|azurestackhci.*|linux.*")
CLIENT = re.compile(r"windows(xp|vista|7|8|8\.1|8blue|10|11)(sp\d|wvd)?|mac ?os.*|i(pad)?os.*|android.*")
UNGROUPED = "UnassignedGroup"  # how devices in no group of one's own are listed, where there are such groups. [doc] samples of other lists
# A sensor in one of these states cannot be told to remediate anything; one that is merely off (Inactive) can when it is back.
BROKEN = ("impairedcommunication", "nosensordata", "nosensordataimpairedcommunication")


def device_of(machine: Row, antivirus: Row | None, antivirus_known: bool, now: datetime, days: int, cloud: str = "") -> Values:
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
    if not system.startswith(("windows", AZURE)):
        return {**device, "air": "other_system", "reasons": []}
    if onboarding not in ("onboarded", "canbeonboarded"):
        return {**device, "air": "not_onboardable", "reasons": []}
    if seen is None or now - seen > timedelta(days=days):
        return {**device, "air": "not_seen", "reasons": []}
    faults, doubts = _windows(machine, antivirus, cloud)
    if onboarding != "onboarded":
        faults.append("not onboarded")
    elif folded(machine.get("healthStatus")) in BROKEN:
        faults.append(f"its sensor reports {machine['healthStatus']}")
    if mode == "unknown":
        doubts.append("antivirus state not reported" if antivirus_known else "antivirus state could not be read")
    elif mode not in QUALIFIED:
        faults.append(f"Defender Antivirus is {mode.replace('_', ' ')}, neither active nor passive")
    return {**device, "air": "not_ready" if faults else "unknown" if doubts else "ready", "reasons": faults + doubts}


def is_server(device: Values) -> bool:
    """Whether a device is a server, or may be one: an onboarded device with a system of neither sort."""
    system = folded(device["system"])
    return bool(SERVER.fullmatch(system)) or (folded(device["onboarding"]) == "onboarded" and not CLIENT.fullmatch(system))


def _windows(machine: Row, antivirus: Row | None, cloud: str) -> tuple[list[str], list[str]]:
    """What is wrong with a device's Windows version, and what is not known of it."""
    system, build = folded(machine.get("osPlatform")), machine.get("osBuild")
    if system in MODERN or system.startswith("windows11"):
        return [], []
    if system in UNIFIED_AGENT:
        return [], ["Windows Server 2016 and 2012 R2 qualify with the unified agent only, which no list shows"]
    if system.startswith(AZURE):
        if not isinstance(build, int):
            return [], ["Azure Stack HCI qualifies from 23H2 on, and its build is not reported"]
        return ([f"Azure Stack HCI {machine.get('version') or build} is older than 23H2"] if build < AZURE_BUILD else []), []
    if not system.startswith("windows10"):
        return [f"{machine.get('osPlatform')} has no automated investigation"], []
    if not isinstance(build, int):
        return [], ["Windows build not reported"]
    if build < OLDEST_BUILD:
        return [f"Windows 10 {machine.get('version') or build} is older than 1709"], []
    if build == OLDEST_BUILD and cloud in WITHOUT_1709:
        return [f"Windows 10 1709 is not supported in the cloud {cloud}"], []
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


class Tally:
    """Counts devices one by one, so that nobody has to hold them all."""

    KEPT = 1000  # bad devices that are remembered before those that are not among the worst are forgotten

    def __init__(self, worst: int) -> None:
        self._worst = worst
        self._counts: dict[str, dict[str, int]] = {name: {} for name in ("air", "onboarding", "health", "antivirus", "groups", "servers")}
        self._bad: list[tuple[int, str, list[str]]] = []

    def add(self, device: Values) -> None:
        """Counts one device that was judged."""
        self._count("air", device["air"])
        self._count("onboarding", device["onboarding"] or "Unknown")
        self._count("health", device["health"] or "Unknown")
        if device["air"] != "other_system":
            self._count("antivirus", device["antivirus"])
        if device["group"]:
            self._count("groups", device["group"])
        if is_server(device):
            self._count("servers", device["group"] or UNGROUPED)
        if device["air"] == "not_ready":
            self._bad.append((-len(device["reasons"]), device["name"], device["reasons"]))
            if len(self._bad) > max(self.KEPT, self._worst):
                self._bad = nsmallest(self._worst, self._bad)

    def summary(self, coverage: int) -> Values:
        """What was counted, and whether enough devices are ready.

        coverage: per cent of the counted devices that have to be ready. enough is unknown (null) while the devices of which too little is
        known could turn the answer, and where no device counts at all.
        """
        by_air = self._counts["air"]
        ready, doubtful, bad = (by_air.get(word, 0) for word in ("ready", "unknown", "not_ready"))
        counted = ready + doubtful + bad
        return {
            "total": sum(by_air.values()),
            "counted": counted,
            "ready": ready,
            "not_ready": bad,
            "unknown": doubtful,
            "not_counted": {name: by_air.get(name, 0) for name in ("not_seen", "not_onboardable", "other_system")},
            "percent": _percent(ready, counted),
            "min_device_coverage": coverage,
            "enough": _enough(ready, doubtful, counted, coverage),
            **{name: dict(sorted(self._counts[name].items())) for name in ("onboarding", "health", "antivirus", "groups", "servers")},
            "worst": [{"name": name, "reasons": reasons} for dummy, name, reasons in nsmallest(self._worst, self._bad)],
        }

    def _count(self, what: str, word: str) -> None:
        counts = self._counts[what]
        counts[word] = counts.get(word, 0) + 1


def _enough(ready: int, doubtful: int, counted: int, coverage: int) -> bool | None:
    if not counted:
        return None
    if ready * 100 >= coverage * counted:
        return True
    return False if (ready + doubtful) * 100 < coverage * counted else None


def _percent(part: int, whole: int) -> float | None:
    return round(100 * part / whole, 1) if whole else None
