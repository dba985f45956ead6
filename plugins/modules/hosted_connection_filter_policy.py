# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: hosted_connection_filter_policy
short_description: Manage the connection filter for incoming mail
version_added: 1.0.0
author:
  - The m365.defender contributors (@m365-defender)
description:
  - Changes the connection filter, which decides by the address of a sending server, before anything else looks at its mail. There
    is exactly one connection filter in a tenant, so there is neither a name nor a state.
  - Only options that are given are compared and set. An option that is left out keeps its value.
  - Microsoft publishes no values for Standard and Strict here. The descriptions name those that other bodies agree on.
options:
  admin_display_name:
    description:
      - A remark for administrators, at most 255 characters. Users do not see it. An empty text removes it.
    type: str
  enable_safe_list:
    description:
      - Whether mail from servers on a list of Microsoft, taken from various sources, skips the spam filter. Nobody can see the list
        or change it.
      - New tenant V(false). The CIS benchmark, CISA and others want V(false).
      - In the portal this is Turn on safe list. The reference of the cmdlet calls the parameter reserved for internal use, but
        Microsoft's guide and many programs set it.
    type: bool
  ip_allow_list:
    description:
      - Servers whose mail skips the spam filter. Malware and phishing of high certainty are still stopped. Each entry is a hole.
      - Entries are single IPv4 addresses, ranges of at most 256 addresses such as V(192.0.2.1-192.0.2.20), or networks from C(/24)
        to C(/32). IPv6 is not supported. At most 1273 entries.
      - An address that is in both lists is allowed.
      - The list is the whole list; its order does not matter. An empty list removes all entries.
      - New tenant none. The CIS benchmark, CISA and others want none.
    type: list
    elements: str
  ip_block_list:
    description:
      - Servers whose mail is refused.
      - Entries are single IPv4 addresses, ranges of at most 256 addresses such as V(192.0.2.1-192.0.2.20), or networks from C(/24)
        to C(/32). IPv6 is not supported. At most 1273 entries.
      - The list is the whole list; its order does not matter. An empty list removes all entries.
      - New tenant none.
    type: list
    elements: str
extends_documentation_fragment:
  - m365.defender.tenant
  - m365.defender.attributes
  - m365.defender.attributes.writes
  - m365.defender.exchange
notes:
  - Needs a licence with Exchange Online mailboxes, and nothing of Defender for Office 365.
  - The service takes addresses, ranges and networks together only when they are added to a list, not as a whole list. So this
    module sends what has to be added and removed. If somebody else changes the list at the same moment, their entries stay, and the
    task fails because the list is not what it should be; the next run sees them.
  - Calls C(Get-HostedConnectionFilterPolicy) and C(Set-HostedConnectionFilterPolicy).
seealso:
  - module: m365.defender.hosted_content_filter_policy
  - module: m365.defender.tenant_allow_block_list
  - module: m365.defender.configuration
  - name: Connection filtering
    description: What is still filtered for allowed servers, and what to do about larger networks.
    link: https://learn.microsoft.com/defender-office-365/connection-filter-policies-configure
"""

EXAMPLES = r"""
- name: Let no server skip the spam filter
  m365.defender.hosted_connection_filter_policy:
    ip_allow_list: []
    enable_safe_list: false

- name: Refuse mail from some servers
  m365.defender.hosted_connection_filter_policy:
    ip_block_list:
      - 192.0.2.17
      - 198.51.100.1-198.51.100.20
      - 203.0.113.0/25

- name: Name who looks after it
  m365.defender.hosted_connection_filter_policy:
    admin_display_name: Kept by Ansible

- name: See which servers are allowed, without changing anything
  m365.defender.hosted_connection_filter_policy:
  register: servers

- name: Show them
  ansible.builtin.debug:
    var: servers.object.ip_allow_list
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
    - Set-HostedConnectionFilterPolicy Default {EnableSafeList, IPAllowList}
object:
  description: The settings as they are after the task, or in check mode as they would be, each under the name of its option.
  returned: success
  type: dict
  sample:
    admin_display_name: Kept by Ansible
    enable_safe_list: false
    ip_allow_list: []
    ip_block_list: [192.0.2.17, 203.0.113.0/25]
diff:
  description: The options that were given and differ, before and after. Empty if nothing differs.
  returned: success, in diff mode
  type: list
  elements: dict
  contains:
    before_header:
      description: What the difference is about.
      type: str
      sample: hosted_connection_filter_policy
    after_header:
      description: The same again.
      type: str
      sample: hosted_connection_filter_policy
    before:
      description: The given options as they were found.
      type: dict
    after:
      description: The given options as they are now.
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
      sample: Set-HostedConnectionFilterPolicy Default
    tenant:
      description: The tenant.
      type: str
      sample: contoso.onmicrosoft.com
    service:
      description: Which service answered.
      type: str
      sample: exchange
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
from ansible_collections.m365.defender.plugins.module_utils.resources.hosted_connection_filter_policy import HOSTED_CONNECTION_FILTER_POLICY

if __name__ == "__main__":
    run(HOSTED_CONNECTION_FILTER_POLICY)
