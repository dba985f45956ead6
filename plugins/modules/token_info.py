#!/usr/bin/python
# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: token_info
short_description: See who signs in, and what the tokens allow
version_added: 1.0.0
description:
  - Signs in as all modules do, and says for each service who that is, which permissions and directory roles the token carries, and when it
    ends. Where there is no token it says why, and what to do. For finding out why something is refused.
  - The token itself is never returned.
author: The m365.defender contributors (@m365-defender)
options:
  services:
    description:
      - For which services to sign in; all of these when left out.
      - A token for V(sharepoint) is for the tenant's own admin site, whose name Microsoft Graph is asked for first. That takes
        C(Sites.Read.All), or C(Organization.Read.All) if the tenant was never renamed. Where the name can't be found the state is
        V(unknown), with the reason, and the task does not fail.
    type: list
    elements: str
    choices: [graph, exchange, compliance, defender, sharepoint]
notes:
  - The caller needs nothing for it. The task fails only if there is a token for none of the services.
  - What a token says is not a promise of Microsoft's. Roles that are held through groups or activated for a time may be missing in it.
    What each step needs and whether it is there, M(m365.defender.permission_info) says.
  - A token that was fetched before a permission was granted does not have it. It is replaced when it ends, or with another O(token_cache).
extends_documentation_fragment:
  - m365.defender.tenant
  - m365.defender.attributes
  - m365.defender.attributes.info
seealso:
  - module: m365.defender.permission_info
"""

EXAMPLES = r"""
- name: See who signs in
  m365.defender.token_info:
    tenant_id: contoso.onmicrosoft.com
  register: who

- name: See whether the federated credential works, without any other service
  m365.defender.token_info:
    tenant_id: contoso.onmicrosoft.com
    client_id: 00000000-0000-0000-0000-000000000000
    federated_token_file: /run/secrets/m365/token
    services: [graph]

- name: See whether SharePoint would let the app in
  m365.defender.token_info:
    tenant_id: contoso.onmicrosoft.com
    client_id: 00000000-0000-0000-0000-000000000000
    client_certificate: /etc/m365/app.pem
    services: [sharepoint]
  register: site
  failed_when: "'Sites.FullControl.All' not in site.tokens.sharepoint.permissions | default([])"

- name: Stop when the app has no permission for Exchange
  ansible.builtin.assert:
    that: "'Exchange.ManageAsApp' in who.tokens.exchange.permissions | default([])"
    fail_msg: "{{ who.tokens.exchange.reason }} {{ who.tokens.exchange.remedy }}"
"""

RETURN = r"""
sign_in:
  description: The option by which the caller signed in, such as V(client_certificate) or V(managed_identity).
  returned: success
  type: str
  sample: client_certificate
tokens:
  description: By service, what is described here.
  returned: success
  type: dict
  contains:
    state:
      description:
        - V(given), V(unreadable) when there is one that can't be read, V(refused) when the sign-in service gives none, V(not_in_cloud) when
          the tenant's cloud does not have the service, or V(unknown) when nobody could be asked.
        - V(not_taken) when there is one, but the service takes none of an app that signs in as this one does. That is so of SharePoint,
          which wants a certificate. What such a token says is returned all the same.
      type: str
      returned: always
      sample: given
    reason:
      description: Why there is no token, or none that can be read or used; empty otherwise.
      type: str
      returned: always
      sample: ""
    remedy:
      description: What to do about it; empty where there is nothing.
      type: str
      returned: always
      sample: ""
    code:
      description: The code of the refusal, such as C(AADSTS7000215).
      type: str
      returned: when there is no token
    request_id:
      description: The id of the request, for Microsoft's support.
      type: str
      returned: when there is no token
    audience:
      description: For what the token was made.
      type: str
      returned: when there is a token
      sample: https://graph.microsoft.com
    application:
      description: The id of the application.
      type: str
      returned: when there is a token
      sample: 00000000-0000-0000-0000-000000000000
    application_name:
      description: Its name.
      type: str
      returned: when there is a token
      sample: air-writer
    object:
      description: The id of the service principal or user.
      type: str
      returned: when there is a token
      sample: 11111111-1111-1111-1111-111111111111
    tenant:
      description: The tenant's id.
      type: str
      returned: when there is a token
      sample: 22222222-2222-2222-2222-222222222222
    kind:
      description: V(app), V(user) or V(unknown).
      type: str
      returned: when there is a token
      sample: app
    user:
      description: The user's name, where it is one.
      type: str
      returned: when there is a token
      sample: ""
    permissions:
      description: The application permissions in the token.
      type: list
      elements: str
      returned: when there is a token
      sample: [Organization.Read.All]
    delegated_permissions:
      description: The permissions in a user's name.
      type: list
      elements: str
      returned: when there is a token
      sample: []
    directory_roles:
      description: The directory roles in the token, by name where it is known, else by id.
      type: list
      elements: str
      returned: when there is a token
      sample: [Security Reader]
    ends:
      description: When the token ends; empty when it does not say so.
      type: str
      returned: when there is a token
      sample: "2026-07-24T10:00:00Z"
    minutes_left:
      description: For how many minutes it is good; null when it does not say so.
      type: int
      returned: when there is a token
      sample: 59
"""

from ansible_collections.m365.defender.plugins.module_utils._module import run
from ansible_collections.m365.defender.plugins.module_utils.readers.token_info import TOKEN_INFO

if __name__ == "__main__":
    run(TOKEN_INFO)
