# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An emulated tenant with our side of the wire: wishes go in, results and the calls that the service saw come out."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._apply import Outcome, apply
from ansible_collections.m365.defender.plugins.module_utils._ledger import Ledger
from ansible_collections.m365.defender.plugins.module_utils._reader import Reader
from ansible_collections.m365.defender.plugins.module_utils._reading import read
from ansible_collections.m365.defender.plugins.module_utils._resource import Resource, Values
from ansible_collections.m365.defender.plugins.module_utils._rows import Rows
from ansible_collections.m365.defender.plugins.module_utils._task import Work, perform, work_of
from ansible_collections.m365.defender.plugins.module_utils._tenant import Tenant, tenant_options
from emulator.testing import EmulatedTenant
from tests.unit.contract.samples import whole

SENT_BESIDES = {"Identity", "Confirm"}  # parameters that carry no setting


@dataclass(frozen=True)
class Sent:
    """A write as the service saw it: the verb, the noun, and the settings that it carried. status: how it was answered, 0 for a reset."""

    verb: str
    noun: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    status: int = 200

    def __str__(self) -> str:
        return f"{self.verb}-{self.noun}"


class Bench:
    """What a test needs: `tenant` is the emulated one, `waits` every waiting that our side asked for, in seconds."""

    def __init__(self, tenant: EmulatedTenant, cache: str, certificate: str, *, customized: bool = False) -> None:
        """certificate: with which the writer signs in, because SharePoint takes no secret.

        customized: whether the organization's customization is switched on, as some kinds ask for.
        """
        self.tenant = tenant
        self.customized = customized
        self._customize()
        self.cache = cache
        self.certificate = certificate
        self.waits: list[float] = []

    def params(self, identity: str = "writer", **more: Any) -> Values:
        """Every connection option, as a face would hand it over. The writer has a certificate, unless another login is given."""
        if identity == "writer" and not {"client_id", "client_secret"} & set(more):
            identity, more = "certificate", {"client_certificate": self.certificate, **more}
        defaults = {name: spec.get("default") for name, spec in tenant_options().items()}
        session = {"portal_session": self.tenant.portal_session} if self.tenant.portal_session else {}
        return {**defaults, **self.tenant.connection(identity), **session, "token_cache": self.cache, **more}

    def ours(self, identity: str = "writer", **more: Any) -> Tenant:
        """A connection of ours that waits without sleeping."""
        return Tenant(self.params(identity, **more), wait=self.waits.append)

    def apply(self, resource: Resource, *wanted: Values, check: bool = False, tenant: Tenant | None = None) -> Outcome:
        """Makes wishes true."""
        ours = tenant or self.ours()
        return apply(ours, [(resource, list(wanted))], Ledger(ours, None, 200, None), check=check)

    def rows(self, resource: Resource) -> Rows:
        """What a connection that knows nothing reads."""
        return read(self.ours(), [resource])[resource.kind]

    def perform(
        self,
        value: Resource | Reader | Work,
        wanted: Values,
        *,
        check: bool = False,
        identity: str = "writer",
        wait: Callable[[float], None] | None = None,
        **more: Any,
    ) -> Values:
        """A whole task without a face. more: connection options."""
        work = work_of(value)
        blank = {name: spec.get("default") for name, spec in work.options.items()}
        params = {**self.params(identity, **more), **blank, **wanted}
        return perform(work, params, check=check, diff=True, wait=wait or self.waits.append)

    def sent(self) -> list[Sent]:
        """Every write that the service has seen since the journal was cleared, oldest first."""
        result: list[Sent] = []
        groups: dict[Any, Mapping[str, Any]] = {}
        for entry in self.tenant.journal():
            part = feature_of(entry["url"])
            if part:
                if entry["method"] == "GET" and entry["status"] == 200:
                    groups[part] = entry["response_body"] if part != "intune" else {INTUNE: entry["response_body"] == 1}
                elif entry["method"] != "GET":
                    result = _joined(result, Sent("Set", FEATURES, _feature(groups.get(part, {}), entry), entry["status"]))
                continue
            if "/machine_groups" in entry["url"]:
                if entry["method"] == "PUT":
                    result += _compared(groups, entry["body"], entry["status"])
                answer = entry["response_body"]
                if isinstance(answer, Mapping) and entry["status"] == 200:
                    groups = {one["MachineGroupId"]: one for one in answer["items"]}
                continue
            if "/ProcessQuery" in entry["url"]:
                result += _set_properties(str(entry["body"]), entry["status"])
            for command in _commands(entry):
                verb, dummy, noun = command["CmdletName"].partition("-")
                if verb in ("Get", "Test"):
                    continue
                given = {name: value for name, value in command["Parameters"].items() if not name.endswith("@odata.type")}
                result.append(Sent(verb, noun, {k: v for k, v in given.items() if k not in SENT_BESIDES}, entry["status"]))
        return result

    def change(self, resource: Resource) -> Values:
        """An object in full that is not yet so."""
        for turn in (0, 1):
            wanted = whole(resource, turn)
            if self.apply(resource, wanted, check=True).plans[resource.kind].operations:
                self.clear()
                return wanted
        raise AssertionError(f"there is nothing to change in {resource.kind}")

    def reset(self) -> None:
        """The tenant as it was in the beginning."""
        self.tenant.reset()
        self._customize()
        self.clear()

    def _customize(self) -> None:
        if self.customized:
            self.tenant.cmdlet("Enable-OrganizationCustomization")

    def clear(self) -> None:
        """Forget what was seen and waited for so far."""
        self.tenant.clear_journal()
        self.waits.clear()


def _commands(entry: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    body = entry["body"]
    if not isinstance(body, Mapping):
        return []
    bodies = [item.get("body") for item in body["requests"]] if isinstance(body.get("requests"), list) else [body]
    return [one["CmdletInput"] for one in bodies if isinstance(one, Mapping) and "CmdletInput" in one]


def _set_properties(body: str, status: int) -> list[Sent]:
    """What a request to SharePoint's admin site changes."""
    found = re.findall(r'<SetProperty [^>]*Name="([^"]*)"[^>]*><Parameter Type="Boolean">([^<]*)<', body)
    return [Sent("Set", "SPOTenant", {name: value == "true" for name, value in found}, status)] if found else []


FEATURES, INTUNE = "endpoint_features", "IntuneConnection"
PLACES = {"AdvancedFeaturesSetting": "advanced", "liveResponseApi/": "live", "onboarding/intune/": "intune"}


def feature_of(url: str) -> str:
    """Which part of the features of Defender for Endpoint an address is about, if any."""
    return next((part for word, part in PLACES.items() if word in url), "")


def _feature(before: Mapping[str, Any], entry: Mapping[str, Any]) -> Mapping[str, Any]:
    """What one writing of features changed."""
    if "/intune/" in entry["url"]:
        return {INTUNE: entry["url"].endswith("/provision")}
    after = entry["body"].get("properties", entry["body"])
    assert set(after) == set(before), "the whole is written, and nothing else"
    return {name: value for name, value in after.items() if value != before[name]}


def _joined(sent: Sequence[Sent], last: Sent) -> list[Sent]:
    """Writes to several places that follow each other are one change."""
    if sent and (sent[-1].noun, sent[-1].status) == (last.noun, last.status):
        return [*sent[:-1], Sent(last.verb, last.noun, {**sent[-1].settings, **last.settings}, last.status)]
    return [*sent, last]


def _compared(before: Mapping[Any, Mapping[str, Any]], after: Sequence[Mapping[str, Any]], status: int) -> list[Sent]:
    """What one writing of the whole list changed, as if it had been single calls."""
    result = [Sent("Remove", "machine_groups", {}, status) for key in before if key not in {one["MachineGroupId"] for one in after}]
    moved = False
    for one in after:
        was = before.get(one["MachineGroupId"])
        if was is None:
            result.append(Sent("New", "machine_groups", dict(one), status))
            continue
        changed = {name: value for name, value in one.items() if _plain(value) != _plain(was.get(name)) and name != "LastUpdated"}
        moved = changed.pop("Priority", None) is not None or moved
        if changed:
            result.append(Sent("Set", "machine_groups", changed, status))
    return result or ([Sent("Order", "machine_groups", {}, status)] if moved else [])


def _plain(value: Any) -> str:
    return json.dumps([] if value is None else value, sort_keys=True)
