# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The journal: what it holds, what it hides, what counts as a write."""

from __future__ import annotations

import json
from pathlib import Path

from emulator.testing import Emulator
from tests.emulator.wire import EXCHANGE, Wire

FIELDS = {"time", "tenant", "method", "url", "headers", "body", "status", "response_headers", "response_body"}


def test_every_exchange_is_noted_with_real_addresses(wire: Wire) -> None:
    wire.call("Get-AntiPhishPolicy", query="?$select=Name")
    first, second = wire.tenant.journal()
    assert set(first) == FIELDS and set(second) == FIELDS | {"cmdlet"}
    assert first["url"] == f"https://login.microsoftonline.com/{wire.tenant.tenant_id}/oauth2/v2.0/token"
    assert second["url"] == f"https://{EXCHANGE}/adminapi/beta/{wire.tenant.tenant_id}/InvokeCommand?$select=Name"
    assert (second["method"], second["status"], second["cmdlet"], second["tenant"]) == (
        "POST",
        200,
        "Get-AntiPhishPolicy",
        wire.tenant.name,
    )
    assert second["body"]["CmdletInput"]["CmdletName"] == "Get-AntiPhishPolicy"
    assert second["response_body"]["value"] == [{"Name": "Office365 AntiPhish Default"}]


def test_secrets_and_tokens_are_blacked_out(wire: Wire) -> None:
    token = wire.token()
    wire.batch(("Get-AntiPhishPolicy", {}))
    session = wire.tenant.portal_session
    assert session is not None
    cookies = f"sccauth={session['sccauth']}; XSRF-TOKEN={session['xsrf_token']}"
    headers = {"Cookie": cookies, "X-XSRF-TOKEN": session["xsrf_token"]}
    wire.session.get(f"{wire.url}/security.microsoft.com/apiproxy/mtp/sccManagement/mgmt/TenantContext?realTime=true", headers=headers)
    text = json.dumps(wire.tenant.journal())
    secret = wire.tenant.identities["writer"]["client_secret"]
    for hidden in (token, secret, session["sccauth"], session["xsrf_token"]):
        assert hidden not in text
    assert text.count("<redacted>") >= 5


def test_reads_and_sign_in_are_no_writes(wire: Wire) -> None:
    wire.call("Get-AntiPhishPolicy")
    wire.batch(("Get-AntiPhishPolicy", {}))
    assert wire.tenant.writes() == []
    wire.run("Set-AntiPhishPolicy", Identity="Office365 AntiPhish Default", PhishThresholdLevel=2)
    wire.batch(("Get-AntiPhishPolicy", {}), ("New-AntiPhishPolicy", {"Name": "A"}))
    assert [entry.get("cmdlet") for entry in wire.tenant.writes()] == ["Set-AntiPhishPolicy", None]
    wire.tenant.clear_journal()
    assert wire.tenant.journal() == []


def test_nul_bytes_are_told_and_not_shown(wire: Wire) -> None:
    wire.call("Get-Nothing")
    assert wire.tenant.journal()[-1]["response_body"].endswith("NUL bytes>")


def test_requests_of_no_tenant_are_kept_apart(wire: Wire, emulator: Emulator) -> None:
    wire.session.get(f"{wire.url}/login.microsoftonline.com/nowhere.example/v2.0/.well-known/openid-configuration")
    entries = emulator.control("GET", "journal")
    assert any("nowhere.example" in entry["url"] and entry["tenant"] is None for entry in entries)


def test_the_journal_goes_to_a_file_too(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    with Emulator.start(journal=str(path), control=False, tls=False) as running, Wire(running.tenants[0]) as wire:
        wire.call("Get-AntiPhishPolicy")
        lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert [line.get("cmdlet") for line in lines] == [None, "Get-AntiPhishPolicy"]
    assert wire.tenant.identities["writer"]["client_secret"] not in path.read_text(encoding="utf-8")
