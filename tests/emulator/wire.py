# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plain client for the tests: what a person would send by hand, nothing remembered but tokens."""

from __future__ import annotations

from types import TracebackType
from typing import Any

import requests

from emulator.binding import cmdlets
from emulator.testing import EmulatedTenant

EXCHANGE = "outlook.office365.com"
COMPLIANCE = "ps.compliance.protection.outlook.com"
REGIONAL = f"eur05b.{COMPLIANCE}"
Row = dict[str, Any]


class Wire:
    """Requests to one tenant as one identity."""

    def __init__(self, tenant: EmulatedTenant, identity: str = "writer") -> None:
        self.tenant = tenant
        self.identity = identity
        self.url = tenant.emulator.url
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.verify = tenant.emulator.ca_path or False
        self._tokens: dict[str, str] = {}

    def __enter__(self) -> Wire:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.session.close()

    def as_identity(self, identity: str) -> Wire:
        """The same tenant as another identity; shares the connection."""
        other = Wire(self.tenant, identity)
        other.session.close()
        other.session = self.session
        return other

    def sign_in(self, host: str = EXCHANGE, tenant: str = "", query: str = "", **form: Any) -> requests.Response:
        """A request to the token endpoint; `form` overrides its fields (None leaves one out)."""
        described = self.tenant.identities[self.identity]
        fields = {
            "grant_type": "client_credentials",
            "client_id": described["client_id"],
            "client_secret": described["client_secret"],
            "scope": f"https://{host}/.default",
            **form,
        }
        address = f"{self.url}/login.microsoftonline.com/{tenant or self.tenant.tenant_id}/oauth2/v2.0/token{query}"
        return self.session.post(address, data={key: value for key, value in fields.items() if value is not None})

    def token(self, host: str = EXCHANGE) -> str:
        """An access token for a host."""
        if host not in self._tokens:
            answer = self.sign_in(host)
            assert answer.status_code == 200, answer.text
            self._tokens[host] = answer.json()["access_token"]
        return self._tokens[host]

    def headers(self, host: str = EXCHANGE, **more: str) -> dict[str, str]:
        """The headers of a call with a token."""
        return {"Authorization": f"Bearer {self.token(host)}", **{key.replace("_", "-"): value for key, value in more.items()}}

    def address(self, rest: str, host: str = EXCHANGE, version: str = "beta") -> str:
        """The address of something below adminapi."""
        return f"{self.url}/{host}/adminapi/{version}/{self.tenant.tenant_id}/{rest}"

    def call(self, name: str, parameters: Any = None, query: str = "", host: str = EXCHANGE, **headers: str) -> requests.Response:
        """InvokeCommand as it stands."""
        audience = EXCHANGE if host == EXCHANGE else COMPLIANCE
        body = {"CmdletInput": {"CmdletName": name, "Parameters": {} if parameters is None else parameters}}
        return self.session.post(
            self.address("InvokeCommand" + query, host), json=body, headers=self.headers(audience, **headers), allow_redirects=False
        )

    def run(self, name: str, **parameters: Any) -> list[Row]:
        """A cmdlet that must succeed; its rows. Those that would ask are told not to."""
        if cmdlets()[name.lower()].asks:
            parameters = {"Confirm": False, **parameters}
        host = REGIONAL if name.endswith("-ProtectionAlert") else EXCHANGE
        answer = self.call(name, parameters, host=host)
        assert answer.status_code == 200, answer.text
        return list(answer.json()["value"])

    def one(self, name: str, **parameters: Any) -> Row:
        """A cmdlet that must give exactly one row."""
        rows = self.run(name, **parameters)
        assert len(rows) == 1, rows
        return rows[0]

    def refused(self, name: str, parameters: Row | None = None, host: str = "", status: int = 400) -> tuple[str, str]:
        """A cmdlet that must fail; the tail of its .NET type and its text."""
        told = {"Confirm": False} if name.lower() in cmdlets() and cmdlets()[name.lower()].asks else {}
        answer = self.call(name, {**told, **(parameters or {})}, host=host or (REGIONAL if name.endswith("-ProtectionAlert") else EXCHANGE))
        assert answer.status_code == status, (answer.status_code, answer.text)
        inner = answer.json()["error"]["innererror"]["internalexception"]
        return inner["type"].rpartition(".")[2], inner["message"]

    def batch(self, *commands: tuple[str, Row], prefer: str = "odata.maxpagesize=1000;odata.continue-on-error") -> list[Row]:
        """A batch of cmdlets; the responses in the order of their ids."""
        items = [
            {
                "id": str(place),
                "method": "POST",
                "url": f"https://{EXCHANGE}/adminapi/beta/{self.tenant.tenant_id}/InvokeCommand?",
                "headers": {**self.headers(), "Content-Type": "application/json"},
                "body": {"CmdletInput": {"CmdletName": name, "Parameters": parameters}},
            }
            for place, (name, parameters) in enumerate(commands)
        ]
        answer = self.session.post(self.address("$batch"), json={"requests": items}, headers=self.headers(Prefer=prefer))
        assert answer.status_code == 200, answer.text
        return sorted(answer.json()["responses"], key=lambda row: int(row["id"]))


def table(*add: str, remove: tuple[str, ...] = ()) -> Row:
    """An Add/Remove hashtable."""
    made: Row = {"@odata.type": "#Exchange.GenericHashTable"}
    if add:
        made["Add"] = list(add)
    if remove:
        made["Remove"] = list(remove)
    return made
