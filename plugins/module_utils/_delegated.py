# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Signing in for a person: the refresh token of a partner's user, and a code that a person enters. Private to the collection."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._apps import Place, Proof, need_client_id, unusable
from ansible_collections.m365.defender.plugins.module_utils._errors import SignInFailed, one_line

ENDED = "invalid_grant"
# How long it is waited for another process that has just changed the token that was refused to us.
CHANGING = (0.2, 0.5, 1.0)
NOT_YET = ("authorization_pending", "slow_down")


class _Newest:
    """The newest refresh token that is known: each use brings a new one, which is kept beside the tokens for all processes.

    Microsoft does not end a refresh token when it is used [doc], so processes may use one at once and the last one is kept. Where one
    would end, the processes that were refused wait for the new one and take their turns.
    """

    def __init__(self, place: Place, *about: str) -> None:
        self._place = place
        self._about = (place.login, place.endpoint, *about)

    def read(self) -> str:
        kept = self._place.files.read("refresh", *self._about) or self._place._made.get("refresh") or {}
        token = str(kept.get("refresh_token") or "")
        self._place.transport.secrets.add(token)
        return token

    def keep(self, answer: dict[str, Any]) -> dict[str, Any]:
        token = answer.get("refresh_token")
        if token:
            self._place.transport.secrets.add(str(token))
            self._place._made["refresh"] = {"refresh_token": str(token)}
            self._place.files.write("refresh", *self._about, kept={"refresh_token": str(token)})
        return answer

    def alone(self) -> Any:
        return self._place.files.alone("refresh", *self._about)

    def used(self, token: str, use: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
        """The answer to the use of a refresh token, or of a newer one if that has ended meanwhile."""
        answer = use(token)
        if answer.get("error") != ENDED:
            with self.alone():
                return self.keep(answer)
        for pause in (0.0, *CHANGING):
            if pause:
                self._place.transport.wait(pause)
            with self.alone():
                newer = self.read()
                if newer and newer != token:
                    return self.keep(use(newer))
        return answer


@dataclass(frozen=True)
class RefreshToken:
    """A user's refresh token: of a partner, for each customer's tenant, or of the tenant itself. proof: that of the app beside it."""

    client_id: str
    token: str = field(repr=False)
    proof: Proof | None = None

    way = "refresh_token"
    renews = True

    @property
    def key(self) -> str:
        return f"{self.client_id} {_digest(self.token)}"

    @property
    def secrets(self) -> tuple[str, ...]:
        return (self.token, *(self.proof.secrets if self.proof else ()))

    def validate(self) -> None:
        need_client_id(self.way, self.client_id)
        if self.proof:
            self.proof.validate()

    def ask(self, place: Place, audience: str, claims: str) -> dict[str, Any]:
        # One token serves all customers, so it is kept for all of them together.
        newest = _Newest(place, self.client_id, _digest(self.token))

        def use(token: str) -> dict[str, Any]:
            proof = self.proof
            app = place.app(self.client_id, (lambda: proof.for_msal(place.transport)) if proof else None)
            return _redeemed(app, token, audience, claims)

        def ask() -> dict[str, Any]:
            kept = newest.read()
            answer = newest.used(kept or self.token, use)
            # The kept one may be older than the one given, if that was only put away and taken out again.
            return newest.keep(use(self.token)) if kept and kept != self.token and answer.get("error") == ENDED else answer

        return place.asked(ask)


@dataclass(frozen=True)
class DeviceCode:
    """A person at a terminal who signs in with a browser. nobody: why there is none, "" where there is one."""

    client_id: str
    nobody: str = ""

    way = "device_code"
    renews = True

    @property
    def key(self) -> str:
        return f"{self.client_id} {self.way}"

    @property
    def secrets(self) -> tuple[str, ...]:
        return ()

    def validate(self) -> None:
        need_client_id(self.way, self.client_id)
        if self.nobody:
            raise unusable(
                f"device_code needs a person who sees the code and signs in, and {self.nobody}",
                "Let an app sign in instead, with a certificate, a secret or a federated token.",
            )

    def ask(self, place: Place, audience: str, claims: str) -> dict[str, Any]:
        newest = _Newest(place, place.tenant, self.client_id, self.way)

        def ask() -> dict[str, Any]:
            app = place.app(self.client_id, None)
            with newest.alone():  # one process asks the person, the others find what that brought
                kept = newest.read()
                answer = _redeemed(app, kept, audience, claims) if kept else {}
                if "access_token" not in answer:
                    answer = self._by_person(place, app, audience, claims)
                return newest.keep(answer)

        return place.asked(ask)

    def _by_person(self, place: Place, app: Any, audience: str, claims: str) -> dict[str, Any]:
        flow = app.initiate_device_flow([f"{audience}/.default"], data={"claims": claims}) if claims else None
        flow = flow or app.initiate_device_flow([f"{audience}/.default"])
        if "user_code" not in flow or place.say is None:
            return dict(flow)
        place.transport.secrets.add(str(flow.get("device_code") or ""))
        place.say(one_line(f"Tenant {place.tenant}: {flow.get('message') or _instruction(flow)}"))
        pause = float(flow.get("interval") or 5)
        while True:
            place.transport.wait(pause)
            # msal's own loop sleeps by itself, and notes in the flow when it asked; here each round is one request with its own.
            answer = app.acquire_token_by_device_flow(dict(flow), exit_condition=lambda flow: True, claims_challenge=claims or None)
            if answer.get("error") not in NOT_YET:
                return dict(answer)
            if flow.get("expires_at", 0) < time.time():
                raise SignInFailed(
                    "nobody signed in with the code in time",
                    tried="Signing in",
                    service="identity",
                    code="expired_token",
                    hint="Run the task again.",
                )
            pause += 5 if answer["error"] == "slow_down" else 0


def _redeemed(app: Any, token: str, audience: str, claims: str) -> dict[str, Any]:
    more = {"data": {"claims": claims}} if claims else {}
    return dict(app.acquire_token_by_refresh_token(token, [f"{audience}/.default"], **more))


def _instruction(flow: dict[str, Any]) -> str:
    return f"open {flow.get('verification_uri')} and enter the code {flow['user_code']}"


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()[:32]
