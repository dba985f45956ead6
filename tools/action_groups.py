# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps meta/runtime.yml in step with the modules, and the action plugins with them.

    python tools/action_groups.py            # rewrite the list
    python tools/action_groups.py --check    # fail where it is not what it would write, or where an action plugin is missing

A module belongs to the group `tenant` if it takes the connection options, that is, if it extends the fragment m365.defender.tenant.
Such a module must have an action plugin of the same name: only then does Ansible load it before it forks.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tools.workspace import ROOT

RUNTIME = ROOT / "meta" / "runtime.yml"
FRAGMENT = re.compile(r"^\s*-\s+m365\.defender\.tenant\s*$", re.MULTILINE)
GROUP = re.compile(r"^  tenant:(?: \[\]\n|\n(?:    - .*\n)+)", re.MULTILINE)


def modules() -> list[str]:
    """The names of the modules that take the connection options."""
    return sorted(path.stem for path in (ROOT / "plugins" / "modules").glob("*.py") if FRAGMENT.search(path.read_text()))


def wanted(text: str, names: list[str]) -> str:
    """The text of meta/runtime.yml with the group's list replaced."""
    lines = "".join(f"    - {name}\n" for name in names)
    changed, count = GROUP.subn(f"  tenant:\n{lines}" if names else "  tenant: []\n", text)
    if count != 1:
        sys.exit(f"{RUNTIME.relative_to(ROOT)} has no list action_groups.tenant of the form this program keeps.")
    return changed


def main() -> int:
    """Rewrite or check; the exit code is 1 if something is out of step."""
    names = modules()
    problems = [
        f"plugins/modules/{name}.py has no plugins/action/{name}.py"
        for name in names
        if not (ROOT / "plugins" / "action" / f"{name}.py").exists()
    ]
    text = RUNTIME.read_text()
    new = wanted(text, names)
    if "--check" not in sys.argv:
        RUNTIME.write_text(new)
    elif new != text:
        problems.append("meta/runtime.yml: action_groups.tenant is not the list of the modules; run tools/action_groups.py")
    sys.stdout.write("".join(f"{problem}\n" for problem in problems) or f"{len(names)} modules in the group tenant\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
