#!/usr/bin/python
# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: machine_action_info
short_description: Read what was asked of devices, and how it ended
version_added: 1.0.0
description:
  - Lists the actions on devices that people and programs asked for, newest first, with who asked and what became of it. Among them are
    isolation, antivirus scans, the removal of files, and investigation packages.
  - What automated investigation does by itself is not among them, nor are approvals. See M(m365.defender.pending_action_info) for these.
author: The m365.defender contributors (@m365-defender)
options:
  id:
    description: The one action of this id. It goes without options that choose among several.
    type: str
  status:
    description: Only those of these states.
    type: list
    elements: str
    choices:
      - Pending
      - InProgress
      - Succeeded
      - Failed
      - TimeOut
      - Cancelled
  type:
    description: Only those of these types.
    type: list
    elements: str
    choices:
      - RunAntiVirusScan
      - Offboard
      - LiveResponse
      - CollectInvestigationPackage
      - Isolate
      - Unisolate
      - StopAndQuarantineFile
      - RestrictCodeExecution
      - UnrestrictCodeExecution
  machine:
    description:
      - Only those of this device, by id, by full name, or by the first part of its name.
      - The service filters by id only, so an id reads less.
    type: str
  requestor:
    description: Only those that this person or app asked for, as the service spells it.
    type: str
  days:
    description: Only those made within so many days. Not used when O(created_after) or O(created_before) is given.
    type: int
    default: 30
  created_after:
    description: Only those made at this time or later, in UTC, such as V(2026-09-01T00:00:00Z).
    type: str
  created_before:
    description: Only those made at this time or earlier.
    type: str
  most:
    description: Return so many at most, 10000 at most.
    type: int
    default: 100
notes:
  - The caller needs the permission C(Machine.Read.All) of C(WindowsDefenderATP).
seealso:
  - module: m365.defender.machine_action
extends_documentation_fragment:
  - m365.defender.tenant
  - m365.defender.attributes
  - m365.defender.attributes.info
"""

EXAMPLES = r"""
- name: Read what is still going on
  m365.defender.machine_action_info:
    status: [Pending, InProgress]
  register: going_on

- name: What was done on one device in a week
  m365.defender.machine_action_info:
    machine: laptop-02
    days: 7

- name: Isolations that failed
  m365.defender.machine_action_info:
    type: [Isolate]
    status: [Failed, TimeOut]
"""

RETURN = r"""
actions:
  description: The actions, newest first.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: Its id.
      type: str
      returned: always
      sample: bbbbbbbb-0000-4000-8000-000000000201
    type:
      description: What was asked for.
      type: str
      returned: always
      sample: Isolate
    scope:
      description: How far it goes, such as V(Full) or V(Selective) for isolation, V(Full) or V(Quick) for a scan.
      type: str
      returned: always
      sample: Full
    status:
      description: Its state.
      type: str
      returned: always
      sample: Pending
    over:
      description: Whether it has ended, one way or another.
      type: bool
      returned: always
    machine:
      description: The device's name.
      type: str
      returned: always
      sample: lab-1607.corp.contoso.com
    machine_id:
      description: The device's id.
      type: str
      returned: always
    requestor:
      description: Who asked for it.
      type: str
      returned: always
    comment:
      description: Why.
      type: str
      returned: always
    source:
      description: Through what it was asked for.
      type: str
      returned: always
      sample: Portal
    created:
      description: When it was asked for.
      type: str
      returned: always
    updated:
      description: When its state last changed.
      type: str
      returned: always
    cancelled_by:
      description: Who cancelled it; empty when nobody did.
      type: str
      returned: always
    cancelled:
      description: When it was cancelled.
      type: str
      returned: always
    cancel_comment:
      description: Why it was cancelled.
      type: str
      returned: always
    file:
      description: The hash of the file it is about; empty for other actions.
      type: str
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
  sample: {Pending: 1}
by_type:
  description: Numbers of the returned ones by type.
  returned: success
  type: dict
  sample: {Isolate: 1}
"""

from ansible_collections.m365.defender.plugins.module_utils._module import run
from ansible_collections.m365.defender.plugins.module_utils.readers.machine_action_info import MACHINE_ACTION_INFO

if __name__ == "__main__":
    run(MACHINE_ACTION_INFO)
