#!/usr/bin/python
# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: machine_action
short_description: Cancel actions on devices, or start antivirus scans
version_added: 1.0.0
description:
  - Cancels actions on devices that have not ended yet, chosen by id or by what they are. An action that has ended already is C(ok), and
    RV(actions) says how it ended.
  - Or starts antivirus scans. Microsoft put a full scan in the place of an investigation on demand when it ended separate investigations
    of devices on 2026-09-01. A scan of a device on which one of the same kind, or a full one, goes on already is C(ok).
  - Cancelling an action is not rejecting what automated investigation asks approval for. No public API approves or rejects that.
author: The m365.defender contributors (@m365-defender)
options:
  action:
    description: What to do.
    type: str
    required: true
    choices:
      - cancel
      - run_antivirus_scan
  comment:
    description: Why. It is kept with the action, and the service asks for it.
    type: str
    required: true
  id:
    description: Cancel the action of this id. It goes without options that choose among several.
    type: str
  status:
    description: Cancel those in these states only. Without it, both.
    type: list
    elements: str
    choices:
      - Pending
      - InProgress
  type:
    description: Cancel those of these types only.
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
    description: Cancel those of this device only, given by id, by full name, or by the first part of its name.
    type: str
  requestor:
    description: Cancel those that this person or app asked for only, as the service spells it.
    type: str
  days:
    description: Cancel those made within so many days only. Not used when O(created_after) or O(created_before) is given.
    type: int
    default: 30
  created_after:
    description: Cancel those made at this time or later only, in UTC, such as V(2026-09-01T00:00:00Z).
    type: str
  created_before:
    description: Cancel those made at this time or earlier only.
    type: str
  machines:
    description:
      - The devices to scan, each by id, by full name, or by the first part of its name. A name that no device has, or several, fails the
        task before any scan is started.
    type: list
    elements: str
  scan_type:
    description: How thoroughly to scan.
    type: str
    choices:
      - Full
      - Quick
    default: Full
attributes:
  idempotent:
    support: partial
    details:
      - Cancelling is. A scan that has ended is started anew when the task runs again, so it is only while the scan goes on.
extends_documentation_fragment:
  - m365.defender.tenant
  - m365.defender.attributes
  - m365.defender.attributes.writes
notes:
  - The caller needs the permission C(Machine.Read.All) of C(WindowsDefenderATP), and the one of the action's type. V(RunAntiVirusScan)
    needs C(Machine.Scan), V(Isolate) and V(Unisolate) C(Machine.Isolate), V(RestrictCodeExecution) and V(UnrestrictCodeExecution)
    C(Machine.RestrictExecution), V(StopAndQuarantineFile) C(Machine.StopAndQuarantine), V(CollectInvestigationPackage)
    C(Machine.CollectForensics), V(LiveResponse) C(Machine.LiveResponse), V(Offboard) C(Machine.Offboard).
  - To cancel without O(id), at least one of O(status), O(type), O(machine) and O(requestor) has to be given. O(max_writes_per_tenant)
    bounds how many are cancelled.
  - What was done is read back for up to O(read_back_timeout) seconds. What does not show by then is warned of, and the task is
    C(changed).
  - What the service says to the cancellation of an action that has just ended is a guess. Whatever it says, the action is looked up.
seealso:
  - module: m365.defender.machine_action_info
  - module: m365.defender.pending_action_info
  - name: Cancel machine action
    description: Microsoft's reference of the call.
    link: https://learn.microsoft.com/defender-endpoint/api/cancel-machine-action
  - name: Run antivirus scan
    description: Microsoft's reference of the call.
    link: https://learn.microsoft.com/defender-endpoint/api/run-av-scan
"""

EXAMPLES = r"""
- name: Cancel one action
  m365.defender.machine_action:
    action: cancel
    id: bbbbbbbb-0000-4000-8000-000000000201
    comment: The device is clean

- name: See what would be cancelled of what waits for a device that is gone
  m365.defender.machine_action:
    action: cancel
    machine: lab-1607
    status: [Pending]
    days: 180
    comment: The device was retired
  check_mode: true

- name: Scan two devices in full
  m365.defender.machine_action:
    action: run_antivirus_scan
    machines:
      - laptop-01.corp.contoso.com
      - laptop-02.corp.contoso.com
    comment: After incident 201
  register: scans

- name: Wait until both are over
  m365.defender.machine_action_info:
    type: [RunAntiVirusScan]
    status: [Pending, InProgress]
    days: 1
  register: going_on
  until: going_on.count == 0
  retries: 30
  delay: 300
"""

RETURN = r"""
operations:
  description:
    - What was done, one entry per write, in order. In check mode, what would be done.
    - When a task fails, what had been done by then.
  returned: always
  type: list
  elements: str
  sample:
    - Cancel-MachineAction Isolate on lab-1607.corp.contoso.com
actions:
  description:
    - The actions, as they are now. In check mode, as they would be, without what only the service tells.
    - For O(action=cancel) those that were chosen, for O(action=run_antivirus_scan) the scan of each device.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: Its id. Empty in check mode for a scan that would be started.
      type: str
      returned: always
    type:
      description: What was asked for.
      type: str
      returned: always
      sample: Isolate
    scope:
      description: How far it goes.
      type: str
      returned: always
      sample: Full
    status:
      description: Its state.
      type: str
      returned: always
      sample: Cancelled
    over:
      description: Whether it has ended, one way or another.
      type: bool
      returned: always
    machine:
      description: The device's name.
      type: str
      returned: always
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
diff:
  description: What changes, before and after. Empty if nothing does.
  returned: success, in diff mode
  type: list
  elements: dict
  contains:
    before_header:
      description: What the difference is about.
      type: str
    after_header:
      description: The same again.
      type: str
    before:
      description: The action's name, and whether anything goes on.
      type: dict
    after:
      description: The same, as it is to be.
      type: dict
tenant:
  description: Which tenant this was, who asked, and what it cost.
  returned: when the connection options are valid
  type: dict
  contains:
    name:
      description: The tenant, as given in O(tenant_id) or by its domain.
      type: str
      sample: contoso.onmicrosoft.com
    identity:
      description: The client id of the app registration.
      type: str
      sample: 11111111-2222-3333-4444-555555555555
    endpoint:
      description: Where requests were sent instead of to Microsoft, see O(endpoint). Empty for the real service.
      type: str
      sample: ""
    cloud:
      description: The one of Microsoft's clouds that was asked, see O(cloud). Links to the Defender portal lead to its portal.
      type: str
      sample: commercial
    requests:
      description: Number of requests, those for tokens included.
      type: int
      sample: 4
    reads:
      description: Number of questions to a service.
      type: int
      sample: 2
    writes:
      description: Number of writes. Always V(0) in check mode.
      type: int
      sample: 1
    refused:
      description: Number of those that a service refused.
      type: int
      sample: 0
    seconds:
      description: How long the work took.
      type: float
      sample: 1.84
failure:
  description: What kept the task from being done, each part on its own. C(msg) says the same in one paragraph.
  returned: failure, each part where it is known
  type: dict
  contains:
    kind:
      description:
        - What sort of failure it is, one of V(bad_input), V(sign_in), V(forbidden), V(not_found), V(refused), V(unavailable),
          V(outcome_unknown), V(error) and V(fault).
        - With V(unavailable) a later try may succeed. With V(outcome_unknown) a write may or may not have happened. V(fault) is an
          error in this collection.
      type: str
      sample: forbidden
    text:
      description: What happened.
      type: str
    tried:
      description: What was being done.
      type: str
    tenant:
      description: The tenant.
      type: str
      sample: contoso.onmicrosoft.com
    service:
      description: Which service answered.
      type: str
      sample: defender
    status:
      description: HTTP status.
      type: int
      sample: 403
    code:
      description: The service's own code or kind of error.
      type: str
    request_id:
      description: Identifies the request to Microsoft's support.
      type: str
      sample: 00000000-0000-0000-0000-000000000000
    hint:
      description: The likely cause and what to do about it.
      type: str
"""

from ansible_collections.m365.defender.plugins.module_utils._machine_action import MACHINE_ACTION
from ansible_collections.m365.defender.plugins.module_utils._module import run

if __name__ == "__main__":
    run(MACHINE_ACTION)
