# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How far a tenant is from automated investigation and response: the words in which that is said. Pure; private to the collection.

Nothing is claimed that was not proved: what could not be read is unknown, what only a person can see is manual, each with the reason.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._clouds import NOT_IN_CLOUD

Values = dict[str, Any]
Facts = Mapping[str, Any]  # results of a step's tasks as registered, by a short name; `stopped` is the result that ended the step

COMPLIANT, NOT_COMPLIANT, NOT_APPLICABLE, UNKNOWN, MANUAL = "compliant", "not_compliant", "not_applicable", "unknown", "manual"
# Which of several findings decides: what is proved to be wrong first, then what is not known, then what a person has to look at.
WEIGHT = (NOT_COMPLIANT, UNKNOWN, MANUAL, COMPLIANT, NOT_APPLICABLE)
PORTAL, PUBLIC_API, PERSON, ATTESTATION = "portal", "public_api", "person", "attestation"

STEPS = {
    "prerequisites": "Prerequisites",
    "device_groups": "Device groups",
    "email_protection": "Office 365 protection",
    "xdr": "Defender XDR",
    "action_center": "Action center",
}
SITE = "https://security.microsoft.com"  # links besides those of device groups, MDO automation and the Action center: [recall]
INTEGRATION_LINK = f"{SITE}/securitysettings/endpoints/integration"  # the advanced features
ONBOARDING_LINK = f"{SITE}/securitysettings/endpoints/onboarding"
GROUPS_LINK = f"{SITE}/securitysettings/endpoints/machine_groups"
IDENTITY_LINK = f"{SITE}/settings/identities"
CLOUD_APPS_LINK = f"{SITE}/cloudapps/settings"
ALERTS_LINK = f"{SITE}/alertpoliciesv2"
MAIL_LINK = f"{SITE}/securitysettings/mdoAutomationSettings"
PRESETS_LINK = f"{SITE}/presetSecurityPolicies"
ROLES_LINK = f"{SITE}/emailandcollabpermissions"
# From least to most that is done without asking. [doc] the levels; the place of semi_core_folders follows from its name.
LEVELS = ("no_automated_response", "semi_all_folders", "semi_non_temp_folders", "semi_core_folders", "full")

# What Ansible itself puts into a result.
OF_ANSIBLE = frozenset(
    {"ansible_facts", "changed", "deprecations", "exception", "failed", "failed_when_result", "invocation", "msg", "warnings"}
)

AGAIN = "Run the step with all of its tasks."  # what to do about something that no task has read


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    driver: what showed it (public_api, portal, attestation) or who has to look (person). fact: the result it follows from.
    setting: what somebody can attest of it. read: what was read of it, in the words of that setting; before: the same before this run
    changed it. verdicts: what each word is worth here, where that is not what the setting's own table says.
    when: the time of the evidence, empty for that of the report. attestation: who said so.
    """

    part: str
    verdict: str
    evidence: str
    remedy: str = ""
    driver: str = PUBLIC_API
    fact: str = ""
    setting: str = ""
    read: str = ""
    before: str = ""
    verdicts: Mapping[str, str] = field(default_factory=dict, hash=False)
    when: str = ""
    attestation: Values = field(default_factory=dict, hash=False)

    def as_dict(self) -> Values:
        """For results and files; what is only for judging is left out."""
        names = ("part", "verdict", "evidence", "remedy", "driver", "fact", "setting", "when")
        return {**{name: getattr(self, name) for name in names}, "attestation": dict(self.attestation)}


@dataclass(frozen=True)
class Verdict:
    """What is said of a step.

    error: the `failure` block (or the message) of what stopped it. notes: what one should know besides. settled: by setting, what became of
    what was attested of it, see attesting.
    """

    step: str
    verdict: str
    evidence: str
    remedy: str
    driver: str
    findings: tuple[Finding, ...] = ()
    operations: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    error: Values = field(default_factory=dict)
    settled: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    def as_dict(self) -> Values:
        """For results and files: lists and dictionaries only."""
        return {
            "step": self.step,
            "title": STEPS[self.step],
            "verdict": self.verdict,
            "evidence": self.evidence,
            "remedy": self.remedy,
            "driver": self.driver,
            "findings": [one.as_dict() for one in self.findings],
            "operations": list(self.operations),
            "notes": list(self.notes),
            "error": dict(self.error),
        }


Judged = tuple[list[Finding], list[str]]


def told(value: Any) -> bool:
    """Whether a fact says something: a task that was passed over does not."""
    return bool(value) and not (isinstance(value, Mapping) and value.get("skipped"))


def came(result: Any) -> bool:
    """Whether a task was run and returned what it is for."""
    return isinstance(result, Mapping) and told(result) and not (result.get("failed") or result.get("failure") or _only_said(result))


def _only_said(result: Mapping[str, Any]) -> bool:
    """Whether a result is a message and nothing else: Ansible's refusal of a module's options, which somebody told not to be a failure."""
    return "msg" in result and result.keys() <= OF_ANSIBLE


def not_in_cloud(result: Any) -> str:
    """What the tenant's cloud does not have, as the task that needs it says; empty when that is not why it returned nothing."""
    failure = (result.get("failure") if isinstance(result, Mapping) else None) or {}
    text = str(failure.get("text") or "The tenant's cloud does not have this")
    return f"{text[:1].upper()}{text[1:]}." if failure.get("code") == NOT_IN_CLOUD else ""


def products_of(facts: Facts) -> Values | None:
    result = facts.get("licenses")
    return result["licenses"]["products"] if isinstance(result, Mapping) and came(result) else None


def names_of(names: Sequence[str], most: int = 3) -> str:
    """The first few names, and how many more there are."""
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")
