#!/usr/bin/python
# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: xdr_info
short_description: See whether Defender XDR and its workloads are on
version_added: 1.0.0
description:
  - Says whether Microsoft Defender XDR is on, with Incidents, the Action center and Hunting each by name, and which of its workloads are.
  - With a portal session the portal is asked. Without one the public APIs are tried; their answer proves that the service is on. A refusal
    proves nothing and makes the state C(unknown); only the portal and missing licences prove that it is off.
  - Fails where nothing shows the state and none of the public APIs could be asked, because the sign-in failed or they can't be reached.
  - Defender XDR can't be switched on by any API. It switches itself on when an eligible person first opens the portal.
author: The m365.defender contributors (@m365-defender)
notes:
  - The caller needs the Microsoft Graph permission C(SecurityIncident.Read.All), and for more evidence C(SecurityAlert.Read.All),
    C(ThreatHunting.Read.All), C(SecurityIdentitiesSensors.Read.All), C(SecurityIdentitiesHealth.Read.All) and
    C(LicenseAssignment.Read.All).
  - That the members of the portal's answer together mean that the service is on is read from their names; it is not documented.
extends_documentation_fragment:
  - m365.defender.tenant
  - m365.defender.attributes
  - m365.defender.attributes.info
"""

EXAMPLES = r"""
- name: See whether Defender XDR is on
  m365.defender.xdr_info:
    tenant_id: contoso.onmicrosoft.com
  register: defender

- name: Say what to do
  ansible.builtin.debug:
    msg: "{{ defender.xdr.reason }} {{ defender.xdr.remedy }}"
  when: defender.xdr.state != 'on'

- name: Go on only where the Action center is not known to be off
  ansible.builtin.assert:
    that: defender.xdr.action_center.state != 'off'
"""

RETURN = r"""
xdr:
  description:
    - What is known of Defender XDR. Each part has a C(state) (V(on), V(off) or V(unknown)), a C(reason) and the C(driver) that told it;
      C(incidents), C(alerts), C(hunting) and C(action_center) also a C(link) to where the portal shows it.
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
      sample: "Its public APIs answer: incidents, alerts, hunting."
    driver:
      description: What told it, V(portal) or V(public_api).
      type: str
      returned: always
      sample: public_api
    remedy:
      description: What to do when it is not on, or not known to be; empty when it is.
      type: str
      returned: always
      sample: ""
    licensed:
      description: Whether any licence opens Defender XDR; null when the licences could not be read.
      type: bool
      returned: always
    incidents:
      description: Incidents.
      type: dict
      returned: always
      sample:
        driver: public_api
        link: https://security.microsoft.com/incidents
        reason: Incidents can be read.
        state: "on"
    alerts:
      description: Alerts.
      type: dict
      returned: always
    hunting:
      description: Advanced hunting.
      type: dict
      returned: always
    action_center:
      description: The Action center. No supported API shows it, so that it is V(unknown) without a portal session.
      type: dict
      returned: always
    automated_investigation:
      description: Whether the portal shows automated investigation as on; null without a portal session.
      type: bool
      returned: always
    workloads:
      description:
        - The state of C(defender_for_endpoint), C(defender_for_office_365), C(defender_for_identity) and C(defender_for_cloud_apps).
        - Defender for Identity is told by its sensors, as by M(m365.defender.workload_info), with their number (C(sensors),
          C(sensors_not_healthy), C(open_health_issues); null where they could not be read), C(remedy) and C(link).
      type: dict
      returned: always
    portal_unknown_because:
      description: Why the portal could not be asked; empty when it was.
      type: str
      returned: always
    link:
      description: The portal.
      type: str
      returned: always
      sample: https://security.microsoft.com/
"""

from ansible_collections.m365.defender.plugins.module_utils._module import run
from ansible_collections.m365.defender.plugins.module_utils.readers.xdr_info import XDR_INFO

if __name__ == "__main__":
    run(XDR_INFO)
