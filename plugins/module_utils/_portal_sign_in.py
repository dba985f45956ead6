# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cookies of a portal session: handed in, or had for the cookie by which a browser stays signed in to Microsoft. Private.

Nobody's password is ever asked for or sent. The steps are [code], as XDRInternals and xdrlograider take them; what a sign-in page looks
like too. What such a page says when it wants a person is shown to the operator.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

from ansible_collections.m365.defender.plugins.module_utils._errors import BadInput, NotFound, SignInFailed, TenantError, Unavailable
from ansible_collections.m365.defender.plugins.module_utils._token_files import TokenFiles
from ansible_collections.m365.defender.plugins.module_utils._transport import Reply, Transport

AGAIN = "Sign in to the portal in a browser again and take the cookies sccauth and XSRF-TOKEN from there."
AGAIN_ESTS = (
    "Sign in to the portal in a browser again, stay signed in, and take the cookie ESTSAUTHPERSISTENT of the sign-in host from there."
)
TRIED = "Signing in to the portal"
SESSION = ("sccauth", "XSRF-TOKEN")
ESTS = "ESTSAUTHPERSISTENT"
COOKIES = {"sccauth": "sccauth=", "xsrf_token": "xsrf-token=", "ests_auth_persistent": "estsauthpersistent="}
NONCE = "OpenIdConnect.nonce"  # the portal's cookie to which a code is bound
FIELDS = ("code", "id_token", "state", "session_state", "correlation_id")
HOPS = 10
KEPT = 3000  # seconds for which a session is taken from the token files; clients renew after 50 minutes. [code]
# What a sign-in page says by number. [code] the numbers; what to do is ours.
REASONS = {
    "50053": "the account is locked",
    "50055": "the password has expired",
    "50057": "the account is disabled",
    "50058": "the sign-in of the browser is not enough, or it has ended",
    "50076": "a second factor is asked for",
    "50079": "a second factor must be registered first",
    "53003": "Conditional Access blocks it",
    "500121": "the second factor failed",
    "700016": "the portal's app is not in this directory",
}


@dataclass
class Form:
    """A form of a page: where it goes, and its inputs by name."""

    action: str = ""
    inputs: dict[str, str] = field(default_factory=dict, repr=False)


class _Page(HTMLParser):
    """The forms of a page, and the text of its scripts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.scripts = ""
        self._script = False
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self._script = tag == "script"
        if tag == "form":
            self.forms.append(Form(given.get("action", "")))
        elif tag == "input" and self.forms and given.get("name"):
            self.forms[-1].inputs[given["name"]] = given.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        self._script = self._script and tag != "script"

    def handle_data(self, data: str) -> None:
        self.scripts += data if self._script else ""


class PortalSession:
    """The two cookies of a session, and how new ones are had. Every value is a secret, and is sent to the host it is of only."""

    def __init__(
        self,
        *,
        host: str,
        login: str,
        tenant: str,
        given: dict[str, str | None],
        transport: Transport,
        files: TokenFiles,
        place: str = "",
        clock: Callable[[], float] = time.time,
    ) -> None:
        """host: the portal's. login: the sign-in service's. given: the option portal_session. place: what stands in their place.

        Raises BadInput for what is no cookie.
        """
        given = {name: (value or "").strip() for name, value in given.items()}
        transport.secrets.add(*given.values())
        for name, value in given.items():
            if value and (not re.fullmatch(r"[!-~]+", value) or re.search(r'[;,"]', value) or value.lower().startswith(COOKIES[name])):
                raise BadInput(
                    f"portal_session.{name} is no cookie value",
                    tried="Preparing the portal session",
                    hint="Give the value alone, without its name, quotation marks, blanks and other cookies. Nothing was sent.",
                )
        if bool(given.get("sccauth")) != bool(given.get("xsrf_token")):
            raise BadInput(
                "portal_session needs sccauth and xsrf_token together", tried="Preparing the portal session", hint="Nothing was sent."
            )
        self._host = host
        self._login = login
        self._tenant = tenant
        self._transport = transport
        self._files = files
        self._clock = clock
        self._ests = given.get("ests_auth_persistent") or ""
        self._about = (host, login, place, tenant, hashlib.sha256(self._ests.encode()).hexdigest())
        self.hint = AGAIN_ESTS if self._ests else AGAIN
        self.cookies = {"sccauth": given.get("sccauth") or "", "XSRF-TOKEN": given.get("xsrf_token") or ""}

    def header(self) -> dict[str, str]:
        """The headers of a request to the portal. Signs in first where there are no cookies yet. The header's token is decoded [code]."""
        if not self.cookies["sccauth"]:
            self._sign_in()
        return {"Cookie": _cookie_header(self.cookies), "X-XSRF-TOKEN": unquote(self.cookies["XSRF-TOKEN"])}

    def take(self, reply: Reply) -> None:
        """Takes over the cookies that an answer sets: the XSRF token turns every few minutes. [code]"""
        for name in SESSION:
            fresh = reply.cookies.get(name)
            if fresh:
                self.cookies[name] = fresh
                self._transport.secrets.add(fresh, unquote(fresh))

    def renew(self) -> None:
        """A new XSRF token, and a new sccauth while the portal's own sign-in lasts; else, with the browser's sign-in, a new session."""
        reply = self._get(f"https://{self._host}/?tid={self._tenant}", _cookie_header(self.cookies))
        if reply.status < 300:
            self.take(reply)
        elif self._ests:
            self._files.drop("portal", *self._about)
            self._sign_in()

    def _remember(self) -> bool:
        """Takes a session that another task of this run has signed in for. Only one that came from the browser's sign-in is kept."""
        kept = self._files.read("portal", *self._about) if self._ests else None
        if not kept or float(kept.get("until") or 0) <= self._clock():
            return False
        self.cookies = {name: str(kept.get(name) or "") for name in SESSION}
        self._transport.secrets.add(*self.cookies.values(), *map(unquote, self.cookies.values()))
        return all(self.cookies.values())

    def _sign_in(self) -> None:
        """Has the sign-in service vouch for the user, twice at most: a code that is too old or of another sign-in gets a 440. [code]"""
        with self._files.alone("portal", *self._about):
            if self._remember():
                return
            for last in (False, True):
                reply = self._posted(*self._vouched())
                if reply.status != 440 or last:
                    break
            self.take(reply)
            if reply.status >= 400 or not self.cookies["sccauth"]:
                raise self._refused("the portal does not take the sign-in", reply)
            if not self.cookies["XSRF-TOKEN"]:
                self.take(self._get(f"https://{self._host}/", _cookie_header({"sccauth": self.cookies["sccauth"]})))
            if not self.cookies["XSRF-TOKEN"]:
                raise self._refused("the portal gave no XSRF-TOKEN", reply)
            self._files.write("portal", *self._about, kept={**self.cookies, "until": self._clock() + KEPT})

    def _vouched(self) -> tuple[Form, dict[str, str]]:
        """The form by which the sign-in service hands the user over to the portal, and the portal's cookies that belong to it."""
        self.cookies = dict.fromkeys(SESSION, "")
        reply = self._get(f"https://{self._host}/?tid={self._tenant}", "")
        nonces = {name: value for name, value in reply.cookies.items() if name.startswith(NONCE)}
        self._transport.secrets.add(*nonces.values())
        for dummy in range(HOPS):
            if not 300 <= reply.status < 400:
                break
            url = urljoin(f"https://{self._login}/", reply.headers.get("Location") or "")
            if urlsplit(url).scheme != "https" or urlsplit(url).netloc != self._login:
                raise self._refused(f"the sign-in leads to {urlsplit(url).netloc or 'nowhere'}, where nothing is sent", reply)
            reply = self._get(url, f"{ESTS}={self._ests}")
            fresh = reply.cookies.get(ESTS)
            if fresh:
                self._ests = fresh
                self._transport.secrets.add(fresh)
        if reply.status >= 300:
            raise self._refused("the sign-in goes from page to page without end" if reply.status < 400 else "the sign-in failed", reply)
        page = _Page(reply.text)
        for form in page.forms:
            if {"code", "id_token", "state"} <= form.inputs.keys():
                self._transport.secrets.add(*(form.inputs.get(name) for name in FIELDS[:3]))
                return form, nonces
        raise self._wants_a_person(page, reply)

    def _posted(self, form: Form, nonces: dict[str, str]) -> Reply:
        target = urlsplit(form.action)
        if target.scheme != "https" or target.netloc != self._host:
            raise SignInFailed(
                f"the sign-in would go to {target.netloc or 'nowhere'} instead of the portal", tried=TRIED, service="identity"
            )
        return self._transport.send(
            "POST",
            f"https://{self._host}{target.path or '/'}",
            service="portal",
            tried=TRIED,
            headers={"Cookie": _cookie_header(nonces), "Accept": "text/html"},
            form=form.inputs,
            private=True,
        )

    def _get(self, url: str, cookies: str) -> Reply:
        headers = {"Accept": "text/html", **({"Cookie": cookies} if cookies else {})}
        service = "portal" if urlsplit(url).netloc == self._host else "identity"
        return self._transport.send("GET", url, service=service, tried=TRIED, headers=headers, private=True)

    def _wants_a_person(self, page: _Page, reply: Reply) -> TenantError:
        """The error for a page that asks for something which only a person can give. Its words: [code] $Config with pgid and sErrorCode."""
        said = dict(re.findall(r'"(pgid|sErrorCode|sErrTxt)"\s*:\s*"([^"]*)"', page.scripts))
        code = said.get("sErrorCode", "")
        what = REASONS.get(code, "")
        if not what and said.get("pgid") == "ConvergedTFA":
            what = "a second factor is asked for"
        what = what or (f"the page {said['pgid']} wants an answer" if said.get("pgid") else "its page is none that is known")
        return SignInFailed(
            f"the sign-in service wants a person: {what}",
            tried=TRIED,
            service="identity",
            status=reply.status,
            code=f"AADSTS{code}" if code else said.get("pgid", ""),
            request_id=reply.request_id,
            hint=f"{AGAIN_ESTS} This collection sends no passwords.",
        )

    def _refused(self, text: str, reply: Reply) -> TenantError:
        known: dict[str, Any] = {"tried": TRIED, "service": "portal", "status": reply.status, "request_id": reply.request_id}
        if reply.status == 429 or reply.status >= 500:
            return Unavailable(text, hint="Try again later.", **known)
        if reply.status == 404:
            return NotFound(
                text, hint="Most likely the tenant has no Defender portal: it lacks a licence, or nobody ever opened it.", **known
            )
        return SignInFailed(text, hint=self.hint, **known)


def _cookie_header(cookies: dict[str, str]) -> str:
    return "; ".join(f"{name}={value}" for name, value in cookies.items() if value)
