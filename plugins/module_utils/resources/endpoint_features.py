# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The settings of Defender for Endpoint that automated investigation and response leans on. Portal API only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._offered import UNREAD, Offered
from ansible_collections.m365.defender.plugins.module_utils._resource import Field, Life, Part
from ansible_collections.m365.defender.plugins.module_utils._types import Bool, Kind

OTHER = "has no part in automated investigation and response"
UNKNOWN = "nobody knows what it does"
SHOWN = "says how things are, and is not set"


@dataclass(frozen=True)
class Opposite(Bool):
    """A switch whose member says the opposite."""

    def read(self, wire: Any) -> Any:
        return None if wire is None else not wire

    def write(self, value: Any) -> Any:
        return not value


# Options have the words of the portal: the names in its traffic are nobody's vocabulary. [live]: members, [code]: which is which.
ENDPOINT_FEATURES = Offered(
    kind="endpoint_features",
    service="portal",
    blurb="features of Defender for Endpoint",
    elsewhere="advanced features",
    places=(
        ("live response", ("AutomatedIrLiveResponse", "LiveResponseForServers", "AutomatedIrUnsignedScripts")),
        ("Intune", ("IntuneConnection",)),
    ),
    parts=(
        Part(
            "endpoint_features",
            (
                Field("AutoResolveInvestigatedAlerts", Bool(), option="automatically_resolve_alerts"),
                Field("EnableWdavPassiveModeRemediation", Bool(), option="edr_in_block_mode"),
                Field("EnableWdavAntiTampering", Bool(), option="tamper_protection"),
                Field("AllowWdavNetworkBlock", Bool(), option="custom_network_indicators"),
                Field("BlockListEnabled", Bool(), option="allow_or_block_file"),
                Field("WebCategoriesEnabled", Bool(), option="web_content_filtering"),
                Field("MagellanOptOut", Opposite(), option="device_discovery"),
                Field("AatpIntegrationEnabled", Bool(), option="defender_for_identity"),
                Field("EnableMcasIntegration", Bool(), option="defender_for_cloud_apps"),
                Field("IntuneConnection", Bool(), option="intune_connection"),
                Field("AutomatedIrLiveResponse", Bool(), option="live_response"),
                Field("LiveResponseForServers", Bool(), option="live_response_for_servers"),
                Field("AutomatedIrUnsignedScripts", Bool(), option="live_response_unsigned_scripts"),
                # No way to set these is known.
                Field("IsAutomatedIrEnabled", Bool(), option="automated_investigation", read_only=True),
                Field("AutomatedIrPuaAsSuspicious", Bool(), option="pua_as_suspicious", read_only=True),
                Field("IsAutomatedIrContainDeviceEnabled", Bool(), option="attack_disruption", read_only=True),
                # There is a way for these [code], but the article does not speak of them.
                Field("AutomationUploads", Kind(), option="automation_uploads", read_only=True),
                Field("FolderExclusions", Kind(), option="folder_exclusions", read_only=True),
                Field(UNREAD, Kind(), option="unknown", read_only=True),
            ),
            named_by="",
            identified_by="",
            life=Life.FIXED,
            left_out={
                "AatpWorkspaceExists": SHOWN,
                "LicenseEnabled": SHOWN,
                **dict.fromkeys(
                    (
                        "BilbaoApproved",
                        "BilbaoEnabled",
                        "DartDataCollection",
                        "EnableAggregatedReporting",
                        "EnableAipIntegration",
                        "EnableEndpointDlp",
                        "EnableExcludedDevices",
                        "EnableQuarantinedFileDownload",
                        "EnableWdavAuditMode",
                        "HidePotentialDuplications",
                        "IsolateIncidentsWithDifferentDeviceGroups",
                        "IsolationExclusionOptIn",
                        "M365SecureScoreIntegrationEnabled",
                        "MobileDeactivationPeriodInDays",
                        "ShowUserAadProfile",
                        "SkypeIntegrationEnabled",
                        "UseSimplifiedConnectivity",
                        "UseSimplifiedConnectivityViaApi",
                    ),
                    OTHER,
                ),
                "EnableCustomAsrAdvancedProcessTermination": UNKNOWN,
                "EnableHVAOnboardingOptions": UNKNOWN,
                "LowFidelityEnrichmentEnabled": UNKNOWN,
            },
        ),
    ),
)
