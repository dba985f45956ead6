# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""People and groups that hold directory roles, at once or after activation, and who is in a group.

A seed lists them as `directoryRoles`: principalId, role (its name), eligible (whether it has to be activated first).
"""

from __future__ import annotations

from typing import Any

from .graph_form import Asked, route
from .invented import defender as invented
from .odata import Options
from .seed import table
from .service import Answer
from .tenant import Row, Tenant

ELIGIBLE_READ = (
    "RoleEligibilitySchedule.Read.Directory RoleEligibilitySchedule.ReadWrite.Directory RoleManagement.Read.All "
    "RoleManagement.Read.Directory RoleManagement.ReadWrite.Directory"
)
"""[doc] List roleEligibilityScheduleInstances"""
MEMBERS_READ = "GroupMember.Read.All GroupMember.ReadWrite.All Group.Read.All Group.ReadWrite.All Directory.Read.All"
"""[doc] List group transitive members"""


def assigned(tenant: Tenant, eligible: bool = False) -> list[Row]:
    """The roles of people and groups, each for the whole tenant."""
    numbers = table("directory")["roles"]
    rows = []
    for row in tenant.read("directoryRoles"):
        if bool(row.get("eligible")) != eligible:
            continue
        made: dict[str, Any] = {
            "id": tenant.guid("role of a person", row["principalId"], row["role"], eligible),
            "principalId": row["principalId"],
            "roleDefinitionId": numbers.get(row["role"], row["role"]),
            "directoryScopeId": row.get("directoryScopeId", "/"),
        }
        if eligible:
            made |= {"appScopeId": None, "memberType": "Direct", "roleEligibilityScheduleId": made["id"], "endDateTime": None}
        rows.append(made)
    return rows


def principal(tenant: Tenant, number: str) -> Row | None:
    """A user, a group or an application by its id, as a directory object [recall]."""
    for noun, kind in (("users", "user"), ("groups", "group")):
        for row in tenant.read(noun):
            if row["id"] == number:
                return {"@odata.type": f"#microsoft.graph.{kind}", **row}
    for name, identity in tenant.identities.items():
        if identity["object_id"] == number:
            named = {"id": number, "appId": identity["client_id"], "displayName": identity.get("display_name", name)}
            return {"@odata.type": "#microsoft.graph.servicePrincipal", **named}
    return None


def _eligible(asked: Asked) -> Answer:
    """Needs Entra ID P2. [doc] the licence; the words of the refusal are in `invented/defender.py`."""
    if "AAD_PREMIUM_P2" not in asked.tenant.plans:
        raise asked.refused(400, *invented.NO_ELIGIBLE_ROLES)

    def finish(row: Row, expand: tuple[str, ...]) -> Row:
        return {**row, "principal": principal(asked.tenant, row["principalId"])} if "principal" in expand else row

    options = Options(
        "microsoft.graph.unifiedRoleEligibilityScheduleInstance",
        filter_by=("principalId", "roleDefinitionId", "directoryScopeId"),
        page=100,
        skip=False,
        expand=("principal",),
    )
    return asked.page(assigned(asked.tenant, eligible=True), options, "roleManagement/directory/roleEligibilityScheduleInstances", finish)


def _transitive_members(asked: Asked) -> Answer:
    """Everybody in a group and in the groups in it, these groups too [doc]."""
    wanted = asked.parts[0].lower()
    known = {row["id"]: row for row in asked.tenant.read("groups")}
    if wanted not in known:
        raise asked.missing()
    links = asked.tenant.read("groupMembers")
    reached = {wanted}
    while more := {link["memberId"] for link in links if link["groupId"] in reached} - reached:
        reached |= more
    rows = [row for number in sorted(reached - {wanted}) if (row := principal(asked.tenant, number))]
    return asked.page(rows, Options("microsoft.graph.directoryObject", page=100, top=999, skip=False), "directoryObjects")


ROUTES = (
    route("GET", "/roleManagement/directory/roleEligibilityScheduleInstances", ELIGIBLE_READ, _eligible),
    route("GET", "/groups/{}/transitiveMembers", MEMBERS_READ, _transitive_members),
)
