# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hunting and the audit log: what is asked, and what becomes of the answers."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ansible_collections.m365.defender.plugins.module_utils._errors import Refused, Unavailable
from ansible_collections.m365.defender.plugins.module_utils.readers import audit_info
from ansible_collections.m365.defender.plugins.module_utils.readers.audit_info import AUDIT_INFO, RECORD_TYPES
from ansible_collections.m365.defender.plugins.module_utils.readers.hunting_query_info import HUNTING_QUERY_INFO, WORKLOADS, workload_of

NOW = datetime(2026, 9, 15, 12, tzinfo=UTC)


def options_of(reader, **given):
    return {name: spec.get("default") for name, spec in reader.options.items()} | {"query": "DeviceInfo"} | given


def told(reader, answer, **given):
    options = options_of(reader, **given)
    return reader.answer(options, dict.fromkeys(reader.asks(options), answer))


def hunted(schema, *rows, **given):
    schema = [{"name": name, "type": kind} for name, kind in schema.items()]
    return told(HUNTING_QUERY_INFO, [{"schema": schema, "results": list(rows), "waited": 1.6}], **given)


def test_a_query_is_asked_as_it_stands():
    (ask,) = HUNTING_QUERY_INFO.asks(options_of(HUNTING_QUERY_INFO, timespan="P7D"))
    assert dict(ask.query.parameters) == {"Query": "DeviceInfo", "Timespan": "P7D", "wait_for_quota": 120}
    assert "Timespan" not in dict(HUNTING_QUERY_INFO.asks(options_of(HUNTING_QUERY_INFO))[0].query.parameters)


def test_values_get_the_type_of_their_column():
    schema = {"A": "String", "B": "Int64", "C": "SByte", "D": "Object", "E": "Double", "F": "DateTime", "G": "Guid"}
    row = {"A": "1", "B": "7", "C": 1, "D": '{"a": [1]}', "E": "1.5", "F": "2026-09-01T00:00:00Z", "G": None}
    result = hunted(schema, row, {"A": None, "B": None, "C": 0, "D": "{broken", "E": 2, "F": None, "G": "x", "H": 1})
    assert result["rows"] == [
        {"A": "1", "B": 7, "C": True, "D": {"a": [1]}, "E": 1.5, "F": "2026-09-01T00:00:00Z", "G": None},
        {"A": None, "B": None, "C": False, "D": "{broken", "E": 2, "F": None, "G": "x", "H": 1},
    ]
    assert result["schema"][1] == {"name": "B", "type": "Int64"} and result["waited"] == 2


def test_the_other_spelling_of_the_columns_is_understood():
    result = told(HUNTING_QUERY_INFO, [{"schema": [{"Name": "A", "Type": "Int64"}], "results": [{"A": "1"}], "waited": 0}])
    assert result["schema"] == [{"name": "A", "type": "Int64"}] and result["rows"] == [{"A": 1}]


def test_there_may_be_more_rows():
    rows = [{"A": number} for number in range(5)]
    result = hunted({"A": "Int64"}, *rows, most=3)
    assert (result["count"], result["found"], result["more"], result["rows"]) == (3, 5, True, rows[:3])
    assert hunted({"A": "Int64"}, *rows, most=5)["more"] is False
    all_that_is_given = [{"A": 1}] * 100_000
    assert hunted({"A": "Int64"}, *all_that_is_given, most=100_000)["more"] is True, "there may be more than the service gives"


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("DeviceInfo", "comes with Defender for Endpoint,"),
        ("DeviceTvmSoftwareInventory", "Vulnerability Management"),
        ("EmailEvents", "Defender for Office 365 plan 2"),
        ("IdentityLogonEvents", "Defender for Identity,"),
        ("CloudAppEvents", "Defender for Cloud Apps"),
        ("Nonsense", "There is no table Nonsense"),
    ],
)
def test_a_missing_table_says_what_would_bring_it(table, words):
    said = f"'take' operator: Failed to resolve table or column expression named '{table}'. Fix semantic errors in your query"
    with pytest.raises(Refused) as caught:
        told(HUNTING_QUERY_INFO, Refused(said, status=400))
    assert words in caught.value.hint and said in caught.value.message


def test_another_refusal_is_told_in_the_words_of_the_service():
    said = "'where' operator: Failed to resolve scalar expression named 'x'"
    assert workload_of(said) == ""
    with pytest.raises(Refused) as caught:
        told(HUNTING_QUERY_INFO, Refused(said, status=400))
    assert said in caught.value.message and "mend it" in caught.value.hint
    with pytest.raises(Unavailable) as caught:
        told(HUNTING_QUERY_INFO, Unavailable("used up", status=429, hint="Try again at"))
    assert caught.value.hint == "Try again at"


def test_longer_beginnings_of_names_come_first():
    starts = [start for start, dummy in WORKLOADS]
    for place, start in enumerate(starts):
        assert not [one for one in starts[:place] if start.startswith(one)], start


@pytest.mark.parametrize(
    ("timespan", "good"),
    [
        *[(one, True) for one in ("P7D", "PT12H", "P1DT2H3M4S", "2026-09-01", "2026-09-01T08:00:00Z", "2026-09-01/2026-09-02")],
        *[(one, True) for one in ("P30D/2026-09-15T08:00:00Z", "2026-09-01T08:00:00Z/P30D")],
        *[(one, False) for one in ("P", "PT", "7d", "30 days", "P7D/P7D", "2026-09-01/", "yesterday", "P7D'")],
    ],
)
def test_forms_of_a_timespan(timespan, good):
    assert (HUNTING_QUERY_INFO.wrong(options_of(HUNTING_QUERY_INFO, timespan=timespan)) == []) is good


@pytest.mark.parametrize(
    ("given", "words"),
    [({"query": " \n"}, "query"), ({"most": 0}, "most"), ({"most": 100_001}, "most"), ({"wait_for_quota": -1}, "wait_for_quota")],
)
def test_bad_input_of_a_query(given, words):
    assert words in "; ".join(HUNTING_QUERY_INFO.wrong(options_of(HUNTING_QUERY_INFO, **given)))


# ---------------------------------------------------------------- the audit log


def record(number, **more):
    row = {
        "id": f"r{number}",
        "createdDateTime": f"2026-09-{number:02}T00:00:00Z",
        "auditLogRecordType": "airAdminActionInvestigation",
        "operation": "AirAdminActionInvestigationData",
        "userPrincipalName": "alex@contoso.com",
        "userType": "admin",
        "objectId": "urn:x",
        "auditData": {},
    }
    return {**row, **more}


def test_a_search_is_narrow():
    options = options_of(AUDIT_INFO, users=["alex@contoso.com"], operations=["x"], record_types=["AirInvestigation", "MSDEResponseActions"])
    (ask,) = audit_info.asks(options, lambda: NOW)
    assert dict(ask.query.parameters) == {
        "displayName": "m365.defender audit_info",
        "filterStartDateTime": "2026-09-08T12:00:00Z",
        "filterEndDateTime": "2026-09-15T12:00:00Z",
        "recordTypeFilters": ("airInvestigation", "msdeResponseActions"),
        "operationFilters": ("x",),
        "userPrincipalNameFilters": ("alex@contoso.com",),
        "wait_for_search": 600,
    }
    assert ask.query.most == 501
    (ask,) = audit_info.asks(options_of(AUDIT_INFO, since="2026-01-01T00:00:00Z", until="2026-02-01T00:00:00Z"), lambda: NOW)
    asked = dict(ask.query.parameters)
    assert (asked["filterStartDateTime"], asked["filterEndDateTime"]) == ("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z")
    assert asked["recordTypeFilters"] == tuple(RECORD_TYPES[name] for name in audit_info.DECISIONS)
    assert "operationFilters" not in asked


def test_who_decided_what():
    actions = [
        '{"ActionType": "SoftDeleteEmail", "ActionStatus": "Completed", "ActionApproval": "Approved"}',
        "no JSON",
        {"ActionType": "x"},
    ]
    row = record(
        1, auditData={"InvestigationName": "Mail with malicious urls", "Status": "Remediated", "Actions": actions, "Comment": "yes"}
    )
    result = told(
        AUDIT_INFO, [row, record(2, userPrincipalName=None, userId="Office365", userType="system", auditData='{"DeviceName": "pc1"}')]
    )
    newest, older = result["records"]
    assert (older["who"], older["by_person"], older["record_type"]) == ("alex@contoso.com", True, "AirAdminActionInvestigation")
    assert (older["target"], older["status"], older["comment"]) == ("Mail with malicious urls", "Remediated", "yes")
    assert older["actions"] == [
        {"type": "SoftDeleteEmail", "status": "Completed", "approval": "Approved"},
        {"type": "x", "status": "", "approval": ""},
    ]
    assert (newest["who"], newest["by_person"], newest["target"]) == ("Office365", False, "pc1")
    assert result["by_person"] == {"alex@contoso.com": 1} and result["by_record_type"] == {"AirAdminActionInvestigation": 2}
    assert "details" not in older


def test_details_are_shown_on_request_and_odd_records_do_no_harm():
    (shown,) = told(AUDIT_INFO, [record(1, auditData="no JSON", auditLogRecordType="SomethingNew")], details=True)["records"]
    assert (shown["details"], shown["target"], shown["record_type"]) == ({}, "urn:x", "SomethingNew")
    (shown,) = told(AUDIT_INFO, [{"auditData": {"Actions": "{}", "Status": None}}])["records"]
    assert shown["who"] == "" and shown["actions"] == [{"type": "", "status": "", "approval": ""}]
    result = told(AUDIT_INFO, [record(number) for number in range(1, 4)], most=2)
    assert (result["count"], result["more"]) == (2, True)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"record_types": []}, "record_types"),
        ({"days": 366}, "days"),
        ({"since": "x"}, "since must be a UTC time"),
        ({"since": "2026-02-01T00:00:00Z", "until": "2026-01-01T00:00:00Z"}, "since must lie before until"),
        ({"most": 0}, "most"),
        ({"wait_for_search": 5}, "wait_for_search"),
        ({"record_types": ["AirInvestigation", "Mail"]}, "record_types has Mail, which is none of AirInvestigation, "),
    ],
)
def test_bad_input_of_a_search(given, words):
    assert words in "; ".join(AUDIT_INFO.wrong(options_of(AUDIT_INFO, **given)))
    assert AUDIT_INFO.wrong(options_of(AUDIT_INFO, cloud="gcc")) == []


def test_record_types_may_be_written_in_any_case():
    given = options_of(AUDIT_INFO, record_types=["airinvestigation", "MDATPAUDIT", "MDATPAudit"])
    assert AUDIT_INFO.wrong(given) == []
    (asked,) = AUDIT_INFO.asks(given)
    assert dict(asked.query.parameters)["recordTypeFilters"] == ("airInvestigation", "mdatpAudit")
