# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Step 1 over the wire: what each emulated tenant shows, in how many requests, and every way in which a service refuses."""

from __future__ import annotations

import pytest

from ansible_collections.m365.defender.plugins.module_utils.readers.approver_info import APPROVER_INFO
from ansible_collections.m365.defender.plugins.module_utils.readers.device_info import DEVICE_INFO
from ansible_collections.m365.defender.plugins.module_utils.readers.identity_sensor_info import IDENTITY_SENSOR_INFO
from ansible_collections.m365.defender.plugins.module_utils.readers.license_info import LICENSE_INFO
from ansible_collections.m365.defender.plugins.module_utils.readers.workload_info import WORKLOAD_INFO
from tests.unit.contract.bench import Bench
from tests.unit.contract.conftest import _bench

E5 = ("fresh_e5", "lived_in")


@pytest.fixture
def tenant(emulator, tmp_path):
    """Makes a bench of a seed."""
    made = []

    def make(seed):
        context = _bench(emulator, seed, tmp_path)
        made.append(context)
        return context.__enter__()

    yield make
    for one in reversed(made):
        one.__exit__(None, None, None)


def got(bench, value, **options):
    result = bench.perform(value, options)
    assert not result.get("failed"), result["msg"]
    return result


def requests(bench):
    return [entry["url"] for entry in bench.tenant.journal() if "/oauth2/" not in entry["url"] and "openid" not in entry["url"]]


@pytest.mark.parametrize(
    ("seed", "qualifies", "line"),
    [
        ("fresh_e5", True, "Microsoft 365 E5"),
        ("lived_in", True, "Microsoft 365 E5"),
        ("fresh_e3", False, ""),
        ("business_premium", False, ""),
    ],
)
def test_licences(seed, qualifies, line, tenant):
    bench = tenant(seed)
    found = got(bench, LICENSE_INFO)["licenses"]
    assert (found["air"]["qualifies"], found["air"]["line"], bool(found["air"]["remedy"])) == (qualifies, line, not qualifies)
    assert found["trials"]["known"] and found["xdr"]["qualifies"]
    assert len(requests(bench)) == 1, "both lists are one batch"


def test_a_trial(emulator, tmp_path):
    made = emulator.tenant("fresh_e5", objects={"directorySubscriptions": [{"skuPartNumber": "SPE_E5", "isTrial": True}]})
    (tmp_path / "tokens").mkdir(mode=0o700)
    found = got(Bench(made, str(tmp_path / "tokens"), emulator.certificate), LICENSE_INFO)["licenses"]
    assert found["trials"]["subscriptions"] == ["SPE_E5"] and all(one["trial_only"] for one in found["air"]["requirements"])
    made.remove()


@pytest.mark.parametrize(
    ("seed", "devices", "mail"), [("fresh_e5", "some", "some"), ("lived_in", "some", "some"), ("fresh_e3", "some", "some")]
)
def test_approvers(seed, devices, mail, tenant):
    found = got(tenant(seed), APPROVER_INFO)["approvers"]
    assert (found["devices"]["state"], found["mail"]["state"]) == (devices, mail)
    assert found["search_and_purge"]["known"] and not found["devices"]["unknown_because"]


def test_approvers_of_a_tenant_that_is_lived_in(tenant):
    bench = tenant("lived_in")
    found = got(bench, APPROVER_INFO)["approvers"]
    names = {one["name"].split("@")[0]: one for one in found["devices"]["people"]}
    assert set(names) == {"admin", "alex", "sam"}, "who has left does not count"
    assert names["alex"]["eligible_roles"] == ["Security Administrator"] and found["devices"]["only_after_activation"] == 1
    assert [one["name"].split("@")[0] for one in found["mail"]["people"]] == ["admin", "sam"]
    assert len([url for url in requests(bench) if "graph" in url]) == 2, "one batch, and the members of one group"


@pytest.mark.parametrize(
    ("seed", "identity", "office"), [("fresh_e5", "on", "on"), ("fresh_e3", "off", "on"), ("unlicensed", "off", "off")]
)
def test_workloads(seed, identity, office, tenant):
    found = got(tenant(seed), WORKLOAD_INFO)["workloads"]
    assert (found["defender_for_identity"]["state"], found["defender_for_office_365"]["state"]) == (identity, office)
    assert found["identity_cloud_apps_integration"]["state"] == ("unknown" if seed == "fresh_e5" else "off")


def test_sensors(tenant):
    found = got(tenant("lived_in"), IDENTITY_SENSOR_INFO)["identity"]
    assert (found["state"], found["sensors"], found["sensors_not_healthy"], len(found["health_issues"])) == ("on", 2, 1, 1)


def test_devices_chosen_by_the_service(tenant):
    bench = tenant("lived_in")
    everything = got(bench, DEVICE_INFO)["devices"]
    wanted = {"systems": ["WindowsServer2019", "WindowsServer2022"], "onboarding": ["Onboarded"]}
    servers = got(bench, DEVICE_INFO, **wanted)["devices"]
    assert servers == [one for one in everything if one["system"] in wanted["systems"] and one["onboarding"] == "Onboarded"] != []
    grouped = next(one["group"] for one in everything if one["group"])
    assert got(bench, DEVICE_INFO, groups=[grouped.upper()])["devices"] == [one for one in everything if one["group"] == grouped]
    seen = got(bench, DEVICE_INFO, seen_only=True, not_seen_days=1)["summary"]
    whole = got(bench, DEVICE_INFO, not_seen_days=1)["summary"]
    assert seen["not_counted"]["not_seen"] == 0 < whole["not_counted"]["not_seen"] and seen["counted"] == whole["counted"]


# ---------------------------------------------------------------- every way in which a service refuses


def failed(bench, value, identity="writer", **options):
    result = bench.perform(value, options, identity=identity)
    assert result["failed"]
    return result


def test_a_permission_that_is_missing_is_named(tenant):
    bench = tenant("fresh_e5")
    licences = failed(bench, LICENSE_INFO, "unconsented")
    assert licences["failure"]["kind"] == "forbidden" and "LicenseAssignment.Read.All or Organization.Read.All" in licences["msg"]
    devices = failed(bench, DEVICE_INFO, "unconsented")
    assert devices["failure"]["status"] == 403 and "Machine.Read.All of WindowsDefenderATP" in devices["msg"]
    sensors = bench.perform(IDENTITY_SENSOR_INFO, {}, identity="unconsented")["identity"]
    assert sensors["state"] == "unknown" and "Missing application roles" in sensors["reason"]
    assert "SecurityIdentitiesSensors.Read.All of Microsoft Graph" in sensors["reason"]
    people = bench.perform(APPROVER_INFO, {}, identity="unconsented")["approvers"]
    assert {people["devices"]["state"], people["mail"]["state"]} == {"unknown"}
    assert "RoleManagement.Read.Directory" in people["devices"]["unknown_because"][0]
    products = bench.perform(WORKLOAD_INFO, {}, identity="unconsented", portal_session=None)["workloads"]
    assert {one["state"] for one in products.values()} == {"unknown"}
    assert "ThreatHunting.Read.All of Microsoft Graph" in products["defender_for_cloud_apps"]["reason"]


def test_a_feature_that_is_off(tenant):
    """The app has a token from the time when there was a licence."""
    bench = tenant("fresh_e5")
    got(bench, DEVICE_INFO)
    bench.tenant.put_state("subscribedSkus", [])
    found = failed(bench, DEVICE_INFO)
    assert (found["failure"]["status"], found["failure"]["code"]) == (403, "DisabledFeature")
    assert "not switched on in this tenant" in found["msg"]


def test_a_tenant_that_never_had_the_service(tenant):
    found = failed(tenant("unlicensed"), DEVICE_INFO)
    assert (found["failure"]["kind"], "AADSTS500011" in found["msg"]) == ("sign_in", True)


def test_no_recent_device(tenant):
    bench = tenant("fresh_e5")
    bench.tenant.put_state("machines", [])
    found = got(bench, DEVICE_INFO)["summary"]
    assert (found["total"], found["counted"], found["enough"]) == (0, 0, None)


def test_no_sensor(tenant):
    bench = tenant("fresh_e5")
    bench.tenant.put_state("sensors", [])
    found = got(bench, IDENTITY_SENSOR_INFO)["identity"]
    assert (found["state"], found["sensors"]) == ("off", 0) and "Install sensors" in found["remedy"]


@pytest.mark.parametrize(
    ("value", "service"),
    [(LICENSE_INFO, "graph"), (DEVICE_INFO, "defender"), (IDENTITY_SENSOR_INFO, "graph"), (APPROVER_INFO, "graph")],
    ids=lambda one: getattr(one, "kind", one),
)
def test_throttling_and_an_expired_token_pass(value, service, tenant):
    bench = tenant("fresh_e5")
    bench.tenant.fault(kind="throttle", match={"service": service}, times=2, retry_after=1)
    bench.tenant.fault(kind="expire", match={"service": service}, times=1)
    got(bench, value)
    assert bench.waits


def test_throttling_without_end_is_said(tenant):
    bench = tenant("fresh_e5")
    bench.tenant.fault(kind="throttle", match={"service": "defender"}, times=1000)
    found = failed(bench, DEVICE_INFO)
    assert (found["failure"]["kind"], found["failure"]["status"]) == ("unavailable", 429) and "Try again later" in found["msg"]


def test_members_that_may_not_be_read_name_the_permission_and_the_role(emulator, tmp_path):
    narrow = {
        "client_id": "77777777-7777-4777-8777-777777777777",
        "client_secret": "not-a-real-secret-of-a-narrow-app-00000000",
        "directory_roles": ["Exchange Administrator"],
        "app_permissions": {"graph": ["RoleManagement.Read.Directory"], "exchange": ["Exchange.ManageAsApp"]},
    }
    made = emulator.tenant("lived_in", identities={"narrow": narrow})
    (tmp_path / "tokens").mkdir(mode=0o700)
    found = Bench(made, str(tmp_path / "tokens"), emulator.certificate).perform(APPROVER_INFO, {}, identity="narrow")["approvers"]
    made.remove()
    assert found["devices"]["state"] == "some", "those who hold the role themselves are known"
    assert "GroupMember.Read.All of Microsoft Graph" in " ".join(found["devices"]["unknown_because"])
    assert not found["search_and_purge"]["known"] and "Role groups of Email & collaboration" in found["search_and_purge"]["unknown_because"]
    assert "the directory role Security Reader or Global Reader" in found["search_and_purge"]["unknown_because"]
