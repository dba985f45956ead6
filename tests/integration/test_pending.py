# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What waits in all tenants: one table, one file, and an exit code that tells."""

from __future__ import annotations

import json

from tests.integration.playing import of, short

PENDING = "m365.defender.pending"
SECRET = {"client_secret": "not-a-real-secret-that-is-wrong-000000000000"}


def run_it(ground, hosts, *arguments, name="m365_pending.json", env=None, **variables):
    return ground.run(PENDING, hosts, *arguments, variables={"m365_pending_file": str(ground.home / name), **variables}, env=env)


def kept(ground, name="m365_pending.json"):
    path = ground.home / name
    assert path.stat().st_mode & 0o777 == 0o600
    return json.loads(path.read_text())


def test_several_tenants_of_which_one_cannot_be_read(new_tenant, ground):
    hosts = {
        "contoso": of(new_tenant("lived_in")),
        "fabrikam": of(new_tenant("fresh_e5")),
        "adatum": of(new_tenant("unlicensed")),
        "tailspin": of(new_tenant("fresh_e5"), **SECRET),
    }
    run = run_it(ground, hosts, action_center_max_pending_age=3)

    assert run.code == 2, run.output
    review = kept(ground)
    assert {host: one["verdict"] for host, one in review["tenants"].items()} == {
        "contoso": "waiting",
        "fabrikam": "clear",
        "adatum": "not_applicable",
        "tailspin": "not_read",
    }
    assert [one["age_days"] for one in review["pending"]] == sorted((one["age_days"] for one in review["pending"]), reverse=True)
    assert {one["driver"] for one in review["pending"]} == {"portal"}
    assert run.output.count("What waits for approval in 4 tenants") == 1
    assert "3 approvals in 1 tenant, none of them for more than 3 days" in run.output
    assert [task.host for task in run.tasks if task.name.startswith("Fail") and task.status == "failed"] == ["tailspin"]


def test_what_waits_too_long_fails_its_host(new_tenant, ground):
    tenant = new_tenant("lived_in")
    run = run_it(ground, {"contoso": of(tenant)}, "--check", action_center_max_pending_age=1)
    assert run.code == 2, run.output
    assert kept(ground)["tenants"]["contoso"]["message"] == "1 approval of 3 older than 1 day."
    assert short(tenant.writes()) == []
    print("requests:", len(tenant.journal()))
    assert len(tenant.journal()) <= 8


def test_nothing_late_is_success(new_tenant, ground):
    # With the strategy free each host would come to the table when it likes, and find the others missing.
    hosts = {"contoso": of(new_tenant("lived_in")), "fabrikam": of(new_tenant("fresh_e5"))}
    run = run_it(ground, hosts, env={"ANSIBLE_STRATEGY": "free"})
    assert run.code == 0, run.output
    assert kept(ground)["verdict"] == "waiting"


def test_without_a_session_the_public_apis_tell(new_tenant, ground):
    host = {name: value for name, value in of(new_tenant("lived_in")).items() if name != "m365_portal_session"}
    run = run_it(ground, {"contoso": host}, name="here/waiting.json")
    assert run.code == 0, run.output
    review = kept(ground, "here/waiting.json")
    assert {one["driver"] for one in review["pending"]} == {"public_api"} and review["count"] == 3
