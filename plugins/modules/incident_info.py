#!/usr/bin/python
# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: incident_info
short_description: Read incidents of Microsoft Defender XDR
version_added: 1.0.0
description:
  - Lists incidents, newest first, filtered by status, severity, source, assignment and time.
  - Status, severity, assignment to a person and times are filtered by the service; O(service_source), O(product) and O(assigned) by this
    module, which then has to read every incident that the other options leave.
  - Only as many pages are read as are needed for O(most).
author: The m365.defender contributors (@m365-defender)
options:
  id:
    description: The one incident of this id. It goes without options that choose among several.
    type: str
  status:
    description: Only those of these states. V(awaitingAction) is an incident in which an action waits for somebody's approval.
    type: list
    elements: str
    choices:
      - active
      - inProgress
      - awaitingAction
      - resolved
      - redirected
  severity:
    description: Only those of these severities.
    type: list
    elements: str
    choices:
      - high
      - medium
      - low
      - informational
      - unknown
  service_source:
    description: Only those with an alert from one of these services.
    type: list
    elements: str
    choices:
      - microsoftDefenderForEndpoint
      - microsoftDefenderForOffice365
      - microsoftDefenderForIdentity
      - microsoftDefenderForCloudApps
      - microsoft365Defender
      - azureAdIdentityProtection
      - microsoftAppGovernance
      - dataLossPrevention
      - microsoftDefenderForCloud
      - microsoftSentinel
      - microsoftInsiderRiskManagement
      - microsoftThreatIntelligence
      - microsoftSecurityForAI
  product:
    description: Only those with an alert of a product whose name has this text in it.
    type: str
  assigned_to:
    description: Only those assigned to this person, by sign-in name.
    type: str
  assigned:
    description: V(true) for only those that are assigned to anybody, V(false) for only those that are assigned to nobody.
    type: bool
  days:
    description: Only those that changed within so many days. Not used when O(created_after) or O(created_before) is given.
    type: int
    default: 30
  created_after:
    description: Only those made at this time or later, in UTC, such as V(2026-09-01T00:00:00Z).
    type: str
  created_before:
    description: Only those made at this time or earlier.
    type: str
  alerts:
    description: Whether to return the alerts of each incident, too. Their evidence is shown by M(m365.defender.alert_info).
    type: bool
    default: false
  most:
    description: Return so many at most, 5000 at most.
    type: int
    default: 50
notes:
  - The caller needs the Microsoft Graph permission C(SecurityIncident.Read.All). The service keeps incidents for 180 days.
seealso:
  - module: m365.defender.alert_info
  - module: m365.defender.pending_action_info
extends_documentation_fragment:
  - m365.defender.tenant
  - m365.defender.attributes
  - m365.defender.attributes.info
"""

EXAMPLES = r"""
- name: Read what is serious and open
  m365.defender.incident_info:
    severity: [high]
    status: [active, inProgress, awaitingAction]
  register: serious

- name: Name it
  ansible.builtin.debug:
    msg: "{{ item.severity }}: {{ item.name }}, {{ item.link }}"
  loop: "{{ serious.incidents }}"
  loop_control:
    label: "{{ item.id }}"

- name: Incidents of mail that nobody looks into
  m365.defender.incident_info:
    service_source: [microsoftDefenderForOffice365]
    assigned: false
    days: 7

- name: One incident with its alerts
  m365.defender.incident_info:
    id: "201"
    alerts: true
"""

RETURN = r"""
incidents:
  description: The incidents, newest first.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: Its id.
      type: str
      returned: always
      sample: "201"
    name:
      description: What the portal calls it.
      type: str
      returned: always
      sample: Malware and a suspicious download on one endpoint
    status:
      description: Its state.
      type: str
      returned: always
      sample: awaitingAction
    severity:
      description: Its severity.
      type: str
      returned: always
      sample: high
    classification:
      description: What it was judged to be.
      type: str
      returned: always
      sample: truePositive
    determination:
      description: What kind of threat it was judged to be.
      type: str
      returned: always
      sample: malware
    assigned_to:
      description: Who looks into it; empty for nobody.
      type: str
      returned: always
    created:
      description: When it was made.
      type: str
      returned: always
      sample: "2026-09-14T12:00:00Z"
    updated:
      description: When it last changed.
      type: str
      returned: always
    description:
      description: What happened, in the service's words.
      type: str
      returned: always
    tags:
      description: Tags that people and the service gave it.
      type: list
      elements: str
      returned: always
    redirected_to:
      description: The incident that it was merged into; empty for none.
      type: str
      returned: always
    service_sources:
      description: The services whose alerts it has.
      type: list
      elements: str
      returned: when O(alerts=true)
    alerts:
      description: Its alerts, as M(m365.defender.alert_info) shows them.
      type: list
      elements: dict
      returned: when O(alerts=true)
    link:
      description: Where the portal shows it.
      type: str
      returned: always
      sample: https://security.microsoft.com/incidents/201
count:
  description: How many are returned.
  returned: success
  type: int
  sample: 1
more:
  description: Whether there are others that fit besides. Raise O(most) to see them.
  returned: success
  type: bool
by_status:
  description: Numbers of the returned ones by state.
  returned: success
  type: dict
  sample: {awaitingAction: 1}
by_severity:
  description: Numbers of the returned ones by severity.
  returned: success
  type: dict
  sample: {high: 1}
"""

from ansible_collections.m365.defender.plugins.module_utils._module import run
from ansible_collections.m365.defender.plugins.module_utils.readers.incident_info import INCIDENT_INFO

if __name__ == "__main__":
    run(INCIDENT_INFO)
