# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a role of this collection is given: its variables, as its argument spec wants them. Private to the collection.

Ansible's own check of a role's arguments converts nothing, and an empty text, which a survey of AWX hands over for everything that was
left blank, is no number to it. Here an empty text counts as not given, as everywhere in the collection, and "90" becomes a number.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleError
from ansible.module_utils.common.yaml import yaml_load
from yaml import YAMLError

from ansible_collections.m365.defender.plugins.module_utils._description import Values
from ansible_collections.m365.defender.plugins.module_utils._reader import Reader
from ansible_collections.m365.defender.plugins.module_utils._task import faults_in
from ansible_collections.m365.defender.plugins.module_utils._types import MultiValued
from ansible_collections.m365.defender.plugins.module_utils._validating import Validator
from ansible_collections.m365.defender.plugins.module_utils.readers.action_history_info import ACTION_HISTORY_INFO
from ansible_collections.m365.defender.plugins.module_utils.readers.device_info import DEVICE_INFO
from ansible_collections.m365.defender.plugins.module_utils.readers.effective_protection_info import EFFECTIVE_PROTECTION_INFO
from ansible_collections.m365.defender.plugins.module_utils.readers.pending_action_info import PENDING_ACTION_INFO
from ansible_collections.m365.defender.plugins.module_utils.resources._impersonation import TARGETED_DOMAINS, TARGETED_USERS
from ansible_collections.m365.defender.plugins.module_utils.resources._recipients import Mailbox
from ansible_collections.m365.defender.plugins.module_utils.resources.protection_alert import NOTIFY_USER
from ansible_collections.m365.defender.plugins.plugin_utils._levels import raised
from ansible_collections.m365.defender.plugins.plugin_utils._names import of_role
from ansible_collections.m365.defender.plugins.plugin_utils._plain import plain, words
from ansible_collections.m365.defender.plugins.plugin_utils._wishes import Wishes

# Lists that are judged as the tasks would, before others have written; those of overlays by the strictest of the options they are put in.
LISTS = {
    "targeted_users": TARGETED_USERS.type,
    "targeted_domains": TARGETED_DOMAINS.type,
    "overlay_recipients": MultiValued(Mailbox()),
    "alert_recipients": NOTIFY_USER.type,
}
# The option by which the module is asked, by name of the list.
SUBJECTS = {"sent_to": "recipients", "sent_to_member_of": "groups", "recipient_domain_is": "domains", "domains": "domains"}
ROLES = Path(__file__).resolve().parents[2] / "roles"
UNCHANGED = "unchanged"  # as a level for all groups; an empty text counts as not given


@cache
def spec_of(role: str) -> dict[str, dict[str, Any]]:
    """The documented variables of a role. Raises ValueError for a role that there is not."""
    roles = sorted(path.parent.parent.name for path in ROLES.glob("*/meta/argument_specs.yml"))
    if role not in roles:
        raise ValueError(f"there is no role {role}; there are {', '.join(roles)}")
    with open(ROLES / role / "meta" / "argument_specs.yml", encoding="utf-8") as file:
        options: dict[str, dict[str, Any]] = yaml_load(file)["argument_specs"]["main"]["options"]
    return options


def variables_of(role: str, variables: Mapping[str, Any], template: Callable[[Any], Any]) -> Values:
    """The variables of a role by what follows its name in theirs: what was given, converted, and the defaults of the rest.

    variables: those of the host, with templates in them. template: evaluates these. Raises ValueError with everything that does not fit,
    with what fits and would be refused later, when other roles have written, and with mistyped names.
    """
    spec = spec_of(role)
    given: Values = {}
    faults = of_role(role, spec, variables)[0]
    for name in spec:
        if name not in variables:
            continue
        try:
            value = plain(template(variables[name]))
        except AnsibleError as error:
            faults.append(f"{name} can't be evaluated: {error}")
            continue
        if value is not None and value != "":
            given[name] = _listed(value) if isinstance(value, str) and spec[name]["type"] == "list" else value
    validated = Validator(spec).validate(given)
    faults += faults_in(validated)
    if faults:
        raise ValueError(f"role {role}: {'; '.join(faults)}")
    found = {name: _given_only(value, spec[name]) for name, value in validated.validated_parameters.items()}
    given = {name.removeprefix(f"{role}_"): value for name, value in found.items()}
    faults = CHECKS.get(role, lambda dummy: [])(given)
    if faults:
        raise ValueError(f"role {role}: {'; '.join(faults)}")
    return given


def _listed(text: str) -> Any:
    """The list that a text says: words with commas, or in brackets what YAML or JSON has there. Surveys and -e name=... give texts."""
    try:  # as a plain text: the quick parser takes none of Ansible's own, which remember where they come from
        return yaml_load(str(text)) if text.strip().startswith("[") else words(text)
    except YAMLError:
        return words(text)


def _given_only(value: Any, spec: Mapping[str, Any]) -> Any:
    """Without the options of its elements that were not given, for which Ansible puts nothing in their place."""
    if not spec.get("options") or not isinstance(value, list):
        return value
    return [{name: one for name, one in element.items() if one is not None} for element in value]


def _prerequisites(given: Values) -> list[str]:
    named = {"min_device_coverage": "min_device_coverage", "not_seen_days": "not_seen_days"}
    return _of_reader("prerequisites", DEVICE_INFO, given, named)


def _action_center(given: Values) -> list[str]:
    faults = _of_reader("action_center", PENDING_ACTION_INFO, given, {"days": "days", "max_pending_age": "max_pending_age"})
    if given["history_days"] > 0:
        faults += _of_reader("action_center", ACTION_HISTORY_INFO, given, {"days": "history_days"})
    return faults


def _of_reader(role: str, reader: Reader, given: Values, named: Mapping[str, str]) -> list[str]:
    """What a reader would refuse of a role's variables. named: by option of the reader, the variable it is taken from."""
    options = {name: one.get("default") for name, one in reader.options.items()}
    options.update({option: given[name] for option, name in named.items()})
    faults = [(fault, option) for fault in reader.wrong(options) for option in named if fault.startswith(f"{option} ")]
    return [f"{role}_{named[option]}{fault.removeprefix(option)}" for fault, option in faults]


def _device_groups(given: Values) -> list[str]:
    level = "" if given["automation_level"] == UNCHANGED else given["automation_level"]
    try:
        raised([], level, given["levels"], given["lower"], given["wanted"])
    except ValueError as error:
        return [str(error)]
    return []


def _email_protection(given: Values) -> list[str]:
    faults = []
    whom = {name: given[name] for name in ("target", "mechanism", "scopes")}
    for name, asked in (("owner", {"owner": given["owner"]}), ("overrides", {"overrides": given["overrides"]}), ("scopes", whom)):
        try:
            Wishes(**asked, domains=["contoso.com"])  # which domains there are is not known yet; any will do for this
        except ValueError as error:
            faults.append(f"email_protection_{name}: {error}")
    for name, kind in LISTS.items():
        reason = kind.wrong(given[name])
        faults += [f"email_protection_{name} {reason}"] if reason else []
    for scope in given["scopes"]:
        faults += _of_subjects(f"email_protection_scopes: {scope['name']}.", scope, ("", "except_if_"))
    return faults + _of_subjects("email_protection_", {"domains": given["domains"]})


def _of_subjects(where: str, given: Mapping[str, Any], before: Sequence[str] = ("",)) -> list[str]:
    """What is no address and no domain of those for whom a policy is, or of its exceptions: it can't be compared with what is there.

    where: what the names of these lists begin with, in sentences; before: in `given`.
    """
    faults = []
    for name, option in SUBJECTS.items():
        for each in (f"{start}{name}" for start in before):
            found = EFFECTIVE_PROTECTION_INFO.wrong({option: given.get(each)})
            faults += [f"{where}{each}{fault.removeprefix(option)}" for fault in found]
    return faults


CHECKS: dict[str, Callable[[Values], list[str]]] = {
    "prerequisites": _prerequisites,
    "action_center": _action_center,
    "device_groups": _device_groups,
    "email_protection": _email_protection,
}
