# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The words in which presets are described: rules that assign policies which only the service's portal makes. Pure; private."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._description import Description, Query, Values
from ansible_collections.m365.defender.plugins.module_utils._resource import Field


@dataclass(frozen=True)
class Preset:
    """One preset. name: what playbooks call it. type: the mark of its policies. rule: what each of its rules is called.

    priority: the place that New asks for, always the same one.
    """

    name: str
    type: str
    rule: str
    priority: int


@dataclass(frozen=True)
class PresetRule:
    """A rule that every preset has one of. policies: the nouns of the policies that it names, which are also its parameters.

    outranks: the nouns of the rules of custom policies of the same types. licensed: not every tenant's licence brings it.
    """

    noun: str
    policies: tuple[str, ...]
    outranks: tuple[str, ...]
    licensed: bool = False

    @property
    def queries(self) -> tuple[Query, ...]:
        return tuple(map(Query, (self.noun, *self.policies, *self.outranks)))


@dataclass(frozen=True)
class Presets(Description):
    """A kind whose objects are presets. All rules of a preset are given the same conditions and exceptions, and are on or off together.

    lists: the only settings of its policies that are the tenant's own, on its policy `lists_on`; they come with the licensed rules.
    mark: the property of a policy that tells whose it is. page: where a preset is switched on for the first time. product: what brings
    the licensed rules. left_out: live parameters of the rules that are no fields: reason.
    """

    kind: str
    service: str
    blurb: str
    presets: tuple[Preset, ...]
    rules: tuple[PresetRule, ...]
    conditions: tuple[Field, ...]
    exceptions: tuple[Field, ...]
    lists_on: str
    lists: tuple[Field, ...]
    mark: str
    page: str
    product: str
    left_out: Mapping[str, str] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        if self.lists_on not in (noun for rule in self.rules for noun in rule.policies):
            raise ValueError(f"{self.kind}: no rule names a policy {self.lists_on}")
        if all(rule.licensed for rule in self.rules):
            raise ValueError(f"{self.kind}: a rule that every tenant has must tell whether the others are missing or not offered")

    @property
    def assignment(self) -> tuple[Field, ...]:
        """What says whom a preset is for."""
        return (*self.conditions, *self.exceptions)

    @property
    def spec(self) -> dict[str, dict[str, Any]]:
        return {
            "name": {"type": "str", "required": True, "choices": [one.name for one in self.presets]},
            "enabled": {"type": "bool"},
            "everyone": {"type": "bool"},
            **{one.option: one.type.spec() for one in (*self.assignment, *self.lists)},
            "outrank": {"type": "bool", "default": False},
        }

    @property
    def single(self) -> bool:
        return False

    @property
    def queries(self) -> tuple[Query, ...]:
        return tuple(dict.fromkeys(query for rule in self.rules for query in rule.queries))

    @property
    def optional(self) -> tuple[Query, ...]:
        return tuple(query for rule in self.rules if rule.licensed for query in rule.queries)

    def wrong(self, wanted: Values) -> list[str]:
        errors = []
        for one in (*self.assignment, *self.lists):
            reason = one.type.wrong(wanted[one.option]) if wanted.get(one.option) is not None else ""
            errors += [f"{one.option} {reason}"] if reason else []
        narrowing = [one.option for one in self.conditions if wanted.get(one.option)]
        if wanted.get("everyone") and narrowing:
            errors.append(f"everyone and {narrowing[0]} exclude each other")
        return errors

    def preset(self, name: str) -> Preset:
        """The preset that playbooks call so."""
        return next(one for one in self.presets if one.name == name)
