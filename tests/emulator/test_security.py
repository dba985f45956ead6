# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Graph below /security: the quotas of hunting, searches of the audit log, remediation of mail."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.emulator.direct import Direct

HUNT, AUDIT, REMEDIATE = "security/runHuntingQuery", "security/auditLog/queries", "security/collaboration/analyzedEmails/remediate"
MAIL = {"networkMessageId": "fb000000-0000-4000-8000-000000000001", "recipientEmailAddress": "adele@contoso.com"}
WISH = {
    "displayName": "Clean up",
    "description": "Phishing",
    "severity": "medium",
    "action": "softDelete",
    "remediateSendersCopy": False,
    "analyzedEmails": [MAIL],
}


def hunt(direct: Direct, **body: str) -> Any:
    return direct.graph(HUNT, {"Query": "EmailEvents | count", **body})


def test_hunting_takes_every_published_form_of_timespan() -> None:
    direct = Direct(objects={"hunting.EmailEvents": [{"Timestamp": "{ago:2d}"}, {"Timestamp": "{ago:20d}"}, {"Timestamp": "{ago:40d}"}]})
    now = direct.world.started
    days = {number: (now - timedelta(days=number)).strftime("%Y-%m-%dT%H:%M:%SZ") for number in (1, 10, 30, 41)}
    counts = {
        "": 2,
        "P3D": 1,
        "PT1H": 0,
        "P90D": 3,
        days[10]: 1,
        f"{days[41]}/{days[10]}": 2,
        f"P30D/{days[1]}": 2,
        f"{days[30]}/P15D": 1,
    }
    for timespan, count in counts.items():
        answer = hunt(direct, **({"Timespan": timespan} if timespan else {}))
        assert answer.body["results"] == [{"Count": count}], timespan
    for timespan in ("30 days", "P", "P30D/P1D/P1D", "yesterday"):
        assert hunt(direct, Timespan=timespan).status == 400


def test_hunting_calls_are_counted_by_the_minute() -> None:
    direct = Direct()
    body = {"Query": "DeviceInfo | take 1"}
    assert [direct.graph(HUNT, body).status for dummy in range(45)] == [200] * 45
    answer = direct.graph(HUNT, body)
    assert (answer.status, answer.body["error"]["code"]) == (429, "TooManyRequests")
    assert "number of calls" in answer.body["error"]["message"]
    assert 1 <= int(dict(answer.headers)["Retry-After"]) <= 60
    later = direct.world.clock() + timedelta(seconds=61)
    direct.world.clock = lambda: later  # type: ignore[method-assign]  # another time of day
    assert direct.graph(HUNT, body).status == 200


def test_hunting_stops_when_the_cpu_time_is_used_up() -> None:
    direct = Direct(objects={"huntingQuota": [{"cpu_used_up": True}]})
    answer = direct.graph(HUNT, {"Query": "DeviceInfo | take 1"})
    assert answer.status == 429 and "CPU" in answer.body["error"]["message"]
    assert 1 <= int(dict(answer.headers)["Retry-After"]) <= 900


def test_hunting_gives_a_hundred_thousand_rows_at_most() -> None:
    direct = Direct(objects={"hunting.Many": [{"Number": number} for number in range(100_001)]})
    assert len(direct.graph(HUNT, {"Query": "Many"}).body["results"]) == 100_000
    assert direct.graph(HUNT, {"Query": "Many | count"}).body["results"] == [{"Count": 100_001}]


def searched(direct: Direct, **body: Any) -> list[str]:
    """The ids of the records that a search finds, oldest first."""
    made = direct.graph(AUDIT, {"displayName": "x", **body})
    assert made.status == 201, made.body
    while direct.graph(f"{AUDIT}/{made.body['id']}").body["status"] != "succeeded":
        pass
    return sorted(row["id"][-3:] for row in direct.graph(f"{AUDIT}/{made.body['id']}/records").body["value"])


def test_an_audit_search_is_made_looked_at_and_read() -> None:
    direct = Direct("lived_in")
    made = direct.graph(AUDIT, {"displayName": "AIR", "recordTypeFilters": ["AirInvestigation", "AirAdminActionInvestigation"]})
    number = made.body["id"]
    assert (made.status, made.body["status"]) == (201, "notStarted")
    early = direct.graph(f"{AUDIT}/{number}/records")
    assert (early.status, early.body["error"]["message"]) == (400, "The query is not ready.")
    assert [direct.graph(f"{AUDIT}/{number}").body["status"] for dummy in range(3)] == ["running", "succeeded", "succeeded"]
    rows = direct.graph(f"{AUDIT}/{number}/records").body["value"]
    assert [row["auditLogRecordType"] for row in rows] == ["AirAdminActionInvestigation", "AirInvestigation"]
    assert isinstance(rows[0]["auditData"], dict)
    assert direct.graph(f"{AUDIT}/{number}/records?$top=1").body["@odata.nextLink"]
    assert direct.graph(f"{AUDIT}/00000000-0000-0000-0000-000000000000").status == 404
    assert direct.graph(AUDIT, {"displayName": "AIR"}, who="unconsented").status == 403


def test_an_audit_search_is_narrowed_and_checked() -> None:
    direct = Direct("lived_in")
    now = direct.world.started
    assert searched(direct) == ["301", "302", "303", "304"]
    assert searched(direct, recordTypeFilters=["msdeResponseActions"]) == ["303"]
    assert searched(direct, operationFilters=["IsolateDevice"]) == ["303"]
    assert searched(direct, userPrincipalNameFilters=["SECURITY.administrator@contoso.onmicrosoft.com"]) == ["301", "303", "304"]
    assert searched(direct, filterStartDateTime=(now - timedelta(days=1)).isoformat()) == ["301"]
    assert searched(direct, filterEndDateTime=(now - timedelta(days=5)).isoformat()) == ["303"]
    assert searched(direct, keywordFilter="lab-1607") == ["303"]
    for body in (
        {"recordTypeFilters": ["Airship"]},
        {"recordTypes": ["AirInvestigation"]},
        {"recordTypeFilters": "AirInvestigation"},
        {"filterStartDateTime": "yesterday"},
        {"filterStartDateTime": "2026-09-02T00:00:00Z", "filterEndDateTime": "2026-09-01T00:00:00Z"},
        ["AirInvestigation"],
    ):
        assert direct.graph(AUDIT, body).status == 400, body


def test_mail_is_remediated_by_message_and_recipient() -> None:
    direct = Direct("lived_in")
    answer = direct.graph(REMEDIATE, WISH)
    assert (answer.status, answer.body) == (202, None)
    assert dict(answer.headers)["Location"].startswith("https://security.microsoft.com/action-center/history?filters=")
    assert direct.tenant.rows("mailRemediations")[0]["action"] == "softDelete"
    assert direct.graph(REMEDIATE, WISH, who="reader").status == 403


@pytest.mark.parametrize(
    "change",
    [
        {"action": "moveToQuarantine"},
        {"action": "Delete"},
        {"severity": "critical"},
        {"remediateSendersCopy": "false"},
        {"analyzedEmails": []},
        {"analyzedEmails": [{**MAIL, "networkMessageId": "7"}]},
        {"analyzedEmails": [{"networkMessageId": MAIL["networkMessageId"]}]},
        {"more": 1},
    ],
)
def test_a_remediation_that_is_not_understood_is_refused(change: dict[str, Any]) -> None:
    assert Direct("lived_in").graph(REMEDIATE, {**WISH, **change}).status == 400


def test_remediation_of_mail_needs_plan_two() -> None:
    assert Direct("fresh_e3").graph(REMEDIATE, WISH).status == 403


def test_late_words_of_an_enumeration_are_told_to_those_who_ask_for_them() -> None:
    direct = Direct("lived_in")
    for prefer, status, evidence in (
        ("", "unknownFutureValue", "unknownFutureValue"),
        ("include-unknown-enum-members", "awaitingAction", "active"),
    ):
        (row,) = direct.graph("security/incidents?$top=1&$expand=alerts", prefer=prefer).body["value"]
        assert (row["status"], row["alerts"][0]["evidence"][0]["remediationStatus"]) == (status, evidence)
        assert row["alerts"][0]["investigationState"] == "pendingApproval", "that word was there from the beginning"
        assert direct.graph("security/incidents/201", prefer=prefer).body["status"] == status
        alert = direct.graph("security/alerts_v2?$top=1", prefer=prefer).body["value"][0]
        assert direct.graph(f"security/alerts_v2/{alert['id']}", prefer=prefer).body["evidence"] == alert["evidence"]
        assert alert["evidence"][0]["remediationStatus"] == evidence


def test_one_incident_brings_its_alerts_when_asked() -> None:
    direct = Direct("lived_in")
    assert "alerts" not in direct.graph("security/incidents/201").body
    assert len(direct.graph("security/incidents/201?$expand=alerts").body["alerts"]) == 2
    assert direct.graph("security/incidents/201?$filter=status eq 'active'").status == 400


@pytest.mark.parametrize(
    ("cloud", "portal"), [("commercial", "security.microsoft.com"), ("gcc_high", "security.microsoft.us"), ("dod", "security.apps.mil")]
)
def test_links_lead_to_the_portal_of_the_cloud(cloud: str, portal: str) -> None:
    rows = Direct("lived_in", cloud=cloud).tenant.rows("incidents")
    assert rows and all(row["incidentWebUrl"].startswith(f"https://{portal}/incidents/") for row in rows)
    assert "https://security." not in str(rows).replace(f"https://{portal}/", "")
