# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands behind the licences: numbers of units, trials, government plans, and what to do about what is missing. Pure; private.

Trials: [doc] companySubscription.isTrial of /directory/subscriptions; subscribedSkus does not tell a trial.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._errors import TenantError
from ansible_collections.m365.defender.plugins.module_utils._resource import Row, Values
from ansible_collections.m365.defender.plugins.module_utils.readers._answers import folded
from ansible_collections.m365.defender.plugins.module_utils.readers._licences import AIR, PLANS, XDR

UNITS = ("enabled", "warning", "suspended")
TRIALS_TOLD_BY = "isTrial of the tenant's commercial subscriptions in Microsoft Graph, which Microsoft documents"
# Plans that are sold to the United States' government only, by the ends of their names. [code] Microsoft's list of service plans
GOVERNMENT = tuple(name for name in PLANS if name.endswith(("_GOV", "_DOD")))
# What would bring a product that is missing alone. [doc] the products; the article's table has the suites only.
REMEDIES = {
    "Microsoft Defender for Endpoint Plan 2": "its own licence, Windows E5 or the Microsoft Defender Suite add-on",
    "Microsoft Defender for Office 365 Plan 2": "its own licence, Office 365 E5 or the Microsoft Defender Suite add-on",
    "Microsoft Defender for Identity": "Enterprise Mobility + Security E5 or the Microsoft Defender Suite add-on",
    "Microsoft Defender for Cloud Apps": "Enterprise Mobility + Security E5 or the Microsoft Defender Suite add-on",
}
XDR_REMEDY = (
    "Any of these would open Defender XDR: Microsoft 365 E5, the Microsoft Defender Suite add-on, Office 365 E5, Enterprise Mobility + "
    "Security E5, Windows E5, Microsoft 365 Business Premium, or a Defender product of its own."
)


def with_trials(skus: Sequence[Values], subscriptions: Sequence[Row] | TenantError) -> list[Values]:
    """The subscriptions, each with `trial` (null where nobody says), `trial_units` and `ends`, the first date at which something ends."""
    if isinstance(subscriptions, TenantError):
        return [{**sku, "trial": None, "trial_units": None, "ends": ""} for sku in skus]
    return [{**sku, **_trial(sku, [one for one in subscriptions if folded(one.get("skuId")) == folded(sku["id"])])} for sku in skus]


def _trial(sku: Values, bought: Sequence[Row]) -> Values:
    """A product can be bought and tried at once: it counts as a trial when nothing but trials of it run."""
    running = [one for one in bought if folded(one.get("status")) in ("enabled", "warning")]
    told = [one for one in running if isinstance(one.get("isTrial"), bool)]
    if not told:
        return {"trial": None, "trial_units": None, "ends": ""}
    trials = [one for one in told if one["isTrial"]]
    dates = sorted(str(one["nextLifecycleDateTime"]) for one in trials or told if one.get("nextLifecycleDateTime"))
    return {
        "trial": len(trials) == len(running),
        "trial_units": sum(int(one.get("totalLicenses") or 0) for one in trials),
        "ends": dates[0] if dates else "",
    }


def trials_of(skus: Sequence[Values], subscriptions: Sequence[Row] | TenantError) -> Values:
    """Which subscriptions are trials, how that is known, and why not where it is not."""
    failed = isinstance(subscriptions, TenantError)
    untold = [sku["name"] for sku in skus if sku["trial"] is None and (sku["plans"] or sku["idle_plans"])]
    reason = subscriptions.message if isinstance(subscriptions, TenantError) else ""
    if untold and not failed:
        reason = f"Nobody says whether these are trials: {', '.join(untold)}."
    return {
        "known": not failed and not untold,
        "subscriptions": [sku["name"] for sku in skus if sku["trial"]],
        "told_by": "" if failed else TRIALS_TOLD_BY,
        "unknown_because": reason,
    }


def requirements_of(skus: Sequence[Values]) -> list[Values]:
    """The four products of the article: which plan and which subscriptions bring each, how many units, and what to do if none does."""
    return [_requirement(product, wanted, skus) for product, wanted in AIR]


def _requirement(product: str, wanted: Sequence[str], skus: Sequence[Values]) -> Values:
    bringing = [sku for sku in skus if set(sku["plans"]) & set(wanted)]
    idle = [f"{sku['name']}: {sku['idle_plans'][name]}" for sku in skus for name in wanted if name in sku["idle_plans"]]
    trials = [sku["trial"] for sku in bringing]
    return {
        "product": product,
        "present": bool(bringing),
        "plans": sorted({name for sku in bringing for name in sku["plans"] if name in wanted}) or [wanted[0]],
        "subscriptions": [sku["name"] for sku in bringing],
        "units": {name: sum(sku["units"][name] for sku in bringing) for name in UNITS},
        "trial_only": None if not bringing or None in trials else all(trials),
        "not_working": idle,
        "remedy": "" if bringing else _remedy(product, idle),
    }


def remedy_of(requirements: Sequence[Values]) -> str:
    """What to do about all that is missing. Where that is everything, what brings all of it at once [doc]."""
    missing = [one for one in requirements if not one["present"]]
    if len(missing) == len(AIR) and not any(one["not_working"] for one in missing):
        return "Get Microsoft 365 E5, or Microsoft 365 E3 with the Microsoft Defender Suite add-on: either brings all four."
    return " ".join(one["remedy"] for one in missing)


def _remedy(product: str, idle: Sequence[str]) -> str:
    if idle:
        return f"{product} is bought and does not work ({'; '.join(idle)}): renew the subscription, or switch the plan on again."
    return f"Get a licence that brings {product}, such as {REMEDIES[product]}."


def xdr_of(plans: Collection[str]) -> Values:
    """Whether the licences open Defender XDR, by which plans: a much wider list than that of automated investigation."""
    found = sorted(set(plans) & set(XDR))
    return {"qualifies": bool(found), "plans": found, "remedy": "" if found else XDR_REMEDY}


def government_of(plans: Collection[str]) -> list[str]:
    """The plans that only the government of the United States is sold."""
    return sorted(set(plans) & set(GOVERNMENT))


def remarks_of(plans: Collection[str], air: Values, requirements: Sequence[Values], trials: Values, cloud: str) -> list[str]:
    """What a person should know about these licences."""
    remarks = []
    if air["qualifies"] and not air["line"]:
        remarks.append("All four service plans are there, though no line of Microsoft's table of subscriptions names this combination.")
    if "WINDEFATP" in plans and "MDE_SMB" in plans:
        remarks.append(
            "Defender for Endpoint Plan 2 and Defender for Business are mixed; only the portal shows as which of the two the tenant acts."
        )
    present = [one for one in requirements if one["present"]]
    remarks += _few(present)
    remarks += [f"Only trials bring {one['product']}: {', '.join(one['subscriptions'])}." for one in present if one["trial_only"]]
    if trials["unknown_because"]:
        remarks.append(f"Whether subscriptions are trials is not known. {trials['unknown_because']}")
    bought = government_of(plans)
    if bought and cloud == "commercial":
        remarks.append(f"Plans for the government are there ({', '.join(bought)}), so cloud is probably gcc and not commercial.")
    return remarks


def _few(present: Iterable[Values]) -> list[str]:
    """Products without a licence in force, and such as have fewer than another of the four."""
    remarks, counts = [], {}
    for one in present:
        enabled, grace = one["units"]["enabled"], one["units"]["warning"]
        if not enabled and not grace:
            remarks.append(f"{one['product']} has no unit enabled: {', '.join(one['subscriptions'])}.")
        elif not enabled:
            remarks.append(f"{one['product']} is in its time of grace: none of its units is enabled, {grace} are in warning.")
        else:
            counts[one["product"]] = enabled + grace
    most: Any = max(counts, key=lambda product: counts[product], default=None)
    remarks += [
        f"{product} has {number} units, fewer than the {counts[most]} of {most}: who is above that number is not licensed for it."
        for product, number in counts.items()
        if number < counts[most]
    ]
    return remarks
