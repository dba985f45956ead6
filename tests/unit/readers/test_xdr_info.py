# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Is Defender XDR on: probes, portal and licences in every combination, and its workloads."""

from __future__ import annotations

from itertools import product

import pytest

from ansible_collections.m365.defender.plugins.module_utils._errors import BadInput, Forbidden, SignInFailed, TenantError, Unavailable
from ansible_collections.m365.defender.plugins.module_utils.readers._licences import PLANS
from ansible_collections.m365.defender.plugins.module_utils.readers.xdr_info import LINKS, XDR_INFO

ON = {
    "IsMtpEligible": True,
    "MtpConsent": True,
    "IsOnboardingComplete": True,
    "IsSuspended": False,
    "IsDeleted": False,
    "IsMdatpActive": True,
    "IsOatpActive": True,
    "IsMdiActive": True,
    "IsMapgActive": True,
    "IsAutomatedIrEnabled": True,
}
NO_SESSION = Forbidden("no portal session was given", code="no_portal_session")
REFUSED = Forbidden("Missing application roles")
SENSOR = {"displayName": "srv-dc1", "healthStatus": "healthy", "serviceStatus": "running"}


def skus(*plans):
    working = [{"servicePlanId": PLANS[plan], "provisioningStatus": "Success"} for plan in plans]
    return [{"skuPartNumber": "A", "capabilityStatus": "Enabled", "servicePlans": working}]


E5 = skus("MTP", "WINDEFATP", "THREAT_INTELLIGENCE", "ATA", "ADALLOM_S_STANDALONE")
NOTHING = skus()


def test_the_probes_are_narrow():
    asked = {ask.query.noun: ask.query for ask in XDR_INFO.asks({})}
    for noun in ("security/incidents", "security/alerts_v2"):
        assert dict(asked[noun].parameters) == {"$top": 1} and asked[noun].most == 1, "one row, and no page behind it"
    assert dict(asked["security/runHuntingQuery"].parameters)["Query"] == "AlertInfo | take 1"


def read(*, incidents=(), alerts=(), hunting=(), licences=None, sensors=(SENSOR,), issues=(), context=NO_SESSION):
    given = {
        "security/incidents": incidents,
        "security/alerts_v2": alerts,
        "security/runHuntingQuery": hunting,
        "subscribedSkus": E5 if licences is None else licences,
        "security/identities/sensors": sensors,
        "security/identities/healthIssues": issues,
        "tenant_context": [context] if isinstance(context, dict) else context,
    }
    answers = {}
    for ask in XDR_INFO.asks({}):
        value = given[ask.query.noun]
        answers[ask] = value if isinstance(value, TenantError) else list(value)
    return XDR_INFO.answer({}, answers)["xdr"]


@pytest.mark.parametrize(
    ("incidents", "alerts", "hunting", "licences", "context"),
    list(product(((), REFUSED), ((), REFUSED), ((), REFUSED), (E5, NOTHING, REFUSED), (NO_SESSION, ON, {**ON, "MtpConsent": False}, {}))),
)
def test_the_state_of_the_whole(incidents, alerts, hunting, licences, context):
    """The portal decides; else any answer proves on; else only missing licences prove off."""
    found = read(incidents=incidents, alerts=alerts, hunting=hunting, licences=licences, context=context)
    if context == ON:
        expected = ("on", "portal")
    elif isinstance(context, dict) and context:
        expected = ("off", "portal")
    elif () in (incidents, alerts, hunting):
        expected = ("on", "public_api")
    elif licences is NOTHING:
        expected = ("off", "public_api")
    else:
        expected = ("unknown", "public_api")
    assert (found["state"], found["driver"]) == expected
    assert found["reason"].endswith(".")
    assert found["licensed"] is (None if licences is REFUSED else licences is E5)
    for name, probe in (("incidents", incidents), ("alerts", alerts), ("hunting", hunting)):
        assert found[name]["state"] == ("on" if probe == () else "off" if expected[0] == "off" else "unknown")
    assert found["action_center"]["state"] == (expected[0] if expected[1] == "portal" or expected[0] == "off" else "unknown")


@pytest.mark.parametrize(
    ("member", "value", "word"),
    [
        ("IsMtpEligible", False, "no licence"),
        ("MtpConsent", False, "never turned on"),
        ("IsOnboardingComplete", False, "provisioning"),
        ("IsSuspended", True, "suspended"),
        ("IsDeleted", True, "deleted"),
    ],
)
def test_what_the_portal_says_against_it(member, value, word):
    found = read(context={**ON, member: value})
    assert found["state"] == "off"
    assert word in found["reason"]


def test_an_unknown_answer_says_why():
    found = read(incidents=Unavailable("throttled"), alerts=REFUSED, hunting=REFUSED)
    assert "proves nothing" in found["reason"]
    assert "throttled" in found["incidents"]["reason"]
    assert "no portal session" in found["portal_unknown_because"]


NO_TOKEN = SignInFailed("the secret is wrong", tried="Signing in", hint="Take the secret's value.")
NO_WAY = Unavailable("refused the connection", hint="Look at the network.")
NO_LOGIN = BadInput("no way to sign in is given", hint="Give one. Nothing was sent.")
ENDED = SignInFailed("the portal session has ended", hint="Sign in to the portal again.")


@pytest.mark.parametrize("error", [NO_TOKEN, NO_WAY, NO_LOGIN])
@pytest.mark.parametrize("context", [NO_SESSION, ENDED, {}])
@pytest.mark.parametrize("licences", [E5, REFUSED, NO_TOKEN])
def test_what_nobody_could_be_asked_is_an_error(error, context, licences):
    with pytest.raises(type(error)) as caught:
        read(incidents=error, alerts=error, hunting=error, licences=licences, context=context)
    assert caught.value is error


@pytest.mark.parametrize(
    ("given", "state"),
    [
        ({"context": ON}, "on"),
        ({"context": {**ON, "MtpConsent": False}}, "off"),
        ({"licences": NOTHING}, "off"),
        ({"hunting": ()}, "on"),
        ({"hunting": REFUSED}, "unknown"),
    ],
)
def test_no_error_where_anything_is_known(given, state):
    assert read(**{"incidents": NO_TOKEN, "alerts": NO_TOKEN, "hunting": NO_TOKEN, **given})["state"] == state


@pytest.mark.parametrize(
    ("context", "ends"),
    [
        (NO_SESSION, f"See whether {LINKS['incidents']} opens, or hand in portal_session."),
        (ENDED, f"Sign in to the portal again. See whether {LINKS['incidents']} opens."),
        ({}, f"See whether {LINKS['incidents']} opens."),
    ],
)
def test_what_to_do_is_what_the_refusals_ask_for(context, ends):
    forbidden = Forbidden("Missing application roles", hint="Grant SecurityIncident.Read.All.")
    found = read(incidents=forbidden, alerts=NO_WAY, hunting=NO_WAY, context=context)
    assert found["remedy"] == f"Grant SecurityIncident.Read.All. Look at the network. {ends}"
    assert found["reason"] == "None of its public APIs answers, which proves nothing. Missing application roles."


@pytest.mark.parametrize(
    ("workload", "plan", "member"),
    [
        ("defender_for_endpoint", "WINDEFATP", "IsMdatpActive"),
        ("defender_for_office_365", "THREAT_INTELLIGENCE", "IsOatpActive"),
        ("defender_for_cloud_apps", "ADALLOM_S_STANDALONE", "IsMapgActive"),
    ],
)
def test_workloads(workload, plan, member):
    def state(**given):
        return read(**given)["workloads"][workload]["state"]

    assert state(context=ON) == "on"
    assert state(context={**ON, member: False}) == "off"
    assert state() == "unknown"
    assert state(licences=REFUSED) == "unknown"
    assert state(licences=NOTHING) == "off"
    assert state(licences=NOTHING, context=ON) == "off"
    assert state(licences=skus(plan)) == "unknown"


@pytest.mark.parametrize(
    ("sensors", "context", "licences", "state", "word"),
    [
        ([SENSOR], NO_SESSION, E5, "on", "1 sensor, all healthy"),
        ([SENSOR, {**SENSOR, "healthStatus": "notHealthyHigh", "displayName": "srv-dc2"}], NO_SESSION, E5, "on", "1 not healthy: srv-dc2"),
        ([SENSOR, {**SENSOR, "serviceStatus": "stopped"}], NO_SESSION, E5, "on", "1 not healthy"),
        ([], NO_SESSION, E5, "off", "no sensor"),
        ([], ON, E5, "off", "no sensor"),
        (REFUSED, NO_SESSION, E5, "unknown", "Missing application roles"),
        (REFUSED, ON, E5, "on", "active"),
        (REFUSED, {**ON, "IsMdiActive": False}, E5, "off", "not active"),
        (REFUSED, NO_SESSION, NOTHING, "off", "No licence"),
    ],
)
def test_identity_is_told_by_its_sensors(sensors, context, licences, state, word):
    found = read(sensors=sensors, context=context, licences=licences)["workloads"]["defender_for_identity"]
    assert found["state"] == state
    assert word in found["reason"]


def test_open_health_issues_are_counted():
    found = read(issues=[{"status": "open"}, {"status": "closed"}])["workloads"]["defender_for_identity"]
    assert (found["sensors"], found["sensors_not_healthy"], found["open_health_issues"]) == (1, 0, 1)


def test_health_issues_that_could_not_be_read_are_not_none():
    found = read(issues=REFUSED)["workloads"]["defender_for_identity"]
    assert (found["state"], found["open_health_issues"]) == ("on", None)
    assert "Missing application roles" in found["health_unknown_because"]


@pytest.mark.parametrize(("context", "enabled"), [(ON, True), ({**ON, "IsAutomatedIrEnabled": False}, False), (NO_SESSION, None)])
def test_automated_investigation_is_told_by_the_portal_alone(context, enabled):
    assert read(context=context)["automated_investigation"] is enabled


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"context": {**ON, "MtpConsent": False}}, "as Global Administrator, Security Administrator"),
        ({"context": {**ON, "MtpConsent": False, "IsOnboardingComplete": False}}, "switches itself on"),
        ({"context": {**ON, "IsOnboardingComplete": False}}, "Wait some hours"),
        ({"context": {**ON, "IsSuspended": True}}, "support"),
        ({"context": {**ON, "IsDeleted": True}}, "support"),
        ({"context": {**ON, "IsMtpEligible": False, "MtpConsent": False}}, "Get a licence"),
        ({"incidents": REFUSED, "alerts": REFUSED, "hunting": REFUSED, "licences": NOTHING}, "Get a licence"),
        ({"incidents": REFUSED, "alerts": REFUSED, "hunting": REFUSED}, "See whether https://security.microsoft.com/incidents opens"),
    ],
)
def test_what_to_do_where_it_is_not_on(given, words):
    assert words in read(**given)["remedy"]


def test_each_part_is_named_with_its_link():
    for given in ({}, {"context": ON}, {"incidents": REFUSED, "alerts": REFUSED, "hunting": REFUSED, "licences": NOTHING}):
        found = read(**given)
        assert bool(found["remedy"]) == (found["state"] != "on")
        for name, link in LINKS.items():
            assert set(found[name]) == {"state", "reason", "driver", "link"} and found[name]["link"] == link


def test_an_answer_of_the_portal_without_what_decides_is_no_proof():
    for member in ("IsMtpEligible", "MtpConsent", "IsOnboardingComplete"):
        told = {name: value for name, value in ON.items() if name != member}
        assert read(context=told)["driver"] == "public_api"
