# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults on request: what goes wrong, for which requests, how often."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from .service import Call

if TYPE_CHECKING:
    from .tenant import Tenant

KINDS = frozenset({"throttle", "unavailable", "transient", "reset", "latency", "expire", "revoke", "lag", "batch_item", "edit"})
SERVICES = frozenset({"exchange", "compliance", "graph", "defender", "portal", "sharepoint", "identity", "partner"})
MATCH_KEYS = frozenset({"service", "method", "path", "cmdlet"})
KEYS = frozenset({"kind", "tenant", "match", "skip", "times", "retry_after", "status", "seconds", "reads", "text", "type", "do", "when"})


@dataclass
class Fault:
    """One fault. `times` None means as often as it matches; `skip` requests that match go well first."""

    kind: str
    tenant: str | None = None
    match: dict[str, str] = field(default_factory=dict)
    skip: int = 0
    times: int | None = 1
    retry_after: int | None = None
    status: int | None = None
    seconds: float = 0.0
    reads: int = 1
    text: str = ""
    type: str = ""
    do: dict[str, Any] = field(default_factory=dict)
    when: str = "before"
    id: int = 0

    def described(self) -> dict[str, Any]:
        """The fault as the control interface shows it, with what is left of `skip` and `times`."""
        return {key: getattr(self, key) for key in ("id", *sorted(KEYS))}


class Faults:
    """The faults that are set."""

    def __init__(self) -> None:
        self._faults: dict[int, Fault] = {}
        self._ids = itertools.count(1)

    def add(self, content: dict[str, Any]) -> Fault:
        """Set a fault. Raises ValueError with a sentence when its description is wrong."""
        strange = set(content) - KEYS
        if strange:
            raise ValueError(f"unknown key {sorted(strange)[0]!r}; known: {', '.join(sorted(KEYS))}")
        if content.get("kind") not in KINDS:
            raise ValueError(f"unknown kind {content.get('kind')!r}; known: {', '.join(sorted(KINDS))}")
        match = content.get("match") or {}
        if not isinstance(match, dict) or set(match) - MATCH_KEYS:
            raise ValueError(f"match may have: {', '.join(sorted(MATCH_KEYS))}")
        if match.get("service", "exchange") not in SERVICES:
            raise ValueError(f"unknown service {match['service']!r}; known: {', '.join(sorted(SERVICES))}")
        if content.get("when", "before") not in {"before", "after"}:
            raise ValueError("when is 'before' or 'after'")
        if content["kind"] == "edit" and not (set(content.get("do") or {}) & {"cmdlet", "state", "groups"}):
            raise ValueError("an edit needs do: {cmdlet: {...}}, do: {state: {noun: rows}} or do: {groups: {...}}")
        if content["kind"] == "lag":
            content = {"times": None, **content}
        fault = Fault(**{**content, "match": match})
        fault.id = next(self._ids)
        self._faults[fault.id] = fault
        return fault

    def all(self) -> list[Fault]:
        """Every fault that is set, used up or not."""
        return list(self._faults.values())

    def remove(self, number: int) -> bool:
        """Take a fault back. False when there is none of that id."""
        return self._faults.pop(number, None) is not None

    def clear(self, tenant: str | None = None) -> None:
        """Take all faults back, or those of one tenant."""
        self._faults = {key: fault for key, fault in self._faults.items() if tenant is not None and fault.tenant != tenant}

    def for_request(self, call: Call, service: str) -> list[Fault]:
        """The faults that strike this request; each counts as used."""
        if not self._faults:
            return []
        return [fault for fault in self.all() if fault.kind != "batch_item" and self._strikes(fault, call, service, call.cmdlet)]

    def for_item(self, call: Call, service: str, cmdlet: str) -> list[Fault]:
        """The faults that strike one item of a batch: those that name a cmdlet, and those of the kind batch_item."""
        if not self._faults:
            return []
        return [
            fault
            for fault in self.all()
            if (fault.kind == "batch_item" or "cmdlet" in fault.match) and self._strikes(fault, call, service, cmdlet)
        ]

    def _strikes(self, fault: Fault, call: Call, service: str, cmdlet: str | None) -> bool:
        tenant: Tenant | None = call.tenant
        match = fault.match
        if fault.tenant is not None and (tenant is None or tenant.name != fault.tenant):
            return False
        if match.get("service", service) != service or match.get("method", call.method).upper() != call.method:
            return False
        if "path" in match and not fnmatchcase(call.path, match["path"]):
            return False
        if "cmdlet" in match and (cmdlet is None or not fnmatchcase(cmdlet.lower(), match["cmdlet"].lower())):
            return False
        if fault.skip > 0:
            fault.skip -= 1
            return False
        if fault.times is not None:
            if fault.times <= 0:
                return False
            fault.times -= 1
        return True
