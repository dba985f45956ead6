# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Defender for Identity: whether it is on, told from its sensors and their health. Pure; private to the collection.

Words of states: [doc] the published metadata of Microsoft Graph. That a sensor watches, and that without one nothing is watched: [doc].
"""

from __future__ import annotations

from collections.abc import Sequence

from ansible_collections.m365.defender.plugins.module_utils._clouds import NOT_IN_CLOUD
from ansible_collections.m365.defender.plugins.module_utils._errors import TenantError
from ansible_collections.m365.defender.plugins.module_utils._resource import Row, Values
from ansible_collections.m365.defender.plugins.module_utils.readers._answers import folded

SENSORS, HEALTH = "security/identities/sensors", "security/identities/healthIssues"
LINK = "https://security.microsoft.com/settings/identities"  # [recall]
# What is said of a sensor in a state other than the one it should be in, and what to do.
HEALTH_WORDS = {"nothealthylow": "slightly unwell", "nothealthymedium": "unwell", "nothealthyhigh": "seriously unwell"}
DEPLOYMENT = {
    "outdated": "its version is outdated",
    "updatefailed": "its update failed",
    "notconfigured": "it is not configured",
    "unreachable": "it cannot be reached",
    "disconnected": "it is disconnected",
    "startfailure": "it does not start",
}
SERVICE = {"stopped": "its service is stopped", "disabled": "its service is disabled", "unknown": "the state of its service is unknown"}
SEVERITIES = ("high", "medium", "low")


def said(state: str, reason: str, driver: str = "public_api") -> Values:
    """on, off, unknown or not_in_cloud, why, and what showed it."""
    return {"state": state, "reason": reason, "driver": driver}


def absent(answer: object) -> bool:
    """Whether something was not asked, because the tenant's cloud does not have it."""
    return isinstance(answer, TenantError) and answer.code == NOT_IN_CLOUD


def lacking(error: TenantError) -> Values:
    """What is said of a product that the tenant's cloud does not have."""
    return {**said(NOT_IN_CLOUD, f"{error.text[:1].upper()}{error.text[1:]}."), "remedy": "", "link": ""}


def sensor_of(row: Row) -> Values:
    """One sensor, and what is wrong with it."""
    faults = []
    if folded(row.get("healthStatus")) != "healthy":
        word = HEALTH_WORDS.get(folded(row.get("healthStatus")))
        faults.append(f"it is {word}" if word else f"its health is {row.get('healthStatus') or 'not reported'}")
    deployment, service = folded(row.get("deploymentStatus")), folded(row.get("serviceStatus"))
    if deployment in DEPLOYMENT:
        faults.append(DEPLOYMENT[deployment])
    if service != "running":
        faults.append(SERVICE.get(service, f"its service is {row.get('serviceStatus') or 'in no known state'}"))
    return {
        "name": row.get("displayName") or row.get("id") or "",
        "id": row.get("id") or "",
        "domain": row.get("domainName") or "",
        "type": row.get("sensorType") or "",
        "version": row.get("version") or "",
        "health": row.get("healthStatus") or "",
        "service": row.get("serviceStatus") or "",
        "deployment": row.get("deploymentStatus") or "",
        "open_health_issues": row.get("openHealthIssuesCount") or 0,
        "faults": faults,
    }


def issue_of(row: Row) -> Values:
    """One open health issue."""
    return {
        "name": row.get("displayName") or row.get("id") or "",
        "id": row.get("id") or "",
        "kind": row.get("healthIssueType") or "",
        "severity": row.get("severity") or "",
        "description": row.get("description") or "",
        "domains": list(row.get("domainNames") or ()),
        "sensors": list(row.get("sensorDNSNames") or ()),
        "since": row.get("createdDateTime") or "",
        "recommendations": list(row.get("recommendations") or ()),
    }


def open_issues(rows: Sequence[Row] | TenantError) -> list[Values] | None:
    """The open health issues, the gravest first; None when they are not known."""
    if isinstance(rows, TenantError):
        return None
    found = [issue_of(row) for row in rows if folded(row.get("status")) == "open"]
    return sorted(found, key=lambda issue: (_grade(issue), issue["since"], issue["name"]))


def _grade(issue: Values) -> int:
    severity = folded(issue["severity"])
    return SEVERITIES.index(severity) if severity in SEVERITIES else len(SEVERITIES)


def identity_of(
    sensors: Sequence[Row] | TenantError, issues: Sequence[Row] | TenantError, licensed: bool | None, active: bool | None
) -> Values:
    """On, off or unknown, with the reason, the remedy and the numbers behind it. active: what the portal says, None where nobody asked it.

    An answered list of sensors proves; a refused one proves nothing. Without a licence it is off, whatever else is refused.
    """
    if licensed is False:
        return _whole(said("off", "No licence brings Defender for Identity."), "Get a licence that brings it.")
    if isinstance(sensors, TenantError):
        if absent(sensors):
            return _whole(lacking(sensors), "")
        if active is None:
            return _whole(said("unknown", sensors.message), f"Grant the permission, or see whether it is set up: {LINK}")
        return _whole(_by_portal(active), "" if active else f"Set it up: {LINK}")
    found = [sensor_of(row) for row in sensors]
    ill = [one for one in found if one["faults"]]
    known = open_issues(issues)
    numbers = {
        "sensors": len(found),
        "sensors_not_healthy": len(ill),
        "open_health_issues": None if known is None else len(known),
        "health_unknown_because": issues.message if isinstance(issues, TenantError) else "",
    }
    if not found:
        portal = " The portal shows a workspace, but without a sensor nothing is watched." if active else ""
        return _whole(said("off", f"It has no sensor.{portal}"), f"Install sensors on the domain controllers: {LINK}", numbers)
    names = ", ".join(f"{one['name']} ({one['faults'][0]})" for one in ill[:3])
    more = f" and {len(ill) - 3} more" if len(ill) > 3 else ""
    reason = f"{len(found)} sensor{'' if len(found) == 1 else 's'}, " + (
        f"{len(ill)} not healthy: {names}{more}." if ill else "all healthy."
    )
    grave = [one for one in known or () if folded(one["severity"]) == "high"]
    reason += f" Open health issue: {grave[0]['name']}." if grave else ""
    return _whole(said("on", reason), f"Mend its sensors: {LINK}" if ill else "", numbers)


def _by_portal(active: bool) -> Values:
    words = "active" if active else "not active"
    return said("on" if active else "off", f"The portal shows Defender for Identity as {words}; its sensors could not be read.", "portal")


def _whole(word: Values, remedy: str, numbers: Values | None = None) -> Values:
    unknown = {"sensors": None, "sensors_not_healthy": None, "open_health_issues": None, "health_unknown_because": ""}
    return {**word, **(numbers or unknown), "remedy": remedy, "link": LINK}
