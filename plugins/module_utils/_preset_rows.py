# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the rows of a service say about presets. Pure; private to the collection."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._description import Row, Values
from ansible_collections.m365.defender.plugins.module_utils._errors import Forbidden
from ansible_collections.m365.defender.plugins.module_utils._export import apart, export, predicted, read_object
from ansible_collections.m365.defender.plugins.module_utils._preset_words import Preset, PresetRule, Presets
from ansible_collections.m365.defender.plugins.module_utils._rows import Rows, no_rows, switched_on
from ansible_collections.m365.defender.plugins.module_utils._types import folded


@dataclass(frozen=True)
class Half:
    """A rule of a preset as it stands. row: None where there is none. policies: by noun the names of those that belong to it and exist."""

    rule: PresetRule
    row: Row | None
    policies: Mapping[str, str]

    @property
    def missing(self) -> list[str]:
        """The nouns of policies without which the rule can't be made."""
        return [noun for noun in self.rule.policies if noun not in self.policies]

    @property
    def initialised(self) -> bool:
        return self.row is not None or not self.missing


def halves_of(kind: Presets, preset: Preset, rows: Rows) -> list[Half]:
    """Every rule of a preset that the service offers. Raises TenantError for rows that can't be true."""
    _check_rows(kind, rows)
    halves = []
    for rule in kind.rules:
        if rule.noun in rows:
            marked = {noun: [row for row in rows[noun] if row.get(kind.mark) == preset.type] for noun in rule.policies}
            policies = {noun: str(found[0]["Name"]) for noun, found in marked.items() if found}
            halves.append(Half(rule, _row(rule, preset, policies, rows[rule.noun]), policies))
    return halves


def _check_rows(kind: Presets, rows: Rows) -> None:
    for rule in kind.rules:
        nouns = [query.noun for query in rule.queries]
        lacking = [noun for noun in nouns if noun not in rows]
        if lacking and len(lacking) < len(nouns):  # a licence brings them all, so this is a role that lacks some
            raise Forbidden(
                f"the service offers this identity {', '.join(noun for noun in nouns if noun in rows)}, but not {', '.join(lacking)}",
                tried=f"Reading {lacking[0]}",
                service=kind.service,
                hint="Its role lets it read only some of what belongs together: give it Security Reader or Global Reader.",
            )
        for noun in () if rule.licensed else rule.policies:
            if not rows[noun]:  # each type has a default policy
                raise no_rows(noun, kind.service)


def _row(rule: PresetRule, preset: Preset, policies: Mapping[str, str], rows: Sequence[Row]) -> Row | None:
    """The preset's rule: the one of its name, or else, because rules can be renamed, the one that names a policy of the preset."""
    for row in rows:
        if folded(row.get("Name")) == folded(preset.rule):
            return row
    return next((row for row in rows if any(folded(row.get(noun)) == folded(name) for noun, name in policies.items())), None)


def listed(kind: Presets, preset: Preset, rows: Rows, halves: Iterable[Half]) -> Row | None:
    """The policy with the preset's own lists: the one that its rule names, or else the one that bears its mark."""
    named = [half.row.get(kind.lists_on) for half in halves if half.row]
    found = [row for row in rows[kind.lists_on] if row.get(kind.mark) == preset.type]
    return next((row for row in found if row["Name"] in named), found[0] if found else None)


def state_of_rule(kind: Presets, row: Row | None) -> Values | None:
    """What a rule says, as a playbook would say it; None for a rule that is not there."""
    if row is None:
        return None
    values = {one.option: one.type.show(one.read(row) or []) for one in kind.assignment}
    return {"enabled": switched_on(row), "everyone": _everyone(kind, values), **values}


def _everyone(kind: Presets, values: Values) -> bool:
    return not any(values[one.option] for one in kind.conditions)


def _object(kind: Presets, name: str, initialised: bool, rules: Mapping[str, Values | None], lists: Values) -> Values:
    """An object in full. What its rules do not have in common is None there, and stands in `rules`."""
    states = list(rules.values())
    common: Values = {}
    for option in ("enabled", "everyone", *(one.option for one in kind.assignment)):
        values = [one[option] if one else (False if option == "enabled" else None) for one in states]
        common[option] = values[0] if alike(kind, option, values) else None
    return {"name": name, "initialised": initialised, **common, **lists, "rules": dict(rules)}


def alike(kind: Presets, option: str, values: Sequence[Any]) -> bool:
    """Whether all rules have one value of an option. None is that of a rule that is not there."""
    same = next((one.type.same for one in kind.assignment if one.option == option), None)
    first = values[0]
    return all(one is first if one is None or first is None or same is None else same(one, first) for one in values)


def shown_lists(kind: Presets, row: Row | None) -> Values:
    return {one.option: None if row is None else one.type.show(one.read(row) or []) for one in kind.lists}


def _read(kind: Presets, preset: Preset, rows: Rows) -> tuple[Values, bool]:
    """A preset in full, and whether anything of it exists."""
    halves = halves_of(kind, preset, rows)
    states = {half.rule.noun: state_of_rule(kind, half.row) for half in halves}
    lists = shown_lists(kind, listed(kind, preset, rows, halves))
    there = any(half.row or half.policies for half in halves)
    return _object(kind, preset.name, all(half.initialised for half in halves), states, lists), there


@export.register
def _export_presets(kind: Presets, rows: Rows, *, built_in: bool = False) -> list[Values]:
    read = [_read(kind, preset, rows) for preset in kind.presets]
    kept = [{option: value for option, value in one.items() if option in kind.spec and value is not None} for one, there in read if there]
    return kept


@apart.register
def _presets_apart(kind: Presets, rows: Rows) -> dict[str, Values]:
    rules = {preset.name: _read(kind, preset, rows)[0]["rules"] for preset in kind.presets}
    return {name: states for name, states in rules.items() if any(one != other for one in states.values() for other in states.values())}


@read_object.register
def _read_preset(kind: Presets, rows: Rows, label: str = "") -> Values | None:
    return next((_read(kind, preset, rows)[0] for preset in kind.presets if preset.name == label), None)


@predicted.register
def _predicted_preset(kind: Presets, now: Values | None, before: Values, after: Values) -> Values | None:
    if now is None:
        raise AssertionError("every preset can be read")
    rules: dict[str, Values | None] = {}
    for noun, state in now["rules"].items():
        made = state is not None or (now["initialised"] and needs_rule(kind, after))
        rules[noun] = laid_over(kind, state, after) if made else None
    lists = {one.option: None if now[one.option] is None else after.get(one.option, now[one.option]) for one in kind.lists}
    return _object(kind, now["name"], now["initialised"], rules, lists)


def laid_over(kind: Presets, state: Values | None, wish: Values) -> Values:
    """The state of a rule when a wish has come true. A new rule is off unless it is wished on."""
    values: Values = {}
    for one in kind.assignment:
        has, wanted = (state or {}).get(one.option, []), wish.get(one.option)
        values[one.option] = has if wanted is None or one.type.same(has, wanted) else one.type.show(wanted)
    enabled = wish["enabled"] if wish.get("enabled") is not None else bool(state and state["enabled"])
    return {"enabled": enabled, "everyone": _everyone(kind, values), **values}


def needs_rule(kind: Presets, wish: Values) -> bool:
    """Whether a wish can come true only where there is a rule."""
    return bool(wish.get("enabled") or wish.get("everyone") or any(wish.get(one.option) for one in kind.assignment))
