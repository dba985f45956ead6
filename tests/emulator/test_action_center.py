# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The portal's Action center: its lists as they were captured, and the invented way to decide."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from emulator import action_center
from emulator.invented import action_center as invented
from emulator.service import Answer
from tests.emulator.direct import Direct

PLACE = "/apiproxy/mtp/actionCenter/actioncenterui/"
COMMON = {"useMtpApi": "true", "pageIndex": "1", "pageSize": "100", "sortByField": "eventTime", "sortOrder": "Descending"}
INVOICE, UPDATER, MAIL, LATE, TOOLBAR = (f"abababab-0000-4000-8000-00000000020{digit}" for digit in (1, 2, 3, 4, 5))


@pytest.fixture
def lived_in() -> Direct:
    return Direct("lived_in")


def moment(direct: Direct, days: int) -> str:
    return (direct.tenant.clock() + timedelta(days=days)).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def listed(direct: Direct, kind: str, key: str = "portal_session", **changed: Any) -> Answer:
    query: dict[str, Any] = {"type": kind, **COMMON}
    if kind == "history":
        query.update(fromDate=moment(direct, -90), toDate=moment(direct, 1))
    query = {name: value for name, value in {**query, **changed}.items() if value is not None}
    return direct.browser(key).send("GET", f"{PLACE}{kind}-actions/?{urlencode(query)}")


def rows(direct: Direct, kind: str, **changed: Any) -> list[dict[str, Any]]:
    answer = listed(direct, kind, **changed)
    assert answer.status == 200, answer.body
    return list(answer.body["Results"])


def decide(direct: Direct, decision: str, action: str, key: str = "portal_session", **changed: Any) -> Answer:
    investigation = next((row["InvestigationId"] for row in rows(direct, "pending") if row["ActionId"] == action), None)
    body = {"Decision": decision, "ActionId": action, "InvestigationId": investigation, "Comment": "Seen", **changed}
    return direct.browser(key).send("POST", f"/apiproxy/mtp/{invented.DECISIONS}", body)


def undo(direct: Direct, action: str, comment: Any = "Too much") -> Answer:
    return direct.browser().send("POST", f"/apiproxy/mtp/{invented.UNDO}{action}", {"Comment": comment})


def test_a_fresh_tenant_has_empty_lists() -> None:
    direct = Direct()
    for kind in ("pending", "history"):
        assert listed(direct, kind).body == {"Count": 0, "Results": []}


def test_items_have_the_captured_members_and_times_without_a_zone(lived_in: Direct) -> None:
    for row in rows(lived_in, "pending") + rows(lived_in, "history"):
        assert set(row) - {"UserPrincipalName", "ActionAutomationType"} == set(action_center.ITEM)
        assert not str(row["StartTime"]).endswith("Z")
    assert {row["ActionId"] for row in rows(lived_in, "pending")} == {INVOICE, UPDATER, MAIL}
    captured = next(row for row in rows(lived_in, "history") if row["ActionType"] == "IsolateResponse")
    assert (captured["ActionStatus"], captured["ActionSource"], captured["Product"]) == ("Completed", "PublicApi", "MDE")


def test_pages_and_order(lived_in: Direct) -> None:
    every = [row["ActionId"] for row in rows(lived_in, "pending")]
    assert every == [UPDATER, INVOICE, MAIL]
    assert [row["ActionId"] for row in rows(lived_in, "pending", sortOrder="Ascending")] == every[::-1]
    pages = [listed(lived_in, "pending", pageIndex=str(page), pageSize="2").body for page in (1, 2, 3)]
    assert [page["Count"] for page in pages] == [3, 3, 3]
    assert [[row["ActionId"] for row in page["Results"]] for page in pages] == [every[:2], every[2:], []]
    assert [row["ActionId"] for row in rows(lived_in, "pending", sortByField="entityType", sortOrder="Ascending")][-1] == MAIL


WRONG = (
    {"type": None},
    {"type": "history"},
    {"useMtpApi": "false"},
    {"pageIndex": "0"},
    {"pageIndex": "first"},
    {"pageSize": "5000"},
    {"sortByField": "title"},
    {"sortOrder": "Desc"},
    {"filter": "x"},
    {"fromDate": "2026-01-01T00:00:00.000Z"},
)


@pytest.mark.parametrize("changed", WRONG, ids=str)
def test_other_queries_are_refused(lived_in: Direct, changed: dict[str, Any]) -> None:
    assert listed(lived_in, "pending", **changed).status == 400


def test_the_history_is_asked_for_six_months_at_most(lived_in: Direct) -> None:
    assert {row["ActionId"] for row in rows(lived_in, "history", fromDate=moment(lived_in, -3))} >= {LATE}
    assert TOOLBAR not in {row["ActionId"] for row in rows(lived_in, "history", fromDate=moment(lived_in, -3))}
    for changed in ({"fromDate": moment(lived_in, -200)}, {"toDate": moment(lived_in, -100)}, {"fromDate": "yesterday"}, {"toDate": None}):
        assert listed(lived_in, "history", **changed).status == 400


def test_what_nobody_decided_in_seven_days_counts_as_rejected(lived_in: Direct) -> None:
    assert LATE not in {row["ActionId"] for row in rows(lived_in, "pending")}
    (row,) = [row for row in rows(lived_in, "history") if row["ActionId"] == LATE]
    assert (row["ActionDecision"], row["ActionStatus"]) == ("Declined", "TimedOut")


@pytest.mark.parametrize(("decision", "word", "evidence"), [("Approve", "Approved", "remediated"), ("Reject", "Declined", "declined")])
def test_a_decision_moves_an_action_and_its_alert(lived_in: Direct, decision: str, word: str, evidence: str) -> None:
    assert decide(lived_in, decision, MAIL).status == 200
    assert MAIL not in {row["ActionId"] for row in rows(lived_in, "pending")}
    (row,) = [row for row in rows(lived_in, "history") if row["ActionId"] == MAIL]
    assert (row["ActionDecision"], row["Comment"], row["DecidedBy"]) == (word, "Seen", f"security.administrator@{lived_in.tenant.domain}")
    alert = lived_in.graph("security/alerts_v2/fa000000-0000-4000-8000-000000000202").body
    assert alert["investigationState"] != "pendingApproval"
    assert [item["remediationStatus"] for item in alert["evidence"]] == [evidence]
    waiting = lived_in.graph("security/incidents?$filter=status eq 'awaitingAction'").body["value"]
    assert [row["id"] for row in waiting] == ["201"]
    assert decide(lived_in, decision, MAIL).status == 409


def test_a_decision_that_is_not_right_changes_nothing(lived_in: Direct) -> None:
    assert decide(lived_in, "Approve", INVOICE, key="portal_session_reader").status == 403
    assert decide(lived_in, "Approve", INVOICE, InvestigationId="1").status == 400
    assert decide(lived_in, "Maybe", INVOICE).status == 400
    assert decide(lived_in, "Approve", INVOICE, More=1).status == 400
    assert decide(lived_in, "Approve", INVOICE, Comment=None).status == 400
    assert decide(lived_in, "Approve", "abababab-0000-4000-8000-000000000999").status == 404
    assert len(rows(lived_in, "pending")) == 3


def test_what_was_done_is_undone_once_if_it_can_be(lived_in: Direct) -> None:
    assert undo(lived_in, TOOLBAR).status == 200
    (row,) = [row for row in rows(lived_in, "history") if row["ActionId"] == TOOLBAR]
    assert (row["ActionStatus"], row["Comment"]) == ("Undone", "Too much")
    assert undo(lived_in, TOOLBAR).status == 409
    package = next(row["ActionId"] for row in rows(lived_in, "history") if row["ActionType"].startswith("Collect"))
    assert undo(lived_in, package).status == 409
    assert undo(lived_in, INVOICE).status == 404
    assert undo(lived_in, TOOLBAR, comment=7).status == 400
