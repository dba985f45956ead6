# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Microsoft's preset security policies, Standard and Strict: whether they are on, and for whom."""

from __future__ import annotations

from ansible_collections.m365.defender.plugins.module_utils._presets import Preset, PresetRule, Presets
from ansible_collections.m365.defender.plugins.module_utils._resource import Field
from ansible_collections.m365.defender.plugins.module_utils._types import ArrayOf, Name
from ansible_collections.m365.defender.plugins.module_utils.resources._impersonation import LISTS
from ansible_collections.m365.defender.plugins.module_utils.resources._recipients import CONDITIONS

PRESET_SECURITY_POLICY = Presets(
    kind="preset_security_policy",
    service="exchange",
    blurb="preset security policy",
    presets=(
        # Names: [doc] New-EOPProtectionPolicyRule, with the priorities, of which it says that no other may be given.
        Preset("standard", "Standard", "Standard Preset Security Policy", 1),
        Preset("strict", "Strict", "Strict Preset Security Policy", 0),
    ),
    rules=(
        PresetRule(
            "EOPProtectionPolicyRule",
            policies=("HostedContentFilterPolicy", "AntiPhishPolicy", "MalwareFilterPolicy"),
            outranks=("HostedContentFilterRule", "AntiPhishRule", "MalwareFilterRule"),
        ),
        PresetRule(
            "ATPProtectionPolicyRule",
            policies=("SafeAttachmentPolicy", "SafeLinksPolicy"),
            outranks=("SafeAttachmentRule", "SafeLinksRule"),
            licensed=True,
        ),
    ),
    conditions=tuple(Field(name, ArrayOf(Name())) for name in CONDITIONS),
    exceptions=tuple(Field(f"ExceptIf{name}", ArrayOf(Name())) for name in CONDITIONS),
    lists_on="AntiPhishPolicy",
    lists=LISTS,
    mark="RecommendedPolicyType",
    page="https://security.microsoft.com/presetSecurityPolicies",  # [doc] preset-security-policies; other clouds have other hosts
    product="Defender for Office 365",
    left_out={
        "Comments": "the portal neither shows nor keeps a remark on a preset",
        "Enabled": "whether a preset is on is told by verbs",
        "Name": "Microsoft recommends the names that the portal gives",
        "Priority": "Microsoft allows none but the default",
    },
)
