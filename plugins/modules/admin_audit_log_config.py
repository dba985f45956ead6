# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: admin_audit_log_config
short_description: Manage whether the tenant keeps an audit log
version_added: 1.0.0
author:
  - The m365.defender contributors (@m365-defender)
description:
  - Switches auditing of the whole tenant on or off. There is exactly one such setting in a tenant, so there is neither a name nor a
    state.
  - The audit log records what people and administrators do in Microsoft 365. Searches in it, alert policies about activities, and
    automated investigation of mail need it.
  - Only options that are given are compared and set. An option that is left out keeps its value.
options:
  unified_audit_log_ingestion_enabled:
    description:
      - Whether activities are recorded.
      - Most new tenants have V(true), some trials V(false). Recommended V(true).
    type: bool
extends_documentation_fragment:
  - m365.defender.tenant
  - m365.defender.attributes
  - m365.defender.attributes.writes
  - m365.defender.exchange
notes:
  - Needs no licence beyond one with Exchange Online. How long records are kept depends on the licence of each person.
  - The change takes up to 60 minutes to work, Microsoft says. The setting itself is read back at once; if it does not show within
    O(read_back_timeout) seconds the task fails and says so, and the next run will find it.
  - In a tenant whose organization was never customized the service refuses the change and names
    C(Enable-OrganizationCustomization), which has to be run once; see M(m365.defender.organization_customization).
  - Writing needs the role Audit Logs of Exchange Online. That the Entra role Exchange Administrator brings it for unattended
    changes is a guess.
  - The setting is read and written on the endpoint of Exchange Online. That of Security & Compliance always shows it as off.
  - Calls C(Get-AdminAuditLogConfig) and C(Set-AdminAuditLogConfig).
seealso:
  - module: m365.defender.organization_customization
  - module: m365.defender.protection_alert
  - module: m365.defender.configuration
  - name: Turn auditing on or off
    description: What is recorded, and how long it takes.
    link: https://learn.microsoft.com/purview/audit-log-enable-disable
"""

EXAMPLES = r"""
- name: Keep an audit log
  m365.defender.admin_audit_log_config:
    unified_audit_log_ingestion_enabled: true

- name: See whether there is one, without changing anything
  m365.defender.admin_audit_log_config:
  register: audit

- name: Show it
  ansible.builtin.debug:
    var: audit.object

- name: Fail if there is none
  m365.defender.admin_audit_log_config:
    unified_audit_log_ingestion_enabled: true
  check_mode: true
  register: audit
  failed_when: audit is changed or audit is failed
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
    - Set-AdminAuditLogConfig Admin Audit Log Settings {UnifiedAuditLogIngestionEnabled}
object:
  description: The settings as they are after the task, or in check mode as they would be, each under the name of its option.
  returned: success
  type: dict
  sample:
    {unified_audit_log_ingestion_enabled: true}
diff:
  description: The options that were given and differ, before and after. Empty if nothing differs.
  returned: success, in diff mode
  type: list
  elements: dict
  contains:
    before_header:
      description: What the difference is about.
      type: str
      sample: admin_audit_log_config
    after_header:
      description: The same again.
      type: str
      sample: admin_audit_log_config
    before:
      description: The given options as they were found.
      type: dict
    after:
      description: The given options as they are now.
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
      sample: Set-AdminAuditLogConfig Admin Audit Log Settings
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

from ansible_collections.m365.defender.plugins.module_utils._module import run
from ansible_collections.m365.defender.plugins.module_utils.resources.admin_audit_log_config import ADMIN_AUDIT_LOG_CONFIG

if __name__ == "__main__":
    run(ADMIN_AUDIT_LOG_CONFIG)
