# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults on request: each kind, how often, for whom, and inside a batch."""

from __future__ import annotations

import time
from typing import Any

import pytest
import requests

from emulator.testing import EmulatedTenant, Emulator
from tests.emulator.wire import Wire

GRAPH = "graph.microsoft.com"


def statuses(wire: Wire, count: int, name: str = "Get-AntiPhishPolicy") -> list[int]:
    return [wire.call(name).status_code for _number in range(count)]


def test_throttling_with_and_without_retry_after(wire: Wire) -> None:
    wire.tenant.fault(kind="throttle", match={"service": "exchange"}, retry_after=7)
    answer = wire.call("Get-AntiPhishPolicy")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "7")
    wire.tenant.fault(kind="throttle", match={"service": "exchange"})
    answer = wire.call("Get-AntiPhishPolicy")
    assert answer.status_code == 429 and "Retry-After" not in answer.headers and "request-id" not in answer.json()
    assert statuses(wire, 1) == [200]


def test_skip_times_and_cmdlet(wire: Wire) -> None:
    wire.tenant.fault(kind="unavailable", match={"cmdlet": "get-antiphish*"}, skip=1, times=2)
    assert wire.call("Get-AcceptedDomain").status_code == 200
    assert statuses(wire, 4) == [200, 503, 503, 200]


def test_a_fault_may_last(wire: Wire) -> None:
    number = wire.tenant.fault(kind="unavailable", match={"method": "POST", "path": "*/InvokeCommand"}, times=None, status=502)
    assert statuses(wire, 3) == [502] * 3
    wire.tenant.emulator.control("DELETE", f"faults/{number}")
    assert statuses(wire, 1) == [200]


def test_transient_errors_hide_behind_400_and_500(wire: Wire) -> None:
    wire.tenant.fault(kind="transient", match={"service": "exchange"})
    answer = wire.call("Get-AntiPhishPolicy")
    assert answer.status_code == 500 and "ServerBusyException" in answer.text
    wire.tenant.fault(
        kind="transient", match={"service": "exchange"}, status=400, text="CmdletProxyNotAvailableFailure: Error on proxy command"
    )
    answer = wire.call("Get-AntiPhishPolicy")
    assert answer.status_code == 400
    assert answer.json()["error"]["innererror"]["internalexception"]["message"].startswith("CmdletProxyNotAvailableFailure")


def test_a_reset_before_and_after_the_request_is_carried_out(wire: Wire) -> None:
    for when, done in (("before", 0), ("after", 1)):
        wire.tenant.fault(kind="reset", match={"cmdlet": "New-*"}, when=when)
        with pytest.raises(requests.ConnectionError):
            wire.call("New-AntiPhishPolicy", {"Name": "A"})
        assert len(wire.run("Get-AntiPhishPolicy")) == 1 + done
    assert [entry["status"] for entry in wire.tenant.journal() if entry.get("cmdlet") == "New-AntiPhishPolicy"] == [0, 0]


def test_an_answer_may_be_lost_after_the_write(wire: Wire) -> None:
    wire.tenant.fault(kind="unavailable", match={"cmdlet": "New-*"}, when="after", status=504)
    assert wire.call("New-AntiPhishPolicy", {"Name": "A"}).status_code == 504
    assert len(wire.run("Get-AntiPhishPolicy")) == 2


def test_latency(wire: Wire) -> None:
    wire.token()
    wire.tenant.fault(kind="latency", match={"service": "exchange"}, seconds=0.2)
    began = time.monotonic()
    assert statuses(wire, 1) == [200]
    assert time.monotonic() - began >= 0.2


def test_lag_is_counted_in_reads(wire: Wire) -> None:
    wire.tenant.fault(kind="lag", reads=2)

    def seen() -> int:
        return int(wire.one("Get-AntiPhishPolicy")["PhishThresholdLevel"])

    change = {"Identity": "Office365 AntiPhish Default"}
    wire.run("Set-AntiPhishPolicy", **change, PhishThresholdLevel=2)
    assert wire.tenant.state("AntiPhishPolicy")[0]["PhishThresholdLevel"] == 2
    assert [seen(), seen(), seen()] == [1, 1, 2]
    wire.run("Set-AntiPhishPolicy", **change, PhishThresholdLevel=3)
    wire.run("Set-AntiPhishPolicy", **change, PhishThresholdLevel=4)
    assert [seen(), seen(), seen()] == [2, 2, 4]


def test_a_second_administrator_acts_between_two_requests(wire: Wire) -> None:
    do: dict[str, Any] = {"cmdlet": {"CmdletName": "New-AntiPhishPolicy", "Parameters": {"Name": "Rival"}}}
    wire.tenant.fault(kind="edit", match={"cmdlet": "Set-AntiPhishPolicy"}, do=do, when="after")
    wire.run("Set-AntiPhishPolicy", Identity="Office365 AntiPhish Default", PhishThresholdLevel=2)
    assert {row["Name"] for row in wire.run("Get-AntiPhishPolicy")} == {"Office365 AntiPhish Default", "Rival"}
    wire.tenant.fault(kind="edit", match={"cmdlet": "Get-AntiPhishPolicy"}, do={"state": {"AntiPhishPolicy": []}})
    assert wire.run("Get-AntiPhishPolicy") == []


def test_a_rival_tool_keeps_its_rule_first(wire: Wire) -> None:
    for name in ("Ours", "Rival"):
        wire.run("New-SafeLinksPolicy", Name=name)
        wire.run("New-SafeLinksRule", Name=name, SafeLinksPolicy=name, RecipientDomainIs=["contoso.com"])
    do = {"cmdlet": {"CmdletName": "Set-SafeLinksRule", "Parameters": {"Identity": "Rival", "Priority": 0}}}
    wire.tenant.fault(kind="edit", match={"cmdlet": "Set-SafeLinksRule"}, do=do, when="after", times=None)
    for _try in range(2):
        wire.run("Set-SafeLinksRule", Identity="Ours", Priority=0)
        assert {row["Name"]: row["Priority"] for row in wire.run("Get-SafeLinksRule")} == {"Rival": 0, "Ours": 1}


def test_a_failure_inside_a_batch(wire: Wire) -> None:
    wire.tenant.fault(kind="batch_item", match={"cmdlet": "Get-SafeLinksPolicy"}, retry_after=3)
    wire.tenant.fault(kind="transient", match={"cmdlet": "Get-MalwareFilterPolicy"}, status=400)
    commands = [("Get-AntiPhishPolicy", {}), ("Get-SafeLinksPolicy", {}), ("Get-MalwareFilterPolicy", {})]
    answers = wire.batch(*commands)
    assert [row["status"] for row in answers] == [200, 429, 400]
    assert answers[1]["headers"]["Retry-After"] == "3"
    assert [row["status"] for row in wire.batch(*commands)] == [200, 200, 200]


def test_edits_and_lag_reach_into_batches(wire: Wire) -> None:
    do = {"cmdlet": {"CmdletName": "New-AntiPhishPolicy", "Parameters": {"Name": "Rival"}}}
    wire.tenant.fault(kind="edit", match={"cmdlet": "Get-AntiPhishPolicy"}, do=do)
    wire.tenant.fault(kind="lag", match={"cmdlet": "New-SafeLinksPolicy"}, reads=1)
    answers = wire.batch(("New-SafeLinksPolicy", {"Name": "A"}), ("Get-SafeLinksPolicy", {}), ("Get-AntiPhishPolicy", {}))
    assert [len(row["body"]["value"]) for row in answers] == [1, 1, 2]
    assert len(wire.run("Get-SafeLinksPolicy")) == 2


def test_faults_strike_the_other_services_in_their_own_form(wire: Wire) -> None:
    wire.tenant.fault(kind="throttle", match={"service": "graph"}, retry_after=1)
    answer = wire.session.get(f"{wire.url}/{GRAPH}/v1.0/organization", headers=wire.headers(GRAPH))
    assert (answer.status_code, answer.json()["error"]["code"]) == (429, "TooManyRequests")
    wire.tenant.fault(kind="transient", match={"service": "identity"}, status=503)
    answer = wire.sign_in()
    assert (answer.status_code, answer.json()["error"]) == (503, "temporarily_unavailable")


def test_a_fault_of_one_tenant_leaves_the_others_alone(wire: Wire, emulator: Emulator) -> None:
    wire.tenant.fault(kind="unavailable", match={"service": "exchange"}, times=None)
    with Wire(emulator.tenant()) as other:
        assert other.call("Get-AntiPhishPolicy").status_code == 200
    assert wire.call("Get-AntiPhishPolicy").status_code == 503


@pytest.mark.parametrize(
    "described",
    [
        {},
        {"kind": "earthquake"},
        {"kind": "throttle", "colour": "red"},
        {"kind": "throttle", "match": {"colour": "red"}},
        {"kind": "throttle", "match": {"service": "mail"}},
        {"kind": "throttle", "when": "later"},
        {"kind": "edit"},
        {"kind": "edit", "do": {"cmdlet": {"CmdletName": "Set-Nothing"}}},
    ],
)
def test_bad_faults_are_refused(tenant: EmulatedTenant, described: dict[str, Any]) -> None:
    with pytest.raises(RuntimeError, match="400"):
        tenant.fault(**described)
