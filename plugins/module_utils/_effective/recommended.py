# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Microsoft recommends, setting by setting: Standard and Strict. Pure; private to the collection.

Only settings for which there is a recommendation stand here. What an administrator has to fill in (whom to protect from impersonation) has
no value to compare with and is left out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._effective.comparing import (
    Order,
    at_least,
    at_most,
    containing,
    delivery,
    equal,
    limited,
    off,
    on,
    quarantine,
    steps,
)
from ansible_collections.m365.defender.plugins.module_utils._resource import snake

TARGETS = ("standard", "strict")
# What a tenant may use, each with all before it: cloud mailboxes alone, Defender for Office 365 Plan 1 and 2, Safe Documents (E5).
PLANS = ("none", "plan1", "plan2", "e5")


@dataclass(frozen=True)
class Source:
    """Where a recommendation stands in public, and of when it is."""

    article: str
    date: str


TABLES = Source("MicrosoftDocs/defender-docs defender-office-365/recommended-settings-for-eop-and-office365.md", "2026-08-10")
CMDLETS = Source("MicrosoftDocs/office-docs-powershell exchange/exchange-ps/ExchangePowerShell", "2026-08-21")
CONNECTION = Source("cisagov/ScubaGear PowerShell/ScubaGear/baselines/securitysuite.md", "2026-08-20")  # Microsoft's tables have none of it
PRESETS = Source("cisagov/ScubaGear PowerShell/ScubaGear/Sample-Reports/ProviderSettingsExport.json", "2026-05-04")  # a tenant's presets


@dataclass(frozen=True)
class Advice:
    """One recommended setting. better: when another value is at or above it. plan: the first plan that has the setting.

    only_if: another setting and the value without which this one has no effect. allows: a list that people fill in and that lets mail past.
    written: whether it is written at all, not where no documented parameter does it nor where what people block would be lost.
    default: what a service has that does not return the setting.
    """

    noun: str
    setting: str
    standard: Any
    strict: Any
    better: Order
    plan: str = "none"
    source: Source = TABLES
    only_if: tuple[str, Any] | None = None
    allows: bool = False
    written: bool = True
    default: Any = None

    def value(self, target: str) -> Any:
        return self.strict if target == "strict" else self.standard


# What the common attachments filter blocks in the default policy and in both presets. [doc] anti-malware-protection-about
# fmt: off
FILE_TYPES = (
    "ace", "ani", "apk", "app", "appx", "arj", "bat", "cab", "cmd", "com", "deb", "dex", "dll", "docm", "elf", "exe", "hta", "img",
    "iso", "jar", "jnlp", "kext", "lha", "lib", "library", "lnk", "lzh", "macho", "msc", "msi", "msix", "msp", "mst", "pif", "ppa",
    "ppam", "reg", "rev", "scf", "scr", "sct", "sys", "uif", "vb", "vbe", "vbs", "vxd", "wsc", "wsf", "wsh", "xll", "xz", "z",
)
# fmt: on
ADMIN_ONLY, FULL, NOTIFIED = "AdminOnlyAccessPolicy", "DefaultFullAccessPolicy", "DefaultFullAccessWithNotificationPolicy"
# Advanced Spam Filter: settings that Microsoft recommends to leave off, although on stops more.
# fmt: off
ASF = (
    "IncreaseScoreWithImageLinks", "IncreaseScoreWithNumericIps", "IncreaseScoreWithRedirectToOtherPort",
    "IncreaseScoreWithBizOrInfoUrls", "MarkAsSpamEmptyMessages", "MarkAsSpamEmbedTagsInHtml", "MarkAsSpamJavaScriptInHtml",
    "MarkAsSpamFormTagsInHtml", "MarkAsSpamFramesInHtml", "MarkAsSpamWebBugsInHtml", "MarkAsSpamObjectTagsInHtml",
    "MarkAsSpamSensitiveWordList", "MarkAsSpamSpfRecordHardFail", "MarkAsSpamFromAddressAuthFail", "MarkAsSpamNdrBackscatter",
)
# fmt: on
# Which messages inside the organization are acted on; Default is high confidence phishing in commercial clouds. [doc]
INSIDE = steps("Disabled", ("Default", "HighConfidencePhish"), "Phish", "HighConfidenceSpam", "Spam")


def _all(noun: str, plan: str, *rows: tuple[Any, ...], source: Source = TABLES) -> Iterable[Advice]:
    """Advice of one noun: setting, Standard, Strict, order, and what is peculiar to it."""
    for setting, standard, strict, better, *more in rows:
        yield Advice(noun, setting, standard, strict, better, **{"plan": plan, "source": source, **(more[0] if more else {})})


def _when(setting: str, value: Any) -> dict[str, Any]:
    return {"only_if": (setting, value)}


def _tag(action: str) -> dict[str, Any]:
    """A quarantine policy counts only where the action is quarantine. [doc] quarantine-policies"""
    return _when(action, "Quarantine")


ADVICE: tuple[Advice, ...] = (
    *_all(
        "MalwareFilterPolicy",
        "none",
        ("EnableFileFilter", True, True, on),
        ("FileTypes", FILE_TYPES, FILE_TYPES, containing, _when("EnableFileFilter", True)),
        ("FileTypeAction", "Reject", "Reject", equal, _when("EnableFileFilter", True)),
        ("ZapEnabled", True, True, on),
        ("QuarantineTag", ADMIN_ONLY, ADMIN_ONLY, quarantine),
    ),
    *_all(
        "HostedContentFilterPolicy",
        "none",
        ("BulkThreshold", 6, 5, at_most),
        ("MarkAsSpamBulkMail", "On", "On", equal),
        ("TestModeAction", "None", "None", equal),
        ("SpamAction", "MoveToJmf", "Quarantine", delivery),
        ("SpamQuarantineTag", FULL, NOTIFIED, quarantine, _tag("SpamAction")),
        ("HighConfidenceSpamAction", "Quarantine", "Quarantine", delivery),
        ("HighConfidenceSpamQuarantineTag", NOTIFIED, NOTIFIED, quarantine, _tag("HighConfidenceSpamAction")),
        ("PhishSpamAction", "Quarantine", "Quarantine", delivery),
        ("PhishQuarantineTag", NOTIFIED, NOTIFIED, quarantine, _tag("PhishSpamAction")),
        ("HighConfidencePhishAction", "Quarantine", "Quarantine", delivery),
        ("HighConfidencePhishQuarantineTag", ADMIN_ONLY, ADMIN_ONLY, quarantine, _tag("HighConfidencePhishAction")),
        ("BulkSpamAction", "MoveToJmf", "Quarantine", delivery),
        ("BulkQuarantineTag", FULL, NOTIFIED, quarantine, _tag("BulkSpamAction")),
        # In preview: not every tenant has it.
        ("BulkMovesEnabled", "NotSet", "NotSet", equal, {"written": False, "default": "NotSet"}),
        ("IntraOrgFilterState", "Default", "Default", INSIDE),
        ("QuarantineRetentionPeriod", 30, 30, at_least),
        ("InlineSafetyTipsEnabled", True, True, on),
        ("PhishZapEnabled", True, True, on),
        ("SpamZapEnabled", True, True, on),
        ("AllowedSenders", (), (), equal, {"allows": True}),
        ("AllowedSenderDomains", (), (), equal, {"allows": True}),
        ("BlockedSenders", (), (), containing, {"written": False}),
        ("BlockedSenderDomains", (), (), containing, {"written": False}),
        *((name, "Off", "Off", equal) for name in ASF),
    ),
    *_all(
        "HostedOutboundSpamFilterPolicy",
        "none",
        ("RecipientLimitExternalPerHour", 500, 400, limited),
        ("RecipientLimitInternalPerHour", 1000, 800, limited),
        ("RecipientLimitPerDay", 1000, 800, limited),
        ("ActionWhenThresholdReached", "BlockUser", "BlockUser", steps("Alert", "BlockUserForToday", "BlockUser")),
        # Automatic means Off for organizations made since 2021 and can still mean On in older ones. [doc]
        ("AutoForwardingMode", "Off", "Off", steps("On", "Automatic", "Off")),
    ),
    *_all(
        "HostedConnectionFilterPolicy",
        "none",
        ("IPAllowList", (), (), equal, {"allows": True}),
        ("EnableSafeList", False, False, off),
        source=CONNECTION,
    ),
    *_all(
        "AntiPhishPolicy",
        "none",
        ("EnableSpoofIntelligence", True, True, on),
        ("HonorDmarcPolicy", True, True, on),
        ("DmarcQuarantineAction", "Quarantine", "Quarantine", delivery, _when("HonorDmarcPolicy", True)),
        ("DmarcRejectAction", "Reject", "Reject", steps("Quarantine", "Reject"), _when("HonorDmarcPolicy", True)),
        ("AuthenticationFailAction", "MoveToJmf", "Quarantine", delivery),
        ("SpoofQuarantineTag", FULL, NOTIFIED, quarantine, _tag("AuthenticationFailAction")),
        ("EnableFirstContactSafetyTips", True, True, on),
        ("EnableUnauthenticatedSender", True, True, on),
        ("EnableViaTag", True, True, on),
    ),
    *_all(
        "AntiPhishPolicy",
        "plan1",
        ("PhishThresholdLevel", 3, 4, at_least),
        ("EnableTargetedUserProtection", True, True, on),
        ("EnableOrganizationDomainsProtection", True, True, on),
        ("EnableTargetedDomainsProtection", True, True, on),
        ("ExcludedSenders", (), (), equal, {"allows": True}),
        ("ExcludedDomains", (), (), equal, {"allows": True}),
        ("EnableMailboxIntelligence", True, True, on),
        ("EnableMailboxIntelligenceProtection", True, True, on),
        ("TargetedUserProtectionAction", "Quarantine", "Quarantine", delivery),
        ("TargetedUserQuarantineTag", NOTIFIED, NOTIFIED, quarantine, _tag("TargetedUserProtectionAction")),
        ("TargetedDomainProtectionAction", "Quarantine", "Quarantine", delivery),
        ("TargetedDomainQuarantineTag", NOTIFIED, NOTIFIED, quarantine, _tag("TargetedDomainProtectionAction")),
        ("MailboxIntelligenceProtectionAction", "MoveToJmf", "Quarantine", delivery),
        ("MailboxIntelligenceQuarantineTag", FULL, NOTIFIED, quarantine, _tag("MailboxIntelligenceProtectionAction")),
        ("EnableSimilarUsersSafetyTips", True, True, on),
        ("EnableSimilarDomainsSafetyTips", True, True, on),
        ("EnableUnusualCharactersSafetyTips", True, True, on),
        # Not in the tables: what the presets have; a policy made by cmdlet starts with Manual.
        ("ImpersonationProtectionState", "Automatic", "Automatic", equal, {"source": PRESETS}),
    ),
    *_all(
        "AtpPolicyForO365",
        "plan1",
        ("EnableATPForSPOTeamsODB", True, True, on),
        ("EnableSafeDocs", True, True, on, {"plan": "e5"}),
        ("AllowSafeDocsOpen", False, False, off, {"plan": "e5"}),
    ),
    *_all(
        "SafeAttachmentPolicy",
        "plan1",
        ("Enable", True, True, on),
        ("Action", "Block", "Block", steps("Allow", "DynamicDelivery", "Block"), _when("Enable", True)),
        ("QuarantineTag", ADMIN_ONLY, ADMIN_ONLY, quarantine),
        ("Redirect", False, False, equal),
        ("RedirectAddress", "", "", equal, _when("Redirect", True)),
        # Newer than the parameter reference, and not in every tenant.
        ("EnableBlockingEncryptedAttachments", False, False, on, {"written": False, "default": False}),
        (
            "ExcludedTypesFromBlockingEncryptedAttachments",
            (),
            (),
            equal,
            {"written": False, **_when("EnableBlockingEncryptedAttachments", True)},
        ),
        (
            "QuarantineTagForBlockingEncryptedAttachments",
            NOTIFIED,
            NOTIFIED,
            quarantine,
            {"written": False, "default": NOTIFIED, **_when("EnableBlockingEncryptedAttachments", True)},
        ),
    ),
    *_all(
        "SafeLinksPolicy",
        "plan1",
        ("EnableSafeLinksForEmail", True, True, on),
        ("EnableForInternalSenders", True, True, on),
        ("ScanUrls", True, True, on),
        ("DeliverMessageAfterScan", True, True, on),
        ("DisableUrlRewrite", False, False, off),
        ("EnableSafeLinksForTeams", True, True, on),
        ("EnableSafeLinksForOffice", True, True, on),
        ("TrackClicks", True, True, on),
        ("AllowClickThrough", False, False, off),
    ),
    *_all(
        "TeamsProtectionPolicy",
        "plan1",
        ("ZapEnabled", True, True, on),
        ("MalwareQuarantineTag", ADMIN_ONLY, ADMIN_ONLY, quarantine),
        ("HighConfidencePhishQuarantineTag", ADMIN_ONLY, ADMIN_ONLY, quarantine),
    ),
    *_all("EmailTenantSettings", "plan2", ("EnablePriorityAccountProtection", True, True, on), source=CMDLETS),
    *_all("AdminAuditLogConfig", "none", ("UnifiedAuditLogIngestionEnabled", True, True, on), source=CMDLETS),
    *_all("SPOTenant", "plan1", ("DisallowInfectedFileDownload", True, True, on), source=CMDLETS),
)

# The kind of object that each noun is to a playbook: Microsoft's noun in our spelling, save where the collection has another name.
NOUNS = {("sharepoint_tenant" if one.noun == "SPOTenant" else snake(one.noun)): one.noun for one in ADVICE}


def advice_for(noun: str, plan: str) -> tuple[Advice, ...]:
    """The advice on one noun for what a tenant may use."""
    return tuple(one for one in ADVICE if one.noun == noun and PLANS.index(one.plan) <= PLANS.index(plan))


def options_for(kind: str, target: str, plan: str, clear_allow_lists: bool = False) -> dict[str, Any]:
    """The recommended options of a kind as a playbook gives them; {} when the licences bring nothing of it.

    clear_allow_lists: also empty the lists of those who are let past, which people fill in. Raises ValueError for a kind, target or plan
    that is none.
    """
    for word, words, what in ((kind, tuple(NOUNS), "kind with recommended settings"), (target, TARGETS, "target"), (plan, PLANS, "plan")):
        if word not in words:
            raise ValueError(f"{word!r} is no {what}; there are {', '.join(words)}")
    options = {}
    for one in advice_for(NOUNS[kind], plan):
        if one.written and (clear_allow_lists or not one.allows):
            value = one.value(target)
            options[snake(one.setting)] = list(value) if isinstance(value, tuple) else value
    return options
