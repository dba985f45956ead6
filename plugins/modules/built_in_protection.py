# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: built_in_protection
short_description: Manage the exceptions from Built-in protection
version_added: 1.0.0
author:
  - The m365.defender contributors (@m365-defender)
description:
  - Says who is excepted from Built-in protection of Microsoft Defender for Office 365. There is exactly one such rule in a tenant,
    so there is neither a name nor a state.
  - Built-in protection gives Safe Links and Safe Attachments to everybody whom no other policy of that sort covers. Microsoft sets
    its values, and it can be neither switched off nor removed; only exceptions from it can be made.
  - Only options that are given are compared and set. An option that is left out keeps its value. Microsoft recommends to have no
    exceptions.
options:
  comments:
    description:
      - A remark about the rule, at most 1024 characters. Users do not see it. An empty text removes it.
    type: str
  except_if_recipient_domain_is:
    description:
      - Accepted domains whose recipients are excepted.
      - The list is the whole list; its order does not matter. Left out, it is left as it is. An empty list removes the exception.
      - New tenant none, recommended none; each entry leaves people without protection whom no other policy covers.
    type: list
    elements: str
  except_if_sent_to:
    description:
      - Recipients who are excepted, by e-mail address.
      - The list is the whole list; its order does not matter. Left out, it is left as it is. An empty list removes the exception.
      - New tenant none, recommended none.
    type: list
    elements: str
  except_if_sent_to_member_of:
    description:
      - Groups whose members are excepted, by e-mail address.
      - The list is the whole list; its order does not matter. Left out, it is left as it is. An empty list removes the exception.
      - New tenant none, recommended none.
    type: list
    elements: str
extends_documentation_fragment:
  - m365.defender.tenant
  - m365.defender.attributes
  - m365.defender.attributes.writes
  - m365.defender.exchange
notes:
  - Needs a licence of Microsoft Defender for Office 365, plan 1 or 2. Without one the service does not know the cmdlets, and the
    task says so.
  - Any single exception takes a recipient out, of Safe Links and Safe Attachments together.
  - Calls C(Get-ATPBuiltInProtectionRule) and C(Set-ATPBuiltInProtectionRule).
seealso:
  - module: m365.defender.safe_links_policy
  - module: m365.defender.safe_attachment_policy
  - module: m365.defender.preset_security_policy
  - module: m365.defender.configuration
  - name: Preset security policies
    description: What Built-in protection does, and where it stands among the others.
    link: https://learn.microsoft.com/defender-office-365/preset-security-policies
"""

EXAMPLES = r"""
- name: Protect everybody
  m365.defender.built_in_protection:
    except_if_sent_to: []
    except_if_sent_to_member_of: []
    except_if_recipient_domain_is: []

- name: Leave the mailbox out to which people report bad messages, and say why
  m365.defender.built_in_protection:
    except_if_sent_to:
      - reports@contoso.com
    comments: Reported messages must arrive as they are

- name: See who is left out, without changing anything
  m365.defender.built_in_protection:
  register: exceptions

- name: Show them
  ansible.builtin.debug:
    var: exceptions.object
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
    - Set-ATPBuiltInProtectionRule ATP Built-In Protection Rule {Comments, ExceptIfSentTo}
object:
  description: The settings as they are after the task, or in check mode as they would be, each under the name of its option.
  returned: success
  type: dict
  sample:
    comments: Reported messages must arrive as they are
    except_if_recipient_domain_is: []
    except_if_sent_to: [reports@contoso.com]
    except_if_sent_to_member_of: []
diff:
  description: The options that were given and differ, before and after. Empty if nothing differs.
  returned: success, in diff mode
  type: list
  elements: dict
  contains:
    before_header:
      description: What the difference is about.
      type: str
      sample: built_in_protection
    after_header:
      description: The same again.
      type: str
      sample: built_in_protection
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
      sample: Set-ATPBuiltInProtectionRule ATP Built-In Protection Rule
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
from ansible_collections.m365.defender.plugins.module_utils.resources.built_in_protection import BUILT_IN_PROTECTION

if __name__ == "__main__":
    run(BUILT_IN_PROTECTION)
