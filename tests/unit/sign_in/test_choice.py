# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which way of signing in is chosen, of options and of the environment; what is refused before anything is sent."""

from __future__ import annotations

import base64
import json
from contextlib import closing

import pytest

from ansible_collections.m365.defender.plugins.module_utils._errors import BadInput, SignInFailed
from ansible_collections.m365.defender.plugins.module_utils._options import ENVIRONMENT, SIGN_IN, given
from ansible_collections.m365.defender.plugins.module_utils._sign_in_choice import WAYS, with_environment
from ansible_collections.m365.defender.plugins.module_utils._sign_ins import ClientSecret
from ansible_collections.m365.defender.plugins.module_utils._tenant import Tenant
from tests.unit.sign_in.conftest import PASSWORD, certificate_of

TENANT = {"tenant_id": "12345678-1234-4234-8234-123456789012"}
APP = {**TENANT, "client_id": "11111111-2222-4333-8444-555555555555"}
SECRET = "not-a-real-secret-of-a-test-0000000000"


def refused(**options):
    words = {name: options.pop(name) for name in ("say", "nobody") if name in options}
    with pytest.raises(BadInput) as caught:
        Tenant({**APP, **options}, **words)
    assert "Nothing was sent." in caught.value.hint
    assert SECRET not in caught.value.message and PASSWORD not in caught.value.message
    return caught.value.text


def chosen(environment, **options):
    params = with_environment(given({**APP, **options}), environment)
    return {name: params[name] for name in sorted(SIGN_IN) if params.get(name)}


def test_two_ways_given_as_options_are_refused():
    assert "client_certificate and client_secret" in refused(client_certificate="/a.pem", client_secret=SECRET)
    assert "managed_identity" in refused(managed_identity="true", federated_token=SECRET)
    assert "device_code" in refused(device_code=True, client_secret=SECRET, say=print)
    assert "say the same" in refused(client_certificate="/a.pem", client_certificate_data=SECRET)
    assert "say the same" in refused(federated_token=SECRET, federated_token_file="/a")
    assert "several ways" in refused(refresh_token=SECRET, client_secret=SECRET, client_certificate="/a.pem")
    assert "several ways" in refused(refresh_token=SECRET, access_token=SECRET)
    assert "no login" in refused()


def test_what_is_needed_and_what_can_be_read(tmp_path):
    for options in ({"client_secret": SECRET}, {"refresh_token": SECRET}, {"federated_token": SECRET}, {"device_code": True, "say": print}):
        assert "needs client_id" in refused(client_id="", **options)
    assert "can't be read" in refused(federated_token_file=str(tmp_path / "none"))
    (tmp_path / "empty").write_text("\n")
    assert "is empty" in refused(federated_token_file=str(tmp_path / "empty"))
    assert "must be true or the client id" in refused(managed_identity="mine")
    assert "neither PEM nor base64" in refused(client_certificate_data="not base64 at all!")
    assert "neither PEM nor PKCS#12" in refused(client_certificate_data=base64.b64encode(b"hello").decode())
    assert "can't be read, so it is not known" in refused(access_token="opaque")
    for wrong in (f"{SECRET}\nx", f"Bearer {SECRET}", f"{SECRET}\u20ac"):
        assert "has a character that no token has" in refused(access_token={"graph": wrong})
    assert "names the service mail" in refused(access_token={"mail": SECRET})
    assert "must be a text" in refused(access_token={"graph": 5})
    assert "no login" in refused(access_token={"graph": ""})
    assert "neither a token nor JSON" in refused(access_token="{graph")
    assert "must be a token" in refused(access_token=[SECRET])


def test_a_person_is_needed_for_a_code():
    assert "this is a job of AWX" in refused(device_code=True, nobody="this is a job of AWX")
    assert "there is none" in refused(device_code=True)
    Tenant({**APP, "device_code": True}, say=print).close()


def test_what_is_empty_or_false_is_not_given():
    nothing = {"client_certificate": "", "managed_identity": "false", "device_code": False, "access_token": "", "refresh_token": ""}
    Tenant({**APP, "client_secret": SECRET, **nothing}).close()


def test_blanks_alone_are_nothing_and_a_line_end_is_no_part_of_a_secret():
    """Files of secrets, as Kubernetes and shells hand them over, often end with a line end."""
    with closing(Tenant({**APP, "client_secret": f"{SECRET}\r\n", "client_certificate_data": " \n"})) as ours:
        assert ours._credential == ClientSecret(APP["client_id"], SECRET) and SECRET in ours.secrets
    assert "no login" in refused(client_secret=" \n")
    assert chosen({"M365_CLIENT_SECRET": " ", "AZURE_CLIENT_SECRET": SECRET}) == {"client_secret": SECRET}


def test_the_environment_never_makes_an_option_ambiguous():
    everything = {variables[0]: "from the environment" for name, variables in ENVIRONMENT.items() if name in SIGN_IN}
    for way, names in WAYS.items():
        for name in names:
            found = chosen(everything, **{name: "true"})
            others = set(found) - {name}
            if way == "client_certificate":
                assert others == {"client_certificate_password"}
            else:
                assert not others, name
            assert found[name] == "true"


ANOTHER = "99999999-2222-4333-8444-555555555555"
AWX = {"AZURE_CLIENT_ID": APP["client_id"].upper(), "AZURE_SECRET": SECRET}


@pytest.mark.parametrize(
    ("environment", "proof"),
    [
        (AWX, {"client_secret": SECRET}),
        ({**AWX, "AZURE_CLIENT_ID": ANOTHER}, {}),
        ({**AWX, "M365_CLIENT_ID": ANOTHER}, {"client_secret": SECRET}),
        ({**AWX, "AZURE_CLIENT_ID": ANOTHER, "M365_CLIENT_ID": APP["client_id"]}, {}),
        ({**AWX, "M365_CLIENT_ID": ANOTHER, "M365_CLIENT_CERTIFICATE": "/another.pem"}, {"client_secret": SECRET}),
        ({"M365_CLIENT_ID": APP["client_id"], "AZURE_CLIENT_SECRET": SECRET}, {"client_secret": SECRET}),
        ({"M365_CLIENT_ID": APP["client_id"], "M365_CLIENT_SECRET": SECRET}, {"client_secret": SECRET}),
    ],
)
def test_beside_a_refresh_token_only_that_apps_own_proof_is_taken(environment, proof):
    assert chosen(environment, refresh_token="r") == {"refresh_token": "r", **proof}
    assert chosen({**environment, "M365_REFRESH_TOKEN": "r"}) == {"refresh_token": "r", **proof}
    assert chosen(environment, refresh_token="r", client_certificate="/a.pem") == {"refresh_token": "r", "client_certificate": "/a.pem"}


def test_a_proof_of_an_app_that_is_not_named_goes_with_a_token_of_the_environment_only():
    environment = {"M365_CLIENT_SECRET": SECRET}
    assert chosen(environment, refresh_token="r") == {"refresh_token": "r"}
    assert chosen({**environment, "M365_REFRESH_TOKEN": "r"}) == {"refresh_token": "r", "client_secret": SECRET}


@pytest.mark.parametrize("family", ["M365_", "AZURE_"])
def test_what_proves_an_app_in_the_environment_is_never_sent_for_another_one(family):
    """Where the environment names none, nothing is kept back, nor is what proves no app."""
    for option in sorted(SIGN_IN - {"client_certificate_password", "managed_identity", "device_code", "access_token", "refresh_token"}):
        for variable in ENVIRONMENT[option]:
            for named, sent in ((APP["client_id"].upper(), True), (ANOTHER, False), ("", True)):
                found = chosen({variable: SECRET, f"{family}CLIENT_ID": named})
                assert found == ({option: SECRET} if sent else {}), (variable, named)
    for option in ("managed_identity", "access_token"):
        assert chosen({f"M365_{option.upper()}": SECRET, f"{family}CLIENT_ID": ANOTHER}) == {option: SECRET}
    both = {**AWX, "AZURE_CLIENT_ID": ANOTHER, "M365_CLIENT_ID": APP["client_id"], "M365_CLIENT_SECRET": "ours"}
    assert chosen(both) == {"client_secret": "ours"}


def test_who_has_only_a_portal_session_is_told_what_to_give():
    tenant = Tenant({**TENANT, "portal_session": {"sccauth": "a", "xsrf_token": "b"}})
    with pytest.raises(SignInFailed) as caught:
        tenant.store("exchange")
    tenant.close()
    assert caught.value.message.startswith(f"Signing in for exchange on tenant {TENANT['tenant_id']}: portal_session is all that is given")
    for way, names in WAYS.items():
        assert any(name in caught.value.hint for name in names), way
    assert 'The guide "Connection options"' in caught.value.hint and caught.value.code == "no_login"
    with pytest.raises(BadInput, match="federated_token_file, or refresh_token, access_token, managed_identity or device_code"):
        Tenant(APP)


def test_the_order_of_the_environment():
    environment = {
        "AZURE_FEDERATED_TOKEN_FILE": "/var/run/secrets/azure/tokens/azure-identity-token",
        "AZURE_CLIENT_SECRET": "azure secret",
        "AZURE_SECRET": "secret",
        "M365_MANAGED_IDENTITY": "true",
        "M365_DEVICE_CODE": "true",
    }
    expected = [
        ({"managed_identity": "true"}, "M365_MANAGED_IDENTITY"),
        ({"device_code": "true"}, "M365_DEVICE_CODE"),
        ({"client_secret": "azure secret"}, "AZURE_CLIENT_SECRET"),
        ({"client_secret": "secret"}, "AZURE_SECRET"),
        ({"federated_token_file": environment["AZURE_FEDERATED_TOKEN_FILE"]}, "AZURE_FEDERATED_TOKEN_FILE"),
    ]
    for found, variable in expected:
        assert chosen(environment) == found
        del environment[variable]
    assert chosen(environment) == {}
    assert chosen({"M365_DEVICE_CODE": "false", "M365_CLIENT_SECRET": ""}) == {}
    assert chosen({"M365_REFRESH_TOKEN": "r", "AZURE_CLIENT_SECRET": "s"}) == {"refresh_token": "r", "client_secret": "s"}
    assert chosen({"M365_CLIENT_CERTIFICATE_DATA": "d", "AZURE_CLIENT_CERTIFICATE_PASSWORD": "p", "M365_CLIENT_SECRET": "s"}) == {
        "client_certificate_data": "d",
        "client_certificate_password": "p",
    }


def test_certificates_in_every_form(certificate, tmp_path):
    from ansible_collections.m365.defender.plugins.module_utils._certificates import ClientCertificate

    above = certificate_of("a CA above").certificate
    (tmp_path / "app.pfx").write_bytes(certificate.pfx(PASSWORD, (above,)))
    (tmp_path / "app.pem").write_bytes(certificate.pem(PASSWORD))
    forms = [
        ClientCertificate("an id", str(tmp_path / "app.pfx"), PASSWORD),
        ClientCertificate("an id", str(tmp_path / "app.pem"), PASSWORD),
        ClientCertificate("an id", "", PASSWORD, certificate.pem(PASSWORD).decode()),
        ClientCertificate("an id", "", None, base64.b64encode(certificate.pem()).decode()),
        ClientCertificate("an id", "", PASSWORD, base64.encodebytes(certificate.pfx(PASSWORD)).decode()),
    ]
    for form in forms:
        form.validate()
        assert form.for_msal()["public_certificate"] == certificate.public
        assert PASSWORD not in repr(form)
    assert PASSWORD in forms[0].secrets and set(forms[3].secrets) == {forms[3].data}


def test_certificates_that_cannot_be_used(certificate, tmp_path):
    from cryptography.hazmat.primitives.asymmetric import ec

    from ansible_collections.m365.defender.plugins.module_utils._certificates import ClientCertificate

    def said(content, password=None):
        (tmp_path / "app").write_bytes(content)
        with pytest.raises(BadInput) as caught:
            credential = ClientCertificate("an id", str(tmp_path / "app"), password)
            credential.validate()
            credential.for_msal()
        return f"{caught.value.text}. {caught.value.hint}"

    assert "can't be used" in said(certificate.pfx(PASSWORD))
    assert "can't be used" in said(certificate.pfx(PASSWORD), "not-a-real-password-but-another-0000")
    for another, words in (
        (said(certificate_of("an old one", days=-2).pfx()), ("ended on", "valid now")),
        (said(certificate_of("a curve", ec.generate_private_key(ec.SECP256R1())).pem()), ("no RSA key", "with an RSA key")),
    ):
        assert all(word in another for word in words) and "upload its public part" in another and "PKCS#12" not in another
    assert "not encrypted. Leave client_certificate_password out" in said(certificate.pem(), PASSWORD)


def test_a_dictionary_of_tokens_may_be_json(certificate):
    Tenant({**TENANT, "access_token": json.dumps({"graph": "opaque", "https://contoso-admin.sharepoint.com/": "opaque"})}).close()
