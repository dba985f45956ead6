# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Devices: which count, which are ready, and when they are enough."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ansible_collections.m365.defender.plugins.module_utils._errors import Forbidden, NotFound
from ansible_collections.m365.defender.plugins.module_utils.readers.device_info import DEVICE_INFO, answer, asks

NOW = datetime(2026, 9, 15, 12, tzinfo=UTC)
OPTIONS = {
    "list_devices": True,
    "min_device_coverage": 95,
    "not_seen_days": 30,
    "worst": 10,
    "seen_only": False,
    "tag": None,
    **dict.fromkeys(("systems", "onboarding", "health", "groups", "group_ids")),
}
MACHINES, ANTIVIRUS = DEVICE_INFO.asks(OPTIONS)


def machine(name="laptop-01", **changed):
    return {
        "id": name,
        "computerDnsName": name,
        "osPlatform": "Windows11",
        "version": "24H2",
        "osBuild": 26100,
        "onboardingStatus": "onboarded",
        "healthStatus": "Active",
        "lastSeen": "2026-09-15T11:00:00.1234567Z",
        "rbacGroupName": None,
        **changed,
    }


def read(machines, antivirus=None, **options):
    if antivirus is None:
        antivirus = [{"machineId": one["id"], "avMode": "0", "osVersion": None} for one in machines]
    return answer({**OPTIONS, **options}, {MACHINES: machines, ANTIVIRUS: antivirus}, lambda: NOW)


def judged(antivirus=None, **changed):
    one = machine(**changed)
    rows = None if antivirus is None else [{"machineId": one["id"], **antivirus}]
    device = read([one], rows)["devices"][0]
    return device["air"], " ".join(device["reasons"])


@pytest.mark.parametrize(
    ("changed", "air", "word"),
    [
        ({}, "ready", ""),
        ({"onboardingStatus": "Onboarded"}, "ready", ""),
        ({"osPlatform": "Windows10", "version": "22H2", "osBuild": 19045}, "ready", ""),
        ({"osPlatform": "Windows10", "version": "1709", "osBuild": 16299}, "unknown", "16299.1085"),
        ({"osPlatform": "Windows10", "version": "1803", "osBuild": 17134}, "unknown", "17134.704"),
        ({"osPlatform": "Windows10", "version": "1809", "osBuild": 17763}, "ready", ""),
        ({"osPlatform": "Windows10", "version": "1703", "osBuild": 15063}, "not_ready", "1703 is older than 1709"),
        ({"osPlatform": "Windows10", "version": None, "osBuild": 14393}, "not_ready", "14393 is older"),
        ({"osPlatform": "Windows10", "osBuild": None}, "unknown", "build not reported"),
        ({"osPlatform": "Windows10WVD", "osBuild": 19045}, "ready", ""),
        ({"osPlatform": "Windows7", "osBuild": 7601}, "not_ready", "Windows7 has no automated investigation"),
        ({"osPlatform": "WindowsServer2008R2", "osBuild": 7601}, "not_ready", "no automated investigation"),
        ({"osPlatform": "WindowsServer2012R2", "osBuild": 9600}, "unknown", "unified agent"),
        ({"osPlatform": "WindowsServer2016", "osBuild": 14393}, "unknown", "unified agent"),
        ({"osPlatform": "WindowsServer2019", "osBuild": 17763}, "ready", ""),
        ({"osPlatform": "WindowsServer2022", "osBuild": 20348}, "ready", ""),
        ({"osPlatform": "WindowsServer2025", "osBuild": 26100}, "ready", ""),
        ({"osPlatform": "AzureStackHCI", "osBuild": 25398}, "ready", ""),
        ({"osPlatform": "AzureStackHCI", "osBuild": 20349, "version": "22H2"}, "not_ready", "22H2 is older than 23H2"),
        ({"osPlatform": "AzureStackHCI", "osBuild": None}, "unknown", "build is not reported"),
        ({"osPlatform": "macOS"}, "other_system", ""),
        ({"osPlatform": "Linux"}, "other_system", ""),
        ({"osPlatform": "Other", "onboardingStatus": "InsufficientInfo"}, "other_system", ""),
        ({"osPlatform": None}, "other_system", ""),
        ({"onboardingStatus": "CanBeOnboarded"}, "not_ready", "not onboarded"),
        ({"onboardingStatus": "CanBeOnboarded", "healthStatus": "NoSensorData"}, "not_ready", "not onboarded"),
        ({"onboardingStatus": "Unsupported"}, "not_onboardable", ""),
        ({"onboardingStatus": "InsufficientInfo"}, "not_onboardable", ""),
        ({"healthStatus": "Inactive"}, "ready", ""),
        ({"healthStatus": "Unknown"}, "ready", ""),
        ({"healthStatus": "ImpairedCommunication"}, "not_ready", "ImpairedCommunication"),
        ({"healthStatus": "NoSensorDataImpairedCommunication"}, "not_ready", "NoSensorDataImpairedCommunication"),
        ({"lastSeen": "2026-08-16T12:00:00Z"}, "ready", ""),
        ({"lastSeen": "2026-08-16T11:59:59Z"}, "not_seen", ""),
        ({"lastSeen": "2026-09-15T11:00:00"}, "ready", ""),  # no zone is UTC
        ({"lastSeen": None}, "not_seen", ""),
    ],
)
def test_a_device(changed, air, word):
    found, reasons = judged(**changed)
    assert (found, bool(reasons)) == (air, bool(word))
    assert word in reasons


@pytest.mark.parametrize(
    ("mode", "word", "air"),
    [
        ("0", "active", "ready"),
        ("1", "passive", "ready"),
        ("2", "disabled", "not_ready"),
        ("4", "edr_blocked", "not_ready"),
        ("5", "passive_audit", "not_ready"),
        ("", "other", "not_ready"),
        ("3", "other", "not_ready"),
        ("99", "other", "not_ready"),
    ],
)
def test_antivirus(mode, word, air):
    one = machine()
    device = read([one], [{"machineId": one["id"], "avMode": mode}])["devices"][0]
    assert (device["antivirus"], device["air"]) == (word, air)


@pytest.mark.parametrize(
    ("version", "air"), [("10.0.16299.1085", "ready"), ("10.0.16299.1084", "not_ready"), ("10.0.17134.1", "unknown"), ("", "unknown")]
)
def test_the_antivirus_list_has_the_revision_of_windows(version, air):
    changed = {"osPlatform": "Windows10", "version": "1709", "osBuild": 16299}
    assert judged({"avMode": "0", "osVersion": version}, **changed)[0] == air


@pytest.mark.parametrize(
    ("cloud", "air"), [("commercial", "ready"), ("gcc", "not_ready"), ("gcc_high", "ready"), ("dod", "not_ready"), ("china", "ready")]
)
def test_two_clouds_have_no_support_for_1709(cloud, air):
    one = machine(osPlatform="Windows10", version="1709", osBuild=16299)
    rows = [{"machineId": one["id"], "avMode": "0", "osVersion": "10.0.16299.1085"}]
    assert read([one], rows, cloud=cloud)["devices"][0]["air"] == air
    assert read([machine(osPlatform="Windows10", osBuild=17763)], cloud=cloud)["devices"][0]["air"] == "ready"


def asked(**options):
    one, other = DEVICE_INFO.asks({**OPTIONS, **options})
    return dict(one.query.parameters).get("$filter"), dict(other.query.parameters).get("$filter")


@pytest.mark.parametrize(
    ("options", "machines", "antivirus"),
    [
        ({}, None, None),
        ({"systems": ["Windows11"]}, "osPlatform eq 'Windows11'", None),
        (
            {"onboarding": ["Onboarded", "CanBeOnboarded"]},
            "(onboardingStatus eq 'Onboarded' or onboardingStatus eq 'onboarded' or onboardingStatus eq 'CanBeOnboarded')",
            None,
        ),
        ({"health": ["Active"], "tag": "O'Brien"}, "healthStatus eq 'Active' and machineTags/any(tag: tag eq 'O''Brien')", None),
        ({"group_ids": [3, 4]}, "(rbacGroupId eq 3 or rbacGroupId eq 4)", "(rbacGroupId eq 3 or rbacGroupId eq 4)"),
        ({"groups": ["Servers"]}, None, None),
    ],
)
def test_the_service_chooses_where_it_can(options, machines, antivirus):
    assert asked(**options) == (machines, antivirus)


def test_old_devices_need_not_be_read():
    one, dummy = asks({**OPTIONS, "seen_only": True}, lambda: NOW)
    assert dict(one.query.parameters)["$filter"] == "lastSeen ge 2026-08-16T12:00:00Z"


def test_groups_are_chosen_here_by_name_in_any_case():
    rows = [machine("a", rbacGroupName="Servers"), machine("b", rbacGroupName="Desks"), machine("c")]
    found = read(rows, groups=["SERVERS"])
    assert ([one["name"] for one in found["devices"]], found["summary"]["total"]) == (["a"], 1)


def test_the_worst_of_very_many():
    rows = [machine(f"m{index:04}", onboardingStatus="CanBeOnboarded") for index in range(2500)]
    rows.insert(7, machine("z", onboardingStatus="CanBeOnboarded", osPlatform="Windows10", osBuild=10240))
    assert [one["name"] for one in read(rows, worst=3)["summary"]["worst"]] == ["z", "m0000", "m0001"]
    assert read(rows, worst=0)["summary"]["worst"] == []


def test_a_device_that_the_antivirus_list_does_not_have_is_unknown():
    assert read([machine()], [])["devices"][0]["reasons"] == ["antivirus state not reported"]


def test_without_the_antivirus_list_nothing_is_ready_and_the_reason_is_told():
    found = read([machine()], Forbidden("no permission"))
    assert found["devices"][0]["reasons"] == ["antivirus state could not be read"]
    assert (found["summary"]["enough"], found["summary"]["antivirus"]) == (None, {"unknown": 1})
    assert "no permission" in found["summary"]["antivirus_unknown_because"]


@pytest.mark.parametrize(
    ("ready", "doubtful", "bad", "enough", "percent"),
    [
        (100, 0, 0, True, 100.0),
        (95, 0, 5, True, 95.0),
        (94, 0, 6, False, 94.0),
        (94, 1, 5, None, 94.0),
        (95, 5, 0, True, 95.0),
        (0, 3, 0, None, 0.0),
        (90, 4, 6, False, 90.0),
        (0, 0, 1, False, 0.0),
        (0, 0, 0, None, None),
    ],
)
def test_coverage(ready, doubtful, bad, enough, percent):
    rows = [machine(f"r{index}") for index in range(ready)]
    rows += [machine(f"d{index}", osPlatform="WindowsServer2016") for index in range(doubtful)]
    rows += [machine(f"b{index}", onboardingStatus="CanBeOnboarded") for index in range(bad)]
    summary = read(rows)["summary"]
    assert (summary["enough"], summary["percent"], summary["counted"]) == (enough, percent, ready + doubtful + bad)


def test_what_is_not_counted_is_said():
    rows = [
        machine("a"),
        machine("b", osPlatform="iOS"),
        machine("c", lastSeen="2026-01-01T00:00:00Z"),
        machine("d", onboardingStatus="Unsupported"),
    ]
    summary = read(rows)["summary"]
    assert summary["not_counted"] == {"not_seen": 1, "not_onboardable": 1, "other_system": 1}
    assert (summary["total"], summary["counted"], summary["enough"]) == (4, 1, True)


def test_the_worst_come_first_and_no_more_than_asked_for():
    rows = [
        machine("fine"),
        machine("one", onboardingStatus="CanBeOnboarded"),
        machine("both", healthStatus="NoSensorData", osPlatform="Windows10", osBuild=10240, version="1507"),
        machine("another", onboardingStatus="CanBeOnboarded"),
    ]
    assert [one["name"] for one in read(rows, worst=2)["summary"]["worst"]] == ["both", "another"]


@pytest.mark.parametrize(
    ("changed", "server"),
    [
        ({"osPlatform": "WindowsServer2022"}, True),
        ({"osPlatform": "Windows2016"}, True),
        ({"osPlatform": "Windows8blueserver"}, True),
        ({"osPlatform": "windowsserver2012R2", "onboardingStatus": "CanBeOnboarded"}, True),
        ({"osPlatform": "AzureStackHCI"}, True),
        ({"osPlatform": "Linux"}, True),
        ({"osPlatform": "SomethingNew"}, True),
        ({"osPlatform": None}, True),
        ({"osPlatform": "Windows11"}, False),
        ({"osPlatform": "Windows10WVD"}, False),
        ({"osPlatform": "Windows7"}, False),
        ({"osPlatform": "Windows8.1"}, False),
        ({"osPlatform": "macOS"}, False),
        ({"osPlatform": "iOS"}, False),
        ({"osPlatform": "Android"}, False),
        ({"osPlatform": "Other", "onboardingStatus": "InsufficientInfo"}, False),
    ],
)
def test_servers_are_counted_by_group_and_so_is_what_may_be_one(changed, server):
    assert read([machine(**changed, rbacGroupName="Farm"), machine("b")])["summary"]["servers"] == ({"Farm": 1} if server else {})
    assert read([machine(**changed)])["summary"]["servers"] == ({"UnassignedGroup": 1} if server else {})


def test_groups_are_counted_by_name():
    rows = [machine("a", rbacGroupName="Servers"), machine("b", rbacGroupName="Servers"), machine("c")]
    assert read(rows)["summary"]["groups"] == {"Servers": 2}


def test_a_device_that_two_pages_have_counts_once():
    """Somebody onboards a device while the pages are read: the last one of a page is the first one of the next."""
    found = read([machine("laptop-01"), machine("laptop-02", healthStatus="Inactive"), machine("laptop-02", healthStatus="Inactive")])
    assert [device["name"] for device in found["devices"]] == ["laptop-01", "laptop-02"]
    assert (found["summary"]["total"], found["summary"]["counted"]) == (2, 2)


def test_the_summary_alone():
    assert read([machine()], list_devices=False)["devices"] == []


def test_no_recent_device_is_answered_as_not_found():
    found = answer(OPTIONS, {MACHINES: NotFound("none"), ANTIVIRUS: []}, lambda: NOW)
    assert (found["summary"]["total"], found["summary"]["enough"]) == (0, None)


def test_devices_that_cannot_be_read_are_no_answer():
    with pytest.raises(Forbidden):
        answer(OPTIONS, {MACHINES: Forbidden("no"), ANTIVIRUS: []}, lambda: NOW)


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("min_device_coverage", 101),
        ("min_device_coverage", -1),
        ("not_seen_days", 0),
        ("not_seen_days", 10**9),
        ("worst", -1),
        ("systems", [" "]),
        ("groups", [""]),
    ],
)
def test_options_out_of_range(option, value):
    assert DEVICE_INFO.wrong({**OPTIONS, option: value})[0].startswith(option)
    assert not DEVICE_INFO.wrong(OPTIONS)
