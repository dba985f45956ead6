# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a recording to a request form: which request decided, what in it stands for what, and what must not stay. Pure; private.

When it can't be told what a value is, no form is made: a form that says too much, or means another action than it seems, is worse.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from ansible_collections.m365.defender.plugins.module_utils._errors import BadInput
from ansible_collections.m365.defender.plugins.module_utils._request_form import (
    ITEM,
    PLACE,
    SECRET_NAME,
    TOKEN,
    VERSION,
    flat,
    form_of,
    places_of,
)
from ansible_collections.m365.defender.plugins.module_utils._secrets import forms_of
from ansible_collections.m365.defender.plugins.plugin_utils._recording import WITHIN, Change, Recording

TRIED = "Making the request form"
AGAIN = "Record once more: open the pending actions, start the recording, reload the page, decide one single action, and save the HAR."
GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d")
ADDRESS = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
OPAQUE = re.compile(r"[\w+/=.~%-]{40,}")
COMMENTS = frozenset({"comment", "comments", "note", "notes"})


@dataclass(frozen=True)
class Hints:
    """What the operator says of his recording. constant, fresh: places in the request (Body.Member) that stay, or are new each time."""

    action_id: str = ""
    comment: str = ""
    path: str = ""
    constant: frozenset[str] = frozenset()
    fresh: frozenset[str] = frozenset()


@dataclass
class Made:
    """request: for the form. kept: values that stay as they were recorded, by place, to be looked at."""

    host: str
    request: dict[str, Any]
    kept: dict[str, Any] = field(default_factory=dict)


def made(recording: Recording, hints: Hints) -> Made:
    """The request of the decision that a recording holds, without anything of the recorded action or of who decided. Raises BadInput."""
    change, item = _decision(recording, hints)
    replacing = _Replacing(_meanings(recording, item, hints), hints)
    path = "/".join(replacing.part(part, f"path[{number}]") for number, part in enumerate(change.path.split("/")))
    query = {name: replacing.text(value, f"query.{name}") for name, value in change.query.items()}
    request: dict[str, Any] = {"method": change.method, "path": path}
    if query:
        request["query"] = query
    if change.body is not None:
        request["body"] = replacing.deep(change.body, "body")
    _refuse(replacing, request, recording, change)
    result = Made(change.host, request, {place: value for place, value in replacing.kept.items() if not place.startswith("path[")})
    form_of({"version": VERSION, "host": change.host, "requests": {"approve": request}}, frozenset({change.host}))
    return result


def _decision(recording: Recording, hints: Hints) -> tuple[Change, dict[str, Any]]:
    """The one change that decided an action, and what the list told of that action."""
    if not recording.changes:
        where = f"; there are some to {', '.join(sorted(recording.elsewhere))}" if recording.elsewhere else ""
        raise BadInput(f"nothing in the recording changes anything at a Defender portal{where}", tried=TRIED, hint=AGAIN)
    wanted = hints.action_id.casefold()
    known = {wanted: recording.items.get(wanted, {"ActionId": hints.action_id})} if wanted else recording.items
    if not known:
        text = "it can't be told which value is the action's id: the recording has no list of actions"
        raise BadInput(text, tried=TRIED, hint=f"{AGAIN} Or give action_id.")
    found = []
    for change in recording.changes:
        if hints.path.casefold() in change.path.casefold():
            named = [number for number, item in known.items() if _names(change, number, item, recording)]
            found += [(change, named)] if named else []
    if not found:
        text = "it can't be told which value is the action's id: no request that changes something names a listed action"
        raise BadInput(text, tried=TRIED, hint=f"{AGAIN} Or give action_id.")
    several = next((named for dummy, named in found if len(named) > 1), None)
    if several:
        raise BadInput(f"a request names {len(several)} actions at once", tried=TRIED, hint=AGAIN)
    taken = [(change, named) for change, named in found if 200 <= change.status < 300]
    if not taken:
        raise BadInput(f"the portal did not take the decision: it answered {found[-1][0].status}", tried=TRIED, hint=AGAIN)
    if len(taken) > 1:
        paths = ", ".join(sorted({f"{change.method} {_harmless(change, recording)}" for change, dummy in taken}))
        hint = f"{AGAIN} Or say which one it is by action_id, or by path, a part of its path."
        raise BadInput(f"{len(taken)} requests may be the decision: {paths}", tried=TRIED, hint=hint)
    change, (number,) = taken[0]
    if change.fault:
        raise BadInput(f"the decision can't be used: {change.fault}", tried=TRIED, hint="The portal's own requests are JSON.")
    return change, known[number]


def _names(change: Change, number: str, item: Mapping[str, Any], recording: Recording) -> bool:
    """Whether a change names an action: by its id, or by another id that no other listed action has."""
    if change.names(number):
        return True
    ids = {str(value).casefold() for name, value in flat(item) if name.casefold().endswith("id") and len(str(value or "")) >= WITHIN}
    others = {str(value).casefold() for key, row in recording.items.items() if key != number for dummy, value in flat(row)}
    return any(change.names(one) for one in ids - others)


def _meanings(recording: Recording, item: Mapping[str, Any], hints: Hints) -> dict[str, tuple[str, Any]]:
    """What values stand for: the value without case -> placeholder and value as the list has it; what is surer comes first."""
    meanings: dict[str, tuple[str, Any]] = {}

    def mean(value: Any, name: str) -> None:
        if isinstance(value, str | int) and not isinstance(value, bool) and len(str(value)) >= 2:
            meanings.setdefault(str(value).casefold(), (name, value))

    members = {name.casefold(): (name, value) for name, value in flat(item)}
    if hints.comment:
        mean(hints.comment, "comment")
    for name, member in ITEM.items():
        mean(members.pop(member.casefold(), ("", None))[1], name)
    for values, name in ((recording.tenants, "tenant_id"), (recording.user_ids, "user_id"), (recording.users, "user_name")):
        for value in values:
            mean(value, name)
    for name, value in members.values():
        if re.fullmatch(r"[A-Za-z_][\w.]*", name):
            mean(value, f"item.{name}")
    return meanings


@dataclass
class _Replacing:
    """Puts placeholders where values stood. kept: what stayed, by place."""

    meanings: Mapping[str, tuple[str, Any]]
    hints: Hints
    kept: dict[str, Any] = field(default_factory=dict)

    def deep(self, value: Any, place: str) -> Any:
        if isinstance(value, Mapping):
            return {self.text(str(name), f"the name of {place}.{name}"): self.deep(one, f"{place}.{name}") for name, one in value.items()}
        if isinstance(value, list):
            return [self.deep(one, f"{place}[{number}]") for number, one in enumerate(value)]
        if isinstance(value, str):
            return self.text(value, place)
        if isinstance(value, int) and not isinstance(value, bool) and str(value) in self.meanings and place not in self.hints.constant:
            name, told = self.meanings[str(value)]
            return f"{{{name}}}" if isinstance(told, int) else f"{{{name}:number}}"
        self.kept[place] = value
        return value

    def part(self, value: str, place: str) -> str:
        """A part of the path; what is encoded stays so where nothing is put into it, and is then refused."""
        filled = self.text(unquote(value), place)
        return filled if places_of(filled) else value

    def text(self, value: str, place: str) -> str:
        if place in self.hints.constant:
            self.kept[place] = value
            return _plain(value)
        if place in self.hints.fresh:
            return "{new_id}" if GUID.fullmatch(value) else "{now}"
        if place.rpartition(".")[2].casefold() in COMMENTS and not place.startswith("the name of"):
            return "{comment}"
        whole = self.meanings.get(value.casefold())
        # Words count only as they are spelled, ids and addresses in any case.
        if whole and (value == str(whole[1]) or re.search(r"[\d@]", value)):
            return f"{{{whole[0]}}}" if isinstance(whole[1], str) else f"{{{whole[0]}:text}}"
        return self._within(value, place)

    def _within(self, value: str, place: str) -> str:
        """A longer text in which ids stand."""
        ids = [one for one in self.meanings if len(one) >= WITHIN and re.search(r"\d|@", one)]
        result = ""
        while value:
            starts = [(value.casefold().find(one), -len(one), one) for one in ids if one in value.casefold()]
            if not starts:
                break
            start, length, one = min(starts)
            result += _plain(value[:start]) + f"{{{self.meanings[one][0]}}}"
            value = value[start - length :]
        if not result and value and not place.startswith("the name of"):
            self.kept[place] = value
        return result + _plain(value)


def _plain(text: str) -> str:
    """A text in which braces stand for themselves."""
    return text.replace("{", "{{").replace("}", "}}")


def _refuse(replacing: _Replacing, request: Mapping[str, Any], recording: Recording, change: Change) -> None:
    """Raises BadInput if anything stays in the request that may be a secret, a person, or an id of which nobody knows what it is."""
    faults = []
    for place, text in _leaves(request):
        told = place not in replacing.hints.constant
        rest = PLACE.sub(lambda found: "" if found[1] else found[0][0], text)
        secrets = (one for one in (*recording.secrets, *recording.tenants, *recording.users, *recording.user_ids))
        if any(one.casefold() in rest.casefold() for one in secrets) or TOKEN.search(rest):
            faults.append(f"{place} holds a part of the session")
        elif '"' in rest and SECRET_NAME.search(rest):
            faults.append(f"{place} holds a text with a secret by its name")
        elif ADDRESS.search(rest):
            faults.append(f"{place} holds an address of somebody")
        elif told and GUID.search(rest):
            faults.append(f"{place} holds an id that is none of the action's")
        elif told and MOMENT.search(rest):
            faults.append(f"{place} holds a moment")
        elif told and OPAQUE.search(rest):
            faults.append(f"{place} holds a long text without words")
        elif told and re.fullmatch(r"\d{10,}", rest):
            faults.append(f"{place} holds a long number")
    faults += [f"{place} is a secret by its name" for place in _secret_names(request)]
    if "action_id" not in places_of(request) and not any(name.startswith("item.") or name in ITEM for name in places_of(request)):
        faults.append("nothing in it tells which action is meant")
    if faults:
        raise BadInput(
            f"the decision ({change.method} {_harmless(change, recording)}) can't become a form: {'; '.join(faults)}",
            tried=TRIED,
            hint="Name a place under constant if it is the same for every action and no secret, under fresh if it is new each time.",
        )


def _harmless(change: Change, recording: Recording) -> str:
    """The path of a change as it may be shown."""
    secrets = [one.casefold() for one in (*recording.secrets, *recording.tenants, *recording.users, *recording.user_ids)]

    def fine(part: str) -> bool:
        text = unquote(part).casefold()
        return not any(one.search(text) for one in (GUID, ADDRESS, OPAQUE, TOKEN)) and not any(one in text for one in secrets)

    return "/".join(part if fine(part) else "..." for part in change.path.split("/"))


def _leaves(value: Any, place: str = "") -> Iterable[tuple[str, str]]:
    """Every single value and name in a request, as text."""
    if isinstance(value, Mapping):
        for name, one in value.items():
            inner = f"{place}.{name}" if place else str(name)
            if place:
                yield f"the name of {inner}", str(name)
            yield from _leaves(one, inner)
    elif isinstance(value, list):
        for number, one in enumerate(value):
            yield from _leaves(one, f"{place}[{number}]")
    elif place == "path":
        yield from ((f"path[{number}]", part) for number, part in enumerate(str(value).split("/")))
    elif isinstance(value, str | int) and not isinstance(value, bool):
        yield place, str(value)


def _secret_names(request: Mapping[str, Any]) -> list[str]:
    return sorted(
        {place.removeprefix("the name of ") for place, name in _leaves(request) if place.startswith("the") and SECRET_NAME.search(name)}
    )


def merged(former: Any, one: Made, decision: str, when: str) -> dict[str, Any]:
    """A form with one more decision. former: the form that is there already, or None. Raises BadInput if it is of another portal."""
    requests: dict[str, Any] = {}
    note = f"Recorded {when}"
    if former is not None:
        host = former.get("host") if isinstance(former, Mapping) else None
        if host != one.host:
            text = f"the form that is there is of {host}, the recording of {one.host}"
            raise BadInput(text, tried=TRIED, hint="Choose another dest.")
        form_of(former, frozenset({one.host}))
        requests = dict(former["requests"])
        note = former.get("note") or "" if requests.get(decision) == one.request else note
    requests[decision] = one.request
    document = {"version": VERSION, "host": one.host, "note": note, "requests": requests}
    form_of(document, frozenset({one.host}))
    return document


def leaks(document: Mapping[str, Any], recording: Recording) -> bool:
    """Whether anything secret of the recording stands in a form after all."""
    text = json.dumps(document, ensure_ascii=False).casefold()
    theirs = (*recording.secrets, *recording.tenants, *recording.users, *recording.user_ids)
    return any(form.casefold() in text for form in forms_of(theirs))
