# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hunting within its quotas, searches of the audit log, and lists that are read only as far as needed."""

from __future__ import annotations

import json
import re

import pytest

from ansible_collections.m365.defender.plugins.module_utils._clouds import CLOUDS
from ansible_collections.m365.defender.plugins.module_utils._errors import Forbidden, Refused, TenantError, Unavailable
from ansible_collections.m365.defender.plugins.module_utils._graph import Rest
from ansible_collections.m365.defender.plugins.module_utils._resource import Query
from ansible_collections.m365.defender.plugins.module_utils._searches import SHARED, quota_of, rows_shared
from tests.unit.wire.scripted import Told
from tests.unit.wire.test_graph import Signed, calls

FOUND = {"schema": [{"name": "A", "type": "Int64"}], "results": [{"A": 1}]}


@pytest.fixture
def rest(transport):
    def make(server, **more):
        return Rest("graph", cloud=CLOUDS["commercial"], transport=transport(server.url, **more), sign_in=Signed())

    return make


def hunting(wait=0, **more):
    return ("hunting", (("Query", "A"), *more.items(), ("wait_for_quota", wait)))


def refusal(text="", code="TooManyRequests"):
    return {"error": {"code": code, "message": text}}


def throttled(text, seconds=None):
    return Told(429, refusal(text), {} if seconds is None else {"Retry-After": str(seconds)})


def test_a_query_is_one_row_with_schema_and_results(emulated, connect):
    query = Query("hunting", (("Query", "DeviceInfo | take 2"), ("Timespan", "P1D"), ("wait_for_quota", 60)))
    (row,) = connect(emulated).store("graph").read([query])[query]
    assert len(row["results"]) == 2 and {"name": "DeviceName", "type": "String"} in row["schema"] and row["waited"] == 0
    (entry,) = calls(emulated)
    assert entry["body"] == {"Query": "DeviceInfo | take 2", "Timespan": "P1D"}, "what is ours is not sent"


def test_a_quota_is_waited_out_as_long_as_the_service_asks(scripted, rest, waits):
    server = scripted(throttled("CPU resources", 400), throttled("CPU resources", 300), Told(200, FOUND))
    (answer,) = rest(server).read_each([hunting(900)])
    assert waits == [400, 300] and answer[0]["waited"] == 700
    assert len(server.asked) == 3


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("You have exceeded the CPU resources", "CPU time for hunting is used up until the next cycle of 15 minutes"),
        ("Exceeded number of calls per minute", "as many hunting calls as it may in a minute or an hour"),
        ("TooManyRequests", "does not say which"),
    ],
)
def test_beyond_the_limit_the_error_says_which_quota_and_when(text, words, scripted, rest, waits):
    server = scripted(throttled(text, 20), throttled(text, 50))
    (error,) = rest(server).read_each([hunting(60)])
    assert isinstance(error, Unavailable) and words in error.text and error.status == 429
    assert (text in error.text) == (text != "TooManyRequests")
    assert re.search(r"Try again at \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ, in 50 seconds, or raise wait_for_quota where", error.hint)
    assert "20 of 60 seconds were waited" in error.hint
    assert waits == [20], "nothing is waited for in vain"


@pytest.mark.parametrize(("text", "pause"), [("CPU", 900), ("calls per minute", 60), ("", 60)])
def test_without_retry_after_the_documented_cycle_is_waited(text, pause, scripted, rest, waits):
    rest(scripted(throttled(text), Told(200, FOUND))).read_each([hunting(1000)])
    assert waits == [pause]


def test_a_retry_after_that_cannot_be_read_is_none(scripted, rest, waits):
    rest(scripted(throttled("CPU", "\u00b2"), Told(200, FOUND))).read_each([hunting(1000)])
    rest(scripted(throttled("CPU"), Told(200, FOUND))).read_each([hunting(1000)])
    assert len(waits) == 2 and waits[0] == waits[1]


def test_retry_after_may_be_a_date(scripted, rest, waits):
    server = scripted(Told(429, refusal(), {"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}), Told(200, FOUND))
    rest(server).read_each([hunting(10)])
    assert waits == [1], "a date in the past still means a moment"


@pytest.mark.parametrize("status", [500, 504])
def test_a_query_that_may_have_run_is_not_sent_again(status, scripted, rest):
    server = scripted(Told(status, refusal("timed out", "Timeout"), {"Retry-After": "1"}))
    (error,) = rest(server).read_each([hunting(100)])
    assert isinstance(error, Unavailable) and error.status == status and len(server.asked) == 1


def test_a_query_that_found_no_back_end_is_sent_again(scripted, rest, waits):
    server = scripted(Told(503, refusal("busy", "ServiceUnavailable"), {"Retry-After": "5"}), Told(200, FOUND))
    (answer,) = rest(server).read_each([hunting(0)])
    assert answer[0]["results"] == [{"A": 1}] and waits == [5]
    server = scripted(Told(503, refusal("busy", "ServiceUnavailable")))
    (error,) = rest(server).read_each([hunting(0)])
    assert isinstance(error, Unavailable) and error.status == 503 and len(server.asked) == 4


def test_a_probe_waits_for_a_minute_at_most(scripted, rest, waits):
    """As xdr_info asks: whether hunting answers at all must not hold up a playbook until the next cycle of CPU time."""
    probe = ("security/runHuntingQuery", (("Query", "AlertInfo | take 1"),))
    (rows,) = rest(scripted(throttled("calls per minute", 30), Told(200, FOUND))).read_each([probe])
    assert rows == [{"A": 1}] and waits == [30]
    (error,) = rest(scripted(throttled("CPU", 900))).read_each([probe])
    assert isinstance(error, Unavailable) and "CPU time" in error.text and waits == [30]


def test_words_that_name_a_quota():
    assert [quota_of(text) for text in ("CPU", "running time", "45 calls per minute", "too many requests per hour", "Slow down")] == [
        "cpu",
        "cpu",
        "calls",
        "calls",
        "",
    ]


def test_an_answer_without_results_is_no_answer(scripted, rest):
    (error,) = rest(scripted(Told(200, {"value": []}))).read_each([hunting()])
    assert isinstance(error, Unavailable) and "without results" in error.text


def test_an_audit_search_is_waited_for(emulator, connect, waits):
    tenant = emulator.tenant("lived_in")
    query = Query(
        "audit", (("displayName", "x"), ("recordTypeFilters", ("AirInvestigation", "MSDEResponseActions")), ("wait_for_search", 60))
    )
    ours = connect(tenant)
    rows = ours.store("graph").read([query])[query]
    assert [row["auditLogRecordType"] for row in rows] == ["AirInvestigation", "MSDEResponseActions"]
    assert waits == [1, 2] and ours.counts["writes"] == 0
    assert tenant.writes() == []
    assert calls(tenant)[0]["body"] == {"displayName": "x", "recordTypeFilters": ["AirInvestigation", "MSDEResponseActions"]}
    tenant.remove()


def test_an_audit_search_that_takes_too_long(scripted, rest, waits):
    running = {"id": "a-1", "status": "running"}
    server = scripted(Told(201, {"id": "a-1", "status": "notStarted"}), *[Told(200, running)] * 5)
    (error,) = rest(server).read_each([("audit", (("wait_for_search", 20),))])
    assert (
        isinstance(error, Unavailable) and "still running after 20 seconds (search a-1)" in error.text and "wait_for_search" in error.hint
    )
    assert waits == [1, 2, 4, 8, 5]


@pytest.mark.parametrize("status", ["failed", "cancelled"])
def test_an_audit_search_that_comes_to_nothing(status, scripted, rest):
    server = scripted(Told(201, {"id": "a-1", "status": "notStarted"}), Told(200, {"id": "a-1", "status": status}))
    (error,) = rest(server).read_each([("audit", (("wait_for_search", 20),))])
    assert isinstance(error, Refused) and status in error.text


def test_an_audit_search_without_the_permission(emulated, connect):
    query = Query("audit", (("displayName", "x"),))
    error = connect(emulated, "unconsented").store("graph").read([query])[query]
    assert isinstance(error, Forbidden) and "AuditLogsQuery.Read.All of Microsoft Graph" in error.hint
    assert "Searching the audit log" in error.message


def test_an_id_of_a_search_leads_nowhere_else(scripted, rest):
    (error,) = rest(scripted(Told(201, {"id": "../../users", "status": "running"}))).read_each([("audit", ())])
    assert isinstance(error, TenantError) and "no id" in error.text


def test_pages_are_read_only_as_far_as_needed(emulator, connect):
    tenant = emulator.tenant("lived_in")
    for most, pages in ((1, 1), (3, 3), (99, 5), (None, 5)):
        tenant.clear_journal()
        query = Query("security/alerts_v2", (("$top", 1),), most)
        rows = connect(tenant).store("graph").read([query])[query]
        assert (len(rows), len(calls(tenant))) == (min(most or 99, 5), pages)
    tenant.remove()


def test_a_missing_permission_for_one_object_is_named(emulated, connect):
    for noun, word in (("security/incidents/1", "SecurityIncident.Read.All"), ("security/alerts_v2/x", "SecurityAlert.Read.All")):
        error = connect(emulated, "unconsented").store("graph").read([Query(noun)])[Query(noun)]
        assert isinstance(error, Forbidden) and word in error.hint


def test_late_words_are_asked_for(emulator, connect):
    tenant = emulator.tenant("lived_in")
    incidents, alerts = Query("security/incidents"), Query("security/alerts_v2")
    for queries in ([incidents], [incidents, alerts]):
        answers = connect(tenant).store("graph").read(queries)
        assert "awaitingAction" in {row["status"] for row in answers[incidents]}
        statuses = {item["remediationStatus"] for row in answers.get(alerts, ()) for item in row["evidence"]}
        assert not statuses or "pendingApproval" in statuses
    tenant.remove()


def test_equal_texts_of_a_column_are_one_and_nothing_else_changes():
    rows = [{"name": f"laptop {number % 3}", "id": number, "more": {"name": f"laptop {number % 3}"}, "none": None} for number in range(9)]
    text = json.dumps({"results": rows, "schema": []})
    found = rows_shared(text)
    assert found == json.loads(text)
    assert found["results"][0]["name"] is found["results"][3]["name"] is found["results"][6]["more"]["name"]


def test_a_column_of_many_different_texts_is_given_up():
    rows = [{"name": f"{number}"} for number in range(SHARED + 2)] + [{"name": "0"}, {"name": f"{SHARED + 1}"}]
    found = rows_shared(json.dumps(rows))
    assert found == rows
    assert found[-2]["name"] is found[0]["name"] and found[-1]["name"] is not found[SHARED + 1]["name"]
