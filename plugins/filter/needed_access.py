# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: needed_access
short_description: Find what an application has to be given for the steps that are chosen
version_added: 1.0.0
author: The m365.defender contributors (@m365-defender)
description:
  - Gives the least permissions and directory roles that will do, from the same table by which M(m365.defender.permission_info) judges.
positional: access
options:
  _input:
    description:
      - The steps, of C(prerequisites), C(device_groups), C(email_protection), C(xdr) and C(action_center); as a list or as a text
        with commas.
    type: list
    elements: str
    required: true
  access:
    description: Whether the application only reads, or writes too.
    type: str
    choices: [read, write]
    default: read
  optional:
    description: Whether to include what only gives more evidence.
    type: bool
    default: true
  optional_writes:
    description: Whether to include writing that is left alone otherwise, which today means alert policies.
    type: bool
    default: false
  sharepoint:
    description: Whether to include the setting of SharePoint, for which there is no small permission.
    type: bool
    default: false
  cloud:
    description: The tenant's cloud. What it does not have is left out, because its APIs do not have the permissions for it.
    type: str
    choices: [commercial, gcc, gcc_high, dod, china]
    default: commercial
  role_group:
    description:
      - Whether a role group of Exchange with C(cmdlets), as M(m365.defender.role_group) keeps it, stands in for the directory roles that
        Exchange needs. What is left is for Security & Compliance, which takes no role group for applications.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: A reader for all steps
  m365.defender.app_registration:
    tenant_id: contoso.onmicrosoft.com
    display_name: Defender audits
    permissions: "{{ needed.permissions }}"
  vars:
    needed: "{{ ['prerequisites', 'device_groups', 'email_protection', 'xdr', 'action_center'] | m365.defender.needed_access }}"

- name: What a writer of mail policies may do
  m365.defender.app_access:
    tenant_id: contoso.onmicrosoft.com
    app_id: 33333333-3333-4333-8333-333333333333
    permissions: "{{ needed.permissions }}"
    directory_roles: "{{ needed.directory_roles }}"
  vars:
    needed: "{{ ['email_protection'] | m365.defender.needed_access('write') }}"

- name: The same with a role group of Exchange
  m365.defender.role_group:
    tenant_id: contoso.onmicrosoft.com
    name: Defender configuration
    cmdlets: "{{ (['email_protection'] | m365.defender.needed_access('write', role_group=true)).cmdlets }}"
    app_ids:
      - 33333333-3333-4333-8333-333333333333
"""

RETURN = r"""
_value:
  description:
    - C(permissions), application permissions by API, C(directory_roles), C(cmdlets), those of Exchange that are used, for a role group
      that holds no others, and C(by_hand), what no application can do, because it takes the portal session of a person.
  type: dict
"""

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.m365.defender.plugins.plugin_utils._needed import needed_access


def _needed_access(*given: Any, **named: Any) -> dict[str, Any]:
    try:
        return needed_access(*given, **named)
    except (TypeError, ValueError) as error:
        raise AnsibleFilterError(f"m365.defender.needed_access: {error}") from error


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"needed_access": _needed_access}
