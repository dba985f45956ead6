# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: quarantine_policy
short_description: Manage quarantine policies
version_added: 1.0.0
author:
  - The m365.defender contributors (@m365-defender)
description:
  - Makes, changes or removes a quarantine policy of Exchange Online. It says what people may do with their own messages that are in
    quarantine, and whether they are told of them.
  - A quarantine policy does nothing by itself. Options such as O(m365.defender.anti_phish_policy#module:spoof_quarantine_tag) name it,
    and it counts where the action of that verdict is to quarantine. A change affects only what is quarantined afterwards.
  - Only options that are given are compared and set. An option that is left out keeps its value in an existing policy and gets
    Microsoft's default in a new one.
  - Microsoft's recommendations use only its own policies C(AdminOnlyAccessPolicy), C(DefaultFullAccessPolicy) and
    C(DefaultFullAccessWithNotificationPolicy). Make one of your own where people should have fewer rights than that, or others.
options:
  name:
    description:
      - The policy's name. Upper and lower case do not matter.
      - The name is how the policy is found and how other policies refer to it, so this module cannot change it.
    type: str
    required: true
  state:
    description:
      - V(present) makes the policy if there is none of that name, and changes what differs if there is one.
      - V(absent) removes it. First give every policy that names it another one; this module does not look for them.
    type: str
    choices: [present, absent]
    default: present
  admin_display_name:
    description:
      - A remark for administrators. Users do not see it.
      - The service takes it only when a policy is made. A wanted difference to an existing policy is refused.
    type: str
  end_user_quarantine_permissions:
    description:
      - What people may do with their messages in quarantine, as a list of permissions, of names of groups of permissions, or of both.
        Their order does not matter.
      - V(delete) removes a message, V(preview) shows it, V(allow_sender) and V(block_sender) put its sender on one's own list.
        V(release) delivers it. V(request_release) asks an administrator to do so.
      - V(release) and V(request_release) exclude each other. Malware and phishing of high confidence can at most be requested, whatever
        the policy says.
      - V(limited_access) stands for V(allow_sender), V(request_release), V(preview) and V(delete), V(full_access) for V(allow_sender),
        V(release), V(preview) and V(delete). V(no_access) is the same as an empty list and stands alone.
      - A new policy has none.
      - The list is the whole list. In results the groups are always written out as their permissions.
      - Downloading and seeing the header of a message are permissions too, but Microsoft says that they have no effect. So they are not
        offered, count for nothing in a comparison, and are taken away when the permissions are changed.
    type: list
    elements: str
    choices:
      - allow_sender
      - block_sender
      - request_release
      - release
      - preview
      - delete
      - no_access
      - limited_access
      - full_access
  esn_enabled:
    description:
      - Whether people are told by mail of messages that are in quarantine by this policy. How often, from whom and in which language is
        the same for all policies, see M(m365.defender.global_quarantine_policy).
      - With V(true) and no permissions at all, people see their messages in quarantine, but can do nothing except look at the header.
      - New policy V(false).
    type: bool
  include_messages_from_blocked_sender_address:
    description:
      - Whether people are told even of messages from senders that they have blocked. Has an effect only with O(esn_enabled=true).
      - New policy V(false).
    type: bool
extends_documentation_fragment:
  - m365.defender.tenant
  - m365.defender.attributes
  - m365.defender.attributes.writes
  - m365.defender.exchange
notes:
  - Microsoft's own policies can be neither changed nor removed. A wanted difference to one of them is refused with the reason; asking
    for what they have is C(ok). They are told by their identifier, which is all zeros.
  - The permissions are written as a number and read as a text. Older pages of Microsoft give V(27) and V(23) for limited and full
    access, which counted another bit; the numbers in use are V(43) and V(39).
  - Calls C(Get-), C(New-), C(Set-) and C(Remove-QuarantinePolicy).
seealso:
  - module: m365.defender.global_quarantine_policy
  - module: m365.defender.anti_phish_policy
  - module: m365.defender.configuration
  - name: Quarantine policies
    description: What each permission allows, and which verdicts use which policy.
    link: https://learn.microsoft.com/defender-office-365/quarantine-policies
"""

EXAMPLES = r"""
- name: People may look at spam and ask for its release, and are told of it
  m365.defender.quarantine_policy:
    name: Ask for release
    end_user_quarantine_permissions:
      - limited_access
    esn_enabled: true

- name: The same with the right to block a sender
  m365.defender.quarantine_policy:
    name: Ask for release
    end_user_quarantine_permissions:
      - limited_access
      - block_sender

- name: Nobody but administrators may touch these, and nobody hears of them
  m365.defender.quarantine_policy:
    name: Administrators only
    admin_display_name: Kept by Ansible
    end_user_quarantine_permissions:
      - no_access
    esn_enabled: false

- name: Use one of them for forged mail
  m365.defender.anti_phish_policy:
    name: Phishing of everybody
    authentication_fail_action: Quarantine
    spoof_quarantine_tag: Ask for release

- name: Remove one that nothing uses any more
  m365.defender.quarantine_policy:
    name: Administrators only
    state: absent
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
    - New-QuarantinePolicy Ask for release {Name, EndUserQuarantinePermissionsValue, ESNEnabled}
object:
  description:
    - The policy as it is after the task, or in check mode as it would be, with every setting under the name of its option.
    - Nothing if there is no such policy.
  returned: success
  type: dict
  sample:
    name: Ask for release
    admin_display_name: ""
    end_user_quarantine_permissions: [allow_sender, delete, preview, request_release]
    esn_enabled: true
    include_messages_from_blocked_sender_address: false
diff:
  description: The options that were given and differ, before and after. Empty if nothing differs.
  returned: success, in diff mode
  type: list
  elements: dict
  contains:
    before_header:
      description: What the difference is about.
      type: str
      sample: quarantine_policy Ask for release
    after_header:
      description: The same again.
      type: str
      sample: quarantine_policy Ask for release
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
      sample: Set-QuarantinePolicy Ask for release
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
from ansible_collections.m365.defender.plugins.module_utils.resources.quarantine_policy import QUARANTINE_POLICY

if __name__ == "__main__":
    run(QUARANTINE_POLICY)
