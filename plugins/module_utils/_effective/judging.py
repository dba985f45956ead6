# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How far a policy is below a level, and whether Microsoft's own analyzer says the same. Pure; private to the collection."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._effective.comparing import equal
from ansible_collections.m365.defender.plugins.module_utils._effective.recommended import ADVICE, Advice, advice_for
from ansible_collections.m365.defender.plugins.module_utils._errors import TenantError
from ansible_collections.m365.defender.plugins.module_utils._resource import Row, Values, snake
from ansible_collections.m365.defender.plugins.module_utils._types import Address, SetOf, folded

# The groups of policies in the analyzer's answer. [doc] Get-ConfigAnalyzerPolicyRecommendation; none for outbound spam
GROUPS = {
    "anti-spam": "HostedContentFilterPolicy",
    "anti-phishing": "AntiPhishPolicy",
    "anti-malware": "MalwareFilterPolicy",
    "atp safe links": "SafeLinksPolicy",
    "atp safe attachments": "SafeAttachmentPolicy",
}
PRESET_TYPES = ("standard", "strict")


def shortfalls(row: Row, noun: str, target: str, plan: str) -> list[Values]:
    """The settings of a policy that fall short of a level: setting, option, has, wanted, and whether it is a list of those let past.

    A setting that the service does not return is not judged.
    """
    found = []
    for one in advice_for(noun, plan):
        if not _judged(one, row):
            continue
        has, wanted = row.get(one.setting, one.default), one.value(target)
        if not one.better(has, wanted):
            found.append(
                {
                    "setting": one.setting,
                    "option": snake(one.setting),
                    "has": SetOf(Address()).read(has) if isinstance(wanted, tuple) else has,
                    "wanted": list(wanted) if isinstance(wanted, tuple) else wanted,
                    "allow_list": one.allows,
                }
            )
    return found


def _judged(one: Advice, row: Row) -> bool:
    if one.setting not in row and one.default is None:
        return False
    if one.only_if and not equal(row.get(one.only_if[0]), one.only_if[1]):
        return False
    # A preset may show no list of file types though its filter is on: it has the default list. [code] a tenant's export of 2023
    return not (isinstance(one.value("standard"), tuple) and row.get(one.setting) is None and _is_preset(row))


def _is_preset(row: Row) -> bool:
    return folded(row.get("RecommendedPolicyType")) in PRESET_TYPES


def analyzed(target: str, plan: str, answer: Sequence[Row] | TenantError, rows: Mapping[str, Sequence[Row] | TenantError]) -> Values:
    """What Microsoft's analyzer lists as below a level, and where it and we disagree.

    rows: those of every noun. Its answer covers no policy of a preset or of Built-in protection, so we compare none of these. That it names
    settings as the cmdlets do is a guess; what it names otherwise stands in `not_compared`.
    """
    if isinstance(answer, TenantError):
        return {"state": "unknown", "reason": answer.message, "listed": 0, "disagreement": [], "not_compared": []}
    theirs: dict[tuple[str, str, str], Row] = {}
    strange: set[str] = set()
    for row in answer:
        key = _key(row)
        if key is None:
            strange.add(f"{row.get('PolicyGroup')}: {row.get('SettingName')}")
        else:
            theirs[key] = row
    ours: dict[tuple[str, str, str], Values] = {}
    policies: dict[tuple[str, str], Row] = {}
    for noun in GROUPS.values():
        for policy in _rows(rows.get(noun)):
            if _is_preset(policy) or policy.get("IsBuiltInProtection"):
                continue
            name = folded(policy.get("Name"))
            policies[noun, name] = policy
            ours.update({(noun, name, one["setting"]): one for one in shortfalls(policy, noun, target, plan)})
    disagreement = []
    for noun, name, setting in sorted(ours.keys() ^ theirs.keys()):
        if (noun, name) not in policies:
            continue
        mine, listed, policy = ours.get((noun, name, setting)), theirs.get((noun, name, setting), {}), policies[noun, name]
        disagreement.append(
            {
                "noun": noun,
                "policy": policy.get("Name"),
                "setting": setting,
                "below_by": "here" if mine else "microsoft",
                "has": mine["has"] if mine else listed.get("CurrentConfiguration"),
                "wanted": mine["wanted"] if mine else listed.get("Recommendation"),
                "because": "The analyzer does not list it." if mine else _fine(_ADVICE[noun, folded(setting)], policy, plan),
            }
        )
    return {"state": "read", "reason": "", "listed": len(answer), "disagreement": disagreement, "not_compared": sorted(strange)}


def _fine(one: Advice, row: Row, plan: str) -> str:
    """Why a setting that the analyzer lists is not below the level to us."""
    if one not in advice_for(one.noun, plan):
        return "The licences do not bring it."
    if one.only_if and not equal(row.get(one.only_if[0]), one.only_if[1]):
        return f"It has no effect while {one.only_if[0]} is {row.get(one.only_if[0])}."
    return "What it has is at or above the recommended value." if _judged(one, row) else "The policy does not show it."


def _rows(answer: Sequence[Row] | TenantError | None) -> Iterable[Row]:
    return () if answer is None or isinstance(answer, TenantError) else answer


_ADVICE = {(one.noun, folded(one.setting)): one for one in ADVICE}


def _key(row: Mapping[str, Any]) -> tuple[str, str, str] | None:
    """Which policy and setting a line of the analyzer is about; None when it is none that we judge."""
    noun = GROUPS.get(folded(row.get("PolicyGroup")), "")
    one = _ADVICE.get((noun, folded(row.get("SettingName"))))
    return (noun, folded(row.get("Policy")), one.setting) if one else None
