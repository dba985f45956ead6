# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What keeps a write bounded and reversible: the limit, the tenant's export before its first write, and the record of every operation.

Private to the collection.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._description import Plan
from ansible_collections.m365.defender.plugins.module_utils._errors import BadInput, Refused, TenantError
from ansible_collections.m365.defender.plugins.module_utils._export import export
from ansible_collections.m365.defender.plugins.module_utils._reading import read_each
from ansible_collections.m365.defender.plugins.module_utils._registry import RESOURCES
from ansible_collections.m365.defender.plugins.module_utils._resource import Operation
from ansible_collections.m365.defender.plugins.module_utils._rows import Rows
from ansible_collections.m365.defender.plugins.module_utils._tenant import Tenant

FLAGS = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW  # a link that somebody put there would lead to another file


class Ledger:
    """The record of one run on one tenant: a folder with `export.json` (the tenant before the run's first write) and `operations.jsonl`.

    folder: of the run; None makes no record (and then nothing limits the run as a whole, only each task). limit: writes per tenant and run.
    """

    def __init__(self, tenant: Tenant, folder: str | None, limit: int, expected_domain: str | None) -> None:
        self.tenant = tenant
        self.folder = folder
        self.limit = limit
        self.expected_domain = expected_domain
        self._done: list[str] = []

    def begin(self, plans: Mapping[str, Plan], rows: Mapping[str, Rows], *, export: bool = True) -> None:
        """Everything that must be true or done before the first write. Raises Refused or BadInput, and then nothing was written.

        export: whether the tenant's settings are saved first; of no use where what is written is none of them.
        """
        planned = sum(len(plan.operations) for plan in plans.values())
        already = self._written()
        if already + planned > self.limit:
            before = f" on top of {already} already made in this run" if already else ""
            raise Refused(
                f"the plan has {planned} writes{before}, which is more than max_writes_per_tenant={self.limit}; nothing was written",
                tried="Checking the plan",
                tenant=self.tenant.label,
                hint="Look at the plan in check mode; raise max_writes_per_tenant if it is what you want.",
            )
        if self.expected_domain and not self.tenant.owns(self.expected_domain):
            raise Refused(
                f"this tenant does not own {self.expected_domain}, the domain named by expected_domain; nothing was written",
                tried="Checking the tenant",
                tenant=self.tenant.label,
                hint="Look at tenant_id and expected_domain: one of them belongs to another customer.",
            )
        if self.folder:
            if export:
                self._save_export(rows)
            managed = [
                {"kind": kind, "before": before, "after": after}
                for kind, plan in plans.items()
                for before, after in zip(plan.before, plan.after, strict=True)
                if before != after
            ]
            self._append({"plan": managed})

    def note(self, kind: str, operation: Operation, request_id: str) -> None:
        """Records an operation that was carried out. Raises BadInput, which says that it was, where it can't be recorded."""
        self._done.append(str(operation))
        if not self.folder:
            return
        entry: dict[str, Any] = {"kind": kind, "operation": str(operation), "parameters": dict(operation.parameters)}
        if operation.verb == "Order":
            entry["before"], entry["after"] = operation.order
        try:
            self._append({**entry, "request_id": request_id})
        except BadInput as error:
            error.tried, error.done = "Recording a write", tuple(self._done)
            error.text += f"; {operation} was carried out all the same, and nothing after it"
            raise

    @property
    def _place(self) -> str:
        return os.path.join(self.folder or "", self.tenant.id)

    def _written(self) -> int:
        try:
            with open(os.path.join(self._place, "operations.jsonl"), encoding="utf-8") as record:
                return sum('"operation":' in line for line in record)
        except FileNotFoundError:
            return 0
        except OSError as error:
            raise self._not_kept(error) from None

    def _save_export(self, rows: Mapping[str, Rows]) -> None:
        try:
            os.makedirs(self._place, mode=0o700, exist_ok=True)
            path = os.path.join(self._place, "export.json")
            if os.path.exists(path):
                return
            saved: dict[str, Any] = {"tenant_id": self.tenant.id, "time": _now(), "configuration": {}, "not_read": {}}
            others = [resource for kind, resource in RESOURCES.items() if kind not in rows]
            for kind, found in {**rows, **read_each(self.tenant, others)}.items():
                if isinstance(found, TenantError):
                    saved["not_read"][kind] = found.message
                else:
                    saved["configuration"][kind] = export(RESOURCES[kind], found, built_in=True)
            temporary = f"{path}.{os.getpid()}"
            with open(os.open(temporary, FLAGS | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
                json.dump(saved, file, indent=2)
            os.replace(temporary, path)
        except OSError as error:
            raise self._not_kept(error) from None

    def _append(self, entry: Mapping[str, Any]) -> None:
        line = json.dumps({"time": _now(), **entry}) + "\n"
        try:
            os.makedirs(self._place, mode=0o700, exist_ok=True)
            with open(os.open(os.path.join(self._place, "operations.jsonl"), FLAGS | os.O_APPEND, 0o600), "a", encoding="utf-8") as file:
                file.write(line)
        except OSError as error:
            raise self._not_kept(error) from None

    def _not_kept(self, error: OSError) -> BadInput:
        return BadInput(
            f"the record of this run can't be kept in {self.folder}: {error.strerror}",
            tried="Saving the tenant's settings before the first write",
            tenant=self.tenant.label,
            hint="Set ledger to a folder of your own that can be written, on a disk that has room.",
        )


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
