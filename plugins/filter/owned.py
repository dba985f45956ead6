# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: owned
short_description: Tell own policies from other people's
version_added: 1.0.0
author: The m365.defender contributors (@m365-defender)
description:
  - Splits wanted policies into those that may be written, because they are new or carry the owner's mark, and those
    that belong to somebody else.
positional: existing, owner, adopt
options:
  _input:
    description: The wanted objects, as P(m365.defender.configuration#module) takes them.
    type: list
    elements: dict
    required: true
  existing:
    description:
      - The objects of the same kind that the tenant has, as P(m365.defender.configuration_info#module) returns them.
    type: list
    elements: dict
    required: true
  owner:
    description: Who writes; becomes part of the mark.
    type: str
    required: true
  adopt:
    description: Whether objects of somebody else may be taken over.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Write what is ours
  m365.defender.configuration:
    tenant_id: contoso.onmicrosoft.com
    config:
      safe_links_policy: "{{ (wanted | m365.defender.owned(current.configuration.safe_links_policy, 'contoso-it')).ours }}"
  vars:
    wanted:
      - name: Links for everybody
        scan_urls: true
"""

RETURN = r"""
_value:
  description: C(ours), the marked objects to be written, and C(foreign), the names of the others.
  type: dict
"""

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.m365.defender.plugins.plugin_utils._roles import owned


def _owned(*given: Any, **named: Any) -> dict[str, list[Any]]:
    try:
        return owned(*given, **named)
    except (KeyError, TypeError, ValueError) as error:
        raise AnsibleFilterError(f"m365.defender.owned: {error}") from error


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"owned": _owned}
