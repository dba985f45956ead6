# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: recommended
short_description: Give the settings that Microsoft recommends
version_added: 1.0.0
author: The m365.defender contributors (@m365-defender)
description:
  - Gives the options of a kind of policy with the values that Microsoft recommends for its Standard or Strict level, as far as the
    tenant's licences bring the setting.
  - Settings for which Microsoft has no recommendation are left out, and so are those that no documented parameter writes, whom to
    protect from impersonation, and lists of blocked senders.
  - The values are those of the article "Recommended email and collaboration threat policy settings for cloud organizations" of
    2026-08-10.
positional: target, plan, clear_allow_lists
options:
  _input:
    description:
      - The kind of policy, or a list of kinds.
      - One of V(malware_filter_policy), V(hosted_content_filter_policy), V(hosted_outbound_spam_filter_policy),
        V(hosted_connection_filter_policy), V(anti_phish_policy), V(atp_policy_for_o365), V(safe_attachment_policy), V(safe_links_policy),
        V(teams_protection_policy), V(email_tenant_settings), V(admin_audit_log_config) and V(sharepoint_tenant).
    type: raw
    required: true
  target:
    description: Which of the two levels.
    type: str
    choices: [standard, strict]
    required: true
  plan:
    description:
      - What the tenant may use. V(none) is cloud mailboxes without Defender for Office 365, V(plan1) and V(plan2) are its plans, V(e5)
        is Plan 2 with Safe Documents.
    type: str
    choices: [none, plan1, plan2, e5]
    default: none
  clear_allow_lists:
    description:
      - Whether the lists of senders, domains and addresses that are let past, which Microsoft recommends to be empty, are part of the
        result. A policy that is given them loses what people have put there.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Show what Standard wants of anti-phishing where there is no Defender for Office 365
  ansible.builtin.debug:
    msg: "{{ 'anti_phish_policy' | m365.defender.recommended('standard') }}"

- name: Protect everybody's links as Strict does
  m365.defender.configuration:
    tenant_id: contoso.onmicrosoft.com
    config:
      safe_links_policy:
        - "{{ {'name': 'Links for everybody'} | combine('safe_links_policy' | m365.defender.recommended('strict', 'plan1')) }}"

- name: Show what Standard wants of several kinds
  ansible.builtin.debug:
    msg: "{{ ['safe_attachment_policy', 'atp_policy_for_o365'] | m365.defender.recommended('standard', plan='e5') }}"
"""

RETURN = r"""
_value:
  description:
    - The options and values of the kind, empty where the licences bring none of it. For a list of kinds, these by kind, without those
      that would be empty.
  type: dict
"""

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.m365.defender.plugins.plugin_utils._recommended import recommended


def _recommended(*given: Any, **named: Any) -> dict[str, Any]:
    try:
        return recommended(*given, **named)
    except (TypeError, ValueError) as error:
        raise AnsibleFilterError(f"m365.defender.recommended: {error}") from error


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"recommended": _recommended}
