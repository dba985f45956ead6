# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ansible's validator of options, for values of any form. Private to the collection."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator, ValidationResult
from ansible.module_utils.common.validation import check_type_dict
from ansible.module_utils.errors import ArgumentTypeError

FORMS = {type(None): "empty", bool: "true or false", int: "a number", float: "a number", list: "a list"}


class Validator(ArgumentSpecValidator):
    """Ansible's own ends with a TypeError where an option that has options of its own is given a number, a switch or nothing."""

    def validate(self, parameters: Mapping[str, Any], *more: Any, **named: Any) -> Any:
        faults = list(misshapen(self.argument_spec, parameters))
        if not faults:
            return super().validate(parameters, *more, **named)
        result = ValidationResult(parameters)
        for fault in faults:
            result.errors.append(ArgumentTypeError(fault))
        return result


def misshapen(spec: Mapping[str, Any], parameters: Mapping[str, Any], place: str = "") -> Iterator[str]:
    """What holds options and is given something that can't; of a text, what Ansible reads in it is looked at."""
    for name, one in spec.items():
        value = parameters.get(name)
        if value is None or not one.get("options"):
            continue
        several = one["type"] == "list"
        whole = value.split(",") if several and isinstance(value, str) else value  # as Ansible makes a list of a text
        for number, element in enumerate(whole if isinstance(whole, list) else [whole]):
            where = f"{place}{name}{f'[{number}]' if several else ''}"
            if isinstance(element, (Mapping, str)):
                yield from misshapen(one["options"], _read(element), f"{where}.")
            else:
                # Not the value itself, which may be a secret in the wrong place.
                yield f"{where} must be a dictionary with its options, not {FORMS.get(type(element), 'a value of another form')}"


def _read(element: Mapping[str, Any] | str) -> Mapping[str, Any]:
    """The options that an element is or that Ansible reads in it. Where it reads none it says so itself."""
    try:
        return element if isinstance(element, Mapping) else check_type_dict(element)
    except TypeError:
        return {}
