# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds the Python interpreters of this machine, by running them: a name on PATH may be a shim that only fails.

python tools/pythons.py
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

VERSIONS = tuple(f"3.{minor}" for minor in range(8, 17))


def candidates(version: str) -> list[Path]:
    """Where an interpreter of this version (`3.13`) may be: on PATH, under pyenv, in the usual folders. Not in a virtual environment."""
    folders = [Path(folder) for folder in os.environ.get("PATH", os.defpath).split(os.pathsep) if folder]
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    folders += sorted(pyenv.glob(f"versions/{version}.*/bin"))
    folders += [Path("/usr/local/bin"), Path("/usr/bin")]
    return [folder / f"python{version}" for folder in folders if not (folder.parent / "pyvenv.cfg").exists()]


def real(path: Path, version: str) -> Path | None:
    """The interpreter itself behind a name, or None where it does not run, is of another version or cannot make environments."""
    program = "import sys, venv, ensurepip; print('%d.%d' % sys.version_info[:2]); print(sys.executable)"
    try:
        answer = subprocess.run([str(path), "-c", program], check=True, capture_output=True, text=True, timeout=30).stdout.splitlines()
    except (OSError, subprocess.SubprocessError):
        return None
    return Path(answer[1]) if answer[0] == version else None


def found() -> dict[str, Path]:
    """Every version found and its interpreter, oldest first."""
    result: dict[str, Path] = {}
    for version in VERSIONS:
        for path in dict.fromkeys(candidates(version)):
            interpreter = real(path, version) if path.exists() else None
            if interpreter:
                result[version] = interpreter
                break
    return result


if __name__ == "__main__":
    for name, where in found().items():
        sys.stdout.write(f"{name} {where}\n")
