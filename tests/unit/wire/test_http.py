# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is sent again and what is not, how long is waited in between, and what a failure is called."""

from __future__ import annotations

import gzip
import socket
import time

import pytest

from ansible_collections.m365.defender.plugins.module_utils import _http
from ansible_collections.m365.defender.plugins.module_utils._errors import BadInput, OutcomeUnknown, Unavailable
from tests.unit.wire.scripted import RESET, Told

URL = "https://graph.microsoft.com/v1.0/organization"


def ask(transport, write=False):
    return transport.send("POST", URL, service="graph", tried="Reading", json_body={"a": 1}, write=write)


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_read_is_repeated(status, scripted, transport, waits):
    server = scripted(Told(status), Told(status), Told(200, {"ok": True}))
    ours = transport(server.url)
    assert ask(ours).json() == {"ok": True}
    assert len(server.asked) == ours.counts["requests"] == 3
    assert len(waits) == 2
    assert server.asked[0].headers["client-request-id"] == server.asked[2].headers["client-request-id"]


def test_a_read_survives_a_reset_and_a_body_that_breaks_off(scripted, transport):
    server = scripted(Told(do=RESET), Told(200, {"ok": "no"}, cut=3), Told(200, {"ok": True}))
    assert ask(transport(server.url)).json() == {"ok": True}
    assert len(server.asked) == 3 and {one.body for one in server.asked} == {b'{"a": 1}'}


def test_a_read_is_given_up_after_some_tries(scripted, transport, waits):
    server = scripted(Told(503))
    assert ask(transport(server.url)).status == 503
    assert len(server.asked) == _http.TRIES
    assert all(0 < wait <= _http.LONGEST_WAIT for wait in waits)
    server = scripted(Told(do=RESET))
    with pytest.raises(Unavailable, match="closed the connection"):
        ask(transport(server.url))
    server = scripted(Told(200, {"ok": "no"}, cut=3))
    with pytest.raises(Unavailable):
        ask(transport(server.url))


def test_retry_after_is_honoured_up_to_a_cap(scripted, transport, waits):
    server = scripted(Told(429, headers={"Retry-After": "7"}), Told(429, headers={"Retry-After": "3600"}), Told(200, {}))
    ask(transport(server.url))
    assert waits == [7, _http.LONGEST_WAIT]


@pytest.mark.parametrize(
    "asked", ["0.5", "-1", "soon", "1, 2", "", "0", "Wed, 21 Oct 2015 07:28:00 GMT", "9" * 5000, "Wed, 21 Oct 99999 07:28:00 GMT"]
)
@pytest.mark.parametrize("write", [False, True])
def test_a_retry_after_that_says_nothing_is_none(asked, write, scripted, transport, waits):
    """A date that is past, too, as one is where this machine's clock is ahead."""
    server = scripted(Told(429, headers={"Retry-After": asked}), Told(429, headers={"Retry-After": asked}), Told(200, {}))
    assert ask(transport(server.url), write=write).status == 200
    assert len(waits) == 2 and all(0 < wait <= 2 for wait in waits)


def test_how_long_to_wait_for_items_of_a_batch():
    assert _http.pause_of([{"status": 200}, {"status": 500}, {}]) == 0
    items = [{"status": 429, "headers": {"retry-after": "3"}}, {"status": 503, "headers": {"Retry-After": "5"}}]
    assert _http.pause_of(items) == 5
    assert _http.pause_of([{"status": 429, "headers": {"Retry-After": "3600"}}]) == _http.LONGEST_WAIT
    assert 0 < _http.pause_of([{"status": 429}]) <= 1
    assert 0 < _http.pause_of([{"status": 429, "headers": {"Retry-After": "\u00b2"}}]) <= 1
    assert 0 < _http.pause_of([{"status": 429, "headers": {"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}}]) <= 1


def test_a_throttled_write_is_repeated_because_it_did_nothing(scripted, transport, waits):
    server = scripted(Told(429, headers={"Retry-After": "2"}), Told(429), Told(200, {}))
    assert ask(transport(server.url), write=True).status == 200
    assert waits[0] == 2 and len(waits) == 2


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_write_that_may_have_happened_is_not_repeated(status, scripted, transport, waits):
    server = scripted(Told(status, headers={"Retry-After": "1"}))
    assert ask(transport(server.url), write=True).status == status
    assert len(server.asked) == 1 and not waits


def test_a_write_whose_connection_breaks_has_an_unknown_outcome(scripted, transport):
    for told in (Told(do=RESET), Told(200, {"ok": True}, cut=4)):
        server = scripted(told)
        with pytest.raises(OutcomeUnknown) as caught:
            ask(transport(server.url), write=True)
        assert len(server.asked) == 1
        assert caught.value.request_id == server.asked[0].headers["client-request-id"]
        assert "not known whether" in caught.value.message


def test_a_write_that_never_left_is_only_unavailable(transport, waits):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(Unavailable, match="refused the connection") as caught:
        ask(transport(f"http://127.0.0.1:{port}"), write=True)
    assert "endpoint" in caught.value.hint
    assert len(waits) == _http.CONNECTION_TRIES - 1


def once(transport, **more):
    return transport.send("GET", URL, service="graph", tried="Reading", once=True, **more)


@pytest.mark.parametrize("status", [429, 503])
def test_what_is_asked_once_is_answered_as_it_comes(status, scripted, transport, waits):
    server = scripted(Told(status, headers={"Retry-After": "1"}), Told(200))
    assert (once(transport(server.url)).status, len(server.asked), waits) == (status, 1, [])
    reset = scripted(Told(do=RESET), Told(200))
    with pytest.raises(Unavailable):
        once(transport(reset.url))
    assert len(reset.asked) == 1


class Slow(Told):
    """An answer that takes its time."""

    @property
    def raw(self):
        time.sleep(1)
        return b"{}"


def test_a_longer_time_may_be_allowed_for_one_request(scripted, transport):
    assert once(transport(scripted(Slow()).url, timeout=0.2), timeout=10).status == 200
    with pytest.raises(Unavailable, match="in time"):
        once(transport(scripted(Slow()).url, timeout=0.2))


def test_no_answer_in_time(transport):
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        ours = transport(f"http://127.0.0.1:{silent.getsockname()[1]}", timeout=0.05)
        with pytest.raises(Unavailable, match="did not answer in time"):
            ask(ours)
        with pytest.raises(OutcomeUnknown, match="did not answer in time"):
            ask(ours, write=True)


def test_a_host_without_an_address(transport):
    with pytest.raises(Unavailable, match="name resolution"):
        ask(transport("https://nowhere.invalid"))


def test_tls_that_is_none_and_a_certificate_that_nobody_trusts(scripted, transport, emulator):
    server = scripted(Told(200, {}))
    with pytest.raises(Unavailable, match="does not speak TLS"):
        ask(transport(server.url.replace("http://", "https://")), write=True)
    with pytest.raises(Unavailable, match="not trusted") as caught:
        ask(transport(emulator.url), write=True)
    assert "ca_path" in caught.value.hint


def test_a_proxy_that_is_not_there(transport):
    with pytest.raises(Unavailable, match="proxy") as caught:
        ask(transport(None, proxy="http://user:not-a-real-password-000@127.0.0.1:9"))
    assert "not-a-real-password" not in caught.value.message


def test_a_proxy_that_refuses(scripted, transport):
    server = scripted(Told(407))
    with pytest.raises(Unavailable, match=r"through the proxy \(407"):
        ask(transport(None, proxy=server.url), write=True)


def test_nothing_is_taken_from_the_environment(scripted, transport, monkeypatch, tmp_path):
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "none"))
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login somebody password not-a-real-password-000\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    server = scripted(Told(200, {}))
    ask(transport(server.url))
    assert "authorization" not in server.asked[0].headers


def test_a_body_labelled_gzip_that_is_none_still_has_its_status(scripted, transport):
    server = scripted(Told(403, b"\0" * 470, {"Content-Encoding": "gzip"}))
    reply = ask(transport(server.url))
    assert (reply.status, reply.body, reply.json()) == (403, b"", None)
    server = scripted(Told(200, gzip.compress(b'{"ok": true}'), {"Content-Encoding": "gzip"}))
    assert ask(transport(server.url)).json() == {"ok": True}


@pytest.mark.parametrize("write", [False, True])
def test_an_answer_that_unpacks_without_end_is_none(write, scripted, transport, monkeypatch):
    monkeypatch.setattr(_http, "LARGEST", 1 << 20)
    server = scripted(Told(200, gzip.compress(bytes(100 << 20)), headers={"Content-Encoding": "gzip"}))
    with pytest.raises(OutcomeUnknown if write else Unavailable, match="more than 1 MiB"):
        ask(transport(server.url), write=write)
    assert len(server.asked) == 1


def test_redirects_are_never_followed(scripted, transport):
    server = scripted(Told(302, headers={"Location": "{here}/eur05b.admin.protection.outlook.com:446/x"}))
    reply = ask(transport(server.url))
    assert reply.status == 302 and len(server.asked) == 1
    assert reply.headers["location"] == "https://eur05b.admin.protection.outlook.com:446/x"


def test_the_tls_context_is_made_once():
    assert _http.ssl_context(None) is _http.ssl_context(None)


def test_a_ca_path_that_cannot_be_used(tmp_path, emulator):
    (tmp_path / "empty.pem").write_text("nothing\n")
    for path in (tmp_path / "missing.pem", tmp_path / "empty.pem"):
        with pytest.raises(BadInput, match="ca_path"):
            _http.check_ca(str(path))
    _http.check_ca(str(tmp_path))
    _http.check_ca(emulator.ca_path)
