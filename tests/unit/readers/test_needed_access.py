# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an application is given for the steps that are chosen: enough for permission_info's table, and no more than that."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ansible_collections.m365.defender.plugins.module_utils._clouds import CLOUDS
from ansible_collections.m365.defender.plugins.module_utils.readers._needs import NEEDS
from ansible_collections.m365.defender.plugins.plugin_utils._needed import STEPS, needed_access


def held(given, audience):
    return set(given["permissions"].get(audience, ()))


@pytest.mark.parametrize("access", ["read", "write"])
@pytest.mark.parametrize("steps", [STEPS, *((step,) for step in STEPS)])
def test_every_need_of_the_steps_is_met(steps, access):
    given = needed_access(steps, access, optional_writes=True)
    for need in NEEDS:
        if need.step in steps and need.access in ("read", access) and need.audience != "portal":
            assert set(need.permissions) & held(given, need.audience), need
            assert not need.roles or set(need.roles) & set(given["directory_roles"]), need


@pytest.mark.parametrize("access", ["read", "write"])
def test_nothing_is_given_that_no_need_names(access):
    given = needed_access(STEPS, access)
    for api, names in given["permissions"].items():
        known = {name for need in NEEDS if held({"permissions": {api: names}}, need.audience) for name in need.permissions}
        assert set(names) <= known
    assert len(given["directory_roles"]) == (1 if access == "read" else 2)


def test_a_reader_can_not_write():
    assert needed_access(STEPS)["directory_roles"] == ["Global Reader"]
    assert not [name for names in needed_access(STEPS)["permissions"].values() for name in names if "Write" in name]


def test_what_gives_more_evidence_can_be_left_out():
    assert needed_access(["xdr"], optional=False)["permissions"] == {"graph": ["LicenseAssignment.Read.All", "SecurityIncident.Read.All"]}


def test_sharepoint_is_asked_for_by_itself():
    assert "sharepoint" not in needed_access(STEPS, "write")["permissions"]
    assert needed_access(STEPS, "write", sharepoint=True)["permissions"]["sharepoint"] == ["Sites.FullControl.All"]


def test_device_groups_are_left_to_a_person():
    assert needed_access(["device_groups"], "write")["by_hand"] == [
        "device groups and their levels (read)",
        "device groups and their levels (write)",
    ]


@pytest.mark.parametrize("cloud", list(CLOUDS))
def test_what_a_cloud_does_not_have_needs_nothing(cloud):
    given = needed_access(STEPS, "write", cloud=cloud)
    whole = needed_access(STEPS, "write")
    if cloud != "china":
        assert given == whole
        return
    assert given["permissions"] == {
        "compliance": ["Exchange.ManageAsApp"],
        "exchange": ["Exchange.ManageAsApp"],
        "graph": [
            *("GroupMember.Read.All", "LicenseAssignment.Read.All", "Organization.Read.All", "RoleManagement.Read.Directory"),
            "User.Read.All",
        ],
    }
    assert given["by_hand"] == [] and given["directory_roles"] == whole["directory_roles"]


def test_the_compliance_service_takes_a_permission_of_an_api_of_its_own():
    given = needed_access(["email_protection"])["permissions"]
    assert given["compliance"] == given["exchange"] == ["Exchange.ManageAsApp"]


def test_a_cloud_that_is_none_is_refused():
    with pytest.raises(ValueError, match="there is no cloud germany"):
        needed_access(STEPS, cloud="germany")


@pytest.mark.parametrize("words", [(["prerequisite"],), (["xdr"], "change")])
def test_a_word_that_is_none_is_refused(words):
    with pytest.raises(ValueError, match="there is no"):
        needed_access(*words)


@pytest.mark.parametrize("access", ["read", "write"])
def test_the_cmdlets_exist_and_only_a_writer_s_write(access):
    found = needed_access(["email_protection"], access)["cmdlets"]
    known = json.loads((Path(__file__).parents[3] / "emulator" / "tables" / "cmdlets.json").read_text())["cmdlets"]
    assert set(found) <= known.keys()
    assert all(name.startswith("Get-") for name in found) is (access == "read")
    assert {"Get-AntiPhishPolicy", "Get-AcceptedDomain"} <= set(found)
    assert ({"Set-AntiPhishPolicy", "New-SafeLinksRule", "Enable-ATPProtectionPolicyRule"} <= set(found)) is (access == "write")
    assert not [name for name in found if "ProtectionAlert" in name], "compliance has role groups of its own"


@pytest.mark.parametrize("access", ["read", "write"])
@pytest.mark.parametrize("steps", [STEPS, *((step,) for step in STEPS)])
def test_beside_a_role_group_only_what_exchange_does_not_need_is_given(steps, access):
    given, usual = needed_access(steps, access, role_group=True), needed_access(steps, access)
    assert {**given, "directory_roles": []} == {**usual, "directory_roles": []}
    needs = [need for need in NEEDS if need.step in steps and need.audience == "compliance" and need.access == "read"]
    assert given["directory_roles"] == (["Security Reader"] if needs else [])
    assert all("Security Reader" in need.roles for need in needs)


def test_alert_policies_are_written_with_a_directory_role_all_the_same():
    given = needed_access(["email_protection"], "write", optional_writes=True, role_group=True)
    assert given["directory_roles"] == ["Compliance Administrator"]


def test_a_step_without_exchange_needs_no_cmdlets():
    assert needed_access(["xdr"])["cmdlets"] == []


@pytest.mark.parametrize("text", ["xdr,email_protection", "xdr, email_protection", "xdr,email_protection,"])
def test_steps_may_be_a_text_with_commas(text):
    assert needed_access(text) == needed_access(["xdr", "email_protection"])
    with pytest.raises(ValueError, match="there is no step office365; known are prerequisites, "):
        needed_access(f"{text},office365")
