# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the sign-in service says when it refuses a token, and what to do about it. Private to the collection."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._errors import SignInFailed

# What the sign-in service says, and what to do about it. Codes and meanings [recall]; 700027 right after an upload is transient [code].
ADVICE = {
    7000215: "The secret is wrong. Take the secret's value, not its id, and look whether it belongs to this client_id.",
    7000222: "The secret has expired. Make a new one for the app registration and set client_secret to it.",
    700016: "The app is not in this tenant. Look at client_id and tenant_id; an app of another tenant needs its administrator's consent.",
    700027: "The certificate is not one of the app's. Upload its public part to the app registration, or wait if you just did.",
    700024: "The federated token or the app's signature is outside of its time. Get a new token, or set this machine's clock.",
    90002: "There is no such tenant. Look at tenant_id, and at cloud.",
    900023: "There is no such tenant. Look at tenant_id, and at cloud.",
    90038: "The tenant is in another cloud. Set cloud to the one it lives in.",
    50059: "There is no such tenant. Look at tenant_id, and at cloud.",
    500011: "The tenant does not have this service: nobody ever used it there, or the licence is missing.",
    65001: "The app has no consent in this tenant. An administrator grants it under the app's permissions.",
    53003: "Conditional Access blocks the app. Look at the policies for workload identities.",
    50076: "This login asks for multi-factor authentication, which an app can't give.",
    50079: "This login asks for multi-factor authentication, which an app can't give.",
    70021: "No federated credential of the app fits. Add one with the token's issuer, subject and audience to the app registration.",
    700211: "No federated credential of the app fits: its issuer differs. Correct the one of the app registration, or the token's.",
    700212: "No federated credential of the app fits: its audience differs. Correct the one of the app registration, or the token's.",
    700213: "No federated credential of the app fits: its subject differs. Correct the one of the app registration, or the token's.",
    700082: "The refresh token has expired. Sign in again and set refresh_token to the new one.",
    50173: "The refresh token was revoked. Sign in again and set refresh_token to the new one.",
    70000: "The refresh token is none of this app, or it has ended. Sign in again and set refresh_token to the new one.",
    9002313: "The refresh token can't be read. Take it whole, without quotes or line ends.",
    70020: "Nobody signed in with the code in time. Run the task again.",
    70018: "The code for signing in is not known. Run the task again.",
    65004: "The person declined to sign in.",
    7000218: "The app wants to prove who it is. Give client_secret or client_certificate beside, or allow public client flows for the app.",
    700023: "The signed statement of the app was made for another tenant or cloud. Look at tenant_id and cloud.",
    700021: "The signed statement of the app names another app. Look at client_id.",
    50013: "The token of the outside identity provider is not accepted: its signature does not hold, or its issuer has no keys.",
    50027: "The token of the outside identity provider is no token that can be read.",
    7000112: "The app is switched off in this tenant.",
}


def codes_of(answer: Mapping[str, Any]) -> list[int]:
    """The AADSTS numbers of an answer of the token endpoint."""
    codes = [code for code in answer.get("error_codes") or () if isinstance(code, int)]
    said = re.search(r"AADSTS(\d+)", str(answer.get("error_description") or ""))
    return codes or ([int(said[1])] if said else [])


def refused_sign_in(answer: Mapping[str, Any], audience: str, client_id: str) -> SignInFailed:
    """The error of an answer of the token endpoint. [recall] its form"""
    codes = codes_of(answer)
    said = str(answer.get("error_description") or answer.get("error") or "no reason given").splitlines()[0]
    text = re.sub(r"^AADSTS\d+:\s*", "", re.split(r"\s*(?:Trace ID|Correlation ID):", said)[0]).strip()
    known = next((code for code in codes if code in ADVICE), None)
    return SignInFailed(
        f"the sign-in service refused a token for {audience} to the app {client_id}: {text}",
        tried="Signing in",
        service="identity",
        code=f"AADSTS{codes[0]}" if codes else str(answer.get("error") or ""),
        request_id=str(answer.get("trace_id") or answer.get("correlation_id") or ""),
        hint=ADVICE[known] if known else "",
    )
