# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Alert policies of our own beside Microsoft's, so that somebody else is told too when an investigation starts. Pure and private.

Microsoft's own policies can be given other recipients in the portal only [doc]. A policy of our own that watches the same activity notifies
whom we like; it starts no investigation, so Microsoft's has to stay on. [code]
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._description import Values
from ansible_collections.m365.defender.plugins.module_utils._types import folded
from ansible_collections.m365.defender.plugins.plugin_utils._marks import by_name, differing, digest, mark

KIND = "protection_alert"
COMMENT = "comment"  # what only administrators see of an alert policy
# The activities that are watched by those of Microsoft's policies that start investigations of mail, as tenants show them [code]: what ours
# are called, and how grave their alerts are. What is found in mail is not among them: New-ProtectionAlert does not take these types. [doc]
# Each activity has a policy of its own, because several in one do not work. [doc] They have no filter: the properties by which Microsoft's
# tell one report, or one investigation, from another are none that are documented for policies of others.
ACTIVITIES = {
    "CompromisedAccount": ("User restricted from sending email", "High"),
    "CompromisedWarningAccount": ("Suspicious email sending patterns detected", "Medium"),
    "UserSubmission": ("Message reported by a user", "Low"),
    "AirManualInvestigation": ("Investigation started by an administrator", "Medium"),
    "AirAdminActionInvestigation": ("Action taken by an administrator", "Low"),
}


def notices(
    policies: Sequence[Mapping[str, Any]], owner: str, recipients: Sequence[str], *, adopt: bool = False, reclaim: bool = False
) -> Values:
    """What is to be written so that the recipients are told, and what is left alone.

    policies: as alert_policy_info gives them. Without recipients, what is ours goes.
    Returns config, as the module configuration takes it; foreign, policies of our name without our mark; contested, those of ours that
    somebody has changed since we wrote the very same wish; unaccompanied, Microsoft's policies that start investigations and can have none
    of ours beside them. Raises ValueError for an impossible owner.
    """
    found: Values = {"config": {}, "foreign": [], "contested": [], "unaccompanied": []}
    there = by_name(policies)
    stale = {name: one for name, one in there.items() if not one["system"] and one[COMMENT].split()[:2] == mark(owner).split()}
    ours = frozenset(stale)
    wanted: list[Values] = []
    starting = [one for one in policies if one["starts_investigation"]]
    watched = {operation for one in starting for operation in one["operation"]}
    for activity, (title, severity) in ACTIVITIES.items():
        if not recipients or activity not in watched:
            continue
        wish: Values = {
            "name": f"{owner} - {title}",
            "category": "ThreatManagement",
            "threat_type": "Activity",
            "operation": [activity],
            "aggregation_type": "None",
            "severity": severity,
            "disabled": False,
            "notification_enabled": True,
            "notify_user": list(recipients),
        }
        name = folded(wish["name"])
        has = there.get(name)
        stale.pop(name, None)
        if has is not None and name not in ours and not adopt:
            found["foreign"].append({"kind": KIND, "name": wish["name"]})
            continue
        signed = f"{mark(owner)} set={digest(wish)}"
        changed = differing(KIND, has, wish) if has is not None and has[COMMENT] == signed else []
        if changed and not reclaim:
            found["contested"].append({"kind": KIND, "name": wish["name"], "options": changed})
            continue
        wanted.append({**wish, COMMENT: signed})
    wanted += [{"name": one["name"], "state": "absent"} for one in stale.values()]
    if wanted:
        found["config"] = {KIND: wanted}
    if recipients:
        found["unaccompanied"] = [one["name"] for one in starting if not ACTIVITIES.keys() & set(one["operation"])]
    return found
