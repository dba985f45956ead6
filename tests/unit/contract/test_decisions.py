# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Deciding in the Action center: only by a form, only what was meant, once, and never claimed without the lists showing it."""

from __future__ import annotations

import json

import pytest

from ansible_collections.m365.defender.plugins.module_utils._decisions import PENDING_ACTION
from emulator.invented import action_center as invented

INVOICE, UPDATER, MAIL, LATE, TOOLBAR = (f"abababab-0000-4000-8000-00000000020{digit}" for digit in (1, 2, 3, 4, 5))
ISOLATION, PACKAGE = "bbbbbbbb-0000-4000-8000-000000000204", "bbbbbbbb-0000-4000-8000-000000000203"
PLACE = "/apiproxy/mtp/"
PENDING, HISTORY = "portal.pending_actions", "portal.history_actions"


def decision(word):
    body = {"Decision": word, "ActionId": "{action_id}", "InvestigationId": "{investigation_id}", "Comment": "{comment}"}
    return {"method": "POST", "path": PLACE + invented.DECISIONS, "body": body}


FORM = {
    "version": 1,
    "host": "security.microsoft.com",
    "requests": {
        "approve": decision("Approve"),
        "reject": decision("Reject"),
        "undo": {"method": "POST", "path": PLACE + invented.UNDO + "{action_id}", "body": {"Comment": "{comment}"}},
    },
}


def run(bench, word="approve", *, check=False, identity="writer", connection=None, **options):
    given = {"decision": word, "form": FORM, **options}
    return bench.perform(PENDING_ACTION, given, check=check, identity=identity, **(connection or {}))


def posts(bench):
    return [entry for entry in bench.tenant.journal() if entry["method"] != "GET" and "/apiproxy/" in entry["url"]]


def waiting(bench):
    """What waits, without what lapsed."""
    return {row["ActionId"] for row in bench.tenant.state(PENDING)} - {LATE}


def failed(result, kind, word=""):
    assert result.get("failed"), result
    assert (result["failure"]["kind"], word in result["msg"]) == (kind, True), result["msg"]
    assert result["failure"]["hint"]


@pytest.mark.parametrize(("word", "said"), [("approve", "Approved"), ("reject", "Declined")])
def test_one_action_is_decided_once(lived_in, word, said):
    foretold = run(lived_in, word, ids=[INVOICE], comment="Seen", check=True)
    assert posts(lived_in) == []
    done = run(lived_in, word, ids=[INVOICE], comment="Seen")
    for key in ("changed", "operations", "diff"):
        assert foretold[key] == done[key], key
    assert done["changed"] is True and done["operations"] == [
        f"{word.capitalize()}-PendingAction QuarantineFileResponse invoice.exe ({INVOICE})"
    ]
    (action,) = done["actions"]
    assert (action["state"], action["decision"]) == ("decided", said)
    assert action["decided_by"].startswith("security.administrator@")
    (sent,) = posts(lived_in)
    assert sent["body"] == {"Decision": word.capitalize(), "ActionId": INVOICE, "InvestigationId": "2011", "Comment": "Seen"}
    assert waiting(lived_in) == {UPDATER, MAIL}
    again = run(lived_in, word, ids=[INVOICE.upper()], comment="Seen")
    assert (again["changed"], again["operations"], again["diff"]) == (False, [], [])
    assert again["actions"][0]["state"] == "already"
    assert len(posts(lived_in)) == 1


def test_several_of_one_type_by_a_filter(lived_in):
    result = run(lived_in, action_type="quarantinefileresponse", device=f"LAPTOP-02.corp.{lived_in.tenant.custom_domain}")
    assert len(result["operations"]) == 2 and {one["id"] for one in result["actions"]} == {INVOICE, UPDATER}
    assert waiting(lived_in) == {MAIL}
    again = run(lived_in, action_type="QuarantineFileResponse")
    assert (again["changed"], again["actions"]) == (False, [])


def test_filters_meet(lived_in):
    for options, ids in (
        ({"investigation_id": "2021"}, {MAIL}),
        ({"product": "Microsoft Defender for Office 365"}, {MAIL}),
        ({"entity_type": "file", "older_than_days": 0.19}, {INVOICE}),
        ({"entity_type": "file", "older_than_days": 3}, set()),
    ):
        assert {one["id"] for one in run(lived_in, check=True, **options)["actions"]} == ids, options


@pytest.mark.parametrize("options", [{"ids": [INVOICE, MAIL]}, {"investigation_id": ""}], ids=str)
def test_several_types_are_refused(lived_in, options):
    if not options.get("ids"):
        lived_in.tenant.put_state(PENDING, [{**row, "InvestigationId": "1"} for row in lived_in.tenant.state(PENDING)])
        options = {"investigation_id": "1"}
    failed(run(lived_in, **options), "refused", "2 types")
    assert posts(lived_in) == []


def test_ids_that_are_nowhere(lived_in):
    failed(run(lived_in, ids=[INVOICE, "no-such-id"]), "not_found", "no-such-id")
    failed(run(lived_in, "undo", ids=["no-such-id"]), "not_found", "no-such-id")
    assert posts(lived_in) == []


def test_what_was_decided_otherwise_is_refused(lived_in):
    assert run(lived_in, "approve", ids=[INVOICE])["changed"]
    failed(run(lived_in, "reject", ids=[INVOICE]), "refused", "decided otherwise by security.administrator@")
    failed(run(lived_in, "approve", ids=[LATE]), "refused", "Declined TimedOut")
    assert run(lived_in, "reject", ids=[LATE])["changed"] is False, "what lapsed counts as rejected"


def test_words_that_nobody_knows_are_ok_with_a_warning(lived_in):
    rows = [{**row, "ActionDecision": "Handled", "ActionStatus": "Elsewhere"} for row in lived_in.tenant.state(HISTORY)]
    lived_in.tenant.put_state(HISTORY, rows)
    result = run(lived_in, ids=[TOOLBAR], days=60)
    assert result["changed"] is False
    assert "Handled Elsewhere" in result["warnings"][0]


def test_undoing(lived_in):
    foretold = run(lived_in, "undo", ids=[TOOLBAR], days=60, check=True)
    done = run(lived_in, "undo", ids=[TOOLBAR], days=60, comment="A false alarm")
    assert foretold["operations"] == done["operations"] == [f"Undo-PendingAction QuarantineFileResponse toolbar.exe ({TOOLBAR})"]
    assert (done["actions"][0]["status"], done["diff"][0]["after"]) == ("Undone", {"state": "undone"})
    assert run(lived_in, "undo", ids=[TOOLBAR], days=60)["changed"] is False
    failed(run(lived_in, "undo", ids=[INVOICE]), "refused", "not done yet")
    failed(run(lived_in, "undo", ids=[PACKAGE]), "refused", "can't be undone")
    assert run(lived_in, "undo", action_type="CollectInvestigationPackageResponse")["actions"] == []
    assert run(lived_in, "undo", action_type="IsolateResponse")["actions"][0]["id"] == ISOLATION


# ---------------------------------------------------------------- without a form, without a session, with a wrong one


def test_without_a_form_it_is_manual(lived_in):
    result = run(lived_in, form=None, ids=[INVOICE])
    failed(result, "manual", "invoice.exe")
    assert "https://security.microsoft.com/action-center/pending" in result["failure"]["hint"]
    listed = run(lived_in, form=None, action_type="QuarantineFileResponse", check=True)
    assert (listed["changed"], listed["operations"]) == (False, [])
    assert [(one["id"], one["state"]) for one in listed["actions"]] == [(UPDATER, "by_hand"), (INVOICE, "by_hand")]
    assert "would fail" in listed["warnings"][0]
    assert posts(lived_in) == []


def test_without_a_form_there_may_be_nothing_to_do(lived_in):
    assert run(lived_in, form=None, action_type="NoSuchType")["changed"] is False
    assert run(lived_in, "reject", form=None, ids=[LATE])["changed"] is False


@pytest.mark.parametrize("form", [FORM, None])
def test_without_a_session_it_is_manual(lived_in, form):
    for check in (False, True):
        failed(run(lived_in, form=form, ids=[INVOICE], check=check, connection={"portal_session": None}), "manual", "portal_session")


def test_a_session_of_another_tenant_sends_nothing(bench, lived_in):
    result = run(lived_in, ids=[INVOICE], connection={"portal_session": bench.tenant.portal_session})
    failed(result, "refused", "belongs to the tenant")
    assert posts(lived_in) == posts(bench) == []


def test_a_form_of_another_portal_is_refused(lived_in):
    failed(run(lived_in, form={**FORM, "host": "security.microsoft.us"}, ids=[INVOICE]), "bad_input", "security.microsoft.us")
    failed(run(lived_in, form={**FORM, "host": "contoso.com"}, ids=[INVOICE]), "bad_input", "contoso.com")
    assert not [entry for entry in lived_in.tenant.journal() if "/apiproxy/" in entry["url"]]


def test_a_form_without_the_decision_or_the_comment(lived_in):
    only = {**FORM, "requests": {"approve": FORM["requests"]["approve"]}}
    failed(run(lived_in, "undo", form=only, ids=[TOOLBAR]), "bad_input", "only for approve")
    silent = {"method": "POST", "path": PLACE + "x/{action_id}"}
    failed(run(lived_in, form={**FORM, "requests": {"approve": silent}}, ids=[INVOICE], comment="x"), "bad_input", "no place for a comment")
    assert not [entry for entry in lived_in.tenant.journal() if "/apiproxy/" in entry["url"]]


def test_a_form_that_tells_actions_apart_by_what_they_share(lived_in):
    shared = {"method": "POST", "path": PLACE + "x/{investigation_id}", "body": {"at": "{now}", "id": "{new_id}"}}
    form = {**FORM, "requests": {"approve": shared}}
    failed(run(lived_in, form=form, ids=[INVOICE]), "refused", "updater.exe")
    both = run(lived_in, form=form, ids=[INVOICE, UPDATER], check=True)
    assert len(both["operations"]) == 1, "one request is meant for both"
    assert posts(lived_in) == []


def test_a_form_that_needs_what_the_list_does_not_tell(lived_in):
    form = {**FORM, "requests": {"approve": {"method": "POST", "path": PLACE + "x/{bulk_id}"}}}
    failed(run(lived_in, form=form, ids=[INVOICE]), "refused", "bulk_id")
    assert posts(lived_in) == []


def test_a_form_that_the_portal_does_not_take(lived_in):
    form = {**FORM, "requests": {"approve": {"method": "POST", "path": PLACE + "x/{action_id}"}}}
    result = run(lived_in, form=form, ids=[INVOICE])
    failed(result, "not_found")
    assert result["changed"] is False and len(posts(lived_in)) == 1


def test_a_form_from_a_file(lived_in, tmp_path):
    for name, text in (("form.json", json.dumps(FORM)), ("form.yml", "version: 1\nhost: security.microsoft.com\nrequests: {}\n")):
        (tmp_path / name).write_text(text)
    assert run(lived_in, form=None, form_file=str(tmp_path / "form.json"), ids=[INVOICE], check=True)["changed"]
    failed(run(lived_in, form=None, form_file=str(tmp_path / "form.yml"), ids=[INVOICE]), "bad_input", "at least one decision")
    failed(run(lived_in, form=None, form_file=str(tmp_path / "none.yml"), ids=[INVOICE]), "bad_input", "No such file")
    (tmp_path / "bad").write_text("{[")
    failed(run(lived_in, form=None, form_file=str(tmp_path / "bad"), ids=[INVOICE]), "bad_input", "no JSON and no YAML")
    (tmp_path / "empty").write_text("")
    failed(run(lived_in, form=None, form_file=str(tmp_path / "empty"), ids=[INVOICE]), "bad_input", "no mapping")


WRONG = (
    {},
    {"ids": []},
    {"older_than_days": 3.0},
    {"ids": [" "]},
    {"ids": [INVOICE], "device": "x"},
    {"ids": [INVOICE], "days": 0},
    {"ids": [INVOICE], "days": 200},
    {"ids": [INVOICE], "form_file": "x"},
    {"ids": [INVOICE], "comment": "x" * 1025},
    {"ids": [INVOICE], "form": {"version": 2}},
)


@pytest.mark.parametrize("options", WRONG, ids=str)
def test_wrong_options_are_refused_before_anything_is_sent(lived_in, options):
    failed(run(lived_in, **options), "bad_input")
    assert lived_in.tenant.journal() == []


# ---------------------------------------------------------------- what goes wrong


def test_who_may_not_is_told_what_it_takes(lived_in):
    result = run(lived_in, ids=[INVOICE], connection={"portal_session": lived_in.tenant.portal_session_reader})
    failed(result, "forbidden")
    assert "Search and Purge" in result["failure"]["hint"]
    assert waiting(lived_in) == {INVOICE, UPDATER, MAIL}


def test_somebody_who_sees_some_device_groups_is_told_so(lived_in):
    result = run(lived_in, ids=[INVOICE], check=True, connection={"portal_session": lived_in.tenant.portal_session_scoped})
    assert "some device groups" in result["warnings"][0]
    assert "warnings" not in run(lived_in, ids=[INVOICE], check=True)


def test_a_lag_is_waited_for(lived_in):
    lived_in.tenant.fault(kind="lag", match={"service": "portal"}, reads=3)
    result = run(lived_in, ids=[INVOICE])
    assert result["changed"] and not result.get("failed")
    assert lived_in.waits


def test_what_never_shows_fails_and_is_not_claimed_as_seen(lived_in):
    lived_in.tenant.fault(kind="lag", match={"service": "portal"}, reads=1000)
    result = run(lived_in, ids=[INVOICE], connection={"read_back_timeout": 20})
    failed(result, "not_read_back", "does not show")
    assert result["operations"], "it was sent, and that is said"


def test_a_history_that_lags_is_said(lived_in):
    lived_in.tenant.put_state(HISTORY, [])
    lived_in.tenant.fault(
        kind="edit", match={"service": "portal", "path": "*/invented/decisions"}, when="after", do={"state": {HISTORY: []}}
    )
    result = run(lived_in, ids=[INVOICE])
    assert result["changed"] and "does not say yet" in result["warnings"][0]


def test_an_answer_that_was_lost_is_looked_for(lived_in):
    lived_in.tenant.fault(kind="reset", match={"service": "portal", "method": "POST"}, times=1, when="after")
    result = run(lived_in, ids=[INVOICE])
    assert result["changed"] and not result.get("failed")
    assert len(posts(lived_in)) == 1


def test_a_request_that_was_lost_is_not_repeated(lived_in):
    lived_in.tenant.fault(kind="reset", match={"service": "portal", "method": "POST"}, times=1)
    result = run(lived_in, ids=[INVOICE])
    failed(result, "outcome_unknown")
    assert result["changed"] is False and INVOICE in waiting(lived_in)
    assert len([entry for entry in posts(lived_in) if entry["status"] != 0]) == 0


def test_somebody_who_was_faster(lived_in):
    (row,) = [one for one in lived_in.tenant.state(PENDING) if one["ActionId"] == INVOICE]
    others = [one for one in lived_in.tenant.state(PENDING) if one is not row]
    state = {
        PENDING: [one for one in others if one["ActionId"] != INVOICE],
        HISTORY: [{**row, "ActionDecision": "Approved", "ActionStatus": "Completed", "DecidedBy": "alex@contoso.com"}],
    }
    lived_in.tenant.fault(kind="edit", match={"service": "portal", "method": "POST"}, do={"state": state})
    result = run(lived_in, ids=[INVOICE])
    assert not result.get("failed") and (result["changed"], result["operations"]) == (False, [])
    assert result["actions"][0]["decided_by"] == "alex@contoso.com"


def test_somebody_who_was_faster_and_decided_otherwise(lived_in):
    (row,) = [one for one in lived_in.tenant.state(PENDING) if one["ActionId"] == INVOICE]
    state = {PENDING: [], HISTORY: [{**row, "ActionDecision": "Declined", "ActionStatus": "Declined"}]}
    lived_in.tenant.fault(kind="edit", match={"service": "portal", "method": "POST"}, do={"state": state})
    failed(run(lived_in, ids=[INVOICE]), "not_read_back", "otherwise")


def test_a_session_that_timed_out_is_renewed(lived_in):
    lived_in.tenant.fault(kind="expire", match={"service": "portal", "method": "POST"}, times=1)
    assert run(lived_in, ids=[INVOICE])["changed"]


def test_the_second_of_two_fails(lived_in):
    lived_in.tenant.fault(kind="unavailable", match={"service": "portal", "method": "POST"}, skip=1, times=None, status=403)
    result = run(lived_in, action_type="QuarantineFileResponse")
    failed(result, "forbidden")
    assert result["changed"] is True and len(result["operations"]) == 1


def test_the_limit_and_the_expected_domain_hold(lived_in):
    for connection, word in (({"max_writes_per_tenant": 1}, "max_writes_per_tenant"), ({"expected_domain": "adatum.com"}, "adatum.com")):
        failed(run(lived_in, action_type="QuarantineFileResponse", connection=connection), "refused", word)
    assert posts(lived_in) == []


def test_it_is_recorded_without_the_session(lived_in, tmp_path):
    result = run(lived_in, ids=[INVOICE], comment="Seen", connection={"ledger": str(tmp_path / "ledger")})
    assert result["changed"]
    (place,) = (tmp_path / "ledger").iterdir()
    text = (place / "operations.jsonl").read_text()
    planned, done = map(json.loads, text.splitlines())
    assert planned["plan"] == [
        {"kind": "pending_action", "before": {"id": INVOICE, "state": "waiting"}, "after": {"id": INVOICE, "state": "approved"}}
    ]
    assert done["operation"] == result["operations"][0] and done["request_id"] and done["parameters"]["body"]["Comment"] == "Seen"
    for secret in lived_in.tenant.portal_session.values():
        assert secret not in text
