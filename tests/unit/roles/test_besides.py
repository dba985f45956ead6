# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a tenant has that a configuration does not name."""

from __future__ import annotations

import pytest

from ansible_collections.m365.defender.plugins.plugin_utils._besides import besides

LINKS = {"safe_links_policy": [{"name": "Staff", "rule": {"enabled": True}}, {"name": "Pilot"}]}
BLOCKED = {"list_type": "IP", "list_sub_type": "Tenant", "action": "block", "entries": [{"entry": "2001:db8::1"}, {"entry": "2001:db8::2"}]}


@pytest.mark.parametrize(
    ("there", "config", "found"),
    [
        (LINKS, {"safe_links_policy": []}, ["Staff", "Pilot"]),
        (LINKS, {"safe_links_policy": None}, ["Staff", "Pilot"]),
        (LINKS, {"safe_links_policy": [{"name": "PILOT"}, {"name": "staff", "rule": {}}]}, []),
        (LINKS, {"safe_links_policy": [{"name": "Pilot"}, {"name": "Staff"}]}, ["Staff: rule"]),
        (LINKS, {"safe_links_policy": [{"name": "Pilot"}, {"name": "Staff", "state": "absent"}]}, []),
        ({"report_submission_policy": [{"rule": {"sent_to": ["a@b.example"]}}]}, {"report_submission_policy": [{}]}, ["rule"]),
        ({"report_submission_policy": [{}]}, {"report_submission_policy": []}, ["report submission policy"]),
        ({"atp_policy_for_o365": [{"enable_safe_docs": True}]}, {"atp_policy_for_o365": [{}]}, []),
        (
            {"tenant_allow_block_list": [BLOCKED]},
            {"tenant_allow_block_list": [{**BLOCKED, "list_sub_type": None, "entries": [{"entry": "2001:0DB8:0::1/128"}]}]},
            ["IP block: 2001:db8::2"],
        ),
        ({"tenant_allow_block_list": [BLOCKED]}, {"tenant_allow_block_list": []}, ["IP block: 2001:db8::1", "IP block: 2001:db8::2"]),
    ],
)
def test_what_is_there_besides(there, config, found):
    (kind,) = there
    assert besides(there, config) == ({kind: found} if found else {})


def test_only_kinds_that_are_asked_for_and_that_were_read():
    assert besides(LINKS, {"quarantine_policy": [], "no_such_kind": [{}]}) == {}
    assert besides({}, LINKS) == {}
