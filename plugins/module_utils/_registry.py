# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every kind of object by name, in the order in which a whole tenant is applied. Private to the collection."""

from __future__ import annotations

from ansible_collections.m365.defender.plugins.module_utils._description import Description
from ansible_collections.m365.defender.plugins.module_utils.resources.admin_audit_log_config import ADMIN_AUDIT_LOG_CONFIG
from ansible_collections.m365.defender.plugins.module_utils.resources.anti_phish_policy import ANTI_PHISH_POLICY
from ansible_collections.m365.defender.plugins.module_utils.resources.atp_policy_for_o365 import ATP_POLICY_FOR_O365
from ansible_collections.m365.defender.plugins.module_utils.resources.built_in_protection import BUILT_IN_PROTECTION
from ansible_collections.m365.defender.plugins.module_utils.resources.device_group import DEVICE_GROUP
from ansible_collections.m365.defender.plugins.module_utils.resources.email_tenant_settings import EMAIL_TENANT_SETTINGS
from ansible_collections.m365.defender.plugins.module_utils.resources.endpoint_features import ENDPOINT_FEATURES
from ansible_collections.m365.defender.plugins.module_utils.resources.global_quarantine_policy import GLOBAL_QUARANTINE_POLICY
from ansible_collections.m365.defender.plugins.module_utils.resources.hosted_connection_filter_policy import HOSTED_CONNECTION_FILTER_POLICY
from ansible_collections.m365.defender.plugins.module_utils.resources.hosted_content_filter_policy import HOSTED_CONTENT_FILTER_POLICY
from ansible_collections.m365.defender.plugins.module_utils.resources.hosted_outbound_spam_filter_policy import (
    HOSTED_OUTBOUND_SPAM_FILTER_POLICY,
)
from ansible_collections.m365.defender.plugins.module_utils.resources.malware_filter_policy import MALWARE_FILTER_POLICY
from ansible_collections.m365.defender.plugins.module_utils.resources.preset_security_policy import PRESET_SECURITY_POLICY
from ansible_collections.m365.defender.plugins.module_utils.resources.protection_alert import PROTECTION_ALERT
from ansible_collections.m365.defender.plugins.module_utils.resources.quarantine_policy import QUARANTINE_POLICY
from ansible_collections.m365.defender.plugins.module_utils.resources.report_submission_policy import REPORT_SUBMISSION_POLICY
from ansible_collections.m365.defender.plugins.module_utils.resources.safe_attachment_policy import SAFE_ATTACHMENT_POLICY
from ansible_collections.m365.defender.plugins.module_utils.resources.safe_links_policy import SAFE_LINKS_POLICY
from ansible_collections.m365.defender.plugins.module_utils.resources.sharepoint_tenant import SHAREPOINT_TENANT
from ansible_collections.m365.defender.plugins.module_utils.resources.teams_protection_policy import TEAMS_PROTECTION_POLICY
from ansible_collections.m365.defender.plugins.module_utils.resources.tenant_allow_block_list import TENANT_ALLOW_BLOCK_LIST

RESOURCES: dict[str, Description] = {
    one.kind: one
    for one in (
        QUARANTINE_POLICY,
        GLOBAL_QUARANTINE_POLICY,
        MALWARE_FILTER_POLICY,
        HOSTED_CONTENT_FILTER_POLICY,
        HOSTED_OUTBOUND_SPAM_FILTER_POLICY,
        HOSTED_CONNECTION_FILTER_POLICY,
        ANTI_PHISH_POLICY,
        SAFE_ATTACHMENT_POLICY,
        SAFE_LINKS_POLICY,
        ATP_POLICY_FOR_O365,
        SHAREPOINT_TENANT,
        BUILT_IN_PROTECTION,
        EMAIL_TENANT_SETTINGS,
        ADMIN_AUDIT_LOG_CONFIG,
        TEAMS_PROTECTION_POLICY,
        REPORT_SUBMISSION_POLICY,
        TENANT_ALLOW_BLOCK_LIST,
        PRESET_SECURITY_POLICY,
        PROTECTION_ALERT,
        ENDPOINT_FEATURES,
        DEVICE_GROUP,
    )
}
