# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A world without a network: calls go straight to a service's handler, so that a test takes milliseconds."""

from __future__ import annotations

import json
from types import ModuleType
from typing import Any
from urllib.parse import parse_qsl, quote, unquote

from emulator import defender, graph, identity, portal
from emulator.seed import parse_seed
from emulator.service import Answer, Call, Headers, Refused
from emulator.tenant import Tenant, World

GRAPH = "https://graph.microsoft.com"
ENDPOINT = "https://api.securitycenter.microsoft.com"
XDR = "https://api.security.microsoft.com"
GROUPS = "/apiproxy/mtp/rbacManagementApi/rbac/machine_groups"
CONTEXT = "/apiproxy/mtp/sccManagement/mgmt/TenantContext"


class Direct:
    """A world with one tenant, and short ways to call its services."""

    def __init__(self, seed: str = "fresh_e5", **changes: Any) -> None:
        self.world = World()
        # presets make mail objects only, which no service here shows
        content = {"based_on": seed, "presets": [], **changes}
        self.tenant: Tenant = self.world.add(parse_seed(seed, content))

    def token(self, audience: str, who: str = "writer") -> str:
        """A token without the way through the token endpoint."""
        resource = identity.RESOURCES[audience]
        return identity.issue(self.tenant, self.tenant.identities[who], audience, resource)

    def send(self, service: ModuleType, method: str, address: str, body: Any = None, **headers: str) -> Answer:
        """Send a request to a handler. `address` is https://host/path?query with the query as it stands in a URL."""
        host, _slash, rest = address.removeprefix("https://").partition("/")
        path, _mark, query = rest.partition("?")
        call = Call(
            host=host,
            path="/" + unquote(path),
            method=method,
            query=dict(parse_qsl(query, keep_blank_values=True)),
            raw_query=query,
            headers=Headers({name.replace("_", "-"): value for name, value in headers.items()}),
            body=b"" if body is None else json.dumps(body).encode(),
            base=f"https://{host}",
        )
        try:
            return service.answer(call, self.world)
        except Refused as refused:
            return refused.answer

    def graph(
        self, path: str, body: Any = None, who: str = "writer", method: str = "", prefer: str = "include-unknown-enum-members"
    ) -> Answer:
        """A call to Graph below /v1.0."""
        method = method or ("GET" if body is None else "POST")
        headers = {"Authorization": f"Bearer {self.token(GRAPH, who)}", **({"Prefer": prefer} if prefer else {})}
        return self.send(graph, method, f"{GRAPH}/v1.0/{path}", body, **headers)

    def endpoint(self, path: str, body: Any = None, who: str = "writer", audience: str = ENDPOINT) -> Answer:
        """A call to the Defender for Endpoint API below /api."""
        token = self.token(audience, who)
        method = "GET" if body is None else "POST"
        return self.send(defender, method, f"https://api.security.microsoft.com/api/{path}", body, Authorization=f"Bearer {token}")

    def browser(self, key: str = "portal_session") -> Browser:
        """A browser with one of the tenant's portal sessions."""
        return Browser(self, **self.tenant.portal_sessions[key])


class Browser:
    """A client of the portal that keeps its cookies, as a browser does."""

    def __init__(self, direct: Direct, sccauth: str, xsrf_token: str) -> None:
        self.direct = direct
        self.cookies = {"sccauth": sccauth, "XSRF-TOKEN": quote(xsrf_token, safe="")}

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """One request with the cookies held; new ones are kept."""
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        xsrf = unquote(self.cookies.get("XSRF-TOKEN", ""))
        given = {"Cookie": cookie, "X_XSRF_TOKEN": xsrf, **headers}
        answer = self.direct.send(portal, method, f"https://security.microsoft.com{path}", body, **given)
        for name, value in answer.headers:
            if name == "Set-Cookie":
                key, _equals, rest = value.partition("=")
                self.cookies[key] = rest.partition(";")[0]
        return answer

    def groups(self) -> list[dict[str, Any]]:
        """The device groups as they are listed."""
        return self.send("GET", GROUPS).body["items"]
