# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a token says of its bearer, and what a refusal asks a token to say. Private to the collection."""

from __future__ import annotations

import base64
import json
import re
from typing import Any


def claims_of(token: str) -> dict[str, Any]:
    """What a token says about its bearer, unverified; {} when it is none that can be read. Only for advice. [recall]"""
    try:
        part = token.split(".")[1]
        found = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (IndexError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def wanted_claims(challenge: str) -> str:
    """The claims that a 401's WWW-Authenticate asks for; "" when none. [code] continuous access evaluation"""
    found = re.search(r'claims="([^"]+)"', challenge)
    if not found:
        return ""
    try:
        return base64.b64decode(found[1] + "=" * (-len(found[1]) % 4)).decode()
    except ValueError:
        return ""
