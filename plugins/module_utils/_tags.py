# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tags of devices, by the public API of Defender for Endpoint: which devices have one, and which get or lose it. Private.

A tag that several devices get is one request for up to 500 of them. Where such a request is refused it is divided, until it is known
which devices are to blame; the others get their tag.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._description import Operation, Plan, Query, Row, Values
from ansible_collections.m365.defender.plugins.module_utils._errors import NotFound, OutcomeUnknown, Refused, TenantError
from ansible_collections.m365.defender.plugins.module_utils._ledger import Ledger
from ansible_collections.m365.defender.plugins.module_utils._task import Work, ledger_of
from ansible_collections.m365.defender.plugins.module_utils._tenant import Tenant
from ansible_collections.m365.defender.plugins.module_utils._types import folded
from ansible_collections.m365.defender.plugins.module_utils._waiting import pauses

KIND = "machine_tag"
SERVICE = "defender"
NOUN = "machines"
PAGE = (("$top", 10000),)  # [doc]
KEPT = ("id", "computerDnsName", "machineTags")
BATCH = 500  # devices in one request. [recall]
ASKED = 20  # devices that one filter names, so that the address stays short
NAMED = 200  # devices from which on the whole list takes fewer requests than asking for each
AGAIN = 3  # how often a write of unknown outcome is made anew: a tag that is there already is not added twice

Devices = dict[str, Row]  # by id


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _list(tenant: Tenant, condition: str = "") -> list[Row]:
    """The devices that meet a condition. The service says 404 where there is none. [doc] Raises TenantError."""
    query = Query(NOUN, ((("$filter", condition),) if condition else ()) + PAGE, kept=KEPT)
    rows = tenant.store(SERVICE).read([query])[query]
    if isinstance(rows, NotFound):
        return []
    if isinstance(rows, TenantError):
        raise rows.about(tried="Reading machines", tenant=tenant.label, service=SERVICE)
    return rows


def _chosen(tenant: Tenant, ids: Sequence[str], names: Sequence[str], condition: str) -> Devices:
    """The devices with these ids, with these names, and those that meet the condition."""
    wanted, called = {one.lower() for one in ids}, {folded(one) for one in names}
    tests = [f"id eq {_quoted(one)}" for one in sorted(wanted)]
    # Whether the service compares names by case is not documented. [recall] It keeps them in lower case.
    tests += [f"startswith(computerDnsName,{_quoted(one)})" for one in sorted(called)]
    rows: list[Row] = []
    if len(tests) > NAMED:
        rows = _list(tenant)
    else:
        for start in range(0, len(tests), ASKED):
            rows += _list(tenant, " or ".join(tests[start : start + ASKED]))
    found = {row["id"]: row for row in rows if str(row.get("id")).lower() in wanted or _names(row) & called}
    return {**found, **({row["id"]: row for row in _list(tenant, condition)} if condition else {})}


def _names(row: Row) -> set[str]:
    """What a device is called: with and without its domain."""
    whole = folded(row.get("computerDnsName") or "")
    return {whole, whole.partition(".")[0]} - {""}


def _shown(row: Row) -> Values:
    return {"id": row["id"], "name": row.get("computerDnsName") or row["id"]}


def _has(row: Row, tag: str) -> bool:
    return tag in (row.get("machineTags") or ())


@dataclass
class _Work:
    """One task: the devices that are to get or lose the tag, and what became of it."""

    tag: str
    add: Devices
    remove: Devices
    done: list[str] = field(default_factory=list)
    failed: dict[str, Values] = field(default_factory=dict)

    @property
    def operations(self) -> tuple[Operation, ...]:
        return (*_writes("Remove", self.tag, list(self.remove.values())), *_writes("Add", self.tag, list(self.add.values())))

    def changed(self, devices: Devices) -> list[Values]:
        return sorted((_shown(row) for key, row in devices.items() if key not in self.failed), key=lambda one: (one["name"], one["id"]))


def _writes(verb: str, tag: str, devices: Sequence[Row]) -> Iterator[Operation]:
    for start in range(0, len(devices), BATCH):
        yield _write(verb, tag, devices[start : start + BATCH])


def _write(verb: str, tag: str, devices: Sequence[Row]) -> Operation:
    first = _shown(devices[0])["name"]
    if len(devices) == 1:
        return Operation(verb, "MachineTag", f"{tag}: {first}", devices[0]["id"], {"Value": tag, "Action": verb})
    ids = [row["id"] for row in devices]
    name = f"{tag}: {first} and {len(devices) - 1} more"
    return Operation(verb, "MachineTags", name, None, {"Value": tag, "Action": verb, "MachineIds": ids})


def _carry_out(tenant: Tenant, work: _Work, ledger: Ledger, operation: Operation, devices: Sequence[Row]) -> None:
    """One write; where it is refused because of some of its devices, it is made in halves. Raises what concerns all devices."""
    request_id = ""
    try:
        for tries in range(AGAIN + 1):
            try:
                request_id = tenant.store(SERVICE).do(operation)
                break
            except OutcomeUnknown as error:
                if tries == AGAIN:
                    raise
                tenant.warnings.append(f"{error.message} It was repeated, because a tag can't be there twice.")
                tenant.wait(2.0**tries)
    except (Refused, NotFound) as error:
        if len(devices) == 1:
            work.failed[devices[0]["id"]] = {**_shown(devices[0]), "reason": error.about(tenant=tenant.label).message}
            return
        half = len(devices) // 2
        for part in (devices[:half], devices[half:]):
            _carry_out(tenant, work, ledger, _write(operation.verb, work.tag, part), part)
        return
    work.done.append(str(operation))
    ledger.note(KIND, operation, request_id)


def _read_back(tenant: Tenant, work: _Work) -> None:
    """Waits until every tag shows; what does not within the limit has failed."""
    open_ = {key: (row, True) for key, row in work.add.items()} | {key: (row, False) for key, row in work.remove.items()}
    open_ = {key: one for key, one in open_.items() if key not in work.failed}
    waits = pauses(tenant.read_back_timeout)
    while open_:
        now = _chosen(tenant, list(open_), (), "")
        open_ = {key: one for key, one in open_.items() if key not in now or _has(now[key], work.tag) is not one[1]}
        pause = next(waits, None) if open_ else None
        if pause is None:
            break
        tenant.wait(pause)
    for key, (row, added) in open_.items():
        text = "has the tag not yet" if added else "still has the tag; a tag that comes from the device itself can't be removed here"
        work.failed[key] = {**_shown(row), "reason": f"the write was accepted, but the device {text}"}


def _missing(params: Values, devices: Iterable[Row]) -> list[str]:
    ids = {str(row["id"]).lower() for row in devices}
    names = {name for row in devices for name in _names(row)}
    return [one for one in params["ids"] or () if one.lower() not in ids] + [
        one for one in params["names"] or () if folded(one) not in names
    ]


def _do(tenant: Tenant, params: Values, check: bool, diff: bool) -> Values:
    tag, present = params["tag"], params["state"] == "present"
    chosen = _chosen(tenant, params["ids"] or (), params["names"] or (), params["filter"] or "")
    missing = _missing(params, chosen.values())
    if missing and not params["ignore_missing"]:
        shown = ", ".join(missing[:10]) + (f" and {len(missing) - 10} more" if len(missing) > 10 else "")
        raise NotFound(
            f"there is no device {shown}; nothing was written",
            tried=f"Looking for the devices of the tag {tag}",
            tenant=tenant.label,
            service=SERVICE,
            hint="Devices that have not reported for long are not in the list any more. With ignore_missing they are passed over.",
        )
    others = {row["id"]: row for row in _list(tenant, f"machineTags/any(tag: tag eq {_quoted(tag)})")} if params["exclusive"] else {}
    work = _Work(
        tag,
        add={key: row for key, row in chosen.items() if not _has(row, tag)} if present else {},
        remove={key: row for key, row in (others if present else chosen).items() if _has(row, tag) and not (present and key in chosen)},
    )
    operations = work.operations
    before, after = _lists(work, tag, False), _lists(work, tag, True)
    if operations and not check:
        ledger = ledger_of(tenant, params)
        ledger.begin({KIND: Plan((before,), (after,), operations)}, {})
        try:
            for operation in operations:
                rows = work.add if operation.verb == "Add" else work.remove
                ids = operation.parameters.get("MachineIds") or [operation.identity]
                _carry_out(tenant, work, ledger, operation, [rows[one] for one in ids])
            _read_back(tenant, work)
        except TenantError as error:
            error.done = tuple(work.done)
            raise
        before, after = _lists(work, tag, False), _lists(work, tag, True)
    planned = [str(operation) for operation in operations]
    result: Values = {
        "changed": bool(planned if check else work.done),
        "operations": planned if check else work.done,
        "selected": len(chosen),
        "added": work.changed(work.add),
        "removed": work.changed(work.remove),
        "missing": missing,
        "failed_devices": sorted(work.failed.values(), key=lambda one: (one["name"], one["id"])),
    }
    if diff:
        hunk = {"before_header": f"{KIND} {tag}", "after_header": f"{KIND} {tag}", "before": before, "after": after}
        result["diff"] = [hunk] if result["changed"] else []
    return {**result, **_failure(tenant, work)} if work.failed else result


def _lists(work: _Work, tag: str, after: bool) -> Values:
    """The devices that change and have the tag, before or after."""
    return {"tag": tag, "devices": [one["name"] for one in work.changed(work.add if after else work.remove)]}


def _failure(tenant: Tenant, work: _Work) -> Values:
    first = next(iter(work.failed.values()))
    error = Refused(
        f"{len(work.failed)} of {len(work.add) + len(work.remove)} devices could not be changed, first {first['name']}: {first['reason']}",
        tried=f"Setting the tag {work.tag}",
        tenant=tenant.label,
        service=SERVICE,
        hint="See failed_devices. The others were changed; running the task again changes nothing about them.",
    )
    return {"failed": True, "msg": error.message, "failure": error.failure}


def _wrong(options: Values) -> list[str]:
    errors = []
    if not options["tag"].strip() or options["tag"] != options["tag"].strip():
        errors.append("tag must not be empty, nor begin or end with a blank")
    if not any(options.get(name) for name in ("ids", "names", "filter")):
        errors.append("one of ids, names and filter must say which devices are meant")
    errors += [
        f'ids must have ids of 40 hexadecimal digits, not "{one}"'
        for one in options.get("ids") or ()
        if not re.fullmatch(r"[0-9a-fA-F]{40}", one)
    ]
    errors += [f'names must have names of devices, not "{one}"' for one in options.get("names") or () if not re.fullmatch(r"[\w.-]+", one)]
    if options.get("exclusive") and options.get("state") == "absent":
        errors.append("state=absent and exclusive exclude each other")
    return errors


OPTIONS: dict[str, dict[str, Any]] = {
    "tag": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "ids": {"type": "list", "elements": "str"},
    "names": {"type": "list", "elements": "str"},
    "filter": {"type": "str"},
    "exclusive": {"type": "bool", "default": False},
    "ignore_missing": {"type": "bool", "default": False},
}
MACHINE_TAG = Work(KIND, OPTIONS, _do, _wrong)
