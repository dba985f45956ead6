# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verdicts of the steps as control 2.4.5 of the CIS Microsoft 365 Foundations Benchmark. Pure; private to the collection.

New in version 7, and manual there. [code] a public client that reports on the benchmark: it asks to look at the settings of endpoints or
at those of mail, and to have remediation on, full or semi-automated. The benchmark's own text is not public.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ansible_collections.m365.defender.plugins.module_utils._readiness.attestable import ATTESTABLE, MAIL_CLUSTERS, Attestation
from ansible_collections.m365.defender.plugins.module_utils._readiness.attesting import USED, Settled, by_attestation
from ansible_collections.m365.defender.plugins.module_utils._readiness.retired import SINCE
from ansible_collections.m365.defender.plugins.module_utils._readiness.words import (
    COMPLIANT,
    GROUPS_LINK,
    LEVELS,
    MAIL_LINK,
    MANUAL,
    NOT_APPLICABLE,
    NOT_COMPLIANT,
    PERSON,
    PUBLIC_API,
    UNKNOWN,
    WEIGHT,
    Finding,
    Values,
    Verdict,
)

BENCHMARK, CONTROL = "CIS Microsoft 365 Foundations Benchmark 7", "2.4.5"
TITLE = "AIR remediation enabled"
ASKS = "Automated remediation is on, full or semi-automated, in the settings of endpoints or in those of mail."
NOT_COUNTED = (
    f"Endpoint investigations ended on {SINCE}, and what a level does since then is not documented: it is not counted as remediation."
)
ENOUGH = frozenset(LEVELS) - {"no_automated_response"}


def cis_2_4_5(verdicts: Sequence[Verdict], products: Values | None, attested: Mapping[str, Attestation]) -> tuple[Values, Settled]:
    """The control, and what became of the attestations that only it uses.

    `verdict` is compliant only if remediation is proved to be on: by mail, because nobody says what levels of device groups do nowadays.
    `as_written` is what the control's own words come to, which look at settings and not at what they do; either half is then enough.
    """
    devices = _devices(verdicts, products)
    mail, clusters, settled = _mail(products, attested)
    counted = _counted(devices, mail)
    deciding = [one for one in (mail, devices) if one.verdict != NOT_APPLICABLE and not (one is devices and counted == COMPLIANT)]
    return {
        "benchmark": BENCHMARK,
        "id": CONTROL,
        "title": TITLE,
        "asks": ASKS,
        "verdict": counted,
        "as_written": _either(devices.verdict, mail.verdict),
        "evidence": " ".join(dict.fromkeys(one.evidence for one in deciding or (mail, devices))),
        # What is not counted need not be mended, but where there is nothing else.
        "remedy": "" if counted == COMPLIANT else mail.remedy if mail.verdict != NOT_APPLICABLE else devices.remedy or mail.remedy,
        "driver": (mail if mail.verdict != NOT_APPLICABLE else devices).driver,
        "parts": [
            {"counted": False, "why_not": NOT_COUNTED, **devices.as_dict()},
            {"counted": True, "why_not": "", **mail.as_dict()},
        ],
        "findings": [one.as_dict() for one in clusters],
    }, settled


def _counted(devices: Finding, mail: Finding) -> str:
    """The control's verdict: a level proves no remediation, but that there is none may be proved by both halves together."""
    if mail.verdict in (COMPLIANT, MANUAL, UNKNOWN):
        return mail.verdict
    if devices.verdict == COMPLIANT:
        return UNKNOWN
    return _either(devices.verdict, mail.verdict)


def _either(*halves: str) -> str:
    """One compliant half is enough; otherwise what is still open decides, then what is wrong."""
    order = (COMPLIANT, *(word for word in (UNKNOWN, MANUAL, NOT_COMPLIANT)), NOT_APPLICABLE)
    return min(halves, key=order.index)


def _devices(verdicts: Iterable[Verdict], products: Values | None) -> Finding:
    """The settings of endpoints: no device group without automated response."""
    part = "device groups"
    if products is None:
        return Finding(part, UNKNOWN, "The licences are not known.", "Run the step prerequisites.")
    plan = products["defender_for_endpoint"]
    if plan != "plan2":
        text = "Defender for Business has no levels to set." if plan == "business" else "No licence brings automation levels."
        return Finding(part, NOT_APPLICABLE, text, fact="licenses")
    levels = next((one for verdict in verdicts for one in verdict.findings if one.setting == "automation_levels"), None)
    if levels is None:
        return Finding(part, UNKNOWN, "The levels of the device groups were not read.", "Run the step device_groups.")
    lowest = levels.read or str(levels.attestation.get("value") or "")
    if not lowest:
        verdict = levels.verdict if levels.verdict in (UNKNOWN, MANUAL) else UNKNOWN
        return Finding(part, verdict, levels.evidence, levels.remedy, levels.driver, levels.fact, levels.setting)
    fine = lowest in ENOUGH
    return Finding(
        part,
        COMPLIANT if fine else NOT_COMPLIANT,
        f"The lowest level of a device group is {lowest}, which is not counted since {SINCE}.",
        "" if fine else f"Raise the level: {GROUPS_LINK}",
        levels.driver,
        levels.fact,
        levels.setting,
        when=levels.when,
        attestation=levels.attestation,
    )


def _mail(products: Values | None, attested: Mapping[str, Attestation]) -> tuple[Finding, list[Finding], Settled]:
    """The settings of mail, which no API is known to show: every kind of message cluster is removed without asking."""
    part = "mail clusters"
    if products is None:
        return Finding(part, UNKNOWN, "The licences are not known.", "Run the step prerequisites."), [], {}
    if products["defender_for_office_365"] != "plan2":
        text = "No licence brings investigations of mail (Defender for Office 365 Plan 2)."
        return Finding(part, NOT_APPLICABLE, text, "Defender for Office 365 Plan 2 would.", PUBLIC_API, "licenses"), [], {}
    clusters = []
    for setting in MAIL_CLUSTERS:
        title = ATTESTABLE[setting].title
        open_one = Finding(title, MANUAL, f"{title}: no API is known to show it.", f"Look at {MAIL_LINK}", PERSON, setting=setting)
        clusters.append(by_attestation(open_one, attested[setting]) if setting in attested else open_one)
    settled = {one.setting: (USED, "") for one in clusters if one.attestation}
    verdict = min((one.verdict for one in clusters), key=WEIGHT.index)
    deciding = [one for one in clusters if one.verdict == verdict]
    if verdict == MANUAL:
        text = f"Whether clusters of malicious mail are removed without approval is shown by no known API, and {len(deciding)} of "
        text += f"{len(clusters)} settings are not attested."
        return Finding(part, MANUAL, text, f"Look at the MDO automation settings, and attest them: {MAIL_LINK}", PERSON), clusters, settled
    first = min(deciding, key=lambda one: one.when)
    text = " ".join(one.evidence for one in deciding)
    remedy = "" if verdict == COMPLIANT else f"Turn it on in the MDO automation settings, and attest it anew: {MAIL_LINK}"
    return (
        Finding(part, verdict, text, remedy, first.driver, when=first.when, attestation=first.attestation),
        clusters,
        settled,
    )
