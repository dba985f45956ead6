# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Defender portal's own API: session cookies with a rotating XSRF token, TenantContext, device groups."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import quote, unquote

from . import action_center, directory, portal_settings
from .clouds import clouds_of
from .device_groups import in_order, shown
from .devices import told
from .invented import action_center as invented_decisions
from .invented import device_groups as invented_groups
from .invented import portal as invented
from .portal_sign_in import redeemed, redirected, stale
from .seed import table
from .service import Answer, Call, Refused
from .tenant import Row, Tenant, World

HOSTS = ("security.microsoft.com", "security.microsoft.us", "security.apps.mil")
FULL, SCOPED, READER = "portal_session", "portal_session_scoped", "portal_session_reader"
ROLE = {FULL: "Security Administrator", SCOPED: "Security Administrator", READER: "Security Reader"}


# ---------------------------------------------------------------- sessions


@dataclass
class Session:
    """A signed-in user. `tokens` are the XSRF tokens still taken, each with the requests it is good for (None: the newest)."""

    key: str
    first: str
    tokens: dict[str, int | None] = field(default_factory=dict)
    requests: int = 0
    turns: int = 0
    timed_out: bool = False

    def __post_init__(self) -> None:
        self.tokens = {self.first: None}

    @property
    def newest(self) -> str:
        return next(token for token, left in self.tokens.items() if left is None)

    def takes(self, token: str) -> bool:
        """Whether a token is good; a former one is used up a little."""
        if token not in self.tokens:
            return False
        left = self.tokens[token]
        if left is not None:
            if left <= 1:
                del self.tokens[token]
            else:
                self.tokens[token] = left - 1
        return True

    def turn(self) -> str:
        """A new token; the former newest one stays good for some requests."""
        self.turns += 1
        self.tokens[self.newest] = invented.XSRF_GRACE
        # characters that must be URL-encoded in a cookie, as the real ones have
        token = f"{self.first}/turn+{self.turns}=="
        self.tokens[token] = None
        self.requests = 0
        return token


def _session(tenant: Tenant, key: str) -> Session:
    sessions: dict[str, Session] = tenant.notes.setdefault("portal sessions", {})
    if key not in sessions:
        sessions[key] = Session(key, tenant.portal_sessions[key]["xsrf_token"])
    return sessions[key]


def _set_cookie(call: Call, name: str, value: str, *, hidden: bool) -> tuple[str, str]:
    # a Secure cookie would not come back over plain HTTP
    secure = "; secure" if call.base.startswith("https:") else ""
    return "Set-Cookie", f"{name}={value}; path=/{secure}{'; httponly' if hidden else ''}"


def _xsrf_cookie(call: Call, session: Session) -> tuple[str, str]:
    return _set_cookie(call, "XSRF-TOKEN", quote(session.newest, safe=""), hidden=False)


def _refused(status: int, text: str) -> Refused:
    return Refused(Answer(status, invented.portal_refusal(status, text)))


def _failed(call: Call, text: str) -> Refused:
    """A 500 in the form that was captured [live]."""
    number = str(uuid.uuid4())
    stamp = call.tenant.clock().replace(tzinfo=None).isoformat() + "Z" if call.tenant else ""
    body = {
        "Message": "The operation could not be completed. Please try again later. If the problem persists, contact Microsoft support.",
        "DiagnosticContext": f"{{Version:1.0,Environment:Emulated,DeploymentId:emulated,SID:{number},CID:{number}}}",
        "Time": stamp,
        "ExceptionMessage": text,
    }
    return Refused(Answer(500, body))


def _signed_in(call: Call, world: World) -> tuple[Tenant, Session] | None:
    found = world.by_session(call.cookies().get("sccauth", ""))
    if found is None or found[0].cloud not in clouds_of(call.host):
        return None
    tenant, key = found
    call.tenant = tenant
    session = _session(tenant, key)
    session.timed_out = session.timed_out or call.expired
    return tenant, session


def _root(call: Call, world: World) -> Answer:
    """GET / and /?tid=: new cookies for who is signed in to that tenant, the sign-in page's address for everybody else [code]."""
    found = _signed_in(call, world)
    wanted = call.query.get("tid", "")
    if found is None or call.expired or (wanted and wanted.lower() != found[0].tenant_id):
        return redirected(call, wanted)
    return _entered(call, *found)


def _entered(call: Call, tenant: Tenant, session: Session) -> Answer:
    """The portal's page, with new cookies."""
    session.timed_out = False
    session.turn()
    cookies = [_set_cookie(call, "sccauth", tenant.portal_sessions[session.key]["sccauth"], hidden=True), _xsrf_cookie(call, session)]
    page = "<!DOCTYPE html><html><head><title>Microsoft Defender</title></head><body></body></html>"
    return Answer(200, page, [("Content-Type", "text/html; charset=utf-8"), *cookies])


def _handed_over(call: Call, world: World) -> Answer:
    """POST /: the sign-in host's form opens the session of who is signed in there [code]."""
    found = redeemed(call, world)
    if found is None:
        return stale()
    return _entered(call, found[0], _session(*found))


def _checked(call: Call, world: World) -> tuple[Tenant, Session]:
    """Who asks, after every check that stands before each call of the API."""
    cookies = call.cookies()
    if "sccauth" not in cookies:
        raise _refused(401, "Unauthorized")
    found = _signed_in(call, world)
    if found is None or found[1].timed_out:
        raise _refused(440, "Login Time-out")
    tenant, session = found
    sent, cookie = call.headers.get("x-xsrf-token", ""), cookies.get("XSRF-TOKEN", "")
    if not sent or sent != unquote(cookie):
        raise _failed(call, "The required anti-forgery header is missing or does not match its cookie.")
    if not session.takes(sent):
        raise _failed(call, invented.STALE_XSRF)
    for name in ("x-tid", "tenant-id"):
        if call.headers.get(name, tenant.tenant_id).lower() != tenant.tenant_id:
            raise _refused(403, invented.foreign_tenant(name))
    return tenant, session


# ---------------------------------------------------------------- TenantContext


@dataclass(frozen=True)
class Asked:
    """One call with who makes it."""

    call: Call
    tenant: Tenant
    session: Session

    def query(self, *names: str) -> dict[str, bool]:
        """Boolean options of the query; others are refused."""
        given = {}
        for name, value in self.call.query.items():
            if name not in names or value.lower() not in ("true", "false"):
                raise _refused(400, f"The query option '{name}' with the value '{value}' is not valid.")
            given[name] = value.lower() == "true"
        return {name: given.get(name, False) for name in names}


_READ_ONLY = ("Read", "read")
_MIRRORED = {
    portal_settings.ADVANCED: ("MagellanOptOut", "AatpIntegrationEnabled", "AatpWorkspaceExists"),
    portal_settings.LIVE: ("AutomatedIrLiveResponse",),
}
"""Members of TenantContext that have the name of a setting elsewhere [live]; that they have its value too is a guess."""


def tenant_context(tenant: Tenant, key: str) -> Row:
    """TenantContext as it was captured [live], filled with the tenant's state.

    A seed may override members by `portal.tenant_context`.
    """
    roles = table("directory")["roles"]
    row: Row = json.loads(json.dumps(table("portal")["tenant_context"]))
    row.update(invented.workloads(tenant.plans))
    row.update(
        OrgId=tenant.guid("portal organization"),
        HasMachineGroups=any(not group["IsUnassignedMachineGroup"] for group in groups(tenant)),
        IsExposedToAllMachineGroups=key != SCOPED,
        DirRoles=[roles[ROLE[key]]],
    )
    for noun, names in _MIRRORED.items():
        found = portal_settings.settings(tenant, noun)
        row.update({name: found[name] for name in names if name in found})
    if key == READER:
        row.update(invented.READER_OF_THE_PORTAL)
        row["MdatpMtpPermissions"] = [name for name in row["MdatpMtpPermissions"] if name.endswith(_READ_ONLY)]
    row["AuthInfo"] = {
        "AadUserId": tenant.guid("portal user", key),
        "UserName": f"{ROLE[key].lower().replace(' ', '.')}@{tenant.domain}",
        "TenantId": tenant.tenant_id,
        "TenantName": directory.organization(tenant)["displayName"],
        "ContextType": 1,
        "Roles": row["Roles"],
        "AllowedActions": row["AllowedActions"],
    }
    for own in tenant.read("portal.tenant_context"):
        row.update(own)
    return row


def _tenant_context(asked: Asked) -> Answer:
    asked.query("realTime")
    return Answer(200, tenant_context(asked.tenant, asked.session.key))


# ---------------------------------------------------------------- device groups


def groups(tenant: Tenant, *, stale: bool = False) -> list[Row]:
    """The device groups; a tenant whose seed gives none has the default group, at the level full [doc]."""
    rows = tenant.read("portal.machine_groups") if stale else tenant.rows("portal.machine_groups")
    return rows or [invented_groups.first_device_group(tenant.placeholders()["{utc}"])]


def _entra_groups(tenant: Tenant) -> dict[str, str]:
    return {row["ObjectId"].lower(): row["DisplayName"] for row in tenant.read("portal.aad_groups")}


def _visible(asked: Asked, rows: list[Row]) -> list[Row]:
    return invented_groups.groups_of_a_scoped_user(in_order(rows)) if asked.session.key == SCOPED else rows


def _listed(asked: Asked, rows: list[Row], *, names: bool, counts: bool) -> Answer:
    # in_order first: who is scoped sees the first ranked ones; devices are counted over all groups
    every = shown(rows, told(asked.tenant, "machines"), _entra_groups(asked.tenant), with_names=names, with_counts=counts)
    seen = {row["MachineGroupId"] for row in _visible(asked, rows)}
    items = [row for row in every if row["MachineGroupId"] in seen]
    return Answer(200, {"items": items, "containsAadGroupNames": names, "containsMachineGroupCount": counts})


def _list_groups(asked: Asked) -> Answer:
    query = asked.query("addAadGroupNames", "addMachineGroupCount")
    rows = groups(asked.tenant, stale=True)
    return _listed(asked, rows, names=query["addAadGroupNames"], counts=query["addMachineGroupCount"])


def saved_at(tenant: Tenant) -> str:
    """The time of now, in the form of LastUpdated [live]."""
    return tenant.clock().replace(tzinfo=None).isoformat(timespec="microseconds") + "0Z"


def _save_groups(asked: Asked) -> Answer:
    """The whole list is replaced: a bare array, the default group in it, one new group at most [code]."""
    asked.query()
    if asked.session.key == READER:
        raise _refused(403, "The signed-in user may not manage security settings.")
    text = invented_groups.device_groups_not_offered(asked.tenant.plans)
    if text:
        raise _refused(403, text)
    try:
        sent = asked.call.json()
    except ValueError:
        sent = None
    saved = groups(asked.tenant)
    fault = invented_groups.device_groups_fault(saved, sent, set(_entra_groups(asked.tenant)))
    if fault:
        raise _refused(400, fault)
    after = in_order(invented_groups.device_groups_after(saved, sent, saved_at(asked.tenant)))
    asked.tenant.write("portal.machine_groups", after)
    return _listed(asked, after, names=False, counts=False)


def _exposed_groups(asked: Asked) -> Answer:
    asked.query()
    return Answer(200, [invented_groups.exposed_group(row) for row in _visible(asked, groups(asked.tenant))])


def _aad_groups(asked: Asked) -> Answer:
    asked.query()
    return Answer(200, {"items": asked.tenant.read("portal.aad_groups")})


# ---------------------------------------------------------------- Action center


def _pending_actions(asked: Asked) -> Answer:
    return action_center.pending(asked.tenant, asked.call)


def _history_actions(asked: Asked) -> Answer:
    return action_center.history(asked.tenant, asked.call)


def _decide(asked: Asked) -> Answer:
    user = tenant_context(asked.tenant, asked.session.key)["AuthInfo"]["UserName"]
    return action_center.decide(asked.tenant, asked.call, user, asked.session.key != READER)


# ---------------------------------------------------------------- routes

_PREFIX = "/apiproxy/mtp/"
ROUTES: dict[tuple[str, str], Callable[[Asked], Answer]] = {
    ("GET", "sccManagement/mgmt/TenantContext"): _tenant_context,
    ("GET", "rbacManagementApi/rbac/machine_groups"): _list_groups,
    ("PUT", "rbacManagementApi/rbac/machine_groups"): _save_groups,
    ("GET", "rbacManagementApi/rbac/aad_groups"): _aad_groups,
    ("GET", "userExposedRbacGroups/UserExposedRbacGroups"): _exposed_groups,
    ("GET", action_center.LISTS + "pending-actions/"): _pending_actions,
    ("GET", action_center.LISTS + "history-actions/"): _history_actions,
    ("POST", invented_decisions.DECISIONS): _decide,
    ("POST", invented_decisions.UNDO): _decide,  # with the action's id behind it
    **portal_settings.ROUTES,
}


def answer(call: Call, world: World) -> Answer:
    """Answer one request to the portal, or refuse it as the portal does."""
    if call.path in ("", "/") and call.method in ("GET", "POST"):
        return _root(call, world) if call.method == "GET" else _handed_over(call, world)
    tenant, session = _checked(call, world)
    place = call.path.removeprefix(_PREFIX) if call.path.startswith(_PREFIX) else ""
    handler = ROUTES.get((call.method, invented_decisions.UNDO if place.startswith(invented_decisions.UNDO) else place))
    if handler is None:
        raise _refused(404, "Unknown api endpoint")
    given = handler(Asked(call, tenant, session))
    session.requests += 1
    # a new token comes every few minutes and after a change [code]; minutes are counted as requests here
    if call.method != "GET" or session.requests >= invented.XSRF_REQUESTS:
        session.turn()
        given.headers.append(_xsrf_cookie(call, session))
    return given
