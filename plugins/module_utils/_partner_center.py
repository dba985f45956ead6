# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Partner Center: a partner's changes in the name of a customer. Private to the collection.

[doc] control-panel-vendor-apis, error-codes: an error is {code, description}. There is no way to read a consent.
"""

from __future__ import annotations

from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._errors import Forbidden, NotFound, Refused, TenantError, Unavailable
from ansible_collections.m365.defender.plugins.module_utils._graph import Rest
from ansible_collections.m365.defender.plugins.module_utils._searches import Ask
from ansible_collections.m365.defender.plugins.module_utils._transport import Reply

# [recall] that an app alone is refused, and what the person must be
PERSON = (
    "Partner Center takes the token of a person only: sign in with refresh_token, as a user of the partner who is Admin agent there, "
    "through an app that has the delegated permission user_impersonation of Microsoft Partner Center."
)
CUSTOMER = "Look whether the tenant is a customer of this partner."


class PartnerCenter(Rest):
    """Single changes; nothing is read."""

    def _error(self, reply: Reply, ask: Ask, permission: str = "") -> TenantError:
        body = reply.json()
        body = body if isinstance(body, dict) else {}
        text = str(body.get("description") or "").strip()
        known: dict[str, Any] = {
            "service": self.service,
            "status": reply.status,
            "code": str(body.get("code") or ""),
            "request_id": reply.request_id,
        }
        if reply.status in (401, 403):
            return Forbidden(text or "Partner Center forbids it", hint=PERSON, **known)
        if reply.status == 404:
            return NotFound(text or "Partner Center has nothing here", hint=CUSTOMER, **known)
        if reply.status == 429 or reply.status >= 500:
            return Unavailable(text or "Partner Center failed", hint="Try again later.", **known)
        return Refused(text or f"Partner Center refused it without a reason (HTTP {reply.status})", **known)
