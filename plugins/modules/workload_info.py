#!/usr/bin/python
# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: workload_info
short_description: See whether Defender for Identity, Cloud Apps and Office 365 run
version_added: 1.0.0
description:
  - Says of Defender for Identity, Defender for Cloud Apps and Defender for Office 365 whether each is on, off or unknown, and why.
  - Defender for Identity is told from its sensors. Defender for Cloud Apps is told from its events in advanced hunting, or from the portal
    where there is a session. Defender for Office 365 is told from its settings in Exchange Online, or from the portal.
  - Only a licence that is missing, an empty list of sensors, or the portal can prove that one is off. A refusal makes it C(unknown).
  - Also says what is known of the integration of Defender for Identity with Defender for Cloud Apps. No API shows it; the switches among
    the advanced features of Defender for Endpoint are something else. A person can look and say it in an attestation.
author: The m365.defender contributors (@m365-defender)
notes:
  - The caller needs the Microsoft Graph permissions C(SecurityIdentitiesSensors.Read.All), C(SecurityIdentitiesHealth.Read.All) and
    C(ThreatHunting.Read.All), one of C(LicenseAssignment.Read.All), C(Organization.Read.All) and C(Directory.Read.All), and a directory
    role that may read in Exchange Online. What it may not read is C(unknown).
  - That advanced hunting lacks the table of a product that is not set up is from memory of Microsoft's documentation, so that it proves
    nothing here.
seealso:
  - module: m365.defender.identity_sensor_info
  - module: m365.defender.xdr_info
extends_documentation_fragment:
  - m365.defender.tenant
  - m365.defender.attributes
  - m365.defender.attributes.info
"""

EXAMPLES = r"""
- name: See which products run
  m365.defender.workload_info:
    tenant_id: contoso.onmicrosoft.com
  register: products

- name: Say what to do about those that do not
  ansible.builtin.debug:
    msg: "{{ item.key }} is {{ item.value.state }}: {{ item.value.reason }} {{ item.value.remedy }}"
  loop: "{{ products.workloads | dict2items | rejectattr('value.state', 'equalto', 'on') }}"
  loop_control:
    label: "{{ item.key }}"
"""

RETURN = r"""
workloads:
  description: The products, each with what is known of it.
  returned: success
  type: dict
  contains:
    defender_for_identity:
      description: Defender for Identity.
      type: dict
      returned: always
      contains:
        state:
          description: V(on), V(off), V(unknown), or V(not_in_cloud) where the tenant's cloud does not have it.
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
    defender_for_cloud_apps:
      description: Defender for Cloud Apps.
      type: dict
      returned: always
      contains:
        state:
          description: V(on), V(off), V(unknown), or V(not_in_cloud) where the tenant's cloud does not have it.
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
    defender_for_office_365:
      description: Defender for Office 365.
      type: dict
      returned: always
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
    identity_cloud_apps_integration:
      description: Whether the first two are integrated, the third line of the article's network requirements.
      type: dict
      returned: always
      contains:
        state:
          description: V(off) where one of the two is off, V(not_in_cloud) where the cloud does not have them, otherwise V(unknown).
          type: str
          returned: always
          sample: unknown
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
        attestable:
          description: Whether a person could look and say so in an attestation.
          type: bool
          returned: always
portal_unknown_because:
  description: Why the portal could not be asked; empty when it was.
  returned: success
  type: str
"""

from ansible_collections.m365.defender.plugins.module_utils._module import run
from ansible_collections.m365.defender.plugins.module_utils.readers.workload_info import WORKLOAD_INFO

if __name__ == "__main__":
    run(WORKLOAD_INFO)
