# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A browser that records what it sends to an emulated portal, as the developer tools of a browser would: with every cookie and header."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

import requests

from emulator.invented import action_center as invented
from emulator.testing import EmulatedTenant

PORTAL = "security.microsoft.com"
LISTS = "/apiproxy/mtp/actionCenter/actioncenterui/"
COMMON = "useMtpApi=true&pageIndex=1&pageSize=100&sortByField=eventTime&sortOrder=Descending"


def entry(method: str, url: str, *, headers: Any = None, body: Any = None, status: int = 200, answer: Any = None, **more: Any) -> Any:
    """One entry of a HAR. headers: of the request; response_headers, cookies in `more`."""
    request: dict[str, Any] = {
        "method": method,
        "url": url,
        "httpVersion": "h2",
        "headers": [{"name": name, "value": value} for name, value in (headers or {}).items()],
        "queryString": [{"name": name, "value": value} for name, value in parse_qsl(urlsplit(url).query)],
        "cookies": [{"name": name, "value": value} for name, value in (more.get("cookies") or {}).items()],
    }
    if body is not None:
        text = body if isinstance(body, str) else json.dumps(body)
        request["postData"] = {"mimeType": more.get("kind", "application/json; charset=utf-8"), "text": text}
    content: dict[str, Any] = {"mimeType": "application/json"}
    if answer is not None:
        content["text"] = json.dumps(answer)
    told = [{"name": name, "value": value} for name, value in (more.get("response_headers") or {}).items()]
    return {
        "startedDateTime": "2026-09-15T12:00:00.000Z",
        "request": request,
        "response": {"status": status, "headers": told, "content": content},
    }


def har(*entries: Any) -> dict[str, Any]:
    return {"log": {"version": "1.2", "creator": {"name": "a test"}, "pages": [], "entries": list(entries)}}


class RecordingBrowser:
    """Signed in to a tenant's portal; keeps everything in `entries`."""

    def __init__(self, tenant: EmulatedTenant) -> None:
        session = tenant.portal_session or {}
        self.tenant = tenant
        self.cookies = {"sccauth": session["sccauth"], "XSRF-TOKEN": quote(session["xsrf_token"], safe="")}
        self.entries: list[Any] = []
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.verify = tenant.emulator.ca_path or False

    def send(self, method: str, path: str, body: Any = None) -> Any:
        headers = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "X-XSRF-TOKEN": unquote(self.cookies["XSRF-TOKEN"]),
            "Content-Type": "application/json",
            "x-tid": self.tenant.tenant_id,
            "tenant-id": self.tenant.tenant_id,
            "User-Agent": "Mozilla/5.0 (X11; Linux x86_64)",
        }
        reply = self._session.request(
            method, f"{self.tenant.emulator.url}/{PORTAL}{path}", headers=headers, json=body, allow_redirects=False
        )
        answer = reply.json()
        told = dict(reply.headers)
        self.entries.append(
            entry(
                method,
                f"https://{PORTAL}{path}",
                headers=headers,
                body=body,
                status=reply.status_code,
                answer=answer,
                response_headers=told,
                cookies=self.cookies,
            )
        )
        for name, value in reply.cookies.items():
            self.cookies[name] = value
        return answer

    def look(self, kind: str = "pending", span: str = "") -> list[Any]:
        """Opens the page of pending or past actions."""
        self.send("GET", "/apiproxy/mtp/sccManagement/mgmt/TenantContext?realTime=true")
        return list(self.send("GET", f"{LISTS}{kind}-actions/?type={kind}&{COMMON}{span}")["Results"])

    def decide(self, word: str, row: Any, comment: str) -> Any:
        """Presses the emulated portal's button."""
        body = {"Decision": word, "ActionId": row["ActionId"], "InvestigationId": row["InvestigationId"], "Comment": comment}
        return self.send("POST", f"/apiproxy/mtp/{invented.DECISIONS}", body)

    def undo(self, row: Any, comment: str) -> Any:
        return self.send("POST", f"/apiproxy/mtp/{invented.UNDO}{row['ActionId']}", {"Comment": comment})
