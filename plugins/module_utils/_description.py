# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every description of a kind of object offers, whatever the objects are made of. Pure; private to the collection.

`_plan.plan`, `_export.export`, `_export.read_object` and `_export.predicted` are the rest of it; they dispatch on the description.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Row = dict[str, Any]  # an object as the service gives it
Values = dict[str, Any]  # an object as a playbook gives it

# Parameters that the engine itself uses or deliberately never sends, with the reason. Checked against the service's tables.
ENGINE_PARAMETERS = {
    "Identity": "how the engine names the object it changes",
    "Confirm": "sent as false where the service would ask",
    "Force": "not needed where Confirm is false",
    "WhatIf": "the service answers it with a message, not with a difference; check mode is our own",
}


@dataclass(frozen=True)
class Query:
    """What is asked of a service: a noun with parameters. Stores answer with rows or with an error, never with a guess.

    most: how many rows are enough, where the store reads page by page; None for all. Fewer pages are read then.
    kept: the members of each row that the asker needs, all when empty. Long lists come page by page, and of each page only these stay.
    """

    noun: str
    parameters: tuple[tuple[str, Any], ...] = ()
    most: int | None = None
    kept: tuple[str, ...] = ()


@dataclass(frozen=True)
class Operation:
    """One change: a verb on one object (New, Set, Remove, Enable, Disable), or Order on all rules of a noun.

    identity: what the service calls the object, None for New and Order. name: what people call it. parameters: in wire form.
    order: for Order, the identities as they stand and as they are wanted.
    """

    verb: str
    noun: str
    name: str = ""
    identity: Any = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    order: tuple[tuple[Any, ...], tuple[Any, ...]] = ((), ())

    def __str__(self) -> str:
        details = ", ".join(key for key in self.parameters if key not in ENGINE_PARAMETERS)
        return f"{self.verb}-{self.noun} {self.name}".rstrip() + (f" {{{details}}}" if details and self.verb in ("Set", "New") else "")


@dataclass(frozen=True)
class Plan:
    """before, after: one entry per wanted object, managed settings only. operations: what makes the difference, in order.

    warnings: what of the wishes is left out, and why.
    """

    before: tuple[Values, ...]
    after: tuple[Values, ...]
    operations: tuple[Operation, ...]
    warnings: tuple[str, ...] = ()


class Description(ABC):
    """A kind of object. service: exchange, compliance, portal, sharepoint. blurb: what a person calls one."""

    kind: str
    service: str
    blurb: str

    @property
    @abstractmethod
    def spec(self) -> dict[str, dict[str, Any]]:
        """The Ansible argument spec of one object of this kind."""

    @property
    @abstractmethod
    def single(self) -> bool:
        """Whether a tenant has at most one object of this kind, so that it needs no name."""

    @property
    @abstractmethod
    def queries(self) -> tuple[Query, ...]:
        """Everything that has to be read before anything can be said about objects of this kind."""

    @property
    def optional(self) -> tuple[Query, ...]:
        """Those of `queries` whose cmdlets the service offers only with some licences. Where it says so, they have no answer."""
        return ()

    @abstractmethod
    def wrong(self, wanted: Values) -> list[str]:
        """What is wrong with an object that already fits the spec: sentences that begin with the option. Asks nobody."""

    def label(self, wanted: Values) -> str:
        """What people call the object that a wish is about; "" where there is only one."""
        return str(wanted.get("name") or "")

    def gathered(self, answers: Mapping[Query, Sequence[Row]]) -> dict[str, Sequence[Row]]:
        """The rows by noun, from the answers to `queries`; a noun that is not offered is not there."""
        return {query.noun: answers[query] for query in self.queries if query in answers}
