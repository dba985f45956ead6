# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Defender for Identity, Cloud Apps and Office 365: on, off or unknown, by every kind of evidence."""

from __future__ import annotations

from itertools import product

import pytest

from ansible_collections.m365.defender.plugins.module_utils._errors import Forbidden, Refused, Unavailable
from ansible_collections.m365.defender.plugins.module_utils.readers._identity import HEALTH, SENSORS
from ansible_collections.m365.defender.plugins.module_utils.readers._licences import PLANS
from ansible_collections.m365.defender.plugins.module_utils.readers.identity_sensor_info import IDENTITY_SENSOR_INFO
from ansible_collections.m365.defender.plugins.module_utils.readers.workload_info import (
    CONTEXT,
    EVENTS,
    OFFICE,
    SKUS,
    WORKLOAD_INFO,
    further,
)

NO_SESSION = Forbidden("this needs portal_session", code="no_portal_session")
MISSING = Forbidden(
    "Missing application roles. API required roles: SecurityIdentitiesSensors.Read.All, application roles: .", status=403, code="Forbidden"
)
NO_TABLE = Refused("Failed to resolve table or column expression named 'CloudAppEvents'. Fix semantic errors in your query", status=400)
SENSOR = {"id": "1", "displayName": "srv-dc1", "healthStatus": "healthy", "serviceStatus": "running", "deploymentStatus": "upToDate"}
ILL = {**SENSOR, "id": "2", "displayName": "srv-dc2", "healthStatus": "notHealthyHigh", "serviceStatus": "stopped"}


def skus(*plans):
    working = [{"servicePlanId": PLANS[plan], "provisioningStatus": "Success"} for plan in plans]
    return ({"skuPartNumber": "A", "capabilityStatus": "Enabled", "servicePlans": working},)


E5 = skus("THREAT_INTELLIGENCE", "ATA", "ADALLOM_S_STANDALONE")


def read(*, licences=E5, sensors=(SENSOR,), issues=(), context=NO_SESSION, events=({"Timestamp": "x"},), office=({"Identity": "Default"},)):
    answers = {SKUS: licences, CONTEXT: [context] if isinstance(context, dict) else context}
    for ask in WORKLOAD_INFO.asks({}):
        if ask.query.noun in (SENSORS, HEALTH):
            answers[ask] = sensors if ask.query.noun == SENSORS else issues
    for ask in further({}, answers):
        answers[ask] = {EVENTS: events, OFFICE: office}[ask]
    return WORKLOAD_INFO.answer({}, answers)


def states(**given):
    return {name: one["state"] for name, one in read(**given)["workloads"].items()}


def test_everything_is_on_but_the_integration_which_nobody_can_see():
    found = read()
    assert {name: one["state"] for name, one in found["workloads"].items()} == {
        "defender_for_identity": "on",
        "defender_for_cloud_apps": "on",
        "defender_for_office_365": "on",
        "identity_cloud_apps_integration": "unknown",
    }
    assert found["workloads"]["identity_cloud_apps_integration"]["attestable"]
    assert "portal_session" in found["portal_unknown_because"]
    assert all(one["link"].startswith("https://security.microsoft.com/") for one in found["workloads"].values())


@pytest.mark.parametrize(
    ("sensors", "licensed", "active", "state"),
    [
        (sensors, licensed, active, state)
        for (sensors, licensed, active), state in zip(
            product([(SENSOR,), (), MISSING], [True, False, None], [True, False, None]),
            [*["on"] * 3, *["off"] * 3, *["on"] * 3]  # sensors that are listed prove, unless there is no licence
            + [*["off"] * 9]  # no sensor: nothing is watched, whatever the portal knows
            + [*["on", "off", "unknown"], *["off"] * 3, *["on", "off", "unknown"]],  # refused: the portal, if anybody can ask it
            strict=True,
        )
    ],
)
def test_identity(sensors, licensed, active, state):
    licences = E5 if licensed else skus("THREAT_INTELLIGENCE") if licensed is False else Forbidden("no", status=403)
    context = NO_SESSION if active is None else {"IsMdiActive": active}
    found = read(licences=licences, sensors=sensors, context=context)["workloads"]["defender_for_identity"]
    assert found["state"] == state and found["reason"]
    if state == "unknown":
        assert "Missing application roles" in found["reason"] and "Grant the permission" in found["remedy"]


def test_sensors_that_are_not_well_are_named_with_what_is_wrong():
    issue = {"displayName": "Sensor stopped communicating", "severity": "high", "status": "open"}
    found = read(sensors=(SENSOR, ILL), issues=(issue, {**issue, "status": "closed"}))["workloads"]["defender_for_identity"]
    assert (found["sensors"], found["sensors_not_healthy"], found["open_health_issues"]) == (2, 1, 1)
    assert "1 not healthy: srv-dc2 (it is seriously unwell)" in found["reason"]
    assert "Open health issue: Sensor stopped communicating" in found["reason"] and found["remedy"]


def test_health_that_cannot_be_read_is_not_no_issue():
    found = read(issues=Forbidden("no permission for health"))["workloads"]["defender_for_identity"]
    assert (found["state"], found["open_health_issues"]) == ("on", None)
    assert "no permission for health" in found["health_unknown_because"]


@pytest.mark.parametrize(
    ("events", "active", "state", "words"),
    [
        (({"a": 1},), None, "on", "events of connected apps"),
        (({"a": 1},), False, "on", "events of connected apps"),
        ((), None, "unknown", "no event of the last seven days"),
        ((), True, "on", "portal"),
        ((), False, "off", "portal"),
        (NO_TABLE, None, "unknown", "probably not set up"),
        (NO_TABLE, True, "on", "portal"),
        (MISSING, None, "unknown", "Missing application roles"),
        (Unavailable("too many", status=429), None, "unknown", "too many"),
        (Unavailable("too many", status=429), False, "off", "portal"),
    ],
)
def test_cloud_apps(events, active, state, words):
    context = NO_SESSION if active is None else {"IsMapgActive": active}
    found = read(events=events, context=context)["workloads"]["defender_for_cloud_apps"]
    assert found["state"] == state and words in found["reason"]
    assert bool(found["remedy"]) == (state != "on")


@pytest.mark.parametrize(
    ("office", "active", "state"),
    [(({"a": 1},), None, "on"), (MISSING, None, "unknown"), (MISSING, True, "on"), (MISSING, False, "off"), (({"a": 1},), False, "on")],
)
def test_office_365(office, active, state):
    context = NO_SESSION if active is None else {"IsOatpActive": active}
    assert states(office=office, context=context)["defender_for_office_365"] == state


def test_what_no_licence_brings_is_off_and_not_asked():
    nothing = skus()
    assert states(licences=nothing) == dict.fromkeys(
        ("defender_for_identity", "defender_for_cloud_apps", "defender_for_office_365", "identity_cloud_apps_integration"), "off"
    )
    assert further({}, {SKUS: nothing}) == ()
    assert further({}, {SKUS: skus("THREAT_INTELLIGENCE")}) == (OFFICE,)
    assert set(further({}, {SKUS: Forbidden("no")})) == {EVENTS, OFFICE}, "what is not known is asked"


def test_nothing_can_be_integrated_with_what_is_off():
    found = read(licences=skus("ATA"))["workloads"]["identity_cloud_apps_integration"]
    assert (found["state"], found["attestable"]) == ("off", False)
    assert "Cloud Apps is off" in found["reason"]


# ---------------------------------------------------------------- identity_sensor_info


def listed(sensors, issues=(), licences=E5):
    asks = IDENTITY_SENSOR_INFO.asks({})
    return IDENTITY_SENSOR_INFO.answer({}, dict(zip(asks, (licences, sensors, issues), strict=True)))["identity"]


@pytest.mark.parametrize(
    ("changed", "faults"),
    [
        ({}, []),
        ({"healthStatus": "Healthy", "serviceStatus": "Running"}, []),  # services disagree on the case of their words
        ({"deploymentStatus": "updating"}, []),
        ({"healthStatus": "notHealthyLow"}, ["it is slightly unwell"]),
        ({"healthStatus": "unknownFutureValue"}, ["its health is unknownFutureValue"]),
        ({"healthStatus": None}, ["its health is not reported"]),
        ({"deploymentStatus": "outdated"}, ["its version is outdated"]),
        ({"deploymentStatus": "startFailure", "serviceStatus": "disabled"}, ["it does not start", "its service is disabled"]),
        ({"serviceStatus": "onboarding"}, ["its service is onboarding"]),
        ({"serviceStatus": None}, ["its service is in no known state"]),
    ],
)
def test_a_sensor(changed, faults):
    assert listed([{**SENSOR, **changed}])["sensor_list"][0]["faults"] == faults


def test_the_worst_sensor_and_the_gravest_issue_come_first():
    issue = {"status": "open", "displayName": "a", "createdDateTime": "2026-01-01T00:00:00Z"}
    rows = [{**issue, "severity": word, "id": word} for word in ("low", "unknownFutureValue", "high", "medium")]
    found = listed([SENSOR, ILL], rows)
    assert [one["name"] for one in found["sensor_list"]] == ["srv-dc2", "srv-dc1"]
    assert [one["severity"] for one in found["health_issues"]] == ["high", "medium", "low", "unknownFutureValue"]
    assert (found["state"], found["licensed"]) == ("on", True)


def test_sensors_that_cannot_be_read_are_unknown():
    found = listed(MISSING, MISSING)
    assert (found["state"], found["sensors"], found["sensor_list"], found["health_issues"]) == ("unknown", None, [], [])
    assert listed(MISSING, licences=skus())["state"] == "off"
    assert listed(MISSING, licences=MISSING)["licensed"] is None
