# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Law 11: each error of a service arrives as its kind of TenantError, with the request's id and what to do; nothing is done by half."""

from __future__ import annotations

import json
import re

import pytest

from ansible_collections.m365.defender.plugins.module_utils._resource import Life
from ansible_collections.m365.defender.plugins.module_utils.resources.anti_phish_policy import ANTI_PHISH_POLICY
from tests.unit.contract.bench import Bench
from tests.unit.contract.samples import KINDS, NAME, beginning, made, whole
from tests.unit.contract.test_faults import anything, by_kind, reads, writes

ALL = KINDS
MADE = [one for one in ALL if made(one)]
CMDLETS = [one for one in ALL if one.service in ("exchange", "compliance")]
PORTAL = [one for one in ALL if one.service == "portal"]
NOBODY = "99999999-9999-4999-8999-999999999999"


def failed(bench, result, kind, *, hint, status=None, code=""):
    """Checks a failed result: its kind, everything that an operator needs, and that nothing secret is in it. Returns the failure."""
    assert result.get("failed") is True, result
    failure = result["failure"]
    assert failure["kind"] == kind, failure
    assert failure["tried"] and failure["tenant"] and failure["text"]
    assert failure["request_id"] and failure["request_id"] in result["msg"]
    assert hint in failure["hint"], failure["hint"]
    assert failure["text"] in result["msg"] and failure["hint"] in result["msg"]
    if status is not None:
        assert failure["status"] == status
    if code:
        assert failure["code"] == code
    assert "Invalid Operation" not in result["msg"]
    said = json.dumps(result)
    for identity in bench.tenant.identities.values():
        assert not identity["client_secret"] or identity["client_secret"] not in said
    return failure


@pytest.mark.parametrize("resource", CMDLETS, ids=by_kind)
def test_a_reader_is_refused_a_write(resource, bench):
    wanted = bench.change(resource)
    result = bench.perform(resource, wanted, identity="reader")
    failed(bench, result, "forbidden", hint="directory role", status=403)
    assert result["changed"] is False and result["operations"] == []
    assert all(one.status == 403 for one in bench.sent())


@pytest.mark.parametrize("resource", CMDLETS, ids=by_kind)
def test_a_reader_can_look(resource, bench):
    assert not bench.perform(resource, whole(resource), identity="reader", check=True).get("failed")


@pytest.mark.parametrize("resource", CMDLETS, ids=by_kind)
def test_an_app_without_a_directory_role(resource, bench):
    failed(bench, bench.perform(resource, whole(resource), identity="unassigned"), "forbidden", hint="directory role", status=403)
    assert bench.sent() == []


@pytest.mark.parametrize("resource", CMDLETS, ids=by_kind)
def test_an_app_without_consent(resource, bench):
    failed(bench, bench.perform(resource, whole(resource), identity="unconsented"), "forbidden", hint="Exchange.ManageAsApp", status=401)
    assert bench.sent() == []


SIGN_IN = {
    "AADSTS7000215": ({"client_secret": "not-a-real-secret-but-a-wrong-one-000000000000"}, "secret"),
    "AADSTS700016": ({"client_id": NOBODY}, "app is not in this tenant"),
    "AADSTS90002": ({"tenant_id": NOBODY}, "no such tenant"),
}


@pytest.mark.parametrize("code", SIGN_IN)
@pytest.mark.parametrize("resource", CMDLETS, ids=by_kind)
def test_a_sign_in_that_fails(resource, code, bench):
    options, hint = SIGN_IN[code]
    result = bench.perform(resource, whole(resource), **options)
    # msal asks for the tenant's discovery document first, and hands on nothing of its refusal.
    failed(bench, result, "sign_in", hint=hint, code="HTTP 400" if code == "AADSTS90002" else code)
    assert not [entry for entry in bench.tenant.journal() if "/adminapi/" in entry["url"]]


@pytest.mark.parametrize("resource", ALL, ids=by_kind)
def test_throttled_to_the_end(resource, bench):
    bench.tenant.fault(kind="throttle", match=anything(resource), times=None, retry_after=30)
    result = bench.perform(resource, whole(resource))
    failed(bench, result, "unavailable", hint="Try again later", status=429)
    assert bench.sent() == [] and result["changed"] is False
    assert bench.waits and set(bench.waits) == {30}


@pytest.mark.parametrize("resource", ALL, ids=by_kind)
def test_unavailable_to_the_end(resource, bench):
    bench.tenant.fault(kind="unavailable", match=reads(resource), times=None)
    result = bench.perform(resource, whole(resource))
    failed(bench, result, "unavailable", hint="", status=503)
    assert bench.sent() == [] and 0 < len(bench.waits) < 20


@pytest.mark.parametrize("resource", ALL, ids=by_kind)
def test_a_write_whose_outcome_stays_unknown(resource, bench):
    wanted = bench.change(resource)
    bench.tenant.fault(kind="unavailable", match=writes(resource, "Set" if resource.parts[0].life is Life.FIXED else "New"), times=None)
    result = bench.perform(resource, wanted)
    failed(bench, result, "outcome_unknown", hint="again", status=503)
    assert result["changed"] is False
    assert 1 < len(bench.tenant.writes()) < 6, "it is tried again, but not for ever"


@pytest.mark.parametrize("resource", ALL, ids=by_kind)
def test_a_write_that_never_shows(resource, bench):
    wanted = bench.change(resource)
    bench.tenant.fault(kind="lag", match=anything(resource), reads=1000)
    result = bench.perform(resource, wanted, read_back_timeout=20)
    assert result["failed"] and result["failure"]["kind"] == "not_read_back", result["failure"]
    assert result["changed"] is True
    assert re.search(r"\brun\b", result["failure"]["hint"], re.IGNORECASE)
    assert 19 < sum(bench.waits) < 60


def new_parameters(bench, resource):
    """What New- is sent for the least object, in wire form."""
    bench.perform(resource, beginning(resource))
    sent = next(one for one in bench.sent() if one.verb == "New")
    bench.reset()
    return dict(sent.settings)


@pytest.mark.parametrize("resource", MADE, ids=by_kind)
def test_somebody_else_makes_it_in_between(resource, bench):
    wanted = whole(resource)
    parameters = new_parameters(bench, resource)
    noun = resource.parts[0].noun
    if resource.service == "portal":
        # The list is read once more right before it is written.
        rows = [{**parameters, "MachineGroupId": 7}, *bench.tenant.state(f"portal.{noun}")]
        bench.tenant.fault(kind="edit", match=reads(resource), skip=1, do={"state": {f"portal.{noun}": rows}})
    else:
        bench.tenant.fault(
            kind="edit", match=writes(resource, "New"), do={"cmdlet": {"CmdletName": f"New-{noun}", "Parameters": parameters}}
        )
    result = bench.perform(resource, wanted)
    assert not result.get("failed"), result["msg"]
    said = "planned anew" if resource.service == "portal" else "read again"
    assert any(said in warning for warning in result["warnings"])
    assert not any(name.startswith(f"New-{noun} ") for name in result["operations"])
    assert bench.perform(resource, wanted)["changed"] is False


@pytest.mark.parametrize("resource", MADE, ids=by_kind)
def test_somebody_else_removes_it_in_between(resource, bench):
    noun = resource.parts[0].noun
    before = bench.tenant.state(f"portal.{noun}") if resource.service == "portal" else []
    bench.perform(resource, beginning(resource))
    if resource.service == "portal":
        bench.tenant.fault(kind="edit", match=reads(resource), skip=1, do={"state": {f"portal.{noun}": before}})
    else:
        asked = {"Confirm": False} if "Remove" in resource.parts[0].asks else {}
        name = {"CmdletName": f"Remove-{noun}", "Parameters": {"Identity": NAME, **asked}}
        bench.tenant.fault(kind="edit", match=writes(resource, "Set"), do={"cmdlet": name})
    result = bench.perform(resource, whole(resource))
    if resource.service == "portal":  # the list is read again before it is written, and the task planned anew
        assert not result.get("failed") and f"{NAME} is gone" in result["warnings"][0]
        assert result["operations"][0].startswith(f"New-{noun} {NAME}")
        return
    assert result["failed"] and result["failure"]["kind"] == "not_found"
    assert NAME in result["msg"]
    failed(bench, result, "not_found", hint="again")
    bench.clear()
    assert not bench.perform(resource, whole(resource)).get("failed")


@pytest.mark.parametrize("resource", CMDLETS, ids=by_kind)
def test_an_administrator_of_security_is_told_that_this_is_not_enough(resource, bench):
    wanted = bench.change(resource)
    result = bench.perform(resource, wanted, identity="security_admin")
    if result.get("failed"):
        failed(bench, result, "forbidden", hint="Exchange Administrator", status=403)
    else:
        assert result["changed"] is True


def test_the_trap_is_called_one(bench):
    result = bench.perform(ANTI_PHISH_POLICY, whole(ANTI_PHISH_POLICY), identity="security_admin")
    failed(bench, result, "forbidden", hint="Security Administrator is not enough", status=403)


@pytest.mark.parametrize("seed", ["unlicensed", "exchange_only", "fresh_e3", "business_premium"])
@pytest.mark.parametrize("resource", ALL, ids=by_kind)
def test_a_tenant_without_the_licence(resource, seed, emulator, tmp_path):
    bench = Bench(emulator.tenant(seed), str(tmp_path / "tokens"), emulator.certificate)
    result = bench.perform(resource, whole(resource))
    if not result.get("failed"):
        assert bench.perform(resource, whole(resource))["changed"] is False
        assert seed != "unlicensed"
        return
    failure = result["failure"]
    assert failure["kind"] in ("forbidden", "sign_in", "not_found", "refused"), failure
    assert failure["hint"], failure
    assert result["changed"] is False and result["operations"] == []
    assert all(one.status >= 400 for one in bench.sent())
    if resource.service != "portal":
        assert failure["request_id"]


@pytest.mark.parametrize("resource", PORTAL, ids=by_kind)
class TestPortal:
    def test_no_session(self, resource, bench):
        result = bench.perform(resource, whole(resource), portal_session=None)
        assert result["failure"]["kind"] == "forbidden" and "portal_session" in result["failure"]["text"]
        assert "https://security.microsoft.com/" in result["failure"]["hint"]
        assert bench.tenant.journal() == []

    def test_a_session_that_only_reads(self, resource, bench):
        session = bench.tenant.portal_session_reader
        failed(bench, bench.perform(resource, whole(resource), portal_session=session), "forbidden", hint="role", status=403)
        assert not bench.perform(resource, whole(resource), portal_session=session, check=True).get("failed")

    def test_a_session_that_sees_some_groups_writes_nothing(self, resource, bench):
        result = bench.perform(resource, whole(resource), portal_session=bench.tenant.portal_session_scoped)
        if resource.kind != "device_group":  # only the list of groups is shown to him in part
            assert not result.get("failed") and "warnings" not in result
            return
        assert result["failure"]["kind"] == "refused" and "some device groups" in result["failure"]["text"]
        assert bench.tenant.writes() == []

    def test_a_session_that_has_ended(self, resource, bench):
        bench.tenant.fault(kind="expire", match=anything(resource), times=None)
        failed(bench, bench.perform(resource, whole(resource)), "sign_in", hint="sccauth")
        assert bench.tenant.writes() == []

    def test_a_session_of_another_tenant(self, resource, bench, emulator):
        other = emulator.tenant("fresh_e5")
        result = bench.perform(resource, whole(resource), portal_session=other.portal_session)
        assert result["failure"]["kind"] == "refused" and other.tenant_id in result["failure"]["text"]
        assert [entry["url"].partition("?")[0].rpartition("/")[2] for entry in other.journal()] == ["TenantContext"]
        assert bench.tenant.journal() == []


@pytest.mark.parametrize("resource", ALL, ids=by_kind)
def test_options_that_are_wrong_are_said_before_anything_is_sent(resource, bench):
    for options, word in (
        ({"tenant_id": "not a tenant"}, "tenant_id"),
        ({"client_secret": "", "client_id": "", "portal_session": None}, "login"),
        ({"endpoint": "https://gateway.contoso.com"}, "endpoint_trusted"),
        ({"ca_path": "/nowhere/ca.pem"}, "ca_path"),
    ):
        result = bench.perform(resource, whole(resource), **options)
        assert result["failed"] and result["failure"]["kind"] == "bad_input", result
        assert word in result["msg"]
    assert bench.tenant.journal() == []


@pytest.mark.parametrize("resource", CMDLETS, ids=by_kind)
def test_the_limit_of_writes_holds_before_the_first_one(resource, bench):
    wanted = bench.change(resource)
    result = bench.perform(resource, wanted, max_writes_per_tenant=0)
    assert result["failure"]["kind"] == "refused" and "max_writes_per_tenant=0" in result["msg"]
    assert bench.sent() == []


@pytest.mark.parametrize("resource", CMDLETS, ids=by_kind)
def test_another_customers_tenant_is_not_written_to(resource, bench, emulator):
    wanted = bench.change(resource)
    result = bench.perform(resource, wanted, expected_domain=emulator.tenants[0].domain)
    assert result["failure"]["kind"] == "refused" and "expected_domain" in result["msg"]
    assert bench.sent() == []
    assert bench.perform(resource, wanted, expected_domain=bench.tenant.domain)["changed"] is True
