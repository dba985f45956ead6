# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: anti_phish_policy
short_description: Manage anti-phishing policies and their rules
version_added: 1.0.0
author:
  - The m365.defender contributors (@m365-defender)
description:
  - Makes, changes or removes an anti-phishing policy together with the rule that says to whom it applies.
  - A policy has two halves. Spoof protection deals with mail whose sender address is forged; every tenant with mailboxes has it.
    Impersonation protection deals with mail whose sender merely looks like somebody you know; it needs Microsoft Defender for Office
    365, and the options that belong to it say so.
  - Only options that are given are compared and set. An option that is left out keeps its value in an existing policy and gets
    Microsoft's default in a new one.
  - The descriptions name that default and the values that Microsoft recommended on 2026-08-10 for its protection levels Standard and
    Strict.
options:
  name:
    description:
      - The policy's name. Upper and lower case do not matter. The default policy, which applies to everybody whom no rule covers, is
        called V(Office365 AntiPhish Default).
      - The name is how the policy is found, so this module cannot change it.
    type: str
    required: true
  state:
    description:
      - V(present) makes the policy if there is none of that name, and changes what differs if there is one.
      - V(absent) removes the rule and then the policy. Its recipients then get the next policy whose rule covers them, in the end the
        default policy, which cannot be removed.
    type: str
    choices: [present, absent]
    default: present
  admin_display_name:
    description:
      - A remark for administrators. Users do not see it. An empty text removes it.
    type: str
  authentication_fail_action:
    description:
      - What happens to mail that spoof intelligence takes for forged. V(MoveToJmf) delivers it to the folder for junk mail,
        V(Quarantine) keeps it out of the mailbox.
      - Has an effect only with O(enable_spoof_intelligence=true), and where the sender's DMARC policy does not decide.
      - New policy V(MoveToJmf), Standard V(MoveToJmf), Strict V(Quarantine).
    type: str
    choices: [MoveToJmf, Quarantine]
  dmarc_quarantine_action:
    description:
      - What happens to forged mail whose supposed domain asks for C(p=quarantine) by DMARC. V(MoveToJmf) delivers it to the folder for
        junk mail, V(Quarantine) keeps it out of the mailbox.
      - Has an effect only with O(honor_dmarc_policy=true).
      - New policy V(Quarantine), Standard and Strict V(Quarantine).
    type: str
    choices: [MoveToJmf, Quarantine]
  dmarc_reject_action:
    description:
      - What happens to forged mail whose supposed domain asks for C(p=reject) by DMARC. V(Reject) returns it to its sender,
        V(Quarantine) keeps it for inspection.
      - Has an effect only with O(honor_dmarc_policy=true).
      - New policy V(Reject), Standard and Strict V(Reject).
    type: str
    choices: [Quarantine, Reject]
  enable_first_contact_safety_tips:
    description:
      - Whether a message says at its top that its sender writes to this person for the first time, or seldom does.
      - New policy V(false), Standard and Strict V(true).
    type: bool
  enable_mailbox_intelligence:
    description:
      - Whether the service learns with whom each person corresponds, so that it can tell a stranger of the same name from the friend.
      - Without it O(enable_mailbox_intelligence_protection) and O(mailbox_intelligence_protection_action) do nothing.
      - Needs Defender for Office 365. New policy V(true), Standard and Strict V(true).
    type: bool
  enable_mailbox_intelligence_protection:
    description:
      - Whether O(mailbox_intelligence_protection_action) is done to mail that, by what was learnt, is not from whom it seems to be.
      - Needs Defender for Office 365. New policy V(false), Standard and Strict V(true).
    type: bool
  enable_organization_domains_protection:
    description:
      - Whether mail from domains that resemble the organization's own is treated as O(targeted_domain_protection_action) says.
      - Needs Defender for Office 365. New policy V(false), Standard and Strict V(true).
    type: bool
  enable_similar_domains_safety_tips:
    description:
      - Whether a message that seems to come from a protected domain, but does not, says so at its top.
      - Needs Defender for Office 365. New policy V(false), Standard and Strict V(true).
    type: bool
  enable_similar_users_safety_tips:
    description:
      - Whether a message that seems to come from a protected person, but does not, says so at its top.
      - Needs Defender for Office 365. New policy V(false), Standard and Strict V(true).
    type: bool
  enable_spoof_intelligence:
    description:
      - Whether forged sender addresses are looked for. Switch it off only where another service has filtered the mail before.
      - New policy V(true), Standard and Strict V(true).
    type: bool
  enable_targeted_domains_protection:
    description:
      - Whether mail from domains that resemble one of O(targeted_domains_to_protect) is treated as O(targeted_domain_protection_action)
        says.
      - Needs Defender for Office 365. New policy V(false), Standard and Strict V(true).
    type: bool
  enable_targeted_user_protection:
    description:
      - Whether mail from people who pass themselves off as one of O(targeted_users_to_protect) is treated as
        O(targeted_user_protection_action) says.
      - Needs Defender for Office 365. New policy V(false), Standard and Strict V(true).
    type: bool
  enable_unauthenticated_sender:
    description:
      - Whether Outlook shows a question mark instead of the sender's picture when nothing proves who sent the message.
      - New policy V(true), Standard and Strict V(true).
    type: bool
  enable_unusual_characters_safety_tips:
    description:
      - Whether a message warns of odd characters in the name or address of its sender, such as letters of another alphabet that look
        the same.
      - Needs Defender for Office 365. New policy V(false), Standard and Strict V(true).
    type: bool
  enable_via_tag:
    description:
      - Whether Outlook adds by which other domain a message really came, as in C(chris@contoso.com via fabrikam.com).
      - New policy V(true), Standard and Strict V(true).
    type: bool
  excluded_domains:
    description:
      - Sender domains that are never taken for impersonation, about 1000 at most. Subdomains need entries of their own.
      - The list is the whole list; its order does not matter. An empty list removes all entries.
      - Needs Defender for Office 365. New policy none, Standard and Strict none; each entry is a hole.
    type: list
    elements: str
  excluded_senders:
    description:
      - Sender addresses that are never taken for impersonation, about 1000 at most.
      - The list is the whole list; its order does not matter. An empty list removes all entries.
      - Needs Defender for Office 365. New policy none, Standard and Strict none; each entry is a hole.
    type: list
    elements: str
  honor_dmarc_policy:
    description:
      - Whether forged mail is treated as the domain it abuses asks by DMARC, see O(dmarc_quarantine_action) and O(dmarc_reject_action).
        If not, O(authentication_fail_action) decides alone.
      - New policy V(true), Standard and Strict V(true). The default policy of a tenant from before this setting may still have
        V(false).
    type: bool
  impersonation_protection_state:
    description:
      - Who decides about impersonation protection. Microsoft names the values V(Automatic), V(Manual) and V(Off) without saying what
        they do.
      - Needs Defender for Office 365. A new policy gets V(Manual) and the default policy has V(Automatic), as have Standard and Strict
        in published exports of tenants; Microsoft makes no recommendation.
    type: str
    choices: [Automatic, Manual, 'Off']
  mailbox_intelligence_protection_action:
    description:
      - What happens to mail that, by what was learnt of a mailbox, is not from whom it seems to be.
      - V(NoAction) delivers it. V(BccMessage) delivers it and sends a copy to O(mailbox_intelligence_protection_action_recipients),
        V(Redirect) sends it only to them. V(MoveToJmf) delivers it to the folder for junk mail. V(Quarantine) keeps it out of the
        mailbox. V(Delete) throws it away for good.
      - Needs Defender for Office 365. New policy V(NoAction), Standard V(MoveToJmf), Strict V(Quarantine).
    type: str
    choices: [NoAction, BccMessage, Delete, MoveToJmf, Quarantine, Redirect]
  mailbox_intelligence_protection_action_recipients:
    description:
      - Addresses that get the mail or a copy of it, with O(mailbox_intelligence_protection_action=Redirect) or
        O(mailbox_intelligence_protection_action=BccMessage).
      - The list is the whole list; its order does not matter. An empty list removes all entries.
      - Needs Defender for Office 365. New policy none.
    type: list
    elements: str
  mailbox_intelligence_quarantine_tag:
    description:
      - Name of the quarantine policy for mail quarantined by O(mailbox_intelligence_protection_action=Quarantine). It says what people
        may do with such mail and whether they are told of it.
      - Needs Defender for Office 365. New policy and Standard V(DefaultFullAccessPolicy) (in some older tenants a new policy gets
        V(NotificationEnabledPolicy)), Strict V(DefaultFullAccessWithNotificationPolicy).
    type: str
  phish_threshold_level:
    description:
      - How readily mail is treated as phishing, from V(1) to V(4). With V(1) the treatment follows how sure the filter is. V(2) treats
        a high certainty like a very high one, V(3) a medium one too, V(4) even a low one. Higher values stop more phishing and more
        honest mail.
      - Needs Defender for Office 365. New policy V(1), Standard V(3), Strict V(4).
    type: int
  spoof_quarantine_tag:
    description:
      - Name of the quarantine policy for mail quarantined by spoof protection. It says what people may do with such mail and whether
        they are told of it.
      - New policy and Standard V(DefaultFullAccessPolicy) (in some older tenants a new policy gets V(NotificationEnabledPolicy)),
        Strict V(DefaultFullAccessWithNotificationPolicy).
    type: str
  targeted_domain_action_recipients:
    description:
      - Addresses that get the mail or a copy of it, with O(targeted_domain_protection_action=Redirect) or
        O(targeted_domain_protection_action=BccMessage).
      - The list is the whole list; its order does not matter. An empty list removes all entries.
      - Needs Defender for Office 365. New policy none.
    type: list
    elements: str
  targeted_domain_protection_action:
    description:
      - What happens to mail from a domain that resembles a protected one. The values mean what they mean for
        O(mailbox_intelligence_protection_action), with O(targeted_domain_action_recipients) as the addresses.
      - Needs Defender for Office 365. New policy V(NoAction), Standard and Strict V(Quarantine).
    type: str
    choices: [NoAction, BccMessage, Delete, MoveToJmf, Quarantine, Redirect]
  targeted_domain_quarantine_tag:
    description:
      - Name of the quarantine policy for mail quarantined by O(targeted_domain_protection_action=Quarantine).
      - Needs Defender for Office 365. New policy V(DefaultFullAccessPolicy) (in some older tenants V(NotificationEnabledPolicy)),
        Standard and Strict V(DefaultFullAccessWithNotificationPolicy).
    type: str
  targeted_domains_to_protect:
    description:
      - Domains of others that you often get mail from, such as partners, whose look-alikes are to be recognized. At most 50. Your own
        domains have O(enable_organization_domains_protection).
      - Used only with O(enable_targeted_domains_protection=true).
      - The list is the whole list; its order does not matter. An empty list removes all entries.
      - Needs Defender for Office 365. New policy none; Standard and Strict have those that the tenant names.
    type: list
    elements: str
  targeted_user_action_recipients:
    description:
      - Addresses that get the mail or a copy of it, with O(targeted_user_protection_action=Redirect) or
        O(targeted_user_protection_action=BccMessage).
      - The list is the whole list; its order does not matter. An empty list removes all entries.
      - Needs Defender for Office 365. New policy none.
    type: list
    elements: str
  targeted_user_protection_action:
    description:
      - What happens to mail from somebody who passes themselves off as a protected person. The values mean what they mean for
        O(mailbox_intelligence_protection_action), with O(targeted_user_action_recipients) as the addresses.
      - Needs Defender for Office 365. New policy V(NoAction), Standard and Strict V(Quarantine).
    type: str
    choices: [NoAction, BccMessage, Delete, MoveToJmf, Quarantine, Redirect]
  targeted_user_quarantine_tag:
    description:
      - Name of the quarantine policy for mail quarantined by O(targeted_user_protection_action=Quarantine).
      - Needs Defender for Office 365. New policy V(DefaultFullAccessPolicy) (in some older tenants V(NotificationEnabledPolicy)),
        Standard and Strict V(DefaultFullAccessWithNotificationPolicy).
    type: str
  targeted_users_to_protect:
    description:
      - People in whose name others might write, such as those who may order payments, as C(Display Name;address). At most 350. They may
        be inside or outside of the organization.
      - Used only with O(enable_targeted_user_protection=true).
      - The list is the whole list; its order, case, and blanks after the semicolon do not matter. An empty list removes all entries.
      - Needs Defender for Office 365. New policy none; Standard and Strict have those that the tenant names.
    type: list
    elements: str
extends_documentation_fragment:
  - m365.defender.tenant
  - m365.defender.attributes
  - m365.defender.attributes.writes
  - m365.defender.exchange
  - m365.defender.rule
notes:
  - Spoof protection needs a licence with Exchange Online mailboxes. What the service does with options of impersonation protection in a
    tenant without Defender for Office 365, refuse or ignore them, is not known; in the second case the task fails because the setting
    cannot be read back.
  - Policies of the preset security policies are Microsoft's. A wanted difference to one of them is refused with the reason, but for
    O(targeted_users_to_protect), O(targeted_domains_to_protect), O(excluded_senders) and O(excluded_domains), which are the tenant's.
    That the service takes these four is a guess from exports of tenants and from a remark in a published checker.
  - The default policy takes no rule.
  - Calls C(Get-), C(New-), C(Set-) and C(Remove-AntiPhishPolicy) and C(Get-), C(New-), C(Set-), C(Remove-), C(Enable-) and
    C(Disable-AntiPhishRule).
seealso:
  - module: m365.defender.safe_links_policy
  - module: m365.defender.configuration
  - name: Anti-phishing policies
    description: What spoof and impersonation protection do.
    link: https://learn.microsoft.com/defender-office-365/anti-phishing-policies-about
  - name: Recommended settings
    description: Microsoft's values for Standard and Strict.
    link: https://learn.microsoft.com/defender-office-365/recommended-settings-for-eop-and-office365
"""

EXAMPLES = r"""
- name: Bring the default policy to the level Standard
  m365.defender.anti_phish_policy:
    name: Office365 AntiPhish Default
    phish_threshold_level: 3
    enable_first_contact_safety_tips: true
    enable_organization_domains_protection: true
    targeted_domain_protection_action: Quarantine
    targeted_domain_quarantine_tag: DefaultFullAccessWithNotificationPolicy
    enable_mailbox_intelligence: true
    enable_mailbox_intelligence_protection: true
    mailbox_intelligence_protection_action: MoveToJmf
    enable_similar_users_safety_tips: true
    enable_similar_domains_safety_tips: true
    enable_unusual_characters_safety_tips: true

- name: Protect the names of those who may order payments, for the accounts department first
  m365.defender.anti_phish_policy:
    name: Phishing of accounts
    phish_threshold_level: 4
    authentication_fail_action: Quarantine
    enable_targeted_user_protection: true
    targeted_user_protection_action: Quarantine
    targeted_users_to_protect:
      - Dana Example;dana@contoso.com
      - Robin Sample;robin@contoso.com
    enable_targeted_domains_protection: true
    targeted_domain_protection_action: Quarantine
    targeted_domains_to_protect:
      - fabrikam.com
    rule:
      priority: 0
      sent_to_member_of:
        - accounts@contoso.com

- name: Spoof protection only, in a tenant without Defender for Office 365
  m365.defender.anti_phish_policy:
    name: Office365 AntiPhish Default
    enable_spoof_intelligence: true
    honor_dmarc_policy: true
    dmarc_quarantine_action: Quarantine
    dmarc_reject_action: Reject
    authentication_fail_action: Quarantine

- name: Take back every exception
  m365.defender.anti_phish_policy:
    name: Phishing of accounts
    excluded_senders: []
    excluded_domains: []

- name: Remove a policy and its rule
  m365.defender.anti_phish_policy:
    name: Phishing of accounts
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
    - Set-AntiPhishPolicy Phishing of accounts {PhishThresholdLevel}
    - Order-AntiPhishRule
object:
  description:
    - The policy as it is after the task, or in check mode as it would be, with every setting under the name of its option.
    - The key C(rule) is there if the policy has a rule. Nothing if there is no such policy.
  returned: success
  type: dict
  sample:
    name: Phishing of accounts
    admin_display_name: ""
    authentication_fail_action: Quarantine
    dmarc_quarantine_action: Quarantine
    dmarc_reject_action: Reject
    enable_first_contact_safety_tips: false
    enable_mailbox_intelligence: true
    enable_mailbox_intelligence_protection: false
    enable_organization_domains_protection: false
    enable_similar_domains_safety_tips: false
    enable_similar_users_safety_tips: false
    enable_spoof_intelligence: true
    enable_targeted_domains_protection: true
    enable_targeted_user_protection: true
    enable_unauthenticated_sender: true
    enable_unusual_characters_safety_tips: false
    enable_via_tag: true
    excluded_domains: []
    excluded_senders: []
    honor_dmarc_policy: true
    impersonation_protection_state: Manual
    mailbox_intelligence_protection_action: NoAction
    mailbox_intelligence_protection_action_recipients: []
    mailbox_intelligence_quarantine_tag: DefaultFullAccessPolicy
    phish_threshold_level: 4
    spoof_quarantine_tag: DefaultFullAccessPolicy
    targeted_domain_action_recipients: []
    targeted_domain_protection_action: Quarantine
    targeted_domain_quarantine_tag: DefaultFullAccessPolicy
    targeted_domains_to_protect: [fabrikam.com]
    targeted_user_action_recipients: []
    targeted_user_protection_action: Quarantine
    targeted_user_quarantine_tag: DefaultFullAccessPolicy
    targeted_users_to_protect: [Dana Example;dana@contoso.com, Robin Sample;robin@contoso.com]
    rule:
      comments: ""
      sent_to: []
      sent_to_member_of: [accounts@contoso.com]
      recipient_domain_is: []
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
      sample: anti_phish_policy Phishing of accounts
    after_header:
      description: The same again.
      type: str
      sample: anti_phish_policy Phishing of accounts
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
      sample: Set-AntiPhishPolicy Phishing of accounts
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
from ansible_collections.m365.defender.plugins.module_utils.resources.anti_phish_policy import ANTI_PHISH_POLICY

if __name__ == "__main__":
    run(ANTI_PHISH_POLICY)
