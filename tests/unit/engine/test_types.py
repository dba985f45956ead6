# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each kind of value: reading, writing, sameness, showing, refusing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.m365.defender.plugins.module_utils._times import Duration, Moment
from ansible_collections.m365.defender.plugins.module_utils._types import (
    Address,
    ArrayOf,
    Bool,
    Choice,
    Code,
    Int,
    MultiValued,
    Name,
    NameAndAddress,
    SequenceOf,
    SetOf,
    Text,
)

COLOUR = Choice("Red", "Green", "Default", same={"Default": "Red"})
LEVEL = Code(none=0, full=3)


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        (Bool(), True, True),
        (Int(), 4, 4),
        (Text(), None, ""),
        (Name(), "Contoso.COM", "contoso.com"),
        (Name(), "Email removed\u200b", "email removed"),
        (COLOUR, "red", "Red"),
        (COLOUR, "Default", "Red"),
        (LEVEL, "full", "full"),
        (Moment(), "2027-01-31T12:00:00Z", "2027-01-31T12:00:00.0000000+00:00"),
        (Moment(), "2027-01-31T12:00Z", "2027-01-31T12:00:00Z"),
        (Moment(), "2027-01-31 12:00:00+00:00", "2027-01-31T12:00:00Z"),
        (SetOf(), ["b", "A"], ["a", "B"]),
        (SetOf(), None, []),
        (SetOf(), ["a", "a"], ["a"]),
        (SetOf(Text()), ["A", "b"], ["b", "A"]),
        (NameAndAddress(), "An Example;a@contoso.com", "an example; A@contoso.com"),
        (MultiValued(NameAndAddress()), ["An Example;a@contoso.com"], ["An Example; a@contoso.com"]),
        (Duration(), "04:00:00", "PT4H"),
        (Duration(), "1.00:00:00", "24:00:00"),
        (Duration(), None, "PT0S"),
        (SequenceOf(), ["a", "b"], ["a", "b"]),
        (SequenceOf(), None, []),
    ],
)
def test_same(kind, one, other):
    assert kind.same(one, other) and kind.same(other, one)


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        (Bool(), True, False),
        (Int(), 4, 5),
        (Text(), "a", "A"),
        (Name(), "a", "b"),
        (COLOUR, "Green", "Red"),
        (LEVEL, "full", "none"),
        (Moment(), "2027-01-31T12:00:00Z", "2027-01-31T12:00:01Z"),
        (SetOf(), ["a"], ["a", "b"]),
        (Duration(), "04:00:00", "P1D"),
        (SequenceOf(), ["a", "b"], ["b", "a"]),
        (SequenceOf(), ["a"], ["a", "a"]),
        (SetOf(Text()), ["a"], ["A"]),
        (NameAndAddress(), "An Example;a@contoso.com", "An Example;b@contoso.com"),
    ],
)
def test_different(kind, one, other):
    assert not kind.same(one, other) and not kind.same(other, one)


@pytest.mark.parametrize(
    ("kind", "wire", "value"),
    [
        (Bool(), True, True),
        (Bool(), "False", False),
        (Int(), "7", 7),
        (Text(), None, ""),
        (Name(shown="nobody"), "", "nobody"),
        (Name(shown="nobody"), "a", "a"),
        (COLOUR, "GREEN", "Green"),
        (COLOUR, "Violet", "Violet"),
        (LEVEL, 3, "full"),
        (LEVEL, 17, 17),
        (Moment(), None, None),
        (SetOf(), None, []),
        (SetOf(), "alone", ["alone"]),
        (SetOf(), ["a"], ["a"]),
        (Duration(), "P7D", "7.00:00:00"),
        (Duration(), "PT1H30M", "01:30:00"),
        (Duration(), "soon", "soon"),
        (SequenceOf(), None, []),
        (MultiValued(Address()), [{"Sender": {"Address": "a@b.c"}}, {"Domain": "b.c"}, "d@e.f"], ["a@b.c", "b.c", "d@e.f"]),
    ],
)
def test_read(kind, wire, value):
    assert kind.read(wire) == value


@pytest.mark.parametrize(
    ("kind", "value", "wire"),
    [
        (LEVEL, "full", 3),
        (Name(shown="nobody"), "Nobody", ""),
        (Name(shown="nobody"), "a", "a"),
        (Moment(), "", None),
        (Moment(), "2027-01-31 12:00:00+00:00", "2027-01-31T12:00:00Z"),
        (MultiValued(), ["a"], ["a"]),
        (MultiValued(), [], {"@odata.type": "#Exchange.GenericHashTable"}),
        (ArrayOf(), [], None),
        (ArrayOf(), ["b@c.d", "A@c.d", "B@C.D"], ["b@c.d", "A@c.d"]),
        (ArrayOf(), [" b@c.d\n"], ["b@c.d"]),
        (Name(), "A name \n", "A name"),
        (MultiValued(Text()), ["a", "A", "a"], ["a", "A"]),
        (SequenceOf(), [], {"@odata.type": "#Exchange.GenericHashTable"}),
        (Duration(), "PT4H", "04:00:00"),
        (Duration(), "7.00:00:00", "7.00:00:00"),
        (SetOf(), [], []),
    ],
)
def test_write(kind, value, wire):
    assert kind.write(value) == wire


@pytest.mark.parametrize(
    ("kind", "value", "words"),
    [
        (Int(1, 4), 5, "at most 4"),
        (Int(1, 4), 0, "at least 1"),
        (Int(0, 4), True, "must be a number, not true"),
        (Int(), False, "must be a number, not false"),
        (Text(longest=3), "four", "at most 3 characters"),
        (MultiValued(most=1), ["a", "b"], "at most 1 members"),
        (NameAndAddress(), "no address", "Display Name;address"),
        (MultiValued(NameAndAddress()), ["ok;a@b.c", "bad"], "Display Name;address"),
        (Moment(), "tomorrow", "UTC time"),
        (Moment(), "2027-02-30T12:00:00Z", "UTC time"),
        (Moment(), "2027-01-31 12:00:00", "UTC time"),
        (Moment(), "2027-01-31T25:00:00Z", "UTC time"),
        (ArrayOf(), ["a", ""], "empty members"),
        (MultiValued(Address()), [" "], "empty members"),
        (Duration(), "tomorrow", "span of time"),
    ],
)
def test_wrong(kind, value, words):
    assert words in kind.wrong(value)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Int(1, 4), 4),
        (Text(longest=3), "abc"),
        (NameAndAddress(), "A;a@b.c"),
        (Moment(), "2027-01-31T12:00:00Z"),
        (Moment(), "2027-01-31 12:00:00+00:00"),
    ],
)
def test_right(kind, value):
    assert kind.wrong(value) == ""


@given(st.lists(st.text(min_size=1)))
def test_a_set_is_shown_in_one_order_whatever_it_was_given_in(values):
    assert SetOf(Text()).show(values) == SetOf(Text()).show(list(reversed(values)))


@given(st.lists(st.text()), st.lists(st.text()))
def test_sameness_of_sets_is_symmetric_and_reflexive(first, second):
    kind = MultiValued()
    both = (first, second)
    assert kind.same(first, first)
    assert kind.same(*both) == kind.same(*reversed(both))


def test_what_means_the_same_is_shown_once():
    assert SetOf().show(["a@b.c", "A@B.C "]) == ["a@b.c"]


def test_choices_are_in_the_spec_in_microsofts_spelling():
    assert COLOUR.spec() == {"type": "str", "choices": ["Red", "Green", "Default"]}
    assert SetOf(COLOUR).spec() == {"type": "list", "elements": "str", "choices": ["Red", "Green", "Default"]}
