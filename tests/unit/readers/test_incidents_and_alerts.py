# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Incidents and alerts: what the service is asked, what we choose ourselves, and what people get."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ansible_collections.m365.defender.plugins.module_utils.readers import alert_info, incident_info
from ansible_collections.m365.defender.plugins.module_utils.readers.alert_info import ALERT_INFO
from ansible_collections.m365.defender.plugins.module_utils.readers.incident_info import INCIDENT_INFO

NOW = datetime(2026, 9, 15, 12, tzinfo=UTC)
RECENT = "lastUpdateDateTime ge 2026-08-16T12:00:00Z"
ENDPOINT, OFFICE = "microsoftDefenderForEndpoint", "microsoftDefenderForOffice365"


def options_of(reader, **given):
    return {name: spec.get("default") for name, spec in reader.options.items()} | given


def asked(module, reader, **given):
    (ask,) = module.asks(options_of(reader, **given), lambda: NOW)
    return ask.query


def incidents(*rows, **given):
    options = options_of(INCIDENT_INFO, **given)
    return INCIDENT_INFO.answer(options, {key: list(rows) for key in incident_info.asks(options, lambda: NOW)})


def alerts(*rows, **given):
    options = options_of(ALERT_INFO, **given)
    return ALERT_INFO.answer(options, {key: list(rows) for key in alert_info.asks(options, lambda: NOW)})


def incident(number, **more):
    row = {
        "id": str(number),
        "displayName": "x",
        "status": "active",
        "severity": "high",
        "createdDateTime": f"2026-09-{number:02}T00:00:00Z",
    }
    return {**row, **more}


def alert(number, **more):
    return {
        **incident(number),
        "title": "x",
        "status": "new",
        "serviceSource": ENDPOINT,
        "productName": "Microsoft Defender for Endpoint",
        **more,
    }


def test_incidents_are_filtered_by_the_service_and_one_page_is_enough():
    query = asked(incident_info, INCIDENT_INFO)
    assert (query.noun, dict(query.parameters), query.most) == ("security/incidents", {"$filter": RECENT, "$top": 50}, 51)
    query = asked(
        incident_info,
        INCIDENT_INFO,
        status=["active", "awaitingAction"],
        severity=["high"],
        assigned_to="o'neil@contoso.com",
        created_after="2026-09-01 00:00:00+00:00",  # what YAML makes of a time without quotes
        created_before="2026-09-02T00:00Z",
        alerts=True,
        most=5,
    )
    assert dict(query.parameters) == {
        "$filter": "(status eq 'active' or status eq 'awaitingAction') and severity eq 'high' and assignedTo eq 'o''neil@contoso.com' and "
        "createdDateTime ge 2026-09-01T00:00:00Z and createdDateTime le 2026-09-02T00:00:00Z",
        "$top": 6,
        "$expand": "alerts",
    }
    assert query.most == 6


@pytest.mark.parametrize("given", [{"service_source": [OFFICE]}, {"product": "office"}, {"assigned": False}])
def test_what_the_service_can_t_filter_needs_every_incident(given):
    query = asked(incident_info, INCIDENT_INFO, **given)
    assert query.most is None and dict(query.parameters)["$top"] == 50
    assert ("$expand" in dict(query.parameters)) == ("assigned" not in given)


def test_one_incident_is_asked_for_by_its_id():
    query = asked(incident_info, INCIDENT_INFO, id="20/1", alerts=True)
    assert (query.noun, query.parameters) == ("security/incidents/20%2F1", (("$expand", "alerts"),))
    assert incidents(incident(1), id="1")["count"] == 1


def test_incidents_are_chosen_by_their_alerts_and_by_whether_anybody_is_assigned():
    mail = incident(1, alerts=[alert(1, serviceSource=OFFICE, productName="Microsoft Defender for Office 365")])
    device = incident(2, alerts=[alert(2)], assignedTo="alex@contoso.com")
    mixed = incident(3, alerts=[*mail["alerts"], *device["alerts"]])

    def found(**given):
        return [one["id"] for one in incidents(mail, device, mixed, **given)["incidents"]]

    assert found() == ["3", "2", "1"], "newest first"
    assert found(service_source=[OFFICE]) == ["3", "1"]
    assert found(product="ENDPOINT") == ["3", "2"]
    assert found(product="endpoint", service_source=[OFFICE]) == [], "both of one alert"
    assert found(assigned=True) == ["2"]
    assert found(assigned=False) == ["3", "1"]


def test_there_may_be_more():
    rows = [incident(number) for number in range(1, 5)]
    result = incidents(*rows, most=3)
    assert (result["count"], result["more"], [one["id"] for one in result["incidents"]]) == (3, True, ["4", "3", "2"])
    assert result["by_status"] == {"active": 3} and result["by_severity"] == {"high": 3}
    assert incidents(*rows, most=4)["more"] is False
    assert incidents() == {"incidents": [], "count": 0, "more": False, "by_status": {}, "by_severity": {}}


def test_what_an_incident_is_shown_as():
    row = incident(
        7, alerts=[alert(1)], customTags=["a"], systemTags=["b"], incidentWebUrl="https://security.microsoft.com/incidents/7?tid=x"
    )
    (shown,) = incidents(row)["incidents"]
    assert shown["tags"] == ["a", "b"] and shown["link"].endswith("7?tid=x") and "alerts" not in shown
    assert shown["assigned_to"] == "" and shown["classification"] == "unknown"
    (shown,) = incidents(row, alerts=True)["incidents"]
    assert shown["service_sources"] == [ENDPOINT] and shown["alerts"][0]["id"] == "1"
    bare = incidents({"id": 9})["incidents"][0]
    assert bare["link"] == "https://security.microsoft.com/incidents/9" and bare["status"] == "unknown"


def test_alerts_are_filtered_by_the_service():
    query = asked(alert_info, ALERT_INFO, service_source=[ENDPOINT, OFFICE], status=["new"], most=500)
    assert dict(query.parameters) == {
        "$filter": f"status eq 'new' and (serviceSource eq '{ENDPOINT}' or serviceSource eq '{OFFICE}') and {RECENT}",
        "$top": 100,
    }
    assert query.most == 501
    for given in ({"investigation_state": ["running"]}, {"product": "x"}, {"assigned": True}):
        query = asked(alert_info, ALERT_INFO, **given)
        assert query.most is None and dict(query.parameters) == {"$filter": RECENT}
    assert asked(alert_info, ALERT_INFO, id="a_1").noun == "security/alerts_v2/a_1"


def test_alerts_of_an_incident_are_read_with_it_and_chosen_by_us():
    query = asked(alert_info, ALERT_INFO, incident="201", status=["new"])
    assert (query.noun, query.parameters) == ("security/incidents/201", (("$expand", "alerts"),))
    row = incident(1, alerts=[alert(1), alert(2, status="resolved"), alert(3, severity="low"), alert(4, serviceSource=OFFICE)])

    def found(**given):
        return [one["id"] for one in alerts(row, incident="1", **given)["alerts"]]

    assert found() == ["4", "3", "2", "1"]
    assert found(status=["new"]) == ["4", "3", "1"]
    assert found(severity=["low"]) == ["3"]
    assert found(service_source=[OFFICE]) == ["4"]
    assert found(created_after="2026-09-02T00:00:00Z", created_before="2026-09-03T00:00:00Z") == ["3", "2"]
    assert found(assigned_to="nobody@contoso.com") == []
    assert alerts(incident(1), incident="1")["alerts"] == []


def test_alerts_are_chosen_by_what_the_service_can_t_filter():
    rows = [alert(1, investigationState="pendingApproval"), alert(2, investigationState="running", assignedTo="a@contoso.com")]
    assert [one["id"] for one in alerts(*rows, investigation_state=["pendingApproval"])["alerts"]] == ["1"]
    assert [one["id"] for one in alerts(*rows, assigned=True)["alerts"]] == ["2"]
    assert alerts(*rows, product="office")["count"] == 0


def test_evidence_is_shown_on_request():
    evidence = [
        {
            "@odata.type": "#microsoft.graph.security.deviceEvidence",
            "deviceDnsName": "laptop-01",
            "rbacGroupName": "Pilot",
            "verdict": "suspicious",
        },
        {
            "@odata.type": "#microsoft.graph.security.fileEvidence",
            "fileDetails": {"fileName": "invoice.exe"},
            "remediationStatus": "pendingApproval",
        },
        {"@odata.type": "#microsoft.graph.security.mailClusterEvidence", "networkMessageIds": ["1", "2"]},
        {"@odata.type": "#microsoft.graph.security.userEvidence", "userAccount": {"userPrincipalName": "adele@contoso.com"}},
        {"verdict": "malicious"},
    ]
    row = alert(1, evidence=evidence)
    assert "evidence" not in alerts(row)["alerts"][0]
    shown = alerts(row, evidence=True)["alerts"][0]["evidence"]
    assert [(one["kind"], one["name"]) for one in shown] == [
        ("device", "laptop-01"),
        ("file", "invoice.exe"),
        ("mailCluster", "2 messages"),
        ("user", "adele@contoso.com"),
        ("unknown", ""),
    ]
    assert (shown[0]["device"], shown[0]["device_group"], shown[1]["remediation_status"]) == ("laptop-01", "Pilot", "pendingApproval")


@pytest.mark.parametrize("reader", [INCIDENT_INFO, ALERT_INFO], ids=lambda reader: reader.kind)
@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"most": 0}, "most must be between 1"),
        ({"most": 100000}, "most must be between 1"),
        ({"days": 0}, "days must be between 1 and 180"),
        ({"days": 181}, "days must be between 1 and 180"),
        ({"created_after": "yesterday"}, "created_after must be a UTC time"),
        ({"created_after": "2026-09-02T00:00:00Z", "created_before": "2026-09-01T00:00:00Z"}, "must lie before"),
        ({"created_after": "2026-09-02T00:00Z", "created_before": "2026-09-02T00:00:00Z"}, "must lie before"),
        ({"id": "1", "severity": ["high"], "assigned": False}, "severity, assigned can't choose"),
        ({"assigned_to": "a@contoso.com", "assigned": False}, "assigned_to names somebody"),
    ],
)
def test_bad_input(reader, given, words):
    assert words in "; ".join(reader.wrong(options_of(reader, **given)))
    assert reader.wrong(options_of(reader)) == []
