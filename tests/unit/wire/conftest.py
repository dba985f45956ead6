# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One emulator for a test session, one tenant for a test, and our side of the wire with waiting that is only noted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ansible_collections.m365.defender.plugins.module_utils._tenant import Tenant
from ansible_collections.m365.defender.plugins.module_utils._transport import Secrets, Transport
from emulator.testing import EmulatedTenant, Emulator
from tests.unit.wire.scripted import Scripted, Told


@pytest.fixture(scope="session")
def emulator() -> Iterator[Emulator]:
    """The emulator of this session (of this worker, under pytest-xdist)."""
    with Emulator.start() as running:
        yield running


@pytest.fixture
def emulated(emulator: Emulator) -> Iterator[EmulatedTenant]:
    """A fresh E5 tenant of this test's own."""
    made = emulator.tenant()
    yield made
    made.remove()


@pytest.fixture
def waits() -> list[float]:
    """Every waiting that our side asked for, in seconds."""
    return []


@pytest.fixture
def connect(waits: list[float]) -> Iterator[Callable[..., Tenant]]:
    """Makes a Tenant of ours: connect(emulated tenant, identity, option=value...)."""
    made: list[Tenant] = []

    def make(tenant: EmulatedTenant, identity: str = "writer", **more: Any) -> Tenant:
        made.append(Tenant({**tenant.connection(identity), **more}, wait=waits.append))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def scripted() -> Iterator[Callable[..., Scripted]]:
    """Makes a server that answers as told."""
    made: list[Scripted] = []

    def make(*answers: Told) -> Scripted:
        made.append(Scripted(*answers))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def transport(waits: list[float]) -> Iterator[Callable[..., Transport]]:
    """Makes a Transport that leads to an endpoint."""
    made: list[Transport] = []

    def make(endpoint: str | None, **more: Any) -> Transport:
        options: dict[str, Any] = {
            "tenant": "contoso.onmicrosoft.com",
            "endpoint": endpoint,
            "ca_path": None,
            "proxy": None,
            "timeout": 5.0,
            "trace": None,
            "wait": waits.append,
            "secrets": Secrets(),
            **more,
        }
        made.append(Transport(**options))
        return made[-1]

    yield make
    for one in made:
        one.close()
