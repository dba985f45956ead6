# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Presets: what has to be done so that they are as wanted. Pure; private to the collection.

A preset is rules that every object of the kind has in common, and policies that are never made here. [doc] preset-security-policies
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ansible_collections.m365.defender.plugins.module_utils._description import Operation, Plan, Row, Values
from ansible_collections.m365.defender.plugins.module_utils._errors import BadInput, Refused
from ansible_collections.m365.defender.plugins.module_utils._plan import plan
from ansible_collections.m365.defender.plugins.module_utils._preset_rows import (
    Half,
    alike,
    halves_of,
    laid_over,
    listed,
    needs_rule,
    shown_lists,
    state_of_rule,
)
from ansible_collections.m365.defender.plugins.module_utils._preset_words import Preset, PresetRule, Presets
from ansible_collections.m365.defender.plugins.module_utils._resource import Field
from ansible_collections.m365.defender.plugins.module_utils._rows import Rows, switched_on
from ansible_collections.m365.defender.plugins.module_utils._types import folded

__all__ = ["Preset", "PresetRule", "Presets"]  # the words, for descriptions

NOT_INITIALISED = "preset_not_initialised"
WOULD_OUTRANK = "would_outrank"
NOT_OFFERED = "not_offered"


@dataclass
class _Draft:
    """Operations in two waves: nobody loses a preset before another one, wished for in the same breath, is on."""

    first: list[Operation] = field(default_factory=list)
    last: list[Operation] = field(default_factory=list)


@plan.register
def _plan_presets(kind: Presets, rows: Rows, wanted: Sequence[Values]) -> Plan:
    names = [one["name"] for one in wanted]
    twice = next((name for name in names if names.count(name) > 1), "")
    if twice:
        raise BadInput(f'the {kind.blurb} "{twice}" is wanted twice')
    draft = _Draft()
    shown = [_plan_preset(kind, rows, one, draft) for one in wanted]
    return Plan(tuple(before for before, dummy in shown), tuple(after for dummy, after in shown), (*draft.first, *draft.last))


def _plan_preset(kind: Presets, rows: Rows, wanted: Values, draft: _Draft) -> tuple[Values, Values]:
    preset = kind.preset(wanted["name"])
    wish = {**wanted, **({one.option: [] for one in kind.conditions} if wanted.get("everyone") else {})}
    halves = halves_of(kind, preset, rows)
    before: Values = {"name": preset.name}
    after: Values = {"name": preset.name}
    lists = _plan_lists(kind, preset, rows, halves, wish, before, after)
    steps, shadowed, pairs = [], [], []
    for half in halves:
        state = state_of_rule(kind, half.row)
        if state is None and needs_rule(kind, wish) and half.missing:
            if wish.get("enabled") is False:  # it is off, and can't be more than that
                continue
            raise _not_initialised(kind, preset, half.missing)
        made = state is not None or needs_rule(kind, wish)
        then = laid_over(kind, state, wish) if made else None
        pairs.append((half, state, then))
        if then is None:
            continue
        _check_everyone(kind, preset, state, then, wish)
        if state == then:
            continue
        steps.append((half, state, then))
        if _reaches_more(kind, state, then):
            shadowed += [(noun, row) for noun in half.rule.outranks for row in rows[noun] if switched_on(row)]
    if shadowed and not wish.get("outrank"):
        raise _would_outrank(kind, preset, shadowed)
    _show(kind, wish, pairs, before, after)
    draft.first += lists
    for half, state, then in steps:
        wave = draft.last if state and state["enabled"] and not then["enabled"] else draft.first
        wave += _operations(kind, preset, half, state, then)
    return before, after


def _plan_lists(
    kind: Presets, preset: Preset, rows: Rows, halves: Sequence[Half], wish: Values, before: Values, after: Values
) -> list[Operation]:
    """The write that makes the preset's own lists as wished; notes them in `before` and `after`."""
    row = listed(kind, preset, rows, halves)
    given = [one for one in kind.lists if wish.get(one.option) is not None]
    has = shown_lists(kind, row)
    changed = [one for one in given if not one.type.same(has[one.option] or [], wish[one.option])]
    if changed and row is None:
        if wish.get("enabled") is not False:
            raise _not_initialised(kind, preset, [kind.lists_on])
        given = changed = []
    if changed and not any(half.rule.licensed for half in halves):
        raise Refused(
            f"{', '.join(one.option for one in changed)} can't be set: the service does not offer {kind.product} to this tenant",
            tried=f'Changing the {kind.blurb} "{preset.name}"',
            service=kind.service,
            code=NOT_OFFERED,
            hint=f"Leave the lists out, or give the tenant a licence with {kind.product}.",
        )
    for one in given:
        before[one.option] = has[one.option] or []
        after[one.option] = one.type.show(wish[one.option]) if one in changed else before[one.option]
    if not changed or row is None:
        return []
    return [Operation("Set", kind.lists_on, str(row["Name"]), row["Identity"], _written(changed, wish))]


def _written(fields: Iterable[Field], values: Values) -> Values:
    return {one.wire: one.type.write(values[one.option]) for one in fields}


def _operations(kind: Presets, preset: Preset, half: Half, state: Values | None, then: Values) -> list[Operation]:
    noun = half.rule.noun
    if half.row is None or state is None:
        given = _written((one for one in kind.assignment if then[one.option]), then)
        made = {"Name": preset.rule, **half.policies, "Priority": preset.priority, "Enabled": then["enabled"], **given}
        return [Operation("New", noun, preset.rule, None, made)]
    name, identity = str(half.row["Name"]), half.row["Identity"]
    changed = [one for one in kind.assignment if then[one.option] != state[one.option]]
    result = [Operation("Set", noun, name, identity, _written(changed, then))] if changed else []
    if then["enabled"] != state["enabled"]:
        turn = Operation("Enable" if then["enabled"] else "Disable", noun, name, identity)
        result = [*result, turn] if then["enabled"] else [turn, *result]  # nobody new is covered on the way to being off
    return result


def _show(kind: Presets, wish: Values, pairs: Sequence[tuple[Half, Values | None, Values | None]], before: Values, after: Values) -> None:
    """Notes what is wished of the rules, as it is and as it will be; where the rules differ, by rule."""
    blank = {"enabled": False, "everyone": False, **{one.option: [] for one in kind.assignment}}
    for option in blank:
        if wish.get(option) is None or not pairs:
            continue
        for shown, states in ((before, [one[1] or blank for one in pairs]), (after, [one[2] or blank for one in pairs])):
            values = [one[option] for one in states]
            shown[option] = (
                values[0] if alike(kind, option, values) else {pair[0].rule.noun: value for pair, value in zip(pairs, values, strict=True)}
            )


def _check_everyone(kind: Presets, preset: Preset, state: Values | None, then: Values, wish: Values) -> None:
    """Raises BadInput when a rule would have no condition, and so be for everybody, although nobody said so."""
    if not then["everyone"] or wish.get("everyone"):
        return
    was = state is not None and state["everyone"] and (state["enabled"] or not then["enabled"])
    if not was or wish.get("everyone") is False:
        options = ", ".join(one.option for one in kind.conditions)
        raise BadInput(
            f'the {kind.blurb} "{preset.name}" would have no condition, and so apply to everybody',
            tried=f'Changing the {kind.blurb} "{preset.name}"',
            hint=f"Say everyone=true if that is meant, or give one of {options}. Nothing was written.",
        )


def _reaches_more(kind: Presets, state: Values | None, then: Values) -> bool:
    """Whether a rule may cover somebody whom it did not cover before; in doubt it does. Different conditions are ANDed."""
    if not then["enabled"]:
        return False
    if state is None or not state["enabled"]:
        return True
    for one in kind.conditions:
        had, has = _members(state[one.option]), _members(then[one.option])
        if had and not (has and has <= had):
            return True
    return any(not _members(state[one.option]) <= _members(then[one.option]) for one in kind.exceptions)


def _members(values: Iterable[str]) -> set[str]:
    return {folded(one) for one in values}


def _not_initialised(kind: Presets, preset: Preset, missing: Sequence[str]) -> Refused:
    return Refused(
        f'the {kind.blurb} "{preset.name}" can\'t be used yet: only the portal makes its policies, and these are missing: '
        f"{', '.join(missing)}",
        tried=f'Changing the {kind.blurb} "{preset.name}"',
        service=kind.service,
        code=NOT_INITIALISED,
        hint=f"Somebody has to switch it on once, at {kind.page}; from then on this works.",
    )


def _would_outrank(kind: Presets, preset: Preset, shadowed: Sequence[tuple[str, Row]]) -> Refused:
    names = ", ".join(f'"{row.get("Name")}" ({noun})' for noun, row in shadowed)
    return Refused(
        f'the {kind.blurb} "{preset.name}" would come before custom policies that are on, for everybody whom both cover: {names}',
        tried=f'Changing the {kind.blurb} "{preset.name}"',
        service=kind.service,
        code=WOULD_OUTRANK,
        hint="Set outrank=true if that is meant. Whether they have recipients in common is not looked at here.",
    )
