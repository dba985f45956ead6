#!/usr/bin/python
# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: pending_action_info
short_description: Read which actions of automated investigation wait for approval
version_added: 1.0.0
description:
  - Lists what waits for somebody's approval, oldest first, with links to where it can be decided.
  - No public API lists the Action center. Alerts tell the state of their investigation and of each piece of evidence; incidents are read
    besides for those that wait without an alert that says so.
  - With O(portal_session) the portal's own list is read too, which has every single action. This way is not supported by Microsoft. No
    list with items in it was ever published, so that the names of its members are those of the history, and its words are shown as they
    came.
  - Nothing public says which alert an action of the portal belongs to. They are taken for the same where the action names the alert or one
    of its messages, or is about a device on which only alerts of one incident wait. What can't be matched is told twice rather than not at
    all; see RV(maybe_twice).
  - Nothing is approved or rejected; see M(m365.defender.pending_action). Actions that nobody decides lapse after seven days.
author: The m365.defender contributors (@m365-defender)
options:
  days:
    description: Look at alerts and incidents that changed within so many days, 180 at most.
    type: int
    default: 30
  max_pending_age:
    description: How many days something may wait. What waits longer is counted in RV(late).
    type: float
  product:
    description:
      - List only what was found by one of these products, such as V(Microsoft Defender for Endpoint).
      - The case of letters does not matter. What does not tell its product is left out; see RV(not_told). So it is with the other filters.
    type: list
    elements: str
  severity:
    description: List only what has one of these severities. The portal tells none, so that an action has that of its alert.
    type: list
    elements: str
    choices: [high, medium, low, informational]
  device_group:
    description: List only what is about devices of one of these groups. It is told by alerts.
    type: list
    elements: str
  action_type:
    description:
      - List only actions of one of these types, in the portal's own words. Only the portal tells them.
      - The types that automated investigation uses are not published; read the list once to see them.
    type: list
    elements: str
notes:
  - The caller needs the Microsoft Graph permissions C(SecurityAlert.Read.All) and C(SecurityIncident.Read.All). Without the second the
    list is not complete, and says so, unless the portal's list could be read.
extends_documentation_fragment:
  - m365.defender.tenant
  - m365.defender.attributes
  - m365.defender.attributes.info
"""

EXAMPLES = r"""
- name: Read what waits
  m365.defender.pending_action_info:
    tenant_id: contoso.onmicrosoft.com
  register: review

- name: Remind somebody
  ansible.builtin.debug:
    msg: "{{ review.count }} approvals wait, the oldest for {{ review.oldest_days }} days: {{ review.links.pending }}"
  when: review.count > 0

- name: Fail if anything grave waits for more than two days
  m365.defender.pending_action_info:
    tenant_id: contoso.onmicrosoft.com
    severity: [high]
    max_pending_age: 2
  register: grave
  failed_when: grave is failed or grave.late > 0
"""

RETURN = r"""
pending:
  description: What waits, oldest first.
  returned: success
  type: list
  elements: dict
  contains:
    what:
      description: V(action), one of the portal's list, V(alert) or V(incident).
      type: str
      returned: always
      sample: alert
    driver:
      description: Who told it, V(portal) or V(public_api).
      type: str
      returned: always
      sample: public_api
    id:
      description: Its id.
      type: str
      returned: always
    title:
      description: Its title.
      type: str
      returned: always
      sample: Malware was found in a download
    severity:
      description: Its severity.
      type: str
      returned: always
      sample: high
    since:
      description:
        - When the alert or incident was made. The action waits since then at the earliest.
        - Of an action, the earlier of its start and its last event; that it waits since then is a guess.
      type: str
      returned: always
      sample: "2026-09-14T12:00:00Z"
    age_days:
      description: How many days ago that was; null when the service tells no time.
      type: float
      returned: always
      sample: 1.5
    lapses:
      description: When it lapses, at the earliest, if nobody decides it.
      type: str
      returned: always
      sample: "2026-09-21T12:00:00Z"
    lapses_in_days:
      description: In how many days that is; below zero when that time is over, null when the service tells no time.
      type: float
      returned: always
      sample: 5.5
    product:
      description: The product that found it; empty for an incident.
      type: str
      returned: always
      sample: Microsoft Defender for Endpoint
    incident:
      description: The id of the incident it belongs to.
      type: str
      returned: always
    acts_on:
      description: The files, messages, addresses and the like whose remediation waits.
      type: list
      elements: str
      returned: always
      sample: [invoice.exe]
    devices:
      description: The devices concerned.
      type: list
      elements: str
      returned: always
    device_groups:
      description: Their device groups.
      type: list
      elements: str
      returned: always
    link:
      description: Where it is shown in the portal.
      type: str
      returned: always
    action_type:
      description: What would be done, in the portal's words; empty for what the portal did not tell.
      type: str
      returned: always
    action:
      description:
        - What the portal tells of the action, by C(action_id), C(investigation_id), C(action_type), C(entity_type), C(status), C(source),
          C(automation), C(machine_id), C(device), C(user) and others. Empty texts stand for what it does not tell.
      type: dict
      returned: always
    alerts:
      description: The ids of the alerts that it belongs to.
      type: list
      elements: str
      returned: always
count:
  description: How many wait.
  returned: success
  type: int
  sample: 3
oldest:
  description: Since when the oldest waits; empty when nothing does.
  returned: success
  type: str
oldest_days:
  description: For how many days; null when nothing waits.
  returned: success
  type: float
late:
  description: How many wait for longer than O(max_pending_age); null when that is not given.
  returned: success
  type: int
next_lapse_in_days:
  description: In how many days the next one lapses; null when none does.
  returned: success
  type: float
lapses_after_days:
  description: After how many days an action that nobody decides counts as rejected.
  returned: success
  type: int
  sample: 7
by_product:
  description: Numbers by product.
  returned: success
  type: dict
by_severity:
  description: Numbers by severity.
  returned: success
  type: dict
by_device_group:
  description: Numbers by device group.
  returned: success
  type: dict
by_action_type:
  description: Numbers by type of action.
  returned: success
  type: dict
by_driver:
  description: Numbers by who told it.
  returned: success
  type: dict
  sample:
    portal: 2
    public_api: 1
maybe_twice:
  description: How many may be told twice, by the portal and by Microsoft Graph, because nothing shows whether they are the same.
  returned: success
  type: int
filtered_out:
  description: How many wait besides, but do not fit the filters.
  returned: success
  type: int
not_told:
  description: How many of these do not tell what a filter asks for.
  returned: success
  type: int
driver:
  description: V(portal) if the portal's list was read, else V(public_api).
  returned: success
  type: str
  sample: public_api
complete:
  description:
    - Whether everything was read. The portal's list alone is enough, if the person whose session it is sees all device groups; without
      a portal session it takes both alerts and incidents.
  returned: success
  type: bool
not_read:
  description: What could not be read, each with C(what) and C(reason).
  returned: success
  type: list
  elements: dict
links:
  description: The portal's pages of C(pending) actions, of their C(history), and of C(investigations) of mail.
  returned: success
  type: dict
"""

from ansible_collections.m365.defender.plugins.module_utils._module import run
from ansible_collections.m365.defender.plugins.module_utils.readers.pending_action_info import PENDING_ACTION_INFO

if __name__ == "__main__":
    run(PENDING_ACTION_INFO)
