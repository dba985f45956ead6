# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the unit, contract and emulator tests on every Python and ansible-core that go together here, and sanity once per ansible-core.

    python tools/matrix.py              # all of it
    python tools/matrix.py 2.18 3.13    # the pairs that hold one of these

Each pair gets an environment of its own under build/matrix, which is kept for the next time.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tools.pythons import found
from tools.workspace import BUILD, ROOT, link_tree

# Which Pythons each release takes on the control node, as its own metadata says; the newest release of each line in 2026-11.
CORES = {
    "2.18.19": ("3.11", "3.12", "3.13"),
    "2.19.14": ("3.11", "3.12", "3.13"),
    "2.20.10": ("3.12", "3.13", "3.14"),
    "2.21.5": ("3.12", "3.13", "3.14"),
    "2.22.0rc1": ("3.13", "3.14", "3.15"),
}
# This pre-release takes a package that pylint needs from a source host, not from an index; pylint runs on all the others.
SKIPPED = {"2.22.0rc1": ("--skip-test", "pylint")}
REQUIREMENTS = ("requirements.txt", "requirements-emulator.txt", "tests/unit/requirements.txt")
TESTS = ("tests/unit", "tests/emulator")


def environment(python: Path, version: str, core: str) -> Path:
    """Make the virtual environment of one pair, unless it is there and up to date, and return its folder of programs."""
    place = BUILD / "matrix" / f"python{version}-core{core}"
    stamp = place / "ready"
    pins = [ROOT / name for name in (*REQUIREMENTS, "tests/constraints.txt")]
    if not stamp.exists() or stamp.stat().st_mtime < max(path.stat().st_mtime for path in pins):
        constraints = BUILD / "matrix" / "constraints.txt"
        constraints.parent.mkdir(parents=True, exist_ok=True)
        # The pairs differ in ansible-core, and each release of it takes its own range of resolvelib.
        constraints.write_text(re.sub(r"(?m)^(?:ansible-core|resolvelib)==.*\n", "", (ROOT / "tests" / "constraints.txt").read_text()))
        subprocess.run([str(python), "-m", "venv", "--clear", str(place)], check=True)
        install = [str(place / "bin" / "python"), "-m", "pip", "-qq", "install", "-c", str(constraints), f"ansible-core=={core}"]
        subprocess.run([*install, *(word for name in REQUIREMENTS for word in ("-r", str(ROOT / name)))], check=True)
        stamp.touch()
    return place / "bin"


def passes(name: str, command: list[str]) -> bool:
    """Run one part, write its log, and say how it ended."""
    log = BUILD / "logs" / f"matrix-{name}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    with log.open("wb") as file:
        code = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT, check=False).returncode
    text = log.read_text(errors="replace")
    if code:
        sys.stdout.write(f"\n===== {name}\n{text}\n")
    counted = f"  {text.strip().splitlines()[-1]}" if name.startswith("units") and text.strip() else ""
    sys.stdout.write(f"{'FAILED' if code else 'ok    '}  {name:<32}{time.monotonic() - began:6.1f} s{counted}\n")
    sys.stdout.flush()
    return code == 0


def main() -> int:
    """Run every pair that was asked for; the exit code is 1 if one failed or none was found."""
    asked = sys.argv[1:]
    interpreters = found()
    pairs = [(core, version) for core, versions in CORES.items() for version in versions if version in interpreters]
    pairs = [(core, version) for core, version in pairs if not asked or any(core.startswith(word) or version == word for word in asked)]
    link_tree()
    results = []
    for core, version in pairs:
        programs = environment(interpreters[version], version, core)
        name = f"python{version}-core{core}"
        results.append(passes(f"units-{name}", [str(programs / "pytest"), "-q", "-n", "2", *TESTS]))
        # The sanity tests try each Python themselves, so the newest that a release takes is enough.
        if (core, version) == max((pair for pair in pairs if pair[0] == core), key=lambda pair: tuple(map(int, pair[1].split(".")))):
            sanity = [str(programs / "python"), "tools/run_ansible_test.py", "sanity", *SKIPPED.get(core, ())]
            results.append(passes(f"sanity-{name}", sanity))
    missing = sorted({version for versions in CORES.values() for version in versions} - set(interpreters))
    if missing:
        sys.stdout.write(f"Not on this machine: Python {', '.join(missing)}\n")
    sys.stdout.write(f"\n{results.count(True)} passed, {results.count(False)} failed\n")
    return 0 if results and all(results) else 1


if __name__ == "__main__":
    os.environ.pop("PYTHONPATH", None)
    sys.exit(main())
