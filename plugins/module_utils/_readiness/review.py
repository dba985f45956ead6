# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Step 4, Defender XDR, and the review of what waits for approval. Pure; private to the collection."""

from __future__ import annotations

from ansible_collections.m365.defender.plugins.module_utils._readiness.retired import SINCE
from ansible_collections.m365.defender.plugins.module_utils._readiness.words import (
    AGAIN,
    COMPLIANT,
    INTEGRATION_LINK,
    MANUAL,
    NOT_APPLICABLE,
    NOT_COMPLIANT,
    PERSON,
    PUBLIC_API,
    SITE,
    UNKNOWN,
    Facts,
    Finding,
    Judged,
    came,
    not_in_cloud,
    products_of,
)

SETTING = "defender_xdr"
PARTS = {"incidents": "incidents", "action_center": "Action center", "hunting": "hunting"}


def xdr(facts: Facts, check: bool) -> Judged:
    """facts: state, licenses."""
    products = products_of(facts)
    if not_in_cloud(facts.get("state")):
        return [Finding("state", NOT_APPLICABLE, not_in_cloud(facts.get("state")), fact="state")], []
    if not came(facts.get("state")):
        unlicensed = products is not None and not products["defender_xdr"]
        return [Finding("state", NOT_APPLICABLE, "No licence brings Defender XDR.", fact="licenses")] if unlicensed else [], []
    state = facts["state"]["xdr"]
    if state["state"] == "off" and state["licensed"] is False:
        return [Finding("state", NOT_APPLICABLE, "No licence brings Defender XDR.", driver=state["driver"], fact="state")], []
    open_portal = f"Open {SITE} once as a Security Administrator: Defender XDR then switches itself on, which can take some hours."
    if state["state"] == "off":
        remedy = state.get("remedy") or open_portal
        return [Finding("state", NOT_COMPLIANT, f"Off. {state['reason']}", remedy, state["driver"], "state", SETTING, "off")], []
    if state["state"] == "unknown":
        remedy = state.get("remedy") or f"See whether {SITE}/incidents opens."
        return [Finding("state", UNKNOWN, state["reason"], remedy, state["driver"], "state", SETTING)], []
    findings = [Finding("state", COMPLIANT, f"On. {state['reason']}", "", state["driver"], "state", SETTING, "on")]
    # Without Plan 2 there is nothing to switch on.
    if state["automated_investigation"] is False and (products is None or products["defender_for_endpoint"] == "plan2"):
        findings.append(
            Finding(
                "automated investigation",
                MANUAL,
                f"The portal shows automated investigation as off. What the switch does since {SINCE} is not documented.",
                f"Look at the advanced features: {INTEGRATION_LINK}",
                PERSON,
                "state",
            )
        )
    # The three that the article wants to be seen. What does not show is no proof of anything, as long as something else does.
    shown, quiet = ([words for name, words in PARTS.items() if state[name]["state"] == word] for word in ("on", "unknown"))
    if shown:
        text = f"There, as Microsoft's article wants to see it: {', '.join(shown)}."
        findings.append(Finding("parts", COMPLIANT, text, "", state["driver"], "state"))
    return findings, [f"Of Defender XDR, no answer shows: {', '.join(quiet)}."] if quiet else []


def action_center(facts: Facts, check: bool) -> Judged:
    """facts: pending, history, licenses, xdr; max_pending_age in days."""
    products = products_of(facts)
    if products is not None and not products["defender_xdr"]:
        return [Finding("pending", NOT_APPLICABLE, "No licence brings Defender XDR, so that nothing can wait.", fact="licenses")], []
    if not_in_cloud(facts.get("pending")):
        return [Finding("pending", NOT_APPLICABLE, not_in_cloud(facts.get("pending")), fact="pending")], []
    if not came(facts.get("pending")):
        return [], []
    pending = facts["pending"]
    unread = "; ".join(one["reason"] for one in pending["not_read"])
    if not pending["count"] and not pending["complete"]:
        return [Finding("pending", UNKNOWN, f"Nothing waits in what could be read. {unread}", "Grant what is missing.", fact="pending")], []
    if not pending["count"] and products is None:
        text = "Nothing waits for approval, but the licences are not known, and without those that let something wait this proves nothing."
        return [Finding("pending", UNKNOWN, text, AGAIN, fact="pending")], _done(facts)
    if not pending["count"] and products is not None and products["defender_for_office_365"] != "plan2":
        text = f"Nothing waits for approval. Since {SINCE} only investigations of Office 365 would ask for it, and no licence brings these."
        return [Finding("pending", NOT_APPLICABLE, text, fact="pending")], []
    if not pending["count"]:
        return [Finding("pending", COMPLIANT, "Nothing waits for approval.", fact="pending")], _done(facts)
    count, oldest, most = pending["count"], pending["oldest_days"], facts.get("max_pending_age")
    late = most is not None and oldest is not None and oldest > float(most)
    age = "" if oldest is None else f", the oldest for {_days(oldest)}"
    lapse = pending.get("next_lapse_in_days")
    age += "" if lapse is None else f", the next lapsing in {_days(lapse)}"
    products_told = ", ".join(f"{name} {number}" for name, number in pending["by_product"].items())
    finding = Finding(
        "pending",
        NOT_COMPLIANT if late else MANUAL,
        f"{count} approval{' waits' if count == 1 else 's wait'}{age} ({products_told}).{_groups(pending)}",
        f"Decide at {pending['links']['pending']} before they lapse, {pending['lapses_after_days']} days after they arose.",
        PUBLIC_API if late else PERSON,
        "pending",
    )
    notes = [f"The list is not complete. {unread}"] if not pending["complete"] else []
    if pending.get("maybe_twice"):
        notes.append("Some approvals may be counted twice: nothing shows which alert an action of the portal belongs to.")
    return [finding], notes + _done(facts)


def _groups(pending: Facts) -> str:
    """The device groups of what waits, where that is told."""
    groups = [f"{name} {number}" for name, number in (pending.get("by_device_group") or {}).items() if name != "not told"]
    return f" Device groups: {', '.join(groups)}." if groups else ""


def _done(facts: Facts) -> list[str]:
    """What was done lately, where somebody asked for it."""
    history = facts.get("history") or {}
    if not came(history):
        return []
    told = ", ".join(f"{name} {number}" for name, number in history["by_outcome"].items()) or "nothing"
    partly = "" if history["complete"] else ", as far as it could be read"
    return [f"What was done lately{partly}: {told}."]


def _days(number: float) -> str:
    return f"{number:g} day{'' if number == 1 else 's'}"
