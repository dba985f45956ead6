# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the tables of permissions into the README and the guide, from the very data by which permission_info judges.

python tools/permission_table.py            # bring both in step
python tools/permission_table.py --check    # only say whether they are; exit code 1 when they are not
"""

from __future__ import annotations

import runpy
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "plugins" / "module_utils" / "readers" / "_needs.py"
CLOUDS = DATA.parent.parent / "_clouds.py"
README = ROOT / "README.md"
GUIDE = ROOT / "docs" / "docsite" / "rst" / "permissions.rst"
STEPS = {
    "prerequisites": "1, prerequisites",
    "device_groups": "2, device groups",
    "email_protection": "3, Office 365",
    "xdr": "4, Defender XDR",
    "action_center": "The review",
}


def needs() -> tuple[Sequence[Any], dict[str, str]]:
    """The needs of each step, also those that no token tells and those of modules, and what each audience is called.

    The file stands alone, so no collection has to be found.
    """
    found = runpy.run_path(str(DATA), run_name="_needs")
    every = sorted((*found["NEEDS"], *found["UNTOLD"], *found["BY_HAND"]), key=lambda one: list(STEPS).index(one.step))
    return every, found["AUDIENCES"]


def readme_table() -> list[str]:
    """In Markdown: which application permissions an app is given, each once."""
    every, audiences = needs()
    rows: dict[tuple[str, str], list[Any]] = {}
    for one in every:
        if one.permissions:
            rows.setdefault((audiences[one.audience], one.permissions[0]), []).append(one)
    lines = ["| API | Application permission | Needed | What for |", "|---|---|---|---|"]
    for (api, permission), several in sorted(rows.items(), key=_rarity):
        needed = "if asked for" if all(one.asked_for for one in several) else "for more evidence"
        needed = "for a full verdict" if any(one.decides for one in several) else needed
        needed = needed if all(one.optional for one in several) else "yes"
        lines.append(f"| {api} | `{permission}` | {needed} | {', '.join(dict.fromkeys(one.purpose for one in several))} |")
    return lines


def guide_table() -> list[str]:
    """In reStructuredText: every need with all that would meet it."""
    every, audiences = needs()
    lines = [".. list-table::", "   :header-rows: 1", "   :widths: auto", ""]
    lines += _row("Step", "To", "What", "API", "Permission, one of", "Directory role, one of", "Without it", "Not needed in")
    clouds = runpy.run_path(str(CLOUDS), run_name="_clouds")["CLOUDS"]
    for one in every:
        what = "the step has no verdict" if one.access == "read" else "writing is refused"
        lines += _row(
            STEPS[one.step],
            one.access,
            one.purpose,
            audiences[one.audience],
            _literals(one.permissions) or ("a portal session" if one.audience == "portal" else "none"),
            ", ".join(one.roles) or "none",
            _without(one, what),
            _literals(name for name, cloud in clouds.items() if cloud.lacks_for(one.audience, one.feature)) or r"\-",
        )
    return lines


def _rarity(row: tuple[Any, Sequence[Any]]) -> tuple[bool, bool, bool]:
    """What everybody needs first, then what a verdict may rest on, then what gives more evidence, then what has to be asked for."""
    decides = any(one.decides for one in row[1])
    return all(one.optional for one in row[1]), not decides, all(one.asked_for for one in row[1])


def _without(one: Any, otherwise: str) -> str:
    if one.asked_for:
        return "the task fails, if somebody asks for it"
    if one.decides:
        return "a line of the step is unknown, or a person has to attest it"
    if one.optional:
        return "there is less evidence" if one.access == "read" else "it is left alone"
    return otherwise


def _row(first: str, *others: str) -> list[str]:
    return [f"   * - {first}", *(f"     - {one}" for one in others)]


def _literals(names: Iterable[str]) -> str:
    return ", ".join(f"``{name}``" for name in names)


def between(text: str, begin: str, end: str, lines: Sequence[str]) -> str:
    """`text` with `lines` in the place of what stands between the lines that are `begin` and `end`. Raises ValueError without them."""
    before, found, rest = text.partition(f"\n{begin}\n")
    _dummy, closed, after = rest.partition(f"\n{end}\n")
    if not found or not closed:
        raise ValueError(f"there is no place for the table between {begin} and {end}")
    return before + found + "\n" + "\n".join(lines) + "\n" + closed + after


def documents() -> dict[Path, str]:
    """Each document as it should be."""
    made = "made by tools/permission_table.py"
    return {
        README: between(README.read_text(), f"<!-- begin of table, {made} -->", "<!-- end of table -->", readme_table()),
        GUIDE: between(GUIDE.read_text(), f".. begin of table, {made}", ".. end of table", guide_table()),
    }


def main() -> int:
    stale = {path: text for path, text in documents().items() if path.read_text() != text}
    for path, text in stale.items():
        if "--check" in sys.argv[1:]:
            sys.stderr.write(f"{path.relative_to(ROOT)} is not in step with {DATA.relative_to(ROOT)}: run tools/permission_table.py\n")
        else:
            path.write_text(text)
    return int("--check" in sys.argv[1:] and bool(stale))


if __name__ == "__main__":
    sys.exit(main())
