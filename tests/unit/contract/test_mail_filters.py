# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Traps of single kinds of mail filtering that only show on the wire."""

from __future__ import annotations

import pytest

from ansible_collections.m365.defender.plugins.module_utils._errors import Refused
from ansible_collections.m365.defender.plugins.module_utils._export import export
from ansible_collections.m365.defender.plugins.module_utils._plan import plan
from ansible_collections.m365.defender.plugins.module_utils.resources.admin_audit_log_config import ADMIN_AUDIT_LOG_CONFIG
from ansible_collections.m365.defender.plugins.module_utils.resources.email_tenant_settings import EMAIL_TENANT_SETTINGS
from ansible_collections.m365.defender.plugins.module_utils.resources.hosted_connection_filter_policy import (
    HOSTED_CONNECTION_FILTER_POLICY,
)
from ansible_collections.m365.defender.plugins.module_utils.resources.hosted_content_filter_policy import HOSTED_CONTENT_FILTER_POLICY
from ansible_collections.m365.defender.plugins.module_utils.resources.malware_filter_policy import MALWARE_FILTER_POLICY

OFF = {"unified_audit_log_ingestion_enabled": False}


def calls(bench, cmdlet):
    """Journal entries of a cmdlet."""
    return [entry for entry in bench.tenant.journal() if entry.get("cmdlet") == cmdlet]


def headers(entry):
    return {name.lower(): value for name, value in entry["headers"].items()}


def test_the_audit_log_has_an_anchor_mailbox_of_its_own_and_no_identity(bench):
    bench.tenant.cmdlet("Enable-OrganizationCustomization")
    bench.clear()
    bench.apply(ADMIN_AUDIT_LOG_CONFIG, OFF)
    (written,) = calls(bench, "Set-AdminAuditLogConfig")
    assert headers(written)["x-anchormailbox"] == f"APP:SystemMailbox{{8cc370d3-822a-4ab8-a926-bb94bd0641a9}}@{bench.tenant.tenant_id}"
    assert written["body"]["CmdletInput"]["Parameters"] == {"UnifiedAuditLogIngestionEnabled": False}
    for read in calls(bench, "Get-AdminAuditLogConfig"):
        assert headers(read)["x-anchormailbox"].startswith("APP:SystemMailbox{bb558c35")


def test_the_audit_log_is_read_where_its_switch_can_be_seen(bench):
    """The compliance endpoint has the cmdlet too, and always says off."""
    assert export(ADMIN_AUDIT_LOG_CONFIG, bench.rows(ADMIN_AUDIT_LOG_CONFIG)) == [{"unified_audit_log_ingestion_enabled": True}]
    assert {entry["url"].split("/")[2] for entry in bench.tenant.journal() if entry.get("cmdlet")} <= {"outlook.office365.com"}


def test_an_organization_that_was_never_customized_refuses_to_change_its_audit_log(bench):
    with pytest.raises(Refused) as met:
        bench.apply(ADMIN_AUDIT_LOG_CONFIG, OFF)
    assert "Enable-OrganizationCustomization" in met.value.message + met.value.hint
    assert [one.status for one in bench.sent()] == [400]


def test_senders_that_the_service_gives_as_objects(bench):
    (row,) = bench.tenant.state("HostedContentFilterPolicy")
    wrapped = [{"Sender": {"Address": name}} for name in ("megan@adatum.example", "lee@adatum.example")]
    bench.tenant.put_state(
        "HostedContentFilterPolicy", [{**row, "AllowedSenders": wrapped, "BlockedSenderDomains": [{"Domain": "bad.example"}]}]
    )
    rows = bench.rows(HOSTED_CONTENT_FILTER_POLICY)
    (shown,) = export(HOSTED_CONTENT_FILTER_POLICY, rows)
    assert shown["allowed_senders"] == ["lee@adatum.example", "megan@adatum.example"]
    assert shown["blocked_sender_domains"] == ["bad.example"]
    assert plan(HOSTED_CONTENT_FILTER_POLICY, rows, [shown]).operations == ()
    bench.apply(HOSTED_CONTENT_FILTER_POLICY, {"name": "Default", "allowed_senders": ["lee@adatum.example"]})
    assert export(HOSTED_CONTENT_FILTER_POLICY, bench.rows(HOSTED_CONTENT_FILTER_POLICY))[0]["allowed_senders"] == ["lee@adatum.example"]


def test_a_new_policy_without_file_types(bench):
    wish = {"name": "Empty", "file_types": []}
    done = bench.apply(MALWARE_FILTER_POLICY, wish)
    assert [str(one) for one in bench.sent()] == ["New-MalwareFilterPolicy", "Set-MalwareFilterPolicy"]
    assert len(done.done) == 2
    assert plan(MALWARE_FILTER_POLICY, bench.rows(MALWARE_FILTER_POLICY), [wish]).operations == ()


def test_addresses_of_several_forms_and_those_that_somebody_else_added(bench):
    bench.tenant.cmdlet("Set-HostedConnectionFilterPolicy", Identity="Default", IPBlockList=["198.51.100.7"])
    wish = {"ip_block_list": ["192.0.2.1", "192.0.2.8-192.0.2.20", "203.0.113.0/25"]}
    bench.apply(HOSTED_CONNECTION_FILTER_POLICY, wish)
    (row,) = bench.tenant.state("HostedConnectionFilterPolicy")
    assert sorted(row["IPBlockList"]) == wish["ip_block_list"]
    bench.apply(HOSTED_CONNECTION_FILTER_POLICY, {"ip_block_list": []})
    assert bench.tenant.state("HostedConnectionFilterPolicy")[0]["IPBlockList"] == []


def test_settings_of_mail_are_found_under_the_name_of_the_organization(bench):
    bench.apply(EMAIL_TENANT_SETTINGS, {"enable_priority_account_protection": False})
    (written,) = calls(bench, "Set-EmailTenantSettings")
    assert written["body"]["CmdletInput"]["Parameters"]["Identity"] == f"{bench.tenant.domain}\\Default"
