# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs ansible-playbook as its users do, in a process and a home of its own, and says what every task returned."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from emulator.testing import EmulatedTenant, changes_something
from tests.reports import faults_in
from tools.workspace import ROOT, environment

HERE = Path(__file__).resolve().parent
PLAYBOOK = Path(sys.executable).with_name("ansible-playbook")
# What a tester's own environment could tell the collection.
FOREIGN = ("M365_", "AZURE_", "ANSIBLE_", "HTTPS_PROXY", "https_proxy", "REQUESTS_CA_BUNDLE")
# Secrets of the emulated tenants and of the tests, and tokens.
SECRET = re.compile(r"not-a-real-[\w%.-]+|\bey[\w-]{10,}\.[\w-]{10,}\.[\w-]*")
OPTIONS = ("tenant_id", "client_id", "client_secret", "portal_session", "endpoint", "ca_path")


@dataclass(frozen=True)
class Task:
    """A task on a host. status: ok, changed, failed, ignored (failed, and told not to mind), skipped, unreachable."""

    host: str
    name: str
    action: str
    check: bool
    status: str
    result: Mapping[str, Any] = field(repr=False)
    started: float
    ended: float


@dataclass(frozen=True)
class Run:
    """A run of ansible-playbook. output: everything that it printed. reports: what m365.defender.report kept, by host."""

    code: int
    output: str = field(repr=False)
    seconds: float
    tasks: tuple[Task, ...] = field(repr=False)
    reports: Mapping[str, Any] = field(repr=False)

    def of(self, host: str, name: str = "") -> list[Task]:
        """The tasks of a host, or those of them whose name has `name` in it."""
        return [task for task in self.tasks if task.host == host and name in task.name]

    def task(self, name: str, host: str = "") -> Task:
        """The task of this name, of which there must be one."""
        found = [task for task in self.tasks if name == task.name.rpartition(" : ")[2] and host in ("", task.host)]
        assert len(found) == 1, f"{len(found)} tasks are called {name}\n{self.output[-3000:]}"
        return found[0]

    def result(self, name: str, host: str = "") -> Mapping[str, Any]:
        """What the task of this name returned."""
        return self.task(name, host).result

    def names(self, status: str, host: str = "") -> list[str]:
        """The names of the tasks that ended so."""
        return [task.name for task in self.tasks if task.status == status and host in ("", task.host)]


class Ground:
    """A folder in which ansible-playbook runs: its home, its inventory, its reports and ledgers."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self._runs = 0

    @property
    def reports(self) -> Path:
        return self.home / "reports"

    def run(
        self,
        playbook: str | Sequence[Mapping[str, Any]] | Path,
        hosts: Mapping[str, Mapping[str, Any]],
        *arguments: str,
        variables: Mapping[str, Any] | None = None,
        env: Mapping[str, str] | None = None,
    ) -> Run:
        """Run a playbook.

        playbook: the name of one of the collection's, a file, or plays. hosts: variables by host. variables: handed over with -e.
        env: added to an environment that says nothing of any tenant.
        """
        self._runs += 1
        record, inventory = self.home / f"record{self._runs}.jsonl", self.home / f"inventory{self._runs}.json"
        record.touch()
        shutil.rmtree(self.reports, ignore_errors=True)
        inventory.write_text(json.dumps({"all": {"hosts": hosts}}))
        if not isinstance(playbook, str | Path):
            plays, playbook = playbook, self.home / f"playbook{self._runs}.yml"
            playbook.write_text(yaml.safe_dump([dict(play) for play in plays], sort_keys=False))
        extra = {"m365_report_folder": str(self.reports), **(variables or {})}
        command = [str(PLAYBOOK), str(playbook), "-i", str(inventory), "-e", json.dumps(extra), *arguments]
        started = time.monotonic()
        done = subprocess.run(
            command, cwd=self.home, env=self._environment(record, env or {}), capture_output=True, text=True, timeout=300, check=False
        )
        seconds = time.monotonic() - started
        tasks = tuple(Task(**json.loads(line)) for line in record.read_text().splitlines())
        record.unlink()
        reports = {path.stem: json.loads(path.read_text()) for path in self.reports.glob("*.json")}
        assert [fault for report in reports.values() for fault in faults_in(report)] == []
        return Run(done.returncode, done.stdout + done.stderr, seconds, tasks, reports)

    def _environment(self, record: Path, more: Mapping[str, str]) -> dict[str, str]:
        own = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
        home = str(self.home / "ansible")
        return {
            **own,
            **environment(),
            "HOME": str(self.home),
            "ANSIBLE_HOME": home,
            "ANSIBLE_REMOTE_TEMP": f"{home}/remote",
            "ANSIBLE_ASYNC_DIR": f"{home}/async",
            "ANSIBLE_CALLBACK_PLUGINS": str(HERE / "callback"),
            "ANSIBLE_CALLBACKS_ENABLED": "record",
            "ANSIBLE_ROLES_PATH": str(HERE / "targets"),
            "ANSIBLE_NOCOLOR": "1",
            "COLUMNS": "120",
            "RECORD": str(record),
            "PYTHONPATH": str(ROOT / "no-such-folder"),
            **more,
        }


def of(tenant: EmulatedTenant, identity: str = "writer", **more: Any) -> dict[str, Any]:
    """The variables of a host for a tenant: its connection as m365_..., with a portal session where the tenant has one."""
    described = {"portal_session": tenant.portal_session, **tenant.connection(identity), **more}
    python = {"ansible_python_interpreter": sys.executable, "ansible_connection": "local"}
    return {**{f"m365_{name}": value for name, value in described.items() if value is not None}, **python}


def play(*tasks: Mapping[str, Any], hosts: str = "all", **more: Any) -> dict[str, Any]:
    """A play whose tasks are led to their host's tenant. `tasks`: see `task`."""
    options = {name: f"{{{{ m365_{name} | default(omit) }}}}" for name in OPTIONS}
    return {
        "hosts": hosts,
        "gather_facts": False,
        "module_defaults": {"group/m365.defender.tenant": options, **more.pop("module_defaults", {})},
        **more,
        "tasks": list(tasks),
    }


def task(title: str, module: str, options: Mapping[str, Any] | None = None, **keywords: Any) -> dict[str, Any]:
    """A task of one of our modules."""
    return {"name": title, f"m365.defender.{module}": dict(options or {}), **keywords}


def during(tenant: EmulatedTenant, *tasks: Task) -> list[dict[str, Any]]:
    """The journal's entries from the time of these tasks."""
    return [entry for entry in tenant.journal() if any(one.started <= moment(entry) <= one.ended for one in tasks)]


def moment(entry: Mapping[str, Any]) -> float:
    return datetime.fromisoformat(entry["time"].replace("Z", "+00:00")).timestamp()


def task_writes(tenant: EmulatedTenant, *tasks: Task) -> list[Mapping[str, Any]]:
    """The writes from the time of these tasks."""
    return writes(during(tenant, *tasks))


def writes(entries: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [entry for entry in entries if changes_something(dict(entry))]


def short(entries: Iterable[Mapping[str, Any]]) -> list[str]:
    """Entries in a form that a failing test can show."""
    return [f"{entry['status']} {entry['method']} {entry.get('cmdlet') or entry['url'].partition('?')[0]}" for entry in entries]
