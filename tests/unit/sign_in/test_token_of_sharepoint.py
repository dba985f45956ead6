# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The audience of SharePoint has the tenant's name in it: token_info finds it, or says why not, and never fails for that."""

from __future__ import annotations

import pytest

from ansible_collections.m365.defender.plugins.module_utils._clouds import CLOUDS
from ansible_collections.m365.defender.plugins.module_utils._task import perform, work_of
from ansible_collections.m365.defender.plugins.module_utils.readers.token_info import TOKEN_INFO


@pytest.fixture
def look(certificate, tmp_path):
    """Runs token_info with a certificate."""
    path = tmp_path / "app.pem"
    path.write_bytes(certificate.pem())

    def made(tenant, services, **more):
        reached = {
            "tenant_id": tenant.tenant_id,
            "endpoint": tenant.emulator.url,
            "ca_path": tenant.emulator.ca_path,
            "cloud": tenant.cloud,
        }
        login = {"client_id": tenant.identities["certificate"]["client_id"], "client_certificate": str(path)}
        return perform(
            work_of(TOKEN_INFO), {**reached, **login, "services": services, **more}, check=False, diff=False, wait=lambda seconds: None
        )

    return made


@pytest.mark.parametrize("cloud", list(CLOUDS))
def test_what_an_app_with_a_certificate_may_do_in_sharepoint(cloud, by_cloud, look):
    tenant = by_cloud[cloud]
    (token,) = look(tenant, ["sharepoint"])["tokens"].values()
    assert (token["state"], token["kind"], token["tenant"]) == ("given", "app", tenant.tenant_id)
    assert token["audience"] == f"https://{tenant.name}-admin.{CLOUDS[cloud].sharepoint}"
    assert token["permissions"] == ["Sites.FullControl.All"] and "Security Administrator" in token["directory_roles"]


@pytest.mark.parametrize("services", [["sharepoint"], ["graph", "sharepoint"]])
def test_a_name_that_may_not_be_looked_for_is_told_and_fails_nothing(services, emulator, certificate, look):
    poor = {"certificate": {"app_permissions": {"graph": ["User.Read.All"], "sharepoint": ["Sites.FullControl.All"]}}}
    tenant = emulator.tenant("sign_ins", certificate=certificate.public, identities=poor)
    try:
        result = look(tenant, services)
    finally:
        tenant.remove()
    assert not result.get("failed"), result
    token = result["tokens"]["sharepoint"]
    assert (token["state"], token["code"]) == ("unknown", "sharepoint_name_unknown")
    assert "could not be found" in token["reason"] and "Sites.Read.All" in token["remedy"]


def test_a_directory_that_does_not_answer_leaves_it_unknown(emulated, look):
    emulated.fault(kind="unavailable", match={"service": "graph", "path": "*sites/root*"}, times=50)
    tokens = look(emulated, ["graph", "sharepoint"])["tokens"]
    assert (tokens["graph"]["state"], tokens["sharepoint"]["state"]) == ("given", "unknown"), tokens


def test_who_can_not_sign_in_is_refused_and_not_unknown(emulated, look):
    result = look(emulated, ["sharepoint"], client_id="99999999-9999-4999-8999-999999999999")
    assert result["failed"] and result["failure"]["kind"] == "sign_in"
