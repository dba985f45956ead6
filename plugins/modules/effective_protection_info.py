#!/usr/bin/python
# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: effective_protection_info
short_description: See which policies recipients really get
version_added: 1.0.0
description:
  - Tells for recipients, groups or domains which policy of each type reaches them, why those before it don't, and what it lacks for
    Microsoft's Standard or Strict level.
  - Of each type only the first policy that covers a recipient counts. The order is the Strict preset, the Standard preset, policies of an
    evaluation of Defender for Office 365, custom policies by priority, and last Built-in protection (Safe Links, Safe Attachments) or the
    default policy. So a policy that exists may protect nobody.
  - The values of a rule's condition are alternatives, conditions of different kinds must all hold, and one exception is enough to be left
    out. A domain in a rule covers its subdomains. A preset's rule without conditions covers everybody, and so does one of Safe Links or
    Safe Attachments; for the other types that is not documented, so that the policy counts as C(unclear).
  - A policy is at the target when each setting with a recommendation is at or above it, for instance quarantine where the Junk Email
    folder is enough. Settings that the licences do not bring are not asked for.
  - Microsoft's own configuration analyzer is read too, and where it says otherwise, that is shown.
author: The m365.defender contributors (@m365-defender)
options:
  recipients:
    description:
      - Primary addresses of recipients.
      - They are looked up in the directory, by sign-in name and, where nobody has it, by primary address. Where the directory has no such
        user, the state is V(unknown). That goes for mail contacts and for groups too, which are no users.
      - Where their groups can't be read and a rule asks for a group, the state is V(unknown), unless the answer does not depend on it.
    type: list
    elements: str
  groups:
    description:
      - Primary addresses of groups, each meaning all of its members.
      - They are looked up in the directory. Where it has no group with that address, as for dynamic distribution groups of Exchange, which
        rules do not support, the state is V(unknown). Where groups can't be read, they are taken to be there.
      - Of the members nothing else is looked up. Rules that name addresses, other groups, or some of the tenant's domains make the state
        V(unknown).
    type: list
    elements: str
  domains:
    description:
      - Domains that receive mail, each meaning all recipients whose primary address is in it (not in its subdomains).
      - Rules that single out some of them by address or group make the state V(partly).
      - Every domain of the tenant where none of O(recipients), O(groups) and O(domains) is given.
    type: list
    elements: str
  target:
    description: The level to compare with.
    type: str
    choices: [standard, strict]
    default: standard
  plan:
    description:
      - What the tenant may use. V(none) is cloud mailboxes without Defender for Office 365, V(plan1) and V(plan2) are its plans, V(e5) is
        Plan 2 with Safe Documents.
      - Read from the licences where it is not given. With V(none) nothing is read that only Defender for Office 365 brings.
    type: str
    choices: [none, plan1, plan2, e5]
notes:
  - The caller needs the application permission C(Exchange.ManageAsApp) and a directory role that may read Exchange, such as Security
    Reader; for the licences the Microsoft Graph permission C(LicenseAssignment.Read.All), and for the groups of recipients C(User.Read.All)
    and C(GroupMember.Read.All).
  - Rules don't support groups with dynamic membership. A recipient whom only such a group would bring under a rule is V(unknown).
  - How the policies of an evaluation are marked is not documented. They are taken to be custom policies of the type C(Evaluation).
  - A change of a policy takes from minutes to hours to take effect, which can't be seen here.
extends_documentation_fragment:
  - m365.defender.tenant
  - m365.defender.attributes
  - m365.defender.attributes.info
"""

EXAMPLES = r"""
- name: See what everybody gets
  m365.defender.effective_protection_info:
    tenant_id: contoso.onmicrosoft.com
  register: mail

- name: Name the domains that are not at Standard
  ansible.builtin.debug:
    msg: "{{ mail.effective_protection.subjects | rejectattr('at_target') | map(attribute='subject') }}"

- name: Compare what executives get with Strict
  m365.defender.effective_protection_info:
    tenant_id: contoso.onmicrosoft.com
    recipients: [adele@contoso.onmicrosoft.com]
    groups: [executives@contoso.com]
    target: strict
"""

RETURN = r"""
effective_protection:
  description: Who gets what.
  returned: success
  type: dict
  contains:
    target:
      description: The level that was compared with.
      type: str
      returned: always
      sample: standard
    plan:
      description:
        - What the tenant may use (C(name), null when not known), what told it (C(told_by), V(option), V(licences) or V(policies)), and why
          the licences could not be read (C(reason)).
      type: dict
      returned: always
      sample: {name: plan2, reason: "", told_by: licences}
    at_target:
      description: Whether everybody is at the target; null when that can't be told.
      type: bool
      returned: always
    subjects:
      description: Recipients, groups and domains, each with what it gets.
      type: list
      elements: dict
      returned: always
      contains:
        subject:
          description: The address or domain.
          type: str
          returned: always
          sample: contoso.com
        kind:
          description: V(recipient), V(group) or V(domain).
          type: str
          returned: always
          sample: domain
        at_target:
          description:
            - Whether all of it is at the target with every type of policy that the licences bring, except outbound spam, whose limits are
              the tenant's own decision; null when that can't be told.
          type: bool
          returned: always
        threats:
          description:
            - What it gets of each type of policy, by kind. C(malware_filter_policy), C(hosted_content_filter_policy),
              C(anti_phish_policy), C(safe_attachment_policy), C(safe_links_policy), and for what it sends
              C(hosted_outbound_spam_filter_policy).
          type: dict
          returned: always
          contains:
            title:
              description: What people call the type.
              type: str
              returned: always
              sample: Safe Links
            state:
              description:
                - V(known) where one policy reaches all of the subject.
                - V(partly) where different policies reach different recipients of a domain, or may.
                - V(unknown) where it can't be told which policy it is.
                - V(not_applicable) where no licence brings the type.
              type: str
              returned: always
              sample: known
            reason:
              description: What decides it, or what would have to be known.
              type: str
              returned: always
              sample: "Standard Preset Security Policy1700000000000: its rule is for everybody."
            policy:
              description: The one policy, null where there is not exactly one.
              type: str
              returned: always
            by:
              description:
                - How it comes to be that one. V(strict), V(standard), V(evaluation), V(custom), V(built_in), V(default), or V(nobody) where
                  the exceptions of Built-in protection leave them out. Empty where there is not exactly one policy.
              type: str
              returned: always
              sample: standard
            at_target:
              description: Whether all that may reach any of the subject is at the target; null when that can't be told.
              type: bool
              returned: always
            shortfalls:
              description: What the one policy lacks.
              type: list
              elements: dict
              returned: always
              contains:
                setting:
                  description: Microsoft's name.
                  type: str
                  returned: always
                  sample: AllowClickThrough
                option:
                  description: The option of the kind's module.
                  type: str
                  returned: always
                  sample: allow_click_through
                has:
                  description: The value.
                  type: raw
                  returned: always
                  sample: true
                wanted:
                  description: The recommended value.
                  type: raw
                  returned: always
                  sample: false
                allow_list:
                  description: Whether it is a list of those who are let past, which people fill in and Microsoft wants to be empty.
                  type: bool
                  returned: always
                  sample: false
            policies:
              description:
                - Each policy that reaches or may reach some of it, in the order of precedence, with C(policy), C(by), C(at_target) and
                  C(shortfalls) as above, C(recipients), those who certainly get it, and C(perhaps), those who may.
              type: list
              elements: dict
              returned: always
            chain:
              description:
                - Every policy of the type in the order of precedence, with C(by), C(policy), C(rule), C(outcome) and C(reason).
                - The outcome is V(wins), V(covers_part), V(unclear), V(passed_over), or V(outranked) for those behind the one that wins.
              type: list
              elements: dict
              returned: always
              sample:
                - {by: strict, outcome: passed_over, policy: null, reason: the preset was never turned on, rule: null}
    config_analyzer:
      description:
        - What Microsoft's configuration analyzer says of both levels, V(standard) and V(strict). Each has a C(state) (V(read) or
          V(unknown)), the C(reason) when it could not be read, how many settings are C(listed), the C(disagreement), and what could not be
          compared because its name is none that the cmdlets have (C(not_compared)).
        - A line of the disagreement has C(noun), C(policy), C(setting), C(has), C(wanted), who finds it too low (C(below_by), V(here)
          or V(microsoft)), and why we do not, or that the analyzer does not list it (C(because)).
        - A value above the recommended one is fine here, which the analyzer may see otherwise. Policies of presets and of Built-in
          protection are not compared.
      type: dict
      returned: always
"""

from ansible_collections.m365.defender.plugins.module_utils._module import run
from ansible_collections.m365.defender.plugins.module_utils.readers.effective_protection_info import EFFECTIVE_PROTECTION_INFO

if __name__ == "__main__":
    run(EFFECTIVE_PROTECTION_INFO)
