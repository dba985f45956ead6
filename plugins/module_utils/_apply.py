# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read, plan, apply, read back: the one way in which anything is changed. Private to the collection."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ansible_collections.m365.defender.plugins.module_utils._description import Description, Plan
from ansible_collections.m365.defender.plugins.module_utils._errors import (
    AlreadyExists,
    ListChanged,
    NotReadBack,
    OutcomeUnknown,
    TenantError,
)
from ansible_collections.m365.defender.plugins.module_utils._ledger import Ledger
from ansible_collections.m365.defender.plugins.module_utils._plan import further, plan
from ansible_collections.m365.defender.plugins.module_utils._reading import read
from ansible_collections.m365.defender.plugins.module_utils._resource import Operation, Values
from ansible_collections.m365.defender.plugins.module_utils._rows import Rows
from ansible_collections.m365.defender.plugins.module_utils._tenant import Tenant
from ansible_collections.m365.defender.plugins.module_utils._waiting import FIRST_WAIT, LONGEST_WAIT

Wishes = Sequence[tuple[Description, Sequence[Values]]]

AGAIN = 3  # how often writes of unknown outcome are followed by reading and planning anew


@dataclass(frozen=True)
class Outcome:
    """plans: what was found and planned before the first write, by kind. rows: what was read last, by kind. done: what was carried out."""

    plans: Mapping[str, Plan]
    rows: Mapping[str, Rows]
    done: tuple[str, ...]


def apply(tenant: Tenant, wishes: Wishes, ledger: Ledger, *, check: bool) -> Outcome:
    """Makes every wish true; with `check` only says what would be done.

    Raises BadInput, Refused and the services' TenantErrors; what had been done by then stands in the error's `done`.
    """
    resources = [resource for resource, dummy in wishes]
    rows = _with_further(tenant, wishes, read(tenant, resources))
    plans: Mapping[str, Plan] = _plans(tenant, wishes, rows)
    tenant.warnings += [f"{warning}." for one in plans.values() for warning in one.warnings]
    if check or not any(one.operations for one in plans.values()):
        return Outcome(plans, rows, ())
    ledger.begin(plans, rows)
    record = _Record(ledger)
    try:
        plans, last = _carry_out(tenant, wishes, plans, record)
    except TenantError as error:
        error.done = tuple(record.done)
        raise error.about(tenant=tenant.label) from error.__cause__
    return Outcome(plans, last, tuple(record.done))


def _with_further(tenant: Tenant, wishes: Wishes, rows: Mapping[str, Rows]) -> Mapping[str, Rows]:
    """The rows, and with them what only these wishes make worth asking."""
    result = dict(rows)
    for resource, wanted in wishes:
        for service, query in further(resource, rows[resource.kind], wanted):
            try:
                answer = tenant.store(service).read((query,))[query]
            except TenantError as error:
                answer = error
            if isinstance(answer, TenantError):
                answer.about(tried=f"Reading {query.noun}", tenant=tenant.label, service=service)
                tenant.warnings.append(f"{answer.message} So it is left to the service to refuse what the {resource.blurb} can't take.")
            else:
                result[resource.kind] = {**result[resource.kind], query.noun: answer}
    return result


def _plans(tenant: Tenant, wishes: Wishes, rows: Mapping[str, Rows]) -> dict[str, Plan]:
    plans = {}
    for resource, wanted in wishes:
        try:
            plans[resource.kind] = plan(resource, rows[resource.kind], wanted)
        except TenantError as error:
            raise error.about(tenant=tenant.label) from None
    return plans


@dataclass
class _Record:
    """What was carried out, and the writes of which nobody knows yet whether they were."""

    ledger: Ledger
    done: list[str] = field(default_factory=list)
    lost: list[tuple[Description, Operation, str]] = field(default_factory=list)

    def note(self, resource: Description, operation: Operation, request_id: str) -> None:
        self.done.append(str(operation))
        self.ledger.note(resource.kind, operation, request_id)
        self.lost = [one for one in self.lost if not _alike(one[1], operation)]

    def settle(self, planned: Sequence[Operation]) -> None:
        """A lost write that is not planned any more was done."""
        for resource, operation, request_id in tuple(self.lost):
            if (resource, operation, request_id) in self.lost and not any(_alike(operation, other) for other in planned):
                self.note(resource, operation, request_id)


def _alike(one: Operation, other: Operation) -> bool:
    return (one.verb, one.noun, one.name) == (other.verb, other.noun, other.name)


def _carry_out(tenant: Tenant, wishes: Wishes, plans: Mapping[str, Plan], record: _Record) -> tuple[Mapping[str, Plan], Mapping[str, Rows]]:
    """Returns the plans as they were before the first write, and the rows after the last."""
    unknown, waited, pause = 0, 0.0, FIRST_WAIT
    first, again = plans, False
    while True:
        try:
            for resource, operation in _operations(wishes, plans):
                record.note(resource, operation, tenant.store(resource.service).do(operation))
        except NotReadBack as error:
            record.note(resource, operation, error.request_id)  # a list's store looks for itself: the write was accepted
            raise
        except ListChanged as error:
            # Somebody else was at it: once, everything is planned anew from what he left.
            if again:
                raise
            again = True
            tenant.warnings.append(f"{error.message} The task was planned anew from what is there now.")
            rows = read(tenant, [resource for resource, dummy in wishes])
            plans = _plans(tenant, wishes, rows)
            record.ledger.begin(plans, rows)
            first = first if record.done else plans
        except (OutcomeUnknown, AlreadyExists) as error:
            # It may have happened (or somebody else did it): look before doing anything twice. What is there may take a while to show.
            if isinstance(error, OutcomeUnknown):
                unknown += 1
                record.lost.append((resource, operation, error.request_id))
            if unknown > AGAIN or waited >= tenant.read_back_timeout:
                raise
            tenant.warnings.append(f"{error.message} The tenant is read again before anything is repeated.")
            tenant.wait(pause)
            waited, pause = waited + pause, min(pause * 2, LONGEST_WAIT)
            plans = _plans(tenant, wishes, read(tenant, [resource for resource, dummy in wishes]))
            record.settle([operation for dummy, operation in _operations(wishes, plans)])
        else:
            return first, _read_back(tenant, wishes)


def _operations(wishes: Wishes, plans: Mapping[str, Plan]) -> Iterator[tuple[Description, Operation]]:
    for wish in wishes:
        for operation in plans[wish[0].kind].operations:
            yield wish[0], operation


def _read_back(tenant: Tenant, wishes: Wishes) -> Mapping[str, Rows]:
    """Reads until everything wished for shows, because a read may lag behind a write by seconds to minutes. [code]"""
    resources = [resource for resource, dummy in wishes]
    waited, pause = 0.0, FIRST_WAIT
    while True:
        rows = read(tenant, resources)
        missing = [operation for dummy, operation in _operations(wishes, _plans(tenant, wishes, rows))]
        if not missing:
            return rows
        if waited >= tenant.read_back_timeout:
            raise NotReadBack(
                f"every write was accepted, but after {waited:.0f} seconds this does not show yet: {'; '.join(map(str, missing))}",
                tried="Reading back",
                hint="The service may need some minutes, or somebody else changed it since. Run the task again: it changes nothing if the "
                "setting has arrived by then.",
            )
        tenant.wait(pause)
        waited += pause
        pause = min(pause * 2, LONGEST_WAIT)
