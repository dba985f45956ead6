#!/usr/bin/python
# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: action_history_info
short_description: Read what was done about threats, automatically or by whom, with which outcome
version_added: 1.0.0
description:
  - Lists the remediation and response actions of the last days, newest first.
  - With O(portal_session) it is the history of the portal's Action center, which has everything. This way is not supported by Microsoft.
  - Without one there are the machine actions of Defender for Endpoint, which people and programs asked for on devices, and with O(audit)
    the records of the audit log. What automated investigation did, and who approved it, is then told in part at most, and the result says
    so.
  - The words in which the portal tells states, decisions and sources are mostly unpublished. They are shown as they came; what is made of
    them in RV(actions[].outcome) and RV(actions[].origin) is a guess where it is not V(unknown), except for C(Completed), C(PublicApi)
    and the states of machine actions.
author: The m365.defender contributors (@m365-defender)
options:
  days:
    description: How many days to look back, 180 at most, because the portal gives six months at a time.
    type: int
    default: 30
  until:
    description: The moment from which to look back, such as V(2026-09-01T00:00:00Z). Now when left out.
    type: str
  audit:
    description:
      - Whether to search the audit log too, for decisions and investigations. A search can take minutes. Without effect on the result if
        the portal's history can be read.
      - A record and a machine action may tell of one and the same thing; nothing shows whether they do.
    type: bool
    default: false
  action_type:
    description: List only actions of these types, in the service's own words. The case of letters does not matter.
    type: list
    elements: str
  device:
    description: List only actions on these devices, by their full names.
    type: list
    elements: str
  outcome:
    description: List only actions that ended in one of these ways.
    type: list
    elements: str
    choices: [succeeded, failed, rejected, lapsed, undone, cancelled, running, unknown]
notes:
  - The caller needs the permission C(Machine.Read.All) of Defender for Endpoint, or a portal session; and C(AuditLogsQuery.Read.All) of
    Microsoft Graph with O(audit).
extends_documentation_fragment:
  - m365.defender.tenant
  - m365.defender.attributes
  - m365.defender.attributes.info
"""

EXAMPLES = r"""
- name: Read what was done in the last month
  m365.defender.action_history_info:
    tenant_id: contoso.onmicrosoft.com
  register: history

- name: See what failed in the last quarter
  m365.defender.action_history_info:
    tenant_id: contoso.onmicrosoft.com
    days: 90
    outcome: [failed, lapsed]
    portal_session: "{{ portal_session }}"
"""

RETURN = r"""
actions:
  description: What was done, newest first. Texts are empty where the service does not tell.
  returned: success
  type: list
  elements: dict
  contains:
    driver:
      description: Who told it, V(portal), V(public_api) or V(audit_log).
      type: str
      returned: always
      sample: portal
    id:
      description: Its id.
      type: str
      returned: always
    investigation_id:
      description: The id of the investigation that it belongs to.
      type: str
      returned: always
    action_type:
      description: What was done, in the service's words.
      type: str
      returned: always
      sample: IsolateResponse
    began:
      description: When it began.
      type: str
      returned: always
      sample: "2026-09-14T12:00:00Z"
    ended:
      description: When it ended.
      type: str
      returned: always
    origin:
      description: Who began it, V(automatic), V(manual), V(api) or V(unknown).
      type: str
      returned: always
      sample: api
    source:
      description: The same in the service's words.
      type: str
      returned: always
      sample: PublicApi
    decision:
      description: What was decided about it, in the portal's words.
      type: str
      returned: always
    decided_by:
      description: Who decided it; of a machine action, who asked for it.
      type: str
      returned: always
    outcome:
      description:
        - How it ended, V(succeeded), V(failed), V(rejected), V(lapsed), V(undone), V(cancelled), V(running) for what has not ended, or
          V(unknown).
      type: str
      returned: always
      sample: succeeded
    status:
      description: The same in the service's words.
      type: str
      returned: always
      sample: Completed
    product:
      description: The product.
      type: str
      returned: always
      sample: Microsoft Defender for Endpoint
    device:
      description: The device.
      type: str
      returned: always
    machine_id:
      description: The id of the device.
      type: str
      returned: always
    user:
      description: The user that the portal names with it.
      type: str
      returned: always
    acts_on:
      description: The files, messages and the like that it is about, as far as the portal tells.
      type: list
      elements: str
      returned: always
    comment:
      description: The comment of who asked for it or decided it.
      type: str
      returned: always
count:
  description: How many there are.
  returned: success
  type: int
by_action_type:
  description: Numbers by type.
  returned: success
  type: dict
by_outcome:
  description: Numbers by outcome.
  returned: success
  type: dict
by_origin:
  description: Numbers by origin.
  returned: success
  type: dict
by_decider:
  description: Numbers by who decided or asked.
  returned: success
  type: dict
by_driver:
  description: Numbers by who told it.
  returned: success
  type: dict
driver:
  description: V(portal) if it is the portal's history, V(public_api) if it is what supported interfaces tell.
  returned: success
  type: str
complete:
  description: Whether it is the whole history.
  returned: success
  type: bool
not_read:
  description: What is missing, each with C(what) and C(reason).
  returned: success
  type: list
  elements: dict
links:
  description: The portal's pages of C(pending) actions, of their C(history), and of C(investigations) of mail.
  returned: success
  type: dict
"""

from ansible_collections.m365.defender.plugins.module_utils._module import run
from ansible_collections.m365.defender.plugins.module_utils.readers.action_history_info import ACTION_HISTORY_INFO

if __name__ == "__main__":
    run(ACTION_HISTORY_INFO)
