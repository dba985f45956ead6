# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One emulator for a test session, one tenant for a test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

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
