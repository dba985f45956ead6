# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Making an organization's Exchange settings its own: once, for ever, and slowly. Private to the collection."""

from __future__ import annotations

import re

from ansible_collections.m365.defender.plugins.module_utils._description import Operation, Plan, Query, Values
from ansible_collections.m365.defender.plugins.module_utils._errors import OutcomeUnknown, Refused, TenantError
from ansible_collections.m365.defender.plugins.module_utils._task import Work, ledger_of
from ansible_collections.m365.defender.plugins.module_utils._tenant import Tenant
from ansible_collections.m365.defender.plugins.module_utils._waiting import pauses

KIND = "organization_customization"
SERVICE = "exchange"
CONFIG = Query("OrganizationConfig")
ENABLE = Operation("Enable", "OrganizationCustomization")
# What the cmdlet says to whoever runs it once more. [doc]
ENOUGH = re.compile(r"not required.*already enabled", re.IGNORECASE | re.DOTALL)
SLOW = (
    "The organization was told to become customizable, but does not show it yet. This takes minutes, by Microsoft's documentation up to "
    "an hour, and by reports up to a day; until then commands that need it are still refused."
)


def _dehydrated(tenant: Tenant) -> bool:
    """Whether the organization still shares Microsoft's settings. Raises TenantError when the service does not say."""
    rows = tenant.store(SERVICE).read([CONFIG])[CONFIG]
    if isinstance(rows, TenantError):
        raise rows.about(tried="Reading OrganizationConfig", tenant=tenant.label, service=SERVICE)
    if not rows or not isinstance(rows[0].get("IsDehydrated"), bool):
        raise TenantError(
            "the service does not say whether the organization is customized",
            tried="Reading OrganizationConfig",
            tenant=tenant.label,
            service=SERVICE,
            hint="This counts as a failed reading. If it stays, look at the caller's roles.",
        )
    return bool(rows[0]["IsDehydrated"])


def _enable(tenant: Tenant) -> str | None:
    """Runs the cmdlet and returns the request's id, or None if it says that it was run before."""
    try:
        return tenant.store(SERVICE).do(ENABLE)
    except Refused as error:
        if ENOUGH.search(error.text):
            return None
        raise
    except OutcomeUnknown as error:
        if _dehydrated(tenant):
            raise
        return error.request_id


def _shows(tenant: Tenant) -> bool:
    """Whether the change can be read by now; waits no longer than for any other change, because this one may take hours."""
    for pause in pauses(tenant.read_back_timeout):
        if not _dehydrated(tenant):
            return True
        tenant.wait(pause)
    return not _dehydrated(tenant)


def _do(tenant: Tenant, params: Values, check: bool, diff: bool) -> Values:
    before = _dehydrated(tenant)
    wanted = before and params["enable"]
    after, done, changed = before and not params["enable"], [str(ENABLE)] if wanted else [], wanted
    if wanted and not check:
        ledger = ledger_of(tenant, params)
        ledger.begin({KIND: Plan(({"dehydrated": True},), ({"dehydrated": False},), (ENABLE,))}, {})
        request_id = _enable(tenant)
        if request_id is None:
            done, changed = [], False
        else:
            ledger.note(KIND, ENABLE, request_id)
        after = not _shows(tenant)
        if after:
            tenant.warnings.append(SLOW)
    result: Values = {"changed": changed, "operations": done, "dehydrated": {"before": before, "after": after}}
    if diff:
        hunk = {"before_header": KIND, "after_header": KIND, "before": {"dehydrated": True}, "after": {"dehydrated": False}}
        result["diff"] = [hunk] if changed else []
    return result


ORGANIZATION_CUSTOMIZATION = Work(KIND, {"enable": {"type": "bool", "default": False}}, _do)
