# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which policies of one kind the role email_protection has for its scopes: made, set, left alone, removed. Pure and private."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._description import Values
from ansible_collections.m365.defender.plugins.module_utils._effective.precedence import PRESETS
from ansible_collections.m365.defender.plugins.module_utils._effective.recommended import options_for
from ansible_collections.m365.defender.plugins.module_utils._types import folded
from ansible_collections.m365.defender.plugins.plugin_utils._covering import BEHIND_PRESETS, LAST, covering, outranking, replaced
from ansible_collections.m365.defender.plugins.plugin_utils._defaults import part_purge
from ansible_collections.m365.defender.plugins.plugin_utils._found import PRESET, Found
from ansible_collections.m365.defender.plugins.plugin_utils._marks import MARKED, SIGNED, by_name, contested, is_ours, mark, signature
from ansible_collections.m365.defender.plugins.plugin_utils._places import place
from ansible_collections.m365.defender.plugins.plugin_utils._settings import settings_for, weakened
from ansible_collections.m365.defender.plugins.plugin_utils._wishes import CONDITIONS, EXCEPTIONS, Wishes


@dataclass(frozen=True)
class Standing:
    """What is there of one kind, by name. marked: the names of what is ours. kept: of those, what stays for the same people."""

    kind: str
    there: Mapping[str, Values]
    marked: frozenset[str]
    kept: frozenset[str]

    @staticmethod
    def of(kind: str, objects: Sequence[Values], wishes: Wishes, mechanisms: Mapping[str, str]) -> Standing:
        there = by_name(objects)
        marked = frozenset(name for name, one in there.items() if is_ours(one, wishes.owner))
        custom = {folded(wishes.name_of(scope)): scope for scope in wishes.scopes if mechanisms[scope["name"]] == "custom"}
        kept = frozenset(name for name, scope in custom.items() if name in marked and _stays(there[name], _whom(kind, scope, wishes)))
        return Standing(kind, there, marked, kept)


def scoped(found: Found, standing: Standing, held: Collection[str], wishes: Wishes, effective: Mapping[str, Any]) -> None:
    """Decides on every policy of one kind. held: the scopes of which ours stay as they are, because no preset takes their place."""
    kind, there, marked = standing.kind, standing.there, standing.marked
    ours = set(marked)
    # Whom a preset covers that is assigned in this very run was asked too early.
    steady = PRESETS.keys() - {one["name"] for one in found.config.get(PRESET, ())}
    wanted: list[Values] = []
    new: list[tuple[Mapping[str, Any], Values]] = []
    for scope in wishes.scopes:
        name = wishes.name_of(scope)
        settings = settings_for(found, kind, wishes.target_of(scope), wishes)
        if not settings:
            continue
        if found.mechanisms[scope["name"]] != "custom":
            if scope["name"] in held:
                ours.discard(folded(name))
            continue
        has, whom = there.get(folded(name)), _whom(kind, scope, wishes)
        wish: Values = {"name": name, **settings, "rule": {**whom, "enabled": True}}
        changed = contested(kind, has, wish, wishes.owner) if has is not None and not wishes.reclaim else []
        # One of ours that is for other people than it should be (a variable was put right, say) is not left as it is.
        moves = folded(name) in marked and not _stays(has, whom)
        seen = effective.get(wishes.target_of(scope)) or ()
        covered = covering(scope, kind, seen, marked, standing.kept - {folded(name)})
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
        weaker(found, kind, scope, wish, [there[name] for name in _replaced(scope, kind, seen, wish, there) if name not in marked], wishes)
    for wish in wanted:
        part_purge(found, kind, wish, there.get(folded(wish["name"])))
    gone = [{"name": one["name"], "state": "absent"} for one in stale]
    if wanted or gone:
        found.config[kind] = [*wanted, *gone]


def _replaced(scope: Mapping[str, Any], kind: str, seen: Sequence[Values], wish: Values, there: Mapping[str, Values]) -> set[str]:
    """The policies whose place a new one takes. Its rule goes last, so that custom policies stay before it, unless it is given a place."""
    by = BEHIND_PRESETS if "priority" in wish["rule"] else LAST
    return ({folded(wish["name"])} | replaced(scope, kind, seen, by)) & there.keys()


def weaker(found: Found, kind: str, scope: Mapping[str, Any], wish: Values, others: Sequence[Values], wishes: Wishes) -> None:
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
