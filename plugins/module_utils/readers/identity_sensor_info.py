# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Defender for Identity: its sensors, what is wrong with them, and the open health issues."""

from __future__ import annotations

from ansible_collections.m365.defender.plugins.module_utils._errors import TenantError
from ansible_collections.m365.defender.plugins.module_utils._reader import Answers, Ask, Reader
from ansible_collections.m365.defender.plugins.module_utils._resource import Query, Values
from ansible_collections.m365.defender.plugins.module_utils.readers._answers import rows_of
from ansible_collections.m365.defender.plugins.module_utils.readers._identity import HEALTH, SENSORS, identity_of, open_issues, sensor_of
from ansible_collections.m365.defender.plugins.module_utils.readers._licences import plans_of, products_of


def _answer(options: Values, answers: Answers) -> Values:
    skus, sensors, issues = (rows_of(answers, "graph", noun) for noun in ("subscribedSkus", SENSORS, HEALTH))
    licensed = None if isinstance(skus, TenantError) else products_of(plans_of(skus))["defender_for_identity"]
    found = [] if isinstance(sensors, TenantError) else [sensor_of(row) for row in sensors]
    return {
        "identity": {
            **identity_of(sensors, issues, licensed, None),
            "licensed": licensed,
            "sensor_list": sorted(found, key=lambda one: (-len(one["faults"]), one["name"])),
            "health_issues": open_issues(issues) or [],
        }
    }


IDENTITY_SENSOR_INFO = Reader(
    kind="identity_sensor_info",
    asks=lambda options: tuple(Ask("graph", Query(noun)) for noun in ("subscribedSkus", SENSORS, HEALTH)),
    answer=_answer,
)
