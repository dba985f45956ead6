# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Look, plan, do, look again, where the directory gives ids to what is made and shows it late. Private to the collection.

Entra keeps many copies of a directory: what was just made is not found everywhere for some seconds. [doc] Therefore nothing is ever made
twice because it does not show yet, and what follows on it is tried again while it is not found.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from ansible_collections.m365.defender.plugins.module_utils._description import Operation, Plan
from ansible_collections.m365.defender.plugins.module_utils._errors import NotFound, NotReadBack, OutcomeUnknown, Refused, TenantError
from ansible_collections.m365.defender.plugins.module_utils._ledger import Ledger
from ansible_collections.m365.defender.plugins.module_utils._tenant import Tenant
from ansible_collections.m365.defender.plugins.module_utils._waiting import pauses

State = TypeVar("State")
LATER = "(known when the one before it has been made)"  # stands for an id in a plan


@dataclass(frozen=True)
class Aim(Generic[State]):
    """What is to be true. look: what there is. plan: what has to be done. Both raise TenantError. do: carries out one operation."""

    kind: str
    look: Callable[[], State]
    plan: Callable[[State], Plan]
    do: Callable[[Operation], str]


@dataclass
class Reached(Generic[State]):
    """plan: what was planned first. state: what was seen last. done: the operations that were carried out."""

    plan: Plan
    state: State
    done: list[str] = field(default_factory=list)


def reach(tenant: Tenant, aim: Aim[State], ledger: Ledger, *, check: bool) -> Reached[State]:
    """Makes it true; with `check` only says what would be done."""
    state = aim.look()
    plan = aim.plan(state)
    reached = Reached(plan, state)
    if check or not plan.operations:
        return reached
    ledger.begin({aim.kind: plan}, {}, export=False)
    try:
        _carry_out(tenant, aim, ledger, reached, plan)
    except TenantError as error:
        error.done = tuple(reached.done)
        raise error.about(tenant=tenant.label) from error.__cause__
    return reached


def _carry_out(tenant: Tenant, aim: Aim[State], ledger: Ledger, reached: Reached[State], plan: Plan) -> None:
    sent: set[Any] = set()
    lost: dict[Any, tuple[Operation, OutcomeUnknown]] = {}
    waits = pauses(tenant.read_back_timeout)
    planned = plan.operations
    while planned:
        progress, failure = False, None
        for operation in planned:
            key = _key(operation)
            if key in sent:
                continue
            if _waits_for_another(operation):
                break
            try:
                request_id = aim.do(operation)
            except OutcomeUnknown as error:
                lost[key] = (operation, error)
                sent.add(key)
                tenant.warnings.append(f"{error.message} It is looked for before anything is repeated.")
            except (NotFound, Refused) as error:
                failure = error  # perhaps not known everywhere yet, or somebody else was quicker
                break
            else:
                sent.add(key)
                reached.done.append(str(operation))
                ledger.note(aim.kind, operation, request_id)
            progress = True
        reached.state = aim.look()
        planned = aim.plan(reached.state).operations
        _settle(aim.kind, planned, lost, reached, ledger)
        if failure and any(_key(one) not in sent for one in planned) and not reached.done:
            raise failure  # nothing of ours can be on its way
        if planned and not progress:
            pause = next(waits, None)
            if pause is None:
                raise failure or _unseen(planned, lost, tenant.read_back_timeout)
            tenant.wait(pause)


def _settle(
    kind: str,
    planned: tuple[Operation, ...],
    lost: dict[Any, tuple[Operation, OutcomeUnknown]],
    reached: Reached[State],
    ledger: Ledger,
) -> None:
    """A write of unknown outcome that is not planned any more was done."""
    for key, (operation, error) in list(lost.items()):
        if key not in {_key(one) for one in planned}:
            reached.done.append(str(operation))
            ledger.note(kind, operation, error.request_id)
            del lost[key]


def _unseen(planned: tuple[Operation, ...], lost: dict[Any, tuple[Operation, OutcomeUnknown]], limit: float) -> TenantError:
    if lost:
        return next(error for dummy, error in lost.values())
    return NotReadBack(
        f"every write was accepted, but after {limit:.0f} seconds this does not show yet: {'; '.join(map(str, planned))}",
        tried="Reading back",
        hint="The directory may need some minutes; run the task again, it makes nothing twice.",
    )


def _key(operation: Operation) -> Any:
    return (operation.verb, operation.noun, operation.name)


def _waits_for_another(operation: Operation) -> bool:
    return LATER in (operation.identity if isinstance(operation.identity, tuple) else (operation.identity,)) or LATER in (
        value for value in operation.parameters.values() if isinstance(value, str)
    )


def hunk(header: str, plan: Plan) -> dict[str, Any]:
    """What a plan for one object changes, as Ansible's diff mode shows it."""
    (before,), (after,) = plan.before, plan.after
    return {"before_header": header, "after_header": header, "before": before, "after": after}
