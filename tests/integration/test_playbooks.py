# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbooks m365.defender.air and m365.defender.audit, on every kind of tenant."""

from __future__ import annotations

import json
import re
import socket
import stat

import pytest

from tests.integration.playing import SECRET, during, of, play, short, task
from tests.reports import faults_in

AIR, AUDIT = "m365.defender.air", "m365.defender.audit"
STEPS = ("prerequisites", "device_groups", "email_protection", "xdr", "action_center")
OK, BAD, NONE, MANUAL, UNKNOWN = "compliant", "not_compliant", "not_applicable", "manual", "unknown"

# What must be said of each tenant, step by step: in check mode before anything was done, and after the real run.
VERDICTS = {
    "fresh_e5": {
        "check": (MANUAL, OK, BAD, OK, OK),
        "after": (MANUAL, OK, OK, OK, OK),
    },
    "fresh_e3": {
        "check": (BAD, NONE, BAD, OK, NONE),
        "after": (BAD, NONE, OK, OK, NONE),
    },
    "exchange_only": {
        "check": (BAD, NONE, BAD, NONE, NONE),
        "after": (BAD, NONE, OK, NONE, NONE),
    },
    "business_premium": {
        "check": (BAD, NONE, BAD, OK, NONE),
        "after": (BAD, NONE, OK, OK, NONE),
    },
    "unlicensed": {
        "check": (BAD, NONE, NONE, NONE, NONE),
        "after": (BAD, NONE, NONE, NONE, NONE),
    },
    "lived_in": {
        "check": (BAD, BAD, BAD, OK, MANUAL),
        "after": (BAD, BAD, BAD, OK, MANUAL),  # a group of servers is not raised unless it is named
    },
}
# And what these come to after the real run: whether it is configured, for mail, for devices, and CIS 2.4.5 with its own words.
ANSWERS = {
    "fresh_e5": ("not_proved", OK, NONE, MANUAL, OK),
    "fresh_e3": ("no", NONE, NONE, NONE, NONE),
    "exchange_only": ("no", NONE, NONE, NONE, NONE),
    "business_premium": ("no", NONE, NONE, NONE, NONE),
    "unlicensed": ("no", NONE, NONE, NONE, NONE),
    "lived_in": ("no", BAD, NONE, MANUAL, OK),
}
# What the findings must say, so that the verdicts stand for the right reason.
EVIDENCE = {
    "fresh_e5": {"prerequisites": "Microsoft 365 E5", "email_protection": "16 alert policies that start investigations are on"},
    "fresh_e3": {"prerequisites": "Defender for Endpoint Plan 2", "device_groups": "Plan 1 has no automated investigation"},
    "exchange_only": {"prerequisites": "Defender for Office 365 Plan 2", "email_protection": "No licence brings"},
    "business_premium": {"prerequisites": "Licence missing", "device_groups": "Defender for Business always remediates by itself"},
    "unlicensed": {
        "prerequisites": "Licence missing: Microsoft Defender for Endpoint Plan 2",
        "email_protection": "No licence brings a mailbox",
    },
    "lived_in": {"device_groups": "Kiosks (no_automated_response)", "action_center": "3 approvals wait"},
}
# Requests of a first run in check mode, sign-in included: what is needed today and a little room.
REQUESTS = {"fresh_e5": 50, "fresh_e3": 33, "exchange_only": 18, "business_premium": 33, "unlicensed": 5, "lived_in": 50}
# A session's XSRF token changes with every write; the portal answers 500 to a stale one, and the client gets itself a new one. [code]
RENEWAL = re.compile(r"500 GET https://security\.microsoft\.com/")


def verdicts(report):
    assert tuple(one["step"] for one in report["steps"]) == STEPS
    return tuple(one["verdict"] for one in report["steps"])


def said(report, step):
    """The evidence of each finding of a step."""
    return [finding["evidence"] for one in report["steps"] if one["step"] == step for finding in one["findings"]]


def refused(tenant):
    """Requests of this tenant that were refused, but for the renewal of a portal session."""
    return [line for line in short(entry for entry in tenant.journal() if entry["status"] >= 400) if not RENEWAL.match(line)]


@pytest.mark.parametrize("seed", VERDICTS)
def test_foretold_done_and_done_again(seed, new_tenant, ground):
    tenant = new_tenant(seed)
    hosts = {"contoso": of(tenant)}

    foretold = ground.run(AIR, hosts, "--check", "--diff")
    report = foretold.reports["contoso"]
    print(report_table(seed, "check", report))
    assert foretold.code == 0, foretold.output
    assert short(tenant.writes()) == [], "check mode wrote"
    assert all(task.check for task in foretold.tasks)
    assert verdicts(report) == VERDICTS[seed]["check"]
    for step, words in EVIDENCE[seed].items():
        assert words in " ".join(said(report, step))
    assert report["requests"] == len(tenant.journal()) <= REQUESTS[seed]
    assert refused(tenant) == []

    tenant.clear_journal()
    done = ground.run(AIR, hosts)
    print(report_table(seed, "after", done.reports["contoso"]))
    assert done.code == 0, done.output
    assert done.reports["contoso"]["operations"] == report["operations"]
    assert done.names("changed") == foretold.names("changed")
    assert bool(done.names("changed")) is bool(report["operations"]) is (seed != "unlicensed")
    assert len(tenant.writes()) == done.reports["contoso"]["writes"]
    assert verdicts(done.reports["contoso"]) == VERDICTS[seed]["after"]
    assert answers(done.reports["contoso"]) == ANSWERS[seed]
    assert refused(tenant) == []
    # The table can be read: no line is wider than the terminal, but for links.
    table = done.output.partition("\nStep ")[2].partition("\n\n[1] http")[0].partition("\n\nIn full")[0]
    assert max(map(len, table.splitlines())) <= 120

    tenant.clear_journal()
    again = ground.run(AIR, hosts)
    assert again.code == 0, again.output
    assert again.names("changed") == []
    assert short(tenant.writes()) == []
    assert again.reports["contoso"]["operations"] == []
    assert verdicts(again.reports["contoso"]) == VERDICTS[seed]["after"]


def answers(report):
    answer, (control,) = report["answer"], report["controls"]
    return answer["configured"], answer["mail"]["verdict"], answer["devices"]["verdict"], control["verdict"], control["as_written"]


def report_table(seed, when, report):
    """Two lines: the steps, and what they come to."""
    steps = "".join(f"{step}={one:<16}" for step, one in zip(STEPS, verdicts(report), strict=True))
    words = ("configured", "mail", "devices", "cis_2.4.5", "as_written")
    answer = "".join(f"{word}={one:<16}" for word, one in zip(words, answers(report), strict=True))
    return f"{seed:<18}{when:<8}{steps}\n{'':<26}{answer}"


def attestation(setting, value="on", when="2026-01-15", expires="2100-01-01", **more):
    return {"setting": setting, "value": value, "by": "Kim", "when": when, "expires": expires, "reference": "CHG-1", **more}


ATTESTED = [
    attestation("identity_cloud_apps_integration"),
    attestation("automation_levels", "full"),
    attestation("defender_for_cloud_apps"),
    *(attestation(f"mdo_automation_{kind}") for kind in ("similar_files", "similar_urls", "multiple_attributes")),
]


def test_what_people_attest_is_evidence_where_nothing_shows_it(tenant, ground):
    """Without a portal session, whoever has looked in the portal says what nothing else shows."""
    given = [*ATTESTED, attestation("defender_xdr", "off"), attestation("mail_action_approvers", when="2026-01-15", expires="2026-02-15")]
    given[-1]["value"] = "present"

    run = ground.run(AIR, {"contoso": of(tenant, portal_session=None, attestations=given)})
    assert run.code == 0, run.output
    report = run.reports["contoso"]
    assert verdicts(report)[:4] == (OK, OK, OK, OK)
    (control,) = report["controls"]
    assert (control["verdict"], control["driver"]) == (OK, "attestation")
    assert (report["steps"][1]["driver"], report["steps"][1]["evidence"]) == (
        "attestation",
        "Lowest automation level of any device group: full, attested by Kim on 2026-01-15, until 2100-01-01, CHG-1.",
    )
    assert {one["setting"]: one["state"] for one in report["attestations"]} == {
        **{one["setting"]: "used" for one in ATTESTED},
        "defender_xdr": "contradicted",
        "mail_action_approvers": "expired",
    }
    said_once = " ".join(run.output.split())
    assert "[WARNING]: Expired, and not believed any more: Somebody who can approve actions on mail: present" in said_once
    assert "[WARNING]: Attested, but read otherwise, which counts: Defender XDR: off, attested by Kim" in said_once


@pytest.mark.parametrize("extra", [(), ("--check",), ("--tags", "xdr")])
def test_attestations_with_something_wrong_are_refused_before_anything_is_asked(extra, tenant, ground):
    given = [attestation("defender_xdr", "perhaps", expires="soon")]

    run = ground.run(AIR, {"contoso": of(tenant, attestations=given)}, *extra)
    assert run.code == 2
    assert tenant.journal() == []
    message = run.result("Look at what is asked for")["msg"]
    assert "attestations[0].value: perhaps is no value of defender_xdr; there are on, off" in message
    assert "attestations[0].expires must be a date such as 2027-01-31, not soon" in message
    assert run.reports == {}


def test_an_audit_looks_at_attestations_too(tenant, ground):
    run = ground.run(AUDIT, {"contoso": of(tenant, "reader", attestations=[attestation("identity_cloud_apps_integration")])})
    assert run.code == 0, run.output
    assert verdicts(run.reports["contoso"])[0] == OK


def test_a_session_that_sees_some_groups_proves_nothing_of_the_others(new_tenant, ground):
    tenant = new_tenant("lived_in")
    levels = {"device_groups_automation_level": "unchanged", "device_groups_levels": {}}
    for group in ("Domain controllers", "Ungrouped devices (default)"):
        levels["device_groups_levels"][group] = "semi_all_folders"

    run = ground.run(AIR, {"contoso": {**of(tenant, portal_session=tenant.portal_session_scoped), **levels}}, "--check")
    step = run.reports["contoso"]["steps"][1]
    assert (step["verdict"], step["driver"]) == (UNKNOWN, "portal")
    assert "sees only some device groups" in step["evidence"]
    assert any("sees only some device groups" in line for line in run.reports["contoso"]["warnings"])


@pytest.mark.parametrize("seed", ["fresh_e5", "lived_in"])
def test_an_audit_needs_no_more_than_a_reader(seed, new_tenant, ground):
    tenant = new_tenant(seed)

    audit = ground.run(AUDIT, {"contoso": of(tenant, "reader")})
    assert audit.code == 0, audit.output
    assert short(tenant.writes()) == []
    assert refused(tenant) == []
    by_writer = ground.run(AIR, {"contoso": of(tenant, "writer")}, "--check")
    assert verdicts(audit.reports["contoso"]) == verdicts(by_writer.reports["contoso"]) == VERDICTS[seed]["check"]
    assert audit.reports["contoso"]["operations"] == by_writer.reports["contoso"]["operations"]
    assert audit.reports["contoso"]["mode"] == "check"
    again = audit.of("contoso", "See what recipients get after the changes, held against Standard")
    assert [task.status for task in again] == ["skipped"], "nothing was written, so nothing has to be asked again"


def test_without_a_portal_session_step_2_is_manual(new_tenant, ground):
    tenant = new_tenant("lived_in")

    run = ground.run(AIR, {"contoso": of(tenant, portal_session=None)})
    step = run.reports["contoso"]["steps"][1]
    assert run.code == 0, run.output
    assert (step["verdict"], step["driver"], step["error"]) == (MANUAL, "person", {})
    assert "no portal session" in step["evidence"]
    assert "https://security.microsoft.com/securitysettings/endpoints/machine_groups" in step["remedy"]
    assert [task.status for task in run.of("contoso", "Make the groups that are wanted, and raise the automation levels")] == ["skipped"]
    assert [entry["url"] for entry in tenant.journal() if "//security.microsoft.com" in entry["url"]] == []
    assert sum("/api/machines?" in entry["url"] for entry in tenant.journal()) == 1, "step 2 takes what step 1 has read"


@pytest.mark.parametrize("step", STEPS)
def test_a_tag_runs_one_step(step, tenant, ground):
    run = ground.run(AIR, {"contoso": of(tenant)}, "--tags", step)

    assert run.code == 0, run.output
    assert [one["step"] for one in run.reports["contoso"]["steps"]] == [step]
    walked = {task.name.partition(" : ")[0] for task in run.tasks}
    assert walked == {"No two hosts lead to one tenant", "Look at what is asked for", f"m365.defender.{step}", "Report"}
    if step != "prerequisites":  # which judges, alone, without what step 4 reads
        assert run.reports["contoso"]["steps"][0]["verdict"] == VERDICTS["fresh_e5"]["after"][STEPS.index(step)]


def test_one_tenants_failure_does_not_stop_another(new_tenant, ground):
    """One that works among three that can't be reached, each for a reason of its own, with everything that ansible can be made to say."""
    good, bad = new_tenant(), new_tenant()
    with socket.socket() as taken:  # a port on which nobody listens
        taken.bind(("127.0.0.1", 0))
        nowhere = f"https://127.0.0.1:{taken.getsockname()[1]}"
        hosts = {
            "contoso": of(good),
            "fabrikam": of(bad, client_secret="not-a-real-secret-and-a-wrong-one-0000000000"),
            "adatum": of(new_tenant(), endpoint=nowhere),
            "northwind": {**of(new_tenant()), "m365_ca_path": ""},
        }
        run = ground.run(AIR, hosts, "-vvvvv", "--forks", "4", env={"ANSIBLE_ANY_ERRORS_FATAL": "true"})

    assert run.code == 2
    assert verdicts(run.reports["contoso"]) == VERDICTS["fresh_e5"]["after"]
    assert good.writes() != []
    assert [task.status for task in run.of("contoso", "Report")] == ["ok"]
    # Nothing is known of a step that could not sign in, and each says why; the portal has a session of its own.
    assert verdicts(run.reports["fabrikam"]) == (UNKNOWN, UNKNOWN, UNKNOWN, OK, UNKNOWN)
    assert [one["error"].get("code", "") for one in run.reports["fabrikam"]["steps"]] == ["AADSTS7000215"] * 3 + ["", "AADSTS7000215"]
    for host, words in {"adatum": (nowhere, "refused the connection"), "northwind": ("not trusted", "ca_path")}.items():
        report = run.reports[host]
        assert {one["verdict"] for one in report["steps"]} == {UNKNOWN}
        for one in report["steps"]:
            assert all(word in f"{one['evidence']} {one['remedy']}" for word in words), one
    for host in ("fabrikam", "adatum", "northwind"):
        (failed,) = run.of(host, "Report")
        assert failed.status == "failed"
        assert "not every step could be carried out" in failed.result["msg"]
    assert short(bad.writes()) == []
    assert "Traceback" not in run.output
    assert SECRET.findall(run.output) == []


def test_a_step_that_fails_is_unknown_and_the_others_go_on(tenant, ground):
    hosts = {"contoso": of(tenant, "unassigned")}

    run = ground.run(AIR, hosts)
    report = run.reports["contoso"]
    assert run.code == 2
    assert report["failed_steps"] == ["email_protection"]
    step = report["steps"][2]
    assert step["verdict"] == UNKNOWN
    assert step["error"]["status"] == 403
    assert "Get-AcceptedDomain" in step["error"]["tried"] or "AcceptedDomain" in step["evidence"]
    assert "directory role" in step["remedy"]
    assert report["requests"] == len(tenant.journal()), "a result was counted twice, or not at all"
    assert [one["verdict"] for one in report["steps"][1:] if one["step"] != "email_protection"] == [OK, OK, OK]
    assert "not every step could be carried out: Office 365 protection" in run.output
    assert short(tenant.writes()) == []


def test_a_portal_session_that_has_ended_is_unknown_not_manual(tenant, ground):
    tenant.fault(kind="expire", match={"service": "portal"}, times=None)

    run = ground.run(AIR, {"contoso": of(tenant)}, "--check")
    step = run.reports["contoso"]["steps"][1]
    assert run.code == 2
    assert run.reports["contoso"]["failed_steps"] == ["device_groups"]
    assert step["verdict"] == UNKNOWN
    assert "the portal session has ended" in step["evidence"]
    assert "Sign in to the portal in a browser again" in step["remedy"]


def test_the_table_and_the_file(new_tenant, ground):
    tenant = new_tenant("lived_in")

    run = ground.run(AIR, {"contoso": of(tenant)})
    report, kept = run.reports["contoso"], ground.reports / "contoso.json"
    (heading,) = re.findall(r"\nAutomated investigation.*?\nStep ", run.output, re.DOTALL)
    words = " ".join(heading.split())
    assert f"on {tenant.tenant_id} (contoso)" in words
    assert f"Identity: {tenant.identities['writer']['client_id']}" in words
    assert f"NOT the real service, but {tenant.emulator.url}" in words
    assert f"{report['reads']} reads, {report['writes']} writes, {report['seconds']:g} second" in words
    assert report["writes"] == len(tenant.writes())
    assert report["real"] is False
    for one in report["steps"]:
        assert one["title"] in run.output
    for word in ("NOT COMPLIANT", "MANUAL", "compliant"):
        assert word in run.output
    assert f"In full: {kept}" in run.output
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    printed = run.result("Report")
    assert printed["report"] == report
    assert printed["changed"] is False
    # No line of the table is wider than the terminal, but for links.
    table = run.output.partition("\nStep ")[2].partition("\n\n")[0]
    assert max(map(len, table.splitlines())) <= 120


def test_as_modules_the_same_is_said_and_done(new_tenant, ground):
    one, other = new_tenant("lived_in"), new_tenant("lived_in")

    run = ground.run(AIR, {"contoso": of(one), "fabrikam": {**of(other), "m365_run_as": "module"}})
    assert run.code == 0, run.output
    assert comparable(run.reports["contoso"], one) == comparable(run.reports["fabrikam"], other)
    assert short(one.writes()) == short(other.writes()) != []
    # What one face did the other finds done.
    again = ground.run(AIR, {"contoso": of(other)}, "--check")
    assert again.names("changed") == []


def comparable(report, tenant):
    """A report without what differs between two tenants or two runs, a line for each key."""
    told = {name: value for name, value in report.items() if name not in {"when", "seconds", "requests", "host"}}
    # Presets are named by a number of the service's.
    text = re.sub(r"(Preset Security Policy)\d+", r"\1", json.dumps(told, indent=1))
    text = re.sub(r'"when": "\S+T\S+"', '"when": "TIME"', text)
    for name, word in ((tenant.tenant_id, "ID"), (tenant.domain, "DOMAIN"), (tenant.custom_domain, "CUSTOM"), (tenant.name, "NAME")):
        text = text.replace(name, word)
    return text.splitlines()


def test_a_token_for_each_audience_is_fetched_once_however_many_forks(new_tenant, ground):
    tenants = {name: new_tenant() for name in ("contoso", "fabrikam", "adatum")}

    run = ground.run(AIR, {name: of(tenant) for name, tenant in tenants.items()}, "--forks", "3")
    assert run.code == 0, run.output
    for name, tenant in tenants.items():
        scopes = [entry["body"]["scope"] for entry in tenant.journal() if entry["url"].endswith("/token")]
        assert len(scopes) == len(set(scopes)) == 4, scopes
        # Reads go out in batches of ten: no task asks a service more often than it has to.
        assert len(during(tenant, *run.of(name, "Read the policies that are there"))) <= 2
        assert tenant.writes() != []


def test_a_playbook_of_ones_own_makes_the_verdict_of_what_it_has_read(tenant, ground):
    judged = "{{ {'xdr': {'state': state}, 'prerequisites': {'licenses': licences}} | m365.defender.verdict(given, host='contoso') }}"
    tasks = [
        task("Read the licences", "license_info", register="licences"),
        task("See whether it is on", "xdr_info", register="state"),
        {"name": "Judge", "ansible.builtin.set_fact": {"found": judged}, "vars": {"given": [attestation("defender_xdr")]}},
    ]
    run = ground.run([play(*tasks)], {"contoso": of(tenant)})
    assert run.code == 0, run.output
    found = run.result("Judge")["ansible_facts"]["found"]
    assert faults_in(found) == []
    assert {one["step"]: one["verdict"] for one in found["steps"]} == {"prerequisites": UNKNOWN, "xdr": OK}
    assert [(one["setting"], one["state"]) for one in found["attestations"]] == [("defender_xdr", "agrees")]
    assert (found["answer"]["configured"], found["tenant"], found["host"]) == ("not_proved", tenant.tenant_id, "contoso")
    assert found["requests"] == len(tenant.journal())


@pytest.mark.parametrize(
    ("given", "words", "remedy"),
    [
        ({"client_secret": "not-a-real-secret-and-a-wrong-one-0000000000"}, "Invalid client secret", "The secret is wrong."),
        ({"endpoint": "https://127.0.0.1:1"}, "refused the connection", "Look at the network"),
    ],
    ids=["wrong secret", "out of reach"],
)
def test_the_exit_code_tells_of_a_step_4_that_could_ask_nobody(given, words, remedy, tenant, ground):
    run = ground.run(AIR, {"contoso": of(tenant, **{"portal_session": None, **given})}, "--tags", "xdr")
    assert run.code == 2
    report = run.reports["contoso"]
    (step,) = report["steps"]
    assert (report["failed_steps"], step["verdict"]) == (["xdr"], UNKNOWN)
    assert words in step["evidence"] and step["remedy"].startswith(remedy)
    assert "portal_session" not in step["remedy"]


@pytest.mark.parametrize("run_as", ["action", "module"])
def test_a_tenant_that_is_not_named_is_asked_for(run_as, tenant, ground):
    """The same in both faces, though AnsibleModule refuses in its own words; and nobody is said to have been asked."""
    run = ground.run(AIR, {"contoso": of(tenant, tenant_id=None, run_as=run_as)}, "--tags", "xdr")
    assert run.code == 2
    report = run.reports["contoso"]
    (step,) = report["steps"]
    assert step["evidence"] == "Checking the options of xdr_info: missing required arguments: tenant_id. Nothing was sent."
    assert step["remedy"] == (
        "Set m365_tenant_id for contoso (in a task of your own: tenant_id) to the tenant's id or one of its domains. "
        "The playbooks also take a host's name that has a dot. Or set M365_TENANT_ID in the environment."
    )
    assert (report["endpoint"], report["identity"]) == (tenant.emulator.url, tenant.identities["writer"]["client_id"])
    assert "Nobody was asked." in run.output
    assert tenant.journal() == []


def test_a_write_that_was_refused_is_no_change(tenant, ground):
    run = ground.run(AIR, {"contoso": of(tenant, "reader")}, "--tags", "email_protection")
    assert run.code == 2
    report = run.reports["contoso"]
    assert (report["changed"], report["operations"], report["writes"], report["refused"]) == (False, [], 1, 1)
    assert "nothing was changed, 1 write was refused." in " ".join(run.output.split())
    assert "goes before ours" not in json.dumps(report)
