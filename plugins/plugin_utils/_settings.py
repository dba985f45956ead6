# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which settings a policy gets: what is recommended, what is wished for besides, never less than what is there. Pure; private."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._description import Values
from ansible_collections.m365.defender.plugins.module_utils._effective.comparing import containing, equal, members
from ansible_collections.m365.defender.plugins.module_utils._effective.recommended import NOUNS, Advice, advice_for, options_for
from ansible_collections.m365.defender.plugins.module_utils._resource import snake
from ansible_collections.m365.defender.plugins.plugin_utils._found import LISTS, Found
from ansible_collections.m365.defender.plugins.plugin_utils._wishes import Wishes


def settings_for(found: Found, kind: str, target: str, wishes: Wishes) -> Values:
    """The recommended settings of a kind, with what other bodies want beside them, and then with the tenant's own wishes."""
    settings = options_for(kind, target, wishes.plan, wishes.clear_allow_lists)
    if not settings:
        return {}
    if kind == "anti_phish_policy" and wishes.plan != "none":
        settings.update({name: list(wishes.lists[name]) for name in LISTS if wishes.lists.get(name)})
    advice = _advice(kind, wishes)
    for overlay in wishes.overlays:
        for option, value in ((overlay.get("settings") or {}).get(kind) or {}).items():
            known = advice.get(option)
            if known is None or known.better(value, known.value(target)):
                settings[option] = value
            else:
                conflict = {"overlay": overlay["name"], "kind": kind, "option": option, "wants": value, "microsoft": known.value(target)}
                if conflict not in found.overlay_conflicts:
                    found.overlay_conflicts.append(conflict)
    settings.update(wishes.overrides.get(kind) or {})
    return settings


def _advice(kind: str, wishes: Wishes) -> dict[str, Advice]:
    return {snake(one.setting): one for one in advice_for(NOUNS[kind], wishes.plan)}


def beyond(kind: str, target: str, wishes: Wishes) -> list[str]:
    """The options that are wished for otherwise than Microsoft recommends them, which no preset can have; its lists of people it can."""
    wanted, plain = settings_for(Found(), kind, target, wishes), options_for(kind, target, wishes.plan, wishes.clear_allow_lists)
    return [option for option, value in wanted.items() if option not in LISTS and (option not in plain or plain[option] != value)]


def raised(kind: str, has: Mapping[str, Any], settings: Mapping[str, Any], wishes: Wishes) -> Values:
    """The settings for a policy that others have made: what it has stays where that is at or above what is wished for.

    A list of what is stopped keeps its members. Where no order is known what is wished for is written. Overrides go before all that.
    """
    advice, wanted = _advice(kind, wishes), dict(settings)
    for option, value in settings.items():
        known = advice.get(option)
        if known is None or option not in has or option in (wishes.overrides.get(kind) or {}):
            continue
        if known.better(has[option], value):
            wanted[option] = has[option]
        elif known.better is containing:
            wanted[option] = sorted(members(has[option]) | members(value))
    return wanted


def weakened(kind: str, has: Mapping[str, Any], wanted: Mapping[str, Any], wishes: Wishes) -> list[Values]:
    """The settings in which what is wanted protects less than a policy that is there: option, has and wanted.

    What has no effect in that policy does not count, nor does what can't be compared.
    """
    found = []
    for option, one in _advice(kind, wishes).items():
        if has.get(option) is None or option not in wanted or one.allows:
            continue
        if one.only_if and not equal(has.get(snake(one.only_if[0])), one.only_if[1]):
            continue
        mine, other = wanted[option], has[option]
        if not one.better(mine, other) and (one.better is containing or one.better(other, mine)):
            found.append({"option": option, "has": other, "wanted": mine})
    return found
