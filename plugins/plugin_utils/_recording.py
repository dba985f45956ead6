# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a browser recorded (a HAR), as far as a request form needs it: the changes at the portal, the listed actions, and every secret.

Pure; private to the collection. [recall] the parts of a HAR: log.entries, each with request and response.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, unquote_plus, urlsplit

from ansible_collections.m365.defender.plugins.module_utils._errors import BadInput
from ansible_collections.m365.defender.plugins.module_utils._request_form import METHODS, ROOT, SECRET_NAME

TRIED = "Reading the recording"
WITHIN = 6  # an id of fewer letters counts only where it is a value or word of its own
_TENANT_HEADERS = frozenset({"x-tid", "tenant-id", "x-ms-tenant-id"})
_LISTS = ("actioncenterui/pending-actions/", "actioncenterui/history-actions/")
_CONTEXT = "/mgmt/tenantcontext"
_SHORTEST_SECRET = 8
# What Set-Cookie says of a cookie besides its value.
_ATTRIBUTES = frozenset({"path", "domain", "expires", "max-age", "samesite", "version", "priority"})


@dataclass(frozen=True)
class Change:
    """A request that may have changed something at a portal."""

    method: str
    host: str
    path: str
    query: Mapping[str, str]
    body: Any
    status: int
    fault: str = ""  # why its body can't be used

    def names(self, number: str) -> bool:
        """Whether an id stands somewhere in it; a short one only as a word of its own."""
        text = " ".join((unquote(self.path), *self.query.values(), json.dumps(self.body))).casefold()
        if len(number) >= WITHIN:
            return number in text
        return bool(number) and number in re.findall(r"[\w-]+", text)


@dataclass
class Recording:
    """changes: what was sent to a portal and may have changed something. elsewhere: hosts to which other changes went.

    items: the actions in the lists that the browser was shown, by id. secrets: values that must not stand in a form.
    """

    changes: list[Change] = field(default_factory=list)
    elsewhere: set[str] = field(default_factory=set)
    items: dict[str, dict[str, Any]] = field(default_factory=dict)
    secrets: set[str] = field(default_factory=set)
    tenants: set[str] = field(default_factory=set)
    users: set[str] = field(default_factory=set)
    user_ids: set[str] = field(default_factory=set)


def recording_of(har: Any, hosts: frozenset[str]) -> Recording:
    """What a HAR holds. hosts: the portals there are. Raises BadInput for what is no HAR."""
    entries = har["log"].get("entries") if isinstance(har, Mapping) and isinstance(har.get("log"), Mapping) else None
    if not isinstance(entries, list):
        raise BadInput("the file is no HAR: it has no log.entries", tried=TRIED, hint="Save the recording of the browser's network as HAR.")
    found = Recording()
    for entry in entries:
        if isinstance(entry, Mapping) and isinstance(entry.get("request"), Mapping):
            _take(found, entry["request"], entry["response"] if isinstance(entry.get("response"), Mapping) else {}, hosts)
    found.secrets = {value for value in found.secrets if len(value) >= _SHORTEST_SECRET}
    return found


def _take(found: Recording, request: Mapping[str, Any], response: Mapping[str, Any], hosts: frozenset[str]) -> None:
    url = urlsplit(str(request.get("url") or ""))
    method, host = str(request.get("method") or "").upper(), (url.netloc or "").lower()
    _take_secrets(found, request, response)
    query = dict(parse_qsl(url.query, keep_blank_values=True))
    found.secrets |= {value for name, value in query.items() if SECRET_NAME.search(name)}
    found.tenants |= {value.lower() for name, value in query.items() if name.lower() == "tid" and value}
    if host not in hosts:
        if method in METHODS:
            found.elsewhere.add(host)
        return
    if not url.path.startswith(ROOT):
        return
    if method in METHODS:
        body, fault = _body(request)
        found.changes.append(Change(method, host, url.path, query, body, _status(response), fault))
        return
    answer = _answer(response)
    if any(place in url.path.casefold() for place in _LISTS):
        _take_items(found, answer)
    if url.path.casefold().endswith(_CONTEXT):
        _take_context(found, answer)


def _take_secrets(found: Recording, request: Mapping[str, Any], response: Mapping[str, Any]) -> None:
    """Every cookie, and every header that is a secret by its name or looks like one."""
    for side in (request, response):
        for name, value in _pairs(side.get("headers")):
            folded = name.casefold()
            if folded in _TENANT_HEADERS:
                found.tenants.add(value.lower())
            elif folded in ("cookie", "set-cookie"):
                for part in re.split(r"[;\n]\s*", value):
                    cookie, dummy, content = part.partition("=")
                    if cookie.strip().casefold() not in _ATTRIBUTES:
                        _add(found.secrets, content)
            elif SECRET_NAME.search(folded):
                _add(found.secrets, re.sub(r"^bearer\s+", "", value, flags=re.IGNORECASE))
        for dummy, value in _pairs(side.get("cookies")):
            _add(found.secrets, value)


def _add(secrets: set[str], value: str) -> None:
    value = value.strip().strip('"')
    secrets.update((value, unquote(value), unquote_plus(value)))


def _pairs(value: Any) -> Iterator[tuple[str, str]]:
    for one in value if isinstance(value, list) else ():
        if isinstance(one, Mapping):
            yield str(one.get("name") or ""), str(one.get("value") or "")


def _status(response: Mapping[str, Any]) -> int:
    status = response.get("status")
    return status if isinstance(status, int) else 0


def _body(request: Mapping[str, Any]) -> tuple[Any, str]:
    data = request.get("postData")
    text = data.get("text") if isinstance(data, Mapping) else None
    if not isinstance(data, Mapping) or not (text or data.get("params")):
        return None, ""
    kind = str(data.get("mimeType") or "")
    try:
        return json.loads(str(text)), ""
    except ValueError:
        return None, f"its body is no JSON, but {kind or 'of an unknown kind'}"


def _answer(response: Mapping[str, Any]) -> Any:
    content = response.get("content")
    text = content.get("text") if isinstance(content, Mapping) else None
    if not isinstance(content, Mapping) or not isinstance(text, str):
        return None
    try:
        return json.loads(base64.b64decode(text) if content.get("encoding") == "base64" else text)
    except ValueError:
        return None


def _take_items(found: Recording, answer: Any) -> None:
    rows: Sequence[Any] = ()
    for name, value in answer.items() if isinstance(answer, Mapping) else ():
        rows = value if name.casefold() == "results" and isinstance(value, list) else rows
    for row in rows:
        if isinstance(row, dict):
            number = next((value for name, value in row.items() if name.casefold() == "actionid"), None)
            if isinstance(number, str | int) and str(number):
                found.items[str(number).casefold()] = row


def _take_context(found: Recording, answer: Any) -> None:
    """Whose session it was. [live] TenantContext"""
    auth = answer.get("AuthInfo") if isinstance(answer, Mapping) else None
    if isinstance(auth, Mapping):
        for name, kept in (("TenantId", found.tenants), ("UserName", found.users), ("AadUserId", found.user_ids)):
            if auth.get(name):
                kept.add(str(auth[name]).lower())
