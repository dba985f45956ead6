# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tables and the rules of the package: sources and certainties, no import of the collection, nothing made up elsewhere."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from emulator.seed import HERE, TABLES, table

MODULES = sorted(HERE.rglob("*.py"))
INVENTED = sorted((HERE / "invented").glob("*.py"))
CERTAINTIES = {"doc", "live", "code", "mixed", "recall", "guess"}


@pytest.mark.parametrize(("name", "key"), [("cmdlets", "cmdlets"), ("role_cmdlets", "cmdlets"), ("objects", "nouns")])
def test_every_row_has_source_and_certainty(name: str, key: str) -> None:
    for row in table(name)[key].values():
        assert row["source"] and row["certainty"] in CERTAINTIES


def test_no_cmdlet_stands_in_both_tables() -> None:
    assert not table("cmdlets")["cmdlets"].keys() & table("role_cmdlets")["cmdlets"].keys()


@pytest.mark.parametrize("path", sorted(TABLES.glob("*.json")), ids=lambda path: path.stem)
def test_tables_say_what_they_are(path: Path) -> None:
    assert {"what", "source", "certainty"} <= set(table(path.stem)["about"])


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(HERE).as_posix())
def test_the_emulator_imports_nothing_of_the_collection(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        assert not [name for name in names if name.split(".")[0] in {"ansible", "ansible_collections", "plugins", "tests"}]


def test_everything_invented_is_used() -> None:
    body = [node for path in INVENTED for node in ast.parse(path.read_text(encoding="utf-8")).body]
    names = [node.name for node in body if isinstance(node, ast.FunctionDef)]
    names += [target.id for node in body if isinstance(node, ast.Assign) for target in node.targets if isinstance(target, ast.Name)]
    assert names and len(names) == len(set(names))
    text = "\n".join(path.read_text(encoding="utf-8") for path in MODULES)
    unused = [name for name in names if len(re.findall(rf"\b{name}\b", text)) < 2]
    assert unused == []
