# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Machine actions and the investigations that ended: what the service is asked, what we choose ourselves, and what people get."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ansible_collections.m365.defender.plugins.module_utils.readers import machine_action_info
from ansible_collections.m365.defender.plugins.module_utils.readers._machine_actions import TYPES, permission_of
from ansible_collections.m365.defender.plugins.module_utils.readers.investigation_info import INVESTIGATION_INFO, NOTE
from ansible_collections.m365.defender.plugins.module_utils.readers.machine_action_info import MACHINE_ACTION_INFO

NOW = datetime(2026, 9, 15, 12, tzinfo=UTC)
MACHINE = "0000000000000000000000000000000000000ABC"


def options_of(reader, **given):
    return {name: spec.get("default") for name, spec in reader.options.items()} | given


def asked(**given):
    (ask,) = machine_action_info.asks(options_of(MACHINE_ACTION_INFO, **given), lambda: NOW)
    return ask.query.noun, dict(ask.query.parameters).get("$filter", "")


def told(reader, *rows, **given):
    options = options_of(reader, **given)
    return reader.answer(options, {key: list(rows) for key in reader.asks(options)})


def action(number, **more):
    row = {"id": str(number), "type": "Isolate", "status": "Pending", "machineId": MACHINE.lower(), "computerDnsName": "pc1.contoso.com"}
    return {**row, "creationDateTimeUtc": f"2026-09-{number:02}T00:00:00Z", **more}


def test_the_service_filters():
    since = "creationDateTimeUtc ge 2026-08-16T12:00:00Z"
    assert asked() == ("machineactions", since)
    assert asked(status=["Pending", "InProgress"], type=["Isolate"], requestor="a@contoso.com")[1] == (
        f"(status eq 'Pending' or status eq 'InProgress') and type eq 'Isolate' and requestor eq 'a@contoso.com' and {since}"
    )
    assert asked(machine=MACHINE)[1] == f"machineId eq '{MACHINE.lower()}' and {since}"
    assert asked(machine="pc1")[1] == since, "the service does not filter by name"
    assert asked(created_before="2026-09-01T00:00:00Z")[1] == "creationDateTimeUtc le 2026-09-01T00:00:00Z"
    assert asked(id="x/y") == ("machineactions/x%2Fy", "")


@pytest.mark.parametrize(("machine", "count"), [(None, 3), ("PC1", 2), ("pc1.contoso.com", 2), (MACHINE, 2), ("pc", 0), ("pc2", 1)])
def test_a_device_is_told_by_id_or_name(machine, count):
    rows = [action(1), action(2), action(3, machineId="f" * 40, computerDnsName="pc2.contoso.com")]
    assert told(MACHINE_ACTION_INFO, *rows, machine=machine)["count"] == count


def test_what_an_action_is_shown_as():
    row = action(1, relatedFileInfo={"fileIdentifier": "abc", "fileIdentifierType": "Sha1"}, lastUpdateTimeUtc="2026-09-02T00:00:00Z")
    result = told(MACHINE_ACTION_INFO, row, action(2, status="Succeeded"), most=1)
    assert (result["count"], result["more"], result["by_status"], result["by_type"]) == (1, True, {"Succeeded": 1}, {"Isolate": 1})
    first = told(MACHINE_ACTION_INFO, row)["actions"][0]
    assert (first["file"], first["updated"], first["over"], first["scope"]) == ("abc", "2026-09-02T00:00:00Z", False, "")
    assert result["actions"][0]["over"] is True


def test_the_permission_of_each_type():
    assert permission_of("isolate") == permission_of("Unisolate") == "Machine.Isolate"
    assert permission_of("RunAntiVirusScan") == "Machine.Scan"
    assert all(permission_of(name) == permission for name, permission in TYPES.items())
    assert "Machine.Scan" in permission_of("SomethingNew") and "Machine.LiveResponse" in permission_of("SomethingNew")


def test_investigations_are_told_with_a_note():
    options = options_of(INVESTIGATION_INFO, state=["Running"], machine=MACHINE, alert="a1", started_after="2026-08-01T00:00:00Z")
    (ask,) = INVESTIGATION_INFO.asks(options)
    assert dict(ask.query.parameters)["$filter"] == (
        f"state eq 'Running' and machineId eq '{MACHINE.lower()}' and triggeringAlertId eq 'a1' and startTime ge 2026-08-01T00:00:00Z"
    )
    assert INVESTIGATION_INFO.asks(options_of(INVESTIGATION_INFO, id="7"))[0].query.noun == "investigations/7"
    assert INVESTIGATION_INFO.asks(options_of(INVESTIGATION_INFO))[0].query.parameters == ()
    empty = told(INVESTIGATION_INFO)
    assert empty == {"investigations": [], "count": 0, "more": False, "by_state": {}, "note": NOTE}
    assert "2026-09-01" in NOTE
    row = {"id": 7, "state": "Failed", "startTime": "2026-08-01T00:00:00Z", "computerDnsName": "pc1", "endTime": None}
    (shown,) = told(INVESTIGATION_INFO, row, machine="pc1")["investigations"]
    assert (shown["id"], shown["ended"], shown["state"]) == ("7", "", "Failed")


@pytest.mark.parametrize(
    ("reader", "given", "words"),
    [
        (MACHINE_ACTION_INFO, {"most": 0}, "most"),
        (MACHINE_ACTION_INFO, {"days": 500}, "days"),
        (MACHINE_ACTION_INFO, {"created_after": "2026"}, "created_after"),
        (MACHINE_ACTION_INFO, {"id": "1", "machine": "pc"}, "machine can't choose"),
        (INVESTIGATION_INFO, {"most": 10001}, "most"),
        (INVESTIGATION_INFO, {"started_before": "soon"}, "started_before"),
        (INVESTIGATION_INFO, {"id": "1", "state": ["Failed"]}, "state can't choose"),
    ],
)
def test_bad_input(reader, given, words):
    assert words in "; ".join(reader.wrong(options_of(reader, **given)))
    assert reader.wrong(options_of(reader)) == []
