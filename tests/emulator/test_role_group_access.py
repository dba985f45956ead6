# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an application may do as a member of a role group of Exchange, and what nobody without the right may do to roles."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.access import enters, exported
from emulator.second_administrator import run_cmdlet
from emulator.testing import Emulator
from emulator.tokens import Caller
from tests.emulator.direct import Direct
from tests.emulator.wire import REGIONAL, Wire

GROUP = "Defender configuration"
READ, SET = "Get-AntiPhishPolicy", "Set-AntiPhishPolicy"
DEFAULT = {"Identity": "Office365 AntiPhish Default"}


def is_nul(wire: Wire, name: str, parameters: dict[str, Any] | None = None) -> bool:
    answer = wire.call(name, parameters or {})
    return answer.status_code == 403 and set(answer.content) == {0}


def listed(wire: Wire) -> list[str]:
    answer = wire.session.get(wire.address("EXOModuleFile?Version=3.9.2", version="v1.0"), headers=wire.headers(CommandName="*"))
    assert answer.status_code == 200, answer.status_code
    return str(answer.json()["value"][0]["exportedCmdlets"]).split(",")


def given(wire: Wire, identity: str, *roles: str) -> Wire:
    """The identity, as a member of a role group with these roles."""
    app = wire.tenant.identities[identity]
    if wire.one("Get-OrganizationConfig")["IsDehydrated"]:
        wire.run("Enable-OrganizationCustomization")
    wire.run("New-ServicePrincipal", AppId=app["client_id"], ObjectId=app["object_id"], DisplayName=identity)
    wire.run("New-RoleGroup", Name=GROUP, **({"Roles": list(roles)} if roles else {}))
    number = wire.one("Get-ServicePrincipal", Identity=identity)["Identity"]
    wire.run("Add-RoleGroupMember", Identity=GROUP, Member=number)
    return wire.as_identity(identity)


def test_an_application_runs_the_cmdlets_of_its_role_group(wire: Wire) -> None:
    assert is_nul(wire.as_identity("unassigned"), READ)
    wire.run("Enable-OrganizationCustomization")
    wire.run("New-ManagementRole", Name="Phish", Parent="Transport Hygiene", EnabledCmdlets=[READ, SET])
    app = given(wire, "unassigned", "Phish")
    app.run(SET, **DEFAULT, PhishThresholdLevel=3)
    assert app.one(READ, **DEFAULT)["PhishThresholdLevel"] == 3
    assert sorted(listed(app)) == [READ, SET]
    for name in ("New-AntiPhishPolicy", "Get-SafeLinksPolicy", "Get-OrganizationConfig", "Get-RoleGroup", "New-RoleGroup"):
        assert is_nul(app, name)
    shown = app.batch((READ, {}), ("Get-SafeLinksPolicy", {}))
    assert [row["status"] for row in shown] == [200, 403]
    wire.run("Remove-RoleGroupMember", Identity=GROUP, Member="unassigned")
    assert is_nul(app, READ)


def test_it_has_the_parameters_that_its_roles_have(wire: Wire) -> None:
    app = given(wire, "unassigned", "Recipient Policies")
    policy = {"Identity": "Default"}
    app.run("Set-HostedContentFilterPolicy", **policy, EnableEndUserSpamNotifications=False)
    kind, text = app.refused("Set-HostedContentFilterPolicy", {**policy, "SpamAction": "Quarantine"})
    assert kind == "AmbiguousParameterSetException" and text.endswith("SpamAction")
    wire.run("New-ManagementRoleAssignment", Role="Transport Hygiene", SecurityGroup=GROUP)
    app.run("Set-HostedContentFilterPolicy", **policy, SpamAction="Quarantine")


def test_a_role_group_adds_to_a_directory_role(wire: Wire) -> None:
    app = given(wire, "security_admin", "Recipient Policies")
    app.run("Set-HostedContentFilterPolicy", Identity="Default", EnableEndUserSpamNotifications=False)
    assert is_nul(app, SET, DEFAULT)
    app.run("New-SafeLinksPolicy", Name="A", TrackClicks=True)
    assert {"Set-HostedContentFilterPolicy", "New-SafeLinksPolicy"} <= set(listed(app)) and SET not in listed(app)


def test_a_role_group_gives_nothing_in_compliance(wire: Wire) -> None:
    app = given(wire, "unassigned", "Audit Logs", "Security Admin", "View-Only Configuration")
    for name in ("Get-ProtectionAlert", "Get-AdminAuditLogConfig"):
        answer = app.call(name, host=REGIONAL)
        assert (answer.status_code, answer.json()["error"]["message"]) == (403, f"User is not allowed to call {name}")
    assert app.call("Get-AdminAuditLogConfig").status_code == 200
    assert "Get-ProtectionAlert" not in listed(app)


def test_it_takes_the_application_permission_too(wire: Wire) -> None:
    assert given(wire, "unconsented", "Security Admin").call("Get-SafeLinksPolicy").status_code == 401


def test_a_group_without_roles_gives_nothing(wire: Wire) -> None:
    app = given(wire, "unassigned")
    assert is_nul(app, READ)
    answer = app.session.get(app.address("EXOModuleFile?Version=3.9.2", version="v1.0"), headers=app.headers(CommandName="*"))
    assert answer.status_code == 403


def test_what_exchange_does_not_know_is_no_member(wire: Wire) -> None:
    app = given(wire, "unassigned", "Security Reader")
    assert app.call(READ).status_code == 200
    wire.tenant.put_state("ServicePrincipal", [])
    assert is_nul(app, READ) and wire.run("Get-RoleGroupMember", Identity=GROUP) == []


def test_a_delegating_assignment_lets_nobody_run_anything(wire: Wire) -> None:
    app = given(wire, "unassigned")
    wire.run("New-ManagementRoleAssignment", Role="Security Reader", SecurityGroup=GROUP, Delegating=True)
    assert is_nul(app, READ) and wire.one("Get-RoleGroup", Identity=GROUP)["Roles"] == []


@pytest.mark.parametrize("identity", ["reader", "security_admin", "unassigned"])
@pytest.mark.parametrize("name", ["New-RoleGroup", "New-ManagementRole", "New-ServicePrincipal", "Add-RoleGroupMember"])
def test_roles_are_for_their_administrators(wire: Wire, identity: str, name: str) -> None:
    assert is_nul(wire.as_identity(identity), name)


def test_security_administrator_alone_does_not_read_roles(wire: Wire) -> None:
    admin, reader = wire.as_identity("security_admin"), wire.as_identity("reader")
    for name, parameters in (("Get-ManagementRole", {}), ("Get-ManagementRoleEntry", {"Identity": "*\\*"}), ("Get-ServicePrincipal", {})):
        assert is_nul(admin, name, parameters)
        assert reader.call(name, parameters).status_code == 200
    assert admin.call("Get-RoleGroup").status_code == 200


def test_the_role_management_role_is_enough(wire: Wire) -> None:
    app = given(wire, "unassigned", "Role Management")
    app.run("New-ManagementRole", Name="Phish", Parent="Transport Hygiene")
    app.run("New-ManagementRoleAssignment", Role="Phish", SecurityGroup=GROUP)
    app.run(SET, **DEFAULT, PhishThresholdLevel=2)


def test_roles_do_not_bring_what_the_licence_does_not(emulator: Emulator) -> None:
    with Wire(emulator.tenant("exchange_only")) as plain:
        app = given(plain, "unassigned", "Transport Hygiene")
        assert is_nul(app, "Get-SafeLinksPolicy")
        assert app.refused(SET, {**DEFAULT, "PhishThresholdLevel": 2})[1].endswith("PhishThresholdLevel")
        app.run(SET, **DEFAULT, EnableSpoofIntelligence=True)


def test_people_have_the_roles_of_their_groups_and_their_own() -> None:
    direct = Direct()
    person, name = next((row["id"], row["userPrincipalName"]) for row in direct.tenant.rows("users"))
    who = Caller(direct.tenant, {}, frozenset({"Exchange.Manage"}), frozenset(), person)
    assert not enters(who, "exchange")
    direct.tenant.put("roleGroupMembers", [{"service": "exchange", "group": "Security Reader", "memberId": person}])
    assert enters(who, "exchange") and not enters(who, "compliance")
    assert READ in exported(who, "exchange") and SET not in exported(who, "exchange")
    run_cmdlet(direct.tenant, "Enable-OrganizationCustomization", {})
    run_cmdlet(direct.tenant, "New-ManagementRoleAssignment", {"Role": "Transport Hygiene", "User": name})
    assert SET in exported(who, "exchange")


def test_a_write_is_seen_late_when_told(wire: Wire) -> None:
    wire.run("Enable-OrganizationCustomization")
    wire.tenant.fault(kind="lag", reads=1, match={"cmdlet": "New-RoleGroup"})
    wire.run("New-RoleGroup", Name=GROUP)
    wire.refused("Get-RoleGroup", {"Identity": GROUP}, status=404)
    assert wire.one("Get-RoleGroup", Identity=GROUP)["Name"] == GROUP
