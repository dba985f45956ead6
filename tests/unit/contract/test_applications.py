# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Registering applications and giving them access: foretold, once, exact, and never twice because a directory is slow."""

from __future__ import annotations

import json
import os

import pytest

from ansible_collections.m365.defender.plugins.module_utils._app_access import APP_ACCESS
from ansible_collections.m365.defender.plugins.module_utils._app_registration import APP_REGISTRATION
from ansible_collections.m365.defender.plugins.module_utils._task import perform
from ansible_collections.m365.defender.plugins.module_utils._tenant import tenant_options
from emulator.testing import app_certificate

APP = {"client_id": "bbbbbbbb-0000-4000-8000-000000000001", "client_secret": "not-a-real-secret-of-the-onboarding-0000000000"}
RIGHTS = ("Application.ReadWrite.All", "AppRoleAssignment.ReadWrite.All", "RoleManagement.ReadWrite.Directory")
NAME = {"display_name": "Audit"}
WHOLE = {**NAME, "description": "Audits", "permissions": {"graph": ["User.Read.All"], "exchange": ["Exchange.ManageAsApp"]}}
GITHUB = {"name": "github", "issuer": "https://issuer.contoso.com", "subject": "a job"}


class Side:
    """Our side of the wire, as somebody who may make applications."""

    def __init__(self, tenant):
        self.tenant = tenant
        self.waits = []

    def run(self, work, check=False, **options):
        blank = {name: spec.get("default") for name, spec in {**tenant_options(), **work.options}.items()}
        params = {**blank, **self.tenant.connection("onboarding"), **options}
        return perform(work, params, check=check, diff=True, wait=self.waits.append)

    def register(self, check=False, **options):
        return self.run(APP_REGISTRATION, check, **options)

    def give(self, check=False, **options):
        return self.run(APP_ACCESS, check, **options)

    def writes(self):
        return [entry for entry in self.tenant.writes() if not entry["url"].endswith("/$batch")]


@pytest.fixture
def make(emulator):
    """Makes tenants with an app for onboarding that has these permissions."""
    made = []

    def tenant(seed="fresh_e5", rights=RIGHTS):
        made.append(emulator.tenant(seed, identities={"onboarding": {**APP, "app_permissions": {"graph": list(rights)}}}))
        return Side(made[-1])

    yield tenant
    for one in made:
        one.remove()


@pytest.fixture
def side(make):
    return make()


def good(result):
    assert not result.get("failed"), result["msg"]
    return result


# Registering


def test_a_registration_is_foretold_made_once_and_found(side):
    said = good(side.register(check=True, **WHOLE))
    assert side.writes() == [] and said["app_id"] == ""
    done = good(side.register(**WHOLE))
    for key in ("changed", "operations", "diff", "registration"):
        assert said[key] == done[key], key
    assert done["app_id"] and done["service_principal_id"]
    assert done["registration"]["sign_in_audience"] == "single_tenant", "nobody asked for more"
    count = len(side.writes())
    again = good(side.register(**WHOLE))
    assert (again["changed"], again["operations"], again["diff"], len(side.writes())) == (False, [], [], count)


def test_what_is_left_out_is_left_alone_and_only_what_differs_is_sent(side):
    good(side.register(**WHOLE, federated_credentials=[GITHUB]))
    side.tenant.clear_journal()
    result = good(side.register(**NAME, sign_in_audience="multiple_tenants"))
    assert result["operations"] == ["Set-application Audit {signInAudience}"]
    (write,) = side.writes()
    assert write["body"] == {"signInAudience": "AzureADMultipleOrgs"}
    assert result["registration"]["permissions"] == {"exchange": ["Exchange.ManageAsApp"], "graph": ["User.Read.All"]}
    assert result["registration"]["federated_credentials"][0]["audience"] == "api://AzureADTokenExchange"


def test_delegated_permissions_of_others_stay(side):
    good(side.register(**WHOLE))
    (row,) = side.tenant.state("applications")
    scope = {"id": "00000000-0000-4000-8000-000000000009", "type": "Scope"}
    access = [{**entry, "resourceAccess": [*entry["resourceAccess"], scope]} for entry in row["requiredResourceAccess"]]
    side.tenant.put_state("applications", [{**row, "requiredResourceAccess": access}])
    assert good(side.register(**WHOLE))["changed"] is False
    good(side.register(**NAME, permissions={"graph": ["User.Read.All"]}))
    (row,) = side.tenant.state("applications")
    kinds = [one["type"] for entry in row["requiredResourceAccess"] for one in entry["resourceAccess"]]
    assert sorted(kinds) == ["Role", "Scope", "Scope"]


def test_only_the_public_part_of_a_certificate_leaves_this_machine(side, tmp_path):
    public = app_certificate(tmp_path / "app.pem")
    result = good(side.register(**NAME, certificates=[str(tmp_path / "app.pem")]))
    assert len(result["registration"]["certificates"]) == 1
    private = (tmp_path / "app.pem").read_text().split("PRIVATE KEY-----")[1].replace("\n", "")
    assert private[:60] not in json.dumps(side.tenant.journal())
    assert good(side.register(**NAME, certificates=[public]))["changed"] is False, "the same as a text"
    newer = app_certificate(tmp_path / "newer.pem")
    both = good(side.register(**NAME, certificates=[public, newer]))
    assert both["operations"] == ["Set-application Audit {keyCredentials}"] and len(both["registration"]["certificates"]) == 2
    assert len(good(side.register(**NAME, certificates=[newer]))["registration"]["certificates"]) == 1
    assert good(side.register(**NAME, certificates=[]))["registration"]["certificates"] == []


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", "public part alone"),
        ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", "can't be read"),
        ("no-such-file.pem", "can't be read"),
    ],
)
def test_a_certificate_that_is_none_is_refused_before_anything_is_sent(side, content, reason):
    result = side.register(**NAME, certificates=[content])
    assert result["failed"] and result["failure"]["kind"] == "bad_input" and reason in result["msg"]
    assert side.tenant.journal() == []


def test_federated_credentials_are_made_changed_and_make_room(side):
    good(side.register(**NAME, federated_credentials=[GITHUB]))
    changed = good(side.register(**NAME, federated_credentials=[{**GITHUB, "subject": "another"}]))
    assert changed["operations"] == ["Set-federatedIdentityCredential github {subject}"]
    renamed = good(side.register(**NAME, federated_credentials=[{**GITHUB, "subject": "another", "name": "newer"}]))
    assert [text.split(" {")[0] for text in renamed["operations"]] == [
        "Remove-federatedIdentityCredential github",
        "New-federatedIdentityCredential newer",
    ]
    assert good(side.register(**NAME, federated_credentials=[]))["registration"]["federated_credentials"] == []


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"name": "ö"}, "no name of letters"),
        ({"subject": " "}, "github has no subject"),
        ({"issuer": ""}, "the issuer of github must be an address"),
        ({"issuer": "issuer.contoso.com"}, "begins with https://"),
    ],
)
def test_a_federated_credential_that_no_token_could_meet_is_refused_before_anything_is_sent(side, changed, reason):
    for check in (True, False):
        result = side.register(check, **NAME, federated_credentials=[{**GITHUB, **changed}])
        assert result["failed"] and reason in result["msg"]
    assert side.tenant.journal() == []


def test_two_applications_of_one_name_are_refused(side):
    good(side.register(**NAME))
    (row,) = side.tenant.state("applications")
    side.tenant.put_state("applications", [row, {**row, "id": "another", "appId": "00000000-0000-4000-8000-000000000002"}])
    result = side.register(**NAME, description="which?")
    assert result["failed"] and "2 applications are called Audit" in result["msg"]


def test_an_api_that_the_tenant_lacks_is_said(make):
    side = make("exchange_only")
    wish = {**NAME, "permissions": {"defender": ["Machine.Read.All"], "graph": ["User.Read.All"]}}
    result = side.register(**wish)
    assert result["failed"] and "no WindowsDefenderATP" in result["msg"] and side.writes() == []
    result = good(side.register(**wish, skip_missing_apis=True))
    assert result["missing_apis"] == ["WindowsDefenderATP"] and result["registration"]["permissions"] == {"graph": ["User.Read.All"]}
    assert any("left out" in warning for warning in result["warnings"])
    assert good(side.register(**wish, skip_missing_apis=True))["changed"] is False


def test_a_permission_that_does_not_exist_is_refused_before_any_write(side):
    for run, options in ((side.register, NAME), (side.give, {"app_id": APP["client_id"]})):
        result = run(**options, permissions={"graph": ["User.read.all"]})
        assert result["failed"] and "has no application permission User.read.all" in result["msg"]
    assert side.writes() == []


def test_a_missing_right_is_named(make):
    side = make(rights=["Application.Read.All"])
    result = side.register(**NAME)
    assert result["failed"] and "Application.ReadWrite.All" in result["failure"]["hint"]
    result = make(rights=[]).register(**NAME)
    assert result["failed"] and "Application.Read.All" in result["failure"]["hint"]


# A directory that is slow, and answers that are lost


def test_a_new_application_that_shows_late_is_not_made_twice(side):
    side.tenant.fault(kind="lag", match={"service": "graph"}, reads=3)
    result = good(side.register(**WHOLE))
    assert result["changed"] and side.waits
    assert len(side.tenant.state("applications")) == 1


def test_an_application_that_never_shows_is_said_and_not_made_twice(side):
    side.tenant.fault(kind="lag", match={"service": "graph"}, reads=1000)
    result = side.register(**NAME, read_back_timeout=20)
    assert result["failed"] and result["failure"]["kind"] == "not_read_back" and result["operations"]
    assert len(side.tenant.state("applications")) == 1
    assert 19 <= sum(side.waits) <= 21


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_lost_answer_is_looked_for(side, when):
    side.tenant.fault(kind="reset", match={"service": "graph", "method": "POST", "path": "/v1.0/applications"}, times=1, when=when)
    result = side.register(**NAME, read_back_timeout=20)
    if when == "after":
        assert good(result)["changed"] and "New-application" in result["operations"][0]
    else:
        assert result["failed"] and result["failure"]["kind"] == "outcome_unknown" and not result["changed"]
    assert len(side.tenant.state("applications")) == (1 if when == "after" else 0)


@pytest.mark.parametrize("path", ["/v1.0/servicePrincipals", "/v1.0/servicePrincipals/*/appRoleAssignedTo"])
def test_what_is_not_known_everywhere_yet_is_tried_again(side, path):
    app_id = good(side.register(**NAME))["app_id"]
    good(side.give(app_id=app_id, state="absent"))
    side.tenant.fault(kind="transient", status=404, match={"service": "graph", "method": "POST", "path": path}, times=1)
    result = side.give(app_id=app_id, permissions={"graph": ["User.Read.All"]})
    if path.endswith("appRoleAssignedTo"):
        assert good(result)["access"]["permissions"] == {"graph": ["User.Read.All"]}
    else:
        assert result["failed"], "nothing of ours can be on its way, so it is no matter of waiting"


# Access


@pytest.fixture
def app_id(side):
    return good(side.register(**NAME))["app_id"]


def test_access_is_foretold_given_once_and_exact(side, app_id):
    wish = {
        "app_id": app_id.upper(),
        "permissions": {"graph": ["User.Read.All", "LicenseAssignment.Read.All"], "exchange": ["Exchange.ManageAsApp"]},
        "directory_roles": ["Global Reader"],
    }
    said = good(side.give(check=True, **wish))
    count = len(side.writes())
    done = good(side.give(**wish))
    for key in ("changed", "operations", "diff", "access"):
        assert said[key] == done[key], key
    assert len(side.writes()) - count == len(done["operations"]) == 4
    assert good(side.give(**wish))["changed"] is False
    described = side.tenant.emulator.control("GET", f"tenants/{side.tenant.name}")["identities"][app_id]
    assert described["directory_roles"] == ["Global Reader"]
    assert described["app_permissions"] == {
        "graph": ["LicenseAssignment.Read.All", "User.Read.All"],
        "exchange": ["Exchange.ManageAsApp"],
    }


def test_others_stay_unless_it_is_exclusive(side, app_id):
    good(side.give(app_id=app_id, permissions={"graph": ["User.Read.All"]}, directory_roles=["Global Reader"]))
    more = good(side.give(app_id=app_id, permissions={"exchange": ["Exchange.ManageAsApp"]}, directory_roles=["Security Reader"]))
    assert more["access"]["permissions"] == {"exchange": ["Exchange.ManageAsApp"], "graph": ["User.Read.All"]}
    assert more["access"]["directory_roles"] == ["Global Reader", "Security Reader"]
    wish = {"app_id": app_id, "permissions": {"graph": ["User.Read.All"]}, "exclusive": True}
    said = good(side.give(check=True, **wish))
    less = good(side.give(**wish))
    assert said["access"] == less["access"] == {"present": True, "permissions": {"graph": ["User.Read.All"]}}
    assert less["operations"] == said["operations"] == ["Remove-appRoleAssignment Office 365 Exchange Online Exchange.ManageAsApp"]
    found = good(side.give(app_id=app_id, directory_roles=[]))
    assert found["access"]["directory_roles"] == ["Global Reader", "Security Reader"], "roles were not spoken of"


def test_an_application_that_leaves_loses_everything(side, app_id):
    good(side.give(app_id=app_id, permissions={"graph": ["User.Read.All"]}))
    gone = good(side.give(app_id=app_id, state="absent"))
    assert gone["operations"] == [f"Remove-servicePrincipal {app_id}"] and gone["access"] == {"present": False}
    assert good(side.give(app_id=app_id, state="absent"))["changed"] is False


def test_an_application_of_another_tenant_must_be_for_several(side, make):
    other = make()
    app_id = good(other.register(**NAME))["app_id"]
    assert side.give(app_id=app_id)["failed"]
    good(other.register(**NAME, sign_in_audience="multiple_tenants"))
    assert good(side.give(app_id=app_id))["access"] == {"present": True}


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"app_id": "Audit"}, "a GUID"),
        ({"app_id": APP["client_id"], "state": "absent", "directory_roles": []}, "leave permissions"),
        ({"app_id": APP["client_id"], "exclusive": True}, "exclusive needs"),
    ],
)
def test_wrong_options_are_refused_before_anything_is_sent(side, options, reason):
    result = side.give(**options)
    assert result["failed"] and reason in result["msg"] and side.tenant.journal() == []


def test_the_limit_the_expected_domain_and_the_ledger_hold(side, app_id, tmp_path):
    wish = {"app_id": app_id, "permissions": {"graph": ["User.Read.All"]}}
    before = len(side.writes())
    for options, reason in (({"max_writes_per_tenant": 0}, "max_writes_per_tenant"), ({"expected_domain": "adatum.com"}, "adatum.com")):
        result = side.give(**wish, **options)
        assert result["failed"] and reason in result["msg"]
    assert len(side.writes()) == before
    good(side.give(**wish, ledger=str(tmp_path / "ledger")))
    (place,) = (tmp_path / "ledger").iterdir()
    assert os.listdir(place) == ["operations.jsonl"], "no settings of the tenant were written, so none were saved"
    planned, done = map(json.loads, (place / "operations.jsonl").read_text().splitlines())
    assert planned["plan"][0]["kind"] == "app_access" and "appRoleAssignment" in done["operation"] and done["request_id"]
