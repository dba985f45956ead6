# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writing into somebody's tenant: the right one, not too much, nothing of others', and everything on record."""

from __future__ import annotations

import json
import stat

from tests.integration.playing import moment, of, play, short, task

AIR = "m365.defender.air"
OURS = "m365.defender Standard - all domains"
MARK = "managed_by=m365.defender owner=m365.defender"


def links(name, **more):
    return task(f"Make {name}", "safe_links_policy", {"name": name, "rule": {"recipient_domain_is": ["{{ domain }}"]}, **more})


def ledgers(ground):
    """What the runs in this home have recorded, by tenant."""
    return {path.name: path for path in (ground.home / "ansible" / "m365_defender").glob("*/*")}


def test_two_hosts_never_lead_to_one_tenant(new_tenant, ground):
    one, other = new_tenant(), new_tenant()
    hosts = {"contoso": of(one), "fabrikam": {**of(one), "ansible_host": "elsewhere"}, "adatum": of(other)}
    by_domain = {"contoso": of(one), "fabrikam": of(one, tenant_id=one.domain)}

    run = ground.run([play(task("Read", "license_info"))], hosts)
    failed = [one for one in run.tasks if one.status == "failed"]
    assert run.code == 2
    assert {task.host for task in failed} in ({"contoso"}, {"fabrikam"})
    for word in ("contoso and fabrikam" if failed[0].host == "fabrikam" else "fabrikam and contoso", one.tenant_id, "tenant_id of its own"):
        assert word in failed[0].result["msg"]
    assert [task.status for task in run.of("adatum")] == ["ok"]
    # A tenant is a tenant, whatever it is called.
    assert len(ground.run([play(task("Read", "license_info"))], by_domain).names("failed")) == 1

    as_modules = {name: {**variables, "m365_run_as": "module"} for name, variables in hosts.items()}
    run = ground.run([play(task("Read", "license_info"))], as_modules)
    assert len(run.names("failed")) == 1 and "lead to one and the same tenant" in run.output


def test_the_environment_names_a_tenant_only_for_a_single_host(new_tenant, ground):
    tenant, other = new_tenant(), new_tenant()
    plays = [play(task("Read", "license_info"))]
    described = {"contoso": of(tenant), "fabrikam": of(other)}
    for variables in described.values():
        del variables["m365_tenant_id"]
    env = {"M365_TENANT_ID": tenant.tenant_id}

    alone = ground.run(plays, {"contoso": described["contoso"]}, env=env)
    assert alone.code == 0, alone.output
    assert alone.result("Read")["tenant"]["name"] == tenant.tenant_id

    several = ground.run(plays, described, env=env)
    assert sorted(task.host for task in several.tasks if task.status == "failed") == ["contoso", "fabrikam"]
    message = several.result("Read", "contoso")["msg"]
    assert "Set m365_tenant_id for contoso" in message
    assert "M365_TENANT_ID of the environment does not count, because it would lead all hosts of this play to one tenant." in message
    assert short(other.journal()) == []


def test_a_host_may_be_called_after_its_tenant(tenant, ground):
    variables = of(tenant)
    del variables["m365_tenant_id"]

    run = ground.run(AIR, {tenant.domain: variables}, "--tags", "prerequisites")
    assert run.code == 0, run.output
    assert run.reports[tenant.domain]["tenant"] == tenant.domain


def test_the_tenant_must_own_the_domain_that_is_expected(new_tenant, ground):
    tenant, other = new_tenant(), new_tenant()
    play_of = [
        play(
            links("Wrong", expected_domain=other.domain) | {"ignore_errors": True},
            links("Foretold", expected_domain=other.domain) | {"check_mode": True},
            links("Right", expected_domain=tenant.domain),
        )
    ]

    run = ground.run(play_of, {"contoso": {**of(tenant), "domain": tenant.domain}})
    assert run.code == 0, run.output
    message = run.result("Make Wrong")["msg"]
    for word in (other.domain, tenant.tenant_id, "nothing was written", "belongs to another customer"):
        assert word in message
    assert run.task("Make Right").status == "changed"
    assert [row["Name"] for row in tenant.state("SafeLinksRule")] == ["Right"]


def test_the_limit_of_writes_is_that_of_the_run(tenant, ground):
    tasks = [links(name, max_writes_per_tenant=5) for name in ("First", "Second", "Third")]
    too_much = task(
        "Far too much",
        "configuration",
        {"config": {"safe_links_policy": [{"name": f"Links {number}"} for number in range(6)]}, "max_writes_per_tenant": 5},
        ignore_errors=True,
    )

    run = ground.run([play(too_much, *tasks)], {"contoso": {**of(tenant), "domain": tenant.domain}})
    assert run.code == 2
    assert "the plan has 6 writes, which is more than max_writes_per_tenant=5" in run.result("Far too much")["msg"]
    assert [task.status for task in run.of("contoso", "Make ")] == ["changed", "changed", "failed"]
    message = run.result("Make Third")["msg"]
    for word in ("2 writes on top of 4", "max_writes_per_tenant=5", "nothing was written", "check mode"):
        assert word in message
    assert len(tenant.writes()) == 4
    # Another run counts anew.
    again = ground.run([play(tasks[2])], {"contoso": {**of(tenant), "domain": tenant.domain}})
    assert again.names("changed") == ["Make Third"]


def test_what_is_written_is_on_record_before_and_after(new_tenant, ground):
    tenant = new_tenant("lived_in")
    hosts = {"contoso": of(tenant)}
    ground.run(AIR, hosts, "--check")
    assert ledgers(ground) == {}, "check mode recorded something"
    before = ground.run([play(task("Read", "configuration_info", {"built_in": True}))], hosts).result("Read")["configuration"]
    tenant.clear_journal()

    run = ground.run(AIR, hosts)
    assert run.code == 0, run.output
    folder = ledgers(ground)[tenant.tenant_id]
    assert list(ledgers(ground)) == [tenant.tenant_id]
    export, record = folder / "export.json", folder / "operations.jsonl"
    assert {path.name for path in folder.iterdir()} == {export.name, record.name}
    assert {stat.S_IMODE(path.stat().st_mode) for path in (export, record)} == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert export.stat().st_mtime < moment(tenant.writes()[0])
    saved = json.loads(export.read_text())
    assert saved["tenant_id"] == tenant.tenant_id
    assert saved["configuration"] == before, "the export is not what the tenant was"
    entries = [json.loads(line) for line in record.read_text().splitlines()]
    assert "plan" in entries[0]
    assert [one["operation"] for one in entries if "operation" in one] == run.reports["contoso"]["operations"]
    assert len([one for one in entries if "operation" in one]) == len(tenant.writes())
    assert all(one["request_id"] for one in entries if "operation" in one)
    # Putting back what was saved undoes what can be undone by setting: levels, and what was switched on.
    config = {kind: saved["configuration"][kind] for kind in ("device_group", "atp_policy_for_o365")}
    back = ground.run(
        [play(task("Put back", "configuration", {"config": config}), task("Read", "configuration_info", {"built_in": True}))], hosts
    )
    assert {kind: back.result("Read")["configuration"][kind] for kind in config} == config
    assert len(list((ground.home / "ansible" / "m365_defender").iterdir())) == 2, "each run has a record of its own"


def test_what_others_made_stays_as_it_is(tenant, ground):
    """New rules go last, whatever stands before them, and a second administrator's policies are read, never set."""
    tenant.cmdlet("New-SafeLinksPolicy", Name="Links of the desk", AdminDisplayName="made by hand", TrackClicks=False)
    tenant.cmdlet("New-SafeLinksRule", Name="Desk", SafeLinksPolicy="Links of the desk", RecipientDomainIs=[tenant.domain])
    nouns = ("SafeLinksPolicy", "SafeLinksRule", "AntiPhishPolicy", "AntiPhishRule")
    before = {noun: tenant.state(noun) for noun in nouns}
    tenant.clear_journal()

    run = ground.run(AIR, {"contoso": of(tenant)}, "--tags", "email_protection")
    assert run.code == 0, run.output
    made = []
    for noun in nouns:
        names = {row["Name"] for row in before[noun]}
        now = tenant.state(noun)
        assert [row for row in now if row["Name"] in names] == before[noun], f"somebody else's {noun} was changed"
        made += [(noun, row) for row in now if row["Name"] not in names]
    assert made
    for noun, row in made:
        assert row["Name"].startswith("m365.defender ")
        if noun.endswith("Policy"):
            assert row["AdminDisplayName"].startswith(MARK)
        else:
            assert row["Priority"] == max(one["Priority"] for one in tenant.state(noun))


def test_a_policy_that_somebody_else_called_as_we_would_is_taken_over_only_when_told(tenant, ground):
    hosts = {"contoso": of(tenant)}
    tenant.cmdlet("New-SafeLinksPolicy", Name=OURS, AdminDisplayName="made by hand", TrackClicks=False)
    tenant.clear_journal()

    left = ground.run(AIR, hosts, "--tags", "email_protection")
    assert left.code == 0, left.output
    (policy,) = [row for row in tenant.state("SafeLinksPolicy") if row["Name"] == OURS]
    assert (policy["AdminDisplayName"], policy["TrackClicks"]) == ("made by hand", False)
    (step,) = left.reports["contoso"]["steps"]
    assert step["verdict"] == "not_compliant"
    assert "email_protection_adopt" in step["remedy"]

    taken = ground.run(AIR, hosts, "--tags", "email_protection", variables={"email_protection_adopt": True})
    assert taken.code == 0, taken.output
    (policy,) = [row for row in tenant.state("SafeLinksPolicy") if row["Name"] == OURS]
    assert policy["AdminDisplayName"].startswith(MARK)
    assert policy["TrackClicks"] is True
