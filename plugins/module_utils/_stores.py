# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Services as the engine sees them: two methods, whatever the wire looks like. Private to the collection."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol
from urllib.parse import quote

from ansible_collections.m365.defender.plugins.module_utils._claims import claims_of
from ansible_collections.m365.defender.plugins.module_utils._clouds import CLOUDS, NAMELESS, NOT_IN_CLOUD, Cloud
from ansible_collections.m365.defender.plugins.module_utils._credentials import SignIn
from ansible_collections.m365.defender.plugins.module_utils._errors import NotFound, Refused, SignInFailed, TenantError, Unavailable
from ansible_collections.m365.defender.plugins.module_utils._exchange import Exchange
from ansible_collections.m365.defender.plugins.module_utils._graph import Rest
from ansible_collections.m365.defender.plugins.module_utils._order import moves
from ansible_collections.m365.defender.plugins.module_utils._resource import Operation, Query
from ansible_collections.m365.defender.plugins.module_utils._routes import ROUTES, Route
from ansible_collections.m365.defender.plugins.module_utils._searches import SEARCHED
from ansible_collections.m365.defender.plugins.module_utils._transport import Reply
from ansible_collections.m365.defender.plugins.module_utils._waiting import pauses

Row = dict[str, Any]
Answers = dict[Query, "list[Row] | TenantError"]


class Store(Protocol):
    """One service of one tenant."""

    def read(self, queries: Sequence[Query]) -> Answers:
        """Every row of each query, or the error that concerns it alone. Raises TenantError when the service can't be asked at all."""

    def do(self, operation: Operation) -> str:
        """Carries out one change and returns the request's id. Raises TenantError."""


OFFERED = "ModuleFile"  # no cmdlet's noun, but the list of the cmdlets that the caller may run


class Cmdlets:
    """Nouns of Exchange and compliance cmdlets: Get-, New-, Set-, Remove-, Enable- and Disable-."""

    def __init__(self, exchange: Exchange, *, wait: Callable[[float], None], limit: float) -> None:
        """limit: for how many seconds something just made may be unknown to the service."""
        self._exchange = exchange
        self._wait = wait
        self._limit = limit
        self._made = False

    def read(self, queries: Sequence[Query]) -> Answers:
        commands = {query: (f"Get-{query.noun}", dict(query.parameters)) for query in queries if query.noun != OFFERED}
        found = dict(zip(commands, self._exchange.run_each(list(commands.values())), strict=True))
        return {query: found[query] if query in found else self._offered() for query in queries}

    def _offered(self) -> list[Row] | TenantError:
        try:
            return self._exchange.offered()
        except TenantError as error:
            if error.status is None:
                raise
            return error

    def do(self, operation: Operation) -> str:
        try:
            if operation.verb == "Order":
                steps = moves(*operation.order)
                ids = [self._write("Set", operation.noun, {"Identity": name, "Priority": place}) for name, place in steps]
                return ", ".join(ids)
            identity = {} if operation.identity is None else {"Identity": operation.identity}
            request_id = self._write(operation.verb, operation.noun, {**identity, **operation.parameters})
        except TenantError as error:
            error.tried = f"{operation.verb}-{operation.noun} {operation.name}".rstrip()
            raise
        self._made = self._made or operation.verb == "New"
        return request_id

    def _write(self, verb: str, noun: str, parameters: Mapping[str, Any]) -> str:
        """A new policy may be unknown to its rule for some seconds. [code] Trying again is safe after "not found"."""
        waits = pauses(self._limit if self._made else 0)
        while True:
            try:
                return self._exchange.run(f"{verb}-{noun}", parameters, write=True).request_id
            except NotFound:
                pause = next(waits, None)
                if pause is None:
                    raise
                self._wait(pause)


def not_in_cloud(cloud: Cloud, service: str, tried: str, path: str = "") -> Refused:
    """The refusal of what the tenant's cloud does not have; the service was not asked."""
    lacking = cloud.lacks(service, path)
    hint = "Leave it out for this tenant, or mend cloud. It was not asked for."
    return Refused(
        cloud.without(lacking) if lacking else f"the cloud {cloud.name} does not have {service}",
        tried=tried,
        service=service,
        code=NOT_IN_CLOUD,
        hint=f"{lacking.instead} {hint}" if lacking and lacking.instead else hint,
    )


class Rows:
    """Lists of Microsoft Graph and of Defender for Endpoint, and the changes that have a route there."""

    def __init__(self, rest: Rest, cloud: Cloud = CLOUDS["commercial"]) -> None:
        self._rest = rest
        self._cloud = cloud

    def read(self, queries: Sequence[Query]) -> Answers:
        service = self._rest.service
        lacking = [query for query in queries if self._cloud.lacks(service, _path(query))]
        asked = [query for query in queries if query not in lacking]
        asks = [(query.noun, query.parameters, query.most, query.kept) for query in asked]
        found: Answers = dict(zip(asked, self._rest.read_each(asks) if asks else (), strict=True))
        return found | {query: not_in_cloud(self._cloud, service, f"Reading {query.noun}", _path(query)) for query in lacking}

    def do(self, operation: Operation) -> str:
        return self.carry_out(operation).request_id

    def carry_out(self, operation: Operation) -> Reply:
        """Like `do`, but returns the whole answer, for what is told in its headers only."""
        tried = f"{operation.verb}-{operation.noun} {operation.name}".rstrip()
        route = self.route(operation)
        parts = operation.identity if isinstance(operation.identity, tuple) else (operation.identity,)
        quoted = [quote(str(part), safe="") for part in parts]
        path = route.path.format(*quoted, identity=quoted[0])
        body = dict(operation.parameters) or None
        return self._rest.write(route.method, path, body, tried, route.permission)

    def route(self, operation: Operation) -> Route:
        """Where an operation would go; sends nothing. Raises Refused where there is no way, in this service or in the tenant's cloud."""
        tried = f"{operation.verb}-{operation.noun} {operation.name}".rstrip()
        route = ROUTES[self._rest.service].get((operation.verb, operation.noun))
        if route is None:
            raise Refused("this service has no way to do that", tried=tried, service=self._rest.service)
        if self._cloud.lacks(self._rest.service, route.path):
            raise not_in_cloud(self._cloud, self._rest.service, tried, route.path)
        return route


def _path(query: Query) -> str:
    """Where a question goes, which a search's noun does not say."""
    return SEARCHED.get(query.noun, query.noun)


class Claims:
    """What the caller's own tokens say about him: Query("claims", (("audience", service),)) gives one row, never the token.

    site: gives the audience of the tenant's SharePoint, whose name has to be found first.
    """

    SHOWN = ("appid", "azp", "oid", "tid", "idtyp", "roles", "wids", "scp", "aud", "exp", "upn", "app_displayname")

    def __init__(self, sign_in: SignIn, cloud: Cloud, site: Callable[[], str]) -> None:
        self._sign_in = sign_in
        self._cloud = cloud
        self._site = site

    def read(self, queries: Sequence[Query]) -> Answers:
        answers: Answers = {}
        for query in queries:
            service = str(dict(query.parameters)["audience"])
            if not self._cloud.host(service):
                answers[query] = not_in_cloud(self._cloud, service, "Signing in")
                continue
            try:
                claims = claims_of(self._sign_in.token(self._audience(service)))
                shown = {name: claims[name] for name in self.SHOWN if name in claims}
                answers[query] = [{"audience": service, "way": self._sign_in.way, **shown}]
            except TenantError as error:
                answers[query] = error
        return answers

    def _audience(self, service: str) -> str:
        if service != "sharepoint":
            return self._cloud.audience(service)
        try:
            return self._site()
        except SignInFailed:
            raise
        except TenantError as error:
            raise Unavailable(
                f"the tenant's name in SharePoint could not be found: {error.text}",
                service=service,
                code=NAMELESS,
                status=error.status,
                request_id=error.request_id,
                hint=error.hint,
            ) from None

    def do(self, operation: Operation) -> str:
        raise Refused("claims are only read", tried=str(operation), service="token")
