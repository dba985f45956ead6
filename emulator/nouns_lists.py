# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Tenant Allow/Block List: entries by list type, with limits by licence and an expiry."""

from __future__ import annotations

import base64
import datetime
import hashlib
import ipaddress
import re
import uuid
from typing import Any

from .binding import wire_time
from .cmdlets import Run, serves
from .errors import invalid
from .invented import exchange as invented
from .objects import described
from .tenant import Row, Tenant

NOUN = "TenantAllowBlockListItems"
LIST = "_ListType"
# [doc] Allow and block entries per list type: EOP, plan 1, plan 2.
LIMITS = {"": (500, 500), "ATP_ENTERPRISE": (1000, 1000), "THREAT_INTELLIGENCE": (5000, 10000)}
# [doc] Everything below a domain is *.contoso.com or *.com; addresses of pages have neither protocol, port nor user.
FORMS = {
    "FileHash": re.compile(r"[0-9A-Fa-f]{64}"),
    "Sender": re.compile(r"[^\s@]+@[^\s@]+|\*\.[\w-]+(?:\.[\w-]+)*|[\w-]+(?:\.[\w-]+)+"),
    "Url": re.compile(r"[^\s/:@]+(?:\.[^\s/:@]+)+(?:/\S*)?|~?[^\s/:@]+\.[^\s/:@]*~?(?:/\S*)?|[0-9A-Fa-f:]*:[0-9A-Fa-f:]+(?:/\S*)?"),
}
LONGEST_URL = 250
LONGEST_NOTES = 100
DAYS = 30


def _limits(tenant: Tenant) -> tuple[int, int]:
    plans = {plan.removesuffix("_GOV") for plan in tenant.plans}
    return next(LIMITS[plan] for plan in ("THREAT_INTELLIGENCE", "ATP_ENTERPRISE", "") if not plan or plan in plans)


def _type(row: Row) -> Any:
    return row.get(LIST) or row.get("ListType")


def _fits(kind: str, value: str) -> bool:
    if kind == "IP":
        try:
            return ipaddress.IPv6Interface(value).network.prefixlen > 0  # ranges of 1 to 128 bits
        except ValueError:
            return False
    return bool(FORMS[kind].fullmatch(value)) and (kind != "Url" or len(value) <= LONGEST_URL)


def _check_notes(run: Run) -> None:
    """[code] A published field report: longer notes are refused with the whole call, in these words."""
    over = len(run.given.get("Notes") or "") - LONGEST_NOTES
    if over > 0:
        raise invalid(f"||Remove {over} characters from Notes and retry.")


def _sub_type(run: Run) -> set[str]:
    wanted = run.given.get("ListSubType") or ["Tenant"]
    return {wanted} if isinstance(wanted, str) else set(wanted)


@serves("Get-TenantAllowBlockListItems")
def _get(run: Run) -> list[Row]:
    """ListType is required and not echoed. [code] The filters. [doc]"""
    given = run.given
    rows = [row for row in run.tenant.read(NOUN) if _type(row) == given["ListType"] and row.get("ListSubType", "Tenant") in _sub_type(run)]
    if given.get("Entry"):
        rows = [row for row in rows if row["Value"].lower() == given["Entry"].lower()]
    if given.get("Allow") or given.get("Block"):
        wanted = {word for word in ("Allow", "Block") if given.get(word)}
        rows = [row for row in rows if row["Action"] in wanted]
    if given.get("NoExpiration"):
        rows = [row for row in rows if row["ExpirationDate"] is None and row["RemoveAfter"] is None]
    if given.get("ExpirationDate"):
        rows = [row for row in rows if row["ExpirationDate"] and row["ExpirationDate"][:19] <= given["ExpirationDate"][:19]]
    return [{key: value for key, value in row.items() if key != "ListType"} for row in rows]


def _lingers(kind: str, sub_type: str, action: str) -> bool:
    """Whether an entry may go 45 days after its last use. [doc]"""
    return action == "Allow" and kind != "IP" and sub_type == "Tenant"


def _expiry(run: Run, sub_type: str, action: str) -> Row:
    """ExpirationDate and RemoveAfter of an entry. [code] the three read forms. [doc] which of them an entry may have, and which it gets.

    Guesses: the sentences, and that RemoveAfter is refused for AdvancedDelivery as it is for IP.
    """
    given = run.given
    kind = given["ListType"]
    now = run.tenant.clock()
    if sum(given.get(name) not in (None, False) for name in ("NoExpiration", "ExpirationDate", "RemoveAfter")) > 1:
        raise invented.choose_one(["NoExpiration", "ExpirationDate", "RemoveAfter"])
    if given.get("NoExpiration"):
        if _lingers(kind, sub_type, action):
            raise invented.bad_word("NoExpiration", "True", ["only with Block, IP or AdvancedDelivery"])
        return {"ExpirationDate": None, "RemoveAfter": None}
    if given.get("RemoveAfter") is not None:
        if not _lingers(kind, sub_type, action):
            raise invented.bad_word("RemoveAfter", str(given["RemoveAfter"]), ["only with Allow, and not for IP"])
        return {"ExpirationDate": None, "RemoveAfter": given["RemoveAfter"]}
    if given.get("ExpirationDate"):
        if given["ExpirationDate"] <= wire_time(now):
            raise invented.bad_word("ExpirationDate", given["ExpirationDate"], ["a time in the future"])
        return {"ExpirationDate": given["ExpirationDate"], "RemoveAfter": None}
    if _lingers(kind, sub_type, action):
        return {"ExpirationDate": None, "RemoveAfter": 45}
    return {"ExpirationDate": wire_time(now + datetime.timedelta(days=DAYS)), "RemoveAfter": None}


@serves("New-TenantAllowBlockListItems")
def _new(run: Run) -> list[Row]:
    """Entries that are all allowed or all blocked. [doc]"""
    given = run.given
    kind = given["ListType"]
    if bool(given.get("Allow")) == bool(given.get("Block")):
        raise invented.choose_one(["Allow", "Block"])
    action = "Allow" if given.get("Allow") else "Block"
    sub_type = given.get("ListSubType") or "Tenant"
    if sub_type == "AdvancedDelivery" and (kind, action) != ("Url", "Allow"):
        raise invented.bad_word("ListSubType", sub_type, ["only for allowed URLs"])
    _check_notes(run)
    rows = list(run.rows())
    taken = {row["Value"].lower() for row in rows if _type(row) == kind and row.get("ListSubType") == sub_type}
    expiry = _expiry(run, sub_type, action)
    now = wire_time(run.tenant.clock())
    added = []
    for value in given["Entries"]:
        if not _fits(kind, value):
            raise invented.bad_entry(kind, value)
        if value.lower() in taken:
            raise invented.entry_exists(value)
        taken.add(value.lower())
        row = {
            **described(NOUN)["new"],
            "Identity": base64.b64encode(uuid.uuid4().bytes + uuid.uuid4().bytes).decode().rstrip("="),
            "Value": value,
            "Action": action,
            "Notes": given.get("Notes") or "",
            "SubmissionID": given.get("SubmissionID") or "Non-Submission",
            "ListSubType": sub_type,
            "LastModifiedDateTime": now,
            "CreatedDateTime": now,
            "EntryValueHash": base64.b64encode(hashlib.sha256(value.lower().encode()).digest()).decode(),
            "ModifiedBy": "",
            **expiry,
            LIST: kind,
        }
        added.append(row)
    limit = _limits(run.tenant)[action == "Block"]
    if sum(1 for row in rows if _type(row) == kind and row["Action"] == action) + len(added) > limit:
        raise invented.list_is_full(kind, limit)
    run.write(rows + added)
    return added


def _chosen(run: Run) -> list[Row]:
    given = run.given
    if bool(given.get("Entries")) == bool(given.get("Ids")):
        raise invented.choose_one(["Entries", "Ids"])
    key, wanted = ("Value", given["Entries"]) if given.get("Entries") else ("Identity", given["Ids"])
    rows = {
        str(row[key]).lower(): row
        for row in run.rows()
        if _type(row) == given["ListType"] and row.get("ListSubType", "Tenant") in _sub_type(run)
    }
    for value in wanted:
        if str(value).lower() not in rows:
            raise invented.entry_missing(str(value))
    return [rows[str(value).lower()] for value in wanted]


@serves("Set-TenantAllowBlockListItems")
def _set(run: Run) -> list[Row]:
    """Notes and expiry of entries named by value or id. Allow and Block say what they are [doc]; that others are refused is a guess."""
    chosen = _chosen(run)
    given = run.given
    _check_notes(run)
    for word in ("Allow", "Block"):
        other = next((row for row in chosen if given.get(word) and row["Action"] != word), None)
        if other:
            raise invented.entry_missing(str(other["Value"]))
    timed = {"NoExpiration", "RemoveAfter", "ExpirationDate"} & {name for name, value in given.items() if value not in (None, False)}
    numbers = {id(row) for row in chosen}
    rows = []
    for row in run.rows():
        if id(row) in numbers:
            row = {**row, "LastModifiedDateTime": wire_time(run.tenant.clock())}
            if "Notes" in given:
                row["Notes"] = given["Notes"] or ""
            if timed:
                row.update(_expiry(run, row.get("ListSubType", "Tenant"), row["Action"]))
        rows.append(row)
    run.write(rows)
    return [row for row in rows if row["Identity"] in {other["Identity"] for other in chosen}]


@serves("Remove-TenantAllowBlockListItems")
def _remove(run: Run) -> list[Row]:
    gone = {id(row) for row in _chosen(run)}
    removed = [row for row in run.rows() if id(row) in gone]
    run.write([row for row in run.rows() if id(row) not in gone])
    return removed
