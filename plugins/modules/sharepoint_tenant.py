# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: sharepoint_tenant
short_description: Manage what SharePoint does with malicious files
version_added: 1.0.0
author:
  - The m365.defender contributors (@m365-defender)
description:
  - Changes the one setting of SharePoint that completes Safe Attachments for SharePoint, OneDrive and Teams, which
    M(m365.defender.atp_policy_for_o365) turns on. There is exactly one of it in a tenant, so there is neither a name nor a state.
  - A file in which malware was found can no longer be opened, moved or shared. It can still be downloaded, unless this setting is on.
  - Only options that are given are compared and set. An option that is left out keeps its value.
options:
  disallow_infected_file_download:
    description:
      - Whether nobody can download a file in which malware was found. People can still delete it.
      - New tenant V(false). Microsoft recommends V(true), and so does the CIS benchmark for Microsoft 365.
    type: bool
extends_documentation_fragment:
  - m365.defender.tenant
  - m365.defender.attributes
  - m365.defender.attributes.writes
notes:
  - SharePoint takes an app only if it signs in with O(client_certificate). With O(client_secret) it refuses the token, and the task
    says so.
  - The app needs the application permission C(Sites.FullControl.All) of Office 365 SharePoint Online, for reading too. Microsoft has no
    smaller one for this. Consider an app of its own for it.
  - The tenant's name in SharePoint is asked of Microsoft Graph and kept in O(token_cache). That needs the application permission
    C(Sites.Read.All) of Microsoft Graph. Without it the initial domain is taken, which needs C(Organization.Read.All) and is right
    unless the tenant was renamed in SharePoint.
  - Neither Microsoft Graph nor any other documented API for apps has this setting. Requests are those that public clients send to the
    admin site of SharePoint, C(https://contoso-admin.sharepoint.com), which must be reachable. They are also what the cmdlets
    C(Get-SPOTenant) and C(Set-SPOTenant) do, so these names are used in results.
  - For other clouds than V(commercial) and V(gcc) the addresses are those that public clients use; for V(china) it is a guess.
  - SharePoint has many other tenant settings. They are not options here, because they do not protect against malware.
seealso:
  - module: m365.defender.atp_policy_for_o365
  - module: m365.defender.configuration
  - name: Turn on Safe Attachments for SharePoint, OneDrive, and Microsoft Teams
    description: Where Microsoft recommends this setting, as the second step.
    link: https://learn.microsoft.com/defender-office-365/safe-attachments-for-spo-odfb-teams-configure
"""

EXAMPLES = r"""
- name: Nobody can download a malicious file
  m365.defender.sharepoint_tenant:
    client_id: 11111111-2222-3333-4444-555555555555
    client_certificate: /etc/m365/contoso.pem
    disallow_infected_file_download: true

- name: Say what would change, with an app that is for SharePoint alone
  m365.defender.sharepoint_tenant:
    client_id: 99999999-2222-3333-4444-555555555555
    client_certificate: /etc/m365/contoso-sharepoint.pem
    disallow_infected_file_download: true
  check_mode: true
  diff: true

- name: See what is set, without changing anything
  m365.defender.sharepoint_tenant:
  register: sharepoint

- name: Show it
  ansible.builtin.debug:
    var: sharepoint.object.disallow_infected_file_download

- name: Examine files, lock malicious ones, and keep them from being downloaded
  m365.defender.configuration:
    config:
      atp_policy_for_o365:
        - enable_atp_for_spo_teams_odb: true
      sharepoint_tenant:
        - disallow_infected_file_download: true
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
    - Set-SPOTenant {DisallowInfectedFileDownload}
object:
  description: The settings as they are after the task, or in check mode as they would be, each under the name of its option.
  returned: success
  type: dict
  sample:
    disallow_infected_file_download: true
diff:
  description: The options that were given and differ, before and after. Empty if nothing differs.
  returned: success, in diff mode
  type: list
  elements: dict
  contains:
    before_header:
      description: What the difference is about.
      type: str
      sample: sharepoint_tenant
    after_header:
      description: The same again.
      type: str
      sample: sharepoint_tenant
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
      sample: 6
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
      sample: SharePoint does not take the token of an app that signed in with a secret
    tried:
      description: What was being done.
      type: str
      sample: Set-SPOTenant
    tenant:
      description: The tenant.
      type: str
      sample: contoso.onmicrosoft.com
    service:
      description: Which service answered.
      type: str
      sample: sharepoint
    status:
      description: HTTP status.
      type: int
      sample: 401
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
from ansible_collections.m365.defender.plugins.module_utils.resources.sharepoint_tenant import SHAREPOINT_TENANT

if __name__ == "__main__":
    run(SHAREPOINT_TENANT)
