# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real clients from PyPI sign in to the emulated tenant and read from it, so that not only our own code believes in it.

They run in an environment of their own (requirements.txt beside this file), made by tools/clients.py; most of them unmodified, through the
emulator's front as a proxy.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from emulator.testing import Emulator, app_certificate
from tools.clients import PYTHON, made

READ = Path(__file__).with_name("read.py")


@pytest.fixture(scope="session")
def found(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What each client read."""
    made()
    folder = tmp_path_factory.mktemp("clients")
    tenant = emulator.tenant("sign_ins", certificate=app_certificate(folder / "app.pem"))
    identities = tenant.identities
    told = {
        "url": emulator.url,
        "control": emulator.control_url,
        "ca_path": emulator.ca_path,
        "tenant_id": tenant.tenant_id,
        "writer": identities["writer"],
        "partner": identities["partner"],
        "person": identities["person"],
        "certificate": {"client_id": identities["certificate"]["client_id"], "path": str(folder / "app.pem")},
        "federated": {"client_id": identities["federated"]["client_id"], "token": emulator.outside_token()},
        "app_service": emulator.machine(tenant)["app_service"],
        "proxy": {"HTTPS_PROXY": emulator.url.replace("https://", "http://"), "NO_PROXY": "127.0.0.1"},
    }
    own = {name: value for name, value in os.environ.items() if not name.upper().endswith("_PROXY")}
    done = subprocess.run(
        [str(PYTHON), str(READ)],
        input=json.dumps(told),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**own, "SSL_CERT_FILE": str(emulator.ca_path), "REQUESTS_CA_BUNDLE": str(emulator.ca_path)},
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return dict(json.loads(done.stdout))


@pytest.mark.parametrize(
    "way",
    [
        "by_authority_url",
        "by_oidc_authority",
        "by_authority_url_of_azure_identity",
        "by_secret_of_msal",
        "by_refresh_token",
        "by_device_code_of_msal",
        "by_device_code_of_azure_identity",
        "by_secret",
        "by_certificate",
        "by_federated_token",
        "by_managed_identity",
        "by_graph_sdk",
    ],
)
def test_a_client_signs_in_and_reads(found: dict[str, Any], way: str) -> None:
    assert found[way] == ["SPE_E5"], found["versions"]


def test_a_wrong_secret_is_told_as_the_library_tells_it(found: dict[str, Any]) -> None:
    assert "AADSTS7000215" in found["wrong_secret"]
