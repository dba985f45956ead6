# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: app_access
short_description: Say what an application may do in a tenant
version_added: 1.0.0
author:
  - The m365.defender contributors (@m365-defender)
description:
  - Makes the service principal of an application in a tenant, and gives it application permissions and directory roles. This is what an
    administrator's consent does.
  - In the tenant of a customer it lets an application of the provider sign in there.
options:
  app_id:
    description: The application (client) id of the application that is spoken of, which is not the one that signs in.
    type: str
    required: true
  state:
    description:
      - V(absent) takes the application out of the tenant, with everything that it may do there.
    type: str
    choices: [present, absent]
    default: present
  permissions:
    description:
      - Application permissions that the application must have in this tenant. Others stay, unless O(exclusive) is set.
    type: dict
    suboptions:
      graph:
        description: Application permissions of Microsoft Graph, by name.
        type: list
        elements: str
      exchange:
        description: Application permissions of Office 365 Exchange Online, by name.
        type: list
        elements: str
      compliance:
        description:
          - Application permissions of Microsoft Exchange Online Protection, by name. Security & Compliance takes C(Exchange.ManageAsApp) of
            this API in V(gcc_high) and V(dod); elsewhere Microsoft documents it too, and public clients found that of V(exchange) to do.
        type: list
        elements: str
      defender:
        description: Application permissions of WindowsDefenderATP, by name.
        type: list
        elements: str
      sharepoint:
        description: Application permissions of Office 365 SharePoint Online, by name.
        type: list
        elements: str
  directory_roles:
    description:
      - Directory roles that the application must have for the whole tenant. Others stay, unless O(exclusive) is set. Roles for a part of
        the directory are not looked at.
    type: list
    elements: str
    choices:
      - Application Administrator
      - Cloud Application Administrator
      - Compliance Administrator
      - Compliance Data Administrator
      - Exchange Administrator
      - Global Administrator
      - Global Reader
      - Security Administrator
      - Security Operator
      - Security Reader
      - SharePoint Administrator
  exclusive:
    description:
      - Whether to take away what is not named. Of O(permissions) and O(directory_roles) only what is given is looked at.
    type: bool
    default: false
  skip_missing_apis:
    description:
      - Whether to leave out the permissions of an API that the tenant does not have, with a warning, instead of failing. A tenant that has
        never used Defender for Endpoint has no WindowsDefenderATP.
    type: bool
    default: false
extends_documentation_fragment:
  - m365.defender.tenant
  - m365.defender.attributes
  - m365.defender.attributes.writes
notes:
  - Needs, as application permissions or as delegated ones of a person whose role allows it, C(Application.ReadWrite.All) to make the
    service principal, C(AppRoleAssignment.ReadWrite.All) for O(permissions), C(RoleManagement.ReadWrite.Directory) for
    O(directory_roles), and C(Application.Read.All) to read. Whoever holds the second or the third can make himself anything, so do not
    give them to an application that works every day.
  - A person needs a directory role besides, for O(permissions) Privileged Role Administrator or, except for permissions of Microsoft Graph,
    Cloud Application Administrator; for O(directory_roles) Privileged Role Administrator. This is known from memory only.
  - A new permission or role shows in new tokens only, and reaches Exchange after some minutes.
  - Assignments through groups and Privileged Identity Management are not looked at.
  - Nothing is saved in O(ledger) before the first write, because no settings of Defender or Exchange are written; the writes are recorded.
seealso:
  - module: m365.defender.app_registration
  - module: m365.defender.role_group
  - module: m365.defender.permission_info
  - ref: ansible_collections.m365.defender.docsite.providers
    description: A guide for service providers.
"""

EXAMPLES = r"""
- name: What an audit needs, and nothing else
  m365.defender.app_access:
    app_id: 33333333-3333-4333-8333-333333333333
    permissions:
      graph:
        - LicenseAssignment.Read.All
        - SecurityIncident.Read.All
      defender:
        - Machine.Read.All
      exchange:
        - Exchange.ManageAsApp
      compliance:
        - Exchange.ManageAsApp
    directory_roles:
      - Global Reader
    exclusive: true
    skip_missing_apis: true

- name: See what it may do, without changing anything
  m365.defender.app_access:
    app_id: 33333333-3333-4333-8333-333333333333
    permissions: {}
    directory_roles: []
  check_mode: true
  register: found

- name: The customer leaves
  m365.defender.app_access:
    app_id: 33333333-3333-4333-8333-333333333333
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
    - New-servicePrincipal 33333333-3333-4333-8333-333333333333 {appId}
    - New-roleAssignment Global Reader {roleDefinitionId, principalId, directoryScopeId}
access:
  description: What the application may do now, or in check mode would. Only what the task speaks of is there.
  returned: success
  type: dict
  contains:
    present:
      description: Whether the application has a service principal in the tenant.
      type: bool
      sample: true
    permissions:
      description: Its application permissions, by API. An API that this collection does not know goes by its name, with ids of permissions.
      returned: with O(permissions)
      type: dict
      sample:
        graph:
          - LicenseAssignment.Read.All
    directory_roles:
      description: Its directory roles.
      returned: with O(directory_roles)
      type: list
      elements: str
      sample:
        - Global Reader
service_principal_id:
  description: The object id of the service principal. Empty if there is none, or in check mode none yet.
  returned: success
  type: str
  sample: 55555555-5555-4555-8555-555555555555
missing_apis:
  description: The APIs that the tenant does not have, of those whose permissions were asked for.
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
      sample: app_access 33333333-3333-4333-8333-333333333333
    after_header:
      description: The same again.
      type: str
      sample: app_access 33333333-3333-4333-8333-333333333333
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
      sample: Insufficient privileges to complete the operation.
    tried:
      description: What was being done.
      type: str
      sample: New-roleAssignment Global Reader
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

from ansible_collections.m365.defender.plugins.module_utils._app_access import APP_ACCESS
from ansible_collections.m365.defender.plugins.module_utils._module import run

if __name__ == "__main__":
    run(APP_ACCESS)
