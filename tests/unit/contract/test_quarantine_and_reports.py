# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Quarantine policies in a tenant: two types of one noun, Microsoft's own, a placeholder."""

from __future__ import annotations

import pytest

from ansible_collections.m365.defender.plugins.module_utils._bulk import CONFIGURATION
from ansible_collections.m365.defender.plugins.module_utils._registry import RESOURCES
from tests.unit.contract.bench import Sent

POLICY = RESOURCES["quarantine_policy"]
GLOBAL = RESOURCES["global_quarantine_policy"]
TEAMS = RESOURCES["teams_protection_policy"]
REPORTS = RESOURCES["report_submission_policy"]
ACCESS = ["DefaultFullAccessPolicy", "DefaultFullAccessWithNotificationPolicy"]


def names(bench, resource):
    return [row["Name"] for row in bench.rows(resource)["QuarantinePolicy"]]


def test_the_two_types_never_show_among_each_other(bench):
    bench.apply(GLOBAL, {"end_user_spam_notification_frequency": "7.00:00:00"})
    bench.apply(POLICY, {"name": "Ours", "end_user_quarantine_permissions": ["limited_access"]})
    assert names(bench, GLOBAL) == ["DefaultGlobalTag"]
    assert names(bench, POLICY) == ["AdminOnlyAccessPolicy", *ACCESS, "Ours"]
    (row,) = bench.rows(GLOBAL)["QuarantinePolicy"]
    assert (row["QuarantinePolicyType"], row["EndUserSpamNotificationFrequency"]) == ("GlobalQuarantineTag", "P7D")


def test_both_types_are_read_and_set_in_one_task(bench):
    config = {
        "quarantine_policy": [{"name": "Ours", "esn_enabled": True, "end_user_quarantine_permissions": ["preview"]}],
        "global_quarantine_policy": [{"end_user_spam_notification_frequency": "1.00:00:00"}],
        "safe_links_policy": [],
    }
    result = bench.perform(CONFIGURATION, {"config": config})
    assert [name.partition(" {")[0] for name in result["operations"]] == [
        "New-QuarantinePolicy Ours",
        "New-QuarantinePolicy DefaultGlobalTag",
    ]
    assert bench.perform(CONFIGURATION, {"config": config})["changed"] is False


def test_microsofts_own_policy_reads_with_a_bit_that_does_nothing(bench):
    for name in ACCESS:
        result = bench.perform(POLICY, {"name": name, "end_user_quarantine_permissions": ["full_access"]})
        assert result["changed"] is False and not result.get("failed")
        (row,) = [row for row in bench.rows(POLICY)["QuarantinePolicy"] if row["Name"] == name]
        assert "PermissionToDownload: True" in row["EndUserQuarantinePermissions"]


@pytest.mark.parametrize("name", ["AdminOnlyAccessPolicy", *ACCESS])
def test_microsofts_own_policies_are_refused_before_anything_is_sent(bench, name):
    for wanted in ({"esn_enabled": name != ACCESS[1]}, {"state": "absent"}):
        result = bench.perform(POLICY, {"name": name, **wanted})
        assert result["failed"] and result["failure"]["kind"] == "refused" and "Microsoft's own" in result["msg"]
    assert bench.sent() == []


def test_a_policy_that_another_policy_names_is_made_before_it(bench):
    config = {
        "anti_phish_policy": [{"name": "Phishing", "authentication_fail_action": "Quarantine", "spoof_quarantine_tag": "Ours"}],
        "quarantine_policy": [{"name": "Ours", "end_user_quarantine_permissions": ["limited_access"]}],
    }
    result = bench.perform(CONFIGURATION, {"config": config})
    assert not result.get("failed"), result["msg"]
    assert [one.noun for one in bench.sent()] == ["QuarantinePolicy", "AntiPhishPolicy"]


def test_the_virtual_teams_policy_is_replaced_by_a_real_one(bench):
    assert bench.perform(TEAMS, {"zap_enabled": True})["changed"] is False
    bench.apply(TEAMS, {"rule": {"except_if_recipient_domain_is": ["contoso.com"]}})
    assert [str(one) for one in bench.sent()] == ["New-TeamsProtectionPolicy", "New-TeamsProtectionPolicyRule"]
    (row,) = bench.rows(TEAMS)["TeamsProtectionPolicy"]
    assert row["Name"] == "Teams Protection Policy"
    bench.clear()
    bench.apply(TEAMS, {"zap_enabled": False})
    assert bench.sent() == [Sent("Set", "TeamsProtectionPolicy", {"ZapEnabled": False})]


def test_the_report_policy_is_absent_until_it_is_made_and_again_afterwards(bench):
    assert bench.perform(REPORTS, {"state": "absent"})["changed"] is False
    made = bench.perform(REPORTS, {"rule": {"sent_to": ["reports@contoso.com"]}})
    assert [name.split(" ")[0] for name in made["operations"]] == ["New-ReportSubmissionPolicy", "New-ReportSubmissionRule"]
    assert made["object"]["report_junk_addresses"] == [], "the service does not keep the mailbox in step with the rule"
    gone = bench.perform(REPORTS, {"state": "absent"})
    assert [name.split(" ")[0] for name in gone["operations"]] == ["Remove-ReportSubmissionRule", "Remove-ReportSubmissionPolicy"]
    assert gone["object"] is None


def test_a_switch_that_is_reserved_is_set_once_where_it_is_returned(bench):
    wanted = {"notifications_for_submission_air_investigations_enabled": True}
    assert bench.perform(REPORTS, wanted)["object"].items() >= wanted.items(), "the emulated tenant returns it, which is a guess"
    assert bench.perform(REPORTS, wanted)["changed"] is False
