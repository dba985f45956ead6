# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may run which cmdlet: service plans of the tenant, app role, directory roles and role groups of the caller."""

from __future__ import annotations

from .binding import Cmdlet, cmdlets
from .identity import Caller
from .invented import roles as invented_roles
from .invented.exchange import OUTSIDE_SECURITY
from .management_roles import held
from .offering import offered, unlicensed

__all__ = ["allowed", "enters", "exported", "offered", "withheld"]

# [doc] Roles that give app-only access at all.
EXCHANGE_ROLES = (
    "Global Administrator",
    "Exchange Administrator",
    "Compliance Administrator",
    "Security Administrator",
    "Security Reader",
    "Global Reader",
    "Exchange Recipient Administrator",
    "Helpdesk Administrator",
)
COMPLIANCE_ROLES = ("Global Administrator", "Compliance Administrator", "Security Administrator", "Security Reader", "Global Reader")
READERS = (
    "Global Administrator",
    "Exchange Administrator",
    "Compliance Administrator",
    "Security Administrator",
    "Security Reader",
    "Global Reader",
)
# [code] Security Reader is refused Get-OrganizationConfig; [guess] that Security Administrator is too.
ORGANIZATION_READERS = ("Global Administrator", "Exchange Administrator", "Compliance Administrator", "Global Reader")
ORGANIZATION_NOUNS = frozenset({"OrganizationConfig", "OrganizationCustomization"})
# Who is in a role group is read as every setting is.
ROLE_NOUNS = frozenset({"ManagementRole", "ManagementRoleEntry", "ServicePrincipal"})
# [doc] Security Administrator has no permissions for these tasks in app-only sessions.
FILTER_NOUNS = ("AntiPhish", "MalwareFilter", "HostedContentFilter", "HostedOutboundSpamFilter", "HostedConnectionFilter", "EOPProtection")


def allowed(caller: Caller, cmdlet: Cmdlet, service: str) -> bool:
    """Whether the caller's directory roles or role groups let him run the cmdlet there."""
    return _by_directory_role(caller, cmdlet, service) or cmdlet.name in _by_role_group(caller, service)


def withheld(caller: Caller, cmdlet: Cmdlet, service: str) -> frozenset[str]:
    """Parameters that the caller has not got: for want of a licence, or because no role that he holds has them."""
    missing = unlicensed(caller.tenant, cmdlet)
    if _by_directory_role(caller, cmdlet, service):
        return missing
    names = {parameter.name for parameter in cmdlet.names.values()}
    return missing | (names - _by_role_group(caller, service)[cmdlet.name])


def _by_role_group(caller: Caller, service: str) -> dict[str, frozenset[str]]:
    """[doc] Role groups are for applications in Exchange only, not in Security & Compliance; people are treated alike here."""
    return {} if service == "compliance" else held(caller.tenant, caller.object_id)


def _by_directory_role(caller: Caller, cmdlet: Cmdlet, service: str) -> bool:
    reading = cmdlet.verb == "Get"
    if service == "compliance":
        return caller.has_role(*COMPLIANCE_ROLES) if reading else caller.has_role(*COMPLIANCE_ROLES[:3])
    if cmdlet.noun in ORGANIZATION_NOUNS and reading:
        return caller.has_role(*ORGANIZATION_READERS)
    if cmdlet.noun in ROLE_NOUNS and reading:
        return caller.has_role(*invented_roles.ROLE_READERS)
    if reading:
        return caller.has_role(*READERS)
    if caller.has_role("Global Administrator", "Exchange Administrator"):
        return True
    if caller.has_role("Compliance Administrator") and cmdlet.noun == "AdminAuditLogConfig":
        return True
    trapped = cmdlet.noun.startswith((*FILTER_NOUNS, "RoleGroup", "ManagementRole", "ServicePrincipal")) or cmdlet.noun in OUTSIDE_SECURITY
    return caller.has_role("Security Administrator") and not trapped


def enters(caller: Caller, service: str) -> bool:
    """Whether the caller has any directory role that the service takes, or a role group with a role. [doc]"""
    return caller.has_role(*(COMPLIANCE_ROLES if service == "compliance" else EXCHANGE_ROLES)) or bool(_by_role_group(caller, service))


def exported(caller: Caller, service: str) -> list[str]:
    """The names of the cmdlets that this caller may run in his tenant: what EXOModuleFile lists. [code]"""
    more = _by_role_group(caller, service)
    return [
        cmdlet.name
        for cmdlet in cmdlets().values()
        if offered(caller.tenant, cmdlet, service) and (cmdlet.name in more or _by_directory_role(caller, cmdlet, service))
    ]
