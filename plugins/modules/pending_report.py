#!/usr/bin/python
# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: pending_report
short_description: Show what waits for approval in many tenants, in one table and in a file
version_added: 1.0.0
description:
  - Prints everything that waits in all tenants, oldest first, with links, and keeps it as JSON.
  - It looks only at the results of other tasks that are handed in. It asks no service and never counts as a change. It fails no host; the
    playbook C(m365.defender.pending) does, by RV(review.tenants).
  - Meant to be run once for all hosts.
author: The m365.defender contributors (@m365-defender)
options:
  tenants:
    description:
      - By host, what its tasks returned. C(pending), as M(m365.defender.pending_action_info) returned it; C(licenses), as
        M(m365.defender.license_info) returned them, which may be missing; C(stopped), the result of a task that ended it early.
    type: dict
    required: true
  max_pending_age:
    description: How many days something may wait.
    type: float
    default: 3.0
  dest:
    description: The file in which everything is kept, made with mode V(0600).
    type: path
    default: m365_pending.json
  width:
    description: The widest line of the table, in columns; what the terminal has, at most 160, when 0.
    type: int
    default: 0
attributes:
  check_mode:
    description: Prints and keeps the review as ever; that is no change of a tenant.
    support: full
  diff_mode:
    description: There is nothing to show a difference of.
    support: none
notes:
  - It exists as an action only, because a module can't print.
"""

EXAMPLES = r"""
- name: Read what waits
  m365.defender.pending_action_info:
    tenant_id: "{{ inventory_hostname }}"
  register: pending

- name: Show all tenants
  m365.defender.pending_report:
    tenants:
      contoso.onmicrosoft.com:
        pending: "{{ hostvars['contoso.onmicrosoft.com'].pending }}"
      fabrikam.onmicrosoft.com:
        pending: "{{ hostvars['fabrikam.onmicrosoft.com'].pending }}"
    max_pending_age: 2
  run_once: true
"""

RETURN = r"""
review:
  description: What is to be said of the tenants. The file has besides, under C(pending), every single entry.
  returned: success
  type: dict
  contains:
    version:
      description: Of this structure; new keys may come without raising it.
      type: int
      returned: always
    verdict:
      description: The gravest verdict of all tenants.
      type: str
      returned: always
      sample: late
    count:
      description: How many wait.
      type: int
      returned: always
    late:
      description: How many wait for longer than O(max_pending_age).
      type: int
      returned: always
    tenants:
      description:
        - By host, with C(verdict), C(message), C(tenant), C(count), C(late), C(oldest_days), C(driver), C(endpoint) and C(asked).
        - The verdict is V(late) if something waits for too long, V(not_read) if the tenant could not be read or not in full, V(waiting),
          V(clear) if nothing waits, or V(not_applicable) if no licence brings Defender XDR.
      type: dict
      returned: always
    real:
      description: Whether it was the real service, and nowhere one put before it, that was asked; null if nobody was.
      type: bool
      returned: always
path:
  description: The file.
  returned: success
  type: str
  sample: /home/operator/m365_pending.json
failure:
  description: What is wrong with the options, with C(kind), C(text), C(tried) and C(hint).
  returned: failure for the options
  type: dict
"""
