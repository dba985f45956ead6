# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of any form are judged, where Ansible's own validator ends with an error in Python."""

from __future__ import annotations

import pytest

from ansible_collections.m365.defender.plugins.module_utils._bulk import objects_of
from ansible_collections.m365.defender.plugins.module_utils._errors import BadInput
from ansible_collections.m365.defender.plugins.module_utils._options import tenant_options
from ansible_collections.m365.defender.plugins.module_utils._task import faults_in
from ansible_collections.m365.defender.plugins.module_utils._validating import Validator
from ansible_collections.m365.defender.plugins.plugin_utils._role_variables import variables_of

ENTRY = {"type": "dict", "options": {"value": {"type": "str"}}}
SPEC = {
    "rule": {"type": "dict", "options": {"enabled": {"type": "bool"}, "entry": ENTRY}},
    "entries": {"type": "list", "elements": "dict", "options": {"value": {"type": "str", "required": True}, "deep": ENTRY}},
}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"rule": True}, "rule must be a dictionary with its options, not true or false"),
        ({"rule": 0}, "rule must be a dictionary with its options, not a number"),
        ({"rule": ["enabled"]}, ""),
        ({"rule": [1.5]}, "rule must be a dictionary with its options, not a number"),
        ({"rule": {"entry": 5}}, "rule.entry must be"),
        ({"entries": [{"value": "x"}, None]}, "entries[1] must be a dictionary with its options, not empty"),
        ({"entries": [{"value": "x", "deep": False}]}, "entries[0].deep must be"),
        ({"entries": 7}, "entries[0] must be"),
        ({"rule": '{"entry": 5}'}, "rule.entry must be a dictionary with its options, not a number"),
        ({"rule": {"entry": '{"value": 5}', "enabled": "perhaps"}}, "rule"),
        ({"entries": '{"deep": 5}'}, "entries[0].deep must be"),
        ({"entries": ['{"value": "x", "deep": 5}']}, "entries[0].deep must be"),
        ({"rule": '{"entry": 5'}, ""),
        ({"rule": "enabled=yes entry"}, ""),
        ({"rule": "no dictionary"}, ""),
        ({"entries": ["no dictionary"]}, ""),
    ],
)
def test_what_can_hold_no_options_is_named(given, said):
    """A text that holds no options is judged by Ansible, in its own words."""
    found = faults_in(Validator(SPEC).validate(given))
    assert found and said in found[0]


def test_what_fits_is_converted_as_ever():
    found = Validator(SPEC).validate({"rule": '{"enabled": "yes", "entry": null}', "entries": [{"value": 5}]})
    assert (faults_in(found), found.validated_parameters["rule"]["enabled"], found.validated_parameters["entries"][0]["value"]) == (
        [],
        True,
        "5",
    )


def test_a_secret_in_the_wrong_place_is_not_shown():
    assert "4711" not in str(faults_in(Validator(tenant_options()).validate({"tenant_id": "x", "portal_session": 4711})))


def test_every_place_where_options_are_judged_takes_any_form():
    with pytest.raises(BadInput, match=r"safe_links_policy\[0\]: rule must be a dictionary"):
        objects_of({"safe_links_policy": [{"name": "x", "rule": True}]})
    with pytest.raises(ValueError, match=r"email_protection_scopes\[0\] must be a dictionary"):
        variables_of("email_protection", {"email_protection_scopes": [None]}, lambda value: value)
