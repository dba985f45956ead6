# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SharePoint's admin site."""

from __future__ import annotations

SHAREPOINT_DENIED = (
    "System.UnauthorizedAccessException",
    "Access denied. You do not have permission to perform this action or access this resource.",
    -2147024891,
)
"""What an app without the permission reads from SharePoint's admin site: type and code [recall]; that the status is 200, a guess."""


SHAREPOINT_PRODUCTS = ("SPE_", "SPB", "O365_", "M365", "Microsoft_365", "MICROSOFT_365", "ENTERPRISE", "STANDARDPACK", "SHAREPOINT")


def has_sharepoint(licences: list[str]) -> bool:
    """Whether any product brings SharePoint: by the beginnings of product names [recall], because the licence table has not its plans."""
    return any(name.startswith(SHAREPOINT_PRODUCTS) for name in licences)


def sharepoint_refusal(code: str) -> dict[str, str]:
    """Body of a 401 of SharePoint's admin site for a token that is missing, expired or for somebody else."""
    return {"error": "invalid_token", "error_description": f"The token is not accepted ({code})."}
