# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a browser that is signed in to Microsoft gets into the portal: the page of the sign-in host, and the code that it hands over.

The steps and the names of the fields are [code]; nobody's password is ever taken here.
"""

from __future__ import annotations

import html
import json
import uuid
from urllib.parse import parse_qsl, urlencode

from .clouds import LOGIN, clouds_of
from .invented import portal as invented
from .service import Answer, Call
from .tenant import Tenant, World

CLIENT = "80ccca67-54bd-44ab-8625-4b79c4dc7775"
"""The portal's client id [code]."""

COOKIE = "ESTSAUTHPERSISTENT"
NONCE = "OpenIdConnect.nonce."
FIELDS = ("code", "id_token", "state", "session_state", "correlation_id")
PAGE = ("Content-Type", "text/html; charset=utf-8")


def redirected(call: Call, tenant: str) -> Answer:
    """The portal's first answer to who is not signed in: off to the sign-in host, with a cookie that the code will be bound to [code]."""
    nonce = uuid.uuid4().hex
    query = urlencode(
        {
            "client_id": CLIENT,
            "response_mode": "form_post",
            "response_type": "code id_token",
            "scope": "openid profile",
            "redirect_uri": call.address(call.host, "/"),
            "nonce": nonce,
            "state": uuid.uuid4().hex,
        }
    )
    host = LOGIN[min(clouds_of(call.host))]
    location = call.address(host, f"/{tenant or 'common'}/oauth2/v2.0/authorize?{query}")
    secure = "; secure" if call.base.startswith("https:") else ""
    cookie = f"{NONCE}{uuid.uuid4().hex}={nonce}; path=/{secure}; httponly"
    return Answer(302, None, [("Location", location), ("Set-Cookie", cookie)])


def authorize(call: Call, tenant: Tenant) -> Answer:
    """The sign-in host's page: a form for the portal where the browser's cookie is good, else the page that asks for a person [code]."""
    if call.query.get("client_id") != CLIENT:
        return _asking("ConvergedError", "700016")
    wanted = ("form_post", "code id_token")
    if (call.query.get("response_mode"), call.query.get("response_type")) != wanted or not call.query.get("nonce"):
        return _asking("ConvergedError", "900144")
    given = call.cookies().get(COOKIE, "")
    key = next((key for key, value in tenant.browser_cookies.items() if value == given), "")
    if not key or call.expired:
        return _asking("ConvergedSignIn", "50058")
    if key in tenant.notes.get("asked for a second factor", ()):
        return _asking("ConvergedTFA", "")
    code = f"{tenant.tenant_id}.{uuid.uuid4().hex}"
    tenant.notes.setdefault("portal codes", {})[code] = (key, call.query["nonce"])
    values = (code, f"not-a-real-id-token-{uuid.uuid4().hex}", call.query.get("state", ""), uuid.uuid4().hex, str(uuid.uuid4()))
    inputs = "".join(
        f'<input type="hidden" name="{name}" value="{html.escape(value)}" />' for name, value in zip(FIELDS, values, strict=True)
    )
    action = html.escape(call.query.get("redirect_uri", ""))
    form = f'<form method="POST" name="hiddenform" action="{action}">{inputs}</form>'
    return Answer(200, f"<html><head><title>Working...</title></head><body>{form}</body></html>", [PAGE])


def _asking(page: str, code: str) -> Answer:
    """A page that wants something of a person: $Config with pgid, urlPost, sFT, sCtx and the like [code]."""
    config = {
        "pgid": page,
        "urlPost": "/common/login",
        "sFT": "not-a-real-flow-token",
        "sCtx": "not-a-real-context",
        "canary": "not-a-real-canary",
        "correlationId": str(uuid.uuid4()),
        **({"sErrorCode": code, "sErrTxt": ""} if code else {}),
    }
    text = f"<!DOCTYPE html><html><head><script>\n$Config={json.dumps(config)};\n</script></head><body></body></html>"
    return Answer(200, text, [PAGE])


def redeemed(call: Call, world: World) -> tuple[Tenant, str] | None:
    """Whose code this is, and which of his sessions it opens; None for a code that is foreign, used or not bound to the cookie [code]."""
    form = dict(parse_qsl(call.body.decode("utf-8", "replace"), keep_blank_values=True))
    tenant = world.tenants.get(form.get("code", "").partition(".")[0])
    if tenant is None or set(form) != set(FIELDS):
        return None
    call.tenant = tenant
    found = tenant.notes.get("portal codes", {}).pop(form["code"], None)
    nonces = [value for name, value in call.cookies().items() if name.startswith(NONCE)]
    if found is None or found[1] not in nonces or call.expired:
        return None
    return tenant, found[0]


def stale() -> Answer:
    """What a code gets that is too old, or of another sign-in: 440 [code]."""
    return Answer(440, invented.portal_refusal(440, "Login Time-out"))
