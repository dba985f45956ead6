# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cmdlets over the wire: batches, pages, redirects, faults, and the order of writes, against an emulated tenant."""

from __future__ import annotations

import pytest

from ansible_collections.m365.defender.plugins.module_utils._clouds import CLOUDS
from ansible_collections.m365.defender.plugins.module_utils._credentials import SignIn
from ansible_collections.m365.defender.plugins.module_utils._errors import (
    AlreadyExists,
    Forbidden,
    NotFound,
    OutcomeUnknown,
    Refused,
    TenantError,
    Unavailable,
)
from ansible_collections.m365.defender.plugins.module_utils._exchange import Exchange
from ansible_collections.m365.defender.plugins.module_utils._http import TRIES
from ansible_collections.m365.defender.plugins.module_utils._resource import Operation, Query
from ansible_collections.m365.defender.plugins.module_utils._sign_ins import ClientSecret
from ansible_collections.m365.defender.plugins.module_utils._token_files import TokenFiles
from tests.unit.wire.scripted import Told

POLICIES, RULES = Query("SafeLinksPolicy"), Query("SafeLinksRule")
ALERTS = Query("ProtectionAlert")
POLICY = {"Name": "Links for everybody"}
RULE = {"Name": "Links for everybody", "SafeLinksPolicy": "Links for everybody", "RecipientDomainIs": ["contoso.onmicrosoft.com"]}


def cmdlet_calls(emulated, name="*"):
    return [entry for entry in emulated.journal() if "/adminapi/" in entry["url"] and name in ("*", entry.get("cmdlet"))]


def new(noun, **parameters):
    return Operation("New", noun, parameters["Name"], None, parameters)


def test_several_reads_are_one_batch_and_rows_have_no_annotations(emulated, connect):
    ours = connect(emulated)
    queries = [POLICIES, RULES, *(Query(f"{noun}FilterPolicy") for noun in ("Malware", "HostedContent", "HostedOutboundSpam"))]
    answers = ours.store("exchange").read(queries)
    assert list(answers) == queries
    assert [row["Name"] for row in answers[POLICIES]] == ["Built-In Protection Policy"] and answers[RULES] == []
    assert not [key for rows in answers.values() for row in rows for key in row if "@" in key]
    calls = cmdlet_calls(emulated)
    assert len(calls) == 1 and calls[0]["url"].endswith("/$batch")
    assert ours.counts["reads"] == 5 and ours.counts["writes"] == 0


@pytest.mark.parametrize("identity", ["writer", "reader", "unassigned"])
def test_the_list_of_cmdlets_that_a_caller_may_run(identity, emulated, connect):
    ours, query = connect(emulated, identity), Query("ModuleFile")
    answer = ours.store("exchange").read([query])[query]
    if identity == "unassigned":
        assert isinstance(answer, Forbidden) and "list of cmdlets" in answer.message
    else:
        names = {row["cmdlet"] for row in answer}
        assert "Get-AntiPhishPolicy" in names and ("Set-AntiPhishPolicy" in names) is (identity == "writer")
    (call,) = cmdlet_calls(emulated)
    assert call["method"] == "GET" and "/EXOModuleFile" in call["url"] and call["headers"]["commandname"] == "*"
    assert ours.counts["reads"] == 1


def test_a_batch_has_ten_items_at_most(emulated, connect):
    queries = [Query("QuarantinePolicy", (("Identity", f"none {number}"),)) for number in range(13)]
    answers = connect(emulated).store("exchange").read(queries)
    assert len(answers) == 13
    assert [len(entry["body"]["requests"]) for entry in cmdlet_calls(emulated)] == [10, 3]


def test_a_single_read_needs_no_batch_and_parameters_are_passed_on(emulated, connect):
    query = Query("QuarantinePolicy", (("QuarantinePolicyType", "GlobalQuarantinePolicy"),))
    rows = connect(emulated).store("exchange").read([query])[query]
    assert [row["Name"] for row in rows] == ["DefaultGlobalPolicy"]
    (call,) = cmdlet_calls(emulated)
    assert call["url"].endswith("/InvokeCommand") and call["headers"]
    headers = {name.lower(): value for name, value in call["headers"].items()}
    assert headers["x-cmdletname"] == "Get-QuarantinePolicy" and "maxpagesize" in headers["prefer"]
    assert headers["x-anchormailbox"].endswith(emulated.tenant_id) and headers["client-request-id"] and headers["connection-id"]


def test_an_item_that_fails_for_good_leaves_the_others_alone(emulated, connect):
    missing, unknown = Query("SafeLinksPolicy", (("Identity", "nobody"),)), Query("NoSuchNoun")
    answers = connect(emulated).store("exchange").read([POLICIES, missing, unknown, RULES])
    assert isinstance(answers[POLICIES], list) and isinstance(answers[RULES], list)
    assert isinstance(answers[missing], NotFound) and answers[missing].request_id
    assert isinstance(answers[unknown], Forbidden) and "Get-NoSuchNoun" in answers[unknown].message
    assert len(cmdlet_calls(emulated)) == 1, "what failed for good is not asked again"


@pytest.mark.parametrize("status", [429, 500, 503])
def test_an_item_that_may_pass_is_asked_again_by_itself(status, emulated, connect, waits):
    emulated.fault(kind="batch_item", status=status, retry_after=7, match={"cmdlet": "Get-SafeLinksRule"})
    answers = connect(emulated).store("exchange").read([POLICIES, RULES])
    assert answers[RULES] == [] and len(answers[POLICIES]) == 1
    assert [entry["url"].rsplit("/", 1)[1] for entry in cmdlet_calls(emulated)] == ["$batch", "InvokeCommand"]
    assert waits == ([] if status == 500 else [7])


@pytest.mark.parametrize(
    "fault", [{"kind": "throttle", "retry_after": 3}, {"kind": "throttle"}, {"kind": "unavailable"}, {"kind": "transient"}]
)
@pytest.mark.parametrize("queries", [[POLICIES], [POLICIES, RULES]])
def test_reads_survive_trouble(fault, queries, emulated, connect, waits):
    emulated.fault(**fault, times=2, match={"service": "exchange"})
    answers = connect(emulated).store("exchange").read(queries)
    assert not [answer for answer in answers.values() if isinstance(answer, TenantError)]
    assert waits


def test_reads_survive_transient_texts_behind_400(emulated, connect, waits):
    emulated.fault(kind="transient", status=400, times=2, match={"service": "exchange"})
    assert isinstance(connect(emulated).store("exchange").read([POLICIES])[POLICIES], list)
    assert len(waits) == 2


def test_lasting_trouble_is_an_error_for_each_query_after_a_limit(emulated, connect):
    emulated.fault(kind="throttle", times=None, match={"service": "exchange"})
    answers = connect(emulated).store("exchange").read([POLICIES, RULES])
    assert all(isinstance(answer, Unavailable) and answer.status == 429 for answer in answers.values())
    assert len(cmdlet_calls(emulated)) == TRIES


def test_what_concerns_everything_is_raised(emulated, connect):
    ours = connect(emulated, client_secret="not-the-right-secret-000000000000")
    with pytest.raises(TenantError):
        ours.store("exchange").read([POLICIES])
    ours = connect(emulated)
    emulated.fault(kind="reset", times=None, match={"service": "exchange"})
    with pytest.raises(Unavailable, match="closed the connection"):
        ours.store("exchange").read([POLICIES, RULES])


def test_the_life_of_a_policy_and_its_rule(emulated, connect):
    ours = connect(emulated)
    store = ours.store("exchange")
    ids = [
        store.do(new("SafeLinksPolicy", **POLICY)),
        store.do(new("SafeLinksRule", **RULE)),
        store.do(Operation("Set", "SafeLinksPolicy", POLICY["Name"], POLICY["Name"], {"TrackClicks": False})),
        store.do(Operation("Disable", "SafeLinksRule", RULE["Name"], RULE["Name"])),
    ]
    assert all(ids) and len(set(ids)) == 4
    answers = store.read([POLICIES, RULES])
    assert [row["TrackClicks"] for row in answers[POLICIES] if row["Name"] == POLICY["Name"]] == [False]
    assert answers[RULES][0]["State"] == "Disabled" and answers[RULES][0]["SentTo"] is None
    store.do(Operation("Remove", "SafeLinksRule", RULE["Name"], RULE["Name"], {"Confirm": False}))
    store.do(Operation("Remove", "SafeLinksPolicy", POLICY["Name"], POLICY["Name"], {"Confirm": False}))
    assert len(store.read([POLICIES])[POLICIES]) == 1
    assert ours.counts["writes"] == 6 == len(emulated.writes())


def test_a_confirmation_that_was_not_given_is_no_success(emulated, connect):
    store = connect(emulated).store("exchange")
    store.do(new("SafeLinksPolicy", **POLICY))
    with pytest.raises(Refused, match="did nothing"):
        store.do(Operation("Remove", "SafeLinksPolicy", POLICY["Name"], POLICY["Name"], {"Confirm": True}))


def test_an_ordering_takes_the_fewest_writes(emulated, connect):
    store = connect(emulated).store("exchange")
    names = ["One", "Two", "Three", "Four"]
    for name in names:
        store.do(new("SafeLinksPolicy", Name=name))
        store.do(new("SafeLinksRule", Name=name, SafeLinksPolicy=name, RecipientDomainIs=["contoso.onmicrosoft.com"]))
    emulated.clear_journal()
    wanted = ("Four", "One", "Two", "Three")
    store.do(Operation("Order", "SafeLinksRule", order=(tuple(names), wanted)))
    rows = sorted(store.read([RULES])[RULES], key=lambda row: row["Priority"])
    assert tuple(row["Name"] for row in rows) == wanted
    assert [entry["body"]["CmdletInput"]["Parameters"] for entry in emulated.writes()] == [{"Identity": "Four", "Priority": 0}]


def test_errors_of_writes_have_everything(emulated, connect):
    store = connect(emulated).store("exchange")
    store.do(new("SafeLinksPolicy", **POLICY))
    with pytest.raises(AlreadyExists) as caught:
        store.do(new("SafeLinksPolicy", **POLICY))
    assert caught.value.tried == "New-SafeLinksPolicy Links for everybody"
    assert caught.value.request_id and caught.value.status == 400 and caught.value.service == "exchange"
    with pytest.raises(Refused, match="Nonsense"):
        store.do(Operation("Set", "SafeLinksPolicy", "x", POLICY["Name"], {"Nonsense": 1}))


def test_a_write_is_repeated_only_when_it_did_nothing(emulated, connect, waits):
    store = connect(emulated).store("exchange")
    emulated.fault(kind="throttle", retry_after=4, match={"service": "exchange"})
    store.do(new("SafeLinksPolicy", **POLICY))
    assert waits == [4]
    for fault in ({"kind": "unavailable"}, {"kind": "transient"}, {"kind": "transient", "status": 400}, {"kind": "reset"}):
        emulated.clear_journal()
        emulated.fault(**fault, match={"service": "exchange"})
        with pytest.raises(OutcomeUnknown):
            store.do(Operation("Set", "SafeLinksPolicy", "x", POLICY["Name"], {"TrackClicks": False}))
        assert len(cmdlet_calls(emulated)) <= 1
    emulated.fault(kind="expire", match={"service": "exchange"})
    store.do(Operation("Set", "SafeLinksPolicy", "x", POLICY["Name"], {"TrackClicks": False}))


def test_a_policy_just_made_may_be_unknown_to_its_rule_for_a_while(emulated, connect, waits, scripted):
    not_found = {
        "error": {"innererror": {"internalexception": {"message": 'Policy "x" not found.', "type": "a.ManagementObjectNotFoundException"}}}
    }
    fine = Told(200, {"value": []})
    server = scripted(fine, Told(400, not_found), Told(400, not_found), fine)
    store = exchange_store(server, waits, connect, emulated)
    store.do(new("SafeLinksPolicy", **POLICY))
    store.do(new("SafeLinksRule", **RULE))
    assert len(server.asked) == 4 and waits == [1.0, 2.0]
    server.answers = [Told(400, not_found)]
    waits.clear()
    with pytest.raises(NotFound):
        store.do(new("SafeLinksRule", **RULE))
    assert sum(waits) == 20.0
    waits.clear()
    with pytest.raises(NotFound):
        exchange_store(server, waits, connect, emulated).do(new("SafeLinksRule", **RULE))
    assert not waits, "nothing was made here, so it is simply not there"


def exchange_store(server, waits, connect, emulated):
    """A store of Exchange that talks to a scripted server, with a token of an emulated tenant."""
    from ansible_collections.m365.defender.plugins.module_utils._stores import Cmdlets

    return Cmdlets(scripted_exchange(server, waits, connect, emulated), wait=waits.append, limit=20.0)


def scripted_exchange(server, waits, connect, emulated, service="exchange", files=None, warnings=None):
    from ansible_collections.m365.defender.plugins.module_utils._transport import Secrets, Transport

    options = emulated.connection()
    signing = connect(emulated)
    transport = Transport(
        tenant="t", endpoint=server.url, ca_path=None, proxy=None, timeout=5, trace=None, wait=waits.append, secrets=Secrets()
    )
    return Exchange(
        service,
        cloud=CLOUDS["commercial"],
        tenant=emulated.tenant_id,
        label=emulated.domain,
        transport=transport,
        sign_in=SignIn(
            ClientSecret(options["client_id"], options["client_secret"]),
            login="login.microsoftonline.com",
            tenant=lambda: emulated.tenant_id,
            transport=signing._transport,
            files=TokenFiles(None),
            place="",
        ),
        files=files or TokenFiles(None),
        place="",
        warn=(warnings if warnings is not None else []).append,
    )


def test_pages_are_followed_with_the_same_body_on_the_same_host(emulated, connect, waits, scripted):
    link = "https://back.end.example:446/adminapi/beta/x/InvokeCommand?$skiptoken=2&$select=Name"
    server = scripted(
        Told(200, {"value": [{"Name": "a", "Name@odata.type": "x"}], "@odata.nextLink": link}),
        Told(200, {"value": [{"Name": "b"}]}),
    )
    done = scripted_exchange(server, waits, connect, emulated).run("Get-AcceptedDomain", {"X": 1}, write=False)
    assert done.rows == [{"Name": "a"}, {"Name": "b"}]
    assert server.asked[1].path == f"/outlook.office365.com/adminapi/beta/{emulated.tenant_id}/InvokeCommand?$skiptoken=2&$select=Name"
    assert server.asked[0].json == server.asked[1].json == {"CmdletInput": {"CmdletName": "Get-AcceptedDomain", "Parameters": {"X": 1}}}


def test_an_incomplete_answer_is_no_answer(emulated, connect, waits, scripted):
    for body in ({"value": [], "@adminapi.errors": ["half of it failed"]}, {}, [], "x"):
        server = scripted(Told(200, body))
        with pytest.raises(TenantError):
            scripted_exchange(server, waits, connect, emulated).run("Get-AcceptedDomain", {}, write=False)
    server = scripted(Told(200, b""))
    assert scripted_exchange(server, waits, connect, emulated).run("Set-AcceptedDomain", {}, write=True).rows == []


def test_warnings_are_collected(emulated, connect, waits, scripted):
    warnings: list[str] = []
    server = scripted(Told(200, {"value": [], "@adminapi.warnings": ["mind the gap"]}))
    scripted_exchange(server, waits, connect, emulated, warnings=warnings).run("Get-AcceptedDomain", {}, write=False)
    assert warnings == ["Get-AcceptedDomain: mind the gap"]


def test_a_batch_without_an_answer_for_everything(emulated, connect, waits, scripted):
    server = scripted(Told(200, {"responses": [{"id": "1", "status": 200, "body": {"value": []}}]}), Told(200, {"value": [{"Name": "a"}]}))
    results = scripted_exchange(server, waits, connect, emulated).run_each([("Get-A", {}), ("Get-B", {})])
    assert results == [[{"Name": "a"}], []]


def test_the_compliance_endpoint_leads_to_a_region_which_is_kept(emulated, connect, tmp_path):
    for dummy in range(2):
        rows = connect(emulated, token_cache=str(tmp_path / "tokens")).store("compliance").read([ALERTS])[ALERTS]
        assert len(rows) > 10
    hosts = [entry["url"].split("/")[2] for entry in cmdlet_calls(emulated)]
    assert hosts[0] == "ps.compliance.protection.outlook.com"
    assert len(hosts) == 3 and len(set(hosts[1:])) == 1 and hosts[1].endswith(".ps.compliance.protection.outlook.com")


def test_a_region_that_is_gone_is_forgotten(emulated, connect, waits, scripted, tmp_path):
    files = TokenFiles(str(tmp_path / "tokens"))
    about = ("", emulated.tenant_id, "ps.compliance.protection.outlook.com")
    moved = Told(302, headers={"Location": "https://eur05b.admin.protection.outlook.com:446/x"})
    for first in (Told(404), Told(do="reset"), moved):
        files.write("region", *about, kept={"host": "old.ps.compliance.protection.outlook.com"})
        answers = [first] * (TRIES if first.do else 1) + ([moved] if first is not moved else [])
        server = scripted(*answers, Told(200, {"value": [{"Name": "a"}]}))
        ours = scripted_exchange(server, waits, connect, emulated, "compliance", files)
        assert ours.run("Get-ProtectionAlert", {}, write=False).rows == [{"Name": "a"}]
        assert server.asked[0].path.startswith("/old.ps.compliance") and server.asked[-1].path.startswith(
            "/eur05b.ps.compliance.protection"
        )
        assert server.asked[-1].headers["authorization"].startswith("Bearer ") and server.asked[-1].method == "POST"
        assert files.read("region", *about) == {"host": "eur05b.ps.compliance.protection.outlook.com"}


def test_a_redirect_never_leads_a_token_elsewhere(emulated, connect, waits, scripted):
    server = scripted(Told(302, headers={"Location": "https://evil.example/x"}), Told(200, {"value": []}))
    scripted_exchange(server, waits, connect, emulated, "compliance").run("Get-ProtectionAlert", {}, write=False)
    assert server.asked[1].path.startswith("/evil.ps.compliance.protection.outlook.com/")
    for service, location in (("exchange", "https://outlook.office.com/x"), ("compliance", "")):
        server = scripted(Told(302, headers={"Location": location}))
        with pytest.raises(Unavailable, match="makes no sense"):
            scripted_exchange(server, waits, connect, emulated, service).run("Get-X", {}, write=False)
    server = scripted(Told(302, headers={"Location": "https://eur05b.admin.protection.outlook.com:446/x"}))
    with pytest.raises(Unavailable, match="without end"):
        scripted_exchange(server, waits, connect, emulated, "compliance").run("Get-X", {}, write=False)


def test_anchors(emulated, connect, waits, scripted):
    server = scripted(Told(200, {"value": []}))
    scripted_exchange(server, waits, connect, emulated, "compliance").run("Get-ProtectionAlert", {}, write=False)
    scripted_exchange(server, waits, connect, emulated).run("Set-AdminAuditLogConfig", {}, write=True)
    anchors = [one.headers["x-anchormailbox"] for one in server.asked]
    assert anchors[0] == "UPN:SystemMailbox{bb558c35-97f1-4cb9-8ff7-d53741dc928c}@" + emulated.domain
    assert anchors[1] == "APP:SystemMailbox{8cc370d3-822a-4ab8-a926-bb94bd0641a9}@" + emulated.tenant_id


def test_missing_roles_and_permissions(emulated, connect):
    change = Operation("Set", "AntiPhishPolicy", "x", "Office365 AntiPhish Default", {"PhishThresholdLevel": 2})
    for identity, said in (
        ("reader", "Exchange Administrator"),
        ("unassigned", "Exchange Administrator"),
        ("security_admin", "Security Administrator is not enough"),
        ("unconsented", "Exchange.ManageAsApp"),
    ):
        with pytest.raises(Forbidden) as caught:
            connect(emulated, identity).store("exchange").do(change)
        assert said in caught.value.hint, identity
    answers = connect(emulated, "unconsented").store("exchange").read([POLICIES, RULES])
    assert all(isinstance(answer, Forbidden) and "ManageAsApp" in answer.hint for answer in answers.values())
    with pytest.raises(Forbidden) as caught:
        connect(emulated, "reader").store("compliance").do(Operation("Set", "ProtectionAlert", "x", "x", {"Severity": "Low"}))
    assert "Compliance Administrator" in caught.value.hint
