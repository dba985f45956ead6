# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How near to its target somebody is, where only lists of those who are let past stand between. Pure; private to the collection."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def reached(threat: Mapping[str, Any]) -> bool | None:
    """Whether everybody gets the target, as a threat of effective_protection_info says; allow lists that people have filled do not count.

    None when it is not known.
    """
    told = threat.get("at_target")
    return True if told is False and lists_alone(threat) else told


def lists_alone(threat: Mapping[str, Any]) -> list[str]:
    """The allow lists because of which alone the target is missed; [] when there are none, or when more is missing."""
    weak = [policy.get("shortfalls") or () for policy in threat.get("policies") or () if policy.get("at_target") is False]
    if not weak or not all(short and all(one.get("allow_list") for one in short) for short in weak):
        return []
    return list(dict.fromkeys(str(one["setting"]) for short in weak for one in short))
