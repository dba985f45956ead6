# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The journal: every request and answer, with secrets and tokens blacked out."""

from __future__ import annotations

import json
import re
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO
from urllib.parse import parse_qsl

REDACTED = "<redacted>"
LIMIT = 20_000
_HEADERS = frozenset({"authorization", "cookie", "set-cookie", "x-xsrf-token", "proxy-authorization", "x-identity-header"})
_KEYS = frozenset(
    {
        "client_secret",
        "client_assertion",
        "assertion",
        "access_token",
        "refresh_token",
        "id_token",
        "password",
        "code",
        "device_code",
        "state",
    }
)
_FIELD = re.compile(r"""(\bvalue=["'])[^"']*""")
_BOUND = re.compile(r"([?&](?:nonce|state)=)[^&]+")
_TOKEN = re.compile(r"\bey[\w-]{10,}\.[\w-]{10,}\.[\w-]*")


@dataclass(frozen=True)
class Entry:
    """One exchange as it happened. Made readable (and blacked out) only when somebody asks."""

    time: str
    tenant: str | None
    method: str
    url: str
    headers: dict[str, str]
    body: bytes
    status: int
    response_headers: tuple[tuple[str, str], ...]
    response_body: bytes
    cmdlet: str | None

    def readable(self) -> dict[str, Any]:
        """The entry as JSON can hold it."""
        identity = "/oauth2/" in self.url or "/msi/token" in self.url or b"id_token=" in self.body
        row: dict[str, Any] = {
            "time": self.time,
            "tenant": self.tenant,
            "method": self.method,
            "url": _BOUND.sub(rf"\1{REDACTED}", _TOKEN.sub(REDACTED, self.url)),
            "headers": clean_headers(self.headers),
            "body": _body(self.body, identity),
            "status": self.status,
            "response_headers": clean_headers(dict(self.response_headers)),
            "response_body": _body(self.response_body, identity),
        }
        if self.cmdlet:
            row["cmdlet"] = self.cmdlet
        return row


def clean_headers(headers: dict[str, str]) -> dict[str, str]:
    """Headers without what would let a reader act as the caller."""
    return {name: REDACTED if name.lower() in _HEADERS else _BOUND.sub(rf"\1{REDACTED}", value) for name, value in headers.items()}


def _body(raw: bytes, identity: bool) -> Any:
    if not raw:
        return None
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return f"<{len(raw)} bytes>"
    if text[:1] in "{[":
        try:
            return _clean(json.loads(text), identity)
        except ValueError:
            pass
    if not text.strip("\0"):
        return f"<{len(raw)} NUL bytes>"
    if identity and text.lstrip().startswith("<"):
        return _FIELD.sub(rf"\1{REDACTED}", text)
    if identity and "=" in text:
        return _clean(dict(parse_qsl(text, keep_blank_values=True)), identity)
    return _TOKEN.sub(REDACTED, text)


def _clean(value: Any, identity: bool) -> Any:
    if isinstance(value, dict):
        return {
            key: REDACTED if isinstance(part, str) and (key.lower() in _HEADERS or (identity and key in _KEYS)) else _clean(part, identity)
            for key, part in value.items()
        }
    if isinstance(value, list):
        return [_clean(part, identity) for part in value]
    if isinstance(value, str) and "ey" in value:
        return _TOKEN.sub(REDACTED, value)
    return value


class Journal:
    """The entries of all tenants in order, also written to a file as JSON lines when one is named."""

    def __init__(self, path: str | None = None) -> None:
        self._entries: dict[str | None, deque[Entry]] = {}
        self._file: TextIO | None = Path(path).open("a", encoding="utf-8") if path else None

    def add(self, entry: Entry) -> None:
        """Note an exchange."""
        self._entries.setdefault(entry.tenant, deque(maxlen=LIMIT)).append(entry)
        if self._file:
            self._file.write(json.dumps(entry.readable(), ensure_ascii=False) + "\n")
            self._file.flush()

    def of(self, tenant: str | None) -> list[dict[str, Any]]:
        """The readable entries of one tenant (None: requests of which no tenant is known)."""
        return [entry.readable() for entry in self._entries.get(tenant, ())]

    def clear(self, tenant: str | None) -> None:
        """Forget the entries of one tenant. A file that is being written stays as it is."""
        self._entries.pop(tenant, None)

    def close(self) -> None:
        """Close the file, if there is one."""
        if self._file:
            self._file.close()
            self._file = None
