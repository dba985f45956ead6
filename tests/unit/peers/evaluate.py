# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Other products' checks, held against what a tenant has. Pure: what a product would say is decided here, without the product.

Each way of reading is described at the top of checks.yml. Where a product's rule and its note disagree, the stricter one counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

CHECKS = Path(__file__).parent / "checks.yml"
Object = Mapping[str, Any]
# In the order of their precedence.
PRESETS = ("strict", "standard")
PEOPLE = ("sent_to", "sent_to_member_of", "except_if_sent_to", "except_if_sent_to_member_of", "except_if_recipient_domain_is")
# What quarantine a spam verdict leads to: the option of the action, and that of the policy that it names.
SPAM = (
    ("spam_action", "spam_quarantine_tag"),
    ("high_confidence_spam_action", "high_confidence_spam_quarantine_tag"),
    ("bulk_spam_action", "bulk_quarantine_tag"),
)
UNSEEN = "\u200b"  # five names of alert policies end in it [code]


@dataclass(frozen=True)
class Want:
    """One setting that a check asks for; see checks.yml for the words in `op`."""

    kind: str
    option: str
    op: str
    value: Any = field(default=None, hash=False)


@dataclass(frozen=True)
class Because:
    """Why a check can't be met, or can't be told, by configuration alone. kind: one of checks.yml's words."""

    kind: str
    text: str


@dataclass(frozen=True)
class Check:
    """One check of one product. stricter: it is the second level of a check."""

    id: str
    source: str
    title: str
    in_scope: bool
    level: str = ""
    plan: str = "none"
    reads: str = ""
    presets: str = "any"
    skips: str = ""
    match: str = "all"
    names: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    if_there: tuple[str, ...] = ()
    wants: tuple[Want, ...] = ()
    because: Because | None = None
    remark: str = ""
    stricter: bool = False


@dataclass(frozen=True)
class Tenant:
    """What a tenant has: by kind the objects as they are exported, each with everything else that the service says of it."""

    objects: Mapping[str, Sequence[Object]]
    domains: Sequence[str]


@dataclass(frozen=True)
class Verdict:
    """met: None when only the tenant, or nobody, can tell. failing: what was not as wanted."""

    met: bool | None
    failing: tuple[Want, ...] = field(default=())


@cache
def sources() -> dict[str, dict[str, Any]]:
    """Which products, and where their checks stand in public."""
    return dict(_document()["sources"])


@cache
def checks() -> tuple[Check, ...]:
    """Every check; one that has a stricter level stands there twice."""
    found = []
    for one in _document()["checks"]:
        common: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in one.items()}
        stricter, why = common.pop("stricter", ()), common.pop("stricter_because", None)
        common["because"] = Because(**one["because"]) if "because" in one else None
        common["wants"] = tuple(Want(**want) for want in one.get("wants", ()))
        found.append(Check(**common))
        if stricter:
            common["wants"] = tuple(Want(**want) for want in stricter)
            common["because"] = Because(**why) if why else None
            common["title"] = f"{one['title']}, stricter level"
            found.append(Check(**common, stricter=True))
    return tuple(found)


@cache
def _document() -> dict[str, Any]:
    return dict(yaml.safe_load(CHECKS.read_text(encoding="utf-8")))


def evaluate(check: Check, tenant: Tenant) -> Verdict:
    """What a product's check would say. Raises ValueError for a way of reading that does not exist."""
    if check.reads not in READERS:
        raise ValueError(f"{check.reads!r} is no way of reading; there are {', '.join(READERS)}")
    return READERS[check.reads](check, tenant)


# ---------------------------------------------------------------- one object


def holds(want: Want, one: Object, domains: Sequence[str] = ()) -> bool | None:
    """Whether an object has what is wanted; None where only the tenant knows what is right."""
    has = one.get(want.option)
    if want.op == "tenant":
        return None
    return OPERATORS[want.op](has, domains if want.op == "all_domains" else want.value)


def _plain(value: Any) -> Any:
    return str(value).casefold().removeprefix(".") if isinstance(value, str) else value


def _members(value: Any) -> set[Any]:
    return {_plain(one) for one in (value if isinstance(value, list | tuple) else [] if value is None else [value])}


def _number(value: Any) -> float:
    return float("nan") if value is None else float(value)


OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda has, value: _plain(has) == _plain(value),
    "ne": lambda has, value: _plain(has) != _plain(value),
    "in": lambda has, value: _plain(has) in _members(value),
    "not_in": lambda has, value: _plain(has) not in _members(value),
    "empty": lambda has, value: not has,
    "not_empty": lambda has, value: bool(has),
    "includes": lambda has, value: _members(value) <= _members(has),
    "all_domains": lambda has, value: _members(value) <= _members(has),
    "between": lambda has, value: value[0] <= _number(has) <= value[1],
    "ge": lambda has, value: _number(has) >= value,
    "le": lambda has, value: _number(has) <= value,
    "count_ge": lambda has, value: len(_members(has)) >= value,
}


def judged(check: Check, one: Object | None, tenant: Tenant) -> Verdict:
    """One object against all that a check wants of it (or, with `match: any`, against at least one wish)."""
    if one is None:
        return Verdict(False, check.wants)
    answers = [(want, holds(want, one, tenant.domains)) for want in check.wants]
    if check.match == "any":
        met = any(answer for dummy, answer in answers)
        return Verdict(met, () if met else check.wants)
    failing = tuple(want for want, answer in answers if answer is False)
    return Verdict(False if failing else None if any(answer is None for dummy, answer in answers) else True, failing)


def _every(check: Check, objects: Iterable[Object], tenant: Tenant) -> Verdict:
    """Every object has to do; there has to be one."""
    verdicts = [judged(check, one, tenant) for one in objects]
    failing = tuple(dict.fromkeys(want for one in verdicts for want in one.failing))
    met = [one.met for one in verdicts]
    return Verdict(False if False in met or not met else None if None in met else True, failing)


def _some(check: Check, objects: Iterable[Object], tenant: Tenant) -> Verdict:
    """One object that does is enough; of those that do not, the one that comes nearest is told."""
    verdicts = [judged(check, one, tenant) for one in objects]
    if any(one.met for one in verdicts):
        return Verdict(True)
    nearest = min(verdicts, key=lambda one: (one.met is False, len(one.failing)), default=Verdict(False, check.wants))
    return nearest


# ---------------------------------------------------------------- which objects


def _kind(check: Check) -> str:
    return check.wants[0].kind


def _tier(one: Object) -> str:
    """Whose a policy is: standard, strict (of a preset), built_in, default, or custom."""
    recommended = _plain(one.get("recommended_policy_type") or "")
    if recommended in PRESETS:
        return str(recommended)
    if one.get("is_built_in_protection"):
        return "built_in"
    return "default" if one.get("is_default") else "custom"


def _of(kind: str, tenant: Tenant, *tiers: str) -> list[Object]:
    return [one for one in tenant.objects[kind] if _tier(one) in tiers]


def _presets_on(tenant: Tenant) -> list[Object]:
    """The presets that are on, the higher one first."""
    on = [one for one in tenant.objects["preset_security_policy"] if one.get("enabled")]
    return sorted(on, key=lambda one: PRESETS.index(one["name"]))


def _ruled(kind: str, tenant: Tenant) -> list[Object]:
    """Custom policies whose rule is on, in the order of their rules."""
    on = [one for one in _of(kind, tenant, "custom") if (one.get("rule") or {}).get("enabled")]
    return sorted(on, key=lambda one: one["rule"]["priority"])


def _names_all(rule: Object, tenant: Tenant) -> bool:
    """Whether a rule names every domain, and neither recipients nor groups nor exceptions."""
    return not any(rule.get(name) for name in PEOPLE) and _members(tenant.domains) <= _members(rule.get("recipient_domain_is"))


def _last(kind: str, tenant: Tenant) -> Object | None:
    """What is left for everybody whom no rule reaches."""
    return next(iter((*_of(kind, tenant, "built_in"), *_of(kind, tenant, "default"))), None)


def _preset_for_all(kind: str, tenant: Tenant) -> Object | None:
    """The policy of the highest preset that is on and has no conditions. Exceptions are not looked at."""
    for preset in _presets_on(tenant):
        for one in _of(kind, tenant, preset["name"]) if preset.get("everyone") else ():
            return one
    return None


def _covers_everyone(check: Check, tenant: Tenant) -> Verdict:
    kind = _kind(check)
    found = _preset_for_all(kind, tenant)
    if found is None:
        first = next(iter(_ruled(kind, tenant)), None)
        # Of Safe Links a custom rule counts only without any condition, and the service makes no such rule.
        counts = first is not None and kind != "safe_links_policy" and _names_all(first["rule"], tenant)
        found = first if counts else _last(kind, tenant)
    return judged(check, found, tenant)


def _own_policy(check: Check, tenant: Tenant) -> Verdict:
    kind = _kind(check)
    found = _preset_for_all(kind, tenant)
    custom = next((one for one in _ruled(kind, tenant) if _names_all(one["rule"], tenant)), None)
    return judged(check, found or custom or _last(kind, tenant), tenant)


def applying(kind: str, tenant: Tenant) -> list[Object]:
    """Every policy of a kind that applies to somebody, as the analyzer counts."""
    presets = [one for preset in _presets_on(tenant) for one in _of(kind, tenant, preset["name"])]
    rest = [] if presets else _of(kind, tenant, "default", "built_in")
    return [*presets, *_ruled(kind, tenant), *rest]


def _applied(check: Check, tenant: Tenant) -> Verdict:
    return _every(check, [one for one in applying(_kind(check), tenant) if _tier(one) != check.skips], tenant)


def _all(check: Check, tenant: Tenant) -> Verdict:
    """Kinds without an object of what is wanted, such as entries of a list, have nothing that could be wrong."""
    verdicts = []
    for kind in dict.fromkeys(want.kind for want in check.wants):
        some = tuple(want for want in check.wants if want.kind == kind)
        if kind not in tenant.objects:
            verdicts.append(Verdict(None))
        elif tenant.objects[kind]:
            verdicts.append(_every(_only(check, some), tenant.objects[kind], tenant))
    met = [one.met for one in verdicts]
    return Verdict(False if False in met else None if None in met else True, tuple(want for one in verdicts for want in one.failing))


def _only(check: Check, wants: tuple[Want, ...]) -> Check:
    return Check(**{**vars(check), "wants": wants})


def _any(check: Check, tenant: Tenant) -> Verdict:
    return _some(check, tenant.objects[_kind(check)], tenant)


def _together(check: Check, tenant: Tenant) -> Verdict:
    """The lists of all policies in which everything but the lists is as wanted, joined."""
    whole = {"includes", "count_ge"}
    switches = _only(check, tuple(want for want in check.wants if want.op not in whole))
    right = [one for one in tenant.objects[_kind(check)] if judged(switches, one, tenant).met]
    joined = {want.option: [member for one in right for member in one.get(want.option) or ()] for want in check.wants if want.op in whole}
    return judged(_only(check, tuple(want for want in check.wants if want.op in whole)), joined, tenant)


def _default_object(check: Check, tenant: Tenant) -> Verdict:
    kind = _kind(check)
    objects = _of(kind, tenant, "default") or tenant.objects[kind]
    return judged(check, next(iter(objects), None), tenant)


def _built_in_object(check: Check, tenant: Tenant) -> Verdict:
    return judged(check, next(iter(_of(_kind(check), tenant, "built_in")), None), tenant)


def _singleton(check: Check, tenant: Tenant) -> Verdict:
    objects = tenant.objects.get(_kind(check))
    return Verdict(None) if objects is None else judged(check, next(iter(objects), None), tenant)


def _preset_pair(check: Check, tenant: Tenant) -> Verdict:
    kind = _kind(check)
    if not all(_of(kind, tenant, preset) for preset in PRESETS):
        return Verdict(False)
    empty = [want for want in check.wants if want.op == "empty"]
    if empty:  # no policy at all may have an entry
        return _every(check, tenant.objects[kind], tenant)
    return _some(check, tenant.objects[kind], tenant)


def _both_presets(check: Check, tenant: Tenant) -> Verdict:
    found = [one for preset in PRESETS for one in _of(_kind(check), tenant, preset)]
    return _every(check, found, tenant) if len(found) == len(PRESETS) else Verdict(False)


def _preset_rules(check: Check, tenant: Tenant) -> Verdict:
    presets = {one["name"]: one for one in tenant.objects["preset_security_policy"]}
    if check.presets == "any":
        return _some(check, presets.values(), tenant)
    names = PRESETS if check.presets == "all" else (check.presets,)
    verdicts = [judged(check, presets.get(name), tenant) for name in names]
    met = [one.met for one in verdicts]
    return Verdict(False if False in met else None if None in met else True, tuple(want for one in verdicts for want in one.failing))


def _rules(check: Check, tenant: Tenant) -> Verdict:
    """Every domain in a rule that is on and has neither recipients nor groups, whether a custom policy's or a preset's."""
    rules = [*(one["rule"] for one in _ruled(_kind(check), tenant)), *_presets_on(tenant)]
    named = [name for rule in rules if not any(rule.get(option) for option in PEOPLE) for name in rule.get("recipient_domain_is") or ()]
    return judged(check, {"recipient_domain_is": named}, tenant)


def _alerts(check: Check, tenant: Tenant) -> Verdict:
    alerts = tenant.objects["protection_alert"]
    by_name = {str(one.get("name")).strip(UNSEEN): one for one in alerts}
    by_id = {str(one.get("exchange_object_id")): one for one in alerts}
    if not (check.names or check.ids or check.if_there):
        return _some(check, alerts, tenant)
    wanted = [*(by_name.get(name) for name in check.names), *(by_id.get(one) for one in check.ids)]
    verdicts = [judged(check, one, tenant) for one in [*wanted, *(by_name[name] for name in check.if_there if name in by_name)]]
    met = all(one.met for one in verdicts)
    return Verdict(met, () if met else check.wants)


def _quarantine_policies_in_use(check: Check, tenant: Tenant) -> Verdict:
    policies = {_plain(one["name"]): one for one in tenant.objects["quarantine_policy"]}
    used = [one[tag] for one in applying("hosted_content_filter_policy", tenant) for action, tag in SPAM if one.get(action) == "Quarantine"]
    return _every(check, [policies.get(_plain(name), {}) for name in dict.fromkeys(used)], tenant) if used else Verdict(True)


def _portal(check: Check, tenant: Tenant) -> Verdict:
    return Verdict(None)


READERS: dict[str, Callable[[Check, Tenant], Verdict]] = {
    "covers_everyone": _covers_everyone,
    "applied": _applied,
    "all": _all,
    "any": _any,
    "together": _together,
    "default_object": _default_object,
    "built_in_object": _built_in_object,
    "singleton": _singleton,
    "preset_pair": _preset_pair,
    "both_presets": _both_presets,
    "preset_rules": _preset_rules,
    "rules": _rules,
    "alerts": _alerts,
    "quarantine_policies_in_use": _quarantine_policies_in_use,
    "own_policy": _own_policy,
    "portal": _portal,
}
