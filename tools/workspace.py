# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lays the collection out as Ansible wants it: .../ansible_collections/m365/defender.

Two layouts, both under build/:

* `link`: build/collections holds links to the parts of this checkout. Edits are live; for pytest, mypy, playbooks, molecule.
* `copy`: build/copy holds a copy of every file that is tracked or could be (not ignored). For ansible-test, which follows no links.
  Each program that takes a copy has one of its own, because they run at the same time.

    python tools/workspace.py link
    python tools/workspace.py copy
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
NAME = Path("ansible_collections") / "m365" / "defender"
# What an installed collection consists of; tests, tools and the emulator are no part of it.
PARTS = (
    "LICENSE",
    "README.md",
    "CHANGELOG.rst",
    "changelogs",
    "docs",
    "extensions",
    "galaxy.yml",
    "meta",
    "playbooks",
    "plugins",
    "requirements.txt",
    "roles",
)


def environment() -> dict[str, str]:
    """The variables that keep Ansible's files inside the checkout and a person's own configuration out of it."""
    return {
        "ANSIBLE_HOME": str(BUILD / "ansible"),
        "ANSIBLE_CONFIG": str(ROOT / "tests" / "ansible.cfg"),
        "ANSIBLE_COLLECTIONS_PATH": str(BUILD / "collections"),
        # Where modules run by a local connection put their files; by default below the home folder.
        "ANSIBLE_REMOTE_TEMP": str(BUILD / "ansible" / "tmp"),
        "ANSIBLE_ASYNC_DIR": str(BUILD / "ansible" / "async"),
    }


def link_tree() -> Path:
    """Make or complete the tree of links and return the folder that holds `ansible_collections`. Several processes may do so at once."""
    top = BUILD / "collections"
    place = top / NAME
    place.mkdir(parents=True, exist_ok=True)
    for part in PARTS:
        link = place / part
        if not (ROOT / part).exists() or link.exists():
            continue
        spare = place / f".{part}.{os.getpid()}"
        spare.unlink(missing_ok=True)
        spare.symlink_to(os.path.relpath(ROOT / part, place))
        spare.replace(link)
    return top


def files() -> list[str]:
    """Every file of the checkout that is a part of the collection, as paths relative to its root.

    What is not tracked yet, and not ignored, counts within folders that are. At the root it is somebody's own, such as an inventory with
    secrets, and must not come into an archive.
    """
    tracked = _listed("--cached")
    folders = {name.partition("/")[0] for name in tracked if "/" in name}
    wanted = tracked + [name for name in _listed("--others", "--exclude-standard") if name.partition("/")[0] in folders]
    return sorted({name for name in wanted if os.path.lexists(ROOT / name)})


def _listed(*options: str) -> list[str]:
    run = subprocess.run(["git", "-C", str(ROOT), "ls-files", "-z", *options], check=True, stdout=subprocess.PIPE)
    return [name for name in run.stdout.decode().split("\0") if name]


def copy_tree(user: str = "copy") -> Path:
    """Bring build/{user} up to date and return the collection's folder in it. What is no longer in the checkout goes.

    user: the program that the copy is for. Two that shared one would rewrite files under each other's eyes.
    """
    place = BUILD / user / NAME
    place.mkdir(parents=True, exist_ok=True)
    # A repository of its own: ansible-test would else look upwards, find this checkout, and take everything in build/ for ignored.
    subprocess.run(["git", "init", "--quiet", str(place)], check=True)
    wanted = files()
    for name in wanted:
        source, target = ROOT / name, place / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, target, follow_symlinks=False)
    keep = set(wanted)
    for path in sorted(place.rglob("*"), reverse=True):
        name = str(path.relative_to(place))
        if name.startswith((".git/", "tests/output")) or name == ".git":
            continue
        if path.is_dir() and not path.is_symlink():
            if not any(path.iterdir()):
                path.rmdir()
        elif name not in keep:
            path.unlink()
    return place


def main() -> int:
    """Make the layout that was asked for and print where it is."""
    parser = argparse.ArgumentParser(description="Lay the collection out as Ansible wants it.")
    parser.add_argument("layout", choices=["link", "copy"])
    layout = parser.parse_args().layout
    sys.stdout.write(f"{link_tree() if layout == 'link' else copy_tree()}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
