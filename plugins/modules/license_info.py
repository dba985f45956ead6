#!/usr/bin/python
# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: license_info
short_description: Read which Defender products a tenant has
version_added: 1.0.0
description:
  - Tells from the tenant's subscriptions which Defender products it may use, whether they are enough for automated investigation and
    response, and which one is missing.
  - Decides by the ids of service plans over all subscriptions, never by the names of subscriptions, because subscriptions of one name
    differ in what they bring. Plans of government subscriptions count alike.
  - A plan counts when its subscription is enabled or in its time of grace and the plan itself is provisioned or about to be.
author: The m365.defender contributors (@m365-defender)
notes:
  - The caller needs one of the Microsoft Graph permissions C(LicenseAssignment.Read.All), C(Organization.Read.All) and
    C(Directory.Read.All).
seealso:
  - module: m365.defender.device_info
  - module: m365.defender.xdr_info
extends_documentation_fragment:
  - m365.defender.tenant
  - m365.defender.attributes
  - m365.defender.attributes.info
"""

EXAMPLES = r"""
- name: Read the licences
  m365.defender.license_info:
    tenant_id: contoso.onmicrosoft.com
  register: tenant

- name: Say what is missing
  ansible.builtin.debug:
    msg: "Automated investigation needs {{ tenant.licenses.air.missing_products | join(', ') }} besides"
  when: not tenant.licenses.air.qualifies

- name: Raise device groups only where there are any
  m365.defender.device_group:
    tenant_id: contoso.onmicrosoft.com
    name: Ungrouped devices (default)
    automation_level: full
  when: tenant.licenses.products.defender_for_endpoint == 'plan2'
"""

RETURN = r"""
licenses:
  description: What the tenant's subscriptions bring.
  returned: success
  type: dict
  contains:
    products:
      description: The products, each with its plan or whether it is there.
      type: dict
      returned: always
      contains:
        defender_for_endpoint:
          description: V(plan2), V(plan1), V(business) (Defender for Business) or V(none). Only V(plan2) has levels of automation to set.
          type: str
          returned: always
          sample: plan2
        defender_for_office_365:
          description: V(plan2), V(plan1) or V(none). Only V(plan2) investigates mail by itself.
          type: str
          returned: always
          sample: plan2
        defender_for_identity:
          description: Whether Defender for Identity is there.
          type: bool
          returned: always
        defender_for_cloud_apps:
          description: Whether Defender for Cloud Apps is there in full.
          type: bool
          returned: always
        defender_xdr:
          description: Whether any licence opens Defender XDR. That list is much wider than the one for automated investigation.
          type: bool
          returned: always
        exchange_online:
          description: Whether any licence brings a mailbox.
          type: bool
          returned: always
    air:
      description: Automated investigation and response.
      type: dict
      returned: always
      contains:
        qualifies:
          description: Whether the tenant has all four service plans that it needs.
          type: bool
          returned: always
        line:
          description: The line of Microsoft's table of subscriptions that the tenant matches; empty when it matches none.
          type: str
          returned: always
          sample: Microsoft 365 E5
        missing:
          description: Service plans that are missing.
          type: list
          elements: str
          returned: always
          sample: [ATA]
        missing_products:
          description: The same by the names of products.
          type: list
          elements: str
          returned: always
          sample: [Microsoft Defender for Identity]
    skus:
      description: Every subscription, by name.
      type: list
      elements: dict
      returned: always
      contains:
        name:
          description: The subscription's part number.
          type: str
          returned: always
          sample: SPE_E5
        id:
          description: The subscription's id.
          type: str
          returned: always
        status:
          description: Its state in Microsoft's words, such as V(Enabled), V(Warning) or V(Suspended).
          type: str
          returned: always
          sample: Enabled
        units:
          description: How many licences are C(enabled), in C(warning) and C(suspended).
          type: dict
          returned: always
        consumed:
          description: How many are assigned.
          type: int
          returned: always
        plans:
          description: Those of its service plans that matter here and that work.
          type: list
          elements: str
          returned: always
          sample: [ATA, WINDEFATP]
    service_plans:
      description: Service plans that matter here and that work, over all subscriptions.
      type: list
      elements: str
      returned: always
      sample: [ADALLOM_S_STANDALONE, ATA, THREAT_INTELLIGENCE, WINDEFATP]
    remarks:
      description: Sentences about an unusual mixture of licences.
      type: list
      elements: str
      returned: always
"""

from ansible_collections.m365.defender.plugins.module_utils._module import run
from ansible_collections.m365.defender.plugins.module_utils.readers.license_info import LICENSE_INFO

if __name__ == "__main__":
    run(LICENSE_INFO)
