# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings of the organization, and what is only read: audit log, DKIM, ARC, role groups, recommendations, reports."""

from __future__ import annotations

import ipaddress
import re
from typing import Any

from .binding import Change
from .cmdlets import Run, applied, serves
from .errors import CmdletError, already_exists, dehydrated, not_found
from .invented import exchange as invented
from .objects import described, find, made, server, touched
from .tenant import Row

# [doc] The policy groups of the configuration analyzer.
ANALYZED = {
    "HostedContentFilterPolicy": "Anti-Spam",
    "AntiPhishPolicy": "Anti-Phishing",
    "MalwareFilterPolicy": "Anti-Malware",
    "SafeLinksPolicy": "ATP Safe Links",
    "SafeAttachmentPolicy": "ATP Safe Attachments",
}
_NOT_COMPARED = frozenset({"IsDefault", "AdminDisplayName", "PolicyTag", "RecommendedPolicyType", "IsBuiltInProtection", "Enabled"})
_SINGLE = ("OrganizationConfig", "AtpPolicyForO365", "EmailTenantSettings")


@serves("Get-AdminAuditLogConfig")
def _audit(run: Run) -> list[Row]:
    """The compliance copy always shows UnifiedAuditLogIngestionEnabled False. [doc]"""
    rows = run.tenant.read(run.noun)
    return [{**row, "UnifiedAuditLogIngestionEnabled": False} for row in rows] if run.service == "compliance" else rows


@serves("Set-AdminAuditLogConfig")
def _set_audit(run: Run) -> list[Row]:
    """Refused before the organization is customized. [doc]"""
    if run.rows("OrganizationConfig")[0].get("IsDehydrated"):
        raise dehydrated()
    row = run.rows()[0]
    run.replace(row, touched(run.tenant, applied(run, row)))
    return []


@serves(*(f"Set-{noun}" for noun in _SINGLE))
def _set_single(run: Run) -> list[Row]:
    """There is one object; Identity may be left out. [doc]"""
    row = run.rows()[0]
    identity = run.given.get("Identity")
    if identity and find([row], identity) is None and identity.lower() != "default":
        raise not_found(identity, server(run.tenant))
    run.replace(row, touched(run.tenant, applied(run, row)))
    return []


_FORMS = {"single addresses": r"[\d.]+", "ranges": r"[\d.]+-[\d.]+", "networks": r"[\d.]+/(?:2[4-9]|3[0-2])"}


def _form(parameter: str, value: str) -> str:
    """What an entry of the connection filter is. [doc] IPv4 only, networks from /24 to /32, ranges of at most 256 addresses"""
    form = next((name for name, pattern in _FORMS.items() if re.fullmatch(pattern, value)), "")
    first, _dash, last = value.partition("/")[0].partition("-")
    try:
        size = int(ipaddress.IPv4Address(last or first)) - int(ipaddress.IPv4Address(first)) + 1
    except ValueError:
        form = ""
    else:
        form = form if 1 <= size <= 256 else ""
    if not form:
        raise invented.bad_word(parameter, value, _FORMS)
    return form


@serves("Set-HostedConnectionFilterPolicy")
def _set_connection_filter(run: Run) -> list[Row]:
    """A list that is given whole has entries of one form; those of several forms are added to it. [doc]"""
    for name in ("IPAllowList", "IPBlockList"):
        given = run.given.get(name)
        values = given.get("add", ()) if isinstance(given, Change) else given or ()
        forms = {_form(name, value) for value in values}
        if len(forms) > 1 and not isinstance(given, Change):
            raise invented.mixed_addresses(name)
    row = run.found()
    run.replace(row, touched(run.tenant, applied(run, row)))
    return []


@serves("Enable-OrganizationCustomization")
def _customize(run: Run) -> list[Row]:
    """[doc] What a second run says; the switch takes effect at once here, minutes to hours in the service."""
    row = run.rows("OrganizationConfig")[0]
    if not row.get("IsDehydrated"):
        text = "This operation is not required. Organization is already enabled for customization."
        raise CmdletError("Microsoft.Exchange.Management.Tasks.InvalidOperationException", text)
    run.write([{**row, "IsDehydrated": False}], "OrganizationConfig")
    return []


@serves("Get-ArcConfig")
def _arc(run: Run) -> list[Row]:
    """One joined string. [code] Identity is not returned."""
    identity = run.given.get("Identity")
    if identity and identity.lower() != "default":
        raise not_found(identity, server(run.tenant))
    return run.tenant.read(run.noun)


@serves("Set-ArcConfig")
def _set_arc(run: Run) -> list[Row]:
    """An array, or one string with commas. [code] CIPP sends the joined form."""
    if run.given["Identity"].lower() != "default":
        raise not_found(run.given["Identity"], server(run.tenant))
    value: Any = run.given["ArcTrustedSealers"]
    row = run.rows()[0]
    run.replace(row, {**row, "ArcTrustedSealers": ",".join(value) if isinstance(value, list) else value or ""})
    return []


@serves("New-DkimSigningConfig")
def _new_dkim(run: Run) -> list[Row]:
    """For an accepted domain without one. It can't be switched on before its CNAMEs are there. [doc]"""
    domain = run.given["DomainName"]
    if find(run.rows("AcceptedDomain"), domain) is None:
        raise invented.unknown_domain(domain)
    if find(run.rows(), domain):
        raise already_exists(f"CN={domain}", server(run.tenant))
    if run.given["Enabled"]:
        raise invented.cname_missing(domain)
    size = run.given.get("KeySize") or 2048
    names = {f"Selector{number}CNAME": invented.dkim_cname(number, domain, run.tenant.name) for number in (1, 2)}
    row = made(run.tenant, run.noun, domain, Domain=domain, Enabled=False, IsDefault=False, Status="CnameMissing", **names)
    row.update(Selector1KeySize=size, Selector2KeySize=size)
    row = applied(run, row, skip=frozenset({"DomainName", "KeySize", "Enabled"}))
    run.write([*run.rows(), row])
    return [row]


@serves("Set-DkimSigningConfig")
def _set_dkim(run: Run) -> list[Row]:
    """Switching on fails until both CNAMEs resolve (here: until the row's Status is Valid). [doc]"""
    row = run.found()
    if run.given.get("Enabled") and row.get("Status") != "Valid":
        raise invented.cname_missing(row["Domain"])
    run.replace(row, touched(run.tenant, applied(run, row)))
    return []


@serves("Get-ConfigAnalyzerPolicyRecommendation")
def _recommendations(run: Run) -> list[Row]:
    """Where a policy differs from the preset's published values. [doc] the properties and groups, [guess] the texts"""
    preset = run.given["RecommendedPolicyType"]
    found = []
    for noun, group in ANALYZED.items():
        wanted = described(noun)["presets"][preset]
        for row in run.tenant.read(noun):
            if row.get("RecommendedPolicyType", "Custom") != "Custom" or row.get("IsBuiltInProtection"):
                continue
            for name, value in wanted.items():
                if name in row and name not in _NOT_COMPARED and not isinstance(value, list) and row[name] != value:
                    found.append(
                        {
                            "PolicyGroup": group,
                            "SettingName": name,
                            "SettingNameDescription": name,
                            "Policy": row["Name"],
                            "AppliedTo": "All" if row.get("IsDefault") else "",
                            "CurrentConfiguration": str(row[name]),
                            "LastModified": str(row.get("WhenChangedUTC") or ""),
                            "Recommendation": str(value),
                            "SettingType": type(value).__name__,
                        }
                    )
    return found


@serves("Get-ATPTotalTrafficReport")
def _traffic(run: Run) -> list[Row]:
    """Paged by Page and PageSize, with no total; a page of none is an empty 200. [code]"""
    size = run.given.get("PageSize", 1000)
    page = run.given.get("Page", 1)
    rows = run.tenant.read(run.noun)
    return rows[(page - 1) * size : page * size] if size else []
