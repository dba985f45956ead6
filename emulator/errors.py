# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Errors of cmdlets in the service's own envelope. [code] statuses, envelope and .NET types; texts as marked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .service import Answer

TASKS = "Microsoft.Exchange.Configuration.Tasks."
MANAGEMENT = "Microsoft.Exchange.Management.Tasks."
INVOCATION = "Microsoft.Exchange.AdminApi.CommandInvocation."
DIRECTORY = "Microsoft.Exchange.Data.Directory."
ODATA = "Microsoft.Exchange.Admin.OData.Core.ODataServiceException"
BINDING = "System.Management.Automation."
NUL_403 = bytes(1024)


class CmdletError(Exception):
    """A cmdlet that failed: the .NET type, the text, and how the answer carries them."""

    def __init__(
        self, kind: str, text: str, *, status: int = 400, code: str = "BadRequest", number: str = "", details: bool = True, outer: str = ""
    ) -> None:
        super().__init__(text)
        self.kind = kind
        self.text = text
        self.status = status
        self.code = code
        self.number = number
        self.details = details
        self.outer = outer or "Invalid Operation"

    def answer(self) -> Answer:
        """The answer with the error envelope. [code]"""
        error: dict[str, Any] = {"code": self.code, "message": self.outer}
        if self.details:
            error["details"] = [{"code": "Client", "target": "", "message": f"{self.number}|{self.kind}|{self.text}"}]
        error["innererror"] = {
            "message": self.outer,
            "type": ODATA,
            "stacktrace": "",
            "internalexception": {"message": self.text, "type": self.kind, "stacktrace": ""},
        }
        error["adminapi.warnings@odata.type"] = "#Collection(String)"
        error["@adminapi.warnings"] = []
        headers = [("x-ExceptionType", self.kind.rpartition(".")[2]), ("x-ExceptionTargetType", "")]
        return Answer(self.status, {"error": error}, headers)


def not_found(identity: str, server: str) -> CmdletError:
    """[code] The text and Ex code; status 404 in one recorded case, 400 in others."""
    text = f"The operation couldn't be performed because object '{identity}' couldn't be found on '{server}'."
    return CmdletError(MANAGEMENT + "ManagementObjectNotFoundException", text, status=404, code="NotFound", number="Ex6F9304")


def policy_not_found(name: str) -> CmdletError:
    """[code] A rule that names a policy that is not there."""
    return CmdletError(TASKS + "ManagementObjectNotFoundException", f'Policy "{name}" not found.')


def already_exists(distinguished_name: str, server: str) -> CmdletError:
    """[code] The text; the Ex code is not known."""
    text = f"Active Directory operation failed on {server}. The object '{distinguished_name}' already exists."
    return CmdletError(DIRECTORY + "ADObjectAlreadyExistsException", text)


def unknown_parameter(name: str) -> CmdletError:
    """[code] An unknown parameter, or one that the caller may not use."""
    text = f"Parameter set cannot be resolved using the specified named parameters. Invalid cmdlet parameters specified. {name}"
    return CmdletError(INVOCATION + "AmbiguousParameterSetException", text)


def bad_enum(parameter: str, value: Any, kind: str, members: Iterable[str]) -> CmdletError:
    """[code] A word that is no member of the enumeration: 400 without details."""
    text = (
        f'Cannot process argument transformation on parameter \'{parameter}\'. Cannot convert value "{value}" to type "{kind}". '
        f'Error: "Unable to match the identifier name {value} to a valid enumerator name. Specify one of the following enumerator names '
        f'and try again: {", ".join(members)}"'
    )
    return CmdletError(INVOCATION + "ParameterTransformationException", text, details=False)


def cannot_convert(parameter: str, value: Any, kind: str) -> CmdletError:
    """[code] the type and the first sentence, as for an enumeration; [guess] the rest of the text."""
    text = f'Cannot process argument transformation on parameter \'{parameter}\'. Cannot convert value "{value}" to type "{kind}".'
    return CmdletError(INVOCATION + "ParameterTransformationException", text, details=False)


def missing_parameters(names: Iterable[str]) -> CmdletError:
    """[guess] PowerShell's own sentence."""
    text = f"Cannot process command because of one or more missing mandatory parameters: {' '.join(names)}."
    return CmdletError(BINDING + "ParameterBindingException", text)


def invalid(text: str) -> CmdletError:
    """A value or combination that the cmdlet itself refuses."""
    return CmdletError(TASKS + "ValidationException", text)


def dehydrated() -> CmdletError:
    """[doc] the text, [guess] the type."""
    text = (
        "The command you tried to run isn't currently allowed in your organization. To run this command, you first need to run the "
        "command: Enable-OrganizationCustomization."
    )
    return CmdletError(TASKS + "InvalidOperationInDehydratedContextException", text)


def forbidden() -> Answer:
    """[code] The Exchange endpoint's refusal: a run of NUL bytes, no JSON."""
    return Answer(403, NUL_403, [("Content-Type", "application/json")])


def not_allowed(cmdlet: str) -> Answer:
    """[code] The compliance endpoint's refusal."""
    text = f"User is not allowed to call {cmdlet}"
    return Answer(403, {"error": {"code": "Forbidden", "message": text, "innererror": {"message": text, "type": "", "stacktrace": ""}}})
