# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every way to sign in, for every audience, in every cloud: each right one works, each wrong one fails with a message of its own."""

from __future__ import annotations

import base64
import re

import pytest

from ansible_collections.m365.defender.plugins.module_utils._clouds import CLOUDS
from ansible_collections.m365.defender.plugins.module_utils._errors import Refused, SignInFailed
from ansible_collections.m365.defender.plugins.module_utils._resource import Query
from emulator.clouds import EXCHANGE_AUDIENCE
from tests.unit.sign_in.conftest import PASSWORD

SERVICES = {
    "exchange": Query("AcceptedDomain"),
    "compliance": Query("ProtectionAlert"),
    "graph": Query("subscribedSkus"),
    "defender": Query("machines", (("$top", 1),)),
    "sharepoint": Query("SPOTenant"),
}
WRONG = "not-a-real-secret-and-a-wrong-one-0000000000"


class Ways:
    """The options of each way to sign in to a tenant, right and wrong."""

    def __init__(self, emulator, certificate, folder):
        self.emulator = emulator
        self.certificate = certificate
        self.folder = folder

    def file(self, name, content):
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)

    def client(self, tenant, identity):
        return {"client_id": tenant.identities[identity]["client_id"]}

    def client_secret(self, tenant):
        return self.client(tenant, "writer") | {"client_secret": tenant.identities["writer"]["client_secret"]}

    def certificate_pem(self, tenant):
        return self.client(tenant, "certificate") | {"client_certificate": self.file("app.pem", self.certificate.pem())}

    def certificate_pfx(self, tenant):
        path = self.file("app.pfx", self.certificate.pfx(PASSWORD))
        return self.client(tenant, "certificate") | {"client_certificate": path, "client_certificate_password": PASSWORD}

    def certificate_base64(self, tenant):
        text = base64.b64encode(self.certificate.pfx()).decode()
        return self.client(tenant, "certificate") | {"client_certificate_data": text}

    def federated_token(self, tenant):
        return self.client(tenant, "federated") | {"federated_token": self.emulator.outside_token(EXCHANGE_AUDIENCE[tenant.cloud])}

    def federated_token_file(self, tenant):
        token = self.emulator.outside_token(EXCHANGE_AUDIENCE[tenant.cloud], issuer="https://gitlab.contoso.com", subject=GITLAB)
        return self.client(tenant, "federated") | {"federated_token_file": self.file("token", token + "\n")}

    def managed_identity(self, tenant):
        self.emulator.machine(tenant)
        return {"managed_identity": "true"}

    def managed_identity_of_a_user(self, tenant):
        self.emulator.machine(tenant)
        return {"managed_identity": tenant.identities["assigned"]["client_id"]}

    def refresh_token(self, tenant):
        partner = tenant.identities["partner"]
        return {name: partner[name] for name in ("client_id", "client_secret", "refresh_token")}

    def device_code(self, tenant):
        def say(text):
            self.emulator.decide(re.search(r"code (\w+)", text)[1])

        return self.client(tenant, "person") | {"device_code": True, "say": say}

    def access_token(self, tenant):
        services = ("exchange", "compliance", "graph", "defender") if CLOUDS[tenant.cloud].defender else ("exchange", "compliance", "graph")
        site = f"https://{tenant.name}-admin.{CLOUDS[tenant.cloud].sharepoint}"
        return {
            "access_token": {
                **{service: bought(self.emulator, tenant, CLOUDS[tenant.cloud].audience(service)) for service in services},
                site: bought(self.emulator, tenant, site, "partner"),
            }
        }


GITLAB = "project_path:contoso/tenants:ref_type:branch:ref:main"
WAYS = [name for name in vars(Ways) if not name.startswith("_") and name not in ("file", "client")]


def bought(emulator, tenant, audience, identity="writer"):
    """A token that the caller got himself."""
    app = tenant.identities[identity]
    form = {"client_id": app["client_id"], "client_secret": app["client_secret"], "grant_type": "client_credentials"}
    if identity == "partner":
        form |= {"grant_type": "refresh_token", "refresh_token": app["refresh_token"]}
    form["scope"] = f"{audience}/.default"
    url = f"{emulator.url}/{CLOUDS[tenant.cloud].login}/{tenant.tenant_id}/oauth2/v2.0/token"
    return emulator._session.post(url, data=form, timeout=10).json()["access_token"]


@pytest.fixture
def ways(emulator, certificate, tmp_path):
    return Ways(emulator, certificate, tmp_path)


@pytest.mark.parametrize("cloud", list(CLOUDS))
@pytest.mark.parametrize("way", WAYS)
def test_a_right_one_works_for_every_audience(ways, way, cloud, by_cloud, connect):
    tenant = by_cloud[cloud]
    ours = connect(tenant, **getattr(ways, way)(tenant))
    for service, query in SERVICES.items():
        if service == "defender" and cloud == "china":
            with pytest.raises(Refused, match="china"):
                ours.store(service)
        elif service == "sharepoint" and way == "client_secret":
            with pytest.raises(Exception, match="secret"):
                ours.store(service)
        else:
            answer = ours.store(service).read([query])[query]
            assert isinstance(answer, list), (service, answer)


@pytest.mark.parametrize("cloud", list(CLOUDS))
@pytest.mark.parametrize("way", [way for way in WAYS if way not in ("access_token", "managed_identity", "managed_identity_of_a_user")])
def test_a_tenant_of_another_cloud_is_refused(ways, way, cloud, by_cloud, connect):
    # GCC shares its login with the commercial cloud, and DoD with GCC High: there only some services differ.
    tenant = by_cloud[{"commercial": "gcc_high", "gcc": "china", "gcc_high": "commercial", "dod": "gcc", "china": "dod"}[cloud]]
    ours = connect(tenant, cloud=cloud, **getattr(ways, way)(tenant))
    with pytest.raises(SignInFailed) as caught:
        ours.store("graph").read([SERVICES["graph"]])
    assert caught.value.code == "AADSTS90038" and "Set cloud" in caught.value.hint, caught.value.message


@pytest.mark.parametrize(("own", "other"), [("commercial", "gcc"), ("gcc", "commercial"), ("gcc_high", "dod"), ("dod", "gcc_high")])
def test_clouds_that_share_a_login_differ_in_their_audiences(own, other, by_cloud, connect):
    tenant = by_cloud[own]
    ours = connect(tenant, "writer", cloud=other, client_secret=tenant.identities["writer"]["client_secret"])
    service = "defender" if "c" in (own[0], own[1]) and own in ("commercial", "gcc") else "graph"
    with pytest.raises(SignInFailed) as caught:
        ours.store(service).read([SERVICES[service]])
    assert caught.value.code == "AADSTS500011"


@pytest.mark.parametrize("cloud", list(CLOUDS))
def test_a_token_of_another_cloud_is_refused_by_every_service(cloud, by_cloud, emulator):
    """The emulated tenant's own law, looked at from outside."""
    for own, tenant in by_cloud.items():
        token = bought(emulator, tenant, f"https://{CLOUDS[own].graph}")
        url = f"{emulator.url}/{CLOUDS[cloud].graph}/v1.0/subscribedSkus"
        answer = emulator._session.get(url, headers={"Authorization": f"Bearer {token}"}, timeout=10)
        assert answer.status_code == (200 if CLOUDS[own].graph == CLOUDS[cloud].graph else 401), (own, cloud)


def wrong_secret(ways, tenant):
    return ways.client_secret(tenant) | {"client_secret": WRONG}


def wrong_app(ways, tenant):
    return ways.client_secret(tenant) | {"client_id": "99999999-9999-4999-8999-999999999999"}


def app_without_the_certificate(ways, tenant):
    return ways.certificate_pfx(tenant) | ways.client(tenant, "writer")


def forged_token(ways, tenant):
    return ways.client(tenant, "federated") | {"federated_token": ways.emulator.outside_token(EXCHANGE_AUDIENCE[tenant.cloud], forged=True)}


def token_of_another_issuer(ways, tenant):
    token = ways.emulator.outside_token(EXCHANGE_AUDIENCE[tenant.cloud], issuer="https://oidc.tailspintoys.com")
    return ways.client(tenant, "federated") | {"federated_token": token}


def token_of_another_subject(ways, tenant):
    subject = "repo:contoso/tenants:ref:refs/pull/7"
    more = ways.emulator.outside_token(EXCHANGE_AUDIENCE[tenant.cloud], subject=subject)
    return ways.client(tenant, "federated") | {"federated_token": more}


def token_for_another_audience(ways, tenant):
    other = "api://AzureADTokenExchange" if tenant.cloud == "china" else "api://AzureADTokenExchangeChina"
    return ways.client(tenant, "federated") | {"federated_token": ways.emulator.outside_token(other)}


def token_that_ended(ways, tenant):
    token = ways.emulator.outside_token(EXCHANGE_AUDIENCE[tenant.cloud], lifetime=-60)
    return ways.client(tenant, "federated") | {"federated_token": token}


def app_without_federation(ways, tenant):
    return ways.federated_token(tenant) | ways.client(tenant, "writer")


def no_token_at_all(ways, tenant):
    return ways.client(tenant, "federated") | {"federated_token": "not-a-real-token-of-anybody-0000000000"}


def refresh_token_of_nobody(ways, tenant):
    return ways.refresh_token(tenant) | {"refresh_token": "not-a-real-refresh-token-of-nobody-0000000000"}


def refresh_token_of_another_app(ways, tenant):
    return ways.refresh_token(tenant) | {"refresh_token": tenant.identities["person"]["refresh_token"]}


def refresh_token_without_the_apps_secret(ways, tenant):
    return ways.refresh_token(tenant) | {"client_secret": None}


def refresh_token_with_a_wrong_secret(ways, tenant):
    return ways.refresh_token(tenant) | {"client_secret": WRONG}


def machine_without_the_identity(ways, tenant):
    ways.emulator.machine(tenant)
    return {"managed_identity": "99999999-9999-4999-8999-999999999999"}


def machine_of_another_tenant(ways, tenant):
    other = ways.by_cloud[alike(tenant.cloud)]
    ways.emulator.machine(other)
    return {"managed_identity": "true"}


def declined_code(ways, tenant):
    return ways.device_code(tenant) | {"say": lambda text: ways.emulator.decide(re.search(r"code (\w+)", text)[1], "declined")}


def expired_code(ways, tenant):
    return ways.device_code(tenant) | {"say": lambda text: ways.emulator.decide(re.search(r"code (\w+)", text)[1], "expired")}


def code_for_an_app_with_a_secret(ways, tenant):
    return ways.device_code(tenant) | ways.client(tenant, "partner")


def access_token_for_another_service(ways, tenant):
    return {"access_token": bought(ways.emulator, tenant, CLOUDS[tenant.cloud].audience("exchange"))}


def no_access_token_for_it(ways, tenant):
    return {"access_token": {"exchange": bought(ways.emulator, tenant, CLOUDS[tenant.cloud].audience("exchange"))}}


def access_token_of_another_tenant(ways, tenant):
    other = ways.by_cloud[alike(tenant.cloud)]
    return {"access_token": bought(ways.emulator, other, f"https://{CLOUDS[tenant.cloud].graph}")}


MISTAKES = {
    wrong_secret: ("AADSTS7000215", "The secret is wrong"),
    wrong_app: ("AADSTS700016", "not in this tenant"),
    app_without_the_certificate: ("AADSTS700027", "not one of the app's"),
    forged_token: ("AADSTS50013", "outside identity provider"),
    token_of_another_issuer: ("AADSTS700211", "its issuer differs"),
    token_of_another_subject: ("AADSTS700213", "its subject differs"),
    token_for_another_audience: ("AADSTS700212", "its audience differs"),
    token_that_ended: ("AADSTS700024", "outside of its time"),
    app_without_federation: ("AADSTS70021", "No federated credential"),
    no_token_at_all: ("AADSTS50027", "no token that can be read"),
    refresh_token_of_nobody: ("AADSTS9002313", "can't be read"),
    refresh_token_of_another_app: ("AADSTS70000", "none of this app"),
    refresh_token_without_the_apps_secret: ("AADSTS7000218", "client_secret or client_certificate"),
    refresh_token_with_a_wrong_secret: ("AADSTS7000215", "The secret is wrong"),
    machine_without_the_identity: ("managed_identity", "is it assigned"),
    machine_of_another_tenant: ("wrong_tenant", "lives in one tenant"),
    declined_code: ("AADSTS65004", "declined"),
    expired_code: ("AADSTS70020", "in time"),
    code_for_an_app_with_a_secret: ("AADSTS7000218", "public client flows"),
    access_token_for_another_service: ("wrong_audience", "for each service"),
    no_access_token_for_it: ("no_access_token", "name of the service"),
    access_token_of_another_tenant: ("wrong_tenant", "lives in one tenant"),
}


def alike(cloud):
    """Another cloud with the same Graph: only from there can a token for the right audience come."""
    return next((one for one in CLOUDS if one != cloud and CLOUDS[one].graph == CLOUDS[cloud].graph), "")


CELLS = [
    (mistake, cloud)
    for mistake in MISTAKES
    for cloud in CLOUDS
    if alike(cloud) or mistake not in (machine_of_another_tenant, access_token_of_another_tenant)
]


@pytest.mark.parametrize(("mistake", "cloud"), CELLS, ids=lambda one: getattr(one, "__name__", one))
def test_a_wrong_one_fails_with_its_own_message(ways, mistake, cloud, by_cloud, connect):
    ways.by_cloud = by_cloud
    ours = connect(by_cloud[cloud], **mistake(ways, by_cloud[cloud]))
    with pytest.raises(SignInFailed) as caught:
        ours.store("graph").read([SERVICES["graph"]])
    code, advice = MISTAKES[mistake]
    assert caught.value.code == code and advice in caught.value.hint, caught.value.message
    assert not [secret for secret in ours.secrets if secret in caught.value.message]
