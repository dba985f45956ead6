# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a service of the emulated tenant gets and gives: a Call, an Answer, a Refused."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .tenant import Tenant, World


class Headers(Mapping[str, str]):
    """Request headers: names are looked up in any case, iteration gives them as they came, the last value of a name wins."""

    __slots__ = ("_values",)

    def __init__(self, pairs: Mapping[str, str] | Iterable[tuple[str, str]] = ()) -> None:
        items = pairs.items() if isinstance(pairs, Mapping) else pairs
        self._values: dict[str, tuple[str, str]] = {name.lower(): (name, value) for name, value in items}

    def __getitem__(self, name: str) -> str:
        return self._values[name.lower()][1]

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in self._values

    def __iter__(self) -> Iterator[str]:
        return (name for name, _value in self._values.values())

    def __len__(self) -> int:
        return len(self._values)


@dataclass
class Answer:
    """What goes back: a dict or list becomes JSON, bytes and str go as they are, None is an empty body."""

    status: int = 200
    body: Any = None
    headers: list[tuple[str, str]] = field(default_factory=list)

    def encoded(self) -> tuple[bytes, str]:
        """The body as bytes, and the content type that fits it when no header names one."""
        if self.body is None:
            return b"", ""
        if isinstance(self.body, bytes):
            return self.body, "application/octet-stream"
        if isinstance(self.body, str):
            return self.body.encode(), "text/plain; charset=utf-8"
        return json.dumps(self.body, ensure_ascii=False, separators=(",", ":")).encode(), "application/json"


class Refused(Exception):
    """Raised anywhere inside a service: its answer is sent in place of a result."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(f"refused with status {answer.status}")
        self.answer = answer


@dataclass
class Call:
    """One request after addressing.

    `host` is the real service's host, `path` the decoded path below it, `base` what to put before a path to address this host
    again the way the client did. `tenant` is set before a service is asked when the token, path or cookie tells it; a service
    that learns it only later sets it, so that the journal can name it. `cmdlet` is set for Exchange, and for SharePoint's tenant object.
    """

    host: str
    path: str
    method: str
    query: dict[str, str] = field(default_factory=dict)
    raw_query: str = ""
    headers: Mapping[str, str] = field(default_factory=Headers)
    body: bytes = b""
    base: str = ""
    tenant: Tenant | None = None
    cmdlet: str | None = None
    expired: bool = False  # a fault wants this request's token or session to be treated as expired
    revoked: bool = False  # a fault wants this request's token to be treated as revoked
    _json: Any = None

    def json(self) -> Any:
        """The body as JSON. Raises ValueError when it is none; how that is answered is the service's own affair."""
        if self._json is None:
            self._json = json.loads(self.body)
        return self._json

    def json_or_none(self) -> Any:
        """The body as JSON, None when it is none."""
        try:
            return self.json()
        except ValueError:
            return None

    def address(self, host: str, path_and_query: str) -> str:
        """The address of a path at another host (a port in it is kept), in the form the client used."""
        if self.base.endswith("/" + self.host):
            return f"{self.base[: -len(self.host)]}{host}{path_and_query}"
        scheme = self.base.partition("://")[0]
        return f"{scheme}://{host}{path_and_query}"

    def cookies(self) -> dict[str, str]:
        """The cookies of the request by name."""
        found: dict[str, str] = {}
        for part in self.headers.get("cookie", "").split(";"):
            name, equals, value = part.strip().partition("=")
            if equals:
                found[name] = value
        return found


Handler = Callable[[Call, "World"], Answer]
