# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every rule of precedence, type by type: which policy wins, and what is said of the others."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.m365.defender.plugins.module_utils._effective.matching import Groups
from ansible_collections.m365.defender.plugins.module_utils._effective.precedence import THREATS
from ansible_collections.m365.defender.plugins.module_utils._effective.verdict import Subject, subject_verdict, threat_verdict
from ansible_collections.m365.defender.plugins.module_utils._errors import Forbidden
from tests.unit.effective.tenants import BY_KIND, STANDARD, STRICT, fresh, with_custom, with_preset

IN_PRESETS = [threat for threat in THREATS if threat.preset]
BUILT_IN = [threat for threat in THREATS if threat.built_in]
DOMAINS = frozenset({"contoso.com", "fabrikam.com"})
ADELE = "adele@contoso.com"
SALES = "sales@contoso.com"
PLACES = ("strict", "standard", "evaluation", "custom")
INSIDE, OUTSIDE = {"RecipientDomainIs": ["contoso.com"]}, {"RecipientDomainIs": ["fabrikam.com"]}
each_type = pytest.mark.parametrize("threat", THREATS, ids=lambda threat: threat.kind)
each_preset_type = pytest.mark.parametrize("threat", IN_PRESETS, ids=lambda threat: threat.kind)


def recipient(address=ADELE, groups=()):
    return Subject("recipient", address, DOMAINS, Groups(frozenset(groups), whole=True))


def domain(name="contoso.com"):
    return Subject("domain", name, DOMAINS)


def verdict(threat, rows, subject=None, target="standard", plan="plan2"):
    return threat_verdict(threat, subject or recipient(), rows, target, plan)


def outcome(found, by):
    return next(link for link in found["chain"] if link["by"] == by)


def words(threat, **rule):
    """Conditions of a rule in the words of the type, which for outbound are those of a sender."""
    other = {"SentTo": "From", "SentToMemberOf": "FromMemberOf", "RecipientDomainIs": "SenderDomainIs"}
    if threat.words[0] == "SentTo":
        return rule
    return {(("ExceptIf" if "ExceptIf" in name else "") + other[name.removeprefix("ExceptIf")]): value for name, value in rule.items()}


@each_preset_type
@pytest.mark.parametrize("there", list(product((True, False), repeat=4)))
def test_strict_before_standard_before_evaluation_before_custom_before_the_last(threat, there):
    """Each of the four may be there or not; the first that is there wins, whatever stands behind it."""
    rows = fresh(threat)
    for wanted, place in zip(there, PLACES, strict=True):
        if not wanted:
            continue
        if place in ("strict", "standard"):
            with_preset(rows, threat, STRICT if place == "strict" else STANDARD)
        else:
            # The custom rule goes before the evaluation's by its number, which does not help it.
            of = "Evaluation" if place == "evaluation" else "Custom"
            with_custom(rows, threat, place, priority=5 if place == "evaluation" else 0, of=of, **INSIDE)
    last = "built_in" if threat.built_in else "default"
    first = next((place for wanted, place in zip(there, PLACES, strict=True) if wanted), last)
    found = verdict(threat, rows)
    assert (found["state"], found["by"]) == ("known", first)
    assert outcome(found, first)["outcome"] == "wins"
    behind = found["chain"][[link["by"] for link in found["chain"]].index(first) + 1 :]
    absent = {place for wanted, place in zip(there, PLACES, strict=True) if not wanted}
    assert all(link["outcome"] == ("passed_over" if link["by"] in absent else "outranked") for link in behind)
    assert [link["by"] for link in found["chain"]][:2] == ["strict", "standard"]
    assert found["chain"][-1]["by"] == last


@each_preset_type
def test_strict_wins_even_with_a_later_number(threat):
    rows = with_preset(with_preset(fresh(threat), threat, STANDARD), threat, STRICT)
    assert [rule["Priority"] for rule in rows[threat.preset]] == [0, 1]
    assert verdict(threat, rows)["by"] == "strict"


@each_preset_type
@pytest.mark.parametrize("kind", ["disabled", "other domain", "exception", "no rule", "never on"])
def test_a_preset_that_does_not_cover_is_passed_over_with_the_reason(threat, kind):
    rows = with_custom(fresh(threat), threat, "Ours", **INSIDE)
    given_rule = {
        "disabled": {"state": "Disabled"},
        "other domain": OUTSIDE,
        "exception": {"ExceptIfSentTo": [ADELE]},
    }
    if kind != "never on":
        with_preset(rows, threat, STRICT, **given_rule.get(kind, {}))
    if kind == "no rule":
        rows[threat.preset].clear()
    found = verdict(threat, rows)
    assert (found["by"], found["policy"]) == ("custom", "Ours")
    passed = outcome(found, "strict")
    assert passed["outcome"] == "passed_over"
    reasons = {
        "disabled": "the preset is off",
        "other domain": "its rule is for those in fabrikam.com",
        "exception": f"its exceptions name {ADELE}",
        "no rule": "the preset has no rule: it is off",
        "never on": "the preset was never turned on",
    }
    assert passed["reason"] == reasons[kind]


@each_type
@pytest.mark.parametrize("numbers", [(0, 1), (1, 0), (7, 3)])
def test_custom_policies_go_by_priority(threat, numbers):
    rows = fresh(threat)
    for name, number in zip(("One", "Other"), numbers, strict=True):
        with_custom(rows, threat, name, priority=number, **words(threat, **INSIDE))
    assert verdict(threat, rows)["policy"] == ("One" if numbers[0] < numbers[1] else "Other")


@each_type
@pytest.mark.parametrize("kind", ["disabled", "policy gone", "no rule", "does not cover"])
def test_custom_policies_that_reach_nobody(threat, kind):
    rows = with_custom(
        fresh(threat),
        threat,
        "Ours",
        state="Disabled" if kind == "disabled" else "Enabled",
        **words(threat, **(OUTSIDE if kind == "does not cover" else INSIDE)),
    )
    if kind == "policy gone":
        rows[threat.noun].pop()
    if kind == "no rule":
        rows[threat.rule].clear()
    found = verdict(threat, rows)
    assert found["by"] == ("built_in" if threat.built_in else "default")
    ours = outcome(found, "custom")
    assert (ours["outcome"], ours["policy"]) == ("passed_over", "Ours")
    reasons = {
        "disabled": "its rule is disabled",
        "policy gone": "its policy does not exist any more",
        "no rule": "it has no rule",
        "does not cover": "its rule is for those in fabrikam.com",
    }
    assert ours["reason"] == reasons[kind]


@each_type
def test_settings_are_never_merged(threat):
    """The first policy that covers counts alone, though the one behind it has more."""
    rows = with_custom(fresh(threat), threat, "Weak", priority=0, target="", **words(threat, **INSIDE))
    with_custom(rows, threat, "Strong", priority=1, target="strict", **words(threat, **INSIDE))
    found = verdict(threat, rows)
    assert (found["policy"], found["at_target"]) == ("Weak", False)
    assert len(found["shortfalls"]) == 1


@each_type
def test_blank_conditions_differ_by_type(threat):
    """A custom rule without conditions: everybody for Safe Links and Safe Attachments, not documented for the others."""
    rows = with_custom(fresh(threat), threat, "Ours")
    found = verdict(threat, rows)
    if threat.built_in:
        assert (found["state"], found["policy"]) == ("known", "Ours")
    else:
        assert (found["state"], found["policy"]) == ("unknown", None)
        assert [one["policy"] for one in found["policies"]] == ["Ours", "Default"]
        assert "not documented" in found["reason"]


@each_preset_type
def test_a_preset_without_conditions_covers_everybody(threat):
    rows = with_preset(fresh(threat), threat, STANDARD)
    for subject in (recipient(), domain(), Subject("group", SALES, DOMAINS)):
        found = verdict(threat, rows, subject)
        assert (found["state"], found["by"], found["at_target"], found["shortfalls"]) == ("known", "standard", True, [])
    assert verdict(threat, rows, target="strict")["at_target"] is (threat.built_in != "" or threat.kind == "malware_filter_policy")


def test_outbound_spam_is_in_no_preset():
    found = verdict(BY_KIND["hosted_outbound_spam_filter_policy"], fresh(BY_KIND["hosted_outbound_spam_filter_policy"]))
    assert [link["by"] for link in found["chain"]] == ["default"]


@pytest.mark.parametrize("threat", BUILT_IN, ids=lambda threat: threat.kind)
@pytest.mark.parametrize(
    "exception", [{"ExceptIfSentTo": [ADELE]}, {"ExceptIfRecipientDomainIs": ["contoso.com"]}, {"ExceptIfSentToMemberOf": [SALES]}]
)
def test_exceptions_of_built_in_protection_leave_them_without_any(threat, exception):
    rows = fresh(threat)
    rows[threat.built_in][0].update(exception)
    left_out = verdict(threat, rows, recipient(groups=[SALES]))
    assert (left_out["state"], left_out["by"], left_out["policy"], left_out["at_target"]) == ("known", "nobody", None, False)
    assert verdict(threat, rows, recipient("alex@fabrikam.com"))["by"] == "built_in"
    # Other policies don't care about these exceptions.
    with_preset(rows, threat, STANDARD)
    assert verdict(threat, rows, recipient(groups=[SALES]))["by"] == "standard"


@pytest.mark.parametrize("threat", THREATS[:3], ids=lambda threat: threat.kind)
def test_each_half_of_a_preset_has_a_rule_of_its_own(threat):
    """The EOP rule says nothing of Safe Links, the Defender rule nothing of anti-spam."""
    assert threat.preset == "EOPProtectionPolicyRule"
    assert {other.preset for other in BUILT_IN} == {"ATPProtectionPolicyRule"}
    rows = {**fresh(BY_KIND["safe_links_policy"]), **with_preset(fresh(threat), threat, STANDARD)}
    assert verdict(threat, rows)["by"] == "standard"
    assert verdict(BY_KIND["safe_links_policy"], rows)["by"] == "built_in"


@each_preset_type
def test_a_recipient_whose_groups_are_not_known(threat):
    unsure = Subject("recipient", ADELE, DOMAINS, Groups(why="Missing permission"))
    rows = with_preset(fresh(threat), threat, STRICT, SentToMemberOf=[SALES])
    found = verdict(threat, rows, unsure)
    assert (found["state"], found["policy"], found["by"], found["at_target"]) == ("unknown", None, "", None)
    assert [one["by"] for one in found["policies"]] == ["strict", "built_in" if threat.built_in else "default"]
    assert "Missing permission" in found["reason"] and SALES in found["reason"]
    # The answer is known all the same where it does not depend on the groups.
    with_custom(rows, threat, "Ours", target="strict", **INSIDE)
    assert verdict(threat, rows, unsure)["at_target"] is True
    assert verdict(threat, rows, recipient(groups=[SALES]))["by"] == "strict"
    assert verdict(threat, rows, recipient())["policy"] == "Ours"


LINKS = BY_KIND["safe_links_policy"]


def test_a_domain_is_taken_apart_where_rules_name_addresses():
    rows = with_custom(fresh(LINKS), LINKS, "Executives", SentTo=[ADELE, "alex@fabrikam.com"], target="strict")
    found = verdict(LINKS, rows, domain())
    assert (found["state"], found["at_target"]) == ("partly", False)
    shares = {one["by"]: (one["recipients"], one["perhaps"], one["at_target"]) for one in found["policies"]}
    assert shares == {"custom": ([ADELE], [], True), "built_in": (["everybody else in contoso.com"], [], False)}
    assert outcome(found, "custom")["outcome"] == "covers_part"


def test_a_domain_but_for_exceptions():
    rows = with_custom(fresh(LINKS), LINKS, "Links", **INSIDE, ExceptIfSentTo=[ADELE])
    with_custom(rows, LINKS, "Kiosk", priority=1, SentTo=[ADELE])
    found = verdict(LINKS, rows, domain())
    assert (found["state"], found["at_target"]) == ("partly", True), "between them the two cover everybody, at the target"
    assert [(one["policy"], one["recipients"]) for one in found["policies"]] == [
        ("Links", ["everybody else in contoso.com"]),
        ("Kiosk", [ADELE]),
    ]


def test_the_same_policy_for_named_and_others_is_one():
    rows = with_custom(fresh(LINKS), LINKS, "Links", **INSIDE)
    with_custom(rows, LINKS, "Behind", priority=1, SentTo=[ADELE])
    found = verdict(LINKS, rows, domain())
    assert (found["state"], found["policy"]) == ("known", "Links")


@pytest.mark.parametrize(("target", "whole"), [("strict", True), ("", None)])
def test_a_domain_of_which_a_group_has_another_policy(target, whole):
    """Who is in the group is not looked up: at the target only where both policies are; not so for certain only where neither is."""
    rows = with_custom(fresh(LINKS), LINKS, "Sales", SentToMemberOf=[SALES], target=target)
    with_custom(rows, LINKS, "Everybody", priority=1, target="strict", **INSIDE)
    found = verdict(LINKS, rows, domain())
    assert (found["state"], found["at_target"]) == ("partly", whole)
    assert [(one["policy"], one["recipients"], one["perhaps"]) for one in found["policies"]] == [
        ("Sales", [], ["everybody in contoso.com"]),
        ("Everybody", [], ["everybody in contoso.com"]),
    ]
    assert outcome(found, "custom")["outcome"] == "unclear"
    assert verdict(LINKS, rows, domain("fabrikam.com"))["policies"][-1]["by"] == "built_in"


def test_neither_policy_is_enough():
    rows = with_custom(fresh(LINKS), LINKS, "Sales", SentToMemberOf=[SALES], target="")
    assert verdict(LINKS, rows, domain())["at_target"] is False


@pytest.mark.parametrize(
    ("rule", "state", "policy"),
    [
        ({"SentToMemberOf": [SALES]}, "known", "Ours"),
        ({"SentToMemberOf": ["it@contoso.com"]}, "unknown", None),
        ({"SentTo": [ADELE]}, "unknown", None),
        ({"RecipientDomainIs": ["contoso.com"]}, "unknown", None),
        ({"RecipientDomainIs": ["contoso.com", "fabrikam.com"]}, "known", "Ours"),
        ({"RecipientDomainIs": ["adatum.com"]}, "known", "Built-In Protection Policy"),
        ({"SentToMemberOf": [SALES], "ExceptIfSentTo": [ADELE]}, "unknown", None),
        ({"ExceptIfSentToMemberOf": [SALES]}, "known", "Built-In Protection Policy"),
    ],
)
def test_the_members_of_a_group(rule, state, policy):
    found = verdict(LINKS, with_custom(fresh(LINKS), LINKS, "Ours", **rule), Subject("group", SALES, DOMAINS))
    assert (found["state"], found["policy"]) == (state, policy)


@pytest.mark.parametrize("subject", [domain("contso.com"), recipient("adele@contso.com")])
def test_somebody_elses_domain_is_told(subject):
    found = verdict(LINKS, fresh(LINKS), subject)
    assert (found["state"], found["reason"]) == ("unknown", "contso.com is no domain for which the tenant receives mail.")


def test_a_subdomain_of_an_accepted_domain_is_taken():
    assert verdict(LINKS, fresh(LINKS), domain("marketing.contoso.com"))["state"] == "known"


@pytest.mark.parametrize("noun", LINKS.nouns)
def test_an_error_is_never_absence(noun):
    rows = {**fresh(LINKS), noun: Forbidden("no role")}
    found = verdict(LINKS, rows)
    assert (found["state"], found["at_target"], found["policies"]) == ("unknown", None, [])
    assert "no role" in found["reason"]


@each_type
def test_a_list_without_its_default_is_an_error(threat):
    assert verdict(threat, {noun: [] for noun in threat.nouns})["state"] == "unknown"


@each_type
def test_without_the_licence_it_does_not_apply(threat):
    rows = fresh(threat)
    found = verdict(threat, rows, plan="none")
    assert found["state"] == ("not_applicable" if threat.built_in else "known")


def test_the_whole_of_a_subject():
    rows = {noun: answer for threat in THREATS for noun, answer in fresh(threat).items()}
    for threat in IN_PRESETS:
        with_preset(rows, threat, STANDARD)
    # The two rules hold several policies each.
    for noun in ("EOPProtectionPolicyRule", "ATPProtectionPolicyRule"):
        rows[noun] = [{key: value for rule in rows[noun] for key, value in rule.items()}]
    found = subject_verdict(THREATS, recipient(), rows, "standard", "plan2")
    assert found["at_target"] is True, "outbound spam, which is not at the target, does not count"
    assert found["threats"]["hosted_outbound_spam_filter_policy"]["at_target"] is False
    assert subject_verdict(THREATS, recipient(), rows, "strict", "plan2")["at_target"] is False
    rows["AntiPhishRule"] = Forbidden("no role")
    assert subject_verdict(THREATS, recipient(), rows, "standard", "plan2")["at_target"] is None


def test_licences_that_are_not_known():
    """What every tenant has decides where it falls short; else what Defender for Office 365 would ask for is left open."""
    phish = BY_KIND["anti_phish_policy"]
    rows = with_custom(fresh(phish), phish, "Ours", **INSIDE)
    assert verdict(phish, rows, plan=None)["at_target"] is True
    rows[phish.noun][1]["PhishThresholdLevel"] = 1
    assert verdict(phish, rows, plan=None)["at_target"] is None
    assert verdict(phish, rows, plan="none")["at_target"] is True
    assert verdict(phish, rows, plan="plan1")["at_target"] is False
    rows[phish.noun][1]["EnableSpoofIntelligence"] = False
    assert verdict(phish, rows, plan=None)["at_target"] is False


conditions = st.fixed_dictionaries(
    {},
    optional={
        "SentTo": st.lists(st.sampled_from([ADELE, "bea@contoso.com", "carl@fabrikam.com"]), min_size=1, max_size=2),
        "RecipientDomainIs": st.lists(st.sampled_from(["contoso.com", "fabrikam.com"]), min_size=1, max_size=2),
        "ExceptIfSentTo": st.lists(st.sampled_from([ADELE, "bea@contoso.com"]), min_size=1, max_size=2),
        "ExceptIfRecipientDomainIs": st.lists(st.sampled_from(["contoso.com", "fabrikam.com"]), min_size=1, max_size=1),
    },
)
rules = st.lists(st.tuples(conditions, st.sampled_from(["Enabled", "Disabled"]), st.sampled_from(["", "standard", "strict"])), max_size=4)


@settings(deadline=None)
@given(rules, st.none() | conditions, st.none() | conditions)
def test_a_domain_is_what_its_recipients_are(given_rules, strict, standard):
    """Without groups everything is known: the domain's parts have the policies that their recipients have alone."""
    rows = fresh(LINKS)
    for preset, rule in ((STRICT, strict), (STANDARD, standard)):
        if rule is not None:
            with_preset(rows, LINKS, preset, **rule)
    for place, (rule, state, target) in enumerate(given_rules):
        with_custom(rows, LINKS, f"Policy {place}", place, state, target, **rule)
    whole = verdict(LINKS, rows, domain())
    alone = {who: verdict(LINKS, rows, recipient(who)) for who in (ADELE, "bea@contoso.com", "somebody@contoso.com")}
    assert whole["state"] in ("known", "partly")
    assert all(found["state"] == "known" for found in alone.values())
    got = {label: (one["by"], one["policy"]) for one in whole["policies"] for label in one["recipients"]}
    others = next(found for label, found in got.items() if label.startswith("everybody"))
    for who, found in alone.items():
        assert got.get(who, others) == (found["by"], found["policy"])
    named = {who: found for who, found in alone.items() if who in got or who == "somebody@contoso.com"}
    assert whole["at_target"] is all(found["at_target"] for found in named.values())
    assert (whole["state"] == "known") is (len({(found["by"], found["policy"]) for found in named.values()}) == 1)
