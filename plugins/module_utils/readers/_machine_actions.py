# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Machine actions of Defender for Endpoint as people get them, and what each type needs. Pure; private to the collection.

Members, types, states and permissions: [doc] defender-endpoint/api machineaction, cancel-machine-action, run-av-scan.
"""

from __future__ import annotations

from ansible_collections.m365.defender.plugins.module_utils._resource import Row, Values
from ansible_collections.m365.defender.plugins.module_utils.readers._answers import folded

ACTIONS = "machineactions"
STATUSES = ("Pending", "InProgress", "Succeeded", "Failed", "TimeOut", "Cancelled")
GOING_ON = ("Pending", "InProgress")
# Type -> the application permission for starting and for cancelling one.
TYPES = {
    "RunAntiVirusScan": "Machine.Scan",
    "Offboard": "Machine.Offboard",
    "LiveResponse": "Machine.LiveResponse",
    "CollectInvestigationPackage": "Machine.CollectForensics",
    "Isolate": "Machine.Isolate",
    "Unisolate": "Machine.Isolate",
    "StopAndQuarantineFile": "Machine.StopAndQuarantine",
    "RestrictCodeExecution": "Machine.RestrictExecution",
    "UnrestrictCodeExecution": "Machine.RestrictExecution",
}


def going_on(row: Row) -> bool:
    """Whether an action is not over yet."""
    return folded(row.get("status")) in {folded(word) for word in GOING_ON}


def permission_of(kind: str) -> str:
    """The permission for an action's type; all of them for a type that is not known."""
    known = {folded(name): permission for name, permission in TYPES.items()}
    found = known.get(folded(kind))
    return found or "of the action's type (" + ", ".join(dict.fromkeys(TYPES.values())) + ")"


def action_of(row: Row) -> Values:
    """One machine action."""
    file = row.get("relatedFileInfo") or {}
    return {
        "id": str(row.get("id") or ""),
        "type": row.get("type") or "",
        "scope": row.get("scope") or "",
        "status": row.get("status") or "",
        "over": not going_on(row),
        "machine": row.get("computerDnsName") or "",
        "machine_id": row.get("machineId") or "",
        "requestor": row.get("requestor") or "",
        "comment": row.get("requestorComment") or "",
        "source": row.get("requestSource") or "",
        "created": row.get("creationDateTimeUtc") or "",
        # The table of members and the samples of the documentation spell it differently.
        "updated": row.get("lastUpdateDateTimeUtc") or row.get("lastUpdateTimeUtc") or "",
        "cancelled_by": row.get("cancellationRequestor") or "",
        "cancelled": row.get("cancellationDateTimeUtc") or "",
        "cancel_comment": row.get("cancellationComment") or "",
        "file": file.get("fileIdentifier") or "" if isinstance(file, dict) else "",
    }


def is_machine_id(text: str) -> bool:
    """Whether a text is a device's id, 40 hexadecimal digits, and no name."""
    return len(text) == 40 and all(letter in "0123456789abcdef" for letter in text.lower())


def on_machine(row: Row, machine: str | None) -> bool:
    """Whether an action is one of a device, given by id, by full name, or by the first part of its name."""
    if not machine:
        return True
    name = folded(row.get("computerDnsName"))
    wanted = folded(machine)
    return wanted in (folded(row.get("machineId")), name, name.partition(".")[0])
