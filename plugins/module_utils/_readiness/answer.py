# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether automated investigation and response is configured, as one answer, for mail and for devices. Pure; private to the collection."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ansible_collections.m365.defender.plugins.module_utils._readiness.retired import SINCE
from ansible_collections.m365.defender.plugins.module_utils._readiness.words import (
    COMPLIANT,
    MANUAL,
    NOT_APPLICABLE,
    NOT_COMPLIANT,
    STEPS,
    UNKNOWN,
    WEIGHT,
    Finding,
    Values,
    Verdict,
    names_of,
)

REVIEW = "action_center"  # what waits there says nothing of how the tenant is configured
WORDS = {COMPLIANT: "yes", NOT_COMPLIANT: "no", UNKNOWN: "not_proved", MANUAL: "not_proved", NOT_APPLICABLE: "not_applicable"}
# Findings without which investigations of mail do not start, or end nowhere, by the part that they are told as. [doc] the audit log and the
# alert policies; whoever approves, because nothing in mail is remediated without it but for the clusters of the MDO automation settings.
FOR_MAIL = {"Audit log": "the audit log", "alerts": "the alert policies that start investigations", "approvers of mail": "who can approve"}

LEVELS_ARE = {COMPLIANT: "as wanted", NOT_COMPLIANT: "not as wanted", UNKNOWN: "not known", MANUAL: "for a person to look at"}


def overall(verdicts: Iterable[str]) -> str:
    """The verdict of several: the gravest of them; what does not apply does not count beside what does."""
    found = list(verdicts)
    applying = [one for one in found if one != NOT_APPLICABLE] or found
    return min(applying, key=WEIGHT.index) if applying else UNKNOWN


def answer(verdicts: Sequence[Verdict], products: Values | None) -> Values:
    """Yes only if each of the four steps was judged and none of them leaves anything open."""
    steps = [one for one in verdicts if one.step != REVIEW]
    left_out = [title for step, title in STEPS.items() if step != REVIEW and step not in [one.step for one in steps]]
    verdict = overall([*(one.verdict for one in steps), *([UNKNOWN] if left_out else [])])
    said = {
        "not as they should be": [STEPS[one.step] for one in steps if one.verdict == NOT_COMPLIANT],
        "not known": [STEPS[one.step] for one in steps if one.verdict == UNKNOWN],
        "for a person to look at": [STEPS[one.step] for one in steps if one.verdict == MANUAL],
        "not looked at": left_out,
    }
    told = "; ".join(f"{words}: {names_of(titles, 5)}" for words, titles in said.items() if titles)
    if not told:
        told = "none of the steps applies to its licences" if verdict == NOT_APPLICABLE else "the four steps are as they should be"
        without = [STEPS[one.step] for one in steps if one.verdict == NOT_APPLICABLE]
        if without and verdict == COMPLIANT:
            told = f"the steps that apply are as they should be; not applicable: {names_of(without, 5)}"
    return {
        "configured": WORDS[verdict],
        "verdict": verdict,
        "evidence": f"{told[0].upper()}{told[1:]}.",
        "mail": _mail(verdicts, products),
        "devices": _devices(verdicts, products),
    }


def _said(verdict: str, evidence: str, remedy: str = "") -> Values:
    return {"verdict": verdict, "evidence": evidence, "remedy": remedy}


def _mail(verdicts: Sequence[Verdict], products: Values | None) -> Values:
    """Whether investigations of mail start and can end."""
    if products is None:
        return _said(UNKNOWN, "The licences are not known.", "Run the step prerequisites.")
    if products["defender_for_office_365"] != "plan2":
        return _said(NOT_APPLICABLE, "No licence brings investigations of mail.", "Defender for Office 365 Plan 2 would.")
    found: dict[str, Finding] = {one.part: one for verdict in verdicts for one in verdict.findings if one.part in FOR_MAIL}
    approving = found.get("approvers of mail")
    if approving is not None and approving.verdict == NOT_APPLICABLE:  # the tenant's cloud has no place where they would be approved
        return _said(NOT_APPLICABLE, approving.evidence)
    missing = [words for part, words in FOR_MAIL.items() if part not in found]
    verdict = overall([*(one.verdict for one in found.values()), *([UNKNOWN] if missing else [])])
    deciding = [one for one in found.values() if one.verdict == verdict]
    evidence = " ".join(one.evidence for one in deciding)
    if missing and verdict == UNKNOWN:
        evidence = f"{evidence} Not looked at: {names_of(missing)}.".lstrip()
    remedies = [one.remedy for one in deciding if one.remedy] or (["Run all four steps."] if verdict == UNKNOWN else [])
    return _said(verdict, evidence, "" if verdict == COMPLIANT else " ".join(remedies))


def _devices(verdicts: Sequence[Verdict], products: Values | None) -> Values:
    """Never compliant: the investigations are gone. What is set all the same is said."""
    if products is None:
        return _said(UNKNOWN, "The licences are not known.", "Run the step prerequisites.")
    if products["defender_for_endpoint"] in ("none", "plan1"):
        return _said(NOT_APPLICABLE, "No licence brings investigations of devices.")
    levels = next((one for verdict in verdicts for one in verdict.findings if one.setting == "automation_levels"), None)
    setting = f" Levels of device groups, as a setting: {LEVELS_ARE[levels.verdict]}." if levels else ""
    return _said(
        NOT_APPLICABLE,
        f"Endpoint investigations ended on {SINCE}; Defender Antivirus remediates by itself. Nothing of it is counted.{setting}",
    )
