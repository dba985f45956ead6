# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One exchange with a service: request ids, the address of an emulated tenant or gateway, the trace. Private to the collection."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

from ansible_collections.m365.defender.plugins.module_utils._addresses import is_loopback
from ansible_collections.m365.defender.plugins.module_utils._errors import (
    AlreadyExists,
    Forbidden,
    NotFound,
    OutcomeUnknown,
    Refused,
    TenantError,
    Unavailable,
)
from ansible_collections.m365.defender.plugins.module_utils._http import NoAnswer, Session, headers_of
from ansible_collections.m365.defender.plugins.module_utils._trace import REDACTED, Trace

_REQUEST_ID_HEADERS = ("request-id", "x-ms-request-id", "client-request-id")


@dataclass(frozen=True)
class Reply:
    """A service's answer; every address in it is a real one. cookies: the values of Set-Cookie by name."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    request_id: str

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    def json(self) -> Any:
        """The body; None when it is empty or no JSON at all."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    @property
    def cookies(self) -> dict[str, str]:
        """What Set-Cookie sets. Several of these headers arrive joined by commas; a date has a comma too, but no `=` right behind it."""
        found = re.finditer(r"(?:^|,\s*)([\w.%-]+)=([^;,\s]*)", self.headers.get("Set-Cookie") or "")
        return {one[1]: one[2] for one in found}


class Secrets:
    """Every secret value that was given or obtained, so that it can be masked wherever it turns up. Shows nothing of itself."""

    def __init__(self) -> None:
        self._values: dict[str, None] = {}

    def add(self, *values: str | None) -> None:
        self._values.update(dict.fromkeys(value for value in values if value))

    def __iter__(self) -> Iterator[str]:
        return iter(tuple(self._values))

    def __repr__(self) -> str:
        return f"<{len(self._values)} secrets>"


class Transport:
    """Sends requests for one tenant. Clients see real addresses only; `endpoint` is put before them and taken off again here."""

    def __init__(
        self,
        *,
        tenant: str,
        endpoint: str | None,
        ca_path: str | None,
        proxy: str | None,
        timeout: float,
        trace: str | None,
        wait: Callable[[float], None],
        secrets: Secrets,
    ) -> None:
        self.counts = {"reads": 0, "writes": 0, "refused": 0, "requests": 0}
        self.secrets = secrets
        self.wait = wait
        self._tenant = tenant
        self._endpoint = endpoint.rstrip("/") if endpoint else ""
        self._trace = Trace(trace, tenant, secrets)
        # A proxy leads away from this machine: what listens here is not to be found behind it.
        self._session = Session(ca_path=ca_path, proxy=None if is_loopback(endpoint) else proxy, timeout=timeout, wait=wait)

    def send(
        self,
        method: str,
        url: str,
        *,
        service: str,
        tried: str,
        headers: Mapping[str, str] | None = None,
        json_body: Any = None,
        form: Mapping[str, str] | str | None = None,
        write: bool = False,
        once: bool = False,
        timeout: float | None = None,
        near: bool = False,
        private: bool = False,
    ) -> Reply:
        """Sends one request to a real address. Any status is an answer; Unavailable or OutcomeUnknown is raised when none came.

        once: nothing that may have reached the service is repeated. timeout: another one than usual, in seconds, if it is longer.
        near: the address belongs to this machine, so that no proxy leads there. private: the trace shows neither bodies nor query.
        """
        self._trace.check()
        sent = {"Accept": "application/json", "client-request-id": str(uuid.uuid4()), **(headers or {})}
        body: bytes | None = None
        if json_body is not None:
            sent["Content-Type"] = "application/json"
            body = json.dumps(json_body).encode()
        elif form is not None:
            sent.setdefault("Content-Type", "application/x-www-form-urlencoded")
            body = (form if isinstance(form, str) else urlencode(form)).encode()
        shown = REDACTED.encode() if private and body else body
        noted = url.partition("?")[0] if private else url
        try:
            answer = self._session.send(method, self._outward(url), sent, body, write=write, once=once, timeout=timeout, direct=near)
        except NoAnswer as error:
            self.counts["requests"] += 1
            self._trace.note(method, noted, sent, shown, None, error.text.encode(), write)
            raise self._unanswered(error, url, write, sent["client-request-id"]).about(service=service, tried=tried) from None
        self.counts["requests"] += answer.tries
        reply = Reply(
            answer.status,
            headers_of({name: self._inward(value) for name, value in answer.headers.items()}),
            self._inward_body(answer.body),
            next((answer.headers[name] for name in _REQUEST_ID_HEADERS if answer.headers.get(name)), sent["client-request-id"]),
        )
        told = REDACTED.encode() if private and reply.body else reply.body
        self._trace.note(method, noted, sent, shown, reply.status, told, write)
        return reply

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Counts the write that is sent within, and whether the service refused it."""
        self.counts["writes"] += 1
        try:
            yield
        except (AlreadyExists, Forbidden, NotFound, Refused):
            self.counts["refused"] += 1
            raise

    def close(self) -> None:
        """Closes every connection."""
        self._session.close()

    def _unanswered(self, error: NoAnswer, url: str, write: bool, request_id: str) -> TenantError:
        host = urlsplit(url).netloc
        asked = f"{host} (asked at {self._endpoint})" if self._endpoint else host
        if write and error.sent:
            return OutcomeUnknown(
                f"{asked} {error.text}, so it is not known whether the change was made",
                request_id=request_id,
                hint=f"{error.hint} Run the task again: it reads what is there before it writes.".strip(),
            )
        return Unavailable(f"{asked} {error.text}", hint=error.hint)

    def _outward(self, url: str) -> str:
        if not self._endpoint or is_loopback(url):
            return url
        return f"{self._endpoint}/{url.partition('://')[2]}"

    def _inward(self, value: str) -> str:
        if self._endpoint and value.startswith(f"{self._endpoint}/"):
            return "https://" + value.removeprefix(f"{self._endpoint}/")
        return value

    def _inward_body(self, body: bytes) -> bytes:
        """The body with real addresses in the place of every text that begins with the endpoint."""
        if not self._endpoint or not body:
            return body
        for slash in ("/", "\\/"):  # JSON may write a slash either way
            here = ('"' + self._endpoint.replace("/", slash) + slash).encode()
            body = body.replace(here, f'"https:{slash}{slash}'.encode())
        return body


@dataclass(frozen=True)
class Answered:
    """What is kept of an answer, without its body. readable: whether that is a JSON object, as every answer for msal has to be."""

    method: str
    status: int
    request_id: str
    readable: bool


class TokenClient:
    """The transport as msal wants its `http_client`: `get` and `post` that return an object with status_code, text and headers.

    last: the last answer, because what msal raises does not tell it.
    """

    def __init__(self, transport: Transport) -> None:
        self.last: Answered | None = None
        self._transport = transport

    def get(self, url: str, params: Any = None, headers: Any = None, **_: Any) -> Any:
        return self._ask("GET", url, params, headers, None)

    def post(self, url: str, params: Any = None, data: Any = None, headers: Any = None, **_: Any) -> Any:
        return self._ask("POST", url, params, headers, data)

    def close(self) -> None:
        """Nothing: the transport is not msal's to close."""

    def _ask(self, method: str, url: str, params: Any, headers: Any, form: Any) -> Any:
        if params:
            url += ("&" if "?" in url else "?") + urlencode(params)
        self.last = None
        reply = self._transport.send(method, url, service="identity", tried="Signing in", headers=headers, form=form)
        self.last = Answered(method, reply.status, reply.request_id, isinstance(reply.json(), dict))
        return _MsalReply(reply.status, reply.text, reply.headers)


@dataclass(frozen=True)
class _MsalReply:
    status_code: int
    text: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
