# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How an application proves who it is: by a secret, by a statement signed with its certificate, by the token of an outside provider."""

from __future__ import annotations

import hashlib
import time
from functools import lru_cache
from typing import Any

import jwt
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from . import applications, issuers
from .clouds import EXCHANGE_AUDIENCE
from .refusals import error_answer
from .service import Call, Refused
from .tenant import Tenant
from .tokens import base64url

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def prove(call: Call, tenant: Tenant, identity: dict[str, Any], form: dict[str, str]) -> str:
    """Check the application's proof of identity. Returns the claim appidacr; raises Refused."""
    if form.get("client_assertion"):
        if form.get("client_assertion_type") != ASSERTION:
            text = f"The request body must contain the following parameter: 'client_assertion_type' with the value '{ASSERTION}'."
            raise Refused(error_answer(call, 900144, "invalid_request", text))
        if _federated(form["client_assertion"]):
            _check_federated(call, tenant, identity, form["client_assertion"])
        else:
            _check_assertion(call, tenant, identity, form["client_assertion"])
        return "2"
    if not form.get("client_secret"):
        text = "The request body must contain the following parameter: 'client_assertion' or 'client_secret'."
        raise Refused(error_answer(call, 7000218, "invalid_client", text, 401))
    if not identity.get("client_secret") or form["client_secret"] != identity["client_secret"]:
        text = (
            "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client "
            f"secret ID, for a secret added to app '{identity['client_id']}'."
        )
        raise Refused(error_answer(call, 7000215, "invalid_client", text, 401))
    if identity.get("secret_expired"):
        text = f"The provided client secret keys for app '{identity['client_id']}' are expired."
        raise Refused(error_answer(call, 7000222, "invalid_client", text, 401))
    return "1"


@lru_cache(maxsize=256)
def certificate(pem: str) -> tuple[Any, str, str]:
    """Public key, SHA-1 and SHA-256 thumbprints (base64url) of a PEM certificate. Raises ValueError when it is none."""
    start = pem.find("-----BEGIN CERTIFICATE-----")
    parsed = x509.load_pem_x509_certificate(pem[max(start, 0) :].encode())
    der = parsed.public_bytes(Encoding.DER)
    # SHA-1 is what the header x5t means; nothing is trusted because of it.
    return parsed.public_key(), base64url(hashlib.sha1(der, usedforsecurity=False).digest()), base64url(hashlib.sha256(der).digest())


def _certificates(tenant: Tenant, identity: dict[str, Any]) -> list[str]:
    own = [identity["certificate"]] if identity.get("certificate") else []
    own += applications.certificates(tenant, identity)
    return own + (tenant.certificates if identity is tenant.identities.get("certificate") else [])


def _check_assertion(call: Call, tenant: Tenant, identity: dict[str, Any], assertion: str) -> None:
    """[code] RS256 with x5t or PS256 with x5t#S256; aud = the token endpoint, iss = sub = client id, exp and nbf hold."""

    def refused(number: int, text: str) -> Refused:
        return Refused(error_answer(call, number, "invalid_client", text, 401))

    try:
        header = jwt.get_unverified_header(assertion)
    except jwt.InvalidTokenError as error:
        raise refused(50027, "JWT token is invalid or malformed.") from error
    found = None
    for pem in _certificates(tenant, identity):
        key, sha1, sha256 = certificate(pem)
        if header.get("x5t#S256", "").rstrip("=") == sha256 or header.get("x5t", "").rstrip("=") == sha1:
            found = key
    thumbprint = header.get("x5t#S256") or header.get("x5t") or ""
    if found is None:
        text = (
            "The certificate with identifier used to sign the client assertion is not registered on application. "
            f"[Reason - The key was not found., Thumbprint of key used by client: '{thumbprint}']"
        )
        raise refused(700027, text)
    try:
        claims = jwt.decode(
            assertion, found, algorithms=["RS256", "PS256"], options={"verify_aud": False, "verify_exp": False, "verify_nbf": False}
        )
    except jwt.InvalidTokenError as error:
        text = (
            f"Client assertion failed signature validation. [Reason - The key was found, Thumbprint of key used by client: '{thumbprint}']"
        )
        raise refused(700027, text) from error
    now, leeway = time.time(), 300
    if not isinstance(claims.get("exp"), (int, float)) or claims["exp"] < now - leeway or claims.get("nbf", now) > now + leeway:
        raise refused(700024, "Client assertion is not within its valid time range.")
    audiences = claims.get("aud")
    if not any(_same_endpoint(call, tenant, name) for name in (audiences if isinstance(audiences, list) else [audiences])):
        raise refused(700023, "Client assertion audience claim does not match Realm issuer.")
    wanted = identity["client_id"].lower()
    if str(claims.get("iss", "")).lower() != wanted or str(claims.get("sub", "")).lower() != wanted:
        raise refused(700021, "Client assertion application identifier doesn't match 'client_id' parameter.")


def _federated(assertion: str) -> bool:
    """Whether a statement is the token of an outside provider: one that the application signed itself names its certificate."""
    try:
        header = jwt.get_unverified_header(assertion)
    except jwt.InvalidTokenError:
        return False
    return "kid" in header and "x5t" not in header and "x5t#S256" not in header


def _check_federated(call: Call, tenant: Tenant, identity: dict[str, Any], assertion: str) -> None:
    """[doc] Issuer, subject and audience must be those of one of the application's federated credentials. Numbers: [recall]"""

    def refused(number: int, text: str) -> Refused:
        return Refused(error_answer(call, number, "invalid_client", text, 401))

    try:
        said = issuers.read(assertion)
    except jwt.InvalidTokenError as error:
        raise refused(50013, "Assertion failed signature validation. [Reason - The provided signature value did not match.]") from error
    trusted = [*(identity.get("federated_credentials") or ()), *applications.federated(tenant, identity)]
    if not trusted:
        raise refused(70021, "No matching federated identity record found for presented assertion.")
    now = time.time()
    if said["exp"] < now or said.get("nbf", now) > now + 300:
        raise refused(700024, "Client assertion is not within its valid time range.")
    wanted = EXCHANGE_AUDIENCE[tenant.cloud]
    steps = (
        (700211, "issuer", lambda one: one["issuer"] == said["iss"]),
        (700213, "subject", lambda one: one["subject"] == said["sub"]),
        (700212, "audience", lambda one: said["aud"] in one.get("audiences", [wanted]) and said["aud"] == wanted),
    )
    for number, what, fits in steps:
        trusted = [one for one in trusted if fits(one)]
        if not trusted:
            value = {"issuer": said["iss"], "subject": said["sub"], "audience": said["aud"]}[what]
            raise refused(number, f"No matching federated identity record found for presented assertion {what} '{value}'.")


def _same_endpoint(call: Call, tenant: Tenant, audience: Any) -> bool:
    """Whether an assertion's audience is this tenant's token endpoint (or issuer), written as the real host or as the client's form."""
    text = str(audience).partition("?")[0]
    for base in (f"https://{call.host}", call.base):
        for name in (tenant.tenant_id, *tenant.aliases()):
            if text.lower() in {
                f"{base}/{name}/oauth2/v2.0/token".lower(),
                f"{base}/{name}/v2.0".lower(),
                f"{base}/{name}/oauth2/token".lower(),
            }:
                return True
    return False
