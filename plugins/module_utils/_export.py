# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is there, in the very form in which it could be wanted. Pure; private to the collection."""

from __future__ import annotations

from functools import singledispatch

from ansible_collections.m365.defender.plugins.module_utils._description import Description
from ansible_collections.m365.defender.plugins.module_utils._resource import Resource, Row, Values
from ansible_collections.m365.defender.plugins.module_utils._rows import Rows, check_rows, found, label_of, state_of


@singledispatch
def export(description: Description, rows: Rows, *, built_in: bool = False) -> list[Values]:
    """Every object of a kind, as `configuration` takes it, in the order of its first noun's rows.

    built_in: also the objects that can't be changed (presets, built-in protection, system alerts); they are left out otherwise, because
    they exist in every tenant and can't be made. Raises TenantError when the rows can't be true.
    """
    raise TypeError(f"nobody knows how to export {description!r}")


@export.register
def _export_parts(resource: Resource, rows: Rows, *, built_in: bool = False) -> list[Values]:
    check_rows(resource, rows)
    first = resource.parts[0]
    result = []
    for row in rows[first.noun]:
        if built_in or not any(guard.change and guard.holds(row) for guard in first.guards):
            result.append(_object(resource, rows, row, read_only=False))
    return result


def left_behind(description: Description, rows: Rows) -> list[Values]:
    """The rules that point at a policy which is gone: removing a policy leaves its rule. [code] They do nothing, but take up a place."""
    if not isinstance(description, Resource):
        return []
    first = description.parts[0]
    return [
        {"name": label_of(part, row), **state_of(part, row, rows, read_only=False)}
        for part in description.parts[1:]
        if part.rank
        for row in part.rank.sequence(rows[part.noun])
        if found(description, first, rows, str(row.get(part.points_at))) is None
    ]


@singledispatch
def apart(description: Description, rows: Rows) -> dict[str, Values]:
    """By name, the objects that can't be said in one, because their rules are not alike; each rule as it is, None where there is none."""
    return {}


@singledispatch
def read_object(description: Description, rows: Rows, label: str = "") -> Values | None:
    """One object of a kind in full, or None when there is none that people call so (see `Description.label`)."""
    raise TypeError(f"nobody knows how to read {description!r}")


@read_object.register
def _read_parts(resource: Resource, rows: Rows, name: str = "") -> Values | None:
    row = found(resource, resource.parts[0], rows, name)
    return None if row is None else _object(resource, rows, row, read_only=True)


@singledispatch
def predicted(description: Description, now: Values | None, before: Values, after: Values) -> Values | None:
    """The object as it would be: what is there, overlaid with what a plan says of it."""
    raise TypeError(f"nobody knows how to predict {description!r}")


@predicted.register
def _predicted_parts(resource: Resource, now: Values | None, before: Values, after: Values) -> Values | None:
    return _overlaid(now, after)


def _overlaid(now: Values | None, after: Values) -> Values | None:
    if after.get("state") == "absent":
        return None
    result = dict(now or {})
    for option, value in after.items():
        if option == "state":
            continue
        if isinstance(value, dict):
            under = _overlaid(result.get(option), value)
            result.pop(option, None)
            if under is not None:
                result[option] = under
        else:
            result[option] = value
    return result


def _object(resource: Resource, rows: Rows, row: Row, *, read_only: bool) -> Values:
    first = resource.parts[0]
    name = "" if resource.single else label_of(first, row)
    result: Values = {} if resource.single else {"name": name}
    result.update(state_of(first, row, rows, read_only=read_only))
    for part in resource.parts[1:]:
        other = found(resource, part, rows, name)
        if other is not None:
            result[part.under] = state_of(part, other, rows, read_only=read_only)
    return result
