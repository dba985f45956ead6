# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The mark by which a role recognizes what it made, and sees that somebody else has changed it since. Pure; private to the collection."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._description import Values
from ansible_collections.m365.defender.plugins.module_utils._registry import RESOURCES
from ansible_collections.m365.defender.plugins.module_utils._resource import Resource
from ansible_collections.m365.defender.plugins.module_utils._types import folded

OWNER = re.compile(r"[\w.@-]+")
MARKED = "admin_display_name"  # what only administrators see of a policy
SIGNED = "comments"  # what only administrators see of its rule
TURNING_ON = "turning=on"


def mark(owner: str) -> str:
    """The text that says whose a policy is. Raises ValueError for an impossible owner."""
    if not OWNER.fullmatch(owner):
        raise ValueError(f"the owner may have letters, digits and . _ @ - only, not {owner!r}")
    return f"managed_by=m365.defender owner={owner}"


def is_ours(existing: Mapping[str, Any], owner: str) -> bool:
    """Whether an object carries the owner's mark."""
    words = str(existing.get(MARKED) or "").split()
    return words[:2] == mark(owner).split()


def note(wanted: Mapping[str, Any], owner: str) -> str:
    """The text that is left on an object that is not ours, such as a default policy, where what is wanted was written to it."""
    return f"set_by=m365.defender owner={owner} set={digest(wanted)}"


def is_noted(existing: Mapping[str, Any], owner: str) -> bool:
    """Whether an object carries the owner's note."""
    return str(existing.get(MARKED) or "").split()[:2] == note({}, owner).split()[:2]


def signature(existing: Mapping[str, Any] | None, wanted: Mapping[str, Any], owner: str) -> str:
    """The text that a rule of ours is written with: the mark, and a digest of what is wanted of policy and rule.

    It stands in the rule because the rule is written after its policy, so that a run that breaks off between the two leaves no digest of
    what it did not write. On and off are verbs of their own, which come after it; a rule that has to be switched on says so.
    """
    text = f"{mark(owner)} set={digest(wanted)}"
    rule = (existing or {}).get("rule") or {}
    turning = bool(rule) and (not rule.get("enabled") or _signed(existing or {}) == f"{text} {TURNING_ON}")
    return f"{text} {TURNING_ON}" if turning else text


def digest(wanted: Mapping[str, Any]) -> str:
    """The same for the same settings, in whatever order they are given; where a rule stands does not count."""
    settings = {name: value for name, value in wanted.items() if name not in (MARKED, "name", "state")}
    if isinstance(settings.get("rule"), Mapping):
        settings["rule"] = {name: value for name, value in settings["rule"].items() if name not in ("priority", SIGNED)}
    text = json.dumps(settings, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _signed(existing: Mapping[str, Any]) -> str:
    return str((existing.get("rule") or {}).get(SIGNED) or "")


def contested(kind: str, existing: Mapping[str, Any], wanted: Mapping[str, Any], owner: str) -> list[str]:
    """The options that somebody else has set otherwise since we wrote the very same wish; [] when nobody did.

    When the wish has changed since, nothing can be told, and nothing is contested.
    """
    words = _signed(existing).split()
    if f"set={digest(wanted)}" not in words or not is_ours(existing, owner):
        return []
    # Between the signature and the switch a run may have broken off.
    return [option for option in differing(kind, existing, wanted) if option != "rule.enabled" or TURNING_ON not in words]


def differing(kind: str, existing: Mapping[str, Any], wanted: Mapping[str, Any]) -> list[str]:
    """The options of `wanted` that an existing object has otherwise, by the sameness of their types; its mark and place do not count."""
    resource = RESOURCES[kind]
    if not isinstance(resource, Resource):
        return [option for option in wanted if wanted[option] != existing.get(option)]
    found = []
    for part in resource.parts:
        has: Values = existing.get(part.under) or {} if part.under else dict(existing)
        wish: Values = wanted.get(part.under) or {} if part.under else dict(wanted)
        path = f"{part.under}." if part.under else ""
        for option, value in wish.items():
            if option in part.by_option and option not in (MARKED, SIGNED) and value is not None:
                if not part.by_option[option].type.same(has.get(option), value):
                    found.append(path + option)
            elif option == "enabled" and part.switched and has.get(option) is not value:
                found.append(path + option)
    return found


def by_name(objects: Any) -> dict[str, Values]:
    """Objects by their name, without regard to case."""
    return {folded(one["name"]): dict(one) for one in objects or ()}
