# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a recording to a form: what is found, what is replaced, what is refused, and that no secret gets through."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest

from ansible_collections.m365.defender.plugins.module_utils._errors import BadInput
from ansible_collections.m365.defender.plugins.module_utils._request_form import form_of
from ansible_collections.m365.defender.plugins.plugin_utils._forming import Hints, leaks, made, merged
from ansible_collections.m365.defender.plugins.plugin_utils._recording import Recording, recording_of
from tests.unit.forms.hars import LISTS, PORTAL, entry, har

HOSTS = frozenset({PORTAL, "security.microsoft.us"})
TENANT, USER_ID = "11111111-1111-4111-8111-111111111111", "99999999-9999-4999-8999-999999999999"
ACTION, OTHER, BULK = (f"abababab-0000-4000-8000-00000000020{digit}" for digit in (1, 2, 3))
USER = "alex@contoso.com"
SCCAUTH, XSRF = "not-a-real-sccauth-" + "Ab1" * 40, "not-a-real-xsrf/+token==" + "Cd2" * 20
JWT = "eyJ0eXAiOiJKV1QiLCJhbGciOiJub25lIn0.eyJhdWQiOiJub2JvZHkifQ.bm90LWEtcmVhbC1zaWduYXR1cmU"
SECRETS = (
    SCCAUTH,
    XSRF,
    "not-a-real%2Dxsrf",
    JWT,
    TENANT,
    USER_ID,
    USER,
    "planted-cookie-value-000000000000",
    "planted-header-value-0000000000",
)
HEADERS = {
    ":authority": PORTAL,
    "Accept": "application/json",
    "Content-Type": "application/json",
    "Cookie": f"sccauth={SCCAUTH}; XSRF-TOKEN={XSRF}; other=planted-cookie-value-000000000000",
    "X-XSRF-TOKEN": XSRF,
    "Authorization": f"Bearer {JWT}",
    "x-session-secret": "planted-header-value-0000000000",
    "x-tid": TENANT,
    "tenant-id": TENANT.upper(),
}
ITEM = {
    "InvestigationId": "2011",
    "ActionId": ACTION,
    "BulkId": BULK,
    "StartTime": "2026-09-15T06:00:00",
    "ActionType": "QuarantineFile",
    "ActionDecision": None,
    "ActionStatus": "Pending",
    "EntityType": "File",
    "MachineId": "0123456789abcdef0123456789abcdef01234567",
    "ComputerName": "laptop-02.contoso.com",
    "Product": "MDE",
    "UserPrincipalName": None,
    "AdditionalFields": {"ApprovalKey": "k-77-approval"},
}
PLACE = f"https://{PORTAL}/apiproxy/mtp/somewhere"


def context():
    auth = {"TenantId": TENANT, "UserName": USER.upper(), "AadUserId": USER_ID}
    return entry(
        "GET", f"https://{PORTAL}/apiproxy/mtp/sccManagement/mgmt/TenantContext?realTime=true", headers=HEADERS, answer={"AuthInfo": auth}
    )


def listed(*items, kind="pending"):
    answer = {"Count": len(items), "Results": list(items)}
    cookie = {"Set-Cookie": f"XSRF-TOKEN={XSRF}; path=/; secure; domain={PORTAL}; expires=Wed, 21 Oct 2026 07:28:00 GMT"}
    return entry("GET", f"https://{PORTAL}{LISTS}{kind}-actions/?type={kind}", headers=HEADERS, answer=answer, response_headers=cookie)


def post(body=None, url=PLACE, method="POST", **more):
    return entry(method, url, headers=HEADERS, body=body, **more)


def telemetry():
    return post({"token": JWT, "tid": TENANT, "action": ACTION}, url="https://browser.events.data.microsoft.com/OneCollector/1.0/")


def form(*changes, hints=None, items=(ITEM, {**ITEM, "ActionId": OTHER, "BulkId": "x" * 8, "AdditionalFields": {}})):
    """The request that is made of a recording with some changes in it; no secret of it may be in there."""
    recording = recording_of(har(telemetry(), context(), listed(*items), *changes), HOSTS)
    one = made(recording, Hints(**(hints or {})))
    document = merged(None, one, "approve", "2026-09-15")
    assert not leaks(document, recording)
    assert not [secret for secret in SECRETS if secret.casefold() in json.dumps(document).casefold()]
    return one


def refused(*changes, word, hints=None, **more):
    with pytest.raises(BadInput) as caught:
        form(*changes, hints=hints, **more)
    assert word in caught.value.text, caught.value.text
    assert caught.value.hint
    assert not [secret for secret in SECRETS if secret.casefold() in caught.value.message.casefold()]


def test_everything_that_belongs_to_the_action_becomes_a_placeholder():
    body = {
        "Decision": "Approve",
        "Items": [{"Id": ACTION.upper(), "Investigation": 2011, "Type": "QuarantineFile", "Bulk": BULK, "Device": ITEM["ComputerName"]}],
        "Comment": "my remark",
        "Tenant": TENANT,
        "By": {"Upn": USER, "Oid": USER_ID},
        "Key": "k-77-approval",
        "Started": "2026-09-15T06:00:00",
        "Again": False,
        "Nothing": None,
    }
    one = form(post(body, url=f"{PLACE}/{ACTION}/decide?product=MDE&tid={TENANT}"))
    assert one.request == {
        "method": "POST",
        "path": "/apiproxy/mtp/somewhere/{action_id}/decide",
        "query": {"product": "{product}", "tid": "{tenant_id}"},
        "body": {
            "Decision": "Approve",
            "Items": [
                {
                    "Id": "{action_id}",
                    "Investigation": "{investigation_id:number}",
                    "Type": "{action_type}",
                    "Bulk": "{bulk_id}",
                    "Device": "{device}",
                }
            ],
            "Comment": "{comment}",
            "Tenant": "{tenant_id}",
            "By": {"Upn": "{user_name}", "Oid": "{user_id}"},
            "Key": "{item.AdditionalFields.ApprovalKey}",
            "Started": "{item.StartTime}",
            "Again": False,
            "Nothing": None,
        },
    }
    assert one.kept == {"body.Decision": "Approve", "body.Again": False, "body.Nothing": None}


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_every_verb_that_changes_something(method):
    assert form(post(url=f"{PLACE}/{ACTION}", method=method)).request == {"method": method, "path": "/apiproxy/mtp/somewhere/{action_id}"}


def test_ids_within_longer_texts_and_braces():
    inner = json.dumps({"id": ACTION, "why": "{x}"})
    body = form(post({"Payload": inner, "Keys": f"{BULK};{ACTION}", "Mark": "{as it is}"})).request["body"]
    assert body["Payload"] == inner.replace("{", "{{").replace("}", "}}").replace(ACTION, "{action_id}")
    assert body["Keys"] == "{bulk_id};{action_id}"
    assert body["Mark"] == "{{as it is}}"


def test_a_comment_is_known_by_what_was_written():
    assert form(post({"Id": ACTION, "Text": "my remark"}), hints={"comment": "my remark"}).request["body"]["Text"] == "{comment}"


def test_words_count_only_as_they_are_spelled():
    assert form(post({"Id": ACTION, "Kind": "quarantinefile"})).request["body"]["Kind"] == "quarantinefile"


def test_an_action_that_is_told_by_another_id_of_its_own():
    assert form(post({"Bulk": BULK})).request["body"] == {"Bulk": "{bulk_id}"}
    refused(post({"Investigation": "2011"}), word="can't be told which value")


def test_an_action_of_the_history():
    recording = recording_of(har(context(), listed(ITEM, kind="history"), post({"Id": ACTION})), HOSTS)
    assert made(recording, Hints()).request["body"] == {"Id": "{action_id}"}


def test_an_action_that_was_not_listed_but_is_named():
    recording = recording_of(har(post({"Id": ACTION.upper()})), HOSTS)
    assert made(recording, Hints(action_id=ACTION)).request["body"] == {"Id": "{action_id}"}


def test_lists_in_other_spellings_and_encodings():
    import base64

    one = listed({name[:1].lower() + name[1:]: value for name, value in ITEM.items()})
    content = one["response"]["content"]
    content.update(text=base64.b64encode(content["text"].replace("Results", "results").encode()).decode(), encoding="base64")
    recording = recording_of(har(one, post({"Id": ACTION, "Bulk": BULK})), HOSTS)
    assert made(recording, Hints()).request["body"] == {"Id": "{action_id}", "Bulk": "{bulk_id}"}


def test_a_value_that_stays_and_one_that_is_new_each_time():
    body = {
        "Id": ACTION,
        "Workload": "77777777-7777-4777-8777-777777777777",
        "Run": "88888888-8888-4888-8888-888888888888",
        "At": "2026-09-15T12:00:00Z",
    }
    refused(post(body), word="body.Workload holds an id")
    one = form(post(body), hints={"constant": frozenset({"body.Workload"}), "fresh": frozenset({"body.Run", "body.At"})})
    assert one.request["body"] == {"Id": "{action_id}", "Workload": body["Workload"], "Run": "{new_id}", "At": "{now}"}
    assert one.kept == {"body.Workload": body["Workload"]}


REFUSED = {
    "an id of nobody": ({"Id": ACTION, "x": "77777777-7777-4777-8777-777777777777"}, "body.x holds an id"),
    "an id of nobody in a name": ({"Id": ACTION, "77777777-7777-4777-8777-777777777777": 1}, "holds an id"),
    "a moment": ({"Id": ACTION, "x": "2026-09-15T12:00:01Z"}, "body.x holds a moment"),
    "a moment in numbers": ({"Id": ACTION, "x": 1789473600000}, "body.x holds a long number"),
    "another person": ({"Id": ACTION, "x": ["by adele@contoso.com"]}, "body.x[0] holds an address"),
    "a token": ({"Id": ACTION, "x": JWT}, "body.x holds a part of the session"),
    "another token": ({"Id": ACTION, "x": "eyJhbGciOiJub25l.eyJzdWIiOiJub2JvZHki.c2lnbmF0dXJl"}, "body.x holds a part of the session"),
    "a cookie": ({"Id": ACTION, "x": f"v={SCCAUTH}"}, "body.x holds a part of the session"),
    "a cookie, doubled braces": ({"Id": ACTION, "x": "{" + SCCAUTH + "}"}, "body.x holds a part of the session"),
    "a header": ({"Id": ACTION, "x": "planted-header-value-0000000000"}, "body.x holds a part of the session"),
    "a long text": ({"Id": ACTION, "x": "Zm9v" * 20}, "body.x holds a long text"),
    "a secret by its name": ({"Id": ACTION, "xsrfToken": "abc"}, "body.xsrfToken is a secret by its name"),
    "a secret deep within": ({"Id": ACTION, "x": [{"sessionId": "abc"}]}, "body.x[0].sessionId is a secret by its name"),
    "a secret in a text": ({"Id": ACTION, "x": '{"password": "abc"}'}, "body.x holds a text with a secret"),
}


@pytest.mark.parametrize("why", REFUSED)
def test_what_must_not_stay_is_refused(why):
    body, word = REFUSED[why]
    refused(post(body), word=word)


@pytest.mark.parametrize("value", [JWT, SCCAUTH, USER + "x", "adele@contoso.com"])
def test_nobody_can_keep_a_secret_by_saying_that_it_stays(value):
    refused(post({"Id": ACTION, "x": value}), word="body.x holds", hints={"constant": frozenset({"body.x"})})


def test_secrets_in_the_address():
    refused(post({"Id": ACTION}, url=f"{PLACE}?token=abc"), word="query.token is a secret by its name")
    refused(post({"Id": ACTION}, url=f"{PLACE}/{'Zm9v' * 20}"), word="path[4] holds a long text")
    refused(post({"Id": ACTION}, url=f"{PLACE}/a%2Fb"), word="path")
    refused(post({"Id": ACTION}, url=f"{PLACE}/{SCCAUTH}"), word="(POST /apiproxy/mtp/somewhere/...)")
    refused(post({"Id": ACTION}, url=f"{PLACE}?x={quote(XSRF)}"), word="query.x holds a part of the session")


def test_what_cannot_be_told_is_refused():
    refused(word="nothing in the recording changes anything at a Defender portal; there are some to browser.events.data.microsoft.com")
    refused(post({"Something": "else"}), word="names a listed action")
    refused(post({"Id": ACTION}), word="has no list of actions", items=())
    refused(post({"Ids": [ACTION, OTHER]}), word="names 2 actions at once")
    refused(post({"Id": ACTION}), post({"Id": OTHER}), word="2 requests may be the decision: POST /apiproxy/mtp/somewhere")
    refused(post({"Id": ACTION}, status=403), word="it answered 403")
    refused(post({"Id": ACTION}), word="names a listed action", hints={"action_id": OTHER})
    refused(post({"Id": ACTION}), word="names a listed action", hints={"path": "elsewhere"})
    refused(post(f"id={ACTION}", kind="text/plain", url=f"{PLACE}/{ACTION}"), word="its body is no JSON")


def test_other_hosts_and_paths_are_not_taken():
    for url in (
        f"https://contoso.com/apiproxy/mtp/{ACTION}",
        f"https://{PORTAL}.contoso.com/apiproxy/{ACTION}",
        f"https://{PORTAL}:8443/apiproxy/x",
    ):
        refused(post({"Id": ACTION}, url=url), word="nothing in the recording")
    refused(post({"Id": ACTION}, url=f"https://{PORTAL}/api/{ACTION}"), word="nothing in the recording")


def test_one_of_several_can_be_chosen():
    changes = (post({"Id": ACTION}, url=f"{PLACE}/telemetry"), post({"Id": ACTION, "Decision": "Approve"}, url=f"{PLACE}/decide"))
    refused(*changes, word="2 requests may be")
    assert form(*changes, hints={"path": "/DECIDE"}).request["path"].endswith("/decide")
    twice = (post({"Id": ACTION}), post({"Id": OTHER}))
    assert form(*twice, hints={"action_id": OTHER}).request["body"] == {"Id": "{action_id}"}
    tried = (post({"Id": ACTION}, status=440), post({"Id": ACTION}))
    assert form(*tried).request["body"] == {"Id": "{action_id}"}


@pytest.mark.parametrize("content", [None, [], {}, {"log": []}, {"log": {"entries": {}}}], ids=str)
def test_what_is_no_har(content):
    with pytest.raises(BadInput, match=r"no HAR"):
        recording_of(content, HOSTS)


def test_broken_entries_are_passed_over():
    assert recording_of(
        {"log": {"entries": [None, {}, {"request": {}}, {"request": {"url": "x", "method": "POST", "headers": [7]}}]}}, HOSTS
    )


def test_a_second_decision_joins_the_first():
    first = form(post({"Id": ACTION, "Decision": "Approve"}))
    second = form(post({"Id": ACTION, "Decision": "Reject"}))
    document = merged(merged(None, first, "approve", "2026-09-15"), second, "reject", "2026-09-16")
    assert set(form_of(document, HOSTS).requests) == {"approve", "reject"}
    assert document["note"] == "Recorded 2026-09-16"
    assert merged(document, second, "reject", "2026-09-20") == document
    with pytest.raises(BadInput, match=r"security\.microsoft\.us"):
        merged({**document, "host": "security.microsoft.us"}, first, "undo", "2026-09-16")
    with pytest.raises(BadInput, match="of None"):
        merged([], first, "undo", "2026-09-16")


@pytest.mark.parametrize("secret", ['not-a-"real"\\cookie', "not/a=real cookie"])
def test_a_secret_leaks_in_whatever_form_it_stands(secret):
    recording = Recording(secrets={secret})
    for text in (secret, quote(secret, safe="")):
        assert leaks({"path": f"/x/{text}/y"}, recording)
    assert not leaks({"path": "/x/y"}, recording) and not leaks({}, Recording(secrets={""}))
