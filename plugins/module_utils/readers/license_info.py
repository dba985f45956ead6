# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Licences: which Defender products a tenant has, and whether they are enough for automated investigation and response."""

from __future__ import annotations

from ansible_collections.m365.defender.plugins.module_utils._reader import Answers, Ask, Reader
from ansible_collections.m365.defender.plugins.module_utils._resource import Query, Values
from ansible_collections.m365.defender.plugins.module_utils.readers._answers import needed, rows_of
from ansible_collections.m365.defender.plugins.module_utils.readers._licences import air_of, plans_of, products_of, sku_of
from ansible_collections.m365.defender.plugins.module_utils.readers._subscriptions import (
    government_of,
    remarks_of,
    remedy_of,
    requirements_of,
    trials_of,
    with_trials,
    xdr_of,
)

SUBSCRIPTIONS = "directory/subscriptions"


def _answer(options: Values, answers: Answers) -> Values:
    rows = needed(answers, "graph", "subscribedSkus")
    subscriptions = rows_of(answers, "graph", SUBSCRIPTIONS)
    plans = plans_of(rows)
    skus = with_trials(sorted((sku_of(row) for row in rows), key=lambda sku: sku["name"]), subscriptions)
    requirements, trials = requirements_of(skus), trials_of(skus, subscriptions)
    air = air_of(plans, skus)
    return {
        "licenses": {
            "products": products_of(plans),
            "air": {
                **air,
                "requirements": requirements,
                "remedy": remedy_of(requirements),
            },
            "xdr": xdr_of(plans),
            "skus": skus,
            "service_plans": sorted(plans),
            "trials": trials,
            "government_plans": government_of(plans),
            "remarks": remarks_of(plans, air, requirements, trials, str(options.get("cloud") or "")),
        }
    }


LICENSE_INFO = Reader(
    kind="license_info",
    asks=lambda options: (Ask("graph", Query("subscribedSkus")), Ask("graph", Query(SUBSCRIPTIONS))),
    answer=_answer,
)
