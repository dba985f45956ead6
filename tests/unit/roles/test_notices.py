# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Alert policies of our own that tell people of ours when an investigation starts."""

from __future__ import annotations

import pytest

from ansible_collections.m365.defender.plugins.module_utils._plan import plan
from ansible_collections.m365.defender.plugins.module_utils._registry import RESOURCES
from ansible_collections.m365.defender.plugins.plugin_utils._notices import ACTIVITIES, notices

OWNER, SOC = "contoso-it", ["soc@fabrikam.com"]
BLOCKED = "contoso-it - User restricted from sending email"


def policy(name, *operations, **changed):
    """As alert_policy_info gives one of Microsoft's that starts investigations."""
    return {
        "name": name,
        "system": True,
        "starts_investigation": True,
        "disabled": False,
        "category": "ThreatManagement",
        "severity": "High",
        "threat_type": "Activity" if operations else "Malicious",
        "operation": list(operations),
        "aggregation_type": "None",
        "comment": "",
        "notification_enabled": True,
        "notify_user": ["TenantAdmins"],
        **changed,
    }


MICROSOFTS = (policy("User restricted from sending email", "CompromisedAccount"), policy("Email messages removed after delivery"))


def made(found, **changed):
    """A planned policy as it stands once it was made."""
    (one,) = found["config"]["protection_alert"]
    return {**policy(""), "system": False, "starts_investigation": False, **one, **changed}


def test_each_activity_that_is_watched_gets_one_beside_it():
    found = notices(MICROSOFTS, OWNER, SOC)
    (one,) = found["config"]["protection_alert"]
    assert one["name"] == BLOCKED
    assert (one["threat_type"], one["operation"], one["aggregation_type"]) == ("Activity", ["CompromisedAccount"], "None")
    assert (one["notify_user"], one["notification_enabled"], one["disabled"]) == (SOC, True, False)
    assert one["comment"].startswith("managed_by=m365.defender owner=contoso-it set=")


def test_what_only_microsofts_can_watch_is_told():
    assert notices(MICROSOFTS, OWNER, SOC)["unaccompanied"] == ["Email messages removed after delivery"]
    assert notices(MICROSOFTS, OWNER, [])["unaccompanied"] == []


def test_nothing_is_made_where_microsofts_is_not_there_or_starts_nothing():
    assert notices(MICROSOFTS[1:], OWNER, SOC)["config"] == {}
    assert notices([policy("User restricted", "CompromisedAccount", starts_investigation=False)], OWNER, SOC)["config"] == {}


def test_a_second_look_wants_the_very_same():
    first = notices(MICROSOFTS, OWNER, SOC)
    assert notices([*MICROSOFTS, made(first)], OWNER, SOC) == first


def test_other_recipients_are_a_new_wish_and_not_contested():
    there = made(notices(MICROSOFTS, OWNER, SOC))
    found = notices([*MICROSOFTS, there], OWNER, ["night@fabrikam.com"])
    assert found["contested"] == []
    assert found["config"]["protection_alert"][0]["notify_user"] == ["night@fabrikam.com"]


@pytest.mark.parametrize(("reclaim", "written"), [(False, False), (True, True)])
def test_what_somebody_set_back_is_said_and_not_fought_unless_it_is_to_be_reclaimed(reclaim, written):
    there = made(notices(MICROSOFTS, OWNER, SOC), notify_user=["TenantAdmins"], disabled=True)
    found = notices([*MICROSOFTS, there], OWNER, SOC, reclaim=reclaim)
    assert bool(found["config"]) is written
    expected = [{"kind": "protection_alert", "name": BLOCKED, "options": ["disabled", "notify_user"]}]
    assert found["contested"] == ([] if reclaim else expected)


@pytest.mark.parametrize(("adopt", "written"), [(False, False), (True, True)])
def test_a_policy_of_our_name_without_the_mark_is_left_alone_unless_it_is_to_be_adopted(adopt, written):
    there = made(notices(MICROSOFTS, OWNER, SOC), comment="made by hand")
    found = notices([*MICROSOFTS, there], OWNER, SOC, adopt=adopt)
    assert bool(found["config"]) is written
    assert found["foreign"] == ([] if adopt else [{"kind": "protection_alert", "name": BLOCKED}])


def test_without_recipients_ours_go_and_nobody_elses():
    ours = made(notices(MICROSOFTS, OWNER, SOC))
    theirs = made(notices(MICROSOFTS, "another", SOC))
    assert notices([*MICROSOFTS, ours, theirs], OWNER, [])["config"] == {"protection_alert": [{"name": BLOCKED, "state": "absent"}]}


def test_an_impossible_owner_is_named():
    with pytest.raises(ValueError, match="the owner may have"):
        notices(MICROSOFTS, "two words", SOC)


def test_every_activity_has_a_policy_that_can_be_made():
    every = [policy(title, activity) for activity, (title, dummy) in ACTIVITIES.items()]
    config = notices(every, OWNER, SOC)["config"]["protection_alert"]
    assert len(config) == len(ACTIVITIES) == len({one["name"] for one in config})
    system = {"Name": "x", "IsSystemRule": True, "Guid": "1"}
    operations = plan(RESOURCES["protection_alert"], {"ProtectionAlert": [system]}, config).operations
    assert [one.verb for one in operations] == ["New"] * len(ACTIVITIES)
