# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One emulator for each worker, without TLS, because these tests make thousands of requests."""

from __future__ import annotations

import pytest

from emulator.testing import Emulator


@pytest.fixture(scope="session")
def emulator():
    """A running emulator with its control interface."""
    with Emulator.start(tls=False) as running:
        yield running
