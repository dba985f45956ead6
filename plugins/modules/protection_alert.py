# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: protection_alert
short_description: Manage alert policies
version_added: 1.0.0
author:
  - The m365.defender contributors (@m365-defender)
description:
  - Makes, changes or removes an alert policy, which watches what people do and what is found in their mail, and raises an alert and
    sends mail when it happens, or happens too often.
  - A tenant comes with up to some fifty policies of Microsoft's own; which ones depends on its licences. Some of them start automated
    investigations in Defender for Office 365, provided that they are on and that none of them was replaced by a copy. They can be
    changed only in the portal. With one of their names this module compares; it says C(ok) when all is as wanted, and fails with the
    reason when not.
  - Only options that are given are compared and set. An option that is left out keeps its value in an existing policy and gets
    Microsoft's default in a new one.
options:
  name:
    description:
      - The policy's name. Upper and lower case do not matter, nor does the invisible character at the end of some of Microsoft's names.
      - The name is how the policy is found, so this module cannot change it.
    type: str
    required: true
  state:
    description:
      - V(present) makes the policy if there is none of that name, and changes what differs if there is one.
      - V(absent) removes the policy. One of Microsoft's own cannot be removed, only switched off in the portal.
    type: str
    choices: [present, absent]
    default: present
  aggregation_type:
    description:
      - When there is an alert. V(None) is for every event. V(SimpleAggregation) is for O(threshold) events within O(time_window)
        minutes. V(AnomalousAggregation) is when there are far more events than is usual in this tenant, which takes up to seven days to
        learn.
      - V(CustomAggregation) has been seen only in policies of Microsoft's own; that one can be made with it is a guess.
      - Anything but V(None) needs an E5 licence, or E3 with an add-on such as Defender for Office 365 plan 2.
      - New policy V(SimpleAggregation).
    type: str
    choices: ['None', SimpleAggregation, AnomalousAggregation, CustomAggregation]
  alert_by:
    description:
      - What events are counted together for. V(User) with O(threat_type=Activity), V(Mail.Recipient) or V(Mail.ThreatName) with
        O(threat_type=Malware). Without it all events of the tenant are counted together, and the alert does not show whom it is about.
      - Not with O(aggregation_type=None).
      - The list is the whole list; its order does not matter.
    type: list
    elements: str
  category:
    description:
      - Under which heading alerts are listed. V(DataLossPrevention) has been seen in tenants, but is not in Microsoft's list.
      - Needed for a new policy.
    type: str
    choices:
      - AccessGovernance
      - ComplianceManager
      - DataGovernance
      - DataLossPrevention
      - MailFlow
      - Others
      - PrivacyManagement
      - Supervision
      - ThreatManagement
  comment:
    description:
      - A remark for administrators. An empty text removes it.
    type: str
  disabled:
    description:
      - Whether the policy is off. A policy of Microsoft's own that is off starts no automated investigation.
      - New policy V(false).
    type: bool
  filter:
    description:
      - Which events count, as conditions of the form C(Property -operator 'value') joined by C(-and), for example C(Mail:Direction -eq
        'Inbound') or C(Activity.UserId -like '*@contoso.com').
      - Properties begin with C(Activity.) for O(threat_type=Activity) and with C(Mail:) for O(threat_type=Malware).
      - Compared as text, to the letter. That the service returns it as it was written is a guess.
    type: str
  notification_culture:
    description:
      - Language of the mail, as V(en-US) or V(ja-JP).
    type: str
  notification_enabled:
    description:
      - Whether mail is sent to O(notify_user). Microsoft does not describe it; that this is what it does is a guess from the portal's
        switch of the same meaning. Alerts are raised either way.
    type: bool
  notify_user:
    description:
      - Addresses that are told by mail. Policies of Microsoft's own have V(TenantAdmins), which stands for the administrators.
      - Needed for a new policy, and can't be emptied. That it can be changed later is a guess, because Microsoft calls the parameter
        reserved there.
      - The list is the whole list; its order does not matter.
    type: list
    elements: str
  notify_user_on_filter_match:
    description:
      - Whether mail is also sent at the first event, as an early warning, before there are enough of them for an alert.
      - Not with O(aggregation_type=None).
      - New policy V(false).
    type: bool
  notify_user_suppression_expiry_date:
    description:
      - Until when no mail is sent, as a time in UTC such as V(2027-01-31T12:00:00Z). That an empty text ends the silence is a guess.
    type: str
  notify_user_throttle_threshold:
    description:
      - How many mails are sent at most within O(notify_user_throttle_window).
      - New policy without limit. A limit cannot be taken away again by this module, only changed.
    type: int
  notify_user_throttle_window:
    description:
      - The minutes within which O(notify_user_throttle_threshold) counts.
    type: int
  operation:
    description:
      - Which activity is watched, by its name in the audit log, such as V(SearchRemoved). Only with O(threat_type=Activity).
      - Give one. Microsoft says that the list takes several, but that several do not work.
    type: list
    elements: str
  severity:
    description:
      - How grave an alert is. V(Informational) has been seen in policies of Microsoft's own; that one can be made with it is a guess.
      - New policy V(Low).
    type: str
    choices: [Low, Medium, High, Informational]
  threat_type:
    description:
      - What is watched. V(Activity) is what people do, V(Malware) is what is found in mail.
      - The other values have been seen in policies of Microsoft's own; that one can be made with them is a guess.
      - Needed for a new policy and cannot be changed later.
    type: str
    choices: [Activity, Malware, Phish, Malicious, MaliciousUrlClick, MailFlow]
  threshold:
    description:
      - How many events within O(time_window) make an alert, at least V(3). Only with O(aggregation_type=SimpleAggregation).
    type: int
  time_window:
    description:
      - The minutes within which O(threshold) events must happen, at least V(60). Only with O(aggregation_type=SimpleAggregation).
    type: int
  volume_threshold:
    description:
      - A number that the service keeps and Microsoft does not describe.
    type: int
extends_documentation_fragment:
  - m365.defender.tenant
  - m365.defender.attributes
  - m365.defender.attributes.writes
notes:
  - A copy of one of Microsoft's policies starts no automated investigation, and switching the original off in its favour switches
    automated investigation off for that alert.
  - The role email_protection makes such copies beside Microsoft's policies for the people in C(email_protection_alert_recipients), and the
    filter P(m365.defender.notices#filter) plans them.
  - A new or changed policy can take a day to work.
  - Alert policies are kept by the Security & Compliance service, which takes a token of its own. The app registration needs the
    application permission C(Exchange.ManageAsApp), and its service principal a role there with C(Manage Alerts) for writing or
    C(View-Only Manage Alerts) for reading. Which Entra role carries it for an app is a guess. Compliance Administrator and Security
    Administrator for writing, Global Reader and Security Reader for reading; Exchange Administrator has no access to this service at
    all.
  - Policies with O(aggregation_type=None) need no licence beyond Exchange Online, all others one like Microsoft 365 E5 or Defender for
    Office 365 plan 2.
  - Calls C(Get-), C(New-), C(Set-) and C(Remove-ProtectionAlert).
seealso:
  - module: m365.defender.configuration
  - module: m365.defender.pending_action_info
  - name: Alert policies
    description: Microsoft's own policies, and what they need.
    link: https://learn.microsoft.com/defender-xdr/alert-policies
"""

EXAMPLES = r"""
- name: Tell the security team when somebody deletes a content search
  m365.defender.protection_alert:
    name: Content search deleted
    category: Others
    threat_type: Activity
    operation:
      - SearchRemoved
    aggregation_type: 'None'
    severity: Medium
    notify_user:
      - soc@contoso.com

- name: Warn when one recipient gets five malicious messages within two hours
  m365.defender.protection_alert:
    name: Malware aimed at one person
    category: ThreatManagement
    threat_type: Malware
    filter: "Mail:Direction -eq 'Inbound'"
    aggregation_type: SimpleAggregation
    alert_by:
      - Mail.Recipient
    threshold: 5
    time_window: 120
    severity: High
    notify_user:
      - soc@contoso.com
    notify_user_throttle_threshold: 10
    notify_user_throttle_window: 1440

- name: Tell the provider too when a user may no longer send mail; Microsoft's own policy stays on and starts the investigation
  m365.defender.protection_alert:
    name: Provider - User restricted from sending email
    category: ThreatManagement
    threat_type: Activity
    operation:
      - CompromisedAccount
    aggregation_type: 'None'
    severity: High
    notify_user:
      - soc@fabrikam.com

- name: Keep quiet during an exercise
  m365.defender.protection_alert:
    name: Malware aimed at one person
    notify_user_suppression_expiry_date: "2027-01-31T18:00:00Z"

- name: Make sure that an alert that starts investigations is on (fails, with what to do, if it is off)
  m365.defender.protection_alert:
    name: Email messages containing malware removed after delivery
    disabled: false

- name: Remove an alert policy
  m365.defender.protection_alert:
    name: Content search deleted
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
    - Set-ProtectionAlert Malware aimed at one person {NotifyUserSuppressionExpiryDate}
object:
  description:
    - The policy as it is after the task, or in check mode as it would be, with every setting under the name of its option. A setting
      that the policy does not have is left out.
    - C(is_system_rule) says whether it is one of Microsoft's own. Nothing if there is no such policy.
  returned: success
  type: dict
  sample:
    name: Malware aimed at one person
    aggregation_type: SimpleAggregation
    alert_by: [Mail.Recipient]
    category: ThreatManagement
    comment: ""
    disabled: false
    filter: "Mail:Direction -eq 'Inbound'"
    is_system_rule: false
    notification_culture: ""
    notification_enabled: true
    notify_user: [soc@contoso.com]
    notify_user_on_filter_match: false
    notify_user_suppression_expiry_date: "2027-01-31T18:00:00Z"
    notify_user_throttle_threshold: 10
    notify_user_throttle_window: 1440
    operation: []
    severity: High
    threat_type: Malware
    threshold: 5
    time_window: 120
    volume_threshold: 0
diff:
  description: The options that were given and differ, before and after. Empty if nothing differs.
  returned: success, in diff mode
  type: list
  elements: dict
  contains:
    before_header:
      description: What the difference is about.
      type: str
      sample: protection_alert Content search deleted
    after_header:
      description: The same again.
      type: str
      sample: protection_alert Content search deleted
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
      sample: New-ProtectionAlert Content search deleted
    tenant:
      description: The tenant.
      type: str
      sample: contoso.onmicrosoft.com
    service:
      description: Which service answered.
      type: str
      sample: compliance
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
from ansible_collections.m365.defender.plugins.module_utils.resources.protection_alert import PROTECTION_ALERT

if __name__ == "__main__":
    run(PROTECTION_ALERT)
