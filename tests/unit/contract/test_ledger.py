# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The record of a run that can't be kept: before the first write nothing is written, after one it is said what was."""

from __future__ import annotations

import errno
import os

import pytest

from ansible_collections.m365.defender.plugins.module_utils._customization import ORGANIZATION_CUSTOMIZATION
from ansible_collections.m365.defender.plugins.module_utils._ledger import Ledger
from ansible_collections.m365.defender.plugins.module_utils._mail_remediation import MAIL_REMEDIATION
from ansible_collections.m365.defender.plugins.module_utils._tags import MACHINE_TAG
from ansible_collections.m365.defender.plugins.module_utils.resources.safe_links_policy import SAFE_LINKS_POLICY

MAIL = {"network_message_id": "fb000000-0000-4000-8000-000000000001", "recipient": "adele@contoso.com"}
WISHES = [
    (MAIL_REMEDIATION, {"name": "x", "description": "x", "action": "softDelete", "messages": [MAIL], "remediate": True}),
    (ORGANIZATION_CUSTOMIZATION, {"enable": True}),
    (MACHINE_TAG, {"tag": "Pilot", "names": ["laptop-01"]}),
    (SAFE_LINKS_POLICY, {"name": "Pilot", "rule": {"recipient_domain_is": ["contoso.com"]}}),
]


@pytest.fixture
def ready(lived_in):
    """A tenant in which every wish is one write or more."""
    (row,) = lived_in.tenant.state("OrganizationConfig")
    lived_in.tenant.put_state("OrganizationConfig", [{**row, "IsDehydrated": True}])
    lived_in.clear()
    return lived_in


@pytest.mark.parametrize(("work", "wish"), WISHES, ids=lambda value: getattr(value, "kind", ""))
def test_a_write_that_can_not_be_recorded_is_told(work, wish, ready, tmp_path, monkeypatch):
    """Whoever is told that nothing was done does it again, and mail would be acted on twice."""
    kept = Ledger._append

    def full(ledger, entry):
        if "operation" in entry:
            raise ledger._not_kept(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))
        kept(ledger, entry)

    monkeypatch.setattr(Ledger, "_append", full)
    result = ready.perform(work, wish, ledger=str(tmp_path / "ledger"))
    assert result["failed"] and result["changed"], result["msg"]
    (done,) = result["operations"]
    assert f"{done} was carried out all the same, and nothing after it" in result["msg"] and "No space left" in result["msg"]
    assert "before the first write" not in result["msg"]
    assert len(ready.tenant.writes()) == 1


@pytest.mark.parametrize("place", ["a file", "/dev/null"])
@pytest.mark.parametrize(("work", "wish"), WISHES, ids=lambda value: getattr(value, "kind", ""))
def test_without_a_folder_for_the_record_nothing_is_written(work, wish, place, ready, tmp_path):
    (tmp_path / "a file").touch()
    result = ready.perform(work, wish, ledger=str(tmp_path / place))
    assert result["failed"] and not result["changed"] and result["operations"] == []
    assert "can't be kept" in result["msg"] and "Set ledger to a folder" in result["msg"]
    assert ready.tenant.writes() == []


def test_a_link_in_the_place_of_the_record_leads_nowhere(ready, tmp_path):
    place, other = tmp_path / "ledger" / ready.tenant.tenant_id, tmp_path / "other"
    place.mkdir(parents=True)
    other.touch()
    (place / "operations.jsonl").symlink_to(other)
    result = ready.perform(SAFE_LINKS_POLICY, WISHES[-1][1], ledger=str(tmp_path / "ledger"))
    assert result["failed"] and "can't be kept" in result["msg"]
    assert other.read_text() == "" and ready.tenant.writes() == []
