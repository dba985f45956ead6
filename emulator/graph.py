# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Microsoft Graph v1.0, as far as the four steps need it: the directory, licences, roles, batch; the rest is in `security`."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from urllib.parse import parse_qsl, unquote

from . import applications, directory, identity, partner, people, security
from .clouds import GRAPH, SHAREPOINT, absent_in
from .graph_form import Asked, Route, refusal, refused, route
from .invented import sharepoint as invented
from .licences import subscribed_skus, subscriptions
from .odata import Options
from .service import Answer, Call, Headers, Refused
from .tenant import Row, World

HOSTS = tuple(dict.fromkeys(GRAPH.values()))
AUDIENCE = (*(f"https://{host}" for host in HOSTS), "00000003-0000-0000-c000-000000000000")

BATCH_SIZE = 20
"""Requests in one $batch [doc]."""


# ---------------------------------------------------------------- directory


def _organization(asked: Asked) -> Answer:
    return asked.page([directory.organization(asked.tenant)], Options("microsoft.graph.organization", skip=False), "organization")


def _root_site(asked: Asked) -> Answer:
    """The root site; its id begins with the host. [code] CIPP reads it from beta; that v1.0 has it too is [recall]."""
    if not invented.has_sharepoint(asked.tenant.licences):
        raise asked.refused(400, "BadRequest", "Tenant does not have a SPO license.")  # [recall]
    host = f"{asked.tenant.name}.{SHAREPOINT[asked.tenant.cloud]}"
    number = f"{host},{asked.tenant.guid('site collection')},{asked.tenant.guid('root web')}"
    row = {"id": number, "name": "", "displayName": "Communication site", "webUrl": f"https://{host}", "siteCollection": {"hostname": host}}
    return asked.entity(row, "sites")


def _domains(asked: Asked) -> Answer:
    return asked.page(directory.domains(asked.tenant), Options("microsoft.graph.domain", skip=False), "domains")


def _subscribed_skus(asked: Asked) -> Answer:
    # $select works, $filter does not [recall]
    return asked.page(subscribed_skus(asked.tenant), Options("microsoft.graph.subscribedSku", skip=False), "subscribedSkus")


def _subscriptions(asked: Asked) -> Answer:
    options = Options("microsoft.graph.companySubscription", skip=False)
    return asked.page(subscriptions(asked.tenant), options, "directory/subscriptions")


def _role_assignments(asked: Asked) -> Answer:
    definitions = {row["id"]: row for row in directory.role_definitions()}

    def finish(row: Row, expand: tuple[str, ...]) -> Row:
        found = {
            "roleDefinition": definitions.get(row["roleDefinitionId"]),
            "principal": people.principal(asked.tenant, row["principalId"]),
        }
        return {**row, **{name: found[name] for name in expand}}

    options = Options(
        "microsoft.graph.unifiedRoleAssignment",
        filter_by=("principalId", "roleDefinitionId", "directoryScopeId"),
        page=100,
        skip=False,
        expand=("roleDefinition", "principal"),
    )
    rows = [*directory.role_assignments(asked.tenant), *people.assigned(asked.tenant)]
    return asked.page(rows, options, "roleManagement/directory/roleAssignments", finish)


def _role_definitions(asked: Asked) -> Answer:
    options = Options("microsoft.graph.unifiedRoleDefinition", filter_by=("id", "displayName", "templateId"), skip=False)
    return asked.page(directory.role_definitions(), options, "roleManagement/directory/roleDefinitions")


def _service_principals(asked: Asked) -> Answer:
    options = Options("microsoft.graph.servicePrincipal", filter_by=("appId", "displayName", "id"), page=100, skip=False)
    return asked.page(directory.service_principals(asked.tenant), options, "servicePrincipals")


def _service_principal(asked: Asked) -> Answer:
    key = asked.parts[0].lower()
    for row in directory.service_principals(asked.tenant):
        if key in (row["appId"].lower(), row["id"].lower()):
            return asked.entity(row, "servicePrincipals")
    raise asked.missing()


def _directory_list(noun: str, kind: str, filter_by: tuple[str, ...]) -> Callable[[Asked], Answer]:
    def handler(asked: Asked) -> Answer:
        return asked.page(asked.tenant.read(noun), Options(kind, filter_by=filter_by, page=100, top=999, skip=False), noun)

    return handler


def _directory_object(noun: str) -> Callable[[Asked], Answer]:
    def handler(asked: Asked) -> Answer:
        key = asked.parts[0].lower()
        for row in asked.tenant.read(noun):
            if key in (row["id"].lower(), str(row.get("userPrincipalName", "")).lower()):
                return asked.entity(row, noun)
        raise asked.missing()

    return handler


def _group_members(asked: Asked) -> Answer:
    groups = [row for row in asked.tenant.read("groups") if row["id"].lower() == asked.parts[0].lower()]
    if not groups:
        raise asked.missing()
    members = [row for row in asked.tenant.read("groupMembers") if row["groupId"].lower() == asked.parts[0].lower()]
    users = {row["id"]: row for row in asked.tenant.read("users")}
    rows = [{"@odata.type": "#microsoft.graph.user", **users[member["memberId"]]} for member in members if member["memberId"] in users]
    return asked.page(rows, Options("microsoft.graph.directoryObject", page=100, top=999, skip=False), "directoryObjects")


def _memberships(asked: Asked) -> Answer:
    """Groups of a user, nested ones too. Who may not read groups gets them with their id and type alone. [doc]"""
    key = asked.parts[0].lower()
    users = [row for row in asked.tenant.read("users") if key in (row["id"].lower(), str(row.get("userPrincipalName", "")).lower())]
    if not users:
        raise asked.missing()
    inside = {users[0]["id"]}
    links = asked.tenant.read("groupMembers")
    while reached := {link["groupId"] for link in links if link["memberId"] in inside} - inside:
        inside |= reached
    whole = bool(asked.held & set(_GROUPS_READ.split()))
    rows = [
        {"@odata.type": "#microsoft.graph.group", **{name: value if whole or name == "id" else None for name, value in row.items()}}
        for row in asked.tenant.read("groups")
        if row["id"] in inside
    ]
    return asked.page(rows, Options("microsoft.graph.directoryObject", page=100, top=999, skip=False), "directoryObjects")


# ---------------------------------------------------------------- routes


_ROLES_READ = "RoleManagement.Read.Directory RoleManagement.Read.All RoleManagement.ReadWrite.Directory Directory.Read.All"
_USERS_READ = "User.Read.All User.ReadWrite.All Directory.Read.All"
_GROUPS_READ = "Group.Read.All GroupMember.Read.All Directory.Read.All"
_USER = ("id", "userPrincipalName", "mail", "displayName", "accountEnabled")

ROUTES = (
    route("GET", "/organization", "Organization.Read.All Organization.ReadWrite.All Directory.Read.All", _organization),
    route("GET", "/sites/root", "Sites.Read.All Sites.ReadWrite.All Sites.FullControl.All", _root_site),
    route("GET", "/domains", "Domain.Read.All Domain.ReadWrite.All Directory.Read.All", _domains),
    route("GET", "/subscribedSkus", "LicenseAssignment.Read.All Organization.Read.All Directory.Read.All", _subscribed_skus),
    route("GET", "/directory/subscriptions", "Organization.Read.All Organization.ReadWrite.All Directory.Read.All", _subscriptions),
    route("GET", "/roleManagement/directory/roleAssignments", _ROLES_READ, _role_assignments),
    route("GET", "/roleManagement/directory/roleDefinitions", _ROLES_READ, _role_definitions),
    route("GET", "/servicePrincipals", applications.READ, _service_principals),
    route("GET", "/servicePrincipals(appId='{}')", applications.READ, _service_principal),
    route("GET", "/servicePrincipals/{}", applications.READ, _service_principal),
    route("GET", "/users", _USERS_READ, _directory_list("users", "microsoft.graph.user", _USER)),
    route("GET", "/users/{}", _USERS_READ, _directory_object("users")),
    route("GET", "/users/{}/transitiveMemberOf", f"{_USERS_READ} {_GROUPS_READ}", _memberships),
    route("GET", "/groups", _GROUPS_READ, _directory_list("groups", "microsoft.graph.group", ("id", "displayName", "mail"))),
    route("GET", "/groups/{}", _GROUPS_READ, _directory_object("groups")),
    route("GET", "/groups/{}/members", _GROUPS_READ, _group_members),
    *applications.ROUTES,
    *partner.ROUTES,
    *people.ROUTES,
    *security.ROUTES,
)


def _allowed(call: Call, way: Route, held: frozenset[str]) -> None:
    if held & set(way.permissions):
        return
    if not way.security:
        raise refused(call, 403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
    raise refused(
        call,
        403,
        "Forbidden",
        f"Missing application roles. API required roles: {', '.join(way.permissions)}, application roles: {', '.join(sorted(held))}.",
    )


def _single(call: Call, world: World) -> Answer:
    caller = identity.caller(call, world, AUDIENCE, lambda code, message: refusal(call, 401, "InvalidAuthenticationToken", message))
    found_path = False
    for way in ROUTES:
        found = None if absent_in(caller.tenant.cloud, call.path) else way.pattern.match(call.path)
        if found and way.method == call.method:
            _allowed(call, way, caller.app_roles)
            parts = tuple(unquote(part) for part in found.groups())
            return way.handler(Asked(call, caller.tenant, parts, caller.app_roles, caller.identity))
        found_path = found_path or bool(found)
    if found_path:
        raise refused(call, 405, "Request_BadRequest", f"Specified HTTP method {call.method} is not allowed for the request target.")
    segment = call.path.rstrip("/").rpartition("/")[2]
    raise refused(call, 400, "BadRequest", f"Resource not found for the segment '{segment}'.")


def _struck(call: Call, world: World) -> Answer | None:
    """The answer of a fault that was set for single requests of a batch."""
    for fault in world.faults.for_item(call, "graph", ""):
        answer = refusal(call, fault.status or 429, "TooManyRequests" if (fault.status or 429) == 429 else "UnknownError", fault.text)
        if fault.retry_after is not None:
            answer.headers.append(("Retry-After", str(fault.retry_after)))
        return answer
    return None


def _item(call: Call, world: World, wanted: Row) -> Row:
    """One request of a batch, answered as a response of a batch."""
    path, _mark, query = str(wanted["url"]).partition("?")
    body = wanted.get("body")
    inner = Call(
        host=call.host,
        path=unquote(f"/v1.0/{path.lstrip('/')}"),
        method=wanted["method"].upper(),
        query=dict(parse_qsl(query, keep_blank_values=True)),
        raw_query=query,
        headers=Headers([*call.headers.items(), *(wanted.get("headers") or {}).items()]),
        body=b"" if body is None else json.dumps(body).encode(),
        base=call.base,
        tenant=call.tenant,
    )
    try:
        answer = _struck(inner, world) or _single(inner, world)
    except Refused as error:
        answer = error.answer
    headers = {"Content-Type": "application/json", **dict(answer.headers)}
    return {"id": wanted["id"], "status": answer.status, "headers": headers, "body": answer.body}


def _batch(call: Call, world: World) -> Answer:
    identity.caller(call, world, AUDIENCE, lambda code, message: refusal(call, 401, "InvalidAuthenticationToken", message))
    try:
        wanted = call.json()["requests"]
        names = [str(item["id"]) for item in wanted]
        whole = all(isinstance(item["method"], str) and isinstance(item["url"], str) for item in wanted)
    except (ValueError, KeyError, TypeError):
        raise refused(call, 400, "BadRequest", "Invalid batch payload format.") from None
    if not whole or len(set(names)) != len(names):
        raise refused(call, 400, "BadRequest", "Invalid batch payload format.")
    if len(wanted) > BATCH_SIZE:
        raise refused(call, 400, "BadRequest", f"Number of batch request steps exceeds the maximum value of {BATCH_SIZE}.")
    if any("dependsOn" in item for item in wanted):
        raise refused(call, 400, "BadRequest", "This emulation takes no 'dependsOn' in a batch.")
    return Answer(200, {"responses": [_item(call, world, item) for item in wanted]})


def answer(call: Call, world: World) -> Answer:
    """Answer one request to Graph, or refuse it in Graph's form. Slashes too many do not matter: msgraph-sdk sends them [code]."""
    call.path = re.sub("/{2,}", "/", call.path)
    version = call.path.split("/")[1] if call.path.count("/") > 1 else call.path.strip("/")
    if version != "v1.0":
        raise refused(call, 400, "BadRequest", f"Invalid version: {version}.")
    if call.path == "/v1.0/$batch" and call.method == "POST":
        return _batch(call, world)
    return _single(call, world)
