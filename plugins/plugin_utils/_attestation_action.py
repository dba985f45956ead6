# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks at what people attest, and at what can be attested. Private to the collection."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.m365.defender.plugins.module_utils._readiness.attestable import ATTESTABLE, attestations_from
from ansible_collections.m365.defender.plugins.module_utils._readiness.attesting import EXPIRED, NOT_NEEDED, told_of
from ansible_collections.m365.defender.plugins.plugin_utils._plain import plain

display = Display()
SPEC = {"attestations": {"type": "list", "elements": "dict", "default": []}}


def checked(given: Any, now: datetime) -> list[dict[str, Any]]:
    """The attestations as plain data. Fails when something is wrong with them."""
    attestations = plain(given)
    try:
        attestations_from(attestations, now.date())
    except ValueError as error:
        raise AnsibleActionFail(f"{error}. Nothing was sent.") from error
    return attestations


class AttestationAction(ActionBase):
    """Refuses what is wrong and says what is in force. Asks no service."""

    _requires_connection = False
    _supports_check_mode = True

    def run(self, tmp: Any = None, task_vars: Any = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        args = self.validate_argument_spec(argument_spec=SPEC)[1]
        today = datetime.now(UTC)
        found = attestations_from(checked(args["attestations"], today), today.date())
        told = told_of(found, {}, today.date())
        for one in told:
            one["state"] = "in_force" if one["state"] == NOT_NEEDED else one["state"]
            if one["state"] == EXPIRED:
                display.warning(one["note"])
        return {"changed": False, "attestations": told, "settings": [one.as_dict() for one in ATTESTABLE.values()]}
