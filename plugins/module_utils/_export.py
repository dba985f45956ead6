# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is there, in the very form in which it could be wanted. Pure; private to the collection."""

from __future__ import annotations

from ansible_collections.m365.defender.plugins.module_utils._resource import Resource, Row, Values
from ansible_collections.m365.defender.plugins.module_utils._rows import Rows, check_rows, found, label_of, state_of


def export(resource: Resource, rows: Rows, *, built_in: bool = False) -> list[Values]:
    """Every object of a kind, as `configuration` takes it, in the order of its first noun's rows.

    built_in: also the objects that can't be changed (presets, built-in protection, system alerts); they are left out otherwise, because
    they exist in every tenant and can't be made. Raises TenantError when the rows can't be true.
    """
    check_rows(resource, rows)
    first = resource.parts[0]
    result = []
    for row in rows[first.noun]:
        if built_in or not any(guard.change and guard.holds(row) for guard in first.guards):
            result.append(_object(resource, rows, row, read_only=False))
    return result


def read_object(resource: Resource, rows: Rows, name: str = "") -> Values | None:
    """One object of a kind in full, or None when there is none of that name."""
    row = found(resource, resource.parts[0], rows, name)
    return None if row is None else _object(resource, rows, row, read_only=True)


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
