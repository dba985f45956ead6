# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Microsoft's clouds: which host and which audience belongs to which of them, and which tenant.

Facts about hosts: connect-to-exchange-online-powershell, connect-to-scc-powershell, defender-endpoint/gov, defender-xdr/usgov [doc];
SharePoint of the governments and Graph of China [code]; audiences of Defender in government clouds are a guess, see invented/sign_in.py.
"""

from __future__ import annotations

COMMERCIAL, GCC, HIGH, DOD, CHINA = "commercial", "gcc", "gcc_high", "dod", "china"
CLOUDS = (COMMERCIAL, GCC, HIGH, DOD, CHINA)
WORLDWIDE = frozenset({COMMERCIAL, GCC})
GOVERNMENT = frozenset({HIGH, DOD})

# Host, or a name below which hosts lie -> the clouds whose tenants it serves. The longest that fits decides.
_HOSTS: dict[str, frozenset[str]] = {
    **dict.fromkeys(("login.microsoftonline.com", "graph.microsoft.com", "security.microsoft.com", "sharepoint.com"), WORLDWIDE),
    **dict.fromkeys(("outlook.office365.com", "outlook.office.com", "protection.outlook.com"), WORLDWIDE),
    **dict.fromkeys(("api.security.microsoft.com", "securitycenter.microsoft.com"), frozenset({COMMERCIAL})),
    **dict.fromkeys(("api-gcc.securitycenter.microsoft.us", "api-gcc.security.microsoft.us"), frozenset({GCC})),
    **dict.fromkeys(("login.microsoftonline.us", "api-gov.securitycenter.microsoft.us", "api-gov.security.microsoft.us"), GOVERNMENT),
    **dict.fromkeys(("graph.microsoft.us", "outlook.office365.us", "protection.office365.us", "sharepoint.us"), frozenset({HIGH})),
    **dict.fromkeys(("dod-graph.microsoft.us", "outlook-dod.office365.us", "webmail.apps.mil", "sharepoint-mil.us"), frozenset({DOD})),
    **dict.fromkeys(("l5.ps.compliance.protection.office365.us", "l5.admin.protection.office365.us"), frozenset({DOD})),
    "security.apps.mil": frozenset({DOD}),
    "security.microsoft.us": frozenset({HIGH}),
    **dict.fromkeys(("login.chinacloudapi.cn", "login.partner.microsoftonline.cn", "microsoftgraph.chinacloudapi.cn"), frozenset({CHINA})),
    **dict.fromkeys(("partner.outlook.cn", "protection.partner.outlook.cn", "sharepoint.cn"), frozenset({CHINA})),
}
# Audiences that are no hosts of their cloud alone: DoD's tokens for compliance are made for the host without its prefix. [code]
# cisagov/ScubaGear, DrollRobot/azure-auth
_AUDIENCES: dict[str, frozenset[str]] = {"ps.compliance.protection.office365.us": GOVERNMENT}
LOGIN = {COMMERCIAL: "login.microsoftonline.com", GCC: "login.microsoftonline.com", CHINA: "login.chinacloudapi.cn"} | dict.fromkeys(
    GOVERNMENT, "login.microsoftonline.us"
)
GRAPH = {COMMERCIAL: "graph.microsoft.com", GCC: "graph.microsoft.com", HIGH: "graph.microsoft.us", DOD: "dod-graph.microsoft.us"} | {
    CHINA: "microsoftgraph.chinacloudapi.cn"
}
PORTAL = dict.fromkeys(WORLDWIDE, "security.microsoft.com") | {HIGH: "security.microsoft.us", DOD: "security.apps.mil", CHINA: ""}
SHAREPOINT = {COMMERCIAL: "sharepoint.com", GCC: "sharepoint.com", HIGH: "sharepoint.us", DOD: "sharepoint-mil.us", CHINA: "sharepoint.cn"}
# What a token of an outside identity provider must be made for. [code]
EXCHANGE_AUDIENCE = {COMMERCIAL: "api://AzureADTokenExchange", GCC: "api://AzureADTokenExchange"} | {
    **dict.fromkeys(GOVERNMENT, "api://AzureADTokenExchangeUSGov"),
    CHINA: "api://AzureADTokenExchangeChina",
}


# What the metadata of a national cloud's Microsoft Graph v1.0 does not have, by how its path begins. [doc] v1.0-Fairfax, v1.0-Mooncake
_ABSENT = {
    "/v1.0/admin/configurationManagement/": GOVERNMENT | {CHINA},
    "/v1.0/security/auditLog/": GOVERNMENT | {CHINA},
    "/v1.0/security/collaboration/": GOVERNMENT | {CHINA},
    **dict.fromkeys(
        ("/v1.0/security/incidents", "/v1.0/security/alerts_v2", "/v1.0/security/runHuntingQuery", "/v1.0/security/identities/"),
        frozenset({CHINA}),
    ),
}


def absent_in(cloud: str, path: str) -> bool:
    """Whether the Microsoft Graph of a cloud does not know a path."""
    return any(path.startswith(beginning) and cloud in clouds for beginning, clouds in _ABSENT.items())


def clouds_of(host: str) -> frozenset[str]:
    """The clouds that a host serves; all for one that belongs to none, such as a machine's own address."""
    name = host.lower()
    while name:
        if name in _HOSTS:
            return _HOSTS[name]
        # a tenant's admin site: contoso-admin.sharepoint-mil.us
        name = name.partition(".")[2]
    return frozenset(CLOUDS)


def clouds_of_audience(audience: str) -> frozenset[str]:
    """The clouds in which tokens for an audience are made; an audience that is an application's id is the same in all."""
    host = audience.removeprefix("https://").partition("/")[0]
    if host in _AUDIENCES:
        return _AUDIENCES[host]
    return clouds_of(host) if audience.startswith("https://") and "." in host else frozenset(CLOUDS)
