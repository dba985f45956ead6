# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Safe Attachments for SharePoint, OneDrive and Teams, and Safe Documents: one object in a tenant."""

from __future__ import annotations

from ansible_collections.m365.defender.plugins.module_utils._resource import Field, Life, Part, Resource
from ansible_collections.m365.defender.plugins.module_utils._types import Bool

ATP_POLICY_FOR_O365 = Resource(
    kind="atp_policy_for_o365",
    service="exchange",
    blurb="Safe Attachments policy for SharePoint, OneDrive and Teams",
    parts=(
        Part(
            "AtpPolicyForO365",
            (
                Field("AllowSafeDocsOpen", Bool()),
                Field("EnableATPForSPOTeamsODB", Bool()),
                Field("EnableSafeDocs", Bool()),
            ),
            life=Life.FIXED,
        ),
    ),
)
