# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Alert policies: which start investigations, told by their ids, with their state and whom they tell."""

from __future__ import annotations

import pytest

from ansible_collections.m365.defender.plugins.module_utils._errors import Unavailable
from ansible_collections.m365.defender.plugins.module_utils.readers.alert_policy_info import ALERT_POLICY_INFO, POLICIES

CLICK = "a74bb32a-541b-47fb-adfd-f8c62ce3d59b"


def row(**changed):
    return {"Name": "A potentially malicious URL click was detected\u200b", "ImmutableId": CLICK.upper(), "IsSystemRule": True, **changed}


def read(*rows):
    return ALERT_POLICY_INFO.answer({}, {POLICIES: list(rows)})


def test_a_policy_is_known_by_its_id_whatever_its_name():
    (one,) = read(row(Name="Umbenannt"))["policies"]
    assert (one["immutable_id"], one["starts_investigation"], one["system"]) == (CLICK, True, True)
    # Somebody's copy of it starts nothing, even if it came with the same id.
    assert read(row(IsSystemRule=False))["policies"][0]["starts_investigation"] is False
    assert read(row(ImmutableId="5d7f0a8e-0000-4000-8000-000000000001"))["policies"][0]["starts_investigation"] is False


def test_state_and_recipients_are_told():
    found = read(
        row(
            Disabled=True,
            NotificationEnabled=True,
            NotifyUser=["soc@contoso.com"],
            Severity="High",
            Category="ThreatManagement",
            ThreatType="MaliciousUrlClick",
            AggregationType="None",
            AlertOverrideChangedUtc="2026-01-31T12:00:00Z",
        )
    )
    assert found["switched_off"] == ["A potentially malicious URL click was detected"]
    assert found["policies"] == [
        {
            "name": "A potentially malicious URL click was detected",
            "immutable_id": CLICK,
            "system": True,
            "starts_investigation": True,
            "disabled": True,
            "category": "ThreatManagement",
            "severity": "High",
            "threat_type": "MaliciousUrlClick",
            "operation": [],
            "aggregation_type": "None",
            "comment": "",
            "notification_enabled": True,
            "notify_user": ["soc@contoso.com"],
            "changed_in_portal": True,
        }
    ]


def test_those_that_start_investigations_come_first_and_others_that_are_off_do_not_count():
    found = read(row(Name="Aardvark", ImmutableId="x", Disabled=True), row())
    assert [one["name"] for one in found["policies"]] == ["A potentially malicious URL click was detected", "Aardvark"]
    assert found["switched_off"] == []


def test_what_could_not_be_read_is_an_error():
    with pytest.raises(Unavailable):
        ALERT_POLICY_INFO.answer({}, {POLICIES: Unavailable("no answer")})
