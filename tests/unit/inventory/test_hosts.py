# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hosts that partner_tenants makes of what Microsoft Graph says: customers choose their own names, whatever these mean to Ansible."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from ansible.errors import AnsibleError
from ansible.inventory.data import InventoryData
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import inventory_loader
from ansible.template import Templar

from tests.unit.docs.test_documents import blocks

A, B, C, D = (f"00000000-0000-4000-8000-00000000000{number}" for number in "abcd")
TEMPLATE = "{{ 6 * 7 }}"


@pytest.fixture
def parse(tmp_path, monkeypatch):
    """Makes the inventory of contracts with customers of these names, in tenants A, B and on."""
    path = tmp_path / "customers.partner_tenants.yml"

    def parsed(*names, inventory=None, licenses=None, **options):
        rows = [{"customerId": number, "displayName": name} for number, name in zip((A, B, C, D), names, strict=False)]
        plugin = inventory_loader.get("m365.defender.partner_tenants")
        monkeypatch.setattr(type(plugin), "_rows", lambda self: {"contracts": rows})
        monkeypatch.setattr(type(plugin), "_licenses", lambda self, rows, kept: licenses or {})
        told = []
        monkeypatch.setattr(plugin.display, "warning", lambda text, *more, **how: told.append(text))
        path.write_text(yaml.safe_dump({"plugin": "m365.defender.partner_tenants", "licenses": bool(licenses), **options}))
        found = InventoryData() if inventory is None else inventory
        plugin.parse(found, DataLoader(), str(path))
        return found, told

    return parsed


def in_group(inventory, name):
    return {host.name for host in inventory.groups[name].get_hosts()}


@pytest.mark.parametrize(
    "name",
    [
        "All",
        "ungrouped",
        "localhost",
        "customers",
        "cloud_commercial",
        "relationship_none",
        "license_unknown",
        "of_adatum",
        "here",
        "theirs",
    ],
)
def test_a_customer_that_is_called_as_a_group_is_called_after_its_tenant(parse, name):
    """Ansible would take such a name for the group wherever it stands, and refuses to put a group into itself."""
    before = InventoryData()
    before.add_group("theirs")
    unknown = {number: {"unknown": "busy"} for number in (A, B)}
    more = {"keyed_groups": [{"key": "m365_customer.name | lower", "prefix": "of"}], "groups": {"here": "true"}}
    found, told = parse("Adatum", name, inventory=before, licenses=unknown, **more)
    assert set(found.hosts) == in_group(found, "customers") == in_group(found, "cloud_commercial") == {"adatum", B}
    (said,) = told
    assert f"a customer is called {name.lower()}, which means a group or this machine to Ansible" in said
    assert B in said and f"Variables kept for a host {name.lower()} count for nobody" in said


def test_names_that_mean_nothing_else_are_hosts(parse):
    found, told = parse("Adatum", "Cafe\u0301 Zu\u0308rich", "365", "all of us")
    assert (set(found.hosts), told) == ({"adatum", "caf\u00e9-z\u00fcrich", "365", "all-of-us"}, [])


def test_one_name_typed_in_two_ways_is_one_name(parse):
    found, told = parse("Cafe\u0301", "Caf\u00e9")
    assert set(found.hosts) == {A, B} and "2 customers are called caf\u00e9" in told[0]


@pytest.mark.parametrize(
    "options",
    [
        {"exclude_host_filters": ["m365_customer.name == 'Zeta' and nothing_of_this_name"]},
        {"strict": True, "compose": {"made": "m365_customer.name if m365_customer.name == 'Adatum' else nothing_of_this_name"}},
        {"strict": True, "groups": {"made": "m365_customer.name == 'Adatum' or nothing_of_this_name"}},
    ],
)
def test_where_one_customer_fails_none_is_a_host(parse, options):
    """Ansible warns, and goes on with the hosts that were there by then."""
    inventory = InventoryData()
    with pytest.raises(AnsibleError):
        parse("Adatum", "Zeta", inventory=inventory, **options)
    assert set(inventory.hosts) == set()


def test_groups_see_what_other_sources_say_of_a_host(parse):
    """Strictly: what they need is there before this source is read."""
    before = InventoryData()
    before.add_group("north")
    before.add_host("adatum", "north")
    before.set_variable("adatum", "site", "oslo")
    groups = {"up_there": "'north' in group_names"}
    found, dummy = parse("Adatum", inventory=before, strict=True, groups=groups, keyed_groups=[{"key": "site", "parent_group": "sites"}])
    assert in_group(found, "_oslo") == in_group(found, "up_there") == in_group(found, "sites") == in_group(found, "north") == {"adatum"}
    assert found.hosts["adatum"].vars["site"] == "oslo"


@pytest.mark.parametrize(("names", "times"), [(["Adatum", "Zeta"], 1), (["Adatum", "customers"], 2)])
def test_templates_are_worked_out_once_unless_a_host_needs_another_name(parse, monkeypatch, names, times):
    plugin, asked = inventory_loader.get("m365.defender.partner_tenants"), []
    true = type(plugin)._true
    monkeypatch.setattr(type(plugin), "_true", lambda self, condition: asked.append(condition) or true(self, condition))
    found, dummy = parse(*names, include_host_filters=["inventory_hostname != ''"])
    assert (len(found.hosts), len(asked)) == (2, 2 * times)


def test_what_composes_sees_the_name_of_the_host(parse):
    compose = {"m365_report_folder": "'/srv/reports/' ~ inventory_hostname"}
    found, dummy = parse("Adatum", compose=compose, keyed_groups=[{"key": "inventory_hostname", "prefix": "of"}])
    assert found.hosts["adatum"].vars["m365_report_folder"] == "/srv/reports/adatum"
    assert in_group(found, "of_adatum") == {"adatum"}


PLUGIN = Path(__file__).parents[3] / "plugins" / "inventory" / "partner_tenants.py"
GUIDE = Path(__file__).parents[3] / "docs" / "docsite" / "rst" / "providers.rst"
EXAMPLES = [
    *yaml.safe_load_all(PLUGIN.read_text().partition('EXAMPLES = r"""')[2].partition('"""')[0]),
    *(yaml.safe_load(block) for block in blocks(GUIDE, "yaml") if "plugin: m365.defender.partner_tenants" in block),
]


@pytest.mark.parametrize("options", EXAMPLES, ids=range(len(EXAMPLES)))
def test_what_examples_make_of_customers_can_be_worked_out(parse, options):
    """Ansible passes over what can't, without a word, unless it is told to be strict."""
    known = {number: {"unknown": "busy"} for number in (A, B, *(one["tenant_id"] for one in options.get("customers", ())))}
    made = {name: value for name, value in options.items() if not name.startswith(("cache", "client_", "plugin", "licenses"))}
    found, dummy = parse("Adatum", "Zeta", licenses=known if options.get("licenses") else None, **made, strict=True)
    assert len(found.hosts) == 2 + len(options.get("customers", ()))
    assert all(name in host.vars for host in found.hosts.values() for name in options.get("compose", ()))


def test_a_customers_name_is_no_template_of_ours(parse):
    own = {"tenant_id": B, "domain": "adatum.com", "vars": {"mine": "{{ 6 * 7 }}"}}
    found, dummy = parse(TEMPLATE, customers=[own], compose={"copied": "m365_customer.name"})
    strange, listed = found.hosts["6-7"].vars, found.hosts["adatum.com"].vars
    templar = Templar(DataLoader(), variables={})
    assert templar.template(strange["m365_customer"])["name"] == templar.template(strange["copied"]) == TEMPLATE
    assert str(templar.template(listed["mine"])) == "42"
