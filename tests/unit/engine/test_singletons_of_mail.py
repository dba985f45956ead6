# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is peculiar to the settings of which a tenant has one: how they are named in a Set, and what can't be wished for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ansible_collections.m365.defender.plugins.module_utils._errors import TenantError
from ansible_collections.m365.defender.plugins.module_utils._plan import plan
from ansible_collections.m365.defender.plugins.module_utils.resources.admin_audit_log_config import ADMIN_AUDIT_LOG_CONFIG
from ansible_collections.m365.defender.plugins.module_utils.resources.built_in_protection import BUILT_IN_PROTECTION
from ansible_collections.m365.defender.plugins.module_utils.resources.email_tenant_settings import EMAIL_TENANT_SETTINGS

NOUNS = json.loads((Path(__file__).parents[3] / "emulator" / "tables" / "objects.json").read_text())["nouns"]


def operation(resource, wish, **more):
    """The one operation on a fresh tenant with more values."""
    noun = resource.parts[0].noun
    (one,) = plan(resource, {noun: [{**NOUNS[noun]["fresh"][0], **more}]}, [wish]).operations
    return one


def test_the_audit_log_is_set_without_an_identity():
    one = operation(ADMIN_AUDIT_LOG_CONFIG, {"unified_audit_log_ingestion_enabled": False})
    assert (one.verb, one.identity, dict(one.parameters)) == ("Set", None, {"UnifiedAuditLogIngestionEnabled": False})
    assert ADMIN_AUDIT_LOG_CONFIG.service == "exchange"


def test_a_text_that_says_false_is_false():
    one = operation(ADMIN_AUDIT_LOG_CONFIG, {"unified_audit_log_ingestion_enabled": True}, UnifiedAuditLogIngestionEnabled="False")
    assert one.parameters == {"UnifiedAuditLogIngestionEnabled": True}


def test_settings_of_mail_are_named_as_they_were_read():
    name = "contoso.onmicrosoft.com\\Default"
    one = operation(EMAIL_TENANT_SETTINGS, {"enable_priority_account_protection": False}, Identity=name)
    assert one.identity == name


def test_of_built_in_protection_only_exceptions_and_the_remark_are_options():
    assert set(BUILT_IN_PROTECTION.spec) == {
        "comments",
        "except_if_sent_to",
        "except_if_sent_to_member_of",
        "except_if_recipient_domain_is",
    }
    one = operation(BUILT_IN_PROTECTION, {"except_if_sent_to": []}, ExceptIfSentTo=["a@contoso.com"])
    assert (one.verb, one.identity, dict(one.parameters)) == ("Set", "ATP Built-In Protection Rule", {"ExceptIfSentTo": None})


@pytest.mark.parametrize("resource", [ADMIN_AUDIT_LOG_CONFIG, BUILT_IN_PROTECTION, EMAIL_TENANT_SETTINGS], ids=lambda one: one.kind)
def test_an_empty_list_is_a_failed_reading(resource):
    with pytest.raises(TenantError, match="always at least one"):
        plan(resource, {resource.parts[0].noun: []}, [{}])
