# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The record of every request that an operator can ask for, without any secret. Private to the collection."""

from __future__ import annotations

import datetime
import errno
import json
import os
import re
import stat
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

from ansible_collections.m365.defender.plugins.module_utils._errors import BadInput
from ansible_collections.m365.defender.plugins.module_utils._secrets import forms_of

REDACTED = "<redacted>"
_SECRET_NAMES = frozenset(
    {
        "access_token",
        "assertion",
        "authorization",
        "client_assertion",
        "client_secret",
        "code",
        "cookie",
        "device_code",
        "id_token",
        "password",
        "proxy-authorization",
        "refresh_token",
        "set-cookie",
        "x-identity-header",
        "x-xsrf-token",
    }
)
_TOKEN = re.compile(r"\bey[\w-]{10,}\.[\w-]{10,}\.[\w-]*")


class Trace:
    """Requests and answers, a line of JSON each, in a file that only this user can read. path: None for no trace."""

    def __init__(self, path: str | None, tenant: str, secrets: Iterable[str]) -> None:
        self._path = path
        self._tenant = tenant
        self._secrets = secrets
        self._lost: BadInput | None = None

    def check(self) -> None:
        """Before anything is sent: raises BadInput when what was sent before could not be noted."""
        if self._lost:
            raise self._lost

    def note(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None, status: int | None, answer: bytes, write: bool
    ) -> None:
        """Adds an exchange. Raises BadInput when it can't, but never in place of what a write came to."""
        if not self._path:
            return
        forms = forms_of(self._secrets)
        entry = {
            "time": datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "tenant": self._tenant,
            "method": method,
            "url": _masked(url, forms),
            "headers": _masked(dict(headers), forms),
            "body": _masked(_readable(body or b""), forms),
            "status": status,
            "response_body": _masked(_readable(answer), forms),
        }
        try:
            handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            with open(handle, "a", encoding="utf-8") as file:
                _keep_private(handle)
                file.write(json.dumps(entry, ensure_ascii=False) + "\n")
        except OSError as error:
            self._lost = BadInput(
                f"the trace can't be written to {self._path}: {error.strerror}",
                tried="Recording a request",
                hint="Set trace to a file in a folder that can be written, or leave it out.",
            )
            # What became of a write must be told whatever happens to the trace; nothing is sent after it.
            if not write:
                raise self._lost from None


def _keep_private(handle: int) -> None:
    """A file that was there before may be another user's, or open to others. What is no file of a disk, such as stderr, stays as it is."""
    found = os.fstat(handle)
    if stat.S_ISREG(found.st_mode):
        if found.st_uid != os.geteuid():
            raise PermissionError(errno.EPERM, "it belongs to another user")
        os.fchmod(handle, 0o600)


def _masked(value: Any, forms: Sequence[str]) -> Any:
    if isinstance(value, dict):
        return {
            _masked(key, forms): REDACTED if key.lower() in _SECRET_NAMES and one else _masked(one, forms) for key, one in value.items()
        }
    if isinstance(value, list):
        return [_masked(one, forms) for one in value]
    if isinstance(value, str):
        for form in forms:
            value = value.replace(form, REDACTED)
        return _TOKEN.sub(REDACTED, value)
    return value


def _readable(raw: bytes) -> Any:
    """A body as the trace shows it: JSON and forms taken apart, everything else as text."""
    if not raw:
        return None
    if not raw.strip(b"\0"):
        return f"<{len(raw)} NUL bytes>"
    text = raw.decode("utf-8", "replace")
    try:
        return json.loads(text)
    except ValueError:
        pairs = parse_qsl(text, keep_blank_values=True)
        return dict(pairs) if re.fullmatch(r"[\w.%+*-]+=\S*", text) and pairs else text
