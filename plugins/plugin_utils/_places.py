# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""In which places the rules stand that the role email_protection writes. Pure and private."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._description import Values
from ansible_collections.m365.defender.plugins.module_utils._types import folded


def place(wanted: Sequence[Values], there: Mapping[str, Values], stale: Sequence[Values], left_behind: Sequence[Mapping[str, Any]]) -> None:
    """Gives our rules their order among themselves, in the places they have; new ones go last unless one of ours must stand behind.

    A rule left behind that has the name of one of ours is taken over, and goes last as a new one does.
    """
    names = {folded(wish["name"]) for wish in wanted}
    taken = [{"rule": rule} for rule in left_behind if folded(rule["name"]) in names]
    removed = [place for place in map(_place_of, (*stale, *taken)) if place is not None]
    kept = {}
    for wish in wanted:
        place = _place_of(there.get(folded(wish["name"])))
        if place is not None:
            kept[wish["name"]] = place - sum(other < place for other in removed)
    last = max((index for index, wish in enumerate(wanted) if wish["name"] in kept), default=-1)
    ordered = wanted[: last + 1]
    slots = sorted(kept.values())
    new, final = 0, []
    for wish in ordered:
        if wish["name"] in kept:
            final.append(slots.pop(0) + new)
        else:
            final.append(slots[0] + new)
            new += 1
    if new or [kept[wish["name"]] for wish in ordered] != final:
        for wish, place in zip(ordered, final, strict=True):
            wish["rule"]["priority"] = place


def _place_of(one: Mapping[str, Any] | None) -> int | None:
    place = ((one or {}).get("rule") or {}).get("priority")
    return None if place is None else int(place)
