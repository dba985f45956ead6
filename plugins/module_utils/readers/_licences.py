# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which products a tenant has, told from service plan ids. Pure; private to the collection.

Ids, and the rule to decide by them and never by the names of SKUs: [code] Microsoft's list "Product names and service plan identifiers
for licensing", as kept in KelvinTegelaar/CIPP-API Config/ConversionTable.csv. Mailbox plans of Exchange: [code] the same list.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._resource import Row, Values
from ansible_collections.m365.defender.plugins.module_utils.readers._answers import folded

PLANS = {
    "MTP": "bf28f719-7844-4079-9c78-c1307898e192",
    "WINDEFATP": "871d91ec-ec1a-452b-a83f-bd76c7d770ef",
    "MDE_LITE": "292cc034-7b7c-4950-aaf5-943befd3f1d4",
    "MDE_SMB": "bfc1bbd9-981b-4f71-9b82-17c35fd0e2a4",
    "ATP_ENTERPRISE": "f20fedf3-f3c3-43c3-8267-2bfdd51c0939",
    "ATP_ENTERPRISE_GOV": "493ff600-6a2b-4db6-ad37-a7d4eb214516",
    "THREAT_INTELLIGENCE": "8e0c0a52-6a6c-4d40-8370-dd62790dcd70",
    "THREAT_INTELLIGENCE_GOV": "900018f1-0cdb-4ecb-94d4-90281760fdc6",
    "ATA": "14ab5db5-e6c4-4b20-b4bc-13e36fd2227f",
    "ADALLOM_S_STANDALONE": "2e2ddb96-6af9-4b1d-a3f0-d6ecfd22edb2",
    "ADALLOM_S_STANDALONE_DOD": "6ebdddb7-8e55-4af2-952b-69e77262f96c",
    "ADALLOM_S_DISCOVERY": "932ad362-64a8-4783-9106-97849a1a30b9",
    "AAD_PREMIUM_P2": "eec0eb4f-6444-4f95-aba0-50c24d67f998",
    "SAFEDOCS": "bf6f5520-59e3-4f82-974b-7dbbc4fd27c7",
    "INTUNE_A": "c1ec4a95-1f05-45b3-a911-aa3fa01094f5",
    "EXCHANGE_S_ENTERPRISE": "efb87545-963c-4e0d-99df-69c6916d9eb0",
    "EXCHANGE_S_ENTERPRISE_GOV": "8c3069c0-ccdb-44be-ab77-986203a67df2",
    "EXCHANGE_S_STANDARD": "9aaf7827-d63c-4b61-89c3-182f06f82e5c",
    "EXCHANGE_S_STANDARD_GOV": "e9b4930a-925f-45e2-ac2a-3f7788ca6fdd",
    "EXCHANGE_S_DESKLESS": "4a82b400-a79f-41a4-b4e2-e94f5787b113",
    "EXCHANGE_S_ESSENTIALS": "1126bef5-da20-4f07-b45e-ad25d2581aa8",
}
NAMES = {number: name for name, number in PLANS.items()}

EXCHANGE = tuple(name for name in PLANS if name.startswith("EXCHANGE_S_"))
OFFICE_1 = ("ATP_ENTERPRISE", "ATP_ENTERPRISE_GOV")
OFFICE_2 = ("THREAT_INTELLIGENCE", "THREAT_INTELLIGENCE_GOV")
CLOUD_APPS = ("ADALLOM_S_STANDALONE", "ADALLOM_S_STANDALONE_DOD")

# What automated investigation and response asks for: the product, the plans of which one is enough. [code] a tenant needs all four.
AIR = (
    ("Microsoft Defender for Endpoint Plan 2", ("WINDEFATP",)),
    ("Microsoft Defender for Office 365 Plan 2", OFFICE_2),
    ("Microsoft Defender for Identity", ("ATA",)),
    ("Microsoft Defender for Cloud Apps", CLOUD_APPS),
)
# Plans that open Defender XDR, a much wider list. [doc] defender-xdr/prerequisites names products; the plans are read from those.
XDR = ("MTP", "WINDEFATP", "MDE_LITE", "MDE_SMB", *OFFICE_2, "ATA", *CLOUD_APPS, "ADALLOM_S_DISCOVERY")

# A plan works in these states. [code] the first three; PendingActivation waits for an administrator.
PROVISIONED = frozenset({"success", "pendinginput", "pendingprovisioning"})
# A subscription works in these states; Warning is the time of grace after its end. [recall]
RUNNING = frozenset({"enabled", "warning"})

# The lines of the article's table, by the names of SKUs of which each group must be there. Only a name for what the plans have decided.
# [doc] m365d-configure-auto-investigation-response of 2026-07-02; SKUs [code], those of the A5 Security add-on [recall].
LINES = (
    ("Microsoft 365 E5", (r"SPE_E5|MICROSOFT_365_E[57]|O365_W/O_TEAMS_BUNDLE_M5|M365_G5",)),
    ("Microsoft 365 A5", (r"M365EDU_A5",)),
    ("Microsoft 365 E3 with the Microsoft Defender Suite add-on", (r"SPE_E3|MICROSOFT_365_E3", r"IDENTITY_THREAT_PROTECTION")),
    ("Microsoft 365 A3 with the Microsoft 365 A5 Security add-on", (r"M365EDU_A3", r"IDENTITY_THREAT_PROTECTION|M365_A5_SECURITY")),
    (
        "Office 365 E5 with Enterprise Mobility + Security E5 and Windows E5",
        (r"ENTERPRISEPREMIUM|OFFICE_365_(E5|W/O_TEAMS_BUNDLE_E5)", r"EMSPREMIUM", r"WIN10_VDA_E5|WIN_ENT_E5|WINE5"),
    ),
)


def sku_of(row: Row) -> Values:
    """One subscription: its name, state and units, and those of its plans that matter here and work."""
    units = row.get("prepaidUnits") or {}
    return {
        "name": str(row.get("skuPartNumber") or "").strip(),
        "id": row.get("skuId") or "",
        "status": row.get("capabilityStatus") or "",
        "units": {name: units.get(name) or 0 for name in ("enabled", "warning", "suspended")},
        "consumed": row.get("consumedUnits") or 0,
        "plans": sorted({name for name in map(_working, row.get("servicePlans") or ()) if name}) if _runs(row) else [],
        "idle_plans": _idle(row),
    }


def plans_of(rows: Iterable[Row]) -> set[str]:
    """The names of the plans that matter here and that work, over all subscriptions."""
    return {name for row in rows for name in sku_of(row)["plans"]}


def products_of(plans: Collection[str]) -> Values:
    """What the tenant may use, product by product."""
    return {
        "defender_for_endpoint": _first(plans, (("plan2", ("WINDEFATP",)), ("business", ("MDE_SMB",)), ("plan1", ("MDE_LITE",)))),
        "defender_for_office_365": _first(plans, (("plan2", OFFICE_2), ("plan1", OFFICE_1))),
        "defender_for_identity": "ATA" in plans,
        "defender_for_cloud_apps": _any(plans, CLOUD_APPS),
        "defender_xdr": _any(plans, XDR),
        "exchange_online": _any(plans, EXCHANGE),
    }


def air_of(plans: Collection[str], skus: Collection[Values]) -> Values:
    """Whether the tenant qualifies for automated investigation and response, by which line of the article, or what is missing."""
    missing = [(product, wanted) for product, wanted in AIR if not _any(plans, wanted)]
    line = "" if missing else next((line for line, groups in LINES if _fits(groups, skus)), "")
    return {
        "qualifies": not missing,
        "line": line,
        "missing": [wanted[0] for dummy, wanted in missing],
        "missing_products": [product for product, dummy in missing],
    }


def _working(plan: dict[str, Any]) -> str:
    if folded(plan.get("provisioningStatus")) not in PROVISIONED:
        return ""
    return NAMES.get(folded(plan.get("servicePlanId")), "")


def _idle(row: Row) -> Values:
    """The plans that matter here and do not work, each with the reason in Microsoft's words."""
    found = {}
    for plan in row.get("servicePlans") or ():
        name = NAMES.get(folded(plan.get("servicePlanId")), "")
        if name and not _runs(row):
            found[name] = f"the subscription is {row.get('capabilityStatus') or 'in no known state'}"
        elif name and not _working(plan):
            found[name] = f"the plan is {plan.get('provisioningStatus') or 'in no known state'}"
    return dict(sorted(found.items()))


def _runs(row: Row) -> bool:
    return folded(row.get("capabilityStatus")) in RUNNING


def _any(plans: Collection[str], wanted: Iterable[str]) -> bool:
    return any(name in plans for name in wanted)


def _first(plans: Collection[str], choices: Iterable[tuple[str, tuple[str, ...]]]) -> str:
    return next((word for word, wanted in choices if _any(plans, wanted)), "none")


def _fits(groups: Iterable[str], skus: Collection[Values]) -> bool:
    """Whether subscriptions of these names are there and bring all four products by themselves: a name alone proves nothing."""
    found = [[sku for sku in skus if sku["plans"] and re.match(group, sku["name"].upper())] for group in groups]
    plans = {plan for group in found for sku in group for plan in sku["plans"]}
    return all(found) and all(_any(plans, wanted) for dummy, wanted in AIR)
