# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbooks m365.defender.export and m365.defender.apply: one file per tenant, applied to the same, compared with another, copied."""

from __future__ import annotations

import stat

import pytest
import yaml

from tests.integration.playing import of, short

SEEDS = ("fresh_e5", "fresh_e3", "exchange_only", "business_premium", "lived_in")
EXPORT, APPLY = "m365.defender.export", "m365.defender.apply"
APPLIED = "Apply the file"


def test_what_is_relative_is_meant_from_where_ansible_was_called(tenant, ground, tmp_path_factory):
    """Neither from the folder of the playbook nor from PWD, which a program that calls ansible may leave as it was, or not have."""
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    run = ground.run(EXPORT, {"contoso": of(tenant)}, variables={"m365_export_folder": "saved"}, env={"PWD": str(elsewhere)})
    assert run.code == 0, run.output
    assert (ground.home / "saved" / "contoso.yml").exists() and list(elsewhere.iterdir()) == []
    run = ground.run(APPLY, {"contoso": of(tenant)}, variables={"m365_export_folder": "~/saved"}, env={"PWD": ""})
    assert run.code == 0 and run.task(APPLIED).status == "ok", run.output


@pytest.mark.parametrize("content", ["", "# nothing yet\n", "{}"])
def test_a_file_that_names_nothing_is_refused_before_anything_is_sent(content, tenant, ground):
    path = ground.home / "empty.yml"
    path.write_text(content)
    run = ground.run(APPLY, {"contoso": of(tenant)}, variables={"m365_export_file": str(path)})
    assert (run.code, short(tenant.journal())) == (2, [])
    assert "names no kind of object" in run.result("Look at what is asked for")["msg"]


def test_there_and_back_compared_and_copied(new_tenant, ground):
    tenants = {seed: new_tenant(seed) for seed in SEEDS}
    hosts = {seed: of(tenant) for seed, tenant in tenants.items()}
    folder = ground.home / "saved"
    where = {"m365_export_folder": str(folder)}
    forks = ("--forks", str(len(hosts)))

    exported = ground.run(EXPORT, hosts, *forks, variables=where)
    assert exported.code == 0, exported.output
    assert {path.name for path in folder.iterdir()} == {f"{seed}.yml" for seed in SEEDS}
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    files = {seed: yaml.safe_load((folder / f"{seed}.yml").read_text()) for seed in SEEDS}
    assert all("safe_links_policy" in files[seed] for seed in SEEDS if seed != "exchange_only")
    # With a secret SharePoint stays closed, and that is said, as is what no licence brings.
    for seed in SEEDS:
        unknown = exported.result("Say what could not be read", seed)["msg"]
        assert "sharepoint_tenant" in unknown
        assert ("safe_links_policy" in unknown) is (seed == "exchange_only")

    # To the same tenant: nothing to do, and no write.
    same = ground.run(APPLY, hosts, *forks, variables=where)
    assert same.code == 0, same.output
    assert same.names("changed") == []
    assert all(short(tenant.writes()) == [] for tenant in tenants.values())

    # Two tenants compared: check mode with the file of another, and no write.
    tenants["fresh_e5"].cmdlet("New-SafeLinksPolicy", Name="Links of a pilot group")
    tenants["fresh_e5"].cmdlet("New-TenantAllowBlockListItems", ListType="Url", Block=True, Entries=["bad.example"], NoExpiration=True)
    for tenant in tenants.values():
        tenant.clear_journal()
    file = {"m365_export_file": str(folder / "lived_in.yml")}
    others = {seed: variables for seed, variables in hosts.items() if seed != "lived_in"}
    compared = ground.run(APPLY, others, "--check", "--diff", *forks, variables={**file, "m365_where_possible": True})
    assert compared.code == 0, compared.output
    assert all(short(tenant.writes()) == [] for tenant in tenants.values())
    assert "before: safe_links_policy Links for staff" in compared.output
    # What only the other has is named too, what the file names is not.
    only_here = compared.result("Say what the tenant has that the file does not name", "fresh_e5")["msg"]
    assert only_here["safe_links_policy"] == ["Links of a pilot group"]
    assert only_here["tenant_allow_block_list"] == ["Url block: bad.example"]
    assert "atp_policy_for_o365" not in only_here and "Default" not in str(only_here)
    left_out = {seed: {one["kind"] for one in compared.result("Say what is left out", seed)["msg"]} for seed in others}
    assert left_out["fresh_e5"] == left_out["fresh_e3"] == {"preset_security_policy"}
    assert left_out["business_premium"] == {"preset_security_policy", "device_group"}
    assert {"preset_security_policy", "anti_phish_policy", "safe_links_policy", "device_group"} <= left_out["exchange_only"]

    # Made like the other as far as the licences go: exactly what was foretold, and nothing to do the second time.
    copied = ground.run(APPLY, others, *forks, variables={**file, "m365_where_possible": True})
    assert copied.code == 0, copied.output
    for seed in others:
        assert copied.result(APPLIED, seed)["operations"] == compared.result(APPLIED, seed)["operations"] != []
        assert [entry for entry in tenants[seed].journal() if entry["status"] >= 400 and "SafeLinks" in str(entry)] == []
    assert {row["Name"] for row in tenants["lived_in"].state("SafeLinksPolicy")} - {
        row["Name"] for row in tenants["fresh_e5"].state("SafeLinksPolicy")
    } == {row["Name"] for row in tenants["lived_in"].state("SafeLinksPolicy") if row["RecommendedPolicyType"] == "Standard"}
    again = ground.run(APPLY, others, *forks, variables={**file, "m365_where_possible": True})
    assert again.names("changed") == []

    # Whole, a file that does not fit is refused before anything is written, and some kinds of it can be chosen.
    target = {"fresh": of(new_tenant("fresh_e5"))}
    refused = ground.run(APPLY, target, variables=file)
    assert refused.code == 2
    assert "can't be used yet" in refused.result(APPLIED)["msg"]
    chosen = ground.run(APPLY, target, variables={**file, "m365_kinds": ["quarantine_policy"]})
    assert chosen.code == 0, chosen.output
    assert [one.partition(" {")[0] for one in chosen.result(APPLIED)["operations"]] == ["New-QuarantinePolicy Ask the service desk"]
