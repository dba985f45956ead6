# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asking the services for every row of some kinds. Private to the collection."""

from __future__ import annotations

from collections.abc import Sequence

from ansible_collections.m365.defender.plugins.module_utils._description import Description, Query
from ansible_collections.m365.defender.plugins.module_utils._errors import TenantError
from ansible_collections.m365.defender.plugins.module_utils._rows import Rows
from ansible_collections.m365.defender.plugins.module_utils._tenant import Tenant


def read_each(tenant: Tenant, resources: Sequence[Description]) -> dict[str, Rows | TenantError]:
    """Every row of every noun of these kinds, by kind, or the error that says why a kind is not known.

    Each service is asked once, in batches where it can. An error is never absence.
    """
    result: dict[str, Rows | TenantError] = {}
    for service in dict.fromkeys(resource.service for resource in resources):
        asked = [resource for resource in resources if resource.service == service]
        queries = tuple(dict.fromkeys(query for resource in asked for query in resource.queries))
        try:
            answers = tenant.store(service).read(queries)
        except TenantError as error:
            answers = dict.fromkeys(queries, error)
        for resource in asked:
            result[resource.kind] = _rows_of(tenant, resource, answers)
    return result


def read(tenant: Tenant, resources: Sequence[Description]) -> dict[str, Rows]:
    """Like `read_each`, but raises the first error."""
    result: dict[str, Rows] = {}
    for kind, rows in read_each(tenant, resources).items():
        if isinstance(rows, TenantError):
            raise rows
        result[kind] = rows
    return result


def _rows_of(tenant: Tenant, resource: Description, answers: dict[Query, list[dict[str, object]] | TenantError]) -> Rows | TenantError:
    found = {}
    for query in resource.queries:
        answer = answers[query]
        if isinstance(answer, TenantError):
            return answer.about(tried=f"Reading {query.noun}", tenant=tenant.label, service=resource.service)
        found[query] = answer
    return resource.gathered(found)
