# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ten thousand entries of the Tenant Allow/Block List in one task: how long, how many requests, how much memory. A line for each run.

    python benchmarks/allow_block_list.py [entries]

Runs against the emulated tenant on this machine, whose answers take no time; the real service takes seconds for each write.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from memory import peak

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "build" / "collections")]

from emulator.testing import Emulator  # noqa: E402  # the path is set above

ENDS: tuple[dict[str, Any], ...] = ({"expires": "never"}, {"expires": "2031-01-31T12:00:00Z"}, {"expires": "2032-02-29T08:30:00Z"})


def wish(count: int) -> dict[str, Any]:
    """A list of blocked senders: three ends, two notes."""
    entries = [{"entry": f"bad{number:05}.example", "notes": f"INC-{number % 2}", **ENDS[number % 3]} for number in range(count)]
    return {"list_type": "Sender", "list_sub_type": "Tenant", "action": "block", "entries": entries}


def measured(connection: dict[str, Any], wanted: dict[str, Any]) -> dict[str, Any]:
    """One task in a process of its own, as a module runs."""
    done = subprocess.run(
        [sys.executable, __file__, "--task"], input=json.dumps([connection, wanted]), capture_output=True, text=True, check=True
    )
    return dict(json.loads(done.stdout))


def task() -> None:
    """What that process does: validates the options, works, says what it took."""
    connection, wanted = json.load(sys.stdin)
    started = time.perf_counter()
    from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

    from ansible_collections.m365.defender.plugins.module_utils._registry import RESOURCES
    from ansible_collections.m365.defender.plugins.module_utils._task import perform, work_of

    work = work_of(RESOURCES["tenant_allow_block_list"])
    spec = work.spec(lambda *names: None)
    plain = {name: {word: value for word, value in one.items() if word != "fallback"} for name, one in spec.items()}
    validated = ArgumentSpecValidator(plain).validate({**connection, **wanted, "max_writes_per_tenant": 1000})
    checked = time.perf_counter()
    result = perform(work, validated.validated_parameters, check=False, diff=True)
    ended = time.perf_counter()
    shown = {
        "changed": result["changed"],
        "failed": result.get("failed", False),
        "writes": len(result["operations"]),
        "requests": result["tenant"]["requests"],
        "seconds": round(ended - started, 2),
        "seconds_of_validation": round(checked - started, 2),
        "megabytes": peak(),
        "entries_in_diff": sum(len(hunk["after"]["entries"]) + len(hunk["before"]["entries"]) for hunk in result["diff"]),
    }
    print(json.dumps({**shown, **({"msg": result["msg"]} if result.get("failed") else {})}))


def main(count: int) -> None:
    """Fills the list, looks again, changes one entry, turns it round."""
    with Emulator.start() as emulator, tempfile.TemporaryDirectory() as folder:
        tenant = emulator.tenant("fresh_e5")
        connection = {**tenant.connection(), "token_cache": f"{folder}/tokens"}
        full = wish(count)
        one = {**full, "entries": [{**full["entries"][0], "notes": "another"}]}
        runs = {"add": full, "again": full, "change one": one, "exclusive, none": {**full, "entries": [], "exclusive": True}}
        for name, wanted in runs.items():
            print(json.dumps({"run": name, "entries": len(wanted["entries"]), **measured(connection, wanted)}), flush=True)


if __name__ == "__main__":
    if "--task" in sys.argv:
        task()
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
