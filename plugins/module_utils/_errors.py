# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can go wrong with a tenant, in the operator's words. Private to the collection."""

from __future__ import annotations

from typing import Any


def one_line(text: str) -> str:
    """One line, without anything that could steer a terminal: others write the texts of a tenant, and Ansible shows them as they are."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


class TenantError(Exception):
    """Anything that keeps a task from being done; the faces turn it into a failed result, nobody else catches it to hide it.

    text: what happened, one sentence. tried: what was being done ("Set-SafeLinksPolicy Links for everybody").
    tenant: tenant id or domain. service: exchange, compliance, graph, defender, portal, identity.
    status: HTTP status. code: the service's own code or exception type. request_id: for Microsoft's support.
    hint: likely cause and what to do, with the role or licence that is missing where one is.
    """

    kind = "error"

    def __init__(
        self,
        text: str,
        *,
        tried: str = "",
        tenant: str = "",
        service: str = "",
        status: int | None = None,
        code: str = "",
        request_id: str = "",
        hint: str = "",
    ) -> None:
        self.text = text
        self.tried = tried
        self.tenant = tenant
        self.service = service
        self.status = status
        self.code = code
        self.request_id = request_id
        self.hint = hint
        self.done: tuple[str, ...] = ()  # the operations that were carried out before
        super().__init__(text)

    def about(self, **known: Any) -> TenantError:
        """Fills in what an outer layer knows (tried, tenant, service) and the inner one did not; returns self, to be raised."""
        for name, value in known.items():
            if not getattr(self, name):
                setattr(self, name, value)
        return self

    @property
    def message(self) -> str:
        """Everything an operator needs in one paragraph, fit for a terminal."""
        where = f" on tenant {self.tenant}" if self.tenant else ""
        said = ", ".join(
            part
            for part in (
                f"HTTP {self.status}" if self.status else "",
                self.code,
                f"request id {self.request_id}" if self.request_id else "",
            )
            if part
        )
        text = self.text if self.text.endswith((".", "!", "?")) else self.text + "."
        return one_line(
            f"{self.tried}{where}: {text}".removeprefix(": ").lstrip()
            + (f" ({said})" if said else "")
            + (f" {self.hint}" if self.hint else "")
        )

    @property
    def failure(self) -> dict[str, Any]:
        """The `failure` block of a failed result: every part on its own, so that playbooks can branch on it."""
        names = ("kind", "text", "tried", "tenant", "service", "status", "code", "request_id", "hint")
        return {name: getattr(self, name) for name in names if getattr(self, name)}

    def __str__(self) -> str:
        return self.message


class BadInput(TenantError):
    """The task's own options are wrong; nothing was sent."""

    kind = "bad_input"


class SignInFailed(TenantError):
    """No token: wrong secret, unknown tenant, missing consent, expired session."""

    kind = "sign_in"


class Forbidden(TenantError):
    """Signed in, but a role, permission or licence is missing."""

    kind = "forbidden"


class NotFound(TenantError):
    """The service says that the object does not exist."""

    kind = "not_found"


class AlreadyExists(TenantError):
    """The service says that an object of that name exists already."""

    kind = "already_exists"


class Refused(TenantError):
    """The service (or one of our guards) will not do this; trying again does not help."""

    kind = "refused"


class ListChanged(Refused):
    """Somebody else changed a list between our reading and our writing; nothing was written. The plan must be made anew."""


class Unavailable(TenantError):
    """Throttled, busy or unreachable: nothing was done, a later run may succeed."""

    kind = "unavailable"


class OutcomeUnknown(TenantError):
    """A write was sent and no answer came: it may or may not have happened. Read before repeating it."""

    kind = "outcome_unknown"


class NotReadBack(TenantError):
    """Every write was accepted, but the wanted state could not be read within the limit."""

    kind = "not_read_back"


class Manual(TenantError):
    """There is no way to do this but by hand; the hint says where. Nothing was sent."""

    kind = "manual"
