# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Management roles of Exchange: only a tenant tells which built-in role holds which cmdlet, so all of this is made up.

Names of roles and role groups are from memory, what they hold is spread so that a client meets each case: a cmdlet in one role, in several,
with all of its parameters and with a few, and roles that only read. Sentences are made up where nothing else is said.
"""

from __future__ import annotations

from ..errors import CmdletError, invalid

FILTERS = "AntiPhish* MalwareFilter* HostedContentFilter* HostedOutboundSpamFilter* HostedConnectionFilter* EOPProtectionPolicyRule"
THREATS = (
    "SafeLinks* SafeAttachment* Atp* QuarantinePolicy ReportSubmission* TeamsProtection* PhishSimOverride* SecOpsOverride* "
    "ExoPhishSimOverride* ExoSecOpsOverride* TenantAllowBlockListItems ConfigAnalyzerPolicyRecommendation"
)
HOLDS: dict[str, tuple[tuple[str, str], ...]] = {
    "Audit Logs": (("*", "AdminAuditLogConfig"),),
    "Organization Client Access": (("*", "OrganizationConfig"),),
    "Organization Configuration": (("*", "OrganizationConfig OrganizationCustomization EmailTenantSettings"), ("Get", "AcceptedDomain")),
    "Organization Transport Settings": (("*", "ArcConfig"), ("Get", "OrganizationConfig AcceptedDomain")),
    "Recipient Policies": (("Get", "HostedContentFilterPolicy"), ("Set", "HostedContentFilterPolicy")),
    "Remote and Accepted Domains": (("*", "DkimSigningConfig"), ("Get", "AcceptedDomain")),
    "Role Management": (("*", "ManagementRole* RoleGroup* ServicePrincipal"),),
    "Security Admin": (("*", THREATS), ("Get", f"{FILTERS} AcceptedDomain DkimSigningConfig ArcConfig")),
    "Security Reader": (("Get", f"{FILTERS} {THREATS} AcceptedDomain DkimSigningConfig ArcConfig"),),
    "Tenant AllowBlockList Manager": (("*", "TenantAllowBlockListItems"),),
    "Transport Hygiene": (("*", f"{FILTERS} {THREATS}"), ("Get", "AcceptedDomain")),
    "View-Only Audit Logs": (("Get", "AdminAuditLogConfig"),),
    "View-Only Configuration": (("Get", "*"),),
}
"""Built-in roles: which verbs of which nouns each holds."""

SOME_PARAMETERS = {
    ("Organization Client Access", "Set-OrganizationConfig"): frozenset({"ActivityBasedAuthenticationTimeoutEnabled", "EwsEnabled"}),
    ("Recipient Policies", "Set-HostedContentFilterPolicy"): frozenset(
        {"EnableEndUserSpamNotifications", "EndUserSpamNotificationFrequency"}
    ),
}
"""Where a role holds a cmdlet with these parameters only, beside Identity, Confirm and WhatIf."""

GROUP_ROLES = {
    "Organization Management": tuple(HOLDS),
    "Recipient Management": ("Recipient Policies",),
    "View-Only Organization Management": ("View-Only Audit Logs", "View-Only Configuration"),
    "Hygiene Management": ("Transport Hygiene", "View-Only Configuration"),
    "Security Administrator": ("Security Admin",),
    "Security Reader": ("Security Reader",),
    "Security Operator": ("Security Reader", "Tenant AllowBlockList Manager"),
    "Compliance Management": ("Audit Logs", "View-Only Audit Logs", "View-Only Configuration"),
    "Records Management": ("Audit Logs",),
}
"""The roles of the built-in role groups. Organization Management may delegate each role too, by an assignment of its own."""

ROLE_READERS = ("Global Administrator", "Exchange Administrator", "Global Reader")
"""Directory roles that read management roles. [doc] View-Only Configuration does; which directory roles have it is assumed."""

PRINCIPAL_TYPE = "ServicePrincipal"
"""The recipient type of an application in a role group."""


def built_in_role(name: str) -> CmdletError:
    """[doc] That a built-in role can neither be changed nor removed."""
    return invalid(f'The management role "{name}" is a built-in role and can\'t be modified or removed.')


def built_in_group(name: str) -> CmdletError:
    """[doc] That a built-in role group can't be removed; that it can't be renamed is assumed."""
    return invalid(f'The role group "{name}" is a built-in role group and can\'t be removed or renamed.')


def role_in_use(name: str, by: str) -> CmdletError:
    """[doc] That assignments and children have to go before a role."""
    return invalid(f'The management role "{name}" can\'t be removed because it is used by "{by}".')


def not_in_parent(entry: str, parent: str) -> CmdletError:
    """[doc] That a role holds only what its parent holds."""
    return invalid(f'The role entry "{entry}" can\'t be found in the parent role "{parent}".')


def entry_taken(entry: str) -> CmdletError:
    """That an entry which is there is only replaced with Overwrite."""
    return invalid(f'The role entry "{entry}" already exists. Use Overwrite to replace it.')


def bad_entry_identity(identity: str) -> CmdletError:
    """[doc] That a role entry is named by its role and its cmdlet."""
    return invalid(f'"{identity}" isn\'t a role entry. Use the form <management role>\\<role entry name>.')


def empty_description() -> CmdletError:
    """[code] That New-RoleGroup fails with an empty description."""
    return invalid("The parameter Description can't be empty.")


def not_a_manager(group: str) -> CmdletError:
    """[doc] That only managers change a group that names some, or whoever sends BypassSecurityGroupManagerCheck."""
    return invalid(f'You don\'t have sufficient permissions. Only a manager of the group "{group}" can perform this operation.')


def member_there(member: str, group: str) -> CmdletError:
    """[recall] The type and the sentence."""
    text = f'The recipient "{member}" is already a member of the group "{group}".'
    return CmdletError("Microsoft.Exchange.Management.RecipientTasks.MemberAlreadyExistsException", text)


def member_not_there(member: str, group: str) -> CmdletError:
    """[recall] The type and the sentence."""
    text = f'The recipient "{member}" isn\'t a member of the group "{group}".'
    return CmdletError("Microsoft.Exchange.Management.RecipientTasks.MemberNotFoundException", text)


def ambiguous(identity: str) -> CmdletError:
    """[doc] That an identity has to name one object."""
    return invalid(f"The operation couldn't be performed because '{identity}' matches multiple entries.")


def no_such_application(app_id: str, object_id: str) -> CmdletError:
    """[doc] That both ids are those of a service principal in Entra ID; that others are refused is assumed."""
    return invalid(f'There is no service principal with AppId "{app_id}" and ObjectId "{object_id}" in the directory.')


def not_for_applications(role: str) -> CmdletError:
    """[doc] That App takes application roles only, of which none are emulated."""
    return invalid(f"The management role \"{role}\" isn't an application role and can't be assigned with App.")


def not_for_policies(role: str) -> CmdletError:
    """[doc] That Policy takes end-user roles only, of which none are emulated."""
    return invalid(f"The management role \"{role}\" isn't an end-user role and can't be assigned with Policy.")
