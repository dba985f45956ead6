# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the tables of Microsoft's clouds into the guide, from the very data by which hosts are chosen.

python tools/cloud_table.py            # bring it in step
python tools/cloud_table.py --check    # only say whether it is; exit code 1 when it is not
"""

from __future__ import annotations

import runpy
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tools.permission_table import ROOT, between

DATA = ROOT / "plugins" / "module_utils" / "_clouds.py"
GUIDE = ROOT / "docs" / "docsite" / "rst" / "connection.rst"
CELLS = {
    "login": "Sign-in",
    "graph": "Microsoft Graph",
    "exchange": "Exchange Online",
    "compliance": "Security & Compliance",
    "compliance_audience": "its tokens are for",
    "defender": "Defender for Endpoint",
    "defender_audience": "its tokens are for",
    "portal": "Defender portal",
    "sharepoint": "SharePoint, below",
    "partner": "Partner Center",
}
MEANINGS = {"doc": "documented", "code": "from public clients", "recall": "recalled", "guess": "a guess"}


def hosts_table(data: dict[str, Any]) -> list[str]:
    """Every host with how sure it is."""
    clouds = data["CLOUDS"]
    lines = [".. list-table::", "   :header-rows: 1", "", *_row("Service", *(f"``{name}``" for name in clouds))]
    for field, title in CELLS.items():
        cells = []
        for name, cloud in clouds.items():
            value = getattr(cloud, field).removeprefix("https://")
            note = data["DISPUTED"].get((name, field))
            sure = MEANINGS[data["CERTAINTY"][name][field]]
            if not value and sure == MEANINGS["guess"]:
                cells.append("not known")
                continue
            cells.append(f"{f'``{value}``' if value else 'none'} ({sure}{'; ' + note if note else ''})")
        lines += _row(title, *cells)
    return lines


def features_table(data: dict[str, Any]) -> list[str]:
    """What not every cloud has."""
    lines = [".. list-table::", "   :header-rows: 1", "", *_row("What", *(f"``{name}``" for name in data["CLOUDS"]), "How sure")]
    for feature in data["FEATURES"].values():
        marks = ["yes" if name in feature.clouds else "no" for name in data["CLOUDS"]]
        sure = f"{MEANINGS[feature.certainty]}: {feature.source}"
        lines += _row(feature.title[:1].upper() + feature.title[1:], *marks, sure)
    return lines


def _row(first: str, *others: str) -> list[str]:
    return [f"   * - {first}", *(f"     - {one}" for one in others)]


def document() -> str:
    """The guide as it should be."""
    data = runpy.run_path(str(DATA), run_name="_clouds")
    made = "made by tools/cloud_table.py"
    text = between(GUIDE.read_text(), f".. begin of hosts, {made}", ".. end of hosts", hosts_table(data))
    return between(text, f".. begin of features, {made}", ".. end of features", features_table(data))


def main() -> int:
    if GUIDE.read_text() == document():
        return 0
    if "--check" in sys.argv[1:]:
        sys.stderr.write(f"{GUIDE.relative_to(ROOT)} is not in step with {DATA.relative_to(ROOT)}: run tools/cloud_table.py\n")
        return 1
    GUIDE.write_text(document())
    return 0


if __name__ == "__main__":
    sys.exit(main())
