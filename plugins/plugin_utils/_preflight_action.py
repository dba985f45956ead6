# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Refuses what is wrong with a run before anything is sent. Private to the collection."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from ansible.plugins.action import ActionBase

from ansible_collections.m365.defender.plugins.module_utils._readiness.attestable import attestations_from
from ansible_collections.m365.defender.plugins.module_utils._registry import RESOURCES
from ansible_collections.m365.defender.plugins.module_utils._task import faults_in
from ansible_collections.m365.defender.plugins.module_utils._validating import Validator
from ansible_collections.m365.defender.plugins.plugin_utils._attestation_action import SPEC, refusal
from ansible_collections.m365.defender.plugins.plugin_utils._names import of_playbooks, of_role
from ansible_collections.m365.defender.plugins.plugin_utils._plain import plain, words
from ansible_collections.m365.defender.plugins.plugin_utils._role_variables import spec_of, variables_of

WORDS = {"type": "list", "elements": "str", "default": []}
DICT = {"type": "dict"}
ALL = {"all", "tagged"}  # what Ansible calls everything that has a tag


class PreflightAction(ActionBase):
    """Looks at what the operator gave, as far as it can be told without the tenant. Asks no service and changes nothing."""

    _requires_connection = False
    _supports_check_mode = True

    def run(self, tmp: Any = None, task_vars: Any = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        variables = task_vars or {}
        validated = Validator(
            {
                "roles": WORDS,
                "playbook_variables": {"type": "bool", "default": False},
                "folder": {"type": "path"},
                "tenants": DICT,
                "domains": DICT,
                "kinds": WORDS,
                "config": DICT,
                **SPEC,
            }
        ).validate(plain(self._task.args))
        if validated.error_messages:
            return refusal("preflight", "; ".join(faults_in(validated)))
        args = validated.validated_parameters
        roles = [role for role in args["roles"] if _selected(role, variables)]
        faults = [fault for role in roles for fault in _faults(variables_of, role, variables, self._templar.template)]
        mistyped, warnings = of_playbooks(variables) if args["playbook_variables"] else ([], [])
        faults += mistyped
        faults += _faults(attestations_from, args["attestations"], datetime.now(UTC).date())
        faults += _unwritable(args["folder"]) if args["folder"] else []
        faults += _shared(args["tenants"] or {}, args["domains"] or {})
        kinds = words(args["kinds"])
        faults += _unknown(kinds, args["config"])
        if faults:
            return refusal("preflight", "; ".join(faults))
        warnings += [warning for role in roles for warning in of_role(role, spec_of(role), variables)[1]]
        return {"changed": False, "roles": roles, "kinds": kinds, "warnings": warnings}


def _faults(check: Callable[..., Any], *given: Any) -> list[str]:
    """What a check refuses."""
    try:
        check(*given)
    except ValueError as error:
        return [str(error)]
    return []


def _selected(role: str, variables: Mapping[str, Any]) -> bool:
    """Whether the run's tags select what has the name of the role as its tag."""
    run, skip = (set(variables.get(f"ansible_{which}_tags") or ()) for which in ("run", "skip"))
    return bool((run or ALL) & {role, *ALL}) and not skip & {role, *ALL}


def _unwritable(folder: str) -> list[str]:
    """What keeps a file from being written into a folder, which is made. To ask for permissions would not tell of every file system."""
    try:
        os.makedirs(folder, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return []
    except OSError as error:
        return [f"folder: nothing can be written to {os.path.abspath(folder)}: {error.strerror}"]


def _shared(tenants: Mapping[str, Any], domains: Mapping[str, Any]) -> Iterator[str]:
    """Which hosts lead to one tenant.

    tenants: the tenant by host; without one, a host that has a dot in its name is called after it. domains: the domain that the tenant of a
    host must own, which tells of an id, too, that it is the tenant of that domain. Two that must own one domain may only be out of date.
    """
    hosts: dict[str, list[str]] = {}
    for host, tenant in tenants.items():
        hosts.setdefault(_plain_name(tenant) or (_plain_name(host) if "." in host else ""), []).append(host)
    for host, domain in domains.items():
        sharing = hosts.get(_plain_name(domain), [host])
        if host not in sharing:
            sharing.append(host)
    for tenant, sharing in hosts.items():
        if tenant and len(sharing) > 1:
            yield (
                f"the hosts {', '.join(sharing[:-1])} and {sharing[-1]} of this play lead to one and the same tenant, {tenant}: "
                "give each host a tenant_id of its own; a variable for all hosts is the usual cause"
            )


def _plain_name(given: Any) -> str:
    """A tenant or a domain in the form in which it is compared."""
    return str(given or "").strip().rstrip(".").lower()


def _unknown(kinds: Sequence[str], config: Mapping[str, Any] | None) -> list[str]:
    """Kinds of object that there are not, or not in a configuration of which only these are wanted."""
    if config is not None and not config:
        return ["the configuration names no kind of object, so that there is nothing to apply; is the file empty?"]
    faults = [f"{kind} is no kind of object; there are {', '.join(RESOURCES)}" for kind in kinds if kind not in RESOURCES]
    if not faults and config is not None:
        there = ", ".join(config) or "none"
        faults = [f"the configuration has no {kind}; it has {there}" for kind in kinds if kind not in config]
    return faults
