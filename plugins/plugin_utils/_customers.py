# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A partner's customers, from what Microsoft Graph says of relationships and contracts and from a list. Pure; private to the collection.

Relationships: [doc] delegatedAdminRelationship. Contracts: [doc] contract; its names are copies from the day it was made.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._clouds import CLOUDS
from ansible_collections.m365.defender.plugins.module_utils._description import Query

Row = Mapping[str, Any]
Values = dict[str, Any]

SOURCES = ("relationships", "contracts")
# [doc] delegatedAdminRelationshipStatus
STATUSES = (
    "created",
    "approvalPending",
    "approved",
    "activating",
    "active",
    "expiring",
    "expired",
    "terminationRequested",
    "terminating",
    "terminated",
)
NAMES = ("domain", "name", "tenant_id")
NEVER_EXTENDED = ("", "P0D", "PT0S")  # [doc] autoExtendDuration
_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def queries(sources: Iterable[str], statuses: Sequence[str]) -> dict[str, Query]:
    """What is asked of Graph for each source, in pages as large as they may be: 300 [doc], and 999 for contracts [code] CIPP."""
    wanted = " or ".join(f"status eq '{status}'" for status in statuses)  # that status can be filtered by is [code] CIPP
    asked = {
        "relationships": Query("tenantRelationships/delegatedAdminRelationships", (("$filter", wanted), ("$top", 300))),
        "contracts": Query("contracts", (("$top", 999),)),
    }
    return {source: asked[source] for source in SOURCES if source in sources}


@dataclass(frozen=True)
class Customer:
    """One customer. relationships: those of the statuses asked for, the one that lasts longest first. own: variables from the list."""

    tenant_id: str
    name: str = ""
    domain: str = ""
    cloud: str = ""
    contract: str = ""
    sources: tuple[str, ...] = ()
    relationships: tuple[Values, ...] = ()
    own: Values = field(default_factory=dict)


KEYS = ("tenant_id", "name", "domain", "cloud", "vars")


def faults(listed: Any) -> list[str]:
    """What is wrong with a list of customers: sentences."""
    found, seen = [], set()
    for place, one in enumerate(listed or (), start=1):
        if not isinstance(one, Mapping) or not _GUID.fullmatch(str(one.get("tenant_id") or "").strip().lower()):
            found.append(f"customers, entry {place}: tenant_id must be a GUID")
            continue
        strange = sorted(one.keys() - set(KEYS))
        if strange:
            known = f"{', '.join(KEYS)}; variables of the host stand below vars"
            found.append(f"customers, entry {place}: unknown {', '.join(strange)}; known are {known}")
        if one.get("cloud") and one["cloud"] not in CLOUDS:
            found.append(f"customers, entry {place}: cloud must be one of {', '.join(CLOUDS)}")
        if not isinstance(one.get("vars") or {}, Mapping):
            found.append(f"customers, entry {place}: vars must be a dictionary")
        number = str(one["tenant_id"]).strip().lower()
        if number in seen:
            found.append(f"customers, entry {place}: {number} is named twice")
        seen.add(number)
    return found


def customers_of(relationships: Iterable[Row], contracts: Iterable[Row], listed: Iterable[Row], cloud: str) -> list[Customer]:
    """Every customer once, by name. What the list says goes before what Graph says; a contract's name before a relationship's."""
    found: dict[str, Values] = {}

    def add(number: Any, source: str, **known: Any) -> Values | None:
        key = str(number or "").strip().lower()
        if not _GUID.fullmatch(key):
            return None
        one = found.setdefault(key, {"tenant_id": key, "cloud": cloud, "sources": (), "relationships": []})
        one["sources"] = (*one["sources"], *(() if source in one["sources"] else (source,)))
        one.update({name: value for name, value in known.items() if value})
        return one

    for row in relationships:
        customer = row.get("customer") or {}
        one = add(customer.get("tenantId"), "relationships", name=customer.get("displayName"))
        if one:  # a relationship that nobody has accepted yet has no customer
            one["relationships"].append(_relationship(row))
    for row in contracts:
        domain = str(row.get("defaultDomainName") or "").lower()
        add(row.get("customerId"), "contracts", name=row.get("displayName"), domain=domain, contract=row.get("contractType"))
    for row in listed:
        known = {name: row.get(name) for name in ("name", "domain", "cloud")}
        add(row["tenant_id"], "customers", **known, own=dict(row.get("vars") or {}))
    for one in found.values():
        one["relationships"] = tuple(sorted(one["relationships"], key=lambda each: each["ends"] or "", reverse=True))
    return sorted((Customer(**one) for one in found.values()), key=lambda one: (one.name.lower(), one.tenant_id))


def _relationship(row: Row) -> Values:
    roles = (row.get("accessDetails") or {}).get("unifiedRoles") or ()
    return {
        "id": row.get("id") or "",
        "name": row.get("displayName") or "",
        "status": row.get("status") or "",
        "ends": row.get("endDateTime") or "",
        "extends": str(row.get("autoExtendDuration") or "") not in NEVER_EXTENDED,
        "roles": sorted(str(role.get("roleDefinitionId")) for role in roles),
    }


def named(customers: Sequence[Customer], preference: Sequence[str], meant: Collection[str] = ()) -> dict[str, Customer]:
    """Each customer under the first of its names that is free; its tenant's id is always one.

    meant: names that mean something else, as those of groups do: a host that is called so would be taken for it.
    """
    taken = _taken(customers, preference)
    return {
        next((name for name in (_name(one, kind) for kind in preference) if _free(name, taken, meant)), one.tenant_id): one
        for one in customers
    }


def _free(name: str, taken: Mapping[str, int], meant: Collection[str]) -> bool:
    return bool(name) and taken[name] == 1 and name not in meant


def clashes(customers: Sequence[Customer], preference: Sequence[str], meant: Collection[str] = ()) -> list[str]:
    """What is to be said of names that nobody has because they are not free: sentences. Variables of such a host count for nobody."""
    taken, hosts = _taken(customers, preference), {one.tenant_id: host for host, one in named(customers, preference, meant).items()}
    lost: dict[str, list[str]] = {}
    for one in customers:
        for name in dict.fromkeys(_name(one, kind) for kind in preference):
            if name == hosts[one.tenant_id]:
                break
            if name and not _free(name, taken, meant):
                lost.setdefault(name, []).append(hosts[one.tenant_id])
    return [
        f"{_why(name, taken, meant)}: {', '.join(called)}. Variables kept for a host {name} count for nobody; keep them by tenant id"
        for name, called in lost.items()
    ]


def _why(name: str, taken: Mapping[str, int], meant: Collection[str]) -> str:
    if name in meant:
        return f"a customer is called {name}, which means a group or this machine to Ansible, so that another name is taken for its host"
    return f"{taken[name]} customers are called {name}, so no host is, and these hosts have another name"


def _taken(customers: Sequence[Customer], preference: Sequence[str]) -> Counter[str]:
    """How many customers each name is one of."""
    return Counter(name for one in customers for name in {_name(one, kind) for kind in preference})


def _name(one: Customer, kind: str) -> str:
    """A name as a host can have it: no blanks, no colons, no brackets, which mean something in limits and patterns.

    Letters with accents are composed, so that one name is one host however it was typed.
    """
    text = unicodedata.normalize("NFC", str(getattr(one, kind))).strip().lower()
    if kind == "name":
        return re.sub(r"[^\w-]+", "-", text).strip("-")
    return text if re.fullmatch(r"\w[\w.-]*", text) else ""


def variables(one: Customer, now: datetime) -> Values:
    """The variables of a customer's host: those that the playbooks look at, and what is known of the relationship."""
    best = one.relationships[0] if one.relationships else None
    ends = moment(best["ends"]) if best else None
    return {
        "m365_tenant_id": one.tenant_id,
        "m365_cloud": one.cloud,
        **({"m365_expected_domain": one.domain} if one.domain else {}),
        "m365_customer": {
            "name": one.name,
            "contract": one.contract,
            "sources": list(one.sources),
            "relationships": list(one.relationships),
            "status": best["status"] if best else "none",
            "ends": best["ends"] if best else "",
            "days_left": (ends - now).days if ends else None,
            "extends": any(each["extends"] for each in one.relationships),
        },
        **one.own,
    }


def groups(one: Customer, now: datetime, within: int) -> list[str]:
    """The groups of a customer: cloud, status of the relationship that lasts longest, and whether that ends soon."""
    best = one.relationships[0] if one.relationships else None
    found = [f"cloud_{one.cloud}", f"relationship_{best['status'] if best else 'none'}"]
    ends = moment(best["ends"]) if best else None
    if ends and not any(each["extends"] for each in one.relationships):
        found += ["relationship_ended"] if ends <= now else ["relationship_ends_soon"] if ends <= now + timedelta(days=within) else []
    return found


def license_groups(licenses: Row) -> list[str]:
    """The groups of what a tenant has, as far as that is known."""
    if "unknown" in licenses:
        return ["license_unknown"]
    return [*(f"license_{name}" for name in licenses["skus"]), "air_yes" if licenses["air"]["qualifies"] else "air_no"]


def moment(text: str) -> datetime | None:
    """A moment as Graph writes it, with seven digits of a second; None for none."""
    if not text:
        return None
    return datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text))
