# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a cloud does not have is refused before anything is sent, and is not applicable in a verdict."""

from __future__ import annotations

import importlib
import json
import pkgutil

import pytest

from ansible_collections.m365.defender.plugins.module_utils import readers
from ansible_collections.m365.defender.plugins.module_utils._clouds import APPS, CERTAINTY, CLOUDS, FEATURES, SERVICES
from ansible_collections.m365.defender.plugins.module_utils._errors import Refused
from ansible_collections.m365.defender.plugins.module_utils._reader import Reader
from ansible_collections.m365.defender.plugins.module_utils._readiness.judge import judge
from ansible_collections.m365.defender.plugins.module_utils._resource import Operation, Query
from ansible_collections.m365.defender.plugins.module_utils._task import perform, work_of
from ansible_collections.m365.defender.plugins.module_utils.readers.audit_info import AUDIT_INFO
from ansible_collections.m365.defender.plugins.module_utils.readers.permission_info import PERMISSION_INFO
from ansible_collections.m365.defender.plugins.module_utils.readers.token_info import TOKEN_INFO

REMEDIATE = Query("admin/configurationManagement/configurationMonitors")


def test_every_cell_has_a_certainty():
    for name, cloud in CLOUDS.items():
        assert cloud.name == name
        assert set(CERTAINTY[name]) == set(vars(cloud)) - {"name"}
        assert set(CERTAINTY[name].values()) <= {"doc", "live", "code", "recall", "guess"}
    assert set(APPS.values()) <= set(SERVICES)
    for feature in FEATURES.values():
        assert set(feature.clouds) < set(CLOUDS) and feature.service in (*SERVICES, "partner")


@pytest.mark.parametrize("name", list(CLOUDS))
def test_a_service_without_a_host_is_a_feature_that_is_absent(name):
    for service in SERVICES:
        assert bool(CLOUDS[name].lacks(service)) == (not CLOUDS[name].host(service)), service


@pytest.mark.parametrize("name", list(CLOUDS))
def test_what_a_cloud_does_not_have_is_not_asked(name, by_cloud, connect):
    tenant = by_cloud[name]
    ours = connect(tenant, "writer", client_secret=tenant.identities["writer"]["client_secret"])
    graph = ours.store("graph")
    before = len(tenant.journal())
    answers = graph.read([REMEDIATE])
    if name in ("commercial", "gcc"):
        assert len(tenant.journal()) > before and answers[REMEDIATE].code != "not_in_cloud"
        return
    assert len(tenant.journal()) == before
    assert isinstance(answers[REMEDIATE], Refused) and answers[REMEDIATE].code == "not_in_cloud" and name in answers[REMEDIATE].text
    with pytest.raises(Refused) as caught:
        graph.do(Operation("Remediate", "Mail", name="a message", identity="x", parameters={}))
    assert caught.value.code == "not_in_cloud" and "remediation of mail" in caught.value.text
    assert len(tenant.journal()) == before


@pytest.mark.parametrize("noun", ["security/incidents", "security/alerts_v2", "security/runHuntingQuery", "security/identities/sensors"])
def test_only_china_lacks_defender_xdr_in_graph(noun):
    assert [name for name, cloud in CLOUDS.items() if cloud.lacks("graph", noun)] == ["china"]
    assert not any(cloud.lacks("graph", "subscribedSkus") for cloud in CLOUDS.values())


SEARCHES = {
    "audit": Query("audit", (("recordTypeFilters", ("airInvestigation",)), ("wait_for_search", 10))),
    "hunting": Query("hunting", (("Query", "AlertInfo | take 1"), ("wait_for_quota", 0))),
}


@pytest.mark.parametrize("name", list(CLOUDS))
@pytest.mark.parametrize(("search", "lacking"), [("audit", ("gcc_high", "dod", "china")), ("hunting", ("china",))])
def test_a_search_that_a_cloud_does_not_have_is_not_made(search, lacking, name, by_cloud, connect):
    tenant = by_cloud[name]
    graph = connect(tenant, "writer", client_secret=tenant.identities["writer"]["client_secret"]).store("graph")
    before = len(tenant.journal())
    answer = graph.read([SEARCHES[search]])[SEARCHES[search]]
    refused = isinstance(answer, Refused) and answer.code == "not_in_cloud"
    assert refused is (name in lacking) and (len(tenant.journal()) == before) is refused
    if refused and search == "audit":
        assert "the search of the audit log in Microsoft Graph" in answer.text and "Purview" in answer.hint


@pytest.mark.parametrize("name", list(CLOUDS))
def test_audit_info_and_permission_info_say_what_a_cloud_does_not_have(name, by_cloud):
    tenant = by_cloud[name]
    reached = {"tenant_id": tenant.tenant_id, "endpoint": tenant.emulator.url, "ca_path": tenant.emulator.ca_path, "cloud": name}
    login = {option: tenant.identities["writer"][option] for option in ("client_id", "client_secret")}

    def asked(reader):
        blank = {option: one.get("default") for option, one in reader.options.items()}
        return perform(work_of(reader), {**reached, **login, **blank}, check=False, diff=False, wait=lambda seconds: None)

    audit = asked(AUDIT_INFO)
    assert (audit.get("failure") or {}).get("code") == ("not_in_cloud" if name in ("gcc_high", "dod", "china") else None), audit
    needs = [one for step in asked(PERMISSION_INFO)["permissions"]["steps"].values() for one in step["needs"]]
    lacking = {one["audience"] for one in needs if one["state"] == "not_applicable"}
    assert lacking == ({"graph", "defender", "portal"} if name == "china" else set())
    told = asked(TOKEN_INFO)["tokens"]["sharepoint"]
    assert (told["state"], told["audience"]) == ("not_taken", f"https://{tenant.name}-admin.{CLOUDS[name].sharepoint}")


READERS = [
    value
    for name in sorted(one.name for one in pkgutil.iter_modules(readers.__path__) if one.name.endswith("_info"))
    for value in vars(importlib.import_module(f"{readers.__name__}.{name}")).values()
    if isinstance(value, Reader) and value.kind == name
]


def test_no_reader_sends_anybody_to_another_cloud_s_portal(emulator):
    """Each in GCC High, with and without what it would like to have, so that it says what to do."""
    assert len(READERS) > 15
    tenant = emulator.tenant("lived_in", cloud="gcc_high")
    reached = {"tenant_id": tenant.tenant_id, "endpoint": tenant.emulator.url, "ca_path": tenant.emulator.ca_path, "cloud": "gcc_high"}
    needed = {"query": "AlertInfo | take 1", "wait_for_search": 10}
    linked = set()
    for reader in READERS:
        blank = {option: one.get("default") for option, one in reader.options.items()}
        options = {**blank, **{option: value for option, value in needed.items() if option in blank}}
        for who, session in (("writer", tenant.portal_session), ("unconsented", None)):
            login = {option: tenant.identities[who][option] for option in ("client_id", "client_secret")}
            params = {**reached, **login, **options, "portal_session": session}
            result = json.dumps(perform(work_of(reader), params, check=False, diff=False, wait=lambda seconds: None))
            assert "security.microsoft.com" not in result, (reader.kind, who)
            linked |= {reader.kind} if "https://security.microsoft.us" in result else set()
    tenant.remove()
    assert {"xdr_info", "workload_info", "pending_action_info", "action_history_info", "incident_info", "alert_info"} <= linked


def test_what_a_cloud_lacks_does_not_fail_the_steps():
    text = "the cloud china does not have it"
    lacks = {"failed": False, "failure": {"kind": "refused", "text": text, "code": "not_in_cloud"}}
    for step, name in (("xdr", "state"), ("action_center", "pending"), ("device_groups", "current")):
        products = {"defender_for_endpoint": "plan2", "defender_xdr": True}
        verdict = judge(step, {"licenses": {"licenses": {"products": products}, "failed": False}, name: lacks})
        assert (verdict.verdict, verdict.evidence, verdict.error) == ("not_applicable", f"T{text[1:]}.", {}), step


def test_a_step_that_a_cloud_does_not_have_is_not_applicable():
    text = "the cloud china does not have the Defender portal"
    failure = {"kind": "refused", "text": text, "code": "not_in_cloud", "hint": "Mend cloud."}
    stopped = {"failed": True, "msg": f"Using portal: {text}. Mend cloud.", "failure": failure}
    verdict = judge("xdr", {"stopped": stopped})
    assert verdict.verdict == "not_applicable" and text in verdict.evidence and not verdict.error
    plan2 = {"licenses": {"products": {"defender_for_endpoint": "plan2"}}, "failed": False}
    verdict = judge("device_groups", {"licenses": plan2, "current": {"failed": False, "failure": failure}})
    assert verdict.verdict == "not_applicable" and "china" in verdict.evidence
