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
  - For each of the four products that automated investigation needs it says which subscriptions bring it, with how many units, whether
    they are trials only, and what to do where none does.
author: The m365.defender contributors (@m365-defender)
notes:
  - The caller needs one of the Microsoft Graph permissions C(LicenseAssignment.Read.All), C(Organization.Read.All) and
    C(Directory.Read.All). Trials are told by a list that needs C(Organization.Read.All) or C(Directory.Read.All); without it the task goes
    on and says that trials are not known.
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

- name: Fail when a product comes from trials only
  ansible.builtin.assert:
    that: not tenant.licenses.air.requirements | selectattr('trial_only') | list

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
        requirements:
          description: The four products.
          type: list
          elements: dict
          returned: always
          contains:
            product:
              description: The product.
              type: str
              returned: always
              sample: Microsoft Defender for Identity
            present:
              description: Whether a plan that works brings it.
              type: bool
              returned: always
            plans:
              description: The plans that bring it, or the one that would.
              type: list
              elements: str
              returned: always
              sample: [ATA]
            subscriptions:
              description: The subscriptions that bring it.
              type: list
              elements: str
              returned: always
              sample: [SPE_E5]
            units:
              description: How many licences of these are C(enabled), in C(warning) and C(suspended).
              type: dict
              returned: always
              sample: {enabled: 25, suspended: 0, warning: 0}
            trial_only:
              description: Whether nothing but trials bring it; null where nothing does or nobody says.
              type: bool
              returned: always
            not_working:
              description: Subscriptions that would bring it and do not, each with the reason.
              type: list
              elements: str
              returned: always
              sample: ["SPE_E5: the plan is Disabled"]
            remedy:
              description: What to do; empty where the product is there.
              type: str
              returned: always
        remedy:
          description: What to do about all that is missing.
          type: str
          returned: always
    xdr:
      description: Defender XDR, for which many more licences are enough than for automated investigation.
      type: dict
      returned: always
      contains:
        qualifies:
          description: Whether any licence opens it.
          type: bool
          returned: always
        plans:
          description: The plans that do.
          type: list
          elements: str
          returned: always
        remedy:
          description: What would open it; empty where something does.
          type: str
          returned: always
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
        idle_plans:
          description: Those of its service plans that matter here and do not work, each with the reason.
          type: dict
          returned: always
          sample: {ATA: the plan is Disabled}
        trial:
          description: Whether it is a trial and nothing of it is bought; null where nobody says.
          type: bool
          returned: always
        trial_units:
          description: How many of its licences are on trial; null where nobody says.
          type: int
          returned: always
        ends:
          description: When its trial, or otherwise its term, comes to an end; empty where nobody says.
          type: str
          returned: always
    service_plans:
      description: Service plans that matter here and that work, over all subscriptions.
      type: list
      elements: str
      returned: always
      sample: [ADALLOM_S_STANDALONE, ATA, THREAT_INTELLIGENCE, WINDEFATP]
    trials:
      description: Which subscriptions are trials.
      type: dict
      returned: always
      contains:
        known:
          description: Whether it is known of every subscription that matters here.
          type: bool
          returned: always
        subscriptions:
          description: Those that are.
          type: list
          elements: str
          returned: always
        told_by:
          description: What tells it.
          type: str
          returned: always
        unknown_because:
          description: Why it is not known of all; empty when it is.
          type: str
          returned: always
    government_plans:
      description: Service plans that only the government of the United States is sold.
      type: list
      elements: str
      returned: always
      sample: [THREAT_INTELLIGENCE_GOV]
    remarks:
      description:
        - Sentences about what is unusual, such as a mixture of licences, products with fewer units than another, a product that only trials
          bring, and plans for the government in the commercial cloud.
      type: list
      elements: str
      returned: always
"""

from ansible_collections.m365.defender.plugins.module_utils._module import run
from ansible_collections.m365.defender.plugins.module_utils.readers.license_info import LICENSE_INFO

if __name__ == "__main__":
    run(LICENSE_INFO)
