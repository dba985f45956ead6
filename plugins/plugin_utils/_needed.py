# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an application has to be given for the steps that are chosen, from the table by which permission_info judges. Pure; private."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._clouds import CLOUDS
from ansible_collections.m365.defender.plugins.module_utils.readers._cmdlets import used_cmdlets
from ansible_collections.m365.defender.plugins.module_utils.readers._needs import NEEDS, UNTOLD, Need
from ansible_collections.m365.defender.plugins.plugin_utils._plain import words

STEPS = tuple(dict.fromkeys(need.step for need in NEEDS))
ACCESS = ("read", "write")
NARROW_READER = "Security Reader"


def needed_access(
    steps: str | Sequence[str],
    access: str = "read",
    *,
    optional: bool = True,
    optional_writes: bool = False,
    sharepoint: bool = False,
    cloud: str = "commercial",
    role_group: bool = False,
) -> dict[str, Any]:
    """Permissions by API and directory roles, the least that will do. Raises ValueError for a word that is none.

    steps: a text with commas will do. access: write includes read. optional: also what only gives more evidence.
    optional_writes: also what is left alone without it.
    sharepoint: also what the one setting of SharePoint needs. cloud: what this one does not have needs nothing. role_group: a role group of
    Exchange with these cmdlets stands in for the directory roles that Exchange needs.
    """
    steps = words(steps)
    for what, known, given in (("step", STEPS, steps), ("access", ACCESS, (access,)), ("cloud", CLOUDS, (cloud,))):
        strange = [word for word in given if word not in known]
        if strange:
            raise ValueError(f"there is no {what} {strange[0]}; known are {', '.join(known)}")
    chosen = [need for need in NEEDS if need.step in steps and _wanted(need, access, optional=optional, writes=optional_writes)]
    if sharepoint:
        chosen += [need for need in UNTOLD if need.step in steps and need.access in ("read", access)]
    chosen = [need for need in chosen if not CLOUDS[cloud].lacks_for(need.audience, need.feature)]
    permissions: dict[str, set[str]] = {}
    for need in chosen:
        if need.permissions:
            held = permissions.setdefault(need.audience, set())
            if not held & set(need.permissions):
                held.add(need.permissions[0])
    return {
        "permissions": {api: sorted(names) for api, names in sorted(permissions.items())},
        "directory_roles": _beside_role_group(chosen) if role_group else _roles(chosen),
        "cmdlets": used_cmdlets(access) if any(need.audience == "exchange" for need in chosen) else [],
        "by_hand": sorted({f"{need.purpose} ({need.access})" for need in chosen if need.audience == "portal"}),
    }


def _wanted(need: Need, access: str, *, optional: bool, writes: bool) -> bool:
    if need.access == "read":
        return optional or not need.optional
    return access == "write" and (writes or not need.optional or need.audience == "portal")


def _roles(needs: Iterable[Need]) -> list[str]:
    """One role for each need, and as few as will do: what writes may be enough for reading."""
    chosen: list[str] = []
    for need in sorted(needs, key=lambda one: one.access != "write"):
        if need.roles and not set(need.roles) & set(chosen):
            chosen.append(need.roles[0])
    return sorted(chosen)


def _beside_role_group(needs: Iterable[Need]) -> list[str]:
    """What is needed where a role group gives the cmdlets of Exchange: Security & Compliance takes none for applications. [doc]

    Security Reader reads there like Global Reader, and sees less elsewhere. [doc]
    """
    others = [need for need in needs if need.audience != "exchange"]
    return _roles(replace(need, roles=(NARROW_READER, *need.roles)) if NARROW_READER in need.roles else need for need in others)
