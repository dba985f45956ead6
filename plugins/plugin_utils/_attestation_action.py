# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks at what people attest, and at what can be attested. Private to the collection."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.m365.defender.plugins.module_utils._clouds import CLOUDS
from ansible_collections.m365.defender.plugins.module_utils._description import Values
from ansible_collections.m365.defender.plugins.module_utils._errors import BadInput, TenantError
from ansible_collections.m365.defender.plugins.module_utils._options import ENVIRONMENT
from ansible_collections.m365.defender.plugins.module_utils._portal_links import led, remarks
from ansible_collections.m365.defender.plugins.module_utils._readiness.attestable import ATTESTABLE, attestations_from
from ansible_collections.m365.defender.plugins.module_utils._readiness.attesting import EXPIRED, NOT_NEEDED, told_of
from ansible_collections.m365.defender.plugins.module_utils._task import faults_in
from ansible_collections.m365.defender.plugins.module_utils._validating import Validator
from ansible_collections.m365.defender.plugins.plugin_utils._action import environment, surroundings
from ansible_collections.m365.defender.plugins.plugin_utils._plain import plain

display = Display()
CLOUD = {"type": "str", "choices": list(CLOUDS), "fallback": (environment, list(ENVIRONMENT["cloud"]))}
SPEC = {"attestations": {"type": "list", "elements": "dict", "default": []}}


def failed(error: TenantError) -> Values:
    """The result of a task that an error ended."""
    return {"failed": True, "changed": False, "msg": error.message, "failure": error.failure}


def refusal(action: str, faults: str) -> Values:
    """The result of a task whose options are wrong."""
    return failed(BadInput(faults, tried=f"Checking the options of {action}", hint="Nothing was sent."))


def options_of(action: ActionBase, name: str, spec: Mapping[str, Any]) -> tuple[Values, Values]:
    """The options of a task as Ansible validates them, and the result that refuses them; {} when they are right. Empty is not given."""
    with surroundings(action):
        validated = Validator(spec).validate({option: value for option, value in action._task.args.items() if value != ""})
    faults = faults_in(validated)
    return validated.validated_parameters, refusal(name, "; ".join(faults)) if faults else {}


class AttestationAction(ActionBase):
    """Refuses what is wrong and says what is in force. Asks no service."""

    _requires_connection = False
    _supports_check_mode = True

    def run(self, tmp: Any = None, task_vars: Any = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        args, refused = options_of(self, "attestation_info", {**SPEC, "cloud": CLOUD})
        if refused:
            return refused
        cloud = CLOUDS[args["cloud"] or "commercial"]
        today = datetime.now(UTC).date()
        try:
            found = attestations_from(plain(args["attestations"]), today)
        except ValueError as error:
            return refusal("attestation_info", str(error))
        told = told_of(found, {}, today)
        for one in told:
            one["state"] = "in_force" if one["state"] == NOT_NEEDED else one["state"]
            if one["state"] == EXPIRED:
                display.warning(one["note"])
        settings = led([one.as_dict() for one in ATTESTABLE.values()], cloud)
        return {"changed": False, "attestations": told, "settings": settings, "remarks": remarks(cloud)}
