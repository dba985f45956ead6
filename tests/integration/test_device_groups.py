# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Step 2 as a playbook: groups that are described are made, groups of servers stay unless they are named, with the browser's sign-in."""

from __future__ import annotations

import pytest

from tests.integration.playing import SECRET, of, short

AIR = "m365.defender.air"
NOUN = "portal.machine_groups"
WANTED = [
    {
        "name": "Board",
        "description": "Ask before anything is done",
        "automation_level": "semi_all_folders",
        "rank": 1,
        "matching_rules": [{"property": "tag", "operator": "equals", "values": ["board"]}],
    },
    {"name": "Kiosks", "description": "Made by hand, kept by us"},
]
# Reads the licences and nothing else.
BLIND = {
    "client_id": "99999999-9999-4999-8999-999999999999",
    "client_secret": "not-a-real-secret-of-an-app-that-sees-no-devices-000",
    "display_name": "blind",
    "app_permissions": {"graph": ["Organization.Read.All", "LicenseAssignment.Read.All"]},
}


def groups(tenant):
    rows = [row for row in tenant.state(NOUN) if not row["IsUnassignedMachineGroup"]]
    return {row["Name"]: row for row in sorted(rows, key=lambda row: row["Priority"])}


def step(run):
    return next(one for one in run.reports["contoso"]["steps"] if one["step"] == "device_groups")


def test_groups_are_made_raised_and_left_alone_as_told(new_tenant, ground):
    tenant = new_tenant("lived_in")
    session = {"ests_auth_persistent": tenant.browser_cookies["portal_session"]}
    host = {**of(tenant, portal_session=session), "device_groups_wanted": WANTED}
    before = groups(tenant)

    foretold = ground.run(AIR, {"contoso": host}, "--check", "--diff", "--tags", "device_groups")
    assert foretold.code == 0, foretold.output
    assert short(tenant.writes()) == [] and groups(tenant) == before

    done = ground.run(AIR, {"contoso": host}, "--tags", "device_groups")
    assert done.code == 0, done.output
    assert done.reports["contoso"]["operations"] == foretold.reports["contoso"]["operations"]
    after = groups(tenant)
    assert list(after) == ["Board", *before], "the new one first, the others in their order"
    level = {name: row["AutoRemediationLevel"] for name, row in after.items()}
    assert level == {"Board": 1, "Domain controllers": 1, "Servers": 2, "Pilot ring": 3, "Kiosks": 3}
    assert after["Kiosks"]["Description"] == "Made by hand, kept by us"
    assert after["Servers"] == {
        **before["Servers"],
        "Priority": after["Servers"]["Priority"],
        "LastUpdated": after["Servers"]["LastUpdated"],
    }
    assert step(done)["verdict"] == "not_compliant"
    # One takes them by the system, the other by the name.
    assert "Servers (semi_non_temp_folders)" in step(done)["evidence"] and "device_groups_levels" in step(done)["remedy"]
    assert "With servers: Domain controllers, Servers." in step(done)["evidence"]
    assert "remediation leans on are off: EDR in block mode, the connection to Intune." in str(step(done)["notes"])
    for text in (done.output, str(done.reports), str(tenant.journal())):
        assert session["ests_auth_persistent"] not in text and not SECRET.search(text)

    again = ground.run(AIR, {"contoso": host}, "--tags", "device_groups")
    assert again.code == 0 and again.names("changed") == [] and again.reports["contoso"]["operations"] == []

    named = {**host, "device_groups_levels": {"Domain controllers": "semi_all_folders", "Servers": "full", "Board": "semi_all_folders"}}
    last = ground.run(AIR, {"contoso": named}, "--tags", "device_groups")
    assert last.code == 0, last.output
    assert groups(tenant)["Servers"]["AutoRemediationLevel"] == 3 and groups(tenant)["Domain controllers"]["AutoRemediationLevel"] == 1
    assert step(last)["verdict"] == "compliant", step(last)


def test_a_level_is_lowered_only_if_told(new_tenant, ground):
    tenant = new_tenant("lived_in")
    host = {**of(tenant), "device_groups_automation_level": "unchanged", "device_groups_levels": {"Pilot ring": "semi_all_folders"}}
    assert ground.run(AIR, {"contoso": host}, "--tags", "device_groups").code == 0
    assert groups(tenant)["Pilot ring"]["AutoRemediationLevel"] == 3 and short(tenant.writes()) == []
    assert ground.run(AIR, {"contoso": {**host, "device_groups_lower": True}}, "--tags", "device_groups").code == 0
    assert groups(tenant)["Pilot ring"]["AutoRemediationLevel"] == 1


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"device_groups_levels": {"Domain controlers": ""}}, "device_groups_levels: there is no group Domain controlers, "),
        ({"device_groups_wanted": [{"name": "New"}]}, "device_groups_wanted: the group New is new and needs its own automation_level"),
    ],
)
def test_what_only_the_groups_show_to_be_wrong_is_refused_before_anything_is_written(asked, said, new_tenant, ground):
    tenant = new_tenant("lived_in")
    run = ground.run(AIR, {"contoso": {**of(tenant), **asked}}, "--tags", "device_groups")
    assert run.code == 2
    assert step(run)["evidence"].startswith(said)
    assert short(tenant.writes()) == []


def test_the_step_alone_without_a_session_names_the_groups_that_have_devices(new_tenant, ground):
    tenant = new_tenant("lived_in")
    run = ground.run(AIR, {"contoso": of(tenant, portal_session=None)}, "--tags", "device_groups")
    assert run.code == 0, run.output
    assert step(run)["verdict"] == "manual"
    assert "Groups that have devices: Domain controllers (1), Kiosks (1)," in step(run)["evidence"]


def test_a_caller_who_may_not_see_devices_has_only_groups_of_clients_raised(new_tenant, ground):
    tenant = new_tenant("lived_in", identities={"blind": BLIND})
    before = groups(tenant)
    run = ground.run(AIR, {"contoso": of(tenant, "blind")}, "--tags", "device_groups")
    assert run.code == 0, run.output
    assert groups(tenant) == before and short(tenant.writes()) == []
    assert "With servers: Servers. Perhaps with servers, which is not known (" in step(run)["evidence"]
    named = {"device_groups_levels": {"kiosks": "full"}}
    assert ground.run(AIR, {"contoso": {**of(tenant, "blind"), **named}}, "--tags", "device_groups").code == 0
    assert groups(tenant)["Kiosks"]["AutoRemediationLevel"] == 3 and groups(tenant)["Domain controllers"]["AutoRemediationLevel"] == 1
