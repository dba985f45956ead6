# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two faces, one engine: a playbook with every kind and every reader gives the same results as actions and as modules, and no secret.

All in one test, because starting each module costs half a second: the whole is run once with each face.
"""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest

from ansible_collections.m365.defender.plugins.module_utils import readers
from ansible_collections.m365.defender.plugins.module_utils._reader import Reader
from ansible_collections.m365.defender.plugins.module_utils._registry import RESOURCES
from tests.unit.contract.laws import stages
from tests.unit.contract.samples import KINDS, goes, gone, objects, removals, whole

HERE = Path(__file__).parent
READERS = sorted(
    value.kind
    for found in pkgutil.iter_modules(readers.__path__)
    if not found.name.startswith("_")
    for value in vars(importlib.import_module(f"{readers.__name__}.{found.name}")).values()
    if isinstance(value, Reader)
)
# What a reader can't do without.
ASKED = {"hunting_query_info": {"query": "DeviceInfo | count"}, "audit_info": {"wait_for_search": 30}}
# What every run has of its own.
OWN = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def tasks(bench):
    """Every kind is made, one is changed in check mode; every reader is run; then what fails, and the bulk modules."""
    result = []

    def add(what, module, options, **more):
        result.append({"name": f"{module}: {what}", f"m365.defender.{module}": options, "ignore_errors": True, **more})

    for kind, wanted in {**objects(), **{resource.kind: bench.change(resource) for resource in KINDS}}.items():
        add("made", kind, wanted)
    one = next(resource for resource in KINDS if goes(resource))
    # One is enough: how a face knows of check mode is common to all.
    add("changed in check mode", one.kind, stages(one)[1], check_mode=True)
    add("made", "machine_tag", {"tag": "pilot", "names": ["laptop-01"]})
    add("refused by us", "machine_tag", {"tag": "pilot"})
    for kind in READERS:
        add("read", kind, ASKED.get(kind, {}))
    for service in dict.fromkeys(resource.service for resource in KINDS):
        resource = next(resource for resource in KINDS if resource.service == service)
        add("refused by the service", resource.kind, {**stages(resource)[1], **as_reader(bench, resource)})
    add("refused by us", one.kind, {**whole(one), **gone(one)})
    add("refused by Ansible", one.kind, {**whole(one), "no_such_option": True})
    everything = {kind: [wanted] for kind, wanted in {**objects(1), **removals()}.items()}
    add("refused by us", "configuration", {"config": {**everything, "no_such_kind": [{}]}})
    add("gone", "configuration", {"config": everything})
    add("gone", "machine_tag", {"tag": "pilot", "names": ["laptop-01"], "state": "absent"})
    add("read", "configuration_info", {"built_in": True})
    return result


def as_reader(bench, resource):
    """The options of somebody who may only read."""
    if resource.service == "portal":
        return {"portal_session": bench.tenant.portal_session_reader}
    return {name: bench.tenant.identities["reader"][name] for name in ("client_id", "client_secret")} | {"client_certificate": ""}


def run(bench, folder, face):
    """Runs the playbook with one face; gives results by task, and everything that was printed at the highest verbosity."""
    folder.mkdir()
    connection = {
        name: value for name, value in bench.params(max_writes_per_tenant=500).items() if value is not None and name != "token_cache"
    }
    play = {
        "hosts": "contoso",
        "gather_facts": False,
        "diff": True,
        "module_defaults": {"group/m365.defender.tenant": {name: f"{{{{ reached_by.{name} }}}}" for name in connection}},
        "tasks": tasks(bench),
    }
    hosts = {
        "contoso": {
            "ansible_connection": "local",
            "ansible_python_interpreter": sys.executable,
            "m365_run_as": face,
            "reached_by": connection,
        }
    }
    (folder / "play.yml").write_text(json.dumps([play]))
    (folder / "hosts.yml").write_text(json.dumps({"all": {"hosts": hosts}}))
    recorded = folder / "results.jsonl"
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("M365_", "AZURE_", "HTTPS_PROXY", "https_proxy"))
    }
    environment.pop("REQUESTS_CA_BUNDLE", None)
    environment |= {
        "ANSIBLE_CALLBACK_PLUGINS": str(HERE / "callbacks"),
        "ANSIBLE_CALLBACKS_ENABLED": "recorder",
        "ANSIBLE_LOCAL_TEMP": str(folder / "tmp"),
        "ANSIBLE_PIPELINING": "true",
        # From ansible-core 2.22 on only this shows what a task was given, at which secrets must be masked.
        "ANSIBLE_INJECT_INVOCATION": "true",
        "RECORDED_RESULTS": str(recorded),
    }
    command = [Path(sys.executable).parent / "ansible-playbook", "-vvvvv", "-i", folder / "hosts.yml", folder / "play.yml"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)
    printed = done.stdout + done.stderr
    assert done.returncode == 0, printed[-3000:]
    results = [json.loads(line) for line in recorded.read_text().splitlines()]
    assert len({one["task"] for one in results}) == len(results)
    return {one["task"]: one["result"] for one in results}, printed


def plain(result):
    """A result without what a face or a run has of its own."""
    kept = {key: value for key, value in result.items() if not key.startswith("_ansible") and key not in ("invocation", "warnings")}
    usage = kept.pop("tenant", {})
    kept["tenant"] = {key: usage.get(key) for key in ("name", "identity", "endpoint")}
    kept["tokens"] = {
        service: {key: value for key, value in told.items() if key not in ("ends", "minutes_left")}
        for service, told in kept.get("tokens", {}).items()
    }
    return json.loads(OWN.sub("<id>", json.dumps(kept)))


def test_both_faces_give_the_same_and_no_secret(bench, tmp_path, subtests):
    given = []
    results, printed = {}, {}
    bench.customized = True
    for face in ("action", "module"):
        bench.reset()
        bench.tenant.turn_on("Standard")  # the first time is the portal's
        results[face], printed[face] = run(bench, tmp_path / face, face)
        given += [one["client_secret"] for one in bench.tenant.identities.values() if one["client_secret"]]
    for session in (bench.tenant.portal_session, bench.tenant.portal_session_reader):
        given += session.values()
    assert list(results["action"]) == list(results["module"])
    for name, one in results["action"].items():
        with subtests.test(name):
            other = results["module"][name]
            assert one["failed"] == other["failed"] == (": refused" in name), one.get("msg")
            if name.endswith("by Ansible"):  # AnsibleModule fails by itself, in its own words
                assert "Unsupported" in one["msg"] and "no_such_option" in one["msg"]
                assert "Unsupported" in other["msg"] and "no_such_option" in other["msg"]
                continue
            assert plain(one) == plain(other)
            assert one["changed"] == name.endswith((": made", ": changed in check mode", ": gone")), one
            assert bool(one.get("diff")) == one["changed"]
            if one["failed"]:
                assert one["failure"]["hint"] and one["failure"]["text"] in one["msg"]
    for face in ("action", "module"):
        with subtests.test(f"what a {face} prints"):
            for text in (printed[face], json.dumps(results[face])):
                assert not [one for one in given if one in text]
                assert not re.search(r"\beyJ[\w-]{10,}\.[\w-]{10,}", text)
    with subtests.test("which face it was"):
        assert [printed[face].count("Using module file") for face in ("action", "module")] == [0, len(results["module"])]


@pytest.mark.parametrize("kind", sorted([*RESOURCES, *READERS, "configuration", "configuration_info"]))
def test_every_module_has_both_faces(kind):
    root = HERE.parents[2] / "plugins"
    assert (root / "modules" / f"{kind}.py").is_file()
    assert (root / "action" / f"{kind}.py").is_file()
