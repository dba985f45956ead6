# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is taken for a part of the collection: somebody's own inventory and reports in the checkout are not."""

from __future__ import annotations

import subprocess

from tools import workspace


def test_what_somebody_keeps_in_the_checkout_is_no_part_of_it(tmp_path, monkeypatch):
    monkeypatch.setattr(workspace, "ROOT", tmp_path)
    for name in (
        ".gitignore",
        "README.md",
        "plugins/one.py",
        "plugins/two.py",
        "plugins/new/three.py",
        "plugins/left.tmp",
        "inventory.yml",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("*.tmp\n")
    (tmp_path / "m365_reports").mkdir()
    (tmp_path / "m365_reports" / "contoso.json").write_text("{}")
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    subprocess.run(["git", "-C", str(tmp_path), "add", ".gitignore", "README.md", "plugins/one.py"], check=True)

    assert workspace.files() == [".gitignore", "README.md", "plugins/new/three.py", "plugins/one.py", "plugins/two.py"]
