# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verdict on one tenant as a table to be read. Pure; private to the collection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._errors import one_line
from ansible_collections.m365.defender.plugins.module_utils._readiness.retired import RETIRED  # which the summary says too
from ansible_collections.m365.defender.plugins.module_utils._readiness.words import COMPLIANT, NOT_APPLICABLE
from ansible_collections.m365.defender.plugins.plugin_utils._lines import GAP, count, short, table_line, table_lines, wrapped

HEADINGS = ("Step", "Verdict", "Evidence", "What to do")
NARROWEST = 72
MOST_SETTINGS = 6  # of an operation, in the table


def render(report: Mapping[str, Any], width: int = 110) -> str:
    """The report as a text: a heading, a table of at most `width` columns, and notes. Ends without a line break."""
    width = max(width, NARROWEST)
    links: list[str] = []
    rows = [(one["title"], one["verdict"], short(one["evidence"], links), short(one["remedy"], links)) for one in report["steps"]]
    summary = [(title, verdict, short(evidence, links), short(remedy, links)) for title, verdict, evidence, remedy in _summary(report)]
    notes = [short(one, links) for one in dict.fromkeys((*report["warnings"], *report["notes"])) if one != RETIRED]
    if report["attestable"]:
        notes.append(f"What only a person can see can be attested in m365_attestations: {', '.join(_settings(report))}.")
    lines = _heading(report, width)
    lines += _table(rows, width, summary) if rows else ["No step was run."]
    if report["operations"]:
        word = "Would change" if report["mode"] == "check" else "Changed"
        lines += ["", f"{word}:", *(line for one in report["operations"] for line in wrapped(_brief(one_line(one)), width, "  "))]
    if notes:
        lines += ["", *(line for one in notes for line in wrapped(one, width, "* "))]
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


def _heading(report: Mapping[str, Any], width: int) -> list[str]:
    name = report["tenant"] if report["host"] in ("", report["tenant"]) else f"{report['tenant']} ({report['host']})"
    facts = (
        f"Identity: {report['identity'] or 'not told'}. {_asked(report)} Run: {report['when']}, {_done(report)}.",
        f"{count(report['reads'], 'read')}, {count(report['writes'], 'write')}, {report['seconds']:g} "
        f"second{'' if report['seconds'] == 1 else 's'}. "
        f"Taken together: {_words(report['verdict'])}.",
    )
    title = wrapped(f"Automated investigation and response on {name}", width)
    return ["", *title, "=" * max(map(len, title)), *(line for one in facts for line in wrapped(one, width)), ""]


def _asked(report: Mapping[str, Any]) -> str:
    if not report["requests"]:
        return "Nobody was asked."
    return "Asked: the real service." if report["real"] else f"Asked: NOT the real service, but {report['endpoint']}."


def _done(report: Mapping[str, Any]) -> str:
    """What became of the tenant. That nothing was to be changed is not known where a step was stopped."""
    if report["mode"] == "check":
        return "check mode, nothing written"
    done = "changes made" if report["changed"] else "nothing was changed" if report["failed_steps"] else "nothing to change"
    # One that no step was stopped for was repeated, or left out; the data has the number.
    refused = report["refused"] if report["failed_steps"] else 0
    return f"{done}, {count(refused, 'write')} {'was' if refused == 1 else 'were'} refused" if refused else done


def _summary(report: Mapping[str, Any]) -> list[tuple[str, str, str, str]]:
    """What the steps come to, a row each: whether it is configured, what that means for mail and devices, and the controls."""
    answer = report["answer"]
    rows = [("AIR configured?", answer["configured"], answer["evidence"], "")]
    for word in ("mail", "devices"):
        rows.append((f"- for {word}", answer[word]["verdict"], answer[word]["evidence"], answer[word]["remedy"]))
    rows += [(f"CIS M365 {one['id']}", one["verdict"], one["evidence"], one["remedy"]) for one in report["controls"]]
    return rows


def _settings(report: Mapping[str, Any]) -> list[str]:
    return [one["setting"] for one in report["attestable"]]


def _table(steps: Sequence[tuple[str, ...]], width: int, summary: Sequence[tuple[str, ...]]) -> list[str]:
    """Rows of cells, each cell wrapped: the first two columns as wide as they need, the others share what is left."""
    rows = (*steps, *summary)
    shown = [tuple(_words(cell) if place == 1 else cell for place, cell in enumerate(row)) for row in rows]
    first, second = (max(len(row[place]) for row in (HEADINGS, *shown)) for place in (0, 1))
    third = _third(shown, width - first - second - 3 * len(GAP))
    widths = (first, second, third, width - first - second - 3 * len(GAP) - third)
    lines = [table_line(HEADINGS, widths), GAP.join("-" * one for one in widths)]
    for number, row in enumerate(shown):
        if number == len(steps):
            lines += [GAP.join("-" * one for one in widths)]
        lines += table_lines(row, widths)
    return lines


def _third(rows: Sequence[tuple[str, ...]], both: int) -> int:
    """How wide the third column is, so that the table is as short as it can be, and breaks as few words as it can."""

    def cost(third: int) -> int:
        lines = 0
        for row in rows:
            pairs = ((row[2], third), (row[3], both - third))
            lines += max(len(wrapped(text, width)) for text, width in pairs)
            lines += sum(4 for text, width in pairs for word in text.split() if len(word) > width)
        return lines

    return min(range(both // 3, both - both // 3 + 1), key=lambda third: (cost(third), abs(both // 2 - third)))


def _words(verdict: str) -> str:
    """A verdict as it is read; what needs nobody's attention stands back."""
    text = verdict.replace("_", " ")
    return text if verdict in (COMPLIANT, NOT_APPLICABLE, "yes") else text.upper()
