# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make emulator/tables/{cmdlets,objects,directory}.json from a cmdlet reference and a Graph reference, both JSON.

    python tools/build_emulator_tables.py CMDLETS.json GRAPH.json

The references hold facts extracted from Microsoft's documentation and from published captures; the tables hold what the emulated
tenant needs of them, one object to a line, so that a change shows as a small diff. Each row keeps its source and certainty.
"""

from __future__ import annotations

import argparse
import json
import re
from pathlib import Path
from typing import Any

TABLES = Path(__file__).resolve().parent.parent / "emulator" / "tables"
DOCUMENTED = "MicrosoftDocs/office-docs-powershell, exchange/exchange-ps/ExchangePowerShell"
ANNOTATION = re.compile(r"^(?P<property>.+)(?P<kind>@(?:odata|data)\.type)$")
# What a value's type looks like on the wire, where no captured row shows it. [code]
BY_TYPE = {
    "System.Int32": {"@data.type": "System.Int32"},
    "System.UInt32": {"@data.type": "System.UInt32"},
    "System.UInt64": {"@data.type": "System.UInt64"},
    "System.UInt16": {"@data.type": "System.UInt16", "@odata.type": "#Decimal"},
    "System.DateTime": {"@data.type": "System.DateTime"},
    "System.Guid": {"@data.type": "System.Guid", "@odata.type": "#Guid"},
    "System.TimeSpan": {"@data.type": "System.TimeSpan"},
}
IDENTITY = ("Name", "Identity", "Id")
# Not in the reference, from memory.
MORE_ROLES = {
    "Helpdesk Administrator": "729827e3-9c14-49f7-bb1b-9608f156bbb8",
    "Exchange Recipient Administrator": "31392ffb-586c-42d1-9346-e59415a2cc4e",
}
# No source shows that these are returned. [guess] They are set by parameters of the same names, which are reserved for internal use.
MORE_PROPERTIES = {
    "ReportSubmissionPolicy": [
        "NotificationsForCleanSubmissionAirInvestigationsEnabled",
        "NotificationsForPhishMalwareSubmissionAirInvestigationsEnabled",
        "NotificationsForSpamSubmissionAirInvestigationsEnabled",
        "NotificationsForSubmissionAirInvestigationsEnabled",
    ]
}
# Entries of a list. [doc] connection-filter-policies-configure; the 256 in the reference of the cmdlet are addresses in one range.
MOST = {"IPAllowList": 1273, "IPBlockList": 1273}


def parameter(described: dict[str, Any], by_sets: bool) -> dict[str, Any]:
    """A parameter's row: only what differs from an optional, live parameter without limits."""
    row: dict[str, Any] = {"type": described["type"].removeprefix("System.").removeprefix("Microsoft.Exchange.Data.")}
    if described["required"] and not by_sets:
        row["required"] = True
    if described.get("accepted_values"):
        row["values"] = described["accepted_values"]
    if described.get("observed_values"):
        row["observed"] = described["observed_values"]
    for flag, name in (
        ("deprecated_or_ignored", "ignored"),
        ("on_premises_only", "on_premises"),
        ("reserved_for_internal_use", "internal"),
    ):
        if described.get(flag):
            row[name] = True
    for key in ("range", "max_length", "max_items", "aliases", "mutually_exclusive_bits", "bits"):
        if described.get(key):
            row[key] = described[key]
    return row


def cmdlets(reference: dict[str, Any]) -> dict[str, Any]:
    """The table of cmdlets by name."""
    table = {}
    for name, described in sorted(reference.items()):
        if name.startswith("_"):
            continue
        row: dict[str, Any] = {"source": f"{DOCUMENTED}/{name}.md", "certainty": "doc", "service": described["endpoint"]}
        if described.get("also_on"):
            row["also_on"] = described["also_on"]
        if described.get("asks_confirmation"):
            row["asks_confirmation"] = True
        if described.get("at_least_one_of"):
            row["at_least_one_of"] = described["at_least_one_of"]
        by_sets = bool(described.get("parameter_sets"))
        row["parameters"] = {key: parameter(value, by_sets) for key, value in described["parameters"].items()}
        for key in MOST.keys() & row["parameters"].keys():
            row["parameters"][key]["max_items"] = MOST[key]
        if name.endswith("-TenantAllowBlockListItems"):
            row["parameters"]["ListType"]["required"] = True
        table[name] = row
    return table


def split(row: dict[str, Any]) -> tuple[dict[str, Any], dict[str, dict[str, str]]]:
    """A captured row as its values, and the annotations of those properties that are no lists."""
    values: dict[str, Any] = {}
    notes: dict[str, dict[str, str]] = {}
    for key, value in row.items():
        found = ANNOTATION.match(key)
        if not found:
            values[key] = value
        elif value != "#Collection(String)":
            notes.setdefault(found["property"], {})[found["kind"]] = value
    return values, notes


def empty(kind: str) -> Any:
    """What a documented default of $null reads as."""
    return [] if kind in {"MultiValuedProperty", "String[]"} or kind.endswith("[]") else ""


def template(row: dict[str, Any], parameters: dict[str, Any]) -> dict[str, Any]:
    """The object that New- makes when it is given nothing but a name: the fresh object with New-'s documented defaults."""
    made = {**row}
    for name, described in parameters.items():
        default = described.get("default")
        if name not in made or default is None or name in IDENTITY:
            continue
        made[name] = empty(described["type"]) if default == "$null" else default
    old = made.get("Name", "")
    for key in IDENTITY:
        if key in made:
            made[key] = "{name}"
    if "DistinguishedName" in made:
        made["DistinguishedName"] = made["DistinguishedName"].replace(f"CN={old},", "CN={name},", 1)
    for key in ("IsDefault", "IsBuiltInProtection"):
        if key in made:
            made[key] = False
    for key in ("WhenChanged", "WhenCreated", "WhenChangedUTC", "WhenCreatedUTC"):
        if key in made:
            made[key] = f"{{{key[0].lower()}{key[1:]}}}"
    for key in ("Guid", "ExchangeObjectId", "ImmutableId"):
        if key in made:
            made[key] = "{guid}"
    return made


def rule_template(row: dict[str, Any]) -> dict[str, Any]:
    """A captured rule without its condition and names."""
    made = {key: [] if isinstance(value, list) and any("{" in str(part) for part in value) else value for key, value in row.items()}
    if "RuleVersion" in made:
        conditions = ("SentTo", "SentToMemberOf", "RecipientDomainIs", "From", "FromMemberOf", "SenderDomainIs")
        made.update({key: None for key in made if key.removeprefix("ExceptIf") in conditions})
        made.update(Conditions=None, Exceptions=None, RuleVersion="14.0.0.0")
    return json.loads(json.dumps(made).replace("{ruleName}", "{name}"))


def objects(reference: dict[str, Any]) -> dict[str, Any]:
    """The table of nouns: their properties' types, what a fresh tenant holds, what New- makes, what the presets hold."""
    table = {}
    outputs = reference["_outputs"]
    for command, described in outputs.items():
        noun = command.removeprefix("Get-")
        row: dict[str, Any] = {"source": described["source"], "certainty": described["certainty"], "wire_form": described["wire_form"]}
        if described.get("uncertain"):
            row["uncertain"] = described["uncertain"]
        notes: dict[str, dict[str, str]] = {}
        for name, fact in described.get("properties", {}).items():
            if fact["type"] in BY_TYPE:
                notes[name] = BY_TYPE[fact["type"]]
        fresh = []
        if noun == "ProtectionAlert":
            fresh = alerts(described, row, notes)
        else:
            for key in ("fresh_tenant", "fresh_tenant_global"):
                for captured in described.get(key) or []:
                    values, seen = split(captured)
                    notes.update(seen)
                    if key == "fresh_tenant":
                        fresh.append(values)
                    else:
                        row["placeholder"] = values
        parameters = reference.get(f"New-{noun}", {}).get("parameters", {})
        if described.get("row_template") or described.get("custom_rule_template"):
            values, seen = split(described.get("row_template") or described["custom_rule_template"])
            notes.update(seen)
            row["new"] = rule_template(values)
        elif described.get("after_preset_turned_on"):
            values, seen = split(described["after_preset_turned_on"][0])
            notes.update(seen)
            row["new"] = rule_template(values)
            old = values["Name"]
            row["new"].update(
                Name="{name}", Identity="{name}", DistinguishedName=values["DistinguishedName"].replace(f"CN={old},", "CN={name},")
            )
        elif parameters and fresh:
            row["new"] = template(fresh[0], parameters)
        if described.get("preset_values"):
            row["presets"] = described["preset_values"]
        row["types"] = notes
        row["properties"] = [*described.get("properties", {}), *MORE_PROPERTIES.get(noun, ())]
        if noun in MORE_PROPERTIES:
            row["uncertain"] = {**row.get("uncertain", {}), ", ".join(MORE_PROPERTIES[noun]): "that they are returned [guess]"}
        row["fresh"] = fresh
        table[noun] = row
    return table


def alerts(described: dict[str, Any], row: dict[str, Any], notes: dict[str, dict[str, str]]) -> list[dict[str, Any]]:
    """The system alert policies, each as what it has of its own; what they share stands in the row's `base`."""
    base, seen = split(described["system_rule_template"])
    notes.update(seen)
    path = described["constants"]["systemOrgPath"]
    row["base"] = base
    made = []
    for rule in described["system_rules"]:
        name = rule["Name"]
        own = {key: value for key, value in rule.items() if key in base and value != base[key]}
        shown = f"{path}/{name.replace('/', chr(92) + '/')}"
        guids = dict.fromkeys(("Guid", "ImmutableId", "ExchangeObjectId", "ObjectVersion"), rule["Guid"])
        distinguished = base["DistinguishedName"].replace("{name}", name)
        made.append({**own, **guids, "Identity": shown, "Id": shown, "DistinguishedName": distinguished})
    return made


def lines(table: dict[str, Any]) -> str:
    """A table as JSON with one entry to a line."""
    return "{\n" + ",\n".join(f"  {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}" for key, value in table.items()) + "\n }"


def write(name: str, about: dict[str, str], key: str, table: dict[str, Any]) -> None:
    """Write one table file."""
    text = f'{{\n "about": {json.dumps(about)},\n "{key}": {lines(table)}\n}}\n'
    (TABLES / f"{name}.json").write_text(text, encoding="utf-8")


def main() -> None:
    """Read the references, write the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cmdlets", type=Path, help="the cmdlet reference")
    parser.add_argument("graph", type=Path, help="the Graph reference")
    arguments = parser.parse_args()
    reference = json.loads(arguments.cmdlets.read_text(encoding="utf-8"))
    graph = json.loads(arguments.graph.read_text(encoding="utf-8"))
    TABLES.mkdir(exist_ok=True)
    made = cmdlets(reference)
    write("cmdlets", {"what": "Cmdlets and their parameters.", "source": DOCUMENTED, "certainty": "doc"}, "cmdlets", made)
    nouns = objects(reference)
    write(
        "objects",
        {
            "what": "What Get- returns: properties, wire types, the objects of a fresh tenant, what New- makes, preset values.",
            "source": "each row names its own",
            "certainty": "each row names its own",
        },
        "nouns",
        nouns,
    )
    roles = {name: value for name, value in graph["directory_role_templates"].items() if name != "certainty"}
    about = {
        "what": "Template ids of directory roles.",
        "source": "KelvinTegelaar/CIPP-API, maester365/maester",
        "certainty": f"code; {', '.join(MORE_ROLES)} recall",
    }
    write("directory", about, "roles", {**roles, **MORE_ROLES})
    print(f"{len(made)} cmdlets, {len(nouns)} nouns, {len(roles) + len(MORE_ROLES)} roles")


if __name__ == "__main__":
    main()
