# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prints the report on a tenant and keeps it in a file. Private to the collection."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.m365.defender.plugins.module_utils._errors import one_line
from ansible_collections.m365.defender.plugins.module_utils._readiness.attestable import attestations_from
from ansible_collections.m365.defender.plugins.module_utils._readiness.tenant import build
from ansible_collections.m365.defender.plugins.module_utils._readiness.words import STEPS
from ansible_collections.m365.defender.plugins.plugin_utils._attestation_action import CLOUD, SPEC, options_of, refusal
from ansible_collections.m365.defender.plugins.plugin_utils._files import write_whole
from ansible_collections.m365.defender.plugins.plugin_utils._plain import plain
from ansible_collections.m365.defender.plugins.plugin_utils._report import render

display = Display()
WIDEST, NARROW = 140, 80  # columns


class ReportAction(ActionBase):
    """Judges the steps from what their tasks returned. Never a change; fails the host when a step could not be judged for an error."""

    _requires_connection = False
    _supports_check_mode = True

    def run(self, tmp: Any = None, task_vars: Any = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        args, refused = options_of(
            self,
            "report",
            {
                "tenant": {"type": "str", "default": ""},
                "identity": {"type": "str", "default": ""},
                "endpoint": {"type": "str", "default": ""},
                "steps": {"type": "dict", "required": True, "options": {step: {"type": "dict"} for step in STEPS}},
                "cloud": CLOUD,
                **SPEC,
                "folder": {"type": "path", "default": "m365_reports"},
                "width": {"type": "int", "default": 0},
            },
        )
        if refused:
            return refused
        host = str((task_vars or {}).get("inventory_hostname") or "")
        now = datetime.now(UTC)
        attestations = plain(args["attestations"])
        try:
            attestations_from(attestations, now.date())
        except ValueError as error:
            return refusal("report", str(error))
        try:
            report = build(
                host=host,
                tenant=args["tenant"] or host,
                steps={step: facts for step, facts in args["steps"].items() if facts},
                check=self._task.check_mode,
                when=now,
                attestations=attestations,
                identity=args["identity"],
                endpoint=args["endpoint"],
                cloud=args["cloud"] or "",
            )
        except KeyError as error:
            raise AnsibleActionFail(f"a result lacks {error}; hand in what the tasks registered") from error
        path = os.path.abspath(os.path.join(args["folder"], re.sub(r"[^\w.-]", "_", host or "report") + ".json"))
        width = args["width"] or min(WIDEST, shutil.get_terminal_size((NARROW + 30, 24)).columns)
        # What was found out is shown whether or not it can be kept.
        display.display(render(report, width) + "\n")
        _keep(report, path)
        display.display(f"In full: {path}\n")
        for one in report["attestations"]:
            if one["note"]:
                display.warning(one["note"])
        result: dict[str, Any] = {"changed": False, "report": report, "path": path}
        if report["failed_steps"]:
            stopped = ", ".join(STEPS[step] for step in report["failed_steps"])
            first = next(one["error"] for one in report["steps"] if one["error"])
            # The report itself stands above and in the file; a failed result is printed whole.
            message = f"not every step could be carried out: {stopped}. First error: {one_line(first.get('text', ''))}"
            result = {"changed": False, "failed": True, "msg": message, "failed_steps": report["failed_steps"], "path": path}
        return result


def _keep(report: Mapping[str, Any], path: str) -> None:
    """Writes the report as JSON."""
    try:
        write_whole(path, json.dumps(report, indent=2) + "\n")
    except OSError as error:
        raise AnsibleActionFail(
            f"the report can't be written to {path}: {error.strerror}. Set folder to one that can be written."
        ) from error
