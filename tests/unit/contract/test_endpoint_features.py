# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Features of Defender for Endpoint: what a tenant does not have is refused, what nobody knows is kept, what does not stick is said."""

from __future__ import annotations

import pytest

from ansible_collections.m365.defender.plugins.module_utils._registry import RESOURCES

KIND = RESOURCES["endpoint_features"]
ADVANCED, LIVE = "portal.advanced_features", "portal.live_response"
SAVE = {"service": "portal", "method": "POST", "path": "*/SaveAdvancedFeaturesSetting"}


def features(bench):
    """The advanced features as the portal has them."""
    ours = bench.ours().store("portal")
    return ours._features._advanced()


def bodies(bench, method="POST"):
    return [entry["body"] for entry in bench.tenant.journal() if entry["method"] == method and "security.microsoft.com" in entry["url"]]


def test_what_is_shown(bench):
    shown = bench.perform(KIND, {}, check=True)["object"]
    assert shown["device_discovery"] is True, "the member says the opposite"
    assert (shown["intune_connection"], shown["live_response"], shown["tamper_protection"]) == (False, True, True)
    assert (shown["automated_investigation"], shown["attack_disruption"], shown["pua_as_suspicious"]) == (True, True, False)
    assert shown["automation_uploads"]["cloud_upload"] is True and shown["folder_exclusions"] == [] and shown["unknown"] == {}


def test_what_nobody_knows_is_saved_as_it_was_read(bench):
    before = {**features(bench), "SomethingOfNextYear": "x", "MobileDeactivationPeriodInDays": 30}
    bench.tenant.put_state(ADVANCED, [before])
    bench.clear()
    result = bench.perform(KIND, {"edr_in_block_mode": True, "device_discovery": False})
    assert result["operations"] == ["Set-endpoint_features advanced features {EnableWdavPassiveModeRemediation, MagellanOptOut}"]
    assert bodies(bench) == [{**before, "EnableWdavPassiveModeRemediation": True, "MagellanOptOut": True}]
    assert bench.tenant.state(ADVANCED) == bodies(bench)


def test_places_are_saved_apart_and_each_is_known(bench):
    result = bench.perform(KIND, {"edr_in_block_mode": True, "live_response_unsigned_scripts": False, "intune_connection": True})
    assert [one.partition(" {")[0] for one in result["operations"]] == [
        f"Set-endpoint_features {place}" for place in ("advanced features", "live response", "Intune")
    ]
    live = {"AutomatedIrLiveResponse": True, "LiveResponseForServers": True, "AutomatedIrUnsignedScripts": False}
    assert bodies(bench, "PATCH") == [{"properties": live}]
    bench.clear()
    bench.tenant.fault(kind="unavailable", times=None, match={"service": "portal", "method": "PATCH"})
    broken = bench.perform(KIND, {"edr_in_block_mode": False, "live_response": False})
    assert broken["failed"] and broken["changed"]
    assert broken["operations"] == ["Set-endpoint_features advanced features {EnableWdavPassiveModeRemediation}"]


@pytest.mark.parametrize("check", [True, False])
def test_a_setting_that_the_tenant_does_not_have(check, bench):
    less = {name: value for name, value in features(bench).items() if name != "AllowWdavNetworkBlock"}
    bench.tenant.put_state(ADVANCED, [less])
    bench.clear()
    result = bench.perform(KIND, {"custom_network_indicators": True, "edr_in_block_mode": True}, check=check)
    assert result["failed"] and not result["changed"] and result["failure"]["kind"] == "refused"
    assert "custom_network_indicators can't be set: the portal does not show it in this tenant" in result["msg"]
    assert "Leave this one out" in result["failure"]["hint"] and bench.tenant.writes() == []
    result = bench.perform(KIND, {"edr_in_block_mode": True}, check=check)
    assert result["changed"] and "custom_network_indicators" not in result["object"]


def test_a_place_that_cannot_be_read_is_unknown_and_nothing_of_it_is_written(bench):
    path = "*/liveResponseApi/get_properties"
    bench.tenant.fault(kind="transient", status=404, times=None, match={"service": "portal", "path": path})
    bench.tenant.fault(kind="transient", status=500, times=None, match={"service": "portal", "path": "*/autoIr/*"})
    result = bench.perform(KIND, {"edr_in_block_mode": True})
    assert result["changed"] and "live_response" not in result["object"]
    unknown = result["object"]["unknown"]
    assert "AutomatedIrLiveResponse" in unknown and "HTTP 404" in unknown["LiveResponseForServers"] and "AutomationUploads" in unknown
    bench.clear()
    refused = bench.perform(KIND, {"live_response": False})
    assert refused["failure"]["kind"] == "refused" and "could not be read" in refused["msg"] and bench.tenant.writes() == []


def test_what_does_not_stick_is_saved_once_more(bench):
    before = features(bench)
    bench.clear()
    bench.tenant.fault(kind="edit", when="after", match=SAVE, do={"state": {ADVANCED: [before]}})
    result = bench.perform(KIND, {"edr_in_block_mode": True})
    assert not result.get("failed") and len(bodies(bench)) == 2 and sum(bench.waits) == 15.0
    assert features(bench)["EnableWdavPassiveModeRemediation"] is True


def test_what_never_sticks_is_no_success(bench):
    before = features(bench)
    bench.clear()
    bench.tenant.fault(kind="edit", when="after", times=None, match=SAVE, do={"state": {ADVANCED: [before]}})
    result = bench.perform(KIND, {"edr_in_block_mode": True}, read_back_timeout=60)
    assert result["failure"]["kind"] == "not_read_back" and "EnableWdavPassiveModeRemediation" in result["msg"]
    assert len(bodies(bench)) == 2, "twice, and not for ever"


def test_what_somebody_else_saved_in_between_stays(bench):
    """The object is read once more right before it is saved."""
    other = {**features(bench), "ShowUserAadProfile": False}
    bench.clear()
    read = {"service": "portal", "path": "*/GetAdvancedFeaturesSetting"}
    bench.tenant.fault(kind="edit", when="after", match=read, do={"state": {ADVANCED: [other]}})
    assert bench.perform(KIND, {"edr_in_block_mode": True})["changed"]
    assert bench.tenant.state(ADVANCED) == [{**other, "EnableWdavPassiveModeRemediation": True}]


def test_an_answer_in_a_form_that_nobody_knows(bench):
    bench.tenant.put_state("portal.intune", [{"status": 7}])
    result = bench.perform(KIND, {}, check=True)
    assert "intune_connection" not in result["object"] and "form that nobody knows" in result["object"]["unknown"]["IntuneConnection"]
