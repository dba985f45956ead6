# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Step 3: what recipients get, what a tenant has once, and the alerts that start investigations. Pure; private to the collection."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._effective.reached import lists_alone, reached
from ansible_collections.m365.defender.plugins.module_utils._readiness.mail_notes import TARGETS, further, lacking, shown
from ansible_collections.m365.defender.plugins.module_utils._readiness.words import (
    AGAIN,
    ALERTS_LINK,
    COMPLIANT,
    MANUAL,
    NOT_APPLICABLE,
    NOT_COMPLIANT,
    PERSON,
    PRESETS_LINK,
    UNKNOWN,
    Facts,
    Finding,
    Judged,
    Values,
    came,
    names_of,
    products_of,
)

# Results of tasks that set what a tenant has once, by what they are told as.
ONCE = {
    "files": "Safe Attachments for SharePoint, OneDrive and Teams",
    "documents": "Safe Documents",
    "teams": "Zero-hour auto purge in Teams",
    "purge_malware": "Zero-hour auto purge of malware",
    "purge_spam": "Zero-hour auto purge of spam and phishing",
    "priority_accounts": "Priority account protection",
    "outbound": "Outbound limits",
    "connection": "Connection filter",
    "audit_log": "Audit log",
    "sharepoint": "Infected files in SharePoint",
    "notices": "Alert policies that tell people of your own",
}
# Results that show what recipients get, those after the run first.
SEEN = ("after_standard", "after_strict", "seen_standard", "seen_strict")
PLANS = {
    "plan1": "Defender for Office 365 Plan 1",
    "plan2": "Defender for Office 365 Plan 2",
    "e5": "Microsoft 365 E5 or its security add-on",
}


def email_protection(facts: Facts, check: bool) -> Judged:
    """facts: licenses; decided: what the filter protection said; seen: by target, the subjects of effective_protection_info, after the run
    where it changed something; alerts, of alert_policy_info; and the results of the tasks by their names."""
    products = products_of(facts)
    if products is None:
        return [], []
    if not products["exchange_online"]:
        return [Finding("licence", NOT_APPLICABLE, "No licence brings a mailbox.", fact="licenses")], []
    decided = facts.get("decided") or {}
    seen = facts.get("seen") or {}
    shown_by = next((name for name in SEEN if came(facts.get(name))), "seen")
    findings = [replace(one, fact=shown_by) for one in _recipients(facts, seen, check)]
    findings += [*_once(facts, check), *(replace(one, fact="current") for one in (*_left_alone(decided), *_licences(decided)))]
    if not seen:
        findings.append(Finding("recipients", UNKNOWN, "What recipients get was not read.", AGAIN))
    if came(facts.get("alerts")):
        findings.append(_alerts(facts["alerts"]))
    elif products["defender_for_office_365"] == "plan2":
        findings.append(Finding("alerts", UNKNOWN, "The alert policies were not read.", AGAIN))
    return findings, _notes(products["defender_for_office_365"], decided) + further(facts)


def _recipients(facts: Facts, seen: Mapping[str, Sequence[Values]], check: bool) -> list[Finding]:
    """For each kind of policy, what the subjects of every target get."""
    kinds: dict[str, list[tuple[str, str, Values]]] = {}
    for target, subjects in seen.items():
        for subject in subjects:
            for kind, threat in subject["threats"].items():
                if kind != "hosted_outbound_spam_filter_policy" and threat["state"] != "not_applicable":
                    kinds.setdefault(kind, []).append((target, subject["subject"], threat))
    return [_kind(kind, got, facts, check) for kind, got in kinds.items()]


def _kind(kind: str, got: Sequence[tuple[str, str, Values]], facts: Facts, check: bool) -> Finding:
    title = got[0][2]["title"]
    short = [one for one in got if reached(one[2]) is False]
    open_ones = [one for one in got if reached(one[2]) is None]
    lists = list(dict.fromkeys(name for one in got for name in lists_alone(one[2])))
    levels = " and ".join(sorted({target.capitalize() for target, *dummy in got}))
    if short:
        target, subject, threat = short[0]
        weak: Values = next((one for one in threat["policies"] if one["at_target"] is False), {})
        lacks = names_of([one["setting"] for one in weak.get("shortfalls") or ()])
        evidence = f"{title}: {subject} gets {shown(weak.get('policy'))}, below {target.capitalize()}"
        evidence += f" ({lacks})" if lacks else ""
        evidence += f", and so do{'es' if len(short) == 2 else ''} {len(short) - 1} more" if len(short) > 1 else ""
        return Finding(title, NOT_COMPLIANT, evidence + ".", _remedy(kind, target, str(weak.get("by")), facts, check))
    if open_ones:
        return Finding(title, UNKNOWN, f"{title}: {open_ones[0][1]}: {open_ones[0][2]['reason']}", "Look at whom the policies name.")
    by = names_of(sorted({shown(policy["policy"]) for *dummy, threat in got for policy in threat["policies"]}), 2)
    if lists:
        text = f"{title}: {levels}, by {by}, but for whom {names_of(lists)} let past."
        return Finding(title, MANUAL, text, "Look at who stands in the allow lists, and why.", PERSON)
    return Finding(title, COMPLIANT, f"{title}: {levels}, by {by}.")


def _remedy(kind: str, target: str, winner: str, facts: Facts, check: bool) -> str:
    decided = facts.get("decided") or {}
    config = decided.get("config") or {}
    presets = config.get("preset_security_policy")
    if winner in TARGETS and winner != target and not (check and presets):
        return (
            f"The {winner.capitalize()} preset goes before every other policy. Take these people out of it, or assign the "
            f"{target.capitalize()} preset too (email_protection_mechanism: preset), which has to be switched on once in the portal: "
            f"{PRESETS_LINK}"
        )
    if facts.get("stopped"):  # what it was going to write may not be there yet
        return "Run the step again when what stopped it is mended."
    if check and kind in config:
        return "Run the step without check mode."
    if any(kind == one["kind"] for one in decided.get("contested") or ()):
        return "Find out who set it back, or reclaim it with email_protection_reclaim."
    if any(kind == one["kind"] for one in decided.get("foreign") or ()):
        return "Take the policy over with email_protection_adopt, or choose another email_protection_owner."
    if presets or any(one.get("state") != "absent" for one in config.get(kind) or ()):
        return "Another policy goes before ours; compare it with the recommendation."
    if set((decided.get("mechanisms") or {}).values()) == {"none"}:
        return "Let the step write, which it does not with email_protection_mechanism: none, or bring that policy to the recommendation."
    return "No policy of ours is for them; bring the one that they get to the recommendation."


def _once(facts: Facts, check: bool) -> Iterable[Finding]:
    for name, title in ONCE.items():
        result = facts.get(name)
        if not isinstance(result, Mapping) or not came(result):
            continue
        wish = "wanted" if name == "notices" else "recommended"
        if result.get("changed") and check:
            yield Finding(title, NOT_COMPLIANT, f"{title}: not as {wish}.", "Run the step without check mode.", fact=name)
        else:
            yield Finding(title, COMPLIANT, f"{title}: as {wish}.", fact=name)
    if not came(facts.get("audit_log")):
        yield from _audit_log(facts)


def _audit_log(facts: Facts) -> Iterable[Finding]:
    """The audit log where nobody asked for it, because without it no mail is investigated."""
    title, current = ONCE["audit_log"], facts.get("current")
    kept = (current.get("configuration") or {}).get("admin_audit_log_config") if isinstance(current, Mapping) and came(current) else ()
    for one in kept or ():
        if one.get("unified_audit_log_ingestion_enabled"):
            yield Finding(title, COMPLIANT, f"{title}: kept.", fact="current")
        elif one.get("unified_audit_log_ingestion_enabled") is False:
            yield Finding(title, NOT_COMPLIANT, f"{title}: off, so that no mail is investigated.", "Turn the audit log on.", fact="current")


def _left_alone(decided: Facts) -> Iterable[Finding]:
    for one in decided.get("contested") or ():
        what = f"{one['name']} ({one['kind']})" if one.get("shared") else one["name"]
        text = f"{what}: somebody has changed {names_of(one['options'])} since our last run."
        yield Finding("contested", NOT_COMPLIANT, text, "Find out who set it back, or reclaim it with email_protection_reclaim.")
    for one in decided.get("foreign") or ():
        text = f"{one['name']} ({one['kind']}) has our name and is somebody else's."
        yield Finding("foreign", NOT_COMPLIANT, text, "Take it over with email_protection_adopt, or choose another email_protection_owner.")
    for one in decided.get("assigned") or ():
        if one["mechanism"] == "preset":
            text = f"The {one['preset'].capitalize()} preset is on for {one['to']}, maybe by somebody else, and not for {one['scope']}."
            remedy = "Take it over with email_protection_adopt, or let email_protection_mechanism be auto."
            yield Finding("preset", NOT_COMPLIANT, text, remedy)
    for one in decided.get("manual") or ():
        text = f"The {one['preset'].capitalize()} preset was never switched on, so it can't be assigned."
        yield Finding("preset", MANUAL, text, f"Switch it on once in the portal: {PRESETS_LINK}", PERSON)


def _licences(decided: Facts) -> Iterable[Finding]:
    needs: dict[str, list[str]] = {}
    for one in decided.get("not_applicable") or ():
        needs.setdefault(one["needs"], []).append(lacking(one))
    for plan, kinds in needs.items():
        names = names_of(kinds, 6)
        yield Finding("licence", NOT_APPLICABLE, f"No licence brings {names}.", f"{PLANS[plan]} would bring {names}.")


def _alerts(alerts: Facts) -> Finding:
    starting = [one for one in alerts["policies"] if one["starts_investigation"]]
    off = alerts["switched_off"]
    if off:
        those = "1 alert policy that would start an investigation is"
        if len(off) > 1:
            those = f"{len(off)} alert policies that would start an investigation are"
        return Finding(
            "alerts",
            NOT_COMPLIANT,
            f"{those} off: {names_of(off)}.",
            f"Turn the alert policies on in the portal, where alone it can be done: {ALERTS_LINK}",
            fact="alerts",
        )
    if not starting:
        text = "None of the alert policies that start investigations was found."
        return Finding("alerts", UNKNOWN, text, f"Look at the alert policies in the portal: {ALERTS_LINK}", fact="alerts")
    return Finding("alerts", COMPLIANT, f"{len(starting)} alert policies that start investigations are on.", fact="alerts")


def _notes(office: str, decided: Facts) -> list[str]:
    notes = []
    if office == "plan1":
        notes.append("Defender for Office 365 Plan 1 protects, but does not investigate: that needs Plan 2.")
    shadowed = [str(one["name"]) for one in decided.get("shadowed") or ()]
    if shadowed:
        notes.append(f"Policies of others, which are left alone, and which a preset would outrank: {names_of(shadowed, 6)}.")
    covered: dict[str, Any] = {shown(name): None for one in decided.get("covered") or () for name in one["by"].split(", ")}
    if covered:
        notes.append(f"Protected well enough by other policies, so that nothing is written for them: {names_of(list(covered), 6)}.")
    for one in decided.get("outranked") or ():
        notes.append(f"No policy of ours ({one['kind']}) for {one['scope']}: everybody there gets {one['by']}, which goes before it.")
    for one in decided.get("kept_lists") or ():
        notes.append(
            f"{one['name']} ({one['kind']}) lets {one['members']} past by {one['option']}; allow lists are not emptied unless asked for."
        )
    for one in decided.get("overlay_conflicts") or ():
        wish = f"{one['kind']}.{one['option']}: {one['wants']}"
        notes.append(f"Not followed, because Microsoft recommends {one['microsoft']}: {one['overlay']} wants {wish}.")
    return notes
