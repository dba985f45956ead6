# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every claim of the emulator has a source, a certainty, and a test that is there."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from emulator.seed import HERE

CERTAINTIES = {"doc", "live", "code", "recall", "guess"}
CLAIMS: list[dict[str, Any]] = yaml.safe_load((HERE / "claims.yml").read_text(encoding="utf-8"))


@cache
def functions_of(name: str) -> set[str]:
    """The names of the test functions in a file beside this one."""
    path = Path(__file__).parent / name
    tree = ast.parse(path.read_text(encoding="utf-8")) if path.is_file() else ast.Module([], [])
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


def test_claims_have_ids_of_their_own() -> None:
    ids = [claim["id"] for claim in CLAIMS]
    assert len(ids) == len(set(ids)) > 80


@pytest.mark.parametrize("claim", CLAIMS, ids=[claim["id"] for claim in CLAIMS])
def test_a_claim_is_whole_and_exercised(claim: dict[str, Any]) -> None:
    assert set(claim) == {"id", "statement", "source", "certainty", "test"}
    assert {word.strip() for word in claim["certainty"].split(",")} <= CERTAINTIES
    assert claim["statement"].endswith(".") and claim["source"]
    file, _colons, name = claim["test"].partition("::")
    assert name in functions_of(file), f"{claim['test']} does not exist"
