# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Management roles, their entries, role groups, assignments and applications in Exchange."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.binding import cmdlets
from emulator.cmdlets import execute
from emulator.errors import CmdletError
from emulator.invented.roles import HOLDS
from emulator.management_roles import built_in
from emulator.second_administrator import put_rows
from tests.emulator.direct import Direct

Row = dict[str, Any]
EVERY = {cmdlet.name for cmdlet in cmdlets().values() if "exchange" in cmdlet.services}
HYGIENE = "Transport Hygiene"
GROUP = "Defender configuration"
WRITING = {
    "New-ManagementRole": {"Name": "A", "Parent": HYGIENE},
    "Remove-ManagementRole": {"Identity": "A"},
    "Add-ManagementRoleEntry": {"Identity": "A\\Get-AntiPhishPolicy"},
    "Remove-ManagementRoleEntry": {"Identity": "A\\Get-AntiPhishPolicy"},
    "New-ManagementRoleAssignment": {"Role": HYGIENE, "SecurityGroup": "Help Desk"},
    "Remove-ManagementRoleAssignment": {"Identity": "A"},
    "New-RoleGroup": {"Name": "A"},
    "Set-RoleGroup": {"Identity": "Help Desk", "Description": "x"},
    "Remove-RoleGroup": {"Identity": "A"},
    "Add-RoleGroupMember": {"Identity": "Help Desk", "Member": "A"},
    "Remove-RoleGroupMember": {"Identity": "Help Desk", "Member": "A"},
    "Update-RoleGroupMember": {"Identity": "Help Desk", "Members": ["A"]},
    "New-ServicePrincipal": {"AppId": "A", "ObjectId": "A"},
    "Set-ServicePrincipal": {"Identity": "A", "DisplayName": "B"},
    "Remove-ServicePrincipal": {"Identity": "A"},
}


class Admin:
    """A short way to run cmdlets in a tenant, past every confirmation."""

    def __init__(self, seed: str = "fresh_e5", customized: bool = True, **changes: Any) -> None:
        self.direct = Direct(seed, **changes)
        self.tenant = self.direct.tenant
        if customized:
            put_rows(self.tenant, "OrganizationConfig", [{**self.tenant.rows("OrganizationConfig")[0], "IsDehydrated": False}])

    def run(self, name: str, **parameters: Any) -> list[Row]:
        told = {"Confirm": False} if cmdlets()[name.lower()].asks else {}
        return execute(self.tenant, cmdlets()[name.lower()], {**told, **parameters}).rows

    def one(self, name: str, **parameters: Any) -> Row:
        (row,) = self.run(name, **parameters)
        return row

    def names(self, name: str, **parameters: Any) -> list[str]:
        return [row["Name"] for row in self.run(name, **parameters)]

    def refused(self, name: str, **parameters: Any) -> tuple[str, str]:
        with pytest.raises(CmdletError) as error:
            self.run(name, **parameters)
        return error.value.kind.rpartition(".")[2], error.value.text

    def known(self, identity: str = "unassigned", display_name: str = "Writer of policies") -> str:
        """Make an application known to Exchange; its object id."""
        app = self.tenant.identities[identity]
        self.run("New-ServicePrincipal", AppId=app["client_id"], ObjectId=app["object_id"], DisplayName=display_name)
        return str(app["object_id"])


@pytest.fixture
def admin() -> Admin:
    return Admin()


# ---------------------------------------------------------------- the tables


def test_cmdlets_of_roles_have_a_table_of_their_own(admin: Admin) -> None:
    assert {"Get-ManagementRole", "Get-ManagementRoleEntry", "Get-ServicePrincipal", *WRITING} <= EVERY
    for name, parameter in (
        ("New-ManagementRole", "UnScopedTopLevel"),
        ("New-RoleGroup", "LinkedForeignGroup"),
        ("Add-ManagementRoleEntry", "PSSnapinName"),
        ("New-ManagementRoleAssignment", "Computer"),
    ):
        assert admin.refused(name, **{**WRITING[name], parameter: "x"})[0] == "AmbiguousParameterSetException"


@pytest.mark.parametrize("name", [name for name in WRITING if name.startswith(("Remove-", "Update-"))])
def test_what_takes_away_asks(name: str) -> None:
    admin = Admin(customized=False)
    outcome = execute(admin.tenant, cmdlets()[name.lower()], WRITING[name])
    assert outcome.confirmation and outcome.rows == []


@pytest.mark.parametrize("name", WRITING)
def test_nothing_of_it_before_the_organization_is_customized(name: str) -> None:
    assert Admin(customized=False).refused(name, **WRITING[name])[0] == "InvalidOperationInDehydratedContextException"


# ---------------------------------------------------------------- built-in roles


def test_every_cmdlet_is_in_a_built_in_role(admin: Admin) -> None:
    there = built_in(admin.tenant)
    assert {cmdlet for entries in there.values() for cmdlet in entries} == EVERY
    beside = {cmdlet for role, entries in there.items() if role != "View-Only Configuration" for cmdlet in entries}
    assert beside == EVERY and all(name.startswith("Get-") for name in there["View-Only Configuration"])
    roles = {name: [role for role, entries in there.items() if name in entries] for name in EVERY}
    assert len(roles["Set-SafeLinksPolicy"]) == 2 and roles["Set-AntiPhishPolicy"] == [HYGIENE]
    assert set(there["Recipient Policies"]["Set-HostedContentFilterPolicy"]) < set(there[HYGIENE]["Set-HostedContentFilterPolicy"])


def test_tenants_share_their_built_in_roles() -> None:
    first, second = Admin(), Admin("fresh_e5")
    assert built_in(first.tenant) is built_in(second.tenant)
    first.run("Get-ManagementRoleEntry", Identity="*\\*")
    assert first.tenant.objects["ManagementRole"] == first.tenant.objects["ManagementRoleEntry"] == []


def test_roles_hold_what_the_tenant_has() -> None:
    plain = Admin("exchange_only")
    assert plain.run("Get-ManagementRole", Cmdlet="Set-SafeLinksPolicy") == []
    assert plain.names("Get-ManagementRole", Cmdlet="Set-AntiPhishPolicy") == [HYGIENE]
    entry = plain.one("Get-ManagementRoleEntry", Identity=f"{HYGIENE}\\Set-AntiPhishPolicy")
    assert "EnableTargetedUserProtection" not in entry["Parameters"] and "EnableSpoofIntelligence" in entry["Parameters"]


def test_built_in_roles_are_found(admin: Admin) -> None:
    row = admin.one("Get-ManagementRole", Identity="transport hygiene")
    assert (row["Name"], row["Parent"], row["IsRootRole"], row["RoleType"]) == (HYGIENE, None, True, "TransportHygiene")
    assert admin.names("Get-ManagementRole") == list(HOLDS)
    assert admin.names("Get-ManagementRole", Identity="View-Only*") == ["View-Only Audit Logs", "View-Only Configuration"]
    assert admin.names("Get-ManagementRole", RoleType="AuditLogs") == ["Audit Logs"]
    assert admin.names("Get-ManagementRole", Cmdlet="Set-AntiPhishPolicy") == [HYGIENE]
    assert admin.names("Get-ManagementRole", Cmdlet="Set-HostedContentFilterPolicy", CmdletParameters=["SpamAction"]) == [HYGIENE]
    assert admin.refused("Get-ManagementRole", Identity="No such role")[0] == "ManagementObjectNotFoundException"
    assert admin.run("Get-ManagementRole", Cmdlet="Set-Nothing") == []


def test_entries_are_found_by_wildcards_in_each_half(admin: Admin) -> None:
    rows = admin.run("Get-ManagementRoleEntry", Identity="*\\Set-HostedContentFilterPolicy", ResultSize="Unlimited")
    assert [(row["Role"], row["Identity"], row["Type"]) for row in rows] == [
        ("Recipient Policies", "Recipient Policies", "Cmdlet"),
        (HYGIENE, HYGIENE, "Cmdlet"),
    ]
    assert {row["Role"] for row in admin.run("Get-ManagementRoleEntry", Identity="Audit Logs\\*")} == {"Audit Logs"}
    assert admin.names("Get-ManagementRoleEntry", Identity="Audit*\\*Log*") == ["Get-AdminAuditLogConfig", "Set-AdminAuditLogConfig"]
    assert admin.names("Get-ManagementRoleEntry", Identity="*\\Set-*", Parameters=["UnifiedAuditLog*"]) == ["Set-AdminAuditLogConfig"]
    assert admin.run("Get-ManagementRoleEntry", Identity="*\\*", Type=["Script"]) == []
    assert admin.run("Get-ManagementRoleEntry", Identity="*\\Set-Nothing") == []
    for identity in ("Audit Logs\\Set-Nothing", "No such role\\*", "Audit Logs"):
        admin.refused("Get-ManagementRoleEntry", Identity=identity)


# ---------------------------------------------------------------- roles of one's own


def test_a_role_is_made_of_another_one(admin: Admin) -> None:
    made = admin.one(
        "New-ManagementRole", Name="Phish", Parent="transport hygiene", EnabledCmdlets=["set-antiphishpolicy"], Description="x"
    )
    assert (made["Name"], made["Parent"], made["Description"], made["IsRootRole"]) == ("Phish", HYGIENE, "x", False)
    entry = admin.one("Get-ManagementRoleEntry", Identity="Phish\\*")
    whole = admin.one("Get-ManagementRoleEntry", Identity=f"{HYGIENE}\\Set-AntiPhishPolicy")
    assert entry["Name"] == "Set-AntiPhishPolicy" and entry["Parameters"] == whole["Parameters"]
    admin.run("New-ManagementRole", Name="Whole", Parent=HYGIENE)
    assert admin.names("Get-ManagementRoleEntry", Identity="Whole\\*") == admin.names("Get-ManagementRoleEntry", Identity=f"{HYGIENE}\\*")
    admin.run("New-ManagementRole", Name="Smaller", Parent="Phish")
    assert admin.names("Get-ManagementRole", Identity=HYGIENE, GetChildren=True) == ["Phish", "Whole"]
    assert admin.names("Get-ManagementRole", Identity=HYGIENE, Recurse=True) == [HYGIENE, "Phish", "Whole", "Smaller"]


@pytest.mark.parametrize(
    "given",
    [
        {"Name": "N" * 65, "Parent": HYGIENE},
        {"Name": "audit logs", "Parent": HYGIENE},
        {"Name": "A", "Parent": "No such role"},
        {"Name": "A"},
        {"Name": "A", "Parent": "Audit Logs", "EnabledCmdlets": ["Set-AntiPhishPolicy"]},
        {"Name": "A", "Parent": "Audit Logs", "EnabledCmdlets": []},
    ],
)
def test_a_role_that_can_not_be_made(admin: Admin, given: Row) -> None:
    admin.refused("New-ManagementRole", **given)
    assert admin.tenant.rows("ManagementRole") == admin.tenant.rows("ManagementRoleEntry") == []


def test_entries_come_and_go(admin: Admin) -> None:
    admin.run("New-ManagementRole", Name="Phish", Parent=HYGIENE, EnabledCmdlets=["Get-AntiPhishPolicy"])
    admin.run("Add-ManagementRoleEntry", Identity="Phish\\Set-AntiPhishPolicy", Parameters=["Identity", "enabled"])
    assert admin.one("Get-ManagementRoleEntry", Identity="Phish\\Set-*")["Parameters"] == ["Enabled", "Identity"]
    admin.refused("Add-ManagementRoleEntry", Identity="Phish\\Set-AntiPhishPolicy")
    admin.run("Add-ManagementRoleEntry", Identity="Phish\\Set-AntiPhishPolicy", Overwrite=True)
    assert len(admin.one("Get-ManagementRoleEntry", Identity="Phish\\Set-*")["Parameters"]) > 20
    admin.run("Add-ManagementRoleEntry", ParentRoleEntry=f"{HYGIENE}\\New-AntiPhishPolicy", Role="Phish")
    admin.run("New-ManagementRole", Name="Smaller", Parent="Phish")
    admin.run("Remove-ManagementRoleEntry", Identity="Phish\\New-AntiPhishPolicy")
    for role in ("Phish", "Smaller"):
        assert admin.names("Get-ManagementRoleEntry", Identity=f"{role}\\*") == ["Get-AntiPhishPolicy", "Set-AntiPhishPolicy"]


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("Add", {"Identity": "Phish\\Set-AdminAuditLogConfig"}),
        ("Add", {"Identity": "Phish\\Set-AntiPhishPolicy", "Parameters": ["Nonsense"]}),
        ("Add", {"Identity": "Audit Logs\\Set-AntiPhishPolicy"}),
        ("Add", {"Identity": "Phish"}),
        ("Add", {}),
        ("Remove", {"Identity": "Audit Logs\\Set-AdminAuditLogConfig"}),
        ("Remove", {"Identity": "Phish\\Set-AntiPhishPolicy"}),
    ],
)
def test_entries_that_are_refused(admin: Admin, name: str, given: Row) -> None:
    admin.run("New-ManagementRole", Name="Phish", Parent=HYGIENE, EnabledCmdlets=["Get-AntiPhishPolicy"])
    admin.refused(f"{name}-ManagementRoleEntry", **given)


def test_a_role_goes_when_nothing_needs_it(admin: Admin) -> None:
    admin.run("New-ManagementRole", Name="Phish", Parent=HYGIENE)
    admin.run("New-ManagementRole", Name="Smaller", Parent="Phish")
    admin.run("New-RoleGroup", Name=GROUP, Roles=["Smaller"])
    assert "Smaller" in admin.refused("Remove-ManagementRole", Identity="Phish")[1]
    assert GROUP in admin.refused("Remove-ManagementRole", Identity="Phish", Recurse=True)[1]
    admin.refused("Remove-ManagementRole", Identity=HYGIENE, Force=True)
    admin.run("Remove-RoleGroup", Identity=GROUP)
    admin.run("Remove-ManagementRole", Identity="Phish", Recurse=True)
    assert admin.names("Get-ManagementRole") == list(HOLDS) and admin.tenant.rows("ManagementRoleEntry") == []


# ---------------------------------------------------------------- role groups


def test_a_role_group_shows_its_roles_and_members(admin: Admin) -> None:
    number = admin.known()
    made = admin.one("New-RoleGroup", Name=GROUP, Roles=["audit logs", HYGIENE], Members=["First Administrator", number], Description="x")
    assert (made["Roles"], made["Description"]) == (["Audit Logs", HYGIENE], "x")
    assert admin.one("Get-RoleGroup", Identity=GROUP) == made
    assert made["Members"] == ["First Administrator", number]
    assert made["RoleAssignments"] == [f"Audit Logs-{GROUP}", f"{HYGIENE}-{GROUP}"]
    member = admin.run("Get-RoleGroupMember", Identity=GROUP)[1]
    assert (member["DisplayName"], member["ExternalDirectoryObjectId"]) == ("Writer of policies", number)
    assert member["RecipientTypeDetails"] == "ServicePrincipal"
    assert HYGIENE in admin.one("Get-RoleGroup", Identity="Hygiene Management")["Roles"]


@pytest.mark.parametrize(
    "given",
    [
        {"Name": "N" * 65},
        {"Name": "help desk"},
        {"Name": "A", "Description": ""},
        {"Name": "A", "Roles": ["No such role"]},
        {"Name": "A", "Members": ["Nobody"]},
        {"Name": "A", "Members": ["Writer of policies"]},
    ],
)
def test_a_role_group_that_can_not_be_made(admin: Admin, given: Row) -> None:
    admin.refused("New-RoleGroup", **given)
    assert admin.tenant.rows("RoleGroup") == []


def test_a_role_group_is_changed_but_for_its_roles(admin: Admin) -> None:
    admin.known()
    admin.run("New-RoleGroup", Name=GROUP, Roles=[HYGIENE], Members=["Writer of policies"])
    admin.run("Set-RoleGroup", Identity=GROUP, Description="y", DisplayName="Shown", Name="Renamed")
    row = admin.one("Get-RoleGroup", Identity="Renamed")
    assert (row["Description"], row["DisplayName"], row["Roles"], len(row["Members"])) == ("y", "Shown", [HYGIENE], 1)
    assert row["RoleAssignments"] == [f"{HYGIENE}-{GROUP}"]
    admin.refused("Get-RoleGroup", Identity=GROUP)
    admin.refused("Set-RoleGroup", Identity="Renamed", Roles=["Audit Logs"])
    admin.refused("Set-RoleGroup", Identity="Renamed", Name="Help Desk")
    admin.run("Set-RoleGroup", Identity="Help Desk", Description="ours")
    assert admin.one("Get-RoleGroup", Identity="Help Desk")["Description"] == "ours"
    admin.refused("Set-RoleGroup", Identity="Help Desk", Name="Ours")


def test_only_managers_change_a_group_that_names_some(admin: Admin) -> None:
    admin.run("New-RoleGroup", Name=GROUP, ManagedBy=["First Administrator"])
    steps: list[tuple[str, Row]] = [
        ("Set-RoleGroup", {"Description": "y"}),
        ("Add-RoleGroupMember", {"Member": "First Administrator"}),
        ("Update-RoleGroupMember", {"Members": ["First Administrator"]}),
        ("Remove-RoleGroupMember", {"Member": "First Administrator"}),
        ("Remove-RoleGroup", {}),
    ]
    for name, given in steps:
        assert "manager" in admin.refused(name, Identity=GROUP, **given)[1]
        admin.run(name, Identity=GROUP, BypassSecurityGroupManagerCheck=True, **given)


def test_a_removed_role_group_takes_its_assignments(admin: Admin) -> None:
    admin.known()
    admin.run("New-RoleGroup", Name=GROUP, Roles=[HYGIENE], Members=["Writer of policies"])
    admin.run("Remove-RoleGroup", Identity=GROUP)
    assert admin.tenant.rows("ManagementRoleAssignment") == admin.tenant.rows("roleGroupMembers") == []
    assert HYGIENE in admin.names("Get-ManagementRole")
    for name in ("Help Desk", GROUP):
        admin.refused("Remove-RoleGroup", Identity=name, Force=True)


# ---------------------------------------------------------------- assignments


def test_assignments_are_named_by_role_and_group(admin: Admin) -> None:
    long = "A role group with a name that is nearly sixty-four letters long"
    admin.run("New-RoleGroup", Name=long, Roles=["View-Only Audit Logs", "View-Only Configuration"])
    names = admin.names("Get-ManagementRoleAssignment", RoleAssignee=long)
    assert names == [f"View-Only Audit Logs-{long}"[:64], f"View-Only Configuration-{long}"[:64]]
    twice = admin.one("New-ManagementRoleAssignment", Role="View-Only Audit Logs", SecurityGroup=long)
    assert twice["Name"] == names[0][:62] + "-1" and len(twice["Name"]) == 64
    assert admin.one("Get-RoleGroup", Identity=long)["Roles"] == ["View-Only Audit Logs", "View-Only Configuration"]


def test_roles_of_a_group_change_by_assignments(admin: Admin) -> None:
    admin.run("New-RoleGroup", Name=GROUP, Roles=[HYGIENE])
    made = admin.one("New-ManagementRoleAssignment", Role="audit logs", SecurityGroup=GROUP)
    assert (made["Name"], made["RoleAssigneeType"], made["RoleAssignee"]) == (f"Audit Logs-{GROUP}", "RoleGroup", GROUP)
    admin.run("New-ManagementRoleAssignment", Name="Mine", Role="Security Reader", SecurityGroup=GROUP)
    admin.run("Remove-ManagementRoleAssignment", Identity=f"{HYGIENE}-{GROUP}")
    assert admin.one("Get-RoleGroup", Identity=GROUP)["Roles"] == ["Audit Logs", "Security Reader"]
    for given in (
        {"Role": "No such role", "SecurityGroup": GROUP},
        {"Role": HYGIENE, "SecurityGroup": "No such group"},
        {"Role": HYGIENE},
        {"Role": HYGIENE, "SecurityGroup": GROUP, "User": "First Administrator"},
        {"Role": HYGIENE, "App": "x"},
        {"Role": HYGIENE, "Policy": "x"},
        {"Role": HYGIENE, "SecurityGroup": GROUP, "Name": "mine"},
        {"Role": HYGIENE, "SecurityGroup": GROUP, "CustomRecipientWriteScope": "x"},
    ):
        admin.refused("New-ManagementRoleAssignment", **given)
    admin.refused("Remove-ManagementRoleAssignment", Identity="No such assignment")


def test_built_in_assignments(admin: Admin) -> None:
    rows = admin.run("Get-ManagementRoleAssignment", Role=HYGIENE, Delegating=False)
    assert [row["RoleAssigneeName"] for row in rows] == ["Organization Management", "Hygiene Management"]
    (delegating,) = admin.run("Get-ManagementRoleAssignment", Role=HYGIENE, Delegating=True)
    assert delegating["Name"] == f"{HYGIENE}-Organization Management-Delegating"
    name = f"{HYGIENE}-Hygiene Management"
    admin.run("Remove-ManagementRoleAssignment", Identity=name)
    assert admin.one("Get-RoleGroup", Identity="Hygiene Management")["Roles"] == ["View-Only Configuration"]
    admin.run("New-ManagementRoleAssignment", Role=HYGIENE, SecurityGroup="Hygiene Management")
    assert admin.one("Get-ManagementRoleAssignment", Identity=name)["Enabled"] is True
    admin.run("Remove-ManagementRoleAssignment", Identity=name)
    assert name not in admin.names("Get-ManagementRoleAssignment", Identity=f"{HYGIENE}*")


def test_assignments_of_a_member(admin: Admin) -> None:
    number = admin.known()
    admin.run("New-RoleGroup", Name=GROUP, Roles=[HYGIENE], Members=[number, "First Administrator"])
    admin.run("New-ManagementRoleAssignment", Role="Audit Logs", User="First Administrator")
    rows = admin.run("Get-ManagementRoleAssignment", RoleAssignee="First Administrator")
    assert [(row["Role"], row["AssignmentMethod"]) for row in rows] == [("Audit Logs", "Direct"), (HYGIENE, "RoleGroup")]
    assert admin.names("Get-ManagementRoleAssignment", RoleAssignee=number) == [f"{HYGIENE}-{GROUP}"]
    users = admin.run("Get-ManagementRoleAssignment", RoleAssignee=GROUP, GetEffectiveUsers=True)
    assert [row["EffectiveUserName"] for row in users] == ["Writer of policies", "First Administrator"]


# ---------------------------------------------------------------- members and applications


def test_members_come_and_go() -> None:
    admin = Admin("lived_in")
    number = admin.known()
    admin.run("New-RoleGroup", Name=GROUP)
    admin.run("Add-RoleGroupMember", Identity=GROUP, Member="writer of policies")
    admin.run("Add-RoleGroupMember", Identity=GROUP, Member="Security team")
    admin.run("Add-RoleGroupMember", Identity=GROUP, Member="Alex Sample")
    assert admin.refused("Add-RoleGroupMember", Identity=GROUP, Member=number)[0] == "MemberAlreadyExistsException"
    kinds = [row["RecipientTypeDetails"] for row in admin.run("Get-RoleGroupMember", Identity=GROUP)]
    assert kinds == ["ServicePrincipal", "MailUniversalSecurityGroup", "UserMailbox"]
    admin.run("Remove-RoleGroupMember", Identity=GROUP, Member="Security team")
    assert admin.refused("Remove-RoleGroupMember", Identity=GROUP, Member="Security team")[0] == "MemberNotFoundException"
    change = {"@odata.type": "#Exchange.GenericHashTable", "Add": ["Security team"], "Remove": ["Alex Sample"]}
    admin.run("Update-RoleGroupMember", Identity=GROUP, Members=change)
    assert admin.one("Get-RoleGroup", Identity=GROUP)["Members"] == [number, "Security team"]
    admin.run("Update-RoleGroupMember", Identity=GROUP, Members=["Alex Sample"])
    assert admin.one("Get-RoleGroup", Identity=GROUP)["Members"] == ["Alex Sample"]
    assert len([row for row in admin.tenant.rows("roleGroupMembers") if row["service"] == "compliance"]) == 3


def test_exchange_has_to_know_an_application(admin: Admin) -> None:
    app = admin.tenant.identities["unassigned"]
    ids = {"AppId": app["client_id"], "ObjectId": app["object_id"]}
    for wrong in (
        {"AppId": app["client_id"], "ObjectId": admin.tenant.identities["writer"]["object_id"]},
        {"AppId": app["object_id"], "ObjectId": app["client_id"]},
    ):
        admin.refused("New-ServicePrincipal", **wrong)
    admin.refused("New-ServicePrincipal", AppId=app["client_id"])
    admin.refused("Add-RoleGroupMember", Identity="Help Desk", Member=app["object_id"])
    made = admin.one("New-ServicePrincipal", **ids)
    assert (made["AppId"], made["ObjectId"], made["Identity"], made["DisplayName"]) == (*ids.values(), app["object_id"], "")
    admin.refused("New-ServicePrincipal", **ids)
    admin.run("Set-ServicePrincipal", Identity=app["client_id"], DisplayName="Shown")
    for identity in (app["client_id"], app["object_id"], made["Guid"], made["DistinguishedName"], "shown"):
        assert admin.one("Get-ServicePrincipal", Identity=identity)["DisplayName"] == "Shown"
    admin.run("Add-RoleGroupMember", Identity="Help Desk", Member="Shown")
    admin.run("Remove-ServicePrincipal", Identity="Shown")
    assert admin.run("Get-ServicePrincipal") == admin.run("Get-RoleGroupMember", Identity="Help Desk") == []
    admin.refused("Get-ServicePrincipal", Identity=app["client_id"])


def test_a_name_of_two_applications_is_refused(admin: Admin) -> None:
    admin.known("unassigned", "Twin")
    admin.known("reader", "Twin")
    for name, given in (
        ("Get-ServicePrincipal", {"Identity": "Twin"}),
        ("Add-RoleGroupMember", {"Identity": "Help Desk", "Member": "Twin"}),
    ):
        assert "multiple" in admin.refused(name, **given)[1]


# ---------------------------------------------------------------- state

NOUNS = ("ManagementRole", "ManagementRoleEntry", "RoleGroup", "ManagementRoleAssignment", "ServicePrincipal", "roleGroupMembers")


def seen(admin: Admin) -> list[Row]:
    asked = [("Get-ManagementRole", {}), ("Get-RoleGroup", {}), ("Get-ManagementRoleAssignment", {}), ("Get-ServicePrincipal", {})]
    asked += [("Get-ManagementRoleEntry", {"Identity": "*\\*"}), ("Get-RoleGroupMember", {"Identity": GROUP})]
    return [row for name, given in asked for row in admin.run(name, **given)]


def test_roles_survive_as_a_seed_and_are_gone_after_a_reset(admin: Admin) -> None:
    admin.known()
    admin.run("New-ManagementRole", Name="Phish", Parent=HYGIENE, EnabledCmdlets=["Set-AntiPhishPolicy"])
    admin.run("New-RoleGroup", Name=GROUP, Roles=["Phish", "Audit Logs"], Members=["Writer of policies"])
    admin.run("Remove-ManagementRoleAssignment", Identity=f"{HYGIENE}-Hygiene Management")
    before = seen(admin)
    other = Admin(objects={noun: admin.tenant.rows(noun) for noun in NOUNS})
    assert seen(other) == before
    admin.tenant.reset()
    assert [row for noun in NOUNS for row in admin.tenant.rows(noun)] == []


def test_a_seed_may_name_the_roles_of_a_group() -> None:
    roles = [{"Name": GROUP, "Roles": [HYGIENE, "Phish"]}, {"Name": "Hygiene Management", "Roles": ["Audit Logs"]}]
    admin = Admin(
        objects={
            "ManagementRole": [{"Name": "Phish", "Parent": HYGIENE}, {"Name": HYGIENE}, {"Name": "Mail Recipients", "Parent": ""}],
            "ManagementRoleEntry": [{"Role": "Phish", "Name": "Set-AntiPhishPolicy", "Parameters": ["Identity", "Enabled"]}],
            "RoleGroup": roles,
        }
    )

    def shown(name: str) -> list[str]:
        return list(admin.one("Get-RoleGroup", Identity=name)["Roles"])

    assert (shown(GROUP), shown("Hygiene Management")) == ([HYGIENE, "Phish"], ["Audit Logs"])
    admin.run("Remove-ManagementRoleAssignment", Identity=f"{HYGIENE}-{GROUP}")
    assert (shown(GROUP), shown("Hygiene Management")) == (["Phish"], ["Audit Logs"])
    put_rows(admin.tenant, "RoleGroup", [{"Name": GROUP, "Description": "by somebody else"}])
    assert admin.one("Get-RoleGroup", Identity=GROUP)["Description"] == "by somebody else" and shown(GROUP) == ["Phish"]
    assert admin.names("Get-ManagementRole", Cmdlet="Set-AntiPhishPolicy", CmdletParameters=["Enabled"]) == [HYGIENE, "Phish"]
    assert "built-in" in admin.refused("Remove-ManagementRole", Identity="Mail Recipients")[1]


def test_a_seed_tells_what_a_built_in_role_holds() -> None:
    told = {"Identity": "Audit Logs", "Name": "Set-AdminAuditLogConfig", "Parameters": ["Identity", "UnifiedAuditLogIngestionEnabled"]}
    admin = Admin(objects={"ManagementRoleEntry": [told]})
    assert admin.one("Get-ManagementRoleEntry", Identity="Audit Logs\\*")["Parameters"] == told["Parameters"]
    admin.run("New-ManagementRole", Name="Audit", Parent="Audit Logs")
    assert admin.names("Get-ManagementRoleEntry", Identity="Audit\\*") == ["Set-AdminAuditLogConfig"]
    assert len(admin.names("Get-ManagementRoleEntry", Identity="View-Only Audit Logs\\*")) == 1
