# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A request form: how the portal takes a decision, as an operator recorded it from his own browser. Pure; private to the collection.

No public source shows how the Action center approves, rejects or undoes, so the collection has no such request of its own. A form is a
document without secrets: for each decision a verb, a path below the portal's apiproxy, a query and a body, with placeholders in braces.
"""

from __future__ import annotations

import datetime
import json
import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote, urlencode

from ansible_collections.m365.defender.plugins.module_utils._errors import BadInput, Refused

VERSION = 1
ROOT = "/apiproxy/"
DECISIONS = ("approve", "reject", "undo")
METHODS = ("POST", "PUT", "PATCH", "DELETE")
MOST_BYTES, DEEPEST, LONGEST = 65_536, 12, 2_048
# Placeholders that stand for what the portal's list tells of the action -> its member there. {item.X} is any other member.
ITEM = {
    "action_id": "ActionId",
    "investigation_id": "InvestigationId",
    "bulk_id": "BulkId",
    "machine_id": "MachineId",
    "device": "ComputerName",
    "user": "UserPrincipalName",
    "action_type": "ActionType",
    "entity_type": "EntityType",
    "product": "Product",
    "source": "ActionSource",
}
# Those that stand for something else: what the task is told, who is signed in, what is new each time.
OTHERS = ("comment", "decision", "tenant_id", "user_name", "user_id", "new_id", "now")
PLACE = re.compile(r"\{\{|\}\}|\{([A-Za-z_][\w.]*)(?::(number|text))?\}|[{}]")
TOKEN = re.compile(r"\beyJ?[\w-]{10,}\.[\w-]{10,}\.|\bbearer\s+\S", re.IGNORECASE)
SECRET_NAME = re.compile(r"token|cookie|xsrf|csrf|password|passwd|secret|authorization|sccauth|sessionid|credential", re.IGNORECASE)
CHECKING = "Checking the request form"
_PATH = re.compile(r"/[\w/.~{}:()'=,@!$;*+-]*")
_KEYS = {"": {"version", "host", "requests", "note"}, "request": {"method", "path", "query", "body"}}


@dataclass(frozen=True)
class Rendered:
    """A request in full. path: with its query."""

    method: str
    path: str
    body: Any


@dataclass(frozen=True)
class Request:
    """One request of a form. places: the placeholders that it has, without their kinds."""

    method: str
    path: str
    query: Mapping[str, str]
    body: Any
    places: frozenset[str]

    def rendered(self, values: Mapping[str, Any]) -> Rendered:
        """The request for one action. values: by placeholder. Raises Refused where one has none."""
        path = "".join(quote(part, safe="") if filled else part for part, filled in _parts(self.path, values))
        if "//" in path or "/../" in f"{path}/" or not path.startswith(ROOT):
            raise Refused(f"the form's path becomes {path}, which is not below {ROOT}", tried=CHECKING, hint="Nothing was decided.")
        query = {name: str(_filled(value, values)) for name, value in self.query.items()}
        return Rendered(self.method, f"{path}?{urlencode(query)}" if query else path, _deep(self.body, values))


@dataclass(frozen=True)
class RequestForm:
    """A form that has been checked. host: the portal that it was recorded from."""

    host: str
    requests: Mapping[str, Request]


def form_of(document: Any, hosts: frozenset[str]) -> RequestForm:
    """The form in a document. hosts: the portals there are. Raises BadInput with everything that is wrong."""
    faults = _faults(document, hosts)
    if faults:
        raise BadInput("; ".join(faults), tried=CHECKING, hint="Nothing was decided. Make the form anew with m365.defender.request_form.")
    requests = {}
    for decision, one in document["requests"].items():
        query = {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in (one.get("query") or {}).items()}
        requests[decision] = Request(one["method"], one["path"], query, one.get("body"), places_of(one))
    return RequestForm(document["host"], requests)


def values_for(row: Mapping[str, Any], **others: Any) -> dict[str, Any]:
    """What the placeholders stand for, for one item of the portal's list. others: comment, decision, tenant_id, user_name, user_id."""
    members = dict(flat(row))
    folded = {name.casefold(): value for name, value in members.items()}
    values = {f"item.{name}": value for name, value in members.items()}
    values.update({name: folded.get(member.casefold()) for name, member in ITEM.items()})
    now = datetime.datetime.now(datetime.UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"
    return {**values, "new_id": str(uuid.uuid4()), "now": now, **others}


def flat(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Every single value in an object, by its members' names with dots between; lists are passed over."""
    if isinstance(value, Mapping):
        for key, one in value.items():
            yield from flat(one, f"{name}.{key}" if name else str(key))
    elif not isinstance(value, list):
        yield name, value


def places_of(value: Any) -> frozenset[str]:
    """The placeholders in a value, however deep, names of members included."""
    return frozenset(found[1] for text, dummy in texts(value) for found in PLACE.finditer(text) if found[1])


def texts(value: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """Every text in a value with the place where it stands; names of members too."""
    if isinstance(value, Mapping):
        for key, one in value.items():
            yield str(key), f"the name of {place}.{key}"
            yield from texts(one, f"{place}.{key}" if place else str(key))
    elif isinstance(value, list):
        for number, one in enumerate(value):
            yield from texts(one, f"{place}[{number}]")
    elif isinstance(value, str):
        yield value, place


# ---------------------------------------------------------------- checking


def _faults(document: Any, hosts: frozenset[str]) -> list[str]:
    if not isinstance(document, Mapping):
        return ["the form is no mapping"]
    faults = _strange(document, _KEYS[""], "the form")
    if document.get("version") != VERSION:
        faults.append(f"version must be {VERSION}")
    if document.get("host") not in hosts:
        faults.append(f'host must be a Defender portal ({", ".join(sorted(hosts))}), not "{document.get("host")}"')
    requests = document.get("requests")
    if not isinstance(requests, Mapping) or not requests:
        return [*faults, "requests must have a request for at least one decision"]
    faults += [f"requests.{name}: the decisions are {', '.join(DECISIONS)}" for name in requests if name not in DECISIONS]
    for decision, request in requests.items():
        faults += [f"requests.{decision}{fault}" for fault in _request_faults(request)]
    return faults


def _strange(value: Mapping[str, Any], known: set[str], what: str) -> list[str]:
    strange = sorted(str(name) for name in value if name not in known)
    if any(name in ("headers", "cookies") for name in strange):
        return [f"{what} must not have {strange[0]}: they hold the session, which the task has of its own"]
    return [f"{what} has the unknown key {strange[0]}"] if strange else []


def _request_faults(request: Any) -> list[str]:
    if not isinstance(request, Mapping):
        return [" is no mapping"]
    faults = [f": {fault}" for fault in _strange(request, _KEYS["request"], "the request")]
    if request.get("method") not in METHODS:
        faults.append(f".method must be one of {', '.join(METHODS)}")
    path = request.get("path")
    if not isinstance(path, str) or not path.startswith(ROOT):
        faults.append(f".path must begin with {ROOT}")
    elif not _PATH.fullmatch(path) or "//" in path or ".." in unquote(path):
        faults.append(".path must be a plain path, without query, encoded letters and steps upwards")
    query = request.get("query") or {}
    if not isinstance(query, Mapping) or not all(isinstance(value, str | int | bool) for value in query.values()):
        faults.append(".query must map names to single values")
    if faults:
        return faults
    faults += _text_faults(request)
    known = {*ITEM, *OTHERS}
    places = places_of(request)
    strange = sorted(name for name in places if name not in known and not name.startswith("item."))
    faults += [f": there is no placeholder {{{name}}}" for name in strange]
    if not any(name in ITEM or name.startswith("item.") for name in places):
        faults.append(" has no placeholder that tells which action is meant, such as {action_id}")
    return faults


def _text_faults(request: Mapping[str, Any]) -> list[str]:
    """What must not stand in a form: secrets, single braces, and what is too much to be a request that a person looked at."""
    try:
        if len(json.dumps(request)) > MOST_BYTES or _depth(request) > DEEPEST:
            return [" is too large"]
    except (TypeError, ValueError, RecursionError):
        return [" has values that JSON does not have"]
    faults = []
    for text, place in texts(request):
        if len(text) > LONGEST:
            faults.append(f": {place} is too long")
        elif TOKEN.search(text):
            faults.append(f": {place} holds a token")
        elif any(found[0] in "{}" for found in PLACE.finditer(text)):
            faults.append(f": {place} has a brace that belongs to no placeholder; write it twice if it is meant as it stands")
    for part in ("query", "body"):
        secret = sorted({name for name in _names(request.get(part)) if SECRET_NAME.search(name)})
        faults += [f": {part} has {name}, which is a secret by its name" for name in secret]
    return faults


def _names(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, one in value.items():
            yield str(key)
            yield from _names(one)
    elif isinstance(value, list):
        for one in value:
            yield from _names(one)


def _depth(value: Any) -> int:
    inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return 1 + max(map(_depth, inner), default=0)


# ---------------------------------------------------------------- filling in


def _parts(text: str, values: Mapping[str, Any]) -> Iterator[tuple[str, bool]]:
    """A text piece by piece; whether a piece was filled in."""
    end = 0
    for found in PLACE.finditer(text):
        yield text[end : found.start()], False
        yield (str(_value(found, values)), True) if found[1] else (found[0][0], False)
        end = found.end()
    yield text[end:], False


def _value(found: re.Match[str], values: Mapping[str, Any]) -> Any:
    value = values.get(found[1])
    if value is None or (value == "" and found[1] != "comment"):
        raise Refused(
            f"the form needs {found[1]}, but the portal's list does not tell it of this action",
            tried="Filling in the request form",
            hint="Nothing was decided. Decide it in the portal, and record a form for actions of its kind.",
        )
    if found[2] == "number":
        return int(value) if str(value).lstrip("-").isdecimal() else value
    return str(value) if found[2] == "text" else value


def _filled(text: str, values: Mapping[str, Any]) -> Any:
    whole = PLACE.fullmatch(text)
    if whole and whole[1]:
        return _value(whole, values)
    parts = list(_parts(text, values))
    if any(filled and re.search(r'["\\\x00-\x1f]', part) for part, filled in parts):
        raise Refused(
            "a value that has quotation marks or the like would stand within a longer text of the form",
            tried="Filling in the request form",
            hint="Nothing was decided. Choose a comment without such letters.",
        )
    return "".join(part for part, dummy in parts)


def _deep(value: Any, values: Mapping[str, Any]) -> Any:
    if isinstance(value, Mapping):
        return {_filled(str(name), values): _deep(one, values) for name, one in value.items()}
    if isinstance(value, list):
        return [_deep(one, values) for one in value]
    return _filled(value, values) if isinstance(value, str) else value
