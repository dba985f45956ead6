# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verdict on one tenant as data with stable keys, which docs/report.schema.json describes. Pure; private to the collection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._clouds import CLOUDS
from ansible_collections.m365.defender.plugins.module_utils._portal_links import led, remarks
from ansible_collections.m365.defender.plugins.module_utils._readiness.answer import answer, overall
from ansible_collections.m365.defender.plugins.module_utils._readiness.attestable import ATTESTABLE, attestations_from
from ansible_collections.m365.defender.plugins.module_utils._readiness.attesting import CONTRADICTED, EXPIRED, in_force, told_of
from ansible_collections.m365.defender.plugins.module_utils._readiness.controls import cis_2_4_5
from ansible_collections.m365.defender.plugins.module_utils._readiness.judge import judge_all
from ansible_collections.m365.defender.plugins.module_utils._readiness.retired import retired
from ansible_collections.m365.defender.plugins.module_utils._readiness.words import (
    MANUAL,
    UNKNOWN,
    Facts,
    Values,
    products_of,
)

VERSION = 1  # of the keys; a new key, or a new word for a driver, may be added without raising it


def build(
    *,
    host: str,
    tenant: str,
    steps: Mapping[str, Facts],
    check: bool,
    when: datetime,
    attestations: Sequence[Any] = (),
    identity: str = "",
    endpoint: str = "",
    cloud: str = "",
) -> Values:
    """The verdict as data. Raises ValueError when something is wrong with the attestations.

    host: the inventory's name of the tenant; tenant: what the playbook calls it. steps: by step, the results of its tasks as registered
    (see judge_all). check: whether the run wrote nothing. when: the time of the verdict. attestations: as an inventory has them.
    identity, endpoint, cloud: what the playbook says of them, for when no result does.
    """
    when = when.astimezone(UTC).replace(microsecond=0)
    given = attestations_from(attestations, when.date())
    attested = in_force(given, when.date())
    found = judge_all(steps, check, attested)
    products = next((products for products in map(products_of, steps.values()) if products is not None), None)
    control, settled = cis_2_4_5(found, products, attested)
    for one in found:
        settled.update(one.settled)
    told = told_of(given, settled, when.date())
    usages = _usages(steps)
    verdicts = [_timed(one.as_dict(), when.isoformat()) for one in found]
    endpoint = _first(usages, "endpoint") or endpoint
    cloud = _first(usages, "cloud") or cloud
    place = CLOUDS.get(cloud, CLOUDS["commercial"])
    requests = sum(int(one.get("requests") or 0) for one in usages)
    report = {
        "version": VERSION,
        "host": host,
        "tenant": _first(usages, "name") or tenant,
        "identity": _first(usages, "identity") or identity,
        "endpoint": endpoint,
        "cloud": cloud,
        "real": not endpoint if requests else None,
        "mode": "check" if check else "apply",
        "when": when.isoformat(),
        "verdict": overall([one["verdict"] for one in verdicts]),
        "answer": answer(found, products),
        "changed": any(one["operations"] for one in verdicts),
        "operations": [line for one in verdicts for line in one["operations"]],
        "requests": requests,
        "reads": sum(int(one.get("reads") or 0) for one in usages),
        "writes": sum(int(one.get("writes") or 0) for one in usages),
        "refused": sum(int(one.get("refused") or 0) for one in usages),
        "seconds": round(sum(float(one.get("seconds") or 0) for one in usages), 1),
        "steps": verdicts,
        "controls": [_timed(control, when.isoformat())],
        "attestations": told,
        "attestable": _attestable(verdicts, control),
        "retired": retired() if products is not None and products["defender_for_endpoint"] not in ("none", "plan1") else [],
        "notes": list(dict.fromkeys([*(note for one in verdicts for note in one["notes"]), *remarks(place)])),
        "warnings": list(
            dict.fromkeys(
                [
                    *(one["note"] for one in told if one["state"] in (EXPIRED, CONTRADICTED)),
                    *(str(line) for one in usages for line in one.get("warnings") or ()),
                ]
            )
        ),
        "failed_steps": [one["step"] for one in verdicts if one["error"]],
    }
    led_there: Values = led(report, place, ours=True)
    return led_there


def _timed(judged: Values, when: str) -> Values:
    """What was judged, with the time of the verdict where no result tells that of its reading."""
    for name in ("findings", "parts"):
        for one in judged.get(name, ()):
            one["when"] = one["when"] or when
    return judged


def _attestable(verdicts: Sequence[Values], control: Values) -> list[Values]:
    """What somebody could attest, so that a part of the verdict is no longer open."""
    findings = [one for judged in (*verdicts, control) for one in judged["findings"]]
    return [ATTESTABLE[one["setting"]].as_dict() for one in findings if one["setting"] and one["verdict"] in (UNKNOWN, MANUAL)]


def _usages(steps: Mapping[str, Facts]) -> list[Mapping[str, Any]]:
    """The `tenant` block of every result: who was asked, by whom, at what cost."""
    usages: list[Mapping[str, Any]] = []
    for facts in steps.values():
        told = {name: result["tenant"] for name, result in facts.items() if isinstance(result, Mapping) and result.get("tenant")}
        # A failed result stands both under its own name and as what stopped the step.
        stopped = told.pop("stopped", None)
        usages += [*told.values(), *([stopped] if stopped and stopped not in told.values() else [])]
    return usages


def _first(usages: Sequence[Mapping[str, Any]], name: str) -> str:
    return next((str(one[name]) for one in usages if one.get(name)), "")
