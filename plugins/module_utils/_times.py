# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kinds of value that are times. Private to the collection."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._types import Kind


@dataclass(frozen=True)
class Moment(Kind):
    """A date and time in UTC, ISO 8601; fractions of a second and the spelling of the zone do not matter.

    A blank may stand for the T: that is what YAML makes of a time without quotes.
    """

    def read(self, wire: Any) -> Any:
        return None if not wire else str(wire)

    def write(self, value: Any) -> Any:
        return self._instant(value)

    def same(self, one: Any, other: Any) -> bool:
        return self._instant(one) == self._instant(other)

    def show(self, value: Any) -> Any:
        return self._instant(value)

    def empty(self, value: Any) -> bool:
        return not value

    def wrong(self, value: Any) -> str:
        text = f"must be a UTC time such as 2027-01-31T12:00:00Z, not {value}"
        if value and not re.fullmatch(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|\+00:00)", value):
            return text
        try:  # there is no 30th of February
            datetime.fromisoformat(self._instant(value) or "2027-01-31")
        except ValueError:
            return text
        return ""

    def passed(self, value: Any) -> bool:
        """Whether it lies in the past; what is no time does not."""
        return bool(value) and not self.wrong(value) and datetime.fromisoformat(self._instant(value)) <= datetime.now(UTC)

    @staticmethod
    def _instant(value: Any) -> Any:
        if not value:
            return None
        date, time = re.split("[T ]", re.sub(r"(\.\d+)?(Z|\+00:00)?$", "", str(value)))
        return f"{date}T{time if time.count(':') == 2 else time + ':00'}Z"


@dataclass(frozen=True)
class Duration(Kind):
    """A span of time, [d.]hh:mm:ss; the service may read it back as ISO 8601 (PT4H). [code]"""

    of: tuple[str, ...] = ()  # the only spans that are accepted

    def spec(self) -> dict[str, Any]:
        return {"type": "str", "choices": list(self.of)} if self.of else {"type": "str"}

    def read(self, wire: Any) -> Any:
        seconds = self._seconds(wire)
        if self.of and seconds == 0:
            return None  # unset, which can't be wished for
        return wire if seconds is None else self._text(seconds)

    def write(self, value: Any) -> Any:
        return self._text(self._seconds(value) or 0)

    def same(self, one: Any, other: Any) -> bool:
        return (self._seconds(one) or 0) == (self._seconds(other) or 0)

    def show(self, value: Any) -> Any:
        return self.read(value)

    def empty(self, value: Any) -> bool:
        return not self._seconds(value)

    def wrong(self, value: Any) -> str:
        return "" if self._seconds(value) is not None else f"must be a span of time such as 04:00:00 or 1.00:00:00, not {value}"

    @staticmethod
    def _seconds(value: Any) -> int | None:
        text = str(value or "PT0S")
        plain = re.fullmatch(r"(?:(\d+)\.)?(\d+):(\d\d):(\d\d)(?:\.0+)?", text)
        iso = re.fullmatch(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.0+)?S)?)?", text)
        found = plain or iso
        if not found:
            return None
        days, hours, minutes, seconds = (int(number or 0) for number in found.groups())
        return ((days * 24 + hours) * 60 + minutes) * 60 + seconds

    @staticmethod
    def _text(seconds: int) -> str:
        days, rest = divmod(seconds, 86400)
        return (f"{days}." if days else "") + f"{rest // 3600:02}:{rest // 60 % 60:02}:{rest % 60:02}"
