# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What waits for approval in many tenants: as data with stable keys, and as one table, oldest first. Pure; private to the collection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._errors import one_line
from ansible_collections.m365.defender.plugins.module_utils._readiness.words import came, told
from ansible_collections.m365.defender.plugins.plugin_utils._lines import GAP, count, days, short, table_line, table_lines, wrapped

Values = dict[str, Any]

VERSION = 1  # of the keys below; a new one may be added without raising it
LATE, NOT_READ, WAITING, CLEAR, NOT_APPLICABLE = "late", "not_read", "waiting", "clear", "not_applicable"
WEIGHT = (LATE, NOT_READ, WAITING, CLEAR, NOT_APPLICABLE)  # what decides for all tenants
FAILING = (LATE, NOT_READ)
HEADINGS = ("Tenant", "Waits", "Lapses in", "Severity", "Product", "What waits")
MOST_ROWS = 100  # of the table; the data has all
NARROWEST = 90
MAKER = "Microsoft Defender for "


def judged(seen: Mapping[str, Mapping[str, Any]], limit: float, when: datetime) -> Values:
    """The review of many tenants. seen: by host, `pending` and `licenses` as their tasks returned them, and `stopped`, what ended them."""
    tenants = {host: _tenant(facts, limit) for host, facts in seen.items()}
    entries = [
        {"host": host, "tenant": tenants[host]["tenant"], "late": _late(entry, limit), **entry}
        for host, facts in seen.items()
        for entry in _entries(facts)
    ]
    entries.sort(key=lambda one: (one["age_days"] is None, -(one["age_days"] or 0), one["host"], one["id"]))
    verdicts = [one["verdict"] for one in tenants.values()]
    asked = [one for one in tenants.values() if one["asked"]]
    return {
        "version": VERSION,
        "when": when.replace(microsecond=0).isoformat(),
        "max_pending_age": limit,
        "verdict": min(verdicts, key=WEIGHT.index, default=NOT_READ),
        "count": len(entries),
        "late": sum(one["late"] for one in entries),
        "real": not any(one["endpoint"] for one in asked) if asked else None,
        "tenants": tenants,
        "pending": entries,
    }


def _entries(facts: Mapping[str, Any]) -> list[Values]:
    pending = facts.get("pending")
    return list(pending["pending"]) if isinstance(pending, Mapping) and came(pending) else []


def _late(entry: Mapping[str, Any], limit: float) -> bool:
    return (entry["age_days"] or 0) > limit


def _tenant(facts: Mapping[str, Any], limit: float) -> Values:
    """The verdict on a tenant, and a sentence that says why."""
    pending, stopped = facts.get("pending") or {}, facts.get("stopped") or {}
    results = [one for one in (pending, facts.get("licenses") or {}, stopped) if told(one)]
    usage: Mapping[str, Any] = next((one["tenant"] for one in results if one.get("tenant")), {})
    asked = any((one.get("tenant") or {}).get("requests") for one in results)
    found = {"tenant": usage.get("name") or "", "endpoint": usage.get("endpoint") or "", "asked": asked}
    found.update(count=0, late=0, oldest_days=None)
    if came(pending):
        late = sum(_late(entry, limit) for entry in pending["pending"])
        found.update(count=pending["count"], late=late, oldest_days=pending["oldest_days"], driver=pending["driver"])
        reasons = " ".join(one["reason"] for one in pending["not_read"])
        if late:
            partly = "" if pending["complete"] else f" Not everything could be read. {reasons}"
            message = f"{count(late, 'approval')} of {pending['count']} older than {days(limit)}.{partly}"
            return {**found, "verdict": LATE, "message": message}
        if not pending["complete"]:
            return {**found, "verdict": NOT_READ, "message": f"Not everything could be read. {reasons}"}
        waits = f"{count(pending['count'], 'approval')}, none older than {days(limit)}." if pending["count"] else "Nothing waits."
        return {**found, "verdict": WAITING if pending["count"] else CLEAR, "message": waits}
    found["driver"] = ""
    if stopped:
        return {**found, "verdict": NOT_READ, "message": one_line(str(stopped.get("msg") or "The task failed without a message."))}
    if pending.get("skipped"):
        return {**found, "verdict": NOT_APPLICABLE, "message": "No licence brings Defender XDR, so that nothing can wait."}
    return {**found, "verdict": NOT_READ, "message": "It was not asked."}


def render(review: Mapping[str, Any], width: int = 120) -> str:
    """The review as a text: a heading, a table of at most `width` columns, what is to be said of tenants, and links."""
    width = max(width, NARROWEST)
    links: list[str] = []
    lines = _heading(review, width)
    entries = review["pending"][:MOST_ROWS]
    if entries:
        lines += ["", *_table(entries, width, links)]
    if len(review["pending"]) > len(entries):
        lines += ["", f"and {len(review['pending']) - len(entries)} more, which stand in the file."]
    notes = [f"{host}: {short(one['message'], links)}" for host, one in review["tenants"].items() if one["verdict"] != WAITING]
    if notes:
        lines += ["", *(line for one in notes for line in wrapped(one, width, "* "))]
    if links:
        lines += ["", *(f"[{number}] {link}" for number, link in enumerate(links, 1))]
    return "\n".join(line.rstrip() for line in lines)


def _heading(review: Mapping[str, Any], width: int) -> list[str]:
    waiting = [one for one in review["tenants"].values() if one["count"]]
    title = f"What waits for approval in {count(len(review['tenants']), 'tenant')}"
    late = f", {review['late'] or 'none'} of them for more than {days(review['max_pending_age'])}" if review["count"] else ""
    unread = sum(one["verdict"] == NOT_READ for one in review["tenants"].values())
    unknown = f"; {count(unread, 'tenant')} could not be read, or not wholly" if unread else ""
    facts = f"{count(review['count'], 'approval')} in {count(len(waiting), 'tenant')}{late}{unknown}. Run: {review['when']}."
    asked = {None: ["Nobody was asked."], False: ["NOT the real service was asked, at least for some tenants."], True: []}
    return ["", title, "=" * len(title), *wrapped(facts, width), *asked[review["real"]]]


def _table(entries: Sequence[Mapping[str, Any]], width: int, links: list[str]) -> list[str]:
    shown = [_cells(one, links) for one in entries]
    widths = [max(len(row[place]) for row in (HEADINGS, *shown)) for place in range(5)]
    widths[0], widths[4] = min(widths[0], width // 4), min(widths[4], width // 5)
    widths.append(width - sum(widths) - 5 * len(GAP))
    lines = [table_line(HEADINGS, widths), GAP.join("-" * one for one in widths)]
    for row in shown:
        lines += table_lines(row, widths)
    return lines


def _cells(one: Mapping[str, Any], links: list[str]) -> tuple[str, ...]:
    age, lapse = one["age_days"], one["lapses_in_days"]
    what = [one["title"], *([one["action_type"]] if one["action_type"] and one["action_type"] not in one["title"] else [])]
    what += [", ".join(one[name][:3]) for name in ("acts_on", "devices") if one[name]]
    return (
        one_line(one["host"]),
        ("not told" if age is None else days(age)) + (" !" if one["late"] else ""),
        "not told" if lapse is None else "lapsed" if lapse < 0 else days(lapse),
        one_line(one["severity"]),
        one_line(one["product"].removeprefix(MAKER)),
        f"{short(': '.join(what), [])} {short(one['link'], links)}",
    )
