# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a provider keeps its secrets: the examples of the guide, with Ansible Vault really run and the others checked for their form."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from jinja2 import Environment

from tests.integration.playing import SECRET, of, play, task
from tools.workspace import ROOT, environment

BIN = Path(sys.executable).parent
GUIDE = (ROOT / "docs" / "docsite" / "rst" / "providers.rst").read_text(encoding="utf-8")
EXAMPLES = [
    re.sub(r"^   ", "", block, flags=re.MULTILINE)
    for block in re.findall(r"\.\. code-block:: yaml\+jinja\n\n((?:   .*\n|\n)+)", GUIDE)
    if re.search(r"lookup\('(?:community|azure)", block)
]


def encrypted(folder, name, secret):
    """A variable as ansible-vault writes it, and the file with the password."""
    password = folder / "vault-password"
    password.write_text("not-a-real-password-of-the-vault-000000000000")
    done = subprocess.run(
        [str(BIN / "ansible-vault"), "encrypt_string", "--vault-password-file", str(password), "--stdin-name", name],
        input=secret,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stdout, password


def without_login(tenant):
    left_out = ("m365_client_id", "m365_client_secret", "m365_portal_session")
    return {name: value for name, value in of(tenant).items() if name not in left_out}


def test_one_vaulted_secret_for_all_customers_and_another_for_one(ground, new_tenant):
    first, second, third = new_tenant(), new_tenant(), new_tenant()
    writer, reader = first.identities["writer"], first.identities["reader"]
    text, password = encrypted(ground.home, "m365_client_secret", writer["client_secret"])
    own, dummy = encrypted(ground.home, "m365_client_secret", reader["client_secret"])
    assert SECRET.search(text) is None
    (ground.home / "group_vars").mkdir()
    (ground.home / "group_vars" / "all.yml").write_text(f"m365_client_id: {writer['client_id']}\n{text}")
    (ground.home / "host_vars").mkdir()
    (ground.home / "host_vars" / "third.yml").write_text(f"m365_client_id: {reader['client_id']}\n{own}")
    hosts = {name: without_login(tenant) for name, tenant in (("first", first), ("second", second), ("third", third))}

    run = ground.run([play(task("Read", "license_info"))], hosts, "--vault-password-file", str(password), "-vvvvv")
    assert run.code == 0, run.output
    identities = {one.host: one.result["tenant"]["identity"] for one in run.tasks if "license_info" in one.action}
    assert identities == {"first": writer["client_id"], "second": writer["client_id"], "third": reader["client_id"]}
    assert not SECRET.search(run.output.replace(password.read_text(), ""))


def test_the_inventory_s_own_secret_can_be_vaulted(ground, new_tenant):
    app = {"client_id": "aaaaaaaa-0000-4000-8000-000000000001", "client_secret": "not-a-real-secret-of-the-inventory-0000000"}
    partner = new_tenant(identities={"inventory": {**app, "app_permissions": {"graph": ["Directory.Read.All"]}}})
    partner.put_state("contracts", [{"id": "1", "customerId": "00000000-0000-4000-8000-000000000001", "displayName": "Adatum"}])
    text, password = encrypted(ground.home, "client_secret", app["client_secret"])
    reached = {name: value for name, value in partner.connection("inventory").items() if name != "client_secret"}
    path = ground.home / "customers.partner_tenants.yml"
    path.write_text(yaml.safe_dump({"plugin": "m365.defender.partner_tenants", "sources": ["contracts"], **reached}) + text)
    done = subprocess.run(
        [str(BIN / "ansible-inventory"), "-i", str(path), "--list", "--vault-password-file", str(password)],
        env={**environment(), "HOME": str(ground.home), "ANSIBLE_HOME": str(ground.home / "ansible"), "PATH": str(BIN)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert '"adatum"' in done.stdout, done.stderr
    assert not SECRET.search(done.stdout + done.stderr)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda text: re.search(r"lookup\('([\w.]+)'", text)[1])
def test_the_examples_with_lookups_have_the_right_form(example, ground):
    """The collections of these lookups are not installed here, so the form is all that can be checked."""
    variables = yaml.safe_load(example)
    assert set(variables) == {"m365_client_id", "m365_client_secret"}
    Environment(autoescape=True).parse(variables["m365_client_secret"])
    (ground.home / "group_vars").mkdir()
    (ground.home / "group_vars" / "all.yml").write_text(example)
    run = ground.run("m365.defender.audit", {"adatum": {"m365_tenant_id": "adatum.onmicrosoft.com"}}, "--syntax-check")
    assert run.code == 0, run.output


def test_there_are_examples_with_lookups():
    assert len(EXAMPLES) == 2
