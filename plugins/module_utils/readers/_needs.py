# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each of the four steps needs its caller to be allowed. Data; the table in the documentation is made from it. Pure; private.

Permissions of applications: [doc] Defender for Endpoint API, Exchange Online app-only; [recall] Microsoft Graph.
Directory roles for Exchange: [doc] app-only authentication for unattended scripts. That Security Administrator is not enough there for
writing to anti-spam, anti-malware and anti-phishing policies is [doc] a footnote of the same page.
"""

from __future__ import annotations

from dataclasses import dataclass

# Template ids of directory roles. [code] KelvinTegelaar/CIPP-API, maester365/maester
ROLES = {
    "62e90394-69f5-4237-9190-012177145e10": "Global Administrator",
    "194ae4cb-b126-40b2-bd5b-6091b380977d": "Security Administrator",
    "5f2222b1-57c3-48ba-8ad5-d4759f1fde6f": "Security Operator",
    "5d6b6bb7-de71-4623-b4af-96380a352509": "Security Reader",
    "f2ef992c-3afb-46b9-b7cf-a126ee74c451": "Global Reader",
    "17315797-102d-40b4-93e0-432062caca18": "Compliance Administrator",
    "e6d1a23a-da11-4be4-9570-befc86d067a7": "Compliance Data Administrator",
    "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3": "Application Administrator",
    "158c047a-c907-4556-b7ef-446551a6b5f7": "Cloud Application Administrator",
    "29232cdf-9323-42fd-ade2-1d097af3e4de": "Exchange Administrator",
    "f28a1f50-f6e7-4571-818b-6a12f2af6b6c": "SharePoint Administrator",
}

AUDIENCES = {
    "graph": "Microsoft Graph",
    "exchange": "Office 365 Exchange Online",
    "compliance": "Microsoft Exchange Online Protection",
    "defender": "WindowsDefenderATP",
    "portal": "the Microsoft Defender portal",
    "sharepoint": "Office 365 SharePoint Online",
}

_READERS = ("Global Reader", "Security Reader", "Exchange Administrator", "Security Administrator", "Global Administrator")
_WRITERS = ("Exchange Administrator", "Global Administrator")
_ALERT_READERS = ("Global Reader", "Security Reader", "Compliance Administrator", "Security Administrator", "Global Administrator")
_ALERT_WRITERS = ("Compliance Administrator", "Security Administrator", "Global Administrator")


@dataclass(frozen=True)
class Need:
    """One thing that a step does, and what the caller needs for it.

    access: read or write. permissions: of the application, one is enough. roles: directory roles, one is enough besides the permission.
    cmdlets: what Exchange offers a caller who may do it: proof, where the list of cmdlets can be read. policies: these are the cmdlets
    that the kinds of mail policies use. optional: without it the step still gives a verdict, with less evidence. asked_for: needed only
    where somebody asks for what it is for. feature: of those that not every cloud has, by its name in _clouds; where it is missing,
    nothing is needed for it.
    """

    step: str
    access: str
    purpose: str
    audience: str
    permissions: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    cmdlets: tuple[str, ...] = ()
    policies: bool = False
    optional: bool = False
    decides: bool = False
    asked_for: bool = False
    feature: str = ""


# Every step asks first what the tenant is licensed for.
LICENCES = ("LicenseAssignment.Read.All", "Organization.Read.All", "Directory.Read.All")
_MACHINES = ("Machine.Read.All", "Machine.ReadWrite.All")
_INCIDENTS = ("SecurityIncident.Read.All", "SecurityIncident.ReadWrite.All")
_ALERTS = ("SecurityAlert.Read.All", "SecurityAlert.ReadWrite.All")

NEEDS = (
    Need("prerequisites", "read", "licences", "graph", LICENCES),
    Need(
        "prerequisites",
        "read",
        "which licences are trials",
        "graph",
        ("Organization.Read.All", "Organization.ReadWrite.All", "Directory.Read.All"),
        optional=True,
    ),
    Need("prerequisites", "read", "devices and their antivirus state", "defender", _MACHINES),
    Need(
        "prerequisites",
        "read",
        "sensors of Defender for Identity",
        "graph",
        ("SecurityIdentitiesSensors.Read.All", "SecurityIdentitiesSensors.ReadWrite.All"),
        optional=True,
        decides=True,
        feature="xdr",
    ),
    Need(
        "prerequisites",
        "read",
        "health of Defender for Identity",
        "graph",
        ("SecurityIdentitiesHealth.Read.All", "SecurityIdentitiesHealth.ReadWrite.All"),
        optional=True,
        decides=True,
        feature="xdr",
    ),
    Need(
        "prerequisites",
        "read",
        "directory roles of the caller",
        "graph",
        ("RoleManagement.Read.Directory", "RoleManagement.Read.All", "RoleManagement.ReadWrite.Directory", "Directory.Read.All"),
        optional=True,
    ),
    Need(
        "prerequisites",
        "read",
        "events of Defender for Cloud Apps",
        "graph",
        ("ThreatHunting.Read.All",),
        optional=True,
        decides=True,
        feature="xdr",
    ),
    # Who can approve. [doc] list of assignments, of eligible roles, of a group's members at any depth
    Need(
        "prerequisites",
        "read",
        "directory roles of people, eligible ones too",
        "graph",
        ("RoleManagement.Read.Directory", "RoleManagement.Read.All", "RoleManagement.ReadWrite.Directory"),
        optional=True,
        decides=True,
    ),
    Need(
        "prerequisites",
        "read",
        "members of groups that hold roles",
        "graph",
        ("GroupMember.Read.All", "GroupMember.ReadWrite.All", "Group.Read.All", "Group.ReadWrite.All", "Directory.Read.All"),
        optional=True,
        decides=True,
    ),
    Need(
        "prerequisites",
        "read",
        "role groups of Email & collaboration",
        "compliance",
        ("Exchange.ManageAsApp",),
        _ALERT_READERS,
        optional=True,
        decides=True,
    ),
    Need(
        "prerequisites",
        "read",
        "whether Defender for Office 365 is there",
        "exchange",
        ("Exchange.ManageAsApp",),
        _READERS,
        ("Get-AtpPolicyForO365",),
        optional=True,
    ),
    Need("device_groups", "read", "licences", "graph", LICENCES),
    Need("device_groups", "read", "groups that have devices or servers", "defender", _MACHINES, optional=True),
    Need("device_groups", "read", "device groups and their levels", "portal", optional=True),
    Need("device_groups", "write", "device groups and their levels", "portal", optional=True),
    Need("email_protection", "read", "licences", "graph", LICENCES),
    Need(
        "email_protection",
        "read",
        "policies of Exchange and Defender for Office 365",
        "exchange",
        ("Exchange.ManageAsApp",),
        _READERS,
        policies=True,
    ),
    Need("email_protection", "read", "alert policies", "compliance", ("Exchange.ManageAsApp",), _ALERT_READERS),
    # To know who is in the groups that rules name; without them such recipients are unknown. [doc] user-list-transitivememberof
    Need(
        "email_protection",
        "read",
        "recipients, for their groups",
        "graph",
        ("User.Read.All", "User.ReadWrite.All", "Directory.Read.All"),
        optional=True,
        decides=True,
    ),
    Need(
        "email_protection",
        "read",
        "groups of recipients",
        "graph",
        ("GroupMember.Read.All", "Group.Read.All", "Directory.Read.All"),
        optional=True,
        decides=True,
    ),
    Need(
        "email_protection",
        "write",
        "policies of Exchange and Defender for Office 365",
        "exchange",
        ("Exchange.ManageAsApp",),
        _WRITERS,
        policies=True,
    ),
    Need("email_protection", "write", "alert policies", "compliance", ("Exchange.ManageAsApp",), _ALERT_WRITERS, optional=True),
    Need("xdr", "read", "licences", "graph", LICENCES),
    Need("xdr", "read", "incidents", "graph", _INCIDENTS, feature="xdr"),
    Need("xdr", "read", "alerts", "graph", _ALERTS, optional=True, feature="xdr"),
    Need("xdr", "read", "advanced hunting", "graph", ("ThreatHunting.Read.All",), optional=True, feature="xdr"),
    Need("action_center", "read", "licences", "graph", LICENCES),
    Need("action_center", "read", "alerts with their investigations", "graph", _ALERTS, feature="xdr"),
    Need("action_center", "read", "incidents that wait for an action", "graph", _INCIDENTS, optional=True, feature="xdr"),
)

# What the caller's tokens for the other services don't tell, so that only the documentation speaks of it. SharePoint takes an app only with
# a certificate, and has no smaller permission for its tenant object. [code] public clients
_SITES = ("Sites.FullControl.All",)
UNTOLD = tuple(
    Need("email_protection", access, purpose, audience, permissions, optional=True, asked_for=True)
    for access, purpose, audience, permissions in (
        ("read", "the tenant's name in SharePoint", "graph", ("Sites.Read.All", "Organization.Read.All")),
        ("read", "SharePoint's tenant settings", "sharepoint", _SITES),
        ("write", "SharePoint's tenant settings", "sharepoint", _SITES),
    )
)

# What modules need that no step uses: they are for people who investigate. Only the documentation speaks of it. [doc] Defender for Endpoint
# and audit search; [recall] remediation of mail
_TAGGING = "Machine.ReadWrite.All"
BY_HAND = (
    # [doc] defender-endpoint/api/add-or-remove-machine-tags
    Need("device_groups", "write", "tags of devices, for machine_tag", "defender", (_TAGGING,), optional=True, asked_for=True),
    *(
        Need("action_center", access, purpose, audience, permissions, optional=True, asked_for=True, feature=feature)
        for access, purpose, audience, permissions, feature in (
            ("read", "the audit log, for audit_info", "graph", ("AuditLogsQuery.Read.All",), "audit_search"),
            ("read", "actions on devices, for machine_action_info and action_history_info", "defender", _MACHINES, ""),
            ("read", "the Action center's lists, for pending_action_info and action_history_info", "portal", (), ""),
            ("write", "decisions, for pending_action with a request form", "portal", (), ""),
            ("read", "earlier investigations, for investigation_info", "defender", ("Alert.Read.All", "Alert.ReadWrite.All"), ""),
            ("write", "antivirus scans, for machine_action, which starts and cancels them", "defender", ("Machine.Scan",), ""),
            ("write", "isolations, for machine_action, which cancels them", "defender", ("Machine.Isolate",), ""),
            ("write", "mail, for mail_remediation", "graph", ("SecurityAnalyzedMessage.ReadWrite.All",), "mail_remediation"),
        )
    ),
)

TRAP = (
    "Security Administrator is not enough for an application to write anti-spam, anti-malware and anti-phishing policies, though it is for "
    "a person in the portal: assign Exchange Administrator to the application besides."
)
