# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole way: somebody decides in a browser that records, the recording becomes a form, and other actions are decided by it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ansible_collections.m365.defender.plugins.module_utils._decisions import PENDING_ACTION
from tests.unit.forms.hars import RecordingBrowser, har

INVOICE, UPDATER, MAIL, TOOLBAR, ISOLATION = (
    *(f"abababab-0000-4000-8000-00000000020{digit}" for digit in (1, 2, 3, 5)),
    "bbbbbbbb-0000-4000-8000-000000000204",
)


def span():
    now = datetime.now(UTC).replace(tzinfo=None)
    first, last = ((now + timedelta(days=days)).isoformat(timespec="milliseconds") + "Z" for days in (-90, 1))
    return f"&fromDate={first}&toDate={last}"


def made(tmp_path, har_file, dest, *more):
    """Runs the module as an operator does; gives its result and everything that was printed."""
    command = [Path(sys.executable).parent / "ansible", "localhost", "-m", "m365.defender.request_form", "-D", "-vvvvv"]
    arguments = json.dumps({"har": str(har_file), "dest": str(dest), **dict(more)})
    environment = {**os.environ, "ANSIBLE_LOCAL_TEMP": str(tmp_path / "tmp"), "ANSIBLE_CALLBACK_RESULT_FORMAT": "json"}
    done = subprocess.run([*command, "-a", arguments], env=environment, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def recorded(lived_in, tmp_path):
    """A HAR of one decision each, as files."""
    files = {}
    for word, number in (("Approve", INVOICE), ("Reject", MAIL)):
        browser = RecordingBrowser(lived_in.tenant)
        row = next(one for one in browser.look() if one["ActionId"] == number)
        assert browser.decide(word, row, "written in the browser")["Accepted"]
        files[word.lower()] = browser
    browser = RecordingBrowser(lived_in.tenant)
    row = next(one for one in browser.look("history", span()) if one["ActionId"] == TOOLBAR)
    assert browser.undo(row, "written in the browser")["Accepted"]
    files["undo"] = browser
    for word, one in files.items():
        (tmp_path / f"{word}.har").write_text(json.dumps(har(*one.entries)))
    return files


def test_from_a_browser_to_other_actions(lived_in, recorded, tmp_path):
    dest = tmp_path / "forms" / "action_center.json"
    printed = ""
    for word in recorded:
        code, said = made(tmp_path, tmp_path / f"{word}.har", dest, ("decision", word))
        assert code == 0, said
        printed += said
    assert dest.stat().st_mode & 0o777 == 0o600
    form = json.loads(dest.read_text())
    assert set(form["requests"]) == {"approve", "reject", "undo"}
    assert form["requests"]["approve"]["body"] == {
        "Decision": "Approve",
        "ActionId": "{action_id}",
        "InvestigationId": "{investigation_id}",
        "Comment": "{comment}",
    }
    assert form["requests"]["undo"]["path"].endswith("/{action_id}")
    secrets = {value for one in recorded.values() for value in one.cookies.values()} | set((lived_in.tenant.portal_session or {}).values())
    for secret in (*secrets, lived_in.tenant.tenant_id, "security.administrator@", INVOICE, MAIL, TOOLBAR, "written in the browser"):
        assert secret not in dest.read_text(), secret
    assert not [secret for secret in secrets if secret in printed]

    lived_in.clear()
    options = {"form_file": str(dest), "comment": "by the form"}
    approved = lived_in.perform(PENDING_ACTION, {"decision": "approve", "action_type": "QuarantineFileResponse", **options})
    assert approved.get("changed"), approved.get("msg")
    assert [one["id"] for one in approved["actions"]] == [UPDATER]
    undone = lived_in.perform(PENDING_ACTION, {"decision": "undo", "ids": [ISOLATION, UPDATER][:1], **options})
    assert undone.get("changed"), undone.get("msg")
    rows = {row["ActionId"]: row for row in lived_in.tenant.state("portal.history_actions")}
    assert (rows[UPDATER]["ActionDecision"], rows[UPDATER]["Comment"]) == ("Approved", "by the form")
    assert (rows[ISOLATION]["ActionStatus"], rows[ISOLATION]["Comment"]) == ("Undone", "by the form")


def test_a_form_of_one_tenant_fits_another(lived_in, recorded, emulator, tmp_path):
    dest = tmp_path / "form.json"
    assert made(tmp_path, tmp_path / "reject.har", dest, ("decision", "reject"))[0] == 0
    other = emulator.tenant("lived_in")
    try:
        lived_in.tenant = other
        rejected = lived_in.perform(PENDING_ACTION, {"decision": "reject", "ids": [INVOICE], "form_file": str(dest)})
        assert rejected.get("changed"), rejected.get("msg")
        assert INVOICE not in {row["ActionId"] for row in other.state("portal.pending_actions")}
    finally:
        other.remove()


def test_made_again_nothing_changes(recorded, tmp_path):
    dest, source = tmp_path / "form.json", tmp_path / "approve.har"
    code, said = made(tmp_path, source, dest, ("decision", "approve"))
    assert code == 0 and "CHANGED" in said
    before = dest.read_text()
    code, said = made(tmp_path, source, dest, ("decision", "approve"))
    assert code == 0 and "SUCCESS" in said and dest.read_text() == before
    dest.chmod(0o644)
    code, said = made(tmp_path, source, dest, ("decision", "approve"))
    assert code == 0 and "CHANGED" in said and dest.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("content", "word"), [("{", "is no JSON"), ("{}", "is no HAR"), (b"\xff\xfe\x00", "it is no text"), (None, "No such file")], ids=str
)
def test_files_that_are_none(tmp_path, content, word):
    source = tmp_path / "x.har"
    if content is not None:
        source.write_bytes(content if isinstance(content, bytes) else content.encode())
    code, said = made(tmp_path, source, tmp_path / "form.json", ("decision", "approve"))
    assert code != 0 and word in said
    assert not (tmp_path / "form.json").exists()


def test_a_file_that_is_there_and_no_form_is_kept(recorded, tmp_path):
    dest = tmp_path / "form.json"
    dest.write_text("{[")
    code, said = made(tmp_path, tmp_path / "approve.har", dest, ("decision", "approve"))
    assert code != 0 and "no form" in said and dest.read_text() == "{["
