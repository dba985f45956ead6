# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: notices
short_description: Plan alert policies that tell people of your own about investigations
version_added: 1.0.0
author: The m365.defender contributors (@m365-defender)
description:
  - Microsoft's own alert policies can be given other recipients in the portal only. This plans custom ones beside them that watch the same
    activities and notify whom you like, such as a provider's security team. The role email_protection is made of it.
  - They start no investigation. Microsoft's policies have to stay on for that.
  - Only what carries the owner's mark in its comment is set or removed. Everything else is named in the result.
positional: owner, recipients
options:
  _input:
    description: The alert policies, as P(m365.defender.alert_policy_info#module) returns them.
    type: list
    elements: dict
    required: true
  owner:
    description: Whose policies they are. It begins their names and stands in the mark.
    type: str
    required: true
  recipients:
    description: Addresses that are told. When there are none, the owner's policies are removed.
    type: list
    elements: str
    required: true
  adopt:
    description: Whether a policy of the owner's name without the mark is taken over.
    type: bool
    default: false
  reclaim:
    description: Whether a policy of the owner's that somebody has changed since is set right.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Tell the provider's security team about investigations
  m365.defender.configuration:
    tenant_id: contoso.onmicrosoft.com
    config: "{{ (alerts.policies | m365.defender.notices('contoso-it', ['soc@fabrikam.com'])).config }}"
"""

RETURN = r"""
_value:
  description:
    - C(config), as P(m365.defender.configuration#module) takes it, and the lists C(foreign) and C(contested) of what is left alone.
    - C(unaccompanied) names Microsoft's policies that start investigations and watch what only they can watch.
  type: dict
"""

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.m365.defender.plugins.plugin_utils._notices import notices


def _notices(*given: Any, **named: Any) -> dict[str, Any]:
    try:
        return notices(*given, **named)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise AnsibleFilterError(f"m365.defender.notices: {error}") from error


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"notices": _notices}
