# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Alert policies of the compliance endpoint."""

from __future__ import annotations

from .cmdlets import Run, absent_name, applied, serves
from .invented import exchange as invented
from .objects import made, touched
from .tenant import Row

MAIL = {"StreamType": "Mail", "AlertScenario": "Protection", "Scenario": "ProtectionAlert", "Workload": "AuditAlerting"}


@serves("New-ProtectionAlert")
def _new(run: Run) -> list[Row]:
    """A custom alert policy. [code] the properties; [guess] that a threat other than Activity streams mail"""
    name = absent_name(run)
    row = made(run.tenant, run.noun, name, Operation=None, NotifyUser=None, AggregationType="SimpleAggregation")
    row = applied(run, row)
    if row["ThreatType"] != "Activity":
        row.update(MAIL)
    run.write(run.rows() + [row])
    return [row]


@serves("Set-ProtectionAlert", "Remove-ProtectionAlert")
def _change(run: Run) -> list[Row]:
    """System policies can be neither set nor removed. [doc] for Set-, [guess] for Remove-"""
    row = run.found()
    if row.get("IsSystemRule"):
        raise invented.system_alert(row["Name"])
    if run.cmdlet.verb == "Remove":
        run.write([other for other in run.rows() if other is not row])
    else:
        run.replace(row, touched(run.tenant, applied(run, row)))
    return []
