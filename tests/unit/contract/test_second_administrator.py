# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A second administrator changes device groups while a task of ours runs: before and after every request, every kind of change.

The portal takes the whole list and has no way to say "only if nobody changed it". What must hold: no group and no change of his is lost
unless the task says so. What can't be noticed is listed here, and the documentation says it.
"""

from __future__ import annotations

import pytest

from ansible_collections.m365.defender.plugins.module_utils._bulk import CONFIGURATION
from ansible_collections.m365.defender.plugins.module_utils._registry import RESOURCES

GROUP = RESOURCES["device_group"]
NOUN = "portal.machine_groups"
RULES = [{"property": "tag", "operator": "equals", "values": ["ours"]}]
START = ["Domain controllers", "Servers", "Pilot ring", "Kiosks"]  # by rank, in the tenant in which people have clicked around

# What our task wants, and the groups that it writes to.
TASKS = {
    "make": ([{"name": "Ours", "automation_level": "full", "matching_rules": RULES}], []),
    "make in front": ([{"name": "Ours", "automation_level": "full", "matching_rules": RULES, "rank": 1}], START),
    "change a level": ([{"name": "Servers", "automation_level": "full"}], ["Servers"]),
    "change two": ([{"name": "Servers", "automation_level": "full"}, {"name": "Kiosks", "description": "All"}], ["Servers", "Kiosks"]),
    "change the default": ([{"name": "Ungrouped devices (default)", "automation_level": "no_automated_response"}], [""]),
    "move": ([{"name": "Kiosks", "rank": 1}], START),
    "remove": ([{"name": "Kiosks", "state": "absent"}], ["Kiosks"]),
}


def has(rows, name, **members):
    return any(row["Name"] == name and all(row[key] == value for key, value in members.items()) for row in rows)


def order(rows):
    return [row["Name"] for row in sorted(rows, key=lambda row: row["Priority"]) if row["Name"] in START]


# What he does, how it shows in the list, and the group that he does it to ("*": all of them).
EDITS = {
    "adds a group": ({"add": "Theirs"}, lambda rows: has(rows, "Theirs", AutoRemediationLevel=1), "Theirs"),
    "removes another group": ({"remove": "Pilot ring"}, lambda rows: not has(rows, "Pilot ring"), "Pilot ring"),
    "removes the same group": ({"remove": "Servers"}, lambda rows: not has(rows, "Servers"), "Servers"),
    "changes another level": ({"level": ["Pilot ring", 0]}, lambda rows: has(rows, "Pilot ring", AutoRemediationLevel=0), "Pilot ring"),
    "changes the same level": ({"level": ["Servers", 0]}, lambda rows: has(rows, "Servers", AutoRemediationLevel=0), "Servers"),
    "renames another group": ({"rename": ["Pilot ring", "First"]}, lambda rows: has(rows, "First", AutoRemediationLevel=3), "Pilot ring"),
    "renames the same group": ({"rename": ["Servers", "Theirs"]}, lambda rows: has(rows, "Theirs"), "Servers"),
    "reorders": ({"order": START[::-1]}, lambda rows: order(rows) == [name for name in START[::-1] if has(rows, name)], "*"),
}
# Between the last reading and the writing: a group that he adds is not in what we write, and what he does to the very group that we
# write to looks as if we had done it.
UNSEEN = "adds a group"


def portal_requests(bench):
    return [entry for entry in bench.tenant.journal() if "security.microsoft.com" in entry["url"]]


def window(requests):
    """The places between a reading of the list and the writing that follows it: (number of the request, before or after it)."""
    places = set()
    for number, entry in enumerate(requests):
        if entry["method"] == "PUT":
            places |= {(number - 1, "after"), (number, "before")}
    return places


def run(bench, task):
    return bench.perform(CONFIGURATION, {"config": {"device_group": TASKS[task][0]}}, read_back_timeout=30)


def says(result, group):
    """Whether a result says that something happened to a group; its own difference shows what it changed."""
    words = [result.get("msg", "") if result.get("failed") else "", *result.get("warnings", ())]
    marks = (
        ("order is different", "stand in the order", "changed the list", "Order-", "set that back")
        if group == "*"
        else (group or "the default group",)
    )
    return any(mark in text for text in words for mark in marks)


@pytest.mark.parametrize("edit", EDITS)
@pytest.mark.parametrize("task", TASKS)
def test_nothing_is_lost_unsaid(task, edit, lived_in):
    bench = lived_in
    quiet = run(bench, task)
    assert quiet["changed"] and not quiet.get("failed") and not quiet.get("warnings"), quiet
    requests = portal_requests(bench)
    narrow, missed = window(requests), []
    do, shows, whom = EDITS[edit]
    ours = TASKS[task][1]
    for number in range(len(requests)):
        for when in ("before", "after"):
            bench.reset()
            before = bench.tenant.state(NOUN)
            bench.tenant.fault(kind="edit", when=when, skip=number, match={"service": "portal"}, do={"groups": do})
            result = run(bench, task)
            assert "met a fault of its own" not in result.get("msg", ""), result
            rows = bench.tenant.state(NOUN)
            place = (number, when)
            # He did it before we looked: then it is our task that comes last, and its difference shows what it found.
            first_reading = next(index for index, entry in enumerate(requests) if "/machine_groups" in entry["url"])
            late = number > first_reading or (number == first_reading and when == "after")
            taken_over = whom in ours or (whom == "*" and ours == START)
            kept = shows(rows) or (taken_over and not late)
            if not kept and not says(result, whom):
                missed.append(place)
            gone = {row["Name"] for row in before if row["MachineGroupId"] not in {one["MachineGroupId"] for one in rows}}
            allowed = {"Kiosks"} if task == "remove" else set()
            unsaid = {name for name in gone - allowed if not says(result, name) and not (name == whom and shows(rows))}
            assert not unsaid, (place, result)
            assert sum(row["IsUnassignedMachineGroup"] for row in rows) == 1
            if not result.get("failed") and result["changed"] and not result.get("warnings"):
                again = run(bench, task)
                assert not again["changed"] or (number, when) >= (len(requests) - 1, "after"), (place, again)
    unseen = edit == UNSEEN or whom in ours or (whom == "*" and ours == START)
    assert set(missed) <= (narrow if unseen else set()), missed


def test_what_he_does_while_a_refused_write_waits_is_not_overwritten(lived_in):
    """Throttled or renewed, the list is read again before it is written."""
    bench = lived_in
    for fault in ({"kind": "throttle", "retry_after": 5}, {"kind": "expire"}):
        bench.reset()
        put = {"service": "portal", "method": "PUT"}
        bench.tenant.fault(**fault, match=put)
        bench.tenant.fault(kind="edit", when="before", match=put, do={"groups": {"add": "Theirs"}})
        result = run(bench, "change a level")
        rows = bench.tenant.state(NOUN)
        assert has(rows, "Theirs") and has(rows, "Servers", AutoRemediationLevel=3)
        assert result["changed"] and "Theirs is new" in result["warnings"][0]


def test_who_goes_on_changing_the_list_stops_us(lived_in):
    bench = lived_in
    for number in range(3):
        read = {"service": "portal", "method": "GET", "path": "*/machine_groups"}
        do = {"groups": {"add": f"Theirs {number}"}}
        bench.tenant.fault(kind="edit", when="before", skip=1 + number, match=read, do=do)
    result = run(bench, "change a level")
    assert result["failed"] and not result["changed"] and result["failure"]["kind"] == "refused"
    assert "somebody else changed the list in between" in result["msg"] and not bench.tenant.writes()


def test_what_he_has_done_already_is_not_ours(lived_in):
    bench = lived_in
    read = {"service": "portal", "method": "GET", "path": "*/machine_groups"}
    bench.tenant.fault(kind="edit", when="after", match=read, do={"groups": {"level": ["Servers", 3]}})
    result = run(bench, "change a level")
    assert not result.get("failed") and result["warnings"]
    assert (result["changed"], result["operations"], result["diff"]) == (False, [], [])
    assert not bench.tenant.writes()


def test_the_difference_is_that_of_the_plan_that_was_carried_out(lived_in):
    bench = lived_in
    read = {"service": "portal", "method": "GET", "path": "*/machine_groups"}
    bench.tenant.fault(kind="edit", when="after", match=read, do={"groups": {"level": ["Servers", 0]}})
    (hunk,) = run(bench, "change a level")["diff"]
    assert (hunk["before"]["automation_level"], hunk["after"]["automation_level"]) == ("no_automated_response", "full")


@pytest.mark.parametrize("spoil", [lambda rows: [row for row in rows if row["Name"]], lambda rows: [*rows, rows[0]]])
def test_a_list_that_cannot_be_whole_is_not_written(spoil, lived_in):
    bench = lived_in
    bench.tenant.put_state(NOUN, spoil(bench.tenant.state(NOUN)))
    result = run(bench, "change a level")
    assert result["failed"] and "can't be the whole list" in result["msg"] and not bench.tenant.writes()
