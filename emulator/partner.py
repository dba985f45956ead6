# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A partner and its customers: relationships and contracts in Graph."""

from __future__ import annotations

from . import invented
from .graph_form import Asked, route
from .odata import Options
from .service import Answer

RELATIONSHIPS, CONTRACTS = "delegatedAdminRelationships", "contracts"


def relationships(asked: Asked) -> Answer:
    """[doc] at most 300 in a page, $filter, $select, $top, $count; by which members one may filter is not written, status is [code]."""
    options = Options(
        "microsoft.graph.delegatedAdminRelationship",
        filter_by=("status", "displayName"),
        top=300,
        page=invented.RELATIONSHIPS_IN_A_PAGE,
        skip=False,
        count=True,
    )
    rows = [{"@odata.type": "#microsoft.graph.delegatedAdminRelationship", **row} for row in asked.tenant.read(RELATIONSHIPS)]
    return asked.page(rows, options, f"tenantRelationships/{RELATIONSHIPS}")


def contracts(asked: Asked) -> Answer:
    """[doc] only a partner has any; $filter by customerId, defaultDomainName, displayName. [recall] the sizes of a page"""
    options = Options(
        "microsoft.graph.contract", filter_by=("customerId", "defaultDomainName", "displayName"), top=999, page=100, skip=False
    )
    return asked.page(asked.tenant.read(CONTRACTS), options, CONTRACTS)


ROUTES = (
    route(
        "GET",
        f"/tenantRelationships/{RELATIONSHIPS}",
        "DelegatedAdminRelationship.Read.All DelegatedAdminRelationship.ReadWrite.All",
        relationships,
    ),
    route("GET", f"/{CONTRACTS}", "Directory.Read.All Directory.ReadWrite.All", contracts),
)
