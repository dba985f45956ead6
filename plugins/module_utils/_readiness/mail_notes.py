# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one should know besides the verdict of step 3: licences that do not go round, alerts that are off, what Microsoft's analyzer says.

Pure; private to the collection.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._readiness.words import SITE, Facts, came, names_of

ALERTS = f"{SITE}/alertpoliciesv2"
TARGETS = ("standard", "strict")
MOST_DISAGREEMENTS = 2
# What people call what a kind sets, where a licence is missing for it.
TITLES = {
    "safe_attachment_policy": "Safe Attachments",
    "safe_links_policy": "Safe Links",
    "atp_policy_for_o365": "Safe Attachments for SharePoint, OneDrive and Teams",
    "teams_protection_policy": "zero-hour auto purge in Teams",
    "email_tenant_settings": "priority account protection",
    "sharepoint_tenant": "blocked downloads of infected files in SharePoint",
}
PARTS = {"anti_phish_policy": "protection against impersonation", "atp_policy_for_o365": "Safe Documents"}
# Results of tasks whose objects have no text in which a run could leave what it wanted.
FORGETFUL = {
    "presets": "Microsoft's presets",
    "files": TITLES["atp_policy_for_o365"],
    "documents": PARTS["atp_policy_for_o365"],
    "priority_accounts": "Priority account protection",
    "audit_log": "the audit log",
    "sharepoint": "infected files in SharePoint",
}
# The policies of a preset are called after it and a number that the service makes up. [code]
NUMBER = re.compile(r"(?<=Preset Security Policy)\d+$")


def shown(policy: Any) -> str:
    """What a policy is called for people."""
    return NUMBER.sub("", str(policy or "no policy"))


def lacking(one: Mapping[str, Any]) -> str:
    """What people call that which the licences do not bring; see `not_applicable` of the filter protection."""
    kind = str(one["kind"])
    return TITLES.get(kind, kind) if one.get("whole", True) else PARTS.get(kind, kind)


def further(facts: Facts) -> list[str]:
    """facts: as the judge of step 3 has them."""
    decided = facts.get("decided") or {}
    return [*_presets(decided), *_weaker(decided), *_forgetful(facts), *_licences(decided), *_alerts(facts, decided), *_analyzer(facts)]


def _weaker(decided: Facts) -> Iterable[str]:
    for one in decided.get("weaker") or ():
        settings = names_of([f"{each['option']} {_value(each['has'])} -> {_value(each['wanted'])}" for each in one["settings"]])
        yield (
            f"What is wanted for {one['scope']} ({one['kind']}) protects less in some settings than {shown(one['instead_of'])}, which they "
            f"get now: {settings}. To keep one, name it in email_protection_overrides."
        )


def _forgetful(facts: Facts) -> Iterable[str]:
    titles = [title for name, title in FORGETFUL.items() if isinstance(facts.get(name), Mapping) and facts[name].get("changed")]
    if titles:
        yield f"Whether somebody has set these back since our last run can't be told, for want of a note: {names_of(titles, 6)}."


def _value(value: Any) -> str:
    return f"{len(value)} {'member' if len(value) == 1 else 'members'}" if isinstance(value, list | tuple) else str(value)


def _licences(decided: Facts) -> Iterable[str]:
    few = decided.get("few_licences") or ()
    if few:
        scopes = names_of([str(one["scope"]) for one in few])
        advice = "name their group in email_protection_licensed_users"
        if few[0].get("name_in") == "scopes":
            advice = "give those who have one a scope of their own in email_protection_scopes"
        yield (
            f"{few[0]['licences']} licences bring Defender for Office 365, and {few[0]['mailboxes']} a mailbox, but whole domains are "
            f"covered ({scopes}). Whom it protects needs a licence: {advice}, or buy more."
        )


def _presets(decided: Facts) -> Iterable[str]:
    for one in decided.get("assigned") or ():
        if one["mechanism"] == "custom":
            yield (
                f"The {one['preset'].capitalize()} preset is on for {one['to']}, which is left as it is; {one['scope']} gets policies of "
                "ours. email_protection_adopt assigns the preset instead."
            )
    for scope in dict.fromkeys(str(one["scope"]) for one in decided.get("not_in_preset") or ()):
        options = [f"{one['kind']}.{name}" for one in decided["not_in_preset"] if one["scope"] == scope for name in one["options"]]
        yield (
            f"Not followed for {scope}, because a preset takes no settings: {names_of(options, 6)}. email_protection_mechanism: custom "
            "follows them."
        )
    for one in decided.get("not_included") or ():
        options = [f"{one['kind']}.{name}" for name in one["options"]]
        yield f"Not followed, because nobody asked for that policy: {names_of(options, 6)}. email_protection_{one['include']}: true does."


def _alerts(facts: Facts, decided: Facts) -> Iterable[str]:
    alerts = facts.get("alerts")
    if isinstance(alerts, Mapping) and came(alerts):
        off = [
            str(one["name"])
            for one in alerts["policies"]
            if one.get("system") and one["disabled"] and not one["starts_investigation"] and one["category"] == "ThreatManagement"
        ]
        if off:
            yield f"Alert policies of Microsoft's that start no investigation and are off: {names_of(off, 6)}."
    alone = decided.get("unaccompanied") or ()
    if alone:
        yield (
            f"{len(alone)} alert policies that start investigations watch what only Microsoft's can watch; who is told of these is chosen "
            f"in the portal: {ALERTS}"
        )


def _analyzer(facts: Facts) -> Iterable[str]:
    """Where Microsoft's configuration analyzer sees a setting otherwise, held against each target that was aimed at."""
    for target in TARGETS:
        result = next((facts[name] for name in (f"after_{target}", f"seen_{target}") if came(facts.get(name))), None)
        found = ((result or {}).get("effective_protection") or {}).get("config_analyzer") or {}
        said = found.get(target) or {}
        if said.get("state") == "unknown":
            yield f"Microsoft's configuration analyzer could not be read, held against {target.capitalize()}: {said['reason']}"
        different = said.get("disagreement") or ()
        if different:
            first = [f"{shown(one['policy'])}, {one['setting']}: {one['because']}" for one in different[:MOST_DISAGREEMENTS]]
            settings = "1 setting" if len(different) == 1 else f"{len(different)} settings"
            if len(different) > len(first):
                first.append("The others stand in config_analyzer of m365.defender.effective_protection_info.")
            yield f"Microsoft's configuration analyzer sees {settings} otherwise, held against {target.capitalize()}. {' '.join(first)}"
