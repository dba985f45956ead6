# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What recipients really get: of all policies the one that reaches them, and what it lacks."""

from __future__ import annotations

from urllib.parse import quote

from ansible_collections.m365.defender.plugins.module_utils._effective.judging import analyzed
from ansible_collections.m365.defender.plugins.module_utils._effective.matching import Groups, groups_from
from ansible_collections.m365.defender.plugins.module_utils._effective.precedence import THREATS
from ansible_collections.m365.defender.plugins.module_utils._effective.recommended import PLANS, TARGETS
from ansible_collections.m365.defender.plugins.module_utils._effective.verdict import Found, Subject, subject_verdict
from ansible_collections.m365.defender.plugins.module_utils._errors import NotFound, TenantError
from ansible_collections.m365.defender.plugins.module_utils._reader import Answers, Ask, Reader
from ansible_collections.m365.defender.plugins.module_utils._resource import Query, Values
from ansible_collections.m365.defender.plugins.module_utils._types import folded
from ansible_collections.m365.defender.plugins.module_utils.readers._licences import plans_of, products_of
from ansible_collections.m365.defender.plugins.module_utils.readers.accepted_domain_info import DOMAINS

LICENCES = Ask("graph", Query("subscribedSkus"))
ANALYZER = {
    target: Ask("exchange", Query("ConfigAnalyzerPolicyRecommendation", (("RecommendedPolicyType", target.capitalize()),)))
    for target in TARGETS
}


def _nouns(plan: str | None) -> tuple[str, ...]:
    """Every noun that is read; without Defender for Office 365 none that its licence would have to bring."""
    return tuple(dict.fromkeys(noun for threat in THREATS if not (threat.built_in and plan == "none") for noun in threat.nouns))


def _memberships(user: str) -> Ask:
    """The groups of a recipient, nested ones too. [doc] user-list-transitivememberof; a user is found by its sign-in name, or by its id."""
    noun = f"users/{quote(user, safe='@')}/transitiveMemberOf"
    return Ask("graph", Query(noun, (("$select", "id,displayName,mail,proxyAddresses,groupTypes"), ("$top", 999))))


def _with_mail(noun: str, address: str) -> Ask:
    """The user or the group with this primary address. [doc] user-list, group-list: mail takes $filter with eq."""
    quoted = address.replace("'", "''")
    return Ask("graph", Query(noun, (("$filter", f"mail eq '{quoted}'"), ("$select", "id,mail"))))


def _asks(options: Values) -> tuple[Ask, ...]:
    return (
        *(Ask("exchange", Query(noun)) for noun in _nouns(options["plan"])),
        *ANALYZER.values(),
        DOMAINS,
        *((LICENCES,) if options["plan"] is None else ()),
        *(_memberships(address) for address in dict.fromkeys(options["recipients"] or ())),
        *(_with_mail("groups", address) for address in dict.fromkeys(options["groups"] or ())),
    )


def _further(options: Values, answers: Answers) -> tuple[Ask, ...]:
    """Where an address is nobody's sign-in name: whose primary address it is, and then the groups of that user."""
    asks = []
    for address in dict.fromkeys(options["recipients"] or ()):
        if isinstance(answers[_memberships(address)], NotFound):
            asks.append(_with_mail("users", address))
            found = answers.get(asks[-1])
            if found and not isinstance(found, TenantError):
                asks.append(_memberships(str(found[0]["id"])))
    return tuple(asks)


def _wrong(options: Values) -> list[str]:
    errors = []
    for option in ("recipients", "groups"):
        errors += [f'{option} must hold addresses, not "{one}"' for one in options.get(option) or () if "@" not in one.strip("@")]
    errors += [f'domains must hold domains, not "{one}"' for one in options.get("domains") or () if "@" in one or "." not in one]
    return errors


def _plan(options: Values, answers: Answers, rows: dict[str, Found]) -> Values:
    """What the tenant may use and what tells: the caller, the licences, or that policies of Safe Links could be read."""
    if options["plan"] is not None:
        return {"name": options["plan"], "told_by": "option", "reason": ""}
    skus = answers[LICENCES]
    if not isinstance(skus, TenantError):
        return {"name": products_of(plans_of(skus))["defender_for_office_365"], "told_by": "licences", "reason": ""}
    if not isinstance(rows["SafeLinksPolicy"], TenantError) and rows["SafeLinksPolicy"]:
        return {"name": "plan1", "told_by": "policies", "reason": skus.message}
    return {"name": None, "told_by": "", "reason": skus.message}


def _recipient(address: str, domains: frozenset[str] | None, answers: Answers) -> Subject:
    """A recipient with its groups, or the reason why it is none."""
    groups = answers[_memberships(address)]
    missing = ""
    if isinstance(groups, NotFound):
        users = answers.get(_with_mail("users", address))
        missing = "The directory has no user with that sign-in name"
        if isinstance(users, TenantError):
            missing += f", and whether one has that address could not be read: {users.message}"
        elif users:
            missing, groups = "", answers[_memberships(str(users[0]["id"]))]
        else:
            missing += " or that primary address."
    belongs = Groups(why=groups.message) if isinstance(groups, TenantError) else groups_from(groups)
    return Subject("recipient", address, domains, belongs, missing)


def _group(address: str, domains: frozenset[str] | None, answers: Answers) -> Subject:
    """A group. Whether it exists is not known where groups can't be read."""
    return Subject(
        "group", address, domains, missing="" if answers[_with_mail("groups", address)] else "The directory has no group with that address."
    )


def _subjects(options: Values, answers: Answers) -> list[Subject]:
    """Whom is asked about: those given, else every domain. Raises the TenantError that hides the domains where these are needed."""
    read = answers[DOMAINS]
    given = {kind: list(dict.fromkeys(options[kind] or ())) for kind in ("recipients", "groups", "domains")}
    if not any(given.values()):
        if isinstance(read, TenantError):
            raise read
        given["domains"] = sorted(str(row["DomainName"]) for row in read)
    domains = None if isinstance(read, TenantError) else frozenset(folded(row["DomainName"]) for row in read)
    return [
        *(_recipient(one, domains, answers) for one in given["recipients"]),
        *(_group(one, domains, answers) for one in given["groups"]),
        *(Subject("domain", one, domains) for one in given["domains"]),
    ]


def _answer(options: Values, answers: Answers) -> Values:
    rows: dict[str, Found] = {noun: answers[Ask("exchange", Query(noun))] for noun in _nouns(options["plan"])}
    target, plan = options["target"], _plan(options, answers, rows)
    shown = [subject_verdict(THREATS, one, rows, target, plan["name"]) for one in _subjects(options, answers)]
    states = {one["at_target"] for one in shown}
    return {
        "effective_protection": {
            "target": target,
            "plan": plan,
            "at_target": False if False in states else None if None in states or not states else True,
            "subjects": shown,
            "config_analyzer": {level: analyzed(level, plan["name"] or "none", answers[ask], rows) for level, ask in ANALYZER.items()},
        }
    }


EFFECTIVE_PROTECTION_INFO = Reader(
    kind="effective_protection_info",
    asks=_asks,
    answer=_answer,
    options={
        "recipients": {"type": "list", "elements": "str"},
        "groups": {"type": "list", "elements": "str"},
        "domains": {"type": "list", "elements": "str"},
        "target": {"type": "str", "choices": list(TARGETS), "default": "standard"},
        "plan": {"type": "str", "choices": list(PLANS)},
    },
    wrong=_wrong,
    further=_further,
)
