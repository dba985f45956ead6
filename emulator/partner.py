# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A partner and its customers: relationships and contracts in Graph, and consent for a customer in Partner Center."""

from __future__ import annotations

import re
import uuid
from typing import Any
from urllib.parse import unquote

from . import applications, tokens
from .graph_form import Asked, route
from .invented import applications as invented
from .odata import Options
from .seed import table
from .service import Answer, Call, Refused
from .tenant import Row, Tenant, World

HOSTS = ("api.partnercenter.microsoft.com",)
AUDIENCE = ("https://api.partnercenter.microsoft.com", "fa3d9a0c-3fb0-42cc-9193-47c7ecd2edbd")
_CONSENTS = re.compile(r"/v1/customers/([^/]+)/applicationconsents(?:/([^/]+))?")

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


# ---------------------------------------------------------------- Partner Center


def _refused(status: int, code: Any, description: str) -> Refused:
    """[doc] an error has code and description"""
    return Refused(Answer(status, {"code": code, "description": description, "source": "PartnerApiServiceCore"}))


def answer(call: Call, world: World) -> Answer:
    """Gives or withdraws consent for an application in the tenant of a customer. [doc] control-panel-vendor-apis; [code] CIPP"""
    caller = tokens.caller(call, world, AUDIENCE, lambda code, message: Answer(401, {"code": 401, "description": message}))
    found = _CONSENTS.fullmatch(call.path)
    if not found:
        raise _refused(404, 404, f"There is no {call.path}.")
    if (call.method, bool(found[2])) not in {("POST", False), ("DELETE", True)}:
        raise _refused(405, 405, f"{call.method} is not allowed here.")
    if (tokens.claims_of(tokens.bearer(call)) or {}).get("idtyp") != "user":
        raise _refused(*invented.CONSENT_REFUSED["app_only"])
    customer = _customer(world, caller.tenant, found[1])
    if customer is None:
        raise _refused(*invented.CONSENT_REFUSED["no_customer"])
    return _withdrawn(customer, unquote(found[2])) if found[2] else _given(call, world, caller.tenant, customer)


def _customer(world: World, partner: Tenant, number: str) -> Tenant | None:
    """The tenant of a customer, if it is one of this partner."""
    of_relations = {(row.get("customer") or {}).get("tenantId") for row in partner.rows(RELATIONSHIPS) if row.get("status") == "active"}
    known = of_relations | {row.get("customerId") for row in partner.rows(CONTRACTS)}
    return world.tenants.get(number.lower()) if number.lower() in known else None


def _given(call: Call, world: World, partner: Tenant, customer: Tenant) -> Answer:
    try:
        body = {name.lower(): value for name, value in call.json().items()}
        client_id = str(body["applicationid"])
        given = [{name.lower(): value for name, value in one.items()} for one in body["applicationgrants"]]
        wanted = {str(one["enterpriseapplicationid"]): [word.strip() for word in one["scope"].split(",")] for one in given}
    except (ValueError, KeyError, TypeError, AttributeError):
        raise _refused(*invented.CONSENT_REFUSED["bad_body"]) from None
    keys = {resource["appId"]: key for key, resource in table("resources")["resources"].items()}
    if not wanted or wanted.keys() - keys.keys() or not all(all(words) for words in wanted.values()):
        raise _refused(*invented.CONSENT_REFUSED["bad_body"])
    at_home = tokens.identity_of(partner, client_id)
    registered = applications.application(world, client_id)
    if at_home is None or (registered and registered[1]["signInAudience"] == "AzureADMyOrg"):
        raise _refused(*invented.CONSENT_REFUSED["no_application"])
    there = tokens.identity_of(customer, client_id)
    if there and there.get("delegated"):
        raise _refused(*invented.CONSENT_TWICE)
    scopes = {keys[number]: words for number, words in wanted.items()}
    if there is None:
        there = {**at_home, "object_id": str(uuid.uuid4()), "app_permissions": {}, "directory_roles": []}
        customer.identities[client_id] = there
    there["delegated"] = scopes
    if at_home.get("user"):
        there["user"] = {**at_home["user"], "scopes": scopes, "directory_roles": _roles(partner, customer)}
    return Answer(201, {"applicationId": client_id, "applicationGrants": given})


def _roles(partner: Tenant, customer: Tenant) -> list[str]:
    """The directory roles that the partner's people have in the customer's tenant, by the relationships. [doc] GDAP"""
    names = {number: name for name, number in table("directory")["roles"].items()}
    rows: list[Row] = [row for row in partner.rows(RELATIONSHIPS) if (row.get("customer") or {}).get("tenantId") == customer.tenant_id]
    held = {role["roleDefinitionId"] for row in rows for role in (row.get("accessDetails") or {}).get("unifiedRoles", ())}
    return sorted(names[number] for number in held if number in names)


def _withdrawn(customer: Tenant, client_id: str) -> Answer:
    """[doc] takes the consent away; that the service principal stays is a guess."""
    there = tokens.identity_of(customer, client_id)
    if not there or not there.get("delegated"):
        raise _refused(*invented.CONSENT_REFUSED["no_consent"])
    there["delegated"] = {}
    there["user"] = {**there.get("user", {}), "scopes": {}}
    return Answer(204)
