# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Alert policies: Microsoft's own, which only the portal changes, and custom ones; which of them start investigations of mail."""

from __future__ import annotations

from ansible_collections.m365.defender.plugins.module_utils._errors import TenantError
from ansible_collections.m365.defender.plugins.module_utils._reader import Answers, Ask, Reader
from ansible_collections.m365.defender.plugins.module_utils._resource import Query, Row, Values
from ansible_collections.m365.defender.plugins.module_utils._types import ZERO_WIDTH_SPACE, folded

POLICIES = Ask("compliance", Query("ProtectionAlert"))
# Microsoft's policies whose alerts start an investigation where Defender for Office 365 Plan 2 is [doc] defender-xdr/alert-policies of
# 2025-03-21; by ImmutableId, which is the same in every tenant seen [code], while names are spelt differently and may end invisibly.
STARTING = {
    "a74bb32a-541b-47fb-adfd-f8c62ce3d59b": "A potentially malicious URL click was detected",
    "5453b67e-6c81-4a46-b96c-08d97b58d4ac": "A user clicked through to a potentially malicious URL",
    "cfb0af3a-7410-445c-a872-45f95c45f0de": "Admin triggered manual investigation of email",
    "845686e4-f843-42cf-36d7-08d8e2eca19c": "Admin triggered user compromise investigation",
    "da9eb28a-4238-43d5-bc01-0e02842ecffe": "Administrative action submitted by an Administrator",
    "4b1820ec-39dc-45f3-abf6-5ee80df51fd2": "Email messages containing malicious file removed after delivery",
    "8e6ba277-ef39-404e-aaf1-294f6d9a2b88": "Email messages containing malicious URL removed after delivery",
    "0179b3f7-3fda-40c3-8f24-278563978dbb": "Email messages containing malware removed after delivery",
    "ea8169fa-0678-4751-8854-aebea7adeceb": "Email messages containing phish URLs removed after delivery",
    "c8522cbb-9368-4e25-4ee9-08d8d899dfab": "Email messages from a campaign removed after delivery",
    "b8f6b088-5487-4c70-037c-08d8d71a43fe": "Email messages removed after delivery",
    "b26a5770-0c38-434a-9380-3a3c2c27bbb3": "Email reported by user as malware or phish",
    "663e723a-4a74-47d9-9690-9638f0d496af": "Messages containing malicious entity not removed after delivery",
    "39c5b427-a54f-4c38-a799-8541c5a105a8": "Remediation action taken by admin on emails or URL or sender",
    "be215649-fba8-4339-9ddd-05991a43b948": "Suspicious email sending patterns detected",
    "7a4e7306-bbcb-401f-b112-8ca5f798a230": "User restricted from sending email",
}


def _policy(row: Row) -> Values:
    system = bool(row.get("IsSystemRule"))
    immutable_id = folded(row.get("ImmutableId") or row.get("Guid") or "")
    return {
        "name": str(row.get("Name") or "").replace(ZERO_WIDTH_SPACE, "").strip(),
        "immutable_id": immutable_id,
        "system": system,
        "starts_investigation": system and immutable_id in STARTING,
        "disabled": bool(row.get("Disabled")),
        "category": str(row.get("Category") or ""),
        "severity": str(row.get("Severity") or ""),
        "threat_type": str(row.get("ThreatType") or ""),
        "operation": list(row.get("Operation") or ()),
        "aggregation_type": str(row.get("AggregationType") or ""),
        "comment": str(row.get("Comment") or ""),
        "notification_enabled": bool(row.get("NotificationEnabled")),
        "notify_user": list(row.get("NotifyUser") or ()),
        "changed_in_portal": bool(row.get("AlertOverrideChangedUtc")),
    }


def _answer(options: Values, answers: Answers) -> Values:
    rows = answers[POLICIES]
    if isinstance(rows, TenantError):
        raise rows
    policies = sorted(map(_policy, rows), key=lambda one: (not one["starts_investigation"], folded(one["name"])))
    return {"policies": policies, "switched_off": [one["name"] for one in policies if one["starts_investigation"] and one["disabled"]]}


ALERT_POLICY_INFO = Reader("alert_policy_info", asks=lambda options: (POLICIES,), answer=_answer)
