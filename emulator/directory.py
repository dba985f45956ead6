# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is in a tenant's directory, as Graph shows it: the organization, its domains, applications and their roles."""

from __future__ import annotations

import uuid
from typing import Any

from .clouds import CHINA
from .invented.applications import PERMISSIONS_ABSENT
from .seed import table
from .tenant import ENDPOINT_PLANS, NAMESPACE, Row, Tenant


def organization(tenant: Tenant) -> Row:
    """The organization object: the seed's own, or one made of the tenant's names and accepted domains. Shape [recall]."""
    rows = tenant.read("organization")
    made: dict[str, Any] = {
        "id": tenant.tenant_id,
        "displayName": tenant.display_name,
        "tenantType": "AAD",
        "createdDateTime": tenant.placeholders()["{whenCreatedUTC}"],
        "verifiedDomains": [
            {
                "capabilities": "Email, OfficeCommunicationsOnline",
                "isDefault": bool(row.get("Default")),
                "isInitial": bool(row.get("InitialDomain")),
                "name": row["DomainName"],
                "type": "Managed",
            }
            for row in tenant.read("AcceptedDomain")
        ],
    }
    return {**made, **rows[0], "id": tenant.tenant_id} if rows else made


def domains(tenant: Tenant) -> list[Row]:
    """The domains, from the organization's verified ones."""
    return [
        {
            "id": domain["name"],
            "authenticationType": "Managed",
            "isAdminManaged": True,
            "isDefault": domain["isDefault"],
            "isInitial": domain["isInitial"],
            "isRoot": True,
            "isVerified": True,
            "supportedServices": ["Email", "OfficeCommunicationsOnline"],
        }
        for domain in organization(tenant)["verifiedDomains"]
    ]


def role_definitions() -> list[Row]:
    """The built-in directory roles; id and template id are the same [recall]."""
    return [
        {"id": number, "templateId": number, "displayName": name, "description": "", "isBuiltIn": True, "isEnabled": True, "version": "1"}
        for name, number in table("directory")["roles"].items()
    ]


def role_assignments(tenant: Tenant) -> list[Row]:
    """Direct role assignments: the seed's own rows, or those of the tenant's identities."""
    rows = tenant.read("roleAssignments")
    if rows:
        return rows
    roles = table("directory")["roles"]
    return [
        {
            "id": tenant.guid("role assignment", name, role),
            "principalId": identity["object_id"],
            "roleDefinitionId": roles.get(role, role),
            "directoryScopeId": "/",
        }
        for name, identity in tenant.identities.items()
        for role in identity.get("directory_roles", [])
    ]


def permission_id(resource: str, name: str) -> str:
    """The id of an application permission: published for some, else made up but always the same."""
    known = table("resources")["resources"][resource].get("permission_ids", {})
    return known.get(name) or str(uuid.uuid5(NAMESPACE, f"permission/{resource}/{name}"))


def service_principals(tenant: Tenant) -> list[Row]:
    """Service principals: the applications of the tenant's identities, and the resources whose permissions they may hold."""
    applications = [
        {
            "id": identity["object_id"],
            "appId": identity["client_id"],
            "displayName": identity.get("display_name", name),
            "servicePrincipalType": "Application",
            "accountEnabled": True,
            "appRoles": [],
        }
        for name, identity in tenant.identities.items()
    ]
    held = {name: set(resource.get("permissions", ())) for name, resource in table("resources")["resources"].items()}
    for identity in tenant.identities.values():
        for resource, names in identity.get("app_permissions", {}).items():
            held[resource].update(names)
    held["graph"] = {name for name in held["graph"] if not name.startswith(PERMISSIONS_ABSENT.get(tenant.cloud, ()))}
    resources = [
        {
            "id": tenant.guid("resource", name),
            "appId": resource["appId"],
            "displayName": resource["displayName"],
            "servicePrincipalType": "Application",
            "accountEnabled": True,
            "appRoles": [
                {
                    "id": permission_id(name, value),
                    "value": value,
                    "displayName": value,
                    "allowedMemberTypes": ["Application"],
                    "isEnabled": True,
                }
                for value in sorted(held[name])
            ],
        }
        for name, resource in table("resources")["resources"].items()
        # a tenant that never used Defender for Endpoint has no such application, and China has no such service [doc]
        if name not in ("defender", "xdr") or (tenant.plans & ENDPOINT_PLANS and tenant.cloud != CHINA)
    ]
    return applications + resources
