# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From what the tasks of a step returned to its verdict. Pure; private to the collection."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from ansible_collections.m365.defender.plugins.module_utils._readiness.attestable import Attestation
from ansible_collections.m365.defender.plugins.module_utils._readiness.attesting import settle
from ansible_collections.m365.defender.plugins.module_utils._readiness.device_groups import device_groups
from ansible_collections.m365.defender.plugins.module_utils._readiness.email_protection import ONCE, email_protection
from ansible_collections.m365.defender.plugins.module_utils._readiness.prerequisites import prerequisites
from ansible_collections.m365.defender.plugins.module_utils._readiness.review import action_center, xdr
from ansible_collections.m365.defender.plugins.module_utils._readiness.words import (
    AGAIN,
    COMPLIANT,
    NOT_APPLICABLE,
    STEPS,
    UNKNOWN,
    WEIGHT,
    Facts,
    Finding,
    Judged,
    Values,
    Verdict,
    came,
    not_in_cloud,
    told,
)

# What Ansible puts before the words of a filter of ours, which refuses what is asked for.
BEFORE = re.compile(r".*\bm365\.defender\.\w+: ", re.DOTALL)
NOTHING = Finding("step", UNKNOWN, "Nothing of it could be read.", AGAIN)
OPTIONS = ("level", "levels", "plan", "max_pending_age", "decided", "seen")  # facts that are no results
UNSENT = "Nothing was sent."  # ends the hint of an error of kind bad_input
LENT = (
    ("prerequisites", "licenses"),
    ("device_groups", "licenses"),
    ("email_protection", "licenses"),
    ("xdr", "licenses"),
    ("action_center", "licenses"),
    ("prerequisites", "devices"),
    ("xdr", "state"),
)


def judge_all(steps: Mapping[str, Facts], check: bool = False, attested: Mapping[str, Attestation] | None = None) -> list[Verdict]:
    """The verdicts of the steps that were run, in order; a step of which nothing is known was not.

    What one step's tasks read and another step can use is lent to it: the licences, the state of Defender XDR, the devices.
    attested: by setting, what is attested of it today.
    """
    ran = {step: facts for step, facts in steps.items() if any(facts.get(name) for name in facts if name not in OPTIONS)}
    lent: Values = {}
    for step, name in LENT:
        value = ran.get(step, {}).get(name)
        if came(value):
            lent.setdefault("xdr" if name == "state" else name, value)
    return [
        judge(step, {**lent, **{name: value for name, value in ran[step].items() if told(value)}}, check, attested)
        for step in STEPS
        if step in ran
    ]


def judge(step: str, facts: Facts, check: bool = False, attested: Mapping[str, Attestation] | None = None) -> Verdict:
    """The verdict of a step. facts: see JUDGES for each step's names. check: whether nothing was written. attested: see judge_all."""
    findings, notes = JUDGES[step](facts, check)
    findings, settled = settle([replace(one, when=_time(facts, one.fact)) for one in findings], attested or {})
    notes += [note for dummy, note in settled.values() if note]
    stopped = facts.get("stopped") or {}
    if stopped:  # which says why something was not read
        findings = [one for one in findings if one.remedy != AGAIN]
    findings.sort(key=lambda one: WEIGHT.index(one.verdict))
    if stopped or not findings:
        findings.insert(0, _stop(stopped) if stopped else NOTHING)
    verdict = findings[0].verdict
    deciding = findings[:1] if stopped else [one for one in findings if one.verdict == verdict]
    if verdict == COMPLIANT:
        deciding += [one for one in findings if one.verdict == NOT_APPLICABLE]
    operations = [str(line) for name in CHANGING for line in (facts.get(name) or {}).get("operations") or ()]
    return Verdict(
        step=step,
        verdict=verdict,
        evidence=" ".join(dict.fromkeys(one.evidence for one in deciding)),
        remedy=_remedy(deciding, findings),
        driver=deciding[0].driver,
        findings=tuple(findings),
        operations=tuple(operations),
        notes=tuple(notes),
        error=_error(stopped) if stopped and not not_in_cloud(stopped) else {},
        settled=settled,
    )


def _remedy(deciding: Sequence[Finding], findings: Sequence[Finding]) -> str:
    """What to do about what decided, and then about the rest, each with what it is about, for the evidence does not name it."""
    first = list(dict.fromkeys(one.remedy for one in deciding if one.remedy and one.verdict != COMPLIANT))
    others = [one for one in findings if one.remedy and one.verdict != COMPLIANT and one.remedy not in first]
    parts: dict[str, list[str]] = {}
    for one in others:
        parts.setdefault(one.remedy, []).append(one.part)
    return " ".join([*first, *(f"Besides, {' and '.join(dict.fromkeys(names))}: {remedy}" for remedy, names in parts.items())])


def _time(facts: Facts, name: str) -> str:
    """When a fact was read, as its result says; empty when it does not."""
    result = facts.get(name)
    return str((result.get("tenant") or {}).get("when") or "") if isinstance(result, Mapping) else ""


def _error(result: Facts) -> Values:
    return dict(result.get("failure") or {"kind": "error", "text": BEFORE.sub("", str(result.get("msg") or "The task failed."))})


def _stop(result: Facts) -> Finding:
    """What is said of a step that a task ended."""
    error = _error(result)
    text = str((result.get("msg") if result.get("failure") else "") or error.get("text"))
    hint = str(error.get("hint") or "")
    said = text.removesuffix(hint).strip() or text
    if UNSENT in hint:  # which is reassuring, but nothing that anybody could do
        said, hint = f"{said} {UNSENT}", " ".join(hint.replace(UNSENT, "").split())
    if not_in_cloud(result):  # what the tenant's cloud does not have can't be lacking
        return Finding("step", NOT_APPLICABLE, said)
    return Finding("step", UNKNOWN, said, hint or "Mend this and run the step again.")


JUDGES: dict[str, Callable[[Facts, bool], Judged]] = {
    "prerequisites": prerequisites,
    "device_groups": device_groups,
    "email_protection": email_protection,
    "xdr": xdr,
    "action_center": action_center,
}
# Facts whose operations are told, in the order in which they are carried out.
CHANGING = ("result", "presets", "malware", "spam", "anti_phish", "attachments", "links", *ONCE)
