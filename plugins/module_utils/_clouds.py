# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Microsoft's clouds: where each service answers and for which audience its tokens are made. Private to the collection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

# Codes: what the tenant's cloud does not have, also a state; and that the name of the tenant's site, for which a token is, was not found.
NOT_IN_CLOUD = "not_in_cloud"
NAMELESS = "sharepoint_name_unknown"
SERVICES = ("exchange", "compliance", "graph", "defender", "portal", "sharepoint")
# A token may name its audience by the id of the app that it is for, which is the same in all clouds. [doc]
APPS = {
    "00000003-0000-0000-c000-000000000000": "graph",
    "00000002-0000-0ff1-ce00-000000000000": "exchange",
    "00000007-0000-0ff1-ce00-000000000000": "compliance",
    "fc780465-2017-40d4-a0c5-307022471b92": "defender",
}


@dataclass(frozen=True)
class Feature:
    """Something that not every cloud has.

    paths: how paths of its service begin; empty when it is the whole service. instead: what a person can do where it is missing.
    """

    title: str
    service: str
    clouds: tuple[str, ...]
    certainty: str
    source: str
    paths: tuple[str, ...] = ()
    instead: str = ""


GLOBAL = ("commercial", "gcc")
NATIONAL = "metadata of Microsoft Graph in each cloud"
FEATURES = {
    "defender": Feature("Defender for Endpoint and its API", "defender", (*GLOBAL, "gcc_high", "dod"), "doc", "defender-endpoint/gov"),
    "portal": Feature("the Defender portal", "portal", (*GLOBAL, "gcc_high", "dod"), "doc", "defender-xdr/usgov"),
    "partner": Feature("Partner Center, as far as its address is known", "partner", ("commercial",), "guess", "control-panel-vendor-apis"),
    "xdr": Feature(
        "Defender XDR and Defender for Identity in Microsoft Graph",
        "graph",
        (*GLOBAL, "gcc_high", "dod"),
        "doc",
        NATIONAL,
        ("security/incidents", "security/alerts_v2", "security/runHuntingQuery", "security/identities/"),
    ),
    "audit_search": Feature(
        "the search of the audit log in Microsoft Graph",
        "graph",
        GLOBAL,
        "doc",
        "security-auditlogquery-list-records",
        ("security/auditLog/",),
        "Look in the Purview portal.",
    ),
    "mail_remediation": Feature(
        "remediation of mail by Microsoft Graph",
        "graph",
        GLOBAL,
        "doc",
        "security-analyzedemail-remediate",
        ("security/collaboration/",),
        "Use the Explorer of the Defender portal, where the cloud has one.",
    ),
    "configuration_management": Feature(
        "Microsoft's tenant configuration management in Microsoft Graph",
        "graph",
        GLOBAL,
        "doc",
        NATIONAL,
        ("admin/configurationManagement/",),
    ),
}


@dataclass(frozen=True)
class Cloud:
    """Hosts and token audiences of one cloud. A service that the cloud does not have has an empty host.

    Audiences come from the cloud and never from the address that is really called. [code] CIPP, graph2otel
    """

    name: str
    login: str
    graph: str
    exchange: str
    compliance: str
    defender: str
    portal: str
    compliance_audience: str
    defender_audience: str
    sharepoint: str  # the domain below which every tenant has hosts of its own
    partner: str = ""  # Partner Center

    def host(self, service: str) -> str:
        """The host of exchange, compliance, graph, defender or portal, the domain of sharepoint; "" where the cloud has none."""
        return {
            "exchange": self.exchange,
            "compliance": self.compliance,
            "graph": self.graph,
            "defender": self.defender,
            "portal": self.portal,
            "sharepoint": self.sharepoint,
            "partner": self.partner,
        }[service]

    def audience(self, service: str) -> str:
        """What a token for exchange, compliance, graph or defender is asked for, without `/.default`."""
        own = {"compliance": self.compliance_audience, "defender": self.defender_audience}
        return own[service] if service in own else f"https://{self.host(service)}"

    def lacks(self, service: str, path: str = "") -> Feature | None:
        """What of a service this cloud does not have: a feature to which the path belongs; None when it has it."""
        for feature in FEATURES.values():
            if feature.service == service and self.name not in feature.clouds and (not feature.paths or path.startswith(feature.paths)):
                return feature
        return None

    def lacks_for(self, service: str, feature: str = "") -> Feature | None:
        """What this cloud does not have of what somebody needs: the feature of that name, or the whole service; None when it has both."""
        needed = FEATURES.get(feature)
        return needed if needed and self.name not in needed.clouds else self.lacks(service)

    def without(self, feature: Feature) -> str:
        """The reason why a feature is not there, without a full stop."""
        return f"the cloud {self.name} does not have {feature.title}"


# How sure each cell is, stands in CERTAINTY.
# Login, Exchange and compliance hosts: [doc] connect-to-exchange-online-powershell, connect-to-scc-powershell.
# Portal, Graph and Defender for Endpoint: [doc] defender-endpoint/gov, defender-xdr/usgov.
# SharePoint: [code] ScubaGear, for China [recall].
# Government audiences of Defender for Endpoint are not documented; public clients ask for the host itself, in GCC many, in GCC High two.
# [code] DoD has the same host as GCC High [doc].
CLOUDS = {
    "commercial": Cloud(
        name="commercial",
        login="login.microsoftonline.com",
        graph="graph.microsoft.com",
        exchange="outlook.office365.com",
        compliance="ps.compliance.protection.outlook.com",
        compliance_audience="https://ps.compliance.protection.outlook.com",
        defender="api.security.microsoft.com",
        portal="security.microsoft.com",
        # stays so although api.security.microsoft.com is called. [doc]
        defender_audience="https://api.securitycenter.microsoft.com",
        sharepoint="sharepoint.com",
        # [doc] control-panel-vendor-apis; where other clouds have it is not known here.
        partner="api.partnercenter.microsoft.com",
    ),
    "gcc": Cloud(
        name="gcc",
        login="login.microsoftonline.com",
        graph="graph.microsoft.com",
        exchange="outlook.office365.com",
        compliance="ps.compliance.protection.outlook.com",
        compliance_audience="https://ps.compliance.protection.outlook.com",
        defender="api-gcc.securitycenter.microsoft.us",
        portal="security.microsoft.com",
        defender_audience="https://api-gcc.securitycenter.microsoft.us",
        sharepoint="sharepoint.com",
    ),
    "gcc_high": Cloud(
        name="gcc_high",
        login="login.microsoftonline.us",
        graph="graph.microsoft.us",
        exchange="outlook.office365.us",
        compliance="ps.compliance.protection.office365.us",
        compliance_audience="https://ps.compliance.protection.office365.us",
        defender="api-gov.securitycenter.microsoft.us",
        portal="security.microsoft.us",
        defender_audience="https://api-gov.securitycenter.microsoft.us",
        sharepoint="sharepoint.us",
    ),
    # Sources differ for DoD, see DISPUTED. Public clients of the interface used here agree on the host of Exchange, and one saw it answer;
    # they agree on the audience of compliance too, for which Microsoft's own module leaves out the prefix of the host. [code]
    # cisagov/ScubaGear, DrollRobot/azure-auth
    "dod": Cloud(
        name="dod",
        login="login.microsoftonline.us",
        graph="dod-graph.microsoft.us",
        exchange="outlook-dod.office365.us",
        compliance="l5.ps.compliance.protection.office365.us",
        compliance_audience="https://ps.compliance.protection.office365.us",
        defender="api-gov.securitycenter.microsoft.us",
        portal="security.apps.mil",
        defender_audience="https://api-gov.securitycenter.microsoft.us",
        sharepoint="sharepoint-mil.us",
    ),
    # No Defender for Endpoint and no Defender portal there. [doc]
    "china": Cloud(
        name="china",
        login="login.chinacloudapi.cn",
        graph="microsoftgraph.chinacloudapi.cn",
        exchange="partner.outlook.cn",
        compliance="ps.compliance.protection.partner.outlook.cn",
        compliance_audience="https://ps.compliance.protection.partner.outlook.cn",
        defender="",
        portal="",
        defender_audience="",
        sharepoint="sharepoint.cn",
    ),
}

_AUDIENCES = ("compliance_audience", "defender_audience")
_DOC = ("login", "graph", "exchange", "compliance", "defender", "portal")
# How sure each cell of CLOUDS is, and what else is known of it. The table in the guide is made of it.
CERTAINTY: Mapping[str, Mapping[str, str]] = {
    "commercial": {**dict.fromkeys((*_DOC, "defender_audience", "sharepoint", "partner"), "doc"), "compliance_audience": "code"},
    "gcc": {**dict.fromkeys((*_DOC, "sharepoint"), "doc"), **dict.fromkeys(_AUDIENCES, "code"), "partner": "guess"},
    "gcc_high": {**dict.fromkeys(_DOC, "doc"), **dict.fromkeys((*_AUDIENCES, "sharepoint"), "code"), "partner": "guess"},
    "dod": {**dict.fromkeys(_DOC, "doc"), **dict.fromkeys((*_AUDIENCES, "exchange", "sharepoint"), "code"), "partner": "guess"},
    "china": {
        **dict.fromkeys((*_DOC, "defender_audience"), "doc"),
        **dict.fromkeys(("graph", "compliance_audience"), "code"),
        "sharepoint": "recall",
        "partner": "guess",
    },
}
# Cells about which sources differ.
DISPUTED = {
    ("dod", "graph"): "one public client asks for tokens of graph.microsoft.us",
    ("dod", "exchange"): "Microsoft's pages name webmail.apps.mil, for the interface before this one",
    ("dod", "compliance"): "another page of Microsoft's names compliance.dod.microsoft.com, one public client calls the host without l5",
    ("china", "login"): "login.partner.microsoftonline.cn is named too",
}
