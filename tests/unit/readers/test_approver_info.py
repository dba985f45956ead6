# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who can approve: directly, by a group, after activation, and by a role group; and what is not known is not nobody."""

from __future__ import annotations

import pytest

from ansible_collections.m365.defender.plugins.module_utils._errors import Forbidden, Refused, Unavailable
from ansible_collections.m365.defender.plugins.module_utils.readers._needs import ROLES
from ansible_collections.m365.defender.plugins.module_utils.readers.approver_info import (
    APPROVER_INFO,
    ASSIGNED,
    ELIGIBLE,
    ROLE_GROUPS,
    further,
    members_of,
    purgers_of,
)

NUMBERS = {name: number for number, name in ROLES.items()}
NO = Forbidden("Insufficient privileges to complete the operation.", status=403, code="Authorization_RequestDenied")
NO_LICENCE = Refused("The tenant needs a licence.", status=400, code="AadPremiumLicenseRequired")


def user(name, **more):
    return {
        "@odata.type": "#microsoft.graph.user",
        "id": f"ID-{name}",
        "displayName": name,
        "userPrincipalName": f"{name}@contoso.com",
        **more,
    }


def group(name):
    return {"@odata.type": "#microsoft.graph.group", "id": f"id-{name}", "displayName": name}


def held(role, who, scope="/"):
    return {"principalId": who["id"], "roleDefinitionId": NUMBERS[role].upper(), "directoryScopeId": scope, "principal": who}


def member(name, kind="UserMailbox", **more):
    return {"DisplayName": name, "RecipientTypeDetails": kind, "ExternalDirectoryObjectId": f"id-{name}", **more}


PURGERS = (
    {"Name": "Data Investigator", "Roles": ["Export", "Search And Purge"]},
    {"Name": "Security Reader", "Roles": ["Security Reader"]},
)


def read(assigned=(), eligible=(), role_groups=PURGERS, groups=None, purgers=(), mail=True):
    answers = {ASSIGNED: assigned, ELIGIBLE: eligible}
    if mail:
        answers[ROLE_GROUPS] = role_groups
    given = {**{members_of(f"id-{name}"): rows for name, rows in (groups or {}).items()}, purgers_of("Data Investigator"): purgers}
    for dummy in range(3):
        answers.update({ask: given[ask] for ask in further({}, answers)})
    return APPROVER_INFO.answer({}, answers)["approvers"]


def told(side):
    return side["state"], [one["name"] for one in side["people"]]


@pytest.mark.parametrize(
    ("role", "purges", "devices", "mail"),
    [
        ("Global Administrator", False, "some", "some"),
        ("Global Administrator", True, "some", "some"),
        ("Security Administrator", False, "some", "none"),
        ("Security Administrator", True, "some", "some"),
        ("Security Operator", False, "none", "none"),
        ("Security Operator", True, "none", "some"),
        ("Security Reader", True, "none", "some"),
        ("Global Reader", True, "none", "some"),
        ("Exchange Administrator", True, "none", "none"),
    ],
)
def test_roles(role, purges, devices, mail):
    found = read([held(role, user("ann"))], purgers=[member("ann")] if purges else [])
    assert (found["devices"]["state"], found["mail"]["state"]) == (devices, mail)
    assert bool(found["mail"]["remedy"]) == (mail == "none")
    assert found["search_and_purge"] == {"role_groups": ["Data Investigator"], "known": True, "unknown_because": ""}


def test_members_of_groups_count_at_any_depth_and_once():
    team = group("team")
    found = read(
        [held("Security Administrator", team), held("Global Administrator", user("bob"))],
        groups={"team": [user("ann"), user("bob"), group("inner"), user("gone", accountEnabled=False)]},
        purgers=[member("ann")],
    )
    assert told(found["devices"]) == ("some", ["ann@contoso.com", "bob@contoso.com"])
    assert told(found["mail"]) == ("some", ["ann@contoso.com", "bob@contoso.com"])
    assert found["devices"]["people"][1]["roles"] == ["Global Administrator", "Security Administrator"]


def test_who_must_activate_a_role_first_counts_and_is_said():
    found = read([held("Security Reader", user("ann"))], [held("Security Administrator", user("ann"))], purgers=[])["devices"]
    assert (found["count"], found["only_after_activation"]) == (1, 1)
    assert (found["people"][0]["roles"], found["people"][0]["eligible_roles"]) == (["Security Reader"], ["Security Administrator"])


def test_applications_disabled_accounts_and_parts_of_the_tenant_do_not_count():
    app = {"@odata.type": "#microsoft.graph.servicePrincipal", "id": "app"}
    found = read(
        [
            held("Security Administrator", app),
            held("Global Administrator", user("gone", accountEnabled=False)),
            held("Security Administrator", user("local"), scope="/administrativeUnits/1"),
        ]
    )
    assert (found["devices"]["state"], found["applications"]) == ("none", 1)
    assert "Security Administrator" in found["devices"]["remedy"]


@pytest.mark.parametrize(
    ("given", "devices", "mail"),
    [
        ({"assigned": NO}, "unknown", "unknown"),
        ({"eligible": NO}, "unknown", "unknown"),
        ({"eligible": NO_LICENCE}, "none", "none"),  # without the licence there are no eligible roles
        ({"eligible": Unavailable("later", status=429)}, "unknown", "unknown"),
        ({"role_groups": NO}, "none", "unknown"),
        ({"purgers": NO}, "none", "unknown"),
        ({"assigned": [held("Security Administrator", group("team"))], "groups": {"team": NO}}, "unknown", "unknown"),
        ({"assigned": [held("Security Administrator", {"id": "x"})]}, "unknown", "unknown"),  # what that is nobody says
        ({"mail": False}, "none", "not_asked"),
    ],
)
def test_what_cannot_be_read_is_not_nobody(given, devices, mail):
    found = read(**given)
    assert (found["devices"]["state"], found["mail"]["state"]) == (devices, mail)
    if devices == "unknown":
        assert found["devices"]["unknown_because"] and found["devices"]["remedy"]


def test_one_who_is_found_is_enough_even_if_not_everything_could_be_read():
    found = read([held("Global Administrator", user("ann"))], eligible=NO, role_groups=NO)
    assert (found["devices"]["state"], found["mail"]["state"]) == ("some", "some")
    assert "Eligible assignments could not be read" in found["devices"]["unknown_because"][0]


def test_what_to_do_is_what_the_refusals_say():
    refusal = Forbidden("no", hint="Grant the permission.")
    found = read(assigned=refusal, eligible=refusal)
    assert found["devices"]["remedy"] == "Grant the permission."


@pytest.mark.parametrize(
    "row",
    [
        member("ann"),
        {"DisplayName": "Another name", "PrimarySmtpAddress": "ANN@contoso.com"},
        {"Name": "ann@contoso.com"},
        {"DisplayName": "ann"},
    ],
)
def test_a_member_of_a_role_group_is_told_by_id_address_or_name(row):
    assert read([held("Security Administrator", user("ann"))], purgers=[row])["mail"]["state"] == "some"


def test_a_name_that_two_have_tells_nobody():
    two = [held("Security Administrator", user("a", displayName="Ann")), held("Security Administrator", user("b", displayName="Ann"))]
    assert read(two, purgers=[{"DisplayName": "Ann"}])["mail"]["state"] == "none"


def test_groups_in_a_role_group_are_looked_into():
    assigned = [held("Security Administrator", user("ann"))]
    purgers = [member("soc", "MailUniversalSecurityGroup")]
    assert read(assigned, purgers=purgers, groups={"soc": [user("ann")]})["mail"]["state"] == "some"
    found = read(assigned, purgers=purgers, groups={"soc": NO})
    assert found["mail"]["state"] == "unknown" and "soc" in found["mail"]["unknown_because"][0]


@pytest.mark.parametrize(
    "role", ["Search And Purge", "search and purge", "contoso.onmicrosoft.com/Roles/Search And Purge", "SearchAndPurge"]
)
def test_the_role_is_told_however_it_is_written(role):
    groups = [{"Name": "Data Investigator", "Roles": [role]}]
    assert read([held("Security Reader", user("ann"))], role_groups=groups, purgers=[member("ann")])["mail"]["state"] == "some"


def test_nothing_more_is_asked_than_is_needed():
    assert further({}, {ASSIGNED: [held("Exchange Administrator", group("team"))], ELIGIBLE: NO, ROLE_GROUPS: NO}) == ()
    assert APPROVER_INFO.asks({"mail": False}) == (ASSIGNED, ELIGIBLE)
