# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report on one tenant: as data with stable keys, and as a table to be read. Pure; private to the collection."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._readiness.judge import judge_all
from ansible_collections.m365.defender.plugins.module_utils._readiness.words import COMPLIANT, NOT_APPLICABLE, WEIGHT

Values = dict[str, Any]

VERSION = 1  # of the keys below; a new one may be added without raising it
HEADINGS = ("Step", "Verdict", "Evidence", "What to do")
GAP = "  "
NARROWEST = 72
MOST_SETTINGS = 6  # of an operation, in the table


def build(
    *,
    host: str,
    tenant: str,
    steps: Mapping[str, Mapping[str, Any]],
    check: bool,
    when: datetime,
    identity: str = "",
    endpoint: str = "",
) -> Values:
    """The report as data.

    host: the inventory's name of the tenant; tenant: what the playbook calls it. steps: by step, the results of its tasks as registered
    (see judge_all). check: whether the run wrote nothing. identity, endpoint: what the playbook says of them, for when no result does.
    """
    usages = _usages(steps)
    verdicts = [one.as_dict() for one in judge_all(steps, check)]
    endpoint = _first(usages, "endpoint") or endpoint
    notes = [note for one in verdicts for note in one["notes"]]
    return {
        "version": VERSION,
        "host": host,
        "tenant": _first(usages, "name") or tenant,
        "identity": _first(usages, "identity") or identity,
        "endpoint": endpoint,
        "real": not endpoint,
        "mode": "check" if check else "apply",
        "when": when.replace(microsecond=0).isoformat(),
        "verdict": overall([one["verdict"] for one in verdicts]),
        "changed": any(one["operations"] for one in verdicts),
        "operations": [line for one in verdicts for line in one["operations"]],
        "requests": sum(int(one.get("requests") or 0) for one in usages),
        "reads": sum(int(one.get("reads") or 0) for one in usages),
        "writes": sum(int(one.get("writes") or 0) for one in usages),
        "seconds": round(sum(float(one.get("seconds") or 0) for one in usages), 1),
        "steps": verdicts,
        "notes": list(dict.fromkeys(notes)),
        "failed_steps": [one["step"] for one in verdicts if one["error"]],
    }


def overall(verdicts: Iterable[str]) -> str:
    """The verdict of a whole tenant: the gravest of its steps; what does not apply to it does not count beside what does."""
    found = list(verdicts)
    applying = [one for one in found if one != NOT_APPLICABLE] or found
    return min(applying, key=WEIGHT.index) if applying else "unknown"


def render(report: Mapping[str, Any], width: int = 110) -> str:
    """The report as a text: a heading, a table of at most `width` columns, and notes. Ends without a line break."""
    width = max(width, NARROWEST)
    links: list[str] = []
    rows = [(one["title"], one["verdict"], _short(one["evidence"], links), _short(one["remedy"], links)) for one in report["steps"]]
    notes = [_short(one, links) for one in report["notes"]]
    lines = _heading(report, width)
    lines += _table(rows, width) if rows else ["No step was run."]
    if report["operations"]:
        word = "Would change" if report["mode"] == "check" else "Changed"
        lines += ["", f"{word}:", *(line for one in report["operations"] for line in _wrapped(_brief(_plain(one)), width, "  "))]
    if notes:
        lines += ["", *(line for one in notes for line in _wrapped(one, width, "* "))]
    if links:
        # Never wrapped, so that a terminal can follow them.
        lines += ["", *(f"[{number}] {link}" for number, link in enumerate(links, 1))]
    return "\n".join(line.rstrip() for line in lines)


def _brief(operation: str) -> str:
    """An operation with the first few of its settings; all of them stand in the data."""
    head, brace, settings = operation.partition(" {")
    names = settings.rstrip("}").split(", ")
    if len(names) <= MOST_SETTINGS:
        return operation
    return f"{head}{brace}{', '.join(names[:MOST_SETTINGS])} and {len(names) - MOST_SETTINGS} more}}"


def _usages(steps: Mapping[str, Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The `tenant` block of every result: who was asked, by whom, at what cost."""
    usages: list[Mapping[str, Any]] = []
    for facts in steps.values():
        told = {name: result["tenant"] for name, result in facts.items() if isinstance(result, Mapping) and result.get("tenant")}
        # A failed result stands both under its own name and as what stopped the step.
        stopped = told.pop("stopped", None)
        usages += [*told.values(), *([stopped] if stopped and stopped not in told.values() else [])]
    return usages


def _first(usages: Sequence[Mapping[str, Any]], name: str) -> str:
    return next((str(one[name]) for one in usages if one.get(name)), "")


def _heading(report: Mapping[str, Any], width: int) -> list[str]:
    name = report["tenant"] if report["host"] in ("", report["tenant"]) else f"{report['tenant']} ({report['host']})"
    service = "the real service" if report["real"] else f"NOT the real service, but {report['endpoint']}"
    mode = "check mode, nothing written" if report["mode"] == "check" else "changes made" if report["writes"] else "nothing to change"
    facts = (
        f"Identity: {report['identity'] or 'not told'}. Asked: {service}. Run: {report['when']}, {mode}.",
        f"{_count(report['reads'], 'read')}, {_count(report['writes'], 'write')}, {report['seconds']:g} seconds. "
        f"Taken together: {_words(report['verdict'])}.",
    )
    title = _wrapped(f"Automated investigation and response on {name}", width)
    return ["", *title, "=" * max(map(len, title)), *(line for one in facts for line in _wrapped(one, width)), ""]


def _table(rows: Sequence[tuple[str, ...]], width: int) -> list[str]:
    """Rows of cells, each cell wrapped: the first two columns as wide as they need, the others share what is left by their length."""
    shown = [tuple(_words(cell) if place == 1 else cell for place, cell in enumerate(row)) for row in rows]
    first, second = (max(len(row[place]) for row in (HEADINGS, *shown)) for place in (0, 1))
    left = width - first - second - 3 * len(GAP)
    long, short = (max(1, sum(len(row[place]) for row in shown)) for place in (2, 3))
    third = min(max(left * long // (long + short), left // 3), left - left // 3)
    widths = (first, second, third, left - third)
    lines = [_row(HEADINGS, widths), GAP.join("-" * one for one in widths)]
    for row in shown:
        cells = [_wrapped(cell, one) or [""] for cell, one in zip(row, widths, strict=True)]
        for place in range(max(map(len, cells))):
            lines.append(_row([cell[place] if place < len(cell) else "" for cell in cells], widths))
    return lines


def _row(cells: Sequence[str], widths: Sequence[int]) -> str:
    return GAP.join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True))


def _wrapped(text: str, width: int, mark: str = "") -> list[str]:
    return textwrap.wrap(text, width, initial_indent=mark, subsequent_indent=" " * len(mark), break_long_words=True, break_on_hyphens=False)


def _words(verdict: str) -> str:
    """A verdict as it is read; what needs nobody's attention stands back."""
    text = verdict.replace("_", " ")
    return text if verdict in (COMPLIANT, NOT_APPLICABLE) else text.upper()


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


def _short(text: str, links: list[str]) -> str:
    """A text with a number in place of each address; new addresses are put at the end of `links`."""

    def number(found: re.Match[str]) -> str:
        link = found[0].rstrip(".,;:)")
        if link not in links:
            links.append(link)
        return f"[{links.index(link) + 1}]" + found[0][len(link) :]

    return re.sub(r"https?://\S+", number, _plain(text))


def _plain(text: str) -> str:
    """One line, without anything that could steer a terminal: texts of a tenant are written by others."""
    return "".join(letter if letter.isprintable() else " " for letter in " ".join(text.split()))
