# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was done: from the portal's history, or partly from machine actions, and what is said to be missing."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ansible_collections.m365.defender.plugins.module_utils._errors import Forbidden, SignInFailed
from ansible_collections.m365.defender.plugins.module_utils.readers.action_history_info import (
    ACTION_HISTORY_INFO,
    answer,
    asks,
    outcome_of,
)

NOW = datetime(2026, 9, 15, 12, tzinfo=UTC)
NO_SESSION = Forbidden("no session", code="no_portal_session")
FORBIDDEN = Forbidden("no permission", status=403)


def item(number="1", **changed):
    return {
        "InvestigationId": None,
        "ActionId": number,
        "StartTime": "2026-09-14T18:00:00",
        "EndTime": "2026-09-14T18:05:00",
        "EventTime": "2026-09-14T18:05:00",
        "ActionType": "IsolateResponse",
        "ActionDecision": None,
        "DecidedBy": "alex@contoso.com",
        "Comment": "Until somebody has looked",
        "ActionStatus": "Completed",
        "ActionSource": "PublicApi",
        "Product": "MDE",
        "MachineId": "m1",
        "ComputerName": "laptop-02",
        **changed,
    }


def machine_action(number="b1", **changed):
    return {
        "id": number,
        "type": "Isolate",
        "requestor": "alex@contoso.com",
        "requestorComment": "Until somebody has looked",
        "requestSource": "Portal",
        "status": "Succeeded",
        "machineId": "m1",
        "computerDnsName": "laptop-02",
        "creationDateTimeUtc": "2026-09-14T18:00:00.1234567Z",
        "lastUpdateDateTimeUtc": "2026-09-14T18:05:00Z",
        **changed,
    }


def record(number="r1", **changed):
    data = {"InvestigationName": "Mail with malicious address", "Status": "Completed", **changed.pop("data", {})}
    return {
        "id": number,
        "createdDateTime": "2026-09-14T19:00:00Z",
        "auditLogRecordType": "airAdminActionInvestigation",
        "operation": "AirAdminActionInvestigation",
        "service": "ThreatIntelligence",
        "userPrincipalName": "alex@contoso.com",
        "auditData": data,
        **changed,
    }


def read(history=NO_SESSION, actions=(), everything=True, audited=(), **options):
    options = {"days": 30, **options}
    context, asked, machines, *audit = asks(options, lambda: NOW)
    told = history if isinstance(history, Exception) else [{"IsExposedToAllMachineGroups": everything}]
    return answer(options, {context: told, asked: history, machines: actions, **dict.fromkeys(audit, audited)}, lambda: NOW)


def test_the_questions():
    dummy, history, machines = asks({"days": 30}, lambda: NOW)
    assert dict(history.query.parameters) == {"fromDate": "2026-08-16T12:00:00.000Z", "toDate": "2026-09-15T12:00:00.000Z"}
    assert dict(machines.query.parameters) == {"$filter": "creationDateTimeUtc ge 2026-08-16T12:00:00Z"}
    dummy, history, machines = asks({"days": 1, "until": "2026-03-02T01:00:00+01:00"}, lambda: NOW)
    assert dict(history.query.parameters) == {"fromDate": "2026-03-01T00:00:00.000Z", "toDate": "2026-03-02T00:00:00.000Z"}


def test_the_portal_tells_everything():
    found = read([item()], [machine_action()])
    (entry,) = found["actions"]
    assert entry == {
        "driver": "portal",
        "id": "1",
        "investigation_id": "",
        "action_type": "IsolateResponse",
        "began": "2026-09-14T18:00:00Z",
        "ended": "2026-09-14T18:05:00Z",
        "origin": "api",
        "source": "PublicApi",
        "decision": "",
        "decided_by": "alex@contoso.com",
        "outcome": "succeeded",
        "status": "Completed",
        "product": "Microsoft Defender for Endpoint",
        "device": "laptop-02",
        "machine_id": "m1",
        "user": "",
        "acts_on": [],
        "comment": "Until somebody has looked",
    }
    assert (found["driver"], found["complete"], found["not_read"]) == ("portal", True, [])
    assert (found["by_origin"], found["by_outcome"], found["by_decider"]) == ({"api": 1}, {"succeeded": 1}, {"alex@contoso.com": 1})


ORIGINS = (
    ({"ActionSource": "AutomatedDeviceAction"}, "automatic"),
    ({"ActionSource": "Automated email action"}, "automatic"),
    ({"ActionSource": "", "ActionAutomationType": "Automated Investigation"}, "automatic"),
    ({"ActionSource": "Manual device action"}, "manual"),
    ({"ActionSource": "Explorer action"}, "manual"),
    ({"ActionSource": "Live response action"}, "manual"),
    ({"ActionSource": "Advanced hunting action"}, "manual"),
    ({"ActionSource": "NewThing"}, "unknown"),
    ({"ActionSource": None, "DecidedBy": "Microsoft Defender AV"}, "automatic"),
)


@pytest.mark.parametrize(("changed", "origin"), ORIGINS, ids=str)
def test_who_began_it(changed, origin):
    assert read([item(**changed)])["actions"][0]["origin"] == origin


OUTCOMES = (
    ("Completed", "", "succeeded"),
    ("Completed", "Declined", "rejected"),
    ("Succeeded", "Approved", "succeeded"),
    ("TimedOut", "Declined", "lapsed"),
    ("TimeOut", "", "failed"),
    ("In Progress", "", "running"),
    ("Pending", "", "running"),
    ("Cancelled", "", "cancelled"),
    ("Undone", "Approved", "undone"),
    ("Failed", "Approved", "failed"),
    ("NewWord", "", "unknown"),
    ("NewWord", "Rejected", "rejected"),
    ("", "", "unknown"),
)


@pytest.mark.parametrize(("status", "decision", "outcome"), OUTCOMES)
def test_how_it_ended(status, decision, outcome):
    assert outcome_of(status, decision) == outcome


def test_without_a_session_it_is_partial():
    running = machine_action("b2", status="Pending", creationDateTimeUtc="2026-09-15T00:00:00Z")
    found = read(actions=[machine_action(), running])
    assert [(one["id"], one["outcome"], one["origin"], one["ended"]) for one in found["actions"]] == [
        ("b2", "running", "manual", ""),
        ("b1", "succeeded", "manual", "2026-09-14T18:05:00Z"),
    ]
    assert (found["driver"], found["complete"]) == ("public_api", False)
    assert "portal_session" in found["not_read"][0]["reason"]
    assert read(actions=[running], until="2026-09-14T23:00:00Z")["actions"] == []


def test_a_session_that_ended_is_said():
    found = read(SignInFailed("the session has ended", status=440), [])
    assert "has ended" in found["not_read"][0]["reason"]


def test_somebody_limited_to_device_groups_does_not_have_it_all():
    assert read([item()], [], everything=False)["complete"] is False


def test_without_either_there_is_no_answer():
    with pytest.raises(Forbidden):
        read(NO_SESSION, FORBIDDEN)
    with pytest.raises(SignInFailed):
        read(SignInFailed("the session has ended", status=440), FORBIDDEN)
    assert read([item()], FORBIDDEN)["complete"] is True


def test_filters():
    items = [item("1"), item("2", ActionType="QuarantineFile", ComputerName="laptop-01"), item("3", ActionStatus="Failed")]
    for options, numbers in (
        ({"action_type": ["isolateresponse"]}, {"1", "3"}),
        ({"device": ["LAPTOP-01"]}, {"2"}),
        ({"outcome": ["failed"]}, {"3"}),
        ({"outcome": ["failed"], "device": ["laptop-01"]}, set()),
    ):
        assert {one["id"] for one in read(items, **options)["actions"]} == numbers


@pytest.mark.parametrize(("options", "fine"), [({"days": 0}, False), ({"days": 180}, True), ({"days": 181}, False)])
def test_how_far_back(options, fine):
    assert (not ACTION_HISTORY_INFO.wrong(options)) is fine


@pytest.mark.parametrize(("until", "fine"), [("2026-09-01", True), ("2026-09-01T00:00:00Z", True), ("yesterday", False)])
def test_until_when(until, fine):
    assert (not ACTION_HISTORY_INFO.wrong({"days": 1, "until": until})) is fine


def test_the_audit_log_tells_some_if_it_is_asked():
    assert len(asks({"days": 30}, lambda: NOW)) == 3
    (search,) = asks({"days": 30, "audit": True}, lambda: NOW)[3:]
    asked = dict(search.query.parameters)
    assert (asked["filterStartDateTime"], asked["filterEndDateTime"]) == ("2026-08-16T12:00:00Z", "2026-09-15T12:00:00Z")
    actions = [{"ActionType": "Email deletion", "ActionStatus": "Completed", "ActionApproval": "Approved"}, {"ActionStatus": "Failed"}]
    found = read(
        actions=[machine_action()], audited=[record(), record("r2", data={"Actions": actions}, userPrincipalName="system")], audit=True
    )
    told = [(one["driver"], one["id"], one["action_type"], one["outcome"], one["origin"], one["decided_by"]) for one in found["actions"]]
    assert sorted(told) == [
        ("audit_log", "r1", "AirAdminActionInvestigation", "succeeded", "manual", "alex@contoso.com"),
        ("audit_log", "r2", "AirAdminActionInvestigation", "failed", "automatic", "system"),
        ("audit_log", "r2", "Email deletion", "succeeded", "automatic", "system"),
        ("public_api", "b1", "Isolate", "succeeded", "manual", "alex@contoso.com"),
    ]
    assert found["complete"] is False
    assert found["by_driver"] == {"audit_log": 3, "public_api": 1}


def test_an_audit_log_that_cannot_be_searched_is_said():
    found = read(actions=[machine_action()], audited=FORBIDDEN, audit=True)
    assert [one["what"] for one in found["not_read"]] == ["history", "audit_log"]
    assert found["count"] == 1


def test_more_records_than_are_read_is_said():
    found = read(audited=[record(str(number)) for number in range(5001)], audit=True)
    assert (found["count"], found["not_read"][1]["what"]) == (5000, "audit_log")


def test_what_is_audited_is_not_told_beside_the_portals_history():
    assert read([item()], [machine_action()], audited=[record()], audit=True)["by_driver"] == {"portal": 1}
