# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Microsoft Graph and the API of Defender for Endpoint: lists, page by page, and several lists at once. Private to the collection."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlencode, urlsplit

from ansible_collections.m365.defender.plugins.module_utils._claims import wanted_claims
from ansible_collections.m365.defender.plugins.module_utils._clouds import Cloud
from ansible_collections.m365.defender.plugins.module_utils._credentials import SignIn
from ansible_collections.m365.defender.plugins.module_utils._errors import (
    Forbidden,
    NotFound,
    OutcomeUnknown,
    Refused,
    TenantError,
    Unavailable,
)
from ansible_collections.m365.defender.plugins.module_utils._http import headers_of, pause_of
from ansible_collections.m365.defender.plugins.module_utils._searches import HUNT_TIMEOUT, SEARCHES, Ask, Patience, Row
from ansible_collections.m365.defender.plugins.module_utils._transport import Reply, Transport

BATCH = 20  # [doc] json-batching
# Without this, words that came late to an enumeration are told as unknownFutureValue: an incident's awaitingAction, the pendingApproval
# of a piece of evidence, Defender for Cloud as a source. [doc] best practices, evolvable enumerations
EVERY_WORD = {"Prefer": "include-unknown-enum-members"}
ROOTS = {"graph": "/v1.0", "defender": "/api", "partner": "/v1"}
# Nouns that are asked by POST, with the member of the answer that holds the rows. [doc]
POSTED = {"security/runHuntingQuery": "results"}
PROBING = 60.0  # seconds for which a quota is waited out where a query only shows whether something is there
# The application permission that a noun needs. [doc] for incidents, alerts, hunting, audit, machines and their actions, investigations,
# memberships; the others [recall]
PERMISSIONS = {
    "organization": "Organization.Read.All of Microsoft Graph",
    "sites/root": "Sites.Read.All of Microsoft Graph",
    "subscribedSkus": "LicenseAssignment.Read.All or Organization.Read.All of Microsoft Graph",
    "directory/subscriptions": "Organization.Read.All of Microsoft Graph",  # [doc]
    "roleManagement/directory/roleAssignments": "RoleManagement.Read.Directory of Microsoft Graph",
    "roleManagement/directory/roleEligibilityScheduleInstances": "RoleManagement.Read.Directory of Microsoft Graph",  # [doc]
    "users": "User.Read.All of Microsoft Graph",  # [doc]
    "groups": "GroupMember.Read.All of Microsoft Graph",  # [doc]
    "groups/*/transitiveMembers": "GroupMember.Read.All of Microsoft Graph",  # [doc]
    "users/*/transitiveMemberOf": "User.Read.All and GroupMember.Read.All of Microsoft Graph",
    "tenantRelationships/delegatedAdminRelationships": "DelegatedAdminRelationship.Read.All of Microsoft Graph",
    "contracts": "Directory.Read.All of Microsoft Graph",
    "applications": "Application.Read.All of Microsoft Graph",
    "servicePrincipals": "Application.Read.All of Microsoft Graph",
    "oauth2PermissionGrants": "Directory.Read.All of Microsoft Graph",
    "security/incidents": "SecurityIncident.Read.All of Microsoft Graph",
    "security/alerts_v2": "SecurityAlert.Read.All of Microsoft Graph",
    "security/runHuntingQuery": "ThreatHunting.Read.All of Microsoft Graph",
    "security/auditLog/queries": "AuditLogsQuery.Read.All of Microsoft Graph",
    "security/identities/sensors": "SecurityIdentitiesSensors.Read.All of Microsoft Graph",
    "security/identities/healthIssues": "SecurityIdentitiesHealth.Read.All of Microsoft Graph",
    "machines": "Machine.Read.All of WindowsDefenderATP",
    "deviceavinfo": "Machine.Read.All of WindowsDefenderATP",
    "machineactions": "Machine.Read.All of WindowsDefenderATP",
    "investigations": "Alert.Read.All of WindowsDefenderATP",
}
# Paths in which an id stands, as they are written above.
_WITH_ID = (
    (re.compile(r"^(users|groups)/[^/]+/"), r"\1/*/"),
    (re.compile(r"^(applications|servicePrincipals)[/(].+$"), r"\1"),
    (re.compile(r"^(security/(?:incidents|alerts_v2)|machines|machineactions|investigations)/[^/]+$"), r"\1"),
    (re.compile(r"^(security/auditLog/queries)/.+$"), r"\1"),
)
PAGES = 10_000
ABSENT = "If the tenant lacks the service, no permission helps: license_info and xdr_info show more. Otherwise: "


class Rest:
    """Lists of one service, and single changes. service: "graph" or "defender"."""

    def __init__(self, service: str, *, cloud: Cloud, transport: Transport, sign_in: SignIn) -> None:
        self.service = service
        self._root = f"https://{cloud.host(service)}{ROOTS[service]}"
        self._audience = cloud.audience(service)
        self._transport = transport
        self._sign_in = sign_in

    def read_each(self, questions: Sequence[tuple[Any, ...]]) -> list[list[Row] | TenantError]:
        """The rows of each, or what went wrong with it; raises when nothing can be asked at all (no token, no connection)."""
        asks = [Ask(*one) for one in questions]
        alone = [one for one in asks if self.service != "graph" or one.noun in POSTED or one.noun in SEARCHES]
        together = [one for one in asks if one not in alone]
        results: dict[Ask, list[Row] | TenantError] = {}
        if len(together) > 1:
            for start in range(0, len(together), BATCH):
                results.update(self._batch(together[start : start + BATCH]))
        else:
            alone += together
        for one in alone:
            results[one] = self._one(one)
        return [results[one] for one in asks]

    def write(self, method: str, path: str, body: Any, tried: str, permission: str = "") -> Reply:
        """Sends one change to a path below the API's root and returns the answer. permission: what the caller needs, for the error.

        Raises TenantError; OutcomeUnknown where nobody knows whether it was carried out.
        """
        with self._transport.writing():
            return self._send(method, f"{self._root}/{path}", Ask(path), body, tried=tried, permission=permission, write=True)

    def _one(self, ask: Ask) -> list[Row] | TenantError:
        try:
            return self._read(ask)
        except TenantError as error:
            if error.status is None:
                raise
            return error

    def _read(self, ask: Ask) -> list[Row]:
        self._transport.counts["reads"] += 1
        noun = ask.noun
        if self.service == "graph" and noun in SEARCHES:
            return SEARCHES[noun](self, ask)
        if noun in POSTED:
            patience = Patience(PROBING, self.wait)
            reply = self._send("POST", f"{self._root}/{noun}", ask, dict(ask.parameters), timeout=HUNT_TIMEOUT, throttled=patience)
            body = reply.json()
            if not isinstance(body, dict) or not isinstance(body.get(POSTED[noun]), list):
                raise Unavailable("the service gave an answer without a list", status=reply.status, request_id=reply.request_id)
            return _kept(body[POSTED[noun]], ask.kept)
        return self.rows(ask)

    @property
    def wait(self) -> Callable[[float], None]:
        """What waiting means."""
        return self._transport.wait

    def rows(self, ask: Ask, tried: str = "") -> list[Row]:
        """The rows of a list, page by page. Raises TenantError."""
        return self._pages(ask, self._send("GET", f"{self._root}/{_path(ask)}", ask, tried=tried).json())

    def search(self, method: str, ask: Ask, body: Any, tried: str, **how: Any) -> Reply:
        """Sends one request of a search that takes several, or much time, and returns the answer. Raises TenantError.

        how: `timeout` in seconds, and `throttled`, what is done about an answer that may be another later, in place of the usual.
        """
        return self._send(method, f"{self._root}/{ask.noun}", ask, body, tried=tried, **how)

    def _pages(self, ask: Ask, body: Any) -> list[Row]:
        """The rows of an answer and of the pages behind it, until there are enough; one object without a list counts as one row."""
        rows: list[Row] = []
        for dummy in range(PAGES):
            if not isinstance(body, dict):
                raise Unavailable("the service gave an answer that is no JSON", status=200, **self._known(ask))
            if "value" not in body:
                return [body]
            rows += _kept(body["value"], ask.kept)
            link = body.get("@odata.nextLink")
            body = None  # before the next page comes: a page of 10,000 devices is tens of megabytes
            if not link or (ask.most is not None and len(rows) >= ask.most):
                return rows[: ask.most]
            if urlsplit(str(link))[:2] != urlsplit(self._root)[:2]:  # a token stays with the host it is for, and under TLS
                raise Refused("the service leads to another host for its next page", status=200, **self._known(ask))
            body = self._send("GET", str(link), ask).json()
        raise Unavailable("the service gives page after page without end", status=200, **self._known(ask))

    def _batch(self, asks: Sequence[Ask]) -> dict[Ask, list[Row] | TenantError]:
        items = [{"id": str(number), "method": "GET", "url": f"/{_path(one)}", "headers": EVERY_WORD} for number, one in enumerate(asks)]
        try:
            body = self._send("POST", f"{self._root}/$batch", Ask("$batch"), {"requests": items}).json()
        except TenantError as error:
            if error.status is None:
                raise
            return {one: self._one(one) if error.status < 429 else error for one in asks}
        found = {
            str(one.get("id")): one for one in (body.get("responses") or () if isinstance(body, dict) else ()) if isinstance(one, dict)
        }
        pause = pause_of(found.values())
        if pause:
            self._transport.wait(pause)
        return {one: self._item(one, found.get(str(number))) for number, one in enumerate(asks)}

    def _item(self, ask: Ask, item: Row | None) -> list[Row] | TenantError:
        status = int(item.get("status") or 0) if item else 0
        if item is None or status in (0, 401, 429) or status >= 500:
            return self._one(ask)
        self._transport.counts["reads"] += 1
        given = item.get("headers")
        headers = headers_of({str(name): str(value) for name, value in given.items()} if isinstance(given, dict) else {})
        try:
            if status == 200:
                return self._pages(ask, item.get("body"))
            raise self._error(Reply(status, headers, json.dumps(item.get("body")).encode(), headers.get("request-id") or ""), ask)
        except TenantError as error:
            if error.status is None:
                raise
            return error

    def _send(
        self,
        method: str,
        url: str,
        ask: Ask,
        body: Any = None,
        *,
        tried: str = "",
        permission: str = "",
        write: bool = False,
        timeout: float | None = None,
        throttled: Callable[[Reply], bool] | None = None,
    ) -> Reply:
        """Sends, with a new token once after a 401. Raises the error of any answer that is none of success.

        throttled: called with each answer, waits and returns whether to ask again, or raises; nothing else is repeated then.
        """
        tried = tried or f"Reading {ask.noun}"
        while True:
            reply = self._signed(method, url, body, tried=tried, write=write, timeout=timeout, once=throttled is not None)
            if throttled is None or not throttled(reply):
                break
        if reply.status >= 300:
            error = self._error(reply, ask, permission)
            error.tried = tried
            if write and reply.status >= 500:
                raise OutcomeUnknown(
                    f"it is not known whether the change was made: {error.text}",
                    hint="Run the task again: it reads what is there before it writes.",
                    **{name: getattr(error, name) for name in ("tried", "service", "status", "code", "request_id")},
                )
            raise error
        return reply

    def _signed(self, method: str, url: str, body: Any, **how: Any) -> Reply:
        """An answer to a token that is not refused, if there is any."""
        token = self._sign_in.token(self._audience)
        for renewed in (False, True):
            headers = {"Authorization": f"Bearer {token}", **(EVERY_WORD if self.service == "graph" else {})}
            reply = self._transport.send(method, url, service=self.service, headers=headers, json_body=body, **how)
            if reply.status != 401 or renewed:
                break
            claims = wanted_claims(reply.headers.get("WWW-Authenticate") or "")
            token = self._sign_in.token(self._audience, instead_of=token, claims=claims)
        return reply

    def _known(self, ask: Ask) -> Row:
        return {"service": self.service, "tried": f"Reading {ask.noun}"}

    def _error(self, reply: Reply, ask: Ask, permission: str = "") -> TenantError:
        """The TenantError of an answer. [doc] the error object of both services; what a tenant without the service answers is a guess."""
        body = reply.json()
        error = body.get("error") if isinstance(body, dict) else None
        error = error if isinstance(error, dict) else {}
        inner = error.get("innerError") or error.get("innererror")
        request_id = str(inner.get("request-id") or "") if isinstance(inner, dict) else ""
        text = str(error.get("message") or "").strip()
        known = {
            **self._known(ask),
            "status": reply.status,
            "code": str(error.get("code") or ""),
            "request_id": request_id or reply.request_id,
        }
        permission = permission or _permission(ask.noun)
        if reply.status == 401:
            return Forbidden(text or "the service does not take the token", hint=_grant(permission), **known)
        if reply.status == 403:
            if known["code"] == "DisabledFeature":
                return Forbidden(text, hint="The feature is not switched on in this tenant.", **known)
            return Forbidden(text or "the service forbids it", hint=_grant(permission, text), **known)
        if reply.status == 404:
            # That a service which is not set up in a tenant answers alike is a guess.
            hint = "Either there is no such object, or the service is not set up in this tenant: license_info and xdr_info show more."
            return NotFound(text or "the service has nothing here", hint=hint, **known)
        if reply.status == 429:
            return Unavailable(text or "the service takes no more requests for now", hint="Try again later, or with fewer forks.", **known)
        if reply.status >= 500:
            return Unavailable(text or "the service failed", hint="Try again later.", **known)
        hint = "The service does not take this as it stands: look at the options of the task."
        return Refused(text or f"the service refused it without a reason (HTTP {reply.status})", hint=hint, **known)


def _kept(rows: Sequence[Any], members: tuple[str, ...]) -> list[Row]:
    """The rows with these members only, or as they are."""
    found = (one for one in rows if isinstance(one, dict))
    return [{name: one[name] for name in members if name in one} for one in found] if members else list(found)


def _path(ask: Ask) -> str:
    return f"{ask.noun}?{urlencode(ask.parameters, safe='$,')}" if ask.parameters else ask.noun


def _permission(noun: str) -> str:
    for pattern, written in _WITH_ID:
        noun = pattern.sub(written, noun)
    return PERMISSIONS.get(noun, "")


def _grant(permission: str, said: str = "") -> str:
    lead = ABSENT if re.search("provision|onboard|licen[cs]", said, re.IGNORECASE) else ""  # that services say so is a guess
    if not permission:
        return f"{lead}Look at the application permissions of the app."
    return f"{lead}Grant the app the application permission {permission}, with an administrator's consent. A new grant takes some minutes."
