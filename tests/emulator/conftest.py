# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One emulator for a test session, one tenant for a test."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import NameOID

from emulator.testing import EmulatedTenant, Emulator
from tests.emulator.wire import Wire


@pytest.fixture(scope="session")
def emulator() -> Iterator[Emulator]:
    """The emulator of this session (of this worker, under pytest-xdist); what it wrote to its error output fails the session."""
    running = Emulator.start()
    yield running
    said = running.stop()
    assert not said, said


@pytest.fixture
def tenant(emulator: Emulator) -> Iterator[EmulatedTenant]:
    """A fresh E5 tenant of this test's own."""
    made = emulator.tenant()
    yield made
    made.remove()


@pytest.fixture
def wire(tenant: EmulatedTenant) -> Iterator[Wire]:
    """The tenant, spoken to as the writer."""
    with Wire(tenant) as made:
        yield made


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="module")
def certificate(key: rsa.RSAPrivateKey) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "tests of the emulator")])
    now = datetime.datetime.now(datetime.UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(now).not_valid_after(now + datetime.timedelta(days=1))
    return builder.sign(key, SHA256())
