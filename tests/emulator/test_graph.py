# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Graph: licences, roles, incidents, alerts, hunting, sensors, batch, and its refusals."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from tests.emulator.direct import ENDPOINT, GRAPH, Direct


@pytest.fixture(scope="module")
def lived_in() -> Direct:
    return Direct("lived_in")


@pytest.fixture(scope="module")
def fresh() -> Direct:
    return Direct()


def names(answer: Any, key: str = "displayName") -> list[str]:
    assert answer.status == 200, answer.body
    return [row[key] for row in answer.body["value"]]


def test_organization_names_the_tenant_and_its_verified_domains(lived_in: Direct) -> None:
    row = lived_in.graph("organization").body["value"][0]
    assert row["id"] == lived_in.tenant.tenant_id
    assert row["displayName"] == "Contoso"
    assert [(domain["name"], domain["isDefault"], domain["isInitial"]) for domain in row["verifiedDomains"]] == [
        ("contoso.onmicrosoft.com", False, True),
        ("contoso.com", True, False),
    ]


def test_domains_need_a_permission_of_their_own(fresh: Direct) -> None:
    answer = fresh.graph("domains")
    assert (answer.status, answer.body["error"]["code"]) == (403, "Authorization_RequestDenied")
    changed = Direct(identities={"writer": {"app_permissions": {"graph": ["Domain.Read.All"]}}})
    assert names(changed.graph("domains"), "id") == ["contoso.onmicrosoft.com"]


def test_subscribed_skus_carry_units_and_service_plans(fresh: Direct) -> None:
    row = fresh.graph("subscribedSkus").body["value"][0]
    assert (row["skuPartNumber"], row["capabilityStatus"], row["prepaidUnits"]["enabled"]) == ("SPE_E5", "Enabled", 25)
    plans = {plan["servicePlanName"]: plan["servicePlanId"] for plan in row["servicePlans"]}
    assert plans["WINDEFATP"] == "871d91ec-ec1a-452b-a83f-bd76c7d770ef"
    assert fresh.tenant.plans == set(plans)


def test_subscribed_skus_take_select_but_no_filter(fresh: Direct) -> None:
    row = fresh.graph("subscribedSkus?$select=skuPartNumber").body["value"][0]
    assert set(row) == {"id", "skuPartNumber"}
    assert fresh.graph("subscribedSkus?$filter=skuPartNumber eq 'SPE_E5'").status == 400


def test_rows_of_a_seed_stand_in_for_the_licence_table() -> None:
    row = {"skuPartNumber": "OWN", "servicePlans": [{"servicePlanName": "ATA", "provisioningStatus": "Success"}]}
    direct = Direct(objects={"subscribedSkus": [row]})
    assert names(direct.graph("subscribedSkus"), "skuPartNumber") == ["OWN"]
    assert direct.tenant.plans == {"ATA"}


def test_commercial_subscriptions_tell_trials(fresh: Direct) -> None:
    row = fresh.graph("directory/subscriptions").body["value"][0]
    assert (row["skuPartNumber"], row["isTrial"], row["status"], row["totalLicenses"]) == ("SPE_E5", False, "Enabled", 25)
    assert row["skuId"] == fresh.graph("subscribedSkus").body["value"][0]["skuId"]
    assert fresh.graph("directory/subscriptions", who="unconsented").status == 403
    tried = Direct(objects={"directorySubscriptions": [{"skuPartNumber": "SPE_E5", "isTrial": True}]})
    assert tried.graph("directory/subscriptions").body["value"][0]["isTrial"] is True


def test_role_assignments_of_one_principal(fresh: Direct) -> None:
    who = fresh.tenant.identities["writer"]["object_id"]
    wanted = quote(f"principalId eq '{who}'")
    path = f"roleManagement/directory/roleAssignments?$filter={wanted}&$expand=roleDefinition"
    found = fresh.graph(path).body["value"]
    assert sorted(row["roleDefinition"]["displayName"] for row in found) == ["Exchange Administrator", "Security Administrator"]
    assert {row["directoryScopeId"] for row in found} == {"/"}
    assert "roleDefinition" not in fresh.graph("roleManagement/directory/roleAssignments").body["value"][0]


def test_service_principals_by_application_id() -> None:
    direct = Direct(identities={"writer": {"app_permissions": {"graph": ["Application.Read.All"]}}})
    client = direct.tenant.identities["writer"]["client_id"]
    assert names(direct.graph(f"servicePrincipals?$filter=appId eq '{client}'"), "appId") == [client]
    resource = direct.graph("servicePrincipals(appId='fc780465-2017-40d4-a0c5-307022471b92')").body
    assert resource["displayName"] == "WindowsDefenderATP"
    assert "Machine.Read.All" in {role["value"] for role in resource["appRoles"]}
    missing = direct.graph("servicePrincipals(appId='99999999-0000-4000-8000-000000000000')")
    assert (missing.status, missing.body["error"]["code"]) == (404, "Request_ResourceNotFound")


def test_members_of_a_group(fresh: Direct) -> None:
    number = next(row["id"] for row in fresh.graph("groups").body["value"] if row["displayName"] == "All staff")
    assert names(fresh.graph(f"groups/{number}/members")) == ["Adele Example", "Alex Sample"]
    assert names(fresh.graph("users?$filter=startswith(displayName,'Al')")) == ["Alex Sample"]
    assert fresh.graph("groups/unknown/members").status == 404


def test_groups_of_a_user(lived_in: Direct) -> None:
    user = next(row for row in lived_in.graph("users").body["value"] if row["displayName"] == "Adele Example")
    path = f"users/{user['userPrincipalName']}/transitiveMemberOf?$select=displayName,mail,proxyAddresses&$top=999"
    assert sorted(names(lived_in.graph(path))) == ["Accounts receivable", "Finance"], "finance holds the other one"
    assert lived_in.graph(path.replace("adele", "nobody")).status == 404
    poor = Direct("lived_in", identities={"writer": {"app_permissions": {"graph": ["User.Read.All"]}}})
    found = poor.graph(f"users/{user['id']}/transitiveMemberOf").body["value"]
    assert {row["@odata.type"] for row in found} == {"#microsoft.graph.group"}
    assert {(row["displayName"], row["mail"]) for row in found} == {(None, None)} and all(row["id"] for row in found)


def test_incidents_are_paged_by_next_link(lived_in: Direct) -> None:
    seen, path, pages = [], "security/incidents?$top=3", 0
    while path:
        body = lived_in.graph(path).body
        seen += [row["id"] for row in body["value"]]
        link = body.get("@odata.nextLink", "")
        assert not link or link.startswith(f"{GRAPH}/v1.0/security/incidents?")
        path, pages = link.removeprefix(f"{GRAPH}/v1.0/"), pages + 1
    assert (seen, pages) == (["201", "202", "203", "204"], 2)


def test_incidents_take_at_most_fifty_at_once(fresh: Direct) -> None:
    answer = fresh.graph("security/incidents?$top=51")
    assert answer.status == 400
    assert "limit of '50'" in answer.body["error"]["message"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("status eq 'awaitingAction'", ["201", "202"]),
        ("status eq 'resolved' or severity eq 'low'", ["203", "204"]),
        ("createdDateTime ge 2020-01-01T00:00:00Z and not (status eq 'awaitingAction')", ["203", "204"]),
        ("createdDateTime lt 2020-01-01", []),
        ("status in ('inProgress','resolved')", ["203", "204"]),
    ],
)
def test_incidents_are_filtered(lived_in: Direct, text: str, found: list[str]) -> None:
    assert names(lived_in.graph(f"security/incidents?$filter={quote(text)}"), "id") == found


@pytest.mark.parametrize("text", ["status = 'x'", "status eq", "status eq active", "unknown eq 'x'", "(status eq 'x'", "status eq 'x' 1"])
def test_a_filter_that_is_not_understood_is_refused(fresh: Direct, text: str) -> None:
    answer = fresh.graph(f"security/incidents?$filter={quote(text)}")
    assert (answer.status, answer.body["error"]["code"]) == (400, "BadRequest")


def test_incidents_bring_their_alerts_when_asked(lived_in: Direct) -> None:
    row = lived_in.graph("security/incidents?$filter=status eq 'awaitingAction'&$expand=alerts").body["value"][0]
    assert {alert["investigationState"] for alert in row["alerts"]} == {"pendingApproval"}
    assert row["alerts"][0]["evidence"][0]["@odata.type"] == "#microsoft.graph.security.deviceEvidence"
    assert "alerts" not in lived_in.graph("security/incidents").body["value"][0]


def test_alerts_cannot_be_filtered_by_investigation_state(lived_in: Direct) -> None:
    answer = lived_in.graph("security/alerts_v2?$filter=investigationState eq 'pendingApproval'")
    assert answer.status == 400
    assert "investigationState" in answer.body["error"]["message"]
    alerts = lived_in.graph("security/alerts_v2?$filter=serviceSource eq 'microsoftDefenderForEndpoint'&$count=true").body
    assert alerts["@odata.count"] == 3
    assert [row["investigationState"] for row in alerts["value"]].count("pendingApproval") == 2


def test_one_incident_and_one_alert(fresh: Direct) -> None:
    assert fresh.graph("security/incidents/101").body["status"] == "resolved"
    assert (
        fresh.graph("security/alerts_v2/da000000000000000000000000000000000000101_1").body["evidence"][1]["remediationStatus"]
        == "remediated"
    )
    assert fresh.graph("security/incidents/1").status == 404


def test_options_that_are_not_known_are_refused(fresh: Direct) -> None:
    assert fresh.graph("security/incidents?$search=x").status == 400
    assert fresh.graph("organization?$top=x").status == 400
    assert fresh.graph("security/incidents?$expand=evidence").status == 400


def test_times_of_a_seed_move_with_the_day(fresh: Direct) -> None:
    created = fresh.graph("security/incidents").body["value"][0]["createdDateTime"]
    assert 19 < (fresh.tenant.clock() - fresh.tenant.clock().fromisoformat(created)).total_seconds() / 86400 < 21


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("DeviceInfo | count", [{"Count": 12}]),
        ('DeviceInfo\n| where OnboardingStatus == "Can be onboarded" // new\n| project DeviceName', [{"DeviceName": "laptop-of-a-guest"}]),
        ("DeviceInfo | where OSPlatform =~ 'windows10' and OSBuild < 16299 | count", [{"Count": 2}]),
        ("DeviceInfo | where Timestamp < ago(7d) | distinct SensorHealthState", [{"SensorHealthState": "Inactive"}]),
        ("DeviceInfo | where MachineGroup == 'Kiosks' | take 5 | summarize count()", [{"count_": 1}]),
        ("AlertInfo | summarize Number=count() by Severity | order by Number desc | take 1", [{"Severity": "Medium", "Number": 2}]),
        ("EmailEvents | take 1", []),
    ],
)
def test_hunting_answers_a_small_part_of_the_language(lived_in: Direct, query: str, rows: list[dict[str, Any]]) -> None:
    answer = lived_in.graph("security/runHuntingQuery", {"Query": query})
    assert answer.status == 200, answer.body
    assert answer.body["results"] == rows
    assert all(set(column) == {"name", "type"} for column in answer.body["schema"])


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("Nothing | take 1", "Failed to resolve table or column expression named 'Nothing'"),
        ("DeviceInfo | where Nothing == 1", "Failed to resolve scalar expression named 'Nothing'"),
        ("DeviceInfo | join AlertInfo on DeviceId", "does not know the operator 'join'"),
        ("DeviceInfo | summarize avg(OSBuild)", "only 'summarize count() by ...'"),
        ("DeviceInfo | where OSBuild > 1 or OSBuild < 2", "only conditions joined by 'and'"),
        ("DeviceInfo | where DeviceName == 'a", "not closed"),
        ("let x = 1; DeviceInfo", "name of one table first"),
    ],
)
def test_hunting_refuses_what_it_cannot_do(lived_in: Direct, query: str, text: str) -> None:
    answer = lived_in.graph("security/runHuntingQuery", {"Query": query})
    assert answer.status == 400
    assert text in answer.body["error"]["message"]


def test_hunting_looks_only_into_the_timespan(lived_in: Direct) -> None:
    for timespan, count in (("P1D", 11), ("P30D", 12), ("PT10M", 0), ("2020-01-01T00:00:00Z/2020-02-01T00:00:00Z", 0)):
        body = {"Query": "DeviceInfo | count", "Timespan": timespan}
        assert lived_in.graph("security/runHuntingQuery", body).body["results"] == [{"Count": count}], timespan
    assert lived_in.graph("security/runHuntingQuery", {"Query": "DeviceInfo", "Timespan": "a day"}).status == 400


def test_hunting_refuses_a_body_of_another_form(fresh: Direct) -> None:
    for body in ({"KQL": "DeviceInfo"}, {"Query": ""}, {"Query": "DeviceInfo", "More": 1}, ["DeviceInfo"]):
        assert fresh.graph("security/runHuntingQuery", body).status == 400


def test_hunting_tables_come_with_their_workloads_and_from_seeds() -> None:
    plan_one = Direct("fresh_e3")
    assert plan_one.graph("security/runHuntingQuery", {"Query": "DeviceInfo | count"}).body["results"] == [{"Count": 5}]
    assert "'EmailEvents'" in plan_one.graph("security/runHuntingQuery", {"Query": "EmailEvents | count"}).body["error"]["message"]
    given = Direct(objects={"hunting.EmailEvents": [{"Timestamp": "{ago:2d}", "Subject": "x", "UrlCount": 2}]})
    answer = given.graph("security/runHuntingQuery", {"Query": "EmailEvents | where UrlCount >= 2"})
    assert answer.body["results"][0]["Subject"] == "x"
    assert {"name": "UrlCount", "type": "Int64"} in answer.body["schema"]


def test_identity_sensors_and_health_issues(lived_in: Direct) -> None:
    assert names(lived_in.graph("security/identities/sensors"), "healthStatus") == ["healthy", "notHealthyHigh"]
    issues = lived_in.graph("security/identities/healthIssues?$filter=Status eq 'open'").body["value"]
    assert [issue["severity"] for issue in issues] == ["high"]
    assert "Status" not in issues[0]


def test_without_the_product_security_calls_are_refused() -> None:
    nothing = Direct("unlicensed")
    for path in ("security/incidents", "security/alerts_v2", "security/identities/sensors"):
        answer = nothing.graph(path)
        assert (answer.status, answer.body["error"]["code"]) == (403, "Forbidden")
        assert "not provisioned" in answer.body["error"]["message"]
    assert Direct("fresh_e3").graph("security/identities/sensors").status == 403
    answer = nothing.graph("security/runHuntingQuery", {"Query": "DeviceInfo | take 1"})
    assert "Failed to resolve table" in answer.body["error"]["message"]


def test_a_missing_permission_is_named(fresh: Direct) -> None:
    answer = fresh.graph("security/incidents", who="unconsented")
    assert answer.status == 403
    message = answer.body["error"]["message"]
    assert (
        message
        == "Missing application roles. API required roles: SecurityIncident.Read.All, SecurityIncident.ReadWrite.All, application roles: ."
    )
    assert set(answer.body["error"]["innerError"]) == {"date", "request-id", "client-request-id"}


def test_no_token_or_another_audience_is_refused(fresh: Direct) -> None:
    from emulator import graph

    for headers in ({}, {"Authorization": "Bearer nonsense"}, {"Authorization": f"Bearer {fresh.token(ENDPOINT)}"}):
        answer = fresh.send(graph, "GET", f"{GRAPH}/v1.0/organization", **headers)
        assert (answer.status, answer.body["error"]["code"]) == (401, "InvalidAuthenticationToken")


def test_paths_and_versions_that_are_not_known(fresh: Direct) -> None:
    from emulator import graph

    assert fresh.graph("deviceManagement/managedDevices").body["error"]["message"] == "Resource not found for the segment 'managedDevices'."
    assert fresh.graph("security/incidents", {}).status == 405
    answer = fresh.send(graph, "GET", f"{GRAPH}/beta/organization", Authorization=f"Bearer {fresh.token(GRAPH)}")
    assert (answer.status, answer.body["error"]["message"]) == (400, "Invalid version: beta.")


def test_a_batch_answers_each_request_by_itself(lived_in: Direct) -> None:
    requests = [
        {"id": "1", "method": "GET", "url": "/organization?$select=displayName"},
        {"id": "2", "method": "GET", "url": "/security/incidents?$filter=status%20eq%20'resolved'"},
        {"id": "3", "method": "GET", "url": "/domains"},
        {"id": "4", "method": "POST", "url": "/security/runHuntingQuery", "body": {"Query": "DeviceInfo | count"}},
    ]
    answer = lived_in.graph("$batch", {"requests": requests})
    assert answer.status == 200
    responses = {response["id"]: response for response in answer.body["responses"]}
    assert [responses[key]["status"] for key in "1234"] == [200, 200, 403, 200]
    assert responses["1"]["body"]["value"][0]["displayName"] == "Contoso"
    assert [row["id"] for row in responses["2"]["body"]["value"]] == ["204"]
    assert responses["4"]["body"]["results"] == [{"Count": 12}]


def test_a_batch_has_limits(fresh: Direct) -> None:
    many = [{"id": str(number), "method": "GET", "url": "/organization"} for number in range(21)]
    answer = fresh.graph("$batch", {"requests": many})
    assert (answer.status, "maximum value of 20" in answer.body["error"]["message"]) == (400, True)
    assert fresh.graph("$batch", {"requests": many[:20]}).status == 200
    for body in ({}, {"requests": [{"id": "1"}]}, {"requests": [many[0], many[0]]}, {"requests": [{**many[0], "dependsOn": ["2"]}]}):
        assert fresh.graph("$batch", body).status == 400


def test_a_fault_strikes_one_request_of_a_batch() -> None:
    direct = Direct()
    direct.world.faults.add({"kind": "batch_item", "match": {"service": "graph", "path": "*/subscribedSkus"}, "retry_after": 3})
    requests = [{"id": key, "method": "GET", "url": f"/{key}"} for key in ("organization", "subscribedSkus")]
    first, second = direct.graph("$batch", {"requests": requests}).body["responses"]
    assert (first["status"], second["status"], second["headers"]["Retry-After"]) == (200, 429, "3")
    assert [item["status"] for item in direct.graph("$batch", {"requests": requests}).body["responses"]] == [200, 200]
