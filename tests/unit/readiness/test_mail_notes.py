# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one should know besides the verdict of step 3."""

from __future__ import annotations

import pytest

from ansible_collections.m365.defender.plugins.module_utils._readiness.judge import judge
from ansible_collections.m365.defender.plugins.module_utils._readiness.mail_notes import further, shown

PRODUCTS = {"exchange_online": True, "defender_for_office_365": "plan2"}


def alert(**changed):
    return {"name": "Suspicious connector activity", "system": True, "disabled": True, "category": "ThreatManagement", **changed}


def alerts(*policies):
    return {"alerts": {"policies": [{"starts_investigation": False, **one} for one in policies], "switched_off": []}}


def analyzer(target="standard", **said):
    return {"effective_protection": {"config_analyzer": {target: {"state": "read", "reason": "", "disagreement": [], **said}}}}


def disagreement(*settings):
    return [{"policy": "Default", "setting": one, "because": "It has no effect."} for one in settings]


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"decided": {"few_licences": [{"scope": "all", "licences": 10, "mailboxes": 90}]}}, ("10 licences", "90 a mailbox", "(all)")),
        (
            {
                "decided": {
                    "weaker": [
                        {
                            "kind": "hosted_content_filter_policy",
                            "scope": "all",
                            "instead_of": "Default",
                            "settings": [{"option": "bulk_threshold", "has": 3, "wanted": 6}, {"option": "x", "has": ["a"], "wanted": []}],
                        }
                    ]
                }
            },
            ("for all (hosted_content_filter_policy)", "than Default", "bulk_threshold 3 -> 6, x 1 member -> 0 members.", "overrides"),
        ),
        (
            {"decided": {"few_licences": [{"scope": "all", "licences": 10, "mailboxes": 90, "name_in": "scopes"}]}},
            ("give those who have one a scope of their own",),
        ),
        (
            {"decided": {"assigned": [{"preset": "standard", "scope": "all", "to": "pilot@contoso.com", "mechanism": "custom"}]}},
            ("The Standard preset is on for pilot@contoso.com, which is left as it is; all gets policies of ours",),
        ),
        (
            {"decided": {"not_in_preset": [{"kind": "safe_links_policy", "scope": "all", "options": ["track_clicks"]}]}},
            ("Not followed for all, because a preset takes no settings: safe_links_policy.track_clicks.",),
        ),
        (
            {"decided": {"not_included": [{"kind": "hosted_connection_filter_policy", "options": ["x"], "include": "include_default"}]}},
            ("asked for that policy: hosted_connection_filter_policy.x. email_protection_include_default: true does.",),
        ),
        (
            {"files": {"changed": True}, "presets": {"changed": True}, "audit_log": {"changed": False}},
            ("set these back", "can't be told", ": Microsoft's presets, Safe Attachments for SharePoint, OneDrive and Teams."),
        ),
        (alerts(alert()), ("start no investigation and are off: Suspicious connector activity",)),
        ({"decided": {"unaccompanied": ["x", "y"]}}, ("2 alert policies", "https://security.microsoft.com/alertpoliciesv2")),
        ({"seen_standard": analyzer(state="unknown", reason="403")}, ("could not be read", "Standard: 403")),
        (
            {"seen_strict": analyzer("strict", disagreement=disagreement("A", "B", "C"))},
            ("sees 3 settings otherwise, held against Strict. Default, A: It has no effect. Default, B: ", "The others stand in"),
        ),
    ],
)
def test_it_is_said(facts, words):
    (note,) = further(facts)
    for word in words:
        assert word in note
    assert note in judge("email_protection", {"licenses": {"licenses": {"products": PRODUCTS}}, **facts}).notes


@pytest.mark.parametrize(
    "facts",
    [
        {},
        alerts(alert(disabled=False)),
        alerts(alert(system=False)),
        alerts(alert(category="DataGovernance")),
        alerts(alert(starts_investigation=True)),  # which is a finding, not a note
        {"alerts": {"failed": True, "msg": "403"}},
        {"seen_standard": analyzer()},
        {"seen_standard": analyzer("strict", disagreement=disagreement("A"))},  # that target was not aimed at
        {"seen_standard": {"skipped": True}},
    ],
)
def test_there_is_nothing_to_say(facts):
    assert further(facts) == []


def test_what_was_seen_after_the_changes_counts():
    before, after = analyzer(disagreement=disagreement("A", "B")), analyzer(disagreement=disagreement("A"))
    assert "sees 1 setting otherwise" in further({"seen_standard": before, "after_standard": after})[0]


def test_a_policy_of_a_preset_is_called_after_the_preset():
    assert shown("Strict Preset Security Policy1722837870700") == "Strict Preset Security Policy"
    assert shown("Policy1722837870700") == "Policy1722837870700"
    assert shown(None) == "no policy"


def test_a_preset_that_is_in_the_way_is_named_with_what_to_do():
    threat = {
        "title": "Anti-spam",
        "state": "known",
        "reason": "",
        "at_target": False,
        "policies": [
            {"policy": "Standard Preset Security Policy17", "by": "standard", "at_target": False, "shortfalls": [], "recipients": ["x"]}
        ],
    }
    subject = {"kind": "domain", "subject": "contoso.com", "threats": {"hosted_content_filter_policy": threat}}
    facts = {"licenses": {"licenses": {"products": PRODUCTS}}, "decided": {"config": {"hosted_content_filter_policy": []}}}
    for check in (True, False):
        found = judge("email_protection", {**facts, "seen": {"strict": [subject, subject]}}, check)
        assert "contoso.com gets Standard Preset Security Policy, below Strict, and so does 1 more." in found.evidence
        assert "The Standard preset goes before every other policy." in found.remedy
        assert "Strict preset too" in found.remedy
