# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every example of every module is run, as it stands in the documentation, against a tenant that has what the example speaks of.

Only the way to the tenant is put in: contoso.com is the tenant's own domain, /etc/m365 the test's folder, and nothing is waited for. Many
modules in one run of ansible-playbook, because each start costs a second or two.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.m365.defender.plugins.module_utils._options import SIGN_IN, tenant_options
from emulator.testing import EmulatedTenant, app_certificate
from tests.integration import partners
from tests.integration.playing import of, task
from tests.unit.forms.hars import RecordingBrowser, har
from tools.workspace import ROOT

MODULES = sorted(path.stem for path in (ROOT / "plugins" / "modules").glob("*.py"))
RUNS = 2
# What an example says of the way to its tenant and of the login. Everything else of it stays.
CONNECTION = {*SIGN_IN, "tenant_id", "client_id", "proxy"}
MODEL = "model.onmicrosoft.com"
LIVED_IN = {  # the tenants in which something happens
    "action_history_info",
    "alert_info",
    "audit_info",
    "incident_info",
    "investigation_info",
    "machine_action",
    "machine_action_info",
    "mail_remediation",
    "pending_action",
    "pending_action_info",
    "pending_report",
    "request_form",
}
HOSTS = {"pending_report": ("contoso.onmicrosoft.com", "fabrikam.onmicrosoft.com")}  # the names of which an example speaks
PEOPLE = "33333333-4444-5555-6666-777777777777"
INVOICE, UPDATER, MAIL = (f"abababab-0000-4000-8000-00000000020{digit}" for digit in (1, 2, 3))  # actions that wait in the tenant lived_in
DOMAINS = [
    {"DomainName": "{initialDomain}", "Name": "{initialDomain}", "Default": False},
    {"DomainName": "{customDomain}", "Name": "{customDomain}", "InitialDomain": False, "Default": True},
]
# Who makes applications has a login of its own, which takes a secret.
MAKERS = {"app_access", "app_registration", "role_group"}
MAKING: dict[str, Any] = {
    "client_id": "bbbbbbbb-0000-4000-8000-000000000001",
    "client_secret": "not-a-real-secret-of-the-onboarding-0000000000",
    "directory_roles": ["Exchange Administrator"],
    "app_permissions": {
        "graph": ["Application.ReadWrite.All", "AppRoleAssignment.ReadWrite.All", "RoleManagement.ReadWrite.Directory"],
        "exchange": ["Exchange.ManageAsApp"],
    },
}
CUSTOMIZED = {"admin_audit_log_config", "role_group"}
RULE = {"rule": {"sent_to_member_of": ["pilot@contoso.com"]}}
# What the examples of a module take for granted.
BEFORE: dict[str, list[dict[str, Any]]] = {
    "configuration": [
        task("There is a policy for accounts", "anti_phish_policy", {"name": "Phishing of accounts", **RULE}),
        task("There is a policy for the board", "anti_phish_policy", {"name": "Phishing of the board", **RULE}),
        task("Read what was saved", "configuration_info", {"kinds": ["anti_phish_policy", "safe_links_policy"]}, register="saved"),
        *(
            {
                "name": f"Save it as {name}",
                "ansible.builtin.copy": {"content": "{{ saved.configuration | to_nice_yaml }}", "dest": name},
            }
            for name in ("saved.yml", "configuration.yml")
        ),
    ],
    "safe_links_policy": [task("There is a policy", "safe_links_policy", {"name": "Links for the pilot group", **RULE})],
}


def text_of(module: str) -> str:
    return str(import_module(f"ansible_collections.m365.defender.plugins.modules.{module}").EXAMPLES)


def every(tasks: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The tasks, and those of their blocks."""
    for one in tasks:
        yield one
        for part in ("block", "rescue", "always"):
            yield from every(one.get(part) or [])


def led(text: str, words: Mapping[str, str]) -> list[dict[str, Any]]:
    """Tasks that the play leads to their tenant. What one would wait for is shown instead, so that it is worked out at least."""
    for word, instead in words.items():
        text = text.replace(word, instead)
    tasks: list[dict[str, Any]] = yaml.safe_load(text)
    for one in every(tasks):
        for action, options in one.items():
            if action.startswith("m365.defender.") and options:
                one[action] = {name: value for name, value in options.items() if name not in CONNECTION}
    result = []
    for one in tasks:
        condition = one.pop("until", None)
        patience = [one.pop(word, None) for word in ("retries", "delay")]
        result.append(one)
        if condition:
            assert all(patience), one["name"]
            result.append({"name": f"{one['name']}: is it so", "ansible.builtin.debug": {"msg": f"{{{{ ({condition}) | bool }}}}"}})
    return result


def play(module: str, hosts: Mapping[str, EmulatedTenant], home: Path) -> dict[str, Any]:
    (tenant, *dummy) = hosts.values()
    words = {"contoso.onmicrosoft.com": tenant.domain, "contoso.com": tenant.custom_domain, "/etc/m365": str(home)}
    if module == "partner_consent":
        words["contoso.onmicrosoft.com"] = '"{{ partner }}"'
    if module in HOSTS:
        del words["contoso.onmicrosoft.com"]
    words["c8a6b1a2-0000-4000-8000-000000000001"] = MAIL
    before = led(json.dumps(BEFORE.get(module, [])), words)
    if module == "pending_action":
        before += led(text_of("request_form"), words)
    return {
        "name": f"Examples of {module}",
        "hosts": list(hosts),
        "gather_facts": False,
        "ignore_errors": True,  # so that the other modules' turn comes all the same
        "module_defaults": {"group/m365.defender.tenant": {name: f"{{{{ m365_{name} | default(omit) }}}}" for name in tenant_options()}},
        "tasks": [*before, *led(text_of(module), words)],
    }


def prepare(module: str, tenant: EmulatedTenant) -> None:
    """What of a tenant is not made by our modules."""
    if module == "preset_security_policy":
        for preset in ("Standard", "Strict"):  # the first time is the portal's
            tenant.turn_on(preset)
    if module in CUSTOMIZED:
        tenant.cmdlet("Enable-OrganizationCustomization")
    if module == "device_group":
        tenant.put_state("portal.aad_groups", [*tenant.state("portal.aad_groups"), {"ObjectId": PEOPLE, "DisplayName": "Server team"}])
    if module == "mail_remediation":
        message = {"NetworkMessageId": "fb000000-0000-4000-8000-000000000001", "RecipientEmailAddress": "adele@contoso.com"}
        more = {"Timestamp": "2026-01-01T00:00:00Z", "SenderFromAddress": "billing@fabrikam.com", "DeliveryAction": "Delivered"}
        tenant.put_state("hunting.EmailEvents", [{**message, **more}])


def record(tenant: EmulatedTenant, home: Path) -> None:
    """Two decisions in a browser that records them, as the examples speak of them."""
    for name, word, action, comment in (
        ("approved", "Approve", INVOICE, "seen"),
        ("rejected", "Reject", UPDATER, "a remark that I wrote"),
    ):
        browser = RecordingBrowser(tenant)
        row = next(one for one in browser.look() if one["ActionId"] == action)
        assert browser.decide(word, row, comment)["Accepted"]
        (home / f"{name}.har").write_text(json.dumps(har(*browser.entries)))


@pytest.fixture
def hosts_of(new_tenant, tmp_path):
    """Makes the tenants of a module, and gives each host's tenant and variables."""
    certificate = app_certificate(tmp_path / "app.pem")
    for name in ("audit-certificate", "contoso", "contoso-sharepoint", "onboarding"):
        (tmp_path / f"{name}.pem").write_text(certificate)

    def make(module):
        made = {}
        for host in HOSTS.get(module, (module,)):
            tenant = new_tenant(
                "lived_in" if module in LIVED_IN else "fresh_e5", objects={"AcceptedDomain": DOMAINS}, identities={"onboarding": MAKING}
            )
            prepare(module, tenant)
            tenant.trust(certificate)
            variables = of(tenant, "certificate", client_certificate=str(tmp_path / "app.pem"), client_secret=None)
            if module in MAKERS:
                variables = of(tenant, "onboarding")
            if module == "partner_consent":
                variables |= consenting(new_tenant, tenant)
            made[host] = tenant, {**variables, "portal_session": tenant.portal_session}
        return made

    return make


def consenting(new_tenant: Any, customer: EmulatedTenant) -> dict[str, Any]:
    """The variables of a partner's host for its customer."""
    partner = new_tenant(identities={"onboarding": partners.APP})
    partners.relate(partner, customer)
    login = {f"m365_{name}": partners.APP[name] for name in partners.LOGIN}
    return {**login, "m365_client_certificate": None, "partner": partner.tenant_id}


@pytest.mark.parametrize("turn", range(RUNS))
def test_every_example_can_be_run(turn, hosts_of, new_tenant, ground):
    home = ground.home
    (home / "saved").mkdir()
    (home / "hashes.json").write_text(json.dumps([{"entry": digit * 64} for digit in "ab"]))
    record(new_tenant("lived_in"), home)
    plays, inventory = [], {}
    for module in MODULES[turn::RUNS]:
        made = hosts_of(module)
        inventory |= {host: variables for host, (dummy, variables) in made.items()}
        plays.append(play(module, {host: tenant for host, (tenant, dummy) in made.items()}, home))

    run = ground.run(plays, inventory)

    refused = [
        f"{one.host}: {one.name}: {one.result.get('msg')}" for one in run.tasks if one.status in ("failed", "ignored", "unreachable")
    ]
    assert refused == [], "\n".join(refused)
    assert run.code == 0, run.output[-3000:]
    ran = {one.action for one in run.tasks if one.status in ("ok", "changed")}
    assert {f"m365.defender.{module}" for module in MODULES[turn::RUNS]} - ran == set()
