# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Getting into the portal with the cookie by which a browser stays signed in: no password, no other host, no secret left behind."""

from __future__ import annotations

import json

import pytest

from ansible_collections.m365.defender.plugins.module_utils._errors import BadInput, NotFound, SignInFailed, TenantError, Unavailable
from ansible_collections.m365.defender.plugins.module_utils._portal import Portal
from ansible_collections.m365.defender.plugins.module_utils._portal_sign_in import PortalSession
from ansible_collections.m365.defender.plugins.module_utils._resource import Query
from ansible_collections.m365.defender.plugins.module_utils._token_files import TokenFiles
from tests.unit.wire.scripted import Told

GROUPS = Query("machine_groups")
ESTS = "not-a-real-ests-cookie-0000000000"
TENANT = "11111111-2222-3333-4444-555555555555"
AUTHORIZE = {
    "Location": "{here}/login.microsoftonline.com/t/oauth2/v2.0/authorize?x=1",
    "Set-Cookie": "OpenIdConnect.nonce.aB%2B1=n0nce; path=/",
}
HTML = {"Content-Type": "text/html"}


def form(action="{here}/security.microsoft.com/"):
    names = ("code", "id_token", "state", "session_state", "correlation_id")
    inputs = "".join(f'<input type="hidden" name="{name}" value="not-a-real-{name}-000000&amp;" />' for name in names)
    return f'<html><body><form method="POST" name="hiddenform" action="{action}">{inputs}</form></body></html>'.encode()


def page(**config):
    return f"<html><script>//<![CDATA[\n$Config={json.dumps(config)};\n//]]></script></html>".encode()


OFF = Told(302, headers=AUTHORIZE)
FORM = Told(200, form(), HTML)
ENTERED = Told(200, b"", {"Set-Cookie": "sccauth=not-a-real-new-sccauth-00; path=/; secure, XSRF-TOKEN=not-a-real-new-xsrf%3D; path=/"})
CONTEXT = Told(200, {"AuthInfo": {"TenantId": TENANT}})


@pytest.fixture
def portal(scripted, transport):
    """A portal behind a server that answers as told; gives both."""

    def make(*answers, ests=ESTS, **more):
        server = scripted(*answers)
        known = {"host": "security.microsoft.com", "tenant": TENANT}
        sent_by = transport(server.url, **more)
        given = {"ests_auth_persistent": ests}
        session = PortalSession(**known, login="login.microsoftonline.com", given=given, transport=sent_by, files=TokenFiles(None))
        return Portal(**known, session=session, transport=sent_by), server, sent_by

    return make


def groups(ours):
    answer = ours.store("portal").read([GROUPS])[GROUPS]
    if isinstance(answer, TenantError):
        raise answer
    return answer


@pytest.fixture
def connected(connect, tmp_path):
    """Connects to an emulated tenant with the browser's cookie only."""

    def make(tenant, ests=None, **more):
        session = {"ests_auth_persistent": ests or tenant.browser_cookies["portal_session"]}
        return connect(tenant, portal_session=session, client_id="", client_secret="", **more)

    return make


def asked(tenant):
    return [entry["url"].removeprefix("https://").partition("?")[0].rstrip("/") for entry in tenant.journal()]


def test_the_browsers_sign_in_opens_the_portal(emulated, connected):
    ours = connected(emulated)
    assert [row["IsUnassignedMachineGroup"] for row in groups(ours)] == [True]
    first, second, third, fourth, fifth = asked(emulated)
    assert (first, third) == ("security.microsoft.com", "security.microsoft.com")
    assert second == f"login.microsoftonline.com/{emulated.tenant_id}/oauth2/v2.0/authorize"
    assert fourth.endswith("TenantContext") and fifth.endswith("machine_groups")
    assert emulated.writes() == [] and ours.counts["requests"] == 5


def test_every_cookie_and_code_is_a_secret_and_none_is_in_trace_or_journal(emulated, connected, tmp_path):
    trace = tmp_path / "trace.jsonl"
    ours = connected(emulated, trace=str(trace))
    groups(ours)
    secrets = set(ours.secrets)
    assert emulated.browser_cookies["portal_session"] in secrets
    assert {emulated.portal_session["sccauth"]} < secrets and len(secrets) > 5
    for text in (trace.read_text(), json.dumps(emulated.journal())):
        assert not [one for one in secrets if one in text]
        assert emulated.tenant_id + "." not in text, "a code begins so"


def test_the_cookie_goes_to_the_sign_in_host_only_and_the_code_to_the_portal_only(portal):
    ours, server, dummy = portal(OFF, FORM, ENTERED, CONTEXT)
    ours.context()
    off, login, handed, context = server.asked
    assert "cookie" not in off.headers
    assert login.headers["cookie"] == f"ESTSAUTHPERSISTENT={ESTS}" and login.path.startswith("/login.microsoftonline.com/")
    assert handed.headers["cookie"] == "OpenIdConnect.nonce.aB%2B1=n0nce" and handed.path == "/security.microsoft.com/"
    assert handed.body.decode().startswith("code=not-a-real-code-000000%26&id_token=")
    assert context.headers["cookie"] == "sccauth=not-a-real-new-sccauth-00; XSRF-TOKEN=not-a-real-new-xsrf%3D"
    assert context.headers["x-xsrf-token"] == "not-a-real-new-xsrf="


def test_without_an_xsrf_token_the_portals_page_is_asked_for_it(portal):
    half = Told(302, b"", {"Set-Cookie": "sccauth=not-a-real-new-sccauth-00", "Location": "{here}/security.microsoft.com/"})
    rest = Told(200, b"", {"Set-Cookie": "XSRF-TOKEN=not-a-real-xsrf-0"})
    ours, server, dummy = portal(OFF, FORM, half, rest, CONTEXT)
    ours.context()
    assert server.asked[3].path == "/security.microsoft.com/" and server.asked[3].headers["cookie"] == "sccauth=not-a-real-new-sccauth-00"
    without, dummy, dummy = portal(OFF, FORM, half, Told(200, b""))
    with pytest.raises(SignInFailed, match="no XSRF-TOKEN"):
        without.context()


def test_a_stale_code_is_had_anew_once(portal, emulated, connected):
    stale = Told(440, b"")
    ours, server, dummy = portal(OFF, FORM, stale, OFF, FORM, ENTERED, CONTEXT)
    ours.context()
    assert [one.method for one in server.asked] == ["GET", "GET", "POST"] * 2 + ["GET"]
    ours, server, dummy = portal(OFF, FORM, stale, OFF, FORM, stale)
    with pytest.raises(SignInFailed) as caught:
        ours.context()
    assert caught.value.status == 440 and len(server.asked) == 6 and "ESTSAUTHPERSISTENT" in caught.value.hint
    emulated.fault(kind="expire", match={"service": "portal", "method": "POST"})
    assert groups(connected(emulated))


@pytest.mark.parametrize(
    ("answer", "kind", "text", "code"),
    [
        (page(pgid="ConvergedSignIn", sErrorCode="50058", sErrTxt=""), SignInFailed, "not enough", "AADSTS50058"),
        (page(pgid="ConvergedTFA", arrUserProofs=[]), SignInFailed, "second factor", "ConvergedTFA"),
        (page(pgid="KmsiInterrupt"), SignInFailed, "KmsiInterrupt wants an answer", "KmsiInterrupt"),
        (page(pgid="ConvergedError", sErrorCode="53003"), SignInFailed, "Conditional Access", "AADSTS53003"),
        (page(pgid="ConvergedSignIn", sErrorCode="50126"), SignInFailed, "wants an answer", "AADSTS50126"),
        (
            b"<html><form action='/login'><input name='login'><input name='passwd' type='password'></form></html>",
            SignInFailed,
            "none that",
            "",
        ),
        (b"\xff\x00 no page", SignInFailed, "none that is known", ""),
    ],
)
def test_a_page_that_wants_a_person(answer, kind, text, code, portal):
    ours, server, dummy = portal(OFF, Told(200, answer, HTML))
    with pytest.raises(kind, match=text) as caught:
        ours.context()
    assert caught.value.code == code and "no passwords" in caught.value.hint and "browser again" in caught.value.hint
    assert len(server.asked) == 2, "nothing is sent to such a page"


@pytest.mark.parametrize(
    ("answers", "kind", "text", "requests"),
    [
        ([Told(302, headers={"Location": "https://evil.example/authorize"})], SignInFailed, "evil.example", 1),
        ([Told(302, headers={"Location": "http://login.microsoftonline.com/x"})], SignInFailed, "leads to", 1),
        ([OFF, Told(302, headers={"Location": "https://evil.example/"})], SignInFailed, "evil.example", 2),
        ([OFF, Told(200, form("https://evil.example/"), HTML)], SignInFailed, "evil.example instead of the portal", 2),
        ([OFF, Told(200, form("{here}/security.microsoft.com.evil.example/"), HTML)], SignInFailed, "instead of the portal", 2),
        ([OFF, OFF], SignInFailed, "without end", 11),
        ([OFF, Told(400, b"")], SignInFailed, "failed", 2),
        ([Told(404, b"")], NotFound, "failed", 1),
        ([OFF, Told(500, b"")], Unavailable, "failed", 2),
        ([OFF, FORM, Told(403, b"")], SignInFailed, "does not take the sign-in", 3),
        ([OFF, FORM, Told(200, b"")], SignInFailed, "does not take the sign-in", 3),
    ],
)
def test_a_sign_in_that_goes_wrong(answers, kind, text, requests, portal):
    ours, server, dummy = portal(*answers)
    with pytest.raises(kind, match=text) as caught:
        ours.context()
    assert len(server.asked) == requests and ESTS not in caught.value.message
    assert caught.value.tried == "Signing in to the portal"


def test_a_cookie_that_has_ended(emulated, connected):
    with pytest.raises(SignInFailed) as caught:
        groups(connected(emulated, ests=ESTS))
    assert caught.value.code == "AADSTS50058" and ESTS not in caught.value.message


def test_the_cookie_of_another_tenants_user_sends_nothing_to_this_one(emulator, emulated, connected):
    other = emulator.tenant()
    with pytest.raises(SignInFailed):
        groups(connected(emulated, ests=other.browser_cookies["portal_session"]))
    assert not any("apiproxy" in one for one in (*asked(emulated), *asked(other)))
    other.remove()


def test_a_session_is_shared_by_the_tasks_of_a_run(emulated, connected, tmp_path):
    cache = tmp_path / "tokens"
    for dummy in range(2):
        groups(connected(emulated, token_cache=str(cache)))
    assert sum("/authorize" in one for one in asked(emulated)) == 1
    (kept,) = cache.glob("portal-*[0-9a-f]")
    assert kept.stat().st_mode & 0o777 == 0o600
    groups(connected(emulated, token_cache=str(cache), ests=emulated.browser_cookies["portal_session_scoped"]))
    assert sum("/authorize" in one for one in asked(emulated)) == 2, "another user is another session"


def test_a_kept_session_that_has_ended_is_replaced(emulated, connected, tmp_path):
    cache = tmp_path / "tokens"
    groups(connected(emulated, token_cache=str(cache)))
    (file,) = cache.glob("portal-*[0-9a-f]")
    kept = json.loads(file.read_text())
    file.write_text(json.dumps({**kept, "sccauth": "not-a-real-sccauth-that-ended"}))
    assert groups(connected(emulated, token_cache=str(cache)))
    assert json.loads(file.read_text())["sccauth"] == kept["sccauth"]
    file.write_text(json.dumps({**kept, "until": 1}))
    emulated.clear_journal()
    groups(connected(emulated, token_cache=str(cache)))
    assert sum("/authorize" in one for one in asked(emulated)) == 1


def test_a_session_handed_in_is_never_kept(emulated, connect, tmp_path):
    cache = tmp_path / "tokens"
    groups(connect(emulated, portal_session=emulated.portal_session, token_cache=str(cache)))
    assert not [one for one in cache.iterdir() if one.name.startswith("portal-")]


def test_the_browsers_sign_in_renews_a_session_that_was_handed_in(emulated, connect):
    ended = {"sccauth": "not-a-real-session-0000000000", "xsrf_token": "not-a-real-token-0000000000"}
    session = {**ended, "ests_auth_persistent": emulated.browser_cookies["portal_session"]}
    assert groups(connect(emulated, portal_session=session))


@pytest.mark.parametrize("given", [{"sccauth": "a", "xsrf_token": ""}, {"xsrf_token": "a", "sccauth": None}])
def test_half_a_session(given, emulated, connect):
    with pytest.raises(BadInput, match="together"):
        connect(emulated, portal_session={**given, "ests_auth_persistent": None}).store("portal")


def test_empty_cookies_are_none(emulated, connect):
    session = {"sccauth": "", "xsrf_token": "", "ests_auth_persistent": emulated.browser_cookies["portal_session"]}
    assert groups(connect(emulated, portal_session=session))
