#!/usr/bin/python
# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: attestation_info
short_description: Check what people attest, and list what can be attested
version_added: 1.0.0
description:
  - Some settings are shown by no supported API. Somebody who has looked at them in the portal can attest them, for a time, and the verdicts
    use that as evidence of its own kind.
  - This refuses attestations with something wrong, before anything is sent, and says which of them are believed today. It asks no service.
  - The playbooks C(m365.defender.air) and C(m365.defender.audit) refuse the same, by M(m365.defender.preflight).
author: The m365.defender contributors (@m365-defender)
options:
  cloud:
    description:
      - The cloud that the tenant lives in, to whose portal the links lead. V(commercial) if nothing says otherwise.
      - Taken from the environment variable E(M365_CLOUD) if it is not given.
    type: str
    choices: [commercial, gcc, gcc_high, dod, china]
attributes:
  check_mode:
    description: It never changes anything.
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
- name: Check what was attested
  m365.defender.attestation_info:
    attestations:
      - setting: mdo_automation_similar_files
        value: "on"
        by: kim@contoso.com
        when: "2026-11-02"
        expires: "2027-02-01"
        reference: CHG-1042

- name: See what can be attested
  m365.defender.attestation_info:
  register: known

- name: Show the settings with their values
  ansible.builtin.debug:
    msg: "{{ item.setting }} ({{ item['values'] | join(', ') }}): {{ item.asks }} {{ item.link }}"
  loop: "{{ known.settings }}"
"""

RETURN = r"""
attestations:
  description: Each of the attestations, with its C(title), its C(state) and a C(note).
  returned: success
  type: list
  elements: dict
  contains:
    state:
      description: V(in_force), V(expired), or V(replaced) by a later one.
      type: str
      returned: always
      sample: in_force
    note:
      description: What one should know of it; empty when there is nothing.
      type: str
      returned: always
settings:
  description: What can be attested.
  returned: success
  type: list
  elements: dict
  contains:
    setting:
      description: Its name.
      type: str
      returned: always
      sample: identity_cloud_apps_integration
    title:
      description: What people call it.
      type: str
      returned: always
    step:
      description: The step whose verdict it counts for.
      type: str
      returned: always
      sample: prerequisites
    values:
      description: The words it can be attested as.
      type: list
      elements: str
      returned: always
      sample: ["on", "off"]
    link:
      description: Where it is seen in the portal of the O(cloud); empty where the cloud has none.
      type: str
      returned: always
    asks:
      description: What to look at there.
      type: str
      returned: always
remarks:
  description: How sure the links are, where they lead to another portal than the worldwide one.
  returned: success
  type: list
  elements: str
"""
