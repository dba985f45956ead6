# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Safe Attachments: a policy with its rule."""

from __future__ import annotations

from ansible_collections.m365.defender.plugins.module_utils._resource import Field, Part, Resource
from ansible_collections.m365.defender.plugins.module_utils._types import Bool, Choice, MultiValued, Name, Text
from ansible_collections.m365.defender.plugins.module_utils.resources._recipients import (
    BUILT_IN,
    PRESET,
    RESERVED,
    Mailbox,
    recipient_rule,
)

SAFE_ATTACHMENT_POLICY = Resource(
    kind="safe_attachment_policy",
    service="exchange",
    blurb="Safe Attachments policy",
    parts=(
        Part(
            "SafeAttachmentPolicy",
            (
                Field("Action", Choice("Allow", "Block", "DynamicDelivery")),
                Field("AdminDisplayName", Text()),
                Field("Enable", Bool()),
                Field("QuarantineTag", Name()),
                Field("Redirect", Bool()),
                Field("RedirectAddress", Mailbox()),
                # Returned since 2026 [code]; Microsoft's reference of the cmdlets has no parameter that sets them.
                Field("EnableBlockingEncryptedAttachments", Bool(), read_only=True),
                Field("ExcludedTypesFromBlockingEncryptedAttachments", MultiValued(), read_only=True),
                Field("QuarantineTagForBlockingEncryptedAttachments", Name(), read_only=True),
            ),
            guards=(PRESET, BUILT_IN),
            always=True,
            left_out={"MakeBuiltInProtection": RESERVED, "RecommendedPolicyType": RESERVED},
        ),
        recipient_rule("SafeAttachmentRule", policy="SafeAttachmentPolicy"),
    ),
)
