# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose policies bring the people of a scope to its target already. Pure; private to the collection."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._effective.reached import reached
from ansible_collections.m365.defender.plugins.module_utils._types import folded

# By which option of a scope the subjects of effective_protection_info are named.
SUBJECTS = {"sent_to": "recipient", "sent_to_member_of": "group", "recipient_domain_is": "domain"}

# Where policies may stand that give way: to a custom one at the end of the row, and to a preset.
LAST = ("default", "built_in")
BEHIND_PRESETS = (*LAST, "evaluation", "custom")


def covering(
    scope: Mapping[str, Any], kind: str, subjects: Sequence[Mapping[str, Any]], ours: Collection[str], kept: Collection[str]
) -> str:
    """The policies that give everybody in a scope at least the target without one of its own; "" when there are none, when it is not
    known, or when one of them is the scope's own or goes.

    subjects: as effective_protection_info returns them for the scope's target. Conditions of different kinds must all hold, so that it is
    enough when the subjects of one of them are covered. ours: the names of our policies. kept: those of them that other scopes keep as they
    are; they count like policies of others, or a scope would count as covered until another one has its policy.
    """
    for threats in _threats(scope, kind, subjects):
        if not all(reached(one) for one in threats):
            continue
        names = {str(policy["policy"]) for one in threats for policy in one["policies"]}
        if all(folded(name) in kept or folded(name) not in ours for name in names):
            return ", ".join(sorted(names))
    return ""


def outranking(scope: Mapping[str, Any], kind: str, subjects: Sequence[Mapping[str, Any]], presets: Collection[str]) -> str:
    """Those of some presets that everybody in a scope gets, so that its own policy would be for nobody; "" when one may get another."""
    for threats in _threats(scope, kind, subjects):
        policies = [one.get("policies") or [{"by": ""}] for one in threats]
        if all(policy["by"] in presets for some in policies for policy in some):
            return ", ".join(sorted({str(policy["policy"]) for some in policies for policy in some}))
    return ""


def replaced(scope: Mapping[str, Any], kind: str, subjects: Sequence[Mapping[str, Any]], by: Collection[str]) -> set[str]:
    """The policies of some sorts, such as the default one, that people in a scope get or may get now, in the form for comparison."""
    got = (policy for threats in _threats(scope, kind, subjects) for one in threats for policy in one.get("policies") or ())
    return {folded(policy["policy"]) for policy in got if policy["by"] in by}


def without(subjects: Sequence[Mapping[str, Any]], presets: Collection[str]) -> list[dict[str, Any]]:
    """Subjects of which nothing is known any more where they get one of some presets."""

    def kept(threat: Mapping[str, Any]) -> bool:
        return not any(policy["by"] in presets for policy in threat.get("policies") or ())

    return [{**one, "threats": {kind: threat for kind, threat in one["threats"].items() if kept(threat)}} for one in subjects]


def _threats(scope: Mapping[str, Any], kind: str, subjects: Sequence[Mapping[str, Any]]) -> Iterator[list[Mapping[str, Any]]]:
    """For each condition of a scope, what is known of every one that it names. All conditions must hold, so that one may decide."""
    found = {(one["kind"], folded(one["subject"])): one["threats"].get(kind) or {} for one in subjects}
    for condition, subject in SUBJECTS.items():
        if scope.get(condition):
            yield [found.get((subject, folded(name)), {}) for name in scope[condition]]
