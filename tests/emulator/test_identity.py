# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sign-in: discovery, tokens by secret and certificate, the AADSTS errors, and the check of tokens."""

from __future__ import annotations

import base64
import hashlib
import time
import uuid
from typing import Any

import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding

from emulator.testing import EmulatedTenant, Emulator
from tests.emulator.wire import COMPLIANCE, EXCHANGE, Wire

LOGIN = "login.microsoftonline.com"


def assertion(wire: Wire, key: rsa.RSAPrivateKey, certificate: x509.Certificate, algorithm: str = "PS256", **claims: Any) -> dict[str, Any]:
    """The form fields of a certificate sign-in."""
    der = certificate.public_bytes(Encoding.DER)
    thumbprint = {
        "PS256": ("x5t#S256", hashlib.sha256(der).digest()),
        "RS256": ("x5t", hashlib.sha1(der, usedforsecurity=False).digest()),
    }[algorithm]
    client = wire.tenant.identities["certificate"]["client_id"]
    now = int(time.time())
    audience = f"https://{LOGIN}/{wire.tenant.tenant_id}/oauth2/v2.0/token"
    content = {"aud": audience, "iss": client, "sub": client, "jti": str(uuid.uuid4()), "nbf": now, "exp": now + 120, **claims}
    header = {thumbprint[0]: base64.urlsafe_b64encode(thumbprint[1]).decode().rstrip("=")}
    return {
        "client_id": client,
        "client_secret": None,
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": jwt.encode(content, key, algorithm=algorithm, headers=header),
    }


@pytest.mark.parametrize("version", ["v2.0/", ""])
@pytest.mark.parametrize("name", ["common", "organizations", "tenant"])
def test_discovery_hands_out_addresses_in_the_clients_form(wire: Wire, version: str, name: str) -> None:
    name = wire.tenant.domain if name == "tenant" else name
    document = wire.session.get(f"{wire.url}/{LOGIN}/{name}/{version}.well-known/openid-configuration").json()
    assert document["token_endpoint"].startswith(f"{wire.url}/{LOGIN}/")
    keys = wire.session.get(document["jwks_uri"]).json()["keys"]
    assert keys[0]["kty"] == "RSA"


def test_instance_discovery(wire: Wire) -> None:
    query = "api-version=1.1&authorization_endpoint=https://login.microsoftonline.com/common/oauth2/authorize"
    document = wire.session.get(f"{wire.url}/{LOGIN}/common/discovery/instance?{query}").json()
    assert document["tenant_discovery_endpoint"].startswith(wire.url)
    assert "login.microsoftonline.com" in document["metadata"][0]["aliases"]


def test_discovery_of_an_unknown_tenant(wire: Wire) -> None:
    answer = wire.session.get(f"{wire.url}/{LOGIN}/nowhere.example/v2.0/.well-known/openid-configuration")
    assert (answer.status_code, answer.json()["error_codes"]) == (400, [90002])


def test_token_by_secret_is_a_signed_jwt_of_the_application(wire: Wire) -> None:
    answer = wire.sign_in(query="?api-version=2.0&x=1")
    body = answer.json()
    assert isinstance(body["expires_in"], int) and body["expires_in"] == 3599 and body["token_type"] == "Bearer"
    keys = wire.session.get(f"{wire.url}/{LOGIN}/common/discovery/v2.0/keys").json()["keys"]
    public = jwt.PyJWK(keys[0]).key
    claims = jwt.decode(body["access_token"], public, algorithms=["RS256"], audience=f"https://{EXCHANGE}")
    writer = wire.tenant.identities["writer"]
    assert (claims["tid"], claims["appid"], claims["oid"]) == (wire.tenant.tenant_id, writer["client_id"], writer["object_id"])
    assert (claims["idtyp"], claims["roles"], len(claims["wids"])) == ("app", ["Exchange.ManageAsApp"], 2)
    assert claims["exp"] > claims["iat"]


def test_the_domain_names_the_tenant_too(wire: Wire) -> None:
    assert wire.sign_in(tenant=wire.tenant.domain).status_code == 200


@pytest.mark.parametrize(
    ("change", "status", "number", "error"),
    [
        ({"client_secret": "not-a-real-secret-and-a-wrong-one-0000"}, 401, 7000215, "invalid_client"),
        ({"client_secret": None}, 401, 7000218, "invalid_client"),
        ({"client_id": "99999999-9999-4999-8999-999999999999"}, 400, 700016, "unauthorized_client"),
        ({"tenant": "nowhere.example"}, 400, 90002, "invalid_request"),
        ({"tenant": "00000000-0000-0000-0000-000000000001"}, 400, 90002, "invalid_request"),
        ({"tenant": "nowhere"}, 400, 900023, "invalid_request"),
        ({"tenant": "common"}, 400, 50059, "invalid_request"),
        ({"scope": "https://unheard.of.example/.default"}, 400, 500011, "invalid_resource"),
        ({"scope": f"https://{EXCHANGE}/Mail.Read"}, 400, 1002012, "invalid_scope"),
        ({"scope": None}, 400, 900144, "invalid_request"),
        ({"grant_type": None}, 400, 900144, "invalid_request"),
        ({"grant_type": "password"}, 400, 70003, "unsupported_grant_type"),
    ],
)
def test_token_errors_have_the_full_body(wire: Wire, change: dict[str, Any], status: int, number: int, error: str) -> None:
    answer = wire.sign_in(**change)
    body = answer.json()
    assert (answer.status_code, body["error"], body["error_codes"]) == (status, error, [number])
    assert body["error_description"].startswith(f"AADSTS{number}: ")
    assert set(body) == {"error", "error_description", "error_codes", "timestamp", "trace_id", "correlation_id", "error_uri"}


def test_a_service_that_the_tenant_never_had_has_no_principal(emulator: Emulator) -> None:
    with Wire(emulator.tenant("exchange_only")) as wire:
        assert wire.sign_in("api.securitycenter.microsoft.com").json()["error_codes"] == [500011]
        assert wire.sign_in("graph.microsoft.com").status_code == 200


@pytest.mark.parametrize("algorithm", ["PS256", "RS256"])
def test_certificate_sign_in(emulator: Emulator, key: rsa.RSAPrivateKey, certificate: x509.Certificate, algorithm: str) -> None:
    pem = certificate.public_bytes(Encoding.PEM).decode()
    with Wire(emulator.tenant(certificate=pem)) as wire:
        answer = wire.sign_in(**assertion(wire, key, certificate, algorithm))
        assert answer.status_code == 200, answer.text
        claims = jwt.decode(answer.json()["access_token"], options={"verify_signature": False})
        assert claims["appidacr"] == "2"


def test_certificate_errors(wire: Wire, key: rsa.RSAPrivateKey, certificate: x509.Certificate) -> None:
    stranger = wire.sign_in(**assertion(wire, key, certificate))
    assert (stranger.status_code, stranger.json()["error_codes"]) == (401, [700027])
    wire.tenant._control("PUT", "certificate", {"certificate": certificate.public_bytes(Encoding.PEM).decode()})
    assert wire.sign_in(**assertion(wire, key, certificate)).status_code == 200
    past = int(time.time()) - 3600
    assert wire.sign_in(**assertion(wire, key, certificate, exp=past, nbf=past - 60)).json()["error_codes"] == [700024]
    assert wire.sign_in(**assertion(wire, key, certificate, aud="https://login.microsoftonline.com/other")).json()["error_codes"] == [
        700023
    ]
    assert wire.sign_in(**assertion(wire, key, certificate, sub="somebody else")).json()["error_codes"] == [700021]
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    assert wire.sign_in(**assertion(wire, other, certificate)).json()["error_codes"] == [700027]


def status(wire: Wire, token: str, host: str = EXCHANGE) -> int:
    body = {"CmdletInput": {"CmdletName": "Get-AcceptedDomain", "Parameters": {}}}
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return wire.session.post(wire.address("InvokeCommand", host), json=body, headers=headers).status_code


def test_tokens_are_checked_on_every_call(wire: Wire, emulator: Emulator) -> None:
    good = wire.token()
    assert status(wire, good) == 200
    assert status(wire, "") == 401
    assert status(wire, "no.real.token") == 401
    head, payload, signature = good.split(".")
    assert status(wire, f"{head}.{payload[:-4]}AAAA.{signature}") == 401
    assert status(wire, wire.token("graph.microsoft.com")) == 401
    assert status(wire, wire.token(COMPLIANCE)) == 401
    with Wire(emulator.tenant()) as other:
        assert status(wire, other.token()) == 401


def test_an_expired_token(wire: Wire) -> None:
    token = wire.token()
    wire.tenant.fault(kind="expire", match={"service": "exchange"})
    assert [status(wire, token), status(wire, token)] == [401, 401]
    assert status(wire, wire.sign_in().json()["access_token"]) == 200


def test_identities_are_the_same_in_every_tenant(tenant: EmulatedTenant, emulator: Emulator) -> None:
    other = emulator.tenant()
    assert tenant.identities["writer"]["client_secret"] == other.identities["writer"]["client_secret"]
    assert tenant.tenant_id != other.tenant_id


def test_a_seed_may_bring_identities_of_its_own(emulator: Emulator) -> None:
    extra = {"auditor": {"client_id": "77777777-7777-4777-8777-777777777777", "client_secret": "not-a-real-secret-of-an-auditor-0000"}}
    with Wire(emulator.tenant(identities=extra), "auditor") as wire:
        claims = jwt.decode(wire.token("graph.microsoft.com"), options={"verify_signature": False})
        assert "roles" not in claims and "wids" not in claims
