# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One emulator for each worker, fresh tenants and a home of its own for each test."""

from __future__ import annotations

import pytest

from emulator.testing import Emulator
from tests.integration.playing import Ground


@pytest.fixture(scope="session")
def emulator():
    """A running emulator: HTTPS, its own CA, with its control interface."""
    with Emulator.start() as running:
        yield running


@pytest.fixture
def new_tenant(emulator):
    """Makes tenants that are gone after the test."""
    made = []

    def make(seed="fresh_e5", **extra):
        made.append(emulator.tenant(seed, **extra))
        return made[-1]

    yield make
    for tenant in made:
        tenant.remove()


@pytest.fixture
def tenant(new_tenant):
    """A fresh Microsoft 365 E5 tenant."""
    return new_tenant()


@pytest.fixture
def ground(tmp_path):
    """A home for ansible-playbook."""
    return Ground(tmp_path)
