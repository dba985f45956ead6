# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists of Graph and Defender for Endpoint: together where that goes, page by page, with errors that name the permission."""

from __future__ import annotations

import pytest

from ansible_collections.m365.defender.plugins.module_utils import _graph
from ansible_collections.m365.defender.plugins.module_utils._clouds import CLOUDS
from ansible_collections.m365.defender.plugins.module_utils._errors import (
    Forbidden,
    NotFound,
    OutcomeUnknown,
    Refused,
    TenantError,
    Unavailable,
)
from ansible_collections.m365.defender.plugins.module_utils._graph import Rest
from ansible_collections.m365.defender.plugins.module_utils._resource import Operation, Query
from ansible_collections.m365.defender.plugins.module_utils._stores import Rows
from tests.unit.wire.scripted import Told

ORGANIZATION, SKUS = Query("organization"), Query("subscribedSkus")
HUNT = Query("security/runHuntingQuery", (("Query", "DeviceInfo | take 1"),))


class Signed:
    """A sign-in that always has a token."""

    def __init__(self):
        self.refused = []

    def token(self, audience, *, instead_of="", claims=""):
        if instead_of:
            self.refused.append((instead_of, claims))
        return f"not-a-real-token-{len(self.refused)}"


@pytest.fixture
def rest(transport):
    def make(server, service="graph", sign_in=None):
        return Rest(service, cloud=CLOUDS["commercial"], transport=transport(server.url), sign_in=sign_in or Signed())

    return make


def calls(emulated):
    return [entry for entry in emulated.journal() if "/oauth2/" not in entry["url"] and "openid" not in entry["url"]]


def test_several_lists_are_one_batch_and_hunting_goes_by_itself(emulated, connect):
    ours = connect(emulated)
    answers = ours.store("graph").read([ORGANIZATION, HUNT, SKUS])
    assert list(answers) == [ORGANIZATION, HUNT, SKUS]
    assert answers[ORGANIZATION][0]["id"] == emulated.tenant_id
    assert answers[SKUS][0]["skuPartNumber"] and isinstance(answers[HUNT], list)
    assert sorted(entry["url"].rsplit("/", 1)[1] for entry in calls(emulated)) == ["$batch", "runHuntingQuery"]
    assert ours.counts["reads"] == 3


def test_a_batch_has_twenty_items_at_most(emulated, connect):
    queries = [Query("security/incidents", (("$top", number),)) for number in range(1, 24)]
    answers = connect(emulated).store("graph").read(queries)
    assert all(isinstance(answer, list) for answer in answers.values())
    assert [len(entry["body"]["requests"]) for entry in calls(emulated)] == [20, 3]


def test_lists_of_defender_are_asked_one_by_one(emulator, connect):
    tenant = emulator.tenant("lived_in")
    query = Query("machines", (("$top", 5),))
    answers = connect(tenant).store("defender").read([query, Query("machineactions")])
    assert len(answers[query]) > 5, "further pages are followed"
    assert all("api.security.microsoft.com/api/" in entry["url"] for entry in calls(tenant))
    tenant.remove()


def test_pages_of_an_item_of_a_batch_are_followed(emulator, connect):
    tenant = emulator.tenant("lived_in")
    query = Query("security/alerts_v2", (("$top", 1),))
    answers = connect(tenant).store("graph").read([query, ORGANIZATION])
    assert len(answers[query]) > 1
    tenant.remove()


def test_missing_permissions_are_named(emulated, connect):
    store = connect(emulated, "unconsented").store("graph")
    for queries in ([SKUS], [SKUS, ORGANIZATION]):
        error = store.read(queries)[SKUS]
        assert isinstance(error, Forbidden) and "Organization.Read.All" in error.hint and error.request_id and error.status == 403
    error = connect(emulated, "unconsented").store("defender").read([Query("machines")])[Query("machines")]
    assert isinstance(error, Forbidden) and "Machine.Read.All of WindowsDefenderATP" in error.hint


@pytest.mark.parametrize("fault", [{"kind": "throttle", "retry_after": 3}, {"kind": "unavailable"}, {"kind": "reset"}, {"kind": "expire"}])
@pytest.mark.parametrize("service", ["graph", "defender"])
def test_reads_survive_trouble(fault, service, emulator, connect, waits):
    tenant = emulator.tenant("lived_in")
    tenant.fault(**fault, match={"service": service})
    query = SKUS if service == "graph" else Query("machineactions")
    assert isinstance(connect(tenant).store(service).read([query])[query], list)
    assert bool(waits) == (fault["kind"] != "expire")
    tenant.remove()


def test_an_item_that_may_pass_is_asked_again(scripted, rest, waits):
    batch = {
        "responses": [
            {"id": "0", "status": 429, "headers": {"Retry-After": "1"}},
            {"id": "1", "status": 200, "body": {"value": [{"b": 1}]}},
        ]
    }
    server = scripted(Told(200, batch), Told(200, {"value": [{"a": 1}]}))
    assert rest(server).read_each([("x", ()), ("y", ())]) == [[{"a": 1}], [{"b": 1}]]
    assert waits == [1]


def test_one_object_is_one_row(scripted, rest):
    server = scripted(Told(200, {"id": "x"}))
    assert rest(server).read_each([("organization/x", ())]) == [[{"id": "x"}]]


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example/v1.0/x",
        "http://graph.microsoft.com/v1.0/x",
        "//graph.microsoft.com/v1.0/x",
        "https://graph.microsoft.com@evil.example/x",
        "https://graph.microsoft.com:8443/v1.0/x",
        "http://127.0.0.1:1/v1.0/x",
        7,
    ],
)
def test_a_token_never_follows_a_page_to_another_host(link, scripted, rest):
    server = scripted(Told(200, {"value": [], "@odata.nextLink": link}), Told(200, {"value": []}))
    (error,) = rest(server).read_each([("x", ())])
    assert isinstance(error, Refused) and "another host" in error.text and len(server.asked) == 1


def test_claims_that_a_service_asks_for_reach_the_sign_in(scripted, rest):
    challenge = 'Bearer error="insufficient_claims", claims="eyJhIjoxfQ=="'
    server = scripted(Told(401, headers={"WWW-Authenticate": challenge}), Told(200, {"value": []}))
    signed = Signed()
    assert rest(server, sign_in=signed).read_each([("x", ())]) == [[]]
    assert signed.refused == [("not-a-real-token-0", '{"a":1}')]
    assert server.asked[1].headers["authorization"] == "Bearer not-a-real-token-1"


@pytest.mark.parametrize(
    ("said", "tenant"),
    [("The tenant is not provisioned for this.", True), ("No licence for it.", True), ("Missing application roles.", False)],
)
def test_a_refusal_that_speaks_of_the_tenant_does_not_send_anybody_to_grant_first(said, tenant, scripted, rest):
    server = scripted(Told(403, {"error": {"code": "Forbidden", "message": said}}))
    (error,) = rest(server).read_each([("security/incidents", ())])
    assert error.hint.startswith("If the tenant lacks the service") is tenant
    assert "SecurityIncident.Read.All" in error.hint


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, {"error": {"code": "BadRequest", "message": "no"}}, Refused),
        (400, b"<html>", Refused),
        (401, {"error": {"code": "Unauthorized", "message": "no"}}, Forbidden),
        (403, {"error": {"code": "DisabledFeature", "message": "Tenant feature isn't enabled."}}, Forbidden),
        (404, {"error": {"code": "NotFound", "message": "no", "innerError": {"request-id": "inner"}}}, NotFound),
        (429, b"", Unavailable),
        (500, b"", Unavailable),
        (200, b"<html>", Unavailable),
    ],
)
@pytest.mark.parametrize("service", ["graph", "defender"])
def test_errors(status, body, kind, service, scripted, rest):
    server = scripted(Told(status, body, {"request-id": "outer"}))
    (error,) = rest(server, service).read_each([("machines", ())])
    assert error.__class__ is kind and error.text and error.service == service and error.status == status
    if status == 404:
        assert error.request_id == "inner"
    if status == 403:
        assert "switched on" in error.hint and error.code == "DisabledFeature"


def test_a_hunting_answer_without_rows_is_an_error(scripted, rest):
    server = scripted(Told(200, {"schema": []}))
    (error,) = rest(server).read_each([(HUNT.noun, HUNT.parameters)])
    assert isinstance(error, TenantError)
    assert server.asked[0].json == {"Query": "DeviceInfo | take 1"}


def test_a_batch_that_fails_as_a_whole(scripted, rest):
    server = scripted(Told(500))
    errors = rest(server).read_each([("x", ()), ("y", ())])
    assert all(isinstance(error, Unavailable) for error in errors) and len(server.asked) == 1
    server = scripted(Told(400), Told(200, {"value": []}))
    assert rest(server).read_each([("x", ()), ("y", ())]) == [[], []]


def test_a_change_goes_where_its_route_leads(scripted, rest):
    server = scripted(Told(200, {"id": "a b"}))
    store = Rows(rest(server, "defender"))
    assert store.do(Operation("Cancel", "MachineAction", "Isolate", "a b", {"Comment": "not needed"}))
    (asked,) = server.asked
    assert (asked.method, asked.json) == ("POST", {"Comment": "not needed"})
    assert asked.path.endswith("/api/machineactions/a%20b/cancel")


@pytest.mark.parametrize(
    ("status", "kind", "words"),
    [
        (403, Forbidden, "Machine.Isolate of WindowsDefenderATP"),
        (404, NotFound, "nothing here"),
        (503, OutcomeUnknown, "Run the task again: it reads"),
    ],
)
def test_a_change_that_fails_says_what_was_tried(status, kind, words, scripted, rest):
    server = scripted(Told(status))
    with pytest.raises(kind) as failed:
        rest(server, "defender").write(
            "POST", "machineactions/1/cancel", {}, "Cancel-MachineAction Isolate", "Machine.Isolate of WindowsDefenderATP"
        )
    assert failed.value.tried == "Cancel-MachineAction Isolate" and words in failed.value.message
    assert len(server.asked) == 1, "a write is not repeated blindly"


def test_what_has_no_route_is_refused(emulated, connect):
    for service, words in (("graph", "no way to do that"), ("token", "only read")):
        with pytest.raises(Refused, match=words):
            connect(emulated).store(service).do(Operation("Set", "x"))


def test_every_permission_is_named_in_full():
    assert all(" of " in text for text in _graph.PERMISSIONS.values())


def test_of_every_page_only_the_members_that_are_asked_for_are_kept(scripted, rest):
    link = "https://api.security.microsoft.com/api/machines?$skip=1"
    server = scripted(
        Told(200, {"value": [{"id": "1", "name": "a", "more": [1]}, "no row"], "@odata.nextLink": link}),
        Told(200, {"value": [{"id": "2", "more": 2}]}),
    )
    assert rest(server, "defender").read_each([("machines", (), None, ("id", "name"))]) == [[{"id": "1", "name": "a"}, {"id": "2"}]]
