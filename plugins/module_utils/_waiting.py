# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long to wait for what does not show yet. Private to the collection."""

from __future__ import annotations

from collections.abc import Iterator

FIRST_WAIT, LONGEST_WAIT = 1.0, 15.0  # seconds between tries while a write does not show yet


def pauses(limit: float) -> Iterator[float]:
    """Waiting times, growing, that together make up `limit` seconds."""
    waited, pause = 0.0, FIRST_WAIT
    while waited < limit:
        pause = min(pause, limit - waited)
        yield pause
        waited += pause
        pause = min(pause * 2, LONGEST_WAIT)
