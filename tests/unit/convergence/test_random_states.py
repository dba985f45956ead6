# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From whatever state of a tenant one run reaches what is wanted, a second has nothing to do, and what others made stays as it is."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st

from ansible_collections.m365.defender.plugins.module_utils._effective.judging import shortfalls
from ansible_collections.m365.defender.plugins.module_utils._effective.recommended import NOUNS as NOUN_OF
from ansible_collections.m365.defender.plugins.plugin_utils._found import SCOPED
from ansible_collections.m365.defender.plugins.plugin_utils._wishes import CONDITIONS
from tests.unit.convergence.role import THOROUGH, Operator, Run
from tests.unit.convergence.states import (
    NOUNS,
    PAIRS,
    PRESET_RULES,
    changes,
    filled,
    is_our_row,
    policy_of,
    relative_order,
    snapshot,
    weakened,
)

OWNER = "m365.defender"
MARK = f"managed_by=m365.defender owner={OWNER}"
# Of each noun some settings that people change: worse and better than recommended, and one that nobody judges.
TASTES: dict[str, dict[str, list[Any]]] = {
    "MalwareFilterPolicy": {"EnableFileFilter": [True, False], "ZapEnabled": [True, False], "FileTypes": [["exe"], ["ace", "vbs"]]},
    "HostedContentFilterPolicy": {
        "BulkThreshold": [4, 6, 9],
        "SpamAction": ["MoveToJmf", "Quarantine", "Delete"],
        "PhishZapEnabled": [True, False],
        "AllowedSenders": [[], ["billing@fabrikam.example"]],
        "TestModeAction": ["None", "AddXHeader"],
    },
    "AntiPhishPolicy": {
        "PhishThresholdLevel": [1, 3, 4],
        "EnableSpoofIntelligence": [True, False],
        "TargetedDomainsToProtect": [[], ["woodgrovebank.example"]],
        "ExcludedDomains": [[], ["adatum.example"]],
    },
    "SafeAttachmentPolicy": {
        "Enable": [True, False],
        "Action": ["Block", "DynamicDelivery", "Allow"],
        "AdminDisplayName": ["", "the desk's"],
    },
    "SafeLinksPolicy": {"TrackClicks": [True, False], "AllowClickThrough": [True, False], "DoNotRewriteUrls": [[], ["*.adatum.example/*"]]},
}
# The same of default policies that have no rules of ours beside them.
LONELY: dict[str, dict[str, list[Any]]] = {
    "HostedOutboundSpamFilterPolicy": {
        "RecipientLimitExternalPerHour": [0, 100, 2000],
        "RecipientLimitPerDay": [0, 100, 2000],
        "ActionWhenThresholdReached": ["Alert", "BlockUserForToday", "BlockUser"],
        "AutoForwardingMode": ["Automatic", "On", "Off"],
    },
    "HostedConnectionFilterPolicy": {"EnableSafeList": [True, False]},
    "TeamsProtectionPolicy": {"ZapEnabled": [True, False], "MalwareQuarantineTag": ["AdminOnlyAccessPolicy", "DefaultFullAccessPolicy"]},
}
SCOPE_NAMES = ("staff", "executives", "pilot")
TARGETS = ("standard", "strict")
WORDS = ("Links", "Finance", "Old gateway", "Mail Shield", "Pilot of 2022")
PEOPLE = {
    "SentTo": [["adele@{domain}"], ["alex@{domain}", "kiosk@{domain}"]],
    "SentToMemberOf": [["finance@{domain}"], ["pilot@{domain}"]],
    "RecipientDomainIs": [["{domain}"]],
}
GONE = "a policy that is gone"
OPTIONS = {"sent_to": "SentTo", "sent_to_member_of": "SentToMemberOf", "recipient_domain_is": "RecipientDomainIs"}


def drawn_of(tastes):
    """Some of the settings, each with one of its values."""
    return st.fixed_dictionaries({}, optional={name: st.sampled_from(values) for name, values in tastes.items()})


whom = st.builds(
    lambda chosen, exceptions: {**chosen, **{f"ExceptIf{name}": value for name, value in exceptions.items() if name not in chosen}},
    drawn_of(PEOPLE).filter(bool),
    drawn_of({name: PEOPLE[name] for name in ("SentTo", "SentToMemberOf")}),
)
rules = st.none() | st.fixed_dictionaries(
    {"whom": whom, "on": st.sampled_from([True, True, False]), "renamed": st.booleans(), "place": st.integers(0, 9)}
)


@st.composite
def policies(draw, noun):
    """One policy. whose: somebody else's, ours, or somebody else's under a name that ours would have."""
    whose = draw(st.sampled_from(["theirs", "theirs", "ours", "namesake"]))
    name = f"{OWNER} {draw(st.sampled_from(TARGETS)).capitalize()} - {draw(st.sampled_from((*SCOPE_NAMES, 'visitors')))}"
    values = {**draw(drawn_of(TASTES[noun])), "Name": draw(st.sampled_from(WORDS)) if whose == "theirs" else name}
    if whose == "ours":
        values["AdminDisplayName"] = MARK
    return {"values": values, "rule": draw(rules)}


@st.composite
def kinds(draw, noun):
    """The policies of a noun, the rules whose policy is gone, and what somebody did to the default policy."""
    found = draw(st.lists(policies(noun), max_size=4, unique_by=lambda one: one["values"]["Name"].lower()))
    names = st.sampled_from([*WORDS, *(f"{OWNER} Standard - {name}" for name in SCOPE_NAMES)])
    orphans = draw(
        st.lists(st.fixed_dictionaries({"name": names, "whom": whom, "on": st.booleans(), "place": st.integers(0, 9)}), max_size=1)
    )
    return {"policies": found, "orphans": orphans, "default": draw(drawn_of(TASTES[noun]))}


@st.composite
def scopes(draw):
    """Nothing, which means everybody, or some scopes in some order."""
    names = draw(st.lists(st.sampled_from(SCOPE_NAMES), unique=True, max_size=3))
    return [
        {
            "name": name,
            **{option: people[wire] for option, wire in OPTIONS.items() if wire in people},
            **draw(st.fixed_dictionaries({}, optional={"target": st.sampled_from(TARGETS)})),
        }
        for name, people in ((name, draw(drawn_of(PEOPLE).filter(bool))) for name in names)
    ]


def apart(asked):
    """Whether no two scopes would share a preset, which is refused."""
    aimed_at = [scope.get("target", asked["target"]) for scope in asked["scopes"]]
    return len(set(aimed_at)) == len(aimed_at)


# The two rules of a preset, mostly alike: each on or off, for everybody or for those whom somebody has chosen.
half = st.tuples(st.booleans(), st.just({}) | whom)
halves = half.map(lambda one: (one, one)) | st.tuples(half, half)

tenants = st.fixed_dictionaries(
    {
        "kinds": st.fixed_dictionaries({noun: kinds(noun) for noun in PAIRS}),
        "lonely": st.fixed_dictionaries({noun: drawn_of(tastes) for noun, tastes in LONELY.items()}),
        "presets": st.fixed_dictionaries({}, optional=dict.fromkeys(("Standard", "Strict"), halves)),
    }
)
wishes = st.fixed_dictionaries(
    {
        "target": st.sampled_from(TARGETS),
        "mechanism": st.sampled_from(["auto", "custom", "custom", "preset"]),
        "scopes": scopes(),
        "outrank": st.just(True),
        **dict.fromkeys(("adopt", "include_default", "include_outbound", "clear_allow_lists"), st.booleans()),
    }
).filter(lambda asked: asked["mechanism"] != "preset" or apart(asked))


def settle(tenant, described):
    """Brings the tenant from its seed into a state."""
    tenant.reset()
    for preset, rules in filled(described["presets"], tenant.domain).items():
        tenant.turn_on(preset)
        for noun, (on, people) in zip(PRESET_RULES, rules, strict=True):
            changed = {**people, "State": "Enabled" if on else "Disabled"}
            rows = [{**row, **(changed if row["Name"].startswith(preset) else {})} for row in tenant.state(noun)]
            tenant.put_state(noun, rows)
    for noun, kind in filled(described["kinds"], tenant.domain).items():
        there = [{**row, **kind["default"]} if row.get("IsDefault") else row for row in tenant.state(noun)]
        names = {row["Name"].lower() for row in there}
        tenant.put_state(noun, [*there, *(one["values"] for one in kind["policies"] if one["values"]["Name"].lower() not in names)])
        tenant.put_state(PAIRS[noun], list(ruled(noun, kind)))
    for noun, values in described["lonely"].items():
        tenant.put_state(noun, [{**row, **values} for row in tenant.state(noun)])
    tenant.clear_journal()


def ruled(noun, kind):
    """The rows of the rules, in no order, each with its place from 0 and a name of its own."""
    made = [(one["rule"]["place"], rule_name(one), one["values"]["Name"], one["rule"]) for one in kind["policies"] if one["rule"]]
    made += [(one["place"], one["name"], GONE, one) for one in kind["orphans"]]
    taken = set()
    unique = [one for one in made if not (one[1].lower() in taken or taken.add(one[1].lower()))]
    places = {name: place for place, (dummy, name, *dummy) in enumerate(sorted(unique, key=lambda one: one[0]))}
    for dummy, name, policy, rule in unique:
        yield {"Name": name, noun: policy, "Priority": places[name], "State": "Enabled" if rule["on"] else "Disabled", **rule["whom"]}


def rule_name(one):
    return f"Rule of {one['values']['Name']}" if one["rule"]["renamed"] else one["values"]["Name"]


@pytest.fixture(scope="module")
def tenant(emulator):
    made = emulator.tenant("fresh_e5")
    yield made
    made.remove()


@pytest.fixture(scope="module")
def operator(tenant, tmp_path_factory):
    return Operator(tenant, tmp_path_factory.mktemp("operator"))


@settings(
    max_examples=400 if THOROUGH else 15,
    derandomize=not THOROUGH,
    deadline=None,
    database=None,
    phases=[Phase.generate, Phase.shrink] if THOROUGH else [Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(described=tenants, asked=wishes)
def test_one_run_reaches_it_and_a_second_does_nothing(described, asked, tenant, operator):
    settle(tenant, described)
    asked = filled(asked, tenant.domain)
    before = snapshot(tenant)
    foretold = operator.run(check=True, **asked)
    assert tenant.writes() == [], "check mode wrote"
    run = operator.run(**asked)
    after = snapshot(tenant)
    note(f"decided: {run.decided}\ndone: {run.done}")
    assert run.done == [str(one) for one in run.planned]
    assert run.done == [str(one) for one in foretold.planned], "check mode foretold something else"
    for noun in NOUNS:
        assert changes(theirs(noun, before, run, asked), theirs(noun, after, run, asked)) == [], noun
        if noun in PRESET_RULES and not asked["adopt"]:
            on = [row["Name"] for row in before[noun] if row["State"] == "Enabled"]
            assert changes(*([row for row in state[noun] if row["Name"] in on] for state in (before, after))) == [], "whom a preset is for"
        assert weakened(noun, others(noun, before), others(noun, after)) == [], noun
    left_alone(run, asked, operator)
    for kind in SCOPED:
        reached(kind, after, run, {"scopes": everybody(operator), **{name: value for name, value in asked.items() if value != []}})

    tenant.clear_journal()
    again = operator.run(**asked)
    assert [str(one) for one in again.planned] == []
    assert tenant.writes() == []


def others(noun, state):
    """What is not ours, or was not; of ours the settings are our own to choose."""
    names = {f"{OWNER} {target.capitalize()} - {name}" for target in TARGETS for name in (*SCOPE_NAMES, "visitors", "all domains")}
    return [row for row in state[noun] if row.get("Name") not in names] if noun in NOUN_OF.values() else []


def left_alone(run: Run, asked, operator):
    """Nobody gets anything who is at the target already by what is not ours and stays."""
    going = {one["name"] for one in run.decided.config.get("preset_security_policy", ())} if asked["adopt"] else set()
    for scope in asked["scopes"] or everybody(operator):
        target = scope.get("target") or asked["target"]
        subjects = [one for one in run.seen[target] if one["subject"] in scope.get("recipient_domain_is", ())]
        fine = {kind for kind in SCOPED if subjects and all(enough(one["threats"][kind], going) for one in subjects)}
        name = f"{OWNER} {target.capitalize()} - {scope['name']}"
        done = [str(one) for one in run.planned]
        if fine == set(SCOPED) and not asked["adopt"]:
            rules = tuple(f"{noun} {target.capitalize()} Preset" for noun in PRESET_RULES)
            assert not [one for one in done if one.partition("-")[2].startswith(rules)], "the preset"
        for kind in fine:
            assert not [one for one in done if one.startswith((f"New-{NOUN_OF[kind]} {name}", f"Set-{NOUN_OF[kind]} {name}"))], kind


def enough(threat, going):
    return threat["at_target"] is True and not any(str(one["policy"]).startswith(OWNER) or one["by"] in going for one in threat["policies"])


def everybody(operator):
    """What is meant where there are no scopes."""
    return [{"name": "all domains", "recipient_domain_is": operator.domains}]


ALWAYS_SET = ("AtpPolicyForO365", "TeamsProtectionPolicy", "TeamsProtectionPolicyRule", "EmailTenantSettings", "AdminAuditLogConfig")


def theirs(noun, state, run: Run, asked):
    """The rows that the run had no business with."""
    if noun in ALWAYS_SET or (noun in PRESET_RULES and "preset_security_policy" in run.decided.config):
        return []
    policy_noun = next((policy for policy, rule in PAIRS.items() if rule == noun), noun)
    ours = {row["Name"] for row in state.get(policy_noun, ()) if is_our_row(policy_noun, row, OWNER)}
    # A namesake is taken over where that is asked for, and so is a rule without a policy that has the name of ours.
    written = {one["name"] for kind in SCOPED if NOUN_OF[kind] == policy_noun for one in run.decided.config.get(kind, ())}
    default = asked["include_outbound" if noun == "HostedOutboundSpamFilterPolicy" else "include_default"]
    return [
        row
        for row in state[noun]
        if policy_of(noun, row) not in ours
        and not (default and row.get("IsDefault"))
        and not (row["Name"] in written and (asked["adopt"] or (noun != policy_noun and policy_of(noun, row) == GONE)))
        and not (noun != policy_noun and policy_of(noun, row) in written)
    ]


def reached(kind, state, run: Run, asked):
    """Each scope of the kind has its policy, as good as its target and for its people; what is not wished for any more is gone."""
    noun, rule_noun = NOUN_OF[kind], PAIRS[NOUN_OF[kind]]
    left = {one["name"] for one in (*run.decided.foreign, *run.decided.contested) if one["kind"] == kind}
    # What others cover, and what is for nobody as long as a preset goes before it.
    covered = {one["scope"] for one in (*run.decided.covered, *run.decided.outranked) if one["kind"] == kind}
    policies_by = {row["Name"]: row for row in state[noun]}
    rules_by = {policy_of(rule_noun, row): row for row in state[rule_noun]}
    kept = set()
    ours_in_order = []
    for scope in asked["scopes"]:
        target = scope.get("target") or asked["target"]
        name = f"{OWNER} {target.capitalize()} - {scope['name']}"
        manual = any(one["scope"] == scope["name"] for one in (*run.decided.manual, *run.decided.assigned))
        if name in left or scope["name"] in covered or manual:
            kept.add(name)
        if name in left or scope["name"] in covered or run.decided.mechanisms[scope["name"]] != "custom":
            continue
        kept.add(name)
        policy, rule = policies_by[name], rules_by[name]
        ours_in_order.append(rule["Name"])
        assert is_our_row(noun, policy, OWNER)
        lacks = [one for one in shortfalls(policy, noun, target, "e5") if asked["clear_allow_lists"] or not one["allow_list"]]
        assert lacks == [], name
        assert rule["State"] == "Enabled", name
        for option in CONDITIONS:
            assert sorted(rule[OPTIONS[option]] or []) == sorted(scope.get(option) or []), f"{name}: {option}"
            assert not rule[f"ExceptIf{OPTIONS[option]}"], f"{name}: except_if_{option}"
    stands = [name for name in relative_order(state[rule_noun]) if name in ours_in_order]
    assert stands == ours_in_order, "our policies stand in the order of their scopes"
    assert {row["Name"] for row in state[noun] if is_our_row(noun, row, OWNER)} <= kept
    assert sorted(row["Priority"] for row in state[rule_noun]) == list(range(len(state[rule_noun])))
