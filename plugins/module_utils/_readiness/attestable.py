# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What somebody can attest because no supported API shows it, and what is wrong with what he hands in. Pure; private to the collection."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._readiness.words import (
    CLOUD_APPS_LINK,
    COMPLIANT,
    GROUPS_LINK,
    IDENTITY_LINK,
    LEVELS,
    MAIL_LINK,
    MANUAL,
    NOT_COMPLIANT,
    ROLES_LINK,
    SITE,
    Values,
)

SWITCH = {"on": COMPLIANT, "off": NOT_COMPLIANT}
PEOPLE = {"present": COMPLIANT, "none": NOT_COMPLIANT}
# What a level is worth depends on what is wished for; the step that judges it says so.
LEVEL = {level: COMPLIANT if level == "full" else MANUAL for level in LEVELS}


@dataclass(frozen=True)
class Attestable:
    """One setting. step: where it counts. values: its words, each with its verdict. link: where one sees it. asks: what to see there."""

    setting: str
    title: str
    step: str
    values: Mapping[str, str]
    link: str
    asks: str

    def as_dict(self) -> Values:
        """For results and files."""
        names = ("setting", "title", "step", "link", "asks")
        return {**{name: getattr(self, name) for name in names}, "values": list(self.values)}


ATTESTABLE = {
    one.setting: one
    for one in (
        Attestable(
            "defender_for_identity",
            "Defender for Identity",
            "prerequisites",
            SWITCH,
            IDENTITY_LINK,
            "Whether Defender for Identity is set up: its sensors are listed and run.",
        ),
        Attestable(
            "defender_for_cloud_apps",
            "Defender for Cloud Apps",
            "prerequisites",
            SWITCH,
            CLOUD_APPS_LINK,
            "Whether Defender for Cloud Apps is set up: its settings open, and an app is connected.",
        ),
        Attestable(
            "identity_cloud_apps_integration",
            "Defender for Identity integrated with Defender for Cloud Apps",
            "prerequisites",
            SWITCH,
            CLOUD_APPS_LINK,
            "Whether the settings of Defender for Cloud Apps show the data of Defender for Identity as integrated.",
        ),
        Attestable(
            "device_action_approvers",
            "Somebody who can approve actions on devices",
            "prerequisites",
            PEOPLE,
            f"{SITE}/securitysettings/mtp_roles",
            "Whether a person has the Entra role Security Administrator, or a role of the portal with active remediation actions.",
        ),
        Attestable(
            "mail_action_approvers",
            "Somebody who can approve actions on mail",
            "prerequisites",
            PEOPLE,
            ROLES_LINK,
            "Whether a person has an Entra role that opens the Action center, and Search and Purge in a role group besides.",
        ),
        Attestable(
            "automation_levels",
            "Lowest automation level of any device group",
            "device_groups",
            LEVEL,
            GROUPS_LINK,
            "The lowest level in the list of device groups, the default group included.",
        ),
        Attestable(
            "mdo_automation_similar_files",
            "Automatic removal of mail clusters with similar files",
            "email_protection",
            SWITCH,
            MAIL_LINK,
            "Whether Similar files is ticked in the MDO automation settings.",
        ),
        Attestable(
            "mdo_automation_similar_urls",
            "Automatic removal of mail clusters with similar URLs",
            "email_protection",
            SWITCH,
            MAIL_LINK,
            "Whether Similar URLs is ticked in the MDO automation settings.",
        ),
        Attestable(
            "mdo_automation_multiple_attributes",
            "Automatic removal of mail clusters with multiple similar attributes",
            "email_protection",
            SWITCH,
            MAIL_LINK,
            "Whether Multiple similar attributes is ticked in the MDO automation settings.",
        ),
        Attestable(
            "defender_xdr",
            "Defender XDR",
            "xdr",
            SWITCH,
            f"{SITE}/incidents",
            "Whether the portal shows incidents instead of an offer to turn Defender XDR on.",
        ),
    )
}
MAIL_CLUSTERS = tuple(name for name in ATTESTABLE if name.startswith("mdo_automation_"))
KEYS = ("setting", "value", "by", "when", "expires", "reference")
TRUTH = {"true": "on", "yes": "on", "false": "off", "no": "off"}  # what YAML makes of a bare on or off


@dataclass(frozen=True)
class Attestation:
    """What somebody says of a setting. when: the day on which he saw it; expires: the last day on which it is believed. ISO dates."""

    setting: str
    value: str
    by: str
    when: str
    expires: str
    reference: str = ""

    @property
    def sentence(self) -> str:
        reference = f", {self.reference}" if self.reference else ""
        return f"{ATTESTABLE[self.setting].title}: {self.value}, attested by {self.by} on {self.when}, until {self.expires}{reference}."

    def as_dict(self) -> Values:
        """For results and files."""
        return {name: getattr(self, name) for name in KEYS}


def attestations_from(given: Sequence[Any], today: date) -> list[Attestation]:
    """What was handed in, as it is written in an inventory. Raises ValueError with every fault, each as a sentence.

    today: the day in UTC; a day later is believed too, because somewhere it has begun.
    """
    faults: list[str] = []
    found = []
    for number, one in enumerate(given):
        wrong = _faults(one, today)
        faults += [f"attestations[{number}]{fault}" for fault in wrong]
        if not wrong:
            found.append(Attestation(**{key: _text(one.get(key)) for key in KEYS if key != "value"}, value=_value(one)))
    seen: dict[tuple[str, str], Attestation] = {}
    for attestation in found:
        other = seen.setdefault((attestation.setting, attestation.when), attestation)
        if other.value != attestation.value:
            faults.append(
                f"attestations: {attestation.setting} is attested as {other.value} and as {attestation.value} on {attestation.when}; "
                "keep the one that is so"
            )
    if faults:
        raise ValueError("; ".join(dict.fromkeys(faults)))
    return found


def _faults(one: Any, today: date) -> list[str]:
    if not isinstance(one, Mapping):
        return [f" must be a dictionary with {', '.join(KEYS)}"]
    faults = [f".{key} is no option; there are {', '.join(KEYS)}" for key in one if key not in KEYS]
    faults += [f".{key} is required" for key in KEYS if key != "reference" and not _text(one.get(key))]
    setting = _text(one.get("setting"))
    if setting and setting not in ATTESTABLE:
        faults.append(f".setting: {setting} can't be attested; there are {', '.join(ATTESTABLE)}")
    elif setting and _text(one.get("value")) and _value(one) not in ATTESTABLE[setting].values:
        faults.append(f".value: {_text(one['value'])} is no value of {setting}; there are {', '.join(ATTESTABLE[setting].values)}")
    days = {key: _day(_text(one.get(key))) for key in ("when", "expires")}
    faults += [
        f".{key} must be a date such as 2027-01-31, not {_text(one[key])}" for key, day in days.items() if _text(one.get(key)) and not day
    ]
    made, end = days["when"], days["expires"]
    if made and made > today + timedelta(days=1):
        faults.append(f".when: {made} has not come yet")
    if made and end and end < made:
        faults.append(f".expires: {end} is before {made}, on which it was made")
    return faults


def _text(value: Any) -> str:
    return "" if value is None else " ".join(str(value).split())


def _value(one: Mapping[str, Any]) -> str:
    word = _text(one.get("value"))
    return TRUTH.get(word.casefold(), word)


def _day(text: str) -> date | None:
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
