# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Signing in to an emulated tenant: secret, certificate, every refusal, and as few requests for tokens as can be."""

from __future__ import annotations

import base64
import datetime
import json
import os
import traceback
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from ansible_collections.m365.defender.plugins.module_utils import _refusals
from ansible_collections.m365.defender.plugins.module_utils._apps import Place
from ansible_collections.m365.defender.plugins.module_utils._certificates import ClientCertificate
from ansible_collections.m365.defender.plugins.module_utils._claims import claims_of, wanted_claims
from ansible_collections.m365.defender.plugins.module_utils._clouds import CLOUDS
from ansible_collections.m365.defender.plugins.module_utils._credentials import SignIn
from ansible_collections.m365.defender.plugins.module_utils._errors import BadInput, SignInFailed, TenantError
from ansible_collections.m365.defender.plugins.module_utils._refusals import refused_sign_in
from ansible_collections.m365.defender.plugins.module_utils._resource import Query
from ansible_collections.m365.defender.plugins.module_utils._sign_ins import ClientSecret
from ansible_collections.m365.defender.plugins.module_utils._tenant import Tenant
from ansible_collections.m365.defender.plugins.module_utils._token_files import TokenFiles
from tests.unit.wire.scripted import Told

POLICIES = Query("SafeLinksPolicy")
GRAPH = "https://graph.microsoft.com"
PASSWORD = "not-a-real-password-of-a-key-0000000000"


# A discovery document as msal reads it, of a server that answers below this address.
DISCOVERY = Told(
    200,
    {f"{name}_endpoint": f"https://login.microsoftonline.com/contoso.com/{name}" for name in ("authorization", "token")},
)


def place_at(transport):
    """Where a sign-in takes place, with this transport."""
    return Place("login.microsoftonline.com", "contoso.com", transport, TokenFiles(None), "")


def token_requests(emulated):
    return [entry for entry in emulated.journal() if "/oauth2/" in entry["url"]]


@pytest.fixture(scope="session")
def key_and_certificate():
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "m365.defender tests")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    return key, certificate.public_bytes(serialization.Encoding.PEM)


def pem_of(key, password=None):
    encryption = serialization.BestAvailableEncryption(password.encode()) if password else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)


@pytest.fixture
def sign_in(transport, emulator, emulated, tmp_path):
    """Makes a SignIn of the writer; time is what the test says."""

    def make(now=lambda: 0.0, folder=None, **more):
        identity = emulated.identities["writer"]
        return SignIn(
            more.get("credential") or ClientSecret(identity["client_id"], identity["client_secret"]),
            login="login.microsoftonline.com",
            tenant=lambda: emulated.tenant_id,
            transport=more.get("transport") or transport(emulator.url, ca_path=emulator.ca_path),
            files=TokenFiles(folder),
            place=emulator.url,
            clock=now,
        )

    return make


def test_a_token_is_fetched_once_for_each_audience(emulated, connect, tmp_path):
    ours = connect(emulated, token_cache=str(tmp_path / "tokens"))
    for dummy in range(2):
        ours.store("exchange").read([POLICIES])
        ours.store("graph").read([Query("organization")])
    other = connect(emulated, token_cache=str(tmp_path / "tokens"))
    other.store("exchange").read([POLICIES])
    other.store("graph").read([Query("organization")])
    assert len(token_requests(emulated)) == 2
    assert other.counts["requests"] == 2, "no discovery document either"


def test_forks_share_one_token(emulated, connect, tmp_path):
    children = []
    for dummy in range(4):
        child = os.fork()
        if child == 0:
            try:
                tenant = Tenant({**emulated.connection(), "token_cache": str(tmp_path / "tokens")})
                os._exit(0 if tenant.store("exchange").read([POLICIES])[POLICIES] else 1)
            finally:
                os._exit(2)
        children.append(child)
    assert [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children] == [0] * 4
    assert len(token_requests(emulated)) == 1


def test_a_token_is_renewed_before_its_end(sign_in, emulated, tmp_path):
    now = [1000.0]
    ours = sign_in(lambda: now[0], str(tmp_path / "tokens"))
    first = ours.token(GRAPH)
    assert ours.token(GRAPH) == first
    now[0] += 3600
    assert ours.token(GRAPH) != first
    assert len(token_requests(emulated)) == 2
    again = sign_in(lambda: now[0], str(tmp_path / "tokens"))
    assert again.token(GRAPH) == ours.token(GRAPH)


def test_a_refused_token_is_replaced_once_for_all_forks(sign_in, emulated, tmp_path):
    one, other = (sign_in(folder=str(tmp_path / "tokens")) for dummy in range(2))
    old = one.token(GRAPH)
    assert other.token(GRAPH) == old
    new = one.token(GRAPH, instead_of=old)
    assert new != old
    assert other.token(GRAPH, instead_of=old) == new
    assert len(token_requests(emulated)) == 2


def test_an_expired_token_is_replaced_and_the_write_done_once(emulated, connect):
    ours = connect(emulated)
    ours.store("exchange").read([POLICIES])
    emulated.fault(kind="expire", match={"service": "exchange"})
    assert isinstance(ours.store("exchange").read([POLICIES])[POLICIES], list)
    assert len(token_requests(emulated)) == 2


def test_every_refusal_says_what_to_do(emulated, connect):
    for options, code, advice in (
        ({"client_secret": "not-the-right-secret-000000000000"}, "AADSTS7000215", "secret is wrong"),
        ({"client_id": "99999999-1111-4111-8111-111111111111"}, "AADSTS700016", "not in this tenant"),
    ):
        with pytest.raises(SignInFailed) as caught:
            connect(emulated, **options).store("exchange").read([POLICIES])
        assert caught.value.code == code and advice in caught.value.hint and caught.value.request_id
        assert caught.value.kind == "sign_in" and "Trace ID" not in caught.value.text
    with pytest.raises(SignInFailed, match="no tenant") as caught:
        connect(emulated, tenant_id="12345678-1234-4234-8234-123456789012").store("exchange").read([POLICIES])
    assert "tenant_id" in caught.value.hint


BLOCKED = b"<html>This page is blocked</html>"


@pytest.mark.parametrize(
    ("answers", "kind", "said"),
    [
        ([Told(400, {"error": "invalid_tenant"})], "sign_in", "knows no tenant"),
        ([Told(404, b"")], "sign_in", "knows no tenant"),
        ([Told(403, BLOCKED)], "sign_in", "none that a sign-in service gives"),
        ([Told(403, {"error": "blocked"})], "sign_in", "none that a sign-in service gives"),
        ([Told(407, BLOCKED)], "sign_in", "none that a sign-in service gives"),
        ([Told(200, BLOCKED)], "sign_in", "none that a sign-in service gives"),
        ([Told(503, BLOCKED)], "unavailable", "busy or out of order"),
        ([DISCOVERY, Told(403, BLOCKED)], "sign_in", "none that a sign-in service gives"),
        ([DISCOVERY, Told(502, BLOCKED)], "unavailable", "busy or out of order"),
    ],
)
def test_only_a_refusal_of_the_discovery_document_means_that_there_is_no_tenant(transport, scripted, answers, kind, said):
    place = place_at(transport(scripted(*answers).url))
    with pytest.raises(TenantError) as caught:
        ClientSecret("an app", "not-a-real-secret-of-a-test-0000000000").ask(place, GRAPH, "")
    assert caught.value.kind == kind and said in caught.value.text
    assert caught.value.code == f"HTTP {answers[-1].status}" and caught.value.status is None, "no service has answered"
    assert ("tenant" in caught.value.message) == ("no tenant" in said)


def test_what_fails_without_an_answer_is_not_told_as_one(transport, scripted):
    place = place_at(transport(scripted(DISCOVERY).url))
    with pytest.raises(SignInFailed, match=r"the sign-in failed \(Error\)"):
        place.asked(lambda: place.app("an app", lambda: {"private_key": "none", "thumbprint": "0"}))


def test_a_service_that_the_tenant_never_used(emulator, connect):
    tenant = emulator.tenant("exchange_only")
    with pytest.raises(SignInFailed) as caught:
        connect(tenant).store("defender").read([Query("machines")])
    assert caught.value.code == "AADSTS500011" and "licence" in caught.value.hint
    tenant.remove()


def test_no_secret_is_in_an_error_or_its_traceback(emulated, connect):
    secret = "not-the-right-secret-000000000000"
    with pytest.raises(SignInFailed) as caught:
        connect(emulated, client_secret=secret).store("exchange").read([POLICIES])
    shown = "".join(traceback.format_exception(caught.value)) + repr(caught.value) + json.dumps(caught.value.failure)
    assert secret not in shown
    assert (caught.value.__cause__ is None and caught.value.__suppress_context__) or caught.value.__context__ is None


@pytest.mark.parametrize("password", [None, PASSWORD])
def test_a_certificate(emulator, connect, tmp_path, key_and_certificate, password):
    key, certificate = key_and_certificate
    tenant = emulator.tenant("fresh_e5", certificate=certificate.decode())
    path = tmp_path / "app.pem"
    path.write_bytes(pem_of(key, password) + certificate)
    options = tenant.connection("writer") | {
        "client_id": "66666666-6666-4666-8666-666666666666",
        "client_certificate": str(path),
        "client_certificate_password": password,
        "client_secret": "",
    }
    ours = connect(tenant, **options)
    assert isinstance(ours.store("exchange").read([POLICIES])[POLICIES], list)
    assert "client_assertion" in token_requests(tenant)[-1]["body"]
    assert "client_secret" not in token_requests(tenant)[-1]["body"]
    assert not password or password in ours.secrets
    tenant.remove()


def test_a_certificate_that_is_not_the_apps(emulated, connect, tmp_path, key_and_certificate, waits):
    key, certificate = key_and_certificate
    (tmp_path / "app.pem").write_bytes(pem_of(key) + certificate)
    options = {"client_id": "66666666-6666-4666-8666-666666666666", "client_certificate": str(tmp_path / "app.pem"), "client_secret": ""}
    with pytest.raises(SignInFailed) as caught:
        connect(emulated, **options).store("exchange").read([POLICIES])
    assert caught.value.code == "AADSTS700027", caught.value.message
    assert waits == [10.0] * 3, "one just uploaded is not known everywhere at once"


def test_certificates_that_cannot_be_used(tmp_path, key_and_certificate):
    key, certificate = key_and_certificate
    path = tmp_path / "app.pem"

    def refused(content, password=None, deep=False):
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(BadInput) as caught:
            credential = ClientCertificate("an id", str(path), password)
            credential.validate()
            assert deep, "this should have been found without looking deep"
            credential.for_msal()
        assert "client_certificate" in caught.value.text and "Nothing was sent" in caught.value.hint
        assert PASSWORD not in "".join(traceback.format_exception(caught.value))
        return caught.value.text

    assert "can't be read" in refused(None)
    assert "no private key" in refused(certificate)
    assert "no certificate" in refused(pem_of(key))
    assert "client_certificate_password is needed" in refused(pem_of(key, PASSWORD) + certificate)
    refused(pem_of(key, "another-password-0000000000") + certificate, PASSWORD, deep=True)
    refused(pem_of(key) + b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", deep=True)
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    assert "belongs to none" in refused(pem_of(other) + certificate, deep=True)
    with pytest.raises(BadInput, match="client_id"):
        ClientCertificate("", str(path)).validate()


def test_a_file_may_hold_the_cas_above_the_certificate(tmp_path, key_and_certificate, emulator):
    key, certificate = key_and_certificate
    ca = Path(emulator.ca_path).read_bytes()
    path = tmp_path / "app.pem"
    path.write_bytes(ca + certificate + pem_of(key))
    assert ClientCertificate("an id", str(path)).for_msal()["public_certificate"].encode() == certificate


def test_an_older_msal_gets_the_older_thumbprint(tmp_path, key_and_certificate, monkeypatch):
    key, certificate = key_and_certificate
    (tmp_path / "app.pem").write_bytes(certificate + pem_of(key))
    monkeypatch.setattr(__import__("msal"), "__version__", "1.34.0")
    expected = x509.load_pem_x509_certificate(certificate).fingerprint(hashes.SHA1()).hex()  # noqa: S303  # what that release takes
    assert ClientCertificate("an id", str(tmp_path / "app.pem")).for_msal()["thumbprint"] == expected


def test_credentials_do_not_show_themselves(tmp_path):
    assert PASSWORD not in repr(ClientSecret("an id", PASSWORD)) + repr(ClientCertificate("an id", "a path", PASSWORD))
    with pytest.raises(BadInput, match="client_id"):
        ClientSecret("", PASSWORD).validate()


def test_without_msal(sign_in, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "msal", None)
    with pytest.raises(BadInput, match="msal"):
        sign_in().token(GRAPH)


def test_the_forms_of_a_refusal():
    error = refused_sign_in({"error": "invalid_client", "error_description": "AADSTS7000222: Expired. Trace ID: x"}, GRAPH, "an id")
    assert (error.code, "has expired" in error.hint, error.text.endswith("Expired.")) == ("AADSTS7000222", True, True)
    error = refused_sign_in({"error": "temporarily_unavailable"}, GRAPH, "an id")
    assert (error.code, error.hint) == ("temporarily_unavailable", "")
    assert all(text.endswith(".") for text in _refusals.ADVICE.values())


def test_claims():
    part = base64.urlsafe_b64encode(b'{"wids": ["x"]}').decode().rstrip("=")
    assert claims_of(f"a.{part}.c") == {"wids": ["x"]}
    assert claims_of("opaque") == claims_of("a.!.c") == claims_of("a.WzFd.c") == {}
    asked = base64.b64encode(b'{"access_token":{}}').decode()
    assert wanted_claims(f'Bearer error="insufficient_claims", claims="{asked}"') == '{"access_token":{}}'
    assert wanted_claims("Bearer") == wanted_claims('claims="!"') == ""


def test_scopes_come_from_the_cloud():
    for name, cloud in CLOUDS.items():
        for service in ("exchange", "compliance", "graph"):
            # Microsoft's own module asks for compliance without the prefix that its host has in DoD.
            assert cloud.audience(service) == f"https://{cloud.host(service).removeprefix('l5.')}", name
    assert CLOUDS["commercial"].audience("defender") == "https://api.securitycenter.microsoft.com"
    assert CLOUDS["commercial"].host("defender") == "api.security.microsoft.com"
    assert CLOUDS["gcc"].graph == CLOUDS["commercial"].graph
