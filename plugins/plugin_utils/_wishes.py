# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role email_protection is asked for, and whether the licences go round. Pure; private to the collection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._description import Values
from ansible_collections.m365.defender.plugins.module_utils._effective.recommended import NOUNS, PLANS, TARGETS
from ansible_collections.m365.defender.plugins.module_utils._registry import RESOURCES
from ansible_collections.m365.defender.plugins.module_utils._types import folded
from ansible_collections.m365.defender.plugins.module_utils._validating import Validator
from ansible_collections.m365.defender.plugins.module_utils.readers._licences import EXCHANGE, OFFICE_1, OFFICE_2
from ansible_collections.m365.defender.plugins.plugin_utils._marks import MARKED, mark

MECHANISMS = ("auto", "preset", "custom", "none")
CONDITIONS = ("sent_to", "sent_to_member_of", "recipient_domain_is")
EXCEPTIONS = tuple(f"except_if_{name}" for name in CONDITIONS)
# What a tenant may have otherwise, and the options that are the role's own.
OVERRIDDEN = tuple(kind for kind in NOUNS if kind != "sharepoint_tenant")
NOT_OVERRIDDEN = frozenset({"name", "state", "rule", MARKED})


@dataclass
class Wishes:
    """What the role is asked for. skus: the tenant's subscriptions, as license_info gives them. accepted: the domains for which the tenant
    receives mail; none when they are not known yet.

    Raises ValueError for words that do not exist, for scopes without name or condition, for scopes that would share a preset, for a preset
    that some policies of are for others, for people who are none of the tenant's, and for overrides that are no options.
    """

    target: str = "standard"
    mechanism: str = "auto"
    plan: str = "none"
    owner: str = "m365.defender"
    scopes: Sequence[Mapping[str, Any]] = ()
    domains: Sequence[str] = ()
    accepted: Sequence[str] = ()
    left_behind: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    apart: Mapping[str, Mapping[str, Mapping[str, Any]]] = field(default_factory=dict)
    licensed_users: str = ""
    skus: Sequence[Mapping[str, Any]] = ()
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
        _check(self.overrides)
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
        if self.accepted and self.mechanism != "none":
            self._check_domains()
        if self.mechanism == "preset":
            if self.everybody and self.licensed_users:
                raise ValueError(
                    f"a preset is for the same people with all its policies, and so not for {self.licensed_users} with some of them: "
                    "leave licensed_users empty, name scopes, or take the mechanism auto or custom"
                )
            for target in TARGETS:
                sharing = [str(scope["name"]) for scope in self.scopes if self.target_of(scope) == target]
                if len(sharing) > 1:
                    raise ValueError(
                        f"the preset {target} is for one scope, and {' and '.join(sharing)} aim at it: "
                        "name their people in one scope, or take the mechanism auto or custom"
                    )

    def _check_domains(self) -> None:
        """A policy for a domain that the tenant does not have would be for nobody, and nothing says that the service refuses it."""
        known = {folded(one) for one in self.accepted}
        for scope in self.scopes:
            where = "email_protection_domains" if self.everybody else f"the scope {scope['name']}"
            for name in (value for condition in (*CONDITIONS, *EXCEPTIONS) for value in scope.get(condition) or ()):
                domain = folded(name).rpartition("@")[2]
                if "." in domain and not any(domain == one or domain.endswith(f".{one}") for one in known):
                    receiving = ", ".join(sorted(known))
                    raise ValueError(f"{where} names {name}, and the tenant receives no mail for {domain}, only for {receiving}")

    def target_of(self, scope: Mapping[str, Any]) -> str:
        return str(scope.get("target") or self.target)

    def name_of(self, scope: Mapping[str, Any]) -> str:
        return f"{self.owner} {self.target_of(scope).capitalize()} - {scope['name']}"


def _check(overrides: Mapping[str, Mapping[str, Any]]) -> None:
    """Raises ValueError for an override of which nothing would come, or which a task would refuse after others have written."""
    for kind, options in overrides.items():
        if kind not in OVERRIDDEN:
            raise ValueError(f"there is nothing to override in {kind}; there are {', '.join(OVERRIDDEN)}")
        if not isinstance(options, Mapping):
            raise ValueError(f"the overrides of {kind} must be a dictionary of its options")
        resource = RESOURCES[kind]
        spec = {name: one for name, one in resource.spec.items() if name not in NOT_OVERRIDDEN}
        for option in options:
            if option not in spec:
                raise ValueError(f"the override {kind}.{option} is none; there are {', '.join(spec)}")
        found = Validator(spec).validate(dict(options))
        known = {name: value for name, value in found.validated_parameters.items() if name in options and value is not None}
        faults = found.error_messages or resource.wrong({"name": "x", **known})
        if faults:
            raise ValueError(f"the overrides of {kind}: {'; '.join(faults)}")


def few_licences(wishes: Wishes) -> list[Values]:
    """Scopes that cover whole domains although fewer people can have Defender for Office 365 than have a mailbox.

    Whom it protects needs a licence; the service itself does not look. Somebody with two subscriptions counts twice, so it is a hint.
    name_in: the variable where those who have one can be named.
    """
    people = sum(int(one.get("consumed") or 0) for one in wishes.skus if set(EXCHANGE) & set(one["plans"]))
    office = sum(_bought(one) for one in wishes.skus if {*OFFICE_1, *OFFICE_2} & set(one["plans"]))
    if wishes.plan == "none" or office >= people:
        return []
    return [
        {"scope": scope["name"], "licences": office, "mailboxes": people, "name_in": "licensed_users" if wishes.everybody else "scopes"}
        for scope in wishes.scopes
        if scope.get("recipient_domain_is") and not (wishes.everybody and wishes.licensed_users)
    ]


def _bought(sku: Mapping[str, Any]) -> int:
    units = sku.get("units") or {}
    return int(units.get("enabled") or 0) + int(units.get("warning") or 0)
