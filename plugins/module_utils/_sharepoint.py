# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tenant object of SharePoint, by the client-side object model of the tenant's admin site. Private to the collection.

Requests and answers: [code] KelvinTegelaar/CIPP-API (Get- and Set-CIPPSPOTenant), where nothing else is said.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree

from ansible_collections.m365.defender.plugins.module_utils._claims import wanted_claims
from ansible_collections.m365.defender.plugins.module_utils._clouds import Cloud
from ansible_collections.m365.defender.plugins.module_utils._credentials import SignIn
from ansible_collections.m365.defender.plugins.module_utils._errors import (
    Forbidden,
    NotFound,
    OutcomeUnknown,
    Refused,
    TenantError,
    Unavailable,
)
from ansible_collections.m365.defender.plugins.module_utils._graph import Rest
from ansible_collections.m365.defender.plugins.module_utils._token_files import TokenFiles
from ansible_collections.m365.defender.plugins.module_utils._transport import Reply, Transport

Row = dict[str, Any]
SCHEMA = "http://schemas.microsoft.com/sharepoint/clientquery/2009"
TENANT_TYPE = "{268004ae-ef6b-4e9b-8425-127220d84719}"
APPLICATION = "m365.defender"
IDENTITY = "_ObjectIdentity_"
# What SharePoint says to an app that signed in with a secret. [code] several public clients
SECRET_REFUSED = "Unsupported app only token"
CERTIFICATE_HINT = (
    "SharePoint takes an app only if it signs in with a certificate: set client_certificate. The app needs the application permission "
    "Sites.FullControl.All of Office 365 SharePoint Online as well."
)
PERMISSION_HINT = (
    "Grant the app the application permission Sites.FullControl.All of Office 365 SharePoint Online, with an administrator's consent, and "
    "sign in with client_certificate. A new grant takes some minutes."
)
WITHOUT = "Most likely the tenant has no licence of SharePoint. Or look at cloud."
ROOT_SITE, ORGANIZATION = ("sites/root", (("$select", "id"),)), ("organization", ())


class SharePoint:
    """Reads and changes the tenant object. Asks Graph once which name the tenant has in SharePoint."""

    def __init__(
        self, *, cloud: Cloud, tenant: str, transport: Transport, sign_in: SignIn, graph: Rest, files: TokenFiles, place: str
    ) -> None:
        """place: the endpoint, so that what was learned about an emulated tenant is not believed of a real one."""
        self._domain = cloud.sharepoint
        self._about = ("sharepoint", cloud.login, place, tenant)
        self._transport = transport
        self._sign_in = sign_in
        self._graph = graph
        self._files = files
        self._name = ""

    @property
    def audience(self) -> str:
        """What a token for the tenant's admin site is asked for, without `/.default`. Raises TenantError when its name can't be found."""
        return f"https://{self._admin()}-admin.{self._domain}"

    def read(self) -> Row:
        """Every setting of the tenant. Raises TenantError."""
        request, actions, paths = _request()
        ElementTree.SubElement(actions, "ObjectPath", Id="106", ObjectPathId="105")
        query = ElementTree.SubElement(ElementTree.SubElement(actions, "Query", Id="107", ObjectPathId="105"), "Query")
        query.set("SelectAllProperties", "true")
        ElementTree.SubElement(query, "Properties")
        ElementTree.SubElement(paths, "Constructor", Id="105", TypeId=TENANT_TYPE)
        self._transport.counts["reads"] += 1
        parts, reply = self._process(request, "Reading the tenant settings of SharePoint", write=False)
        row = parts[-1]
        if not isinstance(row, dict) or IDENTITY not in row:
            raise Unavailable("SharePoint gave an answer without the tenant", **_known("Reading the tenant settings of SharePoint", reply))
        return row

    def set(self, identity: str, values: Mapping[str, bool], tried: str) -> str:
        """Changes settings; returns the request's id. identity: what the tenant called itself when it was read. Raises TenantError."""
        request, actions, paths = _request()
        for number, (name, value) in enumerate(values.items(), 114):
            change = ElementTree.SubElement(actions, "SetProperty", Id=str(number), ObjectPathId="110", Name=name)
            ElementTree.SubElement(change, "Parameter", Type="Boolean").text = "true" if value else "false"
        ElementTree.SubElement(paths, "Identity", Id="110", Name=identity)
        with self._transport.writing():
            return self._process(request, tried, write=True)[1].request_id

    def _process(self, request: ElementTree.Element, tried: str, *, write: bool) -> tuple[list[Any], Reply]:
        """The parts of an answer. An error comes with status 200 too."""
        # A line feed in an attribute must be written as a reference; published clients spell it in hexadecimal.
        body = ElementTree.tostring(request, encoding="unicode").replace("&#10;", "&#xA;")
        reply = self._send(body, tried, write)
        if reply.status != 200:
            raise _error(reply, tried, write)
        parts = reply.json()
        head = parts[0] if isinstance(parts, list) and parts else None
        if not isinstance(head, dict) or "ErrorInfo" not in head:
            if write:
                raise OutcomeUnknown("it is not known whether the change was made: the answer can't be read", **_known(tried, reply))
            raise Unavailable("SharePoint gave an answer that can't be read", **_known(tried, reply))
        if head["ErrorInfo"]:
            raise _refused(head["ErrorInfo"], tried, reply)
        return parts, reply

    def _send(self, body: str, tried: str, write: bool) -> Reply:
        """Sends; once more with a new token after a 401 that it may help against, and, when only reading, after a 500."""
        audience = self.audience
        token = self._sign_in.token(audience)
        for renewed in (False, True):
            reply = self._transport.send(
                "POST",
                f"{audience}/_vti_bin/client.svc/ProcessQuery",
                service="sharepoint",
                tried=tried,
                headers={
                    "Authorization": f"Bearer {token}",
                    "Content-Type": "text/xml",
                    "Accept": "application/json;odata=verbose",
                },
                form=body,
                write=write,
            )
            if renewed or SECRET_REFUSED in _text(reply):
                break
            if reply.status == 500 and not write:
                continue
            if reply.status != 401:
                break
            token = self._sign_in.token(audience, instead_of=token, claims=wanted_claims(reply.headers.get("WWW-Authenticate") or ""))
        return reply

    def _admin(self) -> str:
        """The tenant's name in SharePoint: contoso of contoso.sharepoint.com."""
        if not self._name:
            kept = self._files.read(*self._about) or {}
            self._name = str(kept.get("name") or "") or self._asked()
        return self._name

    def _asked(self) -> str:
        """From the root site; where that may not be read, from the initial domain, which is the same unless the tenant was renamed."""
        found = self._graph.read_each([ROOT_SITE])[0]
        if isinstance(found, Forbidden):
            domains = self._graph.read_each([ORGANIZATION])[0]
            if isinstance(domains, TenantError):
                raise found
            initial = [one.get("name", "") for row in domains for one in row.get("verifiedDomains") or () if one.get("isInitial")]
            host = f"{initial[0].partition('.')[0]}.{self._domain}" if initial else ""
        elif isinstance(found, TenantError):
            if found.kind in ("refused", "not_found"):
                found.hint = WITHOUT
            raise found
        else:
            host = str(found[0].get("id") or "").partition(",")[0].lower() if found else ""
        name = re.fullmatch(rf"([a-z0-9-]+)\.{re.escape(self._domain)}", host)
        if not name:
            raise NotFound(
                f"Microsoft Graph does not say which name the tenant has in {self._domain}" + (f", but {host}" if host else ""),
                tried="Looking for the tenant's SharePoint",
                service="sharepoint",
                hint=WITHOUT,
            )
        self._files.write(*self._about, kept={"name": name[1]})
        return name[1]


def _request() -> tuple[ElementTree.Element, ElementTree.Element, ElementTree.Element]:
    """An empty request with its actions and object paths."""
    request = ElementTree.Element("Request", xmlns=SCHEMA, AddExpandoFieldTypeSuffix="true", ApplicationName=APPLICATION)
    request.attrib.update({"SchemaVersion": "15.0.0.0", "LibraryVersion": "16.0.0.0"})
    return request, ElementTree.SubElement(request, "Actions"), ElementTree.SubElement(request, "ObjectPaths")


def _known(tried: str, reply: Reply) -> Row:
    return {"service": "sharepoint", "tried": tried, "status": reply.status, "request_id": reply.request_id}


def _refused(info: Any, tried: str, reply: Reply) -> TenantError:
    """The TenantError of an ErrorInfo. [code] pnp/cli-microsoft365 its members; which types mean a missing permission [recall]"""
    info = info if isinstance(info, dict) else {}
    kind = str(info.get("ErrorTypeName") or "").rsplit(".", 1)[-1]
    known = {**_known(tried, reply), "code": kind}
    known["request_id"] = str(info.get("TraceCorrelationId") or "") or known["request_id"]
    text = str(info.get("ErrorMessage") or "").strip() or "SharePoint refused it without a reason"
    if "UnauthorizedAccess" in kind:
        return Forbidden(text, hint=PERMISSION_HINT, **known)
    return Refused(text, **known)


def _error(reply: Reply, tried: str, write: bool) -> TenantError:
    """The TenantError of an answer that is no success. Forms of other statuses than 401 are a guess."""
    known = _known(tried, reply)
    text = _text(reply)
    if reply.status in (401, 403):
        if SECRET_REFUSED in text:
            return Forbidden("SharePoint does not take the token of an app that signed in with a secret", hint=CERTIFICATE_HINT, **known)
        return Forbidden(text or "SharePoint forbids it", hint=PERMISSION_HINT, **known)
    if reply.status == 404:
        return NotFound("the tenant has no admin site of SharePoint", hint=WITHOUT, **known)
    if reply.status == 429:
        return Unavailable("SharePoint takes no more requests for now", hint="Try again later, or with fewer forks.", **known)
    if reply.status >= 500:
        if write:
            reason = text or "SharePoint failed"
            return OutcomeUnknown(
                f"it is not known whether the change was made: {reason}", hint="Run the task again: it looks anew.", **known
            )
        return Unavailable(text or "SharePoint failed", hint="Try again later.", **known)
    return Refused(text or f"SharePoint refused it without a reason (HTTP {reply.status})", **known)


def _text(reply: Reply) -> str:
    """What an answer says that is no list of parts: plain text, or one of several forms of JSON."""
    body = reply.json()
    if isinstance(body, dict):
        error = body.get("error")
        return str(body.get("error_description") or (error.get("message") if isinstance(error, dict) else error) or "").strip()
    said = reply.body.decode("utf-8", "replace").strip()
    return said if body is None and said and not said.startswith("<") else ""
