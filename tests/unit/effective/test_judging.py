# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a policy lacks, and where Microsoft's analyzer says otherwise."""

from __future__ import annotations

import pytest

from ansible_collections.m365.defender.plugins.module_utils._effective.judging import analyzed, shortfalls
from ansible_collections.m365.defender.plugins.module_utils._effective.recommended import ADVICE, advice_for
from ansible_collections.m365.defender.plugins.module_utils._errors import Forbidden
from tests.unit.effective.tenants import at

SPAM, LINKS, PHISH = "HostedContentFilterPolicy", "SafeLinksPolicy", "AntiPhishPolicy"


@pytest.mark.parametrize("noun", sorted({one.noun for one in ADVICE}))
def test_a_policy_as_recommended_lacks_nothing(noun):
    assert shortfalls(at(noun, "standard"), noun, "standard", "e5") == []
    assert shortfalls(at(noun, "strict"), noun, "strict", "e5") == []
    assert shortfalls(at(noun, "strict"), noun, "standard", "e5") == []
    different = {one.setting for one in advice_for(noun, "e5") if one.standard != one.strict}
    tags = {one.setting for one in advice_for(noun, "e5") if one.only_if and one.only_if[0] in different}
    assert {one["setting"] for one in shortfalls(at(noun, "standard"), noun, "strict", "e5")} == different - tags


def test_what_is_told_of_a_shortfall():
    row = {**at(LINKS, "standard"), "AllowClickThrough": True}
    (found,) = shortfalls(row, LINKS, "standard", "plan1")
    assert found == {"setting": "AllowClickThrough", "option": "allow_click_through", "has": True, "wanted": False, "allow_list": False}
    row = {**at(SPAM, "standard"), "AllowedSenders": [{"Sender": {"Address": "billing@adatum.com"}}]}
    (found,) = shortfalls(row, SPAM, "standard", "none")
    assert (found["has"], found["wanted"], found["allow_list"]) == (["billing@adatum.com"], [], True)


@pytest.mark.parametrize(
    ("noun", "settings", "lacking"),
    [
        (SPAM, {"SpamAction": "MoveToJmf", "SpamQuarantineTag": "Our own"}, []),
        (SPAM, {"SpamAction": "Quarantine", "SpamQuarantineTag": "Our own"}, ["SpamQuarantineTag"]),
        (SPAM, {"SpamAction": "Delete"}, ["SpamAction"]),
        (SPAM, {"BulkThreshold": 4, "QuarantineRetentionPeriod": 30}, []),
        (SPAM, {"BulkThreshold": 7}, ["BulkThreshold"]),
        (SPAM, {"IntraOrgFilterState": "Spam", "BlockedSenders": ["a@adatum.com"]}, []),
        (SPAM, {"IntraOrgFilterState": "Disabled"}, ["IntraOrgFilterState"]),
        (SPAM, {"MarkAsSpamWebBugsInHtml": "On"}, ["MarkAsSpamWebBugsInHtml"]),
        ("MalwareFilterPolicy", {"EnableFileFilter": False, "FileTypes": []}, ["EnableFileFilter"]),
        ("MalwareFilterPolicy", {"FileTypes": ["exe"]}, ["FileTypes"]),
        ("MalwareFilterPolicy", {"FileTypes": None}, ["FileTypes"]),
        ("MalwareFilterPolicy", {"FileTypes": None, "RecommendedPolicyType": "Strict"}, []),
        ("SafeAttachmentPolicy", {"Enable": False, "Action": "Allow"}, ["Enable"]),
        ("SafeAttachmentPolicy", {"Action": "DynamicDelivery"}, ["Action"]),
        ("SafeAttachmentPolicy", {"Redirect": True, "RedirectAddress": "a@contoso.com"}, ["Redirect", "RedirectAddress"]),
        ("SafeAttachmentPolicy", {"EnableBlockingEncryptedAttachments": True}, []),
        (PHISH, {"HonorDmarcPolicy": False, "DmarcRejectAction": "Quarantine"}, ["HonorDmarcPolicy"]),
        (PHISH, {"PhishThresholdLevel": 4, "MailboxIntelligenceProtectionAction": "Quarantine"}, []),
        (LINKS, {"AllowClickThrough": "True"}, ["AllowClickThrough"]),
        ("HostedOutboundSpamFilterPolicy", {"RecipientLimitPerDay": 0}, ["RecipientLimitPerDay"]),
        ("HostedOutboundSpamFilterPolicy", {"AutoForwardingMode": "Automatic"}, ["AutoForwardingMode"]),
    ],
)
def test_at_or_above(noun, settings, lacking):
    assert [one["setting"] for one in shortfalls({**at(noun, "standard"), **settings}, noun, "standard", "e5")] == lacking


def test_what_the_service_does_not_return_is_not_judged():
    row = at("SafeAttachmentPolicy", "strict")
    for setting in ("EnableBlockingEncryptedAttachments", "QuarantineTag", "Redirect"):
        del row[setting]
    assert shortfalls(row, "SafeAttachmentPolicy", "strict", "plan1") == []


def test_only_what_the_licences_bring():
    row = {**at(PHISH, "standard"), "PhishThresholdLevel": 1}
    assert shortfalls(row, PHISH, "standard", "none") == []
    assert len(shortfalls(row, PHISH, "standard", "plan1")) == 1


def line(group, policy, setting, **more):
    return {"PolicyGroup": group, "Policy": policy, "SettingName": setting, "CurrentConfiguration": "1", "Recommendation": "2", **more}


OURS = {**at(PHISH, "standard"), "Name": "Ours", "PhishThresholdLevel": 2}


@pytest.mark.parametrize(
    ("lines", "changes", "plan", "expected"),
    [
        ([line("Anti-Phishing", "ours", "PhishThresholdLevel")], {}, "plan1", []),
        ([], {}, "plan1", [("PhishThresholdLevel", "here", "does not list it")]),
        ([line("Anti-Phishing", "Ours", "PhishThresholdLevel")], {}, "none", [("PhishThresholdLevel", "microsoft", "do not bring it")]),
        (
            [line("Anti-Phishing", "Ours", "PhishThresholdLevel")],
            {"PhishThresholdLevel": 4},
            "plan1",
            [("PhishThresholdLevel", "microsoft", "at or above")],
        ),
        (
            [line("Anti-Phishing", "Ours", "SpoofQuarantineTag")],
            {"PhishThresholdLevel": 4},
            "plan1",
            [("SpoofQuarantineTag", "microsoft", "no effect while AuthenticationFailAction is MoveToJmf")],
        ),
        ([line("Anti-Phishing", "Standard Preset Security Policy17", "PhishThresholdLevel")], {"PhishThresholdLevel": 3}, "plan1", []),
    ],
)
def test_disagreement_with_the_analyzer(lines, changes, plan, expected):
    preset = {**at(PHISH, "standard"), "Name": "Standard Preset Security Policy17", "RecommendedPolicyType": "Standard"}
    built_in = {"Name": "Built-In Protection Policy", "IsBuiltInProtection": True, "ScanUrls": False}
    found = analyzed("standard", plan, lines, {PHISH: [{**OURS, **changes}, preset], LINKS: [built_in], SPAM: Forbidden("no")})
    assert (found["state"], found["listed"]) == ("read", len(lines))
    assert [(one["setting"], one["below_by"]) for one in found["disagreement"]] == [(name, by) for name, by, dummy in expected]
    for one, (dummy, dummy, words) in zip(found["disagreement"], expected, strict=True):
        assert words in one["because"]
        assert (one["noun"], one["policy"]) == (PHISH, "Ours")


def test_settings_by_other_names_are_not_compared():
    rows = {PHISH: [{**OURS, "PhishThresholdLevel": 3}]}
    found = analyzed("standard", "plan1", [line("Anti-Phishing", "Ours", "A new setting"), line("Other", "Ours", "x")], rows)
    assert found["disagreement"] == []
    assert found["not_compared"] == ["Anti-Phishing: A new setting", "Other: x"]


def test_an_analyzer_that_can_not_be_read():
    found = analyzed("strict", "plan1", Forbidden("no role"), {})
    assert (found["state"], found["reason"], found["disagreement"]) == ("unknown", "no role.", [])
