# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role email_protection plans: the kinds of policy it knows, and what comes out. Private to the collection."""

from __future__ import annotations

from dataclasses import dataclass, field

from ansible_collections.m365.defender.plugins.module_utils._description import Values

# Kinds of policy that have a rule for recipients, so that several can live side by side; presets cover exactly these.
SCOPED = ("malware_filter_policy", "hosted_content_filter_policy", "anti_phish_policy", "safe_attachment_policy", "safe_links_policy")
PRESET = "preset_security_policy"
# Kinds of which a tenant has one, and what each one's default policy is called.
SINGLE = ("atp_policy_for_o365", "teams_protection_policy", "email_tenant_settings", "admin_audit_log_config")
DEFAULTS = {
    "malware_filter_policy": "Default",
    "hosted_content_filter_policy": "Default",
    "anti_phish_policy": "Office365 AntiPhish Default",
}
OUTBOUND = "hosted_outbound_spam_filter_policy"
CONNECTION = "hosted_connection_filter_policy"  # has a default policy and no other
INCLUDED_BY = {OUTBOUND: "include_outbound", CONNECTION: "include_default"}  # what has an effect only with a switch of the role
# Zero-hour auto purge: switches that a task of their own sees to.
PURGE = {"malware_filter_policy": ("zap_enabled",), "hosted_content_filter_policy": ("phish_zap_enabled", "spam_zap_enabled")}

LISTS = ("targeted_users_to_protect", "targeted_domains_to_protect")  # whom to protect from impersonation


@dataclass
class Found:
    """What came out, as it is given to the role: see `protection` in _protection.py."""

    config: dict[str, list[Values]] = field(default_factory=dict)
    purge: dict[str, list[Values]] = field(default_factory=dict)
    covered: list[Values] = field(default_factory=list)
    outranked: list[Values] = field(default_factory=list)
    foreign: list[Values] = field(default_factory=list)
    assigned: list[Values] = field(default_factory=list)
    contested: list[Values] = field(default_factory=list)
    weaker: list[Values] = field(default_factory=list)
    shadowed: list[Values] = field(default_factory=list)
    kept_lists: list[Values] = field(default_factory=list)
    not_in_preset: list[Values] = field(default_factory=list)
    not_included: list[Values] = field(default_factory=list)
    overlay_conflicts: list[Values] = field(default_factory=list)
    not_applicable: list[Values] = field(default_factory=list)
    few_licences: list[Values] = field(default_factory=list)
    manual: list[Values] = field(default_factory=list)
    mechanisms: dict[str, str] = field(default_factory=dict)
