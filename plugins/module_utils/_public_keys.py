# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The public part of certificates, as a registration keeps it. A private key is never looked at. Private to the collection."""

from __future__ import annotations

import base64
import datetime
import hashlib
import os
import re
from dataclasses import dataclass

from ansible_collections.m365.defender.plugins.module_utils._errors import BadInput

_PEM = re.compile(r"-----BEGIN CERTIFICATE-----(.+?)-----END CERTIFICATE-----", re.DOTALL)
BEGIN = "-----BEGIN "


@dataclass(frozen=True)
class PublicKey:
    """A certificate: its public part in base64, and when it ends."""

    key: str
    ends: str

    @property
    def thumbprint(self) -> str:
        """As Entra shows it."""
        return thumbprint_of(self.key)


def thumbprint_of(key: str) -> str:
    """The thumbprint of a certificate in base64, as Entra shows it."""
    return hashlib.sha1(base64.b64decode(key), usedforsecurity=False).hexdigest().upper()


def public_key(given: str) -> PublicKey:
    """From a PEM text or the path of a PEM file; of several certificates the first. Raises BadInput."""
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    inline = BEGIN in given
    name = "a certificate given as text" if inline else given
    if inline and "PRIVATE KEY-----" in given:
        raise _unusable(name, "holds a private key too; give its public part alone, because this option is no secret")
    text = given if inline else _read(given)
    found = _PEM.search(text)
    if not found:
        raise _unusable(name, "holds no certificate in PEM form")
    try:
        certificate = x509.load_pem_x509_certificate(found[0].encode())
    except ValueError as error:
        raise _unusable(name, f"can't be read: {str(error).splitlines()[0]}") from None
    ends = certificate.not_valid_after_utc
    if ends <= datetime.datetime.now(datetime.UTC):
        raise _unusable(name, f"ended on {ends:%Y-%m-%d}")
    return PublicKey(base64.b64encode(certificate.public_bytes(Encoding.DER)).decode(), f"{ends:%Y-%m-%dT%H:%M:%SZ}")


def _read(path: str) -> str:
    try:
        with open(os.path.expanduser(path), encoding="utf-8") as file:
            return file.read(1_000_000)
    except (OSError, ValueError) as error:
        raise _unusable(path, f"can't be read: {getattr(error, 'strerror', None) or 'it is no text'}") from None


def _unusable(name: str, reason: str) -> BadInput:
    return BadInput(f"{name} {reason}", tried="Reading the certificates", hint="Nothing was sent.")
