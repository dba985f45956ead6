# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Advanced hunting: the rows of a query with their types, or why there are none."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._errors import TenantError
from ansible_collections.m365.defender.plugins.module_utils._reader import Answers, Ask, Reader
from ansible_collections.m365.defender.plugins.module_utils._resource import Query, Row, Values
from ansible_collections.m365.defender.plugins.module_utils.readers._narrow import wrong_most

MOST = 100_000  # rows of an answer. [doc] defender-xdr/api-advanced-hunting
# Tables by the beginning of their names, and what brings them. [recall] the schema of advanced hunting
WORKLOADS = (
    ("DeviceTvm", "Defender Vulnerability Management"),
    ("DeviceBaseline", "Defender Vulnerability Management"),
    ("Device", "Defender for Endpoint"),
    ("Email", "Defender for Office 365 plan 2"),
    ("UrlClickEvents", "Defender for Office 365 plan 2"),
    ("Message", "Defender for Office 365 plan 2, with protection of Teams"),
    ("CampaignInfo", "Defender for Office 365 plan 2"),
    ("IdentityInfo", "Defender for Identity or Defender for Cloud Apps"),
    ("Identity", "Defender for Identity"),
    ("CloudAppEvents", "Defender for Cloud Apps"),
    ("OAuthAppInfo", "app governance of Defender for Cloud Apps"),
    ("Behavior", "Defender for Cloud Apps"),
    ("AAD", "Entra ID P2"),
    ("EntraId", "Entra ID P2"),
    ("ExposureGraph", "Security Exposure Management"),
    ("Alert", "Defender XDR"),
)
_MISSING_TABLE = re.compile(r"failed to resolve table(?: or column)?(?: expression)? named '(\w+)'", re.IGNORECASE)
_MOMENT = r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?)?"
_SPAN = r"P(?=[\dT])(?:\d+D)?(?:T(?=\d)(?:\d+H)?(?:\d+M)?(?:\d+S)?)?"
# The forms that the documentation shows. [doc] security-security-runhuntingquery
_TIMESPAN = re.compile(rf"{_SPAN}|{_MOMENT}|{_MOMENT}/{_MOMENT}|{_SPAN}/{_MOMENT}|{_MOMENT}/{_SPAN}")


def asks(options: Values) -> tuple[Ask, ...]:
    """One question."""
    timespan = (("Timespan", options["timespan"]),) if options["timespan"] else ()
    return (Ask("graph", Query("hunting", (("Query", options["query"]), *timespan, ("wait_for_quota", options["wait_for_quota"])))),)


def _number(value: Any) -> Any:
    if isinstance(value, str) and re.fullmatch(r"-?\d+", value):
        return int(value)
    if isinstance(value, str) and re.fullmatch(r"-?\d+\.\d+(?:[eE][+-]?\d+)?", value):
        return float(value)
    return value


def _switch(value: Any) -> Any:
    return {0: False, 1: True, "0": False, "1": True}.get(value, value) if isinstance(value, int | str) else value


def _structure(value: Any) -> Any:
    if not isinstance(value, str) or value[:1] not in ("{", "["):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


# How a value becomes what its column's type promises, for the types of which the service gives values in another form. [recall]
CONVERTED: dict[str, Callable[[Any], Any]] = {
    "sbyte": _switch,  # KQL's bool
    "boolean": _switch,
    "int16": _number,
    "int32": _number,
    "int64": _number,
    "double": _number,
    "sqldecimal": _number,
    "object": _structure,  # KQL's dynamic
    "dynamic": _structure,
}


def _typed(rows: Sequence[Row], schema: Sequence[Values]) -> None:
    """Gives every value the type of its column. In place, because there may be a hundred thousand rows."""
    for column in schema:
        name, convert = column["name"], CONVERTED.get(column["type"].lower())
        if convert is not None:
            for row in rows:
                if name in row:
                    row[name] = convert(row[name])


def _column(row: Row) -> Values:
    """One column. The documentation shows both cases of these two words. [doc]"""
    return {"name": str(row.get("name") or row.get("Name") or ""), "type": str(row.get("type") or row.get("Type") or "")}


def workload_of(text: str) -> str:
    """What would bring a table that the service does not find, in a sentence; "" where its refusal is about something else."""
    found = _MISSING_TABLE.search(text)
    if not found:
        return ""
    table = found[1]
    brought = next((workload for start, workload in WORKLOADS if table.startswith(start)), "")
    if not brought:
        return f"There is no table {table} in this tenant: look at its name, or at the schema in the portal."
    return (
        f"The table {table} comes with {brought}, which this tenant does not seem to have; license_info and xdr_info show more. "
        "Or its name is not spelt so."
    )


def answer(options: Values, answers: Answers) -> Values:
    """The rows. more: whether the query found more than are shown, or as many as the service gives at most."""
    found = next(iter(answers.values()))
    if isinstance(found, TenantError):
        if found.status == 400:
            found.hint = workload_of(found.text) or "The query is refused as it stands: mend it, and try it in the portal."
        raise found
    whole: Values = found[0] if found else {"results": [], "schema": [], "waited": 0}
    results, schema = whole["results"], [_column(one) for one in whole["schema"]]
    count, rows = len(results), results[: options["most"]]
    _typed(rows, schema)
    return {
        "schema": schema,
        "rows": rows,
        "count": len(rows),
        "found": count,
        "more": count > len(rows) or count >= MOST,
        "waited": round(whole["waited"]),
    }


def _wrong(options: Values) -> list[str]:
    errors = wrong_most(options, MOST)
    if not options["query"].strip():
        errors.append("query must not be empty")
    if options.get("timespan") and not _TIMESPAN.fullmatch(options["timespan"]):
        errors.append(
            f"timespan must be a span such as P7D or PT12H, a time such as 2026-09-01T00:00:00Z, or two of them with / between, "
            f"not {options['timespan']}"
        )
    if not 0 <= options["wait_for_quota"] <= 3600:
        errors.append(f"wait_for_quota must be between 0 and 3600 seconds, not {options['wait_for_quota']}")
    return errors


HUNTING_QUERY_INFO = Reader(
    kind="hunting_query_info",
    asks=asks,
    answer=answer,
    options={
        "query": {"type": "str", "required": True},
        "timespan": {"type": "str"},
        "most": {"type": "int", "default": 1000},
        "wait_for_quota": {"type": "int", "default": 120},
    },
    wrong=_wrong,
)
