# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tags of devices: only where needed, many at once, and the few that can't be changed are named."""

from __future__ import annotations

import pytest

from ansible_collections.m365.defender.plugins.module_utils._description import Query
from ansible_collections.m365.defender.plugins.module_utils._tags import MACHINE_TAG

BULK = "*/machines/AddOrRemoveTagForMultipleMachines"


def perform(bench, check=False, **options):
    return bench.perform(MACHINE_TAG, {"tag": "pilot", **options}, check=check, **({"read_back_timeout": 5} if not check else {}))


def rows(bench):
    return {row["computerDnsName"].partition(".")[0]: row for row in bench.tenant.state("machines")}


def tagged(bench, tag="pilot"):
    return sorted(name for name, row in rows(bench).items() if tag in row["machineTags"])


def names(result, key="added"):
    return [one["name"].partition(".")[0] for one in result[key]]


def fleet(bench, number):
    """A tenant with so many devices."""
    (first, *dummy) = bench.tenant.state("machines")
    made = [
        {**first, "id": f"{place:040x}", "computerDnsName": f"pc-{place}.contoso.com", "machineTags": []} for place in range(1, number + 1)
    ]
    bench.tenant.put_state("machines", made)
    return [row["id"] for row in made]


def test_one_device_by_its_name(bench):
    said = perform(bench, check=True, names=["LAPTOP-01"])
    assert bench.tenant.writes() == []
    done = perform(bench, names=["LAPTOP-01"])
    for key in ("changed", "operations", "diff", "selected", "added", "removed"):
        assert said[key] == done[key], key
    assert done["changed"] and tagged(bench) == ["laptop-01"] == names(done)
    (hunk,) = done["diff"]
    assert (hunk["before"]["devices"], len(hunk["after"]["devices"])) == ([], 1)
    (written,) = bench.tenant.writes()
    assert written["url"].endswith("/tags") and written["body"] == {"Value": "pilot", "Action": "Add"}
    bench.clear()
    again = perform(bench, names=["laptop-01"])
    assert (again["changed"], again["operations"], again["diff"]) == (False, [], []) and bench.tenant.writes() == []


def test_what_is_not_named_is_left_alone_unless_told_otherwise(bench):
    every = rows(bench)
    one, other, third = list(every)[:3]
    perform(bench, ids=[every[one]["id"], every[other]["id"].upper()])
    perform(bench, names=[third])
    assert tagged(bench) == sorted([one, other, third])
    said = perform(bench, check=True, names=[third], exclusive=True)
    done = perform(bench, names=[third], exclusive=True)
    assert names(done, "removed") == names(said, "removed") == sorted([one, other]) and done["added"] == []
    assert tagged(bench) == [third]
    assert perform(bench, names=[third], exclusive=True)["changed"] is False


def test_by_a_condition_and_away_again(bench):
    systems = {name for name, row in rows(bench).items() if row["osPlatform"] == "Windows11"}
    done = perform(bench, filter="osPlatform eq 'Windows11'")
    assert set(tagged(bench)) == systems == set(names(done)) and len(systems) > 1
    gone = perform(bench, state="absent", filter="machineTags/any(tag: tag eq 'pilot')")
    assert set(names(gone, "removed")) == systems and tagged(bench) == []
    assert perform(bench, state="absent", filter="machineTags/any(tag: tag eq 'pilot')")["changed"] is False


def test_other_tags_stay(bench):
    perform(bench, names=["laptop-01"], tag="O'Brien's first")
    perform(bench, names=["laptop-01"])
    perform(bench, names=["laptop-01"], state="absent")
    assert tagged(bench, "O'Brien's first") == ["laptop-01"] and tagged(bench) == []


def test_many_devices_are_few_requests(bench):
    ids = fleet(bench, 1201)
    bench.clear()
    done = perform(bench, ids=ids)
    writes = bench.tenant.writes()
    assert [len(one["body"].get("MachineIds", "1")) for one in writes] == [500, 500, 201]
    assert len(done["added"]) == 1201 and len(done["operations"]) == 3
    assert sum("/api/machines?" in entry["url"] for entry in bench.tenant.journal()) == 2, "the whole list, before and after"


def test_devices_that_are_refused_are_named_and_the_others_changed(bench):
    """Two devices go between the reading and the writing."""
    ids = fleet(bench, 600)
    kept = [row for row in bench.tenant.state("machines") if row["id"] not in (ids[7], ids[430])]
    bench.tenant.fault(kind="edit", match={"service": "defender", "path": BULK}, do={"state": {"machines": kept}})
    result = perform(bench, ids=ids)
    assert result["failed"] and result["changed"] and result["failure"]["kind"] == "refused"
    assert [one["name"] for one in result["failed_devices"]] == ["pc-431.contoso.com", "pc-8.contoso.com"]
    assert "was not found" in result["failed_devices"][0]["reason"] and "2 of 600 devices" in result["msg"]
    assert len(tagged(bench)) == len(result["added"]) == 598
    assert len(bench.tenant.writes()) < 45
    assert perform(bench, ids=[row["id"] for row in kept])["changed"] is False


def test_a_device_that_does_not_exist(bench):
    result = perform(bench, names=["laptop-01", "nobody"], ids=["f" * 40])
    assert result["failed"] and result["failure"]["kind"] == "not_found" and "nobody" in result["msg"] and "f" * 40 in result["msg"]
    assert bench.tenant.writes() == []
    result = perform(bench, names=["laptop-01", "nobody"], ignore_missing=True)
    assert result["changed"] and result["missing"] == ["nobody"]


def test_a_tenant_without_recent_devices(bench):
    bench.tenant.put_state("machines", [])
    assert perform(bench, filter="osPlatform eq 'Windows11'")["selected"] == 0
    assert perform(bench, names=["laptop-01"])["failure"]["kind"] == "not_found"


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({}, "one of ids, names and filter"),
        ({"names": ["a"], "tag": " "}, "tag must not be empty"),
        ({"ids": ["abc"]}, "40 hexadecimal"),
        ({"names": ["it's"]}, "names of devices"),
        ({"names": ["a"], "state": "absent", "exclusive": True}, "exclude each other"),
    ],
)
def test_bad_options_are_refused_before_anything_is_sent(options, text, bench):
    result = perform(bench, **options)
    assert result["failure"]["kind"] == "bad_input" and text in result["msg"] and bench.tenant.journal() == []


def test_a_condition_that_the_service_does_not_take(bench):
    result = perform(bench, filter="shoeSize eq 44")
    assert result["failure"]["kind"] == "refused" and "shoeSize" in result["msg"]


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "throttle", "retry_after": 9},
        {"kind": "transient"},
        {"kind": "transient", "when": "after"},
        {"kind": "reset"},
        {"kind": "reset", "when": "after"},
        {"kind": "unavailable"},
        {"kind": "expire"},
        {"kind": "lag", "reads": 2, "times": 1},
    ],
)
def test_whatever_happens_on_the_way(fault, bench):
    bench.tenant.fault(**fault, match={"service": "defender", "method": "POST"})
    result = perform(bench, filter="osPlatform eq 'Windows11'")
    assert not result.get("failed"), result["msg"]
    assert tagged(bench) == names(result) and len(result["operations"]) == 1
    assert 9 in bench.waits or fault["kind"] != "throttle"


def test_a_tag_that_never_shows(bench):
    bench.tenant.fault(kind="lag", reads=1000, match={"service": "defender"})
    result = perform(bench, names=["laptop-01"])
    assert result["failed"] and result["changed"] and "has the tag not yet" in result["failed_devices"][0]["reason"]


def test_who_may_only_read(bench):
    options = {name: bench.tenant.identities["reader"][name] for name in ("client_id", "client_secret")}
    result = bench.perform(MACHINE_TAG, {"tag": "pilot", "names": ["laptop-01"]}, client_certificate="", **options)
    assert result["failure"]["kind"] == "forbidden" and "Machine.ReadWrite.All" in result["failure"]["hint"]


def test_the_limit_of_writes_counts(bench):
    result = bench.perform(MACHINE_TAG, {"tag": "pilot", "ids": fleet(bench, 501)}, max_writes_per_tenant=1)
    assert result["failure"]["kind"] == "refused" and "max_writes_per_tenant" in result["msg"] and bench.tenant.writes() == []


def test_a_tag_moves_a_device_into_its_group(lived_in):
    """Without the portal, where a rule looks at the tag."""
    result = lived_in.perform(MACHINE_TAG, {"tag": "pilot", "filter": "osPlatform eq 'Windows10'"})
    assert result["changed"], result
    query = Query("machines", (("$filter", "machineTags/any(tag: tag eq 'pilot')"),))
    groups = {row["id"]: row["rbacGroupName"] for row in lived_in.ours().store("defender").read([query])[query]}
    assert "Pilot ring" in {groups[one["id"]] for one in result["added"]}
