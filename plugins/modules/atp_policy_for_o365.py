# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: atp_policy_for_o365
short_description: Manage Safe Attachments for SharePoint, OneDrive and Teams, and Safe Documents
version_added: 1.0.0
author:
  - The m365.defender contributors (@m365-defender)
description:
  - Changes the tenant-wide settings of Microsoft Defender for Office 365 for files outside of mail. There is exactly one set of them in
    a tenant, so there is neither a name nor a state.
  - Safe Attachments for SharePoint, OneDrive and Teams looks for malware in files that people keep and share there, and locks those
    that have it. Safe Documents has a file that is open in Protected View examined before people may edit it.
  - Only options that are given are compared and set. An option that is left out keeps its value.
  - The descriptions name the values that Microsoft recommended on 2026-08-10 for its protection levels Standard and Strict.
options:
  allow_safe_docs_open:
    description:
      - Whether people may leave Protected View although Safe Documents found the file to be malicious.
      - Has an effect only with O(enable_safe_docs=true).
      - New tenant V(false), Standard and Strict V(false).
    type: bool
  enable_atp_for_spo_teams_odb:
    description:
      - Whether files in SharePoint, OneDrive and Teams are examined. A malicious one can no longer be opened, moved or shared; whether
        it can be downloaded is a setting of SharePoint.
      - Standard and Strict V(true). Built-in protection sets V(true) once, and an administrator may change it afterwards, so a tenant
        may have either value.
    type: bool
  enable_safe_docs:
    description:
      - Whether Safe Documents is on. Files that are opened in Protected View are then sent to Microsoft Defender for Endpoint.
      - Needs Microsoft 365 E5 or A5 or the Microsoft Defender Suite (once called E5 Security); Defender for Office 365 alone is not
        enough.
      - Standard and Strict V(true). Built-in protection sets V(true) once, and an administrator may change it afterwards, so a tenant
        may have either value.
    type: bool
extends_documentation_fragment:
  - m365.defender.tenant
  - m365.defender.attributes
  - m365.defender.attributes.writes
  - m365.defender.exchange
notes:
  - Needs a licence of Microsoft Defender for Office 365, plan 1 or 2. Without one the service does not know the cmdlets, and the task
    says so.
  - Calls C(Get-AtpPolicyForO365) and C(Set-AtpPolicyForO365).
  - Once the tenant-wide settings of Safe Links were kept in the same place. They are gone; each Safe Links policy has its own.
seealso:
  - module: m365.defender.safe_links_policy
  - module: m365.defender.configuration
  - name: Safe Attachments for SharePoint, OneDrive, and Microsoft Teams
    description: What happens to a malicious file.
    link: https://learn.microsoft.com/defender-office-365/safe-attachments-for-spo-odfb-teams-about
  - name: Safe Documents
    description: Which programs and licences it needs.
    link: https://learn.microsoft.com/defender-office-365/safe-documents-in-e5-plus-security-about
"""

EXAMPLES = r"""
- name: Examine files in SharePoint, OneDrive and Teams
  m365.defender.atp_policy_for_o365:
    enable_atp_for_spo_teams_odb: true

- name: The same with Safe Documents and no way round it, where the licence allows it
  m365.defender.atp_policy_for_o365:
    enable_atp_for_spo_teams_odb: true
    enable_safe_docs: true
    allow_safe_docs_open: false

- name: See what is set, without changing anything
  m365.defender.atp_policy_for_o365:
  register: files

- name: Show it
  ansible.builtin.debug:
    var: files.object
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
    - Set-AtpPolicyForO365 {EnableATPForSPOTeamsODB, EnableSafeDocs}
object:
  description: The settings as they are after the task, or in check mode as they would be, each under the name of its option.
  returned: success
  type: dict
  sample:
    allow_safe_docs_open: false
    enable_atp_for_spo_teams_odb: true
    enable_safe_docs: true
diff:
  description: The options that were given and differ, before and after. Empty if nothing differs.
  returned: success, in diff mode
  type: list
  elements: dict
  contains:
    before_header:
      description: What the difference is about.
      type: str
      sample: atp_policy_for_o365
    after_header:
      description: The same again.
      type: str
      sample: atp_policy_for_o365
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
      sample: Set-AtpPolicyForO365
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
from ansible_collections.m365.defender.plugins.module_utils.resources.atp_policy_for_o365 import ATP_POLICY_FOR_O365

if __name__ == "__main__":
    run(ATP_POLICY_FOR_O365)
