# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A request form: what is refused before anything is sent, and what becomes of placeholders."""

from __future__ import annotations

import copy

import pytest

from ansible_collections.m365.defender.plugins.module_utils._errors import BadInput, Refused
from ansible_collections.m365.defender.plugins.module_utils._request_form import form_of, places_of, values_for

HOSTS = frozenset({"security.microsoft.com"})
REQUEST = {
    "method": "POST",
    "path": "/apiproxy/mtp/somewhere/{action_id}/approve",
    "query": {"investigation": "{investigation_id}", "again": False},
    "body": {"Comment": "{comment}", "Ids": ["{action_id}"], "Text": "{{as it stands}} by {user_name}", "Count": 1, "None": None},
}
FORM = {"version": 1, "host": "security.microsoft.com", "note": "Recorded in a test", "requests": {"approve": REQUEST}}
ROW = {"ActionId": "a/1", "investigationid": 77, "Extra": {"ApprovalId": "p1", "List": [1]}, "BulkId": None}


def changed(**parts):
    form = copy.deepcopy(FORM)
    form["requests"]["approve"].update(parts)
    return form


def rendered(request, **others):
    form = {**FORM, "requests": {"approve": request}}
    return form_of(form, HOSTS).requests["approve"].rendered(values_for(ROW, **{"comment": "", "user_name": "alex@contoso.com", **others}))


def test_a_form_is_filled_in():
    one = rendered(REQUEST, comment='Said "yes"\n')
    assert (one.method, one.path) == ("POST", "/apiproxy/mtp/somewhere/a%2F1/approve?investigation=77&again=false")
    assert one.body == {
        "Comment": 'Said "yes"\n',
        "Ids": ["a/1"],
        "Text": "{as it stands} by alex@contoso.com",
        "Count": 1,
        "None": None,
    }


def test_kinds_and_other_members():
    body = {"a": "{investigation_id}", "b": "{investigation_id:text}", "c": "{item.Extra.ApprovalId}", "d": "{investigation_id:number}"}
    assert rendered({"method": "PUT", "path": "/apiproxy/x", "body": body}).body == {"a": 77, "b": "77", "c": "p1", "d": 77}
    assert rendered({"method": "PUT", "path": "/apiproxy/x", "body": {"{action_id}": True}}).body == {"a/1": True}
    new = {"n": "{new_id}", "t": "{now}", "x": "{action_id}"}
    first, second = (rendered({"method": "PUT", "path": "/apiproxy/x", "body": new}).body for dummy in range(2))
    assert first["n"] != second["n"] and first["t"].endswith("Z")


def test_without_a_body_nothing_is_sent_as_one():
    assert rendered({"method": "DELETE", "path": "/apiproxy/x/{action_id}"}).body is None


def test_what_the_list_does_not_tell_is_refused():
    for place in ("bulk_id", "machine_id", "item.Nothing", "user"):
        with pytest.raises(Refused, match="does not tell"):
            rendered({"method": "POST", "path": "/apiproxy/x", "body": {"x": f"{{{place}}}"}})


def test_a_comment_within_a_longer_text():
    inner = {"method": "POST", "path": "/apiproxy/x/{action_id}", "body": {"x": '{{"comment": "{comment}"}}'}}
    assert rendered(inner, comment="fine").body == {"x": '{"comment": "fine"}'}
    with pytest.raises(Refused, match="quotation marks"):
        rendered(inner, comment='a "quoted" word')


def test_an_id_that_would_lead_elsewhere_is_refused():
    request = form_of({**FORM, "requests": {"approve": {"method": "POST", "path": "/apiproxy/x/{action_id}/y"}}}, HOSTS).requests["approve"]
    for number in ("..", ""):
        with pytest.raises(Refused):
            request.rendered({"action_id": number})
    assert request.rendered({"action_id": "../../login"}).path == "/apiproxy/x/..%2F..%2Flogin/y"


WRONG = {
    "no mapping": [],
    "no version": {**FORM, "version": None},
    "another version": {**FORM, "version": 2},
    "another host": {**FORM, "host": "contoso.com"},
    "a key too many": {**FORM, "cookies": {}},
    "no requests": {**FORM, "requests": {}},
    "requests of another kind": {**FORM, "requests": []},
    "another decision": {**FORM, "requests": {"delete": REQUEST}},
    "a request of another kind": {**FORM, "requests": {"approve": "POST"}},
    "headers": changed(headers={"Cookie": "x"}),
    "a verb that reads": changed(method="GET"),
    "no path": changed(path=None),
    "a path elsewhere": changed(path="/api/{action_id}"),
    "an address": changed(path="https://contoso.com/apiproxy/{action_id}"),
    "steps upwards": changed(path="/apiproxy/../{action_id}"),
    "steps upwards, encoded": changed(path="/apiproxy/%2e%2e/{action_id}"),
    "a query in the path": changed(path="/apiproxy/x?a={action_id}"),
    "two lines": changed(path="/apiproxy/x\r\nHost: contoso.com/{action_id}"),
    "two slashes": changed(path="/apiproxy//contoso.com/{action_id}"),
    "a list in the query": changed(query={"a": ["x"]}),
    "a query of another kind": changed(query="a=1"),
    "an unknown placeholder": changed(body={"x": "{password}"}),
    "a lone brace": changed(body={"x": "{"}),
    "a brace in a name": changed(body={"}": "x"}),
    "a token": changed(body={"x": "eyJ0eXAiOiJKV1QiLCJh.eyJhdWQiOiJodHRwczov.c2lnbmF0dXJl"}),
    "a bearer": changed(body={"x": "Bearer abcdef"}),
    "a secret by its name": changed(body={"a": {"xsrfToken": "x"}}),
    "a cookie in the query": changed(query={"sccauth": "x"}),
    "a text that is too long": changed(body={"x": "y" * 3000}),
    "too much": changed(body={"x": ["y" * 2000] * 40}),
    "too deep": changed(body=[[[[[[[[[[[[[["{action_id}"]]]]]]]]]]]]]]),
    "what JSON does not have": changed(body={"x": {1, 2}}),
}


@pytest.mark.parametrize("why", WRONG)
def test_what_is_no_form(why):
    with pytest.raises(BadInput) as caught:
        form_of(WRONG[why], HOSTS)
    assert "Nothing was decided" in caught.value.hint
    assert "eyJ" not in caught.value.text


def test_an_action_must_be_named():
    nobody = {"method": "POST", "path": "/apiproxy/x", "body": {"Comment": "{comment}", "Tenant": "{tenant_id}"}}
    with pytest.raises(BadInput, match="which action is meant"):
        form_of({**FORM, "requests": {"approve": nobody}}, HOSTS)


def test_every_fault_is_told_at_once():
    with pytest.raises(BadInput) as caught:
        form_of({**changed(method="GET", path="/api"), "version": 7}, HOSTS)
    assert caught.value.text.count(";") == 2


def test_places():
    assert places_of(REQUEST) == {"action_id", "investigation_id", "comment", "user_name"}
