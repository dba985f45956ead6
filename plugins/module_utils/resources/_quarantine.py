# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the two types of quarantine policy have in common. Private to the collection."""

from __future__ import annotations

from ansible_collections.m365.defender.plugins.module_utils.resources._recipients import RESERVED

# The Guid of objects that are the service's own. [code] exports of the service
NOBODYS = "00000000-0000-0000-0000-000000000000"

RESERVED_BOTH = {
    **dict.fromkeys(
        (
            "AdminNotificationFrequencyInDays",
            "AdminNotificationLanguage",
            "AdminNotificationsEnabled",
            "AdminQuarantinePermissionsList",
            "CustomDisclaimer",
            "DomainController",
            "EndUserSpamNotificationFrequencyInDays",
            "EndUserSpamNotificationLanguage",
            "IgnoreDehydratedFlag",
            "QuarantineRetentionDays",
        ),
        RESERVED,
    ),
    "EndUserQuarantinePermissions": "the permissions as an object that only PowerShell can make; sent as a number instead",
}
