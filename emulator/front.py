# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The door: one TCP port that takes HTTPS, plain HTTP, and proxy requests (CONNECT and absolute form), and hands each to uvicorn.

The first byte of a connection tells what it is; it is looked at without being taken, so that uvicorn finds the connection untouched.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import ssl
import struct
from email.utils import formatdate
from pathlib import Path

import trustme
import uvicorn
from starlette.types import Scope
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from .app import SERVICES, make_app
from .tenant import World

TLS_HANDSHAKE = 0x16
HEAD_LIMIT = 16_384
LINGER_NOT = struct.pack("ii", 1, 0)


class Protocol(H11Protocol):
    """uvicorn's HTTP/1.1 protocol that lets the door find a request's connection again."""

    transports: dict[tuple[str, int], asyncio.Transport]

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # a stream over TCP always has this kind
        super().connection_made(transport)
        if self.client:
            self.transports[self.client] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        if self.client:
            self.transports.pop(self.client, None)
        super().connection_lost(exc)


class Certificates:
    """A CA of the emulator's own, and a server certificate for each host asked for."""

    def __init__(self, folder: Path) -> None:
        self._authority = trustme.CA()
        self.path = folder / "emulator-ca.pem"
        self._authority.cert_pem.write_to_path(str(self.path))
        self._contexts: dict[str, ssl.SSLContext] = {}

    def context(self, host: str) -> ssl.SSLContext:
        """The server context with a certificate for this host; the empty name stands for this machine."""
        made = self._contexts.get(host)
        if made is None:
            names = [host] if host else ["localhost", "127.0.0.1", "::1"]
            made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._authority.issue_cert(*names).configure_cert(made)
            made.sni_callback = self._choose
            self._contexts[host] = made
        return made

    def _choose(self, connection: ssl.SSLObject, name: str | None, _context: ssl.SSLContext) -> None:
        if name and name.lower() in SERVICES:
            connection.context = self.context(name.lower())


class Door:
    """Accepts connections until it is closed."""

    def __init__(self, world: World, host: str, port: int, certificates: Certificates | None, controlled: bool) -> None:
        self._certificates = certificates
        self._listener = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET, backlog=1024)
        self._listener.setblocking(False)
        self.port = int(self._listener.getsockname()[1])
        self._transports: dict[tuple[str, int], asyncio.Transport] = {}
        app = make_app(world, controlled, self._reset)
        self._config = uvicorn.Config(
            app, http=Protocol, ws="none", lifespan="off", log_config=None, access_log=False, timeout_keep_alive=120, server_header=False
        )
        self._config.load()
        self._state = ServerState()
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Accept connections until cancelled."""
        loop = asyncio.get_running_loop()
        clock = asyncio.create_task(self._tick())
        try:
            while True:
                connection, _address = await loop.sock_accept(self._listener)
                connection.setblocking(False)
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                task = asyncio.create_task(self._take(connection))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
        finally:
            clock.cancel()
            self._listener.close()

    async def close(self) -> None:
        """End what is open."""
        for task in list(self._tasks):
            task.cancel()
        for connection in list(self._state.connections):
            connection.shutdown()
        await asyncio.sleep(0)
        for transport in list(self._transports.values()):
            transport.abort()
        await asyncio.sleep(0)

    async def _tick(self) -> None:
        while True:
            self._state.default_headers = [(b"date", formatdate(usegmt=True).encode())]
            await asyncio.sleep(1)

    def _reset(self, scope: Scope) -> None:
        transport = self._transports.get(tuple(scope["client"] or ()))
        if transport is None:
            return
        plain = transport.get_extra_info("socket")
        if plain is not None:
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NOT)
        transport.abort()

    def _protocol(self) -> Protocol:
        made = Protocol(self._config, self._state, {})
        made.transports = self._transports
        return made

    async def _take(self, connection: socket.socket) -> None:
        try:
            await self._hand_over(connection)
        except (OSError, ssl.SSLError, asyncio.CancelledError):
            connection.close()

    async def _hand_over(self, connection: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        first = await _peek(connection)
        host = ""
        if first.startswith(b"CONNECT "):
            host = await self._tunnel(connection)
            first = await _peek(connection) if host else b""
        if not first:
            connection.close()
            return
        context = None
        if first[0] == TLS_HANDSHAKE:
            if self._certificates is None:
                connection.close()
                return
            context = self._certificates.context(host)
        await loop.connect_accepted_socket(self._protocol, connection, ssl=context)

    async def _tunnel(self, connection: socket.socket) -> str:
        """Answer a CONNECT and return the host that it asks for; empty when it is refused."""
        loop = asyncio.get_running_loop()
        head = b""
        while b"\r\n\r\n" not in head and len(head) < HEAD_LIMIT:
            part = await loop.sock_recv(connection, 4096)
            if not part:
                return ""
            head += part
        target = head.split(b" ")[1].decode("latin-1")
        host = target.rpartition(":")[0].lower() or target.lower()
        if host not in SERVICES:
            body = json.dumps({"error": {"code": "UnknownHost", "message": f"the emulated tenant has no host {host}"}}).encode()
            answer = b"HTTP/1.1 421 Misdirected Request\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: "
            await loop.sock_sendall(connection, answer + str(len(body)).encode() + b"\r\n\r\n" + body)
            return ""
        await loop.sock_sendall(connection, b"HTTP/1.1 200 Connection established\r\n\r\n")
        return host


async def _peek(connection: socket.socket) -> bytes:
    """The first bytes of what a client sends, left where they are; empty when it has closed the connection."""
    loop = asyncio.get_running_loop()
    while True:
        with contextlib.suppress(BlockingIOError):
            seen = connection.recv(8, socket.MSG_PEEK)
            if len(seen) == 8 or not seen or seen[0] == TLS_HANDSHAKE or not b"CONNECT ".startswith(seen):
                return seen
            await asyncio.sleep(0.001)
            continue
        ready = loop.create_future()
        loop.add_reader(connection, ready.set_result, None)
        try:
            await ready
        finally:
            loop.remove_reader(connection)
