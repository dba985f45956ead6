# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Binding of parameters: names, types, enumerations, hashtables, clearing, ranges."""

from __future__ import annotations

from typing import Any

import pytest

from tests.emulator.wire import Wire, table

DEFAULT = {"Identity": "Office365 AntiPhish Default"}
SPAM = {"Identity": "Default"}


def test_unknown_parameter(wire: Wire) -> None:
    kind, text = wire.refused("Set-AntiPhishPolicy", {**DEFAULT, "Foo": 1})
    assert kind == "AmbiguousParameterSetException"
    assert text == "Parameter set cannot be resolved using the specified named parameters. Invalid cmdlet parameters specified. Foo"


def test_on_premises_parameters_are_unknown(wire: Wire) -> None:
    kind, _text = wire.refused("Set-AntiPhishRule", {"Identity": "A", "DomainController": "dc"})
    assert kind == "AmbiguousParameterSetException"


def test_names_bind_in_any_case(wire: Wire) -> None:
    wire.run("set-antiphishpolicy", identity=DEFAULT["Identity"], PHISHTHRESHOLDLEVEL=4)
    assert wire.one("Get-AntiPhishPolicy")["PhishThresholdLevel"] == 4


def test_missing_mandatory_parameters(wire: Wire) -> None:
    kind, text = wire.refused("New-SafeLinksRule", {"SafeLinksPolicy": "A"})
    assert (kind, text) == (
        "ParameterBindingException",
        "Cannot process command because of one or more missing mandatory parameters: Name.",
    )


def test_a_bad_enum_value_lists_the_members(wire: Wire) -> None:
    answer = wire.call("Set-HostedContentFilterPolicy", {**SPAM, "SpamAction": "Explode"})
    error = answer.json()["error"]
    inner = error["innererror"]["internalexception"]
    assert answer.status_code == 400 and "details" not in error
    assert inner["type"] == "Microsoft.Exchange.AdminApi.CommandInvocation.ParameterTransformationException"
    assert "Unable to match the identifier name Explode to a valid enumerator name" in inner["message"]
    assert "MoveToJmf" in inner["message"]


@pytest.mark.parametrize(
    ("given", "read"), [("Quarantine", "Quarantine"), ("quar", "Quarantine"), ("QUARANTINE", "Quarantine"), ("MoveT", "MoveToJmf")]
)
def test_enums_bind_in_full_and_by_unique_prefix(wire: Wire, given: str, read: str) -> None:
    wire.run("Set-HostedContentFilterPolicy", **SPAM, SpamAction=given)
    assert wire.one("Get-HostedContentFilterPolicy")["SpamAction"] == read


def test_an_ambiguous_prefix_does_not_bind(wire: Wire) -> None:
    kind, text = wire.refused("Set-HostedOutboundSpamFilterPolicy", {**SPAM, "ActionWhenThresholdReached": "Block"})
    assert kind == "ParameterTransformationException" and "Alert, BlockUserForToday, BlockUser" in text
    wire.run("Set-HostedOutboundSpamFilterPolicy", **SPAM, ActionWhenThresholdReached="BlockUser")
    assert wire.one("Get-HostedOutboundSpamFilterPolicy")["ActionWhenThresholdReached"] == "BlockUser"


def test_enums_bind_by_number(wire: Wire) -> None:
    alert = {"Category": "ThreatManagement", "NotifyUser": ["a@contoso.com"], "ThreatType": "Activity", "Operation": ["X"]}
    assert wire.one("New-ProtectionAlert", Name="A", AggregationType="1", **alert)["AggregationType"] == "SimpleAggregation"


def test_high_confidence_phish_takes_two_actions_only(wire: Wire) -> None:
    kind, text = wire.refused("Set-HostedContentFilterPolicy", {**SPAM, "HighConfidencePhishAction": "MoveToJmf"})
    assert kind == "ParameterTransformationException" and "try again: Redirect, Quarantine" in text


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("BulkThreshold", 0),
        ("BulkThreshold", 10),
        ("BulkThreshold", "many"),
        ("BulkThreshold", 1.5),
        ("BulkThreshold", True),
        ("QuarantineRetentionPeriod", 31),
        ("SpamZapEnabled", "yes"),
        ("SpamZapEnabled", "True"),
        ("AddXHeaderValue", "x" * 256),
        ("RegionBlockList", ["Atlantis"]),
        ("AllowedSenderDomains", []),
        ("AllowedSenderDomains", [None]),
        ("AllowedSenderDomains", {"Add": ["a.example"]}),
        ("AllowedSenderDomains", {"@odata.type": "#Exchange.GenericHashTable", "Replace": ["a"]}),
        ("SpamAction", {"@odata.type": "#Exchange.GenericHashTable"}),
        ("SpamAction", ["Quarantine", "Delete"]),
    ],
)
def test_values_that_do_not_bind(wire: Wire, parameter: str, value: Any) -> None:
    kind, _text = wire.refused("Set-HostedContentFilterPolicy", {**SPAM, parameter: value})
    assert kind in {"ParameterTransformationException", "DataValidationException", "ValidationException", "ParameterBindingException"}
    row = wire.one("Get-HostedContentFilterPolicy")
    assert (row["BulkThreshold"], row["SpamAction"], row["AllowedSenderDomains"]) == (7, "MoveToJmf", [])


def test_numbers_bind_from_text(wire: Wire) -> None:
    wire.run("Set-HostedContentFilterPolicy", **SPAM, BulkThreshold="6")
    assert wire.one("Get-HostedContentFilterPolicy")["BulkThreshold"] == 6


def test_lists_replace_add_remove_and_clear(wire: Wire) -> None:
    def domains() -> list[str]:
        return list(wire.one("Get-HostedContentFilterPolicy")["AllowedSenderDomains"])

    def put(value: Any) -> None:
        wire.run("Set-HostedContentFilterPolicy", **SPAM, AllowedSenderDomains=value)

    put(["a.example", "b.example"])
    assert domains() == ["a.example", "b.example"]
    put(table("c.example", "A.example", remove=("B.EXAMPLE",)))
    assert domains() == ["a.example", "c.example"]
    put("d.example")
    assert domains() == ["d.example"]
    put(table())
    assert domains() == []
    put(["a.example"])
    put({"@odata.type": "#Exchange.GenericHashTable", "add": "b.example", "add@odata.type": "#Collection(String)"})
    assert domains() == ["a.example", "b.example"]
    put(None)
    assert domains() == []


def test_a_hashtable_without_its_type_fails(wire: Wire) -> None:
    kind, _text = wire.refused("Set-SafeLinksPolicy", {"Identity": "A", "DoNotRewriteUrls": {"Add": ["a.example"]}})
    assert kind == "ParameterTransformationException"


def test_texts_clear_to_empty_in_policies_and_to_null_in_rules(wire: Wire) -> None:
    wire.run("New-AntiPhishPolicy", Name="A", AdminDisplayName="words")
    wire.run("Set-AntiPhishPolicy", Identity="A", AdminDisplayName=None)
    assert wire.one("Get-AntiPhishPolicy", Identity="A")["AdminDisplayName"] == ""
    wire.run("New-AntiPhishRule", Name="A", AntiPhishPolicy="A", SentTo=["a@contoso.com"], Comments="words")
    wire.run("Set-AntiPhishRule", Identity="A", Comments="")
    assert wire.one("Get-AntiPhishRule")["Comments"] is None


def test_time_spans_are_written_plain_and_read_as_iso_durations(wire: Wire) -> None:
    wire.run("New-QuarantinePolicy", Name="DefaultGlobalTag", QuarantinePolicyType="GlobalQuarantinePolicy")
    for written, read in (("04:00:00", "PT4H"), ("1.00:00:00", "P1D"), ("7.00:00:00", "P7D")):
        wire.run("Set-QuarantinePolicy", Identity="DefaultGlobalTag", EndUserSpamNotificationFrequency=written)
        row = wire.one("Get-QuarantinePolicy", QuarantinePolicyType="GlobalQuarantinePolicy")
        assert row["EndUserSpamNotificationFrequency"] == read
        assert row["EndUserSpamNotificationFrequency@data.type"] == "System.TimeSpan"
    for wrong in ("PT4H", "25:00:00", "02:00:00"):
        wire.refused("Set-QuarantinePolicy", {"Identity": "DefaultGlobalTag", "EndUserSpamNotificationFrequency": wrong})


def test_enhanced_time_spans_stay_plain(wire: Wire) -> None:
    row = wire.one("Get-AdminAuditLogConfig")
    assert row["AdminAuditLogAgeLimit"] == "90.00:00:00" and "AdminAuditLogAgeLimit@data.type" not in row


def test_duplicated_recipients_are_refused(wire: Wire) -> None:
    wire.run("New-AntiPhishPolicy", Name="A")
    kind, text = wire.refused("New-AntiPhishRule", {"Name": "A", "AntiPhishPolicy": "A", "SentTo": ["a@contoso.com", "A@contoso.com"]})
    assert kind == "ValidationException" and "duplicated recipient identity" in text


def test_identities_are_names_guids_and_distinguished_names_in_any_case(wire: Wire) -> None:
    row = wire.one("New-AntiPhishPolicy", Name="Sales")
    for identity in ("sales", row["Guid"], row["DistinguishedName"]):
        assert wire.one("Get-AntiPhishPolicy", Identity=identity)["Name"] == "Sales"


def test_object_not_found(wire: Wire) -> None:
    kind, text = wire.refused("Set-AntiPhishPolicy", {"Identity": "nothing"}, status=404)
    assert kind == "ManagementObjectNotFoundException" and text.startswith("The operation couldn't be performed because object 'nothing'")
    error = wire.call("Get-AntiPhishPolicy", {"Identity": "nothing"}).json()["error"]
    assert error["details"][0]["message"].split("|")[0] == "Ex6F9304"
    assert error["message"] == "Invalid Operation" and error["code"] == "NotFound"


def test_object_exists_already(wire: Wire) -> None:
    wire.run("New-AntiPhishPolicy", Name="A")
    answer = wire.call("New-AntiPhishPolicy", {"Name": "a"})
    kind, text = wire.refused("New-AntiPhishPolicy", {"Name": "a"})
    assert kind == "ADObjectAlreadyExistsException" and "The object 'CN=A,CN=AntiPhish" in text
    assert answer.headers["x-ExceptionType"] == "ADObjectAlreadyExistsException"
