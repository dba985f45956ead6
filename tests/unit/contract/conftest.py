# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One emulator for each worker, one fresh tenant for each test."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager

import pytest

from emulator.testing import Emulator, app_certificate
from tests.unit.contract.bench import Bench
from tests.unit.contract.samples import CUSTOMIZED


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    """The path of a PEM file with a private key and its certificate, as an app has it that signs in with one."""
    path = tmp_path_factory.mktemp("certificate") / "app.pem"
    app_certificate(path)
    return path


@pytest.fixture(scope="session")
def emulator(certificate):
    """A running emulator with its control interface; the identity named certificate signs in with `certificate`."""
    with Emulator.start(certificate=str(certificate)) as running:
        running.certificate = str(certificate)
        yield running


@pytest.fixture
def bench(emulator, tmp_path, request):
    """A fresh Microsoft 365 E5 tenant with our side of the wire; customized for the kinds that ask for that."""
    resource = request.node.callspec.params.get("resource") if hasattr(request.node, "callspec") else None
    with _bench(emulator, "fresh_e5", tmp_path, customized=getattr(resource, "kind", None) in CUSTOMIZED) as made:
        yield made


@pytest.fixture
def lived_in(emulator, tmp_path):
    """A tenant in which people have clicked around."""
    with _bench(emulator, "lived_in", tmp_path) as made:
        yield made


@pytest.fixture
def bench_of(emulator, tmp_path):
    """Makes a tenant of a seed, with our side of the wire."""
    with ExitStack() as stack:
        yield lambda seed: stack.enter_context(_bench(emulator, seed, tmp_path))


@contextmanager
def _bench(emulator, seed, folder, *, customized=False):
    tenant = emulator.tenant(seed)
    cache = folder / f"tokens of {seed} {tenant.name}"
    cache.mkdir(mode=0o700)
    try:
        yield Bench(tenant, str(cache), emulator.certificate, customized=customized)
    finally:
        tenant.remove()
