# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Small made-up tenants: rows by noun, as the service gives them."""

from __future__ import annotations

from ansible_collections.m365.defender.plugins.module_utils._effective.precedence import THREATS
from ansible_collections.m365.defender.plugins.module_utils._effective.recommended import advice_for

BY_KIND = {threat.kind: threat for threat in THREATS}
STRICT, STANDARD = "Strict Preset Security Policy", "Standard Preset Security Policy"


def at(noun, target):
    """The settings of a policy that has exactly what is recommended."""
    return {one.setting: list(value) if isinstance(value := one.value(target), tuple) else value for one in advice_for(noun, "e5")}


def weak(noun):
    """The settings of a policy that has nothing of it."""
    values = {"MalwareFilterPolicy": {"EnableFileFilter": False}, "HostedContentFilterPolicy": {"SpamAction": "AddXHeader"}}
    values |= {"AntiPhishPolicy": {"EnableSpoofIntelligence": False}, "SafeAttachmentPolicy": {"Enable": False}}
    values |= {"SafeLinksPolicy": {"ScanUrls": False}, "HostedOutboundSpamFilterPolicy": {"RecipientLimitPerDay": 0}}
    return {**at(noun, "strict"), **values[noun]}


def fresh(threat):
    """What a tenant has of one type when nobody has configured anything."""
    last = (
        {"Name": "Built-In Protection Policy", "IsBuiltInProtection": True} if threat.built_in else {"Name": "Default", "IsDefault": True}
    )
    rows = {noun: [] for noun in threat.nouns}
    rows[threat.noun] = [{**weak(threat.noun), **last, "RecommendedPolicyType": "Custom"}]
    if threat.built_in:
        rows[threat.built_in] = [{"Name": "ATP Built-In Protection Rule", "State": "Enabled", threat.noun: last["Name"]}]
    return rows


def with_preset(rows, threat, preset, state="Enabled", **rule):
    """A preset is turned on. rule: its conditions."""
    word = preset.split()[0]
    name = f"{preset}1700000000000"
    rows[threat.noun].append({**at(threat.noun, word.lower()), "Name": name, "RecommendedPolicyType": word})
    rows[threat.preset].append({"Name": preset, "State": state, "Priority": len(rows[threat.preset]), threat.noun: name, **rule})
    return rows


def with_custom(rows, threat, name, priority=0, state="Enabled", target="standard", of="Custom", **rule):
    """A custom policy with a rule. target: what its settings are like, "" for weak ones."""
    values = at(threat.noun, target) if target else weak(threat.noun)
    rows[threat.noun].append({**values, "Name": name, "RecommendedPolicyType": of})
    rows[threat.rule].append({"Name": f"Rule of {name}", "State": state, "Priority": priority, threat.noun: name, **rule})
    return rows
