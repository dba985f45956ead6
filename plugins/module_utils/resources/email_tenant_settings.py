# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Priority account protection: one switch in a tenant."""

from __future__ import annotations

from ansible_collections.m365.defender.plugins.module_utils._resource import Field, Life, Part, Resource
from ansible_collections.m365.defender.plugins.module_utils._types import Bool
from ansible_collections.m365.defender.plugins.module_utils.resources._recipients import RESERVED

EMAIL_TENANT_SETTINGS = Resource(
    kind="email_tenant_settings",
    service="exchange",
    blurb="set of tenant settings for mail",
    parts=(
        Part(
            "EmailTenantSettings",
            (Field("EnablePriorityAccountProtection", Bool()),),
            life=Life.FIXED,
            left_out={"DomainController": RESERVED, "IgnoreDehydratedFlag": RESERVED},
        ),
    ),
)
