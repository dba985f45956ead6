# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inventory of a partner's customers, by ansible-inventory, as its users run it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.integration.playing import FOREIGN, SECRET, short
from tools.workspace import environment

INVENTORY = Path(sys.executable).with_name("ansible-inventory")
READS = ["DelegatedAdminRelationship.Read.All", "Directory.Read.All"]
APP = {"client_id": "aaaaaaaa-0000-4000-8000-000000000001", "client_secret": "not-a-real-secret-of-the-inventory-0000000"}


def relation(tenant_id, name, ends="2099-02-10T11:24:42.3148266Z", status="active"):
    customer = {"tenantId": tenant_id, "displayName": name}
    return {"id": f"of-{tenant_id}", "displayName": name, "status": status, "endDateTime": ends, "customer": customer}


def contract(tenant):
    return {"id": tenant.name, "customerId": tenant.tenant_id, "defaultDomainName": tenant.domain, "displayName": tenant.name.title()}


@pytest.fixture
def partner(new_tenant):
    """A partner's tenant with an app that may read its customers."""
    return new_tenant(identities={"inventory": {**APP, "app_permissions": {"graph": READS}}})


class Listing:
    """Runs of ansible-inventory with one configuration file."""

    def __init__(self, folder):
        self.folder = folder
        self.path = folder / "customers.partner_tenants.yml"

    def write(self, tenant, identity="inventory", **options):
        self.path.write_text(yaml.safe_dump({"plugin": "m365.defender.partner_tenants", **tenant.connection(identity), **options}))

    def run(self, *arguments, **env):
        own = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
        own |= {**environment(), "ANSIBLE_HOME": str(self.folder / "ansible"), "ANSIBLE_NOCOLOR": "1", "COLUMNS": "2000", **env}
        command = [str(INVENTORY), "-i", str(self.path), "--list", *arguments]
        return subprocess.run(command, cwd=self.folder, env=own, capture_output=True, text=True, timeout=120, check=False)

    def listed(self, *arguments, warned="", **env):
        """What it prints. warned: what stands in a warning, without which there must be none of ours."""
        done = self.run(*arguments, **env)
        assert done.returncode == 0 and "Failed to parse" not in done.stderr, done.stderr
        assert warned in done.stderr if warned else str(self.path) not in done.stderr, done.stderr
        assert not SECRET.search(done.stdout + done.stderr)
        return plain(json.loads(done.stdout))


def plain(value):
    """What ansible-inventory prints, without its marks of what is no template."""
    if isinstance(value, dict):
        return value["__ansible_unsafe"] if set(value) == {"__ansible_unsafe"} else {name: plain(one) for name, one in value.items()}
    return [plain(one) for one in value] if isinstance(value, list) else value


@pytest.fixture
def listing(tmp_path):
    return Listing(tmp_path)


def test_customers_become_hosts_in_groups(partner, new_tenant, listing):
    adatum, other = new_tenant(), new_tenant("fresh_e3")
    partner.put_state("delegatedAdminRelationships", [relation(adatum.tenant_id, "Adatum", "2026-01-10T00:00:00Z", "expired")])
    partner.put_state("contracts", [contract(other)])
    listing.write(
        partner,
        statuses=["active", "expired"],
        customers=[{"tenant_id": adatum.tenant_id, "vars": {"ring": "canary", "says": "{{ inventory_hostname }}"}}],
        groups={"done": "m365_customer.status == 'expired'"},
        keyed_groups=[{"key": "ring", "prefix": "ring"}],
        compose={"report": "'/srv/' ~ inventory_hostname | default(m365_tenant_id)"},
    )
    found = listing.listed()
    hosts = found["_meta"]["hostvars"]
    assert set(hosts) == {"adatum", other.domain}
    assert (hosts["adatum"]["m365_tenant_id"], hosts["adatum"]["m365_cloud"]) == (adatum.tenant_id, "commercial")
    assert hosts["adatum"]["says"] == "{{ inventory_hostname }}", "a template stays one until it is used"
    assert hosts[other.domain]["m365_expected_domain"] == other.domain
    for group in ("relationship_expired", "relationship_ended", "done", "ring_canary"):
        assert found[group]["hosts"] == ["adatum"], group
    assert found["relationship_none"]["hosts"] == [other.domain]
    for group in ("customers", "cloud_commercial"):
        assert sorted(found[group]["hosts"]) == sorted(hosts), group


def test_three_hundred_customers_cost_three_requests_and_none_with_the_cache(partner, listing):
    rows = [relation(f"00000000-0000-4000-8000-{number:012}", f"Customer {number}") for number in range(300)]
    partner.put_state("delegatedAdminRelationships", rows)
    cache = {"cache": True, "cache_plugin": "ansible.builtin.jsonfile", "cache_connection": str(listing.folder / "cache")}
    listing.write(partner, **cache)
    first = listing.listed()
    assert len(first["_meta"]["hostvars"]) == 300
    assert len(partner.journal()) == 3, "discovery, token, both lists in one batch"

    partner.clear_journal()
    assert listing.listed() == first
    assert short(partner.journal()) == []
    for path in (listing.folder / "cache").iterdir():
        assert not SECRET.search(path.read_text()), path

    listing.write(partner, **cache, statuses=["active", "expired"])
    listing.listed()
    assert len(partner.journal()) == 3, "another question is asked anew"
    partner.clear_journal()
    assert len(listing.listed("--flush-cache")["_meta"]["hostvars"]) == 300
    assert len(partner.journal()) == 3


def test_licences_group_the_customers_and_what_is_unknown_says_why(partner, new_tenant, listing):
    reads = {"inventory": {**APP, "app_permissions": {"graph": ["LicenseAssignment.Read.All"]}}}
    rich, poor, shut = new_tenant(identities=reads), new_tenant("fresh_e3", identities=reads), new_tenant()
    partner.put_state("contracts", [contract(one) for one in (rich, poor, shut)])
    listing.write(partner, licenses=True, exclude_host_filters=["m365_licenses.air is defined and not m365_licenses.air.qualifies"])
    found = listing.listed()
    assert set(found["_meta"]["hostvars"]) == {rich.domain, shut.domain}
    assert found["license_SPE_E5"]["hosts"] == found["air_yes"]["hosts"] == [rich.domain]
    assert found["license_unknown"]["hosts"] == [shut.domain]
    assert "AADSTS700016" in found["_meta"]["hostvars"][shut.domain]["m365_licenses"]["unknown"]
    assert len(rich.journal()) == 3


def test_what_could_not_be_read_is_asked_again_though_there_is_a_cache(partner, new_tenant, listing):
    reads = {"inventory": {**APP, "app_permissions": {"graph": ["LicenseAssignment.Read.All"]}}}
    well, shaky = new_tenant(identities=reads), new_tenant(identities=reads)
    partner.put_state("contracts", [contract(one) for one in (well, shaky)])
    shaky.fault(kind="unavailable", match={"service": "graph"}, status=500, times=None)
    cache = {"cache": True, "cache_plugin": "ansible.builtin.jsonfile", "cache_connection": str(listing.folder / "cache")}
    listing.write(partner, licenses=True, **cache)
    assert listing.listed()["license_unknown"]["hosts"] == [shaky.domain]

    for tenant in (partner, well, shaky):
        tenant.clear_journal()
    assert listing.listed()["license_unknown"]["hosts"] == [shaky.domain]
    assert shaky.journal() and short(well.journal()) == short(partner.journal()) == []

    shaky.reset()
    found = listing.listed()
    assert sorted(found["air_yes"]["hosts"]) == sorted([well.domain, shaky.domain]) and "license_unknown" not in found


def test_a_name_that_two_have_is_warned_of(listing):
    customers = [{"tenant_id": f"00000000-0000-4000-8000-00000000000{number}", "name": "Adatum"} for number in (1, 2)]
    options = {"plugin": "m365.defender.partner_tenants", "sources": [], "customers": customers}
    listing.path.write_text(yaml.safe_dump(options))
    hosts = listing.listed(warned="2 customers are called adatum, so no host is")["_meta"]["hostvars"]
    assert set(hosts) == {one["tenant_id"] for one in customers}
    listing.path.write_text(yaml.safe_dump({**options, "hostnames": ["tenant_id"]}))
    assert listing.listed()["_meta"]["hostvars"] == hosts


def test_statuses_must_name_one_unless_nobody_is_asked_for_relationships(partner, listing):
    listing.write(partner, statuses=[])
    assert "statuses names no state" in listing.run().stderr
    assert short(partner.journal()) == []
    listing.write(partner, statuses=[], sources=["contracts"])
    listing.listed()


def test_a_permission_that_is_missing_is_named_and_nobody_is_listed(new_tenant, listing):
    partner = new_tenant(identities={"inventory": {**APP, "app_permissions": {"graph": READS[:1]}}})
    partner.put_state("delegatedAdminRelationships", [relation("00000000-0000-4000-8000-000000000001", "Adatum")])
    listing.write(partner)
    done = listing.run()
    assert "Directory.Read.All" in done.stderr and "leave it out of sources" in done.stderr
    assert "adatum" not in done.stdout and not SECRET.search(done.stdout + done.stderr)
    assert listing.run(ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED="1").returncode != 0
    listing.write(partner, sources=["relationships"])
    assert set(listing.listed()["_meta"]["hostvars"]) == {"adatum"}


def test_a_wrong_secret_is_said_and_not_shown(partner, listing):
    listing.write(partner, client_secret="not-a-real-secret-that-is-wrong-0000000000")
    done = listing.run("-vvvvv")
    assert "AADSTS7000215" in done.stderr and not SECRET.search(done.stdout + done.stderr)


def test_the_list_alone_asks_nobody(listing, partner):
    customers = [{"tenant_id": "00000000-0000-4000-8000-000000000001", "name": "Adatum", "domain": "adatum.com", "cloud": "gcc_high"}]
    listing.path.write_text(yaml.safe_dump({"plugin": "m365.defender.partner_tenants", "sources": [], "customers": customers}))
    found = listing.listed()
    assert found["cloud_gcc_high"]["hosts"] == ["adatum.com"]
    listing.path.write_text(yaml.safe_dump({"plugin": "m365.defender.partner_tenants", "sources": [], "customers": [{"tenant_id": "x"}]}))
    assert "must be a GUID" in listing.run().stderr


def test_a_filter_that_can_not_be_worked_out_leaves_nobody_in_who_was_to_be_left_out(listing):
    customers = [{"tenant_id": f"00000000-0000-4000-8000-00000000000{number}", "name": f"Customer {number}"} for number in (1, 2)]
    options = {"plugin": "m365.defender.partner_tenants", "sources": [], "customers": customers}

    def wrote(**more):
        listing.path.write_text(yaml.safe_dump({**options, **more}))

    wrong, right = "m365_customer.nam == 'Customer 1'", "m365_customer.name == 'Customer 1'"
    wrote(exclude_host_filters=[wrong])
    done = listing.run()
    assert f"the filter {wrong} can't be worked out for customer-1" in done.stderr and "00000000-" not in done.stdout
    wrote(include_host_filters=[wrong])
    nobody = listing.listed(warned=f"the filter {wrong} of include_host_filters can't be worked out for 2 of 2 customers")
    assert nobody["_meta"]["hostvars"] == {}
    wrote(include_host_filters=[wrong, right])
    assert set(listing.listed(warned="can't be worked out for 2 of 2")["_meta"]["hostvars"]) == {"customer-1"}
    wrote(include_host_filters=[wrong], strict=True)
    assert "can't be worked out for customer-1" in listing.run().stderr
    wrote(include_host_filters=[right])
    assert set(listing.listed()["_meta"]["hostvars"]) == {"customer-1"}
    wrote(exclude_host_filters=[right])
    assert set(listing.listed()["_meta"]["hostvars"]) == {"customer-2"}


def test_the_login_comes_from_the_environment_as_awx_sets_it(listing, partner):
    partner.put_state("contracts", [{"id": "1", "customerId": "00000000-0000-4000-8000-000000000001", "displayName": "Adatum"}])
    listing.path.write_text(yaml.safe_dump({"plugin": "m365.defender.partner_tenants", "sources": ["contracts"]}))
    reached = partner.connection("inventory")
    found = listing.listed(
        M365_PARTNER_TENANT_ID=reached["tenant_id"],
        M365_CLIENT_ID=reached["client_id"],
        M365_CLIENT_SECRET=reached["client_secret"],
        M365_ENDPOINT=reached["endpoint"],
        REQUESTS_CA_BUNDLE=reached["ca_path"],
        M365_CLOUD="gcc",
    )
    assert found["_meta"]["hostvars"]["adatum"]["m365_cloud"] == "gcc"


def test_another_file_is_not_ours(listing):
    listing.path = listing.folder / "customers.yml"
    listing.path.write_text(yaml.safe_dump({"plugin": "m365.defender.partner_tenants", "sources": []}))
    assert "partner_tenants" in listing.run("-vvv").stderr + listing.run("-vvv").stdout
