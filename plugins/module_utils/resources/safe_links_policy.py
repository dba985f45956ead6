# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Safe Links: a policy with its rule."""

from __future__ import annotations

from ansible_collections.m365.defender.plugins.module_utils._resource import Field, Part, Resource
from ansible_collections.m365.defender.plugins.module_utils._types import Bool, MultiValued, Text
from ansible_collections.m365.defender.plugins.module_utils.resources._recipients import BUILT_IN, PRESET, RESERVED, recipient_rule

SAFE_LINKS_POLICY = Resource(
    kind="safe_links_policy",
    service="exchange",
    blurb="Safe Links policy",
    parts=(
        Part(
            "SafeLinksPolicy",
            (
                Field("AdminDisplayName", Text()),
                Field("AllowClickThrough", Bool()),
                Field("CustomNotificationText", Text()),
                Field("DeliverMessageAfterScan", Bool()),
                Field("DisableUrlRewrite", Bool()),
                Field("DoNotRewriteUrls", MultiValued()),
                Field("EnableForInternalSenders", Bool()),
                Field("EnableOrganizationBranding", Bool()),
                Field("EnableSafeLinksForEmail", Bool()),
                Field("EnableSafeLinksForOffice", Bool()),
                Field("EnableSafeLinksForTeams", Bool()),
                Field("ScanUrls", Bool()),
                Field("TrackClicks", Bool()),
            ),
            guards=(PRESET, BUILT_IN),
            always=True,
            left_out={
                # Set- wants a hashtable [doc], Get- gives texts such as "[fr, Attention]" [code]: what is read could not be written.
                "LocalizedNotificationTextList": "written in another form than it is read, and Microsoft describes neither",
                "MakeBuiltInProtection": RESERVED,
                "RecommendedPolicyType": RESERVED,
                "UseTranslatedNotificationText": "accepted but never returned, so that a difference can't be seen",
            },
        ),
        recipient_rule("SafeLinksRule", policy="SafeLinksPolicy"),
    ),
)
