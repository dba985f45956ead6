# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a rule covers a recipient: yes, no, or not known and why. Pure; private to the collection.

Values of one condition are alternatives, conditions of different kinds must all hold, and one exception of any kind is enough. [doc]
preset-security-policies, safe-links-policies-configure. A condition that is not known to hold makes the whole unknown, unless another one
decides it anyway.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from ansible_collections.m365.defender.plugins.module_utils._effective.comparing import members
from ansible_collections.m365.defender.plugins.module_utils._resource import Row
from ansible_collections.m365.defender.plugins.module_utils._types import folded

Truth: TypeAlias = "bool | None"  # None: not known

# The conditions of a rule, in this order: by address, by group, by domain. Exceptions have the same names behind `ExceptIf`.
TO = ("SentTo", "SentToMemberOf", "RecipientDomainIs")
FROM = ("From", "FromMemberOf", "SenderDomainIs")
KINDS = ("address", "group", "domain")


@dataclass(frozen=True)
class Named:
    """The values of one condition, as they are compared. exact: whether each is an address; else something may have another name too."""

    values: frozenset[str]
    exact: bool

    @staticmethod
    def of(value: Any) -> Named:
        found = frozenset(members(value))
        return Named(found, all("@" in one for one in found))

    def __str__(self) -> str:
        shown = sorted(self.values)
        return ", ".join(shown[:3]) + (f" and {len(shown) - 3} more" if len(shown) > 3 else "")


@dataclass(frozen=True)
class Terms:
    """For whom a rule is: its conditions and exceptions by address, group and domain, without those that are blank."""

    conditions: Mapping[str, Named]
    exceptions: Mapping[str, Named]

    @staticmethod
    def of(rule: Row, words: tuple[str, str, str] = TO) -> Terms:
        found = [
            {kind: Named.of(rule[prefix + word]) for kind, word in zip(KINDS, words, strict=True) if rule.get(prefix + word)}
            for prefix in ("", "ExceptIf")
        ]
        return Terms(*found)

    def addresses(self, domain: str) -> set[str]:
        """Every address of a domain that is named, in a condition or an exception."""
        named = [part["address"].values for part in (self.conditions, self.exceptions) if "address" in part]
        return {one for values in named for one in values if one.rpartition("@")[2] == domain}


@dataclass(frozen=True)
class Groups:
    """The groups that somebody belongs to, by every name a rule may give them. whole: whether these are all.

    dynamic: those among them with dynamic membership, which rules don't support. [doc] safe-links-policies-configure
    """

    names: frozenset[str] = frozenset()
    dynamic: frozenset[str] = frozenset()
    whole: bool = False
    why: str = ""

    def among(self, wanted: Named) -> Truth:
        if wanted.values & (self.names - self.dynamic):
            return True
        return False if self.whole and wanted.exact and not wanted.values & self.dynamic else None


@dataclass(frozen=True)
class Who:
    """Somebody whom rules are asked about: one recipient, or several whom no rule tells apart.

    address: the recipient's; "" for several. named: whether a rule that names addresses means several; None when not known.
    domain: that of the primary address; "" when not known. domains: where `domain` is not known, all that it can be.
    """

    label: str
    address: str = ""
    named: Truth = None
    domain: str = ""
    domains: frozenset[str] = frozenset()
    groups: Groups = Groups()

    def is_named(self, wanted: Named) -> Truth:
        if not self.address:
            return self.named
        if folded(self.address) in wanted.values:
            return True
        return False if wanted.exact else None

    def is_of(self, wanted: Named) -> Truth:
        """A rule's domain covers its subdomains too. [doc] safe-links-policies-configure"""
        found = {bool(_above(own) & wanted.values) for own in ({self.domain} if self.domain else self.domains)}
        return found.pop() if len(found) == 1 else None

    def fits(self, kind: str, wanted: Named) -> Truth:
        return {"address": self.is_named, "group": self.groups.among, "domain": self.is_of}[kind](wanted)


def _above(domain: str) -> set[str]:
    """A domain and those above it."""
    labels = domain.split(".")
    return {".".join(labels[place:]) for place in range(len(labels))}


@dataclass(frozen=True)
class Cover:
    """Whether a rule covers somebody. because: what decided it, or what would have to be known."""

    truth: Truth
    because: str


def cover(terms: Terms, who: Who, blank: Truth = True) -> Cover:
    """Whether a rule covers somebody. blank: what a rule without any condition covers: everybody (True), or not known (None)."""
    held = {kind: who.fits(kind, wanted) for kind, wanted in terms.conditions.items()}
    for kind, truth in held.items():
        if truth is False:
            return Cover(False, f"its rule is for {_told(kind, terms.conditions)}")
    hit = {kind: who.fits(kind, wanted) for kind, wanted in terms.exceptions.items()}
    for kind, truth in hit.items():
        if truth:
            return Cover(False, f"its exceptions name {_told(kind, terms.exceptions)}")
    open_questions = [
        *(_told(kind, terms.conditions) for kind, truth in held.items() if truth is None),
        *(_told(kind, terms.exceptions) for kind, truth in hit.items() if truth is None),
    ]
    if open_questions:
        text = f"it is not known whether {who.label} belongs to {' and '.join(open_questions)}"
        return Cover(None, f"{text}: {who.groups.why.rstrip('.')}" if who.groups.why else text)
    if not terms.conditions and blank is None:
        return Cover(None, "its rule has no condition, and whom such a rule covers is not documented for this type of policy")
    met = " and ".join(_told(kind, terms.conditions) for kind in terms.conditions)
    return Cover(True, f"its rule is for {met}" if met else "its rule is for everybody")


def _told(kind: str, terms: Mapping[str, Named]) -> str:
    """A condition in words, of whose values many are cut short."""
    return {"address": "{}", "group": "the members of {}", "domain": "those in {}"}[kind].format(terms[kind])


def groups_from(rows: Iterable[Mapping[str, Any]]) -> Groups:
    """The groups in an answer of the directory: mail address, further addresses, name and id of each.

    A caller who may not read groups gets them without their properties, so that the answer is not the whole. [doc] transitiveMemberOf
    """
    names: set[str] = set()
    dynamic: set[str] = set()
    whole = True
    for row in rows:
        if not str(row.get("@odata.type") or "").endswith(".group"):
            continue
        if row.get("displayName") is None:
            whole = False
            continue
        own = {row.get("mail"), row.get("displayName"), row.get("id"), *(_bare(one) for one in row.get("proxyAddresses") or ())}
        mine = {folded(one) for one in own if one}
        names |= mine
        if "DynamicMembership" in (row.get("groupTypes") or ()):
            dynamic |= mine
    why = "" if whole else "the caller may see that there are groups, but not which: grant it GroupMember.Read.All of Microsoft Graph"
    return Groups(frozenset(names), frozenset(dynamic), whole, why)


def _bare(proxy: Any) -> str:
    """The address in `SMTP:address`."""
    kind, dummy, address = str(proxy).partition(":")
    return address if folded(kind) == "smtp" else ""
