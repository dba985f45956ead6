# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cmdlets over REST: one at a time or in batches, on the Exchange and the compliance endpoint. Private to the collection.

Protocol: [code] the REST endpoint of ExchangeOnlineManagement, as its module and several published clients use it. Hosts: [doc].
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.m365.defender.plugins.module_utils._claims import wanted_claims
from ansible_collections.m365.defender.plugins.module_utils._clouds import Cloud
from ansible_collections.m365.defender.plugins.module_utils._credentials import SignIn
from ansible_collections.m365.defender.plugins.module_utils._errors import Refused, TenantError, Unavailable
from ansible_collections.m365.defender.plugins.module_utils._exchange_errors import error_of, lasting, said_in
from ansible_collections.m365.defender.plugins.module_utils._http import TRIES, backoff, headers_of, pause_of
from ansible_collections.m365.defender.plugins.module_utils._token_files import TokenFiles
from ansible_collections.m365.defender.plugins.module_utils._transport import Reply, Transport

Row = dict[str, Any]
Command = tuple[str, Mapping[str, Any]]  # a cmdlet's name and its parameters in wire form
Make = Callable[[str, str], Any]  # from host and token to the body of a request

BATCH = 10  # the module and CIPP both cut here. [code]
PAGE = "odata.maxpagesize=1000"
MODULE_FILE = "EXOModuleFile?Version=3.9.2"  # [code] CIPP
MAILBOX = "SystemMailbox{bb558c35-97f1-4cb9-8ff7-d53741dc928c}"
AUDIT_MAILBOX = "SystemMailbox{8cc370d3-822a-4ab8-a926-bb94bd0641a9}"  # for Set-AdminAuditLogConfig. [code]


@dataclass(frozen=True)
class Done:
    """What a cmdlet gave: rows without annotations, and the request's id."""

    rows: list[Row]
    request_id: str


class Exchange:
    """Runs cmdlets in one tenant. service: "exchange" or "compliance"; the latter leads to a regional host, which is kept per tenant."""

    def __init__(
        self,
        service: str,
        *,
        cloud: Cloud,
        tenant: str,
        label: str,
        transport: Transport,
        sign_in: SignIn,
        files: TokenFiles,
        place: str,
        warn: Callable[[str], None],
    ) -> None:
        self.service = service
        self._base = cloud.host(service)
        self._audience = cloud.audience(service)
        self._tenant = tenant
        self._label = label
        self._transport = transport
        self._sign_in = sign_in
        self._files = files
        self._about = (place, tenant, self._base)
        self._warn = warn
        self._connection = str(uuid.uuid4())
        self._region: str | None = None

    def run(self, cmdlet: str, parameters: Mapping[str, Any], *, write: bool) -> Done:
        """Runs one cmdlet, with every page of what it gives. Raises TenantError."""
        if not write:
            self._transport.counts["reads"] += 1
        with self._transport.writing() if write else nullcontext():
            reply = self._invoke(cmdlet, parameters, write)
        return Done(self._all_rows(cmdlet, parameters, reply.json(), write, reply), reply.request_id)

    def offered(self) -> list[Row]:
        """The cmdlets that the service offers this identity in this tenant, a row for each. Raises TenantError. [code] EXOModuleFile"""
        self._transport.counts["reads"] += 1
        reply = self._insist(MODULE_FILE, None, "Reading the list of cmdlets", "")
        body = reply.json() if reply.status == 200 else None
        rows = body.get("value") if isinstance(body, dict) else None
        if not isinstance(rows, list):
            raise error_of(reply, "the list of cmdlets", self.service, write=False)
        names = [name.strip() for row in rows if isinstance(row, dict) for name in str(row.get("exportedCmdlets") or "").split(",")]
        return [{"cmdlet": name} for name in names if name]

    def run_each(self, commands: Sequence[Command]) -> list[list[Row] | TenantError]:
        """Runs cmdlets that only read, in batches. What went wrong with one stands in its place; raises when nothing can be asked."""
        results: list[list[Row] | TenantError] = []
        for start in range(0, len(commands), BATCH):
            some = commands[start : start + BATCH]
            results += self._batch(some) if len(some) > 1 else [self._one(some[0])]
        return results

    def _one(self, command: Command) -> list[Row] | TenantError:
        """Rows, or the error that concerns this cmdlet alone; what concerns every cmdlet is raised."""
        try:
            return self.run(*command, write=False).rows
        except TenantError as error:
            if error.status is None:  # no answer, or no token
                raise
            return error

    def _batch(self, commands: Sequence[Command]) -> list[list[Row] | TenantError]:
        def make(host: str, token: str) -> Any:
            return {
                "requests": [
                    {
                        "id": str(number),
                        "method": "POST",
                        "url": f"https://{host}{self._path('InvokeCommand')}",
                        "headers": {**self._headers(cmdlet, token), "Content-Type": "application/json", "Prefer": PAGE},
                        "body": _body(cmdlet, parameters),
                    }
                    for number, (cmdlet, parameters) in enumerate(commands)
                ]
            }

        names = ", ".join(dict.fromkeys(cmdlet for cmdlet, dummy in commands))
        reply = self._insist("$batch", make, names, "", prefer=f"{PAGE};odata.continue-on-error")
        if reply.status in (401, 429) or reply.status >= 500:  # repeated by then as far as it helps
            error = error_of(reply, names, self.service, write=False)
            return [error] * len(commands)
        body = reply.json() if reply.status == 200 else None
        answers = {
            str(one.get("id")): one for one in (body.get("responses") or () if isinstance(body, dict) else ()) if isinstance(one, dict)
        }
        pause = pause_of(answers.values())
        if pause:
            self._transport.wait(pause)
        return [self._item(command, answers.get(str(number))) for number, command in enumerate(commands)]

    def _item(self, command: Command, item: Row | None) -> list[Row] | TenantError:
        """The outcome of an item of a batch. One that failed in a way that may pass, or has no answer, is asked again by itself."""
        cmdlet, parameters = command
        if item is None:
            return self._one(command)
        given = item.get("headers")
        headers = given if isinstance(given, dict) else {}
        request_id = next((str(headers[name]) for name in headers if name.lower() == "request-id"), "")
        status, body = int(item.get("status") or 0), item.get("body")
        if status == 200:
            self._transport.counts["reads"] += 1
            try:
                return self._all_rows(cmdlet, parameters, body, False, None, request_id)
            except TenantError as error:
                return error
        said = said_in(body)
        if status in (400, 403, 404) and not said.transient:
            self._transport.counts["reads"] += 1
            return error_of(_as_reply(status, body, request_id), cmdlet, self.service, write=False)
        return self._one(command)

    def _invoke(self, cmdlet: str, parameters: Mapping[str, Any], write: bool, query: str = "") -> Reply:
        reply = self._insist(f"InvokeCommand{query}", lambda host, token: _body(cmdlet, parameters), cmdlet, cmdlet, write=write)
        if reply.status >= 300:
            raise error_of(reply, cmdlet, self.service, write=write)
        return reply

    def _insist(self, what: str, make: Make | None, tried: str, cmdlet: str, *, write: bool = False, prefer: str = PAGE) -> Reply:
        """Asks, and asks for a read again while its answer may pass. make: the body to be posted; without it the request is a GET."""
        tries = 1
        while True:
            reply = self._post(what, make, tried, cmdlet, write=write, prefer=prefer)
            if lasting(reply, write) or tries >= TRIES:
                return reply
            self._transport.wait(backoff(tries))
            tries += 1

    def _post(self, what: str, make: Make | None, tried: str, cmdlet: str, *, write: bool, prefer: str) -> Reply:
        """Asks the tenant's host, with a new token once after a 401 (which did nothing), through a redirect to the regional host."""
        token = self._sign_in.token(self._audience)
        renewed = False
        for dummy in range(6):
            host = self._host()
            try:
                reply = self._transport.send(
                    "POST" if make else "GET",
                    f"https://{host}{self._path(what)}",
                    service=self.service,
                    tried=tried,
                    headers={**self._headers(cmdlet, token), "Prefer": prefer, **({} if make else {"CommandName": "*"})},
                    json_body=make(host, token) if make else None,
                    write=write,
                )
            except Unavailable:
                if not self._forget_region():
                    raise
                continue
            if reply.status in (301, 302, 307, 308):
                self._learn_region(reply, tried)
            elif reply.status == 401 and not renewed:
                claims = wanted_claims(reply.headers.get("WWW-Authenticate") or "")
                token = self._sign_in.token(self._audience, instead_of=token, claims=claims)
                renewed = True
            elif not (reply.status == 404 and reply.json() is None and self._forget_region()):
                return reply
        raise Unavailable(f"{self._base} leads from one host to the next without end", service=self.service, tried=tried)

    def _host(self) -> str:
        if self._region is None:
            kept = self._files.read("region", *self._about) or {}
            self._region = str(kept.get("host") or "") if self.service == "compliance" else ""
        return self._region or self._base

    def _learn_region(self, reply: Reply, tried: str) -> None:
        """The regional host: the first label of where the redirect leads, before the name of the base host. [code]"""
        label = re.match(r"https://([A-Za-z0-9-]+)\.", reply.headers.get("Location") or "")
        if not label or self.service != "compliance":
            raise Unavailable(
                f"{self._base} redirects to an address that makes no sense", status=reply.status, service=self.service, tried=tried
            )
        # The suffix is ours, so that a token is never led to somebody else's host.
        self._region = f"{label[1].lower()}.{self._base}"
        self._files.write("region", *self._about, kept={"host": self._region})

    def _forget_region(self) -> bool:
        """Back to the base host; whether there was a regional one."""
        known = bool(self._region)
        if known:
            self._region = ""
            self._files.drop("region", *self._about)
        return known

    def _path(self, what: str) -> str:
        return f"/adminapi/{'v1.0' if what == MODULE_FILE else 'beta'}/{self._tenant}/{what}"

    def _headers(self, cmdlet: str, token: str) -> dict[str, str]:
        headers = {
            "Authorization": f"Bearer {token}",
            "Accept": "application/json",
            "X-ResponseFormat": "json",
            "X-AnchorMailbox": self._anchor(cmdlet),
            "connection-id": self._connection,
        }
        return {**headers, "X-CmdletName": cmdlet} if cmdlet else headers

    def _anchor(self, cmdlet: str) -> str:
        """Keeps calls that follow each other on one back end. [code]; the first form for compliance, without a domain, is a guess."""
        mailbox = AUDIT_MAILBOX if cmdlet == "Set-AdminAuditLogConfig" else MAILBOX
        if self.service == "compliance" and "." in self._label:
            return f"UPN:{mailbox}@{self._label}"
        return f"APP:{mailbox}@{self._tenant}"

    def _all_rows(
        self, cmdlet: str, parameters: Mapping[str, Any], body: Any, write: bool, reply: Reply | None, request_id: str = ""
    ) -> list[Row]:
        """The rows of an answer and of its further pages, which take the same body again. [code]"""
        rows: list[Row] = []
        known: Row = {"service": self.service, "tried": cmdlet, "request_id": reply.request_id if reply else request_id}
        for dummy in range(1000):
            answer = body if isinstance(body, dict) else {}
            for warning in answer.get("@adminapi.warnings") or ():
                self._warn(f"{cmdlet}: {warning}")
            if write and answer.get("@adminapi.confirmationmessage"):
                raise Refused("the service asks for a confirmation and did nothing", status=200, **known)
            failures = answer.get("@adminapi.errors") or ()
            if failures:
                raise Refused(f"the service gave an incomplete answer: {'; '.join(map(str, failures))}", status=200, **known)
            if not write and not isinstance(answer.get("value"), list):
                raise Unavailable("the service gave an answer without a list", status=200, **known)
            rows += [_plain(one) for one in answer.get("value") or () if isinstance(one, dict)]
            link = answer.get("@odata.nextLink")
            if not link or write:
                return rows
            # Only the query is taken, so that the token stays with the host that was asked.
            body = self._invoke(cmdlet, parameters, False, f"?{urlsplit(str(link)).query}").json()
        raise Unavailable("the service gives page after page without end", **known)


def _body(cmdlet: str, parameters: Mapping[str, Any]) -> Row:
    return {"CmdletInput": {"CmdletName": cmdlet, "Parameters": dict(parameters)}}


def _plain(value: Any) -> Any:
    """Without annotations: every key that carries a type. [code] 6.1"""
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items() if not (key.startswith("@") or "@odata." in key or "@data." in key)}
    return [_plain(one) for one in value] if isinstance(value, list) else value


def _as_reply(status: int, body: Any, request_id: str) -> Reply:
    """An item of a batch in the form of an answer of its own."""

    return Reply(
        status, headers_of({}), body.encode("utf-8", "replace") if isinstance(body, str) else json.dumps(body).encode(), request_id
    )
