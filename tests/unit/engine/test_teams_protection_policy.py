# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Protection of Teams messages: a policy that is shown and is none, and a rule of exceptions."""

from __future__ import annotations

import pytest

from ansible_collections.m365.defender.plugins.module_utils._errors import TenantError
from ansible_collections.m365.defender.plugins.module_utils._export import export
from ansible_collections.m365.defender.plugins.module_utils._plan import plan
from ansible_collections.m365.defender.plugins.module_utils.resources.teams_protection_policy import TEAMS_PROTECTION_POLICY

VIRTUAL = {
    "Name": "Default Teams Protection Policy",
    "Identity": "contoso.onmicrosoft.com\\Default Teams Protection Policy",
    "Guid": "00000000-0000-0000-0000-000000000000",
    "AdminDisplayName": "",
    "ZapEnabled": True,
    "MalwareQuarantineTag": "AdminOnlyAccessPolicy",
    "HighConfidencePhishQuarantineTag": "AdminOnlyAccessPolicy",
    "WhenCreated": None,
}
REAL = {
    **VIRTUAL,
    "Name": "Teams Protection Policy",
    "Identity": "Teams Protection Policy",
    "Guid": "12345678-0000-4000-8000-000000000000",
}
RULE = {
    "Name": "Teams Protection Policy Rule",
    "Identity": "Teams Protection Policy Rule",
    "TeamsProtectionPolicy": "Teams Protection Policy",
    "State": "Enabled",
    "Comments": None,
    "ExceptIfSentTo": None,
    "ExceptIfSentToMemberOf": ["lab@contoso.com"],
    "ExceptIfRecipientDomainIs": None,
}


def operations(wanted, policy=None, *rules):
    rows = {"TeamsProtectionPolicy": [VIRTUAL if policy is None else policy], "TeamsProtectionPolicyRule": list(rules)}
    return [(str(one), one.identity, dict(one.parameters)) for one in plan(TEAMS_PROTECTION_POLICY, rows, [wanted]).operations]


def test_what_the_virtual_policy_shows_is_so():
    assert operations({"zap_enabled": True, "malware_quarantine_tag": "adminonlyaccesspolicy"}) == []


def test_what_differs_from_it_makes_the_policy():
    ((dummy, identity, sent),) = operations({"zap_enabled": False, "malware_quarantine_tag": "AdminOnlyAccessPolicy"})
    assert identity is None
    assert sent == {"Name": "Teams Protection Policy", "ZapEnabled": False, "MalwareQuarantineTag": "AdminOnlyAccessPolicy"}


def test_what_only_set_takes_follows():
    first, second = operations({"admin_display_name": "Kept by Ansible"})
    assert first[2] == {"Name": "Teams Protection Policy"}
    assert second[1:] == ("Teams Protection Policy", {"AdminDisplayName": "Kept by Ansible"})


def test_a_real_one_is_set():
    assert operations({"zap_enabled": False}, REAL) == [
        ("Set-TeamsProtectionPolicy Teams Protection Policy {ZapEnabled}", "Teams Protection Policy", {"ZapEnabled": False})
    ]


def test_a_rule_needs_a_real_policy():
    first, second = operations({"rule": {"except_if_sent_to_member_of": ["lab@contoso.com"]}})
    assert first[0] == "New-TeamsProtectionPolicy Teams Protection Policy {Name}"
    assert second[2] == {
        "Name": "Teams Protection Policy Rule",
        "TeamsProtectionPolicy": "Teams Protection Policy",
        "ExceptIfSentToMemberOf": ["lab@contoso.com"],
    }


def test_exceptions_are_emptied_by_null():
    assert operations({"rule": {"except_if_sent_to_member_of": [], "comments": ""}}, REAL, RULE) == [
        (
            "Set-TeamsProtectionPolicyRule Teams Protection Policy Rule {ExceptIfSentToMemberOf}",
            "Teams Protection Policy Rule",
            {"ExceptIfSentToMemberOf": None},
        )
    ]


def test_neither_can_be_removed_nor_switched():
    options = TEAMS_PROTECTION_POLICY.spec
    assert "state" not in options and not {"state", "enabled", "priority", "sent_to"} & options["rule"]["options"].keys()


def test_the_virtual_policy_is_exported_as_what_holds():
    (found,) = export(TEAMS_PROTECTION_POLICY, {"TeamsProtectionPolicy": [VIRTUAL], "TeamsProtectionPolicyRule": []})
    assert found["zap_enabled"] is True and "rule" not in found


def test_an_empty_answer_is_no_absence():
    with pytest.raises(TenantError, match="at least one"):
        plan(TEAMS_PROTECTION_POLICY, {"TeamsProtectionPolicy": [], "TeamsProtectionPolicyRule": []}, [{"zap_enabled": True}])
