# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every kind of object by name, in the order in which a whole tenant is applied. Private to the collection."""

from __future__ import annotations

from ansible_collections.m365.defender.plugins.module_utils._description import Description
from ansible_collections.m365.defender.plugins.module_utils.resources.anti_phish_policy import ANTI_PHISH_POLICY
from ansible_collections.m365.defender.plugins.module_utils.resources.atp_policy_for_o365 import ATP_POLICY_FOR_O365
from ansible_collections.m365.defender.plugins.module_utils.resources.device_group import DEVICE_GROUP
from ansible_collections.m365.defender.plugins.module_utils.resources.protection_alert import PROTECTION_ALERT
from ansible_collections.m365.defender.plugins.module_utils.resources.safe_links_policy import SAFE_LINKS_POLICY

RESOURCES: dict[str, Description] = {
    one.kind: one
    for one in (
        ANTI_PHISH_POLICY,
        SAFE_LINKS_POLICY,
        ATP_POLICY_FOR_O365,
        PROTECTION_ALERT,
        DEVICE_GROUP,
    )
}
