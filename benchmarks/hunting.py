# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A hunting query that finds as many rows as the service gives at most: how long, how much memory. A line for each run.

    python benchmarks/hunting.py [rows]

Runs against the emulated tenant on this machine. Each run is a process of its own, in which the task is done and its result is written out
as JSON, as a module does. `megabytes` is the most memory that the process held at once; the limit is 300.
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

LIMIT = 300
RUNS: dict[str, dict[str, Any]] = {
    "counted by the service": {"query": "DeviceProcessEvents | count"},
    "a thousand shown": {"query": "DeviceProcessEvents", "most": 1000},
    "all shown": {"query": "DeviceProcessEvents", "most": 100_000},
}


def events(count: int) -> list[dict[str, Any]]:
    """Rows as DeviceProcessEvents has them: twelve columns, some of them long, few of them alike."""
    return [
        {
            "Timestamp": "{ago:1d}",
            "DeviceId": f"{number % 5000:040x}",
            "DeviceName": f"laptop-{number % 5000:05}.corp.contoso.com",
            "ActionType": "ProcessCreated",
            "FileName": f"program{number % 300}.exe",
            "FolderPath": rf"C:\Program Files\Contoso\Program {number % 300}\program{number % 300}.exe",
            "SHA256": f"{number:064x}",
            "ProcessId": number,
            "ProcessCommandLine": f'"program{number % 300}.exe" --task {number} --verbose --output C:\\Temp\\{number}.log',
            "AccountUpn": f"user{number % 2000}@contoso.com",
            "InitiatingProcessFileName": "explorer.exe",
            "AdditionalFields": json.dumps({"Rule": number % 7, "Detail": f"detail {number}"}),
        }
        for number in range(count)
    ]


def measured(connection: dict[str, Any], wanted: dict[str, Any]) -> dict[str, Any]:
    """One task in a process of its own, as a module runs."""
    done = subprocess.run(
        [sys.executable, __file__, "--task"], input=json.dumps([connection, wanted]), capture_output=True, text=True, check=True
    )
    return dict(json.loads(done.stdout))


def task() -> None:
    """What that process does: validates the options, works, writes the result out, says what it took."""
    connection, wanted = json.load(sys.stdin)
    from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

    from ansible_collections.m365.defender.plugins.module_utils._task import perform, work_of
    from ansible_collections.m365.defender.plugins.module_utils.readers.hunting_query_info import HUNTING_QUERY_INFO

    work = work_of(HUNTING_QUERY_INFO)
    spec = work.spec(lambda *names: None)
    plain = {name: {word: value for word, value in one.items() if word != "fallback"} for name, one in spec.items()}
    params = ArgumentSpecValidator(plain).validate({**connection, **wanted}).validated_parameters
    started = time.perf_counter()
    result = perform(work, params, check=False, diff=False)
    worked = time.perf_counter()
    with open("/dev/null", "w", encoding="utf-8") as nowhere:
        nowhere.write(json.dumps(result))
    shown = {
        "rows": result.get("count", 0),
        "found": result.get("found", 0),
        "failed": result.get("failed", False),
        "requests": result["tenant"]["requests"],
        "seconds": round(worked - started, 2),
        "megabytes": peak(),
    }
    print(json.dumps({**shown, **({"msg": result["msg"]} if result.get("failed") else {})}))


def main(count: int) -> int:
    """Hunts for few rows and for all; 1 when a run took more memory than it may."""
    worst = 0
    with tempfile.TemporaryDirectory() as folder:
        seed = Path(folder) / "events.json"
        seed.write_text(json.dumps({"based_on": "fresh_e5", "objects": {"hunting.DeviceProcessEvents": events(count)}}))
        with Emulator.start(seeds=[str(seed)], patience=300) as emulator:
            connection = {**emulator.tenants[0].connection(), "token_cache": f"{folder}/tokens", "timeout": 300}
            for name, wanted in RUNS.items():
                shown = measured(connection, wanted)
                worst = max(worst, shown["megabytes"])
                print(json.dumps({"run": name, **shown}), flush=True)
    print(json.dumps({"most_megabytes": worst, "limit": LIMIT}))
    return int(worst > LIMIT)


if __name__ == "__main__":
    if "--task" in sys.argv:
        task()
    else:
        sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000))
