# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an Exchange or compliance answer that is no success means. Private to the collection.

Forms and types: [code] the answers of the REST endpoint of ExchangeOnlineManagement, as published by several of its clients.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._errors import (
    AlreadyExists,
    Forbidden,
    NotFound,
    OutcomeUnknown,
    Refused,
    TenantError,
    Unavailable,
)
from ansible_collections.m365.defender.plugins.module_utils._transport import Reply

# Back end trouble that hides behind 400 and 500. [code]
TRANSIENT = (
    "CmdletProxyNotAvailableFailure",
    "CmdletProxyException",
    "Error on proxy command",
    "ServerBusyException",
    "TransientException",
    "BackendCommunicationException",
)
SAYS_NOTHING = frozenset({"", "Invalid Operation", "Error executing cmdlet"})
# Cmdlets that a tenant has only with Defender for Office 365. [code]
OFFICE_365_NOUNS = re.compile(r"(SafeLinks|SafeAttachment|AtpPolicyForO365|ATP(BuiltIn)?Protection)", re.IGNORECASE)
# Tasks for which Security Administrator is not enough without a signed-in user. [doc] app-only-auth-powershell-v2
NOT_FOR_SECURITY_ADMINISTRATOR = re.compile(r"(Hosted(Content|Connection|OutboundSpam)Filter|MalwareFilter|AntiPhish)", re.IGNORECASE)
# Cmdlets of the role Role Management. [code] microsoft/Microsoft365DSC settings of EXORoleGroup and EXOManagementRole
ROLE_MANAGEMENT = re.compile(r"-(ManagementRole|RoleGroup|ServicePrincipal)", re.IGNORECASE)
LOOK_ANEW = "Run the task again: it reads what is there before it writes."
# [doc] New-TenantAllowBlockListItems; the length of notes [code]
ENTRIES = re.compile(r"TenantAllowBlockListItems$", re.IGNORECASE)
ENTRIES_HINT = (
    "How many entries a list takes depends on the licence: of each type 500 allowed and 500 blocked without Defender for Office 365, "
    "1000 and 1000 with plan 1, 5000 and 10000 with plan 2. A time must lie in the future, and only block entries, IP addresses and URLs "
    "of phishing simulations can stay for ever."
)
OFFICE_365_LICENCE = "Or the tenant has no Defender for Office 365, without which the service does not offer this cmdlet."
MAILBOX_LICENCE = "Or no licence of the tenant brings a mailbox."
# Whose permission each of the two services takes. [doc] app-only-auth-powershell-v2
APIS = {"exchange": "Office 365 Exchange Online", "compliance": "Microsoft Exchange Online Protection"}


@dataclass(frozen=True)
class Said:
    """The parts of an error body. type: the tail of the .NET name."""

    text: str
    type: str
    code: str

    @property
    def transient(self) -> bool:
        return any(word in self.text or word in self.type for word in TRANSIENT)


def said_in(body: Any) -> Said:
    """What an error envelope says: the inner exception before the details before the message, which alone says nothing."""
    error = body.get("error") if isinstance(body, dict) else None
    if not isinstance(error, dict):
        return Said(error if isinstance(error, str) else "", "", "")
    inner = _dict(error.get("innererror"))
    internal = _dict(inner.get("internalexception"))
    texts = [(internal.get("message"), internal.get("type"))]
    texts += [(one.get("message"), "") for one in error.get("details") or () if isinstance(one, dict)]
    texts += [(inner.get("message"), inner.get("type")), (error.get("message"), "")]
    text, kind = "", ""
    for raw, named in texts:
        raw_text, raw_kind = _split(str(raw or ""))
        kind = kind or raw_kind or str(named or "")
        if not text and raw_text.strip() not in SAYS_NOTHING:
            text = raw_text.strip()
    return Said(text, kind.rsplit(".", 1)[-1], str(error.get("code") or ""))


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _split(text: str) -> tuple[str, str]:
    """`Ex6F9304|Full.Type.Name|text` -> text, type; the text may contain bars itself."""
    parts = text.split("|", 2)
    if len(parts) == 3 and re.fullmatch(r"(Ex[0-9A-Fa-f]+)?", parts[0].strip()) and re.fullmatch(r"[\w.+`]+", parts[1].strip()):
        return parts[2], parts[1].strip()
    return text, ""


def lasting(reply: Reply, write: bool) -> bool:
    """Whether asking again is of no use, or not allowed."""
    if write or reply.status < 400 or reply.status in (429, 502, 503, 504):  # the last ones have been repeated by the transport
        return True
    return reply.status != 500 and not said_in(reply.json()).transient


def error_of(reply: Reply, cmdlet: str, service: str, *, write: bool) -> TenantError:
    """The TenantError of an answer with status 300 or more, after every repetition that was allowed."""
    body = reply.json()
    said = said_in(body)
    known: dict[str, Any] = {
        "status": reply.status,
        "code": said.type or said.code,
        "request_id": reply.request_id,
        "service": service,
        "tried": cmdlet,
    }
    if reply.status == 401:
        return Forbidden(
            "the service does not take the token",
            hint=f"Most likely the app lacks the application permission Exchange.ManageAsApp of {APIS[service]} with an administrator's "
            "consent. A permission just granted takes some minutes.",
            **known,
        )
    if reply.status == 403:
        return _forbidden(reply, body, said, cmdlet, service, write, known)
    if reply.status == 429:
        return Unavailable("the service takes no more requests for now", hint="Try again later, or with fewer forks.", **known)
    if write and (reply.status >= 500 or said.transient):
        reason = said.text or "the service failed"
        return OutcomeUnknown(f"it is not known whether the change was made: {reason}", hint=LOOK_ANEW, **known)
    if reply.status in (502, 503, 504) or said.transient:
        return Unavailable(said.text or "the service is busy", hint="Try again later.", **known)
    return _of_cmdlet(said, cmdlet, known)


def _of_cmdlet(said: Said, cmdlet: str, known: dict[str, Any]) -> TenantError:
    """What a cmdlet itself said: by the .NET type, then by the text."""
    text = said.text or f"the service refused it without a reason (HTTP {known['status']})"
    if (
        said.type == "ManagementObjectNotFoundException"
        or said.code == "NotFound"
        or re.search(r"couldn't be found|^Policy .* not found", text)
    ):
        return NotFound(text, hint=f"Somebody may have removed it just now. {LOOK_ANEW}", **known)
    if said.type in ("ADObjectAlreadyExistsException", "MemberAlreadyExistsException") or re.search(
        r"already exists|already a member", text
    ):
        return AlreadyExists(text, **known)
    if "isn't supported in this scenario" in text:
        return Forbidden(
            text, hint=f"The app holds a directory role that gives no access here. {role_hint(cmdlet, 'exchange', True)}", **known
        )
    if "is not present in the role definition" in text or "Unable to initialize the authorization context" in text:
        return Forbidden(text, hint=role_hint(cmdlet, "exchange", not cmdlet.startswith("Get-")), **known)
    if "Enable-OrganizationCustomization" in text or said.type == "InvalidOperationInDehydratedContextException":
        return Refused(
            text,
            hint="The settings of a new organization are packed away: run Enable-OrganizationCustomization once, for example with the "
            "module organization_customization, then wait. It takes minutes, at times hours.",
            **known,
        )
    if said.type == "AmbiguousParameterSetException":
        return Refused(
            text,
            hint="A parameter that the service does not know is one that the caller's role or the tenant's licence lacks. Impersonation "
            "protection needs Defender for Office 365.",
            **known,
        )
    if "already has rule" in text:
        return Refused(text, hint="A policy has one rule at most, and a rule one policy.", **known)
    if ENTRIES.search(cmdlet) and re.search(r"duplicate|is already in", text, re.IGNORECASE):  # no source shows the words: a guess
        return AlreadyExists(text, hint="It may be there with the other action. Then remove it from that list first.", **known)
    return Refused(text, hint=ENTRIES_HINT if ENTRIES.search(cmdlet) else "", **known)


def _forbidden(reply: Reply, body: Any, said: Said, cmdlet: str, service: str, write: bool, known: dict[str, Any]) -> Forbidden:
    hint = role_hint(cmdlet, service, write)
    if isinstance(body, dict):
        return Forbidden(said.text or str(body.get("message") or "the service forbids it"), hint=hint, **known)
    # Not JSON but NUL bytes: the cmdlet is not offered to this caller in this tenant. [code]
    text = said.text or f"the service does not offer {cmdlet} to this identity in this tenant"
    if OFFICE_365_NOUNS.search(cmdlet):
        hint = f"{hint} {OFFICE_365_LICENCE}"
    elif not write and service == "exchange":
        hint = f"{hint} {MAILBOX_LICENCE}"
    return Forbidden(text, hint=hint, **known)


def role_hint(cmdlet: str, service: str, write: bool) -> str:
    """Which directory role the caller needs. [doc] app-only-auth-powershell-v2; what Security Reader may read [code]"""
    if service == "compliance":
        role = "Compliance Administrator or Security Administrator" if write else "Security Reader or Global Reader"
        return f"Give the app's service principal the directory role {role}, then wait some minutes."
    if ROLE_MANAGEMENT.search(cmdlet):
        return (
            "Role groups are the business of who holds Exchange's role Role Management. Give the app that onboards, or the person, the "
            f"directory role Exchange Administrator{'' if write else ', or Global Reader to look'}, then wait some minutes."
        )
    if not write:
        return "Give the app's service principal the directory role Security Reader or Global Reader, then wait some minutes."
    if NOT_FOR_SECURITY_ADMINISTRATOR.search(cmdlet):
        return (
            "Give the app's service principal the directory role Exchange Administrator, then wait some minutes. Security Administrator is "
            "not enough for an app that changes anti-spam, anti-malware and anti-phishing policies."
        )
    return "Give the app's service principal the directory role Exchange Administrator or Security Administrator, then wait some minutes."
