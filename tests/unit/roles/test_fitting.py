# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is left out of a configuration for a tenant that can't have it."""

from __future__ import annotations

import pytest

from ansible_collections.m365.defender.plugins.module_utils._registry import RESOURCES
from ansible_collections.m365.defender.plugins.plugin_utils._fitting import fitting

E5 = {"exchange_online": True, "defender_for_office_365": "plan2", "defender_for_endpoint": "plan2"}
CONFIG = {kind: [{"name": "x"}] for kind in RESOURCES}
PRESETS = {"preset_security_policy": [{"name": "standard"}, {"name": "strict"}]}


def left(products, unknown=(), config=CONFIG):
    found = fitting(config, {**E5, **products}, {}, dict(unknown))
    gone = {one["kind"] for one in found["left_out"] if not one["what"]}
    assert gone == set(config) - set(found["config"])
    assert all(one["why"] for one in found["left_out"])
    return gone


@pytest.mark.parametrize(
    ("products", "gone"),
    [
        ({}, set()),
        ({"defender_for_office_365": "plan1"}, set()),
        (
            {"defender_for_office_365": "none"},
            {"safe_attachment_policy", "safe_links_policy", "atp_policy_for_o365", "built_in_protection"},
        ),
        ({"defender_for_endpoint": "plan1"}, set()),
        ({"defender_for_endpoint": "business"}, {"device_group"}),
        ({"defender_for_endpoint": "none"}, {"device_group", "endpoint_features"}),
        ({"exchange_online": False}, {kind for kind, one in RESOURCES.items() if one.service in ("exchange", "compliance")}),
    ],
)
def test_what_no_licence_brings_is_left_out_and_told(products, gone):
    assert left(products) == gone


def test_only_a_missing_licence_leaves_out_what_could_not_be_read():
    assert left({}, {"sharepoint_tenant": "Reading sites/root: Tenant does not have a SPO license. (HTTP 400)"}) == {"sharepoint_tenant"}
    assert left({}, {"sharepoint_tenant": "needs a certificate", "safe_links_policy": "Get-SafeLinksPolicy: (HTTP 403)"}) == set()


def test_features_that_the_other_tenant_does_not_show_are_left_out():
    config = {"endpoint_features": [{"tamper_protection": True, "live_response": True}]}
    found = fitting(config, E5, {"endpoint_features": [{"tamper_protection": False}]}, {})
    assert found["config"] == {"endpoint_features": [{"tamper_protection": True}]}
    assert [(one["kind"], one["what"]) for one in found["left_out"]] == [("endpoint_features", ["live_response"])]
    # Where they could not be read nothing is claimed.
    assert fitting(config, E5, {}, {}) == {"config": config, "left_out": []}


def test_presets_that_were_never_on_are_left_out():
    there = {"preset_security_policy": [{"name": "standard"}]}
    found = fitting(PRESETS, E5, there, {})
    assert found["config"]["preset_security_policy"] == [{"name": "standard"}]
    assert [one["what"] for one in found["left_out"]] == [["strict"]]
    # Where they could not be read nothing is claimed.
    assert fitting(PRESETS, E5, {}, {}) == {"config": PRESETS, "left_out": []}


def test_without_defender_for_office_365_there_is_no_impersonation():
    policy = {"name": "Default", "enable_spoof_intelligence": True, "phish_threshold_level": 3, "targeted_users_to_protect": []}
    found = fitting({"anti_phish_policy": [policy]}, {**E5, "defender_for_office_365": "none"}, {}, {})
    assert found["config"] == {"anti_phish_policy": [{"name": "Default", "enable_spoof_intelligence": True}]}
    assert [one["what"] for one in found["left_out"]] == [["phish_threshold_level", "targeted_users_to_protect"]]
    assert "phish_threshold_level" in policy, "what was handed over was changed"


def test_a_kind_that_is_none_is_the_modules_to_refuse():
    assert left({"exchange_online": False}, config={"no_such_kind": [{}]}) == set()
