# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Microsoft's clouds: where each service answers and for which audience its tokens are made. Private to the collection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

NOT_IN_CLOUD = "not_in_cloud"
SERVICES = ("exchange", "compliance", "graph", "defender", "portal", "sharepoint")
# A token may name its audience by the id of the app that it is for, which is the same in all clouds. [doc]
APPS = {
    "00000003-0000-0000-c000-000000000000": "graph",
    "00000002-0000-0ff1-ce00-000000000000": "exchange",
    "fc780465-2017-40d4-a0c5-307022471b92": "defender",
}


@dataclass(frozen=True)
class Feature:
    """Something that not every cloud has. paths: how paths of its service begin; empty when it is the whole service."""

    title: str
    service: str
    clouds: tuple[str, ...]
    certainty: str
    source: str
    paths: tuple[str, ...] = ()


GLOBAL = ("commercial", "gcc")
FEATURES = {
    "defender": Feature("Defender for Endpoint and its API", "defender", (*GLOBAL, "gcc_high", "dod"), "doc", "defender-endpoint/gov"),
    "portal": Feature("the Defender portal", "portal", (*GLOBAL, "gcc_high", "dod"), "doc", "defender-xdr/usgov"),
    "partner": Feature("Partner Center, as far as its address is known", "partner", ("commercial",), "guess", "control-panel-vendor-apis"),
    "xdr": Feature(
        "Defender XDR and Defender for Identity in Microsoft Graph",
        "graph",
        (*GLOBAL, "gcc_high", "dod"),
        "doc",
        "metadata of Microsoft Graph in each cloud",
        ("security/incidents", "security/alerts_v2", "security/runHuntingQuery", "security/identities/"),
    ),
    "mail_remediation": Feature(
        "remediation of mail by Microsoft Graph",
        "graph",
        GLOBAL,
        "doc",
        "security-analyzedemail-remediate",
        ("security/collaboration/",),
    ),
    "configuration_management": Feature(
        "Microsoft's tenant configuration management in Microsoft Graph",
        "graph",
        GLOBAL,
        "doc",
        "metadata of Microsoft Graph in each cloud",
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
        return self.defender_audience if service == "defender" else f"https://{self.host(service)}"

    def lacks(self, service: str, path: str = "") -> str:
        """What of a service this cloud does not have, for a sentence: a feature to which the path belongs; "" when it has it."""
        for feature in FEATURES.values():
            if feature.service == service and self.name not in feature.clouds and (not feature.paths or path.startswith(feature.paths)):
                return feature.title
        return ""


# How sure each cell is, stands in CERTAINTY.
# Login, Exchange and compliance hosts: [doc] connect-to-exchange-online-powershell, connect-to-scc-powershell.
# Portal, Graph and Defender for Endpoint: [doc] defender-endpoint/gov, defender-xdr/usgov.
# SharePoint: [code] ScubaGear, for China [recall].
# Government audiences of Defender for Endpoint are not documented; the host itself is a guess.
CLOUDS = {
    "commercial": Cloud(
        name="commercial",
        login="login.microsoftonline.com",
        graph="graph.microsoft.com",
        exchange="outlook.office365.com",
        compliance="ps.compliance.protection.outlook.com",
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
        defender="api-gov.securitycenter.microsoft.us",
        portal="security.microsoft.us",
        defender_audience="https://api-gov.securitycenter.microsoft.us",
        sharepoint="sharepoint.us",
    ),
    # Sources differ for DoD: another page names compliance.dod.microsoft.com, other clients ask for other Exchange and Graph audiences.
    "dod": Cloud(
        name="dod",
        login="login.microsoftonline.us",
        graph="dod-graph.microsoft.us",
        exchange="webmail.apps.mil",
        compliance="l5.ps.compliance.protection.office365.us",
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
        defender="",
        portal="",
        defender_audience="",
        sharepoint="sharepoint.cn",
    ),
}

_DOC = ("login", "graph", "exchange", "compliance", "defender", "portal")
# How sure each cell of CLOUDS is, and what else is known of it. The table in the guide is made of it.
CERTAINTY: Mapping[str, Mapping[str, str]] = {
    "commercial": {**dict.fromkeys((*_DOC, "defender_audience", "sharepoint", "partner"), "doc")},
    "gcc": {**dict.fromkeys((*_DOC, "sharepoint"), "doc"), "defender_audience": "guess", "partner": "guess"},
    "gcc_high": {**dict.fromkeys(_DOC, "doc"), "sharepoint": "code", "defender_audience": "guess", "partner": "guess"},
    "dod": {**dict.fromkeys(_DOC, "doc"), "sharepoint": "code", "defender_audience": "guess", "partner": "guess"},
    "china": {**dict.fromkeys((*_DOC, "defender_audience"), "doc"), "graph": "code", "sharepoint": "recall", "partner": "guess"},
}
# Cells about which sources differ.
DISPUTED = {
    ("dod", "graph"): "one public client asks for tokens of graph.microsoft.us",
    ("dod", "exchange"): "some public clients ask for tokens of outlook-dod.office365.us or outlook.office365.us",
    ("dod", "compliance"): "another page of Microsoft's names compliance.dod.microsoft.com",
    ("china", "login"): "login.partner.microsoftonline.cn is named too",
}
