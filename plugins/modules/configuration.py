# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: configuration
short_description: Manage many objects of many kinds at once
version_added: 1.0.0
author:
  - The m365.defender contributors (@m365-defender)
description:
  - Brings any number of policies, alert policies, device groups and settings of a tenant to the wanted state in one task.
  - It does what the module of each kind does, with the same options, but reads everything together and plans together. That is much
    quicker than a task for each object, and it is the only way to give several rules their places at once.
  - The form is the one in which M(m365.defender.configuration_info) returns a tenant. So this is also how an export is put back, or
    given to another tenant.
options:
  config:
    description:
      - The wanted objects. Each key is a kind, named as its module is, and each value the list of objects of that kind, with the
        options of that module. Connection options are not among them; they belong to the task.
      - The kinds are V(quarantine_policy), V(global_quarantine_policy), V(malware_filter_policy), V(hosted_content_filter_policy),
        V(hosted_outbound_spam_filter_policy), V(hosted_connection_filter_policy), V(anti_phish_policy), V(safe_attachment_policy),
        V(safe_links_policy), V(atp_policy_for_o365), V(sharepoint_tenant), V(built_in_protection), V(email_tenant_settings),
        V(admin_audit_log_config),
        V(teams_protection_policy), V(report_submission_policy), V(tenant_allow_block_list), V(preset_security_policy), V(protection_alert),
        V(endpoint_features) and V(device_group).
      - A kind of which a tenant has exactly one, such as V(atp_policy_for_o365), takes a list of one.
      - Every object is checked before anything is sent. What is wrong is said for all of them together, each with its place, such as
        C(safe_links_policy[2]).
      - Nothing that is not named is touched. Neither kinds nor objects that are left out are removed; an object is removed by its
        C(state).
      - Kinds are applied in the order above. Within a kind, what is made or changed comes first, then what is removed, then the order
        of rules or groups. If a write fails the task stops there; what had been done stays done and stands in RV(operations). The next
        run does the rest.
    type: dict
    required: true
extends_documentation_fragment:
  - m365.defender.tenant
  - m365.defender.attributes
  - m365.defender.attributes.writes
notes:
  - Needs the permissions and licences of the kinds that are named, for V(device_group) and V(endpoint_features) O(portal_session), and
    for V(sharepoint_tenant) O(client_certificate); see the module of each kind. Other kinds are not read, except once before the first
    write of a run, when a copy of the tenant's settings is saved, see O(ledger). What cannot be read then is noted there and hinders
    nothing.
  - Two objects of one kind cannot have the same name in one task, nor two rules of one type the same priority.
  - O(max_writes_per_tenant) bounds the whole task. Beyond it nothing is written.
seealso:
  - module: m365.defender.configuration_info
  - module: m365.defender.quarantine_policy
  - module: m365.defender.global_quarantine_policy
  - module: m365.defender.malware_filter_policy
  - module: m365.defender.hosted_content_filter_policy
  - module: m365.defender.hosted_outbound_spam_filter_policy
  - module: m365.defender.hosted_connection_filter_policy
  - module: m365.defender.anti_phish_policy
  - module: m365.defender.safe_attachment_policy
  - module: m365.defender.safe_links_policy
  - module: m365.defender.atp_policy_for_o365
  - module: m365.defender.sharepoint_tenant
  - module: m365.defender.built_in_protection
  - module: m365.defender.email_tenant_settings
  - module: m365.defender.admin_audit_log_config
  - module: m365.defender.teams_protection_policy
  - module: m365.defender.report_submission_policy
  - module: m365.defender.tenant_allow_block_list
  - module: m365.defender.preset_security_policy
  - module: m365.defender.protection_alert
  - module: m365.defender.endpoint_features
  - module: m365.defender.device_group
"""

EXAMPLES = r"""
- name: Two Safe Links policies in a given order, and files outside of mail
  m365.defender.configuration:
    config:
      safe_links_policy:
        - name: Links for developers
          do_not_rewrite_urls:
            - build.contoso.com/*
          rule:
            priority: 0
            sent_to_member_of:
              - developers@contoso.com
        - name: Links for everybody
          rule:
            priority: 1
            recipient_domain_is:
              - contoso.com
        - name: Links for the pilot group
          state: absent
      atp_policy_for_o365:
        - enable_atp_for_spo_teams_odb: true

- name: Exchange the places of two rules
  m365.defender.configuration:
    config:
      anti_phish_policy:
        - name: Phishing of accounts
          rule:
            priority: 1
        - name: Phishing of the board
          rule:
            priority: 0

- name: What differs from the file of this tenant, without changing anything
  m365.defender.configuration:
    config: "{{ lookup('ansible.builtin.file', inventory_hostname ~ '.yml') | from_yaml }}"
  check_mode: true
  diff: true
  register: drift

- name: Put back a saved state, but no more than ten writes
  m365.defender.configuration:
    config: "{{ lookup('ansible.builtin.file', 'saved.yml') | from_yaml }}"
    max_writes_per_tenant: 10
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
    - New-SafeLinksPolicy Links for developers {DoNotRewriteUrls}
    - New-SafeLinksRule Links for developers {SafeLinksPolicy, SentToMemberOf}
    - Order-SafeLinksRule
    - Set-AtpPolicyForO365 {EnableATPForSPOTeamsODB}
diff:
  description: The options that were given and differ, before and after. Empty if nothing differs.
  returned: success, in diff mode
  type: list
  elements: dict
  contains:
    before_header:
      description: What the difference is about.
      type: str
      sample: safe_links_policy Links for everybody
    after_header:
      description: The same again.
      type: str
      sample: safe_links_policy Links for everybody
    before:
      description: The given options as they were found.
      type: dict
    after:
      description: The given options as they are now.
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
      sample: the caller has no role that allows this
    tried:
      description: What was being done.
      type: str
      sample: Set-SafeLinksPolicy Links for everybody
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

from ansible_collections.m365.defender.plugins.module_utils._bulk import CONFIGURATION
from ansible_collections.m365.defender.plugins.module_utils._module import run

if __name__ == "__main__":
    run(CONFIGURATION)
