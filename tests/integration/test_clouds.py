# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The four steps in every cloud but the commercial one, all in one run: where requests go, and what is said of what is not there."""

from __future__ import annotations

import json
import re
from collections import Counter
from urllib.parse import urlsplit

from tests.integration.playing import of, short

AIR = "m365.defender.air"
STEPS = ("prerequisites", "device_groups", "email_protection", "xdr", "action_center")
OK, BAD, NONE, MANUAL = "compliant", "not_compliant", "not_applicable", "manual"
# By cloud, the hosts to which requests may go, and must. A region's label, a tenant's name and a port stand before or behind them.
HOSTS = {
    "gcc": {
        *("login.microsoftonline.com", "graph.microsoft.com", "outlook.office365.com", "ps.compliance.protection.outlook.com"),
        *("api-gcc.securitycenter.microsoft.us", "security.microsoft.com"),
    },
    "gcc_high": {
        *("login.microsoftonline.us", "graph.microsoft.us", "outlook.office365.us", "ps.compliance.protection.office365.us"),
        *("api-gov.securitycenter.microsoft.us", "security.microsoft.us"),
    },
    "dod": {
        *("login.microsoftonline.us", "dod-graph.microsoft.us", "outlook-dod.office365.us", "l5.ps.compliance.protection.office365.us"),
        *("api-gov.securitycenter.microsoft.us", "security.apps.mil"),
    },
    "china": {
        *("login.chinacloudapi.cn", "microsoftgraph.chinacloudapi.cn", "partner.outlook.cn"),
        "ps.compliance.protection.partner.outlook.cn",
    },
}
# What must be said. But in China it is what is said of the same tenant in the commercial cloud.
VERDICTS = {**dict.fromkeys(("gcc", "gcc_high", "dod"), (MANUAL, OK, OK, OK, OK)), "china": (OK, NONE, OK, NONE, NONE)}
FORETOLD = (OK, NONE, BAD, NONE, NONE)  # of China, in check mode
LACKING = {
    "device_groups": "The cloud china does not have the Defender portal.",
    "xdr": "The cloud china does not have Defender XDR and Defender for Identity in Microsoft Graph.",
    "action_center": "The cloud china does not have Defender XDR and Defender for Identity in Microsoft Graph.",
}
PORTALS = {"gcc": "security.microsoft.com", "gcc_high": "security.microsoft.us", "dod": "security.apps.mil"}

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


def hosts_of(tenant):
    """The hosts that requests of a tenant went to, without a region's label, which only Security & Compliance has."""
    found = {urlsplit(entry["url"]).hostname for entry in tenant.journal()}
    return {re.sub(r"^eur05b\.", "", host) for host in found}


def verdicts(report):
    assert tuple(one["step"] for one in report["steps"]) == STEPS
    return tuple(one["verdict"] for one in report["steps"])


def test_the_four_steps_in_every_cloud(new_tenant, ground, emulator):
    tenants = {cloud: new_tenant(cloud=cloud, identities={"china": APP} if cloud == "china" else {}) for cloud in HOSTS}
    hosts = {
        cloud: of(tenant, "china" if cloud == "china" else "writer", cloud=cloud, **({"portal_session": None} if cloud == "china" else {}))
        for cloud, tenant in tenants.items()
    }
    strangers = len(emulator.control("GET", "journal"))
    # In check mode one is enough: what differs there is what is not there.
    foretold = ground.run(AIR, {"china": hosts["china"]}, "--check")
    assert foretold.code == 0, foretold.output
    assert short(tenants["china"].writes()) == [] and verdicts(foretold.reports["china"]) == FORETOLD
    done = ground.run(AIR, hosts)
    assert done.code == 0, done.output
    again = ground.run(AIR, hosts)
    assert again.code == 0 and again.names("changed") == [], again.output
    for run in (foretold, done, again):
        assert run.names("failed") == run.names("ignored") == [] and "fatal:" not in run.output

    for cloud, tenant in tenants.items():
        assert hosts_of(tenant) == HOSTS[cloud]
        refused = short(entry for entry in tenant.journal() if entry["status"] >= 400)
        assert [line for line in refused if PORTALS.get(cloud, "-") not in line] == [], "but for the renewal of a portal session"
        reports = [run.reports[cloud] for run in (done, again)]
        assert [verdicts(report) for report in reports] == 2 * [VERDICTS[cloud]], cloud
        assert all(report["failed_steps"] == [] for report in reports)
        assert reports[0]["operations"] != [] == reports[1]["operations"]
        # Nobody is sent to another cloud's portal.
        links = set(re.findall(r"https://security\.[a-z.]+", json.dumps(reports)))
        assert links <= {f"https://{PORTALS[cloud]}"} if cloud in PORTALS else not links, (cloud, links)
        assert all(any(note.endswith("is a guess.") for note in one["notes"]) == (cloud in ("gcc_high", "dod")) for one in reports)
    # Whether a host is reached is tried without a token: each once in each run, by each tenant that has it.
    tried = Counter(urlsplit(entry["url"]).hostname for entry in emulator.control("GET", "journal")[strangers:])
    assert tried == Counter([*(2 * [host for known in HOSTS.values() for host in known]), *HOSTS["china"]])
    assert foretold.reports["china"]["operations"] == done.reports["china"]["operations"]
    china(foretold.reports["china"], done.reports["china"])


def china(foretold, done):
    """Of a tenant of a cloud that has little of what the steps are about: what is not there is not applicable."""
    for report in (foretold, done):
        steps = {one["step"]: one for one in report["steps"]}
        for step, reason in LACKING.items():
            assert steps[step]["evidence"] == reason
        found = {one["part"]: one for one in steps["prerequisites"]["findings"]}
        assert found["devices"]["evidence"] == "The cloud china does not have Defender for Endpoint and its API."
        assert report["answer"]["mail"]["verdict"] == NONE
        for part in ("devices", "Defender for Identity", "Defender for Cloud Apps", "integration"):
            assert found[part]["verdict"] == NONE, part
    said = "The steps that apply are as they should be; not applicable: Device groups, Defender XDR."
    assert done["answer"]["evidence"] == said
