# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What waits for approval, told by two services: alerts and incidents of Microsoft Graph, items of the portal. Pure; private.

Nothing public says which alert an item of the portal belongs to. They are taken for one where the item names the alert or a message of
it, or where it is about a device on which only alerts of one incident wait. What can't be matched is told twice rather than not at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._resource import Row, Values
from ansible_collections.m365.defender.plugins.module_utils.readers._actions import LINKS, ageing, since_of, texts, told, when
from ansible_collections.m365.defender.plugins.module_utils.readers._answers import folded

PENDING = "pendingapproval"
# What evidence is called by, the first member that it has.
EVIDENCE = ("deviceDnsName", "fileDetails", "url", "primaryAddress", "userAccount", "networkMessageId", "networkMessageIds", "processId")
MESSAGES = ("networkMessageId", "networkMessageIds")


def _evidence_name(item: Row) -> str:
    member = next((name for name in EVIDENCE if item.get(name)), "")
    value: Any = item.get(member)
    if isinstance(value, dict):
        value = value.get("fileName") or value.get("userPrincipalName") or value.get("accountName") or ""
    if isinstance(value, list):
        return f"{len(value)} messages"
    return str(value or folded(item.get("@odata.type")).rpartition(".")[2])


def waits(alert: Row) -> bool:
    """Whether something of an alert waits for approval."""
    return folded(alert.get("investigationState")) == PENDING or any(
        folded(item.get("remediationStatus")) == PENDING for item in alert.get("evidence") or ()
    )


def _entry(what: str, row: Row, now: datetime, **more: Any) -> Values:
    return {
        "what": what,
        "driver": "public_api",
        "id": str(row.get("id") or ""),
        "title": row.get("title") or row.get("displayName") or "",
        "severity": row.get("severity") or "unknown",
        **ageing(when(row.get("createdDateTime")), now),
        # As the service words it: a rounded one would be another moment.
        "since": row.get("createdDateTime") or "",
        "link": row.get("alertWebUrl") or row.get("incidentWebUrl") or LINKS["pending"],
        "action_type": "",
        "action": {},
        "alerts": [],
        **more,
    }


def of_alert(alert: Row, now: datetime) -> Values:
    """An alert of which something waits."""
    evidence = alert.get("evidence") or ()
    return _entry(
        "alert",
        alert,
        now,
        product=alert.get("productName") or alert.get("serviceSource") or "",
        incident=str(alert.get("incidentId") or ""),
        acts_on=[_evidence_name(item) for item in evidence if folded(item.get("remediationStatus")) == PENDING],
        devices=sorted({item["deviceDnsName"] for item in evidence if item.get("deviceDnsName")}),
        device_groups=sorted({item["rbacGroupName"] for item in evidence if item.get("rbacGroupName")}),
        alerts=[str(alert.get("id") or "")],
    )


def of_incident(incident: Row, now: datetime) -> Values:
    """An incident that waits without an alert of its own saying so, as some investigations of mail do."""
    return _entry("incident", incident, now, product="", incident=str(incident.get("id")), acts_on=[], devices=[], device_groups=[])


def of_item(row: Row, alerts: Sequence[Row], now: datetime) -> Values:
    """An item of the portal's list, with what the alerts say that it belongs to."""
    item = told(row)
    entries = [of_alert(alert, now) for alert in alerts]
    first = entries[0] if entries else {}
    own = f"{item['action_type']} {item['entity_type']}".strip()
    return {
        "what": "action",
        "driver": "portal",
        "id": item["action_id"],
        "title": first.get("title") or own or "an action that the portal does not name",
        "severity": first.get("severity") or "unknown",
        **ageing(since_of(item), now),
        "product": item["product"] or first.get("product", ""),
        "incident": first.get("incident", ""),
        "acts_on": item["acts_on"] or first.get("acts_on", []),
        "devices": [item["device"]] if item["device"] else first.get("devices", []),
        "device_groups": sorted({group for entry in entries for group in entry["device_groups"]}),
        "link": LINKS["pending"],
        "action_type": item["action_type"],
        "action": item,
        "alerts": [entry["id"] for entry in entries],
    }


@dataclass(frozen=True)
class _Marks:
    """What an alert can be known by in an item of the portal."""

    alert: Row
    ids: frozenset[str]
    devices: frozenset[str]

    @classmethod
    def of(cls, alert: Row) -> _Marks:
        evidence = alert.get("evidence") or ()
        ids = {alert.get("id"), alert.get("providerAlertId")}
        ids |= {value for one in evidence for name in MESSAGES for dummy, value in texts(one.get(name))}
        devices = {one.get(name) for one in evidence for name in ("mdeDeviceId", "deviceDnsName")}
        return cls(alert, frozenset(map(folded, ids - {None, ""})), frozenset(map(folded, devices - {None, ""})))


def matched(items: Iterable[Row], alerts: Sequence[Row]) -> list[tuple[Row, list[Row]]]:
    """Each item with the alerts that it belongs to, none where that is not certain enough."""
    marks = [_Marks.of(alert) for alert in alerts]
    result = []
    for row in items:
        words = {folded(value) for dummy, value in texts(row)}
        found = [one.alert for one in marks if one.ids & words]
        if not found:
            item = told(row)
            device = {folded(item["machine_id"]), folded(item["device"])} - {""}
            there = [one.alert for one in marks if one.devices & device]
            found = there if len({one.get("incidentId") for one in there}) == 1 else []
        result.append((row, found))
    return result
