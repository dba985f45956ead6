# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every cmdlet of the table is served: each Get- answers, and each parameter of each Set- alone reads back."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.binding import Cmdlet, Parameter, cmdlets, span
from emulator.cmdlets import CONTROL, READ_AS
from emulator.objects import described
from emulator.second_administrator import run_cmdlet
from emulator.tenant import Tenant, World

Row = dict[str, Any]
INTEGERS = {"Int16", "Int32", "UInt16", "UInt32", "UInt64", "Unlimited"}
GETS = sorted(cmdlet.name for cmdlet in cmdlets().values() if cmdlet.verb == "Get")
FIRST: dict[str, Row] = {
    "AntiPhishPolicy": {},
    "AntiPhishRule": {"AntiPhishPolicy": "Sweep", "RecipientDomainIs": ["contoso.com"]},
    "MalwareFilterPolicy": {"CustomFromAddress": "sender@contoso.com"},
    "MalwareFilterRule": {"MalwareFilterPolicy": "Sweep", "RecipientDomainIs": ["contoso.com"]},
    "HostedContentFilterPolicy": {},
    "HostedContentFilterRule": {"HostedContentFilterPolicy": "Sweep", "RecipientDomainIs": ["contoso.com"]},
    "HostedOutboundSpamFilterPolicy": {},
    "HostedOutboundSpamFilterRule": {"HostedOutboundSpamFilterPolicy": "Sweep", "SenderDomainIs": ["contoso.com"]},
    "SafeAttachmentPolicy": {},
    "SafeAttachmentRule": {"SafeAttachmentPolicy": "Sweep", "RecipientDomainIs": ["contoso.com"]},
    "SafeLinksPolicy": {},
    "SafeLinksRule": {"SafeLinksPolicy": "Sweep", "RecipientDomainIs": ["contoso.com"]},
    "TeamsProtectionPolicy": {},
    "TeamsProtectionPolicyRule": {"TeamsProtectionPolicy": "Sweep"},
    "QuarantinePolicy": {"EndUserQuarantinePermissionsValue": 0},
    "ReportSubmissionPolicy": {},
    "ReportSubmissionRule": {"ReportSubmissionPolicy": "DefaultReportSubmissionPolicy"},
    "PhishSimOverridePolicy": {},
    "SecOpsOverridePolicy": {"SentTo": ["soc@contoso.com"]},
    "ExoPhishSimOverrideRule": {"Policy": "PhishSimOverridePolicy", "Domains": ["a.example"], "SenderIpRanges": ["192.0.2.1"]},
    "ExoSecOpsOverrideRule": {"Policy": "SecOpsOverridePolicy"},
    "RoleGroup": {"Roles": ["Audit Logs"]},
    "ProtectionAlert": {"Category": "ThreatManagement", "NotifyUser": ["a@contoso.com"], "ThreatType": "Activity", "Operation": ["X"]},
}
ASK: dict[str, Row] = {
    "Get-TenantAllowBlockListItems": {"ListType": "Url"},
    "Get-ConfigAnalyzerPolicyRecommendation": {"RecommendedPolicyType": "Strict"},
    "Get-RoleGroupMember": {"Identity": "Organization Management"},
    "Get-ManagementRoleEntry": {"Identity": "Audit Logs\\*"},
}
# Accepted and without effect on what is read, or with an effect of its own that another test shows.
APART = {
    "SafeLinksPolicy": {"UseTranslatedNotificationText"},
    "DkimSigningConfig": {"PublishTxtRecords"},
    "SecOpsOverridePolicy": {"AddSentTo", "RemoveSentTo"},
    "ExoPhishSimOverrideRule": {"AddDomains", "RemoveDomains", "AddSenderIpRanges", "RemoveSenderIpRanges"},
    "QuarantinePolicy": {
        "EndUserQuarantinePermissionsValue",
        "AdminNotificationFrequencyInDays",
        "AdminNotificationLanguage",
        "AdminNotificationsEnabled",
        "AdminQuarantinePermissionsList",
        "EndUserSpamNotificationFrequencyInDays",
        "EndUserSpamNotificationLanguage",
    },
    "RoleGroup": {"BypassSecurityGroupManagerCheck", "ManagedBy"},
    "HostedConnectionFilterPolicy": {"ConfigurationXmlRaw"},
    "HostedContentFilterPolicy": {"EndUserSpamNotificationLimit"},
}


@pytest.fixture(scope="module")
def swept() -> Tenant:
    """A tenant with one object of every kind that can be made."""
    tenant = World().add()
    run_cmdlet(tenant, "Enable-OrganizationCustomization", {})
    for noun, values in FIRST.items():
        run_cmdlet(tenant, f"New-{noun}", {"Name": "Sweep", **values} if "name" in cmdlets()[f"new-{noun}".lower()].names else values)
    return tenant


def test_there_are_159_cmdlets() -> None:
    assert len(cmdlets()) == 159


@pytest.mark.parametrize("name", GETS)
def test_every_get_answers(swept: Tenant, name: str) -> None:
    rows = run_cmdlet(swept, name, ASK.get(name, {}))
    known = described(name.partition("-")[2]).get("properties", [])
    for row in rows:
        plain = {key for key in row if "@" not in key}
        assert len(plain & set(known)) >= min(len(known), 4)


def sample(parameter: Parameter, old: Any) -> Any:
    """A value for a parameter that differs from what is there."""
    kind = parameter.type.removesuffix("[]")
    if kind in {"Boolean", "SwitchParameter"}:
        return not old
    if parameter.type == "TimeSpan" and parameter.values:
        return parameter.values[0]
    if kind in {"TimeSpan", "EnhancedTimeSpan"}:
        return "5.06:07:08"
    if parameter.values:
        word: Any = next(value for value in reversed(parameter.values) if value != str(old))
        word = int(word) if kind in INTEGERS else word
        return [word] if parameter.is_list else word
    if parameter.is_list:
        return ["192.0.2.1", "192.0.2.2"] if parameter.name.startswith("IP") else ["one@contoso.com", "two@contoso.com"]
    if kind in INTEGERS:
        low = parameter.low if parameter.low is not None else 1
        return low if low != old else low + 1
    if kind == "DateTime":
        return "2030-01-02T03:04:05.0000000Z"
    if kind == "Guid":
        return "12345678-1234-4234-8234-123456789012"
    if kind == "SmtpAddress":
        return "somebody@contoso.com"
    return "some text" if old != "some text" else "other text"


def cases() -> list[tuple[str, str]]:
    found = []
    for cmdlet in cmdlets().values():
        if cmdlet.verb != "Set" or not described(cmdlet.noun):
            continue
        for parameter in {parameter.name: parameter for parameter in cmdlet.names.values()}.values():
            if parameter.name in CONTROL or parameter.ignored or parameter.type in {"PswsHashtable", "Hashtable"}:
                continue
            if parameter.name in {"Priority", "Name"} or parameter.name in APART.get(cmdlet.noun, ()):
                continue
            if cmdlet.noun.endswith("Rule") and parameter.name.endswith("Policy"):
                continue
            if cmdlet.noun == "TenantAllowBlockListItems" or (
                cmdlet.noun == "EOPProtectionPolicyRule" or cmdlet.noun == "ATPProtectionPolicyRule"
            ):
                continue
            found.append((cmdlet.name, parameter.name))
    return found


def settable(tenant: Tenant, cmdlet: Cmdlet) -> Row:
    rows = tenant.rows(cmdlet.noun)
    named = [row for row in rows if row.get("Name") == "Sweep"]
    return (named or rows)[0]


@pytest.mark.parametrize(("name", "parameter"), cases())
def test_each_parameter_alone_reads_back(swept: Tenant, name: str, parameter: str) -> None:
    cmdlet = cmdlets()[name.lower()]
    fact = cmdlet.names[parameter.lower()]
    before = settable(swept, cmdlet)
    target = READ_AS.get((cmdlet.noun, parameter), parameter)
    value = sample(fact, before.get(target))
    identity = {"Identity": before.get("Name", "Default")} if "identity" in cmdlet.names else {}
    parallel = cmdlet.noun == "QuarantinePolicy" and parameter.startswith(("MultiLanguage", "EsnCustomSubject"))
    languages = {"MultiLanguageSetting": ["English", "German"]} if parallel else {}
    if parallel and parameter == "MultiLanguageSetting":
        value = languages[parameter]
    run_cmdlet(swept, name, {**identity, **languages, parameter: value})
    after = settable(swept, cmdlet)
    read = after[target]
    if fact.type in {"TimeSpan", "EnhancedTimeSpan"}:
        assert read in {"PT4H", "P5DT6H7M8S", "5.06:07:08"} and span(value) is not None
    elif cmdlet.noun == "ArcConfig":
        assert read == ",".join(value)
    else:
        assert read == value
    changed = {key for key in after if after[key] != before.get(key)} - set(languages)
    follows = {"WhenChanged", "WhenChangedUTC", "Description", "Conditions", "Exceptions", "RuleVersion"}
    assert changed - follows <= {target}
