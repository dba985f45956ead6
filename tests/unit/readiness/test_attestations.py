# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What people attest: what is refused, where it counts, for how long, and that it never goes before what was read."""

from __future__ import annotations

from datetime import date
from itertools import product

import pytest
import yaml

from ansible_collections.m365.defender.plugins.module_utils._readiness.attestable import ATTESTABLE, MAIL_CLUSTERS, attestations_from
from ansible_collections.m365.defender.plugins.module_utils._readiness.attesting import in_force, settle, told_of
from ansible_collections.m365.defender.plugins.module_utils._readiness.judge import judge
from ansible_collections.m365.defender.plugins.module_utils._readiness.words import LEVELS, STEPS, WEIGHT, Finding
from tests.reports import schema
from tests.unit.readiness.samples import NO_SESSION, approvers, devices, groups, licenses, xdr

TODAY = date(2026, 11, 27)


def said(setting="defender_xdr", value="on", when="2026-11-02", expires="2027-02-01", **more):
    return {"setting": setting, "value": value, "by": "Kim", "when": when, "expires": expires, "reference": "CHG-1", **more}


def attested(*given):
    return in_force(attestations_from(given, TODAY), TODAY)


@pytest.mark.parametrize("setting", ATTESTABLE)
def test_each_setting_says_what_it_can_be_and_where_it_is_seen(setting):
    one = ATTESTABLE[setting]
    assert one.step in STEPS
    assert set(one.values.values()) <= set(WEIGHT)
    assert "compliant" in one.values.values()
    assert one.link.startswith("https://security.microsoft.com/")
    assert one.asks.endswith(".")
    assert setting in schema()["$defs"]["setting"]["enum"]
    assert [attestations_from([said(setting, value)], TODAY)[0].value for value in one.values] == list(one.values)


def test_the_schema_knows_no_other_settings():
    assert schema()["$defs"]["setting"]["enum"] == list(ATTESTABLE)


@pytest.mark.parametrize(
    ("one", "fault"),
    [
        (
            said("defender_for_endpoint"),
            "attestations[0].setting: defender_for_endpoint can't be attested; there are defender_for_identity,",
        ),
        (said(value="perhaps"), "attestations[0].value: perhaps is no value of defender_xdr; there are on, off"),
        (said("automation_levels", "on"), "attestations[0].value: on is no value of automation_levels; there are no_automated_response,"),
        (said(value=None), "attestations[0].value is required"),
        (said(by=" "), "attestations[0].by is required"),
        (
            {"setting": "defender_xdr"},
            "attestations[0].value is required; attestations[0].by is required; attestations[0].when is required",
        ),
        (said(who="Kim"), "attestations[0].who is no option; there are setting, value, by, when, expires, reference"),
        (said(when="01.11.2026"), "attestations[0].when must be a date such as 2027-01-31, not 01.11.2026"),
        (said(when="2026-02-30"), "attestations[0].when must be a date such as 2027-01-31, not 2026-02-30"),
        (said(expires="2027-01-31T12:00:00Z"), "attestations[0].expires must be a date such as 2027-01-31, not 2027-01-31T12:00:00Z"),
        (said(when="2026-11-29", expires="2026-12-29"), "attestations[0].when: 2026-11-29 has not come yet"),
        (said(expires="2026-11-01"), "attestations[0].expires: 2026-11-01 is before 2026-11-02, on which it was made"),
        ("defender_xdr", "attestations[0] must be a dictionary with setting, value, by, when, expires, reference"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(one, fault):
    with pytest.raises(ValueError, match=r"^attestations") as raised:
        attestations_from([one], TODAY)
    assert str(raised.value).startswith(fault)


def test_every_fault_is_said_at_once():
    with pytest.raises(ValueError, match="attestations") as raised:
        attestations_from([said(), said("nothing"), said(value="x", when="x")], TODAY)
    assert str(raised.value).count("; attestations") == 2


def test_two_words_for_one_day_are_refused():
    with pytest.raises(ValueError, match="defender_xdr is attested as on and as off on 2026-11-02; keep the one that is so"):
        attestations_from([said(), said(value="off")], TODAY)


def test_what_yaml_makes_of_dates_and_bare_words_is_understood():
    given = yaml.safe_load("[{setting: defender_xdr, value: on, by: Kim, when: 2026-11-02, expires: 2026-12-24}]")
    (one,) = attestations_from(given, TODAY)
    assert (one.value, one.when, one.expires, one.reference) == ("on", "2026-11-02", "2026-12-24", "")
    assert attestations_from([said(value=word) for word in ("False",)], TODAY)[0].value == "off"


@pytest.mark.parametrize(
    ("when", "expires", "believed"),
    [
        ("2026-11-02", "2026-11-27", True),  # its last day
        ("2026-11-02", "2026-11-26", False),
        ("2026-11-27", "2026-11-27", True),
        ("2026-11-28", "2026-11-28", True),  # east of UTC it is tomorrow already
    ],
)
def test_an_attestation_is_believed_to_the_end_of_its_last_day(when, expires, believed):
    given = attestations_from([said(when=when, expires=expires)], TODAY)
    assert bool(in_force(given, TODAY)) is believed
    (told,) = told_of(given, {}, TODAY)
    assert (told["state"], bool(told["note"])) == (("not_needed", False) if believed else ("expired", True))


def test_the_last_word_counts_even_when_it_has_expired():
    first, last = said(when="2026-01-01", expires="2027-12-31"), said(value="off", when="2026-06-01", expires="2026-07-01")
    for given in ([first, last], [last, first]):
        found = attestations_from(given, TODAY)
        assert in_force(found, TODAY) == {}
        assert sorted(one["state"] for one in told_of(found, {}, TODAY)) == ["expired", "replaced"]
    renewed = said(when="2026-11-01", expires="2027-11-01")
    assert attested(first, last, renewed)["defender_xdr"].when == "2026-11-01"


# What became of it, by what the finding says and what is attested. The finding is of a setting with the words on and off.
@pytest.mark.parametrize(
    ("verdict", "read", "value", "becomes", "state"),
    [
        ("unknown", "", "on", "compliant", "used"),
        ("unknown", "", "off", "not_compliant", "used"),
        ("manual", "", "on", "compliant", "used"),
        ("manual", "", "off", "not_compliant", "used"),
        ("compliant", "on", "on", "compliant", "agrees"),
        ("compliant", "on", "off", "compliant", "contradicted"),
        ("not_compliant", "off", "off", "not_compliant", "agrees"),
        ("not_compliant", "off", "on", "not_compliant", "contradicted"),
        ("not_compliant", "on", "on", "not_compliant", "agrees"),  # on, but ill
        ("manual", "on", "on", "manual", "agrees"),  # read, and something else is to be looked at
        ("compliant", "", "on", "compliant", "agrees"),
        ("compliant", "", "off", "compliant", "contradicted"),
        ("not_compliant", "", "on", "not_compliant", "contradicted"),
    ],
)
def test_what_was_read_goes_before_what_is_attested(verdict, read, value, becomes, state):
    before = Finding("state", verdict, "What was read.", "Do something.", setting="defender_xdr", read=read)
    (after,), settled = settle([before], attested(said(value=value)))
    assert after.verdict == becomes
    assert settled["defender_xdr"][0] == state
    if state == "used":
        assert (after.driver, after.when, after.attestation["by"]) == ("attestation", "2026-11-02", "Kim")
        assert after.evidence == f"Defender XDR: {value}, attested by Kim on 2026-11-02, until 2027-02-01, CHG-1."
        assert bool(after.remedy) is (becomes != "compliant")
    else:
        assert after == before
    assert ("What was read." in settled["defender_xdr"][1]) is (state == "contradicted")


def test_what_has_no_finding_is_not_needed():
    findings, settled = settle([Finding("devices", "compliant", "Fine.")], attested(said()))
    assert (len(findings), settled) == (1, {})
    assert [one["state"] for one in told_of(attestations_from([said()], TODAY), settled, TODAY)] == ["not_needed"]


# ---------------------------------------------------------------- levels


def worth(attested_level, wanted):
    """What the lowest level of all groups proves, by the levels that are wished for."""
    place, places = LEVELS.index(attested_level), [LEVELS.index(one) for one in wanted]
    return "compliant" if place >= max(places) else "not_compliant" if place < min(places) else "manual"


@pytest.mark.parametrize(("level", "said_level"), list(product(("", *LEVELS), LEVELS)))
def test_an_attested_level_is_held_against_the_wish(level, said_level):
    facts = {"licenses": licenses(), "current": NO_SESSION, "level": level}
    found = judge("device_groups", facts, attested=attested(said("automation_levels", said_level)))
    assert (found.verdict, found.driver) == (worth(said_level, [level or "full"]), "attestation")


@pytest.mark.parametrize("said_level", LEVELS)
def test_with_wishes_for_single_groups_the_lowest_level_may_leave_it_open(said_level):
    wishes = {"level": "full", "levels": {"Kiosks": "semi_all_folders"}}
    facts = {"licenses": licenses(), "current": NO_SESSION, **wishes}
    found = judge("device_groups", facts, attested=attested(said("automation_levels", said_level)))
    assert found.verdict == worth(said_level, ["full", "semi_all_folders"])
    assert ("machine_groups" in found.remedy) is (found.verdict != "compliant")


@pytest.mark.parametrize("said_level", LEVELS)
def test_levels_that_were_read_count(said_level):
    facts = {"licenses": licenses(), "current": groups(A="full", B="semi_core_folders")}
    found = judge("device_groups", facts, attested=attested(said("automation_levels", said_level)))
    assert (found.verdict, found.driver) == ("not_compliant", "portal")
    assert any("read otherwise" in note for note in found.notes) is (said_level != "semi_core_folders")


@pytest.mark.parametrize(("said_level", "agrees"), [("semi_all_folders", True), ("full", True), ("semi_core_folders", False)])
def test_a_level_that_this_run_has_raised_was_attested_rightly(said_level, agrees):
    facts = {"licenses": licenses(), "current": groups(A="semi_all_folders"), "result": {"changed": True}, "level": "full"}
    found = judge("device_groups", facts, attested=attested(said("automation_levels", said_level)))
    assert found.verdict == "compliant"
    assert (found.settled["automation_levels"][0] == "agrees") is agrees


@pytest.mark.parametrize(("licence", "state"), [("business", ()), ("plan1", ()), ("none", ()), ("plan2", ("automation_levels",))])
def test_a_level_is_not_asked_of_a_licence_that_has_none(licence, state):
    facts = {"licenses": licenses(licence), "current": NO_SESSION}
    found = judge("device_groups", facts, attested=attested(said("automation_levels", "full")))
    assert tuple(found.settled) == state


# ---------------------------------------------------------------- other steps


@pytest.mark.parametrize(("value", "verdict"), [("on", "compliant"), ("off", "not_compliant")])
@pytest.mark.parametrize("setting", ["defender_for_identity", "defender_for_cloud_apps"])
def test_products_that_nothing_shows(setting, value, verdict):
    integrated = said("identity_cloud_apps_integration")
    facts = {"licenses": licenses(), "devices": devices(), "xdr": xdr(identity="unknown", cloud_apps="unknown"), **approvers()}
    found = judge("prerequisites", facts, attested=attested(said(setting, value), integrated))
    assert {one.setting: one.verdict for one in found.findings if one.setting}[setting] == verdict
    assert found.verdict == ("not_compliant" if value == "off" else "manual")


@pytest.mark.parametrize(("state", "value", "verdict"), [("unknown", "on", "compliant"), ("unknown", "off", "not_compliant")])
def test_defender_xdr(state, value, verdict):
    found = judge("xdr", {"state": xdr(state), "licenses": licenses()}, attested=attested(said(value=value)))
    assert (found.verdict, found.driver) == (verdict, "attestation")


def test_a_step_that_an_error_stopped_stays_unknown():
    facts = {"stopped": {"failed": True, "msg": "No."}, "licenses": licenses(), "state": xdr("unknown")}
    assert judge("xdr", facts, attested=attested(said())).verdict == "unknown"


def test_the_settings_for_mail_are_those_of_the_page():
    assert [ATTESTABLE[name].link for name in MAIL_CLUSTERS] == [
        "https://security.microsoft.com/securitysettings/mdoAutomationSettings"
    ] * 3
