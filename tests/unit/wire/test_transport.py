# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real addresses inside, the endpoint outside; and a trace without secrets."""

from __future__ import annotations

import json
import stat
from urllib.parse import quote, quote_plus

import pytest

from ansible_collections.m365.defender.plugins.module_utils._addresses import endpoint_of, is_loopback, proxy_of
from ansible_collections.m365.defender.plugins.module_utils._errors import BadInput, OutcomeUnknown
from ansible_collections.m365.defender.plugins.module_utils._transport import Reply, Secrets, TokenClient
from tests.unit.wire.scripted import RESET, Told

URL = "https://graph.microsoft.com/v1.0/organization?$top=1"
SECRET = "not-a-real-secret-of-a-test-0000000000"
TOKEN = "eyJhbGciOiJub25lIn0.eyJhIjoibm90LWEtcmVhbC10b2tlbiJ9.bm90LWEtcmVhbC1zaWduYXR1cmU"


def test_addresses_are_rewritten_both_ways(scripted, transport):
    body = {"next": "{here}/graph.microsoft.com/v1.0/x?$skip=1", "list": ["{here}/a.b/c"], "text": "see {here}/graph.microsoft.com/"}
    server = scripted(Told(200, body, {"Location": "{here}/login.microsoftonline.com/x"}))
    reply = transport(server.url + "/").send("GET", URL, service="graph", tried="Reading")
    assert server.asked[0].path == "/graph.microsoft.com/v1.0/organization?$top=1"
    assert reply.json()["next"] == "https://graph.microsoft.com/v1.0/x?$skip=1"
    assert reply.json()["list"] == ["https://a.b/c"]
    assert reply.json()["text"] == f"see {server.url}/graph.microsoft.com/", "only what begins with it is an address"
    assert reply.headers["LOCATION"] == "https://login.microsoftonline.com/x"


def test_slashes_may_be_escaped(scripted, transport):
    server = scripted(Told(200))
    server.answers = [Told(200, b'{"next": "' + server.url.replace("/", "\\/").encode() + b'\\/graph.microsoft.com\\/v1.0"}')]
    assert transport(server.url).send("GET", URL, service="graph", tried="").json() == {"next": "https://graph.microsoft.com/v1.0"}


def test_the_request_id_is_the_services_or_ours(scripted, transport):
    server = scripted(Told(200, headers={"request-id": "theirs"}), Told(200))
    ours = transport(server.url)
    assert ours.send("GET", URL, service="graph", tried="").request_id == "theirs"
    assert ours.send("GET", URL, service="graph", tried="").request_id == server.asked[1].headers["client-request-id"]


def test_a_trace_tells_everything_but_secrets(scripted, transport, tmp_path):
    secrets = Secrets()
    secrets.add(SECRET)
    server = scripted(
        Told(200, {"access_token": "opaque-token", "said": f"it was {SECRET}"}),
        Told(200, {"responses": [{"headers": {"Set-Cookie": "a=b"}}]}, {"Set-Cookie": "XSRF-TOKEN=x"}),
        Told(403, b"\0" * 500),
    )
    trace = tmp_path / "trace"
    ours = transport(server.url, trace=str(trace), secrets=secrets)
    form = {"client_id": "an id", "client_secret": "another secret", "client_assertion": TOKEN, "scope": "x"}
    ours.send("POST", URL, service="identity", tried="", form=form)
    item = {"headers": {"Authorization": "Bearer opaque"}, "body": {"Name": f"a {TOKEN} b"}}
    headers = {"authorization": "Bearer opaque", "Cookie": "sccauth=opaque", "X-XSRF-TOKEN": "opaque"}
    ours.send("POST", URL, service="graph", tried="", json_body={"requests": [item]}, headers=headers)
    ours.send("GET", URL, service="graph", tried="")
    text = trace.read_text()
    for secret in (SECRET, TOKEN, "opaque", "another secret"):
        assert secret not in text
    lines = [json.loads(line) for line in text.splitlines()]
    assert lines[0].keys() == {"time", "tenant", "method", "url", "headers", "body", "status", "response_body"}
    assert lines[0]["url"] == URL, "the real address, not that of the endpoint"
    assert lines[0]["body"]["client_id"] == "an id"
    assert lines[1]["body"]["requests"][0]["body"] == {"Name": "a <redacted> b"}
    assert lines[2]["status"] == 403 and "NUL" in lines[2]["response_body"]
    assert stat.S_IMODE(trace.stat().st_mode) == 0o600


def test_a_trace_has_no_secret_in_another_form_either(scripted, transport, tmp_path):
    secret = 'a/b"c+d'
    secrets = Secrets()
    secrets.add("a/b", secret)
    server = scripted(
        Told(400, f"<p>client_secret={quote_plus(secret)}, and that is <b>{secret}</b></p>".encode()), Told(200, f"{secret}=".encode())
    )
    ours = transport(server.url, trace=str(tmp_path / "trace"), secrets=secrets)
    for dummy in range(2):
        ours.send("GET", f"{URL}?x={quote(secret, safe='')}", service="graph", tried="")
    text = (tmp_path / "trace").read_text()
    assert "redacted" in text and not any(part in text for part in ("c+d", "c%2Bd", "a%2F", "a/b"))


def test_a_trace_that_was_there_before_is_closed_to_others(scripted, transport, tmp_path, monkeypatch):
    trace = tmp_path / "trace"
    trace.write_text("")
    trace.chmod(0o666)
    server = scripted(Told(200, {}))
    transport(server.url, trace=str(trace)).send("GET", URL, service="graph", tried="")
    assert stat.S_IMODE(trace.stat().st_mode) == 0o600 and trace.read_text()
    before = trace.read_text()
    monkeypatch.setattr("os.geteuid", lambda: 12345)
    with pytest.raises(BadInput, match="it belongs to another user"):
        transport(server.url, trace=str(trace)).send("GET", URL, service="graph", tried="")
    assert trace.read_text() == before


def test_a_trace_that_cannot_be_written(scripted, transport, tmp_path):
    server = scripted(Told(200))
    with pytest.raises(BadInput, match="trace"):
        transport(server.url, trace=str(tmp_path / "no" / "folder")).send("GET", URL, service="graph", tried="")


def test_what_became_of_a_write_is_told_though_the_trace_is_full(scripted, transport):
    """Else a write that was done would be told as none; nothing is sent after it."""
    server = scripted(Told(200, {"done": True}), Told(200))
    ours = transport(server.url, trace="/dev/full")
    assert ours.send("POST", URL, service="graph", tried="", json_body={}, write=True).json() == {"done": True}
    for write in (False, True):
        with pytest.raises(BadInput, match="trace can't be written to /dev/full"):
            ours.send("GET", URL, service="graph", tried="", write=write)
    assert len(server.asked) == 1
    server = scripted(Told(do=RESET))
    with pytest.raises(OutcomeUnknown):
        transport(server.url, trace="/dev/full").send("POST", URL, service="graph", tried="", json_body={}, write=True)


def test_cookies_are_taken_apart(scripted, transport):
    joined = "sccauth=a%2Fb; path=/; expires=Wed, 21 Oct 2026 07:28:00 GMT; secure, XSRF-TOKEN=c%3D; path=/"
    server = scripted(Told(200, headers={"Set-Cookie": joined}))
    reply = transport(server.url).send("GET", URL, service="portal", tried="")
    assert reply.cookies == {"sccauth": "a%2Fb", "XSRF-TOKEN": "c%3D"}


def test_the_same_transport_serves_msal(scripted, transport):
    server = scripted(Told(200, {"token_endpoint": "{here}/login.microsoftonline.com/t"}, {"X-Y": "z"}))
    client = TokenClient(transport(server.url))
    reply = client.get("https://login.microsoftonline.com/x", params={"a": "b c"})
    assert json.loads(reply.text) == {"token_endpoint": "https://login.microsoftonline.com/t"}
    assert (reply.status_code, reply.headers["x-y"]) == (200, "z")
    client.post("https://login.microsoftonline.com/x?q=1", params={"a": "b"}, data={"c": "d e"}, headers={"H": "v"})
    assert [one.path for one in server.asked] == ["/login.microsoftonline.com/x?a=b+c", "/login.microsoftonline.com/x?q=1&a=b"]
    assert server.asked[1].body == b"c=d+e" and server.asked[1].headers["h"] == "v"
    assert server.asked[1].headers["content-type"] == "application/x-www-form-urlencoded"
    client.close()


def test_a_reply_and_the_secrets_do_not_show_themselves():
    secrets = Secrets()
    secrets.add(SECRET, None, "")
    assert SECRET not in repr(secrets) and list(secrets) == [SECRET]
    assert SECRET not in repr(Reply(200, {"Set-Cookie": SECRET}, SECRET.encode(), "an id"))


@pytest.mark.parametrize("here", ["http://127.0.0.1:1", "https://localhost", "http://[::1]:8080", "https://127.8.9.1/x"])
def test_addresses_of_this_machine(here):
    assert is_loopback(here)
    assert endpoint_of(here, False) == here


@pytest.mark.parametrize(
    "elsewhere", ["https://gateway.contoso.com", "https://127.0.0.1.example.com", "http://10.0.0.1:80", "https://127.1.example"]
)
def test_addresses_elsewhere_must_be_trusted(elsewhere):
    with pytest.raises(BadInput, match="endpoint_trusted"):
        endpoint_of(elsewhere, False)
    assert endpoint_of(elsewhere + "/", True) == elsewhere


NO_HOSTS = ["https://[::1", "https://127.0.0.1:99999", "https://127.0.0.1:port", "https://two words"]


@pytest.mark.parametrize(
    "wrong", ["127.0.0.1:8443", "ftp://127.0.0.1", "https://", "https://127.0.0.1/?x=1", "https://u:p@127.0.0.1", *NO_HOSTS]
)
def test_endpoints_that_are_no_addresses(wrong):
    with pytest.raises(BadInput, match="endpoint must be"):
        endpoint_of(wrong, True)


def test_proxies():
    assert proxy_of("proxy.contoso.com:8080") == "http://proxy.contoso.com:8080"
    assert proxy_of("") is None
    assert proxy_of("http://me:p%40ss@[2001:db8::1]:3128") == "http://me:p%40ss@[2001:db8::1]:3128"
    for wrong in ("socks5://proxy.contoso.com", "http://me:not-a-real#password@proxy.contoso.com:8080", *NO_HOSTS):
        with pytest.raises(BadInput, match="proxy must be") as caught:
            proxy_of(wrong)
        assert wrong not in caught.value.message
