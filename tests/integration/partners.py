# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A partner for the tests: its tenant, its person's login, its relationships with customers."""

from __future__ import annotations

from typing import Any

from emulator.testing import EmulatedTenant

APP: dict[str, Any] = {
    "client_id": "cccccccc-0000-4000-8000-000000000001",
    "client_secret": "not-a-real-secret-of-the-onboarding-0000000000",
    "refresh_token": "not-a-real-refresh-token-of-the-onboarding-000000000000",
    "app_permissions": {"graph": ["Application.ReadWrite.All", "DelegatedAdminRelationship.Read.All", "Directory.Read.All"]},
    "user": {
        "name": "admin@contoso.com",
        "object_id": "dddddddd-0000-4000-8000-000000000001",
        "directory_roles": [],
        "scopes": {"partner": ["user_impersonation"], "graph": ["Application.ReadWrite.All"]},
    },
}
EXCHANGE_ADMINISTRATOR = "29232cdf-9323-42fd-ade2-1d097af3e4de"
LOGIN = ("client_id", "client_secret", "refresh_token")


def relate(partner: EmulatedTenant, *customers: EmulatedTenant, roles: tuple[str, ...] = ()) -> None:
    """Makes these tenants the customers of a partner. roles: ids of the directory roles that its people get there."""
    rows = [
        {
            "id": f"of-{one.name}",
            "displayName": one.name,
            "status": "active",
            "endDateTime": "2099-02-10T11:24:42.3148266Z",
            "accessDetails": {"unifiedRoles": [{"roleDefinitionId": number} for number in roles]},
            "customer": {"tenantId": one.tenant_id, "displayName": one.name.title()},
        }
        for one in customers
    ]
    partner.put_state("delegatedAdminRelationships", rows)
