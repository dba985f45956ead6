#!/usr/bin/python
# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: investigation_info
short_description: Read separate investigations of devices, which ended on 2026-09-01
version_added: 1.0.0
description:
  - Lists the automated investigations that Defender for Endpoint ran on devices, newest first, as far as it still tells of them.
  - Microsoft ended them on 2026-09-01. None has started since, so an empty list says nothing about the tenant. RV(note) says so in each
    result. That the service still answers this question in every tenant is a guess.
  - Investigations of mail go on. M(m365.defender.alert_info) shows their states and M(m365.defender.audit_info) who decided. No public
    API lists them.
author: The m365.defender contributors (@m365-defender)
options:
  id:
    description: The one investigation of this id. It goes without options that choose among several.
    type: str
  state:
    description: Only those of these states.
    type: list
    elements: str
    choices:
      - Unknown
      - Terminated
      - SuccessfullyRemediated
      - Benign
      - Failed
      - PartiallyRemediated
      - Running
      - PendingApproval
      - PendingResource
      - PartiallyInvestigated
      - TerminatedByUser
      - TerminatedBySystem
      - Queued
      - InnerFailure
      - PreexistingAlert
      - UnsupportedOs
      - UnsupportedAlertType
      - SuppressedAlert
  machine:
    description:
      - Only those of this device, by id, by full name, or by the first part of its name.
      - The service filters by id only, so an id reads less.
    type: str
  alert:
    description: Only the one that the alert of this id started.
    type: str
  started_after:
    description: Only those that started at this time or later, in UTC, such as V(2026-08-01T00:00:00Z).
    type: str
  started_before:
    description: Only those that started at this time or earlier.
    type: str
  most:
    description: Return so many at most, 10000 at most.
    type: int
    default: 100
notes:
  - The caller needs the permission C(Alert.Read.All) of C(WindowsDefenderATP).
seealso:
  - module: m365.defender.machine_action
  - module: m365.defender.alert_info
extends_documentation_fragment:
  - m365.defender.tenant
  - m365.defender.attributes
  - m365.defender.attributes.info
"""

EXAMPLES = r"""
- name: Read what is told of earlier investigations
  m365.defender.investigation_info:
  register: earlier

- name: Those of one device that somebody stopped
  m365.defender.investigation_info:
    machine: laptop-04
    state: [TerminatedByUser]

- name: The last ones
  m365.defender.investigation_info:
    started_after: "2026-08-25T00:00:00Z"
    most: 10
"""

RETURN = r"""
investigations:
  description: The investigations, newest first.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: Its id.
      type: str
      returned: always
      sample: "63017"
    state:
      description: How it stands, or how it ended.
      type: str
      returned: always
      sample: SuccessfullyRemediated
    details:
      description: More about the state.
      type: str
      returned: always
    started:
      description: When it started.
      type: str
      returned: always
    ended:
      description: When it ended; empty if it has not.
      type: str
      returned: always
    machine:
      description: The device's name.
      type: str
      returned: always
    machine_id:
      description: The device's id.
      type: str
      returned: always
    alert:
      description: The id of the alert that started it.
      type: str
      returned: always
    cancelled_by:
      description: Who stopped it; empty when nobody did.
      type: str
      returned: always
count:
  description: How many are returned.
  returned: success
  type: int
more:
  description: Whether there are others that fit besides. Raise O(most) to see them.
  returned: success
  type: bool
by_state:
  description: Numbers of the returned ones by state.
  returned: success
  type: dict
note:
  description: What an empty list means since 2026-09-01.
  returned: success
  type: str
"""

from ansible_collections.m365.defender.plugins.module_utils._module import run
from ansible_collections.m365.defender.plugins.module_utils.readers.investigation_info import INVESTIGATION_INFO

if __name__ == "__main__":
    run(INVESTIGATION_INFO)
