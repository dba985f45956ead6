# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Starts the emulated tenants for a scenario and ends them: start.py FOLDER, start.py --end FOLDER.

FOLDER/emulator.json gets the line that the emulator prints when it is ready. The emulator ends with molecule at the latest.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
SEEDS = ("fresh_e5", "lived_in")


def start(folder: Path) -> None:
    """Starts the emulator beside this process and waits until it is ready."""
    seeds = [word for seed in SEEDS for word in ("--seed", seed)]
    tls = folder / "tls"
    tls.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "emulator", "--tls", "--tls-dir", str(tls), "--control", "--parent", str(molecule()), *seeds]
    with open(folder / "emulator.log", "wb") as log:
        process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, start_new_session=True, text=True
        )
    ready = process.stdout.readline() if process.stdout else ""
    if not ready:
        raise SystemExit((folder / "emulator.log").read_text())
    (folder / "emulator.json").write_text(ready)


def molecule() -> int:
    """The process that runs the scenario, found among the forebears of this one; the first of all processes where it can't be told."""
    pid = os.getpid()
    while pid > 1:
        pid, command = _parent(pid)
        # Molecule, not the ansible-playbook that it started, which has molecule's folders on its command line.
        if any(Path(word).name == "molecule" for word in command[:3]):
            return pid
    return 1


def _parent(pid: int) -> tuple[int, list[str]]:
    """The parent of a process and its command line. From /proc where there is one: ps is not on every machine."""
    try:
        # The name of the program, in brackets, may hold anything.
        parent = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
        return parent, Path(f"/proc/{parent}/cmdline").read_text().split("\0")
    except FileNotFoundError:
        pass
    try:
        parent = int(_ps("ppid=", pid))
        return parent, _ps("command=", parent).split()
    except (FileNotFoundError, ValueError):
        return 1, []


def _ps(what: str, pid: int) -> str:
    return subprocess.run(["ps", "-o", what, "-p", str(pid)], check=False, capture_output=True, text=True).stdout


def end(folder: Path) -> None:
    """Ends the emulator and waits until it is gone."""
    pid = json.loads((folder / "emulator.json").read_text())["pid"]
    for dummy in range(100):
        try:
            os.kill(pid, signal.SIGTERM)
        except ProcessLookupError:
            return
        time.sleep(0.1)


if __name__ == "__main__":
    if sys.argv[1] == "--end":
        end(Path(sys.argv[2]))
    else:
        start(Path(sys.argv[1]))
