#!/usr/bin/python
# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mail_remediation
short_description: Move or delete delivered mail that is a threat
version_added: 1.0.0
description:
  - Has Defender for Office 365 move or delete messages that were delivered, each named by its network message id and one recipient. This
    is the supported API for a part of what the Action center decides about mail.
  - It does so only with O(remediate=true). Otherwise, and in check mode, it says what would be sent.
  - The service accepts the request and carries it out later. Microsoft Graph has no way to ask in v1.0 what became of it, so nothing is
    read back. RV(tracking) leads to where the portal shows it.
author: The m365.defender contributors (@m365-defender)
options:
  name:
    description: What the Action center is to call it.
    type: str
    required: true
  description:
    description: Why.
    type: str
    required: true
  action:
    description:
      - What to do with the messages. V(hardDelete) can't be undone by anybody. After V(softDelete) people can recover a message for some
        time.
      - V(moveToInbox) is for messages that were no threat.
    type: str
    required: true
    choices:
      - moveToJunk
      - moveToInbox
      - moveToDeletedItems
      - softDelete
      - hardDelete
  severity:
    description: How severe the threat is.
    type: str
    choices:
      - low
      - medium
      - high
    default: medium
  messages:
    description: The messages, 100 at most. One that is named twice is sent once.
    type: list
    elements: dict
    required: true
    suboptions:
      network_message_id:
        description: The message's network message id, a GUID. Advanced hunting shows it as C(NetworkMessageId).
        type: str
        required: true
      recipient:
        description: The mailbox from which the message is to be taken, by address.
        type: str
        required: true
  remediate_senders_copy:
    description: Whether to do the same with the copy of the sender, where the sender is one of the organization.
    type: bool
    default: false
  remediate:
    description: Whether to do it. It has to be asked for, because it acts on people's mailboxes.
    type: bool
    default: false
attributes:
  idempotent:
    support: none
    details:
      - The service can't be asked what was done before, so a task that runs again sends the request again. That this does nothing more to
        a message that is gone already is a guess.
extends_documentation_fragment:
  - m365.defender.tenant
  - m365.defender.attributes
  - m365.defender.attributes.writes
notes:
  - The caller needs the Microsoft Graph permission C(SecurityAnalyzedMessage.ReadWrite.All), and the tenant Defender for Office 365 plan 2.
    A token that tells that the permission is missing fails the task before anything is sent, in check mode too.
  - The clouds V(gcc_high), V(dod) and V(china) do not have it. The task is refused there with the code V(not_in_cloud), in check mode too.
  - V(moveToQuarantine) stands in Microsoft's enumeration, but is documented as not supported yet.
  - The limit of 100 messages is this module's own. Microsoft documents none.
seealso:
  - module: m365.defender.alert_info
  - module: m365.defender.hunting_query_info
  - module: m365.defender.audit_info
  - name: Remediate
    description: Microsoft's reference of the call.
    link: https://learn.microsoft.com/graph/api/security-analyzedemail-remediate
"""

EXAMPLES = r"""
- name: Find what was delivered of a campaign
  m365.defender.hunting_query_info:
    query: |
      EmailEvents
      | where SenderFromAddress == "billing@fabrikam.com" and DeliveryAction == "Delivered"
      | project NetworkMessageId, RecipientEmailAddress
    timespan: P2D
    most: 100
  register: delivered

- name: Show what would be sent
  m365.defender.mail_remediation:
    name: Billing campaign
    description: Phishing, incident 202
    action: softDelete
    messages:
      - network_message_id: fb000000-0000-4000-8000-000000000001
        recipient: adele@contoso.com

- name: Do it
  m365.defender.mail_remediation:
    name: Billing campaign
    description: Phishing, incident 202
    severity: high
    action: softDelete
    messages:
      - network_message_id: fb000000-0000-4000-8000-000000000001
        recipient: adele@contoso.com
      - network_message_id: fb000000-0000-4000-8000-000000000001
        recipient: megan@contoso.com
    remediate: true
  register: remediation

- name: Say where it can be followed
  ansible.builtin.debug:
    msg: "{{ remediation.tracking }}"
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
    - Remediate-Mail Billing campaign (softDelete, 2 messages)
request:
  description: What is sent, or would be, as the service takes it.
  returned: success
  type: dict
  sample:
    displayName: Billing campaign
    description: Phishing, incident 202
    severity: high
    action: softDelete
    remediateSendersCopy: false
    analyzedEmails:
      - networkMessageId: fb000000-0000-4000-8000-000000000001
        recipientEmailAddress: adele@contoso.com
tracking:
  description: Where the portal shows what becomes of it; empty when nothing was sent.
  returned: success
  type: str
  sample: https://security.microsoft.com/action-center/history
diff:
  description: What changes, before and after. Empty if nothing does.
  returned: success, in diff mode
  type: list
  elements: dict
  contains:
    before_header:
      description: What the difference is about.
      type: str
    after_header:
      description: The same again.
      type: str
    before:
      description: Empty.
      type: dict
    after:
      description: What is sent.
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
      description: The client id of the app registration.
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
    requests:
      description: Number of requests, those for tokens included.
      type: int
      sample: 4
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
        - What sort of failure it is, one of V(bad_input), V(sign_in), V(forbidden), V(not_found), V(refused), V(unavailable),
          V(outcome_unknown), V(error) and V(fault).
        - With V(unavailable) a later try may succeed. With V(outcome_unknown) a write may or may not have happened. V(fault) is an
          error in this collection.
      type: str
      sample: forbidden
    text:
      description: What happened.
      type: str
    tried:
      description: What was being done.
      type: str
    tenant:
      description: The tenant.
      type: str
      sample: contoso.onmicrosoft.com
    service:
      description: Which service answered.
      type: str
      sample: graph
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

from ansible_collections.m365.defender.plugins.module_utils._mail_remediation import MAIL_REMEDIATION
from ansible_collections.m365.defender.plugins.module_utils._module import run

if __name__ == "__main__":
    run(MAIL_REMEDIATION)
