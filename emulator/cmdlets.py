# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Running a cmdlet: the verbs as they work for every noun, and the register of those that work differently."""

from __future__ import annotations

import datetime
import importlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from .binding import Change, Cmdlet, Parameter, bind, duration, plain_span
from .errors import already_exists, not_found
from .invented import exchange as invented
from .objects import described, find, made, server, shown, touched, type_notes
from .tenant import Row, Tenant

CONTROL = frozenset(
    {"Identity", "Name", "Confirm", "WhatIf", "Force", "DomainController", "Organization", "IgnoreDehydratedFlag", "MakeDefault"}
)
# Nouns of which only a part of the properties is known: what is set is returned, even if no capture shows the property. [guess]
OPEN = frozenset({"ReportSubmissionPolicy", "OrganizationConfig", "PhishSimOverridePolicy", "SecOpsOverridePolicy", "EmailTenantSettings"})
READ_AS = {("ProtectionAlert", "Description"): "Comment"}
SPECIAL_MODULES = (
    *("nouns_policies", "nouns_rules", "nouns_alerts", "nouns_quarantine", "nouns_reporting", "nouns_lists", "nouns_settings"),
    *("nouns_roles", "nouns_role_assignments", "nouns_role_groups"),
)


@dataclass
class Run:
    """One call of a cmdlet: the tenant, the cmdlet, its bound parameters, the service it came through, and warnings for the answer."""

    tenant: Tenant
    cmdlet: Cmdlet
    given: dict[str, Any]
    service: str = "exchange"
    warnings: list[str] = field(default_factory=list)

    @property
    def noun(self) -> str:
        """The cmdlet's noun."""
        return self.cmdlet.noun

    def rows(self, noun: str = "") -> list[Row]:
        """The rows as they are now."""
        return self.tenant.rows(noun or self.noun)

    def write(self, rows: list[Row], noun: str = "") -> None:
        """Replace the rows."""
        self.tenant.write(noun or self.noun, rows)

    def found(self) -> Row:
        """The row that Identity names; with no Identity the only row. Raises the service's error when there is none."""
        identity = self.given.get("Identity")
        rows = self.rows()
        if not identity and rows:
            return rows[0]
        row = find(rows, identity or "")
        if row is None:
            raise not_found(str(identity), server(self.tenant))
        return row

    def replace(self, old: Row, new: Row) -> None:
        """Put a changed row in the place of the old one."""
        self.write([new if row is old else row for row in self.rows()])


@dataclass(frozen=True)
class Outcome:
    """What a cmdlet gave: rows in wire form, warnings, and the text of a confirmation that it asked for."""

    rows: list[Row]
    warnings: list[str]
    confirmation: str = ""


Body = Callable[[Run], list[Row]]
_special: dict[str, Body] = {}


def serves(*names: str) -> Callable[[Body], Body]:
    """Mark a function as the body of these cmdlets."""

    def mark(body: Body) -> Body:
        for name in names:
            _special[name.lower()] = body
        return body

    return mark


@cache
def _bodies() -> dict[str, Body]:
    for module in SPECIAL_MODULES:
        importlib.import_module(f"{__package__}.{module}")
    return _special


def execute(
    tenant: Tenant,
    cmdlet: Cmdlet,
    parameters: Any,
    service: str = "exchange",
    withheld: frozenset[str] = frozenset(),
    select: frozenset[str] | None = None,
) -> Outcome:
    """Bind and run a cmdlet. Raises CmdletError as the service would answer."""
    run = Run(tenant, cmdlet, bind(cmdlet, parameters, withheld), service)
    identity = run.given.get("Identity") or run.given.get("Name") or ""
    if run.given.get("WhatIf"):
        return Outcome([], [invented.what_if(cmdlet.name, identity)])
    if run.given.get("Confirm", invented.asks_unless_told(cmdlet.asks)) and not run.given.get("Force"):
        return Outcome([], [], invented.confirmation(cmdlet.name, identity))
    body = _bodies().get(cmdlet.name.lower()) or _GENERIC[cmdlet.verb]
    rows = body(run)
    return Outcome([shown(cmdlet.noun, row, select) for row in rows], run.warnings)


# ---------------------------------------------------------------------------------------------------------------- the common verbs


def get(run: Run) -> list[Row]:
    """Get-: every row, or the one that Identity names. [code]"""
    rows = run.tenant.read(run.noun)
    identity = run.given.get("Identity")
    if identity:
        row = find(rows, identity)
        if row is None:
            raise not_found(identity, server(run.tenant))
        rows = [row]
    if "State" in run.given:
        rows = [row for row in rows if row.get("State") == run.given["State"]]
    return rows


def new(run: Run) -> list[Row]:
    """New-: an object by the template, with the given values. [code] that an existing name is refused, [doc] that it is returned"""
    row = applied(run, made(run.tenant, run.noun, absent_name(run)))
    run.write(run.rows() + [row])
    return [row]


def absent_name(run: Run) -> str:
    """The given name, which must not be there yet."""
    name = str(run.given["Name"])
    for row in run.rows():
        if str(row.get("Name", "")).lower() == name.lower():
            raise already_exists(row.get("DistinguishedName") or f"CN={name}", server(run.tenant))
    return name


def change(run: Run) -> list[Row]:
    """Set-: the given values and no others. No output. [code]"""
    row = run.found()
    run.replace(row, touched(run.tenant, applied(run, row)))
    return []


def remove(run: Run) -> list[Row]:
    """Remove-: the object goes. No output. [code]"""
    row = run.found()
    run.write([other for other in run.rows() if other is not row])
    return []


_GENERIC: dict[str, Body] = {"Get": get, "New": new, "Set": change, "Remove": remove}


def applied(run: Run, row: Row, skip: frozenset[str] = frozenset()) -> Row:
    """A copy of a row with the given parameters' values in the form the service keeps them."""
    changed = dict(row)
    known = set(row) | set(described(run.noun).get("properties", ()))
    for name, value in run.given.items():
        if name in CONTROL or name in skip:
            continue
        parameter = run.cmdlet.names[name.lower()]
        target = READ_AS.get((run.noun, name), name)
        if parameter.ignored or (target not in known and run.noun not in OPEN):
            continue
        changed[target] = stored(run.noun, target, parameter, value, row.get(target))
    return changed


def stored(noun: str, name: str, parameter: Parameter, value: Any, old: Any) -> Any:
    """What a property holds after a parameter was given: lists empty as the noun has them, time spans in the property's form. [code]"""
    if isinstance(value, Change):
        value = _changed(value, old)
    if isinstance(value, datetime.timedelta):
        notes = dict(type_notes(noun).get(name, ()))
        return duration(value) if notes.get(f"{name}@data.type") == "System.TimeSpan" else plain_span(value)
    if parameter.is_list:
        return value or empty_list(noun)
    if value in (None, "") and parameter.type not in {"Boolean", "SwitchParameter"}:
        return None if rules_form(noun) or not isinstance(old, str) else ""
    return value


def rules_form(noun: str) -> bool:
    """Whether the noun shows unset values as null (rules, alert policies) and not as empty lists and texts (policies). [code]"""
    return noun.endswith("Rule") or noun == "ProtectionAlert"


def empty_list(noun: str) -> list[Any] | None:
    """An unset list of that noun."""
    return None if rules_form(noun) else []


def _changed(change: Change, old: Any) -> list[Any]:
    if not change:
        return []
    gone = {str(value).lower() for value in change.get("remove", ())}
    kept = [value for value in old or [] if str(value).lower() not in gone]
    present = {str(value).lower() for value in kept}
    return kept + [value for value in change.get("add", ()) if str(value).lower() not in present]
