# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines of text for a terminal: wrapped, without control characters, with links at their end. Pure; private to the collection."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence

from ansible_collections.m365.defender.plugins.module_utils._errors import one_line

GAP = "  "


def table_line(cells: Sequence[str], widths: Sequence[int]) -> str:
    """A line of a table."""
    return GAP.join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True))


def table_lines(cells: Sequence[str], widths: Sequence[int]) -> list[str]:
    """A row of a table whose cells are wrapped."""
    columns = [wrapped(cell, width) or [""] for cell, width in zip(cells, widths, strict=True)]
    return [table_line([one[place] if place < len(one) else "" for one in columns], widths) for place in range(max(map(len, columns)))]


def wrapped(text: str, width: int, mark: str = "") -> list[str]:
    """A text in lines; the first begins with a mark."""
    return textwrap.wrap(
        one_line(text), width, initial_indent=mark, subsequent_indent=" " * len(mark), break_long_words=True, break_on_hyphens=False
    )


def count(number: int, word: str) -> str:
    """A number of things."""
    return f"{number} {word}{'' if number == 1 else 's'}"


def days(number: float) -> str:
    """A time in days."""
    return f"{number:g} day{'' if number == 1 else 's'}"


def short(text: str, links: list[str]) -> str:
    """A text with a number in place of each address; new addresses are put at the end of `links`. A sentence ends where the next begins.

    A host alone is short already, and most often no page but what a token is for.
    """

    def number(found: re.Match[str]) -> str:
        link = found[0].rstrip(".,;:)")
        if "/" not in link.partition("://")[2].rstrip("/"):
            return found[0]
        if link not in links:
            links.append(link)
        return f"[{links.index(link) + 1}]" + found[0][len(link) :]

    return re.sub(r"https?://\S+", number, re.sub(r"(https?://\S*[^\s.!?])(?= [A-Z])", r"\1.", one_line(text)))
