# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One emulator, a tenant in each cloud in which one can sign in in every way, and a certificate."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

from ansible_collections.m365.defender.plugins.module_utils._tenant import Tenant
from emulator.clouds import CLOUDS
from emulator.testing import EmulatedTenant, Emulator

PASSWORD = "not-a-real-password-of-a-key-0000000000"


@dataclass(frozen=True)
class Certificate:
    """A certificate with its key, in each form in which one may be given."""

    key: Any
    certificate: x509.Certificate

    @property
    def public(self) -> str:
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    def pem(self, password: str = "") -> bytes:
        key = self.key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, _locked(password))
        return key + self.public.encode()

    def pfx(self, password: str = "", more: tuple[x509.Certificate, ...] = ()) -> bytes:
        return pkcs12.serialize_key_and_certificates(b"app", self.key, self.certificate, list(more) or None, _locked(password))


def _locked(password: str) -> Any:
    return serialization.BestAvailableEncryption(password.encode()) if password else serialization.NoEncryption()


def certificate_of(name: str, key: Any = None, days: int = 1) -> Certificate:
    key = key or rsa.generate_private_key(public_exponent=65537, key_size=2048)
    title = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    built = x509.CertificateBuilder().subject_name(title).issuer_name(title).public_key(key.public_key()).serial_number(7)
    ends = now + datetime.timedelta(days=days)
    return Certificate(key, built.not_valid_before(ends - datetime.timedelta(days=30)).not_valid_after(ends).sign(key, hashes.SHA256()))


@pytest.fixture(scope="session")
def certificate() -> Certificate:
    return certificate_of("an app of the tests")


@pytest.fixture(scope="session")
def emulator() -> Iterator[Emulator]:
    with Emulator.start() as running:
        yield running


@pytest.fixture(scope="session")
def by_cloud(emulator: Emulator, certificate: Certificate) -> dict[str, EmulatedTenant]:
    """A tenant in each cloud."""
    return {cloud: emulator.tenant("sign_ins", cloud=cloud, certificate=certificate.public) for cloud in CLOUDS}


@pytest.fixture
def emulated(emulator: Emulator, certificate: Certificate) -> Iterator[EmulatedTenant]:
    """A tenant of this test's own."""
    made = emulator.tenant("sign_ins", certificate=certificate.public)
    yield made
    made.remove()


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def connect(waits: list[float], tmp_path: Path) -> Iterator[Callable[..., Tenant]]:
    """Makes a Tenant of ours: connect(emulated tenant, option=value...), without any way to sign in of its own."""
    made: list[Tenant] = []

    def make(tenant: EmulatedTenant, identity: str = "", **options: Any) -> Tenant:
        words = {name: options.pop(name) for name in ("say", "nobody", "wait") if name in options}
        reached = {"tenant_id": tenant.tenant_id, "endpoint": tenant.emulator.url, "ca_path": tenant.emulator.ca_path}
        named = {"client_id": tenant.identities[identity]["client_id"]} if identity else {}
        made.append(Tenant({**reached, "cloud": tenant.cloud, **named, **options}, **{"wait": waits.append, **words}))
        return made[-1]

    yield make
    for one in made:
        one.close()


def token_requests(tenant: EmulatedTenant) -> list[dict[str, Any]]:
    """What the tenant's token endpoint was asked."""
    return [entry for entry in tenant.journal() if entry["url"].partition("?")[0].endswith("/oauth2/v2.0/token")]
