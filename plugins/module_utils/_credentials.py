# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Signing in: from an app's secret or certificate to a token for an audience. Private to the collection."""

from __future__ import annotations

import base64
import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from ansible_collections.m365.defender.plugins.module_utils._errors import BadInput, SignInFailed, TenantError
from ansible_collections.m365.defender.plugins.module_utils._token_files import TokenFiles
from ansible_collections.m365.defender.plugins.module_utils._transport import Secrets, TokenClient, Transport

MARGIN = 300  # seconds before its end from which a token is not used any more
CERTIFICATE_TRIES, CERTIFICATE_WAIT = 4, 10.0  # a certificate just uploaded is not known everywhere at once. [code] 3 x 10 s

# What the sign-in service says, and what to do about it. Codes and meanings [recall]; 700027 right after an upload is transient [code].
ADVICE = {
    7000215: "The secret is wrong. Take the secret's value, not its id, and look whether it belongs to this client_id.",
    7000222: "The secret has expired. Make a new one for the app registration and set client_secret to it.",
    700016: "The app is not in this tenant. Look at client_id and tenant_id; an app of another tenant needs its administrator's consent.",
    700027: "The certificate is not one of the app's. Upload its public part to the app registration, or wait if you just did.",
    700024: "The signature is outside of its time. Set this machine's clock.",
    90002: "There is no such tenant. Look at tenant_id, and at cloud.",
    900023: "There is no such tenant. Look at tenant_id, and at cloud.",
    90038: "The tenant is in another cloud. Look at cloud.",
    50059: "There is no such tenant. Look at tenant_id, and at cloud.",
    500011: "The tenant does not have this service: nobody ever used it there, or the licence is missing.",
    65001: "The app has no consent in this tenant. An administrator grants it under the app's permissions.",
    53003: "Conditional Access blocks the app. Look at the policies for workload identities.",
    50076: "This login asks for multi-factor authentication, which an app can't give.",
    50079: "This login asks for multi-factor authentication, which an app can't give.",
    70021: "No federated credential of the app fits.",
    700211: "No federated credential of the app fits: its issuer differs.",
    700212: "No federated credential of the app fits: its audience differs.",
    700213: "No federated credential of the app fits: its subject differs.",
    700082: "The refresh token has expired. Sign in again.",
    50173: "The refresh token was revoked. Sign in again.",
    7000112: "The app is switched off in this tenant.",
}
RIGHT_AFTER_UPLOAD = 700027


class Credential(Protocol):
    """One way of signing in. Never shows its secret."""

    @property
    def client_id(self) -> str: ...

    def validate(self) -> None:
        """Raises BadInput when it can't work; asks nobody."""

    def for_msal(self) -> Any:
        """What msal calls client_credential. Raises BadInput."""


@dataclass(frozen=True)
class ClientSecret:
    """An app with a secret."""

    client_id: str
    secret: str = field(repr=False)

    def validate(self) -> None:
        if not self.client_id:
            raise BadInput("client_secret needs client_id", tried="Preparing the sign-in", hint="Nothing was sent.")

    def for_msal(self) -> Any:
        return self.secret


@dataclass(frozen=True)
class ClientCertificate:
    """An app with a certificate: one PEM file that holds the private key and the certificate, the key encrypted or not."""

    client_id: str
    path: str
    password: str | None = field(default=None, repr=False)

    def validate(self) -> None:
        if not self.client_id:
            raise BadInput("client_certificate needs client_id", tried="Preparing the sign-in", hint="Nothing was sent.")
        self._pem()

    def for_msal(self) -> Any:
        from cryptography import x509
        from cryptography.hazmat.primitives import hashes, serialization

        pem = self._pem()
        try:
            key = serialization.load_pem_private_key(pem, self.password.encode() if self.password else None)
            certificate = _certificate_of(key, x509.load_pem_x509_certificates(pem))
        except (ValueError, TypeError) as error:
            # What cryptography says of a wrong or missing password and of broken files holds nothing of the key.
            raise self._unusable(f"can't be used: {str(error).splitlines()[0] if str(error) else type(error).__name__}") from None
        return {
            "private_key": key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            ).decode(),
            # With the SHA-1 thumbprint every supported msal signs RS256 with x5t, which the sign-in service takes. [code]
            "thumbprint": certificate.fingerprint(hashes.SHA1()).hex(),  # noqa: S303
        }

    def _pem(self) -> bytes:
        try:
            with open(self.path, "rb") as file:
                pem = file.read(1_000_000)
        except OSError as error:
            raise self._unusable(f"can't be read: {error.strerror}") from None
        for label, what in (("PRIVATE KEY-----", "private key"), ("CERTIFICATE-----", "certificate")):
            if label.encode() not in pem:
                raise self._unusable(f"holds no {what} in PEM form")
        if (b"BEGIN ENCRYPTED PRIVATE KEY" in pem or b"Proc-Type: 4,ENCRYPTED" in pem) and not self.password:
            raise self._unusable("holds an encrypted key, so client_certificate_password is needed")
        return pem

    def _unusable(self, reason: str) -> BadInput:
        return BadInput(
            f"client_certificate {self.path} {reason}",
            tried="Preparing the sign-in",
            hint="Give one PEM file with the private key and the certificate. Nothing was sent.",
        )


def _certificate_of(key: Any, certificates: list[Any]) -> Any:
    """The certificate that belongs to the key: a file may hold the CAs above it too. Raises ValueError."""
    for one in certificates:
        if one.public_key() == key.public_key():
            return one
    raise ValueError("the private key belongs to none of its certificates")


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
    ) -> None:
        """tenant: gives the tenant's id. place: the endpoint, so that an emulated tenant's tokens are not taken for real ones."""
        self._credential = credential
        self._login = login
        self._tenant = tenant
        self._transport = transport
        self._files = files
        self._place = place
        self._clock = clock
        self._known: dict[str, tuple[str, float]] = {}
        self._application: Any = None

    @property
    def identity(self) -> str:
        return self._credential.client_id

    def token(self, audience: str, *, instead_of: str = "", claims: str = "") -> str:
        """A token for an audience that lasts a while. instead_of: one that was refused. claims: what the service asked for beside.

        Raises SignInFailed, Unavailable, BadInput.
        """
        about = (self._login, self._place, self._tenant(), self._credential.client_id, audience)
        for known in (self._known.get(audience), self._kept(about)):
            if known and self._good(known, instead_of):
                return self._remember(audience, known)
        with self._files.alone("token", *about):
            kept = self._kept(about)  # another fork may have been quicker
            if kept and self._good(kept, instead_of):
                return self._remember(audience, kept)
            if instead_of:
                self._files.drop("token", *about)
            fetched = self._fetched(audience, claims)
            self._files.write("token", *about, kept={"access_token": fetched[0], "expires_on": fetched[1]})
        return self._remember(audience, fetched)

    def _good(self, known: tuple[str, float], instead_of: str) -> bool:
        return known[0] != instead_of and known[1] - MARGIN > self._clock()

    def _remember(self, audience: str, known: tuple[str, float]) -> str:
        self._known[audience] = known
        self._transport.secrets.add(known[0])
        return known[0]

    def _kept(self, about: tuple[str, ...]) -> tuple[str, float] | None:
        kept = self._files.read("token", *about) or {}
        try:
            return str(kept["access_token"]), float(kept["expires_on"])
        except (KeyError, TypeError, ValueError):
            return None

    def _fetched(self, audience: str, claims: str) -> tuple[str, float]:
        for tries in range(1, CERTIFICATE_TRIES + 1):
            answer = self._asked(audience, claims)
            if "access_token" in answer:
                lasts = min(float(answer.get("expires_in") or 0), 86400.0)
                return str(answer["access_token"]), self._clock() + lasts
            if RIGHT_AFTER_UPLOAD not in _codes(answer) or tries == CERTIFICATE_TRIES:
                raise refused_sign_in(answer, audience, self._credential.client_id)
            self._transport.wait(CERTIFICATE_WAIT)
        raise AssertionError("the loop above always returns or raises")

    def _asked(self, audience: str, claims: str) -> dict[str, Any]:
        try:
            import msal
        except ImportError:
            raise BadInput(
                "the Python library msal is missing",
                tried="Signing in",
                hint="Install what the collection's requirements.txt names for the Python that runs this task.",
            ) from None
        authority = f"https://{self._login}/{self._tenant()}"
        try:
            if self._application is None:
                self._application = msal.ConfidentialClientApplication(
                    self._credential.client_id,
                    client_credential=self._credential.for_msal(),
                    authority=authority,
                    instance_discovery=False,
                    http_client=TokenClient(self._transport),
                )
            # A token in msal's own memory is one that was found wanting here.
            self._application.remove_tokens_for_client()
            answer = self._application.acquire_token_for_client([f"{audience}/.default"], claims_challenge=claims or None)
        except TenantError:
            raise
        except Exception as error:
            # msal raises ValueError when the tenant has no discovery document; whatever else it raises must not carry a secret further.
            raise SignInFailed(
                f"the sign-in service knows no tenant {self._tenant()}" if isinstance(error, ValueError) else _failed(error),
                tried="Signing in",
                service="identity",
                hint=ADVICE[90002],
            ) from None
        return answer if isinstance(answer, dict) else {}


def _failed(error: Exception) -> str:
    return f"the sign-in failed ({type(error).__name__})"


def _codes(answer: dict[str, Any]) -> list[int]:
    codes = [code for code in answer.get("error_codes") or () if isinstance(code, int)]
    said = re.search(r"AADSTS(\d+)", str(answer.get("error_description") or ""))
    return codes or ([int(said[1])] if said else [])


def refused_sign_in(answer: dict[str, Any], audience: str, client_id: str) -> SignInFailed:
    """The error of an answer of the token endpoint. [recall] its form"""
    codes = _codes(answer)
    said = str(answer.get("error_description") or answer.get("error") or "no reason given").splitlines()[0]
    text = re.sub(r"^AADSTS\d+:\s*", "", re.split(r"\s*(?:Trace ID|Correlation ID):", said)[0]).strip()
    known = next((code for code in codes if code in ADVICE), None)
    return SignInFailed(
        f"the sign-in service refused a token for {audience} to the app {client_id}: {text}",
        tried="Signing in",
        service="identity",
        code=f"AADSTS{codes[0]}" if codes else str(answer.get("error") or ""),
        request_id=str(answer.get("trace_id") or answer.get("correlation_id") or ""),
        hint=ADVICE[known] if known else "",
    )


def claims_of(token: str) -> dict[str, Any]:
    """What a token says about its bearer, unverified; {} when it is none that can be read. Only for advice. [recall]"""
    try:
        part = token.split(".")[1]
        found = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (IndexError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def wanted_claims(challenge: str) -> str:
    """The claims that a 401's WWW-Authenticate asks for; "" when none. [code] continuous access evaluation"""
    found = re.search(r'claims="([^"]+)"', challenge)
    if not found:
        return ""
    try:
        return base64.b64decode(found[1] + "=" * (-len(found[1]) % 4)).decode()
    except ValueError:
        return ""


def secrets_of(credential: Credential, secrets: Secrets) -> None:
    """Adds what must be masked."""
    secrets.add(getattr(credential, "secret", None), getattr(credential, "password", None))
