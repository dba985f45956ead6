# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""User reported messages, and the overrides for phishing simulations and security mailboxes: one of each, under fixed names."""

from __future__ import annotations

import uuid
from typing import Any

from .cmdlets import Run, applied, serves
from .errors import already_exists, invalid, policy_not_found
from .invented import exchange as invented
from .objects import find, made, renamed, server, touched
from .tenant import Row

OVERRIDES = {"PhishSimOverridePolicy": "ExoPhishSimOverrideRule", "SecOpsOverridePolicy": "ExoSecOpsOverrideRule"}
PREFIX = {"ExoPhishSimOverrideRule": "_Exe:PhishSimOverr:", "ExoSecOpsOverrideRule": "_Exe:SecOpsOverrid:"}
LIMITS = {"Domains": 20, "SenderIpRanges": 10}


def _single(run: Run, row: Row) -> list[Row]:
    if run.rows():
        raise already_exists(f"CN={row['Name']}", server(run.tenant))
    run.write([row])
    return [row]


@serves("New-ReportSubmissionPolicy")
def _new_policy(run: Run) -> list[Row]:
    """There is one, DefaultReportSubmissionPolicy. [doc]"""
    return _single(run, applied(run, made(run.tenant, run.noun, "DefaultReportSubmissionPolicy")))


@serves("New-ReportSubmissionRule")
def _new_rule(run: Run) -> list[Row]:
    """There is one, DefaultReportSubmissionRule; its SentTo follows nothing. [doc]"""
    policy = find(run.rows("ReportSubmissionPolicy"), run.given["ReportSubmissionPolicy"])
    if policy is None:
        raise policy_not_found(run.given["ReportSubmissionPolicy"])
    row = applied(run, made(run.tenant, run.noun, "DefaultReportSubmissionRule"), skip=frozenset({"ReportSubmissionPolicy"}))
    row["State"] = "Enabled" if run.given.get("Enabled", True) else "Disabled"
    return _single(run, row)


@serves("Set-ReportSubmissionRule")
def _set_rule(run: Run) -> list[Row]:
    row = run.found()
    changed = applied(run, row, skip=frozenset({"ReportSubmissionPolicy"}))
    if run.given.get("Name"):
        changed = renamed(changed, run.given["Name"])
    run.replace(row, touched(run.tenant, changed))
    return []


@serves("New-PhishSimOverridePolicy", "New-SecOpsOverridePolicy")
def _new_override(run: Run) -> list[Row]:
    """Always under its fixed name, whatever Name is given. [doc]"""
    row = applied(run, made(run.tenant, run.noun, run.noun))
    row["Guid"] = run.tenant.guid(run.noun, uuid.uuid4())
    return _single(run, row)


@serves("Set-PhishSimOverridePolicy", "Set-SecOpsOverridePolicy")
def _set_override(run: Run) -> list[Row]:
    """SecOps takes AddSentTo and RemoveSentTo. [doc]"""
    row = run.found()
    changed = applied(run, row, skip=frozenset({"AddSentTo", "RemoveSentTo"}))
    if run.noun == "SecOpsOverridePolicy":
        changed["SentTo"] = _edited(changed.get("SentTo"), run.given.get("AddSentTo"), run.given.get("RemoveSentTo"))
    run.replace(row, touched(run.tenant, changed))
    return []


def _edited(old: list[str] | None, added: Any, removed: Any) -> list[str]:
    gone = {value.lower() for value in removed or ()}
    kept = [value for value in old or () if value.lower() not in gone]
    return kept + [value for value in added or () if value.lower() not in {other.lower() for other in kept}]


@serves("New-ExoPhishSimOverrideRule", "New-ExoSecOpsOverrideRule")
def _new_override_rule(run: Run) -> list[Row]:
    """Named after a GUID; points at its policy by GUID. [doc] the name, [guess] the GUID; at least one domain and one address. [doc]"""
    noun = next(policy for policy, rule in OVERRIDES.items() if rule == run.noun)
    policy = find(run.rows(noun), run.given["Policy"])
    if policy is None:
        raise policy_not_found(run.given["Policy"])
    if run.rows():
        raise invented.only_one("rule for this policy")
    number = str(uuid.uuid4())
    row = made(run.tenant, run.noun, PREFIX[run.noun] + number)
    row = applied(run, row, skip=frozenset({"Policy", "Name"}))
    row.update(Name=PREFIX[run.noun] + number, Identity=PREFIX[run.noun] + number, Policy=policy["Guid"])
    if run.noun == "ExoPhishSimOverrideRule" and not (row.get("Domains") and row.get("SenderIpRanges")):
        raise invalid("At least one domain and one sender IP range must be given.")
    run.write([row])
    return [row]


@serves("Set-ExoPhishSimOverrideRule", "Set-ExoSecOpsOverrideRule")
def _set_override_rule(run: Run) -> list[Row]:
    """No replacement lists, only what is added and removed. [doc] the limits"""
    row = run.found()
    changed = applied(run, row)
    if run.noun == "ExoPhishSimOverrideRule":
        for name, limit in LIMITS.items():
            changed[name] = _edited(changed.get(name), run.given.get("Add" + name), run.given.get("Remove" + name))
            if len(changed[name]) > limit:
                raise invented.too_many(name, len(changed[name]), limit)
    run.replace(row, touched(run.tenant, changed))
    return []
