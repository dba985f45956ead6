#!/usr/bin/python
# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: accepted_domain_info
short_description: Read the domains for which a tenant receives mail
version_added: 1.0.0
description:
  - Lists the accepted domains of Exchange Online, which are what a rule names when a policy is to cover everybody.
  - Calls C(Get-AcceptedDomain).
author: The m365.defender contributors (@m365-defender)
notes:
  - The caller needs the application permission C(Exchange.ManageAsApp) and a directory role that may read Exchange,
    such as Security Reader.
extends_documentation_fragment:
  - m365.defender.tenant
  - m365.defender.attributes
  - m365.defender.attributes.info
"""

EXAMPLES = r"""
- name: Read the domains
  m365.defender.accepted_domain_info:
    tenant_id: contoso.onmicrosoft.com
  register: mail

- name: Cover everybody with one policy
  m365.defender.safe_links_policy:
    tenant_id: contoso.onmicrosoft.com
    name: Links for everybody
    rule:
      recipient_domain_is: "{{ mail.names }}"
"""

RETURN = r"""
domains:
  description: Every accepted domain, by name.
  returned: success
  type: list
  elements: dict
  contains:
    domain:
      description: The domain.
      type: str
      returned: always
      sample: contoso.com
    default:
      description: Whether new addresses get this domain.
      type: bool
      returned: always
    type:
      description: What Exchange does with mail for unknown recipients of the domain, such as V(Authoritative) or V(InternalRelay).
      type: str
      returned: always
      sample: Authoritative
names:
  description: The domains alone.
  returned: success
  type: list
  elements: str
  sample: [contoso.com, contoso.onmicrosoft.com]
"""

from ansible_collections.m365.defender.plugins.module_utils._module import run
from ansible_collections.m365.defender.plugins.module_utils.readers.accepted_domain_info import ACCEPTED_DOMAIN_INFO

if __name__ == "__main__":
    run(ACCEPTED_DOMAIN_INFO)
