# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A role group of Exchange for applications: foretold, made once, exact, enough for whoever is in it, and no more than that."""

from __future__ import annotations

import json
import os

import pytest

from ansible_collections.m365.defender.plugins.module_utils._app_access import APP_ACCESS
from ansible_collections.m365.defender.plugins.module_utils._app_registration import APP_REGISTRATION
from ansible_collections.m365.defender.plugins.module_utils._errors import Forbidden, TenantError
from ansible_collections.m365.defender.plugins.module_utils._resource import Query
from ansible_collections.m365.defender.plugins.module_utils._role_group import ROLE_GROUP
from ansible_collections.m365.defender.plugins.module_utils._task import perform, work_of
from ansible_collections.m365.defender.plugins.module_utils._tenant import Tenant, tenant_options
from ansible_collections.m365.defender.plugins.module_utils.readers.permission_info import PERMISSION_INFO
from ansible_collections.m365.defender.plugins.plugin_utils._needed import needed_access

ONBOARDING = {
    "client_id": "bbbbbbbb-0000-4000-8000-000000000001",
    "client_secret": "not-a-real-secret-of-the-onboarding-0000000000",
    "app_permissions": {"graph": ["Application.ReadWrite.All"], "exchange": ["Exchange.ManageAsApp"]},
    "directory_roles": ["Exchange Administrator"],
}
NAME = "Defender configuration"
NEEDED = needed_access(["email_protection"], "write")["cmdlets"]
FEW = ["Get-AntiPhishPolicy", "Get-OrganizationConfig", "Set-AntiPhishPolicy"]
MEMBER = "unassigned"  # an application with Exchange.ManageAsApp and no directory role


class Side:
    """Our side of the wire, as somebody who may keep role groups, and as the application that is put into one."""

    def __init__(self, tenant):
        self.tenant = tenant
        self.waits = []
        self.app_id = tenant.identities[MEMBER]["client_id"]

    def perform(self, work, identity="onboarding", check=False, **options):
        work = work_of(work)
        blank = {name: spec.get("default") for name, spec in {**tenant_options(), **work.options}.items()}
        params = {**blank, **self.tenant.connection(identity), **options}
        return perform(work, params, check=check, diff=True, wait=self.waits.append)

    def run(self, check=False, **options):
        """The role group of the application, unless something else is said."""
        absent = options.get("state") == "absent"
        usual = {} if absent else {"cmdlets": FEW, "app_ids": [self.app_id]}
        return self.perform(ROLE_GROUP, check=check, **{"name": NAME, **usual, **options})

    def writes(self):
        return [entry for entry in self.tenant.writes() if not entry["url"].endswith("/$batch")]

    def asked(self, identity, *queries):
        """What a caller is answered."""
        blank = {name: spec.get("default") for name, spec in tenant_options().items()}
        one = Tenant({**blank, **self.tenant.connection(identity)}, wait=self.waits.append)
        try:
            return list(one.store("exchange").read(list(queries)).values())
        finally:
            one.close()

    def offered(self, identity=MEMBER):
        """The cmdlets that Exchange offers to a caller, or the error."""
        (answer,) = self.asked(identity, Query("ModuleFile"))
        return answer if isinstance(answer, TenantError) else sorted(row["cmdlet"] for row in answer)

    def entries(self):
        """The cmdlets of each of our roles."""
        roles = [row["Name"] for row in self.tenant.cmdlet("Get-ManagementRole") if row["Name"].startswith(f"{NAME} - ")]
        found = {name: self.tenant.cmdlet("Get-ManagementRoleEntry", Identity=f"{name}\\*") for name in roles}
        return {name: sorted(row["Name"] for row in rows) for name, rows in found.items()}


@pytest.fixture
def make(emulator):
    """Makes tenants whose organizations are customized."""
    made = []

    def tenant(seed="fresh_e5", customized=True, **identity):
        one = emulator.tenant(seed, identities={"onboarding": {**ONBOARDING, **identity}})
        made.append(one)
        (row,) = one.state("OrganizationConfig")
        one.put_state("OrganizationConfig", [{**row, "IsDehydrated": not customized}])
        one.clear_journal()
        return Side(one)

    yield tenant
    for one in made:
        one.remove()


@pytest.fixture
def side(make):
    return make()


def good(result):
    assert not result.get("failed"), result["msg"]
    return result


def test_it_is_foretold_made_once_and_found(side):
    wish = {"cmdlets": NEEDED, "description": "Configures", "exclusive": True}
    said = good(side.run(check=True, **wish))
    assert side.writes() == []
    done = good(side.run(**wish))
    for key in ("changed", "operations", "diff", "role_group", "missing_cmdlets"):
        assert said[key] == done[key], key
    assert len(side.writes()) == len(done["operations"])
    assert sorted(one for cmdlets in done["role_group"]["roles"].values() for one in cmdlets) == sorted(NEEDED)
    assert done["role_group"]["applications"] == [side.app_id]
    side.tenant.clear_journal()
    again = good(side.run(**wish))
    assert (again["changed"], again["operations"], again["diff"], side.writes()) == (False, [], [], [])
    assert again["role_group"] == done["role_group"]
    assert again["tenant"]["requests"] < 25, "they are asked for in batches"


def test_whoever_is_in_it_may_run_these_cmdlets_and_no_others(side):
    refused = side.offered()
    assert isinstance(refused, Forbidden) or refused == []
    good(side.run())
    assert side.offered() == FEW
    policies, safe_links = side.asked(MEMBER, Query("AntiPhishPolicy"), Query("SafeLinksPolicy"))
    assert isinstance(policies, list) and policies
    assert isinstance(safe_links, Forbidden)


def test_permission_info_finds_such_an_application_to_be_enough(side):
    before = good(side.perform(PERMISSION_INFO, MEMBER))["permissions"]["steps"]["email_protection"]
    assert before["write"] == "missing"
    good(side.run(cmdlets=NEEDED))
    found = good(side.perform(PERMISSION_INFO, MEMBER))["permissions"]
    step = found["steps"]["email_protection"]
    states = {(one["access"], one["audience"]): one["state"] for one in step["needs"]}
    assert (states["read", "exchange"], states["write", "exchange"], step["write"]) == ("granted", "granted", "granted")
    assert found["caller"]["directory_roles"] == []


@pytest.mark.parametrize(("seed", "plan"), [("fresh_e5", None), ("fresh_e5", "plan2"), ("exchange_only", None), ("exchange_only", "none")])
def test_permission_info_names_what_a_role_group_lacks_and_not_what_no_licence_brings(make, seed, plan):
    side = make(seed)
    gone = ["Get-MalwareFilterRule", "Disable-HostedContentFilterRule", "Set-TenantAllowBlockListItems"]
    wish = {"app_ids": [side.app_id], "skip_missing_cmdlets": True, "max_writes_per_tenant": 200}
    for cmdlets, missing in ((NEEDED, []), ([name for name in NEEDED if name not in gone], gone)):
        good(side.perform(ROLE_GROUP, name=NAME, cmdlets=cmdlets, **wish))
        side.tenant.clear_journal()
        step = good(side.perform(PERMISSION_INFO, MEMBER, plan=plan))["permissions"]["steps"]["email_protection"]
        lists = [one for one in side.tenant.journal() if "EXOModuleFile" in one["url"]]
        assert len(lists) == 1
        needs = [one for one in step["needs"] if one["audience"] == "exchange"]
        assert {one["state"] for one in needs} == {"missing" if missing else "granted"}
        assert sorted(name for one in needs for name in one["missing_cmdlets"]) == sorted(missing)
        assert all(any(name in one["remedy"] for one in needs) for name in missing)


def test_our_roles_hold_exactly_what_is_named_whatever_was_done_to_them(side):
    done = good(side.run(cmdlets=NEEDED))
    role = max(done["role_group"]["roles"], key=lambda name: len(done["role_group"]["roles"][name]))
    parent = next(row["Parent"] for row in side.tenant.cmdlet("Get-ManagementRole") if row["Name"] == role)
    whole = sorted(row["Name"] for row in side.tenant.cmdlet("Get-ManagementRoleEntry", Identity=f"{parent}\\*"))
    first, *dummy = done["role_group"]["roles"][role]
    more = next(name for name in whole if name not in NEEDED)
    side.tenant.cmdlet("Remove-ManagementRoleEntry", Identity=f"{role}\\{first}", Confirm=False)
    side.tenant.cmdlet("Add-ManagementRoleEntry", Identity=f"{role}\\{more}")
    said = good(side.run(check=True, cmdlets=NEEDED))
    fixed = good(side.run(cmdlets=NEEDED))
    assert (
        said["operations"]
        == fixed["operations"]
        == [
            f"Add-ManagementRoleEntry {role}\\{first}",
            f"Remove-ManagementRoleEntry {role}\\{more}",
        ]
    )
    assert side.entries() == done["role_group"]["roles"]
    less = good(side.run(cmdlets=FEW, max_writes_per_tenant=200))
    assert side.entries() == less["role_group"]["roles"]
    assert side.offered() == FEW


def test_what_somebody_took_from_the_group_is_given_again(side):
    done = good(side.run())
    for row in side.tenant.cmdlet("Get-ManagementRoleAssignment", RoleAssignee=NAME):
        side.tenant.cmdlet("Remove-ManagementRoleAssignment", Identity=row["Name"], Confirm=False)
    fixed = good(side.run())
    assert {one.split(" ")[0] for one in fixed["operations"]} == {"New-ManagementRoleAssignment"}
    assert fixed["role_group"] == done["role_group"]


def test_what_others_gave_stays_unless_it_is_exclusive(side):
    good(side.run())
    other = side.tenant.identities["writer"]["client_id"]
    good(side.run(app_ids=[side.app_id, other]))
    side.tenant.cmdlet("New-ManagementRoleAssignment", Role="View-Only Configuration", SecurityGroup=NAME)
    kept = good(side.run())
    assert (kept["changed"], kept["role_group"]["other_roles"]) == (False, ["View-Only Configuration"])
    assert kept["role_group"]["applications"] == sorted([side.app_id, other])
    said = good(side.run(check=True, exclusive=True))
    less = good(side.run(exclusive=True))
    assert said["operations"] == less["operations"] and said["role_group"] == less["role_group"]
    assert (less["role_group"]["other_roles"], less["role_group"]["applications"]) == ([], [side.app_id])
    assert good(side.run(exclusive=True))["changed"] is False


def test_people_are_left_in_peace(make):
    side = make("lived_in")
    good(side.run())
    person = next(row for row in side.tenant.state("users"))
    side.tenant.cmdlet("Add-RoleGroupMember", Identity=NAME, Member=person["userPrincipalName"])
    found = good(side.run(exclusive=True))
    assert (found["changed"], found["role_group"]["others"]) == (False, 1)
    refused = side.run(state="absent")
    assert refused["failed"] and "1 in the role group" in refused["msg"] and "exclusive" in refused["failure"]["hint"]
    assert good(side.run(state="absent", exclusive=True))["role_group"] == {"name": NAME, "present": False}


def test_a_description_is_changed_only_if_it_is_given(side):
    good(side.run(description="Configures"))
    assert good(side.run())["changed"] is False
    changed = good(side.run(description="Configures Defender"))
    assert changed["operations"][0].startswith(f"Set-RoleGroup {NAME} {{Description")
    assert good(side.run())["role_group"]["description"] == "Configures Defender"


def test_it_is_removed_with_the_roles_that_are_ours(side):
    good(side.run())
    before = {row["Name"] for row in side.tenant.cmdlet("Get-ManagementRole")}
    ours = {name for name in before if name.startswith(f"{NAME} - ")}
    said = good(side.run(check=True, state="absent"))
    gone = good(side.run(state="absent"))
    assert said["operations"] == gone["operations"] and len(gone["operations"]) == 1 + len(ours)
    assert {row["Name"] for row in side.tenant.cmdlet("Get-ManagementRole")} == before - ours
    assert [row["AppId"] for row in side.tenant.cmdlet("Get-ServicePrincipal")] == [side.app_id], "the reference stays"
    assert good(side.run(state="absent"))["changed"] is False
    assert good(side.run())["changed"] and side.offered() == FEW


def test_an_application_that_left_and_came_back_gets_in_again(side):
    app_id = good(side.perform(APP_REGISTRATION, display_name="Comes and goes"))["app_id"]
    good(side.run(app_ids=[app_id]))
    (old,) = side.tenant.cmdlet("Get-ServicePrincipal")
    for state in ("absent", "present"):
        good(side.perform(APP_ACCESS, app_id=app_id, state=state))
    said, again = good(side.run(check=True, app_ids=[app_id])), good(side.run(app_ids=[app_id]))
    assert said["operations"] == again["operations"]
    assert f"Remove-ServicePrincipal {app_id}" in again["operations"]
    (new,) = side.tenant.cmdlet("Get-ServicePrincipal")
    assert (new["AppId"], new["ObjectId"] == old["ObjectId"]) == (app_id, False)
    assert again["role_group"]["applications"] == [app_id]
    assert good(side.run(app_ids=[app_id]))["changed"] is False


def test_an_application_that_is_not_in_the_tenant_is_foretold_only(side):
    strange = "00000000-0000-4000-8000-000000000009"
    said = good(side.run(check=True, app_ids=[strange]))
    assert said["role_group"]["applications"] == [strange] and any("foretells" in text for text in said["warnings"])
    result = side.run(app_ids=[strange])
    assert result["failed"] and "no service principal" in result["msg"] and "app_access" in result["failure"]["hint"]
    assert side.writes() == []


def test_cmdlets_that_no_licence_brings_are_refused_or_left_out(make):
    side = make("exchange_only")
    wish = {"cmdlets": [*FEW, "Set-SafeLinksPolicy"]}
    result = side.run(**wish)
    assert result["failed"] and "holds Set-SafeLinksPolicy" in result["msg"] and "licence" in result["failure"]["hint"]
    assert side.writes() == []
    less = good(side.run(**wish, skip_missing_cmdlets=True))
    assert less["missing_cmdlets"] == ["Set-SafeLinksPolicy"] and any("left out" in text for text in less["warnings"])
    assert good(side.run(**wish, skip_missing_cmdlets=True))["changed"] is False


def test_a_tenant_that_is_not_customized_is_refused_in_check_mode_too(make):
    side = make(customized=False)
    for check in (True, False):
        result = side.run(check=check)
        assert result["failed"] and "not customized" in result["msg"] and "organization_customization" in result["failure"]["hint"]
    assert side.writes() == []
    assert good(side.run(state="absent"))["changed"] is False


def test_a_role_of_our_name_that_is_none_of_ours_is_refused(side):
    (name, *dummy) = good(side.run(check=True))["role_group"]["roles"]
    other = next(
        row["Name"]
        for row in side.tenant.cmdlet("Get-ManagementRole")
        if not row["Parent"] and not row["Name"].startswith("My") and not name.endswith(row["Name"])
    )
    side.tenant.cmdlet("New-ManagementRole", Name=name, Parent=other)
    result = side.run()
    assert result["failed"] and f"made of {other}" in result["msg"] and side.writes() == []


def test_a_role_that_others_hold_besides_stays(side):
    (name, *dummy) = good(side.run())["role_group"]["roles"]
    side.tenant.cmdlet("New-RoleGroup", Name="Theirs", Roles=[name])
    gone = good(side.run(state="absent"))
    assert f"Remove-ManagementRole {name}" not in gone["operations"]
    assert any("others hold it: Theirs" in text for text in gone["warnings"])


def test_a_name_that_something_else_has_taken_since_is_said(side):
    do = {"cmdlet": {"CmdletName": "New-RoleGroup", "Parameters": {"Name": NAME, "Roles": ["View-Only Configuration"]}}}
    side.tenant.fault(kind="edit", match={"cmdlet": "New-RoleGroup"}, do=do)
    result = side.run()
    assert result["failed"] and result["failure"]["kind"] == "already_exists" and "run the task again" in result["failure"]["hint"]
    again = good(side.run(exclusive=True))
    assert again["role_group"]["other_roles"] == [] and side.offered() == FEW


@pytest.mark.parametrize("name", ["Organization Management", "Hygiene Management", "TenantAdmins_1e071"])
def test_microsoft_s_own_role_groups_are_refused_before_anything_is_sent(side, name):
    result = side.run(name=name)
    assert result["failed"] and "Microsoft's" in result["msg"] and side.tenant.journal() == []


@pytest.mark.parametrize(
    ("rights", "said"),
    [
        ({"directory_roles": []}, "Role Management"),
        ({"directory_roles": ["Global Reader"]}, "Role Management"),
        ({"app_permissions": {"graph": ["Application.Read.All"]}}, "Exchange.ManageAsApp"),
        ({"app_permissions": {"exchange": ["Exchange.ManageAsApp"]}}, "Application.Read.All"),
    ],
)
def test_a_missing_right_is_named(make, rights, said):
    side = make(**rights)
    result = side.run()
    assert result["failed"] and said in result["failure"]["hint"], result["msg"]
    assert side.tenant.cmdlet("Get-ServicePrincipal") == []


# Answers that are lost, and reading that is late


@pytest.mark.parametrize("reads", [2, 5])
def test_what_shows_late_is_not_made_twice(side, reads):
    side.tenant.fault(kind="lag", match={"service": "exchange"}, reads=reads)
    result = good(side.run())
    assert result["changed"] and side.waits
    assert len(result["operations"]) == len(set(result["operations"]))
    assert [row["Name"] for row in side.tenant.cmdlet("Get-RoleGroup") if row["Name"] == NAME] == [NAME]


BREAKS = {
    "cut_off": {"kind": "reset", "times": None},
    "unavailable": {"kind": "unavailable", "times": None},
    "answer_lost": {"kind": "reset", "when": "after", "times": 1},
}


@pytest.mark.parametrize("broken", BREAKS)
@pytest.mark.parametrize("wish", [{"description": "Configures", "exclusive": True}, {"state": "absent"}], ids=["present", "absent"])
def test_a_run_that_fails_at_any_request_converges_on_the_next(side, broken, wish):
    # What is there before: another set of cmdlets, another application and another role.
    def begin():
        side.tenant.reset()
        (row,) = side.tenant.state("OrganizationConfig")
        side.tenant.put_state("OrganizationConfig", [{**row, "IsDehydrated": False}])
        good(side.run(cmdlets=["Get-AntiPhishPolicy", "Get-QuarantinePolicy"], app_ids=[side.tenant.identities["writer"]["client_id"]]))
        side.tenant.cmdlet("New-ManagementRoleAssignment", Role="View-Only Configuration", SecurityGroup=NAME)
        side.tenant.clear_journal()

    begin()
    end = good(side.run(**wish))["role_group"]
    count = len(side.tenant.journal())
    for place in range(count):
        begin()
        fault = side.tenant.fault(**BREAKS[broken], skip=place)
        side.run(**wish, read_back_timeout=1)
        side.tenant.emulator.control("DELETE", f"faults/{fault}")
        assert good(side.run(**wish))["role_group"] == end, f"{broken} at request {place}"
        assert good(side.run(**wish))["changed"] is False, f"{broken} at request {place}"


def test_the_limit_the_expected_domain_and_the_ledger_hold(side, tmp_path):
    for options, reason in (({"max_writes_per_tenant": 2}, "max_writes_per_tenant"), ({"expected_domain": "adatum.com"}, "adatum.com")):
        result = side.run(**options)
        assert result["failed"] and reason in result["msg"]
    assert side.writes() == []
    good(side.run(ledger=str(tmp_path / "ledger")))
    (place,) = (tmp_path / "ledger").iterdir()
    assert os.listdir(place) == ["operations.jsonl"], "no settings of the tenant were written, so none were saved"
    planned, *done = map(json.loads, (place / "operations.jsonl").read_text().splitlines())
    assert planned["plan"][0]["kind"] == "role_group"
    assert all(one["operation"] and one["request_id"] for one in done)
