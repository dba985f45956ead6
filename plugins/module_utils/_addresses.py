# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Addresses that an operator gives: of an emulated tenant or gateway, of a proxy. Private to the collection."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, urlsplit

from ansible_collections.m365.defender.plugins.module_utils._errors import BadInput

CHECKING = "Checking the connection options"


def is_loopback(endpoint: str | None) -> bool:
    """Whether an address leads to this very machine."""
    host = (urlsplit(endpoint).hostname or "") if endpoint else ""
    return host == "localhost" or host == "::1" or bool(re.fullmatch(r"127(\.\d{1,3}){3}", host))


def endpoint_of(endpoint: str | None, trusted: bool) -> str:
    """The base address before every host, "" for none. Raises BadInput for one that leads elsewhere and is not trusted."""
    if not endpoint:
        return ""
    parts = _parts(endpoint)
    if parts is None or parts.query or parts.fragment or parts.username:
        raise BadInput("endpoint must be an address such as https://127.0.0.1:8443", tried=CHECKING, hint="Nothing was sent.")
    if not is_loopback(endpoint) and not trusted:
        raise BadInput(
            f"endpoint leads to another machine, {parts.hostname}, which would get the tenant's secrets and tokens",
            tried=CHECKING,
            hint="Set endpoint_trusted=true if that is what you want. Nothing was sent.",
        )
    return endpoint.rstrip("/")


def proxy_of(proxy: str | None) -> str | None:
    """The proxy's address. Raises BadInput."""
    if not proxy:
        return None
    proxy = proxy if "://" in proxy else f"http://{proxy}"
    if _parts(proxy) is None:
        raise BadInput("proxy must be an address such as http://proxy.contoso.com:8080", tried=CHECKING, hint="Nothing was sent.")
    return proxy


def _parts(address: str) -> SplitResult | None:
    """The parts of the address of a host; None for what is none."""
    try:
        parts = urlsplit(address)
        good = parts.scheme in ("http", "https") and parts.port != 0 and bool(re.fullmatch(r"[\w.:-]+", parts.hostname or ""))
    except ValueError:  # brackets of IPv6 that do not match, a port that is none
        return None
    return parts if good else None
