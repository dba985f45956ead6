# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules: priorities, conditions, the policies they point at, and their state."""

from __future__ import annotations

import re
from typing import Any

from .cmdlets import Run, absent_name, applied, serves
from .errors import already_exists, dehydrated, invalid, policy_not_found
from .invented import exchange as invented
from .objects import described, find, made, renamed, server, touched
from .tenant import Row, Tenant

# Rule noun -> the parameters that name its policies (the noun of each policy is the parameter's name).
POLICIES: dict[str, tuple[str, ...]] = {
    "AntiPhishRule": ("AntiPhishPolicy",),
    "MalwareFilterRule": ("MalwareFilterPolicy",),
    "HostedContentFilterRule": ("HostedContentFilterPolicy",),
    "HostedOutboundSpamFilterRule": ("HostedOutboundSpamFilterPolicy",),
    "SafeAttachmentRule": ("SafeAttachmentPolicy",),
    "SafeLinksRule": ("SafeLinksPolicy",),
    "TeamsProtectionPolicyRule": ("TeamsProtectionPolicy",),
    "EOPProtectionPolicyRule": ("HostedContentFilterPolicy", "AntiPhishPolicy", "MalwareFilterPolicy"),
    "ATPProtectionPolicyRule": ("SafeAttachmentPolicy", "SafeLinksPolicy"),
    "ATPBuiltInProtectionRule": ("SafeAttachmentPolicy", "SafeLinksPolicy"),
}
CUSTOM = tuple(POLICIES)[:6]
PRESETS = ("EOPProtectionPolicyRule", "ATPProtectionPolicyRule")
PRESET_PRIORITY = {"strict preset security policy": 0, "standard preset security policy": 1}
CONDITIONS = tuple(invented.CONDITION_WORDS)
_POLICY_NAMES = frozenset(name for names in POLICIES.values() for name in names)
_SKIP = frozenset({"Priority", "Enabled", "Name"}) | _POLICY_NAMES


def described_rule(noun: str, row: Row) -> Row:
    """A rule with the properties that follow from its conditions: Conditions, Exceptions, RuleVersion, Description. [code]"""
    given = [name for name in CONDITIONS if row.get(name)]
    exceptions = [name for name in CONDITIONS if row.get("ExceptIf" + name)]
    text = ""
    if given:
        text = "If the message:\r\n" + "".join(_sentence(name, row[name], "and " if place else "") for place, name in enumerate(given))
    text += "Take the following actions:\r\n\t" + ", ".join(_actions(noun, row)) + "\r\n"
    if exceptions:
        text += "Except if the message:\r\n" + "".join(_sentence(name, row["ExceptIf" + name], "") for name in exceptions)
    return {
        **row,
        "Conditions": [f"{invented.PREDICATES}{name}Predicate" for name in given] or None,
        "Exceptions": [f"{invented.PREDICATES}{name}Predicate" for name in exceptions] or None,
        "RuleVersion": "15.0.5.2" if given or exceptions else "14.0.0.0",
        "Description": text,
    }


def _sentence(name: str, values: list[Any], join: str) -> str:
    quoted = " or ".join(f"'{value}'" for value in values)
    return f"\t{join}{invented.CONDITION_WORDS[name]}: {quoted}\r\n"


def _actions(noun: str, row: Row) -> list[str]:
    template = described(noun)["new"]["Description"]
    words = re.findall(r"Apply ([^\"]+) policy \"", template)
    return [f'Apply {word} policy "{row.get(policy)}".' for word, policy in zip(words, POLICIES[noun], strict=False)]


def ordered(rows: list[Row]) -> list[Row]:
    """Rules by priority."""
    return sorted(rows, key=lambda row: row["Priority"])


def numbered(tenant: Tenant, rows: list[Row]) -> list[Row]:
    """Rules in the order given, with priorities 0..n-1; only rules that moved are touched."""
    return [row if row["Priority"] == place else touched(tenant, row, Priority=place) for place, row in enumerate(rows)]


def _check_policies(run: Run) -> dict[str, str]:
    """The policies a rule shall have, by their own names. Each must exist, take rules, and have no rule yet. [code] [doc]"""
    names: dict[str, str] = {}
    for noun in POLICIES[run.noun]:
        wanted = run.given.get(noun)
        if wanted is None:
            continue
        policy = find(run.rows(noun), wanted)
        if policy is None:
            raise policy_not_found(wanted)
        if run.noun in CUSTOM and (
            policy.get("IsDefault") or policy.get("IsBuiltInProtection") or policy.get("RecommendedPolicyType", "Custom") != "Custom"
        ):
            raise invented.rule_on_default(policy["Name"])
        for rule in run.rows():
            # Also when it is the rule's own policy: the service refuses a policy that is repeated. [code]
            if str(rule.get(noun, "")).lower() == policy["Name"].lower():
                raise invalid(f'Policy "{policy["Name"]}" already has rule "{rule["Name"]}" associated with it.')
        names[noun] = policy["Name"]
    return names


def _check_conditions(noun: str, row: Row) -> None:
    if noun in CUSTOM and not any(row.get(name) for name in CONDITIONS):
        raise invented.no_condition()


def _priority(run: Run, highest: int) -> int:
    wanted = run.given.get("Priority")
    if wanted is None:
        return highest
    if not 0 <= wanted <= highest:
        raise invented.bad_priority(wanted, highest)
    return int(wanted)


def _preset_place(run: Run, name: str, highest: int) -> int:
    """Strict first, Standard behind it, and no other priority may be given. [doc] Standard alone reads 0. [code]"""
    default = PRESET_PRIORITY.get(name.lower())
    if default is None:
        return _priority(run, highest)
    wanted = run.given.get("Priority")
    if wanted not in (None, default):
        raise invented.not_the_default_priority(wanted, default)
    return min(default, highest)


def make(run: Run) -> list[Row]:
    """New-*Rule: last unless Priority says otherwise, the others move; enabled unless Enabled is false. [doc]"""
    if run.noun in PRESETS and run.rows("OrganizationConfig")[0].get("IsDehydrated"):
        raise dehydrated()
    name = absent_name(run)
    policies = _check_policies(run)
    rows = ordered(run.rows())
    place = _preset_place(run, name, len(rows)) if run.noun in PRESETS else _priority(run, len(rows))
    row = applied(run, made(run.tenant, run.noun, name, **policies), skip=_SKIP)
    _check_conditions(run.noun, row)
    row = described_rule(run.noun, {**row, "State": "Enabled" if run.given.get("Enabled", True) else "Disabled", "Priority": place})
    run.write(numbered(run.tenant, rows[:place] + [row] + rows[place:]))
    return [row]


def alter(run: Run) -> list[Row]:
    """Set-*Rule: no Enabled, no unchanged policy; a new Priority moves the others. [doc] [code]"""
    row = run.found()
    policies = _check_policies(run)
    rows = ordered(run.rows())
    changed = applied(run, {**row, **policies}, skip=_SKIP)
    name = run.given.get("Name")
    if name and name != row["Name"]:
        other = find([rule for rule in rows if rule is not row], name)
        if other is not None:
            raise already_exists(other["DistinguishedName"], server(run.tenant))
        changed = renamed(changed, name)
    _check_conditions(run.noun, changed)
    place = _priority(run, len(rows) - 1) if "Priority" in run.given else row["Priority"]
    changed = touched(run.tenant, described_rule(run.noun, {**changed, "Priority": row["Priority"]}))
    others = [rule for rule in rows if rule is not row]
    run.write(numbered(run.tenant, others[:place] + [changed] + others[place:]))
    return []


def switch(run: Run) -> list[Row]:
    """Enable- and Disable-*Rule: the state. [doc]"""
    row = run.found()
    run.replace(row, touched(run.tenant, row, State="Enabled" if run.cmdlet.verb == "Enable" else "Disabled"))
    return []


def drop(run: Run) -> list[Row]:
    """Remove-*Rule: the gap closes [guess], the policy stays [doc]."""
    row = run.found()
    run.write(numbered(run.tenant, [rule for rule in ordered(run.rows()) if rule is not row]))
    return []


for _noun in (*CUSTOM, "TeamsProtectionPolicyRule", *PRESETS):
    serves(f"New-{_noun}")(make)
    serves(f"Set-{_noun}")(alter)
    serves(f"Enable-{_noun}", f"Disable-{_noun}")(switch)
    serves(f"Remove-{_noun}")(drop)
serves("Set-ATPBuiltInProtectionRule")(alter)


@serves("New-ATPBuiltInProtectionRule")
def _built_in(run: Run) -> list[Row]:
    raise invented.only_one("built-in protection rule")


serves("Enable-ReportSubmissionRule", "Disable-ReportSubmissionRule")(switch)
