# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From what a tenant has and what is wanted to what the role email_protection writes, and what it leaves alone. Pure and private.

A role keeps to its own: what it makes is marked and named after its owner; what belongs to others is read and never set, removed or moved.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._description import Values
from ansible_collections.m365.defender.plugins.module_utils._effective.recommended import NOUNS, PLANS, TARGETS, advice_for, options_for
from ansible_collections.m365.defender.plugins.module_utils._resource import snake
from ansible_collections.m365.defender.plugins.module_utils._types import folded
from ansible_collections.m365.defender.plugins.plugin_utils._covering import covering
from ansible_collections.m365.defender.plugins.plugin_utils._marks import MARKED, SIGNED, by_name, contested, is_ours, mark, signature
from ansible_collections.m365.defender.plugins.plugin_utils._places import place

MECHANISMS = ("auto", "preset", "custom", "none")
CONDITIONS = ("sent_to", "sent_to_member_of", "recipient_domain_is")
EXCEPTIONS = tuple(f"except_if_{name}" for name in CONDITIONS)
# Kinds of policy that have a rule for recipients, so that several can live side by side; presets cover exactly these.
SCOPED = ("malware_filter_policy", "hosted_content_filter_policy", "anti_phish_policy", "safe_attachment_policy", "safe_links_policy")
# Kinds of which a tenant has one, and what each one's default policy is called.
SINGLE = ("atp_policy_for_o365", "teams_protection_policy", "email_tenant_settings", "admin_audit_log_config")
DEFAULTS = {
    "malware_filter_policy": "Default",
    "hosted_content_filter_policy": "Default",
    "anti_phish_policy": "Office365 AntiPhish Default",
}
OUTBOUND = "hosted_outbound_spam_filter_policy"
CONNECTION = "hosted_connection_filter_policy"  # has a default policy and no other
# Zero-hour auto purge: switches that a task of their own sees to.
PURGE = {"malware_filter_policy": ("zap_enabled",), "hosted_content_filter_policy": ("phish_zap_enabled", "spam_zap_enabled")}
LISTS = ("targeted_users_to_protect", "targeted_domains_to_protect")  # whom to protect from impersonation


@dataclass
class Wishes:
    """What the role is asked for.

    Raises ValueError for words that do not exist, for scopes without name or condition, and for scopes that would share a preset.
    """

    target: str = "standard"
    mechanism: str = "auto"
    plan: str = "none"
    owner: str = "m365.defender"
    scopes: Sequence[Mapping[str, Any]] = ()
    domains: Sequence[str] = ()
    left_behind: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    licensed_users: str = ""
    overrides: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    overlays: Sequence[Mapping[str, Any]] = ()
    lists: Mapping[str, Sequence[str]] = field(default_factory=dict)
    adopt: bool = False
    reclaim: bool = False
    outrank: bool = False
    include_default: bool = False
    include_outbound: bool = False
    clear_allow_lists: bool = False

    def __post_init__(self) -> None:
        for word, words, what in (
            (self.target, TARGETS, "target"),
            (self.mechanism, MECHANISMS, "mechanism"),
            (self.plan, PLANS, "plan"),
            *((scope.get("target") or self.target, TARGETS, "target") for scope in self.scopes),
        ):
            if word not in words:
                raise ValueError(f"{word!r} is no {what}; there are {', '.join(words)}")
        mark(self.owner)
        if not self.scopes:
            self.scopes = ({"name": "all domains", "recipient_domain_is": list(self.domains)},)
            self.everybody = True
        else:
            self.everybody = False
        names = [folded(scope.get("name") or "") for scope in self.scopes]
        if "" in names or len(set(names)) < len(names):
            raise ValueError("every scope needs a name of its own")
        for scope in self.scopes:
            if not any(scope.get(name) for name in CONDITIONS):
                raise ValueError(f"the scope {scope['name']} needs one of {', '.join(CONDITIONS)}")
        if self.mechanism == "preset":
            for target in TARGETS:
                sharing = [str(scope["name"]) for scope in self.scopes if self.target_of(scope) == target]
                if len(sharing) > 1:
                    raise ValueError(
                        f"the preset {target} is for one scope, and {' and '.join(sharing)} aim at it: "
                        "name their people in one scope, or take the mechanism auto or custom"
                    )

    def target_of(self, scope: Mapping[str, Any]) -> str:
        return str(scope.get("target") or self.target)

    def name_of(self, scope: Mapping[str, Any]) -> str:
        return f"{self.owner} {self.target_of(scope).capitalize()} - {scope['name']}"


@dataclass
class Found:
    """What came out, as it is given to the role: see `protection`."""

    config: dict[str, list[Values]] = field(default_factory=dict)
    purge: dict[str, list[Values]] = field(default_factory=dict)
    covered: list[Values] = field(default_factory=list)
    foreign: list[Values] = field(default_factory=list)
    contested: list[Values] = field(default_factory=list)
    shadowed: list[Values] = field(default_factory=list)
    kept_lists: list[Values] = field(default_factory=list)
    overlay_conflicts: list[Values] = field(default_factory=list)
    not_applicable: list[Values] = field(default_factory=list)
    manual: list[Values] = field(default_factory=list)
    mechanisms: dict[str, str] = field(default_factory=dict)


def protection(existing: Mapping[str, Any], wishes: Wishes, effective: Mapping[str, Any] | None = None) -> Found:
    """What is to be written, and what is left alone with the reason.

    existing: the tenant's objects by kind, as configuration_info gives them with built_in. effective: by target, the subjects that
    effective_protection_info returned for it; what is missing is not known.
    Returns `config` and `purge` as the module configuration takes them (purge: zero-hour auto purge of policies that exist);
    beside them lists: covered (by somebody else's policy), foreign, contested, shadowed (whose policies a preset outranks), kept_lists
    (allow lists that are not emptied), overlay_conflicts, not_applicable (with the plan that would bring it) and manual (what only the
    portal can do); mechanisms: by scope.
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
    for kind in SCOPED:
        if kind in existing:
            _scoped(found, kind, existing[kind], wishes, effective or {})
    _presets(found, wishes)
    for kind in (*SINGLE, CONNECTION) if wishes.include_default else SINGLE:
        if kind in existing and options_for(kind, wishes.target, wishes.plan):
            found.config[kind] = [_settings(found, kind, wishes.target, wishes)]
    if wishes.include_default:
        for kind, name in DEFAULTS.items():
            _default(found, kind, name, existing, wishes)
    if wishes.include_outbound:
        _default(found, OUTBOUND, "Default", existing, wishes)
    for kind, noun in NOUNS.items():
        missing = next((plan for plan in PLANS if options_for(kind, wishes.target, plan)), None)
        if missing and not options_for(kind, wishes.target, wishes.plan):
            found.not_applicable.append({"kind": kind, "needs": missing, "settings": [one.setting for one in advice_for(noun, "e5")]})
    return found


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
    wanted: list[Values] = []
    for scope in wishes.scopes:
        name = wishes.name_of(scope)
        settings = _settings(found, kind, wishes.target_of(scope), wishes)
        if not settings:
            continue
        if found.mechanisms[scope["name"]] != "custom":
            if scope["name"] in (one["scope"] for one in found.manual):
                ours.discard(folded(name))  # nothing takes its place yet
            continue
        has = there.get(folded(name))
        covered = covering(scope, kind, effective.get(wishes.target_of(scope)) or (), marked, kept - {folded(name)})
        # Others reach what Microsoft recommends; what is wished for beyond that needs a policy of ours.
        if covered and settings == options_for(kind, wishes.target_of(scope), wishes.plan, wishes.clear_allow_lists):
            found.covered.append({"kind": kind, "scope": scope["name"], "by": covered})
            ours.discard(folded(name))
            continue
        wish: Values = {"name": name, **settings, "rule": {**_whom(kind, scope, wishes), "enabled": True}}
        if has is not None and folded(name) not in ours and not wishes.adopt:
            found.foreign.append({"kind": kind, "name": name})
            continue
        changed = contested(kind, has, wish, wishes.owner) if has is not None else []
        if changed and not wishes.reclaim:
            found.contested.append({"kind": kind, "name": name, "options": changed})
            ours.discard(folded(name))
            continue
        wish[MARKED], wish["rule"][SIGNED] = mark(wishes.owner), signature(has, wish, wishes.owner)
        wanted.append(wish)
        ours.discard(folded(name))
    stale = [there[name] for name in there if name in ours]
    place(wanted, there, stale, wishes.left_behind.get(kind) or ())
    for wish in wanted:
        _part_purge(found, kind, wish, there.get(folded(wish["name"])))
    gone = [{"name": one["name"], "state": "absent"} for one in stale]
    if wanted or gone:
        found.config[kind] = [*wanted, *gone]


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


def _settings(found: Found, kind: str, target: str, wishes: Wishes) -> Values:
    """The recommended settings of a kind, with what other bodies want beside them, and then with the tenant's own wishes."""
    settings = options_for(kind, target, wishes.plan, wishes.clear_allow_lists)
    if not settings:
        return {}
    if kind == "anti_phish_policy" and wishes.plan != "none":
        settings.update({name: list(wishes.lists[name]) for name in LISTS if wishes.lists.get(name)})
    advice = {snake(one.setting): one for one in advice_for(NOUNS[kind], wishes.plan)}
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
    """Brings a default policy to the target; what people let past stays, and is told."""
    has = by_name(existing.get(kind)).get(folded(name))
    settings = _settings(found, kind, wishes.target, wishes)
    if has is None or not settings:
        return
    if not wishes.clear_allow_lists:
        for one in advice_for(NOUNS[kind], wishes.plan):
            option = snake(one.setting)
            if one.allows and has.get(option) and option not in settings:
                found.kept_lists.append({"kind": kind, "name": has["name"], "option": option, "members": len(has[option])})
    wish: Values = {"name": has["name"], **settings}
    _part_purge(found, kind, wish, has)
    found.config.setdefault(kind, []).append(wish)
