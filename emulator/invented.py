# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Behaviour that no public source shows, in one place, so that a capture can replace it. Every line here is a guess unless it says more."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from typing import Any

from .errors import BINDING, DIRECTORY, ODATA, CmdletError, invalid

# ---------------------------------------------------------------- device groups, portal, Defender for Endpoint, Defender XDR

LEVELS = (0, 1, 2, 3, 4)
"""`AutoRemediationLevel`. 0 to 3 are [code]; 4 for "core folders" is a guess: the fifth documented level has no published number."""

GROUP_WITHOUT_RULES_TAKES_DEVICES = False
"""A group whose rules are all empty. The portal does not let one be made; guessed that it takes nobody."""

XSRF_REQUESTS = 6
"""Requests after which the portal hands out a new XSRF-TOKEN. Really it is every four or five minutes [code]; counted here, not timed."""

XSRF_GRACE = 6
"""Requests for which the former XSRF-TOKEN is still taken."""


def group_of_an_ungrouped_device(default: dict[str, Any] | None, others_exist: bool) -> tuple[int, str | None]:
    """`rbacGroupId` and `rbacGroupName` of a device in no group.

    0 and null in a tenant without groups is [code] (published answers); UnassignedGroup with the number of the default group is shown by
    Microsoft's samples of other lists [doc], and guessed for machines.
    """
    if not others_exist or default is None:
        return 0, None
    return int(default["MachineGroupId"]), "UnassignedGroup"


def portal_refusal(status: int, text: str) -> dict[str, Any]:
    """Body of a portal answer 400, 401, 403, 404 or 440: none was ever published; the names follow the captured body of a 500."""
    return {"Message": text, "DiagnosticContext": "{Environment:Emulated}", "ExceptionMessage": text, "StatusCode": status}


_GROUP_MEMBERS = {
    "MachineGroupId": int,
    "Name": str,
    "AutoRemediationLevel": int,
    "Priority": int,
    "IsUnassignedMachineGroup": bool,
}
_GROUP_MEMBERS_TOO = {
    "Description", "LastUpdated", "MachineCount", "GroupRules", "MachineGroupAssignments", "OldMachineGroupId",
}  # fmt: skip
_RULE_MEMBERS = {"Property": int, "OperatorType": int, "PropertyValue": str}


def _is(value: Any, kind: type) -> bool:
    return isinstance(value, kind) and not (kind is int and isinstance(value, bool))


def _group_fault(group: Any, entra_groups: set[str]) -> str:
    """What is wrong with one group of a PUT, or nothing. That the service checks types and members so strictly is a guess."""
    if not isinstance(group, dict):
        return "A machine group must be an object."
    for name, kind in _GROUP_MEMBERS.items():
        if not _is(group.get(name), kind):
            return f"Machine group: '{name}' is missing or is no {kind.__name__}."
    unknown = set(group) - set(_GROUP_MEMBERS) - _GROUP_MEMBERS_TOO
    if unknown:
        return f"Machine group '{group['Name']}': unknown member '{min(unknown)}'."
    if group["AutoRemediationLevel"] not in LEVELS:
        return f"Machine group '{group['Name']}': AutoRemediationLevel {group['AutoRemediationLevel']} is not valid."
    counts: dict[int, int] = {}
    for rule in group.get("GroupRules") or []:
        if not isinstance(rule, dict) or set(rule) != set(_RULE_MEMBERS) or not all(_is(rule[k], v) for k, v in _RULE_MEMBERS.items()):
            return f"Machine group '{group['Name']}': a rule has Property, OperatorType and PropertyValue, no more and no less."
        if rule["Property"] not in range(5) or rule["OperatorType"] not in range(5):
            return f"Machine group '{group['Name']}': a rule has an unknown Property or OperatorType."
        if rule["OperatorType"] == 4 and not _list_in_text(rule["PropertyValue"]):
            return f"Machine group '{group['Name']}': the value of an 'in' rule must be a list of names in JSON."
        counts[rule["Property"]] = counts.get(rule["Property"], 0) + bool(rule["PropertyValue"])
    if max(counts.values(), default=0) > 10:
        return f"Machine group '{group['Name']}': more than 10 values for one property."
    for entry in group.get("MachineGroupAssignments") or []:
        number = entry.get("WcdAadGroup", {}).get("ObjectId") if isinstance(entry, dict) else None
        if not isinstance(number, str) or number.lower() not in entra_groups:
            return f"Machine group '{group['Name']}': only Entra groups that hold a role can be assigned."
    return ""


def _list_in_text(text: str) -> bool:
    if text == "":
        return True
    try:
        value = json.loads(text)
    except ValueError:
        return False
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def device_groups_fault(saved: list[dict[str, Any]], sent: Any, entra_groups: set[str]) -> str:
    """Why a PUT of device groups is refused, or nothing.

    That the default group must be in the list and that only one group can be new is [code]; ten values to a property and groups with
    roles only are [doc]; every text, and every other rule (names, ranks, numbers), is a guess.
    """
    if not isinstance(sent, list):
        return "The body must be a list of all machine groups."
    for group in sent:
        fault = _group_fault(group, entra_groups)
        if fault:
            return fault
    defaults = [group for group in sent if group["IsUnassignedMachineGroup"]]
    own = [group for group in sent if not group["IsUnassignedMachineGroup"]]
    known = {group["MachineGroupId"]: group["IsUnassignedMachineGroup"] for group in saved}
    if len(defaults) != 1 or known.get(defaults[0]["MachineGroupId"]) is not True:
        return "The list must hold the unassigned machine group exactly once."
    if defaults[0]["Name"] or defaults[0]["Priority"] != 2147483647 or defaults[0].get("GroupRules"):
        return "Name, rank and rules of the unassigned machine group cannot be changed."
    if sum(group["MachineGroupId"] == -1 for group in own) > 1:
        return "Only one machine group can be created at a time."
    numbers = [group["MachineGroupId"] for group in own if group["MachineGroupId"] != -1]
    if len(set(numbers)) != len(numbers) or any(known.get(number) is not False for number in numbers):
        return "A MachineGroupId is unknown or is there twice."
    names = [group["Name"].strip().lower() for group in own]
    if "" in names:
        return "A machine group must have a name."
    if len(set(names)) != len(names):
        return "The name of a machine group is already in use."
    ranks = [group["Priority"] for group in own]
    if len(set(ranks)) != len(ranks) or any(not 0 <= rank < 2147483647 for rank in ranks):
        return "Every machine group must have a rank of its own."
    return ""


def device_groups_after(saved: list[dict[str, Any]], sent: list[dict[str, Any]], now: str) -> list[dict[str, Any]]:
    """The groups after a PUT that was taken: it replaces the list, so that a group left out is deleted (a guess: no other way is known).

    Guessed as well: a new group takes the next number, missing rules are filled to one per property, and LastUpdated moves
    only where something changed.
    """
    before = {group["MachineGroupId"]: group for group in saved}
    number = max(before, default=0)
    after = []
    for group in sent:
        row = {name: value for name, value in group.items() if name not in ("OldMachineGroupId", "MachineCount", "LastUpdated")}
        row.setdefault("Description", "")
        if row["MachineGroupId"] == -1:
            number += 1
            row["MachineGroupId"] = number
        if row["IsUnassignedMachineGroup"]:
            row.pop("GroupRules", None)
        else:
            rules = list(row.get("GroupRules") or [])
            missing = set(range(5)) - {rule["Property"] for rule in rules}
            rules += [{"OperatorType": 0, "Property": prop, "PropertyValue": ""} for prop in missing]
            row["GroupRules"] = sorted(rules, key=lambda rule: rule["Property"])
        assignments = [
            {"WcdAadGroup": {"ObjectId": entry["WcdAadGroup"]["ObjectId"]}} for entry in row.pop("MachineGroupAssignments", None) or []
        ]
        if assignments:
            row["MachineGroupAssignments"] = assignments
        former = before.get(row["MachineGroupId"])
        kept = {name: value for name, value in (former or {}).items() if name not in ("MachineCount", "LastUpdated")}
        row["LastUpdated"] = former["LastUpdated"] if former and kept == row else now
        row["MachineCount"] = 0
        after.append(row)
    return after


def groups_of_a_scoped_user(groups: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What a user who is not exposed to all groups reads: guessed to be the first group by rank and the default group.

    The point of it: a PUT of such a list deletes the groups he does not see.
    """
    own = [group for group in groups if not group["IsUnassignedMachineGroup"]]
    return own[:1] + [group for group in groups if group["IsUnassignedMachineGroup"]]


def device_groups_not_offered(plans: Collection[str]) -> str:
    """Defender for Business has no device groups of its own [doc]; how its portal refuses them is a guess."""
    if "MDE_SMB" in plans and not {"WINDEFATP", "MDE_LITE"} & set(plans):
        return "Machine groups are not available in Microsoft Defender for Business."
    return ""


READ_ONLY_FEATURES = frozenset({"LicenseEnabled", "AatpWorkspaceExists"})
"""Members of the advanced features that say how things are [code]; that a change of them is passed over in silence is a guess."""


def no_advanced_features(plans: Collection[str]) -> str:
    """That a tenant without Defender for Endpoint has no such settings is plain; that the answer is a 404 [code], its words a guess."""
    return "" if {"WINDEFATP", "MDE_LITE", "MDE_SMB"} & set(plans) else "Unknown api endpoint"


def advanced_features_after(saved: dict[str, Any], sent: dict[str, Any]) -> dict[str, Any]:
    """The advanced features after a save of the whole object [code]: that a switch that is left out is off then is a guess."""
    after = {}
    for name, value in saved.items():
        off = False if isinstance(value, bool) else None
        after[name] = value if name in READ_ONLY_FEATURES else sent.get(name, off)
    return after


XDR_PLANS = {"MTP", "WINDEFATP", "MDE_LITE", "MDE_SMB", "THREAT_INTELLIGENCE", "THREAT_INTELLIGENCE_GOV", "ATA", "ADALLOM_S_STANDALONE"}
"""Service plans that open Defender XDR. The list of products is [doc], which plans stand for them is read from the products."""


def security_without_defender(plans: Collection[str]) -> str:
    """What Graph's security calls say in a tenant without any Defender product: undocumented, guessed to be a 403 with this text."""
    return "" if XDR_PLANS & set(plans) else "The tenant is not provisioned for Microsoft Defender XDR."


def identity_without_defender(plans: Collection[str]) -> str:
    """What the Defender for Identity calls of Graph say without the product: undocumented, guessed to be a 403 with this text."""
    return "" if "ATA" in plans else "The tenant is not provisioned for Microsoft Defender for Identity."


def endpoint_without_defender(plans: Collection[str]) -> str:
    """What the Defender for Endpoint API says without the product. The code DisabledFeature is [doc], that it comes here a guess."""
    return "" if {"WINDEFATP", "MDE_LITE", "MDE_SMB"} & set(plans) else "Tenant feature isn't enabled."


NO_ELIGIBLE_ROLES = ("AadPremiumLicenseRequired", "The tenant needs a Microsoft Entra ID P2 or Microsoft Entra ID Governance license.")
"""Code and text with which eligible roles are refused without the licence: the code is [recall], the text a guess."""

HUNTING_TABLES = {
    "DeviceInfo": {"WINDEFATP", "MDE_LITE", "MDE_SMB"},
    "AlertInfo": XDR_PLANS,
    "AlertEvidence": XDR_PLANS,
    "EmailEvents": {"THREAT_INTELLIGENCE", "THREAT_INTELLIGENCE_GOV"},
    "IdentityInfo": {"ATA", "ADALLOM_S_STANDALONE"},
    "CloudAppEvents": {"ADALLOM_S_STANDALONE"},
}
"""Which plan brings which table of advanced hunting: that tables come with their workloads is [recall], each line a guess."""


HUNTING_QUOTAS = {
    "calls": "You have exceeded the number of calls allowed per minute. Try again later.",
    "cpu": "You have exceeded the CPU resources allocated to the tenant. Try again after the next cycle.",
}
"""What a 429 of advanced hunting says. That its body tells which quota was reached is [doc]; the words are made up."""

AUDIT_LOOKS = 2
"""How often an audit search is looked at before it has succeeded; really it takes minutes."""

AUDIT_PAGE = 150
"""How many audit records come in a page."""

AUDIT_TIMES = "The start of the search must lie before its end."
"""What an audit search with times the wrong way round gets: the words are made up."""

AUDIT_RECORD_TYPES = (
    *("ExchangeAdmin", "SecurityComplianceCenterEOPCmdlet", "ThreatIntelligence", "ThreatFinder", "ThreatIntelligenceUrl"),
    *("ThreatIntelligenceAtpContent", "HygieneEvent", "AirInvestigation", "Quarantine", "WDATPAlerts", "MDATPAudit"),
    *("AirManualInvestigation", "AirAdminActionInvestigation", "MSDEResponseActions", "MSDEGeneralSettings", "MSDEIndicatorsSettings"),
    *("MS365DCustomDetection", "MSDERolesSettings", "MAPGAlerts", "MAPGPolicy", "MAPGRemediation", "QuarantineMetadata"),
    *("MS365DSuppressionRule", "MS365DIncident", "MicrosoftDefenderForIdentityAudit", "MAPGOnboard"),
)
"""The record types of the audit log that concern Defender, as the metadata spells them [doc]. That their case does not matter is a guess:
Microsoft's pages write them with a small first letter."""


def remediation_without_plan_two(plans: Collection[str]) -> str:
    """What Graph says to a remediation of mail without Defender for Office 365 plan 2: undocumented, guessed to be a 403 with this text."""
    if {"THREAT_INTELLIGENCE", "THREAT_INTELLIGENCE_GOV"} & set(plans):
        return ""
    return "The tenant is not provisioned for Microsoft Defender for Office 365 Plan 2."


SCAN_IN_PROGRESS = "Action is already in progress"
"""What a second antivirus scan of one machine gets. [doc] the text and the 400; that an equal one gets it too is assumed."""


def investigation_retired() -> str:
    """Starting an investigation on a device: retired with separate endpoint investigations; DisabledFeature is a guess."""
    return "Tenant feature isn't enabled."


def cancel_fault(action: dict[str, Any]) -> str:
    """Cancelling a machine action that is over: the refusal is a guess."""
    return "" if action["status"] in ("Pending", "InProgress") else f"Machine action {action['id']} is not pending and cannot be cancelled."


ACTIVE_MTP_WORKLOADS = [1, 4, 5, 9, 10, 13]
"""`ActiveMtpWorkloads` of TenantContext where Defender XDR is on: the captured list as it stands, since its numbers are unpublished."""

ALERTS_IN_A_PAGE = 100
"""How many alerts Graph gives when no $top asks for another number."""

READER_OF_THE_PORTAL = {"Roles": [], "AllowedActions": 0}
"""What TenantContext says of a user who may only read; the captured user was an administrator (`["administrator"]`, -1)."""


def workloads(plans: Collection[str]) -> dict[str, Any]:
    """Members of TenantContext that follow the licences. The members are [live]; which plan switches which is told from their names."""
    has = set(plans).__contains__
    eligible = bool(XDR_PLANS & set(plans))
    return {
        "IsMtpEligible": eligible,
        "MtpConsent": eligible,
        "IsOnboardingComplete": eligible,
        "IsPermittedOnboarding": eligible,
        "ActiveMtpWorkloads": list(ACTIVE_MTP_WORKLOADS) if eligible else [],
        "IsMdatpActive": has("WINDEFATP") or has("MDE_LITE") or has("MDE_SMB"),
        "IsOatpActive": bool({"ATP_ENTERPRISE", "ATP_ENTERPRISE_GOV", "THREAT_INTELLIGENCE", "THREAT_INTELLIGENCE_GOV"} & set(plans)),
        "IsMdiActive": has("ATA"),
        "AatpWorkspaceExists": has("ATA"),
        "AatpIntegrationEnabled": has("ATA"),
        "IsMapgActive": has("ADALLOM_S_STANDALONE"),
        "IsAadIpActive": has("AAD_PREMIUM_P2"),
        "IsSentinelActive": False,
        "IsAutomatedIrEnabled": has("WINDEFATP") or has("MDE_SMB"),
        "AutomatedIrLiveResponse": has("WINDEFATP"),
        "MdeFlavor": "P2" if has("WINDEFATP") else "Smb" if has("MDE_SMB") else "P1" if has("MDE_LITE") else None,
    }


def exposed_group(group: dict[str, Any]) -> dict[str, Any]:
    """An entry of UserExposedRbacGroups: only that the answer is an array is [code]."""
    return {"MachineGroupId": group["MachineGroupId"], "Name": group["Name"]}


def foreign_tenant(header: str) -> str:
    """What a session gets whose x-tid or tenant-id names another tenant: guessed to be a 403 with this text."""
    return f"The session does not belong to the tenant of '{header}'."


# How the Action center is decided in: no capture, client or specification shows the portal's own request. Everything below is made up.

ACTIONS_IN_A_PAGE = 1000
"""The largest page of the Action center's lists; clients ask for 100 [code]."""

DECISIONS = "actionCenter/invented/decisions"
"""Where the emulated portal takes an approval or a rejection: POST {"Decision", "ActionId", "InvestigationId", "Comment"}."""

UNDO = "actionCenter/invented/undo/"
"""Where it takes back an action: POST {"Comment"} to this path with the action's id behind it."""

_UNDOABLE = ("Quarantine", "Isolate", "Contain", "Restrict", "Registry", "Service", "Driver", "ScheduledTask")
"""Parts of the type of an action that can be undone: the kinds are [doc], their names on the wire a guess."""


def decision_asked(body: Any, undo_of: str) -> tuple[dict[str, Any], str]:
    """What a request wants (decision, action, investigation, comment), and what is wrong with it, or nothing."""
    members = {"Comment"} if undo_of else {"Decision", "ActionId", "InvestigationId", "Comment"}
    if not isinstance(body, dict) or set(body) != members:
        return {}, f"The body must have exactly these members: {', '.join(sorted(members))}."
    if not isinstance(body["Comment"], str) or len(body["Comment"]) > 1024:
        return {}, "The comment must be a text of at most 1024 characters."
    if undo_of:
        return {"decision": "Undo", "action": undo_of, "investigation": None, "comment": body["Comment"]}, ""
    if body["Decision"] not in ("Approve", "Reject"):
        return {}, f"The decision '{body['Decision']}' is not valid."
    return {
        "decision": body["Decision"],
        "action": body["ActionId"],
        "investigation": body["InvestigationId"],
        "comment": body["Comment"],
    }, ""


def decided_action(row: dict[str, Any], decision: str, comment: str, user: str, now: str) -> dict[str, Any]:
    """A pending action as the history shows it after a decision."""
    words = {"Approve": ("Approved", "Completed"), "Reject": ("Declined", "Declined")}[decision]
    changed = {"ActionDecision": words[0], "ActionStatus": words[1], "DecidedBy": user, "Comment": comment}
    return {**row, **changed, "EndTime": now, "EventTime": now}


def lapsed_action(row: dict[str, Any], when: str) -> dict[str, Any]:
    """A pending action that nobody decided in time: that it counts as rejected is [doc], its words are not."""
    return {**row, "ActionDecision": "Declined", "ActionStatus": "TimedOut", "DecidedBy": "", "EndTime": when, "EventTime": when}


def undo_fault(row: dict[str, Any]) -> str:
    """Why an action can't be undone, or nothing."""
    if row["ActionStatus"] == "Undone":
        return "The action was undone already."
    if row["ActionStatus"] != "Completed" or not any(part in row["ActionType"] for part in _UNDOABLE):
        return "The action cannot be undone."
    return ""


def undone_action(row: dict[str, Any], comment: str, user: str, now: str) -> dict[str, Any]:
    """An action after it was undone."""
    return {**row, "ActionStatus": "Undone", "DecidedBy": user, "Comment": comment, "EventTime": now}


def alert_after(alert: dict[str, Any], decision: str) -> dict[str, Any]:
    """An alert whose last waiting action was decided. The words are Graph's [doc], which follows which decision is not."""
    remediation, state = {"Approve": ("remediated", "successfullyRemediated"), "Reject": ("declined", "partiallyRemediated")}[decision]
    evidence = [
        {**item, "remediationStatus": remediation} if item.get("remediationStatus") == "pendingApproval" else item
        for item in alert["evidence"]
    ]
    return {**alert, "investigationState": state, "evidence": evidence}


STALE_XSRF = "The anti-forgery token is no longer valid."
"""What a former XSRF token gets: a 500 like a missing one. That the portal still takes the former one for a while is a guess."""


def first_device_group(created: str) -> dict[str, Any]:
    """The default group of a tenant in which nobody made groups. Its level full is [doc]; its number is made up."""
    return {
        "MachineGroupId": 1,
        "Name": "",
        "Description": "",
        "AutoRemediationLevel": 3,
        "Priority": 2147483647,
        "LastUpdated": created,
        "IsUnassignedMachineGroup": True,
        "MachineCount": 0,
    }


# ---------------------------------------------------------------- Exchange and compliance cmdlets
# Where two behaviours are possible the stricter one is chosen: a client that satisfies it satisfies both.


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


SHAREPOINT_DENIED = (
    "System.UnauthorizedAccessException",
    "Access denied. You do not have permission to perform this action or access this resource.",
    -2147024891,
)
"""What an app without the permission reads from SharePoint's admin site: type and code [recall]; that the status is 200, a guess."""


SHAREPOINT_PRODUCTS = ("SPE_", "SPB", "O365_", "M365", "Microsoft_365", "MICROSOFT_365", "ENTERPRISE", "STANDARDPACK", "SHAREPOINT")


def has_sharepoint(licences: list[str]) -> bool:
    """Whether any product brings SharePoint: by the beginnings of product names [recall], because the licence table has not its plans."""
    return any(name.startswith(SHAREPOINT_PRODUCTS) for name in licences)


def sharepoint_refusal(code: str) -> dict[str, str]:
    """Body of a 401 of SharePoint's admin site for a token that is missing, expired or for somebody else."""
    return {"error": "invalid_token", "error_description": f"The token is not accepted ({code})."}


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


# ---------------------------------------------------------------- applications, partners and their customers

KEY_REFUSED = ("KeyCredentialsInvalidValue", "Key credential is invalid: a public certificate for verifying is wanted.")
"""Code and text for a certificate that is none, or whose public part is not sent. That one must be sent again whole is [doc]."""

FEDERATED_TWICE = "FederatedIdentityCredential with name {name}, or with its issuer and subject, already exists."
"""Text for a second federated credential; that name, and issuer with subject, are unique within an application is [doc]."""

FEDERATED_MOST = 20
"""Federated credentials of an application [recall]."""

ROLE_UNKNOWN = "The role definition is not found in the directory."
"""Text for a role that is not there, and that its status is 400."""

RELATIONSHIPS_IN_A_PAGE = 100
"""Relationships in a page when nobody asks for a number; that 300 may be asked for is [doc]."""

CONSENT_TWICE = (409, 2001, "Permission entry already exists.")
"""Status and number for consent given before; the text is [code]."""

CONSENT_REFUSED = {
    "app_only": (403, 2002, "Access is denied: this resource takes a user's token only."),
    "no_customer": (404, 2003, "The customer was not found among the partner's customers."),
    "no_application": (400, 2004, "The application is not registered in the partner's tenant for several tenants."),
    "bad_body": (400, 2005, "One or more members of the request body are missing or wrong."),
    "no_consent": (404, 2006, "The application has no consent in the customer's tenant."),
}
"""Statuses, numbers and texts of Partner Center's refusals of a consent: the form of an error is [doc], that such are refused, assumed."""
