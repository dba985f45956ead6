# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The laws for preset security policies, in an emulated tenant with every licence, and the traps of presets."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from ansible_collections.m365.defender.plugins.module_utils._bulk import CONFIGURATION, CONFIGURATION_INFO
from ansible_collections.m365.defender.plugins.module_utils._errors import Forbidden
from ansible_collections.m365.defender.plugins.module_utils._export import export, read_object
from ansible_collections.m365.defender.plugins.module_utils._plan import plan
from ansible_collections.m365.defender.plugins.module_utils._reading import read_each
from ansible_collections.m365.defender.plugins.module_utils._registry import RESOURCES
from ansible_collections.m365.defender.plugins.module_utils._resource import ENGINE_PARAMETERS
from ansible_collections.m365.defender.plugins.module_utils.resources.safe_links_policy import SAFE_LINKS_POLICY
from tests.unit.contract.bench import Sent
from tests.unit.contract.conftest import _bench

KIND = RESOURCES["preset_security_policy"]
EOP, ATP = "EOPProtectionPolicyRule", "ATPProtectionPolicyRule"
CMDLETS = json.loads((Path(__file__).parents[3] / "emulator" / "tables" / "cmdlets.json").read_text())["cmdlets"]
ASSIGNMENT = {
    "sent_to": ["adele@contoso.com"],
    "sent_to_member_of": ["board@contoso.com"],
    "recipient_domain_is": ["contoso.com"],
    "except_if_sent_to": ["alex@contoso.com"],
    "except_if_sent_to_member_of": ["pilots@contoso.com"],
    "except_if_recipient_domain_is": ["fabrikam.com"],
}
LISTS = {
    "targeted_users_to_protect": ["Dana Example;dana@contoso.com"],
    "targeted_domains_to_protect": ["fabrikam.com"],
    "excluded_senders": ["news@adatum.com"],
    "excluded_domains": ["partner.example"],
}
# From the portal's first switching on (on for everybody) through every state that a preset can be in.
STAGES = [
    {"enabled": True, **ASSIGNMENT, **LISTS},
    {"enabled": True, "recipient_domain_is": [], "except_if_sent_to": ["megan@contoso.com"], "excluded_senders": []},
    {"enabled": False, "sent_to": ["megan@contoso.com"]},
    {"enabled": False, "everyone": True, "except_if_recipient_domain_is": []},
    {"enabled": True, "everyone": True},
    {"everyone": False, "sent_to_member_of": ["board@contoso.com"], "targeted_users_to_protect": []},
    {"enabled": False},
]
# The licences that differ: without a plan of Defender for Office 365 there is one rule.
SEEDS = {"fresh_e5": (EOP, ATP), "fresh_e3": (EOP, ATP), "business_premium": (EOP, ATP), "exchange_only": (EOP,)}
PRESETS = ("standard", "strict")


def named(preset, wish):
    return {"name": preset, **wish}


@pytest.fixture
def initialised(bench):
    """A tenant in which somebody has switched on both presets in the portal."""
    for preset in PRESETS:
        bench.tenant.turn_on(preset.capitalize())
    bench.clear()
    return bench


@pytest.fixture(params=SEEDS)
def licensed(emulator, tmp_path, request):
    """A tenant with these licences, and the nouns of the rules that it has."""
    with _bench(emulator, request.param, tmp_path) as made:
        yield made, SEEDS[request.param]


# ---------------------------------------------------------------- laws


@pytest.mark.parametrize("preset", PRESETS)
def test_laws_1_to_3_for_the_life_of_a_preset(preset, licensed):
    bench, nouns = licensed
    bench.tenant.turn_on(preset.capitalize())
    for stage in STAGES:
        wish = named(preset, {option: value for option, value in stage.items() if option not in LISTS or ATP in nouns})
        assert KIND.wrong(wish) == []
        bench.clear()
        said = bench.perform(KIND, wish, check=True)
        assert not said.get("failed"), said["msg"]
        assert bench.sent() == [] and bench.tenant.writes() == []
        real = bench.perform(KIND, wish)
        assert not real.get("failed"), real["msg"]
        assert real["changed"] and len(real["operations"]) == len(bench.sent())
        assert {one.noun for one in bench.sent()} <= {*nouns, "AntiPhishPolicy"}
        for key in ("changed", "operations", "diff", "object"):
            assert said[key] == real[key], key
        rows = bench.rows(KIND)
        assert plan(KIND, rows, [wish]).operations == ()
        assert read_object(KIND, rows, preset) == real["object"]
        assert {option: real["object"][option] for option in wish if option != "outrank"} == wish
        assert list(real["object"]["rules"]) == list(nouns)
        again = bench.perform(KIND, wish)
        assert (again["changed"], again["operations"], again["diff"]) == (False, [], [])


def test_law_4_an_export_plans_to_nothing_in_every_state(licensed):
    bench, nouns = licensed

    def exported():
        config = bench.perform(CONFIGURATION_INFO, {"kinds": [KIND.kind]})["configuration"]
        result = bench.perform(CONFIGURATION, {"config": config})
        assert (result["changed"], result["diff"]) == (False, []), result.get("msg")
        return config[KIND.kind]

    assert exported() == []
    bench.tenant.turn_on("Standard")
    assert [(one["name"], one["enabled"], one["everyone"]) for one in exported()] == [("standard", True, True)]
    bench.tenant.turn_on("Strict")
    for noun in nouns:
        bench.tenant.cmdlet(f"Set-{noun}", Identity="Strict Preset Security Policy", SentTo=[f"{noun}@contoso.com"])
        bench.tenant.cmdlet(f"Disable-{noun}", Identity="Standard Preset Security Policy")
    standard, strict = exported()
    assert (standard["enabled"], "sent_to" in strict) == (False, len(nouns) == 1)
    bench.tenant.cmdlet(f"Remove-{EOP}", Identity="Strict Preset Security Policy", Confirm=False)
    assert exported()


def test_law_4_for_a_tenant_that_people_have_lived_in(lived_in):
    rows = lived_in.rows(KIND)
    assert export(KIND, rows) and plan(KIND, rows, export(KIND, rows, built_in=True)).operations == ()


@pytest.mark.parametrize("option", [*ASSIGNMENT, *LISTS])
def test_laws_5_and_6_only_what_changes_is_sent(option, initialised):
    initialised.apply(KIND, named("strict", {**ASSIGNMENT, **LISTS}))
    nouns = (EOP, ATP) if option in ASSIGNMENT else ("AntiPhishPolicy",)
    wire = next(one.wire for one in (*KIND.assignment, *KIND.lists) if one.option == option)
    other = ["Robin Sample;robin@contoso.com"] if option == "targeted_users_to_protect" else ["adatum.com"]
    for value in (other, []):
        initialised.clear()
        wish = named("strict", {**ASSIGNMENT, **LISTS, option: value})
        initialised.apply(KIND, wish)
        assert [(str(one), set(one.settings)) for one in initialised.sent()] == [(f"Set-{noun}", {wire}) for noun in nouns]
        assert plan(KIND, initialised.rows(KIND), [wish]).operations == ()
        assert read_object(KIND, initialised.rows(KIND), "standard")[option] == []  # the other preset is left alone


def test_law_6_on_and_off_are_verbs(initialised):
    for enabled, verb in ((False, "Disable"), (True, "Enable")):
        initialised.clear()
        initialised.apply(KIND, named("standard", {"enabled": enabled, "everyone": True}))
        assert initialised.sent() == [Sent(verb, EOP), Sent(verb, ATP)]


@pytest.mark.parametrize("rule", KIND.rules, ids=lambda rule: rule.noun)
def test_laws_9_and_10_every_parameter_of_a_rule_is_used_or_left_out_with_a_reason(rule):
    assignment = {one.wire for one in KIND.assignment}
    new, changed = (set(CMDLETS[f"{verb}-{rule.noun}"]["parameters"]) for verb in ("New", "Set"))
    assert {"Name", "Priority", "Enabled", *rule.policies, *assignment} <= new
    assert new - {*rule.policies, *assignment, *KIND.left_out, *ENGINE_PARAMETERS} == set()
    assert assignment <= changed and changed - {*assignment, *KIND.left_out, *ENGINE_PARAMETERS} == set()
    assert KIND.left_out.keys() <= new and all(KIND.left_out.values())
    assert {f"{verb}-{rule.noun}" for verb in ("Get", "Enable", "Disable")} <= set(CMDLETS)
    assert all(f"Get-{noun}" in CMDLETS for noun in (*rule.policies, *rule.outranks))
    assert {one.wire for one in KIND.lists} <= set(CMDLETS[f"Set-{KIND.lists_on}"]["parameters"])


DISTURBANCES = {
    "throttled": [{"kind": "throttle", "match": {"service": "exchange"}, "retry_after": 3, "times": 2}],
    "a_write_is_unavailable": [{"kind": "unavailable", "match": {"service": "exchange", "cmdlet": f"Enable-{ATP}"}, "times": 1}],
    "a_write_is_cut_off_after_it_is_done": [{"kind": "reset", "match": {"service": "exchange", "cmdlet": f"Set-{EOP}"}, "when": "after"}],
    "a_new_rule_is_cut_off_after_it_is_made": [
        {"kind": "reset", "match": {"service": "exchange", "cmdlet": f"New-{ATP}"}, "when": "after"}
    ],
    "reads_lag": [{"kind": "lag", "match": {"service": "exchange"}, "reads": 3}],
}


@pytest.mark.parametrize("faults", DISTURBANCES.values(), ids=DISTURBANCES)
@pytest.mark.parametrize("removed", [False, True])
def test_law_12_the_same_comes_out_whatever_happens(faults, removed, initialised):
    initialised.apply(KIND, named("strict", {"enabled": False}))
    if removed:
        for noun in (EOP, ATP):
            initialised.tenant.cmdlet(f"Remove-{noun}", Identity="Strict Preset Security Policy", Confirm=False)
    for fault in faults:
        initialised.tenant.fault(**fault)
    wish = named("strict", {"enabled": True, **ASSIGNMENT})
    result = initialised.perform(KIND, wish)
    assert not result.get("failed"), result["msg"]
    assert {option: result["object"][option] for option in wish} == wish
    assert sorted(row["Name"] for row in initialised.tenant.state(ATP)) == [
        "Standard Preset Security Policy",
        "Strict Preset Security Policy",
    ]


BROKEN = {
    "a condition": replace(KIND, conditions=(replace(KIND.conditions[0], wire="SentFrom"), *KIND.conditions[1:])),
    "a rule": replace(KIND, rules=(replace(KIND.rules[0], noun="EOPPresetRule"), *KIND.rules[1:])),
    "a policy": replace(KIND, rules=(KIND.rules[0], replace(KIND.rules[1], policies=("SafeAttachmentPolicy", "SafeDocsPolicy")))),
    "the lists": replace(KIND, lists=(replace(KIND.lists[0], wire="ProtectedUsers"), *KIND.lists[1:])),
    "a name": replace(KIND, presets=tuple(replace(one, rule=f"{one.name} preset", type="Basic") for one in KIND.presets)),
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_law_13_a_life_notices_a_wrong_description(broken, initialised):
    wish = named("standard", STAGES[0])
    assert initialised.perform(KIND, wish, check=True)["changed"]
    assert initialised.perform(broken, wish).get("failed")


# ---------------------------------------------------------------- traps


def test_the_first_time_is_the_portals(licensed):
    bench, nouns = licensed
    for preset in PRESETS:
        bench.clear()
        result = bench.perform(KIND, named(preset, {"enabled": True, "everyone": True}))
        assert result["failed"] and result["changed"] is False and bench.tenant.writes() == []
        assert (result["failure"]["kind"], result["failure"]["code"]) == ("refused", "preset_not_initialised")
        assert "https://security.microsoft.com/presetSecurityPolicies" in result["failure"]["hint"]
        off = bench.perform(KIND, named(preset, {"enabled": False}))
        assert not off["changed"] and not off["object"]["initialised"] and off["object"]["rules"] == dict.fromkeys(nouns)
        bench.tenant.turn_on(preset.capitalize())
        assert bench.perform(KIND, named(preset, {"enabled": True, "everyone": True}))["changed"] is False


@pytest.mark.parametrize("preset", PRESETS)
def test_a_removed_rule_is_made_again_for_the_policies_that_stayed(preset, licensed):
    bench, nouns = licensed
    bench.tenant.turn_on(preset.capitalize())
    name = f"{preset.capitalize()} Preset Security Policy"
    before = {noun: bench.tenant.state(noun)[0] for noun in nouns}
    for noun in nouns:
        bench.tenant.cmdlet(f"Remove-{noun}", Identity=name, Confirm=False)
    bench.clear()
    result = bench.perform(KIND, named(preset, {"enabled": True, "everyone": True}))
    assert not result.get("failed"), result["msg"]
    assert [str(one) for one in bench.sent()] == [f"New-{noun}" for noun in nouns]
    assert {one.settings["Priority"] for one in bench.sent()} == {1 if preset == "standard" else 0}
    for rule in KIND.rules:
        if rule.noun in nouns:
            (row,) = bench.tenant.state(rule.noun)
            assert all(row[noun] == before[rule.noun][noun] for noun in rule.policies) and row["Name"] == name


def test_the_priorities_of_both_presets_stay(initialised):
    for noun in (EOP, ATP):
        for preset in ("Strict", "Standard"):
            initialised.tenant.cmdlet(f"Remove-{noun}", Identity=f"{preset} Preset Security Policy", Confirm=False)
    wishes = [named(preset, {"enabled": True, "everyone": True}) for preset in PRESETS]
    result = initialised.perform(CONFIGURATION, {"config": {KIND.kind: wishes}})
    assert not result.get("failed"), result["msg"]
    for noun in (EOP, ATP):
        assert {row["Name"].partition(" ")[0]: row["Priority"] for row in initialised.tenant.state(noun)} == {"Strict": 0, "Standard": 1}


def test_no_setting_of_a_presets_policies_but_the_lists_is_an_option():
    settings = set(KIND.spec) - {"name", "enabled", "everyone", "outrank", *ASSIGNMENT}
    assert settings == set(LISTS)


def test_a_custom_policy_is_named_before_it_is_outranked(initialised):
    initialised.apply(KIND, *(named(preset, {"enabled": False}) for preset in PRESETS))
    initialised.apply(SAFE_LINKS_POLICY, {"name": "Links of the board", "rule": {"sent_to": ["dana@contoso.com"], "enabled": True}})
    initialised.apply(SAFE_LINKS_POLICY, {"name": "Idle", "rule": {"sent_to": ["robin@contoso.com"], "enabled": False}})
    initialised.clear()
    wish = named("standard", {"enabled": True, "everyone": True})
    result = initialised.perform(KIND, wish)
    assert result["failure"]["code"] == "would_outrank" and initialised.sent() == []
    assert '"Links of the board" (SafeLinksRule)' in result["msg"] and "Idle" not in result["msg"]
    assert initialised.perform(KIND, {**wish, "outrank": True})["changed"] is True
    assert initialised.perform(KIND, wish)["changed"] is False  # equality is no affair of outrank


def test_reading_takes_two_requests(initialised):
    initialised.rows(KIND)
    initialised.clear()
    initialised.rows(KIND)
    asked = [entry for entry in initialised.tenant.journal() if "/adminapi/" in entry["url"]]
    assert [len(entry["body"]["requests"]) for entry in asked] == [10, 2]


# ---------------------------------------------------------------- what the licence does not bring


def test_a_missing_licence_is_told_by_the_list_of_cmdlets(emulator, tmp_path):
    with _bench(emulator, "exchange_only", tmp_path) as bench:
        bench.tenant.turn_on("Standard")
        bench.clear()
        rows = bench.rows(KIND)
        assert EOP in rows and not [noun for noun in rows if noun.startswith(("ATP", "Safe"))]
        assert sum("EXOModuleFile" in entry["url"] for entry in bench.tenant.journal()) == 1
        result = bench.perform(KIND, named("standard", LISTS))
        assert (result["failure"]["kind"], result["failure"]["code"]) == ("refused", "not_offered")
        assert bench.sent() == []
        # Another kind that needs the licence still fails as it does alone.
        result = bench.perform(CONFIGURATION_INFO, {})
        assert set(result["configuration"]) >= {KIND.kind} and "safe_links_policy" in result["unknown"]


def test_the_list_of_cmdlets_is_not_asked_for_without_need(initialised):
    initialised.rows(KIND)
    assert not [entry for entry in initialised.tenant.journal() if "EXOModuleFile" in entry["url"]]


def test_a_refused_reading_is_no_missing_licence(initialised):
    denied = {"status": 403, "text": "No role allows it.", "type": "System.UnauthorizedAccessException"}
    initialised.tenant.fault(kind="batch_item", match={"cmdlet": f"Get-{ATP}"}, times=None, **denied)
    with pytest.raises(Forbidden, match=f"Get-{ATP} .*No role allows it"):
        initialised.rows(KIND)
    result = initialised.perform(KIND, named("standard", {"enabled": False}))
    assert result["failure"]["kind"] == "forbidden" and initialised.sent() == []


def test_a_list_of_cmdlets_that_can_not_be_had_proves_nothing(emulator, tmp_path):
    with _bench(emulator, "exchange_only", tmp_path) as bench:
        bench.tenant.fault(kind="unavailable", match={"service": "exchange", "path": "*EXOModuleFile*"}, times=None)
        assert bench.perform(KIND, named("standard", {"enabled": False}))["failure"]["kind"] == "forbidden"


@dataclass
class Listing:
    """A tenant whose service refuses the optional cmdlets and says so of what it offers."""

    offered: list[str]
    label: str = "contoso.onmicrosoft.com"

    def store(self, service):
        return self

    def read(self, queries):
        if [one.noun for one in queries] == ["ModuleFile"]:
            return {queries[0]: [{"cmdlet": name} for name in self.offered]}
        return {one: Forbidden("no", status=403) if one in KIND.optional else [] for one in queries}


ANSWERED = [f"Get-{one.noun}" for one in KIND.queries if one not in KIND.optional]


@pytest.mark.parametrize(
    ("offered", "believed"),
    [
        (ANSWERED, True),
        ([name.upper() for name in ANSWERED], True),
        ([*ANSWERED, f"Get-{ATP}"], False),  # it is offered, so something else is wrong
        (ANSWERED[1:], False),  # what was answered is not in it, so the list is not whole
        ([], False),
    ],
)
def test_when_the_list_of_cmdlets_is_believed(offered, believed):
    rows = next(iter(read_each(Listing(offered), [KIND]).values()))
    if believed:
        assert set(rows) == {one.noun for one in KIND.queries if one not in KIND.optional}
    else:
        assert isinstance(rows, Forbidden)


def test_a_caller_without_a_role_sees_no_missing_licence(initialised):
    result = initialised.perform(KIND, named("standard", {"enabled": False}), identity="unassigned")
    assert result["failure"]["kind"] == "forbidden"
