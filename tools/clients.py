# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the environment in which real clients are run against the emulated tenant, below build/. Made anew when its requirements change.

python tools/clients.py
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import venv
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tools.workspace import BUILD, ROOT

FOLDER = BUILD / "clients"
PYTHON = FOLDER / "bin" / "python"
REQUIREMENTS = ROOT / "tests" / "clients" / "requirements.txt"


def made() -> None:
    """Makes it, unless it is there already."""
    stamp = FOLDER / "made-of"
    wanted = hashlib.sha256(REQUIREMENTS.read_bytes() + sys.version.encode()).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted and PYTHON.exists():
        return
    venv.create(FOLDER, clear=True, with_pip=True, symlinks=True)
    # Nothing is compiled: most of the libraries' thousands of files are never imported.
    command = [str(PYTHON), "-m", "pip", "-qq", "--disable-pip-version-check", "install", "--no-compile", "-r", str(REQUIREMENTS)]
    subprocess.run(command, check=True)
    stamp.write_text(wanted)


if __name__ == "__main__":
    made()
