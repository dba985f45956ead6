# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: app_registration
short_description: Register an application and the ways in which it signs in
version_added: 1.0.0
author:
  - The m365.defender contributors (@m365-defender)
description:
  - Makes, changes or removes an application in Microsoft Entra, with its service principal in the same tenant, the application permissions
    that it names, and the certificates and federated credentials with which it signs in.
  - It never makes a client secret.
  - Naming permissions gives none. M(m365.defender.app_access) gives them, in this tenant and in those of customers.
options:
  display_name:
    description:
      - The name of the application, by which it is found. Entra allows several applications of one name; then the task fails.
    type: str
    required: true
  state:
    description:
      - V(absent) removes the application and its service principal in this tenant. Entra keeps a removed application for some time, and its
        service principals in other tenants are not removed with it.
    type: str
    choices: [present, absent]
    default: present
  description:
    description: What the application is for.
    type: str
  sign_in_audience:
    description:
      - In which tenants the application can be used. A service provider's must be for V(multiple_tenants).
      - A new application is for a V(single_tenant) if nothing is said.
    type: str
    choices: [single_tenant, multiple_tenants]
  permissions:
    description:
      - The application permissions that the registration names, all of them; others are taken out. Delegated permissions stay as they are.
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
  certificates:
    description:
      - The certificates with which the application signs in, all of them; others are taken out. During a change of certificates name both.
      - Each is the path of a PEM file or the text of one. Of a file that holds a private key too only the certificate is read and sent.
        A text with a private key is refused, because this option is no secret.
    type: list
    elements: str
  federated_credentials:
    description:
      - The outside identity providers whose tokens the application can use in place of a secret, all of them; others are taken out.
    type: list
    elements: dict
    suboptions:
      name:
        description: The name of the credential, of letters, digits, hyphens and underscores. It can't be changed.
        type: str
        required: true
      issuer:
        description: The C(iss) of the provider's tokens.
        type: str
        required: true
      subject:
        description: The C(sub) of the provider's tokens.
        type: str
        required: true
      audience:
        description: The C(aud) of the provider's tokens. By default what Microsoft recommends in the cloud, as C(api://AzureADTokenExchange).
        type: str
      description:
        description: What it is for.
        type: str
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
  - Needs C(Application.ReadWrite.All) of Microsoft Graph, or C(Application.ReadWrite.OwnedBy) for applications that the caller made itself.
    That the latter can list applications too is known from memory only.
  - The directory shows a new application late. Nothing is made twice for that reason; the task waits no longer than O(read_back_timeout).
  - Nothing is saved in O(ledger) before the first write, because no settings of Defender or Exchange are written; the writes are recorded.
seealso:
  - module: m365.defender.app_access
  - ref: ansible_collections.m365.defender.docsite.providers
    description: A guide for service providers.
"""

EXAMPLES = r"""
- name: An application for audits, which signs in with a certificate
  m365.defender.app_registration:
    display_name: Defender audits
    description: Reads, and changes nothing
    sign_in_audience: multiple_tenants
    permissions:
      graph:
        - LicenseAssignment.Read.All
        - SecurityIncident.Read.All
      exchange:
        - Exchange.ManageAsApp
    certificates:
      - /etc/m365/audit-certificate.pem
  register: audits

- name: The permissions that the chosen steps need
  m365.defender.app_registration:
    display_name: Defender audits
    permissions: "{{ (['prerequisites', 'xdr'] | m365.defender.needed_access).permissions }}"

- name: A pipeline of GitHub signs in without any secret
  m365.defender.app_registration:
    display_name: Defender audits
    federated_credentials:
      - name: nightly-audit
        issuer: https://token.actions.githubusercontent.com
        subject: repo:contoso/defender:environment:audit

- name: Not needed any more
  m365.defender.app_registration:
    display_name: Defender audits
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
    - New-application Defender audits {displayName, signInAudience}
    - New-servicePrincipal Defender audits {appId}
registration:
  description: The registration as it is now, or in check mode as it would be.
  returned: success
  type: dict
  contains:
    present:
      description: Whether there is one. If not, nothing else is there.
      type: bool
      sample: true
    service_principal:
      description: Whether it has a service principal in this tenant.
      returned: when there is one
      type: bool
      sample: true
    description:
      description: What it is for.
      returned: when there is one
      type: str
      sample: Reads, and changes nothing
    sign_in_audience:
      description: In which tenants it can be used.
      returned: when there is one
      type: str
      sample: multiple_tenants
    permissions:
      description: The application permissions that it names, by API.
      returned: when there is one
      type: dict
      sample:
        graph:
          - LicenseAssignment.Read.All
    certificates:
      description: The thumbprints of its certificates.
      returned: when there is one
      type: list
      elements: str
      sample:
        - 0123456789ABCDEF0123456789ABCDEF01234567
    federated_credentials:
      description: Its federated credentials.
      returned: when there is one
      type: list
      elements: dict
      sample: []
app_id:
  description: The application (client) id. Empty if there is no application, or in check mode none yet.
  returned: success
  type: str
  sample: 33333333-3333-4333-8333-333333333333
object_id:
  description: The object id of the application.
  returned: success
  type: str
  sample: 44444444-4444-4444-8444-444444444444
service_principal_id:
  description: The object id of its service principal in this tenant.
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
      sample: app_registration Defender audits
    after_header:
      description: The same again.
      type: str
      sample: app_registration Defender audits
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
      sample: New-application Defender audits
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

from ansible_collections.m365.defender.plugins.module_utils._app_registration import APP_REGISTRATION
from ansible_collections.m365.defender.plugins.module_utils._module import run

if __name__ == "__main__":
    run(APP_REGISTRATION)
