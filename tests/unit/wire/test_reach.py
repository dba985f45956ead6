# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which hosts can be reached, and where the way ends: with real sockets on this machine."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import trustme

from ansible_collections.m365.defender.plugins.module_utils._clouds import CLOUDS
from ansible_collections.m365.defender.plugins.module_utils._reach import Reached, reach_each
from ansible_collections.m365.defender.plugins.module_utils._reachability import REACHABILITY_INFO, SERVICES, hosts_of
from ansible_collections.m365.defender.plugins.module_utils._task import perform
from tests.unit.wire.scripted import RESET, Told

NOBODY = "no-such-host.invalid"  # a name that never resolves. [doc] RFC 6761


@contextmanager
def secure(authority: trustme.CA, name: str, status: int = 200) -> Iterator[str]:
    """A server with TLS whose certificate is for `name`; gives where it listens."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # the library's name for it
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def ca_path(authority: trustme.CA, tmp_path: Path) -> str:
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(path)
    return str(path)


@pytest.fixture
def silent() -> Iterator[str]:
    """A port that takes connections and never says anything."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"127.0.0.1:{server.getsockname()[1]}"


def closed_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"127.0.0.1:{server.getsockname()[1]}"


def reach(host: str, *, endpoint: str = "", ca_path: str | None = None, proxy: str | None = None, seconds: float = 2.0) -> Reached:
    return reach_each([host], endpoint=endpoint, ca_path=ca_path, proxy=proxy, seconds=seconds)[host]


def test_a_host_that_answers(authority: trustme.CA, ca_path: str) -> None:
    for status in (200, 302, 401, 403, 404):
        with secure(authority, "127.0.0.1", status) as host:
            found = reach(host, ca_path=ca_path)
            assert (found.stage, found.status, found.text) == ("", status, f"answers HTTP {status}")


def test_a_name_without_an_address() -> None:
    found = reach(NOBODY)
    assert (found.stage, found.text) == ("name", "has no address: name resolution failed")
    assert "DNS" in found.hint


def test_a_closed_port() -> None:
    found = reach(closed_port())
    assert (found.stage, found.text, found.status) == ("connection", "refused the connection", None)


def test_a_certificate_of_a_stranger(authority: trustme.CA) -> None:
    with secure(authority, "127.0.0.1") as host:
        found = reach(host)
    assert found.stage == "tls" and "certificate that is not trusted" in found.text and "ca_path" in found.hint


def test_a_certificate_for_another_name(authority: trustme.CA, ca_path: str) -> None:
    with secure(authority, "graph.contoso.com") as host:
        found = reach(host, ca_path=ca_path)
    assert found.stage == "tls" and "not trusted" in found.text


def test_no_tls_at_all(scripted: Callable[..., Any]) -> None:
    server = scripted(Told(200, {}))
    found = reach(server.url.removeprefix("http://"))
    assert (found.stage, found.text) == ("tls", "does not speak TLS")


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_fault_of_its_own_is_no_answer_of_the_service(status: int, authority: trustme.CA, ca_path: str) -> None:
    with secure(authority, "127.0.0.1", status) as host:
        found = reach(host, ca_path=ca_path)
    assert (found.stage, found.status) == ("http", status)


def test_a_host_that_hangs_up(scripted: Callable[..., Any]) -> None:
    server = scripted(Told(do=RESET))
    found = reach("graph.microsoft.com", endpoint=server.url)
    assert (found.stage, found.text) == ("http", "closed the connection without an answer")
    assert len(server.asked) == 1, "nobody is asked twice"


def test_a_host_that_says_nothing_is_waited_for_shortly(silent: str) -> None:
    started = time.monotonic()
    assert reach(silent, seconds=1.0).stage in ("tls", "connection", "http")
    found = reach("graph.microsoft.com", endpoint=f"http://{silent}", seconds=1.0)
    assert (found.stage, found.text) == ("http", "did not answer in time")
    assert time.monotonic() - started < 8


@pytest.mark.parametrize(("status", "words"), [(403, "403"), (407, "407"), (502, "502")])
def test_a_proxy_that_refuses(status: int, words: str, scripted: Callable[..., Any]) -> None:
    server = scripted(Told(status))
    found = reach("graph.microsoft.com", proxy=server.url)
    assert found.stage == "proxy" and words in found.text and "HTTPS_PROXY" in found.hint
    assert server.asked[0].method == "CONNECT" and server.asked[0].path == "graph.microsoft.com:443"


def test_a_proxy_that_is_not_there() -> None:
    assert reach("graph.microsoft.com", proxy=f"http://{closed_port()}").text.endswith("(it refuses the connection)")
    found = reach("graph.microsoft.com", proxy=f"http://{NOBODY}:8080")
    assert (found.stage, found.text) == ("proxy", "could not be reached through the proxy (its name has no address)")


def test_a_gateway_that_wants_a_login(scripted: Callable[..., Any]) -> None:
    server = scripted(Told(407, headers={"Proxy-Authenticate": "Basic"}))
    found = reach("graph.microsoft.com", endpoint=server.url)
    assert (found.stage, found.status) == ("proxy", 407)


def test_all_hosts_are_tried_at_once(silent: str) -> None:
    started = time.monotonic()
    hosts = [f"{number}.example" for number in range(7)]
    found = reach_each(hosts, endpoint=f"http://{silent}", ca_path=None, proxy=None, seconds=1.0)
    assert list(found) == hosts and {one.stage for one in found.values()} == {"http"}
    assert time.monotonic() - started < 5


# ---------------------------------------------------------------- the module


@pytest.mark.parametrize("cloud", CLOUDS)
def test_every_cloud_has_its_hosts(cloud: str) -> None:
    hosts, missing = hosts_of(CLOUDS[cloud], "contoso.onmicrosoft.com", "")
    assert {*hosts, *missing} == set(SERVICES)
    assert set(missing) == ({"defender", "portal"} if cloud == "china" else set())
    assert hosts["sharepoint"] == f"contoso-admin.{CLOUDS[cloud].sharepoint}"


@pytest.mark.parametrize(
    ("tenant", "name", "host"),
    [
        ("contoso.onmicrosoft.com", "", "contoso-admin.sharepoint.com"),
        ("Contoso.onmicrosoft.us", "", "contoso-admin.sharepoint.com"),
        ("contoso.com", "", None),
        ("contoso.com", "contoso", "contoso-admin.sharepoint.com"),
        ("00000000-0000-4000-8000-000000000000", "", None),
    ],
)
def test_the_tenants_name_in_sharepoint(tenant: str, name: str, host: str | None) -> None:
    hosts, missing = hosts_of(CLOUDS["commercial"], tenant, name)
    assert hosts.get("sharepoint") == host and ("sharepoint" in missing) == (host is None)


def asked(**options: Any) -> dict[str, Any]:
    spec = REACHABILITY_INFO.spec(lambda *names: None)
    params = {name: one.get("default") for name, one in spec.items()}
    return perform(REACHABILITY_INFO, {**params, "tenant_id": "contoso.onmicrosoft.com", "seconds": 1, **options}, check=False, diff=False)


def test_neither_login_nor_tenant_is_needed(scripted: Callable[..., Any]) -> None:
    server = scripted(Told(200, {}))
    found = asked(endpoint=server.url)
    assert not found.get("failed") and found["reachability"]["reachable"]
    assert [one["service"] for one in found["reachability"]["hosts"]] == list(SERVICES)
    assert sorted(one.path for one in server.asked)[0] == "/api.security.microsoft.com/"
    assert all("authorization" not in one.headers for one in server.asked), "nothing secret is sent"


def test_some_services_in_a_cloud(scripted: Callable[..., Any]) -> None:
    server = scripted(Told(503))
    found = asked(endpoint=server.url, services=["graph", "defender"], cloud="china")["reachability"]
    assert [(one["host"], one["stage"]) for one in found["hosts"]] == [("microsoftgraph.chinacloudapi.cn", "http")]
    assert found["not_asked"] == [{"service": "defender", "reason": "This cloud does not have it."}]
    assert not found["reachable"]


def test_a_proxys_password_is_not_shown(scripted: Callable[..., Any]) -> None:
    server = scripted(Told(407))
    address = server.url.removeprefix("http://")
    secret = "not-a-real-password-of-a-proxy-000000"
    found = asked(proxy=f"http://somebody:{secret}@{address}", services=["graph"])
    assert found["reachability"]["proxy"] == address and found["reachability"]["hosts"][0]["stage"] == "proxy"
    assert secret not in str(found)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"seconds": 0}, "seconds must be between 1 and 60"),
        ({"sharepoint_name": "a.b"}, "first part"),
        ({"endpoint": "http://192.0.2.1"}, "leads to another machine"),
        ({"endpoint": "ftp://127.0.0.1"}, "endpoint must be an address"),
        ({"proxy": "ftp://127.0.0.1"}, "proxy must be an address"),
        ({"ca_path": "/no/such/file"}, "ca_path"),
    ],
)
def test_bad_input_is_refused(options: dict[str, Any], words: str) -> None:
    found = asked(**options)
    assert found["failed"] and words in found["msg"] and found["failure"]["kind"] == "bad_input"
