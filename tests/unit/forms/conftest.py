# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The emulated tenant, as the contract tests have it."""

from __future__ import annotations

from tests.unit.contract.conftest import certificate, emulator, lived_in

__all__ = ["certificate", "emulator", "lived_in"]
