# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plan being made, and the places of its objects in their orderings. Pure; private to the collection."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ansible_collections.m365.defender.plugins.module_utils._errors import BadInput, Refused
from ansible_collections.m365.defender.plugins.module_utils._order import arrange
from ansible_collections.m365.defender.plugins.module_utils._resource import Operation, Part, Resource, Values
from ansible_collections.m365.defender.plugins.module_utils._rows import Rows, found, label_of, place_of


@dataclass
class Draft:
    """A plan being made: operations in three waves, so that nothing is unprotected while something else is replaced."""

    present: list[Operation] = field(default_factory=list)
    absent: list[Operation] = field(default_factory=list)
    order: list[Operation] = field(default_factory=list)
    made: dict[str, list[str]] = field(default_factory=dict)  # noun -> names that will be there, behind all others, in this order
    gone: dict[str, set[str]] = field(default_factory=dict)  # noun -> names that will not
    ranks: dict[str, dict[str, int]] = field(default_factory=dict)  # noun -> name -> wanted place, from 0


def note_rank(part: Part, given: Values, label: str, draft: Draft) -> None:
    if part.rank and given.get(part.rank.option) is not None:
        draft.ranks.setdefault(part.noun, {})[label] = given[part.rank.option] - part.rank.first


def joining(part: Part, name: str, label: str, rows: Rows, draft: Draft) -> Values:
    """What makes an orphan ours: its policy, and the last place, as a new rule has. Where it stood without a policy says nothing."""
    parameters: Values = {part.points_at: name}
    if part.rank:
        made = draft.made.setdefault(part.noun, [])
        standing = [label_of(part, row) for row in part.rank.sequence(rows[part.noun])]
        if made or standing[-1] != label:
            parameters[part.rank.wire] = len(standing) + sum(name not in standing for name in made) - 1
        made.append(label)
    return parameters


def plan_orders(
    resource: Resource, rows: Rows, wanted: Sequence[Values], draft: Draft, before: Sequence[Values], after: Sequence[Values]
) -> None:
    for part in resource.parts:
        if not part.rank or part.noun not in draft.ranks:
            continue
        ranks, rank, tried = draft.ranks[part.noun], part.rank, f"Ordering {part.noun}"
        was = [label_of(part, row) for row in rank.sequence(rows[part.noun])]
        unranked = [label for label in ranks if label not in was and label not in draft.made.get(part.noun, ())]
        if unranked:
            raise Refused(f'"{unranked[0]}" stands outside of the ordering, so it has no {rank.option}', tried=tried)
        made = draft.made.get(part.noun, [])
        current = [label for label in was if label not in (*draft.gone.get(part.noun, ()), *made)] + made
        by_place: dict[int, str] = {}
        for label, place in ranks.items():
            if place in by_place:
                raise BadInput(f'"{by_place[place]}" and "{label}" can\'t both have {rank.option} {place + rank.first}', tried=tried)
            by_place[place] = label
        try:
            final = arrange(current, ranks)
        except IndexError as error:
            last = len(current) - 1 + rank.first
            raise BadInput(
                f'"{error.args[0]}" can\'t have {rank.option} {ranks[error.args[0]] + rank.first}: '
                f"there will be {len(current)} of them, so the last place is {last}",
                tried=tried,
            ) from None
        if final != current:
            draft.order.append(Operation("Order", part.noun, order=(tuple(current), tuple(final))))
        for one, had, has in zip(wanted, before, after, strict=True):
            given = one if not part.under else one.get(part.under) or {}
            if given.get(rank.option) is None or given.get("state") == "absent" or one.get("state") == "absent":
                continue
            has = has if not part.under else has[part.under]
            had = had if not part.under else had[part.under]
            has[rank.option] = given[rank.option]
            row = found(resource, part, rows, one.get("name", ""))
            had_place = None if row is None else place_of(rank, rows[part.noun], row)
            if had_place is not None:
                had[rank.option] = had_place + rank.first
