# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What of one tenant's configuration another tenant can have at all, by its licences and its presets. Pure; private to the collection.

A licence is what decides, never a reading that failed: a role that is missing must not make a copy look complete.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._description import Values
from ansible_collections.m365.defender.plugins.module_utils._effective.recommended import ADVICE
from ansible_collections.m365.defender.plugins.module_utils._registry import RESOURCES
from ansible_collections.m365.defender.plugins.module_utils._resource import snake
from ansible_collections.m365.defender.plugins.module_utils.readers._cmdlets import OFFICE
from ansible_collections.m365.defender.plugins.module_utils.resources._impersonation import LISTS
from ansible_collections.m365.defender.plugins.plugin_utils._marks import by_name

PRESETS, ANTI_PHISH, GROUPS, SHAREPOINT = "preset_security_policy", "anti_phish_policy", "device_group", "sharepoint_tenant"
IMPERSONATION = frozenset(
    {snake(one.setting) for one in ADVICE if one.noun == "AntiPhishPolicy" and one.plan != "none"} | {snake(one.wire) for one in LISTS}
)
MAILBOX = "no licence brings a mailbox"
OFFICE_PLAN = "Defender for Office 365 Plan 1 or 2 is missing"
DEVICE_GROUPS = "Defender for Endpoint Plan 1 or 2 is missing; Defender for Business has no device groups of its own"
FEATURES = "endpoint_features"
ENDPOINT_PLAN = "no licence brings Defender for Endpoint"
NOT_SHOWN = "the portal does not show these settings in the other tenant"
NO_SHAREPOINT = "no licence brings SharePoint"
NEVER_ON = "somebody has to switch the preset on in the Defender portal at first, at /presetSecurityPolicies"


def fitting(config: Mapping[str, Any], products: Mapping[str, Any], there: Mapping[str, Any], unknown: Mapping[str, str]) -> Values:
    """What can be applied, and what is left out.

    config: as the module configuration takes it. products: as license_info gives them. there, unknown: what the other tenant has, and what
    of it could not be read and why, as configuration_info gives both.
    Returns config and left_out, with kind, what (names of objects or options; none for the whole kind) and why.
    """
    kept: dict[str, list[Values]] = {}
    left_out: list[Values] = []
    for kind, objects in config.items():
        why = _missing(kind, products, unknown)
        if why:
            left_out.append({"kind": kind, "what": [], "why": why})
            continue
        kept[kind] = [dict(one) for one in objects or ()]
    if kept.get(PRESETS) and PRESETS in there:
        known = by_name(there[PRESETS])
        never = [one["name"] for one in kept[PRESETS] if one["name"] not in known]
        if never:
            kept[PRESETS] = [one for one in kept[PRESETS] if one["name"] in known]
            left_out.append({"kind": PRESETS, "what": never, "why": NEVER_ON})
    if kept.get(FEATURES) and there.get(FEATURES):
        hidden = sorted({option for one in kept[FEATURES] for option in one if option not in there[FEATURES][0]})
        if hidden:
            kept[FEATURES] = [{option: value for option, value in one.items() if option not in hidden} for one in kept[FEATURES]]
            left_out.append({"kind": FEATURES, "what": hidden, "why": NOT_SHOWN})
    if products["defender_for_office_365"] == "none":
        dropped = sorted({option for one in kept.get(ANTI_PHISH, ()) for option in one if option in IMPERSONATION})
        if dropped:
            kept[ANTI_PHISH] = [{option: value for option, value in one.items() if option not in IMPERSONATION} for one in kept[ANTI_PHISH]]
            left_out.append({"kind": ANTI_PHISH, "what": dropped, "why": OFFICE_PLAN})
    return {"config": kept, "left_out": left_out}


def _missing(kind: str, products: Mapping[str, Any], unknown: Mapping[str, str]) -> str:
    """Why the licences do not bring a kind; "" when they do, or when the kind is none, which the module will say."""
    service = RESOURCES[kind].service if kind in RESOURCES else ""
    if kind == GROUPS:
        return DEVICE_GROUPS if products["defender_for_endpoint"] in ("none", "business") else ""
    if kind == FEATURES:
        return ENDPOINT_PLAN if products["defender_for_endpoint"] == "none" else ""
    if kind == SHAREPOINT:
        # Which licences bring SharePoint is not among the products; the service says it in these words. [recall]
        return NO_SHAREPOINT if "does not have a SPO license" in unknown.get(kind, "") else ""
    if service in ("exchange", "compliance") and not products["exchange_online"]:
        return MAILBOX
    return OFFICE_PLAN if kind in OFFICE and products["defender_for_office_365"] == "none" else ""
