# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many objects of many kinds in one task, and the reading of them all in the same form. Private to the collection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._apply import apply
from ansible_collections.m365.defender.plugins.module_utils._description import Description
from ansible_collections.m365.defender.plugins.module_utils._errors import BadInput, TenantError
from ansible_collections.m365.defender.plugins.module_utils._export import apart, export, left_behind
from ansible_collections.m365.defender.plugins.module_utils._plan import too_many
from ansible_collections.m365.defender.plugins.module_utils._reading import read_each
from ansible_collections.m365.defender.plugins.module_utils._registry import RESOURCES
from ansible_collections.m365.defender.plugins.module_utils._resource import Values
from ansible_collections.m365.defender.plugins.module_utils._task import Work, faults_in, ledger_of, outcome_result
from ansible_collections.m365.defender.plugins.module_utils._tenant import Tenant
from ansible_collections.m365.defender.plugins.module_utils._types import folded
from ansible_collections.m365.defender.plugins.module_utils._validating import Validator


def objects_of(config: Mapping[str, Any]) -> list[tuple[Description, list[Values]]]:
    """The wishes of a configuration `{kind: [objects]}`, each object validated by its kind's spec.

    Raises BadInput with every fault, each named by its place: safe_links_policy[2].rule.sent_to ...
    """
    errors: list[str] = []
    wishes = []
    for kind in config:
        if kind not in RESOURCES:
            errors.append(f"{kind} is no kind of object; there are {', '.join(RESOURCES)}")
    for kind, resource in RESOURCES.items():
        objects = config.get(kind)
        if objects is None:
            continue
        if not isinstance(objects, list) or not all(isinstance(one, Mapping) for one in objects):
            errors.append(f"{kind} must be a list of dictionaries, one for each object")
            continue
        wanted = []
        for index, one in enumerate(objects):
            validated = Validator(resource.spec).validate(dict(one))
            faults = faults_in(validated) or resource.wrong(validated.validated_parameters)
            errors += [f"{kind}[{index}]: {fault}" for fault in faults]
            wanted.append({name: value for name, value in validated.validated_parameters.items() if value is not None})
        errors += _doubles(kind, wanted)
        many = too_many(resource, wanted)
        errors += [f"{kind}: {many}"] if many else []
        if wanted:
            wishes.append((resource, wanted))
    if errors:
        raise BadInput("; ".join(errors), tried="Checking the configuration", hint="Nothing was sent.")
    return wishes


def _doubles(kind: str, wanted: Sequence[Values]) -> list[str]:
    """What is wanted more than once, by its place."""
    first: dict[str, int] = {}
    errors = []
    for index, one in enumerate(wanted):
        name = one.get("name")
        if name and first.setdefault(folded(name), index) != index:
            errors.append(f'{kind}[{index}]: "{name}" is wanted twice, first in {kind}[{first[folded(name)]}]')
    return errors


def _wrong(options: Values) -> list[str]:
    try:
        objects_of(options["config"])
    except BadInput as error:
        return [error.text]
    return []


def _configure(tenant: Tenant, params: Values, check: bool, diff: bool) -> Values:
    outcome = apply(tenant, objects_of(params["config"]), ledger_of(tenant, params), check=check)
    return outcome_result(outcome, check=check, diff=diff)


def _look(tenant: Tenant, params: Values, check: bool, diff: bool) -> Values:
    asked = [resource for kind, resource in RESOURCES.items() if not params["kinds"] or kind in params["kinds"]]
    configuration: dict[str, list[Values]] = {}
    orphans: dict[str, list[Values]] = {}
    unlike: dict[str, dict[str, Values]] = {}
    errors: dict[str, TenantError] = {}
    for kind, rows in read_each(tenant, asked).items():
        if isinstance(rows, TenantError):
            errors[kind] = rows
        else:
            configuration[kind] = export(RESOURCES[kind], rows, built_in=params["built_in"])
            orphans[kind] = left_behind(RESOURCES[kind], rows)
            unlike[kind] = apart(RESOURCES[kind], rows)
    if errors and (params["kinds"] or not configuration):
        raise next(iter(errors.values()))
    return {
        "changed": False,
        "configuration": configuration,
        "left_behind": {kind: rules for kind, rules in orphans.items() if rules},
        "apart": {kind: objects for kind, objects in unlike.items() if objects},
        "unknown": {kind: error.message for kind, error in errors.items()},
    }


CONFIGURATION = Work("configuration", {"config": {"type": "dict", "required": True}}, _configure, _wrong)

CONFIGURATION_INFO = Work(
    "configuration_info",
    {
        "kinds": {"type": "list", "elements": "str", "choices": list(RESOURCES)},
        "built_in": {"type": "bool", "default": False},
    },
    _look,
)
