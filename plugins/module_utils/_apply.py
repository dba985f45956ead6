# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read, plan, apply, read back: the one way in which anything is changed. Private to the collection."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ansible_collections.m365.defender.plugins.module_utils._errors import AlreadyExists, NotReadBack, OutcomeUnknown, TenantError
from ansible_collections.m365.defender.plugins.module_utils._ledger import Ledger
from ansible_collections.m365.defender.plugins.module_utils._plan import Plan, plan
from ansible_collections.m365.defender.plugins.module_utils._reading import read
from ansible_collections.m365.defender.plugins.module_utils._resource import Operation, Resource, Values
from ansible_collections.m365.defender.plugins.module_utils._rows import Rows
from ansible_collections.m365.defender.plugins.module_utils._tenant import Tenant

Wishes = Sequence[tuple[Resource, Sequence[Values]]]

AGAIN = 3  # how often a write whose outcome is unknown is followed by reading and planning anew
FIRST_WAIT, LONGEST_WAIT = 1.0, 15.0  # seconds between readings while a write does not show yet


@dataclass(frozen=True)
class Outcome:
    """plans: what was found and planned first, by kind. rows: what was read last, by kind. done: the operations that were carried out."""

    plans: Mapping[str, Plan]
    rows: Mapping[str, Rows]
    done: tuple[str, ...]


def apply(tenant: Tenant, wishes: Wishes, ledger: Ledger, *, check: bool) -> Outcome:
    """Makes every wish true; with `check` only says what would be done.

    Raises BadInput, Refused and the services' TenantErrors; what had been done by then stands in the error's `done`.
    """
    resources = [resource for resource, dummy in wishes]
    rows = read(tenant, resources)
    plans = _plans(tenant, wishes, rows)
    if check or not any(one.operations for one in plans.values()):
        return Outcome(plans, rows, ())
    ledger.begin(plans, rows)
    done: list[str] = []
    try:
        last = _carry_out(tenant, wishes, plans, ledger, done)
    except TenantError as error:
        error.done = tuple(done)
        raise error.about(tenant=tenant.label) from error.__cause__
    return Outcome(plans, last, tuple(done))


def _plans(tenant: Tenant, wishes: Wishes, rows: Mapping[str, Rows]) -> dict[str, Plan]:
    plans = {}
    for resource, wanted in wishes:
        try:
            plans[resource.kind] = plan(resource, rows[resource.kind], wanted)
        except TenantError as error:
            raise error.about(tenant=tenant.label) from None
    return plans


def _carry_out(tenant: Tenant, wishes: Wishes, plans: Mapping[str, Plan], ledger: Ledger, done: list[str]) -> Mapping[str, Rows]:
    for attempt in range(AGAIN + 1):
        try:
            for resource, operation in _operations(wishes, plans):
                request_id = tenant.store(resource.service).do(operation)
                done.append(str(operation))
                ledger.note(resource.kind, operation, request_id)
        except (OutcomeUnknown, AlreadyExists) as error:
            # It may have happened (or somebody else did it): look before doing anything twice.
            if attempt == AGAIN:
                raise
            tenant.warnings.append(f"{error.message} The tenant is read again before anything is repeated.")
            tenant.wait(FIRST_WAIT)
            rows = read(tenant, [resource for resource, dummy in wishes])
            plans = _plans(tenant, wishes, rows)
            continue
        return _read_back(tenant, wishes)
    raise AssertionError("the loop above always returns or raises")


def _operations(wishes: Wishes, plans: Mapping[str, Plan]) -> Iterator[tuple[Resource, Operation]]:
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
                hint="The service may need some minutes; run the task again, it changes nothing if the setting has arrived by then.",
            )
        tenant.wait(pause)
        waited += pause
        pause = min(pause * 2, LONGEST_WAIT)
