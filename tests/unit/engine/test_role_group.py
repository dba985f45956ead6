# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From which built-in roles cmdlets are taken, what the service's answers mean, and what follows from both."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.m365.defender.plugins.module_utils._converging import LATER
from ansible_collections.m365.defender.plugins.module_utils._errors import Refused, TenantError
from ansible_collections.m365.defender.plugins.module_utils._exchange_roles import (
    Assignment,
    ManagementRole,
    Member,
    Reference,
    assignments_of,
    entries_of,
    folded,
    holders_of,
    members_of,
    own_name,
    references_of,
    roles_of,
)
from ansible_collections.m365.defender.plugins.module_utils._role_choice import choose
from ansible_collections.m365.defender.plugins.module_utils._role_group import ROLE_GROUP
from ansible_collections.m365.defender.plugins.module_utils._role_plan import Situation, plan_role_group

GROUP = "Defender configuration"
APP, OTHER = "33333333-3333-4333-8333-333333333333", "44444444-4444-4444-8444-444444444444"
OBJECT, NEWER = "55555555-5555-4555-8555-555555555555", "66666666-6666-4666-8666-666666666666"
MUCH, LITTLE = frozenset({"identity", "name", "action"}), frozenset({"identity"})


def built_in(*names):
    return {folded(name): ManagementRole(name, "") for name in names}


def own(parent, group=GROUP):
    name = own_name(group, parent)
    return {folded(name): ManagementRole(name, parent)}


ROLES = built_in("Hygiene", "View-Only", "Wide", "Audit")
CATALOG = {
    "Get-Policy": {"hygiene": MUCH, "view-only": MUCH, "wide": MUCH},
    "Set-Policy": {"hygiene": MUCH, "view-only": LITTLE},
    "New-Policy": {"hygiene": MUCH},
    "Get-Audit": {"audit": MUCH, "wide": MUCH},
}


# Which roles


def test_few_roles_are_chosen_and_the_first_of_equals():
    choice = choose(tuple(CATALOG), CATALOG, ROLES, {})
    assert choice.placed == {"Audit": ("Get-Audit",), "Hygiene": ("Get-Policy", "New-Policy", "Set-Policy")}
    assert choice.missing == ()


def test_a_role_that_only_looks_does_not_win():
    assert choose(["Set-Policy"], CATALOG, ROLES, {}).placed == {"Hygiene": ("Set-Policy",)}


def test_what_serves_already_is_kept():
    held = {"wide": frozenset({"get-policy", "get-audit"})}
    choice = choose(tuple(CATALOG), CATALOG, ROLES, held)
    assert choice.placed == {"Hygiene": ("New-Policy", "Set-Policy"), "Wide": ("Get-Audit", "Get-Policy")}
    assert choose(["Get-Audit", "Get-Policy"], CATALOG, ROLES, {"wide": frozenset()}).placed == {"Wide": ("Get-Audit", "Get-Policy")}


def test_a_role_that_holds_it_no_more_in_full_is_left():
    held = {"view-only": frozenset({"set-policy"})}
    assert choose(["Set-Policy"], CATALOG, ROLES, held).placed == {"Hygiene": ("Set-Policy",)}


def test_roles_of_people_s_own_and_roles_made_by_others_are_never_taken_from():
    roles = ROLES | {"mypolicy": ManagementRole("MyPolicy", "", grantable=False), "theirs": ManagementRole("Theirs", "Hygiene")}
    choice = choose(["Mine", "Made"], {"Mine": {"mypolicy": MUCH}, "Made": {"theirs": MUCH}}, roles, {})
    assert (choice.placed, choice.missing) == ({}, ("Made", "Mine"))


names = st.sampled_from(["A", "B", "C", "D", "E"])
catalogs = st.dictionaries(
    st.sampled_from([f"Get-{one}" for one in "QRSTUV"]),
    st.dictionaries(names.map(str.lower), st.sampled_from([MUCH, LITTLE]), max_size=4),
    min_size=1,
)


@given(catalogs, catalogs)
def test_every_cmdlet_has_one_place_and_choosing_again_chooses_the_same(catalog, earlier):
    roles = built_in("A", "B", "C", "D", "E")
    before = choose(tuple(earlier), earlier, roles, {}).placed
    held = {folded(parent): frozenset(map(folded, cmdlets)) for parent, cmdlets in before.items()}
    choice = choose(tuple(catalog), catalog, roles, held)
    placed = [cmdlet for cmdlets in choice.placed.values() for cmdlet in cmdlets]
    assert sorted([*placed, *choice.missing]) == sorted(catalog)
    for parent, cmdlets in choice.placed.items():
        for cmdlet in cmdlets:
            assert len(catalog[cmdlet][folded(parent)]) == max(map(len, catalog[cmdlet].values()))
    again = {folded(parent): frozenset(map(folded, cmdlets)) for parent, cmdlets in choice.placed.items()}
    assert choose(tuple(reversed(catalog)), catalog, roles, again) == choice


# Names


@given(st.text("abcdefgh ", min_size=1, max_size=64), names.map(lambda one: one * 40), names.map(lambda one: one * 40))
def test_names_are_short_enough_and_never_ambiguous(group, one, other):
    assert len(own_name(group, one)) <= 64
    assert (own_name(group, one) == own_name(group, other)) is (one == other)


def test_a_name_that_fits_is_whole():
    assert own_name(GROUP, "Transport Hygiene") == "Defender configuration - Transport Hygiene"


# What the answers mean


def refused(function, *args):
    with pytest.raises(TenantError) as caught:
        function(*args)
    assert "can't be understood" in caught.value.text and "failed reading" in caught.value.hint
    return caught.value.text


def test_roles_are_known_by_their_parent():
    rows = [
        {"Name": "Hygiene", "Parent": None},
        {"Name": "Ours", "Parent": "Hygiene", "IsRootRole": False},
        {"Name": "MyBaseOptions", "Parent": ""},
        {"Name": "Mybody", "Parent": "", "IsEndUserRole": False},
        {"Name": "Root", "IsRootRole": True},
        {"Name": "Deep", "Parent": "contoso.onmicrosoft.com\\Ours"},
    ]
    found = roles_of(rows)
    assert {role.name: role.parent for role in found.values()} == {
        "Hygiene": "",
        "Ours": "Hygiene",
        "MyBaseOptions": "",
        "Mybody": "",
        "Root": "",
        "Deep": "Ours",
    }
    assert [role.name for role in found.values() if not role.grantable] == ["MyBaseOptions"]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([], "no built-in role"),
        ([{"Name": "Ours", "Parent": "Hygiene"}], "no built-in role"),
        ([{"Parent": ""}], "no name"),
        ([{"Name": "Hygiene"}], "which role Hygiene was made of. What it has: Name"),
        ([{"Name": "Hygiene", "IsRootRole": False}], "has no parent"),
    ],
)
def test_roles_that_make_no_sense_are_no_roles_that_are_not_there(rows, said):
    assert said in refused(roles_of, rows)


@pytest.mark.parametrize(
    "named", [{"Role": "Hygiene"}, {"Identity": "HYGIENE"}, {"Role": "contoso\\Hygiene"}, {"Identity": "Hygiene\\Set-Policy"}]
)
def test_the_role_of_an_entry_is_found_under_each_likely_name(named):
    row = {"Name": "Set-Policy", "Parameters": ["Identity", "Name"], "Type": "Cmdlet", **named}
    assert holders_of("set-policy", [row], ROLES) == {"hygiene": frozenset({"identity", "name"})}


def test_scripts_and_permissions_of_applications_are_no_cmdlets():
    rows = [{"Name": "Set-Policy", "Role": "Hygiene", "Type": kind} for kind in ("Script", "ApplicationPermission", "WebService")]
    assert holders_of("Set-Policy", rows, ROLES) == {}


def test_an_entry_of_a_role_that_is_not_shown_counts_as_nothing_only_beside_others():
    strange = {"Name": "Set-Policy", "Role": "Hidden", "Parameters": []}
    assert list(holders_of("Set-Policy", [strange, {**strange, "Role": "Hygiene"}], ROLES)) == ["hygiene"]
    assert "among those of the tenant" in refused(holders_of, "Set-Policy", [strange], ROLES)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"Role": "Hygiene", "Parameters": []}, "something else came"),
        ({"Name": "Set-Policy", "Parameters": []}, "which role"),
        ({"Name": "Set-Policy", "Role": "Hygiene", "Parameters": "Identity"}, "no list"),
    ],
)
def test_an_entry_that_makes_no_sense_is_said(row, said):
    assert said in refused(holders_of, "Set-Policy", [row], ROLES)


def test_entries_assignments_and_references_without_what_names_them_are_said():
    assert "no name" in refused(entries_of, [{"Role": "Hygiene"}])
    assert "no role" in refused(assignments_of, [{"Name": "x"}])
    assert "no name" in refused(assignments_of, [{"Role": "Hygiene"}])
    assert "no AppId" in refused(references_of, [{"Identity": OBJECT}])
    assert "nothing to name it by" in refused(references_of, [{"AppId": APP}])


def test_an_assignment_that_only_hands_on_is_told_from_one_that_gives():
    rows = [
        {"Name": "a", "Role": "Hygiene", "RoleAssigneeName": GROUP, "RoleAssignmentDelegationType": "Regular"},
        {"Name": "b", "Role": "x/Hygiene", "RoleAssignee": f"contoso/{GROUP}", "RoleAssignmentDelegationType": "DelegatingOrgWide"},
        {"Name": "c", "Role": "Hygiene", "Enabled": False},
    ]
    assert assignments_of(rows) == (
        Assignment("a", "Hygiene", GROUP),
        Assignment("b", "Hygiene", GROUP, regular=False),
        Assignment("c", "Hygiene", enabled=False),
    )


REFERENCES = (
    Reference(APP, OBJECT, OBJECT, frozenset({APP, OBJECT, "defender"})),
    Reference(OTHER, "", "another", frozenset({OTHER, "another"})),
)


def test_references_know_their_id_in_the_directory():
    row = {"AppId": APP.upper(), "Identity": OBJECT, "ObjectId": OBJECT, "DisplayName": "Defender", "Name": "Defender"}
    assert references_of([row, {"AppId": OTHER, "Name": "another"}]) == REFERENCES


@pytest.mark.parametrize(
    ("row", "member"),
    [
        ({"Name": OBJECT}, Member(OBJECT, True, APP)),
        ({"ExternalDirectoryObjectId": OBJECT, "Name": "x", "RecipientTypeDetails": "User"}, Member(OBJECT, True, APP)),
        ({"Name": "Defender", "RecipientTypeDetails": "ServicePrinciple"}, Member(OBJECT, True, APP)),
        ({"Name": "Defender", "RecipientType": "User", "RecipientTypeDetails": "UserMailbox"}, Member("Defender", False)),
        ({"Name": "Defender"}, Member(OBJECT, True, APP)),
        ({"Name": "unknown", "RecipientTypeDetails": "ServicePrincipal"}, Member("unknown", True)),
        ({"Name": "Adele", "Guid": NEWER, "RecipientTypeDetails": "UserMailbox"}, Member(NEWER, False)),
    ],
)
def test_members_are_known_by_any_id_and_people_never_by_a_name(row, member):
    assert members_of([row], REFERENCES) == (member,)


def test_a_member_without_any_id_is_said():
    assert "nothing to know it by. What it has: DisplayName" in refused(members_of, [{"DisplayName": "Adele"}], REFERENCES)


# What follows


def situation(**more):
    usual = {
        "shared": False,
        "group": None,
        "roles": ROLES,
        "catalog": CATALOG,
        "own": {},
        "lent": {},
        "assignments": (),
        "listed": frozenset(),
        "members": (),
        "references": (),
        "directory": {APP: {"id": OBJECT, "displayName": "Defender"}},
    }
    return Situation(**usual | more)


def entries(*cmdlets, parameters=MUCH):
    return {folded(one): (one, parameters) for one in cmdlets}


def whole(**more):
    """A tenant in which everything is as wanted."""
    usual = {
        "group": {"Name": GROUP, "Description": "Configures"},
        "roles": ROLES | own("Hygiene") | own("Audit"),
        "own": {"hygiene": entries("Get-Policy", "Set-Policy", "New-Policy"), "audit": entries("Get-Audit")},
        "assignments": (Assignment("a", own_name(GROUP, "Hygiene")), Assignment("b", own_name(GROUP, "Audit"))),
        "members": (Member(OBJECT, True, APP),),
        "references": REFERENCES[:1],
    }
    return situation(**usual | more)


def planned(there, foretell=False, **more):
    options = {
        "name": GROUP,
        "state": "present",
        "description": None,
        "cmdlets": list(CATALOG),
        "app_ids": [APP],
        "exclusive": False,
        "skip_missing_cmdlets": False,
    }
    plan = plan_role_group({**options, **more}, there, foretell=foretell)
    return plan.after[0], [str(one) for one in plan.operations], plan


def gone(state, **more):
    return planned(state, state="absent", cmdlets=None, app_ids=None, **more)


def test_from_nothing_to_a_role_group():
    after, operations, plan = planned(situation(), description="Configures")
    assert operations == [
        f"New-ManagementRole {GROUP} - Audit {{Name, Parent, EnabledCmdlets, Description}}",
        f"New-ManagementRole {GROUP} - Hygiene {{Name, Parent, EnabledCmdlets, Description}}",
        f"New-ServicePrincipal {APP} {{AppId, ObjectId, DisplayName}}",
        f"New-RoleGroup {GROUP} {{Name, Roles, Description}}",
        f"Add-RoleGroupMember {GROUP}: {APP}",
    ]
    hygiene = plan.operations[1].parameters
    assert (hygiene["Parent"], hygiene["EnabledCmdlets"]) == ("Hygiene", ["Get-Policy", "New-Policy", "Set-Policy"])
    assert plan.operations[3].parameters["Roles"] == [f"{GROUP} - Audit", f"{GROUP} - Hygiene"]
    assert plan.operations[4].parameters["Member"] == LATER, "its identity is known when it has been made"
    assert after["applications"] == [APP] and list(after["roles"]) == [f"{GROUP} - Audit", f"{GROUP} - Hygiene"]
    assert plan.before == ({"present": False},)


def test_what_is_as_wanted_is_left_alone():
    after, operations, plan = planned(whole(), description="Configures")
    assert operations == [] and plan.before == (after,)
    assert planned(whole())[1] == [], "a description that is not given is left alone"


def test_our_roles_hold_exactly_what_is_wanted():
    state = whole(own={"hygiene": entries("Get-Policy", "Set-Policy", "Get-Mailbox"), "audit": entries("Get-Audit", parameters=LITTLE)})
    dummy, operations, plan = planned(state)
    assert operations == [
        f"Add-ManagementRoleEntry {GROUP} - Audit\\Get-Audit",
        f"Add-ManagementRoleEntry {GROUP} - Hygiene\\New-Policy",
        f"Remove-ManagementRoleEntry {GROUP} - Hygiene\\Get-Mailbox",
    ]
    assert [one.parameters for one in plan.operations] == [{"Overwrite": True}, {}, {"Confirm": False}]


def test_a_role_that_serves_no_more_goes():
    operations = planned(whole(catalog={"Set-Policy": CATALOG["Set-Policy"]}))[1]
    assert operations == [
        "Remove-ManagementRoleAssignment b",
        f"Remove-ManagementRoleEntry {GROUP} - Hygiene\\Get-Policy",
        f"Remove-ManagementRoleEntry {GROUP} - Hygiene\\New-Policy",
        f"Remove-ManagementRole {GROUP} - Audit",
    ]
    lent = {folded(own_name(GROUP, "Audit")): ["Auditors"]}
    kept = planned(whole(catalog={"Set-Policy": CATALOG["Set-Policy"]}, lent=lent))[1]
    assert "Remove-ManagementRoleAssignment b" in kept and f"Remove-ManagementRole {GROUP} - Audit" not in kept


def test_a_group_that_lost_its_role_gets_it_again():
    assignments = (Assignment("a", own_name(GROUP, "Hygiene"), enabled=False),)
    dummy, operations, plan = planned(whole(assignments=assignments))
    assert operations == [
        f"New-ManagementRoleAssignment {GROUP} - Audit {{Role, SecurityGroup}}",
        "Remove-ManagementRoleAssignment a",
        f"New-ManagementRoleAssignment {GROUP} - Hygiene {{Role, SecurityGroup}}",
    ]
    assert plan.operations[0].parameters == {"Role": f"{GROUP} - Audit", "SecurityGroup": GROUP}


def test_a_role_that_the_group_lists_is_not_given_twice():
    both = {folded(own_name(GROUP, parent)) for parent in ("Audit", "Hygiene")}
    after, operations, plan = planned(whole(assignments=(), listed=frozenset(both)))
    assert operations == [] and plan.before == (after,)


def test_what_others_gave_stays_unless_it_is_exclusive():
    more = {
        "assignments": (*whole().assignments, Assignment("z", "Mail Recipients")),
        "members": (*whole().members, Member("another", True, OTHER), Member("unknown", True), Member("adele", False)),
    }
    after, operations, dummy = planned(whole(**more))
    assert operations == []
    assert (after["other_roles"], after["applications"], after["others"]) == (["Mail Recipients"], [APP, OTHER, "unknown"], 1)
    after, operations, dummy = planned(whole(**more), exclusive=True)
    assert operations == [
        f"Remove-RoleGroupMember {GROUP}: {OTHER}",
        f"Remove-RoleGroupMember {GROUP}: unknown",
        "Remove-ManagementRoleAssignment z",
    ]
    assert (after["other_roles"], after["applications"], after["others"]) == ([], [APP], 1), "people stay"
    state = whole(**more, directory={})
    assert planned(state, exclusive=True, app_ids=None)[1] == ["Remove-ManagementRoleAssignment z"], "members were not spoken of"


def test_a_reference_to_a_service_principal_that_is_gone_is_made_anew():
    directory = {APP: {"id": NEWER, "displayName": "Defender"}}
    dummy, operations, plan = planned(whole(directory=directory))
    assert operations == [
        f"Remove-ServicePrincipal {APP}",
        f"New-ServicePrincipal {APP} {{AppId, ObjectId, DisplayName}}",
        f"Add-RoleGroupMember {GROUP}: {APP}",
    ]
    assert plan.operations[1].parameters["ObjectId"] == NEWER


def test_an_application_that_is_yet_to_come_is_foretold_and_never_taken_for_granted():
    state = situation(directory={APP: None})
    operations = planned(state, foretell=True)[1]
    assert operations == planned(situation())[1]
    with pytest.raises(Refused, match="no service principal") as caught:
        planned(state)
    assert "app_access" in caught.value.hint


def test_what_no_built_in_role_holds_is_refused_or_left_out():
    state = situation(catalog={**CATALOG, "Set-SafeLinksPolicy": {}})
    with pytest.raises(Refused, match=r"holds Set-SafeLinksPolicy; nothing was written") as caught:
        planned(state)
    assert "licence" in caught.value.hint and "skip_missing_cmdlets" in caught.value.hint
    assert planned(state, skip_missing_cmdlets=True)[1] == planned(situation())[1]
    with pytest.raises(Refused):
        planned(situation(catalog={"Set-SafeLinksPolicy": {}}), skip_missing_cmdlets=True)


def test_a_role_of_our_name_with_another_parent_is_refused():
    taken = {folded(own_name(GROUP, "Audit")): ManagementRole(own_name(GROUP, "Audit"), "Wide")}
    with pytest.raises(Refused, match="made of Wide and not of Audit"):
        planned(situation(roles=ROLES | taken))


def test_an_organization_that_is_not_customized_is_refused_unless_there_is_nothing_to_do():
    with pytest.raises(Refused, match="not customized") as caught:
        planned(situation(shared=True))
    assert "organization_customization" in caught.value.hint
    assert planned(whole(shared=True))[1] == [] and gone(situation(shared=True))[1] == []


def test_removal_leaves_nothing_of_ours():
    after, operations, dummy = gone(whole())
    assert after == {"present": False}
    assert operations == [f"Remove-RoleGroup {GROUP}", f"Remove-ManagementRole {GROUP} - Audit", f"Remove-ManagementRole {GROUP} - Hygiene"]
    assert gone(whole(group=None, assignments=(), members=()))[1] == operations[1:], "a removal that broke off is brought to its end"
    assert gone(situation())[1] == []


def test_a_group_with_people_in_it_is_not_removed_by_the_way():
    state = whole(members=(*whole().members, Member("adele", False)))
    with pytest.raises(Refused, match="1 in the role group"):
        gone(state)
    assert f"Remove-RoleGroup {GROUP}" in gone(state, exclusive=True)[1]


# Options


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"name": "x" * 65}, "1 to 64 characters"),
        ({"name": "a\\b"}, "none of"),
        ({"name": "Organization management"}, "Microsoft's"),
        ({"name": "TenantAdmins_1e071"}, "Microsoft's"),
        ({"cmdlets": None}, "what the role group holds"),
        ({"cmdlets": ["Get-*"]}, "Get-* is no name"),
        ({"app_ids": ["Defender"]}, "Defender is no application"),
        ({"state": "absent"}, "leave cmdlets"),
    ],
)
def test_wrong_options_are_said(options, said):
    given = {"name": GROUP, "state": "present", "cmdlets": ["Get-Policy"], "app_ids": [APP], **options}
    assert [text for text in ROLE_GROUP.wrong(given) if said in text]
    assert ROLE_GROUP.wrong({"name": GROUP, "state": "present", "cmdlets": ["Get-Policy"], "app_ids": [APP]}) == []
