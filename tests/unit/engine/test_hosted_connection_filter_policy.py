# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is peculiar to the connection filter: addresses in three forms, which can't stand together in a whole list."""

from __future__ import annotations

import pytest

from ansible_collections.m365.defender.plugins.module_utils._plan import plan
from ansible_collections.m365.defender.plugins.module_utils.resources.hosted_connection_filter_policy import (
    HOSTED_CONNECTION_FILTER_POLICY as FILTER,
)

TABLE = {"@odata.type": "#Exchange.GenericHashTable"}


def sent(wish, **found):
    row = {"Name": "Default", "Identity": "Default", "IPAllowList": [], "IPBlockList": [], "EnableSafeList": False, **found}
    operations = plan(FILTER, {"HostedConnectionFilterPolicy": [row]}, [wish]).operations
    return dict(operations[0].parameters) if operations else {}


def test_a_list_is_changed_by_what_is_added_and_removed():
    wish = {"ip_allow_list": ["192.0.2.1", "192.0.2.8-192.0.2.20", "203.0.113.0/25"]}
    assert sent(wish) == {"IPAllowList": {**TABLE, "Add": wish["ip_allow_list"]}}
    assert sent(wish, IPAllowList=["203.0.113.0/25", "198.51.100.7"]) == {
        "IPAllowList": {**TABLE, "Add": ["192.0.2.1", "192.0.2.8-192.0.2.20"], "Remove": ["198.51.100.7"]}
    }
    assert sent({"ip_allow_list": ["192.0.2.1"]}, IPAllowList=["192.0.2.1", "192.0.2.2"]) == {
        "IPAllowList": {**TABLE, "Remove": ["192.0.2.2"]}
    }


def test_a_list_is_emptied_by_the_empty_table():
    assert sent({"ip_block_list": []}, IPBlockList=["192.0.2.1"]) == {"IPBlockList": TABLE}


def test_blanks_and_order_do_not_matter():
    assert sent({"ip_block_list": ["192.0.2.8 - 192.0.2.20", "192.0.2.1"]}, IPBlockList=["192.0.2.1", "192.0.2.8-192.0.2.20"]) == {}


@pytest.mark.parametrize("entry", ["192.0.2.1", "192.0.2.0-192.0.2.255", "192.0.2.0/24", "192.0.2.1/32", "192.0.2.3/25"])
def test_what_an_entry_can_be(entry):
    assert FILTER.wrong({"ip_allow_list": [entry], "ip_block_list": [entry]}) == []


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        ("2001:db8::1", "IPv4"),
        ("mail.contoso.com", "IPv4"),
        ("192.0.2.1-", "IPv4"),
        ("192.0.2.0/23", "/24 to /32"),
        ("192.0.2.0/", "/24 to /32"),
        ("192.0.2.0-192.0.3.0", "257"),
        ("192.0.2.9-192.0.2.1", "-7"),
        ("", "IPv4"),
    ],
)
def test_what_it_can_not_be(entry, why):
    (wrong,) = FILTER.wrong({"ip_allow_list": [entry]})
    assert wrong.startswith("ip_allow_list must have") and why in wrong


def test_a_list_has_an_end():
    most = [f"192.0.{high}.{low}" for high in range(5) for low in range(256)][:1273]
    assert FILTER.wrong({"ip_block_list": most}) == []
    assert FILTER.wrong({"ip_block_list": [*most, "198.51.100.1"]}) == ["ip_block_list must have at most 1273 members, not 1274"]
