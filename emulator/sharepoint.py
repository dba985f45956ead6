# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tenant object of SharePoint's admin site, by the client-side object model: read whole, changed by SetProperty.

Forms of requests and answers: [code] KelvinTegelaar/CIPP-API (Get- and Set-CIPPSPOTenant), pnp/cli-microsoft365. Strict: what these do not
send is refused.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

from . import identity
from .invented import sharepoint as invented
from .service import Answer, Call, Refused
from .tenant import Row, Tenant, World

# [code] ScubaGear for the governments' clouds, [recall] for China.
HOST = re.compile(r"([a-z0-9-]+)-admin\.sharepoint(?:\.com|\.us|-mil\.us|\.cn)")
PATH = "/_vti_bin/client.svc/ProcessQuery"
NAMESPACE = "{http://schemas.microsoft.com/sharepoint/clientquery/2009}"
TENANT_TYPE = "{268004ae-ef6b-4e9b-8425-127220d84719}"
LIBRARY = "908bed80-a04a-4433-b4a0-883d9847d110"  # [code] the same in every published answer
NOUN = "sharepoint.SPOTenant"
PERMISSION = "Sites.FullControl.All"
# Some of what a fresh tenant has. DisallowInfectedFileDownload: [doc]; the others, for their types: [recall]
FRESH: Row = {"DisallowInfectedFileDownload": False, "SharingCapability": 2, "LegacyAuthProtocolsEnabled": True}
TYPES: dict[str, tuple[type, Callable[[str], Any]]] = {
    "Boolean": (bool, lambda text: {"true": True, "false": False}[text]),
    "Int32": (int, int),
    "String": (str, str),
}


class _Wrong(Exception):
    """A request that can't be carried out: .NET type and sentence of its ErrorInfo."""

    def __init__(self, kind: str, text: str, code: int = -2147024809) -> None:
        super().__init__(text)
        self.kind, self.text, self.code = kind, text, code


def answer(call: Call, world: World) -> Answer:
    """Answer one request to an admin site."""
    found = HOST.fullmatch(call.host)
    tenant = world.by_name(found[1]) if found else None
    if tenant is None or not invented.has_sharepoint(tenant.licences) or (call.path, call.method) != (PATH, "POST"):
        raise Refused(Answer(404, "404 FILE NOT FOUND"))
    caller = identity.caller(call, world, [f"https://{call.host}"], lambda code, text: _refusal(code))
    if caller.tenant is not tenant:
        raise Refused(_refusal("audience"))
    claims = identity.claims_of(identity.bearer(call)) or {}
    if claims.get("appidacr") != "2" and claims.get("idtyp") != "user":
        # [code] several clients: a token got with a secret is refused, whatever its permissions are.
        raise Refused(Answer(401, "Unsupported app only token."))
    if not call.headers.get("content-type", "").startswith("text/xml"):
        raise Refused(Answer(415, None))
    trace = str(uuid.uuid4())
    try:
        if PERMISSION not in caller.app_roles:
            raise _Wrong(*invented.SHAREPOINT_DENIED)
        return _said(trace, _carried_out(tenant, call.body, trace))
    except _Wrong as wrong:
        error = {
            "ErrorMessage": wrong.text,
            "ErrorValue": None,
            "TraceCorrelationId": trace,
            "ErrorCode": wrong.code,
            "ErrorTypeName": wrong.kind,
        }
        return _said(trace, [], error)


def cmdlet_of(call: Call) -> str:
    """What Microsoft's own module calls such a request, so that faults can strike one of both and the journal tells them apart."""
    return "Set-SPOTenant" if b"<SetProperty" in call.body else "Get-SPOTenant"


def _refusal(code: str) -> Answer:
    return Answer(401, invented.sharepoint_refusal(code), [("WWW-Authenticate", "Bearer")])


def _said(trace: str, parts: list[Any], error: Row | None = None) -> Answer:
    """Errors come with status 200 too. [code]"""
    head = {"SchemaVersion": "15.0.0.0", "LibraryVersion": "16.0.25000.12000", "ErrorInfo": error, "TraceCorrelationId": trace}
    return Answer(200, [head, *parts], [("SPRequestGuid", trace), ("request-id", trace)])


def _carried_out(tenant: Tenant, body: bytes, trace: str) -> list[Any]:
    if b"<!" in body:  # neither document types nor entities are part of the protocol
        raise _Wrong("System.Xml.XmlException", "For security reasons DTD is prohibited in this XML document.")
    try:
        request = ElementTree.fromstring(body)  # noqa: S314  # without document types there is nothing to expand
    except ElementTree.ParseError as error:
        raise _Wrong("System.Xml.XmlException", str(error)) from None
    if request.tag != f"{NAMESPACE}Request" or not request.get("ApplicationName"):
        raise _wrong_request(f"the root is {request.tag}")
    if [child.tag for child in request] != [f"{NAMESPACE}Actions", f"{NAMESPACE}ObjectPaths"]:
        raise _wrong_request("a request has Actions and ObjectPaths")
    paths = {_path(tenant, path) for path in request[1]}
    results: list[Any] = []
    changes: Row = {}
    for action in request[0]:
        if action.get("ObjectPathId") not in paths:
            raise _wrong_request(f"there is no object path {action.get('ObjectPathId')}")
        _act(tenant, action, trace, results, changes)
    if changes:
        tenant.write(NOUN, [{**_row(tenant, stale=False), **changes}])
    return results


def _wrong_request(text: str) -> _Wrong:
    return _Wrong("Microsoft.SharePoint.Client.InvalidClientQueryException", f"The request is not valid: {text}.")


def _path(tenant: Tenant, path: ElementTree.Element) -> str | None:
    if path.tag == f"{NAMESPACE}Constructor" and path.get("TypeId") == TENANT_TYPE:
        return path.get("Id")
    if path.tag == f"{NAMESPACE}Identity":
        _trace, _bar, rest = (path.get("Name") or "").partition("|")
        if rest == _identity(tenant, "").partition("|")[2]:
            return path.get("Id")
        raise _wrong_request("the identity is not that of the tenant")
    raise _wrong_request(f"this emulation has no {path.tag.removeprefix(NAMESPACE)} of that kind")


def _identity(tenant: Tenant, trace: str) -> str:
    """What the tenant object calls itself; there is a line feed before its type. [code]"""
    return f"{trace}|{LIBRARY}:{tenant.tenant_id}\nTenant"


def _act(tenant: Tenant, action: ElementTree.Element, trace: str, results: list[Any], changes: Row) -> None:
    number = int(action.get("Id") or 0)
    if action.tag == f"{NAMESPACE}ObjectPath":
        results += [number, {"IsNull": False}]
    elif action.tag == f"{NAMESPACE}Query":
        query = action.find(f"{NAMESPACE}Query")
        if query is None or query.get("SelectAllProperties") != "true":
            raise _wrong_request("this emulation gives all properties or none")
        shown = {
            "_ObjectType_": "Microsoft.Online.SharePoint.TenantAdministration.Tenant",
            "_ObjectIdentity_": _identity(tenant, trace),
            **_row(tenant, stale=True),
        }
        results += [number, shown]
    elif action.tag == f"{NAMESPACE}SetProperty":
        changes.update(_changed(tenant, action))
    else:
        raise _wrong_request(f"this emulation has no action {action.tag.removeprefix(NAMESPACE)}")


def _changed(tenant: Tenant, action: ElementTree.Element) -> Row:
    name, parameter = action.get("Name") or "", action.find(f"{NAMESPACE}Parameter")
    there = _row(tenant, stale=False)
    if name not in there:
        raise _Wrong("System.ArgumentException", f'Property "{name}" does not exist.')
    kind, convert = TYPES.get(parameter.get("Type") or "" if parameter is not None else "", (object, str))
    try:
        value = convert((parameter.text or "") if parameter is not None else "")
    except (KeyError, ValueError):
        value = None
    if there[name].__class__ is not kind or value is None:
        raise _Wrong("System.InvalidCastException", f'The value of property "{name}" is not of its type.')
    return {name: value}


def _row(tenant: Tenant, *, stale: bool) -> Row:
    """The settings, as a reader sees them (stale) or as they are."""
    if not tenant.rows(NOUN):
        tenant.put(NOUN, [dict(FRESH)])
    return (tenant.read(NOUN) if stale else tenant.rows(NOUN))[0]
