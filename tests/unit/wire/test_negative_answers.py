# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each reader makes of every kind of refusal that its service may give, from the wire to the operator's words."""

from __future__ import annotations

import pytest

from ansible_collections.m365.defender.plugins.module_utils._clouds import CLOUDS
from ansible_collections.m365.defender.plugins.module_utils._errors import Forbidden, NotFound, Refused, TenantError, Unavailable
from ansible_collections.m365.defender.plugins.module_utils._graph import Rest
from ansible_collections.m365.defender.plugins.module_utils.readers.alert_info import ALERT_INFO
from ansible_collections.m365.defender.plugins.module_utils.readers.audit_info import AUDIT_INFO
from ansible_collections.m365.defender.plugins.module_utils.readers.hunting_query_info import HUNTING_QUERY_INFO
from ansible_collections.m365.defender.plugins.module_utils.readers.incident_info import INCIDENT_INFO
from ansible_collections.m365.defender.plugins.module_utils.readers.investigation_info import INVESTIGATION_INFO
from ansible_collections.m365.defender.plugins.module_utils.readers.machine_action_info import MACHINE_ACTION_INFO
from ansible_collections.m365.defender.plugins.module_utils.readers.xdr_info import XDR_INFO
from tests.unit.wire.scripted import Told
from tests.unit.wire.test_graph import Signed

REQUEST = "11111111-2222-4333-8444-555555555555"


def graph(code, message):
    return {"error": {"code": code, "message": message, "innerError": {"date": "x", "request-id": REQUEST, "client-request-id": REQUEST}}}


def endpoint(code, message):
    return {"error": {"code": code, "message": message, "target": REQUEST}}


MISSING_ROLES = "Missing application roles. API required roles: SomeRole.Read.All, application roles: Other.Read.All."
MISSING_TABLE = "'take' operator: Failed to resolve table or column expression named 'DeviceInfo'. Fix semantic errors in your query"
# Case: the answer, what it becomes, words of the message. Reference: what is documented or known of each; 404 and 403 of a tenant that is
# not set up are guesses, and treated as what proves nothing.
GRAPH = {
    "token": (Told(401, graph("InvalidAuthenticationToken", "Lifetime validation failed.")), Forbidden, "Lifetime validation failed"),
    "roles": (Told(403, graph("Forbidden", MISSING_ROLES)), Forbidden, "Missing application roles"),
    "not set up, 403": (Told(403, graph("Forbidden", "The tenant is not provisioned.")), Forbidden, "not provisioned"),
    "not set up, 404": (Told(404, graph("NotFound", "The tenant is not known.")), NotFound, "not known"),
    "throttled": (Told(429, graph("TooManyRequests", "Too many."), {"Retry-After": "7"}), Unavailable, "HTTP 429"),
    "failed": (Told(503, graph("ServiceUnavailable", "Busy."), {"Retry-After": "7"}), Unavailable, "Busy"),
    "refused": (Told(400, graph("BadRequest", MISSING_TABLE)), Refused, "Failed to resolve table"),
}
DEFENDER = {
    "token": (Told(401, endpoint("Unauthorized", "The token is not accepted.")), Forbidden, "not accepted"),
    "roles": (Told(403, endpoint("Forbidden", "The application does not have any of the roles.")), Forbidden, "does not have any"),
    "feature": (Told(403, endpoint("DisabledFeature", "Tenant feature isn't enabled.")), Forbidden, "not switched on in this tenant"),
    "throttled": (Told(429, endpoint("TooManyRequests", "Too many."), {"Retry-After": "7"}), Unavailable, "HTTP 429"),
}
PERMISSIONS = {
    "incident_info": "SecurityIncident.Read.All",
    "alert_info": "SecurityAlert.Read.All",
    "hunting_query_info": "ThreatHunting.Read.All",
    "audit_info": "AuditLogsQuery.Read.All",
    "machine_action_info": "Machine.Read.All",
    "investigation_info": "Alert.Read.All",
}
CASES = [
    (reader, service, name)
    for service, cases, readers in (
        ("graph", GRAPH, (INCIDENT_INFO, ALERT_INFO, HUNTING_QUERY_INFO, AUDIT_INFO)),
        ("defender", DEFENDER, (MACHINE_ACTION_INFO, INVESTIGATION_INFO)),
    )
    for reader in readers
    for name in cases
]


def options_of(reader, **given):
    return {name: spec.get("default") for name, spec in reader.options.items()} | {"query": "DeviceInfo | take 1"} | given


def answers_of(reader, rest, service, options):
    """What a service answers to each of a reader's questions; another service is not there."""
    found = {}
    for ask in reader.asks(options):
        query = (ask.query.noun, ask.query.parameters, ask.query.most)
        found[ask] = rest.read_each([query])[0] if ask.service == service else Unavailable(f"{ask.service} is not there")
    return found


@pytest.fixture
def rest(transport, scripted):
    def make(told, service="graph"):
        return Rest(service, cloud=CLOUDS["commercial"], transport=transport(scripted(told).url), sign_in=Signed())

    return make


@pytest.mark.parametrize(("reader", "service", "case"), CASES, ids=[f"{one[0].kind}: {one[2]}" for one in CASES])
def test_a_refusal_is_told_and_never_an_empty_list(reader, service, case, rest):
    told, kind, words = (GRAPH if service == "graph" else DEFENDER)[case]
    options = options_of(reader, wait_for_quota=0)
    with pytest.raises(TenantError) as caught:
        reader.answer(options, answers_of(reader, rest(told, service), service, options))
    error = caught.value
    assert isinstance(error, kind) and words in error.message and error.status == told.status
    assert error.tried and error.hint, "what was tried, and what to do"
    if service == "graph":
        assert REQUEST in error.message
    if case in ("roles", "token"):
        assert PERMISSIONS[reader.kind] in error.hint
    if case == "refused" and reader is HUNTING_QUERY_INFO:
        assert "comes with Defender for Endpoint" in error.hint and MISSING_TABLE in error.text


@pytest.mark.parametrize("case", GRAPH)
def test_a_refused_probe_proves_nothing(case, rest):
    told, kind, words = GRAPH[case]
    answers = answers_of(XDR_INFO, rest(told), "graph", {})
    if kind is Unavailable:  # the service said nothing at all
        with pytest.raises(Unavailable, match=words):
            XDR_INFO.answer({}, answers)
        return
    found = XDR_INFO.answer({}, answers)["xdr"]
    assert (found["state"], found["licensed"]) == ("unknown", None)
    for part in ("incidents", "alerts", "hunting", "action_center"):
        assert found[part]["state"] == "unknown" and found[part]["reason"]
    assert words in found["incidents"]["reason"] and words in found["hunting"]["reason"]
    assert "proves nothing" in found["reason"] and found["remedy"]
