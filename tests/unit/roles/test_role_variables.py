# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a role is given: empty texts, conversions and what is refused. No Ansible runs here; templates are stood in for by a function."""

from __future__ import annotations

import re

import pytest
import yaml

from ansible_collections.m365.defender.plugins.plugin_utils._role_variables import spec_of, variables_of
from tools.workspace import ROOT

ROLES = sorted(path.parent.parent.name for path in (ROOT / "roles").glob("*/meta/argument_specs.yml"))

every_role = pytest.mark.parametrize("role", ROLES)


def given(role, **variables):
    return variables_of(role, {f"{role}_{name}": value for name, value in variables.items()}, lambda value: value)


def defaults(role):
    path = ROOT / "roles" / role / "defaults" / "main.yml"
    return {name.removeprefix(f"{role}_"): value for name, value in (yaml.safe_load(path.read_text()) if path.exists() else {}).items()}


@every_role
@pytest.mark.parametrize("nothing", ["", None])
def test_an_empty_text_is_as_if_nothing_were_given(role, nothing):
    names = [name.removeprefix(f"{role}_") for name in spec_of(role)]
    assert given(role, **dict.fromkeys(names, nothing)) == given(role) == defaults(role)


@every_role
def test_the_tasks_of_a_role_look_at_variables_that_were_converted(role):
    """A variable that a task looks at by its own name would be an empty text there, or "false" where it should be false."""
    texts = "\n".join(path.read_text() for folder in ("tasks", "vars") for path in (ROOT / "roles" / role / folder).rglob("*.yml"))
    code = re.sub(r"(^|\s)#.*", "", texts)
    assert [name for name in spec_of(role) if re.search(rf"\b{name}\b", code)] == []


@pytest.mark.parametrize(
    ("role", "name", "value", "expected"),
    [
        ("action_center", "max_pending_age", "0", 0),
        ("action_center", "max_pending_age", 0, 0),
        ("action_center", "days", "90", 90),
        ("prerequisites", "check_reachability", False, False),
        ("prerequisites", "check_reachability", "false", False),
        ("email_protection", "adopt", "false", False),
        ("email_protection", "domains", "contoso.com,fabrikam.com", ["contoso.com", "fabrikam.com"]),
        ("email_protection", "domains", "contoso.com, fabrikam.com,", ["contoso.com", "fabrikam.com"]),
        ("email_protection", "overrides", '{"safe_links_policy": {"track_clicks": true}}', {"safe_links_policy": {"track_clicks": True}}),
        ("email_protection", "domains", '["contoso.com", "fabrikam.com"]', ["contoso.com", "fabrikam.com"]),
        ("email_protection", "domains", " ['contoso.com']\n", ["contoso.com"]),
        ("email_protection", "alert_recipients", ["TenantAdmins"], ["TenantAdmins"]),
        ("email_protection", "scopes", '[{"name": "a", "sent_to": ["a@contoso.com"]}]', [{"name": "a", "sent_to": ["a@contoso.com"]}]),
        (
            "email_protection",
            "scopes",
            [{"name": "a", "sent_to": ["a@contoso.com"]}],
            [{"name": "a", "sent_to": ["a@contoso.com"]}],
        ),
    ],
)
def test_what_is_given_counts_and_is_converted(role, name, value, expected):
    assert given(role, **{name: value})[name] == expected


def test_a_list_in_brackets_may_be_a_text_of_ansibles_own():
    """What -e name=... gives is no plain text since ansible-core 2.19, and the quick parser of YAML takes no other."""

    class Tagged(str):
        pass

    assert given("email_protection", domains=Tagged('["contoso.com"]'))["domains"] == ["contoso.com"]


BAD = [
    ("prerequisites", {"min_device_coverage": 101}, "prerequisites_min_device_coverage must be between 0 and 100, not 101"),
    ("prerequisites", {"not_seen_days": "ever"}, "prerequisites_not_seen_days"),
    ("action_center", {"days": 181}, "action_center_days must be between 1 and 180"),
    ("action_center", {"history_days": 181}, "action_center_history_days must be between 1 and 180"),
    ("action_center", {"max_pending_age": -1}, "action_center_max_pending_age must not be below 0"),
    ("device_groups", {"automation_level": "ful"}, "device_groups_automation_level"),
    ("device_groups", {"levels": {"Servers": "ful"}}, "device_groups_levels.Servers: ful is no automation level"),
    ("device_groups", {"wanted": [{"nme": "x"}]}, "device_groups_wanted[0]: missing required arguments: name"),
    ("email_protection", {"target": "stict"}, "email_protection_target"),
    ("email_protection", {"owner": "the desk"}, "email_protection_owner: the owner may have letters"),
    ("email_protection", {"scopes": [{"name": "executives"}]}, "email_protection_scopes: the scope executives needs one of sent_to"),
    ("email_protection", {"overrides": {"safe_links": {}}}, "email_protection_overrides: there is nothing to override in safe_links"),
    ("email_protection", {"overrides": {"safe_links_policy": None}}, "the overrides of safe_links_policy must be a dictionary"),
    ("email_protection", {"scopes": [{"name": "a", "sent_to": [""]}]}, 'email_protection_scopes: a.sent_to must hold addresses, not ""'),
    ("email_protection", {"scopes": [{"name": "a", "sent_to_member_of": ["Staff"]}]}, "a.sent_to_member_of must hold addresses"),
    (
        "email_protection",
        {"scopes": [{"name": "a", "sent_to": ["a@contoso.com"], "except_if_recipient_domain_is": ["contoso"]}]},
        "a.except_if_recipient_domain_is must hold domains, not",
    ),
    ("email_protection", {"domains": ["contoso.com", ""]}, 'email_protection_domains must hold domains, not ""'),
    ("email_protection", {"targeted_users": ["a@contoso.com"]}, 'email_protection_targeted_users must read "Display Name;address"'),
    ("email_protection", {"targeted_domains": [" "]}, "email_protection_targeted_domains must have no empty members"),
    ("email_protection", {"alert_recipients": [" "]}, "email_protection_alert_recipients must have no empty members"),
    ("email_protection", {"overlay_recipients": ["desk"]}, "email_protection_overlay_recipients must be an e-mail address"),
    ("email_protection", {"overlays": ["nist"]}, "email_protection_overlays"),
    ("email_protection", {"include_default": "perhaps"}, "email_protection_include_default"),
]


@pytest.mark.parametrize(("role", "wrong", "words"), BAD, ids=[f"{role}-{next(iter(wrong))}" for role, wrong, dummy in BAD])
def test_what_can_not_be_is_named_with_variable_and_role(role, wrong, words):
    with pytest.raises(ValueError) as refused:
        given(role, **wrong)
    assert str(refused.value).startswith(f"role {role}: ")
    assert words in str(refused.value)


def test_everything_wrong_is_said_at_once():
    with pytest.raises(ValueError, match=r"email_protection_owner: .*; email_protection_scopes: "):
        given("email_protection", owner="the desk", scopes=[{"name": "executives"}])


def test_a_role_that_there_is_not():
    with pytest.raises(ValueError, match="there is no role spam; there are action_center, device_groups"):
        given("spam")
