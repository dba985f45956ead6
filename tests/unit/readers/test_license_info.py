# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Licences: truth tables over service plans, their states, and the subscriptions that bring them."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest
import yaml

from ansible_collections.m365.defender.plugins.module_utils._errors import Forbidden
from ansible_collections.m365.defender.plugins.module_utils.readers._licences import PLANS
from ansible_collections.m365.defender.plugins.module_utils.readers.license_info import LICENSE_INFO

ASK, BOUGHT = LICENSE_INFO.asks({})
EVERY = yaml.safe_load((Path(__file__).parent / "subscriptions.yml").read_text(encoding="utf-8"))
PRODUCTS = {
    "endpoint": "Microsoft Defender for Endpoint Plan 2",
    "office": "Microsoft Defender for Office 365 Plan 2",
    "identity": "Microsoft Defender for Identity",
    "cloud_apps": "Microsoft Defender for Cloud Apps",
}
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


def licenses(*skus, bought=(), cloud="commercial"):
    return LICENSE_INFO.answer({"cloud": cloud}, {ASK: list(skus), BOUGHT: bought if isinstance(bought, Exception) else list(bought)})[
        "licenses"
    ]


def verdict(air):
    return {name: air[name] for name in ("qualifies", "line", "missing", "missing_products")}


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
    assert verdict(found["air"]) == {"qualifies": True, "line": line, "missing": [], "missing_products": []}
    assert any("no line of Microsoft" in remark for remark in found["remarks"]) == (not line)


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
    assert verdict(air) == {"qualifies": False, "line": "", "missing": [left_out], "missing_products": [product]}
    assert air["remedy"].startswith(f"Get a licence that brings {product}, such as ")


def test_one_sentence_says_what_brings_everything():
    assert licenses(sku("O365_BUSINESS", "EXCHANGE_S_STANDARD"))["air"]["remedy"].endswith("either brings all four.")


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
    assert "mixed" in " ".join(licenses(sku("A", "WINDEFATP", "MDE_SMB"))["remarks"])


def test_a_subscription_shows_its_units():
    one = licenses(sku("A", prepaidUnits={"enabled": 0, "warning": 5, "suspended": None}))["skus"][0]
    assert (one["units"], one["consumed"]) == ({"enabled": 0, "warning": 5, "suspended": 0}, 3)


def test_without_an_answer_nothing_is_said():
    with pytest.raises(Forbidden):
        LICENSE_INFO.answer({}, {ASK: Forbidden("no"), BOUGHT: []})


# ---------------------------------------------------------------- every subscription of Microsoft's list


def real(name):
    return sku(name, *EVERY[name]["plans"])


@pytest.mark.parametrize("name", EVERY)
def test_every_subscription_is_judged_by_its_plans(name):
    air = licenses(real(name))["air"]
    assert [one["present"] for one in air["requirements"]] == [word in EVERY[name]["brings"] for word in PRODUCTS]
    assert air["missing_products"] == [title for word, title in PRODUCTS.items() if word not in EVERY[name]["brings"]]
    assert air["qualifies"] == (len(EVERY[name]["brings"]) == 4)


def test_any_two_subscriptions_add_up():
    for one, other in product(EVERY, EVERY):
        brings = {*EVERY[one]["brings"], *EVERY[other]["brings"]}
        assert licenses(real(one), real(other))["air"]["qualifies"] == (len(brings) == 4), (one, other)


@pytest.mark.parametrize(
    ("names", "line"),
    [
        (["SPE_E5_CALLINGMINUTES"], "Microsoft 365 E5"),  # no plan MTP in it
        (["Microsoft_365_E5_EEA_(no_Teams)_with_Calling_Minutes"], "Microsoft 365 E5"),
        (["SPE_E5_USGOV_GCCHIGH"], "Microsoft 365 E5"),
        (["O365_w/o_Teams_Bundle_M5"], "Microsoft 365 E5"),
        (["MICROSOFT_365_E7"], "Microsoft 365 E5"),
        (["M365_G5_GCC"], "Microsoft 365 E5"),
        (["M365EDU_A5_STUDENT"], "Microsoft 365 A5"),
        (["SPE_E3", "IDENTITY_THREAT_PROTECTION"], "Microsoft 365 E3 with the Microsoft Defender Suite add-on"),
        (["SPE_E3", "SPE_F5_SEC"], ""),  # the add-on for frontline workers is in no line
        (
            ["ENTERPRISEPREMIUM", "EMSPREMIUM", "WIN_ENT_E5"],
            "Office 365 E5 with Enterprise Mobility + Security E5 and Windows E5",
        ),
        (
            ["Office_365_w/o_Teams_Bundle_E5", "EMSPREMIUM", "WIN10_VDA_E5"],
            "Office 365 E5 with Enterprise Mobility + Security E5 and Windows E5",
        ),
        (
            ["ENTERPRISEPREMIUM_GOV", "EMSPREMIUM_GOV", "WINE5_GCC_COMPAT"],
            "Office 365 E5 with Enterprise Mobility + Security E5 and Windows E5",
        ),
        (["ENTERPRISEPREMIUM", "EMSPREMIUM", "MDATP_Server"], ""),
        # A name alone proves nothing: the students' subscription lacks Defender for Endpoint, which another one brings.
        (["M365EDU_A5_STUUSEBNFT", "WIN_DEF_ATP"], ""),
        (["M365_G5_GOV", "M365_SECURITY_COMPLIANCE_FOR_FLW", "WIN_DEF_ATP"], ""),
    ],
)
def test_the_line_of_the_article_in_real_subscriptions(names, line):
    air = licenses(*map(real, names))["air"]
    assert (air["qualifies"], air["line"]) == (True, line)


@pytest.mark.parametrize("name", ["M365EDU_A5_STUUSEBNFT", "M365EDU_A5_NOPSTNCONF_STUUSEBNFT"])
def test_the_students_benefit_lacks_defender_for_endpoint(name):
    assert licenses(real(name))["air"]["missing"] == ["WINDEFATP"]


def test_e3_brings_plan_1_for_office_365_and_not_plan_2():
    assert licenses(real("SPE_E3"))["products"]["defender_for_office_365"] == "plan1"


@pytest.mark.parametrize(
    ("name", "opens"),
    [
        ("SPB", True),
        ("MDE_SMB", True),
        ("EMSPREMIUM", True),
        ("THREAT_INTELLIGENCE", True),
        ("WIN_ENT_E5", True),
        ("ATP_ENTERPRISE", False),
    ],
)
def test_defender_xdr_has_a_wider_list(name, opens):
    found = licenses(real(name))
    assert (found["xdr"]["qualifies"], bool(found["xdr"]["remedy"]), found["air"]["qualifies"]) == (opens, not opens, False)


# ---------------------------------------------------------------- what stands behind them


def requirement(found, product):
    return next(one for one in found["air"]["requirements"] if one["product"] == product)


def test_each_product_says_who_brings_it_and_how_many_units():
    found = licenses(
        sku("A", "ATA", prepaidUnits={"enabled": 300, "warning": 1}),
        sku("B", "ATA", "WINDEFATP", prepaidUnits={"enabled": 25, "suspended": 2}),
    )
    assert requirement(found, PRODUCTS["identity"]) == {
        "product": PRODUCTS["identity"],
        "present": True,
        "plans": ["ATA"],
        "subscriptions": ["A", "B"],
        "units": {"enabled": 325, "warning": 1, "suspended": 2},
        "trial_only": None,
        "not_working": [],
        "remedy": "",
    }


def test_fewer_units_than_another_product_are_remarked_upon():
    few = sku("Teams rooms", "WINDEFATP", prepaidUnits={"enabled": 2})
    many = sku("Suite", "ATA", prepaidUnits={"enabled": 300})
    remarks = licenses(few, many)["remarks"]
    assert f"{PRODUCTS['endpoint']} has 2 units, fewer than the 300 of {PRODUCTS['identity']}" in " ".join(remarks)


@pytest.mark.parametrize(
    ("units", "words"), [({"enabled": 0}, "has no unit enabled: A"), ({"enabled": 0, "warning": 9}, "is in its time of grace")]
)
def test_no_unit_enabled_is_remarked_upon(units, words):
    assert words in " ".join(licenses(sku("A", "ATA", prepaidUnits=units))["remarks"])


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"status": "Suspended"}, "SPE_E5: the subscription is Suspended"),
        ({"status": None}, "SPE_E5: the subscription is in no known state"),
        ({"provisioning": "Disabled"}, "SPE_E5: the plan is Disabled"),
        ({"provisioning": "PendingActivation"}, "SPE_E5: the plan is PendingActivation"),
    ],
)
def test_what_is_bought_and_does_not_work_is_said(changed, reason):
    found = requirement(licenses(sku("SPE_E5", *E5, **changed)), PRODUCTS["identity"])
    assert (found["present"], found["not_working"]) == (False, [reason])
    assert found["remedy"].startswith(f"{PRODUCTS['identity']} is bought and does not work")


def bought(trial, status="Enabled", licences=25, ends=None, **changed):
    number = "00000000-0000-4000-8000-000000000000"
    return {"skuId": number, "isTrial": trial, "status": status, "totalLicenses": licences, "nextLifecycleDateTime": ends, **changed}


@pytest.mark.parametrize(
    ("rows", "trial", "units", "ends"),
    [
        ([bought(True, ends="2026-10-01T00:00:00Z")], True, 25, "2026-10-01T00:00:00Z"),
        ([bought(False)], False, 0, ""),
        ([bought(True), bought(False)], False, 25, ""),
        ([bought(True), bought(False, "Deleted")], True, 25, ""),  # what has run out does not count
        ([bought(None)], None, None, ""),
        ([], None, None, ""),
        ([bought(True, skuId="another")], None, None, ""),
    ],
)
def test_trials(rows, trial, units, ends):
    found = licenses(sku("A", "ATA"), bought=rows)
    one = found["skus"][0]
    assert (one["trial"], one["trial_units"], one["ends"]) == (trial, units, ends)
    assert found["trials"]["subscriptions"] == (["A"] if trial else [])
    assert (found["trials"]["known"], bool(found["trials"]["unknown_because"])) == (trial is not None, trial is None)
    assert requirement(found, PRODUCTS["identity"])["trial_only"] is trial
    assert ("Only trials bring Microsoft Defender for Identity: A." in found["remarks"]) == bool(trial)
    assert found["air"]["missing"] == ["WINDEFATP", "THREAT_INTELLIGENCE", "ADALLOM_S_STANDALONE"]


def test_without_the_list_of_trials_the_licences_are_judged_all_the_same():
    found = licenses(sku("SPE_E5", *E5), bought=Forbidden("no permission"))
    assert (found["air"]["qualifies"], found["trials"]["known"], found["trials"]["told_by"]) == (True, False, "")
    assert "no permission" in found["trials"]["unknown_because"]
    assert "Whether subscriptions are trials is not known. no permission." in found["remarks"]


@pytest.mark.parametrize(("cloud", "said"), [("commercial", True), ("gcc", False), ("gcc_high", False)])
def test_government_plans_in_the_commercial_cloud_are_remarked_upon(cloud, said):
    found = licenses(real("M365_G5_GCC"), cloud=cloud)
    assert found["government_plans"] == ["ATP_ENTERPRISE_GOV", "THREAT_INTELLIGENCE_GOV"]
    assert any("cloud is probably gcc" in remark for remark in found["remarks"]) == said
