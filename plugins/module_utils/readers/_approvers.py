# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may approve what waits in the Action center, told from directory roles and role groups. Pure; private to the collection.

Devices: Security Administrator or Global Administrator, or a role of Defender for Endpoint with "Active remediation actions", which no API
shows. Mail: Global Administrator, or one of a few directory roles together with Search and Purge in a role group of Email & collaboration.
[doc] m365d-action-center, air-review-approve-pending-completed-actions
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ansible_collections.m365.defender.plugins.module_utils._errors import TenantError
from ansible_collections.m365.defender.plugins.module_utils._resource import Row, Values
from ansible_collections.m365.defender.plugins.module_utils.readers._answers import folded
from ansible_collections.m365.defender.plugins.module_utils.readers._needs import ROLES

EVERYTHING = "Global Administrator"
DEVICES = (EVERYTHING, "Security Administrator")
MAIL = ("Security Administrator", "Security Operator", "Security Reader", "Global Reader")  # each with Search and Purge
CONCERNED = (EVERYTHING, *MAIL)
PURGE = "searchandpurge"  # the role's name without blanks: written "Search And Purge" [doc]
USER, GROUP = "user", "group"
# What the directory says where there is no licence for eligible assignments, so that there are none. [recall]
NO_ELIGIBLE = "aadpremiumlicenserequired"

Members = Mapping[str, "list[Row] | TenantError"]


def kind_of(row: Row) -> str:
    """user, group or what else a directory object is."""
    return folded(str(row.get("@odata.type") or "").rpartition(".")[2])


def concerned(rows: Sequence[Row] | TenantError) -> list[tuple[str, Row]]:
    """The assignments that matter, for the whole tenant: role and principal."""
    found = []
    for row in () if isinstance(rows, TenantError) else rows:
        role = ROLES.get(folded(row.get("roleDefinitionId")), "")
        if role in CONCERNED and row.get("directoryScopeId") in (None, "/"):
            found.append((role, {"id": row.get("principalId"), **(row.get("principal") or {})}))
    return found


def purging(groups: Sequence[Row] | TenantError | None) -> list[str]:
    """The names of the role groups that hold Search and Purge."""
    if isinstance(groups, TenantError) or groups is None:
        return []
    return sorted(str(group.get("Name") or group.get("Identity") or "") for group in groups if _purges(group))


def _purges(group: Row) -> bool:
    """Roles are told by name, or by a path that ends in it. [guess] for the path"""
    return any(re.sub(r"[\s_-]", "", folded(str(role).rpartition("/")[2])) == PURGE for role in group.get("Roles") or ())


def is_group(member: Row) -> bool:
    """Whether a member of a role group is a group itself. [guess] by the words of recipient types"""
    return "group" in folded(member.get("RecipientTypeDetails") or member.get("RecipientType"))


@dataclass
class _People:
    """People by id: their name and address, the directory roles they hold, and whether only after activation."""

    rows: dict[str, Row] = field(default_factory=dict)
    active: dict[str, set[str]] = field(default_factory=dict)
    eligible: dict[str, set[str]] = field(default_factory=dict)

    def add(self, person: Row, role: str, eligible: bool) -> None:
        number = folded(person.get("id"))
        if person.get("accountEnabled") is False or not number:
            return
        self.rows[number] = {**self.rows.get(number, {}), **{name: value for name, value in person.items() if value}}
        (self.eligible if eligible else self.active).setdefault(number, set()).add(role)

    def holders(self, roles: Iterable[str]) -> set[str]:
        wanted = set(roles)
        return {number for held in (self.active, self.eligible) for number, names in held.items() if names & wanted}


@dataclass(frozen=True)
class Known:
    """The answers. role_groups: None where mail is no question. members, purgers: by the group's id, and by the role group's name."""

    assigned: Sequence[Row] | TenantError
    eligible: Sequence[Row] | TenantError
    role_groups: Sequence[Row] | TenantError | None
    members: Members
    purgers: Members


def approvers_of(known: Known) -> Values:
    """How many people can approve actions on devices and on mail, who they are, and what could not be seen."""
    people, doubts = _People(), []
    hints = _hints(known)
    applications: set[str] = set()
    for rows, later in ((known.assigned, False), (known.eligible, True)):
        if isinstance(rows, TenantError):
            if not (later and folded(rows.code) == NO_ELIGIBLE):
                doubts.append(f"{'Eligible assignments' if later else 'Directory roles'} could not be read. {rows.message}")
            continue
        for role, principal in concerned(rows):
            for person, doubt in _resolved(principal, known.members):
                if doubt:
                    doubts.append(f"{role}: {doubt}")
                elif kind_of(person) == "serviceprincipal":
                    applications.add(folded(person.get("id")))
                else:
                    people.add(person, role, later)
    devices = people.holders(DEVICES)
    purgers, mail_doubts = _purgers(known, people)
    mail = people.holders((EVERYTHING,)) | (people.holders(MAIL) & purgers)
    doubts = list(dict.fromkeys(doubts))
    asked = known.role_groups is not None
    return {
        "devices": _told("devices", devices, people, doubts, hints),
        "mail": _told("mail", mail, people, [*doubts, *mail_doubts], hints) if asked else dict(NOT_ASKED),
        "search_and_purge": {
            "role_groups": purging(known.role_groups),
            "known": asked and not mail_doubts,
            "unknown_because": " ".join(mail_doubts),
        },
        "applications": len(applications),
        "not_counted": [
            "Roles of Defender for Endpoint and of unified RBAC that allow approval are shown by no supported API in version 1.0.",
            "Who may become a member of a group for a time (PIM for groups) is not read.",
        ],
    }


def _resolved(principal: Row, members: Members) -> Iterator[tuple[Row, str]]:
    """The people behind a principal, or why they are not known."""
    if kind_of(principal) != GROUP:
        yield principal, "" if kind_of(principal) else f"what {principal.get('id')} is could not be read."
        return
    found = members.get(folded(principal.get("id")))
    name = principal.get("displayName") or principal.get("id")
    if found is None or isinstance(found, TenantError):
        yield {}, f"the members of the group {name} could not be read. {'' if found is None else found.message}".rstrip()
        return
    for member in found:
        if kind_of(member) in (USER, ""):
            yield {**member, "@odata.type": "#microsoft.graph.user"}, ""


def _purgers(known: Known, people: _People) -> tuple[set[str], list[str]]:
    """Those of the people who are in a role group with Search and Purge, and what is not known of these."""
    if isinstance(known.role_groups, TenantError):
        return set(), [f"Role groups of Email & collaboration could not be read. {known.role_groups.message}"]
    found, doubts = set(), []
    for name in purging(known.role_groups):
        rows = known.purgers.get(name)
        if rows is None or isinstance(rows, TenantError):
            doubts.append(f"The members of the role group {name} could not be read. {'' if rows is None else rows.message}".rstrip())
            continue
        for row in rows:
            if not is_group(row):
                found |= _same(row, people)
                continue
            inside = known.members.get(folded(row.get("ExternalDirectoryObjectId")))
            if inside is None or isinstance(inside, TenantError):
                doubts.append(f"The members of {row.get('DisplayName') or row.get('Name')}, in the role group {name}, could not be read.")
            else:
                found |= {folded(member.get("id")) for member in inside}
    return found, doubts


def _same(member: Row, people: _People) -> set[str]:
    """The person that a member of a role group is: by id, else by address, else by a name of one alone. [guess] which are there"""
    number = folded(member.get("ExternalDirectoryObjectId"))
    if number:
        return {number}
    words = {folded(member.get(name)) for name in ("PrimarySmtpAddress", "WindowsLiveID", "Name", "Identity")} - {""}
    found = {key for key, row in people.rows.items() if words & {folded(row.get("userPrincipalName")), folded(row.get("mail"))} - {""}}
    if found:
        return found
    names = words | {folded(member.get("DisplayName"))} - {""}
    alike = {key for key, row in people.rows.items() if folded(row.get("displayName")) in names}
    return alike if len(alike) == 1 else set()


NOT_ASKED = {"state": "not_asked", "count": 0, "only_after_activation": 0, "people": [], "unknown_because": [], "remedy": ""}
REMEDIES = {
    "devices": "Assign the directory role Security Administrator to those who are to approve, best as eligible.",
    "mail": "Put those who hold Security Administrator into an Email & collaboration role group with Search and Purge, such as Data "
    "Investigator: https://security.microsoft.com/emailandcollabpermissions",  # the address: [recall]
}


def _hints(known: Known) -> list[str]:
    """What the services' refusals say is to be done, each once."""
    answers = (known.assigned, known.eligible, known.role_groups, *known.members.values(), *known.purgers.values())
    return list(dict.fromkeys(one.hint for one in answers if isinstance(one, TenantError) and one.hint))


def _told(what: str, numbers: set[str], people: _People, doubts: Sequence[str], hints: Sequence[str]) -> Values:
    said = []
    for number in numbers:
        row = people.rows[number]
        active, eligible = people.active.get(number, set()), people.eligible.get(number, set())
        said.append(
            {
                "name": row.get("userPrincipalName") or row.get("displayName") or number,
                "id": row["id"],
                "roles": sorted(active),
                "eligible_roles": sorted(eligible - active),
            }
        )
    state = "some" if said else "unknown" if doubts else "none"
    roles = set(DEVICES if what == "devices" else CONCERNED)
    return {
        "state": state,
        "count": len(said),
        "only_after_activation": sum(not set(one["roles"]) & roles for one in said),
        "people": sorted(said, key=lambda one: one["name"]),
        "unknown_because": list(doubts),
        "remedy": "" if said else REMEDIES[what] if state == "none" else " ".join(hints) or "Mend what could not be read, then look again.",
    }
