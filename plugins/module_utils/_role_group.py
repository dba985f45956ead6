# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A role group of Exchange for applications, with just the cmdlets they use, where a directory role would be too much. Private.

That an application may be a member of one, and how: [doc] app-only-auth-powershell-v2.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

from ansible_collections.m365.defender.plugins.module_utils._converging import Aim, hunk, reach
from ansible_collections.m365.defender.plugins.module_utils._description import Operation, Query, Row, Values
from ansible_collections.m365.defender.plugins.module_utils._errors import AlreadyExists, BadInput, NotFound, TenantError
from ansible_collections.m365.defender.plugins.module_utils._exchange_roles import (
    GUID,
    LONGEST,
    ManagementRole,
    Member,
    Reference,
    assignments_of,
    entries_of,
    folded,
    holders_of,
    listed_in,
    members_of,
    references_of,
    roles_of,
)
from ansible_collections.m365.defender.plugins.module_utils._principals import look, principal
from ansible_collections.m365.defender.plugins.module_utils._role_plan import (
    KIND,
    Situation,
    chosen,
    own_roles,
    plan_role_group,
    shown,
)
from ansible_collections.m365.defender.plugins.module_utils._task import Work, ledger_of
from ansible_collections.m365.defender.plugins.module_utils._tenant import Tenant

SERVICE = "exchange"
# Role groups that Microsoft made. [doc] permissions in Exchange Online; [code] a published list of them, and the beginnings of those whose
# names end differently in each tenant. The service itself does not tell them from others.
BUILT_IN = frozenset(
    folded(name)
    for name in (
        "Communication Compliance",
        "Communication Compliance Administrators",
        "Communication Compliance Investigators",
        "Compliance Administrator",
        "Compliance Management",
        "Delegated Setup",
        "Discovery Management",
        "Help Desk",
        "Hygiene Management",
        "Information Protection",
        "Information Protection Admins",
        "Information Protection Analysts",
        "Information Protection Investigators",
        "Information Protection Readers",
        "Insider Risk Management",
        "Insider Risk Management Admins",
        "Insider Risk Management Investigators",
        "MailboxSearch",
        "Organization Management",
        "Places Administrators",
        "Privacy Management",
        "Privacy Management Administrators",
        "Privacy Management Investigators",
        "Public Folder Management",
        "Recipient Management",
        "Records Management",
        "Security Administrator",
        "Security Operator",
        "Security Reader",
        "Server Management",
        "UM Management",
        "View-Only Organization Management",
        "View-Only Recipient Management",
    )
)
BUILT_IN_BEGINNINGS = re.compile(
    r"(ExchangeServiceAdmins|GlobalReaders|HelpdeskAdmins|ISVMailboxUsers|MailboxAdmins|SecurityAdmins|SecurityReaders|TenantAdmins)_",
    re.IGNORECASE,
)
CONFIG, GROUPS, ROLES, REFERENCES = Query("OrganizationConfig"), Query("RoleGroup"), Query("ManagementRole"), Query("ServicePrincipal")
ALL = ("ResultSize", "Unlimited")
# What may come of another write without showing at once: the entries of a new role, the roles of a new group.
NOTHING_NEW = (("Add", "ManagementRoleEntry"), ("Add", "RoleGroupMember"), ("New", "ManagementRoleAssignment"))
TAKEN = (
    "Somebody may have made it just now: run the task again, it reads what is there before it writes. If that does not help, something "
    "else of the tenant has this name; give the role group another one."
)


class _Exchange:
    """The tenant's Exchange as a task needs it. there: applications of which the service said that they are members."""

    def __init__(self, tenant: Tenant, options: Values) -> None:
        self._tenant = tenant
        self._options = options
        self._catalog: dict[str, dict[str, frozenset[str]]] | None = None
        self.there: set[str] = set()
        self.not_done: list[str] = []

    def look(self) -> Situation:
        """What there is. Raises TenantError."""
        name = self._options["name"]
        wanted = sorted({one.strip() for one in self._options.get("cmdlets") or ()}, key=folded)
        entries = {one: _entries("*", one) for one in wanted if self._catalog is None}
        found = self._read([GROUPS, ROLES, REFERENCES, CONFIG, *entries.values()], absent=entries.values())
        roles = roles_of(found[ROLES])
        if self._catalog is None:
            self._catalog = {
                next((str(row["Name"]) for row in found[query] if row.get("Name")), one): holders_of(one, found[query], roles)
                for one, query in entries.items()
            }
        group = next((row for row in found[GROUPS] if folded(row.get("Name")) == folded(name)), None)
        references = references_of(found[REFERENCES])
        return self._further(group, roles, references, shared=any(row.get("IsDehydrated") is True for row in found[CONFIG]))

    def _further(
        self, group: Row | None, roles: Mapping[str, ManagementRole], references: Sequence[Reference], *, shared: bool
    ) -> Situation:
        """What can be asked only when it is known what there is."""
        name = self._options["name"]
        mine = own_roles(name, roles)
        held = {parent: _entries(role.name, "*") for parent, role in mine.items()}
        lent = {folded(role.name): Query("ManagementRoleAssignment", (("Role", role.name),)) for role in mine.values()}
        assigned = Query("ManagementRoleAssignment", (("RoleAssignee", name),))
        inside = Query("RoleGroupMember", (("Identity", name), ALL))
        asked = [*held.values(), *lent.values(), *((assigned, inside) if group is not None else ())]
        found = self._read(asked, absent=asked)
        assignments = [one for one in assignments_of(found.get(assigned, ())) if one.regular]
        ours = {folded(one.identity) for one in assignments}
        others = {
            role: sorted(
                one.assignee or one.identity
                for one in assignments_of(found[query])
                if one.regular and folded(one.identity) not in ours and folded(one.assignee) != folded(name)
            )
            for role, query in lent.items()
        }
        return Situation(
            shared,
            group,
            roles,
            self._catalog or {},
            {parent: entries_of(found[query]) for parent, query in held.items()},
            others,
            assignments,
            listed_in(group),
            self._members(members_of(found.get(inside, ()), references), references),
            references,
            self._directory(),
        )

    def _members(self, members: Sequence[Member], references: Sequence[Reference]) -> list[Member]:
        """Those that the service shows, and those of which it said that they are members already."""
        shown_ones = {member.app_id for member in members}
        told = [one for one in references if one.app_id in self.there - shown_ones]
        return [*members, *(Member(one.identity, True, one.app_id) for one in told)]

    def _directory(self) -> dict[str, Row | None]:
        """The service principals of the applications that were named. Raises TenantError."""
        queries = {app_id.strip().lower(): principal(app_id.strip().lower()) for app_id in self._options.get("app_ids") or ()}
        found = look(self._tenant, queries.values(), queries.values())
        return {app_id: next(iter(found[query]), None) for app_id, query in queries.items()}

    def _read(self, queries: Sequence[Query], absent: Collection[Query] = ()) -> dict[Query, list[Row]]:
        """The rows of each query; one of `absent` has none where the service says so. Raises TenantError for every other failure."""
        answers = self._tenant.store(SERVICE).read(queries) if queries else {}
        found = {}
        for query in queries:
            answer = answers[query]
            if isinstance(answer, NotFound) and query in absent:
                answer = []
            if isinstance(answer, TenantError):
                raise answer.about(tried=f"Reading by Get-{query.noun}", tenant=self._tenant.label, service=SERVICE)
            found[query] = answer
        return found

    def do(self, operation: Operation) -> str:
        """Carries out one write. What the service says to be there already is no failure, even where reading does not show it yet."""
        try:
            return self._tenant.store(SERVICE).do(operation)
        except AlreadyExists as error:
            if (operation.verb, operation.noun) not in NOTHING_NEW:
                error.hint = error.hint or TAKEN
                raise
            if operation.noun == "RoleGroupMember":
                self.there.add(operation.name.rsplit(": ", 1)[1])
            self.not_done.append(str(operation))
            return error.request_id


def _entries(role: str, cmdlet: str) -> Query:
    return Query("ManagementRoleEntry", (("Identity", f"{role}\\{cmdlet}"), ALL))


def _do(tenant: Tenant, params: Values, check: bool, diff: bool) -> Values:
    options = {**params, "name": params["name"].strip()}
    if options["state"] == "present" and not options["cmdlets"]:
        raise BadInput("cmdlets names none, and a role group needs a role", tried="Checking the options", hint="Nothing was written.")
    exchange = _Exchange(tenant, options)
    aim = Aim(KIND, exchange.look, lambda state: plan_role_group(options, state, foretell=check), exchange.do)
    reached = reach(tenant, aim, ledger_of(tenant, params), check=check)
    (after,) = reached.plan.after
    done = [text for text in reached.done if text not in exchange.not_done]
    changed = bool(reached.plan.operations) if check else bool(done)
    missing = list(chosen(reached.state).missing) if options["state"] == "present" else []
    tenant.warnings += _warnings(options, reached.state, missing)
    result: Values = {
        "changed": changed,
        "operations": [str(one) for one in reached.plan.operations] if check else done,
        "role_group": {"name": options["name"], **(after if check and changed else shown(options, reached.state))},
        "missing_cmdlets": missing,
    }
    if diff:
        result["diff"] = [hunk(f"{KIND} {options['name']}", reached.plan)] if changed else []
    return result


def _warnings(options: Values, state: Situation, missing: list[str]) -> list[str]:
    found = []
    if missing:
        found.append(f"No built-in role of the tenant holds {', '.join(missing)}, so they were left out.")
    absent = [app_id for app_id, row in state.directory.items() if row is None]
    if absent:
        found.append(f"The tenant has no service principal of {', '.join(absent)} yet; this foretells what comes when it has.")
    used = {folded(one.role) for one in state.assignments}
    for parent, role in own_roles(options["name"], state.roles).items():
        holders = state.lent.get(folded(role.name))
        if holders and (options["state"] == "absent" or folded(role.name) not in used):
            found.append(f"The role {role.name}, made of {state.roles[parent].name}, stays, because others hold it: {', '.join(holders)}.")
    return found


def _wrong(options: Values) -> list[str]:
    name = str(options.get("name") or "").strip()
    found = []
    if not name or len(name) > LONGEST or re.search(r"[\\/*?\"\x00-\x1f]", name):
        found.append(f"name must have 1 to {LONGEST} characters, and none of \\ / * ? and quotation marks")
    if folded(name) in BUILT_IN or BUILT_IN_BEGINNINGS.match(name):
        found.append(f"name must be that of a role group of your own; {name} is Microsoft's")
    present = options.get("state") != "absent"
    cmdlets, app_ids = options.get("cmdlets"), options.get("app_ids")
    if present and cmdlets is None:
        found.append("cmdlets must say what the role group holds")
    if not present and (cmdlets or app_ids is not None or options.get("description")):
        found.append("state absent removes the role group with all it gives: leave cmdlets, app_ids and description out")
    bad = sorted(one for one in cmdlets or () if not re.fullmatch(r"[A-Za-z]+-[A-Za-z0-9]+", one.strip()))
    found += [f"cmdlets: {one} is no name of a cmdlet" for one in bad]
    bad = sorted(one for one in app_ids or () if not GUID.fullmatch(one.strip()))
    return found + [f"app_ids: {one} is no application (client) id, which is a GUID" for one in bad]


ROLE_GROUP = Work(
    KIND,
    {
        "name": {"type": "str", "required": True},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "description": {"type": "str"},
        "cmdlets": {"type": "list", "elements": "str"},
        "app_ids": {"type": "list", "elements": "str"},
        "exclusive": {"type": "bool", "default": False},
        "skip_missing_cmdlets": {"type": "bool", "default": False},
    },
    _do,
    _wrong,
)
