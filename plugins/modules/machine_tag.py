# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: machine_tag
short_description: Give a tag to devices of Defender for Endpoint, or take it away
version_added: 1.0.0
author:
  - The m365.defender contributors (@m365-defender)
description:
  - Sees to it that devices of Microsoft Defender for Endpoint have a tag, or do not have it. Devices are named by their id, by their name,
    or by a condition.
  - Rules of device groups may look at tags. Once a group has such a rule, which devices belong to it can be decided with this module
    alone, by the supported API and without a portal session.
  - Only devices that need it are changed. Several devices are changed with one request for up to 500 of them. If the service refuses such
    a request because of some devices, it is divided until these are known, the others are changed, and the task fails and names them.
options:
  tag:
    description:
      - The tag. Upper and lower case matter here; the rules of device groups are said to take no notice of it, which is well known but
        was not looked up.
    type: str
    required: true
  state:
    description:
      - V(present) gives the tag to the devices that have it not. V(absent) takes it from those that have it.
    type: str
    choices: [present, absent]
    default: present
  ids:
    description:
      - Devices by their id in Defender for Endpoint, 40 hexadecimal digits.
    type: list
    elements: str
  names:
    description:
      - Devices by their name, with or without their domain. Upper and lower case do not matter. If several devices have one name, as
        happens when one was set up anew, all of them are meant.
    type: list
    elements: str
  filter:
    description:
      - Devices that meet a condition, in the language of the service, such as C(osPlatform eq 'WindowsServer2022').
      - It may look at C(computerDnsName), C(id), C(version), C(deviceValue), C(aadDeviceId), C(machineTags), C(lastSeen),
        C(exposureLevel), C(onboardingStatus), C(lastIpAddress), C(healthStatus), C(osPlatform), C(riskScore) and C(rbacGroupId).
      - O(ids), O(names) and O(filter) add up. At least one of them is needed.
    type: str
  exclusive:
    description:
      - Whether to take the tag from all devices that are not named. Not together with O(state=absent).
    type: bool
    default: false
  ignore_missing:
    description:
      - What to do if there is no device with one of O(ids) or O(names). With V(false) nothing is written and the task fails; with V(true)
        it is passed over and shown in RV(missing). The list of the service has only devices that have reported lately.
    type: bool
    default: false
extends_documentation_fragment:
  - m365.defender.tenant
  - m365.defender.attributes
  - m365.defender.attributes.writes
notes:
  - Needs the application permission C(Machine.ReadWrite.All) of WindowsDefenderATP.
  - A tag that was set on the device itself, in its registry or by a profile, cannot be removed here. That is well known but was not looked
    up; such a device is named as one that could not be changed.
  - That one request takes 500 devices at most is well known too. The service takes 100 requests a minute and 1,500 an hour; when it asks
    to wait, this module waits.
  - After a tag has changed, it takes the service some minutes to sort the devices anew into groups.
seealso:
  - module: m365.defender.device_group
  - module: m365.defender.device_info
  - name: Add or remove a tag for a machine
    description: Microsoft's reference of the request.
    link: https://learn.microsoft.com/defender-endpoint/api/add-or-remove-machine-tags
"""

EXAMPLES = r"""
- name: Put two devices into the pilot, whatever their domain
  m365.defender.machine_tag:
    tag: pilot
    names:
      - laptop-01
      - laptop-02.corp.contoso.com

- name: Mark every Windows server, and nothing else
  m365.defender.machine_tag:
    tag: servers
    filter: startswith(osPlatform,'WindowsServer')
    exclusive: true

- name: Let the devices with this tag be remediated automatically; the rule needs a portal session, once
  m365.defender.device_group:
    name: Pilot
    automation_level: full
    matching_rules:
      - property: tag
        operator: equals
        values: [pilot]
    portal_session: "{{ portal_session }}"

- name: See which devices would lose the tag, without changing anything
  m365.defender.machine_tag:
    tag: pilot
    state: absent
    filter: "machineTags/any(tag: tag eq 'pilot')"
  check_mode: true
  diff: true
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
    - "Add-MachineTags pilot: laptop-01.corp.contoso.com and 1 more"
selected:
  description: How many devices were meant.
  returned: success, and when some devices could not be changed
  type: int
  sample: 2
added:
  description: The devices that got the tag, or in check mode would get it.
  returned: success, and when some devices could not be changed
  type: list
  elements: dict
  contains: &device
    id:
      description: The device's id.
      type: str
      sample: "0000000000000000000000000000000000000001"
    name:
      description: Its name, or its id if it has none.
      type: str
      sample: laptop-01.corp.contoso.com
removed:
  description: The devices that lost the tag, or in check mode would lose it.
  returned: success, and when some devices could not be changed
  type: list
  elements: dict
  contains: *device
missing:
  description: The O(ids) and O(names) of which there is no device.
  returned: success, and when some devices could not be changed
  type: list
  elements: str
failed_devices:
  description: The devices that could not be changed.
  returned: success, and when some devices could not be changed
  type: list
  elements: dict
  contains:
    id:
      description: The device's id.
      type: str
    name:
      description: Its name, or its id if it has none.
      type: str
    reason:
      description: Why it could not be changed.
      type: str
diff:
  description: The devices that change and have the tag, before and after. Empty if none changes.
  returned: success, in diff mode
  type: list
  elements: dict
  contains:
    before_header:
      description: What the difference is about.
      type: str
      sample: machine_tag pilot
    after_header:
      description: The same again.
      type: str
      sample: machine_tag pilot
    before:
      description: The tag, and of the devices that change those that had it.
      type: dict
    after:
      description: The tag, and of the devices that change those that have it now.
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
      description: The client id of the app registration, or V(portal session).
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
    when:
      description: When the task ended, in UTC.
      type: str
      sample: "2026-11-02T09:30:00+00:00"
    warnings:
      description: What the task warned of.
      type: list
      elements: str
      sample: []
    requests:
      description: Number of requests, those for tokens included.
      type: int
      sample: 3
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
        - What sort of failure it is, one of V(bad_input), V(sign_in), V(forbidden), V(not_found), V(already_exists), V(refused),
          V(unavailable), V(outcome_unknown), V(not_read_back), V(error) and V(fault).
        - With V(unavailable) a later try may succeed. With V(outcome_unknown) a write may or may not have happened. V(fault) is an
          error in this collection.
      type: str
      sample: forbidden
    text:
      description: What happened.
      type: str
      sample: the caller has no role that allows this
    tried:
      description: What was being done.
      type: str
      sample: "Add-MachineTags pilot: pc-17 and 2 more"
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

from ansible_collections.m365.defender.plugins.module_utils._module import run
from ansible_collections.m365.defender.plugins.module_utils._tags import MACHINE_TAG

if __name__ == "__main__":
    run(MACHINE_TAG)
