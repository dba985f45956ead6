# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading and doing what concerns devices, for those who do several things one after the other. Private to the collection."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from ansible_collections.m365.defender.plugins.module_utils._description import Operation, Plan, Query, Row, Values
from ansible_collections.m365.defender.plugins.module_utils._errors import Forbidden, NotFound, OutcomeUnknown, Refused, TenantError
from ansible_collections.m365.defender.plugins.module_utils._task import ledger_of
from ansible_collections.m365.defender.plugins.module_utils._tenant import Tenant
from ansible_collections.m365.defender.plugins.module_utils._waiting import pauses

KIND = "machine_action"
SERVICE = "defender"
SEVERAL = 20  # ids or names in one filter


def rows_of(tenant: Tenant, query: Query) -> list[Row]:
    """The rows of a query. Raises TenantError."""
    rows = tenant.store(SERVICE).read([query])[query]
    if isinstance(rows, TenantError):
        raise rows.about(tried=f"Reading {query.noun}", tenant=tenant.label, service=SERVICE)
    return rows


def look_until(tenant: Tenant, late: Callable[[], list[str]]) -> None:
    """Looks until nothing is late any more, as long as reading back may take; then warns of what is. late: looks, and names it."""
    for pause in _with_a_last_look(tenant.read_back_timeout):
        names = late()
        if not names:
            return
        if pause:
            tenant.wait(pause)
            continue
        tenant.warnings.append(
            f"What was accepted does not show yet for: {', '.join(names)}. The service may need some minutes; run the task again to see."
        )


def _with_a_last_look(limit: float) -> Iterator[float]:
    yield from pauses(limit)
    yield 0.0


def carry_out(
    tenant: Tenant,
    params: Values,
    operations: Sequence[Operation],
    settled: Callable[[Operation, TenantError], bool | None],
    permission: Callable[[Operation], str],
) -> list[str]:
    """Does one operation after the other; returns what was done. settled: what became of one that was refused, or of which nobody knows."""
    ledger = ledger_of(tenant, params)
    before, after = sides_of(operations)
    ledger.begin({KIND: Plan(tuple(before), tuple(after), tuple(operations))}, {})
    store = tenant.store(SERVICE)
    done: list[str] = []
    for operation in operations:
        try:
            try:
                request_id = store.do(operation)
            except Forbidden as error:
                if error.status == 403 and error.code != "DisabledFeature":
                    needed = permission(operation)
                    error.hint = (
                        f"Grant the app the application permission {needed} of WindowsDefenderATP, with an administrator's consent."
                    )
                raise
            except (Refused, NotFound, OutcomeUnknown) as error:
                outcome = settled(operation, error)
                if outcome is False:
                    raise
                if outcome is None:
                    continue
                request_id = error.request_id
        except TenantError as error:
            error.done = tuple(done)
            raise error.about(tenant=tenant.label) from error.__cause__
        done.append(str(operation))
        ledger.note(KIND, operation, request_id)
    return done


def sides_of(operations: Sequence[Operation]) -> tuple[list[Values], list[Values]]:
    """Each operation's before and after, for the diff and the ledger."""
    before: list[Values] = []
    after: list[Values] = []
    for operation in operations:
        cancels = operation.verb == "Cancel"
        before.append({"name": operation.name, "status": "going on" if cancels else "none"})
        after.append({"name": operation.name, "status": "Cancelled" if cancels else f"{operation.parameters['ScanType']} scan"})
    return before, after
