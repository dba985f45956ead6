# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A partner consents in a customer's tenant: foretold, once, as a whole, and seen in the customer's directory."""

from __future__ import annotations

import json

import pytest

from ansible_collections.m365.defender.plugins.module_utils._app_access import APP_ACCESS
from ansible_collections.m365.defender.plugins.module_utils._partner_consent import PARTNER_CONSENT
from ansible_collections.m365.defender.plugins.module_utils._task import perform
from ansible_collections.m365.defender.plugins.module_utils._tenant import tenant_options

APP = {
    "client_id": "cccccccc-0000-4000-8000-000000000001",
    "client_secret": "not-a-real-secret-of-the-onboarding-0000000000",
    "refresh_token": "not-a-real-refresh-token-of-the-onboarding-000000000000",
    "app_permissions": {},
    "user": {
        "name": "admin@contoso.com",
        "object_id": "dddddddd-0000-4000-8000-000000000001",
        "directory_roles": [],
        "scopes": {"partner": ["user_impersonation"], "graph": ["User.Read"]},
    },
}
SCOPES = {"graph": ["AppRoleAssignment.ReadWrite.All", "Application.ReadWrite.All", "Directory.Read.All"]}
NEW = f"New-applicationConsent {APP['client_id']} {{ApplicationId, ApplicationGrants}}"


class Side:
    def __init__(self, emulator, folder):
        self.partner = emulator.tenant(identities={"onboarding": APP})
        self.customer = emulator.tenant()
        self.relate()
        self.folder = folder
        self.waits = []

    def relate(self, status="active"):
        customer = {"tenantId": self.customer.tenant_id, "displayName": "Adatum"}
        self.partner.put_state("delegatedAdminRelationships", [{"id": "1", "displayName": "One", "status": status, "customer": customer}])

    def run(self, work=PARTNER_CONSENT, check=False, **options):
        blank = {name: spec.get("default") for name, spec in {**tenant_options(), **work.options}.items()}
        login = {name: APP[name] for name in ("client_id", "client_secret", "refresh_token")}
        reached = {"tenant_id": self.customer.tenant_id, "endpoint": self.customer.emulator.url, "ca_path": self.customer.emulator.ca_path}
        own = {"partner_tenant_id": self.partner.tenant_id} if work is PARTNER_CONSENT else {}
        params = {**blank, **login, **reached, **own, "token_cache": str(self.folder), **options}
        return perform(work, params, check=check, diff=True, wait=self.waits.append)

    def writes(self):
        return [entry for tenant in (self.partner, self.customer) for entry in tenant.writes() if "/$batch" not in entry["url"]]


@pytest.fixture
def side(emulator, tmp_path):
    folder = tmp_path / "tokens"
    folder.mkdir(mode=0o700)
    made = Side(emulator, folder)
    yield made
    made.partner.remove()
    made.customer.remove()


def good(result):
    assert not result.get("failed"), result["msg"]
    return result


def test_consent_is_foretold_given_once_and_then_lets_in(side):
    before = side.run(APP_ACCESS, app_id=APP["client_id"])
    assert before["failed"] and before["failure"]["code"] == "AADSTS700016"
    said = good(side.run(check=True, scopes=SCOPES))
    assert side.writes() == []
    done = good(side.run(scopes=SCOPES))
    for key in ("changed", "operations", "diff", "consent"):
        assert said[key] == done[key], key
    assert done["operations"] == [NEW] and done["consent"] == {"present": True, "scopes": SCOPES}
    assert done["tenant"]["writes"] == len(side.writes()) == 1
    again = good(side.run(scopes={"graph": SCOPES["graph"][::-1]}))
    assert (again["changed"], again["diff"], len(side.writes())) == (False, [], 1)
    assert good(side.run(APP_ACCESS, app_id=APP["client_id"]))["access"] == {"present": True}
    assert not [one for one in (APP["client_secret"], APP["refresh_token"]) if one in json.dumps([said, done, again])]


def test_another_consent_is_withdrawn_first_and_its_tokens_are_not_used_any_more(side):
    good(side.run(scopes={"graph": ["Directory.Read.All"]}))
    wish = {"app_id": APP["client_id"], "permissions": {"graph": ["User.Read.All"]}}
    refused = side.run(APP_ACCESS, **wish)
    assert refused["failed"] and "AppRoleAssignment.ReadWrite.All" in refused["failure"]["hint"]
    changed = good(side.run(scopes=SCOPES))
    assert [text.split()[0] for text in changed["operations"]] == ["Remove-applicationConsent", "New-applicationConsent"]
    assert good(side.run(APP_ACCESS, **wish))["changed"], "a token from before would still be refused"


def test_a_consent_is_withdrawn_once(side):
    good(side.run(scopes=SCOPES))
    said = good(side.run(check=True, state="absent"))
    gone = good(side.run(state="absent"))
    assert said["operations"] == gone["operations"] == [f"Remove-applicationConsent {APP['client_id']}"]
    assert gone["consent"] == {"present": False, "scopes": {}}
    assert good(side.run(state="absent"))["changed"] is False
    assert good(side.run(scopes=SCOPES))["changed"] is True


def test_a_consent_that_exists_though_it_does_not_show_is_no_change(side):
    good(side.run(scopes=SCOPES))
    for path in side.folder.iterdir():
        path.unlink()
    side.customer.fault(
        kind="transient", status=400, match={"service": "identity", "path": "*/token"}, times=1, text="AADSTS65001: not consented"
    )
    result = good(side.run(scopes=SCOPES))
    assert (result["changed"], result["operations"]) == (False, [])


def test_who_is_no_customer_is_said(side):
    side.relate(status="terminated")
    result = side.run(scopes=SCOPES)
    assert result["failed"] and result["failure"]["service"] == "partner" and "customer of this partner" in result["msg"]


def test_an_app_alone_is_refused_with_what_to_do(side):
    result = side.run(scopes=SCOPES, refresh_token="")
    assert result["failed"] and result["failure"]["kind"] == "forbidden" and "refresh_token" in result["failure"]["hint"]


def test_another_cloud_has_no_partner_center(side):
    result = side.run(scopes=SCOPES, cloud="china")
    assert result["failed"] and not [entry for entry in side.partner.journal() if "partnercenter" in entry["url"]]


def test_a_lost_answer_is_looked_for(side):
    side.partner.fault(kind="reset", match={"service": "partner"}, times=1, when="after")
    result = good(side.run(scopes=SCOPES))
    assert result["changed"] and result["operations"] == [NEW]
    assert len(side.writes()) == 1


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({}, "scopes must name"),
        ({"scopes": {"graph": []}}, "scopes must name"),
        ({"scopes": {"graph": ["Directory.Read.All,User.Read"]}}, "no name of a permission"),
        ({"scopes": SCOPES, "state": "absent"}, "leave scopes out"),
        ({"scopes": SCOPES, "app_id": "Audit"}, "a GUID"),
    ],
)
def test_wrong_options_are_refused_before_anything_is_sent(side, options, reason):
    result = side.run(**options)
    assert result["failed"] and reason in result["msg"]
    assert side.partner.journal() == side.customer.journal() == []
