# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who signs in: for each service, what the caller's own token says of him, or why there is none. Never the token.

Tokens are opaque by contract; what can't be read in them is unknown.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._clouds import NAMELESS, NOT_IN_CLOUD
from ansible_collections.m365.defender.plugins.module_utils._errors import TenantError
from ansible_collections.m365.defender.plugins.module_utils._reader import Answers, Ask, Reader
from ansible_collections.m365.defender.plugins.module_utils._resource import Query, Row, Values
from ansible_collections.m365.defender.plugins.module_utils.readers._answers import Clock, folded, utc_now
from ansible_collections.m365.defender.plugins.module_utils.readers._needs import ROLES

SERVICES = ("graph", "exchange", "compliance", "defender", "sharepoint")
GIVEN, UNREADABLE, NOT_TAKEN, REFUSED, UNKNOWN = "given", "unreadable", "not_taken", "refused", "unknown"
# What SharePoint makes of a token that was got with a secret. [code] public clients
SECRET = "SharePoint takes the token of an app only if the app signs in with a certificate."
SECRET_REMEDY = "Set client_certificate in place of client_secret."


def _ask(service: str) -> Ask:
    return Ask("token", Query("claims", (("audience", service),)))


def _asks(options: Values) -> tuple[Ask, ...]:
    return tuple(_ask(service) for service in options.get("services") or SERVICES)


def _token(row: Row, now: datetime) -> Values:
    """What a token says."""
    readable = bool(row.get("appid") or row.get("azp") or row.get("tid"))
    ends = datetime.fromtimestamp(row["exp"], UTC) if isinstance(row.get("exp"), int | float) else None
    state, reason, remedy = (GIVEN, "", "") if readable else (UNREADABLE, "There is a token, but it can't be read.", "")
    if row.get("audience") == "sharepoint" and row.get("way") == "client_secret":
        state, reason, remedy = NOT_TAKEN, SECRET, SECRET_REMEDY
    return {
        "state": state,
        "reason": reason,
        "remedy": remedy,
        "audience": str(row.get("aud") or ""),
        "application": str(row.get("appid") or row.get("azp") or ""),
        "application_name": str(row.get("app_displayname") or ""),
        "object": str(row.get("oid") or ""),
        "tenant": str(row.get("tid") or ""),
        "kind": str(row.get("idtyp") or ("user" if row.get("scp") else "unknown")),
        "user": str(row.get("upn") or ""),
        "permissions": sorted(str(one) for one in row.get("roles") or ()),
        "delegated_permissions": sorted(str(row.get("scp") or "").split()),
        "directory_roles": sorted(ROLES.get(folded(one), str(one)) for one in row.get("wids") or ()),
        "ends": ends.isoformat().replace("+00:00", "Z") if ends else "",
        "minutes_left": int((ends - now).total_seconds() // 60) if ends else None,
    }


def _none(error: TenantError) -> Values:
    """Why there is no token."""
    state = NOT_IN_CLOUD if error.code == NOT_IN_CLOUD else REFUSED if error.kind in ("sign_in", "forbidden") else UNKNOWN
    return {"state": state, "reason": error.text, "remedy": error.hint, "code": error.code, "request_id": error.request_id}


def answered(options: Values, answers: Answers, clock: Clock = utc_now) -> Values:
    """The result; raises the TenantError when there is a token for no service at all, but not because a site's name is not known."""
    found = {service: answers[_ask(service)] for service in options.get("services") or SERVICES}
    errors = [one for one in found.values() if isinstance(one, TenantError)]
    if len(errors) == len(found) and NAMELESS not in [one.code for one in errors]:
        raise next((one for one in errors if one.code != NOT_IN_CLOUD), errors[0])
    rows: dict[str, Row] = {service: one[0] if one else {} for service, one in found.items() if not isinstance(one, TenantError)}
    tokens: dict[str, Any] = {
        service: _none(one) if isinstance(one, TenantError) else _token(rows[service], clock()) for service, one in found.items()
    }
    return {"sign_in": next((str(row["way"]) for row in rows.values() if row.get("way")), ""), "tokens": tokens}


TOKEN_INFO = Reader(
    kind="token_info",
    asks=_asks,
    answer=answered,
    options={"services": {"type": "list", "elements": "str", "choices": list(SERVICES)}},
)
