# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of what people attest: it speaks where nothing was read, and never against what was. Pure; private to the collection."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date

from ansible_collections.m365.defender.plugins.module_utils._readiness.attestable import ATTESTABLE, Attestation
from ansible_collections.m365.defender.plugins.module_utils._readiness.words import (
    ATTESTATION,
    COMPLIANT,
    MANUAL,
    NOT_COMPLIANT,
    UNKNOWN,
    Finding,
    Values,
)

USED, AGREES, CONTRADICTED, EXPIRED, REPLACED, NOT_NEEDED = "used", "agrees", "contradicted", "expired", "replaced", "not_needed"
Settled = dict[str, tuple[str, str]]  # by setting: what became of it, and what one should know about that


def in_force(attestations: Iterable[Attestation], today: date) -> dict[str, Attestation]:
    """By setting, what is attested of it today: what was said last, if that has not expired."""
    return {setting: one for setting, one in _last(attestations).items() if one.expires >= today.isoformat()}


def _last(attestations: Iterable[Attestation]) -> dict[str, Attestation]:
    last: dict[str, Attestation] = {}
    for one in attestations:
        if one.setting not in last or one.when >= last[one.setting].when:
            last[one.setting] = one
    return last


def settle(findings: Iterable[Finding], attested: Mapping[str, Attestation]) -> tuple[list[Finding], Settled]:
    """The findings with what is attested put in where nothing was read, and what became of each attestation."""
    result, settled = [], {}
    for finding in findings:
        said = attested.get(finding.setting)
        if said is None:
            result.append(finding)
        elif finding.verdict in (UNKNOWN, MANUAL) and not finding.read:
            result.append(by_attestation(finding, said))
            settled[said.setting] = (USED, "")
        else:
            result.append(finding)
            settled[said.setting] = _held_against(finding, said)
    return result, settled


def by_attestation(finding: Finding, said: Attestation) -> Finding:
    """A finding as somebody attests it. What he attests as wrong is to be mended; what it leaves open is still to be looked at."""
    setting = ATTESTABLE[said.setting]
    verdict = (finding.verdicts or setting.values)[said.value]
    remedies = {COMPLIANT: "", NOT_COMPLIANT: f"Mend it, and attest it anew: {setting.link}"}
    return replace(
        finding,
        verdict=verdict,
        evidence=said.sentence,
        remedy=remedies.get(verdict, finding.remedy),
        driver=ATTESTATION,
        when=said.when,
        attestation=said.as_dict(),
    )


def _held_against(finding: Finding, said: Attestation) -> tuple[str, str]:
    """What was read counts. Where a word was read, the words are compared, else what they are worth."""
    if finding.read:
        same = said.value in (finding.read, finding.before)
    else:
        same = finding.verdict == (finding.verdicts or ATTESTABLE[said.setting].values)[said.value]
    return (AGREES, "") if same else (CONTRADICTED, f"Attested, but read otherwise, which counts: {said.sentence} Read: {finding.evidence}")


def told_of(attestations: Iterable[Attestation], settled: Settled, today: date) -> list[Values]:
    """Every attestation with what became of it, for results and files."""
    given = list(attestations)
    last = _last(given)
    told = []
    for one in given:
        if one is not last[one.setting]:
            state, note = REPLACED, ""
        elif one.expires < today.isoformat():
            state, note = (
                EXPIRED,
                f"Expired, and not believed any more: {one.sentence} See {ATTESTABLE[one.setting].link} and attest it anew.",
            )
        else:
            state, note = settled.get(one.setting, (NOT_NEEDED, ""))
        told.append({**one.as_dict(), "title": ATTESTABLE[one.setting].title, "state": state, "note": note})
    return told
