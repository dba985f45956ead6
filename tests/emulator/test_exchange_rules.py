# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules: priorities, policies, conditions, state, presets."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.testing import EmulatedTenant
from tests.emulator.wire import Wire

PAIRS = [
    ("AntiPhish", "RecipientDomainIs"),
    ("MalwareFilter", "RecipientDomainIs"),
    ("HostedContentFilter", "RecipientDomainIs"),
    ("HostedOutboundSpamFilter", "SenderDomainIs"),
    ("SafeAttachment", "RecipientDomainIs"),
    ("SafeLinks", "RecipientDomainIs"),
]


def pair(wire: Wire, name: str, kind: str = "SafeLinks", condition: str = "RecipientDomainIs", **values: Any) -> dict[str, Any]:
    """A policy and its rule; the rule."""
    wire.run(f"New-{kind}Policy", Name=name)
    return wire.one(f"New-{kind}Rule", Name=name, **{f"{kind}Policy": name, condition: ["contoso.com"], **values})


def order(wire: Wire, kind: str = "SafeLinks") -> dict[str, int]:
    return {row["Name"]: row["Priority"] for row in wire.run(f"Get-{kind}Rule")}


@pytest.mark.parametrize(("kind", "condition"), PAIRS)
def test_the_life_of_a_pair(wire: Wire, kind: str, condition: str) -> None:
    rule = pair(wire, "A", kind, condition)
    assert (rule[f"{kind}Policy"], rule["State"], rule["Priority"], rule[condition]) == ("A", "Enabled", 0, ["contoso.com"])
    wire.run(f"Disable-{kind}Rule", Identity="A")
    assert wire.one(f"Get-{kind}Rule", Identity="A")["State"] == "Disabled"
    assert wire.run(f"Get-{kind}Rule", State="Enabled") == []
    wire.run(f"Enable-{kind}Rule", Identity="A")
    wire.run(f"Set-{kind}Rule", Identity="A", **{condition: ["fabrikam.com"], "ExceptIf" + condition: ["x.contoso.com"]})
    row = wire.one(f"Get-{kind}Rule")
    assert (row["State"], row[condition], row["ExceptIf" + condition]) == ("Enabled", ["fabrikam.com"], ["x.contoso.com"])
    assert row["Exceptions"][0].endswith(f"{condition}Predicate") and "fabrikam.com" in row["Description"]
    wire.run(f"Remove-{kind}Policy", Identity="A")
    assert wire.one(f"Get-{kind}Rule")[f"{kind}Policy"] == "A"
    wire.run(f"Remove-{kind}Rule", Identity="A")
    assert wire.run(f"Get-{kind}Rule") == []


def test_removing_a_rule_leaves_the_policy(wire: Wire) -> None:
    pair(wire, "A")
    wire.run("Remove-SafeLinksRule", Identity="A")
    assert wire.one("Get-SafeLinksPolicy", Identity="A")["Name"] == "A"


def test_priorities_shift_and_close_gaps(wire: Wire) -> None:
    for name in "ABC":
        pair(wire, name)
    assert order(wire) == {"A": 0, "B": 1, "C": 2}
    pair(wire, "D", Priority=1)
    assert order(wire) == {"A": 0, "D": 1, "B": 2, "C": 3}
    wire.run("Set-SafeLinksRule", Identity="C", Priority=0)
    assert order(wire) == {"C": 0, "A": 1, "D": 2, "B": 3}
    wire.run("Set-SafeLinksRule", Identity="C", Priority=2)
    assert order(wire) == {"A": 0, "D": 1, "C": 2, "B": 3}
    wire.run("Remove-SafeLinksRule", Identity="D")
    assert order(wire) == {"A": 0, "C": 1, "B": 2}


def test_a_priority_must_be_in_the_row(wire: Wire) -> None:
    pair(wire, "A")
    wire.run("New-SafeLinksPolicy", Name="B")
    wire.refused("New-SafeLinksRule", {"Name": "B", "SafeLinksPolicy": "B", "RecipientDomainIs": ["contoso.com"], "Priority": 2})
    wire.refused("Set-SafeLinksRule", {"Identity": "A", "Priority": 1})


def test_a_rule_may_be_made_disabled(wire: Wire) -> None:
    assert pair(wire, "A", Enabled=False)["State"] == "Disabled"


def test_set_rule_has_no_enabled(wire: Wire) -> None:
    pair(wire, "A")
    kind, text = wire.refused("Set-SafeLinksRule", {"Identity": "A", "Enabled": False})
    assert kind == "AmbiguousParameterSetException" and text.endswith(" Enabled")


def test_the_unchanged_policy_is_refused(wire: Wire) -> None:
    pair(wire, "A")
    kind, text = wire.refused("Set-SafeLinksRule", {"Identity": "A", "SafeLinksPolicy": "A"})
    assert (kind, text) == ("ValidationException", 'Policy "A" already has rule "A" associated with it.')
    wire.run("New-SafeLinksPolicy", Name="B")
    wire.run("Set-SafeLinksRule", Identity="A", SafeLinksPolicy="B")
    assert wire.one("Get-SafeLinksRule")["SafeLinksPolicy"] == "B"


def test_one_rule_for_one_policy(wire: Wire) -> None:
    pair(wire, "A")
    kind, text = wire.refused("New-SafeLinksRule", {"Name": "B", "SafeLinksPolicy": "A", "RecipientDomainIs": ["contoso.com"]})
    assert (kind, text) == ("ValidationException", 'Policy "A" already has rule "A" associated with it.')


def test_a_rule_names_a_policy_that_exists(wire: Wire) -> None:
    kind, text = wire.refused("New-SafeLinksRule", {"Name": "A", "SafeLinksPolicy": "nothing", "RecipientDomainIs": ["contoso.com"]})
    assert (kind, text) == ("ManagementObjectNotFoundException", 'Policy "nothing" not found.')


@pytest.mark.parametrize(("kind", "condition"), PAIRS)
def test_no_rule_on_a_default_policy(wire: Wire, kind: str, condition: str) -> None:
    name = wire.run(f"Get-{kind}Policy")[0]["Name"]
    tail, _text = wire.refused(f"New-{kind}Rule", {"Name": "A", f"{kind}Policy": name, condition: ["contoso.com"]})
    assert tail == "ValidationException"


@pytest.mark.parametrize(("kind", "condition"), PAIRS)
def test_a_rule_needs_a_condition(wire: Wire, kind: str, condition: str) -> None:
    wire.run(f"New-{kind}Policy", Name="A")
    tail, _text = wire.refused(f"New-{kind}Rule", {"Name": "A", f"{kind}Policy": "A"})
    assert tail == "ValidationException"
    wire.run(f"New-{kind}Rule", Name="A", **{f"{kind}Policy": "A", condition: ["contoso.com"]})
    wire.refused(f"Set-{kind}Rule", {"Identity": "A", condition: None})


def test_a_rule_may_name_a_domain_that_the_tenant_does_not_have(wire: Wire) -> None:
    assert "nosuch.example" not in [row["DomainName"] for row in wire.run("Get-AcceptedDomain")]
    assert pair(wire, "A", RecipientDomainIs=["nosuch.example"])["RecipientDomainIs"] == ["nosuch.example"]


def test_a_rule_can_be_renamed(wire: Wire) -> None:
    pair(wire, "A")
    pair(wire, "B")
    wire.run("Set-SafeLinksRule", Identity="A", Name="C")
    row = wire.one("Get-SafeLinksRule", Identity="C")
    assert (row["Name"], row["Identity"], row["SafeLinksPolicy"], row["DistinguishedName"][:5]) == ("C", "C", "A", "CN=C,")
    assert wire.refused("Set-SafeLinksRule", {"Identity": "C", "Name": "B"})[0] == "ADObjectAlreadyExistsException"


def test_presets_are_absent_until_switched_on(wire: Wire, tenant: EmulatedTenant) -> None:
    assert wire.run("Get-EOPProtectionPolicyRule") == wire.run("Get-ATPProtectionPolicyRule") == []
    tenant.turn_on("Standard")
    row = wire.one("Get-EOPProtectionPolicyRule")
    assert (row["Name"], row["Priority"], row["State"], row["RuleVersion"]) == ("Standard Preset Security Policy", 0, "Enabled", "14.0.0.0")
    name = row["AntiPhishPolicy"]
    assert len(name) == len("Standard Preset Security Policy") + 13 and name != row["MalwareFilterPolicy"]
    policy = wire.one("Get-AntiPhishPolicy", Identity=name)
    assert (policy["RecommendedPolicyType"], policy["PhishThresholdLevel"], policy["IsDefault"]) == ("Standard", 3, False)
    tenant.turn_on("Strict")
    rows = {row["Name"]: row["Priority"] for row in wire.run("Get-ATPProtectionPolicyRule")}
    assert rows == {"Strict Preset Security Policy": 0, "Standard Preset Security Policy": 1}
    wire.run("Disable-EOPProtectionPolicyRule", Identity="Strict Preset Security Policy")
    assert wire.one("Get-EOPProtectionPolicyRule", State="Disabled")["Name"] == "Strict Preset Security Policy"
    wire.run("Set-ATPProtectionPolicyRule", Identity="Standard Preset Security Policy", RecipientDomainIs=["contoso.com"])
    assert wire.one("Get-ATPProtectionPolicyRule", Identity="Standard Preset Security Policy")["RuleVersion"] == "15.0.5.2"


def test_a_preset_rule_is_made_again_with_its_default_priority(wire: Wire, tenant: EmulatedTenant) -> None:
    tenant.turn_on("Standard")
    tenant.turn_on("Strict")
    rules = {row["Name"]: row for row in wire.run("Get-ATPProtectionPolicyRule")}
    for name in rules:
        wire.run("Remove-ATPProtectionPolicyRule", Identity=name, Confirm=False)
    for name, given, place in (("Standard", {"Priority": 1}, 0), ("Strict", {}, 0)):
        rule = rules[f"{name} Preset Security Policy"]
        whole = {"Name": rule["Name"], "SafeAttachmentPolicy": rule["SafeAttachmentPolicy"], "SafeLinksPolicy": rule["SafeLinksPolicy"]}
        other = {"Priority": 0 if name == "Standard" else 1}
        assert wire.refused("New-ATPProtectionPolicyRule", {**whole, **other})[0] == "ValidationException"
        assert wire.one("New-ATPProtectionPolicyRule", **whole, **given)["Priority"] == place
    assert [row["Name"] for row in wire.run("Get-ATPProtectionPolicyRule")] == [
        f"{name} Preset Security Policy" for name in ("Strict", "Standard")
    ]


def test_preset_policies_take_impersonation_lists_only(wire: Wire, tenant: EmulatedTenant) -> None:
    tenant.turn_on("Standard")
    name = wire.one("Get-EOPProtectionPolicyRule")["AntiPhishPolicy"]
    wire.run("Set-AntiPhishPolicy", Identity=name, TargetedUsersToProtect=["Chief;chief@contoso.com"])
    assert wire.one("Get-AntiPhishPolicy", Identity=name)["TargetedUsersToProtect"] == ["Chief;chief@contoso.com"]
    assert wire.refused("Set-AntiPhishPolicy", {"Identity": name, "PhishThresholdLevel": 1})[0] == "ValidationException"
    wire.refused("New-AntiPhishRule", {"Name": "A", "AntiPhishPolicy": name, "RecipientDomainIs": ["contoso.com"]})


def test_only_exceptions_of_the_built_in_protection_can_be_set(wire: Wire) -> None:
    wire.run("Set-ATPBuiltInProtectionRule", Identity="ATP Built-In Protection Rule", ExceptIfRecipientDomainIs=["contoso.com"])
    row = wire.one("Get-ATPBuiltInProtectionRule")
    assert row["ExceptIfRecipientDomainIs"] == ["contoso.com"] and row["Priority"] == 0
    assert wire.refused("Set-SafeLinksPolicy", {"Identity": "Built-In Protection Policy", "TrackClicks": False})[0] == "ValidationException"
    assert wire.refused("Remove-SafeAttachmentPolicy", {"Identity": "Built-In Protection Policy"})[0] == "ValidationException"
    wire.refused("Set-ATPBuiltInProtectionRule", {"Identity": "ATP Built-In Protection Rule", "RecipientDomainIs": ["contoso.com"]})


def test_preset_rules_need_a_customized_organization(wire: Wire) -> None:
    for kind in ("HostedContentFilter", "AntiPhish", "MalwareFilter"):
        wire.run(f"New-{kind}Policy", Name="A")
    given = {"Name": "A", "HostedContentFilterPolicy": "A", "AntiPhishPolicy": "A", "MalwareFilterPolicy": "A"}
    assert wire.refused("New-EOPProtectionPolicyRule", given)[0] == "InvalidOperationInDehydratedContextException"
    wire.run("Enable-OrganizationCustomization")
    assert wire.one("New-EOPProtectionPolicyRule", **given)["Conditions"] is None


def test_teams_rule_takes_exceptions_only(wire: Wire) -> None:
    wire.run("New-TeamsProtectionPolicy", Name="Teams Protection Policy")
    given = {"Name": "Teams Protection Policy Rule", "TeamsProtectionPolicy": "Teams Protection Policy"}
    row = wire.one("New-TeamsProtectionPolicyRule", **given, ExceptIfRecipientDomainIs=["contoso.com"])
    assert (row["Conditions"], row["ExceptIfRecipientDomainIs"]) == (None, ["contoso.com"])
