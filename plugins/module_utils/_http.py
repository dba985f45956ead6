# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The HTTP library as this collection uses it: guarded import, one TLS context, two policies of repeating. Private to the collection."""

from __future__ import annotations

import os
import random
import re
import ssl
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._errors import BadInput

try:
    import requests
    from requests.adapters import HTTPAdapter
    from requests.structures import CaseInsensitiveDict
    from urllib3.exceptions import InvalidHeader
    from urllib3.util.retry import Retry
except ImportError:
    HAS_REQUESTS = False
    HTTPAdapter = object  # type: ignore[assignment,misc]  # only to be a base
    Retry = object  # type: ignore[assignment,misc]  # the same
else:
    HAS_REQUESTS = True

LONGEST_WAIT = 60.0  # seconds; a longer Retry-After is not waited out in one go
TRIES = 6  # how often a request is sent at most
# How often a connection is tried: a mistyped address or a firewall answers no better later, and each task of a playbook would wait for it.
CONNECTION_TRIES = 3
LARGEST = 256 << 20  # bytes of an answer, unpacked; a page of 10,000 devices has some tens of millions


@cache
def ssl_context(ca_path: str | None) -> ssl.SSLContext:
    """The TLS context of this process for a CA file or folder; None: the machine's own CAs. Made once: reading CAs is dear.

    Raises OSError (ssl.SSLError is one) when the file is none or holds no certificate.
    """
    if ca_path:
        folder = os.path.isdir(ca_path)
        return ssl.create_default_context(cafile=None if folder else ca_path, capath=ca_path if folder else None)
    places = ssl.get_default_verify_paths()
    if not (places.cafile or places.capath) and HAS_REQUESTS:  # a small container without CAs of its own
        return ssl.create_default_context(cafile=requests.utils.DEFAULT_CA_BUNDLE_PATH)
    return ssl.create_default_context()


@dataclass(frozen=True)
class Answer:
    """What came back. headers: by name in any case. tries: how often it was sent until then."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    tries: int


def headers_of(values: Mapping[str, str]) -> Mapping[str, str]:
    """Headers that are found by name in any case."""
    return CaseInsensitiveDict(values)


class NoAnswer(Exception):
    """No answer came. text: the end of a sentence that begins with the host. sent: whether the service may have got the request.

    stage: how far it got: name, connection, tls, proxy or http.
    """

    def __init__(self, text: str, hint: str, *, sent: bool, stage: str = "http") -> None:
        self.text = text
        self.hint = hint
        self.sent = sent
        self.stage = stage
        super().__init__(text)


# What the library says of a proxy that was not even reached, and what that is called.
PROXY_FAULTS = (
    ("NameResolution", "its name has no address"),
    ("CERTIFICATE_VERIFY_FAILED", "its certificate is not trusted"),
    ("refused", "it refuses the connection"),
    ("timed out", "it does not answer in time"),
)


def why(error: Exception) -> NoAnswer:
    """The cause of a failure of the library, in an operator's words. Nothing of the request is in it."""
    said = repr(error)
    if isinstance(error, requests.exceptions.SSLError):
        if "CERTIFICATE_VERIFY_FAILED" in said:
            reason = re.search(r"certificate verify failed: ([^()\\'\"]+)", said)
            return NoAnswer(
                f"has a certificate that is not trusted ({reason[1].strip().rstrip('.') if reason else 'verification failed'})",
                "Set ca_path to the CA that signed it, if the address is right and the CA is yours (a proxy that looks into TLS, "
                "or the emulated tenant). Verification cannot be switched off.",
                sent=False,
                stage="tls",
            )
        if "WRONG_VERSION_NUMBER" in said or "record layer failure" in said:
            hint = "Look at endpoint and proxy: http:// and https:// may be mixed up."
            return NoAnswer("does not speak TLS", hint, sent=False, stage="tls")
        return NoAnswer("broke off TLS", "Look at what stands between here and there: a proxy or a firewall.", sent=True, stage="tls")
    if isinstance(error, requests.exceptions.ProxyError):
        tunnel = re.search(r"Tunnel connection failed: ([\w ]+)", said)
        detail = tunnel[1].strip() if tunnel else next((words for word, words in PROXY_FAULTS if word in said), "")
        return NoAnswer(
            f"could not be reached through the proxy{f' ({detail})' if detail else ''}",
            "Look at the option proxy and the variable HTTPS_PROXY.",
            sent=False,
            stage="proxy",
        )
    if isinstance(error, requests.exceptions.ConnectTimeout):
        hint = "Look at the network, a firewall, and whether a proxy is needed."
        return NoAnswer("did not take a connection in time", hint, sent=False, stage="connection")
    if isinstance(error, requests.exceptions.ReadTimeout) or "Read timed out" in said:
        return NoAnswer("did not answer in time", "Raise timeout if the service is only slow.", sent=True)
    if "NameResolution" in said or "getaddrinfo" in said or "Name or service not known" in said:
        hint = "Look at the DNS of this machine, and whether a proxy is needed."
        return NoAnswer("has no address: name resolution failed", hint, sent=False, stage="name")
    if "NewConnectionError" in said:
        refused = "refused the connection" if "refused" in said else "cannot be reached"
        return NoAnswer(refused, "Look at the network, a firewall, and the options endpoint and proxy.", sent=False, stage="connection")
    if isinstance(error, requests.exceptions.ConnectionError | requests.exceptions.ChunkedEncodingError):
        return NoAnswer("closed the connection without an answer", "", sent=True)
    return NoAnswer(f"could not be asked ({type(error).__name__})", "Look at the options endpoint and proxy.", sent=True)


def check_ca(ca_path: str | None) -> None:
    """Raises BadInput for a CA file or folder that can't be used."""
    try:
        ssl_context(ca_path)
    except OSError as error:
        reason = "holds no certificate" if error.errno is None or "X509" in str(error) else error.strerror
        raise BadInput(
            f"ca_path {ca_path} can't be used: {reason}", tried="Checking the connection options", hint="Nothing was sent."
        ) from None


class _Patient(Retry):
    """urllib3's Retry, waiting through a function that is handed over, and never longer than LONGEST_WAIT at a time."""

    wait: Callable[[float], None] = staticmethod(time.sleep)

    def new(self, **kw: Any) -> Any:
        made = super().new(**kw)
        made.wait = self.wait
        return made

    def sleep(self, response: Any = None) -> None:
        # What is neither seconds nor a date that there can be, or a date that is past by a wrong clock, is no reason to ask at once.
        asked = 0.0
        with suppress(InvalidHeader, ValueError, OverflowError):
            asked = (response is not None and self.get_retry_after(response)) or 0.0
        self.wait(min(asked, LONGEST_WAIT) or self.get_backoff_time())

    def get_backoff_time(self) -> float:
        return backoff(len(self.history))


class _PatientWriter(_Patient):
    # urllib3 repeats any 503 that has a Retry-After; whether a write behind a 503 was done nobody knows, so it is not repeated.
    RETRY_AFTER_STATUS_CODES = frozenset({429})


def backoff(tries: int) -> float:
    """How long to wait after so many tries: doubling, with some chance in it so that many tenants do not come back at once."""
    return float(min(2 ** max(tries - 1, 0), LONGEST_WAIT) * (0.5 + random.random() / 2))


def pause_of(items: Iterable[Mapping[str, Any]]) -> float:
    """How long to wait before those items of a batch that were throttled or found no back end are asked again; 0 when there are none."""
    pause = 0.0
    for item in items:
        if item.get("status") in (429, 502, 503, 504):
            given = item.get("headers")
            pause = max(pause, pause_after(headers_of(given if isinstance(given, dict) else {}), 1))
    return pause


def pause_after(headers: Mapping[str, str], tries: int) -> float:
    """How long to wait before what was answered so is sent again; where no seconds are asked for, as many tries as were made say it."""
    asked = seconds_of(headers)
    return backoff(tries) if asked is None else min(asked, LONGEST_WAIT)


def seconds_of(headers: Mapping[str, str]) -> float | None:
    """The seconds that Retry-After asks for; None for a date and for what is neither. headers: found by name in any case."""
    said = str(headers.get("Retry-After") or "").strip()
    return float(said) if said.isdecimal() else None


def repeating(write: bool, wait: Callable[[float], None], once: bool = False, connections: int = CONNECTION_TRIES) -> Any:
    """The policy of repeating: a read whenever it may help; a write only when it is known that nothing was done.

    That is known of 429, and of a connection that never came about. [code] retries of 429, 502, 503, 504
    once: only such a connection is tried again, because whoever asks knows better what to do about an answer.
    """
    common: dict[str, Any] = {
        "total": TRIES - 1,
        "connect": connections - 1,
        "status": TRIES - 1,
        "redirect": 0,
        "other": 0,  # an untrusted certificate stays untrusted
        "allowed_methods": None,  # reading is done by POST too
        "raise_on_status": False,
        "respect_retry_after_header": not once,
    }
    if once:
        policy = _Patient(read=0, status_forcelist=frozenset(), **{**common, "respect_retry_after_header": False})
    elif write:
        policy = _PatientWriter(read=0, status_forcelist=frozenset({429}), **common)
    else:
        policy = _Patient(read=TRIES - 1, status_forcelist=frozenset({429, 502, 503, 504}), **common)
    policy.wait = wait
    return policy


class _Adapter(HTTPAdapter):
    """Hands urllib3 the context made above; by itself requests would load the CA file again for every connection."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self.context = context
        super().__init__(pool_maxsize=2)

    def init_poolmanager(self, *args: Any, **kw: Any) -> None:
        super().init_poolmanager(*args, ssl_context=self.context, **kw)

    def proxy_manager_for(self, proxy: Any, **kw: Any) -> Any:
        return super().proxy_manager_for(proxy, ssl_context=self.context, proxy_ssl_context=self.context, **kw)

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        """Nothing: the context verifies, always."""

    def send(self, request: Any, *args: Any, **kw: Any) -> Any:
        self.max_retries = request.repeating
        return super().send(request, *args, **kw)


class Session:
    """Connections to some hosts, kept open between requests. Nothing is taken from the environment: neither proxies nor CAs nor .netrc."""

    def __init__(
        self, *, ca_path: str | None, proxy: str | None, timeout: float, wait: Callable[[float], None], connections: int = CONNECTION_TRIES
    ) -> None:
        """connections: how often a connection is tried. Raises BadInput without the library."""
        if not HAS_REQUESTS:
            hint = "Install what the collection's requirements.txt names for the Python that runs this task."
            raise BadInput("the Python library requests is missing", tried="Preparing the connection", hint=hint)
        self._connections = connections
        self._session = requests.Session()
        self._session.trust_env = False
        self._proxies = {"http": proxy, "https": proxy} if proxy else {}
        self._session.mount("https://", _Adapter(ssl_context(ca_path)))
        self._session.mount("http://", _Adapter(ssl_context(ca_path)))
        self._timeout = timeout
        self._wait = wait

    def send(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | None,
        *,
        write: bool,
        once: bool = False,
        direct: bool = False,
        timeout: float | None = None,
    ) -> Answer:
        """Sends a request, again where the policy says so. Redirects are never followed. Raises NoAnswer. direct: past the proxy."""
        tries, patience = 0, max(self._timeout, timeout or 0.0)
        how: dict[str, Any] = {"timeout": (min(patience, 10.0), patience), "proxies": {} if direct else self._proxies}
        while True:
            request = self._session.prepare_request(requests.Request(method, url, headers=dict(headers), data=body))
            request.repeating = repeating(write, self._wait, once, self._connections)  # type: ignore[attr-defined]  # read by _Adapter
            try:
                response = self._session.send(request, stream=True, allow_redirects=False, **how)
            except requests.RequestException as error:
                raise why(error) from None
            tries += 1 + len(getattr(response.raw.retries, "history", ()))
            try:
                unpacked = bytearray()
                for chunk in response.iter_content(1 << 16):
                    unpacked += chunk
                    if len(unpacked) > LARGEST:  # a few bytes that unpack to very many would take all memory of this machine
                        raise NoAnswer(f"gave an answer of more than {LARGEST >> 20} MiB, which no service does", "", sent=True)
                return Answer(response.status_code, response.headers, bytes(unpacked), tries)
            except requests.exceptions.ContentDecodingError:
                # Exchange labels the NUL bytes of its 403 as gzip now and then. [code]
                return Answer(response.status_code, response.headers, b"", tries)
            except requests.RequestException as error:
                if write or once or tries >= TRIES:
                    raise why(error) from None
                self._wait(backoff(tries))
            finally:
                response.close()

    def close(self) -> None:
        """Closes every connection."""
        self._session.close()
