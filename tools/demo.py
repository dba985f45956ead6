# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shows the collection at work: the four steps on two emulated tenants, foretold, done, and done again.

Starts the emulated tenants (HTTPS, their own CA, a free loopback port), runs the playbook m365.defender.air in check mode, for real
and a second time, and holds what happened against what must: check mode writes nothing and foretells exactly what the real run does,
and the second run changes nothing. Ends what it started, also on Ctrl-C. Exit code 0 when all of that is so.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from emulator.testing import EmulatedTenant, Emulator
from tools.workspace import BUILD, environment, link_tree

SEEDS = {"contoso": "fresh_e5", "fabrikam": "lived_in"}


@dataclass(frozen=True)
class Run:
    """One run of the playbook. changed: host -> tasks that changed; operations: host -> what was, or would be, done."""

    title: str
    exit_code: int
    seconds: float
    changed: dict[str, int]
    operations: dict[str, list[str]]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quiet", action="store_true", help="print the summary only")
    parser.add_argument("--folder", type=Path, default=BUILD / "demo", help="where the reports are written; emptied first (build/demo)")
    options = parser.parse_args()
    # Being told to end is treated like Ctrl-C, so that the emulator is always ended; a shell may have switched off either for its jobs.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    place = options.folder.resolve()
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    link_tree()
    try:
        with Emulator.start(seeds=list(SEEDS.values()), tls=True, control=True) as emulator:
            return _show(emulator, place, options.quiet)
    except KeyboardInterrupt:
        print("\nInterrupted; the emulated tenants are gone.", file=sys.stderr)
        return 130


def _show(emulator: Emulator, place: Path, quiet: bool) -> int:
    tenants = dict(zip(SEEDS, emulator.tenants, strict=True))
    _write_inventory(emulator, tenants, place)
    print(f"Two emulated tenants at {emulator.url}: " + ", ".join(f"{name} ({seed})" for name, seed in SEEDS.items()))
    runs, faults = [], []
    for title, arguments in (("check mode", ["--check", "--diff"]), ("for real", []), ("again", [])):
        for tenant in tenants.values():
            tenant.clear_journal()
        run = _play(title, arguments, place, quiet)
        runs.append(run)
        writes = {name: len(tenant.writes()) for name, tenant in tenants.items()}
        print(_line(run, writes))
        if title == "check mode" and any(writes.values()):
            faults.append(f"check mode wrote: {writes}")
        if title == "for real" and not all(run.changed.values()):
            faults.append(f"nothing changed on {[name for name, number in run.changed.items() if not number]}")
        if title == "again" and (any(run.changed.values()) or any(writes.values())):
            faults.append(f"the second run changed something: {run.changed}, writes {writes}")
        if run.exit_code:
            faults.append(f"{title}: ansible-playbook ended with {run.exit_code}")
    foretold, done, dummy = runs
    if foretold.operations != done.operations:
        faults.append("what check mode foretold is not what was done")
    print()
    for fault in faults:
        print(f"WRONG: {fault}")
    if not faults:
        print("Check mode wrote nothing and foretold exactly what the real run did; the second run changed nothing.")
    seconds = sum(run.seconds for run in runs)
    print(f"Three runs on two tenants took {seconds:.0f} s. The reports are {os.path.relpath(place)}/*/*.json")
    return 1 if faults else 0


def _write_inventory(emulator: Emulator, tenants: dict[str, EmulatedTenant], place: Path) -> None:
    hosts = {}
    for name, tenant in tenants.items():
        hosts[name] = {"m365_tenant_id": tenant.tenant_id, "m365_portal_session": tenant.portal_session}
    inventory = {"all": {"hosts": hosts, "vars": {"m365_endpoint": emulator.url, "m365_ca_path": emulator.ca_path}}}
    (place / "inventory.json").write_text(json.dumps(inventory, indent=2))


def _play(title: str, arguments: list[str], place: Path, quiet: bool) -> Run:
    folder = place / title.replace(" ", "_")
    secrets = {
        "M365_CLIENT_ID": "11111111-1111-4111-8111-111111111111",
        "M365_CLIENT_SECRET": "not-a-real-secret-of-the-writer-000000000000",
    }
    command = [
        str(Path(sys.executable).with_name("ansible-playbook")),
        "m365.defender.air",
        "-i",
        str(place / "inventory.json"),
        "-e",
        f"m365_report_folder={folder}",
        "-e",
        f"m365_ledger={folder}/ledger",
        *arguments,
    ]
    if not quiet:
        print(f"\n===== {title}: ansible-playbook m365.defender.air {' '.join(arguments)}".rstrip() + "\n", flush=True)
    env = {**os.environ, **environment(), **secrets, "ANSIBLE_FORCE_COLOR": str(int(sys.stdout.isatty()))}
    started = time.monotonic()
    text = []
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=place) as process:
        try:
            for line in process.stdout or ():
                text.append(line)
                if not quiet:
                    print(line, end="", flush=True)
        except KeyboardInterrupt:
            process.terminate()
            raise
    seconds = time.monotonic() - started
    recap = {
        host: int(number) for host, number in re.findall(r"^\S*?(\w+)\S*\s+: ok=.*?changed=(\d+)", _plain("".join(text)), re.MULTILINE)
    }
    operations = {host: _report(folder, host).get("operations", []) for host in SEEDS}
    if quiet and process.returncode:
        print("".join(text))
    return Run(title, process.returncode, seconds, {host: recap.get(host, -1) for host in SEEDS}, operations)


def _plain(text: str) -> str:
    return re.sub(r"\x1b\[[\d;]*m", "", text)


def _report(folder: Path, host: str) -> dict[str, list[str]]:
    path = folder / f"{host}.json"
    return json.loads(path.read_text()) if path.exists() else {}


def _line(run: Run, writes: dict[str, int]) -> str:
    hosts = ", ".join(f"{host} changed={number} writes={writes[host]}" for host, number in run.changed.items())
    return f"----- {run.title}: {hosts}, {run.seconds:.1f} s"


if __name__ == "__main__":
    sys.exit(main())
