# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: hosted_outbound_spam_filter_policy
short_description: Manage anti-spam policies for outgoing mail and their rules
version_added: 1.0.0
author:
  - The m365.defender contributors (@m365-defender)
description:
  - Makes, changes or removes an anti-spam policy for outgoing mail together with the rule that says whose mail it applies to.
  - A policy says how many people somebody may write to, what happens to those who write to more (often the first sign of a mailbox
    that somebody has taken over), and whether mailboxes may forward mail to the outside by themselves.
  - Only options that are given are compared and set. An option that is left out keeps its value in an existing policy and gets
    Microsoft's default in a new one.
  - The descriptions name that default and the values that Microsoft recommended on 2026-08-10 at its levels Standard and Strict.
    The preset security policies do not cover outgoing mail, so these values have to be set here.
options:
  name:
    description:
      - The policy's name, at most 64 characters. Upper and lower case do not matter. The default policy, which applies to everybody
        whom no rule covers, is called V(Default).
      - The name is how the policy is found, so this module cannot change it.
    type: str
    required: true
  state:
    description:
      - V(present) makes the policy if there is none of that name, and changes what differs if there is one.
      - V(absent) removes the rule and then the policy. Its senders then get the next policy whose rule covers them, in the end the
        default policy, which cannot be removed.
    type: str
    choices: [present, absent]
    default: present
  action_when_threshold_reached:
    description:
      - What happens to somebody who reaches a limit. V(BlockUserForToday) lets them send no mail until the next day, V(BlockUser)
        not before an administrator releases them, V(Alert) only raises an alert.
      - New policy V(BlockUserForToday), Standard and Strict V(BlockUser).
    type: str
    choices: [Alert, BlockUser, BlockUserForToday]
  admin_display_name:
    description:
      - A remark for administrators. Users do not see it. An empty text removes it.
    type: str
  auto_forwarding_mode:
    description:
      - Whether mail may be forwarded to the outside by rules of mailboxes and the like. V(Off) returns such mail to its sender,
        V(On) lets it pass. V(Automatic) means V(Off), but may still mean V(On) in tenants that forwarded mail before 2021, so only
        the other two are clear.
      - Forwarding inside the organization is not touched.
      - New policy V(Automatic), Standard and Strict V(Off).
    type: str
    choices: [Automatic, 'Off', 'On']
  bcc_suspicious_outbound_additional_recipients:
    description:
      - Addresses that get a copy of suspicious mail with O(bcc_suspicious_outbound_mail=true).
      - The list is the whole list; its order does not matter. An empty list removes all entries.
      - New policy none; Microsoft recommends nothing.
    type: list
    elements: str
  bcc_suspicious_outbound_mail:
    description:
      - Whether O(bcc_suspicious_outbound_additional_recipients) get a copy of outgoing mail that looks like spam or exceeds the
        limits. It works in the default policy only.
      - New policy V(false); Microsoft recommends nothing. The CIS benchmark and Secure Score want V(true).
    type: bool
  notify_outbound_spam:
    description:
      - Whether O(notify_outbound_spam_recipients) are told when somebody was blocked for sending spam. Microsoft advises to use its
        alert policy User restricted from sending email instead.
      - New policy V(false); Microsoft recommends nothing. The CIS benchmark and Secure Score want V(true).
    type: bool
  notify_outbound_spam_recipients:
    description:
      - Addresses that are told with O(notify_outbound_spam=true).
      - The list is the whole list; its order does not matter. An empty list removes all entries.
      - New policy none; Microsoft recommends nothing.
    type: list
    elements: str
  recipient_limit_external_per_hour:
    description:
      - To how many people outside somebody may write in an hour.
      - V(0) leaves it to the limits of the service, which Microsoft may change; V(10000) is the most.
      - New policy V(0), Standard V(500), Strict V(400).
    type: int
  recipient_limit_internal_per_hour:
    description:
      - To how many people inside somebody may write in an hour.
      - V(0) leaves it to the limits of the service, which Microsoft may change; V(10000) is the most.
      - New policy V(0), Standard V(1000), Strict V(800).
    type: int
  recipient_limit_per_day:
    description:
      - To how many people somebody may write in a day.
      - V(0) leaves it to the limits of the service, which Microsoft may change; V(10000) is the most.
      - New policy V(0), Standard V(1000), Strict V(800).
    type: int
  rule:
    description:
      - Whose outgoing mail the policy applies to, and before which others. In the service the rule is an object of its own that
        points at the policy; it is found by that, so it does not matter what it is called. A new rule gets the policy's name.
      - Left out, an existing rule is left as it is, and a new policy gets none and applies to nobody.
      - Within one condition any of the values is enough. Different conditions must all be met. Any single exception takes a sender
        out.
      - A rule needs at least one of O(rule.from), O(rule.from_member_of) and O(rule.sender_domain_is). That the service insists on
        it is a guess; Microsoft documents it for other rules.
    type: dict
    suboptions:
      state:
        description:
          - V(present) makes the rule or changes what differs.
          - V(absent) removes the rule and keeps the policy, which from then on applies to nobody.
        type: str
        choices: [present, absent]
        default: present
      enabled:
        description:
          - Whether the rule is on. With a rule that is off, its policy applies to nobody and the next rule in line decides.
          - Left out, an existing rule stays on or off as it is, and a new one is on.
        type: bool
      priority:
        description:
          - The rule's place among the rules for outgoing mail, V(0) being the first. A sender gets the policy of the first rule
            that covers them and of no other; policies are never merged.
          - The other rules keep their order and move up or down as needed. The place must exist, so the highest number is one less
            than the number of rules there will be.
          - Left out, an existing rule stays where it is, and a new one goes last.
        type: int
      comments:
        description:
          - A remark about the rule, at most 1024 characters. Users do not see it.
          - Left out, it is left as it is. An empty text removes it.
        type: str
      from:
        description:
          - Senders to whose mail the policy applies. They must be mailboxes, mail users or mail contacts of the organization.
          - Give e-mail addresses. Exchange Online takes other identifiers too, but may return them in another form, which would
            then count as a difference; this is a guess.
          - The list is the whole list; its order does not matter. Left out, it is left as it is. An empty list removes the
            condition.
        type: list
        elements: str
      from_member_of:
        description:
          - Groups to whose members' mail the policy applies, by e-mail address.
          - The list is the whole list; its order does not matter. Left out, it is left as it is. An empty list removes the
            condition.
        type: list
        elements: str
      sender_domain_is:
        description:
          - Accepted domains of the organization. The policy applies to mail of everybody whose address is in one of them.
          - The list is the whole list; its order does not matter. Left out, it is left as it is. An empty list removes the
            condition.
        type: list
        elements: str
      except_if_from:
        description:
          - Senders to whose mail the policy does not apply, although a condition covers them.
          - The list is the whole list; its order does not matter. Left out, it is left as it is. An empty list removes the
            exception.
        type: list
        elements: str
      except_if_from_member_of:
        description:
          - Groups to whose members' mail the policy does not apply, although a condition covers them.
          - The list is the whole list; its order does not matter. Left out, it is left as it is. An empty list removes the
            exception.
        type: list
        elements: str
      except_if_sender_domain_is:
        description:
          - Accepted domains to whose senders the policy does not apply, although a condition covers them.
          - The list is the whole list; its order does not matter. Left out, it is left as it is. An empty list removes the
            exception.
        type: list
        elements: str
extends_documentation_fragment:
  - m365.defender.tenant
  - m365.defender.attributes
  - m365.defender.attributes.writes
  - m365.defender.exchange
notes:
  - Needs a licence with Exchange Online mailboxes, and nothing of Defender for Office 365.
  - The default policy takes no rule and cannot be removed. Its settings can be changed. The service shows limits of V(0) and
    C(Enabled) as false for it, although it is in force; V(0) stands for the limits of the service, and C(Enabled) cannot be set and
    is not shown here.
  - Limits that are too low stop newsletters and mail merges of people who may send them. Give those a policy of their own before
    you lower the default.
  - Two tasks that give two rules a priority see each other only through the service. To set a whole ordering at once, name all of
    the policies in one task of M(m365.defender.configuration).
  - Calls C(Get-), C(New-), C(Set-) and C(Remove-HostedOutboundSpamFilterPolicy) and C(Get-), C(New-), C(Set-), C(Remove-),
    C(Enable-) and C(Disable-HostedOutboundSpamFilterRule).
seealso:
  - module: m365.defender.hosted_content_filter_policy
  - module: m365.defender.protection_alert
  - module: m365.defender.configuration
  - name: Outbound spam policies
    description: What each setting does, and how to release somebody who was blocked.
    link: https://learn.microsoft.com/defender-office-365/outbound-spam-policies-configure
  - name: Recommended settings
    description: Microsoft's values for Standard and Strict.
    link: https://learn.microsoft.com/defender-office-365/recommended-settings-for-eop-and-office365
"""

EXAMPLES = r"""
- name: Bring the default policy to the level Standard
  m365.defender.hosted_outbound_spam_filter_policy:
    name: Default
    recipient_limit_external_per_hour: 500
    recipient_limit_internal_per_hour: 1000
    recipient_limit_per_day: 1000
    action_when_threshold_reached: BlockUser
    auto_forwarding_mode: "Off"

- name: Let the newsletter write to more people, and tell its editors when it is blocked
  m365.defender.hosted_outbound_spam_filter_policy:
    name: Mail of the newsletter
    recipient_limit_external_per_hour: 5000
    recipient_limit_per_day: 10000
    notify_outbound_spam: true
    notify_outbound_spam_recipients:
      - editors@contoso.com
    rule:
      priority: 0
      from:
        - newsletter@contoso.com

- name: Let a partner department forward its mail, but for one mailbox
  m365.defender.hosted_outbound_spam_filter_policy:
    name: Mail of partners
    auto_forwarding_mode: "On"
    rule:
      from_member_of:
        - partners@contoso.com
      except_if_from:
        - robin@contoso.com

- name: See whether forwarding is off, without changing anything
  m365.defender.hosted_outbound_spam_filter_policy:
    name: Default
    auto_forwarding_mode: "Off"
  check_mode: true
  register: forwarding
  failed_when: forwarding is changed or forwarding is failed

- name: Remove a policy and its rule
  m365.defender.hosted_outbound_spam_filter_policy:
    name: Mail of partners
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
    - Set-HostedOutboundSpamFilterPolicy Mail of the newsletter {RecipientLimitPerDay}
    - Enable-HostedOutboundSpamFilterRule Mail of the newsletter
object:
  description:
    - The policy as it is after the task, or in check mode as it would be, with every setting under the name of its option.
    - The key C(rule) is there if the policy has a rule. Nothing if there is no such policy.
  returned: success
  type: dict
  sample:
    name: Mail of the newsletter
    action_when_threshold_reached: BlockUser
    admin_display_name: ''
    auto_forwarding_mode: 'Off'
    bcc_suspicious_outbound_additional_recipients: []
    bcc_suspicious_outbound_mail: false
    notify_outbound_spam: true
    notify_outbound_spam_recipients: [editors@contoso.com]
    recipient_limit_external_per_hour: 5000
    recipient_limit_internal_per_hour: 1000
    recipient_limit_per_day: 10000
    rule:
      comments: ''
      from: [newsletter@contoso.com]
      from_member_of: []
      sender_domain_is: []
      except_if_from: []
      except_if_from_member_of: []
      except_if_sender_domain_is: []
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
      sample: hosted_outbound_spam_filter_policy Mail of the newsletter
    after_header:
      description: The same again.
      type: str
      sample: hosted_outbound_spam_filter_policy Mail of the newsletter
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
      sample: Set-HostedOutboundSpamFilterPolicy Mail of the newsletter
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
from ansible_collections.m365.defender.plugins.module_utils.resources.hosted_outbound_spam_filter_policy import (
    HOSTED_OUTBOUND_SPAM_FILTER_POLICY,
)

if __name__ == "__main__":
    run(HOSTED_OUTBOUND_SPAM_FILTER_POLICY)
