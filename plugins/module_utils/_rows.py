# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the rows of a service say about an object. Pure; private to the collection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._errors import BadInput, TenantError
from ansible_collections.m365.defender.plugins.module_utils._resource import Life, Part, Rank, Resource, Row, Values

Rows = Mapping[str, Sequence[Row]]  # noun -> every row of it


def check_rows(resource: Resource, rows: Rows) -> None:
    """Raises TenantError when a noun that always has a row came back empty: that is a failed reading, not an absent object."""
    for part in resource.parts:
        if (part.always or part.life is Life.FIXED) and not rows[part.noun]:
            raise no_rows(part.noun, resource.service)


def no_rows(noun: str, service: str) -> TenantError:
    """What to raise when a noun of which there is always an object came back empty."""
    return TenantError(
        f"the service returned no {noun}, although there is always at least one",
        tried=f"Reading {noun}",
        service=service,
        hint="This counts as a failed reading, not as absence. If it stays, look at the caller's roles and the tenant's licence.",
    )


def found(resource: Resource, part: Part, rows: Rows, name: str) -> Row | None:
    """The row of a part of the object that people call `name` (ignored for the kinds of which there is just one)."""
    if part.life is not Life.MADE:
        return next(iter(rows[part.noun]), None)
    key = part.points_at or part.named_by
    for row in rows[part.noun]:
        if part.name.same(part.name.read(row.get(key)), name):
            return row
    return None


def state_of(part: Part, row: Row, rows: Rows, *, read_only: bool = True) -> Values:
    """Everything a row says about its part, as a playbook would say it, shown in a stable order; `read_only`: also what can't be set."""
    values: Values = {}
    for one in part.fields:
        value = one.read(row) if read_only or not one.read_only else None
        if value is not None:
            values[one.option] = one.type.show(value)
    if part.switched:
        values["enabled"] = switched_on(row)
    if part.rank:
        place = place_of(part.rank, rows[part.noun], row)
        if place is not None:
            values[part.rank.option] = place + part.rank.first
    return values


def switched_on(row: Row) -> bool:
    """Whether a rule is on."""
    return bool(row.get("State") == "Enabled")


def place_of(rank: Rank, rows: Sequence[Row], row: Row) -> int | None:
    """The place of a row in the ordering, from 0; None for one that stands outside."""
    return next((index for index, other in enumerate(rank.sequence(rows)) if other is row), None)


def label_of(part: Part, row: Row) -> str:
    """What people call the object of a row."""
    return str(part.name.read(row.get(part.named_by)) or part.called)


def demand(part: Part, values: Mapping[str, Any], tried: str) -> None:
    """Raises BadInput when an object with these values (by wire name) would lack what the service asks of it as a whole."""
    if part.one_of and not any(values.get(wire) for wire in part.one_of):
        options = [one.option for one in part.fields if one.wire in part.one_of]
        raise BadInput(f"{part.under} needs at least one of {', '.join(options)}: it would have no condition", tried=tried)
