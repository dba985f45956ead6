# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""python -m emulator: start emulated tenants and say on one line of JSON where they are."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import signal
import sys
import tempfile
from pathlib import Path

from .front import Certificates, Door
from .journal import Journal
from .seed import SeedError
from .tenant import World

WATCH_SECONDS = 0.5


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m emulator", description="Emulated Microsoft 365 tenants.")
    parser.add_argument("--seed", action="append", default=[], metavar="NAME|FILE", help="what a tenant starts from; may be repeated")
    parser.add_argument("--tenants", type=int, metavar="N", help="how many, going round the seeds (default: one for each seed)")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=0, help="port to listen on; 0 is a free one")
    parser.add_argument("--tls", action="store_true", help="HTTPS, with a CA of its own")
    parser.add_argument(
        "--tls-dir", metavar="DIR", help="where the CA's certificate is written (default: a folder that is removed at the end)"
    )
    parser.add_argument("--control", action="store_true", help="offer the control interface under /_emulator/")
    parser.add_argument("--journal", metavar="FILE", help="append every exchange to this file, one line of JSON each")
    parser.add_argument("--latency", type=float, default=0.0, metavar="SECONDS", help="added to every answer")
    parser.add_argument("--certificate", metavar="PEM", help="public certificate of the identity named certificate, in every tenant")
    parser.add_argument("--parent", type=int, metavar="PID", help="end when this process is gone (default: the one that started this)")
    return parser.parse_args()


def make_world(options: argparse.Namespace) -> World:
    """The world that the command line asks for. Raises SeedError, OSError."""
    world = World(Journal(options.journal))
    world.latency = options.latency
    if options.certificate:
        world.certificates = [Path(options.certificate).read_text(encoding="utf-8")]
    seeds = options.seed or ["fresh_e5"]
    for place in range(options.tenants if options.tenants is not None else len(seeds)):
        world.add(seeds[place % len(seeds)])
    return world


async def watch(parent: int | None) -> None:
    """Return when the parent is gone."""
    first = os.getppid()
    while True:
        if parent is None:
            if os.getppid() != first:
                return
        else:
            try:
                os.kill(parent, 0)
            except ProcessLookupError:
                return
            except PermissionError:
                pass
        await asyncio.sleep(WATCH_SECONDS)


async def serve(options: argparse.Namespace, world: World, folder: Path | None) -> None:
    """Serve until a signal comes or the parent is gone."""
    certificates = Certificates(folder) if folder else None
    door = Door(world, options.host, options.port, certificates, options.control)
    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    host = f"[{options.host}]" if ":" in options.host else options.host
    url = f"{'https' if folder else 'http'}://{host}:{door.port}"
    ready = {
        "url": url,
        "ca_path": str(certificates.path) if certificates else None,
        "control": f"{url}/_emulator" if options.control else None,
        "pid": os.getpid(),
        "tenants": [tenant.described() for tenant in world.tenants.values()],
    }
    tasks = [asyncio.create_task(door.run()), asyncio.create_task(watch(options.parent)), asyncio.create_task(stopped.wait())]
    print(json.dumps(ready), flush=True)
    _done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await door.close()


def main() -> int:
    """Run the program; the exit code is 0, or 2 when it cannot start."""
    options = arguments()
    with contextlib.ExitStack() as stack:
        try:
            world = make_world(options)
            folder = None
            if options.tls_dir:
                folder = Path(options.tls_dir)
                folder.mkdir(parents=True, exist_ok=True)
            elif options.tls:
                folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="m365-emulator-")))
            stack.callback(world.journal.close)
            asyncio.run(serve(options, world, folder if options.tls else None))
        except (SeedError, OSError) as error:
            print(f"emulator: {error}", file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
