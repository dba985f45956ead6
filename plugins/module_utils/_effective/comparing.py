# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When a value protects at least as well as the one that is recommended. Pure; private to the collection.

Each order takes what a policy has and what is wanted, both as the service gives them, and says whether what it has is at or above it.
Where no order is known only equality counts: deleting or redirecting mail is another decision than quarantine, not more of it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._types import Address, Bool, SetOf, folded

Order = Callable[[Any, Any], bool]

_MEMBERS = SetOf(Address())


def members(value: Any) -> set[str]:
    """The members of a list however the service wraps them, for comparison. A file type may be written with a dot."""
    several = list(value) if isinstance(value, tuple) else value
    return {folded(one).removeprefix(".") for one in _MEMBERS.read(several)}


def equal(has: Any, wanted: Any) -> bool:
    """The same value: truth values that come as texts, words but for case, lists as sets; null, "" and [] are one."""
    if isinstance(wanted, bool):
        return Bool().read(has) is wanted
    if isinstance(wanted, list | tuple):
        return members(has) == members(wanted)
    return folded("" if has is None else has) == folded("" if wanted is None else wanted)


def on(has: Any, wanted: Any) -> bool:
    """A switch that protects when it is on."""
    return Bool().read(has) is True or not wanted


def off(has: Any, wanted: Any) -> bool:
    """A switch that protects when it is off."""
    return not Bool().read(has) or bool(wanted)


def at_least(has: Any, wanted: Any) -> bool:
    """A number of which more is stricter."""
    return has is not None and int(has) >= wanted


def at_most(has: Any, wanted: Any) -> bool:
    """A number of which less is stricter."""
    return has is not None and int(has) <= wanted


def limited(has: Any, wanted: Any) -> bool:
    """A limit of which less is stricter and 0 means the service's own, highest one. [doc]"""
    return bool(has) and int(has) <= wanted


def containing(has: Any, wanted: Any) -> bool:
    """A list of what is stopped: more members are stricter."""
    return members(has) >= members(wanted)


def steps(*ladder: str | Collection[str]) -> Order:
    """Words in the order of their strength, weakest first; words on one step are alike. A word beside the ladder counts only as itself."""
    places = {folded(word): place for place, step in enumerate(ladder) for word in ([step] if isinstance(step, str) else step)}

    def order(has: Any, wanted: Any) -> bool:
        mine, other = places.get(folded(has)), places.get(folded(wanted))
        return equal(has, wanted) if mine is None or other is None else mine >= other

    return order


# What becomes of a message: delivered, marked, moved to Junk Email, kept from the recipient. [doc] of each word; the order is ours
delivery = steps(("NoAction", "BccMessage"), ("AddXHeader", "ModifySubject"), "MoveToJmf", "Quarantine")

# What a recipient may do in quarantine: all with or without a notification, nothing. A policy of the tenant's own counts as different.
quarantine = steps(
    "DefaultFullAccessPolicy", ("DefaultFullAccessWithNotificationPolicy", "NotificationEnabledPolicy"), "AdminOnlyAccessPolicy"
)
