# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The caller: which permissions and directory roles it has, and which of them each step needs.

Told from the claims of its own tokens, from the directory, from the list of cmdlets that Exchange offers it, and from the portal. Tokens
are opaque by contract: what can't be read in them is unknown, never missing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ansible_collections.m365.defender.plugins.module_utils._clouds import CLOUDS
from ansible_collections.m365.defender.plugins.module_utils._errors import TenantError, Unavailable
from ansible_collections.m365.defender.plugins.module_utils._reader import Answers, Ask, Reader
from ansible_collections.m365.defender.plugins.module_utils._resource import Query, Row, Values
from ansible_collections.m365.defender.plugins.module_utils.readers._answers import folded
from ansible_collections.m365.defender.plugins.module_utils.readers._cmdlets import PLANS, decisive_cmdlets
from ansible_collections.m365.defender.plugins.module_utils.readers._needs import AUDIENCES, LICENCES, NEEDS, ROLES, TRAP, Need

CLAIMS = {
    audience: Ask("token", Query("claims", (("audience", audience),))) for audience in ("graph", "exchange", "compliance", "defender")
}
# All of them, because who asks is known only from the answers; direct assignments only, so that groups and PIM may hide some. [recall]
ASSIGNMENTS = Ask("graph", Query("roleManagement/directory/roleAssignments", (("$expand", "roleDefinition"),)))
CMDLETS = Ask("exchange", Query("ModuleFile"))
CONTEXT = Ask("portal", Query("tenant_context"))
QUESTIONS = {
    "graph": (CLAIMS["graph"], ASSIGNMENTS),
    "exchange": (CLAIMS["exchange"], CMDLETS),
    "compliance": (CLAIMS["compliance"],),
    "defender": (CLAIMS["defender"],),
    "portal": (CONTEXT,),
}
NOT_ASKED = Unavailable("The service was not asked.")
# In the portal: who may manage security settings. [live]
MANAGES_SETTINGS = {"securityconfig.manage", "microsoft.xdr/configuration/security/manage"}

SHOWN = 5  # of names in a sentence; all of them stand beside it

GRANTED, MISSING, UNKNOWN, NOT_APPLICABLE = "granted", "missing", "unknown", "not_applicable"


@dataclass(frozen=True)
class _Caller:
    """What is known of the caller. held: permissions by audience, None where not known. roles_known: whether `roles` is all of them.

    plan: of Defender for Office 365 in its tenant, None when nobody told.
    """

    row: Row
    held: Mapping[str, set[str] | None]
    errors: Mapping[str, TenantError]
    roles: frozenset[str]
    roles_known: bool
    cmdlets: set[str] | TenantError
    plan: str | None
    context: Row | TenantError


def _caller(answers: Answers, plan: str | None) -> _Caller:
    """What the answers say of the caller; raises the TenantError when there was a token for nothing."""
    held: dict[str, set[str] | None] = {}
    errors: dict[str, TenantError] = {}
    found: Row = {}
    wids: set[str] = set()
    for audience, ask in CLAIMS.items():
        answer = answers.get(ask, NOT_ASKED)
        if isinstance(answer, TenantError):
            errors[audience] = answer
            held[audience] = None
            continue
        row = answer[0] if answer else {}
        # A token that can't be read has neither an application nor a tenant in it.
        held[audience] = {*(row.get("roles") or ()), *str(row.get("scp") or "").split()} if row.get("appid") or row.get("tid") else None
        wids |= {folded(one) for one in row.get("wids") or ()}
        found = found or row
    if len(errors) == len(CLAIMS):
        raise next(error for error in errors.values() if error is not NOT_ASKED)
    assigned = _assigned(answers.get(ASSIGNMENTS, NOT_ASKED), folded(found.get("oid")))
    cmdlets, context = answers.get(CMDLETS, NOT_ASKED), answers.get(CONTEXT, NOT_ASKED)
    return _Caller(
        row=found,
        held=held,
        errors=errors,
        roles=frozenset(ROLES.get(number, number) for number in wids) | (assigned or frozenset()),
        roles_known=assigned is not None,
        cmdlets=cmdlets if isinstance(cmdlets, TenantError) else {folded(row.get("cmdlet")) for row in cmdlets},
        plan=plan,
        context=context if isinstance(context, TenantError) else (context[0] if context else {}),
    )


def _assigned(answer: list[Row] | TenantError, principal: str) -> frozenset[str] | None:
    """The roles assigned to a principal for the whole tenant; None when that is not known."""
    if isinstance(answer, TenantError) or not principal:
        return None
    names = set()
    for row in answer:
        if folded(row.get("principalId")) != principal or row.get("directoryScopeId") not in (None, "/"):
            continue
        definition = row.get("roleDefinition") or {}
        number = folded(definition.get("templateId") or row.get("roleDefinitionId"))
        names.add(ROLES.get(number) or definition.get("displayName") or number)
    return frozenset(names)


def _proof(need: Need, caller: _Caller) -> list[str]:
    """The cmdlets that Exchange has to offer; none where it could not be asked, or where they prove nothing."""
    if isinstance(caller.cmdlets, TenantError):
        return []
    return decisive_cmdlets(need.access, caller.plan, caller.cmdlets) if need.policies else list(need.cmdlets)


def _lacking(proof: list[str], caller: _Caller) -> list[str]:
    """Those of them that Exchange does not offer."""
    return [] if isinstance(caller.cmdlets, TenantError) else [name for name in proof if folded(name) not in caller.cmdlets]


def _state(need: Need, caller: _Caller) -> tuple[str, str]:
    """Whether a need is met, and what to do when it is not or when that is not known."""
    if need.audience == "portal":
        return _portal(need, caller.context)
    error = caller.errors.get(need.audience)
    if error is not None:
        return (MISSING if error.kind in ("sign_in", "forbidden") else UNKNOWN), error.message
    proof = _proof(need, caller)
    if proof:
        lacking = _lacking(proof, caller)
        # Who has the directory role is offered everything that the tenant has; what is not there then no role would bring.
        if not lacking or (caller.roles & set(need.roles) and len(lacking) < len(proof)):
            return GRANTED, ""
        return MISSING, _role_remedy(need, caller, lacking if len(lacking) < len(proof) else [])
    held = caller.held[need.audience]
    if held is not None and not held & set(need.permissions):
        others = f" (or {' or '.join(need.permissions[1:])})" if need.permissions[1:] else ""
        return MISSING, (
            f"Grant the application permission {need.permissions[0]}{others} of {AUDIENCES[need.audience]} and give admin consent for it."
        )
    if need.roles and not caller.roles & set(need.roles):
        if (need.cmdlets or need.policies) and isinstance(caller.cmdlets, TenantError) and caller.cmdlets.kind == "forbidden":
            return MISSING, _role_remedy(need, caller)
        return (MISSING if caller.roles_known and held is not None else UNKNOWN), _role_remedy(need, caller)
    return (UNKNOWN, "The token of the caller can't be read.") if held is None else (GRANTED, "")


def _role_remedy(need: Need, caller: _Caller, lacking: Sequence[str] = ()) -> str:
    """lacking: where only some of the cmdlets are not offered, these."""
    if need.access == "write" and need.audience == "exchange" and "Security Administrator" in caller.roles:
        return TRAP
    if caller.roles & set(need.roles):
        return "The caller's directory role fits, yet Exchange does not offer it these cmdlets: a licence is missing, or the role is new."
    if lacking:
        return (
            f"Exchange does not offer the caller {_some(lacking)}. Where a role group gives it cmdlets, run role_group, app_registration "
            f"or onboard again, which brings it up to date; or assign the directory role {need.roles[0]} to the application."
        )
    instead = " A role group of Exchange with the cmdlets will do instead; role_group makes it." if need.audience == "exchange" else ""
    return f"Assign the directory role {need.roles[0]} to the application (one of these is enough: {', '.join(need.roles)}).{instead}"


def _some(names: Sequence[str]) -> str:
    more = len(names) - SHOWN
    return ", ".join(names) if more <= 0 else f"{', '.join(names[:SHOWN])} and {more} more"


def _portal(need: Need, context: Row | TenantError) -> tuple[str, str]:
    if isinstance(context, TenantError):
        return (MISSING if context.kind in ("forbidden", "sign_in") else UNKNOWN), context.message
    if need.access == "read":
        return GRANTED, ""
    if context.get("IsExposedToAllMachineGroups") is False:
        return MISSING, "The portal session sees only some device groups, so it must not write the list: use one that sees all of them."
    if context.get("AllowedActions") == -1 or {folded(one) for one in context.get("MdatpMtpPermissions") or ()} & MANAGES_SETTINGS:
        return GRANTED, ""
    if "MdatpMtpPermissions" not in context:
        return UNKNOWN, "The portal does not say what this session may do."
    return MISSING, "Use the session of a Security Administrator, or of a person whose role may manage security settings."


def _answer(options: Values, answers: Answers) -> Values:
    caller = _caller(answers, options.get("plan"))
    cloud = CLOUDS[options.get("cloud") or "commercial"]
    steps: Values = {}
    for need in NEEDS:
        lacking = cloud.lacks_for(need.audience, need.feature)
        state, remedy = (NOT_APPLICABLE, "") if lacking else _state(need, caller)
        reason = cloud.without(lacking) if lacking else ""
        step = steps.setdefault(need.step, {"read": GRANTED, "write": "not_needed", "needs": []})
        step["needs"].append(
            {
                "access": need.access,
                "purpose": need.purpose,
                "audience": need.audience,
                "permissions": list(need.permissions),
                "roles": list(need.roles),
                "optional": need.optional,
                "decides": need.decides,
                "missing_cmdlets": [] if lacking else _lacking(_proof(need, caller), caller),
                "state": state,
                "reason": f"{reason[:1].upper()}{reason[1:]}." if reason else "",
                "remedy": remedy,
            }
        )
    for step in steps.values():
        for access in ("read", "write"):
            step[access] = _summary([one for one in step["needs"] if one["access"] == access]) or step[access]
        step["missing"] = [one for one in step["needs"] if one["state"] == MISSING]
    kind = caller.row.get("idtyp") or ("user" if caller.row.get("scp") else "")
    trapped = TRAP in [one["remedy"] for step in steps.values() for one in step["missing"]]
    return {
        "permissions": {
            "caller": {
                "application": caller.row.get("appid") or "",
                "object": caller.row.get("oid") or "",
                "kind": kind or "unknown",
                "directory_roles": sorted(caller.roles),
                "all_roles_known": caller.roles_known,
            },
            "held": {audience: None if names is None else sorted(names) for audience, names in caller.held.items()},
            "steps": steps,
            "remarks": [TRAP] if trapped else [],
        }
    }


def _summary(needs: list[Values]) -> str:
    """Whether all that a step needs to read, or to write, is there; "" where nothing counts.

    Where the cloud has nothing of what a step is about, the licences, at which every step looks, do not make it applicable.
    """
    about = [one["state"] for one in needs if one["permissions"] != list(LICENCES)]
    if about and set(about) == {NOT_APPLICABLE}:
        return NOT_APPLICABLE
    states = {one["state"] for one in needs if not _passed_over(one)} - {NOT_APPLICABLE}
    return next((state for state in (MISSING, UNKNOWN, GRANTED) if state in states), "")


def _passed_over(need: Values) -> bool:
    """An optional need does not make its step's reading or writing missing, but for the portal, through which alone groups are written."""
    return need["optional"] and not (need["audience"] == "portal" and need["access"] == "write")


def _asks(options: Values) -> tuple[Ask, ...]:
    """The questions to the services that are to be asked: all, unless some are named."""
    return tuple(ask for service, asks in QUESTIONS.items() if service in (options.get("services") or QUESTIONS) for ask in asks)


def _wrong(options: Values) -> list[str]:
    services = options.get("services")
    return ["services must name another one besides portal, to which an app has no token"] if services == ["portal"] else []


PERMISSION_INFO = Reader(
    kind="permission_info",
    asks=_asks,
    answer=_answer,
    options={"services": {"type": "list", "elements": "str", "choices": list(QUESTIONS)}, "plan": {"type": "str", "choices": list(PLANS)}},
    wrong=_wrong,
)
