# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An object of which there is one, and which has not every setting in every tenant. Pure; private to the collection.

What its row does not show is refused when it is wanted: a setting that is not there is never made up.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ansible_collections.m365.defender.plugins.module_utils._description import Operation, Plan, Values
from ansible_collections.m365.defender.plugins.module_utils._errors import Refused
from ansible_collections.m365.defender.plugins.module_utils._plan import plan
from ansible_collections.m365.defender.plugins.module_utils._resource import Resource
from ansible_collections.m365.defender.plugins.module_utils._rows import Rows, check_rows

UNREAD = "Unread"  # the member of a row that says, by wire name, why a member could not be read


@dataclass(frozen=True)
class Offered(Resource):
    """A resource of one part with exactly one object, whose row may lack members.

    places: members that are kept and saved apart from the others, by what people call the place. elsewhere: what they call the rest.
    """

    places: tuple[tuple[str, tuple[str, ...]], ...] = ()
    elsewhere: str = ""


@plan.register
def _plan_offered(resource: Offered, rows: Rows, wanted: Sequence[Values]) -> Plan:
    check_rows(resource, rows)
    (part,) = resource.parts
    row = rows[part.noun][0]
    why = row.get(UNREAD) or {}
    for one in wanted:
        absent = [field for option, field in part.by_option.items() if one.get(option) is not None and field.read_as not in row]
        if absent:
            first = next((field for field in absent if field.read_as in why), absent[0])
            reason = f"it could not be read: {why[first.read_as]}" if first.read_as in why else "the portal does not show it in this tenant"
            raise Refused(
                f"{', '.join(field.option for field in absent)} can't be set: {reason}",
                tried=f"Changing the {resource.blurb}",
                service=resource.service,
                hint="Which settings a tenant has depends on its licences and its age. Leave this one out here.",
            )
    found: Plan = plan.dispatch(Resource)(resource, rows, wanted)
    return replace(found, operations=tuple(one for operation in found.operations for one in _by_place(resource, operation)))


def _by_place(resource: Offered, operation: Operation) -> Iterator[Operation]:
    """One change for each place, so that what was done is known even if only a part of it was."""
    apart = {member for dummy, members in resource.places for member in members}
    rest = tuple(member for member in operation.parameters if member not in apart)
    for name, members in ((resource.elsewhere, rest), *resource.places):
        parameters = {member: operation.parameters[member] for member in members if member in operation.parameters}
        if parameters:
            yield replace(operation, name=name, parameters=parameters)
