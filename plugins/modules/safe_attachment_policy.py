# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: safe_attachment_policy
short_description: Manage Safe Attachments policies and their rules
version_added: 1.0.0
author:
  - The m365.defender contributors (@m365-defender)
description:
  - Makes, changes or removes a Safe Attachments policy of Microsoft Defender for Office 365, together with the rule that says to
    whom it applies.
  - Safe Attachments opens the attachments of a message in a closed environment and watches what they do, after the anti-malware
    filter has found nothing known in them. For files in SharePoint, OneDrive and Teams see M(m365.defender.atp_policy_for_o365).
  - Only options that are given are compared and set. An option that is left out keeps its value in an existing policy and gets
    Microsoft's default in a new one.
  - The descriptions name that default, which is what the cmdlet gives, and the values that Microsoft recommended on 2026-08-10 for
    its protection levels Standard and Strict.
options:
  name:
    description:
      - The policy's name. Upper and lower case do not matter.
      - The name is how the policy is found, so this module cannot change it.
    type: str
    required: true
  state:
    description:
      - V(present) makes the policy if there is none of that name, and changes what differs if there is one.
      - V(absent) removes the rule and then the policy. Its recipients then get the next policy whose rule covers them, in the end
        Built-in protection.
    type: str
    choices: [present, absent]
    default: present
  action:
    description:
      - What happens to mail while and after its attachments are examined. V(Block) holds it back until then, and quarantines it and
        later mail like it if they are bad. V(DynamicDelivery) delivers it at once with placeholders instead of attachments, which
        come when they have been found good; it works for mailboxes in Exchange Online only. V(Allow), in the portal Monitor,
        delivers bad attachments too and only records where they go.
      - Has an effect only with O(enable=true).
      - New policy V(Block), Standard and Strict V(Block).
    type: str
    choices: [Allow, Block, DynamicDelivery]
  admin_display_name:
    description:
      - A remark for administrators. Users do not see it. An empty text removes it.
    type: str
  enable:
    description:
      - Whether attachments are examined at all. V(false) is what the portal calls Off; O(action) then means nothing. Do not mix it
        up with O(rule.enabled); with a rule that is off the next policy decides, but with O(enable=false) the recipients of this
        policy have no Safe Attachments.
      - New policy V(false), Standard and Strict V(true). A policy that is made without this option protects nobody.
    type: bool
  quarantine_tag:
    description:
      - Name of the quarantine policy for mail that Safe Attachments quarantines. It says what people may do with such mail and
        whether they are told of it. Whatever it says, they can release none of it themselves.
      - New policy V(AdminOnlyAccessPolicy), Standard and Strict V(AdminOnlyAccessPolicy).
    type: str
  redirect:
    description:
      - Whether mail with bad attachments also goes to O(redirect_address), for inspection.
      - Has an effect only with O(enable=true) and O(action=Allow). Newer versions of Microsoft's reference of the cmdlet call it
        reserved, though the recommended values still have it.
      - New policy V(false), Standard and Strict V(false).
    type: bool
  redirect_address:
    description:
      - Where such mail goes with O(redirect=true).
      - New policy empty, Standard and Strict empty.
    type: str
extends_documentation_fragment:
  - m365.defender.tenant
  - m365.defender.attributes
  - m365.defender.attributes.writes
  - m365.defender.exchange
  - m365.defender.rule
notes:
  - Needs a licence of Microsoft Defender for Office 365, plan 1 or 2. Without one the service does not know the cmdlets, and the
    task says so.
  - Policies of the preset security policies and Built-in protection are Microsoft's. A wanted difference to one of them is refused
    with the reason; asking for what they have is C(ok).
  - Three settings are shown but are no options, C(enable_blocking_encrypted_attachments),
    C(excluded_types_from_blocking_encrypted_attachments) and C(quarantine_tag_for_blocking_encrypted_attachments), in the portal
    Block unscanned attachments. The service returns them since 2026, and Microsoft names their recommended values (off, none,
    V(DefaultFullAccessWithNotificationPolicy)), but its reference of the cmdlet has no parameters that set them. They can be set in
    the portal.
  - Calls C(Get-), C(New-), C(Set-) and C(Remove-SafeAttachmentPolicy) and C(Get-), C(New-), C(Set-), C(Remove-), C(Enable-) and
    C(Disable-SafeAttachmentRule).
seealso:
  - module: m365.defender.malware_filter_policy
  - module: m365.defender.atp_policy_for_o365
  - module: m365.defender.built_in_protection
  - module: m365.defender.configuration
  - name: Safe Attachments in Microsoft Defender for Office 365
    description: How attachments are examined, and how long it takes.
    link: https://learn.microsoft.com/defender-office-365/safe-attachments-about
  - name: Recommended settings
    description: Microsoft's values for Standard and Strict.
    link: https://learn.microsoft.com/defender-office-365/recommended-settings-for-eop-and-office365
"""

EXAMPLES = r"""
- name: Protect everybody at the level Standard
  m365.defender.safe_attachment_policy:
    name: Attachments for everybody
    admin_display_name: Kept by Ansible
    enable: true
    action: Block
    quarantine_tag: AdminOnlyAccessPolicy
    redirect: false
    rule:
      recipient_domain_is:
        - contoso.com
        - contoso.onmicrosoft.com

- name: Deliver messages at once to the hotline, their attachments when they are found good
  m365.defender.safe_attachment_policy:
    name: Attachments for the hotline
    enable: true
    action: DynamicDelivery
    rule:
      priority: 0
      sent_to_member_of:
        - hotline@contoso.com

- name: Take a group out without losing the policy
  m365.defender.safe_attachment_policy:
    name: Attachments for the hotline
    rule:
      enabled: false

- name: See whether anything would change
  m365.defender.safe_attachment_policy:
    name: Attachments for everybody
    enable: true
    action: Block
  check_mode: true
  diff: true

- name: Remove a policy and its rule
  m365.defender.safe_attachment_policy:
    name: Attachments for the hotline
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
    - Set-SafeAttachmentPolicy Attachments for everybody {Action, Enable}
    - Enable-SafeAttachmentRule Attachments for everybody
object:
  description:
    - The policy as it is after the task, or in check mode as it would be, with every setting under the name of its option.
    - Three settings are shown that are no options, see the notes. A tenant that does not have them yet leaves them out.
    - The key C(rule) is there if the policy has a rule. Nothing if there is no such policy.
  returned: success
  type: dict
  sample:
    name: Attachments for everybody
    action: Block
    admin_display_name: Kept by Ansible
    enable: true
    quarantine_tag: AdminOnlyAccessPolicy
    redirect: false
    redirect_address: ''
    enable_blocking_encrypted_attachments: false
    excluded_types_from_blocking_encrypted_attachments: []
    quarantine_tag_for_blocking_encrypted_attachments: DefaultFullAccessWithNotificationPolicy
    rule:
      comments: ''
      sent_to: []
      sent_to_member_of: []
      recipient_domain_is: [contoso.com, contoso.onmicrosoft.com]
      except_if_sent_to: []
      except_if_sent_to_member_of: []
      except_if_recipient_domain_is: []
      enabled: true
      priority: 0
diff:
  description: The options that were given and differ, before and after. Empty if nothing differs.
  returned: success, in diff mode
  type: list
  elements: dict
  contains:
    before_header:
      description: What the difference is about.
      type: str
      sample: safe_attachment_policy Attachments for everybody
    after_header:
      description: The same again.
      type: str
      sample: safe_attachment_policy Attachments for everybody
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
      sample: Set-SafeAttachmentPolicy Attachments for everybody
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
from ansible_collections.m365.defender.plugins.module_utils.resources.safe_attachment_policy import SAFE_ATTACHMENT_POLICY

if __name__ == "__main__":
    run(SAFE_ATTACHMENT_POLICY)
