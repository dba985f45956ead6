# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every kind at once: what is exported of a tenant is applicable to it without a change, and makes another tenant like it."""

from __future__ import annotations

import pytest

from ansible_collections.m365.defender.plugins.module_utils._bulk import CONFIGURATION, CONFIGURATION_INFO
from ansible_collections.m365.defender.plugins.module_utils._registry import RESOURCES
from ansible_collections.m365.defender.plugins.module_utils.readers.license_info import LICENSE_INFO
from ansible_collections.m365.defender.plugins.plugin_utils._fitting import fitting
from tests.unit.contract.samples import objects, removals


def exported(bench, *, built_in=False):
    result = bench.perform(CONFIGURATION_INFO, {"built_in": built_in})
    assert not result.get("failed"), result["msg"]
    assert result["unknown"] == {}
    return result["configuration"]


@pytest.mark.parametrize("built_in", [False, True])
def test_an_export_is_applicable_without_a_change(built_in, lived_in):
    config = exported(lived_in, built_in=built_in)
    assert set(config) == set(RESOURCES)
    lived_in.clear()
    result = lived_in.perform(CONFIGURATION, {"config": config})
    assert (result["changed"], result["operations"], result["diff"]) == (False, [], []), result.get("msg")
    assert lived_in.sent() == []


# What can't be read of a tenant because no licence brings it; the portal opens with Defender for Endpoint or Defender for Business only.
NOT_BROUGHT = {
    "exchange_only": {
        "safe_attachment_policy",
        "safe_links_policy",
        "atp_policy_for_o365",
        "built_in_protection",
        "sharepoint_tenant",
        "device_group",
        "endpoint_features",
    }
}
SEEDS = ("fresh_e5", "fresh_e3", "exchange_only", "business_premium", "lived_in")


def read_of(bench):
    result = bench.perform(CONFIGURATION_INFO, {})
    assert not result.get("failed"), result["msg"]
    return result


def settled(bench, config):
    """Applies a configuration: what check mode foretells is what is done, and a second time nothing is left to do."""
    bench.clear()
    said = bench.perform(CONFIGURATION, {"config": config}, check=True, max_writes_per_tenant=500)
    assert bench.sent() == [], "check mode wrote"
    done = bench.perform(CONFIGURATION, {"config": config}, max_writes_per_tenant=500)
    assert not done.get("failed"), done["msg"]
    assert (said["operations"], said["diff"], said["changed"]) == (done["operations"], done["diff"], done["changed"])
    assert bench.perform(CONFIGURATION, {"config": config})["changed"] is False
    return done


@pytest.mark.parametrize("seed", SEEDS)
def test_every_seed_is_exported_applied_to_itself_and_makes_a_fresh_tenant_alike(seed, bench_of):
    bench, fresh = bench_of(seed), bench_of("fresh_e5" if seed == "lived_in" else seed)
    found = read_of(bench)
    assert set(found["unknown"]) == NOT_BROUGHT.get(seed, set())
    assert set(found["configuration"]) == set(RESOURCES) - NOT_BROUGHT.get(seed, set())
    bench.clear()
    assert bench.perform(CONFIGURATION, {"config": found["configuration"]})["changed"] is False
    assert bench.sent() == []

    if seed == "lived_in":
        fresh.tenant.turn_on("Standard")  # the first time is the portal's
    done = settled(fresh, found["configuration"])
    assert done["changed"] is (seed == "lived_in"), "two fresh tenants differ"
    now = read_of(fresh)["configuration"]
    for kind, wanted in found["configuration"].items():
        assert all(one in now[kind] for one in wanted), kind


@pytest.mark.parametrize("seed", [seed for seed in SEEDS if seed != "lived_in"])
def test_a_tenant_that_people_live_in_is_copied_as_far_as_the_licences_go(seed, lived_in, bench_of):
    bench = bench_of(seed)
    there, licences = read_of(bench), bench.perform(LICENSE_INFO, {})["licenses"]
    found = fitting(read_of(lived_in)["configuration"], licences["products"], there["configuration"], there["unknown"])
    assert {one["kind"] for one in found["left_out"]} == {
        "preset_security_policy",  # which nobody has switched on there
        *NOT_BROUGHT.get(seed, set()),
        *({"anti_phish_policy"} if seed == "exchange_only" else ()),
        *({"device_group"} if seed == "business_premium" else ()),
    }
    assert settled(bench, found["config"])["changed"] is True
    # A reading with a stale XSRF token gets a 500, at which the session is renewed. [code]
    failed = [(one["status"], one["method"], one["url"].split("/")[2]) for one in bench.tenant.journal() if one["status"] >= 400]
    assert set(failed) <= {(500, "GET", "security.microsoft.com")}, "a call failed for want of a licence"
    now = read_of(bench)["configuration"]
    for kind, wanted in found["config"].items():
        held = {str(one.get("name", kind)): one for one in now[kind]}
        for one in wanted:
            has = held[str(one.get("name", kind))] if kind != "tenant_allow_block_list" else one
            assert {option: has.get(option) for option in one} == one, kind


def test_of_a_tenant_without_licences_nothing_is_exported_and_it_is_said_why(bench_of):
    result = bench_of("unlicensed").perform(CONFIGURATION_INFO, {})
    assert result["failed"] and "Get-QuarantinePolicy" in result["msg"] and "licence" in result["msg"]


def test_an_export_makes_another_tenant_alike(bench, lived_in):
    bench.tenant.turn_on("Standard")  # the first time is the portal's
    config = exported(lived_in)
    said = bench.perform(CONFIGURATION, {"config": config}, check=True, max_writes_per_tenant=500)
    assert bench.sent() == []
    result = bench.perform(CONFIGURATION, {"config": config}, max_writes_per_tenant=500)
    assert not result.get("failed"), result["msg"]
    assert (said["operations"], said["diff"]) == (result["operations"], result["diff"])
    assert bench.perform(CONFIGURATION, {"config": config})["changed"] is False
    now = exported(bench)
    for kind, wanted in config.items():
        assert all(one in now[kind] for one in wanted), kind


def test_every_kind_is_made_and_removed_in_one_task(bench):
    bench.tenant.turn_on("Standard")
    config = {kind: [one] for kind, one in objects().items()}
    assert bench.perform(CONFIGURATION, {"config": config})["changed"] is True
    assert bench.perform(CONFIGURATION, {"config": config})["changed"] is False
    away = {kind: [one] for kind, one in removals().items()}
    assert bench.perform(CONFIGURATION, {"config": away})["changed"] is True
    assert bench.perform(CONFIGURATION, {"config": away})["changed"] is False


def test_what_a_tenant_has_once_is_wanted_once_at_most(bench):
    bench.clear()
    result = bench.perform(CONFIGURATION, {"config": {"atp_policy_for_o365": [{}, {}]}})
    assert (result["failure"]["kind"], bench.tenant.journal()) == ("bad_input", [])
    assert "atp_policy_for_o365: there is only one" in result["msg"] and "Nothing was sent" in result["msg"]


def test_reading_everything_takes_one_request_for_each_service(bench):
    exported(bench)
    bench.clear()
    exported(bench)
    asked = [entry["url"] for entry in bench.tenant.journal() if "/adminapi/" in entry["url"]]
    services = {one.service for one in RESOURCES.values()} & {"exchange", "compliance"}
    batches = [-(-len({query for one in RESOURCES.values() if one.service == name for query in one.queries}) // 10) for name in services]
    assert len(asked) == sum(batches)


def test_what_can_not_be_read_is_said_and_the_rest_is_given(emulator, bench):
    result = bench.perform(CONFIGURATION_INFO, {}, portal_session=None)
    by_portal = {kind for kind, one in RESOURCES.items() if one.service == "portal"}
    assert set(result["unknown"]) == by_portal and all("portal_session" in text for text in result["unknown"].values())
    assert set(result["configuration"]) == set(RESOURCES) - by_portal
