# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whom a rule covers: conditions are ANDed, values ORed, exceptions ORed, and what is not known stays so unless something else decides."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.m365.defender.plugins.module_utils._effective.matching import FROM, TO, Groups, Terms, Who, cover, groups_from

ADELE, ALEX = "adele@contoso.com", "alex@fabrikam.com"
SALES, IT = "sales@contoso.com", "it@contoso.com"
KNOWN = Who(ADELE, address=ADELE, domain="contoso.com", groups=Groups(frozenset({SALES}), whole=True))
UNSURE = Who(ADELE, address=ADELE, domain="contoso.com", groups=Groups(why="the caller may not read groups"))


def covers(who=KNOWN, blank=True, words=TO, **rule):
    return cover(Terms.of(rule, words), who, blank)


# What makes each kind of condition true, false, or (for somebody whose groups are not known) open.
VALUES = {
    "SentTo": {True: [ADELE], False: [ALEX]},
    "SentToMemberOf": {True: [SALES], False: [IT]},
    "RecipientDomainIs": {True: ["contoso.com"], False: ["fabrikam.com"]},
}


@pytest.mark.parametrize("conditions", list(product((None, True, False), repeat=3)))
@pytest.mark.parametrize("exceptions", list(product((None, True, False), repeat=3)))
def test_the_whole_truth_table(conditions, exceptions):
    rule = {word: VALUES[word][held] for word, held in zip(TO, conditions, strict=True) if held is not None}
    rule |= {f"ExceptIf{word}": VALUES[word][held] for word, held in zip(TO, exceptions, strict=True) if held is not None}
    expected = False not in conditions and True not in exceptions
    assert covers(**rule).truth is expected


@pytest.mark.parametrize("conditions", list(product((None, True, False), repeat=3)))
@pytest.mark.parametrize("exceptions", list(product((None, True, False), repeat=3)))
def test_what_is_not_known_stays_so_unless_something_else_decides(conditions, exceptions):
    """The same table for somebody whose groups are not known: every group is an open question."""
    rule = {word: VALUES[word][held] for word, held in zip(TO, conditions, strict=True) if held is not None}
    rule |= {f"ExceptIf{word}": VALUES[word][held] for word, held in zip(TO, exceptions, strict=True) if held is not None}
    sure = [held for word, held in zip(TO, conditions, strict=True) if word != "SentToMemberOf"]
    sure_out = [held for word, held in zip(TO, exceptions, strict=True) if word != "SentToMemberOf"]
    found = covers(UNSURE, **rule)
    if False in sure or True in sure_out:
        assert found.truth is False
    elif conditions[1] is not None or exceptions[1] is not None:
        assert found.truth is None
        assert "not known" in found.because and "may not read groups" in found.because
    else:
        assert found.truth is True


@pytest.mark.parametrize("word", TO)
def test_values_are_alternatives_and_case_does_not_matter(word):
    both = [*VALUES[word][False], VALUES[word][True][0].upper()]
    assert covers(**{word: both}).truth is True
    assert covers(**{f"ExceptIf{word}": both}).truth is False


@pytest.mark.parametrize(
    ("domain", "listed", "truth"),
    [
        ("contoso.com", ["contoso.com"], True),
        ("marketing.contoso.com", ["contoso.com"], True),
        ("contoso.com", ["marketing.contoso.com"], False),
        ("notcontoso.com", ["contoso.com"], False),
        ("contoso.com", ["com"], True),
    ],
)
def test_a_domain_covers_its_subdomains(domain, listed, truth):
    who = Who(f"a@{domain}", address=f"a@{domain}", domain=domain)
    assert covers(who, RecipientDomainIs=listed).truth is truth
    assert covers(who, ExceptIfRecipientDomainIs=listed).truth is not truth


@pytest.mark.parametrize(("blank", "truth"), [(True, True), (None, None)])
def test_blank_conditions_differ_by_type(blank, truth):
    assert covers(blank=blank).truth is truth
    assert covers(blank=blank, ExceptIfSentTo=[ADELE]).truth is False
    assert covers(blank=blank, SentTo=[ADELE]).truth is True


def test_null_and_empty_are_blank():
    assert covers(SentTo=None, SentToMemberOf=[], RecipientDomainIs=None, ExceptIfSentTo=[]).because == "its rule is for everybody"


def test_outbound_rules_have_words_of_their_own():
    rule = {"From": [ADELE], "SentTo": [ALEX], "ExceptIfSenderDomainIs": ["fabrikam.com"]}
    assert covers(words=FROM, **rule).truth is True
    assert covers(words=FROM, ExceptIfFromMemberOf=[SALES]).truth is False


def test_what_is_no_address_may_be_another_name():
    assert covers(SentTo=["Adele Example"]).truth is None
    assert covers(SentToMemberOf=["Sales team"]).truth is None
    named = Who(ADELE, address=ADELE, domain="contoso.com", groups=Groups(frozenset({SALES, "sales team"}), whole=True))
    assert covers(named, SentToMemberOf=["Sales team"]).truth is True


def test_many_values_are_told_short():
    rule = {"SentTo": [f"user{number}@contoso.com" for number in range(9)]}
    assert covers(**rule).because.endswith("and 6 more")


GROUP = {"@odata.type": "#microsoft.graph.group", "id": "1", "displayName": "Sales", "mail": SALES}


@pytest.mark.parametrize(
    ("rows", "asked", "truth"),
    [
        ([], [SALES], False),
        ([GROUP], [SALES], True),
        ([GROUP], ["sales"], True),
        ([{**GROUP, "proxyAddresses": ["SMTP:sales@contoso.com", "smtp:shop@contoso.com", "X500:/o=x"]}], ["shop@contoso.com"], True),
        ([{**GROUP, "@odata.type": "#microsoft.graph.directoryRole"}], [SALES], False),
        ([{**GROUP, "groupTypes": ["Unified", "DynamicMembership"]}], [SALES], None),
        ([{**GROUP, "displayName": None, "mail": None}], [SALES], None),
        ([GROUP, {**GROUP, "id": "2", "displayName": None, "mail": None}], [SALES], True),
        ([GROUP], ["Other group"], None),
    ],
)
def test_groups_as_the_directory_gives_them(rows, asked, truth):
    who = Who(ADELE, address=ADELE, domain="contoso.com", groups=groups_from(rows))
    assert covers(who, SentToMemberOf=asked).truth is truth


names = st.sampled_from(["a@contoso.com", "b@contoso.com", "c@fabrikam.com"])
some = st.lists(names, max_size=2)
domains = st.lists(st.sampled_from(["contoso.com", "fabrikam.com"]), max_size=2)


@given(names, some, some, domains, some, some, domains)
def test_against_a_plain_reading(who, to, groups, within, not_to, not_groups, not_within):
    """A second, plainer reading of the documented logic."""
    mine = {"a@contoso.com"}
    person = Who(who, address=who, domain=who.split("@")[1], groups=Groups(frozenset(mine), whole=True))
    rule = {"SentTo": to, "SentToMemberOf": groups, "RecipientDomainIs": within}
    rule |= {"ExceptIfSentTo": not_to, "ExceptIfSentToMemberOf": not_groups, "ExceptIfRecipientDomainIs": not_within}
    inside = (not to or who in to) and (not groups or bool(mine & set(groups))) and (not within or person.domain in within)
    outside = who in not_to or bool(mine & set(not_groups)) or person.domain in not_within
    assert covers(person, **rule).truth is (inside and not outside)


@given(some, some, domains, some, some, domains)
def test_knowing_more_never_turns_an_answer_round(to, groups, within, not_to, not_groups, not_within):
    rule = {"SentTo": to, "SentToMemberOf": groups, "RecipientDomainIs": within}
    rule |= {"ExceptIfSentTo": not_to, "ExceptIfSentToMemberOf": not_groups, "ExceptIfRecipientDomainIs": not_within}
    before = covers(Who("a@contoso.com", address="a@contoso.com", domain="contoso.com"), **rule).truth
    for groups_of in ((), ("b@contoso.com",), ("a@contoso.com", "c@fabrikam.com")):
        known = Groups(frozenset(groups_of), whole=True)
        after = covers(Who("a@contoso.com", address="a@contoso.com", domain="contoso.com", groups=known), **rule).truth
        assert after is not None
        assert before is None or before is after
