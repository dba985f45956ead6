# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Microsoft's own libraries, as they come from PyPI, sign in to an emulated tenant and read from it. Run by test_clients.py.

It gets what it needs as JSON on standard input, and prints what it found as JSON. This collection is not in it.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Callable
from typing import Any

import httpx
import msal
import requests
from azure.identity import (
    CertificateCredential,
    ClientAssertionCredential,
    ClientSecretCredential,
    DeviceCodeCredential,
    ManagedIdentityCredential,
)
from msgraph import GraphServiceClient

GRAPH = "https://graph.microsoft.com"
SCOPE = f"{GRAPH}/.default"
TOLD = json.load(sys.stdin)
TENANT = TOLD["tenant_id"]


def session() -> requests.Session:
    made = requests.Session()
    made.verify = TOLD["ca_path"]
    return made


def skus(token: str, base: str = GRAPH) -> list[str]:
    answer = session().get(f"{base}/v1.0/subscribedSkus", headers={"Authorization": f"Bearer {token}"}, timeout=10)
    return [row["skuPartNumber"] for row in answer.json()["value"]]


def msal_app(kind: Any, authority: str, **more: Any) -> Any:
    return kind(authority=authority, http_client=session(), **more)


def by_authority_url() -> list[str]:
    """msal, led to the emulated tenant by the authority's address alone; the host is none that it knows."""
    app = msal_app(
        msal.ConfidentialClientApplication,
        f"{TOLD['url']}/login.microsoftonline.com/{TENANT}",
        client_id=TOLD["writer"]["client_id"],
        client_credential=TOLD["writer"]["client_secret"],
        instance_discovery=False,
    )
    return skus(app.acquire_token_for_client([SCOPE])["access_token"], f"{TOLD['url']}/graph.microsoft.com")


def by_oidc_authority() -> list[str]:
    """msal again, with the issuer's address as any OpenID provider has one; msal compares it with what the discovery document names."""
    app = msal.ConfidentialClientApplication(
        TOLD["writer"]["client_id"],
        client_credential=TOLD["writer"]["client_secret"],
        oidc_authority=f"{TOLD['url']}/login.microsoftonline.com/{TENANT}/v2.0",
        http_client=session(),
    )
    return skus(app.acquire_token_for_client([SCOPE])["access_token"], f"{TOLD['url']}/graph.microsoft.com")


def by_authority_url_of_azure_identity() -> list[str]:
    """azure-identity, led to the emulated tenant in the same way."""
    credential = ClientSecretCredential(
        TENANT,
        TOLD["writer"]["client_id"],
        TOLD["writer"]["client_secret"],
        authority=f"{TOLD['url']}/login.microsoftonline.com",
        disable_instance_discovery=True,
        connection_verify=TOLD["ca_path"],
    )
    return skus(credential.get_token(SCOPE).token, f"{TOLD['url']}/graph.microsoft.com")


def by_secret_of_msal() -> list[str]:
    """msal once more, with Microsoft's own address, through the front as a proxy."""
    app = msal.ConfidentialClientApplication(
        TOLD["writer"]["client_id"],
        client_credential=TOLD["writer"]["client_secret"],
        authority=f"https://login.microsoftonline.com/{TENANT}",
        http_client=session(),
    )
    return skus(app.acquire_token_for_client([SCOPE])["access_token"])


def by_refresh_token() -> list[str]:
    app = msal_app(
        msal.ConfidentialClientApplication,
        f"https://login.microsoftonline.com/{TENANT}",
        client_id=TOLD["partner"]["client_id"],
        client_credential=TOLD["partner"]["client_secret"],
    )
    answer = app.acquire_token_by_refresh_token(TOLD["partner"]["refresh_token"], [SCOPE])
    assert answer["refresh_token"] != TOLD["partner"]["refresh_token"], answer
    assert answer["id_token_claims"]["tid"] == TENANT  # msal checks issuer, audience and times
    return skus(answer["access_token"])


def approved(code: str) -> None:
    session().post(f"{TOLD['control']}/codes/{code}", json={"decision": "approved"}, timeout=10).raise_for_status()


def by_device_code_of_msal() -> list[str]:
    app = msal_app(msal.PublicClientApplication, f"https://login.microsoftonline.com/{TENANT}", client_id=TOLD["person"]["client_id"])
    flow = app.initiate_device_flow([SCOPE])
    approved(flow["user_code"])
    return skus(app.acquire_token_by_device_flow(flow)["access_token"])


def by_device_code_of_azure_identity() -> list[str]:
    credential = DeviceCodeCredential(
        TOLD["person"]["client_id"],
        tenant_id=TENANT,
        prompt_callback=lambda uri, code, ends: approved(code),
        connection_verify=TOLD["ca_path"],
    )
    return skus(credential.get_token(SCOPE).token)


def by_secret() -> list[str]:
    credential = ClientSecretCredential(
        TENANT, TOLD["writer"]["client_id"], TOLD["writer"]["client_secret"], connection_verify=TOLD["ca_path"]
    )
    return skus(credential.get_token(SCOPE).token)


def by_certificate() -> list[str]:
    credential = CertificateCredential(
        TENANT, TOLD["certificate"]["client_id"], TOLD["certificate"]["path"], connection_verify=TOLD["ca_path"]
    )
    return skus(credential.get_token(SCOPE).token)


def by_federated_token() -> list[str]:
    credential = ClientAssertionCredential(
        TENANT, TOLD["federated"]["client_id"], lambda: TOLD["federated"]["token"], connection_verify=TOLD["ca_path"]
    )
    return skus(credential.get_token(SCOPE).token)


def by_managed_identity() -> list[str]:
    for name, value in TOLD["app_service"].items():
        os.environ[name] = value
    try:
        credential = ManagedIdentityCredential(connection_verify=TOLD["ca_path"])
        return skus(credential.get_token(SCOPE).token)
    finally:
        for name in TOLD["app_service"]:
            del os.environ[name]


def by_graph_sdk() -> list[str]:
    """msgraph-sdk with azure-identity, neither of which knows that the tenant is emulated."""

    async def read() -> list[str]:
        from azure.identity.aio import ClientSecretCredential as Async

        async with Async(
            TENANT, TOLD["writer"]["client_id"], TOLD["writer"]["client_secret"], connection_verify=TOLD["ca_path"]
        ) as credential:
            client = GraphServiceClient(credential, [SCOPE])
            found = await client.subscribed_skus.get()
            incidents = await client.security.incidents.get()
            assert incidents is not None
            return [str(sku.sku_part_number) for sku in found.value]

    return asyncio.run(read())


def wrong_secret() -> str:
    credential = ClientSecretCredential(
        TENANT, TOLD["writer"]["client_id"], "not-a-real-secret-and-a-wrong-one-000000", connection_verify=TOLD["ca_path"]
    )
    try:
        credential.get_token(SCOPE)
    except Exception as error:
        return str(error).partition(":")[0] + str(error)
    return "signed in"


Check = Callable[[], Any]
# Those that are told the emulated tenant's address, without a proxy.
BY_ADDRESS: tuple[Check, ...] = (by_authority_url, by_oidc_authority, by_authority_url_of_azure_identity)
# Those that know Microsoft's addresses only.
BY_PROXY: tuple[Check, ...] = (
    by_secret_of_msal,
    by_refresh_token,
    by_device_code_of_msal,
    by_device_code_of_azure_identity,
    by_secret,
    by_certificate,
    by_federated_token,
    by_managed_identity,
    by_graph_sdk,
    wrong_secret,
)


def main() -> None:
    found: dict[str, Any] = {"versions": {"msal": msal.__version__, "httpx": httpx.__version__}}
    for proxy, checks in (({}, BY_ADDRESS), (TOLD["proxy"], BY_PROXY)):
        os.environ.update(proxy)
        for check in checks:
            try:
                found[check.__name__] = check()
            except Exception as error:
                found[check.__name__] = f"{type(error).__name__}: {error}"
    print(json.dumps(found))


if __name__ == "__main__":
    main()
