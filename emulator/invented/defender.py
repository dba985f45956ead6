# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Defender for Endpoint and Defender XDR: what is refused without a product, hunting, audit searches, actions on devices."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

XDR_PLANS = {"MTP", "WINDEFATP", "MDE_LITE", "MDE_SMB", "THREAT_INTELLIGENCE", "THREAT_INTELLIGENCE_GOV", "ATA", "ADALLOM_S_STANDALONE"}
"""Service plans that open Defender XDR. The list of products is [doc], which plans stand for them is read from the products."""


def security_without_defender(plans: Collection[str]) -> str:
    """What Graph's security calls say in a tenant without any Defender product: undocumented, guessed to be a 403 with this text."""
    return "" if XDR_PLANS & set(plans) else "The tenant is not provisioned for Microsoft Defender XDR."


def identity_without_defender(plans: Collection[str]) -> str:
    """What the Defender for Identity calls of Graph say without the product: undocumented, guessed to be a 403 with this text."""
    return "" if "ATA" in plans else "The tenant is not provisioned for Microsoft Defender for Identity."


def endpoint_without_defender(plans: Collection[str]) -> str:
    """What the Defender for Endpoint API says without the product. The code DisabledFeature is [doc], that it comes here a guess."""
    return "" if {"WINDEFATP", "MDE_LITE", "MDE_SMB"} & set(plans) else "Tenant feature isn't enabled."


HUNTING_TABLES = {
    "DeviceInfo": {"WINDEFATP", "MDE_LITE", "MDE_SMB"},
    "AlertInfo": XDR_PLANS,
    "AlertEvidence": XDR_PLANS,
    "EmailEvents": {"THREAT_INTELLIGENCE", "THREAT_INTELLIGENCE_GOV"},
    "IdentityInfo": {"ATA", "ADALLOM_S_STANDALONE"},
    "CloudAppEvents": {"ADALLOM_S_STANDALONE"},
}
"""Which plan brings which table of advanced hunting: that tables come with their workloads is [recall], each line a guess."""


HUNTING_QUOTAS = {
    "calls": "You have exceeded the number of calls allowed per minute. Try again later.",
    "cpu": "You have exceeded the CPU resources allocated to the tenant. Try again after the next cycle.",
}
"""What a 429 of advanced hunting says. That its body tells which quota was reached is [doc]; the words are made up."""

AUDIT_LOOKS = 2
"""How often an audit search is looked at before it has succeeded; really it takes minutes."""

AUDIT_PAGE = 150
"""How many audit records come in a page."""

AUDIT_TIMES = "The start of the search must lie before its end."
"""What an audit search with times the wrong way round gets: the words are made up."""

AUDIT_RECORD_TYPES = (
    *("ExchangeAdmin", "SecurityComplianceCenterEOPCmdlet", "ThreatIntelligence", "ThreatFinder", "ThreatIntelligenceUrl"),
    *("ThreatIntelligenceAtpContent", "HygieneEvent", "AirInvestigation", "Quarantine", "WDATPAlerts", "MDATPAudit"),
    *("AirManualInvestigation", "AirAdminActionInvestigation", "MSDEResponseActions", "MSDEGeneralSettings", "MSDEIndicatorsSettings"),
    *("MS365DCustomDetection", "MSDERolesSettings", "MAPGAlerts", "MAPGPolicy", "MAPGRemediation", "QuarantineMetadata"),
    *("MS365DSuppressionRule", "MS365DIncident", "MicrosoftDefenderForIdentityAudit", "MAPGOnboard"),
)
"""The record types of the audit log that concern Defender, as the metadata spells them [doc]. That their case does not matter is a guess:
Microsoft's pages write them with a small first letter."""


def remediation_without_plan_two(plans: Collection[str]) -> str:
    """What Graph says to a remediation of mail without Defender for Office 365 plan 2: undocumented, guessed to be a 403 with this text."""
    if {"THREAT_INTELLIGENCE", "THREAT_INTELLIGENCE_GOV"} & set(plans):
        return ""
    return "The tenant is not provisioned for Microsoft Defender for Office 365 Plan 2."


SCAN_IN_PROGRESS = "Action is already in progress"
"""What a second antivirus scan of one machine gets. [doc] the text and the 400; that an equal one gets it too is assumed."""


def investigation_retired() -> str:
    """Starting an investigation on a device: retired with separate endpoint investigations; DisabledFeature is a guess."""
    return "Tenant feature isn't enabled."


def cancel_fault(action: dict[str, Any]) -> str:
    """Cancelling a machine action that is over: the refusal is a guess."""
    return "" if action["status"] in ("Pending", "InProgress") else f"Machine action {action['id']} is not pending and cannot be cancelled."


ALERTS_IN_A_PAGE = 100
"""How many alerts Graph gives when no $top asks for another number."""


NO_ELIGIBLE_ROLES = ("AadPremiumLicenseRequired", "The tenant needs a Microsoft Entra ID P2 or Microsoft Entra ID Governance license.")
"""Code and text with which eligible roles are refused without the licence: the code is [recall], the text a guess."""
