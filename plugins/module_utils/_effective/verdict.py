# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which policy somebody gets, and whether that is enough: for one recipient, for a domain, for the members of a group. Pure.

A domain means each of its recipients. Rules may single some of them out by address or by group, so it is taken apart into every address
that a rule names and all others; of these it is not known who is in which group. It is at the target only when every part of it is,
whatever the groups are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from ansible_collections.m365.defender.plugins.module_utils._effective.judging import shortfalls
from ansible_collections.m365.defender.plugins.module_utils._effective.matching import Cover, Groups, Terms, Truth, Who, cover
from ansible_collections.m365.defender.plugins.module_utils._effective.precedence import NOBODY, Link, Threat, chain
from ansible_collections.m365.defender.plugins.module_utils._errors import TenantError
from ansible_collections.m365.defender.plugins.module_utils._resource import Row, Values
from ansible_collections.m365.defender.plugins.module_utils._types import folded

KNOWN, PARTLY, UNKNOWN, NOT_APPLICABLE = "known", "partly", "unknown", "not_applicable"
WINS, PART, UNCLEAR, PASSED_OVER, OUTRANKED = "wins", "covers_part", "unclear", "passed_over", "outranked"
Found: TypeAlias = "Sequence[Row] | TenantError"
Judged = tuple[list[Values], Truth]


@dataclass(frozen=True)
class Subject:
    """Whom is asked about. kind: recipient, domain or group. domains: every domain that receives mail, None when not known.

    missing: a sentence that says so where the directory has no such recipient or group.
    """

    kind: str
    name: str
    domains: frozenset[str] | None
    groups: Groups = field(default_factory=Groups)
    missing: str = ""

    def parts(self, rules: Iterable[Terms]) -> list[Who]:
        """Those whom the rules may tell apart."""
        if self.kind == "recipient":
            return [Who(self.name, address=self.name, domain=folded(self.name.rpartition("@")[2]), groups=self.groups)]
        if self.kind == "group":
            belongs = Groups(frozenset({folded(self.name)}), why="of the members of the group nothing else is known")
            return [Who(f"each member of {self.name}", domains=self.domains or frozenset(), groups=belongs)]
        domain, unlooked = folded(self.name), Groups(why="who of a domain is in which group is not looked up")
        named = sorted(set[str]().union(*(terms.addresses(domain) for terms in rules)))
        others = f"everybody else in {self.name}" if named else f"everybody in {self.name}"
        alone = [Who(address, address=address, domain=domain, groups=unlooked) for address in named]
        return [*alone, Who(others, named=False, domain=domain, groups=unlooked)]

    @property
    def strange(self) -> str:
        """Why the subject is none of this tenant's, "" when it is or when that is not known."""
        if self.missing or self.kind == "group" or self.domains is None:
            return self.missing
        domain = folded(self.name.rpartition("@")[2])
        if any(domain == one or domain.endswith(f".{one}") for one in self.domains):
            return ""
        return f"{domain} is no domain for which the tenant receives mail."


@dataclass
class Walk:
    """The way of one part along the chain: what each policy was to it, and those that it may have."""

    who: Who
    covers: list[tuple[str, str]] = field(default_factory=list)
    may: list[Link] = field(default_factory=list)
    sure: bool = False


def walk(links: Sequence[Link], who: Who) -> Walk:
    """Goes along the chain until a policy covers the part for certain."""
    way = Walk(who)
    for link in links:
        if link.out:
            way.covers.append((PASSED_OVER, link.out))
        elif way.sure:
            way.covers.append((OUTRANKED, "another policy goes before it"))
        else:
            found = _cover(link, who)
            if found.truth is not False:
                way.may.append(link)
            way.sure = found.truth is True
            word = {True: WINS if len(way.may) == 1 else UNCLEAR, None: UNCLEAR, False: PASSED_OVER}[found.truth]
            way.covers.append((word, found.because if word != UNCLEAR or found.truth is None else "it depends on the policies before it"))
    return way


def _cover(link: Link, who: Who) -> Cover:
    if link.terms is None:
        return Cover(True, "nothing else covers them" if link.by == NOBODY else "it is for everybody whom no other policy covers")
    return cover(link.terms, who, link.blank)


def threat_verdict(threat: Threat, subject: Subject, rows: Mapping[str, Found], target: str, plan: str | None) -> Values:
    """What a subject gets of one type of policy. rows: by noun, or the error that came instead. plan: None when not known."""
    if threat.built_in and plan == "none":
        return _empty(threat, NOT_APPLICABLE, "No licence brings it: Defender for Office 365 Plan 1 would.")
    if subject.strange:
        return _empty(threat, UNKNOWN, subject.strange)
    read: dict[str, Sequence[Row]] = {}
    for noun in threat.nouns:
        answer = rows[noun]
        if isinstance(answer, TenantError):
            return _empty(threat, UNKNOWN, answer.message)
        read[noun] = answer
    if not read[threat.noun]:
        return _empty(threat, UNKNOWN, f"The service gave no {threat.title} policy, though there always is one.")
    links = chain(threat, read)
    rules = [link.terms for link in links if link.terms and not link.out]
    ways = [walk(links, who) for who in subject.parts(rules)]
    judged = {link: _judge(link, threat, target, plan) for way in ways for link in way.may}
    policies = [_policy(link, ways, judged[link]) for link in links if link in judged]
    known = len(policies) == 1 and all(way.sure for way in ways)
    state = KNOWN if known else PARTLY if subject.kind == "domain" and policies else UNKNOWN
    return {
        **_empty(threat, state, _reason(state, policies, ways)),
        "policy": policies[0]["policy"] if known else None,
        "by": policies[0]["by"] if known else "",
        "at_target": _whole([_part(way, judged) for way in ways]),
        "shortfalls": policies[0]["shortfalls"] if known else [],
        "policies": policies,
        "chain": [_told(place, link, ways) for place, link in enumerate(links) if link.by != NOBODY],
    }


def _empty(threat: Threat, state: str, reason: str) -> Values:
    return {
        "title": threat.title,
        "state": state,
        "reason": reason,
        "policy": None,
        "by": "",
        "at_target": None,
        "shortfalls": [],
        "policies": [],
        "chain": [],
    }


def _judge(link: Link, threat: Threat, target: str, plan: str | None) -> Judged:
    """What is missing from a policy, and whether it is at the target. Where the plan is not known, what every tenant has may decide."""
    if link.row is None:
        return [], False
    short = shortfalls(link.row, threat.noun, target, plan or "none")
    if plan is None and not short and shortfalls(link.row, threat.noun, target, "plan1"):
        return [], None
    return short, not short


def _policy(link: Link, ways: Sequence[Walk], judged: Judged) -> Values:
    mine = [way for way in ways if link in way.may]
    return {
        "policy": link.policy or None,
        "by": link.by,
        "recipients": [way.who.label for way in mine if way.sure and len(way.may) == 1],
        "perhaps": [way.who.label for way in mine if not (way.sure and len(way.may) == 1)],
        "at_target": judged[1],
        "shortfalls": judged[0],
    }


def _part(way: Walk, judged: Mapping[Link, Judged]) -> Truth:
    """Whether one part is at the target, whichever of its policies it has."""
    fine = {judged[link][1] for link in way.may}
    return fine.pop() if len(fine) == 1 and way.sure else None


def _whole(parts: Iterable[Truth]) -> Truth:
    """Not at the target when one part is not, at the target when all are."""
    found = set(parts)
    return False if False in found else None if None in found or not found else True


def _reason(state: str, policies: Sequence[Values], ways: Sequence[Walk]) -> str:
    open_questions = list(dict.fromkeys(why for way in ways for word, why in way.covers if word == UNCLEAR and "depends on" not in why))
    if state == KNOWN:
        because = next(why for word, why in ways[0].covers if word == WINS)
        if policies[0]["by"] == NOBODY:
            return "The exceptions of Built-in protection leave them out, and nothing else covers them."
        return f"{policies[0]['policy']}: {because}."
    if not policies:
        return "; ".join(dict.fromkeys(why for way in ways for dummy, why in way.covers)) + "."
    names = ", ".join(str(one["policy"] or "no policy at all") for one in policies)
    text = f"{'Different policies' if state == PARTLY else 'One of several policies'}: {names}."
    return text + (f" {open_questions[0][:1].upper()}{open_questions[0][1:]}." if open_questions else "")


def _told(place: int, link: Link, ways: Sequence[Walk]) -> Values:
    """One policy of the chain, over all parts."""
    words = {way.covers[place][0] for way in ways}
    reasons = list(dict.fromkeys(way.covers[place][1] for way in ways if way.covers[place][0] != OUTRANKED or words == {OUTRANKED}))
    word = words.pop() if len(words) == 1 else PART if WINS in words else UNCLEAR if UNCLEAR in words else PASSED_OVER
    reason = "; ".join(reasons[:3]) + (f"; and {len(reasons) - 3} more such" if len(reasons) > 3 else "")
    return {"by": link.by, "policy": link.policy or None, "rule": link.rule or None, "outcome": word, "reason": reason}


def subject_verdict(threats: Sequence[Threat], subject: Subject, rows: Mapping[str, Found], target: str, plan: str | None) -> Values:
    """What a subject gets of every type. Types that don't count are shown all the same."""
    found = {threat.kind: threat_verdict(threat, subject, rows, target, plan) for threat in threats}
    counted = [found[threat.kind]["at_target"] for threat in threats if threat.counts and found[threat.kind]["state"] != NOT_APPLICABLE]
    return {"subject": subject.name, "kind": subject.kind, "at_target": _whole(counted), "threats": found}
