# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A tenant with 50,000 devices: how much memory a task takes, how many requests, how long. A line for each run.

    python benchmarks/devices.py [devices]

Runs against the emulated tenant on this machine. Rows have all the members of published answers, so that pages are as large as real ones.
"""

from __future__ import annotations

import importlib
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

from emulator.seed import load_seed  # noqa: E402  # the path is set above
from emulator.testing import Emulator  # noqa: E402  # the path is set above

LIMIT = 300  # megabytes that no run may exceed
SYSTEMS = (("Windows11", "24H2", 26100), ("Windows10", "22H2", 19045), ("WindowsServer2022", "21H2", 20348), ("Windows10", "1703", 15063))
READERS = "ansible_collections.m365.defender.plugins.module_utils.readers"


def rows(count: int) -> dict[str, list[dict[str, Any]]]:
    """Devices and their antivirus states; about one in nine is not ready."""
    seed = {noun: json.loads(text)[0] for noun, text in load_seed("fresh_e5").objects.items() if noun in ("machines", "deviceavinfo")}
    machines, antivirus = [], []
    for number in range(count):
        system, version, build = SYSTEMS[3 if number % 10 == 9 else number % 3]
        name = {"id": f"{number:040x}", "computerDnsName": f"device-{number:05}.corp.contoso.com"}
        machines.append(
            {
                **seed["machines"],
                **name,
                "osPlatform": system,
                "version": version,
                "osBuild": build,
                "lastSeen": f"{{ago:{number % 40}d}}",
                "lastIpAddress": f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}",
                "aadDeviceId": f"aaaaaaaa-0000-4000-8000-{number:012}",
                "healthStatus": "Inactive" if number % 7 == 0 else "Active",
                "machineTags": [f"site-{number % 40}"],
            }
        )
        antivirus.append(
            {**seed["deviceavinfo"], **name, "machineId": name["id"], "osPlatform": system, "osVersion": f"10.0.{build}.{number % 5000}"}
        )
    return {"machines": machines, "deviceavinfo": antivirus}


def measured(connection: dict[str, Any], kind: str, options: dict[str, Any]) -> dict[str, Any]:
    """One task in a process of its own, as a module runs."""
    done = subprocess.run(
        [sys.executable, __file__, "--task"], input=json.dumps([connection, kind, options]), capture_output=True, text=True, check=True
    )
    return dict(json.loads(done.stdout))


def task() -> None:
    """What that process does: validates the options, works, makes its result a text as a module does, says what it took."""
    connection, kind, options = json.load(sys.stdin)
    started = time.perf_counter()
    from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

    from ansible_collections.m365.defender.plugins.module_utils._task import perform, work_of

    work = work_of(getattr(importlib.import_module(f"{READERS}.{kind}"), kind.upper()))
    spec = work.spec(lambda *names: None)
    plain = {name: {word: value for word, value in one.items() if word != "fallback"} for name, one in spec.items()}
    params = ArgumentSpecValidator(plain).validate({**connection, **options}).validated_parameters
    result = perform(work, params, check=False, diff=False)
    size = len(json.dumps(result))
    print(
        json.dumps(
            {
                "failed": result.get("failed", False),
                **({"msg": result["msg"]} if result.get("failed") else {}),
                "requests": result["tenant"]["requests"],
                "seconds": round(time.perf_counter() - started, 2),
                "megabytes": peak(),
                "kilobytes_of_result": size // 1024,
                **{name: result["summary"][name] for name in ("total", "counted", "percent") if name in result.get("summary", {})},
            }
        )
    )


def main(count: int) -> int:
    """The summary alone, every device, some of them by the service's filter, and a hunting query over all."""
    runs: dict[str, tuple[str, dict[str, Any]]] = {
        "summary": ("device_info", {"list_devices": False}),
        "every device": ("device_info", {}),
        "one system": ("device_info", {"systems": ["WindowsServer2022"], "list_devices": False}),
        "seen lately": ("device_info", {"seen_only": True, "list_devices": False}),
    }
    if (ROOT / "plugins/module_utils/readers/hunting_query_info.py").exists():
        runs["hunting"] = ("hunting_query_info", {"query": "DeviceInfo", "most": 100_000})
    most = 0
    with Emulator.start() as emulator, tempfile.TemporaryDirectory() as folder:
        tenant = emulator.tenant("fresh_e5", objects=rows(count))
        connection = {**tenant.connection(), "token_cache": f"{folder}/tokens"}
        for name, (kind, options) in runs.items():
            found = measured(connection, kind, options)
            most = max(most, found["megabytes"])
            print(json.dumps({"run": name, "devices": count, **found}), flush=True)
    print(f"{most} MB at most, {LIMIT} are allowed")
    return int(most > LIMIT)


if __name__ == "__main__":
    if "--task" in sys.argv:
        task()
    else:
        sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 50_000))
