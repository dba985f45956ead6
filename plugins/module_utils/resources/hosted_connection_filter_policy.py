# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The connection filter: which servers are let in or turned away before their mail is looked at. One object in a tenant."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address
from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._resource import Field, Life, Part, Resource
from ansible_collections.m365.defender.plugins.module_utils._types import EMPTY_HASHTABLE, Bool, Kind, MultiValued, Name, Text
from ansible_collections.m365.defender.plugins.module_utils.resources._recipients import RESERVED

LARGEST, MOST = 256, 1273  # addresses in one range, entries in one list. [doc]


@dataclass(frozen=True)
class IpRange(Name):
    """IPv4 only: one address, a range of at most 256 (192.0.2.1-192.0.2.20), or a network from /24 to /32. [doc]"""

    def write(self, value: Any) -> Any:
        return self.show(value)

    def show(self, value: Any) -> Any:
        return re.sub(r"\s+", "", str(value))

    def wrong(self, value: Any) -> str:
        text = self.show(value)
        first, dash, last = text.partition("-")
        address, slash, bits = text.partition("/")
        try:
            if dash:
                size = int(IPv4Address(last)) - int(IPv4Address(first)) + 1
                return "" if 1 <= size <= LARGEST else f"must have ranges of 1 to {LARGEST} addresses, not {size} as in {value}"
            IPv4Address(address)
        except AddressValueError:
            return f"must have IPv4 addresses, ranges such as 192.0.2.1-192.0.2.20, or networks such as 192.0.2.0/24, not {value}"
        if slash and not (bits.isdigit() and 24 <= int(bits) <= 32):
            return f"must have networks from /24 to /32, not {value}"
        return ""


@dataclass(frozen=True)
class IpRanges(MultiValued):
    """Changed by what is added and removed, because addresses, ranges and networks can't stand side by side in a whole list. [doc]"""

    of: Kind = IpRange()

    def change(self, before: Any, after: Any) -> Any:
        had, wish = self.show(before), self.show(after)
        steps = {"Add": [one for one in wish if one not in had], "Remove": [one for one in had if one not in wish]}
        return {**EMPTY_HASHTABLE, **{step: some for step, some in steps.items() if some}} if wish else self.cleared()


HOSTED_CONNECTION_FILTER_POLICY = Resource(
    kind="hosted_connection_filter_policy",
    service="exchange",
    blurb="connection filter policy",
    parts=(
        Part(
            "HostedConnectionFilterPolicy",
            (
                Field("AdminDisplayName", Text(longest=255)),
                # The reference of the cmdlet calls it reserved, yet it is the portal's "Turn on safe list", and many clients set it. [code]
                Field("EnableSafeList", Bool()),
                Field("IPAllowList", IpRanges(most=MOST)),
                Field("IPBlockList", IpRanges(most=MOST)),
            ),
            life=Life.FIXED,
            left_out={"ConfigurationXmlRaw": RESERVED, "MakeDefault": RESERVED},
        ),
    ),
)
