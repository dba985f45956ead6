# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Step 2: the automation levels of device groups. Pure; private to the collection."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._readiness.words import (
    COMPLIANT,
    MANUAL,
    NOT_APPLICABLE,
    NOT_COMPLIANT,
    PERSON,
    PORTAL,
    SITE,
    Facts,
    Finding,
    Judged,
    Values,
    came,
    names_of,
    products_of,
)

# From least to most that is done without asking. [doc] the levels; the place of semi_core_folders follows from its name.
LEVELS = ("no_automated_response", "semi_all_folders", "semi_non_temp_folders", "semi_core_folders", "full")
GROUPS_LINK = f"{SITE}/securitysettings/endpoints/machine_groups"
# [doc] Microsoft's pages of 2026
RETIRED = (
    "Microsoft retired separate endpoint investigations on 2026-09-01; those of Office 365 stay. What the automation levels of device "
    "groups do since then is not documented."
)


def device_groups(facts: Facts, check: bool) -> Judged:
    """facts: licenses, current, result, devices; level and levels: what was asked for."""
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
        return [Finding("licence", NOT_APPLICABLE, reasons[plan], remedy)], [RETIRED]
    current = facts.get("current") or {}
    if (current.get("failure") or {}).get("code") == "no_portal_session":
        return [_without_session(facts.get("devices"))], [RETIRED]
    if not came(current) or "device_group" not in (current.get("configuration") or {}):
        return [], [RETIRED]
    return [_levels(current["configuration"]["device_group"], facts, check)], [RETIRED]


def _without_session(devices: Any) -> Finding:
    groups = devices["summary"]["groups"] if came(devices) else {}
    seen = f" Groups that have devices: {names_of([f'{name} ({number})' for name, number in groups.items()], 5)}." if groups else ""
    return Finding(
        "levels",
        MANUAL,
        f"No supported API shows the automation levels, and there is no portal session.{seen}",
        f"Look at {GROUPS_LINK}, or hand in a portal session.",
        PERSON,
    )


def _levels(groups: Sequence[Values], facts: Facts, check: bool) -> Finding:
    """Groups below what was asked for, or below full where nothing was asked. Lower ones that were asked for are said, not blamed."""
    levels = {name.casefold(): level for name, level in (facts.get("levels") or {}).items()}
    level = facts.get("level", "full")
    result = facts.get("result")
    written = not check and came(result)
    low: list[str] = []
    helped = False  # whether a real run would raise one of them
    raised: list[str] = []
    chosen: list[str] = []
    for group in groups:
        asked = levels.get(group["name"].casefold(), level)
        has = group.get("automation_level")
        if has not in LEVELS:
            low.append(f"{group['name']} (level {has})")
        elif LEVELS.index(has) < LEVELS.index(asked or "full"):
            helped = helped or bool(check and asked)
            (raised if written and asked else low).append(f"{group['name']} ({has})")
        elif asked and asked != "full":
            chosen.append(f"{group['name']} ({has})")
    if low:
        return Finding(
            "levels",
            NOT_COMPLIANT,
            f"{len(low)} of {len(groups)} device groups below the level wanted: {names_of(low, 5)}.",
            "Run the step without check mode." if helped else f"Raise them, or name their levels in device_groups_levels: {GROUPS_LINK}",
            PORTAL,
        )
    said = f"{len(groups)} device group{'' if len(groups) == 1 else 's'} at the level wanted"
    said += f", raised by this run: {names_of(raised, 5)}" if raised else ""
    said += f", below full by choice: {names_of(chosen, 5)}" if chosen else ""
    return Finding("levels", COMPLIANT, said + ".", driver=PORTAL)
