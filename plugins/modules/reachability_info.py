#!/usr/bin/python
# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: reachability_info
short_description: See whether the control node can reach the hosts it needs
version_added: 1.0.0
description:
  - Tries every host that the collection needs in a cloud, through the proxy and with the CAs that tasks use, and tells where the way ends,
    at the name, the connection, TLS, the proxy or HTTP.
  - Nobody signs in, no secret is needed or sent, and every host gets one request at most. A host counts as reached when it answers anything
    but a fault of its own; being refused without a token is an answer.
  - A host that can't be reached does not fail the task.
author: The m365.defender contributors (@m365-defender)
options:
  services:
    description: Only these hosts; all of the cloud if not given.
    type: list
    elements: str
    choices: [login, graph, exchange, compliance, defender, portal, sharepoint]
  seconds:
    description: How long a host may take, to connect and again to answer.
    type: int
    default: 5
  sharepoint_name:
    description:
      - The tenant's name in SharePoint, V(contoso) in contoso.sharepoint.com. It is taken from O(tenant_id) where that is the onmicrosoft
        domain; otherwise SharePoint is not tried without it.
    type: str
notes:
  - These are not the network requirements of Microsoft's article, which are products that run (see M(m365.defender.workload_info)), nor the
    addresses that devices need.
  - The names of the hosts of some clouds are from memory of Microsoft's documentation, SharePoint's in China among them.
  - The time that name resolution takes is the system's and not limited by O(seconds).
seealso:
  - module: m365.defender.workload_info
extends_documentation_fragment:
  - m365.defender.tenant
  - m365.defender.attributes
  - m365.defender.attributes.info
"""

EXAMPLES = r"""
- name: See which hosts can be reached
  m365.defender.reachability_info:
    tenant_id: contoso.onmicrosoft.com
    proxy: http://proxy.contoso.com:8080
  register: way

- name: Say where the way ends
  ansible.builtin.debug:
    msg: "{{ item.service }} ends at {{ item.stage }}: {{ item.reason }} {{ item.remedy }}"
  loop: "{{ way.reachability.hosts | rejectattr('reached') }}"
  loop_control:
    label: "{{ item.host }}"

- name: Fail when the sign-in service or Graph can't be reached
  m365.defender.reachability_info:
    tenant_id: contoso.onmicrosoft.com
    services: [login, graph]
    seconds: 2
  register: needed
  failed_when: needed is failed or not needed.reachability.reachable
"""

RETURN = r"""
reachability:
  description: What can be reached.
  returned: success
  type: dict
  contains:
    reachable:
      description: Whether every host that was tried can be.
      type: bool
      returned: always
    hosts:
      description: The hosts that were tried.
      type: list
      elements: dict
      returned: always
      contains:
        service:
          description: What it is needed for.
          type: str
          returned: always
          sample: graph
        host:
          description: Its name.
          type: str
          returned: always
          sample: graph.microsoft.com
        reached:
          description: Whether it answered.
          type: bool
          returned: always
        stage:
          description: Where the way ended, V(name), V(connection), V(tls), V(proxy) or V(http); empty when the host was reached.
          type: str
          returned: always
          sample: tls
        reason:
          description: What happened.
          type: str
          returned: always
        remedy:
          description: What to look at.
          type: str
          returned: always
        status:
          description: The HTTP status of its answer; null where none came.
          type: int
          returned: always
          sample: 302
        seconds:
          description: How long it took.
          type: float
          returned: always
    not_asked:
      description: Services that have no host to be tried, as C(service) and C(reason).
      type: list
      elements: dict
      returned: always
    proxy:
      description: The proxy that was used, without name and password; empty for none.
      type: str
      returned: always
    endpoint:
      description: What stood before every host; empty for Microsoft's own hosts.
      type: str
      returned: always
    remarks:
      description: What this does not say.
      type: list
      elements: str
      returned: always
"""

from ansible_collections.m365.defender.plugins.module_utils._module import run
from ansible_collections.m365.defender.plugins.module_utils._reachability import REACHABILITY_INFO

if __name__ == "__main__":
    run(REACHABILITY_INFO)
