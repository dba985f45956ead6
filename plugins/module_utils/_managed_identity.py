# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The identity that Azure gives a machine: of a VM, of App Service, of a server connected by Azure Arc. Private to the collection.

Not by msal: its client for this exists since 1.29 only, repeats nothing, and remembers a refusal for seconds. Forms: [recall] and [code]
msal's managed_identity.py; of repeating after 404 and 410: [recall] how-to-use-vm-token.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from ansible_collections.m365.defender.plugins.module_utils._apps import Place, unusable
from ansible_collections.m365.defender.plugins.module_utils._errors import SignInFailed, TenantError, Unavailable
from ansible_collections.m365.defender.plugins.module_utils._transport import Reply

VM = "http://169.254.169.254/metadata/identity/oauth2/token"
ARC_KEYS = "/var/opt/azcmagent/tokens"  # where the agent of Azure Arc puts its key files. [code] msal
ARC_KEY_LIMIT = 4096
GONE = (404, 410)  # of a VM: the service of identities is being updated
PAUSES = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 8.0)  # more than the 70 seconds that an update may take
GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


@dataclass(frozen=True)
class ManagedIdentity:
    """The identity of the machine that this runs on. number: the client id of one that was assigned by a user, "" for the machine's own."""

    number: str = ""
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)
    clock: Callable[[], float] = field(default=time.time, repr=False)

    way = "managed_identity"
    renews = True

    @property
    def client_id(self) -> str:
        return self.number

    @property
    def key(self) -> str:
        return f"{self.way} {self.number}"

    @property
    def secrets(self) -> tuple[str, ...]:
        header = self.environment.get("IDENTITY_HEADER")
        return (header,) if header else ()

    def validate(self) -> None:
        if self.number and not GUID.fullmatch(self.number):
            raise unusable("managed_identity must be true or the client id of an identity, which is a GUID")

    def ask(self, place: Place, audience: str, claims: str) -> dict[str, Any]:
        """claims are not asked for: the machine's service takes none."""
        address = self.environment.get("IDENTITY_ENDPOINT") or ""
        header = self.environment.get("IDENTITY_HEADER") or ""
        try:
            if address and header:
                reply = self._get(place, address, "2019-08-01", audience, {"X-IDENTITY-HEADER": header}, again=())
            elif address and self.environment.get("IMDS_ENDPOINT"):
                reply = self._arc(place, address, audience)
            else:
                reply = self._get(place, VM, "2018-02-01", audience, {"Metadata": "true"}, again=GONE)
        except Unavailable as error:
            error.hint = "Nothing answers here as Azure does: is this a machine in Azure, and does it have a managed identity?"
            raise
        return self._answer(reply, audience)

    def _get(self, place: Place, address: str, version: str, audience: str, headers: Mapping[str, str], *, again: tuple[int, ...]) -> Reply:
        query = {"api-version": version, "resource": audience} | ({"client_id": self.number} if self.number else {})
        url = f"{address}{'&' if '?' in address else '?'}{urlencode(query)}"
        for pause in (*PAUSES, None):
            reply = place.transport.send("GET", url, service="identity", tried="Signing in", headers=headers, near=True)
            if pause is None or not (reply.status in again or reply.status >= 500):
                return reply
            place.transport.wait(pause)
        raise AssertionError("the loop above always returns")

    def _arc(self, place: Place, address: str, audience: str) -> Reply:
        """A first request is refused and names a file that only an administrator of the machine can read: its content is the proof."""
        reply = self._get(place, address, "2020-06-01", audience, {"Metadata": "true"}, again=())
        if reply.status != 401:
            return reply
        named = re.search(r'realm="?([^",]+)', reply.headers.get("WWW-Authenticate") or "")
        if named is None:
            raise self._failed("Azure Arc names no key file", reply)
        proof = self._key_file(named[1])
        place.transport.secrets.add(proof)
        return self._get(place, address, "2020-06-01", audience, {"Metadata": "true", "Authorization": f"Basic {proof}"}, again=())

    def _key_file(self, path: str) -> str:
        """The content of a key file; one that lies elsewhere is not read, whoever names it."""
        if os.path.dirname(path) != ARC_KEYS or not path.endswith(".key"):
            raise self._failed(f"Azure Arc names a key file outside of {ARC_KEYS}")
        try:
            if os.stat(path).st_size > ARC_KEY_LIMIT:
                raise self._failed(f"the key file {path} of Azure Arc is too large")
            with open(path, encoding="utf-8") as file:
                return file.read().strip()
        except OSError as error:
            raise self._failed(
                f"the key file {path} of Azure Arc can't be read: {error.strerror}",
                hint="Run this as root or as a member of the group himds.",
            ) from None

    def _answer(self, reply: Reply, audience: str) -> dict[str, Any]:
        body = reply.json()
        body = body if isinstance(body, dict) else {}
        if reply.status == 200 and body.get("access_token"):
            return {"access_token": str(body["access_token"]), "expires_on": self._ends(body)}
        said = body.get("error_description") or body.get("message") or body.get("error") or "no reason given"
        raise self._failed(f"the managed identity got no token for {audience}: {str(said).splitlines()[0]}", reply)

    def _ends(self, body: Mapping[str, Any]) -> float:
        """When a token ends. Numbers come as strings."""
        for name, start in (("expires_on", 0.0), ("expires_in", self.clock())):
            try:
                return start + float(body[name])
            except (KeyError, TypeError, ValueError):
                continue
        return self.clock()  # one that does not say so is used once

    def _failed(self, text: str, reply: Reply | None = None, hint: str = "") -> TenantError:
        return SignInFailed(
            text,
            tried="Signing in",
            service="identity",
            code="managed_identity",
            request_id=reply.request_id if reply else "",
            hint=hint or "Look at the machine's identity: is it assigned, does it belong to this tenant, and has it the permissions?",
        )
