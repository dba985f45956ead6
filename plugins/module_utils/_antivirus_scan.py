# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Starting antivirus scans on devices: the one thing that may be asked of a device in the place of an investigation. Private.

That a full scan takes that place: [code] public repositories that quote message center MC1411577. The call: [doc] run-av-scan.
"""

from __future__ import annotations

from collections.abc import Sequence

from ansible_collections.m365.defender.plugins.module_utils._description import Operation, Query, Row, Values
from ansible_collections.m365.defender.plugins.module_utils._errors import BadInput, NotFound, OutcomeUnknown, Refused, TenantError
from ansible_collections.m365.defender.plugins.module_utils._machine_writes import SERVICE, SEVERAL, carry_out, look_until, rows_of
from ansible_collections.m365.defender.plugins.module_utils._tenant import Tenant
from ansible_collections.m365.defender.plugins.module_utils._types import folded
from ansible_collections.m365.defender.plugins.module_utils.readers._machine_actions import (
    ACTIONS,
    GOING_ON,
    is_machine_id,
    on_machine,
    permission_of,
)
from ansible_collections.m365.defender.plugins.module_utils.readers._narrow import filtered, one_of, quoted

SCAN = "RunAntiVirusScan"


def _machines(tenant: Tenant, names: Sequence[str]) -> list[Row]:
    """The devices of these ids and names. Raises NotFound or BadInput for those that are none, or several."""
    conditions = []
    for name in names:
        if is_machine_id(name):
            conditions.append(f"id eq {quoted(name.lower())}")
            continue
        conditions.append(f"computerDnsName eq {quoted(name.lower())}")
        if "." not in name:
            conditions.append(f"startswith(computerDnsName,{quoted(name.lower() + '.')})")
    found: list[Row] = []
    for start in range(0, len(conditions), SEVERAL):
        text = " or ".join(conditions[start : start + SEVERAL])
        try:
            found += rows_of(tenant, Query("machines", (("$filter", text),)))
        except NotFound:
            continue  # what the service says where no device has reported. [doc]
    known = {str(row.get("id")): row for row in found}
    result = []
    for name in names:
        fitting = [row for row in known.values() if on_machine({**row, "machineId": row.get("id")}, name)]
        if len(fitting) != 1:
            told = f"there are {len(fitting)} devices called {name}: {', '.join(str(row.get('id')) for row in fitting)}"
            kind = BadInput if fitting else NotFound
            raise kind(
                told if fitting else f"there is no device {name} that has reported lately",
                tried="Looking for the devices",
                tenant=tenant.label,
                service=SERVICE,
                hint="Name devices by id, or as device_info shows their names. Nothing was started.",
            )
        result.append(fitting[0])
    return list({str(row["id"]): row for row in result}.values())


def _scans(tenant: Tenant, machines: Sequence[Row]) -> dict[str, Row]:
    """The antivirus scans that go on, by device."""
    wanted = {str(row["id"]) for row in machines}
    rows = rows_of(tenant, Query(ACTIONS, filtered(one_of("type", [SCAN]), one_of("status", GOING_ON))))
    return {str(row.get("machineId")): row for row in rows if str(row.get("machineId")) in wanted}


def _covers(row: Row | None, scan_type: str) -> bool:
    """Whether a scan that goes on is the one wanted; a full one looks at all that a quick one does."""
    return row is not None and folded(row.get("scope")) in {"full", folded(scan_type)}


def scan(tenant: Tenant, params: Values, check: bool) -> tuple[list[Row], list[Operation], list[str]]:
    """The scans as they are afterwards, what is done about them, and what was done."""
    scan_type = params["scan_type"]
    machines = _machines(tenant, params["machines"])
    scans = _scans(tenant, machines)
    body = {"Comment": params["comment"], "ScanType": scan_type}
    operations = {}
    for row in machines:
        number, name = str(row["id"]), str(row.get("computerDnsName") or row["id"])
        other = scans.get(number)
        if _covers(other, scan_type):
            continue
        if other is not None:  # the service starts no second one. [doc] run-av-scan
            raise Refused(
                f"a scan of the type {other.get('scope')} goes on on {name}, and the service starts no other one beside it",
                tried=f"Run-AntiVirusScan {name}",
                tenant=tenant.label,
                service=SERVICE,
                hint=f"Wait until it is over, or cancel it (id {other.get('id')}). Nothing was started.",
            )
        operations[number] = Operation("Run", "AntiVirusScan", name, number, body)
    planned = list(operations.values())
    if check or not planned:
        new = {
            number: {
                "type": SCAN,
                "scope": scan_type,
                "status": "Pending",
                "machineId": number,
                "computerDnsName": operation.name,
                "requestorComment": params["comment"],
            }
            for number, operation in operations.items()
        }
        return [scans[str(row["id"])] if str(row["id"]) not in new else new[str(row["id"])] for row in machines], planned, []

    def settled(operation: Operation, error: TenantError) -> bool | None:
        """Whether a refused or lost start came about all the same: None if somebody else's equal scan is there."""
        there = _covers(_scans(tenant, machines).get(operation.identity), scan_type)
        return there if isinstance(error, OutcomeUnknown) else None if there else False

    done = carry_out(tenant, params, planned, settled, lambda operation: permission_of(SCAN))

    def late() -> list[str]:
        scans.update(_started(tenant, machines, params["comment"], scans))
        return [operation.name for number, operation in operations.items() if number not in scans]

    look_until(tenant, late)
    return [scans[str(row["id"])] for row in machines if str(row["id"]) in scans], planned, done


def _started(tenant: Tenant, machines: Sequence[Row], comment: str, known: dict[str, Row]) -> dict[str, Row]:
    """The scans by device, those besides that were started with this comment and are over already."""
    found = {**known, **_scans(tenant, machines)}
    for row in machines:
        number = str(row["id"])
        if number not in found:
            rows = rows_of(tenant, Query(ACTIONS, filtered(one_of("type", [SCAN]), one_of("machineId", [number]))))
            ours = [one for one in rows if one.get("requestorComment") == comment]
            if ours:
                found[number] = max(ours, key=lambda one: str(one.get("creationDateTimeUtc") or ""))
    return found
