# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: teams_protection_policy
short_description: Manage the protection of Teams messages after they were delivered
version_added: 1.0.0
author:
  - The m365.defender contributors (@m365-defender)
description:
  - Changes the policy by which Microsoft Defender for Office 365 takes malware and phishing of high confidence out of Teams chats and
    channels after delivery (zero-hour auto purge), and the rule with the people to whom it does not apply.
  - There is at most one policy and one rule in a tenant, so neither has a name. While nobody has made the policy, the service shows one
    that is none, with Microsoft's defaults. This module then makes it as soon as something differs from them, or a rule is to be made.
  - Only options that are given are compared and set. An option that is left out keeps its value.
  - The descriptions name the values that Microsoft recommended on 2026-08-10 for its protection levels Standard and Strict. The preset
    security policies do not bring them; this policy applies to everybody.
options:
  admin_display_name:
    description:
      - A remark for administrators. Users do not see it. An empty text removes it.
    type: str
  high_confidence_phish_quarantine_tag:
    description:
      - Name of the quarantine policy for phishing of high confidence in Teams. It says what people may do with such messages and whether
        they are told of them, see M(m365.defender.quarantine_policy).
      - New tenant V(AdminOnlyAccessPolicy), Standard and Strict V(AdminOnlyAccessPolicy).
    type: str
  malware_quarantine_tag:
    description:
      - Name of the quarantine policy for malware in Teams, see M(m365.defender.quarantine_policy).
      - New tenant V(AdminOnlyAccessPolicy), Standard and Strict V(AdminOnlyAccessPolicy).
    type: str
  rule:
    description:
      - To whom the policy does not apply. In the service the rule is an object of its own that points at the policy.
      - It has exceptions only. Without a rule the policy applies to everybody.
      - Neither the policy nor its rule can be removed or switched off. To undo a rule, empty its exceptions.
    type: dict
    suboptions:
      comments:
        description:
          - A remark about the rule, at most 1024 characters. An empty text removes it.
        type: str
      except_if_sent_to:
        description:
          - Recipients to whom the policy does not apply.
          - The list is the whole list; its order does not matter. An empty list removes the exception.
        type: list
        elements: str
      except_if_sent_to_member_of:
        description:
          - Groups to whose members the policy does not apply, by e-mail address.
          - The list is the whole list; its order does not matter. An empty list removes the exception.
        type: list
        elements: str
      except_if_recipient_domain_is:
        description:
          - Accepted domains to whose people the policy does not apply.
          - The list is the whole list; its order does not matter. An empty list removes the exception.
        type: list
        elements: str
  zap_enabled:
    description:
      - Whether malware and phishing of high confidence are taken out of chats and of standard and shared channels after delivery. What is
        found goes to quarantine.
      - New tenant V(true), Standard and Strict V(true).
    type: bool
extends_documentation_fragment:
  - m365.defender.tenant
  - m365.defender.attributes
  - m365.defender.attributes.writes
  - m365.defender.exchange
notes:
  - Needs a licence of Microsoft Defender for Office 365, plan 1 or 2. Older pages of Microsoft say plan 2.
  - That the policy which the service shows in a new tenant has to be made before it can be changed is a guess; no source shows either.
  - Calls C(Get-), C(New-) and C(Set-TeamsProtectionPolicy) and C(Get-), C(New-) and C(Set-TeamsProtectionPolicyRule).
seealso:
  - module: m365.defender.quarantine_policy
  - module: m365.defender.atp_policy_for_o365
  - module: m365.defender.configuration
  - name: Zero-hour auto purge in Microsoft Teams
    description: What is taken out of which conversations, and what people see.
    link: https://learn.microsoft.com/defender-office-365/zero-hour-auto-purge
"""

EXAMPLES = r"""
- name: Take malware and phishing out of Teams
  m365.defender.teams_protection_policy:
    zap_enabled: true
    malware_quarantine_tag: AdminOnlyAccessPolicy
    high_confidence_phish_quarantine_tag: AdminOnlyAccessPolicy

- name: But not for those who study it
  m365.defender.teams_protection_policy:
    rule:
      comments: They need to see what arrives
      except_if_sent_to_member_of:
        - malware.research@contoso.com

- name: For everybody again
  m365.defender.teams_protection_policy:
    rule:
      except_if_sent_to: []
      except_if_sent_to_member_of: []
      except_if_recipient_domain_is: []

- name: See what is set, without changing anything
  m365.defender.teams_protection_policy:
  register: teams
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
    - New-TeamsProtectionPolicy Teams Protection Policy {Name, ZapEnabled}
    - New-TeamsProtectionPolicyRule Teams Protection Policy Rule {Name, TeamsProtectionPolicy, ExceptIfSentToMemberOf}
object:
  description:
    - The policy as it is after the task, or in check mode as it would be, with every setting under the name of its option.
    - The key C(rule) is there if there is a rule.
  returned: success
  type: dict
  sample:
    admin_display_name: ""
    high_confidence_phish_quarantine_tag: AdminOnlyAccessPolicy
    malware_quarantine_tag: AdminOnlyAccessPolicy
    zap_enabled: true
    rule:
      comments: They need to see what arrives
      except_if_sent_to: []
      except_if_sent_to_member_of: [malware.research@contoso.com]
      except_if_recipient_domain_is: []
diff:
  description: The options that were given and differ, before and after. Empty if nothing differs.
  returned: success, in diff mode
  type: list
  elements: dict
  contains:
    before_header:
      description: What the difference is about.
      type: str
      sample: teams_protection_policy
    after_header:
      description: The same again.
      type: str
      sample: teams_protection_policy
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
      sample: Set-TeamsProtectionPolicy Teams Protection Policy
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
from ansible_collections.m365.defender.plugins.module_utils.resources.teams_protection_policy import TEAMS_PROTECTION_POLICY

if __name__ == "__main__":
    run(TEAMS_PROTECTION_POLICY)
