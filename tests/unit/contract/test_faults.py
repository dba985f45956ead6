# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Law 12: whatever a service does between the request and the answer, the same result comes out."""

from __future__ import annotations

import time

import pytest

from tests.unit.contract.laws import stages
from tests.unit.contract.samples import KINDS, NAME, PORTAL_READS, PORTAL_WRITES, least, made, whole

ALL = KINDS
BY_TOKEN = [one for one in ALL if one.service != "portal"]


def by_kind(value):
    return getattr(value, "kind", None)


def reads(resource):
    """Requests that read the kind's objects."""
    if resource.service == "portal":
        return {"service": "portal", **PORTAL_READS[resource.kind]}
    return {"service": resource.service, "cmdlet": "Get-*"}


def writes(resource, verb):
    """Requests that change the kind's first part by a verb; a list is always written whole."""
    if resource.service == "portal":
        return {"service": "portal", **PORTAL_WRITES[resource.kind]}
    return {"service": resource.service, "cmdlet": f"{verb}-{resource.parts[0].noun}"}


def anything(resource):
    return {"service": resource.service}


# What happens, as faults of the emulated tenant.
DISTURBANCES = {
    "throttled_and_told_when": lambda one: [{"kind": "throttle", "match": anything(one), "retry_after": 7, "times": 3}],
    "throttled_and_not_told": lambda one: [{"kind": "throttle", "match": anything(one), "times": 2}],
    "a_read_is_throttled_alone": lambda one: [{"kind": "throttle", "match": reads(one), "retry_after": 3, "times": 2}],
    "a_write_is_throttled": lambda one: [{"kind": "throttle", "match": writes(one, "Set"), "retry_after": 5, "times": 2}],
    "the_service_is_unavailable_for_reads": lambda one: [{"kind": "unavailable", "match": reads(one), "times": 2}],
    "the_service_is_unavailable_for_a_write": lambda one: [{"kind": "unavailable", "match": writes(one, "Set"), "times": 1}],
    "a_read_meets_trouble_of_the_back_end": lambda one: [{"kind": "transient", "match": reads(one), "times": 1}],
    "a_write_meets_trouble_of_the_back_end": lambda one: [{"kind": "transient", "match": writes(one, "Set"), "times": 1}],
    "a_read_is_cut_off": lambda one: [{"kind": "reset", "match": reads(one), "times": 1}],
    "a_write_is_cut_off_before_it_is_done": lambda one: [{"kind": "reset", "match": writes(one, "Set"), "times": 1}],
    "a_write_is_cut_off_after_it_is_done": lambda one: [{"kind": "reset", "match": writes(one, "Set"), "times": 1, "when": "after"}],
    "reads_lag_behind_writes": lambda one: [{"kind": "lag", "match": anything(one), "reads": 2}],
    "the_sign_in_expires": lambda one: [{"kind": "expire", "match": anything(one), "skip": 1, "times": 1}],
    "much_at_once": lambda one: [
        {"kind": "lag", "match": anything(one), "reads": 2},
        {"kind": "throttle", "match": writes(one, "Set"), "times": 1},
        {"kind": "throttle", "match": reads(one), "retry_after": 2, "skip": 1, "times": 1},
        {"kind": "reset", "match": reads(one), "skip": 3, "times": 1},
    ],
}
CASES = [pytest.param(one, name, id=f"{one.kind}-{name}") for one in ALL for name in DISTURBANCES]
UNDISTURBED: dict[str, list[dict]] = {}


def life(bench, resource):
    """The results of an object's life, without what every run has of its own."""
    results = []
    for stage in stages(resource):
        result = bench.perform(resource, stage)
        result.pop("tenant", None)
        results.append({key: value for key, value in result.items() if key != "warnings"})
    return results


def undisturbed(bench, resource):
    """The results of a kind where nothing happens; found once in a worker."""
    if resource.kind not in UNDISTURBED:
        UNDISTURBED[resource.kind] = life(bench, resource)
        bench.reset()
    return UNDISTURBED[resource.kind]


@pytest.mark.parametrize(("resource", "name"), CASES)
def test_law_12_the_same_result_comes_out(resource, name, bench):
    expected = undisturbed(bench, resource)
    assert not [one for one in expected if one.get("failed")]
    faults = DISTURBANCES[name](resource)
    numbers = [bench.tenant.fault(**fault) for fault in faults]
    results = life(bench, resource)
    assert results == expected
    left = {one["id"]: one["times"] for one in bench.tenant.emulator.control("GET", "faults") if one["id"] in numbers}
    assert not [number for number, times in left.items() if times], "a fault never struck, so the test shows nothing"
    told = [fault["retry_after"] for fault in faults if fault.get("retry_after")]
    assert set(told) <= set(bench.waits)


@pytest.mark.parametrize("resource", [one for one in ALL if made(one)], ids=by_kind)
@pytest.mark.parametrize("when", ["before", "after"])
def test_making_is_never_repeated_blindly(resource, when, bench):
    bench.tenant.fault(kind="reset", match=writes(resource, "New"), times=1, when=when)
    result = bench.perform(resource, least(resource))
    assert not result.get("failed") and result["changed"], result.get("msg")
    assert any("not known" in warning for warning in result["warnings"])
    first = resource.parts[0].noun
    made_calls = [one for one in bench.sent() if str(one) == f"New-{first}"]
    assert [one.status for one in made_calls] == ([0, 200] if when == "before" else [0])
    assert sum(name.startswith(f"New-{first}") for name in result["operations"]) == 1
    between = bench.tenant.journal()
    lost = next(index for index, entry in enumerate(between) if entry["status"] == 0)
    assert not bench.tenant.emulator.control("GET", "faults")[-1]["times"]
    after = [entry for entry in between[lost + 1 :] if "/oauth2/" not in entry["url"]]
    assert after[0]["method"] == "GET" or "Get-" in str(after[0]["body"]), "a lost write is followed by reading"
    assert bench.perform(resource, least(resource))["changed"] is False


@pytest.mark.parametrize("resource", BY_TOKEN, ids=by_kind)
def test_an_expired_token_costs_one_new_one(resource, bench):
    bench.perform(resource, whole(resource))
    bench.clear()
    bench.tenant.fault(kind="expire", match=anything(resource), times=1)
    assert bench.perform(resource, whole(resource))["changed"] is False
    assert sum("/oauth2/" in entry["url"] and entry["method"] == "POST" for entry in bench.tenant.journal()) == 1


def test_no_token_is_fetched_twice(bench):
    for resource in BY_TOKEN:
        bench.perform(resource, whole(resource))
        bench.perform(resource, whole(resource), check=True)
    asked = [entry["body"]["scope"] for entry in bench.tenant.journal() if entry["url"].endswith("/oauth2/v2.0/token")]
    # SharePoint's host is the tenant's own; Graph is asked for it.
    assert len(asked) == len(set(asked)) == len({one.service for one in BY_TOKEN} | {"graph"})


def test_reads_of_a_kind_with_two_parts_are_one_request(bench):
    resource = next(one for one in BY_TOKEN if len(one.parts) > 1)
    bench.perform(resource, whole(resource), check=True)
    assert [entry["url"].rpartition("/")[2] for entry in bench.tenant.journal() if "/adminapi/" in entry["url"]] == ["$batch"]


def test_waiting_is_real_where_nobody_hands_over_another_way(bench):
    resource = next(one for one in BY_TOKEN if made(one))
    bench.tenant.fault(kind="lag", match=anything(resource), reads=1)
    started = time.monotonic()
    result = bench.perform(resource, least(resource), wait=time.sleep)
    assert not result.get("failed") and result["changed"]
    assert 0.9 < time.monotonic() - started < 10
    assert NAME in str(result["object"])


@pytest.mark.parametrize("resource", [one for one in ALL if made(one)], ids=by_kind)
def test_what_was_made_but_does_not_show_yet_is_waited_for(resource, bench):
    """The write is lost on its way back, and the object shows only after more readings than writes are repeated."""
    noun = ("portal." if resource.service == "portal" else "") + resource.parts[0].noun
    before = len(bench.tenant.state(noun))
    bench.tenant.fault(kind="reset", match=writes(resource, "New"), times=1, when="after")
    bench.tenant.fault(kind="lag", match=anything(resource), reads=8)
    result = bench.perform(resource, least(resource))
    assert not result.get("failed"), result["msg"]
    assert sum(name.startswith(f"New-{resource.parts[0].noun}") for name in result["operations"]) == 1
    assert len(bench.tenant.state(noun)) == before + 1
