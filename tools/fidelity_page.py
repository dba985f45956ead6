# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the page that says how true the emulated tenant is, from the list of its behaviours.

python tools/fidelity_page.py            # write the page
python tools/fidelity_page.py --check    # only say whether it is in step; exit code 1 when it is not
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
CLAIMS = ROOT / "emulator" / "claims.yml"
PAGE = ROOT / "docs" / "docsite" / "rst" / "fidelity.rst"
# From surest to least sure; a claim of which only a part is guessed counts as guessed.
WORDS = {
    "live": "measured on a real tenant, or taken from a published recording of one",
    "doc": "Microsoft documents it",
    "code": "seen in what a public client sends or expects",
    "recall": "well known from Microsoft's documentation, and not looked up again",
    "guess": "no public source shows it",
}
HEAD = """\
.. Copyright: (c) 2026, the m365.defender contributors
   GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
   SPDX-License-Identifier: GPL-3.0-or-later

.. Made by tools/fidelity_page.py from emulator/claims.yml. Change that file, not this one.

.. _ansible_collections.m365.defender.docsite.fidelity:

How true the emulated tenant is
===============================

Everything in this project is tested on an emulated tenant. A test is worth as much as that tenant is true, so each behaviour that it
shows is listed here, with where it comes from and how sure it is. A test fails when a behaviour is not exercised.

The emulated tenant shares no code and no tables with the collection. It is built from public sources: Microsoft's documentation,
Microsoft's published metadata, public clients, and recordings and exports of tenants that people have published. Nobody has compared it
with a real tenant for this project. Sources are named by public repository or page.
"""


def sections() -> list[tuple[str, list[dict[str, Any]]]]:
    """The claims under the headings that the file has as comments. Raises ValueError for a claim that lacks something."""
    pieces = re.split(r"^# -{8,} (.+)$", CLAIMS.read_text(), flags=re.MULTILINE)
    found = [(title.strip(), yaml.safe_load(text) or []) for title, text in zip(pieces[1::2], pieces[2::2], strict=True)]
    for claim in (claim for dummy, claims in found for claim in claims):
        if not all(claim.get(name) for name in ("id", "statement", "source", "certainty")) or not set(sure(claim)) <= WORDS.keys():
            raise ValueError(f"{CLAIMS.name}: {claim.get('id')} lacks a statement, a source or a certainty of {', '.join(WORDS)}")
    return found


def sure(claim: dict[str, Any]) -> list[str]:
    """The words of a claim's certainty, surest first."""
    words = [word.strip() for word in str(claim["certainty"]).split(",")]
    return sorted(words, key=lambda word: [*WORDS, word].index(word))


def page() -> str:
    """The whole page."""
    found = sections()
    every = [claim for dummy, claims in found for claim in claims]
    counts = Counter(sure(claim)[-1] for claim in every)
    lines = [HEAD, f"There are {len(every)} behaviours. Of each, the least sure part counts:", ""]
    lines += [".. list-table::", "   :header-rows: 1", "   :widths: auto", ""]
    lines += _row("Word", "What it means", "Behaviours")
    for word, meaning in WORDS.items():
        lines += _row(word, meaning, str(counts[word]))
    lines += ["", *_title("What is guessed"), "Wholly or in part. Do not take these for facts about Microsoft's services.", ""]
    lines += _table([claim for claim in every if "guess" in sure(claim)])
    for title, claims in found:
        rest = [claim for claim in claims if "guess" not in sure(claim)]
        if rest:
            lines += [*_title(title[0].upper() + title[1:]), *_table(rest)]
    return "\n".join(lines).rstrip() + "\n"


def _title(text: str) -> list[str]:
    return [_plain(text), "-" * len(_plain(text)), ""]


def _table(claims: list[dict[str, Any]]) -> list[str]:
    lines = [".. list-table::", "   :header-rows: 1", "   :widths: 70 15 15", ""]
    lines += _row("Behaviour", "How sure", "Source")
    for claim in claims:
        lines += _row(_plain(claim["statement"]), ", ".join(sure(claim)), _plain(claim["source"]))
    return [*lines, ""]


def _row(first: str, *others: str) -> list[str]:
    return [f"   * - {first}", *(f"     - {one}" for one in others)]


def _plain(text: Any) -> str:
    """One line in which nothing is markup."""
    return re.sub(r"([\\*`|_])", r"\\\1", " ".join(str(text).split()))


def main() -> int:
    text = page()
    if PAGE.exists() and PAGE.read_text() == text:
        return 0
    if "--check" in sys.argv[1:]:
        sys.stderr.write(f"{PAGE.relative_to(ROOT)} is not in step with {CLAIMS.relative_to(ROOT)}: run tools/fidelity_page.py\n")
        return 1
    PAGE.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
