# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Quarantine policies: permissions that are written as a number and read as a text, built-ins, and the global policy."""

from __future__ import annotations

import re
from typing import Any

from .cmdlets import Run, absent_name, applied, serves
from .errors import not_found
from .invented import exchange as invented
from .objects import NO_GUID, described, find, made, server, touched
from .tenant import Row, Tenant

NOUN = "QuarantinePolicy"
GLOBAL = "GlobalQuarantinePolicy"
GLOBAL_READ = "GlobalQuarantineTag"
BITS = {
    "PermissionToBlockSender": 16,
    "PermissionToDelete": 1,
    "PermissionToDownload": 64,
    "PermissionToPreview": 2,
    "PermissionToRelease": 4,
    "PermissionToRequestRelease": 8,
    "PermissionToViewHeader": 128,
    "PermissionToAllowSender": 32,
}
LANGUAGES = ("MultiLanguageSetting", "MultiLanguageSenderName", "MultiLanguageCustomDisclaimer", "EsnCustomSubject")


def permissions(value: int) -> str:
    """The bracketed text that a number reads back as. [code]"""
    return "[" + "\r\n".join(f"{name}: {bool(value & bit)}" for name, bit in BITS.items()) + "]"


def is_global(row: Row) -> bool:
    """Whether a row is the global quarantine policy."""
    return row.get("QuarantinePolicyType") == GLOBAL_READ


def everything(tenant: Tenant, rows: list[Row]) -> list[Row]:
    """The rows, and the placeholder of a global policy that nobody has made. [code]"""
    if any(is_global(row) for row in rows):
        return rows
    return [*rows, tenant.filled(described(NOUN)["placeholder"], NOUN, "global")]


@serves("Get-QuarantinePolicy")
def _get(run: Run) -> list[Row]:
    """Without QuarantinePolicyType the global policy is left out. [doc]"""
    rows = everything(run.tenant, run.tenant.read(NOUN))
    identity = run.given.get("Identity")
    if identity:
        row = find(rows, identity)
        if row is None:
            raise not_found(identity, server(run.tenant))
        return [row]
    wanted = run.given.get("QuarantinePolicyType") == GLOBAL
    return [row for row in rows if is_global(row) == wanted]


@serves("New-QuarantinePolicy")
def _new(run: Run) -> list[Row]:
    """[code] Permissions by number; the global policy is named DefaultGlobalTag and there is one."""
    name = absent_name(run)
    whole = run.given.get("QuarantinePolicyType") == GLOBAL
    if whole and any(is_global(row) for row in run.rows()):
        raise invented.only_one("global quarantine policy")
    row = made(run.tenant, NOUN, name, EndUserQuarantinePermissions=permissions(0))
    row["Identity"] = row["Id"] = f"{run.tenant.domain}\\{name}"
    row = _applied(run, row)
    row["QuarantinePolicyType"] = GLOBAL_READ if whole else "QuarantinePolicy"
    run.write([*run.rows(), row])
    return [row]


@serves("Set-QuarantinePolicy")
def _set(run: Run) -> list[Row]:
    """Built-in policies and the placeholder of the global one can't be set. [guess]"""
    row = _real(run)
    run.replace(row, touched(run.tenant, _applied(run, row)))
    return []


@serves("Remove-QuarantinePolicy")
def _remove(run: Run) -> list[Row]:
    row = _real(run)
    run.write([other for other in run.rows() if other is not row])
    return []


def _real(run: Run) -> Row:
    row = find(run.rows(), run.given["Identity"])
    if row is None:
        placeholder = find(everything(run.tenant, run.rows()), run.given["Identity"])
        if placeholder is not None:
            raise invented.built_in_stays(placeholder["Name"])
        raise not_found(run.given["Identity"], server(run.tenant))
    if row["Guid"] == NO_GUID:
        raise invented.built_in_stays(row["Name"])
    return row


def _applied(run: Run, row: Row) -> Row:
    changed: dict[str, Any] = applied(run, row, skip=frozenset({"QuarantinePolicyType"}))
    value = run.given.get("EndUserQuarantinePermissionsValue")
    if value is not None:
        if value & BITS["PermissionToRelease"] and value & BITS["PermissionToRequestRelease"]:
            raise invented.exclusive_permissions()
        changed["EndUserQuarantinePermissions"] = permissions(value)
    counts = {name: len(changed.get(name) or []) for name in LANGUAGES}
    if len({count for name, count in counts.items() if count or name == "MultiLanguageSetting"}) > 1:
        raise invented.unequal_languages(LANGUAGES)
    return changed


def number(text: str) -> int:
    """The number that a permissions text stands for."""
    return sum(BITS[name] for name, value in re.findall(r"(\w+): (True|False)", text) if value == "True")
