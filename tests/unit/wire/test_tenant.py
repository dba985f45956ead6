# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Connection options, whose tenant it is, and what a tenant knows of itself."""

from __future__ import annotations

import subprocess
import sys

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.m365.defender.plugins.doc_fragments.tenant import ModuleDocFragment
from ansible_collections.m365.defender.plugins.module_utils._errors import BadInput, Forbidden, Refused, SignInFailed, Unavailable
from ansible_collections.m365.defender.plugins.module_utils._resource import Query
from ansible_collections.m365.defender.plugins.module_utils._tenant import ENVIRONMENT, Tenant, given, tenant_options
from ansible_collections.m365.defender.plugins.module_utils._waiting import pauses
from tests.unit.wire.scripted import Told
from tools.workspace import BUILD

ID = "12345678-1234-4234-8234-123456789012"
SECRET = "not-a-real-secret-of-a-test-0000000000"
LOGIN = {"tenant_id": ID, "client_id": "an id", "client_secret": SECRET}
SESSION = {"sccauth": "not-a-real-session-0000000000", "xsrf_token": "not-a-real-token%3D-0000000000"}


def test_options_and_their_documentation_say_the_same():
    documented = yaml.safe_load(ModuleDocFragment.DOCUMENTATION)["options"]

    def compare(spec, documented):
        assert list(spec) == list(documented)
        for name, one in spec.items():
            for word in ("type", "choices", "default", "required"):
                assert one.get(word) == documented[name].get(word), (name, word)
            if "options" in one:
                compare(one["options"], documented[name]["suboptions"])

    compare(tenant_options(), documented)
    for name, variables in ENVIRONMENT.items():
        prose = " ".join(documented[name]["description"])
        assert [prose.index(f"E({variable})") for variable in variables] == sorted(prose.index(f"E({one})") for one in variables)


def test_secret_options_are_marked():
    options = tenant_options()
    marked = {name for name, one in options.items() if one.get("no_log")}
    passwords = {"client_secret", "client_certificate_data", "client_certificate_password"}
    assert marked == passwords | {"federated_token", "refresh_token", "access_token", "portal_session", "proxy"}
    assert all(one["no_log"] for one in options["portal_session"]["options"].values())
    assert "tenant_id" not in ENVIRONMENT and set(ENVIRONMENT) < set(options)


def test_a_session_may_be_given_as_json():
    text = '{"sccauth": "a", "xsrf_token": "b"}'
    validated = ArgumentSpecValidator(tenant_options()).validate({"tenant_id": ID, "portal_session": text})
    assert validated.validated_parameters["portal_session"] == {"sccauth": "a", "xsrf_token": "b", "ests_auth_persistent": None}


def test_what_is_empty_counts_as_not_given():
    params = dict.fromkeys(tenant_options(), "") | {"portal_session": {"sccauth": "", "xsrf_token": ""}, "name": "", "rule": {}}
    found = given(params)
    assert found["name"] == "" and found["rule"] == {}, "options of a kind are left alone"
    assert found["client_id"] is None and found["portal_session"] is None
    assert (found["cloud"], found["timeout"], found["endpoint_trusted"]) == ("commercial", 60, False)
    assert given({"timeout": 5})["timeout"] == 5


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"tenant_id": None}, "tenant_id"),
        ({"tenant_id": "contoso"}, "tenant_id"),
        ({"tenant_id": "common"}, "tenant_id"),
        ({"tenant_id": "contoso.com/../x"}, "tenant_id"),
        ({"client_id": None}, "client_id"),
        ({"client_secret": ""}, "no login"),
        ({"client_id": "", "client_secret": ""}, "no login"),
        ({"client_certificate": "/no/such/file.pem"}, "client_certificate"),
        ({"endpoint": "https://gateway.contoso.com"}, "endpoint_trusted"),
        ({"endpoint": "gateway"}, "endpoint"),
        ({"proxy": "ftp://x"}, "proxy"),
        ({"ca_path": "/no/such/file.pem"}, "ca_path"),
        ({"timeout": 0}, "timeout"),
        ({"read_back_timeout": -1}, "read_back_timeout"),
    ],
)
def test_what_cannot_work_is_refused_before_anything_is_sent(options, said):
    with pytest.raises(BadInput) as caught:
        Tenant({**LOGIN, **options})
    assert said in caught.value.message and "Nothing was sent." in caught.value.hint
    assert SECRET not in repr(caught.value) + caught.value.message


def test_a_token_cache_open_to_others_is_refused(tmp_path):
    tmp_path.chmod(0o755)
    with pytest.raises(BadInput, match="folder for tokens"):
        Tenant({**LOGIN, "token_cache": str(tmp_path)})


def test_nothing_is_sent_before_it_is_needed(scripted):
    server = scripted(Told(200))
    tenant = Tenant({**LOGIN, "endpoint": server.url, "portal_session": SESSION})
    for service in ("exchange", "compliance", "graph", "defender", "portal", "token"):
        assert tenant.store(service) is tenant.store(service)
    assert (tenant.id, tenant.label, tenant.real, tenant.warnings) == (ID, ID, False, [])
    assert tenant.counts == {"reads": 0, "writes": 0, "refused": 0, "requests": 0} and not server.asked
    tenant.close()


def test_what_is_real():
    assert Tenant(LOGIN).real


def test_secrets_are_known_from_the_start_and_grow(emulated, connect):
    ours = connect(emulated, portal_session=SESSION, proxy="http://u:not-a-real-password-000@proxy.example:1")
    for secret in (emulated.connection()["client_secret"], *SESSION.values(), "not-a-real-token=-0000000000", "not-a-real-password-000"):
        assert secret in ours.secrets
    assert not [secret for secret in ours.secrets if secret.startswith("ey")]
    ours.store("graph").read([Query("organization")])
    assert [secret for secret in ours.secrets if secret.startswith("ey")]
    assert not [secret for secret in ours.secrets if secret in repr(ours) + repr(ours._credential)]


def test_a_domain_is_looked_up_once(emulated, connect, tmp_path):
    for dummy in range(2):
        ours = connect(emulated, tenant_id=emulated.domain.upper(), token_cache=str(tmp_path / "tokens"))
        assert ours.id == ours.id == emulated.tenant_id
        assert ours.label == emulated.domain.upper()
    assert len([entry for entry in emulated.journal() if "openid-configuration" in entry["url"]]) == 1


def test_whose_domain_it_is(emulator, emulated, connect):
    other = emulator.tenant("lived_in")
    ours = connect(emulated)
    assert ours.owns(emulated.domain.upper())
    assert not ours.owns(other.domain)
    assert not ours.owns("nobody.example")
    assert not ours.owns("no domain at all")
    with pytest.raises(SignInFailed, match="belongs to no tenant"):
        dummy = connect(emulated, tenant_id="nobody.example").id
    other.remove()


def test_when_nobody_can_be_asked_whose_domain_it_is(scripted, waits):
    for told, kind in ((Told(500), SignInFailed), (Told(200, {"issuer": "nonsense"}), SignInFailed), (Told(do="reset"), Unavailable)):
        server = scripted(told)
        tenant = Tenant({**LOGIN, "endpoint": server.url}, wait=waits.append)
        with pytest.raises(kind):
            tenant.owns("contoso.com")
        tenant.close()


def test_a_portal_session_alone_opens_the_portal_only(emulated, connect):
    options = {"tenant_id": emulated.tenant_id, "portal_session": emulated.portal_session, "client_id": "", "client_secret": None}
    ours = connect(emulated, **options)
    assert isinstance(ours.store("portal").read([Query("machine_groups")])[Query("machine_groups")], list)
    with pytest.raises(SignInFailed, match="client_id"):
        ours.store("exchange")


def test_services_that_a_cloud_does_not_have():
    tenant = Tenant({**LOGIN, "cloud": "china", "portal_session": SESSION})
    for service in ("defender", "portal"):
        with pytest.raises(Refused, match="china"):
            tenant.store(service)
    tenant.store("exchange")


def test_claims_but_never_the_token(emulated, connect):
    ours = connect(emulated)
    exchange, graph = (Query("claims", (("audience", name),)) for name in ("exchange", "graph"))
    answers = ours.store("token").read([exchange, graph])
    assert answers[exchange][0]["audience"] == "exchange" and answers[exchange][0]["roles"] == ["Exchange.ManageAsApp"]
    assert answers[exchange][0]["tid"] == emulated.tenant_id and answers[exchange][0]["wids"]
    assert "Organization.Read.All" in answers[graph][0]["roles"]
    assert not [secret for secret in ours.secrets if secret in repr(answers)]


def test_claims_of_a_service_without_a_token_are_an_error(emulator, connect):
    tenant = emulator.tenant("exchange_only")
    exchange, defender = (Query("claims", (("audience", name),)) for name in ("exchange", "defender"))
    answers = connect(tenant).store("token").read([exchange, defender])
    assert isinstance(answers[exchange], list) and isinstance(answers[defender], SignInFailed)
    tenant.remove()


def test_without_portal_session(emulated, connect):
    with pytest.raises(Forbidden, match="portal_session"):
        connect(emulated).store("portal")


def test_pauses_grow_and_add_up():
    assert list(pauses(0)) == []
    assert list(pauses(10)) == [1, 2, 4, 3]
    assert sum(pauses(120)) == 120 and max(pauses(120)) == 15


def test_real_addresses_through_a_proxy(emulator, connect):
    tenant = emulator.tenant("lived_in")
    proxy = emulator.url.replace("https://", "http://")
    ours = connect(tenant, endpoint="", proxy=proxy, portal_session=tenant.portal_session, tenant_id=tenant.domain)
    assert ours.real and ours.id == tenant.tenant_id
    for service, query in (
        ("exchange", Query("SafeLinksPolicy")),
        ("compliance", Query("ProtectionAlert")),
        ("graph", Query("security/alerts_v2", (("$top", 1),))),
        ("defender", Query("machines", (("$top", 5),))),
        ("portal", Query("machine_groups")),
    ):
        rows = ours.store(service).read([query])[query]
        assert isinstance(rows, list) and len(rows) > 1, service
    tenant.remove()


def run(program):
    """What a Python of its own prints."""
    environment = {"PYTHONPATH": str(BUILD / "collections")}
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environment).stdout


def test_without_requests_the_modules_still_load_and_say_what_is_missing():
    said = run(f"""
import sys
sys.modules.update(requests=None, urllib3=None, msal=None, cryptography=None)
from ansible_collections.m365.defender.plugins.module_utils._tenant import Tenant
try:
    Tenant({LOGIN!r})
except Exception as error:
    print(type(error).__name__, error)
""")
    assert said.startswith("BadInput") and "requests is missing" in said and "requirements.txt" in said


def test_without_requests_hosts_are_not_tried_either():
    said = run("""
import sys
sys.modules.update(requests=None, urllib3=None)
from ansible_collections.m365.defender.plugins.module_utils._reach import reach_each
try:
    reach_each(["graph.microsoft.com"], endpoint="", ca_path=None, proxy=None, seconds=1)
except Exception as error:
    print(type(error).__name__, error)
""")
    assert said.startswith("BadInput") and "requests is missing" in said


def test_importing_opens_no_socket_starts_no_thread_and_leaves_dear_libraries_alone():
    said = run("""
import gc, socket, sys, threading
from ansible_collections.m365.defender.plugins.module_utils import _tenant
print([one for one in gc.get_objects() if isinstance(one, socket.socket)], threading.active_count())
print(sorted({"msal", "cryptography", "jwt", "ansible"} & set(sys.modules)))
""")
    assert said == "[] 1\n[]\n"


@pytest.mark.parametrize("name", ["ca_path", "client_certificate", "client_secret", "token_cache", "ledger", "trace", "tenant_id"])
def test_no_option_takes_a_nul_character(name):
    options = {"tenant_id": ID, "client_id": "an id", "client_secret": "not-a-real-secret-0000000000", name: "a\0b"}
    with pytest.raises(BadInput, match=f"{name} must not have a NUL"):
        Tenant({**dict.fromkeys(tenant_options()), **options})
