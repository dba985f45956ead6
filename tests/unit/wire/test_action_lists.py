# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Action center's lists: every page, each item once, and nothing said of a list that can't be read in peace."""

from __future__ import annotations

import pytest

from ansible_collections.m365.defender.plugins.module_utils._errors import SignInFailed, TenantError, Unavailable
from ansible_collections.m365.defender.plugins.module_utils._resource import Query
from tests.unit.wire.scripted import Told

PENDING = Query("pending_actions")
NOUN = "portal.pending_actions"
PLACE = "*/pending-actions/"


def items(number, start=0):
    return [
        {"ActionId": f"action {place:04d}", "StartTime": "{ago:1d}", "EventTime": "{ago:1d}", "ActionStatus": "Pending"}
        for place in range(start, start + number)
    ]


@pytest.fixture
def store(emulated, connect):
    return connect(emulated, portal_session=emulated.portal_session).store("portal")


def asked(emulated):
    return [entry for entry in emulated.journal() if "pending-actions" in entry["url"]]


@pytest.mark.parametrize(("number", "pages"), [(0, 1), (1, 1), (100, 1), (101, 2), (250, 3)])
def test_every_page_and_no_more(emulated, store, number, pages):
    emulated.put_state(NOUN, items(number))
    rows = store.read([PENDING])[PENDING]
    assert {row["ActionId"] for row in rows} == {row["ActionId"] for row in items(number)}
    assert len(rows) == number
    assert len(asked(emulated)) == pages


def test_a_list_that_changes_between_two_pages_is_read_anew(emulated, store):
    emulated.put_state(NOUN, items(150))
    emulated.fault(kind="edit", match={"service": "portal", "path": PLACE}, skip=1, do={"state": {NOUN: items(120, 20)}})
    rows = store.read([PENDING])[PENDING]
    assert len({row["ActionId"] for row in rows}) == len(rows) == 120
    assert len(asked(emulated)) == 4


def test_a_list_that_never_keeps_still_is_not_known(emulated, store):
    emulated.put_state(NOUN, items(150))
    for turn in range(3):
        emulated.fault(kind="edit", match={"service": "portal", "path": PLACE}, skip=1 + 2 * turn, do={"state": {NOUN: items(151 + turn)}})
    error = store.read([PENDING])[PENDING]
    assert isinstance(error, Unavailable)
    assert "changed each time" in error.text


def test_the_history_is_asked_between_two_moments(emulated, store):
    span = (("fromDate", "2026-01-01T00:00:00.000Z"), ("toDate", "2026-03-01T00:00:00.000Z"))
    assert store.read([Query("history_actions", span)])[Query("history_actions", span)] == []
    too_long = (span[0], ("toDate", "2026-12-01T00:00:00.000Z"))
    error = store.read([Query("history_actions", too_long)])[Query("history_actions", too_long)]
    assert isinstance(error, TenantError)
    assert "six months" in error.text


def test_a_session_that_ended_is_an_error_and_no_empty_list(emulated, store):
    emulated.fault(kind="expire", match={"service": "portal"}, times=None)
    found = store.read([PENDING])[PENDING]
    assert isinstance(found, SignInFailed)


def test_somebody_limited_to_device_groups_is_not_warned_of_groups(emulated, connect):
    tenant = connect(emulated, portal_session=emulated.portal_session_scoped)
    tenant.store("portal").read([PENDING])
    assert tenant.warnings == []


@pytest.mark.parametrize("body", [[], {}, {"Count": 1}, {"Results": []}, {"Count": "1", "Results": []}], ids=str)
def test_an_answer_of_another_form_is_no_empty_list(emulated, connect, scripted, body):
    context = {"AuthInfo": {"TenantId": emulated.tenant_id}, "IsExposedToAllMachineGroups": True}
    server = scripted(Told(body=context), Told(body=body))
    tenant = connect(emulated, portal_session=emulated.portal_session, endpoint=server.url, ca_path=None)
    found = tenant.store("portal").read([PENDING])[PENDING]
    assert isinstance(found, TenantError)
    assert "without Results and Count" in found.text
