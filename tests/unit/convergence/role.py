# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run of the role email_protection without Ansible: the same kinds read, the same function asked, the same tasks in the same order."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from ansible_collections.m365.defender.plugins.module_utils._apply import apply
from ansible_collections.m365.defender.plugins.module_utils._bulk import objects_of
from ansible_collections.m365.defender.plugins.module_utils._export import apart, export, left_behind
from ansible_collections.m365.defender.plugins.module_utils._ledger import Ledger
from ansible_collections.m365.defender.plugins.module_utils._reading import read
from ansible_collections.m365.defender.plugins.module_utils._registry import RESOURCES
from ansible_collections.m365.defender.plugins.module_utils._resource import Operation, Values
from ansible_collections.m365.defender.plugins.module_utils._task import ask
from ansible_collections.m365.defender.plugins.module_utils._tenant import Tenant, tenant_options
from ansible_collections.m365.defender.plugins.module_utils.readers.effective_protection_info import EFFECTIVE_PROTECTION_INFO
from ansible_collections.m365.defender.plugins.plugin_utils._found import Found
from ansible_collections.m365.defender.plugins.plugin_utils._protection import protection
from ansible_collections.m365.defender.plugins.plugin_utils._wishes import Wishes
from emulator.testing import EmulatedTenant

ROLE = Path(__file__).parents[3] / "roles" / "email_protection"
# Which licences bring which kinds, and the tasks that write, in their order: read from the role, so that there is no second list of them.
KINDS: Mapping[str, list[str]] = yaml.safe_load((ROLE / "vars/main/main.yml").read_text())["email_protection__kinds"]
TASKS = tuple(dict.fromkeys(re.findall(r"{{ \[?email_protection_decided\.(config|purge)\.(\w+)", (ROLE / "tasks/main.yml").read_text())))
WRITES_ALLOWED = 200
THOROUGH = bool(os.environ.get("CONVERGENCE_THOROUGH"))  # every kind and many examples, for minutes
PLANS = ("none", "plan1", "plan2", "e5")


@dataclass
class Run:
    """decided: what the role's function said. seen: by target, what the subjects of its scopes got before.

    planned: the operations that were planned first; done: those that were carried out.
    """

    decided: Found = field(default_factory=Found)
    seen: Mapping[str, Sequence[Values]] = field(default_factory=dict)
    planned: list[Operation] = field(default_factory=list)
    done: list[str] = field(default_factory=list)


class Operator:
    """Our side of the wire, as the emulated tenant's writer."""

    def __init__(self, tenant: EmulatedTenant, folder: Path, plan: str = "e5", kinds: Sequence[str] = ()) -> None:
        """folder: for tokens, of this operator alone. plan: what the tenant's licences bring. kinds: what is seen to; () for everything."""
        self.tenant = tenant
        self.plan = plan
        self._only = kinds
        self.domains = sorted(str(row["DomainName"]) for row in tenant.state("AcceptedDomain"))
        self.waits: list[float] = []
        self._cache = folder / f"tokens of {tenant.name}"

    def run(self, *, check: bool = False, signed_in: bool = True, **wishes: Any) -> Run:
        """One run of the role with these wishes. signed_in: with the tokens of an earlier run. Raises TenantError as its tasks do."""
        if not signed_in:
            shutil.rmtree(self._cache, ignore_errors=True)
        self._cache.mkdir(mode=0o700, exist_ok=True)
        asked = Wishes(**{"plan": self.plan, "domains": self.domains, "accepted": self.domains, **wishes})
        options = {name: spec.get("default") for name, spec in tenant_options().items()}
        ours = Tenant({**options, **self.tenant.connection("writer"), "token_cache": str(self._cache)}, wait=self.waits.append)
        try:
            return self._run(ours, asked, check)
        finally:
            ours.close()

    def _run(self, ours: Tenant, asked: Wishes, check: bool) -> Run:
        resources = [RESOURCES[kind] for kind in self._kinds()]
        found = read(ours, resources)
        existing = {kind: export(RESOURCES[kind], rows, built_in=True) for kind, rows in found.items()}
        asked.left_behind = {kind: left_behind(RESOURCES[kind], rows) for kind, rows in found.items()}
        asked.apart = {kind: apart(RESOURCES[kind], rows) for kind, rows in found.items()}
        seen = {target: self._seen(ours, asked, target) for target in sorted({asked.target_of(scope) for scope in asked.scopes})}
        run = Run(protection(existing, asked, seen), seen)
        for where, kind in TASKS:
            objects = getattr(run.decided, where).get(kind)
            if objects:
                outcome = apply(ours, objects_of({kind: objects}), Ledger(ours, None, WRITES_ALLOWED, None), check=check)
                run.planned += outcome.plans[kind].operations
                run.done += outcome.done
        return run

    def _kinds(self) -> list[str]:
        brought = PLANS[: PLANS.index("plan2" if self.plan == "e5" else self.plan) + 1]
        return [kind for plan in brought for kind in KINDS[plan] if not self._only or kind in self._only]

    def _seen(self, ours: Tenant, asked: Wishes, target: str) -> Sequence[Values]:
        options: Values = {
            "recipients": _named(asked, "sent_to"),
            "groups": _named(asked, "sent_to_member_of"),
            "domains": _named(asked, "recipient_domain_is"),
            "target": target,
            "plan": self.plan,
        }
        answers = ask(ours, EFFECTIVE_PROTECTION_INFO.asks(options))
        return EFFECTIVE_PROTECTION_INFO.answer(options, answers)["effective_protection"]["subjects"]


def _named(asked: Wishes, condition: str) -> list[str]:
    return list(dict.fromkeys(value for scope in asked.scopes for value in scope.get(condition) or ()))
