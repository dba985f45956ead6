# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a sign-in takes place, and msal there. Private to the collection."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from ansible_collections.m365.defender.plugins.module_utils._errors import BadInput, SignInFailed, TenantError, Unavailable
from ansible_collections.m365.defender.plugins.module_utils._refusals import ADVICE
from ansible_collections.m365.defender.plugins.module_utils._token_files import TokenFiles
from ansible_collections.m365.defender.plugins.module_utils._transport import TokenClient, Transport

PREPARING = "Preparing the sign-in"
NO_TENANT = (400, 404)  # how a discovery document is refused that no tenant has. [recall]
Say = Callable[[str], None]


@dataclass(frozen=True)
class Place:
    """The tenant that a token is asked of, and what a sign-in needs there.

    endpoint: what stands before every host, so that an emulated tenant's tokens are not taken for real ones.
    say: shows a person a line; None where there is nobody.
    """

    login: str
    tenant: str
    transport: Transport
    files: TokenFiles
    endpoint: str
    say: Say | None = None
    _made: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    def app(self, client_id: str, proof: Callable[[], Any] | None) -> Any:
        """msal's application, made once. proof: gives what msal calls client_credential; None for an app that keeps no secret."""
        if "app" not in self._made:
            msal = msal_library()
            self._made["client"] = TokenClient(self.transport)
            about: dict[str, Any] = {
                "authority": f"https://{self.login}/{self.tenant}",
                "instance_discovery": False,
                "http_client": self._made["client"],
            }
            if proof is None:
                self._made["app"] = msal.PublicClientApplication(client_id, **about)
            else:
                self._made["app"] = msal.ConfidentialClientApplication(client_id, client_credential=proof(), **about)
        return self._made["app"]

    def anew(self) -> None:
        """Forgets msal's application, which goes on giving a refusal for a minute without asking again. [code] msal"""
        self._made.pop("app", None)

    def asked(self, ask: Callable[[], Any]) -> dict[str, Any]:
        """What msal answers. Raises TenantError, and nothing that could carry a secret further."""
        try:
            answer = ask()
        except TenantError:
            raise
        except Exception as error:
            raise self._failed(error) from None
        return answer if isinstance(answer, dict) else {}

    def _failed(self, error: Exception) -> TenantError:
        """Why msal raises. It does so alike for a tenant that is not there and for any answer that it can't read, so the answer tells."""
        client = self._made.get("client")
        last = client.last if client else None
        about: dict[str, Any] = {"tried": "Signing in", "service": "identity"}
        if last is None or (last.readable and (last.status == 200 or last.method == "POST")):
            return SignInFailed(f"the sign-in failed ({type(error).__name__})", **about)
        # Not as status, which is that of a service's answer: a sign-in that failed has none.
        about |= {"code": f"HTTP {last.status}", "request_id": last.request_id}
        if last.method == "GET" and last.status in NO_TENANT:
            return SignInFailed(f"the sign-in service knows no tenant {self.tenant}", hint=ADVICE[90002], **about)
        if last.status == 429 or last.status >= 500:
            return Unavailable(f"{self.login} is busy or out of order", hint="Run it again later.", **about)
        return SignInFailed(
            f"the answer of {self.login} is none that a sign-in service gives",
            hint="Look whether a proxy, a filter or a gateway on the way has answered in its place.",
            **about,
        )


class Credential(Protocol):
    """One way of signing in. Never shows its secrets."""

    @property
    def way(self) -> str:
        """The option that stands for it."""

    @property
    def client_id(self) -> str:
        """The app, "" when that is not known before a token is there."""

    @property
    def key(self) -> str:
        """Whose tokens these are: what must differ where tokens must not be mixed up."""

    @property
    def renews(self) -> bool:
        """Whether another token can be had; only then tokens are kept in files."""

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must be masked."""

    def validate(self) -> None:
        """Raises BadInput when it can't work; asks nobody."""

    def ask(self, place: Place, audience: str, claims: str) -> Mapping[str, Any]:
        """The answer of a token endpoint: access_token with expires_in or expires_on (seconds), or error. Raises TenantError."""


class Proof(Credential, Protocol):
    """A way in which an app itself proves who it is, which also goes beside a refresh token."""

    def for_msal(self, transport: Transport | None = None) -> Any:
        """What msal calls client_credential. Raises BadInput."""


def msal_library() -> Any:
    """The library, imported when it is needed. Raises BadInput when it is missing."""
    try:
        import msal
    except ImportError:
        raise BadInput(
            "the Python library msal is missing",
            tried="Signing in",
            hint="Install what the collection's requirements.txt names for the Python that runs this task.",
        ) from None
    return msal


def unusable(text: str, hint: str = "") -> BadInput:
    """An option for signing in that can't work."""
    return BadInput(text, tried=PREPARING, hint=f"{hint} Nothing was sent.".strip())


def need_client_id(way: str, client_id: str) -> None:
    """Raises BadInput when there is no client_id."""
    if not client_id:
        raise unusable(f"{way} needs client_id")
