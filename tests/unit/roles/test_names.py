# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of variables that were mistyped are told from those that somebody looks at, and from an operator's own."""

from __future__ import annotations

import re

import pytest
import yaml

from ansible_collections.m365.defender.plugins.module_utils._tenant import tenant_options
from ansible_collections.m365.defender.plugins.plugin_utils._names import of_playbooks, of_role
from ansible_collections.m365.defender.plugins.plugin_utils._role_variables import spec_of, variables_of
from tests.unit.docs.test_documents import DOCUMENTS, ROLES, blocks
from tools.workspace import ROOT


def refused(role, *names):
    try:
        variables_of(role, dict.fromkeys(names, ""), lambda value: value)
    except ValueError as error:
        return str(error)
    return ""


def told(role, *names):
    return of_role(role, spec_of(role), dict.fromkeys(names, ""))[1]


def of_ours(*names):
    return of_playbooks(dict.fromkeys(names, ""))


@pytest.mark.parametrize(
    ("role", "name", "meant"),
    [
        ("email_protection", "targett", "email_protection_target"),
        ("device_groups", "automation_levels", "device_groups_automation_level"),
        ("device_groups", "level", "device_groups_levels"),
    ],
)
def test_what_is_nearly_a_variable_of_a_role_is_refused(role, name, meant):
    assert f"{role}_{name} is no variable of it (did you mean {meant}?)" in refused(role, f"{role}_{name}")
    assert told(role, f"{role}_{name}") == []


@pytest.mark.parametrize(
    ("role", "name", "words"),
    [
        ("action_center", "recipients", "which has action_center_max_pending_age, action_center_days, "),
        ("xdr", "enabled", "which has no variables"),
    ],
)
def test_what_begins_with_the_name_of_a_role_otherwise_is_told_and_may_be_another_role_s(role, name, words):
    assert refused(role, f"{role}_{name}") == ""
    (warning,) = told(role, f"{role}_{name}")
    assert f"{role}_{name} means nothing to the role {role}, {words}" in warning


@pytest.mark.parametrize("role", ROLES)
def test_what_a_role_registers_and_keeps_for_itself_is_no_stranger(role):
    """Another play of the same run may have left it."""
    texts = [path.read_text() for path in (ROOT / "roles" / role / "tasks").rglob("*.yml")]
    texts += [(ROOT / "playbooks" / "tasks" / "air.yml").read_text()]
    left = {name for text in texts for name in re.findall(rf"\b{role}_\w+", text)}
    assert left
    names = [*left, f"{role}__private", f"_{role}_private", f"my_{role}_x"]
    assert refused(role, *names) == ""
    assert told(role, *names) == []


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("m365_host", "m365_hosts"),
        ("m365_tenantid", "m365_tenant_id"),
        ("m365_colud", "m365_cloud"),
        ("m365_clod", "m365_cloud"),
        ("m365_app_steps", "m365_apps_steps"),
        ("m365_onboarding_client_secert", "m365_onboarding_client_secret"),
        ("m365_runs_as", "m365_run_as"),
        ("m365_pending_files", "m365_pending_file"),
    ],
)
def test_what_is_nearly_a_variable_of_the_playbooks_is_refused(name, meant):
    assert of_ours(name, meant, "inventory_hostname") == ([f"{name} is no variable of the playbooks (did you mean {meant}?)"], [])


def test_variables_of_the_playbooks_and_of_an_inventory_are_not_refused():
    names = {f"m365_{option}" for option in tenant_options()} | {"m365_run_as", "m365_customer", "m365_licenses"}
    names |= {"m365_tenant", "m365_emulator", "m365_onboarding_tenant_id", "m365_reader_client_id", "m365_reports"}
    assert of_ours(*names) == ([], [])


def test_what_an_operator_makes_a_variable_of_is_told_and_not_refused():
    """Such as a table of all tenants. Defaults of a role, which Ansible counts among the variables of a host, are given by nobody."""
    table = {"m365_tenant_ids": {"contoso": "x"}, "m365_tenant_id": "{{ m365_tenant_ids[inventory_hostname] }}"}
    assert of_playbooks(table) == ([], ["m365_tenant_ids means nothing to the playbooks, which have m365_tenant_id"])
    scopes = {"email_protection_scopes_all": [{"name": "a"}], "email_protection_scopes": "{{ email_protection_scopes_all }}"}
    found = of_role("email_protection", spec_of("email_protection"), scopes)
    assert found == ([], ["email_protection_scopes_all means nothing to the role email_protection, which has email_protection_scopes"])
    for default in ([], "", None):
        refused_then = of_role("email_protection", spec_of("email_protection"), {**scopes, "email_protection_scopes": default})
        assert "did you mean email_protection_scopes?" in refused_then[0][0] and refused_then[1] == []


def keys(value):
    if isinstance(value, dict):
        yield from value
    for one in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from keys(one)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_example_is_refused(path):
    names = {str(name) for code in blocks(path, "yaml", "yaml+jinja") for name in keys(yaml.safe_load(code))}
    names |= {name for code in blocks(path, "console") for name in re.findall(r"-e [\"']?(\w+)=", code)}
    assert of_ours(*names) == ([], [])
    assert [refused(role, *names) for role in ROLES] == [""] * len(ROLES)
    assert [told(role, *names) for role in ROLES] == [[]] * len(ROLES)
