# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Step 1: licences, permissions of the caller, devices, and what has to be there besides. Pure; private to the collection."""

from __future__ import annotations

from ansible_collections.m365.defender.plugins.module_utils._clouds import NOT_IN_CLOUD
from ansible_collections.m365.defender.plugins.module_utils._readiness.surroundings import approvers, hosts, workloads
from ansible_collections.m365.defender.plugins.module_utils._readiness.words import (
    AGAIN,
    COMPLIANT,
    NOT_APPLICABLE,
    NOT_COMPLIANT,
    ONBOARDING_LINK,
    UNKNOWN,
    Facts,
    Finding,
    Judged,
    Values,
    came,
    names_of,
    not_in_cloud,
    products_of,
)

WITHOUT = {"licenses": "Licences", "devices": "Devices"}


def prerequisites(facts: Facts, check: bool) -> Judged:
    """facts: licenses, permissions, devices, workloads (or xdr, which tells of some), approvers, reachability."""
    findings: list[Finding] = []
    products = products_of(facts)
    lacking, without_xdr = not_in_cloud(facts.get("devices")), _without_xdr(facts)
    findings.append(_licences(facts["licenses"]["licenses"]) if products is not None else _unread("licenses"))
    if came(facts.get("permissions")):
        findings += _permissions(facts["permissions"]["permissions"]["steps"], products, check)
    if came(facts.get("devices")):
        findings.append(_devices(facts["devices"]["summary"]))
    elif lacking:
        findings.append(Finding("devices", NOT_APPLICABLE, lacking, fact="devices"))
    elif products is not None and products["defender_for_endpoint"] != "none":
        findings.append(_unread("devices"))
    findings += workloads(facts, products)
    if without_xdr:  # nothing waits there for anybody
        findings.append(Finding("approvers of mail", NOT_APPLICABLE, without_xdr, fact="workloads"))
    else:
        findings += approvers(facts, products)
    unreached, notes = hosts(facts, products)
    return findings + unreached, [*(facts["licenses"]["licenses"].get("remarks") or () if products is not None else ()), *notes]


def _unread(fact: str) -> Finding:
    """Something without which the step can't be compliant."""
    words = WITHOUT[fact]
    return Finding(words.lower(), UNKNOWN, f"{words} were not read.", AGAIN, fact=fact)


def _licences(licenses: Values) -> Finding:
    air = licenses["air"]
    if air["qualifies"]:
        return Finding("licences", COMPLIANT, f"Licences: {air['line'] or 'all four service plans are there'}.", fact="licenses")
    missing = air["missing_products"]
    return Finding(
        "licences",
        NOT_COMPLIANT,
        f"Licence missing: {', '.join(missing)}.",
        air.get("remedy")
        or f"Get licences that bring {'it' if len(missing) == 1 else 'them'}, such as Microsoft 365 E5 or the Defender Suite add-on.",
        fact="licenses",
    )


def _without_xdr(facts: Facts) -> str:
    """That the tenant's cloud does not have Defender XDR, as the reader of workloads says; empty when it has it, or nobody knows."""
    told: Values = facts["workloads"]["workloads"] if came(facts.get("workloads")) else {}
    return next((str(one["reason"]) for one in told.values() if one["state"] == NOT_IN_CLOUD), "")


def _permissions(steps: Values, products: Values | None, check: bool) -> list[Finding]:
    """What the caller lacks, for steps that this tenant has at all; what it lacks to write does not matter to a run that writes nothing."""
    wanted = {
        "prerequisites": True,
        "device_groups": products is None or products["defender_for_endpoint"] != "none",
        "email_protection": products is None or products["exchange_online"],
        "xdr": products is None or products["defender_xdr"],
        "action_center": products is None or products["defender_xdr"],
    }
    findings = []
    for step, said in steps.items():
        for need in said["missing"] if wanted[step] else ():
            unlicensed = products is not None and (
                (need["audience"] == "defender" and products["defender_for_endpoint"] == "none")
                or (need["audience"] == "compliance" and products["defender_for_office_365"] != "plan2")
            )
            # A session that is good is meant to write; without any the step says that it is left to a person.
            in_vain = need["access"] == "write" and need["audience"] == "portal" and _reads_portal(said)
            if (need["optional"] and not in_vain) or unlicensed or (need["access"] == "write" and check):
                continue
            findings.append(
                Finding(
                    f"permission to {need['access']}",
                    NOT_COMPLIANT if need["access"] == "write" else UNKNOWN,
                    f"The caller may not {need['access']} {need['purpose']}.",
                    need["remedy"],
                    fact="permissions",
                )
            )
    return list(dict.fromkeys(findings))


def _reads_portal(said: Values) -> bool:
    return any(one["audience"] == "portal" and one["access"] == "read" and one["state"] == "granted" for one in said["needs"])


def _devices(summary: Values) -> Finding:
    counted, ready, percent = summary["counted"], summary["ready"], summary["percent"]
    if not counted:
        return Finding("devices", NOT_COMPLIANT, "No Windows device is onboarded.", f"Onboard devices: {ONBOARDING_LINK}", fact="devices")
    said = f"{ready} of {counted} devices ready ({percent:g} %, wanted {summary['min_device_coverage']} %)."
    if summary["enough"]:
        return Finding("devices", COMPLIANT, f"{ready} of {counted} devices ready.", fact="devices")
    if summary["enough"] is None:
        reason = summary["antivirus_unknown_because"]
        remedy = "Look at the devices that device_info calls unknown, each with the reason."
        return Finding("devices", UNKNOWN, f"{said} Of {summary['unknown']} too little is known.", reason or remedy, fact="devices")
    worst = [f"{one['name']} ({one['reasons'][0]})" for one in summary["worst"]]
    return Finding("devices", NOT_COMPLIANT, said, f"Mend {names_of(worst)}.", fact="devices")
