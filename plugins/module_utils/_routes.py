# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where changes go in Microsoft Graph and in the API of Defender for Endpoint, and what the caller needs for them. Data; private."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Route:
    """One kind of change. path: below the API's root, with {identity} where the object's id stands. permission: of the application."""

    method: str
    path: str
    permission: str


# Service -> (verb, noun) of an operation -> its route.
ROUTES: dict[str, dict[tuple[str, str], Route]] = {
    "graph": {},
    "defender": {
        # [doc] defender-endpoint/api/cancel-machine-action; the permission is that of the action's type.
        ("Cancel", "MachineAction"): Route("POST", "machineactions/{identity}/cancel", ""),
    },
}
