# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every way to sign in by ansible-playbook, by both faces, at -vvvvv: it works, and no secret is anywhere but where it has to be."""

from __future__ import annotations

import base64
import importlib
import json
import os
import pkgutil
import pty
import re
import select
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12

from ansible_collections.m365.defender.plugins import action
from ansible_collections.m365.defender.plugins.module_utils._options import tenant_options
from ansible_collections.m365.defender.plugins.module_utils._secrets import secrets_in
from ansible_collections.m365.defender.plugins.module_utils._task import work_of
from emulator.testing import app_certificate
from tests.integration.playing import PLAYBOOK, SECRET, play, task

PASSWORD = "not-a-real-password-of-a-key-0000000000"
OPTIONS = (
    *("tenant_id", "client_id", "client_secret", "client_certificate", "client_certificate_data", "client_certificate_password"),
    *("federated_token", "federated_token_file", "managed_identity", "refresh_token", "device_code", "access_token"),
    *("portal_session", "endpoint", "ca_path", "proxy", "trace", "token_cache", "ledger"),
)
DEFAULTS = {"group/m365.defender.tenant": {name: f"{{{{ m365_{name} | default(omit, true) }}}}" for name in OPTIONS}}
HEADER = "not-a-real-identity-header-000000000000"
PROXY_PASSWORD = "not-a-real-password-of-a-proxy-000000"


@pytest.fixture
def tenant(new_tenant, tmp_path):
    return new_tenant("sign_ins", certificate=app_certificate(tmp_path / "app.pem"))


def token_of(tenant, audience):
    """A token that the operator got himself."""
    writer = tenant.identities["writer"]
    form = {"client_id": writer["client_id"], "client_secret": writer["client_secret"], "grant_type": "client_credentials"}
    url = f"{tenant.emulator.url}/login.microsoftonline.com/{tenant.tenant_id}/oauth2/v2.0/token"
    return tenant.emulator._session.post(url, data={**form, "scope": f"https://{audience}/.default"}, timeout=10).json()["access_token"]


def pfx_of(path):
    content = path.read_bytes()
    key = serialization.load_pem_private_key(content, None)
    from cryptography import x509

    locked = serialization.BestAvailableEncryption(PASSWORD.encode())
    return pkcs12.serialize_key_and_certificates(b"app", key, x509.load_pem_x509_certificate(content), None, locked)


def ways(tenant, folder):
    """Host -> its way to sign in."""
    client = {name: {"client_id": one["client_id"]} for name, one in tenant.identities.items()}
    partner = tenant.identities["partner"]
    (folder / "app.pfx").write_bytes(pfx_of(folder / "app.pem"))
    (folder / "outside-token").write_text(tenant.emulator.outside_token())
    tenant.emulator.machine(tenant, header=HEADER)
    return {
        "secret": client["writer"]
        | {"client_secret": tenant.identities["writer"]["client_secret"], "proxy": f"http://user:{PROXY_PASSWORD}@proxy.contoso.com:8080"},
        "pem": client["certificate"] | {"client_certificate": str(folder / "app.pem")},
        "pfx": client["certificate"] | {"client_certificate": str(folder / "app.pfx"), "client_certificate_password": PASSWORD},
        "data": client["certificate"]
        | {
            "client_certificate_data": base64.b64encode((folder / "app.pfx").read_bytes()).decode(),
            "client_certificate_password": PASSWORD,
        },
        "federated": client["federated"] | {"federated_token": tenant.emulator.outside_token()},
        "federated_file": client["federated"] | {"federated_token_file": str(folder / "outside-token")},
        "machine": {"managed_identity": "true"},
        "partner": {name: partner[name] for name in ("client_id", "client_secret", "refresh_token")},
        "token": {"access_token": {"graph": token_of(tenant, "graph.microsoft.com")}},
        # Sessions of the portal, beside a login for the rest.
        "session": client["reader"]
        | {"client_secret": tenant.identities["reader"]["client_secret"], "portal_session": tenant.portal_session},
        "browser": client["reader"]
        | {
            "client_secret": tenant.identities["reader"]["client_secret"],
            "portal_session": {"ests_auth_persistent": tenant.browser_cookies["portal_session"]},
        },
    }


def secret_options(spec, above=""):
    """The names of the options that a spec marks as secrets, and of those below them."""
    found = set()
    for name, one in spec.items():
        within = secret_options(one.get("options") or {}, f"{above}{name}.")
        found |= within | ({f"{above}{name}"} if one.get("no_log") and not within else set())
    return found


def planted_in(options):
    """Which options these are, as secret_options names them."""
    return {
        f"{name}.{key}" if name == "portal_session" else name
        for name, value in options.items()
        for key in (value if isinstance(value, dict) else ("",))
    }


def secrets_of(found):
    """Every secret in the options of the hosts."""
    spec = tenant_options()
    return [text for one in found.values() for text in secrets_in(spec, one)] + [PROXY_PASSWORD]


def test_every_option_that_is_a_secret_is_planted(tenant, tmp_path):
    """Whoever adds a secret has to add it to `ways`, or it is proved of nothing that it stays one."""
    specs = [
        work_of(vars(importlib.import_module(f"{action.__name__}.{found.name}"))["ActionModule"].value).spec(dict)
        for found in pkgutil.iter_modules(action.__path__)
        if hasattr(vars(importlib.import_module(f"{action.__name__}.{found.name}"))["ActionModule"], "value")
    ]
    assert len(specs) > 40
    secrets = set().union(*map(secret_options, specs))
    assert {"client_secret", "portal_session.sccauth"} <= secrets
    assert secrets - set().union(*map(planted_in, ways(tenant, tmp_path).values())) == set()


class Watcher:
    """Notes the command line of every process of a run, which is known by its home folder, while the run lasts."""

    def __init__(self, home):
        self._mark = f"HOME={home}".encode()

    def __enter__(self):
        self.seen = set()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def __exit__(self, *dummy):
        self._ended.set()
        self._thread.join()

    def _watch(self):
        while not self._ended.wait(0.02):
            for path in Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    if self._mark in path.with_name("environ").read_bytes():
                        self.seen.add(path.read_bytes())
                except OSError:
                    continue


def leaks(text, planted):
    """What of the secrets is in a text."""
    return [word for word in (*planted, "PRIVATE KEY") if word in text] + [found[:60] for found in SECRET.findall(text)]


def hosts_of(tenant, found, folder, **more):
    reached = {"tenant_id": tenant.domain, "endpoint": tenant.emulator.url, "ca_path": tenant.emulator.ca_path}
    python = {"ansible_python_interpreter": sys.executable, "ansible_connection": "local"}
    return {
        name: {
            **{f"m365_{option}": value for option, value in {**reached, **options}.items()},
            "m365_uses_portal": "portal_session" in options,
            "m365_trace": str(folder / f"trace-{name}.jsonl"),
            "m365_token_cache": str(folder / f"tokens-{name}"),
            **python,
            **more,
        }
        for name, options in found.items()
    }


TASKS = (
    task("Who", "token_info", {"services": ["graph"]}),
    task("Read", "license_info"),
    task("Fail", "token_info", {"services": ["exchange"], "tenant_id": "nobody.contoso.com"}, ignore_errors=True),
    task("Refuse", "license_info", {"colour": "blue"}, ignore_errors=True),
    task("Portal", "xdr_info", when="m365_uses_portal | default(false)"),
)


@pytest.mark.parametrize("face", ["action", "module"])
def test_each_way_works_and_shows_nothing(tenant, ground, tmp_path, face):
    found = ways(tenant, tmp_path)
    planted = secrets_of(found)
    env = {"IDENTITY_ENDPOINT": f"{tenant.emulator.url}/appservice.emulated/msi/token", "IDENTITY_HEADER": HEADER}
    # Each host is a play of its own, because hosts of one play must not share a tenant.
    tasks = TASKS if face == "action" else (TASKS[0], TASKS[2], TASKS[4])  # a module costs a second
    plays = [play(*tasks, hosts=name, module_defaults=DEFAULTS) for name in found]
    with Watcher(ground.home) as watcher:
        run = ground.run(plays, hosts_of(tenant, found, tmp_path, m365_run_as=face), "-vvvvv", env=env)
    assert run.code == 0, run.output[-3000:]
    expected = {"pem": "client_certificate", "pfx": "client_certificate", "data": "client_certificate", "machine": "managed_identity"}
    expected |= {"session": "client_secret", "browser": "client_secret"}
    for name in found:
        who = run.result("Who", name)
        way = expected.get(name) or f"{name}_token".replace("secret_token", "client_secret").replace("_file_token", "_token")
        way = {"partner_token": "refresh_token", "token_token": "access_token"}.get(way, way)
        assert who["sign_in"] == way, name
        assert who["tokens"]["graph"]["tenant"] == tenant.tenant_id
        other = {"Fail": "ignored", "Refuse": "ignored", "Portal": "ok" if name in ("session", "browser") else "skipped"}
        assert [one.status for one in run.of(name)] == [other.get(one["name"], "ok") for one in tasks]
        if name in ("session", "browser"):
            assert run.result("Portal", name)["xdr"]["driver"] == "portal"

    assert leaks(run.output, planted) == []
    assert leaks(json.dumps([dict(one.result) for one in run.tasks]), planted) == []
    assert leaks(json.dumps(tenant.journal()), planted) == []
    shown = b"\n".join(watcher.seen).decode("utf-8", "replace")
    assert "ansible-playbook" in shown and leaks(shown, planted) == []
    given = {"app.pem", "app.pfx", "outside-token"}
    for path in tmp_path.rglob("*"):
        if not path.is_file() or path.name in given or re.fullmatch(r"inventory\d+\.json", path.name):
            continue  # what the operator himself wrote
        if re.match(r"(token|refresh|tenant|portal)-", path.name):
            assert path.stat().st_mode & 0o077 == 0 and path.parent.name.startswith("tokens-"), path
            continue
        assert leaks(path.read_text(errors="replace"), planted) == [], path
    assert not list((tmp_path / "tokens-token").glob("token-*[0-9a-f]")), "a token that was given is kept nowhere"


def test_the_files_of_a_job_in_the_background_hold_no_secret(tenant, ground, tmp_path):
    """What Ansible keeps of an async job until it is asked for: its result, whether it worked or failed."""
    every = ways(tenant, tmp_path)
    found = {name: every[name] for name in ("pfx", "partner", "token", "browser")}
    planted = secrets_of(found)
    started = [{**one, "async": 60, "poll": 0, "register": f"job{number}"} for number, one in enumerate((TASKS[0], TASKS[2]))]
    ended = [
        {
            "name": f"Wait {number}",
            "ansible.builtin.async_status": {"jid": f"{{{{ job{number}.ansible_job_id }}}}"},
            "register": f"end{number}",
            "until": f"end{number} is finished",
            "retries": 60,
            "delay": 1,
            "ignore_errors": True,
        }
        for number in range(2)
    ]
    plays = [play(*started, *ended, hosts=name, module_defaults=DEFAULTS) for name in found]
    with Watcher(ground.home) as watcher:
        run = ground.run(plays, hosts_of(tenant, found, tmp_path), "-vvvvv")
    assert run.code == 0, run.output[-3000:]
    for name in found:
        assert run.result("Wait 0", name)["tokens"]["graph"]["state"] == "given"
        assert run.task("Wait 1", name).status == "ignored"
    kept = [path for path in (ground.home / "ansible" / "async").iterdir() if path.is_file()]
    assert len(kept) == 2 * len(found)
    for path in kept:
        assert leaks(path.read_text(), planted) == [], path.read_text()
    # Ansible's wrapper looks every five seconds whether the job has ended, and then removes the file with its arguments.
    ends = time.monotonic() + 30
    while (left := list((ground.home / "ansible").rglob("AnsiballZ_*"))) and time.monotonic() < ends:
        assert all(path.stat().st_mode & 0o077 == 0 or path.parent.stat().st_mode & 0o077 == 0 for path in left if path.exists())
        time.sleep(0.5)
    assert not left, "the arguments are gone with the job"
    assert leaks(run.output, planted) == []
    shown = b"\n".join(watcher.seen).decode("utf-8", "replace")
    assert "async_wrapper" in shown and leaks(shown, planted) == []


@pytest.mark.parametrize("way", ["data", "partner", "token", "session"])
def test_what_the_environment_holds_is_the_operator_s_and_is_not_shown(tenant, ground, tmp_path, way):
    options = ways(tenant, tmp_path)[way]
    planted = secrets_of({way: options})
    env = {f"M365_{name.upper()}": value if isinstance(value, str) else json.dumps(value) for name, value in options.items()}
    hosts = hosts_of(tenant, {way: {}}, tmp_path, m365_uses_portal=way == "session")
    run = ground.run([play(*TASKS, module_defaults=DEFAULTS)], hosts, "-vvvvv", env=env)
    assert run.code == 0, run.output[-3000:]
    assert run.task("Read").status == "ok" and run.task("Portal").status == ("ok" if way == "session" else "skipped")
    assert leaks(run.output, planted) == []
    assert leaks(json.dumps([dict(one.result) for one in run.tasks]), planted) == []
    assert leaks((tmp_path / f"trace-{way}.jsonl").read_text(), planted) == []


def test_a_variable_does_not_make_an_option_ambiguous(tenant, ground, tmp_path):
    found = {"secret": ways(tenant, tmp_path)["secret"]}
    env = {"M365_CLIENT_CERTIFICATE": "/nowhere/app.pem", "AZURE_FEDERATED_TOKEN_FILE": "/nowhere/token", "M365_MANAGED_IDENTITY": "true"}
    run = ground.run([play(TASKS[0], module_defaults=DEFAULTS)], hosts_of(tenant, found, tmp_path), env=env)
    assert run.code == 0 and run.result("Who")["sign_in"] == "client_secret"


@pytest.mark.parametrize(
    ("env", "more", "said"),
    [
        ({}, {}, "this does not run at a terminal"),
        ({"AWX_HOST": "https://awx.contoso.com", "JOB_ID": "42"}, {}, "a job of AWX"),
        ({}, {"m365_run_as": "module"}, "a module has no terminal"),
    ],
)
def test_nobody_is_asked_for_a_code_where_nobody_sits(tenant, ground, tmp_path, env, more, said):
    found = {"person": {"client_id": tenant.identities["person"]["client_id"], "device_code": True}}
    quiet = {"CI": ""} | env
    run = ground.run([play(TASKS[1], module_defaults=DEFAULTS)], hosts_of(tenant, found, tmp_path, **more), env=quiet)
    assert run.task("Read").status == "failed" and said in run.result("Read")["msg"]
    assert not [entry for entry in tenant.journal() if "devicecode" in entry["url"]]


def test_a_person_at_a_terminal(tenant, ground, tmp_path):
    found = {"person": {"client_id": tenant.identities["person"]["client_id"], "device_code": True}}
    hosts = hosts_of(tenant, found, tmp_path)
    inventory, playbook = tmp_path / "hosts.json", tmp_path / "play.yml"
    inventory.write_text(json.dumps({"all": {"hosts": hosts}}))
    playbook.write_text(json.dumps([play(TASKS[1], TASKS[0], module_defaults=DEFAULTS)]))
    master, slave = pty.openpty()
    env = {name: value for name, value in ground._environment(tmp_path / "record", {}).items() if name not in ("CI", "JOB_ID")}
    (tmp_path / "record").touch()
    process = subprocess.Popen(
        [str(PLAYBOOK), str(playbook), "-i", str(inventory)], cwd=tmp_path, env=env, stdin=slave, stdout=slave, stderr=slave
    )
    os.close(slave)
    output, decided, ends = "", False, time.monotonic() + 120
    while time.monotonic() < ends:
        if not select.select([master], [], [], 0.2)[0]:
            continue
        try:
            part = os.read(master, 65536).decode(errors="replace")
        except OSError:  # the other end is closed
            break
        output += part
        code = re.search(r"enter\s+the\s+code\s+(\w+)", output)
        if code and not decided:
            tenant.emulator.decide(code[1])
            decided = True
    os.close(master)
    assert process.wait(10) == 0, output
    assert decided and output.count("microsoft.com/devicelogin") == 1, "one code for the whole run"
