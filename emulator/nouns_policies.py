# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Policies with rules: defaults and built-ins that stay, presets that nobody edits, checks between fields."""

from __future__ import annotations

from .cmdlets import Run, absent_name, applied, serves
from .errors import invalid
from .invented import exchange as invented
from .objects import NO_GUID, made, touched
from .tenant import Row

NOUNS = (
    "AntiPhishPolicy",
    "MalwareFilterPolicy",
    "HostedContentFilterPolicy",
    "HostedOutboundSpamFilterPolicy",
    "SafeAttachmentPolicy",
    "SafeLinksPolicy",
)
# [doc] What the portal lets one edit in a preset policy.
PRESET_LISTS = frozenset({"TargetedUsersToProtect", "TargetedDomainsToProtect", "ExcludedDomains", "ExcludedSenders", "Identity"})
TEAMS = "Teams Protection Policy"


def make(run: Run) -> list[Row]:
    """New-*Policy. [code]"""
    row = _checked(run, applied(run, made(run.tenant, run.noun, absent_name(run))))
    if run.noun == "HostedOutboundSpamFilterPolicy":
        row["Enabled"] = True
    run.write(run.rows() + [row])
    return [row]


def alter(run: Run) -> list[Row]:
    """Set-*Policy."""
    row = run.found()
    if row.get("IsBuiltInProtection"):
        raise invented.built_in_stays(row["Name"])
    if row.get("RecommendedPolicyType", "Custom") in {"Standard", "Strict"} and set(run.given) - PRESET_LISTS:
        raise invented.preset_stays(row["Name"])
    changed = touched(run.tenant, _checked(run, applied(run, row)))
    if run.given.get("MakeDefault"):
        rows = [{**other, "IsDefault": False} if other.get("IsDefault") else other for other in run.rows() if other is not row]
        run.write([{**changed, "IsDefault": True}, *rows])
    else:
        run.replace(row, changed)
    return []


def drop(run: Run) -> list[Row]:
    """Remove-*Policy: its rule stays behind. [doc]"""
    row = run.found()
    if row.get("IsDefault") or row.get("IsBuiltInProtection"):
        raise invented.default_stays(row["Name"])
    run.write([other for other in run.rows() if other is not row])
    return []


def _checked(run: Run, row: Row) -> Row:
    if run.noun == "MalwareFilterPolicy":
        if row.get("CustomNotifications") and not row.get("CustomFromAddress"):
            text = "The CustomFromAddress value is not set. Custom notifications cannot be enabled without a valid CustomFromAddress."
            raise invalid(text)
        if "FileTypes" in run.given:
            # [code] Read back without a leading dot.
            row = {**row, "FileTypes": [str(value).removeprefix(".") for value in row["FileTypes"]]}
    return row


for _noun in NOUNS:
    serves(f"New-{_noun}")(make)
    serves(f"Set-{_noun}")(alter)
    serves(f"Remove-{_noun}")(drop)


@serves("New-TeamsProtectionPolicy")
def _new_teams(run: Run) -> list[Row]:
    """There is one at most: a real one takes the place of the virtual one. [doc] [guess]"""
    if any(row["Guid"] != NO_GUID for row in run.rows()):
        raise invented.only_one("Teams protection policy")
    row = applied(run, made(run.tenant, run.noun, str(run.given["Name"])))
    run.write([row])
    return [row]


@serves("Set-TeamsProtectionPolicy")
def _set_teams(run: Run) -> list[Row]:
    """Only a real one can be set. [guess] New- has to come first."""
    row = run.found()
    if row["Guid"] == NO_GUID:
        raise invented.virtual_policy(row["Name"])
    run.replace(row, touched(run.tenant, applied(run, row)))
    return []
