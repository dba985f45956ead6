# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What automated investigation on devices no longer produces, and what of it can therefore prove nothing. Pure; private to the collection.

[doc] seven of Microsoft's pages of 2026 carry the notice, [code] four public repositories quote the announcement MC1411577.
"""

from __future__ import annotations

from ansible_collections.m365.defender.plugins.module_utils._readiness.words import Values

SINCE = "2026-09-01"
RETIRED = (
    f"Microsoft retired separate endpoint investigations on {SINCE}; those of Office 365 stay. What the automation levels of device "
    "groups do since then is not documented."
)
# What, what is said of it, and how sure that is: doc, or guess for what only follows.
THINGS = (
    (
        "endpoint_investigations",
        "Investigations of Defender for Endpoint do not run on their own any more and can't be started by hand. That none is found, or "
        "that none has failed, proves nothing.",
        "doc",
    ),
    (
        "endpoint_approvals",
        "Without these investigations nothing of theirs can come to wait for approval. That nothing waits for devices proves nothing.",
        "guess",
    ),
    (
        "automatic_resolution",
        "No alert is closed by an endpoint investigation any more. Whether Automatically resolve alerts is on proves nothing.",
        "doc",
    ),
    (
        "automation_levels",
        "Device groups and their levels are still there, and Microsoft's article still asks for them. A level is judged as a setting; what "
        "it does is not documented.",
        "doc",
    ),
    (
        "automated_investigation_switch",
        "The portal still shows whether automated investigation is on (IsAutomatedIrEnabled). That it is on is not counted as compliant; "
        "what it does is not documented.",
        "guess",
    ),
)


def retired() -> list[Values]:
    """Each of these for results and files."""
    return [{"what": what, "since": SINCE, "counted": False, "evidence": evidence, "certainty": sure} for what, evidence, sure in THINGS]
