# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verdict on a tenant: a truth table over licences, sessions and states, and what it never says."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime
from itertools import product
from pathlib import Path

import pytest
from ansible.errors import AnsibleFilterError
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.m365.defender.plugins.filter.verdict import FilterModule
from ansible_collections.m365.defender.plugins.module_utils._readiness.attestable import ATTESTABLE, MAIL_CLUSTERS
from ansible_collections.m365.defender.plugins.module_utils._readiness.retired import SINCE
from tests.reports import closed, faults_in, schema
from tests.unit.readiness import samples
from tests.unit.readiness.samples import ALERT, FINE, NO_SESSION, SKIPPED, failed

WHEN = "2026-11-27T12:00:00+00:00"
verdict = FilterModule().filters()["verdict"]

# Products by licence: endpoint, office, identity, cloud apps, Defender XDR, Exchange.
LICENCES = {
    "e5": ("plan2", "plan2", True, True, True, True),
    "e5_without_identity": ("plan2", "plan2", False, True, True, True),
    "e3": ("plan1", "plan1", False, False, True, True),
    "business_premium": ("business", "plan1", False, False, True, True),
    "endpoint_alone": ("plan2", "none", False, False, True, False),
    "office_alone": ("none", "plan2", False, False, True, True),
    "exchange_only": ("none", "none", False, False, False, True),
    "unlicensed": ("none", "none", False, False, False, False),
    "unread": ("plan2", "plan2", True, True, True, True),  # like e5, but nobody may see the subscriptions
}
SESSIONS = ("none", "portal", "scoped")
STATES = ("good", "bad", "unreadable", "attested", "expired", "contradiction")
MISSING = {
    0: "Microsoft Defender for Endpoint Plan 2",
    1: "Microsoft Defender for Office 365 Plan 2",
    2: "Microsoft Defender for Identity",
    3: "Microsoft Defender for Cloud Apps",
}
SCOPED = {"warnings": ["The portal session sees only some device groups, so others may be missing here, and none can be changed with it."]}


def licence(name):
    if name == "unread":
        return failed()
    held = LICENCES[name]
    missing = tuple(product for place, product in MISSING.items() if held[place] not in ("plan2", True))
    return samples.licenses(*held, missing=missing)


def facts_of(name, session, state):
    """What the tasks of all steps registered. Without a session nobody shows levels, and cloud apps less surely."""
    endpoint, office, identity, cloud_apps, xdr, exchange = LICENCES[name]
    licences, bad, unreadable = licence(name), state == "bad", state == "unreadable"
    seen_in_portal = session != "none"
    word = "off" if bad else "unknown" if unreadable else "on"
    groups = samples.groups(Servers="no_automated_response" if bad else "full", **{"Ungrouped devices (default)": "full"})
    if session == "scoped":
        groups["tenant"] = SCOPED
    current = NO_SESSION if not seen_in_portal else failed() if unreadable else groups
    running = samples.workloads(
        identity=word if identity else "off",
        cloud_apps=("unknown" if not seen_in_portal else word) if cloud_apps else "off",
        office=word if office != "none" else "off",
        integration="unknown",
    )
    people = "none" if bad else "unknown" if unreadable else "some"
    # Without the portal that it is off is not known.
    whole = samples.xdr(
        "unknown" if unreadable or (bad and not seen_in_portal) else word, driver="portal" if seen_in_portal else "public_api"
    )
    devices = samples.devices(None, ready=9, unknown=1) if unreadable else samples.devices(not bad, ready=4 if bad else 10)
    steps = {
        "prerequisites": {
            "licenses": licences,
            "permissions": samples.permissions(),
            "devices": devices if endpoint != "none" else SKIPPED,
            **running,
            **samples.approvers(people, people if office == "plan2" else "not_asked"),
            **samples.reachability(),
        },
        "device_groups": {"current": current if endpoint == "plan2" else SKIPPED, "level": "full", "levels": {}},
        "email_protection": {
            "current": {"changed": False} if exchange else SKIPPED,
            "seen": samples.seen(fine=not bad) if exchange else {},
            "decided": {},
            "files": FINE if exchange else SKIPPED,
            "audit_log": FINE if exchange else SKIPPED,
            "alerts": samples.alerts((ALERT, True, bad)) if office == "plan2" else SKIPPED,
            "stopped": failed() if exchange and unreadable else {},
        },
        "xdr": {"state": whole if xdr else samples.xdr("off", licensed=False)},
        "action_center": {
            "pending": SKIPPED if not xdr else samples.pending(2, 4.0) if bad else samples.pending(complete=not unreadable),
            "max_pending_age": 3,
        },
    }
    return steps, attestations_of(state)


WRONG_WORDS = {"automation_levels": "no_automated_response", "device_action_approvers": "none", "mail_action_approvers": "none"}
RIGHT_WORDS = {"automation_levels": "full", "device_action_approvers": "present", "mail_action_approvers": "present"}


def attestations_of(state):
    """Every setting attested: as it should be, as it should be but no longer believed, or as it should not be."""
    if state not in ("attested", "expired", "contradiction"):
        return []
    words, other = (WRONG_WORDS, "off") if state == "contradiction" else (RIGHT_WORDS, "on")
    expires = "2026-11-26" if state == "expired" else "2027-02-01"
    return [
        {"setting": name, "value": words.get(name, other), "by": "Kim", "when": "2026-11-02", "expires": expires, "reference": "CHG-1"}
        for name in ATTESTABLE
    ]


LETTERS = {"compliant": "C", "not_compliant": "N", "not_applicable": "-", "unknown": "?", "manual": "M"}


def row_of(found):
    """A verdict as the table writes it."""
    answer, (control,) = found["answer"], found["controls"]
    words = (answer["mail"]["verdict"], answer["devices"]["verdict"], control["verdict"], control["as_written"])
    return ["".join(LETTERS[one["verdict"]] for one in found["steps"]), answer["configured"], *(LETTERS[one] for one in words)]


def table():
    """(licence, session, state) -> steps, configured, mail, devices, CIS 2.4.5, the same as written."""
    lines = (Path(__file__).parent / "verdicts.txt").read_text(encoding="utf-8").splitlines()
    rows = [line.split() for line in lines if line and not line.startswith("#")]
    found = {tuple(row[:3]): row[3:] for row in rows}
    assert len(found) == len(rows), "a row stands twice"
    return found


def test_the_table_has_every_case():
    assert set(table()) == set(product(LICENCES, SESSIONS, STATES))


@pytest.mark.parametrize(("name", "session", "state"), list(product(LICENCES, SESSIONS, STATES)))
def test_the_verdict(name, session, state):
    steps, attestations = facts_of(name, session, state)
    before = copy.deepcopy((steps, attestations))
    found = verdict(steps, attestations, check=True, when=WHEN)
    assert row_of(found) == table()[name, session, state]
    assert faults_in(found) == []
    assert json.loads(json.dumps(found)) == found
    assert (steps, attestations) == before, "what was given was changed"
    assert verdict(steps, attestations, check=True, when=WHEN) == found
    # Nothing is compliant by attestation unless it is attested today, and it says who, when, until when and where.
    for one in (one for step in found["steps"] for one in step["findings"]):
        assert (one["driver"] == "attestation") is bool(one["attestation"])
        if one["attestation"]:
            assert state in ("attested", "contradiction")
            assert all(word in one["evidence"] for word in ("Kim", "2026-11-02", "2027-02-01", "CHG-1"))
            assert one["when"] == "2026-11-02"
        else:
            assert one["when"] == WHEN
    states = {one["state"] for one in found["attestations"]}
    assert states <= {"attested": {"used", "agrees", "not_needed"}, "expired": {"expired"}}.get(
        state, {"used", "contradicted", "not_needed"} if attestations else set()
    )
    assert len([line for line in found["warnings"] if line.startswith("Expired")]) == (len(ATTESTABLE) if state == "expired" else 0)
    contradicted = [one for one in found["attestations"] if one["state"] == "contradicted"]
    assert all(one["note"] in found["warnings"] for one in contradicted)


@pytest.mark.parametrize(("name", "session"), list(product(LICENCES, SESSIONS)))
def test_what_has_expired_is_worth_nothing(name, session):
    """Expired attestations leave the verdict as it is without any."""
    given, without = (verdict(*facts_of(name, session, state), check=True, when=WHEN) for state in ("expired", "good"))
    assert row_of(given) == row_of(without)
    assert given["steps"] == without["steps"]


@pytest.mark.parametrize(("name", "session"), list(product(LICENCES, SESSIONS)))
def test_what_was_read_is_never_overridden(name, session):
    """Whatever is attested, every finding that was read stays as it is."""
    good = verdict(*facts_of(name, session, "good"), check=True, when=WHEN)
    for state in ("attested", "contradiction"):
        steps = facts_of(name, session, "good")[0]
        found = verdict(steps, attestations_of(state), check=True, when=WHEN)
        told = {(step["step"], one["part"]): one for step in found["steps"] for one in step["findings"]}
        for step in good["steps"]:
            for one in step["findings"]:
                if one["verdict"] not in ("unknown", "manual"):
                    assert told[step["step"], one["part"]] == one


def test_endpoint_investigations_are_never_compliant():
    for case in product(LICENCES, SESSIONS, STATES):
        found = verdict(*facts_of(*case), check=True, when=WHEN)
        assert found["answer"]["devices"]["verdict"] == ("unknown" if case[0] == "unread" else "not_applicable")
        devices = next(one for one in found["controls"][0]["parts"] if one["part"] == "device groups")
        assert devices["counted"] is False
        # Whatever the levels are, the control is compliant by mail or not at all.
        assert (found["controls"][0]["verdict"] == "compliant") is (
            case[0] != "unread" and LICENCES[case[0]][1] == "plan2" and case[2] == "attested"
        ), "compliant without proof"
        if case[0] != "unread" and LICENCES[case[0]][0] in ("plan2", "business"):
            assert SINCE in found["answer"]["devices"]["evidence"]
            assert {one["what"] for one in found["retired"]} >= {"endpoint_investigations", "automation_levels", "automatic_resolution"}


@pytest.mark.parametrize("on", [True, False, None])
def test_that_the_portal_shows_automated_investigation_as_on_proves_nothing(on):
    steps, given = facts_of("e5", "portal", "good")
    steps["xdr"]["state"]["xdr"]["automated_investigation"] = on
    found = verdict(steps, given, when=WHEN)
    assert "automated investigation" not in " ".join(one["evidence"] for one in found["steps"] if one["verdict"] == "compliant")
    assert {one["step"]: one["verdict"] for one in found["steps"]}["xdr"] == ("manual" if on is False else "compliant")


# The control's halves: the lowest level, and how many of the settings for mail are attested on and off.
@pytest.mark.parametrize(
    ("level", "on", "off", "expected", "as_written"),
    [
        ("full", 3, 0, "compliant", "compliant"),
        ("no_automated_response", 3, 0, "compliant", "compliant"),
        ("", 3, 0, "compliant", "compliant"),
        ("full", 2, 0, "manual", "compliant"),
        ("full", 0, 0, "manual", "compliant"),
        ("semi_all_folders", 0, 0, "manual", "compliant"),
        ("no_automated_response", 0, 0, "manual", "manual"),
        ("", 0, 0, "manual", "manual"),
        ("full", 0, 3, "unknown", "compliant"),
        ("full", 2, 1, "unknown", "compliant"),
        ("no_automated_response", 2, 1, "not_compliant", "not_compliant"),
        ("no_automated_response", 0, 1, "not_compliant", "not_compliant"),
        ("", 0, 3, "manual", "manual"),
    ],
)
def test_control_2_4_5(level, on, off, expected, as_written):
    steps, dummy = facts_of("e5", "portal", "good")
    steps["device_groups"]["current"] = samples.groups(A=level, B="full") if level else NO_SESSION
    words = ["on"] * on + ["off"] * off
    given = [
        {"setting": setting, "value": word, "by": "Kim", "when": "2026-11-02", "expires": "2027-02-01"}
        for setting, word in zip(MAIL_CLUSTERS, words, strict=False)
    ]
    found = verdict(steps, given, when=WHEN)
    (control,) = found["controls"]
    assert (control["verdict"], control["as_written"]) == (expected, as_written)
    assert bool(control["remedy"]) is (expected != "compliant")
    assert [one["driver"] for one in control["findings"]] == ["attestation"] * (on + off) + ["person"] * (3 - on - off)
    assert {one["state"] for one in found["attestations"]} <= {"used"}


def test_the_control_names_its_halves_and_their_evidence():
    (control,) = verdict(*facts_of("e5", "portal", "attested"), when=WHEN)["controls"]
    assert [(one["part"], one["counted"], one["driver"]) for one in control["parts"]] == [
        ("device groups", False, "portal"),
        ("mail clusters", True, "attestation"),
    ]
    assert "not documented" in control["parts"][0]["why_not"]
    assert control["parts"][1]["attestation"]["by"] == "Kim"


@pytest.mark.parametrize("step", ["prerequisites", "device_groups", "email_protection", "xdr"])
def test_it_is_not_proved_while_a_step_was_not_looked_at(step):
    steps, given = facts_of("e5", "portal", "attested")
    assert verdict(steps, given, when=WHEN)["answer"]["configured"] == "yes"
    del steps[step]
    steps["action_center"]["licenses"] = licence("e5")  # as a role reads them that finds none
    found = verdict(steps, given, when=WHEN)["answer"]
    assert found["configured"] == "not_proved"
    assert "Not looked at: " in found["evidence"]


def test_what_waits_does_not_count_for_how_it_is_configured():
    steps, given = facts_of("e5", "portal", "attested")
    steps["action_center"]["pending"] = samples.pending(2, 4.0)
    found = verdict(steps, given, when=WHEN)
    assert (found["verdict"], found["answer"]["configured"]) == ("not_compliant", "yes")


def test_evidence_has_the_time_at_which_it_was_read():
    steps, given = facts_of("e5", "portal", "good")
    steps["xdr"]["state"]["tenant"] = {"name": "contoso.com", "when": "2026-11-27T11:58:00+00:00"}
    found = verdict(steps, given, when=WHEN)
    times = {one["part"]: (one["fact"], one["when"]) for one in found["steps"][3]["findings"]}
    assert times["state"] == ("state", "2026-11-27T11:58:00+00:00")
    assert found["when"] == WHEN


def test_every_finding_says_from_which_result_it_follows():
    for case in product(LICENCES, SESSIONS, STATES):
        steps, given = facts_of(*case)
        for step in verdict(steps, given, when=WHEN)["steps"]:
            known = {"", "licenses", "state", *steps[step["step"]]}
            assert {one["fact"] for one in step["findings"]} <= known


# ---------------------------------------------------------------- the filter


@pytest.mark.parametrize("when", [WHEN, "2026-11-27T13:00:00+01:00", "2026-11-27T12:00:00", datetime(2026, 11, 27, 12, tzinfo=UTC)])
def test_the_time_may_be_a_text_or_a_moment(when):
    assert verdict(facts_of("e5", "portal", "good")[0], when=when)["when"] == WHEN


def test_without_a_time_it_is_now():
    before = datetime.now(UTC).replace(microsecond=0)
    assert before <= datetime.fromisoformat(verdict({})["when"]) <= datetime.now(UTC)


@pytest.mark.parametrize(
    ("steps", "attestations", "words"),
    [
        ({"step1": {"licenses": {}}}, [], "step1 is no step; there are prerequisites, device_groups, email_protection, xdr, action_center"),
        ({}, [{"setting": "x"}], r"attestations\[0\].value is required"),
        ("prerequisites", [], "m365.defender.verdict: "),
        ({"prerequisites": {"licenses": {"changed": False}}}, [], "m365.defender.verdict: a result lacks 'licenses'"),
    ],
)
def test_what_is_wrong_is_said(steps, attestations, words):
    with pytest.raises(AnsibleFilterError, match=words):
        verdict(steps, attestations)


def test_nothing_is_known_of_nothing():
    found = verdict({}, when=WHEN)
    assert faults_in(found) == []
    assert (found["verdict"], found["answer"]["configured"], found["controls"][0]["verdict"]) == ("unknown", "not_proved", "unknown")


RESULTS = st.one_of(
    st.just({}),
    st.just(SKIPPED),
    st.just(failed()),
    st.just({"failed": True, "msg": "No."}),
)


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_whatever_is_missing_less_is_compliant_and_never_more(data):
    """Any of the results may be missing, skipped or failed."""
    case = data.draw(st.tuples(st.sampled_from(list(LICENCES)), st.sampled_from(SESSIONS), st.sampled_from(STATES)))
    steps, attestations = facts_of(*case)
    whole = verdict(steps, attestations, when=WHEN)
    for facts in steps.values():
        for name in data.draw(st.lists(st.sampled_from(sorted(facts)), unique=True)):
            if name not in ("level", "levels", "max_pending_age", "decided", "stopped"):
                facts[name] = {} if name == "seen" else data.draw(RESULTS)
    found = verdict(steps, attestations, when=WHEN)
    assert faults_in(found) == []
    # With what shows that something is wrong, that goes too; nothing takes its place but what is unknown, or is attested.
    before = {one["step"] for one in whole["steps"] if one["verdict"] == "compliant"}
    attested = {one["step"] for one in found["steps"] for finding in one["findings"] if finding["attestation"]}
    assert {one["step"] for one in found["steps"] if one["verdict"] == "compliant"} <= before | attested
    assert (found["answer"]["configured"] == "yes") <= (whole["answer"]["configured"] == "yes")


# ---------------------------------------------------------------- the schema


def test_the_schema_is_one():
    from jsonschema import Draft202012Validator  # not at the top: only this test needs the class itself

    Draft202012Validator.check_schema(schema())
    assert schema()["properties"]["version"]["const"] == verdict({}, when=WHEN)["version"] == 1


def test_every_property_is_required_and_described_ones_are_all_there():
    found = verdict(*facts_of("e5", "portal", "attested"), when=WHEN)
    assert set(schema()["required"]) == set(schema()["properties"]) == set(found)


def test_a_further_key_is_allowed_by_the_schema_and_noticed_by_the_tests():
    found = {**verdict({}, when=WHEN), "more": 1}
    assert faults_in(found, strict=False) == []
    assert faults_in(found) != []
    assert closed(schema())["$defs"]["finding"]["additionalProperties"] is False


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2},
        {"verdict": "fine"},
        {"when": "yesterday"},
        {"steps": [{}]},
        {"failed_steps": ["step1"]},
        {"answer": {}},
    ],
)
def test_what_is_wrong_with_a_report_is_noticed(change):
    assert faults_in({**verdict({}, when=WHEN), **change}) != []
