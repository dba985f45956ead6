# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a host can be reached, and where the way ends: name, connection, TLS, proxy or HTTP. Private to the collection.

The very connection that tasks use is tried: the same proxy, the same CAs, the same library. Nobody signs in and nothing secret is sent.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

from ansible_collections.m365.defender.plugins.module_utils._addresses import is_loopback
from ansible_collections.m365.defender.plugins.module_utils._http import NoAnswer, Session

OWN_FAULT = 500  # a status from here on says that what stands there does not work; any lower one is an answer of the service
PROXY_WANTS_LOGIN = 407


@dataclass(frozen=True)
class Reached:
    """One host. stage: where the way ended, "" when it was reached. text: what happened. status: what the host answered, if it did."""

    host: str
    stage: str
    text: str
    hint: str
    status: int | None
    seconds: float


def reach_each(hosts: list[str], *, endpoint: str, ca_path: str | None, proxy: str | None, seconds: float) -> dict[str, Reached]:
    """Tries all hosts at once. endpoint: what stands before every host, "" for nothing. seconds: how long each may take to answer."""
    from concurrent.futures import ThreadPoolExecutor

    def one(host: str) -> Reached:
        return _reach(host, endpoint=endpoint, ca_path=ca_path, proxy=proxy, seconds=seconds)

    with ThreadPoolExecutor(max_workers=max(len(hosts), 1)) as pool:
        return dict(zip(hosts, pool.map(one, hosts), strict=True))


def _reach(host: str, *, endpoint: str, ca_path: str | None, proxy: str | None, seconds: float) -> Reached:
    url = f"{endpoint}/{host}/" if endpoint else f"https://{host}/"
    through = None if is_loopback(endpoint) else proxy
    session = Session(ca_path=ca_path, proxy=through, timeout=seconds, wait=_at_once, connections=1)
    started = time.monotonic()
    try:
        answer = session.send("GET", url, {"Accept": "*/*"}, None, write=False, once=True)
    except NoAnswer as error:
        return Reached(host, error.stage, error.text, error.hint, None, time.monotonic() - started)
    finally:
        session.close()
    stage, text, hint = _judged(answer.status, answer.headers)
    return Reached(host, stage, text, hint, answer.status, time.monotonic() - started)


def _judged(status: int, headers: Mapping[str, str]) -> tuple[str, str, str]:
    if status == PROXY_WANTS_LOGIN or headers.get("Proxy-Authenticate"):
        return (
            "proxy",
            f"could not be reached through the proxy (HTTP {status})",
            "Look at the option proxy: it may need a name and a password.",
        )
    if status >= OWN_FAULT:
        return "http", f"answers HTTP {status}", "What stands there, or a proxy before it, does not work. Try again later."
    return "", f"answers HTTP {status}", ""


def _at_once(seconds: float) -> None:
    """Nothing is tried twice, so nothing is waited for."""
