# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From what a tenant has and what is wanted to what the role email_protection writes, and what it leaves alone. Pure and private.

A role keeps to its own: what it makes is marked and named after its owner; what belongs to others is read and never set, removed or moved.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._description import Values
from ansible_collections.m365.defender.plugins.module_utils._effective.precedence import PRESETS
from ansible_collections.m365.defender.plugins.module_utils._effective.recommended import NOUNS, PLANS, advice_for, options_for
from ansible_collections.m365.defender.plugins.plugin_utils._assigning import assigned, assigned_otherwise, assignment, taken_over, told
from ansible_collections.m365.defender.plugins.plugin_utils._covering import BEHIND_PRESETS, covering, outranking, replaced, without
from ansible_collections.m365.defender.plugins.plugin_utils._defaults import default, not_included, single
from ansible_collections.m365.defender.plugins.plugin_utils._found import (
    CONNECTION,
    DEFAULTS,
    INCLUDED_BY,
    LISTS,
    OUTBOUND,
    PRESET,
    SCOPED,
    SINGLE,
    Found,
)
from ansible_collections.m365.defender.plugins.plugin_utils._marks import by_name, is_ours
from ansible_collections.m365.defender.plugins.plugin_utils._scoping import Standing, scoped, weaker
from ansible_collections.m365.defender.plugins.plugin_utils._settings import beyond
from ansible_collections.m365.defender.plugins.plugin_utils._wishes import Wishes, few_licences


def protection(existing: Mapping[str, Any], wishes: Wishes, effective: Mapping[str, Any] | None = None) -> Found:
    """What is to be written, and what is left alone with the reason.

    existing: the tenant's objects by kind, as configuration_info gives them with built_in. effective: by target, the subjects that
    effective_protection_info returned for it; what is missing is not known.
    Returns `config` and `purge` as the module configuration takes them (purge: zero-hour auto purge of policies that exist);
    beside them lists: covered (by somebody else's policy), outranked (by a preset, for everybody), foreign, assigned (presets that are for
    other people), contested, weaker (where a new policy protects less than the one whose place it takes), shadowed (whose policies a
    preset outranks), kept_lists (allow lists that are not emptied), not_in_preset (wishes that a preset can't have), not_included
    (wishes for policies that nobody asked for), overlay_conflicts, not_applicable (with the plan that would bring it), few_licences (scopes
    that cover more people than have the plan) and manual (what only the portal can do); mechanisms: by scope.
    """
    found = Found()
    presets = by_name(existing.get(PRESET))
    found.shadowed = [
        {"kind": kind, "name": one["name"]}
        for kind in SCOPED
        for one in existing.get(kind) or ()
        if (one.get("rule") or {}).get("enabled") and not is_ours(one, wishes.owner)
    ]
    seen, known = effective or {}, [kind for kind in SCOPED if kind in existing]
    for scope in wishes.scopes:
        found.mechanisms[scope["name"]] = _mechanism(found, scope, wishes, presets)
    if wishes.mechanism == "none":
        return found
    found.few_licences = few_licences(wishes)
    for scope in wishes.scopes:
        if found.mechanisms[scope["name"]] == "preset":
            options = {kind: beyond(kind, wishes.target_of(scope), wishes) for kind in known}
            found.not_in_preset += [{"kind": kind, "scope": scope["name"], "options": some} for kind, some in options.items() if some]
    standings = [Standing.of(kind, existing[kind], wishes, found.mechanisms) for kind in known]
    preset = [scope for scope in wishes.scopes if found.mechanisms[scope["name"]] == "preset"]
    going = taken_over(presets, preset, wishes)
    seen = {target: without(subjects, going) for target, subjects in seen.items()}
    held = [scope["name"] for scope in preset if not _preset(found, scope, wishes, presets, standings, seen)]
    for standing in standings:
        scoped(found, standing, held, wishes, seen)
    for kind in (*SINGLE, CONNECTION) if wishes.include_default else SINGLE:
        if kind in existing:
            single(found, kind, existing[kind], wishes)
    if wishes.include_default:
        for kind, name in DEFAULTS.items():
            default(found, kind, name, existing.get(kind), wishes)
    if wishes.include_outbound:
        default(found, OUTBOUND, "Default", existing.get(OUTBOUND), wishes)
    for kind, switch in INCLUDED_BY.items():
        if not getattr(wishes, switch):
            not_included(found, kind, existing.get(kind) or (), wishes)
    for kind in NOUNS:
        found.not_applicable += _not_brought(kind, wishes)
    return found


def _not_brought(kind: str, wishes: Wishes) -> list[Values]:
    """What of a kind the licences do not bring, with the plan that would: the whole of it, or some settings."""
    brought, every = advice_for(NOUNS[kind], wishes.plan), advice_for(NOUNS[kind], "e5")
    missing = [one for one in every if one not in brought and one.written]
    if not missing:
        return []
    whole = not options_for(kind, wishes.target, wishes.plan)
    needs = next(plan for plan in PLANS if any(one.plan == plan for one in missing))
    return [{"kind": kind, "needs": needs, "whole": whole, "settings": [one.setting for one in (every if whole else missing)]}]


def _mechanism(found: Found, scope: Mapping[str, Any], wishes: Wishes, presets: Mapping[str, Values]) -> str:
    """How a scope is reached: by Microsoft's preset where that is switched on once, can say whom it covers and has all that is wished
    for, else by policies of ours."""
    if wishes.mechanism != "auto":
        return wishes.mechanism
    target = wishes.target_of(scope)
    alone = sum(wishes.target_of(other) == target for other in wishes.scopes) == 1
    if target not in presets or not alone or (found.shadowed and not wishes.outrank):
        return "custom"
    if (wishes.everybody and wishes.licensed_users) or any(beyond(kind, target, wishes) for kind in SCOPED):
        return "custom"
    has = presets[target]
    if assigned_otherwise(has, scope, wishes) and not wishes.adopt:
        found.assigned.append({"preset": target, "scope": scope["name"], "to": told(has, wishes), "mechanism": "custom"})
        return "custom"
    return "preset"


def _preset(
    found: Found,
    scope: Mapping[str, Any],
    wishes: Wishes,
    presets: Mapping[str, Values],
    standings: Sequence[Standing],
    seen: Mapping[str, Any],
) -> bool:
    """Decides on the preset of a scope. Whether policies of ours for the scope are needed no more, by it or by others."""
    target = wishes.target_of(scope)
    if target not in presets:
        found.manual.append({"what": "preset_not_initialised", "scope": scope["name"], "preset": target})
        return False
    has, subjects, wish = presets[target], seen.get(target) or (), assignment(scope, wishes)
    standings = [one for one in standings if options_for(one.kind, target, wishes.plan)]
    if not assigned(has, scope, wishes):
        otherwise = assigned_otherwise(has, scope, wishes)
        covered = [covering(scope, one.kind, subjects, one.marked, one.kept) for one in standings]
        # Whom to protect from impersonation is wished for beyond the target; to those who get another preset it would say nothing.
        lists = [name for name in LISTS if name in wish]
        preset = outranking(scope, "anti_phish_policy", subjects, PRESETS.keys() - {target}) if lists else ""
        if preset:
            found.outranked.append({"kind": "anti_phish_policy", "scope": scope["name"], "by": preset})
        if covered and all(covered) and (preset or not lists) and not (otherwise and wishes.adopt):
            found.covered += [{"kind": one.kind, "scope": scope["name"], "by": by} for one, by in zip(standings, covered, strict=True)]
            return True
        if otherwise and not wishes.adopt:
            found.assigned.append({"preset": target, "scope": scope["name"], "to": told(has, wishes), "mechanism": "preset"})
            return False
        for one in standings:
            names = replaced(scope, one.kind, subjects, BEHIND_PRESETS) & one.there.keys() - one.marked
            weaker(found, one.kind, scope, options_for(one.kind, target, wishes.plan), [one.there[name] for name in sorted(names)], wishes)
    found.config.setdefault(PRESET, []).append(wish)
    return True
