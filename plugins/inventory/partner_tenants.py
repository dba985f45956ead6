# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: partner_tenants
short_description: The tenants of a partner's customers as hosts
version_added: 1.0.0
author: The m365.defender contributors (@m365-defender)
description:
  - Makes one host of each customer of a partner, with the variables that the playbooks of this collection look at.
  - Customers are those with whom the partner has a relationship for granular delegated administration (GDAP) or a contract, as Microsoft
    Graph lists them in the partner's own tenant, and those of a list of your own.
  - It signs in to the partner's own tenant. The customers' tenants are asked for their licences only, and only with O(licenses).
  - Each host is in the group O(group), in C(cloud_<cloud>) and in C(relationship_<status>), or C(relationship_none). A host whose
    relationship ends within O(expiring_within) days, and is not extended by itself, is in C(relationship_ends_soon), and in
    C(relationship_ended) after that. With O(licenses) it is in C(license_<subscription>) for each subscription that matters here, and in
    C(air_yes) or C(air_no) for automated investigation and response, or in C(license_unknown).
  - The configuration file must end in C(partner_tenants.yml) or C(partner_tenants.yaml).
options:
  plugin:
    description: Marks the file as one for this plugin.
    type: str
    required: true
    choices: [m365.defender.partner_tenants]
  tenant_id:
    description:
      - The partner's own tenant, a GUID or one of its domains. Needed unless O(sources) is empty.
    type: str
    required: false
    env:
      - name: M365_PARTNER_TENANT_ID
      - name: M365_TENANT_ID
  sources:
    description:
      - What Microsoft Graph is asked for. A source that can't be read fails the whole inventory; it never counts as empty.
      - V(relationships) needs the application permission C(DelegatedAdminRelationship.Read.All) and tells when a relationship ends.
        V(contracts) needs C(Directory.Read.All), and alone tells a customer's domain. Microsoft does not keep names and domains of
        contracts up to date.
      - An empty list asks nobody, so that there are only the O(customers) of the list.
    type: list
    elements: str
    choices: [relationships, contracts]
    default: [relationships, contracts]
  statuses:
    description:
      - Which relationships count, at least one state. A customer without one of them is found by its contract only, if it has one.
    type: list
    elements: str
    choices:
      - created
      - approvalPending
      - approved
      - activating
      - active
      - expiring
      - expired
      - terminationRequested
      - terminating
      - terminated
    default: [active]
  customers:
    description:
      - Customers of your own list, beside those that are found. What it says of a customer that is found too goes before what was found.
    type: list
    elements: dict
    default: []
    suboptions:
      tenant_id:
        description: The customer's tenant, a GUID.
        type: str
        required: true
      name:
        description: What people call the customer.
        type: str
      domain:
        description: A domain that the tenant must own, which becomes C(m365_expected_domain).
        type: str
      cloud:
        description: In which of Microsoft's clouds the tenant lives, if not in O(cloud).
        type: str
        choices: [commercial, gcc, gcc_high, dod, china]
      vars:
        description: Variables of the customer's host. They go before all others.
        type: dict
  hostnames:
    description:
      - What a host is called after, in this order. The first name that the customer has, and no other customer has too, is taken; a name
        of several words is joined by hyphens. The tenant's id is the last resort, because it is always there.
      - A name that is also that of a group, or C(localhost), is not taken, because Ansible would take the host for something else.
      - All but the tenant's id can change, when the customer is called otherwise, when a contract tells its domain, or when a second
        customer or a group has the same name, which is warned of. Variables kept in C(host_vars) by the old name count for nobody then.
        Keep the variables of one customer in O(customers[].vars), which goes by the tenant's id, or name hosts by V(tenant_id) alone.
    type: list
    elements: str
    choices: [domain, name, tenant_id]
    default: [domain, name, tenant_id]
  group:
    description: The group of all customers. An empty string makes none.
    type: str
    default: customers
  expiring_within:
    description: How many days before its end a relationship counts as ending soon.
    type: int
    default: 30
  licenses:
    description:
      - Whether to ask each customer's tenant for its licences, with the same identity. It needs C(LicenseAssignment.Read.All) there.
      - This costs three requests for each customer, and a customer whose tenant can't be read is in C(license_unknown). Use the cache,
        which keeps what was read; a tenant that could not be read is asked again each time.
    type: bool
    default: false
  include_host_filters:
    description:
      - Conditions, as after C(when). A host is kept if one of them is true. Without any, all are kept.
      - One that can't be worked out counts as false, with a warning, or is an error with O(strict).
    type: list
    elements: str
    default: []
  exclude_host_filters:
    description:
      - Conditions, as after C(when). A host is left out if one of them is true.
      - One that can't be worked out is an error, so that a slip of the pen never has a customer worked on who was to be left alone.
    type: list
    elements: str
    default: []
extends_documentation_fragment:
  - m365.defender.tenant
  - ansible.builtin.constructed
  - ansible.builtin.inventory_cache
notes:
  - Connection options may be templates, for example a lookup in a secret store, or values encrypted with ansible-vault. None of them
    becomes a variable of a host, and none is kept in the cache.
  - With O(cache) what Graph said is kept, and nothing that is known is asked until it has expired, unless the file asks for something
    else now. Groups, days left and filters are worked out anew each time.
  - Microsoft documents the list of relationships for the worldwide cloud; pages differ about others.
  - If the inventory can't be read, or one of its hosts can't be made, Ansible warns and goes on without any of its hosts.
    Set E(ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED) to have
    it stop instead.
  - The options O(expected_domain), O(portal_session), O(ledger), O(max_writes_per_tenant) and O(read_back_timeout) mean nothing here.
seealso:
  - ref: ansible_collections.m365.defender.docsite.providers
    description: A guide for service providers.
"""

EXAMPLES = r"""
# customers.partner_tenants.yml: all customers with an active relationship or a contract
plugin: m365.defender.partner_tenants
tenant_id: contoso.onmicrosoft.com
client_id: 00000000-0000-0000-0000-000000000000
client_certificate: /etc/m365/inventory.pem
cache: true
cache_plugin: ansible.builtin.jsonfile
cache_connection: ~/.cache/m365_customers
cache_timeout: 86400

# Without contracts, which need a wider permission; the domain comes from a list
---
plugin: m365.defender.partner_tenants
tenant_id: contoso.onmicrosoft.com
client_id: 00000000-0000-0000-0000-000000000000
client_secret: "{{ lookup('ansible.builtin.env', 'PARTNER_SECRET') }}"
sources: [relationships]
customers:
  - tenant_id: 11111111-1111-1111-1111-111111111111
    domain: fabrikam.com
    vars:
      email_protection_target: strict

# Groups of your own: rings by the first letter of the name, customers that must be renewed, only those with the licences for it
---
plugin: m365.defender.partner_tenants
tenant_id: contoso.onmicrosoft.com
client_id: 00000000-0000-0000-0000-000000000000
client_certificate: /etc/m365/inventory.pem
licenses: true
expiring_within: 60
exclude_host_filters:
  - m365_licenses.air is defined and not m365_licenses.air.qualifies
groups:
  renew: m365_customer.days_left is not none and m365_customer.days_left < 60
keyed_groups:
  - key: m365_customer.name[:1] | lower
    prefix: letter
compose:
  m365_report_folder: "'/srv/reports/' ~ inventory_hostname"

# Names that never change, so that the file of a customer in host_vars is always that customer's; groups by domain to limit to
---
plugin: m365.defender.partner_tenants
tenant_id: contoso.onmicrosoft.com
client_id: 00000000-0000-0000-0000-000000000000
client_certificate: /etc/m365/inventory.pem
hostnames: [tenant_id]
keyed_groups:
  - key: m365_expected_domain | default('unknown')
    prefix: domain
"""

import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from ansible.errors import AnsibleParserError
from ansible.inventory.data import InventoryData
from ansible.plugins.inventory import BaseInventoryPlugin, Cacheable, Constructable

from ansible_collections.m365.defender.plugins.module_utils._errors import TenantError, one_line
from ansible_collections.m365.defender.plugins.module_utils._options import ENVIRONMENT, SIGN_IN, given, tenant_options
from ansible_collections.m365.defender.plugins.module_utils._secrets import scrubbed, secrets_in
from ansible_collections.m365.defender.plugins.module_utils._sign_in_choice import with_environment
from ansible_collections.m365.defender.plugins.module_utils._tenant import Tenant
from ansible_collections.m365.defender.plugins.plugin_utils._customer_reading import licenses_of, rows_of
from ansible_collections.m365.defender.plugins.plugin_utils._customers import (
    Customer,
    clashes,
    customers_of,
    faults,
    groups,
    license_groups,
    named,
    variables,
)

try:
    from ansible.utils.unsafe_proxy import wrap_var as untrusted
except ImportError:  # from 2.19 on ansible-core takes nothing for a template that does not come from the operator's own files

    def untrusted(value: Any) -> Any:
        """As it is."""
        return value


THIS_MACHINE = ("localhost", "127.0.0.1", "::1")  # Ansible knows these without an inventory


class _Draft(InventoryData):
    """An inventory that nobody sees, and what it was told. Its hosts are as other sources left them.

    A host may be called as a group is, because nothing is put into groups.
    """

    def __init__(self, real: InventoryData) -> None:
        self.told: list[tuple[str, tuple[Any, ...]]] = []
        super().__init__()
        for name, host in real.hosts.items():
            self.add_host(name)
            self.hosts[name].vars, self.hosts[name].groups = dict(host.vars), list(host.groups)
        self.told.clear()

    def add_group(self, group: str) -> str:
        self.told.append(("add_group", (group,)))
        return str(super().add_group(group))

    def add_host(self, host: str, group: str | None = None, port: int | str | None = None) -> str:
        self.told.append(("add_host", (host, group, port)))
        return str(super().add_host(host, group, port))

    def set_variable(self, entity: str, varname: str, value: Any) -> None:
        self.told.append(("set_variable", (entity, varname, value)))
        super().set_variable(entity, varname, value)

    def add_child(self, group: str, child: str) -> bool:
        self.told.append(("add_child", (group, child)))
        return True

    def tell(self, real: InventoryData) -> None:
        """Tells another inventory the same."""
        for method, what in self.told:
            getattr(real, method)(*what)


class InventoryModule(BaseInventoryPlugin, Constructable, Cacheable):
    NAME = "m365.defender.partner_tenants"
    _unclear: dict[str, list[str]]  # filters that could not be worked out, with why for each host

    def verify_file(self, path: str) -> bool:
        return bool(super().verify_file(path)) and path.endswith(("partner_tenants.yml", "partner_tenants.yaml"))

    def parse(self, inventory: Any, loader: Any, path: str, cache: bool = True) -> None:
        super().parse(inventory, loader, path, cache)
        self._read_config_data(path)
        wrong = faults(self.get_option("customers"))
        if "relationships" in self.get_option("sources") and not self.get_option("statuses"):
            wrong.append("statuses names no state of relationships; leave relationships out of sources to ask for none")
        if wrong:
            raise AnsibleParserError("; ".join(wrong))
        known = self._known(path, cache)
        customers = self._customers(known["rows"], known["asked"]["cloud"])
        preference, now = self.get_option("hostnames"), datetime.now(UTC)
        meant = {*THIS_MACHINE, *self.inventory.groups}
        hosts = named(customers, preference, meant)
        draft = self._drafted(hosts, known, now)
        meant |= draft.groups.keys()
        for sentence in clashes(customers, preference, meant):
            self.display.warning(one_line(f"{path}: {sentence}."))
        renamed = named(customers, preference, meant)
        # Templates take their time, for each of hundreds of customers.
        (draft if renamed == hosts else self._drafted(renamed, known, now)).tell(self.inventory)
        for condition, whys in self._unclear.items():
            counts = f"can't be worked out for {len(whys)} of {len(customers)} customers and counts as false"
            self.display.warning(one_line(f"{path}: the filter {condition} of include_host_filters {counts}: {whys[0]}"))

    def _known(self, path: str, cache: bool) -> dict[str, Any]:
        """What the services say, from the cache if that has it.

        Two things are never kept: the list of the file, which is at hand, and licences that could not be read, which are asked for again.
        """
        asked = {name: self._plain(self.get_option(name)) for name in ("tenant_id", "sources", "statuses", "licenses")}
        asked["cloud"] = self._params()["cloud"]
        listed = self.get_option("customers") if asked["licenses"] else ()
        asked["listed"] = [[str(one["tenant_id"]), str(one.get("cloud") or "")] for one in listed]
        use, key = bool(self.get_option("cache")), self.get_cache_key(path)
        if use and cache:
            with suppress(KeyError):
                kept = self._cache[key]
                if kept["asked"] == asked:
                    return {**kept, "licenses": self._licenses(kept["rows"], kept["licenses"])}
        rows = self._rows()
        licenses = self._licenses(rows, {})
        if use:
            read = {number: one for number, one in licenses.items() if "unknown" not in one}
            self._cache[key] = {"asked": asked, "rows": rows, "licenses": read}
        return {"asked": asked, "rows": rows, "licenses": licenses}

    def _customers(self, rows: Mapping[str, Any], cloud: str) -> list[Customer]:
        return customers_of(rows.get("relationships", ()), rows.get("contracts", ()), self.get_option("customers"), cloud)

    def _rows(self) -> dict[str, list[Any]]:
        params, sources = self._params(), self.get_option("sources")
        secrets = secrets_in(tenant_options(), params)
        tenant = None
        try:
            if not sources:
                return {}
            tenant = Tenant(params)
            return rows_of(tenant, sources, self.get_option("statuses"))
        except TenantError as error:
            hint = "Or leave it out of sources." if error.kind == "forbidden" and len(sources) > 1 else ""
            raise AnsibleParserError(scrubbed(f"{error.message} {hint}".strip(), (*secrets, *(tenant.secrets if tenant else ())))) from None
        finally:
            if tenant is not None:
                tenant.close()

    def _licenses(self, rows: Mapping[str, Any], kept: Mapping[str, Any]) -> dict[str, Any]:
        """What each customer has, if that is wanted. Asked of those of whom nothing is kept."""
        if not self.get_option("licenses"):
            return {}
        params = self._params()
        secrets = secrets_in(tenant_options(), params)
        others = [one for one in self._customers(rows, params["cloud"]) if one.tenant_id not in kept]
        return {**kept, **{number: scrubbed(one, secrets) for number, one in licenses_of(others, params).items()}}

    def _params(self) -> dict[str, Any]:
        """The connection options: from the file, where templates are worked out, or from the environment."""
        params = {}
        for name, spec in tenant_options().items():
            value = self._plain(self.get_option(name))
            if name not in SIGN_IN and (value in (None, "") or (name in ENVIRONMENT and value == spec.get("default"))):
                value = next((os.environ[one] for one in ENVIRONMENT.get(name, ()) if os.environ.get(one)), value)
            params[name] = value
        params["portal_session"] = None
        return with_environment(given(params), os.environ)

    def _plain(self, value: Any) -> Any:
        """A value of the file with its templates worked out, as texts, lists and dictionaries of Python's own."""
        value = self.templar.template(value)
        if isinstance(value, Mapping):
            return {str(name): self._plain(one) for name, one in value.items()}
        if isinstance(value, list | tuple):
            return [self._plain(one) for one in value]
        return str(value) if isinstance(value, str) else value

    def _drafted(self, hosts: Mapping[str, Customer], known: Mapping[str, Any], now: datetime) -> _Draft:
        """What adding the hosts makes. Raises what adding them raises, before any is added: Ansible would go on with some."""
        self._unclear = {}
        real, self.inventory = self.inventory, _Draft(self.inventory)
        try:
            for host, one in hosts.items():
                self._add(host, one, known, now)
            return self.inventory
        finally:
            self.inventory = real

    def _add(self, host: str, one: Customer, known: Mapping[str, Any], now: datetime) -> None:
        # Customers choose their own names; what is in the list of the file may be templates.
        values = {name: value if name in one.own else untrusted(value) for name, value in variables(one, now).items()}
        member_of = groups(one, now, self.get_option("expiring_within"))
        if self.get_option("licenses"):
            licenses = known["licenses"][one.tenant_id]
            values["m365_licenses"] = untrusted(licenses)
            member_of += license_groups(licenses)
        if not self._wanted(host, values):
            return
        self.inventory.add_host(host)
        for name, value in values.items():
            self.inventory.set_variable(host, name, value)
        for name in (self.get_option("group"), *member_of):
            if name:
                self.inventory.add_child(self.inventory.add_group(self._sanitize_group_name(name)), host)
        seen, strict = {**values, "inventory_hostname": host}, self.get_option("strict")
        self._set_composite_vars(self.get_option("compose"), seen, host, strict=strict)
        self._add_host_to_composed_groups(self.get_option("groups"), seen, host, strict=strict)
        self._add_host_to_keyed_groups(self.get_option("keyed_groups"), seen, host, strict=strict)

    def _wanted(self, host: str, values: Mapping[str, Any]) -> bool:
        self.templar.available_variables = {**values, "inventory_hostname": host}
        include, exclude = self.get_option("include_host_filters"), self.get_option("exclude_host_filters")
        return (not include or self._any(include, host, self.get_option("strict"))) and not self._any(exclude, host, True)

    def _any(self, conditions: Iterable[str], host: str, strict: bool) -> bool:
        """Whether one of the conditions is true. One that can't be worked out is not, which is told in the end; if `strict`, an error."""
        for condition in conditions:
            try:
                if self._true(condition):
                    return True
            except Exception as error:  # whatever a template can raise
                if strict:
                    raise AnsibleParserError(f"the filter {condition} can't be worked out for {host}: {error}") from error
                self._unclear.setdefault(condition, []).append(str(error))
        return False

    def _true(self, condition: str) -> bool:
        if hasattr(self.templar, "evaluate_conditional"):  # ansible-core 2.19 and newer
            return bool(self.templar.evaluate_conditional(condition))
        return str(self.templar.template(f"{{% if {condition} %}}True{{% else %}}False{{% endif %}}")).strip() == "True"
