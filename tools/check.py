# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the checks that `make test` consists of, two cores' worth at a time, and says at the end what passed.

    python tools/check.py                   # all of them
    python tools/check.py lint sanity       # some
    PYTEST_ARGS="-k rank" python tools/check.py units

A check that is run alone prints as it goes. Of several, each writes to build/logs/NAME.log; the log of one that fails is printed whole.
"""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tools.workspace import BUILD, ROOT, environment, link_tree

CORES = 2
LIMIT = 20 * 60
PYTHON = sys.executable
VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"
BIN = Path(PYTHON).parent
LINKED = "build/collections/ansible_collections/m365/defender/plugins"
PYTEST = (f"{BIN}/pytest", "-q", "-n", str(CORES), *shlex.split(os.environ.get("PYTEST_ARGS", "")))
PLAIN = {"NO_COLOR": "1", "PY_COLORS": "0", "ANSIBLE_NOCOLOR": "1"}
DOCS = (f"{BIN}/antsibull-docs", "lint-collection-docs")
# For programs that put a file into the home folder without asking any variable.
HOUSED = {"HOME": str(BUILD / "home")}


@dataclass(frozen=True)
class Check:
    """One program to run. `group` is its make target; `cores` how many of the two it keeps busy."""

    name: str
    group: str
    command: tuple[str, ...]
    cores: int = 1
    variables: dict[str, str] = field(default_factory=dict)


# In the order in which they are started: what takes long or fails quickly comes first.
CHECKS = (
    # On this Python alone: compiling and importing everything once more for each of the others takes minutes, and is the matrix's part.
    Check("sanity", "sanity", (PYTHON, "tools/run_ansible_test.py", "sanity", "--python", VERSION)),
    Check("ruff", "lint", (f"{BIN}/ruff", "check")),
    Check("format", "lint", (f"{BIN}/ruff", "format", "--check")),
    Check("types", "lint", (f"{BIN}/mypy", "emulator", "tools", f"{LINKED}/module_utils", f"{LINKED}/plugin_utils")),
    Check("action-groups", "lint", (PYTHON, "tools/action_groups.py", "--check")),
    Check("yaml", "lint", (f"{BIN}/yamllint", "--strict", ".")),
    Check("changelog", "lint", (f"{BIN}/antsibull-changelog", "lint")),
    Check("ansible-lint", "ansible-lint", (f"{BIN}/ansible-lint", "--strict")),
    Check("docs", "docs", (*DOCS, "--plugin-docs", "--validate-collection-refs=all", "."), variables=HOUSED),
    Check("package", "package", (PYTHON, "tools/package.py", "--check"), variables=HOUSED),
    Check("molecule", "molecule", (f"{BIN}/molecule", "test", "--all")),
    # Counted as one core, so that it does not wait for sanity with the other core idle.
    Check("units", "units", (*PYTEST, "tests/unit", "tests/emulator")),
    Check("integration", "integration", (*PYTEST, "tests/integration"), cores=CORES),
)


@dataclass
class Run:
    """A check that was started, and in the end its exit code and duration."""

    check: Check
    process: subprocess.Popen[bytes]
    started: float
    log: Path | None
    code: int | None = None
    seconds: float = 0.0

    def stop(self) -> None:
        """End the program and all that it started."""
        for sign, patience in ((signal.SIGTERM, 20), (signal.SIGKILL, 5)):
            try:
                os.killpg(self.process.pid, sign)
                self.process.wait(patience)
            except ProcessLookupError:
                return
            except subprocess.TimeoutExpired:
                continue


def variables() -> dict[str, str]:
    """The environment of every check: programs of this virtual environment, and every file they keep under build/."""
    return {
        **os.environ,
        **environment(),
        "PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "VIRTUAL_ENV": str(BIN.parent),
        "XDG_CACHE_HOME": str(BUILD / "cache"),
        "ANSIBLE_LINT_SKIP_SCHEMA_UPDATE": "1",
        "ANSIBLE_LINT_NODEPS": "1",
        "LC_ALL": "C.UTF-8",
    }


def start(check: Check, alone: bool) -> Run:
    """Start a check, in a process group of its own so that it can be ended whole."""
    log = None if alone else BUILD / "logs" / f"{check.name}.log"
    with open(log or os.devnull, "wb") as file:
        process = subprocess.Popen(
            check.command,
            cwd=ROOT,
            env={**variables(), **check.variables, **({} if alone else PLAIN)},
            stdin=subprocess.DEVNULL,
            stdout=None if alone else file,
            stderr=None if alone else subprocess.STDOUT,
            start_new_session=True,
        )
    return Run(check, process, time.monotonic(), log)


def finished(run: Run) -> bool:
    """Whether the program has ended or had to be ended for taking too long."""
    run.code = run.process.poll()
    run.seconds = time.monotonic() - run.started
    if run.code is None and run.seconds > LIMIT:
        run.stop()
        run.code = run.process.poll() or 1
    return run.code is not None


def last_line(log: Path | None) -> str:
    """The closing line of a log, where a test runner says what it counted."""
    lines = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()] if log else []
    return lines[-1] if lines else ""


def report(run: Run) -> None:
    """Say how a check ended; print its log if it failed."""
    if run.code and run.log:
        sys.stdout.write(f"\n===== {run.check.name}: {shlex.join(run.check.command)}\n{run.log.read_text(errors='replace')}\n")
    counted = f"  {last_line(run.log)}" if run.check.command[0].endswith("/pytest") else ""
    sys.stdout.write(f"{'FAILED' if run.code else 'ok    '}  {run.check.name:<14}{run.seconds:6.1f} s{counted}\n")
    sys.stdout.flush()


def run_all(checks: list[Check]) -> list[Run]:
    """Run the checks, as many at a time as the cores allow, and return how each ended."""
    waiting, done = list(checks), []
    running: list[Run] = []
    try:
        while waiting or running:
            free = CORES - sum(run.check.cores for run in running)
            following = next((check for check in waiting if check.cores <= free), None)
            if following:
                waiting.remove(following)
                running.append(start(following, alone=len(checks) == 1))
                continue
            time.sleep(0.1)
            for run in [run for run in running if finished(run)]:
                running.remove(run)
                done.append(run)
                report(run)
    finally:
        for run in running:
            run.stop()
    return done


def main() -> int:
    """Run the groups or checks named, or all; the exit code is 1 if any failed."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ended from outside: end what was started, too
    names = sys.argv[1:]
    known = {check.group for check in CHECKS} | {check.name for check in CHECKS}
    if unknown := [name for name in names if name not in known]:
        sys.stderr.write(f"No such check: {', '.join(unknown)}. There are: {', '.join(sorted(known))}\n")
        return 2
    for folder in ("home", "logs"):
        (BUILD / folder).mkdir(parents=True, exist_ok=True)
    link_tree()
    began = time.monotonic()
    done = run_all([check for check in CHECKS if not names or check.name in names or check.group in names])
    failed = [run.check.name for run in done if run.code]
    if failed:
        sys.stdout.write(f"\nFailed: {', '.join(failed)}. Logs: build/logs\n")
    sys.stdout.write(f"\nAll checks took {time.monotonic() - began:.0f} s.\n{len(done) - len(failed)} passed, {len(failed)} failed\n")
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
