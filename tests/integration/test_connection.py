# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a tenant is reached: variables, environment, an AWX job, a certificate, a proxy, a trace, tasks in the background."""

from __future__ import annotations

import json
import stat
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from tests.integration.playing import SECRET, of, play, short, task

AIR = "m365.defender.air"
READ = task("Read", "license_info")
WRONG = "not-a-real-secret-and-a-wrong-one-0000000000"


def reached(tenant, *left_out):
    """The variables of a host, without some options."""
    return {name: value for name, value in of(tenant).items() if name not in {f"m365_{option}" for option in left_out}}


def test_what_is_empty_counts_as_not_given(tenant, ground):
    # AWX and CI systems set what they know of, filled or not.
    identity = tenant.identities["writer"]
    empty = dict.fromkeys(
        ("M365_TENANT_ID", "M365_CLIENT_ID", "M365_CLIENT_SECRET", "AZURE_CLIENT_SECRET", "M365_CLIENT_CERTIFICATE", "M365_PORTAL_SESSION")
        + (
            "AZURE_CLIENT_CERTIFICATE_PATH",
            "M365_CLOUD",
            "M365_ENDPOINT",
            "M365_TOKEN_CACHE",
            "M365_TRACE",
            "HTTPS_PROXY",
            "REQUESTS_CA_BUNDLE",
        ),
        "",
    )
    env = {**empty, "AZURE_CLIENT_ID": identity["client_id"], "AZURE_SECRET": identity["client_secret"]}
    options = dict.fromkeys(
        ("client_secret", "client_certificate", "cloud", "proxy", "expected_domain", "trace", "token_cache", "ledger"), ""
    )
    plays = [
        play(task("Read", "license_info", options)),
        play(task("Read as a module", "license_info", options), vars={"m365_run_as": "module"}),
    ]

    run = ground.run(plays, {"contoso": reached(tenant, "client_id", "client_secret", "portal_session")}, env=env)
    assert run.code == 0, run.output
    assert [task.status for task in run.tasks] == ["ok", "ok"]


def test_a_job_of_awx(new_tenant, ground):
    """Its Azure credential as environment, its survey and its own variables as extra variables, answers left empty."""
    tenant, other = new_tenant(), new_tenant()
    identity = tenant.identities["writer"]
    env = {
        "AZURE_CLIENT_ID": identity["client_id"],
        "AZURE_SECRET": identity["client_secret"],
        "AZURE_TENANT": other.tenant_id,
        "AZURE_SUBSCRIPTION_ID": "",
        "AZURE_CLOUD_ENVIRONMENT": "",
        "M365_TENANT_ID": "",
    }
    extra = {
        "awx_job_id": 42,
        "awx_user_name": "ada",
        "tower_job_id": 42,
        "m365_expected_domain": "",
        "m365_client_id": "",
        "m365_client_secret": "",
        "m365_client_certificate": "",
        "m365_portal_session": "",
        "m365_cloud": "",
        "m365_proxy": "",
        "m365_max_writes_per_tenant": "",
        "m365_ledger": "",
        "m365_token_cache": "",
        "m365_timeout": "",
    }

    run = ground.run(AIR, {"contoso": of(tenant)}, "--check", variables=extra, env=env)
    report = run.reports["contoso"]
    assert run.code == 0, run.output
    assert report["identity"] == identity["client_id"]
    assert report["steps"][1]["verdict"] == "manual", "an empty session is no session"
    assert short(other.journal()) == [], "AZURE_TENANT was read"

    nowhere = ground.run([play(READ)], {"contoso": reached(tenant, "tenant_id")}, env=env)
    assert nowhere.task("Read").status == "failed"
    assert "tenant_id" in nowhere.result("Read")["msg"]


def test_options_go_before_the_environment(tenant, ground):
    env = {"M365_CLIENT_SECRET": WRONG, "AZURE_SECRET": WRONG, "HTTPS_PROXY": "http://127.0.0.1:9", "M365_CLOUD": "commercial"}

    run = ground.run([play(READ)], {"contoso": of(tenant)}, env=env)
    assert run.code == 0, run.output


def test_what_can_hold_no_options_is_refused_in_the_same_words_by_both_faces(tenant, ground):
    tasks = [
        task(face, "safe_links_policy", {"name": "Links", "rule": True}, ignore_errors=True, vars={"m365_run_as": face})
        for face in ("action", "module")
    ]
    run = ground.run([play(*tasks)], {"contoso": of(tenant)})
    action, module = (run.result(face)["msg"] for face in ("action", "module"))
    assert action == module and "rule must be a dictionary with its options, not true or false" in module


@pytest.mark.parametrize("face", ["action", "module"])
def test_the_keyword_environment_counts_for_one_task(tenant, ground, face):
    identity = tenant.identities["writer"]
    said = {"M365_CLIENT_ID": "{{ app }}", "M365_CLIENT_SECRET": "{{ its_secret }}"}
    tasks = [task("Read", "license_info", environment=said), task("Read without", "license_info", ignore_errors=True)]
    host = {"m365_run_as": face, "app": identity["client_id"], "its_secret": identity["client_secret"]}
    run = ground.run([play(*tasks)], {"contoso": {**reached(tenant, "client_id", "client_secret", "portal_session"), **host}})
    assert [task.status for task in run.tasks] == ["ok", "ignored"], run.output
    assert not SECRET.search(run.output)


def test_the_keyword_environment_tells_the_cloud_of_links_too(ground):
    """Where no tenant is asked; and what is empty counts as not given there as well."""
    nothing = {"cloud": "", "attestations": ""}
    tasks = [task("Links", "attestation_info", nothing), task("Report", "report", {**nothing, "steps": {}, "folder": str(ground.reports)})]
    run = ground.run([play(*({**one, "environment": {"M365_CLOUD": "dod"}} for one in tasks))], {"contoso": {}})
    assert run.code == 0, run.output
    assert all(one["link"].startswith("https://security.apps.mil/") for one in run.result("Links")["settings"])
    assert run.result("Report")["report"]["cloud"] == "dod"


def test_the_order_of_the_environment(tenant, ground):
    identity = tenant.identities["writer"]
    env = {
        "M365_CLIENT_ID": identity["client_id"],
        "AZURE_CLIENT_ID": tenant.identities["unconsented"]["client_id"],
        "M365_CLIENT_SECRET": identity["client_secret"],
        "AZURE_CLIENT_SECRET": WRONG,
        "M365_ENDPOINT": tenant.emulator.url,
        "REQUESTS_CA_BUNDLE": tenant.emulator.ca_path,
        "M365_PORTAL_SESSION": json.dumps(tenant.portal_session),
    }
    hosts = {"contoso": {"m365_tenant_id": tenant.tenant_id}}

    run = ground.run([play(READ, task("Read groups", "configuration_info", {"kinds": ["device_group"], "built_in": True}))], hosts, env=env)
    assert run.code == 0, run.output
    assert run.result("Read")["tenant"]["identity"] == identity["client_id"]
    assert run.result("Read groups")["configuration"]["device_group"]


@pytest.fixture
def certificate(tmp_path):
    """A self-signed certificate with its key in one PEM file, and the certificate alone as text."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "app of contoso")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    public = made.public_bytes(serialization.Encoding.PEM).decode()
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()
    path = tmp_path / "app.pem"
    path.write_text(private + public)
    return path, public


def test_a_certificate_instead_of_a_secret(new_tenant, certificate, ground):
    path, public = certificate
    tenant = new_tenant(certificate=public)
    client = tenant.identities["certificate"]["client_id"]
    options = {"client_id": client, "client_certificate": str(path), "client_secret": ""}

    run = ground.run([play(task("Read", "license_info", options))], {"contoso": reached(tenant, "client_id", "client_secret")}, "-vvvvv")
    assert run.code == 0, run.output
    assert run.result("Read")["tenant"]["identity"] == client
    assert "PRIVATE KEY" not in run.output


def test_a_trace_tells_everything_but_secrets(tenant, ground):
    trace = ground.home / "trace.jsonl"

    run = ground.run(AIR, {"contoso": of(tenant)}, variables={"m365_trace": str(trace)})
    assert run.code == 0, run.output
    entries = [json.loads(line) for line in trace.read_text().splitlines()]
    journal = tenant.journal()
    # Of the portal's sign-in, which a renewed session goes through, a trace shows no query.
    renewal = "https://security.microsoft.com/?"
    assert [(one["method"], one["url"], one["status"]) for one in entries] == [
        (one["method"], one["url"].partition("?")[0] if one["url"].startswith(renewal) else one["url"], one["status"]) for one in journal
    ]
    assert stat.S_IMODE(trace.stat().st_mode) == 0o600
    assert SECRET.findall(trace.read_text()) == []
    assert "<redacted>" in trace.read_text()


def test_in_the_background(tenant, ground):
    """async hands over to the module; what is said is the same."""
    waited = task("Read, and wait", "license_info", **{"async": 60, "poll": 1})
    started = task(
        "Write in the background", "safe_links_policy", {"name": "Links of the tests"}, register="started", **{"async": 60, "poll": 0}
    )
    fetched = {
        "name": "Fetch",
        "ansible.builtin.async_status": {"jid": "{{ started.ansible_job_id }}"},
        "register": "fetched",
        "until": "fetched is finished",
        "retries": 60,
        "delay": 1,
    }
    plain = task("Read", "license_info")
    # Another app: the first one's token is known to the run by then.
    wrong = {"client_id": tenant.identities["reader"]["client_id"], "client_secret": "{{ wrong }}"}
    refused = task("Refused", "license_info", wrong, ignore_errors=True, **{"async": 60, "poll": 1})

    run = ground.run([play(waited, started, fetched, plain, refused)], {"contoso": {**of(tenant), "wrong": WRONG}}, "-vvvvv")
    assert run.code == 0, run.output
    assert run.result("Read, and wait")["licenses"] == run.result("Read")["licenses"]
    assert run.task("Fetch").status == "changed"
    assert run.result("Fetch")["operations"] == ["New-SafeLinksPolicy Links of the tests {Name}"]
    assert "Invalid client secret" in run.result("Refused")["msg"]
    assert SECRET.findall(run.output) == []


def test_tokens_are_kept_where_one_says_and_nowhere_else(tenant, ground):
    cache = ground.home / "tokens"
    cache.mkdir(mode=0o700)
    plays = [play(READ, task("Read domains", "accepted_domain_info"))]
    hosts = {"contoso": {**of(tenant), "m365_run_as": "action"}}
    env = {"M365_TOKEN_CACHE": str(cache)}

    for dummy in range(2):
        run = ground.run(plays, hosts, env=env)
        assert run.code == 0, run.output
    tokens = [entry["body"]["scope"] for entry in tenant.journal() if entry["url"].endswith("/token")]
    assert len(tokens) == len(set(tokens)) == 2, "the second run signed in again"
    files = [path for path in cache.rglob("*") if path.is_file()]
    assert files
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    # Without a folder of one's own they are gone with the run.
    ground.run(plays, hosts)
    left = [path for path in (ground.home / "ansible").rglob("*") if path.is_file() and SECRET.search(path.read_text(errors="replace"))]
    assert left == []


def test_forks_share_what_they_learn(new_tenant, ground):
    """Ten tasks at once on one tenant would sign in once; here: many tenants in few forks, each with tokens of its own."""
    tenants = {f"tenant{number}": new_tenant("unlicensed") for number in range(6)}

    run = ground.run([play(READ)], {name: of(tenant) for name, tenant in tenants.items()}, "--forks", "2")
    assert run.code == 0, run.output
    for name, tenant in tenants.items():
        assert run.result("Read", name)["tenant"]["name"] == tenant.tenant_id
        assert len([entry for entry in tenant.journal() if entry["url"].endswith("/token")]) == 1
