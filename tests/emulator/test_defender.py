# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Defender for Endpoint API: machines, antivirus, tags, machine actions, and what is retired."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from tests.emulator.direct import XDR, Direct


@pytest.fixture(scope="module")
def lived_in() -> Direct:
    return Direct("lived_in")


def test_machines_have_the_published_members(lived_in: Direct) -> None:
    rows = lived_in.endpoint("machines").body["value"]
    assert len(rows) == 12
    assert {"id", "computerDnsName", "osPlatform", "osBuild", "onboardingStatus", "healthStatus", "defenderAvStatus"} <= set(rows[0])
    assert all(len(row["id"]) == 40 for row in rows)
    assert rows[0]["computerDnsName"] == "laptop-01.corp.contoso.com"


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("onboardingStatus eq 'Onboarded' and healthStatus eq 'Active'", 8),
        ("osPlatform eq 'Windows10'", 5),
        ("machineTags/any(tag: tag eq 'pilot')", 1),
        ("rbacGroupId eq 16", 1),
        ("startswith(computerDnsName,'srv-')", 3),
        ("lastSeen gt 2020-01-01T00:00:00Z", 12),
    ],
)
def test_machines_are_filtered_by_documented_members(lived_in: Direct, text: str, count: int) -> None:
    assert len(lived_in.endpoint(f"machines?$filter={quote(text)}").body["value"]) == count


def test_other_members_and_options_are_refused(lived_in: Direct) -> None:
    for query in ("$filter=osBuild%20eq%2015063", "$top=10001", "$orderby=id", "top=5"):
        answer = lived_in.endpoint(f"machines?{query}")
        assert (answer.status, answer.body["error"]["code"]) == (400, "BadRequest")
        assert set(answer.body["error"]) == {"code", "message", "target"}


def test_machines_are_paged(lived_in: Direct) -> None:
    body = lived_in.endpoint("machines?$top=5&$skip=5").body
    assert [row["id"][-2:] for row in body["value"]] == ["06", "07", "08", "09", "10"]
    link = body["@odata.nextLink"]
    rest = lived_in.endpoint(link.removeprefix("https://api.security.microsoft.com/api/")).body
    assert len(rest["value"]) == 2
    assert "@odata.nextLink" not in rest


def test_one_machine(lived_in: Direct) -> None:
    assert lived_in.endpoint("machines/" + "0" * 37 + "205").body["osBuild"] == 15063
    answer = lived_in.endpoint("machines/" + "f" * 40)
    assert (answer.status, answer.body["error"]["code"]) == (404, "ResourceNotFound")


def test_no_recent_machine_is_a_404() -> None:
    assert Direct(objects={"machines": []}).endpoint("machines").status == 404


def test_devices_stand_in_their_groups(lived_in: Direct) -> None:
    groups = {
        row["computerDnsName"].split(".")[0]: (row["rbacGroupId"], row["rbacGroupName"])
        for row in lived_in.endpoint("machines").body["value"]
    }
    assert groups["srv-dc1"] == (12, "Domain controllers"), "rank 2 goes before the group of all servers, rank 4"
    assert groups["srv-files"] == (11, "Servers")
    assert groups["screen-hall"] == (15, "Kiosks"), "tags in any case"
    assert groups["laptop-02"] == (16, "Pilot ring")
    assert groups["laptop-01"] == (10, "UnassignedGroup")


def test_a_tenant_without_groups_of_its_own_has_number_zero() -> None:
    assert {(row["rbacGroupId"], row["rbacGroupName"]) for row in Direct().endpoint("machines").body["value"]} == {(0, None)}


def test_antivirus_modes_are_texts_in_pages_of_twenty(lived_in: Direct) -> None:
    rows = lived_in.endpoint("deviceavinfo").body["value"]
    assert sorted({row["avMode"] for row in rows}) == ["0", "1", "2", "4"]
    assert {row["avIsSignatureUpToDate"] for row in rows} == {"True", "False", "Unknown"}
    assert len(lived_in.endpoint("deviceavinfo?$filter=avMode eq '1'").body["value"]) == 1
    assert lived_in.endpoint("deviceavinfo?$filter=rbacGroupName eq 'Servers'").status == 400
    many = Direct(objects={"deviceavinfo": [{**rows[0], "id": str(number)} for number in range(45)]})
    first = many.endpoint("deviceavinfo").body
    assert (len(first["value"]), "@odata.nextLink" in first) == (20, True)
    assert len(many.endpoint("deviceavinfo?$top=10000").body["value"]) == 45


def test_a_tag_is_added_and_moves_the_device() -> None:
    direct = Direct("lived_in")
    machine = "0" * 37 + "201"
    answer = direct.endpoint(f"machines/{machine}/tags", {"Value": "pilot", "Action": "Add"})
    assert (answer.status, answer.body["machineTags"], answer.body["rbacGroupName"]) == (200, ["pilot"], "Pilot ring")
    assert direct.endpoint(f"machines/{machine}").body["machineTags"] == ["pilot"]
    again = direct.endpoint(f"machines/{machine}/tags", {"Value": "pilot", "Action": "Add"})
    assert again.body["machineTags"] == ["pilot"]
    gone = direct.endpoint(f"machines/{machine}/tags", {"Value": "pilot", "Action": "Remove"})
    assert (gone.body["machineTags"], gone.body["rbacGroupName"]) == ([], "UnassignedGroup")


@pytest.mark.parametrize(
    "body", [{"value": "x", "action": "Add"}, {"Value": "x"}, {"Value": "", "Action": "Add"}, {"Value": "x", "Action": "Set"}]
)
def test_member_names_of_a_body_are_case_sensitive(lived_in: Direct, body: dict[str, str]) -> None:
    assert lived_in.endpoint("machines/" + "0" * 37 + "201/tags", body).status == 400


def test_many_machines_are_tagged_at_once() -> None:
    direct = Direct()
    ids = ["0" * 39 + number for number in "123"]
    body = {"Value": "floor 2", "Action": "Add", "MachineIds": ids}
    assert direct.endpoint("machines/AddOrRemoveTagForMultipleMachines", body).status == 200
    assert len(direct.endpoint("machines?$filter=machineTags/any(t:t eq 'floor 2')").body["value"]) == 3
    assert direct.endpoint("machines/AddOrRemoveTagForMultipleMachines", {**body, "MachineIds": ["f" * 40]}).status == 404
    assert direct.endpoint("machines/AddOrRemoveTagForMultipleMachines", {**body, "MachineIds": [str(n) for n in range(501)]}).status == 400


def test_a_reader_may_not_tag(lived_in: Direct) -> None:
    answer = lived_in.endpoint("machines/" + "0" * 37 + "201/tags", {"Value": "x", "Action": "Add"}, who="reader")
    assert (answer.status, answer.body["error"]["code"]) == (403, "Forbidden")
    assert "Machine.ReadWrite.All" in answer.body["error"]["message"]


def test_machine_actions_are_listed_and_cancelled() -> None:
    direct = Direct("lived_in")
    waiting = direct.endpoint("machineactions?$filter=status eq 'Pending'").body["value"]
    assert [row["type"] for row in waiting] == ["Isolate"]
    number = waiting[0]["id"]
    assert direct.endpoint(f"machineactions/{number}").body["status"] == "Pending"
    done = direct.endpoint(f"machineactions/{number}/cancel", {"Comment": "not needed"})
    assert (done.status, done.body["status"], done.body["cancellationComment"]) == (200, "Cancelled", "not needed")
    assert direct.endpoint(f"machineactions/{number}/cancel", {"Comment": "again"}).status == 400
    assert direct.endpoint("machineactions/unknown/cancel", {"Comment": "x"}).status == 404


def test_cancelling_needs_the_permission_of_the_action() -> None:
    direct = Direct("lived_in", identities={"writer": {"app_permissions": {"defender": ["Machine.Scan", "Machine.Read.All"]}}})
    number = direct.endpoint("machineactions?$filter=status eq 'Pending'").body["value"][0]["id"]
    answer = direct.endpoint(f"machineactions/{number}/cancel", {"Comment": "x"})
    assert (answer.status, "Machine.Isolate" in answer.body["error"]["message"]) == (403, True)


def test_an_antivirus_scan_is_started_once() -> None:
    direct = Direct("lived_in")
    machine = "0" * 37 + "201"
    made = direct.endpoint(f"machines/{machine}/runAntiVirusScan", {"Comment": "in place of an investigation", "ScanType": "Full"})
    assert (made.status, made.body["type"], made.body["scope"], made.body["status"]) == (201, "RunAntiVirusScan", "Full", "Pending")
    assert direct.endpoint(f"machineactions/{made.body['id']}").body["machineId"] == machine
    again = direct.endpoint(f"machines/{machine}/runAntiVirusScan", {"Comment": "again", "ScanType": "Full"})
    assert (again.status, again.body["error"]["message"]) == (400, "Action is already in progress")
    for body in ({"Comment": "x", "ScanType": "Thorough"}, {"Comment": "", "ScanType": "Full"}, {"ScanType": "Full"}):
        assert direct.endpoint(f"machines/{machine}/runAntiVirusScan", body).status == 400
    assert direct.endpoint(f"machines/{machine}/runAntiVirusScan", {"Comment": "x", "ScanType": "Full"}, who="reader").status == 403
    assert direct.endpoint("machines/" + "f" * 40 + "/runAntiVirusScan", {"Comment": "x", "ScanType": "Full"}).status == 404


def test_investigations_are_retired(lived_in: Direct) -> None:
    rows = lived_in.endpoint("investigations").body["value"]
    assert rows and all(row["startTime"] < "2026-09-01" for row in rows), "none has started since"
    found = lived_in.endpoint("investigations?$filter=state eq 'TerminatedByUser' and startTime ge 2026-08-01T00:00:00Z").body["value"]
    assert [row["id"] for row in found] == ["63021"]
    assert lived_in.endpoint("investigations?$filter=statusDetails eq 'x'").status == 400
    assert lived_in.endpoint("investigations/1").status == 404
    answer = lived_in.endpoint("machines/" + "0" * 37 + "201/startInvestigation", {"Comment": "x"})
    assert (answer.status, answer.body["error"]["code"]) == (403, "DisabledFeature")


def test_alerts_of_devices(lived_in: Direct) -> None:
    rows = lived_in.endpoint("alerts").body["value"]
    assert [row["investigationState"] for row in rows] == ["PendingApproval", "PendingApproval", "SuccessfullyRemediated"]
    assert rows[0]["computerDnsName"] == "laptop-02.corp.contoso.com"


def test_incidents_of_the_xdr_api_need_its_own_audience(lived_in: Direct) -> None:
    rows = lived_in.endpoint("incidents?$top=2", audience=XDR).body["value"]
    assert [(row["incidentId"], row["status"], len(row["alerts"])) for row in rows] == [
        (201, "AwaitingAction", 2),
        (202, "AwaitingAction", 1),
    ]
    answer = lived_in.endpoint("incidents")
    assert (answer.status, answer.body["error"]["code"]) == (401, "Unauthorized")
    assert lived_in.endpoint("machines", audience=XDR).status == 401


def test_unknown_paths_and_methods(lived_in: Direct) -> None:
    assert lived_in.endpoint("vulnerabilities").status == 404
    assert lived_in.endpoint("machines", {}).status == 405


def test_without_the_product_the_feature_is_off() -> None:
    direct = Direct("exchange_only")
    answer = direct.endpoint("machines")
    assert (answer.status, answer.body["error"]["code"]) == (403, "DisabledFeature")
