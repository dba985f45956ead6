# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The option `rule` of policies whose rule has the six recipient conditions. Private to the collection: it may change in any release."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  rule:
    description:
      - To whom the policy applies, and before which others. In the service the rule is an object of its own that points at the policy;
        it is found by that, so it does not matter what it is called. A new rule gets the policy's name.
      - Left out, an existing rule is left as it is, and a new policy gets none and applies to nobody.
      - Within one condition any of the values is enough. Different conditions must all be met. Any single exception takes a recipient
        out.
      - A rule needs at least one of O(rule.sent_to), O(rule.sent_to_member_of) and O(rule.recipient_domain_is). Microsoft documents
        this for Safe Links and Safe Attachments; that it holds for other policies is a guess.
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
          - The rule's place among the custom rules of the same type, V(0) being the first. A recipient gets the policy of the first
            rule that covers them and of no other; policies are never merged.
          - The other rules keep their order and move up or down as needed. The place must exist, so the highest number is one less than
            the number of rules there will be.
          - Microsoft's preset security policies and evaluation policies always come before custom rules and are not counted here.
          - Left out, an existing rule stays where it is, and a new one goes last.
        type: int
      comments:
        description:
          - A remark about the rule, at most 1024 characters. Users do not see it.
          - Left out, it is left as it is. An empty text removes it.
        type: str
      sent_to:
        description:
          - Recipients to whom the policy applies. They must be mailboxes, mail users or mail contacts of the organization.
          - Give e-mail addresses. Exchange Online takes other identifiers too, but may return them in another form, which would then
            count as a difference; this is a guess.
          - The list is the whole list; its order does not matter. Left out, it is left as it is. An empty list removes the condition.
        type: list
        elements: str
      sent_to_member_of:
        description:
          - Groups to whose members the policy applies, by e-mail address. Distribution groups, mail-enabled security groups and
            Microsoft 365 groups will do, dynamic distribution groups will not.
          - The list is the whole list; its order does not matter. Left out, it is left as it is. An empty list removes the condition.
        type: list
        elements: str
      recipient_domain_is:
        description:
          - Accepted domains of the organization. The policy applies to everybody whose primary address is in one of them.
          - The list is the whole list; its order does not matter. Left out, it is left as it is. An empty list removes the condition.
        type: list
        elements: str
      except_if_sent_to:
        description:
          - Recipients to whom the policy does not apply, although a condition covers them.
          - The list is the whole list; its order does not matter. Left out, it is left as it is. An empty list removes the exception.
        type: list
        elements: str
      except_if_sent_to_member_of:
        description:
          - Groups to whose members the policy does not apply, although a condition covers them.
          - The list is the whole list; its order does not matter. Left out, it is left as it is. An empty list removes the exception.
        type: list
        elements: str
      except_if_recipient_domain_is:
        description:
          - Accepted domains to whose recipients the policy does not apply, although a condition covers them.
          - The list is the whole list; its order does not matter. Left out, it is left as it is. An empty list removes the exception.
        type: list
        elements: str
notes:
  - People in a Standard or Strict preset security policy never get a custom policy, whatever its priority.
  - Two tasks that give two rules of one type a priority see each other only through the service. To set a whole ordering at once, name
    all of the policies in one task of M(m365.defender.configuration).
"""
