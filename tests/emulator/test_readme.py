# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The emulated tenant's own page tells of everything that it can be asked for."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from emulator import seed
from emulator.__main__ import arguments
from emulator.control import CALLS
from emulator.faults import KINDS, SERVICES

FOLDER = Path(seed.__file__).parent
TEXT = (FOLDER / "README.md").read_text(encoding="utf-8")


def section(heading: str) -> str:
    return TEXT.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def first_cells(heading: str) -> list[str]:
    """The first cells of the tables of a section, without their headings."""
    rows = [line.split("|")[1].strip() for line in section(heading).splitlines() if line.startswith("|")]
    return [cell for cell, following in zip(rows, [*rows[1:], ""], strict=True) if not {cell, following} & {"---"}]


def test_every_call_of_the_control_interface() -> None:
    said = set()
    for cell in first_cells("Control interface"):
        path = ""
        for words in re.findall(r"`([^`]+)`", cell)[::-1]:  # a verb alone shares the path of the next one
            verb, _space, own = words.partition(" ")
            path = own or path
            said.add(f"{verb} {path}")
    assert said == set(CALLS)


def test_every_kind_of_fault() -> None:
    assert set(first_cells("Faults")) == KINDS
    assert set(re.search(r"`service` \(([^)]*)\)", section("Faults"))[1].replace(",", "").split()) == SERVICES


def test_every_seed_and_every_key_of_one() -> None:
    assert {cell.strip("`") for cell in first_cells("Seeds")} == {path.stem for path in (FOLDER / "seeds").glob("*.yml")}
    sample = section("Seeds").partition("```yaml\n")[2].partition("```")[0]
    assert set(re.findall(r"^(\w+):", sample, re.MULTILINE)) == seed.KEYS


def test_every_option(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["emulator", "--help"])
    with pytest.raises(SystemExit):
        arguments()
    options = set(re.findall(r"(--[a-z-]+)", capsys.readouterr().out)) - {"--help"}
    assert set(re.findall(r"`(--[a-z-]+)", "\n".join(first_cells("Starting it")))) == options
