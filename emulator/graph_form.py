# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The form of Microsoft Graph: its refusals, its lists, its routes."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from .odata import BadQuery, Options, select
from .odata import page as one_page
from .service import Answer, Call, Refused
from .tenant import Row, Tenant


def refusal(call: Call, status: int, code: str, message: str) -> Answer:
    """An error in Graph's form [recall]."""
    number = str(uuid.uuid4())
    stamp = {
        "date": datetime.now(UTC).replace(microsecond=0, tzinfo=None).isoformat(),
        "request-id": number,
        "client-request-id": call.headers.get("client-request-id", number),
    }
    return Answer(status, {"error": {"code": code, "message": message, "innerError": stamp}})


def refused(call: Call, status: int, code: str, message: str) -> Refused:
    return Refused(refusal(call, status, code, message))


@dataclass(frozen=True)
class Asked:
    """One call with what is known of it: the tenant, the parts of the path that vary, the query, and who calls with which permissions."""

    call: Call
    tenant: Tenant
    parts: tuple[str, ...]
    held: frozenset[str] = frozenset()
    who: Row = field(default_factory=dict)

    def refused(self, status: int, code: str, message: str) -> Refused:
        return refused(self.call, status, code, message)

    def missing(self) -> Refused:
        """The refusal for an object of the directory that is not there."""
        text = f"Resource '{self.parts[0]}' does not exist or one of its queried reference-property objects are not present."
        return self.refused(404, "Request_ResourceNotFound", text)

    def page(self, rows: list[Row], options: Options, context: str, finish: Callable[[Row, tuple[str, ...]], Row] | None = None) -> Answer:
        """A list with paging, filter and selection, in Graph's form."""
        try:
            found = one_page(rows, self.call.query, options)
        except (BadQuery, ValueError) as error:
            raise self.refused(400, "BadRequest", str(error)) from error
        body: dict[str, Any] = {"@odata.context": f"{self.call.base}/v1.0/$metadata#{context}"}
        if self.call.query.get("$count") == "true":
            body["@odata.count"] = found.total
        if found.following:
            body["@odata.nextLink"] = f"{self.call.base}{self.call.path}?{urlencode(found.following, safe='$')}"
        body["value"] = [finish(row, found.expand) for row in found.rows] if finish else found.rows
        return Answer(200, body)

    def entity(self, row: Row, context: str) -> Answer:
        """One object; only $select is taken."""
        for name in self.call.query:
            if name != "$select":
                raise self.refused(400, "BadRequest", f"The query option '{name}' is not supported for one object of '{context}'.")
        if "$select" in self.call.query:
            row = select(row, self.call.query["$select"].split(","))
        return Answer(200, {"@odata.context": f"{self.call.base}/v1.0/$metadata#{context}/$entity", **row})


@dataclass(frozen=True)
class Route:
    """A path, who may call it, and what answers. `security` decides the form of a refusal."""

    method: str
    pattern: re.Pattern[str]
    permissions: tuple[str, ...]
    handler: Callable[[Asked], Answer]
    security: bool = False


def route(method: str, path: str, permissions: str, handler: Callable[[Asked], Answer]) -> Route:
    pattern = re.escape(path).replace(r"\{\}", r"([^/()']+)")
    return Route(method, re.compile(f"^/v1.0{pattern}$"), tuple(permissions.split()), handler, path.startswith("/security/"))
