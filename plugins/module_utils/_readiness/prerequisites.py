# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Step 1: licences, permissions of the caller, devices, and the two products that have to run. Pure; private to the collection."""

from __future__ import annotations

from ansible_collections.m365.defender.plugins.module_utils._readiness.words import (
    CLOUD_APPS_LINK,
    COMPLIANT,
    IDENTITY_LINK,
    MANUAL,
    NOT_COMPLIANT,
    ONBOARDING_LINK,
    PERSON,
    UNKNOWN,
    Facts,
    Finding,
    Judged,
    Values,
    came,
    names_of,
    products_of,
)

INTEGRATION = "Whether Defender for Identity is integrated with Defender for Cloud Apps is shown by no supported API."


def prerequisites(facts: Facts, check: bool) -> Judged:
    """facts: licenses, permissions, devices, and xdr where it is known."""
    findings: list[Finding] = []
    products = products_of(facts)
    if products is not None:
        findings.append(_licences(facts["licenses"]["licenses"]))
    if came(facts.get("permissions")):
        findings += _permissions(facts["permissions"]["permissions"]["steps"], products, check)
    if came(facts.get("devices")):
        findings.append(_devices(facts["devices"]["summary"]))
    if came(facts.get("xdr")) and products is not None:
        findings += _workloads(facts["xdr"]["xdr"]["workloads"], products)
    if products is not None and products["defender_for_identity"] and products["defender_for_cloud_apps"]:
        findings.append(_integration())
    return findings, []


def _licences(licenses: Values) -> Finding:
    air = licenses["air"]
    if air["qualifies"]:
        return Finding("licences", COMPLIANT, f"Licences: {air['line'] or 'all four service plans are there'}.", fact="licenses")
    missing = air["missing_products"]
    return Finding(
        "licences",
        NOT_COMPLIANT,
        f"Licence missing: {', '.join(missing)}.",
        f"Get licences that bring {'it' if len(missing) == 1 else 'them'}, such as Microsoft 365 E5 or the Defender Suite add-on.",
        fact="licenses",
    )


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
            if need["optional"] or unlicensed or (need["access"] == "write" and check):
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


def _workloads(workloads: Values, products: Values) -> list[Finding]:
    """The two products that the article wants running; those that no licence brings are the licences' finding."""
    findings = []
    names = {
        "defender_for_identity": ("Defender for Identity", IDENTITY_LINK),
        "defender_for_cloud_apps": ("Defender for Cloud Apps", CLOUD_APPS_LINK),
    }
    for workload, (name, link) in names.items():
        if not products[workload]:
            continue
        said = workloads[workload]
        state, reason = said["state"], said["reason"]
        verdict, evidence, remedy = NOT_COMPLIANT, f"{name}: {reason}", f"Mend the sensors of {name}: {link}"
        if state == "off":
            evidence, remedy = f"{name} is not set up. {reason}", f"Set {name} up: {link}"
        elif state != "on":
            verdict, evidence, remedy = MANUAL, f"{name}: not known. {reason}", f"See whether {name} is set up: {link}"
        elif not said.get("sensors_not_healthy"):
            verdict, remedy = COMPLIANT, ""
        driver = PERSON if verdict == MANUAL else said["driver"]
        findings.append(Finding(name, verdict, evidence, remedy, driver, "xdr", workload, state if state in ("on", "off") else ""))
    return findings


def _integration() -> Finding:
    return Finding(
        "integration",
        MANUAL,
        INTEGRATION,
        f"See whether the two are integrated: {CLOUD_APPS_LINK}",
        PERSON,
        setting="identity_cloud_apps_integration",
    )
