# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run that breaks off at any of its requests, each in turn, and is repeated, ends where an undisturbed run ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from ansible_collections.m365.defender.plugins.module_utils._errors import TenantError
from tests.unit.convergence.role import THOROUGH, Operator
from tests.unit.convergence.states import NOUNS, PAIRS, PRESET_RULES, changes, filled, is_our_row, snapshot, unlike

EXECUTIVES = ["adele@{domain}", "alex@{domain}"]
OURS = "m365.defender"
# Before: a run of ours some time ago, among policies of others. Wanted: other targets, a scope more, another order, one scope less.
BEFORE = {
    "mechanism": "custom",
    "target": "standard",
    "scopes": [
        {"name": "staff", "recipient_domain_is": ["{domain}"]},
        {"name": "executives", "sent_to": EXECUTIVES},
        {"name": "visitors", "sent_to_member_of": ["visitors@{domain}"]},
    ],
}
WANTED = {
    "mechanism": "custom",
    "target": "standard",
    "scopes": [
        {"name": "pilot", "sent_to_member_of": ["pilot@{domain}"], "target": "strict"},
        {"name": "executives", "sent_to": EXECUTIVES},
        {"name": "staff", "recipient_domain_is": ["{domain}"], "except_if_sent_to": ["kiosk@{domain}"]},
    ],
    "overrides": {"hosted_content_filter_policy": {"spam_zap_enabled": False}},
    "include_default": True,
}
# What a tenant has once is set, and so are the default policies.
SET = ("AtpPolicyForO365", "TeamsProtectionPolicy", "HostedConnectionFilterPolicy", "AdminAuditLogConfig")
PLAN = "plan1"
SEEN = tuple(NOUNS) if THOROUGH else ("HostedContentFilterPolicy", "HostedContentFilterRule", "SafeLinksPolicy", "SafeLinksRule")
# Two that stand for all: a default policy and a purge task, and neither.
KINDS = () if THOROUGH else ("hosted_content_filter_policy", "safe_links_policy")
# What breaks, and whether the service stays away from then on. Where an answer is lost, the request was carried out.
BREAKS = {
    "cut_off": {"kind": "reset", "times": None},
    "unavailable": {"kind": "unavailable", "times": None},
    "answer_lost": {"kind": "reset", "when": "after", "times": 1},
    **({"answers_lost": {"kind": "reset", "when": "after", "times": None}} if THOROUGH else {}),
}

# What a rule of a preset says: of people whom somebody else has chosen, and of those whom we want.
THEIRS = {"State": "Enabled", "SentTo": ["pilot@{domain}"], "RecipientDomainIs": None}
WANTED_OF_PRESET = {"State": "Enabled", "SentTo": None, "RecipientDomainIs": ["{domain}"]}
STAFF = [{"name": "staff", "recipient_domain_is": ["{domain}"]}]
# How both rules stand before, how the preset is asked for, and by what verbs it comes.
STANDS = {
    "without_rules": (None, {"mechanism": "preset"}, {"New"}),
    "off": ({**THEIRS, "State": "Disabled"}, {"mechanism": "auto"}, {"Set", "Enable"}),
    "on_for_others": (THEIRS, {"mechanism": "preset", "adopt": True}, {"Set"}),
}
PRESET_KINDS = ("preset_security_policy", "hosted_content_filter_policy", "safe_links_policy")


@dataclass
class Ground:
    """tenant: goes back to its beginning by `reset`. start, end: its rows before and after an undisturbed run of `requests` requests."""

    tenant: Any
    operator: Operator
    wanted: dict[str, Any]
    start: dict[str, list[dict[str, Any]]]
    end: dict[str, list[dict[str, Any]]]
    requests: list[str]


@pytest.fixture(scope="module")
def ground(emulator, tmp_path_factory):
    folder = tmp_path_factory.mktemp("operator")
    lived_in = emulator.tenant("lived_in", presets=[])
    earlier = Operator(lived_in, folder, PLAN, KINDS)
    earlier.run(**filled(BEFORE, lived_in.domain))
    lived_in.cmdlet("Disable-SafeLinksRule", Identity="m365.defender Standard - staff")
    tenant = again_from_here(emulator, lived_in, "lived_in")
    yield prepared(
        tenant, Operator(tenant, folder, PLAN, KINDS), filled(WANTED, tenant.domain), {"New", "Set", "Enable", "Remove", "Order"}
    )
    tenant.remove()


def again_from_here(emulator, tenant, seed):
    """A tenant in the place of another one, whose beginning is the state of that one now."""
    start = {noun: tenant.state(noun) for noun in (*NOUNS, "OrganizationConfig")}
    tenant.remove()
    return emulator.tenant(seed, name=tenant.name, presets=[], objects=start)


def prepared(tenant, operator, wanted, verbs):
    """The ground of an undisturbed run, whose writes are of these verbs."""
    start = snapshot(tenant)
    done = operator.run(signed_in=False, **wanted).done
    requests = [str(entry.get("cmdlet") or entry["url"].partition("?")[0]) for entry in tenant.journal()]
    assert {name.partition("-")[0] for name in done} == verbs
    end = snapshot(tenant)
    assert operator.run(**wanted).planned == []
    return Ground(tenant, operator, wanted, start, end, requests)


@pytest.fixture(params=STANDS)
def preset(request, emulator, tmp_path):
    rule, how, verbs = STANDS[request.param]
    tenant = emulator.tenant("fresh_e5")
    tenant.cmdlet("Enable-OrganizationCustomization")  # without it no rule of a preset can be made
    tenant.turn_on("Standard")
    stand(tenant, rule, rule)
    tenant = again_from_here(emulator, tenant, "fresh_e5")
    yield prepared(tenant, Operator(tenant, tmp_path, PLAN, PRESET_KINDS), filled({**how, "scopes": STAFF}, tenant.domain), verbs)
    tenant.remove()


def stand(tenant, *rules):
    """Gives the two rules of the Standard preset these values; None takes one away."""
    for noun, values in zip(PRESET_RULES, filled(rules, tenant.domain), strict=True):
        tenant.put_state(noun, [{**row, **values} for row in tenant.state(noun)] if values else [])


def theirs(noun, state):
    """The rows of others, without what the run is asked to set."""
    if noun in SET:
        return []
    return [row for row in state[noun] if not is_our_row(noun, row, OURS) and not (noun in PAIRS and row.get("IsDefault"))]


def broken_off(broken, ground):
    """For each request of a run, after that one has failed and the run was repeated: what to call it. Checks which runs failed."""
    failed = 0
    for place, request in enumerate(ground.requests):
        ground.tenant.reset()
        fault = ground.tenant.fault(**BREAKS[broken], skip=place)
        try:
            ground.operator.run(signed_in=False, **ground.wanted)
        except TenantError:
            failed += 1
        ground.tenant.emulator.control("DELETE", f"faults/{fault}")
        ground.operator.run(**ground.wanted)
        yield f"{broken} at request {place}, {request}"
    # A lost answer is looked for at once, so that the run itself goes on; a service that stays away ends it.
    assert failed == (0 if BREAKS[broken]["times"] else len(ground.requests))


@pytest.mark.parametrize("broken", BREAKS)
def test_it_converges_when_it_is_repeated(broken, ground):
    for where in broken_off(broken, ground):
        after = snapshot(ground.tenant, SEEN)
        assert {noun: found for noun in SEEN if (found := unlike(after[noun], ground.end[noun]))} == {}, where
        for noun in SEEN:
            names = [str(row.get("Name", row)).lower() for row in after[noun]]
            assert len(names) == len(set(names)), f"{where}: an object of {noun} is there twice"
            assert changes(theirs(noun, ground.start), theirs(noun, after)) == [], f"{where}: {noun} of others"


@pytest.mark.parametrize("broken", BREAKS)
def test_a_preset_that_got_one_of_its_two_rules_gets_the_other(broken, preset):
    for where in broken_off(broken, preset):
        after = snapshot(preset.tenant)
        assert {noun: found for noun in NOUNS if (found := unlike(after[noun], preset.end[noun]))} == {}, where


@pytest.mark.parametrize("mechanism", ["preset", "auto"])
@pytest.mark.parametrize("rules", [(THEIRS, None), (None, THEIRS), (WANTED_OF_PRESET, THEIRS)], ids=["one", "the_other", "beside_ours"])
def test_a_rule_that_somebody_gave_to_others_stays_theirs(rules, mechanism, emulator, tmp_path):
    """It may be the second half of a change of ours; nothing tells it from an assignment of somebody else."""
    tenant = emulator.tenant("fresh_e5")
    tenant.cmdlet("Enable-OrganizationCustomization")
    tenant.turn_on("Standard")
    stand(tenant, *rules)
    before = snapshot(tenant, PRESET_RULES)
    operator, wanted = Operator(tenant, tmp_path, PLAN, PRESET_KINDS), filled({"mechanism": mechanism, "scopes": STAFF}, tenant.domain)
    run, ours = operator.run(**wanted), filled(WANTED_OF_PRESET, tenant.domain)
    assert snapshot(tenant, PRESET_RULES) == before
    assert [one["preset"] for one in run.decided.assigned] == ["standard"] and "pilot@" in run.decided.assigned[0]["to"]
    operator.run(**wanted, adopt=True, outrank=True)
    assert [{name: row[name] for name in THEIRS} for noun in PRESET_RULES for row in tenant.state(noun)] == [ours, ours]
    tenant.remove()
