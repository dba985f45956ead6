# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tokens of one identity in one tenant: from memory, from a file, or by signing in. Private to the collection."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._apps import Credential, Place, Say
from ansible_collections.m365.defender.plugins.module_utils._claims import claims_of
from ansible_collections.m365.defender.plugins.module_utils._errors import SignInFailed
from ansible_collections.m365.defender.plugins.module_utils._refusals import codes_of, refused_sign_in
from ansible_collections.m365.defender.plugins.module_utils._token_files import TokenFiles
from ansible_collections.m365.defender.plugins.module_utils._transport import Transport

MARGIN = 300  # seconds before its end from which a token is not used any more
CERTIFICATE_TRIES, CERTIFICATE_WAIT = 4, 10.0  # a certificate just uploaded is not known everywhere at once. [code] 3 x 10 s
RIGHT_AFTER_UPLOAD = 700027


class SignIn:
    """Tokens of one identity in one tenant: from memory, from a file that another fork left, or from the sign-in service."""

    def __init__(
        self,
        credential: Credential,
        *,
        login: str,
        tenant: Callable[[], str],
        transport: Transport,
        files: TokenFiles,
        place: str,
        clock: Callable[[], float] = time.time,
        say: Say | None = None,
    ) -> None:
        """tenant: gives the tenant's id. place: the endpoint, so that an emulated tenant's tokens are not taken for real ones.

        say: shows a person a line, where there is one.
        """
        self._credential = credential
        self._login = login
        self._tenant = tenant
        self._transport = transport
        self._files = files
        self._place = place
        self._clock = clock
        self._known: dict[str, tuple[str, float]] = {}
        self._say = say
        self._there: Place | None = None

    @property
    def way(self) -> str:
        """The option by which this signs in."""
        return self._credential.way

    def token(self, audience: str, *, instead_of: str = "", claims: str = "") -> str:
        """A token for an audience that lasts a while. instead_of: one that was refused. claims: what the service asked for beside.

        Raises SignInFailed, Unavailable, BadInput.
        """
        about = self._about(audience)
        for known in (self._known.get(audience), self._kept(about)):
            if known and self._good(known, instead_of):
                return self._remember(audience, known)
        if not self._credential.renews:
            return self._remember(audience, self._fetched(audience, claims, instead_of))
        with self._files.alone("token", *about):
            kept = self._kept(about)  # another fork may have been quicker
            if kept and self._good(kept, instead_of):
                return self._remember(audience, kept)
            if instead_of:
                self._files.drop("token", *about)
            fetched = self._fetched(audience, claims, instead_of)
            self._files.write("token", *about, kept={"access_token": fetched[0], "expires_on": fetched[1]})
        return self._remember(audience, fetched)

    def forget(self, audience: str) -> None:
        """Has the next token for an audience fetched anew, and really asked for."""
        self._known.pop(audience, None)
        if self._there is not None:
            self._there.anew()
        self._files.drop("token", *self._about(audience))

    def _about(self, audience: str) -> tuple[str, ...]:
        return (self._login, self._place, self._tenant(), self._credential.key, audience)

    def _good(self, known: tuple[str, float], instead_of: str) -> bool:
        return known[0] != instead_of and known[1] - MARGIN > self._clock()

    def _remember(self, audience: str, known: tuple[str, float]) -> str:
        self._known[audience] = known
        self._transport.secrets.add(known[0])
        return known[0]

    def _kept(self, about: tuple[str, ...]) -> tuple[str, float] | None:
        kept = (self._files.read("token", *about) if self._credential.renews else None) or {}
        try:
            return str(kept["access_token"]), float(kept["expires_on"])
        except (KeyError, TypeError, ValueError):
            return None

    def _fetched(self, audience: str, claims: str, instead_of: str) -> tuple[str, float]:
        for tries in range(1, CERTIFICATE_TRIES + 1):
            answer = self._credential.ask(self._asked_place(), audience, claims)
            if "access_token" in answer:
                token = str(answer["access_token"])
                self._transport.secrets.add(token)
                self._check(token, audience, instead_of)
                return token, self._end(answer)
            if RIGHT_AFTER_UPLOAD not in codes_of(answer) or tries == CERTIFICATE_TRIES:
                raise refused_sign_in(answer, audience, self._credential.client_id)
            self._transport.wait(CERTIFICATE_WAIT)
        raise AssertionError("the loop above always returns or raises")

    def _asked_place(self) -> Place:
        tenant = self._tenant()
        if self._there is None:
            self._there = Place(self._login, tenant, self._transport, self._files, self._place, self._say)
        return self._there

    def _end(self, answer: Mapping[str, Any]) -> float:
        if "expires_on" in answer:
            return float(answer["expires_on"])
        return self._clock() + min(float(answer.get("expires_in") or 0), 86400.0)

    def _check(self, token: str, audience: str, instead_of: str) -> None:
        """A token that was refused is not used again, and one of another tenant never. Only one that can be read tells whose it is."""
        if token == instead_of:
            raise SignInFailed(
                f"the token for {audience} was refused, and no other is to be had",
                tried="Signing in",
                service="identity",
                code="token_refused",
                hint="Get a new one." if not self._credential.renews else "Wait until the one that was given ends.",
            )
        whose = str(claims_of(token).get("tid") or "").lower()
        if whose and whose != self._tenant():
            raise SignInFailed(
                f"the token is for another tenant, {whose}",
                tried="Signing in",
                service="identity",
                code="wrong_tenant",
                hint="Look at tenant_id. A managed identity lives in one tenant, and so does an access token.",
            )
