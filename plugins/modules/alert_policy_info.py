#!/usr/bin/python
# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: alert_policy_info
short_description: Read the alert policies and which of them start investigations
version_added: 1.0.0
description:
  - Lists every alert policy, Microsoft's own and custom ones, with its state and who is notified. Those that start an automated
    investigation of mail come first.
  - Microsoft's own policies are recognized by their immutable id, because their names are spelt differently from tenant to tenant. They can
    be changed in the portal only.
  - Calls C(Get-ProtectionAlert) on the Security & Compliance endpoint.
author: The m365.defender contributors (@m365-defender)
notes:
  - The caller needs the application permission C(Exchange.ManageAsApp) and a directory role that the Security & Compliance endpoint knows,
    such as Security Reader. Exchange Administrator is none.
  - An investigation is started only where the tenant has Defender for Office 365 Plan 2.
seealso:
  - module: m365.defender.protection_alert
extends_documentation_fragment:
  - m365.defender.tenant
  - m365.defender.attributes
  - m365.defender.attributes.info
"""

EXAMPLES = r"""
- name: Read the alert policies
  m365.defender.alert_policy_info:
    tenant_id: contoso.onmicrosoft.com
  register: alerts

- name: Say which investigations can't start
  ansible.builtin.debug:
    msg: "{{ alerts.switched_off }}"
  when: alerts.switched_off | length > 0
"""

RETURN = r"""
policies:
  description: Every alert policy; those that start investigations first.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: Its name, without the invisible characters that some end in.
      type: str
      returned: always
      sample: A potentially malicious URL click was detected
    immutable_id:
      description: Its id, the same in every tenant for Microsoft's own policies.
      type: str
      returned: always
      sample: a74bb32a-541b-47fb-adfd-f8c62ce3d59b
    system:
      description: Whether it is one of Microsoft's own.
      type: bool
      returned: always
    starts_investigation:
      description: Whether its alerts start an automated investigation of mail.
      type: bool
      returned: always
    disabled:
      description: Whether it is off.
      type: bool
      returned: always
    category:
      description: Its category.
      type: str
      returned: always
      sample: ThreatManagement
    severity:
      description: The severity of its alerts.
      type: str
      returned: always
      sample: High
    threat_type:
      description: What is watched, such as V(Activity) for what people do or V(Malicious) for what is found in mail.
      type: str
      returned: always
      sample: MaliciousUrlClick
    operation:
      description: Which activities are watched, by their names in the audit log; none where something else than activities is watched.
      type: list
      elements: str
      returned: always
      sample: []
    aggregation_type:
      description: When there is an alert; V(None) is for every event.
      type: str
      returned: always
      sample: 'None'
    comment:
      description: A remark for administrators.
      type: str
      returned: always
      sample: ""
    notification_enabled:
      description: Whether somebody is notified by mail.
      type: bool
      returned: always
    notify_user:
      description: Who is notified.
      type: list
      elements: str
      returned: always
      sample: [TenantAdmins]
    changed_in_portal:
      description: Whether somebody has changed it in the portal.
      type: bool
      returned: always
switched_off:
  description: The names of those that would start an investigation and are off.
  returned: success
  type: list
  elements: str
"""

from ansible_collections.m365.defender.plugins.module_utils._module import run
from ansible_collections.m365.defender.plugins.module_utils.readers.alert_policy_info import ALERT_POLICY_INFO

if __name__ == "__main__":
    run(ALERT_POLICY_INFO)
