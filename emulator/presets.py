# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Preset security policies: absent until somebody switches one on in the portal. [doc] names and rules, [code] values."""

from __future__ import annotations

from .nouns_rules import POLICIES, described_rule, numbered
from .objects import described, made
from .offering import MDO_PLANS
from .tenant import Tenant

NAMES = {"Standard": "Standard Preset Security Policy", "Strict": "Strict Preset Security Policy"}
NOUNS = {"EOPProtectionPolicyRule": frozenset[str](), "ATPProtectionPolicyRule": MDO_PLANS}


def turn_on(tenant: Tenant, preset: str) -> None:
    """Do what switching a preset on in the portal does: policies, rules, and a customized organization.

    Does nothing where it is on already. Raises ValueError for a preset of another name.
    """
    if preset not in NAMES:
        raise ValueError(f"there is no preset {preset!r}; known: {', '.join(NAMES)}")
    name = NAMES[preset]
    for rule_noun, plans in NOUNS.items():
        if plans and not plans & tenant.plans:
            continue
        if any(row["Name"] == name for row in tenant.rows(rule_noun)):
            continue
        policies = {noun: _policy(tenant, noun, preset, name) for noun in POLICIES[rule_noun]}
        rule = {**made(tenant, rule_noun, name, **policies), "State": "Enabled", "Priority": 0}
        others = tenant.rows(rule_noun)
        rows = [rule, *others] if preset == "Strict" else [*others, rule]
        tenant.put(rule_noun, [described_rule(rule_noun, row) for row in numbered(tenant, rows)])
    tenant.put("OrganizationConfig", [{**row, "IsDehydrated": False} for row in tenant.rows("OrganizationConfig")])


def _policy(tenant: Tenant, noun: str, preset: str, name: str) -> str:
    """Make the preset's policy of one noun (unless it is there) and return its name; each has thirteen digits of its own. [code]"""
    for row in tenant.rows(noun):
        if row.get("RecommendedPolicyType") == preset:
            return str(row["Name"])
    digits = int(tenant.guid("preset", preset, noun).replace("-", "")[:10], 16) % 10**9
    whole = f"{name}{1700000000000 + digits * 100:013d}"
    values = described(noun)["presets"][preset]
    tenant.put(noun, [*tenant.rows(noun), {**made(tenant, noun, whole), **values, "RecommendedPolicyType": preset, "IsDefault": False}])
    return whole
