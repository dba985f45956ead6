# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the documentation of every module promises: its options, its examples, its results."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, singledispatch
from importlib import import_module
from typing import Any

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.plugins.loader import fragment_loader
from ansible.utils.plugin_docs import get_docstring

from ansible_collections.m365.defender.plugins.module_utils import _task
from ansible_collections.m365.defender.plugins.module_utils._bulk import objects_of
from ansible_collections.m365.defender.plugins.module_utils._entries import EntryLists
from ansible_collections.m365.defender.plugins.module_utils._errors import Forbidden, TenantError
from ansible_collections.m365.defender.plugins.module_utils._module import environment
from ansible_collections.m365.defender.plugins.module_utils._presets import Presets
from ansible_collections.m365.defender.plugins.module_utils._reader import Reader
from ansible_collections.m365.defender.plugins.module_utils._registry import RESOURCES
from ansible_collections.m365.defender.plugins.module_utils._resource import Query, Resource
from ansible_collections.m365.defender.plugins.module_utils._tenant import tenant_options
from tools.workspace import ROOT

PLACE = "ansible_collections.m365.defender.plugins.modules"
MODULES = sorted(path.stem for path in (ROOT / "plugins" / "modules").glob("*.py"))
KINDS = sorted(RESOURCES)
AUTHOR = "The m365.defender contributors (@m365-defender)"
ALWAYS = {"changed", "msg", "failed", "warnings"}  # every module of Ansible has them


@cache
def docs(module: str) -> dict[str, Any]:
    """DOCUMENTATION of a module with its fragments."""
    path = ROOT / "plugins" / "modules" / f"{module}.py"
    return get_docstring(str(path), fragment_loader, collection_name="m365.defender", plugin_type="module")[0]


@cache
def part(module: str, name: str) -> Any:
    """EXAMPLES or RETURN of a module, read."""
    return yaml.safe_load(getattr(import_module(f"{PLACE}.{module}"), name))


@cache
def value_of(module: str) -> Any:
    """The description that a module runs; None for what is only an action, whose module file is its documentation."""
    tree = ast.parse((ROOT / "plugins" / "modules" / f"{module}.py").read_text())
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "run"]
    if not calls:
        return None
    (argument,) = calls[0].args
    assert isinstance(argument, ast.Name)
    return getattr(import_module(f"{PLACE}.{module}"), argument.id)


def spec_of(module: str) -> dict[str, Any]:
    """The argument spec of a module; of an action without one, what its documentation says."""
    value = value_of(module)
    if value is None:
        words = ("type", "elements", "required", "default", "choices")
        return {name: {word: one[word] for word in words if word in one} for name, one in docs(module)["options"].items()}
    return _task.work_of(value).spec(environment)


RUNNING = [module for module in MODULES if value_of(module) is not None]
READERS = [module for module in RUNNING if isinstance(value_of(module), Reader)]
GLANCES = [module for module in RUNNING if isinstance(value_of(module), _task.Glance)]  # they ask no tenant, so that none can fail them
every_module = pytest.mark.parametrize("module", MODULES)
every_running_module = pytest.mark.parametrize("module", RUNNING)
every_kind = pytest.mark.parametrize("kind", KINDS)


def tasks(module: str) -> list[dict[str, Any]]:
    """Every task of a module's examples, those within blocks and plays included."""

    def flat(entries: Iterable[Any]) -> Iterable[dict[str, Any]]:
        for entry in entries:
            inner = [entry[key] for key in ("tasks", "pre_tasks", "post_tasks", "block", "rescue", "always") if key in entry]
            yield from [one for several in inner for one in flat(several)] if inner else [entry]

    return list(flat(part(module, "EXAMPLES")))


def differences(options: Mapping[str, Any], spec: Mapping[str, Any], path: str = "") -> list[str]:
    """Where documented options and argument spec say different things."""
    found = [f"{path}{name} is documented but no option" for name in options.keys() - spec.keys()]
    found += [f"{path}{name} is not documented" for name in spec.keys() - options.keys()]
    for name in options.keys() & spec.keys():
        said, done = options[name], spec[name]
        for word, usual in (("type", "str"), ("elements", None), ("default", None), ("required", False)):
            if said.get(word, usual) != done.get(word, usual):
                found.append(f"{path}{name}: {word} is documented as {said.get(word, usual)}, but is {done.get(word, usual)}")
        if [str(one) for one in said.get("choices") or ()] != [str(one) for one in done.get("choices") or ()]:
            found.append(f"{path}{name}: choices are documented as {said.get('choices')}, but are {done.get('choices')}")
        found += differences(said.get("suboptions") or {}, done.get("options") or {}, f"{path}{name}.")
    return found


def stand_in(value: Any, spec: Mapping[str, Any]) -> Any:
    """An example's value with templates replaced by something of the right type."""
    if isinstance(value, str) and "{{" in value:
        if spec.get("options") and spec["type"] == "dict":
            return {name: stand_in(value, one) for name, one in spec["options"].items() if one.get("required")}
        return {"list": [], "dict": {}, "int": 1, "bool": True, "float": 1.0}.get(spec.get("type", "str"), "text")
    if isinstance(value, dict) and spec.get("options"):
        return {name: stand_in(one, spec["options"].get(name, {})) for name, one in value.items()}
    return value


@every_running_module
def test_every_option_is_documented_as_it_is(module: str) -> None:
    assert differences(docs(module)["options"], spec_of(module)) == []


@every_module
def test_examples_fit_the_options(module: str) -> None:
    own = 0
    for task in tasks(module):
        assert task.get("name"), f"a task without a name: {task}"
        (action,) = [key for key in task if "." in key]
        if not action.startswith("m365.defender."):
            continue
        used = action.removeprefix("m365.defender.")
        own += used == module
        assert used in MODULES, f"{task['name']}: there is no module {action}"
        spec = {name: {**one, "fallback": (None,)} for name, one in spec_of(used).items()}
        given = {name: stand_in(value, spec.get(name, {})) for name, value in (task[action] or {}).items()}
        if "tenant_id" in spec:
            given.setdefault("tenant_id", "contoso.onmicrosoft.com")
        validated = ArgumentSpecValidator(spec).validate(given)
        assert validated.error_messages == [], task["name"]
        params = {name: value for name, value in validated.validated_parameters.items() if value is not None}
        assert used not in RUNNING or _task.work_of(value_of(used)).wrong(params) == [], task["name"]
    assert own >= (3 if module in RESOURCES else 1), "too few examples"


@every_running_module
def test_a_module_says_what_people_ask_first(module: str) -> None:
    said = docs(module)
    assert said["module"] == module
    assert not said["short_description"].endswith(".")
    assert said["version_added"] == "1.0.0"
    assert said["author"] in (AUTHOR, [AUTHOR])
    assert said["notes"] and said["requirements"]
    modes = said["attributes"]
    assert modes["check_mode"]["support"] == "full"
    assert modes["action_group"]["membership"] == ["m365.defender.tenant"]
    assert modes["diff_mode"]["support"] == ("none" if module.endswith("_info") else "full")


def test_configuration_names_every_kind_in_the_order_in_which_it_applies_them() -> None:
    said = " ".join(docs("configuration")["options"]["config"]["description"])
    places = [said.find(f"V({kind})") for kind in RESOURCES]
    assert -1 not in places
    assert places == sorted(places)


# Results

# What a module that is no kind of object can't do without.
NEEDED: dict[str, dict[str, Any]] = {
    "hunting_query_info": {"query": "DeviceInfo | count"},
    "machine_action": {"action": "cancel", "comment": "x", "id": "x"},
    "mail_remediation": {
        "name": "x",
        "description": "x",
        "action": "softDelete",
        "messages": [{"network_message_id": "fb000000-0000-4000-8000-000000000001", "recipient": "adele@contoso.com"}],
    },
    "pending_action": {"decision": "approve", "ids": ["an id"]},
    "app_registration": {"display_name": "x"},
    "app_access": {"app_id": "00000000-0000-4000-8000-000000000001"},
    "role_group": {"name": "x", "cmdlets": ["Get-AntiPhishPolicy"]},
    "partner_consent": {
        "app_id": "00000000-0000-4000-8000-000000000001",
        "partner_tenant_id": "contoso.onmicrosoft.com",
        "scopes": {"graph": ["Directory.Read.All"]},
    },
    "machine_tag": {"tag": "pilot", "names": ["laptop-01"]},
}


@dataclass
class FakeTenant:
    """A tenant whose services answer with the rows given, or with an error."""

    rows: Mapping[str, list[dict[str, Any]]]
    error: TenantError | None = None
    id: str = "00000000-0000-0000-0000-000000000000"
    label: str = "contoso.onmicrosoft.com"
    identity: str = "00000000-0000-0000-0000-000000000000"
    secrets: tuple[str, ...] = ()
    warnings: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=lambda: {"requests": 1, "reads": 1, "writes": 0, "refused": 0})

    def store(self, service: str) -> FakeTenant:
        if self.error:
            raise self.error
        return self

    def read(self, queries: Iterable[Query]) -> dict[Query, Any]:
        return {query: self.rows.get(query, self.rows.get(query.noun, [])) for query in queries}

    def close(self):
        pass


def result(monkeypatch: pytest.MonkeyPatch, module: str, tenant: FakeTenant, **options: Any) -> dict[str, Any]:
    """What a module returns on a tenant, in check mode and diff mode."""
    monkeypatch.setattr(_task, "Tenant", lambda *args, **kwargs: tenant)
    work = _task.work_of(value_of(module))
    spec = {name: {key: value for key, value in one.items() if key != "fallback"} for name, one in work.spec(environment).items()}
    validated = ArgumentSpecValidator(spec).validate({"tenant_id": tenant.label, **options})
    assert validated.error_messages == []
    return _task.perform(work, validated.validated_parameters, check=True, diff=True)


def least(resource: Any, sample: Mapping[str, Any]) -> dict[str, Any]:
    """What a wish for the object of a sample has to say."""
    return {name: sample[name] for name, one in resource.spec.items() if one.get("required")}


def altered(sample: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """A wish that changes one thing of a sample, and the sample with that change."""
    if "entries" in sample:
        first, *others = sample["entries"]
        return {"entries": [{**first, "notes": "another"}]}, {"entries": [{**first, "notes": "another"}, *others]}
    if "rules" in sample:  # what both rules of a preset are given
        wish = {"enabled": not sample["enabled"]}
        return wish, {**wish, "rules": {noun: {**rule, **wish} for noun, rule in sample["rules"].items()}}
    option, old = next((name, value) for name, value in sample.items() if isinstance(value, bool) or name in ("description", "comments"))
    return ({option: "another" if isinstance(old, str) else not old},) * 2


@singledispatch
def rows_of(resource: Any, sample: Mapping[str, Any]) -> dict[Any, list[dict[str, Any]]]:
    """The rows that a service has when an object looks as its documented sample."""
    raise TypeError(f"nobody knows what a service has of {resource.kind}")


@rows_of.register
def rows_of_entry_lists(resource: EntryLists, sample: Mapping[str, Any]) -> dict[Any, list[dict[str, Any]]]:
    entries = [
        {
            "Action": sample["action"].capitalize(),
            "Identity": one["entry"],
            "Value": one["entry"],
            "Notes": one.get("notes", ""),
            "RemoveAfter": one.get("remove_after"),
        }
        | {"ExpirationDate": one["expires"] if one["expires"] != "never" else None}
        for one in sample["entries"]
    ]
    asked = Query(resource.noun, (("ListType", sample["list_type"]),))
    assert asked in resource.queries
    return {query: entries if query == asked else [] for query in resource.queries}


@rows_of.register
def rows_of_presets(resource: Presets, sample: Mapping[str, Any]) -> dict[Any, list[dict[str, Any]]]:
    preset = resource.preset(sample["name"])
    rows: dict[Any, list[dict[str, Any]]] = {}
    for rule in resource.rules:
        values = sample["rules"][rule.noun]
        state = {"State": "Enabled" if values["enabled"] else "Disabled", "Name": preset.rule, "Identity": preset.rule}
        rows[rule.noun] = [state | {one.wire: values[one.option] for one in resource.assignment}]
        for noun in rule.policies:
            rows[noun] = [{resource.mark: preset.type, "Name": noun, "Identity": noun}]
    rows[resource.lists_on][0] |= {one.wire: sample[one.option] for one in resource.lists}
    return rows


@rows_of.register
def rows_of_resource(resource: Resource, sample: Mapping[str, Any]) -> dict[Any, list[dict[str, Any]]]:
    rows = {}
    for one in resource.parts:
        values = sample if not one.under else sample[one.under]
        row = {each.read_as: each.type.write(values[each.option]) if values.get(each.option) != [] else [] for each in one.fields}
        row[one.points_at or one.named_by] = sample.get("name")
        row[one.identified_by] = "an identity"
        if one.switched:
            row["State"] = "Enabled" if values["enabled"] else "Disabled"
        if one.rank:
            row[one.rank.wire] = values[one.rank.option]
        rows[one.noun] = [row]
    return rows


@every_kind
def test_the_sample_of_an_object_is_what_the_module_returns(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    resource, returns = RESOURCES[kind], part(kind, "RETURN")
    sample = returns["object"]["sample"]
    got = result(monkeypatch, kind, FakeTenant(rows_of(resource, sample)), **least(resource, sample))
    assert got["object"] == sample
    assert got.keys() - ALWAYS == returns.keys() - {"failure"}
    assert got["tenant"].keys() == returns["tenant"]["contains"].keys()


@every_kind
def test_the_documented_diff_is_what_the_module_returns(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    resource, returns = RESOURCES[kind], part(kind, "RETURN")
    sample = returns["object"]["sample"]
    wish, change = altered(sample)
    got = result(monkeypatch, kind, FakeTenant(rows_of(resource, sample)), **{**least(resource, sample), **wish})
    (hunk,) = got["diff"]
    assert hunk.keys() == returns["diff"]["contains"].keys()
    assert got["changed"] and got["object"] == {**sample, **change}
    header = returns["diff"]["contains"]["before_header"]["sample"]
    assert header.split()[0] == hunk["before_header"].split()[0] == kind


def mismatches(value: Any, said: Mapping[str, Any], path: str) -> list[str]:
    """Where the documented contents of a result and the result itself have different keys."""
    contents = said.get("contains")
    if contents is None or not isinstance(value, (dict, list)):
        return []
    if isinstance(value, dict) and not value.keys() & contents.keys() and all(isinstance(one, dict) for one in value.values()):
        value = list(value.values())  # one of a kind under names that are data
    if isinstance(value, list):
        return [fault for one in value for fault in mismatches(one, said, path)]
    found = [f"{path}.{name} is not documented" for name in value.keys() - contents.keys()]
    found += [
        f"{path}.{name} is documented, but is not there" for name in contents.keys() - value.keys() if "returned" not in contents[name]
    ]
    return found + [fault for name in value.keys() & contents.keys() for fault in mismatches(value[name], contents[name], f"{path}.{name}")]


@pytest.mark.parametrize("module", READERS)
def test_a_reader_returns_what_is_documented(module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a tenant whose services have nothing. A key that is not always there says so by a `returned` of its own."""
    got = result(monkeypatch, module, FakeTenant({}), **NEEDED.get(module, {}))
    returns = part(module, "RETURN")
    assert not got.get("failed"), got.get("msg")
    everywhere = {"tenant", "failure"}  # what every module returns may be documented in one place
    assert got.keys() - ALWAYS - everywhere == returns.keys() - everywhere
    assert [fault for name in returns.keys() & got.keys() for fault in mismatches(got[name], returns[name], name)] == []


def test_what_can_be_reached_is_returned_as_documented(monkeypatch: pytest.MonkeyPatch) -> None:
    closed = {"endpoint": "http://127.0.0.1:9", "seconds": 1}
    got = result(monkeypatch, "reachability_info", FakeTenant({}), **closed)
    returns = part("reachability_info", "RETURN")
    assert got.keys() - ALWAYS == returns.keys()
    assert mismatches(got["reachability"], returns["reachability"], "reachability") == []


@pytest.mark.parametrize("module", [module for module in RUNNING if module not in (*READERS, *GLANCES)])
def test_a_failure_is_returned_as_documented(module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    error = Forbidden("no", tried="Reading", service="exchange", status=403, code="a code", request_id="an id", hint="Give it a role.")
    options: dict[str, Any] = {"config": {"atp_policy_for_o365": [{}]}} if module == "configuration" else NEEDED.get(module, {})
    if module in RESOURCES:
        options = least(RESOURCES[module], part(module, "RETURN")["object"]["sample"])
    got = result(monkeypatch, module, FakeTenant({}, error), **options)
    returns = part(module, "RETURN")
    assert got["failed"]
    assert got.keys() - ALWAYS - {"operations"} <= returns.keys()
    assert got["failure"].keys() == returns["failure"]["contains"].keys()


def test_configuration_returns_what_is_documented(monkeypatch: pytest.MonkeyPatch) -> None:
    sample = part("configuration_info", "RETURN")["configuration"]["sample"]["atp_policy_for_o365"][0]
    tenant = FakeTenant(rows_of(RESOURCES["atp_policy_for_o365"], sample))
    got = result(monkeypatch, "configuration", tenant, config={"atp_policy_for_o365": [sample]})
    assert got.keys() - ALWAYS == part("configuration", "RETURN").keys() - {"failure"}
    got = result(monkeypatch, "configuration_info", tenant, kinds=["atp_policy_for_o365"])
    assert got.keys() - ALWAYS == part("configuration_info", "RETURN").keys() - {"failure"}
    assert got["configuration"] == {"atp_policy_for_o365": [sample]}


def test_the_sample_of_an_export_can_be_applied() -> None:
    objects_of(part("configuration_info", "RETURN")["configuration"]["sample"])


def test_connection_options_are_those_of_the_fragment() -> None:
    fragment = import_module("ansible_collections.m365.defender.plugins.doc_fragments.tenant").ModuleDocFragment
    assert yaml.safe_load(fragment.DOCUMENTATION)["options"].keys() == tenant_options().keys()
