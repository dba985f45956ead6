# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An app's certificate and private key, from a PEM or PKCS#12 file or from a text. Private to the collection."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._apps import Place, msal_library, need_client_id, unusable
from ansible_collections.m365.defender.plugins.module_utils._errors import BadInput
from ansible_collections.m365.defender.plugins.module_utils._transport import Transport

LIMIT = 1_000_000  # bytes of a file that is looked at
HINT = "Give a PEM file with the private key and the certificate, or a PKCS#12 file (.pfx), and client_certificate_password if it has one."
ANOTHER = "Make a certificate {}, and upload its public part to the app registration."
# From this release on msal makes the SHA-256 thumbprint itself and signs PS256 with x5t#S256; before, it signs RS256 with x5t. [code]
SHA256_SINCE = (1, 35)


@dataclass(frozen=True)
class ClientCertificate:
    """An app with a certificate: in a file, or as text: PEM, or base64 of a PKCS#12 or PEM file."""

    client_id: str
    path: str = ""
    password: str | None = field(default=None, repr=False)
    data: str = field(default="", repr=False)

    way = "client_certificate"
    renews = True

    @property
    def key(self) -> str:
        return self.client_id

    @property
    def secrets(self) -> tuple[str, ...]:
        return tuple(value for value in (self.password, self.data) if value)

    def validate(self) -> None:
        need_client_id(self._option, self.client_id)
        content = self._content()
        if b"-----BEGIN" in content:
            self._check_pem(content)
        elif content[:1] != b"\x30":  # DER of a PKCS#12 begins with a SEQUENCE
            raise self._unusable("is neither PEM nor PKCS#12")

    def ask(self, place: Place, audience: str, claims: str) -> dict[str, Any]:
        return app_token(place, self, audience, claims)

    def for_msal(self, transport: Transport | None = None) -> Any:
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
        from cryptography.hazmat.primitives.serialization import Encoding

        key, certificate = self._parts()
        if not isinstance(key, RSAPrivateKey):
            raise self._unusable("has no RSA key, and the sign-in service takes no other", ANOTHER.format("with an RSA key"))
        ended = certificate.not_valid_after_utc
        if ended < datetime.now(UTC):
            raise self._unusable(f"ended on {ended:%Y-%m-%d}", ANOTHER.format("that is valid now"))
        # msal hands it on to PyJWT, which takes a text or a key [code]; of a text it would test the prime numbers again.
        given = {"private_key": key}
        if _release(msal_library().__version__) >= SHA256_SINCE:
            return {**given, "public_certificate": certificate.public_bytes(Encoding.PEM).decode()}
        return {**given, "thumbprint": certificate.fingerprint(hashes.SHA1()).hex()}  # noqa: S303  # all that an older msal takes

    def _parts(self) -> tuple[Any, Any]:
        """The private key and its certificate. Raises BadInput."""
        from cryptography import x509
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.serialization import pkcs12

        content = self._content()
        password = self.password.encode() if self.password else None
        try:
            if b"-----BEGIN" in content:
                # To test the prime numbers of the operator's own key takes 40 ms for 2,048 bits and 320 ms for 4,096, for each token.
                key: Any = serialization.load_pem_private_key(content, password, unsafe_skip_rsa_key_validation=True)
                found = x509.load_pem_x509_certificates(content)
            else:
                key, own, more = pkcs12.load_key_and_certificates(content, password)
                found = [*([own] if own else []), *more]
                if key is None:
                    raise ValueError("there is no private key in it")
            return key, _certificate_of(key, found)
        except (ValueError, TypeError) as error:
            if "not encrypted" in str(error):
                raise self._unusable("holds a key that is not encrypted", "Leave client_certificate_password out.") from None
            # What cryptography says of a wrong or missing password and of broken files holds nothing of the key.
            raise self._unusable(f"can't be used: {str(error).splitlines()[0] if str(error) else type(error).__name__}") from None

    def _content(self) -> bytes:
        if self.data:
            return self._decoded()
        try:
            with open(self.path, "rb") as file:
                return file.read(LIMIT)
        except OSError as error:
            raise self._unusable(f"can't be read: {error.strerror}") from None

    def _decoded(self) -> bytes:
        if "-----BEGIN" in self.data:
            return self.data.encode()
        try:
            return base64.b64decode("".join(self.data.split()), validate=True)
        except (binascii.Error, ValueError):
            raise self._unusable("is neither PEM nor base64") from None

    def _check_pem(self, pem: bytes) -> None:
        for label, what in (("PRIVATE KEY-----", "private key"), ("CERTIFICATE-----", "certificate")):
            if label.encode() not in pem:
                raise self._unusable(f"holds no {what} in PEM form")
        if (b"BEGIN ENCRYPTED PRIVATE KEY" in pem or b"Proc-Type: 4,ENCRYPTED" in pem) and not self.password:
            raise self._unusable("holds an encrypted key, so client_certificate_password is needed")

    @property
    def _option(self) -> str:
        return "client_certificate_data" if self.data else "client_certificate"

    def _unusable(self, reason: str, hint: str = HINT) -> BadInput:
        return unusable(f"{self._option} {reason}" if self.data else f"client_certificate {self.path} {reason}", hint)


def app_token(place: Place, credential: Any, audience: str, claims: str) -> dict[str, Any]:
    """A token of the app itself, with any proof of it."""

    def ask() -> Any:
        app = place.app(credential.client_id, lambda: credential.for_msal(place.transport))
        # A token in msal's own memory is one that was found wanting here.
        app.remove_tokens_for_client()
        return app.acquire_token_for_client([f"{audience}/.default"], claims_challenge=claims or None)

    return place.asked(ask)


def _certificate_of(key: Any, certificates: list[Any]) -> Any:
    """The certificate that belongs to the key: a file may hold the CAs above it too. Raises ValueError."""
    for one in certificates:
        if one.public_key() == key.public_key():
            return one
    raise ValueError("the private key belongs to none of its certificates")


def _release(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
