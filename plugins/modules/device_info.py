#!/usr/bin/python
# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: device_info
short_description: Read how ready a tenant's devices are for automated investigation
version_added: 1.0.0
description:
  - Reads the devices of Defender for Endpoint and the state of their antivirus, judges each of them, and says whether enough are ready.
  - Ready is a Windows device that is onboarded, runs a system that automated investigation supports, has a sensor that is not impaired, and
    has Defender Antivirus in active or passive mode.
  - Only Windows devices count that are onboarded or could be and that were seen lately. What is not known of a device makes it C(unknown),
    never ready.
author: The m365.defender contributors (@m365-defender)
options:
  list_devices:
    description: Whether to return the single devices besides the summary.
    type: bool
    default: true
  min_device_coverage:
    description: How many of the devices that count must be ready, in per cent.
    type: int
    default: 95
  not_seen_days:
    description: Devices that were not seen for so many days do not count.
    type: int
    default: 30
  worst:
    description: How many of the devices with the most faults the summary names.
    type: int
    default: 10
  systems:
    description: Only devices with one of these systems, in Microsoft's words such as V(Windows11) and V(WindowsServer2022).
    type: list
    elements: str
  onboarding:
    description: Only devices with one of these states.
    type: list
    elements: str
    choices: [Onboarded, CanBeOnboarded, Unsupported, InsufficientInfo]
  health:
    description: Only devices whose sensor is in one of these states.
    type: list
    elements: str
    choices: [Active, Inactive, ImpairedCommunication, NoSensorData, NoSensorDataImpairedCommunication, Unknown]
  tag:
    description: Only devices with this tag.
    type: str
  groups:
    description:
      - Only devices in one of these device groups, by name. The service can't search by a group's name, so that all devices are read;
        O(group_ids) reads fewer.
    type: list
    elements: str
  group_ids:
    description: Only devices in one of these device groups, by number.
    type: list
    elements: int
  seen_only:
    description:
      - Whether devices that were not seen for O(not_seen_days) are not even read. In tenants with many old devices that saves requests; the
        summary then says nothing of them.
    type: bool
    default: false
notes:
  - The caller needs the permission C(Machine.Read.All) of C(WindowsDefenderATP).
  - Both lists are read in pages of 10,000, the largest that the service gives, so that 50,000 devices take ten requests. Of each page only
    what is judged is kept. Against the emulated tenant that took 151 MB without O(list_devices) and 173 MB with it, where the result alone
    is 15 MB (C(benchmarks/devices.py)).
  - All options but O(groups) let the service choose the devices. The summary, and with it whether they are enough, is then about the chosen
    ones. The list of antivirus states can't be narrowed but by O(group_ids).
  - Windows 10 1709 is not supported in the clouds C(gcc) and C(dod). The name under which the service lists Azure Stack HCI is a guess.
  - Windows Server 2016 and 2012 R2 qualify with the unified agent only. No list shows which agent a server has, so they are C(unknown).
  - Microsoft retired separate endpoint investigations on 2026-09-01. The requirements are still those of Microsoft's article.
extends_documentation_fragment:
  - m365.defender.tenant
  - m365.defender.attributes
  - m365.defender.attributes.info
"""

EXAMPLES = r"""
- name: Read the devices
  m365.defender.device_info:
    tenant_id: contoso.onmicrosoft.com
    list_devices: false
  register: devices

- name: Read which servers of two groups are not well
  m365.defender.device_info:
    tenant_id: contoso.onmicrosoft.com
    systems: [WindowsServer2019, WindowsServer2022]
    health: [ImpairedCommunication, NoSensorData]
    groups: [Servers, Domain controllers]
  register: servers

- name: Fail when too few are ready
  ansible.builtin.assert:
    that: devices.summary.enough
    fail_msg: "Look at {{ devices.summary.worst | map(attribute='name') | join(', ') }}"
"""

RETURN = r"""
summary:
  description: Counts, and whether they are enough.
  returned: success
  type: dict
  contains:
    total:
      description: All devices that the service lists, of those that were asked for.
      type: int
      returned: always
    counted:
      description: Those that count, which are V(ready), V(not_ready) and V(unknown) together.
      type: int
      returned: always
    ready:
      description: How many are ready.
      type: int
      returned: always
    not_ready:
      description: How many are not.
      type: int
      returned: always
    unknown:
      description: Of how many too little is known.
      type: int
      returned: always
    not_counted:
      description: Devices that do not count, as C(not_seen), C(not_onboardable) and C(other_system) (no Windows).
      type: dict
      returned: always
    percent:
      description: How many of the counted devices are ready, in per cent; null when none counts.
      type: float
      returned: always
      sample: 97.5
    min_device_coverage:
      description: What was asked for.
      type: int
      returned: always
    enough:
      description:
        - Whether enough devices are ready. Null when no device counts, or when devices of which too little is known could turn the answer.
      type: bool
      returned: always
    onboarding:
      description: Number of devices by onboarding status.
      type: dict
      returned: always
      sample: {CanBeOnboarded: 1, Onboarded: 39}
    health:
      description: Number of devices by the health of their sensor.
      type: dict
      returned: always
      sample: {Active: 38, Inactive: 2}
    antivirus:
      description: Number of Windows devices by the mode of Defender Antivirus.
      type: dict
      returned: always
      sample: {active: 38, passive: 2}
    groups:
      description: Number of devices by device group; groups without devices can't be seen here.
      type: dict
      returned: always
      sample: {Servers: 4}
    servers:
      description:
        - Number of servers by device group. Those in no group of one's own are counted under C(UnassignedGroup).
        - Servers are devices with Windows Server, Azure Stack HCI or Linux, and onboarded devices with a system that is not known to be
          one of clients.
      type: dict
      returned: always
      sample: {Servers: 4, UnassignedGroup: 1}
    worst:
      description: The devices with the most faults, each with its C(name) and C(reasons).
      type: list
      elements: dict
      returned: always
    antivirus_unknown_because:
      description: Why the state of the antivirus could not be read; empty when it was.
      type: str
      returned: always
devices:
  description: The devices by name; empty unless O(list_devices=true).
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: The device's name.
      type: str
      returned: always
      sample: laptop-01.corp.contoso.com
    id:
      description: The device's id.
      type: str
      returned: always
    system:
      description: The system in Microsoft's words.
      type: str
      returned: always
      sample: Windows11
    version:
      description: Its version.
      type: str
      returned: always
      sample: 24H2
    build:
      description: Its build; null where the service has none.
      type: int
      returned: always
      sample: 26100
    onboarding:
      description: Whether the device is onboarded, in Microsoft's words.
      type: str
      returned: always
      sample: Onboarded
    health:
      description: The state of its sensor, in Microsoft's words.
      type: str
      returned: always
      sample: Active
    last_seen:
      description: When it was seen last.
      type: str
      returned: always
    group:
      description: Its device group; empty when it is in none.
      type: str
      returned: always
    antivirus:
      description:
        - The mode of Defender Antivirus, one of V(active), V(passive), V(passive_audit), V(disabled), V(edr_blocked), V(other) and
          V(unknown).
      type: str
      returned: always
      sample: active
    air:
      description: V(ready), V(not_ready) or V(unknown); or why it does not count, V(not_seen), V(not_onboardable) or V(other_system).
      type: str
      returned: always
      sample: ready
    reasons:
      description: What is wrong with it, or not known of it.
      type: list
      elements: str
      returned: always
"""

from ansible_collections.m365.defender.plugins.module_utils._module import run
from ansible_collections.m365.defender.plugins.module_utils.readers.device_info import DEVICE_INFO

if __name__ == "__main__":
    run(DEVICE_INFO)
