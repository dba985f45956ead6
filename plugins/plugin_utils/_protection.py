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
from ansible_collections.m365.defender.plugins.module_utils._resource import snake
from ansible_collections.m365.defender.plugins.module_utils._types import folded
from ansible_collections.m365.defender.plugins.plugin_utils._covering import covering, outranking, replaced
from ansible_collections.m365.defender.plugins.plugin_utils._found import CONNECTION, DEFAULTS, OUTBOUND, PURGE, SCOPED, SINGLE, Found
from ansible_collections.m365.defender.plugins.plugin_utils._marks import MARKED, SIGNED, by_name, contested, is_ours, mark, signature
from ansible_collections.m365.defender.plugins.plugin_utils._places import place
from ansible_collections.m365.defender.plugins.plugin_utils._settings import LISTS, raised, settings_for, weakened
from ansible_collections.m365.defender.plugins.plugin_utils._wishes import CONDITIONS, EXCEPTIONS, Wishes, few_licences


def protection(existing: Mapping[str, Any], wishes: Wishes, effective: Mapping[str, Any] | None = None) -> Found:
    """What is to be written, and what is left alone with the reason.

    existing: the tenant's objects by kind, as configuration_info gives them with built_in. effective: by target, the subjects that
    effective_protection_info returned for it; what is missing is not known.
    Returns `config` and `purge` as the module configuration takes them (purge: zero-hour auto purge of policies that exist);
    beside them lists: covered (by somebody else's policy), outranked (by a preset, for everybody), foreign, contested, weaker (where a new
    policy protects less than the one whose place it takes), shadowed (whose policies a preset outranks), kept_lists (allow lists that are
    not emptied), overlay_conflicts, not_applicable (with the plan that would bring it), few_licences (scopes that cover more people than
    have the plan) and manual (what only the portal can do); mechanisms: by scope.
    """
    found = Found()
    presets = by_name(existing.get("preset_security_policy"))
    found.shadowed = [
        {"kind": kind, "name": one["name"]}
        for kind in SCOPED
        for one in existing.get(kind) or ()
        if (one.get("rule") or {}).get("enabled") and not is_ours(one, wishes.owner)
    ]
    for scope in wishes.scopes:
        mechanism = found.mechanisms[scope["name"]] = _mechanism(wishes, scope, presets, bool(found.shadowed))
        if mechanism == "preset" and wishes.target_of(scope) not in presets:
            found.manual.append({"what": "preset_not_initialised", "scope": scope["name"], "preset": wishes.target_of(scope)})
    if wishes.mechanism == "none":
        return found
    found.few_licences = few_licences(wishes, found.mechanisms)
    for kind in SCOPED:
        if kind in existing:
            _scoped(found, kind, existing[kind], wishes, effective or {})
    _presets(found, wishes)
    for kind in (*SINGLE, CONNECTION) if wishes.include_default else SINGLE:
        if kind in existing and options_for(kind, wishes.target, wishes.plan):
            has: Values = next(iter(existing[kind]), {})
            found.config[kind] = [raised(kind, has, settings_for(found, kind, wishes.target, wishes), wishes)]
    if wishes.include_default:
        for kind, name in DEFAULTS.items():
            _default(found, kind, name, existing, wishes)
    if wishes.include_outbound:
        _default(found, OUTBOUND, "Default", existing, wishes)
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


def _mechanism(wishes: Wishes, scope: Mapping[str, Any], presets: Mapping[str, Values], others: bool) -> str:
    """How a scope is reached: by Microsoft's preset where that is switched on once and can say whom it covers, else by policies of ours."""
    if wishes.mechanism in ("custom", "none", "preset"):
        return wishes.mechanism
    target = wishes.target_of(scope)
    alone = sum(wishes.target_of(other) == target for other in wishes.scopes) == 1
    return "preset" if target in presets and alone and (wishes.outrank or not others) else "custom"


def _scoped(found: Found, kind: str, objects: Sequence[Values], wishes: Wishes, effective: Mapping[str, Any]) -> None:
    there = by_name(objects)
    marked = frozenset(name for name, one in there.items() if is_ours(one, wishes.owner))
    ours = set(marked)
    kept = {
        folded(wishes.name_of(scope))
        for scope in wishes.scopes
        if found.mechanisms[scope["name"]] == "custom" and _stays(there.get(folded(wishes.name_of(scope))), _whom(kind, scope, wishes))
    } & marked
    # Whom a preset covers that is assigned in this very run was asked too early.
    steady = PRESETS.keys() - {wishes.target_of(scope) for scope in wishes.scopes if found.mechanisms[scope["name"]] == "preset"}
    wanted: list[Values] = []
    new: list[tuple[Mapping[str, Any], Values]] = []
    for scope in wishes.scopes:
        name = wishes.name_of(scope)
        settings = settings_for(found, kind, wishes.target_of(scope), wishes)
        if not settings:
            continue
        if found.mechanisms[scope["name"]] != "custom":
            if scope["name"] in (one["scope"] for one in found.manual):
                ours.discard(folded(name))  # nothing takes its place yet
            continue
        has, whom = there.get(folded(name)), _whom(kind, scope, wishes)
        wish: Values = {"name": name, **settings, "rule": {**whom, "enabled": True}}
        changed = contested(kind, has, wish, wishes.owner) if has is not None and not wishes.reclaim else []
        # One of ours that is for other people than it should be (a variable was put right, say) is not left as it is.
        moves = folded(name) in marked and not _stays(has, whom)
        seen = effective.get(wishes.target_of(scope)) or ()
        covered = covering(scope, kind, seen, marked, kept - {folded(name)})
        # Others reach what Microsoft recommends; what is wished for beyond that needs a policy of ours.
        if covered and settings == options_for(kind, wishes.target_of(scope), wishes.plan, wishes.clear_allow_lists):
            found.covered.append({"kind": kind, "scope": scope["name"], "by": covered})
            if moves and changed:
                found.contested.append({"kind": kind, "name": name, "options": changed})
            if changed or not moves:
                ours.discard(folded(name))
            continue
        preset = outranking(scope, kind, seen, steady)
        if preset:  # one that is there waits for the day the preset goes; a new one would be for nobody
            found.outranked.append({"kind": kind, "scope": scope["name"], "by": preset})
            if not moves:
                ours.discard(folded(name))
                continue
        if has is not None and folded(name) not in marked and not wishes.adopt:
            found.foreign.append({"kind": kind, "name": name})
            continue
        ours.discard(folded(name))
        if changed:
            found.contested.append({"kind": kind, "name": name, "options": changed})
            continue
        wish[MARKED], wish["rule"][SIGNED] = mark(wishes.owner), signature(has, wish, wishes.owner)
        wanted.append(wish)
        if not preset and (moves or folded(name) not in marked):
            new.append((scope, wish))
    stale = [there[name] for name in there if name in ours]
    place(wanted, there, stale, wishes.left_behind.get(kind) or ())
    for scope, wish in new:
        seen = effective.get(wishes.target_of(scope)) or ()
        _weaker(found, kind, scope, wish, [there[name] for name in _replaced(scope, kind, seen, wish, there) if name not in marked], wishes)
    for wish in wanted:
        _part_purge(found, kind, wish, there.get(folded(wish["name"])))
    gone = [{"name": one["name"], "state": "absent"} for one in stale]
    if wanted or gone:
        found.config[kind] = [*wanted, *gone]


def _replaced(scope: Mapping[str, Any], kind: str, seen: Sequence[Values], wish: Values, there: Mapping[str, Values]) -> set[str]:
    """The policies whose place a new one takes. Its rule goes last, so that custom policies stay before it, unless it is given a place."""
    by = ("default", "built_in", "evaluation", "custom") if "priority" in wish["rule"] else ("default", "built_in")
    return ({folded(wish["name"])} | replaced(scope, kind, seen, by)) & there.keys()


def _weaker(found: Found, kind: str, scope: Mapping[str, Any], wish: Values, others: Sequence[Values], wishes: Wishes) -> None:
    """Notes where a policy protects less than what people in the scope get now."""
    for one in others:
        settings = weakened(kind, one, wish, wishes)
        if settings:
            found.weaker.append({"kind": kind, "scope": scope["name"], "instead_of": one["name"], "settings": settings})


def _whom(kind: str, scope: Mapping[str, Any], wishes: Wishes) -> Values:
    """All conditions and exceptions of a scope's rule, empty ones too, because those of different kinds must all hold.

    Where only some people have the licence, everybody means them.
    """
    licensed = wishes.everybody and wishes.licensed_users and kind in ("safe_attachment_policy", "safe_links_policy")
    whom = {"sent_to_member_of": [wishes.licensed_users]} if licensed else scope
    return {name: list(whom.get(name) or ()) for name in (*CONDITIONS, *EXCEPTIONS)}


def _stays(has: Values | None, whom: Values) -> bool:
    """Whether a policy that is there is for the same people as it is going to be."""
    rule = (has or {}).get("rule") or {}
    return all(sorted(map(folded, rule.get(name) or ())) == sorted(map(folded, members)) for name, members in whom.items())


def _part_purge(found: Found, kind: str, wish: Values, has: Values | None) -> None:
    """Moves the switches of zero-hour auto purge of a policy that exists into a task of their own; a new policy is made with them."""
    switches = {option: wish[option] for option in PURGE.get(kind, ()) if option in wish}
    if has is None or not switches:
        return
    for option in switches:
        del wish[option]
    found.purge.setdefault(kind, []).append({"name": wish["name"], **switches})


def _presets(found: Found, wishes: Wishes) -> None:
    for scope in wishes.scopes:
        if found.mechanisms[scope["name"]] != "preset" or scope["name"] in (one["scope"] for one in found.manual):
            continue
        whom: Values = (
            {"everyone": True}
            if wishes.everybody
            else {
                # Conditions of different kinds must all hold, so that those that are not meant are cleared; exceptions stay.
                **{name: list(scope.get(name) or ()) for name in CONDITIONS},
                **{name: list(scope[name]) for name in EXCEPTIONS if scope.get(name) is not None},
            }
        )
        lists = {name: list(wishes.lists[name]) for name in LISTS if wishes.lists.get(name) and wishes.plan != "none"}
        wish = {"name": wishes.target_of(scope), "enabled": True, "outrank": wishes.outrank, **whom, **lists}
        found.config.setdefault("preset_security_policy", []).append(wish)


def _default(found: Found, kind: str, name: str, existing: Mapping[str, Any], wishes: Wishes) -> None:
    """Raises a default policy to the target; what is stricter there stays, and so does what people let past, which is told."""
    has = by_name(existing.get(kind)).get(folded(name))
    settings = settings_for(found, kind, wishes.target, wishes)
    if has is None or not settings:
        return
    if not wishes.clear_allow_lists:
        for one in advice_for(NOUNS[kind], wishes.plan):
            option = snake(one.setting)
            if one.allows and has.get(option) and option not in settings:
                found.kept_lists.append({"kind": kind, "name": has["name"], "option": option, "members": len(has[option])})
    wish: Values = {"name": has["name"], **raised(kind, has, settings, wishes)}
    _part_purge(found, kind, wish, has)
    found.config.setdefault(kind, []).append(wish)
