# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: safe_links_policy
short_description: Manage Safe Links policies and their rules
version_added: 1.0.0
author:
  - The m365.defender contributors (@m365-defender)
description:
  - Makes, changes or removes a Safe Links policy of Microsoft Defender for Office 365, together with the rule that says to whom it
    applies.
  - Safe Links looks at the links of a message before it is delivered, and again at the moment when somebody clicks one in a message, in
    Teams or in an Office file.
  - Only options that are given are compared and set. An option that is left out keeps its value in an existing policy and gets
    Microsoft's default in a new one.
  - The descriptions name that default, which is what the cmdlet gives and not always what the portal offers, and the values that
    Microsoft recommended on 2026-08-10 for its protection levels Standard and Strict.
options:
  name:
    description:
      - The policy's name. Upper and lower case do not matter.
      - The name is how the policy is found, so this module cannot change it.
    type: str
    required: true
  state:
    description:
      - V(present) makes the policy if there is none of that name, and changes what differs if there is one.
      - V(absent) removes the rule and then the policy. Its recipients then get the next policy whose rule covers them, in the end
        Built-in protection.
    type: str
    choices: [present, absent]
    default: present
  admin_display_name:
    description:
      - A remark for administrators. Users do not see it. An empty text removes it.
    type: str
  allow_click_through:
    description:
      - Whether people may go on to the site from the page that warns them of it. If not, the page is a dead end.
      - New policy V(false) (in the portal V(true)), Standard and Strict V(false).
    type: bool
  custom_notification_text:
    description:
      - Your own text on the warning page instead of Microsoft's. An empty text goes back to Microsoft's.
      - New policy empty; Microsoft recommends nothing.
    type: str
  deliver_message_after_scan:
    description:
      - Whether a message with links waits until they have been looked at. If not, a message whose links take too long is delivered
        unchecked.
      - Has an effect only with O(scan_urls=true).
      - New policy V(true), Standard and Strict V(true).
    type: bool
  disable_url_rewrite:
    description:
      - Whether links stay as they are in the message. The check at the time of the click is then left to the mail program, and only
        current versions of Outlook make it; other programs open the link unchecked.
      - With V(false) links are replaced by ones that lead through Microsoft's check, which works in every mail program.
      - New policy V(false) (in the portal V(true)), Standard and Strict V(false).
    type: bool
  do_not_rewrite_urls:
    description:
      - Links that are neither replaced nor looked at while the message is delivered. They may still be blocked when clicked; Teams and
        Office on the web ignore the list.
      - An entry may hold up to three C(*). V(contoso.com/*) covers the site, V(*.contoso.com/*) everything below its subdomains. Leave
        out C(https://) to cover C(http://) too.
      - The list is the whole list; its order and upper and lower case do not matter. An empty list removes all entries.
      - Each entry is a hole. New policy none, Standard and Strict none.
    type: list
    elements: str
  enable_for_internal_senders:
    description:
      - Whether mail between people of the organization is covered too. This is what stops a hijacked mailbox from phishing its
        colleagues.
      - New policy V(true), Standard and Strict V(true). Built-in protection has V(false).
    type: bool
  enable_organization_branding:
    description:
      - Whether warning pages carry the organization's logo and colours, which have to be uploaded in the Microsoft 365 admin center
        first.
      - New policy V(false); Microsoft recommends nothing.
    type: bool
  enable_safe_links_for_email:
    description:
      - Whether links in mail are covered at all.
      - New policy V(true), Standard and Strict V(true).
    type: bool
  enable_safe_links_for_office:
    description:
      - Whether links in files are checked when they are clicked in Office programs on computers, phones and the web. The files are not
        changed.
      - New policy V(true), Standard and Strict V(true).
    type: bool
  enable_safe_links_for_teams:
    description:
      - Whether links in chats, channels and tabs of Teams are checked when they are clicked. Messages are not changed. A change can
        take a day to work.
      - New policy V(true), Standard and Strict V(true).
    type: bool
  scan_urls:
    description:
      - Whether links are not only looked up but visited and judged, including files that they lead to.
      - New policy V(true), Standard and Strict V(true).
    type: bool
  track_clicks:
    description:
      - Whether it is recorded who clicked which link. Investigations and alerts about clicks need this.
      - New policy V(true), Standard and Strict V(true).
    type: bool
extends_documentation_fragment:
  - m365.defender.tenant
  - m365.defender.attributes
  - m365.defender.attributes.writes
  - m365.defender.exchange
  - m365.defender.rule
notes:
  - Needs a licence of Microsoft Defender for Office 365, plan 1 or 2. Without one the service does not know the cmdlets, and the task
    says so.
  - Policies of the preset security policies and Built-in protection are Microsoft's. A wanted difference to one of them is refused with
    the reason; asking for what they have is C(ok).
  - Calls C(Get-), C(New-), C(Set-) and C(Remove-SafeLinksPolicy) and C(Get-), C(New-), C(Set-), C(Remove-), C(Enable-) and
    C(Disable-SafeLinksRule).
  - The parameter C(UseTranslatedNotificationText) is not an option, because the service never returns it and a difference could not be
    seen.
seealso:
  - module: m365.defender.anti_phish_policy
  - module: m365.defender.atp_policy_for_o365
  - module: m365.defender.configuration
  - name: Safe Links in Microsoft Defender for Office 365
    description: What Safe Links does in mail, Teams and Office.
    link: https://learn.microsoft.com/defender-office-365/safe-links-about
  - name: Recommended settings
    description: Microsoft's values for Standard and Strict.
    link: https://learn.microsoft.com/defender-office-365/recommended-settings-for-eop-and-office365
"""

EXAMPLES = r"""
- name: Protect everybody at the level Standard
  m365.defender.safe_links_policy:
    name: Links for everybody
    admin_display_name: Kept by Ansible
    enable_safe_links_for_email: true
    enable_safe_links_for_teams: true
    enable_safe_links_for_office: true
    enable_for_internal_senders: true
    scan_urls: true
    deliver_message_after_scan: true
    disable_url_rewrite: false
    allow_click_through: false
    track_clicks: true
    do_not_rewrite_urls: []
    rule:
      recipient_domain_is:
        - contoso.com
        - contoso.onmicrosoft.com

- name: Leave the links of one internal site alone for the developers, before all other rules
  m365.defender.safe_links_policy:
    name: Links for developers
    do_not_rewrite_urls:
      - build.contoso.com/*
    rule:
      priority: 0
      sent_to_member_of:
        - developers@contoso.com
      except_if_sent_to:
        - head.of.development@contoso.com

- name: Switch a rule off without losing its policy
  m365.defender.safe_links_policy:
    name: Links for the pilot group
    rule:
      enabled: false

- name: See whether anybody may click through, without changing anything
  m365.defender.safe_links_policy:
    name: Links for everybody
    allow_click_through: false
  check_mode: true
  diff: true
  register: links
  failed_when: links is changed or links is failed

- name: Remove a policy and its rule
  m365.defender.safe_links_policy:
    name: Links for the pilot group
    state: absent
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
    - Set-SafeLinksPolicy Links for everybody {AllowClickThrough, DoNotRewriteUrls}
    - Enable-SafeLinksRule Links for everybody
object:
  description:
    - The policy as it is after the task, or in check mode as it would be, with every setting under the name of its option.
    - The key C(rule) is there if the policy has a rule. Nothing if there is no such policy.
  returned: success
  type: dict
  sample:
    name: Links for everybody
    admin_display_name: Kept by Ansible
    allow_click_through: false
    custom_notification_text: ""
    deliver_message_after_scan: true
    disable_url_rewrite: false
    do_not_rewrite_urls: []
    enable_for_internal_senders: true
    enable_organization_branding: false
    enable_safe_links_for_email: true
    enable_safe_links_for_office: true
    enable_safe_links_for_teams: true
    scan_urls: true
    track_clicks: true
    rule:
      comments: ""
      sent_to: []
      sent_to_member_of: []
      recipient_domain_is: [contoso.com, contoso.onmicrosoft.com]
      except_if_sent_to: []
      except_if_sent_to_member_of: []
      except_if_recipient_domain_is: []
      enabled: true
      priority: 0
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

from ansible_collections.m365.defender.plugins.module_utils._module import run
from ansible_collections.m365.defender.plugins.module_utils.resources.safe_links_policy import SAFE_LINKS_POLICY

if __name__ == "__main__":
    run(SAFE_LINKS_POLICY)
