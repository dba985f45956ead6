# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verdict on one tenant as a table to be read. Pure; private to the collection."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._readiness.retired import RETIRED  # which the summary says too
from ansible_collections.m365.defender.plugins.module_utils._readiness.words import COMPLIANT, NOT_APPLICABLE

HEADINGS = ("Step", "Verdict", "Evidence", "What to do")
GAP = "  "
NARROWEST = 72
MOST_SETTINGS = 6  # of an operation, in the table


def render(report: Mapping[str, Any], width: int = 110) -> str:
    """The report as a text: a heading, a table of at most `width` columns, and notes. Ends without a line break."""
    width = max(width, NARROWEST)
    links: list[str] = []
    rows = [(one["title"], one["verdict"], _short(one["evidence"], links), _short(one["remedy"], links)) for one in report["steps"]]
    summary = [(title, verdict, _short(evidence, links), _short(remedy, links)) for title, verdict, evidence, remedy in _summary(report)]
    notes = [_short(one, links) for one in dict.fromkeys((*report["warnings"], *report["notes"])) if one != RETIRED]
    if report["attestable"]:
        notes.append(f"What only a person can see can be attested in m365_attestations: {', '.join(_settings(report))}.")
    lines = _heading(report, width)
    lines += _table(rows, width, summary) if rows else ["No step was run."]
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
    lines = [_row(HEADINGS, widths), GAP.join("-" * one for one in widths)]
    for number, row in enumerate(shown):
        if number == len(steps):
            lines += [GAP.join("-" * one for one in widths)]
        cells = [_wrapped(cell, one) or [""] for cell, one in zip(row, widths, strict=True)]
        for place in range(max(map(len, cells))):
            lines.append(_row([cell[place] if place < len(cell) else "" for cell in cells], widths))
    return lines


def _third(rows: Sequence[tuple[str, ...]], both: int) -> int:
    """How wide the third column is, so that the table is as short as it can be, and breaks as few words as it can."""

    def cost(third: int) -> int:
        lines = 0
        for row in rows:
            pairs = ((row[2], third), (row[3], both - third))
            lines += max(len(_wrapped(text, width)) for text, width in pairs)
            lines += sum(4 for text, width in pairs for word in text.split() if len(word) > width)
        return lines

    return min(range(both // 3, both - both // 3 + 1), key=lambda third: (cost(third), abs(both // 2 - third)))


def _row(cells: Sequence[str], widths: Sequence[int]) -> str:
    return GAP.join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True))


def _wrapped(text: str, width: int, mark: str = "") -> list[str]:
    return textwrap.wrap(text, width, initial_indent=mark, subsequent_indent=" " * len(mark), break_long_words=True, break_on_hyphens=False)


def _words(verdict: str) -> str:
    """A verdict as it is read; what needs nobody's attention stands back."""
    text = verdict.replace("_", " ")
    return text if verdict in (COMPLIANT, NOT_APPLICABLE, "yes") else text.upper()


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


def _short(text: str, links: list[str]) -> str:
    """A text with a number in place of each address; new addresses are put at the end of `links`. A sentence ends where the next begins."""

    def number(found: re.Match[str]) -> str:
        link = found[0].rstrip(".,;:)")
        if link not in links:
            links.append(link)
        return f"[{links.index(link) + 1}]" + found[0][len(link) :]

    return re.sub(r"https?://\S+", number, re.sub(r"(https?://\S*[^\s.!?])(?= [A-Z])", r"\1.", _plain(text)))


def _plain(text: str) -> str:
    """One line, without anything that could steer a terminal: texts of a tenant are written by others."""
    return "".join(letter if letter.isprintable() else " " for letter in " ".join(text.split()))
