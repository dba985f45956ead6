# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What waits for approval: which alerts and incidents count, in which order, and what is not known."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ansible_collections.m365.defender.plugins.module_utils._errors import Forbidden, Refused, SignInFailed
from ansible_collections.m365.defender.plugins.module_utils.readers.pending_action_info import PENDING_ACTION_INFO, answer, asks

NOW = datetime(2026, 9, 15, 12, tzinfo=UTC)
ALERTS, INCIDENTS, CONTEXT, ACTIONS = asks({"days": 30}, lambda: NOW)
NO_SESSION = Forbidden("no session", code="no_portal_session")


def alert(number="a1", state="pendingApproval", **changed):
    return {
        "id": number,
        "title": "Malware was found",
        "severity": "high",
        "productName": "Microsoft Defender for Endpoint",
        "incidentId": "201",
        "investigationState": state,
        "createdDateTime": "2026-09-14T12:00:00Z",
        "alertWebUrl": f"https://security.microsoft.com/alerts/{number}",
        "evidence": [],
        **changed,
    }


def incident(number="201", status="awaitingAction", **changed):
    return {
        "id": number,
        "displayName": "Mail",
        "severity": "low",
        "status": status,
        "createdDateTime": "2026-09-13T00:00:00Z",
        "incidentWebUrl": "https://security.microsoft.com/incidents/" + number,
        **changed,
    }


def item(number="1", **changed):
    """An item of the portal, with the members that captured ones have."""
    return {
        "InvestigationId": "77",
        "ActionId": f"abababab-0000-4000-8000-00000000000{number}",
        "StartTime": "2026-09-14T18:00:00.1234567",
        "EndTime": None,
        "EventTime": "2026-09-14T18:30:00",
        "ActionType": "QuarantineFile",
        "ActionDecision": None,
        "DecidedBy": "",
        "Comment": "",
        "RelatedEntities": [{"EntityType": "File"}],
        "AdditionalFields": {"FileName": "invoice.exe"},
        "EntityType": "File",
        "ActionStatus": "Pending",
        "ActionSource": "",
        "Product": "MDE",
        "MachineId": "m1",
        "ComputerName": "laptop-02",
        **changed,
    }


def read(alerts=(), incidents=(), items=NO_SESSION, everything=True, **options):
    answers = {
        ALERTS: alerts if isinstance(alerts, Exception) else list(alerts),
        INCIDENTS: incidents,
        ACTIONS: items,
        CONTEXT: items if isinstance(items, Exception) else [{"IsExposedToAllMachineGroups": everything}],
    }
    return answer({"days": 30, **options}, answers, lambda: NOW)


def on(device, name="laptop-02", **more):
    return {"remediationStatus": "active", "mdeDeviceId": device, "deviceDnsName": name, "rbacGroupName": "Pilot ring", **more}


def test_the_questions_are_about_what_changed_lately():
    assert dict(ALERTS.query.parameters) == {"$filter": "lastUpdateDateTime ge 2026-08-16T12:00:00Z"}
    assert dict(INCIDENTS.query.parameters)["$filter"] == "lastUpdateDateTime ge 2026-08-16T12:00:00Z"


STATES = (
    *("unknown", "terminated", "successfullyRemediated", "benign", "failed", "partiallyRemediated", "running", "pendingApproval"),
    *("pendingResource", "queued", "innerFailure", "preexistingAlert", "unsupportedOs", "unsupportedAlertType", "suppressedAlert"),
    *("partiallyInvestigated", "terminatedByUser", "terminatedBySystem", "unknownFutureValue", None),
)


@pytest.mark.parametrize("state", STATES)
def test_one_state_of_an_investigation_waits(state):
    assert read([alert(state=state)])["count"] == (state == "pendingApproval")


@pytest.mark.parametrize("status", ["none", "remediated", "active", "pendingApproval", "declined", "running", None])
def test_one_state_of_a_piece_of_evidence_waits(status):
    evidence = [{"remediationStatus": status, "fileDetails": {"fileName": "invoice.exe"}}]
    assert read([alert(state="partiallyInvestigated", evidence=evidence)])["count"] == (status == "pendingApproval")


def test_an_entry_says_what_it_acts_on():
    evidence = [
        {"remediationStatus": "active", "deviceDnsName": "laptop-02", "rbacGroupName": "Pilot ring"},
        {"remediationStatus": "pendingApproval", "fileDetails": {"fileName": "invoice.exe"}},
        {"remediationStatus": "pendingApproval", "networkMessageIds": ["1", "2"]},
        {"remediationStatus": "pendingApproval", "url": "https://adatum.example"},
        {"remediationStatus": "pendingApproval", "userAccount": {"userPrincipalName": "adele@contoso.example"}},
        {"remediationStatus": "pendingApproval", "@odata.type": "#microsoft.graph.security.registryKeyEvidence"},
    ]
    found = read([alert(evidence=evidence)])["pending"][0]
    assert found["acts_on"] == ["invoice.exe", "2 messages", "https://adatum.example", "adele@contoso.example", "registrykeyevidence"]
    assert (found["devices"], found["device_groups"]) == (["laptop-02"], ["Pilot ring"])
    assert (found["age_days"], found["what"]) == (1.0, "alert")
    assert found["link"] == "https://security.microsoft.com/alerts/a1"


@pytest.mark.parametrize("status", ["active", "resolved", "inProgress", "redirected", "awaitingAction", "unknownFutureValue"])
def test_an_incident_that_waits_without_an_alert_that_says_so(status):
    found = read([alert(state="running")], [incident(status=status)])
    assert [entry["what"] for entry in found["pending"]] == (["incident"] if status == "awaitingAction" else [])


def test_an_incident_whose_alert_waits_is_told_once():
    found = read([alert()], [incident("201"), incident("202")])
    assert [(entry["what"], entry["id"]) for entry in found["pending"]] == [("incident", "202"), ("alert", "a1")]


def test_the_oldest_comes_first_and_those_without_a_date_last():
    found = read(
        [
            alert("new"),
            alert("old", createdDateTime="2026-09-01T12:00:00.1234567Z", severity="medium"),
            alert("never", createdDateTime=None),
        ]
    )
    assert [entry["id"] for entry in found["pending"]] == ["old", "new", "never"]
    assert (found["oldest"], found["oldest_days"]) == ("2026-09-01T12:00:00.1234567Z", 14.0)
    assert found["by_severity"] == {"high": 2, "medium": 1}
    assert found["by_product"] == {"Microsoft Defender for Endpoint": 3}


def test_nothing_waits():
    found = read()
    assert (found["count"], found["oldest"], found["oldest_days"], found["complete"]) == (0, "", None, True)


def test_without_incidents_the_list_is_not_complete():
    found = read([alert()], Forbidden("no permission"))
    assert (found["count"], found["complete"]) == (1, False)
    assert "no permission" in found["not_read"][0]["reason"]


def test_without_alerts_there_is_no_answer():
    with pytest.raises(Forbidden):
        read(Forbidden("no permission"), [])


@pytest.mark.parametrize(("days", "fine"), [(0, False), (1, True), (180, True), (181, False)])
def test_how_far_back(days, fine):
    assert (not PENDING_ACTION_INFO.wrong({"days": days})) is fine
    assert PENDING_ACTION_INFO.wrong({"days": 1, "max_pending_age": -1.0}) == ["max_pending_age must not be below 0, but is -1"]


# ---------------------------------------------------------------- with the portal's list


def test_an_action_and_its_alert_are_told_once():
    found = read([alert(evidence=[on("m1")])], [incident("201")], [item()])
    (entry,) = found["pending"]
    assert (entry["what"], entry["driver"], entry["id"]) == ("action", "portal", item()["ActionId"])
    assert (entry["title"], entry["severity"], entry["device_groups"]) == ("Malware was found", "high", ["Pilot ring"])
    assert (entry["action_type"], entry["acts_on"], entry["devices"]) == ("QuarantineFile", ["invoice.exe"], ["laptop-02"])
    assert entry["alerts"] == ["a1"]
    assert (entry["since"], entry["lapses"]) == ("2026-09-14T18:00:00Z", "2026-09-21T18:00:00Z")
    assert (found["by_driver"], found["maybe_twice"], found["driver"], found["complete"]) == ({"portal": 1}, 0, "portal", True)
    assert found["by_product"] == {"Microsoft Defender for Endpoint": 1}


MATCHES = {
    "names the alert": ({"MachineId": "", "ComputerName": "", "AdditionalFields": {"AlertId": "A1"}}, [on("m9")]),
    "names a message": ({"MachineId": "", "RelatedEntities": [{"x": {"NetworkMessageId": "n1"}}]}, [{"networkMessageIds": ["n0", "n1"]}]),
    "the same device": ({}, [on("M1", "other")]),
    "the same name": ({"MachineId": None}, [on("m9", "LAPTOP-02")]),
}


@pytest.mark.parametrize("why", MATCHES)
def test_what_makes_them_one(why):
    changed, evidence = MATCHES[why]
    assert read([alert(evidence=evidence)], [], [item(**changed)])["by_driver"] == {"portal": 1}


def test_several_actions_of_one_incident():
    alerts = [alert("a1", evidence=[on("m1")]), alert("a2", evidence=[on("m1")])]
    found = read(alerts, [incident("201")], [item("1"), item("2")])
    assert found["by_driver"] == {"portal": 2}
    assert found["pending"][0]["alerts"] == ["a1", "a2"]


@pytest.mark.parametrize("evidence", [[on("m9", "server")], []])
def test_what_cannot_be_matched_is_told_twice_and_says_so(evidence):
    found = read([alert(evidence=evidence)], [], [item()])
    assert (found["count"], found["by_driver"], found["maybe_twice"]) == (2, {"portal": 1, "public_api": 1}, 1)


def test_a_device_with_alerts_of_two_incidents_matches_neither():
    alerts = [alert("a1", evidence=[on("m1")]), alert("a2", evidence=[on("m1")], incidentId="202")]
    assert read(alerts, [], [item()])["by_driver"] == {"portal": 1, "public_api": 2}


def test_other_spellings_and_missing_members_are_taken():
    lower = {name[:1].lower() + name[1:]: value for name, value in item(StartTime="some day", EventTime="2026-09-15T00:00:00").items()}
    (entry,) = read([], [], [lower])["pending"]
    assert (entry["id"], entry["since"], entry["action_type"]) == (item()["ActionId"], "2026-09-15T00:00:00Z", "QuarantineFile")
    (entry,) = read([], [], [{}])["pending"]
    assert (entry["id"], entry["age_days"], entry["lapses_in_days"], entry["product"]) == ("", None, None, "")
    assert read([], [], [item(Product="NewThing")])["by_product"] == {"NewThing": 1}


def test_when_things_lapse():
    items = [item("1", StartTime="2026-09-09T12:00:00"), item("2"), item("3", StartTime="2026-09-01T12:00:00", EventTime=None)]
    found = read([], [], items)
    assert [entry["lapses_in_days"] for entry in found["pending"]] == [-7.0, 1.0, 6.3]
    assert found["next_lapse_in_days"] == 1.0


@pytest.mark.parametrize(("limit", "late"), [(None, None), (0, 2), (1.5, 1), (14, 0)])
def test_the_threshold(limit, late):
    found = read([alert("old", createdDateTime="2026-09-01T12:00:00Z"), alert("new")], [], max_pending_age=limit)
    assert found["late"] == late


FILTERED = (
    ({"product": ["microsoft defender FOR endpoint"]}, 2, 1),
    ({"product": ["Microsoft Defender for Office 365"]}, 0, 1),
    ({"severity": ["high", "medium"]}, 1, 1),
    ({"severity": ["low"]}, 1, 1),
    ({"device_group": ["pilot ring"]}, 1, 2),
    ({"action_type": ["quarantinefile"]}, 1, 2),
    ({"action_type": ["QuarantineFile"], "severity": ["high"]}, 0, 2),
    ({}, 3, 0),
)


@pytest.mark.parametrize(("options", "count", "silent"), FILTERED, ids=str)
def test_filters(options, count, silent):
    found = read([alert(evidence=[on("m9", "server")])], [incident("300")], [item()], **options)
    assert (found["count"], found["not_told"], found["filtered_out"]) == (count, silent, 3 - count)


def test_the_portal_alone_is_enough():
    found = read(Forbidden("no permission"), Forbidden("no permission"), [item()])
    assert (found["count"], found["complete"], len(found["not_read"])) == (1, True, 2)


def test_somebody_who_sees_some_device_groups_is_not_enough():
    found = read([], [], [], everything=False)
    assert found["complete"] is False
    assert "some device groups" in found["not_read"][0]["reason"]


def test_a_session_that_ended_is_said():
    found = read([], [], SignInFailed("the portal session has ended", status=440))
    assert (found["complete"], found["driver"]) == (False, "public_api")
    assert "has ended" in found["not_read"][0]["reason"]


def test_a_session_of_another_tenant_is_said():
    assert read([], [], Refused("the portal session belongs to another tenant"))["complete"] is False
