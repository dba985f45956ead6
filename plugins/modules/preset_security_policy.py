# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: preset_security_policy
short_description: Switch Microsoft's Standard and Strict protection on and off, and say for whom
version_added: 1.0.0
author:
  - The m365.defender contributors (@m365-defender)
description:
  - Manages a preset security policy. It is a whole level of protection, anti-spam, anti-malware and anti-phishing and, with Microsoft
    Defender for Office 365, Safe Attachments and Safe Links, whose settings are Microsoft's and move as its recommendation moves. A
    tenant decides whether a preset is on, for whom, and who is protected from being impersonated.
  - A preset has a rule for the protection that every tenant with mailboxes has (C(EOPProtectionPolicyRule)) and, with Defender for
    Office 365, another one for the rest (C(ATPProtectionPolicyRule)). This module gives both the same conditions and exceptions, and
    switches both together. What differs between them is shown and left alone unless the option is given.
  - The policies of a preset are made by the Defender portal when somebody switches that preset on there for the first time, and
    Microsoft supports no other way to make them. Until then this module refuses to switch the preset on, says so with the code
    V(preset_not_initialised), and gives the link. Switch it on once in the portal, and everything else can be done here. If
    only the rule is missing, because somebody removed it, it is made again.
  - A preset cannot be removed, so there is no C(state).
options:
  name:
    description:
      - Which preset. Whoever is in both gets V(strict).
    type: str
    required: true
    choices: [standard, strict]
  enabled:
    description:
      - Whether the preset is on. Switched off, it keeps its rules, policies and assignment.
      - Left out, it stays on or off as it is; a rule that has to be made anew is then off.
      - With V(false), a preset that was never switched on in the portal is as it should be, whatever else is said of it.
    type: bool
  everyone:
    description:
      - Whether the preset is for all recipients of the organization, but for the exceptions. In the service that is a rule without a
        condition.
      - V(true) removes the three conditions. It has to be said whenever a preset would come to apply to everybody, so that an empty
        list alone cannot bring that about.
      - V(false) demands that there be a condition.
    type: bool
  sent_to:
    description:
      - Recipients to whom the preset applies, by e-mail address.
      - Within one condition any of the values is enough. Different conditions must all be met.
      - The list is the whole list; its order does not matter. Left out, it is left as it is. An empty list removes the condition.
    type: list
    elements: str
  sent_to_member_of:
    description:
      - Groups to whose members the preset applies, by e-mail address.
      - The list is the whole list; its order does not matter. Left out, it is left as it is. An empty list removes the condition.
    type: list
    elements: str
  recipient_domain_is:
    description:
      - Accepted domains of the organization to whose recipients the preset applies.
      - The list is the whole list; its order does not matter. Left out, it is left as it is. An empty list removes the condition.
    type: list
    elements: str
  except_if_sent_to:
    description:
      - Recipients to whom the preset does not apply. Any single exception takes a recipient out.
      - The list is the whole list; its order does not matter. Left out, it is left as it is. An empty list removes the exception.
    type: list
    elements: str
  except_if_sent_to_member_of:
    description:
      - Groups to whose members the preset does not apply.
      - The list is the whole list; its order does not matter. Left out, it is left as it is. An empty list removes the exception.
    type: list
    elements: str
  except_if_recipient_domain_is:
    description:
      - Accepted domains to whose recipients the preset does not apply.
      - The list is the whole list; its order does not matter. Left out, it is left as it is. An empty list removes the exception.
    type: list
    elements: str
  targeted_users_to_protect:
    description:
      - People whom nobody may pass himself off as, each as C(Display Name;address). At most 350.
      - The list stands on the preset's anti-phishing policy and needs Defender for Office 365.
      - The list is the whole list; its order does not matter. Left out, it is left as it is. An empty list empties it.
    type: list
    elements: str
  targeted_domains_to_protect:
    description:
      - Domains of others, such as partners, that nobody may imitate. At most 50. The organization's own are protected anyway.
      - The list stands on the preset's anti-phishing policy and needs Defender for Office 365.
      - The list is the whole list; its order does not matter. Left out, it is left as it is. An empty list empties it.
    type: list
    elements: str
  excluded_senders:
    description:
      - Addresses that are never taken for an impersonation. At most 1000.
      - That a preset's own list can be written is known from a remark in another tool only. It needs Defender for Office 365.
      - The list is the whole list; its order does not matter. Left out, it is left as it is. An empty list empties it.
    type: list
    elements: str
  excluded_domains:
    description:
      - Domains that are never taken for an impersonation. At most 1000.
      - That a preset's own list can be written is known from a remark in another tool only. It needs Defender for Office 365.
      - The list is the whole list; its order does not matter. Left out, it is left as it is. An empty list empties it.
    type: list
    elements: str
  outrank:
    description:
      - Whether the preset may come before custom policies. Whoever is in a preset gets nothing of any custom policy, whatever its
        priority.
      - Without it, the module refuses whatever may bring the preset to somebody new while custom rules of the same types are on, names
        these rules, and gives the code V(would_outrank). Whether preset and rules have recipients in common is not looked at; see
        M(m365.defender.effective_protection_info) for that.
      - Says nothing about the preset itself, so it makes no difference where nothing has to be changed.
    type: bool
    default: false
extends_documentation_fragment:
  - m365.defender.tenant
  - m365.defender.attributes
  - m365.defender.attributes.writes
  - m365.defender.exchange
notes:
  - Without Defender for Office 365 the service does not offer the cmdlets of the second rule. A refused reading is taken for that only
    if the service's own list of the cmdlets that it offers the caller does not have them either. Otherwise the task fails.
  - After a first licence of Defender for Office 365 that half of a preset may be missing until somebody edits the preset in the portal.
    The module then says V(preset_not_initialised) too; that the portal makes the missing half is a guess.
  - The portal's page stands at U(https://security.microsoft.com/presetSecurityPolicies); government clouds have other hosts.
  - Microsoft says that a new assignment may need time in the service, though the rule reads back at once; how long is not documented.
  - Reads the rules and policies of five types, in two requests. Writes with C(Enable-), C(Disable-), C(Set-) and, for a rule that was
    removed, C(New-EOPProtectionPolicyRule) and C(New-ATPProtectionPolicyRule), and with C(Set-AntiPhishPolicy) for the lists.
seealso:
  - module: m365.defender.built_in_protection
  - module: m365.defender.effective_protection_info
  - module: m365.defender.anti_phish_policy
  - module: m365.defender.configuration
  - name: Preset security policies
    description: What the presets are, what is in them, and how to switch one on for the first time.
    link: https://learn.microsoft.com/defender-office-365/preset-security-policies
"""

EXAMPLES = r"""
- name: Standard protection for everybody, also where somebody has policies of their own
  m365.defender.preset_security_policy:
    name: standard
    enabled: true
    everyone: true
    outrank: true

- name: Strict protection for the board and for accounting
  m365.defender.preset_security_policy:
    name: strict
    enabled: true
    sent_to_member_of:
      - board@contoso.com
      - accounting@contoso.com
    except_if_sent_to:
      - reports@contoso.com
    targeted_users_to_protect:
      - Dana Example;dana@contoso.com
    targeted_domains_to_protect:
      - fabrikam.com

- name: Standard protection, or a sentence that says what somebody has to do in the portal
  block:
    - name: Standard protection for one domain
      m365.defender.preset_security_policy:
        name: standard
        enabled: true
        recipient_domain_is:
          - contoso.com
      register: standard
  rescue:
    - name: Only the first time is not ours
      ansible.builtin.assert:
        that: standard.failure.code == 'preset_not_initialised'
        fail_msg: "{{ standard.msg }}"

- name: Switch Strict off, and keep its assignment
  m365.defender.preset_security_policy:
    name: strict
    enabled: false

- name: See what there is, without changing anything
  m365.defender.preset_security_policy:
    name: strict
  register: strict
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
    - Set-EOPProtectionPolicyRule Standard Preset Security Policy {RecipientDomainIs}
    - Enable-EOPProtectionPolicyRule Standard Preset Security Policy
    - Set-ATPProtectionPolicyRule Standard Preset Security Policy {RecipientDomainIs}
    - Enable-ATPProtectionPolicyRule Standard Preset Security Policy
object:
  description:
    - The preset as it is after the task, or in check mode as it would be, with every setting under the name of its option.
    - C(initialised) is whether nothing keeps it from being switched on here.
    - C(rules) has what each rule says, nothing for a rule that is missing, and no entry for one that the service does not offer this
      tenant. A setting in which the rules differ is nothing in the preset itself.
  returned: success
  type: dict
  sample:
    name: standard
    initialised: true
    enabled: true
    everyone: false
    sent_to: []
    sent_to_member_of: []
    recipient_domain_is: [contoso.com]
    except_if_sent_to: []
    except_if_sent_to_member_of: []
    except_if_recipient_domain_is: []
    targeted_users_to_protect: [Dana Example;dana@contoso.com]
    targeted_domains_to_protect: []
    excluded_senders: []
    excluded_domains: []
    rules:
      EOPProtectionPolicyRule: &rule
        enabled: true
        everyone: false
        sent_to: []
        sent_to_member_of: []
        recipient_domain_is: [contoso.com]
        except_if_sent_to: []
        except_if_sent_to_member_of: []
        except_if_recipient_domain_is: []
      ATPProtectionPolicyRule: *rule
diff:
  description: The options that were given and differ, before and after. Empty if nothing differs.
  returned: success, in diff mode
  type: list
  elements: dict
  contains:
    before_header:
      description: What the difference is about.
      type: str
      sample: preset_security_policy standard
    after_header:
      description: The same again.
      type: str
      sample: preset_security_policy standard
    before:
      description:
        - The given options as they were found. Where the two rules had different values, a dictionary with the value of each.
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
      sample: Enable-EOPProtectionPolicyRule Standard Preset Security Policy
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
      description:
        - The service's own code or kind of error.
        - This module's own are V(preset_not_initialised), for a preset that somebody has to switch on once in the portal,
          V(would_outrank), for one that would come before custom policies, and V(not_offered), for lists that need Defender for
          Office 365.
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
from ansible_collections.m365.defender.plugins.module_utils.resources.preset_security_policy import PRESET_SECURITY_POLICY

if __name__ == "__main__":
    run(PRESET_SECURITY_POLICY)
