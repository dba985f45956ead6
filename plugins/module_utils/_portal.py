# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Defender portal's own API, for the few things that have no other: a signed-in user's session, lists that are written whole.

Not supported by Microsoft. Everything about it: [live] published captures or [code] published clients (XDRInternals, xdrlograider and
others), where nothing else is said. Private to the collection.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._errors import (
    Forbidden,
    NotFound,
    OutcomeUnknown,
    Refused,
    SignInFailed,
    TenantError,
    Unavailable,
)
from ansible_collections.m365.defender.plugins.module_utils._http import TRIES, pause_after
from ansible_collections.m365.defender.plugins.module_utils._portal_sign_in import PortalSession
from ansible_collections.m365.defender.plugins.module_utils._transport import Reply, Transport

Row = dict[str, Any]
CONTEXT = "/apiproxy/mtp/sccManagement/mgmt/TenantContext?realTime=true"


class Portal:
    """One signed-in user's session, for one tenant: before anything else the portal must say that the session is of that tenant."""

    def __init__(self, *, host: str, tenant: str, session: PortalSession, transport: Transport) -> None:
        self._host = host
        self._tenant = tenant
        self._transport = transport
        self._session = session
        self._context: Row | None = None

    def context(self) -> Row:
        """TenantContext, asked once. Raises Refused when the session belongs to another tenant; then nothing else is ever sent."""
        if self._context is None:
            # Without the headers that name a tenant, so that the answer is the session's own.
            row = self._asked(CONTEXT, "Reading TenantContext", named=False).json()
            row = row if isinstance(row, dict) else {}
            auth = row.get("AuthInfo")
            owner = str(auth.get("TenantId") or "").lower() if isinstance(auth, dict) else ""
            if owner != self._tenant:
                raise Refused(
                    f"the portal session belongs to the tenant {owner or 'that it does not name'}, not to {self._tenant}",
                    tried="Checking the portal session",
                    service="portal",
                    hint="Give each host the portal_session of its own tenant. Nothing else was sent.",
                )
            self._context = row
        return self._context

    def get(self, path: str, tried: str) -> Any:
        """What a path gives, as JSON. Raises TenantError."""
        self.context()
        reply = self._asked(path, tried)
        body = reply.json()
        if body is None:
            raise Unavailable("the portal gave an answer that is no JSON", service="portal", tried=tried, status=reply.status)
        return body

    def send(self, method: str, path: str, body: Any, tried: str) -> str:
        """Any change whose body does not depend on what is there; see `write`."""
        return self.write(method, path, lambda: body, tried)

    def write(self, method: str, path: str, body: Callable[[], Any], tried: str) -> str:
        """Writes; returns the request's id. Raises TenantError.

        body: asked anew for each try, so that what is sent is never older than the last reading: after a renewed session, and after waiting
        because of 429. An answer of 500 is not repeated: nobody knows what was done.
        """
        self.context()
        content = body()  # what is refused in making it was never sent
        renewed = False
        with self._transport.writing():
            for tries in range(1, TRIES + 1):
                reply = self._send(method, path, tried, content, write=True)
                if reply.status in (401, 440) and not renewed:
                    renewed = True
                    self._session.renew()
                elif reply.status == 429 and tries < TRIES:
                    self._transport.wait(pause_after(reply.headers, tries))
                else:
                    break
                content = body()
            if reply.status >= 300:
                raise _error(reply, tried, True, self._session.hint)
        return reply.request_id

    def _asked(self, path: str, tried: str, *, named: bool = True) -> Reply:
        """Reads, once more with a renewed session after 401, 440 and 500 (as a stale XSRF token answers)."""
        reply = self._send("GET", path, tried, named=named)
        if reply.status in (401, 440, 500):
            self._session.renew()
            reply = self._send("GET", path, tried, named=named)
        if reply.status >= 300:
            raise _error(reply, tried, False, self._session.hint)
        return reply

    def _send(self, method: str, path: str, tried: str, body: Any = None, *, named: bool = True, write: bool = False) -> Reply:
        headers = {**self._session.header(), "Content-Type": "application/json"}
        if named:
            headers.update({"x-tid": self._tenant, "tenant-id": self._tenant})
        reply = self._transport.send(
            method, f"https://{self._host}{path}", service="portal", tried=tried, headers=headers, json_body=body, write=write, once=write
        )
        self._session.take(reply)
        return reply


def _error(reply: Reply, tried: str, write: bool, again: str) -> TenantError:
    """The TenantError of an answer. again: how a new session is had."""
    known: Row = {"service": "portal", "tried": tried, "status": reply.status, "request_id": reply.request_id}
    text = _text(reply)
    if reply.status in (401, 440) or 300 <= reply.status < 400:
        return SignInFailed("the portal session has ended", hint=again, **known)
    if reply.status == 403:
        return Forbidden(
            text or "the portal forbids it",
            hint="If it speaks of a product or a licence, the tenant lacks it: Defender for Business has no device groups, for example. "
            "Otherwise the signed-in user needs the role Security Administrator, or a Defender role that manages security settings.",
            **known,
        )
    if reply.status == 404:
        return NotFound(
            text or "the portal does not have this",
            hint="Most likely the tenant lacks the licence (Defender for Endpoint Plan 2), or the portal was never opened there.",
            **known,
        )
    if reply.status == 429:
        return Unavailable(text or "the portal takes no more requests for now", hint="Try again later.", **known)
    if reply.status >= 500:
        if write:
            return OutcomeUnknown(
                f"it is not known whether the change was made: {text or 'the portal failed'}",
                hint="Run the task again: it reads what is there before it writes.",
                **known,
            )
        return Unavailable(
            text or "the portal failed",
            hint=f"The service behind it may not be set up in this tenant, or the session is stale. {again}",
            **known,
        )
    return Refused(text or f"the portal refused it without a reason (HTTP {reply.status})", **known)


def _text(reply: Reply) -> str:
    """What an error body says. The form of 500 is [live], that of the others a guess."""
    body = reply.json()
    if isinstance(body, str):
        return body
    if not isinstance(body, dict):
        return ""
    error = body.get("error")
    found = error.get("message") if isinstance(error, dict) else body.get("ExceptionMessage") or body.get("Message") or body.get("message")
    return str(found or "").strip()
