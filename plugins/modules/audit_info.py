#!/usr/bin/python
# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: audit_info
short_description: Read who decided what about threats, from the audit log
version_added: 1.0.0
description:
  - Searches the unified audit log for records of automated investigation and response, and of actions on devices, and returns who did
    what, when, and about what.
  - Microsoft Graph reads the audit log in three steps. A query object is made, looked at until it has succeeded, and its records are
    listed. Making that object is how this API reads. It changes nothing in the tenant, and is done in check mode, too. The
    query stays visible among the searches of the Purview portal.
  - The other ways to the audit log, C(Search-UnifiedAuditLog) and the Office 365 Management Activity API, are not used.
author: The m365.defender contributors (@m365-defender)
options:
  record_types:
    description:
      - Records of these types, in any case of their letters. Known are V(AirInvestigation), V(AirManualInvestigation),
        V(AirAdminActionInvestigation), V(MDATPAudit), V(MSDEResponseActions), V(MSDEGeneralSettings), V(MSDERolesSettings),
        V(MSDEIndicatorsSettings), V(MS365DCustomDetection), V(MS365DIncident), V(MS365DSuppressionRule), V(WDATPAlerts) and
        V(Quarantine).
      - C(Air...) are investigations of mail, by themselves, started by somebody, or decided by an administrator. V(MDATPAudit) and
        V(MSDEResponseActions) are actions on devices. That changes of device groups are among V(MSDERolesSettings) or
        V(MSDEGeneralSettings) is a guess.
    type: list
    elements: str
    default:
      - AirInvestigation
      - AirManualInvestigation
      - AirAdminActionInvestigation
      - MDATPAudit
      - MSDEResponseActions
  operations:
    description: Only records of these operations, as the audit log spells them.
    type: list
    elements: str
  users:
    description: Only records of what these people did, by sign-in name.
    type: list
    elements: str
  days:
    description: Look at so many days, 365 at most. Not used when O(since) is given.
    type: int
    default: 7
  since:
    description: Look at records from this time on, in UTC, such as V(2026-09-01T00:00:00Z).
    type: str
  until:
    description: Look at records up to this time. Without it, up to now.
    type: str
  details:
    description: Whether to return all that the service tells of each record, too.
    type: bool
    default: false
  most:
    description: Return so many at most, 50000 at most.
    type: int
    default: 500
  wait_for_search:
    description: For how many seconds the search may run. Searches take minutes.
    type: int
    default: 600
notes:
  - The caller needs the Microsoft Graph permission C(AuditLogsQuery.Read.All). Auditing must be on, see
    M(m365.defender.admin_audit_log_config).
  - The clouds V(gcc_high), V(dod) and V(china) do not have this search. The task fails there with the code V(not_in_cloud), and the
    service is not asked. The Purview portal searches there.
  - A record shows up some time after what it tells of, usually an hour or more.
  - What a record has besides who, when and which operation is not documented for this API. RV(records[].target), RV(records[].comment),
    RV(records[].status) and RV(records[].actions) are taken from members that are known from the Office 365 Management Activity API, and
    are empty where these are missing.
seealso:
  - module: m365.defender.pending_action_info
  - module: m365.defender.admin_audit_log_config
extends_documentation_fragment:
  - m365.defender.tenant
  - m365.defender.attributes
  - m365.defender.attributes.info
"""

EXAMPLES = r"""
- name: Read who decided what in the last week
  m365.defender.audit_info:
  register: decided

- name: Say so
  ansible.builtin.debug:
    msg: "{{ item.time }} {{ item.who }}: {{ item.operation }} {{ item.target }}"
  loop: "{{ decided.records | selectattr('by_person') }}"
  loop_control:
    label: "{{ item.id }}"

- name: What one person did in September
  m365.defender.audit_info:
    users: [alex@contoso.com]
    since: "2026-09-01T00:00:00Z"
    until: "2026-10-01T00:00:00Z"

- name: Changes of settings of Defender for Endpoint, with all that is told
  m365.defender.audit_info:
    record_types: [MSDEGeneralSettings, MSDERolesSettings, MSDEIndicatorsSettings]
    details: true
    wait_for_search: 1800
"""

RETURN = r"""
records:
  description: The records, newest first.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: Its id.
      type: str
      returned: always
    time:
      description: When it happened.
      type: str
      returned: always
      sample: "2026-09-14T12:00:00Z"
    who:
      description: Who did it, a person or a program.
      type: str
      returned: always
      sample: alex@contoso.com
    by_person:
      description: Whether that is a person, told by the name and the kind of user.
      type: bool
      returned: always
    record_type:
      description: The record's type.
      type: str
      returned: always
      sample: AirAdminActionInvestigation
    operation:
      description: What was done.
      type: str
      returned: always
      sample: AirAdminActionInvestigationData
    service:
      description: The part of Microsoft 365 that wrote it.
      type: str
      returned: always
    target:
      description: What it is about, as far as it is told.
      type: str
      returned: always
      sample: Mail with malicious urls is zapped
    status:
      description: How the investigation stood.
      type: str
      returned: always
      sample: Remediated
    comment:
      description: Why, as far as it is told.
      type: str
      returned: always
    actions:
      description: The actions of the investigation, each with C(type), C(status) and C(approval).
      type: list
      elements: dict
      returned: always
    client_ip:
      description: The address from which it was done.
      type: str
      returned: always
    details:
      description: All that the service tells of it besides.
      type: dict
      returned: when O(details=true)
count:
  description: How many are returned.
  returned: success
  type: int
more:
  description: Whether there are others that fit besides. Raise O(most) to see them.
  returned: success
  type: bool
by_record_type:
  description: Numbers of the returned ones by record type.
  returned: success
  type: dict
by_person:
  description: Numbers of the returned ones by person.
  returned: success
  type: dict
"""

from ansible_collections.m365.defender.plugins.module_utils._module import run
from ansible_collections.m365.defender.plugins.module_utils.readers.audit_info import AUDIT_INFO

if __name__ == "__main__":
    run(AUDIT_INFO)
