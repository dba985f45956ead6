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
from tests.unit.convergence.states import NOUNS, PAIRS, changes, is_our_row, snapshot, unlike

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


def filled(wishes, tenant):
    """Wishes with the tenant's own domain."""
    scopes = [
        {name: [one.format(domain=tenant.domain) for one in value] if isinstance(value, list) else value for name, value in scope.items()}
        for scope in wishes["scopes"]
    ]
    return {**wishes, "scopes": scopes}


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
    earlier.run(**filled(BEFORE, lived_in))
    lived_in.cmdlet("Disable-SafeLinksRule", Identity="m365.defender Standard - staff")
    name = lived_in.name
    start = {noun: lived_in.state(noun) for noun in NOUNS}
    lived_in.remove()
    tenant = emulator.tenant("lived_in", name=name, presets=[], objects=start)
    operator = Operator(tenant, folder, PLAN, KINDS)
    wanted = filled(WANTED, tenant)
    start = snapshot(tenant)
    done = operator.run(signed_in=False, **wanted).done
    requests = [str(entry.get("cmdlet") or entry["url"].partition("?")[0]) for entry in tenant.journal()]
    assert {name.partition("-")[0] for name in done} == {"New", "Set", "Enable", "Remove", "Order"}
    end = snapshot(tenant)
    assert operator.run(**wanted).planned == []
    yield Ground(tenant, operator, wanted, start, end, requests)
    tenant.remove()


def theirs(noun, state):
    """The rows of others, without what the run is asked to set."""
    if noun in SET:
        return []
    return [row for row in state[noun] if not is_our_row(noun, row, OURS) and not (noun in PAIRS and row.get("IsDefault"))]


@pytest.mark.parametrize("broken", BREAKS)
def test_it_converges_when_it_is_repeated(broken, ground):
    failed = 0
    for place, request in enumerate(ground.requests):
        where = f"{broken} at request {place}, {request}"
        ground.tenant.reset()
        fault = ground.tenant.fault(**BREAKS[broken], skip=place)
        try:
            ground.operator.run(signed_in=False, **ground.wanted)
        except TenantError:
            failed += 1
        ground.tenant.emulator.control("DELETE", f"faults/{fault}")
        ground.operator.run(**ground.wanted)
        after = snapshot(ground.tenant, SEEN)
        assert {noun: found for noun in SEEN if (found := unlike(after[noun], ground.end[noun]))} == {}, where
        for noun in SEEN:
            names = [str(row.get("Name", row)).lower() for row in after[noun]]
            assert len(names) == len(set(names)), f"{where}: an object of {noun} is there twice"
            assert changes(theirs(noun, ground.start), theirs(noun, after)) == [], f"{where}: {noun} of others"
    # A lost answer is looked for at once, so that the run itself goes on; a service that stays away ends it.
    assert failed == (0 if BREAKS[broken]["times"] else len(ground.requests))
