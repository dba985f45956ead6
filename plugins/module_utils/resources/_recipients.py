# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rule half that pairs of policy and rule share: for whom a policy is and in which order. Private to the collection."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._resource import Field, Guard, Part, Rank
from ansible_collections.m365.defender.plugins.module_utils._types import ArrayOf, Name, Text


@dataclass(frozen=True)
class Mailbox(Name):
    """One e-mail address. The service refuses what is none. [doc] the type SmtpAddress of its parameters"""

    def wrong(self, value: Any) -> str:
        return "" if re.fullmatch(r"\s*([^@\s]+@[^@\s]+)?\s*", value) else f'must be an e-mail address, not "{value}"'


CONDITIONS = ("SentTo", "SentToMemberOf", "RecipientDomainIs")
SENDER_CONDITIONS = ("From", "FromMemberOf", "SenderDomainIs")

# What Microsoft's own policies refuse. [doc] preset-security-policies
PRESET = Guard(
    "RecommendedPolicyType",
    ("Standard", "Strict"),
    "This policy belongs to a preset security policy, whose settings are Microsoft's and can't be edited.",
)
BUILT_IN = Guard(
    "IsBuiltInProtection",
    (True,),
    "This policy is Built-in protection: Microsoft sets its values, and it can't be removed or have a rule; only exceptions can be made.",
)
DEFAULT = Guard(
    "IsDefault",
    (True,),
    "The default policy applies to everybody whom no rule covers: it takes no rule and can't be removed.",
    change=False,
)

RESERVED = "reserved for internal use by Microsoft"
MAKE_DEFAULT = "accepted but never returned; it would also change who is protected by what"


def recipient_rule(noun: str, policy: str, conditions: tuple[str, ...] = CONDITIONS) -> Part:
    """The part of a rule with conditions and the exceptions of the same kinds, for recipients unless said otherwise.

    policy: the noun of what the rule points at, which is also the rule's field of that name.

    That a rule must keep at least one condition is documented for Safe Links and Safe Attachments and a guess for the others.
    """
    return Part(
        noun,
        (
            Field("Comments", Text(longest=1024)),
            *(Field(name, ArrayOf(Name())) for name in conditions),
            *(Field(f"ExceptIf{name}", ArrayOf(Name())) for name in conditions),
        ),
        under="rule",
        points_at=policy,
        switched=True,
        rank=Rank(),
        one_of=conditions,
        left_out={"Name": "a rule is found by its policy; a new one takes the policy's name"},
    )
