# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: protection
short_description: Plan the Office 365 protection of a tenant
version_added: 1.0.0
author: The m365.defender contributors (@m365-defender)
description:
  - From what a tenant has and what is wanted to what is written and what is left alone. The role email_protection is made of it.
  - Only what carries the owner's mark is set, moved or removed. Everything else is named in the result.
positional: wishes, effective
options:
  _input:
    description: The tenant's objects by kind, as P(m365.defender.configuration_info#module) returns them with built_in.
    type: dict
    required: true
  wishes:
    description:
      - C(target), C(mechanism), C(plan), C(owner), C(scopes), C(domains), C(licensed_users), C(overrides), C(overlays), C(lists), C(adopt),
        C(reclaim), C(outrank), C(include_default), C(include_outbound) and C(clear_allow_lists), as the role's variables of these names.
      - C(accepted), the domains for which the tenant receives mail; scopes with people of others are then refused.
      - C(left_behind) and C(apart), as that module returns them, and C(skus), as P(m365.defender.license_info#module) returns them, to
        see whether the licences go round.
    type: dict
    required: true
  effective:
    description:
      - By target, the C(subjects) that P(m365.defender.effective_protection_info#module) returned for it. A scope that somebody else covers
        at or above its target is left alone.
    type: dict
"""

EXAMPLES = r"""
- name: Show what would be written for everybody
  ansible.builtin.debug:
    msg: "{{ (found.configuration | m365.defender.protection(wishes)).config }}"
  vars:
    wishes:
      target: standard
      plan: plan1
      domains: [contoso.com]
"""

RETURN = r"""
_value:
  description:
    - C(config) and C(purge), as P(m365.defender.configuration#module) takes them, C(mechanisms) by scope, and the lists C(covered),
      C(outranked), C(foreign), C(assigned), C(contested), C(weaker), C(shadowed), C(kept_lists), C(not_in_preset), C(not_included),
      C(overlay_conflicts), C(not_applicable), C(few_licences) and C(manual).
  type: dict
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.m365.defender.plugins.plugin_utils._plain import plain
from ansible_collections.m365.defender.plugins.plugin_utils._protection import protection
from ansible_collections.m365.defender.plugins.plugin_utils._wishes import Wishes


def _protection(existing: Mapping[str, Any], wishes: Mapping[str, Any], effective: Mapping[str, Any] | None = None) -> dict[str, Any]:
    try:
        return asdict(protection(plain(existing), Wishes(**plain(wishes)), plain(effective or {})))
    except (KeyError, TypeError, ValueError) as error:
        raise AnsibleFilterError(f"m365.defender.protection: {error}") from error


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"protection": _protection}
