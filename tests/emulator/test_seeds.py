# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The seeds: each one loads, has the licences it says, and holds what its description promises."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, unquote

import pytest
import requests
import yaml

from emulator.seed import SEEDS, load_seed, table
from emulator.tenant import World
from emulator.testing import EmulatedTenant, Emulator
from tests.emulator.direct import Direct

NAMES = sorted(path.stem for path in SEEDS.glob("*.yml"))
RULES = ("SafeLinksRule", "SafeAttachmentRule", "AntiPhishRule", "HostedContentFilterRule", "MalwareFilterRule")
EXPECTED = {
    "fresh_e5": {"WINDEFATP", "THREAT_INTELLIGENCE", "ATP_ENTERPRISE", "ATA", "ADALLOM_S_STANDALONE", "MTP"},
    "fresh_e3": {"MDE_LITE", "ATP_ENTERPRISE"},
    "exchange_only": {"EXCHANGE_S_STANDARD"},
    "business_premium": {"MDE_SMB", "ATP_ENTERPRISE"},
    "unlicensed": {"EXCHANGE_S_FOUNDATION", "FLOW_P2_VIRAL"},
    "lived_in": {"WINDEFATP", "THREAT_INTELLIGENCE", "ATA", "FLOW_P2_VIRAL"},
    "sign_ins": {"WINDEFATP", "THREAT_INTELLIGENCE", "ATP_ENTERPRISE", "ATA", "ADALLOM_S_STANDALONE", "MTP"},
}
DECISIVE = {"WINDEFATP", "MDE_LITE", "MDE_SMB", "ATP_ENTERPRISE", "THREAT_INTELLIGENCE", "ATA", "MTP", "ADALLOM_S_STANDALONE"}


@pytest.fixture(scope="module")
def lived_in() -> Direct:
    return Direct("lived_in", presets=["Standard"])


def test_the_seeds_are_there() -> None:
    assert set(EXPECTED) == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_seed_is_described_in_one_sentence(name: str) -> None:
    seed = load_seed(name)
    assert seed.description.endswith(".")
    assert "\n" not in seed.description.strip()


@pytest.mark.parametrize("name", NAMES)
def test_the_licences_bring_the_plans(name: str) -> None:
    tenant = World().add(name)
    assert EXPECTED[name] <= tenant.plans
    if name != "lived_in":
        assert tenant.plans & DECISIVE == EXPECTED[name] & DECISIVE


@pytest.mark.parametrize("name", NAMES)
def test_subscribed_skus_follow_the_licence_table(name: str) -> None:
    direct = Direct(name)
    rows = {row["skuPartNumber"]: row for row in direct.graph("subscribedSkus").body["value"]}
    assert list(rows) == list(load_seed(name).licences)
    for part_number, row in rows.items():
        known = table("licences")["skus"][part_number]
        assert row["skuId"] == known["skuId"]
        assert {plan["servicePlanName"] for plan in row["servicePlans"]} == set(known["plans"])
        assert all(plan["servicePlanId"] == table("licences")["plans"][plan["servicePlanName"]] for plan in row["servicePlans"])


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for part in value.values() for text in _texts(part)]
    if isinstance(value, list):
        return [text for part in value for text in _texts(part)]
    return [value] if isinstance(value, str) else []


@pytest.mark.parametrize("name", NAMES)
def test_no_placeholder_is_left_and_nobody_real_is_named(name: str) -> None:
    direct = Direct(name)
    for noun in load_seed(name).objects:
        for text in _texts(direct.tenant.rows(noun)):
            assert not re.search(r"\{(?!ago:)\w+\}", text), (noun, text)
            for host in re.findall(r"@([\w.-]+\.\w+)", text):
                assert host.endswith((".example", "contoso.com", "contoso.onmicrosoft.com")), text


@pytest.mark.parametrize("name", NAMES)
def test_rows_of_devices_have_the_same_members_everywhere(name: str) -> None:
    whole = load_seed("fresh_e5").objects
    for noun in ("machines", "deviceavinfo", "machineactions", "sensors", "incidents", "alerts_v2"):
        wanted = set(json.loads(whole[noun])[0])
        for row in json.loads(load_seed(name).objects.get(noun, "[]")):
            assert set(row) == wanted, (noun, row.get("id"))


@pytest.mark.parametrize("name", NAMES)
def test_antivirus_rows_belong_to_machines(name: str) -> None:
    objects = load_seed(name).objects
    machines = {row["id"] for row in json.loads(objects.get("machines", "[]"))}
    assert {row["machineId"] for row in json.loads(objects.get("deviceavinfo", "[]"))} <= machines
    assert {row["machineId"] for row in json.loads(objects.get("machineactions", "[]"))} <= machines


@pytest.mark.parametrize("name", ["fresh_e5", "fresh_e3", "business_premium"])
def test_fresh_devices_are_healthy(name: str) -> None:
    direct = Direct(name)
    rows = direct.endpoint("machines").body["value"]
    assert {(row["onboardingStatus"], row["healthStatus"], row["defenderAvStatus"]) for row in rows} == {("Onboarded", "Active", "Updated")}
    assert {row["avMode"] for row in direct.endpoint("deviceavinfo").body["value"]} == {"0"}
    assert min(row["osBuild"] for row in rows) >= 17763


def test_fresh_e5_has_nothing_open() -> None:
    direct = Direct()
    assert {row["status"] for row in direct.graph("security/incidents").body["value"]} == {"resolved"}
    assert {row["healthStatus"] for row in direct.graph("security/identities/sensors").body["value"]} == {"healthy"}
    assert direct.browser().groups()[0]["AutoRemediationLevel"] == 3


def test_a_seed_file_is_plain_yaml_that_a_person_can_copy() -> None:
    for name in NAMES:
        content = yaml.safe_load((SEEDS / f"{name}.yml").read_text(encoding="utf-8"))
        assert set(content) <= {"description", "based_on", "licences", "identities", "presets", "objects"}


# ---------------------------------------------------------------- lived_in


def test_lived_in_has_policies_and_rules_of_people(lived_in: Direct) -> None:
    rows = lived_in.tenant.rows
    policies = {row["Name"] for row in rows("SafeLinksPolicy")}
    assert {"Built-In Protection Policy", "Links for staff", "Links of the old gateway"} <= policies
    by_rank = sorted(rows("SafeLinksRule"), key=lambda row: row["Priority"])
    assert [row["Name"] for row in by_rank] != [row["Name"] for row in rows("SafeLinksRule")], "rows do not come by rank"
    assert by_rank[0]["Name"] == "Mail Shield managed links"
    renamed = [row for row in by_rank if row["Name"] != row["SafeLinksPolicy"] and row["SafeLinksPolicy"] in policies]
    assert [row["Name"] for row in renamed] == ["Staff rule 2023"]
    assert [row["Name"] for row in by_rank if row["SafeLinksPolicy"] not in policies] == ["Newsletter links"]
    assert {row["State"] for row in by_rank} == {"Enabled", "Disabled"}


@pytest.mark.parametrize("noun", RULES)
def test_ranks_of_rules_have_no_gaps(lived_in: Direct, noun: str) -> None:
    rows = [row for row in lived_in.tenant.rows(noun) if not row["Name"].startswith("Standard Preset")]
    assert sorted(row["Priority"] for row in rows) == list(range(len(rows)))


@pytest.mark.parametrize("noun", RULES)
def test_rules_are_whole(lived_in: Direct, noun: str) -> None:
    wanted = set(table("objects")["nouns"][noun]["properties"])
    for row in lived_in.tenant.rows(noun):
        assert {name for name in row if not name.startswith("_")} == wanted, row["Name"]
        assert row["Conditions"], row["Name"]
        assert row["RuleVersion"] == "15.0.5.2"


@pytest.mark.parametrize("noun", [name.replace("Rule", "Policy") for name in RULES])
def test_policies_are_whole_and_the_preset_is_there(lived_in: Direct, noun: str) -> None:
    rows = lived_in.tenant.rows(noun)
    wanted = set(table("objects")["nouns"][noun]["properties"])
    own = [row for row in rows if row["RecommendedPolicyType"] == "Custom"]
    assert all({name for name in row if not name.startswith("_")} == wanted for row in own)
    assert [row["RecommendedPolicyType"] for row in rows].count("Standard") == 1
    assert len({row["Guid"] for row in rows}) == len(rows)


def test_the_standard_preset_is_on(lived_in: Direct) -> None:
    for noun in ("EOPProtectionPolicyRule", "ATPProtectionPolicyRule"):
        (rule,) = lived_in.tenant.rows(noun)
        assert (rule["Name"], rule["State"]) == ("Standard Preset Security Policy", "Enabled")


def test_default_and_global_objects_were_touched(lived_in: Direct) -> None:
    rows = lived_in.tenant.rows
    (settings,) = rows("AtpPolicyForO365")
    assert (settings["EnableSafeDocs"], settings["AllowSafeDocsOpen"]) == (False, True)
    default = next(row for row in rows("HostedContentFilterPolicy") if row["IsDefault"])
    assert (default["BulkThreshold"], len(default["AllowedSenderDomains"])) == (9, 2)
    assert {row["DomainName"]: row["Default"] for row in rows("AcceptedDomain")} == {"contoso.onmicrosoft.com": False, "contoso.com": True}
    assert len({row["Guid"] for row in rows("AcceptedDomain")}) == 2


def test_an_alert_that_starts_investigations_is_off_and_one_is_the_tenants_own(lived_in: Direct) -> None:
    alerts = lived_in.tenant.rows("ProtectionAlert")
    off = [row for row in alerts if row["Disabled"]]
    assert [(row["Guid"], row["IsSystemRule"]) for row in off] == [("a74bb32a-541b-47fb-adfd-f8c62ce3d59b", True)]
    assert off[0]["AlertOverrideChangedUtc"]
    assert [row["Name"] for row in alerts if not row["IsSystemRule"]] == ["Forwarding watched by the service desk"]
    fresh = World().add("fresh_e5").rows("ProtectionAlert")
    assert {row["Guid"] for row in fresh} <= {row["Guid"] for row in alerts}
    assert all(set(row) == set(fresh[0]) for row in alerts)


def test_device_groups_at_four_levels_with_the_default_at_semi(lived_in: Direct) -> None:
    items = lived_in.browser().groups()
    assert sorted(item["AutoRemediationLevel"] for item in items[:-1]) == [0, 1, 2, 3]
    assert items[-1]["AutoRemediationLevel"] == 1


def test_devices_are_old_passive_or_not_onboarded(lived_in: Direct) -> None:
    rows = lived_in.endpoint("machines").body["value"]
    assert [row["computerDnsName"] for row in rows if row["osPlatform"] == "Windows10" and row["osBuild"] < 16299]
    assert {"CanBeOnboarded", "InsufficientInfo"} <= {row["onboardingStatus"] for row in rows}
    assert {"Inactive", "ImpairedCommunication"} <= {row["healthStatus"] for row in rows}
    assert {"1", "2"} <= {row["avMode"] for row in lived_in.endpoint("deviceavinfo").body["value"]}


def test_something_waits_for_approval(lived_in: Direct) -> None:
    alerts = lived_in.graph("security/alerts_v2").body["value"]
    waiting = [row for row in alerts if row["investigationState"] == "pendingApproval"]
    assert {row["serviceSource"] for row in waiting} == {"microsoftDefenderForEndpoint", "microsoftDefenderForOffice365"}
    assert any(item["remediationStatus"] == "pendingApproval" for row in waiting for item in row["evidence"])
    incidents = lived_in.graph("security/incidents?$filter=status eq 'awaitingAction'").body["value"]
    assert {row["id"] for row in incidents} == {row["incidentId"] for row in waiting}
    assert lived_in.endpoint("machineactions?$filter=status eq 'Pending'").body["value"]
    assert [row["severity"] for row in lived_in.graph("security/identities/healthIssues").body["value"]] == ["high"]


# ---------------------------------------------------------------- over the network


@pytest.fixture(scope="module")
def started() -> Iterator[Emulator]:
    with Emulator.start(seeds=NAMES) as emulator:
        yield emulator


@pytest.fixture
def session(started: Emulator) -> Iterator[requests.Session]:
    with requests.Session() as made:
        made.trust_env = False
        made.verify = started.ca_path or False
        yield made


def _token(started: Emulator, session: requests.Session, tenant: EmulatedTenant, audience: str) -> requests.Response:
    who = tenant.identities["writer"]
    form = {"grant_type": "client_credentials", "client_id": who["client_id"], "client_secret": who["client_secret"]}
    url = f"{started.url}/login.microsoftonline.com/{tenant.tenant_id}/oauth2/v2.0/token"
    return session.post(url, data={**form, "scope": f"{audience}/.default"}, timeout=30)


@pytest.mark.parametrize("name", NAMES)
def test_a_started_seed_answers(started: Emulator, session: requests.Session, name: str) -> None:
    tenant = started.tenants[NAMES.index(name)]
    token = _token(started, session, tenant, "https://graph.microsoft.com").json()["access_token"]
    session.headers["Authorization"] = f"Bearer {token}"
    rows = session.get(f"{started.url}/graph.microsoft.com/v1.0/subscribedSkus", timeout=30).json()["value"]
    assert [row["skuPartNumber"] for row in rows] == list(load_seed(name).licences)
    asked = _token(started, session, tenant, "https://api.securitycenter.microsoft.com")
    if not tenant.portal_session:
        assert (asked.status_code, asked.json()["error_codes"]) == (400, [500011])
        return
    session.headers["Authorization"] = f"Bearer {asked.json()['access_token']}"
    link, found = f"{started.url}/eu.api.security.microsoft.com/api/machines?$top=4", 0
    while link:
        page = session.get(link, timeout=30).json()
        found += len(page["value"])
        link = page.get("@odata.nextLink", "")
        assert not link or link.startswith(f"{started.url}/eu.api.security.microsoft.com/api/machines?$top=4")
    assert found == len(tenant.state("machines"))


def test_an_expired_portal_session_is_renewed_over_the_network(started: Emulator, session: requests.Session) -> None:
    tenant = started.tenants[NAMES.index("lived_in")]
    assert tenant.portal_session
    portal = f"{started.url}/security.microsoft.com"
    groups = f"{portal}/apiproxy/mtp/rbacManagementApi/rbac/machine_groups"
    token = tenant.portal_session["xsrf_token"]
    session.cookies.set("sccauth", tenant.portal_session["sccauth"], domain="127.0.0.1")
    session.cookies.set("XSRF-TOKEN", quote(token, safe=""), domain="127.0.0.1")
    session.headers["X-XSRF-TOKEN"] = token
    assert len(session.get(groups, timeout=30).json()["items"]) == 5
    tenant.fault(kind="expire", match={"service": "portal"})
    assert session.get(groups, timeout=30).status_code == 440
    assert session.get(groups, timeout=30).status_code == 440
    assert session.get(f"{portal}/?tid={tenant.tenant_id}", timeout=30).status_code == 200
    session.headers["X-XSRF-TOKEN"] = unquote(session.cookies["XSRF-TOKEN"])
    assert session.headers["X-XSRF-TOKEN"] != token
    assert session.get(groups, timeout=30).status_code == 200
    assert token not in json.dumps(tenant.journal())
