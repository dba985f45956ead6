# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Links to pages of the Defender portal lead to the portal of the tenant's cloud. Pure; private to the collection.

They are written with the worldwide portal's address everywhere.
"""

from __future__ import annotations

import re
from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._clouds import CLOUDS, Cloud

WORLDWIDE = f"https://{CLOUDS['commercial'].portal}"
_PAGE = re.compile(re.escape(WORLDWIDE) + r"(?:/(?:[^\s\"'<>),;]*[\w/])?)?")
# Parts of a result that hold words of ours, and parts in which everything belongs to the tenant.
OURS = frozenset(
    {"hint", "link", "links", "msg", "reason", "reasons", "remarks", "remedy", "text", "tracking", "unknown_because", "warnings"}
)
THEIRS = frozenset({"configuration", "details", "diff", "object", "operations", "records", "reference", "results"})


def led(value: Any, cloud: Cloud, ours: bool = False) -> Any:
    """A result with the links in its words led to the cloud's portal. ours: whether this part of it holds words of ours."""
    if f"https://{cloud.portal}" == WORLDWIDE:
        return value
    if isinstance(value, str):
        return _text(value, cloud) if ours else value
    if isinstance(value, dict):
        return {key: one if key in THEIRS else led(one, cloud, ours or key in OURS) for key, one in value.items()}
    return [led(one, cloud, ours) for one in value] if isinstance(value, list) else value


def remarks(cloud: Cloud) -> list[str]:
    """How sure links are, where they were led to another portal than the worldwide one."""
    if not cloud.portal or f"https://{cloud.portal}" == WORLDWIDE:
        return []
    return [f"That the Defender portal of the cloud {cloud.name} has its pages where the worldwide one has them is a guess."]


def _text(text: str, cloud: Cloud) -> str:
    if cloud.portal:
        return text.replace(WORLDWIDE, f"https://{cloud.portal}")
    # What is nothing but a link leads nowhere.
    return "" if _PAGE.fullmatch(text) else _PAGE.sub(f"the Defender portal (the cloud {cloud.name} does not have it)", text)
