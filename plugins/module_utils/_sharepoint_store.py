# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SharePoint as the engine sees it: one noun with one row. Private to the collection."""

from __future__ import annotations

from collections.abc import Sequence

from ansible_collections.m365.defender.plugins.module_utils._errors import Refused, TenantError
from ansible_collections.m365.defender.plugins.module_utils._resource import Operation, Query
from ansible_collections.m365.defender.plugins.module_utils._sharepoint import SharePoint
from ansible_collections.m365.defender.plugins.module_utils._stores import Answers

NOUN = "SPOTenant"  # as the cmdlets Get- and Set-SPOTenant call it


class TenantObject:
    """The tenant's settings in SharePoint: read whole, changed one by one."""

    def __init__(self, sharepoint: SharePoint) -> None:
        self._sharepoint = sharepoint

    def read(self, queries: Sequence[Query]) -> Answers:
        answers: Answers = {}
        for query in queries:
            try:
                answers[query] = [self._sharepoint.read()]
            except TenantError as error:
                if error.status is None:
                    raise
                answers[query] = error
        return answers

    def do(self, operation: Operation) -> str:
        if (operation.verb, operation.noun) != ("Set", NOUN):
            raise Refused("SharePoint's tenant can only be set", tried=str(operation), service="sharepoint")
        return self._sharepoint.set(str(operation.identity), operation.parameters, f"{operation.verb}-{operation.noun}")
