# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Partner Center: consent in a customer's tenant, given and withdrawn by a person of the partner."""

from __future__ import annotations

from typing import Any

import pytest

from emulator import partner, tokens
from emulator.service import Answer
from emulator.tenant import Tenant
from tests.emulator.direct import Direct

CLIENT = "cccccccc-0000-4000-8000-000000000001"
GRAPH = "00000003-0000-0000-c000-000000000000"
USER = {"name": "admin@contoso.com", "object_id": "dddddddd-0000-4000-8000-000000000001", "scopes": {"partner": ["user_impersonation"]}}
BODY = {"ApplicationId": CLIENT, "ApplicationGrants": [{"EnterpriseApplicationId": GRAPH, "Scope": "Directory.Read.All,User.Read.All"}]}
READER = "5d6b6bb7-de71-4623-b4af-96380a352509"  # Security Reader


@pytest.fixture
def direct() -> Direct:
    return Direct(identities={"app": {"client_id": CLIENT, "app_permissions": {}, "user": USER}})


@pytest.fixture
def customer(direct: Direct) -> Tenant:
    made = direct.world.add("fresh_e5")
    relation = {"id": "1", "status": "active", "customer": {"tenantId": made.tenant_id, "displayName": "Adatum"}}
    relation["accessDetails"] = {"unifiedRoles": [{"roleDefinitionId": READER}]}
    direct.tenant.put("delegatedAdminRelationships", [relation])
    return made


def send(direct: Direct, method: str, path: str, body: Any = None, by_person: bool = True) -> Answer:
    audience = "https://api.partnercenter.microsoft.com"
    token = tokens.issue(
        direct.tenant, direct.tenant.identities["app"], audience, tokens.RESOURCES[audience], user=USER if by_person else None
    )
    return direct.send(partner, method, f"{audience}/v1/customers/{path}", body, Authorization=f"Bearer {token}")


def test_consent_brings_an_application_into_the_customer_s_tenant(direct: Direct, customer: Tenant) -> None:
    answer = send(direct, "POST", f"{customer.tenant_id}/applicationconsents", BODY)
    assert answer.status == 201 and answer.body["applicationId"] == CLIENT
    identity = tokens.identity_of(customer, CLIENT)
    assert identity is not None
    assert identity["user"]["scopes"] == {"graph": ["Directory.Read.All", "User.Read.All"]}
    assert identity["user"]["directory_roles"] == ["Security Reader"], "what the relationship allows"
    assert identity["app_permissions"] == {}
    again = send(direct, "POST", f"{customer.tenant_id}/applicationconsents", BODY)
    assert (again.status, again.body["description"]) == (409, "Permission entry already exists.")


def test_a_consent_is_withdrawn(direct: Direct, customer: Tenant) -> None:
    send(direct, "POST", f"{customer.tenant_id}/applicationconsents", BODY)
    assert send(direct, "DELETE", f"{customer.tenant_id}/applicationconsents/{CLIENT}").status == 204
    assert tokens.identity_of(customer, CLIENT)["user"]["scopes"] == {}  # type: ignore[index]  # it is still there
    assert send(direct, "DELETE", f"{customer.tenant_id}/applicationconsents/{CLIENT}").status == 404


def test_only_a_person_is_let_in(direct: Direct, customer: Tenant) -> None:
    answer = send(direct, "POST", f"{customer.tenant_id}/applicationconsents", BODY, by_person=False)
    assert answer.status == 403 and set(answer.body) >= {"code", "description"}


def test_only_customers_of_this_partner_can_be_named(direct: Direct, customer: Tenant) -> None:
    stranger = direct.world.add("fresh_e5")
    assert send(direct, "POST", f"{stranger.tenant_id}/applicationconsents", BODY).status == 404
    direct.tenant.put("delegatedAdminRelationships", [])
    assert send(direct, "POST", f"{customer.tenant_id}/applicationconsents", BODY).status == 404
    direct.tenant.put("contracts", [{"id": "1", "customerId": customer.tenant_id}])
    assert send(direct, "POST", f"{customer.tenant_id}/applicationconsents", BODY).status == 201


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"ApplicationId": CLIENT, "ApplicationGrants": []},
        {"ApplicationId": CLIENT, "ApplicationGrants": [{"EnterpriseApplicationId": CLIENT, "Scope": "User.Read.All"}]},
        {"ApplicationId": CLIENT, "ApplicationGrants": [{"EnterpriseApplicationId": GRAPH, "Scope": ""}]},
        {**BODY, "ApplicationId": READER},
    ],
)
def test_a_consent_that_can_not_be_is_refused(direct: Direct, customer: Tenant, body: dict[str, Any]) -> None:
    assert send(direct, "POST", f"{customer.tenant_id}/applicationconsents", body).status == 400


def test_there_is_nothing_to_read(direct: Direct, customer: Tenant) -> None:
    assert send(direct, "GET", f"{customer.tenant_id}/applicationconsents").status == 405
    assert send(direct, "GET", customer.tenant_id).status == 404
