# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Role groups: Exchange and Security & Compliance each have their own, and a member may be a person or a group.

A seed says who is in them as `roleGroupMembers`: service (exchange, compliance), group, memberId. Which roles a group of Email &
collaboration holds: [doc] for Search and Purge, the others [recall]; the properties of rows: [guess] where no reference shows them.
"""

from __future__ import annotations

from . import people
from .cmdlets import Run, serves
from .errors import not_found
from .invented import exchange as invented
from .objects import server
from .tenant import Row

COMPLIANCE = {
    "Organization Management": ["Audit Logs", "Compliance Search", "Manage Alerts", "Organization Configuration", "Search And Purge"],
    "Data Investigator": ["Compliance Search", "Export", "Preview", "Search And Purge"],
    "Compliance Administrator": ["Audit Logs", "Compliance Search", "Manage Alerts"],
    "eDiscovery Manager": ["Case Management", "Compliance Search", "Export", "Hold", "Preview"],
    "Quarantine Administrator": ["Quarantine"],
    "Security Administrator": ["Audit Logs", "Manage Alerts", "Security Administrator"],
    "Security Operator": ["Compliance Search", "Manage Alerts", "Security Reader"],
    "Security Reader": ["Security Reader", "View-Only Manage Alerts"],
}
GROUPS: dict[str, dict[str, list[str]]] = {"exchange": {name: [] for name in invented.ROLE_GROUPS}, "compliance": COMPLIANCE}
"""The roles of Exchange's own groups matter to nothing here and are left out."""


def _groups(run: Run) -> list[Row]:
    rows: list[Row] = []
    for name, roles in GROUPS[run.service].items():
        members = [row["displayName"] for row in _members(run, name)]
        text = invented.ROLE_GROUPS.get(name, "") if run.service == "exchange" else ""
        rows.append(
            {
                "Name": name,
                "DisplayName": name,
                "Description": text,
                "Roles": list(roles),
                "RoleAssignments": [],
                "Members": members,
                "ManagedBy": ["Organization Management"],
                "Identity": name,
                "Guid": run.tenant.guid("role group", run.service, name),
                "Capabilities": [],
                "IsReadOnly": False,
            }
        )
    return rows


def _members(run: Run, group: str) -> list[Row]:
    """The users and groups in a role group, as objects of the directory."""
    wanted = [row for row in run.tenant.read("roleGroupMembers") if (row["service"], row["group"]) == (run.service, group)]
    return [found for row in wanted if (found := people.principal(run.tenant, row["memberId"]))]


def _found(run: Run) -> str:
    wanted = str(run.given["Identity"])
    name = next((name for name in GROUPS[run.service] if name.lower() == wanted.lower()), "")
    if not name:
        raise not_found(wanted, server(run.tenant))
    return name


@serves("Get-RoleGroup")
def role_groups(run: Run) -> list[Row]:
    """Every role group of the service, or the one that Identity names."""
    rows = _groups(run)
    if not run.given.get("Identity"):
        return rows
    name = _found(run)
    return [row for row in rows if row["Name"] == name]


@serves("Get-RoleGroupMember")
def role_group_members(run: Run) -> list[Row]:
    """Who is in a role group."""
    rows = []
    for row in _members(run, _found(run)):
        group = row["@odata.type"].endswith("group")
        rows.append(
            {
                "Name": row["displayName"],
                "DisplayName": row["displayName"],
                "Identity": row["displayName"],
                "RecipientType": "MailUniversalSecurityGroup" if group else "UserMailbox",
                "RecipientTypeDetails": "MailUniversalSecurityGroup" if group else "UserMailbox",
                "PrimarySmtpAddress": row.get("mail") or "",
                "ExternalDirectoryObjectId": row["id"],
            }
        )
    return rows
