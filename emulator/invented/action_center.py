# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The portal's Action center. No capture, client or specification shows how it is decided in: all of that is made up."""

from __future__ import annotations

from typing import Any

ACTIONS_IN_A_PAGE = 1000
"""The largest page of the Action center's lists; clients ask for 100 [code]."""

DECISIONS = "actionCenter/invented/decisions"
"""Where the emulated portal takes an approval or a rejection: POST {"Decision", "ActionId", "InvestigationId", "Comment"}."""

UNDO = "actionCenter/invented/undo/"
"""Where it takes back an action: POST {"Comment"} to this path with the action's id behind it."""

_UNDOABLE = ("Quarantine", "Isolate", "Contain", "Restrict", "Registry", "Service", "Driver", "ScheduledTask")
"""Parts of the type of an action that can be undone: the kinds are [doc], their names on the wire a guess."""


def decision_asked(body: Any, undo_of: str) -> tuple[dict[str, Any], str]:
    """What a request wants (decision, action, investigation, comment), and what is wrong with it, or nothing."""
    members = {"Comment"} if undo_of else {"Decision", "ActionId", "InvestigationId", "Comment"}
    if not isinstance(body, dict) or set(body) != members:
        return {}, f"The body must have exactly these members: {', '.join(sorted(members))}."
    if not isinstance(body["Comment"], str) or len(body["Comment"]) > 1024:
        return {}, "The comment must be a text of at most 1024 characters."
    if undo_of:
        return {"decision": "Undo", "action": undo_of, "investigation": None, "comment": body["Comment"]}, ""
    if body["Decision"] not in ("Approve", "Reject"):
        return {}, f"The decision '{body['Decision']}' is not valid."
    return {
        "decision": body["Decision"],
        "action": body["ActionId"],
        "investigation": body["InvestigationId"],
        "comment": body["Comment"],
    }, ""


def decided_action(row: dict[str, Any], decision: str, comment: str, user: str, now: str) -> dict[str, Any]:
    """A pending action as the history shows it after a decision."""
    words = {"Approve": ("Approved", "Completed"), "Reject": ("Declined", "Declined")}[decision]
    changed = {"ActionDecision": words[0], "ActionStatus": words[1], "DecidedBy": user, "Comment": comment}
    return {**row, **changed, "EndTime": now, "EventTime": now}


def lapsed_action(row: dict[str, Any], when: str) -> dict[str, Any]:
    """A pending action that nobody decided in time: that it counts as rejected is [doc], its words are not."""
    return {**row, "ActionDecision": "Declined", "ActionStatus": "TimedOut", "DecidedBy": "", "EndTime": when, "EventTime": when}


def undo_fault(row: dict[str, Any]) -> str:
    """Why an action can't be undone, or nothing."""
    if row["ActionStatus"] == "Undone":
        return "The action was undone already."
    if row["ActionStatus"] != "Completed" or not any(part in row["ActionType"] for part in _UNDOABLE):
        return "The action cannot be undone."
    return ""


def undone_action(row: dict[str, Any], comment: str, user: str, now: str) -> dict[str, Any]:
    """An action after it was undone."""
    return {**row, "ActionStatus": "Undone", "DecidedBy": user, "Comment": comment, "EventTime": now}


def alert_after(alert: dict[str, Any], decision: str) -> dict[str, Any]:
    """An alert whose last waiting action was decided. The words are Graph's [doc], which follows which decision is not."""
    remediation, state = {"Approve": ("remediated", "successfullyRemediated"), "Reject": ("declined", "partiallyRemediated")}[decision]
    evidence = [
        {**item, "remediationStatus": remediation} if item.get("remediationStatus") == "pendingApproval" else item
        for item in alert["evidence"]
    ]
    return {**alert, "investigationState": state, "evidence": evidence}
