# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The portal: a session that is somebody's, and a list that is written whole without losing what others did."""

from __future__ import annotations

import pytest

from ansible_collections.m365.defender.plugins.module_utils import _portal
from ansible_collections.m365.defender.plugins.module_utils._errors import (
    AlreadyExists,
    BadInput,
    Forbidden,
    ListChanged,
    NotFound,
    NotReadBack,
    OutcomeUnknown,
    Refused,
    SignInFailed,
    TenantError,
    Unavailable,
)
from ansible_collections.m365.defender.plugins.module_utils._portal_sign_in import PortalSession
from ansible_collections.m365.defender.plugins.module_utils._resource import Operation, Query
from ansible_collections.m365.defender.plugins.module_utils._token_files import TokenFiles
from ansible_collections.m365.defender.plugins.module_utils._whole_lists import WHOLE_LISTS
from tests.unit.wire.scripted import Told

HOSTS = {"host": "security.microsoft.com", "tenant": "an id"}


def portal_at(transport):
    """A portal with a session that was handed in."""
    given = {"sccauth": "a", "xsrf_token": "b%3D"}
    session = PortalSession(**HOSTS, login="login.microsoftonline.com", given=given, transport=transport, files=TokenFiles(None))
    return _portal.Portal(**HOSTS, session=session, transport=transport)


GROUPS, CONTEXT = Query("machine_groups"), Query("tenant_context")
NOUN = "portal.machine_groups"


@pytest.fixture
def portal(emulated, connect):
    """The store of the portal for a session of the fresh tenant."""

    def make(session="portal_session", **more):
        return connect(emulated, portal_session=getattr(emulated, session), **more).store("portal")

    return make


def rows_of(store):
    rows = store.read([GROUPS])[GROUPS]
    assert isinstance(rows, list), rows
    return rows


def row(store, name):
    return next(one for one in rows_of(store) if one["Name"] == name)


def new(name, level=3, **more):
    return Operation("New", "machine_groups", name, None, {"Name": name, "AutoRemediationLevel": level, **more})


def change(store, name, **parameters):
    return Operation("Set", "machine_groups", name, row(store, name)["MachineGroupId"], parameters)


def puts(emulated):
    return [entry for entry in emulated.journal() if entry["method"] == "PUT"]


def test_reading(portal, emulated):
    store = portal()
    answers = store.read([GROUPS, CONTEXT])
    assert [one["IsUnassignedMachineGroup"] for one in answers[GROUPS]] == [True]
    assert answers[CONTEXT][0]["AuthInfo"]["TenantId"] == emulated.tenant_id
    asked = [entry["url"].partition("?")[0].rsplit("/", 1)[1] for entry in emulated.journal() if "security.microsoft.com" in entry["url"]]
    assert asked == ["TenantContext", "machine_groups"], "whose session it is comes first, once"


def test_the_life_of_a_group(portal, emulated):
    store = portal()
    rules = [{"Property": 2, "OperatorType": 2, "PropertyValue": "servers"}]
    assert store.do(new("Servers", 3, GroupRules=rules))
    assert store.do(new("Kiosks", 1))
    assert [(one["Name"], one["Priority"]) for one in rows_of(store)][:2] == [("Servers", 1), ("Kiosks", 2)]
    store.do(change(store, "Servers", AutoRemediationLevel=0, Description="All of them"))
    assert (row(store, "Servers")["AutoRemediationLevel"], row(store, "Servers")["Description"]) == (0, "All of them")
    kept = [one for one in row(store, "Servers")["GroupRules"] if one["PropertyValue"]]
    assert kept == rules, "what was not named stays"
    store.do(Operation("Order", "machine_groups", order=(("Servers", "Kiosks"), ("Kiosks", "Servers"))))
    assert [one["Name"] for one in rows_of(store)] == ["Kiosks", "Servers", ""]
    store.do(change(store, "", AutoRemediationLevel=2))
    store.do(Operation("Remove", "machine_groups", "Servers", row(store, "Servers")["MachineGroupId"]))
    assert [one["Name"] for one in rows_of(store)] == ["Kiosks", ""]
    assert row(store, "")["AutoRemediationLevel"] == 2
    sent = puts(emulated)
    assert len(sent) == 6
    assert all(isinstance(entry["body"], list) and entry["body"][-1]["IsUnassignedMachineGroup"] for entry in sent)
    assert all(sum(one["MachineGroupId"] == -1 for one in entry["body"]) <= 1 for entry in sent), "one new group in a write at most"


def test_a_new_group_has_everything_that_the_portal_sends(portal, emulated):
    portal().do(new("Servers"))
    (entry,) = puts(emulated)
    assert entry["body"][0].keys() == {*WHOLE_LISTS["machine_groups"].blank, "Priority"}
    assert len(entry["body"][0]["GroupRules"]) == 5


def test_what_somebody_else_did_in_between_stays(portal, emulated):
    store = portal()
    store.do(new("Servers"))
    operation = change(store, "Servers", AutoRemediationLevel=0)
    rows = emulated.state(NOUN)
    rows[0]["Description"] = "set by a colleague"
    rows.insert(1, {**rows[0], "Name": "Laptops", "MachineGroupId": 99, "Priority": 2})
    emulated.put_state(NOUN, rows)
    emulated.clear_journal()
    with pytest.raises(ListChanged, match="Servers is different") as caught:
        store.do(operation)
    assert "Laptops is new" in caught.value.text and not puts(emulated)
    store.read([GROUPS])
    store.do(operation)
    assert (row(store, "Servers")["Description"], row(store, "Servers")["AutoRemediationLevel"]) == ("set by a colleague", 0)
    assert row(store, "Laptops")["MachineGroupId"] == 99


def test_a_list_that_changed_in_between_is_not_put_in_order(portal, emulated):
    store = portal()
    for name in ("Servers", "Kiosks"):
        store.do(new(name))
    emulated.clear_journal()
    with pytest.raises(ListChanged, match="do not stand in the order"):
        store.do(Operation("Order", "machine_groups", order=(("Servers", "Laptops"), ("Laptops", "Servers"))))
    with pytest.raises(NotFound, match="any more"):
        store.do(Operation("Set", "machine_groups", "Laptops", 4711, {"Description": "x"}))
    with pytest.raises(AlreadyExists):
        store.do(new("SERVERS"))
    assert not puts(emulated)


def test_the_list_is_read_until_the_write_shows(portal, emulated, waits):
    emulated.fault(kind="lag", reads=2, match={"service": "portal"})
    store = portal()
    store.do(new("Servers"))
    assert waits == [1.0, 2.0]


def test_a_write_that_never_shows_is_no_success(portal, emulated, waits):
    emulated.fault(kind="lag", reads=1000, match={"service": "portal"})
    with pytest.raises(NotReadBack, match="Servers is missing"):
        portal(read_back_timeout=30).do(new("Servers"))
    assert sum(waits) == 30


def test_a_group_that_got_lost_is_said(portal, emulated):
    store = portal(read_back_timeout=3)
    store.do(new("Servers"))
    store.do(new("Kiosks"))
    without = [one for one in emulated.state(NOUN) if one["Name"] != "Kiosks"]
    emulated.fault(kind="edit", when="after", match={"service": "portal", "method": "PUT"}, do={"state": {NOUN: without}})
    with pytest.raises(NotReadBack, match="Kiosks is missing"):
        store.do(change(store, "Servers", Description="x"))


def test_a_session_of_another_tenant_sends_nothing_else(emulator, emulated, connect):
    other = emulator.tenant("lived_in")
    store = connect(emulated, portal_session=other.portal_session).store("portal")
    for use in (lambda: store.read([GROUPS])[GROUPS], lambda: store.do(new("Servers"))):
        found = None
        try:
            found = use()
        except Refused as error:
            found = error
        assert isinstance(found, Refused) and other.tenant_id in found.text and emulated.tenant_id in found.text
    assert all("TenantContext" in entry["url"] for entry in other.journal() if "security.microsoft.com" in entry["url"])
    other.remove()


def test_a_user_who_sees_only_some_groups_writes_nothing(portal, emulated, connect):
    ours = connect(emulated, portal_session=emulated.portal_session_scoped)
    rows_of(ours.store("portal"))
    assert "only some device groups" in ours.warnings[0]
    with pytest.raises(Refused, match="would lose the others"):
        ours.store("portal").do(new("Servers"))
    assert not puts(emulated)


def test_a_user_without_the_role(portal, emulated):
    with pytest.raises(Forbidden) as caught:
        portal("portal_session_reader").do(new("Servers"))
    assert "Security Administrator" in caught.value.hint and caught.value.tried == "New-machine_groups Servers"


def test_a_licence_that_lacks_device_groups(emulator, connect):
    other = emulator.tenant("business_premium")
    with pytest.raises(Forbidden, match="Defender for Business") as caught:
        connect(other, portal_session=other.portal_session).store("portal").do(new("Servers"))
    assert "the tenant lacks it" in caught.value.hint


def test_without_a_session_the_sentence_says_what_is_missing(emulated, connect):
    with pytest.raises(Forbidden) as caught:
        connect(emulated).store("portal")
    assert "portal_session" in caught.value.text
    assert "https://security.microsoft.com/securitysettings/endpoints/machine_groups" in caught.value.hint


def test_the_token_turns_and_the_session_goes_on(portal, emulated):
    store = portal()
    for number in range(40):
        store.read([GROUPS])
        if number % 10 == 0:
            store.do(new(f"Group {number}"))
    assert len(rows_of(store)) == 5


def test_a_stale_session_is_renewed_once(portal, emulated):
    store = portal()
    rows_of(store)
    emulated.fault(kind="expire", match={"service": "portal", "path": "*machine_groups*"})
    rows_of(store)
    emulated.fault(kind="expire", match={"service": "portal", "method": "PUT"})
    store.do(new("Servers"))


def test_new_cookies_are_secrets(emulated, connect):
    ours = connect(emulated, portal_session=emulated.portal_session)
    before = set(ours.secrets)
    ours.store("portal").do(new("Servers"))
    assert before < set(ours.secrets)
    assert set(emulated.portal_session.values()) <= before


def test_a_session_that_has_ended(emulated, connect):
    session = {"sccauth": "not-a-real-session-0000000000", "xsrf_token": "not-a-real-token-0000000000"}
    with pytest.raises(TenantError) as caught:
        answer = connect(emulated, portal_session=session).store("portal").read([GROUPS])[GROUPS]
        raise answer
    assert isinstance(caught.value, SignInFailed) and "Sign in to the portal" in caught.value.hint


@pytest.mark.parametrize("value", ["a b", "a;b", "a\r\nX: y", "ä", 'a"b', '"a"', "sccauth=a", "SccAuth=a"])
def test_cookies_that_are_none(value, emulated, connect):
    with pytest.raises(BadInput, match="no cookie value") as caught:
        connect(emulated, portal_session={"sccauth": value, "xsrf_token": "x"}).store("portal")
    assert "Give the value alone" in caught.value.hint


def test_blanks_and_line_ends_around_a_cookie_are_none_of_it(emulated, connect):
    session = {name: f" {value}\r\n" for name, value in emulated.portal_session.items()}
    ours = connect(emulated, portal_session=session)
    assert ours.store("portal").read([GROUPS])[GROUPS]
    assert set(emulated.portal_session.values()) <= set(ours.secrets), "what is sent is masked, not only what was given"


@pytest.mark.parametrize(
    ("status", "body", "write", "kind"),
    [
        (302, b"", False, SignInFailed),
        (400, {"error": {"message": "no"}}, True, Refused),
        (403, b"", True, Forbidden),
        (404, b"", False, NotFound),
        (429, b"", True, Unavailable),
        (500, {"Message": "general", "ExceptionMessage": "exact"}, False, Unavailable),
        (500, b"", True, OutcomeUnknown),
        (503, b"", True, OutcomeUnknown),
    ],
)
def test_errors(status, body, write, kind, scripted, transport):
    context = Told(200, {"AuthInfo": {"TenantId": "an id"}})
    server = scripted(context, Told(status, body))
    ours = portal_at(transport(server.url))
    with pytest.raises(kind) as caught:
        ours.write("PUT", "/x", list, "Writing") if write else ours.get("/x", "Reading")
    assert caught.value.__class__ is kind and caught.value.status == status and caught.value.request_id
    if isinstance(body, dict) and status == 500:
        assert caught.value.text == "exact"
    assert server.asked[0].headers["x-xsrf-token"] == "b=" and "XSRF-TOKEN=b%3D" in server.asked[0].headers["cookie"]
    assert "x-tid" not in server.asked[0].headers and server.asked[1].headers["x-tid"] == "an id"
    assert len([one for one in server.asked if one.method == "PUT"]) <= (6 if status == 429 else 1)


@pytest.mark.parametrize(("status", "renewed"), [(401, True), (440, True), (500, True), (403, False), (404, False), (400, False)])
def test_what_renews_a_session_and_what_does_not(status, renewed, scripted, transport):
    context = Told(200, {"AuthInfo": {"TenantId": "an id"}})
    fresh = Told(200, b"", {"Set-Cookie": "XSRF-TOKEN=fresh%3D; path=/"})
    server = scripted(context, Told(status, b""), fresh, Told(200, {"a": 1}))
    ours = portal_at(transport(server.url))
    if renewed:
        assert ours.get("/x", "Reading") == {"a": 1}
        assert server.asked[2].path == "/security.microsoft.com/?tid=an id".replace(" ", "%20")
        assert server.asked[3].headers["x-xsrf-token"] == "fresh="
        return
    with pytest.raises(TenantError):
        ours.get("/x", "Reading")
    assert len(server.asked) == 2


@pytest.mark.parametrize(("status", "headers", "waited"), [(401, {}, []), (440, {}, []), (429, {"Retry-After": "7"}, [7.0])])
def test_a_write_is_made_anew_for_each_try(status, headers, waited, scripted, transport, waits):
    context = Told(200, {"AuthInfo": {"TenantId": "an id"}})
    answers = [context, Told(status, b"", headers), *([Told(200, b"")] if status != 429 else []), Told(200, b"")]
    server = scripted(*answers)
    bodies = iter((["first"], ["second"]))
    portal_at(transport(server.url)).write("PUT", "/x", lambda: next(bodies), "Writing")
    assert [one.json for one in server.asked if one.method == "PUT"] == [["first"], ["second"]]
    assert waits == waited


def test_a_wait_that_cannot_be_read_is_one_of_our_own(scripted, transport, waits):
    server = scripted(Told(200, {"AuthInfo": {"TenantId": "an id"}}), Told(429, b"", {"Retry-After": "\u00b2"}), Told(200, b""))
    portal_at(transport(server.url)).write("PUT", "/x", list, "Writing")
    assert len(waits) == 1 and 0 < waits[0] <= 2


def test_a_write_whose_session_cannot_be_renewed(scripted, transport):
    server = scripted(Told(200, {"AuthInfo": {"TenantId": "an id"}}), Told(440, b""))
    with pytest.raises(SignInFailed):
        portal_at(transport(server.url)).write("PUT", "/x", list, "Writing")
    assert len([one for one in server.asked if one.method == "PUT"]) == 2


def test_an_answer_that_is_no_list(scripted, transport):
    server = scripted(Told(200, {"AuthInfo": {"TenantId": "an id"}}), Told(200, b"<html>"))
    ours = portal_at(transport(server.url))
    with pytest.raises(Unavailable, match="no JSON"):
        ours.get("/x", "Reading")
