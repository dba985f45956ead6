# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The state: tenants with their objects, and the world that holds them."""

from __future__ import annotations

import datetime
import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from .clouds import PORTAL
from .faults import Faults
from .journal import Journal
from .seed import Seed, load_seed, plans_of, table

NAMESPACE = uuid.UUID("5bd1bd6c-1c3f-4a0e-9d0c-5d0f5a5e0e5f")
NAMES = ("contoso", "fabrikam", "adatum", "northwindtraders", "tailspintoys", "woodgrovebank", "proseware", "litware")
ENDPOINT_PLANS = frozenset({"WINDEFATP", "MDE_SMB", "MDE_LITE"})
Row = dict[str, Any]

_EXCHANGE = ["Exchange.ManageAsApp"]
_GRAPH = [
    "Organization.Read.All",
    "LicenseAssignment.Read.All",
    "RoleManagement.Read.Directory",
    "SecurityIncident.Read.All",
    "SecurityAlert.Read.All",
    "ThreatHunting.Read.All",
    "AuditLogsQuery.Read.All",
    "SecurityIdentitiesSensors.Read.All",
    "SecurityIdentitiesHealth.Read.All",
    "GroupMember.Read.All",
    "User.Read.All",
    "Sites.Read.All",
]
_DEFENDER_READ = ["Machine.Read.All", "Alert.Read.All", "Software.Read.All", "Vulnerability.Read.All", "AdvancedQuery.Read.All"]
_DEFENDER_WRITE = [
    *["Machine.ReadWrite.All", "Machine.Isolate", "Machine.RestrictExecution", "Machine.Scan", "Machine.Offboard"],
    *["Machine.StopAndQuarantine", "Machine.CollectForensics", "Machine.LiveResponse", "Alert.ReadWrite.All"],
]
_XDR = ["Incident.Read.All", "AdvancedHunting.Read.All"]
_READ = {"exchange": _EXCHANGE, "compliance": _EXCHANGE, "graph": _GRAPH, "defender": _DEFENDER_READ, "xdr": _XDR}
_WRITE = {
    **_READ,
    "graph": [*_GRAPH, "SecurityAnalyzedMessage.ReadWrite.All"],
    "defender": _DEFENDER_READ + _DEFENDER_WRITE,
    "sharepoint": ["Sites.FullControl.All"],
}

IDENTITIES: dict[str, dict[str, Any]] = {
    "writer": {"digit": 1, "directory_roles": ["Exchange Administrator", "Security Administrator"], "app_permissions": _WRITE},
    "reader": {"digit": 2, "directory_roles": ["Security Reader", "Global Reader"], "app_permissions": _READ},
    "security_admin": {"digit": 3, "directory_roles": ["Security Administrator"], "app_permissions": _WRITE},
    "unassigned": {"digit": 4, "directory_roles": [], "app_permissions": _WRITE},
    "unconsented": {"digit": 5, "directory_roles": [], "app_permissions": {}},
    "certificate": {"digit": 6, "directory_roles": ["Exchange Administrator", "Security Administrator"], "app_permissions": _WRITE},
}


class Objects(dict[str, list[Row]]):
    """Rows by noun. A noun that nobody has asked for yet is made from the seed or the fresh-tenant table on first use.

    Rows are never changed in place: a change is a new row in a new list. So tenants, stale reads and the journal may share them.
    """

    def __init__(self, tenant: Tenant) -> None:
        super().__init__()
        self._tenant = tenant

    def __missing__(self, noun: str) -> list[Row]:
        rows = self[noun] = self._tenant.first_rows(noun)
        return rows


class Tenant:
    """One tenant: who it is, who may sign in, and every object in it.

    `read` gives what a reading request sees (stale for some reads while a lag fault lasts), `rows` what is true now, `write`
    replaces a noun's rows. `plans` is the set of service plan names that its licences bring.
    """

    def __init__(self, world: World, name: str, seed: Seed) -> None:
        self.world = world
        self.name = name
        self.seed = seed
        self.domain = f"{name}.onmicrosoft.com"
        self.custom_domain = f"{name}.com"
        self.tenant_id = str(uuid.uuid5(NAMESPACE, name))
        self.display_name = name.capitalize()
        self.cloud = seed.cloud
        self.certificates: list[str] = [seed.certificate] if seed.certificate else list(world.certificates)
        self.reset()

    def reset(self) -> None:
        """Back to the seed: objects and sessions. The journal and the faults stay."""
        self.objects = Objects(self)
        self.licences = list(self.seed.licences)
        self.lag = 0
        self._stale: dict[str, tuple[list[Row], int]] = {}
        self.notes: dict[str, Any] = {}
        self.revoked_before = 0.0
        self.identities = self._make_identities()
        self.portal_sessions = self._make_portal_sessions()
        # ESTSAUTHPERSISTENT of the browsers in which these users are signed in to Microsoft
        self.browser_cookies = {
            key: f"not-a-real-ests-cookie-of-{self.name}{key.removeprefix('portal_session').replace('_', '-')}-{'0' * 24}"
            for key in self.portal_sessions
        }
        if self.seed.presets:
            from .presets import turn_on

            for preset in self.seed.presets:
                turn_on(self, preset)

    def guid(self, *parts: object) -> str:
        """A GUID that is always the same for the same words in this tenant."""
        return str(uuid.uuid5(NAMESPACE, "/".join((self.tenant_id, *map(str, parts)))))

    def aliases(self) -> list[str]:
        """The tenant's domains: the initial one, and the custom one when it is an accepted domain."""
        accepted = any(row.get("DomainName") == self.custom_domain for row in self.rows("AcceptedDomain"))
        return [self.domain, self.custom_domain] if accepted else [self.domain]

    def clock(self) -> datetime.datetime:
        """The time in this tenant."""
        return self.world.clock()

    @property
    def plans(self) -> frozenset[str]:
        """Names of the service plans that the tenant has: those of its subscribedSkus rows if it has any, else of its licences."""
        rows = self.objects.get("subscribedSkus")
        if rows is None and "subscribedSkus" in self.seed.objects:
            rows = self.objects["subscribedSkus"]
        if rows is None:
            return plans_of(self.licences)
        return frozenset(
            plan["servicePlanName"]
            for row in rows
            if row.get("capabilityStatus", "Enabled") in {"Enabled", "Warning"}
            for plan in row.get("servicePlans", [])
            if plan.get("provisioningStatus", "Success") != "Disabled"
        )

    def rows(self, noun: str) -> list[Row]:
        """The rows as they are now, whatever a reader may see."""
        return self.objects[noun]

    def read(self, noun: str) -> list[Row]:
        """The rows as a reading request sees them; uses up one stale read if there is any left."""
        stale = self._stale.get(noun)
        if stale is None:
            return self.objects[noun]
        rows, left = stale
        if left <= 1:
            del self._stale[noun]
        else:
            self._stale[noun] = (rows, left - 1)
        return rows

    def write(self, noun: str, rows: list[Row]) -> None:
        """Replace the rows of a noun. While a lag fault is in force, readers go on seeing the old ones for its number of reads."""
        if self.lag:
            old = self._stale[noun][0] if noun in self._stale else self.objects[noun]
            self._stale[noun] = (old, self.lag)
        self.objects[noun] = rows

    @contextmanager
    def lagging(self, reads: int) -> Iterator[None]:
        """Inside, every write is seen by readers only after that many reads."""
        self.lag = reads
        try:
            yield
        finally:
            self.lag = 0

    def put(self, noun: str, rows: list[Row]) -> None:
        """Replace the rows of a noun at once, as the control interface does: no lag, and nothing stale remains."""
        self._stale.pop(noun, None)
        self.objects[noun] = rows

    def first_rows(self, noun: str) -> list[Row]:
        """The rows that a noun starts with, placeholders filled in."""
        text = self.seed.objects.get(noun)
        if text is not None:
            from .objects import completed

            return [completed(self, noun, self.filled(row, noun, str(place))) for place, row in enumerate(json.loads(text))]
        described = table("objects").get("nouns", {}).get(noun)
        if not described:
            return []
        base = described.get("base", {})
        return [self.filled({**base, **row}, noun, str(place)) for place, row in enumerate(described["fresh"])]

    def filled(self, row: Row, *words: str) -> Row:
        """A row of a table or seed with this tenant's values in place of {initialDomain}, {guid} and the like."""
        text = json.dumps(row)
        if "{" not in text[1:]:
            return row
        for mark, value in self.placeholders().items():
            text = text.replace(mark, value)
        if "{guid}" in text:
            text = text.replace("{guid}", self.guid(*words))
        return json.loads(text)

    def placeholders(self) -> dict[str, str]:
        """The placeholders that tables and seeds may use, with this tenant's values."""
        made = self.notes.get("placeholders")
        if made is None:
            created = self.world.started - datetime.timedelta(days=30)
            whole = created.replace(microsecond=0, tzinfo=None).isoformat()
            made = {
                "{initialDomain}": self.domain,
                "{initialDomainDashed}": self.domain.replace(".", "-"),
                "{customDomain}": self.custom_domain,
                "{customDomainDashed}": self.custom_domain.replace(".", "-"),
                "{tenantName}": self.display_name,
                "{tenantId}": self.tenant_id,
                "{portal}": PORTAL[self.cloud],
                "{forest}": "EURP195A001.PROD.OUTLOOK.COM",
                "{forestDN}": "DC=EURP195A001,DC=PROD,DC=OUTLOOK,DC=COM",
                "{dc}": "AM9P195A01DC001.EURP195A001.PROD.OUTLOOK.COM",
                "{whenChanged}": f"{whole}.0000000+00:00",
                "{whenCreated}": f"{whole}.0000000+00:00",
                "{whenChangedUTC}": f"{whole}Z",
                "{whenCreatedUTC}": f"{whole}Z",
                "{utc}": f"{whole}.0000000Z",
            }
            self.notes["placeholders"] = made
        return made

    def _make_identities(self) -> dict[str, dict[str, Any]]:
        made: dict[str, dict[str, Any]] = {}
        for name, described in IDENTITIES.items():
            digit = str(described["digit"])
            made[name] = {
                "client_id": f"{digit * 8}-{digit * 4}-4{digit * 3}-8{digit * 3}-{digit * 12}",
                "client_secret": f"not-a-real-secret-of-the-{name.replace('_', '-')}-000000000000" if name != "certificate" else "",
                "display_name": f"emulated {name.replace('_', ' ')}",
                "directory_roles": list(described["directory_roles"]),
                "app_permissions": {resource: list(names) for resource, names in described["app_permissions"].items()},
            }
        for name, changes in self.seed.identities.items():
            made[name] = {**made.get(name, {"directory_roles": [], "app_permissions": {}, "display_name": name}), **changes}
        for name, identity in made.items():
            identity.setdefault("object_id", self.guid("service principal", name))
            if identity.get("user"):
                identity["user"] = {"name": f"{name}@{self.domain}", "object_id": self.guid("user", name), **identity["user"]}
        return made

    def _make_portal_sessions(self) -> dict[str, dict[str, str]]:
        if not self.plans & ENDPOINT_PLANS:
            return {}
        return {
            key: {
                "sccauth": f"not-a-real-sccauth-of-{self.name}{key.removeprefix('portal_session').replace('_', '-')}-{'0' * 24}",
                "xsrf_token": f"not-a-real-xsrf-token-of-{self.name}{key.removeprefix('portal_session').replace('_', '-')}-{'0' * 12}",
            }
            for key in ("portal_session", "portal_session_scoped", "portal_session_reader")
        }

    def described(self) -> dict[str, Any]:
        """The tenant's row in the ready line and in the control interface."""
        sessions = {key: self.portal_sessions.get(key) for key in ("portal_session", "portal_session_scoped", "portal_session_reader")}
        return {
            "name": self.name,
            "tenant_id": self.tenant_id,
            "domain": self.domain,
            "custom_domain": self.custom_domain,
            "seed": self.seed.name,
            "cloud": self.cloud,
            "identities": self.identities,
            **sessions,
            "browser_cookies": self.browser_cookies,
        }


class World:
    """All tenants of the process, and what they share: journal, faults, clock, signing key."""

    def __init__(self, journal: Journal | None = None) -> None:
        self.tenants: dict[str, Tenant] = {}
        self._known: dict[str, Tenant] = {}
        self.journal = journal or Journal()
        self.faults = Faults()
        self.certificates: list[str] = []
        self.refresh_tokens: dict[str, str] = {}  # a newer refresh token -> the first of its family
        self.ended_tokens: dict[str, int] = {}  # a refresh token that has ended -> the number of the refusal
        self.flows: dict[str, Any] = {}  # device code -> a person who was asked to sign in
        self.user_codes: dict[str, str] = {}  # what the person enters -> device code
        self.machine: dict[str, Any] = {}  # the machine that clients run on, if it is one of Azure
        self.latency = 0.0
        self.started = self.clock()
        self._made = 0

    def clock(self) -> datetime.datetime:
        """The time, in UTC."""
        return datetime.datetime.now(datetime.UTC)

    def add(self, seed: Seed | str = "fresh_e5", name: str = "") -> Tenant:
        """Make a tenant. Raises SeedError for a bad seed, ValueError for a name that is taken."""
        made = load_seed(seed) if isinstance(seed, str) else seed
        while not name:
            self._made += 1
            candidate = NAMES[self._made - 1] if self._made <= len(NAMES) else f"tenant{self._made:04d}"
            name = "" if candidate in self._known else candidate
        if name in self._known:
            raise ValueError(f"there is a tenant {name!r} already")
        tenant = Tenant(self, name, made)
        self.tenants[tenant.tenant_id] = tenant
        for word in (tenant.name, tenant.tenant_id, tenant.domain, tenant.custom_domain):
            self._known[word] = tenant
        return tenant

    def remove(self, tenant: Tenant) -> None:
        """Take a tenant and its journal out of the world."""
        del self.tenants[tenant.tenant_id]
        self._known = {word: other for word, other in self._known.items() if other is not tenant}
        self.journal.clear(tenant.name)

    def by_id_or_domain(self, text: str) -> Tenant | None:
        """The tenant with that id or verified domain, or None. A short name is not one; see by_name."""
        tenant = self._known.get(text.lower())
        if tenant is None:
            return None
        return tenant if text.lower() in (tenant.tenant_id, *tenant.aliases()) else None

    def by_name(self, text: str) -> Tenant | None:
        """The tenant with that short name, id or domain, for the control interface."""
        return self._known.get(text.lower())

    def by_session(self, sccauth: str) -> tuple[Tenant, str] | None:
        """The tenant whose portal session has that cookie, and the session's key (portal_session, portal_session_scoped, ...)."""
        name = sccauth.removeprefix("not-a-real-sccauth-of-")
        for end in ("", "-scoped", "-reader"):
            stem = name.removesuffix("-" + "0" * 24).removesuffix(end)
            tenant = self._known.get(stem)
            if tenant is not None:
                for key, session in tenant.portal_sessions.items():
                    if session["sccauth"] == sccauth:
                        return tenant, key
        return None
