# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How much a list of the service takes, which its licences decide. Pure; private to the collection."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from ansible_collections.m365.defender.plugins.module_utils._description import Query, Row
from ansible_collections.m365.defender.plugins.module_utils._errors import Refused
from ansible_collections.m365.defender.plugins.module_utils._rows import Rows

Held = Mapping[tuple[str, str], int]  # how many entries there will be, by list type and action


@dataclass(frozen=True)
class Room:
    """How many entries there may be of each type, by action and by what the tenant may use.

    sizes: by plan, the least first. service, query: what tells the plan, asked only where the least might not do. plan: from that answer.
    said: the sizes in words.
    """

    service: str
    query: Query
    plan: Callable[[Sequence[Row]], str]
    sizes: Mapping[str, Mapping[str, int]] = field(hash=False)
    said: str

    def asks(self, held: Held) -> tuple[tuple[str, Query], ...]:
        """What has to be known before so many entries can be promised."""
        least = next(iter(self.sizes.values()))
        return ((self.service, self.query),) if any(count > least[action] for (dummy, action), count in held.items()) else ()

    def check(self, held: Held, rows: Rows, service: str) -> None:
        """Raises Refused for more entries than the plan allows; where that is not known, for more than any plan does."""
        told = rows.get(self.query.noun)
        most = list(self.sizes.values())[-1] if told is None else self.sizes[self.plan(told)]
        for (kind, action), count in held.items():
            if count > most[action]:
                whose = "no licence allows more" if told is None else "the tenant's licences allow no more"
                raise Refused(
                    f"there would be {count} entries of the type {kind} with the action {action}, and {whose} than {most[action]}",
                    tried="Planning",
                    service=service,
                    hint=f"{self.said} Nothing was written.",
                )
