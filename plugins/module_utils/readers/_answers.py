# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What several readers do with their answers. Pure; private to the collection."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._errors import TenantError
from ansible_collections.m365.defender.plugins.module_utils._reader import Answers
from ansible_collections.m365.defender.plugins.module_utils._resource import Row

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """What time it is, for readers that are not told."""
    return datetime.now(UTC)


def rows_of(answers: Answers, service: str, noun: str) -> list[Row] | TenantError:
    """What a service said about a noun, whatever its parameters were."""
    return next(answer for ask, answer in answers.items() if (ask.service, ask.query.noun) == (service, noun))


def needed(answers: Answers, service: str, noun: str) -> list[Row]:
    """The rows of a noun without which nothing can be said; raises the TenantError that came instead."""
    answer = rows_of(answers, service, noun)
    if isinstance(answer, TenantError):
        raise answer
    return answer


def moment(text: Any) -> datetime | None:
    """A service's point in time (`2026-07-23T23:00:00.0000000Z`), None where it says none."""
    if not text:
        return None
    when = datetime.fromisoformat(str(text))
    return when if when.tzinfo else when.replace(tzinfo=UTC)  # those without a zone are UTC. [live] Action center items


def folded(value: Any) -> str:
    """A word of a service for comparison: services disagree on the case of theirs (`onboarded`, `Onboarded`). [live]"""
    return str(value or "").casefold()
