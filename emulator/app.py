# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The application: which service a request is for, the faults that strike it, the journal."""

from __future__ import annotations

import asyncio
import sys
import traceback
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, unquote

from starlette.applications import Starlette
from starlette.types import Receive, Scope, Send

from . import control, defender, exchange, graph, identity, machine, partner, portal, sharepoint
from .binding import wire_time
from .faults import Fault
from .journal import Entry
from .second_administrator import act
from .service import Answer, Call, Handler, Headers, Refused
from .tenant import Tenant, World

Reset = Callable[[Scope], None]
SERVICES: dict[str, tuple[str, Handler]] = {
    **dict.fromkeys(identity.HOSTS, ("identity", identity.answer)),
    **{host: (exchange.service_of(host), exchange.answer) for host in exchange.HOSTS},
    **dict.fromkeys(graph.HOSTS, ("graph", graph.answer)),
    **dict.fromkeys(defender.HOSTS, ("defender", defender.answer)),
    **dict.fromkeys(portal.HOSTS, ("portal", portal.answer)),
    **dict.fromkeys(partner.HOSTS, ("partner", partner.answer)),
    **dict.fromkeys(machine.HOSTS, ("identity", machine.answer)),
}
_ADMIN_SITES = ("sharepoint", sharepoint.answer)
LOOPBACK = frozenset({"", "127.0.0.1", "localhost", "[::1]", "::1"})


def service_of(host: str) -> tuple[str, Handler] | None:
    """The service that answers under a host, None when there is none; each tenant has an admin site of its own."""
    return SERVICES.get(host) or (_ADMIN_SITES if sharepoint.HOST.fullmatch(host) else None)


class _Lost(Exception):
    """The connection shall be reset."""


def make_app(world: World, controlled: bool = False, reset: Reset | None = None) -> Starlette:
    """The Starlette application. `reset` tears down the connection of a request; without it the fault `reset` answers nothing."""

    async def handle(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        call = addressed(scope)
        call.body = await _body(receive)
        try:
            made = await _served(call, world, controlled)
        except _Lost:
            if reset:
                reset(scope)
                await receive()  # comes back when the connection is gone
            return
        body, kind = made.encoded()
        headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in made.headers]
        if kind and not any(name.lower() == b"content-type" for name, _value in headers):
            headers.append((b"content-type", kind.encode()))
        headers.append((b"content-length", str(len(body)).encode()))
        await send({"type": "http.response.start", "status": made.status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    app = Starlette()
    app.router.default = handle
    return app


async def _body(receive: Receive) -> bytes:
    parts = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


def addressed(scope: Scope) -> Call:
    """The request with its service's host: from an absolute address, the Host header, or the first part of the path.

    `host` is empty when the address names no service; `path` is then the path as it came.
    """
    headers = Headers([(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]])
    raw_query = scope["query_string"].decode("latin-1")
    path, scheme, named = scope["path"], scope["scheme"], headers.get("host", "")
    if "://" in path and not path.startswith("/"):
        scheme, _separator, rest = path.partition("://")
        named, slash, path = rest.partition("/")
        path = slash + path
    host, base = _bare(named), f"{scheme}://{named}"
    if not service_of(host):
        first, slash, rest = path.lstrip("/").partition("/")
        if service_of(_bare(first)):
            host, base, path = _bare(first), f"{base}/{_bare(first)}", slash + rest
        elif host in LOOPBACK or first == "_emulator":
            host = ""
    query = {}
    for part in raw_query.split("&"):
        name, equals, value = part.partition("=")
        if name or equals:
            query[unquote(name.replace("+", " "))] = unquote(value.replace("+", " "))
    return Call(host, path or "/", scope["method"].upper(), query, raw_query, headers, b"", base)


def _bare(host: str) -> str:
    """A host without its port, in lower case."""
    name, colon, port = host.rpartition(":")
    return (name if colon and port.isdigit() else host).lower()


def _nowhere(call: Call) -> Answer:
    if call.host:
        return Answer(
            421, {"error": {"code": "UnknownHost", "message": f"the emulated tenant has no host {call.host}", "hosts": sorted(SERVICES)}}
        )
    first = call.path.lstrip("/").partition("/")[0]
    text = f"the emulated tenant has no host {first or '(none)'}; put one before the path"
    return Answer(404, {"error": {"code": "UnknownHost", "message": text, "hosts": sorted(SERVICES)}})


def owner(call: Call, world: World, service: str) -> Tenant | None:
    """Whose request this is, as far as path, token or cookie tell; nothing is checked here."""
    parts = call.path.split("/")
    if service == "identity":
        return world.by_id_or_domain(parts[1])
    claims = identity.claims_of(identity.bearer(call))
    if claims and claims.get("tid") in world.tenants:
        return world.tenants[claims["tid"]]
    if service in {"exchange", "compliance"} and len(parts) > 3:
        return world.by_id_or_domain(parts[3])
    if service != "portal":
        return None
    session = world.by_session(call.cookies().get("sccauth", ""))
    if session:
        return session[0]
    form = dict(parse_qsl(call.body.decode("utf-8", "replace"))) if call.path == "/" and call.method == "POST" else {}
    return world.tenants.get(form.get("code", "").partition(".")[0]) or world.by_id_or_domain(call.query.get("tid", ""))


def _cmdlet(call: Call) -> str | None:
    if not call.path.endswith("/InvokeCommand"):
        return None
    body = call.json_or_none()
    command = body.get("CmdletInput") if isinstance(body, dict) else None
    name = command.get("CmdletName") if isinstance(command, dict) else None
    return name if isinstance(name, str) else None


async def _served(call: Call, world: World, controlled: bool) -> Answer:
    if not call.host and controlled and (call.path + "/").startswith("/_emulator/"):
        return _safely(control.answer, call, world)
    service, handler = service_of(call.host) or ("", None)
    if handler is None:
        return _nowhere(call)
    call.tenant = owner(call, world, service)
    if service in {"exchange", "compliance"}:
        call.cmdlet = _cmdlet(call)
    elif service == "sharepoint":
        call.cmdlet = sharepoint.cmdlet_of(call)
    strikes = world.faults.for_request(call, service)
    started = wire_time(world.clock())
    pause = world.latency + sum(fault.seconds for fault in strikes if fault.kind == "latency")
    if pause:
        await asyncio.sleep(pause)
    made = _struck(call, world, service, handler, strikes)
    _note(call, world, started, made)
    if made is None:
        raise _Lost
    return made


def _struck(call: Call, world: World, service: str, handler: Handler, strikes: list[Fault]) -> Answer | None:
    """The answer, with the faults that strike it; None when the connection is to be reset."""
    early = [fault for fault in strikes if fault.when == "before"]
    late = [fault for fault in strikes if fault.when == "after"]
    for fault in early:
        if fault.kind == "edit":
            act(world, call.tenant, fault.do)
    if any(fault.kind == "reset" for fault in early):
        return None
    broken = next((fault for fault in early if fault.kind in {"throttle", "unavailable", "transient"}), None)
    if broken:
        return _broken(broken, service)
    call.expired = any(fault.kind == "expire" for fault in strikes)
    call.revoked = any(fault.kind == "revoke" for fault in strikes)
    lag = max((fault.reads for fault in strikes if fault.kind == "lag"), default=0)
    if lag and call.tenant:
        with call.tenant.lagging(lag):
            made = _safely(handler, call, world)
    else:
        made = _safely(handler, call, world)
    for fault in late:
        if fault.kind == "edit":
            act(world, call.tenant, fault.do)
        elif fault.kind == "reset":
            return None
        elif fault.kind in {"throttle", "unavailable", "transient"}:
            return _broken(fault, service)
    return made


def _broken(fault: Fault, service: str) -> Answer:
    if service in {"exchange", "compliance"}:
        return exchange.fault_answer(fault)
    status = fault.status or {"throttle": 429, "unavailable": 503, "transient": 500}[fault.kind]
    headers = [("Retry-After", str(fault.retry_after))] if fault.retry_after is not None else []
    if fault.kind == "unavailable" and not fault.text:
        return Answer(status, "<html><body>Service Unavailable</body></html>", [*headers, ("Content-Type", "text/html")])
    code = {429: "TooManyRequests", 500: "InternalServerError"}.get(status, "ServiceUnavailable")
    body: dict[str, Any] = {"error": {"code": code, "message": fault.text or code}}
    if service == "identity":
        body = {"error": "temporarily_unavailable", "error_description": fault.text or "AADSTS90033: A transient error has occurred."}
    return Answer(status, body, headers)


def _safely(handler: Handler, call: Call, world: World) -> Answer:
    """Run a service; a fault of the emulator itself becomes a 500 that says so, and a traceback on standard error."""
    try:
        return handler(call, world)
    except Refused as refused:
        return refused.answer
    except Exception as error:
        traceback.print_exc(file=sys.stderr)
        text = f"the emulated tenant failed: {type(error).__name__}: {error}"
        return Answer(500, {"error": {"code": "EmulatorFault", "message": text}})


def _note(call: Call, world: World, started: str, made: Answer | None) -> None:
    query = f"?{call.raw_query}" if call.raw_query else ""
    world.journal.add(
        Entry(
            time=started,
            tenant=call.tenant.name if call.tenant else None,
            method=call.method,
            url=f"https://{call.host}{call.path}{query}",
            headers=dict(call.headers),
            body=call.body,
            status=made.status if made else 0,
            response_headers=tuple(made.headers) if made else (),
            response_body=made.encoded()[0] if made else b"",
            cmdlet=call.cmdlet,
        )
    )
