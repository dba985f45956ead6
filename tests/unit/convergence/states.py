# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What of a tenant's rows two runs may differ in, and whose a row is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._effective.comparing import containing
from ansible_collections.m365.defender.plugins.module_utils._effective.recommended import advice_for
from emulator.testing import EmulatedTenant

Row = dict[str, Any]
State = dict[str, list[Row]]
# Policy -> its rule and the rule's field that names it.
PAIRS = {
    "MalwareFilterPolicy": "MalwareFilterRule",
    "HostedContentFilterPolicy": "HostedContentFilterRule",
    "AntiPhishPolicy": "AntiPhishRule",
    "SafeAttachmentPolicy": "SafeAttachmentRule",
    "SafeLinksPolicy": "SafeLinksRule",
}
PRESET_RULES = ("EOPProtectionPolicyRule", "ATPProtectionPolicyRule")
ONCE = (
    "HostedOutboundSpamFilterPolicy",
    "HostedOutboundSpamFilterRule",
    "HostedConnectionFilterPolicy",
    "ATPBuiltInProtectionRule",
    "AtpPolicyForO365",
    "TeamsProtectionPolicy",
    "TeamsProtectionPolicyRule",
    "EmailTenantSettings",
    "AdminAuditLogConfig",
)
NOUNS = (*PAIRS, *PAIRS.values(), *PRESET_RULES, *ONCE)
# What the service gives to every object anew, whoever makes it.
VOLATILE = frozenset({"Guid", "ExchangeObjectId", "ImmutableId", "WhenChanged", "WhenCreated", "WhenChangedUTC", "WhenCreatedUTC"})


def filled(value: Any, domain: str) -> Any:
    """Everything with the tenant's domain in the place of {domain}."""
    if isinstance(value, dict):
        return {name: filled(one, domain) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [filled(one, domain) for one in value]
    return value.replace("{domain}", domain) if isinstance(value, str) else value


def snapshot(tenant: EmulatedTenant, nouns: Iterable[str] = NOUNS) -> State:
    """Every row of mail protection as it is now, or of some nouns of it."""
    return {noun: tenant.state(noun) for noun in nouns}


def policy_of(noun: str, row: Mapping[str, Any]) -> str:
    """The name of the policy that a row is, or that a rule points at."""
    points_at = next((policy for policy, rule in PAIRS.items() if rule == noun), "Name")
    return str(row.get(points_at) or "")


def is_our_row(noun: str, row: Mapping[str, Any], owner: str) -> bool:
    """Whether a policy carries the owner's mark, or a rule points at a policy that has the owner's name in front."""
    if noun in PAIRS:
        return str(row.get("AdminDisplayName") or "").split()[:2] == ["managed_by=m365.defender", f"owner={owner}"]
    return noun in PAIRS.values() and policy_of(noun, row).startswith(f"{owner} ")


def relative_order(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """Names of rules by their priority."""
    return [str(row["Name"]) for row in sorted((row for row in rows if "Priority" in row), key=lambda row: int(row["Priority"]))]


def changes(before: Sequence[Row], after: Sequence[Row]) -> list[str]:
    """In what rows differ, in words, byte by byte. A rule's number and the moment of its last change do not count, because what is made
    and removed before it shifts both, at times there and back; the order of the rules among themselves does."""
    found = []
    for name, had, has in _pairs(before, after):
        found += _compared(name, had, has, {"Priority", "WhenChanged", "WhenChangedUTC"} if "Priority" in had else set())
    if not found and relative_order(before) != relative_order(after):
        found.append(f"order: {relative_order(before)} -> {relative_order(after)}")
    return found


def weakened(noun: str, before: Sequence[Row], after: Sequence[Row]) -> list[str]:
    """In which settings rows that are still there protect less than before, in words. What can't be compared does not count."""
    found = []
    for name, had, has in _pairs(before, after):
        for one in advice_for(noun, "e5") if had and has else ():
            was, now = had.get(one.setting), has.get(one.setting)
            if was is None or now is None or one.allows or one.better(now, was):
                continue
            if one.better(was, now) or one.better is containing:
                found.append(f"{name}.{one.setting}: {was!r} -> {now!r}")
    return found


def unlike(one: Sequence[Row], other: Sequence[Row]) -> list[str]:
    """In what rows differ that two runs have led to: all but ids and moments."""
    return [line for name, had, has in _pairs(one, other) for line in _compared(name, had, has, VOLATILE)]


def _pairs(before: Sequence[Row], after: Sequence[Row]) -> list[tuple[str, Row, Row]]:
    had, has = ({str(row.get("Name", place)): row for place, row in enumerate(rows)} for rows in (before, after))
    return [(name, had.get(name, {}), has.get(name, {})) for name in sorted(had.keys() | has.keys())]


def _compared(name: str, had: Row, has: Row, ignored: Set[str]) -> list[str]:
    if not had or not has:
        return [f"{name} is {'gone' if had else 'new'}"]
    keys = sorted((had.keys() | has.keys()) - ignored)
    return [f"{name}.{key}: {had.get(key)!r} -> {has.get(key)!r}" for key in keys if had.get(key) != has.get(key)]
