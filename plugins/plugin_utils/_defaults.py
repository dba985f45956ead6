# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role email_protection raises that is not its own: default policies, and what a tenant has once. Pure and private.

Where such an object has a text for administrators and nobody has written anything there, a note remembers what was wanted, so that the next
run sees whether somebody has set it otherwise since. It is no mark: the object stays somebody else's.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._description import Values
from ansible_collections.m365.defender.plugins.module_utils._effective.recommended import NOUNS, advice_for
from ansible_collections.m365.defender.plugins.module_utils._registry import RESOURCES
from ansible_collections.m365.defender.plugins.module_utils._resource import snake
from ansible_collections.m365.defender.plugins.module_utils._types import folded
from ansible_collections.m365.defender.plugins.plugin_utils._found import INCLUDED_BY, PURGE, Found
from ansible_collections.m365.defender.plugins.plugin_utils._marks import MARKED, by_name, differing, is_noted, note
from ansible_collections.m365.defender.plugins.plugin_utils._settings import raised, settings_for
from ansible_collections.m365.defender.plugins.plugin_utils._wishes import Wishes


def single(found: Found, kind: str, objects: Sequence[Values], wishes: Wishes) -> None:
    """Raises what a tenant has once to the target."""
    settings = settings_for(found, kind, wishes.target, wishes)
    if settings:
        _raise(found, kind, next(iter(objects), {}), settings, {}, wishes)


def default(found: Found, kind: str, name: str, objects: Any, wishes: Wishes) -> None:
    """Raises a default policy to the target; what is stricter there stays, and so does what people let past, which is told."""
    has = by_name(objects).get(folded(name))
    settings = settings_for(found, kind, wishes.target, wishes)
    if has is None or not settings:
        return
    if not wishes.clear_allow_lists:
        for one in advice_for(NOUNS[kind], wishes.plan):
            option = snake(one.setting)
            if one.allows and has.get(option) and option not in settings:
                found.kept_lists.append({"kind": kind, "name": has["name"], "option": option, "members": len(has[option])})
    _raise(found, kind, has, settings, {"name": has["name"]}, wishes)


def not_included(found: Found, kind: str, objects: Sequence[Values], wishes: Wishes) -> None:
    """Notes what overlays and overrides wish of a kind that nobody asked for, as far as its default policy has it otherwise."""
    has = next((one for one in objects if folded(one.get("name", "Default")) == "default"), {})
    wish: Values = {}
    for settings in (*(overlay.get("settings") or {} for overlay in wishes.overlays), wishes.overrides):
        wish.update(settings.get(kind) or {})
    options = differing(kind, has, raised(kind, has, wish, wishes))
    if options:
        found.not_included.append({"kind": kind, "options": options, "include": INCLUDED_BY[kind]})


def _raise(found: Found, kind: str, has: Values, settings: Values, named: Values, wishes: Wishes) -> None:
    wish: Values = {**named, **raised(kind, has, settings, wishes)}
    changed, text = differing(kind, has, wish), note(settings, wishes.owner)
    if changed and has.get(MARKED) == text and not wishes.reclaim:
        found.contested.append({"kind": kind, "name": named.get("name") or kind, "options": changed, "shared": True})
        return
    noted = is_noted(has, wishes.owner)
    remembers = MARKED in RESOURCES[kind].spec and (noted or (bool(changed) and not has.get(MARKED)))
    purged = bool(changed) and set(changed) <= set(PURGE.get(kind, ()))
    if remembers and not purged:
        wish[MARKED] = text
    part_purge(found, kind, wish, has)
    if remembers and purged:  # it is written with what it remembers
        found.purge[kind][-1][MARKED] = text
    found.config.setdefault(kind, []).append(wish)


def part_purge(found: Found, kind: str, wish: Values, has: Values | None) -> None:
    """Moves the switches of zero-hour auto purge of a policy that exists into a task of their own; a new policy is made with them."""
    switches = {option: wish[option] for option in PURGE.get(kind, ()) if option in wish}
    if has is None or not switches:
        return
    for option in switches:
        del wish[option]
    found.purge.setdefault(kind, []).append({"name": wish["name"], **switches})
