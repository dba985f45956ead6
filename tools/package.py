# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds the collection's archive into build/dist; with --check it is also read by the importer that Galaxy and Automation Hub use.

python tools/package.py [--check]
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tools.workspace import BUILD, ROOT, copy_tree, environment

BIN = Path(sys.executable).parent
# Automation Hub's rules on top of Galaxy's.
RULES = {"GALAXY_IMPORTER_CHECK_REQUIRED_TAGS": "true", "GALAXY_IMPORTER_REQUIRE_V1_OR_GREATER": "true"}


def build() -> Path:
    """Build the archive from a copy of what is, or could be, tracked, and return its path."""
    place = BUILD / "dist"
    command = [str(BIN / "ansible-galaxy"), "collection", "build", "--force", "--output-path", str(place), str(copy_tree("package-copy"))]
    subprocess.run(command, check=True, env={**os.environ, **environment()})
    return max(place.glob("m365-defender-*.tar.gz"), key=lambda path: path.stat().st_mtime)


def accepted(archive: Path) -> bool:
    """Whether the importer takes the archive without an error or a warning."""
    command = [sys.executable, "-m", "galaxy_importer.main", str(archive)]
    # It unpacks into the working directory and reads the settings of the environment.
    answer = subprocess.run(
        command,
        cwd=archive.parent,
        env={**os.environ, **environment(), **RULES},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    sys.stdout.write(answer.stdout)
    return answer.returncode == 0 and not re.search(r"^(WARNING|ERROR)\b", answer.stdout, re.MULTILINE)


def main() -> int:
    """Build, and check if asked to."""
    archive = build()
    sys.stdout.write(f"{archive.relative_to(ROOT)}: {archive.stat().st_size // 1024} KiB\n")
    return 0 if "--check" not in sys.argv or accepted(archive) else 1


if __name__ == "__main__":
    sys.exit(main())
