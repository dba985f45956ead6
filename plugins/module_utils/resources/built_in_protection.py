# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Built-in protection of Defender for Office 365: who is excepted from it. One object in a tenant."""

from __future__ import annotations

from ansible_collections.m365.defender.plugins.module_utils._resource import Field, Life, Part, Resource
from ansible_collections.m365.defender.plugins.module_utils._types import ArrayOf, Name, Text
from ansible_collections.m365.defender.plugins.module_utils.resources._recipients import CONDITIONS

FIXED = "set by Microsoft when the rule was made; it always exists"

BUILT_IN_PROTECTION = Resource(
    kind="built_in_protection",
    service="exchange",
    blurb="built-in protection",
    parts=(
        Part(
            "ATPBuiltInProtectionRule",
            (
                Field("Comments", Text(longest=1024)),
                *(Field(f"ExceptIf{name}", ArrayOf(Name())) for name in CONDITIONS),
            ),
            life=Life.FIXED,
            left_out={"Name": FIXED, "SafeAttachmentPolicy": FIXED, "SafeLinksPolicy": FIXED},
        ),
    ),
)
