# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes tests/constraints.txt: the exact version of every package that `make test` installs, for each Python found.

python tools/pins.py            # after an edit of a requirements file
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tools.pythons import found
from tools.workspace import ROOT

OLDEST = (3, 11)
HEADER = "# Made by `make pins`: what tests/requirements.txt comes to on each supported Python.\n"


def resolved(python: Path) -> dict[str, str]:
    """Install the requirements into a new environment of this interpreter and return the version of each package."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([str(python), "-m", "venv", folder], check=True)
        program = [f"{folder}/bin/python", "-m", "pip"]
        subprocess.run([*program, "-qq", "install", "-r", str(ROOT / "tests" / "requirements.txt")], check=True)
        frozen = subprocess.run([*program, "freeze"], check=True, capture_output=True, text=True).stdout
    return dict(line.split("==") for line in frozen.splitlines() if "==" in line)


def merged(versions: dict[str, dict[str, str]]) -> list[str]:
    """One line for a package that is the same on every Python, else one line for each run of Pythons that agree."""
    pythons = list(versions)
    lines = []
    for name in sorted({name for packages in versions.values() for name in packages}, key=str.lower):
        groups: dict[str, list[str]] = defaultdict(list)
        for python in pythons:
            if name in versions[python]:
                groups[versions[python][name]].append(python)
        if list(groups.values()) == [pythons]:
            lines.append(f"{name}=={next(iter(groups))}")
            continue
        for version, those in groups.items():
            marks = []
            if those[0] != pythons[0]:
                marks.append(f'python_version >= "{those[0]}"')
            if those[-1] != pythons[-1]:
                marks.append(f'python_version <= "{those[-1]}"')
            lines.append(f"{name}=={version}" + (f" ; {' and '.join(marks)}" if marks else ""))
    return lines


def main() -> int:
    """Resolve on every Python found and write the file."""
    versions = {}
    for version, python in found().items():
        if tuple(int(number) for number in version.split(".")) >= OLDEST:
            sys.stdout.write(f"Python {version} ...\n")
            versions[version] = resolved(python)
    (ROOT / "tests" / "constraints.txt").write_text(HEADER + "\n".join(merged(versions)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
