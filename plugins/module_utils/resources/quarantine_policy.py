# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Quarantine policies: what people may do with their messages in quarantine."""

from __future__ import annotations

from ansible_collections.m365.defender.plugins.module_utils._permissions import PermissionBits
from ansible_collections.m365.defender.plugins.module_utils._resource import Field, Guard, Part, Resource
from ansible_collections.m365.defender.plugins.module_utils._types import Bool, Text
from ansible_collections.m365.defender.plugins.module_utils.resources._quarantine import NOBODYS, RESERVED_BOTH
from ansible_collections.m365.defender.plugins.module_utils.resources._recipients import RESERVED

BUILT_IN = Guard(
    "Guid",
    (NOBODYS,),
    "This quarantine policy is one of Microsoft's own, which can be neither changed nor removed. Make one of your own beside it.",
)

# [doc] The bits and the groups. PermissionToDownload (64) and PermissionToViewHeader (128) have no effect, so they are no words and
# count for nothing when they are read: the built-in DefaultFullAccessPolicy has the first of them. [code]
PERMISSIONS = PermissionBits(
    bits={"allow_sender": 32, "block_sender": 16, "request_release": 8, "release": 4, "preview": 2, "delete": 1},
    names={
        "PermissionToAllowSender": "allow_sender",
        "PermissionToBlockSender": "block_sender",
        "PermissionToRequestRelease": "request_release",
        "PermissionToRelease": "release",
        "PermissionToPreview": "preview",
        "PermissionToDelete": "delete",
    },
    groups={
        "no_access": (),
        "limited_access": ("allow_sender", "request_release", "preview", "delete"),
        "full_access": ("allow_sender", "release", "preview", "delete"),
    },
    apart=(("request_release", "release"),),
)

GLOBAL = "a setting of the global quarantine policy, see global_quarantine_policy"

QUARANTINE_POLICY = Resource(
    kind="quarantine_policy",
    service="exchange",
    blurb="quarantine policy",
    parts=(
        Part(
            "QuarantinePolicy",
            (
                Field("AdminDisplayName", Text(), create_only=True),
                Field(
                    "EndUserQuarantinePermissionsValue",
                    PERMISSIONS,
                    option="end_user_quarantine_permissions",  # words, not the value: the name under which the service returns them
                    read_as="EndUserQuarantinePermissions",
                ),
                Field("ESNEnabled", Bool()),
                Field("IncludeMessagesFromBlockedSenderAddress", Bool()),
            ),
            guards=(BUILT_IN,),
            asks=(),
            always=True,
            left_out={
                **RESERVED_BOTH,
                "EndUserSpamNotificationCustomFromAddress": GLOBAL,
                "EndUserSpamNotificationFrequency": GLOBAL,
                "EsnCustomSubject": GLOBAL,
                "MultiLanguageCustomDisclaimer": GLOBAL,
                "MultiLanguageSenderName": GLOBAL,
                "MultiLanguageSetting": GLOBAL,
                "OrganizationBrandingEnabled": GLOBAL,
                "QuarantinePolicyType": f"{RESERVED}; the other type is a kind of its own, global_quarantine_policy",
            },
        ),
    ),
)
