# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What both faces share: from validated options to a result. Private to the collection."""

from __future__ import annotations

import os
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._apply import Outcome, apply
from ansible_collections.m365.defender.plugins.module_utils._clouds import CLOUDS
from ansible_collections.m365.defender.plugins.module_utils._description import Description
from ansible_collections.m365.defender.plugins.module_utils._errors import BadInput, TenantError, one_line
from ansible_collections.m365.defender.plugins.module_utils._export import predicted, read_object
from ansible_collections.m365.defender.plugins.module_utils._ledger import Ledger
from ansible_collections.m365.defender.plugins.module_utils._options import ENVIRONMENT, SIGN_IN, given, tenant_options
from ansible_collections.m365.defender.plugins.module_utils._portal_links import led
from ansible_collections.m365.defender.plugins.module_utils._reader import Answers, Ask, Reader
from ansible_collections.m365.defender.plugins.module_utils._resource import Query, Values
from ansible_collections.m365.defender.plugins.module_utils._secrets import scrubbed, secrets_in
from ansible_collections.m365.defender.plugins.module_utils._sign_in_choice import with_environment
from ansible_collections.m365.defender.plugins.module_utils._tenant import NOBODY, Tenant

ROUNDS = 3  # how often answers may raise further questions


@dataclass(frozen=True)
class Work:
    """What a module does: its own options, what is wrong with those that fit, and from tenant, options, check and diff to a result."""

    kind: str
    options: Mapping[str, dict[str, Any]]
    do: Callable[[Tenant, Values, bool, bool], Values]
    wrong: Callable[[Values], list[str]] = lambda options: []

    def spec(self, environment: Callable[..., Any]) -> dict[str, dict[str, Any]]:
        """The whole argument spec; `environment` is what the face uses to read an environment variable."""
        return _spec(self.options, environment)


@dataclass(frozen=True)
class Glance:
    """What a module does that needs neither the tenant nor a login: from options to a result. Nothing is asked of the tenant before."""

    kind: str
    options: Mapping[str, dict[str, Any]]
    do: Callable[[Values], Values]
    wrong: Callable[[Values], list[str]] = lambda options: []

    def spec(self, environment: Callable[..., Any]) -> dict[str, dict[str, Any]]:
        """Like that of a work: a login may be given, because one group of defaults serves every module."""
        return _spec(self.options, environment)


def _spec(options: Mapping[str, dict[str, Any]], environment: Callable[..., Any]) -> dict[str, dict[str, Any]]:
    connection = {
        name: {**one, "fallback": (environment, list(ENVIRONMENT[name]))} if name in ENVIRONMENT and name not in SIGN_IN else one
        for name, one in tenant_options().items()
    }
    return {**connection, **options}


def work_of(value: Description | Reader | Work | Glance) -> Work | Glance:
    """The work of the module of a description."""
    if isinstance(value, Description):
        return Work(value.kind, value.spec, _One(value).do, value.wrong)
    if isinstance(value, Reader):
        return Work(value.kind, value.options, _Look(value).do, value.wrong)
    return value


def perform(
    work: Work | Glance,
    params: Values,
    *,
    check: bool,
    diff: bool,
    wait: Callable[[float], None] = time.sleep,
    claim: Callable[[str], None] = lambda tenant_id: None,
    say: Callable[[str], None] | None = None,
    nobody: str = NOBODY,
) -> Values:
    """Does a task and returns its result, `failed` with `msg` and `failure` when it could not be done; never raises.

    params: every option that fits `work.spec`. wait: what waiting means. claim: told the tenant's id before anything else is done; may
    raise Refused. say: shows a person at a terminal a line. nobody: why there is no such person. No secret is left in the result.
    """
    started = time.monotonic()
    params = complete(params)
    tenant: Tenant | None = None
    try:
        errors = work.wrong(params)
        if errors:
            raise BadInput("; ".join(errors), tried=f"Checking the options of {work.kind}", hint="Nothing was sent.")
        if isinstance(work, Glance):
            result = work.do(params)
        else:
            tenant = Tenant(params, wait=wait, say=say, nobody=nobody)
            claim(tenant.id)
            result = work.do(tenant, params, check, diff)
    except TenantError as error:
        error.about(tenant=params.get("tenant_id") or "")
        result = {
            "failed": True,
            "changed": bool(error.done),
            "msg": error.message,
            "failure": error.failure,
            "operations": list(error.done),
        }
    except Exception as error:  # a fault of ours: say where, without a traceback that nobody asked for
        where = traceback.extract_tb(error.__traceback__)[-1]
        result = {
            "failed": True,
            "changed": False,
            "msg": f"{work.kind} met a fault of its own: {type(error).__name__}: {one_line(str(error))} "
            f"({where.filename.rsplit('/', 1)[-1]}, line {where.lineno}). Please report it.",
            "failure": {"kind": "fault", "text": f"{type(error).__name__}: {error}"},
        }
    finally:
        if tenant is not None:
            tenant.close()
    if tenant is not None:
        if tenant.warnings:
            result["warnings"] = [one_line(warning) for warning in dict.fromkeys(tenant.warnings)]
        result["tenant"] = _usage(tenant, params, time.monotonic() - started)
    for hunk in result.get("diff") or ():
        hunk.update({name: one_line(hunk[name]) for name in ("before_header", "after_header")})
    result = led(result, CLOUDS[params.get("cloud") or "commercial"])
    return scrubbed(result, (*secrets_in(work.spec(str), params), *(tenant.secrets if tenant else ())))


def complete(params: Values) -> Values:
    """The options with what stands in for those that are not given: defaults, and a way of signing in from the environment."""
    return with_environment(given(params), os.environ)


def _usage(tenant: Tenant, params: Values, seconds: float) -> Values:
    """Which tenant this was, who asked, whether it is the real service, when that was, what was warned of, and what it cost."""
    return {
        "name": tenant.label,
        "identity": tenant.identity,
        "endpoint": params.get("endpoint") or "",
        "cloud": params["cloud"],
        "when": time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime()),
        "warnings": list(dict.fromkeys(tenant.warnings)),
        "requests": tenant.counts["requests"],
        "reads": tenant.counts["reads"],
        "writes": tenant.counts["writes"],
        "refused": tenant.counts["refused"],
        "seconds": round(seconds, 2),
    }


def ledger_of(tenant: Tenant, params: Values) -> Ledger:
    return Ledger(tenant, params.get("ledger"), params["max_writes_per_tenant"], params.get("expected_domain"))


def outcome_result(outcome: Outcome, *, check: bool, diff: bool) -> Values:
    """`changed`, `operations` and `diff` of an outcome: what was done, or in check mode what would be."""
    planned = [str(operation) for plan in outcome.plans.values() for operation in plan.operations]
    # Of what was planned nothing may be left to do when its turn comes: somebody else may have done it.
    changed = bool(planned if check else outcome.done)
    result: Values = {"changed": changed, "operations": planned if check else list(outcome.done)}
    if diff and not changed:
        result["diff"] = []
    elif diff:
        result["diff"] = [
            {"before_header": f"{kind} {after.get('name', '')}".rstrip(), "after_header": "", "before": before, "after": after}
            for kind, plan in outcome.plans.items()
            for before, after in zip(plan.before, plan.after, strict=True)
            if before != after
        ]
        for hunk in result["diff"]:
            hunk["after_header"] = hunk["before_header"]
    return result


@dataclass(frozen=True)
class _One:
    """One object of a kind."""

    resource: Description

    def do(self, tenant: Tenant, params: Values, check: bool, diff: bool) -> Values:
        wanted = {option: params[option] for option in self.resource.spec if params.get(option) is not None}
        outcome = apply(tenant, [(self.resource, [wanted])], ledger_of(tenant, params), check=check)
        result = outcome_result(outcome, check=check, diff=diff)
        now = read_object(self.resource, outcome.rows[self.resource.kind], self.resource.label(wanted))
        planned = outcome.plans[self.resource.kind]
        result["object"] = predicted(self.resource, now, planned.before[0], planned.after[0]) if check else now
        return result


@dataclass(frozen=True)
class _Look:
    """A thing that is only read."""

    reader: Reader

    def do(self, tenant: Tenant, params: Values, check: bool, diff: bool) -> Values:
        options = {option: params[option] for option in self.reader.options}
        options["cloud"] = params["cloud"]
        answers = ask(tenant, self.reader.asks(options))
        for dummy in range(ROUNDS):
            further = tuple(one for one in self.reader.further(options, answers) if one not in answers)
            if not further:
                break
            answers = {**answers, **ask(tenant, further)}
        return {"changed": False, **self.reader.answer(options, answers)}


def ask(tenant: Tenant, asks: tuple[Ask, ...]) -> Answers:
    """The answer to each question; a service that can't be used at all answers each of its questions with the reason."""
    answers: dict[Ask, Any] = {}
    services: dict[str, list[Query]] = {}
    for one in asks:
        services.setdefault(one.service, []).append(one.query)
    for service, queries in services.items():
        try:
            found = tenant.store(service).read(queries)
        except TenantError as error:
            found = dict.fromkeys(queries, error)
        for query in queries:
            answer = found[query]
            if isinstance(answer, TenantError):
                answer.about(tried=f"Reading {query.noun}", tenant=tenant.label, service=service)
            answers[Ask(service, query)] = answer
    return answers


def faults_in(validated: Any) -> list[str]:
    """What Ansible's validator found, each as a sentence: of an option that does not exist it gives the name only."""
    return [f"Unsupported option {error.msg}" if type(error).__name__ == "UnsupportedError" else error.msg for error in validated.errors]
