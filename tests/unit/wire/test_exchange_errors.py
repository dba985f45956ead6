# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an answer that is no success is called, told from recorded and documented forms alone."""

from __future__ import annotations

import json

import pytest

from ansible_collections.m365.defender.plugins.module_utils._errors import (
    AlreadyExists,
    Forbidden,
    NotFound,
    OutcomeUnknown,
    Refused,
    Unavailable,
)
from ansible_collections.m365.defender.plugins.module_utils._exchange_errors import error_of, lasting, said_in
from ansible_collections.m365.defender.plugins.module_utils._transport import Reply

TASKS = "Microsoft.Exchange.Configuration.Tasks."
NUL = b"\0" * 470


def envelope(text, kind="", *, code="BadRequest", details=True, internal=True, ex="", message="Invalid Operation"):
    inner = {"message": message, "type": "Microsoft.Exchange.Admin.OData.Core.ODataServiceException", "stacktrace": ""}
    if internal:
        inner["internalexception"] = {"message": f"{ex}|{kind}|{text}" if ex else text, "type": kind, "stacktrace": ""}
    error = {"code": code, "message": message, "innererror": inner, "@adminapi.warnings": []}
    if details:
        error["details"] = [{"code": "Client", "target": "", "message": f"{ex}|{kind}|{text}"}]
    return {"error": error}


def reply(status, body):
    return Reply(status, {}, body if isinstance(body, bytes) else json.dumps(body).encode(), "an id")


def error(status, body, cmdlet="Set-SafeLinksPolicy", service="exchange", write=True):
    made = error_of(reply(status, body), cmdlet, service, write=write)
    assert (made.status, made.request_id, made.service, made.tried) == (status, "an id", service, cmdlet)
    assert made.text not in ("", "Invalid Operation", "Error executing cmdlet")
    return made


@pytest.mark.parametrize("details", [True, False])
@pytest.mark.parametrize("internal", [True, False])
@pytest.mark.parametrize("ex", ["", "Ex6F9304"])
def test_the_text_is_found_wherever_it_stands(details, internal, ex):
    said = said_in(envelope("It | failed", TASKS + "ManagementObjectNotFoundException", details=details, internal=internal, ex=ex))
    if details or internal:
        assert (said.text, said.type) == ("It | failed", "ManagementObjectNotFoundException")
    else:
        assert said.text == ""


def test_odd_bodies_say_nothing():
    for body in (None, [], {}, {"error": None}, {"error": {"details": None, "innererror": None}}, {"error": {"details": ["x"]}}):
        assert said_in(body).text == ""
    assert said_in({"error": "plain"}).text == "plain"


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        (
            "The operation couldn't be performed because object 'x' couldn't be found on 'dc'.",
            TASKS + "ManagementObjectNotFoundException",
            NotFound,
        ),
        ('Policy "x" not found.', TASKS + "ManagementObjectNotFoundException", NotFound),
        ("The operation couldn't be performed because object 'x' couldn't be found on 'dc'.", "", NotFound),
        ("The object 'CN=x' already exists.", "Microsoft.Exchange.Data.Directory.ADObjectAlreadyExistsException", AlreadyExists),
        ("The recipient is already a member of the group.", TASKS + "MemberAlreadyExistsException", AlreadyExists),
        ("The principal is already a member of the group x.", "", AlreadyExists),
        ('Policy "p" already has rule "r" associated with it.', TASKS + "ValidationException", Refused),
        ("Parameter set cannot be resolved. Invalid cmdlet parameters specified. X", "a.AmbiguousParameterSetException", Refused),
        ("Cannot process argument transformation on parameter 'x'.", "a.ParameterTransformationException", Refused),
        ("The role assigned to application x isn't supported in this scenario. Please", "", Forbidden),
        ("cmdlet x is not present in the role definition of the current user", "", Forbidden),
        ("run the command: Enable-OrganizationCustomization.", "", Refused),
    ],
)
def test_kinds_by_type_then_by_text(text, kind, expected):
    made = error(400, envelope(text, kind))
    assert made.__class__ is expected
    assert made.text == text
    assert made.code == (kind.rsplit(".", 1)[-1] or "ODataServiceException")


def test_hints():
    assert "Defender for Office 365" in error(400, envelope("x", "a.AmbiguousParameterSetException")).hint
    assert "one rule at most" in error(400, envelope('Policy "p" already has rule "r"')).hint
    assert "packed away" in error(400, envelope("x", "a.InvalidOperationInDehydratedContextException")).hint


@pytest.mark.parametrize(
    ("service", "api"), [("exchange", "Office 365 Exchange Online"), ("compliance", "Microsoft Exchange Online Protection")]
)
def test_401_names_the_permission(service, api):
    made = error(401, b"", service=service)
    assert isinstance(made, Forbidden) and f"Exchange.ManageAsApp of {api}" in made.hint


def test_403_of_nul_bytes_is_a_matter_of_roles_and_licences():
    made = error(403, NUL, "Set-SafeLinksPolicy")
    assert isinstance(made, Forbidden) and "Defender for Office 365" in made.hint and "Exchange Administrator" in made.hint
    for cmdlet in ("Set-HostedContentFilterPolicy", "New-MalwareFilterRule", "Set-AntiPhishPolicy", "Set-HostedOutboundSpamFilterPolicy"):
        assert "Security Administrator is not enough" in error(403, NUL, cmdlet).hint
    read = error(403, NUL, "Get-AntiPhishPolicy", write=False)
    assert "Security Reader" in read.hint and "Administrator" not in read.hint
    assert "not enough" not in error(403, NUL, "Set-QuarantinePolicy").hint


@pytest.mark.parametrize("noun", ["RoleGroup", "RoleGroupMember", "ManagementRole", "ManagementRoleEntry", "ServicePrincipal"])
def test_who_may_not_manage_roles_is_told_what_that_takes(noun):
    write, read = error(403, NUL, f"New-{noun}"), error(403, NUL, f"Get-{noun}", write=False)
    assert "Role Management" in write.hint and "Exchange Administrator" in write.hint and "Reader" not in write.hint
    assert "Global Reader to look" in read.hint


def test_403_of_the_compliance_endpoint_is_json():
    body = {"error": {"code": "Forbidden", "message": "User is not allowed to call Set-ProtectionAlert"}}
    made = error(403, body, "Set-ProtectionAlert", "compliance")
    assert isinstance(made, Forbidden) and made.text.startswith("User is not allowed") and "Compliance Administrator" in made.hint
    assert "Security Reader" in error(403, body, "Get-ProtectionAlert", "compliance", write=False).hint


@pytest.mark.parametrize("status", [500, 502, 503, 504])
@pytest.mark.parametrize("body", [b"", b"<html>busy</html>", envelope("It crashed", code="InternalServerError")])
def test_behind_5xx_nobody_knows_what_a_write_did(status, body):
    assert isinstance(error(status, body), OutcomeUnknown)
    assert not isinstance(error(status, body, write=False), OutcomeUnknown)


@pytest.mark.parametrize("word", ["CmdletProxyNotAvailableFailure", "Error on proxy command", "ServerBusyException", "TransientException"])
def test_transient_texts_behind_400(word):
    body = envelope(f"x {word} y")
    assert isinstance(error(400, body), OutcomeUnknown)
    assert isinstance(error(400, body, write=False), Unavailable)
    assert lasting(reply(400, body), write=True) and not lasting(reply(400, body), write=False)
    assert not lasting(reply(400, envelope("x", f"a.b.{word}")), write=False) or " " in word


def test_what_is_worth_asking_again():
    assert lasting(reply(400, envelope("no")), write=False)
    assert not lasting(reply(500, b""), write=False)
    assert lasting(reply(503, b""), write=False), "the transport has repeated it"
    assert isinstance(error(429, b""), Unavailable)
