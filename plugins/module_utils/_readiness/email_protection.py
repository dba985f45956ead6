# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Step 3: policies of Exchange and Defender for Office 365, and the alerts that start investigations. Pure; private to the collection."""

from __future__ import annotations

from collections.abc import Sequence

from ansible_collections.m365.defender.plugins.module_utils._readiness.words import (
    COMPLIANT,
    MANUAL,
    NOT_APPLICABLE,
    NOT_COMPLIANT,
    PERSON,
    SITE,
    UNKNOWN,
    Facts,
    Finding,
    Judged,
    Values,
    came,
    names_of,
    products_of,
)

# Microsoft's alert policies that start an investigation of mail. [doc] defender-xdr/alert-policies
STARTING_ALERTS = (
    "A potentially malicious URL click was detected",
    "A user clicked through to a potentially malicious URL",
    "Admin triggered manual investigation of email",
    "Admin triggered user compromise investigation",
    "Administrative action submitted by an Administrator",
    "Email messages containing malicious file removed after delivery",
    "Email messages containing malicious URL removed after delivery",
    "Email messages containing malware removed after delivery",
    "Email messages containing phish URLs removed after delivery",
    "Email messages from a campaign removed after delivery",
    "Email messages removed after delivery",
    "Email reported by user as malware or phish",
    "Messages containing malicious entity not removed after delivery",
    "Remediation action taken by admin on emails or URL or sender",
    "Suspicious email sending patterns detected",
    "User restricted from sending email",
)
MARK = "managed_by=m365.defender"  # in AdminDisplayName of what the roles made
ALERTS_LINK = f"{SITE}/alertpoliciesv2"
MAIL_LINK = f"{SITE}/securitysettings/mdoAutomationSettings"
MAIL_AUTOMATION = (
    "Whether clusters of malicious mail are removed without approval (MDO automation settings) can be seen and set in the portal only: "
    f"{MAIL_LINK}"
)
AUDIT_LOG = "Investigations of mail need the unified audit log, whose state is not read here."
KINDS = {
    "anti_phish_policy": "Anti-phishing",
    "safe_links_policy": "Safe Links",
    "atp_policy_for_o365": "Safe Attachments for files and Safe Documents",
}
NAMED = ("anti_phish_policy", "safe_links_policy")  # kinds of which a tenant has several, in an order


def email_protection(facts: Facts, check: bool) -> Judged:
    """facts: licenses, current, alerts, and the result of each kind of policy by its name."""
    products = products_of(facts)
    if products is None:
        return [], []
    office = products["defender_for_office_365"]
    if not products["exchange_online"]:
        return [Finding("licence", NOT_APPLICABLE, "No licence brings a mailbox.")], []
    notes = [MAIL_AUTOMATION, AUDIT_LOG] if office == "plan2" else []
    findings = []
    current = facts["current"]["configuration"] if came(facts.get("current")) else {}
    for kind, name in KINDS.items():
        if came(facts.get(kind)):
            findings += _policies(kind, name, facts[kind], current.get(kind) or (), check)
    if office == "none":
        findings.append(
            Finding(
                "licence",
                NOT_APPLICABLE,
                "No licence brings Defender for Office 365, and with it Safe Links and investigations of mail.",
                "Defender for Office 365 Plan 2 would bring both.",
            )
        )
    elif office == "plan1":
        notes = ["Defender for Office 365 Plan 1 protects, but does not investigate: that needs Plan 2."]
    if came(facts.get("alerts")):
        findings.append(_alerts(facts["alerts"]["configuration"].get("protection_alert") or ()))
    return findings, notes


def _policies(kind: str, name: str, result: Facts, current: Sequence[Values], check: bool) -> list[Finding]:
    operations = result.get("operations") or ()
    if result.get("changed") and check:
        return [
            Finding(
                name,
                NOT_COMPLIANT,
                f"{name}: {len(operations)} change{'' if len(operations) == 1 else 's'} needed.",
                "Run the step without check mode.",
            )
        ]
    if kind not in NAMED:
        return [Finding(name, COMPLIANT, f"{name}: {'brought' if result.get('changed') else 'is'} as recommended.")]
    ours = [one for one in current if MARK in str(one.get("admin_display_name") or "")]
    if not ours and not result.get("changed"):
        return [
            Finding(
                name,
                NOT_COMPLIANT,
                f"{name}: somebody else's policy has the name that ours would have.",
                f"Take the {name} policy over with email_protection_adopt, or choose another email_protection_owner.",
            )
        ]
    before = _before(ours, current)
    if before:
        return [
            Finding(
                name,
                MANUAL,
                f"{name}: our policy is as recommended, but policies of others go before it: {names_of(before)}.",
                f"Compare {names_of(before)} with the recommendation: whom they cover does not get our {name} policy.",
                PERSON,
            )
        ]
    return [Finding(name, COMPLIANT, f"{name}: {'brought' if result.get('changed') else 'is'} as recommended.")]


def _before(ours: Sequence[Values], current: Sequence[Values]) -> list[str]:
    """Other people's policies in force that come before ours; a new one of ours comes last."""
    places = [one["rule"]["priority"] for one in ours if (one.get("rule") or {}).get("priority") is not None]
    place = min(places, default=None)
    result = []
    for one in current:
        rule = one.get("rule") or {}
        if one in ours or not rule.get("enabled"):
            continue
        if place is None or rule.get("priority") is None or rule["priority"] < place:
            result.append(one["name"])
    return result


def _alerts(alerts: Sequence[Values]) -> Finding:
    # Some names end in an invisible character. [code]
    off = [name for one in alerts if (name := one["name"].rstrip("\u200b ")) in STARTING_ALERTS and one.get("disabled")]
    there = {one["name"].rstrip("\u200b ") for one in alerts} & set(STARTING_ALERTS)
    if off:
        return Finding(
            "alerts",
            NOT_COMPLIANT,
            f"{len(off)} alert polic{'y' if len(off) == 1 else 'ies'} that would start an investigation off: {names_of(off)}.",
            f"Turn the alert policies on in the portal, where alone it can be done: {ALERTS_LINK}",
        )
    if not there:
        return Finding(
            "alerts",
            UNKNOWN,
            "None of the alert policies that start investigations was found.",
            f"Look at the alert policies in the portal: {ALERTS_LINK}",
        )
    return Finding("alerts", COMPLIANT, f"{len(there)} alert policies that start investigations are on.")
