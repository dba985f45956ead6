# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What waits for approval: which alerts and incidents count, in which order, and what is not known."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ansible_collections.m365.defender.plugins.module_utils._errors import Forbidden
from ansible_collections.m365.defender.plugins.module_utils.readers.pending_action_info import PENDING_ACTION_INFO, answer, asks

NOW = datetime(2026, 9, 15, 12, tzinfo=UTC)
ALERTS, INCIDENTS = asks({"days": 30}, lambda: NOW)


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


def read(alerts=(), incidents=()):
    return answer({"days": 30}, {ALERTS: alerts if isinstance(alerts, Exception) else list(alerts), INCIDENTS: incidents}, lambda: NOW)


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
