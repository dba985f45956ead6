# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every kind at once: what is exported of a tenant is applicable to it without a change, and makes another tenant like it."""

from __future__ import annotations

import pytest

from ansible_collections.m365.defender.plugins.module_utils._bulk import CONFIGURATION, CONFIGURATION_INFO
from ansible_collections.m365.defender.plugins.module_utils._registry import RESOURCES
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
