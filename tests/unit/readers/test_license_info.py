# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Licences: truth tables over service plans, their states, and the subscriptions that bring them."""

from __future__ import annotations

import pytest

from ansible_collections.m365.defender.plugins.module_utils._errors import Forbidden
from ansible_collections.m365.defender.plugins.module_utils.readers._licences import PLANS
from ansible_collections.m365.defender.plugins.module_utils.readers.license_info import LICENSE_INFO

ASK = LICENSE_INFO.asks({})[0]
E5 = ("WINDEFATP", "THREAT_INTELLIGENCE", "ATP_ENTERPRISE", "ATA", "ADALLOM_S_STANDALONE", "MTP", "EXCHANGE_S_ENTERPRISE")


def sku(name, *plans, status="Enabled", provisioning="Success", **changed):
    return {
        "skuPartNumber": name,
        "skuId": "00000000-0000-4000-8000-000000000000",
        "capabilityStatus": status,
        "consumedUnits": 3,
        "prepaidUnits": {"enabled": 10, "warning": 0, "suspended": 0, "lockedOut": 0},
        "servicePlans": [
            {"servicePlanId": PLANS.get(plan, plan), "servicePlanName": "a name that must not matter", "provisioningStatus": provisioning}
            for plan in plans
        ],
        **changed,
    }


def licenses(*skus):
    return LICENSE_INFO.answer({}, {ASK: list(skus)})["licenses"]


@pytest.mark.parametrize(
    ("plans", "endpoint", "office", "identity", "cloud_apps", "xdr", "exchange"),
    [
        (E5, "plan2", "plan2", True, True, True, True),
        (("ATP_ENTERPRISE", "MDE_LITE", "EXCHANGE_S_ENTERPRISE"), "plan1", "plan1", False, False, True, True),
        (("ATP_ENTERPRISE", "MDE_SMB", "EXCHANGE_S_STANDARD"), "business", "plan1", False, False, True, True),
        (("MDE_SMB", "WINDEFATP"), "plan2", "none", False, False, True, False),
        (("MDE_SMB", "MDE_LITE"), "business", "none", False, False, True, False),
        (("ATP_ENTERPRISE_GOV", "THREAT_INTELLIGENCE_GOV"), "none", "plan2", False, False, True, False),
        (("ATP_ENTERPRISE_GOV",), "none", "plan1", False, False, False, False),
        (("ADALLOM_S_STANDALONE_DOD",), "none", "none", False, True, True, False),
        (("ADALLOM_S_DISCOVERY",), "none", "none", False, False, True, False),
        (("ATA",), "none", "none", True, False, True, False),
        (("EXCHANGE_S_DESKLESS",), "none", "none", False, False, False, True),
        (("EXCHANGE_S_ENTERPRISE_GOV",), "none", "none", False, False, False, True),
        (("113feb6c-3fe4-4440-bddc-54d774bf0318",), "none", "none", False, False, False, False),  # EXCHANGE_S_FOUNDATION is no mailbox
        ((), "none", "none", False, False, False, False),
    ],
)
def test_products(plans, endpoint, office, identity, cloud_apps, xdr, exchange):
    assert licenses(sku("ANY", *plans))["products"] == {
        "defender_for_endpoint": endpoint,
        "defender_for_office_365": office,
        "defender_for_identity": identity,
        "defender_for_cloud_apps": cloud_apps,
        "defender_xdr": xdr,
        "exchange_online": exchange,
    }


@pytest.mark.parametrize(
    ("skus", "line"),
    [
        ([sku("SPE_E5", *E5)], "Microsoft 365 E5"),
        ([sku("SPE_E5_CALLINGMINUTES ", *E5)], "Microsoft 365 E5"),  # some names end in a blank
        ([sku("M365_G5_GCC", "WINDEFATP", "THREAT_INTELLIGENCE_GOV", "ATA", "ADALLOM_S_STANDALONE")], "Microsoft 365 E5"),
        ([sku("M365EDU_A5_FACULTY", *E5)], "Microsoft 365 A5"),
        (
            [sku("SPE_E3", "ATP_ENTERPRISE"), sku("IDENTITY_THREAT_PROTECTION", *E5)],
            "Microsoft 365 E3 with the Microsoft Defender Suite add-on",
        ),
        (
            [
                sku("ENTERPRISEPREMIUM", "THREAT_INTELLIGENCE"),
                sku("EMSPREMIUM", "ATA", "ADALLOM_S_STANDALONE"),
                sku("WIN10_VDA_E5", "WINDEFATP"),
            ],
            "Office 365 E5 with Enterprise Mobility + Security E5 and Windows E5",
        ),
        ([sku("SOMETHING_NEW", *E5)], ""),
    ],
)
def test_air_names_the_line_of_the_article(skus, line):
    found = licenses(*skus)
    assert found["air"] == {"qualifies": True, "line": line, "missing": [], "missing_products": []}
    assert bool(found["remarks"]) == (not line)


@pytest.mark.parametrize(
    ("left_out", "product"),
    [
        ("WINDEFATP", "Microsoft Defender for Endpoint Plan 2"),
        ("THREAT_INTELLIGENCE", "Microsoft Defender for Office 365 Plan 2"),
        ("ATA", "Microsoft Defender for Identity"),
        ("ADALLOM_S_STANDALONE", "Microsoft Defender for Cloud Apps"),
    ],
)
def test_air_names_what_is_missing_even_behind_the_right_name(left_out, product):
    air = licenses(sku("SPE_E5", *(plan for plan in E5 if plan != left_out)))["air"]
    assert air == {"qualifies": False, "line": "", "missing": [left_out], "missing_products": [product]}


@pytest.mark.parametrize(
    ("status", "provisioning", "qualifies"),
    [
        ("Enabled", "Success", True),
        ("Enabled", "PendingInput", True),
        ("Enabled", "PendingProvisioning", True),
        ("Enabled", "PendingActivation", False),
        ("Enabled", "Disabled", False),
        ("Enabled", "Error", False),
        ("Warning", "Success", True),
        ("Suspended", "Success", False),
        ("Deleted", "Success", False),
        ("LockedOut", "Success", False),
    ],
)
def test_only_what_works_counts(status, provisioning, qualifies):
    assert licenses(sku("SPE_E5", *E5, status=status, provisioning=provisioning))["air"]["qualifies"] is qualifies


def test_plans_add_up_over_subscriptions_and_one_that_works_is_enough():
    found = licenses(sku("SPE_E5", *E5, status="Suspended"), sku("A", "WINDEFATP", "ATA"), sku("B", "ATP_ENTERPRISE"))
    assert found["service_plans"] == ["ATA", "ATP_ENTERPRISE", "WINDEFATP"]
    assert [(one["name"], one["plans"]) for one in found["skus"]] == [
        ("A", ["ATA", "WINDEFATP"]),
        ("B", ["ATP_ENTERPRISE"]),
        ("SPE_E5", []),
    ]
    assert found["air"]["missing"] == ["THREAT_INTELLIGENCE", "ADALLOM_S_STANDALONE"]


def test_ids_are_compared_without_case():
    assert licenses(sku("A", PLANS["WINDEFATP"].upper()))["service_plans"] == ["WINDEFATP"]


def test_business_beside_plan_2_is_remarked_upon():
    assert "mixed" in licenses(sku("A", "WINDEFATP", "MDE_SMB"))["remarks"][0]


def test_a_subscription_shows_its_units():
    one = licenses(sku("A", prepaidUnits={"enabled": 0, "warning": 5, "suspended": None}))["skus"][0]
    assert (one["units"], one["consumed"]) == ({"enabled": 0, "warning": 5, "suspended": 0}, 3)


def test_without_an_answer_nothing_is_said():
    with pytest.raises(Forbidden):
        LICENSE_INFO.answer({}, {ASK: Forbidden("no")})
