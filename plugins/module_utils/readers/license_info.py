# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Licences: which Defender products a tenant has, and whether they are enough for automated investigation and response."""

from __future__ import annotations

from ansible_collections.m365.defender.plugins.module_utils._reader import Answers, Ask, Reader
from ansible_collections.m365.defender.plugins.module_utils._resource import Query, Values
from ansible_collections.m365.defender.plugins.module_utils.readers._answers import needed
from ansible_collections.m365.defender.plugins.module_utils.readers._licences import air_of, plans_of, products_of, remarks_of, sku_of


def _answer(options: Values, answers: Answers) -> Values:
    rows = needed(answers, "graph", "subscribedSkus")
    plans = plans_of(rows)
    skus = sorted((sku_of(row) for row in rows), key=lambda sku: sku["name"])
    air = air_of(plans, skus)
    return {
        "licenses": {
            "products": products_of(plans),
            "air": air,
            "skus": skus,
            "service_plans": sorted(plans),
            "remarks": remarks_of(plans, air),
        }
    }


LICENSE_INFO = Reader(
    kind="license_info",
    asks=lambda options: (Ask("graph", Query("subscribedSkus")),),
    answer=_answer,
)
