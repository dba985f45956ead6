# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Incidents and alerts of Microsoft Graph as people get them. Pure; private to the collection.

Members and words: [doc] metadata of v1.0.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._resource import Row, Values
from ansible_collections.m365.defender.plugins.module_utils.readers._answers import folded
from ansible_collections.m365.defender.plugins.module_utils.readers._narrow import wrong_days, wrong_most, wrong_times, wrong_together

INCIDENTS, ALERTS = "security/incidents", "security/alerts_v2"
PORTAL = "https://security.microsoft.com"
MONTHS = 180  # for how many days the service keeps them. [recall]
PAGE = 50  # incidents in one answer, at most. [recall]

INCIDENT_STATUSES = ("active", "inProgress", "awaitingAction", "resolved", "redirected")
ALERT_STATUSES = ("new", "inProgress", "resolved", "unknown")
SEVERITIES = ("high", "medium", "low", "informational", "unknown")
SOURCES = (
    "microsoftDefenderForEndpoint",
    "microsoftDefenderForOffice365",
    "microsoftDefenderForIdentity",
    "microsoftDefenderForCloudApps",
    "microsoft365Defender",
    "azureAdIdentityProtection",
    "microsoftAppGovernance",
    "dataLossPrevention",
    "microsoftDefenderForCloud",
    "microsoftSentinel",
    "microsoftInsiderRiskManagement",
    "microsoftThreatIntelligence",
    "microsoftSecurityForAI",
)

# What a piece of evidence is called by: the first of these members that it has, and for a structure its first member of these.
_NAMES = (
    *("deviceDnsName", "fileDetails", "imageFile", "processId", "url", "ipAddress", "domainName", "registryKey", "primaryAddress"),
    *("userAccount", "networkMessageId", "networkMessageIds", "displayName", "appId", "resourceId"),
)
_PARTS = ("fileName", "userPrincipalName", "accountName", "displayName")


def incident_of(row: Row, alerts: bool) -> Values:
    """One incident. alerts: whether they were asked for and are to be shown."""
    number = str(row.get("id") or "")
    shown: Values = {
        "id": number,
        "name": row.get("displayName") or "",
        "status": row.get("status") or "unknown",
        "severity": row.get("severity") or "unknown",
        "classification": row.get("classification") or "unknown",
        "determination": row.get("determination") or "unknown",
        "assigned_to": row.get("assignedTo") or "",
        "created": row.get("createdDateTime") or "",
        "updated": row.get("lastUpdateDateTime") or "",
        "description": row.get("description") or "",
        "tags": [*(row.get("customTags") or ()), *(row.get("systemTags") or ())],
        "redirected_to": row.get("redirectIncidentId") or "",
        "link": row.get("incidentWebUrl") or f"{PORTAL}/incidents/{number}",
    }
    if alerts:
        found = [alert_of(one, False) for one in row.get("alerts") or ()]
        shown["service_sources"] = sorted({one["service_source"] for one in found if one["service_source"]})
        shown["alerts"] = found
    return shown


def alert_of(row: Row, evidence: bool) -> Values:
    """One alert. evidence: whether to show what it is about, piece by piece."""
    number = str(row.get("id") or "")
    shown: Values = {
        "id": number,
        "title": row.get("title") or "",
        "status": row.get("status") or "unknown",
        "severity": row.get("severity") or "unknown",
        "category": row.get("category") or "",
        "service_source": row.get("serviceSource") or "",
        "product": row.get("productName") or "",
        "detection_source": row.get("detectionSource") or "",
        "classification": row.get("classification") or "unknown",
        "determination": row.get("determination") or "unknown",
        "assigned_to": row.get("assignedTo") or "",
        "incident": str(row.get("incidentId") or ""),
        "investigation_state": row.get("investigationState") or "",
        "created": row.get("createdDateTime") or "",
        "updated": row.get("lastUpdateDateTime") or "",
        "first_activity": row.get("firstActivityDateTime") or "",
        "last_activity": row.get("lastActivityDateTime") or "",
        "resolved": row.get("resolvedDateTime") or "",
        "techniques": list(row.get("mitreTechniques") or ()),
        "link": row.get("alertWebUrl") or f"{PORTAL}/alerts/{number}",
    }
    if evidence:
        shown["evidence"] = [_evidence(one) for one in row.get("evidence") or ()]
    return shown


def _evidence(item: Row) -> Values:
    return {
        "kind": str(item.get("@odata.type") or "").rpartition(".")[2].removesuffix("Evidence") or "unknown",
        "name": _called(item),
        "verdict": item.get("verdict") or "unknown",
        "remediation_status": item.get("remediationStatus") or "none",
        "device": item.get("deviceDnsName") or "",
        "device_group": item.get("rbacGroupName") or "",
        "roles": list(item.get("roles") or ()),
    }


def _called(item: Row) -> str:
    value: Any = next((item[name] for name in _NAMES if item.get(name)), "")
    if isinstance(value, dict):
        value = next((value[part] for part in _PARTS if value.get(part)), "")
    if isinstance(value, list):
        return f"{len(value)} messages"
    return str(value)


def from_source(row: Row, sources: list[str] | None, product: str | None) -> bool:
    """Whether an alert is one of a source and of a product; anything goes where neither is asked for."""
    wanted = {folded(one) for one in sources or ()}
    if wanted and folded(row.get("serviceSource")) not in wanted:
        return False
    return not product or folded(product) in folded(row.get("productName"))


def assigned(row: Row, wanted: bool | None) -> bool:
    """Whether somebody is, or nobody is, assigned."""
    return wanted is None or bool(row.get("assignedTo")) is wanted


def wrong_choice(options: Values, highest: int, choosing: Sequence[str]) -> list[str]:
    """What is wrong with the options that choose incidents or alerts. highest: the most to be asked for; choosing: what id excludes."""
    named = options.get("assigned_to") and options.get("assigned") is False
    return [
        *wrong_most(options, highest),
        *wrong_days(options, MONTHS),
        *wrong_times(options, "created_after", "created_before"),
        *wrong_together(options, "id", choosing),
        *(["assigned_to names somebody, so that assigned can't be false"] if named else []),
    ]
