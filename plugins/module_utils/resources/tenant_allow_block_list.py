# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Tenant Allow/Block List: senders, addresses of pages, files and IPv6 addresses, each allowed or blocked."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._description import Query, Row
from ansible_collections.m365.defender.plugins.module_utils._entries import ALLOW, BLOCK, EntryList, EntryLists
from ansible_collections.m365.defender.plugins.module_utils._room import Room
from ansible_collections.m365.defender.plugins.module_utils._types import Name, Text
from ansible_collections.m365.defender.plugins.module_utils.readers._licences import plans_of, products_of


@dataclass(frozen=True)
class Sender(Name):
    """A domain, everything below one (*.contoso.com), or an address. [doc] tenant-allow-block-list-email-spoof-configure"""

    def wrong(self, value: Any) -> str:
        if re.fullmatch(r"[^\s@]+@[^\s@]+", value) or re.fullmatch(r"\*\.[\w-]+(\.[\w-]+)*|[\w-]+(\.[\w-]+)+", value):
            return ""
        return "is neither a domain nor an e-mail address"


@dataclass(frozen=True)
class Url(Name):
    """An address of a page without protocol, port and user. [doc] New-TenantAllowBlockListItems"""

    def wrong(self, value: Any) -> str:
        if not value or re.search(r"\s", value) or "://" in value or re.match(r"[^/?]*@", value):
            return "is no address of a page: leave out the protocol, the port and the user, and put no blanks in it"
        return "" if len(value) <= 250 else "has more than 250 characters"


@dataclass(frozen=True)
class FileHash(Name):
    """SHA-256 of a file. [doc]"""

    def show(self, value: Any) -> Any:
        return str(value).lower()

    def wrong(self, value: Any) -> str:
        return "" if re.fullmatch(r"[0-9A-Fa-f]{64}", value) else "is no SHA-256 in 64 hexadecimal digits"


@dataclass(frozen=True)
class Ipv6(Name):
    """An IPv6 address or range of 1 to 128 bits. [doc] How the service spells them is not known, so they are compared by meaning."""

    def show(self, value: Any) -> Any:
        try:
            return str(ipaddress.IPv6Interface(value)).removesuffix("/128")
        except ValueError:
            return value

    def wrong(self, value: Any) -> str:
        try:
            found = ipaddress.IPv6Interface(value)
            if found.scope_id is None:
                return "" if found.network.prefixlen else "is a range of 0 bits"
        except ValueError:
            pass
        return "is no IPv6 address or range (the service takes no others)"


def _plan(skus: Sequence[Row]) -> str:
    return str(products_of(plans_of(skus))["defender_for_office_365"])


# [doc] tenant-allow-block-list-urls-configure, and the same for senders, files and IPv6 addresses
ROOM = Room(
    service="graph",
    query=Query("subscribedSkus"),
    plan=_plan,
    sizes={"none": {ALLOW: 500, BLOCK: 500}, "plan1": {ALLOW: 1000, BLOCK: 1000}, "plan2": {ALLOW: 5000, BLOCK: 10000}},
    said="Of each type there may be 500 allowed and 500 blocked without Defender for Office 365, 1000 and 1000 with plan 1, 5000 and 10000 "
    "with plan 2.",
)


TENANT_ALLOW_BLOCK_LIST = EntryLists(
    kind="tenant_allow_block_list",
    service="exchange",
    blurb="Tenant Allow/Block List",
    noun="TenantAllowBlockListItems",
    lists=(
        EntryList("Sender", Sender()),
        EntryList("Url", Url()),
        EntryList("FileHash", FileHash()),
        EntryList("IP", Ipv6(), lingers=()),
        EntryList("Url", Url(), sub_type="AdvancedDelivery", actions=(ALLOW,), lingers=()),
    ),
    # No source says how many entries one call takes; the portal takes 20 at once. [guess]
    batch=100,
    room=ROOM,
    # Longer ones are refused together with the whole call; Microsoft does not document it. [code] a published field report of 2026-08
    notes=Text(longest=100),
    days=(45,),
    left_out={
        "LogExtraDetails": "Microsoft does not describe it",
        "OutputJson": "changes the form of the answer, not the list",
        "SubmissionID": "reserved for internal use",
    },
)
