# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: partner_consent
short_description: Consent to an application in the tenant of a customer, as a partner
version_added: 1.0.0
author:
  - The m365.defender contributors (@m365-defender)
description:
  - A partner of Microsoft's Cloud Solution Provider programme can give consent in a customer's tenant, by Partner Center, without anybody
    of the customer. This lets an application act there in the name of the partner's people, as far as their relationship (GDAP) goes.
  - It is the first step into a customer's tenant. With it M(m365.defender.app_access) can let in the applications that work every day.
options:
  partner_tenant_id:
    description: The partner's own tenant, a GUID or a domain. O(tenant_id) is the customer's.
    type: str
    required: true
  app_id:
    description:
      - The application (client) id of the application that gets consent. By default the one that signs in, O(client_id).
    type: str
  state:
    description: V(absent) withdraws the whole consent.
    type: str
    choices: [present, absent]
    default: present
  scopes:
    description:
      - The delegated permissions that are consented to, all of them. Partner Center takes a consent as a whole, so that one that differs is
        withdrawn first; the application can't act in the tenant until the new one shows.
    type: dict
    suboptions:
      graph:
        description: Delegated permissions of Microsoft Graph, by name.
        type: list
        elements: str
      exchange:
        description: Delegated permissions of Office 365 Exchange Online, by name.
        type: list
        elements: str
      compliance:
        description: Delegated permissions of Microsoft Exchange Online Protection, by name. Which ones there are is not known here.
        type: list
        elements: str
      defender:
        description: Delegated permissions of WindowsDefenderATP, by name.
        type: list
        elements: str
      sharepoint:
        description: Delegated permissions of Office 365 SharePoint Online, by name.
        type: list
        elements: str
extends_documentation_fragment:
  - m365.defender.tenant
  - m365.defender.attributes
  - m365.defender.attributes.writes
notes:
  - Partner Center takes the token of a person only, so O(refresh_token) is needed, of a user of the partner who is Admin agent there. The
    application needs the delegated permission C(user_impersonation) of Microsoft Partner Center, and must be for several tenants. That an
    app alone is refused is known from memory only.
  - Partner Center can't be asked what there is. So the customer's directory is, with the same login. C(AADSTS700016) and C(AADSTS65001)
    count as no consent there, which is known from memory only. To be read, a consent must have C(Directory.Read.All) of Microsoft Graph or
    C(DelegatedPermissionGrant.ReadWrite.All) among O(scopes).
  - If Partner Center answers that the consent exists already, although the directory does not show it, the task is C(ok) once it shows. In
    check mode such a task says C(changed).
  - Partner Center is known in V(commercial) only; in another O(cloud) the task fails before anything is sent to it.
  - Nothing is saved in O(ledger) before the first write, because no settings of Defender or Exchange are written; the writes are recorded.
seealso:
  - module: m365.defender.app_access
  - ref: ansible_collections.m365.defender.docsite.providers
    description: A guide for service providers.
  - name: Get customer consent as Control Panel Vendor
    description: Microsoft's reference.
    link: https://learn.microsoft.com/partner-center/developer/control-panel-vendor-apis
"""

EXAMPLES = r"""
- name: Let the onboarding application act for the partner's people in this customer's tenant
  m365.defender.partner_consent:
    partner_tenant_id: contoso.onmicrosoft.com
    tenant_id: 66666666-6666-4666-8666-666666666666
    client_id: 00000000-0000-0000-0000-000000000000
    client_certificate: /etc/m365/onboarding.pem
    refresh_token: "{{ onboarding_refresh_token }}"
    scopes:
      graph:
        - Application.ReadWrite.All
        - AppRoleAssignment.ReadWrite.All
        - Directory.Read.All
        - RoleManagement.ReadWrite.Directory

- name: The customer is onboarded, so it is not needed any more
  m365.defender.partner_consent:
    partner_tenant_id: contoso.onmicrosoft.com
    tenant_id: 66666666-6666-4666-8666-666666666666
    client_id: 00000000-0000-0000-0000-000000000000
    client_certificate: /etc/m365/onboarding.pem
    refresh_token: "{{ onboarding_refresh_token }}"
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
    - New-applicationConsent 00000000-0000-0000-0000-000000000000 {ApplicationId, ApplicationGrants}
consent:
  description: What the application may do in the tenant in the name of people, or in check mode might.
  returned: success
  type: dict
  contains:
    present:
      description: Whether there is a consent.
      type: bool
      sample: true
    scopes:
      description: The delegated permissions, by API.
      type: dict
      sample:
        graph:
          - Directory.Read.All
diff:
  description: What changes, before and after. Empty if nothing does.
  returned: success, in diff mode
  type: list
  elements: dict
  contains:
    before_header:
      description: What the difference is about.
      type: str
      sample: partner_consent 00000000-0000-0000-0000-000000000000
    after_header:
      description: The same again.
      type: str
      sample: partner_consent 00000000-0000-0000-0000-000000000000
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
      sample: Insufficient privileges to complete the operation.
    tried:
      description: What was being done.
      type: str
      sample: New-applicationConsent 00000000-0000-0000-0000-000000000000
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

from ansible_collections.m365.defender.plugins.module_utils._module import run
from ansible_collections.m365.defender.plugins.module_utils._partner_consent import PARTNER_CONSENT

if __name__ == "__main__":
    run(PARTNER_CONSENT)
