# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of the role email_protection together, by ansible-playbook: what is made of them, what is left alone, what is undone."""

from __future__ import annotations

from emulator.seed import table
from tests.integration.playing import of, short

SOC = "soc@provider.example"
WISHES = {
    "email_protection_owner": "contoso-it",
    "email_protection_targeted_users": ["Chris Green;chris.green@contoso.example"],
    "email_protection_overrides": {"safe_links_policy": {"do_not_rewrite_urls": ["intranet.contoso.example/*"]}},
    "email_protection_overlays": ["cis"],
    "email_protection_overlay_recipients": [SOC],
    "email_protection_alert_recipients": [SOC],
    "email_protection_include_default": True,
}
EXECUTIVES, EVERYBODY = "contoso-it Strict - executives", "contoso-it Standard - everybody"
NOTICES = (
    "contoso-it - Action taken by an administrator",
    "contoso-it - Investigation started by an administrator",
    "contoso-it - Message reported by a user",
    "contoso-it - Suspicious email sending patterns detected",
    "contoso-it - User restricted from sending email",
)


def named(tenant, noun, name):
    return next(row for row in tenant.state(noun) if row["Name"] == name)


def ours(tenant):
    return sorted(row["Name"] for row in tenant.state("ProtectionAlert") if not row["IsSystemRule"])


def test_from_scopes_to_reclaiming(new_tenant, ground):
    tenant = new_tenant()
    tenant.cmdlet("Enable-OrganizationCustomization")
    tenant.cmdlet("Set-AdminAuditLogConfig", UnifiedAuditLogIngestionEnabled=False)
    scopes = [
        {"name": "executives", "target": "strict", "sent_to": [f"adele@{tenant.domain}"]},
        {"name": "everybody", "recipient_domain_is": [tenant.domain], "except_if_sent_to": [f"kiosk@{tenant.domain}"]},
    ]
    hosts = {"contoso": of(tenant)}
    system = [row for row in tenant.state("ProtectionAlert") if row["IsSystemRule"]]
    tenant.clear_journal()

    def run(*arguments, **changed):
        wishes = {**WISHES, "email_protection_scopes": scopes, **{f"email_protection_{name}": value for name, value in changed.items()}}
        done = ground.run("m365.defender.air", hosts, "--tags", "email_protection", *arguments, variables=wishes)
        assert done.code == 0, done.output
        return done

    foretold = run("--check")
    assert short(tenant.writes()) == []
    done = run()
    assert done.reports["contoso"]["operations"] == foretold.reports["contoso"]["operations"]
    assert done.names("changed") == foretold.names("changed")
    assert done.task("Keep the audit log, without which mail is not investigated").status == "changed"
    assert done.task("Tell people of our own when an investigation starts").status == "changed"
    assert tenant.state("AdminAuditLogConfig")[0]["UnifiedAuditLogIngestionEnabled"] is True

    # Scopes: the few before the many, each with its own target, the exception included.
    rules = sorted(tenant.state("SafeLinksRule"), key=lambda row: row["Priority"])
    assert [row["SafeLinksPolicy"] for row in rules] == [EXECUTIVES, EVERYBODY]
    assert rules[1]["ExceptIfSentTo"] == [f"kiosk@{tenant.domain}"]
    assert named(tenant, "AntiPhishPolicy", EXECUTIVES)["PhishThresholdLevel"] == 4
    assert named(tenant, "AntiPhishPolicy", EVERYBODY)["PhishThresholdLevel"] == 3
    # An override goes before the recommendation, an overlay beside it, also in the default policies.
    assert named(tenant, "SafeLinksPolicy", EVERYBODY)["DoNotRewriteUrls"] == ["intranet.contoso.example/*"]
    assert named(tenant, "AntiPhishPolicy", EVERYBODY)["TargetedUsersToProtect"] == ["Chris Green;chris.green@contoso.example"]
    for name in (EXECUTIVES, EVERYBODY, "Default"):
        policy = named(tenant, "MalwareFilterPolicy", name)
        assert policy["InternalSenderAdminAddress"] == SOC
        assert {"7z", "ace", "exe"} <= set(policy["FileTypes"])
    assert named(tenant, "HostedContentFilterPolicy", "Default")["BulkThreshold"] == 6
    # Alert policies of our own tell the provider; Microsoft's stay as they were.
    assert ours(tenant) == sorted(NOTICES)
    assert [row for row in tenant.state("ProtectionAlert") if row["IsSystemRule"]] == system
    assert {tuple(named(tenant, "ProtectionAlert", name)["NotifyUser"]) for name in NOTICES} == {(SOC,)}

    tenant.clear_journal()
    assert run().names("changed") == []
    assert short(tenant.writes()) == []

    # What another tool has set back is said and not fought, until somebody says so.
    tenant.cmdlet("Set-SafeLinksPolicy", Identity=EVERYBODY, TrackClicks=False)
    tenant.cmdlet("Set-ProtectionAlert", Identity=NOTICES[-1], Disabled=True)
    tenant.clear_journal()
    left = run()
    (step,) = left.reports["contoso"]["steps"]
    assert short(tenant.writes()) == []
    assert step["verdict"] == "not_compliant"
    for words in (f"{EVERYBODY}: somebody has changed track_clicks", f"{NOTICES[-1]}: somebody has changed disabled"):
        assert words in step["evidence"]
    reclaimed = run(reclaim=True)
    assert reclaimed.reports["contoso"]["operations"] == [
        f"Set-SafeLinksPolicy {EVERYBODY} {{TrackClicks}}",
        f"Set-ProtectionAlert {NOTICES[-1]} {{Disabled}}",
    ]

    # Scopes and people that are taken out of the lists leave nothing of ours behind.
    gone = run(scopes=scopes[1:], alert_recipients=[])
    assert ours(tenant) == []
    assert [row["Name"] for row in tenant.state("SafeLinksRule")] == [EVERYBODY]
    assert [one for one in gone.reports["contoso"]["operations"] if not one.startswith("Remove-")] == []
    assert run(scopes=scopes[1:], alert_recipients=[]).names("changed") == []


def subscription(name, bought, assigned):
    """A row of subscribedSkus."""
    known = table("licences")
    return {
        "skuPartNumber": name,
        "skuId": known["skus"][name]["skuId"],
        "capabilityStatus": "Enabled",
        "consumedUnits": assigned,
        "prepaidUnits": {"enabled": bought, "suspended": 0, "warning": 0, "lockedOut": 0},
        "servicePlans": [
            {"servicePlanId": known["plans"][plan], "servicePlanName": plan, "provisioningStatus": "Success", "appliesTo": "User"}
            for plan in known["skus"][name]["plans"]
        ],
    }


def test_few_licences_for_whole_domains_are_warned_of_and_named_people_are_not(new_tenant, ground):
    skus = [subscription("EXCHANGESTANDARD", 100, 90), subscription("ATP_ENTERPRISE", 10, 10)]
    tenant = new_tenant("exchange_only", licences=["EXCHANGESTANDARD", "ATP_ENTERPRISE"], objects={"subscribedSkus": skus})
    hosts, words = {"contoso": of(tenant)}, "10 licences bring Defender for Office 365, and 90 a mailbox"
    group = f"licensed@{tenant.domain}"

    # Step 1 could not read the licences, so that step 3 reads them itself.
    failed = {"prerequisites_licenses": {"failed": True, "msg": "The service is not there."}}
    warned = ground.run("m365.defender.air", hosts, "--tags", "email_protection", "--check", variables=failed)
    assert [note for note in warned.reports["contoso"]["notes"] if words in note] != []
    assert words in " ".join(warned.output.split())

    named = ground.run(
        "m365.defender.air",
        hosts,
        "--tags",
        "email_protection",
        variables={"email_protection_licensed_users": group, "email_protection_target": "strict"},
    )
    assert named.code == 0, named.output
    assert [note for note in named.reports["contoso"]["notes"] if words in note] == []
    # What needs the licence is for those who have it; what every mailbox has is for everybody.
    assert [row["SentToMemberOf"] for row in tenant.state("SafeLinksRule")] == [[group]]
    assert [row["RecipientDomainIs"] for row in tenant.state("HostedContentFilterRule")] == [[tenant.domain]]


def test_domains_that_the_tenant_does_not_have_are_refused_before_the_first_write(new_tenant, ground):
    tenant = new_tenant()
    hosts = {"contoso": of(tenant)}
    for wishes, words in (
        ({"email_protection_domains": ["nosuch.example"]}, "email_protection_domains names nosuch.example"),
        (
            {"email_protection_scopes": [{"name": "staff", "recipient_domain_is": [tenant.domain], "sent_to": ["x@other.example"]}]},
            "the scope staff names x@other.example",
        ),
    ):
        for arguments in (("--check",), ()):
            run = ground.run("m365.defender.air", hosts, "--tags", "email_protection", *arguments, variables=wishes)
            assert run.code != 0
            assert words in " ".join(run.output.split()) and f"only for {tenant.domain}" in " ".join(run.output.split())
            assert short(tenant.writes()) == []


def test_what_is_stricter_in_default_policies_stays(new_tenant, ground):
    tenant = new_tenant()
    tenant.cmdlet("Enable-OrganizationCustomization")
    strict = {"BulkThreshold": 3, "SpamAction": "Quarantine", "BulkSpamAction": "Quarantine"}
    limits = {"RecipientLimitExternalPerHour": 100, "RecipientLimitInternalPerHour": 100, "RecipientLimitPerDay": 100}
    tenant.cmdlet("Set-HostedContentFilterPolicy", Identity="Default", **strict)
    tenant.cmdlet("Set-HostedOutboundSpamFilterPolicy", Identity="Default", **limits)
    hosts, chosen = {"contoso": of(tenant)}, {"email_protection_include_default": True, "email_protection_include_outbound": True}
    foretold = ground.run("m365.defender.air", hosts, "--tags", "email_protection", "--check", variables=chosen)
    assert [note for note in foretold.reports["contoso"]["notes"] if "bulk_threshold 3 -> 6" in note] != []
    done = ground.run("m365.defender.air", hosts, "--tags", "email_protection", variables=chosen)
    assert done.reports["contoso"]["operations"] == foretold.reports["contoso"]["operations"]
    for noun, settings in (("HostedContentFilterPolicy", strict), ("HostedOutboundSpamFilterPolicy", limits)):
        row = named(tenant, noun, "Default")
        assert {name: row[name] for name in settings} == settings
    # What somebody sets back in a default policy is said and not fought.
    tenant.cmdlet("Set-HostedContentFilterPolicy", Identity="Default", PhishSpamAction="MoveToJmf")
    tenant.clear_journal()
    again = ground.run("m365.defender.air", hosts, "--tags", "email_protection", variables=chosen)
    assert short(tenant.writes()) == []
    (step,) = again.reports["contoso"]["steps"]
    assert "Default (hosted_content_filter_policy): somebody has changed phish_spam_action since our last run" in step["evidence"]
    assert again.names("changed") == [] and [note for note in again.reports["contoso"]["notes"] if "bulk_threshold" in note] == []


def test_a_preset_that_somebody_has_assigned_and_one_that_nobody_needs_stay_as_they_are(new_tenant, ground):
    pilot, strict, narrow = (new_tenant() for dummy in range(3))
    for tenant in (pilot, strict, narrow):
        tenant.turn_on("Standard")
        for rule in ("EOPProtectionPolicyRule", "ATPProtectionPolicyRule"):
            if tenant is not strict:
                tenant.cmdlet(f"Set-{rule}", Identity="Standard Preset Security Policy", SentTo=[f"pilot@{tenant.domain}"])
            else:
                tenant.cmdlet(f"Disable-{rule}", Identity="Standard Preset Security Policy")
        if tenant is strict:
            tenant.turn_on("Strict")
        if tenant is narrow:
            tenant.cmdlet("Disable-ATPProtectionPolicyRule", Identity="Standard Preset Security Policy")
        tenant.clear_journal()
    hosts = {
        "pilot": {**of(pilot), "email_protection_licensed_users": f"licensed@{pilot.domain}"},
        "strict": of(strict),
        "narrow": {**of(narrow), "email_protection_mechanism": "preset"},
    }
    before = {tenant: [tenant.state(f"{half}ProtectionPolicyRule") for half in ("EOP", "ATP")] for tenant in (pilot, strict, narrow)}
    foretold = ground.run("m365.defender.air", hosts, "--tags", "email_protection", "--check")
    done = ground.run("m365.defender.air", hosts, "--tags", "email_protection")
    assert done.code == 0, done.output
    for name, tenant in (("pilot", pilot), ("strict", strict), ("narrow", narrow)):
        assert done.reports[name]["operations"] == foretold.reports[name]["operations"]
        assert [tenant.state(f"{half}ProtectionPolicyRule") for half in ("EOP", "ATP")] == before[tenant], name
    assert [row["SentToMemberOf"] for row in pilot.state("SafeLinksRule")] == [[f"licensed@{pilot.domain}"]]
    assert strict.state("SafeLinksRule") == narrow.state("SafeLinksRule") == []
    (step,) = done.reports["narrow"]["steps"]
    assert (
        f"The Standard preset is on for pilot@{narrow.domain} (EOPProtectionPolicyRule), maybe by somebody else, and not for all domains"
        in step["evidence"]
    )
    again = ground.run("m365.defender.air", hosts, "--tags", "email_protection")
    assert again.names("changed") == []
