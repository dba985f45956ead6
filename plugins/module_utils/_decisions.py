# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Approving, rejecting and undoing in the Action center, by a request that the operator recorded. Private to the collection.

Nothing of this is sent without a form, and nothing is claimed that the portal's lists do not show afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._description import Operation, Plan, Query, Row, Values
from ansible_collections.m365.defender.plugins.module_utils._errors import (
    Forbidden,
    Manual,
    NotFound,
    NotReadBack,
    OutcomeUnknown,
    Refused,
    TenantError,
)
from ansible_collections.m365.defender.plugins.module_utils._recorded import HOSTS, operations, request_of
from ansible_collections.m365.defender.plugins.module_utils._request_form import DECISIONS, form_of
from ansible_collections.m365.defender.plugins.module_utils._task import Work, ledger_of
from ansible_collections.m365.defender.plugins.module_utils._tenant import Tenant
from ansible_collections.m365.defender.plugins.module_utils._waiting import pauses
from ansible_collections.m365.defender.plugins.module_utils.readers._actions import LINKS, has_no_session, told
from ansible_collections.m365.defender.plugins.module_utils.readers._answers import folded
from ansible_collections.m365.defender.plugins.module_utils.readers._choice import FILTERS, Choice, chosen, label, says, shown

KIND = "pending_action"
SERVICE = "portal"
PENDING, CONTEXT = Query("pending_actions"), Query("tenant_context")
DONE = {"approve": "approved", "reject": "rejected", "undo": "undone"}
TRIED = "Deciding in the Action center"
BY_HAND = f"Decide at {LINKS['pending']} and undo at {LINKS['history']}."
NO_FORM = "there is no request form, and no published interface approves, rejects or undoes"
# [doc] Who may; that the portal answers others with 403 is a guess.
WHO = (
    "On devices it takes the role Security Administrator or the permission for active remediation actions; in mail Security Administrator "
    "and the role Search and Purge."
)


@dataclass(frozen=True)
class _Center:
    """The Action center of one tenant, as one session sees it. days: how far back its history is looked at."""

    tenant: Tenant
    decision: str
    days: int

    def read(self, query: Query) -> list[Row]:
        found = self.tenant.store(SERVICE).read([query])[query]
        if isinstance(found, TenantError):
            raise found.about(tried="Reading the Action center", tenant=self.tenant.label, service=SERVICE)
        return found

    def history(self) -> list[Row]:
        now = datetime.now(UTC)
        # A little into the future, because clocks differ.
        ends = (now - timedelta(days=self.days), now + timedelta(hours=1))
        texts = [one.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z" for one in ends]
        return self.read(Query("history_actions", (("fromDate", texts[0]), ("toDate", texts[1]))))

    def left(self, rows: Sequence[Row]) -> list[Row]:
        """Those of some actions that the lists do not show as decided yet."""
        ids = {_id(row): row for row in rows}
        if self.decision != "undo":
            waiting = {_id(row) for row in self.read(PENDING)}
            return [row for number, row in ids.items() if number in waiting]
        past = {_id(row): row for row in self.history()}
        return [row for number, row in ids.items() if number not in past or says("undo", past[number]) != "same"]


def _id(row: Row) -> str:
    return folded(told(row)["action_id"])


def _do(tenant: Tenant, params: Values, check: bool, diff: bool) -> Values:
    decision, now = params["decision"], datetime.now(UTC)
    request = request_of(params)
    center = _Center(tenant, decision, params["days"])
    try:
        (context,) = center.read(CONTEXT)
    except TenantError as error:
        if not has_no_session(error):
            raise
        text = "without portal_session nobody can see which actions wait, and no published interface decides them"
        raise Manual(text, tried=TRIED, tenant=tenant.label, hint=BY_HAND) from None
    pending = [] if decision == "undo" else center.read(PENDING)
    waiting = {_id(row) for row in pending}
    asked = {folded(one) for one in params.get("ids") or ()}
    history = center.history() if decision == "undo" or asked - waiting else []
    if decision == "undo" and asked - {_id(row) for row in history}:
        pending = center.read(PENDING)  # only to say that something was not done yet
    choice = chosen(params, pending, history, now)
    auth: Values = context["AuthInfo"]  # which names the tenant, or the session would have been refused
    fixed = {"comment": params.get("comment") or "", "decision": decision, "tenant_id": tenant.id}
    fixed.update(user_name=auth.get("UserName"), user_id=auth.get("AadUserId"))
    planned = operations(request, decision, choice.rows, history if decision == "undo" else pending, fixed)
    tenant.warnings += choice.doubts
    if context.get("IsExposedToAllMachineGroups") is not True:
        tenant.warnings.append("The portal session sees only some device groups, so actions on devices of others can't be seen or decided.")
    if planned and request is None:
        return _by_hand(tenant, choice, check, now)
    done = [str(operation) for operation in planned]
    after: dict[str, Row] = {}
    if planned and not check:
        done, after = _carry_out(center, params, choice, planned)
    result: Values = {"changed": bool(done), "operations": done, "actions": _actions(choice, "decided", after, now)}
    result["links"] = dict(LINKS)
    if diff:
        result["diff"] = _diff(decision, choice.rows) if done else []
    return result


def _by_hand(tenant: Tenant, choice: Choice, check: bool, now: datetime) -> Values:
    """What is left to a person: in check mode it is listed, else the task fails."""
    names = [label(told(row)) for row in choice.rows]
    error = Manual(
        f"{NO_FORM}; to be decided by hand: {'; '.join(names)}",
        tried=TRIED,
        tenant=tenant.label,
        hint=f"{BY_HAND} Or record one decision in your browser and make a form of it with m365.defender.request_form.",
    )
    if not check:
        raise error
    tenant.warnings.append(f"A real run would fail here, as manual work is left: {error.message}")
    return {"changed": False, "operations": [], "actions": _actions(choice, "by_hand", {}, now), "links": dict(LINKS)}


def _carry_out(center: _Center, params: Values, choice: Choice, planned: Sequence[Operation]) -> tuple[list[str], dict[str, Row]]:
    """Sends every request and reads back. Returns what was done, and the items of the history by id."""
    tenant, done = center.tenant, list[str]()
    ledger = ledger_of(tenant, params)
    plan = Plan(
        tuple({"id": told(row)["action_id"], "state": _before(center.decision)} for row in choice.rows),
        tuple({"id": told(row)["action_id"], "state": DONE[center.decision]} for row in choice.rows),
        tuple(planned),
    )
    ledger.begin({KIND: plan}, {})
    store = tenant.store(SERVICE)
    try:
        for operation in planned:
            request_id = _sent(center, choice, operation, store.do)
            if request_id is not None:
                done.append(str(operation))
                ledger.note(KIND, operation, request_id)
        return done, _read_back(center, choice.rows)
    except TenantError as error:
        error.done = tuple(done)
        if isinstance(error, Forbidden):
            error.hint = WHO
        raise error.about(tenant=tenant.label) from None


def _sent(center: _Center, choice: Choice, operation: Operation, do: Any) -> str | None:
    """Sends one request, never twice; None if it turned out that somebody else had decided the action in between."""
    try:
        return str(do(operation))
    except (OutcomeUnknown, Refused, NotFound) as error:
        rows = [row for row in choice.rows if _id(row) == folded(operation.identity)]
        if center.left(rows):
            raise
        center.tenant.warnings.append(f"{error.message} But the action does not wait any more.")
        return error.request_id if isinstance(error, OutcomeUnknown) else None


def _read_back(center: _Center, rows: Sequence[Row]) -> dict[str, Row]:
    """Waits until no action waits any more, and looks what the history says of it. Raises NotReadBack."""
    tenant, waits = center.tenant, pauses(center.tenant.read_back_timeout)
    while left := center.left(rows):
        pause = next(waits, None)
        if pause is None:
            names = "; ".join(label(told(row)) for row in left)
            raise NotReadBack(
                f"the portal accepted it, but after {tenant.read_back_timeout:.0f} seconds this does not show: {names}",
                tried="Reading back",
                service=SERVICE,
                hint=f"Look at {LINKS['history']}. If the action waits as before, the form may not fit actions of this kind.",
            )
        tenant.wait(pause)
    past = {_id(row): row for row in center.history()}
    for row in rows:
        found = past.get(_id(row))
        said = says(center.decision, found) if found else ""
        if found and said == "other":
            words = f"{told(found)['decision']} {told(found)['status']}".strip()
            raise NotReadBack(
                f"{label(told(row))} was decided, but otherwise: {words}", tried="Reading back", service=SERVICE, hint=BY_HAND
            )
        if not said:
            tenant.warnings.append(f"{label(told(row))} does not wait any more, but the history does not say yet how it was decided.")
    return past


def _before(decision: str) -> str:
    return "done" if decision == "undo" else "waiting"


def _actions(choice: Choice, state: str, after: dict[str, Row], now: datetime) -> list[Values]:
    """Every action that the task means; of those that were decided, what the history says now."""
    decided = [shown({**row, **after.get(_id(row), {})}, state, now) for row in choice.rows]
    return decided + [shown(row, "already", now) for row in choice.already]


def _diff(decision: str, rows: Sequence[Row]) -> list[Values]:
    return [
        {
            "before_header": f"{KIND} {label(told(row))}",
            "after_header": f"{KIND} {label(told(row))}",
            "before": {"state": _before(decision)},
            "after": {"state": DONE[decision]},
        }
        for row in rows
    ]


def _wrong(options: Values) -> list[str]:
    faults = [] if 1 <= options["days"] <= 180 else [f"days must be between 1 and 180, not {options['days']}"]
    filters = [name for name in (*FILTERS, "older_than_days") if options.get(name) is not None]
    if options.get("ids") and filters:
        faults.append(f"ids names the actions, so {' and '.join(filters)} can't be given besides")
    if not options.get("ids") and not any(options.get(name) for name in FILTERS):
        faults.append(f"ids or a filter ({', '.join(FILTERS)}) must say which actions are meant")
    if options.get("ids") is not None and not all(str(one).strip() for one in options["ids"]):
        faults.append("ids must not have an empty id")
    if options.get("form") is not None and options.get("form_file"):
        faults.append("give either form or form_file")
    if options.get("form") is not None:
        try:
            form_of(options["form"], HOSTS)
        except TenantError as error:
            faults.append(f"form: {error.text}")
    if len(options.get("comment") or "") > 1_024:
        faults.append("comment must not be longer than 1024 characters")
    return faults


PENDING_ACTION = Work(
    KIND,
    {
        "decision": {"type": "str", "required": True, "choices": list(DECISIONS)},
        "ids": {"type": "list", "elements": "str"},
        **{name: {"type": "str"} for name in FILTERS},
        "older_than_days": {"type": "float"},
        "comment": {"type": "str"},
        "form": {"type": "dict"},
        "form_file": {"type": "path"},
        "days": {"type": "int", "default": 30},
    },
    _do,
    _wrong,
)
