# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""People who hold directory roles, members of groups at any depth, and role groups of both Exchange services."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.binding import cmdlets
from emulator.cmdlets import execute
from emulator.errors import CmdletError
from tests.emulator.direct import Direct

ASSIGNED = "roleManagement/directory/roleAssignments?$expand=principal"
ELIGIBLE = "roleManagement/directory/roleEligibilityScheduleInstances?$expand=principal"


@pytest.fixture(scope="module")
def lived() -> Direct:
    return Direct("lived_in")


def run(direct: Direct, name: str, service: str, **parameters: Any) -> list[dict[str, Any]]:
    return execute(direct.tenant, cmdlets()[name.lower()], parameters, service).rows


def principals(direct: Direct, path: str) -> list[str]:
    return sorted(row["principal"]["displayName"] for row in direct.graph(path).body["value"])


def test_assignments_come_with_their_principals(lived: Direct) -> None:
    rows = lived.graph(ASSIGNED).body["value"]
    kinds = {row["principal"]["@odata.type"].rpartition(".")[2] for row in rows}
    assert kinds == {"user", "group", "servicePrincipal"}
    assert {"First Administrator", "Former Administrator", "Security team", "emulated writer"} <= set(principals(lived, ASSIGNED))


def test_eligible_roles_are_a_list_of_their_own(lived: Direct) -> None:
    assert principals(lived, ELIGIBLE) == ["Alex Sample"]
    assert "Alex Sample" not in principals(lived, ASSIGNED)
    assert lived.graph(ELIGIBLE, who="unconsented").status == 403


def test_eligible_roles_need_their_licence() -> None:
    answer = Direct("fresh_e3").graph(ELIGIBLE)
    assert (answer.status, answer.body["error"]["code"]) == (400, "AadPremiumLicenseRequired")


def test_members_of_a_group_at_any_depth(lived: Direct) -> None:
    rows = lived.graph("groups/cccccccc-0000-4000-8000-000000000201/transitiveMembers").body["value"]
    assert [(row["@odata.type"].rpartition(".")[2], row["displayName"]) for row in rows] == [
        ("group", "Accounts receivable"),
        ("user", "Adele Example"),
    ]
    assert lived.graph("groups/cccccccc-0000-4000-8000-000000000999/transitiveMembers").status == 404


def test_each_service_has_role_groups_of_its_own(lived: Direct) -> None:
    there = {service: {row["Name"]: row["Roles"] for row in run(lived, "Get-RoleGroup", service)} for service in ("exchange", "compliance")}
    assert "Data Investigator" not in there["exchange"] and "Recipient Management" not in there["compliance"]
    purging = sorted(name for name, roles in there["compliance"].items() if "Search And Purge" in roles)
    assert purging == ["Data Investigator", "Organization Management"]
    (one,) = run(lived, "Get-RoleGroup", "compliance", Identity="data investigator")
    assert sorted(one["Members"]) == ["Adele Example", "Sam Security"]
    with pytest.raises(CmdletError):
        run(lived, "Get-RoleGroup", "compliance", Identity="No such group")


def test_members_of_a_role_group(lived: Direct) -> None:
    rows = run(lived, "Get-RoleGroupMember", "compliance", Identity="Data Investigator")
    assert [row["ExternalDirectoryObjectId"][-3:] for row in rows] == ["204", "201"]
    assert {row["RecipientTypeDetails"] for row in rows} == {"UserMailbox"}
    assert run(lived, "Get-RoleGroupMember", "exchange", Identity="Organization Management") == []


def test_a_fresh_tenant_has_its_first_administrator() -> None:
    rows = Direct("fresh_e5").graph(ASSIGNED).body["value"]
    assert [row["principal"]["displayName"] for row in rows if row["principal"]["@odata.type"].endswith("user")] == ["First Administrator"]
