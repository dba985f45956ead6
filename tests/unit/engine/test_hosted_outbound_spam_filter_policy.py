# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is peculiar to outbound anti-spam policies: rules by sender, limits of zero, a removal that does not ask."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ansible_collections.m365.defender.plugins.module_utils._errors import BadInput, Refused
from ansible_collections.m365.defender.plugins.module_utils._export import export
from ansible_collections.m365.defender.plugins.module_utils._plan import plan
from ansible_collections.m365.defender.plugins.module_utils.resources.hosted_outbound_spam_filter_policy import (
    HOSTED_OUTBOUND_SPAM_FILTER_POLICY as OUTBOUND,
)

NOUNS = json.loads((Path(__file__).parents[3] / "emulator" / "tables" / "objects.json").read_text())["nouns"]
DEFAULT = NOUNS["HostedOutboundSpamFilterPolicy"]["fresh"][0]
OTHER = {**DEFAULT, "Name": "Other", "Identity": "Other", "IsDefault": False}
RULE = {
    **NOUNS["HostedOutboundSpamFilterRule"]["new"],
    "Name": "A",
    "Identity": "A",
    "HostedOutboundSpamFilterPolicy": "Other",
    "Priority": 0,
}
ROWS = {"HostedOutboundSpamFilterPolicy": [DEFAULT, OTHER], "HostedOutboundSpamFilterRule": [{**RULE, "From": ["adele@contoso.com"]}]}


def planned(*wanted):
    return [(one.verb, one.noun, dict(one.parameters)) for one in plan(OUTBOUND, ROWS, wanted).operations]


def test_the_default_policy_reads_limits_of_zero_and_off_and_is_like_any_other():
    assert (DEFAULT["RecipientLimitPerDay"], DEFAULT["Enabled"]) == (0, False)
    assert export(OUTBOUND, ROWS)[0]["recipient_limit_per_day"] == 0
    assert "enabled" not in export(OUTBOUND, ROWS)[0]
    assert planned({"name": "Default", "recipient_limit_per_day": 0}) == []
    wish = {"name": "Default", "recipient_limit_per_day": 1000, "auto_forwarding_mode": "Off"}
    assert planned(wish) == [("Set", "HostedOutboundSpamFilterPolicy", {"AutoForwardingMode": "Off", "RecipientLimitPerDay": 1000})]
    with pytest.raises(Refused, match="takes no rule"):
        planned({"name": "Default", "rule": {"from": ["a@contoso.com"]}})


def test_rules_choose_by_sender():
    options = set(OUTBOUND.spec["rule"]["options"])
    assert {
        "from",
        "from_member_of",
        "sender_domain_is",
        "except_if_from",
        "except_if_from_member_of",
        "except_if_sender_domain_is",
    } <= options
    assert not options & {"sent_to", "sent_to_member_of", "recipient_domain_is"}
    assert planned({"name": "Other", "rule": {"from": ["Adele@contoso.com"], "except_if_from_member_of": ["a@contoso.com"]}}) == [
        ("Set", "HostedOutboundSpamFilterRule", {"ExceptIfFromMemberOf": ["a@contoso.com"]})
    ]


def test_a_rule_keeps_one_condition():
    with pytest.raises(BadInput, match="from, from_member_of, sender_domain_is"):
        planned({"name": "Other", "rule": {"from": []}})
    assert planned({"name": "Other", "rule": {"from": [], "sender_domain_is": ["contoso.com"]}})


def test_the_removal_of_the_policy_takes_no_confirmation_but_that_of_its_rule_does():
    assert planned({"name": "Other", "state": "absent"}) == [
        ("Remove", "HostedOutboundSpamFilterRule", {"Confirm": False}),
        ("Remove", "HostedOutboundSpamFilterPolicy", {}),
    ]


def test_names_and_limits_have_bounds():
    assert OUTBOUND.wrong({"name": "x" * 65}) == ["name must have at most 64 characters, not 65"]
    assert OUTBOUND.wrong({"name": "x" * 64, "recipient_limit_per_day": 10000, "recipient_limit_internal_per_hour": 0}) == []
    assert OUTBOUND.wrong({"name": "x", "recipient_limit_per_day": 10001}) == ["recipient_limit_per_day must be at most 10000, not 10001"]
