# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each noun does of its own: policies, quarantine, alerts, submissions, lists, settings, reports."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.testing import EmulatedTenant, Emulator
from tests.emulator.wire import Wire, table

ALERT: dict[str, Any] = {
    "Category": "ThreatManagement",
    "NotifyUser": ["a@contoso.com"],
    "ThreatType": "Activity",
    "Operation": ["FileMalwareDetected"],
}
FRESH = {
    "AntiPhishPolicy": 1,
    "MalwareFilterPolicy": 1,
    "HostedContentFilterPolicy": 1,
    "HostedOutboundSpamFilterPolicy": 1,
    "HostedConnectionFilterPolicy": 1,
    "SafeAttachmentPolicy": 1,
    "SafeLinksPolicy": 1,
    "AtpPolicyForO365": 1,
    "SafeLinksRule": 0,
    "EOPProtectionPolicyRule": 0,
    "ATPBuiltInProtectionRule": 1,
    "TeamsProtectionPolicy": 1,
    "QuarantinePolicy": 3,
    "ReportSubmissionPolicy": 0,
    "ProtectionAlert": 50,
    "AcceptedDomain": 1,
    "DkimSigningConfig": 1,
}


def test_a_fresh_tenant(wire: Wire) -> None:
    assert {noun: len(wire.run(f"Get-{noun}")) for noun in FRESH} == FRESH
    assert wire.one("Get-HostedContentFilterPolicy")["PhishSpamAction"] == "MoveToJmf"
    assert len(wire.one("Get-MalwareFilterPolicy")["FileTypes"]) == 53


def test_new_policies_take_the_documented_defaults(wire: Wire) -> None:
    row = wire.one("New-SafeLinksPolicy", Name="A")
    assert (row["AllowClickThrough"], row["DisableUrlRewrite"], row["EnableForInternalSenders"]) == (False, False, True)
    assert wire.one("New-HostedContentFilterPolicy", Name="A")["PhishSpamAction"] == "Quarantine"
    assert wire.one("New-SafeAttachmentPolicy", Name="A")["Enable"] is False


@pytest.mark.parametrize("kind", ["AntiPhish", "MalwareFilter", "HostedContentFilter", "HostedOutboundSpamFilter"])
def test_default_policies_stay(wire: Wire, kind: str) -> None:
    name = wire.one(f"Get-{kind}Policy")["Name"]
    assert wire.refused(f"Remove-{kind}Policy", {"Identity": name})[0] == "ValidationException"


def test_another_policy_can_become_the_default(wire: Wire) -> None:
    wire.run("New-AntiPhishPolicy", Name="A")
    wire.run("Set-AntiPhishPolicy", Identity="A", MakeDefault=True)
    assert {row["Name"]: row["IsDefault"] for row in wire.run("Get-AntiPhishPolicy")} == {"A": True, "Office365 AntiPhish Default": False}


def test_custom_notifications_need_a_sender(wire: Wire) -> None:
    kind, text = wire.refused("Set-MalwareFilterPolicy", {"Identity": "Default", "CustomNotifications": True})
    assert kind == "ValidationException" and text.startswith("The CustomFromAddress value is not set.")
    wire.run("Set-MalwareFilterPolicy", Identity="Default", CustomNotifications=True, CustomFromAddress="a@contoso.com")


def test_file_types_are_read_without_a_dot(wire: Wire) -> None:
    wire.run("Set-MalwareFilterPolicy", Identity="Default", FileTypes=[".exe", "iso"])
    assert wire.one("Get-MalwareFilterPolicy")["FileTypes"] == ["exe", "iso"]


def test_dead_spam_notification_parameters_bind_and_do_nothing(wire: Wire) -> None:
    before = wire.one("Get-HostedContentFilterPolicy")
    wire.run("Set-HostedContentFilterPolicy", Identity="Default", EnableEndUserSpamNotifications=True, DownloadLink=True)
    after = wire.one("Get-HostedContentFilterPolicy")
    assert {key for key in after if after[key] != before[key]} <= {"WhenChanged", "WhenChangedUTC"}


def test_outbound_default_reads_disabled(wire: Wire) -> None:
    row = wire.one("Get-HostedOutboundSpamFilterPolicy")
    assert (row["Enabled"], row["RecipientLimitPerDay"]) == (False, 0)
    wire.refused("Set-HostedOutboundSpamFilterPolicy", {"Identity": "Default", "Enabled": True})
    wire.refused("Set-HostedOutboundSpamFilterPolicy", {"Identity": "Default", "RecipientLimitPerDay": 10001})


def test_connection_filter_has_one_policy_and_no_new(wire: Wire) -> None:
    assert wire.call("New-HostedConnectionFilterPolicy", {"Name": "A"}).status_code == 403
    wire.run("Set-HostedConnectionFilterPolicy", Identity="Default", IPAllowList=["192.0.2.1"])
    wire.run("Set-HostedConnectionFilterPolicy", Identity="Default", IPAllowList=table("192.0.2.2", remove=("192.0.2.1",)))
    assert wire.one("Get-HostedConnectionFilterPolicy")["IPAllowList"] == ["192.0.2.2"]


def test_the_connection_filter_takes_several_forms_only_as_add(wire: Wire) -> None:
    several = ["192.0.2.1", "192.0.2.8-192.0.2.20", "198.51.100.0/25"]
    wire.refused("Set-HostedConnectionFilterPolicy", {"Identity": "Default", "IPBlockList": several})
    wire.run("Set-HostedConnectionFilterPolicy", Identity="Default", IPBlockList=table(*several))
    assert wire.one("Get-HostedConnectionFilterPolicy")["IPBlockList"] == several
    for wrong in ("2001:db8::1", "192.0.2.0/23", "192.0.2.0-192.0.3.0", "192.0.2.9-192.0.2.1", "mail.contoso.com"):
        wire.refused("Set-HostedConnectionFilterPolicy", {"Identity": "Default", "IPBlockList": [wrong]})
    many = [f"192.0.{high}.{low}" for high in range(5) for low in range(256)]
    wire.refused("Set-HostedConnectionFilterPolicy", {"Identity": "Default", "IPBlockList": many[:1274]})
    wire.run("Set-HostedConnectionFilterPolicy", Identity="Default", IPBlockList=many[:1273])


def test_atp_policy_is_one_and_needs_no_identity(wire: Wire) -> None:
    wire.run("Set-AtpPolicyForO365", EnableSafeDocs=False)
    wire.run("Set-AtpPolicyForO365", Identity="Default", AllowSafeDocsOpen=True)
    row = wire.one("Get-AtpPolicyForO365")
    assert (row["EnableSafeDocs"], row["AllowSafeDocsOpen"]) == (False, True)
    wire.refused("Set-AtpPolicyForO365", {"Identity": "Other", "EnableSafeDocs": True}, status=404)


def test_teams_policy_is_virtual_until_made(wire: Wire) -> None:
    row = wire.one("Get-TeamsProtectionPolicy")
    assert (row["Guid"], row["WhenChanged"]) == ("00000000-0000-0000-0000-000000000000", None)
    assert row["Identity"] == f"{wire.tenant.domain}\\Default Teams Protection Policy"
    wire.refused("Set-TeamsProtectionPolicy", {"Identity": "Default Teams Protection Policy", "ZapEnabled": False})
    wire.run("New-TeamsProtectionPolicy", Name="Teams Protection Policy")
    wire.run("Set-TeamsProtectionPolicy", Identity="Teams Protection Policy", ZapEnabled=False)
    row = wire.one("Get-TeamsProtectionPolicy")
    assert (row["Name"], row["Identity"], row["ZapEnabled"]) == ("Teams Protection Policy", "Teams Protection Policy", False)
    wire.refused("New-TeamsProtectionPolicy", {"Name": "Another"})


def test_quarantine_permissions_are_written_as_a_number_and_read_as_text(wire: Wire) -> None:
    row = wire.one("New-QuarantinePolicy", Name="A", EndUserQuarantinePermissionsValue=43)
    lines = row["EndUserQuarantinePermissions"].strip("[]").split("\r\n")
    on = {line.split(": ")[0] for line in lines if line.endswith("True")}
    assert on == {f"PermissionTo{word}" for word in ("AllowSender", "RequestRelease", "Preview", "Delete")}
    assert "EndUserQuarantinePermissionsValue" not in row and row["Identity"] == f"{wire.tenant.domain}\\A"
    wire.run("Set-QuarantinePolicy", Identity="A", EndUserQuarantinePermissionsValue=39, ESNEnabled=True)
    assert (
        "PermissionToRelease: True" in wire.one("Get-QuarantinePolicy", Identity=f"{wire.tenant.domain}\\A")["EndUserQuarantinePermissions"]
    )
    wire.refused("Set-QuarantinePolicy", {"Identity": "A", "EndUserQuarantinePermissionsValue": 12})
    wire.refused("Set-QuarantinePolicy", {"Identity": "A", "EndUserQuarantinePermissionsValue": 256})


def test_built_in_quarantine_policies_stay(wire: Wire) -> None:
    wire.refused("Set-QuarantinePolicy", {"Identity": "DefaultFullAccessPolicy", "ESNEnabled": True})
    wire.refused("Remove-QuarantinePolicy", {"Identity": "AdminOnlyAccessPolicy"})


def test_the_global_quarantine_policy_is_a_placeholder_until_made(wire: Wire) -> None:
    assert "DefaultGlobalPolicy" not in {row["Name"] for row in wire.run("Get-QuarantinePolicy")}
    row = wire.one("Get-QuarantinePolicy", QuarantinePolicyType="GlobalQuarantinePolicy")
    assert (row["Name"], row["QuarantinePolicyType"], row["EndUserSpamNotificationFrequency"]) == (
        "DefaultGlobalPolicy",
        "GlobalQuarantineTag",
        "PT0S",
    )
    wire.refused("Set-QuarantinePolicy", {"Identity": "DefaultGlobalPolicy", "OrganizationBrandingEnabled": True})
    wire.run("New-QuarantinePolicy", Name="DefaultGlobalTag", QuarantinePolicyType="GlobalQuarantinePolicy")
    wire.run("Set-QuarantinePolicy", Identity=f"{wire.tenant.domain}\\DefaultGlobalTag", OrganizationBrandingEnabled=True)
    row = wire.one("Get-QuarantinePolicy", QuarantinePolicyType="GlobalQuarantinePolicy")
    assert (row["Name"], row["OrganizationBrandingEnabled"]) == ("DefaultGlobalTag", True)
    assert len(wire.run("Get-QuarantinePolicy")) == 3
    wire.refused("New-QuarantinePolicy", {"Name": "B", "QuarantinePolicyType": "GlobalQuarantinePolicy"})


def test_languages_of_a_notification_are_parallel(wire: Wire) -> None:
    wire.run("New-QuarantinePolicy", Name="DefaultGlobalTag", QuarantinePolicyType="GlobalQuarantinePolicy")
    two = {"MultiLanguageSetting": ["English", "German"], "EsnCustomSubject": ["a", "b"], "MultiLanguageSenderName": ["c", "d"]}
    wire.run("Set-QuarantinePolicy", Identity="DefaultGlobalTag", **two)
    wire.refused("Set-QuarantinePolicy", {"Identity": "DefaultGlobalTag", "EsnCustomSubject": ["a"]})


def test_system_alerts_can_be_neither_set_nor_removed(wire: Wire) -> None:
    rows = wire.run("Get-ProtectionAlert")
    assert all(row["IsSystemRule"] for row in rows) and sum(row["Name"].endswith("\u200b") for row in rows) == 5
    name = rows[0]["Name"]
    assert wire.refused("Set-ProtectionAlert", {"Identity": name, "Severity": "High"})[0] == "ValidationException"
    assert wire.refused("Remove-ProtectionAlert", {"Identity": name})[0] == "ValidationException"


def test_custom_alerts(wire: Wire) -> None:
    row = wire.one("New-ProtectionAlert", Name="A", Description="words", **ALERT)
    assert (row["IsSystemRule"], row["Comment"], row["AggregationType"]) == (False, "words", "SimpleAggregation")
    assert row["Identity"].endswith("/Configuration/A") and row["AlertBy"] is None
    wire.run("Set-ProtectionAlert", Identity="A", Severity="High", NotifyUser=["b@contoso.com"], Disabled=True)
    row = wire.one("Get-ProtectionAlert", Identity="A")
    assert (row["Severity"], row["NotifyUser"], row["Disabled"]) == ("High", ["b@contoso.com"], True)
    wire.refused("New-ProtectionAlert", {"Name": "B", "Category": "ThreatManagement", "ThreatType": "Activity"})
    wire.run("Remove-ProtectionAlert", Identity="A")
    assert len(wire.run("Get-ProtectionAlert")) == 50


def test_report_submission_is_one_policy_and_one_rule(wire: Wire) -> None:
    wire.refused(
        "New-ReportSubmissionRule", {"Name": "x", "ReportSubmissionPolicy": "DefaultReportSubmissionPolicy", "SentTo": ["a@contoso.com"]}
    )
    row = wire.one("New-ReportSubmissionPolicy", EnableReportToMicrosoft=True)
    assert row["Name"] == "DefaultReportSubmissionPolicy"
    wire.refused("New-ReportSubmissionPolicy", {})
    given = {"ReportSubmissionPolicy": "DefaultReportSubmissionPolicy", "SentTo": ["a@contoso.com"]}
    assert wire.one("New-ReportSubmissionRule", Name="any", **given)["Name"] == "DefaultReportSubmissionRule"
    wire.run("Set-ReportSubmissionPolicy", Identity="DefaultReportSubmissionPolicy", ReportJunkAddresses=["b@contoso.com"])
    assert wire.one("Get-ReportSubmissionRule")["SentTo"] == ["a@contoso.com"]
    wire.run("Set-ReportSubmissionPolicy", Identity="DefaultReportSubmissionPolicy", ReportJunkAddresses=None)
    assert wire.one("Get-ReportSubmissionPolicy")["ReportJunkAddresses"] == []
    wire.run("Disable-ReportSubmissionRule", Identity="DefaultReportSubmissionRule")
    assert wire.one("Get-ReportSubmissionRule")["State"] == "Disabled"
    wire.run("Remove-ReportSubmissionRule", Identity="DefaultReportSubmissionRule")
    wire.run("Remove-ReportSubmissionPolicy", Identity="DefaultReportSubmissionPolicy")
    assert wire.run("Get-ReportSubmissionPolicy") == []


def test_overrides_have_fixed_names(wire: Wire) -> None:
    assert wire.one("New-PhishSimOverridePolicy", Name="any")["Name"] == "PhishSimOverridePolicy"
    assert wire.one("New-SecOpsOverridePolicy", Name="any", SentTo=["a@contoso.com"])["Name"] == "SecOpsOverridePolicy"
    given = {"Policy": "PhishSimOverridePolicy", "Domains": ["a.example"], "SenderIpRanges": ["192.0.2.1"]}
    rule = wire.one("New-ExoPhishSimOverrideRule", Name="any", **given)
    assert rule["Name"].startswith("_Exe:PhishSimOverr:") and rule["Identity"] == rule["Name"]
    assert wire.one("New-ExoSecOpsOverrideRule", Policy="SecOpsOverridePolicy")["Name"].startswith("_Exe:SecOpsOverrid:")
    wire.run("Set-SecOpsOverridePolicy", Identity="SecOpsOverridePolicy", AddSentTo=["b@contoso.com"], RemoveSentTo=["a@contoso.com"])
    assert wire.one("Get-SecOpsOverridePolicy")["SentTo"] == ["b@contoso.com"]
    wire.refused("New-PhishSimOverridePolicy", {"Name": "another"})


def test_phish_simulation_rules_are_edited_by_adding_and_removing(wire: Wire) -> None:
    wire.run("New-PhishSimOverridePolicy", Name="any")
    wire.refused("New-ExoPhishSimOverrideRule", {"Policy": "PhishSimOverridePolicy", "SenderIpRanges": ["192.0.2.1"]})
    given = {"Policy": "PhishSimOverridePolicy", "Domains": ["a.example"], "SenderIpRanges": ["192.0.2.1"]}
    name = wire.one("New-ExoPhishSimOverrideRule", **given)["Name"]
    wire.run("Set-ExoPhishSimOverrideRule", Identity=name, AddDomains=["b.example"], RemoveDomains=["a.example"])
    assert wire.one("Get-ExoPhishSimOverrideRule")["Domains"] == ["b.example"]
    wire.refused("Set-ExoPhishSimOverrideRule", {"Identity": name, "Domains": ["c.example"]})
    wire.refused("Set-ExoPhishSimOverrideRule", {"Identity": name, "AddSenderIpRanges": [f"192.0.2.{number}" for number in range(10, 20)]})


def test_allow_block_list(wire: Wire) -> None:
    made = wire.run("New-TenantAllowBlockListItems", ListType="Url", Block=True, Entries=["bad.example", "worse.example/x"], Notes="why")
    assert [row["Value"] for row in made] == ["bad.example", "worse.example/x"]
    row = wire.run("Get-TenantAllowBlockListItems", ListType="Url", Entry="bad.example")[0]
    assert "ListType" not in row and "_ListType" not in row and "LastUsedDate(DateTime])" in row
    assert (row["Action"], row["RemoveAfter"], row["ObjectState"]) == ("Block", None, "Unchanged")
    assert row["ExpirationDate@data.type"] == "System.DateTime" and row["ExpirationDate"].endswith("Z")
    assert wire.run("Get-TenantAllowBlockListItems", ListType="Sender") == []
    wire.refused("Get-TenantAllowBlockListItems", {})
    wire.run("Set-TenantAllowBlockListItems", ListType="Url", Entries=["bad.example"], NoExpiration=True)
    assert [row["Value"] for row in wire.run("Get-TenantAllowBlockListItems", ListType="Url", NoExpiration=True)] == ["bad.example"]
    wire.run("Remove-TenantAllowBlockListItems", ListType="Url", Ids=[row["Identity"]])
    assert [row["Value"] for row in wire.run("Get-TenantAllowBlockListItems", ListType="Url", Block=True)] == ["worse.example/x"]


def test_allow_entries_may_go_after_their_last_use(wire: Wire) -> None:
    row = wire.one("New-TenantAllowBlockListItems", ListType="Sender", Allow=True, Entries=["a@fabrikam.com"], RemoveAfter=45)
    assert (row["ExpirationDate"], row["RemoveAfter"]) == (None, 45)
    wire.refused("New-TenantAllowBlockListItems", {"ListType": "Sender", "Block": True, "Entries": ["b@fabrikam.com"], "RemoveAfter": 45})
    wire.refused("New-TenantAllowBlockListItems", {"ListType": "IP", "Allow": True, "Entries": ["2001:db8::1"], "RemoveAfter": 45})
    row = wire.one("New-TenantAllowBlockListItems", ListType="Sender", Allow=True, Entries=["b@fabrikam.com"])
    assert (row["ExpirationDate"], row["RemoveAfter"]) == (None, 45), "the default of an allow entry"


def test_which_allow_block_entries_may_stay_for_ever(wire: Wire) -> None:
    for given in (
        {"ListType": "Sender", "Block": True, "Entries": ["*.example"]},
        {"ListType": "IP", "Allow": True, "Entries": ["2001:db8::/32"]},
        {"ListType": "Url", "Allow": True, "ListSubType": "AdvancedDelivery", "Entries": ["*.fabrikam.com"]},
    ):
        row = wire.one("New-TenantAllowBlockListItems", NoExpiration=True, **given)
        assert (row["ExpirationDate"], row["RemoveAfter"]) == (None, None)
    wire.refused("New-TenantAllowBlockListItems", {"ListType": "Sender", "Allow": True, "Entries": ["a.example"], "NoExpiration": True})


def test_notes_of_an_allow_block_entry_are_short(wire: Wire) -> None:
    given = {"ListType": "Sender", "Block": True, "Entries": ["a.example", "b.example"]}
    _kind, text = wire.refused("New-TenantAllowBlockListItems", {**given, "Notes": "n" * 130})
    assert "Remove 30 characters from Notes and retry." in text
    assert wire.run("Get-TenantAllowBlockListItems", ListType="Sender") == []
    wire.run("New-TenantAllowBlockListItems", **given, Notes="n" * 100)
    wire.refused("Set-TenantAllowBlockListItems", {"ListType": "Sender", "Entries": ["a.example"], "Notes": "n" * 101})


def test_the_action_of_an_allow_block_entry_stays(wire: Wire) -> None:
    wire.run("New-TenantAllowBlockListItems", ListType="Sender", Block=True, Entries=["a.example"])
    wire.refused("Set-TenantAllowBlockListItems", {"ListType": "Sender", "Entries": ["a.example"], "Allow": True, "Notes": "x"})
    wire.run("Set-TenantAllowBlockListItems", ListType="Sender", Entries=["a.example"], Block=True, Notes="x")
    row = wire.one("Get-TenantAllowBlockListItems", ListType="Sender")
    assert (row["Action"], row["Notes"]) == ("Block", "x")


@pytest.mark.parametrize(
    "given",
    [
        {"ListType": "Url", "Entries": ["a.example"]},
        {"ListType": "Url", "Entries": ["a.example"], "Allow": True, "Block": True},
        {"ListType": "IP", "Entries": ["192.0.2.1"], "Block": True},
        {"ListType": "IP", "Entries": ["::/0"], "Block": True},
        {"ListType": "Url", "Entries": ["https://a.example"], "Block": True},
        {"ListType": "Url", "Entries": ["a.example:8080"], "Block": True},
        {"ListType": "Url", "Entries": [f"a.example/{'x' * 250}"], "Block": True},
        {"ListType": "Sender", "Entries": ["a.example"], "Allow": True, "ListSubType": "AdvancedDelivery"},
        {"ListType": "FileHash", "Entries": ["abc"], "Block": True},
        {"ListType": "Sender", "Entries": ["no address"], "Block": True},
        {"ListType": "Url", "Entries": ["a.example", "A.example"], "Block": True},
        {"ListType": "Url", "Entries": ["a.example"], "Block": True, "ExpirationDate": "2020-01-01T00:00:00Z"},
    ],
)
def test_allow_block_entries_that_are_refused(wire: Wire, given: dict[str, Any]) -> None:
    assert wire.refused("New-TenantAllowBlockListItems", given)[0] == "ValidationException"


def test_an_allow_block_entry_has_one_action(wire: Wire) -> None:
    wire.run("New-TenantAllowBlockListItems", ListType="Url", Allow=True, Entries=["a.example"])
    blocked = {"ListType": "Url", "Block": True, "Entries": ["A.example"]}
    assert "duplicate" in wire.refused("New-TenantAllowBlockListItems", blocked)[1]
    wire.run("New-TenantAllowBlockListItems", ListType="Sender", Block=True, Entries=["a.example"])
    wire.run("Remove-TenantAllowBlockListItems", ListType="Url", Entries=["a.example"])
    wire.run("New-TenantAllowBlockListItems", **blocked)


def test_allow_block_limits_follow_the_licence(emulator: Emulator) -> None:
    with Wire(emulator.tenant("exchange_only")) as wire:
        wire.run("New-TenantAllowBlockListItems", ListType="Url", Block=True, Entries=[f"a{number}.example" for number in range(500)])
        wire.refused("New-TenantAllowBlockListItems", {"ListType": "Url", "Block": True, "Entries": ["one.more.example"]})
        wire.run("New-TenantAllowBlockListItems", ListType="IP", Block=True, Entries=["2001:db8::1"])


def test_organization_customization(wire: Wire) -> None:
    assert wire.one("Get-OrganizationConfig")["IsDehydrated"] is True
    kind, text = wire.refused("Set-AdminAuditLogConfig", {"UnifiedAuditLogIngestionEnabled": False})
    assert kind == "InvalidOperationInDehydratedContextException" and "Enable-OrganizationCustomization" in text
    wire.run("Enable-OrganizationCustomization")
    assert wire.one("Get-OrganizationConfig")["IsDehydrated"] is False
    wire.run("Set-AdminAuditLogConfig", UnifiedAuditLogIngestionEnabled=False)
    assert wire.one("Get-AdminAuditLogConfig")["UnifiedAuditLogIngestionEnabled"] is False
    _kind, text = wire.refused("Enable-OrganizationCustomization")
    assert text == "This operation is not required. Organization is already enabled for customization."


def test_organization_and_tenant_settings(wire: Wire) -> None:
    wire.run("Set-OrganizationConfig", RejectDirectSend=True)
    assert wire.one("Get-OrganizationConfig")["RejectDirectSend"] is True
    assert wire.one("Get-EmailTenantSettings")["Identity"] == f"{wire.tenant.domain}\\Default"
    wire.run("Set-EmailTenantSettings", Identity=f"{wire.tenant.domain}\\Default", EnablePriorityAccountProtection=False)
    assert wire.one("Get-EmailTenantSettings")["EnablePriorityAccountProtection"] is False


def test_arc_sealers_are_one_joined_text(wire: Wire) -> None:
    assert wire.one("Get-ArcConfig")["ArcTrustedSealers"] == ""
    wire.run("Set-ArcConfig", Identity="Default", ArcTrustedSealers=["a.example", "b.example"])
    assert wire.one("Get-ArcConfig") == {"ArcTrustedSealers": "a.example,b.example"}
    wire.refused("Set-ArcConfig", {"Identity": "Other", "ArcTrustedSealers": ["a.example"]}, status=404)


def test_dkim_waits_for_its_cnames(wire: Wire, tenant: EmulatedTenant) -> None:
    wire.refused("New-DkimSigningConfig", {"DomainName": tenant.custom_domain, "Enabled": False})
    tenant.put_state(
        "AcceptedDomain", [*tenant.state("AcceptedDomain"), {"DomainName": tenant.custom_domain, "Name": tenant.custom_domain}]
    )
    wire.refused("New-DkimSigningConfig", {"DomainName": tenant.custom_domain, "Enabled": True})
    row = wire.one("New-DkimSigningConfig", DomainName=tenant.custom_domain, Enabled=False, KeySize=1024)
    assert (row["Status"], row["Selector1KeySize"], row["Selector1KeySize@odata.type"]) == ("CnameMissing", 1024, "#Decimal")
    assert row["Selector1CNAME"].endswith(".dkim.mail.microsoft")
    wire.refused("Set-DkimSigningConfig", {"Identity": tenant.custom_domain, "Enabled": True})
    rows = tenant.state("DkimSigningConfig")
    tenant.put_state("DkimSigningConfig", [rows[0], {**rows[1], "Status": "Valid"}])
    wire.run("Set-DkimSigningConfig", Identity=tenant.custom_domain, Enabled=True)
    assert wire.one("Get-DkimSigningConfig", Identity=tenant.custom_domain)["Enabled"] is True


def test_configuration_analyzer_compares_with_the_presets(wire: Wire) -> None:
    def found() -> list[str]:
        rows = wire.run("Get-ConfigAnalyzerPolicyRecommendation", RecommendedPolicyType="Standard")
        return [row["SettingName"] for row in rows if row["PolicyGroup"] == "Anti-Phishing"]

    assert "PhishThresholdLevel" in found()
    wire.run("Set-AntiPhishPolicy", Identity="Office365 AntiPhish Default", PhishThresholdLevel=3)
    assert "PhishThresholdLevel" not in found()


def test_reports_page_by_number(wire: Wire, tenant: EmulatedTenant) -> None:
    assert wire.run("Get-ATPTotalTrafficReport") == []
    tenant.put_state("ATPTotalTrafficReport", [{"EventType": f"E{number}", "MessageCount": number} for number in range(5)])
    assert [row["EventType"] for row in wire.run("Get-ATPTotalTrafficReport", Page=2, PageSize=2)] == ["E2", "E3"]
    assert len(wire.run("Get-ATPTotalTrafficReport", Page=3, PageSize=2)) == 1
    assert wire.run("Get-ATPTotalTrafficReport", PageSize=0) == []


def test_role_groups_can_be_read(wire: Wire) -> None:
    assert "Organization Management" in {row["Name"] for row in wire.run("Get-RoleGroup")}
    assert wire.run("Get-RoleGroupMember", Identity="Organization Management") == []
    wire.refused("Get-RoleGroupMember", {"Identity": "Nobody"}, status=404)
    assert wire.one("Get-RoleGroup", Identity="Hygiene Management")["Roles"] == ["Transport Hygiene", "View-Only Configuration"]
    assert "Transport Hygiene-Hygiene Management" in {row["Name"] for row in wire.run("Get-ManagementRoleAssignment")}
