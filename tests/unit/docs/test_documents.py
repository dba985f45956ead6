# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""README, pages of roles and guides: their examples can be run, what they list is complete, and what is made from data is in step."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.vars.reserved import get_reserved_names

from ansible_collections.m365.defender.plugins.module_utils import _task
from ansible_collections.m365.defender.plugins.module_utils._errors import TenantError
from ansible_collections.m365.defender.plugins.module_utils._tenant import ENVIRONMENT, tenant_options
from tests.unit.docs.test_examples import MODULES, spec_of, stand_in, value_of
from tools.workspace import ROOT

GUIDES = ROOT / "docs" / "docsite" / "rst"
ROLES = sorted(path.name for path in (ROOT / "roles").iterdir() if path.is_dir())
PLAYBOOKS = sorted(path.stem for path in (ROOT / "playbooks").glob("*.yml"))
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "roles").glob("*/README.md")), *sorted(GUIDES.glob("*.rst"))]
GROUP = "group/m365.defender.tenant"

every_document = pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
every_role = pytest.mark.parametrize("role", ROLES)


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def guide(name: str) -> str:
    return text_of(GUIDES / f"{name}.rst")


def blocks(path: Path, *languages: str) -> list[str]:
    """The code blocks of a document in one of these languages, without their indentation."""
    text = text_of(path)
    if path.suffix == ".md":
        return [code for language, code in re.findall(r"^```(\S+)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL) if language in languages]
    found, lines = [], text.splitlines()
    for number, line in enumerate(lines):
        begun = re.match(r"( *)\.\. code-block:: (\S+)$", line)
        if not begun or begun[2] not in languages:
            continue
        code = []
        for following in lines[number + 1 :]:
            if following.strip() and len(following) - len(following.lstrip()) <= len(begun[1]):
                break
            code.append(following.removeprefix(begun[1] + "   "))
        found.append("\n".join(code).strip("\n") + "\n")
    return found


def examples(path: Path) -> list[Any]:
    return [yaml.safe_load(code) for code in blocks(path, "yaml", "yaml+jinja")]


def mappings(value: Any) -> Iterator[dict[str, Any]]:
    """Every dictionary within a value."""
    if isinstance(value, dict):
        yield value
    for one in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from mappings(one)


@cache
def role_options(role: str) -> dict[str, dict[str, Any]]:
    return yaml.safe_load(text_of(ROOT / "roles" / role / "meta" / "argument_specs.yml"))["argument_specs"]["main"]["options"]


@cache
def playbook_variables() -> frozenset[str]:
    """Every variable m365_... that a playbook, or the action plugins, look at."""
    found = {"m365_run_as"}
    for path in (ROOT / "playbooks").rglob("*.yml"):
        found |= set(re.findall(r"\bm365_\w+", text_of(path)))
    return frozenset(found)


def as_spec(options: Mapping[str, Any]) -> dict[str, Any]:
    """Documented options as an argument spec."""
    known = ("type", "elements", "choices", "required")
    return {
        name: {
            **{key: one[key] for key in known if key in one},
            **({"options": as_spec(one["options"])} if one.get("options") else {}),
        }
        for name, one in options.items()
    }


def faults_of(given: Mapping[str, Any], spec: Mapping[str, Any]) -> list[str]:
    stood_in = {name: stand_in(value, spec.get(name, {})) for name, value in given.items()}
    return list(ArgumentSpecValidator(dict(spec)).validate(stood_in).error_messages)


def task_faults(action: str, given: Mapping[str, Any]) -> list[str]:
    """What is wrong with a task."""
    module = action.removeprefix("m365.defender.")
    if module not in MODULES:
        return [f"there is no module {action}"]
    spec = {name: {key: value for key, value in one.items() if key != "fallback"} for name, one in spec_of(module).items()}
    spec["tenant_id"] = {"type": "str"}  # may come from module_defaults or from the environment
    faults = faults_of(given, spec)
    params = {name: one["default"] for name, one in spec.items() if "default" in one}
    params |= {name: stand_in(value, spec.get(name, {})) for name, value in given.items()}
    config = params.get("config")
    if not faults and value_of(module) is not None and not (module == "configuration" and not isinstance(config, dict)):
        faults = list(_task.work_of(value_of(module)).wrong(params))
    return faults


def variable_faults(one: Mapping[str, Any]) -> list[str]:
    """What is wrong with keys that look like variables of the collection."""
    found = [f"no playbook looks at {name}" for name in one if str(name).startswith("m365_") and name not in playbook_variables()]
    for role in ROLES:
        own = {name: value for name, value in one.items() if str(name).startswith(f"{role}_")}
        found += [f"role {role}: {fault}" for fault in faults_of(own, as_spec(role_options(role)))]
    return found


def kinds_of(one: Mapping[str, Any]) -> list[str]:
    """The keys that name an action by its full name."""
    return [name for name in one if isinstance(name, str) and re.fullmatch(r"m365\.defender\.\w+", name)]


def example_faults(example: Any) -> list[str]:
    """What is wrong with an example: a playbook, tasks, an inventory or variables."""
    faults = []
    for one in mappings(example):
        defaults = one.get("module_defaults") or {}
        faults += [f"there is no action group {name}" for name in defaults if name != GROUP]
        faults += faults_of(defaults.get(GROUP) or {}, {**tenant_options(), "tenant_id": {"type": "str"}})
        for action in kinds_of(one):
            faults += task_faults(action, one[action] or {})
        for word in ("import_role", "include_role"):
            called = one.get(f"ansible.builtin.{word}") or {}
            if called and called["name"].removeprefix("m365.defender.") not in ROLES:
                faults.append(f"there is no role {called['name']}")
        faults += variable_faults(one)
        if one.get("register") in get_reserved_names():
            faults.append(f"Ansible warns of register: {one['register']}, which it keeps for itself")
        faults += [f"a task without a name: {one}" for dummy in kinds_of(one) if not one.get("name")]
    return faults


@every_document
def test_examples_can_be_run(path: Path) -> None:
    assert [fault for example in examples(path) for fault in example_faults(example)] == []


WRONG = {
    "a module": "- {name: x, m365.defender.safe_link_policy: {name: x}}",
    "an option": "- {name: x, m365.defender.safe_links_policy: {name: x, allow_click_trough: true}}",
    "a value": "- {name: x, m365.defender.anti_phish_policy: {name: x, phish_threshold_level: 5}}",
    "an option within an object": "- {name: x, m365.defender.configuration: {config: {safe_links_policy: [{name: x, rules: {}}]}}}",
    "a connection option": "- {hosts: all, module_defaults: {group/m365.defender.tenant: {tenant: x}}}",
    "an action group": "- {hosts: all, module_defaults: {group/m365.defender.all: {tenant_id: x}}}",
    "a role": "- {name: x, ansible.builtin.import_role: {name: m365.defender.email}}",
    "a variable of a role": "all: {vars: {email_protection_targets: strict}}",
    "a value of a role's variable": "all: {vars: {email_protection_target: high}}",
    "a variable of the playbooks": "all: {vars: {m365_client: x}}",
    "the name of a result": "- {name: x, m365.defender.license_info: {}, register: hosts}",
    "a task's name": "- {m365.defender.license_info: {}}",
}


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_example_is_found(what: str) -> None:
    assert example_faults(yaml.safe_load(WRONG[what])) != [], what


@every_document
def test_every_block_has_a_language_that_is_looked_at(path: Path) -> None:
    known = {"yaml", "yaml+jinja", "console", "python", "text"}
    text = text_of(path)
    if path.suffix == ".md":
        fences = re.findall(r"^```(.*)$", text, re.MULTILINE)
        assert len(fences) % 2 == 0
        used = set(fences[::2])
    else:
        used = set(re.findall(r"\.\. code-block::\s*(\S*)", text))
        assert "::\n\n    " not in text.replace(".. ", ""), "a literal block without a language"
    assert used <= known


@every_document
def test_commands_name_what_there_is(path: Path) -> None:
    code = "\n".join(blocks(path, "console"))
    targets = set(re.findall(r"^([\w-]+):", text_of(ROOT / "Makefile"), re.MULTILINE)) | {"units"}
    assert set(re.findall(r"\bmake ([a-z-]+)", code)) <= targets
    assert set(re.findall(r"\bm365\.defender\.(\w+) -i", code)) <= set(PLAYBOOKS)
    tags = set(re.findall(r"tags: \[(\w+)\]", text_of(ROOT / "playbooks" / "tasks" / "air.yml")))
    assert set(re.findall(r"--tags (\w+)", code)) <= tags
    assert {name for name in re.findall(r"python (tools/\S+\.py)", code) if not (ROOT / name).exists()} == set()
    assert set(re.findall(r"-e (m365_\w+)=", code)) <= playbook_variables()
    seeds = {one.stem for one in (ROOT / "emulator" / "seeds").glob("*.yml")}
    assert set(re.findall(r"--seed (\S+)", code)) <= seeds


@every_document
def test_links_are_whole_addresses(path: Path) -> None:
    if path.suffix == ".md":
        for target in re.findall(r"\]\(([^)]*)\)", text_of(path)):
            assert target.startswith("https://"), f"{target} leads nowhere outside of the repository"
    place = "https://github.com/m365-defender/m365.defender/blob/main/"
    named = re.findall(re.escape(place) + r"([\w./-]+\w)", text_of(path))
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_the_repository_is_that_of_galaxy_yml() -> None:
    address = yaml.safe_load(text_of(ROOT / "galaxy.yml"))["repository"]
    used = {found for path in DOCUMENTS for found in re.findall(r"https://github\.com/m365[\w-]*/[\w.-]+?(?=[/)\s`]|\.git)", text_of(path))}
    assert used == {address}


# What documents list


def cells(text: str, column: int = 0) -> set[str]:
    """The code words in a column of the Markdown tables of a text."""
    rows = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("|")]
    return {word for row in rows if len(row) > column for word in re.findall(r"`([^`]+)`", row[column])}


def test_the_readme_lists_every_module_role_plugin_and_playbook() -> None:
    listed = cells(text_of(ROOT / "README.md"))
    plugins = {path.stem for folder in ("filter", "inventory", "lookup") for path in (ROOT / "plugins" / folder).glob("*.py")}
    playbooks = {f"m365.defender.{name}" for name in PLAYBOOKS}
    assert {*MODULES, *ROLES, *plugins, *playbooks} == listed


@pytest.mark.parametrize("section", ["Description", "Requirements", "Installation", "Use cases", "Testing", "Contributing", "Support"])
def test_the_readme_has_the_sections_that_are_expected(section: str) -> None:
    assert f"\n## {section}\n" in text_of(ROOT / "README.md")


@pytest.mark.parametrize("section", ["Release notes and roadmap", "Related information", "License"])
def test_the_readme_has_the_sections_at_its_end(section: str) -> None:
    assert f"\n## {section}\n" in text_of(ROOT / "README.md")


@every_role
def test_the_page_of_a_role_lists_its_variables(role: str) -> None:
    text = text_of(ROOT / "roles" / role / "README.md")
    options = role_options(role)
    _before, _heading, section = text.partition("\n## Variables\n")
    section = section.partition("\n## ")[0]
    assert cells(section) - cells(section, 1) == set(options)
    for row in (line for line in section.splitlines() if line.startswith("| `")):
        name, default = re.findall(r"`([^`]*)`", row)[:2]
        assert yaml.safe_load(default) == options[name]["default"], name


@every_role
def test_the_page_of_a_role_names_what_its_tasks_register(role: str) -> None:
    registered = set(re.findall(r"register: (\w+)", text_of(ROOT / "roles" / role / "tasks" / "main.yml")))
    assert cells(text_of(ROOT / "roles" / role / "README.md"), 2) >= registered


def test_the_guide_to_connections_has_every_option_and_variable() -> None:
    rows = re.findall(r"\* - ``(\w+)``\n     - (.*)\n", guide("connection"))
    said = {option: set(re.findall(r"``(\w+)``", names)) for option, names in rows}
    expected = {option: set(ENVIRONMENT.get(option, ())) for option in tenant_options()}
    expected["tenant_id"] = {"M365_TENANT_ID"}
    assert said == expected


def test_the_guide_to_connections_has_the_defaults() -> None:
    text = guide("connection")
    for option, spec in tenant_options().items():
        if isinstance(spec.get("default"), int) and not isinstance(spec["default"], bool):
            row = text.partition(f"* - ``{option}``")[2].partition("   * - ")[0]
            assert f"Default {spec['default']}." in row, option


def test_the_guide_to_errors_has_every_kind() -> None:
    def kinds(parent: type[TenantError]) -> Iterator[str]:
        yield parent.kind
        for child in parent.__subclasses__():
            yield from kinds(child)

    expected = set(kinds(TenantError)) | {"fault"}
    assert _first_column("Kinds of failure", "Codes of our own") - {"kind"} == expected


def _first_column(heading: str, following: str) -> set[str]:
    section = guide("errors").partition(f"\n{heading}\n")[2].partition(f"\n{following}\n")[0]
    return set(re.findall(r"\* - ``([a-z_]+)``", section))


def test_the_guide_to_errors_has_every_code_of_our_own() -> None:
    code = "\n".join(text_of(path) for path in (ROOT / "plugins" / "module_utils").rglob("*.py"))
    constants = set(re.findall(r"\bcode=([A-Z_]+)\b", code))
    ours = set(re.findall(r"\bcode=\"([a-z_]+)\"", code)) | {
        value for name, value in re.findall(r"^([A-Z_]+) = \"([a-z_]+)\"$", code, re.MULTILINE) if name in constants
    }
    assert ours
    assert _first_column("Codes of our own", "Branching on it") - {"code"} == ours


def test_the_guide_to_the_steps_has_every_verdict() -> None:
    verdicts = {"compliant", "not_compliant", "not_applicable", "unknown", "manual"}
    assert verdicts <= set(re.findall(r"\* - ``(\w+)``", guide("four_steps")))


def test_every_guide_is_in_the_tables_of_contents() -> None:
    guides = sorted(path.stem for path in GUIDES.glob("*.rst"))
    sections = yaml.safe_load(text_of(ROOT / "docs" / "docsite" / "extra-docs.yml"))["sections"]
    assert sorted(name for section in sections for name in section["toctree"]) == guides
    _before, _heading, listed = text_of(ROOT / "README.md").partition("\nGuides:\n")
    assert sorted(re.findall(r"^\* .*/docs/docsite/rst/(\w+)\.rst\)$", listed, re.MULTILINE)) == guides


def test_every_variable_of_the_playbooks_is_in_a_guide() -> None:
    """But for the connection options, of which the guide says that each has a variable."""
    looked_at = {
        name for path in (ROOT / "playbooks").rglob("*.yml") for name in re.findall(r"\b(m365_\w+?)\b *(?:\| *default|is )", text_of(path))
    }
    assert {"m365_hosts", "m365_apps_steps"} <= looked_at
    said = set(re.findall(r"``(m365_\w+)", "\n".join(text_of(path) for path in GUIDES.glob("*.rst"))))
    assert looked_at - said - {f"m365_{option}" for option in tenant_options()} == set()


@pytest.mark.parametrize("tool", ["permission_table", "fidelity_page", "cloud_table"])
def test_what_is_made_from_data_is_in_step(tool: str) -> None:
    run = subprocess.run([sys.executable, f"tools/{tool}.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "")
