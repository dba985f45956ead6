# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: fitting
short_description: Leave out of a configuration what another tenant can't have
version_added: 1.0.0
author: The m365.defender contributors (@m365-defender)
description:
  - Leaves out of one tenant's configuration what another tenant's licences do not bring, and presets that nobody has switched on there yet.
  - A licence is what decides, not a reading that failed. What could not be read for want of a role stays, so that applying it fails.
positional: products, there, unknown
options:
  _input:
    description: What is to be applied, as P(m365.defender.configuration#module) takes it.
    type: dict
    required: true
  products:
    description: The products of the tenant that it is for, as P(m365.defender.license_info#module) returns them.
    type: dict
    required: true
  there:
    description: What that tenant has, the C(configuration) that P(m365.defender.configuration_info#module) returns.
    type: dict
    required: true
  unknown:
    description: What could not be read there, the C(unknown) that P(m365.defender.configuration_info#module) returns.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Make a tenant like another one as far as its licences allow
  m365.defender.configuration:
    tenant_id: fabrikam.onmicrosoft.com
    config: "{{ (exported | m365.defender.fitting(licences.licenses.products, found.configuration, found.unknown)).config }}"
"""

RETURN = r"""
_value:
  description:
    - C(config), what can be applied, and C(left_out), a list with C(kind), C(what) (names of objects or options; none for the whole kind)
      and C(why).
  type: dict
"""

from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.m365.defender.plugins.plugin_utils._fitting import fitting
from ansible_collections.m365.defender.plugins.plugin_utils._plain import plain


def _fitting(
    config: Mapping[str, Any], products: Mapping[str, Any], there: Mapping[str, Any], unknown: Mapping[str, str]
) -> dict[str, Any]:
    try:
        return fitting(plain(config), plain(products), plain(there), plain(unknown))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise AnsibleFilterError(f"m365.defender.fitting: {error}") from error


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"fitting": _fitting}
