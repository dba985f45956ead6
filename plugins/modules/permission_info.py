#!/usr/bin/python
# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: permission_info
short_description: See what the caller may do, and what each step needs
version_added: 1.0.0
description:
  - Compares what the caller is allowed with what each of the four steps and the review needs, to read and to write, before anything is
    written, and says for everything that is missing what to do.
  - Looks at the claims of the caller's own tokens, at its directory roles, at the cmdlets that Exchange offers it, and at the portal
    session if one is given.
  - What the tenant's cloud does not have needs no permission there, and is C(not_applicable), with the reason.
  - The list of cmdlets is proof and goes before everything else. Who has it from a role group must be offered every cmdlet that the modules
    for mail policies use, which are those that P(m365.defender.needed_access#filter) gives for a role group.
  - What a token does not show is C(unknown), never missing.
author: The m365.defender contributors (@m365-defender)
options:
  services:
    description:
      - Which services to ask; all when left out. One for which the tenant has no licence refuses to answer, so it need not be asked.
      - What needs a service that was not asked is C(unknown).
      - V(portal) is asked only if there is a O(portal_session).
    type: list
    elements: str
    choices: [graph, exchange, compliance, defender, portal]
  plan:
    description:
      - The tenant's plan of Defender for Office 365, as RV(m365.defender.license_info#module:licenses.products) tells it.
      - Cmdlets that it does not bring are not missed.
      - When left out, a tenant counts as having the first plan if Exchange offers the caller any cmdlet of it.
    type: str
    choices: [none, plan1, plan2]
notes:
  - The caller needs nothing for it. With the Microsoft Graph permission C(RoleManagement.Read.Directory) more of its roles are known.
  - Roles that are held through groups or activated for a time may not be seen.
  - The directory role Security Administrator is not enough for an application to write anti-spam, anti-malware and anti-phishing policies;
    Exchange Administrator is.
seealso:
  - module: m365.defender.approver_info
extends_documentation_fragment:
  - m365.defender.tenant
  - m365.defender.attributes
  - m365.defender.attributes.info
"""

EXAMPLES = r"""
- name: See what the caller may do
  m365.defender.permission_info:
    tenant_id: contoso.onmicrosoft.com
  register: caller

- name: Stop before the first write when it would be refused
  ansible.builtin.assert:
    that: caller.permissions.steps.email_protection.write != 'missing'
    fail_msg: "{{ caller.permissions.steps.email_protection.missing | map(attribute='remedy') | join(' ') }}"
"""

RETURN = r"""
permissions:
  description: The caller and what the steps need of it.
  returned: success
  type: dict
  contains:
    caller:
      description: Who asks.
      type: dict
      returned: always
      contains:
        application:
          description: The id of the application.
          type: str
          returned: always
        object:
          description: The id of the service principal or user.
          type: str
          returned: always
        kind:
          description: V(app), V(user) or V(unknown).
          type: str
          returned: always
          sample: app
        directory_roles:
          description: Its directory roles, as far as they are known.
          type: list
          elements: str
          returned: always
          sample: [Exchange Administrator, Security Administrator]
        all_roles_known:
          description: Whether the directory could be asked for its role assignments.
          type: bool
          returned: always
    held:
      description:
        - The permissions in its tokens, by V(graph), V(exchange), V(compliance) and V(defender); null where they are not known, or where
          the tenant's cloud does not have the service.
      type: dict
      returned: always
      sample: {exchange: [Exchange.ManageAsApp]}
    steps:
      description:
        - By step (C(prerequisites), C(device_groups), C(email_protection), C(xdr), C(action_center)), what is described here.
      type: dict
      returned: always
      contains:
        read:
          description:
            - Whether the caller may read what the step reads, V(granted), V(missing) or V(unknown). What is optional does not count.
            - V(not_applicable) where the tenant's cloud has nothing of what the step is about.
          type: str
          returned: always
          sample: granted
        write:
          description: The same for writing; V(not_needed) for a step that only reads.
          type: str
          returned: always
          sample: missing
        needs:
          description:
            - Everything that the step needs, each with C(access), C(purpose), C(audience), C(permissions) and C(roles) (one of each is
              enough), whether it is C(optional), whether without it a line of the step is unknown or has to be attested (C(decides)), its
              C(state), the C(missing_cmdlets) that would prove it and that Exchange does not offer, the C(reason) why it is
              V(not_applicable), and the C(remedy).
          type: list
          elements: dict
          returned: always
        missing:
          description: Those of RV(permissions.steps.needs) that are missing.
          type: list
          elements: dict
          returned: always
    remarks:
      description: Sentences about traps that the caller is in.
      type: list
      elements: str
      returned: always
"""

from ansible_collections.m365.defender.plugins.module_utils._module import run
from ansible_collections.m365.defender.plugins.module_utils.readers.permission_info import PERMISSION_INFO

if __name__ == "__main__":
    run(PERMISSION_INFO)
