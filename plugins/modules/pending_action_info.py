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
  - Lists the alerts and incidents in which something waits for somebody's approval, oldest first, with links to where it can be decided.
  - No public API lists the Action center. Alerts tell the state of their investigation and of each piece of evidence; incidents are read
    besides for those that wait without an alert that says so.
  - Nothing is approved or rejected. Actions that nobody decides lapse after seven days.
author: The m365.defender contributors (@m365-defender)
options:
  days:
    description: Look at alerts and incidents that changed within so many days, 180 at most.
    type: int
    default: 30
notes:
  - The caller needs the Microsoft Graph permissions C(SecurityAlert.Read.All) and C(SecurityIncident.Read.All). Without the second the
    list is not complete, and says so.
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
"""

RETURN = r"""
pending:
  description: What waits, oldest first.
  returned: success
  type: list
  elements: dict
  contains:
    what:
      description: V(alert) or V(incident).
      type: str
      returned: always
      sample: alert
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
      description: When the alert or incident was made. The action waits since then at the earliest.
      type: str
      returned: always
      sample: "2026-09-14T12:00:00Z"
    age_days:
      description: How many days ago that was; null when the service tells no time.
      type: float
      returned: always
      sample: 1.5
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
complete:
  description: Whether both alerts and incidents could be read.
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
