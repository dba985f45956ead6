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
    that is asked for too, and that of a group whose rules name a server system is changed only if the group is named.
positional: level, levels, lower, wanted
options:
  _input:
    description: The device groups, as P(m365.defender.configuration_info#module) returns them.
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
"""

EXAMPLES = r"""
- name: Raise the levels
  m365.defender.configuration:
    tenant_id: contoso.onmicrosoft.com
    config:
      device_group: "{{ (current.configuration.device_group | m365.defender.raised('full')).wanted }}"
"""

RETURN = r"""
_value:
  description:
    - C(wanted), the objects to be written; C(levels), the level asked for of each group, empty for none; C(kept), the names that stay
      above; C(servers), the names of groups that take servers and stay below because nobody named them; and C(missing), the names of
      which there is no group.
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
