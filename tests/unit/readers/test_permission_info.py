# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the caller may do: claims, directory, Exchange's list of cmdlets and the portal, against what each step needs."""

from __future__ import annotations

from itertools import product

import pytest

from ansible_collections.m365.defender.plugins.module_utils._errors import Forbidden, Refused, SignInFailed, TenantError, Unavailable
from ansible_collections.m365.defender.plugins.module_utils.readers._cmdlets import PLANS, used_cmdlets
from ansible_collections.m365.defender.plugins.module_utils.readers._needs import AUDIENCES, NEEDS, ROLES, TRAP, UNTOLD
from ansible_collections.m365.defender.plugins.module_utils.readers.permission_info import (
    ASSIGNMENTS,
    CLAIMS,
    CMDLETS,
    CONTEXT,
    PERMISSION_INFO,
)

OID = "11111111-0000-4000-8000-000000000001"
NUMBERS = {name: number for number, name in ROLES.items()}
GRAPH = (
    *("LicenseAssignment.Read.All", "Organization.Read.All", "SecurityIdentitiesSensors.Read.All", "SecurityIdentitiesHealth.Read.All"),
    *("RoleManagement.Read.Directory", "SecurityIncident.Read.All", "SecurityAlert.Read.All", "ThreatHunting.Read.All"),
    *("User.Read.All", "GroupMember.Read.All"),
)
HELD = {"graph": GRAPH, "exchange": ("Exchange.ManageAsApp",), "compliance": ("Exchange.ManageAsApp",), "defender": ("Machine.Read.All",)}
GET, ALL = tuple(used_cmdlets("read")), tuple(used_cmdlets("write"))
NO_SESSION = Forbidden("no portal session was given")
CONTEXT_OF_ADMINISTRATOR = {"IsExposedToAllMachineGroups": True, "AllowedActions": -1}


def claims(audience, roles, wids=(), **changed):
    numbers = [NUMBERS[name] for name in wids]
    return {"audience": audience, "appid": "a", "oid": OID, "tid": "t", "idtyp": "app", "roles": list(roles), "wids": numbers, **changed}


def read(*, held=None, roles=(), assigned=(), cmdlets=ALL, context=NO_SESSION, tokens=None, cloud="commercial", plan=None, **changed):
    answers = {}
    held = HELD if held is None else held
    for audience, ask in CLAIMS.items():
        given = (tokens or {}).get(audience)
        answers[ask] = given if given is not None else [claims(audience, held.get(audience, ()), roles, **changed)]
    answers[ASSIGNMENTS] = (
        assigned
        if isinstance(assigned, TenantError)
        else [{"principalId": OID, "directoryScopeId": "/", "roleDefinition": {"templateId": NUMBERS[name]}} for name in assigned]
    )
    answers[CMDLETS] = cmdlets if isinstance(cmdlets, TenantError) else [{"cmdlet": name} for name in cmdlets]
    answers[CONTEXT] = [context] if isinstance(context, dict) else context
    return PERMISSION_INFO.answer({"cloud": cloud, "plan": plan}, answers)["permissions"]


def states(found):
    return {step: (one["read"], one["write"]) for step, one in found["steps"].items()}


def test_every_question_of_the_reader_is_asked():
    assert set(PERMISSION_INFO.asks({})) == {*CLAIMS.values(), ASSIGNMENTS, CMDLETS, CONTEXT}


@pytest.mark.parametrize("service", ["graph", "exchange", "compliance", "defender", "portal"])
def test_a_service_that_is_not_to_be_asked_is_not_and_what_needs_it_is_unknown(service):
    others = [one for one in ("graph", "exchange", "compliance", "defender", "portal") if one != service]
    asked = set(PERMISSION_INFO.asks({"services": others}))
    left_out = set(PERMISSION_INFO.asks({})) - asked
    assert left_out == set(PERMISSION_INFO.asks({"services": [service]})) != set()

    answers = {ask: [claims(audience, HELD[audience], ("Exchange Administrator",))] for audience, ask in CLAIMS.items() if ask in asked}
    more = {ASSIGNMENTS: [], CMDLETS: [{"cmdlet": name} for name in ALL], CONTEXT: [CONTEXT_OF_ADMINISTRATOR]}
    answers |= {ask: answer for ask, answer in more.items() if ask in asked}
    found = PERMISSION_INFO.answer({}, answers)["permissions"]
    needs = [need for step in found["steps"].values() for need in step["needs"]]
    assert {need["state"] for need in needs if need["audience"] == service} == {"unknown"}
    assert {need["remedy"] for need in needs if need["audience"] == service} == {"The service was not asked."}


def test_the_portal_alone_knows_nothing_of_an_app():
    assert PERMISSION_INFO.wrong({"services": ["portal"]}) != []
    assert PERMISSION_INFO.wrong({"services": ["graph"]}) == PERMISSION_INFO.wrong({}) == []


def test_the_table_is_whole():
    assert {need.audience for need in (*NEEDS, *UNTOLD)} == set(AUDIENCES)
    assert {need.optional for need in UNTOLD} == {True}
    assert {need.access for need in NEEDS} == {"read", "write"}
    assert all(need.permissions or need.audience == "portal" for need in NEEDS)
    assert all(role in NUMBERS for need in NEEDS for role in need.roles)
    assert len({(need.step, need.access, need.purpose, need.audience) for need in NEEDS}) == len(NEEDS)


def test_a_writer_with_a_session():
    found = read(roles=("Exchange Administrator", "Security Administrator"), context=CONTEXT_OF_ADMINISTRATOR)
    assert states(found) == {
        "prerequisites": ("granted", "not_needed"),
        "device_groups": ("granted", "granted"),
        "email_protection": ("granted", "granted"),
        "xdr": ("granted", "not_needed"),
        "action_center": ("granted", "not_needed"),
    }
    assert found["remarks"] == []
    assert found["caller"] == {
        "application": "a",
        "object": OID,
        "kind": "app",
        "directory_roles": ["Exchange Administrator", "Security Administrator"],
        "all_roles_known": True,
    }
    assert not [one for step in found["steps"].values() for one in step["needs"] if one["remedy"]]


IN_CHINA = ("LicenseAssignment.Read.All", "Organization.Read.All", "RoleManagement.Read.Directory", "User.Read.All", "GroupMember.Read.All")


def test_what_the_cloud_does_not_have_is_not_applicable():
    none = Refused("the cloud china does not have Defender for Endpoint and its API", code="not_in_cloud")
    found = read(
        cloud="china",
        held={**HELD, "graph": IN_CHINA},
        roles=("Exchange Administrator", "Security Administrator"),
        tokens={"defender": none},
    )
    assert states(found) == {
        "prerequisites": ("granted", "not_needed"),
        "device_groups": ("not_applicable", "not_applicable"),
        "email_protection": ("granted", "granted"),
        "xdr": ("not_applicable", "not_needed"),
        "action_center": ("not_applicable", "not_needed"),
    }
    assert [one for step in found["steps"].values() for one in step["missing"]] == []
    needs = [one for step in found["steps"].values() for one in step["needs"]]
    reasons = {one["audience"]: one["reason"] for one in needs if one["state"] == "not_applicable"}
    assert reasons == {
        "graph": "The cloud china does not have Defender XDR and Defender for Identity in Microsoft Graph.",
        "defender": "The cloud china does not have Defender for Endpoint and its API.",
        "portal": "The cloud china does not have the Defender portal.",
    }
    assert all(bool(one["reason"]) == (one["state"] == "not_applicable") for one in needs)


@pytest.mark.parametrize("cloud", ["commercial", "gcc", "gcc_high", "dod"])
def test_elsewhere_everything_is_needed(cloud):
    found = read(cloud=cloud, held={}, roles=())
    assert "not_applicable" not in str(found)
    assert {read for read, dummy in states(found).values()} == {"missing"}


def test_a_reader_may_read_everything_and_write_nothing():
    found = states(read(roles=("Global Reader", "Security Reader"), cmdlets=GET))
    assert {state for state, dummy in found.values()} == {"granted"}
    assert (found["email_protection"][1], found["device_groups"][1]) == ("missing", "missing")


def test_the_trap_of_the_security_administrator():
    found = read(roles=("Security Administrator",), cmdlets=GET)
    assert states(found)["email_protection"] == ("granted", "missing")
    assert found["remarks"] == [TRAP]
    assert found["steps"]["email_protection"]["missing"][0]["remedy"] == TRAP


@pytest.mark.parametrize(
    ("need", "permission"), [(need, one) for need in NEEDS if need.permissions and need.audience != "exchange" for one in need.permissions]
)
def test_any_one_of_the_permissions_is_enough(need, permission):
    found = read(held={need.audience: (permission,)}, roles=("Global Administrator",))
    entry = next(one for one in found["steps"][need.step]["needs"] if (one["access"], one["purpose"]) == (need.access, need.purpose))
    assert (entry["state"], entry["remedy"]) == ("granted", "")


@pytest.mark.parametrize("audience", ["graph", "compliance", "defender"])
def test_a_missing_permission_is_named_with_what_to_do(audience):
    found = read(held={**HELD, audience: ()}, roles=("Global Administrator",))
    missing = [one for step in found["steps"].values() for one in step["missing"] if one["audience"] == audience]
    assert missing
    assert all("Grant the application permission" in one["remedy"] and AUDIENCES[audience] in one["remedy"] for one in missing)


@pytest.mark.parametrize(
    ("cmdlets", "permission", "role", "assigned"),
    list(
        product(
            (ALL, GET, (), Forbidden("403"), Unavailable("busy")),
            (True, False, None),
            (None, "Exchange Administrator", "Security Administrator"),
            ((), Forbidden("no")),
        )
    ),
)
def test_writing_policies(cmdlets, permission, role, assigned):
    """The list of cmdlets proves; without it the claims speak, and roles that they may miss make it unknown."""
    held = {**HELD, "exchange": ("Exchange.ManageAsApp",) if permission else ()}
    tokens = {"exchange": [{"audience": "exchange"}]} if permission is None else None
    found = read(held=held, roles=(role,) if role else (), assigned=assigned, cmdlets=cmdlets, tokens=tokens)
    write = states(found)["email_protection"][1]
    if not isinstance(cmdlets, TenantError):
        expected = "granted" if cmdlets is ALL else "missing"
    elif permission is False:
        expected = "missing"
    elif role == "Exchange Administrator":
        expected = "unknown" if permission is None else "granted"
    elif isinstance(cmdlets, Forbidden):
        expected = "missing"
    else:
        expected = "missing" if assigned == () and permission else "unknown"
    assert write == expected


def test_roles_count_from_the_directory_too_but_only_own_ones_for_the_whole_tenant():
    assert read(assigned=("Exchange Administrator",))["caller"]["directory_roles"] == ["Exchange Administrator"]
    number = NUMBERS["Global Administrator"]
    others = [
        {"principalId": "somebody-else", "directoryScopeId": "/", "roleDefinition": {"templateId": number}},
        {"principalId": OID, "directoryScopeId": "/administrativeUnits/1", "roleDefinition": {"templateId": number}},
    ]
    answers = {ask: [claims(audience, ())] for audience, ask in CLAIMS.items()}
    answers |= {ASSIGNMENTS: others, CMDLETS: [], CONTEXT: NO_SESSION}
    assert PERMISSION_INFO.answer({}, answers)["permissions"]["caller"]["directory_roles"] == []


def test_a_role_that_is_not_in_our_table_is_shown_by_its_name():
    rows = [{"principalId": OID.upper(), "roleDefinitionId": "x", "roleDefinition": {"templateId": "x", "displayName": "Custom"}}]
    answers = {ask: [claims(audience, ())] for audience, ask in CLAIMS.items()}
    answers |= {ASSIGNMENTS: rows, CMDLETS: [], CONTEXT: NO_SESSION}
    assert PERMISSION_INFO.answer({}, answers)["permissions"]["caller"]["directory_roles"] == ["Custom"]


def test_a_token_that_cannot_be_read_is_unknown():
    found = read(
        tokens={audience: [{"audience": audience}] for audience in CLAIMS}, cmdlets=Unavailable("busy"), assigned=Unavailable("busy")
    )
    assert states(found)["prerequisites"] == ("unknown", "not_needed")
    assert states(found)["email_protection"] == ("unknown", "unknown")
    assert found["held"] == dict.fromkeys(CLAIMS)
    assert found["caller"]["kind"] == "unknown"


def test_scopes_of_a_person_count_as_permissions():
    tokens = {"graph": [claims("graph", (), idtyp="", scp="SecurityIncident.Read.All Directory.Read.All")]}
    found = read(tokens=tokens, roles=("Global Administrator",))
    assert states(found)["xdr"][0] == "granted"
    assert found["caller"]["kind"] == "user"


@pytest.mark.parametrize(
    ("error", "state"), [(SignInFailed("AADSTS500011"), "missing"), (Forbidden("no consent"), "missing"), (Unavailable("busy"), "unknown")]
)
def test_no_token_for_one_service(error, state):
    found = read(tokens={"defender": error}, roles=("Global Administrator",))
    assert states(found)["prerequisites"][0] == state
    assert found["held"]["defender"] is None


def test_no_token_at_all_is_no_answer():
    with pytest.raises(SignInFailed):
        read(tokens={audience: SignInFailed("wrong secret") for audience in CLAIMS})


@pytest.mark.parametrize(
    ("context", "state", "word"),
    [
        (CONTEXT_OF_ADMINISTRATOR, "granted", ""),
        ({"MdatpMtpPermissions": ["SecurityData.Read", "SecurityConfig.Manage"]}, "granted", ""),
        ({"MdatpMtpPermissions": ["microsoft.xdr/configuration/security/manage"]}, "granted", ""),
        ({"MdatpMtpPermissions": ["SecurityData.Read"]}, "missing", "manage security settings"),
        ({"IsExposedToAllMachineGroups": False, "AllowedActions": -1}, "missing", "sees only some"),
        ({}, "unknown", "does not say"),
        (NO_SESSION, "missing", "no portal session"),
        (SignInFailed("the session is over"), "missing", "over"),
        (Unavailable("busy"), "unknown", "busy"),
    ],
)
def test_writing_device_groups(context, state, word):
    found = read(context=context)
    assert states(found)["device_groups"] == ("granted", state)
    entry = next(one for one in found["steps"]["device_groups"]["needs"] if one["access"] == "write")
    assert word in entry["remedy"]


def test_a_fitting_role_without_the_cmdlets_points_at_the_licence():
    found = read(roles=("Exchange Administrator",), cmdlets=())
    assert "a licence is missing" in found["steps"]["email_protection"]["missing"][0]["remedy"]


def of_policies(found, access):
    return next(one for one in found["steps"]["email_protection"]["needs"] if (one["access"], one["audience"]) == (access, "exchange"))


# Each cmdlet that decides, in a tenant whose plan is told; the settings of the organization, and the comparison, are no step's.
BESIDES = {"Get-OrganizationConfig", "Get-ConfigAnalyzerPolicyRecommendation", "Enable-OrganizationCustomization"}


@pytest.mark.parametrize("name", ALL)
def test_a_role_group_that_lacks_one_cmdlet_is_not_enough(name):
    found = read(cmdlets=[one.upper() for one in ALL if one != name], plan="plan2")
    access = "read" if name.startswith("Get-") else "write"
    other = of_policies(found, "write" if access == "read" else "read")
    assert (other["state"], other["missing_cmdlets"]) == ("granted", [])
    need = of_policies(found, access)
    if name in BESIDES:
        assert (need["state"], need["missing_cmdlets"]) == ("granted", [])
    else:
        assert (need["state"], need["missing_cmdlets"]) == ("missing", [name])
        assert f"does not offer the caller {name}." in need["remedy"] and "role_group" in need["remedy"]


@pytest.mark.parametrize("access", ["read", "write"])
def test_of_many_that_lack_the_first_are_said_and_all_are_listed(access):
    kept = [name for name in ALL if "AntiPhish" in name or name.startswith("Get-") is (access == "write")]
    need = of_policies(read(cmdlets=kept, plan="plan2"), access)
    lacking = sorted({*(GET if access == "read" else set(ALL) - set(GET))} - {*kept} - BESIDES)
    assert need["missing_cmdlets"] == lacking
    assert f"{lacking[4]} and {len(lacking) - 5} more." in need["remedy"] and lacking[5] not in need["remedy"]


@pytest.mark.parametrize("plan", [None, *PLANS])
def test_what_the_plan_does_not_bring_is_not_missed(plan):
    """Where nobody tells the plan, one cmdlet of Defender for Office 365 tells that the tenant has it."""
    office = ("SafeLinks", "SafeAttachment", "Atp", "ATP", "TeamsProtection")
    few = [name for name in ALL if not name.partition("-")[2].startswith((*office, "EmailTenant"))]
    assert 0 < len(few) < len(ALL)
    for access in ("read", "write"):
        assert of_policies(read(cmdlets=few, plan=plan), access)["state"] == ("granted" if plan in (None, "none") else "missing")
        one = "Get-SafeLinksRule" if access == "read" else "Set-SafeLinksRule"
        found = of_policies(read(cmdlets=[*few, one], plan=plan), access)
        assert found["state"] == ("granted" if plan == "none" else "missing")
        first = [name for name in ALL if "EmailTenant" not in name]
        found = of_policies(read(cmdlets=first, plan=plan), access)
        assert found["state"] == ("missing" if plan == "plan2" else "granted")


def test_what_even_the_directory_role_is_not_offered_no_role_would_bring():
    without = [name for name in ALL if name != "Set-AntiPhishRule"]
    need = of_policies(read(cmdlets=without, roles=("Exchange Administrator",), plan="plan2"), "write")
    assert (need["state"], need["remedy"], need["missing_cmdlets"]) == ("granted", "", ["Set-AntiPhishRule"])
    need = of_policies(read(cmdlets=without, roles=("Global Reader",), plan="plan2"), "write")
    assert need["state"] == "missing"
