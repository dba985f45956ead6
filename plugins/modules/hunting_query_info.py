#!/usr/bin/python
# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: hunting_query_info
short_description: Run an advanced hunting query
version_added: 1.0.0
description:
  - Runs a query in Kusto Query Language (KQL) over the last 30 days of Defender XDR's data, and returns its rows with the types of their
    columns.
  - A tenant may make at least 45 such calls a minute, and has an amount of CPU time for each 15 minutes. When either is used up, the
    service says how long to wait. This module does so, for O(wait_for_quota) seconds in all, and then fails with the name of the
    quota and the time at which to try again.
  - A query that is wrong fails with the words of the service. When it names a table that the tenant does not have, the error says which
    product brings that table.
author: The m365.defender contributors (@m365-defender)
options:
  query:
    description: The query.
    type: str
    required: true
  timespan:
    description:
      - Look only into this time, in ISO 8601. A span up to now such as V(P7D) or V(PT12H), a time up to now, two times with V(/) between
        them, or a time and a span.
      - Without it the service looks at 30 days.
    type: str
  most:
    description:
      - Return so many rows at most. The service gives 100000 at most, whatever the query finds.
      - C(take) or C(summarize) in the query cost less than rows that are thrown away.
    type: int
    default: 1000
  wait_for_quota:
    description: For how many seconds in all to wait for a quota to be renewed, 3600 at most. V(0) fails at once.
    type: int
    default: 120
notes:
  - The caller needs the Microsoft Graph permission C(ThreatHunting.Read.All).
  - A query may run for three minutes; this module waits for it even if O(timeout) is shorter. It does not repeat a query that may have
    run, because one that was broken off has used up CPU time, too.
  - The documentation says that a refusal tells which quota is used up, but not in which words. What they are recognised by is a guess. The
    error quotes them.
  - That a yes or no comes as V(0) or V(1) in a column of type C(SByte), and a structure as text in a column of type C(Object), is well
    known, but not documented. They are returned as a boolean and as a structure.
seealso:
  - name: Advanced hunting in Microsoft Graph
    description: Microsoft's reference of the call.
    link: https://learn.microsoft.com/graph/api/security-security-runhuntingquery
extends_documentation_fragment:
  - m365.defender.tenant
  - m365.defender.attributes
  - m365.defender.attributes.info
"""

EXAMPLES = r"""
- name: How many devices each operating system has
  m365.defender.hunting_query_info:
    query: DeviceInfo | summarize count() by OSPlatform
    timespan: P7D
  register: systems

- name: Show them
  ansible.builtin.debug:
    msg: "{{ systems.rows }}"

- name: A longer query, with patience
  m365.defender.hunting_query_info:
    query: |
      DeviceInfo
      | where OnboardingStatus == "Can be onboarded"
      | project DeviceName, OSPlatform
      | distinct DeviceName, OSPlatform
    most: 5000
    wait_for_quota: 1200
  register: to_onboard

- name: Fail when the list is not complete
  ansible.builtin.assert:
    that: not to_onboard.more
"""

RETURN = r"""
schema:
  description: The columns, in order, each with C(name) and C(type).
  returned: success
  type: list
  elements: dict
  sample:
    - name: OSPlatform
      type: String
    - name: count_
      type: Int64
rows:
  description: The rows, each with the columns by name, with values of the type of their column. Times stay text.
  returned: success
  type: list
  elements: dict
  sample:
    - OSPlatform: Windows11
      count_: 42
count:
  description: How many rows are returned.
  returned: success
  type: int
  sample: 1
found:
  description: How many rows the service gave.
  returned: success
  type: int
  sample: 1
more:
  description: Whether there are more rows than are returned, or as many as the service gives at most.
  returned: success
  type: bool
waited:
  description: For how many seconds quotas were waited out.
  returned: success
  type: int
  sample: 0
"""

from ansible_collections.m365.defender.plugins.module_utils._module import run
from ansible_collections.m365.defender.plugins.module_utils.readers.hunting_query_info import HUNTING_QUERY_INFO

if __name__ == "__main__":
    run(HUNTING_QUERY_INFO)
