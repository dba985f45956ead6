#!/usr/bin/python
# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: alert_info
short_description: Read alerts of Microsoft Defender XDR
version_added: 1.0.0
description:
  - Lists alerts, newest first, filtered by status, severity, source, incident, investigation, assignment and time, on request with their
    evidence.
  - Status, severity, O(service_source), assignment to a person and times are filtered by the service; O(product), O(investigation_state)
    and O(assigned) by this module, which then has to read every alert that the other options leave.
  - Only as many pages are read as are needed for O(most).
author: The m365.defender contributors (@m365-defender)
options:
  id:
    description: The one alert of this id. It goes without options that choose among several.
    type: str
  incident:
    description: Only those of the incident of this id. They are read with the incident, however old they are.
    type: str
  status:
    description: Only those of these states.
    type: list
    elements: str
    choices:
      - new
      - inProgress
      - resolved
      - unknown
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
    description: Only those from one of these services.
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
    description: Only those of a product whose name has this text in it.
    type: str
  investigation_state:
    description: Only those whose automated investigation is in one of these states.
    type: list
    elements: str
    choices:
      - unknown
      - terminated
      - successfullyRemediated
      - benign
      - failed
      - partiallyRemediated
      - running
      - pendingApproval
      - pendingResource
      - queued
      - innerFailure
      - preexistingAlert
      - unsupportedOs
      - unsupportedAlertType
      - suppressedAlert
      - partiallyInvestigated
      - terminatedByUser
      - terminatedBySystem
  assigned_to:
    description: Only those assigned to this person, by sign-in name.
    type: str
  assigned:
    description: V(true) for only those that are assigned to anybody, V(false) for only those that are assigned to nobody.
    type: bool
  days:
    description:
      - Only those that changed within so many days. Not used with O(incident), or when O(created_after) or O(created_before) is given.
    type: int
    default: 30
  created_after:
    description: Only those made at this time or later, in UTC, such as V(2026-09-01T00:00:00Z).
    type: str
  created_before:
    description: Only those made at this time or earlier.
    type: str
  evidence:
    description: Whether to return what each alert is about, piece by piece, with the state of its remediation.
    type: bool
    default: false
  most:
    description: Return so many at most, 10000 at most.
    type: int
    default: 100
notes:
  - The caller needs the Microsoft Graph permission C(SecurityAlert.Read.All), and for O(incident) C(SecurityIncident.Read.All) instead. The
    service keeps alerts for 180 days.
seealso:
  - module: m365.defender.incident_info
  - module: m365.defender.pending_action_info
extends_documentation_fragment:
  - m365.defender.tenant
  - m365.defender.attributes
  - m365.defender.attributes.info
"""

EXAMPLES = r"""
- name: Read the alerts of the last week that nobody has looked at
  m365.defender.alert_info:
    status: [new]
    assigned: false
    days: 7
  register: fresh

- name: What one incident is about
  m365.defender.alert_info:
    incident: "201"
    evidence: true

- name: Mail investigations that wait for approval
  m365.defender.alert_info:
    service_source: [microsoftDefenderForOffice365]
    investigation_state: [pendingApproval]
    evidence: true
"""

RETURN = r"""
alerts:
  description: The alerts, newest first.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: Its id.
      type: str
      returned: always
    title:
      description: Its title.
      type: str
      returned: always
      sample: Malware was found in a download
    status:
      description: Its state.
      type: str
      returned: always
      sample: new
    severity:
      description: Its severity.
      type: str
      returned: always
      sample: high
    category:
      description: The kind of attack.
      type: str
      returned: always
      sample: Malware
    service_source:
      description: The service that found it.
      type: str
      returned: always
      sample: microsoftDefenderForEndpoint
    product:
      description: The product that found it.
      type: str
      returned: always
      sample: Microsoft Defender for Endpoint
    detection_source:
      description: The part of it that found it.
      type: str
      returned: always
      sample: antivirus
    classification:
      description: What it was judged to be.
      type: str
      returned: always
    determination:
      description: What kind of threat it was judged to be.
      type: str
      returned: always
    assigned_to:
      description: Who looks into it; empty for nobody.
      type: str
      returned: always
    incident:
      description: The id of its incident.
      type: str
      returned: always
      sample: "201"
    investigation_state:
      description: The state of its automated investigation.
      type: str
      returned: always
      sample: pendingApproval
    created:
      description: When it was made.
      type: str
      returned: always
      sample: "2026-09-14T12:00:00Z"
    updated:
      description: When it last changed.
      type: str
      returned: always
    first_activity:
      description: When what it is about began.
      type: str
      returned: always
    last_activity:
      description: When what it is about was last seen.
      type: str
      returned: always
    resolved:
      description: When it was resolved; empty while it is not.
      type: str
      returned: always
    techniques:
      description: Techniques of MITRE ATT&CK.
      type: list
      elements: str
      returned: always
      sample: [T1204]
    link:
      description: Where the portal shows it.
      type: str
      returned: always
    evidence:
      description: What it is about.
      type: list
      elements: dict
      returned: when O(evidence=true)
      contains:
        kind:
          description: What it is.
          type: str
          returned: always
          sample: file
        name:
          description: What it is called.
          type: str
          returned: always
          sample: invoice.exe
        verdict:
          description: What it was judged to be.
          type: str
          returned: always
          sample: malicious
        remediation_status:
          description: What became of it.
          type: str
          returned: always
          sample: pendingApproval
        device:
          description: The device, where it is one.
          type: str
          returned: always
        device_group:
          description: The device's group.
          type: str
          returned: always
        roles:
          description: What part it played.
          type: list
          elements: str
          returned: always
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
by_severity:
  description: Numbers of the returned ones by severity.
  returned: success
  type: dict
by_product:
  description: Numbers of the returned ones by product.
  returned: success
  type: dict
"""

from ansible_collections.m365.defender.plugins.module_utils._module import run
from ansible_collections.m365.defender.plugins.module_utils.readers.alert_info import ALERT_INFO

if __name__ == "__main__":
    run(ALERT_INFO)
