# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every module through its life, as its integration target tells it, and what the tenant's journal says of it."""

from __future__ import annotations

import pytest

from emulator.testing import app_certificate
from tests.integration import partners
from tests.integration.playing import HERE, during, of, short, writes
from tools.workspace import ROOT

MODULES = sorted(path.stem for path in (ROOT / "plugins" / "modules").glob("*.py"))
# Have no connection; shown by the playbooks, and by tests of their own.
NOT_OF_A_TENANT = {"report", "request_form", "pending_report", "preflight"}
CERTIFIED = {"sharepoint_tenant"}  # the service takes an app only with a certificate
BEGUN = {"preset_security_policy": "Standard"}  # the first switching on of a preset is the portal's
# Those who make applications have a login of their own, which is none of every day.
ONBOARDING = {"app_registration", "app_access", "role_group"}
RIGHTS = ["Application.ReadWrite.All", "AppRoleAssignment.ReadWrite.All", "RoleManagement.ReadWrite.Directory"]
APP = {
    "client_id": "bbbbbbbb-0000-4000-8000-000000000001",
    "client_secret": "not-a-real-secret-of-the-onboarding-0000000000",
    "app_permissions": {"graph": RIGHTS, "exchange": ["Exchange.ManageAsApp"]},
    "directory_roles": ["Exchange Administrator"],
}
CUSTOMIZED = {"role_group"}  # refused in an organization that still shares Microsoft's settings
OF_PARTNERS = {"partner_consent"}  # a partner's doing in the tenant of a customer
TARGETS = sorted(path.name for path in (HERE / "targets").iterdir() if (path / "tasks" / "main.yml").exists())


def test_every_module_has_its_target():
    assert set(MODULES) - NOT_OF_A_TENANT == set(TARGETS)


@pytest.mark.parametrize("target", TARGETS)
def test_target(target, new_tenant, ground, tmp_path):
    tenant = new_tenant(identities={"onboarding": APP})
    host = of(tenant, "onboarding" if target in ONBOARDING else "writer")
    if target in CUSTOMIZED:
        tenant.cmdlet("Enable-OrganizationCustomization")
    if target in BEGUN:
        tenant.turn_on(BEGUN[target])
    partner = new_tenant(identities={"onboarding": partners.APP}) if target in OF_PARTNERS else None
    if partner:
        partners.relate(partner, tenant)
        login = {f"m365_{name}": partners.APP[name] for name in partners.LOGIN}
        host = {**of(tenant), **login, "m365_partner_tenant_id": partner.tenant_id}
    if target in CERTIFIED:
        tenant.trust(app_certificate(tmp_path / "app.pem"))
        host = of(tenant, "certificate", client_certificate=str(tmp_path / "app.pem"))
    run = ground.run([{"hosts": "all", "gather_facts": False, "roles": [target]}], {"contoso": host})

    assert run.code == 0, run.output
    ours = [task for task in run.tasks if "m365.defender." in task.action]
    for task in ours:
        seen = [entry for one in (tenant, partner) if one for entry in during(one, task)]
        wrote = short(writes(seen))
        if task.check or task.status == "ok":
            assert wrote == [], f"{task.name} wrote"
        else:
            assert wrote, f"{task.name} is {task.status} without a write"
        if "Refuse" in task.name:
            assert short(seen) == [], f"{task.name} asked before it refused"
    assert any(task.check for task in ours)
