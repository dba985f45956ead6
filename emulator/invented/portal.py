# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the portal treats a session, and what it says of tenant and advanced features."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from .defender import XDR_PLANS

XSRF_REQUESTS = 6
"""Requests after which the portal hands out a new XSRF-TOKEN. Really it is every four or five minutes [code]; counted here, not timed."""

XSRF_GRACE = 6
"""Requests for which the former XSRF-TOKEN is still taken."""

STALE_XSRF = "The anti-forgery token is no longer valid."
"""What a former XSRF token gets: a 500 like a missing one. That the portal still takes the former one for a while is a guess."""


def portal_refusal(status: int, text: str) -> dict[str, Any]:
    """Body of a portal answer 400, 401, 403, 404 or 440: none was ever published; the names follow the captured body of a 500."""
    return {"Message": text, "DiagnosticContext": "{Environment:Emulated}", "ExceptionMessage": text, "StatusCode": status}


def foreign_tenant(header: str) -> str:
    """What a session gets whose x-tid or tenant-id names another tenant: guessed to be a 403 with this text."""
    return f"The session does not belong to the tenant of '{header}'."


ACTIVE_MTP_WORKLOADS = [1, 4, 5, 9, 10, 13]
"""`ActiveMtpWorkloads` of TenantContext where Defender XDR is on: the captured list as it stands, since its numbers are unpublished."""


READER_OF_THE_PORTAL = {"Roles": [], "AllowedActions": 0}
"""What TenantContext says of a user who may only read; the captured user was an administrator (`["administrator"]`, -1)."""


def workloads(plans: Collection[str]) -> dict[str, Any]:
    """Members of TenantContext that follow the licences. The members are [live]; which plan switches which is told from their names."""
    has = set(plans).__contains__
    eligible = bool(XDR_PLANS & set(plans))
    return {
        "IsMtpEligible": eligible,
        "MtpConsent": eligible,
        "IsOnboardingComplete": eligible,
        "IsPermittedOnboarding": eligible,
        "ActiveMtpWorkloads": list(ACTIVE_MTP_WORKLOADS) if eligible else [],
        "IsMdatpActive": has("WINDEFATP") or has("MDE_LITE") or has("MDE_SMB"),
        "IsOatpActive": bool({"ATP_ENTERPRISE", "ATP_ENTERPRISE_GOV", "THREAT_INTELLIGENCE", "THREAT_INTELLIGENCE_GOV"} & set(plans)),
        "IsMdiActive": has("ATA"),
        "AatpWorkspaceExists": has("ATA"),
        "AatpIntegrationEnabled": has("ATA"),
        "IsMapgActive": has("ADALLOM_S_STANDALONE"),
        "IsAadIpActive": has("AAD_PREMIUM_P2"),
        "IsSentinelActive": False,
        "IsAutomatedIrEnabled": has("WINDEFATP") or has("MDE_SMB"),
        "AutomatedIrLiveResponse": has("WINDEFATP"),
        "MdeFlavor": "P2" if has("WINDEFATP") else "Smb" if has("MDE_SMB") else "P1" if has("MDE_LITE") else None,
    }


READ_ONLY_FEATURES = frozenset({"LicenseEnabled", "AatpWorkspaceExists"})
"""Members of the advanced features that say how things are [code]; that a change of them is passed over in silence is a guess."""


def no_advanced_features(plans: Collection[str]) -> str:
    """That a tenant without Defender for Endpoint has no such settings is plain; that the answer is a 404 [code], its words a guess."""
    return "" if {"WINDEFATP", "MDE_LITE", "MDE_SMB"} & set(plans) else "Unknown api endpoint"


def advanced_features_after(saved: dict[str, Any], sent: dict[str, Any]) -> dict[str, Any]:
    """The advanced features after a save of the whole object [code]: that a switch that is left out is off then is a guess."""
    after = {}
    for name, value in saved.items():
        off = False if isinstance(value, bool) else None
        after[name] = value if name in READ_ONLY_FEATURES else sent.get(name, off)
    return after
