# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Microsoft Graph v1.0, as far as the four steps need it: licences, roles, incidents, alerts, hunting, identity sensors, batch."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode

from . import directory, hunting, identity, invented
from .devices import hunting_tables, told
from .licences import subscribed_skus
from .odata import BadQuery, Options, select
from .odata import page as one_page
from .service import Answer, Call, Headers, Refused
from .tenant import Row, Tenant, World

HOSTS = ("graph.microsoft.com",)
AUDIENCE = ("https://graph.microsoft.com", "00000003-0000-0000-c000-000000000000")

BATCH_SIZE = 20
"""Requests in one $batch [doc]."""


def _refusal(call: Call, status: int, code: str, message: str) -> Answer:
    """An error in Graph's form [recall]."""
    number = str(uuid.uuid4())
    stamp = {
        "date": datetime.now(UTC).replace(microsecond=0, tzinfo=None).isoformat(),
        "request-id": number,
        "client-request-id": call.headers.get("client-request-id", number),
    }
    return Answer(status, {"error": {"code": code, "message": message, "innerError": stamp}})


def _refused(call: Call, status: int, code: str, message: str) -> Refused:
    return Refused(_refusal(call, status, code, message))


@dataclass(frozen=True)
class Asked:
    """One call with what is known of it: the tenant, the parts of the path that vary, the query, and the permissions of the caller."""

    call: Call
    tenant: Tenant
    parts: tuple[str, ...]
    held: frozenset[str] = frozenset()

    def refused(self, status: int, code: str, message: str) -> Refused:
        return _refused(self.call, status, code, message)

    def missing(self) -> Refused:
        """The refusal for an object of the directory that is not there."""
        text = f"Resource '{self.parts[0]}' does not exist or one of its queried reference-property objects are not present."
        return self.refused(404, "Request_ResourceNotFound", text)

    def page(self, rows: list[Row], options: Options, context: str, finish: Callable[[Row, tuple[str, ...]], Row] | None = None) -> Answer:
        """A list with paging, filter and selection, in Graph's form."""
        try:
            found = one_page(rows, self.call.query, options)
        except (BadQuery, ValueError) as error:
            raise self.refused(400, "BadRequest", str(error)) from error
        body: dict[str, Any] = {"@odata.context": f"{self.call.base}/v1.0/$metadata#{context}"}
        if self.call.query.get("$count") == "true":
            body["@odata.count"] = found.total
        if found.following:
            body["@odata.nextLink"] = f"{self.call.base}{self.call.path}?{urlencode(found.following, safe='$')}"
        body["value"] = [finish(row, found.expand) for row in found.rows] if finish else found.rows
        return Answer(200, body)

    def entity(self, row: Row, context: str) -> Answer:
        """One object; only $select is taken."""
        for name in self.call.query:
            if name != "$select":
                raise self.refused(400, "BadRequest", f"The query option '{name}' is not supported for one object of '{context}'.")
        if "$select" in self.call.query:
            row = select(row, self.call.query["$select"].split(","))
        return Answer(200, {"@odata.context": f"{self.call.base}/v1.0/$metadata#{context}/$entity", **row})


# ---------------------------------------------------------------- directory


def _organization(asked: Asked) -> Answer:
    return asked.page([directory.organization(asked.tenant)], Options("microsoft.graph.organization", skip=False), "organization")


def _root_site(asked: Asked) -> Answer:
    """The root site; its id begins with the host. [code] CIPP reads it from beta; that v1.0 has it too is [recall]."""
    if not invented.has_sharepoint(asked.tenant.licences):
        raise asked.refused(400, "BadRequest", "Tenant does not have a SPO license.")  # [recall]
    host = f"{asked.tenant.name}.sharepoint.com"
    number = f"{host},{asked.tenant.guid('site collection')},{asked.tenant.guid('root web')}"
    row = {"id": number, "name": "", "displayName": "Communication site", "webUrl": f"https://{host}", "siteCollection": {"hostname": host}}
    return asked.entity(row, "sites")


def _domains(asked: Asked) -> Answer:
    return asked.page(directory.domains(asked.tenant), Options("microsoft.graph.domain", skip=False), "domains")


def _subscribed_skus(asked: Asked) -> Answer:
    # $select works, $filter does not [recall]
    return asked.page(subscribed_skus(asked.tenant), Options("microsoft.graph.subscribedSku", skip=False), "subscribedSkus")


def _role_assignments(asked: Asked) -> Answer:
    definitions = {row["id"]: row for row in directory.role_definitions()}

    def finish(row: Row, expand: tuple[str, ...]) -> Row:
        return {**row, "roleDefinition": definitions.get(row["roleDefinitionId"])} if expand else row

    options = Options(
        "microsoft.graph.unifiedRoleAssignment",
        filter_by=("principalId", "roleDefinitionId", "directoryScopeId"),
        page=100,
        skip=False,
        expand=("roleDefinition",),
    )
    return asked.page(directory.role_assignments(asked.tenant), options, "roleManagement/directory/roleAssignments", finish)


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


# ---------------------------------------------------------------- security


def _provisioned(asked: Asked) -> None:
    text = invented.security_without_defender(asked.tenant.plans)
    if text:
        raise asked.refused(403, "Forbidden", text)


_EVIDENCE = {
    "mdeDeviceId": "deviceEvidence",
    "fileDetails": "fileEvidence",
    "networkMessageId": "analyzedMessageEvidence",
    "networkMessageIds": "mailClusterEvidence",
    "primaryAddress": "mailboxEvidence",
    "userAccount": "userEvidence",
    "url": "urlEvidence",
}
"""Kinds of evidence by a member that only they have [doc]; rows are kept without annotations."""


def _with_kinds(rows: list[Row]) -> list[Row]:
    """Alerts with `@odata.type` in front of each piece of evidence."""
    shown = []
    for row in rows:
        evidence = []
        for item in row.get("evidence") or []:
            kind = next((name for member, name in _EVIDENCE.items() if member in item), "alertEvidence")
            evidence.append({"@odata.type": f"#microsoft.graph.security.{kind}", **item})
        shown.append({**row, "evidence": evidence})
    return shown


def _incidents(asked: Asked) -> Answer:
    _provisioned(asked)
    alerts = _with_kinds(told(asked.tenant, "alerts_v2"))

    def finish(row: Row, expand: tuple[str, ...]) -> Row:
        return {**row, "alerts": [alert for alert in alerts if alert["incidentId"] == row["id"]]} if expand else row

    return asked.page(told(asked.tenant, "incidents"), INCIDENTS, "security/incidents", finish)


def _alerts(asked: Asked) -> Answer:
    _provisioned(asked)
    return asked.page(_with_kinds(told(asked.tenant, "alerts_v2")), ALERTS, "security/alerts_v2")


def _one(noun: str) -> Callable[[Asked], Answer]:
    def handler(asked: Asked) -> Answer:
        _provisioned(asked)
        rows = told(asked.tenant, noun)
        for row in _with_kinds(rows) if noun == "alerts_v2" else rows:
            if row["id"] == asked.parts[0]:
                return asked.entity(row, f"security/{noun}")
        raise asked.refused(404, "NotFound", f"Resource '{asked.parts[0]}' was not found.")

    return handler


_COMMON = ("assignedTo", "classification", "createdDateTime", "determination", "lastUpdateDateTime", "severity", "status")
INCIDENTS = Options("microsoft.graph.security.incident", _COMMON, top=50, page=50, count=True, expand=("alerts",))
"""Filterable members and the limit of 50 [recall]."""
ALERTS = Options("microsoft.graph.security.alert", (*_COMMON, "serviceSource"), top=2000, page=invented.ALERTS_IN_A_PAGE, count=True)
"""Filterable members [recall]: investigationState is not among them."""


def _sensors(asked: Asked) -> Answer:
    return _identity(asked, "sensors", Options("microsoft.graph.security.sensor", ("healthStatus", "sensorType"), page=100, count=True))


def _health_issues(asked: Asked) -> Answer:
    members = ("Status", "status", "severity", "healthIssueType")
    rows = [{**row, "Status": row["status"]} for row in told(asked.tenant, "healthIssues")]
    options = Options("microsoft.graph.security.healthIssue", members, page=100, count=True)
    return _identity(asked, "healthIssues", options, rows)


def _identity(asked: Asked, noun: str, options: Options, rows: list[Row] | None = None) -> Answer:
    text = invented.identity_without_defender(asked.tenant.plans)
    if text:
        raise asked.refused(403, "Forbidden", text)

    def finish(row: Row, _expand: tuple[str, ...]) -> Row:
        return {name: value for name, value in row.items() if name != "Status"}

    return asked.page(told(asked.tenant, noun) if rows is None else rows, options, f"security/identities/{noun}", finish)


def _hunt(asked: Asked) -> Answer:
    try:
        body = asked.call.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise asked.refused(400, "BadRequest", "Unable to read JSON request payload.")
    given = {name.lower(): value for name, value in body.items()}
    query = given.pop("query", None)
    timespan = given.pop("timespan", None)
    if given or not isinstance(query, str) or not query.strip() or not isinstance(timespan, (str, type(None))):
        raise asked.refused(400, "BadRequest", "The request takes 'Query' (a text, required) and 'Timespan'.")
    now = asked.tenant.clock()
    try:
        tables = hunting_tables(asked.tenant)
        found = hunting.hunt(query, hunting.within(tables, timespan, now) if timespan else tables, now)
    except (hunting.BadHunt, ValueError) as error:
        raise asked.refused(400, "BadRequest", f"{error}. Fix semantic errors in your query") from error
    return Answer(
        200,
        {
            "@odata.context": f"{asked.call.base}/v1.0/$metadata#microsoft.graph.security.huntingQueryResults",
            "schema": [{"name": name, "type": kind} for name, kind in found.columns.items()],
            "results": [{name: row.get(name) for name in found.columns} for row in found.rows],
        },
    )


# ---------------------------------------------------------------- routes


@dataclass(frozen=True)
class Route:
    """A path, who may call it, and what answers. `security` decides the form of a refusal."""

    method: str
    pattern: re.Pattern[str]
    permissions: tuple[str, ...]
    handler: Callable[[Asked], Answer]
    security: bool = False


def _route(method: str, path: str, permissions: str, handler: Callable[[Asked], Answer]) -> Route:
    pattern = re.escape(path).replace(r"\{\}", r"([^/()']+)")
    return Route(method, re.compile(f"^/v1.0{pattern}$"), tuple(permissions.split()), handler, path.startswith("/security/"))


_ROLES_READ = "RoleManagement.Read.Directory RoleManagement.Read.All RoleManagement.ReadWrite.Directory Directory.Read.All"
_APPS_READ = "Application.Read.All Application.ReadWrite.All Directory.Read.All"
_USERS_READ = "User.Read.All User.ReadWrite.All Directory.Read.All"
_GROUPS_READ = "Group.Read.All GroupMember.Read.All Directory.Read.All"
_INCIDENTS_READ = "SecurityIncident.Read.All SecurityIncident.ReadWrite.All"
_ALERTS_READ = "SecurityAlert.Read.All SecurityAlert.ReadWrite.All"
_SENSORS_READ = "SecurityIdentitiesSensors.Read.All SecurityIdentitiesSensors.ReadWrite.All"
_HEALTH_READ = "SecurityIdentitiesHealth.Read.All SecurityIdentitiesHealth.ReadWrite.All"
_USER = ("id", "userPrincipalName", "mail", "displayName", "accountEnabled")

ROUTES = (
    _route("GET", "/organization", "Organization.Read.All Organization.ReadWrite.All Directory.Read.All", _organization),
    _route("GET", "/sites/root", "Sites.Read.All Sites.ReadWrite.All Sites.FullControl.All", _root_site),
    _route("GET", "/domains", "Domain.Read.All Domain.ReadWrite.All Directory.Read.All", _domains),
    _route("GET", "/subscribedSkus", "LicenseAssignment.Read.All Organization.Read.All Directory.Read.All", _subscribed_skus),
    _route("GET", "/roleManagement/directory/roleAssignments", _ROLES_READ, _role_assignments),
    _route("GET", "/roleManagement/directory/roleDefinitions", _ROLES_READ, _role_definitions),
    _route("GET", "/servicePrincipals", _APPS_READ, _service_principals),
    _route("GET", "/servicePrincipals(appId='{}')", _APPS_READ, _service_principal),
    _route("GET", "/servicePrincipals/{}", _APPS_READ, _service_principal),
    _route("GET", "/users", _USERS_READ, _directory_list("users", "microsoft.graph.user", _USER)),
    _route("GET", "/users/{}", _USERS_READ, _directory_object("users")),
    _route("GET", "/users/{}/transitiveMemberOf", f"{_USERS_READ} {_GROUPS_READ}", _memberships),
    _route("GET", "/groups", _GROUPS_READ, _directory_list("groups", "microsoft.graph.group", ("id", "displayName", "mail"))),
    _route("GET", "/groups/{}", _GROUPS_READ, _directory_object("groups")),
    _route("GET", "/groups/{}/members", _GROUPS_READ, _group_members),
    _route("GET", "/security/incidents", _INCIDENTS_READ, _incidents),
    _route("GET", "/security/incidents/{}", _INCIDENTS_READ, _one("incidents")),
    _route("GET", "/security/alerts_v2", _ALERTS_READ, _alerts),
    _route("GET", "/security/alerts_v2/{}", _ALERTS_READ, _one("alerts_v2")),
    _route("POST", "/security/runHuntingQuery", "ThreatHunting.Read.All", _hunt),
    _route("GET", "/security/identities/sensors", _SENSORS_READ, _sensors),
    _route("GET", "/security/identities/healthIssues", _HEALTH_READ, _health_issues),
)


def _allowed(call: Call, route: Route, held: frozenset[str]) -> None:
    if held & set(route.permissions):
        return
    if not route.security:
        raise _refused(call, 403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
    raise _refused(
        call,
        403,
        "Forbidden",
        f"Missing application roles. API required roles: {', '.join(route.permissions)}, application roles: {', '.join(sorted(held))}.",
    )


def _single(call: Call, world: World) -> Answer:
    caller = identity.caller(call, world, AUDIENCE, lambda code, message: _refusal(call, 401, "InvalidAuthenticationToken", message))
    found_path = False
    for route in ROUTES:
        found = route.pattern.match(call.path)
        if found and route.method == call.method:
            _allowed(call, route, caller.app_roles)
            return route.handler(Asked(call, caller.tenant, tuple(unquote(part) for part in found.groups()), caller.app_roles))
        found_path = found_path or bool(found)
    if found_path:
        raise _refused(call, 405, "Request_BadRequest", f"Specified HTTP method {call.method} is not allowed for the request target.")
    segment = call.path.rstrip("/").rpartition("/")[2]
    raise _refused(call, 400, "BadRequest", f"Resource not found for the segment '{segment}'.")


def _struck(call: Call, world: World) -> Answer | None:
    """The answer of a fault that was set for single requests of a batch."""
    for fault in world.faults.for_item(call, "graph", ""):
        answer = _refusal(call, fault.status or 429, "TooManyRequests" if (fault.status or 429) == 429 else "UnknownError", fault.text)
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
    except Refused as refused:
        answer = refused.answer
    headers = {"Content-Type": "application/json", **dict(answer.headers)}
    return {"id": wanted["id"], "status": answer.status, "headers": headers, "body": answer.body}


def _batch(call: Call, world: World) -> Answer:
    identity.caller(call, world, AUDIENCE, lambda code, message: _refusal(call, 401, "InvalidAuthenticationToken", message))
    try:
        wanted = call.json()["requests"]
        names = [str(item["id"]) for item in wanted]
        whole = all(isinstance(item["method"], str) and isinstance(item["url"], str) for item in wanted)
    except (ValueError, KeyError, TypeError):
        raise _refused(call, 400, "BadRequest", "Invalid batch payload format.") from None
    if not whole or len(set(names)) != len(names):
        raise _refused(call, 400, "BadRequest", "Invalid batch payload format.")
    if len(wanted) > BATCH_SIZE:
        raise _refused(call, 400, "BadRequest", f"Number of batch request steps exceeds the maximum value of {BATCH_SIZE}.")
    if any("dependsOn" in item for item in wanted):
        raise _refused(call, 400, "BadRequest", "This emulation takes no 'dependsOn' in a batch.")
    return Answer(200, {"responses": [_item(call, world, item) for item in wanted]})


def answer(call: Call, world: World) -> Answer:
    """Answer one request to Graph, or refuse it in Graph's form."""
    version = call.path.split("/")[1] if call.path.count("/") > 1 else call.path.strip("/")
    if version != "v1.0":
        raise _refused(call, 400, "BadRequest", f"Invalid version: {version}.")
    if call.path == "/v1.0/$batch" and call.method == "POST":
        return _batch(call, world)
    return _single(call, world)
