#!/usr/bin/python
# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: pending_action
short_description: Approve, reject or undo actions of the Action center, by a request that you recorded
version_added: 1.0.0
description:
  - Decides actions of automated investigation that wait for approval, or undoes what was done.
  - No published interface does that, and no public source shows how the portal itself does. So this collection has no such request of its
    own. If you want decisions automated, record one in your browser, make a request form of it with M(m365.defender.request_form), and hand
    in the form together with O(portal_session). This way is not supported by Microsoft.
  - Without a form, or without a session, the task fails with RV(failure.kind) V(manual) and says where to decide by hand. Nothing is sent.
    In check mode the actions that would have to be decided by hand are listed.
  - An action that was decided already, and so, is V(ok). One that was decided otherwise is refused. After a decision the lists are read
    until the action does not wait any more; without that the task fails.
  - All actions of a task must be of one type, because the portal decides only such together. Each is sent on its own.
author: The m365.defender contributors (@m365-defender)
options:
  decision:
    description: What is decided. Only what was done can be undone, and only some of it.
    type: str
    required: true
    choices: [approve, reject, undo]
  ids:
    description:
      - The ids of the actions, as the portal's list has them; RV(m365.defender.pending_action_info#module:pending[].action) shows them. Ids
        of alerts are not meant.
      - Either this or at least one filter is needed.
    type: list
    elements: str
  action_type:
    description: Every action of this type, in the portal's own words. Compared without case, as the other filters are.
    type: str
  product:
    description: Only actions of this product, such as V(Microsoft Defender for Endpoint).
    type: str
  device:
    description: Only actions on this device, by its full name.
    type: str
  entity_type:
    description: Only actions on things of this type, in the portal's own words.
    type: str
  investigation_id:
    description: Only actions of this investigation.
    type: str
  older_than_days:
    description: Only actions that wait for longer. It narrows the other filters, and is none that can stand alone.
    type: float
  comment:
    description: A comment, if the form has a place for one. At most 1024 characters.
    type: str
  form:
    description:
      - The request form, with the keys C(version), C(host) and C(requests). The guide to the review describes it.
      - It is checked before anything is sent. A form that was recorded at another portal, that leads elsewhere than below C(/apiproxy/),
        or that has headers, cookies or tokens in it is refused.
    type: dict
  form_file:
    description: The path of a file that holds the form, as JSON or YAML. As a module on a host it must be there.
    type: path
  days:
    description: How many days to look back in the history, for what was decided or is to be undone; 180 at most.
    type: int
    default: 30
notes:
  - The person whose session it is needs the rights for it. On devices that is Security Administrator or the permission for active
    remediation actions of Defender for Endpoint; in mail it is Security Administrator and the role Search and Purge.
  - Which words of the portal mean that an action was approved, rejected or undone is a guess. Where they are not known, a warning says so.
  - M(m365.defender.mail_remediation) removes mail and M(m365.defender.machine_action) cancels actions on devices through supported
    interfaces, but neither is the decision of an action that waits.
extends_documentation_fragment:
  - m365.defender.tenant
  - m365.defender.attributes
  - m365.defender.attributes.writes
"""

EXAMPLES = r"""
- name: See what waits
  m365.defender.pending_action_info:
    tenant_id: contoso.onmicrosoft.com
    portal_session: "{{ portal_session }}"
  register: review

- name: Approve one action
  m365.defender.pending_action:
    tenant_id: contoso.onmicrosoft.com
    decision: approve
    ids: [c8a6b1a2-0000-4000-8000-000000000001]
    comment: Seen by the night shift
    form_file: forms/action_center.json
    portal_session: "{{ portal_session }}"

- name: Reject everything of one investigation
  m365.defender.pending_action:
    tenant_id: contoso.onmicrosoft.com
    decision: reject
    investigation_id: "2011"
    form_file: forms/action_center.json
    portal_session: "{{ portal_session }}"

- name: List what would have to be approved by hand
  m365.defender.pending_action:
    tenant_id: contoso.onmicrosoft.com
    decision: approve
    action_type: QuarantineFile
    portal_session: "{{ portal_session }}"
  check_mode: true
"""

RETURN = r"""
actions:
  description: The actions that the task is about.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: Its id.
      type: str
      returned: always
    state:
      description:
        - V(decided) if it was decided now, or would be in check mode; V(already) if it was so before; V(by_hand), in check mode only, if
          it has to be decided by hand.
      type: str
      returned: always
      sample: decided
    action_type:
      description: What is done, in the portal's words.
      type: str
      returned: always
    entity_type:
      description: What it is done to, in the portal's words.
      type: str
      returned: always
    product:
      description: The product.
      type: str
      returned: always
    device:
      description: The device.
      type: str
      returned: always
    investigation_id:
      description: The investigation.
      type: str
      returned: always
    status:
      description: Its state, in the portal's words, as it was read last.
      type: str
      returned: always
    decision:
      description: What was decided, in the portal's words.
      type: str
      returned: always
    decided_by:
      description: Who decided it.
      type: str
      returned: always
    acts_on:
      description: The files, messages and the like, as far as the portal tells.
      type: list
      elements: str
      returned: always
    since:
      description: Since when it waited.
      type: str
      returned: always
    age_days:
      description: For how many days.
      type: float
      returned: always
    lapses:
      description: When it would lapse, or would have.
      type: str
      returned: always
    lapses_in_days:
      description: In how many days.
      type: float
      returned: always
operations:
  description: What was decided, or in check mode would be.
  returned: always
  type: list
  elements: str
  sample: ["Approve-PendingAction QuarantineFile invoice.exe (c8a6b1a2-0000-4000-8000-000000000001)"]
links:
  description: The portal's pages of C(pending) actions, of their C(history), and of C(investigations) of mail.
  returned: success
  type: dict
diff:
  description: What changes, before and after. Empty if nothing does.
  returned: success, in diff mode
  type: list
  elements: dict
  contains:
    before_header:
      description: What the difference is about.
      type: str
      sample: pending_action QuarantineFile invoice.exe
    after_header:
      description: The same again.
      type: str
      sample: pending_action QuarantineFile invoice.exe
    before:
      description: C(state), V(waiting) or, before undoing, V(done).
      type: dict
    after:
      description: C(state), V(approved), V(rejected) or V(undone).
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
          V(unavailable), V(outcome_unknown), V(not_read_back), V(manual), V(error) and V(fault).
        - With V(unavailable) a later try may succeed. With V(outcome_unknown) a write may or may not have happened. V(fault) is an
          error in this collection.
      type: str
      sample: forbidden
    text:
      description: What happened.
      type: str
      sample: the portal forbids it
    tried:
      description: What was being done.
      type: str
      sample: Deciding in the Action center
    tenant:
      description: The tenant.
      type: str
      sample: contoso.onmicrosoft.com
    service:
      description: Which service answered.
      type: str
      sample: portal
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

from ansible_collections.m365.defender.plugins.module_utils._decisions import PENDING_ACTION
from ansible_collections.m365.defender.plugins.module_utils._module import run

if __name__ == "__main__":
    run(PENDING_ACTION)
