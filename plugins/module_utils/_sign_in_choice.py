# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which way of signing in the options describe; what the environment adds. Private to the collection."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._apps import Credential, Proof, unusable
from ansible_collections.m365.defender.plugins.module_utils._certificates import ClientCertificate
from ansible_collections.m365.defender.plugins.module_utils._clouds import APPS, SERVICES, Cloud
from ansible_collections.m365.defender.plugins.module_utils._delegated import DeviceCode, RefreshToken
from ansible_collections.m365.defender.plugins.module_utils._errors import BadInput
from ansible_collections.m365.defender.plugins.module_utils._managed_identity import ManagedIdentity
from ansible_collections.m365.defender.plugins.module_utils._options import ENVIRONMENT
from ansible_collections.m365.defender.plugins.module_utils._sign_ins import AccessToken, ClientSecret, FederatedToken

# Way of signing in -> the options that stand for it. In this order the environment is looked through.
WAYS = {
    "access_token": ("access_token",),
    "refresh_token": ("refresh_token",),
    "client_certificate": ("client_certificate", "client_certificate_data"),
    "client_secret": ("client_secret",),
    "federated_token": ("federated_token", "federated_token_file"),
    "managed_identity": ("managed_identity",),
    "device_code": ("device_code",),
}
PROOFS = ("client_certificate", "client_secret", "federated_token")  # what may stand beside a refresh token
# What an operator is told to give.
LOGINS = (
    "client_id with client_certificate, client_secret or federated_token_file, "
    "or refresh_token, access_token, managed_identity or device_code"
)
DESCRIBED = 'The guide "Connection options" describes each; the playbooks take them as m365_client_id and so on.'
TRUE, FALSE = ("true", "yes", "on", "1", "y", "t"), ("false", "no", "off", "0", "n", "f")
OURS = "M365_"
PROVING = {name for way in PROOFS for option in WAYS[way] for name in ENVIRONMENT[option]}


def with_environment(params: Mapping[str, Any], environment: Mapping[str, str]) -> dict[str, Any]:
    """The options with a way of signing in from the environment, if they describe none.

    What is given as an option is never made ambiguous by a variable: variables count only where nothing is given, M365_ before others.
    What proves an app beside a refresh token is looked for too. Neither is taken from variables that name another app.
    """
    result = dict(params)
    given = _ways(result)
    own = _of_the_app(environment, str(result.get("client_id") or ""), bool(given))
    if not given:
        _add(result, own, tuple(WAYS))
    if _ways(result) == ["refresh_token"]:
        _add(result, own, PROOFS)
    if "client_certificate" in _ways(result) and not result.get("client_certificate_password"):
        _take(result, environment, "client_certificate_password")
    return result


def credential_of(options: Mapping[str, Any], *, cloud: Cloud, session: bool, nobody: str) -> Credential | None:
    """The way to sign in that the options describe. Raises BadInput when there is none or more than one.

    None where only a portal session is given. nobody: why no person can be asked to enter a code, "" when one can.
    """
    client_id = str(options.get("client_id") or "").strip()
    ways = _ways(options)
    proofs = [way for way in ways if way in PROOFS]
    main = [way for way in ways if way not in PROOFS] if "refresh_token" in ways else ways
    if len(main) > 1 or len(proofs) > 1:
        raise unusable(
            f"there are several ways to sign in: {_listed([_named(options, way) for way in ways])}",
            "Give one of them. An option that is to be left out although a variable of the inventory sets it is set to an empty text.",
        )
    for way in ways:
        both = [option for option in WAYS[way] if _given(options, option)]
        if len(both) > 1:
            raise unusable(f"{_listed(both)} say the same", "Give one of them.")
    if not ways and session and not client_id:
        return None
    if not ways:
        raise unusable(
            f"there is no login: give {LOGINS}",
            f"{DESCRIBED} Options that are empty count as not given; what proves an app counts for the one that the environment names in "
            f"{' or '.join(ENVIRONMENT['client_id'])}, if any.",
        )
    proof = _proof(options, client_id, proofs[0]) if proofs else None
    credential: Credential
    if main[0] == "refresh_token":
        credential = RefreshToken(client_id, str(options["refresh_token"]).strip(), proof)
    elif main[0] == "access_token":
        credential = AccessToken(_access_tokens(options["access_token"], cloud), same=_same_audience(cloud))
    elif main[0] == "managed_identity":
        number = str(options["managed_identity"]).strip()
        credential = ManagedIdentity("" if number.lower() in TRUE else number.lower())
    elif main[0] == "device_code":
        credential = DeviceCode(client_id, nobody)
    elif proof is not None:
        credential = proof
    else:
        raise AssertionError(f"nobody makes a sign-in of {main[0]}")
    credential.validate()
    return credential


def _proof(options: Mapping[str, Any], client_id: str, way: str) -> Proof:
    if way == "client_certificate":
        return ClientCertificate(
            client_id,
            str(options.get("client_certificate") or ""),
            options.get("client_certificate_password"),
            str(options.get("client_certificate_data") or ""),
        )
    if way == "client_secret":
        return ClientSecret(client_id, str(options["client_secret"]).strip())
    return FederatedToken(client_id, str(options.get("federated_token") or "").strip(), str(options.get("federated_token_file") or ""))


def _ways(options: Mapping[str, Any]) -> list[str]:
    return [way for way, names in WAYS.items() if any(_given(options, name) for name in names)]


def _given(options: Mapping[str, Any], name: str) -> bool:
    value = options.get(name)
    return bool(value) and str(value).strip().lower() not in ("", *FALSE)


def _named(options: Mapping[str, Any], way: str) -> str:
    return next(name for name in WAYS[way] if _given(options, name))


def _listed(names: list[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}"


def _of_the_app(environment: Mapping[str, str], client_id: str, token_given: bool) -> dict[str, str]:
    """The variables without those that prove another app: each family is that of the app it names, or else of the one the other names.

    Where none is named, they belong to a refresh token of the environment, and not to one that is given as an option.
    """
    ids = {name: (environment.get(name) or "").strip().lower() for name in ENVIRONMENT["client_id"]}
    ours, theirs = ids.values()
    app = client_id.strip().lower()

    def fits(variable: str) -> bool:
        named = (ours or theirs) if variable.startswith(OURS) else (theirs or ours)
        return named == app if named else not token_given

    return {name: value for name, value in environment.items() if name not in PROVING or fits(name)}


def _add(options: dict[str, Any], environment: Mapping[str, str], ways: tuple[str, ...]) -> None:
    """Adds the first of these ways that the environment has."""
    for ours in (True, False):
        for way in ways:
            for name in WAYS[way]:
                if _take(options, environment, name, ours):
                    return


def _take(options: dict[str, Any], environment: Mapping[str, str], name: str, ours: bool | None = None) -> bool:
    for variable in ENVIRONMENT[name]:
        value = environment.get(variable) or ""
        if value.strip().lower() not in ("", *FALSE) and ours in (None, variable.startswith(OURS)):
            options[name] = value
            return True
    return False


def _access_tokens(given: Any, cloud: Cloud) -> dict[str, str]:
    """Tokens by audience. From one token, from a dictionary by service or audience, or from that as JSON."""
    if isinstance(given, str) and given.lstrip().startswith("{"):
        try:
            given = json.loads(given)
        except ValueError:
            raise unusable("access_token is neither a token nor JSON") from None
    if isinstance(given, str):
        return {"": given.strip()}
    if not isinstance(given, Mapping):
        raise unusable("access_token must be a token, or a dictionary with a token for each service")
    found = {}
    for name, token in given.items():
        if not isinstance(token, str):
            raise unusable(f"access_token.{name} must be a text")
        if token.strip():
            found[_audience(str(name), cloud)] = token.strip()
    if not found:
        raise unusable("access_token holds no token")
    return found


def _audience(name: str, cloud: Cloud) -> str:
    if name.startswith("https://"):
        return name.removesuffix("/.default").rstrip("/")
    if name in SERVICES and name != "sharepoint":
        return cloud.audience(name)
    raise BadInput(
        f"access_token names the service {name}, which is none",
        tried="Preparing the sign-in",
        hint="Give exchange, compliance, graph, defender, or an audience such as https://contoso-admin.sharepoint.com. Nothing was sent.",
    )


def _same_audience(cloud: Cloud) -> Callable[[str, str], bool]:
    """Whether two audiences are one: a token may name its audience by address, with or without a slash, or by the app's id. [doc]"""

    def plain(audience: str) -> str:
        text = audience.lower().rstrip("/")
        return cloud.audience(APPS[text]) if text in APPS else text

    return lambda one, other: plain(one) == plain(other)
