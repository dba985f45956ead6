# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What SharePoint does with files that Safe Attachments found to be malicious: one object in a tenant."""

from __future__ import annotations

from ansible_collections.m365.defender.plugins.module_utils._resource import Field, Life, Part, Resource
from ansible_collections.m365.defender.plugins.module_utils._types import Bool

SHAREPOINT_TENANT = Resource(
    kind="sharepoint_tenant",
    service="sharepoint",
    blurb="SharePoint tenant",
    parts=(
        Part(
            "SPOTenant",
            (Field("DisallowInfectedFileDownload", Bool()),),
            identified_by="_ObjectIdentity_",
            life=Life.FIXED,
        ),
    ),
)
