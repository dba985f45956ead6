# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an operator gave is looked at before anything is sent, and an empty text is never something that was given."""

from __future__ import annotations

import json
import re

import pytest
import yaml

from tests.integration.playing import of, play, short, task
from tests.integration.test_playbooks import AIR, AUDIT, comparable
from tools.workspace import ROOT

EXPORT, APPLY, PENDING = "m365.defender.export", "m365.defender.apply", "m365.defender.pending"
REGISTER, ONBOARD = "m365.defender.app_registration", "m365.defender.onboard"
ASKED, EACH = "Look at what is asked for", "No two hosts lead to one tenant"
# Each with what is wrong by the argument spec, and what only planning would find out.
ROLES = ("prerequisites", "device_groups", "email_protection", "action_center")
BAD = {
    "prerequisites": {"prerequisites_min_device_coverage": 101},
    "device_groups": {"device_groups_wanted": [{"nme": "x"}]},
    "email_protection": {"email_protection_target": "stict"},
    "action_center": {"action_center_days": "ever"},
    "levels": {"device_groups_levels": {"Servers": "ful"}},
    "owner": {"email_protection_owner": "the desk"},
    "scopes": {"email_protection_scopes": [{"name": "executives"}]},
    "unevaluated": {"email_protection_domains": "{{ not_defined_anywhere }}"},
    "mistyped": {"device_groups_automation_levels": "semi"},
}


def journal(emulator):
    return len(emulator.control("GET", "journal"))


def variables_of_playbooks():
    found = {"m365_run_as"}
    for path in (ROOT / "playbooks").rglob("*.yml"):
        found |= set(re.findall(r"\bm365_\w+\b(?!\.)", path.read_text()))
    return found - {"m365_reports", "m365_exports", "m365_onboarding_"}


def variables_of_roles():
    specs = [yaml.safe_load(path.read_text()) for path in (ROOT / "roles").glob("*/meta/argument_specs.yml")]
    return {name for one in specs for name in one["argument_specs"]["main"]["options"]}


NOTHING = dict.fromkeys(variables_of_playbooks() | variables_of_roles(), "")


def from_environment(tenant):
    """The connection as variables of the environment, so that every variable of the inventory can be an empty text."""
    reached = tenant.connection("writer")
    return {
        "M365_TENANT_ID": tenant.tenant_id,
        "M365_CLIENT_ID": reached["client_id"],
        "M365_CLIENT_SECRET": reached["client_secret"],
        "M365_PORTAL_SESSION": json.dumps(tenant.portal_session),
        "M365_ENDPOINT": reached["endpoint"],
        "REQUESTS_CA_BUNDLE": reached["ca_path"],
    }


def test_the_variables_are_those_that_are_documented():
    assert {"m365_hosts", "m365_kinds", "m365_reader_certificates", "email_protection_target", "action_center_days"} <= NOTHING.keys()


@pytest.mark.parametrize(("seed", "playbooks"), [("fresh_e5", [AIR]), ("lived_in", [AUDIT, AIR])])
def test_empty_texts_are_as_if_nothing_were_given(seed, playbooks, new_tenant, ground):
    """Every documented variable, so that a new one is caught."""
    silent, empty = new_tenant(seed), new_tenant(seed)
    default = {"m365_report_folder": str(ground.reports)}
    for playbook in playbooks:
        one = ground.run(playbook, {"contoso": {}}, variables=default, env=from_environment(silent))
        assert one.code == 0, one.output
        other = ground.run(playbook, {"contoso": {}}, variables=NOTHING, env=from_environment(empty))
        assert other.code == 0, other.output
        kept = json.loads((ground.home / "m365_reports" / "contoso.json").read_text())
        assert comparable(one.reports["contoso"], silent) == comparable(kept, empty)
        assert [(done.name, done.status) for done in one.tasks] == [(done.name, done.status) for done in other.tasks]
    assert short(silent.writes()) == short(empty.writes()) != []


def test_empty_texts_are_no_places_of_files(tenant, ground):
    env, mode = from_environment(tenant), ground.home.stat().st_mode
    for playbook in (PENDING, EXPORT, APPLY):
        run = ground.run(playbook, {"contoso": {}}, variables=NOTHING, env=env)
        assert run.code == 0, run.output
    assert {path.name for path in ground.home.iterdir()} >= {"m365_exports", "m365_pending.json"}
    assert (ground.home / "m365_exports" / "contoso.yml").is_file()
    assert ground.home.stat().st_mode == mode, "the current folder was taken for the one to be made"


@pytest.mark.parametrize("playbook", [REGISTER, ONBOARD])
def test_empty_texts_are_nothing_to_the_playbooks_for_applications(playbook, new_tenant, ground):
    rights = ["Application.ReadWrite.All", "AppRoleAssignment.ReadWrite.All", "RoleManagement.ReadWrite.Directory"]
    app = {
        "client_id": "bbbbbbbb-0000-4000-8000-000000000001",
        "client_secret": "not-a-real-secret-of-the-onboarding-0000000000",
        "app_permissions": {"graph": rights},
    }
    tenant = new_tenant(identities={"onboarding": app})
    needed = {
        f"m365_{name}": value for name, value in tenant.connection("onboarding").items() if name in ("tenant_id", "endpoint", "ca_path")
    }
    needed |= {"m365_onboarding_client_id": app["client_id"], "m365_onboarding_client_secret": app["client_secret"]}
    if playbook == ONBOARD:
        needed["m365_reader_app_id"] = tenant.connection("reader")["client_id"]

    silent = ground.run(playbook, {"contoso": {}}, "--check", variables=needed)
    empty = ground.run(playbook, {"contoso": {}}, "--check", variables={**NOTHING, **needed})
    assert silent.code == empty.code == 0, empty.output
    assert [(one.name, one.status) for one in silent.tasks] == [(one.name, one.status) for one in empty.tasks]
    assert silent.names("changed") == empty.names("changed") != []


@pytest.mark.parametrize("extra", [(), ("--check",), ("--tags", "device_groups,email_protection,prerequisites,action_center")])
def test_what_is_wrong_with_a_role_is_refused_before_anything_is_sent(extra, tenant, ground):
    hosts = {name: of(tenant, tenant_id=f"{number:08}-0000-4000-8000-000000000000") | bad for number, (name, bad) in enumerate(BAD.items())}
    before = journal(tenant.emulator)

    run = ground.run(AIR, hosts, *extra)
    assert run.code == 2
    assert journal(tenant.emulator) == before
    assert run.reports == {}
    for host, bad in BAD.items():
        (variable,) = bad
        message = run.result(ASKED, host)["msg"]
        assert variable in message, message
        assert f"role {next(role for role in ROLES if variable.startswith(role))}: " in message
        assert "Nothing was sent." in message
        assert [one.name for one in run.of(host) if one.status != "ok"] == [ASKED]
    assert "Traceback" not in run.output, run.output


@pytest.mark.parametrize("playbook", [AIR, AUDIT, PENDING, EXPORT, APPLY, REGISTER, ONBOARD])
def test_a_mistyped_name_of_the_playbooks_is_refused_before_anything_is_sent(playbook, tenant, ground):
    """m365_tenants is an inventory's own."""
    (ground.home / "m365_exports").mkdir()
    (ground.home / "m365_exports" / "contoso.yml").write_text("{}")
    more = {"m365_host": "contoso", "m365_tenants": 1, "m365_onboarding_client_id": "x", "m365_apps_in_each_tenant": True}
    before = journal(tenant.emulator)

    run = ground.run(playbook, {"contoso": of(tenant) | more})
    assert run.code == 2
    assert journal(tenant.emulator) == before
    message = run.result(ASKED)["msg"]
    assert "m365_host is no variable of the playbooks (did you mean m365_hosts?)" in message
    assert "m365_tenants" not in message


def test_one_hosts_mistake_does_not_stop_another_and_only_roles_that_run_count(new_tenant, ground):
    wrong, right = new_tenant(), new_tenant()
    hosts = {"contoso": {**of(wrong), **BAD["email_protection"], **BAD["owner"]}, "fabrikam": {**of(right), "xdr_owner": "soc"}}

    run = ground.run(AIR, hosts, "--check")
    assert "xdr_owner means nothing to the role xdr, which has no variables" in " ".join(run.output.split())
    assert run.code == 2
    assert (list(run.reports), short(wrong.journal())) == (["fabrikam"], [])

    for arguments in (("--tags", "xdr,action_center"), ("--skip-tags", "email_protection,prerequisites")):
        run = ground.run(AIR, {"contoso": hosts["contoso"]}, "--check", *arguments)
        assert run.code == 0, run.output
        assert "email_protection" not in [one["step"] for one in run.reports["contoso"]["steps"]]


def test_the_review_of_all_tenants_says_which_host_was_given_something_wrong(new_tenant, ground):
    hosts = {"contoso": {**of(new_tenant("lived_in")), "action_center_days": "ever"}, "fabrikam": of(new_tenant("lived_in"))}

    run = ground.run(PENDING, hosts, variables={"m365_pending_file": str(ground.home / "waiting.json")})
    assert run.code == 2
    review = json.loads((ground.home / "waiting.json").read_text())
    assert {host: one["verdict"] for host, one in review["tenants"].items()} == {"contoso": "not_read", "fabrikam": "waiting"}
    assert "action_center_days" in review["tenants"]["contoso"]["message"]


@pytest.mark.parametrize("playbook", [AIR, AUDIT, PENDING, EXPORT, APPLY, REGISTER, ONBOARD])
def test_two_hosts_of_one_tenant_fail_the_play_before_anything_is_sent(playbook, new_tenant, ground):
    one, other = new_tenant(), new_tenant()
    hosts = {"contoso": of(one), "fabrikam": {**of(one), "m365_tenant_id": one.tenant_id.upper()}, "adatum": of(other)}
    before = journal(one.emulator)

    run = ground.run(playbook, hosts)
    assert run.code == 2
    assert journal(one.emulator) == before
    (failed,) = [task for task in run.tasks if task.status == "failed"]
    assert failed.name == EACH
    assert "contoso and fabrikam of this play lead to one and the same tenant" in failed.result["msg"]
    assert "tenant_id of its own" in failed.result["msg"]
    assert len(run.tasks) == 1


def test_hosts_that_are_called_after_their_tenants_are_compared_too(new_tenant, ground):
    tenant = new_tenant()
    unnamed = {name: value for name, value in of(tenant).items() if name != "m365_tenant_id"}
    hosts = {tenant.domain: unnamed, "contoso": {**unnamed, "m365_tenant_id": tenant.domain}}

    run = ground.run(AIR, hosts, "--tags", "xdr")
    assert (run.code, short(tenant.journal())) == (2, [])


@pytest.mark.parametrize("written", ["{}", " {} ", "{}."])
def test_an_id_and_a_domain_of_one_tenant_are_told_by_the_domain_that_it_must_own(written, new_tenant, ground):
    one, other = new_tenant(), new_tenant()
    hosts = {
        "contoso": {**of(one), "m365_expected_domain": one.domain.upper()},
        "fabrikam": {**of(one), "m365_tenant_id": written.format(one.domain)},
        "adatum": {**of(other), "m365_expected_domain": other.domain},
    }
    run = ground.run(AIR, hosts, "--tags", "xdr")
    assert (run.code, short(one.journal() + other.journal())) == (2, [])
    assert f"fabrikam and contoso of this play lead to one and the same tenant, {one.domain}:" in run.output, run.output

    # Copies of domains get out of date, so that two hosts which must own one are no reason to stop all.
    alike = {host: {**of(tenant), "m365_expected_domain": "contoso.com"} for host, tenant in (("contoso", one), ("adatum", other))}
    run = ground.run(AIR, alike, "--tags", "xdr", "--check")
    assert "one and the same" not in run.output and "xdr_info" in str([task.action for task in run.tasks])


@pytest.mark.parametrize("folder", ["/proc/nope", "/dev/null"])
def test_a_folder_that_takes_no_report_is_refused_at_the_start(folder, tenant, ground):
    run = ground.run(AIR, {"contoso": of(tenant)}, "--tags", "xdr", variables={"m365_report_folder": folder})
    assert run.code == 2
    assert short(tenant.journal()) == []
    assert f"nothing can be written to {folder}" in run.result(ASKED)["msg"]


def test_what_was_found_out_is_shown_even_if_it_can_not_be_kept(tenant, ground):
    tasks = [
        task("See whether it is on", "xdr_info", register="state"),
        task("Read what waits", "pending_action_info", register="waiting"),
        task("Report", "report", {"steps": {"xdr": {"state": "{{ state }}"}}, "folder": "/proc/nope"}, ignore_errors=True),
        task(
            "Review", "pending_report", {"tenants": {"contoso": {"pending": "{{ waiting }}"}}, "dest": "/proc/nope/x"}, ignore_errors=True
        ),
    ]
    run = ground.run([play(*tasks)], {"contoso": of(tenant)})
    assert run.names("ignored") == ["Report", "Review"]
    assert "Automated investigation" in run.output, run.output
    assert "What waits for approval" in run.output, run.output
    for name in ("Report", "Review"):
        assert "can't be written to /proc/nope/" in run.result(name)["msg"]


@pytest.mark.parametrize(
    ("action", "options", "said"),
    [
        ("pending_report", {"tenants": {}, "width": "wide"}, "width"),
        ("pending_report", {"tenants": ""}, "missing required arguments: tenants"),
        ("request_form", {"har": "x", "dest": "x", "decision": "maybe"}, "decision"),
        ("request_form", {"har": "", "dest": "x", "decision": "undo"}, "missing required arguments: har"),
    ],
)
def test_actions_that_know_no_tenant_refuse_options_as_the_others_do(action, options, said, tenant, ground):
    run = ground.run([play(task("Wrong", action, options, ignore_errors=True))], {"contoso": of(tenant)})
    failure = run.result("Wrong")["failure"]
    assert (failure["kind"], failure["tried"]) == ("bad_input", f"Checking the options of {action}") and said in failure["text"]


@pytest.mark.parametrize("limit", [0, "0"])
def test_no_writes_means_none(limit, new_tenant, ground):
    tenant = new_tenant("lived_in")
    run = ground.run(AIR, {"contoso": of(tenant, max_writes_per_tenant=limit)})
    assert run.code == 2
    assert short(tenant.writes()) == []
    assert "max_writes_per_tenant=0" in run.output, run.output


def test_kinds_that_are_applied(new_tenant, ground):
    source, target = new_tenant("lived_in"), new_tenant()
    folder = {"m365_export_folder": str(ground.home / "saved")}
    assert ground.run(EXPORT, {"contoso": of(source)}, variables={**folder, "m365_kinds": "quarantine_policy, safe_links_policy"}).code == 0
    file = ground.home / "saved" / "contoso.yml"
    assert list(yaml.safe_load(file.read_text())) == ["quarantine_policy", "safe_links_policy"]

    for kinds, words in (
        ("quarantine_policies", "quarantine_policies is no kind of object; there are quarantine_policy, "),
        (["quarantine_policy", "anti_phish_policy"], "has no anti_phish_policy; it has quarantine_policy, safe_links_policy"),
    ):
        target.clear_journal()
        more = {"m365_export_file": str(file), "m365_kinds": kinds, "m365_where_possible": True}
        run = ground.run(APPLY, {"fabrikam": of(target)}, variables=more)
        assert run.code == 2
        assert words in run.result(ASKED)["msg"]
        assert short(target.journal()) == []

    run = ground.run(
        APPLY, {"fabrikam": of(target)}, "--check", variables={"m365_export_file": str(file), "m365_kinds": "quarantine_policy"}
    )
    assert run.code == 0, run.output
    assert [one.partition(" {")[0] for one in run.result("Apply the file")["operations"]] == ["New-QuarantinePolicy Ask the service desk"]
