# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tokens over time and among processes: fetched once, renewed, revoked, rotated, never lost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ansible_collections.m365.defender.plugins.module_utils import _managed_identity
from ansible_collections.m365.defender.plugins.module_utils._errors import SignInFailed, Unavailable
from ansible_collections.m365.defender.plugins.module_utils._resource import Query
from ansible_collections.m365.defender.plugins.module_utils._tenant import Tenant
from tests.unit.sign_in.conftest import token_requests
from tests.unit.sign_in.test_matrix import bought
from tools.workspace import BUILD

SKUS = Query("subscribedSkus")
FORKS = 50
PROGRAM = """
import json, os, sys
from ansible_collections.m365.defender.plugins.module_utils._resource import Query
from ansible_collections.m365.defender.plugins.module_utils._tenant import Tenant
options, forks = json.loads(sys.stdin.readline()), int(sys.argv[1])
gate, opened = os.pipe()
children = []
for number in range(forks):
    child = os.fork()
    if child == 0:
        os.close(opened)
        os.read(gate, 1)  # all begin at once
        try:
            rows = Tenant(options).store("graph").read([Query("subscribedSkus")])[Query("subscribedSkus")]
            os._exit(0 if isinstance(rows, list) else 1)
        finally:
            os._exit(2)
    children.append(child)
os.close(opened)
print([os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children].count(0))
"""


def at_once(options, forks=FORKS):
    """How many of so many processes, which begin together, could read."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(forks)],
        input=json.dumps(options),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, "PYTHONPATH": str(BUILD / "collections")},
    )
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


def partner_of(tenant, **more):
    partner = tenant.identities["partner"]
    reached = {"tenant_id": tenant.tenant_id, "endpoint": tenant.emulator.url, "ca_path": tenant.emulator.ca_path}
    return {**reached, **{name: partner[name] for name in ("client_id", "client_secret", "refresh_token")}, **more}


def kept_refresh_token(folder):
    (found,) = Path(folder).glob("refresh-*[0-9a-f]")
    assert found.stat().st_mode & 0o777 == 0o600
    return json.loads(found.read_text())["refresh_token"]


def test_fifty_processes_make_one_request_for_a_token(emulated, tmp_path):
    options = {**emulated.connection("writer"), "token_cache": str(tmp_path / "tokens")}
    assert at_once(options) == FORKS
    assert len(token_requests(emulated)) == 1


@pytest.mark.parametrize("once", [False, True], ids=["as Microsoft does", "good once"])
def test_processes_that_refresh_at_once_lose_no_refresh_token(emulator, tmp_path, once):
    # One refresh token serves several tenants, so these processes do not wait for the same access token.
    # It is one of this test's own, because one that is good once is spent for the tests after it too.
    own = {"refresh_token": f"not-a-real-refresh-token-good-once-{once}-0000000000", "refresh_token_once": once}
    seed = {"identities": {"partner": {**emulator.tenant("sign_ins").identities["partner"], **own}}}
    tenants = [emulator.tenant("sign_ins", **seed) for dummy in range(6)]
    folder = str(tmp_path / "tokens")
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", PROGRAM, "2"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(BUILD / "collections")},
        )
        for dummy in tenants
    ]
    for run, tenant in zip(runs, tenants, strict=True):
        run.stdin.write(json.dumps(partner_of(tenant, token_cache=folder)) + "\n")
        run.stdin.flush()
    assert [int(run.communicate(timeout=60)[0]) for run in runs] == [2] * 6
    newest = kept_refresh_token(folder)
    assert newest != partner_of(tenants[0])["refresh_token"]
    again = Tenant(partner_of(tenants[0], token_cache=folder))
    assert isinstance(again.store("defender").read([Query("machines")])[Query("machines")], list), "the one kept is good"
    for tenant in tenants:
        tenant.remove()


def test_a_new_refresh_token_is_kept_and_used(emulator, connect, tmp_path):
    own = {**emulator.tenant("sign_ins").identities["partner"], "refresh_token": "not-a-real-refresh-token-of-this-test-0000000000"}
    emulated = emulator.tenant("sign_ins", identities={"partner": own})
    options = partner_of(emulated, token_cache=str(tmp_path / "tokens"))
    first = connect(emulated, **options)
    first.store("graph").read([SKUS])
    newest = kept_refresh_token(tmp_path / "tokens")
    emulated.emulator.end_refresh_token(options["refresh_token"], 50173)
    other = connect(emulated, **options)
    other.store("defender").read([Query("machines")])
    assert kept_refresh_token(tmp_path / "tokens") != newest
    assert {newest, options["refresh_token"], options["client_secret"]} <= set(other.secrets)
    trace = [entry["body"]["scope"] for entry in token_requests(emulated)]
    assert all("offline_access" in scope for scope in trace)


def test_when_the_kept_refresh_token_has_ended_the_given_one_is_tried(emulated, connect, tmp_path):
    options = partner_of(emulated, token_cache=str(tmp_path / "tokens"))
    connect(emulated, **options).store("graph").read([SKUS])
    emulated.emulator.end_refresh_token(kept_refresh_token(tmp_path / "tokens"), 50173)
    other = connect(emulated, **options)
    assert isinstance(other.store("defender").read([Query("machines")])[Query("machines")], list)


@pytest.mark.parametrize(("number", "advice"), [(700082, "has expired"), (50173, "was revoked")])
def test_a_refresh_token_that_has_ended(emulator, emulated, connect, tmp_path, number, advice):
    first = f"not-a-real-refresh-token-{number}-0000000000"
    tenant = emulator.tenant("sign_ins", identities={"partner": {**emulated.identities["partner"], "refresh_token": first}})
    emulator.end_refresh_token(first, number)
    with pytest.raises(SignInFailed) as caught:
        connect(tenant, **partner_of(tenant, token_cache=str(tmp_path / "tokens"))).store("graph").read([SKUS])
    assert caught.value.code == f"AADSTS{number}" and advice in caught.value.hint
    tenant.remove()


@pytest.mark.parametrize("service", ["graph", "exchange", "defender"])
def test_a_revoked_token_is_fetched_anew_once(emulated, connect, tmp_path, service):
    query = {"graph": SKUS, "exchange": Query("AcceptedDomain"), "defender": Query("machines")}[service]
    ours = connect(emulated, **emulated.connection("writer"), token_cache=str(tmp_path / "tokens"))
    ours.store(service).read([query])
    emulated.fault(kind="revoke", match={"service": service})
    assert isinstance(ours.store(service).read([query])[query], list)
    requests = token_requests(emulated)
    assert len(requests) == 2
    assert "nbf" in json.dumps(requests[-1]["body"]), "what the service asked for is asked of the sign-in service"
    emulated.fault(kind="revoke", match={"service": service}, times=None)
    assert ours.store(service).read([query])[query].status == 401
    assert len(token_requests(emulated)) == 3, "once"


def test_an_access_token_that_is_refused_is_not_tried_again(emulator, emulated, connect):
    token = bought(emulator, emulated, "https://graph.microsoft.com")
    ours = connect(emulated, access_token=token)
    ours.store("graph").read([SKUS])
    emulated.fault(kind="revoke", match={"service": "graph"})
    with pytest.raises(SignInFailed) as caught:
        ours.store("graph").read([SKUS])
    assert caught.value.code == "token_refused" and len(token_requests(emulated)) == 1


def test_access_tokens_are_kept_in_no_file(emulator, emulated, connect, tmp_path):
    ours = connect(emulated, access_token=bought(emulator, emulated, "https://graph.microsoft.com"), token_cache=str(tmp_path / "tokens"))
    ours.store("graph").read([SKUS])
    assert not list((tmp_path / "tokens").glob("token-*"))
    assert ours.identity == emulated.identities["writer"]["client_id"]


def test_an_access_token_that_has_ended(emulator, emulated, monkeypatch):
    token = bought(emulator, emulated, "https://graph.microsoft.com")
    from ansible_collections.m365.defender.plugins.module_utils._sign_ins import AccessToken

    with pytest.raises(SignInFailed) as caught:
        AccessToken({"": token}, clock=lambda: time.time() + 7200).ask(None, "https://graph.microsoft.com", "")
    assert caught.value.code == "access_token_ended"


def test_a_federated_file_is_read_anew(emulator, emulated, connect, tmp_path):
    path = tmp_path / "token"
    path.write_text(emulator.outside_token(lifetime=-600))
    ours = connect(emulated, "federated", federated_token_file=str(path))
    with pytest.raises(SignInFailed) as caught:
        ours.store("graph").read([SKUS])
    assert caught.value.code == "AADSTS700024"
    fresh = emulator.outside_token()
    path.write_bytes(b"\xef\xbb\xbf" + fresh.encode() + b"\r\n")  # as Windows writes it
    assert isinstance(ours.store("graph").read([SKUS])[SKUS], list)
    assert fresh in ours.secrets


def test_one_code_serves_every_audience_and_every_process(emulator, emulated, connect, tmp_path):
    said = []

    def say(text):
        said.append(text)
        emulator.decide(text.split("code ")[1].split()[0])

    options = {"device_code": True, "say": say, "token_cache": str(tmp_path / "tokens")}
    ours = connect(emulated, "person", **options)
    for service, query in (("graph", SKUS), ("exchange", Query("AcceptedDomain")), ("defender", Query("machines"))):
        assert isinstance(ours.store(service).read([query])[query], list)
    other = connect(emulated, "person", **options)
    other.store("compliance").read([Query("ProtectionAlert")])
    assert len(said) == 1 and emulated.tenant_id in said[0] and "https://microsoft.com/devicelogin" in said[0]


def test_a_person_takes_some_time(emulator, emulated, connect, waits):
    said = []

    def wait(seconds):
        waits.append(seconds)
        if len(waits) == 3:
            emulator.decide(said[0].split("code ")[1].split()[0])

    ours = connect(emulated, "person", device_code=True, say=said.append, wait=wait)
    assert isinstance(ours.store("graph").read([SKUS])[SKUS], list)
    assert waits == [5.0, 5.0, 5.0]


# ---------------------------------------------------------------- the machine's own identity


@pytest.mark.parametrize("kind", ["vm", "app_service", "arc"])
def test_each_kind_of_machine(emulator, emulated, connect, monkeypatch, tmp_path, kind):
    environment = emulator.machine(emulated, keys=str(tmp_path))[kind]
    monkeypatch.setattr(_managed_identity, "ARC_KEYS", str(tmp_path))
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    ours = connect(emulated, managed_identity="true", token_cache=str(tmp_path / "tokens"))
    assert isinstance(ours.store("graph").read([SKUS])[SKUS], list)
    assert ours.identity == "managed identity"
    (kept,) = (tmp_path / "tokens").glob("token-*[0-9a-f]")
    assert json.loads(kept.read_text())["expires_on"] > time.time() + 80_000, "numbers that come as strings"
    assert not [secret for secret in ours.secrets if secret in json.dumps(emulated.journal())]


def test_a_wrong_header_and_a_key_file_elsewhere(emulator, emulated, connect, monkeypatch, tmp_path):
    environment = emulator.machine(emulated, keys=str(tmp_path))
    for name, value in (environment["app_service"] | {"IDENTITY_HEADER": "not-a-real-header-and-a-wrong-one-000000"}).items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SignInFailed, match="Unauthorized"):
        connect(emulated, managed_identity="true").store("graph").read([SKUS])
    monkeypatch.delenv("IDENTITY_HEADER")
    for name, value in environment["arc"].items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SignInFailed, match="outside of /var/opt/azcmagent/tokens"):
        connect(emulated, managed_identity="true").store("graph").read([SKUS])
    monkeypatch.setattr(_managed_identity, "ARC_KEYS", str(tmp_path))
    monkeypatch.setattr(_managed_identity, "ARC_KEY_LIMIT", 3)
    with pytest.raises(SignInFailed, match="too large"):
        connect(emulated, managed_identity="true").store("graph").read([SKUS])


@pytest.mark.parametrize("status", [404, 410, 429, 500, 503])
def test_the_machine_is_asked_again_while_it_is_updated(emulator, emulated, connect, waits, status):
    emulator.machine(emulated)
    kind = {429: "throttle", 503: "unavailable"}.get(status, "transient")
    emulator.fault(kind=kind, status=status, match={"service": "identity", "path": "/metadata/*"}, times=2)
    ours = connect(emulated, managed_identity="true")
    assert isinstance(ours.store("graph").read([SKUS])[SKUS], list)
    assert waits


def test_this_is_no_machine_of_azure(emulated, connect, monkeypatch):
    monkeypatch.setenv("IDENTITY_ENDPOINT", "http://127.0.0.1:9/msi/token")
    monkeypatch.setenv("IDENTITY_HEADER", "not-a-real-header-0000000000")
    with pytest.raises(Unavailable) as caught:
        connect(emulated, managed_identity="true").store("graph").read([SKUS])
    assert "is this a machine in Azure" in caught.value.hint
