# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role email_protection writes, and what it leaves alone."""

from __future__ import annotations

import re
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.m365.defender.plugins.plugin_utils._found import CONNECTION, OUTBOUND, SCOPED, SINGLE
from ansible_collections.m365.defender.plugins.plugin_utils._marks import contested, digest, is_ours, mark
from ansible_collections.m365.defender.plugins.plugin_utils._protection import protection
from ansible_collections.m365.defender.plugins.plugin_utils._wishes import OVERRIDDEN, Wishes

KIND = "safe_links_policy"
EVERYBODY = "m365.defender Standard - all domains"
NOTHING = dict.fromkeys([*SCOPED, "atp_policy_for_o365"], ())


def wishes(**changed):
    return Wishes(**{"plan": "plan2", "mechanism": "custom", "domains": ["contoso.com"], **changed})


def there(*objects, kind=KIND, **others):
    return {**NOTHING, kind: list(objects), **others}


def made(found, kind=KIND):
    """The objects as they stand once they were written, with their rules in the order of their making."""
    return [
        {**one, "rule": {**one["rule"], "priority": place}} for place, one in enumerate(found.config[kind]) if one.get("state") != "absent"
    ]


def subject(*policies, fine=True):
    """What effective_protection_info says of our domain, by the policies that its recipients get."""
    threat = {"at_target": fine, "policies": [{"policy": name, "by": "custom"} for name in policies]}
    return {"kind": "domain", "subject": "Contoso.com", "threats": {KIND: threat}}


class TestNothingThere:
    found = protection(NOTHING, wishes())

    def test_every_kind_gets_one_policy_for_everybody(self):
        assert set(self.found.config) == {*SCOPED, "atp_policy_for_o365"}
        for kind in SCOPED:
            (one,) = self.found.config[kind]
            assert one["name"] == EVERYBODY and is_ours(one, "m365.defender")
            assert {option: value for option, value in one["rule"].items() if value and option != "comments"} == {
                "recipient_domain_is": ["contoso.com"],
                "enabled": True,
            }

    def test_a_new_policy_is_made_with_its_zero_hour_auto_purge(self):
        assert self.found.purge == {}
        assert self.found.config["malware_filter_policy"][0]["zap_enabled"] is True

    def test_a_second_look_wants_the_very_same(self):
        again = protection({kind: made(self.found, kind) for kind in SCOPED}, wishes())
        assert {kind: [one["name"] for one in again.config[kind]] for kind in SCOPED} == {kind: [EVERYBODY] for kind in SCOPED}
        assert again.contested == [] and "priority" not in again.config[KIND][0]["rule"]
        assert again.purge["hosted_content_filter_policy"] == [{"name": EVERYBODY, "phish_zap_enabled": True, "spam_zap_enabled": True}]


@pytest.mark.parametrize(
    ("plan", "kinds"),
    [
        ("none", {"malware_filter_policy", "hosted_content_filter_policy", "anti_phish_policy"}),
        ("plan1", {*SCOPED, "atp_policy_for_o365"}),
        ("e5", {*SCOPED, "atp_policy_for_o365"}),
    ],
)
def test_only_what_the_licences_bring_is_written_and_the_rest_is_told(plan, kinds):
    found = protection(NOTHING, wishes(plan=plan))
    assert set(found.config) == kinds
    told = {one["kind"]: one["needs"] for one in found.not_applicable}
    assert ("safe_links_policy" in told) == (plan == "none")
    if plan == "none":
        assert told["safe_links_policy"] == "plan1" and told["email_tenant_settings"] == "plan2"


def test_settings_that_a_licence_would_bring_to_a_kind_are_told_too():
    by_plan = {
        plan: {one["kind"]: one for one in protection(NOTHING, wishes(plan=plan)).not_applicable} for plan in ("none", "plan2", "e5")
    }
    impersonation, documents = by_plan["none"]["anti_phish_policy"], by_plan["plan2"]["atp_policy_for_o365"]
    assert (impersonation["needs"], impersonation["whole"]) == ("plan1", False)
    assert "EnableTargetedUserProtection" in impersonation["settings"] and "EnableSpoofIntelligence" not in impersonation["settings"]
    assert (documents["needs"], documents["whole"]) == ("e5", False)
    assert sorted(documents["settings"]) == ["AllowSafeDocsOpen", "EnableSafeDocs"]
    assert by_plan["none"]["atp_policy_for_o365"]["whole"] is True
    assert by_plan["e5"] == {}


def sku(enabled, consumed, *plans, warning=0):
    return {"plans": list(plans), "units": {"enabled": enabled, "warning": warning, "suspended": 0}, "consumed": consumed}


MAILBOXES = sku(100, 90, "EXCHANGE_S_ENTERPRISE")


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        ({"safe_linkspolicy": {}}, "nothing to override in safe_linkspolicy; there are malware_filter_policy"),
        ({"sharepoint_tenant": {}}, "nothing to override in sharepoint_tenant"),
        ({KIND: {"rewrite_everything": True}}, "safe_links_policy.rewrite_everything is none; there are"),
        ({KIND: {"name": "Mine"}}, "safe_links_policy.name is none"),
        ({KIND: {"admin_display_name": "mine"}}, "safe_links_policy.admin_display_name is none"),
        ({KIND: {"track_clicks": "perhaps"}}, "the overrides of safe_links_policy: argument 'track_clicks'"),
        ({"hosted_content_filter_policy": {"spam_action": "Shred"}}, "value of spam_action must be one of"),
        ({"anti_phish_policy": {"phish_threshold_level": 5}}, "must be at most 4"),
    ],
)
def test_overrides_that_are_none_are_refused(overrides, words):
    with pytest.raises(ValueError, match=re.escape(words)):
        wishes(overrides=overrides)


def test_every_kind_that_the_role_writes_can_be_overridden():
    assert set(OVERRIDDEN) == {*SCOPED, *SINGLE, OUTBOUND, CONNECTION}


class TestLicencesThatDoNotGoRound:
    few: ClassVar = [MAILBOXES, sku(10, 10, "ATP_ENTERPRISE")]

    def test_whole_domains_are_named(self):
        found = protection(NOTHING, wishes(skus=self.few))
        assert found.few_licences == [{"scope": "all domains", "licences": 10, "mailboxes": 90, "name_in": "licensed_users"}]

    @pytest.mark.parametrize(
        "enough",
        [
            [],
            [sku(100, 90, "EXCHANGE_S_ENTERPRISE", "ATP_ENTERPRISE", "THREAT_INTELLIGENCE")],
            [MAILBOXES, sku(90, 0, "THREAT_INTELLIGENCE")],
            [MAILBOXES, sku(80, 0, "ATP_ENTERPRISE", warning=10)],
            [MAILBOXES, sku(50, 50, "ATP_ENTERPRISE"), sku(40, 0, "THREAT_INTELLIGENCE_GOV")],
        ],
    )
    def test_where_there_are_enough_nothing_is_said(self, enough):
        assert protection(NOTHING, wishes(skus=enough)).few_licences == []

    def test_those_who_have_one_may_be_named(self):
        assert protection(NOTHING, wishes(skus=self.few, licensed_users="licensed@contoso.com")).few_licences == []
        scopes = [{"name": "some", "sent_to_member_of": ["licensed@contoso.com"]}, {"name": "all", "recipient_domain_is": ["contoso.com"]}]
        assert [one["scope"] for one in protection(NOTHING, wishes(skus=self.few, scopes=scopes)).few_licences] == ["all"]

    def test_where_scopes_are_named_so_are_those_who_have_one(self):
        (one,) = protection(NOTHING, wishes(skus=self.few, scopes=[{"name": "all", "recipient_domain_is": ["contoso.com"]}])).few_licences
        assert one["name_in"] == "scopes"

    def test_a_preset_can_not_be_for_some_with_some_of_its_policies(self):
        with pytest.raises(ValueError, match=r"not for licensed@contoso\.com with some of them"):
            wishes(licensed_users="licensed@contoso.com", mechanism="preset")
        wishes(licensed_users="licensed@contoso.com", mechanism="preset", scopes=[{"name": "x", "sent_to": ["a@contoso.com"]}])

    def test_auto_makes_policies_then(self):
        existing = {**NOTHING, "preset_security_policy": [{"name": "standard", "enabled": False}]}
        found = protection(existing, wishes(licensed_users="licensed@contoso.com", mechanism="auto"))
        assert found.mechanisms == {"all domains": "custom"} and "preset_security_policy" not in found.config
        assert found.config[KIND][0]["rule"]["sent_to_member_of"] == ["licensed@contoso.com"]

    @pytest.mark.parametrize("changed", [{"plan": "none"}, {"mechanism": "none"}])
    def test_where_nothing_needs_a_licence_nothing_is_said(self, changed):
        assert protection(NOTHING, wishes(skus=self.few, **changed)).few_licences == []


class TestOthers:
    def test_a_policy_of_our_name_without_the_mark_is_left_alone(self):
        found = protection(there({"name": EVERYBODY, "rule": {"enabled": True}}), wishes())
        assert KIND not in found.config and found.foreign == [{"kind": KIND, "name": EVERYBODY}]

    def test_unless_it_is_to_be_adopted(self):
        found = protection(there({"name": EVERYBODY, "rule": {"enabled": True}}), wishes(adopt=True))
        assert is_ours(found.config[KIND][0], "m365.defender")

    def test_another_owners_mark_is_not_ours(self):
        assert not is_ours({"admin_display_name": mark("m365.defender2")}, "m365.defender")

    def test_a_policy_of_ours_that_is_not_wanted_any_more_goes(self):
        standard = made(protection(NOTHING, wishes()))
        found = protection(there(*standard), wishes(target="strict"))
        assert [(one["name"], one.get("state")) for one in found.config[KIND]] == [
            ("m365.defender Strict - all domains", None),
            (EVERYBODY, "absent"),
        ]

    def test_a_scope_that_somebody_else_covers_well_enough_is_not_written(self):
        found = protection(NOTHING, wishes(), {"standard": [subject("Theirs")]})
        assert KIND not in found.config and found.covered == [{"kind": KIND, "scope": "all domains", "by": "Theirs"}]

    @pytest.mark.parametrize("seen", [{"standard": [subject("Theirs", fine=False)]}, {"standard": [subject("Theirs", fine=None)]}, {}])
    def test_a_scope_that_nobody_is_known_to_cover_is_written(self, seen):
        assert protection(NOTHING, wishes(), seen).config[KIND]

    def test_what_people_let_past_by_lists_is_no_reason_to_write_over_theirs(self):
        one = subject("Theirs", fine=False)
        one["threats"][KIND]["policies"][0].update(at_target=False, shortfalls=[{"setting": "AllowedSenders", "allow_list": True}])
        assert protection(NOTHING, wishes(), {"standard": [one]}).covered
        one["threats"][KIND]["policies"][0]["shortfalls"].append({"setting": "TrackClicks", "allow_list": False})
        assert not protection(NOTHING, wishes(), {"standard": [one]}).covered

    @pytest.mark.parametrize(
        "more",
        [
            {"overrides": {KIND: {"custom_notification_text": "Ask the desk"}}},
            {"overlays": [{"name": "x", "settings": {KIND: {"custom_notification_text": "Ask the desk"}}}]},
        ],
    )
    def test_what_is_wished_for_beyond_the_target_needs_a_policy_of_ours(self, more):
        found = protection(NOTHING, wishes(**more), {"standard": [subject("Theirs")]})
        assert found.config[KIND][0]["custom_notification_text"] == "Ask the desk"

    def test_another_targets_answer_says_nothing(self):
        assert protection(NOTHING, wishes(), {"strict": [subject("Theirs")]}).config[KIND]

    @pytest.mark.parametrize("names", [[EVERYBODY], [EVERYBODY, "Theirs"]])
    def test_a_scope_that_needs_our_own_policy_is_kept_up(self, names):
        ours = made(protection(NOTHING, wishes()))
        assert protection(there(*ours), wishes(), {"standard": [subject(*names)]}).config[KIND]

    def test_policies_of_ours_for_other_scopes_may_cover_a_part_of_it(self):
        scopes = [{"name": "staff", "recipient_domain_is": ["contoso.com"]}, {"name": "some", "sent_to_member_of": ["g@contoso.com"]}]
        some = {**made(protection(NOTHING, wishes(scopes=scopes[1:])))[0]}
        seen = {"standard": [subject("Theirs", some["name"])]}
        (covered,) = protection(there(some), wishes(scopes=scopes), seen).covered
        assert (covered["scope"], covered["by"]) == ("staff", f"Theirs, {some['name']}")
        assert not protection(there(some), wishes(scopes=scopes[:1]), seen).covered, "the other policy goes"
        moved = {**some, "rule": {**some["rule"], "sent_to_member_of": ["others@contoso.com"]}}
        assert not protection(there(moved), wishes(scopes=scopes), seen).covered, "the other policy will be for other people"

    def test_of_conditions_that_must_all_hold_one_that_is_covered_is_enough(self):
        scope = {"name": "some", "recipient_domain_is": ["contoso.com"], "sent_to_member_of": ["group@contoso.com"]}
        assert protection(NOTHING, wishes(scopes=[scope]), {"standard": [subject("Theirs")]}).covered[0]["by"] == "Theirs"


class TestOutranked:
    """A policy of the scope's own would be for nobody where a preset has everybody."""

    strict = wishes(target="strict")

    @staticmethod
    def by(*winners, target="strict"):
        one = subject(*("Standard Preset" if by == "standard" else "Theirs" for by in winners), fine=False)
        for policy, by in zip(one["threats"][KIND]["policies"], winners, strict=True):
            policy["by"] = by
        return {target: [one]}

    def test_none_is_made(self):
        found = protection(NOTHING, self.strict, self.by("standard"))
        assert KIND not in found.config and found.outranked == [{"kind": KIND, "scope": "all domains", "by": "Standard Preset"}]

    def test_one_that_is_there_stays_as_it_is(self):
        ours = made(protection(NOTHING, self.strict))
        assert KIND not in protection(there(*ours), self.strict, self.by("standard")).config

    @pytest.mark.parametrize("seen", [("standard", "custom"), ("custom",), ()])
    def test_it_is_made_where_somebody_may_get_another_policy(self, seen):
        found = protection(NOTHING, self.strict, self.by(*seen))
        assert found.config[KIND] and found.outranked == []

    def test_also_for_wishes_beyond_the_target(self):
        more = wishes(overrides={KIND: {"custom_notification_text": "Ask the desk"}})
        seen = {"standard": [subject("Standard Preset")]}
        seen["standard"][0]["threats"][KIND]["policies"][0]["by"] = "standard"
        assert [one["by"] for one in protection(NOTHING, more, seen).outranked] == ["Standard Preset"]

    def test_a_preset_that_this_run_assigns_to_others_may_leave_them(self):
        scopes = [
            {"name": "executives", "recipient_domain_is": ["contoso.com"], "target": "strict"},
            {"name": "staff", "sent_to_member_of": ["staff@contoso.com"]},
        ]
        found = protection(
            {**NOTHING, "preset_security_policy": [{"name": "standard", "enabled": False}]},
            wishes(scopes=scopes, mechanism="auto"),
            self.by("standard"),
        )
        assert found.mechanisms["staff"] == "preset"
        assert [one["name"] for one in found.config[KIND]] == ["m365.defender Strict - executives"]


class TestContested:
    ours = made(protection(NOTHING, wishes()))[0]

    def test_what_somebody_set_back_is_said_and_not_fought(self):
        found = protection(there({**self.ours, "track_clicks": False}), wishes())
        assert found.contested == [{"kind": KIND, "name": EVERYBODY, "options": ["track_clicks"]}] and KIND not in found.config

    def test_unless_it_is_to_be_reclaimed(self):
        found = protection(there({**self.ours, "track_clicks": False}), wishes(reclaim=True))
        assert found.config[KIND][0]["track_clicks"] is True

    def test_a_rule_that_was_switched_off_counts(self):
        changed = {**self.ours, "rule": {**self.ours["rule"], "enabled": False}}
        assert protection(there(changed), wishes()).contested[0]["options"] == ["rule.enabled"]

    def test_when_the_wish_has_changed_nothing_can_be_told(self):
        found = protection(there({**self.ours, "track_clicks": False}), wishes(overrides={KIND: {"allow_click_through": True}}))
        assert found.contested == [] and found.config[KIND][0]["allow_click_through"] is True

    def test_who_was_added_to_the_exceptions_counts(self):
        changed = {**self.ours, "rule": {**self.ours["rule"], "except_if_sent_to": ["friend@contoso.com"]}}
        assert protection(there(changed), wishes()).contested[0]["options"] == ["rule.except_if_sent_to"]

    def test_a_policy_whose_rule_was_never_written_is_a_run_that_broke_off(self):
        found = protection(there({name: value for name, value in self.ours.items() if name != "rule"}), wishes())
        assert found.contested == [] and found.config[KIND][0]["rule"]["enabled"] is True

    def test_a_rule_that_was_to_be_switched_on_is_a_run_that_broke_off(self):
        off = {**self.ours, "track_clicks": False, "rule": {**self.ours["rule"], "enabled": False}}
        wish = wishes(overrides={KIND: {"track_clicks": True, "allow_click_through": True}})
        (wanted,) = protection(there(off), wish).config[KIND]
        off = {**wanted, "rule": {**wanted["rule"], "priority": 0, "enabled": False}}
        assert protection(there(off), wish).contested == [] and protection(there(off), wish).config[KIND][0]["rule"]["enabled"] is True
        on = {**off, "rule": {**off["rule"], "enabled": True}}
        assert protection(there(on), wish).config[KIND] == [wanted]

    def test_where_a_rule_stands_does_not_count(self):
        moved = {**self.ours, "rule": {**self.ours["rule"], "priority": 7}}
        assert contested(KIND, moved, {name: self.ours[name] for name in self.ours if name != "admin_display_name"}, "m365.defender") == []

    @given(st.dictionaries(st.text(), st.one_of(st.booleans(), st.integers(), st.lists(st.text()))))
    def test_the_digest_does_not_depend_on_the_order(self, settings):
        assert digest(settings) == digest(dict(reversed(settings.items())))


class TestScopes:
    scopes = (
        {"name": "executives", "target": "strict", "sent_to_member_of": ["executives@contoso.com"]},
        {"name": "everybody", "recipient_domain_is": ["contoso.com"]},
    )

    def test_each_has_its_own_target_in_their_order(self):
        found = protection(NOTHING, wishes(scopes=self.scopes))
        assert [one["name"] for one in found.config["anti_phish_policy"]] == [
            "m365.defender Strict - executives",
            "m365.defender Standard - everybody",
        ]
        assert [one["phish_threshold_level"] for one in found.config["anti_phish_policy"]] == [4, 3]

    def test_a_scope_that_comes_later_but_goes_first_gets_its_place(self):
        first = made(protection(NOTHING, wishes(scopes=self.scopes[1:])))
        theirs = {"name": "Theirs", "rule": {"enabled": True, "priority": 0}}
        first[0]["rule"]["priority"] = 1
        found = protection(there(theirs, *first), wishes(scopes=self.scopes))
        assert [one["rule"]["priority"] for one in found.config[KIND]] == [1, 2]

    def test_places_are_counted_without_what_goes(self):
        gone = {**made(protection(NOTHING, wishes()))[0], "name": "m365.defender Standard - old"}
        gone["rule"] = {**gone["rule"], "priority": 0}
        second = made(protection(NOTHING, wishes(scopes=self.scopes[1:])))[0]
        second["rule"]["priority"] = 1
        found = protection(there(gone, second), wishes(scopes=self.scopes))
        assert [one.get("rule", {}).get("priority") for one in found.config[KIND]] == [0, 1, None]

    def test_a_rule_left_behind_that_is_taken_over_goes_last(self):
        first, second = self.scopes
        there_already = made(protection(NOTHING, wishes(scopes=[second])))[0]
        there_already["rule"]["priority"] = 1
        orphan = {"name": wishes().name_of(first), "priority": 0}
        wanted = protection(there(there_already), wishes(scopes=self.scopes, left_behind={KIND: [orphan]})).config[KIND]
        assert [one["rule"]["priority"] for one in wanted] == [0, 1], "its former place is free by then"

    def test_rules_of_ours_that_somebody_swapped_are_put_right_in_their_own_places(self):
        both = made(protection(NOTHING, wishes(scopes=self.scopes)))
        both[0]["rule"]["priority"], both[1]["rule"]["priority"] = 4, 2
        found = protection(there(*both), wishes(scopes=self.scopes))
        assert [one["rule"]["priority"] for one in found.config[KIND]] == [2, 4]

    @pytest.mark.parametrize(
        ("scopes", "words"),
        [
            ([{"name": "x"}], "needs one of"),
            ([{"sent_to": ["a@b.c"]}], "a name of its own"),
            ([{"name": "x", "sent_to": ["a@b.c"]}, {"name": "X", "sent_to": ["a@b.c"]}], "a name of its own"),
            ([{"name": "x", "target": "extreme", "sent_to": ["a@b.c"]}], "is no target"),
        ],
    )
    def test_impossible_scopes_are_refused(self, scopes, words):
        with pytest.raises(ValueError, match=words):
            wishes(scopes=scopes)

    def test_scopes_that_would_share_a_preset_are_refused(self):
        two = [{"name": "staff", "recipient_domain_is": ["b.c"]}, {"name": "desk", "sent_to": ["a@b.c"]}]
        with pytest.raises(ValueError, match="the preset standard is for one scope, and staff and desk aim at it"):
            wishes(mechanism="preset", scopes=two)
        wishes(mechanism="preset", scopes=[two[0], {**two[1], "target": "strict"}])


class TestMechanism:
    preset: ClassVar = {"name": "standard", "enabled": False}

    def test_auto_takes_the_preset_where_it_was_switched_on_once(self):
        found = protection({**NOTHING, "preset_security_policy": [self.preset]}, wishes(mechanism="auto"))
        assert found.mechanisms == {"all domains": "preset"}
        assert found.config["preset_security_policy"] == [{"name": "standard", "enabled": True, "outrank": False, "everyone": True}]
        assert not set(SCOPED) & set(found.config)

    def test_auto_makes_policies_where_it_was_not(self):
        assert protection(NOTHING, wishes(mechanism="auto")).mechanisms == {"all domains": "custom"}

    def test_auto_does_not_outrank_other_peoples_policies_unless_told(self):
        theirs = there({"name": "Theirs", "rule": {"enabled": True}}, preset_security_policy=[self.preset])
        assert protection(theirs, wishes(mechanism="auto")).mechanisms == {"all domains": "custom"}
        assert protection(theirs, wishes(mechanism="auto")).shadowed == [{"kind": KIND, "name": "Theirs"}]
        assert protection(theirs, wishes(mechanism="auto", outrank=True)).mechanisms == {"all domains": "preset"}

    def test_a_preset_that_was_never_on_is_for_a_person_and_our_policies_stay_meanwhile(self):
        ours = made(protection(NOTHING, wishes()))
        found = protection(there(*ours), wishes(mechanism="preset"))
        assert found.manual == [{"what": "preset_not_initialised", "scope": "all domains", "preset": "standard"}]
        assert KIND not in found.config and "preset_security_policy" not in found.config

    def test_our_policies_go_when_the_preset_takes_their_place(self):
        ours = made(protection(NOTHING, wishes()))
        found = protection(there(*ours, preset_security_policy=[self.preset]), wishes(mechanism="preset"))
        assert found.config[KIND] == [{"name": EVERYBODY, "state": "absent"}]

    def test_none_writes_nothing(self):
        found = protection(NOTHING, wishes(mechanism="none"))
        assert found.config == {} and found.mechanisms == {"all domains": "none"}


NOBODY: dict = {name: [] for name in ("sent_to", "sent_to_member_of", "recipient_domain_is")}
PILOT = {"name": "standard", "enabled": True, "everyone": False, **NOBODY, "sent_to": ["pilot@contoso.com"]}
ALL_OF_CONTOSO = {"name": "standard", "enabled": True, "everyone": False, **NOBODY, "recipient_domain_is": ["Contoso.com"]}
EVERYONE = {"name": "standard", "enabled": True, "everyone": True, **NOBODY}
STAFF = ({"name": "staff", "recipient_domain_is": ["contoso.com"]},)
EOP, ATP = "EOPProtectionPolicyRule", "ATPProtectionPolicyRule"


def halves(rules):
    """What configuration_info returns of a preset whose rules are not alike."""
    return {"preset_security_policy": {"standard": rules}}


def seen_by(by, fine=True, kinds=SCOPED):
    threat = {"at_target": fine, "policies": [{"policy": f"The {by} one", "by": by}]}
    return {"standard": [{"kind": "domain", "subject": "contoso.com", "threats": dict.fromkeys(kinds, threat)}]}


def decided(preset, effective=None, **changed):
    return protection({**NOTHING, "preset_security_policy": [preset]}, wishes(**{"mechanism": "preset", **changed}), effective)


class TestAssignments:
    """A preset has no mark; one that is on for other people counts as somebody else's."""

    @pytest.mark.parametrize(("preset", "scopes", "to"), [(PILOT, (), "pilot@contoso.com"), (EVERYONE, STAFF, "everybody")])
    @pytest.mark.parametrize("mechanism", ["preset", "auto"])
    def test_they_are_neither_widened_nor_narrowed(self, preset, scopes, to, mechanism):
        found = decided(preset, scopes=scopes, mechanism=mechanism, outrank=True)
        assert "preset_security_policy" not in found.config
        (told,) = found.assigned
        assert (told["preset"], told["to"], told["mechanism"]) == ("standard", to, "custom" if mechanism == "auto" else "preset")
        assert (KIND in found.config) == (mechanism == "auto")

    def test_unless_they_are_to_be_taken_over(self):
        found = decided(PILOT, adopt=True)
        assert found.config["preset_security_policy"][0]["everyone"] is True and found.assigned == []
        narrowed = decided(EVERYONE, scopes=STAFF, adopt=True).config["preset_security_policy"][0]
        assert narrowed["recipient_domain_is"] == ["contoso.com"]

    @pytest.mark.parametrize("mechanism", ["preset", "auto"])
    def test_who_was_reached_by_one_that_is_taken_over_is_reached_otherwise_in_the_same_run(self, mechanism):
        pilot = {"name": "pilot", "target": "strict", "sent_to": ["pilot@contoso.com"]}
        more = {"scopes": [pilot, *STAFF], "mechanism": mechanism, "outrank": True}
        existing = {**NOTHING, "preset_security_policy": [{**EVERYONE, "name": "strict"}, {**EVERYONE, "enabled": False}]}
        for adopt, names in ((False, []), (True, ["strict", "standard"])):
            found = protection(existing, wishes(**more, adopt=adopt), seen_by("strict"))
            assert [one["name"] for one in found.config.get("preset_security_policy", [])] == names
            assert bool([one for one in found.covered if one["scope"] == "staff"]) is not adopt

    def test_our_policies_stay_meanwhile(self):
        ours = made(protection(NOTHING, wishes()))
        existing = there(*ours, preset_security_policy=[PILOT])
        assert KIND not in protection(existing, wishes(mechanism="preset")).config

    @pytest.mark.parametrize(
        ("preset", "scopes"), [(EVERYONE, ()), ({**PILOT, "sent_to": [], "recipient_domain_is": ["Contoso.com"]}, STAFF)]
    )
    def test_one_for_the_very_same_people_is_kept_up(self, preset, scopes):
        found = decided(preset, scopes=scopes, mechanism="auto")
        assert found.assigned == [] and [one["name"] for one in found.config["preset_security_policy"]] == ["standard"]

    def test_whom_one_was_for_that_is_off_does_not_count(self):
        found = decided({**PILOT, "enabled": False})
        assert found.assigned == [] and found.config["preset_security_policy"][0]["everyone"] is True

    def test_exceptions_that_nobody_speaks_of_do_not_count(self):
        assert decided({**EVERYONE, "except_if_sent_to": ["x@contoso.com"]}).assigned == []

    def test_where_the_rules_are_for_different_people_it_is_told(self):
        (told,) = decided({"name": "standard", "enabled": True}).assigned
        assert told["to"] == "others in each of its two rules"

    @pytest.mark.parametrize("mechanism", ["preset", "auto"])
    @pytest.mark.parametrize(("rule", "scopes"), [(EVERYONE, ()), (ALL_OF_CONTOSO, STAFF)])
    @pytest.mark.parametrize("other", [None, {**PILOT, "enabled": False}])
    def test_one_rule_that_is_for_the_very_people_is_joined_by_the_other(self, other, rule, scopes, mechanism):
        for rules in ({EOP: rule, ATP: other}, {EOP: other, ATP: rule}):
            found = decided({"name": "standard"}, scopes=scopes, mechanism=mechanism, apart=halves(rules))
            assert found.assigned == [] and found.config["preset_security_policy"][0]["enabled"] is True

    @pytest.mark.parametrize(
        ("rules", "to"),
        [
            ({EOP: PILOT, ATP: None}, f"pilot@contoso.com ({EOP})"),
            ({EOP: EVERYONE, ATP: None}, f"everybody ({EOP})"),
            ({EOP: ALL_OF_CONTOSO, ATP: PILOT}, f"Contoso.com ({EOP}), pilot@contoso.com ({ATP})"),
        ],
    )
    def test_a_rule_that_is_for_others_is_told_and_left_to_them(self, rules, to):
        found = decided({"name": "standard"}, scopes=STAFF, apart=halves(rules))
        assert "preset_security_policy" not in found.config and [one["to"] for one in found.assigned] == [to]
        assert decided({"name": "standard"}, scopes=STAFF, apart=halves(rules), adopt=True).config["preset_security_policy"]

    def test_lists_alone_are_no_other_people(self):
        lists = {"targeted_users_to_protect": ["A;a@contoso.com"]}
        (wish,) = decided(EVERYONE, lists=lists).config["preset_security_policy"]
        assert wish["targeted_users_to_protect"] == ["A;a@contoso.com"]


class TestNobodyNeedsThePreset:
    off: ClassVar = {**EVERYONE, "enabled": False}

    @pytest.mark.parametrize("mechanism", ["preset", "auto"])
    def test_it_stays_off_where_everybody_has_more(self, mechanism):
        found = decided(self.off, seen_by("strict"), mechanism=mechanism)
        assert "preset_security_policy" not in found.config
        assert {one["kind"] for one in found.covered} == set(SCOPED) and {one["by"] for one in found.covered} == {"The strict one"}

    @pytest.mark.parametrize(
        "seen", [seen_by("strict", kinds=SCOPED[1:]), seen_by("default", fine=False), seen_by("strict", fine=None), None]
    )
    def test_it_goes_on_where_one_kind_is_short_or_unknown(self, seen):
        assert decided(self.off, seen).config["preset_security_policy"]

    def test_ours_are_no_reason_for_it_to_stay_off(self):
        ours = made(protection(NOTHING, wishes()))
        threat = {"at_target": True, "policies": [{"policy": EVERYBODY, "by": "custom"}]}
        effective = {"standard": [{**subject(), "threats": dict.fromkeys(SCOPED, threat)}]}
        existing = {**dict.fromkeys(SCOPED, ours), "preset_security_policy": [self.off]}
        found = protection(existing, wishes(mechanism="preset"), effective)
        assert found.config["preset_security_policy"] and found.config[KIND] == [{"name": EVERYBODY, "state": "absent"}]

    def test_people_to_protect_from_impersonation(self):
        lists = {"targeted_users_to_protect": ["A;a@contoso.com"]}
        strict = decided(self.off, seen_by("strict"), lists=lists)
        assert "preset_security_policy" not in strict.config and [one["kind"] for one in strict.outranked] == ["anti_phish_policy"]
        assert decided(self.off, seen_by("custom"), lists=lists).config["preset_security_policy"]

    def test_where_it_protects_less_than_what_people_get_it_is_told(self):
        spam = "hosted_content_filter_policy"
        existing = {**there({"name": "The custom one", "bulk_threshold": 3}, kind=spam), "preset_security_policy": [self.off]}
        (told,) = protection(existing, wishes(mechanism="preset"), seen_by("custom", fine=False)).weaker
        assert told["settings"] == [{"option": "bulk_threshold", "has": 3, "wanted": 6}]


class TestWishesThatAPresetCanNotHave:
    off: ClassVar = {**EVERYONE, "enabled": False}
    override: ClassVar = {"overrides": {KIND: {"do_not_rewrite_urls": ["intranet.contoso.com/*"], "track_clicks": True}}}

    def test_they_are_told(self):
        found = decided(self.off, **self.override)
        assert found.not_in_preset == [{"kind": KIND, "scope": "all domains", "options": ["do_not_rewrite_urls"]}]

    def test_auto_makes_policies_that_have_them(self):
        found = decided(self.off, mechanism="auto", **self.override)
        assert found.mechanisms == {"all domains": "custom"} and found.not_in_preset == []
        assert found.config[KIND][0]["do_not_rewrite_urls"]

    @pytest.mark.parametrize(
        "plain",
        [
            {"overrides": {KIND: {"track_clicks": True}}},
            {"overrides": {OUTBOUND: {"recipient_limit_per_day": 10}}},
            {"lists": {"targeted_users_to_protect": ["A;a@contoso.com"]}},
        ],
    )
    def test_what_it_has_anyway_is_none(self, plain):
        assert decided(self.off, mechanism="auto", **plain).mechanisms == {"all domains": "preset"}


class TestWishesForWhatIsNotIncluded:
    """The outbound policy and the connection filter have an effect only with a switch of the role."""

    existing = there(
        {"name": "Default", "recipient_limit_per_day": 1000, "auto_forwarding_mode": "Automatic"},
        kind=OUTBOUND,
        hosted_connection_filter_policy=[{"enable_safe_list": True}],
    )

    def told(self, **more):
        found = protection(self.existing, wishes(**more)).not_included
        return {one["kind"]: (one["options"], one["include"]) for one in found}

    def test_they_are_told_as_far_as_it_is_not_so_already(self):
        overrides = {OUTBOUND: {"recipient_limit_per_day": 1000, "auto_forwarding_mode": "Off"}, CONNECTION: {"enable_safe_list": False}}
        assert self.told() == {}
        assert self.told(overrides=overrides) == {
            OUTBOUND: (["auto_forwarding_mode"], "include_outbound"),
            CONNECTION: (["enable_safe_list"], "include_default"),
        }
        assert list(self.told(overrides=overrides, include_outbound=True)) == [CONNECTION]
        assert list(self.told(overrides=overrides, include_default=True)) == [OUTBOUND]

    def test_so_are_those_of_overlays_unless_it_is_stricter_already(self):
        overlay = {"name": "x", "settings": {OUTBOUND: {"recipient_limit_per_day": 2000}, CONNECTION: {"enable_safe_list": False}}}
        assert list(self.told(overlays=[overlay])) == [CONNECTION]

    def test_where_nothing_is_written_nothing_is_missed(self):
        assert self.told(overrides={OUTBOUND: {"auto_forwarding_mode": "Off"}}, mechanism="none") == {}


class TestDefaults:
    existing = there({"name": "Default", "allowed_senders": ["friend@fabrikam.com"]}, kind="hosted_content_filter_policy")

    def test_they_stay_unless_asked_for(self):
        names = [one["name"] for one in protection(self.existing, wishes()).config["hosted_content_filter_policy"]]
        assert "Default" not in names

    def test_they_get_the_target_without_rule_and_mark(self):
        found = protection(self.existing, wishes(include_default=True))
        one = found.config["hosted_content_filter_policy"][-1]
        assert one["name"] == "Default" and "rule" not in one and not is_ours(one, "m365.defender")

    def test_allow_lists_stay_and_are_told(self):
        found = protection(self.existing, wishes(include_default=True))
        assert found.kept_lists == [{"kind": "hosted_content_filter_policy", "name": "Default", "option": "allowed_senders", "members": 1}]
        cleared = protection(self.existing, wishes(include_default=True, clear_allow_lists=True))
        assert cleared.kept_lists == [] and cleared.config["hosted_content_filter_policy"][-1]["allowed_senders"] == []

    def test_the_connection_filter_is_a_default_policy(self):
        existing = {**NOTHING, "hosted_connection_filter_policy": [{"enable_safe_list": True, "ip_allow_list": ["192.0.2.1"]}]}
        assert "hosted_connection_filter_policy" not in protection(existing, wishes()).config
        (one,) = protection(existing, wishes(include_default=True)).config["hosted_connection_filter_policy"]
        assert one["enable_safe_list"] is False and "ip_allow_list" not in one

    def test_outbound_limits_are_for_the_asking(self):
        existing = there({"name": "Default"}, kind="hosted_outbound_spam_filter_policy")
        assert "hosted_outbound_spam_filter_policy" not in protection(existing, wishes()).config
        found = protection(existing, wishes(include_outbound=True)).config["hosted_outbound_spam_filter_policy"]
        assert found[0]["auto_forwarding_mode"] == "Off"


class TestContestedDefaults:
    """A default policy is nobody's own, and still what somebody has set back is seen."""

    kind = "hosted_content_filter_policy"

    @staticmethod
    def after(found, kind, before):
        """The object once what was planned has been written."""
        written = {**before}
        for objects in (found.purge, found.config):
            for one in objects.get(kind, ()):
                written.update(one if one.get("name", before.get("name")) == before.get("name") else {})
        return written

    def asked(self, has, kind=kind, **changed):
        return protection(there(has, kind=kind), wishes(include_default=True, include_outbound=True, **changed))

    @pytest.mark.parametrize(
        ("kind", "weak"),
        [
            ("hosted_content_filter_policy", {"name": "Default", "bulk_threshold": 9}),
            ("malware_filter_policy", {"name": "Default", "zap_enabled": False}),
            ("anti_phish_policy", {"name": "Office365 AntiPhish Default", "phish_threshold_level": 1}),
            (OUTBOUND, {"name": "Default", "auto_forwarding_mode": "On"}),
            (CONNECTION, {"enable_safe_list": True}),
            ("teams_protection_policy", {"zap_enabled": False}),
        ],
    )
    def test_what_is_set_back_is_said_and_not_fought(self, kind, weak):
        raised = self.after(self.asked(weak, kind), kind, weak)
        again = self.asked(raised, kind)
        assert again.contested == [] and self.after(again, kind, raised) == raised
        back = {**raised, **weak}
        (told,) = self.asked(back, kind).contested
        assert (told["kind"], told["name"], told["shared"]) == (kind, weak.get("name", kind), True)
        assert told["options"] == [name for name in weak if name != "name"]
        assert not [one for one in self.asked(back, kind).config.get(kind, ()) if one.get("name") == weak.get("name")]
        assert self.after(self.asked(back, kind, reclaim=True), kind, back) == raised

    def test_what_is_written_alone_by_the_task_for_purging_is_noted_there(self):
        strict = self.after(self.asked({"name": "Default"}), self.kind, {"name": "Default"})
        off = {**strict, "spam_zap_enabled": False, "admin_display_name": ""}
        found = self.asked(off)
        assert found.purge[self.kind][-1]["admin_display_name"] == strict["admin_display_name"]
        assert "admin_display_name" not in found.config[self.kind][-1]

    def test_where_nothing_was_written_nothing_is_noted(self):
        strict = {**self.after(self.asked({"name": "Default"}), self.kind, {"name": "Default"}), "admin_display_name": ""}
        assert "admin_display_name" not in self.asked(strict).config[self.kind][-1]

    def test_what_people_have_written_there_stays(self):
        found = self.asked({"name": "Default", "bulk_threshold": 9, "admin_display_name": "Ask the desk"})
        assert "admin_display_name" not in found.config[self.kind][-1]

    def test_when_the_wish_has_changed_nothing_can_be_told(self):
        raised = self.after(self.asked({"name": "Default"}), self.kind, {"name": "Default"})
        found = self.asked({**raised, "bulk_threshold": 9}, target="strict")
        assert found.contested == [] and found.config[self.kind][-1]["bulk_threshold"] == 5

    def test_what_somebody_has_made_stricter_is_not_set_back(self):
        raised = self.after(self.asked({"name": "Default"}), self.kind, {"name": "Default"})
        assert self.asked({**raised, "bulk_threshold": 2}).contested == []


class TestNothingGetsWeaker:
    spam = "hosted_content_filter_policy"
    strict: ClassVar = {"name": "Default", "bulk_threshold": 3, "spam_action": "Quarantine", "bulk_spam_action": "Quarantine"}

    def raised(self, kind=spam, name="Default", more=None, **has):
        there_is = there({"name": name, **has}, kind=kind)
        return protection(there_is, wishes(include_default=True, include_outbound=True, **(more or {}))).config[kind][-1]

    def test_what_is_stricter_in_a_default_policy_stays(self):
        found = self.raised(**self.strict, spam_quarantine_tag="AdminOnlyAccessPolicy")
        assert {name: found[name] for name in self.strict} == self.strict
        assert found["spam_quarantine_tag"] == "AdminOnlyAccessPolicy" and found["phish_spam_action"] == "Quarantine"

    def test_what_is_weaker_is_raised(self):
        found = self.raised(bulk_threshold=9, spam_action="AddXHeader")
        assert (found["bulk_threshold"], found["spam_action"]) == (6, "MoveToJmf")

    def test_what_is_stopped_besides_goes_on_being_stopped(self):
        types = self.raised("malware_filter_policy", file_types=["ISO", "torrent"])["file_types"]
        assert {"torrent", "exe", "iso"} <= set(types) and len(types) == len({one.lower() for one in types})

    @pytest.mark.parametrize(("has", "then"), [(100, 100), (0, 500), (2000, 500)])
    def test_limits_of_what_goes_out_are_not_lifted(self, has, then):
        assert self.raised(OUTBOUND, recipient_limit_external_per_hour=has)["recipient_limit_external_per_hour"] == then

    def test_a_tenants_own_wish_goes_before_it(self):
        more = {"overrides": {self.spam: {"bulk_threshold": 8}}}
        assert self.raised(more=more, **self.strict)["bulk_threshold"] == 8

    def test_an_overlay_does_not_lower_what_is_stricter_still(self):
        more = {"overlays": [{"name": "x", "settings": {self.spam: {"bulk_threshold": 5}}}]}
        assert self.raised(more=more, **self.strict)["bulk_threshold"] == 3
        assert self.raised(more=more, name="Default", bulk_threshold=7)["bulk_threshold"] == 5

    def test_what_a_tenant_has_once(self):
        kind = "teams_protection_policy"
        (one,) = protection({**NOTHING, kind: [{"zap_enabled": False}]}, wishes()).config[kind]
        assert one["zap_enabled"] is True

    @staticmethod
    def by(kind, **winners):
        policies = [{"policy": name.replace("_", " "), "by": by} for name, by in winners.items()]
        return {"standard": [{**subject(), "threats": {kind: {"at_target": False, "policies": policies}}}]}

    def test_where_a_new_policy_is_weaker_than_what_people_get_it_is_told(self):
        found = protection(there(self.strict, kind=self.spam), wishes(), self.by(self.spam, Default="default"))
        (told,) = found.weaker
        assert (told["kind"], told["scope"], told["instead_of"]) == (self.spam, "all domains", "Default")
        assert told["settings"] == [
            {"option": "bulk_threshold", "has": 3, "wanted": 6},
            {"option": "spam_action", "has": "Quarantine", "wanted": "MoveToJmf"},
            {"option": "bulk_spam_action", "has": "Quarantine", "wanted": "MoveToJmf"},
        ]

    def test_file_types_that_are_not_stopped_any_more_are_told(self):
        kind = "malware_filter_policy"
        default = {"name": "Default", "enable_file_filter": True, "file_types": ["torrent"]}
        (told,) = protection(there(default, kind=kind), wishes(), self.by(kind, Default="default")).weaker
        assert [one["option"] for one in told["settings"]] == ["file_types"]

    @pytest.mark.parametrize("has", [{"bulk_threshold": 6}, {"bulk_threshold": 9}, {"spam_quarantine_tag": "AdminOnlyAccessPolicy"}, {}])
    def test_what_is_not_weaker_or_has_no_effect_is_not_told(self, has):
        assert protection(there({"name": "Default", **has}, kind=self.spam), wishes(), self.by(self.spam, Default="default")).weaker == []

    def test_other_peoples_rules_stay_before_a_new_one_unless_it_is_given_a_place(self):
        theirs = {**self.strict, "name": "Theirs", "rule": {"enabled": True, "priority": 1}}
        seen = self.by(self.spam, Theirs="custom")
        assert protection(there(theirs, kind=self.spam), wishes(), seen).weaker == []
        scopes = [{"name": "new", "recipient_domain_is": ["contoso.com"]}, {"name": "old", "sent_to": ["a@contoso.com"]}]
        old = made(protection(NOTHING, wishes(scopes=scopes[1:])), self.spam)[0]
        (told,) = protection(there(theirs, old, kind=self.spam), wishes(scopes=scopes), seen).weaker
        assert (told["scope"], told["instead_of"]) == ("new", "Theirs")

    def test_a_policy_that_is_there_is_not_told_of_again(self):
        ours = made(protection(NOTHING, wishes()), self.spam)[0]
        assert protection(there(self.strict, ours, kind=self.spam), wishes(), self.by(self.spam, Default="default")).weaker == []

    def test_a_policy_that_is_taken_over(self):
        theirs = {**self.strict, "name": EVERYBODY, "rule": {"enabled": True, "priority": 0}}
        (told,) = protection(there(theirs, kind=self.spam), wishes(adopt=True)).weaker
        assert told["instead_of"] == EVERYBODY


class TestDomainsOfOthers:
    """A policy for people whom the tenant does not have is for nobody."""

    @pytest.mark.parametrize(
        "scope",
        [
            {"recipient_domain_is": ["contoso.com", "nosuch.com"]},
            {"sent_to": ["a@nosuch.com"]},
            {"sent_to_member_of": ["group@nosuch.com"]},
            {"sent_to": ["a@contoso.com"], "except_if_recipient_domain_is": ["nosuch.com"]},
            {"sent_to": ["a@notcontoso.com"]},
        ],
    )
    def test_they_are_refused(self, scope):
        with pytest.raises(ValueError, match=r"the scope some names .*, and the tenant receives no mail for .*, only for contoso\.com"):
            wishes(scopes=[{"name": "some", **scope}], accepted=["Contoso.com"])

    def test_those_that_everybody_means_too(self):
        with pytest.raises(ValueError, match=r"email_protection_domains names nosuch\.com"):
            wishes(domains=["nosuch.com"], accepted=["contoso.com"])

    def test_domains_below_an_accepted_one_are_the_tenants(self):
        wishes(scopes=[{"name": "x", "recipient_domain_is": ["Sales.Contoso.com"], "sent_to": ["a@contoso.com"]}], accepted=["contoso.com"])

    @pytest.mark.parametrize("changed", [{"accepted": []}, {"mechanism": "none", "accepted": ["contoso.com"]}])
    def test_where_nothing_is_known_or_written_nothing_is_refused(self, changed):
        wishes(scopes=[{"name": "x", "recipient_domain_is": ["nosuch.com"]}], **changed)


class TestForOtherPeople:
    """One of ours whose people have changed does not stay for those whom it was for, only because its scope is covered."""

    ours = made(protection(NOTHING, wishes(domains=["old.contoso.com"])))[0]
    covered: ClassVar = {"standard": [subject("Theirs")]}

    def test_it_goes_where_others_cover_the_scope(self):
        found = protection(there(self.ours), wishes(), self.covered)
        assert found.covered and found.config[KIND] == [{"name": EVERYBODY, "state": "absent"}]

    def test_with_the_same_people_it_stays(self):
        ours = made(protection(NOTHING, wishes()))[0]
        assert KIND not in protection(there(ours), wishes(), self.covered).config

    def test_where_somebody_else_has_changed_them_it_is_said_and_not_fought(self):
        ours = made(protection(NOTHING, wishes()))[0]
        ours = {**ours, "rule": {**ours["rule"], "recipient_domain_is": ["old.contoso.com"]}}
        found = protection(there(ours), wishes(), self.covered)
        assert [one["options"] for one in found.contested] == [["rule.recipient_domain_is"]] and KIND not in found.config
        assert protection(there(ours), wishes(reclaim=True), self.covered).config[KIND] == [{"name": EVERYBODY, "state": "absent"}]

    def test_where_a_preset_goes_before_it_its_people_are_put_right(self):
        seen = {"standard": [subject("Standard Preset", fine=False)]}
        seen["standard"][0]["threats"][KIND]["policies"][0]["by"] = "standard"
        found = protection(there(self.ours), wishes(), seen)
        assert found.config[KIND][0]["rule"]["recipient_domain_is"] == ["contoso.com"]


class TestOverlays:
    def test_what_microsoft_leaves_open_is_added(self):
        overlay = {"name": "x", "settings": {KIND: {"custom_notification_text": "Ask the desk"}}}
        assert protection(NOTHING, wishes(overlays=[overlay])).config[KIND][0]["custom_notification_text"] == "Ask the desk"

    def test_what_is_stricter_goes_before(self):
        overlay = {"name": "x", "settings": {"anti_phish_policy": {"phish_threshold_level": 4}}}
        assert protection(NOTHING, wishes(overlays=[overlay])).config["anti_phish_policy"][0]["phish_threshold_level"] == 4

    def test_what_would_weaken_is_told_and_not_done(self):
        overlay = {"name": "x", "settings": {"anti_phish_policy": {"phish_threshold_level": 2}}}
        found = protection(NOTHING, wishes(overlays=[overlay]))
        assert found.config["anti_phish_policy"][0]["phish_threshold_level"] == 3
        assert found.overlay_conflicts == [
            {"overlay": "x", "kind": "anti_phish_policy", "option": "phish_threshold_level", "wants": 2, "microsoft": 3}
        ]

    def test_a_tenants_own_wish_goes_before_everything(self):
        found = protection(NOTHING, wishes(overrides={"anti_phish_policy": {"phish_threshold_level": 1}}))
        assert found.config["anti_phish_policy"][0]["phish_threshold_level"] == 1
