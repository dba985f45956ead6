# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fewest moves from one ordering to another. Pure; private to the collection."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Hashable, Mapping, Sequence
from typing import TypeVar

T = TypeVar("T", bound=Hashable)


def moves(current: Sequence[T], wanted: Sequence[T]) -> list[tuple[T, int]]:
    """The moves that turn `current` into `wanted` (the same members, each once), as (member, new place counted from 0).

    They are to be carried out in the order given; each takes the member out and puts it in at its place, so that those behind it
    shift by one, as the service does with rule priorities [doc]. The longest run that is already in order stays where it is.
    """
    if sorted(map(hash, current)) != sorted(map(hash, wanted)):
        raise ValueError("both orderings must have the same members")
    place = {member: index for index, member in enumerate(wanted)}
    kept = _longest_ascending([place[member] for member in current])
    now = list(current)
    result = []
    for index, member in enumerate(wanted):
        if index in kept:
            continue
        now.remove(member)
        target = now.index(wanted[index - 1]) + 1 if index else 0
        now.insert(target, member)
        result.append((member, target))
    return result


def arrange(current: Sequence[T], ranks: Mapping[T, int]) -> list[T]:
    """`current` with the members of `ranks` at their places (counted from 0) and all others in their relative order.

    Raises IndexError naming the first member whose place lies behind the end.
    """
    result = [member for member in current if member not in ranks]
    for member, rank in sorted(ranks.items(), key=lambda item: item[1]):
        if rank > len(result):
            raise IndexError(member)
        result.insert(rank, member)
    return result


def _longest_ascending(numbers: Sequence[int]) -> set[int]:
    """The members of one longest ascending subsequence of distinct numbers (patience sorting)."""
    tails: list[int] = []
    before: dict[int, int | None] = {}
    for number in numbers:
        pile = bisect_left(tails, number)
        before[number] = tails[pile - 1] if pile else None
        tails[pile : pile + 1] = [number]
    chain: set[int] = set()
    link = tails[-1] if tails else None
    while link is not None:
        chain.add(link)
        link = before[link]
    return chain
