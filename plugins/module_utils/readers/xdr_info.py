# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether Defender XDR and its workloads are on: from the portal where there is a session, else from what the public APIs answer.

An answer of a public API proves that the service is on; a refusal proves nothing, since none is documented for a tenant without it.
Only the portal's TenantContext and the licences can prove that it is off. Where nobody could be asked at all, that is an error.
"""

from __future__ import annotations

from collections.abc import Sequence

from ansible_collections.m365.defender.plugins.module_utils._errors import TenantError
from ansible_collections.m365.defender.plugins.module_utils._reader import Answers, Ask, Reader
from ansible_collections.m365.defender.plugins.module_utils._resource import Query, Row, Values
from ansible_collections.m365.defender.plugins.module_utils.readers._answers import rows_of
from ansible_collections.m365.defender.plugins.module_utils.readers._identity import HEALTH, SENSORS, absent, said
from ansible_collections.m365.defender.plugins.module_utils.readers._licences import plans_of, products_of
from ansible_collections.m365.defender.plugins.module_utils.readers._workloads import (
    MEMBERS,
    active,
    context_of,
    identity,
    licensed,
    shown,
    unlicensed,
)

INCIDENTS = "security/incidents"
ALERTS = "security/alerts_v2"
HUNTING = "security/runHuntingQuery"
PORTAL = "https://security.microsoft.com/"
# Where a person sees each part. [doc] incidents and Action center; alerts and hunting [recall]
LINKS = {
    "incidents": f"{PORTAL}incidents",
    "alerts": f"{PORTAL}alerts",
    "hunting": f"{PORTAL}v2/advanced-hunting",
    "action_center": f"{PORTAL}action-center/pending",
}
# Who switches it on by opening the portal for the first time. [doc] defender-xdr/prerequisites, m365d-enable
OPENERS = (
    "Global Administrator, Security Administrator, Security Operator, Global Reader, Security Reader, Compliance Administrator, "
    "Compliance Data Administrator, Application Administrator or Cloud Application Administrator"
)


PROBES = (INCIDENTS, ALERTS, HUNTING)
# Errors that are no answer of the service: it could not be asked, so that nothing is known of what it would say.
NOT_ASKED = ("bad_input", "sign_in", "unavailable")


def asks(options: Values) -> tuple[Ask, ...]:
    """The questions. One row each is enough; the table that is hunted in comes with every product of Defender XDR. [recall]"""
    one = (("$top", 1),)
    return (
        Ask("graph", Query(INCIDENTS, one, 1)),
        Ask("graph", Query(ALERTS, one, 1)),
        Ask("graph", Query(HUNTING, (("Query", "AlertInfo | take 1"), ("Timespan", "P1D")))),
        Ask("graph", Query("subscribedSkus")),
        Ask("graph", Query(SENSORS)),
        Ask("graph", Query(HEALTH)),
        Ask("portal", Query("tenant_context")),
    )


# What TenantContext says when Defender XDR is not on: member, the value that says so, in words.
# Members [live]; that these together decide is a guess.
OFF = (
    ("IsMtpEligible", False, "the tenant has no licence for it"),
    ("MtpConsent", False, "it was never turned on"),
    ("IsOnboardingComplete", False, "its provisioning is not finished"),
    ("IsSuspended", True, "the tenant is suspended"),
    ("IsDeleted", True, "the tenant's data is deleted"),
)


def _probe(answers: Answers, noun: str, what: str) -> Values:
    """What a public API's answer says of itself: on, or unknown and why."""
    answer = rows_of(answers, "graph", noun)
    if isinstance(answer, TenantError):
        return said("unknown", answer.message)
    return said("on", f"{what} can be read.")


def _by_portal(context: Row) -> Values | None:
    """On or off, as TenantContext says; None when it lacks the members that decide."""
    if not all(member in context for member in ("IsMtpEligible", "MtpConsent", "IsOnboardingComplete")):
        return None
    faults = [words for member, value, words in OFF if context.get(member) is value]
    if faults:
        return said("off", f"The portal says that {' and '.join(faults)}.", "portal")
    return said("on", "The portal says that the tenant is licensed for it and that it is turned on.", "portal")


def _workloads(answers: Answers, context: Row | TenantError, products: Values | None) -> Values:
    result = {}
    for workload, (dummy, name) in MEMBERS.items():
        word = active(context, workload)
        if licensed(products, workload) is False:
            result[workload] = unlicensed(workload)
        elif word is not None:
            result[workload] = shown(workload, word)
        else:
            result[workload] = said("unknown", f"No supported API shows whether {name} is set up.")
    return {**result, "defender_for_identity": identity(answers, products, context)}


def _state(parts: Values, by_portal: Values | None, opened: bool | None, refusals: Sequence[TenantError]) -> Values:
    if by_portal is not None:
        return by_portal
    answering = [name for name in ("incidents", "alerts", "hunting") if parts[name]["state"] == "on"]
    if answering:
        return said("on", f"Its public APIs answer: {', '.join(answering)}.")
    if opened is False:
        return said("off", "No licence of the tenant brings it.")
    if all(one.kind in NOT_ASKED for one in refusals):
        raise refusals[0]
    # What is to be done about it is the remedy's to say.
    reason = refusals[0].message.removesuffix(refusals[0].hint).rstrip()
    return said("unknown", f"None of its public APIs answers, which proves nothing. {reason}")


# What a cause that the portal tells asks for.
REMEDIES = {
    "IsMtpEligible": "Get a licence that brings it, such as Microsoft 365 E5, Business Premium, or any stand-alone Defender plan.",
    "IsOnboardingComplete": "Wait some hours until the tenant is set up, then look again.",
    "IsSuspended": "Ask Microsoft's support why the tenant is suspended.",
    "IsDeleted": "Ask Microsoft's support: the tenant's data in Defender XDR was deleted.",
}
OPEN = (
    f"Open {PORTAL} once as {OPENERS}; Security Administrator is sure. Defender XDR then switches itself on, which can take some hours. "
    "No API does it."
)


def _remedy(state: Values, opened: bool | None, context: Row | TenantError, refusals: Sequence[TenantError]) -> str:
    """What to do where it is off or not known to be on. refusals: of the probes."""
    if state["state"] == "on":
        return ""
    if state["state"] == "unknown":
        no_session = isinstance(context, TenantError) and context.code == "no_portal_session"
        asked = refusals if no_session or not isinstance(context, TenantError) else (*refusals, context)
        hints = dict.fromkeys(one.hint for one in asked if one.hint)
        return " ".join((*hints, f"See whether {LINKS['incidents']} opens{', or hand in portal_session' if no_session else ''}."))
    if opened is False:
        return REMEDIES["IsMtpEligible"]
    told = {} if isinstance(context, TenantError) else context
    causes = [REMEDIES[member] for member, value, words in OFF if told.get(member) is value and member in REMEDIES]
    return OPEN if told.get("MtpConsent") is False and told.get("IsMtpEligible") is not False else (causes or [OPEN])[0]


def _answer(options: Values, answers: Answers) -> Values:
    skus = rows_of(answers, "graph", "subscribedSkus")
    products = None if isinstance(skus, TenantError) else products_of(plans_of(skus))
    opened = None if products is None else products["defender_xdr"]
    context = context_of(answers)
    incidents = rows_of(answers, "graph", INCIDENTS)
    if isinstance(incidents, TenantError) and absent(incidents):
        raise incidents
    parts = {
        "incidents": _probe(answers, INCIDENTS, "Incidents"),
        "alerts": _probe(answers, ALERTS, "Alerts"),
        "hunting": _probe(answers, HUNTING, "Advanced hunting"),
    }
    by_portal = None if isinstance(context, TenantError) else _by_portal(context)
    refusals = [one for one in (rows_of(answers, "graph", noun) for noun in PROBES) if isinstance(one, TenantError)]
    state = _state(parts, by_portal, opened, refusals)
    for name, part in parts.items():
        if part["state"] == "unknown" and state["state"] == "off":
            parts[name] = said("off", state["reason"], state["driver"])
    if by_portal is not None or state["state"] == "off":
        parts["action_center"] = dict(state)
    else:
        parts["action_center"] = said("unknown", "No supported API shows the Action center itself.")
    return {
        "xdr": {
            **state,
            "remedy": _remedy(state, opened, context, refusals),
            "licensed": opened,
            **{name: {**part, "link": LINKS[name]} for name, part in parts.items()},
            "automated_investigation": None if isinstance(context, TenantError) else context.get("IsAutomatedIrEnabled"),
            "workloads": _workloads(answers, context, products),
            "portal_unknown_because": context.message if isinstance(context, TenantError) else "",
            "link": PORTAL,
        }
    }


XDR_INFO = Reader(kind="xdr_info", asks=asks, answer=_answer)
