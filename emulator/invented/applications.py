# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Applications, partners and their customers."""

from __future__ import annotations

KEY_REFUSED = ("KeyCredentialsInvalidValue", "Key credential is invalid: a public certificate for verifying is wanted.")
"""Code and text for a certificate that is none, or whose public part is not sent. That one must be sent again whole is [doc]."""

FEDERATED_TWICE = "FederatedIdentityCredential with name {name}, or with its issuer and subject, already exists."
"""Text for a second federated credential; that name, and issuer with subject, are unique within an application is [doc]."""

FEDERATED_MOST = 20
"""Federated credentials of an application [recall]."""

ROLE_UNKNOWN = "The role definition is not found in the directory."
"""Text for a role that is not there, and that its status is 400."""

RELATIONSHIPS_IN_A_PAGE = 100
"""Relationships in a page when nobody asks for a number; that 300 may be asked for is [doc]."""

PERMISSIONS_ABSENT = {
    "gcc_high": ("AuditLogsQuery", "SecurityAnalyzedMessage."),
    "dod": ("AuditLogsQuery", "SecurityAnalyzedMessage."),
    "china": ("AuditLogsQuery", "SecurityAnalyzedMessage.", "SecurityAlert.", "SecurityIdentities", "SecurityIncident.", "ThreatHunting."),
}
"""How the names of permissions begin that a national cloud's Microsoft Graph does not have: those of paths that are not there, assumed."""

CONSENT_TWICE = (409, 2001, "Permission entry already exists.")
"""Status and number for consent given before; the text is [code]."""

CONSENT_REFUSED = {
    "app_only": (403, 2002, "Access is denied: this resource takes a user's token only."),
    "no_customer": (404, 2003, "The customer was not found among the partner's customers."),
    "no_application": (400, 2004, "The application is not registered in the partner's tenant for several tenants."),
    "bad_body": (400, 2005, "One or more members of the request body are missing or wrong."),
    "no_consent": (404, 2006, "The application has no consent in the customer's tenant."),
}
"""Statuses, numbers and texts of Partner Center's refusals of a consent: the form of an error is [doc], that such are refused, assumed."""
