# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Signing in besides secret and certificate: federated tokens, refresh tokens, device codes, the machine's identity; and clouds."""

from __future__ import annotations

import time
from typing import Any

import jwt
import pytest
import requests

from emulator.clouds import CLOUDS, EXCHANGE_AUDIENCE, GRAPH, LOGIN
from emulator.testing import EmulatedTenant, Emulator

SCOPE = "https://graph.microsoft.com/.default offline_access openid"
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@pytest.fixture
def person(emulator: Emulator) -> EmulatedTenant:
    return emulator.tenant("sign_ins")


def post(tenant: EmulatedTenant, path: str = "token", cloud: str = "", **form: Any) -> requests.Response:
    url = f"{tenant.emulator.url}/{LOGIN[cloud or tenant.cloud]}/{tenant.tenant_id}/oauth2/v2.0/{path}"
    fields = {name: value for name, value in form.items() if value is not None}
    return tenant.emulator._session.post(url, data=fields, timeout=10)


def number(answer: requests.Response) -> int:
    return int(answer.json()["error_codes"][0])


def federated(tenant: EmulatedTenant, token: str, identity: str = "federated", **more: Any) -> requests.Response:
    form = {
        "grant_type": "client_credentials",
        "client_id": tenant.identities[identity]["client_id"],
        "client_assertion_type": ASSERTION,
        "client_assertion": token,
        "scope": "https://graph.microsoft.com/.default",
    }
    return post(tenant, **{**form, **more})


def refreshed(tenant: EmulatedTenant, **more: Any) -> requests.Response:
    partner = tenant.identities["partner"]
    form = {name: partner[name] for name in ("client_id", "client_secret", "refresh_token")}
    return post(tenant, **{**form, "grant_type": "refresh_token", "scope": SCOPE, **more})


def test_a_token_of_an_outside_provider(person: EmulatedTenant, emulator: Emulator) -> None:
    answer = federated(person, emulator.outside_token())
    assert answer.status_code == 200, answer.text
    claims = jwt.decode(answer.json()["access_token"], options={"verify_signature": False})
    assert claims["appidacr"] == "2" and claims["idtyp"] == "app"


def test_what_does_not_fit_of_an_outside_token(person: EmulatedTenant, emulator: Emulator) -> None:
    assert number(federated(person, emulator.outside_token(forged=True))) == 50013
    assert number(federated(person, emulator.outside_token(), "writer")) == 70021
    assert number(federated(person, emulator.outside_token(issuer="https://oidc.fabrikam.com"))) == 700211
    assert number(federated(person, emulator.outside_token(EXCHANGE_AUDIENCE["china"]))) == 700212
    assert number(federated(person, emulator.outside_token(subject="repo:contoso/other"))) == 700213
    assert number(federated(person, emulator.outside_token(lifetime=-10))) == 700024


def test_a_refresh_token_acts_for_the_user_and_brings_a_new_one(person: EmulatedTenant) -> None:
    body = refreshed(person).json()
    claims = jwt.decode(body["access_token"], options={"verify_signature": False})
    assert claims["idtyp"] == "user" and "Organization.Read.All" in claims["scp"].split() and "roles" not in claims
    assert claims["upn"] == f"partner@{person.domain}" and len(claims["wids"]) == 2
    assert jwt.decode(body["id_token"], options={"verify_signature": False})["tid"] == person.tenant_id
    newer = body["refresh_token"]
    assert newer != person.identities["partner"]["refresh_token"]
    assert refreshed(person, refresh_token=newer).status_code == refreshed(person).status_code == 200, "the old one goes on being good"


def test_refresh_tokens_that_are_refused(person: EmulatedTenant, emulator: Emulator) -> None:
    assert number(refreshed(person, refresh_token=None)) == 900144
    assert number(refreshed(person, refresh_token="nonsense")) == 9002313
    assert number(refreshed(person, refresh_token=person.identities["person"]["refresh_token"])) == 70000
    assert number(refreshed(person, client_secret=None)) == 7000218
    assert number(refreshed(person, scope="https://graph.microsoft.com/Mail.Send")) == 65001
    assert number(refreshed(person, scope="https://graph.microsoft.com/.default https://outlook.office365.com/.default")) == 28000
    for ended in (700082, 50173):
        token = refreshed(person).json()["refresh_token"]
        emulator.end_refresh_token(token, ended)
        answer = refreshed(person, refresh_token=token)
        assert (number(answer), answer.json()["error"]) == (ended, "invalid_grant")


def test_a_device_code(person: EmulatedTenant, emulator: Emulator) -> None:
    client = person.identities["person"]["client_id"]
    flow = post(person, "devicecode", client_id=client, scope=SCOPE).json()
    assert set(flow) == {"user_code", "device_code", "verification_uri", "expires_in", "interval", "message"}
    ask = {
        "client_id": client,
        "device_code": flow["device_code"],
        "grant_type": "urn:ietf:params:oauth:grant-type:device_code",
    }
    assert post(person, **ask).json()["error"] == "authorization_pending"
    emulator.decide(flow["user_code"])
    body = post(person, **ask).json()
    assert body["access_token"] and body["refresh_token"]
    assert post(person, **ask).json()["error"] == "bad_verification_code", "it is good once"


@pytest.mark.parametrize(("decision", "error"), [("declined", "authorization_declined"), ("expired", "expired_token")])
def test_a_device_code_that_brings_nothing(person: EmulatedTenant, emulator: Emulator, decision: str, error: str) -> None:
    client = person.identities["person"]["client_id"]
    flow = post(person, "devicecode", client_id=client, scope=SCOPE).json()
    emulator.decide(flow["user_code"], decision)
    grant = "urn:ietf:params:oauth:grant-type:device_code"
    assert post(person, client_id=client, device_code=flow["device_code"], grant_type=grant).json()["error"] == error


def ask_machine(emulator: Emulator, host: str, headers: dict[str, str], **query: str) -> requests.Response:
    path = "msi/token" if host.startswith("app") else "metadata/identity/oauth2/token"
    return emulator._session.get(f"{emulator.url}/{host}/{path}", params=query, headers=headers, timeout=10)


def test_the_machine_s_identity(person: EmulatedTenant, emulator: Emulator, tmp_path: Any) -> None:
    wanted = {"resource": "https://graph.microsoft.com"}
    emulator.control("DELETE", "machine")
    assert ask_machine(emulator, "169.254.169.254", {"Metadata": "true"}, **wanted).status_code == 404
    environment = emulator.machine(person, keys=str(tmp_path))
    vm = {"api-version": "2018-02-01", **wanted}
    body = ask_machine(emulator, "169.254.169.254", {"Metadata": "true"}, **vm).json()
    assert isinstance(body["expires_in"], str) and int(body["expires_on"]) > time.time() + 80_000
    assert ask_machine(emulator, "169.254.169.254", {}, **vm).status_code == 400
    assert ask_machine(emulator, "169.254.169.254", {"Metadata": "true"}, **vm, client_id="nobody").status_code == 400
    web = {"api-version": "2019-08-01", **wanted}
    header = {"X-IDENTITY-HEADER": environment["app_service"]["IDENTITY_HEADER"]}
    assert ask_machine(emulator, "appservice.emulated", header, **web).json()["access_token"]
    assert ask_machine(emulator, "appservice.emulated", {"X-IDENTITY-HEADER": "wrong"}, **web).status_code == 401
    arc = {"api-version": "2020-06-01", **wanted}
    refused = ask_machine(emulator, "arc.emulated", {"Metadata": "true"}, **arc)
    path = refused.headers["WWW-Authenticate"].removeprefix("Basic realm=")
    with open(path, encoding="utf-8") as file:
        proof = {"Metadata": "true", "Authorization": f"Basic {file.read()}"}
    assert ask_machine(emulator, "arc.emulated", proof, **arc).json()["access_token"]
    assert ask_machine(emulator, "arc.emulated", proof, **arc).status_code == 401, "a proof is good once"


def test_tenants_belong_to_a_cloud(emulator: Emulator) -> None:
    for cloud in CLOUDS:
        tenant = emulator.tenant("sign_ins", cloud=cloud)
        writer = tenant.identities["writer"]
        form = {"grant_type": "client_credentials", "client_id": writer["client_id"], "client_secret": writer["client_secret"]}
        scope = f"https://{GRAPH[cloud]}/.default"
        token = post(tenant, **form, scope=scope).json()["access_token"]
        for other in CLOUDS:
            answer = post(tenant, cloud=other, **form, scope=scope)
            assert answer.status_code == 200 if LOGIN[other] == LOGIN[cloud] else number(answer) == 90038
            read = emulator._session.get(
                f"{emulator.url}/{GRAPH[other]}/v1.0/subscribedSkus", headers={"Authorization": f"Bearer {token}"}, timeout=10
            )
            assert read.status_code == (200 if GRAPH[other] == GRAPH[cloud] else 401), (cloud, other)
        tenant.remove()


@pytest.mark.parametrize(("cloud", "expected"), [("commercial", [200, 405]), ("gcc_high", [200, 400]), ("china", [400, 400])])
def test_a_cloud_lacks_paths(emulator: Emulator, cloud: str, expected: list[int]) -> None:
    """A search of the audit log can't be read as a list, which shows that the path is known."""
    tenant = emulator.tenant(cloud=cloud)
    writer = tenant.identities["writer"]
    form = {"grant_type": "client_credentials", "client_id": writer["client_id"], "client_secret": writer["client_secret"]}
    token = post(tenant, cloud=cloud, **form, scope=f"https://{GRAPH[cloud]}/.default").json()["access_token"]
    statuses = []
    for path in ("security/incidents", "security/auditLog/queries"):
        url = f"{emulator.url}/{GRAPH[cloud]}/v1.0/{path}"
        answer = emulator._session.get(url, headers={"Authorization": f"Bearer {token}"}, timeout=10)
        statuses.append(answer.status_code)
        assert answer.status_code != 400 or "Resource not found for the segment" in answer.text
    tenant.remove()
    assert statuses == expected


COMPLIANCE = {
    "commercial": ("ps.compliance.protection.outlook.com", "ps.compliance.protection.outlook.com"),
    "gcc_high": ("ps.compliance.protection.office365.us", "ps.compliance.protection.office365.us"),
    "dod": ("l5.ps.compliance.protection.office365.us", "ps.compliance.protection.office365.us"),
    "china": ("ps.compliance.protection.partner.outlook.cn", "ps.compliance.protection.partner.outlook.cn"),
}


@pytest.mark.parametrize("cloud", list(COMPLIANCE))
@pytest.mark.parametrize("api", ["exchange", "compliance"])
def test_whose_permissions_a_token_for_compliance_carries(emulator: Emulator, cloud: str, api: str) -> None:
    permissions = {"app_permissions": {api: ["Exchange.ManageAsApp"]}, "directory_roles": ["Security Reader"]}
    app = {"client_id": "99999999-0000-4000-8000-000000000001", "client_secret": "not-a-real-secret-of-one-api-000000000", **permissions}
    tenant = emulator.tenant(cloud=cloud, identities={"one": app})
    host, audience = COMPLIANCE[cloud]
    form = {"grant_type": "client_credentials", "client_id": app["client_id"], "client_secret": app["client_secret"]}
    token = post(tenant, cloud=cloud, **form, scope=f"https://{audience}/.default").json()["access_token"]
    answer = emulator._session.post(
        f"{emulator.url}/{host}/adminapi/beta/{tenant.tenant_id}/InvokeCommand",
        json={"CmdletInput": {"CmdletName": "Get-ProtectionAlert", "Parameters": {}}},
        headers={"Authorization": f"Bearer {token}"},
        allow_redirects=False,
        timeout=10,
    )
    tenant.remove()
    assert answer.status_code == (401 if api == "exchange" and cloud in ("gcc_high", "dod") else 302)


def test_a_revoked_token_is_refused_with_what_is_asked_for(person: EmulatedTenant, emulator: Emulator) -> None:
    token = refreshed(person).json()["access_token"]
    person.fault(kind="revoke", match={"service": "graph"})
    url, headers = f"{emulator.url}/graph.microsoft.com/v1.0//subscribedSkus", {"Authorization": f"Bearer {token}"}
    answer = emulator._session.get(url, headers=headers, timeout=10)
    assert answer.status_code == 401 and 'error="insufficient_claims", claims="' in answer.headers["WWW-Authenticate"]
    assert emulator._session.get(url, headers=headers, timeout=10).status_code == 401
    fresh = {"Authorization": f"Bearer {refreshed(person).json()['access_token']}"}
    assert emulator._session.get(url, headers=fresh, timeout=10).status_code == 200, "a slash too many does not matter"
