# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a tenant has that a configuration does not name: the other side of a comparison, which applying it leaves alone. Pure; private."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._description import Description, Values
from ansible_collections.m365.defender.plugins.module_utils._entries import EntryLists
from ansible_collections.m365.defender.plugins.module_utils._entry_words import list_of
from ansible_collections.m365.defender.plugins.module_utils._registry import RESOURCES
from ansible_collections.m365.defender.plugins.module_utils._resource import Resource
from ansible_collections.m365.defender.plugins.module_utils._types import folded


def besides(there: Mapping[str, Any], config: Mapping[str, Any]) -> dict[str, list[str]]:
    """What there is of the kinds of a configuration and is not named in it, by kind.

    there: as configuration_info gives it. config: as the module configuration takes it.
    """
    found = {}
    for kind, objects in config.items():
        resource = RESOURCES.get(kind)
        more = list(_more(resource, there.get(kind) or (), objects or ())) if resource else []
        if more:
            found[kind] = more
    return found


def _more(resource: Description, there: Any, objects: Any) -> Iterator[str]:
    if isinstance(resource, EntryLists):
        named = {(list_of(one), resource.key(list_of(one), entry["entry"])) for one in objects for entry in one["entries"]}
        for one in there:
            which = list_of(one)
            yield from (
                f"{resource.label(one)}: {entry['entry']}"
                for entry in one["entries"]
                if (which, resource.key(which, entry["entry"])) not in named
            )
        return
    known: dict[str, Values] = {folded(resource.label(one)): one for one in objects}
    for one in there:
        wish = known.get(folded(resource.label(one)))
        if wish is None:
            yield resource.label(one) or resource.blurb
        elif isinstance(resource, Resource) and wish.get("state") != "absent":
            # A policy that is named without the rule that it has there: what the rule says is not compared.
            parts = (part.under for part in resource.parts if part.under and one.get(part.under) and wish.get(part.under) is None)
            yield from (f"{resource.label(one)}: {under}".removeprefix(": ") for under in parts)
