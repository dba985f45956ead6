# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The protocol: addresses, envelopes, annotations, paging, batches, the compliance redirect."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.testing import Emulator
from tests.emulator.wire import COMPLIANCE, EXCHANGE, REGIONAL, Wire

CONTENT_TYPE = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"


def test_success_has_the_services_envelope_and_headers(wire: Wire) -> None:
    answer = wire.call("Get-AcceptedDomain")
    body = answer.json()
    context = f"https://{EXCHANGE}/adminapi/beta/{wire.tenant.tenant_id}/$metadata#Collection(Exchange.GenericHashTable)"
    assert list(body) == ["@odata.context", "adminapi.warnings@odata.type", "@adminapi.warnings", "value"]
    assert (body["@odata.context"], body["@adminapi.warnings"]) == (context, [])
    assert answer.headers["Content-Type"] == CONTENT_TYPE
    assert len(answer.headers["request-id"]) == 36
    assert (answer.headers["Rate-Limit-Limit"], answer.headers["OData-Version"]) == ("30000", "4.0")


def test_the_domain_is_as_good_as_the_tenant_id(wire: Wire) -> None:
    body = {"CmdletInput": {"CmdletName": "get-accepteddomain", "Parameters": {}}}
    address = wire.address("InvokeCommand").replace(wire.tenant.tenant_id, wire.tenant.domain)
    assert wire.session.post(address, json=body, headers=wire.headers()).status_code == 200


def test_invoke_command_is_beta_and_post_only(wire: Wire) -> None:
    assert wire.session.post(wire.address("InvokeCommand", version="v1.0"), json={}, headers=wire.headers()).status_code == 405
    assert wire.session.get(wire.address("InvokeCommand"), headers=wire.headers()).status_code == 405
    assert wire.session.get(wire.address("Nothing"), headers=wire.headers()).status_code == 404


@pytest.mark.parametrize(
    "body", [None, {}, {"CmdletInput": {}}, {"CmdletInput": {"CmdletName": "Get-AcceptedDomain", "Parameters": None}}, []]
)
def test_a_body_that_is_no_command(wire: Wire, body: Any) -> None:
    answer = wire.session.post(wire.address("InvokeCommand"), json=body, headers=wire.headers())
    assert answer.status_code == 400
    assert answer.json()["error"]["innererror"]["type"].endswith("ODataServiceException")


def test_annotations_stand_in_front_of_their_property(wire: Wire) -> None:
    row = wire.one("Get-AntiPhishPolicy")
    keys = list(row)
    for name in ("PhishThresholdLevel", "ExcludedDomains", "WhenChanged"):
        notes = [key for key in keys if key.startswith(name + "@")]
        assert notes and keys.index(name) == keys.index(notes[-1]) + 1
    assert row["PhishThresholdLevel@data.type"] == "System.Int32"
    assert (row["Guid@data.type"], row["Guid@odata.type"]) == ("System.Guid", "#Guid")
    assert keys.index("Guid@data.type") < keys.index("Guid@odata.type")
    assert (row["ExcludedDomains@odata.type"], row["ExcludedDomains"]) == ("#Collection(String)", [])
    assert row["WhenChanged@data.type"] == "System.DateTime" and row["WhenChanged"].endswith(".0000000+00:00")
    assert row["WhenChangedUTC"].endswith("Z")
    assert "Enabled@data.type" not in row and "Name@data.type" not in row


def test_every_policy_has_its_identity_block_in_the_services_form(wire: Wire) -> None:
    row = wire.one("New-SafeLinksPolicy", Name="Links for everybody")
    read = wire.one("Get-SafeLinksPolicy", Identity="Links for everybody")
    assert read == row
    assert row["DistinguishedName"].startswith("CN=Links for everybody,CN=Safe Links,CN=Transport Settings,CN=Configuration,")
    assert (row["RecommendedPolicyType"], row["IsBuiltInProtection"]) == ("Custom", False)
    assert row["Guid"] == row["ExchangeObjectId"] and len(row["Guid"]) == 36
    assert wire.tenant.domain in row["OrganizationId"]


def test_null_has_no_annotation_and_rules_have_null_lists(wire: Wire) -> None:
    wire.run("New-SafeLinksPolicy", Name="A")
    row = wire.one("New-SafeLinksRule", Name="A", SafeLinksPolicy="A", RecipientDomainIs=["contoso.com"])
    assert row["SentTo"] is None and "SentTo@odata.type" not in row
    assert (row["RecipientDomainIs@odata.type"], row["RecipientDomainIs"]) == ("#Collection(String)", ["contoso.com"])
    assert (row["Priority@data.type"], row["RuleVersion"]) == ("System.Int32", "15.0.5.2")


def test_select_projects(wire: Wire) -> None:
    body = wire.call("Get-AntiPhishPolicy", query="?$select=Name,PhishThresholdLevel").json()
    assert body["value"] == [
        {"PhishThresholdLevel@data.type": "System.Int32", "PhishThresholdLevel": 1, "Name": "Office365 AntiPhish Default"}
    ]
    assert wire.call("Get-AntiPhishPolicy", query="?%24select=name").json()["value"] == [{"Name": "Office365 AntiPhish Default"}]


def test_pages_are_followed_by_posting_the_same_body(wire: Wire) -> None:
    first = wire.call("Get-RoleGroup", query="?$select=Name", Prefer="odata.maxpagesize=4").json()
    names = [row["Name"] for row in first["value"]]
    link = first["@odata.nextLink"]
    assert len(names) == 4 and link.startswith(f"{wire.url}/{EXCHANGE}/")
    while link:
        body = {"CmdletInput": {"CmdletName": "Get-RoleGroup", "Parameters": {}}}
        page = wire.session.post(link, json=body, headers=wire.headers(Prefer="odata.maxpagesize=4")).json()
        names += [row["Name"] for row in page["value"]]
        link = page.get("@odata.nextLink")
    assert len(names) == len(set(names)) == len(wire.run("Get-RoleGroup"))


def test_a_stale_page_token(wire: Wire) -> None:
    answer = wire.call("Get-RoleGroup", query="?$skiptoken=4.1000000000")
    assert answer.status_code == 400 and "Expired or Invalid pagination request" in answer.text


def test_result_size_cuts_with_a_warning(wire: Wire) -> None:
    body = wire.call("Get-RoleGroup", {"ResultSize": 3}).json()
    assert len(body["value"]) == 3 and "ResultSize" in body["@adminapi.warnings"][0]
    assert wire.call("Get-RoleGroup", {"ResultSize": "Unlimited"}).json()["@adminapi.warnings"] == []


def test_writes_answer_with_an_empty_value(wire: Wire) -> None:
    answer = wire.call("Set-AntiPhishPolicy", {"Identity": "Office365 AntiPhish Default", "PhishThresholdLevel": 2})
    assert (answer.status_code, answer.json()["value"]) == (200, [])
    assert wire.one("Get-AntiPhishPolicy")["PhishThresholdLevel"] == 2


def test_confirm_asks_and_does_nothing(wire: Wire) -> None:
    wire.run("New-AntiPhishPolicy", Name="A")
    body = wire.call("Remove-AntiPhishPolicy", {"Identity": "A", "Confirm": True}).json()
    assert "Remove-AntiPhishPolicy" in body["@adminapi.confirmationmessage"] and len(wire.run("Get-AntiPhishPolicy")) == 2
    wire.run("Remove-AntiPhishPolicy", Identity="A", WhatIf=True)
    assert len(wire.run("Get-AntiPhishPolicy")) == 2
    assert "@adminapi.confirmationmessage" in wire.call("Remove-AntiPhishPolicy", {"Identity": "A"}).json()
    wire.run("Remove-AntiPhishPolicy", Identity="A", Confirm=False)
    assert len(wire.run("Get-AntiPhishPolicy")) == 1


def test_confirm_only_where_the_cmdlet_has_it(wire: Wire) -> None:
    wire.run("New-QuarantinePolicy", Name="A")
    kind, _text = wire.refused("Remove-QuarantinePolicy", {"Identity": "A", "Confirm": False})
    assert kind == "AmbiguousParameterSetException"


def test_batch_goes_on_after_an_error(wire: Wire) -> None:
    answers = wire.batch(
        ("Get-AntiPhishPolicy", {}),
        ("Get-AntiPhishPolicy", {"Identity": "nothing"}),
        ("Set-AntiPhishPolicy", {"Identity": "Office365 AntiPhish Default", "PhishThresholdLevel": 3}),
        ("Get-Nothing", {}),
    )
    assert [row["status"] for row in answers] == [200, 404, 200, 403]
    assert answers[0]["body"]["value"][0]["IsDefault"] is True
    assert answers[1]["body"]["error"]["code"] == "NotFound"
    assert "body" not in answers[2] and answers[2]["id"] == "2"
    assert set(answers[3]["body"]) == {"\0"}


def test_batch_stops_without_continue_on_error(wire: Wire) -> None:
    answers = wire.batch(("Get-AntiPhishPolicy", {"Identity": "nothing"}), ("Get-AntiPhishPolicy", {}), prefer="odata.maxpagesize=1000")
    assert [row["status"] for row in answers] == [404, 424]


def test_batch_takes_ten(wire: Wire) -> None:
    assert len(wire.batch(*[("Get-AntiPhishPolicy", {})] * 10)) == 10
    items = [{"id": str(place), "method": "POST", "url": wire.address("InvokeCommand"), "body": {}} for place in range(11)]
    assert wire.session.post(wire.address("$batch"), json={"requests": items}, headers=wire.headers()).status_code == 400


def test_each_batch_item_needs_its_own_token(wire: Wire) -> None:
    item = {
        "id": "a",
        "method": "POST",
        "url": f"https://{EXCHANGE}/adminapi/beta/{wire.tenant.tenant_id}/InvokeCommand?$select=Name",
        "headers": {},
    }
    item["body"] = {"CmdletInput": {"CmdletName": "Get-AntiPhishPolicy", "Parameters": {}}}
    one = wire.session.post(wire.address("$batch"), json={"requests": [item]}, headers=wire.headers()).json()["responses"][0]
    assert one["status"] == 401
    item["headers"] = {"authorization": f"Bearer {wire.token()}"}
    one = wire.session.post(wire.address("$batch"), json={"requests": [item]}, headers=wire.headers()).json()["responses"][0]
    assert (one["status"], one["body"]["value"]) == (200, [{"Name": "Office365 AntiPhish Default"}])


def test_module_file_lists_what_the_caller_may_run(wire: Wire, emulator: Emulator) -> None:
    def names(who: Wire) -> set[str]:
        address = who.address("EXOModuleFile?Version=3.9.2", version="v1.0")
        answer = who.session.get(address, headers=who.headers(CommandName="*"))
        assert answer.status_code == 200
        return set(answer.json()["value"][0]["exportedCmdlets"].split(","))

    whole = names(wire)
    assert {"Set-SafeLinksPolicy", "Get-AntiPhishPolicy"} <= whole and "Get-ProtectionAlert" not in whole
    assert not any(name.startswith("Set-") for name in names(wire.as_identity("reader")))
    with Wire(emulator.tenant("exchange_only")) as plain:
        assert "Get-SafeLinksPolicy" not in names(plain) and "Get-AntiPhishPolicy" in names(plain)


def test_compliance_base_host_redirects_to_the_regional_back_end(wire: Wire) -> None:
    answer = wire.session.get(
        wire.address("EXOBanner('AutogenSession')?Version=3.9.2", COMPLIANCE), headers=wire.headers(COMPLIANCE), allow_redirects=False
    )
    location = answer.headers["Location"]
    assert answer.status_code == 302
    assert location.startswith(f"{wire.url}/eur05b.admin.protection.outlook.com:446/adminapi/beta/")
    post = wire.call("Get-ProtectionAlert", host=COMPLIANCE)
    assert (post.status_code, post.headers["Location"].split("/")[3]) == (302, "eur05b.admin.protection.outlook.com:446")
    assert wire.call("Get-ProtectionAlert", host=REGIONAL).status_code == 200
    banner = wire.session.get(wire.address("EXOBanner('AutogenSession')?Version=3.9.2", REGIONAL), headers=wire.headers(COMPLIANCE))
    assert banner.status_code == 200


def test_protection_alerts_live_on_the_compliance_endpoint_only(wire: Wire) -> None:
    answer = wire.call("Get-ProtectionAlert")
    assert (answer.status_code, set(answer.content)) == (403, {0})
    wrong = wire.call("Get-AntiPhishPolicy", host=REGIONAL)
    assert (wrong.status_code, wrong.json()["error"]["message"]) == (403, "User is not allowed to call Get-AntiPhishPolicy")


def test_the_audit_switch_reads_false_on_the_compliance_endpoint(wire: Wire) -> None:
    assert wire.one("Get-AdminAuditLogConfig")["UnifiedAuditLogIngestionEnabled"] is True
    row = wire.call("Get-AdminAuditLogConfig", host=REGIONAL).json()["value"][0]
    assert row["UnifiedAuditLogIngestionEnabled"] is False


def test_an_unknown_cmdlet_is_a_run_of_nul_bytes(wire: Wire) -> None:
    answer = wire.call("Get-Nothing")
    assert answer.status_code == 403 and len(answer.content) > 400 and set(answer.content) == {0}
