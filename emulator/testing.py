# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""For tests, the demonstration and benchmarks: start the emulator as a process of its own, and steer it.

with Emulator.start(seeds=["fresh_e5"]) as emulator:
    tenant = emulator.tenant("lived_in")
    tenant.connection("reader")
"""

from __future__ import annotations

import datetime
import json
import os
import select
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Any

import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from .clouds import PORTAL

ROOT = Path(__file__).resolve().parent.parent
READ_VERBS = ("get-", "test-")
# What is asked by POST. Making an audit search is how that API reads.
_QUESTIONS = ("/runhuntingquery", "/advancedqueries/run", "/advancedhunting/run", "/security/auditlog/queries")
# A browser's sign-in ends by posting to the portal's own front page.
_FRONT_PAGES = frozenset(f"https://{host}/" for host in PORTAL.values())
Row = dict[str, Any]


class Emulator:
    """A running emulator. `url`, `ca_path` and `tenants` (rows of the ready line) tell where it is and what is in it."""

    def __init__(self, process: subprocess.Popen[str], ready: Row, errors: str) -> None:
        self._process = process
        self._errors = errors
        self.url: str = ready["url"]
        self.ca_path: str | None = ready["ca_path"]
        self.control_url: str | None = ready["control"]
        self.pid: int = ready["pid"]
        self.tenants: list[EmulatedTenant] = [EmulatedTenant(self, row) for row in ready["tenants"]]
        self._session = requests.Session()
        self._session.trust_env = False
        if self.ca_path:
            self._session.verify = self.ca_path

    @classmethod
    def start(
        cls,
        seeds: list[str] | tuple[str, ...] = (),
        tls: bool = True,
        control: bool = True,
        tenants: int | None = None,
        latency: float = 0.0,
        journal: str | None = None,
        certificate: str | None = None,
        tls_dir: str | None = None,
        port: int = 0,
        patience: float = 30.0,
    ) -> Emulator:
        """Start the process and wait until it is ready. Raises RuntimeError with its error output when it does not get ready."""
        command = [sys.executable, "-m", "emulator", "--port", str(port)]
        for seed in seeds:
            command += ["--seed", seed]
        for flag, wanted in (("--tls", tls), ("--control", control)):
            command += [flag] if wanted else []
        settings = {
            "--tenants": tenants,
            "--latency": latency or None,
            "--journal": journal,
            "--certificate": certificate,
            "--tls-dir": tls_dir,
        }
        for flag, value in settings.items():
            command += [flag, str(value)] if value is not None else []
        handle, errors = tempfile.mkstemp(prefix="m365-emulator-", suffix=".log")
        with os.fdopen(handle, "w") as sink:
            process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=sink, text=True)
        line = _first_line(process, patience)
        if not line:
            process.kill()
            process.communicate()
            said = Path(errors).read_text(encoding="utf-8")
            Path(errors).unlink()
            raise RuntimeError(f"the emulator did not start: {said.strip()}")
        return cls(process, json.loads(line), errors)

    def stop(self) -> str:
        """End the process and return what it wrote to its error output."""
        self._session.close()
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
        self._process.communicate()
        path = Path(self._errors)
        said = path.read_text(encoding="utf-8") if path.exists() else ""
        path.unlink(missing_ok=True)
        return said

    def __enter__(self) -> Emulator:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def control(self, method: str, path: str, content: Any = None) -> Any:
        """Call the control interface. Raises RuntimeError with its answer when it refuses."""
        if self.control_url is None:
            raise RuntimeError("this emulator was started without its control interface")
        answer = self._session.request(method, f"{self.control_url}/{path}", json=content, timeout=30)
        if answer.status_code >= 400:
            raise RuntimeError(f"{method} {path}: {answer.status_code} {answer.text}")
        return answer.json() if answer.content else None

    def tenant(self, seed: str = "fresh_e5", **extra: Any) -> EmulatedTenant:
        """Make a tenant. `extra`: name, or any key of a seed (objects, licences, identities, presets, certificate)."""
        return EmulatedTenant(self, self.control("POST", "tenants", {"seed": seed, **extra}))

    def outside_token(self, audience: str = "api://AzureADTokenExchange", **more: Any) -> str:
        """A token of GitHub's that the application federated of the seed sign_ins trusts. more: issuer, subject, lifetime, forged."""
        issuer, subject = "https://token.actions.githubusercontent.com", "repo:contoso/tenants:environment:production"
        described = {"issuer": issuer, "subject": subject, "audience": audience, **more}
        return str(self.control("POST", "issuers/token", described)["token"])

    def decide(self, user_code: str, decision: str = "approved") -> None:
        """What a person does with a code for signing in."""
        self.control("POST", f"codes/{user_code}", {"decision": decision})

    def end_refresh_token(self, token: str, number: int) -> None:
        """A refresh token has ended, and is refused with this AADSTS number."""
        self.control("POST", "refresh_tokens", {"token": token, "number": number})

    def machine(self, tenant: EmulatedTenant, **more: str) -> dict[str, dict[str, str]]:
        """Clients run on a machine of this tenant. Returns the environment of one in App Service (app_service) and one of Arc (arc)."""
        header = more.pop("header", "not-a-real-identity-header-000000000000")
        self.control("PUT", "machine", {"tenant": tenant.name, "header": header, **more})
        arc = f"{self.url}/arc.emulated/metadata/identity/oauth2/token"
        return {
            "vm": {},
            "app_service": {"IDENTITY_ENDPOINT": f"{self.url}/appservice.emulated/msi/token", "IDENTITY_HEADER": header},
            "arc": {"IDENTITY_ENDPOINT": arc, "IMDS_ENDPOINT": f"{self.url}/arc.emulated"},
        }

    def fault(self, **described: Any) -> int:
        """Set a fault for any tenant and return its id."""
        return int(self.control("POST", "faults", described)["id"])


def _first_line(process: subprocess.Popen[str], patience: float) -> str:
    assert process.stdout is not None  # noqa: S101  # it was asked for
    ends = time.monotonic() + patience
    while time.monotonic() < ends and process.poll() is None:
        if select.select([process.stdout], [], [], 0.1)[0]:
            return process.stdout.readline()
    return ""


class EmulatedTenant:
    """A tenant of a running emulator."""

    def __init__(self, emulator: Emulator, row: Row) -> None:
        self.emulator = emulator
        self.name: str = row["name"]
        self.tenant_id: str = row["tenant_id"]
        self.domain: str = row["domain"]
        self.cloud: str = row["cloud"]
        self.custom_domain: str = row["custom_domain"]
        self.identities: dict[str, Row] = row["identities"]
        self.portal_session: Row | None = row["portal_session"]
        self.portal_session_scoped: Row | None = row["portal_session_scoped"]
        self.portal_session_reader: Row | None = row["portal_session_reader"]
        self.browser_cookies: dict[str, str] = row["browser_cookies"]

    def _control(self, method: str, path: str, content: Any = None) -> Any:
        return self.emulator.control(method, f"tenants/{self.name}/{path}".rstrip("/"), content)

    def journal(self) -> list[Row]:
        """Every request and answer so far, oldest first."""
        return list(self._control("GET", "journal"))

    def clear_journal(self) -> None:
        """Forget them."""
        self._control("DELETE", "journal")

    def writes(self) -> list[Row]:
        """The entries that change something: cmdlets other than Get-, and POST, PUT, PATCH, DELETE elsewhere; not sign-in, not queries."""
        return [entry for entry in self.journal() if changes_something(entry)]

    def state(self, noun: str) -> list[Row]:
        """The rows of a noun as they are now."""
        return list(self._control("GET", f"state/{noun}"))

    def put_state(self, noun: str, rows: list[Row]) -> list[Row]:
        """Replace the rows of a noun, as a second administrator would."""
        return list(self._control("PUT", f"state/{noun}", rows))

    def cmdlet(self, name: str, **parameters: Any) -> list[Row]:
        """Run a cmdlet as a second administrator with every right."""
        return list(self._control("POST", "cmdlet", {"CmdletName": name, "Parameters": parameters})["value"])

    def turn_on(self, preset: str) -> None:
        """Switch a preset on, as the portal does."""
        self._control("POST", "presets", {"preset": preset})

    def fault(self, **described: Any) -> int:
        """Set a fault for this tenant and return its id."""
        return self.emulator.fault(**{**described, "tenant": self.name})

    def trust(self, certificate: str) -> None:
        """Let the identity named certificate sign in with this certificate (PEM)."""
        self._control("PUT", "certificate", {"certificate": certificate})

    def reset(self) -> None:
        """Back to the seed; journal and faults are cleared."""
        self._control("POST", "reset")

    def remove(self) -> None:
        """Take the tenant away."""
        self._control("DELETE", "")

    def connection(self, identity: str = "writer") -> dict[str, Any]:
        """The options that a client needs to reach this tenant as that identity."""
        described = self.identities[identity]
        return {
            "tenant_id": self.tenant_id,
            "client_id": described["client_id"],
            "client_secret": described.get("client_secret") or "",
            "endpoint": self.emulator.url,
            "ca_path": self.emulator.ca_path,
        }


def app_certificate(path: Path, bits: int = 2048) -> str:
    """Writes a private key and its self-signed certificate into a PEM file, as an app signs in with; returns the certificate alone."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=bits)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "an emulated app")])
    now = datetime.datetime.now(datetime.UTC)
    built = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
    signed = built.not_valid_before(now).not_valid_after(now + datetime.timedelta(days=1)).sign(key, hashes.SHA256())
    public = signed.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.touch(mode=0o600)
    path.write_bytes(private + public)
    return public.decode()


def changes_something(entry: Row) -> bool:
    """Whether a journal entry is a request that changes something."""
    url = entry["url"].partition("?")[0]
    if entry.get("cmdlet"):
        return not entry["cmdlet"].lower().startswith(READ_VERBS)
    if url.endswith("/$batch") and "/adminapi/" in url:
        items = (entry["body"] or {}).get("requests", [])
        names = [str(((item.get("body") or {}).get("CmdletInput") or {}).get("CmdletName", "")) for item in items]
        return any(name and not name.lower().startswith(READ_VERBS) for name in names)
    if "/oauth2/" in url or url in _FRONT_PAGES or entry["method"] in {"GET", "HEAD", "OPTIONS"}:
        return False
    if url.endswith("/$batch"):
        return any(str(item.get("method", "GET")).upper() != "GET" for item in (entry["body"] or {}).get("requests", []))
    return not url.lower().endswith(_QUESTIONS)
