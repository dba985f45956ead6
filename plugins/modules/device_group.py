# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: device_group
short_description: Manage device groups of Defender for Endpoint and their remediation level
version_added: 1.0.0
author:
  - The m365.defender contributors (@m365-defender)
description:
  - Makes, changes, ranks or removes a device group of Microsoft Defender for Endpoint. A group says which devices belong together, who
    may see them, and how far automated remediation may go on them.
  - B(There is no supported API for this.) The module uses the API of the Defender portal itself, for a person who is signed in there.
    Microsoft may change or close it at any time. It works only with O(portal_session), so that nobody uses it unawares.
  - On 2026-09-01 Microsoft retired the separate automated investigations of devices. They no longer run and cannot be started;
    remediation has become a part of the antivirus. Groups and their levels are still there and still recommended, but what a level
    brings about since then is not documented. Investigations of mail in Defender for Office 365 go on and know no device groups.
  - A device belongs to the first group, by rank, whose rules it meets. Devices that meet none are in the default group, which always
    exists.
  - Only options that are given are compared and set. An option that is left out keeps its value in an existing group and is empty in a
    new one.
options:
  name:
    description:
      - The group's name. Upper and lower case do not matter. The default group is called V(Ungrouped devices (default\)), as in the
        portal.
      - The name is how the group is found, so this module cannot change it.
    type: str
    required: true
  state:
    description:
      - V(present) makes the group if there is none of that name, and changes what differs if there is one.
      - V(absent) removes the group. Its devices go to the next group whose rules they meet. Rules for notification by e-mail lose the
        group, and a rule that had only this one is removed with it. The default group cannot be removed.
    type: str
    choices: [present, absent]
    default: present
  automation_level:
    description:
      - How far automated remediation may go without somebody's approval.
      - V(full) is everything that is found to be malicious. Microsoft recommends it, and has given it to the default group of new
        tenants since 2020-08-16.
      - V(semi_core_folders) asks before touching files in folders of the operating system. V(semi_non_temp_folders) asks except for
        folders of temporary and downloaded files. V(semi_all_folders) asks always, and is what tenants from before 2020-08-16 have if
        nobody changed it. What nobody approves within seven days counts as rejected.
      - V(no_automated_response) does nothing automatically. Microsoft advises against it.
      - The portal keeps the level as a number. Those of four levels are known from published recordings of its traffic. That of
        V(semi_core_folders) is not, and B(is a guess), 4, because that is the one left.
      - Needed for a new group.
    type: str
    choices: [no_automated_response, semi_all_folders, semi_non_temp_folders, full, semi_core_folders]
  description:
    description:
      - What the group is for. An empty text removes it.
    type: str
  matching_rules:
    description:
      - Which devices belong to the group. A device must meet every property that is named; of the values of one property any is enough,
        and so is any of several entries for one property.
      - The list is the whole list; its order does not matter. The default group takes no rules.
      - Needed for a new group, and can't be emptied. So a group that somebody removes while a task would only change its level does not
        come back empty.
    type: list
    elements: dict
    suboptions:
      property:
        description:
          - What is looked at. V(tag) is the tag that Defender for Endpoint knows, V(os) the operating system. V(other) is a fifth one that
            the portal's traffic has and that nobody has seen in use; it is there so that a rule with it is not lost.
        type: str
        required: true
        choices: [device_name, domain, tag, os, other]
      operator:
        description:
          - How the property is compared. V(os) takes V(in) and no other, and no other property takes V(in).
          - B(The meaning of the first four is a guess.) The portal keeps them as the numbers 0 to 3, and the words are taken from the
            order of its list. Look at a group in the portal after you made the first one with an operator.
        type: str
        required: true
        choices: [starts_with, ends_with, equals, contains, in]
      values:
        description:
          - What it is compared with; at most 10 values for one property other than V(os).
          - Values seen for V(os) are V(Windows11), V(Windows10), V(Windows10WVD), V(WindowsServer2025), V(WindowsServer2022),
            V(WindowsServer2019), V(WindowsServer2016), V(WindowsServer2012R2), V(WindowsServer2008R2), V(macOS), V(Linux), V(iOS) and
            V(Android).
        type: list
        elements: str
        required: true
  rank:
    description:
      - The group's place, V(1) being the first. The other groups keep their order and move up or down as needed. The default group is
        always last and has no rank.
      - Left out, an existing group stays where it is, and a new one goes last, before the default group.
    type: int
  user_groups:
    description:
      - Object ids of the Entra groups whose members may see the devices. Only groups that have a role in Defender can be named.
      - The list is the whole list; its order does not matter. With an empty list everybody who may use the portal sees the devices.
    type: list
    elements: str
extends_documentation_fragment:
  - m365.defender.tenant
  - m365.defender.attributes
  - m365.defender.attributes.writes
notes:
  - Needs Defender for Endpoint plan 1 or 2; automated remediation of devices needs plan 2. Defender for Business has no such groups;
    there remediation is always automatic.
  - The person whose session is used must be allowed to manage security settings, as Global Administrator and Security Administrator
    are, and must see all device groups. If they see only some, the module refuses to write, because the groups they do not see would be
    lost.
  - The portal takes the whole list of groups in one write, and cannot say "only if nobody changed it". The module therefore reads the
    list once more right before it writes, and if it is not the list that the task was planned from, the task is planned anew, once; if it
    changes again, nothing is written and the task fails. It makes one change, writes it, reads it back, and makes the next. More than one
    new group in one write is known to fail.
  - What somebody else changes in the moment between that reading and the writing is set back. The module warns if it can tell, which it
    does from the time of the last change of each group. It cannot tell if they made a new group, which is then lost, or changed the very
    group that the task changes.
  - That a group is removed by leaving it out of that list is a guess; no other way is known. The module reads back whether it is gone.
  - It takes the service some minutes to sort the devices anew.
seealso:
  - module: m365.defender.machine_tag
  - module: m365.defender.device_info
  - module: m365.defender.configuration
  - name: Device groups
    description: What groups are for, and how they are made in the portal.
    link: https://learn.microsoft.com/defender-endpoint/machine-groups
  - name: Automation levels
    description: What each level means, and what was retired.
    link: https://learn.microsoft.com/defender-endpoint/automation-levels
"""

EXAMPLES = r"""
- name: Remediate servers automatically, and let only the server team see them
  m365.defender.device_group:
    name: Servers
    description: Windows servers of every site
    automation_level: full
    matching_rules:
      - property: os
        operator: in
        values:
          - WindowsServer2022
          - WindowsServer2025
    user_groups:
      - 33333333-4444-5555-6666-777777777777
    portal_session: "{{ portal_session }}"

- name: Ask before anything is done to the computers of the board, whatever else they are
  m365.defender.device_group:
    name: Board
    automation_level: semi_all_folders
    rank: 1
    matching_rules:
      - property: tag
        operator: equals
        values:
          - board
      - property: domain
        operator: ends_with
        values:
          - contoso.com
          - fabrikam.com
    portal_session: "{{ portal_session }}"

- name: Remediate all other devices automatically
  m365.defender.device_group:
    name: Ungrouped devices (default)
    automation_level: full
    portal_session: "{{ portal_session }}"

- name: See whether the level of a group is as it should be, without changing anything
  m365.defender.device_group:
    name: Servers
    automation_level: full
    portal_session: "{{ portal_session }}"
  check_mode: true
  diff: true

- name: Remove a group
  m365.defender.device_group:
    name: Old laboratory
    state: absent
    portal_session: "{{ portal_session }}"
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
    - New-machine_groups Servers {AutoRemediationLevel, Description, GroupRules}
object:
  description:
    - The group as it is after the task, or in check mode as it would be, with every setting under the name of its option.
    - C(rank) is missing for the default group. Nothing if there is no such group.
  returned: success
  type: dict
  sample:
    name: Servers
    automation_level: full
    description: Windows servers of every site
    matching_rules:
      - property: os
        operator: in
        values: [WindowsServer2022, WindowsServer2025]
    rank: 1
    user_groups: [33333333-4444-5555-6666-777777777777]
diff:
  description: The options that were given and differ, before and after. Empty if nothing differs.
  returned: success, in diff mode
  type: list
  elements: dict
  contains:
    before_header:
      description: What the difference is about.
      type: str
      sample: device_group Servers
    after_header:
      description: The same again.
      type: str
      sample: device_group Servers
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
      sample: portal session
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
      sample: Reading machine_groups
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

from ansible_collections.m365.defender.plugins.module_utils._module import run
from ansible_collections.m365.defender.plugins.module_utils.resources.device_group import DEVICE_GROUP

if __name__ == "__main__":
    run(DEVICE_GROUP)
