# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The domains for which the tenant receives mail."""

from __future__ import annotations

from ansible_collections.m365.defender.plugins.module_utils._errors import TenantError
from ansible_collections.m365.defender.plugins.module_utils._reader import Answers, Ask, Reader
from ansible_collections.m365.defender.plugins.module_utils._resource import Query, Values

DOMAINS = Ask("exchange", Query("AcceptedDomain"))


def _answer(options: Values, answers: Answers) -> Values:
    rows = answers[DOMAINS]
    if isinstance(rows, TenantError):
        raise rows
    domains = [
        {"domain": row["DomainName"], "default": bool(row.get("Default")), "type": row.get("DomainType", "")}
        for row in sorted(rows, key=lambda row: str(row["DomainName"]).casefold())
    ]
    return {"domains": domains, "names": [one["domain"] for one in domains]}


ACCEPTED_DOMAIN_INFO = Reader("accepted_domain_info", asks=lambda options: (DOMAINS,), answer=_answer)
