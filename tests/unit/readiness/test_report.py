# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report: its keys, what it adds up, and how it is read at any width."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from itertools import combinations, product

import pytest

from ansible_collections.m365.defender.plugins.module_utils._readiness.answer import overall
from ansible_collections.m365.defender.plugins.module_utils._readiness.tenant import build
from ansible_collections.m365.defender.plugins.module_utils._readiness.words import WEIGHT
from ansible_collections.m365.defender.plugins.plugin_utils._lines import short
from ansible_collections.m365.defender.plugins.plugin_utils._report import render
from tests.reports import faults_in
from tests.unit.readiness import test_verdict

WHEN = datetime(2026, 9, 15, 12, 30, 1, 999, tzinfo=UTC)


def usage(**changed):
    block = {"name": "contoso.onmicrosoft.com", "identity": "11111111-1111-4111-8111-111111111111", "endpoint": "", "requests": 3}
    return {**block, "reads": 2, "writes": 0, "seconds": 0.5, **changed}


def licences(endpoint="plan2", **more):
    products = {
        "defender_for_endpoint": endpoint,
        "defender_for_office_365": "plan2",
        "defender_for_identity": True,
        "defender_for_cloud_apps": True,
        "defender_xdr": True,
        "exchange_online": True,
    }
    air = {"qualifies": True, "line": "Microsoft 365 E5", "missing": [], "missing_products": []}
    return {"licenses": {"products": products, "air": air, "service_plans": [], "skus": [], "remarks": []}, "tenant": usage(), **more}


def groups(level):
    return {"configuration": {"device_group": [{"name": "Servers", "automation_level": level}]}, "tenant": usage()}


CHANGE = {"changed": True, "operations": ["Set-machine_groups Servers {AutoRemediationLevel}"], "tenant": usage(writes=1, seconds=1.25)}


def report(steps=None, check=True, host="contoso", **more):
    if steps is None:
        steps = {
            "prerequisites": {"stopped": {}, "licenses": licences()},
            "device_groups": {"stopped": {}, "current": groups("semi_all_folders"), "result": CHANGE},
        }
    found = build(host=host, tenant="contoso.com", steps=steps, check=check, when=WHEN, **more)
    assert faults_in(found) == []
    return found


def test_the_keys_are_stable_and_json():
    found = report()
    assert list(found) == [
        *("version", "host", "tenant", "identity", "endpoint", "cloud", "real", "mode", "when", "verdict", "answer"),
        *("changed", "operations"),
        *("requests", "reads", "writes", "refused", "seconds", "steps", "controls", "attestations", "attestable", "retired", "notes"),
        "warnings",
        "failed_steps",
    ]
    assert json.loads(json.dumps(found)) == found
    assert (found["version"], found["when"], found["mode"]) == (1, "2026-09-15T12:30:01+00:00", "check")


def test_costs_are_added_up():
    found = report(check=False)
    assert (found["requests"], found["reads"], found["writes"], found["seconds"]) == (9, 6, 1, 2.2)
    assert (found["tenant"], found["identity"]) == ("contoso.onmicrosoft.com", "11111111-1111-4111-8111-111111111111")
    assert (found["operations"], found["changed"]) == (["Set-machine_groups Servers {AutoRemediationLevel}"], True)


def test_a_failed_result_is_counted_once():
    failed = {"failed": True, "msg": "No.", "failure": {"kind": "forbidden", "text": "No."}, "tenant": usage()}
    found = report({"xdr": {"stopped": failed, "state": dict(failed)}})
    assert (found["reads"], found["failed_steps"], found["verdict"]) == (2, ["xdr"], "unknown")


def test_results_that_happen_to_be_alike_are_counted_each():
    done = {"changed": False, "operations": [], "tenant": usage()}
    assert report({"email_protection": {"files": done, "documents": dict(done)}})["reads"] == 4


def test_without_any_result_the_playbook_is_believed():
    found = report({}, identity="somebody", endpoint="https://127.0.0.1:1")
    assert (found["tenant"], found["identity"], found["real"], found["verdict"]) == ("contoso.com", "somebody", None, "unknown")
    assert "No step was run." in render(found)


@pytest.mark.parametrize(
    ("asked", "said", "portal"),
    [("dod", "commercial", "security.apps.mil"), ("", "gcc_high", "security.microsoft.us"), ("", "", "security.microsoft.com")],
)
def test_links_are_those_of_the_cloud_that_was_asked_or_else_of_the_one_that_the_playbook_says(asked, said, portal):
    levels = {**groups("semi_all_folders"), "tenant": usage(cloud=asked)}
    found = report({"device_groups": {"licenses": licences(), "current": levels}}, cloud=said)
    assert set(re.findall(r"https://(security[.a-z]+)", json.dumps(found))) == {portal}
    assert ("is a guess." in render(found)) == (portal != "security.microsoft.com")


@pytest.mark.parametrize("pair", list(combinations(WEIGHT, 2)))
def test_the_gravest_step_decides_and_what_does_not_apply_does_not(pair):
    assert overall(pair) == overall(reversed(pair)) == pair[0]


def test_a_tenant_to_which_nothing_applies():
    assert overall(["not_applicable", "not_applicable"]) == "not_applicable"


@pytest.mark.parametrize("width", [10, 72, 80, 110, 200])
def test_no_line_is_wider_than_asked_for(width):
    lines = render(report(), width).splitlines()
    assert max(len(line) for line in lines if not line.startswith("[")) <= max(width, 72)
    assert not [line for line in lines if line != line.rstrip()]


def test_the_heading_names_tenant_identity_service_and_costs():
    text = " ".join(render(report()).split())
    assert "Automated investigation and response on contoso.onmicrosoft.com (contoso)" in text
    assert "Identity: 11111111-1111-4111-8111-111111111111. Asked: the real service." in text
    assert "check mode, nothing written" in text
    assert "6 reads, 1 write, 2.2 seconds. Taken together: NOT COMPLIANT." in text


def test_another_service_than_the_real_one_is_named():
    steps = {"xdr": {"stopped": {"failed": True, "msg": "No.", "tenant": usage(endpoint="https://127.0.0.1:8443")}}}
    assert "NOT the real service, but https://127.0.0.1:8443" in render(report(steps))


@pytest.mark.parametrize("endpoint", ["", "https://127.0.0.1:8443"])
def test_where_nobody_was_asked_the_heading_says_so(endpoint):
    unsent = {"failed": True, "msg": "missing required arguments: tenant_id", "failure": {"kind": "bad_input", "text": "missing"}}
    found = report({"xdr": {"stopped": unsent}}, check=False, identity="somebody", endpoint=endpoint)
    assert (found["real"], found["endpoint"], found["requests"]) == (None, endpoint, 0)
    text = " ".join(render(found).split())
    assert "Identity: somebody. Nobody was asked. Run:" in text
    assert "nothing was changed. 0 reads" in text
    assert "the real service" not in text


def ended(refused=1, done=()):
    failure = {"kind": "forbidden", "text": "No.", "tried": "Set-AtpPolicyForO365 Default"}
    return {"failed": True, "msg": "No.", "failure": failure, "operations": list(done), "tenant": usage(writes=1, refused=refused)}


@pytest.mark.parametrize(
    ("steps", "words", "refused"),
    [
        ({"xdr": {"licenses": licences()}}, "nothing to change.", 0),
        ({"xdr": {"stopped": ended(0)}}, "nothing was changed.", 0),
        ({"email_protection": {"stopped": ended(), "files": ended()}}, "nothing was changed, 1 write was refused.", 1),
        (
            {"email_protection": {"stopped": ended(done=["New-X a {}"]), "files": ended(done=["New-X a {}"])}},
            "changes made, 1 write was refused.",
            1,
        ),
        ({"email_protection": {"stopped": ended(0, ["New-X a {}"]), "files": ended(0, ["New-X a {}"])}}, "changes made.", 0),
        (
            {"email_protection": {"stopped": ended()}, "device_groups": {"stopped": ended()}},
            "nothing was changed, 2 writes were refused.",
            2,
        ),
        ({"device_groups": {"result": {**CHANGE, "tenant": usage(writes=3, refused=2)}}}, "changes made.", 2),
        ({"device_groups": {"result": CHANGE}}, "changes made.", 0),
    ],
)
def test_the_heading_says_changes_only_where_something_was_changed(steps, words, refused):
    found = report(steps, check=False)
    assert f"+00:00, {words}" in " ".join(render(found).split())
    assert found["refused"] == refused


def test_a_host_that_is_called_after_its_tenant_is_named_once():
    assert "on contoso.onmicrosoft.com\n" in render(report(host="contoso.onmicrosoft.com"))


def test_the_table_holds_every_step_with_its_verdict():
    text = render(report(), 140)
    assert "Prerequisites" in text
    assert "MANUAL" in text
    assert "NOT COMPLIANT" in text
    assert "Run the step without check mode." in text
    assert "Would change:" in text
    assert "Changed:" in render(report(check=False))


def test_addresses_are_numbered_and_stand_whole_at_the_end():
    manual = {"failure": {"code": "no_portal_session"}, "msg": "no session"}
    text = render(report({"device_groups": {"licenses": licences(), "current": manual}}), 80)
    assert "Look at [1], or" in " ".join(text.split())
    assert "\n[1] https://security.microsoft.com/securitysettings/endpoints/machine_groups\n" in text
    assert "2026-09-01" in text


def test_a_sentence_that_ends_in_an_address_ends_where_the_next_begins():
    links = []
    text = "See to it: https://a.example/x See more: https://b.example/y, or https://a.example/x. Then go on."
    assert short(text, links) == "See to it: [1]. See more: [2], or [1]. Then go on."
    assert links == ["https://a.example/x", "https://b.example/y"]


@pytest.mark.parametrize("name", list(test_verdict.LICENCES))
def test_every_table_can_be_read_at_100_columns(name):
    for session, state in product(test_verdict.SESSIONS, test_verdict.STATES):
        steps, given = test_verdict.facts_of(name, session, state)
        found = build(host="contoso", tenant="contoso.com", steps=steps, check=True, when=WHEN, attestations=given and in_2026(given))
        lines = render(found, 100).splitlines()
        assert max(len(line) for line in lines if not line.startswith("[")) <= 100
        told = {line.split("  ")[0] for line in lines}
        assert {"AIR configured?", "- for mail", "- for devices", "CIS M365 2.4.5", *(one["title"] for one in found["steps"])} <= told


def in_2026(given):
    """Attestations as of the day of these reports."""
    return [{**one, "when": "2026-09-01"} for one in given]


def test_texts_of_others_do_not_steer_the_terminal():
    steps = {"xdr": {"stopped": {"failed": True, "msg": "bad \x1b[31mred\nline\u202e"}}}
    text = render(report(steps), 140)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "bad [31mred line" in text
