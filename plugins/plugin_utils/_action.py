# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action face of every module: the same engine in the controller's worker, which costs a tenth of a module's start.

Private to the collection. An action plugin has its module's name, so that ansible loads it, and all that it imports, once before it forks.
"""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, ClassVar

from ansible import constants as C
from ansible.errors import AnsibleActionFail
from ansible.module_utils.common.parameters import env_fallback
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.m365.defender.plugins.module_utils._description import Description
from ansible_collections.m365.defender.plugins.module_utils._errors import BadInput, Refused
from ansible_collections.m365.defender.plugins.module_utils._http import ssl_context
from ansible_collections.m365.defender.plugins.module_utils._reader import Reader
from ansible_collections.m365.defender.plugins.module_utils._secrets import scrubbed, secrets_in
from ansible_collections.m365.defender.plugins.module_utils._task import (
    Glance,
    Work,
    complete,
    faults_in,
    perform,
    work_of,
)
from ansible_collections.m365.defender.plugins.module_utils._tenant import ENVIRONMENT, tenant_options
from ansible_collections.m365.defender.plugins.module_utils._validating import Validator, misshapen

try:  # ansible-core 2.22 and newer mask registered secrets themselves; before, a result is scrubbed by us alone
    from ansible.module_utils.secrets import register_secrets
except ImportError:

    def register_secrets(values: Iterable[str]) -> None:
        pass


display = Display()

# Made once, before ansible forks; a worker would need 20 ms for it in every task.
with suppress(OSError):  # a bad CA file is said by the task that needs it
    ssl_context(os.environ.get("REQUESTS_CA_BUNDLE") or None)

# A worker has no terminal any more, so it is looked for here, before ansible forks. The prompt goes where ansible's own output goes.
AT_A_TERMINAL = sys.stdin is not None and sys.stdin.isatty() and sys.stdout.isatty()
# What AWX and common CI systems set for each job. AWX gives its jobs a terminal, though nobody sits there.
JOBS = ("AWX_HOST", "AWX_PRIVATE_DATA_DIR", "JOB_ID", "TOWER_HOST", "CI")


def nobody_there() -> str:
    """Why no person can be asked to do something at once; "" when one can."""
    if any(os.environ.get(name) for name in JOBS):
        return "this is a job of AWX or of a CI system"
    return "" if AT_A_TERMINAL else "this does not run at a terminal"


@contextmanager
def surroundings(action: ActionBase) -> Iterator[None]:
    """What the keyword `environment` of a task says, which counts for a module by itself. A worker does one task at a time."""
    said: dict[str, Any] = {}
    action._compute_environment_string(said)
    before = {name: os.environ.get(name) for name in said}
    os.environ.update({name: str(value) for name, value in said.items()})
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


def environment(*names: str) -> Any:
    """The first of these environment variables that says something: an empty one counts as not given."""
    return env_fallback(*(name for name in names if os.environ.get(name)))


class TenantAction(ActionBase):
    """Runs `value` (a description, a reader, a work or a glance).

    Host variable `m365_run_as: module` and `async` hand over to the real module.
    """

    value: ClassVar[Description | Reader | Work | Glance]

    _requires_connection = False
    _supports_check_mode = True
    _supports_async = True

    def run(self, tmp: Any = None, task_vars: Any = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        with surroundings(self):
            return self._run(task_vars or {})

    def _run(self, variables: Mapping[str, Any]) -> dict[str, Any]:
        work = work_of(self.value)
        as_module = self._as_module(variables)
        # The folders of this run lie here; a module that runs elsewhere has its own.
        here = not as_module or getattr(self._connection, "transport", "") == "local"
        args = self._arguments(variables, {"token_cache": run_folder(), "ledger": ledger_folder()} if here else {})
        if as_module:
            faults = list(misshapen(work.spec(environment), args))  # on which a module ends with an error in Python
            return _told(BadInput("; ".join(faults)), work, args, variables) if faults else self._hand_over(work, args, variables)
        validated = Validator(work.spec(environment)).validate(args)
        params = validated.validated_parameters
        secrets = secrets_in(work.spec(environment), complete(params))
        register_secrets(secrets)
        if validated.error_messages:
            return scrubbed(_told(BadInput("; ".join(faults_in(validated))), work, args, variables), secrets)
        nobody = nobody_there()
        result = perform(
            work,
            params,
            check=self._task.check_mode,
            diff=self._task.diff,
            claim=lambda tenant: self._claim(tenant, variables),
            say=None if nobody else display.display,
            nobody=nobody,
        )
        for warning in result.pop("warnings", ()):
            display.warning(warning)
        return result

    def _as_module(self, variables: Mapping[str, Any]) -> bool:
        run_as = self._templar.template(variables.get("m365_run_as") or "action")
        if run_as not in ("action", "module"):
            raise AnsibleActionFail(f"m365_run_as must be action or module, not {run_as}")
        return bool(self._task.async_val) or run_as == "module"

    def _hand_over(self, work: Work | Glance, args: dict[str, Any], variables: Mapping[str, Any]) -> dict[str, Any]:
        """What the real module returns."""
        try:
            # The tenant's id is not asked for here, only for what a host calls its tenant.
            self._claim(str(args.get("tenant_id") or "").strip().lower(), variables)
        except Refused as error:
            return {"failed": True, "changed": False, "msg": error.message, "failure": error.failure}
        result: dict[str, Any] = self._execute_module(
            module_name=f"m365.defender.{work.kind}", module_args=args, task_vars=variables, wrap_async=bool(self._task.async_val)
        )
        # A module refuses options in Ansible's words; where to name the tenant is not among them.
        missing = str(result.get("msg") or "")
        if missing.startswith("missing required arguments:") and "tenant_id" in missing and "tenant_id" not in args:
            result.update(_told(BadInput(missing), work, args, variables))
        return result

    def _arguments(self, variables: Mapping[str, Any], folders: Mapping[str, str]) -> dict[str, Any]:
        """The task's arguments; what is empty counts as not given, and the run's own folders stand in for those that are not named."""
        options = tenant_options()
        args = {name: value for name, value in self._task.args.items() if not (name in options and value == "")}
        if args.get("tenant_id") is None and len(variables.get("ansible_play_hosts_all") or ()) <= 1:
            # With several hosts one variable would lead all of them to one tenant.
            args["tenant_id"] = os.environ.get("M365_TENANT_ID") or None
        for name, folder in folders.items():
            if args.get(name) is None and not any(os.environ.get(variable) for variable in ENVIRONMENT.get(name, ())):
                args[name] = folder
        return {name: value for name, value in args.items() if value is not None}

    def _claim(self, tenant: str, variables: Mapping[str, Any]) -> None:
        """One host, one tenant: raises Refused when another host of this play has used this tenant in this run."""
        host = variables.get("inventory_hostname") or ""
        if not re.fullmatch(r"[\w.-]+", tenant):  # no tenant at all, which is refused where it is looked at
            return
        path = os.path.join(run_folder(), f"host-of-{tenant}")
        if _first(path, host) == host or _first(path, host) not in (variables.get("ansible_play_hosts_all") or ()):
            return
        raise Refused(
            f"the hosts {_first(path, host)} and {host} of this play lead to one and the same tenant",
            tried="Checking the tenant",
            tenant=tenant,
            hint="Give each host a tenant_id of its own; a variable for all hosts is the usual cause.",
        )


def _told(failure: BadInput, work: Work | Glance, args: Mapping[str, Any], variables: Mapping[str, Any]) -> dict[str, Any]:
    """The result of a task whose options are wrong; where they name no tenant, with how it is named."""
    hint = "Nothing was sent." if args.get("tenant_id") else f"{_naming(variables)} Nothing was sent."
    failure.about(tried=f"Checking the options of {work.kind}", tenant=str(args.get("tenant_id") or ""), hint=hint)
    return {"failed": True, "changed": False, "msg": failure.message, "failure": failure.failure}


def _naming(variables: Mapping[str, Any]) -> str:
    """How to say which tenant a host stands for."""
    host = variables.get("inventory_hostname") or "this host"
    text = (
        f"Set m365_tenant_id for {host} (in a task of your own: tenant_id) to the tenant's id or one of its domains. "
        "The playbooks also take a host's name that has a dot."
    )
    if len(variables.get("ansible_play_hosts_all") or ()) <= 1:
        return f"{text} Or set M365_TENANT_ID in the environment."
    if os.environ.get("M365_TENANT_ID"):
        return f"{text} M365_TENANT_ID of the environment does not count, because it would lead all hosts of this play to one tenant."
    return text


def run_folder() -> str:
    """The folder that all forks of this run share and that is gone when it ends."""
    path = os.path.join(C.DEFAULT_LOCAL_TMP, "m365_defender")
    os.makedirs(path, mode=0o700, exist_ok=True)
    return path


def ledger_folder() -> str:
    """Where this run records its writes: a folder named by the time at which the run first asked for it."""
    name = _first(os.path.join(run_folder(), "run"), time.strftime("%Y%m%dT%H%M%SZ", time.gmtime()) + f"-{os.getpid()}")
    return os.path.join(C.config.get_config_value("ANSIBLE_HOME"), "m365_defender", name)


def _first(path: str, text: str) -> str:
    """What the first caller wrote into a file of the run."""
    temporary = f"{path}.{os.getpid()}"
    with open(temporary, "w", encoding="utf-8") as file:
        file.write(text)
    try:
        os.link(temporary, path)
    except FileExistsError:
        pass
    finally:
        os.remove(temporary)
    with open(path, encoding="utf-8") as file:
        return file.read()
