# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: verdict
short_description: Judge from the results of tasks whether automated investigation and response is configured
version_added: 1.0.0
author: The m365.defender contributors (@m365-defender)
description:
  - What P(m365.defender.report#module) keeps in its file, without printing or writing anything. It asks no service.
  - Its keys are described by C(docs/report.schema.json) of this collection, a JSON schema.
positional: attestations
options:
  _input:
    description: What the tasks of each step returned, as O(m365.defender.report#module:steps) takes it.
    type: dict
    required: true
  attestations:
    description: What people attest, as O(m365.defender.report#module:attestations) takes it.
    type: list
    elements: dict
    default: []
  check:
    description: Whether nothing was written; what a run would have changed is then not as it should be.
    type: bool
    default: false
  when:
    description: The time of the verdict, on which it depends which attestations have expired. Now, when left out.
    type: raw
  host:
    description: What the inventory calls the tenant.
    type: str
    default: ""
  tenant:
    description: How the tenant is called when no result says it.
    type: str
    default: ""
"""

EXAMPLES = r"""
- name: See whether Defender XDR is on
  m365.defender.xdr_info:
    tenant_id: contoso.onmicrosoft.com
  register: state

- name: Say whether the tenant meets control 2.4.5
  ansible.builtin.debug:
    msg: "{{ (found.controls | first).verdict }}: {{ found.answer.evidence }}"
  vars:
    found: "{{ {'xdr': {'state': state}} | m365.defender.verdict(m365_attestations | default([]), check=true) }}"
"""

RETURN = r"""
_value:
  description: The verdict, as RV(m365.defender.report#module:report).
  type: dict
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.m365.defender.plugins.module_utils._readiness.tenant import build
from ansible_collections.m365.defender.plugins.module_utils._readiness.words import STEPS
from ansible_collections.m365.defender.plugins.plugin_utils._plain import plain


def _verdict(
    steps: Mapping[str, Any],
    attestations: Sequence[Any] = (),
    *,
    check: bool = False,
    when: str | datetime | None = None,
    host: str = "",
    tenant: str = "",
) -> dict[str, Any]:
    try:
        time = when if isinstance(when, datetime) else datetime.fromisoformat(when) if when else datetime.now(UTC)
        facts = {step: one for step, one in plain(steps).items() if one}
        if unknown := [step for step in facts if step not in STEPS]:
            raise ValueError(f"{unknown[0]} is no step; there are {', '.join(STEPS)}")
        time = time if time.tzinfo else time.replace(tzinfo=UTC)
        return build(host=host, tenant=tenant or host, steps=facts, check=check, when=time, attestations=plain(list(attestations)))
    except KeyError as error:
        raise AnsibleFilterError(f"m365.defender.verdict: a result lacks {error}; hand in what the tasks registered") from error
    except (AttributeError, TypeError, ValueError) as error:
        raise AnsibleFilterError(f"m365.defender.verdict: {error}") from error


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"verdict": _verdict}
