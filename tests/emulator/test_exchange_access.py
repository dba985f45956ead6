# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may do what: licences, application permission, directory roles, on both endpoints."""

from __future__ import annotations

import pytest

from emulator.testing import Emulator
from tests.emulator.wire import EXCHANGE, REGIONAL, Wire

WRITES = [
    ("Set-SafeLinksPolicy", {"Identity": "A", "TrackClicks": False}),
    ("New-AntiPhishPolicy", {"Name": "A"}),
    ("Set-OrganizationConfig", {"RejectDirectSend": True}),
    ("Enable-OrganizationCustomization", {}),
]


def is_nul(wire: Wire, name: str, parameters: dict[str, object] | None = None) -> bool:
    answer = wire.call(name, parameters or {})
    return answer.status_code == 403 and len(answer.content) > 400 and set(answer.content) == {0}


def test_the_ladder_of_permissions(wire: Wire) -> None:
    assert wire.as_identity("unconsented").call("Get-AntiPhishPolicy").status_code == 401
    assert is_nul(wire.as_identity("unassigned"), "Get-AntiPhishPolicy")
    assert wire.as_identity("reader").call("Get-AntiPhishPolicy").status_code == 200


@pytest.mark.parametrize(("name", "parameters"), WRITES)
def test_the_reader_is_refused_every_write(wire: Wire, name: str, parameters: dict[str, object]) -> None:
    assert is_nul(wire.as_identity("reader"), name, parameters)


def test_security_administrator_alone_may_not_write_filter_policies(wire: Wire) -> None:
    admin = wire.as_identity("security_admin")
    for kind in ("AntiPhish", "MalwareFilter", "HostedContentFilter", "HostedOutboundSpamFilter"):
        assert admin.call(f"Get-{kind}Policy").status_code == 200
        assert is_nul(admin, f"New-{kind}Policy", {"Name": "A"})
        assert is_nul(admin, f"Remove-{kind}Rule", {"Identity": "A"})
    assert is_nul(admin, "Set-HostedConnectionFilterPolicy", {"Identity": "Default"})
    admin.run("New-SafeLinksPolicy", Name="A")
    admin.run("New-QuarantinePolicy", Name="A")
    assert is_nul(admin, "Get-OrganizationConfig")


def test_compliance_has_its_own_list_of_roles(emulator: Emulator) -> None:
    only = {"client_id": "88888888-8888-4888-8888-888888888888", "client_secret": "not-a-real-secret-of-one-role-0000000000"}
    roles = {"mail": ["Exchange Administrator"], "compliance": ["Compliance Administrator"]}
    for name, names in roles.items():
        extra = {name: {**only, "directory_roles": names, "app_permissions": {"exchange": ["Exchange.ManageAsApp"]}}}
        with Wire(emulator.tenant(identities=extra), name) as wire:
            answer = wire.call("Get-ProtectionAlert", host=REGIONAL)
            if name == "mail":
                assert (answer.status_code, answer.json()["error"]["message"]) == (403, "User is not allowed to call Get-ProtectionAlert")
            else:
                assert answer.status_code == 200
                assert is_nul(wire, "New-AntiPhishPolicy", {"Name": "A"})


def test_the_reader_may_not_write_alerts(wire: Wire) -> None:
    answer = wire.as_identity("reader").call("Remove-ProtectionAlert", {"Identity": "A"}, host=REGIONAL)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "Forbidden")


def test_defender_for_office_cmdlets_need_their_licence(emulator: Emulator) -> None:
    with Wire(emulator.tenant("exchange_only")) as wire:
        for name in ("Get-SafeLinksPolicy", "Get-SafeAttachmentRule", "Get-AtpPolicyForO365", "Get-ATPProtectionPolicyRule"):
            assert is_nul(wire, name)
        assert wire.call("Get-EOPProtectionPolicyRule").status_code == 200


def test_impersonation_parameters_need_their_licence(emulator: Emulator) -> None:
    with Wire(emulator.tenant("exchange_only")) as wire:
        default = {"Identity": "Office365 AntiPhish Default"}
        for name, value in (("PhishThresholdLevel", 2), ("EnableTargetedUserProtection", True), ("ExcludedDomains", ["a.example"])):
            kind, text = wire.refused("Set-AntiPhishPolicy", {**default, name: value})
            assert kind == "AmbiguousParameterSetException" and text.endswith(name)
        wire.run(
            "Set-AntiPhishPolicy",
            **default,
            EnableSpoofIntelligence=True,
            EnableFirstContactSafetyTips=True,
            AuthenticationFailAction="Quarantine",
        )


def test_plan_1_brings_the_cmdlets(emulator: Emulator) -> None:
    with Wire(emulator.tenant("fresh_e3")) as wire:
        assert wire.call("Get-SafeLinksPolicy").status_code == 200


def test_without_an_exchange_plan_nothing_runs(emulator: Emulator) -> None:
    with Wire(emulator.tenant("unlicensed")) as wire:
        assert is_nul(wire, "Get-AntiPhishPolicy")
        assert wire.sign_in(EXCHANGE).status_code == 200
