# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Applications and the APIs whose permissions they can have, as the directory shows them. Private to the collection.

An API is a service principal of the tenant, and its application permissions are that one's appRoles: their ids are looked up by name in
the tenant itself. [doc] Microsoft Graph
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._description import Query, Row, Values
from ansible_collections.m365.defender.plugins.module_utils._errors import BadInput, NotFound, Refused, TenantError
from ansible_collections.m365.defender.plugins.module_utils._tenant import Tenant

# [doc] Exchange; [code] Graph, Defender for Endpoint and SharePoint: public clients. Security & Compliance in GCC High and DoD [doc], and
# since August 2026 by the same page everywhere, though public clients found worldwide tokens to carry the permission of Exchange. [code]
APIS = {
    "graph": ("00000003-0000-0000-c000-000000000000", "Microsoft Graph"),
    "exchange": ("00000002-0000-0ff1-ce00-000000000000", "Office 365 Exchange Online"),
    "compliance": ("00000007-0000-0ff1-ce00-000000000000", "Microsoft Exchange Online Protection"),
    "defender": ("fc780465-2017-40d4-a0c5-307022471b92", "WindowsDefenderATP"),
    "sharepoint": ("00000003-0000-0ff1-ce00-000000000000", "Office 365 SharePoint Online"),
}
# A tenant that has never used Defender for Endpoint has no WindowsDefenderATP. [recall]
ABSENT = "the tenant has no {names}, so these permissions can't be given: the service was never used there, or its licence is missing"
PERMISSIONS_SPEC: dict[str, Any] = {"type": "dict", "options": {api: {"type": "list", "elements": "str"} for api in APIS}}
SERVICE = "graph"


def principal(app_id: str, members: str = "id,appId,displayName,accountEnabled") -> Query:
    """One service principal, by its application's id."""
    return Query(f"servicePrincipals(appId='{app_id}')", (("$select", members),))


API_QUERIES = {api: principal(number, "id,appId,displayName,appRoles") for api, (number, dummy) in APIS.items()}


def look(tenant: Tenant, queries: Iterable[Query], absent: Iterable[Query] = ()) -> dict[Query, list[Row]]:
    """The rows of each query. One of `absent` may not be there, and then has none. Raises TenantError: a failed reading is no absence."""
    asked, may_miss = list(queries), set(absent)
    answers = tenant.store(SERVICE).read(asked) if asked else {}
    found: dict[Query, list[Row]] = {}
    for query in asked:
        answer = answers[query]
        if isinstance(answer, NotFound) and query in may_miss:
            answer = []
        if isinstance(answer, TenantError):
            raise answer.about(tried=f"Reading {query.noun}", tenant=tenant.label, service=SERVICE)
        found[query] = answer
    return found


def wanted_permissions(options: Values) -> dict[str, list[str]] | None:
    """The option `permissions`, API by API, without those of which nothing is said; None when it is not given."""
    given = options.get("permissions")
    return None if given is None else {api: sorted(set(names)) for api, names in given.items() if names}


def present_apis(
    wanted: Mapping[str, Sequence[str]], apis: Mapping[str, Row | None], *, skip: bool
) -> tuple[dict[str, list[str]], list[str]]:
    """Of the permissions wanted those whose API the tenant has, and the names of the APIs it has not. Raises Refused unless `skip`."""
    missing = [APIS[api][1] for api in wanted if apis[api] is None]
    if missing and not skip:
        raise Refused(
            ABSENT.format(names=" and no ".join(missing)),
            tried="Looking for the permissions",
            service=SERVICE,
            hint="Leave them out, or set skip_missing_apis to have them left out wherever the API is missing.",
        )
    return {api: list(names) for api, names in wanted.items() if apis[api] is not None}, missing


def role_ids(api: str, row: Row, names: Iterable[str]) -> dict[str, str]:
    """The id of each application permission of an API, by name. Raises BadInput for a name that the API does not have."""
    known = {
        str(role.get("value")): str(role["id"])
        for role in row.get("appRoles") or ()
        if "Application" in (role.get("allowedMemberTypes") or ())
    }
    strange = [name for name in names if name not in known]
    if strange:
        raise BadInput(
            f"{APIS[api][1]} has no application permission {', '.join(strange)}",
            tried="Looking for the permissions",
            hint="Names are Microsoft's, with their capitals. Nothing was written.",
        )
    return {name: known[name] for name in names}


def role_names(row: Row | None) -> dict[str, str]:
    """The names of an API's application permissions by their ids."""
    return {str(role["id"]): str(role.get("value")) for role in (row or {}).get("appRoles") or ()}


def api_of(app_id: str) -> str:
    """What we call an API, or its application's id."""
    return next((api for api, (number, dummy) in APIS.items() if number == app_id.lower()), app_id.lower())
