# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The products a tenant has bought, as Graph lists them."""

from __future__ import annotations

from .devices import told
from .seed import table
from .tenant import Row, Tenant

UNITS = 25
"""Licences of each product where a seed says nothing else."""


def _row(tenant: Tenant, part_number: str) -> Row:
    skus, plans = table("licences")["skus"], table("licences")["plans"]
    sku = skus[part_number]
    return {
        "id": f"{tenant.tenant_id}_{sku['skuId']}",
        "accountId": tenant.tenant_id,
        "accountName": tenant.name,
        "appliesTo": "User",
        "capabilityStatus": "Enabled",
        "consumedUnits": UNITS // 2,
        "prepaidUnits": {"enabled": UNITS, "suspended": 0, "warning": 0, "lockedOut": 0},
        "servicePlans": [
            {"servicePlanId": plans[name], "servicePlanName": name, "provisioningStatus": "Success", "appliesTo": "User"}
            for name in sku["plans"]
        ],
        "skuId": sku["skuId"],
        "skuPartNumber": part_number,
        "subscriptionIds": [tenant.guid("subscription", part_number)],
    }


def subscribed_skus(tenant: Tenant) -> list[Row]:
    """The subscribedSkus rows: those of the seed (or set since), or rows made from the names of the products.

    Shape [doc]; which plans a product has [code] (emulator/tables/licences.json). Plans that matter to nothing here are left out.
    """
    rows = tenant.objects.get("subscribedSkus")
    if rows is None and "subscribedSkus" not in tenant.seed.objects:
        return [_row(tenant, name) for name in tenant.licences]
    return tenant.read("subscribedSkus")


def subscriptions(tenant: Tenant) -> list[Row]:
    """The commercial subscriptions behind subscribedSkus: those of the seed, or one bought for each product. Shape [doc]; values made up.

    Rows of a seed name what differs, by skuPartNumber, such as `isTrial`.
    """
    changes = {row["skuPartNumber"]: row for row in told(tenant, "directorySubscriptions")}
    rows = []
    for sku in subscribed_skus(tenant):
        units = sku.get("prepaidUnits") or {}
        name = sku["skuPartNumber"]
        made = {
            "id": (sku.get("subscriptionIds") or [tenant.guid("subscription", name)])[0],
            "commerceSubscriptionId": tenant.guid("commerce subscription", name),
            "ocpSubscriptionId": None,
            "createdDateTime": tenant.placeholders()["{whenCreatedUTC}"],
            "isTrial": False,
            "nextLifecycleDateTime": None,
            "ownerId": None,
            "ownerTenantId": None,
            "ownerType": None,
            "skuId": sku.get("skuId"),
            "skuPartNumber": name,
            "status": sku.get("capabilityStatus", "Enabled"),
            "totalLicenses": sum(units.get(state) or 0 for state in ("enabled", "warning", "suspended")),
            "serviceStatus": [{"appliesTo": "User", "provisioningStatus": "Success", **plan} for plan in sku.get("servicePlans") or []],
        }
        rows.append({**made, **{member: value for member, value in changes.get(name, {}).items() if member in made}})
    return rows
