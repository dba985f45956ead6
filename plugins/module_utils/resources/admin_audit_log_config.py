# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Auditing: whether the tenant records what people and administrators do. One switch in a tenant.

Read on the Exchange endpoint: the compliance copy always shows that auditing is off. [doc]
"""

from __future__ import annotations

from ansible_collections.m365.defender.plugins.module_utils._resource import Field, Life, Part, Resource
from ansible_collections.m365.defender.plugins.module_utils._types import Bool

ADMIN_AUDIT_LOG_CONFIG = Resource(
    kind="admin_audit_log_config",
    service="exchange",
    blurb="audit log configuration",
    parts=(
        Part(
            "AdminAuditLogConfig",
            (Field("UnifiedAuditLogIngestionEnabled", Bool()),),
            life=Life.FIXED,
            identified_by="",  # Set- has an identity only on premises. [doc]
        ),
    ),
)
