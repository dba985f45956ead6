# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asking the services for every row of some kinds. Private to the collection."""

from __future__ import annotations

from collections.abc import Sequence

from ansible_collections.m365.defender.plugins.module_utils._description import Description, Query
from ansible_collections.m365.defender.plugins.module_utils._errors import Forbidden, TenantError
from ansible_collections.m365.defender.plugins.module_utils._rows import Rows
from ansible_collections.m365.defender.plugins.module_utils._stores import OFFERED, Answers
from ansible_collections.m365.defender.plugins.module_utils._tenant import Tenant
from ansible_collections.m365.defender.plugins.module_utils._types import folded


def read_each(tenant: Tenant, resources: Sequence[Description]) -> dict[str, Rows | TenantError]:
    """Every row of every noun of these kinds, by kind, or the error that says why a kind is not known.

    Each service is asked once, in batches where it can. An error is never absence.
    """
    result: dict[str, Rows | TenantError] = {}
    for service in dict.fromkeys(resource.service for resource in resources):
        asked = [resource for resource in resources if resource.service == service]
        queries = tuple(dict.fromkeys(query for resource in asked for query in resource.queries))
        not_offered: set[Query] = set()
        try:
            answers = tenant.store(service).read(queries)
            not_offered = _not_offered(tenant, service, asked, answers)
        except TenantError as error:
            answers = dict.fromkeys(queries, error)
        for resource in asked:
            result[resource.kind] = _rows_of(tenant, resource, answers, not_offered)
    return result


def read(tenant: Tenant, resources: Sequence[Description]) -> dict[str, Rows]:
    """Like `read_each`, but raises the first error."""
    result: dict[str, Rows] = {}
    for kind, rows in read_each(tenant, resources).items():
        if isinstance(rows, TenantError):
            raise rows
        result[kind] = rows
    return result


def _not_offered(tenant: Tenant, service: str, asked: Sequence[Description], answers: Answers) -> set[Query]:
    """The optional queries that were refused only because the licence does not bring their cmdlets.

    That is believed only of the service's own list of what it offers, and only if this list has everything that was answered.
    """
    doubted = {query for resource in asked for query in resource.optional if isinstance(answers[query], Forbidden)}
    listed = tenant.store(service).read((Query(OFFERED),))[Query(OFFERED)] if doubted else []
    if isinstance(listed, TenantError):
        return set()
    names = {folded(row["cmdlet"]) for row in listed}
    answered = (query for query, answer in answers.items() if not isinstance(answer, TenantError))
    if not all(folded(f"Get-{query.noun}") in names for query in answered):
        return set()
    return {query for query in doubted if folded(f"Get-{query.noun}") not in names}


def _rows_of(tenant: Tenant, resource: Description, answers: Answers, not_offered: set[Query]) -> Rows | TenantError:
    found = {}
    for query in resource.queries:
        if query in not_offered and query in resource.optional:
            continue
        answer = answers[query]
        if isinstance(answer, TenantError):
            return answer.about(tried=f"Reading {query.noun}", tenant=tenant.label, service=resource.service)
        found[query] = answer
    return resource.gathered(found)
