# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From rows and wishes to operations: every decision of the planner, with no service near."""

from __future__ import annotations

from typing import ClassVar

import pytest

from ansible_collections.m365.defender.plugins.module_utils._errors import BadInput, Refused, TenantError
from ansible_collections.m365.defender.plugins.module_utils._export import export, left_behind, read_object
from ansible_collections.m365.defender.plugins.module_utils._plan import plan
from ansible_collections.m365.defender.plugins.module_utils._resource import Field, Life, Part, Rank, Resource, snake
from ansible_collections.m365.defender.plugins.module_utils._types import Bool, Int, Text
from ansible_collections.m365.defender.plugins.module_utils.resources.anti_phish_policy import ANTI_PHISH_POLICY
from ansible_collections.m365.defender.plugins.module_utils.resources.atp_policy_for_o365 import ATP_POLICY_FOR_O365
from ansible_collections.m365.defender.plugins.module_utils.resources.device_group import DEVICE_GROUP
from ansible_collections.m365.defender.plugins.module_utils.resources.protection_alert import PROTECTION_ALERT
from ansible_collections.m365.defender.plugins.module_utils.resources.safe_links_policy import SAFE_LINKS_POLICY

EMPTY = {"@odata.type": "#Exchange.GenericHashTable"}


def policy(name, **more):
    return {"Name": name, "Identity": name, "RecommendedPolicyType": "Custom", "IsBuiltInProtection": False, "DoNotRewriteUrls": [], **more}


def rule(name, of, priority, **more):
    conditions = {"SentTo": None, "SentToMemberOf": None, "RecipientDomainIs": ["contoso.com"]}
    return {
        "Name": name,
        "Identity": name,
        "SafeLinksPolicy": of,
        "Priority": priority,
        "State": "Enabled",
        "Comments": None,
        **conditions,
        **more,
    }


BUILT_IN = policy("Built-In Protection Policy", IsBuiltInProtection=True)


def rows(policies=(), rules=()):
    return {"SafeLinksPolicy": [BUILT_IN, *policies], "SafeLinksRule": list(rules)}


def operations(found, *wanted, resource=SAFE_LINKS_POLICY):
    return [(one.verb, one.noun, one.name, dict(one.parameters)) for one in plan(resource, found, wanted).operations]


def test_a_new_object_gets_policy_then_rule_with_what_is_wanted_only():
    found = operations(rows(), {"name": "Links", "scan_urls": True, "rule": {"sent_to": ["a@contoso.com"], "enabled": False}})
    assert found == [
        ("New", "SafeLinksPolicy", "Links", {"Name": "Links", "ScanUrls": True}),
        ("New", "SafeLinksRule", "Links", {"Name": "Links", "SafeLinksPolicy": "Links", "SentTo": ["a@contoso.com"], "Enabled": False}),
    ]


def test_set_carries_the_changed_fields_and_no_others():
    found = rows([policy("Links", ScanUrls=True, TrackClicks=True)])
    assert operations(found, {"name": "links", "scan_urls": True, "track_clicks": False}) == [
        ("Set", "SafeLinksPolicy", "Links", {"TrackClicks": False})
    ]


def test_what_is_left_out_is_left_alone():
    assert operations(rows([policy("Links", ScanUrls=False)]), {"name": "Links", "scan_urls": None}) == []


def test_a_rule_is_found_by_its_policy_whatever_it_is_called():
    found = rows([policy("Links")], [rule("Renamed long ago", "Links", 0)])
    assert operations(found, {"name": "Links", "rule": {"sent_to": ["a@contoso.com"], "enabled": False}}) == [
        ("Set", "SafeLinksRule", "Renamed long ago", {"SentTo": ["a@contoso.com"]}),
        ("Disable", "SafeLinksRule", "Renamed long ago", {}),
    ]


def test_a_rules_name_that_belongs_to_another_policy_is_refused_by_name():
    with pytest.raises(Refused, match='already belongs to "Other"'):
        plan(SAFE_LINKS_POLICY, rows([policy("Other")], [rule("Links", "Other", 0)]), [{"name": "Links", "rule": {"sent_to": ["a@b.c"]}}])


def test_an_orphan_rule_of_our_name_is_taken_over():
    found = rows([], [rule("Links", "Gone", 0)])
    assert operations(found, {"name": "Links", "rule": {"recipient_domain_is": ["contoso.com"]}}) == [
        ("New", "SafeLinksPolicy", "Links", {"Name": "Links"}),
        ("Set", "SafeLinksRule", "Links", {"SafeLinksPolicy": "Links"}),
    ]


def test_an_orphan_that_is_taken_over_goes_last_as_a_new_rule_does():
    found = rows([policy("A"), policy("B")], [rule("Links", "Gone", 0), rule("A", "A", 1), rule("B", "B", 2)])
    new, orphan = ({"name": name, "rule": {"recipient_domain_is": ["contoso.com"]}} for name in ("New", "Links"))
    taken = {"SafeLinksPolicy": "Links"}
    assert ("Set", "SafeLinksRule", "Links", {**taken, "Priority": 2}) in operations(found, orphan)
    assert ("Set", "SafeLinksRule", "Links", {**taken, "Priority": 3}) in operations(found, new, orphan)
    assert ("Set", "SafeLinksRule", "Links", {**taken, "Priority": 2}) in operations(found, orphan, new)
    first = {**orphan, "rule": {**orphan["rule"], "priority": 0}}
    assert operations(found, first)[-1][:2] == ("Order", "SafeLinksRule")


def test_absent_removes_the_rule_before_the_policy():
    found = rows([policy("Links")], [rule("Renamed", "Links", 0)])
    assert [one[:3] for one in operations(found, {"name": "Links", "state": "absent"})] == [
        ("Remove", "SafeLinksRule", "Renamed"),
        ("Remove", "SafeLinksPolicy", "Links"),
    ]


def test_absent_removes_a_rule_that_was_left_behind():
    assert [one[:2] for one in operations(rows([], [rule("Links", "Links", 0)]), {"name": "Links", "state": "absent"})] == [
        ("Remove", "SafeLinksRule")
    ]


def test_absent_twice_does_nothing():
    assert operations(rows(), {"name": "Links", "state": "absent"}) == []


def test_a_rule_alone_can_go():
    found = rows([policy("Links")], [rule("Links", "Links", 0)])
    assert [one[:2] for one in operations(found, {"name": "Links", "rule": {"state": "absent"}})] == [("Remove", "SafeLinksRule")]


def test_a_cleared_list_is_sent_in_the_form_that_clears_it():
    found = rows([policy("Links", DoNotRewriteUrls=["a.example"])], [rule("Links", "Links", 0, SentTo=["a@b.c"])])
    assert operations(found, {"name": "Links", "do_not_rewrite_urls": [], "rule": {"sent_to": []}}) == [
        ("Set", "SafeLinksPolicy", "Links", {"DoNotRewriteUrls": EMPTY}),
        ("Set", "SafeLinksRule", "Links", {"SentTo": None}),
    ]


def test_a_new_object_is_not_told_about_empty_values():
    assert operations(rows(), {"name": "Links", "do_not_rewrite_urls": [], "admin_display_name": ""}) == [
        ("New", "SafeLinksPolicy", "Links", {"Name": "Links"})
    ]


def test_what_only_set_takes_is_sent_after_new():
    thing = Resource("thing", "exchange", (Part("Thing", (Field("Now", Bool()), Field("Later", Text(), set_only=True))),), "thing")
    assert operations({"Thing": []}, {"name": "This", "now": True, "later": "words"}, resource=thing) == [
        ("New", "Thing", "This", {"Name": "This", "Now": True}),
        ("Set", "Thing", "This", {"Later": "words"}),
    ]


@pytest.mark.parametrize("more", [{"sent_to": []}, {"recipient_domain_is": []}])
def test_a_rule_without_condition_is_refused(more):
    found = rows([policy("Links")], [rule("Links", "Links", 0)] if "recipient_domain_is" in more else [])
    with pytest.raises(BadInput, match="at least one of sent_to, sent_to_member_of, recipient_domain_is"):
        plan(SAFE_LINKS_POLICY, found, [{"name": "Links", "rule": more}])


class TestGuards:
    def test_a_difference_is_refused_and_names_the_option(self):
        with pytest.raises(Refused, match=r"Built-in protection.*What differs: scan_urls"):
            plan(SAFE_LINKS_POLICY, rows(), [{"name": BUILT_IN["Name"], "scan_urls": True}])

    def test_equality_is_ok(self):
        built_in = policy("Built-In", IsBuiltInProtection=True, ScanUrls=True)
        assert operations({"SafeLinksPolicy": [built_in], "SafeLinksRule": []}, {"name": "Built-In", "scan_urls": True}) == []

    def test_removal_is_refused(self):
        with pytest.raises(Refused, match="Removing"):
            plan(SAFE_LINKS_POLICY, rows(), [{"name": BUILT_IN["Name"], "state": "absent"}])

    def test_the_default_policy_can_be_set_but_takes_no_rule(self):
        found = {
            "AntiPhishPolicy": [{"Name": "Default", "Identity": "Default", "IsDefault": True, "PhishThresholdLevel": 1}],
            "AntiPhishRule": [],
        }
        assert operations(found, {"name": "Default", "phish_threshold_level": 3}, resource=ANTI_PHISH_POLICY) == [
            ("Set", "AntiPhishPolicy", "Default", {"PhishThresholdLevel": 3})
        ]
        with pytest.raises(Refused, match="takes no rule"):
            plan(ANTI_PHISH_POLICY, found, [{"name": "Default", "rule": {"sent_to": ["a@b.c"]}}])

    def test_a_preset_lets_its_lists_be_changed_and_nothing_else(self):
        preset = {"Name": "P", "Identity": "P", "RecommendedPolicyType": "Strict", "ExcludedDomains": [], "EnableViaTag": True}
        found = {"AntiPhishPolicy": [preset], "AntiPhishRule": []}
        assert operations(found, {"name": "P", "excluded_domains": ["a.example"]}, resource=ANTI_PHISH_POLICY) == [
            ("Set", "AntiPhishPolicy", "P", {"ExcludedDomains": ["a.example"]})
        ]
        with pytest.raises(Refused, match="preset"):
            plan(ANTI_PHISH_POLICY, found, [{"name": "P", "enable_via_tag": False}])

    def test_a_system_alert_says_what_to_do(self):
        system = {"Name": "Reply-all storm", "Guid": "g", "IsSystemRule": True, "Disabled": False}
        with pytest.raises(Refused, match="custom one"):
            plan(PROTECTION_ALERT, {"ProtectionAlert": [system]}, [{"name": "Reply-all storm", "disabled": True}])

    def test_what_is_fixed_at_creation_is_refused_with_what_to_do(self):
        custom = {"Name": "Mine", "Guid": "g", "IsSystemRule": False, "ThreatType": "Activity"}
        with pytest.raises(Refused, match="threat_type can be set only when") as caught:
            plan(PROTECTION_ALERT, {"ProtectionAlert": [custom]}, [{"name": "Mine", "threat_type": "Malware"}])
        assert "state=absent" in caught.value.hint

    def test_what_new_needs_is_asked_for(self):
        with pytest.raises(BadInput, match="category is needed"):
            plan(PROTECTION_ALERT, {"ProtectionAlert": [{"Name": "x"}]}, [{"name": "Mine"}])


class TestOrder:
    found: ClassVar = rows([policy(name) for name in "ABC"], [rule(f"rule {name}", name, place) for place, name in enumerate("ABC")])

    def test_one_operation_for_all_places(self):
        plans = plan(SAFE_LINKS_POLICY, self.found, [{"name": "C", "rule": {"priority": 0}}, {"name": "A", "rule": {"priority": 2}}])
        assert [(one.verb, one.order) for one in plans.operations] == [
            ("Order", (("rule A", "rule B", "rule C"), ("rule C", "rule B", "rule A")))
        ]
        assert plans.before[0]["rule"]["priority"] == 2 and plans.after[0]["rule"]["priority"] == 0

    def test_the_place_that_is_right_needs_nothing(self):
        assert operations(self.found, {"name": "B", "rule": {"priority": 1}}) == []

    def test_numbers_with_gaps_are_an_order_all_the_same(self):
        gaps = rows([policy(name) for name in "AB"], [rule("A", "A", 3), rule("B", "B", 17)])
        assert operations(gaps, {"name": "B", "rule": {"priority": 1}}) == []

    def test_a_new_rule_goes_last_unless_it_has_a_place(self):
        wish = {"name": "D", "rule": {"sent_to": ["a@b.c"]}}
        assert [one[0] for one in operations(self.found, wish)] == ["New", "New"]
        wish["rule"]["priority"] = 0
        made = plan(SAFE_LINKS_POLICY, self.found, [wish]).operations[-1]
        assert made.order == (("rule A", "rule B", "rule C", "D"), ("D", "rule A", "rule B", "rule C"))

    def test_a_removed_rule_is_no_part_of_the_order(self):
        made = plan(SAFE_LINKS_POLICY, self.found, [{"name": "A", "state": "absent"}, {"name": "C", "rule": {"priority": 0}}]).operations
        assert [one.verb for one in made] == ["Remove", "Remove", "Order"]
        assert made[-1].order == (("rule B", "rule C"), ("rule C", "rule B"))

    def test_a_place_behind_the_end_is_refused_with_the_last_one(self):
        with pytest.raises(BadInput, match="the last place is 2"):
            plan(SAFE_LINKS_POLICY, self.found, [{"name": "B", "rule": {"priority": 3}}])

    def test_two_can_not_have_one_place(self):
        with pytest.raises(BadInput, match='"rule A" and "rule B"'):
            plan(SAFE_LINKS_POLICY, self.found, [{"name": one, "rule": {"priority": 1}} for one in "AB"])


class TestSingletons:
    def test_the_one_row_is_it_whatever_its_name(self):
        found = {"AtpPolicyForO365": [{"Identity": "Something", "EnableSafeDocs": False}]}
        assert operations(found, {"enable_safe_docs": True}, resource=ATP_POLICY_FOR_O365) == [
            ("Set", "AtpPolicyForO365", "", {"EnableSafeDocs": True})
        ]

    @pytest.mark.parametrize("resource", [ATP_POLICY_FOR_O365, DEVICE_GROUP, PROTECTION_ALERT])
    def test_an_empty_list_is_a_failed_reading(self, resource):
        wish = {} if resource.single else {"name": "x"}
        with pytest.raises(TenantError, match="although there is always at least one"):
            plan(resource, {part.noun: [] for part in resource.parts}, [wish])


class TestDeviceGroups:
    default: ClassVar = {
        "MachineGroupId": 1,
        "Name": "",
        "IsUnassignedMachineGroup": True,
        "Priority": 2147483647,
        "AutoRemediationLevel": 1,
    }
    servers: ClassVar = {
        "MachineGroupId": 7,
        "Name": "Servers",
        "IsUnassignedMachineGroup": False,
        "Priority": 1,
        "AutoRemediationLevel": 1,
    }

    def test_the_default_group_goes_by_the_portals_name(self):
        found = {"machine_groups": [self.servers, self.default]}
        wish = {"name": "ungrouped devices (default)", "automation_level": "full"}
        assert operations(found, wish, resource=DEVICE_GROUP) == [
            ("Set", "machine_groups", "Ungrouped devices (default)", {"AutoRemediationLevel": 3})
        ]

    def test_it_has_no_rank(self):
        with pytest.raises(Refused, match="outside of the ordering"):
            plan(DEVICE_GROUP, {"machine_groups": [self.servers, self.default]}, [{"name": "Ungrouped devices (default)", "rank": 1}])

    def test_matching_rules_are_compared_as_facts(self):
        rules = [
            {"Property": 0, "OperatorType": 0, "PropertyValue": ""},
            {"Property": 2, "OperatorType": 2, "PropertyValue": "b"},
            {"Property": 2, "OperatorType": 2, "PropertyValue": "a"},
            {"Property": 3, "OperatorType": 4, "PropertyValue": '["Windows11","Windows10"]'},
            {"Property": 4, "OperatorType": 0, "PropertyValue": ""},
        ]
        found = {"machine_groups": [{**self.servers, "GroupRules": rules}, self.default]}
        wish = [
            {"property": "os", "operator": "in", "values": ["windows10", "Windows11"]},
            {"property": "tag", "operator": "equals", "values": ["a", "b"]},
        ]
        assert operations(found, {"name": "Servers", "matching_rules": wish}, resource=DEVICE_GROUP) == []
        wish[1]["values"] = ["a"]
        sent = operations(found, {"name": "Servers", "matching_rules": wish}, resource=DEVICE_GROUP)[0][3]["GroupRules"]
        assert sent == [
            {"Property": 0, "OperatorType": 0, "PropertyValue": ""},
            {"Property": 1, "OperatorType": 0, "PropertyValue": ""},
            {"Property": 2, "OperatorType": 2, "PropertyValue": "a"},
            {"Property": 3, "OperatorType": 4, "PropertyValue": '["windows10","Windows11"]'},
            {"Property": 4, "OperatorType": 0, "PropertyValue": ""},
        ]

    @pytest.mark.parametrize(
        ("rules", "words"),
        [
            ([{"property": "os", "operator": "equals", "values": ["x"]}], "operator=in"),
            ([{"property": "tag", "operator": "in", "values": ["x"]}], "operator=in"),
            ([{"property": "tag", "operator": "equals", "values": []}], "must have values"),
            ([{"property": "tag", "operator": "equals", "values": list("abcdefghijk")}], "at most 10 values"),
        ],
    )
    def test_impossible_rules_are_refused(self, rules, words):
        assert words in DEVICE_GROUP.wrong({"name": "Servers", "matching_rules": rules})[0]


class TestWishes:
    def test_the_same_object_twice_is_refused(self):
        with pytest.raises(BadInput, match="wanted twice"):
            plan(SAFE_LINKS_POLICY, rows(), [{"name": "Links"}, {"name": "LINKS"}])

    @pytest.mark.parametrize(
        ("wish", "words"),
        [
            ({"name": " "}, "name must not be empty"),
            ({"name": "x", "state": "absent", "scan_urls": True}, "state=absent and scan_urls exclude each other"),
            ({"name": "x", "rule": {"state": "absent", "enabled": True}}, "rule.state=absent and rule.enabled exclude each other"),
            ({"name": "x", "rule": {"priority": -1}}, "rule.priority must be at least 0"),
            ({"name": "x", "rule": {"comments": "x" * 1025}}, "rule.comments must have at most 1024 characters"),
        ],
    )
    def test_impossible_wishes_are_named(self, wish, words):
        assert words in SAFE_LINKS_POLICY.wrong(wish)[0]


class TestExport:
    found: ClassVar = rows(
        [policy("A", ScanUrls=True), policy("Preset", RecommendedPolicyType="Strict")],
        [rule("renamed", "A", 5, State="Disabled"), rule("orphan", "Gone", 2)],
    )

    def test_rules_whose_policy_is_gone_are_told_beside_it(self):
        gone = left_behind(SAFE_LINKS_POLICY, self.found)
        assert [(one["name"], one["enabled"], one["priority"]) for one in gone] == [("orphan", True, 0)]

    def test_what_is_exported_plans_to_nothing(self):
        exported = export(SAFE_LINKS_POLICY, self.found, built_in=True)
        assert [one["name"] for one in exported] == ["Built-In Protection Policy", "A", "Preset"]
        assert plan(SAFE_LINKS_POLICY, self.found, exported).operations == ()

    def test_what_nobody_can_change_is_left_out_unless_asked_for(self):
        assert [one["name"] for one in export(SAFE_LINKS_POLICY, self.found)] == ["A"]

    def test_an_object_shows_its_rule_with_state_and_place(self):
        now = read_object(SAFE_LINKS_POLICY, self.found, "a")
        assert now["rule"]["enabled"] is False and now["rule"]["priority"] == 1


class TestDescriptions:
    @pytest.mark.parametrize(
        ("wire", "option"),
        [
            ("EnableATPForSPOTeamsODB", "enable_atp_for_spo_teams_odb"),
            ("DoNotRewriteUrls", "do_not_rewrite_urls"),
            ("ExceptIfSentToMemberOf", "except_if_sent_to_member_of"),
        ],
    )
    def test_option_names_are_microsofts_in_our_spelling(self, wire, option):
        assert snake(wire) == option

    @pytest.mark.parametrize(
        "parts",
        [
            (),
            (Part("A", (Field("X", Bool()), Field("X", Bool()))),),
            (Part("A", (Field("Name", Text()),)),),
            (Part("A", (Field("X", Bool(), create_only=True, set_only=True),)),),
            (Part("A", (Field("X", Bool()),), left_out={"X": "why"}),),
            (Part("A", (Field("X", Bool()),), one_of=("Y",)),),
            (Part("A", ()), Part("B", (Field("X", Int()),))),
            (Part("A", (), life=Life.FIXED, rank=Rank()),),
        ],
    )
    def test_impossible_descriptions_are_refused(self, parts):
        with pytest.raises(ValueError, match="x"):
            Resource("x", "exchange", parts, "x")
