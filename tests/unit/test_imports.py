# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may import whom: the layers of the design, read from the import statements."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HERE = "ansible_collections.m365.defender.plugins."
# Which layer a file of module_utils belongs to; a file may import from lower layers, and from its own.
LAYERS = {
    "_types": 0,
    "_clouds": 0,
    "_errors": 0,
    "_secrets": 0,
    "_times": 0,
    "_waiting": 0,
    "_validating": 0,
    "_permissions": 0,
    "_request_form": 0,
    "_description": 1,
    "_resource": 1,
    "_room": 1,
    "_entry_words": 1,
    "_entries": 1,
    "_preset_words": 1,
    "_preset_rows": 1,
    "_presets": 1,
    "_rows": 1,
    "_bonds": 1,
    "_plan": 1,
    "_draft": 1,
    "_offered": 1,
    "_order": 1,
    "_reader": 1,
    "_portal_links": 1,
    "_export": 1,
    "_readiness": 1,
    "_effective": 1,
    "resources": 2,
    "readers": 2,
    "_registry": 2,
    "_http": 3,
    "_transport": 3,
    "_trace": 3,
    "_token_files": 3,
    "_addresses": 3,
    "_claims": 3,
    "_refusals": 3,
    "_apps": 3,
    "_certificates": 3,
    "_sign_ins": 3,
    "_delegated": 3,
    "_managed_identity": 3,
    "_sign_in_choice": 3,
    "_credentials": 3,
    "_exchange": 4,
    "_exchange_errors": 4,
    "_options": 3,
    "_reach": 3,
    "_partner_center": 4,
    "_portal_sign_in": 4,
    "_portal": 4,
    "_sharepoint": 4,
    "_sharepoint_store": 5,
    "_graph": 4,
    "_searches": 4,
    "_routes": 4,
    "_stores": 5,
    "_action_lists": 5,
    "_whole_lists": 5,
    "_features": 5,
    "_whole": 5,
    "_tenant": 5,
    "_reading": 6,
    "_ledger": 6,
    "_apply": 6,
    "_task": 6,
    "_bulk": 6,
    "_customization": 6,
    "_principals": 6,
    "_converging": 6,
    "_public_keys": 3,
    "_app_access": 6,
    "_exchange_roles": 1,
    "_role_choice": 1,
    "_role_plan": 6,
    "_role_group": 6,
    "_app_registration": 6,
    "_registrations": 6,
    "_partner_consent": 6,
    "_reachability": 6,
    "_machine_writes": 6,
    "_antivirus_scan": 6,
    "_machine_action": 6,
    "_mail_remediation": 6,
    "_recorded": 6,
    "_decisions": 6,
    "_tags": 6,
    "_module": 6,
}
# Wire and clients know neither engine nor descriptions, except for the words in which stores are asked.
NEVER = {3: {1, 2}, 4: {1, 2}, 5: {2}}
THIRD_PARTY = {"_http": {"requests", "urllib3"}, "_module": {"ansible"}, "_validating": {"ansible"}}


def imports(path: Path) -> dict[str, bool]:
    """Every module imported in a file -> whether at the top level."""
    tree = ast.parse(path.read_text())
    found = {}
    for node in ast.walk(tree):
        names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            names = [] if node.level else [node.module or ""]
        for name in names:
            found[name] = found.get(name, False) or node in tree.body
    return found


def test_the_guide_tells_the_layer_of_every_file():
    text = (ROOT / "docs/docsite/rst/architecture.rst").read_text()
    rows = re.findall(r"^   \* - (\d)\n     - (.*?)\n     - ", text, re.MULTILINE | re.DOTALL)
    assert {name: int(layer) for layer, names in rows for name in re.findall(r"``(\w+)``", names)} == LAYERS


def files(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


def layer_of(path: Path) -> str:
    parts = path.relative_to(ROOT / "plugins/module_utils").with_suffix("").parts
    return parts[0]


@pytest.mark.parametrize("path", files("plugins/module_utils"), ids=lambda path: path.stem)
def test_module_utils_import_downward_only(path):
    own = layer_of(path)
    for name in imports(path):
        if name.startswith("ansible") and not name.startswith(HERE):
            assert "ansible" in THIRD_PARTY.get(own, ()), f"{path.name} must not know Ansible"
        if name.startswith(("emulator", "tests", "tools")):
            pytest.fail(f"{path.name} imports {name}")
        if not name.startswith(HERE):
            continue
        assert name.startswith(HERE + "module_utils."), f"{path.name} imports {name}"
        other = name.removeprefix(HERE + "module_utils.").split(".")[0]
        assert LAYERS[other] <= LAYERS[own], f"{path.name} imports {other}, which lies above it"
        allowed = (other == "_resource" and LAYERS[own] == 5) or (other == "_order" and LAYERS[own] == 5)
        assert allowed or LAYERS[other] not in NEVER.get(LAYERS[own], ()), f"{path.name} must not know {other}"
        if own == "resources" and other == "resources":
            assert name.split(".")[-1].startswith("_"), f"{path.name} imports another kind"


@pytest.mark.parametrize("path", files("plugins/modules"), ids=lambda path: path.stem)
def test_a_module_imports_its_description_and_the_face(path):
    assert {name for name in imports(path) if name.startswith("ansible")} <= {
        HERE + "module_utils._module",
        HERE + "module_utils._bulk",
        HERE + "module_utils._customization",
        HERE + "module_utils._app_access",
        HERE + "module_utils._app_registration",
        HERE + "module_utils._role_group",
        HERE + "module_utils._partner_consent",
        HERE + "module_utils._reachability",
        HERE + "module_utils._machine_action",
        HERE + "module_utils._mail_remediation",
        HERE + "module_utils._decisions",
        HERE + "module_utils._tags",
        HERE + "module_utils._report",
        HERE + f"module_utils.resources.{path.stem}",
        HERE + f"module_utils.readers.{path.stem}",
    }


@pytest.mark.parametrize("path", files("plugins"), ids=lambda path: path.stem)
def test_only_the_module_face_knows_ansible_module(path):
    if path.name != "_module.py":
        assert "ansible.module_utils.basic" not in imports(path)
    if path.parts[-2] not in ("module_utils", "modules", "resources", "readers"):
        assert HERE + "module_utils._module" not in imports(path)


@pytest.mark.parametrize("path", files("emulator"), ids=lambda path: path.stem)
def test_the_emulator_knows_nothing_of_the_collection(path):
    assert not [name for name in imports(path) if name.startswith(("ansible", "plugins", "tests", "tools"))]


@pytest.mark.parametrize("path", files("plugins/module_utils"), ids=lambda path: path.stem)
def test_heavy_libraries_are_imported_where_they_are_used(path):
    heavy = {name.split(".")[0] for name, top in imports(path).items() if top} & {
        "requests",
        "urllib3",
        "msal",
        "cryptography",
        "yaml",
        "jwt",
    }
    assert heavy <= THIRD_PARTY.get(layer_of(path), set())
