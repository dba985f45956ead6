# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: role_variables
short_description: The variables of a role of this collection, as its argument spec wants them
version_added: 1.0.0
author: The m365.defender contributors (@m365-defender)
description:
  - What the host gives of the documented variables of a role, converted to their types, with the defaults of the rest. The roles are made
    of it.
  - An empty text counts as not given. That is what a survey of AWX hands over for everything that was left blank.
  - What does not fit is refused, as C(ansible.builtin.validate_argument_spec) does, and so is a name that is nearly that of a variable
    of the role which is not given.
options:
  _terms:
    description: Names of roles of this collection, without C(m365.defender) before them.
    required: true
"""

EXAMPLES = r"""
- name: Show how the protection of mail is asked for
  ansible.builtin.debug:
    msg: "{{ lookup('m365.defender.role_variables', 'email_protection').target }}"
"""

RETURN = r"""
_raw:
  description: For each role its variables, by what follows the role's name in theirs, such as C(target).
  type: list
  elements: dict
"""

from collections.abc import Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase

from ansible_collections.m365.defender.plugins.plugin_utils._role_variables import variables_of


class LookupModule(LookupBase):
    def run(self, terms: Sequence[str], variables: Mapping[str, Any] | None = None, **kwargs: Any) -> list[dict[str, Any]]:
        try:
            return [variables_of(role, variables or {}, self._templar.template) for role in terms]
        except ValueError as error:
            raise AnsibleLookupError(f"m365.defender.role_variables: {error}") from error
