# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the control interface and the fault `edit` can do to a tenant: run a cmdlet with every right, put rows, change device groups."""

from __future__ import annotations

import contextlib
from typing import Any

from .binding import cmdlets
from .cmdlets import execute
from .device_groups import edited, in_order
from .errors import CmdletError
from .seed import without_annotations
from .tenant import Row, Tenant, World


def run_cmdlet(tenant: Tenant, name: str, parameters: dict[str, Any]) -> list[Row]:
    """Run a cmdlet as a second administrator with every right. Raises KeyError for an unknown one, CmdletError as the service would."""
    cmdlet = cmdlets()[name.lower()]
    service = "exchange" if "exchange" in cmdlet.services else "compliance"
    told = {"Confirm": False} if cmdlet.asks and cmdlet.parameter("Confirm") else {}
    return execute(tenant, cmdlet, {**told, **parameters}, service).rows


def put_rows(tenant: Tenant, noun: str, rows: list[Row]) -> None:
    """Replace a noun's rows at once; annotations are stripped, placeholders filled."""
    from .objects import completed

    clean = [tenant.filled(row, noun, str(place)) for place, row in enumerate(without_annotations(rows))]
    tenant.put(noun, [completed(tenant, noun, row) for row in clean])


def change_groups(tenant: Tenant, do: dict[str, Any]) -> None:
    """Change the device groups of now, as a colleague would in the portal. `do` has one member: see `device_groups.edited`."""
    from .invented.device_groups import device_groups_after
    from .portal import groups, saved_at

    rows = groups(tenant)
    tenant.put("portal.machine_groups", in_order(device_groups_after(rows, edited(rows, do), saved_at(tenant))))


def act(world: World, tenant: Tenant | None, do: dict[str, Any]) -> None:
    """Carry out the `do` of an edit fault. A cmdlet that fails changes nothing, as it would for a person."""
    if tenant is None:
        return
    if "cmdlet" in do:
        with contextlib.suppress(CmdletError):
            run_cmdlet(tenant, do["cmdlet"]["CmdletName"], do["cmdlet"].get("Parameters") or {})
    if "groups" in do:
        change_groups(tenant, do["groups"])
    for noun, rows in (do.get("state") or {}).items():
        put_rows(tenant, noun, rows)
