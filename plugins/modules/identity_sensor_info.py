#!/usr/bin/python
# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: identity_sensor_info
short_description: Read the sensors of Defender for Identity and what is wrong with them
version_added: 1.0.0
description:
  - Says whether Defender for Identity is on, told from its sensors, and lists the sensors with their faults and the open health issues.
  - A list of sensors that is answered proves that it is on, an empty one that nothing is watched. A list that is refused proves nothing and
    makes the state C(unknown), unless no licence brings the product.
author: The m365.defender contributors (@m365-defender)
notes:
  - The caller needs the Microsoft Graph permissions C(SecurityIdentitiesSensors.Read.All) and C(SecurityIdentitiesHealth.Read.All), and one
    of C(LicenseAssignment.Read.All), C(Organization.Read.All) and C(Directory.Read.All).
seealso:
  - module: m365.defender.workload_info
extends_documentation_fragment:
  - m365.defender.tenant
  - m365.defender.attributes
  - m365.defender.attributes.info
"""

EXAMPLES = r"""
- name: Read the sensors
  m365.defender.identity_sensor_info:
    tenant_id: contoso.onmicrosoft.com
  register: defender

- name: Say which are not well
  ansible.builtin.debug:
    msg: "{{ item.name }}: {{ item.faults | join(', ') }}"
  loop: "{{ defender.identity.sensor_list | selectattr('faults') }}"
  loop_control:
    label: "{{ item.name }}"
"""

RETURN = r"""
identity:
  description: What is known of Defender for Identity.
  returned: success
  type: dict
  contains:
    state:
      description: V(on), V(off) or V(unknown).
      type: str
      returned: always
      sample: "on"
    reason:
      description: What shows it.
      type: str
      returned: always
    driver:
      description: What told it, V(portal) or V(public_api).
      type: str
      returned: always
    remedy:
      description: What to do; empty where nothing is to be done.
      type: str
      returned: always
    link:
      description: Where it is in the portal. The addresses are from memory of Microsoft's documentation.
      type: str
      returned: always
    sensors:
      description: How many sensors there are; null where they could not be read.
      type: int
      returned: always
    sensors_not_healthy:
      description: How many of them are not well.
      type: int
      returned: always
    open_health_issues:
      description: How many health issues are open; null where they could not be read.
      type: int
      returned: always
    health_unknown_because:
      description: Why health issues could not be read; empty when they were, or when the sensors could not be read either.
      type: str
      returned: always
    licensed:
      description: Whether a licence brings it; null where the licences could not be read.
      type: bool
      returned: always
    sensor_list:
      description: The sensors, those with the most faults first.
      type: list
      elements: dict
      returned: always
      contains:
        name:
          description: The sensor's name.
          type: str
          returned: always
          sample: srv-dc1
        id:
          description: The sensor's id.
          type: str
          returned: always
        domain:
          description: The domain that it watches.
          type: str
          returned: always
        type:
          description: Its type in Microsoft's words.
          type: str
          returned: always
          sample: domainControllerIntegrated
        version:
          description: Its version.
          type: str
          returned: always
        health:
          description: Its health in Microsoft's words.
          type: str
          returned: always
          sample: healthy
        service:
          description: The state of its service in Microsoft's words.
          type: str
          returned: always
          sample: running
        deployment:
          description: The state of its deployment in Microsoft's words.
          type: str
          returned: always
          sample: upToDate
        open_health_issues:
          description: How many health issues it has.
          type: int
          returned: always
        faults:
          description: What is wrong with it; empty when it is well.
          type: list
          elements: str
          returned: always
    health_issues:
      description: The open health issues, the gravest first.
      type: list
      elements: dict
      returned: always
      contains:
        name:
          description: What it is called.
          type: str
          returned: always
        id:
          description: Its id.
          type: str
          returned: always
        kind:
          description: V(sensor) or V(global).
          type: str
          returned: always
        severity:
          description: V(high), V(medium) or V(low).
          type: str
          returned: always
        description:
          description: What is wrong.
          type: str
          returned: always
        domains:
          description: The domains that it concerns.
          type: list
          elements: str
          returned: always
        sensors:
          description: The sensors that it concerns.
          type: list
          elements: str
          returned: always
        since:
          description: When it began.
          type: str
          returned: always
        recommendations:
          description: What Microsoft recommends.
          type: list
          elements: str
          returned: always
"""

from ansible_collections.m365.defender.plugins.module_utils._module import run
from ansible_collections.m365.defender.plugins.module_utils.readers.identity_sensor_info import IDENTITY_SENSOR_INFO

if __name__ == "__main__":
    run(IDENTITY_SENSOR_INFO)
