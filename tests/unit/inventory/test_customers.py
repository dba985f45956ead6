# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A partner's customers from relationships, contracts and a list: who is one, what it is called, which groups it is in."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ansible_collections.m365.defender.plugins.plugin_utils._customers import (
    clashes,
    customers_of,
    faults,
    groups,
    license_groups,
    moment,
    named,
    queries,
    variables,
)

A, B, C = (f"{digit * 8}-{digit * 4}-4{digit * 3}-8{digit * 3}-{digit * 12}" for digit in "abc")
NOW = datetime(2026, 6, 1, tzinfo=UTC)


def relation(tenant=A, name="Adatum", ends="2027-01-01T00:00:00.1234567Z", **more):
    return {"id": f"of {ends}", "status": "active", "customer": {"tenantId": tenant, "displayName": name}, "endDateTime": ends, **more}


def contract(tenant=A, name="Adatum Corporation", domain="Adatum.com"):
    return {"customerId": tenant, "displayName": name, "defaultDomainName": domain, "contractType": "ResellerPartner"}


def one(relationships=(), contracts=(), listed=()):
    (found,) = customers_of(relationships, contracts, listed, "commercial")
    return found


def test_a_customer_of_several_sources_is_one():
    found = one([relation()], [contract(A.upper())], [{"tenant_id": A, "name": "Ours", "vars": {"ring": 1}}])
    assert (found.tenant_id, found.name, found.domain, found.contract) == (A, "Ours", "adatum.com", "ResellerPartner")
    assert found.sources == ("relationships", "contracts", "customers")
    assert variables(found, NOW)["ring"] == 1


def test_of_several_relationships_the_one_that_lasts_longest_counts():
    found = one([relation(ends="2026-06-10T00:00:00Z"), relation(ends="2027-01-01T00:00:00.1234567Z")])
    told = variables(found, NOW)["m365_customer"]
    assert (told["ends"], told["days_left"]) == ("2027-01-01T00:00:00.1234567Z", 214)
    assert len(told["relationships"]) == 2


def test_a_relationship_without_a_customer_is_none():
    assert customers_of([{"id": "1", "status": "created", "customer": None}], [], [], "commercial") == []


@pytest.mark.parametrize(
    ("relationships", "expected"),
    [
        ([relation(ends="2026-06-20T00:00:00Z")], ["relationship_active", "relationship_ends_soon"]),
        ([relation(ends="2026-05-20T00:00:00Z", status="expired")], ["relationship_expired", "relationship_ended"]),
        ([relation(ends="2026-06-20T00:00:00Z", autoExtendDuration="P180D")], ["relationship_active"]),
        ([relation(ends="2026-06-20T00:00:00Z", autoExtendDuration="PT0S")], ["relationship_active", "relationship_ends_soon"]),
        ([relation(ends="2027-06-20T00:00:00Z")], ["relationship_active"]),
        ([relation(ends=None, status="approvalPending")], ["relationship_approvalPending"]),
    ],
)
def test_groups_of_a_relationship(relationships, expected):
    assert groups(one(relationships), NOW, 30) == ["cloud_commercial", *expected]


def test_a_customer_without_a_relationship_is_in_a_group_that_says_so():
    found = one([], [contract()])
    assert groups(found, NOW, 30) == ["cloud_commercial", "relationship_none"]
    assert variables(found, NOW)["m365_customer"]["days_left"] is None


def test_names_are_unique_and_stable():
    customers = customers_of(
        [], [contract(A, "Twins Ltd.", "a.com"), contract(B, "Twins, Ltd.", ""), contract(C, "Twins Ltd", "")], [], "commercial"
    )
    assert set(named(customers, ["domain", "name", "tenant_id"])) == {"a.com", B, C}, "two of one name are called after their tenants"
    assert set(named(customers, ["tenant_id"])) == {A, B, C}
    assert set(named(customers[:1], ["name"])) == {"twins-ltd"}


@pytest.mark.parametrize("domain", ["a.{{ 6 * 7 }}.com", "../a.com", "a.com/x", "a b.com", ".", ""])
def test_what_is_no_domain_is_no_host(domain):
    """Files are called after hosts, and ansible-core 2.18 takes a template in a name for one."""
    (host,) = named(customers_of([], [contract(A, "Adatum", domain)], [], "commercial"), ["domain", "name", "tenant_id"])
    assert host == "adatum"


def test_of_a_name_that_several_have_it_is_said_that_nobody_has_it():
    order = ["domain", "name", "tenant_id"]
    alone, pair = [contract(A, "Twins", "")], [contract(A, "Twins", ""), contract(B, "Twins", "")]
    assert clashes(customers_of([], alone, [], "commercial"), order) == []
    (said,) = clashes(customers_of([], pair, [], "commercial"), order)
    assert said.startswith("2 customers are called twins, so no host is") and A in said and B in said
    assert clashes(customers_of([], pair, [], "commercial"), ["tenant_id"]) == []
    (said,) = clashes(customers_of([], [contract(A, "Twins", "a.com"), contract(B, "Twins", "")], [], "commercial"), order)
    assert B in said and "a.com" not in said, "who is called after a domain has lost nothing"


def test_a_domain_is_expected_only_where_it_is_known():
    assert "m365_expected_domain" not in variables(one([relation()]), NOW)
    assert variables(one([], [contract()]), NOW)["m365_expected_domain"] == "adatum.com"


@pytest.mark.parametrize(
    ("listed", "said"),
    [
        ([{"tenant_id": "adatum.com"}], "must be a GUID"),
        (["adatum"], "must be a GUID"),
        (
            [{"tenant_id": A, "secret": "x"}],
            "unknown secret; known are tenant_id, name, domain, cloud, vars; variables of the host stand below vars",
        ),
        ([{"tenant_id": A, "vars": ["x"]}], "must be a dictionary"),
        ([{"tenant_id": A, "cloud": "azure"}], "cloud must be one of"),
        ([{"tenant_id": A}, {"tenant_id": A.upper()}], "named twice"),
    ],
)
def test_what_is_wrong_with_a_list_is_said(listed, said):
    (fault,) = faults(listed)
    assert said in fault
    assert faults([{"tenant_id": A, "name": "x", "domain": "x.com", "cloud": "gcc", "vars": {}}]) == []


def test_only_what_is_asked_for_is_read():
    assert list(queries(["contracts"], ["active"])) == ["contracts"]
    asked = queries(["relationships", "contracts"], ["active", "expiring"])["relationships"]
    assert dict(asked.parameters) == {"$filter": "status eq 'active' or status eq 'expiring'", "$top": 300}


def test_groups_of_licences():
    assert license_groups({"unknown": "no consent"}) == ["license_unknown"]
    assert license_groups({"skus": ["SPE_E5"], "air": {"qualifies": True}}) == ["license_SPE_E5", "air_yes"]


def test_moments_have_seven_digits_or_none():
    assert moment("2027-01-01T00:00:00.1234567Z") == datetime(2027, 1, 1, 0, 0, 0, 123456, UTC)
    assert moment("") is None
