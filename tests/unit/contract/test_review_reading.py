# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The review on the emulated tenant: what waits and what was done, with a portal session and without."""

from __future__ import annotations

import pytest

from ansible_collections.m365.defender.plugins.module_utils.readers.action_history_info import ACTION_HISTORY_INFO
from ansible_collections.m365.defender.plugins.module_utils.readers.pending_action_info import PENDING_ACTION_INFO

NOBODY = {"client_id": None, "client_secret": None, "client_certificate": None}


def requests(bench):
    """Requests of the review itself: without signing in."""
    return [one for one in bench.tenant.journal() if "login.microsoftonline.com" not in one["url"]]


def test_what_waits_is_told_once_by_both(lived_in):
    found = lived_in.perform(PENDING_ACTION_INFO, {"max_pending_age": 1.0})
    assert (found["count"], found["by_driver"], found["maybe_twice"], found["late"]) == (3, {"portal": 3}, 0, 1)
    assert found["pending"][0]["title"] == "Email messages containing malicious URL removed after delivery"
    assert found["by_product"] == {"Microsoft Defender for Endpoint": 2, "Microsoft Defender for Office 365": 1}
    assert found["by_device_group"]["Pilot ring"] == 2
    assert found["by_action_type"] == {"QuarantineFileResponse": 2, "SoftDeleteEmailsResponse": 1}
    assert found["complete"] is True
    assert len(requests(lived_in)) == 3, "one batch of Graph, whose session it is, one page"


def test_without_a_session_alerts_tell(lived_in):
    found = lived_in.perform(PENDING_ACTION_INFO, {}, portal_session=None)
    assert (found["count"], found["by_driver"], found["complete"]) == (3, {"public_api": 3}, True)
    assert len(requests(lived_in)) == 1


def test_with_nothing_but_a_session(lived_in):
    found = lived_in.perform(PENDING_ACTION_INFO, {}, **NOBODY)
    assert (found["count"], found["complete"], found["by_severity"]) == (3, True, {"unknown": 3})
    history = lived_in.perform(ACTION_HISTORY_INFO, {}, **NOBODY)
    assert history["complete"] is True and history["driver"] == "portal"


@pytest.mark.parametrize("session", ["portal_session_scoped", None])
def test_a_session_that_is_not_enough(lived_in, bench, session):
    given = getattr(lived_in.tenant, session) if session else bench.tenant.portal_session
    found = lived_in.perform(PENDING_ACTION_INFO, {}, portal_session=given)
    assert found["complete"] is False and found["not_read"]
    assert found["driver"] == ("portal" if session else "public_api")


def test_what_was_done(lived_in):
    found = lived_in.perform(ACTION_HISTORY_INFO, {"days": 60})
    assert found["by_outcome"] == {"lapsed": 1, "succeeded": 3}
    assert found["by_origin"] == {"api": 2, "automatic": 2}
    partial = lived_in.perform(ACTION_HISTORY_INFO, {"days": 60}, portal_session=None)
    assert (partial["complete"], partial["driver"]) == (False, "public_api")
    assert {one["action_type"] for one in partial["actions"]} == {"Isolate", "RunAntiVirusScan", "CollectInvestigationPackage"}
    audited = lived_in.perform(ACTION_HISTORY_INFO, {"days": 60, "audit": True}, portal_session=None)
    assert audited["by_driver"].get("audit_log", 0) > 0
