# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cancelling what goes on on devices, and starting antivirus scans: once, as foretold, read back, and with the permission named."""

from __future__ import annotations

import json

import pytest

from ansible_collections.m365.defender.plugins.module_utils._machine_action import MACHINE_ACTION
from tests.unit.contract.bench import Bench

ISOLATION = "bbbbbbbb-0000-4000-8000-000000000201"
FAILED = "bbbbbbbb-0000-4000-8000-000000000202"
SCAN = "bbbbbbbb-0000-4000-8000-000000000204"
LAPTOP, SCANNED = "0" * 37 + "201", "0" * 37 + "202"


@pytest.fixture
def bench(lived_in):
    """A tenant in which an isolation waits and a full scan goes on."""
    return lived_in


def cancel(bench, check=False, **options):
    return bench.perform(MACHINE_ACTION, {"action": "cancel", "comment": "Not needed", **options}, check=check)


def scan(bench, *machines, check=False, **options):
    wanted = {"action": "run_antivirus_scan", "comment": "After the incident", "machines": list(machines), **options}
    return bench.perform(MACHINE_ACTION, wanted, check=check)


def state(bench, number):
    return next(row for row in bench.tenant.state("machineactions") if row["id"] == number)


def same(one, other):
    for key in ("changed", "operations", "diff"):
        assert one[key] == other[key], key


def test_an_action_is_cancelled_by_its_id_and_read_back(bench):
    said = cancel(bench, check=True, id=ISOLATION)
    assert bench.tenant.writes() == [] and said["changed"] and said["actions"][0]["status"] == "Cancelled"
    done = cancel(bench, id=ISOLATION)
    same(said, done)
    assert done["operations"] == [f"Cancel-MachineAction Isolate on lab-1607.corp.{bench.tenant.custom_domain}"]
    (shown,) = done["actions"]
    assert (shown["status"], shown["over"], shown["cancel_comment"], shown["type"]) == ("Cancelled", True, "Not needed", "Isolate")
    assert shown["cancelled_by"] and state(bench, ISOLATION)["status"] == "Cancelled"
    assert [entry["body"] for entry in bench.tenant.writes()] == [{"Comment": "Not needed"}]
    bench.clear()
    again = cancel(bench, id=ISOLATION)
    assert (again["changed"], again["operations"], again["diff"]) == (False, [], []) and bench.tenant.writes() == []
    assert again["actions"][0]["status"] == "Cancelled"


def test_what_is_over_is_ok_and_says_how_it_ended(bench):
    result = cancel(bench, id=FAILED)
    assert result["changed"] is False and result["actions"][0]["status"] == "Failed" and bench.tenant.writes() == []


@pytest.mark.parametrize(
    ("chosen", "cancelled"),
    [
        ({"status": ["Pending"]}, {ISOLATION}),
        ({"status": ["Pending", "InProgress"]}, {ISOLATION, SCAN}),
        ({"type": ["RunAntiVirusScan"]}, {SCAN}),
        ({"machine": "laptop-02"}, {SCAN}),
        ({"machine": SCANNED}, {SCAN}),
        ({"requestor": "emulated writer"}, {SCAN}),
        ({"type": ["Offboard"]}, set()),
        ({"status": ["Pending"], "days": 5}, set()),
        ({"machine": "lab-1607", "created_before": "2026-01-01T00:00:00Z"}, set()),
    ],
)
def test_actions_are_chosen_by_what_they_are(chosen, cancelled, bench):
    result = cancel(bench, **chosen)
    assert {one["id"] for one in result["actions"]} == cancelled
    assert len(result["operations"]) == len(cancelled) and result["changed"] is bool(cancelled)
    assert all(state(bench, number)["status"] == "Cancelled" for number in cancelled)
    assert cancel(bench, **chosen)["actions"] == [], "what is over is no longer chosen"


def test_an_unknown_id_is_no_success(bench):
    result = cancel(bench, id="bbbbbbbb-0000-4000-8000-000000000999")
    assert result["failed"] and result["failure"]["kind"] == "not_found" and result["failure"]["hint"]


def permitted(emulator, bench, tmp_path, *permissions):
    """A tenant whose writer has these permissions only."""
    tenant = emulator.tenant("lived_in", identities={"writer": {"app_permissions": {"defender": ["Machine.Read.All", *permissions]}}})
    return Bench(tenant, str(tmp_path / "others"), bench.certificate)


@pytest.mark.parametrize(
    ("options", "needed"),
    [({"id": ISOLATION}, "Machine.Isolate"), ({"id": SCAN}, "Machine.Scan"), ({"machines": [LAPTOP]}, "Machine.Scan")],
)
def test_the_permission_of_the_action_s_type_is_named(options, needed, emulator, bench, tmp_path):
    theirs = permitted(emulator, bench, tmp_path, "Machine.Offboard")
    login = {name: theirs.tenant.identities["writer"][name] for name in ("client_id", "client_secret")}
    wanted = {"action": "run_antivirus_scan" if "machines" in options else "cancel", "comment": "x", **options}
    result = theirs.perform(MACHINE_ACTION, wanted, **login)
    assert result["failed"] and result["failure"]["kind"] == "forbidden" and result["changed"] is False
    assert f"application permission {needed} of WindowsDefenderATP" in result["failure"]["hint"]
    theirs.tenant.remove()


def test_an_action_that_ends_in_between_is_ok(bench):
    rows = [{**row, "status": "Succeeded"} if row["id"] == ISOLATION else row for row in bench.tenant.state("machineactions")]
    bench.tenant.fault(kind="edit", match={"path": "*/cancel"}, do={"state": {"machineactions": rows}})
    result = cancel(bench, id=ISOLATION)
    assert not result.get("failed"), result["msg"]
    assert (result["changed"], result["operations"], result["diff"]) == (False, [], [])
    assert result["actions"][0]["status"] == "Succeeded"


def test_an_answer_that_is_lost_is_looked_up(bench):
    bench.tenant.fault(kind="reset", match={"path": "*/cancel"}, when="after")
    result = cancel(bench, id=ISOLATION)
    assert result["changed"] and result["actions"][0]["status"] == "Cancelled" and len(bench.tenant.writes()) == 1
    bench.tenant.fault(kind="reset", match={"path": "*/cancel"}, when="before")
    result = cancel(bench, id=SCAN)
    assert result["failed"] and result["failure"]["kind"] == "outcome_unknown"


def test_what_was_done_before_an_error_is_told(bench):
    bench.tenant.fault(kind="transient", match={"path": "*/cancel"}, skip=1)
    result = cancel(bench, status=["Pending", "InProgress"])
    assert result["failed"] and result["changed"] and len(result["operations"]) == 1


def test_what_does_not_show_yet_is_warned_of(bench):
    bench.tenant.fault(kind="lag", match={"path": "*/cancel"}, reads=1000)
    result = bench.perform(MACHINE_ACTION, {"action": "cancel", "comment": "x", "id": ISOLATION}, read_back_timeout=20)
    assert result["changed"] and any("does not show yet for: Isolate on" in warning for warning in result["warnings"])
    assert sum(bench.waits) == 20


def test_reads_are_few(bench):
    cancel(bench, status=["Pending", "InProgress"])
    calls = [entry for entry in bench.tenant.journal() if "/api/" in entry["url"]]
    assert [entry["method"] for entry in calls] == ["GET", "POST", "POST", "GET"], "all are read back at once"


def test_a_scan_is_started_once(bench):
    said = scan(bench, "laptop-01", check=True)
    assert bench.tenant.writes() == [] and said["changed"] and said["actions"][0]["scope"] == "Full"
    done = scan(bench, "laptop-01")
    same(said, done)
    assert done["operations"] == [f"Run-AntiVirusScan laptop-01.corp.{bench.tenant.custom_domain}"]
    assert [entry["body"] for entry in bench.tenant.writes()] == [{"Comment": "After the incident", "ScanType": "Full"}]
    (shown,) = done["actions"]
    assert (shown["type"], shown["scope"], shown["status"], shown["comment"]) == (
        "RunAntiVirusScan",
        "Full",
        "Pending",
        "After the incident",
    )
    for again in (scan(bench, f"laptop-01.corp.{bench.tenant.custom_domain}"), scan(bench, LAPTOP, scan_type="Quick")):
        assert again["changed"] is False and again["actions"][0]["id"] == shown["id"], "a scan that looks at as much is there"


def test_several_devices_are_looked_up_at_once(bench):
    result = scan(bench, "laptop-01", SCANNED, "laptop-01", "laptop-04")
    assert result["operations"] == [f"Run-AntiVirusScan laptop-0{number}.corp.{bench.tenant.custom_domain}" for number in (1, 4)]
    assert [one["machine"].split(".")[0] for one in result["actions"]] == ["laptop-01", "laptop-02", "laptop-04"]
    calls = [entry["method"] for entry in bench.tenant.journal() if "/api/" in entry["url"]]
    assert calls == ["GET", "GET", "POST", "POST", "GET"]


def test_another_scan_is_in_the_way(bench):
    scan(bench, "laptop-01", scan_type="Quick")
    bench.clear()
    for check in (True, False):
        result = scan(bench, "laptop-04", "laptop-01", check=check)
        assert result["failed"] and "Quick goes on on laptop-01" in result["msg"] and "cancel it (id" in result["failure"]["hint"]
    assert bench.tenant.writes() == [], "nothing is started elsewhere either"


def test_a_scan_that_somebody_starts_in_between_is_ok(bench):
    rows = [*bench.tenant.state("machineactions"), {**state(bench, SCAN), "id": "x", "machineId": LAPTOP}]
    bench.tenant.fault(kind="edit", match={"path": "*/runAntiVirusScan"}, do={"state": {"machineactions": rows}})
    result = scan(bench, "laptop-01")
    assert not result.get("failed"), result["msg"]
    assert result["changed"] is False and result["actions"][0]["id"] == "x"


def test_a_start_whose_answer_is_lost_is_looked_up(bench):
    bench.tenant.fault(kind="reset", match={"path": "*/runAntiVirusScan"}, when="after")
    result = scan(bench, "laptop-01")
    assert result["changed"] and result["actions"][0]["status"] == "Pending" and len(bench.tenant.writes()) == 1


@pytest.mark.parametrize("name", ["laptop-99", "f" * 40, "laptop"])
def test_an_unknown_device_is_named_before_anything_is_started(name, bench):
    result = scan(bench, "laptop-01", name)
    assert result["failed"] and f"no device {name}" in result["msg"] and bench.tenant.writes() == []


def test_one_name_of_several_devices_is_refused(bench):
    rows = bench.tenant.state("machines")
    bench.tenant.put_state("machines", [*rows, {**rows[0], "id": "a" * 40}])
    result = scan(bench, rows[0]["computerDnsName"])
    assert result["failed"] and "there are 2 devices called" in result["msg"] and "a" * 40 in result["msg"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"action": "cancel"}, "must say which actions to cancel"),
        ({"action": "cancel", "days": 5, "created_before": "2026-09-01T00:00:00Z"}, "must say which actions to cancel"),
        ({"action": "cancel", "id": "x", "machine": "y"}, "machine can't choose"),
        ({"action": "cancel", "id": "x", "comment": " "}, "comment must say why"),
        ({"action": "cancel", "machines": ["x"], "id": "x"}, "machines is for scans"),
        ({"action": "run_antivirus_scan"}, "machines must name"),
        ({"action": "run_antivirus_scan", "machines": ["x"], "machine": "y"}, "name them in machines"),
        ({"action": "run_antivirus_scan", "machines": ["x"], "id": "y"}, "name them in machines"),
    ],
)
def test_bad_input_is_refused_before_anything_is_sent(options, words, bench):
    result = bench.perform(MACHINE_ACTION, {"comment": "x", **options})
    assert result["failed"] and words in result["msg"] and result["failure"]["kind"] == "bad_input"
    assert bench.tenant.journal() == []


def test_a_write_is_bounded_and_recorded(bench, tmp_path):
    wanted = {"action": "cancel", "comment": "x", "status": ["Pending", "InProgress"]}
    result = bench.perform(MACHINE_ACTION, wanted, max_writes_per_tenant=1)
    assert result["failed"] and "max_writes_per_tenant=1" in result["msg"] and bench.tenant.writes() == []
    result = bench.perform(MACHINE_ACTION, {"action": "cancel", "comment": "x", "id": ISOLATION}, ledger=str(tmp_path / "ledger"))
    assert result["changed"]
    (place,) = (tmp_path / "ledger").glob("*/operations.jsonl")
    entries = [json.loads(line) for line in place.read_text().splitlines()]
    assert entries[-1]["operation"].startswith("Cancel-MachineAction") and entries[-1]["request_id"]
