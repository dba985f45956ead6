# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is peculiar to SharePoint's tenant object: the certificate, the tenant's name, XML, errors that come with status 200."""

from __future__ import annotations

import pytest

from ansible_collections.m365.defender.plugins.module_utils._errors import Forbidden
from ansible_collections.m365.defender.plugins.module_utils._graph import Rest
from ansible_collections.m365.defender.plugins.module_utils._registry import RESOURCES
from ansible_collections.m365.defender.plugins.module_utils._resource import Operation
from ansible_collections.m365.defender.plugins.module_utils._sharepoint import IDENTITY, SharePoint
from tests.unit.contract.bench import Bench

KIND = RESOURCES["sharepoint_tenant"]
WANTED = {"disallow_infected_file_download": True}


def asked(bench, host):
    """The requests to hosts that have these words in their name."""
    return [entry for entry in bench.tenant.journal() if host in entry["url"].split("/")[2]]


@pytest.fixture
def poor(emulator, tmp_path):
    """Makes a tenant whose app with a certificate has these permissions only."""
    made = []

    def make(**permissions):
        made.append(emulator.tenant("fresh_e5", identities={"certificate": {"app_permissions": permissions}}))
        folder = tmp_path / "tokens of an app"
        folder.mkdir(mode=0o700)
        return Bench(made[-1], str(folder), emulator.certificate)

    yield make
    for tenant in made:
        tenant.remove()


def test_an_app_with_a_secret_is_told_that_it_needs_a_certificate(bench):
    result = bench.perform(KIND, WANTED, client_secret=bench.tenant.identities["writer"]["client_secret"])
    assert result["failure"]["kind"] == "forbidden" and "secret" in result["failure"]["text"]
    assert "client_certificate" in result["failure"]["hint"]
    assert bench.tenant.writes() == []


def test_what_the_service_says_of_a_secret_is_understood_and_a_new_token_not_tried(bench):
    ours = bench.ours(client_secret=bench.tenant.identities["writer"]["client_secret"])
    known = {"cloud": ours._cloud, "transport": ours._transport, "sign_in": ours._signed_in("sharepoint")}
    site = SharePoint(**known, tenant=ours.id, graph=Rest("graph", **known), files=ours._files, place=ours._endpoint)
    with pytest.raises(Forbidden) as caught:
        site.read()
    assert caught.value.status == 401 and "client_certificate" in caught.value.hint
    assert len(asked(bench, "-admin.")) == 1


def test_the_tenants_name_is_asked_once_and_kept(bench):
    assert bench.perform(KIND, WANTED)["changed"] is True
    assert [entry["url"] for entry in asked(bench, "graph.")] == ["https://graph.microsoft.com/v1.0/sites/root?$select=id"]
    bench.clear()
    assert bench.perform(KIND, WANTED)["changed"] is False
    assert asked(bench, "graph.") == [] and len(asked(bench, f"{bench.tenant.name}-admin.sharepoint.com")) == 1


def test_the_initial_domain_tells_the_name_where_sites_may_not_be_read(poor):
    bench = poor(graph=["Organization.Read.All"], sharepoint=["Sites.FullControl.All"])
    assert bench.perform(KIND, WANTED)["changed"] is True


def test_neither_may_be_read(poor):
    result = poor(graph=["User.Read.All"], sharepoint=["Sites.FullControl.All"]).perform(KIND, WANTED)
    assert result["failure"]["kind"] == "forbidden" and "Sites.Read.All" in result["failure"]["hint"]


def test_an_error_that_comes_with_status_200(poor):
    result = poor(graph=["Sites.Read.All"], sharepoint=["Sites.Read.All"]).perform(KIND, WANTED)
    failure = result["failure"]
    assert (failure["kind"], failure["status"], failure["code"]) == ("forbidden", 200, "UnauthorizedAccessException")
    assert "Sites.FullControl.All" in failure["hint"] and failure["request_id"] in result["msg"]


def test_the_identity_is_sent_as_it_was_read_with_its_line_feed_as_a_reference(bench):
    bench.perform(KIND, WANTED)
    (written,) = bench.tenant.writes()
    assert f":{bench.tenant.tenant_id}&#xA;Tenant" in written["body"]
    assert '<Parameter Type="Boolean">true</Parameter>' in written["body"]


def test_what_is_sent_is_escaped(bench):
    ours = bench.ours()
    store = ours.store("sharepoint")
    identity = 'a"&<b\n'
    with pytest.raises(Exception, match="identity"):
        store.do(Operation("Set", "SPOTenant", identity=identity, parameters={"DisallowInfectedFileDownload": True}))
    assert 'Name="a&quot;&amp;&lt;b&#xA;"' in bench.tenant.writes()[-1]["body"]
    assert (ours.counts["writes"], ours.counts["refused"]) == (1, 1)


def test_other_operations_are_refused_before_anything_is_sent(bench):
    store = bench.ours().store("sharepoint")
    with pytest.raises(Exception, match="only be set"):
        store.do(Operation("Remove", "SPOTenant", identity="x"))
    assert bench.tenant.journal() == []


def test_the_row_has_its_identity(bench):
    (row,) = bench.rows(KIND)["SPOTenant"]
    assert row[IDENTITY].endswith("\nTenant") and row["DisallowInfectedFileDownload"] is False


def test_a_tenant_without_sharepoint(emulator, tmp_path):
    bench = Bench(emulator.tenant("exchange_only"), str(tmp_path / "tokens"), emulator.certificate)
    result = bench.perform(KIND, WANTED)
    assert result["failure"]["kind"] == "refused" and "licence" in result["failure"]["hint"]


def test_another_cloud_is_not_asked(bench):
    """The root site's domain must be that of the cloud, because a token for it is sent there."""
    site = bench.ours().store("sharepoint")._sharepoint
    site._domain = "sharepoint.us"
    with pytest.raises(Exception, match="does not say which name"):
        site.read()
    assert asked(bench, "-admin.") == []
