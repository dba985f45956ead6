# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ways in which an app proves itself, and tokens that the caller brings. Private to the collection."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._apps import Place, need_client_id, unusable
from ansible_collections.m365.defender.plugins.module_utils._certificates import app_token
from ansible_collections.m365.defender.plugins.module_utils._claims import claims_of
from ansible_collections.m365.defender.plugins.module_utils._errors import SignInFailed
from ansible_collections.m365.defender.plugins.module_utils._transport import Transport


@dataclass(frozen=True)
class ClientSecret:
    """An app with a secret."""

    client_id: str
    secret: str = field(repr=False)

    way = "client_secret"
    renews = True

    @property
    def key(self) -> str:
        return self.client_id

    @property
    def secrets(self) -> tuple[str, ...]:
        return (self.secret,)

    def validate(self) -> None:
        need_client_id(self.way, self.client_id)

    def for_msal(self, transport: Transport | None = None) -> Any:
        return self.secret

    def ask(self, place: Place, audience: str, claims: str) -> dict[str, Any]:
        return app_token(place, self, audience, claims)


@dataclass(frozen=True)
class FederatedToken:
    """An app that trusts another identity provider: GitHub, GitLab, AWX, Kubernetes. Its token is the app's proof."""

    client_id: str
    token: str = field(default="", repr=False)
    path: str = ""

    way = "federated_token"
    renews = True

    @property
    def key(self) -> str:
        return self.client_id

    @property
    def secrets(self) -> tuple[str, ...]:
        return (self.token,) if self.token else ()

    def validate(self) -> None:
        need_client_id("federated_token_file" if self.path else self.way, self.client_id)
        if self.path:
            self._read()

    def for_msal(self, transport: Transport | None = None) -> Any:
        return {"client_assertion": lambda: self._now(transport)}

    def ask(self, place: Place, audience: str, claims: str) -> dict[str, Any]:
        return app_token(place, self, audience, claims)

    def _now(self, transport: Transport | None) -> str:
        """The token as it is now: these live for minutes, and whoever issues them writes the file anew."""
        token = self._read() if self.path else self.token
        if transport is not None:
            transport.secrets.add(token)
        return token

    def _read(self) -> str:
        try:
            with open(self.path, encoding="utf-8-sig") as file:  # Windows begins texts with a mark
                token = file.read(100_000).strip()
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "it is no text"
            raise unusable(f"federated_token_file {self.path} can't be read: {reason}") from None
        if not token:
            raise unusable(f"federated_token_file {self.path} is empty", "Whoever issues the token has not written it.")
        return token


@dataclass(frozen=True)
class AccessToken:
    """Tokens that the caller got himself: one, or one for each service. They can't be renewed, and are kept nowhere.

    tokens: by audience; under "" one that is used for the audience it was made for.
    """

    tokens: Mapping[str, str] = field(repr=False)
    same: Callable[[str, str], bool] = field(default=lambda one, other: one == other, repr=False)
    clock: Callable[[], float] = field(default=time.time, repr=False)

    way = "access_token"
    renews = False

    @property
    def client_id(self) -> str:
        return next((str(app) for app in map(_app_of, self.tokens.values()) if app), "")

    @property
    def key(self) -> str:
        return self.way

    @property
    def secrets(self) -> tuple[str, ...]:
        return tuple(self.tokens.values())

    def validate(self) -> None:
        # A library that refuses such a header shows the whole of it.
        if not all(re.fullmatch("[!-~]+", token) for token in self.tokens.values()):
            raise unusable(
                "access_token has a character that no token has, such as a line break or a blank",
                "Give the token alone, as it was handed out.",
            )
        if "" in self.tokens and not claims_of(self.tokens[""]).get("aud"):
            raise unusable(
                "access_token can't be read, so it is not known for what it was made",
                "Give a dictionary instead, with the name of a service for each token.",
            )

    def ask(self, place: Place, audience: str, claims: str) -> dict[str, Any]:
        token = self.tokens.get(audience) or self.tokens.get("")
        if not token:
            raise SignInFailed(
                f"access_token has none for {audience}",
                tried="Signing in",
                service="identity",
                code="no_access_token",
                hint="Add one under the name of the service.",
            )
        said = claims_of(token)
        made_for = str(said.get("aud") or "")
        if made_for and not self.same(made_for, audience):
            raise SignInFailed(
                f"the access token was made for {made_for}, not for {audience}",
                tried="Signing in",
                service="identity",
                code="wrong_audience",
                hint="Give a token for each service.",
            )
        ends = said.get("exp")
        if isinstance(ends, int | float) and ends <= self.clock():
            raise SignInFailed(
                "the access token has ended",
                tried="Signing in",
                service="identity",
                code="access_token_ended",
                hint="Get a new one; it can't be renewed here.",
            )
        # One that does not say when it ends is used until it is refused.
        return {"access_token": token, "expires_on": float(ends) if isinstance(ends, int | float) else float("inf")}


def _app_of(token: str) -> Any:
    said = claims_of(token)
    return said.get("appid") or said.get("azp")
