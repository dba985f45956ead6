#!/usr/bin/python
# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: preflight
short_description: Refuse what is wrong with a run before anything is sent
version_added: 1.0.0
description:
  - Looks at variables of roles, attestations, folders and tenants, as far as it can be told without asking anybody whether they will do.
    Otherwise a fault in what a late role is given would show only when earlier ones have written.
  - The playbooks of this collection start with it. It asks no service.
author: The m365.defender contributors (@m365-defender)
options:
  roles:
    description:
      - Roles of this collection whose variables are looked at, without C(m365.defender) before their names. Of each its argument spec, and
        what its tasks would refuse.
      - A role counts only if the tags of the run select what has its name as a tag.
      - An empty text counts as a variable that is not given.
      - A name that is nearly that of a variable of such a role is refused too, unless that variable is given; it would do nothing. What
        else begins with the name of the role is warned of, and may belong to another role of that name.
    type: list
    elements: str
    default: []
  playbook_variables:
    description:
      - Whether to refuse a variable of the host whose name is nearly one that the playbooks of this collection take, such as
        C(m365_report_folders). If that variable is given too, the other one is only warned of.
      - Other names that begin with C(m365_) are yours.
    type: bool
    default: false
  folder:
    description: A folder into which something is going to be written. It is made when missing.
    type: path
  tenants:
    description:
      - By host, its tenant; two hosts must not have the same one. A host without a tenant is called after it, if its name has a dot.
      - That an id and a domain are one tenant can be told here only by O(domains). Otherwise the task that finds it out fails its host.
    type: dict
  domains:
    description:
      - By host, a domain that its tenant must own, C(expected_domain). No other host may have it as its tenant.
    type: dict
  kinds:
    description: Kinds of object, as P(m365.defender.configuration#module) knows them; as a list or as a text with commas.
    type: list
    elements: str
    default: []
  config:
    description: A configuration, of which the O(kinds) must be a part. It must name at least one kind of object.
    type: dict
attributes:
  check_mode:
    description: It never changes a tenant.
    support: full
  diff_mode:
    description: There is nothing to show a difference of.
    support: none
notes:
  - It exists as an action only, because it has nothing to do on a host.
extends_documentation_fragment:
  - m365.defender.attestations
"""

EXAMPLES = r"""
- name: Refuse now what a role would refuse later
  m365.defender.preflight:
    roles: [device_groups, email_protection]

- name: No two hosts lead to one tenant
  m365.defender.preflight:
    tenants:
      contoso: 00000000-0000-0000-0000-000000000000
      fabrikam.onmicrosoft.com: ""
    domains:
      contoso: contoso.com
  run_once: true
"""

RETURN = r"""
roles:
  description: The roles whose variables were looked at.
  returned: success
  type: list
  elements: str
  sample: [email_protection]
kinds:
  description: The kinds of O(kinds).
  returned: success
  type: list
  elements: str
  sample: [safe_links_policy]
"""
