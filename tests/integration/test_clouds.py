# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The four steps on a tenant of a cloud that has little of what they are about: what is not there is not applicable, and nothing fails."""

from __future__ import annotations

from tests.integration.playing import of, short

AIR = "m365.defender.air"
LACKING = {
    "device_groups": "The cloud china does not have the Defender portal.",
    "xdr": "The cloud china does not have Defender XDR and Defender for Identity in Microsoft Graph.",
    "action_center": "The cloud china does not have Defender XDR and Defender for Identity in Microsoft Graph.",
}

# It has no permission that this cloud's Microsoft Graph does not have.
APP = {
    "client_id": "aaaaaaaa-0000-4000-8000-000000000009",
    "client_secret": "not-a-real-secret-of-the-app-in-china-0000000",
    "directory_roles": ["Exchange Administrator", "Security Administrator"],
    "app_permissions": {
        "exchange": ["Exchange.ManageAsApp"],
        "graph": [
            "Organization.Read.All",
            "LicenseAssignment.Read.All",
            "RoleManagement.Read.Directory",
            "User.Read.All",
            "Sites.Read.All",
        ],
    },
}


def test_the_four_steps_in_china(new_tenant, ground):
    tenant = new_tenant(cloud="china", identities={"china": APP})
    hosts = {"contoso": of(tenant, "china", cloud="china", portal_session=None)}
    foretold = ground.run(AIR, hosts, "--check")
    assert foretold.code == 0, foretold.output
    assert short(tenant.writes()) == []
    done = ground.run(AIR, hosts)
    assert done.code == 0, done.output
    for run in (foretold, done):
        assert run.names("failed") == run.names("ignored") == [] and "fatal:" not in run.output
        report = run.reports["contoso"]
        steps = {one["step"]: one for one in report["steps"]}
        assert report["failed_steps"] == []
        for step, reason in LACKING.items():
            assert (steps[step]["verdict"], steps[step]["evidence"]) == ("not_applicable", reason)
        found = {one["part"]: one for one in steps["prerequisites"]["findings"]}
        assert found["devices"]["evidence"] == "The cloud china does not have Defender for Endpoint and its API."
        assert report["answer"]["mail"]["verdict"] == "not_applicable"
        for part in ("devices", "Defender for Identity", "Defender for Cloud Apps", "integration"):
            assert found[part]["verdict"] == "not_applicable", part
        assert steps["prerequisites"]["verdict"] == "compliant"
    assert foretold.reports["contoso"]["operations"] == done.reports["contoso"]["operations"] != []
    verdicts = {one["step"]: one["verdict"] for one in done.reports["contoso"]["steps"]}
    assert verdicts["email_protection"] == "compliant"
    said = "The steps that apply are as they should be; not applicable: Device groups, Defender XDR."
    assert done.reports["contoso"]["answer"]["evidence"] == said
    # Not one request goes to a host or for a thing that is not there.
    assert max(entry["status"] for entry in tenant.journal()) < 400
    assert not [entry["url"] for entry in tenant.journal() if ".cn/" not in entry["url"]]
