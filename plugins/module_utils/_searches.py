# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Questions of Microsoft Graph that are no list: advanced hunting with its quotas, and the audit log. Private to the collection."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple, Protocol

from ansible_collections.m365.defender.plugins.module_utils._errors import Refused, Unavailable
from ansible_collections.m365.defender.plugins.module_utils._http import LONGEST_WAIT, backoff, seconds_of
from ansible_collections.m365.defender.plugins.module_utils._transport import Reply
from ansible_collections.m365.defender.plugins.module_utils._waiting import pauses

Row = dict[str, Any]

HUNT, AUDIT = "security/runHuntingQuery", "security/auditLog/queries"
HUNTING, SEARCHING = "Running the hunting query", "Searching the audit log"
# A query may run for three minutes, then the service breaks it off. [doc] defender-xdr/api-advanced-hunting
HUNT_TIMEOUT = 200.0
MISSES = 3  # how often a query that found no back end is asked again
SHARED = 5000  # different texts of a column that are looked for again
CALLS_WAIT, CPU_WAIT = 60.0, 900.0  # seconds after which each quota is renewed, for a 429 without Retry-After. [doc] the same page


class Ask(NamedTuple):
    """A question: a path below the API's root, its parameters, and how many rows are enough (None: all).

    kept: the members of each row that are kept, all when there are none.
    """

    noun: str
    parameters: tuple[tuple[str, Any], ...] = ()
    most: int | None = None
    kept: tuple[str, ...] = ()


class Asker(Protocol):
    """What a search needs of the client: `search` sends one request, `rows` reads a list, `wait` waits. They raise TenantError."""

    @property
    def wait(self) -> Callable[[float], None]: ...

    def search(self, method: str, ask: Ask, body: Any, tried: str, **how: Any) -> Reply: ...

    def rows(self, ask: Ask, tried: str = "") -> list[Row]: ...


def retry_after(reply: Reply, now: Callable[[], float] = time.time) -> float | None:
    """How many seconds the service asks to wait: Retry-After is a number or a date. None where it does not say."""
    seconds = seconds_of(reply.headers)
    if seconds is not None:
        return seconds
    try:
        return max(0.0, parsedate_to_datetime(str(reply.headers.get("Retry-After"))).timestamp() - now())
    except ValueError:
        return None


def quota_of(text: str) -> str:
    """Which quota of advanced hunting is used up, from what the 429 says: "cpu", "calls", or "" where that is not told.

    That the body tells which one is [doc]; its words are not published, so that the words looked for here are a guess.
    """
    if re.search(r"\bcpu\b|resource|running time|execution time", text, re.IGNORECASE):
        return "cpu"
    return "calls" if re.search(r"\bcalls?\b|number of|requests? (sent|per)|per (minute|hour)", text, re.IGNORECASE) else ""


QUOTAS = {
    "cpu": "the tenant's CPU time for hunting is used up until the next cycle of 15 minutes",
    "calls": "the tenant has made as many hunting calls as it may in a minute or an hour",
    "": "a hunting quota of the tenant is used up; the service does not say which (calls per minute, or CPU time per 15 minutes)",
}
ADVICE = {
    "cpu": "Let the query look at less: a shorter timespan, `where` before `join`, fewer columns.",
    "calls": "Let fewer hosts or tasks hunt at once.",
    "": "Let the query look at less, or fewer tasks hunt at once.",
}


class Patience:
    """Waits out the 429s of a query, for `limit` seconds in all; then raises Unavailable that says which quota and when to try again.

    A query that found no back end (502, 503) is asked again some times. One that may have run is not: it would use up the quota once more.
    """

    def __init__(self, limit: float, wait: Callable[[float], None], now: Callable[[], float] = time.time) -> None:
        self._limit = limit
        self._wait = wait
        self._now = now
        self._missed = 0
        self.waited = 0.0

    def __call__(self, reply: Reply) -> bool:
        """Waits and returns whether to ask again; False for an answer that stands."""
        if reply.status in (502, 503) and self._missed < MISSES:
            self._missed += 1
            asked = retry_after(reply, self._now)
            self._wait(backoff(self._missed) if asked is None else min(asked, LONGEST_WAIT))
            return True
        if reply.status == 429:
            self._quota(reply)
        return reply.status == 429

    def _quota(self, reply: Reply) -> None:
        body = reply.json()
        error = body.get("error") if isinstance(body, dict) else None
        error = error if isinstance(error, dict) else {}
        inner = error.get("innerError")
        request_id = str(inner.get("request-id") or "") if isinstance(inner, dict) else ""
        said = str(error.get("message") or "").strip()
        quota = quota_of(f"{error.get('code') or ''} {said}")
        asked = retry_after(reply, self._now)
        pause = max(1.0, (CPU_WAIT if quota == "cpu" else CALLS_WAIT) if asked is None else asked)
        if self.waited + pause > self._limit:
            when = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self._now() + pause))
            words = f' It said: "{said}"' if said and said != error.get("code") else ""
            raise Unavailable(
                f"{QUOTAS[quota]}.{words}",
                tried=HUNTING,
                service="graph",
                status=429,
                code=str(error.get("code") or "TooManyRequests"),
                request_id=request_id or reply.request_id,
                hint=f"Try again at {when}, in {pause:.0f} seconds, or raise wait_for_quota where there is one: {self.waited:.0f} of "
                f"{self._limit:.0f} seconds were waited. {ADVICE[quota]}",
            )
        self._wait(pause)
        self.waited += pause


def rows_shared(text: str) -> Any:
    """JSON of many rows, read so that equal texts of a column are one text in memory: a hundred thousand rows fit where half would.

    A column with many different texts is given up, so that the bookkeeping stays small.
    """
    columns: dict[str, dict[str, str]] = {}

    def shared(pairs: list[tuple[str, Any]]) -> Row:
        row = {}
        for name, value in pairs:
            if isinstance(value, str):
                known = columns.setdefault(name, {})
                if value in known:
                    value = known[value]
                elif len(known) < SHARED:
                    known[value] = value
            row[name] = value
        return row

    return json.loads(text, object_pairs_hook=shared)


def hunt(rest: Asker, ask: Ask) -> list[Row]:
    """One row: `schema` and `results` of a hunting query, and for how long quotas were waited out (`waited`).

    parameters: Query, Timespan, and wait_for_quota, the seconds for which a used-up quota is waited out. A query that timed out is not
    sent again: that would use up the quota once more.
    """
    body = dict(ask.parameters)
    patience = Patience(float(body.pop("wait_for_quota", 0)), rest.wait)
    reply = rest.search("POST", Ask(HUNT), body, HUNTING, timeout=HUNT_TIMEOUT, throttled=patience)
    known: dict[str, Any] = {"status": reply.status, "request_id": reply.request_id}
    text = reply.text
    del reply  # a large answer is not kept twice
    try:
        answer = rows_shared(text)
    except ValueError:
        answer = None
    if not isinstance(answer, dict) or not isinstance(answer.get("results"), list) or not isinstance(answer.get("schema"), list):
        raise Unavailable("the service gave an answer without results", tried=HUNTING, service="graph", **known)
    return [{"schema": answer["schema"], "results": answer["results"], "waited": patience.waited}]


def search_audit(rest: Asker, ask: Ask) -> list[Row]:
    """The records of an audit search. This API reads by making a query object, looking whether it is done, and listing its records. [doc]

    parameters: members of the auditLogQuery; a tuple is sent as a list. wait_for_search: for how many seconds it may run.
    """
    body = {name: list(value) if isinstance(value, tuple) else value for name, value in ask.parameters}
    limit = float(str(body.pop("wait_for_search", 0)))
    reply = rest.search("POST", Ask(AUDIT), body, SEARCHING)
    found = reply.json()
    number = str(found.get("id") or "") if isinstance(found, dict) else ""
    if not re.fullmatch(r"[\w-]+", number):
        raise Unavailable(
            "the service gave no id for the search", tried=SEARCHING, service="graph", status=reply.status, request_id=reply.request_id
        )
    waits = pauses(limit)
    while found.get("status") != "succeeded":
        status = str(found.get("status") or "notStarted")
        if status in ("failed", "cancelled"):
            raise Refused(
                f"the search has {status.replace('cancelled', 'been cancelled')} (search {number})",
                tried=SEARCHING,
                service="graph",
                status=200,
                hint="The service says no more. Try a shorter time, and look whether auditing is on (admin_audit_log_config).",
            )
        pause = next(waits, None)
        if pause is None:
            raise Unavailable(
                f"the search is still {'running' if status == 'running' else 'waiting its turn'} after {limit:.0f} seconds "
                f"(search {number})",
                tried=SEARCHING,
                service="graph",
                status=200,
                hint="Raise wait_for_search, or ask for a shorter time. Searches of the audit log take minutes, at busy hours longer.",
            )
        rest.wait(pause)
        looked = rest.search("GET", Ask(f"{AUDIT}/{number}"), None, SEARCHING).json()
        found = looked if isinstance(looked, dict) else {}
    return rest.rows(Ask(f"{AUDIT}/{number}/records", (), ask.most), SEARCHING)


# Nouns that stand for such a search, who answers them, and where they go.
SEARCHES: dict[str, Callable[[Asker, Ask], list[Row]]] = {"hunting": hunt, "audit": search_audit}
SEARCHED = {"hunting": HUNT, "audit": AUDIT}
