#!/usr/bin/python
# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: report
short_description: Judge the steps of a tenant, print the verdicts and keep them in a file
version_added: 1.0.0
description:
  - Says for each step of automated investigation and response whether the tenant is C(compliant), C(not_compliant), C(not_applicable),
    C(unknown) or C(manual), on what evidence, and what to do.
  - It looks only at the results of other tasks that are handed in. It asks no service and never counts as a change.
  - Where nothing was read, what people attest is used; the verdict names who said so and until when, and believes it no longer than that.
    What was read is never overridden, and a contradiction is said.
  - The roles of this collection hand in what they registered; see the playbook C(m365.defender.air).
  - Fails the host, after printing and keeping the report, when a step was stopped by an error.
author: The m365.defender contributors (@m365-defender)
options:
  tenant:
    description: How the tenant is called in the heading when no result says it. The name of the inventory host when left out.
    type: str
    default: ""
  identity:
    description: Who asks, for the heading when no result says it, such as the client id of the application.
    type: str
    default: ""
  endpoint:
    description: What is asked instead of the real service, O(m365.defender.configuration_info#module:endpoint), for when no result says it.
    type: str
    default: ""
  cloud:
    description:
      - Which cloud the tenant lives in, for when no result says it. Links to the Defender portal lead to that cloud's.
      - Taken from the environment variable E(M365_CLOUD) if it is not given.
    type: str
    choices: [commercial, gcc, gcc_high, dod, china]
  steps:
    description:
      - What each step's tasks returned, by short names; only the steps that were run.
      - Empty results count as tasks that did not run. C(stopped) is the result that ended a step early.
    type: dict
    required: true
    suboptions:
      prerequisites:
        description:
          - C(licenses), C(permissions) and C(devices), as the modules license_info, permission_info and device_info return them.
          - C(workloads), C(approvers) and C(reachability), as workload_info, approver_info and reachability_info return them.
        type: dict
      device_groups:
        description:
          - C(licenses); C(devices), as device_info returned them; C(current), as configuration_info returned it; C(result), as
            configuration returned it.
          - C(level), C(levels), what was asked for; C(plan), what the filter raised made of it.
          - C(features), as configuration_info or endpoint_features returned them.
        type: dict
      email_protection:
        description:
          - C(licenses); C(current) and C(alerts), as configuration_info returned them; the results of configuration by kind.
        type: dict
      xdr:
        description: C(state), as xdr_info returned it.
        type: dict
      action_center:
        description:
          - C(pending), as pending_action_info returned it; C(history), as action_history_info returned it; C(max_pending_age), in days.
        type: dict
  folder:
    description: Where the report is kept, in a file that is called after the inventory host. Made when missing.
    type: path
    default: m365_reports
  width:
    description: The widest line of the table, in columns; what the terminal has, at most 140, when 0.
    type: int
    default: 0
attributes:
  check_mode:
    description: Prints and keeps the report as ever; that is no change of the tenant.
    support: full
  diff_mode:
    description: There is nothing to show a difference of.
    support: none
notes:
  - It exists as an action only, because a module can't print.
extends_documentation_fragment:
  - m365.defender.attestations
"""

EXAMPLES = r"""
- name: See whether Defender XDR is on
  m365.defender.xdr_info:
    tenant_id: contoso.onmicrosoft.com
  register: state

- name: Say so
  m365.defender.report:
    steps:
      xdr:
        state: "{{ state }}"
    attestations:
      - setting: defender_xdr
        value: "on"
        by: kim@contoso.com
        when: "2026-11-02"
        expires: "2027-02-01"
"""

RETURN = r"""
report:
  description: The report. C(docs/report.schema.json) of this collection describes every key.
  returned: success
  type: dict
  contains:
    version:
      description: Of this structure; new keys may come without raising it.
      type: int
      returned: always
    answer:
      description:
        - Whether automated investigation and response is C(configured), V(yes), V(no), V(not_proved) or V(not_applicable), with evidence.
        - C(mail) and C(devices) say the same of the investigations of each. Those of devices are retired, and never compliant.
      type: dict
      returned: always
    controls:
      description: The same as control 2.4.5 of the CIS Microsoft 365 Foundations Benchmark, with C(verdict), C(as_written) and C(parts).
      type: list
      elements: dict
      returned: always
    attestations:
      description: What was attested, each with its C(state), V(used), V(agrees), V(contradicted), V(expired), V(replaced) or V(not_needed).
      type: list
      elements: dict
      returned: always
    attestable:
      description: What somebody could attest so that less stays open.
      type: list
      elements: dict
      returned: always
    retired:
      description: What investigations of devices no longer produce, so that it proves nothing.
      type: list
      elements: dict
      returned: always
    warnings:
      description: Attestations that have expired, or that what was read contradicts; and what tasks warned of.
      type: list
      elements: str
      returned: always
    verdict:
      description: The gravest verdict of all steps that apply.
      type: str
      returned: always
      sample: not_compliant
    steps:
      description: A verdict for each step that was run, with evidence, remedy, findings and what was or would be changed.
      type: list
      elements: dict
      returned: always
    real:
      description:
        - Whether the real service was asked, and not one put before it by O(m365.defender.configuration_info#module:endpoint); null if
          nobody was.
      type: bool
      returned: always
    operations:
      description: Everything that was changed, or in check mode would be.
      type: list
      elements: str
      returned: always
    refused:
      description: How many of the writes a service refused. Mostly the step ends with it; a few are repeated, or are no error.
      type: int
      returned: always
    failed_steps:
      description: The steps that were stopped by an error.
      type: list
      elements: str
      returned: always
failed_steps:
  description: The steps that were stopped by an error, when the host is failed for them.
  returned: failure
  type: list
  elements: str
path:
  description: The file that holds the report.
  returned: always
  type: str
  sample: /home/operator/m365_reports/contoso.json
"""
