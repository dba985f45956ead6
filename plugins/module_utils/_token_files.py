# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Small files that the forks of a run share: tokens, and what has been learned about a tenant. Private to the collection."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import stat
from collections.abc import Iterator
from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._errors import BadInput

try:
    import fcntl
except ImportError:  # a system without it has no forks either
    fcntl = None  # type: ignore[assignment]  # it is asked for before it is used

OWN = "Set token_cache to a folder of your own that only you can read (mode 0700)."
FULL = "Make room there, or set token_cache to a folder on another disk. The token itself was given, so run the task again then."
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class TokenFiles:
    """JSON files, 0600, in one folder, 0700, that belongs to this user; with None as the folder nothing is kept.

    Raises BadInput when the folder or a file in it is open to others: what lies there lets its reader act as the caller.
    """

    def __init__(self, folder: str | None) -> None:
        self._folder = os.path.abspath(os.path.expanduser(folder)) if folder else ""

    def check(self) -> None:
        """Makes the folder if it is not there. Raises BadInput when it can't be used."""
        if not self._folder:
            return
        try:
            os.makedirs(self._folder, mode=0o700, exist_ok=True)
            found = os.lstat(self._folder)
        except OSError as error:
            raise self._unusable(f"can't be made: {error.strerror}") from None
        if not stat.S_ISDIR(found.st_mode):
            raise self._unusable("is no folder")
        self._refuse_if_open(found, "")

    def read(self, kind: str, *about: str) -> dict[str, Any] | None:
        """What is kept of this kind about this; None when there is nothing, or nothing that can be read."""
        if not self._folder:
            return None
        path = self._path(kind, about)
        try:
            handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
        except OSError:
            return None
        with open(handle, encoding="utf-8") as file:
            self._refuse_if_open(os.fstat(handle), os.path.basename(path))
            try:
                kept = json.load(file)
            except ValueError:
                return None
        return kept if isinstance(kept, dict) else None

    def write(self, kind: str, *about: str, kept: dict[str, Any]) -> None:
        """Keeps something; whoever reads sees the old file or the new one, never half of one."""
        if not self._folder:
            return
        self.check()
        path = self._path(kind, about)
        temporary = f"{path}.{os.getpid()}"
        try:
            handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
            with open(handle, "w", encoding="utf-8") as file:
                json.dump(kept, file)
            os.replace(temporary, path)
        except OSError as error:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
            raise self._unusable(f"can't be written: {error.strerror}", FULL if error.errno in NO_ROOM else OWN) from None

    def drop(self, kind: str, *about: str) -> None:
        """Forgets something."""
        if self._folder:
            with contextlib.suppress(OSError):
                os.unlink(self._path(kind, about))

    @contextlib.contextmanager
    def alone(self, kind: str, *about: str) -> Iterator[None]:
        """While this is held, no other process holds the same: of many forks only one fetches a token."""
        if not self._folder or fcntl is None:
            yield
            return
        self.check()
        try:
            handle = os.open(self._path(kind, about) + ".lock", os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        except OSError as error:
            raise self._unusable(f"can't be written: {error.strerror}") from None
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def _path(self, kind: str, about: tuple[str, ...]) -> str:
        return os.path.join(self._folder, f"{kind}-{hashlib.sha256(json.dumps(about).encode()).hexdigest()[:32]}")

    def _refuse_if_open(self, found: os.stat_result, name: str) -> None:
        if found.st_uid != os.geteuid():
            raise self._unusable(f"belongs to another user{f' ({name})' if name else ''}")
        if stat.S_IMODE(found.st_mode) & 0o077:
            hint = f"Remove the file {name} there; what made it with this mode was not this collection." if name else OWN
            raise self._unusable(f"can be read or written by others{f' ({name})' if name else ''}", hint)

    def _unusable(self, reason: str, hint: str = OWN) -> BadInput:
        return BadInput(f"the folder for tokens, {self._folder}, {reason}", tried="Looking for a token", hint=hint)
