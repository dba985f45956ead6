# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Step 2: the automation levels of device groups. Pure; private to the collection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._readiness.retired import RETIRED
from ansible_collections.m365.defender.plugins.module_utils._readiness.words import (
    COMPLIANT,
    GROUPS_LINK,
    LEVELS,
    MANUAL,
    NOT_APPLICABLE,
    NOT_COMPLIANT,
    PERSON,
    PORTAL,
    UNKNOWN,
    Facts,
    Finding,
    Judged,
    Values,
    came,
    names_of,
    not_in_cloud,
    products_of,
)

SETTING = "automation_levels"
# What remediation leans on [doc]; that alerts are resolved automatically is retired, see there.
FEATURES = {
    "edr_in_block_mode": "EDR in block mode",
    "tamper_protection": "tamper protection",
    "custom_network_indicators": "custom network indicators",
    "live_response": "live response",
    "intune_connection": "the connection to Intune",
    "defender_for_cloud_apps": "the connection to Defender for Cloud Apps",
}
SCOPED = "sees only some device groups"  # in what reading them warns of


def device_groups(facts: Facts, check: bool) -> Judged:
    """facts: licenses, devices, current, result, features; level, levels: what was asked for; plan: what the filter raised made of it."""
    products = products_of(facts)
    if products is None:
        return [], [RETIRED]
    plan = products["defender_for_endpoint"]
    reasons = {
        "none": "No licence brings Defender for Endpoint.",
        "business": "Defender for Business always remediates by itself, through real-time protection: it has no levels to set.",
        "plan1": "Defender for Endpoint Plan 1 has no automated investigation, so that levels have no effect.",
    }
    if plan in reasons:
        remedy = "" if plan == "business" else "Defender for Endpoint Plan 2 would bring it."
        return [Finding("licence", NOT_APPLICABLE, reasons[plan], remedy, fact="licenses")], [RETIRED]
    current = facts.get("current") or {}
    if (current.get("failure") or {}).get("code") == "no_portal_session":
        return [_without_session(facts)], [RETIRED]
    if not_in_cloud(current):
        return [Finding("levels", NOT_APPLICABLE, not_in_cloud(current), fact="current")], [RETIRED]
    if not came(current) or "device_group" not in (current.get("configuration") or {}):
        return [], [RETIRED]
    features, notes = _features(facts, check)
    findings = [_levels(current["configuration"]["device_group"], facts, check), *_described(facts, check), *features]
    return findings, [RETIRED, *notes]


def _without_session(facts: Facts) -> Finding:
    devices = facts.get("devices")
    groups = devices["summary"]["groups"] if isinstance(devices, Mapping) and came(devices) and "summary" in devices else {}
    seen = f" Groups that have devices: {names_of([f'{name} ({number})' for name, number in groups.items()], 5)}." if groups else ""
    return Finding(
        "levels",
        MANUAL,
        f"No supported API shows the automation levels, and there is no portal session.{seen}",
        f"Look at {GROUPS_LINK}, or hand in a portal session.",
        PERSON,
        fact="current",
        setting=SETTING,
        verdicts=_worth(facts),
    )


def _described(facts: Facts, check: bool) -> list[Finding]:
    """Groups that are described and are not so yet, besides their levels."""
    result = facts.get("result")
    operations = result.get("operations") or () if check and isinstance(result, Mapping) and came(result) else ()
    number = sum(not str(one).endswith("{AutoRemediationLevel}") for one in operations)
    if not number:
        return []
    text = f"Device groups are not as they are described: {number} change{'' if number == 1 else 's'} would be made."
    return [Finding("groups", NOT_COMPLIANT, text, "Run the step without check mode.", PORTAL, "result")]


def _features(facts: Facts, check: bool) -> Judged:
    """Features of Defender for Endpoint: what was asked of them, and which are off without anybody asking, which is no fault.

    The fact features is the result either of reading them or of setting them.
    """
    result = facts.get("features")
    read, why = _read_features(facts)
    told: Values = read[0] if read else {}
    findings = []
    if isinstance(result, Mapping) and came(result) and "configuration" not in result:
        told = result.get("object") or told
        if result.get("changed") and check:
            text = "Features of Defender for Endpoint: not as asked for."
            findings.append(Finding("features", NOT_COMPLIANT, text, "Run the step without check mode.", PORTAL, "features"))
        else:
            findings.append(Finding("features", COMPLIANT, "Features of Defender for Endpoint: as asked for.", "", PORTAL, "features"))
    off = [words for name, words in FEATURES.items() if told.get(name) is False]
    notes = [f"Features of Defender for Endpoint that remediation leans on are off: {', '.join(off)}."] if off else []
    return findings, notes + ([f"Which features of Defender for Endpoint are on could not be read: {why}"] if why else [])


def _read_features(facts: Facts) -> tuple[Sequence[Values], str]:
    """The features as one of the results has read them, and why they could not be read."""
    for name in ("features", "current"):
        result = facts.get(name)
        if isinstance(result, Mapping) and came(result) and "endpoint_features" in (result.get("configuration") or {}):
            return result["configuration"]["endpoint_features"], ""
    failure = (facts.get("features") or {}).get("failure") or {}
    return (), str(failure.get("text") or "")


def _wishes(facts: Facts) -> tuple[str, dict[str, str]]:
    """The level for every group and those of single groups, "" for none; a word that is no level, which the step refuses, is none."""
    level, levels = facts.get("level", "full"), (facts.get("plan") or {}).get("levels", facts.get("levels"))
    levels = levels if isinstance(levels, Mapping) else {}
    return level if level in LEVELS else "", {str(name).casefold(): one if one in LEVELS else "" for name, one in levels.items()}


def _worth(facts: Facts) -> dict[str, str]:
    """What the lowest level of all groups proves: enough for every wish, too little for any, or that somebody has to look at the groups."""
    level, levels = _wishes(facts)
    wanted = [LEVELS.index(one or "full") for one in (level, *levels.values())]
    return {
        word: COMPLIANT if place >= max(wanted) else NOT_COMPLIANT if place < min(wanted) else MANUAL for place, word in enumerate(LEVELS)
    }


def _levels(groups: Sequence[Values], facts: Facts, check: bool) -> Finding:
    """Groups below what was asked for, or below full where nothing was asked. Lower ones that were asked for are said, not blamed."""
    asked_of_all, levels = _wishes(facts)
    written = not check and came(facts.get("result"))
    low: list[str] = []
    helped = False  # whether a real run would raise one of them
    left: list[str] = []  # those that no run raises unless they are named
    raised: list[str] = []
    chosen: list[str] = []
    before: list[Any] = []
    now: list[Any] = []  # after this run
    for group in groups:
        asked = levels.get(group["name"].casefold(), asked_of_all)
        has = group.get("automation_level")
        before.append(has)
        now.append(has)
        if has not in LEVELS:
            low.append(f"{group['name']} (level {has})")
        elif LEVELS.index(has) < LEVELS.index(asked or "full"):
            helped = helped or bool(check and asked)
            left += [] if asked else [group["name"]]
            if written and asked:
                now[-1] = asked
            (raised if written and asked else low).append(f"{group['name']} ({has})")
        elif asked and asked != "full":
            chosen.append(f"{group['name']} ({has})")
    if not groups:
        text = "The portal lists no device group, though every tenant has the default one."
        return Finding("levels", UNKNOWN, text, f"Look at {GROUPS_LINK}.", PORTAL, "current", SETTING, verdicts=_worth(facts))
    lowest, former = _lowest(now), _lowest(before)
    partly = SCOPED in " ".join((facts["current"].get("tenant") or {}).get("warnings") or ())
    whole_session = f"Use the session of a user who sees all groups, or look at {GROUPS_LINK}."
    reason = _why_left(facts, left)
    remedy = f"Raise them, or name their levels in device_groups_levels: {GROUPS_LINK}"
    if helped:
        unless = f" Left alone unless device_groups_levels names them: {names_of(left)}." if left else ""
        remedy = whole_session if partly else f"Run the step without check mode.{unless}"
    if low:
        return Finding(
            "levels",
            NOT_COMPLIANT,
            f"{len(low)} of {len(groups)} device groups below the level wanted: {names_of(low, 5)}.{reason}",
            remedy,
            PORTAL,
            "current",
            SETTING,
            # Of some groups alone the lowest level is known only if there is none below it.
            *(() if partly and lowest != LEVELS[0] else (lowest, former)),
        )
    if partly:
        return Finding(
            "levels",
            UNKNOWN,
            f"The portal session sees only some device groups; of others nothing is known. Of {len(groups)} seen none is too low.",
            whole_session,
            PORTAL,
            "current",
            SETTING,
            verdicts=_worth(facts),
        )
    said = f"{len(groups)} device group{'' if len(groups) == 1 else 's'} at the level wanted"
    said += f", raised by this run: {names_of(raised, 5)}" if raised else ""
    said += f", below full by choice: {names_of(chosen, 5)}" if chosen else ""
    return Finding("levels", COMPLIANT, said + ".", "", PORTAL, "result" if raised else "current", SETTING, lowest, former)


def _why_left(facts: Facts, left: Sequence[str]) -> str:
    """Why no run raises some groups unless they are named."""
    plan = facts.get("plan") or {}
    servers, unsure = ([name for name in left if name in (plan.get(word) or ())] for word in ("servers", "unsure"))
    failure = (facts.get("devices") or {}).get("failure") or {}
    because = f" ({failure['text']})" if failure.get("text") else ""
    text = f" With servers: {names_of(servers, 5)}." if servers else ""
    return text + (f" Perhaps with servers, which is not known{because}: {names_of(unsure, 5)}." if unsure else "")


def _lowest(levels: Sequence[Any]) -> str:
    """The lowest of these levels; empty when one of them has no name."""
    return str(min(levels, key=LEVELS.index)) if all(one in LEVELS for one in levels) else ""
