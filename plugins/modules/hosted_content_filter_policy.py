# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: hosted_content_filter_policy
short_description: Manage anti-spam policies for incoming mail and their rules
version_added: 1.0.0
author:
  - The m365.defender contributors (@m365-defender)
description:
  - Makes, changes or removes an anti-spam policy for incoming mail together with the rule that says to whom it applies.
  - The service sorts mail into spam, spam of high certainty, phishing, phishing of high certainty and bulk mail. A policy says what
    happens to each of them, and which senders are taken for good or bad whatever their mail looks like.
  - Only options that are given are compared and set. An option that is left out keeps its value in an existing policy and gets
    Microsoft's default in a new one.
  - The descriptions name that default and the values that Microsoft recommended on 2026-08-10 for its protection levels Standard
    and Strict.
options:
  name:
    description:
      - The policy's name. Upper and lower case do not matter. The default policy, which applies to everybody whom no rule covers,
        is called V(Default).
      - The name is how the policy is found, so this module cannot change it.
    type: str
    required: true
  state:
    description:
      - V(present) makes the policy if there is none of that name, and changes what differs if there is one.
      - V(absent) removes the rule and then the policy. Its recipients then get the next policy whose rule covers them, in the end
        the default policy, which cannot be removed.
    type: str
    choices: [present, absent]
    default: present
  add_x_header_value:
    description:
      - The name of the header that is added to mail where an action is V(AddXHeader), at most 255 characters. If it has blanks or
        colons the service ignores it and adds C(X-This-Is-Spam).
      - New policy empty; Microsoft recommends nothing.
    type: str
  admin_display_name:
    description:
      - A remark for administrators, at most 256 characters. Users do not see it. An empty text removes it.
    type: str
  allowed_sender_domains:
    description:
      - Domains whose mail skips the spam filter. Anybody can write a domain into a sender address, so each entry is a hole; never
        name your own domains, or big public ones.
      - The list is the whole list; its order does not matter. An empty list removes all entries. Upper and lower case do not
        matter.
      - New policy none, Standard and Strict none.
    type: list
    elements: str
  allowed_senders:
    description:
      - Addresses whose mail skips the spam filter. Anybody can write an address as the sender, so each entry is a hole. Better
        entries, which expire, are those of the Tenant Allow/Block List.
      - The list is the whole list; its order does not matter. An empty list removes all entries. Upper and lower case do not
        matter.
      - New policy none, Standard and Strict none.
    type: list
    elements: str
  blocked_sender_domains:
    description:
      - Domains whose mail is always taken for spam.
      - The list is the whole list; its order does not matter. An empty list removes all entries. Upper and lower case do not
        matter.
      - New policy none, Standard and Strict none.
    type: list
    elements: str
  blocked_senders:
    description:
      - Addresses whose mail is always taken for spam.
      - The list is the whole list; its order does not matter. An empty list removes all entries. Upper and lower case do not
        matter.
      - New policy none, Standard and Strict none.
    type: list
    elements: str
  bulk_moves_enabled:
    description:
      - Microsoft names the values without saying what they do. The setting is a preview that not every tenant has. Where it is
        missing it counts as V(NotSet), so that asking for that does nothing.
      - New policy V(NotSet), Standard and Strict V(NotSet).
    type: str
    choices: [NotSet, 'On', 'Off']
  bulk_quarantine_tag:
    description:
      - Name of the quarantine policy for bulk mail, with O(bulk_spam_action=Quarantine). It says what people may do with such mail
        and whether they are told of it.
      - New policy and Standard V(DefaultFullAccessPolicy) (in some older tenants V(NotificationEnabledPolicy)), Strict
        V(DefaultFullAccessWithNotificationPolicy).
    type: str
  bulk_spam_action:
    description:
      - What happens to bulk mail, such as newsletters, from O(bulk_threshold) on. The values mean what they mean for
        O(spam_action). V(NoAction) does nothing.
      - Has an effect only with O(mark_as_spam_bulk_mail=On).
      - New policy V(MoveToJmf), Standard V(MoveToJmf), Strict V(Quarantine).
    type: str
    choices: [AddXHeader, Delete, ModifySubject, MoveToJmf, Quarantine, Redirect, NoAction]
  bulk_threshold:
    description:
      - From which bulk complaint level on mail counts as bulk mail, V(1) to V(9). At V(9) is mail that most people complain of, so
        lower values stop more.
      - New policy V(7), Standard V(6), Strict V(5).
    type: int
  enable_language_block_list:
    description:
      - Whether mail in the languages of O(language_block_list) is taken for spam.
      - New policy V(false); Microsoft recommends nothing.
    type: bool
  enable_region_block_list:
    description:
      - Whether mail from the countries and regions of O(region_block_list) is taken for spam.
      - New policy V(false); Microsoft recommends nothing.
    type: bool
  high_confidence_phish_action:
    description:
      - What happens to phishing of high certainty. V(Quarantine) keeps it out of the mailbox, V(Redirect) sends it to
        O(redirect_to_recipients) instead. Anything else Microsoft does not allow.
      - New policy V(Quarantine), Standard and Strict V(Quarantine).
    type: str
    choices: [Quarantine, Redirect]
  high_confidence_phish_quarantine_tag:
    description:
      - Name of the quarantine policy for phishing of high certainty, with O(high_confidence_phish_action=Quarantine). Whatever it
        says, people can release none of it themselves; the most they can do is to ask for it.
      - New policy V(AdminOnlyAccessPolicy), Standard and Strict V(AdminOnlyAccessPolicy).
    type: str
  high_confidence_spam_action:
    description:
      - What happens to spam of high certainty. The values mean what they mean for O(spam_action).
      - New policy V(MoveToJmf), Standard and Strict V(Quarantine).
    type: str
    choices: [AddXHeader, Delete, ModifySubject, MoveToJmf, Quarantine, Redirect]
  high_confidence_spam_quarantine_tag:
    description:
      - Name of the quarantine policy for spam of high certainty, with O(high_confidence_spam_action=Quarantine). It says what
        people may do with such mail and whether they are told of it.
      - New policy V(DefaultFullAccessPolicy) (in some older tenants V(NotificationEnabledPolicy)), Standard and Strict
        V(DefaultFullAccessWithNotificationPolicy).
    type: str
  increase_score_with_biz_or_info_urls:
    description:
      - Mail with links to C(.biz) or C(.info) sites. V(On) makes it likelier that such mail is taken for spam.
      - V(Test) does to such mail what O(test_mode_action) says, besides.
      - One of the settings of the Advanced Spam Filter, which Microsoft advises to leave alone. New policy V(Off), Standard and
        Strict V(Off).
    type: str
    choices: ['Off', 'On', Test]
  increase_score_with_image_links:
    description:
      - Mail with links from images to other sites. V(On) makes it likelier that such mail is taken for spam.
      - V(Test) does to such mail what O(test_mode_action) says, besides.
      - One of the settings of the Advanced Spam Filter, which Microsoft advises to leave alone. New policy V(Off), Standard and
        Strict V(Off).
    type: str
    choices: ['Off', 'On', Test]
  increase_score_with_numeric_ips:
    description:
      - Mail with links to numeric addresses. V(On) marks such mail as spam.
      - V(Test) does to such mail what O(test_mode_action) says, besides.
      - One of the settings of the Advanced Spam Filter, which Microsoft advises to leave alone. New policy V(Off), Standard and
        Strict V(Off).
    type: str
    choices: ['Off', 'On', Test]
  increase_score_with_redirect_to_other_port:
    description:
      - Mail with links to ports other than 80, 8080 and 443. V(On) marks such mail as spam.
      - V(Test) does to such mail what O(test_mode_action) says, besides.
      - One of the settings of the Advanced Spam Filter, which Microsoft advises to leave alone. New policy V(Off), Standard and
        Strict V(Off).
    type: str
    choices: ['Off', 'On', Test]
  inline_safety_tips_enabled:
    description:
      - Whether messages may carry safety tips at their top, which warn the reader.
      - New policy V(true), Standard and Strict V(true).
    type: bool
  intra_org_filter_state:
    description:
      - Which mail between people of the organization the actions of this policy are done to. V(HighConfidencePhish) is phishing of
        high certainty, V(Phish) all phishing, V(HighConfidenceSpam) also spam of high certainty, V(Spam) also spam, V(Disabled)
        none.
      - V(Default) leaves it to Microsoft, which now means V(HighConfidencePhish), so the two count as the same and one is not
        changed into the other. In the clouds of the US Government V(Default) means V(Disabled). To make sure of
        V(HighConfidencePhish) there, set another value first.
      - New policy V(Default), Standard and Strict V(Default).
    type: str
    choices: [Default, HighConfidencePhish, Phish, HighConfidenceSpam, Spam, Disabled]
  language_block_list:
    description:
      - Languages, as codes of ISO 639-1 such as V(DE); also V(ZH-CN), V(ZH-TW) and V(WEN). Not every code is known to the service,
        and one that is not is refused before anything is sent.
      - Used only with O(enable_language_block_list=true).
      - The list is the whole list; its order does not matter. An empty list removes all entries. Upper and lower case do not
        matter.
      - New policy none; Microsoft recommends nothing.
    type: list
    elements: str
  mark_as_spam_bulk_mail:
    description:
      - Whether bulk mail is treated as O(bulk_spam_action) says. V(Off) leaves it alone, whatever O(bulk_threshold) is. V(Test) is
        accepted, but Microsoft says that it is not used.
      - It is not in the portal. New policy V(On), Standard and Strict V(On).
    type: str
    choices: ['Off', 'On', Test]
  mark_as_spam_embed_tags_in_html:
    description:
      - Mail with C(<embed>) in it. V(On) marks such mail as spam of high certainty.
      - V(Test) does to such mail what O(test_mode_action) says, besides.
      - One of the settings of the Advanced Spam Filter, which Microsoft advises to leave alone. New policy V(Off), Standard and
        Strict V(Off).
    type: str
    choices: ['Off', 'On', Test]
  mark_as_spam_empty_messages:
    description:
      - Mail with no subject, no text and no attachment. V(On) marks such mail as spam of high certainty.
      - V(Test) does to such mail what O(test_mode_action) says, besides.
      - One of the settings of the Advanced Spam Filter, which Microsoft advises to leave alone. New policy V(Off), Standard and
        Strict V(Off).
    type: str
    choices: ['Off', 'On', Test]
  mark_as_spam_form_tags_in_html:
    description:
      - Mail with forms in it. V(On) marks such mail as spam of high certainty.
      - V(Test) does to such mail what O(test_mode_action) says, besides.
      - One of the settings of the Advanced Spam Filter, which Microsoft advises to leave alone. New policy V(Off), Standard and
        Strict V(Off).
    type: str
    choices: ['Off', 'On', Test]
  mark_as_spam_frames_in_html:
    description:
      - Mail with C(<frame>) or C(<iframe>) in it. V(On) marks such mail as spam of high certainty.
      - V(Test) does to such mail what O(test_mode_action) says, besides.
      - One of the settings of the Advanced Spam Filter, which Microsoft advises to leave alone. New policy V(Off), Standard and
        Strict V(Off).
    type: str
    choices: ['Off', 'On', Test]
  mark_as_spam_from_address_auth_fail:
    description:
      - Mail that fails the check of SPF together with Sender ID. V(On) marks such mail as spam of high certainty.
      - One of the settings of the Advanced Spam Filter, which Microsoft advises to leave alone. New policy V(Off), Standard and
        Strict V(Off).
    type: str
    choices: ['Off', 'On']
  mark_as_spam_java_script_in_html:
    description:
      - Mail with JavaScript or VBScript in it. V(On) marks such mail as spam of high certainty.
      - V(Test) does to such mail what O(test_mode_action) says, besides.
      - One of the settings of the Advanced Spam Filter, which Microsoft advises to leave alone. New policy V(Off), Standard and
        Strict V(Off).
    type: str
    choices: ['Off', 'On', Test]
  mark_as_spam_ndr_backscatter:
    description:
      - Reports of mail that could not be delivered and that nobody here had sent. V(On) marks such mail as spam of high certainty.
      - One of the settings of the Advanced Spam Filter, which Microsoft advises to leave alone. New policy V(Off), Standard and
        Strict V(Off).
    type: str
    choices: ['Off', 'On']
  mark_as_spam_object_tags_in_html:
    description:
      - Mail with C(<object>) in it. V(On) marks such mail as spam of high certainty.
      - V(Test) does to such mail what O(test_mode_action) says, besides.
      - One of the settings of the Advanced Spam Filter, which Microsoft advises to leave alone. New policy V(Off), Standard and
        Strict V(Off).
    type: str
    choices: ['Off', 'On', Test]
  mark_as_spam_sensitive_word_list:
    description:
      - Mail with words of a list that Microsoft keeps of offensive messages. V(On) marks such mail as spam of high certainty.
      - V(Test) does to such mail what O(test_mode_action) says, besides.
      - One of the settings of the Advanced Spam Filter, which Microsoft advises to leave alone. New policy V(Off), Standard and
        Strict V(Off).
    type: str
    choices: ['Off', 'On', Test]
  mark_as_spam_spf_record_hard_fail:
    description:
      - Mail from a server that the SPF record of the sender's domain does not allow. V(On) marks such mail as spam of high
        certainty.
      - One of the settings of the Advanced Spam Filter, which Microsoft advises to leave alone. New policy V(Off), Standard and
        Strict V(Off).
    type: str
    choices: ['Off', 'On']
  mark_as_spam_web_bugs_in_html:
    description:
      - Mail with invisible images that tell the sender when it is read. V(On) marks such mail as spam of high certainty.
      - V(Test) does to such mail what O(test_mode_action) says, besides.
      - One of the settings of the Advanced Spam Filter, which Microsoft advises to leave alone. New policy V(Off), Standard and
        Strict V(Off).
    type: str
    choices: ['Off', 'On', Test]
  modify_subject_value:
    description:
      - What is put before the subject of mail where an action is V(ModifySubject).
      - New policy empty; Microsoft recommends nothing.
    type: str
  phish_quarantine_tag:
    description:
      - Name of the quarantine policy for phishing, with O(phish_spam_action=Quarantine). It says what people may do with such mail
        and whether they are told of it.
      - New policy V(DefaultFullAccessPolicy) (in some older tenants V(NotificationEnabledPolicy)), Standard and Strict
        V(DefaultFullAccessWithNotificationPolicy).
    type: str
  phish_spam_action:
    description:
      - What happens to phishing that is not of high certainty. The values mean what they mean for O(spam_action).
      - New policy V(Quarantine), Standard and Strict V(Quarantine). The default policy has V(MoveToJmf). Microsoft's pages disagree
        about a new policy; V(Quarantine) is what the reference of the cmdlet says.
    type: str
    choices: [AddXHeader, Delete, ModifySubject, MoveToJmf, Quarantine, Redirect]
  phish_zap_enabled:
    description:
      - Whether mail that turns out to be phishing within 48 hours after its delivery, read or not, is treated as
        O(phish_spam_action) says (zero-hour auto purge). If it is of high certainty it is quarantined. Where the action only marks
        mail nothing happens.
      - New policy V(true), Standard and Strict V(true).
    type: bool
  quarantine_retention_period:
    description:
      - For how many days mail is kept in quarantine, from V(1) to V(30). It also holds for what anti-phishing policies quarantine.
      - New policy V(15), Standard and Strict V(30).
    type: int
  redirect_to_recipients:
    description:
      - Addresses that get the mail instead of its recipients where an action is V(Redirect).
      - The list is the whole list; its order does not matter. An empty list removes all entries.
      - New policy none; Microsoft recommends nothing.
    type: list
    elements: str
  region_block_list:
    description:
      - Countries and regions, as codes of ISO 3166-1 with two letters such as V(NL). Not every code is known to the service, and
        one that is not is refused before anything is sent.
      - Used only with O(enable_region_block_list=true).
      - The list is the whole list; its order does not matter. An empty list removes all entries. Upper and lower case do not
        matter.
      - New policy none; Microsoft recommends nothing.
    type: list
    elements: str
  spam_action:
    description:
      - What happens to spam that is not of high certainty.
      - V(MoveToJmf) delivers it to the folder for junk mail. V(Quarantine) keeps it out of the mailbox. V(AddXHeader) delivers it
        with the header of O(add_x_header_value), spam to the folder for junk mail. V(ModifySubject) delivers it there with the text
        of O(modify_subject_value) before its subject. V(Redirect) sends it to O(redirect_to_recipients) instead. V(Delete) throws
        it away for good.
      - New policy V(MoveToJmf), Standard V(MoveToJmf), Strict V(Quarantine).
    type: str
    choices: [AddXHeader, Delete, ModifySubject, MoveToJmf, Quarantine, Redirect]
  spam_quarantine_tag:
    description:
      - Name of the quarantine policy for spam, with O(spam_action=Quarantine). It says what people may do with such mail and
        whether they are told of it.
      - New policy and Standard V(DefaultFullAccessPolicy) (in some older tenants V(NotificationEnabledPolicy)), Strict
        V(DefaultFullAccessWithNotificationPolicy).
    type: str
  spam_zap_enabled:
    description:
      - Whether unread mail that turns out to be spam within 48 hours after its delivery is treated as the actions for spam say
        (zero-hour auto purge). Where the action only marks mail nothing happens.
      - New policy V(true), Standard and Strict V(true).
    type: bool
  test_mode_action:
    description:
      - What happens to mail that meets a setting of the Advanced Spam Filter with the value V(Test). V(AddXHeader) adds a header,
        V(BccMessage) sends a copy to O(test_mode_bcc_to_recipients).
      - New policy V(None), Standard and Strict V(None).
    type: str
    choices: [AddXHeader, BccMessage, None]
  test_mode_bcc_to_recipients:
    description:
      - Addresses that get the copies with O(test_mode_action=BccMessage).
      - The list is the whole list; its order does not matter. An empty list removes all entries.
      - New policy none; Microsoft recommends nothing.
    type: list
    elements: str
extends_documentation_fragment:
  - m365.defender.tenant
  - m365.defender.attributes
  - m365.defender.attributes.writes
  - m365.defender.exchange
  - m365.defender.rule
notes:
  - Needs a licence with Exchange Online mailboxes, and nothing of Defender for Office 365.
  - Policies of the preset security policies are Microsoft's. A wanted difference to one of them is refused with the reason; asking
    for what they have is C(ok).
  - The default policy takes no rule and cannot be removed. Its settings can be changed.
  - Allowed and blocked senders may come back from the service as objects instead of texts; they are shown as texts.
  - Parameters of the cmdlet for notices to users (C(EnableEndUserSpamNotifications), C(EndUserSpamNotification*)) and
    C(DownloadLink) are not options, because they have no effect any more; who is told of quarantined mail is said by quarantine
    policies. C(MakeDefault) is not one, because the service never returns it and because it would change who gets which policy.
  - Calls C(Get-), C(New-), C(Set-) and C(Remove-HostedContentFilterPolicy) and C(Get-), C(New-), C(Set-), C(Remove-), C(Enable-)
    and C(Disable-HostedContentFilterRule).
seealso:
  - module: m365.defender.hosted_outbound_spam_filter_policy
  - module: m365.defender.hosted_connection_filter_policy
  - module: m365.defender.quarantine_policy
  - module: m365.defender.tenant_allow_block_list
  - module: m365.defender.configuration
  - name: Anti-spam protection
    description: How mail is sorted, and what can be done with each sort.
    link: https://learn.microsoft.com/defender-office-365/anti-spam-protection-about
  - name: Recommended settings
    description: Microsoft's values for Standard and Strict.
    link: https://learn.microsoft.com/defender-office-365/recommended-settings-for-eop-and-office365
"""

EXAMPLES = r"""
- name: Bring the default policy to the level Standard
  m365.defender.hosted_content_filter_policy:
    name: Default
    bulk_threshold: 6
    spam_action: MoveToJmf
    high_confidence_spam_action: Quarantine
    high_confidence_spam_quarantine_tag: DefaultFullAccessWithNotificationPolicy
    phish_spam_action: Quarantine
    phish_quarantine_tag: DefaultFullAccessWithNotificationPolicy
    high_confidence_phish_action: Quarantine
    high_confidence_phish_quarantine_tag: AdminOnlyAccessPolicy
    bulk_spam_action: MoveToJmf
    quarantine_retention_period: 30
    phish_zap_enabled: true
    spam_zap_enabled: true

- name: Quarantine more for the board, before all other rules
  m365.defender.hosted_content_filter_policy:
    name: Spam of the board
    bulk_threshold: 5
    bulk_spam_action: Quarantine
    spam_action: Quarantine
    high_confidence_spam_action: Quarantine
    phish_spam_action: Quarantine
    rule:
      priority: 0
      sent_to_member_of:
        - board@contoso.com

- name: Let nobody's mail skip the filter
  m365.defender.hosted_content_filter_policy:
    name: Default
    allowed_senders: []
    allowed_sender_domains: []

- name: Take mail in some languages and from some countries for spam
  m365.defender.hosted_content_filter_policy:
    name: Spam of the branch
    enable_language_block_list: true
    language_block_list: [ET, LV]
    enable_region_block_list: true
    region_block_list: [AQ, BV]
    rule:
      recipient_domain_is:
        - branch.contoso.com

- name: See whether bad mail is fetched back, without changing anything
  m365.defender.hosted_content_filter_policy:
    name: Default
    phish_zap_enabled: true
    spam_zap_enabled: true
  check_mode: true
  register: spam
  failed_when: spam is changed or spam is failed

- name: Remove a policy and its rule
  m365.defender.hosted_content_filter_policy:
    name: Spam of the pilot group
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
    - Set-HostedContentFilterPolicy Spam of the board {BulkThreshold, SpamAction}
    - Enable-HostedContentFilterRule Spam of the board
object:
  description:
    - The policy as it is after the task, or in check mode as it would be, with every setting under the name of its option.
    - The key C(rule) is there if the policy has a rule. Nothing if there is no such policy.
  returned: success
  type: dict
  sample:
    name: Spam of the board
    add_x_header_value: ''
    admin_display_name: ''
    allowed_sender_domains: []
    allowed_senders: []
    blocked_sender_domains: []
    blocked_senders: []
    bulk_moves_enabled: NotSet
    bulk_quarantine_tag: DefaultFullAccessPolicy
    bulk_spam_action: Quarantine
    bulk_threshold: 5
    enable_language_block_list: false
    enable_region_block_list: false
    high_confidence_phish_action: Quarantine
    high_confidence_phish_quarantine_tag: AdminOnlyAccessPolicy
    high_confidence_spam_action: Quarantine
    high_confidence_spam_quarantine_tag: DefaultFullAccessPolicy
    increase_score_with_biz_or_info_urls: 'Off'
    increase_score_with_image_links: 'Off'
    increase_score_with_numeric_ips: 'Off'
    increase_score_with_redirect_to_other_port: 'Off'
    inline_safety_tips_enabled: true
    intra_org_filter_state: Default
    language_block_list: []
    mark_as_spam_bulk_mail: 'On'
    mark_as_spam_embed_tags_in_html: 'Off'
    mark_as_spam_empty_messages: 'Off'
    mark_as_spam_form_tags_in_html: 'Off'
    mark_as_spam_frames_in_html: 'Off'
    mark_as_spam_from_address_auth_fail: 'Off'
    mark_as_spam_java_script_in_html: 'Off'
    mark_as_spam_ndr_backscatter: 'Off'
    mark_as_spam_object_tags_in_html: 'Off'
    mark_as_spam_sensitive_word_list: 'Off'
    mark_as_spam_spf_record_hard_fail: 'Off'
    mark_as_spam_web_bugs_in_html: 'Off'
    modify_subject_value: ''
    phish_quarantine_tag: DefaultFullAccessPolicy
    phish_spam_action: Quarantine
    phish_zap_enabled: true
    quarantine_retention_period: 30
    redirect_to_recipients: []
    region_block_list: []
    spam_action: Quarantine
    spam_quarantine_tag: DefaultFullAccessPolicy
    spam_zap_enabled: true
    test_mode_action: None
    test_mode_bcc_to_recipients: []
    rule:
      comments: ''
      sent_to: []
      sent_to_member_of: [board@contoso.com]
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
      sample: hosted_content_filter_policy Spam of the board
    after_header:
      description: The same again.
      type: str
      sample: hosted_content_filter_policy Spam of the board
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
      sample: Set-HostedContentFilterPolicy Spam of the board
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
from ansible_collections.m365.defender.plugins.module_utils.resources.hosted_content_filter_policy import HOSTED_CONTENT_FILTER_POLICY

if __name__ == "__main__":
    run(HOSTED_CONTENT_FILTER_POLICY)
