# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: raised
short_description: Find what is to be done about device groups and their automation levels
version_added: 1.0.0
author: The m365.defender contributors (@m365-defender)
description:
  - Compares the automation level of every device group with the one that is asked for; a level is never lowered unless
    that is asked for too.
  - The level of a group whose rules name a server system, or that holds servers, is changed only if the group is named. So is that of a
    group of which nobody knows whether it will hold servers, unless its rules name systems of clients and no others.
  - What is wrong with what is asked for is refused, each fault with its place in the words of the role
    P(m365.defender.device_groups#role), such as C(device_groups_wanted[0]). So is a name in O(levels) of which there is no group.
positional: level, levels, lower, wanted, servers
options:
  _input:
    description:
      - The device groups, as P(m365.defender.configuration_info#module) returns them. If there are none, only what is asked for is
        looked at.
    type: list
    elements: dict
    required: true
  level:
    description: The level for every group that takes no servers, or an empty string for none.
    type: str
    required: true
  levels:
    description: Levels of single groups, by name; they go before O(level). An empty string leaves a group alone.
    type: dict
  lower:
    description: Whether a level may also be lowered.
    type: bool
    default: false
  wanted:
    description: Groups that are to be made, changed or removed, with the options of P(m365.defender.device_group#module).
    type: list
    elements: dict
  servers:
    description:
      - How many servers each group holds, as P(m365.defender.device_info#module) counts them in its C(summary). Leave it out, or null,
        where that is not known.
    type: dict
"""

EXAMPLES = r"""
- name: Raise the levels, but not those of groups that hold servers
  m365.defender.configuration:
    tenant_id: contoso.onmicrosoft.com
    config:
      device_group: "{{ plan.wanted }}"
  vars:
    plan: "{{ current.configuration.device_group | m365.defender.raised('full', servers=devices.summary.servers) }}"
"""

RETURN = r"""
_value:
  description:
    - C(wanted), the objects to be written; C(levels), the level asked for of each group, empty for none; C(kept), the names that stay
      above.
    - C(servers), the names of groups that take or hold servers and stay below because nobody named them; and C(unsure), the names of
      those that stay below because nobody knows whether they will hold servers.
  type: dict
"""

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.m365.defender.plugins.plugin_utils._levels import raised


def _raised(*given: Any, **named: Any) -> dict[str, Any]:
    try:
        return raised(*given, **named)
    except (KeyError, TypeError, ValueError) as error:
        raise AnsibleFilterError(f"m365.defender.raised: {error}") from error


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"raised": _raised}
