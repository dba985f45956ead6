# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: tenant_allow_block_list
short_description: Manage entries of the Tenant Allow/Block List
version_added: 1.0.0
author:
  - The m365.defender contributors (@m365-defender)
description:
  - Adds, changes or removes entries of the Tenant Allow/Block List, which overrides what the filters of Exchange Online and Defender for
    Office 365 think of senders, addresses of pages, files and IPv6 addresses.
  - One task is about one list, that is one type of entry with one action, and takes as many entries as the list can hold. Entries that
    share their time and notes are written together, so ten thousand entries are a hundred writes.
  - Entries that are not named stay, unless O(exclusive=true).
  - Block entries outrank allow entries.
options:
  list_type:
    description:
      - What the entries are.
      - V(Sender) for e-mail addresses and domains, V(Url) for addresses of pages, V(FileHash) for files by their SHA-256 and V(IP) for
        IPv6 addresses and ranges. The service takes no IPv4 addresses; those belong to the connection filter.
    type: str
    choices: [Sender, Url, FileHash, IP]
    required: true
  list_sub_type:
    description:
      - V(Tenant) is the list that everybody means. V(AdvancedDelivery) is the one with the allowed URLs of phishing simulations by
        others than Microsoft, and exists only for O(list_type=Url) with O(action=allow).
    type: str
    choices: [Tenant, AdvancedDelivery]
    default: Tenant
  action:
    description:
      - Whether what the entries name is allowed or blocked.
      - Mail from a blocked sender and mail with a blocked URL or file is quarantined, and nobody in the organization can send mail to a
        blocked sender. Mail from a blocked IPv6 address is not accepted at all.
      - An allow entry is a hole. Microsoft lets senders, URLs and files be allowed directly only where the verdict is at most phishing;
        for malware and phishing of high confidence they have to be submitted to Microsoft.
    type: str
    choices: [allow, block]
    required: true
  entries:
    description:
      - The entries. Each is looked for in the list without regard to upper and lower case, and IPv6 addresses by what they mean.
      - An empty list together with O(exclusive=true) empties the list.
    type: list
    elements: dict
    required: true
    suboptions:
      entry:
        description:
          - The sender, URL, hash or address.
          - As a sender, V(contoso.com) does not cover subdomains and V(*.contoso.com) does. A URL has neither protocol nor port nor
            user and at most 250 characters; C(*) and C(~) are wildcards.
          - It cannot be changed afterwards. Another value is another entry.
        type: str
        required: true
      expires:
        description:
          - When the entry ends, in UTC, such as V(2027-01-31T12:00:00Z), or V(never).
          - The time must lie in the future, for block entries at most 90 days ahead and for allow entries at most 30. These limits are
            those of the portal; whether they hold here is not documented, and the service decides.
          - V(never) is for block entries, for IPv6 addresses and for URLs of phishing simulations. An allow entry of a sender, URL or file
            that has no end already may say so too. One that would be given none is refused before anything is written, in check mode too.
          - Left out, an entry that is there keeps its time. A new one gets Microsoft's, which is 30 days for block entries and 45 days
            after the last use for allow entries.
          - When the time has passed the service removes the entry and does not take it back. So an entry whose time has passed by the clock
            of the computer that runs the task is left out with a warning, neither made nor changed nor removed, and a saved list can be
            put back whatever has ended since.
        type: str
      remove_after:
        description:
          - How many days after it was last used an allow entry ends. Not for IPv6 addresses and phishing simulations. V(45) is the only
            value that the service takes.
          - Excludes O(entries[].expires).
        type: int
        choices: [45]
      notes:
        description:
          - A remark of at most 100 characters. The service refuses a longer one together with everything else in the same write, which
            Microsoft does not document.
          - Left out, it is left as it is. An empty text removes it.
        type: str
  exclusive:
    description:
      - Whether entries of this list that are not named are removed, those that people or submissions have made included. Entries with
        the other action, of another type or sub type are not touched.
    type: bool
    default: false
  state:
    description:
      - V(present) adds the entries that are missing and changes what differs.
      - V(absent) removes the entries that are named; what else is said of them means nothing then.
    type: str
    choices: [present, absent]
    default: present
extends_documentation_fragment:
  - m365.defender.tenant
  - m365.defender.attributes
  - m365.defender.attributes.writes
  - m365.defender.exchange
notes:
  - How many entries a list can hold depends on the licence. It is 500 allowed and 500 blocked of each type without Defender for Office
    365, 1000 and 1000 with plan 1, 5000 and 10000 with plan 2. More are refused before anything is written, in check mode too. The licences
    are read for this only where a type would grow beyond 500, by the Microsoft Graph permission C(LicenseAssignment.Read.All). Without it
    a warning says so, only more than any licence allows is refused, and the rest is left to the service.
  - URLs of phishing simulations count as allowed URLs here, which Microsoft does not document.
  - One write carries at most 100 entries. No source says how many the service takes, so this is a guess. Raise O(max_writes_per_tenant)
    for more than 5000 entries.
  - An entry has one action. One that stands in the list with the other action, or is wanted with both, is refused before anything is
    written, in check mode too, unless the same task of M(m365.defender.configuration) removes it there. That the service takes no such
    entry is told by other software, Microsoft365DSC, and not by Microsoft.
  - Entries are removed first, then changed, then added. An entry that goes from one action to the other in one task of
    M(m365.defender.configuration) is therefore in neither list for a moment.
  - Spoofed senders are another list, which this module does not know.
  - All lists are read, in one request and the pages behind it, because the service gives each list only by its type.
  - Calls C(Get-), C(New-), C(Set-) and C(Remove-TenantAllowBlockListItems).
  - The parameters C(LogExtraDetails), C(OutputJson) and C(SubmissionID) are not options. The first is not described by Microsoft, the
    second changes the form of the answer, and the third is reserved for Microsoft.
seealso:
  - module: m365.defender.configuration
  - name: Manage allows and blocks in the Tenant Allow/Block List
    description: What entries do, and which of them can be made directly.
    link: https://learn.microsoft.com/defender-office-365/tenant-allow-block-list-about
  - name: URL syntax for the Tenant Allow/Block List
    description: Wildcards and what they cover.
    link: https://learn.microsoft.com/defender-office-365/tenant-allow-block-list-urls-configure#url-syntax-for-the-tenant-allowblock-list
"""

EXAMPLES = r"""
- name: Block two pages for good
  m365.defender.tenant_allow_block_list:
    list_type: Url
    action: block
    entries:
      - entry: bad.example/login
        expires: never
        notes: INC-4711
      - entry: ~worse.example~
        expires: never
        notes: INC-4711

- name: Allow a partner's domain until it has not been needed for 45 days
  m365.defender.tenant_allow_block_list:
    list_type: Sender
    action: allow
    entries:
      - entry: fabrikam.com
        remove_after: 45
        notes: Newsletter, agreed with the service desk

- name: Block the hashes of a file and nothing else
  m365.defender.tenant_allow_block_list:
    list_type: FileHash
    action: block
    exclusive: true
    max_writes_per_tenant: 200
    entries: "{{ lookup('ansible.builtin.file', 'hashes.json') | from_json }}"

- name: No longer block an IPv6 network
  m365.defender.tenant_allow_block_list:
    list_type: IP
    action: block
    state: absent
    entries:
      - entry: 2001:db8:1::/48

- name: The pages of a phishing simulation
  m365.defender.tenant_allow_block_list:
    list_type: Url
    list_sub_type: AdvancedDelivery
    action: allow
    entries:
      - entry: "*.training.example"
        expires: never

- name: Turn an allowed sender into a blocked one
  m365.defender.configuration:
    config:
      tenant_allow_block_list:
        - list_type: Sender
          action: allow
          state: absent
          entries:
            - entry: adatum.com
        - list_type: Sender
          action: block
          entries:
            - entry: adatum.com
              expires: "2027-01-31T12:00:00Z"
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
    - "Remove-TenantAllowBlockListItems Url block: old.example"
    - "New-TenantAllowBlockListItems Url block: bad.example/login and 99 more {ListType, Block, Entries, NoExpiration, Notes}"
object:
  description:
    - The list as it is after the task, or in check mode as it would be, with all of its entries, in the form of the options. Empty if the
      list has none.
    - An entry that is added without a time gets one from the service, which check mode cannot foretell.
  returned: success
  type: dict
  sample:
    list_type: Url
    list_sub_type: Tenant
    action: block
    entries:
      - entry: bad.example/login
        expires: never
        notes: INC-4711
      - entry: ~worse.example~
        expires: "2027-01-31T12:00:00Z"
diff:
  description: The entries that differ and no others, before and after. Empty if nothing differs.
  returned: success, in diff mode
  type: list
  elements: dict
  contains:
    before_header:
      description: What the difference is about.
      type: str
      sample: tenant_allow_block_list Url block
    after_header:
      description: The same again.
      type: str
      sample: tenant_allow_block_list Url block
    before:
      description: The list, with those of its entries that are changed or removed, as they were found.
      type: dict
    after:
      description: The list, with those of its entries that are changed or added, as they are now.
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
      sample: "New-TenantAllowBlockListItems Url block: bad.example/login and 99 more"
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
from ansible_collections.m365.defender.plugins.module_utils.resources.tenant_allow_block_list import TENANT_ALLOW_BLOCK_LIST

if __name__ == "__main__":
    run(TENANT_ALLOW_BLOCK_LIST)
