# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Applications and service principals as Graph makes and changes them, and what these may do in a tenant.

An application is a row of its home tenant. Its service principal in a tenant is an identity of that tenant, so that it can sign in there,
and has the permissions and directory roles that were assigned to it, and no others.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import uuid
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from . import directory
from .graph_form import Asked, route
from .invented import applications as invented
from .odata import Options
from .seed import table
from .service import Answer
from .tenant import Row, Tenant, World

AUDIENCES = ("AzureADMyOrg", "AzureADMultipleOrgs", "AzureADandPersonalMicrosoftAccount", "PersonalMicrosoftAccount")
# What may be sent of an application here. [doc] the members exist; the real service takes more.
SETTABLE = frozenset({"displayName", "description", "notes", "signInAudience", "requiredResourceAccess", "keyCredentials", "tags"})
NOUN, FEDERATED = "applications", "federatedIdentityCredentials"
_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_URL_FRIENDLY = re.compile(r"[A-Za-z0-9_.~-]{1,120}")


# ---------------------------------------------------------------- the world's applications


def application(world: World, client_id: str) -> tuple[Tenant, Row] | None:
    """The application with that client id and the tenant in which it is registered."""
    wanted = client_id.lower()
    for tenant in world.tenants.values():
        for row in tenant.objects.get(NOUN, ()):
            if row["appId"].lower() == wanted:
                return tenant, row
    return None


def certificates(tenant: Tenant, identity: Row) -> list[str]:
    """The certificates, as PEM, that are registered for the application of a service principal."""
    found = application(tenant.world, identity["client_id"]) if identity.get("home") else None
    keys = found[1]["keyCredentials"] if found else ()
    return [x509.load_der_x509_certificate(base64.b64decode(one["key"])).public_bytes(Encoding.PEM).decode() for one in keys]


def federated(tenant: Tenant, identity: Row) -> list[Row]:
    """The federated credentials of the application of a service principal."""
    found = application(tenant.world, identity["client_id"]) if identity.get("home") else None
    if not found:
        return []
    home, row = found
    return [one for one in home.objects.get(FEDERATED, ()) if one["_application"] == row["id"]]


def installed(tenant: Tenant, home: Tenant, row: Row) -> Row:
    """The service principal of an application in a tenant, made now: it can sign in and may do nothing."""
    identity: Row = {
        "client_id": row["appId"],
        "client_secret": "",
        "display_name": row["displayName"],
        "directory_roles": [],
        "app_permissions": {},
        "object_id": str(uuid.uuid4()),
        "home": home.tenant_id,
    }
    tenant.identities[row["appId"]] = identity
    return identity


def _shown(row: Row, keys: bool = False) -> Row:
    """An application as it is answered: the certificates themselves only where they were asked for by name. [doc] keycredential"""
    shown = {name: value for name, value in row.items() if not name.startswith("_")}
    shown["keyCredentials"] = [one if keys else {**one, "key": None} for one in row["keyCredentials"]]
    return shown


# ---------------------------------------------------------------- applications


def list_applications(asked: Asked) -> Answer:
    options = Options("microsoft.graph.application", filter_by=("appId", "displayName", "id"), page=100, top=999, skip=False)
    return asked.page([_shown(row) for row in asked.tenant.read(NOUN)], options, NOUN)


def get_application(asked: Asked) -> Answer:
    wanted = asked.call.query.get("$select", "").split(",")
    return asked.entity(_shown(_found(asked), "keyCredentials" in wanted), NOUN)


def create_application(asked: Asked) -> Answer:
    body = _body(asked)
    if not body.get("displayName"):
        raise asked.refused(400, "Request_BadRequest", "One or more properties contains invalid values.")
    row: Row = {
        "id": str(uuid.uuid4()),
        "appId": str(uuid.uuid4()),
        "description": None,
        "notes": None,
        "publisherDomain": asked.tenant.domain,
        "signInAudience": "AzureADandPersonalMicrosoftAccount",  # [doc] the sample of "Create application", which names none
        "requiredResourceAccess": [],
        "keyCredentials": [],
        "passwordCredentials": [],
        "tags": [],
        "createdDateTime": f"{asked.tenant.clock():%Y-%m-%dT%H:%M:%SZ}",
        **_members(asked, body),
        "_owner": asked.who["object_id"],
    }
    asked.tenant.write(NOUN, [*asked.tenant.rows(NOUN), row])
    return Answer(201, {"@odata.context": f"{asked.call.base}/v1.0/$metadata#{NOUN}/$entity", **_shown(row)})


def update_application(asked: Asked) -> Answer:
    row = _owned(asked)
    changed = {**row, **_members(asked, _body(asked))}
    asked.tenant.write(NOUN, [changed if one is row else one for one in asked.tenant.rows(NOUN)])
    return Answer(204)


def delete_application(asked: Asked) -> Answer:
    """Takes away the application and its service principal of this tenant. [recall]"""
    row = _owned(asked)
    asked.tenant.write(NOUN, [one for one in asked.tenant.rows(NOUN) if one is not row])
    asked.tenant.write(FEDERATED, [one for one in asked.tenant.rows(FEDERATED) if one["_application"] != row["id"]])
    for name, identity in list(asked.tenant.identities.items()):
        if identity["client_id"] == row["appId"]:
            del asked.tenant.identities[name]
    return Answer(204)


def _found(asked: Asked) -> Row:
    key = asked.parts[0].lower()
    for row in asked.tenant.rows(NOUN):
        if key in (row["id"].lower(), row["appId"].lower() if "appId=" in asked.call.path else ""):
            return row
    raise asked.missing()


def _owned(asked: Asked) -> Row:
    """The application, if the caller may change it: Application.ReadWrite.OwnedBy reaches only what the caller owns. [doc]"""
    row = _found(asked)
    if "Application.ReadWrite.All" not in asked.held and row["_owner"] != asked.who["object_id"]:
        raise asked.refused(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
    return row


def _body(asked: Asked) -> Row:
    try:
        body = asked.call.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise asked.refused(400, "BadRequest", "Unable to read JSON request payload.")
    return {name: value for name, value in body.items() if not name.startswith("@odata.")}


def _members(asked: Asked, body: Row) -> Row:
    """What is set, checked. Adding a secret so is not supported. [doc]"""
    strange = body.keys() - SETTABLE
    if strange:
        raise asked.refused(400, "Request_BadRequest", f"This emulation can't set '{sorted(strange)[0]}' of an application.")
    if body.get("signInAudience", AUDIENCES[0]) not in AUDIENCES:
        raise asked.refused(400, "Request_BadRequest", "Invalid value specified for property 'signInAudience' of resource 'Application'.")
    for one in body.get("requiredResourceAccess", ()):
        accesses = one.get("resourceAccess") if isinstance(one, dict) and _GUID.fullmatch(str(one.get("resourceAppId"))) else None
        if not accesses or not all(_GUID.fullmatch(str(each.get("id"))) and each.get("type") in ("Role", "Scope") for each in accesses):
            text = "Invalid value specified for property 'requiredResourceAccess' of resource 'Application'."
            raise asked.refused(400, "Request_BadRequest", text)
    made = dict(body)
    if "keyCredentials" in body:
        made["keyCredentials"] = [_key(asked, one) for one in body["keyCredentials"]]
    return made


def _key(asked: Asked, given: Row) -> Row:
    """One certificate: the public part in base64 DER, for verifying. Its thumbprint and its time come from itself. [doc] keycredential"""
    try:
        parsed = x509.load_der_x509_certificate(base64.b64decode(str(given.get("key") or ""), validate=True))
    except (ValueError, binascii.Error):
        parsed = None
    if parsed is None or given.get("type") != "AsymmetricX509Cert" or given.get("usage") != "Verify":
        raise asked.refused(400, invented.KEY_REFUSED[0], invented.KEY_REFUSED[1])
    der = parsed.public_bytes(Encoding.DER)
    return {
        "customKeyIdentifier": base64.b64encode(hashlib.sha1(der, usedforsecurity=False).digest()).decode(),
        "displayName": given.get("displayName") or parsed.subject.rfc4514_string(),
        "startDateTime": f"{parsed.not_valid_before_utc:%Y-%m-%dT%H:%M:%SZ}",
        "endDateTime": f"{parsed.not_valid_after_utc:%Y-%m-%dT%H:%M:%SZ}",
        "key": base64.b64encode(der).decode(),
        "keyId": given.get("keyId") or str(uuid.uuid4()),
        "type": "AsymmetricX509Cert",
        "usage": "Verify",
    }


# ---------------------------------------------------------------- federated credentials of an application [doc] their members


def list_federated(asked: Asked) -> Answer:
    row = _found(asked)
    rows = [_plain(one) for one in asked.tenant.read(FEDERATED) if one["_application"] == row["id"]]
    return asked.page(rows, Options("microsoft.graph.federatedIdentityCredential", ("name", "subject", "issuer"), skip=False), FEDERATED)


def create_federated(asked: Asked) -> Answer:
    row = _owned(asked)
    new = {"id": str(uuid.uuid4()), "description": None, **_credential(asked, _body(asked), whole=True), "_application": row["id"]}
    others = [one for one in asked.tenant.rows(FEDERATED) if one["_application"] == row["id"]]
    for one in others:
        if one["name"] == new["name"] or (one["issuer"], one["subject"]) == (new["issuer"], new["subject"]):
            raise asked.refused(409, "Request_MultipleObjectsWithSameKeyValue", invented.FEDERATED_TWICE.format(name=new["name"]))
    if len(others) >= invented.FEDERATED_MOST:
        raise asked.refused(400, "Request_BadRequest", f"An application can have {invented.FEDERATED_MOST} federated credentials.")
    asked.tenant.write(FEDERATED, [*asked.tenant.rows(FEDERATED), new])
    return Answer(201, _plain(new))


def update_federated(asked: Asked) -> Answer:
    """Everything but the name can be changed. [doc]"""
    old = _federated(asked)
    changes = _credential(asked, _body(asked), whole=False)
    if changes.get("name", old["name"]) != old["name"]:
        raise asked.refused(400, "Request_BadRequest", "Property 'name' is read-only and cannot be set.")
    asked.tenant.write(FEDERATED, [{**old, **changes} if one is old else one for one in asked.tenant.rows(FEDERATED)])
    return Answer(204)


def delete_federated(asked: Asked) -> Answer:
    old = _federated(asked)
    asked.tenant.write(FEDERATED, [one for one in asked.tenant.rows(FEDERATED) if one is not old])
    return Answer(204)


def _federated(asked: Asked) -> Row:
    row, key = _owned(asked), asked.parts[1].lower()
    for one in asked.tenant.rows(FEDERATED):
        if one["_application"] == row["id"] and key in (one["id"], one["name"].lower()):
            return one
    raise asked.missing()


def _credential(asked: Asked, body: Row, *, whole: bool) -> Row:
    known = {"name", "issuer", "subject", "audiences", "description"}
    audiences = body.get("audiences", ["one"])
    fits = isinstance(audiences, list) and len(audiences) == 1 and _URL_FRIENDLY.fullmatch(str(body.get("name", "name")))
    if body.keys() - known or not fits or (whole and not all(body.get(name) for name in ("name", "issuer", "subject", "audiences"))):
        raise asked.refused(400, "Request_BadRequest", "One or more properties of the federated identity credential are invalid.")
    return body


def _plain(row: Row) -> Row:
    return {name: value for name, value in row.items() if not name.startswith("_")}


# ---------------------------------------------------------------- service principals


def create_service_principal(asked: Asked) -> Answer:
    body = _body(asked)
    client_id = str(body.get("appId") or "")
    if body.keys() - {"appId"} or not _GUID.fullmatch(client_id):
        raise asked.refused(400, "Request_BadRequest", "This emulation makes a service principal of an 'appId' and nothing else.")
    if any(row["appId"].lower() == client_id.lower() for row in directory.service_principals(asked.tenant)):
        text = (
            "The service principal cannot be created, updated, or restored because the service principal name "
            f"{client_id} is already in use."
        )
        raise asked.refused(409, "Request_MultipleObjectsWithSameKeyValue", text)
    found = application(asked.tenant.world, client_id)
    if found is None or (found[0] is not asked.tenant and found[1]["signInAudience"] == "AzureADMyOrg"):
        text = f"The appId '{client_id}' of the service principal does not reference a valid application object."
        raise asked.refused(400, "Request_BadRequest", text)
    identity = installed(asked.tenant, *found)
    row = next(row for row in directory.service_principals(asked.tenant) if row["id"] == identity["object_id"])
    return Answer(201, {"@odata.context": f"{asked.call.base}/v1.0/$metadata#servicePrincipals/$entity", **row})


def delete_service_principal(asked: Asked) -> Answer:
    name, dummy = _principal(asked, asked.parts[0])
    del asked.tenant.identities[name]
    return Answer(204)


def _principal(asked: Asked, key: str) -> tuple[str, Row]:
    """The identity that is the service principal with that object id, and its name."""
    for name, identity in asked.tenant.identities.items():
        if identity["object_id"].lower() == key.lower():
            return name, identity
    raise asked.missing()


# ---------------------------------------------------------------- what a service principal may do


def assignments(tenant: Tenant, identity: Row) -> list[Row]:
    """The app roles of a service principal. [doc] the members of an appRoleAssignment"""
    principals = {row["appId"]: row for row in directory.service_principals(tenant)}
    rows = []
    for resource, names in identity.get("app_permissions", {}).items():
        of = principals.get(table("resources")["resources"][resource]["appId"])
        rows += [_assignment(tenant, identity, of, directory.permission_id(resource, name)) for name in names] if of else []
    return rows


def _assignment(tenant: Tenant, identity: Row, of: Row, role: str) -> Row:
    number = uuid.UUID(tenant.guid(identity["object_id"], role))
    return {
        "id": base64.urlsafe_b64encode(number.bytes).decode().rstrip("="),
        "createdDateTime": tenant.placeholders()["{whenCreatedUTC}"],
        "appRoleId": role,
        "principalDisplayName": identity.get("display_name", ""),
        "principalId": identity["object_id"],
        "principalType": "ServicePrincipal",
        "resourceDisplayName": of["displayName"],
        "resourceId": of["id"],
    }


def list_assignments(asked: Asked) -> Answer:
    """The app roles of a service principal; a resource has none itself."""
    row = next((one for one in directory.service_principals(asked.tenant) if one["id"].lower() == asked.parts[0].lower()), None)
    if row is None:
        raise asked.missing()
    identity = next((one for one in asked.tenant.identities.values() if one["object_id"] == row["id"]), None)
    rows = assignments(asked.tenant, identity) if identity else []
    return asked.page(rows, Options("microsoft.graph.appRoleAssignment", page=100, top=999, skip=False), "appRoleAssignments")


def assign(asked: Asked) -> Answer:
    """Gives a service principal an app role of this resource. [doc] the call, [recall] its refusals"""
    body = _body(asked)
    if body.keys() != {"principalId", "resourceId", "appRoleId"} or body["resourceId"] != asked.parts[0]:
        raise asked.refused(400, "Request_BadRequest", "One or more properties are invalid.")
    resource, role = _role(asked, body["resourceId"], body["appRoleId"])
    dummy, identity = _principal(asked, str(body["principalId"]))
    held = identity["app_permissions"].get(resource, [])
    if role in held:
        raise asked.refused(400, "Request_BadRequest", "Permission being assigned already exists on the object")
    identity["app_permissions"] = {**identity["app_permissions"], resource: [*held, role]}
    made = next(row for row in assignments(asked.tenant, identity) if row["appRoleId"] == body["appRoleId"])
    return Answer(201, made)


def unassign(asked: Asked) -> Answer:
    for identity in asked.tenant.identities.values():
        for row in assignments(asked.tenant, identity):
            if row["id"] == asked.parts[1] and row["resourceId"] == asked.parts[0]:
                resource, role = _role(asked, row["resourceId"], row["appRoleId"])
                left = [name for name in identity["app_permissions"][resource] if name != role]
                identity["app_permissions"] = {**identity["app_permissions"], resource: left}
                return Answer(204)
    raise asked.missing()


def _role(asked: Asked, resource_id: str, role_id: Any) -> tuple[str, str]:
    """The key of a resource and the name of one of its app roles."""
    for name, resource in table("resources")["resources"].items():
        for row in directory.service_principals(asked.tenant):
            if row["id"] == resource_id and row["appId"] == resource["appId"]:
                for role in row["appRoles"]:
                    if role["id"] == role_id:
                        return name, role["value"]
                raise asked.refused(400, "Request_BadRequest", "Permission being assigned was not found on application")
    raise asked.missing()


def grants(asked: Asked) -> Answer:
    """The delegated permissions that service principals were given for everybody. [doc] the members of an oAuth2PermissionGrant"""
    principals = {row["appId"]: row for row in directory.service_principals(asked.tenant)}
    rows = []
    for identity in asked.tenant.identities.values():
        for resource, scopes in identity.get("delegated", {}).items():
            of = principals.get(table("resources")["resources"][resource]["appId"])
            if of is None:
                continue
            rows.append(
                {
                    "id": asked.tenant.guid("grant", identity["object_id"], resource),
                    "clientId": identity["object_id"],
                    "consentType": "AllPrincipals",
                    "principalId": None,
                    "resourceId": of["id"],
                    "scope": " ".join(scopes),
                }
            )
    options = Options("microsoft.graph.oAuth2PermissionGrant", ("clientId", "resourceId", "consentType"), page=100, top=999, skip=False)
    return asked.page(rows, options, "oauth2PermissionGrants")


# ---------------------------------------------------------------- directory roles


def assign_role(asked: Asked) -> Answer:
    """Gives a service principal a directory role for the whole tenant. [doc] the call; [code] the refusal of a second time"""
    body = _body(asked)
    names = {number: name for name, number in table("directory")["roles"].items()}
    if body.keys() != {"roleDefinitionId", "principalId", "directoryScopeId"} or body["directoryScopeId"] != "/":
        raise asked.refused(400, "Request_BadRequest", "This emulation assigns a role to a principal, for the directoryScopeId '/'.")
    if body["roleDefinitionId"] not in names:
        raise asked.refused(400, "Request_BadRequest", invented.ROLE_UNKNOWN)
    role = names[body["roleDefinitionId"]]
    dummy, identity = _principal(asked, str(body["principalId"]))
    there = directory.role_assignments(asked.tenant)
    if any(row["principalId"] == body["principalId"] and row["roleDefinitionId"] == body["roleDefinitionId"] for row in there):
        text = "A conflicting object with one or more of the specified property values is present in the directory."
        raise asked.refused(400, "Request_BadRequest", text)
    row = {"id": asked.tenant.guid("role assignment", identity["object_id"], role), **body}
    if asked.tenant.rows("roleAssignments"):
        asked.tenant.write("roleAssignments", [*asked.tenant.rows("roleAssignments"), row])
    identity["directory_roles"] = [*identity["directory_roles"], role]
    made = next(one for one in directory.role_assignments(asked.tenant) if _same_role(one, row))
    return Answer(201, made)


def unassign_role(asked: Asked) -> Answer:
    names = {number: name for name, number in table("directory")["roles"].items()}
    for row in directory.role_assignments(asked.tenant):
        if row["id"] == asked.parts[0]:
            kept = [one for one in asked.tenant.rows("roleAssignments") if one["id"] != row["id"]]
            asked.tenant.write("roleAssignments", kept)
            for identity in asked.tenant.identities.values():
                if identity["object_id"] == row["principalId"]:
                    role = names.get(row["roleDefinitionId"])
                    identity["directory_roles"] = [one for one in identity["directory_roles"] if one != role]
            return Answer(204)
    raise asked.missing()


def _same_role(one: Row, other: Row) -> bool:
    return all(one[name] == other[name] for name in ("principalId", "roleDefinitionId", "directoryScopeId"))


# ---------------------------------------------------------------- routes [doc] permissions, each from the page of its call

READ = "Application.Read.All Application.ReadWrite.All Application.ReadWrite.OwnedBy Directory.Read.All Directory.ReadWrite.All"
_WRITE = "Application.ReadWrite.All Application.ReadWrite.OwnedBy"
_CREDENTIALS = "/applications/{}/federatedIdentityCredentials"

ROUTES = (
    route("GET", "/applications", READ, list_applications),
    route("POST", "/applications", _WRITE, create_application),
    route("GET", "/applications/{}", READ, get_application),
    route("GET", "/applications(appId='{}')", READ, get_application),
    route("PATCH", "/applications/{}", _WRITE, update_application),
    route("DELETE", "/applications/{}", _WRITE, delete_application),
    route("GET", _CREDENTIALS, READ, list_federated),
    route("POST", _CREDENTIALS, _WRITE, create_federated),
    route("PATCH", f"{_CREDENTIALS}/{{}}", _WRITE, update_federated),
    route("DELETE", f"{_CREDENTIALS}/{{}}", _WRITE, delete_federated),
    route("POST", "/servicePrincipals", _WRITE, create_service_principal),
    route("DELETE", "/servicePrincipals/{}", _WRITE, delete_service_principal),
    route("GET", "/servicePrincipals/{}/appRoleAssignments", READ, list_assignments),
    route("POST", "/servicePrincipals/{}/appRoleAssignedTo", "AppRoleAssignment.ReadWrite.All", assign),
    route("DELETE", "/servicePrincipals/{}/appRoleAssignedTo/{}", "AppRoleAssignment.ReadWrite.All", unassign),
    route("GET", "/oauth2PermissionGrants", "Directory.Read.All DelegatedPermissionGrant.ReadWrite.All", grants),
    route("POST", "/roleManagement/directory/roleAssignments", "RoleManagement.ReadWrite.Directory", assign_role),
    route("DELETE", "/roleManagement/directory/roleAssignments/{}", "RoleManagement.ReadWrite.Directory", unassign_role),
)
