# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a certificate costs at each sign-in, beside a client secret. A line for each form and size of the key.

    python benchmarks/certificates.py [sign-ins]

Runs against the emulated tenant on this machine. `milliseconds` are this process's own for a sign-in and one request; `ratio` holds them
against the client secret's.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "build" / "collections")]

from emulator.testing import EmulatedTenant, Emulator, app_certificate  # noqa: E402  # the path is set above

SIZES = (2048, 4096)


def milliseconds(connection: dict[str, Any], folder: Path, count: int) -> float:
    """What a sign-in and the reading of the licences cost on average; each signs in anew."""
    from ansible_collections.m365.defender.plugins.module_utils._task import perform, work_of
    from ansible_collections.m365.defender.plugins.module_utils._tenant import tenant_options
    from ansible_collections.m365.defender.plugins.module_utils.readers.license_info import LICENSE_INFO

    work = work_of(LICENSE_INFO)
    blank = {name: spec.get("default") for name, spec in {**work.options, **tenant_options()}.items()}
    spent = 0.0
    for number in range(count + 1):
        started = time.process_time()
        result = perform(work, {**blank, **connection, "token_cache": str(folder / str(number))}, check=False, diff=False)
        # The first one imports what the others use too.
        spent += time.process_time() - started if number else 0.0
        if result.get("failed"):
            raise SystemExit(result["msg"])
    return spent / count * 1000


def forms(tenant: EmulatedTenant, folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """What to sign in with, and the connection options for it; the tenant knows one certificate at a time."""
    yield "client secret", tenant.connection()
    for size in SIZES:
        pem, pfx = folder / f"{size}.pem", folder / f"{size}.pfx"
        tenant.trust(app_certificate(pem, size))
        key: Any = serialization.load_pem_private_key(pem.read_bytes(), None)
        certificate = x509.load_pem_x509_certificate(pem.read_bytes())
        pfx.write_bytes(pkcs12.serialize_key_and_certificates(b"app", key, certificate, None, serialization.NoEncryption()))
        for path in (pem, pfx):
            yield f"{path.suffix[1:].upper()}, {size} bits", {**tenant.connection("certificate"), "client_certificate": str(path)}


def main(count: int) -> int:
    """Signs in with each."""
    with tempfile.TemporaryDirectory() as name, Emulator.start() as emulator:
        folder, tenant = Path(name), emulator.tenant("fresh_e5")
        usual = 0.0
        for form, connection in forms(tenant, folder):
            cost = milliseconds(connection, folder / form.replace(" ", ""), count)
            usual = usual or cost
            print(json.dumps({"sign_in": form, "milliseconds": round(cost, 1), "ratio": round(cost / usual, 1)}), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 20))
