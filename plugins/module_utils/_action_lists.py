# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lists of the portal's Action center, page by page. Private to the collection.

[live] paths, queries and answers; of the pending list only an empty answer was ever published, so that its items may look otherwise.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from ansible_collections.m365.defender.plugins.module_utils._errors import TenantError, Unavailable
from ansible_collections.m365.defender.plugins.module_utils._portal import Portal
from ansible_collections.m365.defender.plugins.module_utils._resource import Query

Row = dict[str, Any]

ACTION_LISTS = {"pending_actions": "pending", "history_actions": "history"}
PLACE = "/apiproxy/mtp/actionCenter/actioncenterui"
PAGE = 100  # what clients ask for. [code]
PAGES = 1_000
AGAIN = 3  # how often a list that changes while it is read is begun anew


def read_actions(portal: Portal, query: Query) -> list[Row]:
    """Every item of a list, newest first. query: pending_actions, or history_actions with fromDate and toDate. Raises TenantError."""
    tried = f"Reading the Action center's {ACTION_LISTS[query.noun]} actions"
    for dummy in range(AGAIN):
        rows = _pages(portal, query, tried)
        if rows is not None:
            return rows
    raise Unavailable(
        "the list changed each time while it was read",
        tried=tried,
        service="portal",
        status=200,
        hint="Somebody, or the service, decides actions right now. Run the task again.",
    )


def _pages(portal: Portal, query: Query, tried: str) -> list[Row] | None:
    """The items of all pages; None if their number changed in between, because items then move from page to page."""
    kind = ACTION_LISTS[query.noun]
    rows: list[Row] = []
    first: int | None = None
    for page in range(1, PAGES + 1):
        asked = {
            "type": kind,
            "useMtpApi": "true",
            "pageIndex": page,
            "pageSize": PAGE,
            "sortByField": "eventTime",
            "sortOrder": "Descending",
            **dict(query.parameters),
        }
        body = portal.get(f"{PLACE}/{kind}-actions/?{urlencode(asked)}", tried)
        found = body.get("Results") if isinstance(body, dict) else None
        count = body.get("Count") if isinstance(body, dict) else None
        if not isinstance(found, list) or not isinstance(count, int):
            raise TenantError("the portal gave an answer without Results and Count", tried=tried, service="portal", status=200)
        if first is not None and count != first:
            return None
        first = count
        rows += [one for one in found if isinstance(one, dict)]
        if len(rows) >= count:
            return rows
        if not found:
            return None
    raise TenantError(f"the list has more than {PAGES * PAGE} entries", tried=tried, service="portal", status=200)
