# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asking Microsoft Graph for a partner's customers, and each customer's tenant for its licences. Private to the collection."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._errors import TenantError
from ansible_collections.m365.defender.plugins.module_utils._reader import Ask
from ansible_collections.m365.defender.plugins.module_utils._secrets import scrubbed
from ansible_collections.m365.defender.plugins.module_utils._tenant import Tenant
from ansible_collections.m365.defender.plugins.module_utils.readers.license_info import LICENSE_INFO
from ansible_collections.m365.defender.plugins.plugin_utils._customers import Customer, Values, queries

TOGETHER = 8  # tenants that are asked at a time
# What is looked at of a row, so that a cache stays small.
MEMBERS = {
    "relationships": ("id", "displayName", "status", "customer", "endDateTime", "autoExtendDuration", "accessDetails"),
    "contracts": ("customerId", "displayName", "defaultDomainName", "contractType"),
}


def rows_of(tenant: Tenant, sources: Iterable[str], statuses: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """The rows of each source. Raises TenantError: what can't be read is not empty."""
    asked = queries(sources, statuses)
    answers = tenant.store("graph").read(list(asked.values())) if asked else {}
    found: dict[str, list[dict[str, Any]]] = {}
    for source, query in asked.items():
        answer = answers[query]
        if isinstance(answer, TenantError):
            raise answer.about(tried=f"Reading the partner's {source}", tenant=tenant.label, service="graph")
        found[source] = [{name: row[name] for name in MEMBERS[source] if name in row} for row in answer]
    return found


def licenses_of(customers: Sequence[Customer], params: Mapping[str, Any]) -> dict[str, Values]:
    """What each customer's tenant has, by tenant; the reason under `unknown` where that could not be read."""
    with ThreadPoolExecutor(max_workers=TOGETHER) as pool:
        results = list(pool.map(lambda one: _licenses(one, params), customers))
    return {one.tenant_id: result for one, result in zip(customers, results, strict=True)}


def _licenses(one: Customer, params: Mapping[str, Any]) -> Values:
    tenant = None
    try:
        tenant = Tenant({**params, "tenant_id": one.tenant_id, "cloud": one.cloud})
        asks = LICENSE_INFO.asks({})
        found_by_query = tenant.store("graph").read([ask.query for ask in asks])  # all of them, and in one batch
        answers: dict[Ask, Any] = {ask: found_by_query[ask.query] for ask in asks}
        found = LICENSE_INFO.answer({}, answers)["licenses"]
        return {"products": found["products"], "air": found["air"], "skus": [sku["name"] for sku in found["skus"] if sku["plans"]]}
    except TenantError as error:
        return {"unknown": scrubbed(error.about(tenant=one.tenant_id).message, tenant.secrets if tenant else ())}
    finally:
        if tenant is not None:
            tenant.close()
