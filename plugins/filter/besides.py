# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: besides
short_description: Name what a tenant has and a configuration does not name
version_added: 1.0.0
author: The m365.defender contributors (@m365-defender)
description:
  - Applying a configuration leaves alone what it does not name. So a comparison in check mode shows what the tenant lacks and what differs.
    This gives the rest, which only the tenant has. The playbook m365.defender.apply says it in check mode.
  - Objects are told apart by their names, entries of the Tenant Allow/Block List by list and entry. An object that the configuration names
    with C(state=absent) is named.
positional: config
options:
  _input:
    description: What the tenant has, the C(configuration) that P(m365.defender.configuration_info#module) returns.
    type: dict
    required: true
  config:
    description: What to compare with, as P(m365.defender.configuration#module) takes it. Only its kinds are looked at.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Show what only this tenant has
  ansible.builtin.debug:
    msg: "{{ found.configuration | m365.defender.besides(model.configuration) }}"
"""

RETURN = r"""
_value:
  description:
    - By kind the names of objects. An entry of the Tenant Allow/Block List stands behind its list, as in C(Url block) and the entry. Of a
      policy that is named without the rule that it has, the rule stands behind the policy.
  type: dict
  sample: {safe_links_policy: [Links of the pilot group], tenant_allow_block_list: ["Url block: bad.example"]}
"""

from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.m365.defender.plugins.plugin_utils._besides import besides
from ansible_collections.m365.defender.plugins.plugin_utils._plain import plain


def _besides(there: Mapping[str, Any], config: Mapping[str, Any]) -> dict[str, list[str]]:
    try:
        return besides(plain(there), plain(config))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise AnsibleFilterError(f"m365.defender.besides: {error}") from error


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"besides": _besides}
