# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lists of impersonation protection: the only settings that are the tenant's own in the policies of a preset. Private."""

from __future__ import annotations

from ansible_collections.m365.defender.plugins.module_utils._resource import Field
from ansible_collections.m365.defender.plugins.module_utils._types import MultiValued, NameAndAddress

# At most 50 domains and 350 users. [doc] preset-security-policies, anti-phishing
TARGETED_USERS = Field("TargetedUsersToProtect", MultiValued(NameAndAddress(), most=350))
TARGETED_DOMAINS = Field("TargetedDomainsToProtect", MultiValued(most=50))
EXCLUDED_SENDERS = Field("ExcludedSenders", MultiValued(most=1000))
EXCLUDED_DOMAINS = Field("ExcludedDomains", MultiValued(most=1000))

# Exports show them on a preset's policy [code]; that the exclusions can be written is a remark in ORCA [code].
LISTS = (TARGETED_USERS, TARGETED_DOMAINS, EXCLUDED_SENDERS, EXCLUDED_DOMAINS)
