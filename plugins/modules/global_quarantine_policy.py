# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: global_quarantine_policy
short_description: Manage how people are told of their messages in quarantine
version_added: 1.0.0
author:
  - The m365.defender contributors (@m365-defender)
description:
  - Changes the global quarantine policy of Exchange Online, which says how often, from whom and in which languages people are told of
    messages in quarantine. Whether they are told at all is a setting of each quarantine policy.
  - There is at most one in a tenant, so it has no name. While nobody has set anything, the service shows a placeholder; this module then
    makes the policy with what differs, and afterwards changes it.
  - Only options that are given are compared and set. An option that is left out keeps its value.
  - Microsoft recommends no values here.
options:
  end_user_spam_notification_custom_from_address:
    description:
      - The address from which notifications are sent. It must belong to somebody in the organization.
      - An empty text goes back to Microsoft's own address.
    type: str
  end_user_spam_notification_frequency:
    description:
      - How long to wait between two notifications to the same person. V(04:00:00) is four hours, V(1.00:00:00) a day and V(7.00:00:00)
        a week.
      - While it was never set, the service returns none.
    type: str
    choices: ['04:00:00', '1.00:00:00', '7.00:00:00']
  esn_custom_subject:
    description:
      - Your own subjects of the notifications, one for each language of O(multi_language_setting) and in that order.
      - The list is the whole list. An empty list goes back to Microsoft's subjects.
    type: list
    elements: str
  multi_language_custom_disclaimer:
    description:
      - Your own texts at the end of the notifications, one for each language of O(multi_language_setting) and in that order.
      - The list is the whole list. An empty list goes back to no text.
    type: list
    elements: str
  multi_language_sender_name:
    description:
      - The sender's names that people see, one for each language of O(multi_language_setting) and in that order.
      - The list is the whole list. An empty list goes back to Microsoft's name.
    type: list
    elements: str
  multi_language_setting:
    description:
      - The languages for which O(multi_language_sender_name), O(esn_custom_subject) and O(multi_language_custom_disclaimer) give texts.
        Their order counts, because it is that of the texts.
      - V(Default) is the language of the organization, and what mailboxes in American English get. V(English) is every other English.
      - The list is the whole list. To empty it, empty the texts too.
    type: list
    elements: str
    choices:
      - Default
      - Amharic
      - Arabic
      - Basque
      - BengaliIndia
      - Bulgarian
      - Catalan
      - ChineseSimplified
      - ChineseTraditional
      - Croatian
      - Cyrillic
      - Czech
      - Danish
      - Dutch
      - English
      - Estonian
      - Filipino
      - Finnish
      - French
      - Galician
      - German
      - Greek
      - Gujarati
      - Hebrew
      - Hindi
      - Hungarian
      - Icelandic
      - Indonesian
      - Italian
      - Japanese
      - Kannada
      - Kazakh
      - Korean
      - Latvian
      - Lithuanian
      - Malay
      - Malayalam
      - Marathi
      - Norwegian
      - NorwegianNynorsk
      - Odia
      - Persian
      - Polish
      - Portuguese
      - PortuguesePortugal
      - Romanian
      - Russian
      - Serbian
      - SerbianCyrillic
      - Slovak
      - Slovenian
      - Spanish
      - Swahili
      - Swedish
      - Tamil
      - Telugu
      - Thai
      - Turkish
      - Ukrainian
      - Urdu
      - Vietnamese
  organization_branding_enabled:
    description:
      - Whether notifications carry the organization's logo instead of Microsoft's. It has to be uploaded in the Microsoft 365 admin center
        first.
      - New tenant V(false).
    type: bool
extends_documentation_fragment:
  - m365.defender.tenant
  - m365.defender.attributes
  - m365.defender.attributes.writes
  - m365.defender.exchange
notes:
  - The four lists belong together. If what a task gives, together with what is there already, would leave lists of different length, it is
    refused before anything is sent. A text that is left out altogether may stay empty for all languages.
  - This module cannot remove the policy. No source says whether the service would let it.
  - That several of the settings are accepted when the policy is made is what a published client does; Microsoft's reference documents
    them for later changes only.
  - Calls C(Get-), C(New-) and C(Set-QuarantinePolicy) with the type C(GlobalQuarantinePolicy). The service calls the policy
    C(DefaultGlobalTag), and the placeholder C(DefaultGlobalPolicy).
seealso:
  - module: m365.defender.quarantine_policy
  - module: m365.defender.configuration
  - name: Quarantine notifications
    description: What people see, and how they act on it.
    link: https://learn.microsoft.com/defender-office-365/quarantine-quarantine-notifications
"""

EXAMPLES = r"""
- name: Tell people every four hours
  m365.defender.global_quarantine_policy:
    end_user_spam_notification_frequency: '04:00:00'

- name: In two languages, from an address of our own and with our logo
  m365.defender.global_quarantine_policy:
    end_user_spam_notification_custom_from_address: quarantine@contoso.com
    organization_branding_enabled: true
    multi_language_setting:
      - Default
      - German
    multi_language_sender_name:
      - Contoso mail protection
      - Contoso E-Mail-Schutz
    esn_custom_subject:
      - You have messages in quarantine
      - Sie haben Nachrichten in der Quarantäne
    multi_language_custom_disclaimer:
      - Questions? Ask the help desk.
      - Fragen? Der Help Desk hilft.

- name: Go back to Microsoft's own texts
  m365.defender.global_quarantine_policy:
    multi_language_setting: []
    multi_language_sender_name: []
    esn_custom_subject: []
    multi_language_custom_disclaimer: []

- name: See how often people are told, without changing anything
  m365.defender.global_quarantine_policy:
  register: notifications

- name: Show it
  ansible.builtin.debug:
    msg: "{{ notifications.object.end_user_spam_notification_frequency | default('never set') }}"
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
    - New-QuarantinePolicy DefaultGlobalTag {Name, QuarantinePolicyType, EndUserSpamNotificationFrequency}
object:
  description:
    - The policy as it is after the task, or in check mode as it would be, with every setting under the name of its option.
    - A setting that was never set may be missing.
  returned: success
  type: dict
  sample:
    end_user_spam_notification_custom_from_address: ""
    end_user_spam_notification_frequency: '04:00:00'
    esn_custom_subject: []
    multi_language_custom_disclaimer: []
    multi_language_sender_name: []
    multi_language_setting: []
    organization_branding_enabled: false
diff:
  description: The options that were given and differ, before and after. Empty if nothing differs.
  returned: success, in diff mode
  type: list
  elements: dict
  contains:
    before_header:
      description: What the difference is about.
      type: str
      sample: global_quarantine_policy
    after_header:
      description: The same again.
      type: str
      sample: global_quarantine_policy
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
      sample: Set-QuarantinePolicy DefaultGlobalTag
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

from ansible_collections.m365.defender.plugins.module_utils._module import run
from ansible_collections.m365.defender.plugins.module_utils.resources.global_quarantine_policy import GLOBAL_QUARANTINE_POLICY

if __name__ == "__main__":
    run(GLOBAL_QUARANTINE_POLICY)
