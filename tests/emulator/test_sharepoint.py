# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SharePoint's admin site: who gets in, the tenant object, and how it is changed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from xml.sax.saxutils import quoteattr

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding

from emulator.testing import Emulator
from tests.emulator.test_identity import assertion
from tests.emulator.wire import Wire

SCHEMA = "http://schemas.microsoft.com/sharepoint/clientquery/2009"
QUERY = (
    '<ObjectPath Id="106" ObjectPathId="105" />'
    '<Query Id="107" ObjectPathId="105"><Query SelectAllProperties="true"><Properties /></Query></Query>'
)
CONSTRUCTOR = '<Constructor Id="105" TypeId="{268004ae-ef6b-4e9b-8425-127220d84719}" />'


class Site:
    """A tenant's admin site as an app with a certificate sees it."""

    def __init__(self, wire: Wire, key: rsa.RSAPrivateKey, certificate: x509.Certificate) -> None:
        self.wire = wire
        self.host = f"{wire.tenant.name}-admin.sharepoint.com"
        self._proof = assertion(wire, key, certificate)

    def token(self, host: str = "", **form: Any) -> str:
        answer = self.wire.sign_in(host or self.host, **{**self._proof, **form})
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    def post(self, body: str, token: str = "", **headers: str) -> requests.Response:
        given = {"Authorization": f"Bearer {token or self.token()}", "Content-Type": "text/xml", "Accept": "application/json;odata=verbose"}
        address = f"{self.wire.url}/{self.host}/_vti_bin/client.svc/ProcessQuery"
        return self.wire.session.post(address, data=body.encode(), headers={**given, **headers})

    def said(self, actions: str, paths: str, token: str = "") -> list[Any]:
        answer = self.post(request(actions, paths), token)
        assert answer.status_code == 200, answer.text
        return list(answer.json())

    def read(self) -> dict[str, Any]:
        head, *parts = self.said(QUERY, CONSTRUCTOR)
        assert head["ErrorInfo"] is None and parts[:3] == [106, {"IsNull": False}, 107]
        return dict(parts[-1])

    def write(self, name: str, kind: str, value: str, identity: str = "") -> dict[str, Any] | None:
        """Sets a property; the ErrorInfo."""
        spelt = quoteattr(identity or self.read()["_ObjectIdentity_"]).replace("&#10;", "&#xA;")
        change = f'<SetProperty Id="114" ObjectPathId="110" Name="{name}"><Parameter Type="{kind}">{value}</Parameter></SetProperty>'
        return self.said(change, f'<Identity Id="110" Name={spelt} />')[0]["ErrorInfo"]


def request(actions: str, paths: str) -> str:
    about = 'AddExpandoFieldTypeSuffix="true" SchemaVersion="15.0.0.0" LibraryVersion="16.0.0.0" ApplicationName="x"'
    head = f'<Request {about} xmlns="{SCHEMA}">'
    return f"{head}<Actions>{actions}</Actions><ObjectPaths>{paths}</ObjectPaths></Request>"


@pytest.fixture
def site(emulator: Emulator, key: rsa.RSAPrivateKey, certificate: x509.Certificate) -> Iterator[Site]:
    made = emulator.tenant(certificate=certificate.public_bytes(Encoding.PEM).decode())
    with Wire(made) as wire:
        yield Site(wire, key, certificate)
    made.remove()


def test_the_tenant_object_is_read_and_changed(site: Site) -> None:
    row = site.read()
    assert row["DisallowInfectedFileDownload"] is False
    assert row["_ObjectIdentity_"].endswith(f":{site.wire.tenant.tenant_id}\nTenant")
    assert site.write("DisallowInfectedFileDownload", "Boolean", "true") is None
    assert site.read()["DisallowInfectedFileDownload"] is True
    assert site.wire.tenant.state("sharepoint.SPOTenant")[0]["DisallowInfectedFileDownload"] is True


@pytest.mark.parametrize(
    ("name", "kind", "value"),
    [
        ("DisallowInfectedFileDownload", "Boolean", "yes"),
        ("DisallowInfectedFileDownload", "String", "true"),
        ("DisallowInfectedFileDownload", "Int32", "1"),
        ("DisallowInfectedFiles", "Boolean", "true"),
    ],
)
def test_what_can_not_be_set_is_said_with_status_200(site: Site, name: str, kind: str, value: str) -> None:
    error = site.write(name, kind, value)
    assert error is not None and error["ErrorTypeName"].startswith("System.") and error["ErrorMessage"]
    assert site.read()["DisallowInfectedFileDownload"] is False


def test_an_identity_is_that_of_the_tenant(site: Site) -> None:
    row = site.read()
    for identity in (row["_ObjectIdentity_"].replace("\n", " "), row["_ObjectIdentity_"].replace(site.wire.tenant.tenant_id, "0" * 36)):
        error = site.write("DisallowInfectedFileDownload", "Boolean", "true", identity)
        assert error is not None and "identity" in error["ErrorMessage"]


@pytest.mark.parametrize(
    "body",
    [
        "no xml",
        f'<!DOCTYPE x [<!ENTITY y "z">]>{request(QUERY, CONSTRUCTOR)}',
        request(QUERY, CONSTRUCTOR.replace("268004ae", "00000000")),
        request(QUERY.replace('"105"', '"999"'), CONSTRUCTOR),
        request('<Method Name="Update" Id="1" ObjectPathId="105" />', CONSTRUCTOR),
        request(QUERY, CONSTRUCTOR).replace(SCHEMA, "http://example.com"),
    ],
)
def test_requests_of_another_form_are_refused(site: Site, body: str) -> None:
    (head,) = site.post(body).json()
    assert head["ErrorInfo"]["ErrorMessage"] and head["ErrorInfo"]["TraceCorrelationId"] == head["TraceCorrelationId"]


def test_only_a_certificate_opens_the_admin_site(site: Site) -> None:
    answer = site.post(request(QUERY, CONSTRUCTOR), site.wire.token(site.host))
    assert (answer.status_code, answer.text) == (401, "Unsupported app only token.")


def test_who_gets_in(emulator: Emulator, site: Site, key: rsa.RSAPrivateKey, certificate: x509.Certificate) -> None:
    assert site.post("", Authorization="").status_code == 401
    assert site.post("", site.token("graph.microsoft.com")).status_code == 401
    answer = site.wire.sign_in("fabrikam-of-nobody-admin.sharepoint.com", **assertion(site.wire, key, certificate))
    assert answer.json()["error_codes"] == [500011]
    assert site.wire.session.get(f"{site.wire.url}/{site.host}/_api/SPO.Tenant").status_code == 404
    without = {"certificate": {"app_permissions": {"sharepoint": ["Sites.Read.All"]}}}
    other = emulator.tenant(certificate=certificate.public_bytes(Encoding.PEM).decode(), identities=without)
    with Wire(other) as wire:
        (head,) = Site(wire, key, certificate).said(QUERY, CONSTRUCTOR)
    assert head["ErrorInfo"]["ErrorTypeName"] == "System.UnauthorizedAccessException"


def test_the_root_site_tells_the_tenants_name(wire: Wire) -> None:
    answer = wire.session.get(f"{wire.url}/graph.microsoft.com/v1.0/sites/root", headers=wire.headers("graph.microsoft.com"))
    assert answer.json()["id"].startswith(f"{wire.tenant.name}.sharepoint.com,")
    other = wire.as_identity("unconsented")
    answer = wire.session.get(f"{wire.url}/graph.microsoft.com/v1.0/sites/root", headers=other.headers("graph.microsoft.com"))
    assert answer.status_code == 403


def test_a_tenant_without_a_product_that_brings_sharepoint(emulator: Emulator) -> None:
    with Wire(emulator.tenant("exchange_only")) as wire:
        answer = wire.session.get(f"{wire.url}/graph.microsoft.com/v1.0/sites/root", headers=wire.headers("graph.microsoft.com"))
        assert (answer.status_code, answer.json()["error"]["message"]) == (400, "Tenant does not have a SPO license.")


def test_reading_the_tenant_object_is_no_write(site: Site) -> None:
    site.read()
    assert site.wire.tenant.writes() == []
    site.write("DisallowInfectedFileDownload", "Boolean", "true")
    assert len(site.wire.tenant.writes()) == 1
