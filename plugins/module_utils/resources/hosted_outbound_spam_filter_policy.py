# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Outbound anti-spam: a policy with its rule, which chooses by sender."""

from __future__ import annotations

from ansible_collections.m365.defender.plugins.module_utils._resource import Field, Part, Resource
from ansible_collections.m365.defender.plugins.module_utils._types import Bool, Choice, Int, MultiValued, Name, Text
from ansible_collections.m365.defender.plugins.module_utils.resources._recipients import (
    DEFAULT,
    RESERVED,
    SENDER_CONDITIONS,
    recipient_rule,
)

LIMIT = Int(0, 10000)  # 0: the limit of the service

HOSTED_OUTBOUND_SPAM_FILTER_POLICY = Resource(
    kind="hosted_outbound_spam_filter_policy",
    service="exchange",
    blurb="outbound anti-spam policy",
    parts=(
        Part(
            "HostedOutboundSpamFilterPolicy",
            (
                Field("ActionWhenThresholdReached", Choice("Alert", "BlockUser", "BlockUserForToday")),
                Field("AdminDisplayName", Text()),
                Field("AutoForwardingMode", Choice("Automatic", "Off", "On")),
                Field("BccSuspiciousOutboundAdditionalRecipients", MultiValued()),
                Field("BccSuspiciousOutboundMail", Bool()),
                Field("NotifyOutboundSpam", Bool()),
                Field("NotifyOutboundSpamRecipients", MultiValued()),
                Field("RecipientLimitExternalPerHour", LIMIT),
                Field("RecipientLimitInternalPerHour", LIMIT),
                Field("RecipientLimitPerDay", LIMIT),
            ),
            name=Name(longest=64),
            guards=(DEFAULT,),
            asks=(),
            always=True,
            left_out={"RecommendedPolicyType": RESERVED},
        ),
        recipient_rule("HostedOutboundSpamFilterRule", policy="HostedOutboundSpamFilterPolicy", conditions=SENDER_CONDITIONS),
    ),
)
