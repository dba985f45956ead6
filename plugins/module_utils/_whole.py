# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The portal as a store: lists that are read and written whole, and settings. Private to the collection."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._action_lists import ACTION_LISTS, read_actions
from ansible_collections.m365.defender.plugins.module_utils._errors import ListChanged, NotReadBack, Refused, TenantError
from ansible_collections.m365.defender.plugins.module_utils._features import NOUN as FEATURES
from ansible_collections.m365.defender.plugins.module_utils._features import Features
from ansible_collections.m365.defender.plugins.module_utils._portal import Portal
from ansible_collections.m365.defender.plugins.module_utils._resource import Operation, Query
from ansible_collections.m365.defender.plugins.module_utils._transport import Transport
from ansible_collections.m365.defender.plugins.module_utils._waiting import pauses
from ansible_collections.m365.defender.plugins.module_utils._whole_lists import WHOLE_LISTS, Draft, differing_from, told_apart

Row = dict[str, Any]
Answers = dict[Query, "list[Row] | TenantError"]
CONTEXT = "tenant_context"
RECORDED = "PendingAction"  # decided by a request that somebody recorded: Operation.parameters has method, path and body


class Whole:
    """The portal's lists: read, change one member, write all, read back.

    The portal has no way to say "only if nobody changed it", so what somebody else does is looked for three times: between the reading
    that a plan was made from and the last reading before a write (then nothing is written: ListChanged), in the list that is read back
    (then it is left alone and said), and in the times of the last change of members that were written as they had been read (then his
    change was set back, and that is said too).
    """

    def __init__(
        self, portal: Portal, transport: Transport, *, wait: Callable[[float], None], limit: float, warn: Callable[[str], None]
    ) -> None:
        """limit: for how many seconds a write may not show yet."""
        self._portal = portal
        self._counts = transport.counts
        self._wait = wait
        self._limit = limit
        self._warn = warn
        self._features = Features(portal, wait=wait, limit=limit)
        self._seen: dict[str, list[Row]] = {}  # each list as it was read last, which is what plans are made from

    def read(self, queries: Sequence[Query]) -> Answers:
        answers: Answers = {}
        for query in queries:
            self._counts["reads"] += 1
            try:
                answers[query] = self._answer(query)
            except TenantError as error:
                if error.status is None:
                    raise
                answers[query] = error
        if any(query.noun in WHOLE_LISTS for query in queries) and not self._sees_all:
            self._warn("The portal session sees only some device groups, so others may be missing here, and none can be changed with it.")
        return answers

    def _answer(self, query: Query) -> list[Row]:
        if query.noun == CONTEXT:
            return [self._portal.context()]
        if query.noun in ACTION_LISTS:
            return read_actions(self._portal, query)
        if query.noun == FEATURES:
            return [self._features.read()]
        rows = self._seen[query.noun] = self._rows(query.noun)
        return rows

    def do(self, operation: Operation) -> str:
        if operation.noun == RECORDED:
            given = operation.parameters
            return self._portal.send(given["method"], given["path"], given["body"], f"{operation.verb} {operation.name}")
        if operation.noun == FEATURES:
            return self._features.set(operation)
        kind = WHOLE_LISTS[operation.noun]
        tried = f"{operation.verb}-{operation.noun} {operation.name}".rstrip()
        known: Row = {"tried": tried, "service": "portal"}
        if not self._sees_all:
            # Writing the list would remove those that this user does not see; that it would is a guess, and reason enough.
            raise Refused(
                "the portal session sees only some device groups, and writing the list would lose the others",
                hint="Use the session of a user who is not limited to some device groups.",
                **known,
            )
        draft = Draft(kind, operation, known)
        try:
            request_id = self._portal.write("PUT", kind.write_path, lambda: draft.of(self._rows(operation.noun), self._seen), tried)
        except ListChanged:
            raise
        except Refused as error:
            # A member that was removed in the meantime is refused by its number, a name that was given in the meantime as taken.
            differing = told_apart(kind, draft.before, self._rows(operation.noun)) if draft.wanted else []
            if not differing:
                raise
            raise ListChanged(
                f"the portal refused the list ({error.text}), and it has changed in between: {'; '.join(differing)}", **known
            ) from error
        self._read_back(draft)
        return request_id

    @property
    def _sees_all(self) -> bool:
        return self._portal.context().get("IsExposedToAllMachineGroups") is True

    def _rows(self, noun: str) -> list[Row]:
        kind = WHOLE_LISTS[noun]
        body = self._portal.get(kind.read_path, f"Reading {noun}")
        rows = body.get(kind.member) if isinstance(body, dict) else None
        if not isinstance(rows, list):
            raise TenantError(f"the portal gave an answer without {kind.member}", tried=f"Reading {noun}", service="portal", status=200)
        if not all(isinstance(row, dict) for row in rows):
            raise TenantError("the portal gave a list in a form that nobody knows", tried=f"Reading {noun}", service="portal", status=200)
        return rows

    def _read_back(self, draft: Draft) -> None:
        """Reads until the list is as it was written. Raises NotReadBack, naming what is missing or different.

        A list that is neither as it was written nor as it was before, but has what was to be done, was changed by somebody else since.
        """
        waits = pauses(self._limit)
        while True:
            found = self._rows(draft.operation.noun)
            differing = differing_from(draft.kind, draft.wanted, found)
            later = bool(differing) and bool(told_apart(draft.kind, draft.before, found)) and draft.shows(found)
            if not differing or later:
                break
            pause = next(waits, None)
            if pause is None:
                raise NotReadBack(
                    f"the portal accepted the list, but after {self._limit:.0f} seconds it does not show it so: {'; '.join(differing)}",
                    hint="Look at the device groups in the portal before the next run: somebody else may have changed them too.",
                    **draft.known,
                )
            self._wait(pause)
        self._seen[draft.operation.noun] = found
        if later:
            self._warn(
                f"{draft.known['tried']}: it was done, but the list is not only what was written: {'; '.join(differing)}. Somebody else "
                "seems to have changed it right after; that was left as it is."
            )
        lost = draft.set_back(found)
        if lost:
            self._warn(
                f"{draft.known['tried']}: somebody else seems to have changed {', '.join(lost)} between the last reading and the writing, "
                "and the writing set that back, because the portal takes the list only as a whole. Ask who works on device groups, and "
                "make that change again."
            )
