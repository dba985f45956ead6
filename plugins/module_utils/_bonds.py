# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fields that depend on each other: what can't be true together, and what is sent together. Pure; private to the collection."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._errors import BadInput
from ansible_collections.m365.defender.plugins.module_utils._resource import Field, Part, Resource, Values
from ansible_collections.m365.defender.plugins.module_utils._rows import Rows, found


def check_bonds(part: Part, values: Mapping[str, Any], changed: Collection[str], tried: str) -> None:
    """Raises BadInput when these values (by wire name, as they would be afterwards) can't be true together.

    changed: the wire names of what would be written. What is wrong already and is not touched concerns nobody.
    """
    path = f"{part.under}." if part.under else ""
    option = {one.wire: f"{path}{one.option}" for one in part.fields}
    kinds = {one.wire: one.type for one in part.fields}
    for one, other in part.apart:
        if (one in changed or other in changed) and values.get(one) and values.get(other):
            raise BadInput(f"{option[one]} and {option[other]} can't both be on", tried=tried)
    for switch, other in part.goes_with:
        if (switch in changed or other in changed) and values.get(switch) and not values.get(other):
            raise BadInput(f"{option[switch]} can't be on while {option[other]} is empty", tried=tried)
    for group in part.alike:
        same = kinds[group[0]].same
        if not set(group).isdisjoint(changed) and not all(same(values.get(group[0]), values.get(wire)) for wire in group):
            raise BadInput(f"{', '.join(option[wire] for wire in group)} must all have one value: give all of them", tried=tried)
    counts = {wire: len(values.get(wire) or ()) for wire in part.parallel}
    if not counts.keys().isdisjoint(changed):
        wanted = counts[part.parallel[0]]
        for wire, count in counts.items():
            if count not in (0, wanted):
                raise BadInput(f"{option[wire]} would have {count} members, and {option[part.parallel[0]]} {wanted}", tried=tried)


def sent_with(part: Part, changed: Sequence[Field]) -> list[Field]:
    """The fields that a Set carries when these have changed: they, and those that go with them in one command."""
    wires = {one.wire for one in changed}
    wires.update(wire for group in part.alike if not wires.isdisjoint(group) for wire in group)
    return [one for one in part.fields if one.wire in wires]


def pointed_at(resource: Resource, part: Part, given: Values, rows: Rows) -> bool:
    """Whether something that points at this part is going to be made, so that a placeholder of it has to become real."""
    if part is not resource.parts[0]:
        return False
    wanted = [other for other in resource.parts[1:] if given.get(other.under) is not None and given[other.under].get("state") != "absent"]
    return any(found(resource, other, rows, given.get("name", "")) is None for other in wanted)
