# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Protection of Teams messages: one policy, and the rule with its exceptions."""

from __future__ import annotations

from ansible_collections.m365.defender.plugins.module_utils._resource import Field, Life, Part, Resource
from ansible_collections.m365.defender.plugins.module_utils._types import ArrayOf, Bool, Name, Text
from ansible_collections.m365.defender.plugins.module_utils.resources._quarantine import NOBODYS
from ansible_collections.m365.defender.plugins.module_utils.resources._recipients import CONDITIONS, RESERVED

TEAMS_PROTECTION_POLICY = Resource(
    kind="teams_protection_policy",
    service="exchange",
    blurb="Teams protection policy",
    parts=(
        Part(
            "TeamsProtectionPolicy",
            (
                Field("AdminDisplayName", Text(), set_only=True),
                Field("HighConfidencePhishQuarantineTag", Name()),
                Field("MalwareQuarantineTag", Name()),
                Field("ZapEnabled", Bool()),
            ),
            life=Life.ONE,
            called="Teams Protection Policy",
            lasting=True,
            # A tenant in which nobody has made it shows a row that is none. [code] That Set- can't be used on it is a guess.
            placeholder=("Guid", (NOBODYS,)),
            always=True,
            left_out={"Organization": RESERVED},
        ),
        Part(
            "TeamsProtectionPolicyRule",
            (
                Field("Comments", Text(longest=1024)),
                *(Field(f"ExceptIf{name}", ArrayOf(Name())) for name in CONDITIONS),
            ),
            under="rule",
            points_at="TeamsProtectionPolicy",
            life=Life.ONE,
            called="Teams Protection Policy Rule",  # [doc] New-TeamsProtectionPolicyRule
            lasting=True,
            left_out={"Enabled": RESERVED, "Organization": RESERVED},
        ),
    ),
)
