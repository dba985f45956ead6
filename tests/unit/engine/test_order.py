# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fewest moves, proved by search and by properties."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.m365.defender.plugins.module_utils._order import arrange, moves


def carried_out(current, steps):
    result = list(current)
    for member, place in steps:
        result.remove(member)
        result.insert(place, member)
    return result


@given(st.permutations(list(range(9))), st.permutations(list(range(9))))
def test_the_moves_lead_to_the_wanted_ordering(current, wanted):
    assert carried_out(current, moves(current, wanted)) == list(wanted)


def least_moves(current, wanted):
    """By breadth-first search: how few single moves there can be."""
    reached, steps = {tuple(current)}, 0
    while tuple(wanted) not in reached:
        steps += 1
        reached |= {tuple(carried_out(one, [(member, place)])) for one in reached for member in one for place in range(len(one))}
    return steps


@pytest.mark.parametrize("current", list(permutations("abcd")))
def test_there_are_no_fewer_moves(current):
    assert len(moves(current, "abcd")) == least_moves(current, "abcd")


def test_an_ordering_that_is_right_needs_no_move():
    assert moves(["a", "b"], ["a", "b"]) == []


def test_different_members_are_an_error():
    with pytest.raises(ValueError, match="same members"):
        moves(["a"], ["b"])


@given(st.permutations(list("abcdef")), st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 5)))
def test_ranked_members_get_their_places_and_the_others_keep_their_order(current, ranks):
    if len(set(ranks.values())) != len(ranks):
        return
    try:
        result = arrange(current, ranks)
    except IndexError as error:
        assert ranks[error.args[0]] >= len(current)
        return
    assert all(result[place] == member for member, place in ranks.items())
    assert [one for one in result if one not in ranks] == [one for one in current if one not in ranks]
