# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an app registration is and what makes it so: the application, its service principal at home, how it signs in. Private.

[doc] Microsoft Graph: application, keyCredential, federatedIdentityCredential. No secret is ever made.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._converging import LATER
from ansible_collections.m365.defender.plugins.module_utils._description import Operation, Plan, Query, Row, Values
from ansible_collections.m365.defender.plugins.module_utils._errors import Refused
from ansible_collections.m365.defender.plugins.module_utils._principals import (
    API_QUERIES,
    APIS,
    SERVICE,
    api_of,
    look,
    present_apis,
    principal,
    role_ids,
    role_names,
    wanted_permissions,
)
from ansible_collections.m365.defender.plugins.module_utils._public_keys import PublicKey, thumbprint_of
from ansible_collections.m365.defender.plugins.module_utils._tenant import Tenant

AUDIENCES = {"single_tenant": "AzureADMyOrg", "multiple_tenants": "AzureADMultipleOrgs"}
# For whom an outside token has to be made so that Entra takes it. [code] terraform-provider-microsoft365
EXCHANGED = {
    "commercial": "api://AzureADTokenExchange",
    "gcc": "api://AzureADTokenExchange",
    "gcc_high": "api://AzureADTokenExchangeUSGov",
    "dod": "api://AzureADTokenExchangeUSGov",
    "china": "api://AzureADTokenExchangeChina",
}


@dataclass(frozen=True)
class Registered:
    """What the directory says. application: None when it is not there. apis: None for one that the tenant lacks."""

    application: Row | None = None
    principal: Row | None = None
    federated: Sequence[Row] = ()
    apis: Mapping[str, Row | None] = field(default_factory=dict)


def read_registration(tenant: Tenant, name: str) -> Registered:
    """What there is of a name. Raises TenantError; Refused when several applications have that name, which Entra allows."""
    text = name.replace("'", "''")
    listing = Query("applications", (("$filter", f"displayName eq '{text}'"),))
    first = look(tenant, (listing, *API_QUERIES.values()), API_QUERIES.values())
    apis = {api: next(iter(first[query]), None) for api, query in API_QUERIES.items()}
    found = [row for row in first[listing] if row.get("displayName") == name]
    if len(found) > 1:
        raise Refused(
            f"{len(found)} applications are called {name}: {', '.join(str(row.get('appId')) for row in found)}",
            tried="Looking for the application",
            service=SERVICE,
            hint="Rename or remove all but one; an application is known by its name here.",
        )
    if not found:
        return Registered(apis=apis)
    keys = Query(f"applications/{found[0]['id']}", (("$select", "id,keyCredentials"),))
    federated = Query(f"applications/{found[0]['id']}/federatedIdentityCredentials")
    own = principal(found[0]["appId"])
    second = look(tenant, (keys, federated, own), (own,))
    application = {**found[0], "keyCredentials": second[keys][0].get("keyCredentials") or []}
    return Registered(application, next(iter(second[own]), None), second[federated], apis)


# ---------------------------------------------------------------- planning


def plan_registration(options: Values, keys: Sequence[PublicKey] | None, state: Registered) -> Plan:
    """What has to be done. keys: the certificates wanted, None when nothing is said of them. Raises BadInput or Refused."""
    name, old = options["display_name"], state.application
    before = shown(state)
    if options["state"] == "absent":
        removal = (Operation("Remove", "application", name, old["id"]),) if old else ()
        return Plan((before,), ({"present": False},), removal)
    members = _members(options, keys, state)
    operations = []
    if old is None:
        start = {"displayName": name, "signInAudience": AUDIENCES["single_tenant"], **members}
        operations.append(Operation("New", "application", name, None, start))
    elif members:
        operations.append(Operation("Set", "application", name, old["id"], members))
    if state.principal is None:
        app_id = old["appId"] if old else LATER
        operations.append(Operation("New", "servicePrincipal", name, None, {"appId": app_id}))
    operations += _federated(options, state)
    after = {**(before if old else shown(Registered(start_row(options), None))), **_wanted(options, keys, state)}
    return Plan((before,), (after,), tuple(operations))


def start_row(options: Values) -> Row:
    """An application of which nothing is said."""
    return {"displayName": options["display_name"], "signInAudience": AUDIENCES["single_tenant"], "keyCredentials": []}


def _wanted(options: Values, keys: Sequence[PublicKey] | None, state: Registered) -> Values:
    """What the task says, as it will show."""
    result: Values = {"present": True, "service_principal": True}
    for name in ("description", "sign_in_audience"):
        if options.get(name) is not None:
            result[name] = options[name]
    given = wanted_permissions(options)
    if given is not None:
        wanted, dummy = present_apis(given, state.apis, skip=options["skip_missing_apis"])
        result["permissions"] = dict(sorted(wanted.items()))
    if keys is not None:
        result["certificates"] = sorted({one.thumbprint for one in keys})
    if options.get("federated_credentials") is not None:
        result["federated_credentials"] = sorted(map(_credential_shown, _credentials(options)), key=lambda one: one["name"])
    return result


def _members(options: Values, keys: Sequence[PublicKey] | None, state: Registered) -> Values:
    """The members of the application that differ from what is wanted, in the service's words."""
    old = state.application or start_row(options)
    found: Values = {}
    if options.get("description") is not None and options["description"] != (old.get("description") or ""):
        found["description"] = options["description"] or None
    audience = AUDIENCES.get(options.get("sign_in_audience") or "")
    if audience and audience != old.get("signInAudience"):
        found["signInAudience"] = audience
    access = _required(options, state)
    if access is not None and _roles_of(access) != _roles_of(old.get("requiredResourceAccess") or ()):
        found["requiredResourceAccess"] = access
    if keys is not None and {one.key for one in keys} != {str(one.get("key")) for one in old["keyCredentials"]}:
        # The list is written as a whole; what stays is sent as it was read. [doc] applications-how-to-add-certificate
        kept = {str(one.get("key")): one for one in old["keyCredentials"]}
        new = {one.key: {"type": "AsymmetricX509Cert", "usage": "Verify", "key": one.key} for one in keys}
        found["keyCredentials"] = [kept.get(key, one) for key, one in new.items()]
    return found


def _required(options: Values, state: Registered) -> list[Values] | None:
    """requiredResourceAccess as wanted: other people's delegated permissions stay. None when nothing is said of permissions."""
    given = wanted_permissions(options)
    if given is None:
        return None
    wanted, dummy = present_apis(given, state.apis, skip=options["skip_missing_apis"])
    entries: dict[str, list[Values]] = {}
    for entry in (state.application or {}).get("requiredResourceAccess") or ():
        scopes = [one for one in entry["resourceAccess"] if one.get("type") != "Role"]
        if scopes:
            entries[entry["resourceAppId"]] = scopes
    for api, names in wanted.items():
        roles = [{"id": number, "type": "Role"} for number in role_ids(api, state.apis[api] or {}, names).values()]
        entries[APIS[api][0]] = [*entries.get(APIS[api][0], ()), *roles]
    return [{"resourceAppId": number, "resourceAccess": accesses} for number, accesses in entries.items()]


def _roles_of(entries: Sequence[Mapping[str, Any]]) -> set[tuple[str, str]]:
    return {(entry["resourceAppId"], one["id"]) for entry in entries for one in entry["resourceAccess"] if one.get("type") == "Role"}


def _credentials(options: Values) -> list[Values]:
    """The federated credentials wanted, in the service's words."""
    return [
        {
            "name": one["name"],
            "issuer": one["issuer"],
            "subject": one["subject"],
            "audiences": [one.get("audience") or EXCHANGED[options["cloud"]]],
            "description": one.get("description") or None,
        }
        for one in options["federated_credentials"]
    ]


def _federated(options: Values, state: Registered) -> list[Operation]:
    if options.get("federated_credentials") is None:
        return []
    own = state.application["id"] if state.application else LATER
    there = {str(row["name"]): row for row in state.federated}
    operations, wanted = [], _credentials(options)
    names = {one["name"] for one in wanted}
    # Issuer and subject are unique in an application, so what goes makes room first. [doc]
    operations += [
        Operation("Remove", "federatedIdentityCredential", name, (own, row["id"])) for name, row in there.items() if name not in names
    ]
    for one in wanted:
        old = there.get(one["name"])
        if old is None:
            operations.append(Operation("New", "federatedIdentityCredential", one["name"], own, one))
            continue
        changed = {name: value for name, value in one.items() if value != (old.get(name) or None)}
        if changed:
            operations.append(Operation("Set", "federatedIdentityCredential", one["name"], (own, old["id"]), changed))
    return operations


# ---------------------------------------------------------------- showing


def _credential_shown(row: Row) -> Values:
    return {
        "name": row["name"],
        "issuer": row["issuer"],
        "subject": row["subject"],
        "audience": (row.get("audiences") or [""])[0],
        "description": row.get("description") or "",
    }


def shown(state: Registered) -> Values:
    """The registration as a playbook would say it."""
    row = state.application
    if row is None:
        return {"present": False}
    permissions: dict[str, list[str]] = {}
    for number, role in sorted(_roles_of(row.get("requiredResourceAccess") or ())):
        api = api_of(number)
        permissions.setdefault(api, []).append(role_names(state.apis.get(api)).get(role, role))
    words = {wire: word for word, wire in AUDIENCES.items()}
    return {
        "present": True,
        "service_principal": state.principal is not None,
        "description": row.get("description") or "",
        "sign_in_audience": words.get(row.get("signInAudience") or "", row.get("signInAudience") or ""),
        "permissions": {api: sorted(names) for api, names in sorted(permissions.items())},
        "certificates": sorted(thumbprint_of(one["key"]) for one in row["keyCredentials"] if one.get("key")),
        "federated_credentials": sorted(map(_credential_shown, state.federated), key=lambda one: one["name"]),
    }
