# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: role_group
short_description: Keep a role group of Exchange for applications, with just the cmdlets they use
version_added: 1.0.0
author:
  - The m365.defender contributors (@m365-defender)
description:
  - Keeps a role group of Exchange Online that holds the cmdlets that are named, and no others, and puts applications into it. Microsoft
    documents such a role group as the narrower way for applications, where the directory role Exchange Administrator, which may change
    mailboxes too, would be too much.
  - Which built-in role holds which cmdlet is asked of the tenant. Of the built-in roles that bring a cmdlet only those count that bring it
    with the most parameters, and of these as few are taken as will do. For each the module makes a role called after the role group and
    after it, such as V(Defender configuration - Transport Hygiene), which holds exactly the cmdlets that are taken from there. What is
    made once is kept, so that a second run changes nothing.
options:
  name:
    description:
      - The name of the role group. Microsoft's own role groups are refused.
      - The module knows its roles by this name. It is never changed; another name is another role group, with roles of its own.
    type: str
    required: true
  state:
    description:
      - V(absent) removes the role group, and then the roles that this module made for it. Exchange's references to the service principals
        stay, because others may use them, and so do the applications.
      - A role group with people in it is not removed unless O(exclusive) is set, because they would lose what it gives them.
    type: str
    choices: [present, absent]
    default: present
  description:
    description:
      - What administrators read beside the name. When it is left out it is left alone. It can't be emptied.
    type: str
  cmdlets:
    description:
      - The cmdlets that the role group must hold. Of the roles that this module made it holds no others. Required with O(state=present).
      - The filter P(m365.defender.needed_access#filter) gives those that this collection uses.
    type: list
    elements: str
  app_ids:
    description:
      - The application (client) ids of those who must be in the role group. Each needs a service principal in the tenant, which
        M(m365.defender.app_access) makes. When this is left out the members are left alone.
    type: list
    elements: str
  exclusive:
    description:
      - Whether to take away what is not named, that is, roles that this module did not make, and with O(app_ids) other applications. People
        and groups in the role group are never taken out, because nobody named them and nobody may know why they are there.
      - With O(state=absent) whether to remove the role group even if there are people in it.
    type: bool
    default: false
  skip_missing_cmdlets:
    description:
      - Whether to leave out cmdlets that no built-in role of the tenant holds, with a warning, instead of failing. A tenant without
        Defender for Office 365 has none for Safe Links and Safe Attachments.
    type: bool
    default: false
extends_documentation_fragment:
  - m365.defender.tenant
  - m365.defender.attributes
  - m365.defender.attributes.writes
notes:
  - Who runs this needs the role Role Management of Exchange, which Exchange Administrator and Global Administrator bring. An application
    needs besides the application permission C(Exchange.ManageAsApp) of Office 365 Exchange Online, a person the delegated one
    C(Exchange.Manage), which is known from memory only. With O(app_ids) it needs C(Application.Read.All) of Microsoft Graph too. Whoever
    holds Role Management can give himself anything in Exchange, so do not give it to an application that works every day.
  - The application in the role group needs C(Exchange.ManageAsApp) and no directory role for Exchange. Microsoft supports such role groups
    in Exchange Online only, not in Security & Compliance, where alert policies are; for these it still needs a directory role.
  - None of this has been tried on a real tenant. The commands and their parameters are documented, what they answer is not. Known from
    published clients are the names of roles, entries, role groups and assignments; how a service principal looks as a member, and whether a
    built-in role has an empty C(Parent), are guesses. An answer that is not understood fails the task, and is never taken for absence.
  - If the service answers that an application is a member already, although it did not show it, the task is C(ok). In check mode such a
    task says C(changed).
  - In check mode an application may be one that is yet to come. What it will be given is foretold, with a warning.
  - An application that has left the tenant and come back has another service principal. Exchange's reference to the old one is removed and
    made anew.
  - A role of this module that others hold besides stays when it is not needed any more, with a warning.
  - A tenant whose organization is not customized can't have role groups of its own, and is refused. See
    M(m365.defender.organization_customization).
  - It takes some minutes, at times hours, until Exchange offers new cmdlets to an application. Known from memory only.
  - Nothing is saved in O(ledger) before the first write, because no settings of Defender or Exchange are written; the writes are recorded.
  - Calls C(Get-OrganizationConfig), and C(Get-), C(New-), C(Set-), C(Add-) and C(Remove-) with C(RoleGroup), C(RoleGroupMember),
    C(ManagementRole), C(ManagementRoleEntry), C(ManagementRoleAssignment) and C(ServicePrincipal).
seealso:
  - module: m365.defender.app_access
  - module: m365.defender.organization_customization
  - module: m365.defender.permission_info
  - plugin: m365.defender.needed_access
    plugin_type: filter
  - ref: ansible_collections.m365.defender.docsite.providers
    description: A guide for service providers.
  - name: App-only authentication for unattended scripts
    description: Microsoft's article, with role groups for applications.
    link: https://learn.microsoft.com/powershell/exchange/app-only-auth-powershell-v2
"""

EXAMPLES = r"""
- name: The cmdlets for mail policies, and nothing else
  m365.defender.role_group:
    name: Defender configuration
    description: For the application that configures Defender
    cmdlets: "{{ needed.cmdlets }}"
    app_ids:
      - 33333333-3333-4333-8333-333333333333
    exclusive: true
    skip_missing_cmdlets: true
  vars:
    needed: "{{ ['email_protection'] | m365.defender.needed_access('write') }}"

- name: Cmdlets of your own choice, with the members left alone
  m365.defender.role_group:
    name: Allow and block
    cmdlets:
      - Get-TenantAllowBlockListItems
      - New-TenantAllowBlockListItems
      - Remove-TenantAllowBlockListItems

- name: It is not needed any more
  m365.defender.role_group:
    name: Defender configuration
    state: absent
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
    - New-ManagementRole Defender configuration - Transport Hygiene {Name, Parent, EnabledCmdlets, Description}
    - New-ServicePrincipal 33333333-3333-4333-8333-333333333333 {AppId, ObjectId, DisplayName}
    - New-RoleGroup Defender configuration {Name, Roles, Description}
    - "Add-RoleGroupMember Defender configuration: 33333333-3333-4333-8333-333333333333"
role_group:
  description: The role group as it is now, or in check mode would be. Of one that is not there only C(name) and C(present) are there.
  returned: success
  type: dict
  contains:
    name:
      description: Its name.
      type: str
      sample: Defender configuration
    present:
      description: Whether there is such a role group.
      type: bool
      sample: true
    description:
      description: What administrators read beside the name.
      type: str
      sample: For the application that configures Defender
    roles:
      description: The roles that this module made for it, by name, each with its cmdlets.
      type: dict
      sample:
        Defender configuration - Transport Hygiene:
          - Get-AntiPhishPolicy
          - Set-AntiPhishPolicy
    other_roles:
      description: Other roles that it holds.
      type: list
      elements: str
      sample: []
    applications:
      description: The applications in it, by client id; one that Exchange has no reference to by what Exchange calls it.
      type: list
      elements: str
      sample:
        - 33333333-3333-4333-8333-333333333333
    others:
      description: How many people and groups are in it.
      type: int
      sample: 0
missing_cmdlets:
  description: The cmdlets that no built-in role of the tenant holds, of those that were named.
  returned: success
  type: list
  elements: str
  sample: []
diff:
  description: What changes, before and after. Empty if nothing does.
  returned: success, in diff mode
  type: list
  elements: dict
  contains:
    before_header:
      description: What the difference is about.
      type: str
      sample: role_group Defender configuration
    after_header:
      description: The same again.
      type: str
      sample: role_group Defender configuration
    before:
      description: How it was.
      type: dict
    after:
      description: How it is now, or in check mode would be.
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
      sample: Enable-OrganizationCustomization
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
from ansible_collections.m365.defender.plugins.module_utils._role_group import ROLE_GROUP

if __name__ == "__main__":
    run(ROLE_GROUP)
