# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: endpoint_features
short_description: Set the features of Defender for Endpoint that automated investigation leans on
version_added: 1.0.0
author:
  - The m365.defender contributors (@m365-defender)
description:
  - Sets those of the advanced features of Microsoft Defender for Endpoint, of the settings of live response, and of the connections to
    other products, that automated investigation and response leans on. There is always exactly one set of them in a tenant.
  - B(There is no supported API for this.) The module uses the API of the Defender portal itself, for a person who is signed in there.
    Microsoft may change or close it at any time. It works only with O(portal_session), so that nobody uses it unawares.
  - Only options that are given are compared and set. The portal saves the advanced features as a whole; what the module does not know is
    saved as it was read right before.
  - Not every tenant has every setting. One that the portal does not show in this tenant is refused if it is wanted, never made up.
options:
  automatically_resolve_alerts:
    description:
      - Whether an alert is resolved by itself when its automated investigation found nothing, or remediated what it found. Separate
        investigations of devices were retired by Microsoft on 2026-09-01, and what this switch does since then is not documented.
    type: bool
  edr_in_block_mode:
    description:
      - Whether Defender for Endpoint blocks and remediates on devices whose antivirus is another product.
    type: bool
  tamper_protection:
    description:
      - Whether the settings of Defender Antivirus are protected from being changed on the devices.
    type: bool
  custom_network_indicators:
    description:
      - Whether own indicators for addresses and domains allow and block connections.
    type: bool
  allow_or_block_file:
    description:
      - Whether files can be blocked by an own indicator.
    type: bool
  web_content_filtering:
    description:
      - Whether web sites can be blocked by their category.
    type: bool
  device_discovery:
    description:
      - Whether devices look for others in their network that are not onboarded. In the portal's traffic this switch says the opposite.
    type: bool
  defender_for_identity:
    description:
      - Whether data is shared with Defender for Identity. The portal does not show this switch any more, though its traffic has it.
    type: bool
  defender_for_cloud_apps:
    description:
      - Whether data is shared with Defender for Cloud Apps.
    type: bool
  intune_connection:
    description:
      - Whether Defender for Endpoint is connected to Intune. Intune has a switch of its own, which this module does not set.
    type: bool
  live_response:
    description:
      - Whether people with the right role may open a live response session on a device.
    type: bool
  live_response_for_servers:
    description:
      - Whether they may do so on servers too.
    type: bool
  live_response_unsigned_scripts:
    description:
      - Whether scripts that are not signed may run in such a session. Microsoft advises against it.
    type: bool
extends_documentation_fragment:
  - m365.defender.tenant
  - m365.defender.attributes
  - m365.defender.attributes.writes
notes:
  - The person whose session is used must be allowed to manage security settings, as Global Administrator and Security Administrator are.
  - After a save the settings are read until they show. A value that does not show after some seconds is saved once more, because a public
    client found that some need it. What does not show in the end is not claimed. The task fails.
  - The portal cannot say "only if nobody changed it". If somebody else saves advanced features between the reading and the saving, which
    follow each other at once, his change is lost, and nothing shows it.
  - The paths and forms of what is read come from published recordings of the portal's traffic, those of what is written from public
    clients.
seealso:
  - module: m365.defender.device_group
  - module: m365.defender.xdr_info
  - name: Advanced features
    description: What each feature does.
    link: https://learn.microsoft.com/defender-endpoint/advanced-features
"""

EXAMPLES = r"""
- name: Let Defender for Endpoint act, and nobody switch it off on a device
  m365.defender.endpoint_features:
    edr_in_block_mode: true
    tamper_protection: true
    automatically_resolve_alerts: true
    portal_session: "{{ portal_session }}"

- name: Live response, but with signed scripts only
  m365.defender.endpoint_features:
    live_response: true
    live_response_for_servers: true
    live_response_unsigned_scripts: false
    portal_session: "{{ portal_session }}"

- name: See what the tenant has, without changing anything
  m365.defender.endpoint_features:
    portal_session: "{{ portal_session }}"
  check_mode: true
  register: features

- name: Show what automated investigation does by itself
  ansible.builtin.debug:
    msg: "{{ features.object.automated_investigation }}, {{ features.object.attack_disruption | default('not known') }}"
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
    - Set-endpoint_features advanced features {EnableWdavPassiveModeRemediation}
object:
  description:
    - The settings as they are after the task, or in check mode as they would be, each under the name of its option; those that the tenant
      has not are missing.
    - There are also some that can only be looked at. C(automated_investigation), C(attack_disruption) and C(pua_as_suspicious) say whether
      these are on. C(automation_uploads) says which files are uploaded for a closer look, C(folder_exclusions) which folders are left
      out. The last two are known from public clients only.
    - C(unknown) says, by the portal's own names, why something could not be read.
  returned: success
  type: dict
  sample:
    automatically_resolve_alerts: true
    edr_in_block_mode: true
    tamper_protection: true
    custom_network_indicators: true
    allow_or_block_file: true
    web_content_filtering: false
    device_discovery: true
    defender_for_identity: false
    defender_for_cloud_apps: true
    intune_connection: true
    live_response: true
    live_response_for_servers: true
    live_response_unsigned_scripts: false
    automated_investigation: true
    pua_as_suspicious: false
    attack_disruption: true
    automation_uploads:
      cloud_upload: true
      upload_memory_content: false
      computer_file_extension: exe,dll,ps1
    folder_exclusions: []
    unknown: {}
diff:
  description: The options that were given and differ, before and after. Empty if nothing differs.
  returned: success, in diff mode
  type: list
  elements: dict
  contains:
    before_header:
      description: What the difference is about.
      type: str
      sample: endpoint_features
    after_header:
      description: The same again.
      type: str
      sample: endpoint_features
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
      sample: portal session
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
      sample: Reading endpoint_features
    tenant:
      description: The tenant.
      type: str
      sample: contoso.onmicrosoft.com
    service:
      description: Which service answered.
      type: str
      sample: portal
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

from ansible_collections.m365.defender.plugins.module_utils._module import run
from ansible_collections.m365.defender.plugins.module_utils.resources.endpoint_features import ENDPOINT_FEATURES

if __name__ == "__main__":
    run(ENDPOINT_FEATURES)
