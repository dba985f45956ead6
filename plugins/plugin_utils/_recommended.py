# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Recommended options for one kind or for several. Pure; private to the collection."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._effective.recommended import options_for


def recommended(kinds: str | Sequence[str], target: str, plan: str = "none", clear_allow_lists: bool = False) -> dict[str, Any]:
    """The options of a kind, or of each of several kinds by its name (without those that have none). Raises ValueError as `options_for`."""
    if isinstance(kinds, str):
        return options_for(kinds, target, plan, clear_allow_lists)
    found = {kind: options_for(kind, target, plan, clear_allow_lists) for kind in kinds}
    return {kind: options for kind, options in found.items() if options}
