# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Signing in: audiences, the machine's own identity, tokens that were revoked."""

from __future__ import annotations

import base64
import json
import time

# Audiences of tokens of Defender in government clouds are not documented; the host itself is assumed.
DEFENDER_AUDIENCES = ("https://api-gcc.securitycenter.microsoft.us", "https://api-gov.securitycenter.microsoft.us")
XDR_AUDIENCES = ("https://api-gcc.security.microsoft.us", "https://api-gov.security.microsoft.us")

COMPLIANCE_TOO = ("compliance",)
"""Besides those of Exchange, whose permissions a worldwide token for Security & Compliance carries. Public clients saw those of Exchange
there [code]; since August 2026 Microsoft's page names Microsoft Exchange Online Protection for all clouds [doc], so both will do here.
For China the same is assumed."""

DISCOVERY_OF_ANOTHER_CLOUD = True
"""A tenant of another cloud has a discovery document here too, and only a token is refused (AADSTS90038, recalled)."""

MACHINE_HOSTS = ("appservice.emulated", "arc.emulated")
"""Where App Service and Azure Arc answer on a machine is told by its environment, so any name does."""

MACHINE_LIFETIME = 86_399
"""Seconds for which a managed identity's token lasts: about a day [doc], the number is made up."""

APP_SERVICE_REFUSED = 401
"""Status for a wrong X-IDENTITY-HEADER."""


def revoked_challenge(host: str) -> str:
    """WWW-Authenticate of a 401 for a token that was revoked: its form is [doc] (claims challenge), the values are made up."""
    wanted = {"access_token": {"nbf": {"essential": True, "value": str(int(time.time()))}}}
    claims = base64.b64encode(json.dumps(wanted).encode()).decode()
    return f'Bearer realm="", authorization_uri="https://{host}/common/oauth2/authorize", error="insufficient_claims", claims="{claims}"'
