# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which built-in roles of Exchange to take cmdlets from: few of them, and the same again the next time. Pure; private to the collection."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from ansible_collections.m365.defender.plugins.module_utils._exchange_roles import ManagementRole, folded

Catalog = Mapping[str, Mapping[str, frozenset[str]]]  # cmdlet -> folded name of a role that holds it -> parameters that it allows there


@dataclass(frozen=True)
class Choice:
    """placed: the cmdlets to be taken from each built-in role, by its name. missing: those that no built-in role holds."""

    placed: Mapping[str, tuple[str, ...]]
    missing: tuple[str, ...]


def choose(cmdlets: Sequence[str], catalog: Catalog, roles: Mapping[str, ManagementRole], held: Mapping[str, Collection[str]]) -> Choice:
    """held: what our own roles hold already, as folded names of cmdlets by the folded name of the built-in role that each was made of.

    A cmdlet stays where it is. The others go first to roles that are used already, then to roles of ours that exist, and then to those
    that hold the most of what is left; of several that hold as many, to the first by name.
    """
    serving = {cmdlet: _serving(catalog.get(cmdlet, {}), roles) for cmdlet in cmdlets}
    placed: dict[str, list[str]] = {}
    left = []
    for cmdlet in sorted(one for one in cmdlets if serving[one]):
        kept = sorted(parent for parent in serving[cmdlet] if folded(cmdlet) in held.get(parent, ()))
        if kept:
            placed.setdefault(kept[0], []).append(cmdlet)
        else:
            left.append(cmdlet)
    for first in (set(placed), set(held), {parent for parents in serving.values() for parent in parents}):
        while left:
            counts = {parent: sum(parent in serving[cmdlet] for cmdlet in left) for parent in first}
            best = min(counts, key=lambda parent: (-counts[parent], parent), default="")
            if not counts.get(best):
                break
            placed.setdefault(best, []).extend(cmdlet for cmdlet in left if best in serving[cmdlet])
            left = [cmdlet for cmdlet in left if best not in serving[cmdlet]]
    return Choice(
        {roles[parent].name: tuple(sorted(names)) for parent, names in sorted(placed.items())},
        tuple(sorted(cmdlet for cmdlet in cmdlets if not serving[cmdlet])),
    )


def _serving(holders: Mapping[str, frozenset[str]], roles: Mapping[str, ManagementRole]) -> frozenset[str]:
    """The built-in roles that hold a cmdlet with the most parameters, so that a role that only looks does not win."""
    built_in = {name: parameters for name, parameters in holders.items() if roles[name].parent == "" and roles[name].grantable}
    most = max(map(len, built_in.values()), default=0)
    return frozenset(name for name, parameters in built_in.items() if len(parameters) == most)
