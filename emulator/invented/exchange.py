# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Exchange and compliance cmdlets. Of two possible behaviours the stricter is chosen: a client that satisfies it satisfies both."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..errors import BINDING, DIRECTORY, ODATA, CmdletError, invalid


def empty_array(parameter: str) -> CmdletError:
    """No client that was read clears a list with an empty array, so it is refused. PowerShell has this sentence for other cases."""
    text = f"Cannot bind argument to parameter '{parameter}' because it is an empty array."
    return CmdletError(BINDING + "ParameterBindingException", text)


def untyped_object(parameter: str) -> CmdletError:
    """[code] That a hashtable without @odata.type fails; the sentence is made up."""
    text = f"Cannot process argument transformation on parameter '{parameter}'. Cannot convert the JObject value to the parameter's type."
    return CmdletError("Microsoft.Exchange.AdminApi.CommandInvocation.ParameterTransformationException", text, details=False)


def out_of_range(parameter: str, value: int, low: int | None, high: int | None) -> CmdletError:
    """The sentence for a number outside the documented range."""
    bounds = (
        f"between {low} and {high}" if low is not None and high is not None else f"at least {low}" if low is not None else f"at most {high}"
    )
    text = f"The value {value} of the parameter {parameter} isn't valid. The value must be {bounds}."
    return CmdletError(DIRECTORY + "DataValidationException", text)


def too_long(parameter: str, value: str, limit: int) -> CmdletError:
    """The sentence for a text longer than documented."""
    text = (
        f'The length of the property "{parameter}" is too long. The maximum length is {limit} and the length of the value is {len(value)}.'
    )
    return CmdletError(DIRECTORY + "DataValidationException", text)


def too_many(parameter: str, count: int, limit: int) -> CmdletError:
    """The sentence for more entries than documented."""
    return invalid(f"The parameter {parameter} has {count} entries; at most {limit} are allowed.")


def bad_word(parameter: str, value: str, words: Iterable[str]) -> CmdletError:
    """The sentence for a text that is none of the documented ones, where the parameter is no enumeration."""
    return invalid(f'The value "{value}" of the parameter {parameter} isn\'t valid. Valid values are: {", ".join(words)}.')


def mixed_addresses(parameter: str) -> CmdletError:
    """[doc] That addresses, ranges and networks together need the form with Add; the sentence is made up."""
    return invalid(f"The parameter {parameter} takes addresses, ranges and networks together only as Add and Remove.")


def not_a_parameter_object() -> CmdletError:
    """[code] That Parameters must be an object; the sentence is made up."""
    return CmdletError(
        "Microsoft.Exchange.Admin.OData.Core.ODataServiceException", "The value of CmdletInput.Parameters must be an object."
    )


def bad_priority(value: int, highest: int) -> CmdletError:
    """[doc] The range of priorities; the sentence is made up."""
    return invalid(f"The priority {value} isn't valid. It must be between 0 and {highest}.")


def not_the_default_priority(value: int, default: int) -> CmdletError:
    """[doc] That a preset's rule must be made with its default priority; the sentence is made up."""
    return invalid(f"The priority {value} isn't valid for this rule. It must be {default}.")


def rule_on_default(policy: str) -> CmdletError:
    """[doc] That the default policy takes no rule; the sentence is made up. Policies of the presets are treated alike."""
    return invalid(f'Policy "{policy}" can\'t be used in a rule.')


def no_condition() -> CmdletError:
    """[doc] That Safe Links and Safe Attachments rules need a condition; for the other four kinds of rule it is assumed."""
    return invalid("The rule must have at least one condition.")


def default_stays(name: str) -> CmdletError:
    """That default and built-in policies can't be removed; the sentence is made up."""
    return invalid(f'The policy "{name}" is a default policy and can\'t be removed.')


def preset_stays(name: str) -> CmdletError:
    """[doc] The portal allows nothing but impersonation lists to be edited in a preset policy; that Set- refuses too is assumed."""
    return invalid(f'The policy "{name}" belongs to a preset security policy and can\'t be modified.')


def built_in_stays(name: str) -> CmdletError:
    """[doc] Only the exceptions of the built-in protection can be set; the sentence is made up."""
    return invalid(f'The policy "{name}" is a built-in policy and can\'t be modified.')


def system_alert(name: str) -> CmdletError:
    """[doc] That system alert policies can't be changed with Set-ProtectionAlert; the sentence is made up."""
    return invalid(f'The alert policy "{name}" is a system policy and can\'t be modified or removed.')


def exclusive_permissions() -> CmdletError:
    """[doc] That Release and RequestRelease exclude each other; the sentence is made up."""
    return invalid("PermissionToRelease and PermissionToRequestRelease can't be used together.")


def unequal_languages(names: Iterable[str]) -> CmdletError:
    """[doc] That the language arrays have one length; the sentence is made up."""
    return invalid(f"The parameters {', '.join(names)} must have the same number of entries.")


def only_one(kind: str) -> CmdletError:
    """[doc] That there is one of these at most; the sentence is made up."""
    return invalid(f"There can be only one {kind}.")


def choose_one(names: Iterable[str]) -> CmdletError:
    """The sentence where exactly one of several parameters is needed."""
    return invalid(f"Specify exactly one of these parameters: {', '.join(names)}.")


def list_is_full(kind: str, limit: int) -> CmdletError:
    """[doc] The limits of the Tenant Allow/Block List; the sentence is made up."""
    return invalid(f"The limit of {limit} entries for {kind} has been reached.")


def bad_entry(kind: str, value: str) -> CmdletError:
    """[doc] Which forms an entry may have; the sentence is made up."""
    return invalid(f'The value "{value}" isn\'t valid for the list type {kind}.')


def cname_missing(domain: str) -> CmdletError:
    """[doc] That DKIM can't be switched on before both CNAMEs resolve; the sentence is made up."""
    return invalid(f"CNAME record does not exist for this config. Please publish the two CNAME records of {domain} first.")


def unknown_domain(domain: str) -> CmdletError:
    """That DKIM needs an accepted domain; the sentence is made up."""
    return invalid(f'The domain "{domain}" isn\'t an accepted domain of the organization.')


def paging_token() -> CmdletError:
    """[code] The sentence; the type is made up."""
    text = "Expired or Invalid pagination request. Default Expiry time is 00:30:00"
    return CmdletError(ODATA, text)


def asks_unless_told(asks: bool) -> bool:
    """Whether a cmdlet asks when Confirm is left out. [code] Clients send false, and then it runs; that it asks otherwise is assumed."""
    return asks


def confirmation(cmdlet: str, identity: Any) -> str:
    """[code] That there is a message; its words are made up."""
    return f'Are you sure you want to perform this action? {cmdlet} on "{identity}".'


def what_if(cmdlet: str, identity: Any) -> str:
    """[code] That WhatIf comes back as a message; its place (a warning) and words are made up."""
    return f'What if: {cmdlet} on "{identity}".'


ROLE_GROUPS = {
    "Organization Management": "Members have permissions to manage Exchange objects and their properties in the organization.",
    "Recipient Management": "Members have permissions to create, manage, and remove Exchange recipient objects.",
    "View-Only Organization Management": "Members can view recipient and configuration objects and their properties.",
    "Help Desk": "Members can view and manage the configuration of individual recipients.",
    "Hygiene Management": "Members can manage Exchange anti-spam features and grant permissions for antivirus products.",
    "Security Administrator": "Membership in this role group is synchronized across services and managed centrally.",
    "Security Reader": "Membership in this role group is synchronized across services and managed centrally.",
    "Security Operator": "Membership in this role group is synchronized across services and managed centrally.",
    "Compliance Management": "Members can configure and manage compliance settings.",
    "Records Management": "Members can configure compliance features such as retention policy tags.",
    "Discovery Management": "Members can search mailboxes for data that meets specific criteria.",
}

CONDITION_WORDS = {
    "SentTo": "the message is sent to one of these recipients",
    "SentToMemberOf": "the message is sent to a member of one of these groups",
    "RecipientDomainIs": "recipients's address domain portion belongs to any of these domains",
    "From": "the message is received from one of these senders",
    "FromMemberOf": "the message is received from a member of one of these groups",
    "SenderDomainIs": "sender's address domain portion belongs to any of these domains",
}
"""How a rule's Description words its conditions; only RecipientDomainIs has been seen. [code] the rest is made up."""

PREDICATES = "Microsoft.Exchange.MessagingPolicies.Rules.Tasks."
"""[code] RecipientDomainIsPredicate has been seen in Conditions; the other conditions are assumed to follow the pattern."""


def virtual_policy(name: str) -> CmdletError:
    """That a policy which only stands for "nothing made yet" can't be set, and New- has to come first."""
    return invalid(f'The policy "{name}" does not exist yet. Create it first.')


def entry_exists(value: str) -> CmdletError:
    """That an entry can stand in a list only once; the sentence is made up."""
    return invalid(f'The entry "{value}" is a duplicate of an entry in the list.')


def entry_missing(value: str) -> CmdletError:
    """The sentence for an entry that is not in the list."""
    return invalid(f'The entry "{value}" was not found in the list.')


OUTSIDE_SECURITY = frozenset({"AdminAuditLogConfig", "OrganizationConfig", "OrganizationCustomization", "DkimSigningConfig", "ArcConfig"})
"""Nouns that Security Administrator may not write, beside the filter policies [doc]: assumed to be the organization's own settings."""


def skipped_item() -> CmdletError:
    """What a batch item gets when one before it failed and the batch does not go on: OData's 424 [doc], its words are made up."""
    return CmdletError(ODATA, "The request was not run because one before it failed.", status=424, code="FailedDependency")


def too_many_items(count: int, limit: int) -> CmdletError:
    """[code] Clients cut at ten; that the service refuses more is assumed."""
    return CmdletError(ODATA, f"The batch has {count} requests; at most {limit} are allowed.")


def challenge(code: str) -> str:
    """The WWW-Authenticate header of a 401: that there may be one is [code], its words are made up."""
    error = "invalid_request" if code == "missing" else "invalid_token"
    return f'Bearer client_id="00000002-0000-0ff1-ce00-000000000000", error="{error}"'


def dkim_cname(selector: int, domain: str, prefix: str) -> str:
    """[code] The new form of the name that a DKIM record points at; its letter differs, here it is always n."""
    return f"selector{selector}-{domain.replace('.', '-')}._domainkey.{prefix}.n-v1.dkim.mail.microsoft"
