# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Applications, their service principals, what these may do, and signing in as one that was just made."""

from __future__ import annotations

import base64
import time
from typing import Any
from urllib.parse import urlencode

import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding

from emulator import directory, identity
from emulator.proofs import ASSERTION
from emulator.service import Answer, Call, Headers, Refused
from tests.emulator.direct import Direct

EVERYTHING = ["Application.ReadWrite.All", "AppRoleAssignment.ReadWrite.All", "RoleManagement.ReadWrite.Directory", "Directory.Read.All"]
READER = "5d6b6bb7-de71-4623-b4af-96380a352509"  # Security Reader
LICENCES = "LicenseAssignment.Read.All"


def world(**identities: list[str]) -> Direct:
    """A tenant whose writer may do everything with applications, beside others with the permissions given."""
    held = {"writer": EVERYTHING, **identities}
    described = {
        name: {
            "client_id": f"00000000-0000-4000-8000-00000000000{place}",
            "client_secret": f"not-a-real-secret-of-{name}-0000000000",
            "app_permissions": {"graph": permissions},
        }
        for place, (name, permissions) in enumerate(held.items())
    }
    return Direct(identities=described)


@pytest.fixture
def direct() -> Direct:
    return world()


def made(direct: Direct, path: str, body: dict[str, Any], who: str = "writer") -> dict[str, Any]:
    answer = direct.graph(path, body, who)
    assert answer.status == 201, answer.body
    return answer.body


def code(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.body["error"]["code"]


def key_of(certificate: x509.Certificate) -> dict[str, str]:
    return {"type": "AsymmetricX509Cert", "usage": "Verify", "key": base64.b64encode(certificate.public_bytes(Encoding.DER)).decode()}


def signed_in(direct: Direct, tenant: Any, client_id: str, key: rsa.RSAPrivateKey, certificate: x509.Certificate) -> Answer:
    """A request for a token for Graph with an assertion that this key signed."""
    address = f"https://login.microsoftonline.com/{tenant.tenant_id}/oauth2/v2.0/token"
    now = int(time.time())
    claims = {"aud": address, "iss": client_id, "sub": client_id, "jti": "1", "nbf": now, "exp": now + 120}
    thumbprint = base64.urlsafe_b64encode(certificate.fingerprint(hashes.SHA256())).decode().rstrip("=")
    assertion = jwt.encode(claims, key, algorithm="PS256", headers={"x5t#S256": thumbprint})
    form = {
        "grant_type": "client_credentials",
        "client_id": client_id,
        "client_assertion_type": ASSERTION,
        "client_assertion": assertion,
        "scope": "https://graph.microsoft.com/.default",
    }
    return send_form(direct, address, form)


def send_form(direct: Direct, address: str, form: dict[str, str]) -> Answer:
    host, _slash, path = address.removeprefix("https://").partition("/")
    call = Call(host=host, path=f"/{path}", method="POST", headers=Headers({}), body=urlencode(form).encode(), base=f"https://{host}")
    try:
        return identity.answer(call, direct.world)
    except Refused as refused:
        return refused.answer


def test_an_application_is_made_read_changed_and_taken_away(direct: Direct) -> None:
    row = made(direct, "applications", {"displayName": "Audit", "signInAudience": "AzureADMultipleOrgs"})
    assert row["passwordCredentials"] == [] and row["appId"] != row["id"] and "_owner" not in row
    (found,) = direct.graph("applications?$filter=displayName eq 'Audit'").body["value"]
    assert found["appId"] == row["appId"]
    assert direct.graph(f"applications/{row['id']}", {"description": "for audits"}, method="PATCH").status == 204
    assert direct.graph(f"applications(appId='{row['appId']}')").body["description"] == "for audits"
    assert direct.graph(f"applications/{row['id']}", method="DELETE").status == 204
    assert code(direct.graph(f"applications/{row['id']}")) == (404, "Request_ResourceNotFound")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"displayName": ""},
        {"displayName": "Audit", "signInAudience": "Everybody"},
        {"displayName": "Audit", "passwordCredentials": [{"displayName": "a secret"}]},
        {"displayName": "Audit", "requiredResourceAccess": [{"resourceAppId": "graph", "resourceAccess": []}]},
        {"displayName": "Audit", "requiredResourceAccess": [{"resourceAppId": READER, "resourceAccess": [{"id": READER, "type": "Both"}]}]},
    ],
)
def test_an_application_that_can_not_be_is_refused(direct: Direct, body: dict[str, Any]) -> None:
    assert code(direct.graph("applications", body)) == (400, "Request_BadRequest")


def test_a_certificate_is_answered_only_where_it_is_asked_for(direct: Direct, certificate: x509.Certificate) -> None:
    row = made(direct, "applications", {"displayName": "Audit", "keyCredentials": [key_of(certificate)]})
    assert row["keyCredentials"][0]["key"] is None
    thumbprint = base64.b64encode(certificate.fingerprint(hashes.SHA1())).decode()  # noqa: S303  # what the identifier is made of
    assert row["keyCredentials"][0]["customKeyIdentifier"] == thumbprint
    whole = direct.graph(f"applications/{row['id']}?$select=keyCredentials").body["keyCredentials"]
    assert whole[0]["key"] == key_of(certificate)["key"]
    body = {"keyCredentials": [{**whole[0], "key": None}]}
    assert code(direct.graph(f"applications/{row['id']}", body, method="PATCH")) == (400, "KeyCredentialsInvalidValue")


def test_owned_by_reaches_only_what_the_caller_made() -> None:
    direct = world(owner=["Application.ReadWrite.OwnedBy"])
    own = made(direct, "applications", {"displayName": "Own"}, "owner")
    other = made(direct, "applications", {"displayName": "Other"})
    assert direct.graph(f"applications/{own['id']}", {"notes": "mine"}, "owner", method="PATCH").status == 204
    assert code(direct.graph(f"applications/{other['id']}", {"notes": "mine"}, "owner", method="PATCH")) == (
        403,
        "Authorization_RequestDenied",
    )


def test_federated_credentials_are_unique_within_an_application(direct: Direct) -> None:
    row = made(direct, "applications", {"displayName": "Audit"})
    path = f"applications/{row['id']}/federatedIdentityCredentials"
    one = {"name": "github", "issuer": "https://issuer.contoso.com", "subject": "a job", "audiences": ["api://AzureADTokenExchange"]}
    new = made(direct, path, one)
    assert code(direct.graph(path, {**one, "subject": "another"})) == (409, "Request_MultipleObjectsWithSameKeyValue")
    assert code(direct.graph(path, {**one, "name": "again"})) == (409, "Request_MultipleObjectsWithSameKeyValue")
    assert code(direct.graph(path, {**one, "name": "two", "audiences": ["a", "b"]})) == (400, "Request_BadRequest")
    assert direct.graph(f"{path}/{new['id']}", {"subject": "another"}, method="PATCH").status == 204
    assert [found["subject"] for found in direct.graph(path).body["value"]] == ["another"]
    assert direct.graph(f"{path}/{new['id']}", method="DELETE").status == 204


def test_a_service_principal_needs_an_application_that_is_open_to_the_tenant(direct: Direct) -> None:
    other = direct.world.add("fresh_e5")
    alone = made(direct, "applications", {"displayName": "Alone", "signInAudience": "AzureADMyOrg"})
    many = made(direct, "applications", {"displayName": "Many", "signInAudience": "AzureADMultipleOrgs"})
    assert made(direct, "servicePrincipals", {"appId": alone["appId"]})["displayName"] == "Alone"
    assert code(direct.graph("servicePrincipals", {"appId": alone["appId"]})) == (409, "Request_MultipleObjectsWithSameKeyValue")
    other.identities["writer"]["app_permissions"] = {"graph": EVERYTHING}
    direct.tenant, home = other, direct.tenant
    assert code(direct.graph("servicePrincipals", {"appId": alone["appId"]})) == (400, "Request_BadRequest")
    assert made(direct, "servicePrincipals", {"appId": many["appId"]})["appId"] == many["appId"]
    assert many["appId"] in other.identities and many["appId"] not in home.identities


def resource(direct: Direct, name: str = "00000003-0000-0000-c000-000000000000") -> dict[str, Any]:
    return direct.graph(f"servicePrincipals(appId='{name}')").body


def test_a_new_application_signs_in_with_what_it_was_given(direct: Direct, key: rsa.RSAPrivateKey, certificate: x509.Certificate) -> None:
    row = made(direct, "applications", {"displayName": "Audit", "keyCredentials": [key_of(certificate)]})
    refused = signed_in(direct, direct.tenant, row["appId"], key, certificate)
    assert refused.body["error_codes"] == [700016], "there is no service principal yet"
    principal = made(direct, "servicePrincipals", {"appId": row["appId"]})
    token = signed_in(direct, direct.tenant, row["appId"], key, certificate).body["access_token"]
    assert "roles" not in identity.claims_of(token) and "wids" not in identity.claims_of(token)

    graph = resource(direct)
    role = next(one["id"] for one in graph["appRoles"] if one["value"] == LICENCES)
    body = {"principalId": principal["id"], "resourceId": graph["id"], "appRoleId": role}
    given = made(direct, f"servicePrincipals/{graph['id']}/appRoleAssignedTo", body)
    assert code(direct.graph(f"servicePrincipals/{graph['id']}/appRoleAssignedTo", body)) == (400, "Request_BadRequest")
    strange = {**body, "appRoleId": READER}
    assert code(direct.graph(f"servicePrincipals/{graph['id']}/appRoleAssignedTo", strange)) == (400, "Request_BadRequest")
    listed = direct.graph(f"servicePrincipals/{principal['id']}/appRoleAssignments").body["value"]
    assert [(one["id"], one["appRoleId"], one["resourceId"]) for one in listed] == [(given["id"], role, graph["id"])]

    wish = {"roleDefinitionId": READER, "principalId": principal["id"], "directoryScopeId": "/"}
    role_row = made(direct, "roleManagement/directory/roleAssignments", wish)
    again = direct.graph("roleManagement/directory/roleAssignments", wish)
    assert code(again) == (400, "Request_BadRequest") and "conflicting object" in again.body["error"]["message"]
    claims = identity.claims_of(signed_in(direct, direct.tenant, row["appId"], key, certificate).body["access_token"])
    assert (claims["roles"], claims["wids"]) == ([LICENCES], [READER])

    assert direct.graph(f"servicePrincipals/{graph['id']}/appRoleAssignedTo/{given['id']}", method="DELETE").status == 204
    assert direct.graph(f"roleManagement/directory/roleAssignments/{role_row['id']}", method="DELETE").status == 204
    claims = identity.claims_of(signed_in(direct, direct.tenant, row["appId"], key, certificate).body["access_token"])
    assert "roles" not in claims and "wids" not in claims
    assert direct.graph(f"servicePrincipals/{principal['id']}", method="DELETE").status == 204
    assert signed_in(direct, direct.tenant, row["appId"], key, certificate).body["error_codes"] == [700016]


def test_a_strange_certificate_is_refused(direct: Direct, key: rsa.RSAPrivateKey, certificate: x509.Certificate) -> None:
    row = made(direct, "applications", {"displayName": "Audit"})
    made(direct, "servicePrincipals", {"appId": row["appId"]})
    assert signed_in(direct, direct.tenant, row["appId"], key, certificate).body["error_codes"] == [700027]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "applications"),
        ("POST", "servicePrincipals"),
        ("POST", f"servicePrincipals/{READER}/appRoleAssignedTo"),
        ("POST", "roleManagement/directory/roleAssignments"),
        ("GET", "oauth2PermissionGrants"),
        ("GET", "tenantRelationships/delegatedAdminRelationships"),
        ("GET", "contracts"),
    ],
)
def test_each_call_needs_its_permission(method: str, path: str) -> None:
    answer = Direct().graph(path, {} if method == "POST" else None, method=method)
    assert code(answer) == (403, "Authorization_RequestDenied")


def test_a_partner_s_customers_are_listed_page_by_page() -> None:
    direct = Direct(identities={"writer": {"app_permissions": {"graph": ["DelegatedAdminRelationship.Read.All", "Directory.Read.All"]}}})
    assert direct.graph("contracts").body["value"] == [], "a tenant that is no partner"
    rows = [
        {"id": str(number), "displayName": f"Relation {number}", "status": "active" if number % 2 else "expired"} for number in range(250)
    ]
    direct.tenant.put("delegatedAdminRelationships", rows)
    first = direct.graph("tenantRelationships/delegatedAdminRelationships").body
    assert len(first["value"]) == 100 and "$skiptoken=100" in first["@odata.nextLink"]
    whole = direct.graph("tenantRelationships/delegatedAdminRelationships?$filter=status eq 'active'&$top=300").body
    assert len(whole["value"]) == 125 and "@odata.nextLink" not in whole
    assert direct.graph("tenantRelationships/delegatedAdminRelationships?$top=301").status == 400
    direct.tenant.put("contracts", [{"id": "1", "customerId": READER, "defaultDomainName": "adatum.com", "displayName": "Adatum"}])
    assert direct.graph(f"contracts?$filter=customerId eq {READER}").body["value"][0]["displayName"] == "Adatum"


@pytest.mark.parametrize("cloud", ["commercial", "gcc", "gcc_high", "dod", "china"])
def test_a_national_cloud_has_fewer_permissions_to_give(cloud: str) -> None:
    rows = {row["displayName"]: row["appRoles"] for row in directory.service_principals(Direct(cloud=cloud).tenant)}
    names = {role["value"] for role in rows["Microsoft Graph"]}
    assert ("SecurityAnalyzedMessage.ReadWrite.All" in names) is (cloud in ("commercial", "gcc"))
    assert ("SecurityIncident.Read.All" in names) is (cloud != "china")
    assert "User.Read.All" in names
    assert ("WindowsDefenderATP" in rows) is (cloud != "china")
