# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Emulated tenants as the role email_protection leaves them, in the form in which other products' checks are held against them.

What the role would write is decided by the role's own function, and written by the collection's own engine.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import trustme
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar

from ansible_collections.m365.defender.plugins.module_utils._bulk import CONFIGURATION, CONFIGURATION_INFO
from ansible_collections.m365.defender.plugins.module_utils._description import Description
from ansible_collections.m365.defender.plugins.module_utils._export import export
from ansible_collections.m365.defender.plugins.module_utils._reader import Reader
from ansible_collections.m365.defender.plugins.module_utils._reading import read
from ansible_collections.m365.defender.plugins.module_utils._registry import RESOURCES
from ansible_collections.m365.defender.plugins.module_utils._resource import Resource, Values, snake
from ansible_collections.m365.defender.plugins.module_utils._task import Work, perform, work_of
from ansible_collections.m365.defender.plugins.module_utils._tenant import Tenant as Connection
from ansible_collections.m365.defender.plugins.module_utils._tenant import tenant_options
from ansible_collections.m365.defender.plugins.module_utils.readers.effective_protection_info import EFFECTIVE_PROTECTION_INFO
from ansible_collections.m365.defender.plugins.plugin_utils._found import Found
from ansible_collections.m365.defender.plugins.plugin_utils._protection import protection
from ansible_collections.m365.defender.plugins.plugin_utils._wishes import Wishes
from emulator.testing import EmulatedTenant, Emulator
from tests.unit.peers.evaluate import Tenant

ROLE = Path(__file__).parents[3] / "roles" / "email_protection"
RECIPIENTS = ("security@contoso.com",)
PLAN = "e5"  # what the emulated tenant's licence brings


@dataclass(frozen=True)
class State:
    """A tenant after one run. title: what its column is called. text: what was asked for. wishes: of the role, by variable.

    presets: which presets somebody had switched on in the portal before the run. overlays, sharepoint: what else the role was asked for.
    """

    title: str
    text: str
    wishes: Mapping[str, Any] | None = None
    presets: tuple[str, ...] = ()
    overlays: tuple[str, ...] = ()
    sharepoint: bool = False


FULL = {"target": "strict", "include_default": True, "include_outbound": True, "clear_allow_lists": True}
STATES: dict[str, State] = {
    "untouched": State("Untouched", "a new tenant with Microsoft 365 E5, in which nobody has configured anything"),
    "standard": State("Standard", "``email_protection_target: standard``, nothing else", {"target": "standard"}),
    "strict": State("Strict", "``email_protection_target: strict``, nothing else", {"target": "strict"}),
    "default": State(
        "Strict and more",
        "Strict with ``email_protection_overlays: [cis, cisa]``, somebody in ``email_protection_overlay_recipients``, and "
        "``email_protection_include_default: true``",
        {"target": "strict", "include_default": True},
        overlays=("cis", "cisa"),
    ),
    "full": State(
        "All",
        "the same with ``email_protection_include_outbound``, ``email_protection_include_sharepoint`` and "
        "``email_protection_clear_allow_lists``",
        FULL,
        overlays=("cis", "cisa"),
        sharepoint=True,
    ),
    "presets": State(
        "All, by presets",
        "the same in a tenant in which both presets have been switched on in the portal, with ``email_protection_mechanism: preset``",
        {**FULL, "mechanism": "preset"},
        presets=("Standard", "Strict"),
        overlays=("cis", "cisa"),
        sharepoint=True,
    ),
}


def overlays(names: Sequence[str], recipients: Sequence[str] = RECIPIENTS) -> list[Values]:
    """Overlays as the role hands them on, its variables filled in. Raises KeyError for a name that there is none of."""
    path = str(next((ROLE / "vars").rglob("overlays.yml")))
    loader = DataLoader()
    try:
        found = loader.load_from_file(path, trusted_as_template=True)
    except TypeError:  # ansible-core 2.18 trusts what it loads
        found = loader.load_from_file(path)
    templar = Templar(loader, variables={**found, "email_protection__given": {"overlay_recipients": list(recipients)}})
    filled = json.loads(json.dumps(templar.template(found["email_protection__overlays"])))
    return [filled[name] for name in names]


# What can be read without a session of the portal.
READ = {kind: one for kind, one in RESOURCES.items() if one.service != "portal"}
SHAREPOINT = "sharepoint_tenant"


class Operator:
    """Our side of the wire: an app with a secret, and for SharePoint, which takes none, an app with a certificate."""

    def __init__(self, tenant: EmulatedTenant, folder: Path) -> None:
        """folder: for tokens and the certificate; of this tenant alone."""
        self.tenant = tenant
        self.domains = sorted(str(row["DomainName"]) for row in tenant.state("AcceptedDomain"))
        self._cache = folder / "tokens"
        self._cache.mkdir(mode=0o700)
        self._certificate = folder / "certificate.pem"
        issued = trustme.CA().issue_cert("app.contoso.com", key_type=trustme.KeyType.RSA)
        issued.private_key_and_cert_chain_pem.write_to_path(str(self._certificate))
        path = f"tenants/{tenant.name}/certificate"
        tenant.emulator.control("PUT", path, {"certificate": issued.cert_chain_pems[0].bytes().decode()})

    def perform(self, value: Description | Reader | Work, wanted: Values, *, certificate: bool = False) -> Values:
        """A whole task. Raises RuntimeError when it failed."""
        work = work_of(value)
        blank = {name: spec.get("default") for name, spec in work.options.items()}
        params = {**self._connection(certificate), **blank, **wanted}
        result = perform(work, params, check=False, diff=False, wait=lambda seconds: None)
        if result.get("failed"):
            raise RuntimeError(f"{work.kind}: {result['msg']}")
        return result

    def seen(self) -> Tenant:
        """Everything that can be read, read anew: each object as it is exported, with the service's other properties beside it."""
        objects: dict[str, list[Values]] = {}
        for certificate in (False, True):
            asked = [one for kind, one in READ.items() if (kind == SHAREPOINT) is certificate]
            if not asked:
                continue
            ours = Connection(self._connection(certificate), wait=lambda seconds: None)
            try:
                found = read(ours, asked)
            finally:
                ours.close()
            for kind, rows in found.items():
                objects[kind] = export(READ[kind], rows, built_in=True)
                if isinstance(resource := READ[kind], Resource):
                    raw = [{snake(name): value for name, value in row.items()} for row in rows[resource.parts[0].noun]]
                    objects[kind] = [{**row, **one} for row, one in zip(raw, objects[kind], strict=True)]
        return Tenant(objects, self.domains)

    def _connection(self, certificate: bool) -> Values:
        options: Values = {name: spec.get("default") for name, spec in tenant_options().items()}
        options |= {**self.tenant.connection("writer"), "token_cache": str(self._cache)}
        if certificate:
            client = self.tenant.identities["certificate"]["client_id"]
            options |= {"client_id": client, "client_secret": None, "client_certificate": str(self._certificate)}
        return options


def tenant_in(state: State, emulator: Emulator, folder: Path) -> tuple[Tenant, Found | None]:
    """What a new emulated tenant has after the run, and what the run decided. folder: empty, for what belongs to the run."""
    emulated = emulator.tenant("fresh_e5")
    try:
        for preset in state.presets:
            emulated.turn_on(preset)
        operator = Operator(emulated, folder)
        decided = None if state.wishes is None else _run(operator, state, state.wishes)
        return operator.seen(), decided
    finally:
        emulated.remove()


def _run(operator: Operator, state: State, chosen: Mapping[str, Any]) -> Found:
    """One run of the role: read, see who is protected by what, decide, write, and then what purges after delivery."""
    target = chosen["target"]
    kinds = [kind for kind in READ if kind != SHAREPOINT]
    info = operator.perform(CONFIGURATION_INFO, {"kinds": kinds, "built_in": True})
    shown = operator.perform(EFFECTIVE_PROTECTION_INFO, {"domains": operator.domains, "target": target, "plan": PLAN})
    effective = {target: shown["effective_protection"]["subjects"]}
    wishes = Wishes(plan=PLAN, domains=operator.domains, overlays=overlays(state.overlays), **chosen)
    decided = protection(info["configuration"], wishes, effective)
    for config in (decided.config, decided.purge):
        if config:
            operator.perform(CONFIGURATION, {"config": config})
    if SHAREPOINT in READ and state.sharepoint:
        operator.perform(READ[SHAREPOINT], {"disallow_infected_file_download": True}, certificate=True)
    return decided
