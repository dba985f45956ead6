# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A tenant's devices as every service sees them, and the tables of advanced hunting made of them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from .device_groups import with_groups
from .hunting import Table
from .invented import defender as invented
from .tenant import Row, Tenant

_AGO = re.compile(r"\{ago:(\d+)([dhm])\}")
_SPAN = {"d": "days", "h": "hours", "m": "minutes"}


def told(tenant: Tenant, noun: str) -> list[Row]:
    """The rows of a noun with `{ago:2h}` (d, h, m) in a seed turned into that moment, so that seeds do not grow old."""
    rows = tenant.read(noun)
    return _made(tenant, f"told {noun}", (rows,), lambda: _with_moments(tenant, rows))


def _with_moments(tenant: Tenant, rows: list[Row]) -> list[Row]:
    text = json.dumps(rows)
    if "{ago:" not in text:
        return rows

    def moment(found: re.Match[str]) -> str:
        then = tenant.world.started - timedelta(**{_SPAN[found[2]]: int(found[1])})
        return then.replace(microsecond=0, tzinfo=None).isoformat() + "Z"

    return json.loads(_AGO.sub(moment, text))


def _made(tenant: Tenant, what: str, sources: tuple[list[Row], ...], make: Callable[[], list[Row]]) -> list[Row]:
    """What is made of these rows, made once as long as they are the same: a change is always a new list, and 50,000 devices take time."""
    kept = tenant.notes.get(what)
    if kept is None or any(one is not other for one, other in zip(kept[0], sources, strict=True)):
        kept = tenant.notes[what] = (sources, make())
    return kept[1]


def machines(tenant: Tenant) -> list[Row]:
    """The rows of /api/machines, each in the device group that the groups of now give it."""
    found, groups = told(tenant, "machines"), tenant.rows("portal.machine_groups")
    return _made(tenant, "machines in groups", (found, groups), lambda: with_groups(found, groups))


def antivirus(tenant: Tenant) -> list[Row]:
    """The rows of /api/deviceavinfo, in the same device groups."""
    found, placed = told(tenant, "deviceavinfo"), machines(tenant)
    return _made(tenant, "antivirus in groups", (found, placed), lambda: _antivirus(found, placed))


def _antivirus(found: list[Row], placed: list[Row]) -> list[Row]:
    groups = {row["id"]: (row.get("rbacGroupId"), row.get("rbacGroupName")) for row in placed}
    rows = []
    for row in found:
        number, name = groups.get(row["machineId"], (row.get("rbacGroupId"), row.get("rbacGroupName")))
        rows.append({**row, "rbacGroupId": number, "rbacGroupName": name})
    return rows


DEVICE_INFO = {
    "Timestamp": "DateTime",
    "DeviceId": "String",
    "DeviceName": "String",
    "OSPlatform": "String",
    "OSBuild": "Int64",
    "OSVersion": "String",
    "OSArchitecture": "String",
    "IsAzureADJoined": "SByte",
    "AadDeviceId": "String",
    "MachineGroup": "String",
    "OnboardingStatus": "String",
    "SensorHealthState": "String",
    "ExposureLevel": "String",
}
"""Columns of DeviceInfo that can be told from a machine [recall]; the real table has more."""

ALERT_INFO = {
    "Timestamp": "DateTime",
    "AlertId": "String",
    "Title": "String",
    "Category": "String",
    "Severity": "String",
    "ServiceSource": "String",
    "DetectionSource": "String",
}
"""Columns of AlertInfo that can be told from an alert [recall]."""

_ONBOARDING = {
    "Onboarded": "Onboarded",
    "CanBeOnboarded": "Can be onboarded",
    "Unsupported": "Unsupported",
    "InsufficientInfo": "Insufficient info",
}


def _device_info(row: Row) -> Row:
    return {
        "Timestamp": row["lastSeen"],
        "DeviceId": row["id"],
        "DeviceName": row["computerDnsName"],
        "OSPlatform": row["osPlatform"],
        "OSBuild": row["osBuild"],
        "OSVersion": row["version"],
        "OSArchitecture": row["osArchitecture"],
        "IsAzureADJoined": int(bool(row["isAadJoined"])),
        "AadDeviceId": row["aadDeviceId"],
        "MachineGroup": row["rbacGroupName"],
        "OnboardingStatus": _ONBOARDING.get(row["onboardingStatus"], row["onboardingStatus"]),
        "SensorHealthState": row["healthStatus"],
        "ExposureLevel": row["exposureLevel"],
    }


def _alert_info(row: Row) -> Row:
    return {
        "Timestamp": row["createdDateTime"],
        "AlertId": row["id"],
        "Title": row["title"],
        "Category": row["category"],
        "Severity": str(row["severity"]).capitalize(),
        "ServiceSource": row["productName"],
        "DetectionSource": row["detectionSource"],
    }


def _given(rows: list[Row]) -> Table:
    """A table that a seed gives in full; the types of its columns are read from its values."""
    columns: dict[str, str] = {}
    for row in rows:
        for name, value in row.items():
            columns.setdefault(name, _kind(value))
    return Table(columns, rows)


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "SByte"
    if isinstance(value, int):
        return "Int64"
    if isinstance(value, float):
        return "Double"
    return "DateTime" if isinstance(value, str) and re.match(r"^\d{4}-\d\d-\d\dT", value) else "String"


def hunting_tables(tenant: Tenant) -> dict[str, Table]:
    """The tables of advanced hunting that the tenant's licences bring, plus those its seed gives as `hunting.Name`."""
    plans = tenant.plans
    tables = {name: Table({"Timestamp": "DateTime"}, []) for name, wanted in invented.HUNTING_TABLES.items() if wanted & plans}
    if "DeviceInfo" in tables:
        tables["DeviceInfo"] = Table(DEVICE_INFO, [_device_info(row) for row in machines(tenant)])
    if "AlertInfo" in tables:
        tables["AlertInfo"] = Table(ALERT_INFO, [_alert_info(row) for row in told(tenant, "alerts_v2")])
    for noun in {*tenant.seed.objects, *tenant.objects}:
        if noun.startswith("hunting."):
            rows = told(tenant, noun)
            if rows:
                tables[noun.removeprefix("hunting.")] = _given(rows)
    return tables
