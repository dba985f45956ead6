# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where changes go in Microsoft Graph and in the API of Defender for Endpoint, and what the caller needs for them. Data; private."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Route:
    """One kind of change. path: below the API's root, with {identity} where the object's id stands, or {0} and {1} where it has two.

    permission: of the application.
    """

    method: str
    path: str
    permission: str


APPLICATIONS = "Application.ReadWrite.All, or Application.ReadWrite.OwnedBy for what it made itself, of Microsoft Graph"
ROLES_OF_APPS = "AppRoleAssignment.ReadWrite.All of Microsoft Graph"
DIRECTORY_ROLES = "RoleManagement.ReadWrite.Directory of Microsoft Graph"

TAGGING = "Machine.ReadWrite.All of WindowsDefenderATP"
# Service -> (verb, noun) of an operation -> its route.
ROUTES: dict[str, dict[tuple[str, str], Route]] = {
    "graph": {
        # [doc] each, such as application-post-applications, serviceprincipal-post-approleassignedto, rbacapplication-post-roleassignments
        ("New", "application"): Route("POST", "applications", APPLICATIONS),
        ("Set", "application"): Route("PATCH", "applications/{0}", APPLICATIONS),
        ("Remove", "application"): Route("DELETE", "applications/{0}", APPLICATIONS),
        ("New", "federatedIdentityCredential"): Route("POST", "applications/{0}/federatedIdentityCredentials", APPLICATIONS),
        ("Set", "federatedIdentityCredential"): Route("PATCH", "applications/{0}/federatedIdentityCredentials/{1}", APPLICATIONS),
        ("Remove", "federatedIdentityCredential"): Route("DELETE", "applications/{0}/federatedIdentityCredentials/{1}", APPLICATIONS),
        ("New", "servicePrincipal"): Route("POST", "servicePrincipals", APPLICATIONS),
        ("Remove", "servicePrincipal"): Route("DELETE", "servicePrincipals/{0}", APPLICATIONS),
        ("New", "appRoleAssignment"): Route("POST", "servicePrincipals/{0}/appRoleAssignedTo", ROLES_OF_APPS),
        ("Remove", "appRoleAssignment"): Route("DELETE", "servicePrincipals/{0}/appRoleAssignedTo/{1}", ROLES_OF_APPS),
        ("New", "roleAssignment"): Route("POST", "roleManagement/directory/roleAssignments", DIRECTORY_ROLES),
        ("Remove", "roleAssignment"): Route("DELETE", "roleManagement/directory/roleAssignments/{0}", DIRECTORY_ROLES),
        # [doc] security-analyzedemail-remediate; the permission is [recall].
        ("Remediate", "Mail"): Route(
            "POST", "security/collaboration/analyzedEmails/remediate", "SecurityAnalyzedMessage.ReadWrite.All of Microsoft Graph"
        ),
    },
    # [doc] control-panel-vendor-apis
    "partner": {
        ("New", "applicationConsent"): Route("POST", "customers/{0}/applicationconsents", ""),
        ("Remove", "applicationConsent"): Route("DELETE", "customers/{0}/applicationconsents/{1}", ""),
    },
    "defender": {
        # [doc] defender-endpoint/api/run-av-scan
        ("Run", "AntiVirusScan"): Route("POST", "machines/{identity}/runAntiVirusScan", "Machine.Scan of WindowsDefenderATP"),
        # [doc] defender-endpoint/api/add-or-remove-machine-tags; for several machines [recall], at most 500 in one request
        ("Add", "MachineTag"): Route("POST", "machines/{identity}/tags", TAGGING),
        ("Remove", "MachineTag"): Route("POST", "machines/{identity}/tags", TAGGING),
        ("Add", "MachineTags"): Route("POST", "machines/AddOrRemoveTagForMultipleMachines", TAGGING),
        ("Remove", "MachineTags"): Route("POST", "machines/AddOrRemoveTagForMultipleMachines", TAGGING),
        # [doc] defender-endpoint/api/cancel-machine-action; the permission is that of the action's type.
        ("Cancel", "MachineAction"): Route("POST", "machineactions/{identity}/cancel", ""),
    },
}
