# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prints what waits for approval in all tenants as one table, and keeps it in a file. Private to the collection."""

from __future__ import annotations

import json
import os
import shutil
from datetime import UTC, datetime
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.m365.defender.plugins.plugin_utils._attestation_action import options_of
from ansible_collections.m365.defender.plugins.plugin_utils._files import write_whole
from ansible_collections.m365.defender.plugins.plugin_utils._waiting_report import judged, render

display = Display()
WIDEST, USUAL = 160, 120  # columns


class WaitingReportAction(ActionBase):
    """Judges many tenants from what their tasks returned. Never a change, and fails no host: the playbook does, host by host."""

    _requires_connection = False
    _supports_check_mode = True

    def run(self, tmp: Any = None, task_vars: Any = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        args, refused = options_of(
            self,
            "pending_report",
            {
                "tenants": {"type": "dict", "required": True},
                "max_pending_age": {"type": "float", "default": 3.0},
                "dest": {"type": "path", "default": "m365_pending.json"},
                "width": {"type": "int", "default": 0},
            },
        )
        if refused:
            return refused
        strange = [host for host, facts in args["tenants"].items() if not isinstance(facts, dict)]
        if strange:
            raise AnsibleActionFail(f"tenants must have a dictionary for each host, and has none for {strange[0]}")
        review = judged(args["tenants"], args["max_pending_age"], datetime.now(UTC))
        path = os.path.abspath(args["dest"])
        width = args["width"] or min(WIDEST, shutil.get_terminal_size((USUAL, 24)).columns)
        # What was found out is shown whether or not it can be kept.
        display.display(render(review, width) + "\n")
        try:
            write_whole(path, json.dumps(review, indent=2) + "\n")
        except OSError as error:
            raise AnsibleActionFail(f"the review can't be written to {path}: {error.strerror}. Set dest to a file that can.") from error
        display.display(f"In full: {path}\n")
        kept = {name: value for name, value in review.items() if name != "pending"}
        return {"changed": False, "review": kept, "path": path}
