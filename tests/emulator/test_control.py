# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control interface: tenants, state, cmdlets of a second administrator, seeds."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from emulator.testing import EmulatedTenant, Emulator
from tests.emulator.wire import Wire


def test_it_describes_itself(emulator: Emulator) -> None:
    assert "POST faults" in emulator.control("GET", "")["calls"]


def test_it_is_off_unless_asked_for() -> None:
    with Emulator.start(control=False, tls=False) as running, Wire(running.tenants[0]) as wire:
        assert running.control_url is None
        assert wire.session.get(f"{running.url}/_emulator/").status_code == 404


def test_tenants_come_and_go(emulator: Emulator) -> None:
    made = emulator.tenant(name="wingtiptoys")
    assert (made.name, made.domain) == ("wingtiptoys", "wingtiptoys.onmicrosoft.com")
    assert any(row["name"] == made.name for row in emulator.control("GET", "tenants"))
    assert emulator.control("GET", f"tenants/{made.tenant_id}")["name"] == made.name
    with pytest.raises(RuntimeError, match="there is a tenant"):
        emulator.tenant(name="wingtiptoys")
    made.remove()
    with pytest.raises(RuntimeError, match="404"):
        made.journal()


def test_reset_goes_back_to_the_seed(wire: Wire, tenant: EmulatedTenant) -> None:
    wire.run("New-AntiPhishPolicy", Name="A")
    tenant.fault(kind="unavailable", match={"service": "exchange"})
    tenant.reset()
    assert len(tenant.state("AntiPhishPolicy")) == 1 and tenant.journal() == []
    assert wire.call("Get-AntiPhishPolicy").status_code == 200


def test_state_is_read_and_replaced(wire: Wire, tenant: EmulatedTenant) -> None:
    rows = tenant.state("AntiPhishPolicy")
    assert not any("@" in key for key in rows[0])
    tenant.put_state("AntiPhishPolicy", [{**rows[0], "PhishThresholdLevel": 4}, {"Name": "Half", "PhishThresholdLevel@data.type": "x"}])
    read = wire.run("Get-AntiPhishPolicy")
    assert (read[0]["PhishThresholdLevel"], read[1]["Name"], read[1]["RecommendedPolicyType"]) == (4, "Half", "Custom")
    with pytest.raises(RuntimeError, match="list of objects"):
        tenant.put_state("AntiPhishPolicy", [1])  # type: ignore[list-item]  # wrong on purpose


def test_a_second_administrator_runs_cmdlets(wire: Wire, tenant: EmulatedTenant) -> None:
    tenant.cmdlet("New-AntiPhishPolicy", Name="Rival")
    assert len(wire.run("Get-AntiPhishPolicy")) == 2
    assert tenant.writes() == []
    with pytest.raises(RuntimeError, match="couldn't be found"):
        tenant.cmdlet("Remove-AntiPhishPolicy", Identity="nothing")


def test_a_tenant_may_be_given_its_objects(emulator: Emulator) -> None:
    pair: dict[str, Any] = {
        "SafeLinksPolicy": [{"Name": "Mine", "TrackClicks": False, "DoNotRewriteUrls@odata.type": "#Collection(String)"}],
        "SafeLinksRule": [{"Name": "Mine", "SafeLinksPolicy": "Mine", "Priority": 0, "RecipientDomainIs": ["contoso.com"]}],
    }
    with Wire(emulator.tenant(objects=pair, presets=["Strict"])) as wire:
        policies = {row["Name"][:6]: row for row in wire.run("Get-SafeLinksPolicy")}
        assert set(policies) == {"Mine", "Strict"}
        assert (policies["Mine"]["TrackClicks"], policies["Mine"]["RecommendedPolicyType"]) == (False, "Custom")
        rule = wire.one("Get-SafeLinksRule")
        assert rule["Conditions"] == ["Microsoft.Exchange.MessagingPolicies.Rules.Tasks.RecipientDomainIsPredicate"]
        assert len(wire.run("Get-AntiPhishPolicy")) == 2


def test_an_export_of_the_wire_can_be_loaded(wire: Wire, emulator: Emulator) -> None:
    wire.run("New-SafeLinksPolicy", Name="A")
    nouns = ("SafeLinksPolicy", "AntiPhishPolicy", "QuarantinePolicy", "OrganizationConfig", "ProtectionAlert")
    export = {noun: wire.run(f"Get-{noun}") for noun in nouns}
    with Wire(emulator.tenant(objects=export)) as copy:
        assert {noun: copy.run(f"Get-{noun}") for noun in nouns} == export


def test_bad_seeds_are_refused(emulator: Emulator, tmp_path: Path) -> None:
    for extra in ({"licences": ["NO_SUCH_SKU"]}, {"objects": {"SafeLinksPolicy": 1}}, {"colour": "red"}):
        with pytest.raises(RuntimeError, match="400"):
            emulator.tenant(**extra)  # type: ignore[arg-type]  # wrong on purpose
    with pytest.raises(RuntimeError, match="there is no seed"):
        emulator.tenant("nothing")
    path = tmp_path / "seed.json"
    path.write_text(json.dumps({"licences": ["EXCHANGESTANDARD"]}), encoding="utf-8")
    made = emulator.tenant(str(path))
    assert made.portal_session is None
    path.write_text("licences: [", encoding="utf-8")
    with pytest.raises(RuntimeError, match="400"):
        emulator.tenant(str(path))


def test_a_wrong_seed_ends_the_program() -> None:
    with pytest.raises(RuntimeError, match="there is no seed 'nothing'"):
        Emulator.start(seeds=["nothing"])


def test_two_hundred_tenants_start_in_seconds() -> None:
    with Emulator.start(tenants=200, tls=False) as running:
        names = [tenant.name for tenant in running.tenants]
        assert len(set(names)) == 200 and names[:3] == ["contoso", "fabrikam", "adatum"] and names[8] == "tenant0009"
        assert len({tenant.tenant_id for tenant in running.tenants}) == 200
        with Wire(running.tenants[199]) as wire:
            assert wire.one("Get-AcceptedDomain")["DomainName"] == "tenant0200.onmicrosoft.com"


def test_latency_may_be_added_to_every_answer() -> None:
    with Emulator.start(latency=0.15, tls=False) as running, Wire(running.tenants[0]) as wire:
        began = time.monotonic()
        wire.run("Get-AcceptedDomain")
        assert time.monotonic() - began >= 0.3
