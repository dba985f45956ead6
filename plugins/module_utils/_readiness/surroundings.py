# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Step 1 besides licences and devices: products that run, people who approve, hosts that are reached. Pure; private to the collection."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ansible_collections.m365.defender.plugins.module_utils._clouds import NOT_IN_CLOUD
from ansible_collections.m365.defender.plugins.module_utils._readiness.words import (
    AGAIN,
    CLOUD_APPS_LINK,
    COMPLIANT,
    IDENTITY_LINK,
    MANUAL,
    NOT_APPLICABLE,
    NOT_COMPLIANT,
    PERSON,
    UNKNOWN,
    Facts,
    Finding,
    Judged,
    Values,
    came,
    names_of,
)

INTEGRATION = "identity_cloud_apps_integration"
NOT_SHOWN = "Whether Defender for Identity is integrated with Defender for Cloud Apps is shown by no supported API."
# Products that the article wants running, with what a reader calls them and where one sees them.
PRODUCTS = {
    "defender_for_identity": ("Defender for Identity", IDENTITY_LINK),
    "defender_for_cloud_apps": ("Defender for Cloud Apps", CLOUD_APPS_LINK),
    "defender_for_office_365": ("Defender for Office 365", ""),
}
ATTESTABLE = ("defender_for_identity", "defender_for_cloud_apps")
# Hosts without which a step can't be judged, by the product that brings that step.
NEEDED = {
    "login": "",
    "graph": "",
    "exchange": "exchange_online",
    "compliance": "exchange_online",
    "defender": "defender_for_endpoint",
}


def workloads(facts: Facts, products: Values | None) -> Iterable[Finding]:
    """Products that have to run; those that no licence brings are the licences' finding."""
    if products is None:
        return
    fact = next((name for name in ("workloads", "xdr") if came(facts.get(name))), "")
    if not fact and any(products[product] for product in ATTESTABLE):
        yield Finding("products", UNKNOWN, "Whether the products run was not read.", AGAIN)
    told: Values = facts[fact]["workloads"] if fact == "workloads" else facts["xdr"]["xdr"]["workloads"] if fact else {}
    for product in PRODUCTS:
        # Of Office 365 the older reader says only what its licence brings.
        if product in told and products[product] not in (False, "none") and not (fact == "xdr" and product not in ATTESTABLE):
            yield _product(product, told[product], fact)
    if products["defender_for_identity"] and products["defender_for_cloud_apps"]:
        yield _integration(told.get(INTEGRATION) or {}, fact)


def _product(product: str, said: Values, fact: str) -> Finding:
    name, link = PRODUCTS[product]
    state, reason = said["state"], said["reason"]
    if state == NOT_IN_CLOUD:
        return Finding(name, NOT_APPLICABLE, f"{name}: {reason}", fact=fact)
    where = f": {link}" if link else "."
    verdict, evidence, remedy = NOT_COMPLIANT, f"{name}: {reason}", f"Mend the sensors of {name}{where}"
    if state == "off":
        evidence, remedy = f"{name} is not set up. {reason}", f"Set {name} up{where}"
    elif state != "on":
        verdict, evidence, remedy = MANUAL, f"{name}: not known. {reason}", f"See whether {name} is set up{where}"
    elif not said.get("sensors_not_healthy"):
        verdict, remedy = COMPLIANT, ""
    return Finding(
        name,
        verdict,
        evidence,
        "" if verdict == COMPLIANT else said.get("remedy") or remedy,
        PERSON if verdict == MANUAL else said["driver"],
        fact,
        product if product in ATTESTABLE else "",
        state if state in ("on", "off") else "",
    )


def _integration(said: Values, fact: str) -> Finding:
    """The article's third line. said: what a reader knows of it, which is at most that there is nothing to be integrated."""
    state = said.get("state")
    if state == NOT_IN_CLOUD:
        return Finding("integration", NOT_APPLICABLE, said["reason"], fact=fact)
    if state in ("on", "off"):
        verdict = COMPLIANT if state == "on" else NOT_COMPLIANT
        remedy = "" if state == "on" else said.get("remedy") or f"Integrate Identity with Cloud Apps: {CLOUD_APPS_LINK}"
        return Finding("integration", verdict, said["reason"], remedy, said["driver"], fact, INTEGRATION, str(state))
    remedy = f"See whether Identity is integrated with Cloud Apps: {CLOUD_APPS_LINK}"
    return Finding("integration", MANUAL, NOT_SHOWN, remedy, PERSON, fact if said else "", INTEGRATION)


def approvers(facts: Facts, products: Values | None) -> Iterable[Finding]:
    """Whether anybody can decide what waits in the Action center, where a licence lets something come to wait."""
    result = facts.get("approvers")
    read = isinstance(result, Mapping) and came(result)
    for what, places, setting, wanted in (
        (
            "devices",
            "on devices",
            "device_action_approvers",
            products is None or products["defender_for_endpoint"] in ("plan2", "business"),
        ),
        ("mail", "on mail", "mail_action_approvers", products is None or products["defender_for_office_365"] == "plan2"),
    ):
        part = f"approvers of {what}"
        if wanted and not read and products is not None:
            yield Finding(part, UNKNOWN, f"Who can approve actions {places} was not read.", AGAIN, setting=setting)
        if not wanted or not isinstance(result, Mapping) or not read:
            continue
        said = result["approvers"][what]
        count = said["count"]
        if said["state"] == "not_asked":
            continue
        if said["state"] == "some":
            later = f", {said['only_after_activation']} of them only after activation" if said.get("only_after_activation") else ""
            text = f"{count} {'person' if count == 1 else 'people'} can approve actions {places}{later}."
            yield Finding(part, COMPLIANT, text, fact="approvers", setting=setting, read="present")
        elif said["state"] == "none":
            text = f"Nobody can approve actions {places}, so that what waits lapses."
            yield Finding(part, NOT_COMPLIANT, text, said["remedy"], fact="approvers", setting=setting, read="none")
        else:
            # What each begins with; the rest, with ids of requests, is in the result.
            why = " ".join(
                dict.fromkeys(doubt.partition(" could not be read.")[0] + " could not be read." for doubt in said["unknown_because"])
            )
            text = f"Whether anybody can approve actions {places} is not known. {why}".strip()
            yield Finding(part, UNKNOWN, text, said["remedy"], fact="approvers", setting=setting)


def _brief(doubt: str) -> str:
    """What could not be read, without the service's words, which are in the module's result."""
    what, word, dummy = doubt.partition(" could not be read.")
    return what + word


def hosts(facts: Facts, products: Values | None) -> Judged:
    """Hosts that the control node can't reach: without some nothing is known of a step, others are a matter of note."""
    result = facts.get("reachability")
    if not isinstance(result, Mapping) or not came(result):
        return [], []
    findings, notes = [], []
    away = [one for one in result["reachability"]["hosts"] if not one["reached"]]
    for one in away:
        product = NEEDED.get(one["service"])
        if product is None:
            notes.append(f"Not reached: {one['reason']} {one['remedy']}".strip())
        elif not product or products is None or products[product] not in (False, "none"):
            text = f"The control node does not reach {one['service']}: {one['reason']}"
            findings.append(Finding("reachability", UNKNOWN, text, one["remedy"], fact="reachability"))
    if not away:
        reached = names_of([one["service"] for one in result["reachability"]["hosts"]], 8)
        findings.append(Finding("reachability", COMPLIANT, f"The control node reaches {reached}.", fact="reachability"))
    return findings, notes
