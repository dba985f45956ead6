# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Quarantine policies: permissions in words, as a number and as a text; Microsoft's own policies."""

from __future__ import annotations

import pytest

from ansible_collections.m365.defender.plugins.module_utils._errors import Refused
from ansible_collections.m365.defender.plugins.module_utils._export import export
from ansible_collections.m365.defender.plugins.module_utils._plan import plan
from ansible_collections.m365.defender.plugins.module_utils.resources.quarantine_policy import PERMISSIONS, QUARANTINE_POLICY

NAMES = ("BlockSender", "Delete", "Download", "Preview", "Release", "RequestRelease", "ViewHeader", "AllowSender")


def text(*on):
    """The service's text of these permissions."""
    return "[" + "\r\n".join(f"PermissionTo{name}: {name in on}" for name in NAMES) + "]"


def policy(name, permissions, guid="12345678-0000-4000-8000-000000000000", **more):
    return {
        "Name": name,
        "Identity": f"contoso.onmicrosoft.com\\{name}",
        "Guid": guid,
        "EndUserQuarantinePermissions": permissions,
        "ESNEnabled": False,
        **more,
    }


FULL = policy(
    "DefaultFullAccessPolicy", text("Delete", "Download", "Preview", "Release", "AllowSender"), "0" * 8 + "-0000-0000-0000-" + "0" * 12
)
OURS = policy("Ours", text("Delete"))


def operations(*wanted, rows=(FULL, OURS)):
    return [
        (one.verb, one.name, one.identity, dict(one.parameters))
        for one in plan(QUARANTINE_POLICY, {"QuarantinePolicy": list(rows)}, wanted).operations
    ]


@pytest.mark.parametrize(
    ("words", "number"),
    [
        ([], 0),
        (["no_access"], 0),
        (["limited_access"], 43),
        (["full_access"], 39),
        (["delete"], 1),
        (["preview"], 2),
        (["release"], 4),
        (["request_release"], 8),
        (["block_sender"], 16),
        (["allow_sender"], 32),
        (["limited_access", "block_sender"], 59),
        (["delete", "preview", "release", "allow_sender"], 39),
        (["full_access", "delete"], 39),
    ],
)
def test_words_and_groups_become_microsofts_numbers(words, number):
    assert PERMISSIONS.wrong(words) == ""
    assert PERMISSIONS.write(words) == number
    assert PERMISSIONS.same(PERMISSIONS.read(number), words)


def test_the_text_is_read_whatever_its_order_and_line_ends():
    given = text("Delete", "RequestRelease")
    for form in (given, given.replace("\r\n", "\n"), given.replace("\r\n", ", "), given.strip("[]"), given.replace(": ", " : ")):
        assert PERMISSIONS.show(PERMISSIONS.read(form)) == ["delete", "request_release"]
    assert PERMISSIONS.read(None) is None


def test_the_two_permissions_without_effect_count_for_nothing():
    assert PERMISSIONS.same(PERMISSIONS.read(text("Download", "ViewHeader")), ["no_access"])
    assert PERMISSIONS.same(PERMISSIONS.read(FULL["EndUserQuarantinePermissions"]), ["full_access"])


def test_a_group_and_its_members_are_the_same_and_look_the_same():
    one, other = ["full_access"], ["release", "preview", "allow_sender", "delete"]
    assert PERMISSIONS.same(one, other)
    assert PERMISSIONS.show(one) == PERMISSIONS.show(other) == ["allow_sender", "delete", "preview", "release"]


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["release", "request_release"], "both request_release and release"),
        (["limited_access", "release"], "both request_release and release"),
        (["limited_access", "full_access"], "both request_release and release"),
        (["no_access", "delete"], "no_access and others too"),
    ],
)
def test_what_can_not_be_together(words, reason):
    (error,) = QUARANTINE_POLICY.wrong({"name": "Ours", "end_user_quarantine_permissions": words})
    assert reason in error


def test_the_number_is_sent_on_the_identity_that_was_read():
    wanted = {"name": "ours", "end_user_quarantine_permissions": ["limited_access"]}
    assert operations(wanted) == [("Set", "Ours", "contoso.onmicrosoft.com\\Ours", {"EndUserQuarantinePermissionsValue": 43})]


def test_permissions_are_taken_away_by_nought():
    wanted = {"name": "Ours", "end_user_quarantine_permissions": []}
    assert operations(wanted) == [("Set", "Ours", "contoso.onmicrosoft.com\\Ours", {"EndUserQuarantinePermissionsValue": 0})]
    assert operations({**wanted, "name": "New"}) == [("New", "New", None, {"Name": "New", "EndUserQuarantinePermissionsValue": 0})]


def test_microsofts_own_are_compared_but_neither_changed_nor_removed():
    name = FULL["Name"]
    assert operations({"name": name, "end_user_quarantine_permissions": ["full_access"]}) == []
    with pytest.raises(Refused, match="end_user_quarantine_permissions"):
        operations({"name": name, "end_user_quarantine_permissions": ["no_access"]})
    with pytest.raises(Refused, match="Microsoft's own"):
        operations({"name": name, "state": "absent"})


def test_an_export_leaves_microsofts_own_out_and_says_the_words():
    found = export(QUARANTINE_POLICY, {"QuarantinePolicy": [FULL, OURS]})
    assert found == [{"name": "Ours", "end_user_quarantine_permissions": ["delete"], "esn_enabled": False}]


def test_a_remark_can_be_given_only_at_the_start():
    with pytest.raises(Refused, match="admin_display_name can be set only when"):
        operations({"name": "Ours", "admin_display_name": "Kept"}, rows=[{**OURS, "AdminDisplayName": ""}])
