# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is recommended: against facts taken apart from the collection, and against the kinds that shall take it."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
import yaml
from ansible.errors import AnsibleFilterError

from ansible_collections.m365.defender.plugins.filter.recommended import FilterModule
from ansible_collections.m365.defender.plugins.module_utils._effective.comparing import (
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
from ansible_collections.m365.defender.plugins.module_utils._effective.recommended import ADVICE, NOUNS, PLANS, TARGETS, options_for
from ansible_collections.m365.defender.plugins.module_utils._registry import RESOURCES

FACTS = yaml.safe_load((Path(__file__).parent / "facts.yml").read_text(encoding="utf-8"))
KNOWN = {(noun, setting): fact for noun, settings in FACTS["settings"].items() for setting, fact in settings.items()}
# What an administrator has to fill in has no value.
COMPARABLE = {key for key, fact in KNOWN.items() if fact.get("recommended", True) and fact["standard"] != "<tenant list>"}
recommended = FilterModule().filters()["recommended"]


def plain(value):
    return list(value) if isinstance(value, tuple) else value


def test_every_recommendation_is_there_once_and_no_other():
    keys = [(one.noun, one.setting) for one in ADVICE]
    assert sorted(keys) == sorted(COMPARABLE)


@pytest.mark.parametrize("one", ADVICE, ids=lambda one: f"{one.noun}.{one.setting}")
def test_values_are_the_published_ones(one):
    fact = KNOWN[one.noun, one.setting]
    assert plain(one.standard) == fact["standard"]
    assert plain(one.strict) == fact["strict"]
    assert one.plan == fact["plan"]
    assert {"article": one.source.article, "date": one.source.date} == FACTS["articles"][fact["source"]]


@pytest.mark.parametrize("one", ADVICE, ids=lambda one: f"{one.noun}.{one.setting}")
def test_both_levels_reach_themselves_and_strict_reaches_standard(one):
    assert one.better(one.standard, one.standard)
    assert one.better(one.strict, one.strict)
    assert one.better(one.strict, one.standard)
    assert one.better(one.standard, one.strict) is equal(one.standard, one.strict)


@pytest.mark.parametrize("one", ADVICE, ids=lambda one: f"{one.noun}.{one.setting}")
def test_the_condition_of_a_setting_is_a_recommended_setting(one):
    if one.only_if:
        assert (one.noun, one.only_if[0]) in COMPARABLE


@pytest.mark.parametrize(
    ("order", "has", "wanted", "reached"),
    [
        (equal, "off", "Off", True),
        (equal, "On", "Off", False),
        (equal, "False", False, True),
        (equal, None, (), True),
        (equal, None, "", True),
        (equal, [{"Sender": {"Address": "a@fabrikam.com"}}], (), False),
        (equal, [{"Domain": "fabrikam.com"}], ["Fabrikam.com"], True),
        (on, True, True, True),
        (on, "True", True, True),
        (on, False, True, False),
        (on, None, True, False),
        (on, True, False, True),
        (off, False, False, True),
        (off, True, False, False),
        (off, None, False, True),
        (at_least, 4, 3, True),
        (at_least, 2, 3, False),
        (at_least, None, 3, False),
        (at_most, 5, 6, True),
        (at_most, 7, 6, False),
        (at_most, None, 6, False),
        (limited, 400, 500, True),
        (limited, 0, 500, False),
        (limited, 10000, 500, False),
        (containing, [".EXE", "vbs"], ("exe",), True),
        (containing, ["vbs"], ("exe",), False),
        (containing, None, ("exe",), False),
        (delivery, "Quarantine", "MoveToJmf", True),
        (delivery, "MoveToJmf", "Quarantine", False),
        (delivery, "NoAction", "MoveToJmf", False),
        (delivery, "AddXHeader", "MoveToJmf", False),
        (delivery, "Delete", "Quarantine", False),
        (delivery, "Redirect", "MoveToJmf", False),
        (quarantine, "AdminOnlyAccessPolicy", "DefaultFullAccessWithNotificationPolicy", True),
        (quarantine, "NotificationEnabledPolicy", "DefaultFullAccessWithNotificationPolicy", True),
        (quarantine, "DefaultFullAccessPolicy", "DefaultFullAccessWithNotificationPolicy", False),
        (quarantine, "DefaultFullAccessWithNotificationPolicy", "AdminOnlyAccessPolicy", False),
        (quarantine, "Our own policy", "DefaultFullAccessPolicy", False),
        (steps("Quarantine", "Reject"), "Reject", "Quarantine", True),
        (steps("Quarantine", "Reject"), "quarantine", "Reject", False),
    ],
)
def test_orders(order, has, wanted, reached):
    assert order(has, wanted) is reached


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("kind", NOUNS)
def test_plans_only_add(kind, target):
    found = [options_for(kind, target, plan) for plan in PLANS]
    assert all(less.items() <= more.items() for less, more in pairwise(found))


def test_what_each_plan_brings():
    brought = [set(recommended(list(NOUNS), "standard", plan)) for plan in PLANS]
    mail = {"malware_filter_policy", "hosted_content_filter_policy", "hosted_outbound_spam_filter_policy", "anti_phish_policy"}
    assert brought[0] == mail | {"hosted_connection_filter_policy", "admin_audit_log_config"}
    office = {"safe_links_policy", "safe_attachment_policy", "atp_policy_for_o365", "teams_protection_policy", "sharepoint_tenant"}
    assert brought[1] - brought[0] == office
    assert brought[2] - brought[1] == {"email_tenant_settings"}
    assert brought[3] == brought[2]
    assert set(recommended("atp_policy_for_o365", "standard", "plan2")) == {"enable_atp_for_spo_teams_odb"}
    assert set(recommended("atp_policy_for_o365", "standard", "e5")) > {"enable_safe_docs"}
    assert "phish_threshold_level" not in recommended("anti_phish_policy", "strict")


def test_what_people_fill_in_stays_unless_asked():
    kind = "hosted_content_filter_policy"
    assert not {"allowed_senders", "blocked_senders"} & set(recommended(kind, "strict"))
    cleared = recommended(kind, "strict", clear_allow_lists=True)
    assert cleared["allowed_senders"] == cleared["allowed_sender_domains"] == []
    assert "blocked_senders" not in cleared
    assert "targeted_users_to_protect" not in recommended("anti_phish_policy", "strict", "e5", clear_allow_lists=True)


@pytest.mark.parametrize("kind", sorted(set(NOUNS) & set(RESOURCES)))
def test_the_kinds_take_what_is_recommended(kind):
    part = RESOURCES[kind].parts[0]
    assert part.noun == NOUNS[kind]
    for target in TARGETS:
        for option, value in options_for(kind, target, "e5", clear_allow_lists=True).items():
            field = part.by_option[option]
            assert field.type.wrong(value) == ""
            assert value in field.type.spec().get("choices", [value])


@pytest.mark.parametrize("given", [("safe_linkz", "strict"), ("safe_links_policy", "lax"), ("safe_links_policy", "strict", "plan3")])
def test_a_wrong_word_is_told(given):
    with pytest.raises(AnsibleFilterError, match=r"m365\.defender\.recommended: .* there are "):
        recommended(*given)
