# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The demonstration ends what it has started when somebody loses patience."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from tools.workspace import ROOT


def processes_of(group):
    """The processes of a process group that still run, by what is told of them under /proc; None where there is no such place."""
    if not os.path.isdir("/proc/self"):
        return None
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
                state, dummy, its_group = file.read().rpartition(") ")[2].split()[:3]
        except (OSError, ValueError):
            continue
        if int(its_group) == group and state != "Z":
            found.append(pid)
    return found


@pytest.mark.parametrize(("number", "everybody"), [(signal.SIGINT, True), (signal.SIGTERM, False)], ids=["Ctrl-C", "told to end"])
def test_it_ends_what_it_started(number, everybody, tmp_path):
    """A terminal sends Ctrl-C to everything in the foreground at once; another program tells only the one that it knows."""
    command = [sys.executable, str(ROOT / "tools" / "demo.py"), "--folder", str(tmp_path / "demo")]
    demo = subprocess.Popen(
        command,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        env={**os.environ, "HOME": str(tmp_path)},
    )
    watch = threading.Timer(120, demo.kill)
    watch.start()
    try:
        printed = ""
        for line in demo.stdout:
            printed += line
            if "TASK [" in line:  # the emulated tenants and ansible-playbook both run
                break
        assert "TASK [" in printed, printed
        if everybody:
            os.killpg(demo.pid, number)
        else:
            os.kill(demo.pid, number)
        printed += demo.stdout.read()
        assert demo.wait() == 130, printed
    finally:
        watch.cancel()
        if demo.poll() is None:
            demo.kill()
        demo.stdout.close()
    assert "Interrupted; the emulated tenants are gone." in printed
    assert "Traceback" not in printed
    for dummy in range(50):
        left = processes_of(demo.pid)
        if not left:
            break
        time.sleep(0.1)
    assert not left
