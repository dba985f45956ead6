# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: report_submission_policy
short_description: Manage what happens to messages that people report
version_added: 1.0.0
author:
  - The m365.defender contributors (@m365-defender)
description:
  - Makes, changes or removes the report submission policy of Exchange Online, together with the rule that names the reporting mailbox.
    They say whether messages that people report as junk, harmless or phishing go to Microsoft, to a mailbox of the organization or to
    both, and what people are told.
  - Reports of people are one of the things that start automated investigations of mail (Microsoft Defender for Office 365, plan 2).
  - There is at most one policy and one rule in a tenant, so neither has a name. A task without options makes the policy with Microsoft's
    defaults if there is none.
  - Only options that are given are compared and set. An option that is left out keeps its value in an existing policy and gets
    Microsoft's default in a new one.
options:
  state:
    description:
      - V(present) makes the policy if there is none, and changes what differs if there is one.
      - V(absent) removes the rule and then the policy, which is how a tenant is before anybody has set anything.
    type: str
    choices: [present, absent]
    default: present
  disable_quarantine_reporting_option:
    description:
      - Whether people may not report messages from quarantine.
      - New policy V(false).
    type: bool
  enable_custom_notification_sender:
    description:
      - Whether messages about the result of a review come from O(notification_sender_address) instead of Microsoft's address.
      - New policy V(false).
    type: bool
  enable_organization_branding:
    description:
      - Whether messages about the result of a review carry the organization's logo instead of Microsoft's.
      - New policy V(false).
    type: bool
  enable_report_to_microsoft:
    description:
      - Whether reported messages go to Microsoft. What else is possible stands in the notes.
      - New policy V(true).
    type: bool
  enable_third_party_address:
    description:
      - Whether people report with the tool of another company, which sends to O(third_party_report_addresses). Microsoft then reads
        that mailbox to show the reports in the portal and to raise alerts.
      - Excludes the three options such as O(report_junk_to_customized_address), and needs O(third_party_report_addresses).
      - New policy V(false).
    type: bool
  enable_user_email_notification:
    description:
      - Whether people are told by mail when an administrator has reviewed what they reported. Microsoft says that it must be V(true) where
        reports go only to the reporting mailbox.
      - New policy V(false).
    type: bool
  junk_review_result_message:
    description:
      - Your own text for messages that were found to be junk. An empty text goes back to Microsoft's.
    type: str
  not_junk_review_result_message:
    description:
      - Your own text for messages that were found to be harmless. An empty text goes back to Microsoft's.
    type: str
  notification_footer_message:
    description:
      - Your own text at the end of all messages about results. An empty text goes back to Microsoft's.
    type: str
  notification_sender_address:
    description:
      - The address from which messages about results are sent. It must be one of Exchange Online. It is a list in the service, with one
        address in it.
      - Has an effect only with O(enable_custom_notification_sender=true). An empty list removes it.
    type: list
    elements: str
  notifications_for_submission_air_investigations_enabled:
    description:
      - Whether people are told the results of automated investigations of what they reported.
      - Microsoft's reference calls this parameter reserved for internal use. What it does, that it can be set and that it is read back are
        guesses from its name and from a setting of the portal. If the service takes it but does not return it, the task fails and says
        that it does not show.
    type: bool
  notifications_for_clean_submission_air_investigations_enabled:
    description:
      - Whether people are told that an automated investigation found a reported message to be harmless.
      - A guess, as O(notifications_for_submission_air_investigations_enabled) says.
    type: bool
  notifications_for_phish_malware_submission_air_investigations_enabled:
    description:
      - Whether people are told that an automated investigation found a reported message to be phishing or malware.
      - A guess, as O(notifications_for_submission_air_investigations_enabled) says.
    type: bool
  notifications_for_spam_submission_air_investigations_enabled:
    description:
      - Whether people are told that an automated investigation found a reported message to be spam.
      - A guess, as O(notifications_for_submission_air_investigations_enabled) says.
    type: bool
  phishing_review_result_message:
    description:
      - Your own text for messages that were found to be phishing. An empty text goes back to Microsoft's.
    type: str
  post_submit_message:
    description:
      - Your own text of the window that Outlook shows after a message was reported. An empty text goes back to Microsoft's.
    type: str
  post_submit_message_enabled:
    description:
      - Whether Outlook shows a window after a message was reported.
      - New policy V(true).
    type: bool
  post_submit_message_title:
    description:
      - Your own title of the window after a message was reported. An empty text goes back to Microsoft's.
    type: str
  pre_submit_message:
    description:
      - Your own text of the window that Outlook shows before a message is reported. An empty text goes back to Microsoft's.
    type: str
  pre_submit_message_enabled:
    description:
      - Whether Outlook shows a window before a message is reported.
      - New policy V(true).
    type: bool
  pre_submit_message_title:
    description:
      - Your own title of the window before a message is reported. An empty text goes back to Microsoft's.
    type: str
  report_chat_message_enabled:
    description:
      - Whether what people report in Teams goes to Microsoft. That new policies have V(true) is a guess.
    type: bool
  report_chat_message_to_customized_address_enabled:
    description:
      - Whether what people report in Teams goes to the reporting mailbox. That new policies have V(false) is a guess.
    type: bool
  report_junk_addresses:
    description:
      - The reporting mailbox for messages that people report as junk, an address of Exchange Online. It is a list in the service, with one
        address in it.
      - O(report_junk_addresses), O(report_not_junk_addresses) and O(report_phish_addresses) must all be the same, and are sent together. An
        empty list removes the address.
    type: list
    elements: str
  report_junk_to_customized_address:
    description:
      - Whether messages that people report as junk go to the reporting mailbox.
      - O(report_junk_to_customized_address), O(report_not_junk_to_customized_address) and O(report_phish_to_customized_address) must all be
        the same, and are sent together. V(true) needs a mailbox, in options such as
        O(report_junk_addresses) or in the rule; that there is one is not checked.
      - New policy V(false).
    type: bool
  report_not_junk_addresses:
    description:
      - The reporting mailbox for messages that people report as harmless. See O(report_junk_addresses).
    type: list
    elements: str
  report_not_junk_to_customized_address:
    description:
      - Whether messages that people report as harmless go to the reporting mailbox. See O(report_junk_to_customized_address).
      - New policy V(false).
    type: bool
  report_phish_addresses:
    description:
      - The reporting mailbox for messages that people report as phishing. See O(report_junk_addresses).
    type: list
    elements: str
  report_phish_to_customized_address:
    description:
      - Whether messages that people report as phishing go to the reporting mailbox. See O(report_junk_to_customized_address).
      - New policy V(false).
    type: bool
  rule:
    description:
      - Which mailbox gets the reports. In the service the rule is an object of its own that points at the policy; there is at most one.
      - Left out, an existing rule is left as it is, and a new policy gets none.
    type: dict
    suboptions:
      state:
        description:
          - V(present) makes the rule or changes what differs.
          - V(absent) removes the rule and keeps the policy. Microsoft does so where no reporting mailbox is used.
        type: str
        choices: [present, absent]
        default: present
      enabled:
        description:
          - Whether the rule is on. Left out, an existing rule stays on or off as it is, and a new one is on.
        type: bool
      comments:
        description:
          - A remark about the rule, at most 1024 characters. An empty text removes it.
        type: str
      sent_to:
        description:
          - The reporting mailbox. This is what decides where reports from Outlook go.
          - The service does not keep it in step with options such as O(report_junk_addresses) or O(third_party_report_addresses), and
            neither does this module. Give all of them the same address.
          - The list is the whole list; its order does not matter. An empty list removes the address.
        type: list
        elements: str
  third_party_report_addresses:
    description:
      - The reporting mailbox to which the tool of another company sends. It is a list in the service, with one address in it.
      - An empty list removes it.
    type: list
    elements: str
extends_documentation_fragment:
  - m365.defender.tenant
  - m365.defender.attributes
  - m365.defender.attributes.writes
  - m365.defender.exchange
notes:
  - >-
    Microsoft documents these combinations. To Microsoft only: O(enable_report_to_microsoft=true), the other switches V(false), no rule.
    To Microsoft and the mailbox: the same with the three switches such as O(report_junk_to_customized_address=true), the mailbox in the
    three lists and in O(rule.sent_to). To the mailbox only: the same with O(enable_report_to_microsoft=false). With the tool of another
    company: O(enable_third_party_address=true), the three switches V(false), the mailbox in O(third_party_report_addresses) and
    O(rule.sent_to), and O(enable_report_to_microsoft) as wished. None: all of them V(false), no rule.
  - What a task gives is checked against these together with what is there already. What cannot be is refused before anything is sent, for
    example a switch without its mailbox, or three switches of which not all are the same. What is so already and is not to be changed is
    left alone.
  - A list such as O(report_junk_addresses) may stay filled while its switch is V(false). Microsoft advises to empty it.
  - The parameters for texts in several languages are not options. Microsoft's reference does not describe them, and no published reading
    shows them.
  - Calls C(Get-), C(New-), C(Set-) and C(Remove-ReportSubmissionPolicy) and C(Get-), C(New-), C(Set-), C(Remove-), C(Enable-) and
    C(Disable-ReportSubmissionRule).
seealso:
  - module: m365.defender.quarantine_policy
  - module: m365.defender.protection_alert
  - module: m365.defender.configuration
  - name: User reported settings
    description: What each combination means for people and administrators.
    link: https://learn.microsoft.com/defender-office-365/submissions-user-reported-messages-custom-mailbox
"""

EXAMPLES = r"""
- name: Reports go to Microsoft and to a mailbox
  m365.defender.report_submission_policy:
    enable_report_to_microsoft: true
    enable_third_party_address: false
    report_junk_to_customized_address: true
    report_not_junk_to_customized_address: true
    report_phish_to_customized_address: true
    report_junk_addresses:
      - reports@contoso.com
    report_not_junk_addresses:
      - reports@contoso.com
    report_phish_addresses:
      - reports@contoso.com
    rule:
      enabled: true
      sent_to:
        - reports@contoso.com

- name: Reports go to Microsoft only
  m365.defender.report_submission_policy:
    enable_report_to_microsoft: true
    enable_third_party_address: false
    third_party_report_addresses: []
    report_junk_to_customized_address: false
    report_not_junk_to_customized_address: false
    report_phish_to_customized_address: false
    report_junk_addresses: []
    report_not_junk_addresses: []
    report_phish_addresses: []
    rule:
      state: absent

- name: People report with the tool of another company
  m365.defender.report_submission_policy:
    enable_report_to_microsoft: false
    enable_third_party_address: true
    third_party_report_addresses:
      - phish.button@contoso.com
    report_junk_to_customized_address: false
    report_not_junk_to_customized_address: false
    report_phish_to_customized_address: false
    rule:
      sent_to:
        - phish.button@contoso.com

- name: Tell people what an administrator found, in our own words
  m365.defender.report_submission_policy:
    enable_user_email_notification: true
    phishing_review_result_message: Thank you. It was phishing, and we have removed it everywhere.
    notification_footer_message: Contoso help desk

- name: Tell people what an automated investigation found, as far as the service takes this
  m365.defender.report_submission_policy:
    notifications_for_submission_air_investigations_enabled: true
    notifications_for_phish_malware_submission_air_investigations_enabled: true

- name: Back to how a new tenant is
  m365.defender.report_submission_policy:
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
    - New-ReportSubmissionPolicy DefaultReportSubmissionPolicy {EnableReportToMicrosoft}
    - New-ReportSubmissionRule DefaultReportSubmissionRule {Name, ReportSubmissionPolicy, SentTo}
object:
  description:
    - The policy as it is after the task, or in check mode as it would be, with every setting that the service returns under the name of
      its option.
    - The key C(rule) is there if there is a rule. Nothing if there is no policy.
  returned: success
  type: dict
  sample:
    disable_quarantine_reporting_option: false
    enable_custom_notification_sender: false
    enable_organization_branding: false
    enable_report_to_microsoft: true
    enable_third_party_address: false
    enable_user_email_notification: false
    junk_review_result_message: ""
    not_junk_review_result_message: ""
    notification_footer_message: ""
    notification_sender_address: []
    notifications_for_clean_submission_air_investigations_enabled: false
    notifications_for_phish_malware_submission_air_investigations_enabled: true
    notifications_for_spam_submission_air_investigations_enabled: false
    notifications_for_submission_air_investigations_enabled: true
    phishing_review_result_message: ""
    post_submit_message: ""
    post_submit_message_enabled: true
    post_submit_message_title: ""
    pre_submit_message: ""
    pre_submit_message_enabled: true
    pre_submit_message_title: ""
    report_chat_message_enabled: true
    report_chat_message_to_customized_address_enabled: false
    report_junk_addresses: [reports@contoso.com]
    report_junk_to_customized_address: true
    report_not_junk_addresses: [reports@contoso.com]
    report_not_junk_to_customized_address: true
    report_phish_addresses: [reports@contoso.com]
    report_phish_to_customized_address: true
    rule:
      comments: ""
      enabled: true
      sent_to: [reports@contoso.com]
    third_party_report_addresses: []
diff:
  description: The options that were given and differ, before and after. Empty if nothing differs.
  returned: success, in diff mode
  type: list
  elements: dict
  contains:
    before_header:
      description: What the difference is about.
      type: str
      sample: report_submission_policy
    after_header:
      description: The same again.
      type: str
      sample: report_submission_policy
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
      sample: Set-ReportSubmissionPolicy DefaultReportSubmissionPolicy
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
from ansible_collections.m365.defender.plugins.module_utils.resources.report_submission_policy import REPORT_SUBMISSION_POLICY

if __name__ == "__main__":
    run(REPORT_SUBMISSION_POLICY)
