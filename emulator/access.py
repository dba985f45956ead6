# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may run which cmdlet: service plans of the tenant, app role and directory roles of the caller."""

from __future__ import annotations

from .binding import Cmdlet, cmdlets
from .identity import Caller
from .invented.exchange import OUTSIDE_SECURITY
from .tenant import Tenant

MDO_PLANS = frozenset({"ATP_ENTERPRISE", "THREAT_INTELLIGENCE", "ATP_ENTERPRISE_GOV", "THREAT_INTELLIGENCE_GOV"})
EXCHANGE_PLANS = frozenset(
    {"EXCHANGE_S_STANDARD", "EXCHANGE_S_ENTERPRISE", "EXCHANGE_S_STANDARD_GOV", "EXCHANGE_S_ENTERPRISE_GOV", "EXCHANGE_LITE"}
)
# [code] Not exported to a tenant without Defender for Office 365.
MDO_NOUNS = ("SafeLinks", "SafeAttachment", "AtpPolicyForO365", "ATP")
IMPERSONATION = (
    "Impersonation",
    "Targeted",
    "EnableTargeted",
    "MailboxIntelligence",
    "EnableMailboxIntelligence",
    "EnableOrganizationDomains",
)
IMPERSONATION_TOO = frozenset(
    {
        "EnableSimilarDomainsSafetyTips",
        "EnableSimilarUsersSafetyTips",
        "EnableUnusualCharactersSafetyTips",
        "ExcludedDomains",
        "ExcludedSenders",
        "PhishThresholdLevel",
        "SimilarUsersSafetyTipsCustomText",
        "UnusualCharactersSafetyTipsCustomText",
    }
)
# [doc] Roles that give app-only access at all.
EXCHANGE_ROLES = (
    "Global Administrator",
    "Exchange Administrator",
    "Compliance Administrator",
    "Security Administrator",
    "Security Reader",
    "Global Reader",
    "Exchange Recipient Administrator",
    "Helpdesk Administrator",
)
COMPLIANCE_ROLES = ("Global Administrator", "Compliance Administrator", "Security Administrator", "Security Reader", "Global Reader")
READERS = (
    "Global Administrator",
    "Exchange Administrator",
    "Compliance Administrator",
    "Security Administrator",
    "Security Reader",
    "Global Reader",
)
# [code] Security Reader is refused Get-OrganizationConfig; [guess] that Security Administrator is too.
ORGANIZATION_READERS = ("Global Administrator", "Exchange Administrator", "Compliance Administrator", "Global Reader")
ORGANIZATION_NOUNS = frozenset({"OrganizationConfig", "OrganizationCustomization"})
# [doc] Security Administrator has no permissions for these tasks in app-only sessions.
FILTER_NOUNS = ("AntiPhish", "MalwareFilter", "HostedContentFilter", "HostedOutboundSpamFilter", "HostedConnectionFilter", "EOPProtection")


def offered(tenant: Tenant, cmdlet: Cmdlet, service: str) -> bool:
    """Whether a service offers the cmdlet to this tenant. [code] CIPP for the plans, [doc] for the endpoint"""
    if service not in cmdlet.services or not tenant.plans & EXCHANGE_PLANS:
        return False
    return not cmdlet.noun.startswith(MDO_NOUNS) or bool(tenant.plans & MDO_PLANS)


def withheld(tenant: Tenant, cmdlet: Cmdlet) -> frozenset[str]:
    """Parameters that this tenant's licences do not bring: impersonation protection. [code] CIPP"""
    if cmdlet.noun != "AntiPhishPolicy" or tenant.plans & MDO_PLANS:
        return frozenset()
    names = {parameter.name for parameter in cmdlet.names.values()}
    return frozenset(name for name in names if name.startswith(IMPERSONATION) or name in IMPERSONATION_TOO)


def allowed(caller: Caller, cmdlet: Cmdlet, service: str) -> bool:
    """Whether the caller's directory roles let him run the cmdlet there."""
    reading = cmdlet.verb == "Get"
    if service == "compliance":
        return caller.has_role(*COMPLIANCE_ROLES) if reading else caller.has_role(*COMPLIANCE_ROLES[:3])
    if cmdlet.noun in ORGANIZATION_NOUNS and reading:
        return caller.has_role(*ORGANIZATION_READERS)
    if reading:
        return caller.has_role(*READERS)
    if caller.has_role("Global Administrator", "Exchange Administrator"):
        return True
    if caller.has_role("Compliance Administrator") and cmdlet.noun == "AdminAuditLogConfig":
        return True
    trapped = cmdlet.noun.startswith(FILTER_NOUNS) or cmdlet.noun in OUTSIDE_SECURITY
    return caller.has_role("Security Administrator") and not trapped


def enters(caller: Caller, service: str) -> bool:
    """Whether the caller has any directory role that the service takes. [doc]"""
    return caller.has_role(*(COMPLIANCE_ROLES if service == "compliance" else EXCHANGE_ROLES))


def exported(caller: Caller, service: str) -> list[str]:
    """The names of the cmdlets that this caller may run in his tenant: what EXOModuleFile lists. [code]"""
    return [cmdlet.name for cmdlet in cmdlets().values() if offered(caller.tenant, cmdlet, service) and allowed(caller, cmdlet, service)]
