# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Orderings of every ranked kind: what is wished for gets its place, the others keep theirs among themselves, with the fewest writes."""

from __future__ import annotations

import random
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.m365.defender.plugins.module_utils._export import export
from ansible_collections.m365.defender.plugins.module_utils._plan import plan
from tests.unit.contract.samples import KINDS, least, wish

RANKED = [(one, part) for one in KINDS for part in one.parts if part.rank]
NAMES = "ABCDEFG"


def by_kind(value):
    return getattr(value, "kind", None) or getattr(value, "noun", None)


@st.composite
def situations(draw):
    """Existing objects with their numbers (gaps and all), and the places wished for some of them."""
    names = draw(st.permutations(NAMES[: draw(st.integers(1, len(NAMES)))]))
    numbers = sorted(draw(st.sets(st.integers(0, 40), min_size=len(names), max_size=len(names))))
    chosen = draw(st.lists(st.sampled_from(names), unique=True, max_size=len(names)))
    places = draw(st.permutations(range(len(names))))
    return dict(zip(names, numbers, strict=True)), dict(zip(chosen, places, strict=False))


def rows_of(resource, part, numbers):
    """Rows of objects that stand in an ordering, in no order; with one that stands outside where the kind has that."""
    first = resource.parts[0]
    rows = {one.noun: [] for one in resource.parts}
    for name, number in sorted(numbers.items()):
        rows[first.noun].append({first.named_by: name, first.identified_by: f"id of {name}"})
        if part is not first:
            rows[part.noun].append({part.named_by: f"rule of {name}", part.points_at: name, "State": "Enabled"})
        rows[part.noun][-1].update({part.rank.wire: number, **{key: ["contoso.com"] for key in part.one_of}})
    outside, values = part.rank.outside
    if outside:
        rows[part.noun].append({part.named_by: "", part.rank.wire: 2147483647, outside: values[0]})
    return rows


def reordered(part, rows, order):
    """The rows as they are after the ordering was carried out."""
    name, values = part.rank.outside
    there = {row[part.named_by]: row for row in rows[part.noun]}
    after = [{**there[label], part.rank.wire: place} for place, label in enumerate(order)]
    return {**rows, part.noun: [*after, *(row for row in rows[part.noun] if name and row.get(name) in values)]}


@pytest.mark.parametrize(("resource", "part"), RANKED, ids=by_kind)
@settings(max_examples=60, deadline=None)
@given(situation=situations())
def test_the_plan_of_an_ordering(resource, part, situation):
    numbers, places = situation
    rows = rows_of(resource, part, numbers)
    wanted = [wish(resource, part, part.rank.option, place + part.rank.first, name) for name, place in places.items()]
    label = (lambda name: name) if part is resource.parts[0] else (lambda name: f"rule of {name}")
    before = [label(name) for name in sorted(numbers, key=numbers.get)]
    operations = plan(resource, rows, wanted).operations
    assert [one.verb for one in operations] in ([], ["Order"])
    after = list(operations[0].order[1]) if operations else before
    assert sorted(after) == sorted(before)
    if operations:
        assert list(operations[0].order[0]) == before != after
    for name, place in places.items():
        assert after[place] == label(name)
    moved = {label(name) for name in places}
    assert [one for one in after if one not in moved] == [one for one in before if one not in moved]
    assert plan(resource, reordered(part, rows, after), wanted).operations == ()


def fewest(before, after):
    """How many must move: all but the longest run that keeps its order. By trying every run, as the engine does not."""
    for stay in range(len(before), 0, -1):
        for run in combinations(before, stay):
            if list(run) == [one for one in after if one in run]:
                return len(before) - stay
    return 0


@pytest.mark.parametrize("chance", range(4))
@pytest.mark.parametrize(("resource", "part"), RANKED, ids=by_kind)
def test_an_ordering_is_carried_out_with_the_fewest_writes(resource, part, chance, bench):
    dice = random.Random(chance)
    names = list(NAMES)
    dice.shuffle(names)
    bench.apply(resource, *(least(resource, name) for name in names))
    before = order_of(bench, resource, part)
    assert before == names
    chosen = dice.sample(names, 3)
    places = dict(zip(chosen, dice.sample(range(len(names)), 3), strict=True))
    wanted = [wish(resource, part, part.rank.option, place + part.rank.first, name) for name, place in places.items()]
    was = settings_of(bench, resource, part)
    bench.clear()
    bench.apply(resource, *wanted)
    sent = bench.sent()
    after = order_of(bench, resource, part)
    assert {name: after.index(name) for name in chosen} == places
    assert [name for name in after if name not in chosen] == [name for name in before if name not in chosen]
    assert settings_of(bench, resource, part) == was
    if resource.service == "portal":
        assert [one.verb for one in sent] == (["Order"] if before != after else [])
    else:
        assert len(sent) == fewest(before, after)
        assert {(one.verb, *one.settings) for one in sent} <= {("Set", part.rank.wire)}
    bench.clear()
    assert bench.apply(resource, *wanted).done == () and bench.sent() == []


@pytest.mark.parametrize(("resource", "part"), RANKED, ids=by_kind)
def test_a_new_object_goes_to_its_place(resource, part, bench):
    bench.apply(resource, *(least(resource, name) for name in "AB"))
    newcomer = least(resource, "C")
    (newcomer[part.under] if part.under else newcomer)[part.rank.option] = part.rank.first
    bench.apply(resource, newcomer)
    assert order_of(bench, resource, part) == ["C", "A", "B"]
    bench.apply(resource, least(resource, "D"), {"name": "A", "state": "absent"})
    assert order_of(bench, resource, part) == ["C", "B", "D"]


def order_of(bench, resource, part):
    """Names by the places that a playbook would see."""
    ranks = {name: values[part.rank.option] for name, values in settings_of(bench, resource, part, ranked=True).items()}
    assert sorted(ranks.values()) == [place + part.rank.first for place in range(len(ranks))]
    return sorted(ranks, key=ranks.get)


def settings_of(bench, resource, part, ranked=False):
    """Every setting of every object that has a place, by name."""
    result = {}
    for one in export(resource, bench.rows(resource)):
        values = one.get(part.under) if part.under else one
        if values and part.rank.option in values:
            result[one["name"]] = {option: value for option, value in values.items() if ranked or option != part.rank.option}
    return result
