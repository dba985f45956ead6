# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects of the Exchange services: how one is made, found, completed and shown on the wire."""

from __future__ import annotations

import datetime
import re
import uuid
from functools import cache
from typing import TYPE_CHECKING, Any

from .seed import table

if TYPE_CHECKING:
    from .tenant import Row, Tenant

NO_GUID = "00000000-0000-0000-0000-000000000000"
COLLECTION = "#Collection(String)"
# Rows may hold keys that the service keeps to itself; they start with this and are never shown.
PRIVATE = "_"
_FALLBACK = {
    **{key: {"@data.type": "System.Guid", "@odata.type": "#Guid"} for key in ("Guid", "ExchangeObjectId", "ImmutableId")},
    **{key: {"@data.type": "System.DateTime"} for key in ("WhenChanged", "WhenCreated", "WhenChangedUTC", "WhenCreatedUTC")},
}


@cache
def described(noun: str) -> dict[str, Any]:
    """What the table says of a noun; empty for one it does not know."""
    return table("objects")["nouns"].get(noun, {})


@cache
def type_notes(noun: str) -> dict[str, tuple[tuple[str, str], ...]]:
    """The annotation keys and values of a noun's properties, in the order they stand on the wire."""
    types = {**_FALLBACK, **described(noun).get("types", {})}
    return {name: tuple((name + kind, value) for kind, value in notes.items()) for name, notes in types.items()}


def shown(noun: str, row: Row, wanted: frozenset[str] | None = None) -> Row:
    """A row in wire form: annotations in front of their properties, none for null. `wanted` are lower-case names of a $select."""
    notes = type_notes(noun)
    out: Row = {}
    for key, value in row.items():
        if key[0] == PRIVATE or (wanted is not None and key.lower() not in wanted):
            continue
        if value is not None:
            if isinstance(value, list):
                out[key + "@odata.type"] = COLLECTION
            elif key in notes:
                out.update(notes[key])
            elif isinstance(value, int) and not isinstance(value, bool):
                out[key + "@data.type"] = "System.Int32"
        out[key] = value
    return out


def stamps(tenant: Tenant, created: bool = False) -> Row:
    """The time properties of an object that is changed (and, if new, created) now. [code] the forms"""
    now = tenant.clock().replace(microsecond=0)
    local, utc = f"{now:%Y-%m-%dT%H:%M:%S}.0000000+00:00", f"{now:%Y-%m-%dT%H:%M:%S}Z"
    changed: Row = {"WhenChanged": local, "WhenChangedUTC": utc}
    return {**changed, "WhenCreated": local, "WhenCreatedUTC": utc} if created else changed


def touched(tenant: Tenant, row: Row, **changes: Any) -> Row:
    """A copy of a row with changes and a new time of change (where the noun has one)."""
    times = {key: value for key, value in stamps(tenant).items() if key in row}
    return {**row, **changes, **times}


def made(tenant: Tenant, noun: str, name: str, **values: Any) -> Row:
    """A new object of a noun by the table's template."""
    template = described(noun)["new"]
    new = tenant.filled({**template, **values}, noun, name, uuid.uuid4().hex)
    new = _named(new, name)
    times = {key: value for key, value in stamps(tenant, created=True).items() if key in new}
    return {**new, **times}


def _named(row: Row, name: str) -> Row:
    return {key: value.replace("{name}", name) if isinstance(value, str) and "{name}" in value else value for key, value in row.items()}


def renamed(row: Row, name: str) -> Row:
    """A copy of a row under another name: Name, Identity, Id and the first part of the distinguished name."""
    old = row["Name"]
    changes: Row = {"Name": name}
    for key in ("Identity", "Id"):
        if key in row:
            changes[key] = row[key].removesuffix(old) + name if row[key].endswith(old) else name
    if row.get("DistinguishedName"):
        changes["DistinguishedName"] = row["DistinguishedName"].replace(f"CN={old},", f"CN={name},", 1)
    return {**row, **changes}


def completed(tenant: Tenant, noun: str, row: Row) -> Row:
    """A row of a seed with every property that the seed leaves out, as New- or a fresh tenant would have it."""
    facts = described(noun)
    if not facts or (noun == "ProtectionAlert" and row.get("IsSystemRule")):
        return {**tenant.filled(facts["base"], noun, row["Name"]), **row} if facts else row
    fresh = tenant_fresh(tenant, noun)
    same = next((old for old in fresh if old.get("Name") == row.get("Name") and "Name" in old), None)
    if same is None and "new" not in facts and len(fresh) == 1:
        same = fresh[0]
    if same is not None:
        return {**same, **row}
    if "new" not in facts:
        return row
    name = str(row.get("Name") or row.get("Identity") or "")
    base = _named(tenant.filled(facts["new"], noun, name), name)
    whole = {**base, **row}
    if noun.endswith("Rule") and "Conditions" in whole and "Conditions" not in row:
        from .nouns_rules import described_rule

        whole = described_rule(noun, whole)
    return whole


def tenant_fresh(tenant: Tenant, noun: str) -> list[Row]:
    """The rows of a noun in a fresh tenant."""
    facts = described(noun)
    base = facts.get("base", {})
    return [tenant.filled({**base, **row}, noun, str(place)) for place, row in enumerate(facts["fresh"])]


def matches(row: Row, identity: str) -> bool:
    """Whether an identity names this row: name, identity, GUID or distinguished name, whole or behind the organization. [doc]"""
    wanted = identity.strip().lower()
    for key in ("Name", "Identity", "Id", "Guid", "ExchangeObjectId", "DistinguishedName", "DomainName"):
        value = row.get(key)
        if isinstance(value, str) and value and value != NO_GUID:
            low = value.lower()
            if low == wanted or (key != "DistinguishedName" and "\\" in low and low.rpartition("\\")[2] == wanted):
                return True
    tail = re.split(r"[\\/]", wanted)[-1]
    return tail != wanted and str(row.get("Name", "")).lower() == tail and str(row.get("Identity", "")).lower() in {wanted, tail}


def find(rows: list[Row], identity: str) -> Row | None:
    """The row that an identity names, or None."""
    return next((row for row in rows if matches(row, identity)), None)


def server(tenant: Tenant) -> str:
    """The domain controller that error texts name."""
    return tenant.placeholders()["{dc}"]


def stamp(moment: datetime.datetime) -> str:
    """A moment as rows hold it."""
    return f"{moment.astimezone(datetime.UTC):%Y-%m-%dT%H:%M:%S}.0000000Z"
