# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The portal: session and XSRF token, TenantContext, device groups as one list."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import urlencode

import pytest

from emulator import identity, portal, portal_sign_in
from emulator.service import Answer, Call, Headers
from tests.emulator.direct import CONTEXT, GROUPS, Browser, Direct

EMPTY = [{"Property": number, "OperatorType": 0, "PropertyValue": ""} for number in range(5)]


def group(name: str, priority: int, level: int = 3, number: int = -1, **more: Any) -> dict[str, Any]:
    row = {"MachineGroupId": number, "Name": name, "Description": "", "AutoRemediationLevel": level, "Priority": priority}
    return {**row, "IsUnassignedMachineGroup": False, "GroupRules": list(EMPTY), "MachineGroupAssignments": [], **more}


def rule(prop: int, operator: int, value: str) -> dict[str, Any]:
    return {"Property": prop, "OperatorType": operator, "PropertyValue": value}


def rules(*own: dict[str, Any]) -> list[dict[str, Any]]:
    used = {entry["Property"] for entry in own}
    return sorted([*own, *(entry for entry in EMPTY if entry["Property"] not in used)], key=lambda entry: entry["Property"])


@pytest.fixture
def direct() -> Direct:
    return Direct()


@pytest.fixture
def lived_in() -> Direct:
    return Direct("lived_in")


# ---------------------------------------------------------------- session


def test_without_cookie_401_and_with_a_foreign_one_440(direct: Direct) -> None:
    assert direct.send(portal, "GET", f"https://security.microsoft.com{CONTEXT}").status == 401
    browser = Browser(direct, "not-a-real-sccauth-of-nobody", "x")
    assert browser.send("GET", CONTEXT).status == 440


def test_the_xsrf_header_must_be_there_and_decoded(direct: Direct) -> None:
    browser = direct.browser()
    missing = browser.send("GET", CONTEXT, X_XSRF_TOKEN="")
    assert missing.status == 500
    assert set(missing.body) == {"Message", "DiagnosticContext", "Time", "ExceptionMessage"}
    assert browser.send("GET", f"/?tid={direct.tenant.tenant_id}").status == 200
    encoded = browser.cookies["XSRF-TOKEN"]
    assert "%" in encoded
    assert browser.send("GET", CONTEXT, X_XSRF_TOKEN=encoded).status == 500
    assert browser.send("GET", CONTEXT).status == 200


def test_the_xsrf_token_rotates_and_the_former_one_works_a_little_longer(direct: Direct) -> None:
    browser = direct.browser()
    first = browser.cookies["XSRF-TOKEN"]
    requests = 0
    while browser.cookies["XSRF-TOKEN"] == first:
        assert browser.send("GET", CONTEXT).status == 200
        requests += 1
    assert requests == 6
    old = direct.browser()
    statuses = [old.direct.browser().send("GET", CONTEXT).status for dummy in range(8)]
    assert statuses[:6] == [200] * 6
    assert 500 in statuses
    assert browser.send("GET", CONTEXT).status == 200


def test_a_renewal_gives_new_cookies_to_who_is_signed_in(direct: Direct) -> None:
    browser = direct.browser()
    before = browser.cookies["XSRF-TOKEN"]
    answer = browser.send("GET", f"/?tid={direct.tenant.tenant_id}")
    assert answer.status == 200
    assert browser.cookies["XSRF-TOKEN"] != before
    elsewhere = browser.send("GET", "/?tid=99999999-0000-4000-8000-000000000000")
    location = dict(elsewhere.headers)["Location"]
    assert elsewhere.status == 302
    assert location.startswith("https://login.microsoftonline.com/99999999-")
    assert portal_sign_in.CLIENT in location


def test_a_session_that_timed_out_is_renewed(direct: Direct) -> None:
    browser = direct.browser()
    found = direct.world.by_session(browser.cookies["sccauth"])
    assert found is not None
    browser.send("GET", CONTEXT)
    portal._session(direct.tenant, "portal_session").timed_out = True
    assert browser.send("GET", CONTEXT).status == 440
    assert browser.send("GET", "/").status == 200
    assert browser.send("GET", CONTEXT).status == 200


def test_the_session_belongs_to_one_tenant(direct: Direct) -> None:
    answer = direct.browser().send("GET", CONTEXT, x_tid="99999999-0000-4000-8000-000000000000")
    assert answer.status == 403
    assert direct.browser().send("GET", CONTEXT, x_tid=direct.tenant.tenant_id, tenant_id=direct.tenant.tenant_id).status == 200


def test_what_is_not_routed_is_unknown(direct: Direct) -> None:
    browser = direct.browser()
    for path in ("/apiproxy/mtp/settings/GetSomethingElse", "/apiproxy/aatp/api/workspaces", "/api/x"):
        answer = browser.send("GET", path)
        assert (answer.status, answer.body["Message"]) == (404, "Unknown api endpoint")
    assert browser.send("POST", GROUPS, []).status == 404


# ---------------------------------------------------------------- sign-in by the browser's cookie


def off(direct: Direct) -> tuple[str, str]:
    """Where the portal sends somebody who is not signed in, and the cookie it gives him on the way."""
    answer = direct.send(portal, "GET", f"https://security.microsoft.com/?tid={direct.tenant.tenant_id}")
    headers = dict(answer.headers)
    assert answer.status == 302
    return headers["Location"], headers["Set-Cookie"].partition(";")[0]


def vouched(direct: Direct, location: str, key: str = "portal_session") -> dict[str, str]:
    """The fields that the sign-in host hands over for a browser that is signed in."""
    cookie = f"{portal_sign_in.COOKIE}={direct.tenant.browser_cookies[key]}"
    page = direct.send(identity, "GET", location, Cookie=cookie)
    assert page.status == 200 and 'action="https://security.microsoft.com/"' in page.body
    return dict(re.findall(r'name="(\w+)" value="([^"]*)"', page.body))


def hand_over(direct: Direct, fields: dict[str, str], cookie: str) -> Answer:
    call = Call("security.microsoft.com", "/", "POST", headers=Headers({"Cookie": cookie}), body=urlencode(fields).encode())
    return portal.answer(call, direct.world)


def test_a_browser_that_is_signed_in_gets_a_session(direct: Direct) -> None:
    location, nonce = off(direct)
    assert nonce.startswith("OpenIdConnect.nonce.")
    fields = vouched(direct, location)
    assert tuple(fields) == ("code", "id_token", "state", "session_state", "correlation_id")
    answer = hand_over(direct, fields, nonce)
    cookies = [value for name, value in answer.headers if name == "Set-Cookie"]
    assert answer.status == 200 and [one.partition("=")[0] for one in cookies] == ["sccauth", "XSRF-TOKEN"]
    assert direct.tenant.portal_sessions["portal_session"]["sccauth"] in cookies[0]


def test_a_code_is_good_once_and_for_the_browser_that_asked(direct: Direct) -> None:
    location, nonce = off(direct)
    fields = vouched(direct, location)
    assert hand_over(direct, fields, "OpenIdConnect.nonce.x=of-another-browser").status == 440
    assert hand_over(direct, fields, nonce).status == 440
    again = vouched(direct, location)
    assert hand_over(direct, again, nonce).status == 200
    assert hand_over(direct, again, nonce).status == 440
    assert hand_over(direct, {**again, "code": "nobody.0"}, nonce).status == 440


def test_the_page_that_wants_a_person(direct: Direct) -> None:
    location, dummy = off(direct)
    page = direct.send(identity, "GET", location)
    assert page.status == 200 and '"pgid": "ConvergedSignIn"' in page.body and '"sErrorCode": "50058"' in page.body
    assert "50058" in direct.send(identity, "GET", location, Cookie=f"{portal_sign_in.COOKIE}=not-a-real-cookie-of-nobody").body
    direct.tenant.notes["asked for a second factor"] = ("portal_session",)
    mine = f"{portal_sign_in.COOKIE}={direct.tenant.browser_cookies['portal_session']}"
    assert '"pgid": "ConvergedTFA"' in direct.send(identity, "GET", location, Cookie=mine).body
    foreign = location.replace(portal_sign_in.CLIENT, "11111111-1111-4111-8111-111111111111")
    assert "700016" in direct.send(identity, "GET", foreign, Cookie=mine).body
    assert "900144" in direct.send(identity, "GET", location.replace("form_post", "query"), Cookie=mine).body


# ---------------------------------------------------------------- TenantContext


def test_tenant_context_tells_the_tenant_and_its_workloads(direct: Direct) -> None:
    row = direct.browser().send("GET", f"{CONTEXT}?realTime=true").body
    assert row["AuthInfo"]["TenantId"] == direct.tenant.tenant_id
    assert row["AuthInfo"]["TenantName"] == "Contoso"
    on = ("IsMtpEligible", "MtpConsent", "IsOnboardingComplete", "IsMdatpActive", "IsOatpActive", "IsMdiActive", "IsMapgActive")
    assert all(row[name] is True for name in on)
    assert (row["MdeFlavor"], row["IsAutomatedIrEnabled"], row["HasMachineGroups"]) == ("P2", True, False)
    assert row["IsExposedToAllMachineGroups"] is True
    assert row["Features"]["RbacMachineGroups"] is True


@pytest.mark.parametrize(
    ("seed", "flavor", "identity", "office"), [("fresh_e3", "P1", False, True), ("business_premium", "Smb", False, True)]
)
def test_tenant_context_follows_the_licences(seed: str, flavor: str, identity: bool, office: bool) -> None:
    row = Direct(seed).browser().send("GET", CONTEXT).body
    assert (row["MdeFlavor"], row["IsMdiActive"], row["IsOatpActive"]) == (flavor, identity, office)


def test_tenant_context_follows_the_seed_and_the_session() -> None:
    direct = Direct("lived_in", objects={"portal.tenant_context": [{"IsOnboardingComplete": False}]})
    row = direct.browser("portal_session_scoped").send("GET", CONTEXT).body
    assert (row["IsOnboardingComplete"], row["HasMachineGroups"], row["IsExposedToAllMachineGroups"]) == (False, True, False)
    reader = direct.browser("portal_session_reader").send("GET", CONTEXT).body
    assert "SecurityConfig.Manage" not in reader["MdatpMtpPermissions"]
    assert direct.browser().send("GET", f"{CONTEXT}?other=1").status == 400


def test_tenants_without_defender_for_endpoint_have_no_session() -> None:
    assert Direct("exchange_only").tenant.portal_sessions == {}
    assert Direct("unlicensed").tenant.portal_sessions == {}


# ---------------------------------------------------------------- device groups: reading


def test_a_fresh_tenant_has_the_default_group_at_full(direct: Direct) -> None:
    answer = direct.browser().send("GET", f"{GROUPS}?addAadGroupNames=true&addMachineGroupCount=false").body
    assert (answer["containsAadGroupNames"], answer["containsMachineGroupCount"]) == (True, False)
    (default,) = answer["items"]
    assert (default["Name"], default["AutoRemediationLevel"], default["Priority"]) == ("", 3, 2147483647)
    assert default["IsUnassignedMachineGroup"] is True
    assert "GroupRules" not in default
    assert "MachineGroupAssignments" not in default


def test_groups_come_by_rank_with_the_default_group_last(lived_in: Direct) -> None:
    items = lived_in.browser().groups()
    assert [(item["Name"], item["Priority"], item["AutoRemediationLevel"]) for item in items] == [
        ("Domain controllers", 2, 1),
        ("Servers", 4, 2),
        ("Pilot ring", 5, 3),
        ("Kiosks", 7, 0),
        ("", 2147483647, 1),
    ]
    assert [entry["Property"] for entry in items[0]["GroupRules"]] == [0, 1, 2, 3, 4]


def test_names_and_counts_come_on_request(lived_in: Direct) -> None:
    browser = lived_in.browser()
    plain = browser.groups()
    assert plain[0]["MachineGroupAssignments"] == [{"WcdAadGroup": {"ObjectId": "cccccccc-0000-4000-8000-000000000002"}}]
    assert "MachineGroupAssignments" not in plain[1]
    assert {item["MachineCount"] for item in plain} == {0}
    whole = browser.send("GET", f"{GROUPS}?addAadGroupNames=true&addMachineGroupCount=true").body["items"]
    assert whole[0]["MachineGroupAssignments"][0]["WcdAadGroup"]["DisplayName"] == "Server administrators"
    assert [item["MachineCount"] for item in whole] == [1, 2, 1, 1, 7]


def test_groups_of_the_caller_and_entra_groups(lived_in: Direct) -> None:
    browser = lived_in.browser()
    seen = browser.send("GET", "/apiproxy/mtp/userExposedRbacGroups/UserExposedRbacGroups").body
    assert len(seen) == 5
    entra = browser.send("GET", "/apiproxy/mtp/rbacManagementApi/rbac/aad_groups").body["items"]
    assert {row["DisplayName"] for row in entra} == {"Security operations", "Server administrators"}


# ---------------------------------------------------------------- device groups: writing


def test_a_group_is_made_changed_ranked_and_left_out(direct: Direct) -> None:
    browser = direct.browser()
    (default,) = browser.groups()
    made = browser.send("PUT", GROUPS, [group("Servers", 1, 2, GroupRules=rules(rule(3, 4, '["WindowsServer2022"]'))), default])
    assert made.status == 200
    assert [item["Name"] for item in made.body["items"]] == ["Servers", ""]
    servers, default = browser.groups()
    assert servers["MachineGroupId"] > default["MachineGroupId"]
    assert servers["LastUpdated"].endswith("Z")
    browser.send("PUT", GROUPS, [{**servers, "Priority": 2}, group("Pilot", 1), default])
    assert [item["Name"] for item in browser.groups()] == ["Pilot", "Servers", ""]
    _pilot, servers, default = browser.groups()
    browser.send("PUT", GROUPS, [{**servers, "AutoRemediationLevel": 3}, {**default, "AutoRemediationLevel": 1}])
    after = browser.groups()
    assert [(item["Name"], item["AutoRemediationLevel"]) for item in after] == [("Servers", 3), ("", 1)]
    assert after[0]["MachineGroupId"] == servers["MachineGroupId"]


def test_last_updated_moves_only_where_something_changed(lived_in: Direct) -> None:
    browser = lived_in.browser()
    before = {item["Name"]: item["LastUpdated"] for item in browser.groups()}
    sent = [{**item, "AutoRemediationLevel": 3, "LastUpdated": "2024-11-01T00:00:00.000Z"} for item in browser.groups()]
    browser.send("PUT", GROUPS, sent)
    after = {item["Name"]: item["LastUpdated"] for item in browser.groups()}
    assert {name for name in after if after[name] != before[name]} == {"Domain controllers", "Servers", "Kiosks", ""}


def test_devices_move_when_groups_change(direct: Direct) -> None:
    browser = direct.browser()
    own = [
        group("Windows 10", 2, GroupRules=rules(rule(3, 4, '["Windows10"]'))),
        group("Laptops", 1, GroupRules=rules(rule(0, 0, "laptop-"), rule(1, 3, "contoso"))),
    ]
    for new in own:
        assert browser.send("PUT", GROUPS, [*browser.groups(), new]).status == 200
    found = {row["computerDnsName"].split(".")[0]: row["rbacGroupName"] for row in direct.endpoint("machines").body["value"]}
    assert found == {
        "laptop-01": "Laptops",
        "laptop-02": "Laptops",
        "desktop-03": "Windows 10",
        "srv-files": "UnassignedGroup",
        "srv-dc1": "UnassignedGroup",
    }
    hunted = direct.graph("security/runHuntingQuery", {"Query": "DeviceInfo | where MachineGroup == 'Laptops' | count"})
    assert hunted.body["results"] == [{"Count": 2}]
    browser.send("PUT", GROUPS, [item for item in browser.groups() if item["Name"] != "Laptops"])
    assert {row["rbacGroupName"] for row in direct.endpoint("machines").body["value"]} == {"Windows 10", "UnassignedGroup"}


@pytest.mark.parametrize(
    ("rule_of_group", "devices"),
    [
        (rule(0, 0, "SRV-"), {"srv-files", "srv-dc1"}),
        (rule(0, 1, "-03"), {"desktop-03"}),
        (rule(0, 2, "laptop-01"), {"laptop-01"}),
        (rule(0, 3, "top-0"), {"laptop-01", "laptop-02", "desktop-03"}),
        (rule(1, 2, "corp.contoso.com"), {"laptop-01", "laptop-02", "desktop-03", "srv-files", "srv-dc1"}),
        (rule(3, 4, '["WindowsServer2019","Windows11"]'), {"laptop-01", "laptop-02", "srv-dc1"}),
        (rule(2, 2, "nothing"), set()),
        (rule(4, 0, ""), set()),
    ],
)
def test_rules_take_devices(direct: Direct, rule_of_group: dict[str, Any], devices: set[str]) -> None:
    browser = direct.browser()
    browser.send("PUT", GROUPS, [group("Ours", 1, GroupRules=rules(rule_of_group)), *browser.groups()])
    rows = direct.endpoint("machines").body["value"]
    assert {row["computerDnsName"].split(".")[0] for row in rows if row["rbacGroupName"] == "Ours"} == devices


def _without_default(rows: list[Any]) -> Any:
    return rows[:-1]


def _two_new(rows: list[Any]) -> Any:
    return [group("One", 20), group("Two", 21), *rows]


def _two_of_one_name(rows: list[Any]) -> Any:
    return [group("SERVERS", 20), *rows]


def _unknown_number(rows: list[Any]) -> Any:
    return [group("Other", 20, number=99), *rows]


def _one_rank_twice(rows: list[Any]) -> Any:
    return [group("Other", rows[0]["Priority"]), *rows]


def _bad_level(rows: list[Any]) -> Any:
    return [{**rows[0], "AutoRemediationLevel": 5}, *rows[1:]]


def _wrapped(rows: list[Any]) -> Any:
    return {"items": rows}


def _many_values(rows: list[Any]) -> Any:
    return [{**rows[0], "GroupRules": [rule(0, 2, f"host{number}") for number in range(11)]}, *rows[1:]]


def _no_list_in_text(rows: list[Any]) -> Any:
    return [{**rows[0], "GroupRules": [rule(3, 4, "Windows11")]}, *rows[1:]]


def _unknown_entra_group(rows: list[Any]) -> Any:
    return [{**rows[0], "MachineGroupAssignments": [{"WcdAadGroup": {"ObjectId": "99999999-0000-4000-8000-000000000000"}}]}, *rows[1:]]


def _named_default(rows: list[Any]) -> Any:
    return [*rows[:-1], {**rows[-1], "Name": "Rest"}]


def _unknown_member(rows: list[Any]) -> Any:
    return [{**rows[0], "RemediationLevel": 3}, *rows[1:]]


def _no_name(rows: list[Any]) -> Any:
    return [{**rows[0], "Name": " "}, *rows[1:]]


def _text_for_a_number(rows: list[Any]) -> Any:
    return [{**rows[0], "Priority": "1"}, *rows[1:]]


@pytest.mark.parametrize(
    "spoil",
    [
        _without_default,
        _two_new,
        _two_of_one_name,
        _unknown_number,
        _one_rank_twice,
        _bad_level,
        _wrapped,
        _many_values,
        _no_list_in_text,
        _unknown_entra_group,
        _named_default,
        _unknown_member,
        _no_name,
        _text_for_a_number,
    ],
    ids=lambda spoil: spoil.__name__.strip("_"),
)
def test_a_list_that_is_not_right_is_refused_and_changes_nothing(lived_in: Direct, spoil: Any) -> None:
    browser = lived_in.browser()
    before = browser.groups()
    answer = browser.send("PUT", GROUPS, spoil(json.loads(json.dumps(before))))
    assert answer.status == 400
    assert answer.body["Message"]
    assert browser.groups() == before


def test_a_reader_may_not_write(lived_in: Direct) -> None:
    browser = lived_in.browser("portal_session_reader")
    assert browser.send("PUT", GROUPS, browser.groups()).status == 403


def test_a_scoped_user_sees_some_groups_and_would_delete_the_others(lived_in: Direct) -> None:
    scoped = lived_in.browser("portal_session_scoped")
    seen = scoped.groups()
    assert [item["Name"] for item in seen] == ["Domain controllers", ""]
    assert scoped.send("PUT", GROUPS, seen).status == 200
    assert [item["Name"] for item in lived_in.browser().groups()] == ["Domain controllers", ""]


def test_defender_for_business_has_no_groups_of_its_own() -> None:
    browser = Direct("business_premium").browser()
    assert [item["AutoRemediationLevel"] for item in browser.groups()] == [3]
    assert browser.send("PUT", GROUPS, browser.groups()).status == 403


def test_reads_lag_behind_a_write(direct: Direct) -> None:
    browser = direct.browser()
    (default,) = browser.groups()
    direct.tenant.lag = 2
    browser.send("PUT", GROUPS, [{**default, "AutoRemediationLevel": 1}])
    assert [browser.groups()[0]["AutoRemediationLevel"] for dummy in range(3)] == [3, 3, 1]


def test_the_fifth_level_is_taken(direct: Direct) -> None:
    browser = direct.browser()
    answer = browser.send("PUT", GROUPS, [group("Half", 1, 4), *browser.groups()])
    assert [item["AutoRemediationLevel"] for item in answer.body["items"]] == [4, 3]


# ---------------------------------------------------------------- settings of Defender for Endpoint

FEATURES, SAVE = "/apiproxy/mtp/settings/GetAdvancedFeaturesSetting", "/apiproxy/mtp/settings/SaveAdvancedFeaturesSetting"
LIVE = "/apiproxy/mtp/liveResponseApi/{}_properties?useV2Api=true&useV3Api=true"
INTUNE = "/apiproxy/mtp/responseApiPortal/onboarding/intune/"


def test_advanced_features_are_one_object_that_is_saved_whole(direct: Direct) -> None:
    browser = direct.browser()
    before = browser.send("GET", FEATURES).body
    assert before["EnableWdavPassiveModeRemediation"] is False and before["MobileDeactivationPeriodInDays"] is None and len(before) == 32
    assert browser.send("POST", SAVE, {**before, "EnableWdavPassiveModeRemediation": True, "LicenseEnabled": False}).status == 200
    assert browser.send("GET", FEATURES).body == {**before, "EnableWdavPassiveModeRemediation": True}
    assert browser.send("POST", SAVE, {"BlockListEnabled": True}).status == 200
    assert browser.send("GET", FEATURES).body["EnableWdavAntiTampering"] is False, "what is left out is off"


@pytest.mark.parametrize("body", [None, [], {"NoSuchFeature": True}, {"BlockListEnabled": "yes"}])
def test_advanced_features_that_are_not_right(direct: Direct, body: Any) -> None:
    browser = direct.browser()
    before = browser.send("GET", FEATURES).body
    assert browser.send("POST", SAVE, body).status == 400
    assert browser.send("GET", FEATURES).body == before
    assert direct.browser("portal_session_reader").send("POST", SAVE, before).status == 403


def test_live_response_has_properties(direct: Direct) -> None:
    browser = direct.browser()
    before = browser.send("GET", LIVE.format("get")).body
    assert set(before) == {"AutomatedIrLiveResponse", "AutomatedIrUnsignedScripts", "LiveResponseForServers"}
    change = {"properties": {**before, "AutomatedIrUnsignedScripts": False, "AutomatedIrLiveResponse": False}}
    assert browser.send("PATCH", LIVE.format("update"), change).status == 200
    assert browser.send("GET", LIVE.format("get")).body == change["properties"]
    assert browser.send("GET", CONTEXT).body["AutomatedIrLiveResponse"] is False
    assert browser.send("PATCH", LIVE.format("update"), before).status == 400


def test_the_connection_to_intune_is_a_bare_number(direct: Direct) -> None:
    browser = direct.browser()
    assert browser.send("GET", f"{INTUNE}status").body == "0"
    assert browser.send("POST", f"{INTUNE}provision", {"timeout": 60000}).status == 200
    assert browser.send("GET", f"{INTUNE}status").body == "1"
    assert browser.send("POST", f"{INTUNE}deprovision", {"timeout": 60000}).status == 200
    assert browser.send("GET", f"{INTUNE}status").body == "0"
    assert browser.send("POST", f"{INTUNE}provision", {}).status == 400


def test_what_air_does_by_itself(direct: Direct) -> None:
    browser = direct.browser()
    assert browser.send("GET", "/apiproxy/mtp/autoIr/ui/properties/").body["IsAutomatedIrContainDeviceEnabled"] is True
    assert browser.send("GET", "/apiproxy/mtp/autoIr/ui/admin/advanced").status == 400, "without the header tenant-id"
    uploads = browser.send("GET", "/apiproxy/mtp/autoIr/ui/admin/advanced", tenant_id=direct.tenant.tenant_id).body
    assert uploads["data"]["cloud_upload"] is True
    assert browser.send("GET", "/apiproxy/mtp/autoIr/folder_exclusion/all").body == []
