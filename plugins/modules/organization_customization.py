# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: organization_customization
short_description: Let an organization have Exchange settings of its own
version_added: 1.0.0
author:
  - The m365.defender contributors (@m365-defender)
description:
  - Exchange Online keeps some settings of small and new tenants only once for all of them. Such an organization is called dehydrated.
    Commands that would change these settings are refused until C(Enable-OrganizationCustomization) has been run, once.
  - This module says whether a tenant is dehydrated, and ends that if it is told to. An organization that has its own settings already
    is C(ok).
  - It cannot be undone. It is slow too. Microsoft documents up to an hour; a day has been reported.
options:
  enable:
    description:
      - Whether to give the organization settings of its own if it has none. This cannot be undone, so it has to be asked for.
      - With V(false) nothing is changed, and RV(dehydrated) says how it is.
    type: bool
    default: false
extends_documentation_fragment:
  - m365.defender.tenant
  - m365.defender.attributes
  - m365.defender.attributes.writes
  - m365.defender.exchange
notes:
  - The commands that are known to be refused before are those that make role groups and objects of the preset security policies, and
    C(Set-AdminAuditLogConfig); in some tenants those of mail filters too. They say so themselves.
  - After the change this module waits until it shows, but no longer than O(read_back_timeout). If it does not show by then, the task is
    C(changed) and warns. Commands may be refused even when it shows. Try them again after some minutes, for example with C(retries) and
    a long C(delay).
  - If the service answers that the organization was customized before, although it did not show it, the task is C(ok). In check mode
    such a task says C(changed).
  - Calls C(Get-OrganizationConfig) and C(Enable-OrganizationCustomization).
seealso:
  - module: m365.defender.configuration
  - name: Enable-OrganizationCustomization
    description: Microsoft's reference of the command.
    link: https://learn.microsoft.com/powershell/module/exchangepowershell/enable-organizationcustomization
"""

EXAMPLES = r"""
- name: See whether the organization has settings of its own, without changing anything
  m365.defender.organization_customization:
  register: customization

- name: Show it
  ansible.builtin.debug:
    msg: "{{ 'still shared' if customization.dehydrated.after else 'its own' }}"

- name: Give it settings of its own, for ever
  m365.defender.organization_customization:
    enable: true

- name: Change what was refused before, trying for up to two hours
  m365.defender.configuration:
    config:
      quarantine_policy:
        - name: Ask for release
          end_user_quarantine_permissions:
            - limited_access
  register: changed
  until: changed is success
  retries: 12
  delay: 600
"""

RETURN = r"""
operations:
  description:
    - What was done, one entry per write, in order. In check mode, what would be done.
    - When a task fails, what had been done by then.
  returned: always
  type: list
  elements: str
  sample:
    - Enable-OrganizationCustomization
dehydrated:
  description: Whether the organization still shares Microsoft's settings instead of having its own.
  returned: success
  type: dict
  contains:
    before:
      description: How it was found.
      type: bool
      sample: true
    after:
      description: How it is now, or in check mode as it would be. V(true) after a change means that it does not show yet.
      type: bool
      sample: false
diff:
  description: What changes, before and after. Empty if nothing does.
  returned: success, in diff mode
  type: list
  elements: dict
  contains:
    before_header:
      description: What the difference is about.
      type: str
      sample: organization_customization
    after_header:
      description: The same again.
      type: str
      sample: organization_customization
    before:
      description: Whether the organization shared Microsoft's settings.
      type: dict
    after:
      description: Whether it does now.
      type: dict
tenant:
  description: Which tenant this was, who asked, and what it cost.
  returned: when the connection options are valid
  type: dict
  contains:
    name:
      description: The tenant, as given in O(tenant_id) or by its domain.
      type: str
      sample: contoso.onmicrosoft.com
    identity:
      description: The client id of the app registration, or V(portal session).
      type: str
      sample: 11111111-2222-3333-4444-555555555555
    endpoint:
      description: Where requests were sent instead of to Microsoft, see O(endpoint). Empty for the real service.
      type: str
      sample: ""
    cloud:
      description: The one of Microsoft's clouds that was asked, see O(cloud). Links to the Defender portal lead to its portal.
      type: str
      sample: commercial
    when:
      description: When the task ended, in UTC.
      type: str
      sample: "2026-11-02T09:30:00+00:00"
    warnings:
      description: What the task warned of.
      type: list
      elements: str
      sample: []
    requests:
      description: Number of requests, those for tokens included.
      type: int
      sample: 3
    reads:
      description: Number of questions to a service.
      type: int
      sample: 2
    writes:
      description: Number of writes. Always V(0) in check mode.
      type: int
      sample: 1
    refused:
      description: Number of those that a service refused.
      type: int
      sample: 0
    seconds:
      description: How long the work took.
      type: float
      sample: 1.84
failure:
  description: What kept the task from being done, each part on its own. C(msg) says the same in one paragraph.
  returned: failure, each part where it is known
  type: dict
  contains:
    kind:
      description:
        - What sort of failure it is, one of V(bad_input), V(sign_in), V(forbidden), V(not_found), V(already_exists), V(refused),
          V(unavailable), V(outcome_unknown), V(not_read_back), V(error) and V(fault).
        - With V(unavailable) a later try may succeed. With V(outcome_unknown) a write may or may not have happened. V(fault) is an
          error in this collection.
      type: str
      sample: forbidden
    text:
      description: What happened.
      type: str
      sample: the caller has no role that allows this
    tried:
      description: What was being done.
      type: str
      sample: Enable-OrganizationCustomization
    tenant:
      description: The tenant.
      type: str
      sample: contoso.onmicrosoft.com
    service:
      description: Which service answered.
      type: str
      sample: exchange
    status:
      description: HTTP status.
      type: int
      sample: 403
    code:
      description: The service's own code or kind of error.
      type: str
    request_id:
      description: Identifies the request to Microsoft's support.
      type: str
      sample: 00000000-0000-0000-0000-000000000000
    hint:
      description: The likely cause and what to do about it.
      type: str
"""

from ansible_collections.m365.defender.plugins.module_utils._customization import ORGANIZATION_CUSTOMIZATION
from ansible_collections.m365.defender.plugins.module_utils._module import run

if __name__ == "__main__":
    run(ORGANIZATION_CUSTOMIZATION)
