# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that only their owner can read, whole or not at all."""

from __future__ import annotations

import errno
import json
import os
import stat
import threading

import pytest

from ansible_collections.m365.defender.plugins.module_utils._errors import BadInput
from ansible_collections.m365.defender.plugins.module_utils._token_files import TokenFiles


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "tokens"


def test_what_is_kept_is_found_again_and_can_be_forgotten(folder):
    files = TokenFiles(str(folder))
    assert files.read("token", "a") is None
    files.write("token", "a", kept={"x": 1})
    files.write("token", "a", "b", kept={"x": 2})
    assert TokenFiles(str(folder)).read("token", "a") == {"x": 1}
    files.drop("token", "a")
    assert files.read("token", "a") is None
    assert files.read("token", "a", "b") == {"x": 2}
    files.drop("token", "never there")


def test_modes(folder):
    old = os.umask(0)
    try:
        files = TokenFiles(str(folder))
        files.write("token", "a", kept={"x": 1})
        with files.alone("token", "a"):
            pass
    finally:
        os.umask(old)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert len(list(folder.iterdir())) == 2, "no temporary file is left"


@pytest.mark.parametrize("mode", [0o750, 0o701, 0o777])
def test_a_folder_open_to_others_is_refused(folder, mode):
    folder.mkdir()
    folder.chmod(mode)
    for use in (TokenFiles(str(folder)).check, lambda: TokenFiles(str(folder)).write("token", "a", kept={})):
        with pytest.raises(BadInput, match="by others") as caught:
            use()
        assert "0700" in caught.value.hint


def test_a_file_open_to_others_is_refused(folder):
    files = TokenFiles(str(folder))
    files.write("token", "a", kept={"x": 1})
    next(folder.iterdir()).chmod(0o644)
    with pytest.raises(BadInput, match="by others") as caught:
        files.read("token", "a")
    assert f"Remove the file {next(folder.iterdir()).name}" in caught.value.hint


def test_a_folder_of_somebody_else_is_refused(folder, monkeypatch):
    TokenFiles(str(folder)).check()
    monkeypatch.setattr(os, "geteuid", lambda: folder.stat().st_uid + 1)
    with pytest.raises(BadInput, match="another user"):
        TokenFiles(str(folder)).check()


def test_what_is_no_folder_or_cannot_be_made_is_refused(folder, tmp_path):
    (tmp_path / "real").mkdir(mode=0o700)
    folder.symlink_to(tmp_path / "real")
    with pytest.raises(BadInput, match="no folder"):
        TokenFiles(str(folder)).check()
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInput, match="can't be made"):
        TokenFiles(str(tmp_path / "file" / "under")).check()


@pytest.mark.parametrize("content", ["", "{", "[1]"])
def test_a_broken_file_counts_as_none(folder, content):
    files = TokenFiles(str(folder))
    files.write("token", "a", kept={"x": 1})
    next(folder.iterdir()).write_text(content)
    assert files.read("token", "a") is None


@pytest.mark.parametrize(("number", "advice"), [(errno.ENOSPC, "Make room"), (errno.EDQUOT, "Make room"), (errno.EROFS, "Set token_cache")])
def test_where_nothing_can_be_written_no_half_of_a_token_is_left(folder, monkeypatch, number, advice):
    files = TokenFiles(str(folder))
    files.write("refresh", "a", kept={"refresh_token": "old"})

    def full(kept, file):
        file.write('{"refresh_token": "ne')
        file.flush()
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(json, "dump", full)
    with pytest.raises(BadInput, match="can't be written") as caught:
        files.write("refresh", "a", kept={"refresh_token": "new"})
    assert caught.value.hint.startswith(advice)
    assert len(list(folder.iterdir())) == 1 and files.read("refresh", "a") == {"refresh_token": "old"}


def test_without_a_folder_nothing_is_kept():
    files = TokenFiles(None)
    files.check()
    files.write("token", "a", kept={"x": 1})
    with files.alone("token", "a"):
        assert files.read("token", "a") is None
    files.drop("token", "a")


def test_one_at_a_time(folder):
    order = []
    inside = threading.Event()

    def second():
        inside.wait()
        with TokenFiles(str(folder)).alone("token", "a"):
            order.append("second")

    thread = threading.Thread(target=second)
    thread.start()
    with TokenFiles(str(folder)).alone("token", "a"):
        inside.set()
        thread.join(0.1)
        order.append("first")
        with TokenFiles(str(folder)).alone("token", "other"):
            order.append("other")
    thread.join()
    assert order == ["first", "other", "second"]
