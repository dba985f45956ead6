# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""People who can approve pending actions, on devices and on mail."""

from __future__ import annotations

from ansible_collections.m365.defender.plugins.module_utils._errors import TenantError
from ansible_collections.m365.defender.plugins.module_utils._reader import Answers, Ask, Reader
from ansible_collections.m365.defender.plugins.module_utils._resource import Query, Row, Values
from ansible_collections.m365.defender.plugins.module_utils.readers._answers import folded
from ansible_collections.m365.defender.plugins.module_utils.readers._approvers import (
    GROUP,
    Known,
    approvers_of,
    concerned,
    is_group,
    kind_of,
    purging,
)

# All of them: the list is short, and which filters it takes together is not documented. Principals come along. [doc]
_WITH = (("$expand", "principal"),)
ASSIGNED = Ask("graph", Query("roleManagement/directory/roleAssignments", _WITH))
ELIGIBLE = Ask("graph", Query("roleManagement/directory/roleEligibilityScheduleInstances", _WITH))
ROLE_GROUPS = Ask("compliance", Query("RoleGroup"))
_MEMBER = (("$select", "id,displayName,userPrincipalName,mail,accountEnabled"), ("$top", 999))


def members_of(group: str) -> Ask:
    """The question for the members of a group of the directory, those of groups in it too. [doc]"""
    return Ask("graph", Query(f"groups/{group}/transitiveMembers", _MEMBER))


def purgers_of(role_group: str) -> Ask:
    """The question for the members of a role group."""
    return Ask("compliance", Query("RoleGroupMember", (("Identity", role_group),)))


def further(options: Values, answers: Answers) -> tuple[Ask, ...]:
    """The members of groups that hold roles, of role groups that matter, and of groups in these."""
    groups: dict[str, None] = {}
    for question in (ASSIGNED, ELIGIBLE):
        for dummy, principal in concerned(answers[question]):
            if kind_of(principal) == GROUP:
                groups[folded(principal.get("id"))] = None
    names = purging(answers.get(ROLE_GROUPS, ()))
    for name in names:
        groups.update(dict.fromkeys(_inside(answers.get(purgers_of(name), ()))))
    return (*(members_of(group) for group in groups if group), *(purgers_of(name) for name in names))


def _inside(rows: list[Row] | TenantError) -> list[str]:
    return [] if isinstance(rows, TenantError) else [folded(row.get("ExternalDirectoryObjectId")) for row in rows if is_group(row)]


def _answer(options: Values, answers: Answers) -> Values:
    groups = {ask.query.noun.split("/")[1]: answer for ask, answer in answers.items() if ask.query.noun.startswith("groups/")}
    purgers = {
        str(dict(ask.query.parameters)["Identity"]): answer for ask, answer in answers.items() if ask.query.noun == "RoleGroupMember"
    }
    return {"approvers": approvers_of(Known(answers[ASSIGNED], answers[ELIGIBLE], answers.get(ROLE_GROUPS), groups, purgers))}


APPROVER_INFO = Reader(
    kind="approver_info",
    asks=lambda options: (ASSIGNED, ELIGIBLE, *([ROLE_GROUPS] if options["mail"] else [])),
    answer=_answer,
    options={"mail": {"type": "bool", "default": True}},
    further=further,
)
