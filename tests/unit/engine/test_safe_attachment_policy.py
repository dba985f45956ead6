# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is peculiar to Safe Attachments: settings that are only shown, and Built-in protection."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ansible_collections.m365.defender.plugins.module_utils._errors import Refused
from ansible_collections.m365.defender.plugins.module_utils._export import export, read_object
from ansible_collections.m365.defender.plugins.module_utils._plan import plan
from ansible_collections.m365.defender.plugins.module_utils.resources.safe_attachment_policy import SAFE_ATTACHMENT_POLICY

NOUNS = json.loads((Path(__file__).parents[3] / "emulator" / "tables" / "objects.json").read_text())["nouns"]
BUILT_IN = NOUNS["SafeAttachmentPolicy"]["fresh"][0]
SHOWN = {
    "enable_blocking_encrypted_attachments": False,
    "excluded_types_from_blocking_encrypted_attachments": [],
    "quarantine_tag_for_blocking_encrypted_attachments": "DefaultFullAccessWithNotificationPolicy",
}


def rows(*policies):
    return {"SafeAttachmentPolicy": [BUILT_IN, *policies], "SafeAttachmentRule": []}


def test_settings_that_no_documented_parameter_sets_are_shown_but_are_no_options():
    shown = read_object(SAFE_ATTACHMENT_POLICY, rows(), BUILT_IN["Name"])
    assert shown.items() >= SHOWN.items()
    assert not SAFE_ATTACHMENT_POLICY.spec.keys() & SHOWN.keys()
    (exported,) = export(SAFE_ATTACHMENT_POLICY, rows(), built_in=True)
    assert not exported.keys() & SHOWN.keys()


def test_a_tenant_that_does_not_have_them_yet_leaves_them_out():
    older = {key: value for key, value in BUILT_IN.items() if "Encrypted" not in key}
    shown = read_object(SAFE_ATTACHMENT_POLICY, {"SafeAttachmentPolicy": [older], "SafeAttachmentRule": []}, older["Name"])
    assert not shown.keys() & SHOWN.keys()


def test_built_in_protection_is_refused_only_where_it_differs():
    def operations(**wish):
        return plan(SAFE_ATTACHMENT_POLICY, rows(), [{"name": "Built-In Protection Policy", **wish}]).operations

    assert operations(enable=True, action="Block") == ()
    with pytest.raises(Refused, match="Built-in protection"):
        operations(action="Allow")
    with pytest.raises(Refused, match="Built-in protection"):
        operations(state="absent")
    with pytest.raises(Refused, match="Built-in protection"):
        operations(rule={"sent_to": ["a@contoso.com"]})
