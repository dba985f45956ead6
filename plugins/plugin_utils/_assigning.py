# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whom Microsoft's presets are for: what the role email_protection wishes, and whose assignment stays as it is. Pure; private.

A preset has no mark of ours: the portal keeps no remark on it. So one that is on for other people than those that are wished for counts as
somebody else's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._description import Values
from ansible_collections.m365.defender.plugins.module_utils._types import folded
from ansible_collections.m365.defender.plugins.plugin_utils._found import LISTS, PRESET
from ansible_collections.m365.defender.plugins.plugin_utils._wishes import CONDITIONS, EXCEPTIONS, Wishes


def assignment(scope: Mapping[str, Any], wishes: Wishes) -> Values:
    """The wish that a preset is on for the people of a scope, as the module preset_security_policy takes it."""
    lists = {name: list(wishes.lists[name]) for name in LISTS if wishes.lists.get(name) and wishes.plan != "none"}
    return {"name": wishes.target_of(scope), "enabled": True, "outrank": wishes.outrank, **_people(scope, wishes), **lists}


def _people(scope: Mapping[str, Any], wishes: Wishes) -> Values:
    if wishes.everybody:
        return {"everyone": True}
    # Conditions of different kinds must all hold, so that those that are not meant are cleared; exceptions stay.
    return {
        **{name: list(scope.get(name) or ()) for name in CONDITIONS},
        **{name: list(scope[name]) for name in EXCEPTIONS if scope.get(name) is not None},
    }


def assigned(has: Mapping[str, Any], scope: Mapping[str, Any], wishes: Wishes) -> bool:
    """Whether a preset is on for the very people of a scope. What its two rules do not have in common is not shown."""
    return has.get("enabled") is True and _alike(has, _people(scope, wishes))


def assigned_otherwise(has: Mapping[str, Any], scope: Mapping[str, Any], wishes: Wishes) -> bool:
    """Whether a preset is on for others than a scope's people.

    A preset has two rules. One that is off is for nobody. Where the other is on for the very people of the scope, a run of ours may have
    broken off between the two, or the licences of the second came later: what is missing takes nothing from anybody.
    """
    people = _people(scope, wishes)
    return not all(_alike(rule, people) for rule in _rules_that_are_on(has, wishes).values())


def taken_over(presets: Mapping[str, Mapping[str, Any]], scopes: Iterable[Mapping[str, Any]], wishes: Wishes) -> set[str]:
    """The presets that go to some scopes from other people. Whom such a one reaches now says nothing of whom it will reach."""
    has = [(presets[wishes.target_of(scope)], scope) for scope in scopes if wishes.target_of(scope) in presets]
    return {str(one["name"]) for one, scope in has if wishes.adopt and assigned_otherwise(one, scope, wishes)}


def _rules_that_are_on(has: Mapping[str, Any], wishes: Wishes) -> dict[str, Mapping[str, Any]]:
    """By noun; where the rules of a preset are alike, the preset itself stands for them."""
    rules = wishes.apart.get(PRESET, {}).get(has["name"], {"": has})
    return {noun: rule for noun, rule in rules.items() if rule and rule.get("enabled") is not False}


def _alike(has: Mapping[str, Any], people: Values) -> bool:
    return all(name in has and _members(has[name]) == _members(value) for name, value in people.items())


def _members(value: Any) -> Any:
    return sorted(map(folded, value)) if isinstance(value, list) else value


def told(has: Mapping[str, Any], wishes: Wishes) -> str:
    """Whom a preset is for, in words; where its rules are not alike, whom each is for that is on."""
    return ", ".join(f"{_whom(rule)} ({noun})" if noun else _whom(rule) for noun, rule in _rules_that_are_on(has, wishes).items())


def _whom(rule: Mapping[str, Any]) -> str:
    if rule.get("everyone"):
        return "everybody"
    named = [str(one) for name in CONDITIONS for one in rule.get(name) or ()]
    return ", ".join(named) or "others in each of its two rules"
