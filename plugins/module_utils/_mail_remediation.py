# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Acting on delivered mail by the supported API of Microsoft Graph: what was found to be a threat is moved or deleted. Private.

The one part of what the Action center decides about mail that an app may do. [doc] security-analyzedemail-remediate, v1.0, global cloud.
"""

from __future__ import annotations

import re
from typing import Any, cast

from ansible_collections.m365.defender.plugins.module_utils._description import Operation, Plan, Query, Values
from ansible_collections.m365.defender.plugins.module_utils._errors import Forbidden, OutcomeUnknown, TenantError
from ansible_collections.m365.defender.plugins.module_utils._stores import Rows
from ansible_collections.m365.defender.plugins.module_utils._task import Work, ledger_of
from ansible_collections.m365.defender.plugins.module_utils._tenant import Tenant

KIND = "mail_remediation"
SERVICE = "graph"
PERMISSION = "SecurityAnalyzedMessage.ReadWrite.All"
# moveToQuarantine is a member of the enumeration too, but "isn't currently supported". [doc]
ACTIONS = ("moveToJunk", "moveToInbox", "moveToDeletedItems", "softDelete", "hardDelete")
MOST = 100  # messages in one task: a limit of ours, so that one mistake stays small. The service documents none.
HISTORY = "https://security.microsoft.com/action-center/history"
CLAIMS = Query("claims", (("audience", SERVICE),))
_GUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_ADDRESS = re.compile(r"[^@\s,;<>\"]+@(?:[A-Za-z0-9-]+\.)+[A-Za-z0-9-]{2,}")


def _operation(params: Values) -> Operation:
    """The one request that is sent. A message that is named twice is sent once."""
    mails = {(one["network_message_id"].lower(), one["recipient"].lower()): one for one in params["messages"]}
    body: dict[str, Any] = {
        "displayName": params["name"],
        "description": params["description"],
        "severity": params["severity"],
        "action": params["action"],
        "remediateSendersCopy": params["remediate_senders_copy"],
        "analyzedEmails": [
            {"networkMessageId": one["network_message_id"], "recipientEmailAddress": one["recipient"]} for one in mails.values()
        ],
    }
    return Operation(
        "Remediate", "Mail", f"{params['name']} ({params['action']}, {len(mails)} message{'' if len(mails) == 1 else 's'})", None, body
    )


def _allowed(tenant: Tenant) -> None:
    """Raises Forbidden where the caller's token says that it may not. So check mode foretells what the service would answer."""
    (claims,) = tenant.store("token").read([CLAIMS]).values()
    if isinstance(claims, TenantError):
        raise claims
    # A token that can't be read has no tenant in it; then the service decides.
    if claims and claims[0].get("tid") and PERMISSION not in (*(claims[0].get("roles") or ()), *str(claims[0].get("scp") or "").split()):
        raise Forbidden(
            "the caller may not remediate mail, by what its token says",
            tried="Looking at the caller's permissions",
            tenant=tenant.label,
            service=SERVICE,
            hint=f"Grant the app the application permission {PERMISSION} of Microsoft Graph, and consent to it. No mail was touched.",
        )


def _send(tenant: Tenant, params: Values, operation: Operation) -> str:
    """Sends it, and returns where it can be followed: the Location of the answer. [doc]"""
    ledger = ledger_of(tenant, params)
    ledger.begin({KIND: Plan(({},), (dict(operation.parameters),), (operation,))}, {})
    try:
        reply = cast(Rows, tenant.store(SERVICE)).carry_out(operation)
    except OutcomeUnknown as error:
        error.hint = f"Look at {HISTORY} before running the task again: it would be sent again."
        raise error.about(tenant=tenant.label) from None
    except TenantError as error:
        raise error.about(tenant=tenant.label) from None
    ledger.note(KIND, operation, reply.request_id)
    place = str(reply.headers.get("Location") or "")
    return place if place.startswith("https://security.microsoft.com/") else HISTORY


def _do(tenant: Tenant, params: Values, check: bool, diff: bool) -> Values:
    operation = _operation(params)
    wanted = bool(params["remediate"])
    cast(Rows, tenant.store(SERVICE)).route(operation)  # raises where the tenant's cloud does not have it, in check mode too
    _allowed(tenant)
    tracking = _send(tenant, params, operation) if wanted and not check else ""
    result: Values = {
        "changed": wanted,
        "operations": [str(operation)] if wanted else [],
        "request": dict(operation.parameters),
        "tracking": tracking,
    }
    if diff:
        hunk = {"before_header": KIND, "after_header": KIND, "before": {}, "after": dict(operation.parameters)}
        result["diff"] = [hunk] if wanted else []
    return result


def _wrong(options: Values) -> list[str]:
    errors = [f"{name} must not be empty" for name in ("name", "description") if not str(options.get(name) or "").strip()]
    messages = options.get("messages") or []
    if not 1 <= len(messages) <= MOST:
        errors.append(f"messages must name between 1 and {MOST}, not {len(messages)}")
    for place, one in enumerate(messages):
        if not _GUID.fullmatch(one["network_message_id"]):
            errors.append(f"messages[{place}].network_message_id must be a GUID, not {one['network_message_id']}")
        if not _ADDRESS.fullmatch(one["recipient"]):
            errors.append(f"messages[{place}].recipient must be one address, not {one['recipient']}")
    return errors


MAIL_REMEDIATION = Work(
    KIND,
    {
        "name": {"type": "str", "required": True},
        "description": {"type": "str", "required": True},
        "action": {"type": "str", "required": True, "choices": list(ACTIONS)},
        "severity": {"type": "str", "choices": ["low", "medium", "high"], "default": "medium"},
        "messages": {
            "type": "list",
            "elements": "dict",
            "required": True,
            "options": {"network_message_id": {"type": "str", "required": True}, "recipient": {"type": "str", "required": True}},
        },
        "remediate_senders_copy": {"type": "bool", "default": False},
        "remediate": {"type": "bool", "default": False},
    },
    _do,
    _wrong,
)
