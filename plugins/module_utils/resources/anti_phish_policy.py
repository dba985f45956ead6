# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Anti-phishing: a policy with its rule."""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.m365.defender.plugins.module_utils._resource import Field, Part, Resource
from ansible_collections.m365.defender.plugins.module_utils._types import Bool, Choice, Int, MultiValued, Name, Text
from ansible_collections.m365.defender.plugins.module_utils.resources._impersonation import (
    EXCLUDED_DOMAINS,
    EXCLUDED_SENDERS,
    LISTS,
    TARGETED_DOMAINS,
    TARGETED_USERS,
)
from ansible_collections.m365.defender.plugins.module_utils.resources._recipients import (
    DEFAULT,
    MAKE_DEFAULT,
    PRESET,
    RESERVED,
    recipient_rule,
)

ACTION = Choice("NoAction", "BccMessage", "Delete", "MoveToJmf", "Quarantine", "Redirect")

ANTI_PHISH_POLICY = Resource(
    kind="anti_phish_policy",
    service="exchange",
    blurb="anti-phishing policy",
    parts=(
        Part(
            "AntiPhishPolicy",
            (
                Field("AdminDisplayName", Text()),
                Field("AuthenticationFailAction", Choice("MoveToJmf", "Quarantine")),
                Field("DmarcQuarantineAction", Choice("MoveToJmf", "Quarantine")),
                Field("DmarcRejectAction", Choice("Quarantine", "Reject")),
                Field("EnableFirstContactSafetyTips", Bool()),
                Field("EnableMailboxIntelligence", Bool()),
                Field("EnableMailboxIntelligenceProtection", Bool()),
                Field("EnableOrganizationDomainsProtection", Bool()),
                Field("EnableSimilarDomainsSafetyTips", Bool()),
                Field("EnableSimilarUsersSafetyTips", Bool()),
                Field("EnableSpoofIntelligence", Bool()),
                Field("EnableTargetedDomainsProtection", Bool()),
                Field("EnableTargetedUserProtection", Bool()),
                Field("EnableUnauthenticatedSender", Bool()),
                Field("EnableUnusualCharactersSafetyTips", Bool()),
                Field("EnableViaTag", Bool()),
                EXCLUDED_DOMAINS,
                EXCLUDED_SENDERS,
                Field("HonorDmarcPolicy", Bool()),
                Field("ImpersonationProtectionState", Choice("Automatic", "Manual", "Off")),
                Field("MailboxIntelligenceProtectionAction", ACTION),
                Field("MailboxIntelligenceProtectionActionRecipients", MultiValued()),
                Field("MailboxIntelligenceQuarantineTag", Name()),
                Field("PhishThresholdLevel", Int(1, 4)),
                Field("SpoofQuarantineTag", Name()),
                Field("TargetedDomainActionRecipients", MultiValued()),
                Field("TargetedDomainProtectionAction", ACTION),
                Field("TargetedDomainQuarantineTag", Name()),
                TARGETED_DOMAINS,
                Field("TargetedUserActionRecipients", MultiValued()),
                Field("TargetedUserProtectionAction", ACTION),
                Field("TargetedUserQuarantineTag", Name()),
                TARGETED_USERS,
            ),
            guards=(
                replace(PRESET, but=tuple(one.wire for one in LISTS)),
                DEFAULT,
            ),
            always=True,
            left_out={
                "Enabled": RESERVED,
                "MakeDefault": MAKE_DEFAULT,
                "PolicyTag": RESERVED,
                "RecommendedPolicyType": RESERVED,
                "SimilarUsersSafetyTipsCustomText": RESERVED,
                "UnusualCharactersSafetyTipsCustomText": RESERVED,
            },
        ),
        recipient_rule("AntiPhishRule", policy="AntiPhishPolicy"),
    ),
)
