# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Defender for Endpoint API and the part of the Defender XDR API that shares its hosts."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from . import identity
from .devices import antivirus, machines, told
from .invented import defender as invented
from .invented import sign_in as invented_sign_in
from .odata import BadQuery, Options, select
from .odata import page as one_page
from .service import Answer, Call, Refused
from .tenant import Row, Tenant, World

REGIONS = ("us", "eu", "uk", "au", "swa", "ina")
HOSTS = (
    "api.security.microsoft.com",
    "api.securitycenter.microsoft.com",
    *(f"{region}.api.security.microsoft.com" for region in REGIONS),
    *(f"api-{region}.securitycenter.microsoft.com" for region in ("us", "eu", "uk", "au")),
    *(f"api-{cloud}.{name}.microsoft.us" for cloud in ("gcc", "gov") for name in ("securitycenter", "security")),
)
"""Current, older and nearest-region hosts, and those of the governments [doc]; the api-xx names [recall]."""

ENDPOINT_AUDIENCE = (
    "https://api.securitycenter.microsoft.com",
    "fc780465-2017-40d4-a0c5-307022471b92",
    *invented_sign_in.DEFENDER_AUDIENCES,
)
"""The audience stays this one on api.security.microsoft.com too [doc]."""
XDR_AUDIENCE = (
    "https://api.security.microsoft.com",
    "https://securitycenter.microsoft.com/mtp",
    "8ee8fdad-f234-4243-8f3b-15c294843740",
    *invented_sign_in.XDR_AUDIENCES,
)


def _refusal(status: int, code: str, message: str) -> Answer:
    """An error in the API's form [doc]."""
    return Answer(status, {"error": {"code": code, "message": message, "target": str(uuid.uuid4())}})


def _refused(status: int, code: str, message: str) -> Refused:
    return Refused(_refusal(status, code, message))


@dataclass(frozen=True)
class Asked:
    """One call with what is known of it."""

    call: Call
    tenant: Tenant
    name: str
    held: frozenset[str]
    part: str = ""

    def body(self, members: dict[str, type]) -> Row:
        """The body, its members checked: names are case-sensitive [doc]."""
        try:
            body = self.call.json()
        except ValueError:
            raise _refused(400, "InvalidRequestBody", "Request body is incorrect.") from None
        if not isinstance(body, dict) or set(body) - set(members):
            raise _refused(400, "InvalidRequestBody", "Request body is incorrect.")
        for name, kind in members.items():
            if not isinstance(body.get(name), kind) or body[name] in ("", []):
                raise _refused(400, "InvalidRequestBody", f"Request body is incorrect. '{name}' is required.")
        return body

    def page(self, rows: list[Row], options: Options, kind: str) -> Answer:
        """A list with filter and paging, in the API's form."""
        try:
            found = one_page(rows, self.call.query, options)
        except (BadQuery, ValueError) as error:
            raise _refused(400, "BadRequest", str(error)) from error
        body: dict[str, Any] = {"@odata.context": f"{self.call.base}/api/$metadata#{kind}", "value": found.rows}
        if found.following:
            body["@odata.nextLink"] = f"{self.call.base}{self.call.path}?{urlencode(found.following, safe='$')}"
        return Answer(200, body)

    def entity(self, row: Row, kind: str, status: int = 200) -> Answer:
        """One object."""
        if "$select" in self.call.query:
            row = select(row, self.call.query["$select"].split(","))
        return Answer(status, {"@odata.context": f"{self.call.base}/api/$metadata#{kind}/$entity", **row})

    def one(self, rows: list[Row], what: str) -> Row:
        """The row whose id the path names."""
        for row in rows:
            if str(row["id"]).lower() == self.part.lower():
                return row
        raise _refused(404, "ResourceNotFound", f"{what} {self.part} was not found.")


# ---------------------------------------------------------------- machines

_MACHINE_FILTER = (
    *("computerDnsName", "id", "version", "deviceValue", "aadDeviceId", "machineTags", "lastSeen", "exposureLevel"),
    *("onboardingStatus", "lastIpAddress", "healthStatus", "osPlatform", "riskScore", "rbacGroupId"),
)
MACHINES = Options("Machine", _MACHINE_FILTER, top=10000, page=10000)
"""Filterable members and the page of 10,000 [doc]."""
ANTIVIRUS = Options("DeviceAvInfo", ("avMode", "rbacGroupId", "osKind", "osVersion", "lastSeenTime"), top=10000, page=20)
"""Not filterable by id or rbacGroupName; page of 20 unless $top says otherwise [doc]."""


def _machines(asked: Asked) -> Answer:
    rows = machines(asked.tenant)
    if not rows:
        raise _refused(404, "ResourceNotFound", "No recent machines were found.")
    return asked.page(rows, MACHINES, "Machines")


def _machine(asked: Asked) -> Answer:
    return asked.entity(asked.one(machines(asked.tenant), "Machine"), "Machines")


def _antivirus(asked: Asked) -> Answer:
    return asked.page(antivirus(asked.tenant), ANTIVIRUS, "DeviceAvInfo")


def _tagged(tenant: Tenant, numbers: set[str], tag: str, action: str) -> None:
    if action not in ("Add", "Remove"):
        raise _refused(400, "InvalidInput", f"Action '{action}' is not valid. Use Add or Remove.")
    rows = []
    for row in tenant.rows("machines"):
        if row["id"] in numbers:
            tags = [other for other in row["machineTags"] if other != tag]
            row = {**row, "machineTags": [*tags, tag] if action == "Add" else tags}
        rows.append(row)
    tenant.write("machines", rows)


def _tags(asked: Asked) -> Answer:
    body = asked.body({"Value": str, "Action": str})
    found = asked.one(machines(asked.tenant), "Machine")
    _tagged(asked.tenant, {found["id"]}, body["Value"], body["Action"])
    return asked.entity(asked.one(machines(asked.tenant), "Machine"), "Machines")


def _tag_many(asked: Asked) -> Answer:
    """At most 500 machines in one call [recall]."""
    body = asked.body({"Value": str, "Action": str, "MachineIds": list})
    numbers = {str(number).lower() for number in body["MachineIds"]}
    if len(numbers) > 500:
        raise _refused(400, "InvalidInput", "At most 500 machines can be tagged in one call.")
    unknown = numbers - {row["id"] for row in asked.tenant.rows("machines")}
    if unknown:
        raise _refused(404, "ResourceNotFound", f"Machine {min(unknown)} was not found.")
    _tagged(asked.tenant, numbers, body["Value"], body["Action"])
    return Answer(200)


# ---------------------------------------------------------------- machine actions, investigations

_ACTION_FILTER = ("id", "status", "machineId", "type", "requestor", "creationDateTimeUtc")
ACTIONS = Options("MachineAction", _ACTION_FILTER, top=10000, page=10000)
INVESTIGATIONS = Options("Investigation", ("startTime", "id", "state", "machineId", "triggeringAlertId"), top=10000, page=10000)
"""Filterable members and the pages of 10,000 of both. [doc] get-machineactions-collection, get-investigation-collection"""
_CANCELLED_BY = {
    "RunAntiVirusScan": "Machine.Scan",
    "Offboard": "Machine.Offboard",
    "LiveResponse": "Machine.LiveResponse",
    "CollectInvestigationPackage": "Machine.CollectForensics",
    "Isolate": "Machine.Isolate",
    "Unisolate": "Machine.Isolate",
    "StopAndQuarantineFile": "Machine.StopAndQuarantine",
    "RestrictCodeExecution": "Machine.RestrictExecution",
    "UnrestrictCodeExecution": "Machine.RestrictExecution",
}
"""Cancelling needs the permission of the action's type [doc]."""


def _actions(asked: Asked) -> Answer:
    return asked.page(told(asked.tenant, "machineactions"), ACTIONS, "MachineActions")


def _action(asked: Asked) -> Answer:
    return asked.entity(asked.one(told(asked.tenant, "machineactions"), "Machine action"), "MachineActions")


def _cancel(asked: Asked) -> Answer:
    body = asked.body({"Comment": str})
    # The times of a seed are kept as they stand there, so that the row is the tenant's own.
    found = asked.one(asked.tenant.rows("machineactions"), "Machine action")
    _needs(asked.held, (_CANCELLED_BY[found["type"]],))
    fault = invented.cancel_fault(found)
    if fault:
        raise _refused(400, "BadRequest", fault)
    stamp = asked.tenant.clock().replace(tzinfo=None).isoformat() + "Z"
    changed = {
        **found,
        "status": "Cancelled",
        "cancellationRequestor": asked.name,
        "cancellationComment": body["Comment"],
        "cancellationDateTimeUtc": stamp,
        "lastUpdateDateTimeUtc": stamp,
    }
    asked.tenant.write("machineactions", [changed if row is found else row for row in asked.tenant.rows("machineactions")])
    return asked.entity(asked.one(told(asked.tenant, "machineactions"), "Machine action"), "MachineActions")


def _scan(asked: Asked) -> Answer:
    """An antivirus scan; a second one of the same machine is refused while the first goes on. [doc] run-av-scan"""
    body = asked.body({"Comment": str, "ScanType": str})
    if body["ScanType"] not in ("Quick", "Full"):
        raise _refused(400, "InvalidInput", f"ScanType '{body['ScanType']}' is not valid. Use Quick or Full.")
    machine = asked.one(machines(asked.tenant), "Machine")
    actions = asked.tenant.rows("machineactions")
    if any(row["machineId"] == machine["id"] and row["type"] == "RunAntiVirusScan" and not invented.cancel_fault(row) for row in actions):
        raise _refused(400, "ActiveRequestAlreadyExists", invented.SCAN_IN_PROGRESS)
    stamp = asked.tenant.clock().replace(tzinfo=None).isoformat() + "Z"
    made = {
        "id": str(uuid.uuid4()),
        "type": "RunAntiVirusScan",
        "title": None,
        "scope": body["ScanType"],
        "requestor": asked.name,
        "requestorComment": body["Comment"],
        "requestSource": "PublicApi",
        "status": "Pending",
        "machineId": machine["id"],
        "computerDnsName": machine["computerDnsName"],
        "creationDateTimeUtc": stamp,
        "lastUpdateDateTimeUtc": stamp,
        "cancellationRequestor": None,
        "cancellationComment": None,
        "cancellationDateTimeUtc": None,
        "errorHResult": 0,
        "externalID": None,
        "commands": [],
        "relatedFileInfo": None,
    }
    asked.tenant.write("machineactions", [*actions, made])
    return asked.entity(made, "MachineActions", 201)


def _investigations(asked: Asked) -> Answer:
    """Old investigations of the seed. Separate endpoint investigations ended on 2026-09-01 [code]: none are made any more."""
    return asked.page(told(asked.tenant, "investigations"), INVESTIGATIONS, "Investigations")


def _investigation(asked: Asked) -> Answer:
    return asked.entity(asked.one(told(asked.tenant, "investigations"), "Investigation"), "Investigations")


def _start_investigation(asked: Asked) -> Answer:
    asked.body({"Comment": str})
    asked.one(machines(asked.tenant), "Machine")
    raise _refused(403, "DisabledFeature", invented.investigation_retired())


# ---------------------------------------------------------------- alerts, incidents


def _pascal(text: Any) -> Any:
    """Graph's `pendingApproval` is `PendingApproval` here [doc]."""
    return text[:1].upper() + text[1:] if isinstance(text, str) else text


def alerts(tenant: Tenant) -> list[Row]:
    """The alerts of devices in the form of /api/alerts (members [code], values from the tenant's alerts_v2)."""
    rows = []
    for row in told(tenant, "alerts_v2"):
        device: Row = next((item for item in row.get("evidence", []) if "mdeDeviceId" in item), {})
        if row["serviceSource"] != "microsoftDefenderForEndpoint":
            continue
        rows.append(
            {
                "id": row["id"],
                "incidentId": int(row["incidentId"]),
                "investigationId": None,
                "assignedTo": row.get("assignedTo"),
                "severity": _pascal(row["severity"]),
                "status": _pascal(row["status"]),
                "classification": _pascal(row.get("classification")),
                "determination": _pascal(row.get("determination")),
                "investigationState": _pascal(row["investigationState"]),
                "detectionSource": _pascal(row["detectionSource"]),
                "category": row["category"],
                "title": row["title"],
                "description": row["description"],
                "alertCreationTime": row["createdDateTime"],
                "firstEventTime": row["firstActivityDateTime"],
                "lastEventTime": row["lastActivityDateTime"],
                "lastUpdateTime": row["lastUpdateDateTime"],
                "resolvedTime": row.get("resolvedDateTime"),
                "machineId": device.get("mdeDeviceId"),
                "computerDnsName": device.get("deviceDnsName"),
                "rbacGroupName": device.get("rbacGroupName"),
                "aadTenantId": tenant.tenant_id,
            }
        )
    return rows


def incidents(tenant: Tenant) -> list[Row]:
    """The incidents in the form of the XDR API /api/incidents (minimal; shape [doc])."""
    found = told(tenant, "alerts_v2")
    return [
        {
            "incidentId": int(row["id"]),
            "redirectIncidentId": None,
            "incidentName": row["displayName"],
            "createdTime": row["createdDateTime"],
            "lastUpdateTime": row["lastUpdateDateTime"],
            "assignedTo": row.get("assignedTo"),
            "classification": _pascal(row.get("classification")),
            "determination": _pascal(row.get("determination")),
            "status": _pascal(row["status"]),
            "severity": _pascal(row["severity"]),
            "tags": row.get("customTags", []),
            "alerts": [
                {
                    "alertId": alert["id"],
                    "incidentId": int(row["id"]),
                    "title": alert["title"],
                    "severity": _pascal(alert["severity"]),
                    "status": _pascal(alert["status"]),
                    "category": alert["category"],
                    "investigationState": _pascal(alert["investigationState"]),
                    "serviceSource": _pascal(alert["serviceSource"]),
                }
                for alert in found
                if alert["incidentId"] == row["id"]
            ],
        }
        for row in told(tenant, "incidents")
    ]


def _alerts(asked: Asked) -> Answer:
    members = ("id", "incidentId", "severity", "status", "alertCreationTime", "lastUpdateTime", "investigationState")
    return asked.page(alerts(asked.tenant), Options("Alert", members, top=10000, page=10000), "Alerts")


def _incidents(asked: Asked) -> Answer:
    """At most 100 in a page [doc]."""
    options = Options("Incident", ("status", "createdTime", "lastUpdateTime", "assignedTo"), top=100, page=100)
    return asked.page(incidents(asked.tenant), options, "Incidents")


# ---------------------------------------------------------------- routes


@dataclass(frozen=True)
class Route:
    """A path, who may call it, and what answers."""

    method: str
    pattern: re.Pattern[str]
    permissions: tuple[str, ...]
    handler: Callable[[Asked], Answer]
    xdr: bool = False


def _route(method: str, path: str, permissions: str, handler: Callable[[Asked], Answer], *, xdr: bool = False) -> Route:
    pattern = re.escape(path).replace(r"\{\}", r"([^/]+)")
    return Route(method, re.compile(f"^/api/{pattern}$"), tuple(permissions.split()), handler, xdr)


_READ = "Machine.Read.All Machine.ReadWrite.All"
_ALERT_READ = "Alert.Read.All Alert.ReadWrite.All"

ROUTES = (
    _route("GET", "machines", _READ, _machines),
    _route("POST", "machines/AddOrRemoveTagForMultipleMachines", "Machine.ReadWrite.All", _tag_many),
    _route("GET", "machines/{}", _READ, _machine),
    _route("POST", "machines/{}/tags", "Machine.ReadWrite.All", _tags),
    _route("POST", "machines/{}/runAntiVirusScan", "Machine.Scan", _scan),
    _route("POST", "machines/{}/startInvestigation", "Alert.ReadWrite.All", _start_investigation),
    _route("GET", "deviceavinfo", "Machine.Read.All", _antivirus),
    _route("GET", "machineactions", _READ, _actions),
    _route("GET", "machineactions/{}", _READ, _action),
    _route("POST", "machineactions/{}/cancel", " ".join(sorted(set(_CANCELLED_BY.values()))), _cancel),
    _route("GET", "investigations", _ALERT_READ, _investigations),
    _route("GET", "investigations/{}", _ALERT_READ, _investigation),
    _route("GET", "alerts", _ALERT_READ, _alerts),
    _route("GET", "incidents", "Incident.Read.All Incident.ReadWrite.All", _incidents, xdr=True),
)


def _needs(held: frozenset[str], permissions: tuple[str, ...]) -> None:
    if not held & set(permissions):
        names = ", ".join(permissions)
        text = f"The application does not have any of the required application permissions ({names}) to access the resource."
        raise _refused(403, "Forbidden", text)


def _find(call: Call) -> tuple[Route, str]:
    found_path = False
    for route in ROUTES:
        found = route.pattern.match(call.path)
        if found and route.method == call.method:
            return route, found.groups()[0] if found.groups() else ""
        found_path = found_path or bool(found)
    if found_path:
        raise _refused(405, "MethodNotAllowed", f"Method {call.method} is not allowed for {call.path}.")
    raise _refused(404, "NotFound", f"Resource not found for the path {call.path}.")


def answer(call: Call, world: World) -> Answer:
    """Answer one request to the API, or refuse it in the API's form."""
    route, part = _find(call)
    audience = XDR_AUDIENCE if route.xdr else ENDPOINT_AUDIENCE
    caller = identity.caller(call, world, audience, lambda _code, message: _refusal(401, "Unauthorized", message))
    _needs(caller.app_roles, route.permissions)
    reason = (
        invented.security_without_defender(caller.tenant.plans) if route.xdr else invented.endpoint_without_defender(caller.tenant.plans)
    )
    if reason:
        raise _refused(403, "DisabledFeature", reason)
    return route.handler(Asked(call, caller.tenant, str(caller.identity.get("display_name", "")), caller.app_roles, part))
