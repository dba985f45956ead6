#!/usr/bin/python
# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: request_form
short_description: Make a request form of what your browser recorded when you decided an action
version_added: 1.0.0
description:
  - Reads a HAR, the recording of a browser's network, in which somebody approved, rejected or undid one action of the portal's Action
    center, and writes a form by which M(m365.defender.pending_action) can do the same to other actions.
  - Only changes at a Defender portal below C(/apiproxy/) are looked at. What belongs to the recorded action becomes a placeholder, and so
    do the comment, the tenant and who decided. Headers and cookies are not taken over.
  - No form is made if it can't be told which request was the decision or which value is the action's id, or if anything would stay in it
    that may be a secret, a person, or an id of which nobody knows what it is.
  - Nothing is sent anywhere. The form is written with mode V(0600).
author: The m365.defender contributors (@m365-defender)
options:
  har:
    description:
      - The recording. It should begin before the list of actions was loaded, so that the list is in it, and hold a single decision.
      - It may hold your session. Delete it when the form is made.
    type: path
    required: true
  dest:
    description: Where the form is kept. If a form is there already, the decision is added to it, or takes the place of a former one.
    type: path
    required: true
  decision:
    description: What was decided in the recording.
    type: str
    required: true
    choices: [approve, reject, undo]
  action_id:
    description: The id of the action that was decided, if the recording does not have the list or more than one decision.
    type: str
    default: ""
  comment:
    description: The comment that was written, if it does not stand in a member of that name.
    type: str
    default: ""
  path:
    description: A part of the path of the request that was the decision, if several requests name the action.
    type: str
    default: ""
  constant:
    description:
      - Places in the request whose ids or moments are the same for every action, such as C(body.Workload). Values that belong to the
        session or are addresses of people stay refused.
    type: list
    elements: str
    default: []
  fresh:
    description: Places in the request that hold an id or a moment that is new in each request.
    type: list
    elements: str
    default: []
attributes:
  check_mode:
    description: Makes the form and returns it, but does not write it.
    support: full
  diff_mode:
    description: Shows what changes in the file.
    support: full
notes:
  - It exists as an action only, because the recording should not leave the machine on which it lies, which is the control node.
"""

EXAMPLES = r"""
- name: Make a form of a recorded approval
  m365.defender.request_form:
    har: ~/approved.har
    dest: forms/action_center.json
    decision: approve

- name: Add how the same is rejected
  m365.defender.request_form:
    har: ~/rejected.har
    dest: forms/action_center.json
    decision: reject
    comment: a remark that I wrote
"""

RETURN = r"""
form:
  description: The whole form, with all of its decisions.
  returned: success
  type: dict
dest:
  description: The file that holds it.
  returned: success
  type: str
  sample: /home/operator/forms/action_center.json
placeholders:
  description: What of the recorded request stands for something of the action, of the task or of who is signed in.
  returned: success
  type: list
  elements: str
  sample: [action_id, comment, investigation_id]
kept:
  description: Values that stay as they were recorded, by place. Look at them before you use the form.
  returned: success
  type: dict
  sample:
    body.Decision: Approve
failure:
  description: What kept the form from being made, with C(kind), C(text), C(tried) and C(hint).
  returned: failure
  type: dict
"""
