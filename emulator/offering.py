# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What of a cmdlet a tenant has by its licences, whoever calls."""

from __future__ import annotations

from .binding import Cmdlet
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


def offered(tenant: Tenant, cmdlet: Cmdlet, service: str) -> bool:
    """Whether a service offers the cmdlet to this tenant. [code] CIPP for the plans, [doc] for the endpoint"""
    if service not in cmdlet.services or not tenant.plans & EXCHANGE_PLANS:
        return False
    return not cmdlet.noun.startswith(MDO_NOUNS) or bool(tenant.plans & MDO_PLANS)


def unlicensed(tenant: Tenant, cmdlet: Cmdlet) -> frozenset[str]:
    """Parameters that this tenant's licences do not bring: impersonation protection. [code] CIPP"""
    if cmdlet.noun != "AntiPhishPolicy" or tenant.plans & MDO_PLANS:
        return frozenset()
    names = {parameter.name for parameter in cmdlet.names.values()}
    return frozenset(name for name in names if name.startswith(IMPERSONATION) or name in IMPERSONATION_TOO)
