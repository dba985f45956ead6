# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The door: path prefix, Host header, proxies, TLS, and a clean end."""

from __future__ import annotations

import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msal
import pytest
import requests

from emulator.testing import ROOT, Emulator
from tests.emulator.wire import EXCHANGE, Wire

LOGIN = "login.microsoftonline.com"
COMMON = "common/v2.0/.well-known/openid-configuration"


def test_an_unknown_host_is_refused_and_named(wire: Wire) -> None:
    answer = wire.session.get(f"{wire.url}/mail.example/v1.0/x")
    assert answer.status_code == 404 and "mail.example" in answer.json()["error"]["message"]
    answer = wire.session.get(f"{wire.url}/v1.0/x", headers={"Host": "mail.example"})
    assert answer.status_code == 421 and "mail.example" in answer.json()["error"]["message"]


def test_the_host_header_addresses_a_service(wire: Wire) -> None:
    document = wire.session.get(f"{wire.url}/{COMMON}", headers={"Host": LOGIN}).json()
    assert document["token_endpoint"] == f"https://{LOGIN}/common/oauth2/v2.0/token"


def test_the_machine_may_have_any_name(wire: Wire) -> None:
    document = wire.session.get(f"{wire.url}/{LOGIN}/{COMMON}", headers={"Host": "emulator.example:8443"}).json()
    assert document["token_endpoint"] == f"https://emulator.example:8443/{LOGIN}/common/oauth2/v2.0/token"


def test_the_certificate_fits_the_name_asked_for(wire: Wire) -> None:
    context = ssl.create_default_context(cafile=wire.tenant.emulator.ca_path)
    port = urlsplit(wire.url).port
    with socket.create_connection(("127.0.0.1", port)) as plain, context.wrap_socket(plain, server_hostname=LOGIN) as secure:
        secure.sendall(f"GET /{COMMON} HTTP/1.1\r\nHost: {LOGIN}\r\nConnection: close\r\n\r\n".encode())
        read = b""
        while part := secure.recv(65536):
            read += part
    assert b"200 OK" in read and f"https://{LOGIN}/common".encode() in read


def test_clients_can_be_led_here_by_a_proxy(wire: Wire) -> None:
    proxy = wire.url.replace("https://", "http://")
    with requests.Session() as session:
        session.trust_env = False
        session.proxies = {"https": proxy, "http": proxy}
        session.verify = wire.tenant.emulator.ca_path or False
        form = {
            "grant_type": "client_credentials",
            "client_id": wire.tenant.identities["writer"]["client_id"],
            "client_secret": wire.tenant.identities["writer"]["client_secret"],
            "scope": f"https://{EXCHANGE}/.default",
        }
        address = session.get(f"https://{LOGIN}/{wire.tenant.domain}/v2.0/.well-known/openid-configuration").json()["token_endpoint"]
        assert address == f"https://{LOGIN}/{wire.tenant.tenant_id}/oauth2/v2.0/token"
        token = session.post(address, data=form).json()["access_token"]
        body = {"CmdletInput": {"CmdletName": "Get-RoleGroup", "Parameters": {}}}
        headers = {"Authorization": f"Bearer {token}", "Prefer": "odata.maxpagesize=5"}
        page = session.post(f"https://{EXCHANGE}/adminapi/beta/{wire.tenant.domain}/InvokeCommand", json=body, headers=headers).json()
        assert page["@odata.nextLink"].startswith(f"https://{EXCHANGE}/adminapi/")
        plain = session.get(f"http://{LOGIN}/{COMMON}").json()
        assert plain["token_endpoint"] == f"http://{LOGIN}/common/oauth2/v2.0/token"
        with pytest.raises(requests.exceptions.ProxyError):
            session.get("https://mail.example/")


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_msal_signs_in_through_the_proxy(wire: Wire) -> None:
    with requests.Session() as session:
        session.trust_env = False
        session.proxies = {"https": wire.url.replace("https://", "http://")}
        session.verify = wire.tenant.emulator.ca_path or False
        writer = wire.tenant.identities["writer"]
        app = msal.ConfidentialClientApplication(
            writer["client_id"],
            client_credential=writer["client_secret"],
            authority=f"https://{LOGIN}/{wire.tenant.tenant_id}",
            http_client=session,
        )
        answer = app.acquire_token_for_client([f"https://{EXCHANGE}/.default"])
        assert answer["expires_in"] == 3599
        body = {"CmdletInput": {"CmdletName": "Get-AcceptedDomain", "Parameters": {}}}
        headers = {"Authorization": f"Bearer {answer['access_token']}"}
        assert (
            session.post(f"https://{EXCHANGE}/adminapi/beta/{wire.tenant.tenant_id}/InvokeCommand", json=body, headers=headers).status_code
            == 200
        )
        wrong = msal.ConfidentialClientApplication(
            writer["client_id"],
            client_credential="not-a-real-secret-and-a-wrong-one-0000",
            authority=f"https://{LOGIN}/{wire.tenant.domain}",
            http_client=session,
        )
        assert wrong.acquire_token_for_client([f"https://{EXCHANGE}/.default"])["error_codes"] == [7000215]


def test_plain_http_works_without_tls() -> None:
    with Emulator.start(tls=False) as running, Wire(running.tenants[0]) as wire:
        assert running.url.startswith("http://") and running.ca_path is None
        assert wire.call("Get-AntiPhishPolicy").status_code == 200


def start(*more: str, **settings: Any) -> tuple[subprocess.Popen[str], dict[str, Any]]:
    process = subprocess.Popen([sys.executable, "-m", "emulator", *more], cwd=ROOT, stdout=subprocess.PIPE, text=True, **settings)
    assert process.stdout is not None
    return process, json.loads(process.stdout.readline())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_says_one_line_and_ends_cleanly(number: signal.Signals, tmp_path: Path) -> None:
    process, ready = start("--tls", "--tls-dir", str(tmp_path), "--seed", "fresh_e5", "--tenants", "2")
    assert set(ready) == {"url", "ca_path", "control", "pid", "tenants"}
    assert (ready["pid"], ready["control"], len(ready["tenants"])) == (process.pid, None, 2)
    assert Path(ready["ca_path"]).parent == tmp_path
    process.send_signal(number)
    said, _nothing = process.communicate(timeout=10)
    assert (process.returncode, said) == (0, "")


def test_its_temporary_folder_goes_with_it() -> None:
    process, ready = start("--tls")
    assert Path(ready["ca_path"]).exists()
    process.terminate()
    process.communicate(timeout=10)
    assert not Path(ready["ca_path"]).parent.exists()


def test_it_ends_when_its_parent_is_gone() -> None:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as parent:
        process, _ready = start("--parent", str(parent.pid))
        assert process.poll() is None
        parent.kill()
    said, _nothing = process.communicate(timeout=10)
    assert (process.returncode, said) == (0, "")


def test_it_ends_when_the_one_that_started_it_is_gone(tmp_path: Path) -> None:
    start_it = "p = subprocess.Popen([sys.executable, '-m', 'emulator'], stdout=subprocess.PIPE)"
    code = f"import subprocess, sys; {start_it}; print(p.stdout.readline().decode())"
    line = subprocess.run([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout
    number = json.loads(line)["pid"]
    for _try in range(100):
        try:
            os.kill(number, 0)
        except ProcessLookupError:
            return
        time.sleep(0.05)
    pytest.fail("the emulator is still there")
