# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: configuration_info
short_description: Read the settings of a tenant in the form in which they can be set
version_added: 1.0.0
author:
  - The m365.defender contributors (@m365-defender)
description:
  - Returns every policy, alert policy, device group and setting that this collection knows, in the form that
    M(m365.defender.configuration) takes. Applying an export to the tenant it comes from changes nothing.
  - Use it to keep a tenant's settings in a repository, to compare two tenants, to give one tenant what another has, or to look at a
    single kind.
options:
  kinds:
    description:
      - Which kinds to read. A kind that is named and cannot be read fails the task.
      - Left out, all kinds are read, and what cannot be read is listed under RV(unknown); the task fails only if nothing can be read.
    type: list
    elements: str
    choices:
      - quarantine_policy
      - global_quarantine_policy
      - malware_filter_policy
      - hosted_content_filter_policy
      - hosted_outbound_spam_filter_policy
      - hosted_connection_filter_policy
      - anti_phish_policy
      - safe_attachment_policy
      - safe_links_policy
      - atp_policy_for_o365
      - sharepoint_tenant
      - built_in_protection
      - email_tenant_settings
      - admin_audit_log_config
      - teams_protection_policy
      - report_submission_policy
      - tenant_allow_block_list
      - preset_security_policy
      - protection_alert
      - endpoint_features
      - device_group
  built_in:
    description:
      - Whether objects that nobody can change are returned too, such as policies of the preset security policies, Built-in protection
        and Microsoft's own alert policies. They exist in every tenant with the licence, cannot be made, and differ in name, so they are
        of no use for setting up another tenant.
    type: bool
    default: false
extends_documentation_fragment:
  - m365.defender.tenant
  - m365.defender.attributes
  - m365.defender.attributes.info
notes:
  - The Entra roles Global Reader or Security Reader are enough for what Exchange Online keeps. For the rest see the module of each
    kind; V(device_group) and V(endpoint_features) can be read only with O(portal_session), and V(sharepoint_tenant) only with
    O(client_certificate).
  - Default policies are returned, because they can be changed. An empty list of a kind means that the service said so; a failed reading
    is never shown as an empty list.
seealso:
  - module: m365.defender.configuration
"""

EXAMPLES = r"""
- name: Read the whole tenant
  m365.defender.configuration_info:
  register: tenant_now

- name: Keep it as a file
  ansible.builtin.copy:
    content: "{{ tenant_now.configuration | ansible.builtin.to_nice_yaml(sort_keys=false) }}"
    dest: "saved/{{ inventory_hostname }}.yml"
    mode: "0600"
  delegate_to: localhost

- name: Read anti-phishing policies only, with those of the presets
  m365.defender.configuration_info:
    kinds:
      - anti_phish_policy
    built_in: true
  register: phishing

- name: Read the model tenant
  m365.defender.configuration_info:
    tenant_id: model.onmicrosoft.com
    kinds:
      - safe_links_policy
      - atp_policy_for_o365
  register: model

- name: Give its settings to this tenant
  m365.defender.configuration:
    tenant_id: contoso.onmicrosoft.com
    expected_domain: contoso.com
    config: "{{ model.configuration }}"
"""

RETURN = r"""
configuration:
  description:
    - The kinds that could be read. Each key is a kind, each value the list of its objects, each with the options of its module.
    - Rules stand under C(rule) of their policy. Settings that can only be read are left out.
  returned: success
  type: dict
  sample:
    atp_policy_for_o365:
      - allow_safe_docs_open: false
        enable_atp_for_spo_teams_odb: true
        enable_safe_docs: true
    protection_alert: []
left_behind:
  description:
    - By kind, the rules whose policy is gone, each with its name and the options of a rule. They do nothing, but they take up a place and
      a name. A policy that is made under such a name takes the rule over.
  returned: success
  type: dict
  sample:
    safe_links_policy:
      - name: Links of 2022
        enabled: true
        priority: 0
        recipient_domain_is: [contoso.com]
apart:
  description:
    - By kind and name, the objects that the options of their module can't tell, because their rules are not alike. These are presets of
      which one rule is on and the other is not, or is for other people. Each rule has its own options, V(null) where there is none.
  returned: success
  type: dict
  sample:
    preset_security_policy:
      standard:
        EOPProtectionPolicyRule:
          enabled: true
          everyone: false
          sent_to: []
          sent_to_member_of: []
          recipient_domain_is: [contoso.com]
          except_if_sent_to: []
          except_if_sent_to_member_of: []
          except_if_recipient_domain_is: []
        ATPProtectionPolicyRule: null
unknown:
  description: The kinds that could not be read, each with the reason. Empty if all could, and always if O(kinds) was given.
  returned: success
  type: dict
  sample:
    device_group: >-
      Reading machine_groups on tenant contoso.onmicrosoft.com: this needs portal_session, the session of a user signed in to the
      Defender portal; no API that an app may use has it.
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
      description: Number of writes, always V(0).
      type: int
      sample: 0
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
      sample: the caller has no role that allows this
    tried:
      description: What was being done.
      type: str
      sample: Reading SafeLinksPolicy
    tenant:
      description: The tenant.
      type: str
      sample: contoso.onmicrosoft.com
    service:
      description: Which service answered.
      type: str
      sample: exchange
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

from ansible_collections.m365.defender.plugins.module_utils._bulk import CONFIGURATION_INFO
from ansible_collections.m365.defender.plugins.module_utils._module import run

if __name__ == "__main__":
    run(CONFIGURATION_INFO)
