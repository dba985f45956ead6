#!/usr/bin/python
# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: approver_info
short_description: See who can approve what waits in the Action center
version_added: 1.0.0
description:
  - Counts the people who can approve pending actions on devices, and those who can approve pending actions on mail.
  - For devices these are people with the directory role Global Administrator or Security Administrator. For mail these are Global
    Administrators, and people with Security Administrator, Security Operator, Security Reader or Global Reader who are besides in a role
    group of Email & collaboration with the role Search and Purge. The role groups alone are not enough.
  - Members of groups count, at any depth, and so do people who have to activate their role first. Accounts that are known to be disabled
    do not count, and neither do applications.
author: The m365.defender contributors (@m365-defender)
options:
  mail:
    description: Whether to look at mail. Only Defender for Office 365 Plan 2 has actions on mail that wait for approval.
    type: bool
    default: true
notes:
  - The caller needs the Microsoft Graph permissions C(RoleManagement.Read.Directory) and C(GroupMember.Read.All), and for mail a directory
    role that may read role groups in Security & Compliance, such as Global Reader or Security Reader.
  - Not seen are roles of Defender for Endpoint and of unified RBAC that allow approval, because no supported API shows them, and people who
    can join a group for a time.
  - Which members a role group's rows have is a guess in part. People are told by their object id, else by address, else by a name that only
    one of them has.
seealso:
  - module: m365.defender.pending_action_info
extends_documentation_fragment:
  - m365.defender.tenant
  - m365.defender.attributes
  - m365.defender.attributes.info
"""

EXAMPLES = r"""
- name: See who can approve
  m365.defender.approver_info:
    tenant_id: contoso.onmicrosoft.com
  register: tenant

- name: Fail when nobody can approve actions on mail
  ansible.builtin.assert:
    that: tenant.approvers.mail.state != 'none'
    fail_msg: "{{ tenant.approvers.mail.remedy }}"
"""

RETURN = r"""
approvers:
  description: Who can approve.
  returned: success
  type: dict
  contains:
    devices:
      description: Actions on devices.
      type: dict
      returned: always
      contains:
        state:
          description:
            - V(some) when anybody can, V(none) when everything was read and nobody can, V(unknown) when nobody was found but not everything
              could be read.
          type: str
          returned: always
          sample: some
        count:
          description: How many people can.
          type: int
          returned: always
        only_after_activation:
          description: How many of these must activate a role first.
          type: int
          returned: always
        people:
          description: These people by name.
          type: list
          elements: dict
          returned: always
          contains:
            name:
              description: The user principal name, or what else is known.
              type: str
              returned: always
            id:
              description: The object id.
              type: str
              returned: always
            roles:
              description: The directory roles that count here.
              type: list
              elements: str
              returned: always
            eligible_roles:
              description: Those that must be activated first.
              type: list
              elements: str
              returned: always
        unknown_because:
          description: What could not be read.
          type: list
          elements: str
          returned: always
        remedy:
          description: What to do; empty where somebody can.
          type: str
          returned: always
    mail:
      description: Actions on mail.
      type: dict
      returned: always
      contains:
        state:
          description:
            - V(some) when anybody can, V(none) when everything was read and nobody can, V(unknown) when nobody was found but not everything
              could be read, V(not_asked) with O(mail=false).
          type: str
          returned: always
          sample: some
        count:
          description: How many people can.
          type: int
          returned: always
        only_after_activation:
          description: How many of these must activate a role first.
          type: int
          returned: always
        people:
          description: These people by name.
          type: list
          elements: dict
          returned: always
          contains:
            name:
              description: The user principal name, or what else is known.
              type: str
              returned: always
            id:
              description: The object id.
              type: str
              returned: always
            roles:
              description: The directory roles that count here.
              type: list
              elements: str
              returned: always
            eligible_roles:
              description: Those that must be activated first.
              type: list
              elements: str
              returned: always
        unknown_because:
          description: What could not be read.
          type: list
          elements: str
          returned: always
        remedy:
          description: What to do; empty where somebody can.
          type: str
          returned: always
    search_and_purge:
      description: The role Search and Purge.
      type: dict
      returned: always
      contains:
        role_groups:
          description: The role groups that hold it.
          type: list
          elements: str
          returned: always
          sample: [Data Investigator, Organization Management]
        known:
          description: Whether these and all their members could be read.
          type: bool
          returned: always
        unknown_because:
          description: Why not.
          type: str
          returned: always
    applications:
      description: How many applications hold one of the directory roles; they approve nothing.
      type: int
      returned: always
    not_counted:
      description: Sentences about what can't be seen at all.
      type: list
      elements: str
      returned: always
"""

from ansible_collections.m365.defender.plugins.module_utils._module import run
from ansible_collections.m365.defender.plugins.module_utils.readers.approver_info import APPROVER_INFO

if __name__ == "__main__":
    run(APPROVER_INFO)
